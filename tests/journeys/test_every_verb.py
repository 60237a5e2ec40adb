"""Every verb of a year, with the ledger in a file and on a server: the same words, sheets, letters and files.

Who adds a verb walks it here too, or says above why it asks no ledger.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
from contextlib import closing
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.docx.templates import text_of, with_parts
from tests.tools import documents, mail_programme
from tests.tools import half_year_story as story
from tests.tools.forms import edit_form
from tests.tools.half_year_player import rows_of, typed_page
from tests.tools.mail_programme import MailProgramme
from tests.tools.masters import typed_rows
from tests.tools.postoffice import PostOffice
from tests.tools.shared import drop_schema
from tests.tools.tables import workbook
from xl_addin.master.build.sheet_writer import TOP
from xl_addin.master.macros.binding import CONF_SHEET
from xl_addin.master.read.blocks import filled_rows, find_columns
from xl_addin.model.commands import VERBS, label_of
from xl_addin.model.folder import LEDGER, MASTER, RETURNS, SHARED_LEDGER
from xl_addin.model.settings import SETTINGS
from xl_addin.model.sheets import (
    ADJUSTMENTS_BLOCK,
    CUMULATIVE_BLOCK,
    JOURNAL_SHEET,
    PAPER_HEADINGS,
    PAPERS_BLOCK,
    SCHEME_BLOCK,
    SCHEME_HEADINGS,
    SETTINGS_SHEET,
    SLIPS_BLOCK,
    WORK_HEADINGS,
    WORKS_BLOCK,
)
from xl_addin.services.bulletin import pdf
from xl_addin.services.programme import Programme, Request
from xl_addin.system.errors import Refused
from xl_addin.verbs import function_of
from xl_addin.xlsx.a1 import cell_name

NO_LEDGER = {"new", "password", "try-mail", "bundle", "wps", "serve", "demo"}
"""Verbs that ask no ledger that is there."""
MOVING = {"join", "move-ledger"}
"""What has to do with a server is told apart by that; see test_shared_office.py."""
OWN = {label_of(each) for each in ("settings", *MOVING)}
COUNT = 5
KEPT = Path(__file__).parents[1] / "data" / "programmes"
GOOD, WRONG, MORE, BEHIND = (9, 9, 9), (9, 7, 9), (12, 9, 9), (1, 1, 1)
OFFICE = {(TOP + 1 + [each.key for each in SETTINGS].index("office"), 2): "某市残疾人联合会"}
PAPER = "半年工作总结"


class Office:
    """Who presses one button after the other; ``log`` is what each said and what the sheets show then."""

    def __init__(self, made, year=2023):
        self.made, self.year, self.now = made, year, datetime(year, 2, 1, 9)
        self.month, self.posted = 1, 0
        self.log, self._hashes = [], {}
        self.verbs = set()

    def at(self, month, text):
        self.month, self.now = month, datetime.fromisoformat(text)

    def do(self, verb, *paths, rehearse=False, month=0, **options):
        """A verb as a button runs it; its data."""
        self.now += timedelta(seconds=1)
        self.verbs.add(verb)
        programme = self.made.open_programme(self.now)
        asked = f"{self.year}-{month or self.month:02d}"
        request = Request(tuple(map(str, paths)), asked, rehearse, options=options)
        told = {"verb": verb, **options}
        try:
            found = function_of(verb)(programme, request)
            data = json.loads(json.dumps(found.data, default=list))
            told |= self._words(found, data)
        except Refused as refusal:
            data = None
            told["refused"] = [refusal.message, *(p.message for p in refusal.problems)]
        finally:
            programme.close()
        self.log.append(self._plain([told, self.sheets()]))
        return data

    def _words(self, found, data):
        """All that it says, but for what a shared ledger says of its settings."""
        shared = data.pop("shared_settings", {"changes": []})
        said = (line for line in found.lines if line not in shared["changes"])
        lines = [line for line in said if not line.startswith("设置第 ")]
        if data["verb"] == "doctor":
            lines = []  # of this computer: its disk, its packages, its pages
        tables = [(each.title, each.headings, list(each.rows)) for each in found.tables]
        return {
            "data": _comparable(data),
            "says": [found.outcome, found.advice, found.clean, found.question, found.shows],
            "lines": lines,
            "tables": tables,
        }

    def _plain(self, said):
        """Without what is of this folder and this hour: paths, numbers of runs, hashes of mails by their order."""
        text = json.dumps(said, ensure_ascii=False, default=str)
        text = text.replace(str(self.made.folder.parent), "（文件夹）")
        text = text.replace(SHARED_LEDGER, "（底账）").replace(LEDGER, "（底账）")
        text = re.sub("第 [0-9]+ 次操作", "一次操作", text)
        text = re.sub("[0-9]+ 个文件，在", "文件在", text)  # pages of runs are among them
        text = text.replace("原来的底账在数据库里", "原来的底账在“备份”里")
        return json.loads(re.sub("[0-9a-f]{64}", self._number_of, text))

    def _number_of(self, found):
        return f"〈{self._hashes.setdefault(found[0], len(self._hashes) + 1)}〉"

    def sheets(self):
        """What stands on every sheet; of the journal what is no server's own."""
        with closing(CalamineWorkbook.from_path(str(self.made.folder / MASTER))) as book:
            found = {
                name: book.get_sheet_by_name(name).to_python()
                for name in book.sheet_names
                if name != CONF_SHEET
            }
        journal = found[JOURNAL_SHEET]
        found[JOURNAL_SHEET] = [
            row for row in journal if any(row) and not OWN.intersection(map(str, row))
        ]
        return found

    def block(self, name):
        with closing(self.made.open_programme(self.now)) as programme:
            return programme.host.block(name)

    def type_rows(self, name, headings, rows):
        block = self.block(name)
        self.made._master = (self.made.folder / MASTER).read_bytes()
        self.made.edit({block.sheet: typed_rows(block, headings, rows)})

    def type_first(self, name, headings, words):
        """Type into the first row of a list."""
        self._type(name, headings, words, min)

    def type_below(self, name, headings, words):
        """Type into the row below a list's last."""
        self._type(name, headings, words, lambda rows: max(rows) + 1)

    def _type(self, name, headings, words, choose):
        block = self.block(name)
        columns, row = find_columns(block, headings), choose(list(filled_rows(block)))
        cells = {(row, columns[h]): value for h, value in zip(headings, words, strict=True)}
        self.made._master = (self.made.folder / MASTER).read_bytes()
        self.made.edit({block.sheet: cells})

    def district(self, n):
        return self.made.districts[n - 1]

    def filled(self, n, figures, month=0):
        """A district's form as it sends it back, its page filled in."""
        month = month or self.month
        form = self.made.filled(self.district(n), figures, f"2023-{month:02d}")
        page = typed_page(story.Return(n, month, str(self.now), figures), rows_of(form))
        return f"{self.district(n).name}{month}月{self.posted}.xlsx", edit_form(form, page, 1)

    def post(self, n, *files, subject="报送"):
        """A district's mail."""
        self.posted += 1
        mail = EmailMessage()
        mail["From"], mail["To"] = self.made.box(self.district(n)), self.made.hq
        mail["Subject"], mail["Message-ID"] = subject, f"<{self.posted}@d.test>"
        mail["Date"] = self.now.astimezone()
        mail.set_content("请查收。")
        for name, data in files:
            mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        self.made.servers.fill(self.made.hq, [bytes(mail)], self.now.timestamp())

    def bring(self, name, data):
        path = self.made.folder / RETURNS / f"2023-{self.month:02d}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (self.now.timestamp(),) * 2)

    def letters(self):
        """Everything that lies in the districts' mailboxes, by whom: subject and text."""
        found = []
        for district in self.made.districts:
            for raw in self.made.mails(district):
                mail = message_from_bytes(raw, policy=default)
                text = mail.get_body(("plain",)).get_content()
                names = [each.get_filename() for each in mail.iter_attachments()]
                found.append((district.name, str(mail["Subject"]), text, names))
        return found


