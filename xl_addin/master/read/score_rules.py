"""考核: its rules and the points given by hand, every mistake in them told with its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from xl_addin.master.read.blocks import Block, filled_rows, find_columns, key_text
from xl_addin.master.read.settings_rows import number_in
from xl_addin.model.names import fold
from xl_addin.model.records import ERROR, Problem
from xl_addin.model.scoring import (
    ADDED,
    AVERAGED,
    WAYS,
    WAYS_BY_NAME,
    WHOLE,
    ManualPoints,
    Scheme,
    ScoreRule,
    Way,
)
from xl_addin.model.settings import BY_SCORE, NO, YES, Config
from xl_addin.model.sheets import (
    MANUAL_BLOCK,
    MANUAL_HEADINGS,
    SCHEME_BLOCK,
    SCHEME_HEADINGS,
    SCORE_HEADINGS,
    SCORE_ITEMS,
)
from xl_addin.system.errors import Outdated
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.cells import NUM
from xl_addin.xlsx.values import round_noise

if TYPE_CHECKING:
    from xl_addin.master.host.base import BlockReader

_PARAMETERS = ("参数一", "参数二")
_HOW_WRITTEN = {"": False, ADDED: False, AVERAGED: True}


def read_scheme(host: BlockReader, config: Config) -> Scheme:
    """What is switched on in 考核; nothing where the master is older than it."""
    try:
        block = host.block(SCHEME_BLOCK)
    except Outdated:
        return Scheme()
    reader = _Reader(block, find_columns(block, SCHEME_HEADINGS))
    rules = [rule for row in filled_rows(block) if (rule := reader.rule(row)) is not None]
    problems = reader.problems
    problems += reader.about_all(rules) if rules else ()
    sound = not any(each.severity == ERROR for each in problems)
    manual: tuple[ManualPoints, ...] = ()
    if rules and sound:
        manual = tuple(_read_manual(host.block(MANUAL_BLOCK), rules, config, problems))
    if config.settings.rank_by == BY_SCORE and not (rules and sound):
        says = (
            "“设置”里的排名依据是“考核得分”，这里没有启用的、填对了的规则，所以不排名；"
            "请启用规则，或者把排名依据改成“综合完成率”"
        )
        problems.append(block.problem("no-scores", block.area[:2], says))
    return Scheme(tuple(rules), manual, tuple(problems), sound)


class _Reader:
    """One row of 考核 after another."""

    def __init__(self, block: Block, columns: dict[str, int]) -> None:
        self._block, self._columns = block, columns
        self._items: dict[str, int] = {}
        self.problems: list[Problem] = []

    def _text(self, row: int, heading: str) -> str:
        return key_text(self._block.cells.get((row, self._columns[heading]))).strip()

    def _wrong(self, row: int, heading: str, expected: str) -> None:
        found = self._text(row, heading) or "空"
        says = f"“{heading}”现在是“{found}”，应当是{expected}；请改正"
        where = (row, self._columns[heading])
        self.problems.append(self._block.problem("bad-score-rule", where, says, expected))

    def rule(self, row: int) -> ScoreRule | None:
        """The rule of a row; None where it is switched off, or wrong."""
        switch = fold(self._text(row, "启用"))
        if switch == NO:
            return None
        before = len(self.problems)
        if switch not in ("", YES):
            self._wrong(row, "启用", f"“{YES}”或“{NO}”")
        item = self._item(row)
        full = self._points(row, "满分", lambda n: n > 0, "大于 0 的数字，最多两位小数")
        way = WAYS_BY_NAME.get(fold(self._text(row, "计分方式")))
        if way is None:
            names = "、".join(each.name for each in WAYS)
            self._wrong(row, "计分方式", f"其中一种：{names}")
            return None
        per, limit = (self._parameter(row, way, number) for number in (0, 1))
        averaged = self._averaged(row, way)
        if len(self.problems) > before or full is None:
            return None
        return ScoreRule(item, way.name, full, per, limit, averaged)

    def _item(self, row: int) -> str:
        name = self._text(row, "项目")
        if not name or name in SCORE_HEADINGS:
            self._wrong(row, "项目", "这个项目的名称（不能用“总分”这样的表头）")
        elif fold(name) in self._items:
            self._wrong(row, "项目", f"另一个名称，第 {self._items[fold(name)]} 行已经用了它")
        self._items.setdefault(fold(name), row)
        return name

    def _points(
        self, row: int, heading: str, allowed: Callable[[Decimal], bool], expected: str
    ) -> Decimal | None:
        value = number_in(self._block.cells.get((row, self._columns[heading])))
        number = None if value is None else Decimal(repr(value))
        if number is None or number != round(number, 2) or not allowed(number):
            self._wrong(row, heading, expected)
            return None
        return number

    def _parameter(self, row: int, way: Way, number: int) -> Decimal | None:
        heading, means = _PARAMETERS[number], (way.first, way.second)[number]
        given = bool(self._text(row, heading))
        if not given and number >= way.needed:
            return None
        if not means:
            self._wrong(row, heading, f"空着（“{way.name}”没有这个参数）")
            return None
        if number:
            expected = f"大于 0 的整数（{means}）"
            return self._points(row, heading, lambda n: n > 0 and n == int(n), expected)
        return self._points(row, heading, lambda n: n > 0, f"大于 0 的数字（{means}）")

    def _averaged(self, row: int, way: Way) -> bool:
        text = fold(self._text(row, "各月"))
        if text not in _HOW_WRITTEN:
            self._wrong(row, "各月", f"“{ADDED}”或“{AVERAGED}”")
        elif _HOW_WRITTEN[text] and not way.averaged:
            self._wrong(row, "各月", f"“{ADDED}”或空着（“{way.name}”不能取平均）")
        return _HOW_WRITTEN.get(text, False)

    def about_all(self, rules: list[ScoreRule]) -> Iterator[Problem]:
        """What is to be said of the rules together."""
        top = self._block.area[0]
        where = (top, self._columns["满分"])
        whole = sum((each.full for each in rules if not each.is_bonus), Decimal(0))
        if whole != WHOLE:
            says = f"启用的项目满分加起来是 {whole.normalize():f}，不是 100；请核对（排名加分不算在内）"
            yield self._block.problem("score-sum", where, says, "100")
        most = len(SCORE_ITEMS)
        if len(rules) > most:
            says = f"启用了 {len(rules)} 个项目，“得分”最多列 {most} 个；请合并或停用几个"
            yield self._block.problem("bad-score-rule", where, says, str(most))


def _read_manual(
    block: Block, rules: list[ScoreRule], config: Config, problems: list[Problem]
) -> Iterator[ManualPoints]:
    """The rows of 手工加减 that count; what is wrong with the others is told."""
    columns = find_columns(block, MANUAL_HEADINGS)
    districts = {
        fold(name): each.code
        for each in config.districts
        for name in (each.code, *each.aliases, each.name)
    }
    items = {fold(each.item): each.item for each in rules}
    for row in filled_rows(block):
        cells = {heading: block.cells.get((row, at)) for heading, at in columns.items()}
        texts = {heading: key_text(cell).strip() for heading, cell in cells.items()}
        if not any(texts.values()):
            continue
        cell = cells["加减"]
        points = None
        if cell is not None and cell.kind == NUM and isinstance(cell.value, int | float):
            points = Decimal(repr(round_noise(cell.value)))
        fits = points is not None and points == round(points, 2) and points != 0
        district, item = districts.get(fold(texts["区县"])), items.get(fold(texts["项目"]))
        wrong = [
            (heading, expected)
            for heading, good, expected in (
                ("区县", district, "“区县名录”里的名称或代码"),
                ("项目", item, "上面启用的一个项目"),
                ("加减", fits, "不是 0 的数字，最多两位小数，减分填负数"),
                ("理由", texts["理由"], "加减的理由；没有理由的不计入"),
            )
            if not good
        ]
        for heading, expected in wrong:
            found = texts[heading] or "空"
            says = f"手工加减的“{heading}”现在是“{found}”，应当填{expected}；这一行没有计入，请改正"
            problems.append(block.problem("bad-manual", (row, columns[heading]), says, expected))
        if not wrong and district and item and points is not None:
            at = block.at((row, columns["加减"]))
            yield ManualPoints(district, item, points, texts["理由"], at)
