# -*- coding: utf-8 -*-
"""Hands over to the installer within the wheel, on any Python that takes -I (3.4 and later).

Ends with 0 where all is done, 91 where it was refused and said why, 90 where this Python does not fit.
"""

import os
import sys
import sysconfig
from pathlib import Path

UNFIT, REFUSED = 90, 91


def main(job):
    """Do what 安装 or 移除 is for."""
    here = Path(__file__).parent
    version = "{}.{}".format(*sys.version_info)
    wanted = here / "requirements-{}-{}.txt".format(sysconfig.get_platform(), version)
    # What the one of the Microsoft Store writes below AppData, no other program sees.
    store = "WindowsApps" in sys.executable + sys.prefix
    if store or sys.version_info < (3, 11) or not (wanted.exists() or job == "remove"):
        print("  {}：{} {}，不能用".format(sys.executable, sysconfig.get_platform(), version))
        return UNFIT
    (wheel,) = (here / "wheels").glob("xl_addin-*.whl")
    sys.path.insert(0, str(wheel))
    from xl_addin.installer import main as run

    return REFUSED if run(job, str(here.parent), os.environ.pop("XL_ADDIN_GIVEN", "")) else 0


sys.exit(main(sys.argv[1]))
