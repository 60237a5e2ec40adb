"""The rules of 校验规则: one record each, from which all else that knows a rule follows.

How to add a rule: add one ``RuleSpec`` to ``RULES``, where its row is to stand on 校验规则. From it
follow the row with its severity and parameter in every new master, what staff may set there, the
code in ``model.problems``, by ``since`` the row that ``attach`` gives to older masters and, with
``test``, the check of every return with ``message``. With a ``formula`` the form checks it too: in 校验,
while the district types, and in what ``form.stamp`` writes there; tests/form/test_rules.py then
recalculates the formula and compares it with ``test``.

A rule with ``test`` sees plain values only (``Entry``). One that has to look at cells, at the whole
file or at what came before is written where those are known (``judging.rules``, ``judging.assess``,
``judging.history``) and has a record here without ``test``.
"""

from __future__ import annotations

from xl_addin.model.records import ERROR, FLOW, WARNING, Indicator, Number
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LEAST = 0
"""What a figure is at least; the form's data validation says so too."""
JUMP_FLOOR = 10
"""Below this many a jump is not worth anybody's time: 0, 0, 1, then 4 is no alarm."""


class Entry(NamedTuple):
    """One indicator of a return as plain values; None is unknown, never zero.

    ``empty`` says that nothing was typed, ``value`` is the number that was. ``previous`` is the
    cumulative of the months before, ``mean`` the mean monthly addition in them, 0 where there is
    none. What begins with ``parent`` is the same of the indicator that this one is a part of.
    """

    item: Indicator
    empty: bool
    value: Number | None
    target: Number | None
    previous: Number | None
    parent: Indicator | None = None
    parent_value: Number | None = None
    parent_previous: Number | None = None
    mean: float = 0.0

    def cumulative(self) -> Number | None:
        """The year's figure up to this month."""
        return _cumulative(self.item, self.value, self.previous)

    def addition(self) -> Number | None:
        """What the month added."""
        if self.value is None or self.item.measure == FLOW:
            return self.value
        return None if self.previous is None else self.value - self.previous

    def part_and_whole(self) -> tuple[Number | None, Number | None]:
        """The figure and its parent's as they compare: as typed where both are typed alike."""
        if self.parent is None:
            return None, None
        if self.parent.measure == self.item.measure:
            return self.value, self.parent_value
        whole = _cumulative(self.parent, self.parent_value, self.parent_previous)
        return self.cumulative(), whole


def _cumulative(item: Indicator, value: Number | None, before: Number | None) -> Number | None:
    if value is None or item.measure != FLOW:
        return value
    return None if before is None else before + value


class Cells(NamedTuple):
    """A1 addresses in an indicator's row of the form; ``part`` and ``whole`` are what compares."""

    typed: str
    target: str
    previous: str
    part: str = ""
    whole: str = ""


class RuleSpec(NamedTuple):
    """One row of 校验规则: staff may change severity (错误, 警告, 停用) and parameter.

    ``label`` is its name there and in the form's 校验. ``test`` says whether an entry breaks the rule
    with this parameter (0 for a rule that has none); ``blank`` rules are asked of empty entries, the
    others of filled ones, and only where the rule ``applies`` to the indicator. ``formula`` is the
    same test as an Excel condition. ``message``, ``found`` and ``expected`` are filled in with the words
    that ``judging.rules`` lists.
    """

    code: str
    label: str
    severity: str
    parameter: Number | None
    hint: str
    message: str = ""
    found: str = ""
    expected: str = ""
    test: Callable[[Entry, Number], bool] | None = None
    formula: Callable[[Cells], str] | None = None
    applies: Callable[[Indicator, Indicator | None], bool] | None = None
    blank: bool = False
    since: int = 1


def _part_exceeds_whole(entry: Entry, _: Number) -> bool:
    part, whole = entry.part_and_whole()
    return part is not None and whole is not None and part > whole


def _is_below_previous(entry: Entry, _: Number) -> bool:
    return entry.value is not None and entry.previous is not None and entry.value < entry.previous


def _exceeds_target(entry: Entry, percent: Number) -> bool:
    total = entry.cumulative()
    return bool(entry.target) and total is not None and total > (entry.target or 0) * percent / 100


