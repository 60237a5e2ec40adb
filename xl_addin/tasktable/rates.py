"""The units that a column's numbers show, and which are rates: kept as percents and never added up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xl_addin.model.names import is_percent_unit
from xl_addin.model.records import FLOW_LABEL, MEASURE_LABELS, RATE, Indicator
from xl_addin.system.light import pattern
from xl_addin.tasktable.find import Shape, is_nothing
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.headers import Heading, is_unit
from xl_addin.xlsx.cells import NUM, TEXT, Cell
from xl_addin.xlsx.numberformat import PERCENT, classify_display
from xl_addin.xlsx.values import number_text, plain_text

_WITH_UNIT = pattern(r"\d[\d.,]*([^\d.,]+)")
_FLOOR = pattern(r"(?:[≥≧]|>=|不少于|不低于|不小于|至少|大于等于)\s*(.+)|(.+?)及?以上")
_PERCENT = 20  # a percent, and no share of one
_RATE_WORDS = pattern(r"率|比例|比重|占比")


def look_of(shape: Shape, cell: Cell | None) -> str:
    """The number format of a cell that may show a number as something else."""
    return shape.view.grid.format_codes.get(cell.style, "") if cell is not None else ""


def without_floor(text: str) -> str:
    """``≥90%``, ``不少于90%`` and ``90%以上`` without what says that it has to be reached at least."""
    floor = _FLOOR.fullmatch(text)
    return floor[1] or floor[2] if floor else text


def with_written_units(
    shape: Shape, headings: Mapping[int, Heading], rows: Sequence[int]
) -> dict[int, Heading]:
    """The headings; one without a unit has that which every number of its column shows: 95 %, 100人."""
    return {
        column: heading
        if heading.unit
        else heading._replace(unit=_written_unit(shape, column, rows))
        for column, heading in headings.items()
    }


def _written_unit(shape: Shape, column: int, rows: Sequence[int]) -> str:
    if _shows_percents(shape, column, rows):
        return "%"
    cells = [
        cell for row in rows if (cell := shape.view.cell(row, column)) and not is_nothing(cell)
    ]
    texts = [without_floor(plain_text(str(cell.value))) for cell in cells if cell.kind == TEXT]
    found = {match[1] if (match := _WITH_UNIT.fullmatch(text)) else "" for text in texts}
    unit = found.pop() if len(found) == 1 and len(texts) == len(cells) else ""
    return unit if is_unit(unit) else ""


def _shows_percents(shape: Shape, column: int, rows: Sequence[int]) -> bool:
    cells = [shape.view.cell(row, column) for row in rows]
    looks = [
        classify_display(look_of(shape, cell), cell.value)
        for cell in cells
        if cell is not None and cell.kind == NUM and isinstance(cell.value, int | float)
    ]
    return bool(looks) and set(looks) == {PERCENT}


def is_like_rate(heading: Heading) -> bool:
    """Whether a column holds percents, or has no unit and a name like a rate's."""
    if is_percent_unit(heading.unit):
        return True
    return not heading.unit and bool(_RATE_WORDS.search(heading.path[-1]))


def refuse_mixed_rates(
    shape: Shape, rows: Sequence[int], headings: Mapping[int, Heading], findings: Findings
) -> None:
    """Refuse a column of rates of which some are shares of one and some are percents: 0.95 beside 92."""
    for column, heading in headings.items():
        if heading.unit or not is_like_rate(heading):
            continue  # of percents each number is looked at where it is read
        cells = {row: shape.view.cell(row, column) for row in rows}
        numbers = {
            row: cell.value
            for row, cell in cells.items()
            if cell and isinstance(cell.value, int | float) and not look_of(shape, cell)
        }
        shares = {row: value for row, value in numbers.items() if 0 < value < 1}
        percents = [value for value in numbers.values() if value >= _PERCENT]
        others = [value for value in numbers.values() if 1 < value < _PERCENT]
        if shares and percents and not others:
            row, value = next(iter(shares.items()))
            says = (
                f"“{heading.path[-1]}”这一格是 {number_text(value)}，同一列里还有 {number_text(percents[0])}，"
                "不知道是 1 里面的多少还是百分数；请改成一样的写法，例如都写百分数"
            )
            findings.refuse("percent-unclear", (row, column), number_text(value), says)


def mention_rates(
    indicators: Sequence[Indicator],
    headings: Mapping[int, Heading],
    findings: Findings,
    settled: Collection[int] = (),
) -> None:
    """Say which indicators are rates, and which only sound like one; not of columns that are settled."""
    open_ones = [
        (item, column, heading)
        for item, (column, heading) in zip(indicators, headings.items(), strict=True)
        if column not in settled
    ]
    rates = [each for each in open_ones if each[0].measure == RATE]
    if rates:
        item, _, heading = rates[0]
        says = (
            f"{_names([each[0] for each in rates])}按比率读入：各区县、各月不相加，没有合计；要合计的在“指标”的"
            "“合计按”里写明按哪项指标加权"
        )
        findings.warn("read-as-rate", heading.at, item.label, says)
    like = [
        each
        for each in open_ones
        if each[0].measure != RATE and not each[0].unit and _RATE_WORDS.search(each[0].path[-1])
    ]
    if like:
        item, _, heading = like[0]
        numbers = [column for _, column, _ in like]
        says = (
            f"{_names([each[0] for each in like])}像是比率，单位不是 %，按相加的数读入；是比率的话请加 "
            f"{findings.measure_option(numbers, MEASURE_LABELS[RATE])}，确是相加的数请加 "
            f"{findings.measure_option(numbers, FLOW_LABEL)}"
        )
        findings.warn("like-a-rate", heading.at, item.label, says)


def _names(items: Sequence[Indicator]) -> str:
    return "、".join(f"“{item.label}”" for item in items[:5]) + ("等" if items[5:] else "")
