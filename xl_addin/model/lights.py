"""Lights (灯): whether what was done is what is due.

Each is a word and a shape besides its colour: a colour-blind reader and a grey printer tell them
apart as well.
"""

from __future__ import annotations

from xl_addin.model.records import RATE, Indicator, Number
from xl_addin.system.light import NamedTuple

BLUE, GREEN, YELLOW, RED, GREY = "蓝", "绿", "黄", "红", "灰"
NO_LIGHT = ""
_NOISE = 1e-9


class LightSpec(NamedTuple):
    """How a light is shown: its shape, and what it says in words."""

    shape: str
    meaning: str


LIGHTS = {
    BLUE: LightSpec("★", "已完成全年任务"),
    GREEN: LightSpec("●", "达到序时"),
    YELLOW: LightSpec("▲", "低于序时"),
    RED: LightSpec("▼", "严重滞后"),
    GREY: LightSpec("○", "没有数据或不判断"),
}


def judge_light(
    item: Indicator,
    cumulative: Number | None,
    target: Number | None,
    due: Number | None,
    near: Number,
    behind: Number,
) -> str:
    """The light of a figure, NO_LIGHT where there is no target or nothing is due and nothing done.

    ``due`` is None where it is not to be judged. ``near`` and ``behind`` are percentage points of the
    target: up to ``near`` below what is due is still green, more than ``behind`` is red.
    """
    if not target or target < 0:
        return NO_LIGHT
    if cumulative is None:
        return GREY
    if cumulative >= target - _NOISE:
        return BLUE
    if due is None:
        return GREY
    if not due and not cumulative:
        return NO_LIGHT
    return light_of_gap(
        (due - cumulative) / (1 if item.measure == RATE else target / 100), near, behind
    )


def light_of_gap(gap: Number, near: Number, behind: Number) -> str:
    """The light of what is so many percentage points below what is due."""
    if gap <= near + _NOISE:
        return GREEN
    return RED if gap > behind + _NOISE else YELLOW
