"""Mail addresses as staff type them."""

from __future__ import annotations

import re
import unicodedata

from xl_addin.model.names import INVISIBLE
from xl_addin.system.light import NamedTuple, pattern

SEPARATORS = pattern(r"[、,，;；\n]")

# What every mail server takes: no quoting, no comments, nothing that could end a header or begin one.
_MAIL = pattern(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}\Z"
)

_NAMED_MAIL = pattern(r"([^<>\x00-\x1f]*)<([^<>]+)>\Z")
_BETWEEN = pattern(r"[、,，;；\n\r\t]+")
_AROUND = pattern(r"\s*([@.])\s*")
_BLANKS = pattern(r"\s+")
_CALLED = pattern(r"(?:mailto|e-?mail|邮箱|电子邮箱|邮件)\s*:\s*", re.IGNORECASE)
# A name beside its address without brackets: only where it could not be part of the address.
_NAME_BESIDE = pattern(r"([\u4e00-\u9fff·]{2,20})[\s:(\[]+([^\s()\[\]]+)[\])]?\Z")
# What stands around an address in a sentence or a list, and ends none.
_EDGES = " \"'“”‘’《》<>()[]【】.。:"
_LOOKALIKES = str.maketrans({"。": ".", "．": ".", "﹫": "@", "＠": "@", "＜": "<", "＞": ">"})


def is_mail_address(text: str) -> bool:
    """Whether this is one bare address, such as name@example.com."""
    return _MAIL.match(text) is not None


class MailAddress(NamedTuple):
    """An address with the name of its owner, empty where none was written."""

    name: str
    address: str


def parse_mail_addresses(text: str) -> tuple[MailAddress, ...]:
    """The addresses in a cell of 收件人 or 抄送: ``a@b.cn；张三 <c@d.cn>``. What is none is left out."""
    return split_mail_addresses(text)[0]


def split_mail_addresses(text: str) -> tuple[tuple[MailAddress, ...], tuple[str, ...]]:
    """The addresses in a cell, each once, and what stands beside them and is none.

    Full width letters, invisible ones, ``mailto:``, blanks around @ and a final dot are as if they were not
    there; addresses may also stand apart by blanks alone.
    """
    found: dict[str, MailAddress] = {}
    wrong: list[str] = []
    for part in _BETWEEN.split(INVISIBLE.sub("", text)):
        for box, said in _boxes(part):
            if box is None:
                wrong.append(said)
            else:
                found.setdefault(box.address.lower(), box)
    return tuple(found.values()), tuple(wrong)


def one_mail_address(text: str) -> str:
    """A cell that holds exactly one bare address, as ``split_mail_addresses`` reads it; "" for any other."""
    found, wrong = split_mail_addresses(text)
    return found[0].address if len(found) == 1 and not wrong and not found[0].name else ""


def _boxes(part: str) -> list[tuple[MailAddress | None, str]]:
    """The addresses in what stands between two separators; None beside a text that is none."""
    said = part.strip()
    if not said:
        return []
    plain = unicodedata.normalize("NFKC", said[:1_000].translate(_LOOKALIKES))
    named = _NAMED_MAIL.match(plain.strip(" .。"))
    if named and _bare(named[2]):
        return [(MailAddress(named[1].strip(" \"'"), _bare(named[2])), said)]
    whole = _bare(plain)
    if whole:
        return [(MailAddress("", whole), said)]
    words = _BLANKS.split(_AROUND.sub(r"\1", _CALLED.sub("", plain)).strip())
    bare = [_bare(word) for word in words]
    if len(words) > 1 and all(bare):
        return [(MailAddress("", address), said) for address in bare]
    beside = _NAME_BESIDE.match(plain.strip())
    if beside and _bare(beside[2]):
        return [(MailAddress(beside[1].strip(), _bare(beside[2])), said)]
    return [(None, said)]


def _bare(text: str) -> str:
    """One address without what staff type around it; "" where it is none."""
    address = _CALLED.sub("", _AROUND.sub(r"\1", text)).strip(_EDGES)
    return address if is_mail_address(address) else ""
