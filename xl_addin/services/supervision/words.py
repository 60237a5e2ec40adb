"""What a slip says: its items with the figures that they rest on, and what its template is filled with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.docx.fill import TO_WRITE, Contents
from xl_addin.master.indicator_totals import ratio
from xl_addin.master.pair_totals import Pair, PairTotals, month_names
from xl_addin.model.calendar import deadline
from xl_addin.model.letters import day_words, month_words
from xl_addin.model.records import BLANK, FOREIGN, MISSING, REJECTED, UNREADABLE, Indicator, Number
from xl_addin.model.settings import Config
from xl_addin.model.slips import BEHIND, BLUE, LEVELS, SILENT, SlipItem
from xl_addin.model.work_items import WorkStanding, report_words
from xl_addin.services.bulletin.contents import TITLE_WIDE, sign, width_of
from xl_addin.services.bulletin.sentences import percent, short_names, title_lines
from xl_addin.services.roll_call import RollCall
from xl_addin.services.supervision.causes import Cause
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.values import number_text

ITEMS = "事项"
_COLUMNS = ("序号", "事项", "依据", "月份")
_SHADES = dict(zip(LEVELS, ("D6E6F5", "F8CBAD", "F4A6A6"), strict=True))
_SILENT_LABEL = "按月报送任务进度"
_CAME = {
    MISSING: "未报",
    BLANK: "交来的是空表",
    FOREIGN: "交来的不是填报表",
    UNREADABLE: "交来的读不出来",
    REJECTED: "退回修改后没有重报",
}


class Head(NamedTuple):
    """What stands on a slip besides its items; ``term`` (YYYY-MM-DD) is empty for none.

    ``chased`` is why a slip goes out once more, empty where it is the first time.
    """

    name: str
    month: str
    district: str
    level: str
    term: str
    today: str
    chased: str = ""


def make_item(
    position: int,
    cause: Cause,
    config: Config,
    pairs: Mapping[Pair, PairTotals],
    works: Mapping[Pair, WorkStanding],
    roll: RollCall,
) -> SlipItem:
    """A cause as a slip prints it; ``pairs`` and ``works`` are those of its last month."""
    if cause.kind == SILENT:
        label, reason = _SILENT_LABEL, _silent_words(cause, config, roll)
    elif cause.kind == BEHIND:
        standing = works[cause.district, cause.subject]
        label = f"重点工作{cause.subject}：{standing.item.title}"
        reason = _behind_words(cause, standing)
    else:
        item = next(each for each in config.indicators if each.code == cause.subject)
        label = short_names(config)[item.code]
        reason = _red_words(cause, item, pairs[cause.district, cause.subject])
    return SlipItem(position, cause.kind, cause.subject, label, reason, cause.months)


def span_words(months: Sequence[str]) -> str:
    """Months of a year as people read them: 4月、5月, 1月至6月."""
    return month_names(int(month[5:]) for month in months)


def _red_words(cause: Cause, item: Indicator, pair: PairTotals) -> str:
    def amount(value: Number | None) -> str:
        return "不知道" if value is None else f"{number_text(round(value, 2))}{item.unit}"

    short = None if pair.due is None or pair.cumulative is None else pair.due - pair.cumulative
    return (
        f"{span_words(cause.months)}连续{len(cause.months)}个月红灯（严重滞后）。"
        f"截至{int(cause.months[-1][5:])}月底累计完成{amount(pair.cumulative)}，应完成{amount(pair.due)}，"
        f"相差{amount(short)}；全年任务{amount(pair.target)}，完成{percent(ratio(pair.cumulative, pair.target))}。"
    )


def _behind_words(cause: Cause, standing: WorkStanding) -> str:
    """What the district itself reported last, and the term where that has passed."""
    said = f"{span_words(cause.months)}连续{len(cause.months)}个月滞后。"
    if standing.late:
        said += f"完成时限{day_words(standing.term)}已过，没有办结。"
    report = standing.report
    told = report_words(report.state, report.progress) if report else ""
    return said + (f"最近报送：{told}。" if told else "")


def _silent_words(cause: Cause, config: Config, roll: RollCall) -> str:
    district = next(each for each in config.districts if each.code == cause.district)
    day = config.settings.deadline_day
    said = [
        f"{int(month[5:])}月{_CAME[roll.answer(district, month).verdict]}"
        f"（{_short_day(deadline(month, day))}截止）"
        for month in cause.months
    ]
    return f"{span_words(cause.months)}连续{len(cause.months)}个月没有报送。{'，'.join(said)}。"


def _short_day(day: str) -> str:
    return f"{int(day[5:7])}月{int(day[8:10])}日"


def level_words(level: str) -> str:
    """蓝色."""
    return f"{level}色"


def item_lines(items: Sequence[SlipItem]) -> list[str]:
    """The items of a slip as a letter lists them."""
    return [f"{each.position}. {each.label}：{each.reason}" for each in items]


def slip_contents(head: Head, items: Sequence[SlipItem], config: Config) -> Contents:
    """What a slip's template is filled with."""
    settings = config.settings
    title = settings.title or "年度任务"
    office = settings.office or f"【{TO_WRITE}：发文机关】"
    signed, dated = sign(office, day_words(head.today))
    asks = f"请于{day_words(head.term)}前" if head.term else "请尽快"
    by_name = {
        "编号": head.name,
        "年度": head.month[:4],
        "级别": level_words(head.level),
        "区县": head.district,
        "任务名称": title,
        "标题": title_lines("关于", title, "有关事项的督办单", width_of, TITLE_WIDE),
        "月份": month_words(head.month),
        "事项数": str(len(items)),
        "期限": day_words(head.term) or "不设期限",
        "反馈要求": f"{asks}逐项书面反馈原因、措施和完成时间，反馈时请注明编号{head.name}号。",
        "催办说明": head.chased,
        "发文单位": office,
        "联系人": settings.contact,
        "联系电话": settings.phone,
        "联系方式": _contact(settings.contact, settings.phone),
        "署名": signed,
        "成文日期": dated,
    }
    rows = [
        {"序号": str(e.position), "事项": e.label, "依据": e.reason, "月份": span_words(e.months)}
        for e in items
    ]
    shades = {level_words(level): colour for level, colour in _SHADES.items()}
    return Contents(by_name, {ITEMS: rows}, {ITEMS: _COLUMNS}, {}, shades)


def _contact(person: str, phone: str) -> str:
    said = "，".join(each for each in (person, phone) if each)
    return f"（联系人：{said}）" if said else ""


def chased_words(first: str, before: str, term: str, level: str) -> str:
    """Why a slip goes out once more: ``first`` went out, the ``term`` of level ``before`` passed."""
    which = "期限" if before == BLUE else "催办期限"
    return (
        f"本督办单{day_words(first)}发出，{which}{day_words(term)}已过，还没有收到反馈，"
        f"督办级别由{level_words(before)}升为{level_words(level)}。"
    )
