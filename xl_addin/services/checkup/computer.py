"""体检 of the computer: Python and its packages, the office program, paths, disk, clock.

``computer_checks`` gathers the facts; the functions that decide from them can be called anywhere.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PureWindowsPath

from xl_addin.model.folder import ARCHIVE, MASTER
from xl_addin.services.checkup import windows
from xl_addin.services.checkup.runner import FAULT, NOTE, OK, UNKNOWN, Check
from xl_addin.system import held, sandbox
from xl_addin.system.errors import in_chinese
from xl_addin.system.light import pattern

_HERE_NOT = "这台电脑不是 Windows，这一项没有办法检查"
_SPEC = pattern(r"\s*(>=|<=|==|!=|~=|>|<)\s*([0-9][0-9.]*)")
_NEED = pattern(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*\(?([^;()]*)\)?\s*(?:;(.*))?\Z")
# cmd.exe reads these as its own even within quotes, or ends the quotes at them.
_MANGLED = "%&^!\"'`"
_MOST_EXCEL, _MOST_WINDOWS = 218, 259
_CLOUDS = {
    "onedrive": "OneDrive",
    "sharepoint": "SharePoint",
    "wpsdrive": "WPS 云盘",
    "wps云盘": "WPS 云盘",
    "nutstore": "坚果云",
    "坚果云": "坚果云",
    "我的坚果云": "坚果云",
    "dropbox": "Dropbox",
    "icloud": "iCloud",
    "baidunetdisk": "百度网盘",
    "baidusyncdisk": "百度网盘",
    "百度网盘": "百度网盘",
}
_LITTLE, _LEAST = 1 << 30, 100 << 20


def computer_checks(folder: Path) -> Iterator[Check]:
    """Everything about the computer and about where the folder lies."""
    yield from package_checks(*_installed_versions())
    yield office_check(windows.com_server("Excel.Application"), windows.ON_WINDOWS)
    yield bits_check(64 if sys.maxsize > 2**32 else 32, _office_bits(), windows.ON_WINDOWS)
    master = folder / MASTER
    yield origin_check(windows.zone_text(master), master, windows.ON_WINDOWS)
    yield place_check(str(folder), _cloud_roots(os.environ))
    paths = {"任务文件夹": str(folder), "Python": sys.executable, "用户文件夹": str(Path.home())}
    yield from path_checks(paths, windows.ON_WINDOWS)
    yield _disk_check(folder)
    yield limits_check(sandbox.missing_limits())


# --- Python and its packages -----------------------------------------------------------------------


def _installed_versions() -> tuple[str, list[str], dict[str, str]]:
    """What Python is asked for, the requirements, and the versions that are here ("" for none)."""
    from importlib import metadata

    try:
        about = metadata.metadata("xl-addin")
        needs = metadata.requires("xl-addin") or []
    except metadata.PackageNotFoundError:
        return "", [], {}
    versions = {}
    for name, _, _ in filter(None, map(requirement, needs)):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = ""
    return about["Requires-Python"] or "", needs, versions


def requirement(text: str) -> tuple[str, str, str] | None:
    """A requirement as name, versions and condition; None for one that only tests or developers have."""
    match = _NEED.match(text.strip())
    if match is None:
        return None
    name, versions, condition = match[1], match[2].strip(), (match[3] or "").strip()
    if "extra" in condition:
        return None
    return name, versions, condition


def fits(version: str, wanted: str) -> bool:
    """Whether a version is within ``>=3.2,<4``. What is not understood is taken as fitting."""
    have = _numbers(version)
    for sign, text in _SPEC.findall(wanted):
        want = _numbers(text)
        size = max(len(have), len(want))
        one, other = (n + (0,) * (size - len(n)) for n in (have, want))
        right = {
            ">=": one >= other,
            "<=": one <= other,
            ">": one > other,
            "<": one < other,
            "==": one == other,
            "!=": one != other,
        }
        if not right.get(sign, one >= other):
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, match[0].split("."))) if match else ()


def package_checks(
    python: str, needs: Iterable[str], versions: Mapping[str, str], running: str = ""
) -> Iterator[Check]:
    """Python and every package against what the program was installed to ask for."""
    running = running or ".".join(map(str, sys.version_info[:3]))
    where = f"{running}，{sys.executable}"
    if not python:
        says = (
            "找不到 xl-addin 的安装信息，没有核对版本；请双击安装包里的“安装”，或者用 pip 再装一次"
        )
        yield Check("packages", UNKNOWN, "Python 和程序包", where, says)
        return
    if fits(running, python):
        yield Check("python", OK, "Python", where)
    else:
        says = (
            f"需要 {python}；请安装新版本的 Python（python.org），然后关闭主表，双击安装包里的“安装”"
            "（或者再装 xl-addin，运行 xl-addin attach）"
        )
        yield Check("python", FAULT, "Python", where, says)
    wrong = False
    for name, wanted, _ in filter(None, map(requirement, needs)):
        found = versions.get(name, "")
        if not found or not fits(found, wanted):
            wrong = True
            says = f"需要 {name}{wanted}；请双击安装包里的“安装”（或者运行 python -m pip install --upgrade xl-addin）"
            yield Check("package", FAULT, "程序包", f"{name} {found or '没有安装'}", says)
    if not wrong:
        count = sum(requirement(need) is not None for need in needs)
        yield Check("packages", OK, "程序包", f"{count} 个都装好了，版本都符合")


# --- the office program ----------------------------------------------------------------------------


def office_check(server: str, on_windows: bool) -> Check:
    """Who answers when a program asks for Excel; ``server`` is the command line in the registry."""
    subject = "Excel 由谁应答"
    if not on_windows:
        return Check("office", UNKNOWN, subject, "", _HERE_NOT)
    program = server.lower()
    if not server:
        says = (
            "没有登记的 Excel，主表里的按钮在 Excel 里不能用；用 WPS 的请运行 xl-addin wps install，"
            "装过 Excel 的请在“应用和功能”里修复 Office"
        )
        return Check("office", FAULT, subject, "没有程序应答", says)
    if re.search(r"excel\.exe", program):
        return Check("office", OK, subject, server)
    if re.search(r"kingsoft|wps|\bet\.exe|ksolaunch", program):
        says = (
            "WPS 接管了 Excel；用 WPS 的请运行 xl-addin wps install，按钮就在 WPS 里；用 Excel 的，"
            "请打开“WPS 配置工具—高级—兼容设置”，"
            "去掉“WPS Office 兼容第三方系统和软件”，再修复 Office"
        )
        return Check("office", NOTE, subject, server, says)
    says = "不认识这个程序，按钮可能不能用；请修复 Office"
    return Check("office", NOTE, subject, server, says)


def program_of(command: str) -> str:
    """The program's path in a command line of the registry."""
    match = re.match(r'"([^"]+)"|(.+?\.exe)\b', command.strip(), re.IGNORECASE)
    return (match[1] or match[2]) if match else ""


