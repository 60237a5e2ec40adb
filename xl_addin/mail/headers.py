"""Header fields as mailers really write them: raw bytes, lying labels, names in every coding.

The standard parser is told to hand out header values untouched; what it would lose or repair
(raw GBK, RFC 2047 inside parameters, both kinds of file name at once) is read here. A name is for
display, never a path and never an identity.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from email.message import Message
from email.policy import Compat32
from urllib.parse import unquote_to_bytes

from xl_addin.formats.text_encoding import decode_chinese
from xl_addin.system.light import pattern

_WORD = pattern(r"=\?([^?*\s]+)(?:\*[^?]*)?\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_BETWEEN = pattern(r"(\?=)\s+(=\?)")
_BARE = pattern(r"[^\s<>@,;:\"]+@[^\s<>@,;:\"]+\Z")
_ANGLE = pattern(
    r"(?:\"(?:[^\"\\]|\\.)*\"|[^<>,\"])*<\s*([^\s<>@,;:\"]+@[^\s<>@,;:\"]+)\s*>\s*\Z", re.DOTALL
)
_CONTINUED = pattern(r"(.+?)\*(\d+)(\*?)\Z")
_WIDER = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "utf8": "utf-8",
    "big5": "big5hkscs",
}
_MOST_NAME = 120
_MOST_TEXT = 500


class RawPolicy(Compat32):
    """Header values as they came, bytes beyond ASCII as surrogates."""

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002
        """The value untouched."""
        return value


POLICY = RawPolicy()


def values(message: Message, name: str) -> list[str]:
    """Every field of a name, unfolded, in the charset its bytes are in."""
    return [header_text(value) for value in message.get_all(name, [])]


def value(message: Message, name: str) -> str:
    """The first field of a name, empty where there is none."""
    return next(iter(values(message, name)), "")


def header_text(raw: str) -> str:
    """A raw header value on one line, its bytes read as UTF-8 or else as GB18030."""
    return re.sub(r"\r?\n[ \t]*|\r", " ", decode_chinese(raw.encode("utf-8", "surrogateescape")))


def display_value(message: Message, name: str) -> str:
    """A field as people read it, on one line of bounded length."""
    return strip_unprintable(decode_words(value(message, name)))[:_MOST_TEXT].strip()


def date_seconds(message: Message) -> str:
    """When a mail says it was sent, in seconds since 1970; empty where it does not, or nonsense."""
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        said = parsedate_to_datetime(value(message, "Date"))
    except (ValueError, TypeError, OverflowError):
        return ""
    return str(int((said if said.tzinfo else said.replace(tzinfo=UTC)).timestamp()))


def received_seconds(message: Message) -> str:
    """When the last server took a mail in, in seconds since 1970; empty where no line says so.

    Each server puts its line on top: what a sender may have forged stands below.
    """
    from email.utils import parsedate_to_datetime

    try:
        said = parsedate_to_datetime(value(message, "Received").rpartition(";")[2].strip())
        return str(int(said.timestamp()))
    except (ValueError, TypeError, OverflowError, OSError):
        return ""


def strip_unprintable(text: str) -> str:
    """Text without what cannot be shown or turns the order of what can."""
    return "".join(mark if mark.isprintable() else " " if mark in "\t\n" else "" for mark in text)


def decode_words(text: str) -> str:
    """Encoded words (RFC 2047) decoded.

    Neighbours are joined as bytes first, since some mailers split a character between two.
    """
    text = _BETWEEN.sub(r"\1\2", text)
    said: list[str] = []
    held, charset, at = b"", "", 0
    for match in _WORD.finditer(text):
        label = match[1].lower()
        if held and (match.start() > at or label != charset):
            said.append(decode_text(held, charset))
            held = b""
        said.append(text[at : match.start()])
        held, charset, at = held + _decode_word(match[2], match[3]), label, match.end()
    if held:
        said.append(decode_text(held, charset))
    return "".join((*said, text[at:]))


def _decode_word(coding: str, body: str) -> bytes:
    raw = body.encode("utf-8", "surrogateescape")
    if coding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    try:
        return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return raw


def decode_text(raw: bytes, charset: str) -> str:
    """Bytes by their label, or, where the label lies, by what they are."""
    label = charset.lower().strip("\"' ")
    try:
        return raw.decode(_WIDER.get(label, label))
    except (LookupError, UnicodeDecodeError, ValueError):
        return decode_chinese(raw)


def parameters(text: str) -> dict[str, str]:
    """The parameters of a field, decoded; ``filename*`` goes before ``filename``."""
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, said in _split(text):
        match = _CONTINUED.match(name)
        if match:
            pieces.setdefault(match[1], {})[int(match[2])] = (said, bool(match[3]))
        elif name.endswith("*"):
            pieces.setdefault(name[:-1], {})[-1] = (said, True)
        else:
            plain.setdefault(name, decode_words(said))
    extended = {name: _join_continuations(parts) for name, parts in pieces.items()}
    return plain | {name: said for name, said in extended.items() if said}


def _split(text: str) -> Iterator[tuple[str, str]]:
    """``name=value`` pairs after the first semicolon, quotes taken off."""
    for match in re.finditer(
        r";\s*([^\s=;\"]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"?|([^;]*))", text, re.DOTALL
    ):
        quoted, bare = match[2], match[3]
        said = bare.strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        yield match[1].lower(), said


def _join_continuations(parts: dict[int, tuple[str, bool]]) -> str:
    """The pieces of RFC 2231 put together; the first encoded one names the charset."""
    if -1 in parts:
        parts = {-1: parts[-1]}
    charset, raw = "", b""
    for index in sorted(parts):
        said, encoded = parts[index]
        if encoded and index <= 0 and said.count("'") >= 2:
            charset, _, said = said.split("'", 2)
        raw += unquote_to_bytes(said) if encoded else said.encode("utf-8", "surrogateescape")
    return decode_text(raw, charset or "utf-8")


def attachment_name(message: Message) -> str:
    """What the sender called a part, empty where nothing says."""
    disposition, kind = value(message, "Content-Disposition"), value(message, "Content-Type")
    for text, key in ((disposition, "filename"), (kind, "name"), (disposition, "name")):
        # Some mailers put the whole field into encoded words.
        for field in (text, decode_words(text)):
            name = parameters(field).get(key, "")
            if name:
                return leaf(name)
    return leaf(decode_words(value(message, "Content-Description"))) if disposition else ""


def leaf(name: str) -> str:
    """The last step of a name without what cannot be shown, its ending kept when it is cut."""
    name = strip_unprintable(re.split(r"[\\/]", name.strip())[-1]).strip()
    if len(name) <= _MOST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    ending = f"{dot}{ending}" if stem and len(ending) < 8 else ""
    return name[: _MOST_NAME - len(ending)] + ending


def sender(message: Message) -> str:
    """The address in From, in lower case; empty unless there is one field with one address.

    Strict on purpose: mail programs show different halves of what is odd.
    """
    fields = values(message, "From")
    if len(fields) != 1:
        return ""
    text = fields[0].strip()
    match = _ANGLE.match(text)
    address = match[1] if match else text if _BARE.match(text) else ""
    return strip_unprintable(address).lower()


def addresses(text: str) -> list[str]:
    """Whatever looks like a mail address in a text, in lower case, each once."""
    found = re.findall(r"[\w.+=-]{1,64}@[\w-]+(?:\.[\w-]+)+", text, re.ASCII)
    return list(dict.fromkeys(address.lower() for address in found))
