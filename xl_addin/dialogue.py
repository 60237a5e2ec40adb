"""``new`` without a word on a terminal: what it needs is asked for, one question after the other.

A wrong answer says what was expected and is asked again; breaking off leaves nothing behind.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

from xl_addin.model.folder import MASTER
from xl_addin.model.names import fold
from xl_addin.model.records import ERROR, Problem, TaskTable
from xl_addin.services.programme import Request
from xl_addin.services.rollover import next_title, read_old
from xl_addin.system.errors import Misused, Refused
from xl_addin.system.filenames import plain_name
from xl_addin.system.light import TYPE_CHECKING, pattern
from xl_addin.tasktable.account import describe_account
from xl_addin.tasktable.choices import option_places, read_choices
from xl_addin.tasktable.key_works import choose_key_works, list_key_works
from xl_addin.verbs.new import check_year, open_task_table, title_of

if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")

# What is asked where a table can be read in two ways: the answers with the options that they stand for.
_QUESTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "column-in-doubt": ("  它是全年任务数吗", {"是": "keep-column", "不是": "skip-column"}),
    "row-in-doubt": ("  它是什么", {"区县": "keep-row", "合计": "total-row", "小计": "skip-row"}),
    "title-in-doubt": ("  表里的数是全年任务数吗", {"是": "keep-column", "不是": ""}),
    "transposed": ("  一个区县占一列吗", {"是": "units-across", "不是": "keep-row"}),
    "which-sheet": ("  用哪一张", {}),
}
# Refused with rows that may be left out: asked as well, with the rows that the message names.
_SKIPPED_ROWS = {"row-without-name", "second-table"}
_OPTION = pattern(
    r"--((?:skip|keep)-(?:row|column)|total-row|measure) ([A-Za-z0-9表行列,-]+(?:=[\u4e00-\u9fff]{2,4})?)"
)
_STOP = pattern(r"[；。]")
_MOST = 12
# The same where districts stand across: what is a row to the reader is a column of the sheet.
_TURNED = {
    "keep-column": "keep-row",
    "skip-column": "skip-row",
    "keep-row": "keep-column",
    "skip-row": "skip-column",
    "total-row": "skip-column",
    "units-across": "units-across",
}
_QUOTES = ("''", '""', "“”", "‘’", "「」")


def ask_new() -> tuple[Path, Request]:
    """The folder of a new programme and what ``new`` is asked. Refused when it is broken off."""
    try:
        return _ask_all()
    except (KeyboardInterrupt, EOFError):
        _say("")
        raise Refused("已取消，什么也没有建立") from None


def _ask_all() -> tuple[Path, Request]:
    _say("建立年度任务。下面一项一项地问；[ ] 里是建议的，直接回车就用它；按 Ctrl+C 取消。")
    settled: dict[str, str] = {}
    source, table = _ask("任务表文件（可以拖进来）", "", lambda text: _task_table(text, settled))
    _say(f"  读到 {len(table.districts)} 个区县、{len(table.indicators)} 项指标：{table.title}")
    year = _ask("年度", _year_of(table), _year)
    _settle_reading(source, year, settled)
    old = _ask("上年任务的文件夹（可以拖进来，没有就直接回车）", "", lambda text: _old(text, year))
    _ask_key_works(table, settled)
    title = _ask("任务名称", old[1] if old else title_of(table), _title)
    beside = old[0].absolute().parent if old else source.absolute().parent
    proposed = str(beside / plain_name(f"{year}年{title}"))
    folder = _ask("新任务的文件夹", proposed, _new_folder)
    options = settled | ({"from": str(old[0])} if old else {})
    return folder, Request(task_table=str(source), year=year, title=title, options=options)


def _settle_reading(source: Path, year: int, settled: dict[str, str]) -> None:
    """What was read is said; where it can be settled otherwise, until whoever was asked agrees."""
    changed = False
    while True:
        table = settle_table(source, year, settled)
        _say_what_was_read(table)
        if not changed and not any(_OPTION.search(problem.message) for problem in table.problems):
            return
        options = _ask(
            "上面读得对吗（不对的话输入上面写的选项，例如 --keep-row 6）", "对", _options
        )
        if not options:
            return
        for option, place in options:
            _add(settled, option, place)
            changed = True


def _ask_key_works(table: TaskTable, settled: dict[str, str]) -> None:
    """Which of the notice's key works are to be followed up, where it has any."""
    if not table.key_works:
        return
    _say("  通知里的重点工作，可以放进“重点工作台账”，每月让区县报进展：")
    for line in list_key_works(table.key_works):
        _say(f"    {line}")
    chosen = _ask(
        "放哪几项（输入序号，例如 1,3,5-7，全都要写“全部”，不要就直接回车）",
        "",
        lambda text: _key_works(table, text),
    )
    if chosen:
        settled["key-works"] = chosen


def _key_works(table: TaskTable, text: str) -> str:
    try:
        choose_key_works(table.key_works, text)
    except Misused as wrong:
        raise Refused(wrong.message) from None
    return text


def _options(text: str) -> list[tuple[str, str]]:
    options = _OPTION.findall(text)
    if not options and text not in ("对", "是"):
        raise Refused("读得对请直接回车；不对请照上面“请加”后面的写，例如 --keep-row 6")
    return options


def _say_what_was_read(table: TaskTable) -> None:
    for line in describe_account(table):
        _say(f"  {line}")
    warned = [problem.message for problem in table.problems]
    for message in warned[:_MOST]:
        _say(f"  请核对：{message}")
    if warned[_MOST:]:
        _say(f"  另有 {len(warned) - _MOST} 处要核对，建好以后都会列出")


