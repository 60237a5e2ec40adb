"""使用说明: what a clerk needs to know, and no more."""

from __future__ import annotations

from xl_addin.master.build.sheet_writer import MasterPlan, SheetWriter
from xl_addin.master.build.styles import set_up_page
from xl_addin.model.commands import VERBS
from xl_addin.model.folder import ABOVE, COMPARISONS, FORMS, PACKAGES, PAGES, PAPERS, RETURNS, SLIPS
from xl_addin.model.lights import LIGHTS
from xl_addin.model.records import FLOW_LABEL, STOCK_LABEL
from xl_addin.model.sheets import (
    BOARD_SHEET,
    COMPARISON_SHEET,
    CORRESPONDENCE_SHEET,
    DISTRICT_PAGE_SHEET,
    DISTRICTS_SHEET,
    GUIDE_BLOCK,
    GUIDE_SHEET,
    LAST_YEAR_SHEET,
    LOSSES_SHEET,
    MASTER_SHEETS,
    PAPER_LIST_SHEET,
    PAPERS_SHEET,
    PENDING_SHEET,
    PROBLEMS_SHEET,
    PROGRESS_SHEET,
    SCHEME_SHEET,
    SCORES_SHEET,
    SETTINGS_SHEET,
    SLIPS_SHEET,
    STATUS_SHEET,
    SUMMARY_SHEET,
    TAB,
    TEXTS_SHEET,
    TRAIL_SHEET,
    VARIANCE_SHEET,
    WORK_DETAILS_SHEET,
    WORKS_SHEET,
)
from xl_addin.xlsx.textsize import row_height

SUMMARY = (
    "本工作簿管一个年度的任务：任务数、每月收回的完成数、汇总和差异都在这里。"
    "同一文件夹里的“底账”（ledger.db）和“归档”保存收到的每一份文件和每一个数字，请不要删除或改名。"
)

