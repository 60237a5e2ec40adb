"""A letter as it goes out, with everything that makes one hard to write down."""

from __future__ import annotations

from tests.tools import forms
from xl_addin.model.addresses import MailAddress
from xl_addin.model.letters import SEND, Attachment, Letter

NAME = "填报表_2023-06_500240_石柱土家族自治县_第2轮，请在七月五日之前改好发回.xlsx"


def letter(**changes):
    made = Letter(
        SEND,
        "2023-06",
        forms.DISTRICTS[0],
        (MailAddress("", "a@d.cn"), MailAddress("李四", "b@d.cn")),
        (MailAddress("Wang, W.", "c@d.cn"),),
        "重点工作：2023年6月任务进度填报表（石柱土家族自治县），请按时报送",
        "石柱土家族自治县：\n\n附件是 <填报表> & 说明。\n.开头是点的一行\n\n再见\n",
        "sha",
        Attachment(NAME, forms.fill_form()),
    )
    return made._replace(**changes)
