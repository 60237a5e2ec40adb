"""What a bulletin says in sentences: counts first, names after, figures in brackets.

A district whose months do not all count is never among the slow: it is named apart, with what it lacks.
Nothing known is said to be so, and never told as 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from xl_addin.master.indicator_totals import IndicatorTotals, ratio
from xl_addin.master.pair_totals import month_names
from xl_addin.master.standings import Standing, by_rank, shown_percent
from xl_addin.master.totals import Totals
from xl_addin.model.calendar import LATE
from xl_addin.model.lights import BLUE, GREEN, GREY, LIGHTS, NO_LIGHT, RED, YELLOW
from xl_addin.model.records import ACCEPTED, HELD, MISSING, REJECTED, VERDICT_LABELS
from xl_addin.model.settings import BY_SCORE, IN_FULL, PRO_RATA, Config
from xl_addin.model.work_items import WorkStanding
from xl_addin.services.published_changes import PublishedChange
from xl_addin.services.roll_call import Answer
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.values import number_text

MOST_NAMES = 12
FOREMOST = 3
_LABEL = 10
_GENERIC = pattern(r"(?:20\d\d年)?(?:年度|目标|计划)*任务数?|其中|合计|小计|总数")
_JUDGED = (BLUE, GREEN, YELLOW, RED)


class Facts(NamedTuple):
    """What a bulletin is made of: a month's totals, who reported, what changed since the last one.

    ``works`` are how the key works stand that are still reported, ``supervised`` the slips that are open, as a
    list of names has them, ``supervision`` what is said of them in a sentence.
    """

    month: str
    config: Config
    totals: Totals
    answers: Sequence[Answer]
    changes: Sequence[PublishedChange]
    works: Sequence[WorkStanding] = ()
    supervised: Sequence[str] = ()
    supervision: str = ""

    @property
    def names(self) -> dict[str, str]:
        """What indicators are called in a line of text, by code."""
        return short_names(self.config)

    @property
    def whole(self) -> list[Standing]:
        """The districts whose months all count and of which something is known, the first first."""
        return [s for s in by_rank(self.totals.standings) if s.is_whole and s.rate is not None]


def short_names(config: Config) -> dict[str, str]:
    """简称, else the innermost heading; with those above it where it alone says nothing."""
    leaves = [item.path[-1] for item in config.indicators]
    found = {}
    for item in config.indicators:
        steps = [step for step in item.path if not _GENERIC.fullmatch(step)] or list(item.path)
        alone = leaves.count(item.path[-1]) == 1 and not item.parent
        found[item.code] = item.short or (steps[-1] if alone and steps else "·".join(steps))
    return found


def chart_labels(config: Config) -> dict[str, str]:
    """What indicators are called where there is no room: 简称, else the innermost heading, cut off."""
    names = {item.code: item.path[-1] for item in config.indicators if item.parent}
    return {
        code: name if len(name) <= _LABEL else f"{name[: _LABEL - 1]}…"
        for code, name in {**short_names(config), **names, **_given(config)}.items()
    }


def _given(config: Config) -> dict[str, str]:
    return {item.code: item.short for item in config.indicators if item.short}


def percent(share: float | None) -> str:
    """A share of 1 as people read it: 37.5%; — where it is not known."""
    return "—" if share is None else f"{shown_percent(share)}%"


def points(lead: float | None) -> str:
    """Percentage points without a sign."""
    return "—" if lead is None else f"{shown_percent(abs(lead) / 100)}"


def enumerate_names(names: Sequence[str], unit: str = "个") -> str:
    """Names as a sentence lists them; of more than ``MOST_NAMES`` the rest is counted."""
    more = f"等{len(names)}{unit}" if len(names) > MOST_NAMES else ""
    return "、".join(names[:MOST_NAMES]) + more


def period(config: Config, month: str) -> str:
    """The months that a bulletin is about: 2023年1—6月."""
    year, last, first = month[:4], int(month[5:]), config.settings.first_month
    return f"{year}年{last}月" if first == last else f"{year}年{first}—{last}月"


def overview(facts: Facts) -> str:
    """总体情况: how many indicators have which light, those behind by name."""
    lines = facts.totals.indicators
    if all(line.cumulative is None for line in lines):
        return f"截至{int(facts.month[5:])}月底，还没有计入的数据，各项任务的进度待数据报齐后通报。"
    said = (
        f"列入通报的任务{len(lines)}项，其中{_light_counts([line.light for line in lines], '项')}"
    )
    no_light = sum(line.light == NO_LIGHT for line in lines)
    said += f"；没有任务数或还没有到期的{no_light}项，不作评价。" if no_light else "。"
    for light, word in ((RED, "严重滞后"), (YELLOW, "低于序时")):
        behind = [behind_words(facts, line) for line in lines if line.light == light]
        said += f"{word}的是{enumerate_names(behind, '项')}。" if behind else ""
    return said + _incomplete_words(facts)


def behind_words(facts: Facts, line: IndicatorTotals) -> str:
    """An indicator with what was reached and what was due."""
    due = ratio(line.due, line.target)
    return f"{facts.names[line.code]}（完成{percent(line.completion)}，应完成{percent(due)}）"


def _light_counts(lights: Sequence[str], unit: str) -> str:
    known = [(LIGHTS[word].meaning, lights.count(word)) for word in (*_JUDGED, GREY)]
    return (
        "、".join(f"{meaning}{count}{unit}" for meaning, count in known if count)
        or f"没有可评价的{unit}"
    )


def _incomplete_words(facts: Facts) -> str:
    count = sum(not each.is_whole for each in facts.totals.standings)
    if not count:
        return ""
    in_full = facts.config.settings.missing_months == IN_FULL
    due = "应完成数按全部月份计算" if in_full else "应完成数也只算已计入的月份"
    return f"有{count}个区县的数据不全，以上完成数只含已计入的月份，{due}。"


def district_overview(facts: Facts) -> str:
    """区县进展: how many whole districts have which light, the foremost by name."""
    whole, everyone = facts.whole, len(facts.totals.standings)
    if not whole:
        return f"{everyone}个区县中还没有数据齐全的，本期不作比较。"
    counts = _light_counts([each.light for each in whole], "个")
    said = f"{everyone}个区县中，数据齐全的{len(whole)}个，其中{counts}。"
    first = foremost(whole)
    if not first:
        return said
    if facts.totals.ranked_by == BY_SCORE:
        scores = facts.totals.scores
        names = [f"{e.district}（{scores[e.code].total:.2f}分）" for e in first]
        return f"{said}考核得分居前的是{enumerate_names(names)}。"
    if facts.config.settings.missing_months == IN_FULL:
        return f"{said}综合完成率居前的是{enumerate_names(rated(first))}。"
    names = [f"{e.district}（{percent(e.pace)}，综合完成率{percent(e.rate)}）" for e in first]
    return f"{said}序时完成比居前的是{enumerate_names(names)}。"


def foremost(whole: Iterable[Standing]) -> list[Standing]:
    """The first by rank, with those who share the last of these places."""
    ranked = [each for each in whole if each.rank]
    if not ranked:
        return []
    last = ranked[:FOREMOST][-1].rank or 0
    return [each for each in ranked if (each.rank or 0) <= last]


def rated(standings: Iterable[Standing]) -> list[str]:
    """Districts with 综合完成率 in brackets."""
    return [f"{each.district}（{percent(each.rate)}）" for each in standings]


def slow(facts: Facts) -> list[Standing]:
    """The whole districts with a red light, the furthest behind first."""
    found = [each for each in facts.whole if each.light == RED]
    return sorted(found, key=lambda each: each.lead or 0)


def slow_words(facts: Facts) -> str:
    """滞后情况: who is far behind, only among districts whose months all count."""
    if not facts.whole:
        return ""
    line, late = number_text(facts.config.settings.behind), slow(facts)
    if not late:
        return f"数据齐全的区县中，没有综合完成率低于应完成{line}个百分点以上的。"
    names = [
        f"{each.district}（{percent(each.rate)}，低{points(each.lead)}个百分点）" for each in late
    ]
    return f"综合完成率低于应完成{line}个百分点以上的{len(late)}个：{enumerate_names(names)}。"


def gaps(facts: Facts) -> list[str]:
    """The districts that lack months, each with which."""
    return [
        f"{each.district}（{lacks(each)}）" for each in facts.totals.standings if not each.is_whole
    ]


def lacks(standing: Standing) -> str:
    """What a district lacks, in words."""
    lost = [f"缺{month_names(standing.missing)}"] if standing.missing else []
    return "，".join((*lost, *(f"缺{gap}" for gap in standing.gaps)))


def gap_words(facts: Facts) -> str:
    """数据不全情况: who lacks what, and how it is compared all the same."""
    names = gaps(facts)
    if not names:
        return ""
    way = facts.config.settings.missing_months
    unranked = "" if facts.totals.ranked_by == BY_SCORE else "不参加排名，"
    how = {PRO_RATA: "进度只按已计入的月份比较，", IN_FULL: "应完成数仍按全部月份计算，"}.get(
        way, unranked
    )
    return f"数据不全的{len(names)}个，{how}不列入滞后名单：{enumerate_names(names)}。"


class Reports(NamedTuple):
    """Who reported for the month, by name; every district is in one of them, ``late`` in accepted too."""

    accepted: list[str]
    late: list[str]
    missing: list[str]
    returned: list[str]
    held: list[str]
    others: list[str]


def reports(facts: Facts) -> Reports:
    """The roll of the month."""
    found = Reports([], [], [], [], [], [])
    for each in facts.answers:
        name = each.district.name
        if each.verdict == ACCEPTED:
            found.accepted.append(name)
            if each.punctuality == LATE:
                found.late.append(name)
        elif each.verdict == MISSING:
            found.missing.append(name)
        elif each.verdict == REJECTED:
            found.returned.append(name)
        elif each.verdict == HELD:
            found.held.append(name)
        else:
            found.others.append(f"{name}（{VERDICT_LABELS[each.verdict]}）")
    return found


def report_words(facts: Facts) -> str:
    """报送情况: the counts of the roll call, then who was late, who is missing, whose went back."""
    who = reports(facts)
    number, asked = int(facts.month[5:]), len(facts.answers)
    if len(who.missing) == asked:
        return (
            f"{number}月应报{asked}个区县，都还没有报送。" if asked else f"{number}月没有区县应报。"
        )
    on_time = len(who.accepted) - len(who.late)
    told = f"{number}月应报{asked}个区县，已通过{len(who.accepted)}个"
    told += f"（按时{on_time}个、逾期{len(who.late)}个）" if who.accepted else ""
    rest: tuple[tuple[str, list[str]], ...] = (
        ("退回修改", who.returned),
        ("待定", who.held),
        ("没有有效数据", who.others),
        ("未报", who.missing),
    )
    told += "".join(f"，{word}{len(names)}个" for word, names in rest if names) + "。"
    lists = (
        ("逾期的是", who.late),
        ("退回后还没有改好重报的是", who.returned),
        ("报来的数据还在核实的是", who.held),
        ("报来的文件里没有有效数据的是", who.others),
        ("未报的是", who.missing),
    )
    return told + "".join(f"{word}{enumerate_names(names)}。" for word, names in lists if names)


def change_words(facts: Facts) -> str:
    """更正情况: which figures of a bulletin that went out have changed since."""
    if not facts.changes:
        return ""
    said = [each.sentence for each in facts.changes]
    return f"已经发布的通报中，有{len(said)}个数有更正：{enumerate_names(said)}。"


def rank_note(facts: Facts) -> str:
    """What stands below the table of districts."""
    settings = facts.config.settings
    cap = (
        f"，单项超过{number_text(settings.cap)}%的按{number_text(settings.cap)}%计"
        if settings.cap
        else ""
    )
    ways: dict[str, str] = {
        PRO_RATA: "名次按序时完成比（综合完成率与已计月份应完成之比）排列，缺月的区县只比已计入的月份",
        IN_FULL: "名次按综合完成率排列，缺月的区县应完成数仍按全部月份计算",
    }
    way = ways.get(settings.missing_months, "名次按序时完成比排列，缺月的区县不排名")
    way = "名次按考核得分排列" if facts.totals.ranked_by == BY_SCORE else way
    return (
        f"注：综合完成率是各项任务完成率的加权平均{cap}；超前滞后是综合完成率减应完成，单位为百分点；"
        f"{way}；“—”是没有数据或不作评价。"
    )


def line_note(facts: Facts) -> str:
    """What stands below the table of indicators."""
    lights = "，".join(f"{spec.shape}{word} {spec.meaning}" for word, spec in LIGHTS.items())
    return f"注：{lights}。“—”是没有数据、没有任务数或不作评价。{_incomplete_words(facts)}"


def title_lines(
    first: str, middle: str, last: str, wide: Callable[[str], float], most: float
) -> str:
    """A title in lines of at most ``most`` characters, broken between its parts, as even as they allow."""
    ways = (
        (first + middle + last,),
        (first + middle, last),
        (first, middle + last),
        (first, middle, last),
    )
    fitting = [way for way in ways if max(map(wide, way)) <= most]
    if not fitting:
        return first + middle + last
    least = min(map(len, fitting))
    return "\n".join(
        min((way for way in fitting if len(way) == least), key=lambda way: max(map(wide, way)))
    )
