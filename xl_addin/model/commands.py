"""The verbs: what each is called, on the command line, on a button and in the journal, and what it takes.

Adding one is three files: its record here, ``verbs/<name>.py`` with ``run`` (``name_`` where the name is
a word of Python's own), and its button in macros/customUI14.xml where it has one.
"""

from __future__ import annotations

from xl_addin.system.light import NamedTuple

PROGRAM = "xl-addin"
TASKS, MAIL, TOTALS, LEADERS, YEAR, TOOLS = "任务", "收发", "汇总", "督导", "年中变动", "工具"
GROUPS = (TASKS, MAIL, TOTALS, LEADERS, YEAR, TOOLS)
FINAL, UNDOABLE, PASSED_OVER = "final", "undoable", "passed-over"
SETTINGS_RUN = "settings"
"""A run that nobody asks for: several work by one ledger, and a version of their settings was recorded."""
_UNDOABLE_LIST = "{undoable}"


class Option(NamedTuple):
    """``value`` names what follows; empty for a switch. ``many`` may be given several times.

    ``button`` is the label of a button of the switch's own, beside its verb's.
    """

    name: str
    value: str
    help: str
    required: bool = False
    many: bool = False
    button: str = ""


class Paths(NamedTuple):
    """What stands without an option's name: ``most`` of them at most."""

    word: str = ""
    most: int = 0
    help: str = ""


class Verb(NamedTuple):
    """``label`` is what people call it, on a button and in the journal.

    ``group`` is the ribbon group its button stands in, empty for what only the command line does.
    ``options`` are its own, beside ``COMMON_OPTIONS``. ``undo``: UNDOABLE for what ``undo`` takes back,
    PASSED_OVER for what changes nothing that could be and does not stand in its way, FINAL for what
    ``undo`` cannot go behind, if it is in the journal at all.
    """

    name: str
    label: str
    help: str
    group: str = ""
    options: tuple[Option, ...] = ()
    paths: Paths = Paths()
    undo: str = FINAL


