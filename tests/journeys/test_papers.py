"""The papers of a year's end by mail: covers out, 41 documents of all kinds back, fetched twice, chased."""

import hashlib
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from tests.tools import documents, mail_programme
from tests.tools.documents import prose
from tests.tools.mail_programme import MailProgramme
from xl_addin.model.folder import PAPERS
from xl_addin.model.sheets import PAPERS_SHEET, STATUS_BLOCK
from xl_addin.verbs import (
    distribute,
    fetch,
    rebuild,
    recompute,
    remind,
    return_,
    send,
    settle,
    status,
    undo,
    verify,
)

COUNT, MONTH = 41, "2023-10"
AT = datetime(2023, 11, 28, 9, 30)
SUMMARY, CASE = "工作总结", "创新工作案例"
COVERS, FREE, OLD, PDFS = range(15), range(15, 31), (31, 32), (33, 34)
TWIN, TWO, SHORT, CASES, SILENT = 35, 36, 20, range(4), range(37, 41)
OWE_CASE = range(6)


@pytest.fixture
def programme(tmp_path, mail, monkeypatch):
    mail_programme.environment(monkeypatch)
    made = MailProgramme(tmp_path / "年度 任务", mail, COUNT)
    owing = "、".join(made.districts[n].name for n in OWE_CASE)
    made.edit(
        {
            PAPERS_SHEET: {
                (5, 1): "D1",
                (5, 2): SUMMARY,
                (5, 3): "全年做了什么、成效、问题和打算",
                (5, 4): "11月30日",
                (5, 6): 200,
                (6, 1): "D2",
                (6, 2): CASE,
                (6, 4): "2023-11-30",
                (6, 9): owing,
            }
        }
    )
    return made


def run(programme, verb, **options):
    return programme.run(verb, MONTH, AT, **options)


def posted(programme, district, files, subject="报送材料", sender=""):
    mail = EmailMessage()
    mail["From"], mail["To"] = sender or programme.box(district), programme.hq
    mail["Subject"] = subject
    mark = hashlib.sha256(b"".join(data for _, data in files)).hexdigest()[:20]
    posted.number = getattr(posted, "number", 0) + 1
    mail["Message-ID"] = f"<{mark}.{posted.number}@d.test>"
    mail.set_content("请查收。")
    for name, data in files:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    with programme.servers.smtp(programme.box(district)) as session:
        session.send_message(mail)


def saved(office, folder, name, data, ending):
    (folder / "out").mkdir(exist_ok=True)
    source = folder / f"{name}.docx"
    source.write_bytes(data)
    return office.convert(source, folder / "out", ending).read_bytes()


def summary(programme, number, *more):
    name = programme.districts[number].name
    return documents.docx(f"{name}残联2023年{SUMMARY}", prose(number, 300), *more)


def files_of(programme, office, folder):
    """By district the files that it mails: 41 documents."""
    found = {}
    for n in COVERS:
        district = programme.districts[n]
        cover = last_attachment(programme, district, SUMMARY)
        ending = ("docx", "doc", "odt")[n % 3]
        data = documents.write_on(cover, prose(n, 300))
        found[n] = [(f"材料{n}.{ending}", saved(office, folder, f"c{n}", data, ending))]
    for n in FREE:
        name = programme.districts[n].name
        found[n] = [(f"{name}{SUMMARY}.docx", summary(programme, n))]
    found[SHORT] = [(f"{SUMMARY}.docx", documents.docx(SUMMARY, "太短了。"))]
    for n, ending in zip((*OLD, *PDFS), ("doc", "wps", "pdf", "pdf"), strict=True):
        made = "doc" if ending == "wps" else ending
        data = saved(office, folder, f"o{n}", summary(programme, n), made)
        found[n] = [(f"{programme.districts[n].name}{SUMMARY}.{ending}", data)]
    other = programme.districts[FREE[1]]
    twin = documents.docx(f"{programme.districts[TWIN].name}残联{SUMMARY}", prose(FREE[1], 300))
    found[TWIN] = [(f"{SUMMARY}.docx", twin)]
    two = f"{programme.districts[TWO].name}、{other.name}{SUMMARY}"
    found[TWO] = [(f"{SUMMARY}.docx", documents.docx(two, prose(TWO, 300)))]
    for n in CASES:
        found[n].append(("案例.docx", documents.docx(CASE, prose(100 + n, 300))))
    return found


