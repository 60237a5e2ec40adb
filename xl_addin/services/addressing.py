"""Addresses that a form should not go to before somebody has looked: shared, swapped, or half written.

What an address is known for is what came from it and was accepted; who used to write for one district and now
stands beside another is a slip of the list more often than a new job.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from xl_addin.model.addresses import parse_mail_addresses, split_mail_addresses
from xl_addin.model.letters import Letter
from xl_addin.model.mail_settings import MAIL_SETTINGS, SEND_DOUBTFUL
from xl_addin.model.records import District
from xl_addin.model.sheets import DISTRICTS_SHEET
from xl_addin.services.programme import Programme
from xl_addin.store.deliveries import written_to
from xl_addin.store.inbox import accepted_senders


def bad_address_words(district: District) -> str:
    """What of a district's addresses is none, as a sentence (Chinese); empty where all are."""
    wrong = split_mail_addresses(f"{district.to};{district.cc}")[1]
    if not wrong:
        return ""
    told = "、".join(f"“{each}”" for each in wrong)
    return f"“{DISTRICTS_SHEET}”里“{district.name}”的{told}不是邮箱地址"


class AddressDoubts:
    """What speaks against sending to an address, as the lists and the ledger have it; ``own`` is our own."""

    def __init__(self, programme: Programme, own: str = "") -> None:
        self._programme, self._own = programme, own.lower()
        self._districts = {each.code: each for each in programme.basics.districts}
        self._listed: dict[str, list[str]] = {}
        for district in programme.basics.districts:
            for box in parse_mail_addresses(district.to):
                self._listed.setdefault(box.address.lower(), []).append(district.code)

    @cached_property
    def _spoke_for(self) -> dict[str, set[str]]:
        """By address the districts whose accepted returns came from it."""
        return accepted_senders(self._programme.ledger)

    def against(self, letter: Letter) -> str:
        """Why a letter should wait for somebody to look, as a sentence (Chinese); else empty."""
        return next(self._reasons(letter), "")

    def _reasons(self, letter: Letter) -> Iterator[str]:
        wrong = bad_address_words(letter.district)
        if wrong:
            yield wrong
        district = letter.district
        for address in map(str.lower, letter.addresses):
            spoke = self._spoke_for.get(address, set())
            if district.code in spoke:
                continue
            if spoke:
                yield (
                    f"{address} 以前报来的是{self._names(sorted(spoke))}的表，现在写在“{district.name}”名下，"
                    f"可能写错了或者对调了"
                )
        to = [box.address.lower() for box in letter.to]
        if set(to) == {self._own}:
            yield f"“{district.name}”的收件人 {self._own} 是我们自己的发件人邮箱，区县收不到"
        for address in to:
            sharing = self._listed.get(address, ())
            settled = district.code in self._spoke_for.get(address, ()) or written_to(
                self._programme.ledger, district.code, address, letter.month
            )
            if len(sharing) > 1 and not settled:
                yield f"{address} 同时写在{self._names(sharing)}名下，一个邮箱会收到几个区县的表"

    def shared_lines(self, letters: Sequence[Letter]) -> Iterator[str]:
        """A line (Chinese) for each address that several of the districts written to have as their own."""
        codes = {letter.district.code for letter in letters}
        for address, sharing in self._listed.items():
            if len(sharing) > 1 and codes & set(sharing):
                yield (
                    f"请核对：{address} 写在“{DISTRICTS_SHEET}”里 {len(sharing)} 个区县名下"
                    f"（{self._names(sharing)}）"
                )

    def _names(self, codes: Sequence[str]) -> str:
        names = [self._districts[code].name if code in self._districts else code for code in codes]
        return "、".join(f"“{name}”" for name in names)


def advice() -> str:
    """What to do about a letter that waits."""
    label = next(spec.label for spec in MAIL_SETTINGS if spec.key == "mail_doubtful")
    return f"没有发送；写错了就改“{DISTRICTS_SHEET}”，没有错就把“设置”的“{label}”改为“{SEND_DOUBTFUL}”，再发一次"
