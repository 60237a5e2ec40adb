"""Headings to indicators: codes, units, and which is a part (其中) of which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from xl_addin.model.names import fold, is_percent_unit
from xl_addin.model.records import FLOW, RATE, Indicator
from xl_addin.system.light import pattern
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.headers import Heading, default_unit

_SUM = pattern(r"[总合小共]计|总[数量]|合计数?")
# Sloppy tables count the same heads in any of these, so a part may be in another of them.
_HEAD_COUNTS = frozenset(("人", "名", "人次", "个", "户"))


def read_indicators(
    headings: Mapping[int, Heading],
    default: str,
    findings: Findings,
    measures: Mapping[int, str] = MappingProxyType({}),
    listed: Sequence[str] = (),
) -> tuple[Indicator, ...]:
    """One indicator a column, in column order; ``default`` is the unit where no header has one.

    ``measures``: what somebody said of a column, by its number; ``listed``: units that the table states
    without saying of what.
    """
    indicators: list[Indicator] = []
    whole: Indicator | None = None
    for number, (column, heading) in enumerate(headings.items(), 1):
        code = f"I{number:02d}"
        parent = _whole_of(heading, whole, indicators, findings) if heading.part else None
        unit = heading.unit or (parent.unit if parent else "") or default_unit(heading, default)
        measure = measures.get(column, RATE if is_percent_unit(unit) else FLOW)
        item = Indicator(code, heading.path, unit, measure, parent.code if parent else "")
        if parent is not None and heading.levels == 0:
            item = item._replace(path=(*parent.path, *heading.path))
        indicators.append(item)
        whole = whole if heading.part else item
    told = _tell_apart(indicators, headings)
    _refuse_twins(told, headings, findings)
    _mention_unitless(told, headings, listed, findings)
    return told


def _whole_of(
    heading: Heading, whole: Indicator | None, before: Sequence[Indicator], findings: Findings
) -> Indicator | None:
    """The indicator of which a part is one, if what stands before it can be that."""
    label = " > ".join(heading.path)
    group = heading.path[: heading.levels]
    if whole is not None and not group and len(heading.path) == 1 < len(whole.path):
        # 其中 beside a group of columns is a part of all of them together.
        sums = [i for i in before if i.path[:-1] == whole.path[:-1] and _SUM.fullmatch(i.path[-1])]
        whole = sums[0] if sums else None
    if whole is None or (group and whole.path[: len(group)] != group):
        says = f"“{label}”写着“其中”，前面却没有它所属的指标；已按单独的指标读入，请核对"
        findings.warn("part-without-whole", heading.at, label, says)
        return None
    units = {heading.unit, whole.unit} - {""}
    if len(units) > 1 and not units <= _HEAD_COUNTS:
        says = (
            f"“{label}”的单位是{heading.unit}，“{whole.label}”是{whole.unit}，不能相比；"
            "已按单独的指标读入，请核对"
        )
        findings.warn("part-in-other-unit", heading.at, label, says)
        return None
    return whole


def _tell_apart(
    indicators: list[Indicator], headings: Mapping[int, Heading]
) -> tuple[Indicator, ...]:
    """Parts of the same name in one group (新增 其中：女, 存量 其中：女) go under their wholes.

    What is then still alike has its unit in its name, where those differ: 任务数（户）, 任务数（人）.
    """
    paths = {item.code: item.path for item in indicators}
    count = Counter(item.path for item in indicators)
    told = [
        item._replace(path=(*paths[item.parent], *item.path[heading.levels :]))
        if item.parent and count[item.path] > 1 and heading.levels
        else item
        for item, heading in zip(indicators, headings.values(), strict=True)
    ]
    count = Counter(item.path for item in told)
    units = Counter((item.path, item.unit) for item in told)
    return tuple(
        item._replace(path=(*item.path[:-1], f"{item.path[-1]}（{item.unit}）"))
        if item.unit and count[item.path] > units[item.path, item.unit] == 1
        else item
        for item in told
    )


def _refuse_twins(
    indicators: tuple[Indicator, ...], headings: Mapping[int, Heading], findings: Findings
) -> None:
    seen: dict[str, str] = {}
    for item, heading in zip(indicators, headings.values(), strict=True):
        key = fold(item.label)
        if key in seen:
            says = f"指标“{item.label}”和 {seen[key]} 的重名；请在表头里写出区别，或删去重复的一列"
            findings.refuse("indicator-twice", heading.at, item.label, says)
        seen.setdefault(key, findings.cell_name(heading.at))


def _mention_unitless(
    indicators: tuple[Indicator, ...],
    headings: Mapping[int, Heading],
    listed: Sequence[str],
    findings: Findings,
) -> None:
    bare = [
        (item, heading)
        for item, heading in zip(indicators, headings.values(), strict=True)
        if not item.unit
    ]
    if bare:
        names = "、".join(f"“{item.label}”" for item, _ in bare[:5]) + ("等" if bare[5:] else "")
        several = f"表上写的单位是“{'、'.join(listed)}”，看不出{names}用哪一个"
        what = several if len(listed) > 1 else f"{names}没有写计量单位"
        says = f"{what}；请在表头里写成“（人）”的样子，或建立后在“指标”表里补上"
        findings.warn("no-unit", bare[0][1].at, bare[0][0].label, says)
