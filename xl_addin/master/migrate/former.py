"""What older layouts laid down and this one lays down in another way.

Only where a master still holds exactly this is it replaced: whatever else stands there is staff's. The
layouts 1 and 2 are alike in all of it, and so are 3 and 4. Formulas are functions of where things stand, as
in ``master/build/formulas``; but for what is said to, they do not follow when those change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xl_addin.master.build.colours import legend_text
from xl_addin.master.build.formula_texts import cell_of
from xl_addin.master.build.formulas import Positions, figure_formulas
from xl_addin.master.build.page_formulas import (
    REMARK_BEGINS,
    UNKNOWN_DISTRICT,
    PagePlaces,
    page_formulas,
)
from xl_addin.master.read.matrix import Matrix, quote_sheet
from xl_addin.model.records import MEASURE_LABELS, RATE, STOCK_LABEL
from xl_addin.model.sheets import (
    CODE_KEY,
    COMPLETION_BLOCK,
    COMPLETION_NOTE,
    CORRECTIONS_HEADING,
    CUMULATIVE_BLOCK,
    CUMULATIVE_NOTE,
    DISTRICTS_BLOCK,
    INDICATORS_BLOCK,
    MONTH_BLOCK,
    MONTH_HEADINGS,
    MONTH_NOTE,
    NAME_KEY,
    OPENING_HEADING,
    PROGRESS_BLOCK,
    PROGRESS_NOTE,
    SETTINGS_BLOCK,
    SUMMARY_BLOCK,
    TARGETS_BLOCK,
    TREND_BLOCK,
    TREND_NOTE,
    VARIANCE_BLOCK,
    VARIANCE_NOTE,
)
from xl_addin.system.light import pattern
from xl_addin.xlsx.a1 import Where, area_name, cell_name

_POSITIVE = pattern(r"\bSUM\(([^(),:]+)\)>0")
_MONTH_NUMBER = "VALUE(RIGHT(cell_month,2))"
_PROGRESS = f"{_MONTH_NUMBER}/12"
_BEHIND = "IF(ISNUMBER(cell_behind),cell_behind,10)"
_SAYS_SPEED = f'；序时进度 "&TEXT({_PROGRESS},"0.0%")&"，滞后红线 "&{_BEHIND}&" 个百分点。空白是还没有数据或没有任务。"'
_KNOWN = "空白是还没有报（不当作 0），“—”是不适用。"
_NOTES = {
    MONTH_NOTE: f'cell_month&" 当月完成数。"&"{_KNOWN}"',
    CUMULATIVE_NOTE: f'"截至 "&cell_month&" 的累计完成数，只算已通过的填报表。"&"{_KNOWN}"',
    COMPLETION_NOTE: f'"截至 "&cell_month&"，完成率 = 累计完成 ÷ 任务数{_SAYS_SPEED}',
    VARIANCE_NOTE: f'"截至 "&cell_month&"，差异 = 累计完成 − 任务数{_SAYS_SPEED}',
    PROGRESS_NOTE: '"截至 "&cell_month&"。目标任务是现行任务（含年中调整），进度是累计完成，'
    "完成比例 = 进度 ÷ 目标任务。综合完成率是各项完成比例按“指标”里的权重平均，每项最多算到“单项封顶”；"
    "名次按综合完成率和应完成的比（缺月办法为“照计”的按综合完成率），相同的并列。带 * 和虚线框的累计不全，"
    '缺哪几个月看备注。空白是还没有报（不当作 0），“—”是不适用。"',
    TREND_NOTE: '"截至 "&cell_month&"。口径为“当月数”的指标，各月是当月新增；口径为“累计数”的指标，'
    '各月是月末状态。空白是还没有数据。"',
}

Formulas = dict[tuple[str, Where], str]


def former_formulas(positions: Positions) -> Mapping[tuple[str, Where], frozenset[str]]:
    """The formulas that older layouts have in a cell, by sheet and cell, without ``=``."""
    first, later = _first_layouts(positions), _fourth_layout(positions)
    return {
        at: frozenset(each[at] for each in (first, later) if at in each)
        for at in first.keys() | later.keys()
    }


def _fourth_layout(positions: Positions) -> Formulas:
    """Layouts 3 and 4 differ from this one in how a district's cell and a positive number are asked for.

    Made of today's formulas; should those change, what 0.4.0 has is in tests/data/programmes.
    """
    found: Formulas = {}
    for slot in figure_formulas(positions):
        found[slot.sheet, slot.where] = slot.formula
    page = positions.page
    for where, text, *_ in page_formulas(page, _by_names):
        found[page.sheet, where] = text
    found |= dict(_trend_totals(positions))
    return {at: _POSITIVE.sub(r"N(\1)>0", text.removeprefix("=")) for at, text in found.items()}


def _trend_totals(positions: Positions) -> Iterator[tuple[tuple[str, Where], str]]:
    matrix, listed = positions.trend, positions.indicators
    for code in positions.codes:
        row = matrix.rows[code]
        opening, first, last, corrections, total = (
            (row, matrix.columns[heading])
            for heading in (
                OPENING_HEADING,
                MONTH_HEADINGS[0],
                MONTH_HEADINGS[-1],
                CORRECTIONS_HEADING,
                "累计",
            )
        )
        headings = area_name((matrix.key_row, first[1], matrix.key_row, last[1]))
        state = f'INDEX({area_name((*first, *last))},MATCH({_MONTH_NUMBER}&"月",{headings},0))'
        measure = _away(listed, listed.rows[code], listed.columns["口径"])
        parts = f"{cell_name(*opening)},{cell_name(*first)}:{state},{cell_name(*corrections)}"
        state_only = f'OR({measure}="{STOCK_LABEL}",{measure}="{MEASURE_LABELS[RATE]}")'
        text = f"IF({state_only},{_number(state)},{_sum(parts)})"
        yield (matrix.sheet, total), text


def _by_names(block: str, code: str, _key: str, at: str) -> str:
    """How layout 4 looks a cell of a block up: by the block's name."""
    if block == DISTRICTS_BLOCK:
        names = f'INDEX({block},0,MATCH("{NAME_KEY}",INDEX({block},1,0),0))'
        return f'INDEX({block},MATCH({code},{names},0),MATCH("{CODE_KEY}",INDEX({block},1,0),0))'
    return cell_of(block, code, at)


