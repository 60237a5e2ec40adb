"""Nested headers: from one to four rows of cells, merged, repeated or left blank, to label paths."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from xl_addin.a1 import Area
from xl_addin.grid import Grid
from xl_addin.values import COUNTED, plain_text

MAX_ROWS = 4
_DECIMAL = frozenset(
    ("元", "万元", "亿元", "千元", "百元", "公里", "千米", "米", "平方米", "亩", "公顷", "吨", "公斤",
     "千克", "%", "百分比", "小时", "万人", "万人次", "万户", "千人", "万平方米", "立方米", "倍", "分", "元/人")
)  # fmt: skip
_UNIT = re.compile(r"\s*[（(]\s*(?:单位\s*[:：]\s*)?([^（()）]{1,8}?)\s*[）)]\s*\Z")
_DEFAULT_UNIT = re.compile(r"[（(]?\s*(?:计量|计数)?单位\s*[:：]\s*([^\s（()）、，,]{1,6})")
_WITHIN = re.compile(r"其中\s*[:：、]?\s*")
_META = re.compile(
    r"(填报|编制|制表|报送|主管)?(单位|部门|日期|时间|人|机关)\s*[:：]|\d{4}\s*年\s*\d{1,2}\s*月\s*(\d{1,2}\s*日)?\Z"
)


class Heading(NamedTuple):
    """What stands over a column: ``path`` outermost first, ``within`` if it is a part (其中)."""

    path: tuple[str, ...]
    unit: str
    within: bool


class Sheet(NamedTuple):
    """A grid whose merged cells answer from every cell they cover."""

    grid: Grid
    covered: Mapping[tuple[int, int], Area]

    @classmethod
    def of(cls, grid: Grid) -> Sheet:
        """Only areas of a sensible size are spread: a header is never larger."""
        covered = {
            (row, column): area
            for area in grid.merged
            if (area[2] - area[0] + 1) * (area[3] - area[1] + 1) <= 20_000
            for row in range(area[0], area[2] + 1)
            for column in range(area[1], area[3] + 1)
        }
        return cls(grid, covered)

    def owner(self, row: int, column: int) -> tuple[int, int]:
        """The cell that speaks for this one."""
        area = self.covered.get((row, column))
        return (row, column) if area is None else area[:2]

    def text(self, row: int, column: int) -> str:
        """What a cell shows, white space folded; empty when it holds nothing."""
        cell = self.grid.cells.get(self.owner(row, column))
        if cell is None or cell.value is None:
            return ""
        return "".join(plain_text(str(cell.value)).split())


def default_unit(sheet: Sheet, above: int) -> str:
    """The unit of a line like 单位：人 above the table."""
    for (row, _), cell in sheet.grid.cells.items():
        if row < above and isinstance(cell.value, str):
            match = _DEFAULT_UNIT.search(plain_text(cell.value))
            if match and is_unit(match[1]):
                return match[1]
    return ""


def is_unit(text: str) -> bool:
    """Whether a word in brackets is a unit and not part of the name."""
    return text in COUNTED or text in _DECIMAL


def header_rows(sheet: Sheet, first_data: int, name_column: int, last_column: int) -> list[int]:
    """The rows over the data that name its columns, top to bottom; title lines are not among them."""
    rows: list[int] = []
    for row in range(first_data - 1, 0, -1):
        owners = {
            sheet.owner(row, column)
            for column in range(name_column, last_column + 1)
            if sheet.text(row, column)
        }
        if not owners and not rows:
            continue
        texts = [sheet.text(*owner) for owner in owners]
        titled = len(owners) == 1 and next(iter(owners))[1] <= name_column
        if not owners or titled or any(_META.match(text) for text in texts):
            break
        rows.append(row)
    return rows[::-1]


def heading(
    sheet: Sheet, rows: Sequence[int], column: int, first_column: int, unit: str
) -> Heading:
    """What stands over one column; ``unit`` is used where no level gives one."""
    levels = [sheet.text(row, column) for row in rows]
    if not _any_merged(sheet, rows, first_column):
        levels = _filled_from_left(sheet, rows, column, first_column, levels)
    path: list[str] = []
    within = False
    pending = False
    for level in levels:
        match = _UNIT.search(level)
        measured = match is not None and is_unit(match[1])
        unit = match[1] if match and measured else unit
        named = level[: match.start()] if match and measured else level
        text = _WITHIN.sub("", named, count=1) if _WITHIN.match(named) else named
        if text != named:
            within = pending = True
        if text and (not path or path[-1].removeprefix("其中：") != text):
            path.append(f"其中：{text}" if pending else text)
            pending = False
    return Heading(tuple(path), unit, within)


def _any_merged(sheet: Sheet, rows: Sequence[int], first_column: int) -> bool:
    return any(
        area[1] >= first_column and area[3] > area[1] and rows and rows[0] <= area[0] <= rows[-1]
        for area in sheet.grid.merged
    )


def _filled_from_left(
    sheet: Sheet, rows: Sequence[int], column: int, first_column: int, levels: list[str]
) -> list[str]:
    """A group's name written once over its first column, the cells beside it left blank."""
    filled = list(levels)
    for index, row in enumerate(rows[:-1]):
        if not filled[index] and any(levels[index + 1 :]) and not any(filled[:index]):
            left = column - 1
            while left >= first_column and not sheet.text(row, left):
                left -= 1
            # A neighbour that names a single column has nothing written under it.
            if left >= first_column and any(sheet.text(below, left) for below in rows[index + 1 :]):
                filled[index] = sheet.text(row, left)
    return filled
