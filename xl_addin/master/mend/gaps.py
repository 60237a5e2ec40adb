"""What the sheets of a master lack of what 区县名录 and 指标 list, and names that differ.

A list is what decides: every district of 区县名录 has its row, every indicator of 指标 its row or column
on each sheet that shows them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from xl_addin.master.build.styles import short_unit
from xl_addin.master.host.base import Host
from xl_addin.master.read.blocks import Block, find_columns, key_text, locate_matrix
from xl_addin.master.read.matrix import Matrix
from xl_addin.model.names import fold
from xl_addin.model.problems import make
from xl_addin.model.records import District, Indicator, Problem
from xl_addin.model.settings import Config
from xl_addin.model.sheets import (
    ADJUSTMENT_HEADINGS,
    ADJUSTMENTS_BLOCK,
    BARS_BLOCK,
    COMPLETION_BLOCK,
    COUNTED_BLOCK,
    CUMULATIVE_BLOCK,
    DISTRICT_HEADINGS,
    DISTRICTS_BLOCK,
    DISTRICTS_SHEET,
    DUE_BLOCK,
    DUE_GAP_SUFFIX,
    INDICATOR_HEADINGS,
    INDICATORS_BLOCK,
    INDICATORS_SHEET,
    LIGHTS_BLOCK,
    MONTH_BLOCK,
    MONTHLY_BLOCK,
    NAME_KEY,
    OPENINGS_BLOCK,
    PAGE_BLOCK,
    PAGE_MONTHS_BLOCK,
    PAPER_HEADINGS,
    PAPERS_BLOCK,
    PLAN_BLOCK,
    PROGRESS_BLOCK,
    RANKING_BLOCK,
    SCHEDULE_BLOCK,
    STATUS_BLOCK,
    SUMMARY_BLOCK,
    TARGETS_BLOCK,
    TREND_BLOCK,
    VARIANCE_BLOCK,
    YEAR_GAP,
    due_gap_key,
    progress_keys,
)
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where

_LABELS = {"指标": "label", "计量单位": "unit"}


class KeyedTable(NamedTuple):
    """A block with a row for each district (else for each indicator).

    ``across`` says that it has a column for each indicator, ``partners`` that it has a second one further
    right; ``kinds`` are what the headings of either say besides the indicator's own words. ``triple`` says that
    each indicator has the three columns of 进度表 beside one another, ``ordered`` that recompute puts its rows
    in another order, and has room for more: none is missed.
    ``facts`` are the columns of a row that say something of what it is for, with the field.
    """

    name: str
    districts: bool
    across: bool = False
    partners: bool = False
    kinds: tuple[str, str] = ("", "")
    ordered: bool = False
    facts: tuple[tuple[str, str], ...] = ((NAME_KEY, "name"),)
    triple: bool = False


TABLES = (
    *(
        KeyedTable(name, True, across=True)
        for name in (
            TARGETS_BLOCK,
            OPENINGS_BLOCK,
            MONTH_BLOCK,
            CUMULATIVE_BLOCK,
            COMPLETION_BLOCK,
            PLAN_BLOCK,
            DUE_BLOCK,
            COUNTED_BLOCK,
            LIGHTS_BLOCK,
            MONTHLY_BLOCK,
        )
    ),
    KeyedTable(PROGRESS_BLOCK, True, across=True, triple=True),
    KeyedTable(VARIANCE_BLOCK, True, across=True, partners=True, kinds=(YEAR_GAP, DUE_GAP_SUFFIX)),
    KeyedTable(STATUS_BLOCK, True),
    KeyedTable(SUMMARY_BLOCK, False, facts=tuple(_LABELS.items())),
    KeyedTable(TREND_BLOCK, False, facts=tuple(_LABELS.items())),
    KeyedTable(PAGE_BLOCK, False, facts=(*_LABELS.items(), ("简称", "name"))),
    KeyedTable(PAGE_MONTHS_BLOCK, False, facts=tuple(_LABELS.items())),
    KeyedTable(SCHEDULE_BLOCK, False, facts=(("指标", "label"),)),
    KeyedTable(RANKING_BLOCK, True, across=True, ordered=True),
    KeyedTable(BARS_BLOCK, False, facts=(("简称", "name"),)),
)
LISTS = {
    DISTRICTS_BLOCK: DISTRICT_HEADINGS[:2],
    INDICATORS_BLOCK: INDICATOR_HEADINGS[:2],
    ADJUSTMENTS_BLOCK: ADJUSTMENT_HEADINGS[:3],
    PAPERS_BLOCK: PAPER_HEADINGS[:2],
}
"""The lists that staff lengthen, and which of a row's cells must be filled for it to be one."""


