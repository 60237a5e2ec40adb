"""An offline bundle from its making to its removal: on Linux without a network, and in Wine's cmd on Windows' Python.

Proves also services/own_wheel.py, services/packing.py, verbs/bundle.py. The wheels are made again of what
is installed here, so that pip needs no index.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pip
import pytest

from tests.data.make_workbooks import MASTER as SHIPPED
from tests.tools.programme import task_table
from tests.tools.wheels import repack
from tests.tools.windows.wine import Wine
from xl_addin import __version__, cli, installer
from xl_addin.master.host.file import FileHost
from xl_addin.master.macros import binding
from xl_addin.model.commands import Verb
from xl_addin.model.folder import MASTER
from xl_addin.services import packing
from xl_addin.services.own_wheel import about, build_own_wheel, write_wheel
from xl_addin.system.errors import Refused
from xl_addin.system.resources import bundle_path

pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")

PYTHON = ".".join(map(str, sys.version_info[:2]))
WINDOWS, LINUX = "Windows-x64", "Linux-x64" if platform.machine() == "x86_64" else "Linux-arm64"
NOTHING, YES, NO = "", "是", "不是"
ON_WINDOWS_ALONE = ("pywin32", "pywin32-ctypes", "tzdata", "colorama")


def make_bundle(folder: Path, site: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle for one platform and this Python, unpacked; a folder with spaces and Chinese in its name."""
    wheels = folder / "wheels"
    wheels.mkdir()
    names = [re.split(r"[^\w.-]", need)[0] for need in about().needs]
    repack(site, wheels, [*names, *ON_WINDOWS_ALONE])
    repack(Path(pip.__file__).parents[1], wheels, ["pip"])
    for name, value in (
        ("NO_INDEX", "1"),
        ("FIND_LINKS", str(wheels)),
        ("CONFIG_FILE", os.devnull),
    ):
        monkeypatch.setenv(f"PIP_{name}", value)
    words = ["--platform", target, "--python", "3.11" if target == WINDOWS else PYTHON]
    assert cli.main(["bundle", str(folder / "out"), *words]) == 0
    sums = (folder / "out" / packing.SUMS).read_text().split()
    archive = folder / "out" / sums[1]
    assert sums[0] == hashlib.sha256(archive.read_bytes()).hexdigest()
    place = folder / "安装 盘"
    place.mkdir()
    zipped = [sys.executable, "-m", "zipfile", "-e", archive, place]
    unpack = zipped if archive.suffix == ".zip" else ["tar", "-xzf", archive, "-C", place]
    subprocess.run(unpack, check=True)
    (unpacked,) = place.iterdir()
    return unpacked


class Linux:
    """A user's account without a network; ``python`` is what stands on its PATH."""

    def __init__(self, home: Path, python: Path = Path(sys.executable).parent) -> None:
        self.home = home
        self.place = home / ".local" / "share" / "xl_addin"
        self.env = {"HOME": str(home), "LANG": "C.UTF-8", "PATH": f"{python}:/usr/bin:/bin"}
        dead = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
        off = ["unshare", "-rn", "true"]
        permitted = subprocess.run(off, capture_output=True).returncode == 0
        self.before = off[:-1] if permitted else []
        self.env |= {} if permitted else dead
        home.mkdir(exist_ok=True)

    def click(self, script: Path, *answers: str, given: str = "") -> tuple[int, str]:
        """Double-click a script and answer; its code and what the window says."""
        words = [*self.before, "bash", str(script), *([given] if given else [])]
        # A terminal, of which each program takes a line at a time; in the end somebody presses Ctrl-D.
        near, far = pty.openpty()
        silent = termios.tcgetattr(far)
        silent[3] &= ~termios.ECHO
        termios.tcsetattr(far, termios.TCSANOW, silent)
        os.write(near, "".join(f"{answer}\n" for answer in answers).encode() + b"\x04" * 5)
        try:
            done = subprocess.run(words, stdin=far, env=self.env, capture_output=True, text=True)
        finally:
            os.close(near)
            os.close(far)
        return done.returncode, done.stdout + done.stderr

    def program(self, *words: str) -> str:
        """What the installed program says."""
        run = [self.place / "xl-addin", *words]
        return subprocess.run(run, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def patches() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory, patches: pytest.MonkeyPatch) -> Path:
    site = Path(str(metadata.distribution("openpyxl").locate_file("")))
    return make_bundle(tmp_path_factory.mktemp("linux"), site, LINUX, patches)


