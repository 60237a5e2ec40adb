"""Exim, Courier and Cyrus on loopback, by hand: what each refuses is told as what it is, and no letter is lost.

    python -m tests.tools.other_servers FOLDER [course|kills|states|doors|letters|boxes|stores ...]

As root on Debian with apt and ``unshare``: the packages are downloaded and unpacked in FOLDER, not installed (each
would push Dovecot or Postfix out). The servers see them laid over /usr and /etc in a mount namespace of their own, so
that nothing of the machine changes, and run from a folder that is removed. Prints each trial with the message that
staff would see and exits with 1 where one names another cause.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import imaplib
import os
import random
import re
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

from tests.tools import accounts
from tests.tools.certificates import EXPIRED, GOOD, WRONG_HOST, make_certificates
from tests.tools.mail_programme import MONTH, MailProgramme, environment_of, name_of
from tests.tools.mails import letter
from tests.tools.mailservers import PASSWORD, free_ports
from tests.tools.stranger_box import strangers
from xl_addin.mail.account import Account
from xl_addin.mail.receivers import imap, pop3
from xl_addin.mail.receivers.base import MailboxDisconnected
from xl_addin.mail.transports.base import ConnectionLost, TransientFailure
from xl_addin.mail.transports.smtp import SmtpTransport
from xl_addin.master.read.account_rows import read_account
from xl_addin.model.result import Result
from xl_addin.system.errors import Refused
from xl_addin.verbs import fetch, return_, send

_PACKAGES = [
    "exim4-daemon-light",
    "exim4-base",
    "libidn12",
    "courier-imap",
    "courier-pop",
    "courier-base",
    "courier-authdaemon",
    "courier-authlib",
    "courier-authlib-userdb",
    "libcourier-unicode4",
    "libgamin0",
    "cyrus-common",
    "cyrus-imapd",
    "cyrus-pop3d",
    "sasl2-bin",
    "libical3",
    "libpcre3",
    "libxapian30",
    "libzephyr4",
    "libclamav12",
    "libwrap0",
    "libgdbm6",
]
_USERS = ["Debian-exim", "courier", "cyrus"]
_SECONDS = 20.0
_STRANGERS = 1_000
_AS_CYRUS = ["setpriv", "--reuid=cyrus", "--regid=cyrus", "--clear-groups"]
_NOBODY = _NOGROUP = 65534

_NAMESPACE = """
set -e
mount -t overlay overlay -o lowerdir={root}/usr:/usr /usr
mount -t tmpfs tmpfs {folder}/over
mkdir {folder}/over/etc {folder}/over/work
mount -t overlay overlay -o \
  lowerdir={folder}/etc:{root}/etc:/etc,upperdir={folder}/over/etc,workdir={folder}/over/work /etc
mount -t tmpfs tmpfs /run
mkdir -p /run/courier/authdaemon /run/cyrus
chown cyrus /run/cyrus
"""
_EXIM = """
/usr/sbin/exim4 -bdf -q1s
true
"""
_COURIER = """
makeuserdb
/usr/lib/courier/courier-authlib/authdaemond &
courier=/usr/lib/courier/courier
set -a
tcpd() {{ couriertcpd -address=127.0.0.1 -maxprocs=40 -maxperip={most} -nodnslookup -noidentlookup "$@" & }}
. /etc/courier/imapd
. /etc/courier/imapd-ssl
TLS_CERTFILE={folder}/both.pem TLS_DHPARAMS= TLS_CACHEFILE= IMAP_STARTTLS=YES
{more}
tcpd {imap} $courier/imaplogin /usr/bin/imapd Maildir
IMAP_TLS=1
tcpd {imaps} /usr/bin/couriertls -server -tcpd -user=courier $courier/imaplogin /usr/bin/imapd Maildir
. /etc/courier/pop3d
. /etc/courier/pop3d-ssl
TLS_CERTFILE={folder}/both.pem TLS_DHPARAMS= TLS_CACHEFILE= POP3_STARTTLS=YES
tcpd {pop3} $courier/courierpop3login $courier/courierpop3d Maildir
POP3_TLS=1
tcpd {pop3s} /usr/bin/couriertls -server -tcpd -user=courier $courier/courierpop3login $courier/courierpop3d Maildir
wait
"""
_CYRUS = """
cat {folder}/passwords | while read user; do
  echo {password} | saslpasswd2 -p -c -f {folder}/sasldb "$user"
