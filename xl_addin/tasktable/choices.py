"""What staff settled where a task table can be read in two ways; each is named as the sheet has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from xl_addin.formats.grid import Grid
from xl_addin.model.records import MEASURE_LABELS
from xl_addin.system.errors import Misused
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import MAX_COLUMN, MAX_ROW, column_letters, column_number, position

CHOICE_OPTIONS = (
    "sheet", "skip-column", "keep-column", "skip-row", "keep-row", "total-row", "measure", "units-across",
)  # fmt: skip
_MOST = 1000
_IN_TABLE = 2 * MAX_ROW
"""A row of a document's table is numbered by this much for each table before it and its own."""
_TABLES = 10_000
"""A row that is named by a cell of it is numbered as in a table behind all others, one for each column."""


class Choices(NamedTuple):
    """Rows and columns by their numbers on the sheet; ``sheet`` is empty where nobody chose one.

    ``kept_columns`` are indicators and ``kept_rows`` districts though they look like something else;
    ``units_across``: the districts stand in the header, one a column. ``column_measures`` says how an
    indicator's numbers go together, and ``row_measures`` the same where the indicators stand in rows.
    """

    sheet: str = ""
    skipped_columns: frozenset[int] = frozenset()
    kept_columns: frozenset[int] = frozenset()
    skipped_rows: frozenset[int] = frozenset()
    kept_rows: frozenset[int] = frozenset()
    total_rows: frozenset[int] = frozenset()
    units_across: bool = False
    column_measures: Mapping[int, str] = MappingProxyType({})
    row_measures: Mapping[int, str] = MappingProxyType({})

    def on(self, grid: Grid) -> Choices:
        """The same by the rows and columns of a grid, which may be others than people count."""
        halves = grid.halves

        held = sorted({row for row, _ in grid.cells}) if grid.origin or halves else []

        def rows(chosen: Iterable[int]) -> frozenset[int]:
            return frozenset(at for row in chosen for at in _rows_called(grid, held, row))

        def columns(chosen: Iterable[int]) -> frozenset[int]:
            return frozenset(halves.here(halves.top, c)[1] if halves else c for c in chosen)

        return self._replace(
            skipped_columns=columns(self.skipped_columns),
            kept_columns=columns(self.kept_columns),
            skipped_rows=rows(self.skipped_rows),
            kept_rows=rows(self.kept_rows),
            total_rows=rows(self.total_rows),
            column_measures={
                at: measure for c, measure in self.column_measures.items() for at in columns([c])
            },
            row_measures={
                at: measure for row, measure in self.row_measures.items() for at in rows([row])
            },
        )

    def turned(self) -> Choices:
        """The same for the table with its rows and columns exchanged; no row of totals is a district then."""
        return Choices(
            self.sheet,
            self.skipped_rows | self.total_rows,
            self.kept_rows,
            self.skipped_columns,
            self.kept_columns,
            column_measures=self.row_measures,
        )


NO_CHOICES = Choices()


def _rows_called(grid: Grid, held: Sequence[int], number: int) -> Iterable[int]:
    """The rows of a grid that an option means; one beside others is named by a cell of it.

    ``held`` are the rows that hold anything, where they are others than people count.
    """
    lead, row = divmod(number, _IN_TABLE)
    table, column = (lead, 0) if lead <= _TABLES else (0, lead - _TABLES)
    halves, origin = grid.halves, grid.origin
    if not (origin or halves):
        return () if table else (row,)
    table = table or next(iter(origin.values()), (0, 0))[0]
    found = []
    for at in held:
        _, there, first = halves.there(at, halves.starts[0]) if halves else (0, at, 0)
        beside = halves and column and column not in range(first, first + halves.width)
        if not beside and origin.get(at, (table, there)) == (table, row):
            found.append(at)
    return found


def read_choices(options: Mapping[str, str]) -> Choices:
    """What the options of ``new`` settle. Raises Misused for what is no row or column."""
    return Choices(
        options.get("sheet", ""),
        _columns(options, "skip-column"),
        _columns(options, "keep-column"),
        _rows(options, "skip-row"),
        _rows(options, "keep-row"),
        _rows(options, "total-row"),
        "units-across" in options,
        *_measures(options),
    )