@pytest.fixture
def bundle(packed: Path, tmp_path: Path) -> Path:
    """A bundle that a test may change."""
    return shutil.copytree(packed, tmp_path / "盘" / packed.name, copy_function=os.link)


def replace(path: Path, data: bytes) -> None:
    """Write a file anew, whoever else has it under another name."""
    path.unlink()
    path.write_bytes(data)


@pytest.fixture(scope="module")
def first(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Linux, str]:
    """An account where the bundle was installed once, and what was said."""
    user = Linux(tmp_path_factory.mktemp("first") / "张 三")
    code, said = user.click(packed / "安装.sh", NOTHING, "也许", NO)
    assert code == 0, said
    return user, said


@pytest.fixture
def user(first: tuple[Linux, str], tmp_path: Path) -> Linux:
    """An account where the program is installed."""
    home = shutil.copytree(first[0].home, tmp_path / "李 四", symlinks=True)
    return Linux(home)


@pytest.fixture
def programme(tmp_path: Path) -> Path:
    folder = tmp_path / "任务 2023"
    folder.mkdir()
    shutil.copy(SHIPPED, folder / MASTER)
    return folder


# --- installing ------------------------------------------------------------------------------------------


def test_it_installs_without_a_network_and_says_what_comes_next(first: tuple[Linux, str]) -> None:
    user, said = first
    assert "程序装好了" in said
    assert "请输入 是 或 不是" in said
    assert "再双击一次" in said
    assert user.program("--version") == __version__
    assert sorted(path.name for path in user.place.iterdir()) == ["env", "install.log", "xl-addin"]


def test_again_it_only_binds_what_is_named_and_what_was_bound_before(
    user: Linux, bundle: Path, programme: Path, tmp_path: Path
) -> None:
    code, said = user.click(bundle / "安装.sh", str(tmp_path), f"'{programme / MASTER}'", NOTHING)
    assert (code, "不用再装" in said) == (0, True)
    assert f"{tmp_path}：这里没有 {MASTER}" in said
    assert "按钮和宏" in said
    assert "完成。" in said
    code, said = user.click(bundle / "安装.sh", NOTHING)
    assert f"绑定 {programme / MASTER}" in said


def test_a_master_dropped_on_it_is_bound(user: Linux, bundle: Path, programme: Path) -> None:
    code, said = user.click(bundle / "安装.sh", NOTHING, given=str(programme))
    assert (code, f"绑定 {programme / MASTER}" in said) == (0, True)


def test_without_a_programme_it_asks_the_questions_of_new(
    user: Linux, bundle: Path, tmp_path: Path
) -> None:
    table, folder = tmp_path / "任务表.xlsx", tmp_path / "新 任务"
    task_table(table)
    answers = (str(table), *[NOTHING] * 2, "", str(folder))
    code, said = user.click(bundle / "安装.sh", NOTHING, YES, *answers)
    assert (folder / MASTER).is_file(), said
    assert (code, "完成。" in said) == (0, True)
    assert user.click(bundle / "安装.sh", NOTHING)[1].count(f"绑定 {folder / MASTER}") == 1


def test_a_starter_stands_on_the_desktop_and_goes_with_the_program(
    user: Linux, bundle: Path, programme: Path, tmp_path: Path
) -> None:
    desktop, tools = tmp_path / "桌面", tmp_path / "tools"
    desktop.mkdir()
    tools.mkdir()
    (tools / "xdg-user-dir").write_text(f"#!/bin/sh\necho '{desktop}'\n")
    (tools / "xdg-user-dir").chmod(0o755)
    user.env["PATH"] = f"{tools}:{user.env['PATH']}"
    user.click(bundle / "安装.sh", NOTHING, given=str(programme))
    (starter,) = desktop.iterdir()
    assert f'Exec=xdg-open "{programme / MASTER}"' in starter.read_text()
    user.click(bundle / "移除.sh", YES)
    assert list(desktop.iterdir()) == []


