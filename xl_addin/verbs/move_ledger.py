"""``move-ledger``: the ledger into a PostgreSQL database that several computers share, or back into its folder.

Every row is compared before anything leads there; until then the ledger that was there is the one that counts.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from xl_addin.model.folder import BACKUPS, LEDGER
from xl_addin.model.result import Result
from xl_addin.services.archived import bring_archive
from xl_addin.services.programme import Programme, Request
from xl_addin.store.database import DatabaseFault
from xl_addin.store.place import SCHEMES, is_shared, ledger_path, read_pointer, split_password
from xl_addin.store.rebuilding import back_up_ledger
from xl_addin.system import held
from xl_addin.system.errors import Misused, Refused
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xl_addin.store.copying import TableCount


def run(programme: Programme, request: Request) -> Result:
    """Copy, compare, and only then have the folder lead there."""
    if not request.paths:
        raise Misused(
            "用法不对：没有写搬到哪里；搬进数据库写 postgresql://用户名@服务器/数据库名，搬回来写任务文件夹"
        )
    target = request.paths[0]
    if target.startswith(SCHEMES):
        return _to_server(programme, request, target)
    # With --folder "." is where the command stands, and who writes it means the ledger's own folder.
    if target != "." and Path(target).resolve() != programme.folder.resolve():
        raise Refused(f"{target}：底账只能搬回它自己的任务文件夹 {programme.folder}；请改正后再试")
    return _to_folder(programme, request)


def _to_server(programme: Programme, request: Request, target: str) -> Result:
    url, secret = split_password(target)
    path = ledger_path(programme.folder)
    if is_shared(path):
        there = read_pointer(path).url
        if there != url:
            raise Refused(
                f"{path}：底账已经在 {there}；要换一个数据库，请先运行 xl-addin move-ledger . 搬回来，再搬过去"
            )
        return _keep_password(request, url, secret)
    from xl_addin.store.moving import keep_password, programmes_on

    programmes_on(url, secret, add=True)
    if request.rehearse:
        return _result(url, [], f"可以搬到 {url}（预演，没有写入）")
    keep_password(url, secret)
    counts = share(programme, url)
    told = (
        f"；原来的 {LEDGER} 在“{BACKUPS}”里。同事在自己的电脑上运行 xl-addin join {url} 就能一起用"
    )
    return _result(url, counts, _moved_words(url, counts) + told)


def share(programme: Programme, url: str) -> Sequence[TableCount]:
    """Move a folder's own ledger to a server and record that; the file goes to the backups. Raises a database fault."""
    from xl_addin.store.moving import move_to_server

    ledger = programme.ledger
    with ledger.writing():
        counts = move_to_server(ledger, url, held.read_bytes(programme.master))
    _forget(programme)
    back_up_ledger(ledger.path, sound=True)
    fail_point("move.backed-up")
    held.unlink(ledger.path)
    with programme.ledger.writing():
        said = _moved_words(url, counts)
        programme.ledger.add_event(programme.now(), "move-ledger", "", said, programme.who())
    _begin_settings(programme)
    return counts


def _moved_words(url: str, counts: Sequence[TableCount]) -> str:
    return f"底账搬到了 {url}：{_counted(counts)}，逐行核对过，一样"


def _begin_settings(programme: Programme) -> None:
    """What this master says is what all go by from now on: whoever joins and clicks first would be it otherwise."""
    from xl_addin.services.settings_merge import MINE
    from xl_addin.services.shared_settings import agree

    # It is moved by now. What cannot be agreed on yet, each click begins with.
    with suppress(Refused, DatabaseFault):
        agree(programme, "check", MINE)


def _forget(programme: Programme) -> None:
    """Open the ledger anew when it is asked next: another one counts."""
    programme.ledger.close()
    programme.__dict__.pop("ledger")


def _keep_password(request: Request, url: str, secret: str) -> Result:
    from xl_addin.store.moving import keep_password, programmes_on

    programmes_on(url, secret)
    if not request.rehearse:
        keep_password(url, secret)
    told = "，密码存进了系统密码库" if secret and not request.rehearse else ""
    return _result(url, [], f"底账已经在 {url}，连得上{told}")


def _to_folder(programme: Programme, request: Request) -> Result:
    path = ledger_path(programme.folder)
    if not is_shared(path):
        raise Refused(f"{path}：底账本来就在这个文件夹里，没有要搬的")
    from xl_addin.store.moving import half_moved, leave_server, move_to_file

    ledger = programme.ledger
    if half_moved(ledger):  # cut off before the last step
        counts: Sequence[TableCount] = ()
    elif request.rehearse:
        return _result("", [], f"可以搬回 {programme.folder}（预演，没有写入）")
    else:
        bring_archive(programme.folder, look_closely=True)
        with ledger.writing():
            counts = move_to_file(ledger)
    if not request.rehearse:
        leave_server(path)
    _forget(programme)
    outcome = "底账搬回了任务文件夹" + (f"：{_counted(counts)}，逐行核对过，一样" if counts else "")
    with programme.ledger.writing():
        programme.ledger.add_event(programme.now(), "move-ledger", "", outcome, programme.who())
    return _result(
        str(programme.folder), counts, f"{outcome}；数据库里的那一份还在，不再用，别的电脑不能再写"
    )


def _counted(counts: Sequence[TableCount]) -> str:
    return f"{sum(each.rows > 0 for each in counts)} 张表、{sum(each.rows for each in counts)} 行"


def _result(target: str, counts: Sequence[TableCount], outcome: str) -> Result:
    tables = [each._asdict() for each in counts]
    return Result({"verb": "move-ledger", "ledger": target or None, "tables": tables}, outcome)
