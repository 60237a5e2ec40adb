"""Letters by SMTP. One transaction per district; every step's answer is looked at.

Not ``sendmail``: it hides which recipients were refused when one is accepted, and cannot tell a
connection that broke before the message was handed over from one that broke after.
"""

from __future__ import annotations

import re
import smtplib
from pathlib import Path

from xl_addin.formats.text_encoding import decode_chinese
from xl_addin.mail.account import TIMEOUT_SECONDS, Account, connection_refused, tls_context
from xl_addin.mail.answers import advice
from xl_addin.mail.credentials import refused_login, secret_of
from xl_addin.mail.diagnosis import may_be_another_port, no_starttls, turned_away, what_is_there
from xl_addin.mail.transports.base import (
    Commit,
    ConnectionLost,
    Delivery,
    DeliveryInDoubt,
    OutgoingMail,
    TransientFailure,
)
from xl_addin.model import mail_settings
from xl_addin.store.deliveries import HANDED, NO_COPY, REFUSED, SENT
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import TYPE_CHECKING, pattern

if TYPE_CHECKING:
    import ssl

_HELLO = "localhost"
"""Until the connection is there: then the computer names itself by its address, see ``_name_ourselves``."""
_CLOSING = 421
_END = b".\r\n"
_TOO_LARGE = 552
_GREETING_SECONDS = 20.0
_METHODS = frozenset(("PLAIN", "LOGIN", "CRAM-MD5"))
# Postfix and others put off until a recipient is named what they have against the sender. Not "relay": an
# office's own server may take letters for its own domain alone, and only some districts have another.
_OURS = pattern(
    r"sender|helo|ehlo|client host|authenti|log ?in|not owned|spf|dkim|发件人|登录|认证",
    re.IGNORECASE,
)
_THEIRS = pattern(r"recipient|user unknown|unknown user|mailbox|收件人", re.IGNORECASE)
_HELO = pattern(r"helo|ehlo", re.IGNORECASE)


