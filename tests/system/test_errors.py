"""What the system reports, in Chinese where it is one of the usual things."""

import errno

from xl_addin.system.errors import Refused, in_chinese


def test_the_usual_faults_of_a_disk_are_told_in_chinese_and_others_as_they_are():
    assert in_chinese(OSError(errno.ENOSPC, "No space left on device")) == "磁盘已满"
    assert in_chinese(OSError(errno.ETXTBSY, "Text file busy")) == "Text file busy"
    assert in_chinese(OSError("without a number")) == "without a number"


def test_a_refusal_carries_every_reason():
    assert (Refused("x").problems, str(Refused("x", ["y"]))) == ((), "x")
