"""Whether archive, ledger and master say the same, to the number; every difference with its place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from xl_addin.formats.archives import is_archive
from xl_addin.master.build.positions import find_positions
from xl_addin.master.host.base import Change, Host
from xl_addin.master.totals import Totals, computed_cells, typed_cells
from xl_addin.model.folder import ARCHIVE
from xl_addin.model.problems import make
from xl_addin.model.records import ADDED_UP, RATE, Number, Problem
from xl_addin.model.settings import Config, by_indicator
from xl_addin.model.sheets import (
    COMPLETION_BLOCK,
    COUNTED_BLOCK,
    CUMULATIVE_BLOCK,
    DUE_BLOCK,
    LIGHTS_BLOCK,
    MONTH_BLOCK,
    MONTHLY_BLOCK,
    PLAN_BLOCK,
    PROGRESS_BLOCK,
    SUMMARY_BLOCK,
    TREND_BLOCK,
    VARIANCE_BLOCK,
)
from xl_addin.services.archived import archived_files
from xl_addin.services.interruptions import NOT_RECORDED, UNRECEIPTED
from xl_addin.store.comparisons import compared_files
from xl_addin.store.database import LedgerReader, open_for_reading
from xl_addin.store.inbox import mail_path, received_times
from xl_addin.store.integrity import (
    Difference,
    compare_ledgers,
    control_sums,
    damages,
    figure_place,
    loose_rows,
    returned_files,
)
from xl_addin.store.issued_forms import issued_hashes
from xl_addin.store.ledger import FigureRow, Ledger
from xl_addin.store.slips import slips
from xl_addin.system import held
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.a1 import bounding_area, cell_name
from xl_addin.xlsx.cells import Cell, Value
from xl_addin.xlsx.values import number_text

if TYPE_CHECKING:
    from typing import Any

_SHOWN = 20
_LABELS = {
    "events": "操作",
    "dispatches": "发出",
    "receipts": "回执",
    "problems": "问题",
    "figures": "数据",
    "stated": "区县填的累计",
    "texts": "区县说明",
    "figure_sheets": "数据所在的表",
    "work_reports": "重点工作进展",
    "work_pages": "重点工作页",
    "target_changes": "任务调整",
    "target_sets": "年初任务",
    "decisions": "决定",
    "closings": "结账",
    "undone": "撤销",
    "slips": "督办单",
    "slip_items": "督办事项",
    "slip_states": "督办的办理",
    "comparisons": "比对",
    "compared": "比对的数",
    "comparison_notes": "比对的处理",
}


def check_database(ledger: Ledger) -> Iterator[Problem]:
    """What the database itself finds wrong with the ledger."""
    for said in damages(ledger):
        yield _problem("ledger-damaged", said, f"底账损坏（{said}）；请运行 xl-addin rebuild")
    for table, row, parent in loose_rows(ledger):
        says = f"底账的 {table} 第 {row} 行没有对应的 {parent}；请运行 xl-addin rebuild"
        yield _problem("ledger-damaged", f"{table} {row}", says)


def check_archive(folder: Path, ledger: LedgerReader) -> Iterator[Problem]:
    """Whether every receipt's bytes are in the archive, whole, and every file there has a receipt."""
    files = archived_files(folder)
    compared = compared_files(ledger)
    known, issued = returned_files(ledger), issued_hashes(ledger) | compared.keys()
    for sha, path in files.items():
        data = held.read_bytes(path)
        if hashlib.sha256(data).hexdigest() != sha:
            says = f"{path}：内容和名字里的校验码不符，已损坏或被改过；请从备份找回这份文件"
            yield _problem("archive-changed", path.name, says)
        elif sha not in known and sha not in issued and not is_archive(data):
            says = f"{path}：归档里有它，底账里没有它的回执：{NOT_RECORDED}（{UNRECEIPTED}）"
            yield _problem("no-receipt", path.name, says)
    for what, kept in (("回执", known), ("比对", compared)):
        for sha, file in kept.items():
            if sha not in files:
                says = f"“{file}”：底账里有{what}，归档里没有这份文件（{sha[:12]}…）；请从备份找回“{ARCHIVE}”"
                yield _problem("archive-missing", file, says)


