"""The year grouped by the database says what its figures say one by one, on a file and on a server."""

import random
from contextlib import contextmanager

import psycopg
import pytest

from tests.store.test_ledger import add, undo
from xl_addin.model.records import ADDED_UP, RATE, STOCK, Figure, Receipt
from xl_addin.store.copying import copy_rows
from xl_addin.store.database import LedgerReader
from xl_addin.store.ledger import Ledger
from xl_addin.store.place import Pointer
from xl_addin.store.postgresql import open_session
from xl_addin.store.server_tables import bring_up_to_date
from xl_addin.store.year_figures import PairYear, group_figures, months_in, read_years, up_to

STATES = ("number", "number", "empty", "not-applicable", "illegible")


def figure(chance, code):
    state = chance.choice(STATES)
    value = chance.choice((0, 7, 0.1, -2.5, 10**14 + 1)) if state == "number" else None
    stated = chance.choice((40, 0.25)) if chance.random() < 0.2 else None
    measure = chance.choice((*ADDED_UP, STOCK, RATE))
    return Figure(code, state, value, "F7", measure, stated, "G7" if stated is not None else "")


def fill(ledger, seed):
    """Three districts, some months twice, one run undone, a month that is not asked for."""
    chance = random.Random(seed)
    for number in range(12):
        month = f"2023-{chance.randrange(1, 8):02d}"
        returns = []
        for district in ("A", "B", "C"):
            figures = tuple(figure(chance, f"I{n}") for n in range(1, chance.randrange(2, 5)))
            name = f"{district}{number}"
            returns.append(
                Receipt(
                    name,
                    name,
                    f"{month}-28 09:00:00",
                    district,
                    month,
                    1,
                    chance.choice(("accepted", "accepted", "rejected")),
                    (),
                    figures,
                )
            )
        add(ledger, *returns, asked=month)
        if number == 5:
            undo(ledger, "collect")


def typed(years):
    """As they are and as what: 7 is no 7.0."""
    return [(pair, repr(year)) for pair, year in years.items()]


@pytest.mark.parametrize("seed", range(4))
def test_the_database_groups_what_its_figures_say_one_by_one(ledger, seed):
    fill(ledger, seed)
    for month in ("2023-07", "2023-03"):
        found, rows = read_years(ledger, month), list(ledger.figures(month))
        wanted = group_figures(rows)
        assert found == wanted
        assert list(found) == sorted(wanted)
        assert {repr(v) for y in found.values() for v in y.values} >= {repr(r.value) for r in rows}
    years = read_years(ledger, "2023-07")
    assert any(year.stated for year in years.values())
    some = {pair: year for pair, year in years.items() if pair[1] in ("I1", "I3")}
    assert read_years(ledger, "2023-07", ("I1", "I3")) == some != {}
    assert up_to(read_years(ledger, "2023-07"), 3) == read_years(ledger, "2023-03")


@contextmanager
def copied_to(server, ledger, name):
    """A ledger's rows on a server, in a schema of this name, to be asked there."""
    with psycopg.connect(server.url, autocommit=True) as db:
        db.execute(f"DROP SCHEMA IF EXISTS xl_{name} CASCADE; CREATE SCHEMA xl_{name}")
    session = open_session(Pointer(server.url, name, {}))
    session.begin()
    bring_up_to_date(session, 0)
    copy_rows(ledger._db, session)
    yield LedgerReader(session)
    session.close()


def test_a_server_groups_the_same(ledger, postgresql):
    fill(ledger, 9)
    with copied_to(postgresql, ledger, "years") as there:
        rows = list(Ledger.figures(there, "2023-07", ("I1", "")))
        assert rows == [r for r in ledger.figures("2023-07") if r.indicator == "I1"] != []
        for codes in ((), ("I1",)):
            found = read_years(there, "2023-07", codes)
            assert typed(found) == typed(read_years(ledger, "2023-07", codes)) != []


def test_months_are_told_by_their_bits():
    year = PairYear((None, 0, *[None] * 10), 0b1110, 0b1000, 0b100, {3: 40})
    assert months_in(year.numbers) == (2,)
    assert months_in(year.given) == (3,)
    assert months_in(year.came) == (1, 2, 3)
    assert up_to({("A", "I"): year}, 2) == {
        ("A", "I"): PairYear((None, 0, *[None] * 10), 0b110, 0, 0b100)
    }
    assert up_to({("A", "I"): year._replace(came=0b1000)}, 2) == {}
