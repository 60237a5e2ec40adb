"""The server's end of a WebSocket, against the standard's own examples and what breaks it."""

import socket

import pytest

from tests.tools.wps_visitor import MASK, frame, upgrade
from xl_addin.system import websocket


@pytest.fixture
def wires():
    one, other = socket.socketpair()
    with one, other:
        one.settimeout(5)
        other.settimeout(5)
        yield one, other


@pytest.fixture
def page(wires):
    """A connection that was accepted, and the page's end of its wire."""
    server, page = wires
    page.sendall(upgrade(1))
    accepted = websocket.accept(server, websocket.read_head(server))
    # The example of RFC 6455, section 1.3.
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in page.recv(4096)
    return accepted, page


def test_messages_go_both_ways(page):
    accepted, wire = page
    for text in (b"", b"a", b"x" * 125, b"y" * 126, "甲县".encode() * 20_000):
        accepted.send(text)
        got = b""
        while len(got) < len(text) + 2:
            got += wire.recv(1 << 20)
        assert got.endswith(text)
    wire.sendall(frame("丙 县".encode()))
    assert accepted.receive(100) == "丙 县".encode()


def test_pieces_are_one_message_and_a_ping_between_them_is_answered(page):
    accepted, wire = page
    wire.sendall(frame(b"one ", 0x01) + frame(b"?", 0x89) + frame(b"two", 0x80))
    assert accepted.receive(100) == b"one two"
    assert wire.recv(100) == b"\x8a\x01?"


@pytest.mark.parametrize(
    "sent",
    [
        frame(b"too long for it"),
        frame(b"plain", mask=None),
        frame(b"x", 0xC1),  # a reserved bit
        frame(b"x", 0x82),  # no text
        frame(b"x", 0x80),  # goes on with nothing
        frame(b"one", 0x01) + frame(b"two", 0x01),
        frame(b"x" * 126, 0x89),
        frame(b"", 0x88),
        b"\x81\xff" + b"\xff" * 8 + MASK,
        b"\x81",
    ],
)
def test_what_does_not_keep_to_the_standard_ends_it(page, sent):
    accepted, wire = page
    wire.sendall(sent)
    wire.shutdown(socket.SHUT_WR)
    with pytest.raises(websocket.Ended):
        accepted.receive(10)


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        upgrade(1).replace(b"GET", b"POST"),
        upgrade(1).replace(b"Version: 13", b"Version: 8"),
        upgrade(1).replace(b"Origin: null", b"Host: b"),
        b"no colon\r\n" + upgrade(1)[:-2] + b"nothing\r\n\r\n",
        b"x" * 20_000,
        b"",
    ],
)
def test_what_asks_for_no_websocket_is_not_read(wires, request_):
    server, page = wires
    page.sendall(request_)
    page.shutdown(socket.SHUT_WR)
    with pytest.raises(websocket.Ended):
        websocket.read_head(server)
