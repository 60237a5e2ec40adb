"""The numbers of a task table: each read, refused at its cell, or mentioned as blank."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from xl_addin.model.records import RATE, District, Indicator, Number
from xl_addin.tasktable.body import Body
from xl_addin.tasktable.display import check_display
from xl_addin.tasktable.find import Shape, is_nothing
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.headers import PIECE_UNITS, Heading
from xl_addin.tasktable.lines import RESERVE, Line
from xl_addin.tasktable.rates import look_of, without_floor
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import NO_VALUE, TEXT, Cell
from xl_addin.xlsx.numberformat import PERCENT, classify_display
from xl_addin.xlsx.values import (
    PERCENT_UNCLEAR,
    ParsedNumber,
    number_text,
    plain_text,
    read_number,
    read_shown,
)

_MANY_BLANKS = 5
_SMALL_PERCENT = 10


def read_targets(
    shape: Shape,
    rows: Sequence[Line],
    districts: Sequence[District],
    headings: dict[int, Heading],
    indicators: Sequence[Indicator],
    findings: Findings,
) -> tuple[dict[tuple[str, str], Number], dict[tuple[str, str], str]]:
    """The targets, and the cell of each pair, by (district code, indicator code)."""
    targets: dict[tuple[str, str], Number] = {}
    cells: dict[tuple[str, str], str] = {}
    blanks: list[Where] = []
    small = {column for column in headings if _holds_small_percents(shape, rows, column)}
    for line, district in zip(rows, districts, strict=True):
        for column, item in zip(headings, indicators, strict=True):
            at = (line.row, column)
            cells[district.code, item.code] = findings.cell_name(at)
            value = _amount(shape, at, item, findings, bare=column in small)
            if value is not None:
                targets[district.code, item.code] = value
            elif not _holds_amount(shape, at) and at not in shape.view.covered:
                blanks.append(at)
    findings.gather(("read-as-number", "not-whole", "display-differs"), _MANY_BLANKS)
    _mention_blanks(shape, blanks, len(headings), findings)
    return targets, cells


def _holds_small_percents(shape: Shape, rows: Sequence[Line], column: int) -> bool:
    """Whether a column's plain numbers are a few percents each: beside 1.2 and 3 no 1 is 100 %."""
    cells = [cell for line in rows if (cell := shape.view.cell(line.row, column)) is not None]
    values = [cell.value for cell in cells if isinstance(cell.value, int | float)]
    looks = any(classify_display(look_of(shape, cell), 1) == PERCENT for cell in cells)
    return not looks and 1 < max(values, default=0) <= _SMALL_PERCENT


def _amount(
    shape: Shape, at: Where, item: Indicator, findings: Findings, *, bare: bool = False
) -> Number | None:
    """``bare``: a number under a percent unit is surely no fraction."""
    cell = shape.view.cell(*at)
    if cell is None or is_nothing(cell):
        return None
    written = _read_floor(cell, item.unit) or read_shown(cell, item.unit, look_of(shape, cell))
    if bare and written.code == PERCENT_UNCLEAR:
        written = read_number(cell, item.unit)
    name = f"“{item.label}”"
    skip = f"这一列不是任务请加 {findings.column_option('skip', at[1])}"
    if written.code == "no-value":
        says = f"{name}是公式但没有算出结果，应为一个数字；请用 Excel 或 WPS 打开、保存一次再试"
        findings.refuse(written.code, at, written.found, says)
    elif written.code == "error-value":
        says = f"{name}显示 {written.found}，应为一个数字；请改正公式或直接填数字"
        findings.refuse(written.code, at, written.found, says)
    elif written.code == PERCENT_UNCLEAR:
        says = f"{name}写的是 {written.found}，{written.why}；请带百分号填写，例如 95%"
        findings.refuse(written.code, at, written.found, says)
    elif written.code == "not-a-number":
        says = f"{name}写的是“{written.found}”，应为一个数字；请改成数字，没有任务填“—”，{skip}"
        findings.refuse(written.code, at, written.found, says)
    elif written.value is not None and written.value < 0:
        says = f"{name}是 {written.found}，任务数不能小于 0；请改正，{skip}"
        findings.refuse("negative", at, written.found, says)
    else:
        if written.value is not None and cell.kind == TEXT and written.code == "read-as-number":
            says = (
                f"{name}是文字“{written.found}”，已按数字 {number_text(written.value)} 读入；请核对"
            )
            findings.warn("read-as-number", at, written.found, says)
        if isinstance(written.value, float) and item.unit in PIECE_UNITS:
            says = f"{name}是 {written.found}，按“{item.unit}”计应为整数；请核对"
            findings.warn("not-whole", at, written.found, says)
        if written.value is not None:
            check_display(shape, at, cell, item, findings)
        return written.value
    return None


