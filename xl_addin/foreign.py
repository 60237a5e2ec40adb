"""Formats of other programs: .ods by our own reader, .xls, .et and .xlsb in a throw-away process.

python-calamine reads the latter and can take a whole process down (one hostile cell makes it
allocate until abort, some files make it panic), so it is only ever imported in a child that has
bounded memory and time, gets the bytes on standard input and answers one JSON object.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from xl_addin import biff, throwaway
from xl_addin.cells import BOOL, DATE, FAULT, MAX_CELLS, NO_VALUE, NUM, TEXT, Cell, styles_of
from xl_addin.errors import Unreadable
from xl_addin.grid import Grid
from xl_addin.package import MAX_FILE, unpack

_MAX_TEXT = 32 * 2**20
_ANEW = "请用 Excel 或 WPS 打开，另存为 .xlsx 后重新提供"
_CANNOT = f"文件读不出来，可能已损坏或者格式太旧；{_ANEW}"
_PASSWORD = "文件有密码，打不开；请取消密码、另存一份后重新提供"  # noqa: S105 - a message


def read_foreign(data: bytes) -> tuple[Grid, ...]:
    """The worksheets of an .ods, .xls, .et or .xlsb, told by content. Raises Unreadable."""
    if len(data) > MAX_FILE:
        raise Unreadable("too-large", f"文件超过 {MAX_FILE // 2**20} MB，没有读取")
    if data.startswith(b"PK\x03\x04"):
        parts = unpack(data)
        if "content.xml" in parts:
            from xl_addin.opendocument import read_opendocument

            return read_opendocument(parts)
        if not any(name.lower() == "xl/workbook.bin" for name in parts):
            raise Unreadable(
                "foreign", f"这是压缩包，不是工作簿；如果表格在里面，请先解压；或者{_ANEW}"
            )
        from xl_addin import biff12

        return _completed(_in_child(data), biff12.facts(parts))
    if not data.startswith(biff.OLE):
        raise Unreadable("foreign", _what_it_is(data))
    if biff.has_entry(data, "EncryptedPackage"):
        raise Unreadable("password", _PASSWORD)
    if biff.has_entry(data, "WordDocument"):
        raise Unreadable(
            "foreign", f"这是 Word 文档，不是工作簿；请把其中的表格复制到 Excel，{_ANEW[2:]}"
        )
    book = biff.workbook_stream(data)
    if biff.encrypted(book):
        raise Unreadable("password", _PASSWORD)
    return _completed(_in_child(data), biff.facts(book))


def _what_it_is(data: bytes) -> str:
    """What a file is that is no workbook though it may be named like one, and what to do."""
    head = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = data[:4096].decode("utf-16", "replace").lstrip().lower().encode()
    if data.startswith(b"\x1f\x8b"):
        return f"这是压缩文件（gzip），不是工作簿；{_ANEW}"
    if data.startswith(b"%PDF"):
        return "这是 PDF 文件，不是工作簿；请提供原来的 Excel 表格"
    if data.startswith((b"\x89PNG", b"\xff\xd8\xff")):
        return "这是图片，不是工作簿；请提供原来的 Excel 表格"
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        return f"这是“XML 表格 2003”，只是名字像工作簿；{_ANEW}"
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<style")):
        return f"这是网页（HTML），只是名字像工作簿，多半是从网页系统导出的；{_ANEW}"
    if head.startswith((b"mime-version", b"message-id")):
        return f"这是网页存档（MHTML），只是名字像工作簿；{_ANEW}"
    if b"\0" not in head:
        return f"这是文本（CSV 一类），只是名字像工作簿；{_ANEW}"
    return f"这不是工作簿（.xlsx、.xlsm、.xls、.ods、.et、.xlsb）；{_ANEW}"


def _completed(grids: tuple[Grid, ...], told: biff.Book) -> tuple[Grid, ...]:
    """The sheets with what calamine leaves out. Raises Unreadable when the two do not fit."""
    if len(grids) != len(told.sheets):
        raise Unreadable("damaged", _CANNOT)
    styles = styles_of(told.formats)
    return tuple(
        _complete(grid, facts, styles.looks) for grid, facts in zip(grids, told.sheets, strict=True)
    )


def _complete(grid: Grid, facts: biff.Facts, looks: Mapping[int, str]) -> Grid:
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


def _in_child(data: bytes) -> tuple[Grid, ...]:
    answer = _ask_child(data)
    if answer.get("error") == "PasswordError":
        raise Unreadable("password", _PASSWORD)
    if "sheets" not in answer:
        raise Unreadable("damaged", _CANNOT)
    if not answer["sheets"]:
        raise Unreadable("foreign", f"文件里没有可读的工作表；{_ANEW}")
    return tuple(
        Grid(
            sheet["name"],
            {(row, column): Cell(kind, value) for row, column, kind, value in sheet["cells"]},
            tuple((top, left, bottom, right) for top, left, bottom, right in sheet["merged"]),
            sheet["hidden"],
        )
        for sheet in answer["sheets"]
    )


def _ask_child(data: bytes) -> dict[str, Any]:
    try:
        said = throwaway.ask("xl_addin.foreign:child", data, ["python_calamine"])
        answer = json.loads(said) if said else None
    except throwaway.TookTooLong:
        says = f"读了 {throwaway.WALL_SECONDS} 秒还没有读完，没有再读；{_ANEW}"
        raise Unreadable("too-large", says) from None
    except ModuleNotFoundError as error:
        says = f"这台电脑没有安装读取旧格式的组件（{error.name}）；{_ANEW}"
        raise Unreadable("damaged", says) from error
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Unreadable("damaged", _CANNOT)
    return answer


def child() -> None:
    """Read standard input as a workbook and print what is in it. Runs in the throw-away process."""
    throwaway.limit()
    data = sys.stdin.buffer.read()
    try:
        answer: dict[str, Any] = {"sheets": list(_sheets(data))}
    except BaseException as problem:  # a panic in native code is not an Exception
        answer = {"error": type(problem).__name__}
    sys.stdout.buffer.write(json.dumps(answer).encode())


def _sheets(data: bytes) -> Iterator[dict[str, Any]]:
    import io

    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    room = [MAX_CELLS, _MAX_TEXT]
    for facts in workbook.sheets_metadata:
        if facts.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_name(facts.name)
        # The whole rectangle from A1 on would abort on a far cell; from the first used cell it is
        # as large as what calamine holds already.
        rows = sheet.to_python(skip_empty_area=True)
        top, left = sheet.start or (0, 0)
        yield {
            "name": facts.name,
            "hidden": facts.visible != SheetVisibleEnum.Visible,
            "cells": list(_cells(rows, top, left, room)),
            "merged": [
                (a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in sheet.merged_cell_ranges or ()
            ],
        }


def _cells(
    rows: list[list[Any]], top: int, left: int, room: list[int]
) -> Iterator[tuple[int, int, str, Any]]:
    for row, values in enumerate(rows, top + 1):
        for column, value in enumerate(values, left + 1):
            if value == "":
                continue
            kind, plain = _typed(value)
            room[0] -= 1
            room[1] -= len(plain) if isinstance(plain, str) else 0
            if min(room) < 0:
                raise MemoryError
            yield row, column, kind, plain


def _typed(value: Any) -> tuple[str, Any]:
    if isinstance(value, bool):
        return BOOL, value
    if isinstance(value, int | float):
        whole = float(value).is_integer() and abs(value) < 1e15
        return NUM, int(value) if whole else value
    if isinstance(value, str):
        # As Excel's own formats write it, so that the same text reads the same in each.
        return TEXT, re.sub("\r\n?", "\n", value)
    return DATE, str(value)
