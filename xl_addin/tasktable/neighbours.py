"""What a column of a task table is by those beside it: a project's whole, the task before it changed, a sum."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xl_addin.model.names import plain
from xl_addin.model.records import Number
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.find import SUBTOTALS, TOTALS, Shape
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.headers import Heading
from xl_addin.tasktable.purpose_words import (
    ABOVE,
    ADDED,
    AFTER,
    BASE,
    BRACKET,
    CHANGE,
    EARLIER,
    ENSURED,
    FORMER,
    GIVEN,
    LATTER,
    MANY_YEARS,
    MIXED,
    OWN,
    PROJECT,
    RESULT,
    SPAN,
    STRETCH,
    STRIVEN,
    STRIVEN_FOR,
    TARGET,
    UPPER,
    WHOLE_YEAR,
    YEAR,
    YEARLY,
    years_in,
)
from xl_addin.tasktable.rates import is_like_rate
from xl_addin.tasktable.vectors import Vector, strength_of
from xl_addin.xlsx.values import read_number

_NOISE = 1e-6
_RATE_OF = pattern(r"(.{2,6})(率|比例|百分比)")
_DONE_OF = pattern(r"(完成|实际|已|实施|落实|到位)(?!率)(.{1,8})")
_PLANNED_OF = pattern(r"(计划|目标|任务|应|拟|年度)+(.{1,8})")
_FACTOR = pattern(r"权[重数]|系数|所占权重")
_SURE = 3.0  # powers of ten against a sum by chance
_FEW = 2  # rows in which a column may equal others by chance


class Column(NamedTuple):
    """``kind`` is empty where nothing speaks against a target; ``stem`` is what the column is about."""

    number: int
    heading: Heading
    stem: str
    kind: str

    @property
    def leaf(self) -> str:
        """The innermost level."""
        return YEAR.sub("", plain(self.heading.path[-1]))

    @property
    def group(self) -> tuple[str, ...]:
        """All levels but the innermost."""
        return self.heading.path[:-1]


def sort_by_neighbours(
    shape: Shape, columns: Sequence[Column], rows: Sequence[int], choices: Choices
) -> list[Column]:
    """The columns with the kind of those that only what stands beside them tells."""
    found = _without_former(columns, choices)
    return [
        c._replace(kind=_kind_beside(shape, c, found, rows))
        if not c.kind and c.number not in choices.kept_columns
        else c
        for c in found
    ]


def _without_former(columns: Sequence[Column], choices: Choices) -> list[Column]:
    """Of targets for one thing, those beside the one that says 最终 or 调整后 are what it was before."""
    final = {(c.stem, c.group) for c in columns if not c.kind and AFTER.search(c.leaf)}
    return [
        c._replace(kind=CHANGE)
        if not c.kind
        and (c.stem, c.group) in final
        and not AFTER.search(c.leaf)
        and c.number not in choices.kept_columns
        else c
        for c in columns
    ]


def _kind_beside(
    shape: Shape, column: Column, columns: Sequence[Column], rows: Sequence[int]
) -> str:
    others = [other for other in columns if not other.kind and other is not column]
    striven = STRIVEN.fullmatch(BRACKET.sub("", column.leaf))
    if striven:
        alike = [other.leaf for other in others if other.leaf.startswith(striven[1] or "")]
        return STRETCH if any(map(TARGET.search, alike)) else ""
    alike = [other.leaf for other in others if other.group == column.group]
    if STRIVEN_FOR.fullmatch(column.leaf) and any(map(ENSURED.fullmatch, alike)):
        return STRETCH
    if is_rate_of_done(column, columns) or _is_done_of_planned(column, others):
        return RESULT
    if FORMER.fullmatch(column.leaf) and any(map(LATTER.fullmatch, alike)):
        return CHANGE
    weighed = any(c.number == column.number + 1 and _FACTOR.fullmatch(c.leaf) for c in columns)
    if weighed and any(GIVEN.search(other.leaf) for other in others):
        return BASE
    if is_yearly(column):
        return ""
    spans = any(SPAN.search(plain(level)) for level in column.heading.path)
    yearly = [other for other in others if is_yearly(other) and _may_compare(column, other)]
    if (spans or _is_many_years(column)) and yearly:
        return PROJECT
    if ADDED.fullmatch(column.leaf) and any(map(AFTER.search, alike)):
        return CHANGE
    if ABOVE.fullmatch(column.leaf) and any(map(OWN.fullmatch, alike)):
        return UPPER
    if TOTALS.fullmatch(column.leaf) or WHOLE_YEAR.fullmatch(column.leaf):
        years = [c for c in columns if c.group == column.group and years_of(c.heading)]
        if any(c.kind == EARLIER for c in years) and _is_sum(shape, column, years, rows):
            return EARLIER
        beside = [other for other in others if other.group == column.group]
        unlike = len({other.heading.unit for other in beside} - {""}) > 1
        if unlike and not column.heading.unit and _is_sum(shape, column, beside, rows):
            return MIXED
    return ""


def is_rate_of_done(column: Column, columns: Sequence[Column]) -> bool:
    """Whether a rate is that of what another column says was done: 完工率 beside 已完工."""
    rate = _RATE_OF.fullmatch(column.leaf)
    return bool(rate) and any(
        other.kind == RESULT and other.leaf.startswith((f"已{rate[1]}", rate[1]))
        for other in columns
        if rate and other is not column
    )


def _is_done_of_planned(column: Column, others: Sequence[Column]) -> bool:
    """Whether a column is what was done of what another one plans: 完成投资 beside 计划投资."""
    done = _DONE_OF.fullmatch(column.leaf)
    return bool(done) and any(
        (planned := _PLANNED_OF.fullmatch(other.leaf)) and done and planned[2] == done[2]
        for other in others
    )


def is_whole_of_years(
    shape: Shape, column: Column, plain_ones: Sequence[Column], rows: Sequence[int]
) -> bool:
    """Whether a column is nowhere less than the year's beside it, which is no part of it by name."""
    yearly = [other for other in plain_ones if is_yearly(other)]
    alike = [other for other in yearly if _may_compare(column, other)]
    alike = [other for other in alike if other.group == column.group != ()] or alike
    return any(not plain(other.heading.path[-1]).startswith("其中") for other in yearly) and all(
        value_at(shape, row, column.number) >= value_at(shape, row, other.number)
        for other in alike
        for row in rows
    )


