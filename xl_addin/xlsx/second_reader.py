"""Cells of an .xlsx as openpyxl reads them: a second reader that shares no line with the first.

openpyxl takes 280 ms to import and has no bounds of its own: it runs in the throw-away process, many
files in one, and each alone where one of them ends it.
"""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from xl_addin.system import sandbox
from xl_addin.system.forks import core_count
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx.cells import BOOL, DATE, FAULT, NUM, TEXT, Cell

if TYPE_CHECKING:
    from typing import Any

_TOGETHER, _TOGETHER_SIZE = 50, 8 << 20
_KINDS = {"n": NUM, "s": TEXT, "b": BOOL, "e": FAULT, "d": DATE}


class CellRequest(NamedTuple):
    """A file and the addresses of the cells that are wanted of it."""

    data: bytes
    cells: tuple[str, ...]


class CellAnswer(NamedTuple):
    """By sheet the wanted cells in their order, None where blank, each with its number format.

    ``why`` says in Chinese why the file could not be read; there are then no sheets.
    """

    sheets: Mapping[str, Sequence[tuple[Cell | None, str]]]
    why: str = ""


def read_again(files: Iterable[CellRequest]) -> Iterator[CellAnswer]:
    """What is in each file, in order; never raises for what is in it.

    As many groups of them are read at once as there are cores, and no more files are taken than that needs.
    """
    from concurrent.futures import Future, ThreadPoolExecutor

    cores = core_count()
    waiting: deque[Future[list[CellAnswer]]] = deque()
    with ThreadPoolExecutor(cores) as pool:  # each thread waits for a process
        for group in _groups(files):
            waiting.append(pool.submit(_read_group, group))
            if len(waiting) > cores:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _groups(files: Iterable[CellRequest]) -> Iterator[list[CellRequest]]:
    group: list[CellRequest] = []
    size = 0
    for file in files:
        size += len(file.data)
        if group and (len(group) >= _TOGETHER or size > _TOGETHER_SIZE):
            yield group
            group, size = [], len(file.data)
        group.append(file)
    if group:
        yield group


def _read_group(files: Sequence[CellRequest]) -> list[CellAnswer]:
    head = json.dumps([(len(file.data), file.cells) for file in files]).encode()
    why = "读的时候程序中断"
    try:
        said = sandbox.run_sandboxed(
            f"{__name__}:child", b"\n".join((head, b"".join(f.data for f in files))), ["openpyxl"]
        )
        if said is not None:
            # One answer too few would be every later file's, of all groups, beside its own.
            pairs = zip(files, json.loads(said), strict=True)
            return [_parse_answer(each) for _, each in pairs]
    except ModuleNotFoundError as error:
        return [CellAnswer({}, f"这台电脑没有安装 {error.name}") for _ in files]
    except sandbox.SandboxTimeout:
        why = f"读了 {sandbox.WALL_SECONDS} 秒还没有读完"
    except ValueError:
        why = "读出来的内容不成样子"
    if len(files) == 1:
        return [CellAnswer({}, why)]
    return [found for file in files for found in _read_group([file])]


def _parse_answer(said: Any) -> CellAnswer:
    if isinstance(said, str):
        return CellAnswer({}, f"openpyxl 打不开（{said}）")
    return CellAnswer(
        {
            sheet: [
                (None if kind is None else Cell(kind, value), look) for kind, value, look in cells
            ]
            for sheet, cells in said.items()
        }
    )


def child() -> None:
    """Read the files on standard input and write what is in them. Runs in the throw-away process."""
    import warnings

    sandbox.limit_resources()
    warnings.simplefilter("ignore")
    answers: list[dict[str, list[tuple[Any, Any, str]]] | str] = []
    for size, cells in json.loads(sys.stdin.buffer.readline()):
        data = sys.stdin.buffer.read(size)
        try:
            answers.append(_sheets(data, cells))
        except MemoryError:
            raise  # what was kept before it cannot be trusted to fit either
        except Exception as problem:  # each library of its many has exceptions of its own
            answers.append(type(problem).__name__)
    sys.stdout.buffer.write(json.dumps(answers).encode())


def _sheets(data: bytes, cells: Sequence[str]) -> dict[str, list[tuple[Any, Any, str]]]:
    import io

    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
    if not book.worksheets:
        raise LookupError
    return {sheet.title: [_plain_cell(sheet[cell]) for cell in cells] for sheet in book.worksheets}


def _plain_cell(cell: Any) -> tuple[Any, Any, str]:
    value, kind = cell.value, _KINDS.get(cell.data_type, TEXT)
    if value is None:
        return None, None, ""
    plain = isinstance(value, int | float | str)
    return kind if plain else DATE, value if plain else str(value), cell.number_format
