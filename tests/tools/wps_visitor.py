"""Whoever may knock at the program that waits for WPS, by plain sockets."""

from __future__ import annotations

import json
import socket
from typing import Any

from xl_addin.serve import Server
from xl_addin.system import websocket

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455, section 1.2
MASK = b"\x01\x02\x03\x04"


def upgrade(port: int, host: str = "", origin: str | None = "null") -> bytes:
    """A request for a WebSocket."""
    lines = [
        "GET / HTTP/1.1",
        f"Host: {host or f'127.0.0.1:{port}'}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {KEY}",
        "Sec-WebSocket-Version: 13",
    ]
    lines += [] if origin is None else [f"Origin: {origin}"]
    return "\r\n".join((*lines, "", "")).encode()


def frame(text: bytes, first: int = 0x81, mask: bytes | None = MASK) -> bytes:
    """A message as a page sends it."""
    size = len(text)
    flag = 0x80 if mask else 0
    head = (
        bytes([first, flag | size])
        if size < 126
        else bytes([first, flag | 126]) + size.to_bytes(2, "big")
    )
    if mask is None:
        return head + text
    return head + mask + websocket._unmask(text, mask)


def knock(server: Server | int, request: bytes, *more: bytes) -> bytes:
    """All that is answered to a request, and to what follows it, until the other side closes."""
    port = server if isinstance(server, int) else server.session.port
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        wire.sendall(request)
        said = b""
        for each in more:
            while b"\r\n\r\n" not in said:
                said += wire.recv(4096)
            wire.sendall(each)
        while piece := _receive(wire):
            said += piece
        return said


def _receive(wire: socket.socket) -> bytes:
    try:
        return wire.recv(65536)
    except ConnectionError:
        return b""


def said(**words: Any) -> bytes:
    """A message of the page."""
    return frame(json.dumps(words).encode())
