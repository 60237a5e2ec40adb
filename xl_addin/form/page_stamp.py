"""Stamping the page 重点工作: a row for each item that concerns the district, made after the blank's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from xl_addin.form import page_layout as at
from xl_addin.form.page_blank import REVIEW_WIDTH, WIDTHS, note
from xl_addin.form.page_layout import PageReview
from xl_addin.model.work_items import PageItem
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import cell_name
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.offsets import find_offsets
from xl_addin.xlsx.patch import SheetTemplate, cell_body
from xl_addin.xlsx.textsize import row_height

_LEAST, _MOST = 48.0, 400.0
_NO_ENTRIES = (None,) * len(at.ENTRIES)


class PageFilling(NamedTuple):
    """What a district typed, by number, as in ENTRIES; ``review`` is what is said of it, None for nothing."""

    entries: Mapping[str, Sequence[Value]] = MappingProxyType({})
    review: PageReview | None = None


class _Style(NamedTuple):
    """A model cell: its start up to the address, and its formula cut where the row's number goes."""

    look: bytes
    formula: tuple[bytes, ...]


class PageTemplate:
    """The page of a blank form made ready for stamping."""

    def __init__(self, sheet: bytes, severities: Mapping[str, str]) -> None:
        self._severities = severities
        self._made: dict[tuple[int, PageItem], tuple[bytes, bytes]] = {}
        slots = ((1, 1), (1, at.KEY), (at.STATUS_ROW, 1), (at.UNIT_ROW, 3), (at.NOTE_ROW, 1))
        self._head = SheetTemplate(sheet, slots)
        rows = find_offsets(sheet).rows
        first, last = rows[at.FIRST_ROW], rows[at.MARKED_ROW]
        self._models = sheet[first.start : last.end]
        self._plain, self._marked = (
            {
                column: _style(spot.style, spot.formula, row)
                for column, spot in rows[row].cells.items()
            }
            for row in (at.FIRST_ROW, at.MARKED_ROW)
        )

    def stamp(
        self,
        title: str,
        line: str,
        district: str,
        items: Sequence[PageItem],
        filling: PageFilling | None,
    ) -> tuple[bytes, int]:
        """The sheet with these rows, and in how many of them 校验 says something."""
        filling, wrong = filling or PageFilling(), 0
        out: list[bytes] = []
        for row, item in enumerate(items, at.FIRST_ROW):
            entries = filling.entries.get(item.number)
            if entries is None and filling.review is None:
                wrong += 1
                out.append(self._blank_row(row, item))
                continue
            entries = entries or _NO_ENTRIES
            check = at.check_entries(entries, self._severities)
            wrong += bool(check)
            out.append(self._row(row, item, entries, check, filling.review))
        review = filling.review
        head = {
            (1, 1): title,
            (1, at.KEY): line,
            (at.STATUS_ROW, 1): at.status(wrong),
            (at.UNIT_ROW, 3): district,
            (at.NOTE_ROW, 1): f"{review.summary}\n{note()}" if review else note(),
        }
        sheet = self._head.fill(head)
        return sheet.replace(self._models, b"".join(out), 1), wrong

    def _blank_row(self, row: int, item: PageItem) -> bytes:
        """A row that nothing is typed in: the same for all districts but for 上月情况, so kept."""
        plain = item._replace(last_state="")
        key = (row, plain)
        if key not in self._made:
            made = self._row(row, plain, _NO_ENTRIES, at.NO_STATE, None)
            mark = self._last_cell(row, "")
            before, _, after = made.partition(mark)
            self._made[key] = before, after
        before, after = self._made[key]
        if not item.last_state:
            return before + self._last_cell(row, "") + after
        tall = _height(dict(at.printed(item)))
        head = b'<row r="%d" ht="%.1f"' % (row, tall)
        rest = before[before.index(b" customHeight") :]
        return head + rest + self._last_cell(row, item.last_state) + after

    def _last_cell(self, row: int, text: str) -> bytes:
        look = self._plain[at.LAST].look
        return b'<c r="%b"%b' % (cell_name(row, at.LAST).encode(), look) + cell_body(text, b"", "")

    def _row(
        self,
        row: int,
        item: PageItem,
        entries: Sequence[Value],
        check: str,
        review: PageReview | None,
    ) -> bytes:
        texts: dict[int, Value] = dict(at.printed(item))
        texts.update(zip(at.ENTRIES, entries, strict=True))
        texts |= {at.CHECK: check, at.KEY: f"{at.KEY_MARK}{item.number}"}
        marked = review.marks if review else frozenset()
        if review:
            texts[at.REVIEW] = review.reasons.get(item.number, "")
        cells = []
        for column, plain in sorted(self._plain.items()):
            style = self._marked[column] if (item.number, column) in marked else plain
            formula = b"%d".join(style.formula) % ((row,) * (len(style.formula) - 1))
            start = b'<c r="%b"%b' % (cell_name(row, column).encode(), style.look)
            cells.append(start + cell_body(texts.get(column), formula, ""))
        tall = _height(texts)
        return b'<row r="%d" ht="%.1f" customHeight="1">%b</row>' % (row, tall, b"".join(cells))


def _style(style: str, formula: bytes, row: int) -> _Style:
    """A model cell of this row; its formula has no other digits after a letter than the row's."""
    look = f' s="{style}"'.encode() if style else b""
    pieces = [formula]
    for sign in b"FHIJ":
        mark = b"%c%d" % (sign, row)
        pieces = [part for piece in pieces for part in _after(piece.split(mark), bytes((sign,)))]
    return _Style(look, tuple(piece.replace(b"%", b"%%") for piece in pieces))


def _after(pieces: list[bytes], sign: bytes) -> list[bytes]:
    """The pieces of a formula, each but the last with the letter of the column that it was cut after."""
    return [*(piece + sign for piece in pieces[:-1]), pieces[-1]]


def _height(texts: Mapping[int, Value]) -> float:
    widths = (*WIDTHS, 0, REVIEW_WIDTH)
    shown = [
        (str(text), widths[column - 1])
        for column, text in texts.items()
        if text and column != at.KEY
    ]
    return min(row_height(shown, least=_LEAST), _MOST)