done
chown -R cyrus {folder}/sasldb {folder}/config {folder}/spool
/usr/lib/cyrus/bin/master -C /etc/imapd.conf -M /etc/cyrus.conf -p /run/cyrus/master.pid
true
"""
_EXIM_CONF = """
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = {folder}/spool
log_file_path = {folder}/log/%s
primary_hostname = mx.hq.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = {smtp} : {smtps}
tls_on_connect_ports = {smtps}
tls_advertise_hosts = {starttls}
tls_certificate = {folder}/server.pem
tls_privatekey = {folder}/server.key
message_size_limit = {size}
host_lookup =
rfc1413_hosts =
acl_smtp_rcpt = rcpt
acl_smtp_mail = from
acl_smtp_data = data
trusted_users = root
never_users =
keep_environment =
add_environment = PATH=/usr/bin
{main}
begin acl
from:
  {from_}
  accept
rcpt:
  {rcpt}
  require message = relay not permitted
          authenticated = *
  require verify = recipient
  accept
data:
  {data}
  accept
begin routers
unknown:
  driver = redirect
  local_parts = ^nobody
  allow_fail
  data = :fail: Unrouteable address
late:
  driver = redirect
  local_parts = ^gone
  allow_fail
  verify = false
  data = :fail: The mailbox has been closed
boxes:
  driver = accept
  domains = hq.test : d.test
  transport = {transport}
begin transports
maildir:
  driver = appendfile
  directory = {boxes}/${{lookup{{$local_part@$domain}}dsearch,filter=dir{{{boxes}}}}}/Maildir
  maildir_format
  create_directory
  user = nobody
  group = nogroup
  delivery_date_add
  envelope_to_add
  return_path_add
  quota = ${{if match{{$local_part}}{{^small}}{{20K}}{{1G}}}}
  quota_size_regex = ,S=(\\d+)
lmtp:
  driver = smtp
  protocol = lmtp
  hosts = 127.0.0.1
  port = {lmtp}
  hosts_override
  allow_localhost
begin retry
* * F,2s,1s
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if eq{{$auth3}}{{{password}}}}}
  server_set_id = $auth2
  server_advertise_condition = {advertise}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = ${{if eq{{$auth2}}{{{password}}}}}
  server_set_id = $auth1
  server_advertise_condition = {advertise}
"""
_CYRUS_CONF = """
START {{
  recover cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -r"
}}
SERVICES {{
  imap cmd="/usr/lib/cyrus/bin/imapd" listen="127.0.0.1:{imap}" prefork=0
  imaps cmd="/usr/lib/cyrus/bin/imapd -s" listen="127.0.0.1:{imaps}" prefork=0
  pop3 cmd="/usr/lib/cyrus/bin/pop3d" listen="127.0.0.1:{pop3}" prefork=0
  pop3s cmd="/usr/lib/cyrus/bin/pop3d -s" listen="127.0.0.1:{pop3s}" prefork=0
  lmtp cmd="/usr/lib/cyrus/bin/lmtpd -a" listen="127.0.0.1:{lmtp}" prefork=0
}}
EVENTS {{
  checkpoint cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -c" period=30
}}
"""
_IMAPD_CONF = """
configdirectory: {folder}/config
partition-default: {folder}/spool
defaultpartition: default
servername: mx.hq.test
defaultdomain: mx.hq.test
admins: cyrus
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/sasldb
sasl_mech_list: PLAIN LOGIN
allowplaintext: no
virtdomains: userid
altnamespace: no
unixhierarchysep: yes
autocreate_quota: 100000
autocreate_post: yes
lmtp_strict_quota: yes
tls_server_cert: {folder}/server.pem
tls_server_key: {folder}/server.key
tls_session_timeout: 0
statuscache: 1
"""


def unpacked(root: Path) -> Path:
    """The servers' programs, downloaded and unpacked into a folder where they are not there yet."""
    if not (root / "usr/sbin/exim4").exists():
        debs = root / "debs"
        debs.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", *_PACKAGES], cwd=debs, check=True)
        for deb in debs.glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(deb), str(root)], check=True)
        shutil.copytree(root / "lib", root / "usr/lib", symlinks=True, dirs_exist_ok=True)
        (root / "etc").mkdir(exist_ok=True)
    return root


