"""Debian's PostgreSQL on loopback: a server of one's own, started, stopped, crashed, its sessions ended."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_HOMES = Path("/usr/lib/postgresql")
_BACKEND_KEY = b"K\0\0\0\x0c"
"""What a server begins the message with in which it names the process that answers (protocol 3, BackendKeyData)."""


def missing_postgresql() -> list[str]:
    """What of the server and the way to it is not here."""
    missing = [] if _programs() is not None else ["postgresql"]
    try:
        import psycopg  # noqa: F401
    except ImportError:
        missing.append("psycopg")
    return missing


def _programs() -> Path | None:
    homes = sorted(_HOMES.glob("*/bin/initdb"))
    return homes[-1].parent if homes else None


class Server:
    """One in a temporary folder, for the user postgres where we are root, whom it will not run as.

    ``certificate`` is a pair of files, certificate and key: then it takes TLS and passwords, and nothing else.
    """

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        programs = _programs()
        assert programs is not None
        self.programs = programs
        self._home = Path(tempfile.mkdtemp(prefix="xl-pg-"))
        if os.getuid() == 0:
            shutil.chown(self._home, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._do(
            "initdb",
            "-D",
            "data",
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        )
        self._more = ""
        if certificate is not None:
            self._take_passwords_over_tls(certificate)
        self.start()

    def _take_passwords_over_tls(self, certificate: tuple[Path, Path]) -> None:
        for source, name in zip(certificate, ("server.crt", "server.key"), strict=True):
            path = Path(shutil.copyfile(source, self._home / "data" / name))
            path.chmod(0o600)
            if os.getuid() == 0:
                shutil.chown(path, "postgres")
        hba = "local all postgres trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
        (self._home / "data" / "pg_hba.conf").write_text(hba)
        self._more = f" -c ssl=on -c unix_socket_directories={self._home}"

    def ask_as_administrator(self, *queries: str) -> None:
        """Do what needs no password, over the socket that one with a certificate has."""
        import psycopg

        way = f"host={self._home} port={self.port} user=postgres dbname=postgres"
        with psycopg.connect(way, autocommit=True) as db:
            for query in queries:
                db.execute(query)

    @property
    def url(self) -> str:
        """The address of its database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def _do(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        if os.getuid() == 0:
            command = [
                "setpriv",
                "--reuid=postgres",
                "--regid=postgres",
                "--clear-groups",
                *command,
            ]
        done = subprocess.run(
            command, cwd=self._home, capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
            f" -c fsync=off -c log_min_messages=fatal -c max_connections=40{self._more}"
        )
        self._do("pg_ctl", "-D", "data", "-l", "log", "-o", options, "-w", "start")

    def stop(self, how: str = "fast") -> None:
        """Stop it: fast, or immediate as in a crash."""
        self._do("pg_ctl", "-D", "data", "-m", how, "-w", "stop")

    def end_sessions(self) -> int:
        """End every session but the one that asks; how many there were."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as db:
            rows = db.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type='client backend' AND pid<>pg_backend_pid()"
            ).fetchall()
        return len(rows)

    def close(self) -> None:
        """Stop it and remove what it left."""
        with suppress(RuntimeError):
            self.stop("immediate")
        shutil.rmtree(self._home, ignore_errors=True)


class Proxy:
    """What stands between client and server on loopback, and cuts the connection at a COMMIT.

    ``cut`` is asked at each: "" lets it pass, "before" keeps it from the server, "after" the answer from the client.
    ``pooler`` says that it names another process than the one that answers, as poolers do.
    """

    def __init__(self, port: int, cut: Callable[[], str] = str, *, pooler: bool = False) -> None:
        self._port, self._cut, self._pooler = port, cut, pooler
        self.cuts: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The address that leads through it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                client.close()
                continue
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            back = (server, client, self._pooler)
            threading.Thread(target=_pump, args=back, daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(1 << 16):
                how = self._cut() if b"COMMIT\0" in data else ""
                if how:
                    self.cuts.append(how)
                    _shut(client)
                    if how == "after":
                        server.sendall(data)
                        server.recv(1 << 16)
                    break
                server.sendall(data)
        _shut(client)
        _shut(server)

    def close(self) -> None:
        """Take no more connections; closing alone does not wake who waits for one."""
        _shut(self._listener)


def _pump(source: socket.socket, target: socket.socket, pooler: bool) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            at = data.find(_BACKEND_KEY) + len(_BACKEND_KEY)
            if pooler and at >= len(_BACKEND_KEY):
                data = data[:at] + b"\0\0\0\x01" + data[at + 4 :]
                pooler = False
            target.sendall(data)
    _shut(target)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
