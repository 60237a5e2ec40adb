"""The line under a sheet's title: a formula of month and red line, and what it reads."""

from __future__ import annotations

from collections.abc import Mapping

from xl_addin.model.records import Number
from xl_addin.model.settings import BY_SCORE, BY_STANDING, SETTINGS
from xl_addin.model.sheets import (
    BEHIND_CELL,
    COMPLETION_NOTE,
    COUNTED_SHEET,
    CUMULATIVE_NOTE,
    DUE_GAP_SUFFIX,
    DUE_SHEET,
    LIGHTS_SHEET,
    MONTH_CELL,
    MONTH_NOTE,
    OPENINGS_BLOCK,
    PROGRESS_NOTE,
    RANKED_CELL,
    TREND_NOTE,
    VARIANCE_NOTE,
    YEAR_GAP,
)

MONTH_NUMBER = f"VALUE(RIGHT({MONTH_CELL},2))"
DEFAULT_BEHIND = next(s.default for s in SETTINGS if s.key == "behind")
BEHIND = f"IF(ISNUMBER({BEHIND_CELL}),{BEHIND_CELL},{DEFAULT_BEHIND})"
INCOMPLETE = "带 * 和虚线框的累计不全"

_MONTH, _BEHIND, _OPENED, _RANKED = object(), object(), object(), object()
BY_SCORE_WORDS = "名次按考核得分"
_BY_STANDING_WORDS = "名次按综合完成率和应完成的比（缺月办法为“照计”的按综合完成率）"
_WITH_OPENINGS = "含年初累计。"
_KNOWN = "空白是还没有报（不当作 0），“—”是不适用。"
_LIGHTS = (
    f"颜色和形状跟“{LIGHTS_SHEET}”一致：和“{DUE_SHEET}”比，滞后红线 ",
    _BEHIND,
    " 个百分点。空白是还没有数据或没有任务。",
)
_NOTES: Mapping[str, tuple[object, ...]] = {
    MONTH_NOTE: (_MONTH, " 当月完成数；比率是当月的率，不相加。", _KNOWN),
    CUMULATIVE_NOTE: (
        "截至 ",
        _MONTH,
        " 的累计完成数，只算已通过的填报表。",
        _OPENED,
        f"{INCOMPLETE}，缺哪几个月看“{COUNTED_SHEET}”；"
        f"最右两列是缺得最多的指标已计几个月、各指标一共缺哪些月。{_KNOWN}",
    ),
    COMPLETION_NOTE: (
        "截至 ",
        _MONTH,
        f"，完成率 = 累计完成 ÷ 现行任务。{INCOMPLETE}，缺哪几个月看“{COUNTED_SHEET}”。",
        *_LIGHTS,
    ),
    VARIANCE_NOTE: (
        "截至 ",
        _MONTH,
        f"，左边 {YEAR_GAP} = 累计完成 − 现行任务，右边 {DUE_GAP_SUFFIX} = 累计完成 − 应完成数；负数是还差多少。",
        *_LIGHTS,
    ),
    PROGRESS_NOTE: (
        "截至 ",
        _MONTH,
        "。目标任务是现行任务（含年中调整），进度是累计完成，完成比例 = 进度 ÷ 目标任务。综合完成率是各项完成比例按"
        "“指标”里的权重平均，每项最多算到“单项封顶”；",
        _RANKED,
        f"，相同的并列。{INCOMPLETE}，缺哪几个月看备注。{_KNOWN}",
    ),
    TREND_NOTE: (
        "截至 ",
        _MONTH,
        "。口径为“当月数”“两者都填”的指标，各月是当月新增，“补报核减”是区县改报的年累计比各月相加多出的数；"
        "口径为“累计数”“比率”的指标，各月是月末状态。同期和同比只算两年都有完整累计的区县，见“汇总”。"
        "空白是还没有数据。",
    ),
}


def note_formula(name: str) -> str:
    """The line under a sheet's title, as a formula."""
    opened = f'IF(COUNT({OPENINGS_BLOCK})>0,"{_WITH_OPENINGS}","")'
    ranked = f'IF({RANKED_CELL}="{BY_SCORE}","{BY_SCORE_WORDS}","{_BY_STANDING_WORDS}")'
    live = {_MONTH: MONTH_CELL, _BEHIND: BEHIND, _OPENED: opened, _RANKED: ranked}
    pieces = [f'"{piece}"' if isinstance(piece, str) else live[piece] for piece in _NOTES[name]]
    return "=" + "&".join(pieces)


def note_text(
    name: str, month: str, behind: Number, *, opened: bool, ranked_by: str = BY_STANDING
) -> str:
    """What the line under a sheet's title reads for a month; ``opened`` where there are openings."""
    shown = {_MONTH: month, _BEHIND: f"{behind:g}", _OPENED: _WITH_OPENINGS if opened else ""}
    shown[_RANKED] = BY_SCORE_WORDS if ranked_by == BY_SCORE else _BY_STANDING_WORDS
    return "".join(piece if isinstance(piece, str) else shown[piece] for piece in _NOTES[name])
