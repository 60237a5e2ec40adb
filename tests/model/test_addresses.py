"""Addresses as staff type them into one cell."""

from xl_addin.model.addresses import Mailbox, mailboxes


def test_mailboxes_are_read_with_their_names():
    assert mailboxes("a@b.cn；张三 <c@d.cn>, e@f.cn") == (
        Mailbox("", "a@b.cn"),
        Mailbox("张三", "c@d.cn"),
        Mailbox("", "e@f.cn"),
    )
    assert mailboxes("a@b.cn，a@b.cn") == (Mailbox("", "a@b.cn"),)
    assert mailboxes("") == ()
    assert mailboxes("d07@d.test <evil@x.test>") == (Mailbox("d07@d.test", "evil@x.test"),)
