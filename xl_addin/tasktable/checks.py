"""Whether a task table agrees with itself: totals with sums, parts with wholes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from xl_addin.model.records import RATE, Number, TaskTable
from xl_addin.tasktable.choices import option_places
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.headers import Heading
from xl_addin.tasktable.lines import Line
from xl_addin.xlsx.values import number_text, round_noise

_NOISE = 1e-6


def check_table(
    table: TaskTable,
    totals: Sequence[Line],
    headings: Mapping[int, Heading],
    printed: Sequence[Mapping[str, Number]],
    findings: Findings,
    spare: Mapping[str, Number] = MappingProxyType({}),
) -> None:
    """Warn of every disagreement, at its cell; ``spare`` is what no district has of the totals."""
    sums = _sums(table)
    everything = {
        item.code: _without_noise(sums.get(item.code, 0) + spare.get(item.code, 0))
        for item in table.indicators
    }
    for line, said in zip(totals, printed, strict=True):
        over = {code: everything[code] - value for code, value in said.items()}
        left_out = _name_left_out(table, over, findings)
        for column, item in zip(headings, table.indicators, strict=True):
            added = everything[item.code]
            if item.code in said and abs(said[item.code] - added) > _NOISE:
                total = said[item.code]
                kept = "（含预留）" if item.code in spare else ""
                says = (
                    f"“{item.label}”合计写的是 {number_text(total)}，各区县相加{kept}是 {number_text(added)}，"
                    f"相差 {number_text(_without_noise(total - added))}{left_out}；请核对，汇总以相加的数为准"
                )
                at = (line.row, column)
                findings.warn("total-mismatch", at, number_text(total), says)
    _check_parts(table, findings)


def _name_left_out(table: TaskTable, over: Mapping[str, Number], findings: Findings) -> str:
    """The one district by which the sums of all are over a total: it may add up some of the others."""
    if all(abs(value) <= _NOISE for value in over.values()):
        return ""
    alone = [
        district
        for district in table.districts
        if all(
            abs(table.targets.get((district.code, code), 0) - value) <= _NOISE
            for code, value in over.items()
        )
    ]
    if len(alone) != 1:
        return ""
    cell = next(cell for (code, _), cell in table.cells.items() if code == alone[0].code)
    row, column = option_places(cell)
    row = cell.partition(" ")[2].replace(" ", "") or cell if findings.halves else row
    skip = f"--skip-column {column}" if findings.turned else f"--skip-row {row}"
    return (
        f"，正好是“{alone[0].name}”一行的数：合计漏了它的话请改正合计，"
        f"它是几个区县合起来的话请加 {skip}"
    )


def _sums(table: TaskTable) -> dict[str, Number]:
    """What adds up, added up: rates do not."""
    rates = {item.code for item in table.indicators if item.measure == RATE}
    sums: dict[str, Number] = {}
    for (_, code), value in table.targets.items():
        if code not in rates:
            sums[code] = sums.get(code, 0) + value
    return {code: _without_noise(value) for code, value in sums.items()}


def _without_noise(value: Number) -> Number:
    """Tenths do not add up exactly in binary: what is told has nine decimals at most."""
    return round_noise(round(value, 9))


def _check_parts(table: TaskTable, findings: Findings) -> None:
    labels = {item.code: item.label for item in table.indicators}
    for item in table.indicators:
        for district in table.districts if item.parent else ():
            part = table.targets.get((district.code, item.code))
            whole = table.targets.get((district.code, item.parent))
            if part is not None and whole is not None and part > whole:
                says = (
                    f"{district.name}“{item.label}”是 {number_text(part)}，大于"
                    f"“{labels[item.parent]}”的 {number_text(whole)}；请核对"
                )
                at = table.cells[district.code, item.code]
                findings.warn("child-above-parent", at, number_text(part), says)