# --- what goes wrong -------------------------------------------------------------------------------------


def test_a_file_that_was_damaged_on_the_way_is_named_and_nothing_is_installed(
    bundle: Path, tmp_path: Path
) -> None:
    user = Linux(tmp_path / "王 五")
    (wheel,) = bundle.glob("files/wheels/openpyxl-*.whl")
    replace(wheel, wheel.read_bytes()[:-1] + b"?")
    code, said = user.click(bundle / "安装.sh")
    assert (code, f"files/wheels/{wheel.name} 和做好时不一样" in said) == (1, True)
    wheel.unlink()
    assert f"缺 files/wheels/{wheel.name}" in user.click(bundle / "安装.sh")[1]
    assert not (user.place / "env").exists()


def test_an_update_that_fails_leaves_the_old_one_working(user: Linux, bundle: Path) -> None:
    (requirements,) = bundle.glob("files/requirements-*.txt")
    data = re.sub(rb"openpyxl==[\d.]+", b"openpyxl==9.9", requirements.read_bytes())
    replace(requirements, data)
    sums = (bundle / packing.SUMS).read_text().splitlines()
    digest = hashlib.sha256(data).hexdigest()
    sums = [f"{digest}  {line[66:]}" if "requirements" in line else line for line in sums]
    replace(bundle / packing.SUMS, "\n".join(sums).encode())
    code, said = user.click(bundle / "安装.sh")
    assert (code, "没有装成" in said, "原来的版本没有动" in said) == (1, True, True)
    assert user.program("--version") == __version__
    assert not (user.place / "env.new").exists()


def test_an_update_that_was_cut_off_is_completed(user: Linux, bundle: Path) -> None:
    (user.place / "env").rename(user.place / "env.old")
    code, said = user.click(bundle / "安装.sh", NOTHING, NO)
    assert (code, "不用再装" in said) == (0, True)


def test_another_version_takes_the_place_of_the_old_one_when_nobody_uses_it(
    user: Linux, bundle: Path
) -> None:
    env = user.place / "env"
    (env / "requirements.txt").write_text("xl_addin==0.5.0\n")
    (info,) = env.glob("lib/**/xl_addin-*.dist-info")
    newer = info.rename(info.with_name("xl_addin-99.0.dist-info"))
    code, said = user.click(bundle / "安装.sh", NOTHING)
    assert (code, "安装包比装着的旧" in said, "没有换" in said) == (1, True, True)
    newer.rename(info.with_name("xl_addin-0.5.0.dist-info"))
    (env / "left over").touch()
    wait = [env / "bin" / "python", "-c", "input()"]
    with subprocess.Popen(wait, stdin=subprocess.PIPE) as old:
        code, said = user.click(bundle / "安装.sh", NOTHING)
        assert f"现在装着 0.5.0，要换成 {__version__}" in said
        assert (code, said.count("程序正在用"), "关闭 Excel 和 WPS" in said) == (1, 2, True)
        assert (env / "left over").exists()
        old.communicate(b"\n")
    code, said = user.click(bundle / "安装.sh", NOTHING, NO)
    assert (code, "程序装好了" in said, (env / "left over").exists()) == (0, True, False)
    assert user.program("--version") == __version__


def test_without_a_python_that_fits_it_says_which_file_to_get_and_takes_it(
    bundle: Path, tmp_path: Path
) -> None:
    user = Linux(tmp_path / "赵 六")
    for requirements in bundle.glob("files/requirements-*.txt"):
        requirements.rename(requirements.with_name("requirements-linux-z80-2.2.txt"))
    code, said = user.click(bundle / "安装.sh")
    machine = platform.machine()
    assert (code, "不能用" in said, "什么也没有装" in said) == (1, True, True)
    assert f"{machine}-unknown-linux-gnu-install_only.tar.gz" in said
    # What it says to get, put where it says.
    (tmp_path / "python" / "bin").mkdir(parents=True)
    own = tmp_path / "python" / "bin" / "python3"
    own.write_text('#!/bin/sh\necho "ran $2 $3"\n')
    own.chmod(0o755)
    name = f"cpython-3.12.11+1-{machine}-unknown-linux-gnu-install_only.tar.gz"
    with tarfile.open(bundle / name, "w:gz") as archive:
        archive.add(tmp_path / "python", "python")
    assert "什么也没有装" in user.click(bundle / "安装.sh", "N")[1]
    code, said = user.click(bundle / "安装.sh", NOTHING)
    assert (code, f"ran {bundle}/files/start.py install" in said) == (0, True)
    assert (user.place / "python" / "bin" / "python3").exists()


