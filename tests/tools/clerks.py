"""Several masters of one programme, each in a folder of its own, that work by one ledger.

The ledger is a file of SQLite; what makes it shared is said by the class it is opened as.
"""

from __future__ import annotations

import shutil
from functools import cached_property
from pathlib import Path

from tests.tools.programme import SmallProgramme
from xl_addin.model.folder import LEDGER, MASTER
from xl_addin.services.programme import Programme
from xl_addin.store.ledger import Ledger


class SharedLedger(Ledger):
    """A ledger that several masters work by."""

    shared = True


class SharingProgramme(Programme):
    """A programme whose ledger lies in another folder."""

    opens = SharedLedger
    home: Path
    name = ""

    @cached_property
    def ledger(self) -> Ledger:
        opened = SharedLedger(self.home / LEDGER)
        opened.person = self.person
        return opened

    def person(self) -> str:
        return self.name or super().person()


class Clerk(SmallProgramme):
    """Somebody with a master of their own; the first one's folder has the ledger."""

    name = ""
    home: Path
    live = None

    def open_programme(self) -> Programme:
        programme = SharingProgramme(self.folder, clock=lambda: self.clock, live=self.live)
        programme.home, programme.name = self.home, self.name
        return programme

    def copy(self, name: str) -> Clerk:
        """Somebody else with a copy of this folder's master."""
        folder = self.folder.with_name(name)
        folder.mkdir()
        shutil.copy2(self.folder / MASTER, folder)
        other = Clerk(folder)
        other.name, other.home, other.clock = name, self.home, self.clock
        return other


def clerks(folder: Path) -> tuple[Clerk, Clerk]:
    """Two who work by one ledger, before either of them clicked."""
    first = Clerk(folder / "年度")
    first.name, first.home = "王五", first.folder
    return first, first.copy("赵六")
