"""Where bulletins lie: 通报/2023-06/通报_2023-06.docx, and by number what follows.

What people edited, have open or have sent out is never written over: the next number is taken.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from xl_addin.docx.properties import read_marks
from xl_addin.model.folder import BULLETINS, TEMPLATES
from xl_addin.store.ledger import Ledger
from xl_addin.store.publications import publications
from xl_addin.system import atomic
from xl_addin.system.errors import Refused, Unreadable
from xl_addin.system.light import NamedTuple
from xl_addin.system.resources import BULLETIN_TEMPLATE, workbook_path
from xl_addin.xlsx.openfiles import find_lock_files

OWN_TEMPLATE = "通报.docx"


class BulletinFile(NamedTuple):
    """A bulletin that lies there; ``number`` counts those of its month from 1."""

    path: Path
    number: int


def template_path(folder: Path) -> Path:
    """Where a programme keeps its own template."""
    return folder / TEMPLATES / OWN_TEMPLATE


def read_template(folder: Path, given: str) -> tuple[Path, bytes]:
    """The template that is asked for, else the programme's own, else the one that comes along."""
    if given:
        path = Path(given)
        if not path.is_file():
            raise Refused(f"{path}：没有这个模板文件；请检查 --template 后面的路径")
    else:
        path = template_path(folder)
        if not path.is_file():
            return path, workbook_path(BULLETIN_TEMPLATE).read_bytes()
    return path, path.read_bytes()


def keep_template(path: Path, data: bytes) -> bool:
    """Lay the template down where the programme has none yet; whether it was."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write(path, data)
    return True


def bulletins(folder: Path, month: str) -> list[BulletinFile]:
    """The bulletins of a month, the first first."""
    name = re.compile(rf"通报_{re.escape(month)}(?:_(\d+))?\.docx\Z")
    place = folder / BULLETINS / month
    found = (
        BulletinFile(path, int(match[1] or 1))
        for path in (place.iterdir() if place.is_dir() else ())
        if (match := name.match(path.name))
    )
    return sorted(found, key=lambda each: each.number)


def next_path(folder: Path, ledger: Ledger, month: str) -> Path:
    """Where a new draft goes: over the last one where nobody edited it, else under the next number."""
    found = bulletins(folder, month)
    if not found:
        return _path(folder, month, 1)
    last = found[-1]
    return last.path if _may_go(last.path, ledger) else _path(folder, month, last.number + 1)


def _path(folder: Path, month: str, number: int) -> Path:
    counted = f"_{number}" if number > 1 else ""
    return folder / BULLETINS / month / f"通报_{month}{counted}.docx"


def _may_go(path: Path, ledger: Ledger) -> bool:
    word_lock = path.with_name(f"~${path.name[2:]}")  # Word leaves out the first two letters
    if word_lock.exists() or find_lock_files(path):
        return False
    data = path.read_bytes()
    sent = {each.sha256 for each in publications(ledger)}
    if hashlib.sha256(data).hexdigest() in sent:
        return False
    try:
        return not read_marks(data).edited
    except Unreadable:
        return False