def last_attachment(programme, district, kind):
    mails = [message_from_bytes(raw, policy=default) for raw in programme.mails(district)]
    [mail] = [mail for mail in mails if kind in mail["Subject"]]
    [file] = mail.iter_attachments()
    return file.get_content()


def expected(programme):
    """What each district has to show for each paper, made apart from the program."""
    codes = [district.code for district in programme.districts]
    summaries = dict.fromkeys((codes[n] for n in range(36)), "accepted")
    summaries |= {codes[SHORT]: "rejected", codes[TWO]: "held"}
    summaries |= {codes[n]: "missing" for n in SILENT}
    cases = {codes[n]: "accepted" if n in CASES else "missing" for n in OWE_CASE}
    return {("D1", c): v for c, v in summaries.items()} | {("D2", c): v for c, v in cases.items()}


def standing(programme):
    names = {district.name: district.code for district in programme.districts}
    papers = run(programme, status).data["papers"]
    return {(each["code"], names[each["district"]]): each["verdict"] for each in papers}


def board(programme):
    """Both columns of papers on 回收情况 by district, as the master shows them."""
    opened = programme.open_programme(AT)
    block = opened.host.block(STATUS_BLOCK)
    top, left, bottom, right = block.area
    heads = {
        str(block.cells[top, c].value): c for c in range(left, right + 1) if (top, c) in block.cells
    }
    shown = {
        str(block.cells[row, left].value): tuple(
            getattr(block.cells.get((row, heads[kind])), "value", None) or None
            for kind in (SUMMARY, CASE)
        )
        for row in range(top + 1, bottom + 1)
    }
    opened.close()
    return shown


def reminded(programme):
    """By district what its letter of today asks for."""
    data = run(programme, remind, rehearse=True).data
    return {each["code"]: each["subject"] for each in data["letters"]}


def test_forty_one_documents_by_mail(programme, office, tmp_path):
    assert run(programme, distribute, papers="").clean
    sent = run(programme, send, papers="")
    assert len(sent.data["letters"]) == COUNT + len(OWE_CASE)
    assert sent.clean
    files = files_of(programme, office, tmp_path)
    assert sum(len(each) for each in files.values()) == 41
    for number, brought in files.items():
        posted(programme, programme.districts[number], brought)
    first = run(programme, fetch)
    assert not first.data["returns"]
    assert len(first.data["papers"]) == 41
    assert standing(programme) == expected(programme)
    for number, brought in files.items():
        posted(programme, programme.districts[number], brought, "再发一次")
    again = run(programme, fetch)
    assert [each["verdict"] for each in again.data["papers"]] == ["duplicate"] * 41
    assert not run(programme, fetch).data["mails"]
    assert programme.query("SELECT COUNT(*), COUNT(DISTINCT sha256) FROM papers") == [(41, 41)]
    assert standing(programme) == expected(programme)
    _reasons(programme, first.data["papers"])
    _board_and_copies(programme)
    _letters(programme)
    _again_from_the_archive(programme)


def _reasons(programme, papers):
    """Why papers are not plainly accepted."""
    told = {
        each["file"].rpartition("/")[2] + str(each["code"]): {p["code"] for p in each["problems"]}
        for each in papers
        if each["problems"]
    }
    codes = [district.code for district in programme.districts]
    assert told == {
        f"{SUMMARY}.docx{codes[SHORT]}": {"paper-too-short"},
        f"{SUMMARY}.docx{codes[TWIN]}": {"paper-twin"},
        f"{SUMMARY}.docx{codes[TWO]}": {"paper-whose"},
    }