class Server:
    """One of them, running in a mount namespace of its own from ``folder``."""

    def __init__(self, root: Path, certificate: str) -> None:
        self._root = root
        self.folder = Path(tempfile.mkdtemp(prefix="xl-addin-other-"))
        self.folder.chmod(0o711)
        self.boxes = self.folder / "boxes"
        (self.folder / "over").mkdir()
        if not (root / "ca.pem").exists():
            make_certificates(root)
        for kind in ("pem", "key"):
            shutil.copy(root / f"{certificate}.{kind}", self.folder / f"server.{kind}")
        parts = [(self.folder / f"server.{kind}").read_text() for kind in ("pem", "key")]
        (self.folder / "both.pem").write_text("".join(parts))
        self._etc("passwd", Path("/etc/passwd").read_text() + _lines("{0}:x:{1}:{1}::/:/bin/false"))
        self._etc("group", Path("/etc/group").read_text() + _lines("{0}:x:{1}:"))
        self._ports: list[int] = []

    def _etc(self, name: str, text: str, mode: int = 0o644) -> None:
        path = self.folder / "etc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def _run(self, script: str, ports: Sequence[int]) -> None:
        text = _NAMESPACE.format(root=self._root, folder=self.folder) + script
        with (self.folder / "out").open("wb") as out:
            self._process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", text],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        end = time.monotonic() + _SECONDS
        for port in ports:
            while not _listens(port):
                if self._process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(self.log())
                time.sleep(0.05)

    def run(self, script: str) -> None:
        """Run a script where the server runs, as its user."""
        inside = ["nsenter", "--mount", "--pid", "--target", str(self.processes("")[0])]
        subprocess.run([*inside, *_AS_CYRUS, "sh", "-c", script], check=True)

    def processes(self, name: str) -> list[int]:
        """Its processes of a name."""
        space = Path(f"/proc/{self._process.pid}/ns/pid_for_children").readlink()
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (path / "ns/pid").readlink() == space and (path / "comm").read_text().startswith(
                    name
                ):
                    found.append(int(path.name))
        return sorted(found)

    def log(self) -> str:
        """What it had to say."""
        found = [self.folder / "out", *self.folder.glob("log/*")]
        return "\n".join(path.read_text("utf-8", "replace") for path in found if path.exists())

    def stop(self) -> None:
        """End it and remove its folder."""
        self._process.kill()  # and with it, whatever it started: it is their first process
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Exim(Server):
    """An Exim that takes letters for ``hq.test`` and ``d.test``; logged in with ``PASSWORD``.

    Local parts that begin with ``nobody`` are refused at once, with ``gone`` by a bounce; ``small`` holds 20 kB.
    """

    def __init__(
        self, root: Path, boxes: Path, *, lmtp: int = 0, certificate: str = GOOD, **conf: str
    ) -> None:
        super().__init__(root, certificate)
        self.smtp, self.smtps = free_ports(2)
        words = {"main": "", "from_": "", "rcpt": "", "data": "", "size": "60M", "starttls": "*"}
        words["advertise"] = "${if def:tls_in_cipher}"
        for name in ("spool", "log"):
            (self.folder / name).mkdir()
            os.chown(self.folder / name, 901, 901)
        text = _EXIM_CONF.format(
            folder=self.folder,
            boxes=boxes,
            smtp=self.smtp,
            smtps=self.smtps,
            lmtp=lmtp,
            transport="lmtp" if lmtp else "maildir",
            password=PASSWORD,
            **(words | conf),
        )
        self._etc("exim4/exim4.conf", text)
        (self.folder / "server.key").chmod(0o644)
        self._run(_EXIM, [self.smtp, self.smtps])


class Store(Server):
    """A server of mailboxes: ``imap`` and ``pop3`` are for STARTTLS."""

    def __init__(self, root: Path, certificate: str = GOOD) -> None:
        super().__init__(root, certificate)
        self.imap, self.imaps, self.pop3, self.pop3s, self.lmtp = free_ports(5)

    def _words(self) -> dict[str, object]:
        words = {
            name: getattr(self, name)
            for name in ["imap", "imaps", "pop3", "pop3s", "lmtp", "folder"]
        }
        return words | {"password": PASSWORD}

    @contextlib.contextmanager
    def session(self, user: str) -> Iterator[imaplib.IMAP4_SSL]:
        """A user's session."""
        context = ssl.create_default_context(cafile=self._root / "ca.pem")
        with imaplib.IMAP4_SSL("127.0.0.1", self.imaps, ssl_context=context) as box:
            box.login(user, PASSWORD)
            yield box


class Courier(Store):
    """Courier's IMAP and POP3 on Maildirs, for these users with ``PASSWORD``."""

    def __init__(
        self,
        root: Path,
        users: Sequence[str],
        *,
        certificate: str = GOOD,
        most: int = 40,
        more: str = "",
    ) -> None:
        super().__init__(root, certificate)
        digest = base64.b64encode(hashlib.sha256(PASSWORD.encode()).digest()).decode()
        lines = []
        for user in users:
            home = self.boxes / user
            subprocess.run(
                ["install", "-d", "-o", "nobody", "-g", "nogroup", str(home)], check=True
            )
            for part in ("", "new", "cur", "tmp"):
                path = home / "Maildir" / part
                path.mkdir()
                os.chown(path, 65534, 65534)
            lines.append(
                f"{user}\tuid={_NOBODY}|gid={_NOGROUP}|home={home}|systempw={{SHA256}}{digest}\n"
            )
        self._etc("courier/userdb", "".join(lines), 0o600)
        self._etc("courier/authdaemonrc", _AUTH)
        self._run(
            _COURIER.format(**self._words(), most=most, more=more),
            [self.imap, self.imaps, self.pop3, self.pop3s],
        )