def check_mails(folder: Path, ledger: Ledger) -> Iterator[Problem]:
    """Whether every fetched mail lies in the archive, whole."""
    for sha, received_at in received_times(ledger).items():
        path = mail_path(folder, sha)
        if not path.is_file():
            says = f"{path}：底账里有 {received_at} 收到的这封邮件，归档里没有；请从备份找回它"
            yield _problem("mail-missing", path.name, says)
            continue
        with held.open_bytes(path) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha:
                says = f"{path}：内容和名字里的校验码不符，已损坏或被改过；请从备份找回它"
                yield _problem("archive-changed", path.name, says)


def check_slips(folder: Path, ledger: LedgerReader) -> Iterator[Problem]:
    """Whether every slip that went out lies there as it went out."""
    for slip in slips(ledger):
        for paper in slip.issues:
            path = folder / paper.file
            if not path.is_file():
                says = f"{path}：{paper.at} 交办的督办单{slip.name}不见了；请从备份找回它"
                yield _problem("slip-missing", path.name, says)
            elif hashlib.sha256(held.read_bytes(path)).hexdigest() != paper.sha256:
                says = f"{path}：和 {paper.at} 交办时不一样，之后有人改过；请从备份找回交办的那一份"
                yield _problem("slip-changed", path.name, says)


def check_against_archive(ledger: Ledger, rebuilt: Path) -> Iterator[Problem]:
    """Every row in which the ledger differs from what the archive alone comes to."""
    with open_for_reading(rebuilt) as archive:
        for apart in compare_ledgers(ledger, archive):
            yield from (_row_differs(ledger, each) for each in apart[:_SHOWN])
            if len(apart) > _SHOWN:
                table = apart[0].table
                says = f"底账 {_LABELS.get(table, table)}：另有 {len(apart) - _SHOWN} 处不同"
                yield _problem("ledger-differs", table, says)


def _row_differs(ledger: Ledger, apart: Difference) -> Problem:
    table, key, ours, theirs = apart
    if ours is not None and theirs is not None:
        what = "；".join(
            f"{name} 底账 {value!s}，归档 {theirs[name]!s}"
            for name, value in ours.items()
            if value != theirs[name]
        )
    else:
        where = "归档" if ours is None else "底账"
        what = f"只有{where}里有：{_brief(ours or theirs or {})}"
    place = f"底账 {_LABELS.get(table, table)} {'/'.join(map(str, key))}"
    figure = figure_place(ledger, *key) if table == "figures" else None
    if figure is not None:
        place += f"（“{figure.file}”{figure.district} {figure.month} {figure.cell}）"
    return _problem("ledger-differs", str(key), f"{place}：{what}；请运行 xl-addin rebuild")


def _brief(row: Mapping[str, object]) -> str:
    return "，".join(f"{name}={str(value)[:40]}" for name, value in row.items())


def check_master(
    host: Host, config: Config, totals: Totals, *, typed_only: bool = False
) -> tuple[int, list[Problem]]:
    """How many cells of the master were compared with the ledger's totals, and those that differ.

    ``typed_only`` leaves out what formulas come to: what staff made of them no recompute can bring back.
    """
    positions = find_positions(host, config)
    blocks = [
        host.block(name)
        for name in (
            MONTH_BLOCK,
            CUMULATIVE_BLOCK,
            SUMMARY_BLOCK,
            COMPLETION_BLOCK,
            VARIANCE_BLOCK,
            TREND_BLOCK,
            PLAN_BLOCK,
            DUE_BLOCK,
            COUNTED_BLOCK,
            LIGHTS_BLOCK,
            PROGRESS_BLOCK,
            MONTHLY_BLOCK,
        )
    ]
    cells = {(block.sheet, where): cell for block in blocks for where, cell in block.cells.items()}
    sheets = {block.sheet for block in blocks}
    wanted: dict[tuple[str, tuple[int, int]], Value] = {
        (sheet, where): value
        for sheet, values in typed_cells(positions, totals).items()
        for where, value in values.items()
    }
    wanted |= {
        (sheet, where): value
        for sheet, formulas in computed_cells(positions, totals, config).items()
        if sheet in sheets and not typed_only
        for where, (_, value) in formulas.items()
        if (sheet, where) in cells  # the lines under the titles stand outside the blocks
    }
    problems = [
        _cell_problem(sheet, where, cells.get((sheet, where)), value)
        for (sheet, where), value in wanted.items()
        if not _is_same_value(cells.get((sheet, where)), value)
    ]
    return len(wanted), problems


