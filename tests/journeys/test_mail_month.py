"""The whole way of a month by mail: out, filled, back, refused, marked, corrected, chased."""

import hashlib
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from tests.tools import forms, mail_programme
from tests.tools.mail_programme import MailProgramme, identity_of
from xl_addin.form import layout as formbook
from xl_addin.form.layout import FIRST_ROW
from xl_addin.form.layout import MONTH as TYPED
from xl_addin.model.folder import ARCHIVE
from xl_addin.verbs import fetch, remind, return_, send

COUNT, WRONG, SILENT = 41, (3, 17, 29), (5, 11, 40)
GOOD = (20, 7, 3)


@pytest.fixture
def programme(tmp_path, mail, monkeypatch):
    mail_programme.environment(monkeypatch)
    return MailProgramme(tmp_path / "年度 任务", mail, COUNT).distribute_forms()


def last_form(programme, district):
    """The mail that came last, and the workbook in it."""
    mail = message_from_bytes(programme.mails(district)[-1], policy=default)
    [file] = mail.iter_attachments()
    return mail, file.get_content()


def filled(data, figures, folder, office=None):
    """The form with figures typed in, by LibreOffice or by a fast stand-in."""
    if office is None:
        return forms.edit_form(data, {(FIRST_ROW + n, TYPED): v for n, v in enumerate(figures)})
    source, target = folder / "收到.xlsx", folder / "填好.xlsx"
    source.write_bytes(data)
    cells = {f"F{FIRST_ROW + n}": value for n, value in enumerate(figures)}
    office.fill(source, target, {formbook.SHEET: cells})
    return target.read_bytes()


def reply(programme, district, asked, data):
    """The district answers as its mail program does, over SMTP."""
    mail = EmailMessage()
    mail["From"], mail["To"] = programme.box(district), programme.hq
    mail["Subject"] = f"回复：{asked['Subject']}"
    mail["Message-ID"] = f"<{hashlib.sha256(data).hexdigest()[:20]}.{district.code}@d.test>"
    mail["In-Reply-To"] = asked["Message-ID"]
    mail.set_content("已填好，请查收。")
    mail.add_attachment(
        data,
        maintype="application",
        filename=f"{district.name}.xlsx",
        subtype="vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    with programme.servers.smtp(programme.box(district)) as session:
        session.send_message(mail)


def verdicts(report):
    return {each["code"]: each["verdict"] for each in report.data["returns"]}


def test_a_month_of_forty_one_districts_by_mail(programme, office, tmp_path):
    districts = programme.districts
    silent = {districts[n] for n in SILENT}
    wrong = {districts[n] for n in WRONG}
    assert programme.run(send).clean
    sent_back = []
    for number, district in enumerate(districts):
        asked, form = last_form(programme, district)
        if district in silent:
            continue
        figures = (20, 7, 9) if district in wrong else GOOD
        by_office = number in (0, WRONG[0])
        data = filled(form, figures, tmp_path, office if by_office else None)
        sent_back.append(data)
        reply(programme, district, asked, data)
    found = verdicts(programme.run(fetch))
    assert found == {
        d.code: "rejected" if d in wrong else "accepted" for d in districts if d not in silent
    }
    assert {each["code"] for each in programme.run(return_).data["letters"]} == {
        district.code for district in wrong
    }
    for district in wrong:
        asked, form = last_form(programme, district)
        assert (identity_of(form).round, identity_of(form).district) == (2, district.code)
        assert asked["In-Reply-To"].endswith(f".{district.code}@d.test>")  # the district's own mail
        by_office = district == districts[WRONG[0]]
        data = filled(form, GOOD, tmp_path, office if by_office else None)
        sent_back.append(data)
        reply(programme, district, asked, data)
    assert verdicts(programme.run(fetch)) == {district.code: "accepted" for district in wrong}
    reminded = programme.run(remind)
    assert {each["code"] for each in reminded.data["letters"]} == {d.code for d in silent}
    _agree(programme, sent_back, silent, wrong)


def _agree(programme, sent_back, silent, wrong):
    """Ledger, archive and mailboxes, to the message."""
    counting = programme.query(
        "SELECT c.district, f.indicator, f.value FROM counting c JOIN figures f ON f.receipt=c.receipt"
    )
    expected = {
        (d.code, item.code, value)
        for d in programme.districts
        if d not in silent
        for item, value in zip(mail_programme.INDICATORS, GOOD, strict=True)
    }
    assert set(counting) == expected
    assert len(counting) == len(expected)
    archive = (programme.folder / ARCHIVE).iterdir()
    kept = {path.stem for path in archive if re.fullmatch(r"[0-9a-f]{64}\.xlsx", path.name)}
    assert kept == {hashlib.sha256(data).hexdigest() for data in sent_back}
    states = programme.query(
        "SELECT s.letter, COUNT(*) FROM sendings s JOIN sending_states t ON t.sending=s.id"
        " AND t.state='sent' GROUP BY s.letter ORDER BY s.letter"
    )
    assert states == [("remind", len(silent)), ("return", len(wrong)), ("send", COUNT)]
    got = {d: len(programme.mails(d)) for d in programme.districts}
    assert got == {d: 1 + (d in wrong) + (d in silent) for d in programme.districts}
    ours = programme.servers.messages(programme.hq)
    own = [message_from_bytes(raw)["Message-ID"] for raw in ours if b"d.test\r\nTo: " not in raw]
    letters = {row[0] for row in programme.query("SELECT message_id FROM sendings")}
    assert letters <= set(own)
    assert len(ours) == len(letters) + len(sent_back)
    assert not programme.run(fetch).data["returns"]
