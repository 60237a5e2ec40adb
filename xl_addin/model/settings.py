"""The rows of 设置, and what staff may choose in them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from xl_addin.model.records import STOCK, District, Indicator, Number, Problem
from xl_addin.model.schedule import without_noise
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from xl_addin.model.letters import Template
    from xl_addin.model.papers import Paper

YES, NO = "是", "否"
BY_FILE, BY_COLLECTING = "文件时间", "收集时间"
ACCEPT, TURN_DOWN, ASSIGN = "接受", "退回", "归属"
CLOSE, REOPEN = "结账", "重新打开"
PRO_RATA, IN_FULL, UNRANKED = "折算", "照计", "不排名"
BY_STANDING, BY_SCORE = "综合完成率", "考核得分"


class SettingSpec(NamedTuple):
    """One row of 设置: what staff see, what it is when they leave it empty, and why it is there.

    ``since`` is the layout of the master that it came with.
    """

    key: str
    label: str
    default: Number | str
    hint: str
    since: int = 1


SETTINGS = (
    SettingSpec("title", "任务名称", "", "印在填报表标题里，例如：残疾人教就工作重点项目"),
    SettingSpec("year", "年度", "", "四位年份"),
    SettingSpec(
        "month",
        "本次月份",
        "",
        "从列表里选，也可以写 6月、2023年6月；命令和按钮不另外指定月份时用它",
    ),
    SettingSpec("deadline_day", "截止日", 5, "次月几日前报送算按时，填 1 到 28"),
    SettingSpec(
        "received_by",
        "收到时间依据",
        BY_FILE,
        "文件时间：按文件保存的时间；收集时间：按收集时的时间",
    ),
    SettingSpec(
        "behind", "滞后红线", 10, "累计完成比应完成数低多少（任务数的百分点）算严重滞后（红灯）"
    ),
    SettingSpec("contact", "市级联系人", "", "印在填报说明里，区县有问题时找谁"),
    SettingSpec("phone", "市级联系电话", "", "印在填报说明里"),
    SettingSpec(
        "closing",
        "结账按钮",
        CLOSE,
        "点“结账”时做什么：结账＝这个月再收到的先待定；重新打开＝恢复正常收取",
        2,
    ),
    SettingSpec(
        "passwords",
        "打开密码",
        "",
        "区县交回的文件有密码时，用这些密码试着打开；几个密码用“、”隔开",
        2,
    ),
    SettingSpec(
        "first_month",
        "起始月份",
        1,
        "从几月开始按月报，填 1 到 12；不是 1 的，以前的完成数填在“年初累计”",
        3,
    ),
    SettingSpec("near", "黄灯", 0, "比应完成数低，但不超过多少（任务数的百分点）仍算绿灯", 3),
    SettingSpec(
        "missing_months",
        "缺月办法",
        PRO_RATA,
        "有月份没有计入的区县怎么比进度：折算＝应完成数只算已计入的月份；照计＝按全部月份；不排名＝不亮灯",
        3,
    ),
    SettingSpec(
        "explain_warnings",
        "警告须说明",
        NO,
        "是：有警告、而“说明”里没有写原因的填报表退回一次；否：只提醒",
        3,
    ),
    SettingSpec(
        "cap",
        "单项封顶",
        100,
        "综合完成率里一项指标最多按任务数的百分之几计，免得一项超额遮住别项落后；填 0 是不封顶",
        4,
    ),
    SettingSpec(
        "person", "操作人", "", "现在用这张主表的人的姓名；和登录名一起记入操作日志，可以不填", 4
    ),
    SettingSpec("office", "发文机关", "", "通报的发文机关和署名，例如 某某市残疾人联合会", 4),
    SettingSpec(
        "red_months",
        "连续红灯月数",
        2,
        "一项指标连续几个月红灯、一项重点工作连续几个月滞后就发督办单；填 0 是不为它们督办",
        5,
    ),
    SettingSpec(
        "silent_months",
        "连续未报月数",
        2,
        "区县连续几个月没有报送就发督办单；填 0 是不为未报督办",
        5,
    ),
    SettingSpec(
        "term_days",
        "督办期限天数",
        10,
        "督办单要求几天内反馈，过了期限没有反馈就升级催办；填 0 是不设期限，也不升级",
        5,
    ),
    SettingSpec(
        "tolerance",
        "比对容差",
        0,
        "和其他部门的数比对时，相差不超过多少仍算一致，填 0 是要一个不差",
        5,
    ),
    SettingSpec(
        "tolerance_percent",
        "比对容差百分比",
        0,
        "相差不超过对方数的百分之几也算一致；和“比对容差”比，取大的",
        5,
    ),
    SettingSpec(
        "rank_by",
        "排名依据",
        BY_STANDING,
        "看板、进度表、区县单页和通报的名次按什么排；按考核得分排，要先启用“考核”里的规则",
        5,
    ),
    SettingSpec(
        "receive_folder",
        "接收文件夹",
        "",
        "微信、QQ、政务微信把收到的文件存在哪个文件夹；“导入文件夹”时一起收，只收本任务的填报表，"
        "别的文件不登记、不存档；几个用“；”隔开",
        6,
    ),
)


class Rule(NamedTuple):
    """How a rule is set on 校验规则: severity ``error``, ``warning`` or empty for off."""

    severity: str
    parameter: Number | None


class Settings(NamedTuple):
    """The rows of 设置.

    ``month`` is ``2023-06``; ``deadline_day`` is a day of the following month; ``received_by`` is
    one of BY_FILE and BY_COLLECTING, ``closing`` of CLOSE and REOPEN; ``behind`` and ``near`` are in
    percentage points; ``passwords`` has 、 between them. ``first_month`` (1 to 12) is the first that
    is reported, ``missing_months`` one of PRO_RATA, IN_FULL and UNRANKED, ``explain_warnings`` of YES
    and NO. ``cap`` is a percentage, 0 for none; ``person`` is who works, for the journal,
    ``office`` who signs a bulletin. ``red_months`` and ``silent_months`` are how many months running lead
    to a slip, ``term_days`` how long a district has to answer one; 0 is off.
    ``tolerance`` (in units) and ``tolerance_percent`` (of theirs) say how
    far another office's figure may be off. ``rank_by`` is one of BY_STANDING and BY_SCORE.
    ``receive_folder`` has ； between several.
    """

    title: str
    year: int
    month: str
    deadline_day: int
    received_by: str
    behind: Number
    contact: str
    phone: str
    closing: str
    passwords: str
    first_month: int = 1
    near: Number = 0
    missing_months: str = PRO_RATA
    explain_warnings: str = NO
    cap: Number = 100
    person: str = ""
    office: str = ""
    red_months: int = 2
    silent_months: int = 2
    term_days: int = 10
    tolerance: Number = 0
    tolerance_percent: Number = 0
    rank_by: str = BY_STANDING
    receive_folder: str = ""

    def receive_folders(self) -> tuple[str, ...]:
        """The folders of chat programs that are collected beside 回收."""
        parts = self.receive_folder.replace(";", "；").split("；")
        return tuple(word for part in parts if (word := part.strip().strip('"“”')))

    def password_list(self) -> tuple[str, ...]:
        """The passwords to be tried on locked files."""
        return tuple(word for part in self.passwords.split("、") if (word := part.strip()))


class Adjustment(NamedTuple):
    """One row of 任务调整: from ``month`` (1 to 12) on a target is ``amount`` more.

    ``document`` is the notice that orders it, ``who`` and ``at`` say who entered it when.
    """

    month: int
    district: str
    indicator: str
    amount: Number
    document: str = ""
    who: str = ""
    at: str = ""


class Transfers(NamedTuple):
    """Targets that went over when districts ended, by (district, indicator).

    ``given`` lost some, ``taken`` got so much from which month on: what a district takes over in August
    cannot have been due in July.
    """

    given: set[tuple[str, str]]
    taken: dict[tuple[str, str], list[tuple[int, Number]]]


def by_indicator(amounts: Mapping[tuple[str, str], Number]) -> dict[str, list[Number]]:
    """The amounts of (district, indicator) for each indicator, in their order: looked through once for all."""
    found: dict[str, list[Number]] = {}
    for (_, code), amount in amounts.items():
        found.setdefault(code, []).append(amount)
    return found


class Config(NamedTuple):
    """All that staff set. Where a problem is an error the value beside it must not be used.

    ``targets`` maps (district, indicator) to the number that the year began with, absent where there
    is none; ``adjustments`` are what notices changed of it since, see ``target_in_force``.
    ``published`` are the printed totals, ``openings`` by (district, indicator) what had been reached
    before the first month that is reported (年初累计). ``last_year`` are by the same pairs, in this
    year's codes, the twelve cumulatives at the ends of last year's months, None where not known.
    ``papers`` are what districts owe beside their forms.
    """

    settings: Settings
    districts: tuple[District, ...]
    indicators: tuple[Indicator, ...]
    rules: dict[str, Rule]
    targets: dict[tuple[str, str], Number]
    published: dict[str, Number]
    problems: tuple[Problem, ...]
    adjustments: tuple[Adjustment, ...] = ()
    openings: Mapping[tuple[str, str], Number] = MappingProxyType({})
    last_year: Mapping[tuple[str, str], tuple[Number | None, ...]] = MappingProxyType({})
    papers: tuple[Paper, ...] = ()

    def in_month(self, month: str) -> Config:
        """The settings as they are in a month (``2023-06``): who reports what, by which targets.

        What refers to an indicator that is not reported then refers to none.
        """
        number = int(month[5:])
        reported = {i.code for i in self.indicators if i.since <= number <= i.until}
        return self._replace(
            districts=tuple(each for each in self.districts if each.reports(month)),
            indicators=tuple(
                item._replace(
                    parent=item.parent if item.parent in reported else "",
                    weight=item.weight if item.weight in reported else "",
                )
                for item in self.indicators
                if item.code in reported
            ),
            targets=self.targets_in_force(number),
            adjustments=(),
        )

    def handed_over(self, number: int) -> dict[tuple[str, str], int]:
        """The states that another district reports now, by (district, indicator): the last own month.

        A district that ended and whose target went over: whoever took it states it with its own, so
        that the last state of the one that ended would be counted twice after that month. Where nobody
        took it, it stays: a target that is only cancelled takes away nothing that was reached.
        """
        ended = [each for each in self.districts if each.until < number]
        stocks = [item.code for item in self.indicators if item.measure == STOCK]
        if not (ended and stocks and self.adjustments):
            return {}
        now, increases = self.targets_in_force(number), self._increases(number)
        then = {until: self.targets_in_force(until) for until in {each.until for each in ended}}
        return {
            (each.code, code): each.until
            for each in ended
            for code in stocks
            if not now.get((each.code, code))
            and then[each.until].get((each.code, code))
            and any(month > each.until for month, _ in increases.get(code, ()))
        }

    def takers(self, number: int) -> set[tuple[str, str]]:
        """The (district, indicator) that may have taken over what ``handed_over`` says."""
        ends: dict[str, int] = {}
        for (_, code), until in self.handed_over(number).items():
            ends[code] = min(until, ends.get(code, until))
        increases = self._increases(number) if ends else {}
        return {
            (district, code)
            for code, until in ends.items()
            for month, district in increases[code]
            if month > until
        }

    def _increases(self, number: int) -> dict[str, set[tuple[int, str]]]:
        """By indicator in which months up to this one whose target was raised."""
        found: dict[str, set[tuple[int, str]]] = {}
        for each in self.adjustments:
            if each.amount > 0 and each.month <= number:
                found.setdefault(each.indicator, set()).add((each.month, each.district))
        return found

    def transfers(self, number: int) -> Transfers:
        """What of targets that are added up went from districts that ended to others, up to a month."""
        ends = {each.code: each.until for each in self.districts if each.until < number}
        known = [each for each in self.adjustments if each.month <= number]
        gone = [e for e in known if e.amount < 0 and ends.get(e.district, 99) + 1 == e.month]
        marks = {(each.indicator, each.month) for each in gone}
        taken: dict[tuple[str, str], list[tuple[int, Number]]] = {}
        for each in known:
            if each.amount > 0 and (each.indicator, each.month) in marks:
                pair = (each.district, each.indicator)
                taken.setdefault(pair, []).append((each.month, each.amount))
        return Transfers({(each.district, each.indicator) for each in gone}, taken)

    def targets_in_force(self, month: int) -> dict[tuple[str, str], Number]:
        """The year's targets as they are in a month (1 to 12), adjustments up to it included; not to be changed."""
        if not self.adjustments:
            return self.targets
        found = dict(self.targets)
        for each in self.adjustments:
            if each.month <= month:
                pair = (each.district, each.indicator)
                found[pair] = without_noise(found.get(pair, 0) + each.amount)
        return found


class Carried(NamedTuple):
    """What a new master takes over from last year's besides its settings, as staff had typed it.

    ``contacts`` are 联系人, 电话 and 备注 by district, ``notes`` 备注 by indicator, ``mail`` the mail rows
    of 设置 by key, ``letters`` 信件 by kind. ``works`` are rows of 重点工作台账, as typed, ``scheme`` those of 考核,
    ``papers`` those of 材料, with terms of the new year.
    """

    contacts: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    notes: Mapping[str, str] = MappingProxyType({})
    mail: Mapping[str, Number | str] = MappingProxyType({})
    letters: Mapping[str, Template] = MappingProxyType({})
    works: tuple[tuple[str, ...], ...] = ()
    scheme: tuple[tuple[Number | str, ...], ...] = ()
    papers: tuple[tuple[Number | str | None, ...], ...] = ()


NOTHING_CARRIED = Carried()
