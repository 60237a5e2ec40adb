"""Who plays the half year: the office's programme, and its districts, which fill in what they get and mail it."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import BytesIO

from openpyxl import load_workbook

from tests.tools import half_year_story as story
from tests.tools import masters
from tests.tools.forms import edit_form
from tests.tools.mail_programme import MailProgramme
from xl_addin.form import layout, page_layout
from xl_addin.form.page_layout import ENTRIES, PROGRESS
from xl_addin.model.folder import MASTER, RETURNS
from xl_addin.services.programme import Request
from xl_addin.xlsx.a1 import cell_name
from xl_addin.xlsx.workbook import Workbook

BY_OPENPYXL = {1: range(1, 42, 10), 4: (21, 33)}
"""By month the districts whose office saves with openpyxl, with a row put in; the others type into the bytes."""
BY_OFFICE = {(2, 1): "xlsx", (4, 2): "xls", (6, 2): "ods"}
"""By district and month what LibreOffice saves: the first writes formulas for texts."""
LINKED, SPACED = 21, 9
"""Who links its texts, who types states with spaces."""


class Player:
    """``month`` is what the office works on, ``now`` the moment that it is."""

    def __init__(self, folder, mail, office):
        self.made = MailProgramme(folder / "年度 任务", mail, story.COUNT)
        self.folder, self.office = folder, office
        self.month, self.now, self.posted = 1, datetime(2023, 2, 1, 9), []
        self._read = {}

    def at(self, text, month=None):
        """It is another moment, and the office works on another month."""
        self.now = datetime.fromisoformat(text)
        self.month = month or self.month
        return self

    def run(self, verb, *paths, rehearse=False, **options):
        programme = self.made.open_programme(self.now)
        month = f"2023-{self.month:02d}"
        try:
            return verb.run(
                programme, Request(tuple(map(str, paths)), month, rehearse, options=options)
            )
        finally:
            programme.close()

    def district(self, n):
        return self.made.districts[n - 1]

    def block(self, name):
        programme = self.made.open_programme(self.now)
        try:
            return programme.host.block(name)
        finally:
            programme.close()

    def type_rows(self, name, headings, rows):
        """Type rows into a list of the master from its top."""
        found = self.block(name)
        self._type(found.sheet, masters.typed_rows(found, headings, rows))

    def type_beside(self, name, heading, key, words):
        """Type into those rows of a list that say ``key`` under a heading."""
        block = self.block(name)
        top = block.area[0]
        columns = {cell.value: c for (row, c), cell in block.cells.items() if row == top}
        rows = [
            r for (r, c), cell in block.cells.items() if c == columns[heading] and cell.value == key
        ]
        assert rows, key
        self._type(block.sheet, {(r, columns[h]): v for r in rows for h, v in words.items()})

    def _type(self, sheet, cells):
        path = self.made.folder / MASTER
        path.write_bytes(masters.edit_master({sheet: cells}, path.read_bytes()))

    def listed(self, name, *headings):
        """The rows of a list as the master shows them, under these headings."""
        block = self.block(name)
        top, _, bottom, _ = block.area
        columns = {cell.value: c for (row, c), cell in block.cells.items() if row == top}
        return [
            tuple(getattr(block.cells.get((row, columns[h])), "value", None) for h in headings)
            for row in range(top + 1, bottom + 1)
            if (row, columns[headings[0]]) in block.cells
        ]

    def got(self, n, *words):
        """The mails to a district whose subjects have these words, the last one last."""
        for raw in self.made.mails(self.district(n)):
            if raw not in self._read:
                self._read[raw] = message_from_bytes(raw, policy=default)
        mails = [self._read[raw] for raw in self.made.mails(self.district(n))]
        return [each for each in mails if all(word in str(each["Subject"]) for word in words)]

    def post(self, letters):
        """Districts send mails: (number, files, subject, text, the Message-ID that is answered)."""
        with self.made.servers.smtp(self.made.hq) as session:
            for n, files, subject, text, answered in letters:
                self.posted.append((n, files, subject, text, answered))
                mail = EmailMessage()
                mail["From"], mail["To"] = self.made.box(self.district(n)), self.made.hq
                mail["Subject"], mail["Message-ID"] = subject, f"<{len(self.posted)}.{n}@d.test>"
                if answered:
                    mail["In-Reply-To"] = answered
                mail.set_content(text)
                for name, data in files:
                    mail.add_attachment(
                        data, maintype="application", subtype="octet-stream", filename=name
                    )
                session.send_message(mail)

    def bring(self, name, data):
        """Leave a file in 回收, as who has no mail does."""
        path = self.made.folder / RETURNS / f"2023-{self.month:02d}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def filled(self, each, form):
        """What a district makes of its form: (file name, bytes)."""
        figures = {
            (layout.FIRST_ROW + n, layout.MONTH): value for n, value in enumerate(each.figures)
        }
        page = typed_page(each, rows_of(form))
        ending = BY_OFFICE.get((each.district, each.month), "xlsx")
        if (each.district, each.month) in BY_OFFICE:
            data = self._by_office(form, figures, page, ending)
        elif each.district in BY_OPENPYXL.get(each.month, ()):
            data = by_openpyxl(each, form, figures, page)
        else:
            data = edit_form(edit_form(form, figures), page, 1)
        return f"{self.district(each.district).name}{each.month}月{each.at[8:10]}.{ending}", data

    def _by_office(self, form, figures, page, ending):
        source, target = self.folder / "发来.xlsx", self.folder / f"填好.{ending}"
        source.write_bytes(form)
        if ending == "xlsx":
            page = {
                (row, column): f'="{value[:4]}"&"{value[4:]}"'
                if column == PROGRESS and value
                else value
                for (row, column), value in page.items()
            }
        typed = {
            layout.SHEET: {cell_name(*place): value for place, value in figures.items()},
            page_layout.SHEET: {cell_name(*place): value for place, value in page.items()},
        }
        self.office.fill(source, target, typed, formulas=True)
        return target.read_bytes()


def rows_of(form):
    """The rows of a form's page by the numbers that stand there, as somebody reads it."""
    cells = Workbook.open(form).sheet(page_layout.SHEET).cells
    return {
        str(cell.value): row
        for (row, column), cell in sorted(cells.items())
        if column == page_layout.ORDER and row >= page_layout.FIRST_ROW
    }


