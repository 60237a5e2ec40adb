"""区县名录 and 指标: the districts and indicators as staff list them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xl_addin.master.read.blocks import Block, filled_rows, find_columns, has_heading, key_text
from xl_addin.model.addresses import SEPARATORS, split_mail_addresses
from xl_addin.model.names import fold
from xl_addin.model.records import (
    EVEN,
    FLOW,
    MEASURE_LABELS,
    RATE,
    SCHEDULE_LABELS,
    WARNING,
    District,
    Indicator,
    Number,
    Problem,
)
from xl_addin.model.settings import NO, YES
from xl_addin.model.sheets import CODE_KEY, DISTRICT_HEADINGS, INDICATOR_HEADINGS
from xl_addin.xlsx.a1 import Where, cell_name
from xl_addin.xlsx.cells import NUM, Cell
from xl_addin.xlsx.values import quote, round_noise

_MEASURES = {fold(label): measure for measure, label in MEASURE_LABELS.items()}
_SCHEDULES = {fold(label): schedule for schedule, label in SCHEDULE_LABELS.items()}
_MONTHS = {f"{number}{word}": number for number in range(1, 13) for word in ("", "月")}


_LONGEST, _LONGEST_CODE = 150, 30
"""Bytes of a district's name and code: file names hold both, and 255 bytes in all on most disks."""


class ListRows:
    """A list's rows one by one; what is wrong goes to ``problems``. ``row`` is the one it is at."""

    def __init__(self, block: Block, headings: tuple[str, ...], problems: list[Problem]) -> None:
        self.block = block
        self.columns = find_columns(block, [each for each in headings if has_heading(block, each)])
        self.problems = problems
        self.row = 0

    def where(self, heading: str) -> Where:
        """The row's cell under a heading."""
        return self.row, self.columns[heading]

    def cell(self, heading: str) -> Cell | None:
        """The cell; None also where an older master has no such column."""
        return self.block.cells.get(self.where(heading)) if heading in self.columns else None

    def text(self, heading: str) -> str:
        """What is written there, empty where nothing is."""
        cell = self.cell(heading)
        return "" if cell is None else quote(cell).strip()

    def report(
        self, code: str, heading: str, says: str, expected: str = "", severity: str = ""
    ) -> None:
        """Note what is wrong with that cell, as grave as such a thing is unless ``severity`` is given."""
        told = self.block.problem(code, self.where(heading), says, expected, severity)
        self.problems.append(told)

    def codes(self, heading: str = CODE_KEY) -> Iterator[str]:
        """Codes of the filled rows, each once; ``row`` follows. They stand under ``heading``."""
        seen: dict[str, int] = {}
        for row in filled_rows(self.block):
            self.row = row
            code = key_text(self.cell(heading))
            if not code:
                says = f"这一行没有{heading}；请填上{heading}，或清空这一行"
                self.report("code-missing", heading, says)
            elif code in seen:
                first = cell_name(seen[code], self.columns[heading])
                says = f"{heading}“{code}”在 {first} 已经用过；请改成不同的{heading}"
                self.report("code-twice", heading, says)
            else:
                seen[code] = self.row
                yield code


def read_district_register(block: Block, problems: list[Problem]) -> tuple[District, ...]:
    """The districts in their listed order."""
    rows = ListRows(block, DISTRICT_HEADINGS, problems)
    found: list[District] = []
    taken: dict[str, Where] = {}
    for code in rows.codes():
        name = rows.text("区县")
        if not name:
            rows.report("name-missing", "区县", f"代码“{code}”没有区县名称；请填上")
        for heading, text, longest in ((CODE_KEY, code, _LONGEST_CODE), ("区县", name, _LONGEST)):
            if len(text.encode("utf-8", "replace")) > longest:
                says = (
                    f"“{text[:10]}……”有 {len(text)} 个字，用作文件名太长；"
                    f"请改成 {longest // 3} 个字以内的简称"
                )
                rows.report("name-too-long", heading, says)
        aliases = _aliases(rows.cell("别名"))
        for heading, names in (("区县", (name,)), ("别名", aliases)):
            _report_duplicates(rows, heading, names, taken)
        for heading in ("收件人", "抄送"):
            _check_mail(rows, heading)
        mail = rows.text("收件人"), rows.text("抄送")
        found.append(District(code, name, aliases, *mail, *reported_months(rows)))
    if not found:
        says = "名录里没有区县；请至少填一个"
        problems.append(block.problem("list-empty", block.area[:2], says))
    return tuple(found)


def _aliases(cell: Cell | None) -> tuple[str, ...]:
    parts = SEPARATORS.split(quote(cell)) if cell is not None else ()
    return tuple(part for part in (part.strip() for part in parts) if part)


def _report_duplicates(
    rows: ListRows, heading: str, names: tuple[str, ...], taken: dict[str, Where]
) -> None:
    for name in names:
        key = fold(name)
        before = taken.setdefault(key, rows.where(heading)) if key else rows.where(heading)
        if before[0] != rows.row:
            says = f"“{name}”在 {cell_name(*before)} 已经是另一个区县的名称；请改成不会混淆的名称"
            rows.report("name-twice", heading, says)


def _check_mail(rows: ListRows, heading: str) -> None:
    """It stops the letter to its district and nothing else: who gives out forms by hand needs no address."""
    text = rows.text(heading)
    for address in split_mail_addresses(text)[1] if text else ():
        says = (
            f"“{address}”不是邮箱地址（应当像 name@example.com，多个用；隔开），"
            f"给“{rows.text('区县')}”的信先不发；请改正"
        )
        rows.report("bad-mail", heading, says, "name@example.com", WARNING)


