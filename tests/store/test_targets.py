"""Changed targets and kept ones in the ledger; those of a run that was taken back do not count."""

from __future__ import annotations

import pytest

from xl_addin.store.ledger import Ledger
from xl_addin.store.targets import (
    TargetChange,
    add_target_changes,
    keep_targets,
    kept_targets,
    target_changes,
)
from xl_addin.store.undo_log import add_undone, standing_runs

FIRST = TargetChange("2024-07", "D1", "I1", 120, 150, "1号", "")
SECOND = TargetChange("2024-08", "D2", "I1", None, 2.5, "2号", "备注")


@pytest.fixture
def ledger(tmp_path):
    found = Ledger.create(tmp_path / "ledger.db", 2024, "2024-01-01 08:00:00")
    yield found
    found.close()


def keep(ledger, *changes, targets=None):
    with ledger.writing():
        add_target_changes(ledger, changes)
        if targets is not None:
            keep_targets(ledger, targets)
        ledger.add_event("2024-07-01 08:00:00", "adjust", "", "", "")


def take_back(ledger):
    with ledger.writing():
        last = next(iter(standing_runs(ledger)))
        ledger.add_event("2024-07-02 08:00:00", "undo", "", "", "")
        add_undone(ledger, last)


def test_changes_are_told_in_the_order_in_which_they_were_recorded(ledger):
    assert target_changes(ledger) == []
    keep(ledger, SECOND)
    keep(ledger, FIRST)
    assert target_changes(ledger) == [SECOND, FIRST]


def test_a_change_that_was_taken_back_does_not_count(ledger):
    keep(ledger, FIRST)
    keep(ledger, SECOND)
    take_back(ledger)
    assert target_changes(ledger) == [FIRST]


def test_the_last_kept_targets_are_told_and_those_taken_back_are_not(ledger):
    assert kept_targets(ledger) is None
    keep(ledger, targets={("D1", "I1"): 120, ("D2", "I1"): 0.5})
    keep(ledger, targets={("D1", "I1"): 130})
    assert kept_targets(ledger) == {("D1", "I1"): 130}
    take_back(ledger)
    assert kept_targets(ledger) == {("D1", "I1"): 120, ("D2", "I1"): 0.5}
