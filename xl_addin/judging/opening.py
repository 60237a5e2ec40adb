"""What came back, opened as a workbook whatever its format: by content and not by extension."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.form.read import AnyWorkbook
from xl_addin.model.filetypes import ZIP_START, refuse_beside
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.cells import Region, Sheet
from xl_addin.xlsx.package import unpack
from xl_addin.xlsx.workbook import Workbook

if TYPE_CHECKING:
    from xl_addin.formats.grid import Grid


def open_workbook(data: bytes, file: str, passwords: Sequence[str] = ()) -> AnyWorkbook:
    """The workbook in these bytes. Raises Unreadable, with code "foreign" or "scan" when it is none."""
    if beside := refuse_beside(file.rpartition("/")[2], data):
        raise Unreadable("foreign", beside)
    if not data:
        raise Unreadable("damaged", "文件是空的，请让对方重新发送")
    if data.startswith(ZIP_START):
        parts = unpack(data)
        if "xl/workbook.xml" in parts:
            return Workbook(parts, strikes=True)
    from xl_addin.formats.open import workbook_or_grids

    book = workbook_or_grids(data, passwords)
    return book if isinstance(book, Workbook) else _GridWorkbook(_by_own_name(book))


def _by_own_name(grids: Sequence[Grid]) -> dict[str, Grid]:
    """The sheets by their names; of several that share one each later one is numbered.

    Programs that open such a file show one of them and hide or rename the others: none may pass unseen.
    """
    found: dict[str, Grid] = {}
    for grid in grids:
        name, number = grid.sheet, 1
        while name in found:
            number += 1
            name = f"{grid.sheet}（同名的第 {number} 张）"
        found[name] = grid
    return found


class _GridWorkbook:
    """A workbook of another format: cells only, which is where an identity survives everything."""

    names: Mapping[str, str] = {}
    properties = ""
    has_macros = False

    def __init__(self, grids: Mapping[str, Grid]) -> None:
        self._grids = grids
        self.sheet_names = tuple(grids)

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
            grid.format_codes,
        )

    def comments(self, name: str) -> Mapping[tuple[int, int], str]:
        return self._grids[name].comments
