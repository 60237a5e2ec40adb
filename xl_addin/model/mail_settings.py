"""The rows of 设置 that only sending and fetching read, under a heading each, and the ways to send."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.model.settings import NO, YES, SettingSpec
from xl_addin.system.light import NamedTuple


class TransportSpec(NamedTuple):
    """One way to send, as 设置 offers it. To add one, add its module and its record in TRANSPORTS.

    ``place`` is the class that sends, as module under mail/transports/ and name in it. Where
    ``needs_server`` is set, the rows of the SMTP server have to be right and its password stored. ``sends``
    says that letters leave by it without a person.
    """

    label: str
    hint: str
    place: str
    needs_server: bool = False
    sends: bool = False


class ReceiverSpec(NamedTuple):
    """One way to receive. To add one, add its module and its record in RECEIVERS.

    ``module`` is under mail/receivers/ and has ``open_folder``; ``protocol`` is of the server whose rows
    have to be right and whose password has to be stored, empty where there is none.
    """

    label: str
    hint: str
    module: str
    protocol: str = ""


class Cloud(NamedTuple):
    """Where Microsoft's accounts log in, and whose mail the token is for."""

    login: str
    mail: str


_BY_OUTLOOK = "用本机的 Outlook"
TRANSPORTS = (
    TransportSpec("SMTP", "由程序直接发", "smtp:SmtpTransport", needs_server=True, sends=True),
    TransportSpec("Outlook 草稿", _BY_OUTLOOK, "outlook:OutlookDrafts"),
    TransportSpec("Outlook 发送", _BY_OUTLOOK, "outlook:OutlookSending", sends=True),
    TransportSpec("邮件文件", "生成 .eml 文件，用任何邮件程序打开后发送", "files:FileTransport"),
)
TRANSPORT_OF = {spec.label: spec for spec in TRANSPORTS}
"""By label, which is also what the ledger keeps."""
DEFAULT_TRANSPORT = "邮件文件"
RECEIVERS = (
    ReceiverSpec("IMAP", "由程序直接取", "imap", "IMAP"),
    ReceiverSpec("POP3", "由程序直接取，用于没有 IMAP 的邮箱，邮件都留在邮箱里", "pop3", "POP3"),
    ReceiverSpec("Outlook", "从本机的 Outlook 取，不用密码", "outlook"),
)
RECEIVER_OF = {spec.label: spec for spec in RECEIVERS}
DEFAULT_RECEIVER = "IMAP"
BY_PASSWORD = "密码"  # noqa: S105 - what it is called
CLOUDS = {
    "微软账户": Cloud("https://login.microsoftonline.com", "https://outlook.office.com"),
    "微软账户（世纪互联）": Cloud(
        "https://login.partner.microsoftonline.cn", "https://partner.outlook.cn"
    ),
}
LOGINS = (BY_PASSWORD, *CLOUDS)
TLS, STARTTLS = "TLS", "STARTTLS"
TLS_MODES = (TLS, STARTTLS)
IMPLICIT_PORTS = {"SMTP": 465, "IMAP": 993, "POP3": 995}
IN_DOUBT_CHOICES = LEAVE_IN_DOUBT, RESEND_IN_DOUBT, COUNT_AS_SENT = "不动", "重发", "算已发"
DOUBTFUL_CHOICES = HOLD_DOUBTFUL, SEND_DOUBTFUL = "不发", "照发"
_SECURITY_HINT = "TLS：一连接就加密；STARTTLS：连接后再加密。不加密的不支持"
_USER_HINT = "不填就用发件人邮箱。密码不写在这里：点“保存密码”"


def _ways_hint(ways: Sequence[TransportSpec | ReceiverSpec]) -> str:
    """Each way with what it does; those that do the same together."""
    labels: dict[str, list[str]] = {}
    for spec in ways:
        labels.setdefault(spec.hint, []).append(spec.label)
    return "；".join(f"{'、'.join(alike)}：{hint}" for hint, alike in labels.items())


