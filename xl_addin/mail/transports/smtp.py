"""Letters by SMTP. One transaction per district; every step's answer is looked at.

Not ``sendmail``: it hides which recipients were refused when one is accepted, and cannot tell a
connection that broke before the message was handed over from one that broke after.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from pathlib import Path

from xl_addin.mail.account import TIMEOUT_SECONDS, Account, connection_refused, tls_context
from xl_addin.mail.credentials import refused_login, secret_of
from xl_addin.mail.transports.base import (
    ConnectionLost,
    Delivery,
    DeliveryInDoubt,
    OutgoingMail,
    TransientFailure,
)
from xl_addin.model import mail_settings
from xl_addin.store.deliveries import REFUSED, SENT
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import fail_point

_HELLO = "localhost"
_CLOSING = 421


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
        try:
            if server.security == mail_settings.TLS:
                self._session = smtplib.SMTP_SSL(
                    server.host, server.port, _HELLO, timeout=TIMEOUT_SECONDS, context=context
                )
            else:
                self._session = smtplib.SMTP(
                    server.host, server.port, _HELLO, timeout=TIMEOUT_SECONDS
                )
                self._session.starttls(context=context)
            if secret.token:
                said = secret.xoauth2(server.user)
                self._session.ehlo_or_helo_if_needed()
                # The refusal comes in a challenge, which wants an empty answer.
                self._session.auth("XOAUTH2", lambda asked=None: "" if asked else said)
            else:
                self._session.login(server.user, secret.password)
        except smtplib.SMTPNotSupportedError as error:
            self.close()
            raise Refused(
                f"{server.label}：服务器没有提供 STARTTLS 加密或用户登录，没有发送密码；"
                "请核对端口和加密方式，或与邮箱管理员联系"
            ) from error
        except smtplib.SMTPResponseException as error:
            self.close()
            if 400 <= error.smtp_code < 500:
                raise TransientFailure(f"{server.label}：{_server_text(error)}") from error
            if isinstance(error, smtplib.SMTPAuthenticationError):
                raise refused_login(self._account, server, _server_text(error)) from error
            raise Refused(
                f"{server.label}：服务器不接受连接（{_server_text(error)}）；请稍后再试"
            ) from error
        except UnicodeError as error:
            self.close()
            raise refused_login(self._account, server) from error
        except smtplib.SMTPException as error:
            self.close()
            raise Refused(f"{server.label}：连接中断；请检查网络后再试") from error
        except OSError as error:
            self.close()
            raise connection_refused(server, error) from error

    def send(self, mail: OutgoingMail, commit: Callable[[], None]) -> Delivery:
        """One mail in one transaction; see ``Transport``."""
        session = self._session
        if session is None:
            raise ConnectionLost
        try:
            taken, refused = self._offer_recipients(session, mail)
            if not taken:
                session.rset()
                return Delivery(REFUSED, "；".join(refused))
            commit()
            code, said = session.docmd("DATA")
            if code != 354:
                return self._refusal(session, code, said)
            fail_point("send-data")
            # What is not handed over to its last byte is not a mail: a server must drop it.
            session.send(dot_stuff(mail.data))
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self.close()
            raise ConnectionLost(str(error)) from error
        fail_point("send-handed")
        try:
            code, said = session.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise DeliveryInDoubt("信已交给服务器，没有等到它的答复") from error
        fail_point("send-accepted")
        if code != 250:
            return self._refusal(session, code, said)
        return Delivery(SENT, "；".join(refused), trouble=bool(refused))

    def close(self) -> None:
        """End the session, politely where that is possible."""
        session, self._session = self._session, None
        if session is not None:
            try:
                session.quit()
            except (smtplib.SMTPException, OSError):
                session.close()

    def _offer_recipients(
        self, session: smtplib.SMTP, mail: OutgoingMail
    ) -> tuple[list[str], list[str]]:
        """Who was accepted, and who was refused for good and why. Raises TransientFailure and Refused."""
        place = self._account.smtp.label
        size = [f"size={len(mail.data)}"] if session.has_extn("size") else []
        code, said = session.mail(self._account.address, size)
        if code >= 500:
            raise Refused(
                f"{place}：不接受发件人 {self._account.address}（{_answer(code, said)}）；"
                "“发件人邮箱”一般要和登录的用户一致"
            )
        self._raise_if_transient(session, code, said)
        taken: list[str] = []
        refused: list[str] = []
        for address in mail.letter.addresses:
            code, said = session.rcpt(address)
            if code >= 500:
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
            self._raise_if_transient(session, code, said)
        return taken, refused

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
    ending = b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"
    return stuffed + ending


def _answer(code: int, said: bytes) -> str:
    return f"{code} {said.decode('utf-8', 'replace')}".strip()[:200]


def _server_text(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return _answer(error.smtp_code, said if isinstance(said, bytes) else str(said).encode())
    return ""
