"""Texts that formulas are made of: an unknown is an empty text in each, never 0."""

from __future__ import annotations


def is_positive(cell: str) -> str:
    """Whether a cell holds a number above 0. N() of an empty cell is #NUM! in gnumeric."""
    return f"SUM({cell})>0"


def sum_formula(span: str) -> str:
    """The sum of what is known; empty where nothing is."""
    return f'=IF(COUNT({span})=0,"",SUM({span}))'


def share_formula(part: str, whole: str) -> str:
    """The share part/whole; empty where the part is unknown or the whole not above 0."""
    return f'=IF(AND(ISNUMBER({part}),{is_positive(whole)}),{part}/{whole},"")'


def difference_formula(one: str, other: str) -> str:
    """The difference, without the noise of binary fractions; empty where either is unknown."""
    return f'=IF(AND(ISNUMBER({one}),ISNUMBER({other})),ROUND({one}-{other},9),"")'


def number_formula(cell: str) -> str:
    """A cell's number; empty where it holds none."""
    return f'=IF(ISNUMBER({cell}),{cell},"")'


def content_formula(cell: str) -> str:
    """What a cell holds, number or text; empty where it holds nothing."""
    return f'=IF({cell}="","",{cell})'


def cell_of(block: str, row: str, column: str) -> str:
    """The cell of a block in the row and the column of these keys, by the block's name."""
    down = f"MATCH({row},INDEX({block},0,1),0)"
    return f"INDEX({block},{down},MATCH({column},INDEX({block},1,0),0))"
