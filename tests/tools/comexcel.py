"""An Excel of the tests in another process, which xlwings' own Windows engine reaches over COM, under Wine.

``tests/tools/windows/comexcel/server.py`` is the program; here is what starts it, what gives it its cells,
and what clicks as the macros do. Python for Windows is what ``tests/tools/windows/setup.sh`` makes;
XL_ADDIN_WINDOWS_PYTHON names its ``python``.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any, Self

from tests.tools.excel import Excel
from tests.tools.excelobjects import Refusal

WINDOWS_PYTHON = "XL_ADDIN_WINDOWS_PYTHON"
_ROOT = Path(__file__).parents[2]
_SERVER = _ROOT / "tests" / "tools" / "windows" / "comexcel"
_WIDL = "x86_64-w64-mingw32-widl"
_PRESS = (
    "import sys; from xl_addin.master.host import patience; from xl_addin import ribbon;"
    "patience.SECONDS = float(sys.argv.pop());"
    "[ribbon.press(verb) for verb in sys.argv.pop().split(',')]"
)
_APP = r"--app=C:\Program Files\Microsoft Office\root\Office16\Microsoft Excel"


def missing_widl() -> list[str]:
    """What makes a type library, where it is not here."""
    return [] if shutil.which(_WIDL) else [_WIDL]


def windows_path(path: Path) -> str:
    """A path of this system as Wine has it."""
    return "Z:" + str(path).replace("/", "\\")


class ComExcel:
    """The program with the workbooks that are open in ``excel``, and what was done to it."""

    def __init__(self, excel: Excel, folder: Path) -> None:
        self.excel, self._folder = excel, folder
        self._lock, self._python = threading.Lock(), os.environ[WINDOWS_PYTHON]
        self._environment = {**os.environ, "PYTHONPATH": windows_path(_ROOT)}

    def __enter__(self) -> Self:
        """Start it, its cells on a port of this process."""
        types = str(self._folder / "excel.tlb")
        subprocess.run(
            [_WIDL, "-t", "-I", str(_SERVER), "-o", types, str(_SERVER / "excel.idl")],
            check=True,
            capture_output=True,
        )
        self._listening = socket.create_server(("127.0.0.1", 0))
        (self._folder / "port").write_text(str(self._listening.getsockname()[1]))
        self._serving = threading.Thread(target=self._serve, daemon=True)
        self._serving.start()
        server = (windows_path(_SERVER / "server.py"), windows_path(self._folder))
        with (self._folder / "server.log").open("w") as log:
            self._program = subprocess.Popen(
                [self._python, "-B", *server],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self._program.stdout
        self.window = self._program.stdout.readline().decode().strip()
        assert self.window, (self._folder / "server.log").read_text()
        return self

    def __exit__(self, *_: object) -> None:
        self.wish("stop")
        self._program.communicate()
        self._serving.join(10)
        self._listening.close()

    def ended(self) -> None:
        """Wait until the program has ended by itself."""
        self._program.wait()

    def wish(self, what: str, *, on: bool = True) -> None:
        """Have the program be what ``server.py`` knows, or no longer; it looks ten times a second."""
        if on:
            (self._folder / what).touch()
        else:
            (self._folder / what).unlink()

    def ask(self, *request: object) -> Any:
        """A command of the worker."""
        with self._lock:
            return self.excel.ask(*request)

    def _serve(self) -> None:
        wire, _ = self._listening.accept()
        with wire, wire.makefile("rwb") as lines:
            for line in lines:
                try:
                    answer = {"result": self.ask(*json.loads(line))}
                except Refusal as refusal:
                    answer = {"problem": refusal.said}
                lines.write(json.dumps(answer).encode() + b"\n")
                lines.flush()

    def click(
        self, *verbs: str, book: str = "master.xlsm", seconds: float = 8
    ) -> subprocess.CompletedProcess[str]:
        """What the macros run on Windows, in one process where there are several verbs.

        ``seconds`` is how long a busy Excel is waited for.
        """
        caller = (f"--wb={book}", "--from_xl=1", _APP, f"--hwnd={self.window}")
        words = (*caller, ",".join(verbs), str(seconds))
        return subprocess.run(
            [self._python, "-B", "-c", _PRESS, *words],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="gbk",
            errors="replace",
            timeout=600,
            check=False,
        )
