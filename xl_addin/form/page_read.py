"""Reading the page 重点工作 back, wherever it stands now: by its headings, its keys and its numbers.

Pure. Of the texts nothing is cut but what no cell holds; a formula is the text that it shows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from xl_addin.form import layout, page_layout
from xl_addin.form.identity import WORKS, find_identities
from xl_addin.form.page_layout import ENTRIES, HEADINGS, KEY_MARK
from xl_addin.form.read import REGION, AnyWorkbook, Reading
from xl_addin.model.calendar import read_day
from xl_addin.model.names import fold, visible
from xl_addin.model.records import Identity, ItemReport
from xl_addin.model.work_items import STATE_LABELS
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import cell_name
from xl_addin.xlsx.cells import BOOL, DATE, FAULT, NO_VALUE, NUM, TEXT, Cell, Sheet
from xl_addin.xlsx.values import date_text, number_text

_COLUMNS = {fold(heading): column for column, heading in enumerate(HEADINGS, 1)}
_REQUIRED = frozenset((page_layout.TITLE, page_layout.STATE, page_layout.PROGRESS))
_LONGEST_HEADING = 60
_STATES = {fold(label): state for state, label in STATE_LABELS.items()}
_SEALED = f',"{WORKS}":'


class PageReading(NamedTuple):
    """A page as it came back, located but not judged.

    ``columns`` maps the page's own columns to where they stand now, ``rows`` numbers to rows;
    ``twice`` are numbers that stand in two rows, ``others`` (row, number) of rows that hold something and are
    none of the form's. ``claims`` are the identities on the sheet. ``year`` is the form's.
    """

    sheet: Sheet
    header_row: int
    columns: Mapping[int, int]
    rows: Mapping[str, int]
    twice: tuple[str, ...]
    others: tuple[tuple[int, str], ...]
    claims: tuple[Identity, ...]
    year: int

    def cell(self, number: str, column: int) -> Cell | None:
        """The cell of an item in one of the page's columns."""
        return self.sheet.cells.get((self.rows.get(number, 0), self.columns.get(column, 0)))

    def address(self, number: str, column: int) -> str:
        """Its A1 address, empty where the row or column is gone."""
        row, at = self.rows.get(number), self.columns.get(column)
        return "" if row is None or at is None else cell_name(row, at)

    def text(self, number: str, column: int) -> str:
        """What is written there, as people see it."""
        return cell_text(self.cell(number, column))

    def digest(self, number: str) -> str:
        """By what is seen whether the row's printed texts are as they went out."""
        printed = (page_layout.TITLE, page_layout.TARGET, page_layout.TERM)
        return page_layout.digest(*(self.text(number, column) for column in printed))


def sealed_numbers(content: str) -> dict[str, str]:
    """The numbers of the rows that a form was issued with, each with its digest."""
    _, mark, rest = content.rpartition(_SEALED)
    if not mark:
        return {}
    try:
        return {str(number): str(said) for number, said in json.loads(rest[:-1])}
    except (ValueError, TypeError):
        return {}


def find_pages(
    workbook: AnyWorkbook, reading: Reading, numbers: Sequence[str], year: int
) -> list[PageReading]:
    """Every page 重点工作 of a workbook; ``numbers`` are the form's, all that stand there where not known."""
    skipped = {layout.META_SHEET, layout.NOTES_SHEET, fold(reading.sheet.name)}
    found = []
    for name in workbook.sheet_names:
        if fold(name) in skipped:
            continue
        sheet = workbook.sheet(name, REGION)
        head = _heading_row(sheet)
        if head is not None:
            found.append(_page(sheet, *head, numbers, year))
    return found


def own_pages(pages: Sequence[PageReading], identity: Identity) -> list[PageReading]:
    """Those that are of this form's district and month; the ones that say so before those that say nothing.

    A page of an earlier round is its own too.
    """
    own = [page for page in pages if not page.claims or _is_of(page, identity)]
    return [page for page in own if page.claims] or own


