"""Every code that a problem can carry, once: how grave it is, where it is shown, what it means.

A problem is made with ``make`` (or by what calls it), so that no other code can be used. The rules
of 校验规则 are records of ``model.rules`` and stand here as well; ``DOUBTS`` is a view.
"""

from __future__ import annotations

from xl_addin.model.mail_settings import MAIL_SETTINGS
from xl_addin.model.records import ERROR, WARNING, Problem
from xl_addin.model.rules import RULES
from xl_addin.model.settings import SETTINGS
from xl_addin.model.sheets import PENDING_SHEET, PROBLEMS_SHEET
from xl_addin.system.light import NamedTuple

SEVERITY_LABELS = {ERROR: "错误", WARNING: "警告", "": "停用"}


class ProblemKind(NamedTuple):
    """What problems of one ``code`` are.

    ``severity`` is theirs unless ``make`` is given another; ``shown_in`` are the verbs and sheets where
    they appear; ``means`` explains the code in a line, whatever the message says of the one case.
    ``doubt`` is why a return is held, where not its figures but whose they are is in doubt.
    """

    code: str
    severity: str
    shown_in: tuple[str, ...]
    means: str
    doubt: str = ""


_TABLE = ("new",)
_TABLES = (*_TABLE, "compare")
_MASTER = ("check", "distribute", "collect", "recompute")
_RETURNS = ("collect", "fetch", PROBLEMS_SHEET)
_PENDING = (*_RETURNS, PENDING_SHEET)
_WRITING = ("recompute", "undo")
_DOUBTS = (
    ("no-identity", "没有标识", "表里没有本程序的标识，不能确定是哪个区县、哪个月份"),
    ("identity-conflict", "标识互相矛盾", "表里几处标识说的不是同一个区县、月份"),
    ("unknown-district", "名录里没有这个区县", "标识里的区县代码不在区县名录里"),
    ("two-tables", "有两张填报表", "一份文件里有两张填报表，不知道以哪张为准"),
    ("sheet-copied", "复制到别的工作簿", "填报表被复制到别的工作簿，少了随表的标识页"),
    ("token-invalid", "防改标记不对", "防改标记核对不上，不是市里发的表，或者标识被改过"),
    ("token-missing", "缺少防改标记", "防改标记没有了，不能确认是市里发的表"),
    ("target-altered", "任务数被改过", "任务数、上月累计或指标和发出时不一样"),
    ("content-cut", "标识页被截短", "随表的标识页被保存它的软件截短，任务数无从核对"),
    ("wrong-month", "月份不对", "填报表是别的月份的"),
    ("month-mismatch", "标题与标识月份不同", "标题写的月份和标识里的不同"),
    ("district-mismatch", "填报单位与标识不同", "填报单位写的和标识里的区县不同"),
    ("file-name-mismatch", "文件名与标识不同", "文件名写的区县和标识里的不同"),
    ("unknown-sender", "发件人不在名录", "发件人的邮箱不在区县名录里"),
    ("sender-mismatch", "发件人是别的区县", "发件人是别的区县的"),
    ("two-in-mail", "一封邮件里有两份", "一封邮件里有一个区县两份不同的填报表，不知道以哪份为准"),
    ("month-closed", "月份已结账", "填报表的月份已经结账"),
    ("not-reporting", "这个月不用报", "区县还没有开始报，或者已经撤并，这个月不用报"),
    ("older-round", "旧一轮的表", "更新一轮的填报表已经通过"),
    ("older-time", "收到时间更早", "数字和已经通过的不同，收到时间却更早，不知道哪一份是改后的"),
    ("same-time", "收到时间相同", "和一起收到的另一份数字不同，收到时间一样，不知道哪一份是改后的"),
    ("form-withdrawn", "发出已撤销", "填的是已经撤销的那次发出的表"),
    ("newer-form", "更新的表样", "表是更新版本的程序发的，读不准"),
    (
        "paper-unknown",
        "不知道是哪份材料",
        "文件名、标题和封面标记都没有说是哪份材料，或者说得不一样",
    ),
    ("paper-whose", "不知道是哪个区县", "发件人、文件名和开头几行没有说是哪个区县，或者说得不一样"),
    ("paper-forged", "封面标记不对", "材料封面的标记核对不上，不是市里发的，或者被改过"),
    ("paper-foreign", "别的任务的封面", "用的是别的任务或者别的年度的材料封面"),
    ("paper-not-owed", "不用交这份材料", "“材料”表里这份材料不要这个区县交"),
)
_WRONG = (
    # The file as a whole: why it was not read.
    ("damaged", (*_TABLE, *_RETURNS), "文件损坏，或者不是完整的工作簿"),
    ("foreign", (*_TABLE, *_RETURNS), "不是工作簿，或者里面没有要找的表"),
    ("scan", (*_TABLE, *_RETURNS), "是照片、扫描件或文字文件，不是电子表"),
    ("hostile", (*_TABLE, *_RETURNS), "文件里有表格软件不会写的内容，没有读取"),
    ("password", (*_TABLE, *_RETURNS), "文件有密码，打不开"),
    ("encrypted", (*_TABLE, *_RETURNS), "文件被文档加密软件加密了，要请对方解密"),
    ("web-page", (*_TABLE, *_RETURNS), "是另存成网页的工作簿，表格在它旁边的文件夹里"),
    ("in-pieces", (*_TABLE, *_RETURNS), "是一个工作簿拆散以后的一部分"),
    ("too-large", (*_TABLE, *_RETURNS), "文件或数大得不合情理"),
    ("archive", (*_TABLE, *_RETURNS), "是拆不开的压缩包"),
    ("cannot-open", _RETURNS, "文件打不开或取不出来"),
    ("program-fault", _RETURNS, "程序读这个文件时出错"),
    ("item-unread", _RETURNS, "“重点工作”页的一格是错误值或没有结果的公式，读不出写了什么"),
    ("untouched", _RETURNS, "填报表交回时没有填，或者退回后没有改"),
    ("paper-damaged", _RETURNS, "材料打不开，文件已损坏"),
    ("paper-locked", _RETURNS, "材料有密码，打不开"),
    ("paper-empty-template", _RETURNS, "材料只有封面，没有正文"),
    ("bad-paper", _MASTER, "“材料”里的一行填得不对"),
    ("wrong-programme", _RETURNS, "是别的任务的填报表"),
    ("wrong-year", _RETURNS, "是别的年度的填报表"),
    ("warning-unexplained", _RETURNS, "有警告，而“说明”里没有写原因，退回一次"),
    # What was asked for in a return or a block is not where it should be.
    ("row-missing", (*_RETURNS, *_MASTER), "缺少一行"),
    ("adjustment-gone", ("check", "amend", "adjust"), "登记过的任务调整在主表里不见了"),
    ("row-below-list", ("check",), "一行写在表的下面，还不算在表里"),
    ("name-differs", ("check",), "区县或指标的名称在两张表里不一样"),
    ("row-twice", _RETURNS, "一个指标有两行"),
    ("row-unknown", (*_RETURNS, *_MASTER), "有一行不是表里的指标或区县"),
    ("column-missing", (*_RETURNS, *_MASTER), "缺少一列"),
    ("column-twice", _RETURNS, "一个表头有两列"),
    ("merged-entry", _RETURNS, "填报格被合并了，不知道数是哪一格的"),
    # Mails.
    ("mail-unread", ("fetch", PROBLEMS_SHEET), "邮件读不出来"),
    ("mail-part-unread", ("fetch", PROBLEMS_SHEET), "邮件的一部分读不出来"),
    ("cloud-attachment", ("fetch", PROBLEMS_SHEET), "附件是网盘链接，程序不会去下载"),
    ("not-delivered", ("fetch", PROBLEMS_SHEET), "发给区县的信没有送达"),
    # The task table that a programme is founded on.
    ("no-table", _TABLE, "没有找到任务表"),
    ("no-header", _TABLES, "缺少表头"),
    ("header-too-deep", _TABLE, "表头的层数太多"),
    ("no-indicator", _TABLE, "没有读到指标"),
    ("no-district", _TABLE, "没有读到区县"),
    ("second-names", _TABLES, "右边又有一列名称"),
    ("second-table", _TABLES, "表中间又有一个表头"),
    ("row-without-name", _TABLES, "有数字的行没有名称"),
    ("merged-cells", _TABLES, "数字格或名称合并了，不知道数字属于谁"),
    ("transposed", _TABLE, "区县写在了表头里"),
    ("task-list", _TABLE, "一项任务占一行，不是区县的任务表"),
    ("title-in-doubt", _TABLE, "标题写的不像全年的任务"),
    ("column-in-doubt", _TABLES, "一列不能确定是不是全年任务数"),
    ("row-in-doubt", _TABLES, "一行不能确定是区县还是合计、小计"),
    ("which-sheet", _TABLES, "有几张工作表像任务表"),
    ("tracked-change", _TABLE, "文档里有还没有接受的修订"),
    ("document-cell", _TABLE, "文档里的一格不能确定写的是什么"),
    ("display-differs", _TABLE, "显示的数和格子里的数不一样"),
    ("district-twice", _TABLES, "区县的名称或代码重复"),
    ("period-unclear", ("compare",), "对方没有写明是当月数还是累计数，或截至几月"),
    ("unit-differs", ("compare",), "对方的单位和我方的不能换算"),
    ("export-broken", ("totals",), "汇总数据读不出来，或者和导出时不一样"),
    ("export-twice", ("totals",), "一个单位一个月的汇总数据有两份"),
    ("export-differs", ("totals",), "一项指标的代码、名称、单位或口径在各单位不一样"),
    ("answer-standing", ("answer",), "上级的表里已经填了别的数"),
    ("indicator-twice", _TABLE, "指标重名"),
    ("no-such-indicator", _TABLE, "写了口径的一列没有读成指标"),
    ("goal-twice", _TABLE, "全市目标写了两次"),
    ("slip-unknown", ("supervise",), "“督办”里的编号或事项在底账里没有"),
    ("bad-slip-closing", ("supervise",), "“督办”里的销号还缺结果，或者填得不对"),
    ("slip-missing", ("verify",), "交办过的督办单不在“督办”文件夹里"),
    ("slip-changed", ("verify",), "交办过的督办单和交办时不一样"),
    ("unknown-placeholder", ("bulletin", "supervise"), "模板里的占位符填不了"),
    ("not-a-document", ("bulletin", "supervise"), "不是 Word 的 .docx 文件"),
    # What staff set in the master.
    ("code-missing", _MASTER, "一行没有代码"),
    ("code-twice", _MASTER, "一个代码用了两次"),
    ("name-missing", _MASTER, "没有名称"),
    ("name-too-long", _MASTER, "名称或代码太长，不能用作文件名"),
    ("name-twice", _MASTER, "名称已经是另一个区县的"),
    ("list-empty", _MASTER, "名录或指标是空的"),
    ("bad-mail", (*_MASTER, "send", "fetch"), "不是邮箱地址"),
    ("bad-measure", _MASTER, "口径不是允许的写法"),
    ("bad-whole", _MASTER, "取整不是允许的写法"),
    ("bad-goal", _MASTER, "全市目标不是数字"),
    ("bad-importance", _MASTER, "权重不是数字"),
    ("bad-schedule", _MASTER, "序时不是四种之一"),
    ("bad-shares", _MASTER, "自定义序时的累计百分比不齐或不对"),
    ("bad-months", _MASTER, "起始月或截止月不是月份"),
    ("bad-weight", _MASTER, "比率的合计所按的指标不对"),
    ("bad-adjustment", _MASTER, "任务调整的一行读不出来"),
    ("bad-owners", _MASTER, "重点工作的责任单位不在区县名录里"),
    ("bad-term", _MASTER, "重点工作的完成时限不是日期"),
    ("bad-frequency", _MASTER, "重点工作的报送不是月、季、一次之一"),
    ("bad-work-indicator", _MASTER, "重点工作的对应指标不在指标里"),
    ("too-many-works", _MASTER, "重点工作太多，填报表放不下"),
    ("bad-opening", _MASTER, "年初累计不是数字"),
    ("opening-unmatched", _TABLE, "年初累计表里的区县、指标或单位对不上任务表"),
    ("bad-correspondence", ("check", "compare"), "对照的一行读不出来"),
    ("bad-last-year", _MASTER, "上年同期的一行或一格读不出来"),
    ("bad-severity", _MASTER, "规则的级别不是允许的写法"),
    ("bad-parameter", _MASTER, "规则的参数不是大于 0 的数字"),
    ("rule-unknown", _MASTER, "没有这条规则"),
    ("bad-score-rule", ("check", "recompute"), "考核的一行规则填得不对"),
    ("parent-self", _MASTER, "指标的上级是它自己"),
    ("parent-unknown", _MASTER, "上级指标不在指标里"),
    ("parent-cycle", _MASTER, "指标互为上级"),
    ("district-not-in-targets", _MASTER, "名录里的区县在任务表没有行"),
    ("indicator-not-in-targets", _MASTER, "指标在任务表没有列"),
    ("indicator-not-listed", _MASTER, "任务表的一列不在指标里"),
    ("target-not-a-number", _MASTER, "任务数不是数字"),
    ("target-negative", _MASTER, "任务数小于 0"),
    ("total-missing", _MASTER, "找不到合计行"),
    ("row-below-total", _MASTER, "区县的行在合计下面"),
    ("number-without-code", _MASTER, "没有代码的行里有数字"),
    ("block-lost", ("attach",), "主表里找不到一个区域"),
    ("no-room", ("attach",), "主表里没有地方放缺的行或列"),
    ("published-missing", ("recompute",), "找不到公布合计行"),
    ("setting-needed", ("send", "fetch", "remind", "return"), "要用的设置没有填"),
    ("letter-unknown", ("check", "send", "remind", "return"), "没有这种信件"),
    ("letter-twice", ("check", "send", "remind", "return"), "一种信件有两行"),
    ("field-unknown", ("check", "send", "remind", "return"), "信里没有这个字段"),
    ("field-broken", ("check", "send", "remind", "return"), "信里的大括号不成对"),
    ("pending-unknown", ("settle",), "没有这个编号的待定"),
    ("bad-decision", ("settle",), "决定不是允许的写法"),
    ("bad-district", ("settle",), "归属区县不在名录里"),
    ("bad-kind", ("settle",), "归属材料不在“材料”里"),
    # What does not agree.
    ("settings-differ", (*_WRITING, "check"), "合用一本底账的两个人把一处设置改得不一样"),
    ("value-disagrees", ("recompute",), "Excel 和程序算得不一样"),
    ("not-kept", _WRITING, "写入的数读回来不一样"),
    ("master-differs", ("verify",), "主表和底账算出的数不一样"),
    ("ledger-damaged", ("verify", "doctor"), "底账损坏"),
    ("ledger-differs", ("verify",), "底账和归档不一样"),
    ("archive-changed", ("verify", "rebuild"), "归档里的文件和收到时不一样"),
    ("archive-missing", ("verify", "rebuild"), "归档里没有这份文件"),
    ("mail-missing", ("verify",), "归档里没有这封邮件"),
    ("reads-differently", ("verify", "rebuild"), "现在读出的数和收到时不一样"),
    ("second-reader-differs", ("verify",), "另一个读法读出的数和底账不一样"),
    ("totals-differ", ("verify",), "底账相加和汇总不一样"),
    ("chronicle", ("verify",), "归档里的操作记录读不出来"),
    ("page-missing", ("verify", "rebuild"), "归档里少了一页操作记录"),
    ("page-damaged", ("verify", "rebuild"), "归档里一页操作记录损坏了或被改过"),
    ("gone", ("return",), "归档里找不到要退回的文件"),
)
_DOUBTFUL = (
    ("form-reissued", _RETURNS, "填的是重新发出以前的旧表"),
    ("result-differs", _RETURNS, "文件里存的计算结果和填的数对不上"),
    ("time-ahead", _RETURNS, "文件或邮件的时间比现在还晚"),
    ("total-given-later", _RETURNS, "区县后来填过累计，这个月的数不改变那以后的累计"),
    ("bounce-unmatched", ("fetch", PROBLEMS_SHEET), "退信对不上本程序发出的信"),
    ("comments-unread", _RETURNS, "批注读不出来"),
    ("paper-unread", _RETURNS, "材料是扫描件，或者有读不出文字的页，数不出字数"),
    ("paper-copy", ("verify",), "“材料”文件夹里的副本和归档的原件不一样"),
    ("no-workbook", ("fetch", PROBLEMS_SHEET), "邮件没有带来填报表"),
    ("hidden-text", _TABLE, "文档里有隐藏的文字，没有读入"),
    ("table-joined", _TABLE, "文档里分开的几张表当作同一张读"),
    ("hidden-sheet", _TABLES, "任务表在隐藏的工作表里"),
    ("hidden-row", _TABLES, "隐藏的行也读入了"),
    ("hidden-column", _TABLES, "任务表里有隐藏的列"),
    ("other-table", _TABLE, "另一张工作表也像任务表，没有读入"),
    ("cell-commented", _TABLE, "任务表的一格有批注"),
    ("side-by-side", _TABLE, "左右几栏接成一张表读入"),
    ("number-skipped", _TABLE, "一个数没有读入"),
    ("row-skipped", _TABLE, "一行没有读入"),
    ("subtotal-skipped", _TABLE, "小计没有当作区县"),
    ("column-skipped", _TABLE, "一列没有当作指标"),
    ("column-is-sum", _TABLE, "一列是别的列相加的数"),
    ("column-unnamed", _TABLE, "一列没有写是任务数，旁边的写了"),
    ("like-a-stock", _TABLE, "像是现有多少，按当月数相加读入"),
    ("like-an-average", _TABLE, "像是平均数，按相加的数读入"),
    ("code-unused", _TABLE, "代码没有用上"),
    ("goal-unused", _TABLE, "全市目标没有用上"),
    ("no-unit", _TABLE, "没有写计量单位"),
    ("unit-twice", _TABLE, "表的上面写着两个计量单位"),
    ("read-as-rate", _TABLE, "按比率读入，不相加"),
    ("like-a-rate", _TABLE, "像是比率，按相加的数读入"),
    ("part-without-whole", _TABLE, "其中项没有总数"),
    ("part-in-other-unit", _TABLE, "其中项和总数的单位不同"),
    ("total-twice", _TABLE, "合计有两行"),
    ("total-unchecked", _TABLE, "合计是没有算出结果的公式，没有核对"),
    ("total-mismatch", _TABLE, "公布的合计和各区县相加不同"),
    ("looks-like-total", _TABLE, "一行等于别的行相加，按合计或小计处理"),
    ("row-unlike", _TABLE, "一行的名称不像其他各行的"),
    ("year-mismatch", _TABLES, "标题里的年份和任务的年度不同"),
    ("district-added", ("compare",), "对方表里一个区县占几行，已经相加"),
    ("export-absent", ("totals",), "一个单位没有这个月的汇总数据"),
    ("export-other-year", ("totals",), "汇总数据是别的年度的，没有加进来"),
    ("answer-lacking", ("answer",), "本级的合计还不知道，上级的表里没有填"),
    ("answer-unmatched", ("answer",), "上级的指标在本级没有，或者单位、口径不同，没有填"),
    ("adjustment-new", ("check",), "任务调整的一行还没有登记到底账"),
    ("bad-manual", ("check", "recompute"), "手工加减的一行不能计入"),
    ("score-sum", ("check", "recompute"), "考核的满分加起来不是 100"),
    ("no-scores", ("check", "recompute"), "要按考核得分排名，而没有得分"),
    ("layout-older", ("check", "doctor"), "主表是较早版本建的，缺少后来的表或栏目"),
    ("setting-missing", _MASTER, "设置里少了一项，按默认处理"),
    ("rule-missing", _MASTER, "校验规则里少了一条，按原来的级别处理"),
    ("total-differs", _MASTER, "公布合计和各区县相加不同"),
    ("not-listed", ("recompute",), "底账里的数据不在名录或指标里，没有计入汇总"),
    ("formula-changed", ("attach", *_WRITING), "应当是公式的格子被改过"),
    ("rule-changed", ("attach",), "程序的颜色规则被改过，没有换成新的"),
    ("formula-in-the-way", ("attach", *_WRITING), "由程序填写的格子里有公式"),
    ("block-changed", ("undo",), "表的行列有增减，没有恢复"),
    ("changed-since", ("undo",), "格子后来又被改过，没有恢复"),
    ("other-month", ("verify",), "主表显示的是别的月份"),
    ("interrupted", ("verify", "doctor", "rebuild"), "一次操作做到一半中断了，没有记入"),
    ("no-receipt", ("verify",), "归档里的文件在底账里没有回执"),
)


