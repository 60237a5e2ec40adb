"""Who may speak to the program that waits for WPS: the add-in's own page and nobody else."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.tools.chromium import Chromium, page_url
from tests.tools.wps import Wps
from tests.tools.wps_visitor import KEY, frame, knock, said, upgrade
from xl_addin import serve
from xl_addin.services import wps_addin
from xl_addin.system import websocket
from xl_addin.system.errors import Refused

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The add-in, installed for a user of its own."""
    monkeypatch.setenv("HOME", str(tmp_path / "家 目录"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "家 目录"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return wps_addin.install()


@pytest.fixture
def server(folder: Path) -> Iterator[serve.Server]:
    """A program that waits, in a thread."""
    running = serve.Server(folder)
    thread = threading.Thread(target=running.run)
    thread.start()
    yield running
    wps_addin.remove_session(folder)
    thread.join()


def token(server: serve.Server) -> bytes:
    return said(token=server.session.token)


def secrets_in(data: bytes, server: serve.Server) -> bool:
    return any(each.encode() in data for each in server.session[1:])


# --- other pages --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "https://127.0.0.1", "http://127.0.0.1:{port}", "", None]
)
def test_a_page_of_the_net_is_refused_before_it_has_said_anything(server, origin) -> None:
    origin = origin and origin.format(port=server.session.port)
    answer = knock(server, upgrade(server.session.port, origin=origin))
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"access-control" not in answer.lower()
    assert not secrets_in(answer, server)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "localhost:{port}", "127.0.0.1"]
)
def test_a_name_that_was_rebound_to_this_computer_is_refused(server, host) -> None:
    host = host.format(port=server.session.port)
    answer = knock(server, upgrade(server.session.port, host=host))
    assert answer.startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: null\r\n\r\n",
        b"GET /session.json HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: null\r\n\r\n",
        b"OPTIONS / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: null\r\n"
        b"Access-Control-Request-Method: POST\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: null\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_nothing_can_be_read_by_plain_requests_and_nobody_is_allowed_to(server, request_) -> None:
    answer = knock(server, request_.replace(b"{port}", str(server.session.port).encode()))
    assert answer == websocket._REFUSED


@pytest.mark.parametrize(
    "first",
    [
        said(token="guessed"),  # noqa: S106
        said(token=""),
        said(token=["x"]),
        said(press="check"),
        frame(b"[]"),
        frame(b"no json"),
        frame(b"x" * 5_000),
    ],
)
def test_without_the_secret_of_this_start_nothing_is_told(server, first) -> None:
    answer = knock(server, upgrade(server.session.port), first)
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert not secrets_in(answer, server)
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.chromium
def test_pages_in_a_real_browser_reach_neither_the_program_nor_its_secret(
    server: serve.Server, folder: Path, browser: Chromium, tmp_path: Path
) -> None:
    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>site</title>")

        def log_message(self, *_: object) -> None:
            """Nothing to say."""

    # One thread a connection: a browser opens some ahead that say nothing for minutes.
    site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    local = tmp_path / "from a mail.html"
    local.write_text("<!doctype html><title>local</title>", encoding="utf-8")
    secret = page_url(folder / wps_addin.SESSION)
    steal = """async (secret) => {
        const found = [];
        const take = async (work) => {
            try {
                found.push(await work());
            } catch (error) {
                found.push(null);
            }
        };
        // What is refused may say nothing at all.
        const put = (element, parent) => Promise.race([
            new Promise((done) => {
                element.onload = element.onerror = done;
                element.src = secret;
                parent.append(element);
            }),
            new Promise((done) => setTimeout(done, 500)),
        ]);
        await take(async () => (await fetch(secret)).text());
        await take(() => {
            const wire = new XMLHttpRequest();
            wire.open("GET", secret, false);
            wire.send();
            return wire.responseText;
        });
        const before = new Set(Object.keys(window));
        await put(document.createElement("script"), document.head);
        found.push(Object.keys(window).filter((name) => !before.has(name)).join());
        const frame = document.createElement("iframe");
        await put(frame, document.documentElement);
        await take(() => frame.contentDocument && frame.contentDocument.body.innerText);
        return found.filter((each) => each);
    }"""
    reach = f"""new Promise((done) => {{
        const socket = new WebSocket("ws://127.0.0.1:{server.session.port}/");
        socket.onopen = () => done("open");
        socket.onerror = () => done("refused");
    }})"""
    for url in (f"http://127.0.0.1:{site.server_port}/", page_url(local)):
        tab = browser.open(url)
        assert tab.call(steal, secret) == [], url
        # A file's page may knock: it has no secret to say.
        assert tab.evaluate(reach) == ("refused" if url.startswith("http") else "open")
        tab.close()
    site.shutdown()
    site.server_close()


