"""Names that people and workbooks see: sheets, blocks, headings, folders, settings, rules.

A block is a range with a defined name. Staff may insert rows and columns, rename and reorder
sheets: the program finds its blocks by these names, and rows and columns in them by their keys.
"""

from __future__ import annotations

from xl_addin.model.records import ERROR, WARNING, Number
from xl_addin.system.light import NamedTuple

MASTER = "master.xlsm"
LEDGER = "ledger.db"
LOCK = "ledger.lock"
FORMS = "填报表"
RETURNS = "回收"
ARCHIVE = "归档"
CHRONICLE = "记录"
MAILS = "邮件"
PROGRAMME = "programme.json"
BACKUPS = "备份"
LOGS = "日志"
TAB = "年度任务"  # of the ribbon
MAIL = "邮件"
RETURNED = "退回"

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
    GUIDE_SHEET, SETTINGS_SHEET, DISTRICTS_SHEET, INDICATORS_SHEET, TARGETS_SHEET, RULES_SHEET,
    LETTERS_SHEET, MONTH_SHEET, CUMULATIVE_SHEET, SUMMARY_SHEET, COMPLETION_SHEET, VARIANCE_SHEET, TREND_SHEET,
    BOARD_SHEET, PENDING_SHEET, PROBLEMS_SHEET, JOURNAL_SHEET,
)  # fmt: skip

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
    SETTINGS_BLOCK: SETTINGS_SHEET, DISTRICTS_BLOCK: DISTRICTS_SHEET,
    INDICATORS_BLOCK: INDICATORS_SHEET, RULES_BLOCK: RULES_SHEET, TARGETS_BLOCK: TARGETS_SHEET,
    LETTERS_BLOCK: LETTERS_SHEET,
    MONTH_BLOCK: MONTH_SHEET, CUMULATIVE_BLOCK: CUMULATIVE_SHEET, SUMMARY_BLOCK: SUMMARY_SHEET,
    COMPLETION_BLOCK: COMPLETION_SHEET, VARIANCE_BLOCK: VARIANCE_SHEET, TREND_BLOCK: TREND_SHEET,
    BOARD_BLOCK: BOARD_SHEET, BOARD_COUNTS_BLOCK: BOARD_SHEET,
    PENDING_BLOCK: PENDING_SHEET, PROBLEMS_BLOCK: PROBLEMS_SHEET,
    JOURNAL_BLOCK: JOURNAL_SHEET, GUIDE_BLOCK: GUIDE_SHEET, MONTH_CELL: SUMMARY_SHEET, BOARD_MONTH_CELL: BOARD_SHEET,
    BEHIND_CELL: SETTINGS_SHEET, MONTH_NOTE: MONTH_SHEET, CUMULATIVE_NOTE: CUMULATIVE_SHEET,
    COMPLETION_NOTE: COMPLETION_SHEET, VARIANCE_NOTE: VARIANCE_SHEET, TREND_NOTE: TREND_SHEET,
}  # fmt: skip

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
SUMMARY_HEADINGS = ("指标", "计量单位", "任务数", "公布合计", "全市目标", "本月完成", "累计完成",
                    "完成率", "序时进度", "超前滞后", "差额", "未报区县数")  # fmt: skip
PROBLEM_HEADINGS = ("月份", "区县", "文件", "结论", "级别", "工作表", "单元格", "发现", "问题",
                    "规则代码", "收到时间")  # fmt: skip
PENDING_HEADINGS = ("编号", "月份", "区县", "文件", "发件人", "原因", "建议", "数据摘要", "决定",
                    "归属区县", "归属月份", "备注")  # fmt: skip
JOURNAL_HEADINGS = ("时间", "操作", "月份", "结果", "操作人")
BOARD_HEADINGS = ("代码", "区县", "本月结论", "收到时间", "是否按时", "轮次", "文件", "问题数",
                  "信件", "退回次数")  # fmt: skip
BOARD_COUNT_HEADINGS = ("应报", "已通过", "按时", "逾期", "未通过", "未报", "回收率")
MONTH_HEADINGS = tuple(f"{number}月" for number in range(1, 13))
TREND_HEADINGS = (
    "代码", "指标", "计量单位", "任务数", *MONTH_HEADINGS, "累计", "完成率",
)  # fmt: skip

YES, NO = "是", "否"
ON_TIME, LATE = "按时", "逾期"
BY_FILE, BY_COLLECTING = "文件时间", "收集时间"
ACCEPT, TURN_DOWN, ASSIGN = "接受", "退回", "归属"
CLOSE, REOPEN = "结账", "重新打开"
FLOW_LABEL = "当月数"
STOCK_LABEL = "累计数"
SEVERITY_LABELS = {ERROR: "错误", WARNING: "警告", "": "停用"}
VERDICT_LABELS = {
    "accepted": "已通过", "rejected": "退回", "held": "待定", "duplicate": "重复", "blank": "空表",
    "foreign": "非本任务", "unreadable": "无法读取", "missing": "未报",
}  # fmt: skip


