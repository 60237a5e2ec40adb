"""What a person wrote, without what the mail program quoted; plain text before HTML."""

import pytest

from xl_addin.mail.attachments import TEXT, MailPart
from xl_addin.mail.own_words import MOST, own_words, without_quote


def part(text, kind="text/plain", trail=()):
    return MailPart(kind, TEXT, text.encode(), trail)


@pytest.mark.parametrize(
    "quote",
    [
        "------------------ 原始邮件 ------------------\n发件人: a",
        "-----Original Message-----\nFrom: a",
        '在 2023-07-10 09:00:00，"市残联" <hq@hq.test> 写道：\n> 督办单',
        "On Mon, Jul 10, 2023 at 9:00 AM hq wrote:\n> x",
        "发件人： 市残联\n发送时间： 2023年7月10日",
        "________________________________\nFrom: hq",
        "> 督办单〔2023〕9号",
        "---- 回复的原邮件 ----\n| 发件人 |",
        "-- \n某某区残联 李四",
    ],
)
def test_a_quote_is_left_out(quote):
    assert (
        without_quote(f"已经整改。\r\n\r\n\r\n\r\n措施如下：  \r\n{quote}")
        == "已经整改。\n\n措施如下："
    )


def test_a_dash_or_an_arrow_within_a_line_is_no_quote():
    assert without_quote("5-7月 -- 已补报\n完成率 > 50%") == "5-7月 -- 已补报\n完成率 > 50%"


def test_the_plain_text_goes_before_html_and_html_is_read_where_it_is_alone():
    html = "<html><head><style>p{x:y}</style></head><body><p>已&nbsp;整改</p><div>措施<br>一</div></body>"
    assert own_words([part(html, "text/html"), part("整改完毕")]) == "整改完毕"
    assert own_words([part(html, "text/html")]) == "已\u00a0整改\n措施\n一"
    assert own_words([part("", "text/plain"), part(html, "text/html")]).startswith("已")


def test_what_stands_in_an_enclosed_mail_is_not_its_sender_s():
    assert own_words([part("别人写的", trail=("转发",))]) == ""
    assert len(own_words([part("长" * (MOST + 10))])) == MOST
