"""The values of a native chart: what it keeps to draw from, and the workbook behind it.

How it looks stays as people made it: series keep their names, colours and kinds, only categories and
values are replaced (ISO/IEC 29500-1, 21.2.2: c:cat, c:val, c:strCache, c:numCache).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.parsers import expat

from xl_addin.docx.package import Document
from xl_addin.model.names import fold
from xl_addin.model.records import Number
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.elements import escape
from xl_addin.xlsx.offsets import tag_end
from xl_addin.xlsx.package import deflate, pack, unpack
from xl_addin.xlsx.patch import number_xml, set_cells
from xl_addin.xlsx.workbook import Workbook
from xl_addin.xlsx.xmlreader import broken_xml, refuse_doctype

_CHART = "drawingml/2006/chart", "drawingml/chart"
_FORMULA = pattern(rb"<(?:\w+:)?f(?:\s[^>]*)?>([^<]*)</")
_FORMAT = pattern(rb"<(?:\w+:)?formatCode(?:\s[^>]*)?>([^<]*)</")


class ChartData(NamedTuple):
    """What a chart shows: ``series`` by name, a value for each category, None for none."""

    categories: Sequence[str]
    series: dict[str, Sequence[Number | None]]


class _Series(NamedTuple):
    """A series: its name, and where c:cat and c:val stand."""

    name: str
    places: dict[str, tuple[int, int]]


def fill_chart(document: Document, name: str, data: ChartData) -> None:
    """Put values into a chart. Refused where it has other series than there are values for."""
    part = document.part(name)
    found = _find_series(part)
    known = {fold(key): values for key, values in data.series.items()}
    if all(fold(each.name) in known for each in found):
        chosen = [known[fold(each.name)] for each in found]
    elif len(found) == len(known):
        chosen = list(known.values())
    else:
        names = "、".join(each.name or "没有名称" for each in found) or "一个也没有"
        raise Refused(
            f"模板里图表的系列是：{names}；应当是：{'、'.join(data.series)}。请照样例模板改正图表的系列"
        )
    edits: list[tuple[int, int, bytes]] = []
    cells: dict[str, dict[tuple[int, int], Value]] = {}
    for series, values in zip(found, chosen, strict=True):
        for kind, (start, end) in series.places.items():
            these: Sequence[Value] = data.categories if kind == "cat" else values
            edits.append((start, end, _element(part[start:end], kind, these, cells)))
    out: list[bytes] = []
    at = 0
    for start, end, new in sorted(edits):
        out += (part[at:start], new)
        at = end
    document.put(name, b"".join((*out, part[at:])))
    for book in document.targets(name).values():
        if book.lower().endswith(".xlsx"):
            document.put(book, _fill_workbook(document.part(book), cells))


def _find_series(data: bytes) -> list[_Series]:
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    found: list[_Series] = []
    path: list[str] = []
    starts: list[int] = []
    said: list[str] = []

    def start(tag: str, _: object) -> None:
        space, _, local = tag.rpartition(" ")
        path.append(local if space.endswith(_CHART) else "")
        starts.append(parser.CurrentByteIndex)
        if path[-1] == "ser":
            found.append(_Series("", {}))
            said.clear()

    def text(text: str) -> None:
        if "tx" in path and path[-1] == "v" and "ser" in path:
            said.append(text)

    def end(_: str) -> None:
        local, first = path.pop(), starts.pop()
        if "ser" not in path:
            return
        if local in ("cat", "val") and path[-1] == "ser":
            found[-1].places[local] = first, tag_end(data, parser.CurrentByteIndex)
        elif local == "tx" and path[-1] == "ser":
            found[-1] = found[-1]._replace(name="".join(said))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise broken_xml() from None
    return found


def _element(
    old: bytes, kind: str, values: Sequence[Value], cells: dict[str, dict[tuple[int, int], Value]]
) -> bytes:
    """c:cat or c:val with other values; the cells that it refers to are noted in ``cells``."""
    name = re.split(rb"[\s/>]", old[1:], maxsplit=1)[0].decode()
    x = name.removesuffix(kind)
    word, look = ("str", "") if kind == "cat" else ("num", _format_code(old, x))
    points = "".join(
        f'<{x}pt idx="{n}"><{x}v>{_point(value)}</{x}v></{x}pt>'
        for n, value in enumerate(values)
        if value is not None
    )
    inside = f'{look}<{x}ptCount val="{len(values)}"/>{points}'
    formula = _FORMULA.search(old)
    place = formula and _reference(formula[1].decode(), len(values))
    if not place:
        return f"<{name}><{x}{word}Lit>{inside}</{x}{word}Lit></{name}>".encode()
    sheet, area, old_rows = place
    top, left, _, _ = area
    column = cells.setdefault(sheet, {})
    for row in range(max(len(values), old_rows)):
        column[top + row, left] = values[row] if row < len(values) else None
    reference = escape(f"{a1.quote_sheet_name(sheet)}!{a1.absolute_reference(area)}")
    cache = f"<{x}{word}Cache>{inside}</{x}{word}Cache>"
    return f"<{name}><{x}{word}Ref><{x}f>{reference}</{x}f>{cache}</{x}{word}Ref></{name}>".encode()


def _format_code(old: bytes, x: str) -> str:
    found = _FORMAT.search(old)
    return f"<{x}formatCode>{found[1].decode() if found else 'General'}</{x}formatCode>"


def _point(value: Value) -> str:
    return number_xml(value) if isinstance(value, int | float) else escape(str(value))


def _reference(formula: str, size: int) -> tuple[str, a1.Area, int] | None:
    """The column that a formula names, for so many rows, and how many it had; None for another shape."""
    try:
        sheet, (top, left, bottom, right) = a1.split_reference(formula.replace("&amp;", "&"))
    except ValueError:
        return None
    if left != right or not size:
        return None
    return sheet, (top, left, top + size - 1, left), bottom - top + 1


def _fill_workbook(data: bytes, cells: dict[str, dict[tuple[int, int], Value]]) -> bytes:
    """The workbook behind a chart with other values, so that people who open it find what is drawn."""
    parts = unpack(data)
    book = Workbook(parts)
    for sheet, values in cells.items():
        if sheet in book.sheet_names:
            name = book.sheet_part(sheet)
            parts[name] = deflate(name, set_cells(book.part(name), values))
    return pack(parts.values())
