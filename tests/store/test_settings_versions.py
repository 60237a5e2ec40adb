"""Settings as numbered versions: one chain, only added to, all of it again from the archive."""

from __future__ import annotations

import sqlite3

import pytest

from tests.store.test_ledger import add as add_returns
from tests.store.test_ledger import receipt, run, undo
from xl_addin.model.folder import ARCHIVE
from xl_addin.services.replay import replay
from xl_addin.store.ledger import Ledger
from xl_addin.store.settings_versions import (
    SettingsVersion,
    add,
    body,
    head,
    history,
    months_counting,
)
from xl_addin.system.errors import Refused
from xl_addin.system.progress import Silent

AT = "2023-07-08 10:00:00"


def write(ledger, parent, text="{}", who="王五"):
    with ledger.writing():
        version = add(ledger, parent, AT, who, "m1", f"d{text}", text)
        run(ledger, "settings", "")
    return version


def test_versions_follow_one_another(ledger):
    assert (head(ledger), history(ledger)) == (None, [])
    write(ledger, 0, "一")
    write(ledger, 1, "二", "赵六")
    assert head(ledger) == SettingsVersion(2, 2, AT, "赵六", "m1", "d二")
    assert [each.number for each in history(ledger)] == [1, 2]
    assert [each.number for each in history(ledger, 2)] == [2]
    assert [body(ledger, number) for number in (1, 2)] == ["一", "二"]


@pytest.mark.parametrize("parent", [0, 2])
def test_a_version_that_does_not_follow_the_last_is_refused(ledger, parent):
    write(ledger, 0)
    with pytest.raises(Refused, match="刚刚又被别人改过"):
        write(ledger, parent)
    assert [each.number for each in history(ledger)] == [1]


@pytest.mark.parametrize("row", ["(3,1,1)", "(2,0,1)", "(1,0,1)"])
def test_the_tables_themselves_keep_it_a_chain(ledger, row):
    write(ledger, 0)
    values = row.replace(")", ",'','','','','')")
    with pytest.raises(sqlite3.IntegrityError):
        ledger._db.execute(f"INSERT INTO settings_versions VALUES{values}")


def test_nothing_of_it_is_ever_changed_or_undone(ledger):
    write(ledger, 0, "一")
    for change in ("UPDATE settings_versions SET body=''", "DELETE FROM settings_versions"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            ledger._db.execute(change)
    undo(ledger, "settings")
    assert body(ledger, 1) == "一"


def test_a_ledger_rebuilt_from_its_archive_has_them(ledger, tmp_path):
    write(ledger, 0, '{"字": "=1"}')
    write(ledger, 1, "二")
    was = history(ledger)
    ledger.close()
    (tmp_path / ARCHIVE / "programme.json").write_text(
        '{"programme":"p","key":"00","year":2023,"created":""}', encoding="utf-8"
    )
    assert replay(tmp_path, tmp_path / "new.db", Silent()) == []
    again = Ledger(tmp_path / "new.db")
    assert history(again) == was
    assert body(again, 1) == '{"字": "=1"}'
    again.close()


def test_the_months_that_count_of_a_district_and_of_an_indicator(ledger):
    add_returns(ledger, receipt("A", "2023-06", 5))
    add_returns(ledger, receipt("A", "2023-05", 5))
    assert months_counting(ledger, district="A") == ["2023-05", "2023-06"]
    assert months_counting(ledger, indicator="I01") == ["2023-05", "2023-06"]
    assert months_counting(ledger, "B") == months_counting(ledger, indicator="I09") == []
    undo(ledger, "collect")
    assert months_counting(ledger, "A") == ["2023-06"]
