"""The master as a verb sees it: named blocks to read, cells to change. A file or live in Excel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from xl_addin.master.read.blocks import Block
from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.system.light import NamedTuple, Protocol, pattern
from xl_addin.xlsx.a1 import Area, Where, cell_name
from xl_addin.xlsx.cells import Cell, Value
from xl_addin.xlsx.moves import Insertion

_LONGEST_NOTE = 1_000
_QUOTED = pattern(r"'((?:[^']|'')+)'!")


class Change(NamedTuple):
    """What one sheet's cells become.

    ``values`` are typed into plain cells, None empties one. ``computed`` are formula cells: the
    formula that must stand there and the value that it must come to.
    """

    sheet: str
    values: dict[Where, Value]
    computed: dict[Where, tuple[str, Value]]


class Filling(NamedTuple):
    """What is laid down in cells that are new on a sheet.

    ``values`` go into plain cells, ``formulas`` (with ``=``) into the others. ``merged`` are areas that
    become one cell each; merged areas that one of them overlaps are taken apart first.
    """

    sheet: str
    values: dict[Where, Value]
    formulas: dict[Where, str]
    merged: tuple[Area, ...] = ()


Lines = Mapping[tuple[str, bool], Sequence[int]]
"""Numbers of rows and columns in order, by (sheet, whether they are rows)."""


class FormulaCheck(NamedTuple):
    """How many formula cells were compared, and the cells that are not what they should be."""

    compared: int
    disagreements: tuple[Problem, ...]


class BlockReader(Protocol):
    """Whatever a master's named blocks can be read from."""

    def block(self, name: str) -> Block:
        """A named block with its cells. Raises Refused when the name is gone."""


class Host(BlockReader, Protocol):
    """The master workbook, wherever it is open.

    ``inserted`` takes up all that ``insert`` put in, call by call.
    """

    inserted: list[Sequence[Insertion]]

    def locate(self, name: str) -> tuple[str, Area]:
        """The sheet and area of a named block. Raises Refused when the name is gone."""

    def ready(self) -> None:
        """Raise Refused when what is changed could not be kept."""

    def check(self, changes: Iterable[Change]) -> FormulaCheck:
        """What ``apply`` would find in the way, without changing anything."""

    def apply(self, changes: Iterable[Change]) -> FormulaCheck:
        """Change cells; a formula that is not ours is reported and left alone."""

    def notes(self, sheet: str) -> dict[Where, str]:
        """The notes of ours that stand on cells of a sheet; none where they cannot be read."""

    def annotate(self, sheet: str, wanted: Mapping[Where, str]) -> bool:
        """Have a sheet carry these notes of ours and no others; staff's stay, whatever is wanted there.

        False where it could not be done: no figure depends on it.
        """

    def cells(self, sheet: str, area: Area, *, typed: bool = False) -> dict[Where, Cell]:
        """The cells of an area that hold something; ``typed``: what formulas come to may be from before."""

    def selected(self) -> tuple[str, Where] | None:
        """The sheet and the cell that is selected; None where no cell is, or nobody has it open."""

    def insert(self, insertions: Sequence[Insertion]) -> tuple[Problem, ...]:
        """Put rows and columns in; what refers to cells goes with them, see ``Moves``.

        What could not be made to grow is reported. Raises Refused where something would be torn.
        """

    def check_removal(self, lines: Lines, emptied: Set[tuple[str, Where]]) -> None:
        """Raise Refused where these rows and columns cannot be taken out.

        ``emptied`` are cells (sheet, place) that get back what they held before that is done.
        """

    def remove(self, lines: Lines) -> None:
        """Take rows and columns out, as ``check_removal`` found that it can be done."""

    def fill(self, fillings: Sequence[Filling]) -> None:
        """Lay down values and formulas in cells that are new."""

    def settle(self) -> None:
        """Have read anew what rows, columns and cells put in were so far only taken to have done."""

    def save(self) -> str:
        """Keep what was changed; says in Chinese where it is kept."""


NOTE_HEAD = "程序：区县在填报表里写的话（重算时更新）"
"""How each note of ours begins, by which it is known again."""
NOTE_AUTHOR = "xl-addin"


def note(lines: Iterable[str]) -> str:
    """A note of ours with these lines, as long as a note is readable."""
    from xl_addin.xlsx.cells import fit_cell_text

    text = fit_cell_text("\n".join((NOTE_HEAD, *lines)))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if len(text) <= _LONGEST_NOTE else text[: _LONGEST_NOTE - 1] + "…"


def our_notes(standing: Mapping[Where, str]) -> dict[Where, str]:
    """Those of a sheet's notes that we put there."""
    return {at: text for at, text in standing.items() if text.startswith(NOTE_HEAD)}


def note_changes(
    standing: Mapping[Where, str], wanted: Mapping[Where, str]
) -> tuple[set[Where], dict[Where, str]]:
    """Which notes are to go and which are to be put there then."""
    ours = our_notes(standing)
    put = {
        at: text
        for at, text in wanted.items()
        if ours.get(at) != text and (at in ours or at not in standing)
    }
    return {at for at in ours if at in put or at not in wanted}, put


def formulas_in_the_way(change: Change, cells: Mapping[Where, Cell]) -> dict[Where, Problem]:
    """The cells of one sheet that may not be touched: formulas that staff changed or put there.

    ``cells`` are what the sheet holds now, at least where something is to change.
    """
    found = {
        where: _changed_formula(change.sheet, where, cells.get(where), formula)
        for where, (formula, _) in change.computed.items()
        if not _holds_formula(cells.get(where), formula)
    }
    for where in change.values:
        cell = cells.get(where)
        if cell is not None and cell.formula is not None:
            found[where] = _unexpected_content(change.sheet, where, cell)
    return found


def _holds_formula(cell: Cell | None, formula: str) -> bool:
    if cell is None or cell.formula is None:
        return False
    # A formula that shares another cell's text carries none of its own to compare.
    return cell.formula == "" or is_same_formula(cell.formula, formula)


def is_same_formula(one: str, other: str) -> bool:
    """Whether two texts are one formula, however a spreadsheet program spelt it."""
    one, other = one.lstrip("="), other.lstrip("=")
    # As it was laid down, until a spreadsheet program has saved the master.
    return one == other or _plain(one) == _plain(other)


def _plain(formula: str) -> str:
    unquoted = _QUOTED.sub(lambda m: m[1].replace("''", "'") + "!", formula)
    return unquoted.replace(" ", "").replace("$", "").upper()


def _content(cell: Cell) -> str:
    return str(cell.value) if cell.formula is None else f"={cell.formula}"


def _changed_formula(sheet: str, where: Where, cell: Cell | None, formula: str) -> Problem:
    at = cell_name(*where)
    wanted = f"={formula.lstrip('=')}"
    found = "" if cell is None else _content(cell)
    says = f"{sheet}!{at}：应当是公式 {wanted}，现在是“{found or '空'}”，没有改动它；如不是有意改的，请恢复"
    return make("formula-changed", says, sheet, at, found, wanted)


def _unexpected_content(sheet: str, where: Where, cell: Cell) -> Problem:
    at, found = cell_name(*where), _content(cell)
    says = f"{sheet}!{at}：这一格由程序填写，现在是“{found}”，没有改动它；请清空这一格后再试"
    return make("formula-in-the-way", says, sheet, at, found)
