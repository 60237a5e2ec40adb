"""Which columns of a task table are no yearly targets: results, parts of the year, shares, other years."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xl_addin.model.names import is_percent_unit, plain
from xl_addin.model.records import Number
from xl_addin.system.light import pattern
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.columns import Columns
from xl_addin.tasktable.departments import mention_offices
from xl_addin.tasktable.find import Shape, is_nothing
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.headers import PIECE_UNITS, Heading, stated_units
from xl_addin.tasktable.neighbours import (
    Column,
    add_up,
    is_rate_of_done,
    is_whole_of_years,
    is_yearly,
    mention_pairs,
    mention_sums,
    sort_by_neighbours,
    value_at,
    years_of,
)
from xl_addin.tasktable.purpose_words import (
    ADDED,
    AFTER,
    ALREADY,
    AVERAGE,
    BASE,
    BRACKET,
    CARRIED,
    CHANGE,
    COMPARED,
    DAY,
    DAY_TEXT,
    DRAFTED,
    EARLIER,
    ENDED,
    FOR_WHOM,
    GIVEN,
    GROWTH,
    LIVING,
    MEAN,
    MIXED,
    MONTH_ENDS,
    NO_MORE,
    PERIOD,
    PROJECT,
    RESULT,
    REWARD,
    SHARE,
    SOURCE,
    STOCK,
    STRETCH,
    TARGET,
    UPPER,
    VOID,
    WEIGHT,
    WHOLE_YEAR,
    YEAR_NAME,
    kind_of,
    stem_of,
    years_in,
)
from xl_addin.tasktable.rates import look_of, with_written_units
from xl_addin.tasktable.sheets import cells_above
from xl_addin.tasktable.standing import mention_unlike_tasks
from xl_addin.tasktable.titles import refuse_other_title
from xl_addin.tasktable.views import refuse_views
from xl_addin.xlsx.cells import DATE, NUM, TEXT, Cell
from xl_addin.xlsx.numberformat import PERCENT, classify_display
from xl_addin.xlsx.values import number_text, quote, read_number, read_shown, round_noise

_NOISE = 1e-6
# 增幅 under 就业（人） is no number of them.
_RATIO = pattern(r".*([率速幅比]|%)(\(.*\))?")
_YEAR_END = pattern(r"年[末底]")
_POINTS = pattern(r"\((?:满分)?(\d{1,3})分\)")
_ALL_BUT_ROUNDING = 0.6  # percents: shares rounded each for itself
_WHAT = {
    RESULT: "完成数、进度一类",
    SHARE: "各行所占的比例",
    GROWTH: "增减的比例或数",
    EARLIER: "别的年度的数",
    PERIOD: "一年里一段时间或分批的数",
    WEIGHT: "分值、名次、标准一类",
    DAY: "日期、期限",
    BASE: "人口、基数一类",
    CHANGE: "调整以前或增减的数",
    PROJECT: "整个项目或几年一共的数",
    STRETCH: "力争达到的数",
    UPPER: "上级下达的数",
    SOURCE: "某个部门、某个口径的数",
    VOID: "作废、初稿一类的数",
    AVERAGE: "平均数",
    MIXED: "单位不同的各列相加的数",
}


def leave_out_columns(
    shape: Shape,
    found: Columns,
    rows: Sequence[int],
    year: int,
    choices: Choices,
    findings: Findings,
) -> Columns:
    """The columns without those that hold no yearly targets; ``year`` is 0 where it is not known.

    What is surely something else is left out and said; what may be is refused with how to settle it.
    """
    headings = found.headings
    columns = [_sort_column(shape, n, h, rows, year, headings) for n, h in headings.items()]
    title = plain(
        "".join([shape.view.grid.sheet, *(shape.view.text(*at) for at in cells_above(shape))])
    )
    columns = [_of_other_year(column, year, title) for column in columns]
    columns = [c._replace(kind="") if c.number in choices.kept_columns else c for c in columns]
    columns = sort_by_neighbours(shape, columns, rows, choices)
    plain_ones = [column for column in columns if not column.kind]
    kept: dict[int, Heading] = {}
    left_out = dict(found.left_out)
    for column in columns:
        if not column.kind:
            kept[column.number] = column.heading
        elif plain_ones and _is_sure(shape, column, plain_ones, columns, rows):
            left_out[column.number] = (" > ".join(column.heading.path), _WHAT[column.kind])
            _say_left_out(shape, column, rows, findings)
        elif (
            _is_own_rate(column)
            and plain_ones
            and (_is_percent(shape, column, rows) or (column.kind == SHARE and column.stem))
        ):
            kept[column.number] = column.heading  # a rate of its own, told as one
        elif plain_ones and _is_own_balance(column):
            kept[column.number] = column.heading
        else:
            _refuse(column, findings)
    _check_periods(shape, columns, rows, findings)
    read = [column for column in columns if column.number in kept]
    written = with_written_units(shape, kept, rows)
    read = [column._replace(heading=written[column.number]) for column in read]
    figures = {c.number: tuple(value_at(shape, row, c.number) for row in rows) for c in columns}
    units = stated_units(shape.view.text(*at) for at in cells_above(shape))
    told = mention_offices(read, figures, choices, findings, title=title, units=units)
    mention_sums(shape, read, rows, findings, told)
    mention_pairs(columns, read, figures, choices, findings)
    refuse_views(read, figures, choices, findings)
    refuse_other_title(shape, read, year, choices, findings)
    rest = [column for column in read if column.number not in told]
    unsaid = mention_unlike_tasks(rest, choices, findings, figures, title=title)
    return found._replace(headings=kept, left_out=left_out, unsaid=unsaid)


def _sort_column(
    shape: Shape,
    number: int,
    heading: Heading,
    rows: Sequence[int],
    year: int,
    headings: Mapping[int, Heading],
) -> Column:
    *groups, leaf = map(plain, heading.path)
    kind = _kind_by_year(heading, year, headings.values()) or kind_of(leaf.removeprefix("其中:"))
    counted = kind == GROWTH and heading.unit not in ("", "%") and not _RATIO.fullmatch(leaf)
    if counted or (kind == DAY and heading.unit):
        kind = ""
    if kind == WEIGHT and heading.unit in PIECE_UNITS and REWARD.fullmatch(leaf):
        kind = ""
    groups = [g for g in groups if not TARGET.search(g) and not FOR_WHOM.fullmatch(g)]
    kind = kind or next(filter(None, map(kind_of, groups)), "")
    if STOCK.fullmatch(BRACKET.sub("", leaf)) and any(
        _is_given(h) for h in headings.values() if h is not heading
    ):
        kind = kind or BASE
    if leaf == "面积" and heading.unit in ("平方公里", "km²", "km2"):
        kind = BASE
    if len(heading.path) == 1 and not heading.part and LIVING.fullmatch(BRACKET.sub("", leaf)):
        kind = kind or BASE
    if NO_MORE.search(leaf) or (number in shape.view.grid.hidden_columns and DRAFTED.search(leaf)):
        kind = VOID
    if not kind and MEAN.fullmatch(BRACKET.sub("", leaf)) and _has_siblings(heading, headings):
        kind = AVERAGE
    if not kind and (
        _holds_scores(shape, number, rows, leaf) or _is_marks(heading, headings.values())
    ):
        kind = WEIGHT
    if not kind and not heading.unit and _holds_days(shape, number, rows, leaf):
        kind = DAY
    return Column(number, heading, stem_of(heading.path), kind)


def _is_given(heading: Heading) -> bool:
    return bool(TARGET.search(heading.path[-1]) or GIVEN.search(heading.path[-1]))


def _kind_by_year(heading: Heading, year: int, headings: Collection[Heading]) -> str:
    """Another year's, where this year has columns too, columns of no year are, or it tells results."""
    own = years_of(heading)
    if not year or not own or year in own:
        return ""
    if max(own) < year and any(ENDED.search(plain(level)) for level in heading.path):
        return EARLIER
    told = {said for other in headings for said in years_of(other)}
    results = any(kind_of(plain(level)) == RESULT for level in heading.path)
    return EARLIER if year in told or results or not all(map(years_of, headings)) else ""


