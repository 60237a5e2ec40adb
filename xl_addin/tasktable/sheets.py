"""Which sheet of a workbook has the task table, and what stands above it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile

from xl_addin.formats.grid import Grid
from xl_addin.model.names import fold, plain
from xl_addin.model.problems import make
from xl_addin.system.errors import Refused
from xl_addin.system.light import pattern
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.find import MAX_COLUMNS, Shape, find_table
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.goals import is_goals_sheet
from xl_addin.tasktable.headers import is_spread, read_headings, split_unit
from xl_addin.tasktable.lines import looks_like_place
from xl_addin.tasktable.purpose_words import RESULT, TARGET, kind_of
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import DATE, TEXT

_NOT_TITLE = pattern(
    r"附[件表].{0,6}|[(（]?(填报|编制|报送|计量|计数|制表|填表)?(单位|部门|日期|时间|人)[:：].*|"
    r"\d{4}年(\d{1,2}月(\d{1,2}日)?)?"
)
_REMARK = pattern(r"[(（【\[]?(注|说明|备注|提示)\d*[:：】\]]|.*。")
_UNIT_BEHIND = pattern(r"[(（](计量)?单位[:：].{0,10}[)）]$")
_DRAFT = pattern(r"初稿|草稿|征求意见|作废|备份|副本|样[表例]|示例|旧[表版稿]")
_YEAR = pattern(r"(?<!\d)(20\d\d)(?!\d)")


_MOST_ROWS, _MOST_CELLS = 10_200, 250_000
"""10,000 units with what stands above and below them; no county, city or province has more below it.

What every verb can carry: 进度表 of 250,000 targets has some 80 MB, see ``package.OWN_PART``.
"""


def choose_table(
    grids: Sequence[Grid], file: str, year: int, choices: Choices, findings: Findings
) -> Shape:
    """The sheet that has the table: the one chosen, the year's, or the largest that people see."""
    tables = [grid for grid in grids if not is_goals_sheet(grid.sheet)]
    tables = _chosen(tables, choices.sheet, file) if choices.sheet else tables
    tables = [grid for grid in tables if not _is_too_large(grid, findings)]
    found = {
        grid.sheet: shape
        for grid in tables
        if (shape := find_table(grid, choices.on(grid))) is not None
    }
    shown = [grid.sheet for grid in tables if not grid.hidden and grid.sheet in found]
    candidates = {name: found[name] for name in shown or found}
    if not candidates:
        names = "、".join(f"“{grid.sheet}”" for grid in tables)
        names = names or "“" + findings.sheet + "”"
        says = (
            f"{file}：在{_kind_of(tables)}{names}里没有找到任务表。要找的是：一列区县或单位名称，右边各列是任务数，"
            "上面有写明指标的表头。请检查是否选错了文件"
        )
        large = [each.message for each in findings.problems if each.code == "too-large"]
        says = f"{file}：{'；'.join(large)}" if large else says
        raise Refused(says, [make("no-table", says, found=names), *findings.problems])
    best = _best(candidates, year, findings)
    if not shown:
        findings.turn_to(best.view.grid)
        where = "文档里看不见的地方" if findings.origin else "隐藏的工作表里"
        says = f"任务表在{where}；请确认用的是这一张"
        findings.warn("hidden-sheet", "", findings.sheet, says)
    for other in candidates.values():
        if other is not best:
            findings.turn_to(other.view.grid)
            at = (other.first, other.name_column)
            says = f"这里也像一张任务表，没有读入；读的是“{best.view.grid.sheet}”，请确认"
            findings.warn("other-table", at, findings.sheet, says)
    return best


def _is_too_large(grid: Grid, findings: Findings) -> bool:
    """Whether a sheet has more than a table of tasks could; it is told and not looked at."""
    rows = len({row for row, _ in grid.cells})
    columns = len({column for _, column in grid.cells if column <= MAX_COLUMNS})
    merged = sum((a[2] - a[0] + 1) * (a[3] - a[1] + 1) for a in grid.merged if is_spread(a))
    if rows <= _MOST_ROWS and rows * columns <= _MOST_CELLS and merged <= _MOST_CELLS:
        return False
    findings.turn_to(grid)
    says = (
        f"这一页太大（{rows} 行、{columns} 列），没有读；一个年度任务最多 1 万个单位、25 万格（单位数乘指标数）。"
        "它是任务表，就请按省、市或县分成几张，每张各建一个年度任务（各用一个文件夹，new --folder），"
        "每个单位只放在一张里；不是任务表，就请把任务表单独放在一页"
    )
    findings.warn("too-large", "", f"{rows} 行", says)
    return True


