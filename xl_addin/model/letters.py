"""The letters to districts: templates with fields, filled in. Pure; the texts stand on 信件.

A field that does not exist is refused with its cell before anything is sent. A line whose fields
all came to nothing is left out: nobody reads “请联系：”.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from xl_addin.model.addresses import MailAddress
from xl_addin.model.records import District
from xl_addin.system.light import NamedTuple, pattern

SEND, REMIND, RETURN, RECEIPT = "send", "remind", "return", "receipt"
SLIP, ASK = "slip", "ask"

PAPER_SEND, PAPER_REMIND = "paper-send", "paper-remind"
PAPER_RETURN, PAPER_RECEIPT = "paper-return", "paper-receipt"
"""Letters about papers: templates of their own; on record each is of the kind that it is like."""
CHAT_SEND, CHAT_REMIND = "chat-send", "chat-remind"
"""What is pasted into a group of a chat program: never mailed and never on record."""

LABELS = {
    SEND: "发放",
    REMIND: "催报",
    RETURN: "退回",
    RECEIPT: "回执",
    SLIP: "督办",
    ASK: "请核对",
    PAPER_SEND: "发材料封面",
    PAPER_REMIND: "催材料",
    PAPER_RETURN: "退回材料",
    PAPER_RECEIPT: "材料回执",
    CHAT_SEND: "群里发表",
    CHAT_REMIND: "群里催报",
}
CALLED = {
    SEND: "填报表",
    RETURN: "退回件",
    REMIND: "催报信",
    RECEIPT: "回执信",
    SLIP: "督办单",
    ASK: "请核对的信",
}
"""What goes out with a letter of each kind, as staff call it."""
SEND_AGAIN, COUNT_AS_SENT = "again", "sent"
CHOICE_OF = {
    word: (kind, choice)
    for kind, called in CALLED.items()
    for word, choice in ((f"重发{called}", SEND_AGAIN), (f"{called}算已发", COUNT_AS_SENT))
}
"""What staff may choose on 回收情况, with the letter and what becomes of it."""
CHOICES = tuple(CHOICE_OF)
PAPER_LETTERS = (PAPER_SEND, PAPER_REMIND, PAPER_RETURN, PAPER_RECEIPT)
SINCE = dict.fromkeys((SLIP, ASK, *PAPER_LETTERS), 5) | dict.fromkeys((CHAT_SEND, CHAT_REMIND), 6)
"""The layout that a letter's row came with, where not the first."""

_COMMON = ("区县", "月份", "截止日期", "任务名称", "联系人", "联系电话")

_PAPER = ("区县", "材料", "截止日期", "任务名称", "联系人", "联系电话")

FIELDS = {
    SEND: (*_COMMON, "文件名"),
    REMIND: (*_COMMON, "今天", "缺报月份", "缺报说明"),
    RETURN: (*_COMMON, "轮次", "问题数", "问题清单", "文件名", "原文件名", "收到时间"),
    RECEIPT: (*_COMMON, "原文件名", "收到时间", "提醒"),
    SLIP: (*_COMMON, "编号", "级别", "期限", "事项数", "事项", "催办", "催办说明", "文件名"),
    ASK: (*_COMMON, "对方文件", "条数", "核对清单"),
    PAPER_SEND: (*_PAPER, "要求", "字数", "文件类型", "文件名"),
    PAPER_REMIND: ("区县", "任务名称", "今天", "材料", "材料说明", "联系人", "联系电话"),
    PAPER_RETURN: (*_PAPER, "原文件名", "收到时间", "问题清单"),
    PAPER_RECEIPT: (*_PAPER, "原文件名", "收到时间", "提醒"),
    CHAT_SEND: (*_COMMON, "文件名"),
    CHAT_REMIND: (*_COMMON, "今天", "缺报区县数", "缺报名单"),
}

FIELD = pattern(r"[{｛]\s*([^{}｛｝]*?)\s*[}｝]")

STRAY_BRACE = pattern(r"[{}｛｝]")


class Template(NamedTuple):
    """One letter as staff word it."""

    subject: str
    text: str


class Attachment(NamedTuple):
    """A file that goes with a letter."""

    name: str
    data: bytes


