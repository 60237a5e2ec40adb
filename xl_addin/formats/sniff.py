"""What a file is, told by its bytes and never by its name."""

from __future__ import annotations

from collections.abc import Iterable
from math import log2
from zlib import MAX_WBITS, decompressobj, error

from xl_addin.model.filetypes import (
    ARCHIVE,
    BY_KIND,
    ENCRYPTED,
    FILE_TYPES,
    FODS,
    GNUMERIC,
    GZIP,
    HTML,
    IN_PIECES,
    MHTML,
    TEXT,
    UNKNOWN,
    UOF,
    XML_2003,
    ZIP,
)
from xl_addin.system.errors import Unreadable

_HTML_STARTS = (
    b"<!doctype html",
    b"<html",
    b"<table",
    b"<meta",
    b"<head",
    b"<style",
    b"<body",
    b"<div",
)
_XML_MARKS = (
    (b"openxmlformats.org/package/2006/content-types", IN_PIECES),
    (b'xmlns:gnm="http://www.gnumeric.org/', GNUMERIC),
    (b'xmlns:uof="http://schemas.uof.org/', UOF),
)
_HEAD = 4096
# Bytes that are drawn at random have 7.9 bits in 2,048 of them; the parts of an .xls have 3 to 6.
_SAMPLE, _LEAST_NOISE, _NOISE_BITS = 65_536, 2_048, 7.6
_PACKED = (
    b"RIFF",
    b"OggS",
    b"ID3",
    b"\xff\xfb",
    b"\x1aE\xdf\xa3",
    b"fLaC",
    b"BZh",
    b"\xfd7zXZ",
    b"(\xb5/\xfd",
)


def refusal(kind: str) -> Unreadable:
    """Why a file of a kind that is not read is not read. An archive may still hold returns."""
    about = BY_KIND.get(kind, BY_KIND[UNKNOWN])
    if about.code:
        return Unreadable(about.code, about.refusal)
    if about.instead:
        return Unreadable("scan", about.refusal)
    code = "archive" if about.group == ARCHIVE and kind != ZIP else "foreign"
    return Unreadable(code, about.refusal)


def sniff_kind(data: bytes) -> str:
    """What these bytes are, as far as one look tells; what is in a zip or in an OLE file tells more."""
    for each in FILE_TYPES:
        if data.startswith(each.starts):
            return _kind_packed(data) if each.kind == GZIP else each.kind
    kind = _text_kind(data)
    return ENCRYPTED if kind == UNKNOWN and _is_noise(data) else kind


def _kind_packed(data: bytes) -> str:
    """What is in a file of gzip, where it is what its program packs."""
    try:
        head = decompressobj(MAX_WBITS | 16).decompress(data[:_HEAD], _HEAD)
    except error:
        return GZIP
    return GNUMERIC if _text_kind(head) == GNUMERIC else GZIP


def _is_noise(data: bytes) -> bool:
    """Whether bytes tell nothing of what they are: as even as only ciphers and packed media are."""
    head = data[:_SAMPLE]
    if len(head) < _LEAST_NOISE or head.startswith(_PACKED) or head[4:8] == b"ftyp":
        return False
    counts = (head.count(byte) / len(head) for byte in range(256))
    return -sum(share * log2(share) for share in counts if share) > _NOISE_BITS


def kind_inside(names: Iterable[str], otherwise: str = UNKNOWN) -> str:
    """What a zip or an OLE file with entries of these names is."""
    lower = {name.lower() for name in names}
    return next((each.kind for each in FILE_TYPES if lower.intersection(each.inside)), otherwise)


def _text_kind(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = data[:_HEAD].decode("utf-16", "replace").encode()
    else:
        head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    if b"\0" in head or not head.strip():
        return UNKNOWN
    head = head.lstrip().lower()
    for mark, kind in _XML_MARKS:
        if mark in head:
            return kind
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head and not head.startswith(b"<html"):
        return XML_2003
    if b"office:document" in head and b"opendocument" in head:
        return FODS
    if head.startswith(_HTML_STARTS) or b"<table" in head:
        return HTML
    if head.startswith((b"mime-version", b"message-id")):
        return MHTML
    return TEXT
