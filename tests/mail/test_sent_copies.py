"""Our own copies are found by their Message-ID, where mails arrive and where they are put away."""

import pytest
from imapclient import IMAPClient

from tests.tools import accounts
from tests.tools.mailservers import PASSWORD
from xl_addin.mail.sent_copies import find_copies
from xl_addin.master.read.account_rows import read_account
from xl_addin.system.errors import Refused

HQ = "hq@example.cn"


@pytest.fixture
def account(tmp_path, monkeypatch):
    monkeypatch.setenv("XL_ADDIN_IMAP_PASSWORD", PASSWORD)
    return read_account(accounts.host(tmp_path, **accounts.GOOD))[0]


def copy(postoffice, key, folder="INBOX"):
    postoffice.deliver(HQ, f"Subject: x\nMessage-ID: {key}\n\n<4@x> is only quoted".encode())
    if folder != "INBOX":
        client = postoffice.folders(HQ)
        client.setdefault(folder, type(client["INBOX"])()).stored.append(
            client["INBOX"].stored.pop()
        )


def test_copies_are_found_in_both_folders_and_never_marked_or_moved(account, postoffice):
    copy(postoffice, "<1@x>")
    copy(postoffice, "<2@x>", "已取")
    copy(postoffice, "<3@x>", "别处")
    wanted = {f"<{n}@x>" for n in range(1, 5)}
    assert find_copies(account, wanted) == {"<1@x>"}
    assert find_copies(account._replace(processed_folder="已取"), wanted) == {"<1@x>", "<2@x>"}
    assert find_copies(account._replace(processed_folder="没有"), wanted) == {"<1@x>"}
    assert set(postoffice.readonly) == {True}
    assert len(postoffice.messages(HQ)) == 1


@pytest.mark.parametrize("step", ["imap.search", "imap.list", "imap.exists"])
def test_a_wire_that_breaks_is_refused_and_nothing_is_concluded(account, postoffice, step):
    postoffice.faults.plan(step, IMAPClient.AbortError("gone"))
    copy(postoffice, "<1@x>")
    with pytest.raises(Refused, match="连接中断"):
        find_copies(account._replace(processed_folder="已取"), {"<1@x>"})
