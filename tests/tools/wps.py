"""WPS for the tests: the add-in's page in a real browser, with a stand-in for WPS's ``Application``.

The stand-in's workbooks are open in the tests' Excel (``tests.tools.excel`` or ``memoryexcel``), which its
page asks over a wire of its own.
"""

from __future__ import annotations

import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from xlwings import XlwingsError

from tests.tools.chromium import Chromium, Tab, page_url
from tests.tools.excel import Excel
from xl_addin.master.host.wps import Stopped
from xl_addin.system import resources
from xl_addin.wps import _refusal

_STAND_IN = Path(__file__).with_name("wps_application.js")


class Wps:
    """The page of the add-in whose index.html lies in ``folder``, on the workbooks of an Excel."""

    def __init__(self, browser: Chromium, excel: Excel, folder: Path) -> None:
        self.excel = excel
        self.started: list[list[str]] = []
        self.round_trips = 0
        self._processes: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.engine = f"http://127.0.0.1:{self._server.server_port}/"
        script = (
            f"const ENGINE = {json.dumps(self.engine)};\n{_STAND_IN.read_text(encoding='utf-8')}"
        )
        self.tab: Tab = browser.open(page_url(folder / "index.html"), script)

    def answer(self, command: str, *arguments: Any) -> Any:
        """What the stand-in asks for."""
        excel = self.excel
        if command == "active":
            books = excel.ask("books")
            active = excel.state("active")
            return active if active in books else (books or [None])[-1]
        if command in ("state", "note"):
            return getattr(excel, command)(*arguments)
        if command == "message":
            text, asks = arguments
            title, _, said = text.partition("\n\n")
            calm = title.removesuffix("　⚠")
            mode = "info" if calm == title else "critical"
            about = {"text": said, "title": calm, "mode": mode, "asks": "yes_no" if asks else "ok"}
            excel.note("alert", about)
            return excel.state("answer") == "yes" if asks else None
        if command == "is_error":
            ((value,),) = excel.ask("read", *arguments)[0]
            return isinstance(value, int) and not isinstance(value, bool)
        if command == "exists":
            return Path(arguments[0]).is_file()
        if command == "read_file":
            return Path(arguments[0]).read_text(encoding="utf-8")
        if command == "shell":
            self.started.append(list(arguments))
            self._processes.append(subprocess.Popen([arguments[0]]))
            return None
        if command == "write":
            *where, rows = arguments
            typed = [
                [float(v) if type(v) is int else "" if v is None else v for v in r] for r in rows
            ]
            return excel.ask(command, *where, typed)
        return excel.ask(command, *arguments)

    def asked(self, request: bytes) -> bytes:
        """An answer as it goes over the wire."""
        with self._lock:
            try:
                answer = {"result": self.answer(*json.loads(request))}
            except (XlwingsError, OSError) as problem:
                answer = {"problem": str(problem)}
        return json.dumps(answer).encode()

    # --- as the page of a host, without the program between ------------------------------------

    def ask(self, batch: Any) -> list[Any]:
        """As ``Page`` says."""
        self.round_trips += 1
        answer = self._perform(batch)
        if answer["failed"]:
            raise Stopped(_refusal(**answer["failed"]), answer["results"])
        results: list[Any] = answer["results"]
        return results

    def tell(self, batch: Any) -> None:
        """As ``Page`` says."""
        self._perform(batch)

    def _perform(self, batch: Any) -> Any:
        said = self.tab.call(
            "batch => JSON.stringify(perform(application().ActiveWorkbook, batch))", batch
        )
        return json.loads(said)

    # --- as its user ---------------------------------------------------------------------------

    def press(self, button: str) -> None:
        """Press a button and wait for its end."""
        self.tab.call("id => press(id)", button)

    def close(self) -> None:
        self.tab.close()
        self._server.shutdown()
        self._server.server_close()
        for each in self._processes:
            each.wait()


def _handler(wps: Wps) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Whole answers at once: in two pieces each would wait for the other side's word for 40 ms.
        wbufsize, disable_nagle_algorithm = 1 << 16, True

        def do_POST(self) -> None:
            data = wps.asked(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing to say."""

    return Handler


def lay_out_page(folder: Path) -> Path:
    """The add-in's page as a host needs it, without buttons."""
    folder.mkdir(exist_ok=True)
    for name in ("index.html", "main.js"):
        data = resources.macro_path(f"wps/{name}").read_bytes()
        (folder / name).write_bytes(data)
    (folder / "installed.js").write_text("const INSTALLED = {buttons: {}};")
    return folder
