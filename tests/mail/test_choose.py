"""The table of ways to send: each record has its class, and its label is all that 设置 and the ledger know.

Proves also mail/transports/base.py and model/mail_settings.py.
"""

import inspect

import pytest

from tests.tools import accounts
from xl_addin.mail.transports.base import Transport
from xl_addin.mail.transports.choose import choose_transport, is_risky, transport_class
from xl_addin.master.read.account_rows import read_account
from xl_addin.model.mail_settings import CHOICES, DEFAULT_TRANSPORT, TRANSPORT_OF, TRANSPORTS

METHODS = ("open", "send", "close")


@pytest.mark.parametrize("spec", TRANSPORTS, ids=lambda spec: spec.label)
def test_every_way_on_the_table_is_a_transport(tmp_path, spec):
    account = read_account(accounts.host(tmp_path, mail_way=spec.label))[0]
    transport = choose_transport(account, tmp_path)
    assert type(transport) is transport_class(spec.label)
    assert {type(each) for each in (transport.risky, transport.copies)} == {bool}
    for name in METHODS:
        wanted = inspect.signature(getattr(Transport, name))
        assert inspect.signature(getattr(type(transport), name)) == wanted
    assert is_risky(spec.label) == transport.risky


def test_settings_offer_what_the_table_has():
    assert CHOICES["mail_way"] == tuple(spec.label for spec in TRANSPORTS)
    assert DEFAULT_TRANSPORT in TRANSPORT_OF


def test_a_way_that_is_no_more_may_have_left_a_mail_in_doubt():
    assert is_risky("传真")
