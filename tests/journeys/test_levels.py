"""A figure from a township's form through county, city and province, and back by ``trace``."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.tools.levels import issued, level
from tests.tools.programme import MONTHS

JANUARY, FEBRUARY = MONTHS[:2]
HEADINGS = ("培训（人次）", "就业（人）")
UNITS = {
    "县": ("东风镇", "红星镇", "前进乡"),
    "市": ("青山县", "绿水县"),
    "省": ("平安市", "长宁市"),
}


@pytest.fixture(scope="module")
def levels(tmp_path_factory):
    """青山县's own programme, that of 平安市 above it, and the province's."""
    folder = tmp_path_factory.mktemp("级")
    return {name: level(folder / name, units, HEADINGS) for name, units in UNITS.items()}


def typed_below(programme, month, *figures):
    """The forms of the lowest level as its people typed them, taken in and added up."""
    programme.run("distribute", month)
    for number, (training, work) in enumerate(figures):
        programme.send(f"{number}.xlsx", number, {"I01": training, "I02": work}, month)
    assert {each["verdict"] for each in programme.collect(month).values()} == {"accepted"}
    return programme.run("recompute", month)


def handed_up(lower, upper, unit, month):
    """The form that the level above sends, answered; what the level above made of it."""
    upper.run("distribute", month)
    form = issued(upper, unit, month)
    before = form.read_bytes()
    told = lower.run("answer", "", form)
    assert told.data["problems"] == []
    assert form.read_bytes() == before
    taken = upper.collect(month, told.data["file"])
    upper.run("recompute", month)
    return told, taken[Path(told.data["file"]).name]


def shown(programme, month):
    """By indicator what recompute shows of the whole: the month's and the year's."""
    lines = programme.run("recompute", month, rehearse=True).data["indicators"]
    return {line["code"]: (line["this_month"], line["cumulative"]) for line in lines}


def test_a_figure_goes_up_three_levels_and_is_followed_back_down(levels):
    county, city, province = levels.values()
    for month, townships, sums in (
        (JANUARY, ((3, 1), (4, 0), (5, 2)), ((12, 12), (3, 3))),
        (FEBRUARY, ((1, 1), (0, 1), (2, 0)), ((3, 15), (2, 5))),
    ):
        typed_below(county, month, *townships)
        for lower, upper, unit in ((county, city, "青山县"), (city, province, "平安市")):
            if upper is city:
                # The other county has no programme of its own: its people type.
                city.run("distribute", month)
                city.send("绿水县.xlsx", 1, {"I01": 100, "I02": 10}, month)
                city.collect(month)
            told, taken = handed_up(lower, upper, unit, month)
            assert taken["verdict"] == "accepted"
            assert taken["sha256"] == told.data["sha256"]
        training, work = sums
        assert shown(county, month) == {"I01": training, "I02": work}
        number = int(month[5:])
        over = {
            "I01": (training[0] + 100, training[1] + 100 * number),
            "I02": (work[0] + 10, work[1] + 10 * number),
        }
        assert shown(city, month) == shown(province, month) == over

    followed = []
    for programme, unit in ((province, "平安市"), (city, "青山县"), (county, "东风镇")):
        trail = programme.run("trace", FEBRUARY, rehearse=True, district=unit, indicator="I01").data
        rows = [row for row in trail["rows"] if row["counts"]]
        assert sum(row["value"] for row in rows) == trail["value"]
        followed.append((trail["value"], [(row["month"], row["cell"]) for row in rows]))
    assert [value for value, _ in followed] == [215, 15, 4]
    assert {tuple(cells) for _, cells in followed} == {((JANUARY, "F7"), (FEBRUARY, "F7"))}

    # What each level sent is what the one above keeps, and its journal says from which figures.
    said = [each for each in county.open_programme().ledger.events(20) if each.verb == "answer"]
    assert len(said) == 2
    for event, month in zip(said, (FEBRUARY, JANUARY), strict=True):
        sent = issued(city, "青山县", month)
        answered = sent.with_name(f"{sent.stem}_已填.xlsx")
        digest = hashlib.sha256(answered.read_bytes()).hexdigest()
        assert digest in event.outcome
        assert (city.folder / "归档" / f"{digest}.xlsx").is_file()


@pytest.mark.duckdb
def test_what_was_answered_is_what_is_exported_and_the_sheets_are_of_it(tmp_path):
    county = level(tmp_path / "县", UNITS["县"], HEADINGS)
    city = level(tmp_path / "市", UNITS["市"], HEADINGS)
    typed_below(county, JANUARY, (3, 1), (4, 0), (5, 2))
    told, _ = handed_up(county, city, "青山县", JANUARY)
    path = tmp_path / "青山县.parquet"
    made = county.run("totals", JANUARY, path, export="", name="青山县").data
    assert made["months"][JANUARY] == told.data["provenance"]
    words = {"from": "", "to": str(tmp_path / "汇总.xlsx")}
    added = city.run("totals", JANUARY, path, **words).data["indicators"]
    own = city.run("trace", JANUARY, rehearse=True, district="青山县", indicator="I01").data
    assert added[0]["cumulative"] == own["value"] == 12
