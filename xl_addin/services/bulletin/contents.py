"""What a bulletin's template is filled with: values by name, tables, the chart, and the figures behind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from xl_addin.docx.charts import ChartData
from xl_addin.docx.fill import TO_WRITE, Contents, Placed
from xl_addin.master.indicator_totals import IndicatorTotals, ratio
from xl_addin.master.standings import Standing, by_rank
from xl_addin.master.totals import Totals
from xl_addin.model.lights import BLUE, GREEN, GREY, LIGHTS, NO_LIGHT, RED, YELLOW
from xl_addin.model.records import VERDICT_LABELS, Number
from xl_addin.model.scoring import NOT_JUDGED
from xl_addin.model.settings import BY_SCORE
from xl_addin.services.bulletin.sentences import (
    Facts,
    behind_words,
    change_words,
    chart_labels,
    district_overview,
    enumerate_names,
    foremost,
    gap_words,
    gaps,
    lacks,
    line_note,
    overview,
    percent,
    period,
    rank_note,
    rated,
    report_words,
    reports,
    slow,
    slow_words,
    title_lines,
)
from xl_addin.services.bulletin.works import work_values
from xl_addin.services.roll_call import Answer
from xl_addin.store.publications import (
    COMPLETION,
    CUMULATIVE,
    RANK,
    SCORE,
    SCORE_RANK,
    STANDING,
    PublishedFigure,
)
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.values import number_text

if TYPE_CHECKING:
    from decimal import Decimal

LINES, RANKS, SCORES = "指标", "排名", "得分表"
CHART = "各项任务完成率"
_LINE_COLUMNS = (
    "序号",
    "名称",
    "单位",
    "任务数",
    "累计",
    "完成率",
    "应完成",
    "与序时差",
    "超前滞后",
    "灯",
)
_RANK_COLUMNS = (
    "名次",
    "区县",
    "综合完成率",
    "应完成率",
    "序时完成比",
    "超前滞后",
    "灯",
    "变化",
    "已计月数",
    "缺月",
    "滞后名单",
    "本月报送",
    "考核得分",
    "得分名次",
)
_SCORE_COLUMNS = ("名次", "区县", "总分", "各项得分", "扣分原因", "手工加减")
_UNKNOWN = "—"
TITLE_WIDE = 20
"""Characters of 22 pt on a line of 156 mm (GB/T 9704-2012, 7.3.1)."""
_NAMED_BEHIND = 2
_NAMED_LOST = 3
# As on the sheets of the master: in grey the fills get darker from 绿 to 红.
_SHADES = {BLUE: "D6E6F5", GREEN: "E8F5E3", YELLOW: "FFE699", RED: "F4A6A6", GREY: "EDEDED"}


def light_words(light: str) -> str:
    """A light as a shape and a word: told apart on a grey printer too."""
    return f"{LIGHTS[light].shape}{light}" if light else _UNKNOWN


def bulletin_contents(facts: Facts, number: str, today: str) -> Contents:
    """What a template is filled with. ``number`` is the bulletin's own, ``today`` is YYYY-MM-DD."""
    return Contents(
        _values(facts, number, today),
        {
            LINES: list(_line_items(facts)),
            RANKS: list(_rank_items(facts)),
            SCORES: list(_score_items(facts)),
        },
        {LINES: _LINE_COLUMNS, RANKS: _RANK_COLUMNS, SCORES: _SCORE_COLUMNS},
        {CHART: _chart(facts)},
        {light_words(light): colour for light, colour in _SHADES.items()},
    )