class LocatedTable(NamedTuple):
    """A table as it stands: ``rows`` and ``columns`` are keys that it must have, in their order.

    ``cleared`` are the keys that are not there while their row or column is, told by its name: where
    each has to stand.
    """

    table: KeyedTable
    block: Block
    matrix: Matrix
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    partners: tuple[str, ...]
    cleared: dict[str, Where]

    @property
    def lacking_rows(self) -> list[str]:
        """The rows that are not there."""
        known = self.matrix.rows.keys() | self.cleared
        return [key for key in self.rows if key not in known]

    @property
    def lacking_columns(self) -> list[str]:
        """The columns that are not there."""
        wanted = (*self.columns, *self.partners)
        known = self.matrix.columns.keys() | self.cleared
        return [key for key in wanted if key not in known]


def leftover_cells(
    host: Host, removed: Collection[tuple[str, str]]
) -> Iterator[tuple[Block, set[Where]]]:
    """The cells that belong to what the lists have no more, (list, code) each, table by table.

    Headings above a column are not among them: those of a group stand over the first of its columns.
    """
    districts = {code for block, code in removed if block == DISTRICTS_BLOCK}
    codes = [code for block, code in removed if block == INDICATORS_BLOCK]
    across = {key for code in codes for key in (code, due_gap_key(code), *progress_keys(code))}
    for table in TABLES:
        try:
            block = host.block(table.name)
        except Refused:
            continue
        matrix, _ = locate_matrix(block)
        gone = {*districts} if table.districts else {*codes}
        keyed = {matrix.key_column, *matrix.columns.values()}
        lines = {matrix.key_row, matrix.total_row, matrix.published_row, *matrix.rows.values()}
        found = {
            (row, column)
            for key, row in matrix.rows.items()
            if key in gone and not table.ordered
            for column in keyed
        }
        found |= {
            (row, column)
            for key, column in matrix.columns.items()
            if table.across and key in across
            for row in lines
        }
        if found := found & block.cells.keys():
            yield block, found


def blank_after(found: LocatedTable, number: int, *, rows: bool) -> int:
    """How many rows (else columns) of a block hold nothing right behind the one numbered ``number``."""
    top, left, bottom, right = found.block.area
    last = (found.matrix.total_row - 1 if found.matrix.total_row else bottom) if rows else right
    axis = 0 if rows else 1
    filled = {at[axis] for at in found.block.cells if rows or at[0] >= top}
    end = number
    while end < last and end + 1 not in filled and end >= (top if rows else left):
        end += 1
    return end - number


class WrongName(NamedTuple):
    """A cell that does not say what the list says."""

    block: Block
    where: Where
    expected: str


def locate_tables(host: Host, config: Config) -> Iterator[LocatedTable]:
    """Every table that the master has; what an older one lacks as a whole is not missed here."""
    codes = tuple(item.code for item in config.indicators)
    districts = tuple(district.code for district in config.districts)
    for table in TABLES:
        try:
            block = host.block(table.name)
        except Refused:
            continue
        matrix, _ = locate_matrix(block)
        partners = tuple(map(due_gap_key, codes)) if table.partners else ()
        if not any(key in matrix.columns for key in partners):
            partners = ()
        rows, across = (districts if table.districts else codes), (codes if table.across else ())
        if table.triple:
            across = tuple(key for code in codes for key in progress_keys(code))
        rows = () if table.ordered else rows
        found = LocatedTable(table, block, matrix, rows, across, partners, {})
        cleared = dict(_cleared_rows(found, config)) | dict(_cleared_columns(host, found, config))
        yield found._replace(cleared=cleared)


def _cleared_rows(found: LocatedTable, config: Config) -> Iterator[tuple[str, Where]]:
    """Rows without a code that bear the name of what has no row."""
    listed: Sequence[District | Indicator] = (
        config.districts if found.table.districts else config.indicators
    )
    listed = () if found.table.ordered else listed
    heading, field = found.table.facts[0]
    column = found.matrix.columns.get(heading, 0)
    top, left, bottom, _ = found.block.area
    nameless = {
        fold(key_text(found.block.cells.get((row, column)))): row
        for row in range(top + 1, bottom + 1)
        if not key_text(found.block.cells.get((row, left)))
    }
    for item in listed:
        row = nameless.get(fold(str(getattr(item, field))))
        if row and item.code not in found.matrix.rows:
            yield item.code, (row, left)


