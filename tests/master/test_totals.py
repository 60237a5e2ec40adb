"""Totals against sums made by hand, and what a month that is unknown does to them.

Proves also master/read/targets.py, master/sums.py, master/pair_totals.py, master/indicator_totals.py
and model/sheets.py.
"""

import random
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tests.tools import masters
from tests.tools.masters import figure
from tests.tools.office import disagreements
from tests.tools.plain_totals import SHARES, plain_line, plain_pair, random_programme, unweighted
from xl_addin.master.build.workbook import lay_out
from xl_addin.master.host.file import FileHost
from xl_addin.master.pair_totals import counted_text, month_names
from xl_addin.master.read.config import read_config
from xl_addin.master.totals import compute_totals, master_changes
from xl_addin.model.records import (
    CUSTOM,
    FLOW,
    NOT_APPLICABLE,
    QUARTERLY,
    RATE,
    STOCK,
    STOCK_LABEL,
    YEAR_END,
    Indicator,
)
from xl_addin.model.settings import IN_FULL, PRO_RATA, UNRANKED, Adjustment
from xl_addin.model.sheets import (
    COMPLETION_SHEET,
    COUNTED_SHEET,
    CUMULATIVE_SHEET,
    DUE_SHEET,
    INDICATORS_SHEET,
    LIGHTS_SHEET,
    MONTH_BLOCK,
    MONTH_SHEET,
    NOT_APPLICABLE_MARK,
    PLAN_SHEET,
    SUMMARY_SHEET,
    TARGETS_SHEET,
    TREND_SHEET,
)
from xl_addin.system.errors import Refused
from xl_addin.xlsx.package import pack


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
    # 万州区 has January and March of 300, 忠县 February of 120; nobody else has any month.
    assert (found.due, found.difference_to_due) == (50 + 10, -45)
    assert found.lead == -45 / 4.8
    assert (found.months_expected, found.months_counted, found.districts_incomplete) == (12, 3, 4)
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


def handed_over(config, *adjusted):
    """The first district reports to March; its state's target is cancelled with these rows besides."""
    gone, into = (d.code for d in config.districts[:2])
    assert {"500101", "500233"} == {gone, into}
    targets = config.targets | {(gone, "I04"): 20, (into, "I04"): 50}
    districts = (config.districts[0]._replace(until=3), *config.districts[1:])
    rows = (
        Adjustment(4, gone, "I04", -20),
        *(Adjustment(m, into, "I04", by) for m, by in adjusted),
    )
    return config._replace(districts=districts, targets=targets, adjustments=rows)


STATES = [
    figure(district, "I04", month, value, STOCK)
    for district, month, value in (("500101", 3, 20), ("500233", 3, 50), ("500233", 4, 70))
]


def test_a_state_that_another_district_took_over_is_counted_once(config):
    config = handed_over(config, (4, 20))
    assert line(compute_totals(STATES, config, "2023-03"), "I04").cumulative == 70
    assert line(compute_totals(STATES, config, "2023-04"), "I04").cumulative == 70


def test_a_state_stays_until_whoever_took_it_over_has_reported(config):
    config = handed_over(config, (4, 20))
    for month in ("2023-04", "2023-05"):
        found = line(compute_totals(STATES[:2], config, month), "I04")
        assert (found.cumulative, found.trend[int(month[5:]) - 1]) == (70, 70)
    late = [*STATES[:2], STATES[2]._replace(month=5)]
    totals = compute_totals(late, config, "2023-05")
    assert line(totals, "I04").trend[2:5] == (70, 70, 70)
    assert totals.cumulative["500101", "I04"] == NOT_APPLICABLE_MARK


@pytest.mark.parametrize("adjusted", [(), ((3, 20),), ((4, -1),)])
def test_a_state_that_nobody_took_over_is_not_lost(config, adjusted):
    totals = compute_totals(STATES[:2], handed_over(config, *adjusted), "2023-04")
    assert line(totals, "I04").cumulative == 70
    assert totals.cumulative["500101", "I04"] == 20


