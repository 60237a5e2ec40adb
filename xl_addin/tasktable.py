"""A year's task table, from any workbook that has one.

The table is found by its shape: a column of names with numbers to the right, header rows above. What
cannot be read is refused with its cell, what disagrees with itself is reported with its cell, and
nothing that holds a number is passed over in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xl_addin import register
from xl_addin.a1 import area_name, cell_name
from xl_addin.cells import TEXT
from xl_addin.errors import Refused
from xl_addin.grid import Grid, read_grids
from xl_addin.headers import MAX_ROWS, Heading, Sheet, default_unit, header_rows, heading
from xl_addin.records import ERROR, WARNING, District, Indicator, Number, Problem, TaskTable
from xl_addin.values import COUNTED, number_text, plain_text, read_number

GOALS_SHEET = "全市目标"
_MAX_COLUMNS = 300
_TOTALS = frozenset(("合计", "总计", "全市", "全市合计", "全市总计", "总数", "全省", "全省合计", "全县", "全区",
                     "全国", "汇总", "共计", "市合计", "全市汇总", "合计数"))  # fmt: skip
_SUBTOTAL = re.compile(r"小计|片区合计|地区合计|分计")
_NUMBERING = frozenset(("栏次", "列次", "序号", "栏目", "甲", "项次"))
_ORDER = re.compile(r"序号|编号|№|No\.?", re.IGNORECASE)
_CODE = re.compile(r"(行政区划|区划|单位|区县)?(代码|编码)")
_REMARK = re.compile(
    r"备注|说明|注|联系人|联系电话|电话|手机|负责人|责任人|责任单位|牵头单位|地址|邮箱"
)
_NOTHING = frozenset(("-", "—", "——", "－", "/", "／", "–", "\\", "*"))
_CJK_NAME = re.compile(r"[\u4e00-\u9fff\s]+\Z")


class _Shape(NamedTuple):
    """Where a sheet's table stands."""

    sheet: Sheet
    name_column: int
    rows: tuple[int, ...]
    header: tuple[int, ...]
    last_column: int

    @property
    def size(self) -> int:
        return len(self.rows) * (self.last_column - self.name_column)


class _Findings:
    """Problems of one sheet, each at a cell."""

    def __init__(self, file: str, sheet: str) -> None:
        self.file, self.sheet = file, sheet
        self.problems: list[Problem] = []

    def add(
        self, code: str, severity: str, at: tuple[int, int] | str, found: str, says: str
    ) -> None:
        cell = at if isinstance(at, str) else cell_name(*at)
        place = f"{self.file} {self.sheet}!{cell}" if cell else f"{self.file} {self.sheet}"
        self.problems.append(Problem(code, severity, self.sheet, cell, found, f"{place}：{says}"))


def read_task_table(data: bytes, file: str) -> TaskTable:
    """The task table in a workbook's bytes; ``file`` is for messages.

    Raises Refused, with every reason, when there is none or it cannot be read; Unreadable when the
    bytes are no workbook.
    """
    grids = read_grids(data, file)
    tables = [grid for grid in grids if register.normalise(grid.sheet) != GOALS_SHEET]
    shown = [grid for grid in tables if not grid.hidden] or tables
    shapes = [shape for shape in map(_shape, shown) if shape is not None]
    if not shapes:
        names = "、".join(f"“{grid.sheet}”" for grid in shown)
        raise Refused(
            f"{file}：在工作表{names}里找不到任务表；任务表要有一列单位名称，右边各列是数字，上面是表头。"
            "请检查是否选错了文件"
        )
    shape = max(shapes, key=lambda found: found.size)
    findings = _Findings(file, shape.sheet.grid.sheet)
    table = _Table(shape, findings).read()
    wrong = [problem for problem in findings.problems if problem.severity == ERROR]
    if wrong:
        raise Refused(f"{file}：任务表有 {len(wrong)} 处读不出来，请改好后再试", findings.problems)
    goals = next((grid for grid in grids if register.normalise(grid.sheet) == GOALS_SHEET), None)
    indicators = table.indicators
    if goals is not None:
        indicators = _with_goals(goals, indicators, _Findings(file, goals.sheet), findings)
    return table._replace(indicators=indicators, problems=tuple(findings.problems))


