"""考核: the ways in which points are lost or won, the rules and the points given by hand.

What ships as an example is the federation's own published rule (中国残疾人联合会统计工作考核办法): returns 1 point
a day and none from 4 days on, logical errors 1 point each and none from 5 on, the report 1 point a day and
none from 2 on. It is switched off: nobody is scored who did not ask for it.
"""

from __future__ import annotations

from decimal import Decimal

from xl_addin.model.records import Problem
from xl_addin.system.light import NamedTuple

DONE, LATE_DAYS, MISSES, ERRORS = "完成率", "每迟一天扣", "每缺一次扣", "每处错误扣"
PAPERS, WORKS, RANK_BONUS, BY_HAND = "材料按时", "台账滞后每项扣", "排名加分", "手工"
ADDED, AVERAGED = "累计", "平均"
NOT_JUDGED = "无法计"
WHOLE = Decimal(100)
"""What the full marks of all items that are no bonus should come to."""


class Way(NamedTuple):
    """A way of scoring: what its two parameters are (empty for none) and how it works, for staff.

    ``needed`` is how many of the parameters have to be given, ``averaged`` whether each month can be judged
    by itself. ``bonus`` is not part of the hundred: it begins at nothing.
    """

    name: str
    first: str
    second: str
    needed: int
    says: str
    averaged: bool = False
    bonus: bool = False


WAYS = (
    Way(
        DONE,
        "",
        "",
        0,
        "满分 × 各项指标（累计完成 ÷ 应完成，最多算 1）按权重的平均；只算能评价的指标，缺月的只和已计入的月份比。",
    ),
    Way(
        LATE_DAYS,
        "每迟一天扣几分",
        "迟几天起全扣，可以不填",
        1,
        "每个月的填报表过了截止日，每迟一天扣参数一；还没有报的算到重算那一天。有“每缺一次扣”时，还没有报的只在那里扣。",
        averaged=True,
    ),
    Way(
        MISSES,
        "每缺一个月扣几分",
        "缺几个月起全扣，可以不填",
        1,
        "过了截止日还没有通过的填报表，一个月扣参数一；后来补报通过的就不算缺。",
    ),
    Way(
        ERRORS,
        "每处错误扣几分",
        "几处起全扣，可以不填",
        1,
        "每个月第一次交来的填报表里，每处错误扣参数一；警告不算，改好重报的不再算。",
        averaged=True,
    ),
    Way(
        PAPERS,
        "每迟一天扣几分",
        "迟几天起全扣，可以不填",
        1,
        "“材料”里到期（不晚于这个月填报表的截止日）的每一份材料，每迟一天扣参数一；还没有交的算到重算那一天。",
        averaged=True,
    ),
    Way(
        WORKS,
        "每项滞后扣几分",
        "几项起全扣，可以不填",
        1,
        "重点工作台账里这个月滞后、或者过了时限没有完成的，每项扣参数一；赶上来以后就不扣。",
    ),
    Way(
        RANK_BONUS,
        "加几分",
        "前几名加",
        2,
        "综合完成率排名在参数二以内的，加参数一，最多加到满分；不算在 100 分里。",
        bonus=True,
    ),
    Way(
        BY_HAND,
        "",
        "",
        0,
        "从 0 分起，按下面“手工加减”里写的给分，最多给到满分；没有写的“无法计”。",
    ),
)
WAYS_BY_NAME = {way.name: way for way in WAYS}


class ScoreRule(NamedTuple):
    """One item of 考核. ``per`` and ``limit`` are 参数一 and 参数二, None where they are not given.

    ``averaged``: each month (paper) is judged by itself against the full marks, and the mean is lost.
    """

    item: str
    way: str
    full: Decimal
    per: Decimal | None = None
    limit: Decimal | None = None
    averaged: bool = False

    @property
    def is_bonus(self) -> bool:
        """Whether it begins at nothing and is not part of the hundred."""
        return WAYS_BY_NAME[self.way].bonus


class ManualPoints(NamedTuple):
    """A row of 手工加减; ``cell`` is where it stands, as messages name it."""

    district: str
    item: str
    points: Decimal
    reason: str
    cell: str


class Scheme(NamedTuple):
    """What 考核 says. ``sound``: no rule that is switched on is wrong, so that points can be given."""

    rules: tuple[ScoreRule, ...] = ()
    manual: tuple[ManualPoints, ...] = ()
    problems: tuple[Problem, ...] = ()
    sound: bool = True

    @property
    def in_force(self) -> bool:
        """Whether anybody is scored."""
        return bool(self.rules) and self.sound


EXAMPLE = (
    ("任务完成", DONE, 88, None, None, "", "各项任务完成的占 88 分"),
    ("按时报送", LATE_DAYS, 5, 1, 4, AVERAGED, "每迟一天扣 1 分，迟 4 天起不得分；各月的取平均"),
    ("逻辑错误", ERRORS, 5, 1, 5, AVERAGED, "每处扣 1 分，5 处起不得分；各月的取平均"),
    ("分析报告", PAPERS, 2, 1, 2, ADDED, "每迟一天扣 1 分，迟 2 天起不得分"),
)
"""Item, way, full marks, the two parameters, how months are put together, and a note."""
