"""The mail rows of 设置 as an account, with every cell that cannot be right."""

from __future__ import annotations

from pathlib import Path

from xl_addin.mail.account import IMAP, POP3, SMTP, Account, Server
from xl_addin.master.host.base import Host
from xl_addin.master.read.settings_rows import SettingRows
from xl_addin.model import mail_settings
from xl_addin.model.addresses import one_mail_address
from xl_addin.model.calendar import read_day
from xl_addin.model.problems import setting_code
from xl_addin.model.records import Problem
from xl_addin.model.settings import NO, YES
from xl_addin.model.sheets import SETTINGS_BLOCK
from xl_addin.system.errors import Refused
from xl_addin.xlsx.cells import DATE
from xl_addin.xlsx.values import date_text, quote

_NO_YEAR = 9999
"""Stands for the year of a day that is written without one, which would be any year's."""


class _MailRows:
    """The mail rows, with what is wrong in each part of them: who needs only one part reads on."""

    def __init__(self, host: Host) -> None:
        self.sender: list[Problem] = []
        self.smtp: list[Problem] = []
        self.imap: list[Problem] = []
        self.pop3: list[Problem] = []
        block = host.block(SETTINGS_BLOCK)
        sender, smtp, imap, pop3 = (
            SettingRows(block, problems)
            for problems in (self.sender, self.smtp, self.imap, self.pop3)
        )
        self.rows = {"sender": sender, SMTP: smtp, IMAP: imap, POP3: pop3}
        address = _address(sender, "mail_address")
        self.account = Account(
            sender.choice("mail_way", mail_settings.CHOICES["mail_way"]),
            address,
            sender.words("mail_name"),
            _address(sender, "mail_reply_to"),
            _yes(sender, "mail_receipts"),
            _whole(sender, "mail_pace", 600),
            _yes(sender, "mail_own_copy"),
            sender.choice("mail_unsure", mail_settings.IN_DOUBT_CHOICES),
            _server(smtp, SMTP, address),
            _server(imap, IMAP, address),
            imap.words("imap_folder"),
            imap.words("imap_taken"),
            _certificate(imap),
            _since(imap),
            sender.choice("mail_doubtful", mail_settings.DOUBTFUL_CHOICES),
            imap.choice("mail_receiver", mail_settings.CHOICES["mail_receiver"]),
            _server(pop3, POP3, address),
            sender.choice("mail_login", mail_settings.LOGINS),
            sender.words("mail_client"),
            sender.words("mail_tenant"),
        )

    def require(self, part: str, key: str, value: str, expected: str) -> None:
        """Tell that a cell must be filled in for what is wanted."""
        if not value:
            rows = self.rows[part]
            spec, where, _ = rows.cell(key)
            rows.report("setting-needed", where, spec.label, expected)


def _address(rows: SettingRows, key: str) -> str:
    text = rows.words(key)
    address = one_mail_address(text)
    if text and not address:
        spec, where, _ = rows.cell(key)
        rows.report("bad-mail", where, spec.label, "一个邮箱地址，例如 name@example.com")
    return address


def _yes(rows: SettingRows, key: str) -> bool:
    return rows.choice(key, (YES, NO)) == YES


def _whole(rows: SettingRows, key: str, most: int) -> int:
    def fits(number: int | float) -> bool:
        return isinstance(number, int) and 1 <= number <= most

    return int(rows.number(key, fits, f"1 到 {most} 的整数"))


def _server(rows: SettingRows, protocol: str, address: str) -> Server:
    name = protocol.lower()
    host = rows.words(f"{name}_host")
    if host and (not host.isascii() or any(sign in host for sign in " /:@\\")):
        spec, where, _ = rows.cell(f"{name}_host")
        rows.report(
            setting_code(f"{name}_host"), where, spec.label, f"服务器的名字，例如 {name}.163.com"
        )
        host = ""
    port = _whole(rows, f"{name}_port", 65_535)
    security = rows.choice(f"{name}_security", mail_settings.TLS_MODES)
    return Server(protocol, host, port, security, rows.words(f"{name}_user") or address)


def _since(rows: SettingRows) -> str:
    spec, where, cell = rows.cell("mail_since")
    if cell is None:
        return ""
    text = quote(cell).strip()
    day = date_text(cell.value) if cell.kind == DATE else read_day(text, _NO_YEAR)
    if day and not day.startswith(f"{_NO_YEAR}"):
        return day
    if text:
        rows.report(setting_code("mail_since"), where, spec.label, "一个日期，例如 2023-07-01")
    return ""


def _certificate(rows: SettingRows) -> str:
    path = rows.words("mail_ca_file")
    if path and not Path(path).is_file():
        spec, where, _ = rows.cell("mail_ca_file")
        rows.report("bad-mail-ca-file", where, spec.label, "一个证书文件的完整路径，这里找不到它")
        return ""
    return path


def read_account(host: Host) -> tuple[Account, tuple[Problem, ...]]:
    """The account as it is set and every cell that cannot be right; an empty cell is no problem."""
    reader = _MailRows(host)
    return reader.account, (*reader.sender, *reader.smtp, *reader.imap, *reader.pop3)


def sending_account(host: Host) -> Account:
    """The account. Refused when something that its way of sending needs is wrong or missing."""
    reader = _MailRows(host)
    account, problems = reader.account, reader.sender
    reader.require("sender", "mail_address", account.address, "发件人邮箱，例如 name@example.com")
    if mail_settings.TRANSPORT_OF[account.transport].needs_server:
        reader.require(SMTP, "smtp_host", account.smtp.host, "发信服务器的名字，例如 smtp.163.com")
        problems = [*problems, *reader.smtp, *_problems_about(reader.imap, "bad-mail-ca-file")]
    return _refuse_if_wrong(account, problems)


def fetching_account(host: Host) -> Account:
    """The account. Refused when something that fetching needs is wrong or missing."""
    reader = _MailRows(host)
    account = reader.account
    protocol = mail_settings.RECEIVER_OF[account.receiver].protocol
    if not protocol:
        reader.require(
            "sender", "mail_address", account.address, "发件人邮箱，例如 name@example.com"
        )
        return _refuse_if_wrong(account, [*reader.sender, *reader.imap])
    name, server = protocol.lower(), account.pop3 if protocol == POP3 else account.imap
    reader.require(protocol, f"{name}_host", server.host, f"收信服务器的名字，例如 {name}.163.com")
    reader.require(protocol, f"{name}_user", server.user, "登录邮箱的用户名，或者填“发件人邮箱”")
    further = reader.pop3 if protocol == POP3 else []
    return _refuse_if_wrong(account, [*reader.imap, *further])


def _problems_about(problems: list[Problem], code: str) -> list[Problem]:
    return [problem for problem in problems if problem.code == code]


def _refuse_if_wrong(account: Account, problems: list[Problem]) -> Account:
    wrong = [problem for problem in problems if problem.code != "setting-missing"]
    if wrong:
        raise Refused(f"主表里有 {len(wrong)} 处邮件设置不对，改好后再试", wrong)
    return account
