"""Workbooks as pictures: ``python -m tests.tools.render FILE... [--out DIR] [--whole] [--dpi N]``.

Every visible sheet becomes PNG files, printed by LibreOffice in the fonts' office-like widths:
page by page, or with ``--whole`` all of a sheet in one picture whatever its print area.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.tools.office import Office, missing_office

_UNSAFE = re.compile(r"[^\w.-]+")


def render(
    path: Path, out: Path, office: Office, *, whole: bool = False, dpi: int = 80
) -> list[Path]:
    """The PNG files of one workbook, named workbook-NN-sheet-page.png, in order."""
    out.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (sheet, pdf) in enumerate(office.pages(path, Path(folder), whole=whole), 1):
            prefix = f"{path.stem}-{number:02}-{_UNSAFE.sub('_', sheet)}"
            _run("pdftoppm", "-r", str(dpi), "-png", str(pdf), str(Path(folder, f"p{number:02}-")))
            for page, png in enumerate(sorted(Path(folder).glob(f"p{number:02}-*.png")), 1):
                target = out / f"{prefix}-{page}.png"
                target.write_bytes(png.read_bytes())
                made.append(target)
    return made


def overflowing_lines(path: Path, office: Office) -> list[str]:
    """Each printed line with ### in it, as "sheet: line": a number wider than its column."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for sheet, pdf in office.pages(path, Path(folder), whole=True):
            text = _run("pdftotext", "-layout", str(pdf), "-")
            found += [f"{sheet}: {line.strip()}" for line in text.splitlines() if "###" in line]
    return found


def _run(*command: str) -> str:
    return subprocess.run(
        command, check=True, capture_output=True, encoding="utf-8", timeout=120
    ).stdout


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.render", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path("rendered"))
    parser.add_argument("--whole", action="store_true", help="one picture a sheet")
    parser.add_argument("--dpi", type=int, default=80)
    given = parser.parse_args()
    missing = missing_office()
    if missing:
        print(f"missing: {', '.join(missing)}", file=sys.stderr)
        return 2
    started = time.perf_counter()
    with Office() as office:
        for path in given.files:
            for png in render(path, given.out, office, whole=given.whole, dpi=given.dpi):
                print(png)
            for line in overflowing_lines(path, office):
                print(f"### {path.name} {line}")
    print(f"{time.perf_counter() - started:.1f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
