"""Titles that say a table holds something else than one year's tasks, whatever its columns are called."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.model.names import plain
from xl_addin.system.light import pattern
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.find import Shape
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.headers import MONEY, stated_unit
from xl_addin.tasktable.neighbours import Column, is_yearly
from xl_addin.tasktable.purpose_words import GIVEN, SPAN, TARGET, YEAR, years_in
from xl_addin.tasktable.sheets import cells_above
from xl_addin.xlsx.values import clip

_LONGEST = 60
_RESULTS_ARE = "完成、得分一类"
_MONEY_IS = "资金怎样安排"
_PERSONS_ARE = "一些人的名单"
_ASKED_IS = "申报、摸底、测算的数"
_STATISTICS_ARE = "统计的数或基本情况"
_DRAFT_IS = "还没有定下来的数"
_PAST_IS = "以前某一天的数"
_PART_OF_YEAR = "一年里的一段时间或一部分任务"
# No title but a sentence or a note about the table.
_PROSE = pattern(r".*[。；;:，,].*|(注|说明|备注).*")
_RESULTS = pattern(
    r"(?=.*截[至止]).*(完成|进度|落实|情况|推进).*|"
    r".*((完成|进展|落实|执行|推进|推动|开展|实施|考核|考评|测评|评价|兑现|享受)(情况|进度|结果)|(?<!任务)(落实|完成|兑现|享受)(一览|统计|汇总|明细)|(推进|调度)表|[得评打]分|成绩|排名|名次|排行|进度(?!安排|计划|要求|目标)|通报|督[查办]|战报)(情况|结果|统计|汇总|一览|明细)*表?(\(.*\))?"
)
# A line of a document's text that says how far the document is.
_LONGEST_MARK = 24
_MONEY = pattern(
    r".*(资金|经费|补[助贴]|专款|奖补|津贴|报酬|工资)(预算|指标)?(安排|分配|下达|拨付|明细|测算|使用|切块|发放|兑[付现])(预算|计划|方案|情况|明细)?(统计|汇总|一览)?表?(\(.*\))?|"
    r".*(资金|经费|专款|收支|部门|财政)预算(草案|明细|汇总|一览)*表?(\(.*\))?"
)
_TASKS = pattern(r"任务(?!方向)|目标|计划")
_BEHIND = r"(情况|结果|统计|汇总|一览|明细|登记|信息|数据|反馈|安排|数)*表?(\(.*\))?"
# What a title ends with, and what the table then holds.
_ENDS = (
    (
        pattern(
            rf".*(花名册|名册|名单|签到|回执|报名|参会人员|通讯录|联络|联系方式|值班|排班){_BEHIND}"
        ),
        _PERSONS_ARE,
    ),
    (
        pattern(
            rf".*((需求|意向|意愿)[\u3400-\u9fff]{{0,4}}(走访|登记|统计|汇总)|"
            rf"需求|摸底|摸排|意向|意愿|申报|自报|上报|征集|预测|测算|建议|底数|调查)([\u3400-\u9fff]{{0,8}}(计划|项目))?{_BEHIND}"
        ),
        _ASKED_IS,
    ),
    (
        pattern(
            rf".*(年鉴|(统计|综合|年度)(年报|月报|季报|资料|公报|数据)|快报|普查|现状|概况|基本(情况|信息|数据)){_BEHIND}|"
            rf"(?!.*(任务|目标|计划|指标|分解)).*(统计|[月周季年日]报|报表|情况|登记|汇总|(成效|成果|业绩|战果)(展示)?){_BEHIND}"
        ),
        _STATISTICS_ARE,
    ),
)
_PART = pattern(
    r"([上下]半年|第?[一二三四1-4]季度|前[一二三]季度|(?<=年)(\d{1,2}[-—–~至到]+)?\d{1,2}月份?|"
    r"[一二三四五六七八九十]{1,2}月份)(?!\d*日)[\u3400-\u9fff]*(任务|目标|计划|指标|工作|表)|"
    r"(第[一二三四五]|首|[一二三四五])批.*(任务|计划|指标)|追加|增补|提前(下达|批)|补充(任务|计划)"
)
# A sheet of a month.
_SHEET = pattern(
    r"(20\d\d年?)?(\d{1,2}月份?|[一二三四五六七八九十]{1,2}月份?|[上下]半年|第?[一二三四1-4]季度)"
)
_OPEN = (
    r"征求意见|([送报]审|讨论|审议|修改|初步?|草|过程|未定|建议|代?拟)稿|"
    r"草案|[送待]审(?!项目|[\u3400-\u9fff]*任务)|暂定|待定|未定|建议方案|\((讨论|拟|暂|建议)\)"
)
_DRAFT = pattern(rf"{_OPEN}|样表|模板|示例")
_DRAFT_SHEET = pattern(rf".*({_OPEN}).*")
# A day for which figures are taken.
_AS_OF = pattern(
    r"(?:截[至止]|时点|基准日|统计(?:时间|日期|截止日?)|数据(?:时间|日期|截止日?)|截数)[^\d]{0,6}(20\d\d)(?=[年./-])|(?<!\d)(20\d\d)年?(?:年?底|年?末|度末)"
)
_ASKS = pattern(
    r"(拟(分解|分配|下达|定)|[下附本]表|任务|指标)[^。;]{0,24}(?<![经已])(?<!经过)征求[^。;]{0,8}意见(?!后|的?基础)"
)
_WHOLE = pattern(r"1月?[-—–~至到]+12月|第?[一1]季度[-—–~至到]+第?[四4]季度")
_YEARS = pattern(r"[两三四五]年(行动|攻坚|规划|计划|任务|目标)")


def refuse_other_title(
    shape: Shape, columns: Sequence[Column], year: int, choices: Choices, findings: Findings
) -> None:
    """Refuse a table whose title says what ``columns``, those that were read, do not contradict.

    ``year`` is 0 where it is not known. Settled where all of them are kept.
    """
    numbers = [column.number for column in columns]
    if not columns or choices.kept_columns.issuperset(numbers):
        return
    sheet = plain(shape.view.grid.sheet)
    results = _RESULTS.fullmatch(sheet) and not TARGET.search(sheet)  # 任务进度 may hold both
    what = _RESULTS_ARE if results else ""
    what = _PART_OF_YEAR if _SHEET.fullmatch(sheet) else what
    if _names_tasks(columns) or any(map(is_yearly, columns)):
        what = ""
    if what := _DRAFT_IS if _DRAFT_SHEET.fullmatch(sheet) else what:
        says = f"工作表名写的是{what}{_unless(numbers, findings)}"
        findings.refuse("title-in-doubt", "", sheet, says)
        return
    above = cells_above(shape)
    unit = stated_unit(shape.view.text(*at) for at in above)
    title = plain("".join(shape.view.text(*at) for at in above))
    for at in above:
        text = plain(shape.view.text(*at))
        what = "" if len(text) > _LONGEST or _PROSE.fullmatch(text) else _what(text, columns, unit)
        if not what and _is_of_past(text, title, year) and not _names_tasks(columns):
            what = _PAST_IS
        if what:
            says = f"标题写的是{what}{_unless(numbers, findings)}"
            findings.refuse("title-in-doubt", at, shape.view.quote(*at), says)
            return


def refuse_draft(
    paragraphs: Sequence[str], columns: Sequence[int], choices: Choices, findings: Findings
) -> None:
    """Refuse a table of a document that calls itself a draft, in a line of its own or asking for answers."""
    if choices.kept_columns.issuperset(columns):
        return
    for text in map(plain, paragraphs):
        marked = len(text) <= _LONGEST_MARK and _DRAFT_SHEET.fullmatch(text)
        if marked or _ASKS.search(text):
            says = f"文中写着“{clip(text)}”，像是还没有定下来的数{_unless(columns, findings)}"
            findings.refuse("title-in-doubt", "", clip(text), says)
            return


def _is_of_past(text: str, title: str, year: int) -> bool:
    """Whether a line above a table that names no task of this year tells of a day of another one."""
    told = {int(one or other) for one, other in _AS_OF.findall(text)}
    this = TARGET.search(title) and year in years_in(title)
    return bool(year and told) and max(told) < year and not this


def _unless(columns: Sequence[int], findings: Findings) -> str:
    return (
        "，不能确定表里的数是全年任务数；不是请换一张全年的任务表，"
        f"是请加 {findings.columns_option('keep', columns)}"
    )


def _names_tasks(columns: Sequence[Column]) -> bool:
    """Whether some are called tasks: what the title tells of may be what was left out beside them."""
    return any(TARGET.search(plain(level)) for c in columns for level in c.heading.path)


def _what(title: str, columns: Sequence[Column], unit: str) -> str:
    """What a title, folded, says instead of a year's tasks; empty where it does not.

    ``unit`` is that of columns that name none.
    """
    ends = next((what for words, what in _ENDS if words.fullmatch(title)), "")
    if ends == _PERSONS_ARE:
        return ends
    ends = ends or (_RESULTS_ARE if _RESULTS.fullmatch(title) else "")
    if ends:
        given = ends == _ASKED_IS and all(GIVEN.search(c.leaf) for c in columns)
        return "" if given or _names_tasks(columns) else ends
    money = all((c.heading.unit or unit) in MONEY for c in columns)
    if _MONEY.fullmatch(title) and (money or not _TASKS.search(title)):
        # What is 下达 is money, too.
        named = [any(_TASKS.search(plain(level)) for level in c.heading.path) for c in columns]
        return "" if all(named) else _MONEY_IS
    if _DRAFT.search(title):
        return _DRAFT_IS
    if any(map(is_yearly, columns)):
        return ""
    if _PART.search(_WHOLE.sub("", title)):
        return _PART_OF_YEAR
    many = SPAN.search(title) or _YEARS.search(title)
    return "几年" if many and not YEAR.search(SPAN.sub("", title)) else ""
