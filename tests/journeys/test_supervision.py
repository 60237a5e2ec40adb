"""督办 over half a year by real mail: who gets a slip against a list made apart, each letter once, answers, terms.

Proves also services/slip_answers.py.
"""

from __future__ import annotations

import re
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from tests.docx.templates import lines_of
from tests.tools import documents, masters
from tests.tools.mail_programme import INDICATORS, MailProgramme, environment
from xl_addin.master.build.sheet_writer import TOP
from xl_addin.model.folder import MASTER, RETURNS
from xl_addin.model.settings import SETTINGS
from xl_addin.model.sheets import (
    DISTRICTS_SHEET,
    PAPERS_SHEET,
    SETTINGS_SHEET,
    SLIPS_BLOCK,
    SLIPS_SHEET,
)
from xl_addin.services.supervision import issue
from xl_addin.store.slips import slips
from xl_addin.system.errors import Refused
from xl_addin.verbs import collect, fetch, rebuild, recompute, status, supervise, undo, verify

MONTHS = ("2023-01", "2023-02", "2023-03", "2023-04")
APRIL = MONTHS[-1]
GOOD, SLOW, ALL_SLOW = (9, 9, 9), (2, 9, 2), (1, 1, 1)
REPORTS = (
    (GOOD, GOOD, GOOD, GOOD),
    (SLOW, SLOW, SLOW, SLOW),
    (GOOD, GOOD, None, None),
    (SLOW, None, SLOW, SLOW),
    (GOOD, None, None, None),
    (ALL_SLOW, ALL_SLOW, ALL_SLOW, ALL_SLOW),
    ((8, 9, 8), (8, 9, 8), (5, 9, 5), (0, 9, 0)),
    (GOOD, GOOD, GOOD, None),
    (GOOD, GOOD, None, None),
)
"""What each district reports, month by month: figures of the three indicators, or nothing."""
WITHOUT_MAIL = 8
OFFICE = {(TOP + 1 + [each.key for each in SETTINGS].index("office"), 2): "某市残疾人联合会"}


def on(month, day):
    return datetime(2023, month, day, 9, 30)


def expected():
    """By district number what has to be demanded: indicator (or silence) and months, counted by hand's rule."""
    found = {}
    for number, reports in enumerate(REPORTS):
        silent = [n for n, told in enumerate(reports, 1) if told is None]
        items = []
        if silent[-2:] == [3, 4]:
            run = [n for n in (1, 2, 3, 4) if all(m in silent for m in range(n, 5))]
            items.append(("", run))
        if not silent:
            for at in range(3):
                red = []
                for n in (1, 2, 3, 4):
                    done = sum(told[at] for told in reports[:n])
                    if 100 * n // 12 - done > 10:
                        red.append(n)
                run = [n for n in (1, 2, 3, 4) if all(m in red for m in range(n, 5))]
                if len(run) >= 2:
                    items.append((INDICATORS[at].code, run))
        if items:
            found[number] = items
    return found


@pytest.fixture
def programme(tmp_path, mail, monkeypatch):
    environment(monkeypatch)
    made = MailProgramme(tmp_path / "年度 任务", mail, len(REPORTS))
    made.edit({DISTRICTS_SHEET: {(5 + WITHOUT_MAIL, 4): None}, SETTINGS_SHEET: OFFICE})
    for number, month in enumerate(MONTHS):
        made.distribute_forms(month)
        for district, reports in zip(made.districts, REPORTS, strict=True):
            if reports[number] is not None:
                path = made.folder / RETURNS / month / f"{district.name}.xlsx"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(made.filled(district, reports[number], month))
        made.run(collect, month, on(number + 2, 3))
    made.run(recompute, APRIL, on(5, 10))
    return made


