"""Totals against sums made by hand, and what a month that is unknown does to them.

Proves also master/read/targets.py.
"""

import random

import pytest

from tests.tools import masters
from tests.tools.masters import figure
from tests.tools.office import disagreements
from xl_addin.master.read.config import read_config
from xl_addin.master.totals import compute_totals, master_changes
from xl_addin.model.records import FLOW, NOT_APPLICABLE, STOCK, STOCK_LABEL
from xl_addin.model.sheets import (
    COMPLETION_SHEET,
    CUMULATIVE_SHEET,
    INDICATORS_SHEET,
    MONTH_BLOCK,
    MONTH_SHEET,
    NOT_APPLICABLE_MARK,
    SUMMARY_SHEET,
    TARGETS_SHEET,
    TREND_SHEET,
)
from xl_addin.system.errors import Refused


@pytest.fixture
def config(tmp_path):
    return read_config(masters.host(tmp_path))


def line(totals, code):
    return next(found for found in totals.indicators if found.code == code)


def test_nothing_reported_is_unknown_and_not_zero(config):
    totals = compute_totals((), config, "2023-06")
    assert totals.this_month == totals.cumulative == {}
    found = line(totals, "I01")
    assert found.target == 480
    assert (found.published, found.goal) == (480, 1000)
    assert (found.this_month, found.cumulative, found.completion, found.lead) == (None,) * 4
    assert (found.difference, found.trend_total) == (None, None)
    assert found.districts_missing == 4
    assert found.time_progress == 0.5


def test_a_flow_adds_up_and_leaves_out_what_was_not_reported(config):
    totals = compute_totals(
        [
            figure("500101", "I01", 1, 10),
            figure("500101", "I01", 3, 5),
            figure("500233", "I01", 2, 0),
        ],
        config,
        "2023-03",
    )
    assert totals.this_month == {("500101", "I01"): 5}
    assert totals.cumulative == {("500101", "I01"): 15, ("500233", "I01"): 0}
    found = line(totals, "I01")
    assert (found.this_month, found.cumulative, found.difference) == (5, 15, -465)
    assert found.completion == 15 / 480
    assert found.lead == pytest.approx((15 / 480 - 0.25) * 100)
    assert found.trend == (10, 0, 5, *[None] * 9)
    assert (found.trend_total, found.districts_missing) == (15, 3)
    assert all(isinstance(v, int) for v in (found.this_month, found.cumulative, *found.trend[:3]))


def test_a_stock_is_its_last_known_state(config):
    rows = [("500101", 1, 7), ("500101", 3, 9), ("500233", 2, 4), ("500233", 3, 3)]
    totals = compute_totals([figure(d, "I04", m, v, STOCK) for d, m, v in rows], config, "2023-04")
    assert totals.cumulative == {("500101", "I04"): 9, ("500233", "I04"): 3}
    assert totals.this_month == {}
    assert line(totals, "I04").trend == (7, 11, 12, 12, *[None] * 8)
    assert line(totals, "I04").trend_total == 12
    third = compute_totals([figure(d, "I04", m, v, STOCK) for d, m, v in rows], config, "2023-03")
    assert third.this_month == {("500101", "I04"): 2, ("500233", "I04"): -1}


@pytest.mark.parametrize("number", [1, 2])
def test_a_stock_without_an_earlier_state_is_reported_and_has_no_addition(config, number):
    totals = compute_totals(
        [figure("500101", "I04", number, 7, STOCK)], config, f"2023-{number:02d}"
    )
    assert totals.cumulative == {("500101", "I04"): 7}
    assert totals.this_month == {("500101", "I04"): NOT_APPLICABLE_MARK}
    assert line(totals, "I04").this_month is None
    assert line(totals, "I04").districts_missing == 3


def test_a_change_of_measure_in_the_year_keeps_what_was_reported_before(config):
    rows = [
        figure("500101", "I01", 1, 10),
        figure("500101", "I01", 2, 5),
        figure("500101", "I01", 3, 18, STOCK),
        figure("500101", "I01", 4, 2),
    ]
    assert compute_totals(rows, config, "2023-03").this_month == {("500101", "I01"): 3}
    assert compute_totals(rows, config, "2023-04").cumulative == {("500101", "I01"): 20}


def test_states_other_than_number_never_count(config):
    rows = [figure("500101", "I01", 2, None, state=state) for state in ("empty",)]
    rows += [
        figure("500233", "I01", 2, None, state="illegible"),
        figure("500240", "I01", 2, None, state=NOT_APPLICABLE),
        figure("500240", "I02", 1, None, state=NOT_APPLICABLE),
        figure("5001LJ", "I01", 2, 6),
    ]
    totals = compute_totals(rows, config, "2023-02")
    mark = NOT_APPLICABLE_MARK
    assert totals.this_month == {("500240", "I01"): mark, ("5001LJ", "I01"): 6}
    assert totals.cumulative == {
        ("500240", "I01"): mark,
        ("500240", "I02"): mark,
        ("5001LJ", "I01"): 6,
    }
    assert line(totals, "I01").cumulative == 6
    assert line(totals, "I01").districts_missing == 2


def test_figures_of_later_months_and_of_strangers_are_left_out(config):
    rows = [
        figure("500101", "I01", 3, 5),
        figure("500101", "I01", 4, 50),
        figure("500999", "I01", 1, 7),
        figure("500101", "I99", 1, 7),
    ]
    totals = compute_totals(rows, config, "2023-03")
    assert line(totals, "I01").cumulative == 5
    assert totals.outside == (("500101", "I99"), ("500999", "I01"))


