"""Names that staff see in the master: sheets, blocks and headings.

A block is a range with a defined name. Staff may insert rows and columns, rename and reorder
sheets: the program finds its blocks by these names, and rows and columns in them by their keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from xl_addin.model.lights import LIGHTS
from xl_addin.model.mail_settings import MAIL_SETTINGS
from xl_addin.model.rules import RULES
from xl_addin.model.settings import SETTINGS
from xl_addin.system.light import NamedTuple

TAB = "年度任务"  # of the ribbon
BOARD_SHEET = "看板"
GUIDE_SHEET = "使用说明"
SETTINGS_SHEET = "设置"
DISTRICTS_SHEET = "区县名录"
INDICATORS_SHEET = "指标"
TARGETS_SHEET = "任务表"
RULES_SHEET = "校验规则"
LETTERS_SHEET = "信件"
PAPERS_SHEET = "材料"
MONTH_SHEET = "本月完成"
CUMULATIVE_SHEET = "累计完成"
SUMMARY_SHEET = "汇总"
COMPLETION_SHEET = "完成率"
VARIANCE_SHEET = "差异"
TREND_SHEET = "逐月"
SCHEDULE_SHEET = "序时"
ADJUSTMENTS_SHEET = "任务调整"
OPENINGS_SHEET = "年初累计"
LAST_YEAR_SHEET = "上年同期"
PLAN_SHEET = "现行任务"
DUE_SHEET = "应完成数"
COUNTED_SHEET = "已计月数"
LIGHTS_SHEET = "进度灯"
PROGRESS_SHEET = "进度表"
DISTRICT_PAGE_SHEET = "区县单页"
MONTHLY_SHEET = "各月完成"
BOARD_DATA_SHEET = "看板数据"
TEXTS_SHEET = "各区县说明"
WORKS_SHEET = "重点工作台账"
WORK_DETAILS_SHEET = "台账明细"
PAPER_LIST_SHEET = "材料明细"
TRAIL_SHEET = "溯源"
COMPARISON_SHEET = "比对"
CORRESPONDENCE_SHEET = "对照"
SCHEME_SHEET = "考核"
SCORES_SHEET = "得分"
LOSSES_SHEET = "扣分明细"
STATUS_SHEET = "回收情况"
PENDING_SHEET = "待定"
SLIPS_SHEET = "督办"
PROBLEMS_SHEET = "问题清单"
JOURNAL_SHEET = "操作日志"
CONF_SHEET, ERROR_SHEET = "xlwings.conf", "Error"
"""The two sheets of the macros, in which nobody types."""
# Defined names. A block's first row holds the keys of its columns (headings or indicator codes),
# its first column the keys of its rows; the last row of a matrix is the total row.
SETTINGS_BLOCK = "blk_settings"
WORKS_BLOCK = "blk_works"
WORK_DETAILS_BLOCK = "blk_work_details"
DISTRICTS_BLOCK = "blk_districts"
INDICATORS_BLOCK = "blk_indicators"
RULES_BLOCK = "blk_rules"
LETTERS_BLOCK = "blk_letters"
PAPERS_BLOCK = "blk_papers"
TARGETS_BLOCK = "blk_targets"
MONTH_BLOCK = "blk_month"
CUMULATIVE_BLOCK = "blk_cumulative"
SUMMARY_BLOCK = "blk_summary"
COMPLETION_BLOCK = "blk_completion"
VARIANCE_BLOCK = "blk_variance"
TREND_BLOCK = "blk_trend"
SCHEDULE_BLOCK = "blk_schedule"
ADJUSTMENTS_BLOCK = "blk_adjustments"
OPENINGS_BLOCK = "blk_openings"
LAST_YEAR_BLOCK = "blk_last_year"
PLAN_BLOCK = "blk_plan"
DUE_BLOCK = "blk_due"
COUNTED_BLOCK = "blk_counted"
LIGHTS_BLOCK = "blk_lights"
PROGRESS_BLOCK = "blk_progress"
PAGE_HEAD_BLOCK = "blk_page_head"
PAGE_BLOCK = "blk_page"
PAGE_MONTHS_BLOCK = "blk_page_months"
MONTHLY_BLOCK = "blk_monthly"
TEXTS_BLOCK = "blk_texts"
PAPER_LIST_BLOCK = "blk_paper_list"
TRAIL_BLOCK = "blk_trail"
COMPARISON_BLOCK = "blk_comparison"
COMPARISON_HEAD_BLOCK = "blk_comparison_head"
CORRESPONDENCE_BLOCK = "blk_correspondence"
SCHEME_BLOCK = "blk_scheme"
MANUAL_BLOCK = "blk_manual"
SCORES_BLOCK = "blk_scores"
LOSSES_BLOCK = "blk_losses"
# 看板: the figures on top, the lists of names, every district in order of rank.
FIGURES_BLOCK = "blk_figures"
NAMES_BLOCK = "blk_names"
RANKING_BLOCK = "blk_ranking"
# What the charts of 看板 draw.
COURSE_BLOCK = "blk_course"
BARS_BLOCK = "blk_bars"
COLUMNS_BLOCK = "blk_columns"
STATUS_BLOCK = "blk_board"
PENDING_BLOCK = "blk_pending"
SLIPS_BLOCK = "blk_slips"
PROBLEMS_BLOCK = "blk_problems"
JOURNAL_BLOCK = "blk_journal"
STATUS_COUNTS_BLOCK = "blk_board_counts"
GUIDE_BLOCK = "blk_guide"
BINDING_BLOCK = "blk_binding"
STAMP_COLUMN = 7
"""On the sheet of that block: from here on stands by which version of shared settings the master goes."""
# Single cells: the month that the totals are of (text, 2023-06), the month that 回收情况 shows, and
# the setting that the colour rules use.
MONTH_CELL = "cell_month"
STATUS_MONTH_CELL = "cell_board_month"
BEHIND_CELL = "cell_behind"
PAGE_REMARK_CELL = "cell_page_remark"
# By what the ranks go that the sheets show: BY_STANDING or BY_SCORE, as of the last recompute.
RANKED_CELL = "cell_ranked_by"
# The line under a sheet's title, a formula.
MONTH_NOTE = "note_month"
CUMULATIVE_NOTE = "note_cumulative"
COMPLETION_NOTE = "note_completion"
VARIANCE_NOTE = "note_variance"
PROGRESS_NOTE = "note_progress"
TREND_NOTE = "note_trend"
# The line under the title of 溯源: which figure it is about, and what it comes to.
TRAIL_NOTE = "note_traced"
BOARD_NOTE = "note_figures"
SCORES_NOTE = "note_scores"
TOTAL_KEY = "合计"
PUBLISHED_KEY = "公布合计"
CODE_KEY = "代码"
NAME_KEY = "区县"
# In a matrix a blank is unknown; this text is "no such thing here", which is not missing.
NOT_APPLICABLE_MARK = "—"
DISTRICT_HEADINGS = (
    "代码",
    "区县",
    "别名",
    "收件人",
    "抄送",
    "联系人",
    "电话",
    "备注",
    "起始月",
    "截止月",
)
INDICATOR_HEADINGS = (
    "代码",
    "指标",
    "计量单位",
    "口径",
    "上级指标",
    "取整",
    "全市目标",
    "备注",
    "序时",
    "起始月",
    "截止月",
    "合计按",
    "上年代码",
    "简称",
    "权重",
)
MONTH_HEADINGS = tuple(f"{number}月" for number in range(1, 13))
SCHEDULE_HEADINGS = ("代码", "指标", *MONTH_HEADINGS)
ADJUSTMENT_HEADINGS = (
    "起始月",
    "区县",
    "指标",
    "年初任务",
    "调整数",
    "调整后",
    "依据",
    "经办人",
    "登记时间",
)
LAST_YEAR_HEADINGS = ("区县代码", "指标代码", *MONTH_HEADINGS)
WORK_HEADINGS = (
    "编号",
    "重点工作",
    "目标要求",
    "牵头",
    "责任单位",
    "完成时限",
    "报送",
    "对应指标",
    "起始月",
    "截止月",
)
WORK_COUNT_HEADINGS = (
    "应报",
    "已完成",
    "推进中",
    "未启动",
    "滞后",
    "不涉及",
    "未报",
    "灯",
    "最近情况",
)
WORK_DETAIL_HEADINGS = (
    "区县",
    "编号",
    "重点工作",
    "本月状态",
    "进展情况",
    "存在问题",
    "下一步措施",
    "预计完成",
    "填报人",
    "报送时间",
    "程序核对",
    "督办与销号",
)
TEXT_HEADINGS = ("月份", "区县", "指标", "内容", "原文", "文件", "工作表", "单元格")
PAPER_COUNT_HEADINGS = ("收到", "按时", "未报", "退回")
PAPER_HEADINGS = (
    CODE_KEY,
    "材料",
    "要求",
    "截止",
    "文件类型",
    "最少字数",
    "最多字数",
    "份数",
    "对谁",
    *PAPER_COUNT_HEADINGS,
)
PAPER_LIST_HEADINGS = (
    "键",
    "材料",
    NAME_KEY,
    "状态",
    "收到时间",
    "字数",
    "份数",
    "文件",
    "问题",
    "原件",
    "链接",
)
"""键 is the paper's code and the district's, by which 回收情况 finds its row."""
RULE_HEADINGS = ("代码", "规则", "级别", "参数", "说明")
SETTING_HEADINGS = ("项目", "值", "说明")
LETTER_HEADINGS = ("信件", "主题", "正文", "可用的字段")
COMPARED_HEADINGS = ("可比区县数", "可比累计", "同期累计")
SUMMARY_HEADINGS = (
    "指标",
    "计量单位",
    "任务数",
    "公布合计",
    "全市目标",
    "本月完成",
    "累计完成",
    "完成率",
    "序时进度",
    "超前滞后",
    "差额",
    "本月缺数区县",
    "应完成数",
    "与序时差",
    "灯",
    "应计区县月",
    "已计区县月",
    "累计不全区县数",
    "全市目标完成率",
    *COMPARED_HEADINGS,
    "同比",
)
PROBLEM_HEADINGS = (
    "月份",
    "区县",
    "文件",
    "结论",
    "级别",
    "工作表",
    "单元格",
    "发现",
    "问题",
    "规则代码",
    "收到时间",
    "区县说明",
)
PENDING_HEADINGS = (
    "编号",
    "月份",
    "区县",
    "文件",
    "发件人",
    "原因",
    "建议",
    "数据摘要",
    "决定",
    "归属区县",
    "归属月份",
    "备注",
    "归属材料",
)
SLIP_HEADINGS = (
    "编号",
    "区县",
    "事项",
    "依据",
    "发出",
    "期限",
    "级别",
    "状态",
    "反馈",
    "反馈时间",
    "结果",
    "销号",
    "销号时间",
)
JOURNAL_HEADINGS = ("时间", "操作", "月份", "结果", "操作人")
TRAIL_HEADINGS = (
    "月份",
    "计入",
    "数",
    "单元格",
    "回收件",
    "结论",
    "收到时间",
    "怎样收的",
    "问题与决定",
    "原件",
    "链接",
)
COMPARISON_HEADINGS = (
    "区县",
    "指标",
    "我方",
    "他方",
    "差",
    "结果",
    "他方单元格",
    "我方溯源",
    "说明",
    "处理",
)
COMPARISON_KEYS = (
    "编号",
    "文件",
    "结果",
    "请注意",
    "对上的列",
    "没有对上的列",
    "对方没有的区县",
    "认不出的名称",
    "对方的合计",
)
"""What stands above the list of 比对, a row each."""
CORRESPONDENCE_HEADINGS = ("他方列名", "指标", "换算", "他方截至月", "口径", "备注")
SCHEME_HEADINGS = ("项目", "计分方式", "满分", "参数一", "参数二", "各月", "启用", "说明")
MANUAL_HEADINGS = ("区县", "项目", "加减", "理由")
SCORE_ITEMS = tuple(f"项目{number}" for number in range(1, 11))
"""The keys of the columns of 得分 that items are written in; what stands over them are the items' names."""
SCORE_HEADS = 3
"""Rows of 得分 above the districts: the keys, the headings, the full marks."""
SCORED_KEY, BY_HAND_KEY, BROUGHT_UP_KEY = "总分", "手工加减", "折算"
SCORE_HEADINGS = (
    *("代码", "区县", "名次", SCORED_KEY, BY_HAND_KEY, BROUGHT_UP_KEY),
    *("理由", *SCORE_ITEMS),
)
LOSS_HEADINGS = ("区县", "项目", "月份", "依据", "扣分", "回执")
LETTER_CHOICE_HEADING = "信件处理"
STATUS_HEADINGS = (
    "代码",
    "区县",
    "本月结论",
    "收到时间",
    "是否按时",
    "轮次",
    "文件",
    "问题数",
    "信件",
    "退回次数",
    "提示",
    LETTER_CHOICE_HEADING,
)
RANKING_HEADINGS = (
    "代码",
    "名次",
    "变化",
    "区县",
    "综合完成率",
    "序时完成比",
    "灯",
    "逐月",
    "本月",
    "缺月",
)
"""Besides these the ranking has a column for each indicator, between 灯 and 逐月."""
FIGURE_KEYS = ("综合完成率", "达序时指标", "本月已通过", "红灯区县", "累计不全区县")
NAMES_KEYS = ("前五名", "后五名", "尚无进展", "本月未报")
COURSE_HEADINGS = ("月份", "累计完成", "应完成")
BARS_HEADINGS = ("代码", "简称", *LIGHTS, "应完成")
COLUMNS_HEADINGS = ("代码", "区县", *MONTH_HEADINGS)
STATUS_COUNT_HEADINGS = ("应报", "已通过", "按时", "逾期", "未通过", "未报", "回收率")
OPENING_HEADING, CORRECTIONS_HEADING = "年初累计", "补报核减"
TREND_HEADINGS = (
    "代码",
    "指标",
    "计量单位",
    "任务数",
    OPENING_HEADING,
    *MONTH_HEADINGS,
    CORRECTIONS_HEADING,
    "累计",
    "完成率",
    "同期累计",
    "同比",
)
COUNTED_KEY = "已计月数"
# 进度表: beside an indicator's own column (its cumulative) one for its target and one for the share.
TARGET_SUFFIX, DONE_HEADING, SHARE_SUFFIX = "目标任务", "进度（累计完成）", "完成比例"
STANDING_HEADINGS = ("综合完成率", "灯", "名次", "备注")
# 区县单页: what of it is chosen, what is told of the district, its indicators, and what the chart shows.
CHOICE_HEADING = "区县（点下面的格子选）"
PAGE_HEAD_HEADINGS = (CHOICE_HEADING, "截至", "综合完成率", "名次", "灯", COUNTED_KEY, "代码")
CHART_HEADINGS = ("简称", "应完成比例", *LIGHTS)
PAGE_HEADINGS = (
    "指标",
    "计量单位",
    "全年任务",
    "应完成",
    "累计完成",
    "完成率",
    "与序时差",
    "灯",
    "本月完成",
    COUNTED_KEY,
    *CHART_HEADINGS,
)
MONTHS_TEXT_HEADING = "各月"
PAGE_MONTH_HEADINGS = ("指标", "计量单位", *MONTH_HEADINGS, MONTHS_TEXT_HEADING)
YEAR_GAP, DUE_GAP_SUFFIX = "与全年任务差", "与序时差"
GAPS_KEY = "缺的月份"
# How 已计月数 tells the months that are missing: 4/6 缺2、5月 or 1/6 缺2至6月. Formulas look for it.
LACKING, SEPARATOR, TO = "缺", "、", "至"
WEIGHT_GAP = "合计按的数"  # of a rate: what it would be weighted by is not known