def test_documents_about_slips_are_neither_returns_nor_papers(programme):
    """Copies of our own letters, the slip sent back, a report beside an answer; a paper beside it is one."""
    programme.edit({PAPERS_SHEET: {(5, 1): "D1", (5, 2): "工作总结", (5, 4): "12月1日"}})
    programme.run(recompute, APRIL, on(5, 10))
    programme.run(supervise, APRIL, on(5, 10))
    programme.run(supervise, APRIL, on(5, 10), issue="")
    came = programme.run(fetch, APRIL, on(5, 11)).data
    assert {each["kind"] for each in came["mails"]} == {"own"}
    d = programme.districts
    [asked] = slip_mails(programme, d[1])
    [slip] = asked.iter_attachments()
    report = documents.docx("整改情况报告", "已逐项整改。")
    answers = asked["Message-ID"]
    reply(programme, d[1], "见附件。", answers=answers, files=[slip.get_content(), report])
    paper = documents.docx(f"{d[2].name}工作总结", documents.prose(1, 300))
    reply(programme, d[2], "〔2023〕2号已办，总结一并报送。", files=[paper])
    came = programme.run(fetch, APRIL, on(5, 15)).data
    assert (came["returns"], [each["district"] for each in came["papers"]]) == ([], [d[2].name])
    answered = [s.name for s in known(programme) if s.answer(s.items[0])]
    assert answered == ["〔2023〕1", "〔2023〕2"]
    assert not [e for e in programme.run(status, APRIL, on(5, 15)).data["districts"] if e["hint"]]


def known(programme):
    opened = programme.open_programme()
    found = slips(opened.ledger)
    opened.close()
    return found


def reply(programme, district, text, subject="", answers="", whose=None, files=()):
    """A mail to the head office, as a district's mail program writes it."""
    mail = EmailMessage()
    mail["From"], mail["To"] = programme.box(whose or district), programme.hq
    mail["Subject"] = subject or "督办事项的回复"
    mail["Message-ID"] = f"<{abs(hash(text)):x}.{district.code}@d.test>"
    if answers:
        mail["In-Reply-To"] = answers
    mail.set_content(text)
    for number, data in enumerate(files):
        mail.add_attachment(
            data, maintype="application", subtype="octet-stream", filename=f"附件{number}.docx"
        )
    with programme.servers.smtp(programme.box(whose or district)) as session:
        session.send_message(mail)


def slip_mails(programme, district):
    found = [message_from_bytes(raw, policy=default) for raw in programme.mails(district)]
    return [each for each in found if "督办" in str(each["Subject"])]


def write_to(programme, number, address):
    """Type into 收件人 of a district."""
    path = programme.folder / MASTER
    cells = {DISTRICTS_SHEET: {(5 + number, 4): address}}
    path.write_bytes(masters.edit_master(cells, path.read_bytes()))


def type_beside(programme, name, words):
    """Type into the rows of 督办 that belong to a slip."""
    opened = programme.open_programme()
    block = opened.host.block(SLIPS_BLOCK)
    opened.close()
    top = block.area[0]
    at = {cell.value: c for (row, c), cell in block.cells.items() if row == top}
    rows = [r for (r, c), cell in block.cells.items() if c == at["编号"] and cell.value == name]
    cells = {(row, at[heading]): said for row in rows for heading, said in words.items()}
    path = programme.folder / MASTER
    path.write_bytes(masters.edit_master({SLIPS_SHEET: cells}, path.read_bytes()))


def test_four_months_of_slips_by_mail(programme, monkeypatch):
    wanted = expected()
    assert set(wanted) == {1, 2, 4, 5, 8}  # the list itself is what it should be
    told = programme.run(supervise, APRIL, on(5, 10), rehearse=True).data
    said = programme.run(supervise, APRIL, on(5, 10)).data
    assert said == told
    numbers = {d.code: n for n, d in enumerate(programme.districts)}
    assert {
        numbers[each["code"]]: [
            (item.get("indicator", ""), [int(month[5:]) for month in item["months"]])
            for item in each["items"]
        ]
        for each in said["slips"]
    } == wanted
    assert [each["number"] for each in said["slips"]] == [f"〔2023〕{n}" for n in range(1, 6)]
    assert said["months_missing"] == [programme.districts[3].name]
    _letters_once(programme, monkeypatch)
    _answers(programme)
    _terms(programme)
    _closing(programme)
    before = known(programme)
    assert programme.run(verify, APRIL, on(6, 12)).clean
    programme.run(rebuild, APRIL, on(6, 12))
    assert known(programme) == before


