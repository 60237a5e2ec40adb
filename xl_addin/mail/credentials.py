"""How the account shows who it is: by a password, or by a token of the office's Microsoft account.

A token is got by the device login: a person types a short code on Microsoft's own page, and neither a
password nor an answer of that page passes through here. What is kept, in the system's keyring, is what
further tokens are asked for with.
"""

from __future__ import annotations

from collections.abc import Callable

from xl_addin.mail.account import IMAP, POP3, SMTP, Account, Server, login_refused, password
from xl_addin.model.mail_settings import CLOUDS
from xl_addin.system.errors import Refused
from xl_addin.system.keyring_store import keep, kept
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

_RIGHTS = {SMTP: "SMTP.Send", IMAP: "IMAP.AccessAsUser.All", POP3: "POP.AccessAsUser.All"}
SIGN_IN = "请点“保存密码”（xl-addin password），按提示用微软账户登录一次"


class Secret(NamedTuple):
    """A password, or a token where ``token`` is not empty."""

    password: str = ""
    token: str = ""

    def xoauth2(self, user: str) -> str:
        """What XOAUTH2 sends for the token, before base64."""
        return f"user={user}\1auth=Bearer {self.token}\1\1"


class DeviceLogin(NamedTuple):
    """What a person needs to know: which page to open and what to type there."""

    page: str
    code: str

    @property
    def words(self) -> str:
        """The same as a Chinese sentence."""
        return f"请用浏览器打开 {self.page} ，输入代码 {self.code} ，用邮箱的微软账户登录并同意"


def secret_of(account: Account, server: Server) -> Secret:
    """What to log in with. Raises Refused, with what to do, where there is none."""
    if account.login not in CLOUDS:
        return Secret(password(server))
    require_stored(account, server)
    refresh = kept(_service(account), server.user)
    scopes = [_scope(account, server.protocol)]
    found = _asked(lambda: _application(account).acquire_token_by_refresh_token(refresh, scopes))
    if "access_token" not in found:
        raise Refused(
            f"{server.label}：微软账户 {server.user} 的登录过期或被取消{_why(found)}；{SIGN_IN}"
        )
    if found.get("refresh_token", refresh) != refresh:
        keep(_service(account), server.user, found["refresh_token"])
    return Secret(token=found["access_token"])


def require_stored(account: Account, server: Server) -> None:
    """Raise Refused, with what to do, where logging in must fail; nobody is called."""
    if account.login not in CLOUDS:
        password(server)
        return
    _library(account)
    if not kept(_service(account), server.user):
        raise Refused(f"{server.label}：还没有用微软账户 {server.user} 登录过；{SIGN_IN}")


def sign_in(account: Account, user: str, show: Callable[[DeviceLogin], bool]) -> None:
    """Log a user of the account in and keep what further tokens are asked for with.

    ``show`` tells a person what to do and may wait; it returns whether to go on. Raises Refused.
    """
    application = _application(account)
    scopes = [_scope(account, protocol) for protocol in _RIGHTS]
    flow = _asked(lambda: application.initiate_device_flow(scopes))
    if "user_code" not in flow:
        raise Refused(
            f"微软没有给出登录代码{_why(flow)}；请核对“设置”里的“应用编号”和“租户”，"
            "应用要允许“公共客户端流”和 IMAP、SMTP、POP 权限"
        )
    if not show(DeviceLogin(str(flow["verification_uri"]), str(flow["user_code"]))):
        raise Refused("没有登录，没有保存")
    found = _asked(lambda: application.acquire_token_by_device_flow(flow))
    if "refresh_token" not in found:
        raise Refused(f"微软账户 {user} 没有登录成功{_why(found)}；请再试一次")
    keep(_service(account), user, found["refresh_token"])


def refused_login(account: Account, server: Server, answer: str = "") -> Refused:
    """The server did not take what we showed. ``answer`` is what it said."""
    if account.login not in CLOUDS:
        return login_refused(server, answer)
    said = f"（{answer.strip()[:200]}）" if answer.strip() else ""
    return Refused(
        f"{server.label}：微软账户 {server.user} 登录没有成功{said}；请核对用户名，"
        f"请管理员确认这个邮箱允许 {server.protocol}，{SIGN_IN}"
    )


def _library(account: Account) -> Any:
    if not account.client:
        raise Refused(
            "设置：登录方式是微软账户，要先填“应用编号”（请管理员在微软的管理页面登记一个应用，把它的编号给您）"
        )
    try:
        import msal
    except ImportError as error:
        raise Refused(
            "这台电脑没有安装用微软账户登录的组件；请在安装本程序的文件夹里运行 "
            'python -m pip install ".[oauth]"，再试一次'
        ) from error
    return msal


def _application(account: Account) -> Any:
    msal = _library(account)
    authority = f"{CLOUDS[account.login].login}/{account.tenant or 'organizations'}"
    return _asked(lambda: msal.PublicClientApplication(account.client, authority=authority))


def _asked(ask: Callable[[], Any]) -> Any:
    """An answer of Microsoft's. Raises Refused where there is no way to it."""
    try:
        return ask()
    except Refused:
        raise
    except Exception as error:  # requests and msal raise what only they know
        raise Refused(f"连不上微软的登录服务（{error}）；请检查网络和“租户”后再试") from error


def _scope(account: Account, protocol: str) -> str:
    return f"{CLOUDS[account.login].mail}/{_RIGHTS[protocol]}"


def _why(answer: dict[str, Any]) -> str:
    said = str(answer.get("error_description") or answer.get("error") or "").splitlines()
    return f"（{said[0][:200]}）" if said else ""


def _service(account: Account) -> str:
    return f"xl-addin OAuth {account.client}"
