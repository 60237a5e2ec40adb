"""What a run adds stands in the archive before it counts; a page that was lost or changed is noticed."""

import json
import shutil

import pytest

from tests.store.test_ledger import add, receipt
from tests.tools.sql import rows
from xl_addin.model.records import Problem
from xl_addin.store.issued_forms import keep_blank_form
from xl_addin.store.ledger import Ledger
from xl_addin.store.runlog import RunLog, folder_beside
from xl_addin.store.schema import STEPS, archived_tables
from xl_addin.system.errors import Refused, Unreadable


@pytest.fixture
def run_log(ledger):
    return RunLog(folder_beside(ledger.path))


WRONG = Problem("negative", "error", "s", "F7", "-1", "m", "e")


def test_every_run_is_a_page_with_its_rows_and_control_sums(ledger, run_log):
    add(ledger, receipt("A", "2023-01", 5, problems=(WRONG,)))
    add(ledger, receipt("B", "2023-01", 6))
    first, second = run_log.pages()
    assert (first.number, first.before, second.before) == (1, "", first.sha256)
    columns, rows = first.tables["receipts"]
    assert [dict(zip(columns, row, strict=True))["district"] for row in rows] == ["A"]
    columns = ("receipt", "figures", "numbers", "sum", "stated", "stated_sum")
    assert first.tables["figures"] == (columns, [[1, 2, 2, 12, None, None]])
    assert [row[2] for row in first.tables["problems"][1]] == ["negative"]
    assert "problems" not in second.tables
    assert [row[2] for row in second.tables["events"][1]] == ["collect"]


def test_a_page_gives_receipts_controls_and_settings_as_records(ledger, run_log):
    with ledger.writing():
        ledger.keep_reading_settings("[1]")
        ledger.add_receipts([receipt("A", "2023-01", 5, sha="s")], "2023-02")
        ledger.add_event("2023-07-01 09:00:00", "collect", "2023-02", "", "")
    add(ledger, receipt("B", "2023-01", 6))
    first, second = run_log.pages()
    assert first.receipts() == {1: (1, "s", "A-2023-01-5", "2023-01-28 09:00:00", "2023-02")}
    assert [(each.receipt, each.figures, each.sum) for each in first.controls()] == [(1, 2, 12)]
    assert (first.reading_settings(), second.reading_settings()) == (["[1]"], [])
    assert list(second.receipts()) == [2]


def test_what_districts_stated_has_control_sums_of_its_own(ledger, run_log):
    plain = receipt("A", "2023-01", 5)._replace(sheet="填报表")
    stated = tuple(f._replace(stated=40, stated_cell="G7") for f in plain.figures)
    add(ledger, plain, plain._replace(sha256="b", figures=stated))
    [page] = run_log.pages()
    assert [(each.stated, each.stated_sum) for each in page.controls()] == [(0, 0), (2, 80)]
    # A page of a version that did not keep them.
    columns, found = page.tables["figures"]
    older = page._replace(tables={"figures": (columns[:4], [row[:4] for row in found])})
    assert [each.stated for each in older.controls()] == [None, None]


def test_a_transaction_that_adds_nothing_writes_no_page(ledger, run_log):
    with ledger.writing():
        keep_blank_form(ledger, "d", b"x")
    assert list(run_log.pages()) == []


def test_what_did_not_commit_is_no_page(ledger, run_log):
    def fail():
        with ledger.writing():
            ledger.add_receipts([receipt("A", "2023-01", 5)], "2023-01")  # without its event

    with pytest.raises(Exception, match="FOREIGN KEY"):
        fail()
    add(ledger, receipt("B", "2023-01", 6))
    (page,) = run_log.pages()
    assert page.tables["receipts"][1][0][6] == "B"


@pytest.mark.parametrize("name", ["000001.pending", "000001.abc.pending"])
def test_a_page_left_pending_after_its_commit_is_confirmed_by_the_next_run(ledger, run_log, name):
    add(ledger, receipt("A", "2023-01", 5))
    run_log.path(1).rename(run_log.folder / name)
    add(ledger, receipt("B", "2023-01", 6))
    assert [page.number for page in run_log.pages()] == [1, 2]
    assert not list(run_log.folder.glob("*.pending"))


@pytest.mark.parametrize("name", ["000001.pending", "000001.abc.pending"])
def test_a_pending_page_that_the_ledger_never_took_replaces_none(ledger, run_log, name):
    add(ledger, receipt("A", "2023-01", 5))
    good = run_log.path(1).read_bytes()
    (run_log.folder / name).write_bytes(good.replace(b"A", b"B"))
    add(ledger, receipt("C", "2023-01", 6))
    assert run_log.path(1).read_bytes() == good
    assert [page.number for page in run_log.pages()] == [1, 2]
    assert not run_log.pending()


