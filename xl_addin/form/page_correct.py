"""What is carried over of a page 重点工作 into the form that goes back, and what is said about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xl_addin.form import page_layout as at
from xl_addin.form.page_layout import PageReview
from xl_addin.form.page_read import PageReading
from xl_addin.form.page_stamp import PageFilling
from xl_addin.model.calendar import read_day
from xl_addin.model.problems import statement
from xl_addin.model.records import ERROR, Problem
from xl_addin.model.work_items import PageItem
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import position
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.values import day_number


class CorrectedPage(NamedTuple):
    """What goes onto the page: ``listed`` are the reasons for the letter, ``errors`` how many have to be met."""

    filling: PageFilling
    listed: tuple[str, ...]
    errors: int


def correct_page(
    page: PageReading | None, problems: Sequence[Problem], items: Sequence[PageItem]
) -> CorrectedPage:
    """The page's entries as they were typed, by the numbers that the form has now, and the remarks.

    ``page`` is None where none came that is the district's; ``problems`` are those of the page.
    """
    numbers = [item.number for item in items]
    rows = {row: number for number, row in page.rows.items()} if page else {}
    columns = {now: own for own, now in page.columns.items()} if page else {}
    marks: set[tuple[str, int]] = set()
    reasons: dict[str, list[str]] = {}
    elsewhere: list[str] = []
    for problem in sorted(problems, key=lambda each: each.severity != ERROR):
        row, column = position(problem.cell) if problem.cell else (0, 0)
        number = rows.get(row, "")
        says = statement(problem).removeprefix(f"（{number}）")
        says = says if problem.severity == ERROR else f"请核对：{says}"
        if number not in numbers:
            elsewhere.append(says)
            continue
        reasons.setdefault(number, []).append(says)
        if problem.severity == ERROR and columns.get(column, 0) in at.ENTRIES:
            marks.add((number, columns[column]))
            if problem.code == at.BEHIND_RULE and page:
                marks |= {(number, each) for each in at.REASONS if not page.text(number, each)}
    entries = dict(_entries(page, numbers)) if page else {}
    listed = (
        *(f"重点工作：{says}" for says in elsewhere),
        *(f"重点工作 {number}：{'；'.join(said)}" for number, said in reasons.items()),
    )
    errors = sum(problem.severity == ERROR for problem in problems)
    review = PageReview(
        _summary(errors, elsewhere),
        frozenset(marks),
        {number: "\n".join(said) for number, said in reasons.items()},
    )
    return CorrectedPage(PageFilling(entries, review), listed, errors)


def _entries(page: PageReading, numbers: Sequence[str]) -> Iterator[tuple[str, tuple[Value, ...]]]:
    for number in numbers:
        if number in page.rows:
            texts = [page.text(number, column) or None for column in at.ENTRIES]
            day = read_day(texts[-1] or "", page.year)
            yield number, (*texts[:-1], day_number(day) if day else texts[-1])


def _summary(errors: int, elsewhere: Sequence[str]) -> str:
    said = "这一页没有要改的地方。"
    if errors:
        said = f"这一页有 {errors} 处要改：要改的格子是红色的，原因写在右边“审核意见”一列；填对的不用重填。"
    return "\n".join((said, *(f"· {line}" for line in elsewhere[:8])))
