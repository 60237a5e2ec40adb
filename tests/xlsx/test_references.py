"""A formula's text with every cell that it names somewhere else."""

import pytest

from xl_addin.xlsx.references import translate_references


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
