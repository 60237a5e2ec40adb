"""Which column of another office's table is which indicator, by its heading or by what staff said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from xl_addin.compare.labels import ALIKE, FITS, Label, fit, is_our_word, our_steps, read_label
from xl_addin.compare.layout import Layout
from xl_addin.compare.periods import BARE_MONTH, SPAN, Period, read_period
from xl_addin.compare.personal import is_personal
from xl_addin.compare.units import is_plain_count, unit_factor
from xl_addin.model.comparison import (
    BY_HEADING,
    BY_OPTION,
    BY_SHEET,
    CUMULATIVE,
    EVERY_COLUMN,
    MONTHLY,
    Correspondence,
)
from xl_addin.model.records import ADDED_UP, Indicator, Number
from xl_addin.system.light import NamedTuple
from xl_addin.tasktable.find import is_value
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.headers import Heading, stated_unit
from xl_addin.xlsx.a1 import Where, column_letters
from xl_addin.xlsx.values import number_text


class Column(NamedTuple):
    """A column that is compared.

    ``period`` is CUMULATIVE or MONTHLY, empty where nothing tells; ``as_of`` is the last month (1 to 12)
    that it reaches to. ``unit`` is theirs, ours where they state none; ``factor`` makes theirs ours.
    ``told_by`` says how it was
    known: 表头, 对照 or 选项.
    """

    column: int
    at: Where
    heading: str
    indicator: str
    period: str
    as_of: int
    unit: str
    factor: Number
    told_by: str
    notes: tuple[str, ...] = ()


class Unmatched(NamedTuple):
    """A column that is not compared, and why; ``alike`` are codes of indicators that sound like it."""

    column: int
    at: Where
    heading: str
    why: str
    alike: tuple[str, ...] = ()


class Asked(NamedTuple):
    """What a comparison goes by: our words and month, what staff said, and what the table's title says.

    ``targets``: the title says that all of it are targets.
    """

    indicators: tuple[Indicator, ...]
    said: tuple[Correspondence, ...]
    year: int
    month: int
    first_month: int
    opened: bool
    title: Period
    unit: str
    targets: bool = False


class _Candidate(NamedTuple):
    column: int
    heading: Heading
    label: Label
    indicator: Indicator
    strength: int
    told_by: str
    said: Correspondence | None = None


def match_columns(
    layout: Layout, asked: Asked, findings: Findings
) -> tuple[list[Column], list[Unmatched]]:
    """The columns that are compared and those that are not; two that fit one place are a refusal."""
    candidates: list[_Candidate] = []
    left: dict[int, Unmatched] = {}
    for column, heading in sorted(layout.headings.items()):
        if column == layout.key:
            continue
        found, without = _candidates(layout, column, heading, asked, findings)
        candidates += found
        if without is not None:
            left[column] = without
    for column in layout.columns:
        if column not in layout.headings and _has_values(layout, column):
            at = (layout.header[-1] if layout.header else 1, column)
            left[column] = Unmatched(column, at, "", "没有表头")
    chosen = _one_each(candidates, asked, left, findings)
    columns = [_column(layout, each, asked, findings) for each in chosen]
    kept = [each for each in columns if each is not None]
    for each, made in zip(chosen, columns, strict=True):
        if made is None:
            left.setdefault(
                each.column,
                Unmatched(
                    each.column,
                    each.heading.at,
                    _name(each.heading),
                    "是几个月的数，我方没有这样的数可比",
                ),
            )
    return kept, [left[column] for column in sorted(left)]


def _name(heading: Heading) -> str:
    return " > ".join(heading.path)


def _option(findings: Findings, each: _Candidate) -> str:
    """What --column and 对照 may call a column by."""
    if findings.turned or findings.origin:
        return findings.cell_name(each.heading.at)
    return column_letters(each.column)


def _has_values(layout: Layout, column: int) -> bool:
    return any(is_value(layout.view.cell(each.row, column)) for each in layout.rows)


def _said_of(
    asked: Asked, layout: Layout, column: int, heading: Heading, findings: Findings
) -> Correspondence | None:
    """What staff said of this column; refused where they said two things."""
    names = [
        _name(heading),
        heading.path[-1],
        "".join(heading.path),
        column_letters(column),
        findings.column_name(column),
        layout.view.text(*heading.at),
        findings.cell_name(heading.at),
    ]
    found = [e for e in asked.said if e.indicator and e.says_of(*names)]
    places = [each for each in found if each.place == BY_OPTION] or found
    codes = {each.indicator for each in places}
    if len(codes) > 1:
        said = "、".join(sorted(codes))
        says = f"“{_name(heading)}”一列在“对照”里写了两种指标（{said}）；请只留一行"
        findings.refuse("column-in-doubt", heading.at, _name(heading), says)
    return places[0] if places else None


def _candidates(
    layout: Layout, column: int, heading: Heading, asked: Asked, findings: Findings
) -> tuple[list[_Candidate], Unmatched | None]:
    label = read_label(heading.path)
    name = _name(heading)
    by_code = {item.code: item for item in asked.indicators}
    said = _said_of(asked, layout, column, heading, findings)
    if said is not None and said.indicator in by_code:
        item = by_code[said.indicator]
        told = BY_OPTION if said.place == BY_OPTION else BY_SHEET
        return [_Candidate(column, heading, label, item, 9, told, said)], None
    if is_personal(heading.path[-1]):
        return [], Unmatched(column, heading.at, name, "是个人信息，没有读入")
    if not _has_values(layout, column):
        return [], Unmatched(column, heading.at, name, "没有数字")
    fits = {
        item.code: fit(label, our_steps(item, by_code), item.short, item.code)
        for item in asked.indicators
    }
    best = max(fits.values(), default=0)
    codes = [code for code, strength in fits.items() if strength == best]
    if best < FITS:
        alike = tuple(codes) if best == ALIKE else ()
        return [], Unmatched(column, heading.at, name, "没有对应的指标", alike)
    if asked.targets:
        return [], Unmatched(column, heading.at, name, "标题说这张表是任务数，不是完成数")
    steps = our_steps(by_code[codes[0]], by_code)
    if label.no_result and not is_our_word(label, steps):
        return [], Unmatched(
            column, heading.at, name, "是任务数、比率、增减或别的年份的数，不是完成数"
        )
    if label.years - {asked.year}:
        return [], Unmatched(column, heading.at, name, f"不是 {asked.year} 年的数")
    return [
        _Candidate(column, heading, label, by_code[code], best, BY_HEADING) for code in codes
    ], None


def _one_each(
    candidates: Sequence[_Candidate], asked: Asked, left: dict[int, Unmatched], findings: Findings
) -> list[_Candidate]:
    """Of each column one indicator, of each indicator one column; what is not clear is refused."""
    claimed = {each.indicator.code for each in candidates if each.strength > 3}
    open_ = [e for e in candidates if e.strength > 3 or e.indicator.code not in claimed]
    for each in candidates:
        if each not in open_:
            why = "这项指标已由“对照”或选项写明是别的列"
            left[each.column] = Unmatched(each.column, each.heading.at, _name(each.heading), why)
    per_column = Counter(each.column for each in open_)
    for column in [column for column, count in per_column.items() if count > 1]:
        mine = [each for each in open_ if each.column == column]
        names = "、".join(f"{e.indicator.code}“{e.indicator.label}”" for e in mine)
        says = (
            f"“{_name(mine[0].heading)}”可以是{names}，不知道比哪一项；"
            f'请在“对照”里写明，或加 --column "{_option(findings, mine[0])}={mine[0].indicator.code}"'
        )
        findings.refuse("column-in-doubt", mine[0].heading.at, _name(mine[0].heading), says)
        open_ = [each for each in open_ if each.column != column]
    chosen: list[_Candidate] = []
    for item in asked.indicators:
        mine = [each for each in open_ if each.indicator.code == item.code]
        chosen += _of_indicator(mine, asked, left, findings)
    return chosen


def _of_indicator(
    mine: Sequence[_Candidate], asked: Asked, left: dict[int, Unmatched], findings: Findings
) -> list[_Candidate]:
    if len(mine) < 2:
        return list(mine)
    mine = _with_months(mine)
    kinds = {each.label.period.kind for each in mine}
    wanted = _wanted_period(asked) or (MONTHLY if kinds <= {MONTHLY, SPAN} else CUMULATIVE)
    told = [e for e in mine if e.label.period.kind == wanted]
    here = [e for e in told if e.label.period.month in (0, asked.month)]
    plain = [e for e in mine if e.label.period.kind in ("", BARE_MONTH)]
    chosen = here if len(here) == 1 else told if len(told) == 1 else []
    chosen = chosen or (plain if len(plain) == 1 and not told else [])
    if chosen:
        for each in mine:
            if each is not chosen[0]:
                why = f"比的是 {findings.column_name(chosen[0].column)}“{_name(chosen[0].heading)}”"
                left[each.column] = Unmatched(
                    each.column, each.heading.at, _name(each.heading), why
                )
        return chosen
    names = "、".join(f"{findings.column_name(e.column)}“{_name(e.heading)}”" for e in mine)
    item = mine[0].indicator
    says = (
        f"{names}都像{item.code}“{item.label}”，不知道比哪一列；"
        f'请在“对照”里写明，或加 --column "{_option(findings, mine[0])}={item.code}"'
    )
    findings.refuse("column-in-doubt", mine[0].heading.at, _name(mine[0].heading), says)
    return []


def _with_months(mine: Sequence[_Candidate]) -> list[_Candidate]:
    """The candidates of an indicator; months side by side are each that month's own."""
    months = {e.label.period.month for e in mine if e.label.period.kind == BARE_MONTH}
    if len(months) < 2:
        return list(mine)
    return [
        e._replace(label=e.label._replace(period=e.label.period._replace(kind=MONTHLY)))
        if e.label.period.kind == BARE_MONTH
        else e
        for e in mine
    ]