def _first_layouts(positions: Positions) -> Formulas:
    found: Formulas = {}
    for matrix in (positions.targets, positions.month, positions.cumulative):
        for code in positions.codes:
            column = matrix.columns[code]
            found[matrix.sheet, (matrix.total_row, column)] = _sum(_span(matrix, column))
    found |= _comparisons(positions)
    found |= dict(_summary(positions))
    found |= dict(_trend(positions))
    found |= dict(_page_remark(positions.page))
    return found | {positions.notes[name]: text for name, text in _NOTES.items()}


def _page_remark(page: PagePlaces) -> Iterator[tuple[tuple[str, Where], str]]:
    code = cell_name(*page.head[CODE_KEY])
    remark = cell_of(PROGRESS_BLOCK, code, '"备注"')
    said = f'IFERROR(IF({remark}="","","{REMARK_BEGINS}"&{remark}),"")'
    yield (page.sheet, page.remark), f'IF({code}="","{UNKNOWN_DISTRICT}",{said})'


def _sum(span: str) -> str:
    return f'IF(COUNT({span})=0,"",SUM({span}))'


def _share(part: str, whole: str) -> str:
    return f'IF(AND(ISNUMBER({part}),N({whole})>0),{part}/{whole},"")'


def _difference(one: str, other: str) -> str:
    return f'IF(AND(ISNUMBER({one}),ISNUMBER({other})),{one}-{other},"")'


def _number(cell: str) -> str:
    return f'IF(ISNUMBER({cell}),{cell},"")'


def _span(matrix: Matrix, column: int) -> str:
    return area_name((matrix.key_row + 1, column, matrix.total_row - 1, column))


