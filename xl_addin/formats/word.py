"""Old documents (.doc, .wps) through the Word or WPS of this computer, over COM, as a .docx.

Only on Windows, and only when somebody chose such a file as a task table. LibreOffice is not asked: it lost the
table of the one .doc that it was tried with. Never run with a real Word in development: the tests look at
what would be called.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from xl_addin.system import held
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

PROGRAMS = ("Word.Application", "KWPS.Application", "WPS.Application")
_NO_ALERTS, _NO_MACROS, _AS_DOCX, _NOT_SAVED = 0, 3, 12, 0
# Given where none is set: a document with a password then fails instead of asking where nobody sees it.
_NO_PASSWORD = "\u0001"  # noqa: S105


def convert_to_docx(
    data: bytes, suffix: str, start: Callable[[str], Any] | None = None
) -> bytes | None:
    """The document as a .docx, None where no program here can open it."""
    start = start or _start
    for program in PROGRAMS:
        with held.temporary_folder() as folder:
            source, target = folder / f"document{suffix}", folder / "document.docx"
            source.write_bytes(data)
            with suppress(Exception):  # what pywin32 raises has no name without it
                _save(start(program), source, target)
                return held.read_bytes(target)
    return None


def _start(program: str) -> Any:
    """The program, in an instance of its own that shows nothing. Raises ImportError off Windows."""
    from win32com.client import DispatchEx  # type: ignore[import-untyped,unused-ignore]

    return DispatchEx(program)


def _save(word: Any, source: Path, target: Path) -> None:
    try:
        word.Visible = False
        word.DisplayAlerts = _NO_ALERTS
        word.AutomationSecurity = _NO_MACROS
        document = word.Documents.Open(
            str(source),
            ConfirmConversions=False,
            ReadOnly=True,
            AddToRecentFiles=False,
            PasswordDocument=_NO_PASSWORD,
        )
        try:
            document.SaveAs(str(target), FileFormat=_AS_DOCX)
        finally:
            document.Close(_NOT_SAVED)
    finally:
        word.Quit(_NOT_SAVED)