def read_indicator_register(block: Block, problems: list[Problem]) -> tuple[Indicator, ...]:
    """The indicators in their listed order."""
    rows = ListRows(block, INDICATOR_HEADINGS, problems)
    found: dict[str, Indicator] = {}
    parents: dict[str, Where] = {}
    for code in rows.codes():
        steps = rows.text("指标").replace("＞", ">").split(">")
        path = tuple(step for step in map(str.strip, steps) if step)
        if not path:
            rows.report("name-missing", "指标", f"代码“{code}”没有指标名称；请填上")
        parents[code] = rows.where("上级指标")
        found[code] = Indicator(
            code,
            path or (code,),
            rows.text("计量单位"),
            _measure(rows),
            key_text(rows.cell("上级指标")),
            _whole(rows),
            _amount(rows, "全市目标", "bad-goal"),
            _schedule(rows),
            *reported_months(rows),
            key_text(rows.cell("合计按")),
            key_text(rows.cell("上年代码")),
            short=rows.text("简称"),
            importance=_amount(rows, "权重", "bad-importance"),
        )
    if not found:
        problems.append(block.problem("list-empty", block.area[:2], "没有指标；请至少填一个"))
    problems.extend(_parent_problems(block, found, parents))
    problems.extend(_weight_problems(rows, found))
    return tuple(found.values())


def _measure(rows: ListRows) -> str:
    text = key_text(rows.cell("口径"))
    if fold(text) not in _MEASURES:
        allowed = "、".join(f"“{label}”" for label in MEASURE_LABELS.values())
        says = f"口径现在是“{text or '空'}”，只能填{allowed}；请改正"
        rows.report("bad-measure", "口径", says, allowed)
    return _MEASURES.get(fold(text), FLOW)


def _schedule(rows: ListRows) -> str:
    text = fold(key_text(rows.cell("序时")))
    if text and text not in _SCHEDULES:
        allowed = "、".join(f"“{label}”" for label in SCHEDULE_LABELS.values())
        rows.report("bad-schedule", "序时", f"序时现在是“{text}”，只能填{allowed}；请改正", allowed)
    return _SCHEDULES.get(text, EVEN)


def reported_months(rows: ListRows) -> tuple[int, int]:
    """The first and the last month that are reported; empty cells are the whole year."""
    found = {"起始月": 1, "截止月": 12}
    for heading in found:
        text = fold(key_text(rows.cell(heading)))
        if text in _MONTHS:
            found[heading] = _MONTHS[text]
        elif text:
            says = f"{heading}现在是“{text}”，应当是 1 到 12 的月份，全年都报就留空；请改正"
            rows.report("bad-months", heading, says, "1 到 12")
    since, until = found.values()
    if since > until:
        says = f"起始月 {since} 在截止月 {until} 之后；请改正"
        rows.report("bad-months", "截止月", says, f"不小于 {since}")
    return since, until


def _weight_problems(rows: ListRows, found: Mapping[str, Indicator]) -> Iterator[Problem]:
    """A rate's total can only be weighted by another indicator, one that is added up."""
    for code, item in found.items():
        other = found.get(item.weight)
        if item.weight and (other is None or other.measure == RATE or other.code == code):
            says = f"指标“{code}”的“合计按”是“{item.weight}”，应当是另一个有数量的指标的代码，不要合计就留空；请改正"
            yield rows.block.problem("bad-weight", rows.block.area[:2], says)


def _whole(rows: ListRows) -> bool:
    text = key_text(rows.cell("取整"))
    if fold(text) not in (YES, NO):
        allowed = f"“{YES}”或“{NO}”"
        rows.report(
            "bad-whole", "取整", f"取整现在是“{text or '空'}”，只能填{allowed}；请改正", allowed
        )
    return fold(text) != NO


def _amount(rows: ListRows, heading: str, code: str) -> Number | None:
    """A number not below 0, or nothing."""
    cell = rows.cell(heading)
    if cell is None:
        return None
    if cell.kind == NUM and isinstance(cell.value, int | float) and cell.value >= 0:
        return round_noise(cell.value)
    says = f"{heading}现在是“{quote(cell)}”，应当是不小于 0 的数字，没有就留空；请改正"
    rows.report(code, heading, says, "数字")
    return None


def _parent_problems(
    block: Block, found: dict[str, Indicator], parents: dict[str, Where]
) -> Iterator[Problem]:
    """A parent must be listed, be another indicator, and not be a descendant."""
    for code, item in found.items():
        where = parents[code]
        if not item.parent:
            continue
        if item.parent == code:
            yield block.problem("parent-self", where, f"指标“{code}”的上级不能是它自己；请改正")
        elif item.parent not in found:
            says = f"上级指标“{item.parent}”不在代码列里；请填上级的代码，没有上级就留空"
            yield block.problem("parent-unknown", where, says)
        elif _is_circular(code, found):
            says = f"指标“{code}”和“{item.parent}”互为上级，绕成了圈；请改正"
            yield block.problem("parent-cycle", where, says)


def _is_circular(code: str, found: dict[str, Indicator]) -> bool:
    """Whether going up from an indicator comes back to it."""
    above = found[code].parent
    for _ in found:
        if above == code:
            return True
        if above not in found:
            return False
        above = found[above].parent
    return False