def test_who_took_over_a_state_is_not_compared_with_its_own_last_year(config):
    config = handed_over(config, (4, 20))
    third = config.districts[2].code
    months = {"500101": 20, "500233": 50, third: 10}
    config = config._replace(last_year={(d, "I04"): (v,) * 12 for d, v in months.items()})
    rows = [*STATES, *(figure(third, "I04", month, 12, STOCK) for month in (3, 4))]
    assert compute_totals(rows, config, "2023-03").same_period["I04"].last_year == 80
    beside = compute_totals(rows, config, "2023-04").same_period["I04"]
    assert (beside.districts, beside.comparable, beside.last_year) == (1, 12, 10)


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
    changed = masters.rewrite_master([('COUNTIF(已计月数!C8:C11,"*缺*")', "99")])
    host = masters.host(tmp_path, changed)
    config = read_config(host)
    check = host.apply(master_changes(compute_totals((), config, "2023-03"), config, host))
    assert [(p.sheet, p.cell, p.code) for p in check.disagreements] == [
        (SUMMARY_SHEET, "S5", "formula-changed")
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


# --- what is due, which months count, lights ---------------------------------------------------


def near(one, other):
    if isinstance(one, Fraction) or isinstance(other, float):
        return other is not None and abs(float(one) - float(other)) < 1e-6
    return one == other


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return read_config(masters.host(tmp_path_factory.mktemp("base")))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), number=st.integers(1, 12))
def test_every_figure_is_what_exact_fractions_month_by_month_say(base, seed, number):
    config, rows = random_programme(seed, base)
    totals = compute_totals(rows, config, f"2023-{number:02}")
    pairs = {}
    for district in config.districts:
        for item in config.indicators:
            wanted = plain_pair(rows, config, district, item, number)
            found = totals.pairs[district.code, item.code]
            for name in ("cumulative", "target", "due", "light"):
                assert near(getattr(wanted, name), getattr(found, name)), (name, wanted, found)
            assert list(found.months_expected) == wanted.expected
            assert list(found.months_missing) == wanted.missing
            assert found.opening_missing is wanted.unopened
            pairs[district.code, item.code] = wanted
    for (district, code), found in totals.pairs.items():
        assert found.weight_missing is (district in unweighted(pairs, config, code)), found
    for item in config.indicators:
        wanted, found = plain_line(pairs, config, item, number), line(totals, item.code)
        for name, value in wanted._asdict().items():
            assert near(value, getattr(found, name)), (name, wanted, found)
        if item.measure != RATE:
            assert found.trend_total == found.cumulative


def laid_out(tmp_path, config):
    """A master for a programme of any kind, and the settings as they are read from it."""
    path = tmp_path / "master.xlsm"
    path.write_bytes(pack(lay_out(config).values()))
    host = FileHost(path)
    read = read_config(host)
    return host, read._replace(
        settings=config.settings, adjustments=config.adjustments, openings=config.openings
    )


@pytest.mark.parametrize(("seed", "month"), [(1, "2023-06"), (5, "2023-09"), (12, "2023-12")])
def test_libreoffice_computes_any_programme_as_pandas_does(tmp_path, office, base, seed, month):
    host, config = laid_out(tmp_path, random_programme(seed, base)[0])
    _, rows = random_programme(seed, config, fixed=True)
    check = host.apply(master_changes(compute_totals(rows, config, month), config, host))
    assert check.compared > 150
    assert check.disagreements == ()
    host.save()
    assert disagreements(host.path, office) == []


def rates(config):
    """A programme with two rates: I06 weighted by I01, I07 without a total."""
    more = (
        Indicator("I06", ("就业率",), "%", RATE, goal=95, weight="I01"),
        Indicator("I07", ("满意率",), "%", RATE),
    )
    pairs = {(d.code, code): 95 for d in config.districts for code in ("I06", "I07")}
    return config._replace(
        indicators=(*config.indicators, *more), targets={**config.targets, **pairs}
    )


