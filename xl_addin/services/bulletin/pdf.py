"""A PDF beside a bulletin, by whichever program for it is at hand: LibreOffice, Word or WPS.

None of them is needed: where there is none, or it does not manage, that is said and nothing else fails.
Word and WPS are told by COM; that was written and never run here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from xl_addin.system import atomic, held
from xl_addin.system.light import NamedTuple

_SECONDS = 120
_PLACES = (
    r"C:\Program Files\LibreOffice\program\soffice.exe",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.exe",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)
_PDF = 17
"""wdExportFormatPDF; WPS takes the same number."""


class Converter(NamedTuple):
    """A program that makes PDFs. ``convert`` takes a .docx and where to put the PDF, and may raise OSError."""

    name: str
    convert: Callable[[Path, Path], None]


def converters() -> list[Converter]:
    """The programs that may be here, the likeliest to be faithful first."""
    import shutil

    found = []
    if sys.platform == "win32":
        found += [
            Converter(name, _by_com(program))
            for name, program in (("Word", "Word.Application"), ("WPS", "KWPS.Application"))
        ]
    soffice = shutil.which("soffice") or next((p for p in _PLACES if Path(p).is_file()), "")
    if soffice:
        found.append(Converter("LibreOffice", _by_libreoffice(soffice)))
    return found


def write_pdf(document: Path, target: Path, programs: Sequence[Converter]) -> str:
    """Make a PDF; what is said of it: by which program, or why there is none."""
    wrong = []
    for program in programs:
        try:
            program.convert(document, target)
        except Exception as error:
            wrong.append(f"{program.name} 没有做成（{error}）")
            continue
        if target.is_file():
            return f"PDF：{target.name}（{program.name}）"
        wrong.append(f"{program.name} 没有做成")
    if wrong:
        return f"没有做成 PDF：{'；'.join(wrong)}；请在 Word 或 WPS 里另存为 PDF"
    return "没有做 PDF：这台电脑上没有找到 LibreOffice、Word 或 WPS；请在能打开它的电脑上另存为 PDF"


def _by_libreoffice(soffice: str) -> Callable[[Path, Path], None]:
    def convert(document: Path, target: Path) -> None:
        import subprocess

        # A profile of its own: with the user's own it hands over to a window that is open and is done.
        with held.temporary_folder() as scratch:
            profile = (scratch / "profile").as_uri()
            command = [soffice, "--headless", f"-env:UserInstallation={profile}"]
            command += ["--convert-to", "pdf", "--outdir", str(scratch), str(document)]
            environment = {"LC_ALL": "C.UTF-8"} if os.name == "posix" else {}
            done = subprocess.run(
                command,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
            made = Path(scratch, f"{document.stem}.pdf")
            if not made.is_file():
                said = done.stderr.decode("utf-8", "replace").strip().splitlines()
                raise OSError(said[-1][:200] if said else f"返回 {done.returncode}")
            atomic.write(target, held.read_bytes(made))

    return convert


def _by_com(program: str) -> Callable[[Path, Path], None]:
    def convert(document: Path, target: Path) -> None:
        from win32com.client import DispatchEx

        word = DispatchEx(program)
        try:
            opened = word.Documents.Open(str(document), ReadOnly=True, AddToRecentFiles=False)
            try:
                opened.ExportAsFixedFormat(str(target), _PDF)
            finally:
                opened.Close(False)
        finally:
            word.Quit()

    return convert
