"""What staff chose for single letters on 回收情况: which of them goes out again, which counts as sent.

A choice leaves its cell once it is on record and before anything is sent: whoever presses again after
a stop sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.master.host.base import Change
from xl_addin.master.read.blocks import filled_rows, find_columns, has_heading, key_text
from xl_addin.model.letters import CHOICE_OF, CHOICES
from xl_addin.model.names import fold
from xl_addin.model.sheets import LETTER_CHOICE_HEADING, STATUS_BLOCK, STATUS_MONTH_CELL
from xl_addin.services.programme import Programme
from xl_addin.system.light import NamedTuple

Whose = tuple[str, str]
"""A district's code and a kind of letter."""


class LetterChoices(NamedTuple):
    """``wanted`` is what is to become of a district's letters of a kind (``model.letters.CHOICE_OF``).

    ``cells`` are where that stands, ``unclear`` sentences on what stands there else.
    """

    wanted: Mapping[Whose, str]
    cells: Mapping[Whose, tuple[str, tuple[int, int]]]
    unclear: Sequence[str] = ()


def read_choices(programme: Programme, month: str, kinds: Sequence[str]) -> LetterChoices:
    """The choices that are about letters of these kinds; 回收情况 must show the month they are of."""
    block = programme.host.block(STATUS_BLOCK)
    if not has_heading(block, LETTER_CHOICE_HEADING):
        return LetterChoices({}, {})
    columns = find_columns(block, ("代码", LETTER_CHOICE_HEADING))
    wanted: dict[Whose, str] = {}
    cells: dict[Whose, tuple[str, tuple[int, int]]] = {}
    unclear: list[str] = []
    shown = programme.host.block(STATUS_MONTH_CELL)
    of_month = key_text(shown.cells.get(shown.area[:2])) == month
    for row in filled_rows(block):
        where = (row, columns[LETTER_CHOICE_HEADING])
        word = fold(key_text(block.cells.get(where)))
        if not word:
            continue
        place = block.at(where)
        if word not in CHOICE_OF:
            unclear.append(f"{place}：“{word}”不认识，没有处理；请从列表里选：{'、'.join(CHOICES)}")
            continue
        kind, choice = CHOICE_OF[word]
        if kind not in kinds:
            continue
        if not of_month:
            unclear.append(
                f"{place}：“{word}”没有处理，这张表现在不是 {month} 的；请先点“回收情况”，再选一次"
            )
            continue
        whose = (key_text(block.cells.get((row, columns["代码"]))), kind)
        wanted[whose], cells[whose] = choice, (block.sheet, where)
    return LetterChoices(wanted, cells, unclear)


def clear_choices(programme: Programme, choices: LetterChoices, done: Sequence[Whose]) -> None:
    """Take the choices that are on record from their cells."""
    cells = [choices.cells[whose] for whose in dict.fromkeys(done)]
    if cells:
        sheet = cells[0][0]
        programme.host.apply([Change(sheet, {where: None for _, where in cells}, {})])
        programme.host.save()