def _wanted_period(asked: Asked) -> str:
    """The period that an option asks for."""
    return next(
        (
            e.period
            for e in asked.said
            if e.heading == EVERY_COLUMN and e.place == BY_OPTION and e.period
        ),
        "",
    )


def _column(layout: Layout, each: _Candidate, asked: Asked, findings: Findings) -> Column | None:
    """The column with its time and unit; None where its time is none that we have."""
    item, said = each.indicator, each.said
    every = [e for e in asked.said if e.heading == EVERY_COLUMN]
    own = [s for s in (said, *sorted(every, key=lambda e: e.place != BY_OPTION)) if s is not None]
    kind, month = _time(each, asked)
    period = next((s.period for s in own if s.period), "")
    as_of = next((s.as_of for s in own if s.as_of), 0) or month or asked.month
    if not period and kind == SPAN:
        return None
    period = period or (kind if kind in (CUMULATIVE, MONTHLY) else "")
    if item.measure not in ADDED_UP:
        period = CUMULATIVE
    if not period and as_of == asked.first_month == 1 and not asked.opened:
        period = CUMULATIVE
    unit, factor, notes = _unit(each, asked, own, findings)
    if each.column in layout.view.grid.hidden_columns:
        says = f"“{_name(each.heading)}”是隐藏的列，已照常比对；请确认"
        findings.warn("hidden-column", each.heading.at, _name(each.heading), says)
    return Column(
        each.column,
        each.heading.at,
        _name(each.heading),
        item.code,
        period,
        as_of,
        unit,
        factor,
        each.told_by,
        notes,
    )