def _is_of(page: PageReading, identity: Identity) -> bool:
    return any(claim[:3] == identity[:3] for claim in page.claims)


def visible_items(pages: Sequence[PageReading]) -> list[list[str]]:
    """What the seal would cover of a page as it is seen; for a form whose sealed sheet was cut."""
    if len(pages) != 1:
        return []
    page = pages[0]
    at = sorted(page.rows.items(), key=lambda each: each[1])
    return [[number, page.digest(number)] for number, _ in at]


def _heading_row(sheet: Sheet) -> tuple[int, dict[int, int]] | None:
    by_row: dict[int, dict[int, int]] = {}
    for (row, column), cell in sheet.cells.items():
        if cell.kind == TEXT and isinstance(cell.value, str) and len(cell.value) < _LONGEST_HEADING:
            own = _COLUMNS.get(fold(cell.value))
            if own:
                by_row.setdefault(row, {}).setdefault(own, column)
    whole = (row for row in sorted(by_row) if by_row[row].keys() >= _REQUIRED)
    row = next(whole, 0)
    return (row, by_row[row]) if row else None


def _page(
    sheet: Sheet, head: int, columns: dict[int, int], numbers: Sequence[str], year: int
) -> PageReading:
    keyed, claims = _keys(sheet, head)
    at = columns.get(page_layout.ORDER, 0)
    shown: dict[int, str] = {}
    for (row, column), cell in sorted(sheet.cells.items()):
        if row > head and column == at and cell.value is not None:
            shown[row] = cell_text(cell)
    folded = {fold(number): number for number in numbers or keyed.values()}
    named = [(row, folded[fold(text)]) for row, text in shown.items() if fold(text) in folded]
    counts = Counter(number for _, number in named)
    rows = {number: row for row, number in reversed(named)}
    taken = {row for row, _ in named}
    for row, number in keyed.items():
        # A number that was changed or deleted: the hidden key says whose row it is.
        if number in folded.values() and number not in rows and row not in taken:
            rows[number] = row
            taken.add(row)
    entries = {columns[column] for column in ENTRIES if column in columns}
    filled = {row for row, column in sheet.cells if row > head and column in entries}
    others = tuple((row, shown.get(row, "")) for row in sorted(filled - taken))
    twice = tuple(number for number, times in counts.items() if times > 1)
    return PageReading(sheet, head, columns, rows, twice, others, claims, year)


def _keys(sheet: Sheet, head: int) -> tuple[dict[int, str], tuple[Identity, ...]]:
    """The hidden keys by row, and the identities."""
    keys: dict[int, str] = {}
    claims: list[Identity] = []
    for (row, _), cell in sheet.cells.items():
        text = cell.value
        if cell.kind != TEXT or not isinstance(text, str):
            continue
        if row > head and text.startswith(KEY_MARK):
            keys[row] = text.removeprefix(KEY_MARK)
        elif row < head and "XLA" in text:
            claims += find_identities(text)
    return keys, tuple(claims)


def cell_text(cell: Cell | None) -> str:
    """What is written in a cell, as people see it; of an error or a formula without a result nothing."""
    if cell is None or cell.value is None or cell.kind in (FAULT, NO_VALUE):
        return ""
    if cell.kind == DATE:
        return date_text(cell.value)
    if cell.kind == NUM and isinstance(cell.value, int | float):
        return number_text(cell.value)
    if cell.kind == BOOL:
        return "是" if cell.value else "否"
    return visible(str(cell.value)).strip().encode("utf-8", "replace").decode()


def read_reports(page: PageReading, numbers: Sequence[str]) -> Iterator[ItemReport]:
    """What is reported of each of these items that has a row."""
    for number in numbers:
        if number in page.rows:
            state, progress, trouble, measures, expected = (
                page.text(number, column) for column in ENTRIES
            )
            yield ItemReport(
                number,
                _STATES.get(fold(state), ""),
                progress,
                trouble,
                measures,
                read_day(expected, page.year) or expected,
                page.address(number, page_layout.STATE),
            )
