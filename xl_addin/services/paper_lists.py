"""What the sheets say of papers: 材料 its counts, 材料明细 every paper, 回收情况 a column for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xl_addin.master.host.base import Change, Filling, Host
from xl_addin.master.read.blocks import Block, find_columns, key_text
from xl_addin.master.read.paper_rows import paper_rows
from xl_addin.model.papers import Paper
from xl_addin.model.problems import SEVERITY_LABELS
from xl_addin.model.records import REJECTED, VERDICT_LABELS, Problem
from xl_addin.model.sheets import (
    MONTH_HEADINGS,
    PAPER_COUNT_HEADINGS,
    PAPER_LIST_BLOCK,
    PAPER_LIST_HEADINGS,
    PAPERS_BLOCK,
    STATUS_BLOCK,
)
from xl_addin.services.paper_copies import wanted_copies
from xl_addin.services.paper_standing import PaperStanding, held_papers, paper_standings
from xl_addin.services.programme import Programme
from xl_addin.store.papers import HandedIn
from xl_addin.xlsx.a1 import Where, absolute_reference, cell_name, quote_sheet_name
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.moves import Insertion

_FIRST_MONTH, _LIKE = MONTH_HEADINGS[0], "信件"


def add_columns(programme: Programme) -> None:
    """Give 回收情况 the columns and formulas of papers that it lacks, behind its last."""
    host, papers = programme.host, programme.basics.papers
    block = host.block(STATUS_BLOCK)
    lacking = [paper.name for paper in papers if paper.name not in _columns(block)]
    if lacking:
        right = block.area[3]
        at = find_columns(block, (_FIRST_MONTH, _LIKE))
        # Behind the months, whose colours the words of papers have too.
        many = Insertion(block.sheet, False, right + 1, len(lacking), at[_LIKE], at[_FIRST_MONTH])
        host.insert([many])
        top = block.area[0]
        heads: dict[tuple[int, int], Value] = {
            (top, right + n): name for n, name in enumerate(lacking, 1)
        }
        host.fill([Filling(block.sheet, heads, {})])
        block = host.block(STATUS_BLOCK)
    wanted = _formulas(host, papers)
    lacking_formulas = {
        at: formula
        for at, (_, formula) in wanted.items()
        if (cell := block.cells.get(at)) is None or cell.formula is None
    }
    if lacking_formulas:
        host.fill([Filling(block.sheet, {}, lacking_formulas)])


def _columns(block: Block) -> dict[str, int]:
    top, left, _, right = block.area
    return {key_text(block.cells.get((top, at))): at for at in range(right, left - 1, -1)}


def _formulas(
    host: Host, papers: Sequence[Paper]
) -> dict[tuple[int, int], tuple[tuple[str, str], str]]:
    """By cell of 回收情况 which (paper, district) it shows, and the formula that shows it."""
    block, listed = host.block(STATUS_BLOCK), host.block(PAPER_LIST_BLOCK)
    top, left, bottom, _ = block.area
    at = find_columns(listed, PAPER_LIST_HEADINGS)
    sheet = quote_sheet_name(listed.sheet)
    first, last = listed.area[0] + 1, listed.area[2]
    keys, states, links = (
        f"{sheet}!{absolute_reference((first, at[h], last, at[h]))}" for h in ("键", "状态", "链接")
    )
    columns = _columns(block)
    found = {}
    for row in range(top + 1, bottom + 1):
        district = key_text(block.cells.get((row, left)))
        for paper in papers if district else ():
            if paper.name not in columns:
                continue
            place = f'MATCH("{paper.code}|"&{cell_name(row, left)},{keys},0)'
            state, link = f"INDEX({states},{place})", f"INDEX({links},{place})"
            text = f'=IFERROR(IF({link}="",{state},HYPERLINK({link},{state})),"")'
            found[row, columns[paper.name]] = (paper.code, district), text
    return found


def paper_changes(programme: Programme) -> Iterator[Change]:
    """What the sheets say now; call where papers are owed."""
    host, standings = programme.host, paper_standings(programme)
    yield _counts(host.block(PAPERS_BLOCK), standings)
    yield _list_change(programme, host.block(PAPER_LIST_BLOCK), standings)
    states = {(each.paper.code, each.district.code): each.state for each in standings}
    cells: dict[Where, tuple[str, Value]] = {}
    for at, (key, formula) in _formulas(host, programme.basics.papers).items():
        cells[at] = formula, states.get(key, "")
    yield Change(host.block(STATUS_BLOCK).sheet, {}, cells)


def _counts(block: Block, standings: Sequence[PaperStanding]) -> Change:
    columns, rows = find_columns(block, PAPER_COUNT_HEADINGS), paper_rows(block)
    values: dict[tuple[int, int], Value] = {
        at: None for at in block.cells if at[0] > block.area[0] and at[1] in columns.values()
    }
    for code, row in rows.items():
        mine = [each for each in standings if each.paper.code == code]
        counts = (
            sum(each.speaks is not None for each in mine),
            sum(bool(each.on_time) for each in mine),
            sum(each.speaks is None for each in mine),
            sum(each.verdict == REJECTED for each in mine),
        )
        values |= {(row, columns[h]): n for h, n in zip(PAPER_COUNT_HEADINGS, counts, strict=True)}
    return Change(block.sheet, values, {})


def _list_change(programme: Programme, block: Block, standings: Sequence[PaperStanding]) -> Change:
    at = find_columns(block, PAPER_LIST_HEADINGS)
    links = {(c.paper.paper, c.paper.district): c.link for c in wanted_copies(programme)}
    top, _, bottom, _ = block.area
    original = at["原件"]
    values: dict[tuple[int, int], Value] = {
        where: None for where in block.cells if where[0] > top and where[1] != original
    }
    computed: dict[Where, tuple[str, Value]] = {}
    for row, each in zip(range(top + 1, bottom + 1), standings, strict=False):
        link = links.get((each.paper.code, each.district.code), "")
        facts = _row(each) | {"链接": link or None}
        values |= {(row, at[heading]): value for heading, value in facts.items()}
    for row in range(top + 1, bottom + 1):
        cell = block.cells.get((row, original))
        if cell is not None and cell.formula is not None:
            shown = "打开" if values.get((row, at["链接"])) else ""
            computed[row, original] = (cell.formula, shown)
    return Change(block.sheet, values, computed)


def _row(each: PaperStanding) -> dict[str, Value]:
    came = each.speaks
    return {
        "键": f"{each.paper.code}|{each.district.code}",
        "材料": each.paper.name,
        "区县": each.district.name,
        "状态": each.state,
        "收到时间": each.received_at or None,
        "字数": came.characters if came else None,
        "份数": f"{len(each.files)}/{each.paper.copies}",
        "文件": came.file if came else None,
        "问题": "\n".join(problem.message for problem in each.problems) or None,
    }


def problem_rows(programme: Programme) -> list[Sequence[Value]]:
    """What is wrong with papers, as rows of 问题清单: with those that speak and those that wait."""
    names = {each.code: each.name for each in programme.basics.districts}
    speaking = [(e.speaks, e.problems) for e in paper_standings(programme) if e.speaks is not None]
    known = {came.id for came, _ in speaking}
    waiting = [each for each in held_papers(programme) if each[0].id not in known]
    return [
        _problem_row(came, problem, names.get(came.district, ""))
        for came, problems in (*speaking, *waiting)
        for problem in problems
    ]


def _problem_row(came: HandedIn, problem: Problem, district: str) -> Sequence[Value]:
    verdict, severity = VERDICT_LABELS[came.verdict], SEVERITY_LABELS[problem.severity]
    told = (problem.found, problem.message, problem.code, came.received_at, "")
    return ("材料", district, came.file, verdict, severity, "", "", *told)
