"""材料: which papers are owed, by whom and until when. An older master has none of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from xl_addin.master.read.blocks import Block, find_columns
from xl_addin.master.read.settings_rows import number_in
from xl_addin.model.names import fold
from xl_addin.model.papers import KINDS, Paper
from xl_addin.model.records import District, Problem
from xl_addin.model.sheets import (
    MONTH_HEADINGS,
    PAPER_COUNT_HEADINGS,
    PAPER_HEADINGS,
    STATUS_HEADINGS,
)
from xl_addin.system.filenames import plain_name
from xl_addin.system.light import pattern
from xl_addin.xlsx.cells import DATE
from xl_addin.xlsx.values import date_text, quote

_TYPED = PAPER_HEADINGS[:9]
_PARTED = pattern(r"[、，,;；/\n]+")
_DAY = pattern(r"(?:(\d{4})[年./-])?(\d{1,2})[月./-](\d{1,2})日?\Z")
_IN_LINKS = frozenset("#%|")
_EVERYBODY = frozenset(("", "全部", "所有", "各区县", "全部区县", "不限"))
_WORDS = {"word": ("docx", "doc"), "不限": KINDS, "全部": KINDS}


def read_papers(
    block: Block, year: int, districts: Sequence[District], problems: list[Problem]
) -> tuple[Paper, ...]:
    """The rows of 材料; one that cannot be understood is a problem and left out."""
    top = block.area[0]
    columns = find_columns(block, _TYPED)
    typed = {columns[heading] for heading in _TYPED}
    rows = sorted({row for row, column in block.cells if row > top and column in typed})
    reader = _Reader(block, columns, year, districts, problems)
    return tuple(filter(None, map(reader.paper, rows)))


class _Reader:
    def __init__(
        self,
        block: Block,
        columns: Mapping[str, int],
        year: int,
        districts: Sequence[District],
        problems: list[Problem],
    ) -> None:
        self._block, self._columns, self._year, self._problems = block, columns, year, problems
        self._all = tuple(district.code for district in districts)
        self._known = {
            fold(name): each.code
            for each in districts
            for name in (each.code, each.name, *each.aliases)
        }
        taken = (*STATUS_HEADINGS, *MONTH_HEADINGS)
        self._seen: dict[str, set[str]] = {"代码": set(), "材料": {fold(name) for name in taken}}

    def paper(self, row: int) -> Paper | None:
        """One row, None where something in it is wrong."""
        before = len(self._problems)
        code, name = self._key(row, "代码"), self._key(row, "材料")
        due, kinds = self._due(row), self._kinds(row)
        numbers = [self._number(row, each) for each in ("最少字数", "最多字数", "份数")]
        least, most, copies = numbers
        if most and least > most:
            self._wrong("bad-paper", row, "最多字数", "不小于“最少字数”的数")
        owed = self._districts(row)
        if len(self._problems) > before:
            return None
        request = self._text(row, "要求")
        return Paper(code, name, request, due, kinds, least, most, copies or 1, owed)

    def _text(self, row: int, heading: str) -> str:
        cell = self._block.cells.get((row, self._columns[heading]))
        return "" if cell is None else quote(cell).strip()

    def _wrong(self, code: str, row: int, heading: str, expected: str) -> None:
        found = self._text(row, heading) or "空"
        says = f"“{heading}”现在是“{found}”，应当是{expected}；请改正，不收这份材料就清空这一行"
        where = (row, self._columns[heading])
        self._problems.append(self._block.problem(code, where, says, expected))

    def _key(self, row: int, heading: str) -> str:
        """Code or name: there, fit for a file's name, and not there twice."""
        text, folded = self._text(row, heading), fold(self._text(row, heading))
        if not text or len(text) > 20 or plain_name(text) != text or set(text) & _IN_LINKS:
            self._wrong("bad-paper", row, heading, "20 个字以内，不带 / \\ : * ? # % 一类符号")
        elif folded in self._seen[heading] and heading == "代码":
            self._wrong("code-twice", row, heading, "和别的行不同的代码")
        elif folded in self._seen[heading]:
            self._wrong("name-twice", row, heading, "和别的行、“回收情况”的表头都不同的名称")
        self._seen[heading].add(folded)
        return text

    def _due(self, row: int) -> str:
        """A day typed as a date or as words; of the programme's year where no year is written."""
        cell = self._block.cells.get((row, self._columns["截止"]))
        text = "" if cell is None else quote(cell).strip()
        if cell is not None and cell.kind == DATE:
            text = date_text(cell.value)[:10]
        match = _DAY.match(fold(text))
        try:
            numbers = [int(part) for part in match.groups(str(self._year))] if match else [0, 0, 0]
            return f"{date(*numbers).isoformat()} 23:59:59"
        except ValueError:
            self._wrong("bad-paper", row, "截止", f"一个日期，例如 {self._year}-11-30 或 11月30日")
            return ""

    def _kinds(self, row: int) -> tuple[str, ...]:
        found: list[str] = []
        for part in filter(None, _PARTED.split(self._text(row, "文件类型").lower())):
            word = fold(part).removeprefix(".")
            kinds = _WORDS.get(word, (word,) if word in KINDS else ())
            if not kinds:
                self._wrong(
                    "bad-paper", row, "文件类型", f"{'、'.join(KINDS)} 里的一种或几种，不限就留空"
                )
                return ()
            found += kinds
        return tuple(kind for kind in KINDS if kind in found) or KINDS

    def _number(self, row: int, heading: str) -> int:
        cell = self._block.cells.get((row, self._columns[heading]))
        number = number_in(cell)
        whole = number is not None and number == int(number) and number > 0
        if cell is not None and quote(cell).strip() and not whole:
            self._wrong("bad-paper", row, heading, "大于 0 的整数，没有要求就留空")
        return int(number) if whole and number is not None else 0

    def _districts(self, row: int) -> tuple[str, ...]:
        text = self._text(row, "对谁")
        if fold(text) in _EVERYBODY:
            return self._all
        names = [part for part in _PARTED.split(text) if part]
        unknown = [name for name in names if fold(name) not in self._known]
        if unknown:
            self._wrong(
                "bad-paper", row, "对谁", "“区县名录”里的名称或代码，几个用“、”隔开，全部就留空"
            )
        wanted = {self._known.get(fold(name), "") for name in names}
        return tuple(code for code in self._all if code in wanted)


def count_columns(block: Block) -> Iterator[tuple[str, int]]:
    """Where the program counts on 材料."""
    yield from find_columns(block, PAPER_COUNT_HEADINGS).items()


def paper_rows(block: Block) -> dict[str, int]:
    """The rows of 材料 by code."""
    column = find_columns(block, PAPER_HEADINGS[:1])["代码"]
    top = block.area[0]
    return {
        quote(c).strip(): at[0] for at, c in block.cells.items() if at[1] == column and at[0] > top
    }