# --- other users --------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="rights are bits on POSIX only")
def test_another_user_reads_neither_the_file_nor_the_command_line(monkeypatch) -> None:
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        monkeypatch.setenv("HOME", home)
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        folder = wps_addin.install()
        for above in (folder.parent, *folder.parent.parents):
            if above.is_relative_to(home):
                above.chmod(0o755)
        command = [sys.executable, "-P", "-m", "xl_addin.serve"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as running:
            assert running.stdout
            assert running.stdout.read() == wps_addin.WAITING.encode()  # and lets go of it
            session = wps_addin.read_session(folder)
            assert session
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert stat.S_IMODE((folder / wps_addin.SESSION).stat().st_mode) == 0o600
            about = Path(f"/proc/{running.pid}")
            told = (about / "cmdline").read_bytes() + (about / "environ").read_bytes()
            assert session["token"].encode() not in told
            if os.getuid() == 0:
                look = f"cat '{folder}/session.json' '/proc/{running.pid}/environ'"
                nobody = subprocess.run(["sh", "-c", look], user=65534, capture_output=True)
                assert (nobody.returncode, nobody.stdout) == (1, b"")
            wps_addin.remove()
            assert running.wait(20) == 0


@pytest.mark.skipif(os.name != "posix", reason="rights are bits on POSIX only")
@pytest.mark.parametrize("mode", [0o755, 0o770, 0o777])
def test_a_folder_that_others_see_is_not_served_from(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    with pytest.raises(Refused, match="不安全"):
        wps_addin.installed_folder()
    assert serve.main(lambda _: None) == 2
    assert not (folder / wps_addin.SESSION).exists()


def test_it_listens_on_this_computer_only_and_never_twice_by_the_same_secrets(folder: Path) -> None:
    first, second = serve.Server(folder), serve.Server(folder)
    for each in (first, second):
        assert each._door.getsockname()[0] == "127.0.0.1"
        each._door.close()
    assert len({*first.session[1:], *second.session[1:]}) == 4


# --- whoever took the port ------------------------------------------------------------------------


class Squatter:
    """Somebody who waits where the program of an earlier start did, and sends orders to whoever comes."""

    def __init__(self, *sent: bytes) -> None:
        self.heard = b""
        self._sent = sent
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        wire, _ = self._door.accept()
        with wire:
            page = websocket.accept(wire, websocket.read_head(wire))
            self.heard += page.receive(4096)
            for each in self._sent:
                page.send(each)
            with suppress(websocket.Ended):
                self.heard += page.receive(4096)

    def close(self) -> None:
        self._door.close()
        self._thread.join(20)


@pytest.fixture
def page(browser: Chromium, memory_excel: Any, folder: Path) -> Iterator[Wps]:
    """The installed add-in's page in WPS."""
    running = Wps(browser, memory_excel, folder)
    yield running
    wps_addin.remove_session(folder)
    running.close()


@pytest.mark.usefixtures("open_master")
@pytest.mark.parametrize("sent", [(), (b"wrong proof",)])
def test_the_page_obeys_nobody_who_took_the_port_of_an_earlier_start(
    page: Wps, folder: Path, memory_excel: Any, sent: tuple[bytes, ...]
) -> None:
    order = {"do": "message", "title": "x", "text": "obeyed"}
    orders = json.dumps({"batch": [order], "answer": False, "end": True}).encode()
    squatter = Squatter(*sent, *([orders] if sent else []))
    stale = serve.Session(squatter.port, "token of an earlier start", "its proof")
    wps_addin.write_session(folder, stale._asdict())
    page.press("check")
    squatter.close()
    assert "obeyed" not in str(memory_excel.notes_on("alert"))
    # It learned a secret that is good for nothing, and not even which button was pressed.
    assert json.loads(squatter.heard) == {"token": stale.token}
    now = wps_addin.read_session(folder)
    assert now
    assert stale.token not in now.values()
    # The program was started anew, and did what the button says.
    assert [Path(file).name for file, _ in page.started] == [wps_addin.STARTER]
    assert memory_excel.notes_on("alert")[-1]["title"] == "检查任务表"


# --- a press, from the button to its end ----------------------------------------------------------


@pytest.fixture
def open_master(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A programme whose master is open."""
    request.getfixturevalue("memory_excel")
    from tests.tools.programme import SmallProgramme
    from xl_addin.master.host.excelapp import import_xlwings
    from xl_addin.model.folder import MASTER

    programme = SmallProgramme(tmp_path / "残联 任务")
    import_xlwings().Book(str(programme.folder / MASTER))
    return programme.folder


def test_a_press_starts_the_program_and_ends_in_its_message(
    page: Wps, memory_excel: Any, open_master: Path
) -> None:
    page.press("distribute")
    (message,) = memory_excel.notes_on("alert")
    assert (message["title"], message["mode"]) == ("生成填报表", "info")
    assert "生成了 4 份" in message["text"]
    assert len(list((open_master / "填报表").rglob("*.xlsx"))) == 4
    told = memory_excel.notes_on("status_bar")
    assert any(str(each).startswith("生成填报表：") for each in told)
    assert told[-1] is False
    assert {name: memory_excel.state(name) for name in ("screen_updating", "enable_events")} == {
        "screen_updating": True,
        "enable_events": True,
    }
    page.press("check")
    assert len(page.started) == 1  # it still waits
    assert memory_excel.notes_on("alert")[-1]["title"] == "检查任务表"


def test_a_workbook_that_is_no_master_is_told_so(
    page: Wps, memory_excel: Any, tmp_path: Path
) -> None:
    from openpyxl import Workbook

    from xl_addin.master.host.excelapp import import_xlwings

    page.press("check")
    assert "没有打开的工作簿" in memory_excel.notes_on("alert")[-1]["text"]
    Workbook().save(tmp_path / "别的.xlsx")
    import_xlwings().Book(str(tmp_path / "别的.xlsx"))
    page.press("check")
    assert "不是年度任务的主表" in memory_excel.notes_on("alert")[-1]["text"]
    page.press("sheet_variance")
    assert "blk_variance" in memory_excel.notes_on("alert")[-1]["text"]


@pytest.mark.usefixtures("open_master")
def test_a_sheet_button_goes_to_its_sheet_without_the_program(page: Wps, memory_excel: Any) -> None:
    page.press("sheet_variance")
    assert memory_excel.state("sheet") == "差异"
    assert (memory_excel.notes_on("alert"), page.started) == ([], [])


@pytest.mark.usefixtures("open_master")
def test_a_program_that_stops_half_way_is_told_and_wps_is_put_back(
    page: Wps, memory_excel: Any, monkeypatch
) -> None:
    monkeypatch.setenv("XL_ADDIN_FAILPOINT", "atomic.staged")
    page.press("distribute")
    message = memory_excel.notes_on("alert")[-1]
    assert "接着做" in message["text"]
    assert memory_excel.state("screen_updating") is True
    assert memory_excel.state("status_bar") is False


@pytest.mark.usefixtures("open_master")
def test_an_add_in_of_another_version_is_told_to_be_brought_up_to_date(
    page: Wps, memory_excel: Any
) -> None:
    page.tab.evaluate("INSTALLED.version = '0.9'")
    page.press("check")
    assert "xl-addin wps install" in memory_excel.notes_on("alert")[-1]["text"]


@pytest.mark.usefixtures("open_master")
def test_a_program_that_cannot_be_started_is_told_with_what_to_do(
    page: Wps, memory_excel: Any
) -> None:
    page.tab.evaluate("INSTALLED.start = ['/bin/true', '']; WAITS.start = 10")
    page.press("check")
    message = memory_excel.notes_on("alert")[-1]
    assert "xl-addin serve" in message["text"]
    assert "xl-addin wps status" in message["text"]
    assert memory_excel.state("status_bar") is False


@pytest.mark.usefixtures("open_master")
def test_an_add_in_that_was_taken_out_while_wps_is_open_says_so_and_starts_nothing(
    page: Wps, memory_excel: Any, folder: Path
) -> None:
    page.press("check")
    wps_addin.remove()
    assert not folder.exists()
    page.press("check")
    message = memory_excel.notes_on("alert")[-1]
    assert "加载项已经去掉" in message["text"]
    assert "xl-addin wps install" in message["text"]
    assert len(page.started) == 1
    assert memory_excel.state("status_bar") is False


# --- its end -------------------------------------------------------------------------------------


def test_it_ends_when_nobody_comes(folder: Path) -> None:
    said_: list[str] = []
    assert serve.main(said_.append, idle=0.01) == 0
    assert said_ == [wps_addin.WAITING]
    assert not (folder / wps_addin.SESSION).exists()


def test_a_second_one_is_not_begun(server: serve.Server, folder: Path) -> None:
    with serve.lock(folder / wps_addin.LOCK, "等待 WPS 的按钮"):
        other = subprocess.run(
            [sys.executable, "-P", "-m", "xl_addin.serve"], capture_output=True, timeout=60
        )
    assert other.returncode == 2
    assert wps_addin.read_session(folder) == server.session._asdict()


def test_what_knocks_and_says_nothing_keeps_nobody_out(server: serve.Server, monkeypatch) -> None:
    monkeypatch.setattr(serve, "_KNOCK_SECONDS", 0.2)
    silent = [socket.create_connection(("127.0.0.1", server.session.port)) for _ in range(12)]
    for each in silent:
        each.settimeout(20)
        try:
            while each.recv(100):
                pass
        except ConnectionError:
            pass
        each.close()
    answer = knock(server, upgrade(server.session.port), token(server) + said(press="no such"))
    assert server.session.proof.encode() in answer
    assert KEY.encode() not in answer