def test_what_tells_an_old_python_apart_is_understood_by_it() -> None:
    ast.parse(bundle_path("start.py").read_text(encoding="utf-8"), feature_version=(3, 4))


def test_within_the_archive_it_asks_to_be_unpacked(bundle: Path, tmp_path: Path) -> None:
    alone = tmp_path / "Temp1_xl_addin.zip"
    alone.mkdir()
    shutil.copy(bundle / "安装.sh", alone)
    code, said = Linux(tmp_path / "home").click(alone / "安装.sh")
    assert (code, "请先解压" in said) == (1, True)


# --- removing --------------------------------------------------------------------------------------------


def test_it_removes_itself_and_leaves_programmes_alone(
    user: Linux, bundle: Path, programme: Path
) -> None:
    user.click(bundle / "安装.sh", NOTHING, given=str(programme))
    before = (programme / MASTER).read_bytes()
    code, said = user.click(bundle / "移除.sh", NOTHING)
    assert (code, "没有移除" in said, user.place.exists()) == (0, True, True)
    code, said = user.click(bundle / "移除.sh", YES)
    assert (code, str(programme) in said, user.place.exists()) == (0, True, False)
    assert (programme / MASTER).read_bytes() == before
    code, said = user.click(bundle / "移除.sh", YES)
    assert (code, "没有装过" in said) == (1, True)


# --- on Windows ------------------------------------------------------------------------------------------


def test_the_whole_course_on_windows(
    windows_python: Path, tmp_path: Path, patches: pytest.MonkeyPatch, programme: Path
) -> None:
    wine = Wine(windows_python)
    bundle = make_bundle(tmp_path, wine.site, WINDOWS, patches)
    for script in (*bundle.glob("*.cmd"), bundle / "files" / "run.cmd"):
        lines = script.read_bytes().split(b"\n")
        assert all(line.endswith(b"\r") for line in lines[:-1])
    assert (bundle / "files" / "run.cmd").read_bytes().isascii()
    home = tmp_path / "张 三"
    place = home / "xl_addin"
    home.mkdir()
    alone = tmp_path / "Temp1"
    alone.mkdir()
    shutil.copy(bundle / "安装.cmd", alone)
    code, said = wine.click(alone / "安装.cmd", home)
    assert (code, "请先解压" in said) == (1, True)
    code, said = wine.click(bundle / "安装.cmd", home, python=False)
    assert (code, "python-3.12.10-amd64.exe" in said) == (1, True)
    installer_of_python = bundle / "python-3.12.10-amd64.exe"
    installer_of_python.touch()
    code, said = wine.click(bundle / "安装.cmd", home, "N", python=False)
    assert (code, "装上请直接回车" in said, "什么也没有装" in said) == (1, True, True)
    installer_of_python.unlink()
    code, said = wine.click(bundle / "安装.cmd", home, "D:\\没有", wine.path(programme), NOTHING)
    assert code == 0, said
    assert f"D:\\没有：这里没有 {MASTER}" in said
    host = FileHost(programme / MASTER)
    python = binding.read_binding(host)[binding.WINDOWS]
    assert python == wine.path(place / "env" / "Scripts" / "python.exe")
    with wine.running(place / "env" / "Scripts" / "python.exe"):
        code, said = wine.click(bundle / "移除.cmd", home, YES)
        assert (code, "程序正在用" in said, place.exists()) == (1, True, True)
    before = (programme / MASTER).read_bytes()
    code, said = wine.click(bundle / "移除.cmd", home, YES)
    assert (code, place.exists()) == (0, False), said
    assert (programme / MASTER).read_bytes() == before


