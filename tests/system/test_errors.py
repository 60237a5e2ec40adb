"""What the system reports, in Chinese where it is one of the usual things."""

import errno
import os
import re

import pytest

from xl_addin.model.problems import make
from xl_addin.system.errors import Refused, in_chinese, list_messages


def test_the_usual_faults_of_a_disk_are_told_in_chinese_and_others_with_what_the_system_says():
    assert in_chinese(OSError(errno.ENOSPC, "No space left on device")) == "磁盘已满"
    assert in_chinese(OSError("without a number")) == "系统报告 without a number"


def test_a_refusal_carries_every_reason():
    assert (Refused("x").problems, str(Refused("x", ["y"]))) == ((), "x")


@pytest.mark.parametrize(
    "code", [getattr(errno, name, 9999) for name in ("EBUSY", "EXDEV", "ENOLCK", "EL2HLT")]
)
def test_what_the_system_reports_is_said_in_chinese(code):
    assert re.search("[\u4e00-\u9fff]", in_chinese(OSError(code, os.strerror(code))))


@pytest.mark.parametrize(("count", "lines"), [(0, 0), (50, 50), (51, 51), (37_259, 51)])
def test_a_list_of_problems_stops_at_fifty_and_counts_the_rest(count, lines):
    told = list_messages([make("blank", f"第 {n} 处") for n in range(count)])
    assert len(told) == lines
    assert count <= 50 or str(count - 50) in told[-1]
