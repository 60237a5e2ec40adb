"""督办 in the master: the items of all slips, and what staff typed beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from xl_addin.judging.assess import known_names
from xl_addin.master.host.base import Change, Host
from xl_addin.master.read.blocks import Block, filled_rows, find_columns, key_text
from xl_addin.model.names import fold
from xl_addin.model.records import District, Problem
from xl_addin.model.sheets import SLIP_HEADINGS, SLIPS_BLOCK, SLIPS_SHEET
from xl_addin.model.slips import (
    ANSWERED,
    CLOSE_WORD,
    CLOSED,
    DRAFTED,
    ISSUED,
    OVERDUE,
    STATE_LABELS,
    WHOLE,
    Slip,
    SlipItem,
    SlipState,
)
from xl_addin.services.programme import Programme
from xl_addin.store.database import LedgerReader
from xl_addin.store.slips import answers_ever, slips
from xl_addin.system.errors import Outdated
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.values import quote

_ANSWER, _RESULT, _CLOSE = "反馈", "结果", "销号"
_TYPED = (_ANSWER, _RESULT, _CLOSE)
_LONGEST = 2_000
_Key = tuple[str, str, str]
Told = tuple[str, int, str]
"""An answer: name of slip, position of the item, text."""


def slips_block(host: Host) -> Block | None:
    """The block, None in a master from before there was one. Raises Refused where it was deleted."""
    try:
        return host.block(SLIPS_BLOCK)
    except Outdated:
        return None


def shown_slips(programme: Programme, block: Block) -> Change:
    """What 督办 says now."""
    ledger, districts = programme.ledger, programme.basics.districts
    told = told_answers(ledger)
    return slips_change(block, slips(ledger), districts, programme.now()[:10], told)


def slips_change(
    block: Block, known: Sequence[Slip], districts: Sequence[District], today: str, told: Set[Told]
) -> Change:
    """The list as it is now, what is open first; what staff typed and was not taken yet stays beside.

    ``told`` is every answer that was ever recorded, also by a run that was taken back: what the sheet still
    shows of it is nobody's typing.
    """
    columns = find_columns(block, SLIP_HEADINGS)
    names = {each.code: each.name for each in districts}
    typed = {key: said for key, _, said in _typed_rows(block, columns, districts)}
    top, left, bottom, right = block.area
    values: dict[tuple[int, int], Value] = {
        at: None for at in block.cells if top < at[0] <= bottom and left <= at[1] <= right
    }
    rows = [(slip, item) for slip in known for item in slip.items]
    rows.sort(key=lambda row: row[0].closing(row[1]) is not None)
    room = bottom - top
    for row, (slip, item) in enumerate(rows[:room], top + 1):
        facts = _row(slip, item, names, today)
        beside = typed.get(_key(slip.name, slip.district, item.label), {})
        facts |= {
            heading: text
            for heading, text in beside.items()
            if text
            and not facts[heading]
            and not (heading == _ANSWER and _is_told(told, slip, item, text))
        }
        values |= {(row, columns[heading]): value for heading, value in facts.items()}
    if len(rows) > room:
        says = f"另有 {len(rows) - room + 1} 项没有列出，都在底账里"
        values |= {(bottom, at): None for at in columns.values()}
        values[bottom, columns["依据"]] = says
    return Change(block.sheet, values, {})


def _row(slip: Slip, item: SlipItem, names: Mapping[str, str], today: str) -> dict[str, Value]:
    answer, closing, paper = slip.answer(item), slip.closing(item), slip.paper
    step = slip.standing(item)
    late = step == ISSUED and slip.is_overdue(today)
    return {
        "编号": slip.name,
        "区县": names.get(slip.district, slip.district),
        "事项": item.label,
        "依据": item.reason,
        "发出": slip.issues[0].at[:10] if slip.issues else None,
        "期限": paper.term or None,
        "级别": paper.level,
        "状态": OVERDUE if late else STATE_LABELS[step],
        _ANSWER: shown_text(answer) or None,
        "反馈时间": answer.at[:10] if answer else None,
        _RESULT: shown_text(closing) or None,
        _CLOSE: CLOSE_WORD if closing else None,
        "销号时间": closing.at[:10] if closing else None,
    }


def shown_text(state: SlipState | None) -> str:
    """What was said, as far as a cell shows it."""
    return "" if state is None else _shown(state.text)


def _shown(text: str) -> str:
    return text[:_LONGEST].strip()


def _key(name: str, district: str, label: str) -> _Key:
    return fold(name), district, fold(label)


def told_answers(ledger: LedgerReader) -> set[Told]:
    """Every answer that was ever recorded, as the sheet shows it."""
    return {(name, position, _shown(text)) for name, position, text in answers_ever(ledger)}


def _is_told(told: Set[Told], slip: Slip, item: SlipItem, text: str) -> bool:
    return any((slip.name, at, text) in told for at in (WHOLE, item.position))


def _typed_rows(
    block: Block, columns: Mapping[str, int], districts: Sequence[District]
) -> list[tuple[_Key, int, dict[str, str]]]:
    """Key, row and what stands in the columns that staff write in.

    The district is part of the key: the number of a draft that was taken back may be another's now.
    """
    codes = known_names(districts)
    found = []
    for row in filled_rows(block):
        name, district, label = (
            key_text(block.cells.get((row, columns[heading])))
            for heading in ("编号", "区县", "事项")
        )
        key = _key(name, codes.get(fold(district), ""), label)
        said = {heading: _text(block, row, columns[heading]) for heading in _TYPED}
        found.append((key, row, said))
    return found


def _text(block: Block, row: int, column: int) -> str:
    cell = block.cells.get((row, column))
    return "" if cell is None else quote(cell).strip()


def typed_states(
    block: Block, known: Sequence[Slip], districts: Sequence[District], now: str, told: Set[Told]
) -> tuple[list[tuple[int, SlipState]], list[Problem]]:
    """What staff wrote that is not in the ledger, by slip, and what of it cannot be understood."""
    columns = find_columns(block, SLIP_HEADINGS)
    items = {
        _key(slip.name, slip.district, item.label): (slip, item)
        for slip in known
        for item in slip.items
    }
    states: list[tuple[int, SlipState]] = []
    problems: list[Problem] = []
    for key, row, said in _typed_rows(block, columns, districts):
        if not any(said.values()):
            continue
        if key not in items:
            says = (
                f"“{SLIPS_SHEET}”里没有编号“{key[0] or '空'}”、事项“{key[2] or '空'}”的一行，写的话不知道"
                "归哪一项；编号、区县和事项请照原样，不要改"
            )
            problems.append(block.problem("slip-unknown", (row, columns["编号"]), says))
            continue
        slip, item = items[key]
        if slip.closing(item) is not None:
            continue
        if said[_ANSWER] and not _is_told(told, slip, item, said[_ANSWER]):
            state = SlipState(item.position, ANSWERED, "", "", "", "", now, said[_ANSWER])
            states.append((slip.id, state))
        if said[_CLOSE]:
            fault = _closing_fault(slip, item, said)
            if fault:
                heading, says = fault
                problems.append(block.problem("bad-slip-closing", (row, columns[heading]), says))
            else:
                state = SlipState(item.position, CLOSED, "", "", "", "", now, said[_RESULT])
                states.append((slip.id, state))
    return states, problems


def _closing_fault(slip: Slip, item: SlipItem, said: Mapping[str, str]) -> tuple[str, str] | None:
    """Why an item cannot be closed, with the column to look at."""
    if fold(said[_CLOSE]) != CLOSE_WORD:
        return _CLOSE, f"“销号”现在是“{said[_CLOSE]}”，只能选“{CLOSE_WORD}”，没有办结就空着；请改正"
    if slip.standing(item) == DRAFTED:
        return _CLOSE, f"{slip.name}还没有交办，不能销号；请先交办，不要办了就撤销“督办”"
    if not said[_RESULT]:
        return _RESULT, f"{slip.name}“{item.label}”要销号，“结果”还空着；请写清办结的情况"
    return None
