"""Another office's table as it is understood, or refused with every cell that is not clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from xl_addin.compare.columns import (
    Asked,
    Column,
    Unmatched,
    match_columns,
    title_period,
    unit_above,
)
from xl_addin.compare.layout import DISTRICT, UNKNOWN, BodyRow, Layout, find_layout
from xl_addin.compare.names import DistrictNames
from xl_addin.compare.periods import Period, years_in
from xl_addin.compare.personal import PersonalColumn, find_personal, lists_persons
from xl_addin.compare.readings import Reading, TotalCheck, read_table
from xl_addin.formats.grid import Grid
from xl_addin.model.comparison import EVERY_COLUMN, Correspondence
from xl_addin.model.names import plain
from xl_addin.model.records import ERROR, District, Indicator, Problem
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.tasktable.choices import NO_CHOICES, Choices
from xl_addin.tasktable.find import is_value
from xl_addin.tasktable.findings import Findings
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import TEXT
from xl_addin.xlsx.values import clip, number_text, quote, read_number

_DIMENSION = pattern(r".*(年度|年份|月份|性别|类别|类型|户籍|城乡|项目|指标|等级|年龄).*|年|月")
_ABOUT = pattern(r"任务|目标|计划|完成|情况|进度|进展|统计|汇总|报表")
_TARGETS, _RESULTS = pattern(r"任务|目标|计划"), pattern(r"完成|情况|进度|进展|统计|汇总|实绩|落实")
_NAMED = 6


class Wanted(NamedTuple):
    """What a comparison is asked for.

    ``said`` is what staff said of columns, options first; ``choices`` which sheet is meant
    and what is not read; ``add_rows``: rows of one district are to be added up, however many there are.
    """

    districts: tuple[District, ...]
    indicators: tuple[Indicator, ...]
    year: int
    month: int
    first_month: int = 1
    opened: bool = False
    said: tuple[Correspondence, ...] = ()
    choices: Choices = NO_CHOICES
    add_rows: bool = False


class TheirTable(NamedTuple):
    """Everything that was understood.

    ``unclear`` are columns of which nothing says whether they are cumulative; ``problems`` are what has to
    be told.
    """

    sheet: str
    title: str
    columns: tuple[Column, ...]
    unmatched: tuple[Unmatched, ...]
    readings: tuple[Reading, ...]
    absent: tuple[str, ...]
    unknown: tuple[str, ...]
    twice: Mapping[str, tuple[str, ...]]
    totals: tuple[TotalCheck, ...]
    problems: tuple[Problem, ...]
    unclear: tuple[Column, ...]
    findings: Findings
    personal: tuple[PersonalColumn, ...] = ()


def read_their_table(
    grids: Sequence[Grid], paragraphs: Sequence[str], file: str, wanted: Wanted
) -> TheirTable:
    """The table of a workbook. Refused, with every reason as a problem, where it is not clear."""
    findings = Findings()
    names = DistrictNames(wanted.districts)
    layout = find_layout(grids, file, names, wanted.choices, findings)
    grid = layout.view.grid
    findings.add_doubts(grid.doubts, settled=bool(wanted.choices.sheet))
    personal = find_personal(grids)
    rows = layout.rows_of(DISTRICT)
    codes = list(dict.fromkeys(each.code for each in rows))
    if lists_persons(personal, grid.sheet, len(rows), len(codes)):
        _refuse_persons(file, personal)
    title, texts = _title(layout, paragraphs, file)
    asked = _asked(layout, wanted, texts, findings)
    columns, unmatched = match_columns(layout, asked, findings)
    twice = _several_rows(layout, columns, wanted, findings)
    _warn_of_year(texts, wanted.year, findings)
    _warn_of_hidden_rows(layout, rows, findings)
    if not columns and not _wrong(findings):
        _refuse_without_columns(file, layout, unmatched, wanted.indicators)
    readings, totals = read_table(layout, columns, findings)
    wrong = _wrong(findings)
    if wrong:
        says = f"{file}：有 {len(wrong)} 处不清楚，没有比对；按下面所列弄清以后再比"
        raise Refused(says, findings.sort_problems())
    return TheirTable(
        grid.sheet,
        title,
        tuple(columns),
        tuple(unmatched),
        tuple(readings),
        tuple(each.code for each in wanted.districts if each.code not in codes),
        tuple(_unknown_rows(layout, columns, findings)),
        twice,
        tuple(totals),
        tuple(findings.sort_problems()),
        tuple(each for each in columns if not each.period),
        findings,
        tuple(personal),
    )


def _wrong(findings: Findings) -> list[Problem]:
    return [problem for problem in findings.problems if problem.severity == ERROR]


def _refuse_persons(file: str, personal: Sequence[PersonalColumn]) -> None:
    where = "、".join(each.place for each in personal[:_NAMED])
    raise Refused(
        f"{file}：这是一人一行的名单（{where}），不能这样比，也没有存档；"
        "请对方（或自己在名单上用数据透视表）先按区县数出人数，得到一个区县一行的表，再比对"
    )


def _title(layout: Layout, paragraphs: Sequence[str], file: str) -> tuple[str, list[str]]:
    """What the table is called, and all texts that may say of which time it is, the surest first."""
    cells = layout.view.grid.cells
    above = [str(cells[at].value) for at in layout.outside() if cells[at].kind == TEXT]
    above = above or list(paragraphs[:_NAMED])
    corner = [layout.view.text(row, layout.key) for row in layout.header]
    title = clip(max(above, key=len, default="")) or layout.view.grid.sheet
    return title, [*above, *corner, layout.view.grid.sheet, file]


def _asked(layout: Layout, wanted: Wanted, texts: Sequence[str], findings: Findings) -> Asked:
    period, claims = title_period(texts)
    every = any(
        each.heading == EVERY_COLUMN and (each.as_of or each.period) for each in wanted.said
    )
    months = sorted({month for _, month in claims if month})
    if (len(months) > 1 or len({kind for kind, _ in claims}) > 1) and not every:
        said = "、".join(f"{month}月" for month in months)
        says = (
            f"标题、表名和文件名说的时间不一样（{said}），不知道是截至几月的累计数，还是当月数；"
            "请在“对照”里给“全部”写明他方截至月和口径，或加 --as-of 月份和 --cumulative（--monthly）"
        )
        at: Where = (1, 1)
        findings.refuse("period-unclear", at, said, says)
        period = Period("", 0, "")
    return Asked(
        wanted.indicators,
        wanted.said,
        wanted.year,
        wanted.month,
        wanted.first_month,
        wanted.opened,
        period,
        unit_above(layout),
        _is_of_targets(texts),
    )


def _is_of_targets(texts: Sequence[str]) -> bool:
    """Whether the first text that says what a table is about calls it one of targets."""
    told = next((plain(text) for text in texts if _ABOUT.search(plain(text))), "")
    return bool(_TARGETS.search(told)) and not _RESULTS.search(told)


def _warn_of_year(texts: Sequence[str], year: int, findings: Findings) -> None:
    for text in texts:
        years = years_in(text)
        if years:
            if year not in years:
                said = "、".join(f"{each}年" for each in sorted(years))
                says = f"“{clip(text)}”写的是{said}，我方是 {year} 年；请确认没有拿错文件"
                findings.warn("year-mismatch", "", clip(text), says)
            return


def _warn_of_hidden_rows(layout: Layout, rows: Sequence[BodyRow], findings: Findings) -> None:
    hidden = [each for each in rows if each.row in layout.view.grid.hidden_rows]
    if hidden:
        names = "、".join(f"“{each.name}”" for each in hidden[:_NAMED])
        more = f"等 {len(hidden)} 行" if len(hidden) > _NAMED else ""
        says = f"{names}{more}是隐藏的行，已照常比对；请确认"
        findings.warn("hidden-row", (hidden[0].row, layout.key), hidden[0].name, says)


def _several_rows(
    layout: Layout, columns: Sequence[Column], wanted: Wanted, findings: Findings
) -> dict[str, tuple[str, ...]]:
    """The districts that stand on several rows, which are added up where that is what they are for."""
    rows: dict[str, list[BodyRow]] = {}
    for each in layout.rows_of(DISTRICT):
        rows.setdefault(each.code, []).append(each)
    twice = {code: mine for code, mine in rows.items() if len(mine) > 1}
    places = {
        code: tuple(findings.cell_name((each.row, layout.key)) for each in mine)
        for code, mine in twice.items()
    }
    if wanted.add_rows or not twice:
        return places
    advice = (
        "几行相加的，加 --add-rows；不是的，请对方一个区县只留一行，或用 --skip-row 去掉多余的行"
    )
    first = next(iter(twice.values()))[1]
    at = (first.row, layout.key)
    if len(twice) >= 3 and 3 * len(twice) > len(rows):
        says = f"有 {len(twice)} 个区县各占几行，不知道是几张表接在一起，还是要相加；{advice}"
        findings.refuse("district-twice", at, first.name, says)
        return places
    for code, mine in twice.items():
        words = _differing_words(layout, columns, mine)
        same = _same_numbers(layout, columns, mine)
        at = (mine[1].row, layout.key)
        where = "、".join(places[code])
        if same:
            says = f"“{mine[0].name}”有几行（{where}），数完全一样，像是抄重了；{advice}"
            findings.refuse("district-twice", at, mine[0].name, says)
        elif any(b.row != a.row + 1 for a, b in pairwise(mine)):
            says = f"“{mine[0].name}”有几行（{where}），不挨在一起，不知道要不要相加；{advice}"
            findings.refuse("district-twice", at, mine[0].name, says)
        elif words:
            says = f"“{mine[0].name}”有几行（{where}），“{words}”一列写的不同，不知道该取哪一行；{advice}"
            findings.refuse("district-twice", at, mine[0].name, says)
        else:
            says = f"“{mine[0].name}”有 {len(mine)} 行（{where}），已经相加；请确认"
            findings.warn("district-added", at, mine[0].name, says)
    return places


def _differing_words(layout: Layout, columns: Sequence[Column], rows: Sequence[BodyRow]) -> str:
    """The heading of a column in which rows of one district say different things of what they are."""
    compared = {each.column for each in columns}
    for column, heading in layout.headings.items():
        if column in compared or column == layout.key:
            continue
        said = {layout.view.text(each.row, column) for each in rows}
        if len(said) > 1 and _DIMENSION.fullmatch(heading.path[-1]):
            return heading.path[-1]
    return ""


def _same_numbers(layout: Layout, columns: Sequence[Column], rows: Sequence[BodyRow]) -> bool:
    lines = {
        tuple(read_number(layout.view.cell(each.row, c.column)).value for c in columns)
        for each in rows
    }
    return len(lines) == 1 and any(any(line) for line in lines)


def _unknown_rows(layout: Layout, columns: Sequence[Column], findings: Findings) -> list[str]:
    """The rows that are no district's: where, what they are called, what stands there."""
    found: list[str] = []
    for each in layout.rows_of(UNKNOWN):
        cells = [cell for c in columns if is_value(cell := layout.view.cell(each.row, c.column))]
        numbers = "、".join(clip(quote(cell)) for cell in cells if cell is not None)
        place = findings.cell_name((each.row, layout.key))
        found.append(f"{place}“{clip(each.name)}”{f'（{numbers}）' if numbers else ''}")
    return found


