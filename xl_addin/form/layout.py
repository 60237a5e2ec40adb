"""What stands where in a form, and what it says: the same for all districts of a month."""

from __future__ import annotations

from collections.abc import Mapping

from xl_addin.model.records import FLOW, Indicator
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
ORDER, LABEL, UNIT, TARGET, PREVIOUS, MONTH, CUMULATIVE, RATE, REMARK, CHECK = range(1, 11)
KEY = 11
REVIEW = 12
"""审核意见, beside the hidden keys; only a form that comes back for correction has it."""
REVIEW_HEADING = "审核意见"
WRONG, WRONG_TEXT, DOUBTFUL = "wrong", "wrong_text", "doubtful"
READY = "可以上报"


class Terms(NamedTuple):
    """What the form says besides figures. ``deadline_day`` is a day of the following month."""

    title: str
    deadline_day: int
    contact: str
    phone: str


class Review(NamedTuple):
    """What a form says that comes back for correction.

    ``marks`` maps indicator codes to WRONG, WRONG_TEXT or DOUBTFUL, ``reasons`` to what is said in
    the row; ``summary`` stands above the table.
    """

    summary: str
    marks: Mapping[str, str]
    reasons: Mapping[str, str]


def input_column(indicator: Indicator) -> int:
    """Where a district types: the month's addition of a flow, the state of a stock."""
    return MONTH if indicator.measure == FLOW else CUMULATIVE