def _holds_scores(shape: Shape, number: int, rows: Sequence[int], leaf: str) -> bool:
    """Whether a heading says how many points there are, and no number is more: 产业发展（30分）."""
    most = _POINTS.search(leaf)
    return bool(most) and all(value_at(shape, row, number) <= int(most[1]) for row in rows if most)


def _is_marks(heading: Heading, headings: Collection[Heading]) -> bool:
    """Whether a column is in points and one of its name, below or beside it, is counted: 工作室 in 个 and in 分."""
    path, group = heading.path, heading.path[:-1]
    return heading.unit == "分" and any(
        other.unit not in ("", "分")
        and (path in (other.path, other.path[:-1]) or group == other.path[:-1] != ())
        for other in headings
    )


def _has_siblings(heading: Heading, headings: Mapping[int, Heading]) -> bool:
    """Whether other columns stand in the group of a mean, so that it may be theirs."""
    return any(h is not heading and h.path[:-1] == heading.path[:-1] for h in headings.values())


def _of_other_year(column: Column, year: int, title: str) -> Column:
    """The column; of another year alone, of which the title says nothing, it is that year's."""
    own = years_of(column.heading)
    other = bool(year and own) and (max(own) < year or min(own) > year)
    return column._replace(kind=EARLIER) if other and not own & years_in(title) else column


