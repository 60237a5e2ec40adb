"""What the masters of a shared programme have in common: all that staff set, cell by cell.

A cell is known by its block, the key of its row and its column's heading, never by an address: staff
insert rows and columns as they like. Left out is what is the clerk's own, and what the program writes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from xl_addin.master.read.blocks import Block, find_columns, has_heading, key_text, locate_matrix
from xl_addin.master.read.matrix import quote_sheet
from xl_addin.model.letters import DEFAULTS, LABELS
from xl_addin.model.names import fold
from xl_addin.model.problems import SEVERITY_LABELS
from xl_addin.model.records import Number
from xl_addin.model.rules import RULES
from xl_addin.model.settings import SETTINGS
from xl_addin.model.sheets import (
    ADJUSTMENT_HEADINGS,
    ADJUSTMENTS_BLOCK,
    CORRESPONDENCE_BLOCK,
    CORRESPONDENCE_HEADINGS,
    DISTRICT_HEADINGS,
    DISTRICTS_BLOCK,
    INDICATOR_HEADINGS,
    INDICATORS_BLOCK,
    LAST_YEAR_BLOCK,
    LAST_YEAR_HEADINGS,
    LETTER_HEADINGS,
    LETTERS_BLOCK,
    MANUAL_BLOCK,
    MANUAL_HEADINGS,
    MONTH_HEADINGS,
    OPENINGS_BLOCK,
    PAPER_HEADINGS,
    PAPERS_BLOCK,
    PUBLISHED_KEY,
    RULE_HEADINGS,
    RULES_BLOCK,
    SCHEDULE_BLOCK,
    SCHEDULE_HEADINGS,
    SCHEME_BLOCK,
    SCHEME_HEADINGS,
    SETTING_HEADINGS,
    SETTINGS_BLOCK,
    TARGETS_BLOCK,
    WORK_HEADINGS,
    WORKS_BLOCK,
)
from xl_addin.system.errors import Outdated, Refused
from xl_addin.system.light import TYPE_CHECKING, NamedTuple, pattern
from xl_addin.xlsx.cells import DATE, NUM, Cell, plain_number
from xl_addin.xlsx.values import date_text, plain_text, quote

if TYPE_CHECKING:
    from xl_addin.master.host.base import BlockReader

FORMAT = 1
CellKey = tuple[str, str, str]
"""Block, key of the row, heading of the column; in a matrix district and indicator."""
Content = Number | str
"""A number, a text, or a formula that begins with =; a text that begins with = or ' has a ' before it."""
Cells = Mapping[CellKey, Content]
Orders = Mapping[str, tuple[str, ...]]

_OWN = frozenset(("month", "closing", "passwords", "person", "receive_folder"))
"""Rows of 设置 that are the clerk's own, or that nobody else may see; all of mail's are besides."""


class NewerSettings(Refused):
    """A later version of the program wrote the settings, in a form that is not known here."""


class SharedList(NamedTuple):
    """A list and what of it is shared.

    ``keys`` are the columns by which its rows are known. ``fixed`` are, by the folded text of the key,
    the rows that every master has, each with what a new master says in ``columns``: what is as in a new
    master is not written down. ``ordered`` says that the order of its rows is a setting: where formulas
    stand on the rows (区县名录, 指标) it is not, and a new row comes after the one that it follows.
    """

    block: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    fixed: Mapping[str, tuple[str, tuple[Content | None, ...]]] = MappingProxyType({})
    ordered: bool = False
    follows: bool = False


_SETTING_ROWS = {
    fold(spec.label): (spec.key, (spec.default if spec.default != "" else None,))
    for spec in SETTINGS
    if spec.key not in _OWN
}
_RULE_ROWS = {
    fold(spec.code): (spec.code, (SEVERITY_LABELS[spec.severity], spec.parameter)) for spec in RULES
}
_LETTER_ROWS = {fold(label): (kind, tuple(DEFAULTS[kind])) for kind, label in LABELS.items()}
LISTS = (
    SharedList(SETTINGS_BLOCK, SETTING_HEADINGS[:1], SETTING_HEADINGS[1:2], _SETTING_ROWS),
    SharedList(DISTRICTS_BLOCK, DISTRICT_HEADINGS[:1], DISTRICT_HEADINGS, follows=True),
    SharedList(INDICATORS_BLOCK, INDICATOR_HEADINGS[:1], INDICATOR_HEADINGS, follows=True),
    SharedList(RULES_BLOCK, RULE_HEADINGS[:1], RULE_HEADINGS[2:4], _RULE_ROWS),
    SharedList(LETTERS_BLOCK, LETTER_HEADINGS[:1], LETTER_HEADINGS[1:3], _LETTER_ROWS),
    SharedList(PAPERS_BLOCK, PAPER_HEADINGS[:1], PAPER_HEADINGS[:9], ordered=True),
    SharedList(ADJUSTMENTS_BLOCK, (*ADJUSTMENT_HEADINGS[:3], "依据"), ADJUSTMENT_HEADINGS),
    SharedList(SCHEDULE_BLOCK, SCHEDULE_HEADINGS[:1], MONTH_HEADINGS),
    SharedList(LAST_YEAR_BLOCK, LAST_YEAR_HEADINGS[:2], LAST_YEAR_HEADINGS[2:]),
    SharedList(WORKS_BLOCK, WORK_HEADINGS[:1], WORK_HEADINGS, ordered=True),
    SharedList(CORRESPONDENCE_BLOCK, CORRESPONDENCE_HEADINGS[:1], CORRESPONDENCE_HEADINGS),
    SharedList(SCHEME_BLOCK, SCHEME_HEADINGS[:1], SCHEME_HEADINGS, ordered=True),
    SharedList(MANUAL_BLOCK, MANUAL_HEADINGS[:2], MANUAL_HEADINGS),
)
LIST_OF = {each.block: each for each in LISTS}
MATRICES = (TARGETS_BLOCK, OPENINGS_BLOCK)
MENDED = frozenset((*MATRICES, SCHEDULE_BLOCK))
"""The blocks whose rows and columns follow 区县名录 and 指标."""
KEY_JOIN = "｜"


class Body(NamedTuple):
    """What a master holds of the shared settings.

    ``orders`` are the keys of the rows of lists in their order. ``room`` are the headings that each block
    has, ``rows`` the keys of the fixed rows that are there: what an older master has no room for is
    not removed by it.
    """

    cells: Cells
    orders: Orders
    room: Mapping[str, frozenset[str]] = MappingProxyType({})
    rows: Mapping[str, frozenset[str]] = MappingProxyType({})

    def has_room(self, key: CellKey) -> bool:
        """Whether this master has a place for a cell, if only by a new row."""
        block, row, column = key
        if block not in self.room:
            return False
        if block in MATRICES:
            return True
        return column in self.room[block] and row in self.rows.get(block, (row,))


def room_text(body: Body) -> str:
    """What a master has room for, to be kept in it."""
    said = [
        {name: sorted(each) for name, each in sorted(of.items())} for of in (body.room, body.rows)
    ]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def read_room(text: str) -> Body:
    """The room of a master as it once was; nothing is in it."""
    room, rows = ({name: frozenset(each) for name, each in of.items()} for of in json.loads(text))
    return Body({}, {}, room, rows)


_DAYS = frozenset(("截止", "完成时限"))
"""Headings below which a number is a day: live, blocks that recompute writes to do not tell dates."""
_FIRST_DAY = 36_526  # 2000-01-01


def content(cell: Cell | None, heading: str = "") -> Content | None:
    """What a cell says, the same whichever program saved it last; None for nothing.

    A number keeps the 15 digits that every program keeps, and 5 is another thing than the text 5: 任务表
    adds up the one and not the other. A date is its text, which is read as the same day everywhere,
    while a bare number would be shown as 45473 in another master's plain cell.
    """
    if cell is None:
        return None
    if cell.formula:
        return f"={_spelt(cell.formula)}"
    if cell.kind == DATE:
        return date_text(cell.value)
    if cell.kind == NUM and isinstance(cell.value, int | float):
        if heading in _DAYS and cell.value >= _FIRST_DAY:
            return date_text(cell.value)
        return plain_number(float(f"{cell.value:.15g}")) if cell.value else 0
    text = str(cell.value) if isinstance(cell.value, str) else quote(cell)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return None
    return f"'{text}" if text[0] in "='" else text


def is_formula(value: Content | None) -> bool:
    """Whether a content is a formula."""
    return isinstance(value, str) and value.startswith("=")


def typed_value(value: Content | None) -> Content | None:
    """What is to be typed into a cell so that it says this content, if that is no formula."""
    return value[1:] if isinstance(value, str) and value.startswith("'") else value


_AROUND = pattern(r"\s*([(),;=<>+\-*/&^:{}])\s*")
_QUOTED = pattern(r"'((?:[^']|'')+)'!")


def _spelt(formula: str) -> str:
    """A formula as text, however a program spelt it: blanks around signs, names quoted for nothing."""
    pieces = formula.lstrip("=").split('"')
    for at in range(0, len(pieces), 2):
        plain = _QUOTED.sub(
            lambda m: f"{quote_sheet(m[1].replace(chr(39) * 2, chr(39)))}!", pieces[at]
        )
        pieces[at] = plain if "'" in plain else _AROUND.sub(r"\1", plain)
    return '"'.join(pieces).strip()


def shared_block(host: BlockReader, name: str) -> Block | None:
    """A block with the text of every formula in it; None in an older master that never had it."""
    try:
        block = host.block(name)
    except Outdated:
        return None
    if any(cell.formula == "" for cell in block.cells.values()):
        from xl_addin.master.host.file import FileHost

        if isinstance(host, FileHost):  # live, each cell says its own
            spelt = host.spelt(block.sheet)
            return block._replace(
                cells={at: spelt.get(at, cell) for at, cell in block.cells.items()}
            )
    return block


def read_body(host: BlockReader) -> Body:
    """All shared settings that a master holds. Raises Refused where a block or its heading is gone."""
    cells: dict[CellKey, Content] = {}
    orders: dict[str, tuple[str, ...]] = {}
    room: dict[str, frozenset[str]] = {}
    fixed: dict[str, frozenset[str]] = {}
    for shared in LISTS:
        block = shared_block(host, shared.block)
        if block is None:
            continue
        columns = heading_columns(block, shared)
        rows = list_rows(block, shared, columns)
        room[shared.block] = frozenset(columns) & {*shared.columns}
        if shared.fixed:
            fixed[shared.block] = frozenset(rows)
        if shared.ordered or shared.follows:
            orders[shared.block] = tuple(rows)
        usual = dict(shared.fixed.values())
        for key, row in rows.items():
            for at, heading in enumerate(shared.columns):
                value = (
                    content(block.cells.get((row, columns[heading])), heading)
                    if heading in columns
                    else None
                )
                if value is not None and (key not in usual or not _is_usual(value, usual[key][at])):
                    cells[shared.block, key, heading] = value
    districts = {row for block, row, _ in cells if block == DISTRICTS_BLOCK}
    indicators = {row for block, row, _ in cells if block == INDICATORS_BLOCK}
    for name in MATRICES:
        block = shared_block(host, name)
        if block is None:
            continue
        room[name] = frozenset()
        matrix, _ = locate_matrix(block)
        rows = {key: row for key, row in matrix.rows.items() if key in districts}
        if matrix.published_row:
            rows[PUBLISHED_KEY] = matrix.published_row
        for key, row in rows.items():
            for code in indicators & matrix.columns.keys():
                value = content(block.cells.get((row, matrix.columns[code])))
                if value is not None:
                    cells[name, key, code] = value
    return Body(cells, orders, room, fixed)


def heading_columns(block: Block, shared: SharedList) -> dict[str, int]:
    """The columns of a list that are there. Refused where one is gone that was there from the first."""
    wanted = dict.fromkeys((*shared.keys, *shared.columns))
    return find_columns(block, [each for each in wanted if has_heading(block, each)])


def list_rows(block: Block, shared: SharedList, columns: Mapping[str, int]) -> dict[str, int]:
    """The rows of a list that say something of what is shared, by their keys, in their order.

    A key that stands there again has its number behind it.
    """
    top = block.area[0]
    telling = {columns[heading] for heading in shared.columns if heading in columns}
    telling |= {
        columns[heading] for heading in shared.keys if shared.fixed or heading in shared.columns
    }
    found: dict[str, int] = {}
    for row in sorted({row for row, column in block.cells if row > top and column in telling}):
        parts = [_key_part(block.cells.get((row, columns[heading]))) for heading in shared.keys]
        if shared.fixed:
            known = shared.fixed.get(fold(parts[0]))
            if known and known[0] not in found:
                found[known[0]] = row
            continue
        written = (content(block.cells.get((row, column))) for column in telling)
        if all(value is None for value in written):
            continue
        key, number = KEY_JOIN.join(parts), 1
        while (again := key if number == 1 else f"{key}#{number}") in found:
            number += 1
        found[again] = row
    return found


def _key_part(cell: Cell | None) -> str:
    value = content(cell)
    return plain_text(str(typed_value(value))) if value is not None and cell else key_text(cell)


def _is_usual(value: Content, usual: Content | None) -> bool:
    if isinstance(usual, str) and isinstance(value, str):
        return value.strip() == usual.strip()
    return value == usual and isinstance(value, str) == isinstance(usual, str)


def usual_value(key: CellKey) -> Content | None:
    """What a cell says where nothing is written down: nothing, but in the rows that every master has."""
    block, row, column = key
    shared = LIST_OF.get(block)
    for known, values in shared.fixed.values() if shared else ():
        if known == row:
            return values[shared.columns.index(column)] if shared else None
    return None


def body_text(cells: Cells, orders: Orders) -> str:
    """Settings as canonical JSON."""
    found: dict[str, dict[str, dict[str, Content]]] = {}
    for (block, row, column), value in cells.items():
        found.setdefault(block, {}).setdefault(row, {})[column] = value
    said = {"format": FORMAT, "cells": found, "orders": dict(orders)}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_body_text(text: str) -> tuple[dict[CellKey, Content], dict[str, tuple[str, ...]]]:
    """Cells and orders of a version. NewerSettings where a later version of the program wrote it."""
    said = json.loads(text)
    if said["format"] > FORMAT:
        raise NewerSettings(
            "底账里的设置是更新版本的程序写的，这里的程序不认识，没有改动主表和底账；请先升级 xl-addin"
        )
    cells = {
        (block, row, column): value
        for block, rows in said["cells"].items()
        for row, columns in rows.items()
        for column, value in columns.items()
    }
    return cells, {block: tuple(keys) for block, keys in said["orders"].items()}


def digest(cells: Cells, orders: Orders) -> str:
    """In hex over all that makes two masters' settings the same."""
    heeded = {block: keys for block, keys in orders.items() if LIST_OF[block].ordered and keys}
    return hashlib.sha256(body_text(cells, heeded).encode()).hexdigest()


def rows_of(key: CellKey) -> Sequence[tuple[str, str]]:
    """The rows of lists that a cell goes with: its own, in a matrix those of district and indicator."""
    block, row, column = key
    if block in MATRICES:
        district = [] if row == PUBLISHED_KEY else [(DISTRICTS_BLOCK, row)]
        return [*district, (INDICATORS_BLOCK, column)]
    if block == SCHEDULE_BLOCK:
        return [(INDICATORS_BLOCK, row)]
    return [] if LIST_OF[block].fixed else [(block, row)]
