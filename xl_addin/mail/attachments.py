"""Every file in a mail, wherever it hides: nothing that could be a workbook is passed over in silence.

The standard library parses; what it does not look into (mails attached as files, winmail.dat,
uuencode in the text) and what it drops (parts whose boundary never comes) is found here. Runs in a
throw-away process, see ``mail.read_in_child``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.message import Message
from email.parser import BytesFeedParser
from itertools import chain

from xl_addin.formats.archives import is_archive
from xl_addin.formats.ole import may_be_workbook
from xl_addin.formats.rar import is_rar_or_7z
from xl_addin.formats.text_encoding import decode_chinese
from xl_addin.mail import headers, msg, smime, tnef, transfer_encoding
from xl_addin.model.filetypes import (
    ARCHIVE,
    ARCHIVE_SUFFIXES,
    DOCUMENT,
    OLE_START,
    OTHER,
    TNEF_START,
    WORKBOOK,
    WORKBOOK_SUFFIXES,
    ZIP_START,
)
from xl_addin.system.errors import Unreadable
from xl_addin.system.fault_log import fault_place, fault_trace
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.package import MAX_FILE

MOST_FILES = 200
MOST_PARTS = 20_000
MOST_NESTED = 8
MOST_SIGNED = 50
MOST_TEXT = 200_000
_FED = 1 << 16
TEXT = "text"
_CHANGED = "附件在路上损坏了（winmail.dat 不全，或校验和不对），没有读取；请让对方重新发送"

_MAIL = pattern(
    rb"\A(?:(?:Received|From|Date|Message-ID|Return-Path|MIME-Version|Subject|X-[\w-]+|Delivered-To|"
    rb"DKIM-Signature|Content-Type|To):[^\n]*\n(?:[ \t][^\n]*\n)*){2}",
    re.IGNORECASE,
)
_ENVELOPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_LOST_BOUNDARY = pattern(rb"^--([^\r\n]{1,200}?)-{0,2}\r?\n(?:Content-[^\r\n]+\r?\n)", re.MULTILINE)


class MailPart(NamedTuple):
    """A file or a text in a mail.

    ``trail`` names the mails and files it was inside of, outermost first; ``flaw`` says in Chinese
    what is wrong with it, empty where nothing is; ``fault`` is the traceback where it was our own.
    """

    name: str
    kind: str
    data: bytes
    trail: tuple[str, ...] = ()
    flaw: str = ""
    fault: str = ""


def parse_mail(raw: bytes, rest: Iterable[bytes] = ()) -> Message:
    """A mail, of which more may come, as the standard library sees it. Raises RecursionError for absurd nesting.

    Fed bit by bit: given all at once it is held twice more, once with four bytes a letter.
    """
    parser = BytesFeedParser(policy=headers.POLICY)
    for piece in chain((raw,), rest):
        for at in range(0, len(piece), _FED):
            parser.feed(piece[at : at + _FED])
    return parser.close()


def mail_parts(message: Message, *, documents: bool = False) -> Iterator[MailPart]:
    """All parts in their order; the last one says so when there were too many to go on.

    ``documents`` keeps the bytes of text documents and PDFs as well.
    """
    room = [MOST_PARTS, MOST_FILES, documents, MOST_SIGNED]
    for part in _parts_inside(message, (), room):
        room[1] -= part.kind in (WORKBOOK, ARCHIVE, DOCUMENT)
        if room[1] < 0:
            flaw = f"邮件里的工作簿超过 {MOST_FILES} 个，后面的没有再读；请让对方分开发送"
            yield MailPart("", OTHER, b"", flaw=flaw)
            return
        yield part


def _parts_inside(message: Message, trail: tuple[str, ...], room: list[int]) -> Iterator[MailPart]:
    """The parts of one mail, in order, without recursion over its own nesting."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        room[0] -= 1
        if room[0] < 0:
            yield MailPart("", OTHER, b"", trail, f"邮件里超过 {MOST_PARTS} 个部分，后面的没有再读")
            return
        if not part.is_multipart():
            yield from _leaf_or_explain(part, trail, room)
        elif part.get_content_maintype() == "multipart":
            waiting.extend(reversed(messages_in(part)))
        else:
            for inner in messages_in(part):
                yield from _enclosed_mail_parts(part, inner, trail, room)


def messages_in(part: Message) -> list[Message]:
    """What a mail or a part directly consists of."""
    # Asked for a text it would decode it, by a charset that may be any nonsense.
    payload = part.get_payload() if part.is_multipart() else []
    return [each for each in payload if isinstance(each, Message)]


