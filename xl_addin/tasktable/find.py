"""Where on a sheet the task table stands, told by its shape.

A table is a column of names with values to the right of them and header rows above. What else stands
on the sheet (titles, unit lines, numbering, subtotals, notes) is told apart here, row by row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from xl_addin.formats.grid import Grid
from xl_addin.model.names import plain
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.tasktable import chongqing
from xl_addin.tasktable.choices import NO_CHOICES, Choices
from xl_addin.tasktable.headers import View, is_unit, stated_unit
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import FAULT, NO_VALUE, NUM, TEXT, Cell
from xl_addin.xlsx.values import NOTHING_WORDS, plain_text, read_number

MAX_COLUMNS = 300
_MAX_NAME_COLUMN = 30
_LONGEST_CORNER = 200  # with line ends and blanks


_CORNER = pattern(
    r"(项目|指标|任务|类别)?[/\\、,和及与]*(各?(区县|县区|市区|区市县|县市区|市县|统筹地?区|地区|单位|机构|部门|乡镇|镇街|"
    r"街道|镇乡|乡镇街道|镇乡街道|社区|村|村居|学校|医院|中心|名称|姓名|组织|区域|市州|州市|地市|盟市|设区市|城市|州|旗县|市|县|区|镇|乡|村|站点|"
    r"基地|企业|科室|部室|片区|班级|年级|班组|网格|队伍|[大支中]队|支行|支部|门店|网点|法庭|机构|行|队|行政区划?|责任单位|任务单位|承办单位|实施单位)"
    r"(\(((自治县|市|县|区|旗|州|镇|乡|街道)[、/,]?)+\))?(名称|名)?)([/\\、]*(项目|指标|任务))?|项目|行标签|"
    r"各?[省市州盟县区旗]([省市州盟县区旗]|[()、/,和及])*(名称?|单位)?|"
    r"(?i:(name|district|county|region|province|prefecture|city|township|town|village|area|state|school|hospital|"
    r"branch|office|location|municipality|ward|zone|site|rowlabel)s?(name)?)"
)
_WHO = (
    r"(全([市省区县州国院校镇乡旗盟团体行店社村厂]|系统|辖区|街道|局|社会|公司|集团)*|以上)的?\d+个[区县市乡镇街道村校单位]+|"
    r"全([市省区县州国院校镇乡旗盟团体行店社村厂]|系统|辖区|街道|局|社会|公司|集团)*|(各|所有|全部)?(区县|县市区|县区|乡镇|镇街|街道|单位|部门|学校|地区)|"
    r"以上|[市省县区州镇]|总|年度"
)
TOTALS = pattern(
    rf"({_WHO})?(总?合[计計]|[总總][计計]|共[计計]|[总總]数|總數|总和|總和|汇总|累计|合共|总合计|[总總]额|总量)数?(\(.*\))?:?|"
    r"(下达|分解|分配|安排)(任务|计划|指标)?总[数量]|(共|全[市省县区州]|以上)\d+个?[区县市乡镇街道村社校单位户]+|"
    r"\d+个[区县市乡镇街道村社校单位户]+|(目标|任务|计划|指标)(值|[总绝]?数|量)|"
    r"20\d\d年度?(合[计計]|总计|总?(目标|任务|计划)(任务)?数?):?|"
    r"(所有|全部|全体)(区县|县市区|县区|乡镇|镇街|街道|单位|部门|学校|地区)?|全[市省县州国区镇乡旗盟校院行局店社村厂](\([合总小共]计\))?|全(系统|公司|集团|辖区|街道|社区|矿区|院区|片区)|总计\(?数?\)?|[共计总Σ∑]:?|"
    rf"({_WHO})?(年度|全年)?(总(目标|任务|计划|指标)|(目标|任务|计划|指标)(总数|合计|总量))(任务)?数?:?|"
    r"全([市省县州国区镇乡旗盟校院]|系统)(年度|全年)?(目标|任务|计划|指标)(任务)?数?:?|"
    r"(?i:(grand|overall)?-?total(s|sum)?:?|sum:?|all|overall|altogether)"
)
SUBTOTALS = pattern(
    r".*小[计計結结](?![\u3400-\u9fff]{0,2}[村镇乡屯寨]$).*|[过转]次页|承[前上]页|.+(合[计計]|[总總][计計]|分计|共[计計]|汇总|彙總)(\(.*\))?:?|"
    r"(?i:.+(sub)?-?totals?:?|sub-?totals?.*|total(for|of).+|(carried|brought)-?(forward|down|over).*)"
)
NUMBERING = frozenset(("栏次", "列次", "序号", "栏目", "甲", "项次", "行次", "栏号", "编号"))
_META = pattern(
    r"\(?(填报|编制|制表|报送|主管|计量|计数|填表)?(单位|部门|日期|时间|人|机关):.*|"
    r"\d{4}年\d{1,2}月(\d{1,2}日)?"
)
_TITLE = pattern(r".*表(\(.*\))?|附[件表].*|20\d\d年度?.{8,}")
_SHORT_VALUE = pattern(
    r"([≥≤≧≦><]=?|不少于|不低于|不超过|不高于|至少)?\s*[+-]?\d[\d.,，~至\-]*([^\d年月日级类号项.、]{0,3}|[%％]及以上)"
)
_DATE = pattern(r"20\d\d([./-])\d{1,2}\1\d{1,2}")


_CORNERS = pattern(r"[/\\、]")
TOWN = pattern(r"[\u3400-\u9fff]{1,12}[区县旗市镇乡盟州村]|[\u3400-\u9fff]{1,12}街道")
_SUM_OF = pattern(r"(\d{1,2})=[\d+-]+")
# The name of a group alone in its row right below the header.
_SECTION = pattern(r"([一二三四五六七八九十]+、|[(][一二三四五六七八九十]+[)]).{1,20}")
_UNIT_NAME = pattern(r"\(?(计量|计数)?单位\)?|(?i:units?)")


class Shape(NamedTuple):
    """Where a table stands.

    ``first`` is its first row below the header, ``columns`` those right of the names that hold
    anything in header or body, ``before`` values above the table, ``size`` how many values it has.
    """

    view: View
    name_column: int
    header: tuple[int, ...]
    first: int
    columns: tuple[int, ...]
    before: tuple[Where, ...]
    size: int


def is_value(cell: Cell | None) -> bool:
    """Whether a cell holds what somebody meant as a number, readable or not."""
    if cell is None:
        return False
    if cell.kind in (NUM, FAULT, NO_VALUE):
        return True
    text = plain_text(str(cell.value)) if cell.kind == TEXT else ""
    return bool(_SHORT_VALUE.fullmatch(text)) and not _DATE.fullmatch(text)


def is_nothing(cell: Cell) -> bool:
    """Whether a cell says in so many words that there is no target."""
    return cell.kind == TEXT and plain_text(str(cell.value)) in NOTHING_WORDS


def find_table(grid: Grid, choices: Choices = NO_CHOICES) -> Shape | None:
    """The table of a sheet, None where there is nothing of the kind."""
    view = View.of(grid)
    skipped = choices.skipped_columns
    columns = sorted({c for _, c in grid.cells if c <= MAX_COLUMNS and c not in skipped})
    ranked = sorted(
        (_rank(view, column, rows), column)
        for column in columns[:_MAX_NAME_COLUMN]
        if not holds_units(view, column) and (rows := _named_rows(view, column, columns))
    )
    if not ranked:
        return None
    name_column = -ranked[-1][0][-1]
    named = _named_rows(view, name_column, columns)
    read = [row for row in named if row not in choices.skipped_rows] or named
    runs = _runs(view, name_column, read, columns)
    main = max(runs, key=len)
    before = tuple(
        (row, c)
        for run in runs[: runs.index(main)]
        for row in run
        for c in columns
        if is_value(view.cell(row, c))
    )
    shape = _shape(view, name_column, main, columns, before)
    if shape is None or not skipped:
        return shape
    return shape._replace(columns=tuple(c for c in shape.columns if c not in skipped))


def _shape(
    view: View,
    name_column: int,
    rows: Sequence[int],
    columns: Sequence[int],
    before: tuple[Where, ...],
) -> Shape | None:
    right = [c for c in columns if c > name_column]
    first = first_row(view, name_column, rows[0], right)
    wide = [c for c in right if any(is_value(view.cell(r, c)) for r in rows)]
    header = header_rows(view, first, name_column, [c for c in right if c <= max(wide)])
    body = {c for row, c in view.grid.cells if row >= first}
    merged = {
        c
        for area in view.grid.merged
        for c in range(area[1], min(area[3], MAX_COLUMNS) + 1)
        if header and area[0] in range(header[0], header[-1] + 1)
    }
    held = tuple(
        c
        for c in sorted({*right, *(c for c in merged if c > name_column)})
        if (any(view.text(r, c) for r in header) or c in body)
        and not _is_names(view, c, name_column, rows)
    )
    corners = [plain(view.text(r, name_column)) for r in header]
    cornered = any(is_corner(corner) or corner.startswith("指标") for corner in corners)
    if (not header and len(rows) < 3) or (header and len(rows) < 2 and not cornered):
        return None
    size = sum(is_value(view.cell(r, c)) for r in rows for c in wide)
    return Shape(view, name_column, tuple(header), first, held, before, size)


def _is_names(view: View, column: int, name_column: int, rows: Sequence[int]) -> bool:
    """Whether a column only is the right half of names that are merged across."""
    return all(view.owner(row, column)[1] == name_column for row in rows)


def holds_units(view: View, column: int) -> bool:
    """Whether what stands in a column are units, each of its row: such rows hold no names."""
    cells = [view.grid.cells[row, column] for row in view.rows_of.get(column, ())]
    texts = [plain(str(cell.value)) for cell in cells if cell.kind == TEXT]
    units = sum(map(is_unit, texts))
    return units >= 2 and 2 * units >= len(cells)


def is_corner(text: str) -> bool:
    """Whether a text is the heading of a column of names."""
    if len(text) > _LONGEST_CORNER:
        return False
    text = plain(text)
    parts = [part for part in _CORNERS.split(text) if part]
    return bool(_CORNER.fullmatch(text)) or (len(parts) > 1 and all(map(_CORNER.fullmatch, parts)))


def _named_rows(view: View, column: int, columns: Sequence[int]) -> list[int]:
    """The rows that have a name in this column and a value to the right of it."""
    right = [c for c in columns if c > column]
    found = []
    for row in sorted({row for row, at in view.grid.cells if at > column}):
        cell = view.grid.cells.get(view.owner(row, column))
        if cell is None or cell.kind != TEXT or is_nothing(cell):
            continue
        name = plain(str(cell.value))
        numeric = read_number(cell).value is not None
        numbering = name in NUMBERING and counts_up(view, row, right)
        header = is_corner(name) and (
            _numbers_columns(view, row, right) or _names(view, row, right)
        )
        if numeric or header or numbering or len(name) > 60:
            continue
        if any(is_value(view.cell(row, c)) for c in right):
            found.append(row)
    return found


def _names(view: View, row: int, columns: Sequence[int]) -> bool:
    """Whether a row has words alone, though a number begins some of them: 5G基站."""
    cells = [cell for c in columns if (cell := view.cell(row, c)) is not None]
    return all(cell.kind == TEXT and read_number(cell).value is None for cell in cells)


def _numbers_columns(view: View, row: int, columns: Sequence[int]) -> bool:
    """Whether all numbers of a row are years, or number the columns: a header may hold such."""
    if counts_up(view, row, columns):
        return True
    numbers = [read_number(cell).value for c in columns if is_value(cell := view.cell(row, c))]
    return all(number is not None and 2000 <= number <= 2100 for number in numbers)


def _rank(view: View, column: int, rows: Sequence[int]) -> tuple[int, int, int, int]:
    """What speaks for a column of names: known ones, a heading that says so, many, far left."""
    names = {plain(view.text(row, column)) for row in rows}
    names = {name for name in names if not TOTALS.fullmatch(name) and not SUBTOTALS.fullmatch(name)}
    spoken = {name for name in names if re.search("[\u3400-\u9fff]|[A-Za-z]{2}", name)}
    known = sum(chongqing.find_district(name) is not None for name in names)
    above = range(max(1, rows[0] - 6), rows[0])
    headed = any(is_corner(view.text(row, column)) for row in above)
    mostly = 2 * known >= len(rows)
    return (int(mostly), int(headed), len(spoken) * 100 + len(names), -column)


def _runs(
    view: View, name_column: int, rows: Sequence[int], columns: Sequence[int]
) -> list[list[int]]:
    """The rows in runs, cut where a row of words between them must be a header of its own."""
    runs = [[rows[0]]]
    for above, row in pairwise(rows):
        between = range(above + 1, row)
        worded = any(_words(view, r, name_column, columns) >= 2 for r in between)
        if worded and not _repeats_header(view, runs[0][0], name_column, between, columns):
            runs.append([])
        runs[-1].append(row)
    return runs


def _words(view: View, row: int, name_column: int, columns: Sequence[int]) -> int:
    """How many cells right of the names hold words, 0 where the row is a district's without a target."""
    cells = [cell for c in columns if c > name_column and (cell := view.cell(row, c)) is not None]
    name = plain(view.text(row, name_column))
    if any(is_value(cell) or is_nothing(cell) for cell in cells):
        return 0
    if chongqing.find_district(name) is not None or (TOWN.fullmatch(name) and not is_corner(name)):
        return 0
    return sum(cell.kind == TEXT for cell in cells)


