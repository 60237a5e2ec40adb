"""Returned files in 归档, each under the hash of its bytes."""

from __future__ import annotations

import os
from pathlib import Path

from xl_addin.model.folder import ARCHIVE
from xl_addin.system import held

_HASH = 64


def archived_files(folder: Path) -> dict[str, Path]:
    """Every returned file in an archive by the hash that it is kept under. Raises OSError."""
    archive = folder / ARCHIVE
    stems = ((os.path.splitext(name)[0], name) for name in held.names(archive))  # noqa: PTH122
    return {stem: archive / name for stem, name in stems if len(stem) == _HASH}


def archived_path(folder: Path, sha256: str) -> Path | None:
    """Where a returned file lies in the archive; None where it is not there. Raises OSError."""
    return archived_files(folder).get(sha256) if sha256 else None