def _values(facts: Facts, number: str, today: str) -> dict[str, str]:
    settings, month = facts.config.settings, int(facts.month[5:])
    lines, who = facts.totals.indicators, reports(facts)
    title = settings.title or "年度任务"
    office = settings.office or f"【{TO_WRITE}：发文机关】"
    behind = [line for line in lines if line.light in (YELLOW, RED)]
    red = [line for line in lines if line.light == RED]
    reached = sum(line.light in (BLUE, GREEN) for line in lines)
    year, *day = today.split("-")
    signed, dated = sign(office, f"{year}年{int(day[0])}月{int(day[1])}日")
    span = period(facts.config, facts.month)
    whole = facts.whole
    return {
        "刊名": f"{title}进展通报",
        "期号": number,
        "年度": facts.month[:4],
        "发文单位": office,
        "标题": title_lines(f"关于{span}", title, "进展情况的通报", width_of, TITLE_WIDE),
        "主送": "各区县",
        "任务名称": title,
        "月份": f"{facts.month[:4]}年{month}月",
        "期间": span,
        "序时进度": _time_progress(lines),
        "指标数": str(len(lines)),
        "达序时项数": str(reached),
        "未达序时项数": str(len(behind)),
        "滞后指标": enumerate_names([behind_words(facts, line) for line in behind], "项"),
        "红灯指标": enumerate_names([behind_words(facts, line) for line in red], "项"),
        "区县数": str(len(facts.totals.standings)),
        "数据齐全数": str(len(whole)),
        "前列名单": enumerate_names(rated(foremost(whole))),
        "后列名单": enumerate_names(rated(reversed([s for s in whole if s.rank][-3:]))),
        "红灯数": str(len(slow(facts))),
        "红灯名单": enumerate_names(rated(slow(facts))),
        "数据不全数": str(len(gaps(facts))),
        "数据不全名单": enumerate_names(gaps(facts)),
        "应报": str(len(facts.answers)),
        "通过": str(len(who.accepted)),
        "按时": str(len(who.accepted) - len(who.late)),
        "逾期": str(len(who.late)),
        "逾期名单": enumerate_names(who.late),
        "未报": str(len(who.missing)),
        "未报名单": enumerate_names(who.missing),
        "退回": str(len(who.returned)),
        "退回名单": enumerate_names(who.returned),
        "待定名单": enumerate_names(who.held),
        "督办数": str(len(facts.supervised)),
        "督办名单": enumerate_names(facts.supervised, "份"),
        "总体情况": overview(facts),
        "区县进展": district_overview(facts),
        "滞后情况": slow_words(facts),
        "数据不全情况": gap_words(facts),
        "报送情况": report_words(facts),
        "更正情况": change_words(facts),
        "督办情况": facts.supervision,
        **work_values(facts.works, {d.code: d.name for d in facts.config.districts}),
        "指标说明": line_note(facts),
        "排名说明": rank_note(facts),
        "署名": signed,
        "成文日期": dated,
    }


def _time_progress(lines: tuple[IndicatorTotals, ...]) -> str:
    """The share of the year that is due, where all indicators go by the same."""
    found = {percent(line.time_progress) for line in lines if line.measure != "rate"}
    return found.pop() if len(found) == 1 else "各项不同，见附件"


def width_of(text: str) -> float:
    """How wide a text is in characters of the body: letters and digits are half as wide."""
    return sum(0.5 if each.isascii() else 1 for each in text)


def sign(office: str, date: str) -> tuple[Placed, Placed]:
    """Who signs and when, with how far in from the right (GB/T 9704-2012, 7.3.5.2, without a seal).

    The name stands two characters in; the date begins two characters right of the name's beginning. Where
    it would then come nearer to the margin than two characters, it is the name that moves.
    """
    right = 2 + width_of(office) - 2 - width_of(date)
    if right >= 2:
        return Placed(office, 2), Placed(date, right)
    return Placed(office, 4 - right), Placed(date, 2)


def _line_items(facts: Facts) -> Iterator[Mapping[str, str]]:
    for count, line in enumerate(facts.totals.indicators, 1):
        yield {
            "序号": str(count),
            "名称": facts.names[line.code],
            "单位": line.unit,
            "任务数": _number(line.target),
            "累计": _number(line.cumulative),
            "完成率": percent(line.completion),
            "应完成": _number(line.due),
            "与序时差": _number(line.difference_to_due, signed=True),
            "超前滞后": _signed(line.lead),
            "灯": light_words(line.light),
        }