def test_a_rate_is_never_added_up(tmp_path, office, base):
    host, config = laid_out(tmp_path, rates(base))
    rows = [
        figure("500101", "I01", 1, 30),
        figure("500233", "I01", 1, 10),
        *(figure("500101", code, 1, 90, RATE) for code in ("I06", "I07")),
        *(figure("500101", code, 2, 94, RATE) for code in ("I06", "I07")),
        figure("500233", "I06", 2, 98.5, RATE),
        figure("500240", "I06", 2, 100, RATE),
    ]
    totals = compute_totals(rows, config, "2023-02")
    assert totals.cumulative["500101", "I06"] == totals.this_month["500101", "I06"] == 94
    weighted, single = line(totals, "I06"), line(totals, "I07")
    mean = (94 * 30 + 98.5 * 10) / 40
    assert (weighted.cumulative, weighted.target, weighted.due) == (mean, 95, 95)
    assert (weighted.this_month, weighted.time_progress) == (None, 1)
    assert (weighted.lead, weighted.light) == (pytest.approx(mean - 95), "蓝")
    assert weighted.goal_completion == mean / 95
    assert weighted.trend[:2] == (90, mean)
    assert (single.cumulative, single.target, single.lead, single.light) == (None, None, None, "")
    found = totals.pairs["500101", "I07"]
    assert (found.due, found.light, found.months_missing) == (95, "黄", ())
    # 500240 has a rate and no figure of I01, which would weigh it: it is in no mean, and that is told.
    lost, whole = totals.pairs["500240", "I06"], totals.pairs["500101", "I06"]
    assert (lost.weight_missing, lost.is_whole, lost.has_whole_year) == (True, False, True)
    assert (whole.weight_missing, whole.is_whole, counted_text(whole)) == (False, True, "2/2")
    assert counted_text(lost) == "2/2 缺合计按的数"
    assert (weighted.districts_incomplete, single.districts_incomplete) == (2, 3)
    check = host.apply(master_changes(totals, config, host))
    assert check.disagreements == ()
    host.save()
    assert disagreements(host.path, office) == []
    sheet = load_workbook(host.path, data_only=True)[CUMULATIVE_SHEET]
    assert [sheet.cell(12, column).value for column in (3, 8, 9)] == [40, mean, None]
    book = load_workbook(host.path, data_only=True)
    row = next(row for row in range(8, 12) if sheet.cell(row, 1).value == "500240")
    assert book[COUNTED_SHEET].cell(row, 8).value == "2/2 缺合计按的数"
    assert book[COUNTED_SHEET].cell(12, 8).value == "6/8 缺2 缺合计按的数"
    assert str(sheet.cell(row, 11).value).startswith("合计按的数、")


def test_a_rate_whose_weight_another_district_has_now_lacks_nothing(base):
    config = handed_over(rates(base), (4, 20))
    items = tuple(i._replace(weight="I04") if i.code == "I06" else i for i in config.indicators)
    config = config._replace(indicators=items)
    rates_ = [figure("500101", "I06", 3, 90, RATE), figure("500233", "I06", 4, 80, RATE)]
    totals = compute_totals([*STATES, *rates_], config, "2023-04")
    assert line(totals, "I06").cumulative == 80
    assert not any(pair.weight_missing for pair in totals.pairs.values())
    late = compute_totals([*STATES[1:], *rates_], config, "2023-03")
    assert late.pairs["500101", "I06"].weight_missing


def test_a_rate_without_its_weight_keeps_its_light_and_the_mean_has_none_where_gaps_are_not_ranked(
    base,
):
    config = rates(base)
    config = config._replace(settings=config.settings._replace(missing_months=UNRANKED))
    districts = [district.code for district in config.districts]
    rows = [figure(district, "I06", 1, 96, RATE) for district in districts]
    rows += [figure(district, "I01", 1, 5) for district in districts[1:]]
    totals = compute_totals(rows, config, "2023-01")
    assert totals.pairs[districts[0], "I06"].light == "蓝"
    assert line(totals, "I06").light == "灰"


def test_what_was_reported_before_staff_made_a_rate_of_it_is_not_added_up_either(base):
    rows = [figure("500101", "I07", month, value) for month, value in ((1, 80), (2, 82))]
    totals = compute_totals(rows, rates(base), "2023-02")
    assert totals.cumulative["500101", "I07"] == totals.this_month["500101", "I07"] == 82


def one(config, code="I01", **changes):
    """The programme with one indicator changed, and every target of it 1."""
    indicators = tuple(i._replace(**changes) if i.code == code else i for i in config.indicators)
    targets = {pair: 1 if pair[1] == code else value for pair, value in config.targets.items()}
    return config._replace(indicators=indicators, targets=targets)


def reported(months, value=0, code="I01"):
    return [figure("500101", code, month, value) for month in months]


def test_one_course_that_is_not_held_yet_has_no_light_before_december(config):
    config = one(config)
    june = compute_totals(reported(range(1, 7)), config, "2023-06").pairs["500101", "I01"]
    assert (june.due, june.light) == (0, "")
    december = compute_totals(reported(range(1, 13)), config, "2023-12").pairs["500101", "I01"]
    assert (december.due, december.light) == (1, "红")
    held = compute_totals([*reported((1,), 1), *reported(range(2, 7))], config, "2023-06")
    assert held.pairs["500101", "I01"].light == "蓝"


