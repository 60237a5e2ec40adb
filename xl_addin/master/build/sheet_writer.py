"""A sheet of the master while it is laid out: cells, merges, names, lists to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from xl_addin.master.build.formulas import Positions
from xl_addin.master.build.styles import Formats, set_up_page
from xl_addin.model.settings import NOTHING_CARRIED, Carried, Config
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.textsize import row_height

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

Typed = Mapping[Where, Value]
Computed = Mapping[Where, tuple[str, Value]]
TOP = 4  # the heading row of a list: title, note and an empty row stand above


class Column(NamedTuple):
    """One column of a list: heading, width and the look of its cells."""

    heading: str
    width: float
    look: str


class MasterPlan(NamedTuple):
    """What a master is laid out from.

    ``places`` is where the builder puts everything; ``typed`` and ``computed`` are by sheet the
    values of plain cells, and of formula cells their formula and value. ``carried`` is what last
    year's master had besides.
    """

    config: Config
    positions: Positions
    typed: Mapping[str, Typed]
    computed: Mapping[str, Computed]
    carried: Carried = NOTHING_CARRIED


class SheetWriter(NamedTuple):
    """A sheet being laid out. Rows and columns count from 1 here."""

    book: Workbook
    sheet: Worksheet
    name: str
    formats: Formats

    def write(self, row: int, column: int, value: object, look: str) -> None:
        """One cell; None leaves it empty and formatted; text is never taken for anything else."""
        at, formatted = (row - 1, column - 1), self.formats[look]
        if value is None or value == "":
            self.sheet.write_blank(*at, None, formatted)
        elif isinstance(value, str):
            self.sheet.write_string(*at, value, formatted)
        else:
            self.sheet.write_number(*at, value, formatted)

    def formula(self, row: int, column: int, text: str, value: object, look: str) -> None:
        """A formula cell with the value that it comes to."""
        self.sheet.write_formula(row - 1, column - 1, text, self.formats[look], value)

    def write_rich(self, row: int, column: int, pieces: Sequence[object], look: str) -> None:
        """A text whose pieces look differently: formats, each before the text that it is of."""
        self.sheet.write_rich_string(row - 1, column - 1, *pieces, self.formats[look])

    def merge(self, area: a1.Area, value: str | None, look: str) -> None:
        """A merged area, or the one cell where the area is one."""
        top, left, bottom, right = area
        if (top, left) == (bottom, right):
            self.write(top, left, value, look)
        else:
            self.sheet.merge_range(
                top - 1, left - 1, bottom - 1, right - 1, value, self.formats[look]
            )

    def name_area(self, name: str, area: a1.Area) -> None:
        """Give a block its defined name."""
        # Quoted always: XlsxWriter refuses Chinese sheet names without.
        self.book.define_name(name, f"='{self.name}'!{a1.absolute_reference(area)}")

    def write_header(self, title: str, note: str, columns: Sequence[Column]) -> None:
        """Title, note, column widths and the heading row of a list."""
        for number, column in enumerate(columns):
            self.sheet.set_column(number, number, column.width)
            self.write(TOP, number + 1, column.heading, "head")
        right = len(columns)
        self.merge((1, 1, 1, right), title, "title")
        self.merge((2, 1, 2, right), note, "note")
        self.sheet.set_row(0, 32)
        self.sheet.set_row(1, row_height([(note, sum(c.width for c in columns) * 1.05)], 14))
        self.sheet.set_row(2, 6)
        self.sheet.set_row(TOP - 1, 24)

    def rows(self, columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> a1.Area:
        """The rows of a list and the area of its block."""
        for row, values in enumerate(rows, TOP + 1):
            texts = [(str(v or ""), c.width) for v, c in zip(values, columns, strict=True)]
            self.sheet.set_row(row - 1, row_height(texts))
            for number, value in enumerate(values):
                self.write(row, number + 1, value, columns[number].look)
        return TOP, 1, TOP + len(rows), len(columns)

    def finish(
        self, block: str, area: a1.Area, freeze: int = 2, *, printed: bool = True, room: int = 0
    ) -> None:
        """Block name, frozen heading row and page set-up of a list that has room for so many rows."""
        top, left, bottom, right = area
        self.name_area(block, (top, left, max(bottom, top + room), right))
        self.sheet.freeze_panes(area[0], freeze)
        codes = a1.area_name((area[0], 1, area[2], 1))
        self.sheet.ignore_errors({"number_stored_as_text": codes})
        whole = a1.area_name((1, 1, area[2], area[3])) if printed else ""
        set_up_page(self.sheet, whole, (area[0], area[0]))

    def choose(self, area: a1.Area, words: Sequence[str]) -> None:
        """A list to choose from."""
        self.sheet.data_validation(
            a1.area_name(area),
            {
                "validate": "list",
                "source": list(words),
                "error_title": "填得不对",
                "error_message": f"只能填：{'、'.join(words)}",
            },
        )

    def suggest(self, area: a1.Area, words: Sequence[str], otherwise: str) -> None:
        """A list to choose from that lets other words in after a question, ``otherwise`` in Chinese."""
        self.sheet.data_validation(
            a1.area_name(area),
            {
                "validate": "list",
                "source": list(words),
                "error_type": "information",
                "error_title": "不在列表里",
                "error_message": otherwise,
            },
        )


class ValueWriter(SheetWriter):
    """Writes what a formula comes to in its place: for sheets that stand alone."""

    def formula(self, row: int, column: int, text: str, value: object, look: str) -> None:  # noqa: ARG002
        """The value only."""
        self.write(row, column, value, look)


Builder = Callable[[SheetWriter, MasterPlan], None]
"""Lays out one sheet. A module in this folder says in ``BUILDERS`` which sheets it lays out."""
