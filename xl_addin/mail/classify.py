"""What a mail is, told before anybody looks at its attachments: a bounce carries our own form too.

Kinds: ``bounce`` (a letter of ours did not arrive), ``delay`` (not yet), ``auto`` (a machine
answered), ``letter`` (a person wrote). Lists of subjects are for the mailers that set no header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.message import Message
from html import unescape
from itertools import pairwise

from xl_addin.mail import headers
from xl_addin.mail.attachments import TEXT, MailPart, messages_in
from xl_addin.system.light import NamedTuple, pattern

BOUNCE, DELAY, AUTO, LETTER = "bounce", "delay", "auto", "letter"
_DAEMONS = pattern(r"^(mailer-?daemon|postmaster|mail-daemon|mdaemon)@", re.IGNORECASE)
_FAILED = pattern(
    r"退信|(投递|发送|传送)失败|未送达|无法(送达|投递)|undeliver|returned mail|returned? to sender|"
    r"failure notice|delivery status notification|mail delivery (failed|system)|delivery.*fail",
    re.IGNORECASE,
)
_DELAYED = pattern(r"delay|warning|延迟|推迟|暂时", re.IGNORECASE)
_ANSWERED = pattern(
    r"^\s*((re|回复|答复)\s*[:：]\s*)*[【\[（(]?\s*(来自.{1,40}的)?(系统|邮件|邮箱)?"
    r"(自[动動](回[复覆復]|答[复覆復]|应答)(?!功能|设置|的)|(假期|外出|休假)(自动)?回复|"
    r"auto(matic)?[- ]?(reply|response|answer)|auto\s*[:：]|ooo\s*[:：]|réponse automatique|out of (the )?office)",
    re.IGNORECASE,
)
# A subject alone tells where no header does: at its end too, and of somebody who is away.
_LATE = pattern(r"\bdelayed\b|延迟|推迟", re.IGNORECASE)
_ANSWERED_LAST = pattern(
    r"[【\[（(]\s*(自动(回复|答复|应答|回覆)|auto(matic)?[- ]?reply|out of (the )?office)\s*[】\])）]\s*[!！。.]?\s*$|"
    r"^\s*(我|本人)?(现?正?在|已经?|目前)?(休假|出差|外出|休年假|不在办公室)(中|期间)?(?!.*(报表|材料|附件|查收))",
    re.IGNORECASE,
)
_RECALLED = pattern(
    r"^\s*(撤回|召回|邮件撤回|recall|message recall)\s*(成功|失败|success|failure|report)?\s*[:：]",
    re.IGNORECASE,
)
_READ = pattern(r"^\s*(已读|已阅|阅读回执|read:|read receipt)", re.IGNORECASE)
_CLOUDS = (
    r"([\w-]+\.)?(ex)?mail\.qq\.com/(cgi-bin/ftn|ftn)",
    r"([\w-]+\.)?ftn\.qq\.com/",
    r"share\.weiyun\.com/",
    r"drive\.weixin\.qq\.com/s",
    r"(\w+\.)?mail\.(163|126|yeah)\.(com|net)/large-attachment-download",
    r"(vip|www)\.(163|126|188)\.com/large-attachment-download",
    r"(dashi|u|fs)\.(163|126)\.com/",
    r"mail\.yeah\.net/\S*(large|attach|download)",
    r"[\w.-]*qiye\.163\.com/\S*(large|attach|download)",
    r"mail\.sina\.com\.cn/filecenter",
    r"[\w.-]*mail\.aliyun\.com/\S*(attach|netdisk)",
    r"qiye\.aliyun\.com/\S*(attach|netdisk|download|share)",
    r"mail\.(10086|139)\.(cn|com)/\S*(large|attach|download|share)",
    r"(caiyun|yun)\.139\.com/",
    r"(caiyun\.feixin|ecloud)\.10086\.cn/",
    r"pan\.wo\.cn/s",
    r"mail\.(sohu|21cn)\.com/\S*(bigattach|large|download)",
    r"mail\.189\.cn/\S*(bigattach|download)",
    r"cloud\.189\.cn/",
    r"pan\.baidu\.com/|yun\.baidu\.com/(s|share|link|wap)",
    r"(\w+\.)?kdocs\.cn/",
    r"(www\.)?123(pan|684|865|912|592)\.(com|cn)/s",
    r"pan\.quark\.cn/s",
    r"(drive|fast)\.uc\.cn/s",
    r"([\w-]+\.)?cowtransfer\.com/s",
    r"(www\.)?wenshushu\.cn/",
    r"(wss1\.cn|f\.ws\d+\.cn)/f",
    r"yunpan\.360\.cn/|[\w-]+\.link\.yunpan\.com/",
    r"(www\.)?jianguoyun\.com/p",
    r"[\w-]+\.ctfile\.com/[fd]",
    r"space\.dingtalk\.com/",
    r"shimo\.im/",
    r"(www\.)?icloud\.com(\.cn)?/(iclouddrive|attachment)",
    r"we\.tl/t",
    r"docs\.qq\.com/",
    r"[\w.-]*\.wps\.cn/",
    r"(www\.)?(alipan|aliyundrive)\.com/s",
    r"[\w.-]*\.lanzou\w*\.com/",
    r"1drv\.ms/",
    r"onedrive\.live\.com/",
    r"[\w-]+\.sharepoint\.(com|cn)/",
    r"alidocs\.dingtalk\.com/",
    r"[\w.-]*\.?feishu\.cn/(file|drive|sheets|docs|docx|base|wiki|space)",
    r"pan\.xunlei\.com/s",
    r"115(cdn)?\.com/s/",
    r"(drive|docs)\.google\.com/",
    r"(www\.)?dropbox\.com/s",
)
# Some clients show the address without what it begins with.
_LINK = pattern(
    r"(?:https?://|(?<![\w./@%-]))(" + "|".join(_CLOUDS) + r")[^\s\"'<>）)】]*", re.IGNORECASE
)
_CODED = pattern(r"\b[45]\d\d[ -](?!\d)|\b[45]\.\d{1,3}\.\d")
_TELLING = pattern(
    r"原因|不存在|拒收|已满|未送达|退信|退回|无法|reason|unknown|not listed|refused|reject"
    r"|undeliver|not delivered|quota",
    re.IGNORECASE,
)
_VAGUE = pattern(r"[45](\.[05]){1,2}(\.0)?\Z|[45]\.0\.0\Z")
_MESSAGE_ID = pattern(r"<[^<>\s@]+@[^<>\s]+>")
_OWN_ID = pattern(r"^[>\s]*Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Bounce(NamedTuple):
    """What came back undelivered: whom it did not reach, which letters, and why.

    ``certain`` says that the letters are those that it encloses, and not only ids that stand in its text.
    """

    addresses: tuple[str, ...]
    letters: tuple[str, ...]
    why: str
    certain: bool = False


def classify_mail(message: Message) -> str:
    """BOUNCE, DELAY, AUTO or LETTER, from the header fields and delivery-status parts.

    Attachments are not looked at.
    """
    report = (
        headers.parameters(headers.value(message, "Content-Type")).get("report-type", "").lower()
    )
    subject = headers.display_value(message, "Subject")
    if message.get_content_type() == "multipart/report":
        if report == "disposition-notification":
            return AUTO
        if report in ("delivery-status", ""):
            return _delivery_kind(message)
    answered = any(each.search(subject) for each in (_ANSWERED, _ANSWERED_LAST, _READ, _RECALLED))
    brought_back = _FAILED.search(subject) or (encloses_mail(message) and not answered)
    if is_from_nobody(message) and brought_back:
        return DELAY if _DELAYED.search(subject) else BOUNCE
    if is_from_nobody(message) and _LATE.search(subject):
        return DELAY
    if _is_auto_reply(message) or answered:
        return AUTO
    return LETTER


def is_recall(subject: str) -> bool:
    """Whether a mail is Outlook's wish to take another one back, or what came of it."""
    return _RECALLED.search(subject) is not None


