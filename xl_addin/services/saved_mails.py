"""What is in mails that lie in a folder as files: read as mails from the mailbox are, in a process apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from xl_addin.mail.attachments import MailPart
from xl_addin.mail.classify import AUTO, BOUNCE, DELAY, LETTER, link_words
from xl_addin.mail.read_in_child import ParsedMail, read_mails
from xl_addin.mail.saved import MOST_MAILS
from xl_addin.model.calendar import local_text
from xl_addin.model.filetypes import OTHER, ZIP_START, called_instead
from xl_addin.services.check_sender import Sender, listed_addresses
from xl_addin.services.programme import Programme
from xl_addin.store.issued_forms import issued_hashes
from xl_addin.system.light import NamedTuple

_NOT_ONE = {
    BOUNCE: "这是退信，不是交回的填报表，里面的表没有读",
    DELAY: "这是邮件延迟的通知，不是交回的填报表",
    AUTO: "这是自动回复，里面没有填报表",
}


class MailPiece(NamedTuple):
    """A file in a saved mail; ``data`` is None where there is none to judge, ``why`` says.

    ``sender`` is only known where 区县名录 lists it: who put the mail here answers for a stranger's. ``arrived`` is
    when the last server says that it took the mail in, as local time; empty where none does.
    """

    name: str
    data: bytes | None
    why: str = ""
    sender: Sender | None = None
    arrived: str = ""


def expand_mails(programme: Programme, mails: Sequence[bytes]) -> list[MailPiece]:
    """The files in the mails that a file holds, as ``mail.saved.mails_in`` gives them."""
    addresses = listed_addresses(programme.basics.districts)
    issued = issued_hashes(programme.ledger)
    found: list[MailPiece] = []
    read = read_mails(mails[:MOST_MAILS], documents=bool(programme.basics.papers))
    for parsed in read:
        whose = addresses.get(parsed.sender, frozenset())
        sender = Sender(parsed.sender, whose) if whose else None
        place = f"{parsed.subject or '（没有主题）'}/" if len(mails) > 1 else ""
        arrived = local_text(int(parsed.received)) if parsed.received else ""
        found += [
            piece._replace(name=f"{place}{piece.name}", sender=sender, arrived=arrived)
            for piece in _pieces(parsed, issued)
        ]
    if len(mails) > MOST_MAILS:
        why = f"邮箱文件里超过 {MOST_MAILS} 封邮件，后面的没有再读；请分开存"
        found.append(MailPiece("后面的邮件", None, why))
    return found


def _pieces(parsed: ParsedMail, issued: set[str]) -> Iterator[MailPiece]:
    """What one mail brings; at least one piece, so that no mail is passed over in silence."""
    if parsed.flaw:
        yield MailPiece(parsed.subject, None, parsed.flaw)
        return
    if parsed.kind in (BOUNCE, DELAY):
        yield MailPiece(parsed.subject, None, _NOT_ONE[parsed.kind])
        return
    files = [*parsed.files, *parsed.documents]
    # Our own form as it went out, quoted in an answer, says something only where it is alone.
    filled = [part for part in files if hashlib.sha256(part.data).hexdigest() not in issued]
    told = [MailPiece(part.name, None, part.flaw) for part in parsed.parts if _is_told(part)]
    alone = files[:1] if parsed.kind == LETTER else []
    for part in filled or alone:
        whole = part.data and (not part.flaw or part.data.startswith(ZIP_START[:2]))
        name = "/".join((*part.trail, part.name or "没有名字的附件"))
        why = part.flaw or "附件是空的，请让对方重新发送"
        yield MailPiece(name, part.data, "") if whole else MailPiece(name, None, why)
    yield from told
    if parsed.links:
        yield MailPiece("网盘链接", None, link_words(parsed.links))
    elif not (filled or alone or told):
        yield MailPiece(parsed.subject, None, _nothing(parsed))


def _is_told(part: MailPart) -> bool:
    return part.kind == OTHER and bool(part.flaw)


def _nothing(parsed: ParsedMail) -> str:
    if parsed.kind in _NOT_ONE:
        return _NOT_ONE[parsed.kind]
    names: Sequence[str] = [part.name for part in parsed.parts if part.name]
    scan = next(filter(None, map(called_instead, names)), "")
    if scan:
        return f"邮件的附件只有{scan}（{'、'.join(names)}），没有填报表；请对方补报电子表"
    return (
        f"邮件的附件里没有填报表（{'、'.join(names)}）" if names else "邮件里没有附件"
    ) + "；不是报送的可以移走，是报送的请对方附上填报表重发"
