"""A form that the level above sent: what it asks for, where its answers go, and the form with them.

It is another programme's, so its seal cannot be checked here: what it says is taken as it stands, and
all that is not an answer stays as it is to the byte.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from xl_addin.form import layout
from xl_addin.form.identity import PAGED_LAYOUT, own_claims
from xl_addin.form.page_layout import SHEET as PAGE_SHEET
from xl_addin.form.read import Reading, read_form
from xl_addin.model.filetypes import ZIP_START
from xl_addin.model.records import ADDED_UP, MEASURE_LABELS, Identity, Indicator, Number
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import NO_VALUE, Cell, Value
from xl_addin.xlsx.dependents import mark_calculate_on_load, stale_cells
from xl_addin.xlsx.offsets import find_offsets
from xl_addin.xlsx.package import Part, deflate, pack, unpack
from xl_addin.xlsx.patch import clear_values, replace_formulas, set_cells, set_formulas
from xl_addin.xlsx.values import ParsedNumber, read_shown
from xl_addin.xlsx.workbook import Workbook

_AGAIN = "请用上级发来的原表"


class Received(NamedTuple):
    """A form of the level above: ``indicators`` as it words them, in the order of its rows.

    ``targets`` and ``previous`` (上月累计) are as it was issued, None or absent where it has none.
    ``looks`` are the number formats of cells that show a number as something else, ``paged`` says that
    there is the page 重点工作 besides.
    """

    parts: Mapping[str, Part]
    reading: Reading
    identity: Identity
    indicators: tuple[Indicator, ...]
    targets: Mapping[str, Number | None]
    previous: Mapping[str, Number | None]
    looks: Mapping[Where, str]
    paged: bool

    def where(self, code: str, column: int) -> Where | None:
        """The cell of an indicator in one of the form's columns, None where row or column is gone."""
        row, at = self.reading.rows.get(code), self.reading.columns.get(column)
        return None if row is None or at is None else (row, at)

    def cell(self, where: Where) -> Cell | None:
        """What stands in a cell of the form's sheet."""
        return self.reading.sheet.cells.get(where)

    def typed(self, where: Where, item: Indicator) -> ParsedNumber:
        """What was typed into a cell: nothing where the form's own formula stands."""
        cell = self.cell(where)
        own = where == self.where(item.code, layout.CUMULATIVE) and item.measure in ADDED_UP
        if cell is not None and cell.formula is not None and (own or cell.kind == NO_VALUE):
            cell = None
        return read_shown(cell, item.unit, self.looks.get(where, ""))


def read_received(data: bytes) -> Received:
    """A form as it lies here. Raises Unreadable with what to do where it cannot be filled in."""
    parts = unpack(data) if data.startswith(ZIP_START) else {}
    if "xl/workbook.xml" not in {name.lower() for name in parts}:
        raise Unreadable(
            "foreign", "不是 .xlsx 工作簿；请用 Excel 或 WPS 打开，另存为 .xlsx，再填一次"
        )
    book = Workbook(parts, strikes=True)
    content = read_form(book, ()).content
    indicators, targets, previous = _issued(content)
    reading = read_form(book, indicators)
    claims = own_claims(reading.identities)
    if len(claims) != 1:
        found = "没有" if not claims else "有互相矛盾的"
        raise Unreadable("no-identity", f"表里{found}随表的标识，不知道是谁的、哪个月的；{_AGAIN}")
    identity = claims.pop()
    if identity.layout > PAGED_LAYOUT:
        raise Unreadable("newer-form", "是更新版本的程序发的，填不准；请先升级 xl-addin")
    if reading.others:
        sheets = "”“".join(reading.others)
        raise Unreadable("two-tables", f"“{sheets}”也是一张填报表，不知道填哪一张；{_AGAIN}")
    if reading.month[1] and reading.month[1] != identity.month:
        says = f"标题写的是 {reading.month[1]}，随表的标识是 {identity.month}"
        raise Unreadable("month-mismatch", f"{says}，不知道是哪个月的；{_AGAIN}")
    rows, paged = reading.rows, PAGE_SHEET in book.sheet_names
    ordered = tuple(sorted(indicators, key=lambda item: rows.get(item.code, 0)))
    looks = _looks(book, reading)
    return Received(parts, reading, identity, ordered, targets, previous, looks, paged)


def _looks(book: Workbook, reading: Reading) -> dict[Where, str]:
    """The number formats that show a number as something else, of cells that hold nothing too."""
    name, codes = reading.sheet.name, reading.sheet.format_codes
    offsets = find_offsets(book.part(book.sheet_part(name)))
    return {
        (row, column): codes[int(spot.style)]
        for row in reading.rows.values()
        if row in offsets.rows
        for column, spot in offsets.rows[row].cells.items()
        if spot.style.isdigit() and int(spot.style) in codes
    }


_Issued = tuple[list[Indicator], dict[str, Number | None], dict[str, Number | None]]


def _issued(content: str) -> _Issued:
    """What a form was issued with, as ``identity.canonical_text`` writes it."""
    try:
        found = json.loads(content)
        items = [
            Indicator(str(code), (str(label),), str(unit), measure)
            for code, (label, unit, measure) in found["indicators"].items()
            if measure in MEASURE_LABELS
        ]
        targets, previous = found["targets"], found["previous"]
        amounts = [*targets.values(), *previous.values()]
        if items and all(each is None or isinstance(each, int | float) for each in amounts):
            return items, targets, previous
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        pass
    says = f"随表的标识页不在了，或者被截短了，不知道各行是什么指标、什么口径；{_AGAIN}"
    raise Unreadable("content-cut", says)


def fill_form(received: Received, values: Mapping[Where, Value]) -> bytes:
    """The form with these cells, over the formula where one stands there.

    Results that depend on them are taken out, to be calculated when it is opened. Every other cell
    and part stays as it is.
    """
    parts, sheet = dict(received.parts), received.reading.sheet.name
    if not values:
        return pack(parts.values())
    book = Workbook(parts)
    cells = book.sheet(sheet).cells
    data = book.part(book.sheet_part(sheet))
    replaced = {
        at: value for at, value in values.items() if at in cells and cells[at].formula is not None
    }
    if replaced and any(cell.formula == "" for cell in cells.values()):
        # A formula that others share cannot go before each of them has its own.
        from xl_addin.xlsx.formulas import formula_texts

        data = set_formulas(data, formula_texts(book, sheet))
    data = set_cells(data, {at: value for at, value in values.items() if at not in replaced})
    _replace(parts, book.sheet_part(sheet), replace_formulas(data, replaced) if replaced else data)
    stale = stale_cells(Workbook(parts), book.sheet_names, {sheet: set(values)}, {}, {})
    for name, where in stale.items():
        part = book.sheet_part(name)
        _replace(parts, part, clear_values(Workbook(parts).part(part), where - values.keys()))
    main = mark_calculate_on_load(book.part(book.main_part))
    _replace(parts, book.main_part, main)
    return pack(parts.values())


def _replace(parts: dict[str, Part], name: str, data: bytes) -> None:
    exact = next(key for key in parts if key.lower() == name.lower())
    parts[exact] = deflate(exact, data)
