"""退回修改: a rejected return as its district's own form again, with what is wrong marked in it.

Pure. Figures are carried over as they were typed, inputs only; what was typed where nothing belongs
is said and not carried over. Where a row stood in the return does not matter: it is found by its key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xl_addin.form import layout
from xl_addin.form.blank import build_form
from xl_addin.form.layout import Review, Terms, input_column
from xl_addin.form.read import Reading
from xl_addin.form.stamp import FormTemplate, Issue, gap_note
from xl_addin.form.texts import head_entries
from xl_addin.model.problems import statement
from xl_addin.model.records import (
    ERROR,
    FILLED_BY,
    FILLED_ON,
    NUMBER,
    PHONE,
    REVIEWED_BY,
    Indicator,
    Number,
    Problem,
)
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import position
from xl_addin.xlsx.cells import BOOL, DATE, NO_VALUE, NUM, TEXT, Cell, Value
from xl_addin.xlsx.package import deflate, inflate, pack, unpack
from xl_addin.xlsx.patch import set_cells
from xl_addin.xlsx.values import date_text, quote, read_number

_HEAD = {FILLED_BY: (3, 4), PHONE: (3, 7), REVIEWED_BY: (4, 2), FILLED_ON: (4, 4)}
_LONGEST = 200
_SHEET_PART = "xl/worksheets/sheet1.xml"


class Correction(NamedTuple):
    """What goes into the form: typed figures by indicator, the other entries, and the remarks.

    ``elsewhere`` are the remarks that belong to no row, ``listed`` all of them, for the letter.
    """

    typed: Mapping[str, Number | str]
    entries: Mapping[tuple[int, int], Value]
    review: Review
    elsewhere: tuple[str, ...]
    listed: tuple[str, ...]
    errors: int


def correct(
    reading: Reading,
    problems: Sequence[Problem],
    indicators: Sequence[Indicator],
    round_: int,
    file: str,
) -> Correction:
    """What is carried over from a return and what is said about it; ``file`` is its name."""
    typed: dict[str, Number | str] = {}
    entries: dict[tuple[int, int], Value] = dict(_head_entries(reading))
    for row, item in enumerate(indicators, layout.FIRST_ROW):
        value = _carry_over(reading.cell(item.code, input_column(item)), item.unit)
        if value is not None:
            typed[item.code] = value
        remark = reading.cell(item.code, layout.REMARK)
        if remark is not None and remark.kind == TEXT:
            entries[row, layout.REMARK] = str(remark.value)[:_LONGEST]
    reasons, marks, elsewhere, listed = _sort_problems(reading, problems, indicators, typed, file)
    errors = sum(problem.severity == ERROR for problem in problems)
    summary = _summary_text(errors, len(problems) - errors, elsewhere, round_)
    return Correction(
        typed, entries, Review(summary, marks, reasons), tuple(elsewhere), tuple(listed), errors
    )


def _carry_over(cell: Cell | None, unit: str) -> Number | str | None:
    """A figure as it was typed: read where it can be, else the text that stands there."""
    if cell is None or cell.kind == NO_VALUE:
        return None
    written = read_number(cell, unit)
    if written.state == NUMBER:
        return written.value
    if cell.kind == NUM and isinstance(cell.value, int | float):
        return cell.value
    if cell.kind in (DATE, BOOL):
        return date_text(cell.value) if cell.kind == DATE else quote(cell)
    return str(cell.value).strip()[:_LONGEST] or None


def _head_entries(reading: Reading) -> Iterator[tuple[tuple[int, int], Value]]:
    """What stands in the head of the form, for where it stands in a fresh one."""
    for field, entry in head_entries(reading).items():
        if entry.cell is not None:
            value = entry.cell.value
            number = isinstance(value, int | float) and entry.cell.kind != TEXT
            yield _HEAD[field], value if number else str(value)[:_LONGEST]


def _sort_problems(
    reading: Reading,
    problems: Sequence[Problem],
    indicators: Sequence[Indicator],
    typed: Mapping[str, Number | str],
    file: str,
) -> tuple[dict[str, str], dict[str, str], list[str], list[str]]:
    """Reasons and marks by indicator, what belongs to no row, and everything as a list."""
    labels = {item.code: item.label for item in indicators}
    inputs = {item.code: input_column(item) for item in indicators}
    codes = {row: code for code, row in reading.rows.items()}
    columns = {at: column for column, at in reading.columns.items()}
    reasons: dict[str, str] = {}
    marks: dict[str, str] = {}
    elsewhere: list[str] = []
    listed: list[str] = []
    for problem in sorted(problems, key=lambda each: each.severity != ERROR):
        row, at = position(problem.cell) if problem.cell else (0, 0)
        code, column = codes.get(row, ""), columns.get(at, 0)
        says = statement(problem, file)
        says = says if problem.severity == ERROR else f"请核对：{says}"
        if code not in labels:
            elsewhere.append(says)
            listed.append(says)
            continue
        if column == inputs[code]:
            wrong = layout.WRONG_TEXT if isinstance(typed.get(code), str) else layout.WRONG
            marks.setdefault(code, wrong if problem.severity == ERROR else layout.DOUBTFUL)
        elif column and column != layout.REMARK:
            says = (
                f"“{layout.HEADINGS[column - 1]}”改成了“{problem.found}”，已经恢复；这一格不要改动，"
                "有出入请写在“说明”里"
            )
        reasons[code] = f"{reasons[code]}\n{says}" if code in reasons else says
        listed.append(f"{labels[code]}：{says}")
    return reasons, marks, elsewhere, listed


def _summary_text(errors: int, warnings: int, elsewhere: Sequence[str], round_: int) -> str:
    said = [f"退回修改（第 {round_} 轮）：有 {errors} 处要改"]
    said += [f"，另有 {warnings} 处请核对" if warnings else ""]
    said += [
        "。要改的格子是红色的，原因写在右边“审核意见”一列；改好后把这个文件发回，填对的不用重填。"
    ]
    lines = ["".join(said), *(f"· {line}" for line in elsewhere[:8])]
    if len(elsewhere) > 8:
        lines.append(f"· ……另有 {len(elsewhere) - 8} 处")
    return "\n".join(lines)


def corrected_form(
    issue: Issue,
    correction: Correction,
    indicators: Sequence[Indicator],
    severities: Mapping[str, str],
    terms: Terms,
) -> bytes:
    """The district's form of the next round, marked. It is a form like any other to collect."""
    note = gap_note(issue.gaps, int(issue.identity.month[5:]))
    review = correction.review._replace(summary=f"{correction.review.summary}\n{note}")
    blank = build_form(indicators, severities, terms, review)
    data = FormTemplate(blank, indicators, severities, terms.title).stamp(issue, correction.typed)
    parts = unpack(data)
    entries = {(layout.NOTE_ROW, 1): review.summary, **correction.entries}
    sheet = set_cells(inflate(parts[_SHEET_PART]), entries)
    parts[_SHEET_PART] = deflate(_SHEET_PART, sheet)
    return pack(parts.values())
