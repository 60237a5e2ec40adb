"""Addresses as staff type them into one cell."""

import pytest

from xl_addin.model.addresses import (
    MailAddress,
    one_mail_address,
    parse_mail_addresses,
    split_mail_addresses,
)


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


@pytest.mark.parametrize(
    "typed",
    [
        "a＠b.cn",
        "ａ@ｂ．ｃｎ",
        "mailto:a@b.cn",
        "MAILTO：a@b.cn",
        "邮箱：a@b.cn",
        " a@b.cn ",
        "a @ b.cn",
        "a@b.cn.",
        "a@b.cn。",
        "a@b。cn",
        "a\u200b@b.cn",
        "\ufeffa@b.cn\u00a0",
        "<a@b.cn>",
        "“a@b.cn”",
        "a@b.cn；",
        "a@b.cn; A@B.cn",
    ],
)
def test_an_address_is_read_whatever_was_typed_or_pasted_around_it(typed):
    assert split_mail_addresses(typed) == ((MailAddress("", "a@b.cn"),), ())
    assert one_mail_address(typed) == "a@b.cn"


@pytest.mark.parametrize(
    "between", [";", "；", ",", "，", "、", " ", "　", "\n", "\t", "； ", "\u00a0"]
)
def test_addresses_may_stand_apart_by_anything(between):
    found, wrong = split_mail_addresses(f"a@b.cn{between}c@d.cn")
    assert ([box.address for box in found], wrong) == (["a@b.cn", "c@d.cn"], ())


@pytest.mark.parametrize(
    "typed", ["张三 <a@b.cn>", "张三<a＠b.cn>", "张三 a@b.cn", "张三（a@b.cn）", "张三：a@b.cn"]
)
def test_a_name_beside_an_address_is_its_owners(typed):
    assert split_mail_addresses(typed) == ((MailAddress("张三", "a@b.cn"),), ())


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("张三", "张三"),
        ("a@b.cn；李四", "李四"),
        ("zhang san@b.cn", "zhang san@b.cn"),
        ("a@b", "a@b"),
        ("a@@b.cn", "a@@b.cn"),
        ("a@b.cn\nBcc: x@y.cn", "Bcc: x@y.cn"),
    ],
)
def test_what_is_none_is_told_and_never_guessed(typed, wrong):
    assert split_mail_addresses(typed)[1] == (wrong,)
    assert one_mail_address(typed) == ""
