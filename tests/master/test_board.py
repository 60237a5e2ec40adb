"""看板: what it says, what its charts draw, and how it is laid out for the programme at hand.

Proves also master/build/board.py and master/build/board_charts.py and services/board.py.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook

from tests.tools import masters
from tests.tools.masters import figure
from tests.tools.programme import MONTHS, SmallProgramme
from xl_addin.master.board import Board, board_changes, make_board
from xl_addin.master.build.workbook import first_config, lay_out
from xl_addin.master.host.file import FileHost
from xl_addin.master.mend.lists import NewRow, add_rows
from xl_addin.master.mend.mend import mend
from xl_addin.master.read.blocks import find_columns, key_text
from xl_addin.master.read.config import read_basics, read_config
from xl_addin.master.totals import Totals, compute_totals, master_changes
from xl_addin.model.lights import LIGHTS
from xl_addin.model.records import District, Indicator, TaskTable
from xl_addin.model.settings import UNRANKED, Config
from xl_addin.model.sheets import (
    BARS_BLOCK,
    BARS_HEADINGS,
    BOARD_DATA_SHEET,
    BOARD_SHEET,
    INDICATORS_BLOCK,
    RANKING_BLOCK,
    RANKING_HEADINGS,
    SUMMARY_BLOCK,
)
from xl_addin.store.ledger import FigureRow
from xl_addin.xlsx import a1
from xl_addin.xlsx.package import inflate, pack

MONTH = masters.MONTH
CODES = [item.code for item in masters.INDICATORS]
WHEN = "2023-07-06 09:00:00"


# 万州区 reports all months, 忠县 lacks May, 石柱 has done nothing, 两江新区 never reported.
def year_of(district: str, months, **amounts) -> Iterator[FigureRow]:
    for month in months:
        for code, amount in amounts.items():
            yield figure(district, code, month, amount, "stock" if code == "I04" else "flow")


FIGURES = (
    *year_of("500101", range(1, 7), I01=40, I02=70, I03=12, I04=30, I05=1),
    *year_of("500233", (1, 2, 3, 4, 6), I01=5, I02=3, I03=1, I04=10, I05=0.1),
    *year_of("500240", range(1, 7), I01=0, I02=0, I04=3),
)
REPORTED = {"500101": "按时", "500233": "逾期", "500240": "退回", "5001LJ": "未报"}


def board_of(
    config: Config, figures=FIGURES, *, month: str = MONTH, published=()
) -> tuple[Totals, Board]:
    totals = compute_totals(figures, config, month, dict(published))
    return totals, make_board(totals, config, REPORTED, WHEN)


def written(host: FileHost, figures=FIGURES) -> tuple[Config, Totals, Board]:
    config = read_config(host)
    totals, board = board_of(config, figures)
    changes = [*master_changes(totals, config, host), *board_changes(host, board, config)]
    assert host.apply(changes).disagreements == ()
    return config, totals, board


@pytest.fixture
def config(tmp_path) -> Config:
    return read_config(masters.host(tmp_path))


def drawn(host: FileHost) -> list[dict[str, list[object]]]:
    """By chart of 看板 the values of each series, read from the cells that it refers to."""
    parts = {name: inflate(part).decode() for name, part in host.parts.items() if "chart" in name}
    charts = []
    mine = (name for name, text in parts.items() if BOARD_DATA_SHEET in text)
    for name in sorted(mine):
        found = {}
        for series in re.findall(r"(?s)<c:ser>.*?</c:ser>", parts[name]):
            label = re.search(r"<c:tx>.*?<c:v>([^<]*)</c:v>", series)[1]
            reference = re.search(r"<c:val>.*?<c:f>([^<]*)</c:f>", series)[1]
            sheet, area = a1.split_reference(reference)
            cells = host.cells(sheet, area)
            found[label] = [getattr(cells.get(at), "value", None) for at in a1.cells_in(area)]
        charts.append(found)
    return charts


def cells_by_key(host: FileHost, name: str, headings) -> dict[str, dict[str, object]]:
    block = host.block(name)
    top, left, bottom, _ = block.area
    at = find_columns(block, headings)
    return {
        key_text(block.cells.get((row, left))): {
            heading: getattr(block.cells.get((row, column)), "value", None)
            for heading, column in at.items()
        }
        for row in range(top + 1, bottom + 1)
        if block.cells.get((row, left)) is not None
    }


def test_the_charts_draw_what_the_summary_says(tmp_path):
    host = masters.host(tmp_path)
    _, _, board = written(host)
    summary = cells_by_key(host, SUMMARY_BLOCK, ("代码", "完成率", "灯", "应完成数", "任务数"))
    bars, course = drawn(host)
    lights = dict(zip(LIGHTS, list(bars.values())[:-1], strict=True))
    for place, line in enumerate(summary.values()):
        rate = line["完成率"] if isinstance(line["完成率"], int | float) else None
        shown = {light: values[place] for light, values in lights.items()}
        assert shown == {light: rate if light == line["灯"] else None for light in LIGHTS}
        due = bars["应完成"][place]
        known = isinstance(line["应完成数"], int | float) and line["任务数"]
        assert due == (line["应完成数"] / line["任务数"] if known else None)
    assert any(any(values) for values in lights.values())
    reached, owed = course["累计完成"], course["应完成"]
    assert reached[5] == board.figures["综合完成率"][0]
    assert reached[:6] == sorted(reached[:6])
    assert all(value is not None for value in (*reached[:6], *owed[:6]))
    assert reached[6:] == owed[6:] == [None] * 6


def test_what_is_not_known_is_nowhere_a_zero(tmp_path):
    host = masters.host(tmp_path)
    _, _, board = written(host, ())
    known = {"本月已通过"}  # that nobody has reported is known
    for key, (value, _) in board.figures.items():
        assert (value == "—") != (key in known), key
    assert [list(series.values()) for series in drawn(host)] == [
        [[None] * 5] * 6,
        [[None] * 12] * 2,
    ]
    for row in board.ranking:
        assert {row[code] for code in CODES} <= {None, "—"}
        assert row["综合完成率"] is None


def test_districts_stand_by_rank_and_who_lacks_months_is_never_called_slow(config):
    _, board = board_of(config, published={"500101": 2, "500240": 2, "500233": 1})
    rows = {row["区县"]: row for row in board.ranking}
    assert [row["名次"] for row in board.ranking] == [1, 2, 3, "—"]
    assert rows["万州区"]["变化"] == "▲1"
    assert {row["变化"] for row in board_of(config)[1].ranking} == {"—"}
    assert (rows["忠县"]["缺月"], rows["忠县"]["本月"]) == ("5月", "逾期")
    assert board.ranking[-1]["区县"] == "两江新区"
    assert "忠县" not in board.names["后五名"].partition("（")[0]
    assert "石柱土家族自治县（2023年任务数）" in board.names["尚无进展"]
    assert board.names["本月未报"] == "未报 1 个：两江新区；未通过 1 个：石柱土家族自治县（退回）"
    assert board.figures["累计不全区县"][0] == 2


def test_who_is_not_ranked_is_named_so(config):
    settings = config.settings._replace(missing_months=UNRANKED)
    _, board = board_of(config._replace(settings=settings))
    assert [row["名次"] for row in board.ranking] == [1, 2, "不排名", "不排名"]


def test_a_month_that_nobody_reported_is_a_gap_in_the_course(config):
    _, board = board_of(config, [each for each in FIGURES if each.month != 3])
    assert [reached is None for reached, _ in board.course] == [
        n == 3 or n > 6 for n in range(1, 13)
    ]


def test_districts_beyond_the_room_are_told(tmp_path, config):
    host = masters.host(tmp_path)
    _, board = board_of(config)
    board = board._replace(ranking=list(board.ranking) * 3)
    host.apply(board_changes(host, board, config))
    rows = cells_by_key(host, RANKING_BLOCK, RANKING_HEADINGS)
    block = host.block(RANKING_BLOCK)
    last = block.cells[block.area[2], find_columns(block, ("区县",))["区县"]]
    assert "另有 6 个区县" in str(last.value)
    assert len(rows) == 4


def planned(districts: int, indicators: int) -> bytes:
    places = tuple(District(f"D{n:04}", f"第{n}街道") for n in range(districts))
    items = tuple(Indicator(f"I{n:03}", (f"指标{n}",), "人") for n in range(indicators))
    table = TaskTable(
        "", places, items, {(p.code, i.code): 12 for p in places for i in items}, {}, "", {}
    )
    return pack(lay_out(first_config(table, 2023, "任务", MONTH)).values())


@pytest.mark.parametrize(
    ("size", "paper", "landscape", "pages"),
    [
        ((3, 1), 9, False, (1, 1)),
        ((41, 11), 9, False, (1, 1)),
        ((41, 14), 9, False, (1, 1)),
        ((300, 11), 9, False, (1, 0)),
        ((41, 20), 9, True, (1, 0)),
        ((41, 60), 8, True, (2, 0)),
    ],
)
def test_the_page_is_chosen_by_what_stands_on_it(size, paper, landscape, pages):
    sheet = load_workbook(io.BytesIO(planned(*size))).worksheets[0]
    assert sheet.title == BOARD_SHEET
    setup = sheet.page_setup
    assert (int(setup.paperSize), setup.orientation == "landscape") == (paper, landscape)
    wide, tall = setup.fitToWidth, setup.fitToHeight
    assert (1 if wide is None else int(wide), 1 if tall is None else int(tall)) == pages
    assert sheet.print_title_rows
    assert bool(sheet.print_title_cols) == (pages[0] > 1)


def test_an_indicator_that_is_added_has_its_column_its_bar_and_its_place_in_the_chart(tmp_path):
    host = masters.host(tmp_path)
    new = {"代码": "I06", "指标": "助盲培训", "计量单位": "场", "口径": "当月数", "取整": "是"}
    last = host.block(INDICATORS_BLOCK).area[2]
    add_rows(host, [NewRow(INDICATORS_BLOCK, new, last)])
    mend(host, read_basics(host), {("500101", "I06"): 12})
    config, _, _ = written(host, (*FIGURES, figure("500101", "I06", 6, 9)))
    assert config.indicators[-1].code == "I06"
    bars, _ = drawn(host)
    assert {len(values) for values in bars.values()} == {6}
    assert 0.75 in [values[-1] for values in bars.values()]
    assert cells_by_key(host, BARS_BLOCK, BARS_HEADINGS)["I06"]["简称"] == "助盲培训"
    block = host.block(RANKING_BLOCK)
    at = find_columns(block, ("I01", "I06", *RANKING_HEADINGS))
    assert at["逐月"] == at["I06"] + 1
    assert host.cells(block.sheet, (1, 1, block.area[0], 40))[
        block.area[0] - 1, at["I06"]
    ].value == ("助盲培训")
    assert block.cells[block.area[0] + 1, at["I06"]].value == 0.75
    sheet = load_workbook(io.BytesIO(pack(host.parts.values())))[BOARD_SHEET]
    ruled = [str(each.sqref) for each in sheet.conditional_formatting]
    heat = a1.area_name((block.area[0] + 1, at["I01"], block.area[2], at["I06"]))
    assert heat in ruled


def test_undoing_a_recompute_brings_the_board_back(tmp_path):
    programme = SmallProgramme(tmp_path / "任务")
    shown = []
    for month in MONTHS[:2]:
        programme.send(f"{month}.xlsx", 0, month=month)
        programme.collect(month)
        programme.run("recompute", month)
        shown.append(board_cells(programme))
    assert shown[0] != shown[1]
    programme.run("undo")
    assert board_cells(programme) == shown[0]


def board_cells(programme: SmallProgramme) -> dict:
    host = programme.open_programme().host
    every = (1, 1, 200, 60)
    return {name: host.cells(name, every) for name in (BOARD_SHEET, BOARD_DATA_SHEET)}