class SmtpTransport:
    """A session with the account's SMTP server."""

    risky = copies = True

    def __init__(self, account: Account, _folder: Path) -> None:
        self._account = account
        self._session: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connect, encrypt, log in; see ``Transport``. The password only goes over verified TLS."""
        server, context = self._account.smtp, tls_context(self._account)
        secret = secret_of(self._account, server)
        connected = False
        try:
            session = self._connect(context)
            connected = True
            if secret.token:
                said = secret.xoauth2(server.user)
                session.ehlo_or_helo_if_needed()
                # The refusal comes in a challenge, which wants an empty answer.
                session.auth("XOAUTH2", lambda asked=None: "" if asked else said)
            else:
                session.login(server.user, secret.password)
            wire = getattr(session, "sock", None)
            if wire is not None:
                wire.settimeout(TIMEOUT_SECONDS)
        except smtplib.SMTPNotSupportedError as error:
            self.close()
            raise self._not_offered(error) from error
        except smtplib.SMTPResponseException as error:
            self.close()
            if 400 <= error.smtp_code < 500:
                raise TransientFailure(f"{server.label}：{_server_text(error)}") from error
            if isinstance(error, smtplib.SMTPAuthenticationError):
                raise refused_login(self._account, server, _server_text(error)) from error
            if error.smtp_code < 0:
                raise self._no_smtp(context, _server_text(error)) from error
            raise Refused(f"{server.label}：{turned_away(_server_text(error))}") from error
        except UnicodeError as error:
            self.close()
            says = "用户名或密码里有不能用的字符"
            raise refused_login(self._account, server, says) from error
        except smtplib.SMTPServerDisconnected as error:
            self.close()
            # smtplib calls it a connection that was closed, too, where nothing came in time.
            late = "timed out" in str(error)
            if not connected:
                raise self._no_smtp(context, "", late=late) from error
            what = "没有等到答复" if late else "连接中断"
            raise Refused(f"{server.label}：登录时{what}；请检查网络后再试") from error
        except smtplib.SMTPException as error:
            offered = self._session.esmtp_features.get("auth", "") if self._session else ""
            self.close()
            raise Refused(
                f"{server.label}：服务器只接受 {'、'.join(offered.split()) or '别的'} 登录，本程序用密码（或授权码）"
                "登录不了，没有发送密码；请邮箱管理员开启密码登录（SMTP AUTH），或在“设置”的“发送方式”里改用 Outlook；"
                "用 Microsoft 365 的可以在“登录方式”里选微软账户"
            ) from error
        except OSError as error:
            self.close()
            told = what_is_there(server, context) if may_be_another_port(error) else ""
            if told:
                raise Refused(f"{server.label}：{told}；没有登录，也没有发送密码") from error
            raise connection_refused(server, error) from error

    def _connect(self, context: ssl.SSLContext) -> smtplib.SMTP:
        """Greeted and encrypted, within a time in which any mail server answers."""
        server = self._account.smtp
        if server.security == mail_settings.TLS:
            self._session = smtplib.SMTP_SSL(
                server.host, server.port, _HELLO, timeout=_GREETING_SECONDS, context=context
            )
            _name_ourselves(self._session)
        else:
            self._session = smtplib.SMTP(
                server.host, server.port, _HELLO, timeout=_GREETING_SECONDS
            )
            _name_ourselves(self._session)
            self._session.starttls(context=context)
        return self._session

    def _not_offered(self, error: smtplib.SMTPNotSupportedError) -> Refused:
        place = self._account.smtp.label
        if "STARTTLS" in str(error):
            return no_starttls(self._account.smtp)
        return Refused(
            f"{place}：服务器在这个端口不接受用户登录，没有发送密码；请核对端口（TLS 一般是 465，STARTTLS 一般是"
            " 587，25 多半只收别的服务器的信），或与邮箱管理员联系"
        )

    def _no_smtp(self, context: ssl.SSLContext, said: str, *, late: bool = False) -> Refused:
        server = self._account.smtp
        told = what_is_there(server, context)
        if not told and late:
            return connection_refused(server, TimeoutError())
        if not told:
            answer = f"（应答是“{said}”）" if said else "（一连接就断开）"
            told = f"这个端口上的不是 SMTP 服务器{answer}；请核对服务器名字和端口"
        return Refused(f"{server.label}：{told}；没有登录，也没有发送密码")

    def send(self, mail: OutgoingMail, commit: Commit) -> Delivery:
        """One mail in one transaction; see ``Transport``."""
        session = self._session
        if session is None:
            raise ConnectionLost
        data = dot_stuff(mail.data)
        try:
            offered = self._offer_sender(session, mail)
            if offered is not None:
                return offered
            taken, refused, uncopied = self._offer_recipients(session, mail)
            if not taken:
                session.rset()
                return Delivery(REFUSED, "；".join(refused))
            code, said = session.docmd("DATA")
            if code != 354:
                return self._refusal(session, code, said)
            # What is not handed over to its last dot is not a mail: a server must drop it.
            session.send(data[: -len(_END)])
            fail_point("send-data")
            commit(*filter(None, (uncopied,)))
            session.send(_END)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self.close()
            raise ConnectionLost(str(error)) from error
        fail_point("send-handed")
        try:
            code, said = session.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise DeliveryInDoubt("；".join(filter(None, (uncopied, HANDED)))) from error
        fail_point("send-accepted")
        if code != 250:
            return self._refusal(session, code, said)
        told = [*refused, uncopied] if uncopied else refused
        return Delivery(SENT, "；".join(told), trouble=bool(told))

    def close(self) -> None:
        """End the session, politely where that is possible."""
        session, self._session = self._session, None
        if session is not None:
            try:
                session.quit()
            except (smtplib.SMTPException, OSError):
                session.close()

    def _offer_sender(self, session: smtplib.SMTP, mail: OutgoingMail) -> Delivery | None:
        """What becomes of a mail that is too large. Raises TransientFailure, and Refused for another sender."""
        size = [f"size={len(mail.data)}"] if session.has_extn("size") else []
        code, said = session.mail(self._account.address, size)
        if code == _TOO_LARGE:
            session.rset()
            says = f"信有 {max(len(mail.data) // 1024, 1)} KB，服务器嫌太大，或者发件邮箱满了（{_answer(code, said)}）"
            return Delivery(REFUSED, says)
        if code >= 500:
            raise Refused(
                f"{self._account.smtp.label}：不接受发件人 {self._account.address}（{_answer(code, said)}）；"
                "“发件人邮箱”一般要和登录的用户一致"
            )
        self._raise_if_transient(session, code, said)
        return None

    def _offer_recipients(
        self, session: smtplib.SMTP, mail: OutgoingMail
    ) -> tuple[list[str], list[str], str]:
        """Who was accepted, who was refused for good and why, and what is to say of a copy that there is not.

        Raises TransientFailure, and Refused for what is against us and not against a recipient.
        """
        place = self._account.smtp.label
        taken: list[str] = []
        refused: list[str] = []
        for address in mail.letter.addresses:
            code, said = session.rcpt(address)
            if code >= 500:
                self._raise_if_ours(code, said, address)
                refused.append(f"{address} 被拒收（{_answer(code, said)}）")
            else:
                self._raise_if_transient(session, code, said)
                taken.append(address)
        if taken and mail.copy_to and mail.copy_to not in taken:
            code, said = session.rcpt(mail.copy_to)
            if code >= 500:
                # Without the copy a stop could not be told from a mail that never left.
                raise Refused(
                    f"{place}：密送留底的 {mail.copy_to} 被拒收（{_answer(code, said)}）；"
                    "请核对“发件人邮箱”，或把“密送留底”改为“否”"
                )
            if code == _CLOSING:
                self._raise_if_transient(session, code, said)
            if code >= 400:
                # Our own box may be full: no reason to keep the district's letter back.
                says = f"{NO_COPY}（{mail.copy_to}：{_answer(code, said)}）；请清理自己的邮箱"
                return taken, refused, says
        return taken, refused, ""

    def _raise_if_ours(self, code: int, said: bytes, address: str) -> None:
        text = decode_chinese(said).replace(address, "")
        if not _OURS.search(text) or (_THEIRS.search(text) and not _HELO.search(text)):
            return
        server = self._account.smtp
        told = advice(_answer(code, said), ours=True)
        if told:
            says = told
        elif _HELO.search(text):
            says = "服务器不接受这台电脑报的名字，请把这句话告诉邮箱管理员"
        else:
            says = f"不是区县的问题，是发件账户 {self._account.address} 的：请核对“发件人邮箱”和“SMTP 用户”"
        raise Refused(f"{server.label}：服务器不让发信（{_answer(code, said)}）；{says}")

    def _refusal(self, session: smtplib.SMTP, code: int, said: bytes) -> Delivery:
        self._raise_if_transient(session, code if code >= 400 else 451, said, final=500)
        return Delivery(REFUSED, _answer(code, said))

    def _raise_if_transient(
        self, session: smtplib.SMTP, code: int, said: bytes, final: int = 600
    ) -> None:
        """Raise TransientFailure for an answer that is no yes and, from ``final`` on, no no either."""
        if 400 <= code < final:
            if code == _CLOSING:
                self.close()
            else:
                session.rset()
            raise TransientFailure(_answer(code, said))


def dot_stuff(data: bytes) -> bytes:
    """The bytes that follow DATA: leading dots doubled and the final dot added (RFC 5321, 4.5.2)."""
    stuffed = data.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed + (_END if stuffed.endswith(b"\r\n") else b"\r\n" + _END)


def _answer(code: int, said: bytes) -> str:
    text = " ".join(decode_chinese(said).split())
    return (f"{code} {text}" if code > 0 else text).strip()[:200]


def _name_ourselves(session: smtplib.SMTP) -> None:
    """Say the computer's own address for its name: a bare localhost is what many servers turn away."""
    try:
        address = str(session.sock.getsockname()[0])  # type: ignore[union-attr]
    except (AttributeError, OSError):
        return
    session.local_hostname = f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _server_text(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return _answer(error.smtp_code, said if isinstance(said, bytes) else str(said).encode())
    return ""