def _away(matrix: Matrix, row: int, column: int) -> str:
    return f"{quote_sheet(matrix.sheet)}!{cell_name(row, column)}"


def _span_away(matrix: Matrix, column: int) -> str:
    return f"{quote_sheet(matrix.sheet)}!{_span(matrix, column)}"


def _comparisons(positions: Positions) -> Formulas:
    found: Formulas = {}
    targets, cumulative = positions.targets, positions.cumulative
    for matrix, text in ((positions.completion, _share), (positions.variance, _difference)):
        for district in (*positions.districts, ""):
            for code in positions.codes:
                actual, target = (
                    _away(each, each.row(district), each.columns[code])
                    for each in (cumulative, targets)
                )
                where = (matrix.row(district), matrix.columns[code])
                found[matrix.sheet, where] = text(actual, target)
    return found


def _summary(positions: Positions) -> Iterator[tuple[tuple[str, Where], str]]:
    matrix, targets, listed = positions.summary, positions.targets, positions.indicators
    for code in positions.codes:
        row = matrix.rows[code]
        here = {heading: cell_name(row, column) for heading, column in matrix.columns.items()}
        actual, target, rate = here["累计完成"], here["任务数"], here["完成率"]
        month = positions.month
        districts = _span_away(month, month.key_column)
        texts = {
            "任务数": _sum(_span_away(targets, targets.columns[code])),
            "公布合计": _number(_away(targets, targets.published_row, targets.columns[code])),
            "全市目标": _number(_away(listed, listed.rows[code], listed.columns["全市目标"])),
            "本月完成": _sum(_span_away(month, month.columns[code])),
            "累计完成": _sum(_span_away(positions.cumulative, positions.cumulative.columns[code])),
            "完成率": _share(actual, target),
            "序时进度": _PROGRESS,
            "超前滞后": f'IF(ISNUMBER({rate}),({rate}-{here["序时进度"]})*100,"")',
            "差额": _difference(actual, target),
            "本月缺数区县": f"COUNTA({districts})-COUNTA({_span_away(month, month.columns[code])})",
        }
        for heading, text in texts.items():
            yield (matrix.sheet, (row, matrix.columns[heading])), text


def _trend(positions: Positions) -> Iterator[tuple[tuple[str, Where], str]]:
    matrix, summary, listed = positions.trend, positions.summary, positions.indicators
    first, last = (matrix.columns[MONTH_HEADINGS[end]] for end in (0, -1))
    headings = area_name((matrix.key_row, first, matrix.key_row, last))
    now = f'MATCH({_MONTH_NUMBER}&"月",{headings},0)'
    for code in positions.codes:
        row = matrix.rows[code]
        state = f"INDEX({area_name((row, first, row, last))},{now})"
        until = f"{cell_name(row, first)}:{state}"
        measure = f'{_away(listed, listed.rows[code], listed.columns["口径"])}="{STOCK_LABEL}"'
        target, cumulative = matrix.columns["任务数"], matrix.columns["累计"]
        texts = {
            "任务数": _away(summary, summary.rows[code], summary.columns["任务数"]),
            "累计": f"IF({measure},{_number(state)},{_sum(until)})",
            "完成率": _share(cell_name(row, cumulative), cell_name(row, target)),
        }
        for heading, text in texts.items():
            yield (matrix.sheet, (row, matrix.columns[heading])), text


_SHARE = "INDEX(blk_completion,MATCH(@,INDEX(blk_completion,0,1),0),MATCH(@,INDEX(blk_completion,1,0),0))"


def _speed_rules(done: str, share: str) -> Mapping[str, frozenset[str]]:
    lead = f"IF(ISNUMBER({share}),ROUND(({share}-{_PROGRESS})*100,6)<"
    return {
        f"IF(ISNUMBER(@),{done},FALSE)": frozenset(("FF006100", "FFC6EFCE")),
        f"{lead}-{_BEHIND},FALSE)": frozenset(("FF9C0006", "FFFFC7CE")),
        f"{lead}0,FALSE)": frozenset(("FF7F6000", "FFFFEB9C")),
    }


