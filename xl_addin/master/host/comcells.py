"""Single cells as Excel's COM interface delivers and takes them.

What it is given is parsed as if somebody typed it: a text must not look like anything else.
"""

from __future__ import annotations

import math
from unicodedata import normalize

from xl_addin.xlsx.cells import BOOL, DATE, FAULT, NO_VALUE, NUM, TEXT, Cell, Value

# How COM delivers the errors of cells: as whole numbers, which no number of a cell ever is.
_FAULTS = {
    -2146826288: "#NULL!",
    -2146826281: "#DIV/0!",
    -2146826273: "#VALUE!",
    -2146826265: "#REF!",
    -2146826259: "#NAME?",
    -2146826252: "#NUM!",
    -2146826246: "#N/A",
    -2146826245: "#GETTING_DATA",
    -2146826243: "#SPILL!",
    -2146826242: "#CONNECT!",
    -2146826241: "#BLOCKED!",
    -2146826240: "#UNKNOWN!",
    -2146826239: "#FIELD!",
    -2146826238: "#CALC!",
}
# An array with a longer text is refused as a whole; the ledger has it in full.
_LONGEST = 8_000


def read_com_cell(value: object, text: object) -> Cell | None:
    """A cell from its value and formula as Excel tells them; None for one that holds nothing."""
    # The text of a plain cell is what it holds, also where that begins with "=".
    formula = text[1:] if isinstance(text, str) and text[:1] == "=" and text != value else None
    if value is None or (value == "" and formula is None):
        return None if formula is None else Cell(NO_VALUE, None, formula)
    if isinstance(value, bool):
        return Cell(BOOL, value, formula)
    if isinstance(value, int) and value in _FAULTS:
        return Cell(FAULT, _FAULTS[value], formula)
    if isinstance(value, int | float):
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
        return Cell(NUM, int(value) if whole else value, formula)
    return Cell(TEXT, str(value), formula)


def com_input(value: Value, as_text: bool) -> str | float:
    """What to hand to Excel's COM interface for a value, so that it is stored as that very value.

    ``as_text`` says that the cell has the text format "@", in which Excel takes everything for
    text.
    """
    if value is None:
        return ""
    if isinstance(value, int | float):
        return float(value)  # COM knows no 64-bit integers
    return value if as_text or not could_turn(value) else f"'{value}"


_MARKS = "=+-@'#"


def could_turn(text: str) -> bool:
    """Whether Excel might take a text for a number, a date, a formula, an error or a truth value."""
    if not text:
        return False
    first = text[0] if text.isascii() else normalize("NFKC", text)[0]
    turns = first in _MARKS or any(sign.isnumeric() for sign in text)
    return turns or text.strip().upper() in ("TRUE", "FALSE")


def fit_value(value: Value) -> Value:
    """A value as a cell can hold it."""
    if not isinstance(value, str):
        return value
    from xl_addin.xlsx.cells import fit_cell_text

    text = fit_cell_text(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def holds(cell: Cell | None, value: Value) -> bool:
    """Whether a plain cell holds this very value."""
    if value is None or value == "":
        return cell is None
    if cell is None:
        return False
    kinds = (NUM, DATE) if isinstance(value, int | float) else (TEXT,)
    return cell.kind in kinds and cell.value == value


def comes_to(cell: Cell | None, value: Value) -> bool:
    """Whether a formula's result is this value, but for the noise of binary fractions."""
    if value is None or value == "":
        return cell is None or cell.value in (None, "")
    if cell is None or isinstance(value, str):
        return cell is not None and cell.kind == TEXT and cell.value == value
    found = cell.value
    if cell.kind not in (NUM, DATE) or not isinstance(found, int | float):
        return False
    return math.isclose(found, value, rel_tol=1e-9, abs_tol=1e-9)
