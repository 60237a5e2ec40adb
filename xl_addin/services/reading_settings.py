"""By which settings returns were read: kept when they change, so that a rebuilt ledger reads the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from xl_addin.judging.assess import Context, known_names
from xl_addin.model.records import District, Indicator
from xl_addin.model.settings import Rule
from xl_addin.store.ledger import Ledger


def record_settings(ledger: Ledger, context: Context) -> None:
    """Record the settings that this run reads returns by, unless they equal the last recorded.

    Call while writing.
    """
    text = settings_text(
        context.indicators, context.districts.values(), context.rules, context.passwords
    )
    ledger.keep_reading_settings(text)


def settings_text(
    indicators: Iterable[Indicator],
    districts: Iterable[District],
    rules: Mapping[str, Rule],
    passwords: Sequence[str],
) -> str:
    """What returns are read by, as one text."""
    said = [list(indicators), [district[:3] for district in districts], rules, passwords]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def units_used(ledger: Ledger, indicators: Iterable[Indicator]) -> dict[str, list[str]]:
    """The units of each indicator, today's first, then those that returns were ever read by."""
    found: dict[str, dict[str, None]] = {item.code: {item.unit: None} for item in indicators}
    for text in ledger.reading_settings():
        for item in read_settings_text(text, "", b"", "").indicators:
            found.setdefault(item.code, {})[item.unit] = None
    return {code: list(units) for code, units in found.items()}


def read_settings_text(text: str, programme: str, key: bytes, month: str) -> Context:
    """The Context of a run from its recorded settings.

    ``key`` is the programme's sealing key; histories are left empty, they change no figure.
    """
    indicators, districts, rules, passwords = json.loads(text)
    known = [District(code, name, tuple(aliases)) for code, name, aliases in districts]
    return Context(
        programme,
        key,
        month,
        [Indicator(code, tuple(path), *rest) for code, path, *rest in indicators],
        {district.code: district for district in known},
        known_names(known),
        {code: Rule._make(rule) for code, rule in rules.items()},
        {},
        {},
        passwords=tuple(passwords),
    )