def _holds_days(shape: Shape, number: int, rows: Sequence[int], leaf: str) -> bool:
    cells = [cell for row in rows if (cell := shape.view.cell(row, number)) is not None]
    if YEAR_NAME.fullmatch(leaf) and cells:
        values = [read_number(cell).value for cell in cells]
        return all(value is not None and 1900 <= value <= 2100 for value in values)
    cells = [cell for cell in cells if not is_nothing(cell)]
    return len(cells) > 1 and all(map(_is_day, cells))


def _is_day(cell: Cell) -> bool:
    if cell.kind == NUM and isinstance(cell.value, float):
        return cell.value in MONTH_ENDS
    return cell.kind == DATE or bool(DAY_TEXT.fullmatch(plain(quote(cell))))


def _is_sure(
    shape: Shape,
    column: Column,
    plain_ones: Sequence[Column],
    columns: Sequence[Column],
    rows: Sequence[int],
) -> bool:
    """Whether a column can be no target: what it is can be none, or its target stands beside it."""
    if column.kind == EARLIER:
        return not CARRIED.search("".join(column.heading.path)) and not _is_only_year(
            column, columns
        )
    if column.kind == CHANGE and ADDED.fullmatch(column.leaf):
        return any(AFTER.search(other.leaf) for other in plain_ones)
    if column.kind == PROJECT:
        return is_whole_of_years(shape, column, plain_ones, rows)
    if column.kind == RESULT and is_rate_of_done(column, columns):
        return True
    if column.kind == RESULT and ALREADY.fullmatch(column.leaf):
        now = any("本次" in other.leaf for other in plain_ones)  # the year's is both together
        told = any(TARGET.search(other.leaf) or is_yearly(other) for other in plain_ones)
        return not now and (told or len(plain_ones) == 1)
    wholes = _wholes(column, plain_ones)
    if column.kind == SHARE:
        return (bool(wholes) and bool(column.stem)) or _adds_up_to_all(shape, column, rows)
    if column.kind == GROWTH and any(other.kind == EARLIER for other in columns):
        return True
    if column.kind == GROWTH and len(column.heading.path) == 1 and COMPARED.search(column.leaf):
        return True
    if column.kind == PERIOD:
        level = _YEAR_END.match(column.leaf)  # 年底应达到 beside 年内净增 may be what is to be
        return (bool(wholes) and not level) or _sum_of_periods(
            shape, column, columns, rows
        ) is not None
    return column.kind in (WEIGHT, DAY, BASE, STRETCH, VOID, AVERAGE, MIXED) or bool(wholes)


def _is_only_year(column: Column, columns: Sequence[Column]) -> bool:
    """Whether a column names another year while none names this one, so that either may be wrong."""
    own = years_of(column.heading)
    others = [other for other in columns if years_of(other.heading) - own]
    ended = any(ENDED.search(plain(level)) for level in column.heading.path)
    return bool(own) and not others and not kind_of(column.leaf) and not ended


def _is_own_rate(column: Column) -> bool:
    """Whether a share or 落实率 is of something that no other column is about: 毕业去向落实率."""
    if column.leaf.startswith("占") and not column.leaf.startswith("占比"):
        return False
    return column.kind == SHARE or (
        column.kind == RESULT and bool(column.stem) and column.leaf.endswith("率")
    )


def _is_own_balance(column: Column) -> bool:
    """Whether a column is of what is held: 贷款余额, no part of another column's figure."""
    return bool(column.stem) and column.leaf.endswith("余额")


def _wholes(column: Column, plain_ones: Sequence[Column]) -> list[Column]:
    """The columns that hold the target of which this one tells something."""
    found = [
        other
        for other in plain_ones
        if other.stem == column.stem
        and (other.stem or TARGET.search(other.leaf) or WHOLE_YEAR.fullmatch(other.leaf))
    ]
    alone = not column.stem and len(plain_ones) == 1
    return found or (list(plain_ones) if alone else [])


