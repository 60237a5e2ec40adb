"""What the add-in in WPS speaks to: waits on this computer for its presses and runs a process for each.

Whoever may speak to it is told in CONTRIBUTING ("Threats"): it listens on 127.0.0.1 only, on a port that the
system chooses anew at each start; the port and two secrets of this start stand in a file that only its user
can read. A page has to come from a file, to name this very address and to send the first secret before it
is told anything; then it is sent the second, so that it does not obey whoever took the port of one that has ended.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from xl_addin.model.commands import BUTTONS
from xl_addin.services import wps_addin
from xl_addin.system import held, websocket
from xl_addin.system.errors import Refused
from xl_addin.system.filelock import lock
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

    Message = dict[str, Any]

IDLE_SECONDS = 900.0
"""How long it waits for the next press before it ends."""
_LOOK_SECONDS = 0.5
_KNOCK_SECONDS = 5.0
_MOST_KNOCKING = 8
_MOST_FIRST, _MOST_ANSWER = 4 << 10, 512 << 20
_ORIGINS = ("null", "file://")
"""What browsers say of a page that was opened from a file; a page of the net says where it is from."""
_LONGEST_WORDS = 800


class Session(NamedTuple):
    """How the add-in finds and knows the program: ``token`` is the page's secret, ``proof`` the program's."""

    port: int
    token: str
    proof: str


class Server:
    """A program that waits, from its making until ``run`` ends. Raises Refused where the add-in is not installed."""

    def __init__(self, folder: Path, idle: float = IDLE_SECONDS) -> None:
        self._folder, self._idle = folder, idle
        self._running, self._knocking, self._last = 0, 0, time.monotonic()
        self._guard = threading.Lock()
        self._door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
        if exclusive is not None:  # without it any process of Windows may take the port from us
            self._door.setsockopt(socket.SOL_SOCKET, exclusive, 1)
        self._door.bind(("127.0.0.1", 0))
        self._door.listen()
        port = self._door.getsockname()[1]
        self.session = Session(port, secrets.token_urlsafe(32), secrets.token_urlsafe(32))
        wps_addin.write_session(folder, self.session._asdict())

    def run(self) -> None:
        """Answer until nobody has come for a while, or the add-in has gone or speaks to another."""
        self._door.settimeout(min(_LOOK_SECONDS, self._idle))
        try:
            while self._is_wanted():
                with suppress(TimeoutError):
                    connection, _ = self._door.accept()
                    self._receive(connection)
        finally:
            self._door.close()
            if self._is_ours():
                wps_addin.remove_session(self._folder)

    def _is_ours(self) -> bool:
        return wps_addin.read_session(self._folder) == self.session._asdict()

    def _is_wanted(self) -> bool:
        with self._guard:
            busy = self._running > 0 or time.monotonic() - self._last < self._idle
        return busy and self._is_ours()

    def _receive(self, connection: socket.socket) -> None:
        with self._guard:
            full = self._knocking >= _MOST_KNOCKING
            self._knocking += not full
        if full:
            connection.close()
        else:
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                page = self._let_in(connection)
            finally:
                with self._guard:
                    self._knocking -= 1
            if page is None:
                return
            with self._guard:
                self._running += 1
            try:
                self._serve(page)
            except websocket.Ended:
                pass  # the page has closed; the verb is told when it asks
            finally:
                with self._guard:
                    self._running -= 1
                    self._last = time.monotonic()

    def _let_in(self, connection: socket.socket) -> websocket.WebSocket | None:
        """The page, where it is ours; nobody else learns anything."""
        connection.settimeout(_KNOCK_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each message is a whole
        headers: dict[str, str] = {}
        with suppress(websocket.Ended):
            headers = websocket.read_head(connection)
        here = headers.get("host") == f"127.0.0.1:{self.session.port}"
        if not here or headers.get("origin") not in _ORIGINS:
            with suppress(OSError):
                websocket.refuse(connection)
            return None
        try:
            page = websocket.accept(connection, headers)
            said = json.loads(page.receive(_MOST_FIRST))
            token = said.get("token") if isinstance(said, dict) else None
            if not isinstance(token, str) or not secrets.compare_digest(
                token.encode(), self.session.token.encode()
            ):
                return None
            page.send(self.session.proof.encode())
        except (websocket.Ended, OSError, ValueError):
            return None
        connection.settimeout(None)
        return page

    def _serve(self, page: websocket.WebSocket) -> None:
        """One press: what the verb asks goes to the page, what the page answers to the verb."""
        said = json.loads(page.receive(_MOST_FIRST))
        name = said.get("press")
        if said.get("version") != wps_addin.VERSION or name not in BUTTONS:
            says = "加载项和程序的版本不一样；请运行 xl-addin wps install，关闭 WPS 再打开"
            _end(page, says)
            return
        command = [sys.executable, "-P", "-m", "xl_addin.wps", name]
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        with (
            tempfile.TemporaryFile() as words,
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                creationflags=flags,
            ) as verb,
        ):
            ended = _relay(page, verb)
            verb.wait()
            if not ended:
                words.seek(0)
                last = words.read().decode("utf-8", "replace").strip()[-_LONGEST_WORDS:]
                _end(page, f"操作没有完成；已经完成的部分都保留着，再点一次会接着做\n\n{last}")


def _relay(page: websocket.WebSocket, verb: subprocess.Popen[bytes]) -> bool:
    """Pass on what verb and page say; whether the verb came to its end."""
    assert verb.stdin is not None  # noqa: S101
    assert verb.stdout is not None  # noqa: S101
    try:
        for line in verb.stdout:
            asked = json.loads(line)
            page.send(line.rstrip(b"\n"))
            if asked.get("end"):
                page.close()
                return True
            if asked["answer"]:
                verb.stdin.write(page.receive(_MOST_ANSWER).replace(b"\n", b" ") + b"\n")
                verb.stdin.flush()
    except OSError:  # the verb has gone
        return False
    finally:
        with suppress(OSError):
            verb.stdin.close()  # so the verb learns that the page has gone
    return False


def _end(page: websocket.WebSocket, text: str) -> None:
    message = {"do": "message", "title": wps_addin.TITLE, "text": text, "alarm": True}
    batch = {"batch": [message], "answer": False, "end": True}
    page.send(json.dumps(batch).encode())
    page.close()


def main(say: Callable[[str], None], idle: float = IDLE_SECONDS) -> int:
    """Wait for presses until nobody comes any more; ``say`` is told once how that began."""
    try:
        folder = wps_addin.installed_folder()
        with lock(folder / wps_addin.LOCK, "等待 WPS 的按钮"):
            server = Server(folder, idle)
            say(wps_addin.WAITING)
            server.run()
    except (Refused, OSError) as error:
        say(str(error))
        return 2
    return 0


def _say_and_let_go(text: str) -> None:
    """Say it to whoever started this; who waits for our end waits no longer."""
    with suppress(OSError, ValueError):
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
    nowhere = held.open_handle(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        with suppress(OSError):
            os.dup2(nowhere, stream)


if __name__ == "__main__":
    sys.exit(main(_say_and_let_go, float("inf") if "--stay" in sys.argv[1:] else IDLE_SECONDS))