def _chosen(tables: Sequence[Grid], name: str, file: str) -> list[Grid]:
    chosen = [grid for grid in tables if fold(grid.sheet) == fold(name)]
    if not chosen:
        names = "、".join(f"“{grid.sheet}”" for grid in tables)
        raise Refused(f"{file}：没有叫“{name}”的{_kind_of(tables)}；--sheet 可以写的有：{names}")
    return chosen


def _kind_of(tables: Sequence[Grid]) -> str:
    return "表" if tables and tables[0].origin else "工作表"


def _best(candidates: Mapping[str, Shape], year: int, findings: Findings) -> Shape:
    """The one of the year, then the largest; several of one size, or under the same headings, are a doubt."""
    told = {name: shape for name, shape in candidates.items() if _speaks_of_targets(shape)}
    candidates = told or candidates
    placed = {name: shape for name, shape in candidates.items() if _names_places(shape)}
    candidates = placed or candidates
    final = {n: shape for n, shape in candidates.items() if not _DRAFT.search(n)}
    candidates = final or candidates
    aimed = {name: shape for name, shape in candidates.items() if not _holds_results(shape)}
    candidates = aimed or candidates
    years = {name: _years(shape) for name, shape in candidates.items()}
    own = [name for name, told in years.items() if year in told]
    if any(told and year not in told for told in years.values()) and own:
        candidates = {name: candidates[name] for name in own}
    best = max(candidates.values(), key=lambda shape: shape.size)
    equal = [
        name
        for name, shape in candidates.items()
        if shape.size == best.size or _headings(shape) == _headings(best)
    ]
    if len(equal) > 1:
        findings.turn_to(best.view.grid)
        names = "、".join(f"“{name}”" for name in equal)
        says = (
            f"{_kind_of([best.view.grid])}{names}都像任务表，不知道用哪一张；"
            f"请加 --sheet 写明，例如 --sheet {equal[0]}"
        )
        at = (best.first, best.name_column)
        findings.refuse("which-sheet", at, names, says)
    return best


def _speaks_of_targets(shape: Shape) -> bool:
    """Whether name, title or headings are those of a task table, as no list of telephones has them."""
    heads = [shape.view.text(row, c) for row in shape.header for c in shape.columns]
    words = (shape.view.grid.sheet, title_above(shape), *heads)
    return any(TARGET.search(plain(word)) or split_unit(word)[0] for word in words)


def _names_places(shape: Shape) -> bool:
    """Whether most rows have the name of a place, as no list of trades or prices has."""
    rows = [row for row in shape.view.rows_of.get(shape.name_column, ()) if row >= shape.first]
    names = list(filter(None, (shape.view.text(row, shape.name_column) for row in rows)))
    return 2 * sum(map(looks_like_place, names)) > len(names)


def _headings(shape: Shape) -> list[tuple[str, ...]]:
    """The headings of all columns with their levels."""
    found = read_headings(shape.view, shape.header, shape.columns, shape.name_column + 1)
    return [heading.path for heading in found.values()]


def _holds_results(shape: Shape) -> bool:
    """Whether all columns of a sheet tell what was reached, or its name says so."""
    kinds = {kind_of(plain(path[-1])) for path in _headings(shape)}
    return kinds == {RESULT} or kind_of(plain(shape.view.grid.sheet)) == RESULT


def _years(shape: Shape) -> set[int]:
    """The years that a sheet's name, or else its title, is about."""
    for text in (shape.view.grid.sheet, title_above(shape)):
        told = {int(said) for said in _YEAR.findall(plain(text))}
        if told:
            return told
    return set()


def cells_above(shape: Shape) -> list[Where]:
    """The cells with words above the header, in order."""
    top = shape.header[0] if shape.header else shape.first
    return sorted(
        (row, column)
        for column, rows in shape.view.rows_of.items()
        for row in takewhile(lambda row: row < top, rows)
        if shape.view.grid.cells[row, column].kind in (TEXT, DATE)
    )


def words_above(shape: Shape) -> list[tuple[Where, str]]:
    """What is written above a table beside its name, the unit, and when and by whom it was made."""
    told = [(at, shape.view.text(*at)) for at in cells_above(shape)]
    title = title_above(shape)
    return [
        (at, text)
        for at, text in told
        if text
        and title not in (text, _UNIT_BEHIND.sub("", text))
        and not _NOT_TITLE.fullmatch(text)
    ]


def title_above(shape: Shape) -> str:
    """What a table is called; empty where nothing above it says so."""
    texts = [shape.view.text(*at) for at in cells_above(shape)]
    titles = [text for text in texts if text and not _NOT_TITLE.fullmatch(text)]
    titles = [text for text in titles if not _REMARK.match(text)] or titles
    told = [text for text in titles if re.search("任务|指标|目标|计划|表|年", text)]
    return _UNIT_BEHIND.sub("", max(told or titles, key=len, default=""))
