"""Slips (督办单) and what became of them; those of a run that was taken back do not count."""

from __future__ import annotations

from collections.abc import Iterable

from xl_addin.model.slips import WITHDRAWN, Slip, SlipItem, SlipState
from xl_addin.store.database import LedgerReader, insert, select
from xl_addin.store.ledger import Ledger
from xl_addin.system.light import NamedTuple

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
    """Every slip that was not withdrawn, in the order of their numbers."""
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
        Slip._make((number, *facts, tuple(items[number]), tuple(states[number])))
        for number, *facts in select(
            ledger,
            f"SELECT id, year, number, month, district FROM slips WHERE {_STANDS}"  # noqa: S608
            " ORDER BY year, number, id",
        )
    ]
    return [each for each in found if each.states[-1].state != WITHDRAWN]


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
