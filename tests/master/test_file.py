"""The master as a file: who keeps it from being written, and what is kept of it."""

import errno
from datetime import datetime

import pytest

from tests.tools import masters
from tests.tools.checkups import leave
from tests.tools.faults import disk_faults
from tests.tools.masters import edit_master
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from tests.tools.windows import holding
from tests.xlsx.test_openfiles import excel_lock
from xl_addin.cli import main
from xl_addin.master.host.base import Change, note
from xl_addin.master.host.file import FileHost
from xl_addin.master.totals import master_changes
from xl_addin.model.folder import BACKUPS, MASTER
from xl_addin.model.sheets import AREAS, GUIDE_SHEET, MONTH_BLOCK, SETTINGS_BLOCK
from xl_addin.services.month_totals import month_totals
from xl_addin.system.errors import Refused


@pytest.fixture
def programme(tmp_path):
    return SmallProgramme(tmp_path / "年度 任务")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        (f"~${MASTER}", excel_lock("王科长"), ("Excel", "王科长")),
        (f"~${MASTER}", b"", ("Excel",)),
        (f".~lock.{MASTER}#", b",root,box,24.11.2026,f;", ("LibreOffice", "root（box）")),
        (f".~{MASTER}", b"", ("WPS",)),
    ],
)
def test_an_open_master_is_refused_with_who_has_it_and_what_a_stale_lock_wants(
    programme, capfd, name, data, words
):
    lock = programme.folder / name
    lock.write_bytes(data)
    before = (programme.folder / MASTER).read_bytes()
    arguments = ["recompute", "--folder", str(programme.folder), "--month", MONTHS[0]]
    with holding.opened(programme.folder / MASTER):
        assert main(arguments) == 2
        said = capfd.readouterr().err
        assert all(word in said for word in (*words, lock.name, MASTER))
        assert (programme.folder / MASTER).read_bytes() == before
        leave(lock, hours=30)
        assert main(arguments) == 2
    assert "30 小时" in capfd.readouterr().err
    lock.unlink()
    assert main(arguments) == 0


def test_a_read_only_master_is_refused(programme, capfd):
    path = programme.folder / MASTER
    path.chmod(0o444)
    assert main(["recompute", "--folder", str(programme.folder), "--month", MONTHS[0]]) == 2
    assert "只读" in capfd.readouterr().err


def test_a_master_that_was_saved_meanwhile_is_not_written_over(programme):
    under_test = programme.open_programme()
    path = programme.folder / MASTER
    meanwhile = edit_master({GUIDE_SHEET: {(90, 1): "刚写的"}}, path.read_bytes())
    under_test.host.apply([Change(GUIDE_SHEET, {(99, 1): "我们的"}, {})])
    path.write_bytes(meanwhile)
    with pytest.raises(Refused, match="改过"):
        under_test.host.save()
    assert path.read_bytes() == meanwhile


def test_the_last_ten_masters_are_kept(programme):
    path = programme.folder / MASTER
    for number in range(11):
        before = path.read_bytes()
        host = programme.open_programme().host
        host.apply([Change(GUIDE_SHEET, {(99, 1): f"第{number}次"}, {})])
        host.save()
    kept = sorted((programme.folder / BACKUPS).glob("*.xlsm"))
    assert len(kept) == 10
    assert kept[-1].read_bytes() == before


@pytest.mark.parametrize("recomputed", [False, True])
def test_what_it_holds_after_a_write_is_what_the_file_says(programme, recomputed):
    programme.send("甲.xlsx", 0, {**FIGURES, "I04": 0.5}, remarks={"I01": " 一\r\n二 _x000D_ \x07"})
    programme.collect()
    if recomputed:
        programme.run("recompute")
        programme.send("甲 更正.xlsx", 0, {**FIGURES, "I02": 1e16})
        programme.collect()
    under_test = programme.open_programme()
    host = under_test.host
    totals = month_totals(under_test.ledger, under_test.config, MONTHS[0])
    host.apply(master_changes(totals, under_test.config, host))
    month = host.block(MONTH_BLOCK)
    assert host.annotate(month.sheet, {(7, 3): note(["一"])})
    assert host.block(MONTH_BLOCK) is month, "notes change no cell: nothing is read anew for them"
    held = {name: host.block(name).cells for name in AREAS}
    host.save()
    kept = FileHost(programme.folder / MASTER)
    for name, cells in held.items():
        assert {at: (cell.kind, cell.value, cell.formula) for at, cell in cells.items()} == {
            at: (cell.kind, cell.value, cell.formula) for at, cell in kept.block(name).cells.items()
        }, name


