"""Real mail servers on loopback for tests: Dovecot (IMAPS, LMTP, submission) and a relay behind it.

Everything runs from a temporary folder on free ports of 127.0.0.1 and is stopped by its pid. What is
sent goes client -> dovecot-submission (STARTTLS, AUTH) -> relay (aiosmtpd, in this process, which
can be told to refuse) -> Dovecot's LMTP -> the mailbox. Dovecot serves no mail as uid 0: under root
the whole tree runs as nobody.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import os
import shutil
import smtplib
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.tools.certificates import GOOD, make_certificates

PASSWORD = "abcdefghijklmnop"  # noqa: S105 - of a server that lives for a test
TIMEOUT_SECONDS = 10.0
SMALL = "small"
"""Mailboxes with this before the @ hold 20 kB and are then full, by Dovecot's own quota."""

_DOVECOT = """
base_dir = {run}/base
state_dir = {run}/state
log_path = {run}/dovecot.log
instance_name = {name}
protocols = imap lmtp submission pop3
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 50
mail_plugins = quota
auth_mechanisms = plain login xoauth2
auth_username_format = %Lu
auth_failure_delay = 0
disable_plaintext_auth = yes
ssl = required
ssl_cert = <{folder}/{certificate}.pem
ssl_key = <{folder}/{certificate}.key
ssl_min_protocol = TLSv1.2
login_greeting = ready
lmtp_save_to_detail_mailbox = no
quota_full_tempfail = no
imap_id_log = *
imap_capability = {capability}
shutdown_clients = yes
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = passwd-file
  args = username_format=%n {folder}/small
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u allow_all_users=yes
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=2G
  quota_grace = 0
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    port = {submission}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {auth}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
submission_max_mail_size = 60M
hostname = localhost
postmaster_address = postmaster@hq.test
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


_OAUTH2 = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""
_SIGNING = b"only for tests"


def access_token(user: str) -> str:
    """A token that these servers take for a user, as Microsoft would have issued it for a real one."""

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    facts = {"sub": user.lower(), "iat": int(time.time()) - 60, "exp": int(time.time()) + 3600}
    head = {"alg": "HS256", "typ": "JWT"}
    text = f"{part(json.dumps(head).encode())}.{part(json.dumps(facts).encode())}"
    return f"{text}.{part(hmac.digest(_SIGNING, text.encode(), 'sha256'))}"


def missing_mail() -> list[str]:
    """What is not here of what these servers need."""
    programs = {
        "dovecot": "/usr/sbin/dovecot",
        "dovecot-imapd": "/usr/lib/dovecot/imap",
        "dovecot-lmtpd": "/usr/lib/dovecot/lmtp",
        "dovecot-submissiond": "/usr/lib/dovecot/submission",
        "dovecot-pop3d": "/usr/lib/dovecot/pop3",
    }
    missing = [name for name, path in programs.items() if not Path(path).exists()]
    return missing + [name for name in ("aiosmtpd", "cryptography") if find_spec(name) is None]


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 on which nothing listens."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class Dovecot:
    """One Dovecot and its ports: ``pop3`` is for STARTTLS, ``auth`` for an MTA's logins."""

    def __init__(
        self, folder: Path, name: str, relay: int, certificate: str, capability: str
    ) -> None:
        self.run = folder / name
        self.run.mkdir()
        (self.run / "state").mkdir()
        ports = free_ports(6)
        self.imaps, self.submission, self.lmtp, self.pop3, self.pop3s, self.auth = ports
        import grp  # not on Windows, where these servers are missing

        owner = _owner()
        settings = _DOVECOT.format(
            folder=folder,
            run=self.run,
            name=name,
            certificate=certificate,
            capability=capability,
            relay=relay,
            password=PASSWORD,
            user=owner.pw_name,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            group=grp.getgrgid(owner.pw_gid).gr_name,
            imaps=self.imaps,
            lmtp=self.lmtp,
            submission=self.submission,
            pop3=self.pop3,
            pop3s=self.pop3s,
            auth=self.auth,
        )
        (self.run / "dovecot.conf").write_text(settings, encoding="utf-8")
        give_to_owner(self.run)
        with (self.run / "out").open("wb") as out:
            self._process = subprocess.Popen(
                ["/usr/sbin/dovecot", "-F", "-c", str(self.run / "dovecot.conf")],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self.run,
                start_new_session=True,
                **_as_owner(),
            )
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + TIMEOUT_SECONDS
        waiting = {self.lmtp, self.submission, self.imaps}
        while waiting:
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"Dovecot did not start:\n{self.log()}")
            for port in tuple(waiting):
                if self._greets(port):
                    waiting.discard(port)

    def _greets(self, port: int) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as wire:
                # What comes over TLS says nothing before it is spoken to.
                return port == self.imaps or wire.recv(3) == b"220"
        except OSError:
            return False

    def log(self) -> str:
        """What it had to say."""
        said = (self.run / "out", self.run / "dovecot.log")
        return "".join(path.read_text("utf-8", "replace") for path in said if path.exists())

    def end(self) -> None:
        """Tell it to end."""
        self._process.terminate()

    def wait(self) -> None:
        """Wait until it is gone."""
        try:
            self._process.wait(TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _owner() -> Any:
    import pwd  # as above

    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _as_owner() -> dict[str, Any]:
    owner = _owner()
    root = os.geteuid() == 0
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if root else {}


def give_to_owner(folder: Path) -> None:
    """Make a folder and what is in it the servers' own.

    A server at work renames its lists beside: what is gone by then needs no owner.
    """
    if os.geteuid() == 0:
        owner = _owner()
        for path in (folder, *folder.rglob("*")):
            with contextlib.suppress(FileNotFoundError):
                os.chown(path, owner.pw_uid, owner.pw_gid)


def next_answer(answers: dict[str, list[str]], address: str) -> str:
    """The next planned answer for an address, empty where nothing is planned; see ``Relay``."""
    waiting = answers.get(address.lower(), [])
    if not waiting:
        return ""
    return waiting[0].removesuffix("*") if waiting[0].endswith("*") else waiting.pop(0)


class Relay:
    """The next hop, which delivers by LMTP and answers as it is told.

    ``rcpt`` and ``data`` map an address to answers, one per attempt and then none: ``{"d1@d.test":
    ["451 4.7.1 later"]}`` refuses once, a list's last answer ending in ``*`` for ever.
    """

    def __init__(self, lmtp: Sequence[int]) -> None:
        from aiosmtpd.controller import Controller

        self.rcpt: dict[str, list[str]] = {}
        self.data: dict[str, list[str]] = {}
        self.taken: list[tuple[str, bytes]] = []
        self._lmtp = lmtp
        self.port = free_ports(1)[0]
        self._controller = Controller(
            self, "127.0.0.1", self.port, data_size_limit=64 << 20, enable_SMTPUTF8=True
        )
        self._controller.start()

    async def handle_RCPT(  # noqa: N802 - names and arguments are aiosmtpd's
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        refusal = next_answer(self.rcpt, address)
        if not refusal:
            envelope.rcpt_tos.append(address)
        return refusal or "250 2.1.5 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        import asyncio

        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self._deliver, envelope)

    def _deliver(self, envelope: Any) -> str:
        # LMTP answers once per recipient and smtplib reads one answer: a transaction for each.
        for address in envelope.rcpt_tos:
            refusal = next_answer(self.data, address)
            if refusal:
                return refusal
            try:
                deliver(self._lmtp[0], address, envelope.content, envelope.mail_from or "")
            except smtplib.SMTPRecipientsRefused as refused:
                code, says = refused.recipients[address]
                return f"{code} {says.decode()}"
            except smtplib.SMTPResponseException as refused:
                return f"{refused.smtp_code} {str(refused.smtp_error, 'utf-8', 'replace')}"
            self.taken.append((address, envelope.content))
        return "250 2.0.0 OK"

    def stop(self) -> None:
        """End it."""
        self._controller.stop()


def deliver(port: int, address: str, message: bytes, sender: str = "") -> None:
    """Put a message into a mailbox by LMTP."""
    with smtplib.LMTP("127.0.0.1", port, timeout=TIMEOUT_SECONDS) as lmtp:
        lmtp.sendmail(sender, [address], message)


class MailServers:
    """One mail server of an office, as tests see it; any address is a mailbox, with ``PASSWORD``.

    Let each test use addresses of its own: one start serves the whole run. ``imaps`` and
    ``submission`` are ports of ``host``, ``ca`` is the authority that vouches for them.
    """

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="xl-addin-mail-"))
        self.folder.chmod(0o711)
        make_certificates(self.folder)
        (self.folder / "mail").mkdir()
        owner = _owner()
        (self.folder / "small").write_text(
            f"{SMALL}::{owner.pw_uid}:{owner.pw_gid}::{self.folder}/mail/{SMALL}@small.test::"
            "userdb_mail=maildir:~ userdb_quota_rule=*:bytes=20000\n"
        )
        keys = self.folder / "keys/default/HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_bytes(base64.b64encode(_SIGNING))
        (self.folder / "oauth2.conf").write_text(_OAUTH2.format(folder=self.folder))
        give_to_owner(self.folder)
        lmtp: list[int] = []
        self.relay = Relay(lmtp)
        self._running: dict[tuple[str, str], Dovecot] = {}
        try:
            self._main = self.instance()
        except BaseException:
            self.stop()
            raise
        lmtp.append(self._main.lmtp)
        self.imaps, self.submission = self._main.imaps, self._main.submission
        self.pop3, self.pop3s = self._main.pop3, self._main.pop3s
        self.lmtp, self.auth = self._main.lmtp, self._main.auth

    @property
    def ca(self) -> Path:
        """The file to put in SSL_CERT_FILE."""
        return self.folder / "ca.pem"

    def instance(self, certificate: str = GOOD, capability: str = "") -> Dovecot:
        """A further server on the same mailboxes, which shows another certificate or can do less.

        ``capability`` is what IMAP then offers, for example all but MOVE.
        """
        key = (certificate, capability)
        if key not in self._running:
            name = f"server{len(self._running)}"
            self._running[key] = Dovecot(
                self.folder, name, self.relay.port, certificate, capability
            )
        return self._running[key]

    def context(self) -> ssl.SSLContext:
        """A TLS context that trusts these servers."""
        return ssl.create_default_context(cafile=str(self.ca))

    def deliver(self, address: str, message: bytes, sender: str = "district@d.test") -> None:
        """Put a message into a mailbox by LMTP."""
        deliver(self._main.lmtp, address, message, sender)

    def fill(self, address: str, messages: Sequence[bytes], received: float = 0) -> None:
        """Lay messages into a mailbox without the server, thousands in a moment.

        ``received`` is what the server will say of when they came, in seconds since 1970.
        """
        new = self.mailbox(address) / "new"
        for name in ("", "cur", "new", "tmp"):
            (new.parent / name).mkdir(parents=True, exist_ok=True)
        at = received or time.time()
        # The server moves what it has shown: a name of before would be that mail's.
        start = sum(len(list((new.parent / name).iterdir())) for name in ("new", "cur"))
        for number, message in enumerate(messages, start):
            path = new / f"{int(at)}.M{number:06d}P1.test"
            path.write_bytes(message.replace(b"\r\n", b"\n"))
            os.utime(path, (at, at))
        give_to_owner(new.parent)

    def mailbox(self, address: str) -> Path:
        """The folder of a mailbox, a Maildir."""
        return self.folder / "mail" / address.lower()

    def messages(self, address: str, folder: str = "") -> list[bytes]:
        """What lies in a mailbox or in a folder of it, as it came in, with the line ends of the wire."""
        box = self.mailbox(address) / (f".{folder}" if folder else "")
        paths = [*box.glob("new/*"), *box.glob("cur/*")]
        # Maildir names do not sort by arrival within one second.
        paths.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
        return [path.read_bytes().replace(b"\n", b"\r\n") for path in paths]

    def forget_uids(self, address: str, validity: int = 0) -> None:
        """Make the server number the messages anew: a new UIDVALIDITY, or the one that is given."""
        box = self.mailbox(address)
        for path in (*box.glob("dovecot.index*"), *box.glob("dovecot-uidlist*")):
            path.unlink()
        if validity:
            box.mkdir(parents=True, exist_ok=True)
            uids = box / "dovecot-uidlist"
            uids.write_text(f"3 V{validity} N1 G{os.urandom(16).hex()}\n")
        give_to_owner(box)

    @contextlib.contextmanager
    def smtp(self, user: str) -> Iterator[smtplib.SMTP]:
        """A session that may send, as a district's mail program has it."""
        with smtplib.SMTP(self.host, self.submission, timeout=TIMEOUT_SECONDS) as session:
            session.starttls(context=self.context())
            session.login(user, PASSWORD)
            yield session

    @contextlib.contextmanager
    def cut_connections(self, port: int, after: int, times: int = 1) -> Iterator[int]:
        """A port that leads to ``port`` and hangs up after so many bytes from the server.

        The first ``times`` connections are cut, later ones go through.
        """
        with _Cutter(port, after, times) as cutter:
            yield cutter.port

    def stop(self) -> None:
        """End everything and remove the folder."""
        self.relay.stop()
        for server in self._running.values():
            server.end()
        for server in self._running.values():
            server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class _Cutter:
    """A wire that breaks: passes bytes on and hangs up on both sides when its measure is full."""

    def __init__(self, port: int, after: int, times: int) -> None:
        self._target, self._after, self._times = port, after, times
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> _Cutter:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        _hang_up(self._listener)
        for each in self._open:
            _hang_up(each)
        for thread in self._threads:
            thread.join(TIMEOUT_SECONDS)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                server = socket.create_connection(("127.0.0.1", self._target), TIMEOUT_SECONDS)
                server.settimeout(None)
                self._open += (client, server)
                most = self._after if self._times > 0 else -1
                self._times -= 1
                for ends in ((client, server, -1), (server, client, most)):
                    thread = threading.Thread(target=self._pass_on, args=ends)
                    self._threads.append(thread)
                    thread.start()

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket, most: int) -> None:
        with contextlib.suppress(OSError):
            while most and (data := source.recv(min(most, 65536) if most > 0 else 65536)):
                target.sendall(data)
                most -= len(data) if most > 0 else 0
        for each in (source, target):
            _hang_up(each)


def _hang_up(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
