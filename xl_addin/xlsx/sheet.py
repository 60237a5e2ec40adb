"""One sheet's XML as typed cells (ECMA-376 part 1, section 18.3.1).

``<dimension>`` is ignored, as some writers get it wrong. What would let two programs read
different values is refused.
"""

from __future__ import annotations

from functools import lru_cache
from xml.etree.ElementTree import Element

from xl_addin.model.records import Number
from xl_addin.system.errors import Unreadable
from xl_addin.xlsx import a1
from xl_addin.xlsx.cells import (
    BOOL,
    DATE,
    FAULT,
    LONGEST_TEXT,
    MAX_CELLS,
    NO_VALUE,
    NUM,
    TEXT,
    Cell,
    Region,
    Sheet,
    as_number,
)
from xl_addin.xlsx.strings import TextRoom, inline_text, unescape
from xl_addin.xlsx.styles import Styles
from xl_addin.xlsx.xmlreader import (
    local_name,
    namespace_of,
    read_branches,
    refuse_deep,
    whole_number,
)

_MOST_FORMATS = 1_000  # remembered of a workbook
_TAGS_OF_CELL = 8  # one with a formula and its result has six
_NAMES = ("sheetData", "row", "c", "v", "f", "is")


def read_sheet(
    data: bytes,
    strings: tuple[str, ...] = (),
    styles: Styles = Styles(),  # noqa: B008 - immutable
    region: Region = Region(),  # noqa: B008 - immutable
    most: int | None = None,
) -> Sheet:
    """The cells of one sheet part, ``most`` of them (None: as many as of others'). Raises Unreadable."""
    most = MAX_CELLS if most is None else most
    root, branches = read_branches(data, 2, _TAGS_OF_CELL * most if most > MAX_CELLS else 0)
    space = namespace_of(root)
    reader = _RowReader(space, strings, styles, region, most)
    table, merged = f"{space}sheetData", f"{space}mergeCell"
    areas: list[a1.Area] = []
    hidden: list[tuple[int, int]] = []
    for parent, element in branches:
        if parent.tag == table:
            reader.read(element)
        elif element.tag == merged:
            areas.append(_area(element.get("ref", "")))
        elif element.tag == f"{space}col" and element.get("hidden") in ("1", "true"):
            hidden.append(_columns(element))
        elif len(element) and (element.tag == table or not _is_shallow(element, table)):
            if next(element.iter(table), None) is not None:
                raise _irregular()
            refuse_deep([element])
    tables = [part.tag for part in root if part.tag.endswith("sheetData")]
    if tables not in ([], [table]):
        raise _irregular()
    sheet = Sheet("", "visible", reader.cells, tuple(areas), frozenset(reader.hidden), reader.stray)
    return sheet._replace(hidden_columns=a1.columns_in(hidden))


def _columns(element: Element) -> tuple[int, int]:
    """The first and last column that one ``col`` (18.3.1.13) is about."""
    return whole_number(element.get("min", ""), 0), whole_number(element.get("max", ""), 0)


def _is_shallow(element: Element, table: str) -> bool:
    """Whether an element holds no more than elements that are empty, and none of them is the table."""
    return not [inner for inner in element if len(inner) or inner.tag == table]


def _area(ref: str) -> a1.Area:
    try:
        return a1.area(ref)
    except ValueError:
        raise Unreadable("damaged", "合并单元格的地址不对，文件已损坏") from None


def _irregular() -> Unreadable:
    says = "工作表里的单元格写得不合规矩，文件已损坏，请让对方重新保存后再发"
    return Unreadable("damaged", says)


class _CellFormats(dict[str | None, tuple[int, bool]]):
    """Format index and whether it shows a date, by the text of a cell's ``s``."""

    def __init__(self, dates: tuple[bool, ...]) -> None:
        self._dates = dates

    def __missing__(self, text: str | None) -> tuple[int, bool]:
        look = whole_number(text or "0", 0)
        found = (look, look < len(self._dates) and self._dates[look])
        if len(self) < _MOST_FORMATS:
            self[text] = found
        return found


# Files that one program saved have the same formats.
_formats_of = lru_cache(maxsize=8)(_CellFormats)


