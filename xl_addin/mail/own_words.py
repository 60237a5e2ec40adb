"""What a person wrote in a mail, without what the mail program quoted below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape

from xl_addin.mail.attachments import TEXT, MailPart
from xl_addin.system.light import pattern

MOST = 4_000
# How mail programs begin what they quote: QQ, 163, Outlook, Foxmail, Thunderbird, Gmail.
_QUOTED = pattern(
    r"^[ \t]*(?:>|-{2,}\s*(?:原始邮件|原邮件|转发邮件|回复的原邮件|Original\s+Message|Forwarded)|_{10,}[ \t]*$"
    r"|(?:发件人|From)\s*[:：]|.{0,80}(?:写道|wrote)\s*[:：]\s*$)",
    re.IGNORECASE | re.MULTILINE,
)
_HIDDEN = pattern(r"<(style|script|head)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_BREAK = pattern(r"<(?:br|/p|/div|/tr|/li|blockquote)\b[^>]*>", re.IGNORECASE)
_TAG = pattern(r"<[^>]*>")
_SIGNATURE = pattern(r"^-- ?$", re.MULTILINE)


def own_words(found: Sequence[MailPart]) -> str:
    """The text of a mail's first body, at most ``MOST`` characters, empty where there is none.

    The plain text goes before the HTML, which says the same.
    """
    texts = [part for part in found if part.kind == TEXT and not part.trail]
    plain = next((each for each in texts if each.name != "text/html"), None)
    for part in (plain, *texts):
        if part is not None:
            said = part.data.decode("utf-8", "replace")
            own = without_quote(said if part.name != "text/html" else html_text(said))
            if own:
                return own[:MOST]
    return ""


def without_quote(text: str) -> str:
    """A text up to where its mail program began to quote, and to the signature."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    ends = [match.start() for way in (_QUOTED, _SIGNATURE) if (match := way.search(text))]
    return "\n".join(_lines(text[: min(ends, default=len(text))])).strip()


def _lines(text: str) -> Iterator[str]:
    """Without trailing blanks, and at most one empty line in a row."""
    empty = False
    for line in text.split("\n"):
        said = line.rstrip(" \t\u00a0\u3000")
        if said or not empty:
            yield said
        empty = not said


def html_text(text: str) -> str:
    """What an HTML body says, a line for each of its paragraphs."""
    text = _BREAK.sub("\n", _HIDDEN.sub("", re.sub(r"\s+", " ", text)))
    return "\n".join(line.strip() for line in unescape(_TAG.sub("", text)).split("\n"))
