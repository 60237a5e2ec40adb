"""Where districts stand before a month: sums, states, what they gave themselves, what is missing."""

import time

from tests.store.test_ledger import add
from tests.store.test_year_figures import copied_to, fill
from xl_addin.model.records import BOTH, FLOW, RATE, STOCK, District, Figure, Indicator, Receipt
from xl_addin.model.settings import NO, Config, Settings
from xl_addin.store.ledger import Ledger
from xl_addin.store.standings import Standing, find_standings

INDICATORS = (
    Indicator("F", ("当月",), "人"),
    Indicator("B", ("两者",), "人", BOTH),
    Indicator("S", ("累计",), "人", STOCK),
    Indicator("R", ("比率",), "%", RATE, whole=False),
)
A, LATE = District("A", "甲县"), District("L", "新县", since=4)


def config(first_month=1, openings=None, indicators=INDICATORS, districts=(A, LATE)):
    settings = Settings("", 2023, "2023-06", 5, "", 10, "", "", "", "", first_month, 0, "", NO)
    return Config(settings, districts, indicators, {}, {}, {}, (), (), openings or {})


def figure(code, value, stated=None):
    measure = {"F": FLOW, "B": BOTH, "S": STOCK, "R": RATE}[code]
    state = "empty" if value is None else "number"
    return Figure(code, state, value, "F7", measure, stated, "G7" if stated is not None else "")


def receipt(district, month, *figures):
    name = f"{district}-{month}"
    at = f"2023-{month:02d}"
    return Receipt(name, name, f"{at}-28 09:00:00", district, at, 1, "accepted", (), figures)


def before(ledger, month, given=None):
    return ledger.standings(f"2023-{month:02d}", given or config())["A"]


def test_what_a_district_gave_counts_from_its_month_on(ledger):
    add(ledger, receipt("A", 1, figure("F", 10)), receipt("A", 2, figure("F", 10)))
    add(ledger, receipt("A", 4, figure("F", 12, 60)), receipt("A", 5, figure("F", 5)))
    assert before(ledger, 4).previous == {"F": 20}
    assert before(ledger, 5).previous == {"F": 60}
    assert before(ledger, 6).previous == {"F": 65}
    assert before(ledger, 6).mean_monthly == {"F": 65 / 5}


def test_the_last_that_was_given_is_the_one(ledger):
    add(ledger, receipt("A", 1, figure("B", 10, 30)), receipt("A", 2, figure("B", 10, 25)))
    add(ledger, receipt("A", 3, figure("B", 1)))
    assert before(ledger, 4).previous == {"B": 26}


def test_a_month_that_comes_in_late_stays_before_what_was_given(ledger):
    add(ledger, receipt("A", 3, figure("F", 10, 45)))
    add(ledger, receipt("A", 2, figure("F", 7)))
    assert before(ledger, 4).previous == {"F": 45}


def test_of_states_and_rates_the_last_counts(ledger):
    add(ledger, receipt("A", 1, figure("S", 10), figure("R", 95.5)))
    add(ledger, receipt("A", 3, figure("S", 16), figure("R", 90)))
    add(ledger, receipt("A", 4, figure("S", None), figure("R", None)))
    standing = before(ledger, 5)
    assert standing.previous == {"S": 16, "R": 90}
    assert standing.mean_monthly == {"S": 16 / 3}


def test_what_had_been_reached_before_is_in_the_sum(ledger):
    begun = config(3, {("A", "F"): 40, ("A", "S"): 6, ("L", "F"): 0})
    assert ledger.standings("2023-03", begun) == {
        "A": Standing({"F": 40, "S": 6}, {}, ()),
        "L": Standing({"F": 0}, {}, ()),
    }
    add(ledger, receipt("A", 3, figure("F", 10), figure("S", 8)))
    standing = before(ledger, 5, begun)
    assert standing.previous == {"F": 50, "S": 8}
    assert standing.mean_monthly == {"F": 10, "S": 2}
    assert standing.gaps == (4,)
    add(ledger, receipt("A", 4, figure("F", 10, 70)))
    assert before(ledger, 5, begun).previous["F"] == 70
    assert before(ledger, 5, begun).mean_monthly["F"] == 15


def test_gaps_are_what_at_least_one_indicator_lacks(ledger):
    add(ledger, receipt("A", 1, figure("F", 1)), receipt("A", 4, figure("F", 1, 9), figure("B", 2)))
    standing = before(ledger, 6)
    assert (standing.gaps, standing.filled) == ((2, 3, 5), (2, 3))  # B lacks all three
    add(ledger, receipt("A", 5, figure("F", 1), figure("B", 1, 20)))
    standing = before(ledger, 6)
    assert (standing.gaps, standing.filled) == ((), (2, 3))


