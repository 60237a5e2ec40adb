"""A programme on disk with districts that have addresses, on real mail servers."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from functools import cache

from tests.tools import accounts, masters
from tests.tools.forms import edit_form
from tests.tools.mailservers import PASSWORD
from tests.tools.sql import rows
from xl_addin.form.layout import FIRST_ROW
from xl_addin.form.layout import MONTH as FORM_MONTH
from xl_addin.master.build.workbook import build_master
from xl_addin.model.folder import ARCHIVE, FORMS, LEDGER, MASTER, PROGRAMME
from xl_addin.model.records import District, Indicator, TaskTable
from xl_addin.model.sheets import DISTRICTS_SHEET
from xl_addin.services.programme import Programme, Request
from xl_addin.store.ledger import Ledger
from xl_addin.verbs import distribute
from xl_addin.xlsx.workbook import Workbook

INDICATORS = (
    Indicator("I01", ("实用技术培训",), "人次"),
    Indicator("I02", ("就业", "新增城镇就业"), "人"),
    Indicator("I03", ("就业", "其中：女性"), "人", parent="I02"),
)
YEAR, MONTH, TITLE = 2023, "2023-06", "重点工作"
NOW = datetime(2023, 7, 10, 9, 30)


def districts(count):
    return tuple(District(f"5002{n:02d}", f"第{n}区") for n in range(1, count + 1))


@cache
def _master(count):
    targets = {(d.code, i.code): 100 for d in districts(count) for i in INDICATORS}
    table = TaskTable("任务表", districts(count), INDICATORS, targets, {}, "Sheet1", {})
    return build_master(table, YEAR, TITLE, MONTH)


def name_of(folder):
    """What is in the addresses of the programme of a folder and of no other."""
    return hashlib.sha256(str(folder).encode()).hexdigest()[:12]


class MailProgramme:
    """A folder with master and ledger; ``box`` names each district's mailbox, unlike any other test's."""

    def __init__(self, folder, servers, count=5, **settings):
        self.folder, self.servers = folder, servers
        self.name = name_of(folder)
        self.districts = districts(count)
        addresses = {(5 + n, 4): self.box(d) for n, d in enumerate(self.districts)}
        self._master = _master(count)
        folder.mkdir(parents=True, exist_ok=True)
        created = "2023-01-01 08:00:00"
        ledger = Ledger.create(folder / LEDGER, YEAR, created)
        facts = {
            "programme": ledger.programme,
            "key": ledger.key.hex(),
            "year": YEAR,
            "created": created,
        }
        ledger.close()
        (folder / ARCHIVE).mkdir()
        (folder / ARCHIVE / PROGRAMME).write_text(json.dumps(facts))
        self.edit({DISTRICTS_SHEET: addresses})
        self.set(
            **{
                "mail_way": "SMTP",
                "mail_address": self.hq,
                "mail_name": "市残联教就处",
                "mail_pace": 600,
                "smtp_host": servers.host,
                "smtp_port": servers.submission,
                "smtp_security": "STARTTLS",
                "imap_host": servers.host,
                "imap_port": servers.imaps,
                "mail_ca_file": str(servers.ca),
            }
            | settings
        )

    @property
    def hq(self):
        return f"{self.name}@hq.test"

    def box(self, district):
        return f"d{district.code}.{self.name}@d.test"

    def edit(self, cells):
        self._master = masters.edit_master(cells, self._master)
        (self.folder / MASTER).write_bytes(self._master)

    def set(self, **values):
        self.edit(accounts.setting_cells(**values))

    def open_programme(self, at=NOW, slept=None):
        return Programme(
            self.folder, clock=lambda: at, sleep=(slept if slept is not None else []).append
        )

    def run(self, verb, month=MONTH, at=NOW, slept=None, rehearse=False, **options):
        programme = self.open_programme(at, slept)
        try:
            return verb.run(programme, Request(month=month, rehearse=rehearse, options=options))
        finally:
            programme.close()

    def distribute_forms(self, month=MONTH):
        self.run(distribute, month)
        return self

    def form(self, district, month=MONTH):
        """The bytes of a district's form as it was issued."""
        issued = self.folder / FORMS / month
        return next(issued.glob(f"*_{district.code}_*.xlsx")).read_bytes()

    def filled(self, district, figures=(10, 5, 2), month=MONTH):
        """A district's form with this month's figures typed in, indicator by indicator."""
        cells = {(FIRST_ROW + n, FORM_MONTH): value for n, value in enumerate(figures)}
        return edit_form(self.form(district, month), cells)

    def query(self, sql):
        return rows(self.folder / LEDGER, sql)

    def mails(self, district):
        return self.servers.messages(self.box(district))


def environment_of():
    return {f"XL_ADDIN_{each}_PASSWORD": PASSWORD for each in ("SMTP", "IMAP", "POP3")}


def environment(monkeypatch):
    for name, value in environment_of().items():
        monkeypatch.setenv(name, value)


def identity_of(data):
    from xl_addin.form.read import read_form

    return read_form(Workbook.open(data), INDICATORS).identities[0][1]