def _shape(grid: Grid) -> _Shape | None:
    sheet = Sheet.of(grid)
    columns = sorted({column for _, column in grid.cells if column <= _MAX_COLUMNS})
    best: tuple[int, int, list[int]] | None = None
    for column in columns[:30]:
        rows = _named_rows(sheet, column, columns)
        names = {sheet.text(row, column) for row in rows}
        score = len(names) + sum(register.find(name) is not None for name in names)
        if len(rows) >= 2 and (best is None or score > best[0]):
            best = (score, column, rows)
    if best is None:
        return None
    _, name_column, rows = best
    last = max(c for r in rows for c in columns if c > name_column and _is_amount(sheet, r, c))
    beyond = (c for c in columns if c > last and any(sheet.text(r, c) for r in rows))
    last_column = max(beyond, default=last)
    header = header_rows(sheet, rows[0], name_column, last_column)
    while header and any(sheet.text(row, last_column + 1) for row in header):
        last_column += 1
    return _Shape(sheet, name_column, tuple(rows), tuple(header), last_column)


def _named_rows(sheet: Sheet, column: int, columns: Sequence[int]) -> list[int]:
    found = []
    for row in sorted({row for row, at in sheet.grid.cells if at >= column}):
        cell = sheet.grid.cells.get(sheet.owner(row, column))
        named = cell is not None and cell.kind == TEXT and read_number(cell).value is None
        if named and any(c > column and _is_amount(sheet, row, c) for c in columns):
            found.append(row)
    return found


def _is_amount(sheet: Sheet, row: int, column: int) -> bool:
    cell = sheet.grid.cells.get((row, column))
    return cell is not None and read_number(cell).value is not None


class _Column(NamedTuple):
    at: int
    heading: Heading


