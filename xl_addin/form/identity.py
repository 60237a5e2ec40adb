"""Whose form is it: the identity that every form carries in triplicate, sealed with an HMAC.

The identity line stands in a very hidden sheet, in a hidden cell of the form itself (copying the
sheet into another workbook keeps only that one) and as a defined name and document property. The
seal covers the targets and last month's figures, so an altered form is seen without asking
anybody; the seal stops forging, not copying, which is why the visible district and month are
compared with it as well.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from xl_addin.model.records import Identity, Indicator, Number
from xl_addin.system.light import pattern

FORM_LAYOUT, PAGED_LAYOUT = 2, 3
"""What a form is issued with; the newer of the two where it has the page 重点工作."""
FREE_TOTALS = 2
"""The first layout in which 本月累计 may be typed over its formula; before, it was locked."""
WORKS = "works"
"""Where in the canonical text the rows of the page 重点工作 stand, last."""
_PREFIX = "XLA"
_LINE = pattern(
    r"XLA(\d{1,3})\|([0-9a-f]{12})\|([0-9A-Za-z._-]{1,20})\|(\d{4}-\d{2})\|(\d{1,3})\|([0-9a-f]{32}(?![0-9a-f])|)"
)

Amounts = Mapping[str, Number | None]


def canonical_text(
    targets: Amounts,
    previous: Amounts,
    indicators: Sequence[Indicator],
    works: Sequence[Sequence[str]] = (),
) -> str:
    """What the seal covers besides the identity: all that this form was issued with.

    One text for equal facts, whatever the numbers' types. Settings may change after a form went
    out; it is read by what it was issued with. ``works`` are as ``page_layout.sealed_items`` gives them.
    """

    def plain(amounts: Amounts) -> dict[str, Number | None]:
        return {
            code: int(value) if isinstance(value, float) and value.is_integer() else value
            for code, value in amounts.items()
        }

    amounts = {"previous": plain(previous), "targets": plain(targets)}
    text = _indicators_text(indicators) + _dump_json(amounts)[1:]
    return f'{text[:-1]},"{WORKS}":{_dump_json(works)}}}' if works else text


_dump_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


_last_indicators: tuple[Sequence[Indicator], str] = ((), "")


def _indicators_text(indicators: Sequence[Indicator]) -> str:
    """The first part of the canonical text: the same for every form of a month, so kept."""
    global _last_indicators  # noqa: PLW0603 - a memory of one
    if _last_indicators[0] is not indicators or not _last_indicators[1]:
        worded = {item.code: [item.label, item.unit, item.measure] for item in indicators}
        _last_indicators = (indicators, _dump_json({"indicators": worded})[:-1] + ",")
    return _last_indicators[1]


def seal(key: bytes, identity: Identity, content: str) -> Identity:
    """The identity with its ``mac`` over itself and the canonical content."""
    message = f"{_identity_text(identity)}|{content}".encode()
    return identity._replace(mac=hmac.digest(key, message, "sha256")[:16].hex())


def verify_seal(key: bytes, identity: Identity, content: str) -> bool:
    """Whether the seal is ours and nothing under it was changed."""
    return hmac.compare_digest(seal(key, identity, content).mac, identity.mac)


def _identity_text(identity: Identity) -> str:
    programme, district, month, round_, layout, _ = identity
    return f"{_PREFIX}{layout}|{programme}|{district}|{month}|{round_}"


def identity_line(identity: Identity) -> str:
    """The identity as the one line that is written into forms."""
    return f"{_identity_text(identity)}|{identity.mac}"


def find_identities(text: str) -> Iterator[Identity]:
    """Every identity line in a longer text, such as the XML of a part; ``mac`` empty where it is gone."""
    if _PREFIX in text:
        for match in _LINE.finditer(text):
            layout, programme, district, month, round_, mac = match.groups()
            yield Identity(programme, district, month, int(round_), int(layout), mac)


def own_claims(identities: Iterable[tuple[str, Identity]]) -> set[Identity]:
    """What a form says it is, by place and identity: a copy that only lost its seal contradicts nothing."""
    claims = {identity for _, identity in identities}
    return claims - {claim._replace(mac="") for claim in claims if claim.mac}
