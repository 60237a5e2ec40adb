"""Hands over to the installer within the wheel; says 90 where this Python does not fit. Runs on any Python."""

import glob
import os
import sys
import sysconfig

UNFIT = 90


def main(job):
    here = os.path.dirname(os.path.abspath(__file__))
    version = "%d.%d" % sys.version_info[:2]
    wanted = "requirements-%s-%s.txt" % (sysconfig.get_platform(), version)
    # What the one of the Microsoft Store writes below AppData, no other program sees.
    store = "WindowsApps" in sys.executable or "WindowsApps" in sys.prefix
    there = os.path.exists(os.path.join(here, wanted))
    if store or sys.version_info < (3, 11) or not (there or job == "remove"):
        print("  %s：%s %s，不能用" % (sys.executable, sysconfig.get_platform(), version))
        return UNFIT
    (wheel,) = glob.glob(os.path.join(glob.escape(here), "wheels", "xl_addin-*.whl"))
    sys.path.insert(0, wheel)
    from xl_addin.installer import main as run

    return run(job, os.path.dirname(here), os.environ.pop("XL_ADDIN_GIVEN", ""))


sys.exit(main(sys.argv[1]))
