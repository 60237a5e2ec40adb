"""看板 and 看板数据: one page for who decides, and the cells that its charts draw.

Everything is laid out once; what recompute writes later are values (``master/board``). The ranking is the
last on its sheet, with room for districts that come later: nothing has to move for them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from xl_addin.master.build.board_charts import bar_chart, course_chart
from xl_addin.master.build.colours import (
    lacks_months,
    legend_text,
    light_of,
    mark,
    mark_shares,
    mark_words,
)
from xl_addin.master.build.sheet_writer import MasterPlan, SheetWriter
from xl_addin.master.build.styles import FONT
from xl_addin.model.calendar import LATE, ON_TIME
from xl_addin.model.lights import BLUE, GREEN, LIGHTS, RED, YELLOW
from xl_addin.model.records import MISSING, VERDICT_LABELS
from xl_addin.model.settings import Config
from xl_addin.model.sheets import (
    BARS_BLOCK,
    BARS_HEADINGS,
    BOARD_DATA_SHEET,
    BOARD_NOTE,
    BOARD_SHEET,
    COLUMNS_BLOCK,
    COLUMNS_HEADINGS,
    COURSE_BLOCK,
    COURSE_HEADINGS,
    FIGURE_KEYS,
    FIGURES_BLOCK,
    MONTH_HEADINGS,
    NAMES_BLOCK,
    NAMES_KEYS,
    NOT_APPLICABLE_MARK,
    RANKING_BLOCK,
    RANKING_HEADINGS,
)
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx import a1
from xl_addin.xlsx.textsize import row_height, text_width

NOT_COMPUTED = "点“重算”后显示"
_CARDS_ROW, _CHART_ROW, _CHART_ROWS, _CHART_TALL = 4, 8, 11, 15.0
_NAMES_ROW = _CHART_ROW + _CHART_ROWS + 1
_HEAD_ROW = _NAMES_ROW + len(NAMES_KEYS) + 2
_ROW, _TALLEST_ROW, _TALLEST_CHART = 16.0, 20.0, 26.0  # points: of a district, of a chart's rows
_LEAST_WIDE, _HEAT_WIDE, _WIDEST_NAME = 124.0, (5.4, 11.0), 22.0
_LEFT = 2  # the first column that is seen: the districts' codes stand in a hidden one before it
_WIDTHS = {
    "代码": 0.0,
    "名次": 4.4,
    "变化": 4.4,
    "综合完成率": 7.4,
    "序时完成比": 7.4,
    "灯": 5.2,
    "逐月": 8.5,
    "本月": 5.8,
    "缺月": 8.0,
}
_LOOKS = {
    "名次": "board_rank",
    "区县": "board_name",
    "综合完成率": "board_share",
    "序时完成比": "board_share",
    "缺月": "board_text",
}
_LEGEND = (
    "综合完成率：各指标完成率按权重平均，一项最多按单项封顶计。序时完成比 = 综合完成率 ÷ 应完成，"
    "缺月份的只和已计入的月份比；名次按缺月办法（或考核得分）排，可以并列。逐月：各月完成的份额。"
)
_DATA_NOTE = "“看板”上的图是照这里的数画的。重算时更新，不用填；空白是还没有数据，图上不画。"
_COURSE_ROW = 5  # of the headings; what districts and indicators are added to stands below


def _data_rows(config: Config) -> tuple[int, int]:
    """The heading rows of what the bars and the small columns draw."""
    bars = _COURSE_ROW + len(MONTH_HEADINGS) + 3
    return bars, bars + len(config.indicators) + 3


def rows_reserved(config: Config) -> int:
    """How many districts the ranking has room for: what is reserved is printed, by LibreOffice at least."""
    return len(config.districts) + max(3, len(config.districts) // 10)


class _Page(NamedTuple):
    """A paper (Excel's number), its width and height in points without margins, and how many across."""

    paper: int
    landscape: bool
    wide: float
    tall: float
    across: int = 1


_MARGIN = 0.27  # inches
_PAGES = (
    _Page(9, False, 555, 780),  # A4
    _Page(9, True, 802, 533),
    _Page(8, True, 1150, 780),  # A3
)
_SMALLEST = 0.6  # of its size that 10 pt can be printed in and read


def _page(widths: float) -> _Page:
    """The smallest page that takes so many points across and stays legible, else several side by side."""
    for page in _PAGES:
        if page.wide / widths >= _SMALLEST:
            return page
    return _PAGES[-1]._replace(across=math.ceil(widths * _SMALLEST / _PAGES[-1].wide))


class _Grid(NamedTuple):
    """The columns of 看板: heading or code of each from 1, its width in characters; what one page takes."""

    keys: tuple[str, ...]
    widths: tuple[float, ...]
    page: _Page

    @property
    def columns(self) -> dict[str, int]:
        return {key: number for number, key in enumerate(self.keys, 1)}

    @property
    def left(self) -> int:
        """The first column of what stands on top: behind those that are printed on every page across."""
        return _LEFT if self.page.across == 1 else self.columns["区县"] + 1

    @property
    def right(self) -> int:
        """The last column of what stands on top: of all, or of the first page across."""
        room = self.points(len(self.keys)) / self.page.across
        fitting = (n for n in range(1, len(self.keys) + 1) if self.points(n) <= room + 1)
        return max(fitting)

    @property
    def scale(self) -> float:
        """How large it is printed."""
        return min(1, self.page.wide * self.page.across / self.points(len(self.keys)))

    def points(self, last: int, first: int = 1) -> float:
        """How wide columns are together."""
        return sum(_points(width) for width in self.widths[first - 1 : last])

    def split(self, shares: Sequence[float]) -> list[tuple[int, int]]:
        """The columns seen on top, in runs whose widths are about in these proportions."""
        found, first = [], self.left
        for number, share in enumerate(shares):
            done, left = self.points(first - 1), sum(shares[number:])
            wanted = done + (self.points(self.right) - done) * share / left
            last = self.right - (len(shares) - number - 1)
            near = min(range(first, last + 1), key=lambda n: abs(self.points(n) - wanted))
            found.append((first, self.right if number == len(shares) - 1 else near))
            first = near + 1
        return found


def _points(width: float) -> float:
    """How wide a column is in Excel, where a digit of the font (等线, 11 pt) takes eight pixels."""
    return (width * 8 + 5) * 0.75 if width else 0


def _grid(config: Config) -> _Grid:
    named = max((text_width(each.name) for each in config.districts), default=0) * 0.9 + 2
    fixed = {**_WIDTHS, "区县": min(max(named, 10.0), _WIDEST_NAME)}
    count = len(config.indicators)
    heat = min(max((_LEAST_WIDE - sum(fixed.values())) / count, _HEAT_WIDE[0]), _HEAT_WIDE[1])
    more = max(1, (_LEAST_WIDE - heat * count) / sum(fixed.values()))
    at = RANKING_HEADINGS.index("灯") + 1
    codes = tuple(item.code for item in config.indicators)
    keys = (*RANKING_HEADINGS[:at], *codes, *RANKING_HEADINGS[at:])
    widths = tuple(fixed[key] * more if key in fixed else heat for key in keys)
    return _Grid(keys, widths, _page(sum(map(_points, widths))))


def board_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """看板: title, five figures, two charts, names, and every district in order of rank."""
    config, sheet = plan.config, writer.sheet
    grid = _grid(config)
    for number, width in enumerate(grid.widths):
        sheet.set_column(number, number, width, None, {} if width else {"hidden": True})
    sheet.hide_gridlines(2)
    settings = config.settings
    title = f"{settings.year}年{settings.title}进度看板"
    writer.merge((1, grid.left, 1, grid.right), title, "board_title")
    writer.merge((2, grid.left, 2, grid.right), f"还没有重算：{NOT_COMPUTED}", "board_note")
    writer.name_area(BOARD_NOTE, (2, grid.left, 2, grid.left))
    heights = {1: 31.0, 2: 16.0, 3: 5.0, _CARDS_ROW - 1: 5.0, _CHART_ROW - 1: 6.0}
    heights |= _write_cards(writer, grid)
    heights[_NAMES_ROW - 1] = 6.0
    heights |= _write_names(writer, grid)
    heights |= _write_ranking(writer, grid, config)
    count = len(config.districts)
    room = grid.page.tall / grid.scale - sum(heights.values())
    chart, row = _spread(room, rows_reserved(config))
    heights |= dict.fromkeys(range(_CHART_ROW, _CHART_ROW + _CHART_ROWS), chart)
    sheet.set_default_row(row)
    # Of their own: LibreOffice fits a row to its text that has only the sheet's height.
    heights |= dict.fromkeys(range(_HEAD_ROW + 2, _HEAD_ROW + 2 + count), row)
    for number, tall in heights.items():
        sheet.set_row(number - 1, tall, None, {} if tall else {"hidden": True})
    _insert_charts(writer, grid, config, chart * _CHART_ROWS)
    reserve = row * (rows_reserved(config) - count)
    _set_up_page(writer, grid, sum(heights.values()) + reserve)


def _spread(room: float, districts: int) -> tuple[float, float]:
    """How tall a row of the charts and of a district are, where a page has so much room for both."""
    left = room - _CHART_ROWS * _CHART_TALL - districts * _ROW
    if left < 0:  # they go on to another page anyway
        return _CHART_TALL + 3, _ROW
    more = min(max(left * 0.4, 0) / _CHART_ROWS, _TALLEST_CHART - _CHART_TALL)
    left -= more * _CHART_ROWS
    return _CHART_TALL + more, _ROW + min(max(left, 0) / districts, _TALLEST_ROW - _ROW)


def _write_cards(writer: SheetWriter, grid: _Grid) -> dict[int, float]:
    top, spans = _CARDS_ROW, grid.split([1] * len(FIGURE_KEYS))
    for number, ((left, right), key) in enumerate(zip(spans, FIGURE_KEYS, strict=True)):
        lines = (("label", key), ("value", NOT_APPLICABLE_MARK), ("words", NOT_COMPUTED))
        for row, (kind, text) in enumerate(lines, top):
            writer.merge((row, left, row, right), text, f"card_{kind}_{number}")
        area = a1.area_name((top + 1, left, top + 2, right))
        words = a1.absolute_reference((top + 2, left, top + 2, left))
        for light, look in ((RED, "alarm"), (YELLOW, "warn"), (GREEN, "calm"), (BLUE, "calm")):
            mark(writer, area, f'=LEFT({words},1)="{LIGHTS[light].shape}"', look)
    writer.name_area(FIGURES_BLOCK, (top, grid.left, top + 2, grid.right))
    return {top: 15.0, top + 1: 30.0, top + 2: 15.0}


def _insert_charts(writer: SheetWriter, grid: _Grid, config: Config, tall: float) -> None:
    bars, _ = _data_rows(config)
    count = len(config.indicators)
    charts = (bar_chart(writer.book, bars, count), course_chart(writer.book, _COURSE_ROW))
    says = ("各项指标完成率和应完成的比较", "全市逐月累计完成率和应完成的比较")
    for (left, right), chart, text in zip(grid.split([63, 37]), charts, says, strict=True):
        # XlsxWriter takes a digit for seven pixels; what it makes of them is the columns, whatever their width.
        wide = sum(int(width * 7 + 5) for width in grid.widths[left - 1 : right])
        chart.set_size({"width": wide - 4, "height": tall / 0.75})
        place = {"object_position": 1, "x_offset": 2, "description": text}
        writer.sheet.insert_chart(_CHART_ROW - 1, left - 1, chart, place)


def _write_names(writer: SheetWriter, grid: _Grid) -> dict[int, float]:
    middle = grid.split([16, 84])[0][1]
    heights = {}
    for number, key in enumerate(NAMES_KEYS):
        row = _NAMES_ROW + number
        writer.merge((row, grid.left, row, middle), key, "board_label")
        writer.merge((row, middle + 1, row, grid.right), NOT_COMPUTED, "board_names")
        heights[row] = 15.0 if number < 2 else 25.0
    last = _NAMES_ROW + len(NAMES_KEYS) - 1
    writer.name_area(NAMES_BLOCK, (_NAMES_ROW - 1, grid.left, last, middle + 1))
    return heights


def _write_ranking(writer: SheetWriter, grid: _Grid, config: Config) -> dict[int, float]:
    at, key_row = grid.columns, _HEAD_ROW + 1
    names = {item.code: item.name for item in config.indicators}
    legend = f"{legend_text()}\n{_LEGEND}"
    writer.merge((_HEAD_ROW - 1, grid.left, _HEAD_ROW - 1, grid.right), legend, "board_legend")
    room = sum(grid.widths[: grid.right]) * 1.2  # nine points in columns that count eleven
    heights = {_HEAD_ROW - 2: 4.0, key_row: 0.0}
    heights[_HEAD_ROW - 1] = row_height([(legend, room)], 12.5)
    heads = [(names.get(key, key), grid.widths[column - 1]) for key, column in at.items()]
    heights[_HEAD_ROW] = min(row_height([(t, w * 1.15) for t, w in heads if w], least=27), 66)
    for key, column in at.items():
        writer.write(_HEAD_ROW, column, names.get(key, key), "board_head")
        writer.write(key_row, column, key, "key")
    top = key_row + 1
    for row, district in enumerate(config.districts, top):
        known = {"代码": district.code, "区县": district.name}
        for key, column in at.items():
            look = _LOOKS.get(key, "board_heat" if key in names else "board_center")
            writer.write(row, column, known.get(key), look)
    bottom = key_row + rows_reserved(config)
    writer.name_area(RANKING_BLOCK, (key_row, 1, bottom, len(grid.keys)))
    _colour_ranking(writer, grid, (top, bottom), len(names))
    _draw_columns(writer, grid, (top, bottom), config)
    writer.sheet.ignore_errors({"number_stored_as_text": a1.area_name((top, 1, bottom, len(at)))})
    return heights


def _colour_ranking(writer: SheetWriter, grid: _Grid, rows: tuple[int, int], count: int) -> None:
    at, sheet, (top, bottom) = grid.columns, writer.sheet, rows

    def down(first: str, last: str = "") -> tuple[str, str]:
        left = at[first]
        area = a1.area_name((top, left, bottom, at[last or first]))
        return area, a1.cell_name(top, left)

    first = at["灯"] + 1
    heat = (top, first, bottom, first + count - 1)
    mark_shares(writer, a1.area_name(heat), light_of(heat), lacks_months(heat), "heat")
    mark_words(writer, down("灯")[0])
    area, cell = down("变化")
    mark(writer, area, f'=LEFT({cell},1)="▲"', "calm")
    mark(writer, area, f'=LEFT({cell},1)="▼"', "alarm")
    area, cell = down("本月")
    mark(writer, area, f'={cell}="{VERDICT_LABELS[MISSING]}"', "alarm")
    mark(writer, area, f'=AND({cell}<>"",{cell}<>"{ON_TIME}",{cell}<>"{LATE}")', "warn")
    area, cell = down("缺月")
    mark(writer, area, f'={cell}<>""', "text_gap")
    bar = {
        "type": "data_bar",
        "data_bar_2010": True,
        "bar_color": "#A9C7EA",
        "bar_solid": True,
        "bar_border_color": "#A9C7EA",
        "min_type": "num",
        "min_value": 0,
        "max_type": "num",
        "max_value": 1,
    }
    sheet.conditional_format(down("综合完成率")[0], bar)


def _draw_columns(writer: SheetWriter, grid: _Grid, rows: tuple[int, int], config: Config) -> None:
    """Small columns by month, one group: their heights can be compared across districts."""
    _, head = _data_rows(config)
    column, (top, bottom) = grid.columns["逐月"], rows
    left, right = 3, 2 + len(MONTH_HEADINGS)
    ranges = [
        f"{BOARD_DATA_SHEET}!{a1.area_name((row, left, row, right))}"
        for row in range(head + 1, head + 2 + bottom - top)
    ]
    writer.sheet.add_sparkline(
        top - 1,
        column - 1,
        {
            "location": [a1.cell_name(row, column) for row in range(top, bottom + 1)],
            "range": ranges,
            "type": "column",
            "series_color": "#4F81B9",
            "negative_points": True,
            "max": "group",
            "min": 0,
        },
    )


def _set_up_page(writer: SheetWriter, grid: _Grid, tall: float) -> None:
    sheet, page = writer.sheet, grid.page
    (sheet.set_landscape if page.landscape else sheet.set_portrait)()
    sheet.set_paper(page.paper)
    sheet.set_margins(_MARGIN, _MARGIN, _MARGIN, 0.45)
    sheet.center_horizontally()
    # A few rows more than fit are brought onto the page by printing it a little smaller.
    fits = tall * grid.scale <= page.tall * 1.08 and page.across == 1
    sheet.fit_to_pages(page.across, 1 if fits else 0)
    if page.across > 1:
        sheet.repeat_columns(0, grid.columns["区县"] - 1)
    sheet.repeat_rows(_HEAD_ROW - 1, _HEAD_ROW)
    says = "只算已通过的填报表；空白是还没有数据，“—”是没有任务"
    look = f'&"{FONT},常规"&8'
    sheet.set_footer(f"&L{look}{says}&R{look}第 &P 页，共 &N 页", {"margin": 0.2})


def board_data_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """看板数据: what the charts and the small columns of 看板 draw."""
    config, sheet = plan.config, writer.sheet
    sheet.set_column(0, 0, 9)
    sheet.set_column(1, 1, 22)
    sheet.set_column(2, 1 + len(MONTH_HEADINGS), 10)
    right = len(COLUMNS_HEADINGS)
    writer.merge((1, 1, 1, right), BOARD_DATA_SHEET, "title")
    writer.merge((2, 1, 2, right), _DATA_NOTE, "note")
    sheet.set_row(0, 32)
    bars, columns = _data_rows(config)
    for row, text in (
        (_COURSE_ROW - 1, "全市逐月累计（占全年任务）"),
        (bars - 1, "各指标完成率，按进度灯分列"),
        (columns - 1, "各区县逐月完成（占全年任务），按名次排"),
    ):
        writer.write(row, 1, text, "topic")
    months = [(month, None, None) for month in MONTH_HEADINGS]
    _table(writer, COURSE_BLOCK, _COURSE_ROW, COURSE_HEADINGS, months, 1)
    blank = [None] * (len(BARS_HEADINGS) - 2)
    items = [(item.code, item.name, *blank) for item in config.indicators]
    _table(writer, BARS_BLOCK, bars, BARS_HEADINGS, items, 2)
    twelve = [None] * len(MONTH_HEADINGS)
    districts = [(each.code, each.name, *twelve) for each in config.districts]
    room = rows_reserved(config)
    _table(writer, COLUMNS_BLOCK, columns, COLUMNS_HEADINGS, districts, 2, room)
    sheet.ignore_errors({"number_stored_as_text": f"A1:A{columns + room}"})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _table(
    writer: SheetWriter,
    block: str,
    top: int,
    headings: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    texts: int,
    room: int = 0,
) -> None:
    """A table whose first columns are texts and whose others are shares."""
    looks = ["code", "board_name"][:texts] + ["share"] * (len(headings) - texts)
    for column, heading in enumerate(headings, 1):
        writer.write(top, column, heading, "head")
    for row, values in enumerate(rows, top + 1):
        for column, (value, look) in enumerate(zip(values, looks, strict=True), 1):
            writer.write(row, column, value, look)
    writer.name_area(block, (top, 1, top + max(len(rows), room), len(headings)))


BUILDERS = {BOARD_SHEET: board_sheet, BOARD_DATA_SHEET: board_data_sheet}
