"""The one place where exceptions end: a message and a code, never a traceback.

The command line prints what comes of it, a button shows it.
"""

from __future__ import annotations

import errno
import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from xl_addin.model.folder import LEDGER, LOGS
from xl_addin.model.result import LongList, Result, ResultTable
from xl_addin.system.errors import MOST_LISTED, Finding, Refused, in_chinese, list_messages
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any, Literal, TypeVar

    T = TypeVar("T")

REFUSED, OUR_FAULT = 2, 3


class Failure(NamedTuple):
    """Why there is no result, in Chinese, and the exit code for it."""

    code: int
    message: str
    problems: tuple[Finding, ...] = ()


def attempt(folder: Path | None, work: Callable[[], T]) -> T | Failure:
    """What the work gives, or why it gives nothing; a log of our own faults goes to the folder."""
    # Records of one run hold no cycles worth looking for. Once only: what a former run of this process
    # left in cycles would be kept for ever: ``serve`` carries out one verb after the other.
    if not gc.get_freeze_count():
        gc.freeze()
    gc.set_threshold(200_000)
    gc.enable()
    try:
        return work()
    except Refused as refusal:
        return Failure(REFUSED, refusal.message, refusal.problems)
    except KeyboardInterrupt:
        return Failure(REFUSED, "已中断；已经完成的部分都保留着，重新运行会接着做")
    except PermissionError as error:
        says = "没有权限写入，或者文件正被 Excel 等程序打开；请关闭后再试"
        if error.filename and Path(error.filename).is_dir():
            says = "这个文件夹没有权限打开；请让管理员给你读和写它的权限，再试一次"
        return Failure(REFUSED, f"{error.filename}：{says}")
    except OSError as error:
        where = error.filename or folder or "文件"
        return Failure(REFUSED, f"{where}：读写失败（{in_chinese(error)}）；请检查磁盘和网络后再试")
    except Exception as error:
        from xl_addin.store.faults import is_database_error, why
        from xl_addin.store.place import ledger_path

        if is_database_error(error):
            where = LEDGER if folder is None else ledger_path(folder)
            return Failure(REFUSED, f"{where}：底账{why(error)}")
        from xl_addin.system.fault_log import fault_trace, write_fault_log

        log = write_fault_log(None if folder is None else folder / LOGS, fault_trace(error))
        return Failure(OUR_FAULT, f"程序出错，已记在 {log}；请把这个文件发给管理员")


def run(verb: str, folder: Path | None, as_json: bool, work: Callable[[], Result]) -> int:
    """Do the work, say what came of it, return the exit code."""
    result = attempt(folder, work)
    if isinstance(result, Failure):
        if as_json:
            problems = [problem.as_json() for problem in result.problems]
            _print_json({"verb": verb, "error": result.message, "problems": problems})
        told = [p for p in result.problems if p.message not in result.message]
        with _while_somebody_reads():
            _complain(result.message, *list_messages(told))
        return result.code
    with _while_somebody_reads():
        _print_json(result.data) if as_json else _print(result)
    return result.exit_code


@contextmanager
def _while_somebody_reads() -> Iterator[None]:
    """Print until whoever reads our output has gone; what was done is done, and its code is said."""
    try:
        yield
    except SystemExit:  # so rich says it
        return
    except OSError as error:
        # Windows says EINVAL of a pipe without a reader.
        if error.errno not in (errno.EPIPE, errno.EINVAL):
            raise


def _print_json(data: dict[str, Any]) -> None:
    # Programs expect UTF-8 whatever the console's code page is.
    for name in ("problems", "differences"):
        found = data.get(name, ())
        if len(found) > MOST_LISTED:
            data |= {name: found[:MOST_LISTED], f"{name}_left_out": len(found) - MOST_LISTED}
    sys.stdout.flush()
    for piece in _json_pieces(data):
        sys.stdout.buffer.write(piece.encode())
    sys.stdout.buffer.flush()


def _json_pieces(data: dict[str, Any]) -> Iterator[str]:
    """The object on a line, long lists entry by entry."""
    before = "{"
    for name, value in data.items():
        yield f"{before}{json.dumps(name)}: "
        before = ", "
        if isinstance(value, LongList):
            yield "["
            for n, entry in enumerate(value):
                yield f"{', ' if n else ''}{json.dumps(entry, ensure_ascii=False)}"
            yield "]"
        else:
            yield json.dumps(value, ensure_ascii=False)
    yield "}\n" if data else "{}\n"


def _complain(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201


def _print(report: Result) -> None:
    for table in report.tables:
        _print_table(table)
    for line in report.lines:
        print(line)  # noqa: T201
    for line in (report.outcome, report.advice):
        if line:
            print(line)  # noqa: T201


def _print_table(table: ResultTable) -> None:
    if not sys.stdout.isatty():
        for line in _plain_lines(table):
            print(line)  # noqa: T201
        return
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(title=Text(table.title), title_justify="left")
    for index, heading in enumerate(table.headings):
        side: Literal["left", "right"] = "right" if index in table.right else "left"
        # Chinese has no spaces to break at; a word that is too long is broken, not cut.
        shown.add_column(Text(heading), justify=side, overflow="fold")
    for row in table.rows:
        shown.add_row(*(Text(cell) for cell in row))
    Console(soft_wrap=False).print(shown)


def _plain_lines(table: ResultTable) -> Iterator[str]:
    """A table for a pipe: each row whole on a line, its columns one below the other.

    Drawing it, as on a terminal, would be a quarter of the time that collecting 41 returns takes.
    """
    rows = [[" ".join(cell.split()) for cell in row] for row in (table.headings, *table.rows)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    yield table.title
    for row in rows:
        padded = (
            f"{gap}{cell}" if index in table.right else f"{cell}{gap}"
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
            for gap in [" " * (width - _width(cell))]
        )
        yield "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """How many columns a text takes where a Chinese character takes two (Unicode annex 11)."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
