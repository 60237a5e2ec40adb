"""Where the rows and columns of a block stand, by their keys."""

from __future__ import annotations

import re
from functools import cache

from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import area_name, cell_name, quote_sheet_name

# Compiled when first used: reading settings never writes a formula.
_PLAIN_NAME = r"[^\W\d]\w*\Z"
_LIKE_CELL = r"(?:[A-Za-z]{1,3}\d+|R\d*(?:C\d*)?|C\d*|TRUE|FALSE)\Z"


class Matrix(NamedTuple):
    """Where a block stands: ``rows`` by their keys in ``key_column``, ``columns`` by ``key_row``.

    ``total_row`` and ``published_row`` are 0 where there is none.
    """

    sheet: str
    key_row: int
    key_column: int
    rows: dict[str, int]
    columns: dict[str, int]
    total_row: int = 0
    published_row: int = 0
    end_row: int = 0

    def cell(self, row: int, column: int) -> str:
        """One cell as other sheets name it."""
        return f"{quote_sheet(self.sheet)}!{cell_name(row, column)}"

    def row(self, district: str) -> int:
        """A district's row, or the total row for ``""``."""
        return self.rows[district] if district else self.total_row

    def figure(self, district: str, code: str) -> str:
        """The cell of a district (``""`` for the total) and an indicator, as other sheets name it."""
        return self.cell(self.row(district), self.columns[code])

    def span(self, column: int) -> str:
        """The districts' cells of one column, as this sheet names them."""
        return area_name((self.key_row + 1, column, self.total_row - 1, column))


@cache
def quote_sheet(sheet: str) -> str:
    """A sheet's name as Excel spells it in a formula: quoted only where it must be."""
    if re.match(_PLAIN_NAME, sheet) and not re.match(_LIKE_CELL, sheet, re.IGNORECASE):
        return sheet
    return quote_sheet_name(sheet)
