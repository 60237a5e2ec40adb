"""体检 of a programme's folder: rights, master, buttons, backups, what was left behind, mail.

Nothing is changed and nothing is asked of the net; one file is made and taken away again, to see
whether it can be.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from xl_addin.master.migrate.lacks import ROW, SHEET, Lack, find_lacking, lack_texts
from xl_addin.master.read.account_rows import fetching_account, read_account, sending_account
from xl_addin.model.folder import BACKUPS, MASTER, PRIVATE
from xl_addin.model.sheets import DEFINED_NAMES, HOMES
from xl_addin.services.checkup.ledger import archive_checks, clock_check, ledger_checks
from xl_addin.services.checkup.runner import FAULT, NOTE, OK, UNKNOWN, Check, list_some, run_checks
from xl_addin.services.interruptions import leftovers
from xl_addin.services.programme import Programme
from xl_addin.store.place import has_ledger, ledger_path
from xl_addin.system import held
from xl_addin.system.errors import Refused, Unreadable, in_chinese
from xl_addin.system.rights import AccessList, read_by_others
from xl_addin.xlsx.openfiles import find_lock_files

_CLOCKS_APART = 300


def folder_checks(programme: Programme, *, rehearse: bool = False) -> Iterator[Check]:
    """Everything about the programme; one line when there is none here."""
    if not (programme.live or programme.master.is_file() or has_ledger(programme.folder)):
        says = "请换到任务文件夹（或用 --folder 指定）再做一次；还没有就先运行 xl-addin new"
        yield Check("programme", UNKNOWN, "任务文件夹", f"{programme.folder} 里没有 {MASTER}", says)
        return
    if rehearse:
        yield Check("writable", UNKNOWN, "写入权限", "", "预演不写任何文件，没有试写")
    else:
        yield writing_check(programme.folder)
    yield from run_checks("谁能看", lambda: [rights_check(programme.folder)])
    yield from run_checks("主表", lambda: master_checks(programme))
    yield from run_checks("按钮", lambda: binding_checks(programme))
    yield from run_checks("底账", lambda: ledger_checks(ledger_path(programme.folder)))
    yield from run_checks("归档", lambda: archive_checks(programme))
    yield from run_checks("备份", lambda: [backups_check(programme.folder / BACKUPS)])
    yield from run_checks("残留文件", lambda: [leftovers_check(programme.folder)])
    yield clock_check(programme)
    yield from run_checks("邮件", lambda: mail_checks(programme))


def writing_check(folder: Path) -> Check:
    """Whether a file can be made and taken away in the folder, and whose clock its time is."""
    subject = "写入权限"
    try:
        handle, name = tempfile.mkstemp(prefix="体检", suffix=".tmp", dir=folder)
        os.close(handle)
        written = Path(name).stat().st_mtime
        held.unlink(Path(name))
    except OSError as error:
        says = "请找管理员要这个文件夹的“修改”权限，或把任务文件夹移到自己能写的地方"
        return Check("writable", FAULT, subject, f"{folder} 写不进去（{in_chinese(error)}）", says)
    apart = abs(written - time.time())
    if apart > _CLOCKS_APART:
        says = "是否按时是按文件时间算的；请让两台电脑的时钟对准"
        return Check("writable", NOTE, "文件服务器的时钟", f"与本机差 {apart / 60:.0f} 分钟", says)
    return Check("writable", OK, subject, f"{folder} 可以写入")


def rights_check(folder: Path, lists: AccessList | None = None) -> Check:
    """Whether people who do not work here may read the key of the seals and what was reported."""
    subject = "谁能看任务文件夹"
    try:
        found = read_by_others(folder, PRIVATE, lists)
    except (OSError, subprocess.SubprocessError) as error:
        return Check("rights", UNKNOWN, subject, f"看不出来（{error}）", _RIGHTS)
    if found:
        return Check("rights", NOTE, subject, f"别人也能看 {list_some(found)}", _RIGHTS)
    return Check("rights", OK, subject, "底账和归档只有经办的人能看")


_RIGHTS = (
    "能看底账和归档的人就能伪造任务数的防改标记；请让管理员只把这个文件夹开放给经办的人"
    "（在 Linux 上运行任何一个会写底账的操作就会收紧）"
)


# --- master ----------------------------------------------------------------------------------------


def master_checks(programme: Programme) -> Iterator[Check]:
    """Whether the master opens, has every block, and its settings are right."""
    from xl_addin.master.read.config import read_config

    try:
        host = programme.host
        lacking = find_lacking(host)
        sheets = {HOMES[lack.area].name for lack in lacking if lack.kind == SHEET}
        lost = [
            name
            for name, home in DEFINED_NAMES.items()
            if home not in sheets and not _has(programme, name)
        ]
    except (Refused, Unreadable) as error:
        yield Check("master", FAULT, "主表", error.message)
        return
    if lost:
        homes = list_some(dict.fromkeys(DEFINED_NAMES[name] for name in lost))
        says = "请从“备份”文件夹恢复主表，或撤销刚才的删除"
        found = f"少了名称 {list_some(lost)}（原在 {homes}）"
        yield Check("master", FAULT, "主表", found, says)
        return
    if lacking:
        yield _layout_check(lacking)
    else:
        yield Check(
            "master", OK, "主表", f"{programme.master} 可以读取，{len(DEFINED_NAMES)} 个区域都在"
        )
    config = read_config(host)
    problems = config.problems
    yield from receive_checks(config.settings.receive_folders())
    if problems:
        says = "请点“检查任务表”（xl-addin check），按单元格逐处改正"
        yield Check(
            "settings", NOTE, "设置和任务表", f"{len(problems)} 处：{problems[0].message}", says
        )
    else:
        yield Check("settings", OK, "设置和任务表", "没有发现问题")
    if not programme.live:
        for lock in find_lock_files(programme.master):
            by = f"（{lock.who}）" if lock.who else ""
            hours = f"，标记已有 {lock.age / 3600:.0f} 小时" if lock.age > 3600 else ""
            says = f"请先保存并关闭；如果确认没有人打开，请删除隐藏文件 {lock.path.name}"
            yield Check("open", NOTE, "主表被打开", f"在 {lock.program} 里打开{by}{hours}", says)


def receive_checks(folders: Sequence[str]) -> Iterator[Check]:
    """Whether the folders of chat programs that are collected are there and can be listed."""
    for folder in folders:
        try:
            count = len(os.listdir(folder))  # noqa: PTH208 - one that is not there is told
        except OSError as error:
            found = f"{folder} 打不开（{in_chinese(error)}）"
            says = "导入文件夹时收不到它；请核对“设置”里的“接收文件夹”"
            yield Check("receive-folder", NOTE, "接收文件夹", found, says)
        else:
            yield Check("receive-folder", OK, "接收文件夹", f"{folder} 里有 {count} 项")


def _layout_check(lacking: Sequence[Lack]) -> Check:
    """A master that lacks what verbs cannot do without is faulty, one that lacks rows is not."""
    found = f"{MASTER} 是较早版本建的，还没有 {list_some(lack_texts(lacking))}"
    says = "请保存并关闭主表，运行 xl-addin attach 补上（先用 --rehearse 看会补什么，原来的内容都不动）"
    needed = any(lack.kind != ROW for lack in lacking)
    return Check("layout", FAULT if needed else NOTE, "主表", found, says)


def _has(programme: Programme, name: str) -> bool:
    try:
        programme.host.block(name)
    except Refused:
        return False
    return True


def binding_checks(programme: Programme) -> Iterator[Check]:
    """Whether the buttons are of this version and find a Python on this computer."""
    from xl_addin.master.macros import binding

    try:
        said, outdated = (
            binding.read_binding(programme.host),
            binding.outdated_macros_text(programme.host),
        )
        here = binding.this_computer()
    except (Refused, Unreadable):
        return  # the master's own line says what is wrong
    if outdated:
        yield Check("macros", NOTE, "按钮和宏", outdated)
    else:
        yield Check("macros", OK, "按钮和宏", "与程序的版本一致")
    yield interpreter_check(said, here)


def interpreter_check(said: dict[str, str], here: dict[str, str]) -> Check:
    """``said`` is what the master is bound to, ``here`` what it should be on this computer."""
    subject = "绑定的 Python"
    if not here:
        says = "这台电脑不是 Windows 或 Mac，主表里的按钮在这里用不上，没有检查"
        return Check("binding", UNKNOWN, subject, "", says)
    [(key, running)] = here.items()
    bound = said.get(key, "")
    if not bound or not Path(bound).is_file():
        found = f"{bound} 不在这台电脑上" if bound else "还没有绑定"
        says = "按钮不能用；请关闭主表，运行 xl-addin attach"
        return Check("binding", FAULT, subject, found, says)
    if Path(bound) != Path(running):
        says = f"按钮用的是它，这里用的是 {running}；两边的版本可能不同，要改就关闭主表，运行 xl-addin attach"
        return Check("binding", NOTE, subject, bound, says)
    return Check("binding", OK, subject, bound)


# --- what is beside them ---------------------------------------------------------------------------


def backups_check(folder: Path) -> Check:
    """How many masters are kept, and whether they open."""
    from xl_addin.xlsx.package import unpack

    kept = [folder / name for name in held.names(folder) if ".xls" in name]
    if not kept:
        return Check("backups", OK, "备份", "还没有（第一次改动主表时开始留）")
    broken = []
    for path in kept:
        try:
            unpack(held.read_bytes(path))
        except (Unreadable, OSError):
            broken.append(path.name)
    if broken:
        return Check(
            "backups", NOTE, "备份", f"打不开：{list_some(broken)}", "请删去它们，以免恢复时误用"
        )
    return Check("backups", OK, "备份", f"{len(kept)} 份，最近的是 {kept[-1].name}")


def leftovers_check(folder: Path) -> Check:
    """Files that a run wrote for itself and did not come to remove."""
    found = leftovers(folder)
    if not found:
        return Check("leftovers", OK, "残留文件", "没有")
    return Check("leftovers", NOTE, "残留文件", list_some(found))


def mail_checks(programme: Programme) -> Iterator[Check]:
    """Whether sending and fetching have all the settings and a password; nobody is called."""
    from xl_addin.mail.credentials import require_stored
    from xl_addin.mail.receivers.choose import receiving_server
    from xl_addin.model import mail_settings

    try:
        sender, problems = read_account(programme.host)
    except (Refused, Unreadable):
        return  # the master's own line says what is wrong
    wrong = [problem for problem in problems if problem.code != "setting-missing"]
    if wrong:
        says = "请按单元格改正“设置”里的邮件部分"
        yield Check("mail", FAULT, "邮件设置", f"{len(wrong)} 处：{wrong[0].message}", says)
        return
    sides = []
    if mail_settings.TRANSPORT_OF[sender.transport].needs_server:
        sides.append(("发信", sending_account, sender.smtp))
    elif sender.address or sender.transport != mail_settings.DEFAULT_TRANSPORT:
        yield Check("mail-out", OK, "发信", f"方式是“{sender.transport}”，不需要密码")
    else:
        yield Check("mail-out", UNKNOWN, "发信", "", "“设置”里没有填发件人邮箱，没有检查")
    receiving = receiving_server(sender)
    if receiving is None:
        yield Check("mail-in", OK, "收信", f"方式是“{sender.receiver}”，不需要密码")
    elif receiving.host:
        sides.append(("收信", fetching_account, receiving))
    else:
        says = f"“设置”里没有填 {sender.receiver} 服务器，没有检查"
        yield Check("mail-in", UNKNOWN, "收信", "", says)
    for subject, complete, server in sides:
        code = "mail-out" if subject == "发信" else "mail-in"
        try:
            complete(programme.host)
            require_stored(sender, server)
        except Refused as refusal:
            more = "；".join(problem.message for problem in refusal.problems)
            yield Check(code, FAULT, subject, refusal.message, more)
        else:
            yield Check(
                code,
                OK,
                subject,
                f"{server.label}，用户 {server.user}，密码已保存（没有连接服务器，点“测试邮箱”会真的登录）",
            )
    if "Outlook" in f"{sender.transport}{sender.receiver}" and find_spec("win32com") is None:
        says = "请在“设置”的“发送方式”“收信方式”里改用别的方式，或在装了 Outlook 的 Windows 上安装 pywin32"
        yield Check(
            "outlook", FAULT, "Outlook", "这台电脑上程序够不到 Outlook（没有 pywin32）", says
        )
