"""Programmes exported and added up: the sums, what they lack, and what stops them.

Proves also store/exports.py, services/level_rows.py, services/level_totals.py, model/levels.py and
master/level_book.py.
"""

from __future__ import annotations

import json
import shutil
import sys
import tomllib
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.tools.levels import level
from tests.tools.programme import MONTHS
from xl_addin.master.level_book import GAPS_SHEET, SOURCES_SHEET
from xl_addin.model.levels import VERSION, LevelRow, provenance, provenance_of_all
from xl_addin.model.sheets import (
    COMPLETION_SHEET,
    COUNTED_SHEET,
    CUMULATIVE_SHEET,
    INDICATORS_BLOCK,
    INDICATORS_SHEET,
    MONTH_SHEET,
    SUMMARY_SHEET,
    TREND_SHEET,
    VARIANCE_SHEET,
)
from xl_addin.services.level_rows import month_rows
from xl_addin.services.level_totals import choose
from xl_addin.store.exports import open_exports
from xl_addin.system import held
from xl_addin.system.errors import Misused, Refused
from xl_addin.xlsx.package import unpack
from xl_addin.xlsx.workbook import Workbook

pytestmark = pytest.mark.duckdb

JANUARY, FEBRUARY, MARCH = MONTHS[:3]
HEADINGS = ("培训（人次）", "基地（个）", "覆盖率（%）", "救助（户）")
MEASURES = ("--measure", "C=累计数", "--measure", "D=比率", "--measure", "E=两者都填")
UNITS = {"甲市": ("东县", "西县", "南县"), "乙市": ("上县", "下县")}
SUMS = ("target", "this_month", "cumulative", "due", "completion", "light", "trend")


@pytest.fixture(scope="module")
def cities(tmp_path_factory):
    """Two cities with two months; of 甲市 南县 did not report the second."""
    folder = tmp_path_factory.mktemp("级")
    found = {}
    for number, (name, units) in enumerate(UNITS.items()):
        city = level(folder / name, units, HEADINGS, [12 + number, 6, 90, 24], *MEASURES)
        city.set_cell(INDICATORS_SHEET, INDICATORS_BLOCK, "I03", "合计按", "I01")
        for at, month in enumerate((JANUARY, FEBRUARY), 1):
            for unit in range(len(units)):
                if (name, unit, month) != ("甲市", 2, FEBRUARY):
                    typed = {"I01": unit + at, "I02": unit + 1, "I03": 60 + 10 * unit, "I04": 2}
                    city.send(f"{unit}.xlsx", unit, typed, month, totals={"I04": 2 * at})
            verdicts = {each["verdict"] for each in city.collect(month).values()}
            assert verdicts == {"accepted"}
        found[name] = city
    return found


@pytest.fixture
def exported(cities, tmp_path):
    """Both cities' exports in one folder."""
    for name, city in cities.items():
        city.run("totals", FEBRUARY, tmp_path / f"{name}.parquet", export="", all="", name=name)
    return tmp_path


def added(cities, *paths, month="", rehearse=False, **options):
    """What comes of exports; run beside a programme, of which it takes nothing."""
    first = Path(paths[0])
    folder = first if first.is_dir() else first.parent
    words = {"from": "", "to": str(folder / "汇总.xlsx"), **options}
    return next(iter(cities.values())).run("totals", month, *paths, rehearse=rehearse, **words)


def lines(told):
    return {line["code"]: line for line in told.data["indicators"]}


def sheet(path, name):
    """The cells of a sheet by key of row and of column; those of the total row under 合计."""
    cells = Workbook(unpack(Path(path).read_bytes())).sheet(name).cells
    top, left = next(at for at, cell in cells.items() if cell.value == "代码")
    columns = {cells[at].value: at[1] for at in cells if at[0] == top}
    rows = {cells[at].value: at[0] for at in cells if at[1] == left and at[0] > top}
    return {
        (row, column): None if (cell := cells.get((r, c))) is None else cell.value
        for row, r in rows.items()
        for column, c in columns.items()
    }


