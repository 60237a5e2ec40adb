"""Problems found while a task table is read, each at its cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from xl_addin.formats.grid import Doubt, Grid, Halves
from xl_addin.model.problems import make, place
from xl_addin.model.records import ERROR, WARNING, Problem
from xl_addin.tasktable.choices import option_places
from xl_addin.xlsx.a1 import Area, Where, area_name, cell_name, column_letters, position


class Findings:
    """A growing list of problems on ``sheet``.

    ``turned``: what is read has its rows and columns exchanged; places are told as the sheet has them.
    """

    def __init__(self, grid: Grid | None = None, *, turned: bool = False) -> None:
        self.turned = turned
        # How what is said names the options that settle it.
        self.says: Callable[[str], str] = str
        self._found: dict[Problem, None] = {}
        self.sheet = ""
        self.origin: Mapping[int, tuple[int, int]] = MappingProxyType({})
        self.halves: Halves | None = None
        # Whether the rows are those of several tables, so that a row's number alone does not tell it.
        self._joined = False
        if grid is not None:
            self.turn_to(grid)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found, each once, as it was found."""
        return tuple(self._found)

    def take_over(self, others: Findings) -> None:
        """Have found what another list has, and nothing else."""
        self._found = dict(others._found)

    def add_all(self, others: Findings) -> None:
        """Have found what another list has as well."""
        self._found |= others._found

    def turn_to(self, grid: Grid) -> None:
        """What is found from now on stands on this sheet, or in this table of a document."""
        self.sheet, self.origin, self.halves = grid.sheet, grid.origin, grid.halves
        self._joined = len({table for table, _ in grid.origin.values()}) > 1

    def beside(self) -> Findings:
        """An empty list for the same sheet."""
        other = Findings(turned=self.turned)
        other.sheet, other.origin, other.halves = self.sheet, self.origin, self.halves
        other._joined, other.says = self._joined, self.says
        return other

    def add_doubts(self, doubts: Iterable[Doubt], *, settled: bool) -> None:
        """What the format's reader could not vouch for; ``settled``: somebody said which table is meant."""
        for doubt in doubts:
            if not (settled and doubt.settles):
                tell = self.refuse if doubt.refuses else self.warn
                tell(doubt.code, doubt.at, doubt.found, doubt.says)

    def refuse(self, code: str, at: Where | str, found: str, says: str) -> None:
        """What stands in the way of reading the table."""
        self._add(code, ERROR, at, found, says)

    def warn(self, code: str, at: Where | str, found: str, says: str) -> None:
        """What was read, or left out, and should be looked at."""
        self._add(code, WARNING, at, found, says)

    def gather(self, codes: Iterable[str], most: int) -> None:
        """Of more than ``most`` warnings of one code in one column only the first, which says how many."""
        groups: dict[tuple[str, str], list[Problem]] = {}
        for problem in self._found:
            if problem.code in codes:
                groups.setdefault((problem.code, self._line_of(problem.cell)), []).append(problem)
        for (_, line), alike in groups.items():
            if len(alike) > most:
                says = f"{alike[0].message}；{line}这样的一共有 {len(alike)} 格"
                more = set(alike[1:])
                found = [p for p in self._found if p not in more]
                self._found = dict.fromkeys(
                    p._replace(message=says) if p == alike[0] else p for p in found
                )

    def _line_of(self, cell: str) -> str:
        """The column of a cell as people say it; of a turned table its row."""
        row, column = option_places(cell)
        if self.turned:
            return f"第 {row} 行"
        return f"第 {column.removeprefix('列')} 列" if self.origin else f"{column} 列"

    def sort_problems(self) -> list[Problem]:
        """Errors first, then by place."""
        return sorted(self._found, key=_order)

    def cell_name(self, at: Where) -> str:
        """Where a cell stands on the sheet: ``C5``; in a document, whose tables have no addresses: ``表2 行5 列3``."""
        row, column = at[::-1] if self.turned else at
        _, there, column = self.halves.there(row, column) if self.halves else (0, row, column)
        if not self.origin:
            return cell_name(there, column)
        if row not in self.origin:
            return f"{self.sheet} 上面"
        table, inside = self.origin[row]
        return f"表{table} 行{inside} 列{column}"

    def area_name(self, area: Area) -> str:
        """Where an area stands on the sheet: ``C5:D5``."""
        top, left, bottom, right = area
        if self.origin:
            first, last = self.cell_name((top, left)), self.cell_name((bottom, right))
            return f"{first} 到 {last.removeprefix(first.partition(' ')[0]).strip()}"
        if self.turned:
            left, top, right, bottom = area
        if self.halves:
            (_, top, left), (_, bottom, right) = (
                self.halves.there(top, left),
                self.halves.there(bottom, right),
            )
        return area_name((top, left, bottom, right))

    def column_name(self, column: int) -> str:
        """A column as people say it: ``C 列``; of a turned table it is a row of the sheet: ``第 3 行``."""
        return self._row_there(column) if self.turned else self._column_there(column)

    def row_name(self, row: int) -> str:
        """A row as people say it: ``第 3 行``; of a turned table it is a column of the sheet."""
        return self._column_there(row) if self.turned else self._row_there(row)

    def _row_there(self, row: int) -> str:
        part, there, _ = self.halves.there(row, 1) if self.halves else (0, row, 1)
        beside = f"第 {part + 1} 栏" if part else ""
        if not self.origin:
            return f"{beside}第 {there} 行"
        if row not in self.origin:
            return f"{self.sheet} 上面"
        table, inside = self.origin[row]
        return f"表{table} 第 {inside} 行" if self._joined else f"{beside}第 {inside} 行"

    def _column_there(self, column: int) -> str:
        starts = self.halves.starts if self.halves else (0,)
        columns = [column + start - starts[0] for start in starts]
        names = "、".join(map(str if self.origin else column_letters, columns))
        return f"第 {names} 列" if self.origin else f"{names} 列"

    def column_option(self, verb: str, column: int) -> str:
        """The option that settles what a column is: ``--keep-column C``; ``verb`` is keep or skip."""
        return (
            f"--{verb}-row {self._row_option(column)}"
            if self.turned
            else f"--{verb}-column {self._column_option(column)}"
        )

    def columns_option(self, verb: str, columns: Sequence[int]) -> str:
        """The option for several columns at once: ``--skip-column B,D``."""
        first, *more = (self.column_option(verb, column) for column in columns)
        return ",".join([first, *(each.rpartition(" ")[2] for each in more)])

    def measure_option(self, columns: Sequence[int], label: str) -> str:
        """The option that says how the numbers of columns go together: ``--measure F=累计数``."""
        name = self._row_option if self.turned else self._column_option
        return f"--measure {','.join(map(name, columns))}={label}"

    def row_option(self, verb: str, row: int) -> str:
        """The option that settles what a row is: ``--keep-row 5``; ``verb`` is keep, skip or total."""
        if self.turned:
            return f"--{verb.replace('total', 'skip')}-column {self._column_option(row)}"
        return f"--{verb}-row {self._row_option(row)}"

    def rows_option(self, verb: str, rows: Sequence[int]) -> str:
        """The option for several rows at once: ``--keep-row 5-8`` where they follow each other."""
        last, run = rows[-1], list(range(rows[0], rows[-1] + 1)) == list(rows)
        first, *more = (self.row_option(verb, row) for row in rows)
        if run and more and self._row_option(last).isdecimal():
            return f"{first}-{self._row_option(last)}"
        return ",".join([first, *(each.rpartition(" ")[2] for each in more)])

    def _row_option(self, row: int) -> str:
        if self.halves:
            _, there, column = self.halves.there(row, self.halves.starts[0])
            inside = self.origin.get(row, (0, there))[1]
            return f"行{inside}列{column}" if self.origin else cell_name(there, column)
        table, inside = self.origin.get(row, (0, row))
        return f"表{table}行{inside}" if self._joined else str(inside)

    def _column_option(self, column: int) -> str:
        return f"列{column}" if self.origin else column_letters(column)

    def _add(self, code: str, severity: str, at: Where | str, found: str, says: str) -> None:
        cell = at if isinstance(at, str) else self.cell_name(at)
        problem = make(
            code,
            f"{place(self.sheet, cell)}：{self.says(says)}",
            self.sheet,
            cell,
            found,
            severity=severity,
        )
        self._found.setdefault(problem)


def _order(problem: Problem) -> tuple[bool, str, tuple[int, ...]]:
    return problem.severity != ERROR, problem.sheet, _place_of(problem.cell)


def _place_of(cell: str) -> tuple[int, ...]:
    numbers = re.findall(r"\d+", cell) if cell.startswith("表") else ()
    if numbers:
        return tuple(map(int, numbers))
    return position(cell) if cell else (0, 0)
