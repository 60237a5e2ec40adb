"""What a double click on 安装 or 移除 of an offline bundle does; runs out of the bundle's own wheel.

Everything lies in one folder of the signed-in user: ``env`` with the program, ``python`` where the bundle
brought one, lists of the programmes that are bound and of the starters on the desktop. An update is made
beside the old one and takes its place at the end, so that one that fails leaves the old one working, under
the path that masters are bound to.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from xl_addin import __version__
from xl_addin.dialogue import clean_path
from xl_addin.error_handler import REFUSED, Failure, attempt
from xl_addin.model.commands import VERBS
from xl_addin.model.folder import MASTER
from xl_addin.model.result import Result
from xl_addin.store.place import has_ledger
from xl_addin.system import held
from xl_addin.system.errors import Refused, in_chinese

WINDOWS = os.name == "nt"
_SUMS = "SHA256SUMS"
_PROGRAMMES, _STARTERS = "programmes.txt", "starters.txt"
_SCRIPTS = "Scripts" if WINDOWS else "bin"
# pip out of its wheel; called otherwise it will not install itself on Windows.
_PIP = (
    "import runpy, sys; sys.path.insert(0, sys.argv[1]); del sys.argv[1]; "
    "runpy.run_module('pip', None, '__main__', True)"
)
# Libraries with compiled parts are seldom missing but stop everything. What is compiled now no click waits for.
_TRIAL = (
    "import compileall, xl_addin.cli, pandas, openpyxl, pyopenvba, xlsxwriter, keyring; "
    "compileall.compile_dir(xl_addin.__path__[0], quiet=2)"
)


_ANSWERS = {"是": "是", "y": "是", "不是": "不是", "不": "不是", "否": "不是", "n": "不是"}


def home() -> Path:
    """Where this user's program lies."""
    if WINDOWS:
        return Path(os.environ["LOCALAPPDATA"]) / "xl_addin"
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "xl_addin"


