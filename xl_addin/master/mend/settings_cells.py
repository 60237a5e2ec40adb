"""Shared settings written into a master: only the cells that differ, new rows where the lists have room."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from xl_addin.master.host.base import Change, Filling, Host
from xl_addin.master.mend.gaps import LISTS as LENGTHENED
from xl_addin.master.mend.gaps import leftover_cells
from xl_addin.master.mend.lists import NewRow, add_rows
from xl_addin.master.mend.mend import mend, plan_steps
from xl_addin.master.read.blocks import Block, locate_matrix
from xl_addin.master.settings_body import (
    KEY_JOIN,
    LIST_OF,
    MATRICES,
    MENDED,
    CellKey,
    Cells,
    Content,
    Orders,
    SharedList,
    content,
    heading_columns,
    is_formula,
    list_rows,
    read_body,
    shared_block,
    typed_value,
    usual_value,
)
from xl_addin.model.settings import Config
from xl_addin.model.sheets import DISTRICTS_BLOCK, INDICATORS_BLOCK, PUBLISHED_KEY
from xl_addin.system.errors import Refused
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import NO_VALUE, Cell, Value

_MOST_NAMED = 5
_PLAIN = Cell(NO_VALUE, None)


def bring(host: Host, wanted: Cells, orders: Orders, config: Callable[[], Config]) -> list[str]:
    """Have a master say what is wanted, as far as it has room for it; nothing is saved.

    ``config`` reads 区县名录 and 指标 anew: every sheet gets the rows and columns of what is new in them, and
    those of what is gone are emptied. The sheets on which something was.
    Refused where a cell could not be made to say it, or a list is full.
    """
    now = read_body(host)
    keys = now.cells.keys() | wanted.keys()
    changed = {k for k in keys if now.cells.get(k) != wanted.get(k) and now.has_room(k)}
    emptied = _empty_leftovers(host, {key[:2] for key in now.cells} - {key[:2] for key in wanted})
    _add_rows(host, changed, now.cells, wanted, orders)
    _write(host, (key for key in changed if key[0] not in MENDED), wanted)
    for block in sorted(orders.keys() & now.orders.keys()):
        if LIST_OF[block].ordered:
            _put_in_order(host, LIST_OF[block], orders[block])
    if any(key[0] in (DISTRICTS_BLOCK, INDICATORS_BLOCK) for key in changed):
        listed = config()
        if plan_steps(host, listed):
            mend(host, listed)
    _write(host, (key for key in changed if key[0] in MENDED), wanted)
    _refuse_what_stayed(host, changed, wanted)
    return emptied


def _empty_leftovers(host: Host, removed: Collection[tuple[str, str]]) -> list[str]:
    """Rows and columns of what is on no list any more are emptied: a file cannot have them taken out."""
    sheets: dict[str, None] = {}
    for block, cells in leftover_cells(host, removed):
        # One formula may stand for many cells: it is left, and shows nothing of what is gone.
        shared = any(cell.formula == "" for cell in block.cells.values())
        touched = {at for at in cells if not shared or block.cells[at].formula is None}
        host.fill([Filling(block.sheet, dict.fromkeys(sorted(touched)), {})])
        sheets[block.sheet] = None
    return list(sheets)


def cell_place(host: Host, key: CellKey) -> tuple[str, Where] | None:
    """The sheet and the place of a shared cell, of its row's first cell for a row; None where it is not there."""
    block = shared_block(host, key[0])
    where = _places(block, [key]).get(key) if block else None
    return (block.sheet, where) if block and where else None


def _places(block: Block, keys: Iterable[CellKey]) -> dict[CellKey, Where]:
    if block.name in MATRICES:
        matrix, _ = locate_matrix(block)
        rows = {**matrix.rows, PUBLISHED_KEY: matrix.published_row}
        columns: Mapping[str, int] = matrix.columns
    else:
        shared = LIST_OF[block.name]
        columns = heading_columns(block, shared)
        rows = list_rows(block, shared, columns)
        columns = {**columns, "": columns[shared.keys[0]]}
    return {
        key: (rows[key[1]], columns[key[2]])
        for key in keys
        if rows.get(key[1]) and key[2] in columns
    }


def _by_block(keys: Iterable[CellKey]) -> dict[str, list[CellKey]]:
    found: dict[str, list[CellKey]] = {}
    for key in sorted(keys):
        found.setdefault(key[0], []).append(key)
    return found


def _write(host: Host, keys: Iterable[CellKey], wanted: Cells) -> None:
    for name, mine in _by_block(keys).items():
        block = shared_block(host, name)
        if block is None:
            continue
        plain: dict[Where, Value] = {}
        over: dict[Where, Value] = {}
        formulas: dict[Where, str] = {}
        for key, where in _places(block, mine).items():
            value = wanted.get(key, usual_value(key))
            there = block.cells.get(where)
            if content(there, key[2]) == value:
                continue
            if is_formula(value):
                formulas[where] = str(value)
            elif there is not None and there.formula is not None:
                over[where] = typed_value(value)
            else:
                plain[where] = typed_value(value)
        if plain:
            host.apply([Change(block.sheet, plain, {})])
        if any(cell.formula == "" for cell in host.block(name).cells.values()):
            _refuse_shared_formulas(block, wanted, mine, {*over, *formulas})
        if over or formulas:
            host.fill([Filling(block.sheet, over, formulas)])


def _refuse_shared_formulas(
    block: Block, wanted: Cells, keys: Iterable[CellKey], touched: Collection[Where]
) -> None:
    """Where formulas share a text, the one that has it cannot be taken away from the others."""
    for key, where in _places(block, keys).items():
        if where in touched and block.cells.get(where, _PLAIN).formula is not None:
            raise Refused(
                f"{block.at(where)}：这一格是公式，别人改成了“{_shown(wanted.get(key))}”；"
                "它和旁边的格子共用一个公式，程序不改，请手工改成这样，再点一次"
            )