def _comparable(value):
    """Without the numbers of runs, as versions of shared settings are some, and what is of this computer."""
    if isinstance(value, dict):
        left_out = {"run", "ledger", "files", "events"} | (
            {"id"} if value.keys() >= {"verb", "outcome"} else set()
        )
        left_out |= {"found", "message"} if "state" in value and "subject" in value else set()
        return {key: _comparable(each) for key, each in value.items() if key not in left_out}
    return [_comparable(each) for each in value] if isinstance(value, list) else value


def walk(office):
    """Half a year of small things, none of them left out."""
    _first_month(office)
    _second_and_third(office)
    _closing(office)
    _leaders(office)
    _changes(office)
    _looked_at(office)


def _first_month(office):
    do = office.do
    do("check")
    do("distribute", rehearse=True)
    do("distribute")
    do("undo")
    do("distribute")
    do("distribute", papers="")
    do("distribute", packages="")
    do("send", rehearse=True)
    do("send")
    do("send")
    do("send", papers="")
    office.at(1, "2023-02-03 09:00:00")
    office.post(1, office.filled(1, GOOD))
    office.post(2, office.filled(2, WRONG))
    office.post(3, office.filled(3, GOOD), (f"{PAPER}.docx", _paper(office, 3)))
    do("fetch")
    do("fetch")
    do("return")
    office.at(1, "2023-02-04 09:00:00")
    office.post(2, office.filled(2, GOOD))
    do("fetch")
    do("undo")
    do("fetch")
    office.bring("第4区.xlsx", office.filled(4, BEHIND)[1])
    office.bring("乱.xlsx", b"not a workbook")
    do("collect", rehearse=True)
    do("collect")
    office.bring("又一份.xlsx", office.filled(4, BEHIND)[1])
    do("collect")
    do("recompute")
    do("undo")
    do("recompute")
    do("status")
    office.at(1, "2023-02-08 09:00:00")
    do("remind", text="")
    do("remind", rehearse=True)
    do("remind")
    do("undo")


