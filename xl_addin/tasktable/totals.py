"""Printed totals beside each other, and districts that stand below the total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.tasktable.find import Shape
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.lines import DISTRICT, PART, RESERVE, SUBTOTAL, TOTAL, Line
from xl_addin.tasktable.vectors import Vector, add_up, begins_with, same


def settle_totals(
    shape: Shape,
    found: Sequence[Line],
    vectors: Mapping[int, Vector],
    kept: frozenset[int],
    findings: Findings,
) -> list[Line]:
    """The rows, with totals of some districts as subtotals; districts below the total are 其中 or a doubt."""
    partial = _partial_totals(found, vectors)
    settled = [x._replace(kind=SUBTOTAL) if x.row in partial else x for x in found]
    last = max((line.row for line in settled if line.kind == TOTAL), default=0)
    below = [x for x in _below_total(settled, vectors, last) if x.row not in kept]
    begins = min((x.row for x in settled if x.kind == PART and x.row > last), default=0)
    parts = {line.row for line in below if 0 < begins < line.row}
    for line in below:
        if line.row not in parts:
            says = (
                f"“{line.name}”在合计下面，合计里没有算它，不能确定是不是区县；"
                f"是区县请加 {findings.row_option('keep', line.row)}，"
                f"不是请加 {findings.row_option('skip', line.row)}"
            )
            findings.refuse("row-in-doubt", (line.row, shape.name_column), line.name, says)
    return [x._replace(kind=PART) if x.row in parts else x for x in settled]


def _partial_totals(found: Sequence[Line], vectors: Mapping[int, Vector]) -> set[int]:
    """Totals of a run of districts, as 县区合计, where another is the total of all, with what is in reserve."""
    districts = [line for line in found if line.kind == DISTRICT]
    spare = [vectors[line.row] for line in found if line.kind == RESERVE]
    totals = [line.row for line in found if line.kind == TOTAL]
    if len(totals) < 2 or not districts:
        return set()
    all_ = [vectors[line.row] for line in districts]
    sums = (add_up(all_), add_up([*all_, *spare]))
    whole = {row for row in totals if any(same(vectors[row], each) for each in sums)}
    others = set(totals) - whole if whole else set()
    return {row for row in others if _adds_run(row, districts, vectors)}


def _adds_run(row: int, districts: Sequence[Line], vectors: Mapping[int, Vector]) -> bool:
    below = [vectors[line.row] for line in districts if line.row > row]
    above = [vectors[line.row] for line in districts if line.row < row]
    return begins_with(below, vectors[row]) or begins_with(above[::-1], vectors[row])


def _below_total(found: Sequence[Line], vectors: Mapping[int, Vector], last: int) -> list[Line]:
    """Districts below the last total, where it adds up those above it alone."""
    above = [vectors[x.row] for x in found if x.kind in (DISTRICT, RESERVE) and x.row < last]
    below = [x for x in found if x.kind == DISTRICT and x.row > last and any(vectors[x.row])]
    return below if len(above) > 1 and below and same(vectors[last], add_up(above)) else []
