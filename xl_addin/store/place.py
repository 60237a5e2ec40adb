"""Where a folder's ledger is: a SQLite file in it, or a small file that leads to a PostgreSQL server.

What it leads to is shared by several folders, each with a master of the same programme. The file holds
no password: the server takes it from the system's keyring, or from libpq's own places (PGPASSFILE, ~/.pgpass,
PGSERVICEFILE).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from xl_addin.model.folder import ARCHIVE, LEDGER, SHARED_LEDGER
from xl_addin.system import atomic, held
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple

_VERSION = 1
SCHEMES = ("postgresql://", "postgres://")
"""How the address of a server begins; anything else is a folder."""
KEYRING_SERVICE = "xl-addin ledger"


class Pointer(NamedTuple):
    """What a shared ledger's file says.

    ``url`` has no password; ``programme`` is the programme's id. ``masters`` are the ids of masters by
    where their folder lies: a folder that was copied finds itself not among them and takes an id of its own.
    """

    url: str
    programme: str
    masters: Mapping[str, str]

    @property
    def schema(self) -> str:
        """The schema of the programme in its database: several share one."""
        return schema_of(self.programme)


def schema_of(programme: str) -> str:
    """The name of a programme's schema."""
    return f"xl_{programme}"


def ledger_path(folder: Path) -> Path:
    """The file that a folder's ledger is, or that leads to it; it need not be there."""
    shared = folder / SHARED_LEDGER
    return shared if shared.is_file() else folder / LEDGER


def has_ledger(folder: Path) -> bool:
    """Whether a folder has a ledger, its own or a shared one."""
    return ledger_path(folder).is_file()


def is_shared(path: Path) -> bool:
    """Whether a ledger's file leads to a server."""
    return path.name == SHARED_LEDGER


def split_password(url: str) -> tuple[str, str]:
    """An address without its password, and the password, "" for none. Refused where it is no address."""
    from urllib.parse import unquote, urlsplit, urlunsplit

    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError as error:
        raise Refused(f"{_shown(url)}：不是数据库的地址；{ADDRESS}") from error
    if not url.startswith(SCHEMES) or parts.fragment:
        raise Refused(f"{_shown(url)}：不是数据库的地址；{ADDRESS}")
    asked = [piece for piece in parts.query.split("&") if piece]
    said = [piece for piece in asked if piece.startswith("password=")]
    secret = unquote(parts.password or "".join(said[-1:]).removeprefix("password="))
    user, at, host = parts.netloc.rpartition("@")
    plain = f"{user.partition(':')[0]}{at}{host}"
    query = "&".join(piece for piece in asked if piece not in said)
    return urlunsplit(parts._replace(netloc=plain, query=query)), secret


ADDRESS = "请写成 postgresql://用户名@服务器:5432/数据库名"


def _shown(url: str) -> str:
    """As much of an address as can be shown: what stands before the last @ may be a password."""
    return url.rpartition("@")[2]


def read_pointer(path: Path) -> Pointer:
    """What a shared ledger's file says. Refused where it cannot be read."""
    try:
        found = json.loads(held.read_bytes(path))
        version = int(found["version"])
        pointer = Pointer(
            str(found["url"]), str(found["programme"]), dict(found.get("masters", {}))
        )
        whole = pointer.url.startswith(SCHEMES) and pointer.programme.isalnum()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(
            f"{path}：读不懂，不知道底账在哪个数据库；请从备份找回它，或从同事的任务文件夹复制一份"
        ) from error
    if version > _VERSION:
        raise Refused(f"{path}：是更新版本的程序写的；请先升级 xl-addin")
    if not whole:
        raise Refused(f"{path}：里面写的地址不对；{ADDRESS}")
    return pointer


def write_pointer(path: Path, pointer: Pointer) -> None:
    """Write it, whole or not at all. Raises OSError."""
    said = {"version": _VERSION, **pointer._asdict()}
    atomic.write(path, json.dumps(said, ensure_ascii=False, indent=1).encode())


def master_of(path: Path) -> str:
    """The id of the master beside a shared ledger's file; a folder that is new here takes one."""
    import secrets

    pointer = read_pointer(path)
    here = _place(path.parent)
    if here not in pointer.masters:
        masters = {**pointer.masters, here: secrets.token_hex(6)}
        pointer = pointer._replace(masters=masters)
        write_pointer(path, pointer)
    return pointer.masters[here]


def _place(folder: Path) -> str:
    """Where a folder lies: on which computer, and which folder of its disk.

    A path would be another for each letter that a network drive has.
    """
    import platform

    archive = folder / ARCHIVE
    return f"{platform.node()}/{os.stat(archive if archive.is_dir() else folder).st_ino}"  # noqa: PTH116
