"""A real browser without a window, driven by Chromium's own DevTools protocol over a pair of pipes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """The browser's command, where it is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def missing_chromium() -> list[str]:
    """chromium, where it is not installed."""
    return [] if find_chromium() else ["chromium"]


class Chromium:
    """A browser. Pages are opened by ``open``."""

    def __init__(self) -> None:
        self._profile = tempfile.TemporaryDirectory(prefix="xl-addin-chromium.")
        asked, ask = os.pipe()
        answer, answered = os.pipe()
        command = [
            str(find_chromium()),
            "--headless",
            "--no-sandbox",  # the tests may run as root
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",  # nothing but what a test asks for
            "--disable-component-update",
            "--disable-sync",
            "--disable-extensions",
            f"--user-data-dir={self._profile.name}",
            "--remote-debugging-pipe",
            "about:blank",
        ]
        # The browser reads from handle 3 and writes to handle 4.
        shell = f'exec "$@" 3<&{asked} 4>&{answered}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "chromium", *command],
            pass_fds=(asked, answered),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(asked)
        os.close(answered)
        self._ask = os.fdopen(ask, "wb")
        self._answer = os.fdopen(answer, "rb")
        self._number, self._rest = 0, b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, method: str, session: str = "", **parameters: object) -> dict[str, Any]:
        """What a method of the protocol answers. Raises RuntimeError with its words."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._ask.write(json.dumps(message).encode() + b"\0")
        self._ask.flush()
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                break
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = self._answer.read1(1 << 20)
            if not more:
                raise RuntimeError("the browser has gone")
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message

    def open(self, url: str, first: str = "") -> Tab:
        """A page; ``first`` is a script that runs in it before any of its own."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, target, session)
        self.call("Page.enable", session)
        if first:
            self.call("Page.addScriptToEvaluateOnNewDocument", session, source=first)
        self.call("Page.navigate", session, url=url)
        tab.evaluate(
            "new Promise(done => document.readyState === 'complete' && location.href !== 'about:blank'"
            " ? done() : addEventListener('load', () => done()))"
        )
        return tab

    def close(self) -> None:
        """End it and everything that it left."""
        try:
            self.call("Browser.close")
        except (RuntimeError, OSError):
            self._process.kill()
        self._process.wait()
        self._ask.close()
        self._answer.close()
        shutil.rmtree(self._profile.name, ignore_errors=True)
        self._profile.cleanup()


class Tab:
    """A page that is open."""

    def __init__(self, browser: Chromium, target: str, session: str) -> None:
        self._browser, self._target, self._session = browser, target, session

    def evaluate(self, expression: str) -> Any:
        """What an expression comes to, promises awaited. Raises RuntimeError with what it threw."""
        answer = self._browser.call(
            "Runtime.evaluate",
            self._session,
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            thrown = answer["exceptionDetails"]
            raise RuntimeError(thrown.get("exception", {}).get("description") or thrown["text"])
        return answer["result"].get("value")

    def call(self, function: str, *arguments: object) -> Any:
        """What a function of the page gives for these, which may be anything that JSON can say."""
        given = ", ".join(json.dumps(each) for each in arguments)
        return self.evaluate(f"({function})({given})")

    def close(self) -> None:
        self._browser.call("Target.closeTarget", targetId=self._target)


def page_url(path: Path) -> str:
    """A file as the browser opens it."""
    return path.absolute().as_uri()
