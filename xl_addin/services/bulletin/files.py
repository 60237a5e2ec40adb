"""Where bulletins lie: 通报/2023-06/通报_2023-06.docx, and by number what follows.

What people edited, have open or have sent out is never written over: the next number is taken.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from xl_addin.docx.properties import Marks, read_marks
from xl_addin.model.folder import BULLETINS, TEMPLATES
from xl_addin.store.ledger import Ledger
from xl_addin.store.publications import publications
from xl_addin.system import atomic, held
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
            return path, held.read_bytes(workbook_path(BULLETIN_TEMPLATE))
    return path, held.read_bytes(path)


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
        BulletinFile(place / each, int(match[1] or 1))
        for each in held.names(place)
        if (match := name.match(each))
    )
    return sorted(found, key=lambda each: each.number)


class Written(NamedTuple):
    """A bulletin as it lies there; ``sha256`` in hex over its bytes."""

    path: Path
    data: bytes
    sha256: str
    marks: Marks


def choose_written(folder: Path, ledger: Ledger, month: str, mark: str) -> Written:
    """The bulletin that is to go out: the only one that has not and that prints what is so now.

    ``mark`` is that of the figures as they are. Refused where there is none, or more than one.
    """
    make_one = f"点“生成通报”（xl-addin bulletin --month {month}）"
    found = [_read_written(each.path) for each in bulletins(folder, month)]
    if not found:
        raise Refused(f"{month} 还没有通报；请先{make_one}，看过、写好再发布")
    sent = {each.sha256: each for each in publications(ledger)}
    waiting = [each for each in found if each.sha256 not in sent]
    if not waiting:
        last = sent[found[-1].sha256]
        raise Refused(
            f"{found[-1].path}：已经在 {last.at} 作为第{last.number}期发布了；要再发，请先{make_one}"
        )
    good = [each for each in waiting if each.marks.figures in ("", mark)]
    if not good:
        raise Refused(
            f"{waiting[-1].path}：它印的数已经不是现在的数，没有登记；请重新{make_one}，把写过的话抄过去再发布"
        )
    if len(good) > 1:
        names = "、".join(
            f"{each.path.name}（{'改过' if each.marks.edited else '没有改过'}）" for each in good
        )
        raise Refused(f"有 {len(good)} 份没有发布的通报：{names}；请把不发的移到别处再点“发布”")
    if is_open(good[0].path):
        raise Refused(f"{good[0].path}：正在别的程序里打开；请保存并关闭，再发布")
    return good[0]


def _read_written(path: Path) -> Written:
    data = held.read_bytes(path)
    try:
        return Written(path, data, hashlib.sha256(data).hexdigest(), read_marks(data))
    except Unreadable as error:
        raise Refused(f"{path}：{error}") from error


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


def is_open(path: Path) -> bool:
    """Whether a program has a document open; Word leaves out the first two letters of its name."""
    return path.with_name(f"~${path.name[2:]}").exists() or bool(find_lock_files(path))


def _may_go(path: Path, ledger: Ledger) -> bool:
    if is_open(path):
        return False
    data = held.read_bytes(path)
    sent = {each.sha256 for each in publications(ledger)}
    if hashlib.sha256(data).hexdigest() in sent:
        return False
    try:
        return not read_marks(data).edited
    except Unreadable:
        return False
