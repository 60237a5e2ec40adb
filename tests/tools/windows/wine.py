"""What a double click does on Windows, by Wine's cmd on the Python that setup.sh made."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath


class Wine:
    """One Windows computer; ``python`` is what setup.sh made."""

    def __init__(self, python: Path) -> None:
        self.root = python.absolute().parent
        self.site = self.root / "python311" / "Lib" / "site-packages"
        quiet = {"WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=d"}
        self.env = (
            os.environ | quiet | {"WINEPREFIX": str(self.root / "prefix"), "LC_ALL": "zh_CN.UTF-8"}
        )
        for name in [name for name in self.env if name.startswith(("PIP_", "PYTHON"))]:
            del self.env[name]

    def path(self, path: Path) -> str:
        """How Windows calls a file of ours."""
        return str(PureWindowsPath(f"Z:{path}"))

    def click(
        self, script: Path, home: Path, *answers: str, python: bool = True
    ) -> tuple[int, str]:
        """Double-click a script as the user whose programs lie in ``home``; its code and what it says."""
        with tempfile.TemporaryDirectory() as scratch:
            caller = Path(scratch, "click.cmd")
            lines = (
                "@echo off",
                f"set LOCALAPPDATA={self.path(home)}",
                f'call "{self.path(script)}"',
                "",
            )
            caller.write_bytes("\r\n".join(lines).encode("gbk"))
            env = self.env | ({"WINEPATH": self.path(self.root / "python311")} if python else {})
            text = "".join(f"{answer}\r\n" for answer in (*answers, ""))
            done = subprocess.run(
                ["wine", "cmd", "/c", self.path(caller)],
                input=text.encode("gbk"),
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        return done.returncode, _decoded(done.stdout)

    @contextmanager
    def running(self, program: Path) -> Iterator[None]:
        """While an interpreter runs."""
        words = ["wine", self.path(program), "-c", "print(1, flush=True); input()"]
        pipe = subprocess.PIPE
        with subprocess.Popen(words, env=self.env, stdin=pipe, stdout=pipe, stderr=pipe) as process:
            assert process.stdout is not None
            process.stdout.readline()
            yield
            process.communicate(b"\n")


def _decoded(data: bytes) -> str:
    """Lines as they come: what cmd types after chcp 65001 is UTF-8, all else in the code page."""
    return "\n".join(_line(line) for line in data.splitlines())


def _line(line: bytes) -> str:
    # Wine's cmd reads scripts in the code page whatever chcp says, and may lose the last letter of one in UTF-8.
    text = line.decode(errors="replace")
    return text if text.count("\ufffd") < 3 else line.decode("gbk", errors="replace")
