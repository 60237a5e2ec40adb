"""Our figures come out as pandas has them, in programmes of any kind: states, rates, stated years, openings."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tools import masters
from tests.tools.plain_totals import random_programme
from xl_addin.master.read.config import read_config
from xl_addin.master.totals import compute_totals
from xl_addin.model.comparison import CUMULATIVE, MONTHLY
from xl_addin.services.our_figures import OurFigures
from xl_addin.store.comparisons import ReceiptPlace
from xl_addin.store.year_figures import group_figures


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return read_config(masters.host(tmp_path_factory.mktemp("base")))


def places_of(rows):
    found = {}
    for row in sorted(rows, key=lambda each: each.month):
        place = ReceiptPlace(f"2023-{row.month:02d}", row.month, "表.xlsx", "", "F7", row.value)
        found.setdefault((row.district, row.indicator), []).append(place)
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), number=st.integers(1, 12))
def test_every_figure_is_the_one_of_the_sheets(base, seed, number):
    config, rows = random_programme(seed, base)
    totals = compute_totals(rows, config, f"2023-{number:02}")
    ours = OurFigures(group_figures(rows), places_of(rows), config)
    for pair, each in totals.pairs.items():
        for period, shown in ((CUMULATIVE, totals.cumulative), (MONTHLY, totals.this_month)):
            found = ours.figure(pair, period, number)
            told = "—" if found.not_applicable else found.value
            wanted = shown.get(pair)
            same = told == wanted
            if isinstance(wanted, float) or isinstance(told, float):
                same = told == pytest.approx(wanted, abs=1e-6)
            assert same, (pair, period, told, wanted)
            months = [
                int(place.month[5:]) for place in ours.trail(pair, period, number) if place.receipt
            ]
            assert all(month <= number for month in months)
        year = ours.figure(pair, CUMULATIVE, number)
        assert bool(year.lacking) == (not each.has_whole_year)
