"""Slips (督办单) and what became of them; those of a run that was taken back do not count."""

from __future__ import annotations

from collections.abc import Iterable

from xl_addin.model.slips import (
    ANSWERED,
    WITHDRAWN,
    Slip,
    SlipItem,
    SlipState,
    report_text,
    slip_name,
)
from xl_addin.store.database import LedgerReader, insert, select
from xl_addin.store.ledger import Ledger
from xl_addin.system.light import NamedTuple

_PAGE_ROW = "〔%"
_REPORTED = (
    "SELECT c.district, w.item, r.sha256, p.received_at, w.state, w.progress, w.trouble, w.measures, w.expected"
    " FROM pages_counting c JOIN page_returns p ON p.receipt=c.receipt"
    " JOIN receipts r ON r.id=c.receipt JOIN work_reports w ON w.receipt=c.receipt"
    " WHERE w.item LIKE ? AND w.state<>'' ORDER BY c.month, c.receipt, w.item"
)
_STANDS = "run NOT IN (SELECT run FROM undone)"


class NewSlip(NamedTuple):
    """A slip about to be recorded."""

    year: int
    number: int
    month: str
    district: str
    items: tuple[SlipItem, ...]


def any_slips(ledger: LedgerReader) -> bool:
    """Whether there is one at all: who has none does not pay for them."""
    return bool(select(ledger, "SELECT 1 FROM slips LIMIT 1"))


def slips(ledger: LedgerReader) -> list[Slip]:
    """Every slip that was not withdrawn, in the order of their numbers.

    What districts report of them on the page of their forms that counts is an answer like any other.
    """
    items: dict[int, list[SlipItem]] = {}
    for slip, *said, months in select(
        ledger,
        f"SELECT slip, position, kind, subject, label, reason, months FROM slip_items WHERE {_STANDS}"  # noqa: S608
        " ORDER BY id",
    ):
        items.setdefault(slip, []).append(SlipItem._make((*said, tuple(months.split()))))
    states: dict[int, list[SlipState]] = {}
    for slip, *facts in select(
        ledger,
        "SELECT slip, position, state, level, term, file, sha256, at, text FROM slip_states"  # noqa: S608
        f" WHERE {_STANDS} ORDER BY id",
    ):
        states.setdefault(slip, []).append(SlipState._make(facts))
    found = [
        Slip._make((number, *facts, tuple(items.get(number, ())), tuple(states[number])))
        for number, *facts in select(
            ledger,
            f"SELECT id, year, number, month, district FROM slips WHERE {_STANDS}"  # noqa: S608
            " ORDER BY year, number, id",
        )
    ]
    standing = [each for each in found if each.states[-1].state != WITHDRAWN]
    reported = _reported(ledger) if standing else {}
    return [
        each._replace(states=(*each.states, *reported[each.district, each.name]))
        if (each.district, each.name) in reported
        else each
        for each in standing
    ]


def _reported(ledger: LedgerReader) -> dict[tuple[str, str], list[SlipState]]:
    """By district and slip what the pages say that count."""
    found: dict[tuple[str, str], list[SlipState]] = {}
    for district, row, sha256, at, *words in select(ledger, _REPORTED, (_PAGE_ROW,)):
        for name, position in _row(row):
            state = SlipState(position, ANSWERED, "", "", "", sha256, at, report_text(*words))
            found.setdefault((district, name), []).append(state)
    return found


def _row(number: str) -> list[tuple[str, int]]:
    """The slip and the item that a row of the page is about; nothing where it is about none."""
    name, _, position = number.rpartition("-")
    return [(name, int(position))] if name and position.isdecimal() else []


def answers_ever(ledger: LedgerReader) -> list[tuple[str, int, str]]:
    """Name of slip, position and text of every answer, also of runs that were taken back."""
    kept = select(
        ledger,
        "SELECT p.year, p.number, s.position, s.text FROM slip_states s JOIN slips p ON p.id=s.slip"
        " WHERE s.state=? ORDER BY s.id",
        (ANSWERED,),
    )
    told = select(
        ledger,
        "SELECT item, state, progress, trouble, measures, expected FROM work_reports WHERE item LIKE ?"
        " ORDER BY receipt, item",
        (_PAGE_ROW,),
    )
    return [
        *((slip_name(year, number), position, text) for year, number, position, text in kept),
        *(
            (name, position, report_text(*words))
            for row, *words in told
            for name, position in _row(row)
        ),
    ]


def find_slip(ledger: LedgerReader, name: str) -> Slip | None:
    """The slip that is called so (〔2023〕3)."""
    return next((each for each in slips(ledger) if each.name == name), None)


def add_slip(ledger: Ledger, slip: NewSlip) -> int:
    """Record a slip with its items; its id. Call while writing."""
    [[number]] = select(ledger, "SELECT COALESCE(MAX(id), 0) + 1 FROM slips")
    insert(
        ledger,
        "INSERT INTO slips(id, run, year, number, month, district) VALUES(?,?,?,?,?,?)",
        [(number, ledger.run, slip.year, slip.number, slip.month, slip.district)],
    )
    insert(
        ledger,
        "INSERT INTO slip_items(run, slip, position, kind, subject, label, reason, months)"
        " VALUES(?,?,?,?,?,?,?,?)",
        [(ledger.run, number, *each[:-1], " ".join(each.months)) for each in slip.items],
    )
    return int(number)


def add_states(ledger: Ledger, states: Iterable[tuple[int, SlipState]]) -> None:
    """Record what happened to slips, by their ids. Call while writing."""
    insert(
        ledger,
        "INSERT INTO slip_states(run, slip, position, state, level, term, file, sha256, at, text)"
        " VALUES(?,?,?,?,?,?,?,?,?,?)",
        [(ledger.run, slip, *state) for slip, state in states],
    )


def states_of_run(ledger: LedgerReader, run: int) -> list[tuple[int, SlipState]]:
    """What a run recorded of slips, by their ids."""
    rows = select(
        ledger,
        "SELECT slip, position, state, level, term, file, sha256, at, text FROM slip_states"
        " WHERE run=? ORDER BY id",
        (run,),
    )
    return [(slip, SlipState._make(facts)) for slip, *facts in rows]


def letters_out(ledger: LedgerReader) -> set[str]:
    """What the letters with slips were about that went out, or may have."""
    rows = select(
        ledger,
        "SELECT about FROM sendings s WHERE letter='slip' AND EXISTS(SELECT 1 FROM sending_states t"
        " WHERE t.sending=s.id AND t.state IN ('sending','sent','drafted','written'))",
    )
    return {about for (about,) in rows}
