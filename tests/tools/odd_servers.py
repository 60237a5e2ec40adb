"""Servers that answer as they are told, for settings that lead to the wrong one or to a strange one."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.tools.certificates import GOOD, make_certificates

RESET = b"\0"
"""For a greeting: the connection is torn down, as by a server that is killed."""
_ALERT = b"\x15\x03\x01\x00\x02\x02\x0a"


def server_context(folder: Path, certificate: str = GOOD) -> ssl.SSLContext:
    """A server's side of TLS, with certificates made in a folder; its ca.pem vouches for them."""
    if not (folder / "ca.pem").exists():
        make_certificates(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{certificate}.pem", folder / f"{certificate}.key")
    return context


@contextlib.contextmanager
def odd_server(
    greeting: bytes | None = b"",
    answers: Mapping[bytes, bytes] | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
) -> Iterator[int]:
    """A port of 127.0.0.1 that greets and gives to each line the answer of the first words in it, in capitals.

    ``tls`` encrypts from the first byte, ``starttls`` after a line that asks for it was answered. A line for
    which there is no answer gets none; nobody is hung up on, unless the greeting is None. ``TAG`` in an answer is
    the first word of the line.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    wires: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(wire: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if greeting is None:
                wire.shutdown(socket.SHUT_RDWR)
                return
            if greeting == RESET:
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                wire.close()
                return
            if tls is not None:
                if wire.recv(1, socket.MSG_PEEK) != b"\x16":
                    wire.sendall(_ALERT)  # as Exim and Courier do
                    return
                wire = tls.wrap_socket(wire, server_side=True)
                wires.append(wire)
            wire.sendall(greeting)
            rest = b""
            while data := wire.recv(4096):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    said = next((a for p, a in (answers or {}).items() if p in line.upper()), b"")
                    if said:
                        wire.sendall(said.replace(b"TAG", line.split()[0]))
                    if starttls is not None and (b"STARTTLS" in line or b"STLS" in line):
                        wire = starttls.wrap_socket(wire, server_side=True)
                        wires.append(wire)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                wire = listener.accept()[0]
                wires.append(wire)
                threads.append(threading.Thread(target=serve, args=(wire,), daemon=True))
                threads[-1].start()

    waiting = threading.Thread(target=accept, daemon=True)
    waiting.start()
    try:
        yield listener.getsockname()[1]
    finally:
        for each in (listener, *wires):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in (waiting, *threads):
            thread.join(5)
