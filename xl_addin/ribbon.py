"""A button of the ribbon: the same verbs as on the command line, on the workbook that is open.

VBA runs ``python -m xl_addin.ribbon distribute`` as RunFrozenPython would, on a Mac ``press("distribute")``
through RunPython. What comes of it is shown in a message.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from io import TextIOWrapper
from pathlib import Path

from xl_addin.error_handler import Failure, attempt
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import (
    import_xlwings,
    put_back_properties,
    temporary_properties,
    translate_refusals,
)
from xl_addin.master.macros.binding import ADVICE, outdated_macros_text
from xl_addin.model.commands import BUTTONS, YEAR, Button
from xl_addin.model.result import Result
from xl_addin.services.lists import list_changes
from xl_addin.services.programme import Programme, Request, hold_programme
from xl_addin.system.errors import Misused, Refused
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.system.progress import StatusBar
from xl_addin.verbs import function_of

if TYPE_CHECKING:
    import xlwings

MOST_LINES = 8
_SECONDS_TO_PUT_BACK = 60.0
_CALM, _ALARM = "info", "critical"  # the two faces that a message can have


def press(name: str) -> None:
    """Do what a button says, for the workbook whose button it is.

    Ends in a message in Excel. Where Excel cannot be reached the message goes to standard error,
    which the macros show, and the process ends with a code that is not 0.
    """
    _speak_as_vba_reads()
    host = attempt(None, _caller)
    failure = host if isinstance(host, Failure) else press_on(host, name)
    if failure is not None:
        sys.exit(failure.message)


def press_on(host: ExcelHost, name: str) -> Failure | None:
    """Do what a button says on a master that is open; the failure where no message could be shown."""
    place = attempt(None, lambda: _folder(host.book))
    folder = None if isinstance(place, Failure) else place
    button = BUTTONS.get(name)
    label = button.label if button else name
    options: Mapping[str, str] | None = {button.option: ""} if button and button.option else {}
    while options is not None:
        result: Result | Failure = (
            place
            if isinstance(place, Failure)
            else attempt(place, partial(_run, button, name, host, place, options))
        )
        shown = attempt(folder, partial(_show, host, label, result))
        # Whoever reads the message lets go of Excel then, and not before.
        put_back_properties(_SECONDS_TO_PUT_BACK)
        if isinstance(shown, Failure):
            return shown
        options = shown
    return None


def _speak_as_vba_reads() -> None:
    """Have standard error written in the system's code page, in Python's UTF-8 mode too."""
    if sys.platform == "win32" and isinstance(sys.stderr, TextIOWrapper):
        from locale import getencoding

        sys.stderr.reconfigure(encoding=getencoding(), errors="replace")


def _caller() -> ExcelHost:
    try:
        host = ExcelHost(import_xlwings().Book.caller())
        # What a message needs is known before anything can go wrong; Excel may not be there at all.
        host.app.hwnd, host.name  # noqa: B018
    except Refused:
        raise
    except Exception as error:
        said = (
            "找不到按下按钮的工作簿；文件名里如有“=”请去掉，并在 Excel（不是 WPS）里打开主表后再按"
        )
        raise Refused(f"{said}（{error}）") from error
    return host


def _folder(book: xlwings.Book) -> Path:
    """The programme's folder: the one that the workbook was opened from."""
    try:
        path = book.fullname
    except Refused:
        raise
    except Exception:
        # xlwings looks for the local copy of a workbook that was opened from the web.
        path = "://"
    if "://" in path:
        raise Refused(
            f"{book.name}：主表是从网上（OneDrive、SharePoint）打开的，底账没有办法放在那里；"
            r"请把整个任务文件夹复制到本机或局域网盘（例如 D:\任务），从那里打开主表再按"
        )
    folder = Path(path).parent
    if not Path(path).is_absolute() or not folder.is_dir():
        raise Refused(f"{book.name}：主表还没有存到文件夹里；请先另存到任务文件夹，再按一次")
    return folder


def _run(
    button: Button | None, name: str, host: ExcelHost, folder: Path, options: Mapping[str, str]
) -> Result:
    """The verb with Excel held still, and what it changed in the ledger shown in the lists."""
    if button is None:
        says = f"按钮“{name}”没有对应的操作；主表和程序的版本可能不一样，{ADVICE}"
        raise Misused(says)
    app = host.app
    host.whole = button.group == YEAR

    def say(line: str) -> None:
        app.status_bar = line

    with (
        hold_programme(folder, button.label),
        translate_refusals(host.name),
        temporary_properties(
            app, status_bar=f"{button.label}……", screen_updating=False, enable_events=False
        ),
    ):
        programme = Programme(folder, StatusBar(say, button.label), live=host)
        programme.doing = button.label
        try:
            report = function_of(button.verb)(programme, Request(options=options))
        except Refused:
            _update_lists(programme)
            raise
        else:
            more = _update_lists(programme)
        finally:
            programme.close()
        outdated = outdated_macros_text(host)
    more = tuple(line for line in more if line not in report.lines)
    before = (outdated,) if outdated else ()
    clean = report.clean and not more
    return report._replace(lines=(*before, *report.lines, *more), clean=clean)


def _update_lists(programme: Programme) -> tuple[str, ...]:
    """Bring 回收情况, 问题清单 and 操作日志 up to date with the ledger; what was in the way."""
    if not programme.used_ledger:
        return ()
    try:
        found = programme.host.apply(
            list_changes(programme, programme.month(Request()))
        ).disagreements
    except Refused as refusal:
        return (f"回收情况等列表没有更新：{refusal.message}",)
    return tuple(problem.message for problem in found)


def _show(host: ExcelHost, title: str, result: Result | Failure) -> Mapping[str, str] | None:
    """Go where the result stands, then say what it is; the options to go on with where staff agree."""
    question = None
    if isinstance(result, Failure):
        said, lines, calm = result.message, [p.message for p in result.problems], False
    else:
        said, lines, calm = result.outcome, list(result.lines), result.clean
        question = result.question
        lines += [result.advice] if result.advice and not question else []
    with suppress(Refused), translate_refusals(host.name):  # a sheet that is hidden or gone
        host.select_first(_cells_to_show(host, result))
    with translate_refusals(host.name):
        text = "\n\n".join((said, *_first(lines)))
        alert, mode = host.app.alert, _CALM if calm else _ALARM
        if question is None:
            alert(text, title, mode=mode)
            return None
        answer = alert(f"{text}\n\n{question.text}", title, buttons="yes_no", mode=mode)
    return {question.option: ""} if answer == "yes" else None


def _cells_to_show(host: ExcelHost, result: Result | Failure) -> Iterator[tuple[str, str]]:
    """The cells (sheet, A1) where a result can be looked at, the most telling first."""
    if isinstance(result, Failure):
        yield from ((problem.sheet, problem.cell) for problem in result.problems)
        return
    place = result.data.get("place")
    if place:
        yield place["sheet"], place["cell"]
    for problem in result.data.get("problems", ()):
        yield problem.get("sheet", ""), problem.get("cell", "")
    if result.shows:
        yield host.block(result.shows).sheet, "A1"


def _first(lines: Sequence[str]) -> list[str]:
    rest = len(lines) - MOST_LINES
    more = [f"……另有 {rest} 条没有列出；处理好以上各条后再按一次"] if rest > 0 else []
    return [*lines[:MOST_LINES], *more]


if __name__ == "__main__":
    press(sys.argv[1] if len(sys.argv) > 1 else "")