def is_from_nobody(message: Message) -> bool:
    """Whether a mail has the empty sender of notices, or a mail system's."""
    back = "Return-Path" in message and headers.value(message, "Return-Path").strip() in ("<>", "")
    return back or bool(_DAEMONS.match(headers.sender(message)))


def encloses_mail(message: Message) -> bool:
    """Whether there is a mail, or the head of one, in a mail."""
    kinds = ("message/rfc822", "text/rfc822-headers")
    return any(part.get_content_type() in kinds for part in message.walk())


def _is_auto_reply(message: Message) -> bool:
    submitted = headers.value(message, "Auto-Submitted").split(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return True
    told = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Mail-Autoreply")
    precedence = headers.value(message, "Precedence").strip().lower()
    return any(name in message for name in told) or precedence in ("auto_reply", "auto-reply")


def _delivery_kind(message: Message) -> str:
    actions = {fields["action"] for fields in _statuses(message)}
    if actions & {"failed", ""} or not actions:
        return BOUNCE
    return DELAY if "delayed" in actions else AUTO


def _statuses(message: Message) -> Iterator[dict[str, str]]:
    """The blocks of every message/delivery-status part that speak of a recipient."""
    for part in messages_in(message):
        if part.get_content_type() == "message/delivery-status":
            for block in messages_in(part):
                fields = {
                    key.lower(): headers.header_text(said).strip() for key, said in block.items()
                }
                if any("recipient" in key for key in fields):
                    # A comment may follow: failed (bad destination).
                    action = fields.get("action", "").lower().split()
                    yield fields | {"action": action[0] if action else ""}


def bounce(message: Message, found: Sequence[MailPart]) -> Bounce:
    """Whom and what a bounce speaks of; every address and Message-ID in it where it is only text."""
    text = "\n".join(part.data.decode("utf-8", "replace") for part in found if part.kind == TEXT)
    blocks = [fields for fields in _statuses(message) if fields["action"] in ("failed", "")]
    said = " ".join(
        f"{fields.get('final-recipient', '')} {fields.get('original-recipient', '')}"
        for fields in blocks
    )
    reasons = [f"{b.get('status', '')} {b.get('diagnostic-code', '')}".strip() for b in blocks]
    told = headers.addresses(said) or headers.addresses(
        headers.value(message, "X-Failed-Recipients")
    )
    why = next(filter(None, reasons), "")
    if not why or _VAGUE.match(why):
        why = _reason(text, told) or why
    ours = {
        each
        for name in ("To", "Delivered-To")
        for each in headers.addresses(headers.value(message, name))
    }
    letters, certain = _returned_ids(message, text)
    if (
        certain
    ):  # a Message-ID in a text looks like an address; where nothing is sure, an address like one
        ours.update(each.strip("<>").lower() for each in letters)
    written = [each for each in headers.addresses(text) if each not in ours]
    return Bounce(
        tuple(told or written), letters, headers.strip_unprintable(why)[:300], certain=certain
    )


def _returned_ids(message: Message, text: str) -> tuple[tuple[str, ...], bool]:
    """The Message-IDs of the letters that came back, from the surest place that names any, and whether it is sure.

    Such a letter may answer others and stand in a thread: those did not come back.
    """
    answered = [headers.value(message, name) for name in ("In-Reply-To", "References")]
    sure = (_enclosed_ids(message), _OWN_ID.findall(text))
    for number, places in enumerate((*sure, answered[:1], [*answered, text])):
        found = [each for place in places for each in _MESSAGE_ID.findall(place)]
        if found:
            return tuple(dict.fromkeys(found)), number < len(sure)
    return (), False


def _enclosed_ids(message: Message) -> Iterator[str]:
    """The Message-ID fields of the mails, or heads of mails, that a mail encloses."""
    for part in message.walk():
        if part is not message:
            yield headers.value(part, "Message-ID")
        if part.get_content_type() == "text/rfc822-headers":
            raw = part.get_payload(decode=True)
            text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""
            yield from _OWN_ID.findall(text)


def _reason(text: str, failed: Sequence[str]) -> str:
    """The line that tells most: one with a code, else one in words, or what stands below a heading or an address."""
    lines = [line.strip() for line in unescape(re.sub(r"<[^>]*>", "\n", text)).splitlines()]
    lines = [line for line in lines if line]
    coded = next((line for line in lines if _CODED.search(line)), "")
    if coded:
        return coded
    for at, line in enumerate(lines):
        if "原因" in line and line.endswith(("：", ":")):
            return "；".join(lines[at + 1 : at + 3])
    # Exim and qmail: an address that failed by itself, and below it why.
    alone = {form for each in failed or headers.addresses(text) for form in (each, f"<{each}>")}
    below = (after for line, after in pairwise(lines) if line.lower().rstrip(":") in alone)
    told = next((line for line in lines if _TELLING.search(line) and line[-1] not in ":："), "")
    return next((line for line in below if "@" not in line and line[-1] not in ":："), told)


def cloud_links(found: Sequence[MailPart]) -> tuple[str, ...]:
    """Addresses of attachments that lie in a cloud; they are named to people, never fetched."""
    text = "\n".join(part.data.decode("utf-8", "replace") for part in found if part.kind == TEXT)
    text = text.replace("&amp;", "&")
    return tuple(dict.fromkeys(match[0] for match in _LINK.finditer(text)))[:20]


def link_words(links: Sequence[str]) -> str:
    """What is said of a mail whose form lies in a cloud: where, and what to do."""
    hosts = "、".join(dict.fromkeys(_host(link) for link in links))
    return (
        f"附件是网盘或超大附件的链接（{hosts}），程序不会去下载：{links[0]} ；请用浏览器打开下载，"
        "放进“回收”文件夹后导入文件夹，或请对方改用普通附件重发"
    )


def _host(link: str) -> str:
    return link.partition("://")[2].partition("/")[0].lower() or link.partition("/")[0].lower()