def _office_bits() -> int:
    path = program_of(windows.com_server("Excel.Application"))
    try:
        with held.open_bytes(path) as file:
            return windows.bits_of(file.read(4096))
    except OSError:
        return 0


def bits_check(python: int, office: int, on_windows: bool) -> Check:
    """32 or 64 bits. They need not be alike: Excel is asked as a program of its own."""
    found = f"Python {python} 位" + (f"，Office {office} 位" if office else "")
    if python == 32:
        says = "计算用的程序包已经没有 32 位的了；请安装 64 位的 Python（Office 是 32 位的也可以）"
        return Check("bits", NOTE, "32/64 位", found, says)
    if on_windows and not office:
        return Check("bits", OK, "32/64 位", f"{found}；Office 的位数没有查到")
    return Check("bits", OK, "32/64 位", found)


def origin_check(zone: str, master: Path, on_windows: bool) -> Check:
    """Whether Excel blocks the macros because the master came by mail or from the net."""
    subject = "宏是否被拦"
    if not on_windows:
        return Check("macros-blocked", UNKNOWN, subject, "", _HERE_NOT)
    match = re.search(r"ZoneId\s*=\s*(\d)", zone)
    if match and match[1] in "34":
        says = "Excel 会拦住宏，按钮不能用；请关闭主表，在文件上点右键—属性，勾选下面的“解除锁定”，再打开"
        return Check("macros-blocked", FAULT, subject, f"{master.name} 来自邮件或网上", says)
    host = re.match(r"\\\\([^\\]+)\\", str(PureWindowsPath(str(master))))
    if host and "." in host[1]:
        says = "Excel 把这样的地址当作互联网，会拦住宏；请改用电脑名（不带点），或把共享文件夹映射成盘符"
        return Check("macros-blocked", NOTE, subject, f"主表在 {host[1]} 上", says)
    return Check("macros-blocked", OK, subject, "没有来自网上的标记")


# --- where the folder lies -------------------------------------------------------------------------


