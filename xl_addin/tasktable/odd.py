"""Rows whose numbers are no district's: those that the printed total leaves out, near sums, weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb, log10

from xl_addin.tasktable.body import Body, additive_columns, value_reader
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.columns import Columns
from xl_addin.tasktable.find import Shape
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.lines import RESERVE, Line, looks_like_place
from xl_addin.tasktable.vectors import NOISE, Vector, add_up, same, strength_of, vectors_of

_CERTAIN = 3.0  # powers of ten against a sum by chance, beyond those of the many that were tried
_MOST = 60
_MANY = 5  # of so few rows one may be as much as the others by chance
_NEAR = 0.2
_WHOLE = 100


def refuse_odd(
    shape: Shape, body: Body, columns: Columns, choices: Choices, findings: Findings
) -> None:
    """Refuse rows that may be no district's by their numbers, where no printed total is the sum of all.

    Settled where they are kept or left out.
    """
    additive = additive_columns(columns.headings)
    for line in body.totals[:1]:
        additive = [c for c in additive if shape.view.cell(line.row, c) is not None]
    vectors = vectors_of(body.all, additive, value_reader(shape))
    everything = add_up(vectors[line.row] for line in body.districts) if body.districts else ()
    if any(same(vectors[line.row], everything) for line in body.totals):
        return
    spare = [vectors[line.row] for line in body.all if line.kind == RESERVE]
    odd = _find_odd(body.districts, vectors, body.totals, spare) if body.districts else {}
    asked = {problem.cell for problem in findings.problems if problem.code == "row-in-doubt"}
    for line in body.districts:
        at = (line.row, shape.name_column)
        if line.row in odd.keys() - choices.kept_rows and findings.cell_name(at) not in asked:
            says = (
                f"“{line.name}”这一行{odd[line.row]}，不能确定是不是一个区县的任务；"
                f"是请加 {findings.row_option('keep', line.row)}，不是请加 {findings.row_option('skip', line.row)}"
            )
            findings.refuse("row-in-doubt", at, line.name, says)


def _find_odd(
    districts: Sequence[Line],
    vectors: Mapping[int, Vector],
    totals: Sequence[Line],
    spare: Sequence[Vector],
) -> dict[int, str]:
    """Rows with what is odd about them."""
    printed = next((vectors[line.row] for line in totals if any(vectors[line.row])), None)
    if printed is not None:
        left_out = _left_out(districts, vectors, printed, spare)
        return dict.fromkeys(left_out, "合计里没有算")
    some = [line for line in districts if any(vectors[line.row])]
    if len(some) < _MANY or len(vectors[districts[0].row]) < 2:
        return {}
    everything = add_up(vectors[line.row] for line in districts)
    found = {
        line.row: "的数差不多等于其他各行相加"
        for line in some
        if not looks_like_place(line.name) and all(map(_is_half, vectors[line.row], everything))
    }
    weights = {
        line.row: "的数加起来正好是 100，像是权重或分值"
        for line in districts
        if not looks_like_place(line.name)
        and abs(sum(vectors[line.row]) - _WHOLE) <= NOISE
        and min(vectors[line.row]) > 0
    }
    return found | weights


def _is_half(value: float, everything: float) -> bool:
    others = everything - value
    return others > 0 and abs(value - others) <= _NEAR * others


def _left_out(
    districts: Sequence[Line],
    vectors: Mapping[int, Vector],
    printed: Vector,
    spare: Sequence[Vector],
) -> tuple[int, ...]:
    """The one or two rows, or all of no place's name, without which the sum is what is printed."""
    rows = [line.row for line in districts if any(vectors[line.row])]
    unlike = tuple(
        line.row for line in districts if line.row in rows and not looks_like_place(line.name)
    )
    sums = (add_up(vectors[row] for row in rows), add_up([*(vectors[row] for row in rows), *spare]))
    for everything in sums:
        over: Vector = tuple(a - b for a, b in zip(everything, printed, strict=True))
        if any(each < -NOISE for each in over) or len(rows) > _MOST:
            continue
        for count in (1, 2):
            certain = strength_of(over) >= _CERTAIN + log10(comb(len(rows), count))
            for found in combinations(rows, count) if certain and len(rows) > count + 1 else ():
                if same(add_up(vectors[row] for row in found), over):
                    return found
        if (
            unlike
            and len(unlike) < len(rows) - 1
            and same(add_up(map(vectors.__getitem__, unlike)), over)
        ):
            return unlike
    return ()
