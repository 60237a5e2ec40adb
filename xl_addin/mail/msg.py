"""Mails that Outlook saved as .msg ([MS-OXMSG]), written out as the plain mails they were.

All that looks into mails then looks into these too. What is in them is hostile like any mail: runs in
the throw-away process alone.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from struct import iter_unpack, unpack
from urllib.parse import quote

from xl_addin.formats.ole import open_ole, root_entries
from xl_addin.formats.text_encoding import decode_chinese
from xl_addin.model.filetypes import OLE_START
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_PROPERTIES = "__properties_version1.0"
_HEADS = {"": 32, "message": 24, "attachment": 8}  # bytes before the properties, 2.4.1
_TEXT, _TEXT_8, _BINARY, _TIME, _OBJECT = 0x001F, 0x001E, 0x0102, 0x0040, 0x000D
_CLASS, _SUBJECT, _BODY, _HTML, _HEADERS = 0x001A, 0x0037, 0x1000, 0x1013, 0x007D
_MESSAGE_ID, _ANSWERS = 0x1035, 0x1042
_SUBMITTED, _DELIVERED = 0x0039, 0x0E06
_SENDERS = ((0x5D01, 0x0C1A), (0x0C1F, 0x0C1A), (0x5D02, 0x0042), (0x0065, 0x0042))
_DATA, _NAMES, _ELSEWHERE = 0x3701, (0x3707, 0x3704, 0x3001), 0x370D
_MOST_ATTACHMENTS, _MOST_NESTED = 2_000, 9
_STREAM = 2  # as olefile calls it
_REPORTS = {".ndr": "delivery-status", ".dr": "disposition-notification"}
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def is_msg(data: bytes) -> bool:
    """Whether these bytes are a mail that Outlook saved; never raises."""
    if not data.startswith(OLE_START):
        return False
    try:
        return _PROPERTIES in root_entries(open_ole(data))
    except Unreadable:
        return False


def as_mail(data: bytes) -> bytes:
    """A saved mail as it would have come over the wire. Raises Unreadable."""
    try:
        return _Item(open_ole(data), (), "").mail()
    except MemoryError:
        raise
    except Exception as problem:  # whatever a hostile file makes of it
        raise Unreadable("damaged", "Outlook 邮件（.msg）已损坏，读不出来") from problem


class _Item:
    """A message or an attachment: a storage with properties. ``kind`` is one of ``_HEADS``."""

    def __init__(self, ole: Any, path: tuple[str, ...], kind: str) -> None:
        self._ole, self._path = ole, path
        entries = ole.listdir(streams=True, storages=True)
        depth = len(path)
        inside = [tuple(each) for each in entries if tuple(each[:depth]) == path]
        self._names = {each[depth].lower(): each[depth] for each in inside if len(each) > depth}
        self._fixed: dict[int, bytes] = {}
        raw = self._stream(_PROPERTIES)[_HEADS[kind] :]
        for tag, _, value in iter_unpack("<LL8s", raw[: len(raw) // 16 * 16]):
            self._fixed[tag] = value

    def mail(self, depth: int = 0) -> bytes:
        """Head and parts. What is nested deeper than anybody reads is left out; who reads tells that."""
        if depth > _MOST_NESTED:
            return b"Subject: \r\n\r\n"
        boundary = f"=_xl_addin_{depth}"
        kind = self._words(_CLASS).lower()
        report = next((_REPORTS[end] for end in _REPORTS if kind.endswith(end)), "")
        told = "multipart/mixed"
        if kind.startswith("report.") and report:
            told = f"multipart/report; report-type={report}"
        parts = [*self._texts(), *self._attachments(depth, signed="smime" in kind)]
        head = [*self._head(), b"MIME-Version: 1.0"]
        head.append(f'Content-Type: {told}; boundary="{boundary}"'.encode())
        mark = f"\r\n--{boundary}".encode()
        body = b"".join(mark + b"\r\n" + part for part in parts)
        return b"\r\n".join(head) + b"\r\n" + body + mark + b"--\r\n"

    def _head(self) -> Iterator[bytes]:
        """The lines that it travelled with, but for those on its parts; else what Outlook knows."""
        lines = self._words(_HEADERS).replace("\r\n", "\n").split("\n")
        travelled: list[str] = []
        keep = False
        for line in lines:
            if not line.startswith((" ", "\t")):
                name, colon, _ = line.partition(":")
                keep = bool(colon) and not name.lower().startswith(("content-", "mime-version"))
            if keep and line.strip():
                travelled.append(line)
        yield from (line.encode() for line in travelled)
        known = {line.partition(":")[0].lower() for line in travelled}
        for name, said in (
            ("From", self._sender()),
            ("Subject", _encoded(self._words(_SUBJECT))),
            ("Date", self._date()),
            ("Message-ID", self._words(_MESSAGE_ID)),
            ("In-Reply-To", self._words(_ANSWERS)),
        ):
            if said and name.lower() not in known:
                yield f"{name}: {' '.join(said.split())}".encode()

    def _sender(self) -> str:
        for address, shown in _SENDERS:
            found = self._words(address)
            if "@" in found:
                name = _encoded(self._words(shown))
                return f"{name} <{found}>" if name else found
        return _encoded(self._words(_SENDERS[0][1]))

    def _date(self) -> str:
        for tag in (_SUBMITTED, _DELIVERED):
            value = self._fixed.get(tag << 16 | _TIME)
            if value is not None:
                ticks = unpack("<Q", value)[0]
                try:
                    return format_datetime(_EPOCH + timedelta(microseconds=ticks // 10))
                except OverflowError:
                    continue
        return ""

    def _texts(self) -> Iterator[bytes]:
        plain, html = self._words(_BODY), self._bytes(_HTML) or self._words(_HTML).encode()
        if plain:
            yield _part("text/plain; charset=utf-8", plain.encode())
        if html:
            charset = "" if not plain else "; charset=utf-8"
            yield _part(f"text/html{charset}", html)

    def _attachments(self, depth: int, *, signed: bool) -> Iterator[bytes]:
        names = sorted(name for key, name in self._names.items() if key.startswith("__attach_"))
        for name in names[:_MOST_ATTACHMENTS]:
            each = _Item(self._ole, (*self._path, name), "attachment")
            called = next(filter(None, (each._words(tag) for tag in _NAMES)), "")
            inner = each._name(_DATA, _OBJECT)
            elsewhere = each._words(_ELSEWHERE)
            data = each._bytes(_DATA)
            if inner and each._is_storage(inner):
                message = _Item(self._ole, (*each._path, inner), "message")
                if _PROPERTIES in message._names:
                    yield b"Content-Type: message/rfc822\r\n\r\n" + message.mail(depth + 1)
            elif signed and data[:13].lower() == b"content-type:":
                yield data  # the whole of a signed mail, as a part
            elif data or not elsewhere.startswith("http"):
                yield _part("application/octet-stream", data, called)
            else:  # it lies in a cloud
                yield _part("text/plain; charset=utf-8", f"{called} {elsewhere}".encode())

    def _name(self, tag: int, kind: int) -> str:
        found: str = self._names.get(f"__substg1.0_{tag:04x}{kind:04x}", "")
        return found

    def _is_storage(self, name: str) -> bool:
        return bool(self._ole.get_type("/".join((*self._path, name))) != _STREAM)

    def _stream(self, name: str) -> bytes:
        path = [*self._path, self._names.get(name.lower(), name)]
        if not self._ole.exists(path):
            return b""
        read: bytes = self._ole.openstream(path).read()
        return read

    def _bytes(self, tag: int) -> bytes:
        name = self._name(tag, _BINARY)
        return self._stream(name) if name else b""

    def _words(self, tag: int) -> str:
        wide = self._name(tag, _TEXT)
        if wide:
            return self._stream(wide).decode("utf-16-le", "replace").strip("\0")
        narrow = self._name(tag, _TEXT_8)
        return decode_chinese(self._stream(narrow)).strip("\0") if narrow else ""


def _encoded(text: str) -> str:
    """Text as a header may have it."""
    text = " ".join(text.split())
    if text.isascii():
        return text
    return f"=?utf-8?b?{base64.b64encode(text.encode('utf-8', 'replace')).decode()}?="


def _part(kind: str, data: bytes, name: str = "") -> bytes:
    head = [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64"]
    if name:
        called = quote(name.encode("utf-8", "replace"))
        head.append(f"Content-Disposition: attachment; filename*=utf-8''{called}")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + base64.encodebytes(data)