# What to do, how, and the verbs whose buttons do it. A step whose verbs do not exist is left out.
STEPS = (
    (
        "打开主表",
        f"上方出现“启用内容”时点它，否则按钮不能用。“开始”右边有一个“{TAB}”选项卡，"
        f"下面的按钮都在那里；做哪个月，看“{SETTINGS_SHEET}”里的“本次月份”，从列表里选。"
        "用 WPS 的（麒麟、统信也是），先在终端运行一次 xl-addin wps install，按它说的重开 WPS。",
        (),
    ),
    (
        "检查任务表",
        "改过设置、名录、指标或任务表以后做一次；有问题会指出在哪个单元格。",
        ("check",),
    ),
    (
        "生成填报表",
        f"在“{FORMS}”文件夹里为每个区县生成当月的填报表。已有人填过的不会覆盖。",
        ("distribute",),
    ),
    (
        "发给区县",
        f"按“{DISTRICTS_SHEET}”里的邮箱发送，一个区县一封；也可以自己作为附件发给对应的区县。"
        f"请其按截止日发回。第一次发送前在“{SETTINGS_SHEET}”里填好邮件各项，"
        f"点“保存密码”，再点“测试邮箱”。查不清是否发出的、要再发一次的，在“{STATUS_SHEET}”的“信件处理”里逐个选。"
        f"没有邮箱、用微信群和 QQ 群的，点“分发包”：“{PACKAGES}”里每个区县一个文件夹，有填报表和要粘贴的文字；"
        "“催报文字”写一段点名谁没报的话。",
        ("password", "try-mail", "send", "remind"),
    ),
    (
        "收回",
        f"逐份核对身份、读数、审核，给出结论和问题，同一份文件收两次不会重复计数。不是从邮箱收取的，"
        f"先原样放进“{RETURNS}”文件夹，文件名不用改，再导入；另存的邮件（.eml、.msg、.mbox）和装着它们的压缩包也可以。"
        f"微信、QQ 收文件的文件夹填在“{SETTINGS_SHEET}”的“接收文件夹”里，导入时一起收，只收本任务的填报表。"
        f"只交来扫描件、照片或 Word 文件的仍算未报，"
        f"“{STATUS_SHEET}”的“提示”里写着，催报信也会请对方补报电子表。",
        ("fetch", "collect"),
    ),
    (
        "重点工作",
        f"要区县逐项报进展的，在“{WORKS_SHEET}”里一项填一行（通知里的，建立任务时可以挑着带进来），有关区县的填报表"
        f"就多一页“重点工作”。重算以后，“{WORK_DETAILS_SHEET}”里每个区县每项一行。这一页和数分开审核：文字要改的只退这一页，"
        "数照收；没有报的，催报信里逐项写明。没有重点工作就空着，填报表和以前一样。",
        (),
    ),
    (
        "重算",
        "更新本月完成、累计完成、汇总、完成率、差异和逐月。只算“已通过”的填报表；缺月的区县，"
        f"累计旁边写着已计几个月、缺哪几个月。灯比的是到这个月应完成多少；缺月怎么比，"
        f"看“{SETTINGS_SHEET}”里的“缺月办法”。",
        ("recompute",),
    ),
    (
        "看结论",
        f"先看“{BOARD_SHEET}”，一页打印出来就能给领导；细的看“{SUMMARY_SHEET}”“{VARIANCE_SHEET}”“{STATUS_SHEET}”；有错的按“退回修改”发回"
        f"区县：错的格子标成红色，写着原因（也可以按“{PROBLEMS_SHEET}”自己告诉区县）；"
        f"待定的要由人判断；再从收回做起。区县在“说明”里写的话列在“{TEXTS_SHEET}”，退回或催报以前先看一看。",
        ("status", "return", "settle"),
    ),
    (
        "发通报",
        "重算以后生成本月通报，放在“通报”文件夹里，接着在 Word 里补上要写的话，改过的不会被覆盖；样子在"
        "“模板”里的“通报.docx”里改，单位名称填在“设置”的“发文机关”。写好了点“发布”：每一个数都登记下来，"
        "以后哪个数变了、因为哪一份填报表，都会指出。",
        ("bulletin",),
    ),
    (
        "督办",
        f"重算以后点“督办”：一项指标连续几个月红灯、或者连续几个月没有报送的区县，各得一份编了号的督办单，放在"
        f"“{SLIPS}”文件夹里，看过、改过再点“交办”发出（没有邮箱的打印转交）。几个月、几天内反馈，在"
        f"“{SETTINGS_SHEET}”里改。区县直接回信，收取邮件时就记在“{SLIPS_SHEET}”的“反馈”；电话、书面答复的自己在"
        "那里写一句。办结的写“结果”、选“销号”，再点“督办”收下。过了期限没有反馈的，点“督办”时由蓝升橙、由橙升红，"
        "同一个编号再催一次。缺月份的区县不会被说成进度慢。样子在“模板”里的“督办单.docx”里改。",
        ("supervise",),
    ),
    (
        "有人问一个数",
        f"点住汇总各张表里的那个数，再点“溯源”：“{TRAIL_SHEET}”列出它由哪几个月、哪份回收件、哪一格加成，谁收的、"
        "谁决定的，没有计入的为什么；点“打开”看的是原件的副本。审计要材料就点“审计包”：数的来历、原件、邮件、决定和"
        f"操作记录装成一个文件夹，附校验码和核对办法。“{SETTINGS_SHEET}”里填了“操作人”，记录里就有姓名。",
        ("trace", "dossier"),
    ),
    (
        "和别的部门对数",
        f"把对方发来的表（Excel、WPS、网页、Word 里的表都行）放进“{COMPARISONS}”文件夹，点“比对”："
        f"“{COMPARISON_SHEET}”里先列不一样的，写着差多少、对方在哪一格、我方由哪几份填报表加成，点住“我方”的数还可以溯源。"
        "表头叫法不同的、以万人计的、没写明是当月还是累计的，"
        f"在“{CORRESPONDENCE_SHEET}”里写一行再点；看不准的会停下来问，不会猜。要区县核对就点“请核对”，一次比对一个区县只发"
        "一封。比对不改任何数；一人一行的名单不能比，请先按区县数好；有身份证号、电话的文件不存档。",
        ("compare",),
    ),
    (
        "上级也要报表",
        f"上级用同样的填报表向本单位要数的，把收到的表放进“{ABOVE}”文件夹再点：按本级的累计填好，写成旁边的一个新文件，原表不动。"
        "还缺区县的格子空着，“说明”里写着缺谁；叫法、单位不一样的不填，告诉怎样写明。填报人、日期自己补上再报。",
        ("answer",),
    ),
    (
        "收材料",
        f"填报表以外还要交工作总结、案例一类的，写在“{PAPERS_SHEET}”里，一行一份：代码、名称、哪天截止、要什么文件、多少字。"
        f"生成封面、发下去，请区县接着封面往下写；不用封面的，文件名写上区县和材料名称。交回来的和填报表一起收：发信或者放进"
        f"“{RETURNS}”都行，同一份收两次不会重复。到了没有、多少字、有什么问题看“{PAPER_LIST_SHEET}”，“{STATUS_SHEET}”里每份"
        f"材料一列；收到的文件在“{PAPERS}”文件夹里。说不清是谁的、是哪份材料的放在“{PENDING_SHEET}”，填好归属区县和归属材料"
        "再处理；不合要求的由“退回修改”写信说明；截止前 15 天起“催报”也催材料。填“材料”以前就收到的邮件，请从邮箱把附件"
        f"另存到“{RETURNS}”再导入。材料按自己的截止日，不属于哪个月，结了账照样收。",
        ("distribute", "send", "fetch", "collect", "settle", "return", "remind"),
    ),
    (
        "打印给人看",
        f"“{PROGRESS_SHEET}”用 A3 纸；“{DISTRICT_PAGE_SHEET}”在浅黄色的格子里选一个区县，用 A4 纸打印这一页。要给每个"
        f"区县一页，点下面的按钮：“{PAGES}”文件夹里得到一个文件，打开后选“打印整个工作簿”。",
        ("district-pages",),
    ),
    (
        "考核计分",
        f"不考核的不用管。要计分，在“{SCHEME_SHEET}”里填好项目（自带的几行是示例），把“启用”改成“是”，再重算："
        f"“{SCORES_SHEET}”是各项得分、总分和名次，“{LOSSES_SHEET}”是每一分扣在哪个月、因为什么、看哪份回收件。领导加减分写在"
        f"“{SCHEME_SHEET}”下面的“手工加减”，要写理由。要让看板、进度表、区县单页和通报的名次也按得分排，"
        f"把“{SETTINGS_SHEET}”里的“排名依据”选成“考核得分”。",
        (),
    ),
    (
        "年中有变动",
        "增加区县、增加指标、按文件调整任务数、改名、撤并：点下面的按钮，它会带到要填的那一行；填好再点一次，"
        "各张表一次改好，不用自己一张一张插行。",
        ("add-district", "add-indicator", "adjust", "amend"),
    ),
    (
        "结账",
        "一个月的数齐了、核对过了就结账；以后再交来的先放到待定。结账后会问要不要接着做下个月。",
        ("close",),
    ),
    (
        "做错了、不正常",
        "刚做的一步不对就撤销，可以一步一步往回撤，已经发出的信收不回来；打不开、发不出、按钮没反应就体检，"
        "每个问题都写着怎么办。",
        ("undo", "doctor"),
    ),
)

