"""What is really at a port where no mail server answered as it should: looked at once more, briefly.

A wrong row on 设置 shows as silence, as broken encryption or as nonsense, and each of them has several causes;
which it is can be told by greeting the port in the other ways. Nothing secret is ever sent here.
"""

from __future__ import annotations

import socket
from contextlib import suppress

from xl_addin.mail.account import Server
from xl_addin.model.mail_settings import STARTTLS, TLS
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

_SECONDS = 4.0
_GREETINGS = {"SMTP": b"220", "IMAP": b"* ", "POP3": b"+OK"}
_OTHERS = {b"220": "发信（SMTP）", b"* ": "收信（IMAP）", b"+OK": "收信（POP3）", b"SSH-": "SSH"}
_WEB = (b"HTTP/", b"<!DOC", b"<html")


def what_is_there(server: Server, context: ssl.SSLContext) -> str:
    """A sentence (Chinese) on what to change where no mail server greeted; empty where nothing can be told."""
    plain = _greeting(server, None) or b""
    # What speaks at once in the clear cannot be a port that is encrypted from the first byte.
    secure = None if plain and not plain.startswith(_WEB) else _greeting(server, context)
    mine = _GREETINGS.get(server.protocol, b"")
    row = f"“设置”的“{server.protocol} 加密”"
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
    except (OSError, ValueError):
        return None if context is not None else b""


def _first_words(wire: socket.socket) -> bytes:
    wire.settimeout(_SECONDS / 2)
    with suppress(TimeoutError):
        return wire.recv(64)
    wire.sendall(b"GET / HTTP/1.0\r\n\r\n")
    with suppress(TimeoutError):
        return wire.recv(64)
    return b""