def _rank_items(facts: Facts) -> Iterator[Mapping[str, str]]:
    by_code = {each.district.code: each for each in facts.answers}
    labels = chart_labels(facts.config)
    for standing in by_rank(facts.totals.standings):
        score = facts.totals.scores.get(standing.code)
        names = [labels[code] for code in standing.behind[:_NAMED_BEHIND]]
        more = f"等{len(standing.behind)}项" if len(standing.behind) > _NAMED_BEHIND else ""
        yield {
            "名次": str(standing.rank or _UNKNOWN),
            "区县": standing.district,
            "综合完成率": percent(standing.rate),
            "应完成率": percent(standing.due),
            "序时完成比": percent(standing.pace),
            "超前滞后": _signed(standing.lead),
            "灯": light_words(standing.light),
            "变化": _change(standing),
            "已计月数": f"{standing.counted}/{standing.months}" if standing.months else _UNKNOWN,
            "缺月": lacks(standing),
            "滞后名单": "、".join(names) + more,
            "本月报送": _report(by_code.get(standing.code)),
            "考核得分": _points(score and score.total),
            "得分名次": str((score and score.rank) or _UNKNOWN),
        }


def _points(points: Decimal | None) -> str:
    return _UNKNOWN if points is None else f"{points:.2f}"


def _score_items(facts: Facts) -> Iterator[Mapping[str, str]]:
    """The districts by score; none where nobody is scored."""
    names = {each.code: each.district for each in facts.totals.standings}
    for score in sorted(facts.totals.scores.values(), key=lambda each: each.rank or 10**9):
        items = [
            f"{e.rule.item}{NOT_JUDGED if e.points is None else _points(e.points)}"
            for e in score.items
        ]
        reasons = [f"{lost.month[5:]}月{lost.reason}" for e in score.items for lost in e.lost]
        more = f"等{len(reasons)}处" if len(reasons) > _NAMED_LOST else ""
        yield {
            "名次": str(score.rank or _UNKNOWN),
            "区县": names[score.district],
            "总分": _points(score.total),
            "各项得分": "、".join(items),
            "扣分原因": "；".join(reasons[:_NAMED_LOST]) + more,
            "手工加减": "；".join(
                f"{points:+f}（{given.reason}）" for given, points in score.manual
            ),
        }


def _report(answer: Answer | None) -> str:
    if answer is None:
        return ""
    return answer.punctuality or VERDICT_LABELS[answer.verdict]


def _change(standing: Standing) -> str:
    if standing.change is None:
        return _UNKNOWN
    return (
        f"↑{standing.change}"
        if standing.change > 0
        else f"↓{-standing.change}"
        if standing.change
        else "平"
    )


def _number(value: Number | None, *, signed: bool = False) -> str:
    if value is None:
        return _UNKNOWN
    text = number_text(round(value, 2))
    return f"+{text}" if signed and value > 0 else text


def _signed(lead: float | None) -> str:
    if lead is None:
        return _UNKNOWN
    text = percent(lead / 100).removesuffix("%")
    return f"+{text}" if lead > 0 and text != "0.0" else text


def _chart(facts: Facts) -> ChartData:
    """A series for each of three lights, so that colours follow the values, and what was due."""
    labels = chart_labels(facts.config)
    shown = [
        line
        for line in facts.totals.indicators
        if line.light != NO_LIGHT and line.completion is not None
    ]

    def values(*lights: str) -> list[Number | None]:
        return [line.completion if line.light in lights else None for line in shown]

    return ChartData(
        [labels[line.code] for line in shown],
        {
            "达到序时": values(BLUE, GREEN),
            "低于序时": values(YELLOW),
            "严重滞后": values(RED),
            "应完成": [ratio(line.due, line.target) for line in shown],
        },
    )


def figures_of(totals: Totals) -> list[PublishedFigure]:
    """Every figure that a bulletin prints, and those that they are made of."""
    found = [
        PublishedFigure("", line.code, kind, value)
        for line in totals.indicators
        for kind, value in ((CUMULATIVE, line.cumulative), (COMPLETION, line.completion))
    ]
    ranks = SCORE_RANK if totals.ranked_by == BY_SCORE else RANK
    for each in totals.standings:
        found += (
            PublishedFigure(each.code, "", STANDING, each.rate),
            PublishedFigure(each.code, "", ranks, each.rank),
        )
    found += (
        PublishedFigure(code, "", SCORE, None if each.total is None else float(each.total))
        for code, each in totals.scores.items()
    )
    found += (
        PublishedFigure(*pair, CUMULATIVE, each.cumulative) for pair, each in totals.pairs.items()
    )
    return found


def figures_mark(totals: Totals) -> str:
    """A hash in hex over the month and the figures: what a draft was filled with."""
    import hashlib

    said = [totals.month, *([*each[:3], each.value] for each in figures_of(totals))]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
