"""What a signed mail says (CMS, RFC 5652): in the open, though it looks like a sealed envelope.

No signature is checked: whose a form is its own seal tells. BER is read as it is written, with
lengths that only their end tells and with texts in pieces.
"""

from __future__ import annotations

import binascii
import re
import zlib
from collections.abc import Iterator

from xl_addin.system.light import NamedTuple, pattern

_SIGNED = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_SEALED = (b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17")
_PACKED = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"
_SEQUENCE, _OID, _OCTETS, _OCTETS_IN_PIECES, _INSIDE = 0x30, 0x06, 0x04, 0x24, 0xA0
_MOST_UNPACKED, _MOST_DEEP = 200 << 20, 30
_ARMOUR = pattern(rb"\A\s*-----BEGIN (?:PKCS7|CMS)-----(.*?)-----END", re.DOTALL)


class Envelope(NamedTuple):
    """A CMS message: what it holds in the open, or that it is ``sealed`` and needs a key."""

    content: bytes
    sealed: bool = False


class _Value(NamedTuple):
    """A value of BER: what is in it begins at ``start``; ``end`` is where the next one begins."""

    tag: int
    start: int
    stop: int
    end: int


def open_envelope(data: bytes) -> Envelope | None:
    """What a CMS message holds; None for bytes that are none, or that are a signature alone."""
    data = _without_armour(data)
    try:
        return _open(data)
    except (IndexError, ValueError, zlib.error):
        return None


def _without_armour(data: bytes) -> bytes:
    """The bytes behind a second base64, which some senders put around it."""
    match = _ARMOUR.match(data)
    text = match[1] if match else data if data[:2] in (b"MI", b"MD") else b""
    try:
        return binascii.a2b_base64(text) if text else data
    except binascii.Error:
        return data


def _open(data: bytes) -> Envelope | None:
    whole = _value(data, 0, len(data))
    if whole.tag != _SEQUENCE:
        return None
    what, *rest = _values(data, whole)
    kind = data[what.start : what.stop]
    if what.tag != _OID or not rest or rest[0].tag != _INSIDE:
        return None
    if kind in _SEALED:
        return Envelope(b"", sealed=True)
    if kind not in (_SIGNED, _PACKED):
        return None
    body = next(_values(data, rest[0]))
    # Version and algorithm or algorithms, then what was signed or packed.
    inner = [each for each in _values(data, body) if each.tag == _SEQUENCE][
        -1 if kind == _PACKED else 0
    ]
    _, *held = _values(data, inner)
    if not held or held[0].tag != _INSIDE:
        return None  # a signature beside what it is of
    content = b"".join(_octets(data, next(_values(data, held[0]))))
    return Envelope(_unpacked(content) if kind == _PACKED else content)


def _unpacked(data: bytes) -> bytes:
    worker = zlib.decompressobj()
    content = worker.decompress(data, _MOST_UNPACKED)
    if worker.unconsumed_tail:
        raise ValueError(len(content))
    return content


def _octets(data: bytes, value: _Value, deep: int = 0) -> Iterator[bytes]:
    if value.tag == _OCTETS:
        yield data[value.start : value.stop]
    elif value.tag == _OCTETS_IN_PIECES and deep < _MOST_DEEP:
        for piece in _values(data, value):
            yield from _octets(data, piece, deep + 1)
    else:
        raise ValueError(value.tag)


def _values(data: bytes, within: _Value) -> Iterator[_Value]:
    at = within.start
    while at < within.stop:
        value = _value(data, at, within.stop)
        yield value
        at = value.end


def _value(data: bytes, at: int, most: int, deep: int = 0) -> _Value:
    """The value at a place. Raises IndexError or ValueError for what is none."""
    tag, length = data[at], data[at + 1]
    start = at + 2
    if tag & 0x1F == 0x1F or deep > _MOST_DEEP:
        raise ValueError(tag)
    if length == 0x80:
        stop = start
        while data[stop] or data[stop + 1]:
            stop = _value(data, stop, most, deep + 1).end
        return _Value(tag, start, stop, stop + 2)
    if length > 0x80:
        wide = length & 0x7F
        length = int.from_bytes(data[start : start + wide], "big")
        start += wide
    if start + length > most:
        raise ValueError(length)
    return _Value(tag, start, start + length, start + length)