def _repeats_header(
    view: View, first: int, name_column: int, rows: Sequence[int], columns: Sequence[int]
) -> bool:
    """Whether rows inside a table print its header once more, as at the top of a new page."""

    def line(row: int) -> tuple[str, ...]:
        return tuple(view.text(row, c) for c in columns if c >= name_column)

    above = {line(row) for row in range(max(1, first - 8), first)}
    worded = [row for row in rows if _words(view, row, name_column, columns) >= 2]
    return all(line(row) in above for row in worded)


def first_row(view: View, name_column: int, row: int, columns: Sequence[int]) -> int:
    """The first row of the body: rows above the first number may hold names and no numbers."""
    while row > 1 and _is_body(view, row - 1, name_column, columns):
        row -= 1
    return row


def _is_body(view: View, row: int, name_column: int, columns: Sequence[int]) -> bool:
    name = view.text(row, name_column)
    key = plain(name)
    if not name:
        return _is_named_left(view, row, name_column, columns) or _is_nameless(view, row, columns)
    if view.area(row, name_column) != (row, name_column) * 2:
        return _is_across(view, row, name_column, columns)
    if is_corner(name) or (key in NUMBERING and counts_up(view, row, columns)):
        return False
    cells = [cell for c in columns if (cell := view.cell(row, c)) is not None]
    if _UNIT_NAME.fullmatch(key) and not any(map(is_value, cells)):
        return False
    if chongqing.find_district(name) is not None or TOTALS.fullmatch(key):
        return True
    if cells and all(is_value(cell) or is_nothing(cell) for cell in cells):
        return True
    if not cells and _SECTION.fullmatch(key) and _words(view, row - 1, name_column, columns):
        return True
    # What stands under the heading of the names is a name, though all beside it be words.
    return _is_under_corner(view, row, name_column)