def due_gap_key(code: str) -> str:
    """The key of the column of 差异 that says how far an indicator is from what is due."""
    return f"{code}{DUE_GAP_SUFFIX}"


def progress_keys(code: str) -> tuple[str, str, str]:
    """The keys of an indicator's columns on 进度表: target, cumulative, share."""
    return f"{code}{TARGET_SUFFIX}", code, f"{code}{SHARE_SUFFIX}"


class NamedArea(NamedTuple):
    """A block or a single cell of the master, found by its defined name.

    ``headings`` are what its first row must have, none for a matrix of indicator codes. ``since``
    is the layout that each heading came with that was not there from the first, ``renamed`` what a
    heading was called in older layouts. ``partners`` are the suffixes of the columns that every code
    has beside its own, with the layout that each came with. ``recomputed`` says that recompute writes
    it and undo brings back what it showed.
    """

    name: str
    headings: tuple[str, ...] = ()
    since: Mapping[str, int] = MappingProxyType({})
    recomputed: bool = False
    renamed: Mapping[str, str] = MappingProxyType({})
    partners: Mapping[str, int] = MappingProxyType({})

    def came_later(self, key: str) -> bool:
        """Whether the column of this key came with a later layout than the first, or that name did."""
        partner = any(key.endswith(suffix) and key != suffix for suffix in self.partners)
        return key in self.since or key in self.renamed or partner


