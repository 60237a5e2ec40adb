"""What the heading of a column says it is for, where it says anything but a target."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xl_addin.model.names import plain
from xl_addin.system.light import pattern

RESULT, SHARE, GROWTH, EARLIER, PERIOD = "result", "share", "growth", "earlier", "period"
WEIGHT, DAY, BASE, CHANGE = "weight", "day", "base", "change"
SOURCE = "source"
VOID, AVERAGE, MIXED = "void", "average", "mixed"
PROJECT, STRETCH, UPPER = "project", "stretch", "upper"

YEAR = pattern(
    r"(?<!\d)(20\d\d(?!\d)|2\d(?=年[度底末初]?(?:完成|任务|目标|计划|实际|实绩|基数|预计|预期|下达|指标|数|值|新增|$))|二[〇○零]二[〇○零一二三四五六七八九])年?度?"
)
_DIGITS = "〇一二三四五六七八九"
TARGET = pattern(r"任务|目标|计划|指标|下达|分解|应完成|(?i:target|plan|goal)")
WHOLE_YEAR = pattern(
    r"(全年|年度|本年|当年|总|合计|年|annual|total|fullyear|year)(度|目标|任务|计划|合计|总|target|plan)*(数|值|量)?",
    re.IGNORECASE,
)
BRACKET = pattern(r"\([^()]*\)$")
# What there is, where another column says that it is the task: 总户数 beside 改造任务.
GIVEN = pattern(r"核定|分配|安排")
STOCK = pattern(
    r"(剩余|尚余)[\u3400-\u9fff]*|总(户|农户|人|人口|学生|床位|面积)数?|保有量|.*(建议|申报|审核|自报|上报|需求|意向|摸底|摸排|测算|底册|回复|反馈)(户|人)?(数|量|额)?|需[\u3400-\u9fff]{1,4}总?[数量]|适龄[\u3400-\u9fff]*数|(?i:needs?|pin|peopleinneed)|.*存量(数|户数|面积|底数)?|累计(建成|治理|改造).*|"
    r"[\u3400-\u9fff]{1,4}(总户|总人|总)数|(应[\u3400-\u9fff]{1,3}|适龄[\u3400-\u9fff]*|\d+([-—~至到]\d+)?(周?岁)[\u3400-\u9fff]*)人数"
)
# The whole of a project or of several years, where another column says that it is one year's.
MANY_YEARS = pattern(
    r"[\u3400-\u9fff]{0,6}(总投资额?|投资总额|总概算|概算(总?投资|金额)?|估算(总?投资|金额)?|合同(总?额|总?价|总?金额)|"
    r"总规模|建设规模|总(任务|目标|计划|指标))(数|量|额)?|(总体)?规划(?!编制|评估|修编|审批|设计)[\u3400-\u9fff]*|[两三四五](年|年期)(总|规划|合计|目标|任务|计划)[\u3400-\u9fff]*|"
    r"(?i:(endofproject|eop|lop|lifeofproject|cumulative|multi-?year|totalproject)(target|budget|cost|goal)?s?|total(budget|cost|investment))"
)
SPAN = pattern(r"20\d\d年?[-—~至到]20\d\d|十[二三四五六]五")
YEARLY = pattern(
    r"(?<![\d\-—~至到])20\d\d(?!\d|年?[-—~至到]\d)|"
    r"年度|本年|当年|今年|全年|(?i:annual|thisyear|year[1-9]|fy)"
)
# What is striven for beside what has to be reached.
STRIVEN = pattern(
    r"(.*?)(奋斗|力争|挑战|冲刺|争取)(目标|任务|指标|数|值)+|()(?i:stretch(target|goal)?s?)"
)
STRIVEN_FOR = pattern(r"(奋斗|力争|挑战|冲刺|争取|跳起摸高)(值|数)?")
ENSURED = pattern(r"(基本|保底|底线|必保|确保|约束性?|必成)(目标|任务|指标)?(值|数)?")
# The task as it was, beside the task as it is.
FORMER = pattern(
    r"(年初|原定?|期初|初步|初次|首次|最初|老)(下达|分解|分配|核定)?的?(任务|目标|计划|指标)?(数|量)?"
)
LATTER = pattern(
    r"(调整|现行?|最新|最终|变更|修订|修改|中期|确定|新)后?(下达|分解|分配|核定)?的?(任务|目标|计划|指标)?(数|量)?"
)
# What is added to the task, beside the one after it; and what a level above set, beside one's own.
ADDED = pattern(
    r"(追加|核增|核减|调增|调减|调整|变更)(任务|目标|计划|指标)(数|量)?|(?i:original(target|plan|goal)?s?)"
)
ABOVE = pattern(
    r"[国省]定(任务|目标|计划|指标)?(数|量)?|(上级|国家|中央|省级?|自治区)((下达|分配|核定|分解|要求|考核)的?(任务|目标|计划|指标)?|任务|目标|计划|指标)(数|量)?"
)
OWN = pattern(
    r"[市县区镇]定(任务|目标|计划|指标)?(数|量)?|(本级|[市县区镇]级?|自定)((下达|分配|核定|分解|自定|要求|考核)的?(任务|目标|计划|指标)?|任务|目标|计划|指标)(数|量)?"
)
# What was done or paid by now whatever it is of; 已下达任务 is not: it may be the task.
ALREADY = pattern(
    r"(累计|截[至止].*|目前|至今|已|.*前[一二两三四]年)完成.*|已(下达|拨付|预拨|安排|到位|支付)(的?资金|投资|补助)|[已未](?!下达|分解|安排|分配|认领|签)[\u3400-\u9fff]{1,8}"
)
# Quantities that say nothing of what is to be done: 核查户数, 补助资金 beside 下达任务.
BARE = pattern(
    r"拟.*|新收.*|受理.*|收案.*|预计完成.*|净增.{0,2}|增量|(?!.*(新[建增开]|改造|建设|完成|治理|培训|筹集|发放|服务|就业|参保|救助|资助|帮扶|签约|筛查|检查|改建|修建|"
    r"适配|托养|康复|照护|转移|安置|走访|慰问|接种|招[生聘]|援助|办证|鉴定|开展|宣传|演练|种植|造林|播种|收购|复垦|整治|维修|加固))"
    r"([核调排]查.*|.*(资金|经费|投资额?|投资总额|概算|合同(总?额|总?价)|金额|面积|户数|人数|人口|长度|[河总]长|里程|[数量额])|"
    r"(?i:total.*|.*(budget|funding|cost).*))"
)
ENDED = pattern(r"20\d\d年?[底末]")
YEAR_NAME = pattern(r".*(年度|年份|年)|(?i:year)")
CARRIED = pattern(r"结转|续建|跨年|延续|结余|滚动")
# Whom the columns below it are for: 体检 under 重点人群 is a task all the same.
FOR_WHOM = pattern(r"(重点|目标|服务)(人群|人口|对象)")
# What is given to people or households is counted in them: 独生子女奖励（人）.
REWARD = pattern(r".*(奖励|奖金|奖惩|罚款|扣款)")
COMPARED = pattern(r"同比|环比|[比较](上年|去年|同期|上期|基期)")
DAY_TEXT = pattern(
    r"((20\d\d[年./-])?\d{1,2}([月./-]\d{0,2}日?)(底|末|上旬|中旬|下旬|份)?|20\d\d年[底末]?|20\d\d(0[1-9]|1[0-2])([0-2]\d|3[01]))(前|之前|以前|止)?"
)
# The last days of months, written as numbers: 6.30 is 6.3.
MONTH_ENDS = frozenset(
    (1.31, 2.28, 2.29, 3.31, 4.3, 5.31, 6.3, 7.31, 8.31, 9.3, 10.31, 11.3, 12.31)
)
# How many live there, of whatever kind; 受益人口 is what a work is for.
LIVING = pattern(
    r"(?!.*(受益|惠及|覆盖|解决|新增|转移|搬迁|安置|脱贫|减少|务工|就业|落户|引进|筛查|培训|帮扶|救助|参保|供水|通水|改善|市民化|登记|采集|核查|检测|接种|普查|监测|达标|签约|享受|纳入|保障|实现|参加))"
    r"[\u3400-\u9fff]{1,8}人口(总?数|总量)?"
)
# A column that holds no more, and what a hidden one was before.
NO_MORE = pattern(r"作废|废止|失效|弃用|停用")
DRAFTED = pattern(r"[初草旧原]稿|旧[版表]|备份|^原(?!料|粮|种|油|煤|木|奶|产|始|址|位|野)")
MEAN = pattern(r"([各全]?[省市州县区镇乡村校班人户亩]?均|.{0,4}平均)(值|数|水平)?|.{0,4}均值")
_PLANNED = pattern(r".*(计划|应|拟|预计|目标|须|需|要求)完成.*")
AFTER = pattern(r"最终|调整后|变更后|核定后|(?i:revised|adjusted)")
_TARGET_WORDS = pattern(
    r"(年度|全年|本年|当年|年初|下达|分解|调整后?|变更后|核定后?|最终)*"
    r"(任务|目标|计划|指标|下达|分解|绝对|(?i:target|plan|goal))+(?i:s)?(数|值|量|额)?$"
)
_RESULT_WORDS = pattern(
    r"(实际|已|未|累计|目前|当前|本年|本月|当月|本期|截[至止].*|至.*|[上下]半年|[一二三四1-4]季度|\d{1,2}([-—~至到]\d{1,2})?月份?底?)*"
    r"(完成|达成|落实)(数|量|值|额|情况|进度|比例|率|百分比|人数)?$|"
    r"(原|原定|调整前|变更前)$|(调整|增减|核增|核减|追加|变动|变更)(数|量|额|情况)$|(序时|时序|形象|工程|工作|目前|当前)?进(度|展)(情况)?$|"
    r"^(本月|当月|本期|累计|至今)(数|量|值|额|人数)?$|(差额|差异|差距|缺口|剩余)(数|任务数?)?$|(实绩|实际数?|占比|比重|分值|权重|排名|得分|同比|增长率?|增幅)$|"
    r"(?i:actuals?|achieved|achievement|progress|completed|completion|%?done)%?$"
)
_FORMS = (
    (
        SOURCE,
        pattern(
            r"([\u3400-\u9fff]{2,8}(局|委|厅|部门|系统)|统计|公安|民政|人社|税务|财政|卫健|教育|农业|市监|部门|乡镇|街道|村里|单位|自|第三方)(口径|提供|掌握|认定|核实|统计|填报|上报)?(数据?|数值|值)|"
            r"[\u3400-\u9fff]{2,8}口径"
        ),
    ),
    (
        DAY,
        pattern(
            r".*(时间|日期|期限|时限|时点|节点|月份|截止)|截[止至]日?期?|(完成|办结|交付|验收)[时日期]|(?i:date|deadline|due(date)?|(start|end)(date)?)"
        ),
    ),
    (
        CHANGE,
        pattern(
            r"(原|原定|调整前|变更前)(下达)?(目标|任务|计划)*(数|量|额)?|"
            r"(任务|目标|计划)?(调整|增减|核增|核减|追加|变动|变更)(任务|目标|计划)?(数|量|额|情况)|调[增减](数|量|额)?"
        ),
    ),
    (
        WEIGHT,
        pattern(
            r".*(权重|分值|[得评总积加]分|总成绩|标准分|基本分|考核分|赋分|扣分|系数|排名|排序|名次|位次|排位|单价)(值|数)?|(是否|有无).*|.*(奖励|奖金|奖惩|罚款|扣款)(标准|金额)?|.*(等级|级别|等次|星级|类别|类型|性质|优先级|编号)|"
            r"(人均|户均|亩均)(任务|目标)(数|量)?|(人均|户均|亩均|每[人户亩]|补[助贴]|资助|救助|供养|奖补|发放|收费)*标准|"
            r"(?i:priority|grade|level|category|type|weight|score|rank(ing)?|points|unit(cost|price))"
        ),
    ),
    (
        EARLIER,
        pattern(
            r"(上|去|前|往|历|上一|下|下一|明|次)年(度|底|末|同期)?.*|.*(上年|去年|往年)(完成|实际|实绩|基数|数|同期|任务).*|"
            r".{0,2}十[二三四五六]五.?(期间|规划|末期?)?(总|累计)?(目标|任务|计划)(任务)?(总?数|值|量)?|"
            r"[到至截](上|去)年[末底年度]*[\u3400-\u9fff]{0,6}|(累计|总[数量])(达到?|将达)(数|量)?|(基期|基数|底数|同期)(数|值)?.*|(?i:(last|previous|prior)year.*|baseline.*)"
        ),
    ),
    (
        PERIOD,
        pattern(
            r"(第?[一二三四1-4](个)?季度?[末底]?|(?i:q[1-4])|[上下]?半年度?[末底]?|年[末底]|季度|月度|第?[一二三四五1-5]周|[上中下]旬|"
            r"\d{1,2}月(\d{1,2}日|[底末])?(之?前|止)|\d{1,2}月[-—~至到]+\d{1,2}月份?|日期-\d\d-\d\d.*|前[一二三1-3]季度?|"
            r"(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(份|底|末)?|\d{1,2}[-—~至到]\d{1,2}月份?|"
            r"第?[一二三四五六1-6](批次?|阶段)|(提前|首|本|此|后续|剩余)批次?|(提前|此次|本次|后续|续)(追加|下达|安排|分配|发)|"
            r"(?i:jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?))(进度|序时|累计|阶段性?|应达到?)*(目标|任务|计划)*(数|值|量)?"
        ),
    ),
    (
        GROWTH,
        pattern(
            r"(同比|环比|[比较](上年|去年|同期|上期|基期).*|增长(率|数|量|额)?|增减(率|数|量|额|幅)?|净[多少](数|量)?|多[出做](数|量)?|增幅|增速|涨幅|降幅|升降|.*[比较](增长|增加|减少|下降|提高)|[±+-]{1,3})"
            r"(增长|增减|\+-|±)*(率|数|幅)?%?|(?i:growth|change|increase|yoy)%?"
        ),
    ),
    (
        RESULT,
        pattern(
            r"([到至]?(20\d\d年?)?[底末]?累计|总共)(建成|治理|改造|达到?|拥有|实施|推广|新增).*|(累计|截[至止].*|目前|至今)完成.*|截[至止](目前|当前|现在|\d).*|.*完成(数量?|量|值|额|情况|人数|户数|个数|面积|金额)?|(本月|当月|本期|累计|至今)(数|量|值|额|人数)?|"
            r"占(全年|年度|年初|年)?(目标|任务|计划|预算).*|已[\u3400-\u9fff]{1,6}(数|率)?|(当前|目前|现在)(数|值)?|未[\u3400-\u9fff]{1,3}(户|人|个|件)数|(在建|未(开工|完工|竣工|验收|启动|落实|到位|整改|办结|销号|建成))数?|"
            r"(开工|竣工|到位|支付|支出|拨付|投产|建成|交付)(率|比例|进度)|.*(完成|达成|实现|执行|落实|计划|任务)(进度|比例|百分比|占比|率)|.*(进度|进展)(情况|数)?|"
            r".*(实绩|实际(数|值)?|实有数?|达成(数|值|情况)|落实(数|情况)?|欠账数?|剩余(数|任务数?)?|"
            r"未完成(数|任务数?)?|差额|差异|差距|缺口数?|余额)|"
            r"(?i:ytd|(people)?reached|.*(actual|achieved?|achievement|progress|completed|completion|done|todate|remaining|gap|variance|difference)s?%?)"
        ),
    ),
    (
        SHARE,
        pattern(
            r".*(占比|比重|所占比例|构成比?|占.*(比例|百分比|比|%)|占总.*)|(比例|百分比|%)|"
            r"(?i:share|percent(age)?|%oftotal|.*%of.*)"
        ),
    ),
    (
        BASE,
        pattern(
            r"海拔(高度)?|距[\u3400-\u9fff]+|[\u3400-\u9fff]*(年龄|工龄|距离)|[所下管]?辖[\u3400-\u9fff]*数|((户籍|常住|总|现有)人口|人口(总)?数|现有.*|已有.*|现状.*|在园幼儿|(目标|重点)人群|(服务|老年|流动|\d+岁[\u3400-\u9fff]*)人口|存量底数|(建成区|国土|土地|幅员|辖区|(行政)?区域)(总)?面积|持证残疾人|届毕业生|在校(学)?生)(数|总数)?|(核定|实有|现有|空缺|工作|机构|行政|事业)*(编制|在编|在岗|专班|工作人员)(人员|职工|干部)*(人?数|总数)?|邮政?编码?|(?i:(catchment|total)?population|eligible.*)"
        ),
    ),
)


def years_in(text: str) -> set[int]:
    """The years that a heading, folded by ``names.plain``, names: 2023年, 23年完成, 二〇二三年."""
    found = (str(said).replace("○", "〇").replace("零", "〇") for said in YEAR.findall(text))
    digits = ("".join(str(_DIGITS.find(c)) if c in _DIGITS else c for c in said) for said in found)
    return {int(said) if len(said) == 4 else 2000 + int(said) for said in digits}


def kind_of(text: str) -> str:
    """What a heading, folded by ``names.plain``, says it holds; empty where it may be a target."""
    text = BRACKET.sub("", YEAR.sub("", text)) or text
    if _PLANNED.fullmatch(text):
        return ""
    bare = text.strip("%") or text
    return next((k for k, form in _FORMS if form.fullmatch(text) or form.fullmatch(bare)), "")


def stem_of(levels: Iterable[str]) -> str:
    """What a column is about: ``培训任务数``, ``培训 > 完成数`` and ``培训完成率`` are all about 培训."""
    return "".join(filter(None, (_stem(plain(level)) for level in levels)))


def _stem(text: str) -> str:
    text = YEAR.sub("", text).removeprefix("其中:").strip("%")
    if WHOLE_YEAR.fullmatch(text) or (kind_of(text) and not _RESULT_WORDS.search(text)):
        return ""
    return _TARGET_WORDS.sub("", _RESULT_WORDS.sub("", text))