_AUTH = """
authmodulelist="authuserdb"
authmodulelistorig="authuserdb"
daemons=2
authdaemonvar=/run/courier/authdaemon
DEBUG_LOGIN=0
DEFAULTOPTIONS=""
LOGGEROPTS=""
"""


class Cyrus(Store):
    """Cyrus' IMAP, POP3 and LMTP, for these users with ``PASSWORD``; all folders lie in ``INBOX/``."""

    def __init__(
        self, root: Path, users: Sequence[str], *, certificate: str = GOOD, more: str = ""
    ) -> None:
        super().__init__(root, certificate)
        for name in [
            "spool",
            "config/db",
            "config/log",
            "config/proc",
            "config/socket",
            "config/msg",
        ]:
            (self.folder / name).mkdir(parents=True)
        (self.folder / "passwords").write_text("\n".join([*users, "cyrus@mx.hq.test"]) + "\n")
        self._etc("cyrus.conf", _CYRUS_CONF.format(**self._words()))
        said = dict(
            line.split(": ", 1) for line in _IMAPD_CONF.format(**self._words()).split("\n") if line
        )
        said |= dict(line.split(": ", 1) for line in more.split("\n") if line)
        self._etc("imapd.conf", "".join(f"{key}: {value}\n" for key, value in said.items()))
        (self.folder / "server.key").chmod(0o644)
        self._run(_CYRUS.format(**self._words()), [self.imap, self.imaps, self.lmtp])


def _lines(pattern: str) -> str:
    return "".join(f"{pattern.format(name, 901 + n)}\n" for n, name in enumerate(_USERS))


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


# --- What is tried ---------------------------------------------------------------------------------

_OK, _WRONG = "OK", "保存密码"
_DOOR = [
    # how Exim is set up, the row on 设置 ("smtp" or "smtps" is the port), what the message has to name
    ({}, "smtp STARTTLS", _OK),
    ({}, "smtps TLS", _OK),
    ({}, "smtps STARTTLS", "改为 TLS"),
    ({}, "smtp TLS", "改为 STARTTLS"),
    ({"certificate": EXPIRED}, "smtp STARTTLS", "过期"),
    ({"advertise": "false"}, "smtps TLS", "不接受用户登录"),
    ({"starttls": ""}, "smtp STARTTLS", "没有提供 STARTTLS"),
    ({"main": "host_reject_connection = *"}, "smtps TLS", "554 SMTP service not available"),
]
_LETTERS = [
    ({"size": "1K"}, "信太大"),
    ({"rcpt": "deny message = relay not permitted"}, "往外"),
    ({"rcpt": "defer message = greylisted, try again in 5 minutes"}, "灰名单"),
    (
        {"rcpt": "deny message = Sender rate overlimit\n  ratelimit = 2 / 10m / strict"},
        "次数和速度",
    ),
    ({"data": "deny message = This message scored 12.3 spam points."}, "垃圾邮件"),
    ({"data": "defer message = local scanner failed"}, "故障"),
    ({"from_": "deny message = Sender address not owned by user"}, "不接受发件人"),
    ({"main": "smtp_accept_max_per_connection = 2"}, _OK),
]
_BOX = [
    # the port, the row on 设置, the password, what the message has to name
    ("imaps", "TLS", PASSWORD, _OK),
    ("imap", "STARTTLS", PASSWORD, _OK),
    ("imaps", "TLS", "x", _WRONG),
    ("imap", "TLS", PASSWORD, "改为 STARTTLS"),
    ("imaps", "STARTTLS", PASSWORD, "改为 TLS"),
    ("pop3s", "TLS", PASSWORD, _OK),
    ("pop3", "STARTTLS", PASSWORD, _OK),
    ("pop3s", "TLS", "x", _WRONG),
    ("pop3", "TLS", PASSWORD, "改为 STARTTLS"),
    ("pop3s", "STARTTLS", PASSWORD, "改为 TLS"),
]
_STORES: list[tuple[str, dict[str, object], str, dict[str, object], str]] = [
    # which server and how it is set up, the port and its row on 设置, further rows, what the message has to name;
    # somebody else is logged in meanwhile, at the same port
    ("Courier", {"certificate": WRONG_HOST}, "imaps TLS", {}, "不是发给这个名字"),
    ("Courier", {}, "imaps TLS", {"mail_ca_file": ""}, "“证书文件”"),
    ("Courier", {}, "pop3s TLS", {"mail_ca_file": ""}, "“证书文件”"),
    ("Courier", {}, "imaps TLS", {"imap_user": "no@hq.test"}, _WRONG),
    ("Courier", {}, "pop3s TLS", {"pop3_user": "no@hq.test"}, _WRONG),
    ("Courier", {"most": 1}, "imaps TLS", {}, "同时连接的太多"),
    ("Courier", {"most": 1}, "pop3s TLS", {}, "同时连接的太多"),
    ("Courier", {}, "pop3s TLS", {}, _OK),
    ("Courier", {"more": "IMAP_STARTTLS=NO"}, "imap STARTTLS", {}, "没有提供 STARTTLS"),
    ("Courier", {"more": 'IMAP_CAPABILITY="IMAP4rev1 UIDPLUS"'}, "imaps TLS", {}, _OK),
    ("Cyrus", {"certificate": WRONG_HOST}, "imaps TLS", {}, "不是发给这个名字"),
    ("Cyrus", {}, "imaps TLS", {"mail_ca_file": ""}, "“证书文件”"),
    ("Cyrus", {}, "imaps TLS", {"imap_user": "no@hq.test"}, _WRONG),
    ("Cyrus", {}, "pop3s TLS", {"pop3_user": "no@hq.test"}, _WRONG),
    ("Cyrus", {"more": "maxlogins_per_user: 1"}, "imaps TLS", {}, "同时连接的太多"),
    ("Cyrus", {"more": "maxlogins_per_host: 1"}, "imaps TLS", {}, "同时连接的太多"),
    ("Cyrus", {}, "pop3s TLS", {}, _OK),
    ("Cyrus", {"more": "sasl_mech_list: CRAM-MD5\nallowplaintext: no"}, "imaps TLS", {}, _OK),
]
_USER = "hq@hq.test"


