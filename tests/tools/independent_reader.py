"""An independent reader of .xlsx, by zipfile and ElementTree, for the fuzz tests to compare with."""

from __future__ import annotations

import io
import posixpath
import zipfile
from typing import NamedTuple
from xml.etree import ElementTree as ET

_SPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)


class IndependentSheet(NamedTuple):
    """Cells of one sheet by A1 address: what they hold as a float or text, None for an error."""

    cells: dict[str, float | str | None]
    ambiguous: set[str]


def read_independently(data: bytes, sheet: str) -> IndependentSheet:
    """What a sheet holds. Raises whatever ElementTree and zipfile raise for what is broken."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {
            name.replace("\\", "/").lstrip("/").lower(): package.read(name)
            for name in package.namelist()
        }
    main = _linked_parts(parts, "", "officeDocument")[0][1]
    links = dict(_linked_parts(parts, main, ""))
    entries = [e for e in ET.fromstring(parts[main]).iter() if e.tag.endswith("}sheet")]  # noqa: S314
    ids = [
        value
        for entry in entries
        if entry.get("name") == sheet
        for key, value in entry.attrib.items()
        if key.endswith("}id")
    ]
    texts = _texts(parts.get(dict(_kinds(parts, main)).get("sharedStrings", ""), b""))
    return _cells(ET.fromstring(parts[links[ids[0]]]), texts)  # noqa: S314


def _own(element: ET.Element) -> str:
    """The local name of an element of the spreadsheet's namespace, else nothing."""
    space, _, name = element.tag.rpartition("}") if isinstance(element.tag, str) else ("", "", "")
    return name if space[1:] in _SPACES else ""


def _linked_parts(parts: dict[str, bytes], part: str, kind: str) -> list[tuple[str, str]]:
    """(id, part) of the relationships of a part, of one kind if it is named."""
    folder, leaf = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{leaf}.rels")
    root = ET.fromstring(parts[rels])  # noqa: S314
    return [
        (
            link.get("Id", ""),
            posixpath.normpath(posixpath.join("/", folder, link.get("Target", "")))[1:].lower(),
        )
        for link in root.iter()
        if link.tag.endswith("Relationship") and link.get("Type", "").endswith(kind)
    ]


def _kinds(parts: dict[str, bytes], part: str) -> list[tuple[str, str]]:
    return [("sharedStrings", target) for _, target in _linked_parts(parts, part, "/sharedStrings")]


def _texts(data: bytes) -> list[str]:
    if not data:
        return []
    root = ET.fromstring(data)  # noqa: S314
    return [_text(item) for item in root if _own(item) == "si"]


def _text(item: ET.Element) -> str:
    """The text of a string item, without phonetic guides."""
    found = ""
    for child in item:
        if _own(child) == "t":
            found += child.text or ""
        elif _own(child) == "r":
            found += _text(child)
    return found


def _cells(root: ET.Element, texts: list[str]) -> IndependentSheet:
    said = IndependentSheet({}, set())
    tables = [child for child in root if _own(child) == "sheetData"]
    row_number = 0
    for row in (row for table in tables for row in table if _own(row) == "row"):
        row_number = int(row.get("r", row_number + 1))
        column = 0
        for cell in (cell for cell in row if _own(cell) == "c"):
            ref = cell.get("r")
            column = _column(ref) if ref else column + 1
            at = ref or f"{_letters(column)}{row_number}"
            values = [child for child in cell if _own(child) in ("v", "is")]
            if not values or not any(v.text or len(v) for v in values):
                continue
            if at in said.cells or len(values) > 1 or not at.endswith(str(row_number)):
                said.ambiguous.add(at)
            said.cells[at] = _value(cell.get("t", "n"), values[0], texts)
    return said


def _value(kind: str, value: ET.Element, texts: list[str]) -> float | str | None:
    text = value.text or ""
    if kind == "inlineStr":
        return _text(value)
    if kind == "s":
        return texts[int(text)] if text.strip().isdigit() and int(text) < len(texts) else None
    if kind == "str":
        return text
    try:
        return float(text) if kind == "n" else None
    except ValueError:
        return None


def _column(ref: str) -> int:
    number = 0
    for letter in ref.rstrip("0123456789"):
        number = number * 26 + ord(letter) - 64
    return number


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