def test_the_add_in_of_wps_comes_where_wps_is_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    python = installer.python_in(tmp_path / "env")
    python.parent.mkdir(parents=True)
    for code, told in ((0, False), (2, True)):
        python.write_text(f'#!/bin/sh\necho "$@"; exit {code}\n')
        python.chmod(0o755)
        installer._tell_wps(tmp_path, "install")
        said = capsys.readouterr().out
        assert ("xl_addin wps install" in said, "没有弄好" in said) == (True, told)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(installer, "VERBS", [Verb("wps", "", "")])
    assert installer._has_wps() == Path("/opt/kingsoft").is_dir()
    (tmp_path / ".local" / "share" / "Kingsoft").mkdir(parents=True)
    assert installer._has_wps()
    monkeypatch.setattr(installer, "VERBS", [])
    assert not installer._has_wps()


# --- packing ---------------------------------------------------------------------------------------------


def test_the_own_wheel_is_what_pip_takes_and_the_same_twice(tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()
    wheel = build_own_wheel(tmp_path)
    assert wheel.read_bytes() == build_own_wheel(tmp_path / "two").read_bytes()
    names = set(zipfile.ZipFile(wheel).namelist())
    info = f"xl_addin-{__version__}.dist-info"
    assert {
        f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "licenses/LICENSE")
    } <= names
    assert {"xl_addin/macros/customUI14.xml", "xl_addin/macros/bundle/run.cmd"} <= names
    (found,) = metadata.distributions(path=[str(wheel)])
    assert (found.version, tuple(found.requires or ())) == (__version__, about().needs)


def test_conditions_are_decided_for_the_platform_and_not_for_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = (
        'one; sys_platform == "win32"',
        'two; python_version < "3.12"',
        'three; os_name != "nt"',
    )
    told = about()._replace(needs=(*needs, 'four; platform_machine == "aarch64"'))
    monkeypatch.setattr(packing, "about", lambda: told)
    for name in ("one", "two", "three", "four", "pip"):
        info = f"{name}-1.dist-info"
        files = {
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n".encode(),
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        write_wheel(tmp_path / f"{name}-1-py3-none-any.whl", info, files)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    windows, _, arm = packing.TARGETS
    assert packing.list_needs(windows, "3.11") == ["one 1", "pip 1", "two 1"]
    assert packing.list_needs(arm, "3.12") == ["four 1", "pip 1", "three 1"]
    (tmp_path / "two-1-py3-none-any.whl").unlink()
    with pytest.raises(Refused, match=r"Windows-x64、Python 3\.11：.*pip 没有取到"):
        packing.fetch_wheels(windows, "3.11", tmp_path / "out")


def test_what_looks_for_a_python_knows_every_one_that_is_packed() -> None:
    span = f"{packing.PYTHONS[0]} 到 {packing.PYTHONS[-1]}"
    assert span in bundle_path("no-python.txt").read_text()
    linux, windows = (bundle_path(f"run.{kind}").read_text() for kind in ("sh", "cmd"))
    assert span in linux
    (tried,) = re.findall(r"for %%v in \((.*)\)", windows)
    assert sorted(tried.split()) == sorted(packing.PYTHONS)
    assert all(f" python{each} " in linux for each in packing.PYTHONS)


def test_a_rehearsal_lists_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("xl_addin.verbs.bundle.list_needs", lambda target, _: [target.name])
    words = ["bundle", str(tmp_path / "out"), "--python", "3.12", "--rehearse", "--json"]
    assert cli.main(words) == 0
    needs = json.loads(capfd.readouterr().out)["needs"]
    assert needs == {f"{target.name} 3.12": [target.name] for target in packing.TARGETS}
    assert list(tmp_path.iterdir()) == []
    assert cli.main(["bundle", str(tmp_path), "--platform", "MS-DOS"]) == 2
    assert "可用的有：Windows-x64、Linux-x64、Linux-arm64" in capfd.readouterr().err
