"""``new``: a programme's folder from a task table."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from xl_addin.form.identity import find_identities
from xl_addin.master.build.workbook import build_from, first_config
from xl_addin.master.macros.binding import this_computer
from xl_addin.master.read.config import read_config
from xl_addin.model.calendar import check_month
from xl_addin.model.folder import (
    ARCHIVE,
    FORMS,
    LEDGER,
    PROGRAMME,
    RETURNS,
    RUN_LOGS,
    SHARED_LEDGER,
)
from xl_addin.model.problems import make
from xl_addin.model.records import ERROR, Identity, KeyWork, Problem, TaskTable
from xl_addin.model.result import Result
from xl_addin.model.settings import NOTHING_CARRIED, Config, by_indicator
from xl_addin.model.sheets import WORK_HEADINGS
from xl_addin.services.issuing import blank_form
from xl_addin.services.programme import Programme, Request, hold_new_ledger
from xl_addin.services.rollover import Rollover, open_old, roll_over
from xl_addin.store.database import DatabaseFault
from xl_addin.store.faults import why
from xl_addin.store.ledger import Ledger
from xl_addin.store.place import is_shared, ledger_path, split_password
from xl_addin.system import atomic, held
from xl_addin.system.errors import Misused, Refused, Unreadable, in_chinese, list_messages
from xl_addin.system.failpoint import fail_point
from xl_addin.system.rights import private_mode
from xl_addin.tasktable.account import account_as_json, describe_account
from xl_addin.tasktable.choices import NO_CHOICES, Choices, describe_choices, read_choices
from xl_addin.tasktable.headlines import describe_headlines
from xl_addin.tasktable.key_works import choose_key_works, describe_key_works
from xl_addin.tasktable.openings import match_openings, read_opening_choices
from xl_addin.tasktable.read import read_task_table
from xl_addin.xlsx.workbook import Workbook

MOST_PAIRS = 250_000
"""Districts by indicators of one programme: a recompute of 200,000 takes 3 GB (`tests.benchmarks.every_verb`)."""
MOST_INDICATORS = 5_000
"""进度表 has three columns for each, and Excel has 16,384."""


def run(programme: Programme, request: Request) -> Result:
    """Read the table, refuse what cannot stand, then lay out the folder."""
    source = Path(request.task_table)
    check_year(request.year, str(request.year))
    if request.month:
        request = request._replace(month=check_month(request.month, request.year))
    if programme.master.exists():
        raise Refused(f"{programme.master}：已经有主表了，不会覆盖；要重新开始请换一个文件夹")
    if is_shared(ledger_path(programme.folder)):
        raise Refused(
            f"{programme.folder}：这里有 {SHARED_LEDGER}，底账在数据库里，却没有主表；"
            "请从“备份”文件夹找回主表，或换一个文件夹"
        )
    url = _server(request)
    table = open_task_table(source, request.year, read_choices(request.options))
    problems = [*table.problems, *_other_years(table, request.year, source.name)]
    works = choose_key_works(table.key_works, request.options.get("key-works", ""))
    plan = _plan(programme, request, table)
    plan = plan._replace(carried=plan.carried._replace(works=tuple(map(_work_row, works))))
    if request.options.get("openings"):
        plan = _with_openings(plan, request, problems)
    config, targets = plan.config, by_indicator(table.targets)
    _refuse_too_large(source, config)
    if not request.rehearse:
        settled = describe_choices(request.options)
        problems += _create_programme(programme, plan, source, settled)
        if url:
            _share(programme, url)
    return Result(
        {
            "verb": "new",
            "folder": str(programme.folder),
            "master": str(programme.master),
            "year": request.year,
            "title": config.settings.title,
            "first_month": config.settings.first_month,
            "districts": [{"code": d.code, "name": d.name} for d in config.districts],
            "indicators": [
                {
                    "code": i.code,
                    "label": i.label,
                    "unit": i.unit,
                    "measure": i.measure,
                    "parent": i.parent or None,
                    "target": sum(targets[i.code]) if i.code in targets else None,
                    "published": table.published.get(i.code),
                    "goal": i.goal,
                }
                for i in config.indicators
            ],
            "from": plan.counts or None,
            "openings": len(config.openings),
            "understood": account_as_json(table),
            "key_works": [{**w._asdict(), "chosen": w in works} for w in table.key_works],
            "goals_in_text": [headline._asdict() for headline in table.headlines],
            "problems": [problem.as_json() for problem in problems],
        },
        _outcome(programme, request, table, len(problems)),
        clean=not problems,
        lines=(
            *describe_account(table),
            *describe_headlines(table.headlines, table.indicators),
            *describe_key_works(table.key_works, works),
            *list_messages(problems),
            *plan.lines,
        ),
    )


def _share(programme: Programme, url: str) -> None:
    """Move the new ledger to its server. Refused, with what is there by now, where that fails."""
    from xl_addin.verbs.move_ledger import share

    try:
        share(programme, url)
    except (Refused, DatabaseFault) as error:
        cause = error.message if isinstance(error, Refused) else f"底账{why(error)}"
        raise Refused(
            f"{programme.master}：年度任务建好了，搬进数据库 {url} 没有做完（{cause}）；"
            "请到这个文件夹运行 xl-addin move-ledger 加上数据库的地址"
        ) from error


def _server(request: Request) -> str:
    """The server that the ledger is to be on, which answers; "" for a file as a rule."""
    given = request.options.get("ledger", "")
    if not given:
        return ""
    url, secret = split_password(given)
    from xl_addin.store.moving import keep_password, programmes_on

    programmes_on(url, secret, add=True)
    if not request.rehearse:
        keep_password(url, secret)
    return url


def _work_row(work: KeyWork) -> tuple[str, ...]:
    """A row of 重点工作台账: what a notice says; who, by when and how often is for staff to fill in."""
    told = {"编号": work.number, "重点工作": work.title, "目标要求": work.text}
    return tuple(told.get(heading, "") for heading in WORK_HEADINGS)


def title_of(table: TaskTable) -> str:
    """What a programme is called where nobody says: the table's title without its year."""
    return re.sub(r"^\s*\d{4}年(度)?|任务(分解)?表\s*$", "", table.title).strip()


