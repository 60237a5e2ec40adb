"""Which form each district gets for a month: pure, from settings and what was accepted so far."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping

from xl_addin import __version__
from xl_addin.form import identity
from xl_addin.form.layout import Terms
from xl_addin.form.stamp import Issue
from xl_addin.model.records import FLOW, District, Identity, Number
from xl_addin.model.settings import Config
from xl_addin.store.issued_forms import keep_blank_form, kept_blank_form
from xl_addin.store.ledger import Ledger, Standing
from xl_addin.system.filenames import plain_name

_NOTHING = Standing({}, {}, ())


def terms(config: Config) -> Terms:
    """What the form says besides figures."""
    settings = config.settings
    return Terms(settings.title, settings.deadline_day, settings.contact, settings.phone)


def severities(config: Config) -> dict[str, str]:
    """Rule code to severity."""
    return {code: rule.severity for code, rule in config.rules.items()}


def blank_form(ledger: Ledger, config: Config) -> bytes:
    """The blank form of these settings, laid out only when they changed. Call while writing."""
    facts = (
        identity.FORM_LAYOUT,
        __version__,
        terms(config),
        sorted(severities(config).items()),
        [item._replace(goal=None) for item in config.indicators],
    )
    digest = hashlib.sha256(repr(facts).encode()).hexdigest()
    blank = kept_blank_form(ledger, digest)
    if blank is None:
        from xl_addin.form.blank import build_form

        blank = build_form(config.indicators, severities(config), terms(config))
        keep_blank_form(ledger, digest, blank)
    return blank


def issuer(
    config: Config, month: str, ledger: Ledger, standings: Mapping[str, Standing]
) -> Callable[[District], Issue]:
    """What a district's form for a month says; the ledger is not looked into for that."""
    codes = [item.code for item in config.indicators]
    programme, key = ledger.programme, ledger.key
    in_force = config.targets_in_force(int(month[5:]))

    def issue(district: District) -> Issue:
        standing = standings.get(district.code, _empty_standing(month))
        targets = {code: in_force.get((district.code, code)) for code in codes}
        previous = {
            item.code: _previous_value(item.code, item.measure, month, standing)
            for item in config.indicators
        }
        unsealed = Identity(programme, district.code, month, 1, identity.FORM_LAYOUT, "")
        content = identity.canonical_text(targets, previous, config.indicators)
        sealed = identity.seal(key, unsealed, content)
        first = max(district.since, config.settings.first_month)
        gaps = "、".join(f"{gap}月" for gap in standing.gaps if gap >= first)
        return Issue(sealed, district.name, targets, previous, content, gaps)

    return issue


def issues(
    config: Config, month: str, ledger: Ledger, standings: Mapping[str, Standing]
) -> Iterator[tuple[District, Issue]]:
    """Each district's form for a month, in the table's order."""
    issue = issuer(config, month, ledger, standings)
    return ((district, issue(district)) for district in config.districts)


def _empty_standing(month: str) -> Standing:
    return _NOTHING._replace(gaps=tuple(range(1, int(month[5:]))))


def _previous_value(code: str, measure: str, month: str, standing: Standing) -> Number | None:
    if measure == FLOW and month.endswith("-01"):
        return 0
    return standing.previous.get(code)


def form_file_name(district: District, month: str) -> str:
    """``填报表_2023-06_500101_万州区.xlsx``, with nothing in it that a file system refuses."""
    return plain_name(f"填报表_{month}_{district.code}_{district.name}.xlsx")