@pytest.mark.parametrize(
    ("schedule", "dues"),
    [
        (QUARTERLY, {2: 0, 3: 75, 5: 75, 6: 150, 11: 225, 12: 300}),
        (YEAR_END, {6: 0, 11: 0, 12: 300}),
        (CUSTOM, {1: 0, 2: 30, 4: 90, 6: 150, 10: 270, 11: 300}),
    ],
)
def test_each_indicator_falls_due_in_its_own_way(config, schedule, dues):
    item = config.indicators[0]._replace(schedule=schedule, shares=SHARES)
    config = config._replace(indicators=(item, *config.indicators[1:]))
    for number, due in dues.items():
        totals = compute_totals(reported(range(1, number + 1)), config, f"2023-{number:02}")
        assert (number, totals.pairs["500101", "I01"].due) == (number, due)


@pytest.mark.parametrize(
    ("method", "due", "light"), [(PRO_RATA, 100, "绿"), (IN_FULL, 150, "红"), (UNRANKED, 150, "灰")]
)
def test_months_that_are_missing_count_as_staff_decide(config, method, due, light):
    config = config._replace(settings=config.settings._replace(missing_months=method))
    found = compute_totals(reported((1, 3, 4, 6), 25), config, "2023-06").pairs["500101", "I01"]
    assert (found.cumulative, found.due, found.light) == (100, due, light)
    assert (found.months_counted, found.months_missing) == (4, (2, 5))
    assert counted_text(found) == "4/6 缺2、5月"


def test_a_years_figure_that_a_district_stated_starts_anew_and_fills_what_never_came(config):
    rows = [
        figure("500101", "I01", 1, 10),
        figure("500101", "I01", 4, 5)._replace(stated=40),
        figure("500101", "I01", 6, 7),
    ]
    totals = compute_totals(rows, config, "2023-06")
    found, whole = totals.pairs["500101", "I01"], line(totals, "I01")
    assert (found.cumulative, found.months_filled, found.months_missing) == (47, (2, 3), (5,))
    assert counted_text(found) == "5/6 补2、3月 缺5月"
    assert totals.this_month == {("500101", "I01"): 7}
    assert (whole.corrections, whole.trend_total) == (25, 47)
    assert whole.trend == (10, None, None, 5, None, 7, *[None] * 6)
    # What comes in later for before it changes nothing from there on.
    late = compute_totals([*rows, figure("500101", "I01", 3, 99)], config, "2023-06")
    assert late.pairs["500101", "I01"].cumulative == 47
    assert line(late, "I01").corrections == 25 - 99


def test_what_was_reached_before_the_first_month_is_in_the_year(config):
    config = config._replace(
        settings=config.settings._replace(first_month=3), openings={("500101", "I01"): 45}
    )
    rows = [figure("500101", "I01", 3, 5), figure("500233", "I01", 3, 5)]
    totals = compute_totals(rows, config, "2023-04")
    opened, other = totals.pairs["500101", "I01"], totals.pairs["500233", "I01"]
    assert (opened.cumulative, opened.due, opened.months_expected) == (50, 75, (3, 4))
    assert (other.cumulative, other.due) == (5, 10)
    assert (line(totals, "I01").opening, line(totals, "I01").trend_total) == (45, 55)


def test_a_target_that_was_adjusted_is_used_from_its_month_on(config):
    config = config._replace(adjustments=(Adjustment(7, "500101", "I01", 60),))
    rows = reported(range(1, 8), 25)
    july = compute_totals(rows, config, "2023-07")
    assert (july.pairs["500101", "I01"].target, july.pairs["500101", "I01"].due) == (360, 210)
    assert (line(july, "I01").target, line(july, "I01").difference) == (540, 175 - 540)
    june = compute_totals(rows, config, "2023-06")
    assert (june.pairs["500101", "I01"].target, june.pairs["500101", "I01"].due) == (300, 150)


