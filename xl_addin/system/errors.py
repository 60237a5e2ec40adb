"""Exceptions, only for "cannot go on": what is wrong in somebody's data is a ``Problem``.

    Refused           a verb will not act
      Outdated        the master has an older layout than the verb needs
      Misused         the command line or a button was used in a way that has no meaning
    Unreadable        these bytes are not a workbook that can be read

Each edge (mailbox, transports, sandbox) has a few of its own beside its interface; they end in the
module that calls it.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence

from xl_addin.system.light import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from typing import Any


_WORDS = {
    "ENOSPC": "磁盘已满",
    "EDQUOT": "磁盘配额已用完",
    "EROFS": "磁盘是只读的",
    "EACCES": "没有权限，或者正被别的程序打开",
    "EPERM": "没有权限",
    "ENOENT": "文件或文件夹不在了",
    "EIO": "磁盘读写出错",
    "EISDIR": "是文件夹",
    "ENAMETOOLONG": "名字太长",
    "EMFILE": "打开的文件太多",
    "EFBIG": "文件太大",
    "EBUSY": "正被别的程序使用",
    "ETXTBSY": "正被别的程序使用",
    "EAGAIN": "正被别的程序使用",
    "EXDEV": "这块盘不让文件改名",
    "EINVAL": "这块盘不支持这样读写",
    "ENOTSUP": "这块盘不支持这样读写",
    "EOPNOTSUPP": "这块盘不支持这样读写",
    "ENOSYS": "这块盘不支持这样读写",
    "ENOLCK": "这块盘不支持文件锁",
    "EEXIST": "已经有同名的文件",
    "ENOTDIR": "路径中间有一段不是文件夹",
    "ENOTEMPTY": "文件夹不是空的",
    "ELOOP": "链接绕成了圈",
    "EINTR": "被打断了",
    "ETIMEDOUT": "网络盘没有回应",
    "ESTALE": "网络盘断开过",
    "EHOSTDOWN": "网络盘连不上",
    "EHOSTUNREACH": "网络盘连不上",
    "ENOTCONN": "网络盘连不上",
    "ENODEV": "磁盘不在了",
    "ENXIO": "磁盘不在了",
    "ENFILE": "打开的文件太多",
}
# Not every system knows each of them.
_SYSTEM = {getattr(errno, name, 0): text for name, text in _WORDS.items()}


def in_chinese(error: OSError) -> str:
    """What the system reports, in Chinese."""
    return _SYSTEM.get(error.errno or 0) or f"系统报告 {error.strerror or error}"


class Finding(Protocol):
    """Something that is wrong, with its place: ``model.records.Problem`` is one."""

    @property
    def message(self) -> str:
        """One Chinese sentence that stands alone."""

    @property
    def sheet(self) -> str:
        """The sheet it is on, empty where the whole file is meant."""

    @property
    def cell(self) -> str:
        """The A1 address on that sheet, empty as above."""

    def as_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints."""


MOST_LISTED = 50
"""Nobody reads on; the wrong file given to ``new`` had 37,259."""


def list_messages(problems: Sequence[Finding]) -> tuple[str, ...]:
    """What is printed of problems, one line each: the first fifty, then how many more there are."""
    rest = len(problems) - MOST_LISTED
    more = (
        (f"还有 {rest} 处没有列出；请先改好上面这些，再做一次就会列出其余的",) if rest > 0 else ()
    )
    return (*(problem.message for problem in problems[:MOST_LISTED]), *more)


class Refused(Exception):
    """A verb will not act; the message (Chinese) says where, what was found and what to do next.

    ``problems`` lists every reason when there is more than one.
    """

    def __init__(self, message: str, problems: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = tuple(problems)


class Outdated(Refused):
    """The master is of an older layout and has not got what the verb needs; ``attach`` adds it."""


class Misused(Refused):
    """The command line or a button was used in a way that has no meaning."""


class Unreadable(Exception):
    """These bytes are not a workbook that can be read; the message (Chinese) is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
