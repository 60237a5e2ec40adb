"""``new`` without a word on a terminal: what it needs is asked for, one question after the other.

A wrong answer says what was expected and is asked again; breaking off leaves nothing behind.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from xl_addin.model.folder import MASTER
from xl_addin.model.names import fold
from xl_addin.model.records import ERROR, Problem, TaskTable
from xl_addin.services.programme import Request
from xl_addin.services.rollover import next_title, read_old
from xl_addin.system.errors import Refused
from xl_addin.system.filenames import plain_name
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.tasktable.account import describe_account
from xl_addin.tasktable.choices import option_places, read_choices
from xl_addin.verbs.new import check_year, open_task_table, title_of

if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")

# What is asked where a table can be read in two ways: the answers with the options that they stand for.
_QUESTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "column-in-doubt": ("  它是全年任务数吗", {"是": "keep-column", "不是": "skip-column"}),
    "row-in-doubt": ("  它是什么", {"区县": "keep-row", "合计": "total-row", "小计": "skip-row"}),
    "transposed": ("  一个区县占一列吗", {"是": "units-across", "不是": ""}),
    "which-sheet": ("  用哪一张", {}),
}
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
    for line in describe_account(settle_table(source, year, settled)):
        _say(f"  {line}")
    old = _ask("上年任务的文件夹（可以拖进来，没有就直接回车）", "", lambda text: _old(text, year))
    title = _ask("任务名称", old[1] if old else title_of(table), _title)
    beside = old[0].absolute().parent if old else source.absolute().parent
    proposed = str(beside / plain_name(f"{year}年{title}"))
    folder = _ask("新任务的文件夹", proposed, _new_folder)
    options = settled | ({"from": str(old[0])} if old else {})
    return folder, Request(task_table=str(source), year=year, title=title, options=options)


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
            if not doubts or across or any(doubt.code not in _QUESTIONS for doubt in doubts):
                settled.clear()
                raise
            for doubt in doubts:
                _settle(doubt, settled)


def _settle(doubt: Problem, settled: dict[str, str]) -> None:
    """One doubt, asked."""
    _say(f"  {doubt.message.partition('；')[0]}")
    question, answers = _QUESTIONS[doubt.code]
    if not answers:
        settled["sheet"] = _ask(question, "", _not_empty)
        return
    option = answers[
        _ask(f"{question}（{'、'.join(answers)}）", "", lambda text: _one_of(text, answers))
    ]
    if not option:
        settled.clear()
        raise Refused(doubt.message)
    row, column = option_places(doubt.cell)
    if "units-across" in settled:
        option = _TURNED[option]
    place = row if option.endswith("row") else column
    settled[option] = ",".join(filter(None, (settled.get(option, ""), place)))


def _not_empty(text: str) -> str:
    if not text:
        raise Refused("请照上面写的名称输入")
    return text


def _one_of(text: str, answers: Mapping[str, str]) -> str:
    if text not in answers:
        raise Refused(f"请输入{'或'.join(answers)}")
    return text


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