def rewritten(path, change, facts=None):
    """An export with something changed behind its hashes' back."""
    import duckdb

    with duckdb.connect() as db:
        said = db.execute("SELECT value FROM parquet_kv_metadata(?)", (str(path),)).fetchone()[0]
        known = {**json.loads(said), **(facts or {})}
        text = json.dumps(known, ensure_ascii=False).replace("'", "''")
        other = path.with_suffix(".other")
        db.execute(
            f"COPY (SELECT * REPLACE ({change}) FROM read_parquet('{path}')) TO '{other}'"  # noqa: S608 - ours
            f" (FORMAT parquet, KV_METADATA {{xl_addin: '{text}'}})"
        )
    other.replace(path)


def test_an_export_has_every_figure_with_the_return_it_came_by(cities, exported):
    import duckdb

    city = cities["甲市"].open_programme()
    with duckdb.connect() as db:
        rows = db.execute(
            "SELECT unit_name, indicator, state, value, cumulative, missing, receipt, run"
            " FROM read_parquet(?) WHERE month=? AND indicator='I01' ORDER BY unit",
            (str(exported / "甲市.parquet"), FEBRUARY),
        ).fetchall()
    receipts = city.ledger.counting_receipts(FEBRUARY)
    assert [row[:6] for row in rows] == [
        ("", "I01", "missing", None, 11, "2"),
        ("东县", "I01", "number", 2, 3, ""),
        ("西县", "I01", "number", 3, 5, ""),
        ("南县", "I01", "missing", None, 3, "2"),
    ]
    assert [row[6:] for row in rows] == [("", 0), receipts["D001"], receipts["D002"], ("", 0)]
    assert all(len(sha256) == 64 and run > 0 for sha256, run in receipts.values())
    city.close()


def test_the_hash_is_over_the_rows_in_whatever_order_and_with_every_field(cities):
    city = cities["甲市"].open_programme()
    rows = month_rows(city.ledger, city.config, FEBRUARY)
    whole = provenance(rows)
    assert provenance(rows[::-1]) == whole
    for name in LevelRow._fields:
        value = getattr(rows[0], name)
        other = (
            not value
            if isinstance(value, bool)
            else f"{value}x"
            if isinstance(value, str)
            else (value or 0) + 1e-9
            if name not in ("expected", "counted", "run")
            else value + 1
        )
        assert provenance([rows[0]._replace(**{name: other}), *rows[1:]]) != whole, name
    zero = rows[-2]._replace(value=0.0, state="number")
    assert provenance([zero]) != provenance([zero._replace(value=None)])
    assert provenance_of_all([("2024-02", "b"), ("2024-01", "a")]) == provenance_of_all(
        [("2024-01", "a"), ("2024-02", "b")]
    )
    city.close()


def test_one_programme_comes_to_what_its_own_sheets_show(cities, exported):
    for name, city in cities.items():
        own = city.run("recompute", FEBRUARY, rehearse=True).data["indicators"]
        found = lines(added(cities, exported / f"{name}.parquet"))
        for line in own:
            mine = found[line["code"]]
            for key in SUMS:
                assert mine[key] == pytest.approx(line[key]) if key != "trend" else True, key
            assert list(mine["trend"]) == list(line["trend"])


def test_sums_are_of_what_is_known_and_say_what_they_lack(cities, exported):
    told = added(cities, exported)
    found = lines(told)
    # 甲市 1+2+3 and 2+3, 乙市 1+2 and 2+3: 南县's second month is in none of it.
    assert (found["I01"]["cumulative"], found["I01"]["this_month"]) == (19, 10)
    assert found["I01"]["trend"][:3] == (9, 10, None)
    assert found["I02"]["cumulative"] == 9
    assert found["I04"]["cumulative"] == 18
    assert found["I01"]["districts_missing"] == found["I01"]["districts_incomplete"] == 1
    # 甲市's rate is by 3, 5 and 3 persons, the whole by 11 and 8.
    whole = (60 * 3 + 70 * 5 + 80 * 3) / 11, (60 * 3 + 70 * 5) / 8
    assert found["I03"]["cumulative"] == pytest.approx((whole[0] * 11 + whole[1] * 8) / 19)
    assert {(e["indicator"], e["units"], e["who"]) for e in told.data["missing"]} == {
        (label, 1, "南县") for label in ("培训", "基地", "覆盖率", "救助")
    }
    assert "缺 4 个数" in told.outcome
    assert told.exit_code == 1