class _Office:
    """Exim before one of the others, as ``MailProgramme`` knows servers."""

    host = "127.0.0.1"

    def __init__(self, exim: Exim, store: Store, ca: Path) -> None:
        self.submission, self.imaps, self.ca = exim.smtp, store.imaps, ca

    def messages(self, address: str) -> list[bytes]:
        """What lies in a mailbox."""
        context = ssl.create_default_context(cafile=self.ca)
        with imaplib.IMAP4_SSL(self.host, self.imaps, ssl_context=context) as box:
            box.login(address, PASSWORD)
            box.select(readonly=True)
            numbers = box.search(None, "ALL")[1][0].split()
            return [box.fetch(each, "(BODY.PEEK[])")[1][0][1] for each in numbers]


class _Trials:
    """Each trial printed with what staff would see; ``wrong`` counts those that name another cause."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root, self.home, self.wrong = root, home, 0
        self._number = 0

    def say(self, title: str, wanted: str, said: str) -> None:
        """Print one."""
        fits = wanted in said
        self.wrong += not fits
        print(f"{'ok ' if fits else 'NOT'} {title}: {said}", flush=True)

    def next_folder(self) -> Path:
        """A folder nobody used."""
        self._number += 1
        return self.home / f"{self._number}"

    def account(self, way: str, port: int, security: str, **further: object) -> Account:
        """An account of these servers; ``way`` is smtp, imap or pop3."""
        rows: dict[str, object] = {"mail_address": _USER, "mail_ca_file": str(self.root / "ca.pem")}
        rows |= {f"{each}_host": "127.0.0.1" for each in ("smtp", "imap", "pop3")}
        rows |= {f"{each}_user": _USER for each in ("smtp", "imap", "pop3")}
        rows |= {"mail_way": "SMTP", f"{way}_port": port, f"{way}_security": security} | further
        folder = self.next_folder()
        folder.mkdir()
        return read_account(accounts.host(folder, **rows))[0]

    def doors(self) -> None:
        """Connecting and logging in to Exim."""
        for setup, row, wanted in _DOOR:
            with Exim(self.root, self.home, **setup) as exim:
                name, security = row.split()
                transport = SmtpTransport(
                    self.account("smtp", getattr(exim, name), security), self.home
                )
                self.say(f"Exim {setup} {row}", wanted, _told(transport.open))
                transport.close()

    def letters(self) -> None:
        """What Exim has against a letter."""
        for setup, wanted in _LETTERS:
            folder = self.next_folder()
            boxes = self.home / f"boxes {folder.name}"
            for user in _users(folder, 4):
                _make_box(boxes / user)
            with Exim(self.root, boxes, **setup) as exim:
                office = type("_", (), {"host": "127.0.0.1", "submission": exim.smtp, "imaps": 1})()
                office.ca = self.root / "ca.pem"
                programme = MailProgramme(folder, office, 4).distribute_forms()
                said = _told(lambda programme=programme: programme.run(send))
                self.say(f"Exim {setup}", wanted, said)

    def boxes(self, kind: type[Courier | Cyrus]) -> None:
        """Connecting and logging in to a server of mailboxes."""
        with kind(self.root, [_USER]) as store:
            for name, security, secret, wanted in _BOX:
                protocol, module = ("imap", imap) if "imap" in name else ("pop3", pop3)
                account = self.account(protocol, getattr(store, name), security)
                os.environ[f"XL_ADDIN_{protocol.upper()}_PASSWORD"] = secret
                said = _told(lambda module=module, account=account: _look(module, account))
                self.say(f"{kind.__name__} {name} {security}", wanted, said)
        os.environ.update(environment_of())
        with kind(self.root, [_USER], certificate=EXPIRED) as store:
            for protocol, module in (("imap", imap), ("pop3", pop3)):
                account = self.account(protocol, getattr(store, protocol), "STARTTLS")
                said = _told(lambda module=module, account=account: _look(module, account))
                self.say(f"{kind.__name__} {protocol}, expired", "过期", said)

    def stores(self) -> None:
        """Servers of mailboxes set up in other ways, somebody else being logged in."""
        for name, setup, row, further, wanted in _STORES:
            port, security = row.split()
            protocol, module = ("imap", imap) if "imap" in port else ("pop3", pop3)
            kind = {"Courier": Courier, "Cyrus": Cyrus}[name]
            with kind(self.root, [_USER], **setup) as store:
                busy = _logged_in(getattr(store, f"{protocol}s"))
                account = self.account(protocol, getattr(store, port), security, **further)
                said = _told(lambda module=module, account=account: _look(module, account))
                self.say(f"{name} {setup} {row} {further}", wanted, said)
                busy.close()

    def course(self, kind: type[Courier | Cyrus]) -> None:
        """A month: forms sent, killed and sent again, returns fetched, receipts, a wrong address; each once."""
        folder = self.next_folder()
        users = _users(folder, 5)
        with kind(self.root, users) as store:
            lmtp = store.lmtp if kind is Cyrus else 0
            with Exim(self.root, store.boxes, lmtp=lmtp) as exim:
                office = _Office(exim, store, self.root / "ca.pem")
                settings = {"mail_receipts": "是", "imap_taken": "已取"}
                programme = MailProgramme(folder, office, 5, **settings).distribute_forms()
                title = f"Exim and {kind.__name__}"
                programme.edit({"区县名录": {(9, 4): f"gone.{programme.name}@d.test"}})
                for _ in range(2):
                    said = _told(lambda: programme.run(send))
                self.say(f"{title}, sent", "以前发过 5 封", said)
                sent = [len(_waited(office, programme.box(d), 1)) for d in programme.districts[:4]]
                self.say(f"{title}, letters in each box", "[1, 1, 1, 1]", str(sent))
                for district in programme.districts[:3]:
                    _reply(office, self.root, programme, district)
                _waited(office, programme.hq, 5 + 3 + 1)  # own copies, returns, a bounce
                said = _told(lambda: programme.run(fetch))
                self.say(f"{title}, fetched", "已通过 3；", said)
                bounced = programme.query(
                    "SELECT state FROM sending_states ORDER BY id DESC LIMIT 1"
                )
                self.say(f"{title}, bounce", "bounced", str(bounced))
                said = _told(lambda: programme.run(fetch))
                self.say(f"{title}, fetched again", "新取 0 封", said)
                for _ in range(2):
                    said = _told(lambda: programme.run(return_))
                self.say(f"{title}, receipts", "以前发过 3 封", said)
                got = [len(_waited(office, programme.box(d), 2)) for d in programme.districts[:3]]
                self.say(f"{title}, letters and receipts", "[2, 2, 2]", str(got))

    def kills(self, kind: type[Courier | Cyrus]) -> None:
        """Sending and fetching killed at random and begun again; each letter and each return once."""
        folder, dice = self.next_folder(), random.Random(7)
        users = _users(folder, 12)
        with kind(self.root, users) as store:
            lmtp = store.lmtp if kind is Cyrus else 0
            with Exim(self.root, store.boxes, lmtp=lmtp) as exim:
                office = _Office(exim, store, self.root / "ca.pem")
                programme = MailProgramme(folder, office, 12, mail_pace=120).distribute_forms()
                title = f"Exim and {kind.__name__}"
                killed = sum(_killed(programme, "send", dice.uniform(0.3, 1.5)) for _ in range(9))
                said = _pressed(programme, "send")
                self.say(f"{title}, sent after {killed} kills", "以前发过", said)
                # One killed at its last byte waits for its copy to turn up.
                doubtful = re.search(r"不确定 (\d+) 封", said)
                left = 12 - int(doubtful[1] if doubtful else 0)
                got = [len(_waited(office, programme.box(d), 1)) for d in programme.districts]
                self.say(
                    f"{title}, {left} letters, none twice", f"{left} 1", f"{sum(got)} {max(got)}"
                )
                for district in programme.districts:
                    _reply(office, self.root, programme, district)
                _waited(office, programme.hq, left + 12)
                _fill(store, programme.hq, _STRANGERS)
                killed = sum(_killed(programme, "fetch", dice.uniform(0.4, 2)) for _ in range(6))
                with _Ended(store, dice):  # and its server's processes
                    said = _pressed(programme, "fetch")
                self.say(
                    f"{title}, fetched after {killed} kills and with its server's",
                    "已通过 12",
                    said,
                )
                began = time.monotonic()
                said = _pressed(programme, "fetch")
                took = time.monotonic() - began
                self.say(f"{title}, fetched again in {took:.1f} s", "新取 0 封", said)
                said = str(
                    programme.query("SELECT COUNT(*), COUNT(DISTINCT district) FROM receipts")
                )
                self.say(f"{title}, receipts", "[(12, 12)]", said)

    def states(self, kind: type[Courier | Cyrus]) -> None:
        """Mailboxes that are full, may only be read or are numbered anew."""
        folder = self.next_folder()
        users = _users(folder, 4)
        small = f"small.{name_of(folder)}@d.test"
        with kind(self.root, [*users, small]) as store:
            lmtp = store.lmtp if kind is Cyrus else 0
            with Exim(self.root, store.boxes, lmtp=lmtp) as exim:
                office = _Office(exim, store, self.root / "ca.pem")
                programme = MailProgramme(folder, office, 4, imap_taken="已取").distribute_forms()
                programme.edit({"区县名录": {(5, 4): small}})
                title = f"Exim and {kind.__name__}"
                _limit(store, small)
                self.say(
                    f"{title}, one box full", "已发送 4 封", _told(lambda: programme.run(send))
                )
                _waited(office, programme.hq, 4 + 1)
                said = _told(lambda: programme.run(fetch))
                self.say(f"{title}, one box full, fetched", "请收信人清理邮箱", said)
                for what, district in zip(_STATES, programme.districts[1:], strict=True):
                    before = len(office.messages(programme.hq))
                    _reply(office, self.root, programme, district)
                    _waited(office, programme.hq, before + 1)
                    _STATES[what](store, programme.hq)
                    for wanted in ("已通过 1", "新取 0 封"):
                        said = _told(lambda: programme.run(fetch))
                        self.say(f"{title}, our own box {what}", wanted, said)
                    _free(store, programme.hq)


_NO_RIGHTS, _ALL_RIGHTS = "lr", "lrswipkxtecdan"


def _limit(store: Store, user: str) -> None:
    """Let a mailbox hold 10 kB."""
    if isinstance(store, Cyrus):
        with store.session(user):
            pass  # the first login makes the mailbox
        with store.session("cyrus") as box:
            box.setquota(f"user/{user}", "(STORAGE 10)")
    elif not user.startswith("small"):  # Exim itself knows of those
        path = store.boxes / user / "Maildir/maildirsize"
        path.write_text("10240S\n")
        os.chown(path, _NOBODY, _NOGROUP)


def _forbid(store: Store, user: str) -> None:
    """Let the owner of a mailbox only read; Courier leaves owners their rights, whatever is set."""
    if isinstance(store, Cyrus):
        with store.session("cyrus") as box:
            box.setacl(f"user/{user}", user, _NO_RIGHTS)


def _free(store: Store, user: str) -> None:
    """Take limits away."""
    if isinstance(store, Cyrus):
        with store.session("cyrus") as box:
            box.setquota(f"user/{user}", "()")
            box.setacl(f"user/{user}", user, _ALL_RIGHTS)
    else:
        (store.boxes / user / "Maildir/maildirsize").unlink(missing_ok=True)


def _number_anew(store: Store, user: str) -> None:
    """Have a server forget by which numbers it calls the mails in a mailbox."""
    if isinstance(store, Cyrus):
        home = f"$(/usr/lib/cyrus/bin/mbpath user/{user} | head -1)"
        store.run(
            f"rm -f {home}/cyrus.index; /usr/lib/cyrus/bin/reconstruct -r user/{user} >/dev/null 2>&1"
        )
    else:
        (store.boxes / user / "Maildir/courierimapuiddb").unlink(missing_ok=True)


_STATES: dict[str, Callable[[Store, str], None]] = {
    "full": _limit,
    "only to be read": _forbid,
    "numbered anew": _number_anew,
}


def _fill(store: Store, user: str, count: int) -> None:
    """Private mails of strangers."""
    if isinstance(store, Cyrus):
        with smtplib.LMTP("127.0.0.1", store.lmtp) as wire:
            for mail in strangers(count):
                wire.sendmail("", [user], mail)
        return
    for number, mail in enumerate(strangers(count)):
        path = store.boxes / user / f"Maildir/new/{int(time.time())}.{number}.x,S={len(mail)}"
        path.write_bytes(mail)
        os.chown(path, _NOBODY, _NOGROUP)


class _Ended:
    """While it lasts, a server's processes for mailboxes are ended now and then."""

    def __init__(self, store: Store, dice: random.Random) -> None:
        self._store, self._dice, self._over = store, dice, threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.count = 0

    def _work(self) -> None:
        while self.count < 2 and not self._over.wait(self._dice.uniform(0.1, 0.6)):
            for process in self._store.processes("imapd"):
                os.kill(process, signal.SIGTERM)
                self.count += 1

    def __enter__(self) -> _Ended:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        print(f"    ({self.count} processes of the server ended)")


