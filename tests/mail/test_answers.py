"""What a server's own words are told as: the cause that they name and a step that helps."""

import pytest

from xl_addin.mail.account import Server, login_refused
from xl_addin.mail.answers import advice, is_about_the_address, is_too_fast

SAID = [
    # Exim 4.96
    ("552 Message size exceeds maximum permitted", "信太大"),
    ("550 Unrouteable address", "区县名录"),
    ("550 relay not permitted", "往外"),
    ("451 greylisted, please try again in 5 minutes", "灰名单"),
    ("451 Sender rate overlimit - 10.0 / 10m", "次数和速度"),
    ("421 Too many concurrent SMTP connections; please try again later.", "同时连接的太多"),
    ("550 This message scored 12.3 spam points.", "垃圾邮件"),
    ("550 This message contains malware (Heur.X)", "附件"),
    ("451 local scanner failed", "故障"),
    # Postfix 3.7
    ("552 5.3.4 Message size exceeds fixed limit", "信太大"),
    (
        "550 5.1.1 <a@d.test>: Recipient address rejected: User unknown in local recipient table",
        "区县名录",
    ),
    ("450 4.7.1 Error: too much mail from 10.0.0.1", "次数和速度"),
    ("421 4.7.0 mx Error: too many connections from 10.0.0.1", "同时连接的太多"),
    ("554 5.7.1 <a@d.test>: Relay access denied", "往外"),
    ("452 4.3.1 Insufficient system storage", "服务器自己的存储满了"),
    # Dovecot, Cyrus, Courier
    ("552 5.2.2 <a@d.test> Quota exceeded (mailbox for user is full)", "满了"),
    ("452 4.2.2 Over quota", "收信的邮箱满了"),
    ("[ALERT] You exceeded your mail quota.", "收信的邮箱满了"),
    ("Too many open connections (2 of 1 from localhost [127.0.0.1])", "同时连接的太多"),
    ("[UNAVAILABLE] Temporary authentication failure.", "故障"),
    ("[IN-USE] Unable to lock maildrop", "占用"),
    # Exchange
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", "区县名录"),
    ("554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", "满了"),
    # 163, QQ and Coremail
    ("554 DT:SPM 163 smtp10,DsCowAB", "垃圾邮件"),
    ("451 MI:SFQ 163 smtp", "次数和速度"),
    ("550 Connection frequency limited", "次数和速度"),
    ("550 User has no permission", "没有开启"),
    ("554 IP is rejected, smtp auth error limit exceed", "黑名单"),
    ("552 Illegal Attachment", "附件"),
    ("550 Mailbox not found. http://service.mail.qq.com/", "区县名录"),
    ("550 Mail content denied", "垃圾邮件"),
    ("发信过于频繁，请稍后再试", "次数和速度"),
    ("对方邮箱空间不足", "满了"),
    # nothing that is known
    ("535 Incorrect authentication data", ""),
    ("550 Sender address not owned by user", ""),
    ("没有权限", ""),
    ("550 operation separate corporate", ""),
    ("550 <limit@spam.test>: no", ""),
]


@pytest.mark.parametrize(("said", "told"), SAID)
def test_an_answer_is_told_with_its_cause_and_what_helps(said, told):
    says = advice(said)
    assert told in says
    assert bool(says) == bool(told)


def test_only_what_asks_for_fewer_letters_slows_down():
    assert is_too_fast("450 4.7.1 Error: too much mail from 10.0.0.1")
    assert not is_too_fast("552 Message size limit exceeded")
    assert not is_too_fast("451 greylisted, try again later")


def test_what_is_about_our_account_blames_no_district():
    assert advice("550 Sender verify failed: Unrouteable address", ours=True) == ""


def test_a_box_that_is_disabled_is_a_recipients_wrong_address_and_our_own_accounts_trouble():
    said = "550-5.2.1 The email account that you tried to reach is disabled"
    assert "区县名录" in advice(said)
    assert is_about_the_address(said)
    assert "邮箱管理员" in advice(said, ours=True)


def test_a_login_that_failed_for_another_cause_asks_for_no_new_password():
    server = Server("POP3", "pop.test", 995, "TLS", "hq@hq.test")
    assert "保存密码" not in login_refused(server, "[IN-USE] Unable to lock maildrop").message
    assert "保存密码" in login_refused(server, "Login failed.").message
