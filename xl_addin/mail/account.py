"""The mail account: what 设置 says about it, its passwords, and connections that can be trusted.

A password is in the system's keyring, or in an environment variable for scheduled runs; never in a
workbook, a log or an argument. Every connection is encrypted, certificate and host name are
verified, and no password is sent before that.
"""

from __future__ import annotations

import errno
import os

from xl_addin.mail.answers import advice
from xl_addin.model import mail_settings
from xl_addin.system import held
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import ssl

SMTP, IMAP, POP3 = "SMTP", "IMAP", "POP3"
VARIABLES = {each: f"XL_ADDIN_{each}_PASSWORD" for each in (SMTP, IMAP, POP3)}
TIMEOUT_SECONDS = 60.0
_UNKNOWN_CA = frozenset((2, 18, 19, 20, 21, 24, 27))
_DATES = {9: "还没有到生效日期", 10: "已经过期"}
_NAMES = frozenset((62, 63, 64))
_WEAK = frozenset((66, 67, 68))
_OLD_TLS = ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "VERSION_TOO_LOW")
_WEAK_TLS = (
    "TOO_SMALL",
    "TOO_WEAK",
    "HANDSHAKE_FAILURE",
    "NO_SHARED_CIPHER",
    "LEGACY",
    "BAD_ECPOINT",
)
_NO_WAY = {
    errno.ECONNREFUSED: "这个端口上没有服务器",
    errno.ECONNRESET: "对方断开了连接",
    errno.ECONNABORTED: "对方断开了连接",
    errno.EPIPE: "对方断开了连接",
    errno.ENETUNREACH: "网络不通",
    errno.EHOSTUNREACH: "网络不通",
}


class Server(NamedTuple):
    """One side of the account. ``protocol`` is SMTP, IMAP or POP3, ``security`` TLS or STARTTLS."""

    protocol: str
    host: str
    port: int
    security: str
    user: str

    @property
    def label(self) -> str:
        """As messages name it."""
        return f"{self.protocol} 服务器 {self.host}:{self.port}"


class Account(NamedTuple):
    """The mail rows of 设置. ``pace`` is in letters a minute; ``ca_file`` is empty where none is set.

    ``transport`` is the label of the way to send, ``receipts`` whether accepted returns are
    answered, ``bcc_self`` whether the sender gets a blind copy, ``in_doubt`` one of
    ``mail_settings.IN_DOUBT_CHOICES``, ``doubtful`` one of ``DOUBTFUL_CHOICES``. ``folder`` is the mailbox
    folder to fetch from, ``since`` the first day (``YYYY-MM-DD``) whose mails are fetched, empty where none
    is set; ``processed_folder`` is the one to move to, empty to leave everything where it is. ``receiver``
    is the label of the way to receive, ``login`` how to log in; ``client`` and ``tenant`` are then of the
    application that Microsoft knows.
    """

    transport: str
    address: str
    name: str
    reply_to: str
    receipts: bool
    pace: int
    bcc_self: bool
    in_doubt: str
    smtp: Server
    imap: Server
    folder: str
    processed_folder: str
    ca_file: str
    since: str = ""
    doubtful: str = mail_settings.HOLD_DOUBTFUL
    receiver: str = mail_settings.DEFAULT_RECEIVER
    pop3: Server = Server(POP3, "", 995, mail_settings.TLS, "")
    login: str = mail_settings.BY_PASSWORD
    client: str = ""
    tenant: str = ""


def password(server: Server) -> str:
    """The password for a server. Refused, with what to do, where none was stored."""
    found = os.environ.get(VARIABLES[server.protocol]) or _stored_password(server)
    if found:
        return found
    raise Refused(
        f"{server.label}：没有保存用户 {server.user} 的密码；请先保存主表，再点“保存密码”（xl-addin password）"
        f"保存一次（定时任务可以用环境变量 {VARIABLES[server.protocol]}）"
    )