def _ask(question: str, proposed: str, understand: Callable[[str], T]) -> T:
    """The answer as it is understood; as long as it is not, why, and the question again."""
    shown = f" [{proposed}]" if proposed else ""
    while True:
        text = input(f"{question}{shown}：").strip() or proposed
        try:
            return understand(text)
        except Refused as refusal:
            _say(f"  {refusal.message}")
            for problem in refusal.problems:
                if problem.message not in refusal.message:
                    _say(f"  {problem.message}")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def clean_path(text: str) -> Path:
    """A path as it was typed, pasted or dragged into the window, without what a terminal puts around it."""
    plain = text.strip().removeprefix("& ")
    if len(plain) > 1 and plain[0] + plain[-1] in _QUOTES:
        plain = plain[1:-1]
    if plain.startswith("file://"):
        from urllib.parse import unquote

        plain = unquote(plain.removeprefix("file://"))
    if os.name != "nt" and "\\" in plain and not Path(plain).exists():
        plain = re.sub(r"\\(.)", r"\1", plain)
    return Path(plain).expanduser()


def _task_table(text: str, settled: dict[str, str]) -> tuple[Path, TaskTable]:
    if not text:
        raise Refused(
            "请把任务表文件（.xlsx .xls .et .ods，或者通知的 .docx）拖进这个窗口，或者输入它的路径"
        )
    path = clean_path(text)
    return path.absolute(), settle_table(path, 0, settled)


def settle_table(source: Path, year: int, settled: dict[str, str]) -> TaskTable:
    """The task table, with what can be read in two ways asked for; answers go into ``settled`` as options.

    Refused where something else stands in the way.
    """
    while True:
        try:
            return open_task_table(source, year, read_choices(settled))
        except Refused as refusal:
            doubts = [
                problem
                for problem in refusal.problems
                if isinstance(problem, Problem) and problem.severity == ERROR
            ]
            across = "units-across" in settled and any(d.code == "transposed" for d in doubts)
            if not doubts or across or not all(map(_can_be_asked, doubts)):
                settled.clear()
                raise
            for doubt in doubts:
                _settle(doubt, settled)


def _can_be_asked(doubt: Problem) -> bool:
    skippable = doubt.code in _SKIPPED_ROWS and _OPTION.search(doubt.message)
    return doubt.code in _QUESTIONS or bool(skippable)


def _settle(doubt: Problem, settled: dict[str, str]) -> None:
    """One doubt, asked."""
    _say(f"  {_STOP.split(doubt.message)[0]}")
    skip = _OPTION.search(doubt.message)
    if doubt.code in _SKIPPED_ROWS and skip:
        if (
            _ask("  不读它，接着读别的吗（是、不是）", "", lambda text: _one_of(text, "是", "不是"))
            == "不是"
        ):
            settled.clear()
            raise Refused(doubt.message)
        _add(settled, skip[1], skip[2])
        return
    question, answers = _QUESTIONS[doubt.code]
    if not answers:
        names = re.findall("“([^”]*)”", doubt.found)
        settled["sheet"] = _ask(question, "", lambda text: _one_of(text, *names))
        return
    option = answers[
        _ask(f"{question}（{'、'.join(answers)}）", "", lambda text: _one_of(text, *answers))
    ]
    if not option:
        settled.clear()
        raise Refused(doubt.message)
    row, column = option_places(doubt.cell)
    if "units-across" in settled:
        option = _TURNED[option]
    named = dict(_OPTION.findall(doubt.message))
    _add(settled, option, named.get(option, row if option.endswith("row") else column))


def _add(settled: dict[str, str], option: str, place: str) -> None:
    """An answer among the options; it takes the place of another for the same row or column."""
    if option == "measure":
        settled[option] = "\n".join(filter(None, (settled.get(option, ""), place)))
        return
    axis = option.rpartition("-")[2]
    for other in (name for name in list(settled) if name.endswith(axis) and name != "sheet"):
        told = [each for each in settled.pop(other).split(",") if each != place]
        if told:
            settled[other] = ",".join(told)
    settled[option] = ",".join(filter(None, (settled.get(option, ""), place)))


def _one_of(text: str, *answers: str) -> str:
    found = next((answer for answer in answers if fold(answer) == fold(text)), None)
    if found is None:
        raise Refused(f"请输入{'、'.join(answers[:-1])}或{answers[-1]}")
    return found


def _year_of(table: TaskTable) -> str:
    named = re.findall(r"(20\d{2})\s*年", table.title)
    return named[0] if named else str(date.today().year)


def _year(text: str) -> int:
    digits = fold(text).removesuffix("度").removesuffix("年")
    return check_year(int(digits) if digits.isascii() and digits.isdigit() else 0, text)


def _old(text: str, year: int) -> tuple[Path, str] | None:
    """Last year's folder and what the programme would be called; None where there is none."""
    if not text:
        return None
    old = read_old(clean_path(text), year)
    return old.folder, next_title(old.config, year)


def _title(text: str) -> str:
    if not text:
        raise Refused("请写任务名称，它印在填报表的标题里，例如：残疾人教就工作重点项目")
    return text


def _new_folder(text: str) -> Path:
    folder = clean_path(text).absolute()
    if (folder / MASTER).exists():
        raise Refused(f"{folder}：这里已经有主表了，不会覆盖；请写一个新文件夹")
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder}：这是一个文件，不是文件夹；请写一个新文件夹")
    return folder
