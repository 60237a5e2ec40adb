"""Staff's master while it is given something from the new one that is laid out in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from xl_addin.master.migrate.counterpart import Counterpart, Pair
from xl_addin.master.migrate.sheet_rules import Relocation, translate_formulas
from xl_addin.system.light import pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.booksheets import FILTER_NAME, names_of, set_name, tab_names
from xl_addin.xlsx.elements import with_prefix
from xl_addin.xlsx.offsets import CellOffsets, find_offsets
from xl_addin.xlsx.package import Part
from xl_addin.xlsx.parts import Relationship, part_text, put_part, relationships_of, remove_part
from xl_addin.xlsx.stylesheet import StyleMerge
from xl_addin.xlsx.workbook import Workbook

PRINT_AREA = "_xlnm.Print_Area"
_FILTER = pattern(rb"""(<(?:\w+:)?autoFilter\b[^>]*?\bref=["'])([^"']*)""")


class Canvas:
    """Both workbooks, where what stands in which, and what came of it so far.

    ``changed`` are the cells that hold something new, by sheet; ``formulas`` says that there are new
    formulas, which have no value yet, ``taken_out`` that cells lost theirs. ``titles`` are what the
    sheets that are added are called.
    """

    def __init__(
        self, new: dict[str, Part], theirs: dict[str, Part], titles: Mapping[str, str]
    ) -> None:
        self.parts, self.new_parts = dict(theirs), new
        self.new, self.book = Workbook(new, own=True), Workbook(self.parts, own=True)
        self.main = self.book.main_part
        self._styles_part = linked_part(self.book, "styles")
        self.styles = StyleMerge(
            self.new.part(linked_part(self.new, "styles")), self.book.part(self._styles_part)
        )
        self.counterpart = Counterpart(self.new, self.book, titles)
        self.changed: dict[str, set[Where]] = {}
        self.formulas = self.taken_out = False
        self._prefixes: dict[str, str] = {}

    def finish(self) -> dict[str, Part]:
        """Staff's parts with everything that was done."""
        put_part(self.parts, self._styles_part, self.styles.data)
        # It lists every formula cell, and Excel mends a workbook in which one of them is gone. Excel
        # makes it anew.
        chain = next((e for e in relationships_of(self.parts, self.main) if _is_chain(e)), None)
        if self.taken_out and chain is not None and chain.target in self.parts:
            remove_part(self.parts, self.main, chain.target)
        return self.parts

    def reread(self) -> None:
        """Look at staff's parts anew after one was changed."""
        self.book = Workbook(self.parts, own=True)

    def sheet(self, name: str) -> bytes:
        """A sheet of staff's, as XML."""
        return self.book.part(self.book.sheet_part(name))

    def new_sheet(self, name: str) -> bytes:
        """A sheet of the new master, as XML."""
        return self.new.part(self.new.sheet_part(name))

    def prefix(self, sheet: str) -> str:
        """What the elements of a sheet of staff's begin with, such as ``x:``; mostly nothing."""
        if sheet not in self._prefixes:
            self._prefixes[sheet] = find_offsets(self.sheet(sheet)).prefix
        return self._prefixes[sheet]

    def write(self, sheet: str, data: bytes, cells: Iterable[Where] = ()) -> None:
        """Put a sheet of staff's back, in which ``cells`` hold something new."""
        put_part(self.parts, self.book.sheet_part(sheet), data)
        self.changed.setdefault(sheet, set()).update(cells)
        self.reread()

    def relocation(
        self, name: str, cells: Mapping[Where, Where] = MappingProxyType({})
    ) -> Relocation:
        """How formulas and rules of a sheet of the new master read in staff's."""
        return Relocation(name, cells, self.counterpart.place, self.styles.rule)

    def occupied_cells(self, sheet: str) -> set[Where]:
        """The cells of a sheet that hold something or are merged."""
        found = self.book.sheet(sheet)
        merged = (where for area in found.merged for where in a1.cells_in(area))
        return {*found.cells, *merged}

    def spot(self, pair: Pair, spot: CellOffsets) -> CellOffsets:
        """How a cell of the new master looks and calculates in staff's."""
        style = str(self.styles.cell(int(spot.style or 0)))
        formula = spot.formula
        if formula:
            self.formulas = True
            text = translate_formulas(formula.decode(), self.relocation(pair.new.sheet))
            formula = with_prefix(text, self.prefix(pair.theirs.sheet)).encode()
        return CellOffsets(0, 0, style, formula)

    def grow(self, pair: Pair, area: a1.Area) -> None:
        """Have the block's name, its filter and the print area reach as far as it does now."""
        before, sheet = pair.theirs.area, pair.theirs.sheet
        set_name(self.parts, self.main, pair.theirs.name, reference_to(sheet, area))
        self.counterpart.pairs[pair.theirs.name] = pair._replace(
            theirs=pair.theirs._replace(area=area)
        )
        data = self.sheet(sheet)
        filtered = _FILTER.search(data)
        if filtered is not None and a1.area(filtered[2].decode()) == before:
            reference = a1.area_name(area).encode()
            data = data[: filtered.start(2)] + reference + data[filtered.end(2) :]
            self.write(sheet, data)
            self._grow_name(sheet, FILTER_NAME, lambda said: area if said == before else said)

        def grown(said: a1.Area) -> a1.Area:
            # A narrow table's print area is as wide as its title, which is wider than the table.
            bottom, right = (
                max(said[end], area[end]) if said[end] >= before[end] else said[end]
                for end in (2, 3)
            )
            return said[0], said[1], bottom, right

        self._grow_name(sheet, PRINT_AREA, grown)
        self.reread()

    def _grow_name(self, sheet: str, name: str, grown: Callable[[a1.Area], a1.Area]) -> None:
        """Have a name that belongs to a sheet mean another area; nothing where it is not one area."""
        book = part_text(self.parts, self.main)
        place = tab_names(book).index(sheet)
        try:
            _, said = a1.split_reference(names_of(book, place).get(name, ""))
        except ValueError:
            return
        if grown(said) != said:
            set_name(self.parts, self.main, name, reference_to(sheet, grown(said)), place)


def _is_chain(relation: Relationship) -> bool:
    return relation.type.endswith("/calcChain")


def reference_to(sheet: str, area: a1.Area) -> str:
    """An area as a defined name says it."""
    return f"{a1.quote_sheet_name(sheet)}!{a1.absolute_reference(area)}"


def linked_part(book: Workbook, kind: str) -> str:
    """The part of a kind that the workbook itself has, such as its styles."""
    return next(target for role, target in book.links(book.main_part).values() if role == kind)
