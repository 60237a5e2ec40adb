"""``password``: the mail passwords into the system's keyring, asked for without showing them.

On a terminal they are typed there, from the button in a small window; they come into no cell, no log and
no file. A Microsoft account is logged in on Microsoft's own page instead.
"""

from __future__ import annotations

import sys
from getpass import getpass

from xl_addin.mail.account import Account, Server, store_password
from xl_addin.mail.receivers.choose import receiving_server
from xl_addin.master.read.account_rows import read_account
from xl_addin.model.mail_settings import CLOUDS, TRANSPORT_OF
from xl_addin.model.result import Result
from xl_addin.services.programme import Programme, Request
from xl_addin.system.dialogs import ask_secret, confirm
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from xl_addin.mail.credentials import DeviceLogin

_TITLE = "保存密码"
_WHAT = "163、126、QQ 等邮箱这里填“授权码”，不是登录密码。"


def run(programme: Programme, request: Request) -> Result:
    """Ask for each server that is set on 设置, and store what is typed."""
    account = read_account(programme.host)[0]
    servers = _servers(account)
    if not servers:
        raise Refused(_nothing_to_keep(account))
    places = "、".join(f"{server.label}（用户 {server.user}）" for server in servers)
    data = {"verb": "password", "servers": [server.label for server in servers]}
    by_account = account.login in CLOUDS
    if request.rehearse:
        what = "会用微软账户登录" if by_account else "会保存密码"
        return Result(data, f"{places}：{what}（预演，没有保存）")
    if not programme.live and not sys.stdin.isatty():
        raise Refused(
            "请在命令行窗口里运行 xl-addin password，或点选项卡上的“保存密码”：密码要由人输入，输入时不显示"
        )
    if by_account:
        _sign_in(programme, account, servers)
        return Result(data, f"已用微软账户登录：{places}；下一步点“测试邮箱”")
    for server, secret in _ask_passwords(programme, servers):
        store_password(server, secret)
    return Result(data, f"已保存 {places} 的密码；下一步点“测试邮箱”")


def _servers(account: Account) -> list[Server]:
    """The servers that the chosen ways need a password for, or that are set all the same."""
    needed = [account.smtp] if TRANSPORT_OF[account.transport].needs_server else []
    receiving = receiving_server(account)
    set_too = [account.smtp, *([receiving] if receiving else [])]
    servers = [each for each in (*needed, *set_too) if each.host and each.user]
    return list(dict.fromkeys(servers))


def _nothing_to_keep(account: Account) -> str:
    if receiving_server(account) is None and not TRANSPORT_OF[account.transport].needs_server:
        return "现在的发送方式和收信方式都用不着密码，没有要保存的"
    return "设置：还没有填发信和收信的服务器；请先在主表的“设置”里填好、保存，再保存密码"


def _sign_in(programme: Programme, account: Account, servers: list[Server]) -> None:
    from xl_addin.mail.credentials import sign_in

    def show(login: DeviceLogin) -> bool:
        import webbrowser

        if programme.live:
            webbrowser.open(login.page)
            return confirm("用微软账户登录", f"{login.words}；登录好以后点“确定”。", login.code)
        print(login.words, file=sys.stderr)  # noqa: T201
        return True

    for user in dict.fromkeys(server.user for server in servers):
        sign_in(account, user, show)


def _ask_passwords(programme: Programme, servers: list[Server]) -> list[tuple[Server, str]]:
    """A password for each server; an empty second answer means the same as the first."""
    if not programme.live:
        print(f"{_WHAT}输入时不显示。", file=sys.stderr)  # noqa: T201
    given: list[tuple[Server, str]] = []
    for server in servers:
        same = "与上面相同就直接" if given else ""
        asked = f"{server.label} 用户 {server.user} 的密码"
        secret: str | None
        if programme.live:
            hint = f"{same}点“确定”" if same else "密码只存进这台电脑的密码库，不写进任何表格和文件"
            secret = ask_secret(_TITLE, f"{asked}\n{_WHAT}\n{hint}")
            if secret is None:
                raise Refused("没有保存密码")
        else:
            secret = getpass(f"{asked}{f'，{same}回车' if same else ''}：")
        secret = secret.strip() or (given[0][1] if given else "")
        if not secret:
            raise Refused("没有输入密码，没有保存")
        given.append((server, secret))
    return given
