"""The mail rows of 设置: what is read, what is wrong with its cell, and who is stopped by it."""

import pytest

from tests.tools import accounts
from tests.tools.accounts import GOOD, ROWS
from xl_addin.mail.account import IMAP, POP3, SMTP, Account, Server
from xl_addin.master.read.account_rows import fetching_account, read_account, sending_account
from xl_addin.master.read.config import read_config
from xl_addin.model.mail_settings import (
    DEFAULT_TRANSPORT,
    RESEND_IN_DOUBT,
    STARTTLS,
    TLS,
    TRANSPORTS,
)
from xl_addin.system.errors import Refused


def where(refusal):
    return {(p.cell, p.code) for p in refusal.value.problems}


def test_a_new_master_has_defaults_that_send_nothing(tmp_path):
    said, problems = read_account(accounts.host(tmp_path))
    assert problems == ()
    assert (said.transport, said.receipts, said.pace, said.bcc_self) == (
        DEFAULT_TRANSPORT,
        False,
        20,
        True,
    )
    assert (said.smtp, said.imap) == (
        Server(SMTP, "", 465, TLS, ""),
        Server(IMAP, "", 993, TLS, ""),
    )
    assert (said.folder, said.processed_folder, said.ca_file) == ("INBOX", "", "")


def test_what_staff_set_is_read(tmp_path):
    ca = tmp_path / "ca.pem"
    ca.write_text("")
    said, problems = read_account(
        accounts.host(
            tmp_path,
            **GOOD,
            mail_name="市残联教就处",
            mail_reply_to="back@example.cn",
            mail_receipts="是",
            mail_pace="６０",
            mail_own_copy="否",
            mail_unsure="重发",
            smtp_port=587,
            smtp_security="STARTTLS",
            smtp_user="u1",
            imap_user="u2",
            imap_folder="填报",
            imap_taken="已取",
            mail_ca_file=str(ca),
        )
    )
    assert problems == ()
    assert said == Account(
        "SMTP",
        "hq@example.cn",
        "市残联教就处",
        "back@example.cn",
        True,
        60,
        False,
        RESEND_IN_DOUBT,
        Server(SMTP, "smtp.example.cn", 587, STARTTLS, "u1"),
        Server(IMAP, "imap.example.cn", 993, TLS, "u2"),
        "填报",
        "已取",
        str(ca),
        pop3=Server(POP3, "", 995, TLS, "hq@example.cn"),
    )


def test_the_user_is_the_address_when_none_is_set(tmp_path):
    said, _ = read_account(accounts.host(tmp_path, **GOOD))
    assert (said.smtp.user, said.imap.user) == ("hq@example.cn", "hq@example.cn")


MISTAKES = [
    ("mail_way", "飞鸽", "bad-mail-way"),
    ("mail_address", "市残联", "bad-mail"),
    ("mail_address", "a@b.cn\nBcc: x@y.cn", "bad-mail"),
    ("mail_reply_to", "张三 <a@b.cn>", "bad-mail"),
    ("mail_receipts", "要", "bad-mail-receipts"),
    ("mail_pace", 0, "bad-mail-pace"),
    ("mail_pace", "快", "bad-mail-pace"),
    ("smtp_port", 70000, "bad-smtp-port"),
    ("smtp_host", "https://smtp.example.cn", "bad-smtp-host"),
    ("smtp_security", "无", "bad-smtp-security"),
    ("imap_port", "九九三", "bad-imap-port"),
    ("imap_host", "邮箱", "bad-imap-host"),
    ("mail_ca_file", "/no/such.pem", "bad-mail-ca-file"),
    ("mail_unsure", "猜", "bad-mail-unsure"),
    ("mail_own_copy", 1, "bad-mail-own-copy"),
    ("mail_doubtful", "看着办", "bad-mail-doubtful"),
    ("mail_since", "7月1日", "bad-mail-since"),
    ("mail_since", "很久以前", "bad-mail-since"),
]


@pytest.mark.parametrize(("key", "value", "code"), MISTAKES)
def test_every_mistake_is_told_with_its_cell_and_stops_no_other_verb(tmp_path, key, value, code):
    host = accounts.host(tmp_path, **{**GOOD, key: value})
    assert {(p.cell, p.code) for p in read_account(host)[1]} == {(f"B{ROWS[key]}", code)}
    assert read_config(host).problems == ()


def test_sending_and_fetching_are_stopped_by_their_own_settings_only(tmp_path):
    assert sending_account(accounts.host(tmp_path, **{**GOOD, "imap_port": 0})).address
    assert fetching_account(accounts.host(tmp_path, **{**GOOD, "smtp_port": 0})).imap.host
    with pytest.raises(Refused) as refusal:
        sending_account(accounts.host(tmp_path, **{**GOOD, "smtp_port": 0}))
    assert where(refusal) == {(f"B{ROWS['smtp_port']}", "bad-smtp-port")}
    with pytest.raises(Refused) as refusal:
        fetching_account(accounts.host(tmp_path, **{**GOOD, "imap_port": 0}))
    assert where(refusal) == {(f"B{ROWS['imap_port']}", "bad-imap-port")}


def test_what_is_needed_and_empty_is_named(tmp_path):
    with pytest.raises(Refused) as refusal:
        sending_account(accounts.host(tmp_path, mail_way="SMTP"))
    assert where(refusal) == {
        (f"B{ROWS['mail_address']}", "setting-needed"),
        (f"B{ROWS['smtp_host']}", "setting-needed"),
    }
    with pytest.raises(Refused) as refusal:
        fetching_account(accounts.host(tmp_path))
    assert where(refusal) == {
        (f"B{ROWS['imap_host']}", "setting-needed"),
        (f"B{ROWS['imap_user']}", "setting-needed"),
    }


@pytest.mark.parametrize("spec", TRANSPORTS, ids=lambda spec: spec.label)
def test_a_way_to_send_that_needs_no_server_is_content_with_an_address(tmp_path, spec):
    host = accounts.host(tmp_path, mail_way=spec.label, mail_address="a@b.cn")
    if spec.needs_server:
        with pytest.raises(Refused) as refusal:
            sending_account(host)
        assert where(refusal) == {(f"B{ROWS['smtp_host']}", "setting-needed")}
    else:
        assert sending_account(host).transport == spec.label


def test_a_certificate_file_matters_to_both_sides(tmp_path):
    for wanted in (sending_account, fetching_account):
        with pytest.raises(Refused) as refusal:
            wanted(accounts.host(tmp_path, **GOOD, mail_ca_file="/no/such.pem"))
        assert where(refusal) == {(f"B{ROWS['mail_ca_file']}", "bad-mail-ca-file")}


@pytest.mark.parametrize("typed", ["2023-07-01", "2023年7月1日", "2023/7/1", "２０２３.7.1"])
def test_the_first_day_is_read_as_staff_write_it(tmp_path, typed):
    said, problems = read_account(accounts.host(tmp_path, **GOOD, mail_since=typed))
    assert (said.since, problems) == ("2023-07-01", ())


def test_the_accounts_own_addresses_are_read_like_those_of_districts(tmp_path):
    rows = GOOD | {"mail_address": " mailto:hq＠example.cn "}
    said, problems = read_account(accounts.host(tmp_path, **rows))
    assert (said.address, problems) == ("hq@example.cn", ())