def _since(layout: int, *headings: str) -> Mapping[str, int]:
    return MappingProxyType(dict.fromkeys(headings, layout))


class MasterSheet(NamedTuple):
    """One sheet of the master.

    ``areas`` are the names laid down on it. ``about`` is what 使用说明 says of it, ``editable``
    whether staff type there. ``since`` is the layout that it came with.
    """

    name: str
    areas: tuple[NamedArea, ...]
    about: str
    tab: str
    editable: bool = False
    since: int = 1


_TYPED, _COMPUTED, _LISTED, _HELP = "#F4B000", "#2E75B6", "#70AD47", "#7F7F7F"
MASTER_SHEETS = (
    MasterSheet(
        BOARD_SHEET,
        (
            NamedArea(RANKING_BLOCK, RANKING_HEADINGS, recomputed=True),
            NamedArea(FIGURES_BLOCK, FIGURE_KEYS, recomputed=True),
            NamedArea(NAMES_BLOCK, recomputed=True),
            NamedArea(BOARD_NOTE, recomputed=True),
        ),
        "给领导看的一页：全市怎么样、各指标和各区县怎么样、谁没有报，可以直接打印。",
        _COMPUTED,
        since=4,
    ),
    MasterSheet(GUIDE_SHEET, (NamedArea(GUIDE_BLOCK),), "", _HELP),
    MasterSheet(
        SETTINGS_SHEET,
        (NamedArea(SETTINGS_BLOCK, SETTING_HEADINGS), NamedArea(BEHIND_CELL)),
        "年度、月份、截止日、滞后红线、联系人。",
        _TYPED,
        editable=True,
    ),
    MasterSheet(
        DISTRICTS_SHEET,
        (NamedArea(DISTRICTS_BLOCK, DISTRICT_HEADINGS, _since(3, "起始月", "截止月")),),
        "区县的代码、名称、别名和邮箱。",
        _TYPED,
        editable=True,
    ),
    MasterSheet(
        INDICATORS_SHEET,
        (
            NamedArea(
                INDICATORS_BLOCK,
                INDICATOR_HEADINGS,
                {
                    **_since(3, "序时", "起始月", "截止月", "合计按", "上年代码"),
                    **_since(4, "简称", "权重"),
                },
            ),
        ),
        "指标的名称、单位、口径、上级指标、是否取整和全市目标。",
        _TYPED,
        editable=True,
    ),
    MasterSheet(
        TARGETS_SHEET,
        (NamedArea(TARGETS_BLOCK),),
        "各区县各指标的全年任务数；“公布合计”是文件上印的合计。",
        _TYPED,
        editable=True,
    ),
    MasterSheet(
        RULES_SHEET,
        (NamedArea(RULES_BLOCK, RULE_HEADINGS),),
        "审核时查什么、查出来算错误还是警告，也可以停用。",
        _TYPED,
        editable=True,
    ),
    MasterSheet(
        LETTERS_SHEET,
        (NamedArea(LETTERS_BLOCK, LETTER_HEADINGS),),
        "发放、催报、退回、回执、督办、请核对和材料的各种信的文字。",
        _TYPED,
        editable=True,
    ),
    MasterSheet(
        PAPERS_SHEET,
        (NamedArea(PAPERS_BLOCK, PAPER_HEADINGS, recomputed=True),),
        "除填报表以外还要区县交的材料：工作总结、案例一类，什么时候交、要什么文件、多少字；不收材料就空着。",
        _TYPED,
        editable=True,
        since=5,
    ),
    MasterSheet(
        ADJUSTMENTS_SHEET,
        (NamedArea(ADJUSTMENTS_BLOCK, ADJUSTMENT_HEADINGS),),
        "年中哪些任务数按哪份文件调整过，从几月起用。",
        _TYPED,
        editable=True,
        since=3,
    ),
    MasterSheet(
        SCHEDULE_SHEET,
        (NamedArea(SCHEDULE_BLOCK, SCHEDULE_HEADINGS),),
        "序时为“自定义”的指标，各月底累计应完成全年任务的百分之几。",
        _TYPED,
        editable=True,
        since=3,
    ),
    MasterSheet(
        OPENINGS_SHEET,
        (NamedArea(OPENINGS_BLOCK),),
        "年度中间开始使用时，起始月份以前的累计完成数。",
        _TYPED,
        editable=True,
        since=3,
    ),
    MasterSheet(
        LAST_YEAR_SHEET,
        (NamedArea(LAST_YEAR_BLOCK, LAST_YEAR_HEADINGS),),
        "上年各月底的累计完成数，用来算同期和同比。",
        _TYPED,
        editable=True,
        since=3,
    ),
    MasterSheet(
        WORKS_SHEET,
        (NamedArea(WORKS_BLOCK, (*WORK_HEADINGS, *WORK_COUNT_HEADINGS), recomputed=True),),
        "要区县逐项报进展的重点工作，一项一行；右边是各区县报来的情况。没有就空着。",
        _TYPED,
        editable=True,
        since=5,
    ),
    MasterSheet(
        CORRESPONDENCE_SHEET,
        (NamedArea(CORRESPONDENCE_BLOCK, CORRESPONDENCE_HEADINGS),),
        "和其他部门比对时，对方的哪一列是我方的哪项指标、怎样换算、截至几月、当月数还是累计数；表头叫法一样的不用写。",
        _TYPED,
        editable=True,
        since=5,
    ),
    MasterSheet(
        SCHEME_SHEET,
        (NamedArea(SCHEME_BLOCK, SCHEME_HEADINGS), NamedArea(MANUAL_BLOCK, MANUAL_HEADINGS)),
        "考核计分的规则，一行一个项目；下面是手工加减，要写理由。自带的几行是示例，“启用”选“是”才计分。",
        _TYPED,
        editable=True,
        since=5,
    ),
    MasterSheet(
        MONTH_SHEET,
        (NamedArea(MONTH_BLOCK, recomputed=True), NamedArea(MONTH_NOTE, recomputed=True)),
        "各区县当月完成数。",
        _COMPUTED,
    ),
    MasterSheet(
        CUMULATIVE_SHEET,
        (
            NamedArea(CUMULATIVE_BLOCK, since=_since(3, COUNTED_KEY, GAPS_KEY), recomputed=True),
            NamedArea(CUMULATIVE_NOTE, recomputed=True),
        ),
        "各区县本年累计完成数。",
        _COMPUTED,
    ),
    MasterSheet(
        SUMMARY_SHEET,
        (
            NamedArea(
                SUMMARY_BLOCK,
                (CODE_KEY, *SUMMARY_HEADINGS),
                _since(3, *SUMMARY_HEADINGS[12:]),
                recomputed=True,
                renamed=MappingProxyType({"本月缺数区县": "未报区县数"}),
            ),
            NamedArea(MONTH_CELL, recomputed=True),
        ),
        "每项指标一行：任务、完成、应完成、进度灯、几个区县没报、几个区县累计不全。",
        _COMPUTED,
    ),
    MasterSheet(
        PROGRESS_SHEET,
        (
            NamedArea(
                PROGRESS_BLOCK, recomputed=True, partners=_since(4, TARGET_SUFFIX, SHARE_SUFFIX)
            ),
            NamedArea(PROGRESS_NOTE, recomputed=True),
        ),
        "各区县各指标的目标任务、进度和完成比例，综合完成率、名次和区县的说明，用 A3 纸打印。",
        _COMPUTED,
        since=4,
    ),
    MasterSheet(
        DISTRICT_PAGE_SHEET,
        (
            NamedArea(PAGE_HEAD_BLOCK, PAGE_HEAD_HEADINGS),
            NamedArea(PAGE_REMARK_CELL),
            NamedArea(PAGE_BLOCK, (CODE_KEY, *PAGE_HEADINGS)),
            NamedArea(PAGE_MONTHS_BLOCK, (CODE_KEY, *PAGE_MONTH_HEADINGS)),
        ),
        "一个区县一页：在浅黄色的格子里选区县，它的进度、各月的数和图就都出来；要一次打印全部，点“打印区县单页”。",
        _COMPUTED,
        since=4,
    ),
    MasterSheet(
        COMPLETION_SHEET,
        (NamedArea(COMPLETION_BLOCK, recomputed=True), NamedArea(COMPLETION_NOTE, recomputed=True)),
        "各区县完成率，颜色和形状是进度灯。",
        _COMPUTED,
    ),
    MasterSheet(
        VARIANCE_SHEET,
        (
            NamedArea(VARIANCE_BLOCK, recomputed=True, partners=_since(3, DUE_GAP_SUFFIX)),
            NamedArea(VARIANCE_NOTE, recomputed=True),
        ),
        "各区县离全年任务、离应完成数还差多少，颜色和形状是进度灯。",
        _COMPUTED,
    ),
    MasterSheet(
        TREND_SHEET,
        (
            NamedArea(
                TREND_BLOCK,
                TREND_HEADINGS,
                _since(3, OPENING_HEADING, CORRECTIONS_HEADING, "同期累计", "同比"),
                recomputed=True,
            ),
            NamedArea(TREND_NOTE, recomputed=True),
        ),
        "每项指标逐月的数。",
        _COMPUTED,
    ),
    MasterSheet(
        PLAN_SHEET,
        (NamedArea(PLAN_BLOCK, recomputed=True),),
        "这个月执行的全年任务数，含年中的调整。",
        _COMPUTED,
        since=3,
    ),
    MasterSheet(
        DUE_SHEET,
        (NamedArea(DUE_BLOCK, recomputed=True),),
        "到这个月底按序时应当完成多少。",
        _COMPUTED,
        since=3,
    ),
    MasterSheet(
        COUNTED_SHEET,
        (NamedArea(COUNTED_BLOCK, recomputed=True),),
        "每个累计数里计入了几个月、缺哪几个月。",
        _COMPUTED,
        since=3,
    ),
    MasterSheet(
        LIGHTS_SHEET,
        (NamedArea(LIGHTS_BLOCK, recomputed=True),),
        "每个区县每项指标的进度灯。",
        _COMPUTED,
        since=3,
    ),
    MasterSheet(
        SCORES_SHEET,
        (
            NamedArea(SCORES_BLOCK, SCORE_HEADINGS, recomputed=True),
            NamedArea(SCORES_NOTE, recomputed=True),
            NamedArea(RANKED_CELL, recomputed=True),
        ),
        "各区县考核的各项得分、总分和名次；没有启用“考核”里的规则就空着。",
        _COMPUTED,
        since=5,
    ),
    MasterSheet(
        LOSSES_SHEET,
        (NamedArea(LOSSES_BLOCK, LOSS_HEADINGS, recomputed=True),),
        "每一分扣在哪个月、因为什么、看哪一份回收件；一个项目的扣分加起来正好是满分减得分。",
        _COMPUTED,
        since=5,
    ),
    MasterSheet(
        MONTHLY_SHEET,
        (NamedArea(MONTHLY_BLOCK, recomputed=True),),
        "各区县各指标本年每个月的数，“区县单页”由它取。",
        _COMPUTED,
        since=4,
    ),
    MasterSheet(
        BOARD_DATA_SHEET,
        (
            NamedArea(COURSE_BLOCK, COURSE_HEADINGS, recomputed=True),
            NamedArea(BARS_BLOCK, BARS_HEADINGS, recomputed=True),
            NamedArea(COLUMNS_BLOCK, COLUMNS_HEADINGS, recomputed=True),
        ),
        "看板上的图是照这里的数画的，重算时更新，不用填。",
        _COMPUTED,
        since=4,
    ),
    MasterSheet(
        STATUS_SHEET,
        (
            NamedArea(
                STATUS_BLOCK,
                (*STATUS_HEADINGS, *MONTH_HEADINGS),
                MappingProxyType({"信件": 2, "退回次数": 2, "提示": 3, LETTER_CHOICE_HEADING: 6}),
                recomputed=True,
            ),
            NamedArea(STATUS_COUNTS_BLOCK, STATUS_COUNT_HEADINGS, recomputed=True),
            NamedArea(STATUS_MONTH_CELL, recomputed=True),
        ),
        "哪些区县报了、是否按时、结论是什么；哪封信要重发、哪封算已发，在“信件处理”里选。",
        _LISTED,
    ),
    MasterSheet(
        PENDING_SHEET,
        (NamedArea(PENDING_BLOCK, PENDING_HEADINGS, _since(5, "归属材料")),),
        "身份有疑问、还没有计入的回收件，在这里决定怎么办。",
        _LISTED,
        editable=True,
        since=2,
    ),
    MasterSheet(
        SLIPS_SHEET,
        (NamedArea(SLIPS_BLOCK, SLIP_HEADINGS),),
        "督办单逐项列出：依据、期限、级别、区县的反馈；办结的在这里写结果、选“销号”。",
        _LISTED,
        editable=True,
        since=5,
    ),
    MasterSheet(
        PROBLEMS_SHEET,
        (NamedArea(PROBLEMS_BLOCK, PROBLEM_HEADINGS, _since(3, "区县说明"), recomputed=True),),
        "当月收回文件里的每一个问题：文件、单元格、发现了什么、怎么改。",
        _LISTED,
    ),
    MasterSheet(
        TEXTS_SHEET,
        (NamedArea(TEXTS_BLOCK, TEXT_HEADINGS, recomputed=True),),
        "区县在填报表里写的说明、填报人、审核人和批注。",
        _LISTED,
        since=3,
    ),
    MasterSheet(
        WORK_DETAILS_SHEET,
        (NamedArea(WORK_DETAILS_BLOCK, WORK_DETAIL_HEADINGS, recomputed=True),),
        "每个区县每项重点工作一行：状态、进展、问题、措施和核对结果。",
        _LISTED,
        since=5,
    ),
    MasterSheet(
        PAPER_LIST_SHEET,
        (NamedArea(PAPER_LIST_BLOCK, PAPER_LIST_HEADINGS, recomputed=True),),
        "每个区县每份材料到了没有、多少字、有什么问题，点“打开”看收到的文件。",
        _LISTED,
        since=5,
    ),
    MasterSheet(
        TRAIL_SHEET,
        (NamedArea(TRAIL_BLOCK, TRAIL_HEADINGS), NamedArea(TRAIL_NOTE)),
        "一个数是怎么来的：哪几个月、哪份回收件、哪一格，谁收的、谁决定的。先点住一个数，再点“溯源”。",
        _LISTED,
        since=4,
    ),
    MasterSheet(
        COMPARISON_SHEET,
        (
            NamedArea(COMPARISON_BLOCK, COMPARISON_HEADINGS),
            NamedArea(COMPARISON_HEAD_BLOCK, ("项目",)),
        ),
        "最近一次和其他部门的表比对的结果：哪些区县哪项指标不一样、差多少、对方在哪一格、我方由哪几份填报表来；“处理”自己写，"
        "以后再比还在。",
        _LISTED,
        editable=True,
        since=5,
    ),
    MasterSheet(
        JOURNAL_SHEET,
        (NamedArea(JOURNAL_BLOCK, JOURNAL_HEADINGS),),
        "什么时候做过什么操作。",
        _LISTED,
    ),
)
"""What a master of this layout has, in the order of its tabs.

Whoever adds to it says since which layout: the one after the last release's. That release's programme
is kept in tests/data/programmes.
"""
SHEETS = tuple(sheet.name for sheet in MASTER_SHEETS)
HOMES = {area.name: sheet for sheet in MASTER_SHEETS for area in sheet.areas}
"""The sheet that a name was laid down on."""
DEFINED_NAMES = {name: sheet.name for name, sheet in HOMES.items()}
AREAS = {area.name: area for sheet in MASTER_SHEETS for area in sheet.areas}
LISTED = frozenset(
    area.name for sheet in MASTER_SHEETS if sheet.tab == _LISTED for area in sheet.areas
)
"""The names on sheets that are lists of what the ledger knows, written anew whenever that changes."""
LAYOUT = max(
    *(each.since for each in (*MASTER_SHEETS, *RULES, *SETTINGS, *MAIL_SETTINGS)),
    *(since for area in AREAS.values() for since in area.since.values()),
)
"""The version of the layout that a new master has: the last that a sheet, a column or a row came with.

1 is what 0.1.0 laid out, 2 what 0.2.0 and 0.2.1 did, 3 what 0.3.0 did, 4 what 0.4.0
did, 5 what 0.5.0 did. A master carries it from then on; an older one is told by what it has.
"""