def _enclosed_mail_parts(
    part: Message, inner: Message, trail: tuple[str, ...], room: list[int]
) -> Iterator[MailPart]:
    """A mail in a mail; where it was put into base64, which no standard allows, it is taken out."""
    coding = part.get("Content-Transfer-Encoding", "").strip().lower()
    decoded = transfer_encoding.decode_base64(_raw(inner)) if coding.startswith("base64") else None
    if decoded is None or not decoded.data:
        yield from _mail(inner, trail, room)
    elif _MAIL.match(decoded.data):
        yield from _mail(parse_mail(decoded.data), trail, room)
    else:
        yield from _file(headers.attachment_name(part), decoded, trail, room)


def _mail(
    message: Message, trail: tuple[str, ...], room: list[int], name: str = ""
) -> Iterator[MailPart]:
    step = name or headers.display_value(message, "Subject") or "（无主题的邮件）"
    if len(trail) >= MOST_NESTED:
        flaw = "邮件一层套一层，里面的没有再读；请让对方直接发送附件"
        yield MailPart(step, OTHER, b"", trail, flaw)
    else:
        yield from _parts_inside(message, (*trail, step), room)


def _leaf_or_explain(part: Message, trail: tuple[str, ...], room: list[int]) -> Iterator[MailPart]:
    """The files of a part; one that breaks what looks into it keeps the others of its mail."""
    try:
        yield from _leaf(part, trail, room)
    except (MemoryError, RecursionError):
        raise  # of the process, told for the whole mail
    except Exception as error:
        flaw = (
            f"程序读这个附件时出错（{fault_place(error)}），没有读取；"
            "请在邮箱里打开这封邮件，把附件另存到“回收”文件夹，再导入文件夹"
        )
        try:
            name = headers.attachment_name(part)
        except Exception:
            name = ""
        yield MailPart(name, OTHER, b"", trail, flaw, fault_trace(error))


_PGP = "邮件是加密的（PGP），读不出来；请让对方不加密重发"


def _leaf(part: Message, trail: tuple[str, ...], room: list[int]) -> Iterator[MailPart]:
    raw, name = _raw(part), headers.attachment_name(part)
    if len(raw) > MOST_TEXT:
        part.set_payload("")  # it is held once, not twice: nothing asks for it again
    if part.get_content_maintype() == "multipart":
        yield from _without_boundary(part, raw, trail, room)
        return
    decoded = transfer_encoding.decode(raw, headers.value(part, "Content-Transfer-Encoding"))
    del raw
    kind = part.get_content_type()
    disposed = headers.value(part, "Content-Disposition").strip().lower().startswith("attachment")
    if (
        kind.startswith("text/")
        and not name
        and not disposed
        and guess_kind(decoded.data, name) == OTHER
    ):
        text = headers.decode_text(
            decoded.data[:MOST_TEXT], part.get_content_charset("") or "utf-8"
        )
        yield MailPart(kind, TEXT, text.encode("utf-8", "replace"), trail)
        for called, enclosed in transfer_encoding.uuencoded_files(decoded.data):
            yield from _file(headers.leaf(decode_chinese(called)), enclosed, trail, room)
        if decoded.data.lstrip().startswith(b"-----BEGIN PGP MESSAGE-----"):
            yield MailPart("", OTHER, b"", trail, _PGP)
    elif kind == "application/pgp-encrypted":
        yield MailPart(name, OTHER, b"", trail, _PGP)
    elif decoded.data or name:
        yield from _file(name, decoded, trail, room, kind)


def _raw(part: Message) -> bytes:
    """A part's bytes before any decoding."""
    coding = part.get_all("Content-Transfer-Encoding", [])
    del part["Content-Transfer-Encoding"]
    payload = part.get_payload(decode=True)
    for each in coding:
        part["Content-Transfer-Encoding"] = each
    return payload if isinstance(payload, bytes) else b""


def _file(
    name: str,
    decoded: transfer_encoding.DecodedData,
    trail: tuple[str, ...],
    room: list[int],
    kind: str = "",
) -> Iterator[MailPart]:
    data = decoded.data
    if data.startswith(TNEF_START):
        step = (*trail, name or "winmail.dat")
        for called, content, whole in tnef.attachments(data):
            inner = transfer_encoding.DecodedData(content, decoded.cut)
            for found in _file(headers.leaf(called), inner, step, room):
                yield found if whole or found.flaw else found._replace(flaw=_CHANGED)
    elif name.lower().endswith(".eml") or (not name and _MAIL.match(data)):
        yield from _mail(parse_mail(data), trail, room)
    elif msg.is_msg(data) or (data.startswith(OLE_START) and name.lower().endswith(".msg")):
        yield from _saved_by_outlook(name, data, trail, room)
    elif (opened := smime.open_envelope(data)) or _looks_sealed(name, kind):
        yield from _envelope(name, data, opened, trail, room)
    else:
        yield _classify_file(name, decoded, trail, documents=bool(room[2]))


