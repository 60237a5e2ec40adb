"""Changing cells in a sheet's XML and nothing else.

New cells are spliced in where the old ones stood, and every other byte stays as it was. ``SheetTemplate``
cuts a sheet once at the cells that vary and fills it many times: that is how a form costs 0.2 ms.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from xl_addin.model.records import Number
from xl_addin.system.light import pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value, fit_cell_text, plain_number
from xl_addin.xlsx.offsets import CellOffsets, RowOffsets, SheetOffsets, find_offsets, tag_end

_RESULT = pattern(rb"<((?:[A-Za-z_][\w.-]*:)?(?:v|is))(?:\s[^>]*)?(?:/>|>.*?</\1>)", re.DOTALL)
# The type says what kind of value there was; vm is the rich value behind it.
_OF_VALUE = pattern(rb"""\s(?:t|vm)=(?:"[^"]*"|'[^']*')""")
_LOOKS_ESCAPED = pattern(r"_(?=x[0-9A-Fa-f]{4}_)")


def cell_xml(where: Where, value: Value, spot: CellOffsets, x: str = "") -> bytes:
    """One cell in the format of ``spot``, with its formula.

    Text goes in as text, whatever it begins with, and can never become a formula.
    """
    look = f' s="{spot.style}"' if spot.style else ""
    if spot.dynamic and spot.formula:
        look += f' cm="{spot.dynamic}"'
    head = f'<{x}c r="{a1.cell_name(*where)}"{look}'.encode()
    return head + cell_body(value, spot.formula, x)


@lru_cache(maxsize=1024, typed=True)
def cell_body(value: Value, formula: bytes, x: str) -> bytes:
    """A cell from its type attribute to its end tag."""
    if not x and type(value) is int:
        return b">%b<v>%d</v></c>" % (formula, value)
    if value is None or value == "":
        if not formula:
            return b"/>"
        return b' t="str">%b<%bv></%bv></%bc>' % (formula, *[x.encode()] * 3)
    if isinstance(value, str):
        if formula:
            return b' t="str">' + formula + f"<{x}v>{text_xml(value)}</{x}v></{x}c>".encode()
        # R's openxlsx takes an attribute for part of the text: only what needs it has it.
        space = ' xml:space="preserve"' if value != value.strip() else ""
        return (
            f' t="inlineStr"><{x}is><{x}t{space}>{text_xml(value)}</{x}t></{x}is></{x}c>'
        ).encode()
    return b">" + formula + f"<{x}v>{number_xml(value)}</{x}v></{x}c>".encode()


def number_xml(value: Number) -> str:
    """A number as Excel writes it: shortest text that reads back to the same value."""
    return repr(plain_number(value))