def _cleared_columns(
    host: Host, found: LocatedTable, config: Config
) -> Iterator[tuple[str, Where]]:
    """Columns without a code under the heading of what has no column."""
    if found.table.triple:
        yield from _cleared_triples(found, config)
        return
    lacking = [i for i in config.indicators if found.columns and i.code not in found.matrix.columns]
    top, left, _, right = found.block.area
    above = host.cells(found.block.sheet, (1, left, max(top - 1, 1), right)) if lacking else {}
    known = {*found.matrix.columns.values(), left}
    said = {(fold(key_text(cell)), at[1]) for at, cell in above.items() if at[1] not in known}
    for item in lacking:
        named = short_unit(item.path[-1], item.unit, found.table.kinds[0])
        wanted = fold(item.name if found.table.ordered else named)
        places = [column for text, column in said if text == wanted]
        if len(places) == 1:
            yield item.code, (top, places[0])


def _cleared_triples(found: LocatedTable, config: Config) -> Iterator[tuple[str, Where]]:
    """Columns without a key beside one that has an indicator's: its three stand beside one another."""
    top, at = found.block.area[0], found.matrix.columns
    keyed = set(at.values())
    for item in config.indicators:
        keys = progress_keys(item.code)
        first = next((at[key] - n for n, key in enumerate(keys) if key in at), 0)
        for column, key in enumerate(keys, first):
            if first and key not in at and column not in keyed:
                yield key, (top, column)


def find_wrong_names(found: LocatedTable, config: Config) -> Iterator[WrongName]:
    """The cells of a table that call a district or an indicator something else than its list does."""
    listed: Sequence[District | Indicator] = (
        config.districts if found.table.districts else config.indicators
    )
    for item in listed:
        row = found.matrix.rows.get(item.code)
        for heading, field in found.table.facts:
            column = found.matrix.columns.get(heading)
            if row is not None and column is not None:
                expected = str(getattr(item, field))
                if fold(key_text(found.block.cells.get((row, column)))) != fold(expected):
                    yield WrongName(found.block, (row, column), expected)


def typed_rows(host: Host, name: str) -> tuple[Block, list[int]]:
    """A list with the rows that somebody typed right below it, and the numbers of these."""
    block = host.block(name)
    top, left, bottom, right = block.area
    columns = find_columns(block, LISTS[name])
    below = host.cells(block.sheet, (bottom + 1, left, min(bottom + 500, a1.MAX_ROW), right))
    rows = []
    for row in range(bottom + 1, bottom + 501):
        if not all(key_text(below.get((row, columns[heading]))) for heading in LISTS[name]):
            break
        rows.append(row)
    cells = {at: cell for at, cell in below.items() if at[0] in rows}
    last = rows[-1] if rows else bottom
    return block._replace(area=(top, left, last, right), cells=block.cells | cells), rows


def find_gaps(host: Host, config: Config) -> Iterator[Problem]:
    """Everything that mending would put right, as problems; nothing where all agree."""
    for name in LISTS:
        try:
            block, rows = typed_rows(host, name)
        except Refused:
            continue
        key = find_columns(block, LISTS[name])[LISTS[name][0]]
        for row in rows:
            says = "这一行写在表的下面，还不算在表里；可以点“登记变动”，把它加进来"
            yield block.problem("row-below-list", (row, key), says)
    for found in locate_tables(host, config):
        yield from _table_gaps(found, config)


def _table_gaps(found: LocatedTable, config: Config) -> Iterator[Problem]:
    block = found.block
    corner = a1.cell_name(*block.area[:2])
    home = DISTRICTS_SHEET if found.table.districts else INDICATORS_SHEET
    # 任务表 is checked when it is read.
    lacking = found.table.name != TARGETS_BLOCK
    for key in found.lacking_rows if lacking else ():
        says = f"{block.sheet}!{corner}：“{home}”里的“{key}”在这张表没有行；可以点“登记变动”补上"
        yield make("row-missing", says, block.sheet, corner, "", key)
    for key in found.lacking_columns if lacking else ():
        says = f"{block.sheet}!{corner}：“{INDICATORS_SHEET}”里的“{key}”在这张表没有列；可以点“登记变动”补上"
        yield make("column-missing", says, block.sheet, corner, "", key)
    for key, where in found.cleared.items() if lacking else ():
        says = f"这里的代码没有了，应当是“{key}”；可以点“登记变动”补上"
        yield block.problem("code-missing", where, says, key)
    for wrong in find_wrong_names(found, config):
        says = f"“{home}”里是“{wrong.expected}”，两处不一样；可以点“登记变动”按“{home}”改过来"
        yield block.problem("name-differs", wrong.where, says, wrong.expected)
