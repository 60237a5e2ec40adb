"""Who sent a return: an address on 区县名录 speaks for its district and for no other.

A sender is a cross-check. An address that nobody listed is held for a person, never dropped and
never trusted; so is a district's form that another district sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xl_addin.judging.assess import Assessment
from xl_addin.model.addresses import parse_mail_addresses
from xl_addin.model.problems import make
from xl_addin.model.records import ACCEPTED, HELD, REJECTED, District
from xl_addin.system.light import NamedTuple


class Sender(NamedTuple):
    """One address as a mail gave it, and the codes of the districts that list it."""

    address: str
    districts: frozenset[str]


def listed_addresses(districts: Iterable[District]) -> dict[str, frozenset[str]]:
    """Every address of 区县名录, in lower case, with the districts that list it."""
    found: dict[str, frozenset[str]] = {}
    for district in districts:
        for mailbox in parse_mail_addresses(f"{district.to};{district.cc}"):
            key = mailbox.address.lower()
            found[key] = found.get(key, frozenset()) | {district.code}
    return found


def check_sender(
    judged: Assessment, file: str, sender: Sender, districts: Mapping[str, District]
) -> Assessment:
    """The judgement with every doubt about the sender added; with a doubt its verdict becomes held."""
    if judged.verdict not in (ACCEPTED, REJECTED, HELD) or judged.district in sender.districts:
        return judged
    whose = districts[judged.district].name if judged.district in districts else ""
    if not sender.districts:
        form = f"“{whose}”的填报表" if whose else "填报表"
        says = (
            f"{file}：发件人 {sender.address or '（没有写）'} 不在“区县名录”里，附件是{form}；"
            "请核实后决定是否采用，常用的地址请加进名录"
        )
        doubt = make("unknown-sender", says, found=sender.address or "没有写发件人")
    elif whose:
        known = "、".join(districts[code].name for code in sorted(sender.districts))
        says = (
            f"{file}：发件人 {sender.address} 是“{known}”，附件却是“{whose}”的填报表；"
            "请核实是哪个区县的数据"
        )
        doubt = make("sender-mismatch", says, found=known)
    else:
        return judged
    return judged._replace(verdict=HELD, problems=(doubt, *judged.problems))
