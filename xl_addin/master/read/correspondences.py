"""对照: how staff say that another office's columns are to be understood."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.master.host.base import BlockReader
from xl_addin.master.read.blocks import Block, filled_rows, find_columns, key_text
from xl_addin.master.read.settings_rows import month_in, number_in
from xl_addin.model.comparison import (
    CUMULATIVE,
    EVERY_COLUMN,
    MONTHLY,
    PERIOD_LABELS,
    Correspondence,
)
from xl_addin.model.names import fold
from xl_addin.model.records import Indicator, Problem
from xl_addin.model.sheets import CORRESPONDENCE_BLOCK, CORRESPONDENCE_HEADINGS, INDICATORS_SHEET
from xl_addin.system.errors import Outdated

_PERIODS = {
    **{fold(label): period for period, label in PERIOD_LABELS.items()},
    "累计数": CUMULATIVE,
    "当月数": MONTHLY,
    "本月": MONTHLY,
}


def read_correspondences(
    host: BlockReader, indicators: Sequence[Indicator], year: int
) -> tuple[tuple[Correspondence, ...], tuple[Problem, ...]]:
    """The rows of 对照, and every cell that is not understood; nothing in a master without the sheet."""
    try:
        block = host.block(CORRESPONDENCE_BLOCK)
    except Outdated:
        return (), ()
    columns = find_columns(block, CORRESPONDENCE_HEADINGS[:5])
    problems: list[Problem] = []
    reader = _Reader(block, columns, indicators, year, problems)
    found = [reader.row(row) for row in filled_rows(block)]
    return tuple(each for each in found if each is not None), tuple(problems)


class _Reader:
    def __init__(
        self,
        block: Block,
        columns: dict[str, int],
        indicators: Sequence[Indicator],
        year: int,
        problems: list[Problem],
    ) -> None:
        self._block, self._columns, self._problems = block, columns, problems
        self._year = year
        self._codes: dict[str, set[str]] = {}
        for item in indicators:
            for name in (item.code, item.label, item.name, item.path[-1]):
                self._codes.setdefault(fold(name), set()).add(item.code)

    def _wrong(self, where: tuple[int, int], says: str, expected: str) -> None:
        self._problems.append(self._block.problem("bad-correspondence", where, says, expected))

    def row(self, row: int) -> Correspondence | None:
        """One row; None where it says nothing."""
        at = {heading: (row, column) for heading, column in self._columns.items()}
        cells = {heading: self._block.cells.get(where) for heading, where in at.items()}
        texts = {heading: key_text(cell) for heading, cell in cells.items()}
        heading, item, factor, month, period = CORRESPONDENCE_HEADINGS[:5]
        if not any(texts.values()):
            return None
        if not texts[heading]:
            says = f"没有写他方列名；写对方表头上的名称，对所有列都算数的写“{EVERY_COLUMN}”"
            self._wrong(at[heading], says, "他方列名")
            return None
        number = number_in(cells[factor]) if cells[factor] is not None else None
        if cells[factor] is not None and (number is None or number <= 0):
            says = f"换算现在是“{texts[factor]}”，应当是大于 0 的数字，例如 10000；请改正"
            self._wrong(at[factor], says, "大于 0 的数字")
        until = month_in(cells[month], self._year)
        if texts[month] and (not until or int(until[:4]) != self._year):
            says = f"他方截至月现在是“{texts[month]}”，应当是 {self._year} 年的一个月，例如 6月；请改正"
            self._wrong(at[month], says, "月份")
            until = ""
        kind = _PERIODS.get(fold(texts[period]), "")
        if texts[period] and not kind:
            says = f"口径现在是“{texts[period]}”，只能填：累计、当月；请改正"
            self._wrong(at[period], says, "累计、当月")
        return Correspondence(
            texts[heading],
            self._indicator(at[item], texts[item], texts[heading]),
            number,
            int(until[5:]) if until else 0,
            kind,
            self._block.at(at[heading]),
        )

    def _indicator(self, where: tuple[int, int], text: str, heading: str) -> str:
        """The code that a row names; empty where it is for every column."""
        codes = self._codes.get(fold(text.partition(" ")[0]), set()) | self._codes.get(
            fold(text), set()
        )
        if len(codes) == 1:
            return next(iter(codes))
        if text or fold(heading) != fold(EVERY_COLUMN):
            which = "有几项都叫" if codes else f"“{INDICATORS_SHEET}”里没有"
            says = f"指标“{text or '空'}”：{which}这个名称；请写指标的代码，例如 I03"
            self._wrong(where, says, "指标的代码")
        return ""
