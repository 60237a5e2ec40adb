"""Key works in a test's programme: rows of 重点工作台账, and returns with their page."""

from __future__ import annotations

from tests.tools.masters import edit_master
from xl_addin.form import identity
from xl_addin.form.page_stamp import PageFilling
from xl_addin.form.stamp import FormTemplate
from xl_addin.master.read.blocks import find_columns
from xl_addin.model.folder import MASTER
from xl_addin.model.sheets import WORK_HEADINGS, WORKS_BLOCK
from xl_addin.services.issuing import blank_form, issuer, severities
from xl_addin.services.work_ledger import page_maker


def type_works(small, rows):
    """Type rows into 重点工作台账, each in the order of its headings, as far as they go."""
    block = small.open_programme().host.block(WORKS_BLOCK)
    at = find_columns(block, WORK_HEADINGS)
    cells = {
        (row, at[heading]): value
        for row, values in enumerate(rows, block.area[0] + 1)
        for heading, value in zip(WORK_HEADINGS, values, strict=False)
    }
    path = small.folder / MASTER
    path.write_bytes(edit_master({block.sheet: cells}, path.read_bytes()))


def paged_form(small, district, entries, figures, month, round_=1, remarks=None):
    """A district's form with its page filled in, by its number; ``entries`` by item's number."""
    programme = small.open_programme()
    ledger, config = programme.ledger, programme.config.in_month(month)
    with ledger.writing():
        blank = blank_form(ledger, config, paged=True)
    kit = FormTemplate(blank, config.indicators, severities(config), config.settings.title)
    standings = ledger.standings(month, programme.config)
    make = issuer(config, month, ledger, standings, page_maker(programme, month))
    issue = make(config.districts[district])
    sealed = identity.seal(ledger.key, issue.identity._replace(round=round_), issue.content)
    programme.close()
    whole = issue._replace(identity=sealed)
    return kit.stamp(whole, figures, remarks=remarks, page=PageFilling(entries))
