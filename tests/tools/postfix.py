"""Postfix in front of the mail servers of tests: what it refuses and when is what offices meet.

It runs from a folder of its own on a free port, logs in against Dovecot and delivers by its LMTP; its ``master``
needs uid 0. One for each set of restrictions, started in about two seconds.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from tests.tools.mailservers import TIMEOUT_SECONDS, MailServers, free_ports

_MASTER = "/usr/lib/postfix/sbin/master"
_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mx.hq.test
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
virtual_mailbox_domains = hq.test, d.test, small.test
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:5.1.2 no route off this machine
relay_domains =
message_size_limit = {size}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_tls_cert_file = {certificates}/good.pem
smtpd_tls_key_file = {certificates}/good.key
smtpd_tls_security_level = encrypt
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_sasl_security_options = noanonymous
smtpd_peername_lookup = no
smtpd_client_event_limit_exceptions =
smtpd_relay_restrictions = permit_sasl_authenticated, reject
tls_random_source = dev:/dev/urandom
minimal_backoff_time = 5s
queue_run_delay = 5s
lmtp_destination_recipient_limit = 1
"""
_SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def missing_postfix() -> list[str]:
    """What is not here of what this needs."""
    if not Path(_MASTER).exists():
        return ["postfix"]
    return [] if os.geteuid() == 0 else ["root, for postfix"]


class Postfix:
    """One Postfix; ``port`` is where it takes letters, with STARTTLS and a login."""

    def __init__(self, servers: MailServers, rows: Mapping[str, str], size: int = 60 << 20) -> None:
        self._folder = servers.folder / f"postfix{len(list(servers.folder.glob('postfix*')))}"
        for name in ("", "queue", "data"):
            (self._folder / name).mkdir()
        self.port = free_ports(1)[0]
        main = _MAIN.format(
            folder=self._folder,
            lmtp=servers.lmtp,
            auth=servers.auth,
            certificates=servers.folder,
            size=size,
        )
        main += "".join(f"{key} = {value}\n" for key, value in rows.items())
        (self._folder / "main.cf").write_text(main)
        (self._folder / "master.cf").write_text(_SERVICES.format(port=self.port))
        import shutil

        shutil.chown(self._folder / "data", "postfix")
        environment = os.environ | {"MAIL_CONFIG": str(self._folder)}
        subprocess.run(
            ["/usr/sbin/postfix", "-c", str(self._folder), "check"],
            check=True,
            env=environment,
            capture_output=True,
        )
        self._process = subprocess.Popen(
            [_MASTER, "-d", "-c", str(self._folder)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + 2 * TIMEOUT_SECONDS
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as wire:
                    if wire.recv(3) == b"220":
                        return
            except OSError:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise RuntimeError(f"Postfix did not start:\n{self.log()}") from None

    def log(self) -> str:
        """What it had to say."""
        path = self._folder / "postfix.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
