"""LibreOffice for the tests: recalculates, fills, converts and prints workbooks.

``Office`` speaks to ``office_worker.py``, which runs in the Python that has ``uno``. Fonts are
aliased to ones as wide as those on office PCs, so that what overflows there overflows here.
"""

from __future__ import annotations

import datetime
import functools
import json
import math
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.tools.parts import Value, cached_values
from tests.tools.systems import ON_WINDOWS

Cells = Mapping[str, Mapping[str, Any]]

_WORKER = Path(__file__).with_name("office_worker.py")
_EPOCH = datetime.date(1899, 12, 30)
_ALIASES = {
    "Noto Sans CJK SC": ("微软雅黑", "Microsoft YaHei", "等线", "DengXian", "黑体", "SimHei"),
    "Noto Serif CJK SC": (
        "宋体",
        "SimSun",
        "仿宋",
        "FangSong",
        "仿宋_GB2312",
        "方正小标宋简体",
        "楷体",
        "楷体_GB2312",
    ),
    "Carlito": ("Calibri",),
}
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<dir>/usr/share/fonts</dir><dir>/usr/local/share/fonts</dir><cachedir>{cache}</cachedir>
{matches}
</fontconfig>
"""
_MATCH = (
    '<match target="pattern"><test name="family" qual="any"><string>{asked}</string></test>'
    '<edit name="family" mode="assign" binding="same"><string>{given}</string></edit></match>'
)


class OfficeError(Exception):
    """LibreOffice could not do what a test asked."""


class RecalculatedCell(NamedTuple):
    """A formula cell after a hard recalculation: ``value`` is None where ``error`` is not 0."""

    value: Value
    error: int


class Disagreement(NamedTuple):
    """A formula cell whose value in the file is not what an engine computes."""

    sheet: str
    cell: str
    cached: Value
    recalculated: Value
    why: str


@functools.cache
def uno_python() -> str | None:
    """A Python that can import ``uno``: XL_ADDIN_UNO_PYTHON or Debian's own."""
    if ON_WINDOWS:  # under Wine Linux's programs are to be seen
        return None
    for python in (os.environ.get("XL_ADDIN_UNO_PYTHON"), "/usr/bin/python3"):
        if python and Path(python).exists():
            done = subprocess.run([python, "-c", "import uno"], capture_output=True, check=False)
            if done.returncode == 0:
                return python
    return None


def missing_office() -> list[str]:
    """The programs that the machine lacks for LibreOffice tests."""
    missing = [
        name
        for name in ("soffice", "pdftoppm", "pdftotext", "pdfseparate")
        if not shutil.which(name)
    ]
    return missing if uno_python() else [*missing, "python3-uno"]


def _soffice() -> str:
    """The binary itself: the shell script in front of it would outlive a kill."""
    script = Path(shutil.which("soffice") or "soffice").resolve()
    binary = script.with_name("soffice.bin")
    return str(binary if binary.exists() else script)


def _write_fonts(folder: Path) -> Path:
    matches = "\n".join(
        _MATCH.format(asked=asked, given=given)
        for given, names in _ALIASES.items()
        for asked in names
    )
    path = folder / "fonts.conf"
    path.write_text(_FONTS.format(cache=folder / "fontcache", matches=matches), encoding="utf-8")
    return path


