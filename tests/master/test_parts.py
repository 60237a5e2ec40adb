"""What a figure is made of adds up to what pandas makes of it, in programmes of any kind."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tools import masters
from tests.tools.plain_totals import random_programme
from tests.tools.trails import figures_of, returned
from xl_addin.master.parts import Part, YearParts, sum_of
from xl_addin.master.read.config import read_config
from xl_addin.master.totals import compute_totals
from xl_addin.model.records import BOTH, NUMBER, STOCK
from xl_addin.services.trail import Sources, find_trail
from xl_addin.store.ledger import FigureRow


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return read_config(masters.host(tmp_path_factory.mktemp("base")))


def parts(base, *figures):
    """The parts of one pair; figures are (month, value, measure, stated)."""
    code = (base.districts[0].code, base.indicators[0].code)
    rows = [FigureRow(*code, m, measure, NUMBER, v, s) for m, v, measure, s in figures]
    return YearParts(rows, base, 12), code


def test_a_stated_year_is_a_part_of_its_own_beside_the_months(base):
    year, pair = parts(base, (1, 5, BOTH, None), (3, 4, BOTH, 20), (4, 1, BOTH, None))
    found = year.cumulative(pair, 12)
    assert found == [Part(1, 5), Part(3, 4), Part(3, 11, correction=True), Part(4, 1)]
    assert sum_of(found) == 21
    assert year.of_month(pair, 3) == [Part(3, 4)]


def test_a_state_counts_alone_and_what_a_month_changed_is_two_parts(base):
    year, pair = parts(base, (1, 5, STOCK, None), (4, 9, STOCK, None))
    assert year.cumulative(pair, 12) == [Part(1, 5, counts=False), Part(4, 9)]
    assert year.of_month(pair, 4) == [Part(1, -5), Part(4, 9)]
    assert year.of_month(pair, 1) == year.of_month(pair, 3) == []
    assert sum_of([]) is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), number=st.integers(1, 12))
def test_every_figure_is_what_its_trail_adds_up_to(base, seed, number):
    config, rows = random_programme(seed, base)
    totals = compute_totals(rows, config, f"2023-{number:02}")
    for question, wanted in figures_of(totals, config):
        found = find_trail(question, Sources(rows, returns_of(rows, question)), config)
        assert found.value == (None if wanted is None else pytest.approx(wanted, abs=1e-6)), (
            question
        )


def returns_of(rows, question):
    """The returns that these figures would stand in."""
    mine = [r for r in rows if (r.district, r.indicator) == (question.district, question.indicator)]
    return [returned(row, number) for number, row in enumerate(mine, 1)]