def _command(programme: MailProgramme, verb: str) -> list[str]:
    where = ["--folder", str(programme.folder), "--month", MONTH]
    return [sys.executable, "-m", "xl_addin", verb, *where]


def _killed(programme: MailProgramme, verb: str, after: float) -> bool:
    """Press a button and kill what it does so many seconds later; whether it was still at work."""
    with subprocess.Popen(
        _command(programme, verb), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
    return False


def _pressed(programme: MailProgramme, verb: str) -> str:
    done = subprocess.run(_command(programme, verb), capture_output=True, text=True, check=False)
    said = [line for line in done.stdout.split("\n") if line.startswith(MONTH)]
    return "；".join(said) or done.stdout + done.stderr


def _reply(office: _Office, root: Path, programme: MailProgramme, district: object) -> None:
    data = letter(programme.box(district), ("表.xlsx", programme.filled(district)))
    with smtplib.SMTP("127.0.0.1", office.submission) as session:
        session.starttls(context=ssl.create_default_context(cafile=root / "ca.pem"))
        session.login(programme.box(district), PASSWORD)
        session.sendmail(programme.box(district), [programme.hq], data)


def _waited(office: _Office, address: str, count: int) -> list[bytes]:
    end = time.monotonic() + _SECONDS
    while len(found := office.messages(address)) < count and time.monotonic() < end:
        time.sleep(0.3)
    return found


def _logged_in(port: int) -> socket.socket:
    """Somebody else's session at a port that is encrypted at once: as ``_USER``, until it is closed."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    end = time.monotonic() + _SECONDS
    while True:
        try:
            wire = context.wrap_socket(socket.create_connection(("127.0.0.1", port), _SECONDS))
            break
        except OSError:  # the last that asked whether it listens still counts as a session
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
    greeting = wire.recv(1000)
    said = [f"a LOGIN {_USER} {PASSWORD}"]
    if greeting.startswith(b"+OK"):
        said = [f"USER {_USER}", f"PASS {PASSWORD}"]
    for line in said:
        wire.sendall(f"{line}\r\n".encode())
        wire.recv(1000)
    return wire


def _look(module: ModuleType, account: Account) -> str:
    with module.open_folder(account) as box:
        return f"OK {sum(len(batch) for batch in box.listings())}"


def _told(what: Callable[[], object]) -> str:
    try:
        found = what()
    except Refused as refusal:
        return "；".join([refusal.message, *(each.message for each in refusal.problems)])
    except (TransientFailure, ConnectionLost, MailboxDisconnected) as later:
        return f"{type(later).__name__} {later}"
    if isinstance(found, Result):
        details = {each["detail"] for each in found.data.get("letters", ()) if each["detail"]}
        details |= {p["message"] for r in found.data.get("returns", ()) for p in r["problems"]}
        clean = "OK " if found.clean else ""
        return f"{clean}{'；'.join([found.outcome, *found.lines, *details])}"
    return str(found or "OK")


def _users(folder: Path, count: int) -> list[str]:
    name = name_of(folder)
    return [f"{name}@hq.test", *(f"d5002{n:02d}.{name}@d.test" for n in range(1, count + 1))]


def _make_box(home: Path) -> None:
    for part in ("", "Maildir", "Maildir/new", "Maildir/cur", "Maildir/tmp"):
        (home / part).mkdir(parents=True, exist_ok=True)
        os.chown(home / part, _NOBODY, _NOGROUP)


def main(where: str, *wanted: str) -> int:
    """Try everything, or what is named; 1 where a message was not right."""
    root = unpacked(Path(where))
    os.environ.update(environment_of())
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o711)
        trials = _Trials(root, Path(home))
        for name in wanted or ("course", "kills", "states", "doors", "letters", "boxes", "stores"):
            trial = getattr(trials, name)
            if name in ("course", "kills", "states", "boxes"):
                for kind in (Courier, Cyrus):
                    trial(kind)
            else:
                trial()
    print(f"{trials.wrong} not right")
    return min(trials.wrong, 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