def _is_under_corner(view: View, row: int, name_column: int) -> bool:
    return any(is_corner(view.text(r, name_column)) for r in range(max(1, row - 6), row))


def _is_across(view: View, row: int, name_column: int, columns: Sequence[int]) -> bool:
    """Whether a row below the header is one merged cell, as a city over its counties."""
    top, _, bottom, right = view.area(row, name_column)
    key = plain(view.text(row, name_column))
    named = not (is_corner(key) or _META.fullmatch(key) or stated_unit([key]))
    across = top == bottom and right > name_column
    headed = _words(view, row - 1, name_column, columns) >= 2
    return across and named and (headed or _is_under_corner(view, row, name_column))


def _is_nameless(view: View, row: int, columns: Sequence[int]) -> bool:
    """Whether a row holds numbers alone, and no years or numbering of columns: a total without a name."""
    cells = [cell for c in columns if (cell := view.cell(row, c)) is not None]
    numbers = bool(cells) and all(cell.kind == NUM for cell in cells)
    return numbers and not _numbers_columns(view, row, columns)


def _is_named_left(view: View, row: int, name_column: int, columns: Sequence[int]) -> bool:
    """Whether a row has its name left of the others, as a city above its counties, and numbers."""
    left = [text for c in range(1, name_column) if (text := view.text(row, c))]
    valued = any(is_value(view.cell(row, c)) for c in columns)
    named = bool(left) and not is_corner(left[-1]) and plain(left[-1]) not in NUMBERING
    return named and valued and not _numbers_columns(view, row, columns)


