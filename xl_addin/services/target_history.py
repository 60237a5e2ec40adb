"""任务表 and 任务调整 against the ledger: what was corrected or adjusted since, kept with its run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from xl_addin.master.host.base import BlockReader, Change, Host
from xl_addin.master.read.blocks import Block, find_columns
from xl_addin.master.read.year_plan import adjustment_rows
from xl_addin.model.problems import make
from xl_addin.model.records import Number, Problem
from xl_addin.model.settings import Adjustment, Config
from xl_addin.model.sheets import (
    ADJUSTMENT_HEADINGS,
    ADJUSTMENTS_BLOCK,
    ADJUSTMENTS_SHEET,
    TARGETS_SHEET,
)
from xl_addin.store.ledger import Ledger
from xl_addin.store.targets import (
    TargetChange,
    add_target_changes,
    keep_targets,
    kept_targets,
    target_changes,
)
from xl_addin.system.errors import Outdated
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.values import number_text, round_noise

_NAMED = 5


def note_targets(ledger: Ledger, config: Config, *, write: bool = True) -> str:
    """Keep the year-start targets where they differ from the last kept; what differs, in Chinese.

    Whoever changes 任务表 by hand corrects what the year began with. Call while writing.
    """
    before = kept_targets(ledger)
    if before == config.targets:
        return ""
    if write:
        keep_targets(ledger, config.targets)
    if before is None:
        return ""
    pairs = sorted(before.keys() | config.targets.keys())
    changed = [pair for pair in pairs if before.get(pair) != config.targets.get(pair)]
    names = _names(config)
    said = [
        f"{names.get(district, district)} {names.get(code, code)} "
        f"{_amount(before.get((district, code)))}→{_amount(config.targets.get((district, code)))}"
        for district, code in changed[:_NAMED]
    ]
    more = f"等 {len(changed)} 个" if len(changed) > _NAMED else ""
    return f"“{TARGETS_SHEET}”的年初任务有更正：{'；'.join(said)}{more}"


def _names(config: Config) -> dict[str, str]:
    districts = {district.code: district.name for district in config.districts}
    return districts | {item.code: item.label for item in config.indicators}


def _amount(value: Number | None) -> str:
    return "空" if value is None else number_text(value)


class Registered(NamedTuple):
    """The rows of 任务调整 that are new to the ledger, with their numbers: ``lines`` say what each changes."""

    changes: tuple[TargetChange, ...]
    rows: tuple[int, ...]
    lines: tuple[str, ...]
    gone: tuple[Problem, ...]


def new_adjustments(ledger: Ledger, host: BlockReader, config: Config) -> Registered:
    """What 任务调整 says that the ledger does not know yet, and what the ledger knows and it says no more."""
    rows = adjustment_rows(host, config, [])
    year = config.settings.year
    known = Counter(_key(change) for change in target_changes(ledger))
    row_of = {id(each): row for row, each in rows.items()}
    changes: dict[int, TargetChange] = {}
    for each, was, value in _running(config, rows.values()):
        change = _change(year, each, was, value)
        if known[_key(change)]:
            known[_key(change)] -= 1
        else:
            changes[row_of[id(each)]] = change
    lines = tuple(change_text(change, config) for change in changes.values())
    return Registered(
        tuple(changes.values()), tuple(changes), lines, tuple(_gone(known, config, host))
    )


def unregistered(ledger: Ledger, host: BlockReader, config: Config) -> Iterator[Problem]:
    """Where 任务调整 and the ledger are apart: rows that nobody registered, and registered ones that are gone."""
    found = new_adjustments(ledger, host, config)
    yield from found.gone
    if not found.changes:
        return
    block = host.block(ADJUSTMENTS_BLOCK)
    columns = find_columns(block, ("调整数",))
    for row, line in zip(found.rows, found.lines, strict=True):
        changed = (
            "；如果是由登记过的一行改成的，请先改回原样，再用“调整任务数”登记差额"
            if found.gone
            else ""
        )
        says = f"这一行还没有登记到底账（{line}）；请用“登记变动”登记{changed}"
        yield block.problem("adjustment-new", (row, columns["调整数"]), says)


def _change(year: int, each: Adjustment, was: Number | None, value: Number) -> TargetChange:
    month = f"{year}-{each.month:02d}"
    return TargetChange(month, each.district, each.indicator, was, value, each.document, "")


def adjustment_texts(config: Config, fresh: Sequence[Adjustment]) -> Iterator[str]:
    """What adjustments would change beside those of ``config``, as it will be told once they are made."""
    for each, was, value in _running(config, (*config.adjustments, *fresh)):
        if any(each is one for one in fresh):
            yield change_text(_change(config.settings.year, each, was, value), config)


def change_text(change: TargetChange, config: Config) -> str:
    """One change for people."""
    names = _names(config)
    document = f"（{change.document}）" if change.document else "（没有写依据）"
    return (
        f"从 {change.month} 起 {names.get(change.district, change.district)} "
        f"{names.get(change.indicator, change.indicator)}：{_amount(change.was)} → "
        f"{_amount(change.value)}{document}"
    )


def _gone(
    known: Counter[tuple[object, ...]], config: Config, host: BlockReader
) -> Iterator[Problem]:
    names = _names(config)
    for month, district, indicator, amount, document in known.elements():
        what = (
            f"{month} {names.get(str(district), district)} {names.get(str(indicator), indicator)}"
        )
        why = f"依据“{document}”" if document else "依据空着"
        says = (
            f"登记过的一行不见了（{what}，调整数 {amount}，{why}）；"
            "请照原样填回这一行；确要取消的，填回以后再登记一行相反的调整数"
        )
        try:
            block = host.block(ADJUSTMENTS_BLOCK)
        except Outdated:
            yield make("adjustment-gone", f"{ADJUSTMENTS_SHEET}：{says}", found=what)
            continue
        # Where it can be put back: the first row that is free.
        row = min(_free_rows(block), default=block.area[2])
        yield block.problem("adjustment-gone", (row, block.area[1]), says)._replace(found=what)


def _key(change: TargetChange) -> tuple[object, ...]:
    amount = round_noise(change.value - (change.was or 0))
    return change.month, change.district, change.indicator, amount, change.document


def _running(
    config: Config, rows: Iterable[Adjustment]
) -> Iterator[tuple[Adjustment, Number | None, Number]]:
    """Each adjustment with the target before and after it, by month and then as they stand."""
    now: dict[tuple[str, str], Number] = dict(config.targets)
    for each in sorted(rows, key=lambda row: row.month):
        pair = each.district, each.indicator
        was = now.get(pair)
        now[pair] = round_noise((was or 0) + each.amount)
        yield each, was, now[pair]


def register(
    ledger: Ledger, config: Config, host: Host, who: str, at: str, note: str = ""
) -> Registered:
    """Record what is new in 任务调整 and fill in its other columns. Call while writing."""
    found = new_adjustments(ledger, host, config)
    add_target_changes(ledger, (change._replace(note=note) for change in found.changes))
    host.apply([_filled_in(host, config, who, at)])
    return found


def _filled_in(host: Host, config: Config, who: str, at: str) -> Change:
    """年初任务 and 调整后 of every row, and who registered the new ones when."""
    block = host.block(ADJUSTMENTS_BLOCK)
    columns = find_columns(block, ADJUSTMENT_HEADINGS)
    rows = adjustment_rows(host, config, [])
    after: Mapping[int, Number] = {
        id(each): value for each, _, value in _running(config, rows.values())
    }
    values: dict[tuple[int, int], Value] = {}
    for row, each in rows.items():
        values[row, columns["年初任务"]] = config.targets.get((each.district, each.indicator))
        values[row, columns["调整后"]] = after[id(each)]
        if not each.at:
            values[row, columns["登记时间"]] = at
            values[row, columns["经办人"]] = each.who or who
    return Change(block.sheet, values, {})


def place_adjustments(host: Host, config: Config, adjustments: Iterable[Adjustment]) -> Change:
    """The adjustments in the first free rows of 任务调整, of which there must be enough."""
    block = host.block(ADJUSTMENTS_BLOCK)
    columns = find_columns(block, ADJUSTMENT_HEADINGS)
    names = _names(config)
    values: dict[tuple[int, int], Value] = {}
    for row, each in zip(free_rows(host), adjustments, strict=False):
        facts = (each.month, names[each.district], names[each.indicator], None, each.amount, None)
        words = (each.document, each.who, each.at)
        cells = zip(ADJUSTMENT_HEADINGS, (*facts, *words), strict=True)
        values |= {(row, columns[heading]): value or None for heading, value in cells}
    return Change(block.sheet, values, {})


def free_rows(host: Host) -> list[int]:
    """The rows of 任务调整 that hold nothing, below all that hold something."""
    return _free_rows(host.block(ADJUSTMENTS_BLOCK))


def _free_rows(block: Block) -> list[int]:
    top, _, bottom, _ = block.area
    last = max((row for row, _ in block.cells), default=top)
    return list(range(last + 1, bottom + 1))
