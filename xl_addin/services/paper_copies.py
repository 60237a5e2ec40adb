"""Copies of the papers that count under names that people know, in 材料; the originals stay in the archive.

They are made from the ledger and the archive alone and put back when they are missing. What somebody
changed or put there stays.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from xl_addin.model.folder import PAPERS
from xl_addin.model.papers import paper_file_name
from xl_addin.services.archived import archived_path
from xl_addin.services.paper_standing import PaperStanding, paper_standings
from xl_addin.services.programme import Programme
from xl_addin.store.papers import HandedIn
from xl_addin.system import atomic, held
from xl_addin.system.light import NamedTuple, pattern

_OURS = pattern(r"\d{2,}_.+_.+\.\w+\Z")


class PaperCopy(NamedTuple):
    """A copy, and the paper that it is one of."""

    path: Path
    paper: HandedIn
    standing: PaperStanding

    @property
    def link(self) -> str:
        """Its path as a link in the master has it."""
        return f"{PAPERS}/{self.path.parent.name}/{self.path.name}"


def wanted_copies(programme: Programme) -> list[PaperCopy]:
    """The copies that there have to be, in the order of 材料 and 区县名录."""
    places = {each.code: n for n, each in enumerate(programme.basics.districts, 1)}
    return [
        PaperCopy(programme.folder / PAPERS / each.paper.folder / name, file, each)
        for each in paper_standings(programme)
        for number, file in enumerate(each.files, 1)
        for name in [
            paper_file_name(
                each.paper,
                each.district.name,
                places[each.district.code],
                Path(file.file).suffix.lower(),
                number,
            )
        ]
    ]


def place_copies(programme: Programme) -> None:
    """Put every copy there that is wanted, and take those away that count no more."""
    wanted = {each.path: each.paper for each in wanted_copies(programme)}
    for path in _outdated(programme, wanted):
        with suppress(OSError):  # one that is open stays until the next time
            path.chmod(stat.S_IREAD | stat.S_IWRITE)
            held.unlink(path)
    for path, paper in wanted.items():
        source = archived_path(programme.folder, paper.sha256)
        if source is not None and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write(path, held.read_bytes(source))
            path.chmod(stat.S_IREAD | stat.S_IRGRP | stat.S_IROTH)


def _outdated(programme: Programme, wanted: Mapping[Path, HandedIn]) -> Iterator[Path]:
    """Copies of ours that are not wanted, or not with these bytes; never one that somebody changed."""
    for paper in programme.basics.papers:
        folder = programme.folder / PAPERS / paper.folder
        for path in (folder / name for name in held.names(folder) if _OURS.match(name)):
            found = hashlib.sha256(held.read_bytes(path)).hexdigest()
            known = archived_path(programme.folder, found) is not None
            if known and (path not in wanted or wanted[path].sha256 != found):
                yield path


def changed_copies(programme: Programme) -> Iterator[PaperCopy]:
    """The copies that are not what the archive holds; one that is missing is put back and no fault."""
    for each in wanted_copies(programme):
        if each.path.is_file():
            found = hashlib.sha256(held.read_bytes(each.path)).hexdigest()
            if found != each.paper.sha256:
                yield each