def _is_many_years(column: Column) -> bool:
    return bool(MANY_YEARS.fullmatch(BRACKET.sub("", column.leaf)))


def _may_compare(column: Column, other: Column) -> bool:
    """Whether two columns are in one unit, or one of them does not say in which."""
    return len({column.heading.unit, other.heading.unit} - {""}) < 2


def is_of_all(column: Column) -> bool:
    """Whether a column is called what a project, all years or all there are come to."""
    if column.leaf.startswith("累计") or column.leaf.endswith("总数"):
        return True
    # What is signed is a goal of its own where no year's stands beside it.
    return _is_many_years(column) and "合同" not in column.leaf


def is_yearly(column: Column) -> bool:
    """Whether a heading says that it is of a year."""
    return any(YEARLY.search(plain(level)) for level in column.heading.path)


def years_of(heading: Heading) -> set[int]:
    """The years that a heading names on any level."""
    return {year for level in heading.path for year in years_in(plain(level))}


def value_at(shape: Shape, row: int, column: int) -> Number:
    """The number in a cell as it stands; 0 for none, so that sums can be compared."""
    value = read_number(shape.view.cell(row, column)).value
    return 0 if value is None else value


def add_up(shape: Shape, row: int, columns: Sequence[int]) -> Number:
    """The sum of a row's numbers in these columns."""
    return sum(value_at(shape, row, column) for column in columns)