_DECIMALS: Mapping[str, frozenset[str]] = {"IF(ISNUMBER(@),@<>INT(@),FALSE)": frozenset()}
FORMER_RULES: Mapping[str, Mapping[str, frozenset[str]]] = {
    **dict.fromkeys((TARGETS_BLOCK, MONTH_BLOCK, CUMULATIVE_BLOCK, TREND_BLOCK), _DECIMALS),
    SUMMARY_BLOCK: {**_DECIMALS, **_speed_rules("@>=1", "@")},
    COMPLETION_BLOCK: _speed_rules("@>=1", "@"),
    VARIANCE_BLOCK: {**_DECIMALS, **_speed_rules(f"AND(@>=0,ISNUMBER({_SHARE}))", _SHARE)},
}
"""The conditional formats on a block's sheet: their formulas, each cell that one names as ``@``, and
the colours that they give."""

FORMER_TEXTS = frozenset(
    (
        "浅黄色的格子填全年任务数，没有任务的留空；“公布合计”填文件上印的合计，没有就留空。",
        "只算已通过的填报表；空白是还没有数据（不当作 0）。超前滞后 = 完成率 − 序时进度，单位是百分点；"
        "差额 = 累计完成 − 任务数。颜色：绿是已完成全年任务，黄是低于序时进度，红是低于序时进度超过滞后红线。",
        "完成率比序时进度低多少个百分点算严重滞后（红色）",
        "年-月，例如 2023-06；命令和按钮不另外指定月份时用它",
        "别名之间用“、”隔开；邮箱可以填几个，用“；”隔开。增加区县时，在名录和每张区县表里各插入一行并填同一个代码。",
        "口径：“当月数”每月报当月新增；“累计数”每月报截至月末的数。上级指标填代码，表示本项是它的“其中”。"
        "全市目标可与任务表合计不同，没有就留空。",
        "口径：“当月数”每月报当月新增；“累计数”每月报截至月末的数；“两者都填”报当月新增，也报本年累计；“比率”每月报截至月末的率，"
        "从不相加，“合计按”填了加权用的指标代码才有合计。上级指标填代码，表示本项是它的“其中”。"
        "全市目标可与任务表合计不同，没有就留空。增加指标：在最后一行的下面填好，再点“增加指标”。",
        "填报格空着，数填在了说明栏或别的格子里",
        "不填就用发件人邮箱。密码不写在这里：在命令行运行 xl-addin password",
        "单位自建邮件服务器用自己签发的证书时，填证书文件（.pem）的路径；一般不填",
        "左半是这个月的详情，右半是各月的结论；一个区县报了几次的，已通过的为准，其次是最近一次。",
        "身份有疑问的回收件，还没有计入。核实后在“决定”里选：接受＝按这里的区县和月份计入；退回＝不计入；"
        "归属＝计入所填的区县（月份不对时再填归属月份）。选好后点“处理待定”。",
        f"{legend_text()}\n综合完成率：各指标完成率按权重平均，一项最多按单项封顶计。序时完成比 = 综合完成率 ÷ 应完成，"
        "缺月份的只和已计入的月份比；名次按缺月办法排，可以并列。逐月：各月完成的份额。",
        "■ 已完成全年任务    ■ 低于序时进度    ■ 低于序时进度超过滞后红线    无色：未低于序时进度",
    )
)
"""Texts of the program's own that read otherwise now."""

FORMER_GUIDES = frozenset(
    (
        "678b85d38fa229ac",
        "c0e429ccd16b4a18",
        "5239f2771f1babd6",
        "06307215b56121f4",
        "69837355dd1ab6b8",
    )
)
"""What 使用说明 said, as digests: of 0.1.0, 0.2.1, 0.3.0, 0.4.0 and 0.5.0."""

FORMER_CHOICES: Mapping[tuple[str, str], str] = {
    (INDICATORS_BLOCK, "口径"): '"当月数,累计数"',
    (SETTINGS_BLOCK, "本次月份"): "",
}
"""The list to choose from in a column, by block and heading, or in a row, by block and key; empty
where there was none."""
