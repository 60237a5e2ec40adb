"""A fault of ours is told in a word and written whole into a log."""

from xl_addin.system.fault_log import fault_place, fault_trace, write_fault_log


def broken():
    raise KeyError("x")


def fault():
    try:
        broken()
    except KeyError as error:
        return error


def test_a_fault_says_where_it_was_and_two_of_one_second_are_both_kept(tmp_path):
    assert fault_place(fault()).startswith("KeyError broken:")
    logs = {write_fault_log(tmp_path / "日志", f"{n}\n{fault_trace(fault())}") for n in "ab"}
    told = "".join(log.read_text(encoding="utf-8") for log in logs)
    assert told.count('raise KeyError("x")') == 2
    assert {log.parent for log in logs} == {tmp_path / "日志"}


def test_where_the_folder_takes_no_log_the_systems_own_does(tmp_path):
    (tmp_path / "日志").write_text("")
    log = write_fault_log(tmp_path / "日志", "text")
    assert log.parent != tmp_path / "日志"
    assert "text" in log.read_text(encoding="utf-8")
    log.unlink()
