"""待定 in the master: what waits for a person, and what staff typed beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from xl_addin.judging.assess import known_names
from xl_addin.master.host.base import Change, Host
from xl_addin.master.read.blocks import Block, filled_rows, find_columns, has_heading, key_text
from xl_addin.master.read.settings_rows import month_in
from xl_addin.model.calendar import months_of
from xl_addin.model.names import fold
from xl_addin.model.problems import DOUBTS
from xl_addin.model.records import ACCEPTED, REJECTED, Problem
from xl_addin.model.settings import ACCEPT, ASSIGN, TURN_DOWN, Config
from xl_addin.model.sheets import DISTRICTS_SHEET, PENDING_BLOCK, PENDING_HEADINGS, PROBLEMS_SHEET
from xl_addin.store.decisions import Decision, HeldReturn
from xl_addin.system.errors import Outdated
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.values import number_text, quote

_TYPED = PENDING_HEADINGS[8:]
_SHOWN_FIGURES = 6


def pending_block(host: Host) -> Block | None:
    """The block, None in a master from before there was one. Raises Refused where it was deleted."""
    try:
        return host.block(PENDING_BLOCK)
    except Outdated:
        return None


def pending_change(
    block: Block,
    waiting: Sequence[HeldReturn],
    config: Config,
    closed: Iterable[str],
    papers: Sequence[tuple[str, dict[str, Value]]] = (),
) -> Change:
    """The list as it is now; what staff typed beside a return or one of ``papers`` stays beside it."""
    columns = _columns_there(block)
    number_at = columns[PENDING_HEADINGS[0]]
    typed: dict[str, dict[str, Value]] = {}
    for row in filled_rows(block):
        number = key_text(block.cells.get((row, number_at)))
        cells = {h: block.cells.get((row, columns[h])) for h in _TYPED if h in columns}
        typed[number] = {heading: cell.value for heading, cell in cells.items() if cell is not None}
    top, left, bottom, right = block.area
    names = {district.code: district.name for district in config.districts}
    labels = {item.code: item.label for item in config.indicators}
    values: dict[tuple[int, int], Value] = {
        at: None for at in block.cells if top < at[0] <= bottom and left <= at[1] <= right
    }
    room = bottom - top
    listed = [(str(each.id), _row_values(each, names, labels, closed)) for each in waiting]
    for row, (number, told) in enumerate([*listed, *papers][:room], top + 1):
        facts = {**told, **typed.get(number, {})}
        values |= {(row, columns[heading]): value for heading, value in facts.items()}
    return Change(block.sheet, values, {})


def _columns_there(block: Block) -> dict[str, int]:
    """The columns by heading; one that came with a later layout than the master's is not there."""
    return find_columns(block, [each for each in PENDING_HEADINGS if has_heading(block, each)])


def _row_values(
    each: HeldReturn, names: Mapping[str, str], labels: Mapping[str, str], closed: Iterable[str]
) -> dict[str, Value]:
    doubts = [DOUBTS[problem.code] for problem in each.doubts]
    known = [figure for figure in each.figures if figure.value is not None]
    shown = [
        f"{labels.get(figure.indicator, figure.indicator)} {number_text(figure.value)}"
        for figure in known[:_SHOWN_FIGURES]
        if figure.value is not None
    ]
    more = f"……共 {len(known)} 项" if len(known) > len(shown) else ""
    facts = (
        each.id,
        each.month,
        names.get(each.district, ""),
        each.file,
        each.sender,
        "；".join(doubts),
        proposal(each, names, closed),
        "；".join(shown) + more,
    )
    return dict(zip(PENDING_HEADINGS, facts, strict=False))


def proposal(each: HeldReturn, names: Mapping[str, str], closed: Iterable[str]) -> str:
    """What a person may do with it, and why."""
    if not each.figures:
        return f"{TURN_DOWN}：没有读出数字"
    if each.errors:
        return f"{TURN_DOWN}：数据有 {len(each.errors)} 处错误，见“{PROBLEMS_SHEET}”"
    if each.is_replaced and not each.is_older:
        return f"{TURN_DOWN}：之后收到的另一份已经通过"
    if each.month in closed:
        return f"{each.month} 已结账：先重新打开再{ACCEPT}，或{TURN_DOWN}"
    if each.district in names and each.month:
        return f"核实后{ACCEPT}：计入“{names[each.district]}”{each.month}"
    return f"核实后{ASSIGN}：填归属区县和归属月份"


