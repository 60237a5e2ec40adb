"""What can be wrong: rules of 校验规则 and doubts about whose return it is, by stable code."""

from __future__ import annotations

from xl_addin.model.records import ERROR, WARNING, Number
from xl_addin.system.light import NamedTuple

SEVERITY_LABELS = {ERROR: "错误", WARNING: "警告", "": "停用"}
# Why a return is held, by the code of its problem: not its figures but whose they are is in doubt.
DOUBTS = {
    "no-identity": "没有标识",
    "identity-conflict": "标识互相矛盾",
    "unknown-district": "名录里没有这个区县",
    "two-tables": "有两张填报表",
    "sheet-copied": "复制到别的工作簿",
    "token-invalid": "防改标记不对",
    "token-missing": "缺少防改标记",
    "target-altered": "任务数被改过",
    "wrong-month": "月份不对",
    "month-mismatch": "标题与标识月份不同",
    "district-mismatch": "填报单位与标识不同",
    "file-name-mismatch": "文件名与标识不同",
    "unknown-sender": "发件人不在名录",
    "sender-mismatch": "发件人是别的区县",
    "month-closed": "月份已结账",
    "older-round": "旧一轮的表",
    "newer-form": "更新的表样",
}


class RuleSpec(NamedTuple):
    """One row of 校验规则: staff may change severity (错误, 警告, 停用) and parameter.

    ``since`` is the layout of the master that it came with.
    """

    code: str
    label: str
    severity: str
    parameter: Number | None
    hint: str
    since: int = 1


RULES = (
    RuleSpec("not-a-number", "不是数字", ERROR, None, "填了文字、区间、日期等，无法当作一个数字"),
    RuleSpec("error-value", "公式出错", ERROR, None, "单元格显示 #REF!、#DIV/0! 等错误"),
    RuleSpec(
        "no-value",
        "公式没有结果",
        ERROR,
        None,
        "公式还没有算出结果，需用 Excel 或 WPS 打开保存一次",
    ),
    RuleSpec("negative", "为负", ERROR, None, "完成数不能小于 0"),
    RuleSpec("not-whole", "非整数", ERROR, None, "人、人次、个、场次等只能填整数"),
    RuleSpec("blank", "未填", ERROR, None, "有任务数的指标必须填写，没有完成填 0"),
    RuleSpec("child-above-parent", "其中大于总数", ERROR, None, "其中项不能大于它所属的总数"),
    RuleSpec("below-last-month", "低于上月累计", ERROR, None, "累计数不能比上月累计少"),
    RuleSpec(
        "far-above-target", "远超任务", WARNING, 150, "累计超过年度任务数的百分之多少时提醒核对"
    ),
    RuleSpec("sudden-jump", "突增", WARNING, 10, "本月数超过以前各月平均数的多少倍时提醒核对"),
    RuleSpec(
        "read-as-number", "文字当数字", WARNING, None, "全角、带逗号或带单位的数字，已按数字读取"
    ),
    RuleSpec("formula-figure", "填报格是公式", WARNING, None, "填报格里是公式，按它显示的结果读取"),
    RuleSpec(
        "external-formula",
        "引用别的文件",
        WARNING,
        None,
        "填报格的公式引用了别的工作簿，按文件里存的结果读取",
        2,
    ),
    RuleSpec(
        "shown-otherwise",
        "显示与数值不同",
        WARNING,
        None,
        "单元格格式使显示的和实际的数不一样，按实际的数读取",
        2,
    ),
    RuleSpec("misplaced", "填错格", ERROR, None, "填报格空着，数填在了说明栏或别的格子里", 2),
    RuleSpec(
        "macros", "带有宏", WARNING, None, "交回的文件带有宏；程序从不运行宏，人工打开时不要启用", 2
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
