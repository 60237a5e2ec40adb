"""What stands where in a form, and what it says: the same for all districts of a month."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from xl_addin.model.names import is_percent_unit
from xl_addin.model.records import ADDED_UP, Indicator, Number
from xl_addin.system.light import NamedTuple

SHEET = "任务进度"
NOTES_SHEET = "填报说明"
META_SHEET = "_meta"
PLACEHOLDER = "XLA-IDENTITY-GOES-HERE"
IDENTITY_NAME = "form_identity"

HEADINGS = (
    "序号",
    "指标",
    "计量单位",
    "年度任务数",
    "上月累计",
    "本月完成",
    "本月累计",
    "完成率",
    "说明",
    "校验",
)
STATUS_ROW, UNIT_ROW, NOTE_ROW, HEADER_ROW = 2, 3, 5, 6
FIRST_ROW = HEADER_ROW + 1
ORDER, LABEL, UNIT, TARGET, PREVIOUS, MONTH, CUMULATIVE, COMPLETION, REMARK, CHECK = range(1, 11)
KEY = 11
REVIEW = 12
"""审核意见, beside the hidden keys; only a form that comes back for correction has it."""
REVIEW_HEADING = "审核意见"
LAST_YEAR, GROWTH = 13, 14
"""上年同期 and 同比, to look at; only where the programme has last year's figures."""
HEADING_OF = {**dict(enumerate(HEADINGS, 1)), LAST_YEAR: "上年同期", GROWTH: "同比"}
WRONG, WRONG_TEXT, DOUBTFUL = "wrong", "wrong_text", "doubtful"
READY = "可以上报"
PAGE_WAITS = "还有“重点工作”一页没有填好"
READY_AGAIN = "“校验”没有问题了；请再看“审核意见”，都改好就可以发回"
"""What a form that comes back says instead: it does not see all that the city saw."""


class Terms(NamedTuple):
    """What the form says besides figures. ``deadline_day`` is a day of the following month.

    ``same_period`` says that it shows last year's cumulatives too.
    """

    title: str
    deadline_day: int
    contact: str
    phone: str
    same_period: bool = False


class Review(NamedTuple):
    """What a form says that comes back for correction.

    ``marks`` maps indicator codes to WRONG, WRONG_TEXT or DOUBTFUL, ``total_marks`` likewise for 本月累计
    beside a typed addition, ``reasons`` to what is said in the row; ``summary`` stands above the table.
    """

    summary: str
    marks: Mapping[str, str]
    reasons: Mapping[str, str]
    total_marks: Mapping[str, str] = MappingProxyType({})


def input_column(indicator: Indicator) -> int:
    """Where a district types: the month's addition, or how things are at its end."""
    return MONTH if indicator.measure in ADDED_UP else CUMULATIVE


def total_column(indicator: Indicator) -> int:
    """Where it may give the year's figure beside an addition; 0 where that is all it types."""
    return CUMULATIVE if indicator.measure in ADDED_UP else 0


def shown_amount(amount: Number | None, indicator: Indicator) -> Number | None:
    """A figure as it stands in a cell: percents as fractions, which the cell's format shows as percents."""
    if amount is None or not is_percent_unit(indicator.unit):
        return amount
    return round(amount / 100, 12)


def banner(rows: int, ready: str) -> str:
    """What the form says above the table while so many rows are wrong."""
    return f"还有 {rows} 处问题" if rows else ready
