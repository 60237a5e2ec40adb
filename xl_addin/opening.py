"""Opening what came back, by content and not by extension."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xl_addin.cells import Region, Sheet, Workbook
from xl_addin.errors import Unreadable
from xl_addin.package import unpack
from xl_addin.reading import Book

if TYPE_CHECKING:
    from xl_addin.grid import Grid

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def open_book(data: bytes, file: str) -> Book:
    """The workbook in these bytes. Raises Unreadable, with code "foreign" when it is none."""
    if not data:
        raise Unreadable("damaged", "文件是空的，请让对方重新发送")
    if file.startswith("~$"):
        raise Unreadable(
            "foreign", "这是 Excel 打开文件时的临时文件，不是填报表；请关闭 Excel 后发送填报表本身"
        )
    if data.startswith(_ZIP):
        parts = unpack(data)
        if "xl/workbook.xml" in parts or "_rels/.rels" in parts:
            return Workbook(parts)
        if "content.xml" not in parts:
            raise Unreadable("foreign", "这是压缩包，不是工作簿；如果里面有填报表，请先解压")
    elif not data.startswith(_OLE):
        raise Unreadable(
            "foreign", "不是 Excel 工作簿；请用市里发的原表填写，保存为 .xlsx 后重新发送"
        )
    from xl_addin.grid import read_grids

    return _Grids({grid.sheet: grid for grid in read_grids(data, file)})


class _Grids:
    """A workbook of another format: cells only, which is where an identity survives everything."""

    names: Mapping[str, str] = {}
    properties = ""

    def __init__(self, grids: Mapping[str, Grid]) -> None:
        self._grids = grids
        self.sheet_names = tuple(grids)
        # The reader of .xls and .xlsb gives results only.
        self.tells_formulas = any(
            cell.formula is not None for grid in grids.values() for cell in grid.cells.values()
        )

    def sheet(self, name: str, region: Region = Region()) -> Sheet:  # noqa: B008 - immutable
        grid = self._grids[name]
        inside = {
            at: cell
            for at, cell in grid.cells.items()
            if at[0] <= region.rows and at[1] <= region.columns
        }
        stray = len(grid.cells) - len(inside)
        return Sheet(
            name,
            "hidden" if grid.hidden else "visible",
            inside,
            grid.merged,
            frozenset(),
            stray,
            grid.looks,
        )
