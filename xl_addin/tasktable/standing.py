"""Columns that may tell what there is, and not what is to be done: told at their heading, with what settles it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from xl_addin.model.names import plain
from xl_addin.model.records import MEASURE_LABELS
from xl_addin.system.light import pattern
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.find import TOTALS
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.neighbours import Column, is_of_all, is_yearly
from xl_addin.tasktable.purpose_words import BARE, BRACKET, TARGET, stem_of
from xl_addin.tasktable.rates import is_like_rate
from xl_addin.tasktable.vectors import Vector

# What is to be done, or is made in the course of a year, and so adds up from month to month.
_VERBS = (
    r"新(?!区|城|村|华|型)|增|建(?!筑|成区|档立卡)|造(?!纸|船)|改(?!善型)|修|治(?!区)|整|清(?!水|河)|拆|迁|搬|转|推|举?办(?!公|事处)|"
    r"补[贴助缴偿办植种栽录]|评|复|投[入放资保产用]|供[应水电气热货餐]|减|降|提[升高供标质取]|扩|[申采选]?购|销|征|收(?!费站)|储备?|出让|完成|落实|培[训育养]|"
    r"集?训|就业|创业|发[放展行电]|开[展发通行工办设]|研发|服务|参保|救助|资助|扶助|帮扶|扶持|帮助|签|筛查|检[查测验修]|体检|查|诊疗|访|巡|接种|献血|登记|招生?|引|派|"
    r"聘|录[用取入]|配[备送发置建]|适配|植树|种植|移植|栽|播|抚?育[苗肥林秧]|抚育|养护|[采开]采|防|控制?|消[除杀缺纳]|捕|放流|孵|挖|铺(?!$)|架设|装|接入|开通|贯通|"
    r"通[车水电气邮]|覆盖|达标|创[建评新]|申[请报领]|认[定证领捐]|授|奖|送|演|讲|宣|慰问|走进|组织|处[理置罚]|调[查解处研训]|审|抽|执法|立案|办[理结案]|化解|"
    r"安置|分配|安排|使用|实施|利用|流转|[产销货运]量|产值|增加值|总值|投资|收入|支出|营[业收]|税|贷|融资|资金|经费|金额|利润|编制[规方标计预]|[规计]划编制|"
    r"产[品出]|作业|[春冬]灌|盘活|腾退|扩面|流通|奖补|嫁接|加工|年报|优化|天数|筹集|种草|植保|分流|到位|党[日课]|例会|座谈|项目|补充|总[价额]|托养|产|费|返还|进[村校企社家军机课乡基楼]|注册|投[工劳]|捐|继续教育|[教化]育宣|"
    r"宣传教育|健康教育|康复|护理|照护|供养|关爱|助[学餐浴残医洁行急困农企老]|义诊|维权|普法|援助|咨询|阅读|展[览演销示]|[演产支付]出|比赛|竞赛|赛事|采访|报道|发表|出版|"
    r"编印|督[导查办]|录入|更新|维护|保[养洁]|清洗|运[输营送]|托管|寄宿|寄养|救援|演练|巡检|抢[修险]|加固|[绿亮美硬净孵转]化|疏浚|护坡|节水|灌溉|退耕|轮作|深松|"
    r"深翻|还田|收割|屠宰|养殖|繁育|免疫|检疫|[化试]验|结对|入户|见习|实[习训践]|考[试核察]|鉴定|认证|升[级规]|合作|对接|成交|交易|上市|挂牌|担保|理赔|[承投参]保|"
    r"[参投]加|缴[费纳]|减免|退[税役]|清[欠缴收零偿]|脱贫|增收|消费|入[库统会党职园学托住]|纳[统入管]|交[付房]|竣工|投产|上云|上线|联网|并网|数字化|运动|健身|"
    r"[走出]访|调离|出台|制[定订修]|创作|拍摄|[拍摄]片|下[乡沉派]|进[村校企社]|回[收访购]|出栏|出口|进口|客流|客运|货运|发电|[用售供]电|接待|借阅|门诊|急诊|出院|"
    r"住院|手术|生育|出生|听课|年检|后扶|外资|合同额|调研报告|[核颁制换补]发|授权|移交|扫描|查询|"
    r"收寄|征订|订阅|评价|送温暖|巡[线河林逻]|[人场批户台件家车航架]次|活动|会议"
)
# What may stand before its object: 改造教室.
_BEGINS = pattern(
    r"(其中:|[市县区省]级)?(新[增建开设立培招认评发改购]|新发展|建[设成立]|[改扩修]建|改造|修[复缮]|整治|治理|清[理运收淤]|拆[除迁]|搬迁|推[广进动]|举[办行]|组织开展|"
    r"补[贴助充]|评[选定]|复垦|投放|提[升供高]|减少|降低|扩大|采购|购[置买]|销售|征[收集]|收[购回]|完成|落实|培[训育养]|发[放展]|开[展发设通办工]|研发|救助|资助|扶助|"
    r"[帮扶]扶持?|扶持|签[订约]|筛查|检[查测验]|体检|查[处办]|走访|巡查|接种|登记|招[聘录引募]|引[进育]|选派|派驻|聘用|录用|配[备送置]|适配|植树|种植|栽植|播种|抚育|养护|"
    r"防[治控]|控制|消除|铺设|架设|安装|加装|接[入待收]|创[建作]|申[报请]|认[定领]|奖励|宣传|慰问|处[理置]|调[查解]|审核|抽[检查]|立案|办[理结]|化解|安置|分配|安排|"
    r"实[施现]|利用|盘活|流转|争取|转[移化]|维护|更新|孵化|打造|编制|制定|出台|回[购收]|筹集|救援|运输|[绿硬亮]化|支持|拓[展宽]|承办|参[加与]|设立|成立|印发|出版|拍摄)"
)
# What makes a word of a verb's first character, or is its object: 建设, 播种, 造林. No 站, 机, 者, 屋.
_AFTER = (
    "[设造良洁种建修复理治训练育展发放动进行办收购销售缴纳贴助偿植栽除迁移转化升高低少扩大置送装通达立广查测验诊访讲演习授传导保护养管控灭杀"
    "捕挖输还退资入供应给户款费会课座林树草路厕水井淤田桥渠苗地河山土网电气棚违证卡税案病疫虫险约租]"
)
_ENDS = pattern(
    rf"({_VERBS}){_AFTER}?((总|人|户|家|个|件|场|次|批)?[次数量额]|率|面积|里程|长度|任务|工作|情况|金额|资金|经费|比例|"
    r"示范|行动|工程|试点|案件|总值|收入|标的|指标|名额|产品|品种|技术|成果|事项|问题|隐患|岗位)?(数|量)?$"
)
_BARE_WORK = pattern(
    rf"(({_BEGINS.pattern})|({_VERBS}){_AFTER}?)+((总|人|户|家|个|件|场|次)?[次数量额]|率|任务|工作|情况)?"
)
_STATE = pattern(
    r"(已)?(开工|竣工|到位|落实|建成|投产|签约|交付|办结|启动|入库|验收|拨付|兑付|审核|认定|排查|上报|申报|整改)(数|量|额)?"
)
_EVENTS = frozenset(
    ("次", "场", "场次", "人次", "户次", "批次", "期", "车次", "起", "例", "课时", "学时", "小时")
)
_FROM_ABOVE = pattern(
    r"(上级|国家|中央|[省市州县]级?|自治区)(下达|分配|核定|分解)的?(任务|目标|计划|指标)?[数量额]"
)
_ENGLISH = pattern(
    r"\bnew|train|build|built|repair|renew|sales|revenue|resolved|held|planted|visits?\b|deliver|"
    r"provid|complet|conduct|distribut|construct|rehab|vaccinat|renovat|\b(?!un)\w{4,}ed\b|\btraining|"
    r"enrol|recruit|trips|output|reached|supported|screen|install(?!ed.capacity)|register|produc|earn|"
    r"profit|income|export|import",
    re.IGNORECASE,
)
# A heading that ends in one of these names the thing, whatever is done in it: 消防栓, 培训基地, 团组织.
_THING = pattern(
    r".*(站|[^试]点|栓|学校|所|中心|基地|车间|平台|机构|队伍?|组织|[^人动生学幼]员|志愿者|机|车辆?|设施|设备|装置|床位|园区?|(?<![进入])馆|室|库|池|塘|井|桥|线路|渠|管网|(?<![并联入上])网|系统|社|店|厂|(?<![城农牧山林库矿郊])区|楼|房|厕所|路径|器材|[场驿]地?|广场|步道|港|超市|网格)(总?[数量])?"
)
# What something is made by being found worthy of it.
_AWARDED = pattern(
    r".*(示范|美丽|星级|达标|标准化|规范化|先进|文明|品牌|试点)[\u3400-\u9fff]{1,6}(\(.*\))?"
)
_GROUP = pattern(r".*(对象|人员|群体|人口|[^农]户)(总?数)?")
_TO_PEOPLE = pattern(r"新|培训|签约|慰问|走访|招|引进|聘|安置|发展|选派|轮训|帮扶|资助|搬迁|清退")
_MADE = pattern(
    r"新|增|建(?!筑)|改(?!革)|修|治|创|培育|引进|发展|招|聘|购|配(?!套)|更新|安装|设[立置点]|开[设通办工展]|升级|提升|达标|打造|认定|评定|扶持|支持|完善|拆|关停|迁|绿化|清|投[放用]|布设|加装|添置|回收|处置|腾|盘活|出[租让]"
)
# What there is at a time, whatever else the heading says.
_STANDING = pattern(
    r".*(保有量|存栏|存量|蓄积|在[册库岗园校读编栏田用]|期末|[年月季]末|年底|现有|拥有|余额|总量|常住|户籍|管[养护辖理](里程|面积|长度|公路|道路|河道|户数|人数)|"
    r"(养殖|灌溉|绿化|建筑|经营|租赁|占地|校舍|承包|确权)面积$|(参保|覆盖|管理|纳管|供养|保障|享受|注册)(总?[人户]数|面积)$|[耕林草湿绿水]地(保护)?(总?面积)?$|水域面积|基本农田|红线|建成区|从业人(员|数)|[职员]工(人?数|总数)?$|(人员|核定)编制|编制(数|人数)|网格员|护林员|保洁员).*|"
    r"(低保|特困|五保|参保|在保)(人数|总数|户数|对象|人员)?|编制|(受益|惠及)(人口|人数|户数|群众)"
)
# How much of what a level above says is done: 改造 > 建筑面积.
_EXTENT = pattern(r"[\u3400-\u9fff]{0,4}(面积|里程|长度|户数)")
_STANDING_ENGLISH = pattern(
    r"\b(headcount|staff|employees|stock|inventory|on-?hand|fleet|balance|members?|membership|population|caseload|outlets|stores|beds|seats|"
    r"active\s(users|customers|accounts|members)|enrol?lment|herd|installed|capacity)\b",
    re.IGNORECASE,
)
# Whom or what a task is for, there before it; 辅具, 公厕 and 助餐点 are what it provides.
_SUBJECT = pattern(
    r".*(残疾人|老年?人|儿童|少年|学生|学员|教师|老师|医生|医师|护士|干部|党员|团员|会员|群众|居民|[村农牧渔股]民|[职员]工|工人|妇女|母亲|幼儿|孕产?妇|患者|病人|人口|人员|对象|群体|劳动力|"
    r"毕业生|退役军人|[\u3400-\u9fff]户|家庭|低保户?|特困|五保户?|僧尼|代表|委员|志愿者|学校|[小中大]学|幼儿园|医院|卫生[院室所]|诊所|药店|[^新]村|社区|乡镇|街道|村居|企业|公司|机构|单位|"
    r"合作社|协会|组织|商店|门店|市场|饭店|宾馆|网吧|园区|景区|水库|河流|河道|湖泊|桥梁|[大中小]桥|隧道|车辆?|船舶?|渔船|网格|班级|矿山?|工地|小区|楼[栋宇盘房]|[建房]屋|房产|农房|"
    r"[耕林草湿园土农水田]地|草[原场]|(?<!高标准)农田|[果茶桑]园|教学点|[村校]医|[商店]铺|农家乐|超市|加[油气]站|电梯|锅炉|公交车?站?|公路|[林农牧养渔殖]场|场所|古树|文化站|图书馆|酒店|民宿|支部|小组|撂荒地|公墓|[养敬]老院|农?民工|[公民]办园|住房|危房|水面|海域|岸线|森林|松林|.面积|[存基]量|[条户人]数)(总?[数量])?|"
    r"(?i:.*(schools?|households?|villages?|people|persons|farmers|hospitals|clinics|children|women|students|teachers|population|communities))"
)
# What looks at things that are there, whatever they are: 电梯 beside 检查.
_INSPECTS = pattern(r"[检巡排抽督普核]查|监[测管督]|执法|检[测验疫修]|巡[检护]|免疫|防疫|消毒|隐患")
_GROWN = pattern(
    r"新增|补充|恢复|复垦|开垦|退耕|修复|整治|治理|流转|净增|新建|增加|增长|扩[大建种]|新[设办入开购发招聘]|(?i:\bnew\b|additional)"
)
# Where nothing in the table says what is to be done.
_QUANTITY = pattern(
    r".*?([床学]位|班级|教职工|教师|师资|医师|护士|医生|学生|党员|会员|用户|户籍|人口|机构|网点|门店|车辆|船舶|机具|泊位|库容|仓容|机组|资源|里程|规模|能力)(总?[数量]|人数)?"
)
# What cannot be added up over districts or months though its unit is no percent.
_AVERAGE = pattern(
    r".*(人均|户均|亩均|平均|年均|日均|月均|均价|均值|浓度|强度|密度|指数|满意度|单产|亩产|单耗|客单价|次均|水平|温度|每[百千万个]?(人|名|户|亩|平方|公里|村|社区|校|所|站|镇|乡)|"
    r"(每|单位)(GDP|gdp|产值|面积|产品|投资|成本|造价)|万元GDP|[百千万]人[\u3400-\u9fff]*拥有量|百公里|师生比|生师比|[\u3400-\u9fff]比$|周转天数|住院日).*"
)
_AVERAGE_ENGLISH = pattern(
    r"\b(average|avg|mean|density|index|ratio|per|score|rating)\b", re.IGNORECASE
)
_GOES_ON = pattern(r"(续建|在建|跨年度?)(的?(项目|工程|投资|户|套))?[数量额]?(个数)?")
_OUGHT = pattern(
    r"[应需须待拟可尚](?!急|届|用|征|求|诏|完成|邀|聘|持续|再生|研|上市|视|战|塑|控|转债)[\u3400-\u9fff].*"
)
# By whom a figure is told that nobody has decided on: 市局测算, 各地回复.
_PARTY = (
    r"(各?(地|[省市州县区旗镇乡村]+里?|街道|基层|单位|部门|学校|企业)|"
    r"[省市州县区旗][\u3400-\u9fff]{0,4}[局委办厅部处]|上级|我[局委办])级?"
)
_ASKED = pattern(
    rf"(方案|建议|意见)[一二三甲乙丙A-Ca-c1-3]|[\u3400-\u9fff]{{0,8}}(建议|自报|测算|反馈|回复)数|"
    rf"不?(愿意|有意|打算|希望)[\u3400-\u9fff]+|暂?[无没有]+(打算|意向|意愿)|{_PARTY}(测算|回复|反馈|建议|意见|申报|上报|自报|认领意向)(数|数量|量|额)?|"
    r"(申报|上报|自报|摸底|摸排|排查|审核|核查|核减|测算|建议|需求|意向|未(拨付|支付|到位|下达|安排))(资金|投资|任务|指标)?(数|户数|人数|数量|量|额)?"
)
# One end of a span, or what is due for a grade.
_LIMIT = pattern(
    r".*(上限|下限|最[高低大小](值|限额?)?|保底|底线|红线|警戒值?|奋斗|力争|挑战|冲刺|争取)(目标|任务|指标|数|值|量)*|(优秀|优良|良好|合格|及格|基准|满分|门槛|起评)[数值分]?|[一二三四]档|(?i:max(imum)?|min(imum)?|upper(limit)?|lower(limit)?)"
)
# A heading that says something else than a task, whether also where no column stands beside it, code and words.
_OTHERWISE = (
    (pattern(".*结转.*"), True, "column-unnamed", "像是以前结转来的数"),
    (pattern("计划外.*"), False, "column-unnamed", "写着在计划以外"),
    (pattern("(备选|候补|候选).*"), False, "column-unnamed", "像是备选的、还没有定下来的"),
    (_GOES_ON, False, "column-unnamed", "像是以前开工、接着做的项目"),
    (_ASKED, False, "like-a-stock", "像是申报、摸底的数，不是今年要做多少"),
    (_LIMIT, True, "column-unnamed", "像是范围的一头或某个等次的界限"),
)
_TASKS = pattern(r"任务|目标|计划|分解|下达|(?i:target|plan|goal)")
# Indicators that a yearbook has as well.
_FIGURES = pattern(r"(主要|经济|统计|社会|发展|基本|运行)+指标")
_TITLED = pattern(r"[\u3400-\u9fff]表|20\d\d年")
_PER = pattern(r"[^/]+/[^/]+")
_OVER_TIME = pattern(r"人/次|.*/[年月日天]")
_SOME = 6
_FEW = 2  # rows in which a column may be larger than another by chance

_SETTLED = {
    "column-unnamed": "；已当作指标读入，不是今年的任务数的话请加 {skip}",
    "like-a-stock": (
        "；现按各月相加的当月数读入：不是任务请加 {skip}，要报到月末一共有多少请加 {stock}，确是各月相加请加 {flow}"
    ),
    "like-an-average": (
        "；现按各区县、各月相加的数读入：不能相加请加 {rate}，不是任务请加 {skip}，确是各月相加请加 {flow}"
    ),
}


def mention_unlike_tasks(
    columns: Sequence[Column],
    choices: Choices,
    findings: Findings,
    figures: Mapping[int, Vector],
    *,
    title: str,
) -> tuple[int, ...]:
    """Columns read as targets that add up whose heading says something else, or less than those beside it.

    ``title`` is what stands above the table, folded; ``figures`` what each column has. What comes back
    are those of which nothing was told though they alone do not say what is to be done.
    """
    title = _FIGURES.sub("", title)
    doubts: dict[tuple[str, str], list[Column]] = {}
    for column in columns:
        settled = column.number in choices.kept_columns | choices.column_measures.keys()
        if not settled and not is_like_rate(column.heading):
            doubts.setdefault(_doubt(column, columns, figures, title), []).append(column)
    quiet = [c.number for c in doubts.pop(("", ""), ()) if _says_nothing(c, columns)]
    doubted = [column for found in doubts.values() for column in found]
    told = _TASKS.search(title) or any(map(_says_task, columns))
    asked = all(_OUGHT.fullmatch(_name(c)) or _ASKED.fullmatch(_name(c)) for c in doubted)
    wanted = asked and len(doubted) == len(columns) > 0
    if wanted or (2 * len(doubted) > len(columns) > 1 and _TITLED.search(title) and not told):
        why = "像是申报、打算的数" if wanted else "又不像要做的事，标题和表头也没有写是任务"
        says = (
            f"{_names(doubted, findings)}{why}，不能确定这是任务表；"
            f"不是请换一张任务表，是请加 {findings.columns_option('keep', [c.number for c in columns])}"
        )
        findings.refuse("title-in-doubt", doubted[0].heading.at, doubted[0].leaf, says)
    if not wanted:
        _refuse_proposals(doubted, columns, findings)
    for (code, why), found in doubts.items():
        label = " > ".join(found[0].heading.path)
        numbers = [column.number for column in found]
        said = _SETTLED[code].format(
            skip=findings.columns_option("skip", numbers),
            **{
                measure: findings.measure_option(numbers, label)
                for measure, label in MEASURE_LABELS.items()
            },
        )
        findings.warn(code, found[0].heading.at, label, f"{_names(found, findings)}{why}{said}")
    return tuple(quiet)


def _refuse_proposals(
    doubted: Sequence[Column], columns: Sequence[Column], findings: Findings
) -> None:
    """Refuse several figures of one indicator that are all proposals: which is to hold nobody decided."""
    groups: dict[tuple[str, ...], list[Column]] = {}
    for column in doubted:
        if column.group and _ASKED.fullmatch(_name(column)):
            groups.setdefault(column.group, []).append(column)
    for group, found in groups.items():
        if found[1:] and len(found) == sum(c.group == group for c in columns):
            numbers = [column.number for column in found]
            says = (
                f"{_names(found, findings)}像是还没有定下来的几种数，不能确定哪一列是全年任务数；"
                f"不是的请加 {findings.columns_option('skip', numbers)}，"
                f"都是请加 {findings.columns_option('keep', numbers)}"
            )
            findings.refuse("column-in-doubt", found[0].heading.at, found[0].leaf, says)


def _says_nothing(column: Column, columns: Sequence[Column]) -> bool:
    told = column.heading.part or _says_task(column) or _is_done(column)
    return not told and not TOTALS.fullmatch(_name(column)) and bool(_active(column, columns))


def _active(column: Column, columns: Sequence[Column]) -> list[Column]:
    """The others that say what is to be done."""
    whole = [other for other in columns if other is not column and not other.heading.part]
    return [other for other in whole if is_like_rate(other.heading) or _is_done(other)]


def _names(found: Sequence[Column], findings: Findings) -> str:
    names = [
        f"{findings.column_name(c.number)}“{' > '.join(c.heading.path)}”" for c in found[:_SOME]
    ]
    more = f"等 {len(found)} 列" if found[_SOME:] else ""
    return f"{'、'.join(names)}{more}"


def _doubt(
    column: Column, columns: Sequence[Column], figures: Mapping[int, Vector], title: str
) -> tuple[str, str]:
    """The code and what is said, both empty where nothing speaks against a task."""
    leaf = _name(column)
    others = [other for other in columns if other is not column]
    if is_of_all(column) and not any(_is_part_of(other, column) for other in others):
        return "column-unnamed", "像是整个项目、历年累计或全部的数"
    if _is_average(column, leaf):
        return "like-an-average", "像是平均数或按单位算的数"
    for words, alone, code, why in _OTHERWISE:
        if words.fullmatch(leaf) and (alone or others):
            return code, why
    if column.heading.part:
        return "", ""
    done, titled = _is_done(column), bool(TARGET.search(title))
    quantity = not (done or titled) and _QUANTITY.fullmatch(leaf)
    if _stands(column, leaf) or quantity:
        return "like-a-stock", "像是现有多少，不是今年要做多少"
    if others and _FROM_ABOVE.fullmatch(leaf):
        return "column-unnamed", "像是上级下达的数，没有写是哪一项的"
    if _says_task(column):
        return "", ""
    if _OUGHT.fullmatch(leaf):
        return "column-unnamed", "像是一共该做的、还没有做的数"
    tasks = any(_is_just_task(other) for other in others if other.group == column.group)
    if tasks and (column.group or _STATE.fullmatch(leaf)):
        done = False  # 落实, 开工 beside 任务: how far it is
    named = [other for other in others if _says_task(other) and not other.heading.part]
    named = [other for other in named if other.group == column.group] or named
    if named and (not done or BARE.fullmatch(leaf)):
        return "column-unnamed", f"没有写是任务数，旁边的“{named[0].heading.path[-1]}”写了"
    if TOTALS.fullmatch(leaf):
        return "", ""
    beside = "" if done else _stands_beside(column, columns, figures, titled=titled)
    if beside:
        return "like-a-stock", f"没有写要做什么，旁边的“{beside}”写了，可能是现有的数"
    if not (done or titled):
        return "like-a-stock", "没有写要做什么，标题也没有写是任务，可能是现有的数"
    return "", ""


def _stands_beside(
    column: Column, columns: Sequence[Column], figures: Mapping[int, Vector], *, titled: bool
) -> str:
    """What a column says is to be done to the thing that another only names; empty where none does.

    In a table of tasks what is done to it must be bare of its object, as in 残疾人 beside 走访, or the thing's own.
    """
    near = [c for c in columns if c.group == column.group] if titled and column.group else columns
    active = _active(column, near)
    larger = [other for other in active if _is_larger(column, other, figures)]
    if titled:
        larger = [other for other in larger if _is_bare(other) or _shares_word(column, other)]
        active = [other for other in active if _is_bare(other) and other.number > column.number]
    looked_at = all(any(map(_INSPECTS.search, other.heading.path)) for other in active)
    first = all(other.number > column.number for other in active)
    subject = first or looked_at or _SUBJECT.fullmatch(_name(column))
    told = larger or (active if subject or not titled else [])
    return " > ".join(told[0].heading.path) if told else ""


def _shares_word(one: Column, other: Column) -> bool:
    return any(one.leaf[n : n + 2] in other.leaf for n in range(len(one.leaf) - 1))


def _is_larger(column: Column, other: Column, figures: Mapping[int, Vector]) -> bool:
    """Whether there is nowhere less of a thing than is to be done, in one unit: 公厕 beside 公厕改造."""
    one, two = figures[column.number], figures[other.number]
    return (
        column.heading.unit not in ("", "人")
        and column.heading.unit == other.heading.unit
        and column.group == other.group
        and len(one) > _FEW
        and all(a >= b for a, b in zip(one, two, strict=True))
        and one != two
    )


def _name(column: Column) -> str:
    """The heading's last level; of 总数 and 合计 that over it."""
    leaf = BRACKET.sub("", column.leaf)
    if column.group and (TOTALS.fullmatch(leaf) or leaf.endswith("总数")):
        return BRACKET.sub("", plain(column.group[-1]))
    return leaf


