"""``new``: a programme's folder from a task table."""

from __future__ import annotations

import json
import re
from pathlib import Path

from xl_addin.form.identity import lines_in
from xl_addin.master.build.workbook import build_master
from xl_addin.master.macros.binding import this_computer
from xl_addin.model.calendar import month_of
from xl_addin.model.folder import ARCHIVE, CHRONICLE, FORMS, LEDGER, PROGRAMME, RETURNS
from xl_addin.model.problems import make
from xl_addin.model.records import Identity, Problem, TaskTable
from xl_addin.model.result import Report
from xl_addin.services.issuing import blank_form
from xl_addin.services.programme import Desk, Wish, hold_new_ledger
from xl_addin.store.ledger import Ledger
from xl_addin.system import atomic
from xl_addin.system.errors import Refused, Unreadable
from xl_addin.system.failpoint import reached
from xl_addin.tasktable.read import read_task_table
from xl_addin.xlsx.workbook import Workbook


def run(desk: Desk, wish: Wish) -> Report:
    """Read the table, refuse what cannot stand, then lay out the folder."""
    source = Path(wish.task_table)
    if not 2000 <= wish.year <= 2100:
        raise Refused(f"年度 {wish.year} 不对；请写四位年份，例如 2023")
    if wish.month:
        month_of(wish.month, wish.year)
    if desk.master.exists():
        raise Refused(f"{desk.master}：已经有主表了，不会覆盖；要重新开始请换一个文件夹")
    table = read(source)
    problems = (*table.problems, *_other_years(table, wish.year, source.name))
    title = wish.title or re.sub(r"^\s*\d{4}年(度)?|任务(分解)?表\s*$", "", table.title).strip()
    if not wish.rehearse:
        _found(desk, wish, table, title, source)
    return Report(
        {
            "verb": "new",
            "folder": str(desk.folder),
            "master": str(desk.master),
            "districts": [{"code": d.code, "name": d.name} for d in table.districts],
            "indicators": [
                {
                    "code": i.code,
                    "label": i.label,
                    "unit": i.unit,
                    "measure": i.measure,
                    "parent": i.parent or None,
                    "target": total(table, i.code),
                    "published": table.published.get(i.code),
                    "goal": i.goal,
                }
                for i in table.indicators
            ],
            "problems": [problem.as_json() for problem in problems],
        },
        _outcome(desk, wish, table, len(problems)),
        clean=not problems,
        lines=tuple(problem.message for problem in problems),
    )


def read(source: Path) -> TaskTable:
    """The task table in a file. Refused when it cannot be read, with the reason."""
    if not source.is_file():
        raise Refused(f"{source}：没有这个文件；请检查任务表的路径")
    data = source.read_bytes()
    form = _form(data)
    if form is not None:
        raise Refused(
            f"{source.name}：这是发给区县的填报表（{form.month}），不是任务表；请选写着各区县全年任务数的表"
        )
    try:
        return read_task_table(data, source.name)
    except Unreadable as error:
        raise Refused(f"{source.name}：{error.message}") from error


def _form(data: bytes) -> Identity | None:
    """Whose form this is, None for anything else."""
    try:
        book = Workbook.open(data)
        said = (*book.names.values(), book.properties)
    except Unreadable:
        return None
    return next((identity for text in said for identity in lines_in(text)), None)


def total(table: TaskTable, indicator: str) -> int | float | None:
    """The sum of an indicator's targets, None where it has none at all."""
    amounts = [v for (_, code), v in table.targets.items() if code == indicator]
    return sum(amounts) if amounts else None


def _other_years(table: TaskTable, year: int, file: str) -> tuple[Problem, ...]:
    named = set(re.findall(r"(20\d{2})\s*年", table.title))
    if named and str(year) not in named:
        found = "、".join(sorted(named))
        says = (
            f"{file} {table.sheet}：标题写的是 {found} 年，现在建立的是 {year} 年度任务；请核对年度"
        )
        return (make("year-mismatch", says, table.sheet, found=found, expected=str(year)),)
    return ()


def _found(desk: Desk, wish: Wish, table: TaskTable, title: str, source: Path) -> None:
    folder = desk.folder
    for name in (FORMS, RETURNS, ARCHIVE):
        (folder / name).mkdir(parents=True, exist_ok=True)
    now = desk.clock()
    month = wish.month or f"{wish.year}-{now.month if now.year == wish.year else 1:02d}"
    master = build_master(table, wish.year, title, month, this_computer())
    with hold_new_ledger(folder, "建立年度任务"):
        if desk.master.exists():
            raise Refused(f"{desk.master}：刚刚由另一个操作建立了")
        if (folder / LEDGER).exists():
            _clear_unfinished(folder)
        for left in (folder, folder / ARCHIVE):
            atomic.sweep(left)
        ledger = Ledger.create(folder / LEDGER, wish.year, desk.now())
        reached("new.ledger")
        try:
            # Without its key a new ledger could not tell a genuine return in the archive from a forged.
            facts = {
                "programme": ledger.programme,
                "key": ledger.key.hex(),
                "year": wish.year,
                "created": desk.now(),
            }
            atomic.write(folder / ARCHIVE / PROGRAMME, json.dumps(facts).encode())
            reached("new.key")
            kept = folder / ARCHIVE / f"任务表{source.suffix}"
            atomic.write(kept, source.read_bytes())
            with ledger.writing():
                ledger.add_event(desk.now(), "new", "", f"由 {source.name} 建立", desk.who())
            # Last: a folder with a master is a finished programme.
            atomic.write(desk.master, master)
            reached("new.master")
            with ledger.writing():
                blank_form(ledger, desk.config)
        finally:
            ledger.close()


def _clear_unfinished(folder: Path) -> None:
    """Remove the ledger of a ``new`` that was cut off; one that was ever used is never removed."""
    path = folder / LEDGER
    ledger = Ledger(path)
    used = any(verb != "new" for _, verb, *_ in ledger.events(2))
    ledger.close()
    if used:
        raise Refused(
            f"{path}：这里有用过的底账，却没有主表；请从“备份”文件夹找回主表，或换一个文件夹"
        )
    for page in (folder / ARCHIVE / CHRONICLE).glob("*"):
        page.unlink()
    path.unlink()


def _outcome(desk: Desk, wish: Wish, table: TaskTable, problems: int) -> str:
    size = f"{len(table.districts)} 个区县、{len(table.indicators)} 项指标"
    trouble = f"，有 {problems} 处需要核对" if problems else ""
    if wish.rehearse:
        return f"可以建立：{size}{trouble}（预演，没有写入）"
    return f"已建立 {wish.year} 年度任务：{size}{trouble}。主表在 {desk.master}"
