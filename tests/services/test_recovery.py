"""Letters in doubt: our own copy decides, what proves nothing is not taken for proof, and nobody guesses."""

from datetime import timedelta

import pytest
from imapclient import IMAPClient

from tests.tools import mail_programme
from tests.tools.letters import letter
from tests.tools.mail_programme import NOW, MailProgramme
from xl_addin.master.read.account_rows import read_account
from xl_addin.services.recovery import resolve_in_doubt
from xl_addin.store import deliveries
from xl_addin.store.deliveries import PENDING, SENDING, SENT, PlannedLetter

LATE = NOW + timedelta(hours=25)
SOON = NOW + timedelta(hours=23)


class Doubt:
    """A letter that a stop left between its marks; ``became`` is what is found out."""

    def __init__(self, programme, postoffice):
        self.programme, self.postoffice = programme, postoffice

    def became(self, at=LATE, *, transport="SMTP", copied=True, earlier=(), detail="", kind="send"):
        under_test = self.programme.open_programme(at)
        account = read_account(under_test.host)[0]
        to = account.address if copied else ""
        with under_test.ledger.writing():
            for key in earlier:
                [sent] = self._recorded(under_test, key, "SMTP", account.address)
                deliveries.advance(under_test.ledger, {sent.id: ""}, SENT, under_test.now())
            [before] = self._recorded(under_test, "<doubt@x>", transport, to)
        before = before._replace(state=SENDING, at=NOW.isoformat(sep=" "), detail=detail)
        [(_, _, state, says)] = resolve_in_doubt(
            under_test, account, [(letter()._replace(kind=kind), before)]
        )
        under_test.close()
        return state, says

    @staticmethod
    def _recorded(under_test, key, transport, copy_to):
        facts = ("send", "2023-06", "500201", "x", key, transport, "a@d.test", copy_to)
        return deliveries.record(under_test.ledger, [PlannedLetter(*facts)], under_test.now())

    def copy(self, key="<doubt@x>"):
        self.postoffice.deliver(self.programme.hq, f"Message-ID: {key}\n\nx".encode())


@pytest.fixture
def doubt(tmp_path, postoffice, monkeypatch):
    mail_programme.environment(monkeypatch)
    return Doubt(MailProgramme(tmp_path / "任务", postoffice, 1), postoffice)


def test_a_copy_in_our_mailbox_is_proof(doubt):
    doubt.copy()
    assert doubt.became(NOW)[0] == SENT


@pytest.mark.parametrize(("at", "state"), [(NOW, SENDING), (SOON, SENDING), (LATE, PENDING)])
def test_no_copy_is_proof_of_the_contrary_once_it_had_time_to_come(doubt, at, state):
    assert doubt.became(at)[0] == state


def test_what_is_only_written_to_the_disk_is_certainly_not_sent(doubt):
    assert doubt.became(NOW, transport="邮件文件", copied=False)[0] == PENDING


@pytest.mark.parametrize("transport", ["Outlook 发送", "SMTP", "传真"])
def test_without_a_copy_nobody_knows_and_the_setting_decides(doubt, transport):
    state, says = doubt.became(transport=transport, copied=False)
    assert (state, "信件处理" in says) == (SENDING, True)
    doubt.programme.set(mail_unsure="重发")
    assert doubt.became(transport=transport, copied=False)[0] == PENDING
    doubt.programme.set(mail_unsure="算已发")
    assert doubt.became(transport=transport, copied=False)[0] == SENT


def test_a_mailbox_in_which_earlier_copies_are_missing_proves_nothing(doubt):
    assert doubt.became(earlier=("<1@x>", "<2@x>"))[0] == SENDING
    doubt.copy("<2@x>")
    assert doubt.became(earlier=("<3@x>",))[0] == PENDING


def test_a_mailbox_of_another_user_proves_nothing(doubt):
    doubt.programme.set(imap_user="archive@hq.test")
    assert doubt.became()[0] == SENDING
    doubt.postoffice.deliver("archive@hq.test", b"Message-ID: <doubt@x>\n\nx")
    assert doubt.became()[0] == SENT


def test_a_mailbox_that_cannot_be_looked_into_proves_nothing(doubt):
    doubt.postoffice.faults.plan("imap.search", IMAPClient.AbortError("gone"))
    state, says = doubt.became()
    assert (state, "查不了留底" in says) == (SENDING, True)
    doubt.programme.set(imap_host=None)
    assert doubt.became()[0] == SENDING


def test_who_cannot_wait_is_told_how_to_send_it_again(doubt):
    says = doubt.became(SOON)[1]
    assert "先向区县核实" in says
    assert "信件处理" in says


@pytest.mark.parametrize("copied", [True, False])
def test_of_a_paper_there_is_no_such_column_and_the_setting_is_named(doubt, copied):
    says = doubt.became(SOON, copied=copied, kind="paper-send")[1]
    assert "不确定的信" in says


def test_a_letter_of_which_no_copy_went_to_us_is_never_taken_for_unsent(doubt):
    assert doubt.became(detail=f"{deliveries.NO_COPY}（452）")[0] == SENDING