def some_figures(seed, config):
    chance = random.Random(seed)
    rows = []
    for district in config.districts:
        for item in config.indicators:
            for month in range(1, 13):
                if chance.random() < 0.75:
                    value = chance.randrange(40) if item.whole else chance.randrange(400) / 8
                    gone = chance.random() < 0.1
                    state = chance.choice((NOT_APPLICABLE, "illegible")) if gone else "number"
                    rows.append(
                        figure(
                            district.code,
                            item.code,
                            month,
                            None if gone else value,
                            item.measure,
                            state,
                        )
                    )
    return rows


def plain(rows, config, number):
    """The same totals by plain loops: {code: (this month, cumulative)}."""
    known = {(r.district, r.indicator, r.month): r.value for r in rows if r.value is not None}
    sums = {}
    for item in config.indicators:
        month_parts, cumulative_parts = [], []
        for district in config.districts:
            months = {m: known.get((district.code, item.code, m)) for m in range(1, number + 1)}
            told = [v for _, v in sorted(months.items()) if v is not None]
            now = months[number]
            if item.measure == FLOW:
                cumulative_parts += [sum(told)] if told else []
                month_parts += [now] if now is not None else []
            else:
                cumulative_parts += told[-1:]
                if now is not None and len(told) > 1:
                    month_parts.append(now - told[-2])
        sums[item.code] = tuple(sum(p) if p else None for p in (month_parts, cumulative_parts))
    return sums


@pytest.mark.parametrize("number", [1, 2, 5, 12])
def test_totals_are_what_plain_sums_say(config, number):
    for seed in range(8):
        rows = some_figures(seed, config)
        totals = compute_totals(rows, config, f"2023-{number:02}")
        for code, (month, cumulative) in plain(rows, config, number).items():
            found = line(totals, code)
            assert found.this_month == pytest.approx(month)
            assert found.cumulative == pytest.approx(cumulative)
            assert found.trend_total == pytest.approx(cumulative)


@pytest.mark.parametrize("month", ["2023-01", "2023-04", "2023-12"])
def test_libreoffice_computes_what_pandas_wrote(tmp_path, office, month):
    host = masters.host(tmp_path)
    config = read_config(host)
    totals = compute_totals(some_figures(3, config), config, month)
    check = host.apply(master_changes(totals, config, host))
    assert check.compared > 60
    assert check.disagreements == ()
    host.save()
    assert disagreements(host.path, office) == []


def test_a_measure_that_staff_change_needs_no_other_formula(tmp_path, office):
    stock = {INDICATORS_SHEET: {(5, 4): STOCK_LABEL}}
    host = masters.host(tmp_path, masters.edit_master(stock))
    config = read_config(host)
    rows = [figure("500101", "I01", m, 10 * m, STOCK) for m in (1, 2, 3)]
    check = host.apply(master_changes(compute_totals(rows, config, "2023-03"), config, host))
    assert check.disagreements == ()
    host.save()
    assert disagreements(host.path, office) == []


def test_a_formula_that_staff_changed_is_named_and_kept(tmp_path):
    changed = masters.rewrite_master([("COUNTA(本月完成!A8:A11)-COUNTA(本月完成!C8:C11)", "99")])
    host = masters.host(tmp_path, changed)
    config = read_config(host)
    check = host.apply(master_changes(compute_totals((), config, "2023-03"), config, host))
    assert [(p.sheet, p.cell, p.code) for p in check.disagreements] == [
        (SUMMARY_SHEET, "M5", "formula-changed")
    ]


@pytest.mark.parametrize(
    ("sheet", "where", "value", "code"),
    [
        (MONTH_SHEET, (8, 1), None, "row-missing"),
        (CUMULATIVE_SHEET, (7, 3), None, "column-missing"),
        (COMPLETION_SHEET, (12, 1), None, "total-missing"),
        (MONTH_SHEET, (9, 1), "500101", "code-twice"),
        (SUMMARY_SHEET, (4, 8), "累计", "column-missing"),
        (TREND_SHEET, (5, 1), None, "row-missing"),
        (TARGETS_SHEET, (13, 1), None, "published-missing"),
    ],
)
def test_a_figure_without_a_place_is_refused(tmp_path, sheet, where, value, code):
    host = masters.host(tmp_path)
    config = read_config(host)
    lost = masters.host(tmp_path, masters.edit_master({sheet: {where: value}}))
    with pytest.raises(Refused) as refused:
        master_changes(compute_totals((), config, "2023-03"), config, lost)
    assert (sheet, code) in {(p.sheet, p.code) for p in refused.value.problems}


def test_a_formula_in_a_cell_of_ours_is_kept_and_reported(tmp_path):
    typed = masters.edit_master({MONTH_SHEET: {(8, 3): 987654}})
    summed = masters.rewrite_master([("<v>987654</v>", "<f>987653+1</f><v>987654</v>")], typed)
    host = masters.host(tmp_path, summed)
    config = read_config(host)
    changes = master_changes(compute_totals((), config, "2023-03"), config, host)
    for check in (host.check(changes), host.apply(changes)):
        assert [(p.cell, p.code) for p in check.disagreements] == [("C8", "formula-in-the-way")]
    cell = host.block(MONTH_BLOCK).cells[8, 3]
    assert (cell.value, cell.formula) == (987654, "987653+1")
