"""OLE files ([MS-CFB]) by olefile, which follows whatever a hostile header says: bounded first."""

from __future__ import annotations

import io
from struct import error, unpack_from

from xl_addin.formats.sniff import kind_inside
from xl_addin.model.filetypes import BY_KIND, CANNOT_READ, WORKBOOK
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_SECTOR_SHIFTS = (9, 12)  # [MS-CFB] 2.2
_TABLES_IN_HEADER = 109


def open_ole(data: bytes) -> Any:
    """An ``OleFileIO`` whose directory is read. Raises Unreadable."""
    from olefile import OleFileIO

    if not _is_bounded(data):
        raise Unreadable("damaged", CANNOT_READ)
    try:
        return OleFileIO(io.BytesIO(data))
    except Exception as problem:  # whatever a hostile file makes of it
        raise Unreadable("damaged", CANNOT_READ) from problem


def root_entries(ole: Any) -> list[str]:
    """What stands in the root; an object inside a workbook has its streams in a storage of its own."""
    return [entry.name for entry in ole.root.kids]


def may_be_workbook(data: bytes) -> bool:
    """Whether an OLE file is a workbook, locked or not, or too damaged to tell; never raises."""
    try:
        kind = kind_inside(root_entries(open_ole(data)))
    except Unreadable:
        return True
    return BY_KIND[kind].group == WORKBOOK


def _is_bounded(data: bytes) -> bool:
    """Whether the header asks for no more tables than the file has sectors to be told of.

    olefile reads as many as it is told, and copies all it has read for each.
    """
    try:
        (shift,) = unpack_from("<H", data, 30)
        (tables,) = unpack_from("<L", data, 44)
    except error:
        return False
    if shift not in _SECTOR_SHIFTS:
        return False
    told_by_one = (1 << shift) // 4
    return bool(tables <= (len(data) >> shift) // told_by_one + _TABLES_IN_HEADER)
