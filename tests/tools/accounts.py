"""The mail rows of 设置 in a test's master."""

from __future__ import annotations

from tests.tools import masters
from xl_addin.master.build.sheet_writer import TOP
from xl_addin.model.mail_settings import MAIL_SECTIONS
from xl_addin.model.settings import SETTINGS
from xl_addin.model.sheets import SETTINGS_SHEET


def _rows():
    row = TOP + 1 + len(SETTINGS)
    for _, specs in MAIL_SECTIONS:
        yield from ((spec.key, row + number) for number, spec in enumerate(specs, 1))
        row += 1 + len(specs)


ROWS = dict(_rows())
GOOD = {
    "mail_way": "SMTP",
    "mail_address": "hq@example.cn",
    "smtp_host": "smtp.example.cn",
    "imap_host": "imap.example.cn",
}
"""Settings with which both sending and fetching could begin."""


def setting_cells(**values):
    """Cells to edit: the mail settings by key, in the column of values."""
    return {SETTINGS_SHEET: {(ROWS[key], 2): value for key, value in values.items()}}


def host(tmp_path, **values):
    return masters.host(tmp_path, masters.edit_master(setting_cells(**values)))
