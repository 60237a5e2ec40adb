"""Which forms districts were given: the latest, all of them, and those of one run."""

import pytest

from tests.store.test_ledger import run, undo
from xl_addin.store.issued_forms import (
    Dispatch,
    add_dispatches,
    forms_of_run,
    highest_round,
    issued_hashes,
    issued_macs,
    issued_months,
    keep_blank_form,
    kept_blank_form,
    latest_forms,
)


def form(district, month, sha256, round_=1):
    file = f"{district}_{month}_{round_}.xlsx"
    return Dispatch(month, district, round_, f"mac of {sha256}", sha256, file, "2023-01-01")


def issue(ledger, *forms):
    with ledger.writing():
        add_dispatches(ledger, forms)
        run(ledger, "distribute")


def test_only_the_last_blank_form_is_kept(ledger):
    for digest in ("one", "two"):
        with ledger.writing():
            keep_blank_form(ledger, digest, digest.encode())
    assert kept_blank_form(ledger, "two") == b"two"
    assert kept_blank_form(ledger, "one") is None


def test_the_latest_form_of_a_district_is_the_last_that_stands_and_no_correction(ledger):
    issue(ledger, form("A", "2023-01", "a"), form("B", "2023-01", "b"))
    issue(ledger, form("A", "2023-01", "a2"), form("B", "2023-01", "b2", 2))
    issue(ledger, form("A", "2023-02", "a3"))
    assert {d: f.sha256 for d, f in latest_forms(ledger, "2023-01").items()} == {
        "A": "a2",
        "B": "b",
    }
    undo(ledger, "distribute")
    assert latest_forms(ledger, "2023-02") == {}
    undo(ledger, "distribute")
    assert latest_forms(ledger, "2023-01")["A"].sha256 == "a"


def test_a_form_that_was_ever_issued_is_known_though_it_was_taken_back(ledger):
    issue(ledger, form("A", "2023-01", "a"))
    issue(ledger, form("A", "2023-02", "b"), form("A", "2023-01", "c", 2))
    undo(ledger, "distribute")
    assert issued_hashes(ledger, "2023-01") == {"a", "c"}
    assert issued_hashes(ledger) == {"a", "b", "c"}
    assert issued_macs(ledger, "2023-01") == {"mac of a", "mac of c"}


def test_a_district_has_forms_for_the_months_of_the_year_that_stand(ledger):
    issue(ledger, form("A", "2023-03", "a"), form("A", "2022-12", "o"), form("B", "2023-04", "b"))
    issue(ledger, form("A", "2023-01", "c"), form("A", "2023-03", "d"))
    assert issued_months(ledger, "2023-03") == {"A": ["2023-01", "2023-03"]}
    undo(ledger, "distribute")
    assert issued_months(ledger, "2023-12") == {"A": ["2023-03"], "B": ["2023-04"]}


def test_a_round_is_never_given_twice_even_after_an_undo(ledger):
    assert highest_round(ledger, "A", "2023-01") == 1
    issue(ledger, form("A", "2023-01", "a", 3), form("B", "2023-01", "b", 4))
    undo(ledger, "distribute")
    assert highest_round(ledger, "A", "2023-01") == 3


@pytest.mark.parametrize(("undone", "before"), [(False, "b"), (True, "a")])
def test_a_form_of_a_run_knows_what_it_took_the_place_of(ledger, undone, before):
    issue(ledger, form("A", "2023-01", "a"))
    issue(ledger, form("A", "2023-01", "b"))
    if undone:
        undo(ledger, "distribute")
    issue(ledger, form("A", "2023-01", "c"), form("B", "2023-01", "d"))
    [last] = [each for each in (3, 4) if forms_of_run(ledger, each)]
    assert forms_of_run(ledger, last) == [
        ("A", "A_2023-01_1.xlsx", "c", before),
        ("B", "B_2023-01_1.xlsx", "d", ""),
    ]
