"""``join``: a folder with a master of its own for a programme whose ledger several computers share."""

from __future__ import annotations

import json

from xl_addin.model.folder import ARCHIVE, FORMS, PROGRAMME, RETURNS, SHARED_LEDGER
from xl_addin.model.result import Result
from xl_addin.services.archived import bring_archive
from xl_addin.services.programme import Programme, Request, hold_new_ledger
from xl_addin.store.place import (
    has_ledger,
    is_shared,
    ledger_path,
    master_of,
    read_pointer,
    split_password,
    write_pointer,
)
from xl_addin.system import atomic, held
from xl_addin.system.errors import Misused, Refused
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.system.rights import private_mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xl_addin.store.moving import Joined, SharedProgramme


def run(programme: Programme, request: Request) -> Result:
    """Lay out the folder; the master comes last, so that one that was cut off is begun again, or ended."""
    if not request.paths:
        raise Misused("用法不对：没有写数据库的地址；请写 postgresql://用户名@服务器/数据库名")
    folder, begun = programme.folder, programme.master.exists()
    if begun and not is_shared(ledger_path(folder)):
        raise _has_master(programme)
    url, secret = split_password(request.paths[0])
    from xl_addin.store.moving import join, keep_password, programmes_on

    chosen = _choose(programmes_on(url, secret), request.options.get("programme", ""), url)
    if not request.rehearse:
        keep_password(url, secret)
    outcome = f"加入了 {chosen.year} 年度任务（{chosen.id}），底账在 {url}"
    data = {"verb": "join", "programme": chosen.id, "year": chosen.year, "ledger": url}
    if request.rehearse:
        return Result(data, f"可以加入 {chosen.year} 年度任务（{chosen.id}）（预演，没有写入）")
    for name in (FORMS, RETURNS, ARCHIVE):
        (folder / name).mkdir(parents=True, exist_ok=True)
    with hold_new_ledger(folder, "加入年度任务"):
        joined = join(url, chosen.id)
        if not begun:
            _lay_out(programme, joined, outcome)
        elif not _was_cut_off(programme, joined):
            raise _has_master(programme)
        settings = _go_by_the_settings_of_all(programme)
    return Result(
        {**data, "master": str(programme.master)},
        f"{outcome}。主表在 {programme.master}，{settings}；"
        "下一步请运行 xl-addin attach，让按钮用这台电脑的程序",
    )


def _lay_out(programme: Programme, joined: Joined, outcome: str) -> None:
    folder = programme.folder
    known = folder / ARCHIVE / PROGRAMME
    if has_ledger(folder) and not known.is_file():
        raise Refused(f"{folder}：这里有别的底账，却没有主表；请换一个空文件夹（--folder）")
    atomic.write(known, json.dumps(joined.facts).encode(), private_mode(folder))
    write_pointer(folder / SHARED_LEDGER, joined.pointer)
    master_of(folder / SHARED_LEDGER)
    fail_point("join.led")
    bring_archive(folder)
    with programme.ledger.writing():
        programme.ledger.add_event(programme.now(), "join", "", outcome, programme.who())
    atomic.write(programme.master, joined.master)
    fail_point("join.laid")


def _was_cut_off(programme: Programme, joined: Joined) -> bool:
    """Whether the master here is as it was laid out: nobody has worked in it, and it has the settings of then."""
    pointer = read_pointer(ledger_path(programme.folder))
    same = pointer._replace(masters={}) == joined.pointer
    return same and held.read_bytes(programme.master) == joined.master


def _has_master(programme: Programme) -> Refused:
    return Refused(f"{programme.master}：已经有主表了，不会覆盖；请换一个空文件夹（--folder）")


def _go_by_the_settings_of_all(programme: Programme) -> str:
    """Have the new master say what all go by now, in words; it is as it was when the ledger came to the server."""
    from xl_addin.services.settings_merge import THEIRS
    from xl_addin.services.shared_settings import agree

    try:
        version = agree(programme, "check", THEIRS).version
    except Refused as refusal:
        return f"设置还没有和底账对上（{refusal.message}）"
    return f"设置是底账里的第 {version.number} 版" if version else "设置是底账进数据库时的样子"


def _choose(found: Sequence[SharedProgramme], named: str, url: str) -> SharedProgramme:
    """The programme that is meant. Refused where there is none, or it has to be named."""
    meant = [each for each in found if named in ("", each.id)]
    if not found:
        raise Refused(
            f"{url}：这个数据库里还没有年度任务；请先在建立任务的电脑上运行 xl-addin move-ledger 把底账搬进来"
        )
    if len(meant) == 1:
        return meant[0]
    listed = "；".join(
        f"{each.id}（{each.year} 年度，最近一次操作 {each.last or '还没有'}）" for each in found
    )
    raise Refused(f"{url}：请用 --programme 写明是哪一个年度任务：{listed}")