def text_xml(text: str) -> str:
    """Text for XML: control characters dropped, ``_x000D_`` look-alikes kept literal."""
    text = fit_cell_text(text)
    if "_x" in text:
        text = _LOOKS_ESCAPED.sub("_x005F_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class SheetTemplate:
    """A sheet part cut at the cells that vary."""

    def __init__(self, data: bytes, where: Iterable[Where]) -> None:
        offsets = find_offsets(data)
        x = offsets.prefix
        self._slots: list[tuple[bytes, Where, bytes, bytes, bytes]] = []
        self._x = x
        at = 0
        for row, column in sorted(set(where)):
            spot = offsets.rows[row].cells[column]
            look = f' s="{spot.style}"' if spot.style else ""
            head = f'<{x}c r="{a1.cell_name(row, column)}"{look}'.encode()
            piece = data[at : spot.start] + head
            blank = cell_body(None, spot.formula, x)
            self._slots.append(
                (piece, (row, column), spot.formula, blank, b">%b<v>" % spot.formula)
            )
            at = spot.end
        self._tail = data[at:]

    def fill(self, values: Mapping[Where, Value]) -> bytes:
        """The sheet with these values; a formula cell keeps its formula, the value is its result."""
        out: list[bytes] = []
        x, value_at = self._x, values.get
        for piece, where, formula, blank, opening in self._slots:
            value = value_at(where)
            if value is None or value == "":
                out += (piece, blank)
            elif type(value) is int and not x:
                out += (piece, opening, b"%d</v></c>" % value)
            else:
                out += (piece, cell_body(value, formula, x))
        out.append(self._tail)
        return b"".join(out)


def set_cells(
    data: bytes,
    values: Mapping[Where, Value],
    overrides: Mapping[Where, CellOffsets] = MappingProxyType({}),
    heights: Mapping[int, str] = MappingProxyType({}),
) -> bytes:
    """The sheet with these cells changed; cells and rows that are not there are added.

    A cell that has a formula keeps it and takes the value as its cached result. A cell that is not
    there yet takes the format of the nearest one above it, else its column's; one in ``overrides``,
    there or not, takes format and formula from that. ``heights`` are in points, of rows that are
    not there yet.
    """
    offsets = find_offsets(data)
    by_row: dict[int, dict[int, Value]] = {}
    for (row, column), value in values.items():
        by_row.setdefault(row, {})[column] = value
    styles = _NewCellStyles(offsets, overrides, heights)
    tag = data[offsets.data_start : offsets.data_inner]
    closing = b""
    if tag.endswith(b"/>"):
        tag = tag[:-2].rstrip() + b">"
        closing = f"</{offsets.prefix}sheetData>".encode()
    out: list[bytes] = [data[: offsets.data_start], tag]
    at = offsets.data_inner
    existing = sorted(offsets.rows)
    following = iter(existing)
    upcoming = next(following, None)
    for row in sorted(by_row):
        while upcoming is not None and upcoming < row:
            upcoming = next(following, None)
        if upcoming == row:
            spot = offsets.rows[row]
            out += (data[at : spot.start], _patch_row(data, spot, row, by_row[row], styles))
            at = spot.end
        else:
            before = offsets.rows[upcoming].start if upcoming is not None else None
            stop = before if before is not None else _data_end(data, offsets)
            out += (data[at:stop], _new_row(row, by_row[row], styles))
            at = stop
    return _widen_dimension(b"".join((*out, closing, data[at:])), offsets, values)


def replace_formulas(data: bytes, values: Mapping[Where, Value]) -> bytes:
    """The sheet with values typed over the formulas of these cells, which are there; formats stay."""
    rows = find_offsets(data).rows
    plain = {at: rows[at[0]].cells[at[1]]._replace(formula=b"", dynamic="") for at in values}
    return set_cells(data, values, plain)


def set_formulas(data: bytes, formulas: Mapping[Where, str]) -> bytes:
    """The sheet with these formulas (with ``=``), which have no results yet; looks stay as they are."""
    if not formulas:
        return data
    data = set_cells(data, dict.fromkeys(formulas))
    offsets = find_offsets(data)
    x = offsets.prefix
    spots = {
        (row, column): CellOffsets(
            0,
            0,
            offsets.rows[row].cells[column].style,
            f"<{x}f>{text_xml(text.removeprefix('='))}</{x}f>".encode(),
        )
        for (row, column), text in formulas.items()
    }
    return clear_values(set_cells(data, dict.fromkeys(formulas), spots), formulas)


def clear_values(data: bytes, where: Iterable[Where]) -> bytes:
    """The sheet without the values of these cells; their formulas and formats stay.

    Cells that are not there are left out.
    """
    rows = find_offsets(data).rows
    out: list[bytes] = []
    at = 0
    for row, column in sorted(set(where)):
        spot = rows[row].cells.get(column) if row in rows else None
        if spot is not None:
            inner = tag_end(data, spot.start)
            tag = _OF_VALUE.sub(b"", data[spot.start : inner])
            content = data[inner : spot.end]
            if spot.formula:
                before, formula, after = content.partition(spot.formula)
                content = before + formula + _RESULT.sub(b"", after)
            else:
                content = _RESULT.sub(b"", content)
            out += (data[at : spot.start], tag, content)
            at = spot.end
    return b"".join((*out, data[at:]))


def _data_end(data: bytes, offsets: SheetOffsets) -> int:
    return max(data.rfind(b"</", offsets.data_inner, offsets.data_end), offsets.data_inner)


class _NewCellStyles:
    """Which format a new cell takes."""

    def __init__(
        self,
        offsets: SheetOffsets,
        overrides: Mapping[Where, CellOffsets],
        heights: Mapping[int, str],
    ) -> None:
        self.offsets = offsets
        self.overrides = overrides
        self.heights = heights
        self._rows: dict[int, list[int]] = {}

    def new(self, where: Where) -> CellOffsets:
        """A cell that is not there yet."""
        return self.overrides.get(where) or CellOffsets(0, 0, self.style(where), b"")

    def style(self, where: Where) -> str:
        row, column = where
        rows = self._rows.get(column)
        if rows is None:
            every = self.offsets.rows
            rows = self._rows[column] = sorted(n for n in every if column in every[n].cells)
        above = bisect(rows, row)
        if above:
            return self.offsets.rows[rows[above - 1]].cells[column].style
        for first, last, style in self.offsets.columns:
            if first <= column <= last:
                return style
        return ""


def _patch_row(
    data: bytes, spot: RowOffsets, row: int, values: Mapping[int, Value], styles: _NewCellStyles
) -> bytes:
    head = data[spot.start : spot.inner]
    if head.endswith(b"/>"):
        head = head[:-2].rstrip() + b">"
    x = styles.offsets.prefix
    out = [re.sub(rb'\sspans="[^"]*"', b"", head) if set(values) - set(spot.cells) else head]
    for column in sorted({*spot.cells, *values}):
        cell = spot.cells.get(column)
        if column not in values:
            out.append(data[cell.start : cell.end] if cell else b"")
        elif cell:
            spot_of = styles.overrides.get((row, column), cell)
            out.append(cell_xml((row, column), values[column], spot_of, x))
        else:
            where = (row, column)
            out.append(cell_xml(where, values[column], styles.new(where), x))
    out.append(f"</{x}row>".encode())
    return b"".join(out)


def _new_row(row: int, values: Mapping[int, Value], styles: _NewCellStyles) -> bytes:
    x = styles.offsets.prefix
    cells = b"".join(
        cell_xml((row, column), values[column], styles.new((row, column)), x)
        for column in sorted(values)
    )
    tall = f' ht="{styles.heights[row]}" customHeight="1"' if row in styles.heights else ""
    return f'<{x}row r="{row}"{tall}>'.encode() + cells + f"</{x}row>".encode()


def _widen_dimension(out: bytes, offsets: SheetOffsets, values: Mapping[Where, Value]) -> bytes:
    start, end, ref = offsets.dimension
    if not ref or not values:
        return out
    try:
        top, left, bottom, right = a1.area(ref)
    except ValueError:
        return out
    grown = (
        min(top, *(row for row, _ in values)),
        min(left, *(column for _, column in values)),
        max(bottom, *(row for row, _ in values)),
        max(right, *(column for _, column in values)),
    )
    if grown == (top, left, bottom, right):
        return out
    tag = out[start:end].replace(f'"{ref}"'.encode(), f'"{a1.area_name(grown)}"'.encode())
    return out[:start] + tag + out[end:]