def store_password(server: Server, secret: str) -> None:
    """Put a password into the system's keyring. Refused where the system has none."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(_service(server), server.user, secret)
    except KeyringError as error:
        raise Refused(
            "这台电脑没有可用的系统密码库（Windows 上是“凭据管理器”），密码没有保存；"
            f"可以改用环境变量 {VARIABLES[server.protocol]}"
        ) from error


def _stored_password(server: Server) -> str:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(_service(server), server.user) or ""
    except KeyringError:
        return ""


def _service(server: Server) -> str:
    return f"xl-addin {server.protocol} {server.host}"


def tls_context(account: Account) -> ssl.SSLContext:
    """What every connection is made with: certificate and host name verified, TLS 1.2 or later.

    The account's own certificate file is trusted besides the system's.
    """
    import ssl

    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if account.ca_file:
        try:
            context.load_verify_locations(cadata=_certificates(account.ca_file))
        except (OSError, ssl.SSLError, ValueError) as error:
            raise Refused(
                f"{account.ca_file}：里面没有读得出来的证书；请向邮箱管理员要 .pem、.cer 或 .crt 格式的证书文件"
            ) from error
    return context


def _certificates(path: str) -> str | bytes:
    """What a certificate file holds, as text (PEM) or as bytes (DER), whatever it is called.

    Windows saves .cer either way. Raises OSError, and ValueError where there is no certificate.
    """
    data = held.read_bytes(path)
    for text in (data.decode("latin-1"), data.decode("utf-16", "replace")):
        begin = text.find("-----BEGIN CERTIFICATE-----")
        if begin >= 0:
            end = text.rindex("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")
            return "".join(mark for mark in text[begin:end] if mark.isascii()) + "\n"
    if not data.startswith(b"\x30"):
        raise ValueError(path)
    return data


def connection_refused(server: Server, error: OSError) -> Refused:
    """Why there is no connection, in words that say what to do."""
    import socket
    import ssl

    if isinstance(error, ssl.SSLCertVerificationError):
        return Refused(f"{server.label}：{_certificate_fault(error)}；没有登录，也没有发送密码")
    if isinstance(error, ssl.SSLError):
        says = _tls_fault(error)
    elif isinstance(error, socket.gaierror):
        says = "找不到这个服务器；请核对服务器名字，检查网络是否连通"
    elif isinstance(error, TimeoutError):
        says = "没有回应；请核对端口，检查网络和防火墙"
    else:
        why = _NO_WAY.get(error.errno or 0) or error.strerror or error
        says = f"连接不上（{why}）；请核对服务器和端口，检查网络后再试"
    return Refused(f"{server.label}：{says}")


def _tls_fault(error: ssl.SSLError) -> str:
    reason = str(getattr(error, "reason", "") or error)
    if any(sign in reason for sign in _OLD_TLS):
        return (
            f"服务器只会旧的加密协议（TLS 1.0 或 1.1，{reason}），不安全，没有登录；"
            "请邮箱管理员启用 TLS 1.2，或换一个服务器"
        )
    if any(sign in reason for sign in _WEAK_TLS):
        return f"服务器的加密太弱（{reason}），不安全，没有登录；请邮箱管理员更新服务器的加密设置或证书"
    return f"加密连接建立不起来（{reason}）；请核对端口和加密方式（TLS / STARTTLS）"


def _certificate_fault(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _DATES:
        return f"服务器的证书{_DATES[error.verify_code]}；请检查本机日期，或请邮箱管理员更新证书"
    if error.verify_code in _NAMES:
        return "服务器的证书不是发给这个名字的；请核对服务器名字，可能连到了别的服务器"
    if error.verify_code in _UNKNOWN_CA:
        return "服务器的证书不是由受信任的机构签发的；单位自建的服务器请在“设置”的“证书文件”里填它的证书"
    if error.verify_code in _WEAK:
        return "服务器的证书太弱（密钥太短，或签名用的是旧算法），不安全；请邮箱管理员换新证书"
    return f"服务器的证书没有通过验证（{error.verify_message}）；请与邮箱管理员联系"


def login_refused(server: Server, answer: str = "") -> Refused:
    """The server did not take user and password. ``answer`` is what it said."""
    said = f"（{answer.strip()[:200]}）" if answer.strip() else ""
    told = advice(answer, ours=True)
    if told:
        return Refused(f"{server.label}：用户 {server.user} 登录没有成功{said}；{told}")
    return Refused(
        f"{server.label}：用户 {server.user} 登录没有成功{said}；请核对用户名、保存主表，"
        "再点“保存密码”（xl-addin password）重新保存。"
        "163、126、QQ 等邮箱要先在网页上开启 SMTP、IMAP（POP3）服务，密码处填“授权码”，不是登录密码"
    )
