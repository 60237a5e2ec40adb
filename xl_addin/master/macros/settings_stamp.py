"""By which version of the shared settings a master goes, as it was last brought into agreement.

It stands in columns G:H of the very hidden sheet that binds the master, for the reason that the layout's
number does (``binding.LAYOUT_ROW``): it goes wherever a copy of the workbook goes.
"""

from __future__ import annotations

from xl_addin.master.host.base import Change, Host
from xl_addin.master.macros.binding import ADVICE
from xl_addin.master.read.blocks import find_area
from xl_addin.model.sheets import BINDING_BLOCK, STAMP_COLUMN
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.package import pack, unpack
from xl_addin.xlsx.parts import put_part
from xl_addin.xlsx.patch import set_cells
from xl_addin.xlsx.workbook import Workbook

_KEYS = (
    *("XL_ADDIN_PROGRAMME", "XL_ADDIN_MASTER"),
    *("XL_ADDIN_SETTINGS", "XL_ADDIN_SETTINGS_OF", "XL_ADDIN_SETTINGS_HELD"),
    "XL_ADDIN_SETTINGS_ROOM",
)


class Stamp(NamedTuple):
    """``version`` is 0 for a master that was never brought into agreement.

    ``of`` is that version's digest in the ledger, ``held`` that of what this master had room for, ``room``
    what it had room for.
    """

    programme: str = ""
    master: str = ""
    version: int = 0
    of: str = ""
    held: str = ""
    room: str = ""


def read_stamp(host: Host) -> Stamp:
    """What a master carries. Refused where it has not got the sheet for it."""
    found = host.cells(_sheet(host), (1, STAMP_COLUMN, len(_KEYS), STAMP_COLUMN + 1))
    cells = (found.get((row, STAMP_COLUMN + 1)) for row in range(1, len(_KEYS) + 1))
    texts = ["" if cell is None or cell.value is None else str(cell.value) for cell in cells]
    programme, master, version, of, held, room = texts
    return Stamp(programme, master, int(version) if version.isdecimal() else 0, of, held, room)


def stamp_change(host: Host, stamp: Stamp) -> Change:
    """The change that makes a master carry a stamp."""
    return Change(_sheet(host), _cells(stamp), {})


def stamped(data: bytes, stamp: Stamp) -> bytes:
    """A closed master with another stamp."""
    parts = unpack(data)
    book = Workbook(parts, own=True)
    sheet, _ = find_area(book.names, book.sheet_names, BINDING_BLOCK)
    name = book.sheet_part(sheet)
    put_part(parts, name, set_cells(book.part(name), _cells(stamp)))
    return pack(parts.values())


def _cells(stamp: Stamp) -> dict[Where, Value]:
    return {
        (row, STAMP_COLUMN + at): text
        for row, pair in enumerate(zip(_KEYS, map(str, stamp), strict=True), 1)
        for at, text in enumerate(pair)
    }


def _sheet(host: Host) -> str:
    try:
        return host.locate(BINDING_BLOCK)[0]
    except Refused as refusal:
        raise Refused(f"主表里没有按钮和宏，记不下用的是第几版设置；{ADVICE}") from refusal