def typed_page(each, rows):
    """By (row, column) what a district types in its page; of a slip's rows what it does about them."""
    works, cells = {work.number: work for work in story.WORKS}, {}
    for number, row in rows.items():
        said = story.Entry(story.UNDER_WAY, f"督办事项{number}正在整改")
        if number in works:
            said = story.entry(each.district, works[number], each.month)
        typed = [text or None for text in said]
        if each.page_fails and number == "1":
            typed[2:] = [None] * 3
        if each.district == SPACED:
            typed[0] = f" {typed[0][:1]} {typed[0][1:]}"
        cells |= {
            (row, column): value for column, value in zip(ENTRIES, typed, strict=True) if value
        }
    return cells


def by_openpyxl(each, form, figures, page):
    """Saved with openpyxl: a row put in above the items, the page deleted, texts that are links."""
    book = load_workbook(BytesIO(form))
    for (row, column), value in figures.items():
        book[layout.SHEET].cell(row, column).value = value
    if each.district == story.PAGE_LOST and each.page_fails:
        del book[page_layout.SHEET]
        page = {}
    for (row, column), value in page.items():
        cell = book[page_layout.SHEET].cell(row, column)
        cell.value = value
        if each.district == LINKED and column == PROGRESS:
            cell.hyperlink = "https://example.cn/进展"
            cell.value = value
    if page:
        book[page_layout.SHEET].insert_rows(page_layout.FIRST_ROW + 1)
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()