class Letter(NamedTuple):
    """One letter to one district.

    ``about`` is what it answers or carries, as in ``store.deliveries``.

    ``thread`` are the Message-IDs that it continues, oldest first.
    """

    kind: str
    month: str
    district: District
    to: tuple[MailAddress, ...]
    cc: tuple[MailAddress, ...]
    subject: str
    text: str
    about: str
    attachment: Attachment | None = None
    thread: tuple[str, ...] = ()

    @property
    def whose(self) -> tuple[str, str]:
        """By what 回收情况 speaks of it: district and kind; of a letter about a paper it does not.

        Such a letter has the paper's code beside its month, see ``model.papers``.
        """
        return ("", "") if " " in self.month else (self.district.code, self.kind)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Everybody that it goes to, each once."""
        return tuple(dict.fromkeys(box.address for box in (*self.to, *self.cc)))


_HELP = "有疑问请联系：{联系人} {联系电话}"

DEFAULTS = {
    SEND: Template(
        "{任务名称}：{月份}任务进度填报表（{区县}）",
        "{区县}：\n\n"
        "附件是{月份}任务进度填报表。请在{截止日期}前填好，直接回复本邮件，把填好的表作为附件发回。\n\n"
        "1. 只填浅黄色的格子，只填数字，不带单位；本月没有完成的填 0，不要留空。\n"
        "2. 看“校验”一列：每行都空了，上面显示“可以上报”，就可以发回。\n"
        "3. 请用附件原表填写，不要另建表格；文件名可以改。\n\n" + _HELP,
    ),
    REMIND: Template(
        "【催报】{任务名称}：{区县}{缺报月份}填报表",
        "{区县}：\n\n"
        "到{今天}，还缺以下填报表：\n\n{缺报说明}\n\n"
        "请尽快填好，直接回复本邮件，把填好的表作为附件发回。如果已经发出，请告诉我们是哪天、用哪个邮箱发的。\n\n"
        + _HELP,
    ),
    RETURN: Template(
        "【退回修改】{任务名称}：{区县}{月份}填报表（第 {轮次} 轮）",
        "{区县}：\n\n"
        "{收到时间}收到的“{原文件名}”有 {问题数} 处要改，还没有计入汇总。\n"
        "附件是标好问题的填报表：您填的数都在里面，红色的格子是要改的地方，原因写在同一行的“审核意见”里。\n\n"
        "{问题清单}\n\n"
        "请在附件上改好，直接回复本邮件发回；其他填对的地方不用重填。\n\n" + _HELP,
    ),
    RECEIPT: Template(
        "【已收到】{任务名称}：{区县}{月份}填报表",
        "{区县}：\n\n"
        "{收到时间}收到的“{原文件名}”已经通过审核，计入汇总，不用再报。\n\n{提醒}\n\n"
        "如果发现填错了，改好后重新发回即可，以最后一次通过的为准。\n\n" + _HELP,
    ),
    SLIP: Template(
        "【督办{催办}】{任务名称}：{区县}督办单{编号}号（{级别}）",
        "{区县}：\n\n"
        "{催办说明}\n\n"
        "附件是督办单{编号}号（{级别}督办），共 {事项数} 项：\n\n{事项}\n\n"
        "请逐项查明原因、采取措施。\n"
        "请在{期限}前直接回复本邮件，写明每一项的原因、措施和完成时间。\n"
        "回信的主题或正文里请保留编号{编号}。\n\n" + _HELP,
    ),
    ASK: Template(
        "【请核对】{任务名称}：{区县}{月份}有 {条数} 个数和其他部门的不一样",
        "{区县}：\n\n"
        "我们拿你们上报的数和其他部门的表（{对方文件}）作了比对，下面 {条数} 个数不一样：\n\n{核对清单}\n\n"
        "请查一查为什么：上报有误的，请改好填报表重新发回；没有错的（例如统计口径、人员范围不同），请直接回复本邮件说明原因。\n\n"
        + _HELP,
    ),
    PAPER_SEND: Template(
        "{任务名称}：请报送{材料}（{区县}）",
        "{区县}：\n\n"
        "请在{截止日期}前报送{材料}。附件是这份材料的封面，请就在它后面写正文，写好后直接回复本邮件，"
        "把文件作为附件发回。\n\n"
        "内容：{要求}\n字数：{字数}\n文件类型：{文件类型}\n\n" + _HELP,
    ),
    PAPER_REMIND: Template(
        "【催报】{任务名称}：{区县}{材料}",
        "{区县}：\n\n"
        "到{今天}，还缺以下材料：\n\n{材料说明}\n\n"
        "请尽快写好，直接回复本邮件，把文件作为附件发回。如果已经发出，请告诉我们是哪天、用哪个邮箱发的。\n\n"
        + _HELP,
    ),
    PAPER_RETURN: Template(
        "【退回修改】{任务名称}：{区县}{材料}",
        "{区县}：\n\n"
        "{收到时间}收到的“{原文件名}”（{材料}）没有通过，原因是：\n\n"
        "{问题清单}\n\n"
        "请改好后直接回复本邮件，把文件作为附件重新发来，截止日期是{截止日期}。\n\n" + _HELP,
    ),
    PAPER_RECEIPT: Template(
        "【已收到】{任务名称}：{区县}{材料}",
        "{区县}：\n\n"
        "{收到时间}收到的“{原文件名}”（{材料}）已经通过。\n\n{提醒}\n\n"
        "要补充或更正的，改好后重新发来即可，以最后一次通过的为准。\n\n" + _HELP,
    ),
}
DEFAULTS |= {
    CHAT_SEND: Template(
        "【填报】{任务名称}：{月份}任务进度填报表",
        "{区县}：\n"
        "{月份}任务进度填报表（{文件名}）已发，请在{截止日期}前填好，把填好的表原样发回来。\n"
        "1. 只填浅黄色的格子，只填数字，不带单位；本月没有完成的填 0，不要留空。\n"
        "2. 看“校验”一列：每行都空了，上面显示“可以上报”，就可以发回。\n"
        "3. 请用这份表填写，不要另建表格，不要用截图代替；各填各的，不要用别的区县的表。\n" + _HELP,
    ),
    CHAT_REMIND: Template(
        "【催报】{任务名称}",
        "到{今天}，还有 {缺报区县数} 个区县没有报齐：\n{缺报名单}\n"
        "请尽快填好发来；已经发了的，请告诉我们是哪天、怎么发的。\n" + _HELP,
    ),
}


PAGE_RETURN = Template(
    "【退回修改】{任务名称}：{区县}{月份}“重点工作”页（第 {轮次} 轮）",
    "{区县}：\n\n"
    "{收到时间}收到的“{原文件名}”，任务进度的数已经收下，不用再改；“重点工作”一页有 {问题数} 处要改。\n"
    "附件是标好问题的填报表：您填的都在里面，红色的格子是要改的地方，原因写在同一行的“审核意见”里。\n\n"
    "{问题清单}\n\n"
    "请在附件上改好，直接回复本邮件发回；其他填对的地方不用重填。\n\n" + _HELP,
)
"""Instead of 退回 where the figures count and only the page 重点工作 goes back."""


def unknown_fields(kind: str, text: str) -> list[str]:
    """The fields in a text that this kind of letter does not have."""
    return [name for name in dict.fromkeys(FIELD.findall(text)) if name not in FIELDS[kind]]


def fill(template: Template, values: Mapping[str, str]) -> tuple[str, str]:
    """Subject, on one line, and text with the values in the fields' places."""
    subject = " ".join(_fill_fields(template.subject, values).split())
    lines: list[str] = []
    for line in template.text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        names = FIELD.findall(line)
        if not names or any(values.get(name) for name in names):
            lines.append(_fill_fields(line, values).rstrip())
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    return subject, f"{text}\n"


def _fill_fields(text: str, values: Mapping[str, str]) -> str:
    return FIELD.sub(lambda match: values.get(match[1], ""), text)


def month_words(month: str) -> str:
    """``2023-06`` as 2023年6月."""
    return f"{month[:4]}年{int(month[5:7])}月"


def day_words(day: str) -> str:
    """``2023-07-05 ...`` as 2023年7月5日, empty for none."""
    return f"{month_words(day)}{int(day[8:10])}日" if day else ""


def number_lines(lines: Sequence[str], most: int = 30) -> str:
    """Numbered lines; what goes beyond is counted."""
    said = [f"{number}. {line}" for number, line in enumerate(lines[:most], 1)]
    if len(lines) > most:
        said.append(f"……另有 {len(lines) - most} 处，见附件。")
    return "\n".join(said)