def _jumps(entry: Entry, times: Number) -> bool:
    added = entry.addition()
    return (
        entry.mean > 0 and added is not None and added >= JUMP_FLOOR and added > entry.mean * times
    )


def counts_whole(item: Indicator, _: Indicator | None = None) -> bool:
    """Whether only whole numbers can be typed for an indicator."""
    return item.whole


def counts_cumulative(item: Indicator, _: Indicator | None = None) -> bool:
    """Whether a district types the year's figure up to this month."""
    return item.measure != FLOW


def has_parent(_: Indicator, parent: Indicator | None) -> bool:
    """Whether an indicator is part of another."""
    return parent is not None


RULES = (
    RuleSpec(
        "not-a-number",
        "不是数字",
        ERROR,
        None,
        "填了文字、区间、日期等，无法当作一个数字",
        "填的是“{found}”，{why}；请只填阿拉伯数字，不带单位和文字，没有完成填 0",
        test=lambda entry, _: entry.value is None,
        formula=lambda at: f"NOT(ISNUMBER({at.typed}))",
    ),
    RuleSpec(
        "error-value",
        "公式出错",
        ERROR,
        None,
        "单元格显示 #REF!、#DIV/0! 等错误",
        "显示的是错误值 {found}；请改填数字",
    ),
    RuleSpec(
        "no-value",
        "公式没有结果",
        ERROR,
        None,
        "公式还没有算出结果，需用 Excel 或 WPS 打开保存一次",
        "是公式 {found}，但文件里没有算出的结果；请直接填数字，或用 Excel、WPS 打开保存一次",
    ),
    RuleSpec(
        "negative",
        "为负",
        ERROR,
        None,
        "完成数不能小于 0",
        "填的是 {value}，不能小于 0；请核对后改正",
        "{value}",
        "不小于 0",
        lambda entry, _: entry.value is not None and entry.value < LEAST,
        lambda at: f"{at.typed}<{LEAST}",
    ),
    RuleSpec(
        "not-whole",
        "非整数",
        ERROR,
        None,
        "人、人次、个、场次等只能填整数",
        "填的是 {value}，单位是{unit}，应为整数；请核对后改正",
        "{value}",
        "整数",
        lambda entry, _: entry.value is not None and entry.value != int(entry.value),
        lambda at: f"{at.typed}<>INT({at.typed})",
        counts_whole,
    ),
    RuleSpec(
        "blank",
        "未填",
        ERROR,
        None,
        "有任务数的指标必须填写，没有完成填 0",
        "没有填；“{label}”有任务数 {target}，没有完成请填 0",
        "",
        "数字",
        lambda entry, _: entry.empty and (entry.target or 0) > 0,
        lambda at: f"N({at.target})>0",
        blank=True,
    ),
    RuleSpec(
        "child-above-parent",
        "其中大于总数",
        ERROR,
        None,
        "其中项不能大于它所属的总数",
        "“{label}”{part}，大于 {parent_at} 的“{parent}”{whole}；其中项不能大于总数，请核对后改正",
        "{part}",
        "不大于 {whole}",
        _part_exceeds_whole,
        lambda at: f"IF(AND(ISNUMBER({at.part}),ISNUMBER({at.whole})),{at.part}>{at.whole},FALSE)",
        has_parent,
    ),
    RuleSpec(
        "below-last-month",
        "低于上月累计",
        ERROR,
        None,
        "累计数不能比上月累计少",
        "本月累计 {value}，比上月累计 {previous} 少；请核对，确有核减请先与市里联系",
        "{value}",
        "不小于 {previous}",
        _is_below_previous,
        lambda at: f"IF(ISNUMBER({at.previous}),{at.typed}<{at.previous},FALSE)",
        counts_cumulative,
    ),
    RuleSpec(
        "far-above-target",
        "远超任务",
        WARNING,
        150,
        "累计超过年度任务数的百分之多少时提醒核对",
        "本月累计 {cumulative}，超过年度任务数 {target} 的 {parameter}%；请核对是否多填",
        "{cumulative}",
        test=_exceeds_target,
    ),
    RuleSpec(
        "sudden-jump",
        "突增",
        WARNING,
        10,
        "本月数超过以前各月平均数的多少倍时提醒核对",
        "本月 {addition}，超过以前各月平均数 {mean} 的 {parameter} 倍；请核对是否多填或填成了累计数",
        "{addition}",
        test=_jumps,
    ),
    RuleSpec(
        "read-as-number",
        "文字当数字",
        WARNING,
        None,
        "全角、带逗号或带单位的数字，已按数字读取",
        "填的是文字“{found}”，已读作 {value}；请核对，下次只填数字",
    ),
    RuleSpec(
        "formula-figure",
        "填报格是公式",
        WARNING,
        None,
        "填报格里是公式，按它显示的结果读取",
        "里是公式，已按显示的 {value} 读取；请核对，最好直接填数字",
    ),
    RuleSpec(
        "external-formula",
        "引用别的文件",
        WARNING,
        None,
        "填报格的公式引用了别的工作簿，按文件里存的结果读取",
        "里的公式引用了别的文件，已按存下的 {value} 读取；请核对，最好直接填数字",
        since=2,
    ),
    RuleSpec(
        "shown-otherwise",
        "显示与数值不同",
        WARNING,
        None,
        "单元格格式使显示的和实际的数不一样，按实际的数读取",
        since=2,
    ),
    RuleSpec("misplaced", "填错格", ERROR, None, "填报格空着，数填在了说明栏或别的格子里", since=2),
    RuleSpec(
        "number-in-comment",
        "批注里有数字",
        WARNING,
        None,
        "填报行的批注里写着数字；程序只按填报格里的数计算",
        "批注里写着“{text}”，里面的数字没有采用（{entry} {counted}）；如要改数，请改在填报格里",
        since=3,
    ),
    RuleSpec(
        "correction-in-remark",
        "说明要求更正",
        WARNING,
        None,
        "说明里写着多报、核减等和数字；程序只按填报格里的数计算",
        "说明里写着“{text}”，好像要更正数字，程序没有采用（{entry} {counted}）；如要改数，请改在填报格里",
        since=3,
    ),
    RuleSpec(
        "no-filler",
        "填报人空着",
        "",
        None,
        "表头的填报人没有填；需要时改为警告或错误",
        "“{label}”没有填；请填上姓名",
        since=3,
    ),
    RuleSpec(
        "no-reviewer",
        "审核人空着",
        "",
        None,
        "表头的审核人没有填；需要时改为警告或错误",
        "“{label}”没有填；请填上姓名",
        since=3,
    ),
    RuleSpec(
        "macros",
        "带有宏",
        WARNING,
        None,
        "交回的文件带有宏；程序从不运行宏，人工打开时不要启用",
        since=2,
    ),
    RuleSpec("locked-changed", "改动了锁定格", ERROR, None, "任务数、上月累计、指标名称等不能改动"),
    RuleSpec(
        "previous-outdated",
        "上月累计已更正",
        WARNING,
        None,
        "填报表发出后以前月份有更正；累计按底账计算",
    ),
    RuleSpec(
        "twin-figures",
        "与别的区县全同",
        WARNING,
        3,
        "与另一区县当月全部数字相同；至少有几个不为 0 才提醒",
    ),
    RuleSpec(
        "same-as-last-month",
        "与上月全同",
        WARNING,
        3,
        "全部本月数与上个月相同；至少有几个不为 0 才提醒",
    ),
    RuleSpec(
        "resubmitted",
        "重报有改动",
        WARNING,
        None,
        "同一区县同月又报了一次，列出改了的数；以后报的为准",
    ),
)


def form_rules(severities: Mapping[str, str]) -> tuple[RuleSpec, ...]:
    """The rules that the form checks itself, in the order in which it says them: only errors.

    That a figure be a number it checks even where the rule is off: what the other formulas compare
    must be one.
    """
    return tuple(
        rule
        for rule in RULES
        if rule.formula and (severities.get(rule.code) == ERROR or rule.code == "not-a-number")
    )


def applies(rule: RuleSpec, item: Indicator, parent: Indicator | None) -> bool:
    """Whether a rule has anything to say of an indicator."""
    return rule.applies is None or rule.applies(item, parent)


def breaches(rule: RuleSpec, entry: Entry, parameter: Number | None = None) -> bool:
    """Whether an entry breaks a rule that has a ``test``."""
    return (
        rule.test is not None
        and rule.blank == entry.empty
        and applies(rule, entry.item, entry.parent)
        and rule.test(entry, parameter or 0)
    )
