"""What two set at once, in any order of clicks: nothing of what either set is ever lost without a word."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.tools.clerks import SharedLedger
from xl_addin.master.macros.settings_stamp import Stamp
from xl_addin.master.settings_body import Body, read_body_text
from xl_addin.model.sheets import (
    DISTRICTS_BLOCK,
    INDICATORS_BLOCK,
    PAPERS_BLOCK,
    SETTINGS_BLOCK,
    TARGETS_BLOCK,
)
from xl_addin.services import shared_settings
from xl_addin.services.settings_merge import MINE, THEIRS, merge
from xl_addin.store.settings_versions import body, history
from xl_addin.system.errors import Refused

ROWS = {
    (DISTRICTS_BLOCK, "D1", "代码"): "D1",
    (DISTRICTS_BLOCK, "D2", "代码"): "D2",
    (INDICATORS_BLOCK, "I1", "代码"): "I1",
}
KEYS = [
    (SETTINGS_BLOCK, "behind", "值"),
    (DISTRICTS_BLOCK, "D1", "收件人"),
    (DISTRICTS_BLOCK, "D1", "电话"),
    (DISTRICTS_BLOCK, "D2", "收件人"),
    (TARGETS_BLOCK, "D1", "I1"),
    (TARGETS_BLOCK, "D2", "I1"),
]
VALUES = [None, 5, "5", "甲", "=A1"]
ROOM = {
    block: frozenset(("值", "代码", "收件人", "电话"))
    for block in (SETTINGS_BLOCK, DISTRICTS_BLOCK, INDICATORS_BLOCK, TARGETS_BLOCK)
}


class Master:
    """A master in memory, and as much of its programme as agreeing asks for."""

    live, folder, basics, config = True, None, None, None

    def __init__(self, ledger, name):
        self.ledger, self.name = ledger, name
        self.cells, self.stamp, self.base = dict(ROWS), Stamp(), {}
        self.host = SimpleNamespace(master=self, ready=lambda: None)

    def person(self):
        return self.name

    def who(self):
        return ""

    def now(self):
        return "2024-03-01 09:00:00"

    def reread(self):
        pass

    def type(self, key, value):
        self.cells = {k: v for k, v in {**self.cells, key: value}.items() if v is not None}

    def click(self, take=""):
        agreed = shared_settings.agree(self, "collect", take)
        self.stamp, self.base = agreed.stamp, dict(self.cells)
        return agreed


def refusal_of(master):
    try:
        master.click()
    except Refused as refusal:
        return refusal
    return None


@pytest.fixture(autouse=True)
def in_memory(monkeypatch):
    def bring(host, cells, *_):
        host.master.cells = dict(cells)
        return []

    monkeypatch.setattr(shared_settings, "read_stamp", lambda host: host.master.stamp)
    monkeypatch.setattr(
        shared_settings, "read_body", lambda host: Body(host.master.cells, {}, ROOM)
    )
    monkeypatch.setattr(shared_settings, "bring", bring)
    monkeypatch.setattr(shared_settings, "cell_place", lambda *_: None)
    monkeypatch.setattr(shared_settings, "_keep", lambda *_, **__: None)


_BOOKS = iter(range(10**6))


def masters(folder):
    home = folder / str(next(_BOOKS))
    home.mkdir()
    ledger = SharedLedger.create(home / "ledger.db", 2024, str(datetime(2024, 1, 1)))
    pair = Master(ledger, "甲"), Master(ledger, "乙")
    for each in pair:
        each.click()
    return pair


EXAMPLES = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
STEPS = some.lists(
    some.tuples(
        some.integers(0, 1),
        some.one_of(some.none(), some.tuples(some.integers(0, 5), some.sampled_from(VALUES))),
    ),
    max_size=14,
)


@EXAMPLES
@given(steps=STEPS)
def test_edits_of_different_cells_all_arrive_whoever_clicks_when(tmp_path, steps):
    pair = masters(tmp_path)
    last = dict(ROWS)
    for who, edit in steps:
        if edit is None:
            pair[who].click()
            continue
        key = KEYS[edit[0] // 2 * 2 + who]
        pair[who].type(key, edit[1])
        last[key] = edit[1]
    for who in (0, 1, 0):
        pair[who].click()
    wanted = {key: value for key, value in last.items() if value is not None}
    assert pair[0].cells == pair[1].cells == wanted
    assert pair[0].stamp.version == pair[1].stamp.version == len(history(pair[0].ledger))
    pair[0].ledger.close()


@EXAMPLES
@given(steps=STEPS, takes=some.lists(some.sampled_from((MINE, THEIRS)), min_size=20, max_size=20))
def test_no_version_changes_what_its_clerk_did_not_change_or_decide(tmp_path, steps, takes):
    pair = masters(tmp_path)
    ledger, takes = pair[0].ledger, iter(takes)
    for who, edit in [*steps, (0, None), (1, None), (0, None)]:
        master = pair[who]
        if edit is not None:
            master.type(KEYS[edit[0]], edit[1])
            continue
        base, typed, count = master.base, dict(master.cells), len(history(ledger))
        take = ""
        refusal = refusal_of(master)
        if refusal is not None:
            assert refusal.problems
            assert (master.cells, len(history(ledger))) == (typed, count)
            take = next(takes)
            master.click(take)
        versions = [read_body_text(body(ledger, each.number))[0] for each in history(ledger)]
        assert len(versions) in (count, count + 1)
        before, after = versions[count - 1], versions[-1]
        assert master.cells == after
        for key in {*typed, *base, *after, *before}:
            mine, was, other = typed.get(key), base.get(key), before.get(key)
            if mine == was:
                assert after.get(key) == other
            elif other in (was, mine) or take == MINE:
                assert after.get(key) == mine
            else:
                assert take == THEIRS
                assert after.get(key) == other
    assert pair[0].cells == pair[1].cells
    ledger.close()


DISTRICT = {(DISTRICTS_BLOCK, "D1", "代码"): "D1", (DISTRICTS_BLOCK, "D1", "区县"): "甲县"}
CODE = {(INDICATORS_BLOCK, "I1", "代码"): "I1"}
TARGET = {(TARGETS_BLOCK, "D1", "I1"): 5}


@pytest.mark.parametrize(
    ("take", "cells"), [(MINE, {}), (THEIRS, {**DISTRICT, (TARGETS_BLOCK, "D1", "I1"): 6})]
)
def test_a_district_removed_while_its_target_was_edited_is_a_clash_and_goes_or_stays_whole(
    take, cells
):
    base = {**CODE, **DISTRICT, **TARGET}
    theirs = {**base, (TARGETS_BLOCK, "D1", "I1"): 6}
    [clash] = merge((base, {}), (CODE, {}), (theirs, {})).clashes
    assert clash == ((DISTRICTS_BLOCK, "D1", ""), None, None, "I1")
    assert merge((base, {}), (CODE, {}), (theirs, {}), take).cells == {**CODE, **cells}


def test_a_target_nobody_touched_goes_with_its_district():
    base = {**CODE, **DISTRICT, **TARGET}
    merged = merge((base, {}), ({**base, (INDICATORS_BLOCK, "I1", "备注"): "x"}, {}), (CODE, {}))
    assert merged.clashes == []
    assert merged.cells == {**CODE, (INDICATORS_BLOCK, "I1", "备注"): "x"}


def papers(order):
    return {(PAPERS_BLOCK, key, "代码"): key for key in order}, {PAPERS_BLOCK: tuple(order)}


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "wanted"),
    [
        ("abc", "cab", "abc", "cab"),
        ("abc", "abc", "cab", "cab"),
        ("abc", "abxc", "yabc", "yabxc"),
        ("abc", "ac", "cab", "ca"),
        ("abc", "bca", "abcx", "bcxa"),
        ("abc", "bca", "cab", None),
    ],
)
def test_orders_come_together_unless_both_changed_them(base, mine, theirs, wanted):
    merged = merge(papers(base), papers(mine), papers(theirs))
    if wanted is None:
        [clash] = merged.clashes
        assert clash == ((PAPERS_BLOCK, "", ""), "a、b、c", "b、c、a", "c、a、b")
        assert merge(papers(base), papers(mine), papers(theirs), MINE).orders[
            PAPERS_BLOCK
        ] == tuple("bca")
    else:
        assert (merged.clashes, "".join(merged.orders[PAPERS_BLOCK])) == ([], wanted)