def header_rows(view: View, first: int, name_column: int, columns: Sequence[int]) -> list[int]:
    """The rows over the body that name its columns, top to bottom; no titles among them."""
    rows: list[int] = []
    for row in range(first - 1, 0, -1):
        owners = {view.owner(row, c) for c in (name_column, *columns) if view.text(row, c)}
        if not owners:
            if rows:
                break
            continue
        if _is_numbering(view, row, name_column, columns):
            continue
        if _is_title(view, name_column, owners, rows):
            break
        rows.append(row)
    return rows[::-1]


def _is_numbering(view: View, row: int, name_column: int, columns: Sequence[int]) -> bool:
    named = plain(view.text(row, name_column)) in NUMBERING - {"序号", "编号"}
    some = sum(view.cell(row, c) is not None for c in columns)
    return (named and not some) or (counts_up(view, row, columns) and (named or some >= 2))


def counts_up(view: View, row: int, columns: Sequence[int]) -> bool:
    """Whether a row only numbers its columns, 1, 2, 3 ...: a unit may be called 甲 as well."""
    texts = [str(cell.value) for c in columns if (cell := view.cell(row, c)) is not None]
    numbers = [_SUM_OF.sub(r"\1", plain_text(text)) for text in texts]  # 1=2+3 numbers a sum
    digits = [int(plain_text(n)) for n in numbers if plain_text(n).isdecimal()]
    run = all(b == a + 1 for a, b in pairwise(digits))
    return len(digits) == len(numbers) >= 1 and run and digits[0] <= 3


def _is_title(view: View, name_column: int, owners: set[Where], below: Sequence[int]) -> bool:
    texts = [plain(view.text(*owner)) for owner in owners]
    meta = [text for text in texts if _META.fullmatch(text)]
    if meta and not any(map(is_corner, texts)):
        corner = plain(view.text(max(row for row, _ in owners), name_column))
        return not (meta == [corner] and stated_unit(meta) and len(texts) > 1)
    if len(owners) > 1:
        return False
    (at,) = owners
    area = view.area(*at)
    if area[1] <= name_column:
        return area[3] > name_column or not is_corner(texts[0])
    if _TITLE.fullmatch(texts[0]) or stated_unit(texts):
        return True
    cornered = bool(below) and bool(view.text(below[-1], name_column))
    return cornered and area[3] == area[1]
