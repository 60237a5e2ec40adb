"""A disk that answers one call of a verb with an error: a sample of ``tests.tools.disk_trials``.

All calls with all errors are for the hand: ``python -m tests.tools.disk_trials``.
"""

import contextlib
import random
from pathlib import Path

import pytest

from tests.tools.disk_trials import CASES, ERRORS, Bases, Trial, reference, trials, tried

OFTEN = ("distribute", "collect", "send")
MOST = 3
"""So many trials a case; of those that write most, one for every kind of call."""


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    return Bases(tmp_path_factory.mktemp("disks"))


def sample(bases, name):
    """One call of each kind, another one with another error in each case, the same in every run."""
    chance = random.Random(name)
    chosen = [
        chance.choice([trial for trial in trials(bases, name) if trial.step == step])
        for step in ERRORS
        if reference(bases, name).calls.get(step)
    ]
    return chosen if name in OFTEN else chance.sample(chosen, min(MOST, len(chosen)))


@pytest.mark.parametrize("name", CASES)
def test_one_call_answered_with_an_error_does_nothing_or_ends_the_same(bases, name):
    for trial in sample(bases, name):
        assert tried(bases, trial) == "", trial


def test_what_a_trial_finds_is_no_matter_of_course(bases, monkeypatch):
    """A disk whose errors nobody minds, and one whose errors reach the user in English."""
    from xl_addin.system import atomic, errors

    told = Trial("collect", "fsync", 1, "EIO")
    assert tried(bases, told) == ""
    monkeypatch.setattr(errors, "_SYSTEM", {})
    assert "English" in tried(bases, told)
    monkeypatch.undo()

    def swallowing(temporary, path):
        with contextlib.suppress(OSError):
            Path(temporary).replace(path)

    monkeypatch.setattr(atomic, "replace", swallowing)
    lost = next(each for each in trials(bases, "distribute") if each.step == "replace")
    assert "other" in tried(bases, lost)


def test_a_ledger_that_answers_late_with_an_error_does_not_make_its_programme_unfinished(bases):
    last = Trial("new", "sqlite", reference(bases, "new").calls["sqlite"], "CORRUPT")
    assert tried(bases, last) == ""
    damaged = Trial(
        "rebuild", "sqlite", reference(bases, "rebuild").calls["sqlite"] // 3, "CORRUPT"
    )
    assert tried(bases, damaged) == ""
