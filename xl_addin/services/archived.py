"""Returned files in 归档, each under the hash of its bytes; of a shared ledger those that others collected too."""

from __future__ import annotations

import os
from contextlib import nullcontext, suppress
from pathlib import Path

from xl_addin.model.folder import ARCHIVE
from xl_addin.store.database import DatabaseFault
from xl_addin.store.place import is_shared, ledger_path
from xl_addin.system import held
from xl_addin.system.errors import Refused

_HASH = 64


def archived_files(folder: Path) -> dict[str, Path]:
    """Every returned file in an archive by the hash that it is kept under. Raises OSError."""
    archive = folder / ARCHIVE
    stems = ((os.path.splitext(name)[0], name) for name in held.names(archive))  # noqa: PTH122
    return {stem: archive / name for stem, name in stems if len(stem) == _HASH}


def archived_path(folder: Path, sha256: str) -> Path | None:
    """Where a returned file lies in the archive; None where it is not there. Raises OSError."""
    if not sha256:
        return None
    found = archived_files(folder).get(sha256)
    if found is None and is_shared(ledger_path(folder)):
        bring_archive(folder)
        found = archived_files(folder).get(sha256)
    return found


def bring_archive(folder: Path, *, look_closely: bool = False, optional: bool = False) -> None:
    """Have the archive hold what a shared ledger keeps, whoever collected it; nothing where none is shared.

    Who looks closely has what is not any more what was received brought anew as well. Raises a database fault,
    unless what is there has to do (``optional``).
    """
    path = ledger_path(folder)
    if is_shared(path):
        from xl_addin.store.shared import bring_files

        with suppress(DatabaseFault, Refused) if optional else nullcontext():
            bring_files(path, look_closely=look_closely)
