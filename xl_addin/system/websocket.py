"""The server's end of a WebSocket (RFC 6455), as much as one page of ours on the same computer needs.

No extensions and text only. Sizes are bounded; whatever does not keep to the standard ends the connection.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha1
from socket import socket
from struct import pack, unpack

_ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # section 1.3
_MOST_HEAD = 16 << 10
_CONTINUED, _TEXT, _CLOSE, _PING, _PONG = 0, 1, 8, 9, 10
_REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Ended(Exception):
    """The other side has gone or does not keep to the standard."""


def read_head(connection: socket) -> dict[str, str]:
    """The headers of a request, by their names in small letters. Raises Ended for what is no upgrade.

    A header that stands twice is refused: which one counts would be a guess.
    """
    data = b""
    while b"\r\n\r\n" not in data:
        more = _receive(connection, 4096)
        data += more
        if not more or len(data) > _MOST_HEAD:
            raise Ended
    first, *lines = data.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name.lower() in headers:
            raise Ended
        headers[name.lower()] = value.strip()
    if not first.startswith("GET ") or headers.get("upgrade", "").lower() != "websocket":
        raise Ended
    if headers.get("sec-websocket-version") != "13" or "sec-websocket-key" not in headers:
        raise Ended
    return headers


def refuse(connection: socket) -> None:
    """Answer a request with nothing but a refusal."""
    connection.sendall(_REFUSED)


def accept(connection: socket, headers: Mapping[str, str]) -> WebSocket:
    """Answer a request that ``read_head`` read."""
    key = headers["sec-websocket-key"].encode("latin-1")
    answer = b64encode(sha1(key + _ACCEPT, usedforsecurity=False).digest()).decode()
    connection.sendall(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {answer}\r\n\r\n".encode()
    )
    return WebSocket(connection)


class WebSocket:
    """A connection that was accepted."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection

    def send(self, text: bytes) -> None:
        """Send a message, UTF-8. Raises Ended."""
        self._frame(_TEXT, text)

    def receive(self, most: int) -> bytes:
        """The next message, at most so many bytes. Raises Ended, also when the page has closed."""
        message = b""
        begun = False
        while True:
            last, kind, data = self._next(most - len(message))
            if kind == _PING:
                self._frame(_PONG, data)
            elif kind == _CLOSE:
                self.close()
                raise Ended
            elif kind in (_TEXT, _CONTINUED):
                if begun != (kind == _CONTINUED):
                    raise Ended
                begun, message = True, message + data
                if last:
                    return message
            elif kind != _PONG:
                raise Ended

    def close(self) -> None:
        """Say that nothing more comes; the page closes then."""
        try:
            self._frame(_CLOSE, pack(">H", 1000))
        except Ended:
            return

    def _frame(self, kind: int, data: bytes) -> None:
        size = len(data)
        if size < 126:
            head = pack(">BB", 0x80 | kind, size)
        elif size < 1 << 16:
            head = pack(">BBH", 0x80 | kind, 126, size)
        else:
            head = pack(">BBQ", 0x80 | kind, 127, size)
        try:
            self._connection.sendall(head + data)
        except OSError as error:
            raise Ended from error

    def _next(self, most: int) -> tuple[bool, int, bytes]:
        first, second = self._exactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = unpack(">H", self._exactly(2))
        elif size == 127:
            (size,) = unpack(">Q", self._exactly(8))
        # Reserved bits without an extension, a page that does not mask (5.1), too much.
        if first & 0x70 or not second & 0x80 or size > most or (first & 8 and size > 125):
            raise Ended
        mask, data = self._exactly(4), self._exactly(size)
        return bool(first & 0x80), first & 0x0F, _unmask(data, mask)

    def _exactly(self, size: int) -> bytes:
        pieces = []
        while size:
            piece = _receive(self._connection, min(size, 1 << 20))
            if not piece:
                raise Ended
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)


def _receive(connection: socket, most: int) -> bytes:
    try:
        return connection.recv(most)
    except OSError as error:
        raise Ended from error


def _unmask(data: bytes, mask: bytes) -> bytes:
    """Each byte with one of the mask (5.3), by one operation on long numbers: bytes one by one take seconds."""
    size = len(data)
    long = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(long, "big")).to_bytes(size, "big")