# Why a return is held, by the code of its problem: not its figures but whose they are is in doubt.
DOUBTS = {
    "no-identity": "没有标识", "identity-conflict": "标识互相矛盾", "unknown-district": "名录里没有这个区县",
    "two-tables": "有两张填报表", "sheet-copied": "复制到别的工作簿", "token-invalid": "防改标记不对",
    "token-missing": "缺少防改标记", "target-altered": "任务数被改过", "wrong-month": "月份不对",
    "month-mismatch": "标题与标识月份不同", "district-mismatch": "填报单位与标识不同",
    "file-name-mismatch": "文件名与标识不同", "unknown-sender": "发件人不在名录", "sender-mismatch": "发件人是别的区县",
    "month-closed": "月份已结账", "older-round": "旧一轮的表", "newer-form": "更新的表样",
}  # fmt: skip


class SettingSpec(NamedTuple):
    """One row of 设置: what staff see, what it is when they leave it empty, and why it is there."""

    key: str
    label: str
    default: Number | str
    hint: str


SETTINGS = (
    SettingSpec("title", "任务名称", "", "印在填报表标题里，例如：残疾人教就工作重点项目"),
    SettingSpec("year", "年度", "", "四位年份"),
    SettingSpec("month", "本次月份", "", "年-月，例如 2023-06；命令和按钮不另外指定月份时用它"),
    SettingSpec("deadline_day", "截止日", 5, "次月几日前报送算按时，填 1 到 28"),
    SettingSpec("received_by", "收到时间依据", BY_FILE, "文件时间：按文件保存的时间；收集时间：按收集时的时间"),
    SettingSpec("behind", "滞后红线", 10, "完成率比序时进度低多少个百分点算严重滞后（红色）"),
    SettingSpec("contact", "市级联系人", "", "印在填报说明里，区县有问题时找谁"),
    SettingSpec("phone", "市级联系电话", "", "印在填报说明里"),
    SettingSpec("closing", "结账按钮", CLOSE, "点“结账”时做什么：结账＝这个月再收到的先待定；重新打开＝恢复正常收取"),
    SettingSpec("passwords", "打开密码", "", "区县交回的文件有密码时，用这些密码试着打开；几个密码用“、”隔开"),
)  # fmt: skip


class RuleSpec(NamedTuple):
    """One row of 校验规则: staff may change severity (错误, 警告, 停用) and parameter."""

    code: str
    label: str
    severity: str
    parameter: Number | None
    hint: str


RULES = (
    RuleSpec("not-a-number", "不是数字", ERROR, None, "填了文字、区间、日期等，无法当作一个数字"),
    RuleSpec("error-value", "公式出错", ERROR, None, "单元格显示 #REF!、#DIV/0! 等错误"),
    RuleSpec("no-value", "公式没有结果", ERROR, None, "公式还没有算出结果，需用 Excel 或 WPS 打开保存一次"),
    RuleSpec("negative", "为负", ERROR, None, "完成数不能小于 0"),
    RuleSpec("not-whole", "非整数", ERROR, None, "人、人次、个、场次等只能填整数"),
    RuleSpec("blank", "未填", ERROR, None, "有任务数的指标必须填写，没有完成填 0"),
    RuleSpec("child-above-parent", "其中大于总数", ERROR, None, "其中项不能大于它所属的总数"),
    RuleSpec("below-last-month", "低于上月累计", ERROR, None, "累计数不能比上月累计少"),
    RuleSpec("far-above-target", "远超任务", WARNING, 150, "累计超过年度任务数的百分之多少时提醒核对"),
    RuleSpec("sudden-jump", "突增", WARNING, 10, "本月数超过以前各月平均数的多少倍时提醒核对"),
    RuleSpec("read-as-number", "文字当数字", WARNING, None, "全角、带逗号或带单位的数字，已按数字读取"),
    RuleSpec("formula-figure", "填报格是公式", WARNING, None, "填报格里是公式，按它显示的结果读取"),
    RuleSpec("external-formula", "引用别的文件", WARNING, None, "填报格的公式引用了别的工作簿，按文件里存的结果读取"),
    RuleSpec("shown-otherwise", "显示与数值不同", WARNING, None, "单元格格式使显示的和实际的数不一样，按实际的数读取"),
    RuleSpec("misplaced", "填错格", ERROR, None, "填报格空着，数填在了说明栏或别的格子里"),
    RuleSpec("macros", "带有宏", WARNING, None, "交回的文件带有宏；程序从不运行宏，人工打开时不要启用"),
    RuleSpec("locked-changed", "改动了锁定格", ERROR, None, "任务数、上月累计、指标名称等不能改动"),
    RuleSpec("previous-outdated", "上月累计已更正", WARNING, None, "填报表发出后以前月份有更正；累计按底账计算"),
    RuleSpec("twin-figures", "与别的区县全同", WARNING, 3, "与另一区县当月全部数字相同；至少有几个不为 0 才提醒"),
    RuleSpec("same-as-last-month", "与上月全同", WARNING, 3, "全部本月数与上个月相同；至少有几个不为 0 才提醒"),
    RuleSpec("resubmitted", "重报有改动", WARNING, None, "同一区县同月又报了一次，列出改了的数；以后报的为准"),
)  # fmt: skip
