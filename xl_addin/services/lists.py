"""The sheets that are lists: 回收情况, 待定, 问题清单, 各区县说明, 操作日志, written anew from the ledger each time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from xl_addin.form.texts import remark_beside
from xl_addin.master.build.status_sheets import with_counts
from xl_addin.master.host.base import Change, Host
from xl_addin.master.read.blocks import Block, find_columns, has_heading
from xl_addin.model.calendar import months_of
from xl_addin.model.problems import SEVERITY_LABELS, is_of_page
from xl_addin.model.records import (
    HELD,
    MISSING,
    NOT_REPORTING_LABEL,
    TEXT_LABELS,
    VERDICT_LABELS,
    District,
    Problem,
    Receipt,
)
from xl_addin.model.settings import Config, Settings
from xl_addin.model.sheets import (
    JOURNAL_BLOCK,
    JOURNAL_HEADINGS,
    MONTH_HEADINGS,
    PROBLEM_HEADINGS,
    PROBLEMS_BLOCK,
    STATUS_BLOCK,
    TEXT_HEADINGS,
    TEXTS_BLOCK,
    WORK_DETAIL_HEADINGS,
    WORK_DETAILS_BLOCK,
    WORKS_BLOCK,
)
from xl_addin.services.papers import held_rows, problems_of_papers
from xl_addin.services.pending import pending_block, pending_change
from xl_addin.services.programme import Programme
from xl_addin.services.roll_call import RollCall, call_roll
from xl_addin.store.decisions import closed_months, held_returns
from xl_addin.store.deliveries import LetterSummary, letter_summaries
from xl_addin.store.ledger import Ledger
from xl_addin.store.slips import any_slips
from xl_addin.store.texts import listed_texts, text_count
from xl_addin.system.errors import Outdated
from xl_addin.xlsx.cells import Value

_HEADINGS = {
    PROBLEMS_BLOCK: PROBLEM_HEADINGS,
    TEXTS_BLOCK: TEXT_HEADINGS,
    JOURNAL_BLOCK: JOURNAL_HEADINGS,
    WORK_DETAILS_BLOCK: WORK_DETAIL_HEADINGS,
}


def list_changes(programme: Programme, month: str) -> list[Change]:
    """What the lists say now."""
    host, ledger = programme.host, programme.ledger
    names = {district.code: district.name for district in programme.basics.districts}
    status_block = host.block(STATUS_BLOCK)
    problems = host.block(PROBLEMS_BLOCK)
    pending = pending_block(host)
    letters = letter_summaries(ledger, month)
    shown = status_change(status_block, programme.basics, call_roll(programme), month, letters)
    return [
        *with_counts(host, shown, month),
        list_change(problems, _problem_rows(programme, names, month, problems)),
        *(
            []
            if pending is None
            else [
                pending_change(
                    pending,
                    held_returns(ledger),
                    programme.basics,
                    closed_months(ledger),
                    held_rows(programme),
                )
            ]
        ),
        *_slip_changes(programme),
        *_text_changes(programme, names, month),
        *_work_changes(programme, names, month),
        *_paper_changes(programme),
        journal_change(host, ledger),
    ]


def _slip_changes(programme: Programme) -> list[Change]:
    """What 督办 says now; who has no slips does not pay for them."""
    if not any_slips(programme.ledger):
        return []
    from xl_addin.services.supervision.sheet import shown_slips, slips_block

    block = slips_block(programme.host)
    return [] if block is None else [shown_slips(programme, block)]


def _paper_changes(programme: Programme) -> list[Change]:
    """What the sheets say of papers now; where none are owed any more nothing is said."""
    if not programme.basics.papers:
        return []
    from xl_addin.services.paper_lists import paper_changes

    return list(paper_changes(programme))


def _text_changes(programme: Programme, names: Mapping[str, str], month: str) -> list[Change]:
    """What 各区县说明 says now; a master from before there was one has nothing to say it on."""
    try:
        block = programme.host.block(TEXTS_BLOCK)
    except Outdated:
        return []
    labels = {item.code: item.label for item in programme.basics.indicators}
    span = (f"{month[:4]}-01", month)
    room, total = _capacity(block), text_count(programme.ledger, *span)
    rows: list[Sequence[Value]] = [
        (
            at,
            names.get(district, district),
            labels.get(text.indicator, text.indicator),
            TEXT_LABELS[text.field],
            text.text,
            file,
            text.sheet,
            text.cell,
        )
        for at, district, file, text in listed_texts(programme.ledger, *span, room)
    ]
    if total > len(rows):
        says = f"另有 {total - len(rows) + 1} 条没有列出，都在底账和归档的原件里"
        rows[-1] = ("", "", "", "", says, "", "", "")
    return [list_change(block, rows)]


def _work_changes(programme: Programme, names: Mapping[str, str], month: str) -> list[Change]:
    """What 重点工作台账 counts and 台账明细 lists; nothing is touched where nothing was ever on them."""
    try:
        listed = programme.host.block(WORK_DETAILS_BLOCK)
    except Outdated:
        return []
    if not programme.works and not any(row > listed.area[0] for row, _ in listed.cells):
        return []
    from xl_addin.master.work_lists import counts_change, detail_rows
    from xl_addin.services.work_ledger import work_counts, work_standings

    standings = work_standings(programme, month)
    shown = (each for each in standings.values() if each.item.until >= int(month[5:]))
    rows = list(detail_rows(shown, names, month, _followed_up(programme)))
    if len(rows) > (room := _capacity(listed)):
        says = f"另有 {len(rows) - room + 1} 行没有列出，都在底账里"
        rows = [*rows[: room - 1], ("", "", says, *("",) * 9)]
    return [
        counts_change(programme.host.block(WORKS_BLOCK), work_counts(programme, month)),
        list_change(listed, rows),
    ]


def _followed_up(programme: Programme) -> dict[tuple[str, str], str]:
    """By district and number of a key work the last slip about it and the step it came to."""
    if not any_slips(programme.ledger):
        return {}
    from xl_addin.model.slips import BEHIND, STATE_LABELS
    from xl_addin.store.slips import slips

    return {
        (slip.district, item.subject): f"{slip.name} {STATE_LABELS[slip.standing(item)]}"
        for slip in slips(programme.ledger)
        for item in slip.items
        if item.kind == BEHIND
    }


def journal_change(host: Host, ledger: Ledger) -> Change:
    """What 操作日志 says now."""
    journal = host.block(JOURNAL_BLOCK)
    return list_change(journal, _journal_rows(ledger, journal))


def list_change(block: Block, rows: Iterable[Sequence[Value]]) -> Change:
    """The rows under a block's headings, and blanks where the list was longer before.

    ``rows`` are in the headings' own order; columns that staff inserted are left alone, and columns
    that came with a later layout than the master's are not there to be filled.
    """
    top, _, bottom, _ = block.area
    headings = _HEADINGS[block.name]
    found = find_columns(block, [each for each in headings if has_heading(block, each)])
    columns = [found.get(heading, 0) for heading in headings]
    values: dict[tuple[int, int], Value] = {}
    last = top
    for last, cells in enumerate(rows, top + 1):
        values |= {(last, column): v for column, v in zip(columns, cells, strict=True) if column}
    for at in block.cells:
        if last < at[0] <= bottom and at[1] in columns:
            values[at] = None
    return Change(block.sheet, values, {})


def _capacity(block: Block) -> int:
    return block.area[2] - block.area[0]


def _problem_rows(
    programme: Programme, names: Mapping[str, str], month: str, block: Block
) -> list[Sequence[Value]]:
    ledger, papers = programme.ledger, problems_of_papers(programme)
    room = _capacity(block) - len(papers)
    found = ledger.problems(month, room)
    rows: list[Sequence[Value]] = [
        (
            receipt.month or month,
            names.get(receipt.district, ""),
            receipt.file,
            _conclusion(receipt, problem),
            SEVERITY_LABELS[problem.severity],
            problem.sheet,
            problem.cell,
            problem.found,
            problem.message,
            problem.code,
            receipt.received_at,
            remark_beside(problem, receipt.texts),
        )
        for receipt, problem in found
    ]
    total = ledger.problem_count(month)
    if total > len(rows):
        says = f"另有 {total - len(rows) + 1} 条没有列出，请先处理以上问题，再重新收集"
        rows[-1] = ("", "", "", "", "", "", "", "", says, "", "", "")
    return [*rows, *papers]


def _conclusion(receipt: Receipt, problem: Problem) -> str:
    """A return's verdict; beside what is wrong with its page 重点工作, that page's."""
    if receipt.page is None or not is_of_page(problem) or receipt.verdict == HELD:
        return VERDICT_LABELS[receipt.verdict]
    return f"重点工作{VERDICT_LABELS[receipt.page.verdict]}"


def _journal_rows(ledger: Ledger, block: Block) -> list[Sequence[Value]]:
    from xl_addin.model.commands import label_of

    return [
        (each.at, label_of(each.verb), each.month, each.outcome, each.by)
        for each in ledger.events(_capacity(block))
    ]


def status_change(
    block: Block,
    config: Config,
    roll: RollCall,
    month: str,
    letters: Mapping[str, LetterSummary] = MappingProxyType({}),
) -> Change:
    """One row per district: this month in detail, every month in a word; ``letters`` by district."""
    top, left, bottom, right = block.area
    columns = {
        str(cell.value): column
        for (row, column), cell in block.cells.items()
        if row == top and left <= column <= right
    }
    rows = {
        str(cell.value): row
        for (row, column), cell in block.cells.items()
        if column == left and top < row <= bottom
    }
    values: dict[tuple[int, int], Value] = {}
    for district in config.districts:
        row = rows.get(district.code)
        if row is not None:
            facts = _status_row(district, config.settings, roll, month)
            letter, times = letters.get(district.code, LetterSummary("", 0))
            facts |= {"信件": letter or None, "退回次数": times or None}
            values |= {(row, columns[k]): v for k, v in facts.items() if k in columns}
    return Change(block.sheet, values, {})


def _status_row(
    district: District, settings: Settings, roll: RollCall, month: str
) -> dict[str, Value]:
    facts: dict[str, Value] = {}
    first = f"{month[:4]}-{settings.first_month:02d}"
    for at, heading in zip(months_of(int(month[:4])), MONTH_HEADINGS, strict=True):
        status = roll.answer(district, at).status
        facts[heading] = None if status is None else VERDICT_LABELS[status.verdict]
        if status is None and not district.reports(at):
            facts[heading] = NOT_REPORTING_LABEL
        elif status is None and first <= at <= month:
            facts[heading] = VERDICT_LABELS[MISSING]
    answer = roll.answer(district, month)
    status = answer.status
    expected = district.reports(month)
    return facts | {
        "本月结论": VERDICT_LABELS[answer.verdict] if expected else NOT_REPORTING_LABEL,
        "收到时间": status.received_at if status else None,
        "是否按时": (answer.punctuality or None) if expected else None,
        "轮次": status.round if status else None,
        "文件": status.file if status else None,
        "问题数": status.problems if status else None,
        "提示": answer.hint or None,
    }
