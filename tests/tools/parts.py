"""Workbooks as the zip parts they are: read, and changed on purpose to make faults."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Value = float | str | None


class SheetPart(NamedTuple):
    """A worksheet: its name, "visible", "hidden" or "veryHidden", its part and that part parsed."""

    name: str
    state: str
    part: str
    root: ET.Element

    def cells(self) -> Iterator[ET.Element]:
        """Its ``c`` elements in the file's order."""
        return self.root.iterfind(f"{MAIN}sheetData/{MAIN}row/{MAIN}c")


def parse_part(data: bytes) -> ET.Element:
    """The root element of a part. Only for files that our own programs wrote."""
    return ET.fromstring(data)  # noqa: S314


def read_parts(path: Path) -> dict[str, bytes]:
    """The unpacked parts by name; the last one counts where a name occurs twice."""
    with zipfile.ZipFile(path) as package:
        return {entry.filename: package.read(entry) for entry in package.infolist()}


def write_parts(path: Path, parts: Mapping[str, bytes]) -> Path:
    """A workbook of these parts, in this order."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return path


def rewrite(source: Path, target: Path, edits: Mapping[str, Callable[[str], str]]) -> Path:
    """Copy a workbook with the text of some parts changed; a part that is not there begins empty.

    Raises ValueError where an edit changes nothing: a fault that was not written proves nothing.
    """
    parts = read_parts(source)
    for name, edit in edits.items():
        before = parts.get(name, b"").decode()
        after = edit(before)
        if after == before:
            raise ValueError(f"the edit of {name} changed nothing")
        parts[name] = after.encode()
    return write_parts(target, parts)


def read_relationships(parts: Mapping[str, bytes], part: str) -> dict[str, str]:
    """Relationship id -> target part, of one part; external targets are left out."""
    folder, name = posixpath.split(part)
    data = parts.get(f"{folder}/_rels/{name}.rels".lstrip("/"))
    if data is None:
        return {}
    return {
        item.attrib["Id"]: posixpath.normpath(posixpath.join("/", folder, item.attrib["Target"]))[
            1:
        ]
        for item in parse_part(data).iter(f"{RELS}Relationship")
        if item.get("TargetMode") != "External"
    }


def read_sheets(parts: Mapping[str, bytes]) -> list[SheetPart]:
    """The sheets in the workbook's order."""
    targets = read_relationships(parts, "xl/workbook.xml")
    found = []
    for item in parse_part(parts["xl/workbook.xml"]).iterfind(f"{MAIN}sheets/{MAIN}sheet"):
        part = targets[item.attrib[_RELATION]]
        state = item.get("state", "visible")
        found.append(SheetPart(item.attrib["name"], state, part, parse_part(parts[part])))
    return found


def cached_values(path: Path) -> dict[tuple[str, str], Value]:
    """The value in the file of every formula cell, by (sheet, A1); None where there is none.

    Numbers stay numbers (openpyxl makes dates of some), truth values are 1 and 0, errors are text.
    """
    found: dict[tuple[str, str], Value] = {}
    for sheet in read_sheets(read_parts(path)):
        for cell in sheet.cells():
            if cell.find(f"{MAIN}f") is not None:
                text = cell.findtext(f"{MAIN}v")
                numeric = cell.get("t", "n") in ("n", "b")
                found[sheet.name, cell.attrib["r"]] = float(text) if numeric and text else text
    return found
