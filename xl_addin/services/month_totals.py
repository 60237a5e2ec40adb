"""A month's totals from the ledger, with what districts wrote beside their figures."""

from __future__ import annotations

from xl_addin.master.totals import Totals, compute_totals
from xl_addin.model.records import COMMENT
from xl_addin.model.settings import BY_SCORE, Config
from xl_addin.store.ledger import Ledger
from xl_addin.store.publications import last_published_ranks
from xl_addin.store.texts import texts_of_figures
from xl_addin.store.year_figures import read_years

_NOTHING_SAID = frozenset(("", "无", "没有", "/", "-", "—"))


def month_totals(ledger: Ledger, config: Config, month: str) -> Totals:
    """What the sheets of figures show for a month."""
    published = last_published_ranks(ledger, month, config.settings.rank_by == BY_SCORE)
    remarks = district_remarks(ledger, config, month)
    return compute_totals(read_years(ledger, month), config, month, published, remarks)


def district_remarks(ledger: Ledger, config: Config, month: str) -> dict[str, list[str]]:
    """By district what it wrote beside its figures of a month, in the order of the indicators.

    Comments of cells are left to 各区县说明: most are no reason for a figure.
    """
    found: dict[str, list[str]] = {}
    texts = texts_of_figures(ledger, month)
    districts = {district for district, _ in texts}
    for item in config.indicators:
        for district in districts:
            for text in texts.get((district, item.code), ()):
                said = " ".join(text.text.split())
                if text.field != COMMENT and said not in _NOTHING_SAID:
                    found.setdefault(district, []).append(f"{item.name}：{said}")
    return found