def _refuse_without_columns(
    file: str, layout: Layout, unmatched: Sequence[Unmatched], indicators: Sequence[Indicator]
) -> None:
    seen = "；".join(f"“{each.heading}”{each.why}" for each in unmatched if each.heading)
    ours = "、".join(f"{item.code}“{item.name}”" for item in indicators[:_NAMED])
    more = f"等 {len(indicators)} 项" if len(indicators) > _NAMED else ""
    raise Refused(
        f"{file}：“{layout.view.grid.sheet}”里没有一列对得上我方的指标。看到的是：{seen or '没有表头'}；"
        f"我方的指标是：{ours}{more}。请在“对照”表里写明哪一列是哪项指标，"
        f'或加 --column "他方列名={indicators[0].code}"'
    )


def period_question(table: TheirTable, agreeing: Mapping[int, tuple[int, int]]) -> Problem:
    """What is asked where nothing says whether columns are cumulative; with how many figures would agree."""
    first = table.unclear[0]
    names = "、".join(f"“{each.heading}”" for each in table.unclear[:_NAMED])
    more = f"等 {len(table.unclear)} 列" if len(table.unclear) > _NAMED else ""
    counts = [agreeing.get(each.column, (0, 0)) for each in table.unclear]
    cumulative, monthly = (number_text(sum(each[n] for each in counts)) for n in (0, 1))
    says = (
        f"{names}{more}没有写明是当月数还是累计数，不知道和哪个比"
        f"（按累计有 {cumulative} 个一致，按当月有 {monthly} 个一致）；"
        "请在“对照”里写明口径，或加 --cumulative（累计）或 --monthly（当月）"
    )
    beside = table.findings.beside()
    beside.refuse("period-unclear", first.at, first.heading, says)
    return beside.problems[0]
