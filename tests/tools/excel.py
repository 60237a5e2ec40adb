"""Excel for the tests: xlwings' own Windows engine on workbooks that are open in LibreOffice.

``Excel`` is the program with its open workbooks; processes that find it in their environment look
at the same workbooks, as several may look at one Excel. What a program does to the application
itself (status bar, messages, screen updating) is kept in a file, so that a test sees what another
process did.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Self

from tests.tools.excelobjects import Refusal, Store
from tests.tools.pywin32 import Calls, connected

WHERE = "XL_ADDIN_TEST_EXCEL"
_WORKER = Path(__file__).with_name("excel_worker.py")


class Excel(Store):
    """One application: a LibreOffice reached by its pipe, and what was done to the application.

    ``calls`` are the calls of members that this process made.
    """

    def __init__(self, pipe: str, python: str, diary: Path) -> None:
        self.environment = {WHERE: json.dumps([pipe, python, str(diary)])}
        self.diary, self.calls = diary, Calls()
        self._worker = subprocess.Popen(
            [python, str(_WORKER), pipe], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    @classmethod
    def running(cls) -> Self:
        """The application that this process was started beside."""
        pipe, python, diary = json.loads(os.environ[WHERE])
        return cls(pipe, python, Path(diary))

    def ask(self, *request: object) -> Any:
        """A command of the worker. Raises Refusal where Excel would refuse it."""
        assert self._worker.stdin
        assert self._worker.stdout
        self._worker.stdin.write(json.dumps(request).encode() + b"\n")
        self._worker.stdin.flush()
        answer = json.loads(self._worker.stdout.readline() or '{"problem": "worker ended"}')
        if "problem" in answer:
            raise Refusal(answer["problem"])
        return answer["result"]

    @contextmanager
    def connected(self) -> Iterator[ModuleType]:
        """xlwings, to which this is the one Excel there is; the workbooks are closed at the end."""
        try:
            with connected(self, self.calls) as xlwings:
                yield xlwings
        finally:
            self.close()

    def close(self) -> None:
        """Close the workbooks and leave LibreOffice."""
        for path in self.ask("books"):
            self.ask("close", path)
        self.leave()

    def leave(self) -> None:
        """Leave LibreOffice with its workbooks open."""
        if self._worker.stdin and self._worker.stdout:
            self._worker.stdin.close()
            self._worker.wait()
            self._worker.stdout.close()