class _Table:
    """Reading one located table."""

    def __init__(self, shape: _Shape, findings: _Findings) -> None:
        self.shape = shape
        self.sheet = shape.sheet
        self.findings = findings
        self.code_column = 0

    def read(self) -> TaskTable:
        shape = self.shape
        if not shape.header:
            at = (shape.rows[0], shape.name_column)
            says = "上面找不到表头；表头要写明各列是什么指标"
            self.findings.add("no-header", ERROR, at, self.sheet.text(*at), says)
        elif len(shape.header) > MAX_ROWS:
            at = (shape.header[0], shape.name_column)
            says = f"表头有 {len(shape.header)} 行，最多能读 {MAX_ROWS} 行；请合并或删去多余的行"
            self.findings.add("header-too-deep", ERROR, at, "", says)
        rows, total = self._rows()
        columns = self._columns(rows)
        indicators = self._indicators(columns)
        districts = self._districts(rows)
        targets: dict[tuple[str, str], Number] = {}
        cells: dict[tuple[str, str], str] = {}
        self._merged(rows, columns)
        for (row, _), district in zip(rows, districts, strict=True):
            for column, item in zip(columns, indicators, strict=True):
                value = self._amount((row, column.at), item.unit)
                cells[district.code, item.code] = cell_name(row, column.at)
                if value is not None:
                    targets[district.code, item.code] = value
        published = self._published(total, columns, indicators)
        table = TaskTable(
            self._title(), districts, _wholes(indicators, targets), targets, published,
            self.sheet.grid.sheet, cells,
        )  # fmt: skip
        self._totals_agree(table, total, columns)
        self._parts_fit(table)
        return table

    def _name(self, row: int) -> str:
        texts = (self.sheet.text(row, column) for column in range(self.shape.name_column, 0, -1))
        return next((text for text in texts if text), "")

    def _rows(self) -> tuple[list[tuple[int, str]], int]:
        """The districts' rows with their names, and the total row (0 where there is none)."""
        shape = self.shape
        rows: list[tuple[int, str]] = []
        totals: list[int] = []
        numbered = set(shape.rows)
        for row in range(shape.rows[0], self._last_row() + 1):
            name = self._name(row)
            at = (row, shape.name_column)
            if row not in numbered and not (row < shape.rows[-1] and name):
                self._without_name(row)
            elif register.normalise(name) in _TOTALS:
                totals.append(row)
            elif _SUBTOTAL.search(name):
                self.findings.add(
                    "subtotal-skipped",
                    WARNING,
                    at,
                    name,
                    f"“{name}”是小计，没有当作区县读入；请核对",
                )
            elif name in _NUMBERING or (row not in numbered and self._spans_table(row)):
                continue
            else:
                rows.append((row, name))
        for extra in totals[1:]:
            says = "合计行出现了两次，只用了第一行；请删去多余的一行"
            self.findings.add("total-twice", WARNING, (extra, shape.name_column), "", says)
        return rows, totals[0] if totals else 0

    def _last_row(self) -> int:
        return max(row for row, _ in self.sheet.grid.cells)

    def _spans_table(self, row: int) -> bool:
        area = self.sheet.covered.get((row, self.shape.name_column))
        return area is not None and area[3] > self.shape.name_column

    def _without_name(self, row: int) -> None:
        columns = range(self.shape.name_column + 1, self.shape.last_column + 1)
        at = next((c for c in columns if _is_amount(self.sheet, row, c)), 0)
        if at:
            found = self.sheet.text(row, at)
            says = f"这一行有数字（{found}）但没有单位名称，没有读入；请补上名称或删去"
            self.findings.add("row-without-name", WARNING, (row, at), found, says)

    def _columns(self, rows: Sequence[tuple[int, str]]) -> list[_Column]:
        shape = self.shape
        unit = default_unit(self.sheet, shape.header[0] if shape.header else shape.rows[0])
        self._find_codes(rows)
        columns: list[_Column] = []
        for at in range(shape.name_column + 1, shape.last_column + 1):
            if at == self.code_column:
                continue
            found = heading(self.sheet, shape.header, at, shape.name_column + 1, unit)
            label = "".join(found.path)
            filled = [(row, at) for row, _ in rows if self.sheet.text(row, at)]
            amounts = [where for where in filled if _is_amount(self.sheet, *where)]
            if _ORDER.fullmatch(label):
                continue
            if _REMARK.fullmatch(label) or (
                filled and not amounts and not self._all_nothing(filled)
            ):
                if filled:
                    says = f"“{label or '没有表头'}”一列是文字，没有当作指标读入"
                    self.findings.add(
                        "column-skipped", WARNING, filled[0], self.sheet.text(*filled[0]), says
                    )
            elif label:
                columns.append(_Column(at, found))
            elif amounts:
                found_text = self.sheet.text(*amounts[0])
                says = "这一列有数字但没有表头，不知道是什么指标；请补上表头"
                self.findings.add("no-header", ERROR, amounts[0], found_text, says)
        if not columns and shape.header:
            self.findings.add(
                "no-indicator",
                ERROR,
                (shape.header[-1], shape.name_column),
                "",
                "没有读到一项指标；请检查表头",
            )
        return columns

    def _find_codes(self, rows: Sequence[tuple[int, str]]) -> None:
        for at in range(1, self.shape.last_column + 1):
            texts = [self.sheet.text(row, at) for row in self.shape.header]
            if any(_CODE.fullmatch(text) for text in texts) and at != self.shape.name_column:
                codes = [self.sheet.text(row, at) for row, _ in rows]
                if len(set(codes)) == len(codes) and all(
                    re.fullmatch(r"[0-9A-Za-z._-]{1,20}", c) for c in codes
                ):
                    self.code_column = at

    def _all_nothing(self, places: Sequence[tuple[int, int]]) -> bool:
        return all(self.sheet.text(*at) in _NOTHING for at in places)

    def _indicators(self, columns: Sequence[_Column]) -> tuple[Indicator, ...]:
        indicators: list[Indicator] = []
        seen: dict[tuple[str, ...], int] = {}
        whole_of = ""
        for number, (at, found) in enumerate(columns, 1):
            where = (self.shape.header[-1], at) if self.shape.header else (1, at)
            label = " > ".join(found.path)
            if found.path in seen:
                says = f"指标“{label}”和 {cell_name(where[0], seen[found.path])} 的重名；请区分开"
                self.findings.add("indicator-twice", ERROR, where, label, says)
            seen.setdefault(found.path, at)
            code = f"I{number:02d}"
            if found.within and not whole_of:
                says = f"“{label}”写着“其中”，但前面没有它所属的指标；按单独的指标读入"
                self.findings.add("part-without-whole", WARNING, where, label, says)
            parent = whole_of if found.within else ""
            if not found.within:
                whole_of = code
            indicators.append(Indicator(code, found.path, found.unit, parent=parent))
        return tuple(indicators)

    def _districts(self, rows: Sequence[tuple[int, str]]) -> tuple[District, ...]:
        districts: list[District] = []
        seen: dict[str, int] = {}
        for number, (row, name) in enumerate(rows, 1):
            at = (row, self.shape.name_column)
            district = self._district(row, name, number)
            for key in dict.fromkeys((district.code, register.normalise(name))):
                if key in seen:
                    says = (
                        f"“{name}”和 {cell_name(seen[key], at[1])} 是同一个单位；请删去重复的一行"
                    )
                    self.findings.add("district-twice", ERROR, at, name, says)
                    district = district._replace(code=f"D{number:03d}x")
                    break
            seen |= {district.code: row, register.normalise(name): row}
            districts.append(district)
        return tuple(districts)

    def _district(self, row: int, name: str, number: int) -> District:
        cell = self.sheet.grid.cells.get(self.sheet.owner(row, self.shape.name_column))
        printed = plain_text(str(cell.value)) if cell is not None else name
        shown = name if _CJK_NAME.match(printed) else " ".join(printed.split())
        known = register.find(name)
        code = self.sheet.text(row, self.code_column) if self.code_column else ""
        others = (printed, known.name, *known.aliases) if known else (printed,)
        aliases = tuple(alias for alias in dict.fromkeys(others) if alias != shown)
        return District(code or (known.code if known else f"D{number:03d}"), shown, aliases)

    def _amount(self, at: tuple[int, int], unit: str) -> Number | None:
        cell = self.sheet.grid.cells.get(at)
        written = read_number(cell, unit)
        if written.code in ("", "formula-figure"):
            value = written.value
        elif written.found.strip() in _NOTHING:
            return None
        elif written.code == "read-as-number":
            value = written.value
            says = f"“{written.found}”是文字，已读作 {number_text(value or 0)}；请核对"
            self.findings.add("read-as-number", WARNING, at, written.found, says)
        else:
            says = f"“{written.found}”读不出一个确定的数；请改成数字，没有任务就留空"
            self.findings.add(written.code, ERROR, at, written.found, says)
            return None
        if value is not None and value < 0:
            self.findings.add(
                "negative", ERROR, at, written.found, f"任务数 {written.found} 小于 0；请改正"
            )
            return None
        if value is None and at in self.sheet.covered:
            return None
        return value

    def _merged(self, rows: Sequence[tuple[int, str]], columns: Sequence[_Column]) -> None:
        lines, across = {row for row, _ in rows}, {column.at for column in columns}
        for area in self.sheet.grid.merged:
            inside = lines.intersection(range(area[0], area[2] + 1))
            if inside and across.intersection(range(area[1], area[3] + 1)):
                if area[1] <= self.shape.name_column:
                    continue
                says = f"数字格 {area_name(area)} 合并了，不知道属于哪个区县或指标；请取消合并，逐格填写"
                self.findings.add("merged-cells", ERROR, area[:2], area_name(area), says)

    def _published(
        self, total: int, columns: Sequence[_Column], indicators: Sequence[Indicator]
    ) -> dict[str, Number]:
        published: dict[str, Number] = {}
        for column, item in zip(columns, indicators, strict=True):
            written = read_number(self.sheet.grid.cells.get((total, column.at)), item.unit)
            if total and written.value is not None:
                published[item.code] = written.value
            elif total and written.code and written.found.strip() not in _NOTHING:
                says = f"合计“{written.found}”读不出来，没有核对"
                self.findings.add(written.code, WARNING, (total, column.at), written.found, says)
        return published

    def _title(self) -> str:
        top = self.shape.header[0] if self.shape.header else self.shape.rows[0]
        lines = [
            (len(str(cell.value)), plain_text(str(cell.value)))
            for (row, _), cell in sorted(self.sheet.grid.cells.items())
            if row < top
            and cell.kind == TEXT
            and not re.match(r"附件|单位|（?单位", plain_text(str(cell.value)))
        ]
        return max(lines, default=(0, self.sheet.grid.sheet))[1]

    def _totals_agree(self, table: TaskTable, total: int, columns: Sequence[_Column]) -> None:
        for column, item in zip(columns, table.indicators, strict=True):
            said = table.published.get(item.code)
            added = sum(table.targets.get((d.code, item.code), 0) for d in table.districts)
            if said is not None and abs(said - added) > 1e-6:
                says = (
                    f"“{item.label}”合计写的是 {number_text(said)}，各区县相加是 {number_text(added)}，"
                    f"相差 {number_text(said - added)}；请核对"
                )
                self.findings.add(
                    "total-mismatch", WARNING, (total, column.at), number_text(said), says
                )

    def _parts_fit(self, table: TaskTable) -> None:
        by_code = {item.code: item for item in table.indicators}
        for item in table.indicators:
            for district in table.districts if item.parent else ():
                part = table.targets.get((district.code, item.code))
                whole = table.targets.get((district.code, item.parent))
                if part is not None and whole is not None and part > whole:
                    says = (
                        f"{district.name}“{item.label}”{number_text(part)}，大于"
                        f"“{by_code[item.parent].label}”{number_text(whole)}；请核对"
                    )
                    at = table.cells[district.code, item.code]
                    self.findings.add("child-above-parent", WARNING, at, number_text(part), says)