def _letters_once(programme, monkeypatch):
    """A stop between the record and the letters; pressed again, each letter goes out once."""

    def stop(*_):
        raise KeyboardInterrupt

    refused = programme.box(programme.districts[5])
    write_to(programme, 5, "abc@")
    with monkeypatch.context() as patch:
        patch.setattr(issue, "send_letters", stop)
        with pytest.raises(KeyboardInterrupt):
            programme.run(supervise, APRIL, on(5, 10), issue="")
    assert not any(slip_mails(programme, d) for d in programme.districts[:WITHOUT_MAIL])
    sent = programme.run(supervise, APRIL, on(5, 10), issue="")
    assert [each["state"] for each in sent.data["letters"]] == ["sent"] * 3
    assert f"“{programme.districts[5].name}”的“abc@”不是邮箱地址" in str(sent.tables)
    assert not sent.clean
    write_to(programme, 5, refused)
    programme.servers.relay.rcpt[refused] = ["550 5.1.1 no such user*"]
    sent = programme.run(supervise, APRIL, on(5, 10), issue="")
    assert [e["state"] for e in sent.data["letters"]] == ["refused"]
    assert not sent.clean
    programme.servers.relay.rcpt.clear()
    [again] = programme.run(supervise, APRIL, on(5, 10), issue="").data["letters"]
    assert (again["code"], again["state"]) == (programme.districts[5].code, "sent")
    with pytest.raises(Refused, match="没有待交办的督办单"):
        programme.run(supervise, APRIL, on(5, 10), issue="")
    for slip in known(programme):
        number = next(n for n, d in enumerate(programme.districts) if d.code == slip.district)
        assert slip.paper.text == ("面交" if number == WITHOUT_MAIL else "")
        if number == WITHOUT_MAIL:
            continue
        [mail] = slip_mails(programme, programme.districts[number])
        [file] = mail.iter_attachments()
        assert file.get_content_type().endswith("wordprocessingml.document")
        assert f"{slip.name}号" in lines_of(file.get_content())
        assert f"督办单{slip.name}号（蓝色）" in mail["Subject"]
        text = mail.get_body(("plain",)).get_content()
        assert all(f"{item.position}. {item.label}：{item.reason}" in text for item in slip.items)
        assert "2023年5月20日前" in text
    with pytest.raises(Refused, match="收不回来"):
        programme.run(undo, APRIL, on(5, 10))


def _answers(programme):
    """By the thread, by the number; a stranger's word, another document's number and a machine's are none."""
    d = programme.districts
    [asked] = slip_mails(programme, d[1])
    quoted = "我区已逐项研究，6月底前完成。\n\n在 2023-05-10，市残联 写道：\n> 督办单〔2023〕3号"
    reply(programme, d[1], quoted, answers=asked["Message-ID"])
    reply(programme, d[2], "3、4月的表已补报。", "关于[2023]2号督办单的回复")
    reply(programme, d[4], "已办结〔2023〕3号", whose=d[0])
    reply(programme, d[5], "按市残联发〔2023〕4号文件要求报送")
    found = programme.run(fetch, APRIL, on(5, 15))
    came = [each for each in found.data["mails"] if each["kind"] != "own"]
    kinds = {each["code"]: each["kind"] for each in came}
    assert kinds == {
        d[1].code: "answer",
        d[2].code: "answer",
        d[0].code: "plain",
        d[5].code: "plain",
    }
    assert [each["note"] for each in came if each["code"] == d[0].code] == [
        "提到督办单〔2023〕3，可是发件人不是这个区县自己的邮箱，没有记为反馈；核实后在“督办”的“反馈”里写一句"
    ]
    assert programme.run(fetch, APRIL, on(5, 15)).data["mails"] == []
    answers = {s.name: s.answer(s.items[0]) for s in known(programme)}
    assert {name: answer and answer.text for name, answer in answers.items()} == {
        "〔2023〕1": "我区已逐项研究，6月底前完成。",
        "〔2023〕2": "3、4月的表已补报。",
        "〔2023〕3": None,
        "〔2023〕4": None,
        "〔2023〕5": None,
    }
    programme.run(undo, APRIL, on(5, 15))
    assert not any(s.answer(s.items[0]) for s in known(programme))
    programme.run(fetch, APRIL, on(5, 15))
    assert sum(s.answer(s.items[0]) is not None for s in known(programme)) == 2