def _is_average(column: Column, leaf: str) -> bool:
    """Whether a heading names a mean; English is told by whole words, which ``leaf`` has joined."""
    if any(_AVERAGE.fullmatch(plain(level)) for level in column.heading.path[:-1]):
        return True
    if _AVERAGE.fullmatch(leaf) or _AVERAGE_ENGLISH.search(column.heading.path[-1]):
        return True
    unit = column.heading.unit
    return bool(_PER.fullmatch(unit)) and not _OVER_TIME.fullmatch(unit)


def _stands(column: Column, leaf: str) -> bool:
    standing = _STANDING.fullmatch(leaf) or _STANDING_ENGLISH.search(column.heading.path[-1])
    of_work = _EXTENT.fullmatch(leaf) and any(_names_work(plain(each)) for each in column.group)
    return bool(standing) and not (of_work or _GROWN.search(column.heading.path[-1]))


def _is_part_of(part: Column, whole: Column) -> bool:
    return part.heading.part and part.heading.path[: part.heading.levels] == whole.group


def _is_done(column: Column) -> bool:
    path = column.heading.path
    if column.heading.unit in _EVENTS:
        return True
    if _AWARDED.fullmatch(column.leaf):
        return True
    if _THING.fullmatch(BRACKET.sub("", column.leaf)):
        return any(_MADE.search(level) or _TO_PEOPLE.match(plain(level)) for level in path)
    return any(_ENGLISH.search(level) or _names_work(plain(level)) for level in path)


def _names_work(level: str) -> bool:
    """Whether a level ends in a verb or in how much of it, or begins with one."""
    text = BRACKET.sub("", level)
    if _GROUP.fullmatch(text):
        counted = text.endswith("数") and _BEGINS.match(text)
        return bool(_TO_PEOPLE.match(text) or counted)
    return bool(_ENDS.search(text) or _BEGINS.match(text))


def _is_bare(column: Column) -> bool:
    """Whether a heading says what is done and not to what; of a rate neither is asked."""
    leaf = BRACKET.sub("", column.leaf)
    return is_like_rate(column.heading) or bool(_BARE_WORK.fullmatch(leaf))


def _is_just_task(column: Column) -> bool:
    return bool(TARGET.search(column.leaf)) and not stem_of((column.leaf,))


def _says_task(column: Column) -> bool:
    return is_yearly(column) or any(TARGET.search(plain(level)) for level in column.heading.path)
