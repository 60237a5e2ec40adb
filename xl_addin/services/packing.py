"""Offline bundles: for each platform the program with all it needs, and what installs it by a double click."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

from xl_addin import __version__
from xl_addin.services.own_wheel import about
from xl_addin.system import held
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple
from xl_addin.system.resources import bundle_path

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SUMS = "SHA256SUMS"


class Target(NamedTuple):
    """A kind of computer: ``platform`` as sysconfig says it, ``tags`` of wheels that run there.

    ``markers`` is what decides there about conditions of requirements, beside Python's version.
    """

    name: str
    platform: str
    tags: tuple[str, ...]
    markers: Mapping[str, str]


def _linux(name: str, machine: str) -> Target:
    # The C library of UOS 20 is 2.28, of Kylin V10 2.28 or 2.31; pip wants each older tag named.
    tags = tuple(f"manylinux_2_{minor}_{machine}" for minor in range(28, 16, -1))
    markers = {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"}
    return Target(
        name,
        f"linux-{machine}",
        (*tags, f"manylinux2014_{machine}"),
        markers | {"platform_machine": machine},
    )


TARGETS = (
    Target(
        "Windows-x64",
        "win-amd64",
        ("win_amd64",),
        {
            "sys_platform": "win32",
            "os_name": "nt",
            "platform_system": "Windows",
            "platform_machine": "AMD64",
        },
    ),
    _linux("Linux-x64", "x86_64"),
    _linux("Linux-arm64", "aarch64"),
)

# pip asks for files of another platform, but decides about conditions (sys_platform == "win32") by its own.
_FOR_TARGET = """
import json, sys
from pip._vendor.packaging import markers, requirements
target, here = json.loads(sys.argv.pop(1)), markers.default_environment()
markers.default_environment = lambda: {**here, **target}
for name, value in target.items():
    if not requirements.Requirement(f'x; {name} == "{value}"').marker.evaluate():
        sys.exit("pip decides about conditions in a way that is not known here")
from pip._internal.cli.main import main
sys.exit(main())
"""


def fetch_wheels(target: Target, python: str, folder: Path) -> list[Path]:
    """Download everything that the program needs on a platform with a Python, and pip itself. Refused."""
    folder.mkdir(parents=True, exist_ok=True)
    _run_pip(target, python, ("download", "--dest", str(folder)))
    return [folder / name for name in held.names(folder) if name.endswith(".whl")]


def list_needs(target: Target, python: str) -> list[str]:
    """Names and versions of what ``fetch_wheels`` would download, without downloading it. Refused."""
    given = (
        "install",
        "--dry-run",
        "--ignore-installed",
        "--target",
        tempfile.gettempdir(),
        "--report",
        "-",
    )
    report = json.loads(_run_pip(target, python, given))
    told = (item["metadata"] for item in report["install"])
    return sorted(f"{each['name']} {each['version']}" for each in told)


def _run_pip(target: Target, python: str, command: Sequence[str]) -> bytes:
    markers = {**target.markers, "python_version": python, "python_full_version": f"{python}.0"}
    words = (
        *command,
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "--only-binary=:all:",
        "--implementation=cp",
        f"--python-version={python}",
        *(f"--platform={tag}" for tag in target.tags),
        *about().needs,
        "pip",
    )
    run = [sys.executable, "-c", _FOR_TARGET, json.dumps(markers), *words]
    done = subprocess.run(run, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        said = [line for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
        raise Refused(
            f"{target.name}、Python {python}：pip 没有取到全部程序包（{said[-1] if said else done.returncode}）；"
            "请检查能不能上网，或 pip 的镜像设置，再做一次"
        )
    return done.stdout


class Bundle:
    """What one archive holds: wheels of one platform for several Pythons, each kept once."""

    def __init__(self, target: Target, own: Path) -> None:
        self.target = target
        self._own = own
        self._files: dict[str, bytes] = {}
        self._add_scripts()

    def add(self, python: str, wheels: Iterable[Path]) -> None:
        """The wheels for one Python, with the requirements that pip holds them against."""
        lines = []
        for wheel in (self._own, *wheels):
            name, version = wheel.name.split("-")[:2]
            data = held.read_bytes(wheel)
            self._files[f"files/wheels/{wheel.name}"] = data
            lines.append(f"{name}=={version} --hash=sha256:{hashlib.sha256(data).hexdigest()}\n")
        name = f"files/requirements-{self.target.platform}-{python}.txt"
        self._files[name] = "".join(sorted(lines)).encode()

    def _add_scripts(self) -> None:
        windows = self.target.platform.startswith("win")
        kind = "cmd" if windows else "sh"
        for name, job in (("安装", "install"), ("移除", "remove")):
            text = _script(f"entry.{kind}").replace("{job}", job)
            self._files[f"{name}.{kind}"] = _lines_of(text, windows=windows)
        self._files["图解.html"] = _script("guide.html").encode()
        texts = ("offer.txt", "no-python.txt") if windows else ()
        for name in (f"run.{kind}", "start.py", *texts):
            self._files[f"files/{name}"] = _lines_of(_script(name), windows=windows)

    def write(self, folder: Path) -> Path:
        """Write the archive into a folder: a .zip for Windows, elsewhere .tar.gz, which keeps what may be run."""
        sums = "".join(
            f"{hashlib.sha256(data).hexdigest()}  {name}\n"
            for name, data in sorted(self._files.items())
        )
        stem = f"xl_addin-{__version__}-{self.target.name}"
        files = {
            f"{stem}/{name}": data for name, data in {**self._files, SUMS: sums.encode()}.items()
        }
        if self.target.platform.startswith("win"):
            path = folder / f"{stem}.zip"
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                for name, data in files.items():
                    archive.writestr(name, data)
            return path
        now = int(time.time())
        path = folder / f"{stem}.tar.gz"
        with tarfile.open(path, "w:gz", compresslevel=1) as archive:
            for name, data in files.items():
                entry = tarfile.TarInfo(name)
                entry.size, entry.mtime = len(data), now
                entry.mode = 0o755 if name.endswith(".sh") else 0o644
                archive.addfile(entry, BytesIO(data))
        return path


@cache
def _script(name: str) -> str:
    return bundle_path(name).read_text(encoding="utf-8")


def _lines_of(text: str, *, windows: bool) -> bytes:
    """A text with the line ends that its system wants."""
    return text.replace("\n", "\r\n" if windows else "\n").encode()
