"""The form that the level above sent: which one of those in 上级, and which of ours its indicators were said to be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from xl_addin.form.received import Received, read_received
from xl_addin.model.filetypes import is_litter
from xl_addin.model.folder import ABOVE
from xl_addin.model.records import Indicator
from xl_addin.model.sheets import SETTINGS_SHEET
from xl_addin.services.answering import Said, said_matches
from xl_addin.services.given_files import given_folder, kept_text, read_given
from xl_addin.services.programme import Programme, Request
from xl_addin.system import held
from xl_addin.system.errors import Misused, Refused, Unreadable
from xl_addin.system.light import NamedTuple, pattern

MATCHES = "对照.txt"
ADDED = "_已填"
"""What the file with the answers has after the form's name."""
_ANSWERED = pattern(rf"(.+){ADDED}(\(\d+\))?")
_NAMED = 6


class FormAbove(NamedTuple):
    """A form as it lies there, and as it was read."""

    path: Path
    data: bytes
    form: Received


def form_above(programme: Programme, request: Request) -> FormAbove:
    """The form that was named, else the one in 上级 that is of the month to be answered. Refused where none is."""
    if request.paths:
        return _read(programme, Path(request.paths[0]))
    folder, again = programme.folder / ABOVE, _again(programme)
    names = set(held.names(given_folder(programme.folder, ABOVE, make=not request.rehearse)))
    paths = [folder / name for name in sorted(names) if _may_be_form(name, names)]
    if not paths:
        raise Refused(f"“{ABOVE}”文件夹里没有文件；请把上级发来的填报表放进 {folder}，{again}")
    if len(paths) == 1:
        return _read(programme, paths[0])
    month = programme.month(request)
    found, others = [], []
    for path in paths:
        try:
            each = _read(programme, path)
        except Refused as refusal:
            others.append(refusal.message)
        else:
            if each.form.identity.month == month:
                found.append(each)
            else:
                others.append(f"{path.name}：这是 {each.form.identity.month} 的填报表")
    if len(found) == 1:
        return found[0]
    if not found:
        says = f"没有上级 {month} 的填报表；请放进 {folder}，或者改“{SETTINGS_SHEET}”里的本次月份"
        said = "\n".join(others[:_NAMED])
        raise Refused(f"“{ABOVE}”文件夹里{says}，{again}\n{said}")
    several = "、".join(f"“{each.path.name}”" for each in found[:_NAMED])
    says = f"有 {len(found)} 份 {month} 的填报表（{several}），一次填一份；请只留下要填的那一份"
    raise Refused(f"“{ABOVE}”文件夹里{says}，{again}")


def _again(programme: Programme) -> str:
    return "再点一次“填上级表”" if programme.live else "再运行一次 answer"


def _may_be_form(name: str, names: Collection[str]) -> bool:
    """Whether it is no litter, no text, and not what was made of a form that lies there as well."""
    path = Path(name)
    made = _ANSWERED.fullmatch(path.stem)
    return not (
        is_litter(name)
        or path.suffix.lower() == ".txt"
        or (made and f"{made[1]}{path.suffix}" in names)
    )


def _read(programme: Programme, path: Path) -> FormAbove:
    data = read_given(path)
    try:
        form = read_received(data)
    except Unreadable as error:
        raise Refused(f"{path.name}：{error.message}") from error
    if form.identity.programme == programme.ledger.programme:
        raise Refused(
            f"{path.name}：这是本任务发给下级的填报表，不是上级发来的；请换成上级发来的那一份"
        )
    return FormAbove(path, data, form)


def kept_matches(programme: Programme) -> Mapping[str, Said]:
    """What staff wrote into 对照.txt, by what stands left of the sign. Refused with the line that is none."""
    typed = kept_text(programme.folder / ABOVE, MATCHES).replace("＝", "=")
    pairs = [line.strip().partition("=") for line in typed.splitlines() if line.strip()]
    lines = [
        f"{theirs}{mark}{ours.replace('×', '*').replace('＊', '*')}" for theirs, mark, ours in pairs
    ]
    try:
        return said_matches(programme.config, "\n".join(lines), "每行")
    except Misused as wrong:
        says = wrong.message.removeprefix("用法不对：")
        raise Refused(f"“{ABOVE}”里的“{MATCHES}”：{says}；改好{_again(programme)}") from None


def how_to_match(programme: Programme, theirs: Indicator, ours: str) -> str:
    """How it is said which of ours an indicator is, where the program was started.

    A line that is kept goes by the name: the next form may have another indicator under that code.
    """
    if not programme.live:
        return f"加 --match {theirs.code}={ours}"
    line = f"{theirs.label}={ours}"
    return f"在“{ABOVE}”文件夹的“{MATCHES}”（没有就建一个）里写一行 {line}，{_again(programme)}"
