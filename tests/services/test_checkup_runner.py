"""One check after another, each ending for itself."""

from xl_addin.services.checkup.runner import Check, list_some, run_checks


def test_a_disk_that_does_not_answer_ends_only_its_own_check():
    def look():
        yield Check("one", "ok", "甲", "")
        raise PermissionError(13, "Permission denied", "D:\\归档")

    found = list(run_checks("归档", look))
    assert [each.state for each in found] == ["ok", "skipped"]
    assert found[1].found == "D:\\归档 读不了（没有权限，或者正被别的程序打开）"


def test_many_names_are_cut():
    assert list_some("abc") == "a、b、c"
    assert list_some("abcdefg") == "a、b、c、d、e 等 7 个"
