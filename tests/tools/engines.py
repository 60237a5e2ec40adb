"""gnumeric and IronCalc as further witnesses of our formulas; readers on phones use such engines."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import ironcalc

from tests.tools.lint import LintedWorkbook
from tests.tools.office import Disagreement, RecalculatedCell, compare_values
from tests.tools.parts import Value, cached_values, read_parts, read_sheets
from xl_addin.xlsx.a1 import position

Recalculated = dict[tuple[str, str], RecalculatedCell]


def engine_disagreements(path: Path) -> list[Disagreement]:
    """What either says otherwise; where gnumeric is missing, tests marked so are skipped for it."""
    other = gnumeric_disagreements(path) if shutil.which("ssconvert") else []
    return [*other, *ironcalc_disagreements(path)]


def gnumeric_disagreements(path: Path) -> list[Disagreement]:
    """Formula cells whose value in the file is not what gnumeric computes."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder, "recalculated.xlsx")
        subprocess.run(
            ["ssconvert", "--recalc", str(path), str(saved)], check=True, capture_output=True
        )
        fresh: Recalculated = {at: _cell(value) for at, value in _saved_values(saved)}
    return compare_values(cached_values(path), fresh)


def ironcalc_disagreements(path: Path) -> list[Disagreement]:
    """Formula cells whose value in the file is not what IronCalc computes."""
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    numbers = {sheet.name: number for number, sheet in enumerate(read_sheets(read_parts(path)))}
    cached = cached_values(path)
    fresh: Recalculated = {}
    for sheet, name in cached:
        fresh[sheet, name] = _cell(model.get_cell_value(numbers[sheet], *position(name)))
    return compare_values(cached, fresh)


def _saved_values(path: Path) -> Iterator[tuple[tuple[str, str], Value]]:
    """What gnumeric puts into formula cells: it refers to shared texts there, which Excel never does."""
    book = LintedWorkbook(path)
    kinds = {
        (sheet.name, cell.attrib["r"]): cell.get("t")
        for sheet in book.sheets
        for cell in sheet.cells()
    }
    for at, value in cached_values(path).items():
        yield at, book.strings[int(str(value))] if kinds[at] == "s" else value


def _cell(value: Value) -> RecalculatedCell:
    wrong = isinstance(value, str) and value.startswith("#")
    return RecalculatedCell(None if wrong else value, int(wrong))
