"""Columns headed by offices alone: one task told in their parts, or parts of a task that nobody names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xl_addin.model.names import plain
from xl_addin.system.light import pattern
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.neighbours import Column, name_column
from xl_addin.tasktable.purpose_words import BRACKET, TARGET
from xl_addin.tasktable.vectors import Vector, add_up, same

_OFFICE = pattern(
    r"([市县区]?[\u3400-\u9fff]{1,8}(部门|局|(?<![餐展客大书歌])厅|(?<![村居民主])委员会|工委|总工会|工商联|农办)|"
    r"[市县区总]?(工会|残联|妇联|团委|共青团|科协|文联|侨联|工商联|红十字会|卫健委?|发改委?|教体|人社|民政|医保|退役军人(事务)?|农业农村|文旅|住建|应急管理))"
    r"([、,/和及]|$)"
)


def mention_offices(
    columns: Sequence[Column],
    figures: Mapping[int, Vector],
    choices: Choices,
    findings: Findings,
    *,
    title: str,
    units: Collection[str],
) -> set[int]:
    """Tell what offices' columns add up to, or refuse them where nothing says which task they share.

    ``title`` and ``units`` are what stands above the table. What comes back are the columns of which it was told.
    """
    told: set[int] = set()
    groups: dict[tuple[str, ...], list[Column]] = {}
    for column in columns:
        if _is_office(column.heading.path[-1]):
            groups.setdefault(column.group, []).append(column)
    for group, offices in groups.items():
        numbers = [column.number for column in offices]
        if not offices[1:] or choices.kept_columns.issuperset(numbers):
            continue
        added = add_up(figures[number] for number in numbers)
        whole = next(
            (
                c
                for c in columns
                if c not in offices and any(added) and same(figures[c.number], added)
            ),
            None,
        )
        names = "、".join(name_column(column, findings) for column in offices)
        skip = findings.columns_option("skip", numbers)
        at, label = offices[0].heading.at, offices[0].heading.path[-1]
        if whole is not None:
            told |= {whole.number, *numbers}
            says = (
                f"{names}是各部门的数，相加等于{name_column(whole, findings)}：是一项任务分给几个部门，都读成了指标；"
                f"区县只报合计的请加 {skip}，只分部门报的请加 {findings.column_option('skip', whole.number)}"
            )
            findings.warn("column-is-sum", at, label, says)
        elif not all(map(_is_office, group)) or all(c.heading.unit for c in offices):
            continue
        elif TARGET.search(title) and units and len(offices) == len(columns):
            says = (
                f"{names}只写了部门，没有写是什么任务，按标题上的任务读入；不是一项任务分给几个部门的，"
                "请在表头里写明各是什么任务"
            )
            findings.warn("column-unnamed", at, label, says)
        else:
            says = (
                f"{names}只写了部门，没有写是什么任务、什么单位；请在表头里写明，不是任务请加 {skip}，"
                f"就按部门的名称读入请加 {findings.columns_option('keep', numbers)}"
            )
            findings.refuse("column-in-doubt", at, label, says)
    return told


def _is_office(level: str) -> bool:
    text = BRACKET.sub("", plain(level))
    return bool(text) and not _OFFICE.sub("", text)
