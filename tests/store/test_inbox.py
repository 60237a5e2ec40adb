"""Mails: each there once by its bytes, read once, until that is undone."""

import pytest

from tests.store.test_ledger import receipt, run, undo
from xl_addin.store import inbox
from xl_addin.store.inbox import ListedMail, MailResult, PartRow

SOURCE = ("account", "INBOX", 7)


@pytest.fixture
def mails(ledger, tmp_path):
    """Three mails of which two have the same bytes."""
    entries = [
        ListedMail(uid, 4, f"2023-02-0{uid} 09:00:00", f"print {uid}", b"head") for uid in (3, 1, 2)
    ]
    spooled = [
        inbox.spool(tmp_path, entry, [data])
        for entry, data in zip(entries, (b"one", b"two", b"one"), strict=True)
    ]
    with ledger.writing():
        return inbox.add_mails(ledger, spooled, SOURCE, "2023-03-01 09:00:00")


def test_the_same_bytes_are_one_mail(ledger, mails, tmp_path):
    assert len(mails) == 2
    times = inbox.received_times(ledger)
    assert list(times.values()) == ["2023-02-03 09:00:00", "2023-02-01 09:00:00"]
    assert all(inbox.mail_path(tmp_path, sha256).is_file() for sha256 in times)
    assert inbox.fetched_uids(ledger, *SOURCE[:2]) == {(n, f"print {n}") for n in (1, 2, 3)}
    assert inbox.fetched_uids(ledger, "account", "other") == set()


def test_a_mail_is_read_until_that_is_undone(ledger, mails):
    assert len(mails) == 2
    waiting = inbox.unread_mails(ledger)
    assert [mail.received_at[:10] for mail in waiting] == ["2023-02-01", "2023-02-03"]
    with ledger.writing():
        inbox.begin_reading(ledger, waiting)
    assert [mail.tries for mail in inbox.unread_mails(ledger)] == [1, 1]
    first = waiting[0]
    with ledger.writing():
        number = ledger.add_receipts([receipt("A", "2023-01", 5)], "2023-01")
        result = MailResult(first.id, "return", "a@x.test", "A", "subject", "<1>", "", "A", "")
        part = PartRow(first.id, 0, "a.xlsx", "workbook", "sha", "", "")
        inbox.add_results(ledger, [result], [part], [(first.id, number)])
        run(ledger, "fetch")
    assert inbox.still_unread_ids(ledger, waiting) == {waiting[1].id}
    assert [mail.id for mail in inbox.unread_mails(ledger)] == [waiting[1].id]
    assert inbox.origin(ledger, number) == ("<1>", "a@x.test", "subject")
    assert inbox.origin(ledger, number + 1) is None
    undo(ledger, "fetch")
    assert len(inbox.unread_mails(ledger)) == 2
