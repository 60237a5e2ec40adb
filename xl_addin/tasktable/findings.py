"""Problems found while a task table is read, each at its cell."""

from __future__ import annotations

from xl_addin.model.problems import make, place
from xl_addin.model.records import ERROR, WARNING, Problem
from xl_addin.xlsx.a1 import cell_name, position


class Findings:
    """A growing list of problems on ``sheet``."""

    def __init__(self, sheet: str) -> None:
        self.sheet = sheet
        self.problems: list[Problem] = []

    def refuse(self, code: str, at: tuple[int, int] | str, found: str, says: str) -> None:
        """What stands in the way of reading the table."""
        self._add(code, ERROR, at, found, says)

    def warn(self, code: str, at: tuple[int, int] | str, found: str, says: str) -> None:
        """What was read, or left out, and should be looked at."""
        self._add(code, WARNING, at, found, says)

    def sort_problems(self) -> list[Problem]:
        """Errors first, then by place."""
        return sorted(self.problems, key=_order)

    def _add(
        self, code: str, severity: str, at: tuple[int, int] | str, found: str, says: str
    ) -> None:
        cell = at if isinstance(at, str) else cell_name(*at)
        problem = make(
            code, f"{place(self.sheet, cell)}：{says}", self.sheet, cell, found, severity=severity
        )
        if problem not in self.problems:
            self.problems.append(problem)


def _order(problem: Problem) -> tuple[bool, str, tuple[int, int]]:
    place = position(problem.cell) if problem.cell else (0, 0)
    return problem.severity != ERROR, problem.sheet, place
