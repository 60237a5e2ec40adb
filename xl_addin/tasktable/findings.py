"""Problems found while a task table is read, each at its cell."""

from __future__ import annotations

from xl_addin.model.problems import make, place
from xl_addin.model.records import ERROR, WARNING, Problem
from xl_addin.xlsx.a1 import Area, Where, area_name, cell_name, column_letters, position


class Findings:
    """A growing list of problems on ``sheet``.

    ``turned``: what is read has its rows and columns exchanged; places are told as the sheet has them.
    """

    def __init__(self, sheet: str, *, turned: bool = False) -> None:
        self.sheet = sheet
        self.turned = turned
        self.problems: list[Problem] = []

    def refuse(self, code: str, at: Where | str, found: str, says: str) -> None:
        """What stands in the way of reading the table."""
        self._add(code, ERROR, at, found, says)

    def warn(self, code: str, at: Where | str, found: str, says: str) -> None:
        """What was read, or left out, and should be looked at."""
        self._add(code, WARNING, at, found, says)

    def sort_problems(self) -> list[Problem]:
        """Errors first, then by place."""
        return sorted(self.problems, key=_order)

    def cell_name(self, at: Where) -> str:
        """Where a cell stands on the sheet: ``C5``."""
        return cell_name(*at[::-1]) if self.turned else cell_name(*at)

    def area_name(self, area: Area) -> str:
        """Where an area stands on the sheet: ``C5:D5``."""
        top, left, bottom, right = area
        return area_name((left, top, right, bottom) if self.turned else area)

    def column_name(self, column: int) -> str:
        """A column as people say it: ``C 列``; of a turned table it is a row of the sheet: ``第 3 行``."""
        return f"第 {column} 行" if self.turned else f"{column_letters(column)} 列"

    def row_name(self, row: int) -> str:
        """A row as people say it: ``第 3 行``; of a turned table it is a column of the sheet."""
        return f"{column_letters(row)} 列" if self.turned else f"第 {row} 行"

    def column_option(self, verb: str, column: int) -> str:
        """The option that settles what a column is: ``--keep-column C``; ``verb`` is keep or skip."""
        return (
            f"--{verb}-row {column}" if self.turned else f"--{verb}-column {column_letters(column)}"
        )

    def row_option(self, verb: str, row: int) -> str:
        """The option that settles what a row is: ``--keep-row 5``; ``verb`` is keep, skip or total."""
        if self.turned:
            return f"--{verb.replace('total', 'skip')}-column {column_letters(row)}"
        return f"--{verb}-row {row}"

    def _add(self, code: str, severity: str, at: Where | str, found: str, says: str) -> None:
        cell = at if isinstance(at, str) else self.cell_name(at)
        problem = make(
            code, f"{place(self.sheet, cell)}：{says}", self.sheet, cell, found, severity=severity
        )
        if problem not in self.problems:
            self.problems.append(problem)


def _order(problem: Problem) -> tuple[bool, str, tuple[int, int]]:
    place = position(problem.cell) if problem.cell else (0, 0)
    return problem.severity != ERROR, problem.sheet, place