def _plan(programme: Programme, request: Request, table: TaskTable) -> Rollover:
    """What the new programme is made of: the table, and last year's programme where one is named."""
    given, first = request.options.get("from", ""), _first_month(request)
    old = open_old(Path(given), request.year) if given else None
    now = programme.clock()
    begins = max(now.month, first) if now.year == request.year else first
    month = request.month or f"{request.year}-{begins:02d}"
    if int(month[5:]) < first:
        raise Refused(f"月份 {month} 在起始月份 {first} 月以前；请改 --month 或 --first-month")
    title = request.title or ("" if old else title_of(table))
    config = first_config(table, request.year, title, month)
    config = config._replace(settings=config.settings._replace(first_month=first))
    plan = Rollover(config, NOTHING_CARRIED, (), {}) if old is None else roll_over(old, config)
    if first > 1 and not request.options.get("openings"):
        says = f"从 {first} 月开始按月报：以前的完成数请填在“年初累计”，没有填的按不知道处理"
        plan = plan._replace(lines=(*plan.lines, says))
    return plan


def _first_month(request: Request) -> int:
    text = request.options.get("first-month", "1")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 12:
        raise Misused(f"用法不对：--first-month 要填 1 到 12，现在是“{text}”")
    if int(text) == 1 and request.options.get("openings"):
        raise Misused("用法不对：从 1 月开始的没有年初累计；请用 --first-month 写明从几月开始")
    return int(text)


def _with_openings(plan: Rollover, request: Request, problems: list[Problem]) -> Rollover:
    source = Path(request.options["openings"])
    choices, config = read_opening_choices(request.options.get("openings-read", "")), plan.config
    table = open_task_table(source, choices=choices, results=True)
    for problem in (*table.problems, *_other_years(table, request.year, source.name)):
        name = f"{source.name} "
        says = problem.message.removeprefix(name)
        problems.append(problem._replace(message=f"{name}{says}"))
    openings = match_openings(table, config.districts, config.indicators, source.name)
    blank = [pair for pair in config.targets if pair not in openings]
    says = f"年初累计：读入 {len(openings)} 个"
    if blank:
        says += (
            f"；有任务而没有年初累计的还有 {len(blank)} 个，按不知道处理，"
            "知道的请在“年初累计”里填上，没有完成的填 0"
        )
    return plan._replace(config=config._replace(openings=openings), lines=(*plan.lines, says))


def check_year(year: int, found: str) -> int:
    """The year as it is. Refused where it cannot be one; ``found`` is what was written."""
    if not 2000 <= year <= 2100:
        raise Refused(f"年度“{found}”不对；请写四位年份，例如 2023")
    return year


def open_task_table(
    source: Path, year: int = 0, choices: Choices = NO_CHOICES, *, results: bool = False
) -> TaskTable:
    """The task table in a file; the rest is as for ``read_task_table``. Refused with the reason."""
    if not source.is_file():
        raise Refused(f"{source}：没有这个文件；请检查任务表的路径")
    data = held.read_bytes(source)
    form = _form_identity(data)
    if form is not None:
        raise Refused(
            f"{source.name}：这是发给区县的填报表（{form.month}），不是任务表；请选写着各区县全年任务数的表"
        )
    try:
        return read_task_table(data, source.name, year, choices, results=results)
    except Unreadable as error:
        raise Refused(f"{source.name}：{error.message}") from error


def _form_identity(data: bytes) -> Identity | None:
    """Whose form this is, None for anything else."""
    try:
        book = Workbook.open(data)
        said = (*book.names.values(), book.properties)
    except Unreadable:
        return None
    return next((identity for text in said for identity in find_identities(text)), None)


