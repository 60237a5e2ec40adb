"""What a district wrote beside its figures, read out of its form; and what that answers.

Pure. A text is what stands there, cut at ``LONGEST``; it is never taken for a figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from xl_addin.form import layout
from xl_addin.form.read import Reading
from xl_addin.model.names import fold
from xl_addin.model.records import (
    COMMENT,
    FILLED_BY,
    FILLED_ON,
    PHONE,
    REMARK,
    REVIEWED_BY,
    TEXT_LABELS,
    WARNING,
    Problem,
    Text,
)
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import Where, cell_name, position
from xl_addin.xlsx.cells import DATE, NUM, TEXT, Cell
from xl_addin.xlsx.values import date_text, number_text

LONGEST, MOST_COMMENTS = 2_000, 200
ANSWER = 4
"""So many letters or digits of 说明 are taken for an answer."""
_DISTRICT = "district"
_CAPTIONS = {
    **{TEXT_LABELS[field]: field for field in (FILLED_BY, REVIEWED_BY, PHONE, FILLED_ON)},
    "填报单位": _DISTRICT,
}
_LONGEST_CAPTION = 40  # letters typed, what cannot be seen among them


class HeadEntry(NamedTuple):
    """What stands beside a caption of the form's head; ``cell`` is None where nothing does."""

    where: Where
    cell: Cell | None


def head_entries(reading: Reading) -> dict[str, HeadEntry]:
    """Who filled in the form and when: what stands right of each caption, up to the next one."""
    cells, header = reading.sheet.cells, reading.header_row
    captions = [
        (at, field)
        for at, cell in cells.items()
        if at[0] < header and cell[0] == TEXT and (field := _captioned(cell[1]))
    ]
    found: dict[str, HeadEntry] = {}
    for (row, column), field in captions:
        if field == _DISTRICT:
            continue
        at = (row, column + 1)
        if at not in cells and (row, column + 2) in cells:
            at = (row, column + 2)
        entry = cells.get(at)
        own = entry is not None and entry.kind in (NUM, TEXT, DATE) and not _captioned(entry.value)
        found[field] = HeadEntry(at, entry) if own else HeadEntry((row, column + 1), None)
    return found


@lru_cache(maxsize=1024)
def _captioned(text: object) -> str:
    """What a text in the head is the caption of, empty for none."""
    plain = fold(text).rstrip(":") if isinstance(text, str) and len(text) < _LONGEST_CAPTION else ""
    return _CAPTIONS.get(plain, "")


def read_texts(reading: Reading, codes: Sequence[str]) -> tuple[Text, ...]:
    """说明 of each of these indicators, comments of cells, and what stands in the head of the form."""
    return tuple(_texts(reading, codes))


def _texts(reading: Reading, codes: Sequence[str]) -> Iterator[Text]:
    sheet, cells = reading.sheet.name, reading.sheet.cells
    column, places = reading.columns.get(layout.REMARK, 0), reading.rows
    for code in codes:
        at = places.get(code, 0), column
        if at in cells and (said := _said(cells[at])):
            yield Text(REMARK, code, sheet, cell_name(*at), said)
    rows: Mapping[int, str] = {}
    for at, comment in sorted((reading.comments or {}).items())[:MOST_COMMENTS]:
        rows = rows or {row: code for code, row in reading.rows.items() if code in codes}
        said = _fit(comment)
        if said:
            yield Text(COMMENT, rows.get(at[0], ""), sheet, cell_name(*at), said)
    for field, entry in head_entries(reading).items():
        said = _said(entry.cell)
        if said:
            yield Text(field, "", sheet, cell_name(*entry.where), said)


def _said(cell: Cell | None) -> str:
    """What is written in a cell; a number or a day as people see it."""
    if cell is None or cell.value is None:
        return ""
    if cell.kind == DATE:
        return date_text(cell.value)
    if cell.kind == NUM and isinstance(cell.value, int | float):
        return number_text(cell.value)
    return _fit(str(cell.value)) if cell.kind == TEXT else ""


def _fit(text: str) -> str:
    """A text that any file or database takes: bounded, without half surrogate pairs."""
    return text.strip()[:LONGEST].encode("utf-8", "replace").decode()


def remark_beside(problem: Problem, texts: Sequence[Text]) -> str:
    """说明 of the row that a problem is in, empty where there is none."""
    found = _remark_beside(problem, texts)
    return "" if found is None else found.text


def is_answered(problem: Problem, texts: Sequence[Text]) -> bool:
    """Whether a warning needs not be asked about again: the district wrote why, in the same row.

    What is asked about 说明 itself it does not answer.
    """
    remark = _remark_beside(problem, texts) if problem.severity == WARNING else None
    if remark is None or remark.cell == problem.cell:
        return False
    return sum(map(str.isalnum, remark.text)) >= ANSWER


def _remark_beside(problem: Problem, texts: Sequence[Text]) -> Text | None:
    if not problem.cell:
        return None
    row = position(problem.cell)[0]
    remarks = (text for text in texts if text.field == REMARK and text.sheet == problem.sheet)
    return next((text for text in remarks if position(text.cell)[0] == row), None)