def _board_and_copies(programme):
    assert run(programme, recompute).clean
    words = {"accepted": "按时", "rejected": "退回", "missing": "未报", "held": "待定"}
    wanted = expected(programme)
    assert board(programme) == {
        district.code: tuple(
            words.get(wanted.get((code, district.code), ""), "") or None for code in ("D1", "D2")
        )
        for district in programme.districts
    }
    folder = programme.folder / PAPERS
    copies = {path.name for path in (folder / f"D1 {SUMMARY}").iterdir()}
    assert len(copies) == 35
    assert {
        f"01_第1区_{SUMMARY}.docx",
        f"02_第2区_{SUMMARY}.doc",
        f"33_第33区_{SUMMARY}.wps",
    } <= copies
    assert len(list((folder / f"D2 {CASE}").iterdir())) == len(CASES)
    lost = folder / f"D1 {SUMMARY}" / f"01_第1区_{SUMMARY}.docx"
    lost.unlink()
    assert run(programme, recompute).clean
    assert lost.exists()


def _letters(programme):
    """What was rejected goes back; the rest is asked for, and nobody else."""
    codes = [district.code for district in programme.districts]
    back = run(programme, return_)
    assert [each["code"] for each in back.data["letters"]] == [codes[SHORT]]
    text = message_from_bytes(programme.mails(programme.districts[SHORT])[-1], policy=default)
    assert "不到 200 字" in text.get_body(("plain",)).get_content()
    owed = {codes[n]: f"“{SUMMARY}”" for n in SILENT}
    owed |= {codes[n]: f"“{CASE}”" for n in OWE_CASE if n not in CASES}
    subjects = reminded(programme)
    assert {code: subject[-len(owed[code]) :] for code, subject in subjects.items()} == owed
    assert run(programme, remind).clean is True
    tomorrow = datetime(2023, 12, 1, 9)
    later = programme.run(remind, MONTH, tomorrow, rehearse=True).data["letters"]
    assert {each["code"] for each in later} == {*owed, codes[SHORT]}


def _again_from_the_archive(programme):
    shown = board(programme)
    kept = programme.query("SELECT * FROM papers"), standing(programme)
    assert run(programme, verify).clean
    assert run(programme, rebuild).clean
    assert (programme.query("SELECT * FROM papers"), standing(programme)) == kept
    assert run(programme, recompute).clean
    assert board(programme) == shown
    assert run(programme, verify).clean


def test_a_person_decides_and_undo_takes_it_back(programme):
    for n in (0, 1):
        whose = f"{programme.districts[0].name}和{programme.districts[1].name}的{SUMMARY}"
        posted(
            programme, programme.districts[n], [("总结.docx", documents.docx(whose, prose(7 + n)))]
        )
    found = run(programme, fetch).data["papers"]
    assert [each["verdict"] for each in found] == ["held", "held"]
    before = standing(programme)
    number = found[0]["id"]
    opened = programme.open_programme(AT)
    from xl_addin.services.programme import Request

    request = Request((number,), MONTH, options={"assign": programme.districts[0].code})
    assert "算“第1区”的“工作总结”" in settle.run(opened, request).outcome
    opened.close()
    assert standing(programme)["D1", programme.districts[0].code] == "accepted"
    assert len(list((programme.folder / PAPERS / f"D1 {SUMMARY}").iterdir())) == 1
    run(programme, undo)
    assert standing(programme) == before
    assert not list((programme.folder / PAPERS / f"D1 {SUMMARY}").iterdir())


def test_a_mail_with_a_form_and_a_paper_gives_both(programme):
    programme.distribute_forms(MONTH)
    district = programme.districts[3]
    brought = [
        ("10月填报表.xlsx", programme.filled(district, month=MONTH)),
        ("总结.docx", summary(programme, 3)),
        ("盖章的填报表.pdf", documents.pdf("")),
    ]
    posted(programme, district, brought)
    report = run(programme, fetch)
    assert [each["verdict"] for each in report.data["returns"]] == ["accepted"]
    assert [each["verdict"] for each in report.data["papers"]] == ["accepted"]
    run(programme, undo)
    assert programme.query("SELECT COUNT(*) FROM handed_in") == [(0,)]