COMMON_OPTIONS = (
    Option("--folder", "DIR", "任务文件夹，不写就是当前文件夹"),
    Option("--month", "YYYY-MM", "月份，例如 2023-06 或 6月，不写就用“设置”里的"),
    Option("--rehearse", "", "只说会做什么，不写任何文件"),
    Option("--json", "", "结果以一个 JSON 对象输出"),
    Option("--help", "", "显示用法"),
)
_LETTER_OPTIONS = (
    Option("--district", "CODE", "只给这个区县发，写代码或名称"),
    Option("--again", "", "以前发过的也再发一次"),
)
_CLUSTER = Option(
    "--cluster",
    "ADDRESS",
    "文件交给一个 Dask 集群去读，写调度程序的地址，例如 tcp://192.168.1.10:8786；工作机要在同样的路径看得到任务文件夹",
)
_RECORDS = (
    Verb(
        "new",
        "新建",
        "由一张任务表建立年度任务：文件夹、主表和底账",
        options=(
            Option(
                "--task-table",
                "FILE",
                "任务表（.xlsx .xls .et .ods，或通知的 .docx .odt），必填",
                required=True,
            ),
            Option("--year", "YYYY", "年度，必填", required=True),
            Option("--title", "TEXT", "任务名称，不写就用任务表的标题"),
            Option("--from", "FOLDER", "上年任务的文件夹：区县、邮箱、设置、信件和上年完成数照带"),
            Option("--first-month", "M", "从几月开始按月报，1 到 12，不写就是 1"),
            Option("--sheet", "NAME", "任务表在哪一张工作表，有几张像的时候写明"),
            Option("--skip-column", "COLUMNS", "不是指标、不读的列，例如 E 或 E,G-H"),
            Option("--keep-column", "COLUMNS", "看着像完成数、占比一类，确实是全年任务数的列"),
            Option("--skip-row", "ROWS", "不是区县、不读的行，例如 5 或 5,9-12"),
            Option("--keep-row", "ROWS", "看着像合计、小计，确实是区县的行"),
            Option("--total-row", "ROWS", "是合计的行"),
            Option(
                "--measure",
                "COLUMN=口径",
                "一列的口径，例如 F=累计数；口径有当月数、累计数、两者都填、比率，可以写几次",
                many=True,
            ),
            Option("--units-across", "", "区县写在表头里，一个区县占一列"),
            Option("--openings", "FILE", "年初累计：起始月份以前的完成数，样子和任务表一样"),
            Option(
                "--openings-read",
                "CHOICE",
                "年初累计那张表怎样读，例如 skip-row=5 或 sheet=年初，写法同上面任务表的选项，可以写几次",
                many=True,
            ),
            Option(
                "--key-works",
                "NUMBERS",
                "通知里的哪几项放进重点工作台账：列出的序号，例如 1,3,5-7，或 全部",
            ),
            Option(
                "--ledger",
                "URL",
                "几台电脑共用的底账放在哪个数据库：postgresql://用户名@服务器/数据库名",
            ),
        ),
        paths=Paths("FOLDER", 1, "新任务的文件夹；在命令提示符里只写 new，会一项一项地问"),
    ),
    Verb(
        "check",
        "检查任务表",
        "检查主表里的任务表和各项设置",
        TASKS,
        (
            Option("--mend", "", "各张表缺的行、列和不一致的名称，按名录和指标补上、改好"),
            Option("--take", "WHOSE", "几个人合用一本底账、设置改得不一样时以谁为准：本表 或 底账"),
        ),
    ),
    Verb(
        "add-district",
        "增加区县",
        "年中增加一个区县：名录、任务表和每张区县表一次加好，也可以从别的区县分出任务数",
        YEAR,
        (
            Option("--code", "CODE", "新区县的代码"),
            Option("--name", "TEXT", "新区县的名称"),
            Option("--aliases", "TEXT", "别名，几个用“、”隔开"),
            Option("--to", "MAIL", "收件人邮箱"),
            Option("--cc", "MAIL", "抄送邮箱"),
            Option("--since", "M", "从几月起报，不写就是全年"),
            Option("--from", "CODE", "从这个区县分出，任务数从它那里调减"),
            Option("--target", "I=N", "指标（代码或名称）的任务数，可以写几次", many=True),
            Option("--targets", "FILE", "任务数写在一个表里：第一列指标，最后一列数"),
            Option("--document", "TEXT", "依据的文件"),
        ),
        undo=UNDOABLE,
    ),
    Verb(
        "add-indicator",
        "增加指标",
        "年中增加一项指标：指标、任务表和每张表一次加好",
        YEAR,
        (
            Option("--code", "CODE", "新指标的代码"),
            Option("--path", "TEXT", "指标名称，上层在前，例如 就业 > 新增就业"),
            Option("--unit", "TEXT", "计量单位"),
            Option("--measure", "TEXT", "口径：当月数、累计数、两者都填或比率，不写就是当月数"),
            Option("--schedule", "TEXT", "序时：均匀、按季、年底前或自定义，不写就是均匀"),
            Option("--whole", "TEXT", "取整：是或否，不写就是“是”"),
            Option("--parent", "CODE", "上级指标，本项是它的“其中”"),
            Option("--short", "TEXT", "简称，用在图表和窄列里"),
            Option("--weight", "N", "权重：在综合完成率里占的份量，不写算 1，“其中”项算 0"),
            Option("--since", "M", "从几月起报，不写就是全年"),
            Option("--target", "D=N", "区县（代码或名称）的任务数，可以写几次", many=True),
            Option("--targets", "FILE", "任务数写在一个表里：第一列区县，最后一列数"),
            Option("--document", "TEXT", "依据的文件"),
        ),
        undo=UNDOABLE,
    ),
    Verb(
        "adjust",
        "调整任务数",
        "按文件从一个月起（--month）调整任务数，写进“任务调整”和底账",
        YEAR,
        (
            Option("--district", "CODE", "哪个区县，代码或名称"),
            Option("--indicator", "CODE", "哪项指标，代码或名称"),
            Option("--by", "N", "增加多少，减少写负数"),
            Option("--to", "N", "调整成多少"),
            Option("--document", "TEXT", "依据的文件，例如 渝残发〔2023〕30号"),
            Option("--note", "TEXT", "备注，记入底账"),
            Option(
                "--file", "FILE", "一次调整几个：表里有“区县”“指标”和“调整数”（或“调整后”）三列"
            ),
        ),
        undo=UNDOABLE,
    ),
    Verb(
        "change-district",
        "区县变动",
        "区县改名、并入别的区县，或者不再报",
        options=(
            Option("--district", "CODE", "哪个区县，代码或名称", required=True),
            Option("--name", "TEXT", "改名：新的名称，旧名称留作别名"),
            Option(
                "--into",
                "CODE",
                "并入：从 --month（不写就是本次月份）起并入这个区县，没有完成的任务数转给它",
            ),
            Option("--all-targets", "", "并入时全部任务数都转，不写就只转没有完成的"),
            Option("--until", "M", "不再报：报到几月为止"),
            Option("--document", "TEXT", "依据的文件"),
        ),
        undo=UNDOABLE,
    ),
    Verb(
        "change-indicator",
        "指标变动",
        "一项指标不再报：报到几月为止",
        options=(
            Option("--indicator", "CODE", "哪项指标，代码或名称", required=True),
            Option("--until", "M", "报到几月为止", required=True),
        ),
        undo=UNDOABLE,
    ),
    Verb(
        "amend",
        "登记变动",
        "把在名录、指标、任务调整里填的改动登记好，各张表缺的行、列和不一致的名称补上、改好",
        YEAR,
        undo=UNDOABLE,
    ),
    Verb(
        "distribute",
        "生成填报表",
        "为每个区县生成一个月的填报表；--papers 生成“材料”里各份材料的封面",
        TASKS,
        (
            Option(
                "--papers",
                "",
                "不生成填报表，生成材料封面：每个区县每份材料一个 Word 文件，放在“材料”的“模板”里",
                button="生成材料封面",
            ),
            Option(
                "--packages",
                "",
                "不生成填报表，把生成好的装成分发包：每个区县一个文件夹，有填报表和发到微信群、QQ 群的文字",
                button="分发包",
            ),
            Option("--district", "CODE", "只做这个区县的分发包，写代码或名称"),
            Option(
                "--group",
                "NAME=CODES",
                "一个群一个分发包：群名=区县,区县；可以写几次，不写就是全部区县一个",
                many=True,
            ),
        ),
        undo=UNDOABLE,
    ),
    Verb(
        "send",
        "发送",
        "把这个月的填报表发到区县的邮箱，每个区县一封；--papers 发材料封面",
        MAIL,
        (
            *_LETTER_OPTIONS,
            Option("--papers", "", "不发填报表，发材料封面，每份材料一封", button="发材料封面"),
        ),
    ),
    Verb(
        "fetch", "收取邮件", "从邮箱取新邮件，找出交回的填报表，审核、记入底账", MAIL, undo=UNDOABLE
    ),
    Verb(
        "collect",
        "导入文件夹",
        "收集交回的文件：存档、识别、读取、审核、记入底账",
        MAIL,
        (_CLUSTER,),
        Paths("PATH", 999_999, "文件或文件夹，可以有几个；不写就是任务文件夹里的“回收”"),
        undo=UNDOABLE,
    ),
    Verb(
        "settle",
        "处理待定",
        "对待定的回收件作决定：接受、退回或归属到某个区县",
        MAIL,
        (
            Option("--accept", "", "接受，按待定里写的区县和月份计入"),
            Option("--reject", "", "退回，不计入"),
            Option("--assign", "CODE", "接受，计入这个区县（代码或名称）"),
            Option("--paper", "CODE", "待定的是材料时：是“材料”里的哪一份，写代码或名称"),
            Option("--note", "TEXT", "为什么这样决定，记入操作日志"),
        ),
        Paths("ID", 999, "待定的编号，可以有几个；不写就按主表“待定”里的决定"),
        UNDOABLE,
    ),
    Verb(
        "remind",
        "催报",
        "给还没报齐的区县写信，写明缺哪几个月、逾期几天；--text 不发信，写一段点名的文字",
        MAIL,
        (
            *_LETTER_OPTIONS,
            Option(
                "--text",
                "",
                "不发信，写一段点名谁没报的文字，粘贴到微信群、QQ 群",
                button="催报文字",
            ),
        ),
    ),
    Verb(
        "return",
        "退回修改",
        "把有错的填报表标好问题发回区县；开了回执信的，也给通过的发回执",
        MAIL,
        _LETTER_OPTIONS,
    ),
    Verb(
        "recompute",
        "重算",
        "重算本月完成、累计完成、汇总、完成率、差异、逐月",
        TOTALS,
        undo=UNDOABLE,
    ),
    Verb("status", "回收情况", "谁报了、谁没报、是否按时", TOTALS),
    Verb(
        "close",
        "结账",
        "一个月结账：以后再收到的先待定，直到重新打开",
        TOTALS,
        (
            Option("--next", "", "结账后把“设置”里的本次月份改为下个月；已经结账的只改月份"),
            Option("--reopen", "", "重新打开已结账的月份"),
        ),
        undo=UNDOABLE,
    ),
    Verb(
        "bulletin",
        "生成通报",
        "由本单位的 Word 模板生成本月通报；--final 登记发布，以后哪个数变了都会指出",
        LEADERS,
        (
            Option(
                "--final", "", "发布：登记写好的那份通报（可以改过）和里面的每一个数", button="发布"
            ),
            Option("--number", "N", "期号，不写就是今年发布过的下一个"),
            Option(
                "--template", "FILE", "用这个 Word 模板（.docx），不写就用“模板”里的“通报.docx”"
            ),
        ),
        undo=UNDOABLE,
    ),
    Verb(
        "supervise",
        "督办",
        "给连续红灯、连续未报的区县拟督办单，过期没有反馈的升级催办，收下“督办”里写的反馈和销号；--issue 发出",
        LEADERS,
        (
            Option(
                "--issue",
                "",
                "交办：把拟好的督办单（可以改过）登记、发给区县，没有邮箱的自己转交",
                button="交办",
            ),
        ),
        undo=UNDOABLE,
    ),
    Verb(
        "district-pages",
        "打印区县单页",
        "每个区县一页，放进一个 Excel 文件，一次打印全部",
        LEADERS,
        (Option("--district", "CODE", "只要这个区县，写代码或名称，可以写几次", many=True),),
    ),
    Verb(
        "compare",
        "比对",
        "拿其他部门的表和底账比对：哪些区县哪项指标不一样、差多少、两边各在哪一格；不改任何数",
        LEADERS,
        (
            Option("--sheet", "NAME", "对方的表在哪一张工作表，有几张像的时候写明"),
            Option(
                "--column",
                "COLUMN=CODE",
                "对方的哪一列（列名或列号）是哪项指标，例如 F=I07，要换算的写 F=I07*10000；可以写几次",
                many=True,
            ),
            Option("--cumulative", "", "对方没有写明口径的，按累计数比"),
            Option("--monthly", "", "对方没有写明口径的，按当月数比"),
            Option("--as-of", "M", "对方的数截至几月，不写就看对方的标题，再看月份"),
            Option("--skip-row", "ROWS", "对方表里不读的行，例如 5 或 5,9-12"),
            Option("--skip-column", "COLUMNS", "对方表里不读的列，例如 E 或 E,G-H"),
            Option("--add-rows", "", "一个区县占几行的，把几行相加"),
            Option("--keep", "", "有身份证号、姓名、电话一类个人信息的文件也存档"),
            Option(
                "--ask",
                "",
                "给不一致的区县写信，请其核对；不写文件就是最近一次比对",
                button="请核对",
            ),
        ),
        Paths("FILE", 1, "对方的表；不写就是“比对”文件夹里还没有比过的那一份"),
        UNDOABLE,
    ),
    Verb(
        "answer",
        "填上级表",
        "用本级的汇总填上级发来的填报表，写成旁边的一个新文件；缺数的格子空着，说明缺谁",
        TOTALS,
        (
            Option(
                "--match",
                "THEIRS=OURS",
                "上级的哪项指标是本级的哪项，例如 I07=I03，要换算的写 I07=I03*0.0001；可以写几次",
                many=True,
            ),
            Option("--overwrite", "", "表里已经填了别的数的格子，换成本级的数"),
        ),
        paths=Paths(
            "FORM", 1, "上级发来的填报表（.xlsx）；不写就是任务文件夹的“上级”里这个月的那一份"
        ),
        undo=PASSED_OVER,
    ),
    Verb(
        "totals",
        "多级汇总",
        "--export 把本级的数导出成一个文件交给上级；--from 把下级交来的文件加起来，做成同样的几张表",
        options=(
            Option("--export", "", "导出本级一个月的数（.parquet），带校验码"),
            Option("--all", "", "导出时：连同以前各月"),
            Option("--name", "TEXT", "导出时：本单位叫什么，不写就是“设置”里的发文机关或任务名称"),
            Option("--level", "TEXT", "导出时：本级叫什么，例如 县、市"),
            Option("--from", "", "汇总下级导出的文件；参数写文件，或者放着它们的文件夹"),
            Option(
                "--expect", "FILE", "汇总时：应当有哪些单位，一行一个名称；缺的会说明，不当作 0"
            ),
            Option("--title", "TEXT", "汇总时：印在标题里的任务名称，不写就是“各单位任务”"),
            Option(
                "--to", "FILE", "汇总时：做成哪个 .xlsx，不写就是当前文件夹里的“汇总_月份.xlsx”"
            ),
        ),
        paths=Paths("PATH", 999_999, "导出成哪个文件，或者要汇总的文件、文件夹"),
        undo=PASSED_OVER,
    ),
    Verb(
        "trace",
        "溯源",
        "一个数是怎么来的：哪几个月、哪份回收件、哪一格、怎样收的、谁决定的",
        LEADERS,
        (
            Option("--cell", "CELL", "主表里的哪一格，例如 累计完成!G12"),
            Option("--district", "CODE", "哪个区县，代码或名称，不写就是合计"),
            Option("--indicator", "CODE", "哪项指标，代码或名称"),
        ),
        undo=PASSED_OVER,
    ),
    Verb(
        "dossier",
        "审计包",
        "把区县的数从头到尾装成一个文件夹：来历、原件、邮件、决定、记录和校验码，不用本程序也能核对",
        LEADERS,
        paths=Paths("DISTRICT", 9_999, "区县，代码或名称，可以有几个；不写就是全部区县"),
        undo=PASSED_OVER,
    ),
    Verb(
        "password",
        "保存密码",
        "把发信、收信的密码（授权码）存进系统的密码库，或者用微软账户登录",
        TOOLS,
        undo=PASSED_OVER,
    ),
    Verb(
        "try-mail",
        "测试邮箱",
        "登录发信和收信的邮箱，给自己发一封信再收回来，说明哪里行、哪里不行",
        TOOLS,
        undo=PASSED_OVER,
    ),
    Verb("doctor", "体检", "检查这台电脑和任务文件夹：程序、Excel、权限、底账、邮件", TOOLS),
    Verb("undo", "撤销", f"撤销最近一次{_UNDOABLE_LIST}", TOOLS, undo=PASSED_OVER),
    Verb(
        "verify",
        "核对",
        "核对归档、底账和主表是不是一个数也不差，并用另一个读法再读通过的文件",
        options=(
            Option("--all", "", "用另一个读法再读全年通过的 .xlsx，不写就只读这个月的"),
            _CLUSTER,
        ),
    ),
    Verb(
        "rebuild",
        "重建底账",
        "只用归档重新做出底账，原来的底账放进备份",
        options=(_CLUSTER,),
        undo=PASSED_OVER,
    ),
    Verb(
        "move-ledger",
        "搬底账",
        "把底账搬进几台电脑共用的 PostgreSQL 数据库，或搬回任务文件夹，逐行核对后才换过去",
        paths=Paths(
            "TARGET", 1, "postgresql://用户名@服务器/数据库名，或任务文件夹（搬回来，例如 .）"
        ),
        undo=PASSED_OVER,
    ),
    Verb(
        "join",
        "加入",
        "在空文件夹里加入底账在数据库里的年度任务：自己的主表，大家的底账",
        options=(Option("--programme", "ID", "数据库里有几个年度任务时，写明是哪一个"),),
        paths=Paths("URL", 1, "数据库的地址：postgresql://用户名@服务器/数据库名"),
        undo=PASSED_OVER,
    ),
    Verb(
        "attach",
        "绑定本机",
        "把主表绑定到这台电脑的 Python，按钮和宏换成这个版本的，较早版本建的主表补上缺的",
        undo=PASSED_OVER,
    ),
    Verb(
        "bundle",
        "做安装包",
        "做不用上网、双击就能装的安装包，给别的电脑用；做的时候要能上网",
        options=(
            Option(
                "--platform",
                "NAME",
                "哪种电脑：Windows-x64、Linux-x64、Linux-arm64，可以写几次，不写就是全部",
                many=True,
            ),
            Option(
                "--python",
                "X.Y",
                "哪个版本的 Python，例如 3.12，可以写几次，不写就是全部",
                many=True,
            ),
        ),
        paths=Paths("DIR", 1, "安装包放在哪个文件夹，不写就是当前文件夹里以版本命名的一个"),
        undo=PASSED_OVER,
    ),
    Verb(
        "wps",
        "WPS 加载项",
        "让主表的按钮在 WPS 里也能用（Windows、麒麟、统信）",
        options=(
            Option(
                "--with-session",
                "",
                "install 时写：每次登录就在后台等着，点按钮时程序起不来的电脑用",
            ),
        ),
        paths=Paths(
            "WHAT", 1, "install 装上或更新，remove 去掉，status 看装得怎么样；不写就是 status"
        ),
    ),
    Verb(
        "serve",
        "等待 WPS",
        "在后台等 WPS 里的按钮；点按钮时会自己启动，一般不用运行",
        options=(Option("--stay", "", "没有人点也不停下，到退出登录为止"),),
    ),
    Verb("demo", "演示", "用 2023 年任务表和样例数据把整个流程走一遍"),
)


def _list_undoable() -> str:
    labels = [verb.label for verb in _RECORDS if verb.undo == UNDOABLE]
    return "或".join(("、".join(labels[:-1]), labels[-1]))


VERBS = tuple(
    verb._replace(help=verb.help.replace(_UNDOABLE_LIST, _list_undoable())) for verb in _RECORDS
)


class Button(NamedTuple):
    """A button of the ribbon: what it runs, with which switch, what it is called, where it stands."""

    id: str
    verb: str
    option: str
    label: str
    group: str


BUTTONS = {
    button.id: button
    for verb in VERBS
    if verb.group
    for button in (
        Button(verb.name, verb.name, "", verb.label, verb.group),
        *(
            Button(f"{verb.name}.{o.name[2:]}", verb.name, o.name[2:], o.button, verb.group)
            for o in verb.options
            if o.button
        ),
    )
}
"""The buttons that run a verb, by their ids in macros/customUI14.xml."""


def label_of(name: str) -> str:
    """What people call a verb; the name itself where the journal has one that is no more."""
    if name == SETTINGS_RUN:
        return "更新设置"
    button = BUTTONS.get(name)
    return next(
        (verb.label for verb in VERBS if verb.name == name), button.label if button else name
    )
