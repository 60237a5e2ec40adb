"""Small task tables for tests, written by XlsxWriter: rows as lists, A1 first."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import xlsxwriter


class Formula(NamedTuple):
    """A formula with the value that the file remembers; ``""`` stands for none."""

    text: str
    value: Any = ""


class Shown(NamedTuple):
    """A number under a number format."""

    value: float
    code: str


class Date(NamedTuple):
    """A day, as Excel counts them, shown as a date."""

    number: int


Rows = Sequence[Sequence[Any]]


def workbook(
    sheets: Mapping[str, Rows],
    merged: Iterable[str] = (),
    hidden: Iterable[str] = (),
    hidden_rows: Iterable[int] = (),
    hidden_columns: Iterable[str] = (),
) -> bytes:
    """The bytes of a workbook; ``merged`` areas and what is hidden are on its first sheet.

    A ``hidden_columns`` is letters, as ``C:D``.
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    formats: dict[str, Any] = {}
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, (name, rows) in enumerate(sheets.items()):
        sheet = book.add_worksheet(name)
        if name in hidden:
            sheet.hide()
        if number == 0:
            for area in merged:
                sheet.merge_range(area, "")
            for columns in hidden_columns:
                sheet.set_column(columns, None, None, {"hidden": True})
            for row in hidden_rows:
                sheet.set_row(row - 1, None, None, {"hidden": True})
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                if isinstance(value, Shown):
                    look = formats.setdefault(
                        value.code, book.add_format({"num_format": value.code})
                    )
                    sheet.write_number(row, column, value.value, look)
                else:
                    _write(sheet, row, column, value, day)
    first = next(n for n, name in enumerate(sheets) if name not in hidden)
    book.worksheets()[first].activate()
    if first:
        book.worksheets()[first].set_first_sheet()
    book.close()
    return _without_empty_values(stream.getvalue())


def _write(sheet: Any, row: int, column: int, value: Any, day: Any) -> None:
    if value is None:
        return
    if isinstance(value, Formula):
        remembered = "EMPTY" if value.value == "" else value.value
        sheet.write_formula(row, column, value.text, None, remembered)
    elif isinstance(value, Date):
        sheet.write_number(row, column, value.number, day)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        sheet.write(row, column, value)


def _without_empty_values(data: bytes) -> bytes:
    """XlsxWriter cannot leave a formula's value out, so it is cut out afterwards."""
    from xl_addin.xlsx.package import deflate, inflate, pack, unpack

    parts = unpack(data)
    for name, part in parts.items():
        if name.startswith("xl/worksheets/sheet"):
            text = inflate(part).replace(b' t="str"', b"").replace(b"<v>EMPTY</v>", b"")
            parts[name] = deflate(name, text)
    return pack(parts.values())