def describe_choices(options: Mapping[str, str]) -> str:
    """What was settled, as it was typed, for the journal; empty where nothing was."""
    names = ("sheet", "skip-column", "keep-column", "skip-row", "keep-row", "total-row")
    said = [f"--{name} {options[name]}" for name in names if options.get(name)]
    said += [f"--measure {each}" for each in options.get("measure", "").splitlines()]
    return " ".join([*said, *(["--units-across"] if "units-across" in options else [])])


def _measures(options: Mapping[str, str]) -> tuple[Mapping[int, str], Mapping[int, str]]:
    """What ``--measure F=累计数`` says of columns, and of the rows of a table with its units across."""
    columns: dict[int, str] = {}
    rows: dict[int, str] = {}
    text = options.get("measure", "")
    for part in filter(None, re.split(r"[;；\s]+", text)):
        places, _, label = part.replace("＝", "=").rpartition("=")
        measure = next((key for key, name in MEASURE_LABELS.items() if name == label), "")
        if not (places and measure):
            raise Misused(
                f"用法不对：--measure 要填列号=口径，例如 F=累计数 或 E,G=比率，口径是"
                f"{'、'.join(MEASURE_LABELS.values())}，现在是“{part}”"
            )
        one = {"measure": places}
        if re.match(r"(?:表\d+行)?\d|[A-Za-z]+\d|行", places, re.ASCII):
            rows |= dict.fromkeys(_rows(one, "measure"), measure)
        else:
            columns |= dict.fromkeys(_columns(one, "measure"), measure)
    return columns, rows


def _columns(options: Mapping[str, str], name: str) -> frozenset[int]:
    return _numbers(
        options,
        name,
        r"[A-Za-z]{1,3}|列\d{1,3}",
        lambda said: int(said[1:]) if said.startswith("列") else column_number(said),
        MAX_COLUMN,
        "列号，例如 E 或 E,G，Word 文档的表写列5",
    )


def _rows(options: Mapping[str, str], name: str) -> frozenset[int]:
    return _numbers(
        options,
        name,
        r"(?:表\d{1,4}行)?\d{1,7}|[A-Za-z]{1,3}\d{1,7}|行\d{1,7}列\d{1,3}",
        _row,
        (_TABLES + MAX_COLUMN + 1) * _IN_TABLE,
        "行号，例如 5 或 5,9-12，左右两栏写一格，例如 D5，Word 文档的表写表2行5",
    )


def _row(said: str) -> int:
    if cell := re.fullmatch(r"([A-Za-z]+)(\d+)|行(\d+)列(\d+)", said, re.ASCII):
        column = column_number(cell[1]) if cell[1] else int(cell[4])
        inside = int(cell[2] or cell[3])
        return (_TABLES + column) * _IN_TABLE + inside if 0 < inside <= MAX_ROW else 0
    table, _, row = said.removeprefix("表").rpartition("行")
    return int(table or 0) * _IN_TABLE + int(row) if 0 < int(row) <= MAX_ROW else 0


def _numbers(
    options: Mapping[str, str],
    name: str,
    form: str,
    number: Callable[[str], int],
    most: int,
    expected: str,
) -> frozenset[int]:
    text = options.get(name, "")
    found: set[int] = set()
    for part in filter(None, re.split(r"[,，、;；\s]+", text)):
        match = re.fullmatch(rf"({form})(?:[-:—~]({form}))?", part, re.ASCII)
        first, last = (number(match[1]), number(match[2] or match[1])) if match else (0, 0)
        if not 0 < first <= last <= most or last - first > _MOST:
            raise Misused(f"用法不对：--{name} 要填{expected}，现在是“{text}”")
        found.update(range(first, last + 1))
    return frozenset(found)


def option_places(cell: str) -> tuple[str, str]:
    """Row and column of a problem's cell as the options name them."""
    told = re.fullmatch(r"(表\d+) (行\d+) 列(\d+)", cell)
    if told:
        return told[1] + told[2], f"列{told[3]}"
    row, column = position(cell)
    return str(row), column_letters(column)
