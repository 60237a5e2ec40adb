"""Calls of Excel's members that go to it together: one to another process instead of hundreds.

A macro of the master's own, ``Carry`` in macros/XlAddin.bas, goes through a list of them inside Excel. Where
it does not answer (an older master's macros, or none) each call is made by itself: the same list and the
same answers, only the way is longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from xl_addin.master.host.excelapp import engine_errors, translate_refusals
from xl_addin.master.host.patience import Busy, Gone
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

    import xlwings

_SHEET, _METHOD, _GET, _LET = 0, 1, 2, 4  # VbCallType, and a sheet of the workbook by its name
_PLAIN, _HELD, _TABLE = range(3)
_FEW = 3
"""So many calls are sooner made by themselves than put together."""
_SAMPLE = (0, False, "字" * 300, "", 0.1, 1 << 30, True)
"""What is sent there and back, before anything is left to the macro."""


class Held(int):
    """What a step gives, by its number: later steps are made on it, or are given it."""


BOOK = Held(0)


class Step(NamedTuple):
    """A call of a member; ``where`` names the place in what is said when Excel refuses it."""

    on: Held
    kind: int
    member: str
    given: tuple[Any, ...]
    told: bool
    where: str


class Steps(list[Step]):
    """Calls put together, each with what it needs of those before it."""

    def __init__(self, where: str = "主表") -> None:
        super().__init__()
        self.where = where

    def get(self, on: Held, member: str, *given: object) -> Held:
        """An object or a value for later steps."""
        return self._add(on, _GET, member, given, told=False)

    def ask(self, on: Held, member: str, *given: object) -> Held:
        """A value that is wanted."""
        return self._add(on, _GET, member, given, told=True)

    def let(self, on: Held, member: str, value: object) -> Held:
        """Give a property a value; rows of values are a list of lists."""
        return self._add(on, _LET, member, (value,), told=False)

    def do(self, on: Held, member: str, *given: object, told: bool = False) -> Held:
        """Call a method."""
        return self._add(on, _METHOD, member, given, told=told)

    def sheet(self, name: str) -> Held:
        """A sheet of the workbook; what follows is said to be there."""
        self.where = name
        return self._add(BOOK, _SHEET, name, (), told=False)

    def _add(
        self, on: Held, kind: int, member: str, given: tuple[object, ...], *, told: bool
    ) -> Held:
        self.append(Step(on, kind, member, given, told, self.where))
        return Held(len(self))


class Answers(dict[Held, "Any"]):
    """The values that were wanted; ``failed`` is what Excel said to steps that it refused."""

    def __init__(self) -> None:
        super().__init__()
        self.failed: dict[Held, Exception] = {}

    def did(self, step: Held) -> bool:
        """Whether a step was made; without ``go_on`` none is after one that failed."""
        return step < min(self.failed, default=step + 1)

    def raise_failed(self, steps: Steps) -> None:
        """Raise Refused, with the place, where Excel refused a step."""
        for step, problem in self.failed.items():
            with translate_refusals(steps[step - 1].where):
                raise problem


class Carrier:
    """The way to Excel for the calls of one workbook."""

    def __init__(self, book: xlwings.Book, sheet: Callable[[str], Any]) -> None:
        """``sheet`` gives a sheet by its name."""
        self._book, self._sheet = book, sheet

    def carry(self, steps: Steps, *, go_on: bool = False) -> Answers:
        """Make the calls in their order, until Excel refuses one; with ``go_on`` the others after it, too.

        Raises Busy or Gone.
        """
        if not any(step.told or step.kind not in (_SHEET, _GET) for step in steps):
            return Answers()
        carries = len(steps) > _FEW and self.carries
        return self._by_macro(steps, go_on) if carries else self._one_by_one(steps, go_on)

    def carried(self, steps: Steps) -> Answers:
        """The same. Raises Refused, with the place, where Excel refuses one."""
        answers = self.carry(steps)
        answers.raise_failed(steps)
        return answers

    @cached_property
    def carries(self) -> bool:
        """Whether the macro gives back what it was given."""
        refusals: tuple[type[Exception], ...] = (TypeError, AttributeError, *engine_errors())
        try:
            return tuple(self._run(_SAMPLE)) == _SAMPLE
        except refusals:
            return False

    @cached_property
    def _application(self) -> Any:
        return self._book.app.api

    @cached_property
    def _macro(self) -> str:
        name = str(self._book.name).replace("'", "''")
        return f"'{name}'!XlAddin.Carry"

    def _run(self, given: Sequence[object]) -> Any:
        return self._application.Run(self._macro, given)

    def _by_macro(self, steps: Steps, go_on: bool) -> Answers:
        with translate_refusals(steps[0].where):
            found = self._run((len(steps), go_on, *_written(steps)))
        answers, refused = Answers(), _refusal()
        for number, step in enumerate(steps, 1):
            error, value = found[2 * number - 2 : 2 * number]
            if error:
                answers.failed[Held(number)] = refused(str(value))
                if not go_on:
                    break
            elif step.told:
                answers[Held(number)] = value
        return answers

    def _one_by_one(self, steps: Steps, go_on: bool) -> Answers:
        answers, held = Answers(), [self._book.api]
        refusals: tuple[type[Exception], ...] = (Refused, AttributeError, *engine_errors())
        for number, (on, kind, member, given, told, _) in enumerate(steps, 1):
            plain = [held[each] if isinstance(each, Held) else each for each in given]
            value = None
            try:
                if kind == _LET:
                    setattr(held[on], member, *plain)
                elif kind == _SHEET:
                    value = self._sheet(member)
                else:
                    value = getattr(held[on], member)
                    value = value(*plain) if plain or kind == _METHOD else value
            except (Busy, Gone):
                raise
            except refusals as problem:
                answers.failed[Held(number)] = problem
                if not go_on:
                    break
            held.append(value)
            if told and Held(number) not in answers.failed:
                answers[Held(number)] = value
        return answers


def _refusal() -> type[Exception]:
    import xlwings

    kind: type[Exception] = xlwings.XlwingsError
    return kind


def _written(steps: Steps) -> Iterator[object]:
    """The steps in a row, for arrays within arrays do not all come through."""
    for on, kind, member, given, told, _ in steps:
        yield from (int(on), kind, member, told, len(given))
        for each in given:
            if isinstance(each, Held):
                yield from (_HELD, int(each))
            elif isinstance(each, list):
                yield from (_TABLE, len(each), len(each[0]))
                yield from (value for line in each for value in line)
            else:
                yield from (_PLAIN, each)