def _paper(office, n):
    return documents.docx(f"{office.district(n).name}残联2023年{PAPER}", documents.prose(n, 300))


def _second_and_third(office):
    do = office.do
    for month in (2, 3):
        office.at(month, f"2023-{month + 1:02d}-01 09:00:00")
        do("distribute")
        do("send")
        office.at(month, f"2023-{month + 1:02d}-03 09:00:00")
        for n in (1, 2):
            office.post(n, office.filled(n, MORE if n == 2 else GOOD))
        office.post(4, office.filled(4, BEHIND))
        do("fetch")
        do("recompute")
        do("status")
    office.at(3, "2023-04-10 09:00:00")
    do("recompute")
    do("supervise", rehearse=True)
    do("supervise")
    do("undo")
    do("supervise")
    do("supervise", issue="")
    office.at(3, "2023-04-12 09:00:00")
    office.type_first(SLIPS_BLOCK, ("反馈",), ("来电说明，月底前补齐",))
    do("supervise")
    office.at(3, "2023-05-12 09:00:00")
    do("supervise")
    do("supervise", issue="")


def _closing(office):
    do = office.do
    do("close", month=1)
    do("undo")
    do("close", month=1)
    office.post(1, office.filled(1, MORE, 1), subject="更正")
    held = do("fetch")["returns"]
    do("status", month=1)
    do("settle", held[0]["id"], reject="", note="已经结账", month=1)
    do("undo")
    do("settle", held[0]["id"], accept="", month=1)
    do("close", month=1, reopen="")
    do("settle", held[0]["id"], accept="", month=1)
    do("close", month=1)
    do("recompute")


def _leaders(office):
    do = office.do
    office.at(3, "2023-05-13 09:00:00")
    table = office.made.folder / "比对" / "人社局.xlsx"
    do("compare")
    do("undo")
    do("compare", table)
    do("compare", ask="")
    path = do("bulletin")["file"]
    do("undo")
    path = Path(do("bulletin")["file"])
    xml = text_of(path.read_bytes()).replace("【请补充：下一步工作要求】", "请抓紧。")
    path.write_bytes(with_parts(path.read_bytes(), word_document=xml))
    do("bulletin", final="")
    office.bring("更正.xlsx", office.filled(2, BEHIND)[1])
    do("collect")
    do("status")
    do("district-pages")
    do("trace", district="第2区", indicator="I01")
    shown = office.block(CUMULATIVE_BLOCK)
    place = min(at for at, cell in shown.cells.items() if cell.value == 27)
    do("trace", cell=f"{shown.sheet}!{cell_name(*place)}")


def _changes(office):
    do = office.do
    new = {"code": "D900", "name": "高新区", "to": "gx@d.test", "target": "I01=60\nI02=5"}
    do("add-district", **new)
    do("undo")
    do("add-district", **new)
    do("add-indicator", code="I09", path="宣传", unit="次", since="5", target="D900=12")
    do("undo")
    do("add-indicator", code="I09", path="宣传", unit="次", since="5", target="D900=12")
    do("adjust", month=4, district="第2区", indicator="I01", by="-10", document="1号")
    do("change-district", district="第3区", name="新三区")
    do("change-district", month=4, district="第5区", into="第1区", document="2号")
    do("change-indicator", indicator="I03", until="6")
    row = (4, "第1区", "实用技术培训", 20, "3号")
    office.type_below(ADJUSTMENTS_BLOCK, ("起始月", "区县", "指标", "调整数", "依据"), row)
    do("amend")
    do("undo")
    do("amend")
    do("check")
    do("check", mend="")
    office.at(4, "2023-05-14 09:00:00")
    do("distribute")
    office.bring("四月.xlsx", office.filled(1, GOOD)[1])
    do("collect")
    do("recompute")