def _wholes(
    indicators: Sequence[Indicator], targets: dict[tuple[str, str], Number]
) -> tuple[Indicator, ...]:
    broken = {code for (_, code), value in targets.items() if not isinstance(value, int)}
    return tuple(
        item._replace(whole=item.unit in COUNTED or (not item.unit and item.code not in broken))
        for item in indicators
    )


def _with_goals(
    grid: Grid, indicators: tuple[Indicator, ...], own: _Findings, findings: _Findings
) -> tuple[Indicator, ...]:
    sheet = Sheet.of(grid)
    found = next((at for row, _ in sorted(grid.cells) if (at := _headed(sheet, row))), None)
    if found is None:
        own.add("no-header", WARNING, "", "", "没有“指标”和“全市目标”两列，没有读取全市目标")
        findings.problems += own.problems
        return indicators
    header, label_at, goal_at = found
    goals: dict[str, Number] = {}
    for row in range(header + 1, max(r for r, _ in grid.cells) + 1):
        label = sheet.text(row, label_at)
        written = read_number(grid.cells.get((row, goal_at)))
        hits = [i for i in indicators if label in _names(i)]
        if label and (len(hits) != 1 or written.value is None):
            says = f"“{label}”的全市目标没有用上：" + (
                "读不出数字"
                if len(hits) == 1
                else "任务表里没有这项指标"
                if not hits
                else "任务表里有几项同名，请写全路径"
            )
            own.add("goal-unused", WARNING, (row, label_at), label, says)
        elif label and written.value is not None:
            goals[hits[0].code] = written.value
    findings.problems += own.problems
    return tuple(item._replace(goal=goals.get(item.code)) for item in indicators)


def _headed(sheet: Sheet, row: int) -> tuple[int, int, int] | None:
    found = {sheet.text(row, column): column for column in range(1, 20)}
    if "指标" in found and GOALS_SHEET in found:
        return row, found["指标"], found[GOALS_SHEET]
    return None


def _names(item: Indicator) -> Iterator[str]:
    for name in (item.label, item.path[-1], item.path[-1].removeprefix("其中：")):
        yield register.normalise(name)