def _time(each: _Candidate, asked: Asked) -> tuple[str, int]:
    """Period and month: what the heading says, else the title."""
    own, title = each.label.period, asked.title
    if own.kind in (CUMULATIVE, MONTHLY, SPAN):
        month = own.month or (title.month if title.kind != SPAN else 0)
        return own.kind, month
    if own.kind == BARE_MONTH:
        return (title.kind if title.kind in (CUMULATIVE, MONTHLY) else ""), own.month
    return title.kind, title.month


def _implied_unit(implied: str, over_all: str) -> str:
    """The unit that a name like 就业人数 implies, unless the whole table is in a larger one: 万人."""
    if not over_all or is_plain_count(over_all):
        return implied
    return ""


def _unit(
    each: _Candidate, asked: Asked, own: Iterable[Correspondence], findings: Findings
) -> tuple[str, Number, tuple[str, ...]]:
    """Their unit and what makes theirs ours."""
    item = each.indicator
    given = next((said.factor for said in own if said.factor is not None), None)
    unit = each.heading.unit or _implied_unit(each.label.unit, asked.unit)
    stated = unit or asked.unit
    if given is not None:
        said = f"按“{each.told_by}”换算：他方的数乘 {number_text(given)}"
        return stated or item.unit, given, (said,) if given != 1 else ()
    factor = unit_factor(stated, item.unit)
    if factor is None and not unit and is_plain_count(stated) and is_plain_count(item.unit):
        return item.unit, 1, (f"他方整张表写的单位是“{stated}”，我方是“{item.unit}”，没有换算",)
    if factor is None:
        says = (
            f"“{_name(each.heading)}”的单位是“{stated}”，我方{item.code}“{item.label}”的单位是“{item.unit}”，"
            f'不知道怎样换算；请在“对照”的“换算”里写明，或加 --column "{_option(findings, each)}={item.code}*1"'
        )
        findings.refuse("unit-differs", each.heading.at, stated, says)
        return stated, 1, ()
    notes = () if factor == 1 else (f"他方单位是“{stated}”，已乘 {number_text(factor)}",)
    return stated or item.unit, factor, notes


def unit_above(layout: Layout) -> str:
    """The unit that is stated over the whole table."""
    cells = layout.outside()
    corner = [(row, layout.key) for row in layout.header]
    return stated_unit(layout.view.text(*at) for at in [*cells, *corner])


def title_period(texts: Iterable[str]) -> tuple[Period, frozenset[tuple[str, int]]]:
    """What title, sheet and file say of time: the first that says when, and all that was said."""
    found = [period for text in texts if (period := read_period(text)).kind]
    sure = [period for period in found if period.kind != BARE_MONTH]
    best = next(iter(sure or found), Period("", 0, ""))
    claims = {(each.kind, each.month) for each in sure or found}
    months: Mapping[int, None] = dict.fromkeys(month for _, month in claims if month)
    if best.kind and not best.month and len(months) == 1:
        best = best._replace(month=next(iter(months)))
    return best, frozenset(claims)
