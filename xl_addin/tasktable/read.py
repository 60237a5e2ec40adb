"""A year's task table, from any workbook that has one.

What cannot be read is refused with its cell, what disagrees with itself is reported with its cell,
and nothing that holds a number is passed over in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from xl_addin.formats.grid import Grid
from xl_addin.formats.open import read_grids
from xl_addin.model.names import fold
from xl_addin.model.problems import make
from xl_addin.model.records import ERROR, RATE, District, Indicator, Number, TaskTable
from xl_addin.system.errors import Refused, Unreadable
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.tasktable import chongqing, lines
from xl_addin.tasktable.amounts import read_targets, read_totals
from xl_addin.tasktable.checks import check_table
from xl_addin.tasktable.columns import Columns, read_columns
from xl_addin.tasktable.find import MAX_COLUMNS, Shape, find_table, is_value
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.goals import add_goals, is_goals_sheet
from xl_addin.tasktable.headers import MEASURE_UNITS, PIECE_UNITS, Heading, stated_unit
from xl_addin.tasktable.indicators import read_indicators
from xl_addin.tasktable.lines import Line, classify_rows
from xl_addin.tasktable.rates import mention_rates, with_percent_units
from xl_addin.xlsx.a1 import Where, area_name, cell_name
from xl_addin.xlsx.cells import DATE, TEXT
from xl_addin.xlsx.values import quote

MAX_HEADER = 4
_NOT_TITLE = pattern(
    r"附[件表].{0,6}|[(（]?(填报|编制|报送|计量|计数|制表|填表)?(单位|部门|日期|时间|人)[:：].*|"
    r"\d{4}年(\d{1,2}月(\d{1,2}日)?)?"
)
_UNIT_BEHIND = pattern(r"[(（](计量)?单位[:：].{0,10}[)）]$")
_NUMBERED = pattern(r"[(（]?\d{1,3}[)）.、．](?=[\u3400-\u9fff])")


class _Body(NamedTuple):
    """The rows of one table that count."""

    districts: tuple[Line, ...]
    totals: tuple[Line, ...]


def read_task_table(data: bytes, file: str) -> TaskTable:
    """The task table in a workbook's bytes; ``file`` is for messages.

    Raises Refused, with every reason as a problem, when there is none or it cannot be read.
    """
    try:
        grids = read_grids(data, file)
    except Unreadable as error:
        says = f"{file}：{error.message}"
        raise Refused(says, [make(error.code, says, found=file)]) from error
    findings = Findings("")
    shape = _choose_table(grids, file, findings)
    findings.sheet = shape.view.grid.sheet
    table = _read(shape, file, findings)
    for grid in grids:
        if table is not None and is_goals_sheet(grid.sheet):
            table = table._replace(indicators=add_goals(grid, table.indicators, findings))
    wrong = [problem for problem in findings.problems if problem.severity == ERROR]
    if wrong or table is None:
        says = f"{file}：任务表有 {len(wrong)} 处读不出来，请按下面所列改好后再试"
        raise Refused(says, findings.sort_problems())
    return table._replace(problems=tuple(findings.sort_problems()))


def _choose_table(grids: Sequence[Grid], file: str, findings: Findings) -> Shape:
    """The sheet that has the table: the largest one among those that people see."""
    tables = [grid for grid in grids if not is_goals_sheet(grid.sheet)]
    found = {grid.sheet: shape for grid in tables if (shape := find_table(grid)) is not None}
    shown = [grid.sheet for grid in tables if not grid.hidden and grid.sheet in found]
    candidates = [found[name] for name in shown or found]
    if not candidates:
        names = "、".join(f"“{grid.sheet}”" for grid in tables)
        says = (
            f"{file}：在工作表{names}里没有找到任务表。要找的是：一列区县或单位名称，右边各列是任务数，"
            "上面有写明指标的表头。请检查是否选错了文件"
        )
        raise Refused(says, [make("no-table", says, found=names)])
    best = max(candidates, key=lambda shape: shape.size)
    if not shown:
        findings.sheet = best.view.grid.sheet
        findings.warn(
            "hidden-sheet", "", findings.sheet, "任务表在隐藏的工作表里；请确认用的是这一张"
        )
    for other in candidates:
        if other is not best:
            findings.sheet = other.view.grid.sheet
            at = cell_name(other.first, other.name_column)
            says = f"这里也像一张任务表，没有读入；读的是“{best.view.grid.sheet}”，请确认"
            findings.warn("other-table", at, findings.sheet, says)
    return best


def _read(shape: Shape, file: str, findings: Findings) -> TaskTable | None:
    """The table of one shape; None where no column or no district could be made out."""
    _check_header(shape, findings)
    for row, column in shape.before:
        at = (row, column)
        findings.warn(
            "number-skipped",
            at,
            shape.view.quote(*at),
            "这个数在表头以上，没有读入；请确认不是数据",
        )
    for at, cell in shape.view.grid.cells.items():
        if at[1] > MAX_COLUMNS and is_value(cell):
            findings.warn("number-skipped", at, quote(cell), f"在第 {MAX_COLUMNS} 列以外，没有读入")
    body = _body(shape, findings)
    unit = stated_unit(shape.view.text(*at) for at in _cells_above(shape))
    columns = read_columns(shape, [line.row for line in body.districts], findings)
    rows = [line.row for line in body.districts]
    columns = columns._replace(headings=with_percent_units(shape, columns.headings, rows))
    indicators = read_indicators(columns.headings, unit, findings)
    mention_rates(indicators, columns.headings, findings)
    districts = _districts(shape, body, columns, findings)
    _refuse_transposed(districts, columns.headings, findings)
    _refuse_merged(shape, body, columns.headings, findings)
    if not indicators or not districts:
        return None
    targets, cells = read_targets(
        shape, body.districts, districts, columns.headings, indicators, findings
    )
    published = read_totals(shape, body.totals, columns.headings, indicators, findings)
    title = _title(shape) or file.rpartition(".")[0] or file
    sheet = shape.view.grid.sheet
    table = TaskTable(
        title,
        districts,
        _mark_wholes(indicators, targets),
        targets,
        published[0] if published else {},
        sheet,
        cells,
    )
    check_table(table, body.totals, columns.headings, published, findings)
    return table


def _check_header(shape: Shape, findings: Findings) -> None:
    at = (shape.first, shape.name_column)
    if not shape.header:
        says = "上面没有表头；请在名称和数字上方写明各列是什么指标"
        findings.refuse("no-header", at, shape.view.text(*at), says)
    elif len(shape.header) > MAX_HEADER:
        at = (shape.header[0], shape.name_column)
        says = f"从这一行起表头有 {len(shape.header)} 行，最多能读 {MAX_HEADER} 行；请合并或删去多余的行"
        findings.refuse("header-too-deep", at, shape.view.text(*at), says)


def _body(shape: Shape, findings: Findings) -> _Body:
    """The rows of districts and totals; whatever else holds a number is mentioned."""
    found = classify_rows(shape)
    for line in found:
        at = (line.row, shape.name_column)
        values = [c for c in shape.columns if is_value(shape.view.cell(line.row, c))]
        if line.kind == lines.SPLIT:
            says = f"“{line.name}”合并了几行，不知道用哪一行的数；请一个区县只占一行"
            findings.refuse("merged-cells", at, line.name, says)
        elif line.kind == lines.SECOND:
            says = "这一行像另一张表的表头，下面的数不知道属于哪项指标；请一张工作表只放一张任务表"
            findings.refuse("second-table", at, line.name, says)
        elif line.kind == lines.NAMELESS:
            at = (line.row, values[0])
            says = "这一行有数字但没有名称；请补上区县名称（或“合计”），不是数据就删去"
            findings.refuse("row-without-name", at, shape.view.quote(*at), says)
        elif line.kind == lines.SUBTOTAL:
            findings.warn(
                "subtotal-skipped", at, line.name, f"“{line.name}”按小计跳过，没有当作区县；请确认"
            )
        elif line.kind == lines.UNSURE:
            says = f"“{line.name}”这一行没有数字，没有当作区县；如果是区县，请填上任务数或“—”"
            findings.warn("row-skipped", at, line.name, says)
        elif line.kind == lines.NOTE and values:
            at = (line.row, values[0])
            says = f"“{line.name[:20]}”按注释跳过，这里的数没有读入；请确认不是数据"
            findings.warn("number-skipped", at, shape.view.quote(*at), says)
    districts = tuple(line for line in found if line.kind == lines.DISTRICT)
    _mention_hidden(shape, districts, findings)
    return _Body(districts, tuple(line for line in found if line.kind == lines.TOTAL))


def _mention_hidden(shape: Shape, districts: Iterable[Line], findings: Findings) -> None:
    for line in districts:
        if line.row in shape.view.grid.hidden_rows:
            says = f"“{line.name}”这一行是隐藏的，已照常读入；不要的话请删去这一行"
            findings.warn("hidden-row", (line.row, shape.name_column), line.name, says)


def _districts(
    shape: Shape, body: _Body, columns: Columns, findings: Findings
) -> tuple[District, ...]:
    districts: list[District] = []
    seen: dict[str, str] = {}
    for number, line in enumerate(body.districts, 1):
        at = (line.row, shape.name_column)
        name = _NUMBERED.sub("", line.name)
        known = chongqing.find_district(name)
        official = known.code if known else f"D{number:03d}"
        code = columns.codes.get(line.row, official)
        keys = {f"名称 {fold(name)}", f"代码 {code}"}
        keys |= {f"名称 {fold(known.name)}"} if known else set()
        before = next((seen[key] for key in sorted(keys) if key in seen), "")
        if before:
            says = f"“{line.name}”和 {before} 的名称或代码重复；请一个区县只留一行"
            findings.refuse("district-twice", at, line.name, says)
        seen |= {key: cell_name(*at) for key in keys if key not in seen}
        cell = shape.view.grid.cells.get(shape.view.owner(*at))
        printed = line.name if cell is None else str(cell.value)
        spellings = (printed, known.name, *known.aliases) if known else (printed,)
        aliases = tuple(word for word in dict.fromkeys(spellings) if word != name)
        districts.append(District(code, name, aliases))
    if not districts:
        at = (shape.first, shape.name_column)
        findings.refuse("no-district", at, "", "表头下面没有读到一个区县；请检查名称一列")
    return tuple(districts)


def _refuse_transposed(
    districts: Sequence[District], headings: dict[int, Heading], findings: Findings
) -> None:
    across = [heading for heading in headings.values() if chongqing.find_district(heading.path[-1])]
    if len(across) > 1 and not any(
        chongqing.find_district(district.name) for district in districts
    ):
        says = "区县写在了表头里；请把表转置（复制后选择性粘贴、转置），让一个区县占一行、一项指标占一列"
        findings.refuse("transposed", across[0].at, across[0].path[-1], says)


def _refuse_merged(
    shape: Shape, body: _Body, headings: dict[int, Heading], findings: Findings
) -> None:
    rows = {line.row for line in (*body.districts, *body.totals)}
    for area in shape.view.grid.merged:
        down, across = range(area[0], area[2] + 1), range(area[1], area[3] + 1)
        if any(row in down for row in rows) and any(column in across for column in headings):
            says = (
                f"数字格 {area_name(area)} 合并了，不知道属于哪个区县或指标；请取消合并，逐格填写"
            )
            findings.refuse("merged-cells", area[:2], area_name(area), says)


def _mark_wholes(
    indicators: Iterable[Indicator], targets: dict[tuple[str, str], Number]
) -> tuple[Indicator, ...]:
    """Whether only whole numbers make sense; for an unknown unit the table's own numbers tell."""
    broken = {code for (_, code), value in targets.items() if isinstance(value, float)}
    return tuple(
        item._replace(
            whole=item.measure != RATE
            and (
                item.unit in PIECE_UNITS
                or (item.unit not in MEASURE_UNITS and item.code not in broken)
            )
        )
        for item in indicators
    )


def _cells_above(shape: Shape) -> list[Where]:
    top = shape.header[0] if shape.header else shape.first
    return sorted(
        at
        for at, cell in shape.view.grid.cells.items()
        if at[0] < top and cell.kind in (TEXT, DATE)
    )


def _title(shape: Shape) -> str:
    texts = [shape.view.text(*at) for at in _cells_above(shape)]
    titles = [text for text in texts if text and not _NOT_TITLE.fullmatch(text)]
    told = [text for text in titles if re.search("任务|指标|目标|计划|表|年", text)]
    return _UNIT_BEHIND.sub("", max(told or titles, key=len, default=""))
