"""Addresses as staff type them into one cell."""

from xl_addin.model.addresses import MailAddress, parse_mail_addresses


def test_mailboxes_are_read_with_their_names():
    assert parse_mail_addresses("a@b.cn；张三 <c@d.cn>, e@f.cn") == (
        MailAddress("", "a@b.cn"),
        MailAddress("张三", "c@d.cn"),
        MailAddress("", "e@f.cn"),
    )
    assert parse_mail_addresses("a@b.cn，a@b.cn") == (MailAddress("", "a@b.cn"),)
    assert parse_mail_addresses("") == ()
    assert parse_mail_addresses("d07@d.test <evil@x.test>") == (
        MailAddress("d07@d.test", "evil@x.test"),
    )