def _add_rows(
    host: Host, changed: Iterable[CellKey], now: Cells, wanted: Cells, orders: Orders
) -> None:
    """New rows with their keys; the cells beside these are written as all others are."""
    there = {key[:2] for key in now}
    order = {row: at for keys in orders.values() for at, row in enumerate(keys)}
    new = sorted(
        {key[:2] for key in changed if key[:2] not in there and key in wanted},
        key=lambda row: (row[0], order.get(row[1], 0), row[1]),
    )
    rows: list[NewRow] = []
    for name in dict.fromkeys(block for block, _ in new):
        shared = LIST_OF.get(name)
        block = shared_block(host, name)
        if shared is None or shared.fixed or name in MENDED or block is None:
            continue
        keys = [key for block_name, key in new if block_name == name]
        told = [_key_values(shared, name, key, wanted) for key in keys]
        if name in LENGTHENED:
            places = list_rows(block, shared, heading_columns(block, shared))
            rows += [
                NewRow(name, values, _after(key, orders.get(name, ()), places))
                for key, values in zip(keys, told, strict=True)
            ]
        else:
            _fill_blank_rows(host, block, shared, told)
    if rows:
        add_rows(host, rows)


def _key_values(shared: SharedList, name: str, key: str, wanted: Cells) -> dict[str, Value]:
    """What makes a row the one of this key, by heading; 区县 and 指标 have their names with it."""
    headings = dict.fromkeys((*shared.keys, *(shared.columns[:2] if shared.follows else ())))
    plain, _, number = key.rpartition("#")
    said = plain if plain and number.isdecimal() else key
    parts = dict(zip(shared.keys, said.split(KEY_JOIN), strict=False))
    found = {each: wanted.get((name, key, each), parts.get(each)) for each in headings}
    return {each: typed_value(value) for each, value in found.items() if not is_formula(value)}


def _after(key: str, order: tuple[str, ...], places: Mapping[str, int]) -> int:
    """The row that a new one goes below, 0 for the last."""
    before = order[: order.index(key)] if key in order else ()
    row = next((places[each] for each in reversed(before) if each in places), 0)
    return 0 if row == max(places.values(), default=0) else row


def _fill_blank_rows(
    host: Host, block: Block, shared: SharedList, rows: list[dict[str, Value]]
) -> None:
    top, _, bottom, _ = block.area
    last = max((row for row, _ in block.cells), default=top)
    held = {row for row, _ in block.cells}
    blank = [*range(last + 1, bottom + 1), *(r for r in range(top + 1, last) if r not in held)]
    if len(blank) < len(rows):
        raise Refused(
            f"{block.sheet}：空行不够，放不下别人新加的 {len(rows)} 行；"
            f"请在第 {bottom} 行上面插入 {len(rows)} 行，再点一次"
        )
    columns = heading_columns(block, shared)
    values = {
        (row, columns[heading]): value
        for row, told in zip(blank, rows, strict=False)
        for heading, value in told.items()
        if heading in columns
    }
    host.apply([Change(block.sheet, values, {})])


def _put_in_order(host: Host, shared: SharedList, order: tuple[str, ...]) -> None:
    """The rows of a list in this order, each whole; what is not named stays behind those that are."""
    block = shared_block(host, shared.block)
    if block is None:
        return
    rows = list_rows(block, shared, heading_columns(block, shared))
    keys = [key for key in order if key in rows]
    keys += [key for key in rows if key not in keys]
    if keys == [*rows]:
        return
    _, left, _, right = block.area
    numbers = sorted(rows.values())
    moving = {a: rows[key] for a, key in zip(numbers, keys, strict=True) if rows[key] != a}
    cells = host.cells(block.sheet, (numbers[0], 1, numbers[-1], a1.MAX_COLUMN))
    for (row, column), cell in sorted(cells.items()):
        if row in moving and (cell.formula is not None or not left <= column <= right):
            raise Refused(
                f"{block.at((row, column))}：别人把“{block.sheet}”的行排成了 {'、'.join(keys)}，这一格"
                f"{'是公式' if cell.formula is not None else '在表外'}，程序不替您移动；"
                "请照这个次序移动各行，再点一次"
            )
    headed = {column: heading for heading, column in heading_columns(block, shared).items()}
    values = {
        (to, column): typed_value(content(cells.get((row, column)), headed.get(column, "")))
        for to, row in moving.items()
        for column in range(left, right + 1)
        if (to, column) in cells or (row, column) in cells
    }
    host.apply([Change(block.sheet, values, {})])


def _refuse_what_stayed(host: Host, changed: Iterable[CellKey], wanted: Cells) -> None:
    after = read_body(host).cells
    stayed = [key for key in sorted(changed) if after.get(key) != wanted.get(key)]
    if stayed:
        named = "；".join(
            f"{_place_words(host, key)}没有改成“{_shown(wanted.get(key))}”"
            for key in stayed[:_MOST_NAMED]
        )
        more = f"……共 {len(stayed)} 处" if len(stayed) > _MOST_NAMED else ""
        raise Refused(
            f"别人改过的设置有几处写不进这张主表：{named}{more}；请手工改成这样，再点一次"
        )


def _place_words(host: Host, key: CellKey) -> str:
    found = cell_place(host, key)
    return f"{found[0]}!{a1.cell_name(*found[1])}" if found else "“{1}”的“{2}”".format(*key)


def _shown(value: Content | None) -> str:
    return "空" if value is None else str(typed_value(value))
