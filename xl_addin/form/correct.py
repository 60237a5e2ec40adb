"""退回修改: a rejected return as its district's own form again, with what is wrong marked in it.

Pure. Figures are carried over as they were typed, inputs only; what was typed where nothing belongs
is said and not carried over. Where a row stood in the return does not matter: it is found by its key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xl_addin.form import layout
from xl_addin.form.blank import build_form
from xl_addin.form.layout import READY_AGAIN, Review, Terms, input_column, total_column
from xl_addin.form.read import Reading
from xl_addin.form.stamp import FormTemplate, Issue, is_number
from xl_addin.form.texts import head_entries
from xl_addin.model.entry import nearly_equal
from xl_addin.model.problems import statement
from xl_addin.model.records import (
    BOTH,
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
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx.a1 import position
from xl_addin.xlsx.cells import BOOL, DATE, NO_VALUE, NUM, TEXT, Value
from xl_addin.xlsx.package import deflate, inflate, pack, unpack
from xl_addin.xlsx.patch import set_cells
from xl_addin.xlsx.values import date_text, quote, read_shown

if TYPE_CHECKING:
    from xl_addin.form.page_correct import CorrectedPage

_HEAD = {FILLED_BY: (3, 4), PHONE: (3, 7), REVIEWED_BY: (4, 2), FILLED_ON: (4, 4)}
_LONGEST = 200
_SHEET_PART = "xl/worksheets/sheet1.xml"


ONLY_PAGE = (
    "“任务进度”的数已经收下，不用再改；只有“重点工作”一页要改，要改的格子是红色的，原因写在那一页右边“审核意见”一列。"
    "改好后把这个文件发回。"
)


class Correction(NamedTuple):
    """What goes into the form: what was typed, by indicator, the other entries, and the remarks.

    ``typed`` are figures, ``totals`` 本月累计 given beside them, ``remarks`` 说明. ``elsewhere`` are the
    reasons that belong to no row, ``listed`` all of them, for the letter: one line for a row.
    ``wrong`` are the indicators in whose rows something has to be changed, ``errors`` counts these
    and what is wrong elsewhere; ``page`` is the page 重点工作, None where the form has none.
    """

    typed: Mapping[str, Number | str]
    totals: Mapping[str, Number | str]
    remarks: Mapping[str, str]
    entries: Mapping[tuple[int, int], Value]
    review: Review
    elsewhere: tuple[str, ...]
    listed: tuple[str, ...]
    wrong: frozenset[str]
    errors: int
    page: CorrectedPage | None = None

    @property
    def all_errors(self) -> int:
        """In how many places something has to be changed, on the page 重点工作 too."""
        return self.errors + (self.page.errors if self.page else 0)


def correct(
    reading: Reading,
    problems: Sequence[Problem],
    indicators: Sequence[Indicator],
    round_: int,
    file: str,
    page: CorrectedPage | None = None,
) -> Correction:
    """What is carried over from a return and what is said about it; ``file`` is its name.

    ``problems`` are those of its figures; ``page`` is what becomes of the page 重点工作.
    """
    typed: dict[str, Number | str] = {}
    totals: dict[str, Number | str] = {}
    remarks: dict[str, str] = {}
    for item in indicators:
        value = _carry_over(reading, item, input_column(item))
        total = _carry_total(reading, item)
        remark = reading.cell(item.code, layout.REMARK)
        if value is not None:
            typed[item.code] = value
        if total is not None:
            totals[item.code] = total
        if remark is not None and remark.value is not None:
            remarks[item.code] = quote(remark)[:_LONGEST]
    said = _sort_problems(reading, problems, indicators, (typed, totals), file)
    wrong_elsewhere = sum(problem.severity == ERROR for problem in said.elsewhere)
    errors = len(said.wrong) + wrong_elsewhere
    doubtful = len(said.reasons) - len(said.wrong) + len(said.elsewhere) - wrong_elsewhere
    elsewhere = tuple(_says(problem, file) for problem in said.elsewhere)
    summary = _summary_text(errors, doubtful, elsewhere, round_)
    if page is not None and page.errors:
        summary += f"\n“重点工作”一页另有 {page.errors} 处要改。" if errors else ""
        only = "\n".join(
            (f"退回修改（第 {round_} 轮）：{ONLY_PAGE}", *(f"· {e}" for e in elsewhere[:8]))
        )
        summary = summary if errors else only
    labels = {item.code: item.label for item in indicators}
    rows = {code: "；".join(reasons) for code, reasons in said.reasons.items()}
    return Correction(
        typed,
        totals,
        remarks,
        dict(_head_entries(reading)),
        Review(
            summary,
            said.marks,
            {code: "\n".join(reasons) for code, reasons in said.reasons.items()},
            said.total_marks,
        ),
        elsewhere,
        (
            *elsewhere,
            *(f"{labels[code]}：{says}" for code, says in rows.items()),
            *(page.listed if page else ()),
        ),
        frozenset(said.wrong),
        errors,
        page,
    )


def _carry_over(reading: Reading, item: Indicator, column: int) -> Number | str | None:
    """A figure as it was typed: read where it can be, else the text that stands there."""
    cell = reading.cell(item.code, column)
    if cell is None or cell.kind == NO_VALUE:
        return None
    look = reading.sheet.format_codes.get(cell.style, "")
    written = read_shown(cell, item.unit, look)
    if written.state == NUMBER:
        return written.value
    if cell.kind == NUM and isinstance(cell.value, int | float):
        # A percent that is no count, or a fraction that may be one: as it was seen.
        return written.found if written.code else cell.value
    if cell.kind in (DATE, BOOL):
        return date_text(cell.value) if cell.kind == DATE else quote(cell)
    return str(cell.value).strip()[:_LONGEST] or None


def _carry_total(reading: Reading, item: Indicator) -> Number | str | None:
    """本月累计 where the district typed it: not what a formula comes to, nor what only repeats it."""
    cell = reading.cell(item.code, total_column(item)) if total_column(item) else None
    own = cell is not None and (cell.formula is None or item.measure == BOTH)
    if not own or not (reading.tells_formulas or item.measure == BOTH):
        return None
    total = _carry_over(reading, item, total_column(item))
    before = _carry_over(reading, item, layout.PREVIOUS)
    added = _carry_over(reading, item, layout.MONTH)
    if item.measure != BOTH and is_number(total) and is_number(before) and is_number(added):
        return None if nearly_equal(total, before + added) else total
    return total


def _head_entries(reading: Reading) -> Iterator[tuple[tuple[int, int], Value]]:
    """What stands in the head of the form, for where it stands in a fresh one."""
    for field, entry in head_entries(reading).items():
        if entry.cell is not None:
            value = entry.cell.value
            number = isinstance(value, int | float) and entry.cell.kind != TEXT
            yield _HEAD[field], value if number else str(value)[:_LONGEST]


class _Sorted(NamedTuple):
    """Reasons and marks by indicator, in whose rows something is wrong, and what belongs to no row."""

    reasons: dict[str, list[str]]
    marks: dict[str, str]
    total_marks: dict[str, str]
    wrong: set[str]
    elsewhere: list[Problem]


def _sort_problems(
    reading: Reading,
    problems: Sequence[Problem],
    indicators: Sequence[Indicator],
    typed: tuple[Mapping[str, Number | str], Mapping[str, Number | str]],
    file: str,
) -> _Sorted:
    by_code = {item.code: item for item in indicators}
    codes = {row: code for code, row in reading.rows.items()}
    columns = {at: column for column, at in reading.columns.items()}
    said = _Sorted({}, {}, {}, set(), [])
    for problem in sorted(problems, key=lambda each: each.severity != ERROR):
        row, at = position(problem.cell) if problem.cell else (0, 0)
        code, column = codes.get(row, ""), columns.get(at, 0)
        if code not in by_code:
            said.elsewhere.append(problem)
            continue
        says, item = _says(problem, file), by_code[code]
        own = {input_column(item): 0, total_column(item): 1}
        if column and column in own:
            marks = (said.marks, said.total_marks)[own[column]]
            text = isinstance(typed[own[column]].get(code), str)
            wrong = layout.WRONG_TEXT if text else layout.WRONG
            marks.setdefault(code, wrong if problem.severity == ERROR else layout.DOUBTFUL)
        elif column and column != layout.REMARK:
            instead = "有出入请写在“说明”里"
            if column == layout.PREVIOUS and total_column(item):
                instead = "以前月份有出入，请直接改“本月累计”，并在“说明”里写原因"
            heading, found = layout.HEADING_OF[column], problem.found
            says = f"“{heading}”改成了“{found}”，已经恢复；这一格不要改动，{instead}"
        said.reasons.setdefault(code, []).append(says)
        if problem.severity == ERROR:
            said.wrong.add(code)
    return said


def _says(problem: Problem, file: str) -> str:
    says = statement(problem, file)
    return says if problem.severity == ERROR else f"请核对：{says}"


def _summary_text(errors: int, doubtful: int, elsewhere: Sequence[str], round_: int) -> str:
    said = [f"退回修改（第 {round_} 轮）：有 {errors} 处要改"]
    said += [f"，另有 {doubtful} 处请核对" if doubtful else ""]
    said += [
        "。要改的格子是红色的，请核对的是橙色的，原因写在右边“审核意见”一列；"
        "改好后把这个文件发回，填对的不用重填。"
    ]
    lines = ["".join(said), *(f"· {line}" for line in elsewhere[:8])]
    if len(elsewhere) > 8:
        lines.append(f"· ……另有 {len(elsewhere) - 8} 处")
    return "\n".join(lines)


def _beyond_checks(correction: Correction, seen: set[str]) -> str:
    """How many of the places the form's own count leaves out, so that the two counts agree."""
    unseen = correction.errors - len(correction.wrong & seen)
    return f"\n其中 {unseen} 处“校验”一列看不出来，以审核意见为准。" if unseen else ""


def corrected_form(
    issue: Issue,
    correction: Correction,
    indicators: Sequence[Indicator],
    severities: Mapping[str, str],
    terms: Terms,
) -> bytes:
    """The district's form of the next round, marked. It is a form like any other to collect."""
    # Room for all that is said above the table.
    room = f"{correction.review.summary}\n\n{issue.note}"
    page = correction.page.filling if correction.page and issue.page else None
    review = correction.review._replace(summary=room)
    blank = build_form(
        indicators, severities, terms, review, page.review or True if page else False
    )
    template = FormTemplate(blank, indicators, severities, terms.title, READY_AGAIN)
    filled = (correction.typed, correction.totals, correction.remarks)
    beyond = _beyond_checks(correction, template.wrong_rows(issue, *filled))
    summary = f"{correction.review.summary}{beyond}\n{issue.note}"
    parts = unpack(template.stamp(issue, *filled, page))
    entries = {(layout.NOTE_ROW, 1): summary, **correction.entries}
    sheet = set_cells(inflate(parts[_SHEET_PART]), entries)
    parts[_SHEET_PART] = deflate(_SHEET_PART, sheet)
    return pack(parts.values())