def _cloud_roots(variables: Mapping[str, str]) -> dict[str, str]:
    names = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
    return {variables[name]: "OneDrive" for name in names if variables.get(name)}


def place_check(folder: str, roots: Mapping[str, str]) -> Check:
    """Whether a program that copies files to the net shares the folder with us."""
    subject = "同步盘"
    words = [part.lower() for part in re.split(r"[\\/]+", folder)]
    cloud = next((name for root, name in roots.items() if _within(folder, root)), "")
    for word in words:
        short = re.split(r"[ \-（(]", word)[0]
        cloud = cloud or _CLOUDS.get(word, _CLOUDS.get(short, ""))
    if re.match(r"https?:", folder):
        cloud = cloud or "SharePoint"
    if not cloud:
        return Check("synced", OK, subject, "任务文件夹不在同步盘里")
    says = (
        "同步盘会在写入时锁住文件、两台电脑同时写时另存一份，底账可能分成两份，按钮也可能找不到文件夹；"
        r"请把任务文件夹移到本机或局域网盘，例如 D:\任务"
    )
    return Check("synced", NOTE, subject, f"任务文件夹在 {cloud} 里", says)


def _within(path: str, root: str) -> bool:
    one, other = (re.sub(r"[\\/]+", "/", text).rstrip("/").lower() for text in (path, root))
    return one == other or one.startswith(f"{other}/")


def path_checks(paths: Mapping[str, str], on_windows: bool) -> Iterator[Check]:
    """Names that a command prompt changes, and paths too long for Excel or Windows."""
    fine = True
    for subject, path in paths.items():
        signs = " ".join(sorted({sign for sign in path if sign in _MANGLED}))
        if signs:
            fine = False
            says = f"命令提示符会改动 {signs}，按钮可能起不来；请换一个名字里没有这些字符的文件夹"
            if subject == "用户文件夹":
                says = (
                    f"命令提示符会改动 {signs}；请用另一个用户名登录，或把 Python 和任务放到别的盘"
                )
            yield Check("path-signs", NOTE, "路径里的字符", f"{subject} {path}", says)
    folder = paths.get("任务文件夹", "")
    master, archived = (len(folder) + 1 + n for n in (len(MASTER), len(ARCHIVE) + 70))
    if master > _MOST_EXCEL or archived > _MOST_WINDOWS:
        fine = False
        found = f"任务文件夹 {len(folder)} 个字符"
        says = (
            f"Excel 最多打开 {_MOST_EXCEL} 个字符的路径，Windows 一般最多 {_MOST_WINDOWS} 个；"
            "请把任务文件夹移到更短的路径"
        )
        yield Check("path-length", NOTE if on_windows else UNKNOWN, "路径长度", found, says)
    if fine:
        yield Check("paths", OK, "路径", "没有会出问题的字符，长度合适")


def _disk_check(folder: Path) -> Check:
    import shutil

    place = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        return disk_check(shutil.disk_usage(place).free)
    except OSError as error:
        return Check("disk", UNKNOWN, "磁盘空间", "", f"查不到（{in_chinese(error)}）")


def disk_check(free: int) -> Check:
    """``free`` is in bytes."""
    found = f"还有 {free / (1 << 30):.1f} GB"
    if free >= _LITTLE:
        return Check("disk", OK, "磁盘空间", found)
    says = "空间不够时什么都存不下来；请删去不用的文件（不要删归档），或换一个盘"
    return Check("disk", FAULT if free < _LEAST else NOTE, "磁盘空间", found, says)


# --- the process that reads what came in -----------------------------------------------------------


def limits_check(missing: Sequence[str] | None) -> Check:
    """Whether what reads foreign files can be bounded; ``missing`` as ``sandbox.missing_limits``."""
    subject = "读取外来文件的进程"
    if missing is None:
        says = (
            "读 .xls、.xlsb、网页、压缩包、加密文件和邮件都要它；请检查杀毒软件或权限是否拦住了 "
            f"{sys.executable}"
        )
        return Check("sandbox", FAULT, subject, "起不来", says)
    if not missing:
        return Check("sandbox", OK, subject, "内存和时间都有限制")
    says = (
        f"这台电脑不让设，没有设也照样读取，读超过 {sandbox.WALL_SECONDS} 秒仍会停下；只是遇到有意做坏的文件时"
        "可能占满内存，来历不明的文件请不要收集"
    )
    return Check("sandbox", NOTE, subject, f"这些限制设不了：{'、'.join(missing)}", says)
