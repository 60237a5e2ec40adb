"""The last look: only a district's own form of the month, sealed by us, goes to that district alone."""

from email import message_from_bytes

import pytest

from tests.tools import forms
from tests.tools.mail_programme import MONTH, NOW, MailProgramme, identity_of
from tests.tools.tables import workbook
from xl_addin.docx.properties import mark_written
from xl_addin.mail.message import compose
from xl_addin.master.read.account_rows import read_account
from xl_addin.model.addresses import MailAddress
from xl_addin.model.letters import REMIND, SEND, SLIP, Attachment, Letter
from xl_addin.model.slips import DRAFTED, SlipState
from xl_addin.services.preflight import fault
from xl_addin.services.programme import Programme
from xl_addin.store.slips import NewSlip, add_slip, add_states
from xl_addin.system.resources import SLIP_TEMPLATE, workbook_path
from xl_addin.xlsx.package import deflate, inflate, pack, unpack


@pytest.fixture
def programme(tmp_path, postoffice):
    return MailProgramme(tmp_path / "任务", postoffice, 2).distribute_forms()


@pytest.fixture
def look(programme):
    """``look(form)``: what is wrong with a letter to the first district that carries this."""
    under_test = Programme(programme.folder)
    account = read_account(under_test.host)[0]
    one = programme.districts[0]

    def looked(form, change=lambda data: data, **changes):
        to = (MailAddress("", "a@d.test"), MailAddress("李四", "b@d.test"))
        file = Attachment("填报表.xlsx", form) if form is not None else None
        made = Letter(SEND, MONTH, one, to, (MailAddress("", "c@d.test"),), "x", "y", "z", file)
        data = change(compose(made, account, "<1@x>", NOW))
        return fault(data, made._replace(**changes), under_test.basics, under_test.ledger)

    yield looked
    under_test.close()


def test_a_districts_own_form_may_go_and_a_letter_without_one(look, programme):
    assert look(programme.form(programme.districts[0])) == ""
    assert look(None, kind=REMIND) == ""


def slip(name, district):
    """A document that says it is this slip of this district."""
    return mark_written(workbook_path(SLIP_TEMPLATE).read_bytes(), district, name)


def test_a_slip_goes_to_its_own_district_alone(look, programme):
    one, two = programme.districts
    opened = programme.open_programme()
    drafted = SlipState(0, DRAFTED, "蓝", "", "", "", "2023-07-10 09:00:00", "")
    with opened.ledger.writing():
        for number, district in enumerate((one, two), 1):
            added = add_slip(opened.ledger, NewSlip(2023, number, MONTH, district.code, ()))
            add_states(opened.ledger, [(added, drafted)])
        opened.ledger.add_event("2023-07-10 09:00:00", "supervise", MONTH, "", "")
    opened.close()
    mine, theirs = {"kind": SLIP, "about": "〔2023〕1蓝"}, {"kind": SLIP, "about": "〔2023〕2蓝"}
    assert look(slip("〔2023〕1", one.code), **mine) == ""
    assert "不是这封信写的" in look(slip("〔2023〕2", two.code), **mine)
    assert "别的区县" in look(slip("〔2023〕2", two.code), **theirs)
    assert "别的区县" in look(slip("〔2023〕2", one.code), **theirs)
    assert "不是这封信写的" in look(slip("〔2023〕9", one.code), **mine)
    assert "读不出来" in look(b"no document", **mine)


def test_another_districts_form_is_stopped_with_both_names(look, programme):
    one, two = programme.districts
    says = look(programme.form(two))
    assert one.name in says
    assert two.name in says


def test_a_form_of_another_month_is_stopped(look, programme):
    assert MONTH in look(programme.form(programme.districts[0]), month="2023-05")


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"c@d.test", b"x@d.test", 1),
        lambda data: b"Bcc: x@d.test\r\n" + data,
        lambda data: b"Cc: x@d.test\r\n" + data,
    ],
)
def test_nobody_but_the_districts_own_addresses_is_in_the_head(look, programme, change):
    assert "收件人" in look(programme.form(programme.districts[0]), change)


def test_the_attachment_is_the_one_that_was_meant_and_the_only_one(look, programme):
    form = programme.form(programme.districts[0])
    assert "附件不对" in look(form, attachment=Attachment("别的.xlsx", form))
    assert "附件不对" in look(None, attachment=Attachment("填报表.xlsx", form))

    def with_another(data):
        mail = message_from_bytes(data)
        mail.attach(mail.get_payload()[-1])
        return mail.as_bytes()

    assert "附件不对" in look(form, with_another)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        (b"no workbook", "读不出来"),
        (forms.fill_form(), "500101"),  # another programme's
    ],
)
def test_what_is_no_form_of_ours_is_stopped(look, form, says):
    assert says in look(form)


def test_a_form_that_somebody_else_sealed_is_stopped(look, programme):
    form = programme.form(programme.districts[0])
    mac = identity_of(form).mac.encode()
    parts = unpack(form)
    for name, part in parts.items():
        parts[name] = deflate(name, inflate(part).replace(mac, mac[::-1]))
    assert "防改标记" in look(pack(parts.values()))


def test_a_form_without_identity_is_stopped(look):
    assert look(workbook({"填报表": [["什么"], ["都没有"]]})) != ""