def check_changes(
    host: Host, changes: Iterable[Change], *, typed_only: bool = False
) -> tuple[int, list[Problem]]:
    """How many cells were compared with what they would become, and those that are something else."""
    count, problems = 0, []
    for change in changes:
        wanted = dict(change.values)
        if not typed_only:
            wanted |= {where: value for where, (_, value) in change.computed.items()}
        cells = host.cells(change.sheet, bounding_area(wanted)) if wanted else {}
        count += len(wanted)
        problems += [
            _cell_problem(change.sheet, where, cells.get(where), value)
            for where, value in wanted.items()
            if not _is_same_value(cells.get(where), value)
        ]
    return count, problems


def _is_same_value(cell: Cell | None, value: Value) -> bool:
    found = None if cell is None or cell.value == "" else cell.value
    if value is None or value == "":
        return found is None
    if isinstance(value, int | float) and isinstance(found, int | float):
        return abs(found - value) <= 1e-9 * max(1.0, abs(value))
    return found == value


def _cell_problem(sheet: str, where: tuple[int, int], cell: Cell | None, value: Value) -> Problem:
    at = cell_name(*where)
    found = "空" if cell is None or cell.value in ("", None) else str(cell.value)
    wanted = _value_text(None if value == "" else value)
    says = f"{sheet}!{at}：主表是 {found}，底账算出 {wanted}；请重算（recompute）"
    return make("master-differs", says, sheet, at, found, wanted)


def _value_text(value: Value) -> str:
    if isinstance(value, int | float):
        return number_text(value)
    return "空" if value is None else str(value)


def control_totals(ledger: Ledger) -> list[dict[str, Any]]:
    """Control totals per month.

    How many files came in, how they were judged, and how many figures count.

    One dict per month as ``verify --json`` prints it; each step's total is the next one's input.
    """
    found: list[dict[str, Any]] = []
    for month, verdicts, counting, figures, total in control_sums(ledger):
        line = {"month": month, "receipts": sum(verdicts.values()), "verdicts": verdicts}
        if counting:
            line |= {"counting": counting, "figures": figures, "sum": total}
        found.append(line)
    return found


def check_balance(
    figures: Iterable[FigureRow], gone: Iterable[tuple[str, str]], totals: Totals, config: Config
) -> Iterator[Problem]:
    """Whether the counting figures, added up without pandas, come to the totals' cumulatives.

    ``figures`` come month by month, ``gone`` are states that another district reports now.
    """
    first, number = config.settings.first_month, int(totals.month[5:])
    outside = set(totals.outside)
    opened = dict(config.openings) if first <= number else {}
    rates = {line.code for line in totals.indicators if line.measure == RATE}
    sums: dict[tuple[str, str], Number] = dict(opened)
    for row in figures:
        pair = (row.district, row.indicator)
        if pair in outside or (row.month < first and pair in opened):
            continue
        if row.stated is not None:
            sums[pair] = row.stated
        elif row.value is not None:
            adds = row.measure in ADDED_UP and row.indicator not in rates
            sums[pair] = row.value + (sums.get(pair, 0) if adds else 0)
    for pair in gone:
        sums.pop(pair, None)
    for pair, found in totals.pairs.items():
        if _differs(sums.get(pair), found.cumulative):
            yield _unbalanced("/".join(pair), sums.get(pair), found.cumulative)
    known = by_indicator(sums)
    for line in totals.indicators:
        total = sum(known[line.code]) if line.code in known else None
        # The total of a rate is a mean, which the formulas of 累计完成 compute as well.
        if line.code not in rates and _differs(total, line.cumulative):
            yield _unbalanced(line.label, total, line.cumulative)


def _differs(one: Number | None, other: Number | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) > max(1e-6, 1e-12 * max(abs(one), abs(other)))


def _unbalanced(what: str, ledger: Number | None, totals: Number | None) -> Problem:
    says = f"“{what}”：底账相加是 {_value_text(ledger)}，汇总算出 {_value_text(totals)}"
    return _problem("totals-differ", what, f"{says}；请把这句话发给管理员")


def _problem(code: str, found: str, says: str) -> Problem:
    return make(code, says, found=found)