def _looked_at(office):
    do, folder = office.do, office.made.folder
    do("totals", folder.parent / "本级.parquet", export="", all="", name="某市")
    do("answer", folder.parent / "上级.xlsx", month=3)
    do("answer", folder.parent / "上级.xlsx", month=3, overwrite="")
    do("dossier", "第1区")
    do("doctor")
    do("attach")
    do("verify", all="")
    do("rebuild")
    do("undo")
    do("recompute")
    do("verify", all="")
    do("status")
    do("close", month=4, next="")


def _made(folder):
    """The programme before anything, and the form of a level above."""
    made = MailProgramme(folder / "年度 任务", PostOffice(), COUNT)
    office = Office(made)
    made.edit({SETTINGS_SHEET: OFFICE})
    works = [(w.number, w.title, "按方案落实", "教就处", None, None, "月") for w in story.WORKS[:2]]
    office.type_rows(WORKS_BLOCK, WORK_HEADINGS, works)
    paper = ("D1", PAPER, "做了什么", "2023-06-30", None, 200)
    office.type_rows(PAPERS_BLOCK, PAPER_HEADINGS[:6], [paper])
    office.type_rows(SCHEME_BLOCK, SCHEME_HEADINGS, [*story.RULES, *((),) * 6])
    rows = [["2023年1-3月培训就业情况"], ["单位", "实用技术培训", "新增城镇就业"]]
    rows += [[each.name, 27, 20] for each in made.districts]
    (made.folder / "比对").mkdir()
    (made.folder / "比对" / "人社局.xlsx").write_bytes(workbook({"表": rows}))
    above = MailProgramme(folder / "上级", PostOffice(), 1).distribute_forms("2023-03")
    (folder / "上级.xlsx").write_bytes(above.form(above.districts[0], "2023-03"))
    return made


def _move(office, postgresql):
    """Have an office's ledger on the server, of which nothing is said."""
    drop_schema(office.made, postgresql)
    now = office.now
    office.do("move-ledger", postgresql.url)
    office.now = now
    office.log.clear()
    office.verbs.clear()


def _compare(by_file, by_server):
    for (one, shown), (other, seen) in zip(by_file.log, by_server.log, strict=True):
        place = one["verb"], one.get("says", one.get("refused"))
        assert other == one, place
        for sheet, rows in shown.items():
            assert seen[sheet] == rows, (*place, sheet)


class Kept:
    """A programme that an earlier release left."""

    def __init__(self, folder, version):
        self.folder = Path(shutil.copytree(KEPT / version, folder / "年度 任务"))

    def open_programme(self, at):
        return Programme(self.folder, clock=lambda: at)


@pytest.mark.parametrize(("version", "month"), [("0.1.0", "2023-06"), ("0.5.0", "2024-02")])
def test_a_programme_of_an_earlier_release_goes_the_same_way_on_both(
    tmp_path, postgresql, version, month
):
    played = [Office(Kept(tmp_path / name, version), int(month[:4])) for name in ("文件", "服务器")]
    for office in played:
        office.at(int(month[5:]), "2027-01-04 09:00:00")
    _move(played[1], postgresql)
    for office in played:
        for verb in ("attach", "status", "distribute", "recompute", "verify", "rebuild", "verify"):
            office.do(verb)
    _compare(*played)


def test_every_verb_says_and_shows_the_same_by_a_file_and_by_a_server(
    tmp_path, postgresql, monkeypatch
):
    mail_programme.environment(monkeypatch)
    monkeypatch.setattr(pdf, "converters", list)
    made = _made(tmp_path / "文件")
    shutil.copytree(tmp_path / "文件", tmp_path / "服务器")
    other = copy.copy(made)
    other.folder, other.servers = tmp_path / "服务器" / "年度 任务", PostOffice()
    played = Office(made), Office(other)
    _move(played[1], postgresql)
    for office in played:
        office.made.servers.install(monkeypatch)
        walk(office)
    _compare(*played)
    assert played[0].letters() == played[1].letters()
    assert (other.folder / SHARED_LEDGER).is_file()
    assert not (other.folder / LEDGER).exists()
    assert played[0].verbs == {each.name for each in VERBS} - NO_LEDGER - MOVING
