"""The line under a sheet's title: a formula of month and red line, and what it reads."""

from __future__ import annotations

from collections.abc import Mapping

from xl_addin.model.records import Number
from xl_addin.model.settings import SETTINGS
from xl_addin.model.sheets import (
    BEHIND_CELL,
    COMPLETION_NOTE,
    CUMULATIVE_NOTE,
    MONTH_CELL,
    MONTH_NOTE,
    TREND_NOTE,
    VARIANCE_NOTE,
)

MONTH_NUMBER = f"VALUE(RIGHT({MONTH_CELL},2))"
PROGRESS = f"{MONTH_NUMBER}/12"
DEFAULT_BEHIND = next(s.default for s in SETTINGS if s.key == "behind")
BEHIND = f"IF(ISNUMBER({BEHIND_CELL}),{BEHIND_CELL},{DEFAULT_BEHIND})"

_MONTH, _SHARE, _BEHIND = object(), object(), object()
_KNOWN = "空白是还没有报（不当作 0），“—”是不适用。"
_NOTES: Mapping[str, tuple[object, ...]] = {
    MONTH_NOTE: (_MONTH, " 当月完成数。", _KNOWN),
    CUMULATIVE_NOTE: ("截至 ", _MONTH, " 的累计完成数，只算已通过的填报表。", _KNOWN),
    COMPLETION_NOTE: (
        "截至 ",
        _MONTH,
        "，完成率 = 累计完成 ÷ 任务数；序时进度 ",
        _SHARE,
        "，滞后红线 ",
        _BEHIND,
        " 个百分点。空白是还没有数据或没有任务。",
    ),
    VARIANCE_NOTE: (
        "截至 ",
        _MONTH,
        "，差异 = 累计完成 − 任务数；序时进度 ",
        _SHARE,
        "，滞后红线 ",
        _BEHIND,
        " 个百分点。空白是还没有数据或没有任务。",
    ),
    TREND_NOTE: (
        "截至 ",
        _MONTH,
        "。口径为“当月数”的指标，各月是当月新增；口径为“累计数”的指标，各月是月末"
        "状态。空白是还没有数据。",
    ),
}


def note_formula(name: str) -> str:
    """The line under a sheet's title, as a formula."""
    live = {_MONTH: MONTH_CELL, _SHARE: f'TEXT({PROGRESS},"0.0%")', _BEHIND: BEHIND}
    pieces = [f'"{piece}"' if isinstance(piece, str) else live[piece] for piece in _NOTES[name]]
    return "=" + "&".join(pieces)


def note_text(name: str, month: str, behind: Number) -> str:
    """What the line under a sheet's title reads for a month."""
    shown = {_MONTH: month, _SHARE: f"{int(month[5:]) / 12:.1%}", _BEHIND: f"{behind:g}"}
    return "".join(piece if isinstance(piece, str) else shown[piece] for piece in _NOTES[name])
