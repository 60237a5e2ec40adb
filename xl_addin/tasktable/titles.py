"""Titles that say a table holds something else than one year's tasks, whatever its columns are called."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.model.names import plain
from xl_addin.system.light import pattern
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.find import Shape
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.neighbours import Column, is_yearly
from xl_addin.tasktable.purpose_words import SPAN, TARGET, YEAR
from xl_addin.tasktable.sheets import cells_above

_LONGEST = 60
_RESULTS_ARE = "完成、得分一类"
_MONEY_IS = "资金怎样安排"
_PART_OF_YEAR = "一年里的一段时间或一部分任务"
# No title but a sentence or a note about the table.
_PROSE = pattern(r".*[。；;:，,].*|(注|说明|备注).*")
_RESULTS = pattern(
    r".*截[至止].*(完成|进度|落实|情况).*|.*((完成|进展|落实|执行|考核|考评|测评)(情况|进度|结果)|得分|成绩|排名|名次|进度(?!安排|计划|要求|目标)|通报)(统计|汇总|一览)?表?(\(.*\))?"
)
_MONEY = pattern(
    r".*(资金|经费|补助|专款)(预算|指标)?(安排|分配|下达|拨付|明细|测算|使用|切块)(预算|计划|方案|情况|明细)?(统计|汇总|一览)?表?(\(.*\))?"
)
_TASKS = pattern(r"任务(?!方向)|目标|计划")
_PERSONS = pattern(r".*(花名册|名册|名单|签到表)(\(.*\))?")
_PART = pattern(
    r"([上下]半年|第?[一二三四1-4]季度|前[一二三]季度|(?<=年)(\d{1,2}[-—–~至到]+)?\d{1,2}月份?|"
    r"[一二三四五六七八九十]{1,2}月份)(?!\d*日)[\u3400-\u9fff]*(任务|目标|计划|指标|工作|表)|"
    r"(第[一二三四五]|首|[一二三四五])批.*(任务|计划|指标)|追加|增补|补充(任务|计划)"
)
# A sheet of a month.
_SHEET = pattern(
    r"(20\d\d年?)?(\d{1,2}月份?|[一二三四五六七八九十]{1,2}月份?|[上下]半年|第?[一二三四1-4]季度)"
)
_WHOLE = pattern(r"1月?[-—–~至到]+12月")
_YEARS = pattern(r"[两三四五]年(行动|攻坚|规划|计划|任务|目标)")


def refuse_other_title(
    shape: Shape, columns: Sequence[Column], choices: Choices, findings: Findings
) -> None:
    """Refuse a table whose title says what ``columns``, those that were read, do not contradict.

    Settled where all of them are kept.
    """
    numbers = [column.number for column in columns]
    if not columns or choices.kept_columns.issuperset(numbers):
        return
    sheet = plain(shape.view.grid.sheet)
    results = _RESULTS.fullmatch(sheet) and not TARGET.search(sheet)  # 任务进度 may hold both
    what = _RESULTS_ARE if results else ""
    what = _PART_OF_YEAR if _SHEET.fullmatch(sheet) else what
    if what and not (_names_tasks(columns) or any(map(is_yearly, columns))):
        says = f"工作表名写的是{what}{_unless(numbers, findings)}"
        findings.refuse("title-in-doubt", "", sheet, says)
        return
    for at in cells_above(shape):
        text = plain(shape.view.text(*at))
        what = "" if len(text) > _LONGEST or _PROSE.fullmatch(text) else _what(text, columns)
        if what:
            says = f"标题写的是{what}{_unless(numbers, findings)}"
            findings.refuse("title-in-doubt", at, shape.view.quote(*at), says)
            return


def _unless(columns: Sequence[int], findings: Findings) -> str:
    return (
        "，不能确定表里的数是全年任务数；不是请换一张全年的任务表，"
        f"是请加 {findings.columns_option('keep', columns)}"
    )


def _names_tasks(columns: Sequence[Column]) -> bool:
    """Whether some are called tasks: what the title tells of may be what was left out beside them."""
    return any(TARGET.search(plain(level)) for c in columns for level in c.heading.path)


def _what(title: str, columns: Sequence[Column]) -> str:
    """What a title, folded, says instead of a year's tasks; empty where it does not."""
    if _PERSONS.fullmatch(title):
        return "一些人的名单"
    if _RESULTS.fullmatch(title):
        return "" if _names_tasks(columns) else _RESULTS_ARE
    if _MONEY.fullmatch(title) and not _TASKS.search(title):
        # What is 下达 is money, too.
        named = [any(_TASKS.search(plain(level)) for level in c.heading.path) for c in columns]
        return "" if all(named) else _MONEY_IS
    if any(map(is_yearly, columns)):
        return ""
    if _PART.search(_WHOLE.sub("", title)):
        return _PART_OF_YEAR
    many = SPAN.search(title) or _YEARS.search(title)
    return "几年" if many and not YEAR.search(SPAN.sub("", title)) else ""
