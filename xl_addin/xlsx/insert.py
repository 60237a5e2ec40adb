"""Rows and columns put into sheets of a package, with everything that refers to what moves.

What Excel does when somebody inserts a row, for a file: cells, formulas of every sheet, names,
merged areas, conditional formats, validations, filters, panes, page breaks, charts, tables, drawings,
comments. A part that nothing changes in comes out byte for byte.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping

from xl_addin.system.errors import Refused
from xl_addin.system.light import pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.elements import escape
from xl_addin.xlsx.insert_cells import formula_facts, move_areas, move_cells
from xl_addin.xlsx.insert_drawings import move_drawing, move_vml
from xl_addin.xlsx.moves import Insertion, Moves
from xl_addin.xlsx.offsets import find_offsets
from xl_addin.xlsx.package import Part, inflate, relationships_part
from xl_addin.xlsx.parts import TYPES, attributes_of, part_text, put_part
from xl_addin.xlsx.rewrite import rewrite, set_attributes, splice
from xl_addin.xlsx.workbook import Workbook

_FORMULA_TEXTS = frozenset(
    ("f", "formula", "formula1", "formula2", "calculatedColumnFormula", "totalsRowFormula")
)
_SHEET_TEXTS = _FORMULA_TEXTS | {"sqref", "row", "col"}
# Attributes that name cells of the sheet itself, by element; "" for any element. A range in GROWING
# goes on to cover a list that grows at its end.
_GROWING = frozenset(
    (
        "mergeCell",
        "conditionalFormatting",
        "dataValidation",
        "ignoredError",
        "protectedRange",
        "autoFilter",
        "dimension",
    )
)
_PLACES = {"sqref": "", "ref": "", "activeCell": "selection", "topLeftCell": "pane"}
_CELL_MARKS = frozenset(("cellWatch", "inputCells", "cellSmartTags"))
_CALC_CHAIN = "calcChain"
_RELATION = pattern(r"<(?:\w+:)?Relationship\b[^>]*>")
_OVERRIDE = pattern(r"<(?:\w+:)?Override\b[^>]*>")


def insert_lines(parts: Mapping[str, Part], insertions: Iterable[Insertion]) -> dict[str, Part]:
    """The package with these rows and columns. Raises Refused where one would tear something apart."""
    found = dict(parts)
    moves = Moves(insertions)
    book = Workbook(found, own=True)
    sheets = {entry.part: entry.name for entry in book.entries}
    for part, name in sheets.items():
        data = book.part(part)
        if name.lower() in moves.sheets:
            _refuse_torn(book, part, name, moves)
        elif not _mentions(data, moves.sheets):
            continue
        _put(found, part, _move_sheet(data, name, moves))
        for kind, target in book.links(part).values():
            if name.lower() in moves.sheets and book.has_part(target):
                _put(found, target, _move_linked(kind, book.part(target), name, moves))
    for part in list(found):
        lower = part.lower()
        if lower.endswith(".xml") and ("/charts/" in lower or "/ctrlprops/" in lower):
            _put(found, part, _move_formulas(inflate(found[part]), moves))
        elif lower.endswith(".xml") and "/pivotcache/" in lower and "definition" in lower:
            _put(found, part, _move_pivot_source(inflate(found[part]), moves))
    _put(found, book.main_part, _move_names(book.part(book.main_part), moves))
    _drop_calc_chain(found, book)
    return found


def _mentions(data: bytes, sheets: Iterable[str]) -> bool:
    """Whether a part may name one of these sheets (in lower case); what it does not name it needs not."""
    text = data.decode("utf-8", "replace").lower()
    spelt = (escape(name.replace("'", "''")) for name in sheets)
    return "&#" in text or any(name in text for name in spelt)


def _put(parts: dict[str, Part], name: str, data: bytes) -> None:
    exact = next((key for key in parts if key.lower() == name.lower()), name)
    put_part(parts, exact, data)


def _move_formulas(data: bytes, moves: Moves) -> bytes:
    """A chart or a control: what it shows and what it is linked to."""

    def on_tag(_: tuple[str, ...], attributes: Mapping[str, str]) -> Mapping[str, str]:
        linked = (key for key in attributes if key.startswith("fmla"))
        return {key: moves.formula(attributes[key], "") for key in linked}

    return rewrite(data, on_tag, lambda _, text: moves.formula(text, ""), frozenset(("f", "sqref")))


def _move_pivot_source(data: bytes, moves: Moves) -> bytes:
    def on_tag(path: tuple[str, ...], attributes: Mapping[str, str]) -> Mapping[str, str] | None:
        sheet = attributes.get("sheet", "")
        if path[-1] != "worksheetSource" or "ref" not in attributes or attributes.get("id"):
            return None
        return {"ref": move_areas(attributes["ref"], sheet, moves)}

    return rewrite(data, on_tag, lambda _, text: text, frozenset())


def _move_names(data: bytes, moves: Moves) -> bytes:
    return rewrite(
        data,
        lambda _path, _attributes: None,
        lambda _, text: moves.formula(text, ""),
        frozenset(("definedName",)),
    )


def _drop_calc_chain(parts: dict[str, Part], book: Workbook) -> None:
    """Excel makes the order of calculation anew; one that names other cells is damage to it."""
    targets = [
        target for kind, target in book.links(book.main_part).values() if kind == _CALC_CHAIN
    ]
    if not targets:
        return
    gone = targets[0].lower()
    for part in [key for key in parts if key.lower() == gone]:
        del parts[part]
    name, _ = relationships_part(book.main_part)
    rels = _RELATION.sub(
        lambda m: "" if attributes_of(m[0]).get("Type", "").endswith(_CALC_CHAIN) else m[0],
        part_text(parts, name),
    )
    put_part(parts, name, rels.encode())
    types = _OVERRIDE.sub(
        lambda m: "" if attributes_of(m[0]).get("PartName", "").lower() == f"/{gone}" else m[0],
        part_text(parts, TYPES),
    )
    put_part(parts, TYPES, types.encode())


def _refuse_torn(book: Workbook, part: str, sheet: str, moves: Moves) -> None:
    """Excel refuses to put something into an array formula or a pivot table, and so do we."""
    torn = "里面不能插入行列；请先把它移到别处，再试"
    for kind, target in book.links(part).values():
        tag = {"table": "table", "pivotTable": "location"}.get(kind, "")
        if tag and book.has_part(target):
            match = re.search(rb"<(?:\w+:)?%b\b[^>]*>" % tag.encode(), book.part(target))
            ref = attributes_of(match[0].decode()).get("ref", "") if match else ""
            if not ref:
                continue
            top, left, bottom, right = a1.area(ref)
            # Rows may go into a table, a column would need a heading and a name of its own.
            area = (bottom, left, bottom, right) if kind == "table" else (top, left, bottom, right)
            if moves.splits(sheet, area):
                label = "表格" if kind == "table" else "数据透视表"
                raise Refused(f"{sheet}!{ref}：这里有{label}，{torn}")
    for row in find_offsets(book.part(part)).rows.values():
        for spot in row.cells.values():
            if spot.formula and b"ref=" in spot.formula:
                facts = formula_facts(spot.formula)
                if facts.get("t") in ("array", "dataTable") and moves.splits(
                    sheet, a1.area(facts["ref"])
                ):
                    raise Refused(f"{sheet}!{facts['ref']}：这里是一个数组公式，{torn}")


def _move_linked(kind: str, data: bytes, sheet: str, moves: Moves) -> bytes:
    """A part that belongs to a sheet."""
    if kind == "drawing":
        return move_drawing(data, sheet, moves)
    if kind == "vmlDrawing":
        return move_vml(data, sheet, moves)
    if kind not in ("comments", "threadedComment", "table", "pivotTable"):
        return data
    wanted = {
        "comments": ("comment",),
        "threadedComment": ("threadedComment",),
        "table": ("table", "autoFilter", "sortState", "sortCondition"),
        "pivotTable": ("location",),
    }[kind]

    def on_tag(path: tuple[str, ...], attributes: Mapping[str, str]) -> Mapping[str, str] | None:
        if path[-1] not in wanted or "ref" not in attributes:
            return None
        return {"ref": move_areas(attributes["ref"], sheet, moves, grow=False)}

    return rewrite(data, on_tag, lambda _, text: moves.formula(text, sheet), _FORMULA_TEXTS)


def _move_sheet(data: bytes, sheet: str, moves: Moves) -> bytes:
    here = sheet.lower() in moves.sheets
    offsets = find_offsets(data)
    data = splice(
        data, [(offsets.data_start, offsets.data_end, move_cells(data, offsets, sheet, moves))]
    )
    if here and moves.insertions(sheet, rows=False):
        data = _move_columns(data, sheet, moves)

    def on_tag(path: tuple[str, ...], attributes: Mapping[str, str]) -> Mapping[str, str] | None:
        kind = path[-1]
        found: dict[str, str] = {}
        if kind == "hyperlink" and "location" in attributes:
            found["location"] = moves.formula(attributes["location"], sheet)
        if not here:
            return found
        for key, only in _PLACES.items() if kind != "dataRef" else ():
            if key in attributes and only in ("", kind):
                found[key] = move_areas(attributes[key], sheet, moves, grow=kind in _GROWING)
        if kind in _CELL_MARKS and "r" in attributes:
            found["r"] = move_areas(attributes["r"], sheet, moves, grow=False)
        if kind == "pane" and attributes.get("state", "").startswith("frozen"):
            found |= _frozen(attributes, sheet, moves)
        if kind == "brk" and attributes.get("id", "").isdigit():
            # A break stands above the row after this one and goes with it.
            number, rows = int(attributes["id"]), path[-2] == "rowBreaks"
            found["id"] = str(moves.line(sheet, number + 1, rows=rows) - 1)
        return found

    def on_text(path: tuple[str, ...], text: str) -> str:
        kind = path[-1]
        if kind in _FORMULA_TEXTS:
            return moves.formula(text, sheet)
        if kind == "sqref" and here:
            return move_areas(text, sheet, moves)
        if kind in ("row", "col") and path[-2] in ("from", "to") and here and text.isdigit():
            return str(moves.line(sheet, int(text) + 1, rows=kind == "row") - 1)
        return text

    return rewrite(data, on_tag, on_text, _SHEET_TEXTS, skip="sheetData")


def _frozen(attributes: Mapping[str, str], sheet: str, moves: Moves) -> dict[str, str]:
    """The rows and columns that stand still: what is put between them stands still too."""
    found = {}
    for key, rows in (("ySplit", True), ("xSplit", False)):
        if attributes.get(key, "").isdigit():
            number = int(attributes[key])
            more = sum(i.number for i in moves.insertions(sheet, rows=rows) if i.at <= number)
            found[key] = str(number + more)
    return found


def _move_columns(data: bytes, sheet: str, moves: Moves) -> bytes:
    """The widths of columns: those that move, and those that are new."""
    match = re.search(rb"<((?:\w+:)?)cols\b[^>]*>(.*?)</\1cols>", data, re.DOTALL)
    if match is None:
        return data
    ends = [each.at for each in moves.insertions(sheet, rows=False)]
    runs: list[tuple[int, int, bytes]] = []
    for tag in re.findall(rb"<(?:\w+:)?col\b[^>]*>", match[2]):
        facts = attributes_of(tag.decode())
        least, most = int(facts["min"]), int(facts["max"])
        cuts = [least, *(at for at in ends if least < at <= most), most + 1]
        for first, after in itertools.pairwise(cuts):
            moved = moves.line(sheet, first, rows=False)
            runs.append((moved, min(moved + after - 1 - first, a1.MAX_COLUMN), tag))
        for each in moves.insertions(sheet, rows=False):
            if least <= each.like <= most:
                at = moves.line(sheet, each.at, rows=False) - each.number
                shown = set_attributes(tag, {"hidden": None, "collapsed": None})
                runs.append((at, at + each.number - 1, shown))
    lines = b"".join(
        set_attributes(tag, {"min": str(first), "max": str(last)})
        for first, last, tag in sorted(runs)
        if first <= a1.MAX_COLUMN
    )
    return data[: match.start(2)] + lines + data[match.end(2) :]