class Office:
    """A private LibreOffice, started at the first command. Use as a context manager.

    An answer that takes longer than ``timeout`` seconds ends this LibreOffice and raises.
    """

    def __init__(self, timeout: float = 180) -> None:
        self.timeout = timeout
        self._folder = Path(tempfile.mkdtemp(prefix="xl-addin-office-"))
        self._worker = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        python = uno_python()
        if python is None:
            raise OfficeError("no Python here can import uno")
        keep = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        # Without a UTF-8 locale LibreOffice does not find files with Chinese names.
        keep |= {"LC_ALL": "C.UTF-8", "FONTCONFIG_FILE": str(_write_fonts(self._folder))}
        return subprocess.Popen(
            [python, str(_WORKER), _soffice(), str(self._folder / "profile")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=keep,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End LibreOffice and remove its profile."""
        worker = self._worker
        if worker.stdin and worker.stdout:
            worker.stdin.close()
            try:
                worker.wait(30)
            except subprocess.TimeoutExpired:
                self._kill()
            worker.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _kill(self) -> None:
        os.killpg(self._worker.pid, signal.SIGKILL)
        self._worker.wait()

    def _ask(self, command: str, **arguments: object) -> Any:
        worker = self._worker
        if worker.poll() is not None or not worker.stdin or not worker.stdout:
            raise OfficeError("LibreOffice's worker has ended")
        request = json.dumps({"command": command, **arguments}, default=_as_json)
        worker.stdin.write(request.encode() + b"\n")
        worker.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(worker.stdout, selectors.EVENT_READ)
            if not selector.select(self.timeout):
                self._kill()
                raise OfficeError(f"{command}: no answer in {self.timeout:.0f} s")
        line = worker.stdout.readline()
        reply = json.loads(line) if line else {"problem": "the worker ended"}
        if "problem" in reply:
            raise OfficeError(f"{command}: {reply['problem']}")
        return reply["result"]

    def pipe(self) -> str:
        """Where other processes reach this LibreOffice, which runs from now on."""
        return str(self._ask("pipe"))

    def recalculate(self, path: Path) -> dict[tuple[str, str], RecalculatedCell]:
        """Every formula cell by (sheet, A1) after a hard recalculation."""
        cells = self._ask("recalculate", path=_absolute(path))
        return {
            (sheet, cell): RecalculatedCell(value, error) for sheet, cell, value, error in cells
        }

    def fill(
        self,
        source: Path,
        target: Path,
        cells: Cells,
        *,
        formulas: bool = False,
        as_typed: bool = False,
    ) -> Path:
        """Open, set cells, save as the target's ending says (.xlsx .xlsm .xls .ods .fods .html).

        Values: numbers, text, dates, None (empties, except locked cells). ``formulas`` makes text
        that starts with "=" one. ``as_typed`` enters by the keyboard's way: locked cells stay, "12" becomes a number.
        """
        dates = str if as_typed else _serial
        plain = {
            sheet: {
                ref: dates(value) if isinstance(value, datetime.date) else value
                for ref, value in values.items()
            }
            for sheet, values in cells.items()
        }
        self._ask(
            "fill",
            source=_absolute(source),
            target=_absolute(target),
            cells=plain,
            formulas=formulas,
            as_typed=as_typed,
        )
        return target

    def convert(self, path: Path, out_dir: Path, ending: str, password: str = "") -> Path:
        """The workbook or text saved in ``out_dir`` in the format that the ending names (or .pdf)."""
        target = out_dir / f"{path.stem}.{ending.lstrip('.')}"
        self._ask("convert", source=_absolute(path), target=_absolute(target), password=password)
        return target

    def rearrange(self, path: Path, target: Path, steps: Sequence[Sequence[object]]) -> Path:
        """The workbook after what people do to sheets, see ``office_worker.rearrange``."""
        self._ask("rearrange", source=_absolute(path), target=_absolute(target), steps=steps)
        return target

    def lock(self, path: Path) -> str:
        """What stands in the lock file beside a workbook while it is open."""
        return str(self._ask("lock", path=_absolute(path)))

    def pdf(self, path: Path, out_dir: Path) -> Path:
        """The workbook as it prints."""
        return self.convert(path, out_dir, "pdf")

    def pages(self, path: Path, out_dir: Path, *, whole: bool = False) -> list[tuple[str, Path]]:
        """(sheet, PDF) of every visible sheet, as it prints or ``whole`` on one page."""
        if not whole:
            made = self._ask("pages", source=_absolute(path), folder=_absolute(out_dir))
            return [(sheet, Path(pdf)) for sheet, pdf in made]
        every = out_dir / "whole.pdf"
        made = self._ask("whole", source=_absolute(path), target=_absolute(every))
        return [(sheet, _one_page(every, page)) for sheet, page in made]


def _one_page(pdf: Path, page: int) -> Path:
    target = pdf.with_name(f"whole-{page:02}.pdf")
    command = ["pdfseparate", "-f", str(page), "-l", str(page), str(pdf), str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return target


def _absolute(path: Path) -> str:
    return str(Path(path).absolute())


def _serial(day: datetime.date) -> int:
    only_day = day.date() if isinstance(day, datetime.datetime) else day
    return (only_day - _EPOCH).days


def _as_json(value: object) -> object:
    """Numbers of numpy and the like."""
    return value.item() if hasattr(value, "item") else str(value)


def disagreements(path: Path, office: Office) -> list[Disagreement]:
    """Every formula cell whose value in the file is not the recalculated one; errors always are."""
    return compare_values(cached_values(path), office.recalculate(path))


def compare_values(
    cached: Mapping[tuple[str, str], Value], fresh: Mapping[tuple[str, str], RecalculatedCell]
) -> list[Disagreement]:
    """Where an engine's values are not those in the file."""
    found = []
    for where in sorted({*cached, *fresh}):
        before, after = cached.get(where), fresh.get(where)
        why = _difference(cached, fresh, where)
        if why:
            found.append(Disagreement(*where, before, after.value if after else None, why))
    return found


def _difference(
    cached: Mapping[tuple[str, str], Value],
    fresh: Mapping[tuple[str, str], RecalculatedCell],
    where: tuple[str, str],
) -> str:
    if where not in fresh:
        return "the engine sees no formula here"
    if where not in cached:
        return "the file has no formula here"
    before, after = cached[where], fresh[where]
    if after.error:
        return f"error {after.error}"
    if isinstance(before, int | float) and isinstance(after.value, int | float):
        close = math.isclose(before, after.value, rel_tol=1e-9, abs_tol=1e-12)
        return "" if close else "other number"
    # A formula without a value in the file counts as one whose value is an empty text.
    same = ("" if before is None else before) == ("" if after.value is None else after.value)
    return "" if same else "other value"
