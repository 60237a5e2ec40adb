"""A programme after its first month, to do harm to, and what 体检 then finds."""

from __future__ import annotations

import os
import shutil
from datetime import datetime

from tests.tools.programme import SmallProgramme
from tests.tools.systems import ON_WINDOWS
from xl_addin.services.checkup.runner import Check
from xl_addin.services.programme import Request
from xl_addin.verbs import doctor

WELL = {"ok", "skipped"}


def first_month(folder):
    """A month with one accepted return and totals."""
    made = SmallProgramme(folder)
    made.clock = datetime.now().replace(microsecond=0)
    made.send("甲县.xlsx", 0)
    made.collect()
    made.run("recompute")
    return made.folder


def copied(folder, home):
    made = SmallProgramme(shutil.copytree(folder, home / "年度 任务"))
    made.clock = datetime.now().replace(microsecond=0)
    return made


def checks_of(programme):
    under_test = programme.open_programme()
    try:
        return [Check(**each) for each in doctor.run(under_test, Request()).data["checks"]]
    finally:
        under_test.close()


def faults_of(programme):
    # A Windows without Excel is no fault of the programme's.
    left_out = {"office"} if ON_WINDOWS else set()
    return {
        (each.code, each.state)
        for each in checks_of(programme)
        if each.state not in WELL and each.code not in left_out
    }


def leave(path, hours=1):
    """A file that nobody has touched for some hours."""
    path.write_bytes(b"x")
    then = path.stat().st_mtime - hours * 3600
    os.utime(path, (then, then))