def _saved_by_outlook(
    name: str, data: bytes, trail: tuple[str, ...], room: list[int]
) -> Iterator[MailPart]:
    try:
        mail = msg.as_mail(data)
    except Unreadable as error:
        flaw = f"{error.message}；请打开它，把里面的附件另存后重新发送"
        yield MailPart(name, OTHER, b"", trail, flaw)
    else:
        yield from _mail(parse_mail(mail), trail, room, name)


def _looks_sealed(name: str, kind: str) -> bool:
    return kind in _ENVELOPES or name.lower().endswith((".p7m", ".p7z"))


def _envelope(
    name: str, data: bytes, found: smime.Envelope | None, trail: tuple[str, ...], room: list[int]
) -> Iterator[MailPart]:
    """What was signed, which can be read, or that it is encrypted, which cannot."""
    room[3] -= 1
    if found is None and data[:13].lower() == b"content-type:":
        found = smime.Envelope(data)  # as Outlook keeps a signed mail
    if found is None:
        flaw = "签名或加密的邮件（S/MIME）读不出来；请让对方不签名、不加密重发"
        yield MailPart(name, OTHER, b"", trail, flaw)
    elif found.sealed:
        yield MailPart(name, OTHER, b"", trail, "邮件是加密的，读不出来；请让对方不加密重发")
    elif room[3] < 0:
        flaw = "邮件一层套一层，里面的没有再读；请让对方直接发送附件"
        yield MailPart(name, OTHER, b"", trail, flaw)
    else:
        yield from _parts_inside(parse_mail(found.content), trail, room)


def _classify_file(
    name: str, decoded: transfer_encoding.DecodedData, trail: tuple[str, ...], *, documents: bool
) -> MailPart:
    data, what = decoded.data, guess_kind(decoded.data, name)
    if documents and what in (OTHER, ARCHIVE):
        from xl_addin.formats.document_text import document_kind

        what = DOCUMENT if document_kind(data) else what
    if what not in (WORKBOOK, ARCHIVE, DOCUMENT):
        return MailPart(name, what, b"", trail)
    if len(data) > MAX_FILE:
        size, most = len(data) // 2**20, MAX_FILE // 2**20
        return MailPart(name, what, b"", trail, f"文件有 {size} MB，超过 {most} MB，没有读取")
    flaw = "附件在路上被截断，后面的部分没有收到；请让对方重新发送" if decoded.cut else ""
    return MailPart(name, what, data, trail, flaw)


def guess_kind(data: bytes, name: str) -> str:
    """What a file may be: by its content, and by its name where the content does not say."""
    ending = f".{name.rpartition('.')[2].lower()}" if "." in name else ""
    if data.startswith(ZIP_START):
        head = data[:4096] + data[-65536:]
        book = b"xl/" in head or b"xl\\" in head or b"spreadsheet" in head
        if book or ending in WORKBOOK_SUFFIXES:
            return WORKBOOK
        return ARCHIVE if is_archive(data) or ending in ARCHIVE_SUFFIXES else OTHER
    if data.startswith(OLE_START):
        return WORKBOOK if ending in WORKBOOK_SUFFIXES or may_be_workbook(data) else OTHER
    if is_rar_or_7z(data) or ending in ARCHIVE_SUFFIXES:
        return ARCHIVE
    return WORKBOOK if ending in WORKBOOK_SUFFIXES else OTHER


def _without_boundary(
    part: Message, raw: bytes, trail: tuple[str, ...], room: list[int]
) -> Iterator[MailPart]:
    """A multipart that did not come apart: its lines are searched for the boundary it really has."""
    match = _LOST_BOUNDARY.search(raw)
    if match is None:
        if raw.strip():
            flaw = "邮件损坏，分不出正文和附件；请让对方重新发送"
            yield MailPart(headers.attachment_name(part), OTHER, b"", trail, flaw)
        return
    boundary = match[1].replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    mended = parse_mail(
        b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n' + raw
    )
    if mended.is_multipart():
        yield from _parts_inside(mended, trail, room)
    else:
        yield MailPart("", OTHER, b"", trail, "邮件损坏，分不出正文和附件；请让对方重新发送")
