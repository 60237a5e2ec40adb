"""Whether a task table agrees with itself: totals with sums, parts with wholes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.model.records import RATE, Number, TaskTable
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
) -> None:
    """Warn of every disagreement, at its cell."""
    sums = _sums(table)
    for line, said in zip(totals, printed, strict=True):
        for column, item in zip(headings, table.indicators, strict=True):
            if item.code in said and abs(said[item.code] - sums.get(item.code, 0)) > _NOISE:
                total, added = said[item.code], sums.get(item.code, 0)
                says = (
                    f"“{item.label}”合计写的是 {number_text(total)}，各区县相加是 {number_text(added)}，"
                    f"相差 {number_text(round_noise(total - added))}；请核对，汇总以相加的数为准"
                )
                at = (line.row, column)
                findings.warn("total-mismatch", at, number_text(total), says)
    _check_parts(table, findings)
    _find_disguised_total(table, sums, findings)


def _sums(table: TaskTable) -> dict[str, Number]:
    """What adds up, added up: rates do not."""
    rates = {item.code for item in table.indicators if item.measure == RATE}
    sums: dict[str, Number] = {}
    for (_, code), value in table.targets.items():
        if code not in rates:
            sums[code] = sums.get(code, 0) + value
    return {code: round_noise(value) for code, value in sums.items()}


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


def _find_disguised_total(table: TaskTable, sums: Mapping[str, Number], findings: Findings) -> None:
    """A row that equals all the others together is a total under another name, and would double."""
    used = [item.code for item in table.indicators if sums.get(item.code)]
    if len(table.districts) < 4 or len(used) < 2:
        return
    for district in table.districts:
        halves = (2 * table.targets.get((district.code, code), 0) - sums[code] for code in used)
        if all(abs(rest) <= _NOISE for rest in halves):
            at = table.cells[district.code, table.indicators[0].code]
            says = f"“{district.name}”各项都等于其余各行之和，像是合计；如果是，请把名称改为“合计”"
            findings.warn("looks-like-total", at, district.name, says)
