"""A formula's text with every cell that it names somewhere else."""

import pytest

from xl_addin.xlsx.references import read_formula, shift_formula, translate_references


def place(sheet: str, where: tuple[int, int]) -> tuple[str, tuple[int, int]]:
    name = {"名录": "它's", "own": "own"}.get(sheet, sheet)
    return name, (where[0] + 2, where[1] + 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("'名录'!$B$5:$B$9", "'它''s'!$C$7:$C$11"),
        ('SUM(A1:B2,名录!C3)&"A1"', "SUM(B3:C4,'它''s'!D5)&\"A1\""),
        ("IF($A1>blk_x,LOG10(B2),A:A)", "IF($B3>blk_x,LOG10(C4),A:A)"),
        ("[1]名录!A1+1", "[1]名录!A1+1"),
        ("INDEX(blk_completion,1,0)", "INDEX(blk_completion,1,0)"),
    ],
)
def test_cells_are_named_where_they_are_now(before: str, after: str) -> None:
    assert translate_references(before, "own", place) == after


def test_a_name_that_looks_like_a_cell_beyond_the_grid_is_a_name() -> None:
    formula = read_formula("YOY2026*XFD1+XFE1+zzz9")
    assert [each.area for each in formula.references] == [(1, 16384, 1, 16384)]
    assert [name for _, name, _ in formula.names] == ["yoy2026", "xfe1", "zzz9"]
    assert shift_formula("YOY2026+A1", 2, 1) == "YOY2026+B3"