def mention_pairs(
    columns: Sequence[Column],
    read: Sequence[Column],
    figures: Mapping[int, Vector],
    choices: Choices,
    findings: Findings,
) -> None:
    """A column that is two others together in every row: a cumulative, or a task told in its parts as well.

    ``figures`` is what each column has. Where one of the three is no task the other two tell one, what is
    to be and what is to be added.
    """
    vectors = {number: tuple(round(v, 6) for v in said) for number, said in figures.items()}
    telling = [
        c
        for c in columns
        if len(vectors[c.number]) > _FEW and strength_of(vectors[c.number]) > _SURE
    ]
    by_first: dict[Number, list[Column]] = {}
    for column in telling:
        by_first.setdefault(vectors[column.number][0], []).append(column)
    for whole in telling:
        pair = next(
            (
                (one, other)
                for one in telling
                for other in by_first.get(
                    round(vectors[whole.number][0] - vectors[one.number][0], 6), ()
                )
                if one.number < other.number
                and whole not in (one, other)
                and not (one.heading.part and other.heading.part)
                and _may_compare(whole, one)
                and _may_compare(whole, other)
                and _adds(vectors[whole.number], vectors[one.number], vectors[other.number])
            ),
            None,
        )
        doubled = [c for c in (whole, *(pair or ())) if c in read]
        if not pair or len(doubled) < 2:
            continue
        names = [name_column(c, findings) for c in (whole, *pair)]
        numbers = [c.number for c in doubled]
        if whole in read and doubled != [whole, *pair]:
            if not choices.kept_columns.issuperset(numbers):
                says = (
                    f"{names[0]}等于 {names[1]}加 {names[2]}，其中一列没有读入：另两列说的是同一件事，"
                    f"不能确定哪一列是今年的任务数；只要一列请加 {findings.column_option('skip', numbers[0])} 或 "
                    f"{findings.column_option('skip', numbers[1])}，"
                    f"两列都是请加 {findings.columns_option('keep', numbers)}"
                )
                findings.refuse("column-in-doubt", whole.heading.at, whole.leaf, says)
        elif not _has_total_name(whole):
            says = (
                f"{names[0]}等于 {names[1]}加 {names[2]}，读入的列里有重复；"
                f"不用区县再报一次的列请写明，例如 {findings.column_option('skip', doubled[0].number)}"
            )
            findings.warn("column-is-sum", whole.heading.at, whole.leaf, says)


def name_column(column: Column, findings: Findings) -> str:
    """Where a column stands and what it is called: ``C 列“培训”``."""
    return f"{findings.column_name(column.number)}“{' > '.join(column.heading.path)}”"


def _adds(whole: Vector, one: Vector, other: Vector) -> bool:
    """Whether the first is the two others together, row by row."""
    return all(
        abs(w - a - b) <= _NOISE * max(1.0, abs(w))
        for w, a, b in zip(whole, one, other, strict=True)
    )


def _has_total_name(column: Column) -> bool:
    return bool(TOTALS.fullmatch(column.leaf) or SUBTOTALS.fullmatch(column.leaf))


def mention_sums(
    shape: Shape,
    columns: Sequence[Column],
    rows: Sequence[int],
    findings: Findings,
    told: Collection[int],
) -> None:
    """A column called a total that adds up others: districts would be asked for it besides its parts.

    ``told`` are those of which it was said already.
    """
    for column in columns:
        if (
            column.number in told
            or is_like_rate(column.heading)
            or (not _has_total_name(column) and len(rows) <= _FEW)
        ):
            continue
        unit = column.heading.unit
        others = [c for c in columns if c is not column and (not unit or c.heading.unit == unit)]
        if len({other.heading.unit for other in others}) > 1:
            continue
        group = [other for other in others if other.group == column.group]
        if _is_sum(shape, column, group, rows) or _is_sum(shape, column, others, rows):
            label = " > ".join(column.heading.path)
            says = (
                f"{findings.column_name(column.number)}“{label}”等于旁边各列相加，已当作一项指标读入；"
                f"不用区县再报一次的话请加 {findings.column_option('skip', column.number)}"
            )
            findings.warn("column-is-sum", column.heading.at, label, says)


def _is_sum(shape: Shape, whole: Column, parts: Sequence[Column], rows: Sequence[int]) -> bool:
    numbers = [part.number for part in parts]
    return (
        len(numbers) > 1
        and any(value_at(shape, row, whole.number) for row in rows)
        and all(
            abs(value_at(shape, row, whole.number) - add_up(shape, row, numbers)) <= _NOISE
            for row in rows
        )
    )
