"""Where slips lie: 督办/2023-06/督办单〔2023〕3号_长寿区.docx. One that somebody edited is never written over."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from xl_addin.docx.properties import Marks, read_marks
from xl_addin.model.folder import SLIPS, TEMPLATES
from xl_addin.model.slips import BLUE
from xl_addin.services.bulletin.files import is_open
from xl_addin.system import held
from xl_addin.system.errors import Unreadable
from xl_addin.system.filenames import plain_name
from xl_addin.system.resources import SLIP_TEMPLATE, workbook_path

_OWN_TEMPLATE = "督办单.docx"


def read_template(folder: Path) -> tuple[Path, bytes]:
    """The programme's own template, else the one that comes along; the path is where its own lies."""
    path = folder / TEMPLATES / _OWN_TEMPLATE
    return path, held.read_bytes(path if path.is_file() else workbook_path(SLIP_TEMPLATE))


def free_path(folder: Path, month: str, name: str, district: str, level: str) -> Path:
    """Where a slip can be written: the first of its names under which nothing of anybody's lies."""
    return next(path for path in _paths(folder, month, name, district, level) if may_go(path))


def _paths(folder: Path, month: str, name: str, district: str, level: str) -> Iterator[Path]:
    raised = "" if level == BLUE else f"_催办{level}"
    stem = plain_name(f"督办单{name}号_{district}{raised}")
    for number in count(1):
        yield folder / SLIPS / month / f"{stem}{f'_{number}' if number > 1 else ''}.docx"


def may_go(path: Path) -> bool:
    """Whether nothing would be lost if this file went: there is none, or nobody edited it."""
    if not path.exists():
        return True
    return not is_open(path) and marks_of(held.read_bytes(path)) is not None and not is_edited(path)


def is_edited(path: Path) -> bool:
    """Whether a file is there that somebody saved since it was written."""
    if not path.is_file():
        return False
    marks = marks_of(held.read_bytes(path))
    return marks is None or marks.edited


def marks_of(data: bytes) -> Marks | None:
    """What a file says of itself; None for what is no document."""
    try:
        return read_marks(data)
    except Unreadable:
        return None