_LIGHTS = "；".join(f"{spec.shape} {word}：{spec.meaning}" for word, spec in LIGHTS.items())
WORDS = (
    (
        "口径",
        f"“{FLOW_LABEL}”：每月报当月新增，累计由各月相加；“{STOCK_LABEL}”：每月报截至月末的数，"
        "以最近一次为准；“两者都填”：报当月新增，也报本年累计；“比率”：以最近一次为准，从不相加，"
        "合计按“指标”里的“合计按”加权，没有填就没有合计。",
    ),
    (
        "序时",
        "到一个月底应当完成全年任务的几分之几：均匀的 6 月是 6÷12 = 50.0%；也可以按季、年底前，或者在“序时”里自定义。",
    ),
    (
        "应完成数",
        f"任务数乘以序时，要取整的不足 1 不算到期；缺月份的区县怎么算，看“{SETTINGS_SHEET}”里的缺月办法。",
    ),
    ("与序时差", "累计完成减应完成数；超前滞后是它除以任务数，单位是百分点，正数超前，负数滞后。"),
    (
        "进度灯",
        "★蓝是已完成全年任务，●绿是达到序时，▲黄是低于序时，▼红是低于序时超过滞后红线，○灰是没有数据或不判断；"
        f"滞后红线和黄灯在“{SETTINGS_SHEET}”里改。",
    ),
    (
        BOARD_SHEET,
        "综合完成率是各指标完成率按权重（“指标”里的权重）的平均，一项最多按“单项封顶”计；序时完成比是它除以应完成，"
        "缺月份的区县只和已计入的月份比。名次按它排，可以并列；变化是和上次发布的名次比，没有发布过的是“—”。"
        "后五名里不列缺月份的区县。图和名单重算时更新；增加了指标，点“登记变动”以后图上也有。",
    ),
    ("已计月数", "累计完成里有几个月的数、应当有几个月；带 * 和虚线框的累计缺月份。"),
    (
        "无法计",
        f"“{SCORES_SHEET}”里一个项目还没有可以评的（例如还没有到期），不当作 0 分，也不当作满分："
        "总分按其余项目折算成满分。"
        "没有到期的月份不扣分；缺一个月只在报送的项目里扣，不在完成率里再扣。",
    ),
    ("其中", "是它上面那个总数的一部分，不能大于总数，汇总时不重复相加。"),
    ("缺月", "一个区县有月份没有交来或没有通过，那几个月的数还不知道，不在累计里，也不当作 0。"),
    ("灯", f"{_LIGHTS}。和到这个月的应完成数比，不是和全年任务数比；还没有到应完成的时候不亮灯。"),
    (
        "说明",
        f"区县在填报表“说明”一栏写的原因。“{SETTINGS_SHEET}”里“警告须说明”选“是”的，有警告又没有写原因的"
        "退回一次；选“否”的，警告只提醒，不退回。",
    ),
    (
        "未报和未通过",
        "未报：还没有收到能审核的填报表；未通过：收到了，但退回、待定、空表或读不出来，没有计入。"
        "应报＝已通过＋未通过＋未报。“汇总”里的“本月缺数区县”按指标数：通过了但这一项空着的区县也算在内。",
    ),
    (
        "空白和“—”",
        "空白是不知道（没报或没通过），不当作 0；“—”是没有任务、也没有填数，或者累计数没有上月数可比，"
        "不算未报。",
    ),
    ("已通过", "数字已计入汇总。同一区县同一月份报了几次的，以最后一次通过的为准。"),
    ("退回", "有错误，没有计入；请区县按问题清单改好重报。"),
    ("轮次", "发出去的填报表是第 1 轮，每退回修改一次加一轮；改好重报的顶替以前的。"),
    ("待定", "身份对不上（例如区县和文件里的标记不一致），没有计入，要由人判断。"),
    ("空表", "发出去什么样，收回来还是什么样，没有填。"),
    ("重复", "这份文件以前收过，没有再计一次。"),
    (
        "信件",
        f"“{STATUS_SHEET}”里最近一封信的结果：投递失败、被拒收的请核对邮箱；失败、待发送的再按一次，"
        "发过的不会再发。",
    ),
    (
        "不确定",
        "发到一半断了，不知道那封信是否发出。过几分钟再按一次，程序会到发件人邮箱里查留底；"
        f"查不清的，问过区县以后在“{SETTINGS_SHEET}”的“不确定的信”里选怎么办。",
    ),
    (
        "授权码",
        "163、126、QQ 等邮箱不让程序用登录密码，要在邮箱网页的设置里开启 SMTP/IMAP 服务，得到一串授权码，"
        "保存密码时填它。",
    ),
    ("材料的字数", "正文的字符，标点也算，空格和封面上的不算；扫描的 PDF 数不出，不当作太少。"),
    (
        "雷同",
        "去掉数字、标点和区县名以后，连着 8 个字一段地比，两份材料相同的段占多少；超过“校验规则”里的百分比就提醒，"
        "谁抄谁要由人看。",
    ),
    ("非本任务 / 无法读取", "不是本任务的填报表，或者文件坏了打不开；原件仍在归档里。"),
    (
        "督办级别",
        "蓝是第一次交办；过了期限没有反馈升为橙；第二个期限也过了升为红。有了反馈就不再升级，办得怎样由人看，办结才销号。"
        "编号一年一排，发出去的号不会再用；没有发出的督办单再点“督办”就重拟，号也重排。",
    ),
    (
        "同期、同比",
        f"同期是上年同月底的累计，同比是比它增减百分之几；只比两年都有完整累计的区县。上年的数在“{LAST_YEAR_SHEET}”里。",
    ),
    (
        "几台电脑一起用",
        "底账可以放进大家共用的 PostgreSQL 数据库（在命令提示符里运行 xl-addin move-ledger），每人一个任务文件夹、"
        "一份主表：同事在空文件夹里运行 xl-addin join，或者复制整个文件夹。一次一个人写，别人等着；“撤销”只撤自己的。"
        "一般用户在数据库里不用是表的主人，升级和重建由建立任务的用户做；"
        "别的用户请管理员给：任务所在架构的 USAGE，其中各表的 SELECT、INSERT、UPDATE、DELETE。",
    ),
    (
        "上下级",
        "上级也用本程序的：收到上级的填报表，在命令提示符里运行 xl-addin answer 表名，用本级的汇总填好，另存在旁边；"
        "缺哪个单位的格子空着，说明里写缺谁。要把各单位的数一起交上去，运行 xl-addin totals --export；"
        "收齐下级交来的，运行 xl-addin totals --from。",
    ),
    (
        "下一年",
        "新任务表下来以后，在命令提示符里运行 xl-addin new，照着问题把新任务表和本文件夹拖进去：区县、邮箱、设置、"
        "信件、材料要求（截止日期往后推一年，请核对）、考核规则和本年的完成数会带过去，本文件夹一点不动。"
        "最好在 12 月结账以后做，这样 12 个月的数都有。",
    ),
)

