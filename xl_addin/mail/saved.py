"""Mails that somebody saved as files: .eml, .mbox and Outlook's .msg, told by their bytes.

A web page that Excel saved in one file (.mht) looks like a mail and is none.
"""

from __future__ import annotations

import re

from xl_addin.model.filetypes import OLE_START
from xl_addin.system.light import pattern

MOST_MAILS = 500
_HEAD = 16_384
_MSG_MARK = "__properties_version1.0".encode("utf-16-le")
_FIELD = pattern(rb"[\w-]{1,60}:[ \t]?[^\n]*\n(?:[ \t][^\n]*\n)*")
_FIELDS = pattern(rb"\A(?:[\w-]{1,60}:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}")
_TELLING = (b"received", b"message-id", b"date", b"from", b"return-path", b"to", b"subject")
_PAGE = pattern(
    rb"^(?:X-Document-Type|Content-Location|Snapshot-Content-Location):",
    re.IGNORECASE | re.MULTILINE,
)
_BOX = pattern(
    rb"\AFrom [^\r\n]{1,300}?\d\d:\d\d[^\r\n]*\r?\n(?:>?From [^\r\n]*\r?\n)?[\w-]{1,60}:"
)
_NEXT = pattern(
    rb"(?:\A|\r?\n\r?\n)From [^\r\n]{1,300}?\d\d:\d\d[^\r\n]*\r?\n(?=[\w-]{1,60}:|>?From )"
)
_QUOTED = pattern(rb"^>(>*From )", re.MULTILINE)


def mails_in(data: bytes) -> list[bytes]:
    """The mails that a file is, one or those of a mailbox; empty for anything else, never raises."""
    if data.startswith(OLE_START):
        if _MSG_MARK not in data:
            return []
        from xl_addin.mail.msg import is_msg

        return [data] if is_msg(data) else []
    plain = data[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if _BOX.match(plain):
        return _mails_of_box(data)
    return [data[data.index(plain[:80]) :]] if _is_mail(plain) else []


def _is_mail(head: bytes) -> bool:
    fields = _FIELDS.match(head.replace(b"\r\n", b"\n"))
    if fields is None or _PAGE.search(fields[0]):
        return False
    names = {line.partition(b":")[0].lower() for line in _FIELD.findall(fields[0])}
    # Two of them at least, one of which says who: any text may begin with a word and a colon.
    known = names.intersection(_TELLING)
    return len(known) >= 2 and bool(known & {b"from", b"received", b"message-id"})


def _mails_of_box(data: bytes) -> list[bytes]:
    """Each without the line that parts it from the one before (RFC 4155), at most one more than ``MOST_MAILS``."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    cuts = [match.span() for match in _NEXT.finditer(data)]
    ends = [start for start, _ in cuts[1:]] + [len(data)]
    return [
        _QUOTED.sub(rb"\1", data[begin:end])
        for (_, begin), end in zip(cuts[: MOST_MAILS + 1], ends, strict=False)
    ]
