"""What a figure is made of adds up to what pandas makes of it, in programmes of any kind.

Proves also services/trail.py.
"""

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
from xl_addin.model.settings import Adjustment
from xl_addin.services.trail import YEAR, Question, Sources, find_trail
from xl_addin.store.ledger import FigureRow
from xl_addin.store.year_figures import group_figures


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return read_config(masters.host(tmp_path_factory.mktemp("base")))


def parts(base, *figures):
    """The parts of one pair; figures are (month, value, measure, stated)."""
    code = (base.districts[0].code, base.indicators[0].code)
    rows = [FigureRow(*code, m, measure, NUMBER, v, s) for m, v, measure, s in figures]
    return YearParts(group_figures(rows), base, 12), code


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
        found = find_trail(
            question, Sources(group_figures(rows), returns_of(rows, question)), config
        )
        assert found.value == (None if wanted is None else pytest.approx(wanted, abs=1e-6)), (
            question
        )


def returns_of(rows, question):
    """The returns that these figures would stand in."""
    mine = [r for r in rows if (r.district, r.indicator) == (question.district, question.indicator)]
    return [returned(row, number) for number, row in enumerate(mine, 1)]


def test_a_state_that_another_district_reports_now_counts_until_then(base):
    gone, taker = (district.code for district in base.districts[:2])
    item = base.indicators[0]._replace(measure=STOCK)
    left = base.targets[gone, item.code]
    moved = [(gone, -left), (taker, left)]
    config = base._replace(
        districts=(base.districts[0]._replace(until=7), *base.districts[1:]),
        indicators=(item, *base.indicators[1:]),
        adjustments=tuple(Adjustment(8, code, item.code, by) for code, by in moved),
    )
    rows = [
        FigureRow(gone, item.code, 7, STOCK, NUMBER, 480),
        FigureRow(taker, item.code, 9, STOCK, NUMBER, 900),
    ]
    year = YearParts(group_figures(rows), config, 12)
    assert [part.counts for part in year.cumulative((gone, item.code), 8)] == [True]
    assert [part.counts for part in year.cumulative((gone, item.code), 9)] == [False]
    trail = find_trail(
        Question(YEAR, gone, item.code, 12, 12),
        Sources(group_figures(rows), [returned(rows[0])]),
        config,
    )
    assert trail.value is None
    assert "9月起由并入的区县报，算在那里" in [row.note for row in trail.rows]
