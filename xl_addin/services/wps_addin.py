"""The add-in for WPS as it lies on this computer: its folder among WPS's add-ins, and its line in their lists.

WPS reads ``publish.xml`` (older versions ``jsplugins.xml``) beside the folders of its add-ins and loads those of
this computer from their files. Entries of others are not ours to touch: ours is put in and taken out of
the text, every other byte stays.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from xl_addin.master.macros.ribbonxml import SHEET_BUTTON, pictures, ribbon_xml, wps_ribbon
from xl_addin.system import atomic, held, resources
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

NAME, TITLE = "xl-addin", "年度任务"
VERSION = "1.0.0"
"""Of what page and program say to each other. It names the folder, by which WPS keeps whether it is trusted."""
FOLDER = f"{NAME}_{VERSION}"
LISTS = ("publish.xml", "jsplugins.xml")
SESSION, LOCK = "session.json", "serve.lock"
STARTER = "start.sh"
WAITING = "waiting\n"
_RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
_PAGES = ("index.html", "main.js")
_EMPTY = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<jsplugins>\n</jsplugins>\n'
ENTRY = (
    f'<jsplugin name="{NAME}" type="et" url="{FOLDER}" version="{VERSION}" '
    'enable="enable_dev" install="null" customDomain=""/>'
)
"""Our line in a list."""
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<JsPlugin>\n  <ApiVersion>1.0.0</ApiVersion>\n'
    f"  <Name>{NAME}</Name>\n  <Description>{TITLE}</Description>\n</JsPlugin>\n"
)
_TAG = re.compile(rb"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")


def addins_folder(platform: str = sys.platform, variables: Mapping[str, str] = os.environ) -> Path:
    """Where WPS keeps the add-ins of this user. Raises Refused where there is none that is known."""
    if platform == "win32":
        roaming = variables.get("APPDATA")
        home = Path(roaming) if roaming else Path.home() / "AppData" / "Roaming"
        return home / "kingsoft" / "wps" / "jsaddons"
    if platform.startswith("linux"):
        home = Path(variables.get("HOME") or Path.home())
        return home / ".local" / "share" / "Kingsoft" / "wps" / "jsaddons"
    raise Refused("WPS 加载项只在 Windows 和 Linux（麒麟、统信）上能装；这台电脑请用 Excel 的按钮")


def installed_folder() -> Path:
    """The add-in's folder. Raises Refused where it is not installed, or others may write to it."""
    folder = addins_folder() / FOLDER
    if not (folder / "installed.js").is_file():
        raise Refused("WPS 加载项还没有装上；请先运行 xl-addin wps install")
    _refuse_if_shared(folder)
    return folder


