"""What is really at a port where no mail server answered as it should: looked at once more, briefly.

A wrong row on 设置 shows as silence, as broken encryption or as nonsense, and each of them has several causes;
which it is can be told by greeting the port in the other ways. Nothing secret is ever sent here.
"""

from __future__ import annotations

import re
import socket
from contextlib import suppress

from xl_addin.formats.text_encoding import decode_chinese
from xl_addin.mail.account import Server
from xl_addin.mail.answers import advice
from xl_addin.model.mail_settings import IMPLICIT_PORTS, STARTTLS, TLS
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

_SECONDS = 4.0
_GREETINGS = {"SMTP": b"220", "IMAP": b"* ", "POP3": b"+OK"}
_OTHERS = {b"220": "发信（SMTP）", b"* ": "收信（IMAP）", b"+OK": "收信（POP3）", b"SSH-": "SSH"}
_TLS_RECORD = (b"\x15\x03", b"\x16\x03")
_HUNG_UP = b"\0"
"""Instead of what a port says that ends the connection before it said anything."""
_NEVER = re.compile(rb"(?!)")
_REFUSALS = {
    "SMTP": re.compile(rb"[45]\d\d[ -]"),
    "IMAP": re.compile(rb"\* (BYE|NO)\b", re.IGNORECASE),
    "POP3": re.compile(rb"-ERR\b", re.IGNORECASE),
}
_WEB = (b"HTTP/", b"<!DOC", b"<html")


def may_be_another_port(error: OSError) -> bool:
    """Whether something answered or hung up, or nothing came in time, so that the way to speak to it may be wrong."""
    import ssl

    told = isinstance(error, ssl.SSLCertVerificationError | ConnectionRefusedError)
    return isinstance(error, ssl.SSLError | TimeoutError | ConnectionError) and not told


def what_is_there(server: Server, context: ssl.SSLContext) -> str:
    """A sentence (Chinese) on what to change where no mail server greeted; empty where nothing can be told."""
    plain = _greeting(server, None) or b""
    if plain.startswith(
        _TLS_RECORD
    ):  # an alert: Exim and Courier take what they are asked for a broken hello
        plain = b""
    # What speaks at once in the clear cannot be a port that is encrypted from the first byte.
    secure = None if plain and not plain.startswith(_WEB) else _greeting(server, context)
    mine = _GREETINGS.get(server.protocol, b"")
    greeted = plain or secure or b""
    if _REFUSALS.get(server.protocol, _NEVER).match(greeted):
        return turned_away(" ".join(decode_chinese(greeted).split()))
    row = f"“设置”的“{server.protocol} 加密”"
    if plain == _HUNG_UP:
        return (
            "这个端口一连接就断开，没有应答：多半是同时连接的太多，或者服务器不让这台电脑连接；请关掉别的收发信程序，"
            "过几分钟再试，一直这样请核对端口，或与邮箱管理员联系"
        )
    for said, way in ((secure, TLS), (plain, STARTTLS)):
        if not said:
            continue
        if said.startswith(mine) and way != server.security:
            how = "一连接就加密" if way == TLS else "连接后再加密"
            return f"这个端口是{how}的；请把{row}改为 {way}，或核对端口"
        if said.startswith(_WEB):
            return "这个端口上是网页服务，不是邮件服务器；请核对服务器名字和端口"
        for sign, name in _OTHERS.items():
            if said.startswith(sign) and sign != mine:
                return f"这个端口上是{name}，不是 {server.protocol} 服务器；请核对端口"
    if secure is not None and server.security == STARTTLS:
        return f"这个端口是一连接就加密的；请把{row}改为 {TLS}，或核对端口"
    return ""


def no_starttls(server: Server) -> Refused:
    """That a server offers no encryption where it was asked for it."""
    row, port = f"“设置”的“{server.protocol} 加密”", IMPLICIT_PORTS[server.protocol]
    return Refused(
        f"{server.label}：服务器在这个端口没有提供 STARTTLS 加密，没有发送密码；请把{row}改为 TLS、端口改为 {port}，"
        "或与邮箱管理员联系"
    )


def turned_away(words: str) -> str:
    """That a server let nobody in, with what helps."""
    later = "请过几分钟再试，一直这样请把这句话告诉邮箱管理员"
    return f"服务器不接受连接（{words}）；{advice(words, ours=True) or later}"


def _greeting(server: Server, context: ssl.SSLContext | None) -> bytes | None:
    """The first that a port says, empty where it says nothing; None where there is no such connection.

    One that waits to be spoken to is asked as a web client would.
    """
    import ssl

    try:
        with socket.create_connection((server.host, server.port), _SECONDS) as bare:
            if context is None:
                return _first_words(bare)
            with context.wrap_socket(bare, server_hostname=server.host) as wire:
                return _first_words(wire)
    except ssl.SSLCertVerificationError:
        return b""  # it is encrypted, whoever it is
    except (OSError, ValueError) as error:
        if context is not None:
            return None
        return _HUNG_UP if isinstance(error, ConnectionResetError | ConnectionAbortedError) else b""


def _first_words(wire: socket.socket) -> bytes:
    wire.settimeout(_SECONDS / 2)
    with suppress(TimeoutError):
        return wire.recv(200) or _HUNG_UP
    # What tears the connection down over these words had not hung up before.
    with suppress(TimeoutError, ConnectionError):
        wire.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return wire.recv(200)
    return b""