def _read_floor(cell: Cell, unit: str) -> ParsedNumber | None:
    """``≥90%`` as 90: what has to be reached at least is the target."""
    text = plain_text(str(cell.value)) if cell.kind == TEXT else ""
    if (bare := without_floor(text)) == text:
        return None
    written = read_number(cell._replace(value=bare), unit)
    return written._replace(found=text) if written.value is not None else None


def _holds_amount(shape: Shape, at: Where) -> bool:
    cell = shape.view.cell(*at)
    return cell is not None and bool(str(cell.value).strip())


def _mention_blanks(shape: Shape, blanks: Sequence[Where], width: int, findings: Findings) -> None:
    """One warning for a row or column that is largely blank, else one for each cell."""
    by_row, by_column = Counter(r for r, _ in blanks), Counter(c for _, c in blanks)
    told: set[str] = set()
    for row, column in blanks:
        if by_row[row] == width > 1:
            name = shape.view.text(row, shape.name_column)
            skip = findings.row_option("skip", row)
            key, says = f"行{row}", f"“{name}”一行没有任何任务数（不是区县请加 {skip}）"
        elif by_column[column] > _MANY_BLANKS:
            name = findings.column_name(column)
            key, says = f"列{name}", f"{name}有 {by_column[column]} 个空格，这是第一个"
        else:
            key, says = findings.cell_name((row, column)), "空着"
        if key not in told:
            told.add(key)
            findings.warn(
                "blank", (row, column), "", f"{says}，按没有任务读入；有任务请补上，没有请填“—”"
            )


def read_totals(
    shape: Shape,
    rows: Sequence[Line],
    headings: dict[int, Heading],
    indicators: Sequence[Indicator],
    findings: Findings,
) -> list[dict[str, Number]]:
    """What each printed total row says, by indicator; of rates, which are not added, nothing."""
    for line in rows[1:]:
        says = (
            f"“{line.name}”又是一行合计，公布合计用的是{findings.row_name(rows[0].row)}；请只留一行"
        )
        findings.warn("total-twice", (line.row, shape.name_column), line.name, says)
    return [
        {
            item.code: value
            for column, item in zip(headings, indicators, strict=True)
            if item.measure != RATE
            and not _is_no_total(shape, (line.row, column), findings)
            and (value := _amount(shape, (line.row, column), item, findings)) is not None
        }
        for line in rows
    ]


def _is_no_total(shape: Shape, at: Where, findings: Findings) -> bool:
    """Whether a total is words, or a formula never computed: it is only for checking, so that is told."""
    cell = shape.view.cell(*at)
    if cell is None or is_nothing(cell):
        return False
    text = shape.view.text(*at)
    if cell.kind == TEXT and not any(map(str.isdigit, text)):
        says = f"合计写的是“{text}”，没有拿它核对；要核对请改成数字"
    elif cell.kind == NO_VALUE:
        says = (
            "合计是公式，还没有算出结果，没有拿它核对；要核对请用 Excel 或 WPS 打开、保存一次再试"
        )
    else:
        return False
    findings.warn("total-unchecked", at, shape.view.quote(*at), says)
    return True


def read_spare(
    shape: Shape, body: Body, headings: dict[int, Heading], indicators: Sequence[Indicator]
) -> dict[str, Number]:
    """What rows of reserves hold together, by indicator."""
    rows = [line.row for line in body.all if line.kind == RESERVE]
    found: dict[str, Number] = {}
    for column, item in zip(headings, indicators, strict=True):
        values = [read_number(shape.view.cell(row, column), item.unit).value for row in rows]
        told = [value for value in values if value is not None]
        if told:
            found[item.code] = sum(told)
    return found
