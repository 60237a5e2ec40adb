"""Exceptions, only for "cannot go on": what is wrong in somebody's data is a ``Problem``."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.records import Problem


class Refused(Exception):
    """A verb will not act; the message (Chinese) says where, what was found and what to do next.

    ``problems`` lists every reason when there is more than one.
    """

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = tuple(problems)


class Misused(Refused):
    """The command line or a button was used in a way that has no meaning."""


class Unreadable(Exception):
    """These bytes are not a workbook that can be read; the message (Chinese) is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