class _RowReader:
    """Takes rows (18.3.1.73) in any order and keeps what their cells (18.3.1.4) hold."""

    def __init__(
        self, space: str, strings: tuple[str, ...], styles: Styles, region: Region, most: int
    ) -> None:
        self.cells: dict[tuple[int, int], Cell] = {}
        self.hidden: set[int] = set()
        self.stray = 0
        self._space = space
        self._tags = tuple([f"{space}{name}" for name in _NAMES])
        self._parts_tags = (f"{space}v", f"{space}f", f"{space}is")
        self._strings = strings
        self._formats = _formats_of(styles.dates)
        self._region = region
        self._most = most
        self._number = 0
        self._room = TextRoom()

    def read(self, row: Element) -> None:
        """Keep what one row holds. Raises Unreadable."""
        if row.tag != self._tags[1]:
            self._refuse_lookalike(row)
            return
        said = row.get("r")
        number = self._number + 1 if said is None else whole_number(said, 0)
        if not 0 < number <= a1.MAX_ROW:
            raise Unreadable("damaged", f"行号 {number} 超出范围，文件已损坏")
        self._number = number
        if row.get("hidden") in ("1", "true"):
            self.hidden.add(number)
        rows, columns = self._region
        self._read_cells(row, number, columns if number <= rows else 0)
        if len(self.cells) > self._most:
            raise Unreadable("too-large", f"工作表的单元格超过 {self._most} 个，没有读取")

    def _read_cells(self, row: Element, number: int, columns: int) -> None:
        """One flat loop, where most of a return's reading is spent: the usual cell costs no call."""
        cell_tag, value_tag = self._tags[2], self._parts_tags[0]
        cells, formats, strings, many = self.cells, self._formats, self._strings, len(self._strings)
        known, new, whole, column = a1.POSITIONS.get, tuple.__new__, _whole_or_less, 0
        blank: str | None = None  # the address of the cell before, where that holds nothing
        value: str | None
        content: Number | str | bool | None
        for cell in row:
            if cell.tag != cell_tag:
                self._refuse_lookalike(cell)
                continue
            facts, parts = cell.attrib, len(cell)
            ref = facts.get("r")
            if not parts and ref is not None:
                blank = (
                    ref  # a third of a form's cells: only one without an address asks where it is
                )
                continue
            if ref is None:
                at, column = number, (column if blank is None else _column(blank)) + 1
                where = at, column
            else:
                at, column = where = known(ref) or _position(ref)
            blank = None
            if not parts:
                continue
            if parts == 1 and (only := cell[0]).tag == value_tag and not len(only):
                value, formula, inline = only.text or "", None, None
            else:
                value, formula, inline = self._parts(cell)
                if value is None and formula is None and inline is None:
                    continue
            # A cell that holds nothing may stand anywhere; one with content must be where it says.
            if at != number:
                raise _misplaced(ref)
            if column > columns:
                self.stray += 1
                continue
            if where in cells:
                raise Unreadable("damaged", f"单元格 {a1.cell_name(*where)} 出现两次，文件已损坏")
            kind = facts.get("t")
            plain = whole(value) if value else -1
            if kind == "s" and 0 <= plain < many:
                what, content = TEXT, strings[plain]
            elif plain >= 0 and (kind is None or kind == "n"):
                what, content = NUM, plain
            else:
                what, content = self._typed_value(kind, value, inline)
            if formula is None and not content and (content is None or content == ""):
                continue
            look, dated = formats[facts.get("s")]
            if dated and what == NUM:
                what = DATE
            # A record's own constructor is a call into Python for every cell.
            cells[where] = new(Cell, (what, content, formula, look))

    def _parts(self, cell: Element) -> tuple[str | None, str | None, Element | None]:
        """The ``v`` (18.3.1.96), ``f`` (18.3.1.40) and ``is`` (18.3.1.53) of a cell, each at most once."""
        value_tag, formula_tag, inline_tag = self._parts_tags
        value = formula = inline = None
        for part in cell:
            tag = part.tag
            if tag == value_tag and value is None and not len(part):
                value = part.text or ""
            elif tag == formula_tag and formula is None and not len(part):
                formula = part.text or ""
            elif tag == inline_tag and inline is None:
                inline = part
            else:
                self._refuse_lookalike(part)
        return value, formula, inline

    def _typed_value(
        self, kind: str | None, value: str | None, inline: Element | None
    ) -> tuple[str, Number | str | bool | None]:
        """What a cell of a type (18.18.11) holds."""
        if kind == "inlineStr":
            return TEXT, "" if inline is None else self._room.take(inline_text(inline, self._space))
        if value is None:
            return NO_VALUE, None
        if kind == "str":
            return TEXT, self._room.take(unescape(value[:LONGEST_TEXT]))
        text = value.strip()
        if kind is None or kind == "n":
            return as_number(text) if text else (NO_VALUE, None)
        if kind == "s":
            index = whole_number(text, -1)
            if 0 <= index < len(self._strings):
                return TEXT, self._strings[index]
            return FAULT, "#字符串丢失"
        if kind == "b":
            return BOOL, text in ("1", "true")
        if kind == "e":
            return FAULT, text or "#错误"
        return (DATE, text) if kind == "d" else (FAULT, f"#类型 {kind[:20]}")

    def _refuse_lookalike(self, element: Element) -> None:
        """Raise Unreadable for what is called like a part of the table but does not belong there.

        So for one of another namespace: some programs go by the name alone.
        """
        if local_name(element.tag) in _NAMES or any(
            part.tag in self._tags for part in element.iter()
        ):
            raise _irregular()
        refuse_deep([element])


@lru_cache(maxsize=4096)
def _whole_or_less(text: str) -> int:
    """A whole number of few digits, as most cells hold or are numbered by; -1 for any other text."""
    return int(text) if text.isdigit() and text.isascii() and len(text) < 16 else -1


def _position(ref: str) -> tuple[int, int]:
    """Where an address is; in no row where it is none."""
    try:
        return a1.position(ref)
    except ValueError:
        return 0, 0


def _column(ref: str) -> int:
    """The column of an address. Raises Unreadable where it is none, so that nothing can stand behind it."""
    row, column = _position(ref)
    if not row:
        raise _misplaced(ref)
    return column


def _misplaced(ref: str | None) -> Unreadable:
    return Unreadable("damaged", f"单元格地址 {(ref or '')[:20]} 和所在的行不符，文件已损坏")
