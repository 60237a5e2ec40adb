"""The table of ways to receive: each record has its module, and its label is all that 设置 knows.

Proves also mail/receivers/base.py and mail/receivers/choose.py.
"""

import inspect
from importlib import import_module

import pytest

from tests.tools import accounts
from xl_addin.mail.receivers.base import Mailbox
from xl_addin.mail.receivers.choose import can_receive, receiving_label, receiving_server
from xl_addin.mail.receivers.imap import MailFolder
from xl_addin.mail.receivers.outlook import OutlookFolder
from xl_addin.mail.receivers.pop3 import PopFolder
from xl_addin.master.read.account_rows import fetching_account, read_account
from xl_addin.model.mail_settings import CHOICES, DEFAULT_RECEIVER, RECEIVER_OF, RECEIVERS
from xl_addin.system.errors import Refused

METHODS = ("listings", "has_folder", "download", "move_to_processed")
CLASSES = {"IMAP": MailFolder, "POP3": PopFolder, "Outlook": OutlookFolder}


@pytest.mark.parametrize("spec", RECEIVERS, ids=lambda spec: spec.label)
def test_every_way_on_the_table_is_a_mailbox(spec):
    module = import_module(f"xl_addin.mail.receivers.{spec.module}")
    assert list(inspect.signature(module.open_folder).parameters) == ["account"]
    for name in METHODS:
        wanted = inspect.signature(getattr(Mailbox, name))
        assert inspect.signature(getattr(CLASSES[spec.label], name)) == wanted


def test_settings_offer_what_the_table_has():
    assert CHOICES["mail_receiver"] == tuple(spec.label for spec in RECEIVERS) == tuple(CLASSES)
    assert DEFAULT_RECEIVER in RECEIVER_OF


@pytest.mark.parametrize(
    ("settings", "host", "label"),
    [
        ({}, "imap.example.cn", "IMAP 服务器 imap.example.cn:993"),
        (
            {"mail_receiver": "POP3", "pop3_host": "pop.example.cn"},
            "pop.example.cn",
            "POP3 服务器 pop.example.cn:995",
        ),
        ({"mail_receiver": "Outlook", "imap_host": None}, "", "Outlook"),
    ],
)
def test_what_is_set_is_what_is_fetched_from(tmp_path, settings, host, label):
    account = fetching_account(accounts.host(tmp_path, **{**accounts.GOOD, **settings}))
    server = receiving_server(account)
    assert (server.host if server else "", receiving_label(account)) == (host, label)
    assert can_receive(account)


def test_what_the_chosen_way_lacks_is_told_and_nothing_else(tmp_path):
    host = accounts.host(tmp_path, **{**accounts.GOOD, "mail_receiver": "POP3"})
    assert not can_receive(read_account(host)[0])
    with pytest.raises(Refused) as refusal:
        fetching_account(host)
    [problem] = refusal.value.problems
    assert "POP3 服务器" in problem.message
    host = accounts.host(tmp_path, mail_receiver="Outlook")
    with pytest.raises(Refused) as refusal:
        fetching_account(host)
    assert "发件人邮箱" in refusal.value.problems[0].message
