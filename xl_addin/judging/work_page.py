"""Judging the page 重点工作 of a return, apart from its figures: a wrong text sends back that page only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xl_addin.form import page_layout as at
from xl_addin.form.page_read import (
    PageReading,
    cell_text,
    find_pages,
    own_pages,
    read_reports,
    sealed_numbers,
)
from xl_addin.form.read import AnyWorkbook, Reading
from xl_addin.model.calendar import month_end
from xl_addin.model.names import fold
from xl_addin.model.problems import make, place
from xl_addin.model.records import (
    ACCEPTED,
    ADDED_UP,
    ERROR,
    REJECTED,
    WARNING,
    Figure,
    Identity,
    Indicator,
    ItemReport,
    Number,
    Problem,
    WorkPage,
)
from xl_addin.model.rules import RULES
from xl_addin.model.settings import Rule
from xl_addin.model.work_items import BEHIND, DONE, SETTLED, STATE_LABELS, UNDER_WAY, WorkItem
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import cell_name
from xl_addin.xlsx.cells import FAULT, NO_VALUE, Cell
from xl_addin.xlsx.values import clip, number_text, quote

_SPECS = {rule.code: rule for rule in RULES}
_FILLERS = frozenset(
    (
        "无",
        "正在推进",
        "推进中",
        "正在推进中",
        "正在进行",
        "正常推进",
        "按计划推进",
        "有序推进",
        "已完成",
    )
)
_MOST_OTHERS = 20
_STATES = "、".join(STATE_LABELS.values())


class KnownWorks(NamedTuple):
    """What a page is compared with: 重点工作台账 by number, and by district what it last reported of each."""

    items: Mapping[str, WorkItem]
    last: Mapping[str, Mapping[str, ItemReport]]


class Reached(NamedTuple):
    """How far a return's own figures have come: its indicators, targets and cumulatives by code."""

    indicators: Mapping[str, Indicator]
    targets: Mapping[str, Number | None]
    cumulatives: Mapping[str, Number]


class JudgedPage(NamedTuple):
    """The page with what is wrong with it; ``fault`` is the traceback where the program failed at it."""

    page: WorkPage
    problems: tuple[Problem, ...]
    fault: str = ""


def unread_page(says: str, fault: str) -> JudgedPage:
    """A page at which the program itself failed: it goes back, and the figures count."""
    problem = make("item-unread", f"{at.SHEET}：{says}；数照收", at.SHEET)
    return JudgedPage(WorkPage(REJECTED, "", ()), (problem,), fault)


def reached(
    figures: Sequence[Figure],
    indicators: Sequence[Indicator],
    targets: Mapping[str, Number | None],
    previous: Mapping[str, Number | None],
) -> Reached:
    """What the figures of a return come to, as far as that is known."""
    by_code = {item.code: item for item in indicators}
    found: dict[str, Number] = {}
    for each in figures:
        before = previous.get(each.indicator)
        if each.stated is not None:
            found[each.indicator] = each.stated
        elif each.value is not None and by_code[each.indicator].measure not in ADDED_UP:
            found[each.indicator] = each.value
        elif each.value is not None and before is not None:
            found[each.indicator] = before + each.value
    return Reached(by_code, targets, found)


def judge_page(
    workbook: AnyWorkbook,
    reading: Reading,
    identity: Identity,
    known: KnownWorks | None,
    rules: Mapping[str, Rule],
    figures: Reached,
) -> JudgedPage:
    """What a form's page says; the form has one, see ``identity.PAGED_LAYOUT``."""
    sealed = sealed_numbers(reading.content) if reading.content.endswith("}") else {}
    pages = find_pages(workbook, reading, tuple(sealed), int(identity.month[:4]))
    own = own_pages(pages, identity)
    judge = _Judge(identity, known or KnownWorks({}, {}), rules, figures)
    if len(own) != 1:
        return JudgedPage(WorkPage(REJECTED, "", ()), tuple(judge.no_page(pages, own)))
    page = own[0]
    numbers = tuple(sealed) or tuple(page.rows)
    reports = tuple(read_reports(page, numbers))
    problems = tuple(judge.page(page, sealed, numbers, reports))
    for other in pages:
        if other.claims and other is not page:
            says = "这一页是别的区县或别的月份的，没有读"
            problems += tuple(
                judge.note_problem("item-page-copied", other.sheet.name, "", "", says, WARNING)
            )
    wrong = any(problem.severity == ERROR for problem in problems)
    return JudgedPage(WorkPage(REJECTED if wrong else ACCEPTED, page.sheet.name, reports), problems)


