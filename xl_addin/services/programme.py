"""What a verb works on: one programme's folder with its master, settings and ledger."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from xl_addin.master.read.config import read_basics, with_targets
from xl_addin.master.read.settings_rows import SettingRows
from xl_addin.model.calendar import check_month
from xl_addin.model.folder import LEDGER, LOCK, MASTER
from xl_addin.model.records import ERROR, Number, Problem
from xl_addin.model.settings import Config
from xl_addin.model.sheets import SETTINGS_BLOCK, WORKS_BLOCK
from xl_addin.store.ledger import Ledger
from xl_addin.store.place import has_ledger, is_shared, ledger_path
from xl_addin.system import held
from xl_addin.system.errors import Outdated, Refused, Unreadable
from xl_addin.system.filelock import lock
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.system.progress import Progress, Silent

if TYPE_CHECKING:
    from xl_addin.master.host.base import Host
    from xl_addin.model.work_items import WorkItem


class Request(NamedTuple):
    """What was asked of a verb.

    ``month`` is "2024-06" or "" for the one on 设置, ``year`` 0 where none was given. ``options`` are
    the verb's own, by name without the dashes; a switch maps to "".
    """

    paths: tuple[str, ...] = ()
    month: str = ""
    rehearse: bool = False
    task_table: str = ""
    year: int = 0
    title: str = ""
    options: Mapping[str, str] = MappingProxyType({})


@contextmanager
def hold_programme(folder: Path, doing: str) -> Iterator[None]:
    """Hold a programme's folder for a verb, from wherever it was started. Refused as ``lock``.

    A folder without a ledger is no programme, one that nobody may write to cannot be changed:
    neither is held.
    """
    if not has_ledger(folder):
        yield
        return
    with lock(folder / LOCK, doing, optional=True):
        yield


@contextmanager
def hold_new_ledger(folder: Path, doing: str) -> Iterator[None]:
    """Hold a folder while its ledger is made: ``hold_programme`` needs one that is there."""
    path = folder / f"{LEDGER}.lock"
    with lock(path, doing):
        yield
    with suppress(OSError):  # all is done, and the next one takes it as it lies there
        held.unlink(path)


def local_now() -> datetime:
    """Local time, to the second: what people write on paper."""
    return datetime.now().replace(microsecond=0)


def clock_behind(last: str) -> str:
    """What is said where the clock is behind the time at which something was last written down."""
    return f"比上一次操作的时间（{last}）还早；请核对电脑的日期和时间，否则“按时”“最近一次”会算错"


def _refuse_if_wrong(config: Config) -> Config:
    wrong = [problem for problem in config.problems if problem.severity == ERROR]
    if wrong:
        raise Refused(f"主表里有 {len(wrong)} 处设置不对，改好后再试", wrong)
    return config


def _account() -> str:
    """The account that this process runs under, where no variable names it."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return ""