def test_a_run_that_was_cut_off_before_its_commit_is_no_page_where_the_ledger_is_at_hand(
    ledger, run_log
):
    add(ledger, receipt("A", "2023-01", 5))
    add(ledger, receipt("B", "2023-01", 6))
    path = run_log.path(2)
    path.rename(run_log.folder / "000002.abc.pending")
    first = next(run_log.pages()).sha256
    both = {page.sha256 for page in run_log.pages()}
    assert [page.number for page in run_log.pages({first})] == [1]
    assert [page.number for page in run_log.pages(both)] == [1, 2]
    # A ledger that is older than the archive does not know what was committed.
    assert [page.number for page in run_log.pages({"x"})] == [1, 2]
    assert [len(run_log.interrupted(known)) for known in ({first}, both)] == [1, 0]


def test_a_ledger_that_is_older_than_the_archive_is_not_written_to(ledger, run_log):
    add(ledger, receipt("A", "2023-01", 5))
    shutil.copy(ledger.path, ledger.path.with_name("old"))
    add(ledger, receipt("B", "2023-01", 6))
    ledger.close()
    shutil.copy(ledger.path.with_name("old"), ledger.path)
    older = Ledger(ledger.path)
    with pytest.raises(Refused, match="rebuild"):
        add(older, receipt("C", "2023-01", 7))
    older.close()
    assert len(list(run_log.pages())) == 2


def test_without_its_archive_a_ledger_is_not_written_to(ledger, run_log):
    add(ledger, receipt("A", "2023-01", 5))
    archive = run_log.folder.parent
    archive.rename(archive.with_name("elsewhere"))
    with pytest.raises(Refused):
        add(ledger, receipt("B", "2023-01", 6))
    assert not archive.exists()
    assert rows(ledger.path, "SELECT COUNT(*) FROM receipts") == [(1,)]
    archive.mkdir()  # a person's own decision
    add(ledger, receipt("B", "2023-01", 6))
    assert [path.name for path in run_log.folder.iterdir()] == ["000002.jsonl"]


@pytest.mark.parametrize("harm", ["lost", "changed", "swapped", "cut"])
def test_a_page_that_is_not_what_was_written_is_named(ledger, run_log, harm):
    for district in "ABC":
        add(ledger, receipt(district, "2023-01", 5))
    path = run_log.path(2)
    data = path.read_bytes()
    if harm == "lost":
        path.unlink()
    elif harm == "changed":
        path.write_bytes(data.replace(b'"B"', b'"C"'))
    elif harm == "swapped":
        shutil.copy(run_log.path(3), path)
    else:
        path.write_bytes(data[: len(data) // 2])
    with pytest.raises(Unreadable, match="000002"):
        list(run_log.pages())


def test_a_pending_page_counts_when_it_is_whole(ledger, run_log):
    add(ledger, receipt("A", "2023-01", 5))
    add(ledger, receipt("B", "2023-01", 6))
    path = run_log.path(2)
    data = path.read_bytes()
    pending = run_log.folder / "000002.pending"
    path.rename(pending)
    assert [page.number for page in run_log.pages()] == [1, 2]
    pending.write_bytes(data[:-9])
    assert [page.number for page in run_log.pages()] == [1]


def test_bytes_in_a_row_come_back_as_bytes(ledger, run_log):
    add(ledger, receipt("A", "2023-01", 5)._replace(note=b"\x00\xff"))
    (page,) = run_log.pages()
    assert page.tables["receipts"][1][0][9] == b"\x00\xff"


def test_every_table_that_is_only_added_to_can_be_written_down(ledger):
    """A table of any step: numbered by SQLite itself, or one of those that need no number."""
    numberless = {"figures", "figure_sheets", "problems", "stated", "texts", "work_reports"}
    assert archived_tables()[0] == "events"
    for name in (name for step in STEPS for name in step.append_only):
        keys = [row for row in rows(ledger.path, f"PRAGMA table_info({name})") if row[5]]
        numbered = [(row[1], row[2]) for row in keys] == [("id", "INTEGER")]
        assert numbered or name in numberless, name


def test_what_was_recorded_before_there_was_a_chronicle_is_its_first_page(ledger, run_log):
    add(ledger, receipt("A", "2023-01", 5))
    add(ledger, receipt("B", "2023-01", 6))
    shutil.rmtree(run_log.folder)
    ledger._db.execute("DROP TRIGGER pages_delete")
    ledger._db.execute("DELETE FROM pages")
    add(ledger, receipt("C", "2023-01", 7))
    (page,) = run_log.pages()
    assert [row[6] for row in page.tables["receipts"][1]] == ["A", "B", "C"]
    assert json.loads(rows(ledger.path, "SELECT marks FROM pages")[0][0])["receipts"] == 3
