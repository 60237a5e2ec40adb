"""Who reads which format: one module each with ``read``, in this process or in a throw-away one.

xlrd, html.parser and the ciphers of locked files take as long and as much memory as a hostile file
likes. They are only ever imported in a child that has bounded memory and time, gets one line of
JSON and the bytes on standard input and answers one JSON object.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from xl_addin.formats.grid import Grid
from xl_addin.formats.sniff import refusal
from xl_addin.model.filetypes import (
    CANNOT_READ,
    FODS,
    HTML,
    ODS,
    SAVE_ANEW,
    TEXT,
    UNKNOWN,
    XLS,
    XLSB,
    XML_2003,
    ZIP_START,
)
from xl_addin.system import sandbox
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import TYPE_CHECKING, NamedTuple, Protocol
from xl_addin.xlsx.cells import MAX_CELLS, MAX_TEXT, Cell

if TYPE_CHECKING:
    from typing import Any


class FormatModule(Protocol):
    """What a module of this room gives to be a reader."""

    def read(self, data: bytes) -> tuple[Grid, ...]:
        """Every worksheet in tab order. Raises Unreadable, with code "password" for a locked file."""


class FormatReader(NamedTuple):
    """A module of this room; ``apart`` is what it needs in the throw-away process, None in this one."""

    module: str
    apart: tuple[str, ...] | None = None


READERS = {
    XLS: FormatReader("xls", ("olefile", "xlrd", "msoffcrypto")),
    XLSB: FormatReader("xlsb", ()),
    ODS: FormatReader("ods"),
    FODS: FormatReader("ods"),
    XML_2003: FormatReader("xml2003"),
    HTML: FormatReader("html", ()),
    TEXT: FormatReader("csv"),
}

_WRONG = "文件有密码，“设置”里的“打开密码”都打不开；请向对方要密码填上，或请对方取消密码后重新提供"
# Excel opens a file with this password without asking; it is how "read-only" files are saved.
_WELL_KNOWN = "VelvetSweatshop"


def read_other_format(
    kind: str, data: bytes, passwords: Sequence[str] | None = ()
) -> tuple[Grid, ...] | bytes:
    """The worksheets of a file of this kind (one of ``sniff``'s). Raises Unreadable."""
    reader = READERS.get(kind)
    if reader is None:
        raise refusal(kind)
    if reader.apart is None:
        return _module(reader).read(data)
    answer = _ask_child({"read": kind, "passwords": passwords}, data, reader.apart)
    if "refused" in answer:
        raise Unreadable(*answer["refused"])
    if "unlocked" in answer:
        return base64.b64decode(answer["unlocked"])
    if "sheets" not in answer:
        raise Unreadable("damaged", CANNOT_READ)
    if not answer["sheets"]:
        raise Unreadable("foreign", f"文件里没有可读的工作表；{SAVE_ANEW}")
    return tuple(_grid(*sheet) for sheet in answer["sheets"])


def _module(reader: FormatReader) -> FormatModule:
    found: FormatModule = import_module(f"xl_addin.formats.{reader.module}")
    return found


def _ask_child(request: Mapping[str, Any], data: bytes, packages: Sequence[str]) -> dict[str, Any]:
    asked = json.dumps(request).encode() + b"\n" + data
    try:
        said = sandbox.run_sandboxed(f"{__name__}:child", asked, packages)
        answer = json.loads(said) if said else None
    except sandbox.SandboxTimeout:
        says = f"读了 {sandbox.WALL_SECONDS} 秒还没有读完，没有再读；{SAVE_ANEW}"
        raise Unreadable("too-large", says) from None
    except ModuleNotFoundError as error:
        says = f"这台电脑没有安装读取这种文件的组件（{error.name}）；{SAVE_ANEW}"
        raise Unreadable("damaged", says) from error
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Unreadable("damaged", CANNOT_READ)
    return answer


def child() -> None:
    """Do what standard input asks and print the answer. Runs in the throw-away process."""
    sandbox.limit_resources()
    request = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    answer: dict[str, Any]
    try:
        answer = {
            "sheets": [_grid_fields(grid) for grid in _module(READERS[request["read"]]).read(data)]
        }
    except Unreadable as refused:
        answer = {"refused": [refused.code, refused.message]}
        if refused.code == "password":
            answer = _unlock(data, request["passwords"], refused)
    except BaseException as problem:  # a panic in native code is not an Exception
        answer = {"error": type(problem).__name__}
    sys.stdout.buffer.write(json.dumps(answer).encode())


def _grid_fields(grid: Grid) -> tuple[Any, ...]:
    room = [MAX_CELLS, MAX_TEXT]
    cells = []
    for (row, column), cell in grid.cells.items():
        room[0] -= 1
        room[1] -= len(cell.value) if isinstance(cell.value, str) else 0
        if min(room) < 0:
            raise Unreadable("too-large", f"工作表的单元格超过 {MAX_CELLS} 个，没有读取")
        cells.append((row, column, *cell))
    return (
        grid.sheet,
        cells,
        grid.merged,
        grid.hidden,
        [*grid.hidden_rows],
        [*grid.format_codes.items()],
        [*grid.comments.items()],
        [*grid.hidden_columns],
        [*grid.boxes],
    )


def _grid(
    name: str,
    cells: Any,
    merged: Any,
    hidden: bool,
    hidden_rows: Any,
    looks: Any,
    comments: Any,
    hidden_columns: Any,
    boxes: Any,
) -> Grid:
    return Grid(
        name,
        {(row, column): Cell(*cell) for row, column, *cell in cells},
        tuple((top, left, bottom, right) for top, left, bottom, right in merged),
        hidden,
        frozenset(hidden_rows),
        dict(looks),
        {(row, column): text for (row, column), text in comments},
        frozenset(hidden_columns),
        boxes=tuple(boxes),
    )


def _unlock(data: bytes, passwords: Sequence[str] | None, refused: Unreadable) -> dict[str, Any]:
    """A locked file without its lock, by the first password that fits."""
    import io
    import tempfile

    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import DecryptionError, InvalidKeyError

    if passwords is None:
        again = refusal(UNKNOWN)
        return {"refused": [again.code, again.message]}
    # What was locked is not written to a disk, and this process may not write files anyway.
    vars(tempfile)["TemporaryFile"] = io.BytesIO
    file = OfficeFile(io.BytesIO(data))
    for password in (_WELL_KNOWN, *passwords):
        out = io.BytesIO()
        try:
            file.load_key(password=password)
            file.decrypt(out)
        except (InvalidKeyError, DecryptionError, ValueError):
            continue
        if out.getvalue()[:4] in (ZIP_START, data[:4]):
            return {"unlocked": base64.b64encode(out.getvalue()).decode()}
    return {"refused": [refused.code, _WRONG if passwords else refused.message]}
