"""Mail addresses as staff type them."""

from __future__ import annotations

from xl_addin.system.light import NamedTuple, pattern

SEPARATORS = pattern(r"[、,，;；\n]")

# What every mail server takes: no quoting, no comments, nothing that could end a header or begin one.
_MAIL = pattern(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}\Z"
)

_NAMED_MAIL = pattern(r"([^<>\x00-\x1f]*)<([^<>]+)>\Z")


def is_mail_address(text: str) -> bool:
    """Whether this is one bare address, such as name@example.com."""
    return _MAIL.match(text) is not None


class MailAddress(NamedTuple):
    """An address with the name of its owner, empty where none was written."""

    name: str
    address: str


def parse_mail_addresses(text: str) -> tuple[MailAddress, ...]:
    """The addresses in a cell of 收件人 or 抄送: ``a@b.cn；张三 <c@d.cn>``. What is none is left out."""
    found = []
    for part in SEPARATORS.split(text):
        named = _NAMED_MAIL.match(part.strip())
        name, address = (named[1], named[2]) if named else ("", part)
        if is_mail_address(address.strip()):
            found.append(MailAddress(name.strip(), address.strip()))
    return tuple(dict.fromkeys(found))
