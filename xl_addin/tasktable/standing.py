"""Columns that may tell what there is, and not what is to be done: told at their heading, with what settles it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xl_addin.model.names import plain
from xl_addin.system.light import pattern
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.neighbours import Column, is_of_all, is_yearly
from xl_addin.tasktable.purpose_words import BARE, BRACKET, TARGET, stem_of

# What is to be done, or is made in the course of a year, and so adds up from month to month.
_DONE = pattern(
    r"新|增|建(?!筑|成区|档立卡)|造(?!纸|船)|改|修|治|整|清|拆|迁|搬|转|推|办|补|评|复|投|供(?!养)|减|降|提|扩|购|购|销|征|收|储|出让|完成|落实|"
    r"培|训|就业|创业|发放|开展|开发|研发|服务|参保|救助|资助|扶助|帮扶|扶持|帮助|签约|筛查|检|查|诊|访|巡|接种|献血|登记|招|引|派|聘|录|"
    r"配(?!套)|植|种(?!畜|猪)|播|育(?!园)|养护|抚|采|防|控|消|捕|放流|孵|挖|铺|架|装|接入|通(?!讯)|覆盖|达标|创|申|认|授|奖|送|演|讲|宣|"
    r"组织|举办|处|调|审|抽|执法|立案|化解|调解|安置|分配|安排|使用|实施|处理|处置|利用|回收|流转|产|值|投资|收入|支出|销|营业|税|贷|融资|资金|经费|"
    r"出口|进口|客流|客运|货运|发电|用电|接待|借阅|门诊|住院|手术|人次|场次|批次|[次场期]$|(?i:\bnew|train|build|built|repair|renew|sales|revenue|"
    r"resolved|held|planted|visits?|deliver|provid|complet|conduct|distribut|construct|rehab|vaccinat|enroll?ed|recruit|trips|output)"
)
# What there is at a time, whatever stands beside it.
_STANDING = pattern(
    r".*(保有量|存栏|存量|蓄积量?|在[册库岗园校读编栏田用建养]|期末|[年月季]末|年底|现有|拥有|余额|总量|常住|户籍|管[养护辖理](里程|面积|长度|公路|道路|河道|户数|人数)|"
    r"[耕林草湿绿水]地(总?面积)?$|[耕林草湿绿水]地面积|水域面积|基本农田|红线面积|建成区|从业人(员|数)|[职员]工(人?数|总数)?$|(^|人员|核定)编制(数|人数)?$|编制(数|人数)$|[床学]位(总?数)?$|"
    r"班级数?$|(教职工|教师|师资|医师|护士|医生|学生|党员|会员|用户|网格员|护林员|保洁员|低保|特困|低保对象|特困人员|五保)(人?数|总数|户数|对象|人员)?$|"
    r"(规上|规模以上|四上|市场主体|经营主体|高新技术企业)[\u3400-\u9fff]{0,4}(数|户数|家数)?$|"
    r"(机构|网点|站点|门店|车辆|船舶|设备|机具|泊位|库容|桩|机组)(总?[数量])?$).*"
)
_STANDING_ENGLISH = pattern(
    r"\b(headcount|staff|employees|stock|inventory|on-?hand|fleet|balance|members?|membership|population|outlets|stores|beds|seats|"
    r"active(users|customers|accounts|members)|enrol?lment|herd|installed|capacity)\b",
    re.IGNORECASE,
)
_GROWN = pattern(
    r"新增|净增|新建|增加|增长|改造|新[设办入开购发招聘]|培训|招聘|建设|(?i:\bnew\b|additional)"
)
# Quantities that a verb makes a task of and nothing else does.
_QUANTITY = pattern(
    r".*(面积|里程|户数|人数|人口|总?长度?|规模|数量|容量|库容|户籍|资源|林地|耕地|草地|湿地|水面)(数|量)?|"
    r"(?![\u3400-\u9fff]*(项目|天|次|件|例|宗|批|活动)数)[\u3400-\u9fff]{2,}[数量员]"
)
# What cannot be added up over districts or months though its unit is no percent.
_AVERAGE = pattern(
    r".*(人均|户均|亩均|平均|年均|日均|月均|均价|均值|浓度|强度|密度|指数|满意度|单产|亩产|单耗|客单价|水平|温度|每[百千万]?(人|名|户|亩|平方|公里)|"
    r"(每|单位)(GDP|gdp|产值|面积|产品)|万元GDP|师生比|生师比|[\u3400-\u9fff]比$|距离|达标线|(?i:average|mean|density|index|ratio|per(capita|head|person|student|store|day)|score|rating)).*"
)
_PER = pattern(r"[^/]+/[^/]+")
_OVER_TIME = pattern(r"人/次|.*/[年月日天]")


def mention_unlike_tasks(columns: Sequence[Column], choices: Choices, findings: Findings) -> None:
    """Columns read as targets that add up whose heading says something else, or less than those beside it."""
    for column in columns:
        if column.number in choices.kept_columns or column.heading.unit == "%":
            continue
        label = " > ".join(column.heading.path)
        code, why = _doubt(column, columns)
        if why:
            skip = findings.column_option("skip", column.number)
            says = f"{findings.column_name(column.number)}“{label}”{why}" + _SETTLED[code].format(
                skip
            )
            findings.warn(code, column.heading.at, label, says)


_SETTLED = {
    "column-unnamed": "；已当作一项指标读入，不是今年的任务数的话请加 {}",
    "like-a-stock": (
        "；现按各月相加的当月数读入：不是任务请加 {}，"
        "报的是到月末一共有多少，建立后在“指标”的“口径”里选“累计数”"
    ),
    "like-an-average": (
        "；现按各区县、各月相加的数读入：不能相加的，建立后在“指标”的“口径”里选“比率”，不是任务请加 {}"
    ),
}


def _doubt(column: Column, columns: Sequence[Column]) -> tuple[str, str]:
    """The code and what is said, both empty where nothing speaks against a task."""
    leaf = BRACKET.sub("", column.leaf)
    others = [other for other in columns if other is not column]
    if is_of_all(column) and not any(_is_part_of(other, column) for other in others):
        return "column-unnamed", "像是整个项目、历年累计或全部的数"
    if _AVERAGE.fullmatch(leaf) or _is_per(column.heading.unit):
        return "like-an-average", "像是平均数或按单位算的数"
    if column.heading.part:
        return "", ""
    if _stands(column, leaf):
        return "like-a-stock", "像是现有多少，不是今年要做多少"
    if _says_task(column):
        return "", ""
    done = _is_done(column, others)
    named = next((other for other in others if _says_task(other)), None)
    alike = named is not None and column.group == named.group != () and not done
    if named is not None and (BARE.fullmatch(leaf) or alike):
        return "column-unnamed", f"没有写是任务数，旁边的“{named.heading.path[-1]}”写了"
    if done:
        return "", ""
    active = next((other for other in others if _is_done(other, [])), None)
    if active is not None and _QUANTITY.fullmatch(leaf):
        beside = active.heading.path[-1]
        return "like-a-stock", f"没有写要做什么，旁边的“{beside}”写了，可能是现有的数"
    return "", ""


def _stands(column: Column, leaf: str) -> bool:
    """Whether a heading names what there is; English is told by whole words, which ``leaf`` has joined."""
    standing = _STANDING.fullmatch(leaf) or _STANDING_ENGLISH.search(column.heading.path[-1])
    return bool(standing) and not _GROWN.search(column.heading.path[-1])


def _is_part_of(part: Column, whole: Column) -> bool:
    return part.heading.part and part.heading.path[: part.heading.levels] == whole.group


def _is_per(unit: str) -> bool:
    return bool(_PER.fullmatch(unit)) and not _OVER_TIME.fullmatch(unit)


def _is_done(column: Column, others: Sequence[Column]) -> bool:
    """Whether a heading has a verb; of a group in which another column is just called 任务 only the leaf counts."""
    bare = any(o.group == column.group != () and _is_just_task(o) for o in others)
    levels = column.heading.path[-1:] if bare else column.heading.path
    return any(_DONE.search(plain(level)) for level in levels)


def _is_just_task(column: Column) -> bool:
    return bool(TARGET.search(column.leaf)) and not stem_of((column.leaf,))


def _says_task(column: Column) -> bool:
    return is_yearly(column) or any(TARGET.search(plain(level)) for level in column.heading.path)