class Programme:
    """One programme's folder with its master, ledger and settings, each opened when it is first used.

    ``clock`` and ``sleep`` are for tests and the demo; ``live`` is the master open in Excel, if it
    is. ``doing`` is what those are told who wait for a shared ledger. Close it after use.
    """

    opens = Ledger
    """What its ledger is opened as."""

    def __init__(
        self,
        folder: Path,
        progress: Progress | None = None,
        clock: Callable[[], datetime] = local_now,
        sleep: Callable[[float], None] = time.sleep,
        live: Host | None = None,
    ) -> None:
        self.folder = folder
        self.progress: Progress = progress or Silent()
        self.clock = clock
        self.sleep = sleep
        self.doing = ""
        self._live = live

    @property
    def master(self) -> Path:
        """Where the master workbook is."""
        return self.folder / MASTER

    @cached_property
    def host(self) -> Host:
        """The master: the one open in Excel, else the file. Refused when there is none here."""
        if self._live is not None:
            return self._live
        from xl_addin.master.host.file import FileHost

        self._master_here()
        return FileHost(self.master)

    def _master_here(self) -> None:
        """Refused where this is no programme's folder."""
        if not self.master.is_file():
            raise Refused(
                f"{self.folder}：这里没有 {MASTER}；请换到任务文件夹（或用 --folder 指定），"
                "还没有就先运行 xl-addin new"
            )

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger beside the master."""
        path = ledger_path(self.folder)
        if not path.is_file():
            if not self.live:  # a master that is open is one, under whatever name
                self._master_here()
            raise Refused(
                f"{path}：找不到底账；它应当和 {MASTER} 放在一起，请从原来的电脑或同步盘找回，"
                "找不回就运行 xl-addin rebuild，由归档重建底账"
            )
        ledger = self.opens(path)
        ledger.person = self.person
        ledger.doing = lambda: f"{self.person() or self.who()}{self.doing}"
        return ledger

    @cached_property
    def basics(self) -> Config:
        """The settings without 任务表, refused as a whole when one of them is wrong."""
        return _refuse_if_wrong(read_basics(self.host))

    @cached_property
    def config(self) -> Config:
        """The settings with 任务表, refused as a whole when one of them is wrong."""
        return _refuse_if_wrong(with_targets(self.basics, self.host))

    @cached_property
    def openings(self) -> dict[tuple[str, str], Number]:
        """年初累计, whatever else may be wrong in the year's plan."""
        from xl_addin.master.read.year_plan import read_openings

        return read_openings(self.host, self.basics, [])

    @cached_property
    def works(self) -> tuple[WorkItem, ...]:
        """重点工作台账, refused as a whole when a row of it is wrong; none where nothing is on it."""
        try:
            block = self.host.block(WORKS_BLOCK)
        except Outdated:
            return ()
        if not any(row > block.area[0] for row, _ in block.cells):
            return ()
        from xl_addin.master.read.works import read_works

        problems: list[Problem] = []
        found = read_works(self.host, self.basics, problems)
        _refuse_if_wrong(self.basics._replace(problems=tuple(problems)))
        return found

    def reread(self) -> None:
        """Forget the settings: the master was changed since they were read."""
        for known in ("basics", "config", "works"):
            self.__dict__.pop(known, None)

    def save(self) -> str:
        """Keep the master; what this run made of a closed one is noted, so that it can be undone."""
        from xl_addin.services.before_change import digest, note_write

        if self.live:
            return self.host.save()
        was = digest(self.master)
        told = self.host.save()
        # It is written by now: without a note of it an undo goes cell by cell, and nothing else is lost.
        with suppress(OSError):
            if (now := digest(self.master)) != was:
                note_write(self.folder, self.ledger.run, was, now)
        return told

    def close_master(self) -> None:
        """Read the master anew when it is used next: its file was replaced."""
        self.__dict__.pop("host", None)
        self.reread()

    def let_go_of_master(self) -> None:
        """Give back the room that a closed master takes, where nothing but what was read of it is needed.

        Call where nothing of it was changed; it is opened anew if something is asked of it all the same.
        """
        if not self.live and "host" in self.__dict__:
            # What a run that reads many returns asks of it later is read now.
            _, _, said = self.openings, self.works, self.person()
            self.ledger.person = lambda: said
            self.__dict__.pop("host", None)

    def month(self, request: Request) -> str:
        """The month asked for, else the one on 设置. Refused when it is not of the year, or not reported."""
        settings = self.basics.settings
        month = check_month(request.month or settings.month, settings.year)
        first = settings.first_month
        if int(month[5:]) < first:
            raise Refused(
                f"{month} 在起始月份（{first} 月）以前，不按月填报；以前的完成数填在主表的“年初累计”里。"
                f"要从更早的月份开始，请改“设置”里的“起始月份”；要做的是以后的月份，请改“本次月份”"
            )
        return month

    def forget_settings(self) -> None:
        """Have the settings read anew: they were written."""
        for name in ("basics", "config", "works"):
            self.__dict__.pop(name, None)

    def now(self) -> str:
        """The time as the ledger writes it."""
        return self.clock().isoformat(sep=" ")

    @staticmethod
    def who() -> str:
        """Who sits here, for the journal."""
        names = (os.environ.get(name, "") for name in ("USERNAME", "LOGNAME", "USER"))
        return next((name for name in names if name), "") or _account()

    def person(self) -> str:
        """操作人 on 设置; empty where nobody wrote it, or the master cannot be read."""
        try:
            return SettingRows(self.host.block(SETTINGS_BLOCK), []).words("person")
        except (Refused, Unreadable, OSError):
            return ""

    def clock_lines(self) -> tuple[str, ...]:
        """What a verb says that notes when something came, where this computer's time cannot be right."""
        last, now = self.ledger.events(1), self.now()
        if not last or last[0].at <= now:
            return ()
        return (f"电脑的时间 {now} {clock_behind(last[0].at)}",)

    @property
    def live(self) -> bool:
        """Whether the master is open on somebody's screen, where lists are kept up to date."""
        return self._live is not None

    @property
    def shared(self) -> bool:
        """Whether other masters work by the same ledger, which is not opened for the question."""
        return self.opens.shared or is_shared(ledger_path(self.folder))

    @property
    def used_ledger(self) -> bool:
        """Whether the ledger was looked into; a verb that did not has changed nothing in it."""
        return "ledger" in self.__dict__

    def close(self) -> None:
        """Release what was opened."""
        if self.used_ledger:
            self.ledger.close()
