"""Formats that only a native reader understands: .xls, .et, .xlsb, read in a throw-away process.

calamine is fast and can take a whole process down with one hostile cell, so it never runs in ours:
the child has bounded memory and time, gets the bytes on standard input, answers one JSON object and
is thrown away.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xl_addin.cells import Cell
from xl_addin.errors import Unreadable

if TYPE_CHECKING:
    from xl_addin.grid import Grid

WALL_SECONDS = 30
CPU_SECONDS = 20
MEMORY = 1 << 30
_MAX_AREA = 5_000_000
_CANNOT = "文件读不出来，可能已损坏或格式太旧；请用 Excel 或 WPS 打开后另存为 .xlsx 再试"


def read_foreign(data: bytes) -> tuple[Grid, ...]:
    """Every sheet of the workbook. Raises Unreadable, whatever happens to the child."""
    from xl_addin.grid import Grid

    # -I keeps the user's environment out; the package is found where this file is.
    package = str(Path(__file__).resolve().parents[1])
    start = (
        f"import sys; sys.path.insert(0, {package!r}); from xl_addin.foreign import child; child()"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", start], input=data, capture_output=True,
            timeout=WALL_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Unreadable(
            "too-large", f"读了 {WALL_SECONDS} 秒还没有读完，没有继续；{_CANNOT}"
        ) from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise Unreadable("damaged", _CANNOT) from None
    if "error" in answer:
        code = "password" if "password" in answer["error"].lower() else "damaged"
        says = "文件有密码，打不开；请取消密码后再试" if code == "password" else _CANNOT
        raise Unreadable(code, says)
    return tuple(
        Grid(
            sheet["name"],
            {(row, column): Cell(kind, value) for row, column, kind, value in sheet["cells"]},
            tuple((top, left, bottom, right) for top, left, bottom, right in sheet["merged"]),
            sheet["hidden"],
        )
        for sheet in answer["sheets"]
    )  # fmt: skip


def child() -> None:
    """Read standard input as a workbook and print what is in it. Runs in the throw-away process."""
    _limit()
    data = sys.stdin.buffer.read()
    try:
        answer: dict[str, Any] = {"sheets": _sheets(data)}
    except BaseException as error:  # a panic in native code is not an Exception
        answer = {"error": f"{type(error).__name__}: {error}"[:500]}
    sys.stdout.buffer.write(json.dumps(answer).encode())


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the timeout stands
        return
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _sheets(data: bytes) -> list[dict[str, Any]]:
    import io

    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    found = []
    for facts in workbook.sheets_metadata:
        if str(facts.typ) != "SheetTypeEnum.WorkSheet":
            continue
        sheet = workbook.get_sheet_by_name(facts.name)
        if sheet.total_height * sheet.total_width > _MAX_AREA:
            raise ValueError("sheet too large")
        rows = sheet.to_python(skip_empty_area=False)
        found.append({
            "name": facts.name,
            "hidden": facts.visible != SheetVisibleEnum.Visible,
            "cells": [
                (row, column, *_typed(value))
                for row, values in enumerate(rows, 1)
                for column, value in enumerate(values, 1)
                if value != ""
            ],
            "merged": [
                (top + 1, left + 1, bottom + 1, right + 1)
                for (top, left), (bottom, right) in sheet.merged_cell_ranges or []
            ],
        })  # fmt: skip
    return found


def _typed(value: Any) -> tuple[str, Any]:
    if isinstance(value, bool):
        return "bool", value
    if isinstance(value, int | float):
        return "number", int(value) if float(value).is_integer() else value
    if isinstance(value, str):
        return "text", value
    return "date", str(value)