def typed_decisions(
    block: Block, waiting: Sequence[HeldReturn], settled: Collection[str], config: Config
) -> tuple[list[Decision], list[Problem]]:
    """What staff decided on the sheet, and what of it cannot be understood.

    ``settled`` are numbers that were decided already: the sheet may not know it yet.
    """
    columns = _columns_there(block)
    at = {heading: columns[heading] for heading in ("编号", *_TYPED) if heading in columns}
    open_ = {str(each.id): each for each in waiting}
    names = known_names(config.districts) | {fold(d.code): d.code for d in config.districts}
    decisions: list[Decision] = []
    problems: list[Problem] = []
    for row in filled_rows(block):
        texts = {heading: _text(block, row, column) for heading, column in at.items()}
        month_cell = block.cells.get((row, at["归属月份"]))
        word, number = texts["决定"], fold(texts["编号"])
        if not word or number not in open_:
            if word and number not in settled:
                says = f"没有编号为“{number or '空'}”的待定；它可能已经处理过，请重算后再看"
                problems.append(block.problem("pending-unknown", (row, at["编号"]), says))
            continue
        chosen = fold(word)
        if chosen not in (ACCEPT, TURN_DOWN, ASSIGN):
            allowed = "、".join((ACCEPT, TURN_DOWN, ASSIGN))
            says = f"决定现在是“{word}”，只能填：{allowed}；请改正"
            problems.append(block.problem("bad-decision", (row, at["决定"]), says, allowed))
            continue
        each, whose = open_[number], texts["归属区县"]
        code = names.get(fold(whose), "") if whose else each.district
        if (whose and not code) or (chosen == ASSIGN and not whose):
            says = f"归属区县“{whose or '空'}”不在“{DISTRICTS_SHEET}”里；请填名录里的名称或代码"
            problems.append(block.problem("bad-district", (row, at["归属区县"]), says))
            continue
        verdict = REJECTED if chosen == TURN_DOWN else ACCEPTED
        given, year = texts["归属月份"], config.settings.year
        month = month_in(month_cell, year) if given else each.month
        if given and month not in months_of(year):
            says = f"归属月份“{given}”不对；请写 {year} 年度的一个月，例如 {year}-06 或 6月"
            problems.append(block.problem("bad-month", (row, at["归属月份"]), says))
            continue
        decisions.append(Decision(each.id, verdict, code, month, texts["备注"]))
    return decisions, problems


def obstacle(
    waiting: HeldReturn, decision: Decision, names: Mapping[str, str], closed: Iterable[str]
) -> str:
    """Why a decision cannot stand, as one Chinese sentence; empty when it can."""
    if decision.decision == REJECTED:
        return ""
    which = f"待定 {waiting.id}（{waiting.file}）"
    if not waiting.figures:
        return f"{which}：没有读出数字，不能接受；请退回，让区县重新填写"
    if waiting.errors:
        first = waiting.errors[0]
        return (
            f"{which}：数据有 {len(waiting.errors)} 处错误，不能接受（{first.message}）；"
            "请退回，让区县改好重报"
        )
    if decision.district not in names:
        whose = (
            f"“{decision.district}”不在“区县名录”里" if decision.district else "不知道是哪个区县"
        )
        return f"{which}：{whose}；请写明归属的区县（--assign 代码，或“待定”表里的归属区县）"
    if not decision.month:
        return f"{which}：不知道是哪个月的；请写明月份（--month，或“待定”表里的归属月份）"
    if decision.month in closed:
        return (
            f"{which}：{decision.month} 已经结账；确要采用，请先重新打开这个月"
            f"（close --reopen --month {decision.month}），再接受"
        )
    return ""


def _text(block: Block, row: int, column: int) -> str:
    cell = block.cells.get((row, column))
    return "" if cell is None else quote(cell).strip()
