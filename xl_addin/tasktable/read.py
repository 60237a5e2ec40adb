"""A year's task table, from any workbook that has one.

What cannot be read is refused with its cell, what disagrees with itself is reported with its cell,
and nothing that holds a number is passed over in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xl_addin.formats.grid import without_covered_columns
from xl_addin.formats.open import read_tables
from xl_addin.model.names import fold, plain
from xl_addin.model.problems import make
from xl_addin.model.records import ERROR, RATE, Indicator, Number, TaskTable
from xl_addin.system.errors import Refused, Unreadable
from xl_addin.system.light import NamedTuple
from xl_addin.tasktable.account import give_account
from xl_addin.tasktable.amounts import read_spare, read_targets, read_totals
from xl_addin.tasktable.body import (
    Body,
    before_again,
    before_second,
    mention_rows,
    read_body,
    read_districts,
    settle_headings,
    settle_nameless,
)
from xl_addin.tasktable.checks import check_table
from xl_addin.tasktable.choices import NO_CHOICES, Choices
from xl_addin.tasktable.columns import Columns, common_unit, mention_hidden_columns, read_columns
from xl_addin.tasktable.find import MAX_COLUMNS, Shape, find_table, is_value
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.goals import add_goals, is_goals_sheet
from xl_addin.tasktable.halves import unfold
from xl_addin.tasktable.headers import (
    PIECE_UNITS,
    Heading,
    is_measure,
    stated_units,
    with_listed_units,
    with_unit_exceptions,
)
from xl_addin.tasktable.headlines import find_headlines
from xl_addin.tasktable.indicators import read_indicators
from xl_addin.tasktable.key_works import find_key_works
from xl_addin.tasktable.lines import DISTRICT, SKIPPED, Line, classify_rows
from xl_addin.tasktable.notes import refuse_noted
from xl_addin.tasktable.odd import refuse_odd
from xl_addin.tasktable.openings import name_opening_options
from xl_addin.tasktable.orientation import check_orientation
from xl_addin.tasktable.purposes import leave_out_columns
from xl_addin.tasktable.rates import mention_rates, refuse_mixed_rates, with_written_units
from xl_addin.tasktable.sheets import cells_above, choose_table, title_above, words_above
from xl_addin.tasktable.titles import refuse_draft
from xl_addin.tasktable.turned import turn
from xl_addin.xlsx.values import quote

MAX_HEADER = 4
_SOME = 20


class _Source(NamedTuple):
    """Where a table comes from; ``units`` are those stated above it, where that is known, ``text`` is around it."""

    file: str
    title: str
    year: int
    results: bool
    units: tuple[str, ...] = ()
    above: tuple[tuple[str, str], ...] = ()
    text: tuple[str, ...] = ()


def read_task_table(
    data: bytes, file: str, year: int = 0, choices: Choices = NO_CHOICES, *, results: bool = False
) -> TaskTable:
    """The task table in a workbook's bytes; ``file`` is for messages.

    ``year`` is 0 where it is not known; ``results``: its numbers are what was reached, no targets.
    Raises Refused, with every reason as a problem, when there is none, it cannot be read, or it can be
    read in more than one way that ``choices`` does not settle.
    """
    try:
        document = read_tables(data, file)
    except Unreadable as error:
        says = f"{file}：{error.message}"
        raise Refused(says, [make(error.code, says, found=file)]) from error
    grids = [unfold(without_covered_columns(grid), choices) for grid in document.grids]
    findings = Findings()
    if results:
        findings.says = name_opening_options
    shape = choose_table(grids, file, year, choices, findings)
    findings.turn_to(shape.view.grid)
    _mention_halves(shape, findings)
    findings.add_doubts(shape.view.grid.doubts, settled=bool(choices.sheet))
    choices = choices.on(shape.view.grid)
    above = tuple((findings.cell_name(at), text) for at, text in words_above(shape))
    source = _Source(file, title_above(shape), year, results, above=above, text=document.paragraphs)
    table = (
        _read_turned(shape, source, choices, findings)
        if choices.units_across
        else _read(shape, source, choices, findings)
    )
    for grid in grids:
        if table is not None and is_goals_sheet(grid.sheet):
            table = table._replace(indicators=add_goals(grid, table.indicators, findings))
    wrong = [problem for problem in findings.problems if problem.severity == ERROR]
    if wrong or table is None:
        says = f"{file}：任务表有 {len(wrong)} 处读不出来，请按下面所列改好后再试"
        raise Refused(says, findings.sort_problems())
    return table._replace(
        problems=tuple(findings.sort_problems()),
        headlines=find_headlines(document.paragraphs, table.indicators, table.districts),
        key_works=find_key_works(document.paragraphs),
    )


def _mention_halves(shape: Shape, findings: Findings) -> None:
    halves = shape.view.grid.halves
    if halves is not None:
        places = [findings.cell_name((halves.top, halves.starts[0]))]
        rows = halves.bottom - halves.top + 1
        places += [
            findings.cell_name((halves.top + part * rows, halves.starts[0]))
            for part in range(1, len(halves.starts))
        ]
        says = (
            f"左右 {len(places)} 栏的表头一样、区县不重复，已接成一张表读入，"
            f"各栏从 {'、'.join(places)} 起；请核对区县数"
        )
        findings.warn("side-by-side", (halves.top, halves.starts[0]), f"{len(places)} 栏", says)


def _read_turned(
    shape: Shape, source: _Source, choices: Choices, findings: Findings
) -> TaskTable | None:
    """The table with its districts across."""
    lines = classify_rows(shape, choices)
    if _refuse_blocks(shape, lines, findings):
        return None
    columns = read_columns(shape, [line.row for line in lines], findings.beside())
    turned = find_table(turn(shape, columns.units), choices.turned())
    if turned is None:
        at = (shape.first, shape.name_column)
        says = "加了 --units-across，可是按一个区县占一列也没有读出任务表；请检查表头"
        findings.refuse("transposed", at, shape.view.text(*at), says)
        return None
    findings.turned = True
    units = stated_units(shape.view.text(*at) for at in cells_above(shape))
    return _read(turned, source._replace(units=units), choices.turned(), findings)


def _refuse_blocks(shape: Shape, lines: Sequence[Line], findings: Findings) -> bool:
    """Whether the header comes again over other districts: the same indicators stand below once more."""
    heads = {plain(shape.view.text(row, shape.name_column)) for row in shape.header} - {""}
    again = [
        line.row
        for line in lines
        if plain(line.name) in heads
        and line.kind != SKIPPED
        and not any(is_value(shape.view.cell(line.row, c)) for c in shape.columns)
    ]
    if again:
        at = (again[0], shape.name_column)
        below = [line.row for line in lines if line.row >= again[0]]
        says = (
            "从这一行起又是一个表头，下面是另外的区县；请把下面的区县接到上面各区县的右边，成一张表，"
            f"不要读下面的请加 {findings.rows_option('skip', below)}"
        )
        findings.refuse("second-table", at, shape.view.text(*at), says)
    return bool(again)


def _read(shape: Shape, source: _Source, choices: Choices, findings: Findings) -> TaskTable | None:
    """The table of one shape; None where no column or no district could be made out."""
    _check_header(shape, findings)
    _mention_numbers_outside(shape, findings)
    found = settle_headings(shape, classify_rows(shape, choices), choices)
    rows = [line.row for line in found if line.kind == DISTRICT]
    columns = read_columns(shape, rows, findings)
    if not choices.units_across and not findings.turned:
        trial = findings.beside()
        if not check_orientation(shape, found, columns, choices, trial):
            findings.take_over(trial)
            return None
        findings.add_all(trial)
    found = before_again(shape, settle_nameless(shape, found, columns, findings), findings)
    mention_rows(shape, found, findings)
    found = before_second(found)
    corner = [(row, shape.name_column) for row in shape.header]
    above = [shape.view.text(*at) for at in [*cells_above(shape), *corner]]
    units = source.units or stated_units(above, brackets=len(above) - len(corner))
    named = with_unit_exceptions(columns.headings, above)
    columns = columns._replace(headings=with_listed_units(named, units))
    _refuse_two_units(shape, columns.headings, findings)
    body = read_body(shape, found, columns, choices, findings)
    rows = [line.row for line in body.districts]
    if not source.results:
        columns = leave_out_columns(shape, columns, rows, source.year, choices, findings)
        refuse_draft(source.text, list(columns.headings), choices, findings)
        refuse_odd(shape, body, columns, choices, findings)
    refuse_noted(shape, body, columns, source.year, choices, findings, results=source.results)
    mention_hidden_columns(shape, columns, findings)
    columns = columns._replace(headings=with_written_units(shape, columns.headings, rows))
    unit = units[0] if len(units) == 1 else common_unit(shape, columns, rows)
    measures = choices.column_measures
    _refuse_unread(measures, columns, findings)
    indicators = read_indicators(columns.headings, unit, findings, measures, units)
    refuse_mixed_rates(shape, rows, columns.headings, findings)
    mention_rates(indicators, columns.headings, findings, measures)
    districts = read_districts(shape, body, columns, findings)
    _refuse_merged(shape, body, columns.headings, findings)
    if not indicators or not districts:
        return None
    targets, cells = read_targets(
        shape, body.districts, districts, columns.headings, indicators, findings
    )
    published = read_totals(shape, body.totals, columns.headings, indicators, findings)
    table = TaskTable(
        source.title or source.file.rpartition(".")[0] or source.file,
        districts,
        _mark_wholes(indicators, targets),
        targets,
        published[0] if published else {},
        shape.view.grid.sheet,
        cells,
    )
    spare = read_spare(shape, body, columns.headings, indicators)
    check_table(table, body.totals, columns.headings, published, findings, spare)
    account = give_account(shape, body, columns, indicators, choices, findings, source.above)
    return table._replace(account=account)


def _refuse_two_units(shape: Shape, headings: dict[int, Heading], findings: Findings) -> None:
    """Refuse a unit above the table beside which another stands there, or in headings, where it may be either."""
    told = {at: stated_units([shape.view.text(*at)]) for at in cells_above(shape)}
    alone = {at: units[0] for at, units in told.items() if len(units) == 1}
    if all(heading.unit for heading in headings.values()):
        # What stands above is of no column then; on another scale than a heading it is in doubt all the same.
        counted = {_what_counted(unit) for unit in alone.values()}
        alike = {h.at: h.unit for h in headings.values() if _what_counted(h.unit) in counted}
        alone = alone | alike if not set(alone.values()) & set(alike.values()) else {}
    if len(set(map(fold, alone.values()))) > 1:
        named = "、".join(f"{findings.cell_name(at)}“{unit}”" for at, unit in alone.items())
        at = next(iter(alone))
        says = f"写着几个计量单位：{named}，不知道用哪一个；请改成一样的，或者写在各列的表头里、删去上面的"
        findings.refuse("unit-twice", at, alone[at], says)


def _what_counted(unit: str) -> str:
    """A unit without its multiple: 元 of 万元 and of 亿元."""
    return unit.lstrip("十百千万亿") or unit


def _refuse_unread(measures: Mapping[int, str], columns: Columns, findings: Findings) -> None:
    for column in measures.keys() - columns.headings.keys():
        at = (1, column)
        says = (
            f"{findings.column_name(column)}没有读成指标，--measure 写的口径用不上；请核对列号，"
            f"它是指标的话请加 {findings.column_option('keep', column)}"
        )
        findings.refuse("no-such-indicator", at, "", says)


def _mention_numbers_outside(shape: Shape, findings: Findings) -> None:
    before = sorted({row for row, _ in shape.before})
    if len(before) > 1:
        at = shape.before[0]
        names = f"{findings.row_name(before[0])}到{findings.row_name(before[-1])}"
        skip = f"{before[0]}-{before[-1]}"
        says = (
            f"{names}在表头以上，像另一张表，没有读入；请一张工作表只放一张任务表，"
            f"不要读这几行请加 --skip-row {skip}"
        )
        findings.refuse("second-table", at, shape.view.quote(*at), says)
        return
    for at in shape.before:
        says = "这个数在表头以上，没有读入；请确认不是数据"
        findings.warn("number-skipped", at, shape.view.quote(*at), says)
    cells = shape.view.grid.cells
    outside = [at for at, cell in cells.items() if at[1] > MAX_COLUMNS and is_value(cell)]
    for at in outside[:_SOME]:
        says = f"在第 {MAX_COLUMNS} 列以外，没有读入"
        if at == outside[0] and len(outside) > _SOME:
            says = f"{says}；这样的一共有 {len(outside)} 个"
        findings.warn("number-skipped", at, quote(cells[at]), says)


def _check_header(shape: Shape, findings: Findings) -> None:
    at = (shape.first, shape.name_column)
    if not shape.header:
        says = "上面没有表头；请在名称和数字上方写明各列是什么指标"
        findings.refuse("no-header", at, shape.view.text(*at), says)
    elif len(shape.header) > MAX_HEADER:
        at = (shape.header[0], shape.name_column)
        says = f"从这一行起表头有 {len(shape.header)} 行，最多能读 {MAX_HEADER} 行；请合并或删去多余的行"
        findings.refuse("header-too-deep", at, shape.view.text(*at), says)


def _refuse_merged(
    shape: Shape, body: Body, headings: dict[int, Heading], findings: Findings
) -> None:
    rows = {line.row for line in (*body.districts, *body.totals)}
    totals = {(line.row, shape.name_column) for line in body.totals}
    for area in shape.view.grid.merged:
        down, across = range(area[0], area[2] + 1), range(area[1], area[3] + 1)
        if area[:2] in totals and area[0] == area[2]:
            continue  # 合计 over the columns of figures: it has none
        if any(row in down for row in rows) and any(column in across for column in headings):
            says = f"数字格 {findings.area_name(area)} 合并了，不知道属于哪个区县或指标；请取消合并，逐格填写"
            findings.refuse("merged-cells", area[:2], findings.area_name(area), says)


def _mark_wholes(
    indicators: Iterable[Indicator], targets: dict[tuple[str, str], Number]
) -> tuple[Indicator, ...]:
    """Whether only whole numbers make sense; for an unknown unit the table's own numbers tell."""
    broken = {code for (_, code), value in targets.items() if isinstance(value, float)}
    return tuple(
        item._replace(
            whole=item.measure != RATE
            and (
                item.unit in PIECE_UNITS or (not is_measure(item.unit) and item.code not in broken)
            )
        )
        for item in indicators
    )