def test_who_does_not_report_a_month_is_not_missing_in_it(config):
    one_, two, *rest = config.districts
    config = config._replace(districts=(one_._replace(until=4), two._replace(since=8), *rest))
    totals = compute_totals(reported(range(1, 5), 20), config, "2023-06")
    merged, split = totals.pairs["500101", "I01"], totals.pairs["500233", "I01"]
    assert (merged.months_expected, merged.months_missing, merged.cumulative) == (
        (1, 2, 3, 4),
        (),
        80,
    )
    assert (split.months_expected, split.due, split.light) == ((), None, "")
    assert line(totals, "I01").districts_missing == 2
    # Nobody has a target of 两江新区 for I02, and nobody reported one.
    assert totals.pairs["5001LJ", "I02"].months_expected == ()
    # The target of who begins in August falls due from August to December.
    rows = [figure("500233", "I01", month, 0) for month in (8, 9)]
    assert compute_totals(rows, config, "2023-09").pairs["500233", "I01"].due == 48


def test_no_zero_has_a_sign_and_no_noise_is_shown(config):
    rows = [figure("500101", "I05", month, 0.1) for month in (1, 2, 3)]
    config = config._replace(targets={("500101", "I05"): 1.2})
    found = line(compute_totals(rows, config, "2023-03"), "I05")
    assert (
        str((found.cumulative, found.due, found.lead, found.difference_to_due))
        == "(0.3, 0.3, 0, 0)"
    )


def test_the_sheets_say_what_the_totals_say(tmp_path):
    host = masters.host(tmp_path)
    config = read_config(host)
    totals = compute_totals(some_figures(3, config), config, "2023-04")
    host.apply(master_changes(totals, config, host))
    host.save()
    book = load_workbook(host.path, data_only=True)
    for number, district in enumerate(config.districts, 8):
        for column, item in enumerate(config.indicators, 3):
            pair = totals.pairs[district.code, item.code]
            shown = [
                book[sheet].cell(number, column).value
                for sheet in (PLAN_SHEET, DUE_SHEET, COUNTED_SHEET, LIGHTS_SHEET)
            ]
            assert shown == [pair.target, pair.due, counted_text(pair), pair.light or None]
    for column, item in enumerate(config.indicators, 3):
        found = line(totals, item.code)
        shown = [book[s].cell(12, column).value for s in (PLAN_SHEET, DUE_SHEET, LIGHTS_SHEET)]
        assert shown == [found.target, found.due, found.light or None]
        lacking = found.months_expected - found.months_counted
        said = f"{found.months_counted}/{found.months_expected} 缺{lacking}"
        assert book[COUNTED_SHEET].cell(12, column).value == said
    gaps = [[book[CUMULATIVE_SHEET].cell(row, c).value for c in (8, 9)] for row in range(8, 13)]
    for district, (counted, missing) in zip(config.districts, gaps, strict=False):
        mine = [totals.pairs[district.code, item.code] for item in config.indicators]
        worst = max(len(pair.months_missing) for pair in mine)
        assert int(counted.split("/")[1]) - int(counted.split("/")[0]) == worst
        assert missing == (month_names({m for p in mine for m in p.months_missing}) or None)
    assert gaps[-1][1] == f"{sum(bool(missing) for _, missing in gaps[:4])} 个区县不全"


@pytest.mark.parametrize(
    ("months", "text"),
    [
        ((), ""),
        ((2,), "2月"),
        ((5, 2), "2月、5月"),
        ((1, 2, 3, 6), "1月至3月、6月"),
        ((1, 2), "1月、2月"),
    ],
)
def test_months_are_told_in_order_and_runs_by_their_ends(months, text):
    assert month_names(months) == text


def test_a_state_that_another_district_reports_now_is_not_counted_twice(config):
    """The districts were merged in April: whoever took the target states both since."""
    ended = config.districts[1]._replace(until=3)
    moved = (Adjustment(4, ended.code, "I04", -30), Adjustment(4, "500101", "I04", 30))
    merged = config._replace(
        districts=(config.districts[0], ended, *config.districts[2:]), adjustments=moved
    )
    figures = (
        figure("500233", "I04", 3, 20, STOCK),
        figure("500101", "I04", 3, 40, STOCK),
        figure("500101", "I04", 4, 61, STOCK),
    )
    for month, expected in (("2023-03", 60), ("2023-04", 61)):
        totals = compute_totals(figures, merged, month)
        found = line(totals, "I04")
        assert (found.cumulative, found.trend[int(month[5:]) - 1]) == (expected, expected)
        assert found.trend[2] == 60
    assert totals.cumulative["500233", "I04"] == NOT_APPLICABLE_MARK
    kept = compute_totals(figures, merged._replace(adjustments=()), "2023-04")
    assert line(kept, "I04").cumulative == 81  # it ended and nobody took it over
