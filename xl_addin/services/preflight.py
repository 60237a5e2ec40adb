"""The last look before a mail leaves: the form in it is the recipient's own.

The bytes that will leave are read again, as a stranger would read them.
"""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.form.identity import verify_seal
from xl_addin.form.read import read_form
from xl_addin.judging.opening import open_workbook
from xl_addin.model.letters import Letter
from xl_addin.model.settings import Config
from xl_addin.store.ledger import Ledger
from xl_addin.system.errors import Unreadable


def fault(data: bytes, letter: Letter, config: Config, ledger: Ledger) -> str:
    """Why these bytes must not go to the letter's district; empty when they may."""
    from email import message_from_bytes
    from email.policy import default
    from email.utils import getaddresses

    mail = message_from_bytes(data, policy=default)
    named = [str(mail[name]) for name in ("To", "Cc") if mail[name]]
    addresses = {address for _, address in getaddresses(named)}
    if addresses != set(letter.addresses) or mail["Bcc"]:
        return f"信头里的收件人（{'、'.join(sorted(addresses))}）不是这个区县的"
    parts = list(mail.iter_attachments()) if letter.attachment else []
    if letter.attachment is None:
        return ""
    form = parts[0].get_payload(decode=True) if len(parts) == 1 else None
    if not isinstance(form, bytes) or parts[0].get_filename() != letter.attachment.name:
        return "信里的附件不对"
    return next(_faults(form, letter, config, ledger), "")


def _faults(data: bytes, letter: Letter, config: Config, ledger: Ledger) -> Iterator[str]:
    if letter.attachment is not None and letter.attachment.name.endswith(".docx"):
        yield from _cover_faults(data, letter, ledger)
        return
    try:
        reading = read_form(open_workbook(data, "附件.xlsx"), config.indicators)
    except Unreadable as error:
        yield f"附件读不出来（{error.message}）"
        return
    claims = {identity for _, identity in reading.identities}
    if len(claims) != 1:
        yield "附件里没有标识，或者几处标识不一致"
        return
    claim = claims.pop()
    names = {district.code: district.name for district in config.districts}
    if claim.district != letter.district.code:
        whose = names.get(claim.district, claim.district)
        yield f"附件是“{whose}”的填报表，收件人是“{letter.district.name}”"
    if claim.month != letter.month:
        yield f"附件是 {claim.month} 的填报表，信是 {letter.month} 的"
    if claim.programme != ledger.programme or not verify_seal(ledger.key, claim, reading.content):
        yield "附件的防改标记核对不上"


def _cover_faults(data: bytes, letter: Letter, ledger: Ledger) -> Iterator[str]:
    """As ``_faults`` of a paper's cover, which its property tells."""
    from xl_addin.docx.package import Document
    from xl_addin.model.papers import PROPERTY, read_identity

    try:
        found = read_identity(ledger.key, Document.open(data).properties().get(PROPERTY, ""))
    except Unreadable as error:
        yield f"附件读不出来（{error.message}）"
        return
    ours = found is not None and found[1] and found[0].programme == ledger.programme
    if found is None or not ours or found[0].district != letter.district.code:
        yield "附件不是这个区县的材料封面"