def test_the_sheets_are_the_masters_own_with_values(cities, exported):
    told = added(cities, exported, title="全省任务")
    path = Path(told.data["file"])
    ids = {each["name"]: each["programme"] for each in told.data["programmes"]}
    cumulative = sheet(path, CUMULATIVE_SHEET)
    assert [cumulative[ids[name], "I01"] for name in UNITS] == [11, 8]
    assert cumulative["合计", "I01"] == 19
    assert cumulative[ids["甲市"], "缺的月份"] == "2月"
    assert sheet(path, COUNTED_SHEET)[ids["甲市"], "I01"] == "1/2 缺2月"
    assert sheet(path, COMPLETION_SHEET)[ids["乙市"], "I01"] == pytest.approx(8 / 26)
    assert sheet(path, VARIANCE_SHEET)["合计", "I01"] == 19 - 62
    assert sheet(path, MONTH_SHEET)["合计", "I01"] == 10
    assert sheet(path, SUMMARY_SHEET)["I01", "本月缺数单位"] == 1
    assert sheet(path, TREND_SHEET)["I01", "2月"] == 10
    book = Workbook(unpack(path.read_bytes()))
    for name in book.sheet_names:
        texts = [cell for cell in book.sheet(name).cells.values() if isinstance(cell.value, str)]
        assert not any(cell.formula for cell in book.sheet(name).cells.values())
        assert not any("区县" in cell.value for cell in texts), name
    gaps = [cell.value for cell in book.sheet(GAPS_SHEET).cells.values()]
    assert "南县" in gaps
    sources = [cell.value for cell in book.sheet(SOURCES_SHEET).cells.values()]
    assert {"甲市.parquet", "乙市.parquet"} <= set(sources)


def test_nothing_of_it_needs_a_programme_or_changes_one(cities, exported, tmp_path):
    from xl_addin.services.programme import Programme, Request
    from xl_addin.verbs import function_of

    empty = tmp_path / "空"
    empty.mkdir()
    programme = Programme(empty)
    request = Request((str(exported),), options={"from": ""})
    told = function_of("totals")(programme, request)
    assert not programme.used_ledger
    assert [path.name for path in empty.iterdir()] == [f"汇总_{FEBRUARY}.xlsx"]
    again = added(cities, exported, rehearse=True)
    assert again.data["file"] is None
    assert again.data["indicators"] == told.data["indicators"]
    assert not (exported / "汇总.xlsx").exists()


@pytest.mark.parametrize(
    "change",
    [
        "CASE WHEN indicator='I01' AND unit='D001' THEN cumulative+1 ELSE cumulative END AS cumulative",
        "CASE WHEN state='missing' THEN 'number' ELSE state END AS state",
        "'别的市' AS programme_name",
        "CASE WHEN month='2024-02' THEN '2024-03' ELSE month END AS month",
    ],
)
def test_what_was_changed_behind_its_hash_is_refused(cities, exported, change):
    rewritten(exported / "甲市.parquet", change)
    with pytest.raises(Refused) as refused:
        added(cities, exported)
    (problem,) = refused.value.problems
    assert problem.code == "export-broken"
    assert "甲市.parquet" in problem.message
    assert "校验码不一样" in problem.message


def test_what_is_no_export_or_of_a_newer_version_is_named(cities, exported):
    (exported / "坏.parquet").write_bytes(b"PAR1 no PAR1")
    rewritten(exported / "乙市.parquet", "unit AS unit", {"version": VERSION + 1})
    import duckdb

    with duckdb.connect() as db:
        db.execute(f"COPY (SELECT 1 AS a) TO '{exported / '别的.parquet'}' (FORMAT parquet)")
    with pytest.raises(Refused) as refused:
        added(cities, exported)
    said = {problem.found: problem.message for problem in refused.value.problems}
    assert said.keys() == {"坏.parquet", "乙市.parquet", "别的.parquet"}
    assert "请先升级 xl-addin" in said["乙市.parquet"]
    assert "请对方重新导出" in said["坏.parquet"]
    assert "不是本程序导出的" in said["别的.parquet"]


def test_what_cannot_be_read_to_its_end_is_refused(exported):
    chosen = choose([exported / "甲市.parquet"], "", ())
    (exported / "甲市.parquet").write_bytes(b"PAR1 no PAR1")
    with pytest.raises(Refused, match="读到一半读不出来"), open_exports(chosen.picks):
        pass