def _terms(programme):
    """Who did not answer is written to again under the same number and in the same thread."""
    programme.run(recompute, APRIL, on(5, 21))
    type_beside(programme, "〔2023〕5", {"反馈": "5月16日来人送交书面说明"})
    seen = programme.run(status, APRIL, on(5, 21))
    late = {each["number"]: each["overdue"] for each in seen.data["slips"]}
    assert late == {"〔2023〕1": False, "〔2023〕2": False} | dict.fromkeys(
        ("〔2023〕3", "〔2023〕4", "〔2023〕5"), True
    )
    assert "其中超过期限没有反馈的3份" in seen.lines[-1]
    told = programme.run(supervise, APRIL, on(5, 21), rehearse=True).data["slips"]
    raised = programme.run(supervise, APRIL, on(5, 21)).data["slips"]
    assert told == raised
    assert [(each["number"], each["level"]) for each in raised] == [
        ("〔2023〕3", "橙"),
        ("〔2023〕4", "橙"),
    ]
    programme.run(supervise, APRIL, on(5, 21), issue="")
    for number in (4, 5):
        first, second = slip_mails(programme, programme.districts[number])
        assert second["In-Reply-To"] == first["Message-ID"]
        assert "【督办催办】" in second["Subject"]
        assert re.search("〔2023〕[34]号（橙色）", second["Subject"])
        assert "由蓝色升为橙色" in second.get_body(("plain",)).get_content()
    programme.run(supervise, APRIL, on(6, 1))
    programme.run(supervise, APRIL, on(6, 1), issue="")
    assert [s.paper.level for s in known(programme)] == ["蓝", "蓝", "红", "红", "蓝"]
    counts = [len(slip_mails(programme, d)) for d in programme.districts[:WITHOUT_MAIL]]
    assert counts == [0, 1, 1, 0, 3, 3, 0, 0]
    # The red letter is answered: it is the same slip.
    last = slip_mails(programme, programme.districts[5])[-1]
    reply(programme, programme.districts[5], "已约谈责任人。", answers=last["Message-ID"])
    programme.run(fetch, APRIL, on(6, 5))
    fourth = known(programme)[3]
    assert {fourth.answer(item).text for item in fourth.items} == {"已约谈责任人。"}


def _closing(programme):
    """A person closes; an answer to what is closed is told and not kept."""
    type_beside(programme, "〔2023〕1", {"结果": "已按序时完成", "销号": "销号"})
    assert "销号 2 项" in programme.run(supervise, APRIL, on(6, 10)).outcome
    assert [s.is_open for s in known(programme)] == [False, True, True, True, True]
    reply(programme, programme.districts[1], "补充说明〔2023〕1号")
    came = programme.run(fetch, APRIL, on(6, 11)).data["mails"]
    [mail] = [each for each in came if each["kind"] != "own"]
    assert (mail["kind"], mail["note"]) == ("plain", "督办单〔2023〕1已经销号，没有记为反馈")
