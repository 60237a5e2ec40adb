"""A letter as the bytes of a mail, and the last look at them before they leave.

Attachment names are written twice, as an encoded word for old mail programs and by RFC 2231 for new
ones. Nothing that staff or a district typed can end a header or begin one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from html import escape

from xl_addin.mail.account import Account
from xl_addin.model.addresses import MailAddress
from xl_addin.model.letters import RECEIPT, REMIND, Attachment, Letter
from xl_addin.system.light import TYPE_CHECKING, pattern

if TYPE_CHECKING:
    from email.message import Message

_CONTROL = pattern(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_OFFICE = "application/vnd.openxmlformats-officedocument"
_XLSX = f"{_OFFICE}.spreadsheetml.sheet"
_DOCX = f"{_OFFICE}.wordprocessingml.document"
# What a machine sends so that machines do not answer; a form is sent by a person.
_AUTOMATIC = {REMIND: "auto-generated", RECEIPT: "auto-replied"}
_STYLE = "font-family:'Microsoft YaHei',sans-serif;font-size:14px;line-height:1.7;color:#222"


def new_message_id(account: Account) -> str:
    """A Message-ID that nobody has used."""
    import secrets

    return f"<{secrets.token_hex(16)}@{account.address.rpartition('@')[2]}>"


def compose(letter: Letter, account: Account, message_id: str, at: datetime) -> bytes:
    """The mail, with line ends as on the wire. ``at`` is local time."""
    from email.generator import BytesGenerator
    from email.policy import compat32
    from email.utils import format_datetime
    from io import BytesIO

    mail = _body(letter)
    headers = {
        "From": _address_list([MailAddress(account.name, account.address)]),
        "To": _address_list(letter.to),
        "Cc": _address_list(letter.cc),
        "Reply-To": account.reply_to,
        "Subject": _encode_words(letter.subject),
        "Date": format_datetime(at.astimezone()),
        "Message-ID": message_id,
        "In-Reply-To": letter.thread[-1] if letter.thread else "",
        "References": "\n ".join(letter.thread),
        "Auto-Submitted": _AUTOMATIC.get(letter.kind, ""),
    }
    for name, value in headers.items():
        if value:
            mail[name] = value
    out = BytesIO()
    policy = compat32.clone(linesep="\r\n", max_line_length=0)
    BytesGenerator(out, mangle_from_=False, policy=policy).flatten(mail)
    return out.getvalue()


def _body(letter: Letter) -> Message:
    from email.mime.multipart import MIMEMultipart
    from email.mime.text import MIMEText

    texts = MIMEMultipart("alternative")
    texts.attach(MIMEText(letter.text, "plain", "utf-8"))
    texts.attach(MIMEText(as_html(letter.text), "html", "utf-8"))
    if letter.attachment is None:
        return texts
    whole = MIMEMultipart("mixed")
    whole.attach(texts)
    whole.attach(_attachment_part(letter.attachment))
    return whole


def _attachment_part(file: Attachment) -> Message:
    from email.encoders import encode_base64
    from email.mime.base import MIMEBase
    from urllib.parse import quote

    kind = _DOCX if file.name.lower().endswith(".docx") else _XLSX
    part = MIMEBase(*kind.split("/"))
    part.set_payload(file.data)
    encode_base64(part)
    name = _CONTROL.sub("_", file.name)
    del part["Content-Type"]
    part["Content-Type"] = f'{kind};\n name="{_encode_words(name).replace(chr(34), "_")}"'
    part["Content-Disposition"] = f"attachment;\n filename*=utf-8''{quote(name, safe='')}"
    return part


def _address_list(boxes: Sequence[MailAddress]) -> str:
    return ",\n ".join(_address(box) for box in boxes)


def _address(box: MailAddress) -> str:
    from email.utils import formataddr

    name = _CONTROL.sub(" ", box.name).strip()
    if name.isascii():
        return formataddr((name, box.address))
    return f"{_encode_words(name)} <{box.address}>"


def header_line(name: str, text: str) -> bytes:
    """A line of a head that says a text."""
    return f"{name}: {_encode_words(text)}".encode()


def _encode_words(text: str) -> str:
    """Text for a header: encoded words of at most 75 characters where it is not plain ASCII."""
    from email.header import Header

    text = _CONTROL.sub(" ", text).strip()
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=70).encode()


def as_html(text: str) -> str:
    """A plain text as simple HTML: paragraphs at empty lines, lines kept."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    said = "".join(f"<p>{'<br>'.join(map(escape, p.splitlines()))}</p>" for p in paragraphs)
    return (
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"></head>'
        f'<body style="{_STYLE}">{said}</body></html>'
    )
