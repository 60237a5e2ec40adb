"""What stands where on a form's page 重点工作, and what it says: the same for all districts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from xl_addin.model.names import plain
from xl_addin.model.records import ERROR, ItemReport
from xl_addin.model.work_items import BEHIND, STATE_LABELS, PageItem
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.values import day_number

SHEET = "重点工作"
HEADINGS = (
    "编号",
    "重点工作",
    "目标要求",
    "完成时限",
    "上月情况",
    "本月状态",
    "进展情况",
    "存在问题",
    "下一步措施",
    "预计完成",
    "校验",
)
ORDER, TITLE, TARGET, TERM, LAST, STATE, PROGRESS, TROUBLE, MEASURES, EXPECTED, CHECK = range(1, 12)
KEY = 12
REVIEW = 13
"""审核意见, beside the hidden keys; only a form that comes back for correction has it."""
ENTRIES = (STATE, PROGRESS, TROUBLE, MEASURES, EXPECTED)
REASONS = (TROUBLE, MEASURES, EXPECTED)
"""What has to be said of an item that is behind."""
STATUS_ROW, UNIT_ROW, NOTE_ROW, HEADER_ROW = 2, 3, 4, 5
FIRST_ROW = HEADER_ROW + 1
MARKED_ROW = FIRST_ROW + 1
"""The rows that a district's are made after: the one as it goes out, the other marked as wrong."""
KEY_MARK = "XLW:"
READY = "本页填好了"
NO_STATE, BAD_STATE, BAD_DAY = "未选状态", "状态请从列表里选", "预计完成要填日期"
NO_REASON = "滞后：问题、措施、日期都要填"
BEHIND_RULE = "item-behind-without-reason"


class PageReview(NamedTuple):
    """What the page says that comes back: ``marks`` are (number, column) to be changed, ``reasons`` by number."""

    summary: str
    marks: frozenset[tuple[str, int]]
    reasons: Mapping[str, str]


def check_formula(row: int, severities: Mapping[str, str]) -> str:
    """What stands in 校验 of a row: plain functions, of the row's own cells only."""
    state, trouble, measures, expected = (f"{sign}{row}" for sign in "FHIJ")
    typed = f'SUBSTITUTE(SUBSTITUTE({state}," ",""),"　","")'
    labels = ",".join(f'"{label}"' for label in STATE_LABELS.values())
    says = f'IF({expected}="","",IF(ISNUMBER({expected}),"","{BAD_DAY}"))'
    if severities.get(BEHIND_RULE) == ERROR:
        lacking = ",".join(f'TRIM({at})=""' for at in (trouble, measures, expected))
        behind = f'AND({typed}="{STATE_LABELS[BEHIND]}",OR({lacking}))'
        says = f'IF({behind},"{NO_REASON}",{says})'
    says = f'IF(ISNUMBER(MATCH({typed},{{{labels}}},0)),{says},"{BAD_STATE}")'
    return f'=IF({typed}="","{NO_STATE}",{says})'


def check_entries(entries: Sequence[object], severities: Mapping[str, str]) -> str:
    """What ``check_formula`` comes to; ``entries`` are as in ENTRIES, None where nothing stands."""
    state, _, trouble, measures, expected = entries
    typed = "".join(_text(state).replace("\u3000", "").split(" "))
    if not typed:
        return NO_STATE
    if typed not in STATE_LABELS.values():
        return BAD_STATE
    lacking = any(not _text(each).strip(" ") for each in (trouble, measures, expected))
    if severities.get(BEHIND_RULE) == ERROR and typed == STATE_LABELS[BEHIND] and lacking:
        return NO_REASON
    return BAD_DAY if isinstance(expected, str) and expected else ""


def _text(value: object) -> str:
    return "" if value is None else str(value)


def as_entries(report: ItemReport) -> tuple[Value, ...]:
    """A report as it stands in the cells of ENTRIES: a day as the number that a sheet keeps for it."""
    label = STATE_LABELS.get(report.state)
    day = day_number(report.expected) if is_day(report.expected) else report.expected
    return label, report.progress, report.trouble, report.measures, day


def is_day(text: str) -> bool:
    """Whether a text is a day as ``calendar.read_day`` gives it."""
    return len(text) == len("2023-09-30") and text[4::3] == "--" and text.replace("-", "").isdigit()


def status(wrong: int) -> str:
    """What the page says above its table while so many rows are not filled in right."""
    return f"还有 {wrong} 处要填或要改" if wrong else READY


def digest(title: str, target: str, term: str) -> str:
    """By what a change of a row's printed texts is told, however they were wrapped and saved."""
    said = "|".join(_fold(text) for text in (title, target, term))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:8]


_PIECE = 900


def _fold(text: str) -> str:
    """``names.plain`` of a text of any length."""
    if len(text) <= _PIECE:
        return plain(text)
    return "".join(plain(text[at : at + _PIECE]) for at in range(0, len(text), _PIECE))


def sealed_items(items: Sequence[PageItem]) -> list[list[str]]:
    """What the seal covers of a page: each row's number with the digest of what is printed in it."""
    return [[item.number, digest(item.title, item.target, item.term)] for item in items]


def printed(item: PageItem) -> Iterator[tuple[int, str]]:
    """A row's printed texts by column."""
    yield from (
        (ORDER, item.number),
        (TITLE, item.title),
        (TARGET, item.target),
        (TERM, item.term),
        (LAST, item.last_state),
    )
