"""Copies of returns to look at, under names that people know: what is opened is never the archive itself.

A spreadsheet program writes into what it opens, if only by saving on closing; ``verify`` would rightly
complain of the archive. The folder holds what the last trail leads to, and copies that somebody changed.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from xl_addin.model.filetypes import WORKBOOK_SUFFIXES
from xl_addin.model.folder import TRAILS
from xl_addin.services.archived import archived_path
from xl_addin.services.trail import TrailRow
from xl_addin.store.trails import TracedReturn
from xl_addin.system import atomic, held
from xl_addin.system.filenames import plain_name
from xl_addin.system.light import pattern
from xl_addin.xlsx.a1 import quote_sheet_name

_OURS = pattern(r"(.+_(?P<receipt>\d+))(?:\(\d+\))?\.\w+\Z")
_IN_LINKS = str.maketrans({"#": "_", "%": "_"})  # what an address gives a meaning of its own


def copy_name(back: TracedReturn, names: Mapping[str, str], district: str, suffix: str) -> str:
    """``2023-01_长寿区_39.xlsx``: month, district and the number of the receipt."""
    whose = names.get(district, district)
    return plain_name(f"{back.month}_{whose}_{back.id}{suffix}").translate(_IN_LINKS)


def place_copies(
    folder: Path, returns: Iterable[TracedReturn], names: Mapping[str, str], district: str
) -> dict[int, str]:
    """Copies of these returns for reading only, and none of others: by receipt the name of each.

    Raises OSError.
    """
    home = folder / TRAILS
    home.mkdir(exist_ok=True)
    atomic.remove_temporary(home)
    wanted: dict[int, str] = {}
    for back in returns:
        source = archived_path(folder, back.sha256)
        if source is not None:
            name = copy_name(back, names, district, source.suffix)
            wanted[back.id] = _place(home, name, source, back.sha256)
    for name in held.names(home):
        if name not in wanted.values():
            _remove_if_ours(folder, home / name)
    return wanted


def _place(home: Path, name: str, source: Path, sha256: str) -> str:
    """A copy under its name, or under the next one where somebody changed what is there."""
    path, number = home / name, 1
    while path.exists() and _hash(path) != sha256:
        number += 1
        path = home / f"{Path(name).stem}({number}){Path(name).suffix}"
    if not path.exists():
        atomic.write(path, held.read_bytes(source))
    path.chmod(stat.S_IREAD | stat.S_IRGRP | stat.S_IROTH)
    return path.name


def _hash(path: Path) -> str:
    return hashlib.sha256(held.read_bytes(path)).hexdigest()


def _remove_if_ours(folder: Path, path: Path) -> None:
    """Remove a copy of an earlier trail that is still what the archive holds; one that is open stays."""
    if _OURS.match(path.name) and archived_path(folder, _hash(path)) is not None:
        with suppress(OSError):
            path.chmod(stat.S_IREAD | stat.S_IWRITE)
            held.unlink(path)


def link_of(row: TrailRow, copies: Mapping[int, str]) -> str:
    """What to open for a row: the copy at the cell, or the cell of the master itself."""
    at = f"#{quote_sheet_name(row.sheet)}!{row.cell}" if row.sheet and row.cell else ""
    if row.returned is None:
        return at
    name = copies.get(row.returned.id, "")
    return (
        f"{TRAILS}/{name}{at if Path(name).suffix.lower() in WORKBOOK_SUFFIXES else ''}"
        if name
        else ""
    )