def _other_years(table: TaskTable, year: int, file: str) -> tuple[Problem, ...]:
    named = set(re.findall(r"(20\d{2})\s*年", table.title))
    if named and str(year) not in named:
        found = "、".join(sorted(named))
        says = (
            f"{file} {table.sheet}：标题写的是 {found} 年，现在建立的是 {year} 年度任务；请核对年度"
        )
        return (make("year-mismatch", says, table.sheet, found=found, expected=str(year)),)
    return ()


def _refuse_too_large(source: Path, config: Config) -> None:
    """Refuse before anything is written what later verbs could not carry."""
    districts, indicators = len(config.districts), len(config.indicators)
    if indicators > MOST_INDICATORS:
        raise Refused(
            f"{source.name}：有 {indicators} 项指标，一个年度任务最多 {MOST_INDICATORS} 项，没有建立；"
            "请把任务表按科室或类别拆成几张，各建各的年度任务"
        )
    if districts * indicators > MOST_PAIRS:
        raise Refused(
            f"{source.name}：{districts} 个区县乘 {indicators} 项指标是 {districts * indicators} 个数，"
            f"一个年度任务最多 {MOST_PAIRS} 个，没有建立；请分级：每个上级单位（例如每个市）用只有它下级的任务表"
            "各建一个年度任务，每月用 xl-addin totals --export 导出，再用 xl-addin totals --from 加起来"
        )


def _create_programme(
    programme: Programme, plan: Rollover, source: Path, settled: str
) -> Sequence[Problem]:
    """Lay out the folder; what of last year's settings was wrong and so is wrong in the new master."""
    folder, year = programme.folder, plan.config.settings.year
    for name in (FORMS, RETURNS, ARCHIVE):
        (folder / name).mkdir(parents=True, exist_ok=True)
    master = build_from(plan.config, plan.carried, this_computer())
    with hold_new_ledger(folder, "建立年度任务"):
        if programme.master.exists():
            raise Refused(f"{programme.master}：刚刚由另一个操作建立了")
        if (folder / LEDGER).exists():
            _clear_unfinished(folder)
        for left in (folder, folder / ARCHIVE):
            atomic.remove_temporary(left)
        ledger = Ledger.create(folder / LEDGER, year, programme.now())
        fail_point("new.ledger")
        try:
            # Without its key a new ledger could not tell a genuine return in the archive from a forged.
            facts = {
                "programme": ledger.programme,
                "key": ledger.key.hex(),
                "year": year,
                "created": programme.now(),
            }
            kept = folder / ARCHIVE / PROGRAMME
            atomic.write(kept, json.dumps(facts).encode(), private_mode(folder))
            fail_point("new.key")
            kept = folder / ARCHIVE / f"任务表{source.suffix}"
            atomic.write(kept, held.read_bytes(source))
            with ledger.writing():
                says = f"由 {source.name} 建立" + (f"，读法：{settled}" if settled else "")
                ledger.add_event(programme.now(), "new", "", says, programme.who())
            # Last: a folder with a master is a finished programme.
            try:
                atomic.write(programme.master, master)
            except OSError:
                # Where it has its name, only that the name lasts was not confirmed: "again" would be refused.
                if not programme.master.exists():
                    raise
            fail_point("new.master")
            return _read_back(programme, ledger)
        finally:
            ledger.close()


def _read_back(programme: Programme, ledger: Ledger) -> Sequence[Problem]:
    """What is wrong in the new master; the blank form where nothing is. It is finished by now, whatever fails."""
    try:
        found = read_config(programme.host).problems
        wrong = [p for p in found if p.severity == ERROR or p.code == "bad-mail"]
        with ledger.writing():
            if not any(p.severity == ERROR for p in wrong):
                blank_form(ledger, programme.config)
    except (OSError, Refused, DatabaseFault) as error:
        if isinstance(error, Refused):
            cause = error.message
        else:
            cause = in_chinese(error) if isinstance(error, OSError) else f"底账{why(error)}"
        says = f"{programme.master}：年度任务建好了，刚写的主表还没有读回来（{cause}）；请再做一次“检查任务表”"
        return [make("not-kept", says)]
    return wrong


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
    pages = folder / ARCHIVE / RUN_LOGS
    for page in held.names(pages):
        held.unlink(pages / page)
    held.unlink(path)


def _outcome(programme: Programme, request: Request, table: TaskTable, problems: int) -> str:
    size = f"{len(table.districts)} 个区县、{len(table.indicators)} 项指标"
    trouble = f"，有 {problems} 处需要核对" if problems else ""
    if request.rehearse:
        return f"可以建立：{size}{trouble}（预演，没有写入）"
    return f"已建立 {request.year} 年度任务：{size}{trouble}。主表在 {programme.master}"