def setting_code(key: str) -> str:
    """The code of a setting that is wrong, by its key."""
    return f"bad-{key}".replace("_", "-")


_SETTINGS = {
    setting_code(spec.key): f"“{spec.label}”填得不对" for spec in (*SETTINGS, *MAIL_SETTINGS)
}
PROBLEM_KINDS = (
    *(
        ProblemKind(
            rule.code, rule.severity, _PENDING if rule.doubt else _RETURNS, rule.hint, rule.doubt
        )
        for rule in RULES
    ),
    *(ProblemKind(code, ERROR, _PENDING, means, doubt) for code, doubt, means in _DOUBTS),
    *(ProblemKind(code, ERROR, told, means) for code, told, means in _WRONG),
    *(ProblemKind(code, WARNING, told, means) for code, told, means in _DOUBTFUL),
    *(ProblemKind(code, ERROR, _MASTER, means) for code, means in _SETTINGS.items()),
)
PAGE_PROBLEMS = "item-"
"""How the codes begin of what is wrong with the page 重点工作: none of it decides about the figures."""
DOUBTS = {kind.code: kind.doubt for kind in PROBLEM_KINDS if kind.doubt}
_SEVERITIES = {kind.code: kind.severity for kind in PROBLEM_KINDS}


def make(
    code: str,
    message: str,
    sheet: str = "",
    cell: str = "",
    found: str = "",
    expected: str = "",
    severity: str = "",
) -> Problem:
    """A problem of a code that is in the table, as grave as the table says unless ``severity`` is given.

    Raises KeyError for any other code.
    """
    usual = _SEVERITIES[code]
    return Problem(code, severity or usual, sheet, cell, found, message, expected)


def is_of_page(problem: Problem) -> bool:
    """Whether a problem is the page's 重点工作, which is judged apart."""
    return problem.code.startswith(PAGE_PROBLEMS)


def place(sheet: str, cell: str = "") -> str:
    """``任务表!C9``, or the sheet alone: what a message begins with; ``表2 行5 列3`` of a document is whole."""
    if cell.startswith("表"):
        return cell
    return f"{sheet}!{cell}" if cell else sheet


def statement(problem: Problem, *places: str) -> str:
    """What a message says after the place that it begins with: the problem's own, or one of ``places``.

    A place is known, never looked for: sheets, files and subjects may hold any sign, “：” too.
    """
    for known in (place(problem.sheet, problem.cell), problem.sheet, *places):
        if known and problem.message.startswith(f"{known}："):
            return problem.message[len(known) + 1 :]
    return problem.message