def python_in(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment / _SCRIPTS / ("python.exe" if WINDOWS else "python")


def main(job: str, bundle: str, given: str) -> int:
    """``install`` or ``remove``; ``given`` is what was dropped on it. 0, or 1 where it was refused and said."""
    work = remove if job == "remove" else lambda: install(Path(bundle), given)
    result = attempt(None, work)
    if isinstance(result, Failure):
        _say(result.message)
        return 1
    return 0


def install(bundle: Path, given: str = "") -> None:
    """Install, update or mend the program, then bind programmes or begin one. Raises Refused."""
    place = home()
    _say(f"xl_addin {__version__}：装在 {place}，只给现在登录的用户用，不要管理员权限，不用上网。")
    _finish_exchange(place)
    requirements = _requirements(bundle)
    if _is_installed(place, requirements):
        _say("这个版本已经装好了，不用再装。")
    else:
        _compare(_installed_version(place))
        _wait_until_unused(place, "更新")
        _install_program(bundle, requirements, place)
    if _has_wps():
        _tell_wps(place, "install")
    bound = _bind_known(place)
    bound = _ask_and_bind(place, given, bound) or bound
    if not bound and _choose("还没有年度任务。现在由任务表建立一个吗", "是") == "是":
        founding = "from xl_addin.installer import found_programme as f; raise SystemExit(f())"
        bound = _run(place, "-c", founding) < REFUSED
    _say(
        "完成。以后打开主表（master.xlsm），在选项卡“年度任务”里点按钮。"
        if bound
        else "程序装好了，还没有主表。要建立年度任务、绑定主表时，再双击一次“安装”。"
    )


# --- the program -------------------------------------------------------------------------------------


def _requirements(bundle: Path) -> Path:
    import sysconfig

    version = ".".join(map(str, sys.version_info[:2]))
    return bundle / "files" / f"requirements-{sysconfig.get_platform()}-{version}.txt"


def _is_installed(place: Path, requirements: Path) -> bool:
    """Whether exactly what the bundle has is here, and runs."""
    try:
        same = held.read_bytes(place / "env" / "requirements.txt") == held.read_bytes(requirements)
    except OSError:
        return False
    return same and not _trial(place / "env")


def _installed_version(place: Path) -> str:
    """The version that is here, empty where there is none."""
    found = (place / "env").glob("[Ll]ib*/**/site-packages/xl_addin-*.dist-info")
    return next((path.stem.removeprefix("xl_addin-") for path in found), "")


def _compare(before: str) -> None:
    """Say what is exchanged for what; an older one only where that is wanted. Raises Refused."""
    if not before:
        return
    _say(f"现在装着 {before}，要换成 {__version__}。")
    ours, theirs = (tuple(map(int, each.split("."))) for each in (__version__, before))
    if ours < theirs and _choose("安装包比装着的旧，还要换吗", "不是") != "是":
        raise Refused("没有换。请用新的安装包")


def _trial(environment: Path) -> str:
    """What the program says when it is started with all its libraries, empty where it runs."""
    try:
        done = subprocess.run(
            [python_in(environment), "-I", "-c", _TRIAL], capture_output=True, check=False
        )
    except OSError as error:
        return in_chinese(error)
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return (said[-1] if said else f"{done.returncode}") if done.returncode else ""


def _install_program(bundle: Path, requirements: Path, place: Path) -> None:
    import venv

    new = place / "env.new"
    _say("正在核对安装包……")
    wheels = _check(bundle, requirements)
    _discard(new)
    _say("正在安装，要一两分钟，请不要关窗口……")
    # No pip in it yet: some systems have venv without ensurepip.
    venv.EnvBuilder(symlinks=not WINDOWS, with_pip=False).create(new)
    copies = new / "wheels"
    copies.mkdir()
    for wheel in wheels:
        # pip reads them from here: the bundle may lie on a share or a stick.
        shutil.copyfile(wheel, copies / wheel.name)
    shutil.copyfile(requirements, new / "requirements.txt")
    pip = next(copies.glob("pip-*.whl"))
    words = [
        "install",
        "--isolated",
        "--no-index",
        "--require-hashes",
        "--no-cache-dir",
        "--no-input",
        "--quiet",
        "--disable-pip-version-check",
        "--no-warn-script-location",
    ]
    log = place / "install.log"
    with log.open("wb") as told:
        done = subprocess.run(
            [
                python_in(new),
                "-I",
                "-c",
                _PIP,
                pip,
                *words,
                "--find-links",
                copies,
                "-r",
                new / "requirements.txt",
            ],
            env=os.environ | {"PIP_CONFIG_FILE": os.devnull},
            stdout=told,
            stderr=subprocess.STDOUT,
            check=False,
        )
    wrong = f"pip 报告 {done.returncode}" if done.returncode else _trial(new)
    if wrong:
        _discard(new)
        kept = "；原来的版本没有动，照常能用" if (place / "env").exists() else ""
        raise Refused(f"没有装成（{wrong}）{kept}。请把 {log} 发给管理员")
    held.remove_tree(copies)
    for path in (new / _SCRIPTS).iterdir():
        # Made for the name it has now.
        if not path.name.startswith("python"):
            held.unlink(path)
    _exchange(place)
    _write_command(place)
    _say("程序装好了。")


def _check(bundle: Path, requirements: Path) -> list[Path]:
    """The wheels of a requirements file; Refused where a file of the bundle is not as it was packed."""
    wheels = {}
    for line in (bundle / _SUMS).read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        path = bundle / name
        if not path.is_file():
            raise Refused(f"安装包不完整，缺 {name}；请重新解压，或重新拷贝一份")
        with held.open_bytes(path) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise Refused(
                    f"安装包里的 {name} 和做好时不一样（校验码不对），没有安装；请重新拷贝一份"
                )
        wheels[digest] = path
    text = requirements.read_text(encoding="utf-8")
    return [wheels[line.rpartition("sha256:")[2]] for line in text.splitlines()]


def _exchange(place: Path) -> None:
    """Put the new environment where the old one is. What is cut off here ``_finish_exchange`` completes."""
    env, old = place / "env", place / "env.old"
    _discard(old)
    try:
        if env.exists():
            held.replace(env, old)
        held.replace(place / "env.new", env)
    except OSError as error:
        raise Refused(
            f"旧版本正在用（{in_chinese(error)}），没有换成新的；请关闭 Excel 和 WPS，再双击一次“安装”"
        ) from None
    _discard(old)


def _discard(folder: Path) -> None:
    """Remove a folder as far as that goes: what is left is removed the next time."""
    with suppress(OSError):
        held.remove_tree(folder)


def _write_command(place: Path) -> None:
    """``xl-addin`` for command prompts, beside the environment."""
    path = place / ("xl-addin.cmd" if WINDOWS else "xl-addin")
    if WINDOWS:
        path.write_text('@"%~dp0env\\Scripts\\python.exe" -I -m xl_addin %*\n', encoding="ascii")
        return
    run = '"$(dirname "$(readlink -f "$0")")/env/bin/python" -I -m xl_addin "$@"'
    path.write_text(f"#!/bin/sh\nexec {run}\n", encoding="ascii")
    path.chmod(0o755)


def _finish_exchange(place: Path) -> None:
    env, old = place / "env", place / "env.old"
    if old.exists() and not env.exists():
        held.replace(old, env)
    place.mkdir(parents=True, exist_ok=True)


def _wait_until_unused(place: Path, doing: str) -> None:
    """Ask to close what uses the program, as often as it is used."""
    while _is_used(place / "env"):
        _say(
            f"程序正在用（主表里有操作没有做完，或者 WPS 的加载项、别的窗口开着），现在不能{doing}。"
            "请等操作做完，关闭 Excel 和 WPS。"
        )
        _ask("关好以后直接回车再试；不做了请关闭这个窗口")


def _is_used(environment: Path) -> bool:
    python = python_in(environment)
    if WINDOWS:
        try:
            # A program that runs cannot be opened for writing.
            with python.open("r+b"):
                return False
        except FileNotFoundError:
            return False
        except PermissionError:
            return True
    return any(line.startswith(bytes(environment / _SCRIPTS)) for line in _command_lines())


def _command_lines() -> Iterator[bytes]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield held.read_bytes(path)
        except OSError:
            continue


# --- programmes --------------------------------------------------------------------------------------


def _bind_known(place: Path) -> bool:
    """Bind the programmes that were bound before and are still there to what is installed now."""
    known = [folder for folder in _lines(place / _PROGRAMMES) if Path(folder, MASTER).is_file()]
    for folder in known:
        _bind(place, Path(folder))
    return bool(known)


def _ask_and_bind(place: Path, given: str, others: bool) -> bool:
    """Bind what was dropped or is named, until nothing more is; whether any was."""
    bound = False
    while True:
        more = "还有别的主表要绑定，就" if others or bound else "已经有主表的，"
        text = given or _ask(f"{more}把 {MASTER} 或任务文件夹拖进来，回车；没有就直接回车")
        given = ""
        if not text:
            return bound
        path = clean_path(text)
        folder = path.parent if path.name.lower() == MASTER else path
        if (folder / MASTER).is_file():
            bound = _bind(place, folder.absolute()) or bound
        else:
            _say(f"  {path}：这里没有 {MASTER}；请拖任务文件夹里的 {MASTER}，或任务文件夹本身")


def _bind(place: Path, folder: Path) -> bool:
    """``attach`` a master with the installed program, and remember it."""
    _say(f"绑定 {folder / MASTER} ……")
    if _run(place, "-m", "xl_addin", "attach", "--folder", str(folder)) >= REFUSED:
        _say("  没有绑定；请照上面说的做好以后，再双击一次“安装”")
        return False
    _remember(place / _PROGRAMMES, str(folder))
    putting = "import sys; from xl_addin.installer import put_starter as p; p(sys.argv[1])"
    _run(place, "-c", putting, str(folder))
    return True


def found_programme() -> int:
    """Ask the questions of ``new`` and remember what came of it; runs in what is installed."""
    from xl_addin import error_handler
    from xl_addin.cli import carry_out
    from xl_addin.dialogue import ask_new

    folder = Path()

    def work() -> Result:
        nonlocal folder
        folder, request = ask_new()
        verb = next(verb for verb in VERBS if verb.name == "new")
        return carry_out(verb, folder, request, as_json=False)

    code = error_handler.run("new", Path(), False, work)
    if has_ledger(folder):
        _remember(home() / _PROGRAMMES, str(folder))
        put_starter(str(folder))
    return code


def put_starter(folder: str) -> None:
    """A starter on the desktop that opens a programme's master. Never fails: it is a convenience."""
    master = Path(folder, MASTER)
    try:
        path = _shortcut(master) if WINDOWS else _desktop_entry(master)
    except Exception as error:
        _say(f"  桌面上没有放快捷方式（{error}）；主表在 {master}")
        return
    _remember(home() / _STARTERS, str(path))
    _say(f"桌面上放了“{path.stem}”，双击打开主表。")


def _shortcut(master: Path) -> Path:
    from importlib import import_module

    pythoncom, shell = import_module("pythoncom"), import_module("win32com.shell.shell")
    shellcon = import_module("win32com.shell.shellcon")
    desktop = Path(shell.SHGetFolderPath(0, shellcon.CSIDL_DESKTOPDIRECTORY, None, 0))
    path = desktop / f"{master.parent.name}.lnk"
    link = pythoncom.CoCreateInstance(
        shell.CLSID_ShellLink, None, pythoncom.CLSCTX_INPROC_SERVER, shell.IID_IShellLink
    )
    link.SetPath(str(master))
    link.SetWorkingDirectory(str(master.parent))
    link.QueryInterface(pythoncom.IID_IPersistFile).Save(str(path), 0)
    return path


def _desktop_entry(master: Path) -> Path:
    asked = subprocess.run(
        ["xdg-user-dir", "DESKTOP"],  # noqa: S607 - where each system has it
        capture_output=True,
        text=True,
        check=True,
    )
    path = Path(asked.stdout.strip()) / f"{master.parent.name}.desktop"
    escaped = str(master).replace("\\", r"\\").replace('"', r"\"").replace("%", "%%")
    path.write_text(
        "[Desktop Entry]\nType=Application\nIcon=x-office-spreadsheet\n"
        f'Name={master.parent.name}\nExec=xdg-open "{escaped}"\n',
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path


def _has_wps() -> bool:
    """Whether WPS was ever opened by this user, or is installed, and the program knows what to do about it."""
    if all(verb.name != "wps" for verb in VERBS):
        return False
    if WINDOWS:
        return Path(os.environ.get("APPDATA", ""), "kingsoft").is_dir()
    there = (Path.home() / ".local" / "share" / "Kingsoft", Path("/opt/kingsoft"))
    return any(path.is_dir() for path in there)


def _tell_wps(place: Path, job: str) -> None:
    """Add or remove the add-in for WPS; what comes of it keeps nothing else from being done."""
    words: list[str | Path] = [python_in(place / "env"), "-I", "-X", "utf8"]
    words += ["-m", "xl_addin", "wps", job]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    _say(f"WPS：{done.stdout.decode(errors='replace').strip()}")
    if done.returncode >= REFUSED:
        _say("  WPS 的加载项没有弄好（原因见上一行），别的都不受影响。")


# --- removing ----------------------------------------------------------------------------------------


def remove() -> None:
    """Take away the program and its starters; programmes stay as they are. Raises Refused."""
    place = home()
    if not place.exists():
        raise Refused(f"没有装过：{place} 不在，没有要移除的")
    folders = _lines(place / _PROGRAMMES)
    _say(f"要移除 {place} 里的程序和桌面上的快捷方式。任务文件夹（主表、底账、归档）一个也不动：")
    for folder in folders:
        _say(f"  {folder}")
    if _choose("现在移除吗", "不是") != "是":
        _say("没有移除。")
        return
    _wait_until_unused(place, "移除")
    if _has_wps() and python_in(place / "env").exists():
        _tell_wps(place, "remove")
    for starter in _lines(place / _STARTERS):
        held.unlink(starter)
    # Out of which we may be running: who started us takes it away.
    own = place / "python"
    for path in (each for each in place.iterdir() if each != own):
        held.remove_tree(path) if path.is_dir() else held.unlink(path)
    if not own.exists():
        held.patiently(place.rmdir)
    _say("移除了。主表里的数都在；按钮要等再装一次程序才能用。保存过的邮箱密码还在系统的密码库里。")


# --- small things ------------------------------------------------------------------------------------


def _run(place: Path, *words: str) -> int:
    """Run the installed Python in this window."""
    sys.stdout.flush()
    return subprocess.run([python_in(place / "env"), "-I", *words], check=False).returncode


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _remember(path: Path, line: str) -> None:
    known = _lines(path)
    if line not in known:
        path.write_text("\n".join((*known, line, "")), encoding="utf-8")


def _choose(question: str, proposed: str) -> str:
    while True:
        text = _ask(f"{question}（是、不是）[{proposed}]") or proposed
        answer = _ANSWERS.get(text.lower())
        if answer:
            return answer
        _say("  请输入 是 或 不是，或者直接回车")


def _ask(question: str) -> str:
    try:
        return input(f"{question}：").strip()
    except (KeyboardInterrupt, EOFError):
        raise Refused("\n到这里停下了；已经做好的都在，再双击一次会接着做") from None


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201
