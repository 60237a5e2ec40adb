"""The tables of a text document, a notice with its task table in it, as grids.

``docx`` and ``odt`` walk a file and give each table as it stands; here parts of one table are put
together (a table split over pages, 续表, its head repeated), what stands above a table becomes its
title, and text that can be nothing else becomes a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from xl_addin.formats.csv import parse_cell
from xl_addin.formats.grid import Doubt, Grid
from xl_addin.formats.written_table import WrittenTable
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.a1 import Area
from xl_addin.xlsx.cells import LONGEST_TEXT, MAX_CELLS, NUM, TEXT, Cell

_MAX_TABLES = 1_000
_TITLE_LINES, _LONGEST_TITLE = 3, 60
_DIGITS = {0xFF10 + n: 0x30 + n for n in range(10)} | {0xFF0E: "."}
_GROUPED = pattern(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d{1,6})?\Z", re.ASCII)
# A line between two parts of one table.
_CONTINUED = pattern(
    r".{0,12}(续表|续上|[(（]续.{0,2}[)）]|接上[表页]|转下页|下接).{0,8}|续.{0,2}|[(（]?(计量)?单位[:：].{0,12}"
)
_PROSE = pattern(r".*[。；;，,：:]$|附[件表].*[:：].+", re.DOTALL)
# An enclosure that stands here, and is no file of its own.
_NAMED_HERE = pattern(r"附[件表]\s*\d*\s*[:：]\s*([^\d.．、：:][^：:]*表|20\d\d年[^：:]*表)")
_TOTAL = pattern(r"[总合小共累]\s*[计計]|全[市省县区州]|小结")
_NO_TABLE = (
    "文档里没有表；表如果是图片，请要 Word 或 Excel 原文；文档如果是别的程序由 .doc 转成的，"
    "表在转换时丢了，请用 Word 或 WPS 打开原来的文档，另存为 .docx 后再选它"
)


class Document(NamedTuple):
    """Tables in the order of the text, and the paragraphs outside of them."""

    grids: tuple[Grid, ...]
    paragraphs: tuple[str, ...]


class _Part(NamedTuple):
    """A table with its number; ``skip`` rows at its top repeat the head of the one that it goes on from."""

    number: int
    table: WrittenTable
    skip: int = 0


class _Group(NamedTuple):
    """The parts of one table, and the names in all of them."""

    parts: list[_Part]
    names: set[str]

    @property
    def first(self) -> WrittenTable:
        return self.parts[0].table


def make_document(tables: Sequence[WrittenTable], paragraphs: Iterable[str]) -> Document:
    """The grids of all tables that hold anything. Raises Unreadable beyond the bounds."""
    if not any(table.texts for table in tables):
        raise Unreadable("foreign", _NO_TABLE)
    if len(tables) > _MAX_TABLES:
        raise Unreadable("too-large", f"文档里的表超过 {_MAX_TABLES} 张，没有读取")
    if sum(len(table.texts) for table in tables) > MAX_CELLS:
        raise Unreadable("too-large", f"文档里的表格超过 {MAX_CELLS} 格，没有读取")
    groups: list[_Group] = []
    loose: dict[int, _Part] = {}
    for number, table in enumerate(tables, 1):
        if not table.texts:
            continue
        into = next((g for g in reversed(groups) if _same_place(g.first, table)), None)
        skip = None if into is None else _continues(into, table)
        if into is not None and skip is not None:
            into.parts.append(_Part(number, table, skip))
            into.names.update(_names(table, skip))
            continue
        if into is not None and _may_continue(into.first, table):
            loose.setdefault(into.parts[0].number, _Part(number, table))
        groups.append(_Group([_Part(number, table)], _names(table, 0)))
    return Document(
        tuple(_grid(group.parts, loose.get(group.parts[0].number)) for group in groups),
        tuple(paragraphs),
    )


def as_cell(text: str) -> Cell:
    """What stands in a cell: a number where the text can be nothing else; 1,000 in Word is a thousand."""
    plain = text.translate(_DIGITS).strip()
    if _GROUPED.match(plain):
        plain = plain.replace(",", "")
    cell = parse_cell(plain)
    return cell if cell.kind == NUM else Cell(TEXT, text[:LONGEST_TEXT])


def _same_place(first: WrittenTable, table: WrittenTable) -> bool:
    return first.inside == table.inside and first.hidden == table.hidden


def _row(table: WrittenTable, row: int) -> dict[int, str]:
    return {
        column: "".join(table.texts[row, column].split())
        for column in range(1, table.columns + 1)
        if (row, column) in table.texts
    }


def _is_figure(text: str) -> bool:
    return as_cell(text).kind == NUM


def _names(table: WrittenTable, skip: int) -> set[str]:
    """The first words of the rows that hold figures, but for totals."""
    found = set()
    for number in range(skip + 1, table.rows + 1):
        texts = list(_row(table, number).values())
        words = [text for text in texts if not _is_figure(text)]
        if words and len(words) < len(texts) and not _TOTAL.match(words[0]):
            found.add(words[0])
    return found


def _repeated_head(first: WrittenTable, table: WrittenTable) -> int:
    """How many rows at the top of a table are those at the top of another, no figures among them."""
    count = 0
    while count < min(first.rows, table.rows):
        row = _row(table, count + 1)
        if row != _row(first, count + 1) or any(map(_is_figure, row.values())):
            break
        count += 1
    return count if any(_row(table, row) for row in range(1, count + 1)) else 0


def _continues(into: _Group, table: WrittenTable) -> int | None:
    """How many rows at its top a table repeats if it goes on from another, None if it does not."""
    first = into.first
    head = _repeated_head(first, table)
    if first.columns != table.columns or not (head or _follows(first, table)):
        return None
    if not head and not _has_figure(table, 1):
        return None
    if head and not (_has_figure(table, head + 1) and _has_figure(first, head + 1)):
        return None
    return None if into.names & _names(table, head) else head


def _has_figure(table: WrittenTable, row: int) -> bool:
    return any(map(_is_figure, _row(table, row).values()))


def _follows(first: WrittenTable, table: WrittenTable) -> bool:
    """Whether nothing stands between a table and the one before but a line such as 续表."""
    return all(_CONTINUED.fullmatch(line) or line in first.above for line in table.above)


def _may_continue(first: WrittenTable, table: WrittenTable) -> bool:
    """Whether a table begins with figures as the rest of another does, right below it or in its width."""
    follows = all(_CONTINUED.fullmatch(line) for line in table.above)
    figures = [_is_figure(text) for text in _row(table, 1).values()]
    return (follows or first.columns == table.columns) and any(figures) and not all(figures)


def _title_lines(table: WrittenTable) -> list[str]:
    """The short lines right above a table: its title, the unit that all figures have."""
    lines: list[str] = []
    for line in reversed(table.above):
        text = " ".join(line.split())
        named = _NAMED_HERE.fullmatch(text)
        text = named[1] if named else text
        if len(text) > _LONGEST_TITLE or _PROSE.match(text) or len(lines) == _TITLE_LINES:
            break
        lines.insert(0, text)
    return lines


def _grid(group: Sequence[_Part], loose: _Part | None) -> Grid:
    first = group[0].table
    titles = _title_lines(first)
    cells = {(row, 1): Cell(TEXT, line) for row, line in enumerate(titles, 1)}
    merged: list[Area] = [(row, 1, row, first.columns) for row, _ in enumerate(titles, 1)]
    origin: dict[int, tuple[int, int]] = {}
    hidden: set[int] = set()
    doubts: list[Doubt] = []
    base = len(titles)
    for number, table, skip in group:
        shift = base - skip
        cells |= {(r + shift, c): as_cell(text) for (r, c), text in table.texts.items() if r > skip}
        merged += [(a + shift, b, c + shift, d) for a, b, c, d in table.merged if a > skip]
        hidden |= {row + shift for row in table.hidden_rows if row > skip}
        origin |= {row + shift: (number, row) for row in range(skip + 1, table.rows + 1)}
        doubts += _doubts(table, skip, shift)
        if number != group[0].number:
            says = f"接在表{group[0].number} 后面读，当作同一张表；请核对"
            doubts.append(Doubt("table-joined", (base + 1, 1), f"表{number}", says, refuses=False))
        base = table.rows + shift
    if loose is not None:
        says = (
            f"后面的表{loose.number} 没有表头，不知道是不是同一张表的后半；"
            f"请在 Word 里并成一张，不是的请加 --sheet 表{group[0].number}"
        )
        doubts.append(Doubt("which-sheet", (base, 1), f"表{loose.number}", says, settles=True))
    return Grid(
        f"表{group[0].number}",
        cells,
        tuple(merged),
        first.hidden,
        frozenset(hidden),
        origin=origin,
        doubts=tuple(doubts),
    )


def _doubts(table: WrittenTable, skip: int, shift: int) -> Iterable[Doubt]:
    """What was noticed, at its place; of what is the same all over a table the first, with how many."""
    tracked = [at for at, noted in table.remarks.items() if any(n.code == "tracked" for n in noted)]
    if tracked:
        more = f"，另有 {len(tracked) - 1} 处" if tracked[1:] else ""
        says = (
            f"有还没有接受的修订{more}，不知道以哪个数为准；请在 Word 或 WPS 的“审阅”里"
            "接受（或拒绝）全部修订，保存后再读"
        )
        row, column = max(min(tracked), (skip + 1, 1))
        found = table.texts.get((row, column), "")
        yield Doubt("tracked-change", (row + shift, column), found, says)
    for (row, column), noted in sorted(table.remarks.items()):
        for note in noted:
            if note.code != "tracked" and row > skip:
                yield Doubt(note.code, (row + shift, column), note.found, note.says, note.refuses)
