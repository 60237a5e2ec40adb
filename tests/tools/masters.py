"""A small programme's master for tests: every kind of indicator, and hands to change cells with."""

from __future__ import annotations

from functools import cache

from xl_addin.master.build.workbook import build_master
from xl_addin.master.host.file import FileHost
from xl_addin.master.read.blocks import find_columns
from xl_addin.model.records import FLOW, NUMBER, STOCK, District, Indicator, TaskTable
from xl_addin.store.ledger import FigureRow
from xl_addin.xlsx.package import deflate, inflate, pack, unpack
from xl_addin.xlsx.patch import set_cells
from xl_addin.xlsx.workbook import Workbook

DISTRICTS = (
    District("500101", "万州区", ("万州",)),
    District("500233", "忠县", ("忠  县",)),
    District("500240", "石柱土家族自治县", ("石柱县", "石柱")),
    District("5001LJ", "两江新区"),
)
INDICATORS = (
    Indicator("I01", ("实用技术培训",), "人次", goal=1000),
    Indicator("I02", ("托养服务", "2023年任务数"), "人"),
    Indicator("I03", ("托养服务", "其中", "寄宿制"), "人", parent="I02"),
    Indicator("I04", ("在训人数",), "人", STOCK),
    Indicator("I05", ("补贴",), "万元", whole=False),
)
TARGETS = {
    ("500101", "I01"): 300,
    ("500233", "I01"): 120,
    ("500240", "I01"): 0,
    ("5001LJ", "I01"): 60,
    ("500101", "I02"): 1200,
    ("500233", "I02"): 80,
    ("500240", "I02"): 30,
    ("500101", "I03"): 180,
    ("500233", "I03"): 20,
    ("500101", "I04"): 40,
    ("500233", "I04"): 30,
    ("500240", "I04"): 25,
    ("5001LJ", "I04"): 10,
    ("500101", "I05"): 12.5,
    ("500233", "I05"): 3,
}
PUBLISHED = {"I01": 480, "I02": 1310, "I03": 200, "I05": 15.5}
TABLE = TaskTable("2023年任务表", DISTRICTS, INDICATORS, TARGETS, PUBLISHED, "Sheet1", {})
TITLE, YEAR, MONTH = "重点项目", 2023, "2023-06"


@cache
def master() -> bytes:
    return build_master(TABLE, YEAR, TITLE, MONTH)


def edit_master(cells, data=None):
    """A master with cells changed: {sheet: {(row, column): value}}."""
    parts = unpack(data or master())
    book = Workbook(parts)
    for sheet, values in cells.items():
        name = book.sheet_part(sheet)
        parts[name] = deflate(name, set_cells(inflate(parts[name]), values))
    return pack(parts.values())


def rewrite_master(changes, data=None):
    """A master with text replaced in all its XML, as (before, after)."""
    parts = unpack(data or master())
    for name, part in parts.items():
        if name.endswith((".bin", ".png")):
            continue
        text = inflate(part).decode()
        for before, after in changes:
            text = text.replace(before, after)
        parts[name] = deflate(name, text.encode())
    return pack(parts.values())


def host(tmp_path, data=None):
    path = tmp_path / "master.xlsm"
    path.write_bytes(data or master())
    return FileHost(path)


def typed_rows(block, headings, rows):
    """The cells of rows under a block's headings; a row that is shorter leaves the rest empty."""
    at = find_columns(block, headings)
    return {
        (block.area[0] + number, at[heading]): row[n] if n < len(row) else None
        for number, row in enumerate(rows, 1)
        for n, heading in enumerate(headings)
    }


def figure(district, indicator, month, value, measure=FLOW, state=NUMBER):
    return FigureRow(district, indicator, month, measure, state, value)
