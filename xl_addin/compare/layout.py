"""Where in another office's workbook the table stands: its column of districts, its header, its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from xl_addin.compare.names import DistrictNames
from xl_addin.formats.grid import Grid
from xl_addin.model.names import fold, plain
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.find import (
    MAX_COLUMNS,
    NUMBERING,
    SUBTOTALS,
    TOTALS,
    first_row,
    header_rows,
    is_corner,
    is_nothing,
    is_value,
)
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.headers import Heading, View, read_headings
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import NUM, TEXT, Cell
from xl_addin.xlsx.values import clip, quote

DISTRICT, TOTAL, SUBTOTAL, UNKNOWN = "district", "total", "subtotal", "unknown"
_NOTE = pattern(
    r"(注|备注|说明|附注|来源|数据来源|资料来源)([:\d一二三(.、]|$)|"
    r"(填表|填报|制表|审核|复核|联系|负责|统计|报送|编制|主管|分管|单位)(人|员|单位|日期|时间|电话|机关|部门|领导|负责人)*:"
)
_PROSE = pattern(r".*[。；;].*|.{25,}")
_OPTION_ROWS = "请补上区县名称（或“合计”），不是数据就加"
_LEAST_CODE = 6


class BodyRow(NamedTuple):
    """A row of the table; ``code`` is that of a DISTRICT, empty for the others."""

    row: int
    kind: str
    name: str
    code: str = ""


class Layout(NamedTuple):
    """A table found. ``key`` is the column of districts, ``headings`` are by column."""

    view: View
    key: int
    header: tuple[int, ...]
    rows: tuple[BodyRow, ...]
    headings: dict[int, Heading]
    columns: tuple[int, ...]
    turned: bool = False

    def outside(self) -> list[Where]:
        """The cells above the table as people see it, in order."""
        top = self.header[0] if self.header else 1
        at = (e for e in self.view.grid.cells if (e[1] < self.key if self.turned else e[0] < top))
        return sorted(at)

    def rows_of(self, kind: str) -> list[BodyRow]:
        """The rows of a kind."""
        return [each for each in self.rows if each.kind == kind]


class _Key(NamedTuple):
    """A column that names districts: by row the codes that it may mean."""

    grid: Grid
    turned: bool
    column: int
    named: dict[int, frozenset[str]]
    worded: bool

    @property
    def codes(self) -> set[str]:
        return {code for codes in self.named.values() if len(codes) == 1 for code in codes}


def turned(grid: Grid) -> Grid:
    """A grid with its rows and columns exchanged."""
    return grid._replace(
        cells={(column, row): cell for (row, column), cell in grid.cells.items()},
        merged=tuple((a[1], a[0], a[3], a[2]) for a in grid.merged),
        hidden_rows=grid.hidden_columns,
        hidden_columns=grid.hidden_rows,
    )


def find_layout(
    grids: Sequence[Grid], file: str, names: DistrictNames, choices: Choices, findings: Findings
) -> Layout:
    """The table of a workbook. Refused where there is none, or where several fit.

    ``choices`` are what staff settled: which sheet, and which rows and columns are not to be read.
    """
    sheet = choices.sheet
    chosen = [grid for grid in grids if not sheet or fold(grid.sheet) == fold(sheet)]
    if not chosen:
        there = "、".join(f"“{grid.sheet}”" for grid in grids)
        raise Refused(f"{file}：没有叫“{sheet}”的工作表；--sheet 可以写的有：{there}")
    keys = [key for grid in chosen for key in _keys(grid, names)]
    shown = [key for key in keys if not key.grid.hidden] or keys
    best = max(shown, key=_rank, default=None)
    if best is None or len(best.codes) < 2:
        there = "、".join(f"“{grid.sheet}”" for grid in chosen)
        seen = _first_words(chosen)
        raise Refused(
            f"{file}：在{there}里没有找到一列区县名称（至少要认出两个）；看到的是：{seen}。"
            "请检查是否选错了文件；对方另有叫法的，先写进“区县名录”的“别名”"
        )
    findings.turn_to(best.grid)
    findings.turned = best.turned
    _refuse_other_sheets(best, shown, findings)
    if best.grid.hidden:
        findings.warn("hidden-sheet", "", best.grid.sheet, "这一张是隐藏的工作表；请确认用的是它")
    return _lay_out(best, keys, names, choices, findings)


def _first_words(grids: Iterable[Grid]) -> str:
    words = [
        clip(str(cell.value))
        for grid in grids
        for _, cell in sorted(grid.cells.items())[:60]
        if cell.kind == TEXT and str(cell.value).strip()
    ]
    return "、".join(words[:8]) or "没有文字"


def _rank(key: _Key) -> tuple[int, bool, bool, int]:
    return len(key.codes), not key.turned, key.worded, -key.column


def _keys(grid: Grid, names: DistrictNames) -> list[_Key]:
    """Every column, and every row, of a sheet that names districts."""
    found: list[_Key] = []
    view = View.of(grid)
    named = {
        at: (codes, name)
        for at, cell in grid.cells.items()
        if view.owner(*at) == at and (name := _name_of(cell)) and (codes := names.find(name))
    }
    for turn, table in ((False, grid), (True, turned(grid))):
        columns: dict[int, dict[int, frozenset[str]]] = {}
        worded: Counter[int] = Counter()
        for at, (codes, name) in named.items():
            row, column = at[::-1] if turn else at
            if column <= MAX_COLUMNS:
                columns.setdefault(column, {})[row] = codes
                worded[column] += not name.isascii()
        found += (
            _Key(table, turn, column, rows, 2 * worded[column] > len(rows))
            for column, rows in columns.items()
        )
    return found


def _name_of(cell: Cell) -> str:
    """What a cell may name a district by; a short number is a figure, no code."""
    if cell.kind == TEXT:
        return str(cell.value) if len(str(cell.value)) <= 40 else ""
    text = quote(cell) if cell.kind == NUM else ""
    return text if len(text) >= _LEAST_CODE and text.isdigit() else ""


def _refuse_other_sheets(best: _Key, keys: Iterable[_Key], findings: Findings) -> None:
    """Refuse where another sheet could be meant as well."""
    sheets: dict[str, int] = {}
    for key in keys:
        sheets[key.grid.sheet] = max(sheets.get(key.grid.sheet, 0), len(key.codes))
    fitting = [name for name, count in sheets.items() if 2 * count >= len(best.codes) and count > 1]
    if len(fitting) > 1:
        said = "、".join(f"“{name}”" for name in fitting)
        says = (
            f"工作表{said}都有各区县的数，不知道比哪一张；"
            f"请加 --sheet 写明，例如 --sheet {fitting[0]}，或只留下要比的那一张"
        )
        findings.refuse("which-sheet", "", said, says)


def _lay_out(
    best: _Key, keys: Sequence[_Key], names: DistrictNames, choices: Choices, findings: Findings
) -> Layout:
    view, choices = View.of(best.grid), choices.on(best.grid)
    choices = choices.turned() if best.turned else choices
    skipped = choices.skipped_columns - {best.column}
    columns = sorted({c for _, c in best.grid.cells if c <= MAX_COLUMNS} - skipped)
    others = [c for c in columns if c != best.column]
    right = [c for c in others if c > best.column]
    first = _first(best, view, columns)
    first = first_row(view, best.column, first, right)
    header = tuple(header_rows(view, first, best.column, others))
    if not header:
        at = (first, best.column)
        says = "上面没有表头，不知道各列是什么数；请在各列上面写明"
        findings.refuse("no-header", at, view.text(*at), says)
    headings = read_headings(view, header, right, best.column + 1)
    left = [c for c in others if c < best.column]
    headings = {**read_headings(view, header, left, min(left, default=1)), **headings}
    _refuse_second_names(best, keys, findings)
    rows = _rows(best, view, names, header, first, others, choices.skipped_rows, findings)
    return Layout(view, best.column, header, tuple(rows), headings, tuple(others), best.turned)


def _first(best: _Key, view: View, columns: Sequence[int]) -> int:
    """The first row that is a district's or a total's."""
    first = min(best.named)
    for row in range(first - 1, 0, -1):
        if not any(TOTALS.fullmatch(plain(view.text(row, c))) for c in columns[: best.column]):
            break
        if not any(is_value(view.cell(row, c)) for c in columns):
            break
        first = row
    return first


def _refuse_second_names(best: _Key, keys: Sequence[_Key], findings: Findings) -> None:
    """Refuse a second list of districts beside the first, and one that says otherwise in a row."""
    for key in keys:
        same_table = key.grid.sheet == best.grid.sheet and key.turned == best.turned
        if not same_table or key.column == best.column or len(key.codes) < 2:
            continue
        if len(key.codes - best.codes) >= 2:
            at = (min(key.named), key.column)
            says = (
                f"这一列也是区县名称，和 {findings.column_name(best.column)}不是同样的区县；"
                "左右两半请上下接成一张表再比"
            )
            findings.refuse("second-names", at, f"{len(key.codes)} 个区县", says)
            continue
        for row, codes in key.named.items():
            ours = best.named.get(row, frozenset())
            if ours and not ours & codes:
                at = (row, key.column)
                says = (
                    f"和 {findings.cell_name((row, best.column))} 说的不是同一个区县，"
                    "不知道这一行是谁的；请对方改正"
                )
                findings.refuse("row-in-doubt", at, _text(best.grid, at), says)


def _text(grid: Grid, at: tuple[int, int]) -> str:
    cell = grid.cells.get(at)
    return "" if cell is None else clip(quote(cell))


def _rows(
    best: _Key,
    view: View,
    names: DistrictNames,
    header: tuple[int, ...],
    first: int,
    others: Sequence[int],
    skipped: frozenset[int],
    findings: Findings,
) -> list[BodyRow]:
    heads = {_line(view, row, others, best.column) for row in header}
    filled = sorted({row for row, _ in view.grid.cells if row >= first})
    ordered = _numbering(view, header, others)
    found: list[BodyRow] = []
    for row in filled:
        if row in skipped or _line(view, row, others, best.column) in heads:
            continue
        cells = [cell for c in others if c not in ordered and (cell := view.cell(row, c))]
        values = any(is_value(cell) for cell in cells)
        each = _row(best, view, names, row, values, findings)
        if each is not None:
            found.append(each)
    return found


def _numbering(view: View, header: Sequence[int], columns: Sequence[int]) -> set[int]:
    return {c for c in columns if any(plain(view.text(r, c)) in NUMBERING for r in header)}


def _line(view: View, row: int, others: Sequence[int], key: int) -> tuple[str, ...]:
    return tuple(view.text(row, c) for c in (key, *others))


def _row(
    best: _Key, view: View, names: DistrictNames, row: int, values: bool, findings: Findings
) -> BodyRow | None:
    at = (row, best.column)
    name = view.text(*at) or _name_left(view, best.column, row)
    text = plain(name)
    if TOTALS.fullmatch(text):
        return BodyRow(row, TOTAL, name) if values else None
    codes = names.find(name) if name and len(name) <= 40 else frozenset()
    if len(codes) > 1:
        says = f"“{name}”可以是{'、'.join(sorted(codes))}几个区县；请对方写全称，或在“区县名录”的“别名”里只留一个"
        findings.refuse("row-in-doubt", at, name, says)
        return None
    if codes:
        if view.area(*at)[0] != view.area(*at)[2] and (values or view.owner(*at) == at):
            says = f"“{name}”合并了 {findings.area_name(view.area(*at))} 几行，不知道用哪一行的数；请一个区县只留一行"
            findings.refuse("merged-cells", view.owner(*at), name, says)
        return BodyRow(row, DISTRICT, name, next(iter(codes)))
    if SUBTOTALS.fullmatch(text):
        return BodyRow(row, SUBTOTAL, name) if values else None
    if not name:
        if values:
            says = f"这一行有数字但没有区县名称，不知道是谁的；{_OPTION_ROWS} {findings.row_option('skip', row)}"
            findings.refuse("row-without-name", at, "", says)
        return None
    if is_corner(name) and not values:
        says = "表中间又有一个表头，下面的数不知道是什么；请一张工作表只放一张表"
        findings.refuse("second-table", at, name, says)
        return None
    if not values or _NOTE.match(text) or (_PROSE.fullmatch(text) and not values):
        return None
    return BodyRow(row, UNKNOWN, name)


def _name_left(view: View, key: int, row: int) -> str:
    """The name of a row that has it left of the others, as 合计 in the column of numbers."""
    for column in range(key - 1, 0, -1):
        cell = view.grid.cells.get(view.owner(row, column))
        if cell is not None and cell.kind == TEXT and not is_nothing(cell):
            return view.text(row, column) if not is_value(cell) else ""
    return ""
