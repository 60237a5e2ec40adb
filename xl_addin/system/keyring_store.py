"""Secrets in the system's keyring, which on Windows takes no long ones: these are kept in pieces."""

from __future__ import annotations

from xl_addin.system.errors import Refused

_PIECE = 1_000  # Windows takes 2,560 bytes, two for each character
NO_KEYRING = "这台电脑没有可用的系统密码库（Windows 上是“凭据管理器”），没有保存"


def keep(service: str, user: str, secret: str) -> None:
    """Put a secret of any length into the keyring. Refused where the system has none."""
    import keyring
    from keyring.errors import KeyringError

    pieces = [secret[at : at + _PIECE] for at in range(0, len(secret), _PIECE)]
    try:
        # The first tells how many there are: after a stop before it the former secret still stands.
        for number, piece in reversed([*enumerate(pieces)]):
            said = f"{len(pieces)}:{piece}" if number == 0 else piece
            keyring.set_password(service, _name(user, number), said)
    except KeyringError as error:
        raise Refused(NO_KEYRING) from error


def kept(service: str, user: str) -> str:
    """What was kept, empty for nothing."""
    import keyring
    from keyring.errors import KeyringError

    try:
        count, _, first = (keyring.get_password(service, user) or "").partition(":")
        rest = [
            keyring.get_password(service, _name(user, number)) or ""
            for number in range(1, int(count or 0))
        ]
    except (KeyringError, ValueError):
        return ""
    return "".join((first, *rest))


def _name(user: str, number: int) -> str:
    return f"{user}#{number}" if number else user