def test_a_disk_that_takes_no_export_is_no_fault_of_the_program(cities, tmp_path, monkeypatch):
    monkeypatch.setattr(held, "temporary_folder", lambda: nullcontext(tmp_path / "没有"))
    with pytest.raises(Refused, match="写不进去"):
        cities["甲市"].run("totals", FEBRUARY, tmp_path / "甲.parquet", export="")
    assert not list(tmp_path.iterdir())


def test_two_levels_are_not_added_up_as_one(cities, tmp_path):
    for (name, city), word in zip(cities.items(), ("省级", "市级"), strict=True):
        city.run("totals", JANUARY, tmp_path / f"{name}.parquet", export="", name=name, level=word)
    with pytest.raises(Refused, match="加在一起会算两次") as refused:
        added(cities, tmp_path)
    assert "甲市.parquet 是“省级”的" in refused.value.message
    cities["甲市"].run(
        "totals", JANUARY, tmp_path / "甲市.parquet", export="", name="甲市", level="市级"
    )
    assert len(added(cities, tmp_path).data["programmes"]) == 2


def test_the_same_figures_twice_count_once_and_others_stop_it(cities, exported):
    shutil.copy2(exported / "甲市.parquet", exported / "甲市 副本.parquet")
    city = cities["乙市"]
    city.run("totals", JANUARY, exported / "乙市一月.parquet", export="", name="乙市")
    told = added(cities, exported)
    assert lines(told)["I01"]["cumulative"] == 19
    assert {each["code"] for each in told.data["problems"]} == {"export-twice"}
    assert len(told.data["problems"]) == 3
    # The same month with another figure, as before a late return came.
    rows = "CASE WHEN unit='D001' THEN 'x' ELSE receipt END AS receipt"
    path = exported / "乙市一月.parquet"
    digests = {JANUARY: other_digest(path, rows)}
    rewritten(path, rows, {"months": digests})
    with pytest.raises(Refused) as refused:
        added(cities, exported)
    (problem,) = refused.value.problems
    assert "乙市一月.parquet" in problem.message
    assert "乙市.parquet" in problem.message
    assert "请只留下要用的那一份" in problem.message


def test_units_that_do_not_add_up_to_the_whole_stop_it(cities, tmp_path):
    """As a program of somebody else's might write it, with a hash that holds."""
    path = tmp_path / "乙市.parquet"
    cities["乙市"].run("totals", JANUARY, path, export="", name="乙市")
    rows = "CASE WHEN unit='D001' AND indicator='I01' THEN 100 ELSE cumulative END AS cumulative"
    rewritten(path, rows, {"months": {JANUARY: other_digest(path, rows)}})
    with pytest.raises(Refused) as refused:
        added(cities, path)
    (problem,) = refused.value.problems
    assert "“乙市”2024-01 的“培训”各单位相加是 102，合计写的是 3" in problem.message


@pytest.mark.parametrize(
    "change", ["'unheard' AS measure", "'a,b' AS missing", "'2024-13' AS month", "'?' AS state"]
)
def test_rows_that_this_program_does_not_write_are_no_figures(cities, tmp_path, change):
    path = tmp_path / "乙市.parquet"
    cities["乙市"].run("totals", JANUARY, path, export="", name="乙市")
    month = "2024-13" if "AS month" in change else JANUARY
    rewritten(path, change, {"months": {month: other_digest(path, change)}})
    with pytest.raises(Refused) as refused:
        added(cities, path)
    assert {problem.code for problem in refused.value.problems} == {"export-broken"}


def other_digest(path, change):
    """What the hash of a month has to be where its rows are these."""
    import duckdb

    with duckdb.connect() as db:
        columns = ", ".join(LevelRow._fields)
        rows = db.execute(
            f"SELECT {columns} FROM (SELECT * REPLACE ({change}) FROM read_parquet('{path}'))"  # noqa: S608 - ours
        ).fetchall()
    return provenance([LevelRow._make(row) for row in rows])


