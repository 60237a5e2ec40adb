"""Content-Transfer-Encoding, read leniently: what decodes is used and what is missing is told."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from string import ascii_letters, digits

from xl_addin.model.filetypes import (
    OLE_START,
    RAR5_START,
    RAR_START,
    SEVEN_START,
    TNEF_START,
    ZIP_START,
)
from xl_addin.system.light import NamedTuple, pattern

_ALPHABET = pattern(rb"[A-Za-z0-9+/]")
_NOT_BASE64 = bytes(set(range(256)) - set((ascii_letters + digits + "+/=").encode()))
_STREAM = pattern(rb"([^=]+)=*")
_LINE = pattern(rb"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_STARTS = (ZIP_START, OLE_START, RAR_START, RAR5_START, SEVEN_START, TNEF_START)
_BEGIN = pattern(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]+)\r?\n", re.MULTILINE)


class DecodedData(NamedTuple):
    """``cut`` says that the end is missing."""

    data: bytes
    cut: bool = False


def decode(raw: bytes, label: str) -> DecodedData:
    """The bytes of a part. An unknown or missing label is seen through where it can be."""
    coding = re.split(r"[\s;(]", label.strip().strip('"').lower(), maxsplit=1)[0].replace("_", "-")
    if coding in ("base64", "b64"):
        return decode_base64(raw)
    if coding in ("quoted-printable", "quotedprintable"):
        return DecodedData(binascii.a2b_qp(raw))
    if coding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        enclosed = next(uuencoded_files(raw), None)
        return DecodedData(raw) if enclosed is None else enclosed[1]
    return _decode_unlabelled(raw)


def decode_base64(raw: bytes) -> DecodedData:
    """Base64 with anything between; streams that were joined, each with its padding, are all read."""
    clean = raw.translate(None, _NOT_BASE64)
    padding = len(clean) - len(clean.rstrip(b"="))
    if padding <= 2 and len(clean) % 4 == 0 and clean.count(b"=") == padding:
        return DecodedData(binascii.a2b_base64(clean))  # as nearly all are, held once less
    data, cut = bytearray(), False
    for stream in _STREAM.finditer(clean):
        letters = stream[1]
        odd = len(letters) % 4
        if odd == 1:
            letters, cut = letters[:-1], True
        elif odd and len(stream[0]) % 4:
            cut = True
        data += binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    return DecodedData(bytes(data), cut)


def _decode_unlabelled(raw: bytes) -> DecodedData:
    """As it is, unless it is plainly base64 of a workbook whose label was lost."""
    head = raw.lstrip()[:512]
    line = head.split(b"\n", 1)[0].strip()
    if len(line) >= 40 and len(_ALPHABET.findall(line)) >= len(line) - 2:
        start = decode_base64(line[:40]).data
        if start.startswith(_STARTS):
            return decode_base64(raw)
    return DecodedData(raw)


def uuencoded_files(text: bytes) -> Iterator[tuple[bytes, DecodedData]]:
    """The files written into a text by uuencode, as (raw name, content)."""
    at = 0
    while begin := _BEGIN.search(text, at):
        data, cut, at = bytearray(), True, begin.end()
        base64 = begin[0].startswith(b"begin-base64")
        for line in _LINE.finditer(text, at):
            bare = line[0].rstrip()
            if bare in (b"end", b"===="):
                cut = False
                break
            try:
                data += binascii.a2b_base64(bare) if base64 else _uu_line(line[0])
            except binascii.Error:
                break
            at = line.end()
        if data:
            yield begin[1].strip(), DecodedData(bytes(data), cut)


def _uu_line(line: bytes) -> bytes:
    line = line.rstrip(b"\r\n")
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders count wrong; the length is in the first letter.
        count = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
        return binascii.a2b_uu(line[:count])