SENDER_SETTINGS = (
    SettingSpec("mail_way", "发送方式", DEFAULT_TRANSPORT, _ways_hint(TRANSPORTS)),
    SettingSpec("mail_address", "发件人邮箱", "", "区县看到的发件人，例如 jiaojiu@example.gov.cn"),
    SettingSpec(
        "mail_name", "发件人名称", "", "区县看到的发件人名字，例如 市残联教就处；不填就只显示邮箱"
    ),
    SettingSpec("mail_reply_to", "回信邮箱", "", "区县点“回复”时发到哪里；不填就回到发件人邮箱"),
    SettingSpec(
        "mail_receipts",
        "回执信",
        NO,
        "是：填报表通过审核后，按“退回修改”时给区县发一封回执；否：不发",
    ),
    SettingSpec("mail_pace", "每分钟最多几封", 20, "邮箱服务商限制发信速度，填 1 到 600"),
    SettingSpec(
        "mail_own_copy",
        "密送留底",
        YES,
        "是：用 SMTP 发信时每封密送一份到发件人邮箱；发到一半断电，"
        "再按一次时程序靠它查清哪些已经发出",
    ),
    SettingSpec(
        "mail_unsure",
        "不确定的信",
        LEAVE_IN_DOUBT,
        "断电后查不清是否发出的信，再按一次时：不动（只列出来）、重发、算已发",
    ),
    SettingSpec(
        "mail_doubtful",
        "地址可疑的信",
        HOLD_DOUBTFUL,
        "一个邮箱写在几个区县名下、像是写错了区县，或者有一格不是邮箱地址时：不发（只列出来）、照发",
        since=6,
    ),
)
SMTP_SETTINGS = (
    SettingSpec(
        "smtp_host", "SMTP 服务器", "", "例如 smtp.163.com、smtp.qq.com、smtp.exmail.qq.com"
    ),
    SettingSpec("smtp_port", "SMTP 端口", 465, "TLS 一般是 465，STARTTLS 一般是 587"),
    SettingSpec("smtp_security", "SMTP 加密", TLS, _SECURITY_HINT),
    SettingSpec("smtp_user", "SMTP 用户", "", _USER_HINT),
)
IMAP_SETTINGS = (
    SettingSpec("mail_receiver", "收信方式", DEFAULT_RECEIVER, _ways_hint(RECEIVERS), since=6),
    SettingSpec(
        "imap_host", "IMAP 服务器", "", "例如 imap.163.com、imap.qq.com、imap.exmail.qq.com"
    ),
    SettingSpec("imap_port", "IMAP 端口", 993, "TLS 一般是 993，STARTTLS 一般是 143"),
    SettingSpec("imap_security", "IMAP 加密", TLS, _SECURITY_HINT),
    SettingSpec("imap_user", "IMAP 用户", "", _USER_HINT),
    SettingSpec("imap_folder", "收信文件夹", "INBOX", "从邮箱的哪个文件夹取信，收件箱是 INBOX"),
    SettingSpec(
        "mail_since",
        "从哪天起取信",
        "",
        "早于这一天收到的邮件不下载，例如 2023-07-01；不填就从本程序第一次发信或发填报表那天起",
        since=6,
    ),
    SettingSpec(
        "imap_taken",
        "取信后移到",
        "",
        "取过的信移到邮箱的哪个文件夹；不填就不动邮箱。程序从不删除邮件",
    ),
    SettingSpec(
        "mail_ca_file",
        "证书文件",
        "",
        "单位自建邮件服务器用自己签发的证书时，填证书文件（.pem、.cer、.crt）的路径；一般不填",
    ),
)
POP3_SETTINGS = (
    SettingSpec("pop3_host", "POP3 服务器", "", "例如 pop.163.com、pop.exmail.qq.com", since=6),
    SettingSpec("pop3_port", "POP3 端口", 995, "TLS 一般是 995，STARTTLS 一般是 110", since=6),
    SettingSpec("pop3_security", "POP3 加密", TLS, _SECURITY_HINT, since=6),
    SettingSpec("pop3_user", "POP3 用户", "", _USER_HINT, since=6),
)
LOGIN_SETTINGS = (
    SettingSpec(
        "mail_login",
        "登录方式",
        BY_PASSWORD,
        "密码：填密码或授权码；微软账户：单位用 Microsoft 365、邮箱不再收密码的，点“保存密码”时用浏览器登录",
        since=6,
    ),
    SettingSpec(
        "mail_client", "应用编号", "", "微软账户登录时填，由单位的管理员登记应用后给出", since=6
    ),
    SettingSpec(
        "mail_tenant", "租户", "", "微软账户登录时填单位的租户编号或域名，不填也可以试", since=6
    ),
)
MAIL_SECTIONS = (
    ("邮件：谁发、怎么发", SENDER_SETTINGS),
    ("邮件：发信服务器（发送方式是 SMTP 时填）", SMTP_SETTINGS),
    ("邮件：收信服务器（收取邮件时填）", (*IMAP_SETTINGS, *POP3_SETTINGS, *LOGIN_SETTINGS)),
)
MAIL_SETTINGS = (*SENDER_SETTINGS, *SMTP_SETTINGS, *IMAP_SETTINGS, *POP3_SETTINGS, *LOGIN_SETTINGS)
CHOICES = {
    "mail_way": tuple(TRANSPORT_OF),
    "mail_receipts": (YES, NO),
    "mail_own_copy": (YES, NO),
    "mail_unsure": IN_DOUBT_CHOICES,
    "mail_doubtful": DOUBTFUL_CHOICES,
    "smtp_security": TLS_MODES,
    "imap_security": TLS_MODES,
    "pop3_security": TLS_MODES,
    "mail_receiver": tuple(RECEIVER_OF),
    "mail_login": LOGINS,
}
PORTS = ("smtp_port", "imap_port", "pop3_port")