@pytest.mark.parametrize(
    ("headings", "measures", "said"),
    [
        (("培训（万人次）", *HEADINGS[1:]), MEASURES, "指标 I01 的计量单位"),
        (HEADINGS, ("--measure", "C=当月数", *MEASURES[2:]), "指标 I02 的口径"),
        (("就业（人次）", *HEADINGS[1:]), MEASURES, "指标 I01 的名称"),
        (
            (HEADINGS[1], HEADINGS[0], *HEADINGS[2:]),
            ("--measure", "B=累计数", *MEASURES[2:]),
            "“培训”在",
        ),
    ],
)
def test_an_indicator_that_is_not_the_same_everywhere_stops_it(
    cities, exported, tmp_path, headings, measures, said
):
    third = level(tmp_path / "丙市", ("左县",), headings, [1, 1, 90, 1], *measures)
    third.run("totals", FEBRUARY, exported / "丙市.parquet", export="", name="丙市")
    with pytest.raises(Refused) as refused:
        added(cities, exported)
    messages = [problem.message for problem in refused.value.problems]
    assert any(said in each and "丙市" in each for each in messages), messages


def test_a_month_or_a_programme_that_is_not_there_is_a_gap(cities, exported):
    city = cities["乙市"]
    city.run("totals", JANUARY, exported / "乙市.parquet", export="", name="乙市")
    names = exported / "名单.csv"
    names.write_text("乙市\n甲市\n丙市\n", encoding="utf-8")
    told = added(cities, exported, month=FEBRUARY, expect=str(names))
    found = lines(told)
    # 乙市's January, and of 丙市 nothing: neither is a zero of February.
    assert (found["I01"]["cumulative"], found["I01"]["this_month"]) == (11 + 3, 5)
    assert (found["I01"]["districts_missing"], found["I01"]["districts_incomplete"]) == (3, 3)
    messages = [each["message"] for each in told.data["problems"]]
    assert any("“丙市”没有汇总数据" in each for each in messages)
    assert any("“乙市”没有 2024-02 的汇总数据，累计只到 2024-01" in each for each in messages)
    assert told.data["absent"] == ["丙市"]
    assert [each["name"] for each in told.data["programmes"]] == ["乙市", "甲市"]
    path = told.data["file"]
    assert sheet(path, CUMULATIVE_SHEET)["缺1", "I01"] is None
    assert sheet(path, COUNTED_SHEET)["缺1", "I01"] == "0/2 缺1、2月"
    # A month that is not known for all is shown beside no other.
    assert TREND_SHEET not in Workbook(unpack(Path(path).read_bytes())).sheet_names


def test_an_earlier_month_leaves_out_what_came_later(cities, exported):
    told = added(cities, exported, month=JANUARY)
    assert lines(told)["I01"]["cumulative"] == 9
    assert told.data["missing"] == []
    assert told.exit_code == 0


def test_an_export_says_what_is_missing_and_stands_in_the_journal(cities):
    city = cities["甲市"]
    told = city.run("totals", FEBRUARY, export="", name="甲市")
    path = Path(told.data["file"])
    assert path.parent == city.folder / "汇总数据"
    assert "4 个还没有报（不当作 0）" in told.outcome
    assert told.exit_code == 1
    (event,) = city.open_programme().ledger.events(1)
    assert event.verb == "totals"
    assert told.data["provenance"] in event.outcome
    path.unlink()
    rehearsed = city.run("totals", FEBRUARY, export="", name="甲市", rehearse=True)
    assert rehearsed.data["provenance"] == told.data["provenance"]
    assert not path.exists()


def test_without_duckdb_it_is_said_what_to_install(cities, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    path = tmp_path / "甲.parquet"
    with pytest.raises(Refused, match=r'python -m pip install "xl-addin\[levels\]"'):
        cities["甲市"].run("totals", FEBRUARY, path, export="")
    assert not path.exists()
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    assert "duckdb" in project["project"]["optional-dependencies"]["levels"][0]


def test_what_is_asked_wrongly_is_told(cities, tmp_path):
    city = cities["甲市"]
    with pytest.raises(Misused, match="写一个"):
        city.run("totals", FEBRUARY)
    with pytest.raises(Misused, match="后缀"):
        city.run("totals", FEBRUARY, tmp_path / "甲.xlsx", export="")
    with pytest.raises(Misused, match="写年和月"):
        added(cities, tmp_path, month="6月")
    with pytest.raises(Refused, match="没有找到汇总数据"):
        added(cities, tmp_path)
    with pytest.raises(Refused, match="找不到这个文件或文件夹"):
        added(cities, tmp_path / "没有")