def _sum_of_periods(
    shape: Shape, column: Column, columns: Sequence[Column], rows: Sequence[int]
) -> Column | None:
    """The column in the same group that the parts of the year add up to in every row."""
    group = [each for each in columns if each.group == column.group]
    parts = [each.number for each in group if each.kind == PERIOD]
    for whole in group:
        if not whole.kind and all(
            abs(value_at(shape, r, whole.number) - add_up(shape, r, parts)) <= _NOISE for r in rows
        ):
            return whole
    return None


def _adds_up_to_all(shape: Shape, column: Column, rows: Sequence[int]) -> bool:
    values = [_percent(shape, row, column.number) for row in rows]
    return len(rows) > 1 and abs(sum(values) - 100) <= _ALL_BUT_ROUNDING


def _is_percent(shape: Shape, column: Column, rows: Sequence[int]) -> bool:
    """Whether a column says itself that its numbers are percents."""
    cells = [shape.view.cell(row, column.number) for row in rows]
    shown = [
        classify_display(look_of(shape, cell), cell.value) == PERCENT
        for cell in cells
        if cell is not None and isinstance(cell.value, int | float)
    ]
    return is_percent_unit(column.heading.unit) or (bool(shown) and all(shown))


def _percent(shape: Shape, row: int, column: int) -> Number:
    cell = shape.view.cell(row, column)
    value = read_number(cell, "%").value
    if cell is None or value is None:
        return 0
    fraction = cell.kind != TEXT and classify_display(look_of(shape, cell), value) == PERCENT
    return value * 100 if fraction else value


def _say_left_out(shape: Shape, column: Column, rows: Sequence[int], findings: Findings) -> None:
    label = " > ".join(column.heading.path)
    cells = [cell for row in rows if (cell := shape.view.cell(row, column.number)) is not None]
    values = [read_shown(cell, "%", look_of(shape, cell)).value for cell in cells]
    first = "" if all(value is not None and value >= 0 for value in values) else "先改成数字，再"
    says = (
        f"{findings.column_name(column.number)}“{label}”是{_WHAT[column.kind]}，没有当作指标；"
        f"它就是全年任务数的话请{first}加 {findings.column_option('keep', column.number)}"
    )
    findings.warn("column-skipped", column.heading.at, label, says)


def _refuse(column: Column, findings: Findings) -> None:
    label = " > ".join(column.heading.path)
    says = (
        f"{findings.column_name(column.number)}“{label}”像是{_WHAT[column.kind]}，不能确定是全年任务数；"
        f"不是请加 {findings.column_option('skip', column.number)}，"
        f"是请加 {findings.column_option('keep', column.number)}"
    )
    findings.refuse("column-in-doubt", column.heading.at, label, says)


def _check_periods(
    shape: Shape, columns: Sequence[Column], rows: Sequence[int], findings: Findings
) -> None:
    """Parts of the year that do not add up to the target beside them: told at the first row of each."""
    plain_ones = [column for column in columns if not column.kind]
    for parts in _period_rows(columns):
        whole = next(iter(_wholes(parts[0], plain_ones)), None)
        if whole is None:
            continue
        for row in rows:
            total = value_at(shape, row, whole.number)
            values = [value_at(shape, row, part.number) for part in parts]
            if values == sorted(values) and sum(values) > total >= values[-1] > values[0]:
                break  # each counts from the year's beginning
            added = round_noise(add_up(shape, row, [part.number for part in parts]))
            whole_year = len(parts) in (4, 12) or any("下半年" in part.leaf for part in parts)
            if added - total > _NOISE or (whole_year and total - added > _NOISE):
                says = f"全年是 {number_text(total)}，各段相加是 {number_text(added)}；用的是全年的数，请核对"
                findings.warn("total-mismatch", (row, whole.number), number_text(total), says)
                break


def _period_rows(columns: Sequence[Column]) -> list[list[Column]]:
    """The parts of the year that belong together: in one group, or of one indicator under 一季度, 二季度."""
    rows: dict[tuple[str, ...], list[Column]] = {}
    for column in columns:
        if column.kind == PERIOD and not _YEAR_END.match(column.leaf):
            own = kind_of(column.leaf.removeprefix("其中:")) == PERIOD
            rows.setdefault(column.group if own else (column.stem,), []).append(column)
    return list(rows.values())
