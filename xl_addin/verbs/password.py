"""``password``: the mail passwords into the system's keyring, asked for without showing them."""

from __future__ import annotations

import sys
from getpass import getpass

from xl_addin.mail.account import Server, store_password
from xl_addin.master.read.account_rows import read_account
from xl_addin.model.result import Result
from xl_addin.services.programme import Programme, Request
from xl_addin.system.errors import Refused


def run(programme: Programme, request: Request) -> Result:
    """Ask for each server that is set on 设置, and store what is typed."""
    account = read_account(programme.host)[0]
    servers = [server for server in (account.smtp, account.imap) if server.host and server.user]
    if not servers:
        raise Refused(
            "设置：还没有填 SMTP 服务器和 IMAP 服务器；请先在主表的“设置”里填好、保存，再保存密码"
        )
    places = "、".join(f"{server.label}（用户 {server.user}）" for server in servers)
    data = {"verb": "password", "servers": [server.label for server in servers]}
    if request.rehearse:
        return Result(data, f"会保存 {places} 的密码（预演，没有保存）")
    if not sys.stdin.isatty():
        raise Refused("请在命令行窗口里运行 xl-addin password：密码要由人输入，输入时不显示")
    for server, secret in _ask_passwords(servers):
        store_password(server, secret)
    return Result(data, f"已保存 {places} 的密码")


def _ask_passwords(servers: list[Server]) -> list[tuple[Server, str]]:
    """A password for each server; an empty second answer means the same as the first."""
    print("163、126、QQ 等邮箱这里填“授权码”，不是登录密码。输入时不显示。", file=sys.stderr)  # noqa: T201
    given: list[tuple[Server, str]] = []
    for server in servers:
        same = "，与上面相同就直接回车" if given else ""
        secret = getpass(f"{server.label} 用户 {server.user} 的密码{same}：")
        secret = secret or (given[0][1] if given else "")
        if not secret:
            raise Refused("没有输入密码，没有保存")
        given.append((server, secret))
    return given
