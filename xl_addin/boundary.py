"""The one place where exceptions end: a message and an exit code, never a traceback."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xl_addin import layout
from xl_addin.errors import Refused
from xl_addin.report import Report, Table

REFUSED, OUR_FAULT = 2, 3


def run(verb: str, folder: Path, as_json: bool, work: Callable[[], Report]) -> int:
    """Do the work, say what came of it, return the exit code."""
    try:
        report = work()
    except Refused as refusal:
        problems = [problem.as_json() for problem in refusal.problems]
        if as_json:
            _print_json({"verb": verb, "error": refusal.message, "problems": problems})
        _complain(refusal.message, *(problem.message for problem in refusal.problems))
        return REFUSED
    except KeyboardInterrupt:
        _complain("已中断；已经完成的部分都保留着，重新运行会接着做")
        return REFUSED
    except PermissionError as error:
        message = f"{error.filename}：没有权限写入，或者文件正被 Excel 等程序打开；请关闭后再试"
        return _refuse_plainly(verb, as_json, message)
    except OSError as error:
        message = (
            f"{error.filename or folder}：读写失败（{error.strerror}）；请检查磁盘和网络后再试"
        )
        return _refuse_plainly(verb, as_json, message)
    except Exception:
        log = _log(folder)
        message = f"程序出错，已记在 {log}；请把这个文件发给管理员"
        if as_json:
            _print_json({"verb": verb, "error": message, "problems": []})
        _complain(message)
        return OUR_FAULT
    if as_json:
        _print_json(report.data)
    else:
        _print(report)
    return report.exit_code


def _refuse_plainly(verb: str, as_json: bool, message: str) -> int:
    if as_json:
        _print_json({"verb": verb, "error": message, "problems": []})
    _complain(message)
    return REFUSED


def _print_json(data: dict[str, Any]) -> None:
    # Programs expect UTF-8 whatever the console's code page is.
    text = json.dumps(data, ensure_ascii=False) + "\n"
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def _complain(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201


def _print(report: Report) -> None:
    for table in report.tables:
        _print_table(table)
    for line in report.lines:
        print(line)  # noqa: T201
    if report.outcome:
        print(report.outcome)  # noqa: T201


def _print_table(table: Table) -> None:
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    console = Console(soft_wrap=False)
    if not console.is_terminal:
        console.width = 140
    shown = RichTable(title=Text(table.title), title_justify="left")
    for index, heading in enumerate(table.headings):
        shown.add_column(Text(heading), justify="right" if index in table.right else "left")
    for row in table.rows:
        shown.add_row(*(Text(cell) for cell in row))
    console.print(shown)


def _log(folder: Path) -> Path:
    import tempfile
    import traceback
    from datetime import datetime

    from xl_addin import __version__

    name = f"出错-{datetime.now():%Y%m%d-%H%M%S}.log"
    text = f"xl_addin {__version__}, Python {sys.version}\n{sys.argv}\n\n{traceback.format_exc()}"
    for place in (folder / layout.LOGS, Path(tempfile.gettempdir())):
        try:
            place.mkdir(exist_ok=True)
            (place / name).write_text(text, encoding="utf-8")
        except OSError:
            continue
        return place / name
    return Path(name)