def _refuse_if_shared(folder: Path) -> None:
    """Refuse a folder that is not this user's alone: what lies in it runs inside WPS."""
    if os.name != "posix":
        return
    about = folder.lstat()
    if stat.S_ISLNK(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o077:
        raise Refused(
            f"{folder}：这个文件夹别人也能改或能看，加载项放在里面不安全；"
            "请把它删掉，再运行 xl-addin wps install"
        )


# --- its files -------------------------------------------------------------------------------------


def _files(executable: str) -> dict[str, tuple[bytes, int]]:
    """Bytes and rights of each file, by its path below the folder."""
    ribbon = wps_ribbon()
    files = {name: (held.read_bytes(resources.macro_path(f"wps/{name}")), 0o600) for name in _PAGES}
    files["ribbon.xml"] = ribbon, 0o600
    files["manifest.xml"] = _MANIFEST.encode(), 0o600
    files["installed.js"] = _installed(executable), 0o600
    files |= {f"images/{name}.png": (data, 0o600) for name, data in pictures(ribbon_xml()).items()}
    if os.name == "posix":
        files[STARTER] = _starter(executable), 0o700
    return files


def _installed(executable: str) -> bytes:
    """What the page has to know of this installation."""
    from xml.etree import ElementTree as ET

    buttons = {
        each.attrib["id"]: {"label": each.attrib["label"]}
        | ({"block": each.attrib["tag"]} if each.attrib["id"].startswith(SHEET_BUTTON) else {})
        for each in ET.fromstring(ribbon_xml()).iter()  # noqa: S314 - our own
        if each.tag.endswith("}button")
    }
    if os.name == "posix":
        start = [str(addins_folder() / FOLDER / STARTER), ""]
    else:
        start = [_windowless(executable), "-P -m xl_addin.serve"]
    about = {"version": VERSION, "start": start, "buttons": buttons}
    return f"const INSTALLED = {json.dumps(about, indent=1)};\n".encode()


def _starter(executable: str) -> bytes:
    from shlex import quote

    line = f"nohup {quote(executable)} -P -m xl_addin.serve </dev/null >/dev/null 2>&1 &"
    return f"#!/bin/sh\n# Started by the add-in in WPS.\n{line}\n".encode()


def install(executable: str = sys.executable) -> Path:
    """Lay down the add-in and enter it into WPS's lists; where it lies.

    Done again, it brings everything up to date. Raises Refused where a list is not what it should be, before
    anything is changed.
    """
    home = addins_folder()
    lists = {name: with_entry(_read(home / name), home / name) for name in LISTS}
    folder = home / FOLDER
    home.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.name == "posix" and not folder.is_symlink():
        folder.chmod(0o700)
    _refuse_if_shared(folder)
    (folder / "images").mkdir(mode=0o700, exist_ok=True)
    files = _files(executable)
    for name, (data, mode) in files.items():
        _write(folder / name, data, mode)
    for path in held.files_below(folder):
        name = path.relative_to(folder).as_posix()
        if name not in files and name not in (SESSION, LOCK):
            held.unlink(path)
    for name, data in lists.items():
        _write(home / name, data, 0o600)
    return folder


def begin_with_session(executable: str = sys.executable) -> str:
    """Have the program begin to wait when this user signs in, and stay; where that is kept."""
    words = [_windowless(executable), "-P", "-m", "xl_addin.serve", "--stay"]
    if os.name != "posix":
        from subprocess import list2cmdline

        with _run_key() as key:
            _winreg().SetValueEx(key, NAME, 0, _winreg().REG_SZ, list2cmdline(words))
        return rf"HKEY_CURRENT_USER\{_RUN_KEY}"
    path = _autostart()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Desktop Entry Specification, "The Exec key".
    quoted = (re.sub(r'(["`$\\])', r"\\\1", word).replace("%", "%%") for word in words)
    line = " ".join(f'"{word}"' for word in quoted)
    entry = f"[Desktop Entry]\nType=Application\nName={TITLE}\nNoDisplay=true\nExec={line}\n"
    atomic.write(path, entry.replace("\\", "\\\\").encode(), 0o600)
    return str(path)


def _end_with_session() -> bool:
    """Have it begin no more; whether it would have."""
    if os.name != "posix":
        with _run_key() as key, suppress(FileNotFoundError):
            _winreg().DeleteValue(key, NAME)
            return True
        return False
    path = _autostart()
    was = path.exists()
    held.unlink(path)
    return was


def _autostart() -> Path:
    home = Path(os.environ.get("HOME") or Path.home())
    return home / ".config" / "autostart" / f"{NAME}.desktop"


def _winreg() -> Any:
    return import_module("winreg")


def _run_key() -> Any:
    return _winreg().CreateKey(_winreg().HKEY_CURRENT_USER, _RUN_KEY)


def _windowless(executable: str) -> str:
    """Python without a window, where there is one."""
    quiet = Path(executable).with_name("pythonw.exe")
    return str(quiet) if quiet.is_file() else executable


def remove() -> list[str]:
    """Take the add-in and its entries away; what there was of it. Other add-ins stay as they are."""
    home = addins_folder()
    lists = {
        name: (data, without_entry(data, home / name))
        for name in LISTS
        if (data := _read(home / name))
    }
    gone = []
    for name, (before, after) in lists.items():
        if after != before:
            gone.append(str(home / name))
            _write(home / name, after, 0o600)
    if (home / FOLDER).is_dir() and not (home / FOLDER).is_symlink():
        remove_session(home / FOLDER)  # a program that waits ends by it
        for path in held.files_below(home / FOLDER):
            held.unlink(path)
        held.remove_tree(home / FOLDER)
        gone.append(str(home / FOLDER))
    return [*gone, "开机自动启动"] if _end_with_session() else gone


def _read(path: Path) -> bytes:
    try:
        return held.read_bytes(path)
    except FileNotFoundError:
        return b""


def _write(path: Path, data: bytes, mode: int) -> None:
    """Write a file whole where it is not that already; one that is there keeps its rights."""
    with suppress(FileNotFoundError):
        if held.read_bytes(path) == data:
            return
        if path.suffix == ".xml" and path.name in LISTS:
            mode = stat.S_IMODE(path.stat().st_mode)
    atomic.write(path, data, mode)


# --- the lists of WPS ------------------------------------------------------------------------------


def with_entry(data: bytes, path: Path) -> bytes:
    """A list with our entry at its end, every other byte as it was. Raises Refused where it is no list."""
    if not data.strip():
        data = _EMPTY.encode()
    entries, end, closed = _entries(data, path)
    if len(entries) == 1 and data[slice(*entries[0])] == ENTRY.encode():
        return data
    data = without_entry(data, path)
    _, end, closed = _entries(data, path)
    line = b"  " + ENTRY.encode() + b"\n"
    if closed:  # <jsplugins/>
        start = data.rindex(b"<", 0, end)
        return data[:start] + b"<jsplugins>\n" + line + b"</jsplugins>" + data[end:]
    return data[:end] + line + data[end:]


def without_entry(data: bytes, path: Path) -> bytes:
    """A list without what is ours, with the line that it stood on."""
    if not data.strip():
        return data
    for start, end in reversed(_entries(data, path)[0]):
        before, after = data[:start], data[end:]
        line = before.rstrip(b" \t")
        if line.endswith(b"\n") and after[:2].lstrip(b"\r")[:1] == b"\n":
            before, after = line, after[after.index(b"\n") + 1 :]
        data = before + after
    return data


def _entries(data: bytes, path: Path) -> tuple[list[tuple[int, int]], int, bool]:
    """Where our entries stand, where another would be put in, and whether the list is one empty tag."""
    from xml.parsers import expat

    parser = expat.ParserCreate()
    depth, ours, begun, root_end = 0, list[tuple[int, int]](), list[int](), [0, False]

    def tag_end(at: int) -> int:
        match = _TAG.match(data, at)
        return match.end() if match else at

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        at = parser.CurrentByteIndex
        if depth == 0 and tag != "jsplugins":
            raise _no_list(path)
        if depth == 1 and attributes.get("name") == NAME:
            begun.append(at)
        depth += 1

    def end(_tag: str) -> None:
        nonlocal depth
        depth -= 1
        at = parser.CurrentByteIndex
        if depth == 1 and begun:
            ours.append((begun.pop(), tag_end(at)))
        if depth == 0:
            closed = not data.startswith(b"</", at)
            root_end[:] = [tag_end(at) if closed else at, closed]

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise _no_list(path) from None
    return ours, int(root_end[0]), bool(root_end[1])


def _no_list(path: Path) -> Refused:
    return Refused(
        f"{path}：不是 WPS 的加载项清单，或者已经损坏，没有改动它；"
        "请在 WPS 里打开一次“开发工具 > 加载项”，让它自己修好，或者把这个文件改名，再运行一次"
    )


# --- how the page finds the program ----------------------------------------------------------------


def write_session(folder: Path, session: Mapping[str, object]) -> None:
    """Say where the program waits, for this user alone."""
    # JSON is no script: a page that somebody opened from a file may load scripts of other files.
    atomic.write(folder / SESSION, json.dumps(session).encode(), 0o600)


def read_session(folder: Path) -> dict[str, Any] | None:
    """What ``write_session`` wrote; None where nothing waits."""
    try:
        found = json.loads(held.read_bytes(folder / SESSION))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def remove_session(folder: Path) -> None:
    """Say that nothing waits."""
    with suppress(OSError):
        held.unlink(folder / SESSION)


# --- how it stands ---------------------------------------------------------------------------------


class Standing(NamedTuple):
    """How the add-in stands. ``listed`` are the lists that name it.

    ``trusted`` is what WPS keeps of its user's answer: True, False, or None where it has not asked yet.
    """

    folder: Path
    is_there: bool
    is_current: bool
    listed: tuple[str, ...]
    trusted: bool | None
    is_waiting: bool


def standing(executable: str = sys.executable) -> Standing:
    """How the add-in stands on this computer. Raises Refused, OSError."""
    home = addins_folder()
    folder = home / FOLDER
    listed = tuple(
        name for name in LISTS if (data := _read(home / name)) and _entries(data, home / name)[0]
    )
    is_there = (folder / "installed.js").is_file()
    current = is_there and all(
        _read(folder / name) == data for name, (data, _) in _files(executable).items()
    )
    return Standing(folder, is_there, current, listed, _trust(home), bool(read_session(folder)))


def _trust(home: Path) -> bool | None:
    """What stands in authaddin.json, whose records are WPS's own: ours is known by its name or place."""
    try:
        kept = json.loads(_read(home / "authaddin.json") or b"null")
    except ValueError:
        return None
    answers = [bool(each["enable"]) for each in _records(kept) if "enable" in each]
    return all(answers) if answers else None


def _records(kept: object, is_ours: bool = False) -> Sequence[dict[str, Any]]:
    """The records that are about our add-in, however deep they stand."""
    if isinstance(kept, list):
        return [found for each in kept for found in _records(each, is_ours)]
    if not isinstance(kept, dict):
        return []
    ours = is_ours or any(
        isinstance(value, str) and (value == NAME or FOLDER in value) for value in kept.values()
    )
    inner = [
        found
        for key, value in kept.items()
        for found in _records(value, ours or FOLDER in key or key == NAME)
    ]
    return [kept, *inner] if ours else inner
