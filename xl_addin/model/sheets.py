"""Names that staff see in the master: sheets, blocks and headings.

A block is a range with a defined name. Staff may insert rows and columns, rename and reorder
sheets: the program finds its blocks by these names, and rows and columns in them by their keys.
"""

from __future__ import annotations

TAB = "年度任务"  # of the ribbon
GUIDE_SHEET = "使用说明"
SETTINGS_SHEET = "设置"
DISTRICTS_SHEET = "区县名录"
INDICATORS_SHEET = "指标"
TARGETS_SHEET = "任务表"
RULES_SHEET = "校验规则"
LETTERS_SHEET = "信件"
MONTH_SHEET = "本月完成"
CUMULATIVE_SHEET = "累计完成"
SUMMARY_SHEET = "汇总"
COMPLETION_SHEET = "完成率"
VARIANCE_SHEET = "差异"
TREND_SHEET = "逐月"
BOARD_SHEET = "回收情况"
PENDING_SHEET = "待定"
PROBLEMS_SHEET = "问题清单"
JOURNAL_SHEET = "操作日志"
SHEETS = (
    GUIDE_SHEET,
    SETTINGS_SHEET,
    DISTRICTS_SHEET,
    INDICATORS_SHEET,
    TARGETS_SHEET,
    RULES_SHEET,
    LETTERS_SHEET,
    MONTH_SHEET,
    CUMULATIVE_SHEET,
    SUMMARY_SHEET,
    COMPLETION_SHEET,
    VARIANCE_SHEET,
    TREND_SHEET,
    BOARD_SHEET,
    PENDING_SHEET,
    PROBLEMS_SHEET,
    JOURNAL_SHEET,
)
# Defined names. A block's first row holds the keys of its columns (headings or indicator codes),
# its first column the keys of its rows; the last row of a matrix is the total row.
SETTINGS_BLOCK = "blk_settings"
DISTRICTS_BLOCK = "blk_districts"
INDICATORS_BLOCK = "blk_indicators"
RULES_BLOCK = "blk_rules"
LETTERS_BLOCK = "blk_letters"
TARGETS_BLOCK = "blk_targets"
MONTH_BLOCK = "blk_month"
CUMULATIVE_BLOCK = "blk_cumulative"
SUMMARY_BLOCK = "blk_summary"
COMPLETION_BLOCK = "blk_completion"
VARIANCE_BLOCK = "blk_variance"
TREND_BLOCK = "blk_trend"
BOARD_BLOCK = "blk_board"
PENDING_BLOCK = "blk_pending"
PROBLEMS_BLOCK = "blk_problems"
JOURNAL_BLOCK = "blk_journal"
BOARD_COUNTS_BLOCK = "blk_board_counts"
GUIDE_BLOCK = "blk_guide"
BINDING_BLOCK = "blk_binding"
# Single cells: the month that the totals are of (text, 2023-06), the month that 回收情况 shows, and
# the setting that the colour rules use.
MONTH_CELL = "cell_month"
BOARD_MONTH_CELL = "cell_board_month"
BEHIND_CELL = "cell_behind"
# The line under a sheet's title, a formula.
MONTH_NOTE = "note_month"
CUMULATIVE_NOTE = "note_cumulative"
COMPLETION_NOTE = "note_completion"
VARIANCE_NOTE = "note_variance"
TREND_NOTE = "note_trend"
# Which sheet a name was laid down on, for messages when the name is gone.
NAMES = {
    SETTINGS_BLOCK: SETTINGS_SHEET,
    DISTRICTS_BLOCK: DISTRICTS_SHEET,
    INDICATORS_BLOCK: INDICATORS_SHEET,
    RULES_BLOCK: RULES_SHEET,
    TARGETS_BLOCK: TARGETS_SHEET,
    LETTERS_BLOCK: LETTERS_SHEET,
    MONTH_BLOCK: MONTH_SHEET,
    CUMULATIVE_BLOCK: CUMULATIVE_SHEET,
    SUMMARY_BLOCK: SUMMARY_SHEET,
    COMPLETION_BLOCK: COMPLETION_SHEET,
    VARIANCE_BLOCK: VARIANCE_SHEET,
    TREND_BLOCK: TREND_SHEET,
    BOARD_BLOCK: BOARD_SHEET,
    BOARD_COUNTS_BLOCK: BOARD_SHEET,
    PENDING_BLOCK: PENDING_SHEET,
    PROBLEMS_BLOCK: PROBLEMS_SHEET,
    JOURNAL_BLOCK: JOURNAL_SHEET,
    GUIDE_BLOCK: GUIDE_SHEET,
    MONTH_CELL: SUMMARY_SHEET,
    BOARD_MONTH_CELL: BOARD_SHEET,
    BEHIND_CELL: SETTINGS_SHEET,
    MONTH_NOTE: MONTH_SHEET,
    CUMULATIVE_NOTE: CUMULATIVE_SHEET,
    COMPLETION_NOTE: COMPLETION_SHEET,
    VARIANCE_NOTE: VARIANCE_SHEET,
    TREND_NOTE: TREND_SHEET,
}
TOTAL_KEY = "合计"
PUBLISHED_KEY = "公布合计"
CODE_KEY = "代码"
NAME_KEY = "区县"
# In a matrix a blank is unknown; this text is "no such thing here", which is not missing.
NOT_APPLICABLE_MARK = "—"
DISTRICT_HEADINGS = ("代码", "区县", "别名", "收件人", "抄送", "联系人", "电话", "备注")
INDICATOR_HEADINGS = ("代码", "指标", "计量单位", "口径", "上级指标", "取整", "全市目标", "备注")
RULE_HEADINGS = ("代码", "规则", "级别", "参数", "说明")
SETTING_HEADINGS = ("项目", "值", "说明")
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
    "未报区县数",
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
)
JOURNAL_HEADINGS = ("时间", "操作", "月份", "结果", "操作人")
BOARD_HEADINGS = (
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
)
BOARD_COUNT_HEADINGS = ("应报", "已通过", "按时", "逾期", "未通过", "未报", "回收率")
MONTH_HEADINGS = tuple(f"{number}月" for number in range(1, 13))
TREND_HEADINGS = ("代码", "指标", "计量单位", "任务数", *MONTH_HEADINGS, "累计", "完成率")