NEVER = (
    "不要删除或改动各表里灰色小字的代码行、代码列：程序靠它们认行认列。",
    "不要把收回的数字手工抄进“本月完成”“累计完成”：下次重算会按底账改回来。",
    "不要在区县行之间插入小计：合计会多算。需要小计请放在表格外面。",
    "不要改动或删除“底账”和“归档”；换电脑时整个文件夹一起拷贝。",
    "经办以外的人不要让他看到这个文件夹：能看底账和归档的人，就能仿造任务数的防改标记。",
    "按钮没反应、打不开、发不出，点“体检”（或运行 xl-addin doctor）：每个问题都写着怎么办。",
    "换了电脑或重装过 Python，按钮会提示怎样重新绑定：双击安装包里的“安装”，把主表拖进去。",
    "也可以不开 Excel，用命令做同样的事（xl-addin --help）；运行命令前先保存并关闭本工作簿。",
    "可以插入行列、改表名、调整顺序、加自己的工作表和公式：程序按名称找位置，不受影响。",
)


def guide_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """使用说明: steps, sheets, words and what never to do."""
    sheet, settings = writer.sheet, plan.config.settings
    title = f"{settings.year}年{settings.title}"
    for column, width in enumerate((22, 74, 40)):
        sheet.set_column(column, column, width)
    writer.merge((1, 1, 1, 3), title, "title")
    sheet.set_row(0, 34)
    writer.merge((2, 1, 2, 3), SUMMARY, "body")
    sheet.set_row(1, row_height([(SUMMARY, 130)]) + 4)
    row = _section(writer, 4, f"每月怎么做（按钮在“{TAB}”选项卡）")
    labels = {verb.name: verb.label for verb in VERBS}
    steps = [step for step in STEPS if not step[2] or set(step[2]) & labels.keys()]
    for number, (topic, text, verbs) in enumerate(steps, 1):
        buttons = "、".join(labels[verb] for verb in verbs if verb in labels)
        row = _entry(writer, row, f"{number}  {topic}", text, buttons and f"按钮：{buttons}")
    row = _section(writer, row + 1, "各张表是什么（浅黄色的格子由工作人员填，其余由程序和公式填）")
    for each in MASTER_SHEETS:
        if each.about:
            aside = "可以改" if each.editable else "不要手工改数"
            row = _entry(writer, row, each.name, each.about, aside, "note")
    row = _section(writer, row + 1, "词语")
    for word, text in WORDS:
        row = _entry(writer, row, word, text)
    row = _section(writer, row + 1, "注意")
    for text in NEVER:
        writer.merge((row, 1, row, 3), f"· {text}", "body")
        sheet.set_row(row - 1, row_height([(text, 130)]))
        row += 1
    writer.name_area(GUIDE_BLOCK, (1, 1, row - 1, 3))
    set_up_page(sheet, f"A1:C{row - 1}")
    sheet.hide_gridlines(2)


def _section(writer: SheetWriter, row: int, title: str) -> int:
    writer.merge((row, 1, row, 3), title, "section")
    writer.sheet.set_row(row - 1, 26)
    return row + 1


def _entry(
    writer: SheetWriter, row: int, topic: str, text: str, aside: str = "", look: str = "command"
) -> int:
    writer.write(row, 1, topic, "topic")
    if aside:
        writer.write(row, 2, text, "body")
        writer.write(row, 3, aside, look)
    else:
        writer.merge((row, 2, row, 3), text, "body")
    room = 74 if aside else 112
    writer.sheet.set_row(row - 1, row_height([(text, room), (topic, 22), (aside, 40)]))
    return row + 1


BUILDERS = {GUIDE_SHEET: guide_sheet}
