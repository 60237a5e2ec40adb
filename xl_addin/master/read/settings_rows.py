"""设置 row by row: each found by what stands in its first column, each wrong cell named."""

from __future__ import annotations

import re
from collections.abc import Callable

from xl_addin.master.read.blocks import Block, filled_rows, find_columns, key_text, row_advice
from xl_addin.model.calendar import read_month, read_month_number
from xl_addin.model.mail_settings import MAIL_SETTINGS
from xl_addin.model.names import fold
from xl_addin.model.problems import setting_code
from xl_addin.model.records import Number, Problem
from xl_addin.model.settings import SETTINGS, SettingSpec
from xl_addin.model.sheets import SETTING_HEADINGS
from xl_addin.system.light import pattern
from xl_addin.xlsx.cells import DATE, NUM, Cell
from xl_addin.xlsx.values import date_text, plain_text, quote, round_noise

_NUMBER = pattern(r"\d+(?:\.\d+)?\Z", re.ASCII)
_SPECS = {spec.key: spec for spec in (*SETTINGS, *MAIL_SETTINGS)}


def number_in(cell: Cell | None) -> Number | None:
    """A number, also where it was typed as text or full-width; None for anything else."""
    if cell is None or cell.kind == DATE:
        return None
    if cell.kind == NUM and isinstance(cell.value, int | float):
        return round_noise(cell.value)
    text = plain_text(cell.value) if isinstance(cell.value, str) else ""
    return round_noise(float(text)) if _NUMBER.match(text) else None


class SettingRows:
    """One row of 设置 after another; what is wrong goes to ``problems``, its default stands in."""

    def __init__(self, block: Block, problems: list[Problem]) -> None:
        columns = find_columns(block, SETTING_HEADINGS[:2])
        labels, self._values = (columns[heading] for heading in SETTING_HEADINGS[:2])
        self._rows = {
            fold(key_text(block.cells.get((row, labels)))): row for row in filled_rows(block)
        }
        self._block = block
        self._problems = problems

    def cell(self, key: str) -> tuple[SettingSpec, tuple[int, int], Cell | None]:
        """A setting's row as it stands; one that is not there is told and takes its default."""
        spec = _SPECS[key]
        row = self._rows.get(fold(spec.label), 0)
        if not row:
            where = self._block.area[:2]
            default = f"按“{spec.default}”处理" if spec.default != "" else "按没有填处理"
            advice = row_advice(spec.since)
            says = f"找不到“{spec.label}”这一项，{default}；{advice}"
            self._problems.append(self._block.problem("setting-missing", where, says))
        where = (row, self._values)
        return spec, where, self._block.cells.get(where)

    def report(self, code: str, where: tuple[int, int], label: str, expected: str) -> None:
        """Tell what is wrong with a setting's cell."""
        if not where[0]:
            where = self._block.area[:2]
        cell = self._block.cells.get(where)
        found = f"现在是“{quote(cell)}”" if cell else "现在没有填"
        says = f"“{label}”{found}，应当是{expected}；请改正"
        self._problems.append(self._block.problem(code, where, says, expected))

    def words(self, key: str) -> str:
        """Text as typed; an empty cell takes the default."""
        spec, _, cell = self.cell(key)
        return str(spec.default) if cell is None else quote(cell).strip()

    def number(self, key: str, allowed: Callable[[Number], bool], expected: str) -> Number:
        """A number that is allowed; anything else is told and the default stands in."""
        spec, where, cell = self.cell(key)
        if cell is None and spec.default != "":
            return spec.default if isinstance(spec.default, int | float) else 0
        value = number_in(cell)
        if value is not None and allowed(value):
            return value
        self.report(setting_code(key), where, spec.label, expected)
        return spec.default if isinstance(spec.default, int | float) else 0

    def month(self, year: int) -> str:
        """本次月份 as YYYY-MM, however it is written; what is no month of the year is told."""
        spec, where, cell = self.cell("month")
        month = month_in(cell, year)
        if not month or (year and int(month[:4]) != year):
            example = f"{year or 2023}-06"
            allowed = f"{year or '本'}年度的一个月，例如 {example} 或 6月"
            self.report(setting_code("month"), where, spec.label, allowed)
        return month

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        """One of the words that are allowed."""
        spec, where, cell = self.cell(key)
        known = {fold(word): word for word in allowed}
        text = fold(key_text(cell))
        if cell is None or text in known:
            return known.get(text, str(spec.default))
        expected = "或".join(f"“{word}”" for word in allowed)
        self.report(setting_code(key), where, spec.label, expected)
        return str(spec.default)


def month_in(cell: Cell | None, year: int) -> str:
    """The month that a cell says, as YYYY-MM: a date, a number or text; "" where it says none."""
    if cell is None:
        return ""
    if cell.kind == DATE:
        # Excel makes a date of 2023-06 when the cell lost its text format.
        return read_month(date_text(cell.value)[:7], year)
    if cell.kind == NUM and isinstance(cell.value, int | float):
        return read_month_number(cell.value, year)
    return read_month(quote(cell), year)