def test_several_changes_of_one_sheet_are_made_in_their_order(programme):
    host = programme.open_programme().host
    was = host.cells(GUIDE_SHEET, (1, 1, 1, 1))[1, 1].value
    host.apply(
        [
            Change(GUIDE_SHEET, {(1, 1): "别的", (99, 1): "先"}, {}),
            Change(GUIDE_SHEET, {(1, 1): was, (98, 1): "后"}, {}),
        ]
    )
    host.save()
    kept = FileHost(programme.folder / MASTER).cells(GUIDE_SHEET, (1, 1, 99, 1))
    assert [kept[at].value for at in ((1, 1), (99, 1), (98, 1))] == [was, "先", "后"]


def test_what_changes_no_figure_uses_up_no_backup(programme):
    def kept():
        return len(list((programme.folder / BACKUPS).glob("master-*")))

    programme.send("甲.xlsx", 0)
    programme.collect()
    assert kept() == 0
    programme.run("recompute")
    assert kept() == 1
    programme.clock = datetime(2024, 3, 5)
    for _ in range(2):
        before = (programme.folder / MASTER).read_bytes()
        programme.run("recompute")
        programme.run("trace", "", cell="累计完成!C7")
        assert (programme.folder / MASTER).read_bytes() != before
    assert kept() == 1


def test_the_last_master_of_each_month_is_kept_too(programme):
    folder = programme.folder / BACKUPS
    folder.mkdir()
    ours = [
        f"master-2023{month:02d}{day:02d}-1200{day:02d}-000001.xlsm"
        for month in range(3, 6)
        for day in range(1, 9)
    ]
    foreign = ["master-20230101-120000.xlsm", "master-张三改.xlsm", "别的.xlsm"]
    for name in (*ours, *foreign):
        (folder / name).write_bytes(b"old")
    programme.run("recompute")
    left = sorted(path.name for path in folder.iterdir() if path.read_bytes() == b"old")
    assert left == sorted([ours[7], *ours[15:], *foreign])


@pytest.mark.parametrize("password", ["", "abc123"])
def test_a_master_that_cannot_be_read_says_what_staff_can_do_about_it(tmp_path, password):
    from tests.formats.test_registry import locked

    path = tmp_path / MASTER
    path.write_bytes(locked(masters.master(), password) if password else masters.master()[:20000])
    with pytest.raises(Refused, match="取消密码后保存为" if password else BACKUPS) as refusal:
        FileHost(path)
    assert "对方" not in refusal.value.message


CHANGE = Change(GUIDE_SHEET, {(99, 1): "我们的"}, {})


@pytest.mark.parametrize(
    ("step", "code", "kind"),
    [
        ("replace", errno.EPERM, Refused),
        ("replace", errno.EIO, OSError),
        ("write", errno.ENOSPC, OSError),
        ("fsync", errno.EIO, OSError),
    ],
)
def test_a_disk_that_fails_leaves_the_master_as_it_was_and_it_can_be_saved_later(
    tmp_path, monkeypatch, step, code, kind
):
    host = masters.host(tmp_path)
    host.apply([CHANGE])
    before = host.path.read_bytes()
    with monkeypatch.context() as patch:
        disk_faults(patch, tmp_path).plan(step, OSError(code, "disk"))
        with pytest.raises(kind):
            host.save()
    assert host.path.read_bytes() == before
    host.save()
    assert FileHost(host.path).block(SETTINGS_BLOCK).cells
    assert host.path.read_bytes() != before


def test_where_nothing_can_be_linked_the_backup_is_a_copy(tmp_path, monkeypatch):
    host = masters.host(tmp_path)
    before = host.path.read_bytes()
    host.apply([CHANGE])
    disk_faults(monkeypatch, tmp_path).plan("link", OSError(errno.EPERM, "no links"))
    host.save()
    [backup] = (tmp_path / BACKUPS).iterdir()
    assert backup.read_bytes() == before
