"""Mutants of .xls returns whose numbers changed by a bit, with a witness that reads the records by itself.

    python -m tests.tools.xls_mutants [COUNT [SEED]]

.xls has no checksums: what stands in the file is what is read, and only the kept result of the form's own
formula tells that a typed number is no longer the one it was. An accepted mutant has to have the numbers that
the witness sees, and ``result-differs`` exactly where typed and kept do not come to the same.
"""

from __future__ import annotations

import contextlib
import random
import struct
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from olefile import OleFileIO

from tests.tools import forms
from xl_addin.formats import registry
from xl_addin.judging.assess import Assessment, assess
from xl_addin.model.filetypes import XLS
from xl_addin.model.records import ACCEPTED, FLOW, NUMBER
from xl_addin.xlsx.a1 import cell_name

RETURNS = Path(__file__).parents[1] / "data" / "returns"
SEEDS = ("libreoffice.xls", "libreoffice.xls", "sheetjs.xls")
_NUMBER, _RK, _MULRK, _FORMULA = 0x203, 0x27E, 0xBD, 0x06
_TOTAL = {"F": "G", "G": "F"}
"""Where the formula stands beside what is typed."""


class Value(NamedTuple):
    """A number where its bytes stand in a stream; ``packed`` is how many there are of them."""

    at: int
    packed: int
    number: float


def streams() -> list[bytes]:
    """The workbook streams of returns; the program reads one without its container as well."""
    found = []
    for name in SEEDS:
        with OleFileIO(RETURNS / name) as ole:
            found.append(ole.openstream("Workbook").read())
    return found


def values(stream: bytes) -> Iterator[tuple[int, int, int, Value]]:
    """Sheet, row, column and number, in the order of the records; a formula's is its kept result."""
    at, sheet = 0, -1
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<2H", stream, at)
        begin = at + 4
        sheet += kind == 0x809
        if kind in (_NUMBER, _RK, _FORMULA, _MULRK):
            row, column = struct.unpack_from("<2H", stream, begin)
            if kind == _NUMBER or (
                kind == _FORMULA and stream[begin + 12 : begin + 14] != b"\xff\xff"
            ):
                yield sheet, row, column, _real(stream, begin + 6)
            elif kind == _RK:
                yield sheet, row, column, _rk(stream, begin + 6)
            elif kind == _MULRK:
                for number in range((size - 6) // 6):
                    yield sheet, row, column + number, _rk(stream, begin + 6 + 6 * number)
        at = begin + size


def _real(stream: bytes, at: int) -> Value:
    return Value(at, 8, struct.unpack_from("<d", stream, at)[0])


def _rk(stream: bytes, at: int) -> Value:
    (packed,) = struct.unpack_from("<l", stream, at)
    high = struct.pack("<l", packed & ~3)
    number = float(packed >> 2) if packed & 2 else struct.unpack("<d", bytes(4) + high)[0]
    return Value(at, 4, number / 100 if packed & 1 else number)


def mutate(chance: random.Random, stream: bytes) -> bytes:
    """One to three bits of what is typed in an entry cell, or of a result beside one, the other way."""
    cells = [
        value for _, row, column, value in values(stream) if 6 <= row < 14 and column in (5, 6)
    ]
    changed = bytearray(stream)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        value = chance.choice(cells)
        changed[value.at + chance.randrange(value.packed)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def contradiction(stream: bytes, judged: Assessment) -> str:
    """What the program sees otherwise than the witness in an accepted mutant."""
    if any(problem.code == "program-fault" for problem in judged.problems):
        return judged.problems[0].message
    if judged.verdict != ACCEPTED:
        return ""
    seen: dict[int, dict[str, float]] = {}
    for sheet, row, column, value in values(stream):
        seen.setdefault(sheet, {})[cell_name(row + 1, column + 1)] = value.number
    by_size = sorted(seen.values(), key=lambda cells: "F7" in cells, reverse=True)
    cells = by_size[0]
    told = {problem.cell for problem in judged.problems if problem.code == "result-differs"}
    for figure in judged.figures:
        typed = cells.get(figure.cell)
        if figure.state != NUMBER or typed is None:
            return f"{figure.cell}: {figure.value!r}, the witness sees {typed!r}"
        if abs(typed - (figure.value or 0)) > 1e-9 * max(1, abs(typed)):
            return f"{figure.cell}: {figure.value!r}, the witness sees {typed!r}"
        beside = f"{_TOTAL[figure.cell[0]]}{figure.cell[1:]}"
        kept, before = cells.get(beside), forms.PREVIOUS[figure.indicator]
        if kept is None:
            continue
        wanted = typed + before if figure.measure == FLOW else typed - before
        apart = abs(kept - wanted)
        if (apart > 0.01) != (beside in told) and not 1e-6 < apart <= 0.01:
            return f"{beside}: keeps {kept!r} for {wanted!r}, told: {sorted(told)}"
    return ""


class Found(NamedTuple):
    """How mutants were judged, how many accepted ones were warned about, and what was wrong."""

    verdicts: Counter[str]
    warned: int
    wrong: list[str]


@contextlib.contextmanager
def in_this_process() -> Iterator[None]:
    """Without a process for each, which takes ten times as long: these mutants harm nobody."""
    plain = registry.READERS[XLS]
    registry.READERS[XLS] = plain._replace(apart=None)
    try:
        yield
    finally:
        registry.READERS[XLS] = plain


@in_this_process()
def run(count: int, seed: int) -> Found:
    """Judge so many mutants."""
    chance, bases, context = random.Random(seed), streams(), forms.context()
    verdicts, warned, wrong = Counter[str](), 0, []
    for number in range(count):
        mutant = mutate(chance, chance.choice(bases))
        judged = assess(mutant, "回报.xls", context)
        verdicts[judged.verdict] += 1
        codes = {problem.code for problem in judged.problems}
        warned += judged.verdict == ACCEPTED and "result-differs" in codes
        if why := contradiction(mutant, judged):
            wrong.append(f"{number}: {why}")
    return Found(verdicts, warned, wrong)


if __name__ == "__main__":
    found = run(*(map(int, [*sys.argv[1:], *("2000", "1")[len(sys.argv) - 1 :]])))
    print(dict(found.verdicts), found.warned, "warned of", *found.wrong[:20], sep="\n")
