"""Formats of other programs: our own readers in this process, native ones in a throw-away process.

python-calamine reads .xls and .et and can take a whole process down (one hostile cell makes
it allocate until abort, some files make it panic); html.parser and the ciphers of locked files take
as long as a hostile file likes. They are only ever imported in a child that has bounded memory and
time, gets one line of JSON and the bytes on standard input and answers one JSON object.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping, Sequence

from xl_addin.formats import ole
from xl_addin.formats.grid import Grid
from xl_addin.formats.sniff import FODS, HTML, LOCKED, ODS, TEXT, XLS, XLSB, XML_2003, refusal
from xl_addin.system import sandbox
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.cells import FAULT, MAX_CELLS, NO_VALUE, Cell
from xl_addin.xlsx.package import Part, unpack
from xl_addin.xlsx.styles import styles_of

if TYPE_CHECKING:
    from typing import Any

_MAX_TEXT = 32 * 2**20
_ANEW = "请用 Excel 或 WPS 打开，另存为 .xlsx 后重新提供"
_CANNOT = f"文件读不出来，可能已损坏或者格式太旧；{_ANEW}"
_LOCKED = "文件有密码，打不开；请取消密码、另存一份后重新提供，或者把密码填到“设置”的“打开密码”"
_WRONG = "文件有密码，“设置”里的“打开密码”都打不开；请向对方要密码填上，或请对方取消密码后重新提供"
# Excel opens a file with this password without asking; it is how "read-only" files are saved.
_WELL_KNOWN = "VelvetSweatshop"


def read_foreign(kind: str, data: bytes, parts: Mapping[str, Part]) -> tuple[Grid, ...]:
    """The worksheets of a file of this kind (``contents``). Raises Unreadable."""
    if kind == ODS:
        from xl_addin.formats.ods import read_opendocument

        return read_opendocument(dict(parts))
    if kind == FODS:
        from xl_addin.formats.ods import read_flat

        return read_flat(data)
    if kind == XML_2003:
        from xl_addin.formats.xml2003 import read_spreadsheetml

        return read_spreadsheetml(data)
    if kind == TEXT:
        from xl_addin.formats.csv import read_delimited

        return read_delimited(data)
    if kind in (XLS, XLSB, HTML):
        return _in_child(kind, data)
    raise refusal(kind)


def is_locked(kind: str, data: bytes) -> bool:
    """Whether a file needs a password to be read."""
    return kind == LOCKED or (kind == XLS and ole.encrypted(ole.workbook_stream(data)))


def unlocked(data: bytes, passwords: Sequence[str]) -> bytes:
    """A locked file without its lock, by the first password that fits. Raises Unreadable."""
    answer = _ask_child({"unlock": [_WELL_KNOWN, *passwords]}, data, "msoffcrypto")
    if "data" not in answer:
        raise Unreadable("password", _WRONG if passwords else _LOCKED)
    return base64.b64decode(answer["data"])


def _in_child(kind: str, data: bytes) -> tuple[Grid, ...]:
    answer = _ask_child({"read": kind}, data, "python_calamine" if kind == XLS else "")
    if "refused" in answer:
        raise Unreadable(*answer["refused"])
    if "sheets" not in answer:
        raise Unreadable("damaged", _CANNOT)
    if not answer["sheets"]:
        raise Unreadable("foreign", f"文件里没有可读的工作表；{_ANEW}")
    return tuple(
        Grid(
            name,
            {(row, column): Cell(*cell) for row, column, *cell in cells},
            tuple((top, left, bottom, right) for top, left, bottom, right in merged),
            hidden,
            looks=dict(looks),
        )
        for name, hidden, cells, merged, looks in answer["sheets"]
    )


def _ask_child(request: Mapping[str, Any], data: bytes, package: str = "") -> dict[str, Any]:
    packages = [package] if package else []
    asked = json.dumps(request).encode() + b"\n" + data
    try:
        said = sandbox.ask("xl_addin.formats.registry:child", asked, packages)
        answer = json.loads(said) if said else None
    except sandbox.TookTooLong:
        says = f"读了 {sandbox.WALL_SECONDS} 秒还没有读完，没有再读；{_ANEW}"
        raise Unreadable("too-large", says) from None
    except ModuleNotFoundError as error:
        says = f"这台电脑没有安装读取这种文件的组件（{error.name}）；{_ANEW}"
        raise Unreadable("damaged", says) from error
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Unreadable("damaged", _CANNOT)
    return answer


def child() -> None:
    """Do what standard input asks and print the answer. Runs in the throw-away process."""
    sandbox.limit()
    request = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    answer: dict[str, Any]
    try:
        if "unlock" in request:
            answer = _unlocked(data, request["unlock"])
        else:
            answer = {"sheets": [_plain(grid) for grid in _read(request["read"], data)]}
    except Unreadable as refused:
        answer = {"refused": [refused.code, refused.message]}
    except BaseException as problem:  # a panic in native code is not an Exception
        answer = {"error": type(problem).__name__}
    sys.stdout.buffer.write(json.dumps(answer).encode())


def _plain(grid: Grid) -> tuple[Any, ...]:
    room = [MAX_CELLS, _MAX_TEXT]
    cells = []
    for (row, column), cell in grid.cells.items():
        room[0] -= 1
        room[1] -= len(cell.value) if isinstance(cell.value, str) else 0
        if min(room) < 0:
            raise Unreadable("too-large", f"工作表的单元格超过 {MAX_CELLS} 个，没有读取")
        cells.append((row, column, *cell))
    return grid.sheet, grid.hidden, cells, grid.merged, list(grid.looks.items())


def _read(kind: str, data: bytes) -> tuple[Grid, ...]:
    if kind == HTML:
        from xl_addin.formats.html import read_hypertext

        return read_hypertext(data)
    if kind == XLSB:
        from xl_addin.formats.xlsb import read_binary

        return read_binary(unpack(data))
    from xl_addin.formats.xls import read_native

    told = ole.facts(ole.workbook_stream(data))
    grids = read_native(data)
    if len(grids) != len(told.sheets):
        raise Unreadable("damaged", _CANNOT)
    looks = styles_of(told.formats).looks
    return tuple(_complete(*pair, looks) for pair in zip(grids, told.sheets, strict=True))


def _complete(grid: Grid, facts: ole.Facts, looks: Mapping[int, str]) -> Grid:
    """A sheet with what calamine leaves out."""
    unread = facts.formulas - grid.cells.keys() - facts.empty - facts.faults.keys()
    cells = {at: Cell(NO_VALUE, None, "") for at in unread} | {
        at: Cell(
            cell.kind, cell.value, "" if at in facts.formulas else None, facts.looks.get(at, 0)
        )
        for at, cell in grid.cells.items()
        if at not in facts.empty
    }
    cells |= {
        at: Cell(FAULT, says, "" if at in facts.formulas else None)
        for at, says in facts.faults.items()
    }
    return grid._replace(cells=cells, looks=looks)


def _unlocked(data: bytes, passwords: Sequence[str]) -> dict[str, Any]:
    import io
    import tempfile

    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import DecryptionError, InvalidKeyError

    # What was locked is not written to a disk, and this process may not write files anyway.
    vars(tempfile)["TemporaryFile"] = io.BytesIO
    file = OfficeFile(io.BytesIO(data))
    for password in passwords:
        out = io.BytesIO()
        try:
            file.load_key(password=password)
            file.decrypt(out)
        except (InvalidKeyError, DecryptionError, ValueError):
            continue
        if out.getvalue()[:4] in (b"PK\x03\x04", data[:4]):
            return {"data": base64.b64encode(out.getvalue()).decode()}
    return {}
