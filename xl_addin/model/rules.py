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

from xl_addin.model.entry import EXPLAINED, Cells, Entry
from xl_addin.model.names import is_percent_unit
from xl_addin.model.records import ADDED_UP, BOTH, ERROR, RATE, STOCK, WARNING, Indicator, Number
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LEAST = 0
"""What a figure is at least; the form's data validation says so too."""
JUMP_FLOOR = 10
"""Below this many a jump is not worth anybody's time: 0, 0, 1, then 4 is no alarm."""


class RuleSpec(NamedTuple):
    """One row of 校验规则: staff may change severity (错误, 警告, 停用) and parameter.

    ``label`` is its name there and in the form's 校验. ``test`` says whether an entry breaks the rule
    with this parameter (0 for a rule that has none); ``blank`` rules are asked of empty entries, the
    others of filled ones, and only where the rule ``applies`` to the indicator. ``formula`` is the
    same test as an Excel condition. ``message``, ``found`` and ``expected`` are filled in with the words
    that ``judging.rules`` lists. A rule on ``totals`` is asked of a typed 本月累计 as well; what breaks one
    that is ``at_total`` stands there. ``doubt`` says why a return is held that breaks an error of its.
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
    totals: bool = False
    at_total: bool = False
    doubt: str = ""


def _part_exceeds_whole(entry: Entry, _: Number) -> bool:
    part, whole = entry.part_and_whole()
    return part is not None and whole is not None and part > whole


def _is_below_previous(entry: Entry, _: Number) -> bool:
    return entry.value is not None and entry.previous is not None and entry.value < entry.previous


def _exceeds_target(entry: Entry, percent: Number) -> bool:
    total = entry.cumulative()
    return bool(entry.target) and total is not None and total > (entry.target or 0) * percent / 100


def _is_too_high(entry: Entry, most: Number) -> bool:
    return entry.value is not None and entry.value > most


def _lacks_total(entry: Entry, _: Number) -> bool:
    known = entry.value is not None and ((entry.target or 0) > 0 or entry.value != 0)
    return known and entry.total_empty


def _jumps(entry: Entry, times: Number) -> bool:
    added = entry.addition()
    return (
        entry.mean > 0 and added is not None and added >= JUMP_FLOOR and added > entry.mean * times
    )


def counts_whole(item: Indicator, _: Indicator | None = None) -> bool:
    """Whether only whole numbers can be typed for an indicator."""
    return item.whole and item.measure != RATE and not is_percent_unit(item.unit)


def never_falls(item: Indicator, _: Indicator | None = None) -> bool:
    """Whether a district types a cumulative that cannot become less."""
    return item.measure == STOCK


def adds_up(item: Indicator, _: Indicator | None = None) -> bool:
    """Whether a district types what a month added."""
    return item.measure in ADDED_UP


def types_both(item: Indicator, _: Indicator | None = None) -> bool:
    """Whether a district types the year's figure beside the month's."""
    return item.measure == BOTH


def is_percent(item: Indicator, _: Indicator | None = None) -> bool:
    """Whether an indicator is a share of a hundred."""
    return is_percent_unit(item.unit)


def has_parent(item: Indicator, parent: Indicator | None) -> bool:
    """Whether an indicator is part of another that it compares with: a rate is part of nothing."""
    return parent is not None and RATE not in (item.measure, parent.measure)


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
        totals=True,
    ),
    RuleSpec(
        "percent-unclear",
        "百分数不明",
        ERROR,
        None,
        "单位是 % 的指标填了 1 或更小的数又没有百分号，看不出是不是差 100 倍",
        "填的是 {found}，{why}；请带百分号填写，例如 95%",
        since=3,
    ),
    RuleSpec(
        "dash-entry",
        "填了“无”或横线",
        ERROR,
        None,
        "有任务数的指标填了“无”“/”“—”；错误：退回改填；警告：按 0 计",
        "填的是“{found}”；没有完成请填 0，有完成请填数字",
        since=3,
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
        totals=True,
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
        totals=True,
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
        lambda entry, _: entry.empty and (entry.target or 0) > 0 and entry.total is None,
        lambda at: (
            f"AND(N({at.target})>0,COUNT({at.total})=0)" if at.total else f"N({at.target})>0"
        ),
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
        lambda at: (
            f"OR(AND(COUNT({at.part},{at.whole})=2,N({at.part})>N({at.whole})),"
            f"{at.totals_exceed()})"
        ),
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
        never_falls,
    ),
    RuleSpec(
        "total-blank",
        "未填累计",
        ERROR,
        None,
        "口径是“两者都填”的指标，本月累计也必须填写",
        "没有填；“{label}”的本月完成和本月累计都要填，这里填截至本月底的累计数",
        "",
        "数字",
        _lacks_total,
        lambda at: f"AND(LEN({at.total})=0,OR(N({at.target})>0,N({at.typed})<>0))",
        types_both,
        since=3,
        at_total=True,
    ),
    RuleSpec(
        "total-unexplained",
        "累计须说明",
        ERROR,
        None,
        f"填的本月累计不等于上月累计加本月完成，又没有在“说明”里写原因（{EXPLAINED} 个字以上）",
        "本月累计填的是 {total}，上月累计 {previous} 加本月完成 {value} 是 {added}，差 {correction}；"
        f"如果是更正以前月份，请在“说明”里写明原因（至少 {EXPLAINED} 个字）；"
        "如果不是，请改成 {added}{or_clear}",
        "{total}",
        "{added}",
        lambda entry, _: entry.correction() is not None and not entry.explained,
        lambda at: f"AND({at.corrects()},LEN(TRIM({at.remark}))<{EXPLAINED})",
        adds_up,
        since=3,
        at_total=True,
    ),
    RuleSpec(
        "total-stated",
        "区县更正累计",
        WARNING,
        None,
        "区县自己填的本月累计不等于上月累计加本月完成：更正或补上以前月份，从本月起按它计算",
        "本月累计填的是 {total}，{corrects}；从本月起累计按 {total} 计算",
        "{total}",
        "{added}",
        lambda entry, _: entry.stated() is not None,
        applies=adds_up,
        since=3,
        at_total=True,
    ),
    RuleSpec(
        "cumulative-in-month",
        "疑似填成累计",
        ERROR,
        90,
        "上月累计大于 0 的当月数指标里，有百分之多少以上的本月完成不小于上月累计，就先待定"
        "（2 月只提醒）",
        since=3,
        doubt="本月完成像是全年累计",
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
        "rate-too-high",
        "比率过大",
        WARNING,
        100,
        "百分数大于多少时提醒核对",
        "填的是 {value}%，大于 {parameter}%；请核对是不是多填了位数",
        "{value}",
        test=_is_too_high,
        applies=is_percent,
        since=3,
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
    RuleSpec(
        "misplaced",
        "填错格",
        ERROR,
        None,
        "填报格空着，数填在了说明栏、本月累计或别的格子里",
        "填的是 {total}，而 {at} 空着；请在 {at} 填“{label}”的本月完成数，没有完成填 0",
        "{total}",
        "填在 {at}",
        lambda entry, _: entry.empty and entry.total is not None,
        lambda at: f"COUNT({at.total})=1",
        adds_up,
        blank=True,
        since=2,
        at_total=True,
    ),
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
    # Of the page 重点工作: what breaks one of these sends that page back, never the figures.
    RuleSpec(
        "item-page-missing",
        "重点工作页不见了",
        ERROR,
        None,
        "交回的填报表没有“重点工作”一页；只退这一页，数照收",
        since=5,
    ),
    RuleSpec(
        "item-page-copied",
        "重点工作页是别人的",
        ERROR,
        None,
        "“重点工作”页是从别的区县或别的月份复制来的",
        since=5,
    ),
    RuleSpec(
        "item-page-twice",
        "重点工作页有两张",
        ERROR,
        None,
        "有两张“重点工作”页，不知道以哪张为准",
        since=5,
    ),
    RuleSpec(
        "item-row-missing", "重点工作少了一行", ERROR, None, "一项重点工作的行不见了", since=5
    ),
    RuleSpec("item-row-twice", "重点工作重了一行", ERROR, None, "一项重点工作有两行", since=5),
    RuleSpec(
        "item-changed",
        "重点工作被改动",
        ERROR,
        None,
        "编号、重点工作、目标要求或完成时限和发出时不一样",
        since=5,
    ),
    RuleSpec(
        "item-not-ours",
        "不是本单位的事项",
        WARNING,
        None,
        "多出来的一行不是市里要这个区县报的；没有读",
        since=5,
    ),
    RuleSpec(
        "item-state-missing",
        "重点工作没有状态",
        ERROR,
        None,
        "“本月状态”空着，或者不是五种之一",
        since=5,
    ),
    RuleSpec(
        "item-behind-without-reason",
        "滞后没有说明",
        ERROR,
        None,
        "状态是“滞后”，没有填存在问题、下一步措施或预计完成",
        since=5,
    ),
    RuleSpec(
        "item-date-unclear", "预计完成不是日期", ERROR, None, "“预计完成”看不出是哪一天", since=5
    ),
    RuleSpec(
        "item-date-past",
        "预计完成已过",
        WARNING,
        None,
        "没有完成，而“预计完成”的日子到月底已经过了",
        since=5,
    ),
    RuleSpec(
        "item-text-empty",
        "进展情况太空",
        WARNING,
        6,
        "“进展情况”写“无”“正在推进”一类，或者不到这么多字",
        since=5,
    ),
    RuleSpec(
        "item-same-as-last-month",
        "进展与上次全同",
        WARNING,
        None,
        "“进展情况”和上一次报的一字不差",
        since=5,
    ),
    RuleSpec(
        "item-done-but-short",
        "完成而数不够",
        WARNING,
        None,
        "状态是“已完成”，对应指标的累计数不到任务数",
        since=5,
    ),
    RuleSpec("item-reopened", "完成又改回", WARNING, None, "以前报过“已完成”，现在又不是", since=5),
    RuleSpec(
        "item-formula",
        "文字格里是公式",
        WARNING,
        None,
        "“重点工作”页的格子里是公式，按显示的文字读",
        since=5,
    ),
    RuleSpec(
        "paper-type", "材料：文件类型", ERROR, None, "交来的文件不是“材料”表里写的类型", since=5
    ),
    RuleSpec(
        "paper-too-short",
        "材料：字数太少",
        ERROR,
        None,
        "正文不算空格和封面，少于“材料”表里的最少字数",
        since=5,
    ),
    RuleSpec(
        "paper-too-long",
        "材料：字数太多",
        WARNING,
        None,
        "正文不算空格和封面，多于“材料”表里的最多字数",
        since=5,
    ),
    RuleSpec(
        "paper-twin",
        "材料：与别的区县雷同",
        WARNING,
        80,
        "正文去掉数字、标点和区县名以后，和另一个区县的有百分之多少以上相同就提醒",
        since=5,
    ),
    RuleSpec("paper-late", "材料：逾期", WARNING, None, "过了“材料”表里的截止日期才收到", since=5),
    RuleSpec(
        "paper-figures",
        "材料：数字与底账不同",
        WARNING,
        None,
        "正文里写在指标简称后面的数，和底账里的累计、任务数都不同",
        since=5,
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


def breaches_total(rule: RuleSpec, entry: Entry, parameter: Number | None = None) -> bool:
    """Whether a typed 本月累计 breaks a rule that is asked of it as well."""
    return (
        rule.totals
        and rule.test is not None
        and not entry.total_empty
        and applies(rule, entry.item, entry.parent)
        and (entry.total is None or entry.stated() is not None)
        and rule.test(entry._replace(value=entry.total, empty=False), parameter or 0)
    )


def breaches(rule: RuleSpec, entry: Entry, parameter: Number | None = None) -> bool:
    """Whether an entry breaks a rule that has a ``test``."""
    return (
        rule.test is not None
        and rule.blank == entry.empty
        and applies(rule, entry.item, entry.parent)
        and rule.test(entry, parameter or 0)
    )
