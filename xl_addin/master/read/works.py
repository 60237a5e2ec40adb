"""重点工作台账: the items that districts report on, as staff list them. An older master has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from xl_addin.master.read.blocks import key_text
from xl_addin.master.read.registers import ListRows, reported_months
from xl_addin.model.addresses import SEPARATORS
from xl_addin.model.calendar import read_day
from xl_addin.model.names import fold
from xl_addin.model.records import Problem
from xl_addin.model.settings import Config
from xl_addin.model.sheets import WORK_HEADINGS, WORKS_BLOCK
from xl_addin.model.work_items import (
    FREQUENCY_LABELS,
    MONTHLY,
    MOST_ITEMS,
    ONCE,
    QUARTERLY,
    WorkItem,
)
from xl_addin.system.errors import Outdated
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.cells import DATE, NUM
from xl_addin.xlsx.values import date_text

if TYPE_CHECKING:
    from xl_addin.master.host.base import BlockReader

_NUMBER, _TITLE, _OWNERS, _TERM, _OFTEN, _LINKED = (
    "编号",
    "重点工作",
    "责任单位",
    "完成时限",
    "报送",
    "对应指标",
)
_EVERYBODY = frozenset(map(fold, ("全部", "全体", "各区县", "各区县残联", "全部区县", "所有区县")))
_FREQUENCIES = {
    **{fold(label): frequency for frequency, label in FREQUENCY_LABELS.items()},
    **dict.fromkeys(("每月", "月报", "按月"), MONTHLY),
    **dict.fromkeys(("每季", "季报", "按季", "季度", "每季度"), QUARTERLY),
    **dict.fromkeys(("1次", "一次性"), ONCE),
}
_EARLIEST = 36_526  # 2000-01-01 as sheets count days: a smaller number was not meant as one
_LONGEST_NUMBER = 20


def read_works(host: BlockReader, config: Config, problems: list[Problem]) -> tuple[WorkItem, ...]:
    """The items in their listed order; what is wrong goes to ``problems``."""
    try:
        block = host.block(WORKS_BLOCK)
    except Outdated:
        return ()
    if not any(row > block.area[0] for row, _ in block.cells):
        return ()
    rows = ListRows(block, WORK_HEADINGS, problems)
    typed = {rows.columns[heading] for heading in WORK_HEADINGS}
    typed_rows = {row for row, column in block.cells if column in typed}
    # What was counted beside an item that is gone makes no row.
    rows.block = block._replace(
        cells={at: cell for at, cell in block.cells.items() if at[0] in typed_rows}
    )
    districts = _codes((d.code, (d.code, d.name, *d.aliases)) for d in config.districts)
    indicators = _codes(
        (item.code, (item.code, item.short, item.label, item.path[-1]))
        for item in config.indicators
    )
    found = list(_items(rows, config.settings.year, districts, indicators))
    if len(found) > MOST_ITEMS:
        says = f"有 {len(found)} 项，填报表的“重点工作”页最多放 {MOST_ITEMS} 项；请减少"
        problems.append(block.problem("too-many-works", block.area[:2], says))
    return tuple(found)


def _codes(named: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """Codes by every folded name; a name that two share is left out."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for code, names in named:
        for name in {fold(name) for name in names if name}:
            if found.setdefault(name, code) != code:
                shared.add(name)
    return {name: code for name, code in found.items() if name not in shared}


def _items(
    rows: ListRows, year: int, districts: Mapping[str, str], indicators: Mapping[str, str]
) -> Iterator[WorkItem]:
    for number in rows.codes(_NUMBER):
        title = rows.text(_TITLE)
        if not title:
            rows.report("name-missing", _TITLE, f"编号“{number}”没有写是哪一项重点工作；请填上")
        if len(number) > _LONGEST_NUMBER:
            says = f"编号有 {len(number)} 个字，太长；请改成 {_LONGEST_NUMBER} 个字以内"
            rows.report("name-too-long", _NUMBER, says)
        yield WorkItem(
            number,
            title,
            rows.text("目标要求"),
            rows.text("牵头"),
            _owners(rows, districts),
            _term(rows, year),
            _frequency(rows),
            _linked(rows, indicators),
            *reported_months(rows),
        )


def _owners(rows: ListRows, districts: Mapping[str, str]) -> tuple[str, ...]:
    """The districts that an item concerns; none where all are meant."""
    parts = [part.strip() for part in SEPARATORS.split(rows.text(_OWNERS)) if part.strip()]
    if not parts or any(fold(part) in _EVERYBODY for part in parts):
        return ()
    unknown = [part for part in parts if fold(part) not in districts]
    if unknown:
        names = "”“".join(unknown)
        says = (
            f"“{names}”不在“区县名录”里；请写名录里的名称或别名，几个之间用“、”隔开，全部区县就留空"
        )
        rows.report("bad-owners", _OWNERS, says)
    return tuple(dict.fromkeys(districts[fold(part)] for part in parts if fold(part) in districts))


def _term(rows: ListRows, year: int) -> str:
    cell = rows.cell(_TERM)
    if cell is None or not key_text(cell):
        return ""
    is_day = cell.kind == DATE or (
        cell.kind == NUM and isinstance(cell.value, int | float) and cell.value >= _EARLIEST
    )
    day = date_text(cell.value) if is_day else read_day(key_text(cell), year)
    if not day:
        says = f"完成时限现在是“{key_text(cell)}”，看不出是哪一天；请填日期，例如 {year}-09-30"
        rows.report("bad-term", _TERM, says, f"{year}-09-30")
    return day


def _frequency(rows: ListRows) -> str:
    text = rows.text(_OFTEN)
    if text and fold(text) not in _FREQUENCIES:
        allowed = "、".join(FREQUENCY_LABELS.values())
        says = f"报送现在是“{text}”，只能填：{allowed}；请改正"
        rows.report("bad-frequency", _OFTEN, says, allowed)
    return _FREQUENCIES.get(fold(text), MONTHLY)


def _linked(rows: ListRows, indicators: Mapping[str, str]) -> tuple[str, ...]:
    parts = [part.strip() for part in SEPARATORS.split(rows.text(_LINKED)) if part.strip()]
    for part in parts:
        if fold(part) not in indicators:
            says = f"“{part}”不在“指标”里；请填指标的代码或简称，没有对应的指标就留空"
            rows.report("bad-work-indicator", _LINKED, says)
    return tuple(dict.fromkeys(indicators[fold(p)] for p in parts if fold(p) in indicators))