class _Judge:
    """The rules on a page, with what they look at besides it."""

    def __init__(
        self, identity: Identity, known: KnownWorks, rules: Mapping[str, Rule], figures: Reached
    ) -> None:
        self._month = identity.month
        self._items = known.items
        self._last = known.last.get(identity.district, {})
        self._rules = rules
        self._figures = figures

    def note_problem(
        self, code: str, sheet: str, cell: str, found: str, says: str, severity: str = ""
    ) -> Iterator[Problem]:
        """The problem, unless its rule is switched off."""
        spec, rule = _SPECS.get(code), self._rules.get(code)
        if spec is not None:
            grave = spec.severity if rule is None else rule.severity
            if not grave:
                return
            severity = severity or grave
        yield make(code, f"{place(sheet, cell)}：{says}", sheet, cell, found, "", severity)

    def no_page(
        self, pages: Sequence[PageReading], own: Sequence[PageReading]
    ) -> Iterator[Problem]:
        """Why there is no page to read, or more than one."""
        if own:
            names = "、".join(f"“{page.sheet.name}”" for page in own)
            says = f"有 {len(own)} 张“重点工作”页（{names}），不知道以哪张为准；请只留一张"
            yield from self.note_problem("item-page-twice", own[0].sheet.name, "", names, says)
        elif pages:
            says = "这一页是从别的区县或别的月份的填报表复制来的，没有读；请用市里发给本单位的这一页填写"
            whose = "、".join(sorted({f"{c.district} {c.month}" for p in pages for c in p.claims}))
            yield from self.note_problem("item-page-copied", pages[0].sheet.name, "", whose, says)
        else:
            says = "“重点工作”页不见了；请用市里发的原表，把这一页填好"
            yield from self.note_problem("item-page-missing", at.SHEET, "", "", says)

    def page(
        self,
        page: PageReading,
        sealed: Mapping[str, str],
        numbers: Sequence[str],
        reports: Sequence[ItemReport],
    ) -> Iterator[Problem]:
        """What is wrong with a page."""
        sheet, by_number = page.sheet.name, {report.item: report for report in reports}
        if reports and all(report.is_empty for report in reports):
            says = "一项都没有填；请逐项选“本月状态”，写明进展情况"
            yield from self.note_problem("item-state-missing", sheet, reports[0].cell, "", says)
            return
        for number in numbers:
            if number in page.twice:
                says = f"编号“{number}”有两行，不知道以哪行为准；请只留一行"
                yield from self.note_problem(
                    "item-row-twice", sheet, page.address(number, at.ORDER), number, says
                )
            elif number not in by_number:
                says = f"编号“{number}”的一行不见了；请恢复这一行，或用市里发的原表填写"
                yield from self.note_problem("item-row-missing", sheet, "", number, says)
            else:
                yield from self._row(page, by_number[number], sealed.get(number, ""))
        for row, shown in page.others[:_MOST_OTHERS]:
            column = page.columns.get(at.ORDER, 0)
            where = cell_name(row, column) if column else ""
            says = f"“{shown or '没有编号'}”不是市里要本单位报的重点工作，这一行没有读；要报的请与市里联系"
            yield from self.note_problem("item-not-ours", sheet, where, shown, says)

    def _row(self, page: PageReading, report: ItemReport, sealed: str) -> Iterator[Problem]:
        yield from self._printed(page, report.item, sealed)
        yield from self._formulas(page, report.item)
        yield from self._state(page, report)
        yield from self._texts(page, report)

    def _printed(self, page: PageReading, number: str, sealed: str) -> Iterator[Problem]:
        shown = page.text(number, at.ORDER)
        if at.ORDER in page.columns and fold(shown) != fold(number):
            says = f"编号原来是“{number}”，现在是“{clip(shown) or '空'}”；编号不要改动"
            yield from self._on(page, number, at.ORDER, "item-changed", shown, says)
        elif sealed and page.digest(number) != sealed:
            says = "这一行的重点工作、目标要求或完成时限和发出时不一样，被改过；这几格不要改动"
            yield from self._on(
                page, number, at.TITLE, "item-changed", clip(page.text(number, at.TITLE)), says
            )

    def _formulas(self, page: PageReading, number: str) -> Iterator[Problem]:
        for column in at.ENTRIES:
            cell = page.cell(number, column)
            if cell is None:
                continue
            if cell.kind in (FAULT, NO_VALUE):
                says = f"显示的是 {clip(quote(cell))}，读不出写了什么（以“=”“-”开头的文字会被当成公式）；请重新填写"
                yield from self._on(page, number, column, "item-unread", quote(cell), says)
            elif cell.formula is not None:
                says = f"是公式，按显示的“{clip(cell_text(cell))}”读；请直接填文字"
                yield from self._on(page, number, column, "item-formula", _formula(cell), says)

    def _state(self, page: PageReading, report: ItemReport) -> Iterator[Problem]:
        shown = page.text(report.item, at.STATE)
        if not report.state:
            says = f"填的是“{clip(shown)}”，应当是：{_STATES}；请从列表里选"
            if not shown:
                says = f"“本月状态”没有填；请从列表里选：{_STATES}"
            yield from self._on(page, report.item, at.STATE, "item-state-missing", shown, says)
            return
        last = self._last.get(report.item)
        if last is not None and last.state == DONE and report.state not in SETTLED:
            label = STATE_LABELS[report.state]
            says = f"以前报的是“已完成”，这个月是“{label}”；请核对，确实没有完成的在“存在问题”里写明原因"
            yield from self._on(page, report.item, at.STATE, "item-reopened", label, says)
        if report.state == DONE:
            yield from self._short(page, report)

    def _short(self, page: PageReading, report: ItemReport) -> Iterator[Problem]:
        """That it is said to be done while a figure of the same return is below its target."""
        item = self._items.get(report.item)
        for code in item.indicators if item else ():
            target, come = self._figures.targets.get(code), self._figures.cumulatives.get(code)
            if target and come is not None and come < target:
                label = self._figures.indicators[code].label
                says = (
                    f"填的是“已完成”，而“{label}”累计 {number_text(come)}，"
                    f"不到任务数 {number_text(target)}；请核对"
                )
                yield from self._on(
                    page, report.item, at.STATE, "item-done-but-short", "已完成", says
                )

    def _texts(self, page: PageReading, report: ItemReport) -> Iterator[Problem]:
        if report.state == BEHIND:
            given = {
                at.TROUBLE: report.trouble,
                at.MEASURES: report.measures,
                at.EXPECTED: report.expected,
            }
            lacking = [column for column, text in given.items() if not text]
            if lacking:
                names = "、".join(f"“{at.HEADINGS[column - 1]}”" for column in lacking)
                says = f"状态是“滞后”，没有填{names}；请写明原因、措施和预计完成的日期"
                yield from self._on(
                    page, report.item, lacking[0], "item-behind-without-reason", "", says
                )
        yield from self._day(page, report)
        last = self._last.get(report.item)
        told_before = report.state == DONE and last is not None and last.state == DONE
        if report.state not in (UNDER_WAY, BEHIND, DONE) or told_before:
            return
        said, least = fold(report.progress), self._parameter("item-text-empty")
        if len(said) < least or said in _FILLERS:
            says = f"“进展情况”{_shown(report.progress)}，看不出做了什么；请写明做到哪一步，至少 {least} 个字"
            yield from self._on(
                page, report.item, at.PROGRESS, "item-text-empty", report.progress, says
            )
        elif last is not None and said == fold(last.progress):
            says = "“进展情况”和上一次报的一字不差；请写明这个月的进展"
            yield from self._on(
                page,
                report.item,
                at.PROGRESS,
                "item-same-as-last-month",
                clip(report.progress),
                says,
            )

    def _day(self, page: PageReading, report: ItemReport) -> Iterator[Problem]:
        day = report.expected
        if not day:
            return
        if not at.is_day(day):
            says = f"“预计完成”填的是“{clip(day)}”，看不出是哪一天；请填日期，例如 {month_end(self._month)}"
            yield from self._on(page, report.item, at.EXPECTED, "item-date-unclear", day, says)
        elif report.state and report.state not in SETTLED and day <= month_end(self._month):
            label = STATE_LABELS[report.state]
            says = f"“预计完成”是 {day}，到 {self._month} 底已经过了，状态却是“{label}”；请核对"
            yield from self._on(page, report.item, at.EXPECTED, "item-date-past", day, says)

    def _parameter(self, code: str) -> int:
        rule = self._rules.get(code)
        parameter = rule.parameter if rule is not None else _SPECS[code].parameter
        return int(parameter or 0)

    def _on(
        self, page: PageReading, number: str, column: int, code: str, found: str, says: str
    ) -> Iterator[Problem]:
        said = f"（{number}）{says}"
        yield from self.note_problem(
            code, page.sheet.name, page.address(number, column), found, said
        )


def _shown(text: str) -> str:
    return f"只写了“{text}”" if text else "没有填"


def _formula(cell: Cell) -> str:
    return clip(f"={cell.formula}")
