"""One line of 体检: what was looked at, what was found, whether it is well, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from xl_addin.system.errors import in_chinese
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

OK, NOTE, FAULT, UNKNOWN = "ok", "warning", "error", "skipped"
STATES = (FAULT, NOTE, UNKNOWN, OK)
"""The gravest first."""
STATE_LABELS = {OK: "正常", NOTE: "注意", FAULT: "错误", UNKNOWN: "没有检查"}


_SHOWN = 5


class Check(NamedTuple):
    """``state`` is ok, warning, error, or skipped: could not be looked at here, and why.

    ``subject`` and ``found`` are Chinese; ``message`` says what it means and what to do, and is empty
    where all is well.
    """

    code: str
    state: str
    subject: str
    found: str
    message: str = ""

    def as_json(self) -> dict[str, Any]:
        """The check as the object that ``--json`` prints."""
        return self._asdict()

    @property
    def line(self) -> str:
        """The check as one line for people."""
        told = "；".join(part for part in (self.found, self.message) if part)
        return f"【{STATE_LABELS[self.state]}】{self.subject}：{told}"


def run_checks(subject: str, look: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """Run the checks of one kind.

    An OSError becomes one Check in state UNKNOWN and ends only this kind.
    """
    try:
        yield from look()
    except OSError as error:
        where = f"{error.filename or ''} 读不了（{in_chinese(error)}）"
        says = "请关闭正在使用它的程序，检查权限和网络，再做一次体检"
        yield Check("unreadable", UNKNOWN, subject, where, says)


def list_some(things: Iterable[object]) -> str:
    """The first few of them in a line, and how many there are."""
    names = [str(thing) for thing in things]
    more = f" 等 {len(names)} 个" if len(names) > _SHOWN else ""
    return "、".join(names[:_SHOWN]) + more
