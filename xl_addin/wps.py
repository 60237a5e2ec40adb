"""A button of the ribbon in WPS: the same verbs as in Excel, on the workbook that is open there.

``python -m xl_addin.wps VERB`` is started by ``xl_addin.serve`` for one press. What it asks of WPS's page
goes out on standard output, a batch a line of JSON, and comes back on standard input.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

from xl_addin.error_handler import Failure, attempt
from xl_addin.master.host.wps import Stopped, WpsHost
from xl_addin.ribbon import press_on
from xl_addin.services.wps_addin import TITLE
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, BinaryIO

    from xl_addin.master.host.wps import Operation, Page

_GONE = "WPS 已经关闭，或者和它的连接断了；已经完成的部分都保留着，打开主表再点一次会接着做"


class PipedPage:
    """The add-in's page at the other end of two pipes. ``round_trips`` are the batches that were answered."""

    def __init__(self, answers: BinaryIO, asked: BinaryIO) -> None:
        self._answers, self._asked = answers, asked
        self.round_trips = 0

    def ask(self, batch: Sequence[Operation]) -> list[Any]:
        """As ``Page`` says."""
        self._send({"batch": batch, "answer": True})
        line = self._answers.readline()
        if not line.endswith(b"\n"):
            raise Refused(_GONE)
        self.round_trips += 1
        answer = json.loads(line)
        failed = answer["failed"]
        if failed:
            raise Stopped(_refusal(**failed), answer["results"])
        results: list[Any] = answer["results"]
        return results

    def tell(self, batch: Sequence[Operation]) -> None:
        """As ``Page`` says."""
        self._send({"batch": batch, "answer": False})

    def end(self) -> None:
        """Say that all is done."""
        self._send({"end": True, "round_trips": self.round_trips})

    def _send(self, message: object) -> None:
        try:
            self._asked.write(json.dumps(message).encode() + b"\n")
            self._asked.flush()
        except OSError as error:
            raise Refused(_GONE) from error


def _refusal(where: str, says: str, told: bool = False) -> str:
    """What is said of an operation that WPS did not carry out; ``told``: the page says it in Chinese."""
    if told:
        return says
    place = f"{where}：" if where else ""
    return f"{place}WPS 没有照办（{says}）；请确认工作表没有被保护、WPS 没有弹出别的窗口，再按一次"


def press(page: Page, name: str) -> Failure | None:
    """Do what a button says; the failure where not even a message could be shown."""
    host = attempt(None, lambda: WpsHost(page))
    if isinstance(host, Failure):
        said = host.message
        shown = attempt(
            None, lambda: page.ask([{"do": "message", "title": TITLE, "text": said, "alarm": True}])
        )
        return shown if isinstance(shown, Failure) else None
    return press_on(host, name)


def main(name: str) -> int:
    """One press, from its name to its end."""
    # What anybody prints must not get between the batches.
    asked = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    page = PipedPage(sys.stdin.buffer, asked)
    failure = press(page, name) or attempt(None, page.end)
    if isinstance(failure, Failure):
        print(failure.message, file=sys.stderr)  # noqa: T201
        return failure.code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