def test_a_return_that_counts_without_a_figure_lacks_it_until_something_makes_up_for_it(ledger):
    add(ledger, receipt("A", 1, figure("F", None), figure("S", None), figure("B", 1)))
    add(ledger, receipt("A", 2, figure("F", 2), figure("S", None), figure("B", 1)))
    assert (before(ledger, 3).gaps, before(ledger, 3).unfilled) == ((), (1, 2))
    add(ledger, receipt("A", 3, figure("F", 2), figure("S", 7), figure("B", 1)))
    assert before(ledger, 4).unfilled == (1,)  # a state says all that came before it
    add(ledger, receipt("A", 4, figure("F", 2, 9), figure("S", 7), figure("B", 1)))
    assert before(ledger, 5).unfilled == ()


def test_months_that_nobody_expects_are_no_gaps(ledger):
    add(ledger, receipt("A", 5, figure("F", 1)), receipt("L", 5, figure("F", 1)))
    assert ledger.standings("2023-06", config(3))["A"].gaps == (3, 4)
    assert ledger.standings("2023-06", config())["L"].gaps == (4,)
    later = tuple(item._replace(since=5) for item in INDICATORS)
    assert ledger.standings("2023-06", config(indicators=later))["A"].gaps == ()


def test_a_state_says_all_that_came_before_it(ledger):
    add(ledger, receipt("A", 3, figure("S", 5)))
    states = (INDICATORS[2], INDICATORS[3])
    assert before(ledger, 5, config(indicators=states)).gaps == (4,)


def test_a_later_state_outweighs_what_was_given(ledger):
    """Where staff changed how an indicator is reported."""
    add(ledger, receipt("A", 1, figure("F", 10, 30)))
    state = Figure("F", "number", 44, "G7", STOCK)
    add(ledger, receipt("A", 2, state))
    assert before(ledger, 3).previous == {"F": 44}


def test_what_is_added_to_a_state_goes_on_from_it(ledger):
    """Where staff changed 累计数 to 当月数 within the year."""
    add(ledger, receipt("A", 1, Figure("F", "number", 31, "G7", STOCK)))
    assert before(ledger, 3).previous == {"F": 31}
    assert before(ledger, 3).gaps == (2,)
    add(ledger, receipt("A", 2, figure("F", 15)), receipt("A", 4, figure("F", 5)))
    standing = before(ledger, 5)
    assert (standing.previous, standing.mean_monthly) == ({"F": 51}, {"F": 51 / 3})
    assert standing.gaps == (3,)


def test_rates_are_not_added_up_whatever_they_were_reported_as(ledger):
    """Where staff took 比率 for an indicator only after its first months."""
    for month, value in ((1, 95), (2, 96)):
        add(ledger, receipt("A", month, Figure("R", "number", value, "F7", FLOW)))
    assert before(ledger, 3).previous == {"R": 96}


def test_what_was_reported_before_an_opening_is_in_it(ledger):
    """Where staff let a year that had begun start anew in a later month."""
    add(ledger, receipt("A", 1, figure("F", 10, 30), figure("B", 4), figure("S", 9)))
    begun = config(3, {("A", "F"): 40, ("A", "S"): 6})
    add(ledger, receipt("A", 3, figure("F", 5), figure("B", 1)))
    assert before(ledger, 4, begun).previous == {"F": 45, "B": 5, "S": 6}


def test_a_thousand_districts_are_looked_up_at_once(ledger: Ledger):
    codes = [f"D{number:04d}" for number in range(1000)]
    for month in range(1, 12):
        add(
            ledger,
            *(
                receipt(code, month, figure("F", 10, 500 if month == 6 else None), figure("S", 1))
                for code in codes
            ),
        )
    many = config(districts=tuple(District(code, code) for code in codes))
    began = time.process_time()
    found = ledger.standings("2023-12", many)
    assert time.process_time() - began < 5
    assert {standing.previous["F"] for standing in found.values()} == {550}


def test_a_server_says_the_same(ledger, postgresql):
    fill(ledger, 3)
    items = tuple(Indicator(f"I{n}", (f"指标{n}",), "人") for n in range(1, 5))
    asked = (
        "2023-08",
        config(indicators=items, districts=(District("A", "甲"), District("B", "乙"))),
    )
    with copied_to(postgresql, ledger, "standings") as there:
        assert repr(find_standings(there, *asked)) == repr(find_standings(ledger, *asked))
    assert len(find_standings(ledger, *asked)) == 3
