"""体检 of WPS: which one is here, whether it takes add-ins, how ours stands in it, and what to do.

None of this was seen in a real WPS: what its files and registry say is decided from facts written down.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from xl_addin.services import wps_addin
from xl_addin.services.checkup.runner import FAULT, NOTE, OK, Check
from xl_addin.services.checkup.windows import Registry, WindowsRegistry
from xl_addin.system import held
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple

_LINUX_HOMES = (
    "opt/kingsoft/wps-office/office6",
    "opt/apps/cn.wps.wps-office-pro/files/kingsoft/wps-office/office6",
    "opt/apps/cn.wps.wps-office/files/kingsoft/wps-office/office6",
)
_KEYS = (r"Software\Kingsoft\Office\6.0\Common", r"Software\WOW6432Node\Kingsoft\Office\6.0\Common")
_INSTALL, _STATUS = "xl-addin wps install", "xl-addin wps status"
_SUPPRESSES = (12, 1, 0, 26200)
"""Of this personal version it was reported that buttons of add-ins do nothing, the maker's own sample's too."""


class Wps(NamedTuple):
    """A WPS that is installed. ``version`` is "" where it is not told.

    ``server`` is where managed offices fetch their list of add-ins from, ``plugins`` what oem.ini says
    of add-ins altogether ("" for nothing).
    """

    folder: str
    version: str
    server: str = ""
    plugins: str = ""

    @property
    def number(self) -> tuple[int, ...]:
        """The version as numbers."""
        return tuple(map(int, re.findall(r"\d+", self.version)))

    @property
    def edition(self) -> str:
        """professional, personal, or "" where the version does not tell: 11.8 and 12.8 are for offices."""
        if len(self.number) < 2:
            return ""
        return "professional" if self.number[1] >= 8 else "personal"


def wps_checks() -> Iterator[Check]:
    """Everything about WPS and the add-in on this computer."""
    found = list(installed(sys.platform, Path("/"), WindowsRegistry()))
    yield from which_checks(found)
    try:
        yield from addin_checks(wps_addin.standing(), bool(found))
    except Refused as refusal:
        state = FAULT if found else OK
        yield Check("wps-addin", state, "WPS 加载项", "", refusal.message)


def installed(platform: str, root: Path, registry: Registry) -> Iterator[Wps]:
    """Each WPS that is here."""
    if platform == "win32":
        seen = set()
        for key in _KEYS:
            folder, version = registry.value(key, "InstallRoot"), registry.value(key, "Version")
            if folder and folder not in seen:
                seen.add(folder)
                yield Wps(folder, version, *_oem(Path(folder) / "office6" / "cfgs" / "oem.ini"))
        return
    for home in _LINUX_HOMES:
        settings = root / home / "cfgs"
        if (root / home).is_dir():
            version = _values(settings / "setup.cfg").get("version", "")
            yield Wps(str(root / home), version, *_oem(settings / "oem.ini"))


def _oem(path: Path) -> tuple[str, str]:
    found = _values(path)
    return found.get("jspluginsserver", ""), found.get("jsapiplugin", "")


def _values(path: Path) -> dict[str, str]:
    """What an .ini file says, whatever the section; nothing where it cannot be read."""
    try:
        text = held.read_bytes(path).decode("utf-8", "replace")
    except OSError:
        return {}
    pairs = (line.partition("=") for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {name.strip().lower(): value.strip() for name, equals, value in pairs if equals}


def which_checks(found: Sequence[Wps]) -> Iterator[Check]:
    """Which WPS is here and whether it takes add-ins."""
    if not found:
        yield Check("wps", OK, "WPS", "没有找到 WPS；用 Excel 的不需要")
    for each in found:
        kind = {"professional": "专业版", "personal": "个人版"}.get(each.edition, "版本看不出来")
        about = f"{each.version or '没有写明版本'}（{kind}），{each.folder}"
        if each.plugins.lower() == "false":
            says = (
                f"它的 oem.ini 关掉了加载项（JsApiPlugin=false），按钮不会出现；请管理员在 {each.folder} 下的 "
                "cfgs/oem.ini 里把它改成 true"
            )
            yield Check("wps", FAULT, "WPS", about, says)
        elif each.number == _SUPPRESSES:
            says = (
                "有人报告这个个人版里加载项的按钮点了没有反应，连 WPS 自己的样例也一样；"
                "请换别的版本或专业版，或者用命令行，命令和按钮一样"
            )
            yield Check("wps", NOTE, "WPS", about, says)
        else:
            yield Check("wps", OK, "WPS", about)
        if each.server:
            yield _managed_check(each.server)


def _managed_check(server: str) -> Check:
    says = (
        "这里的加载项由单位统一发，WPS 可能只认那份清单；按钮不出现时请管理员在那份清单里加一行："
        f"{wps_addin.ENTRY}"
    )
    return Check("wps-managed", NOTE, "WPS 加载项清单", server, says)


def addin_checks(stands: wps_addin.Standing, has_wps: bool) -> Iterable[Check]:
    """How our add-in stands, where WPS is here or it is installed."""
    subject, where = "WPS 加载项", str(stands.folder)
    if not stands.is_there and not stands.listed:
        if has_wps:
            says = f"WPS 里还没有主表的按钮；要用请运行 {_INSTALL}"
            return [Check("wps-addin", NOTE, subject, "没有装", says)]
        return [Check("wps-addin", OK, subject, "没有装")]
    if not stands.is_current or set(stands.listed) != set(wps_addin.LISTS):
        said = f"{where}，清单 {'、'.join(stands.listed) or '里没有'}"
        says = f"不完整，或者和程序的版本不一样；请运行 {_INSTALL}，完全退出 WPS 再打开"
        return [Check("wps-addin", FAULT, subject, said, says)]
    if stands.trusted is False:
        says = "WPS 问是否信任它时没有点允许；请打开 WPS 表格，在“开发工具 > 加载项”里启用 xl-addin，再退出、再打开"
        return [Check("wps-addin", FAULT, subject, where, says)]
    if stands.trusted is None:
        says = "WPS 还没有问过是否信任它；打开 WPS 表格，问的时候点允许，退出、再打开一次，选项卡才出现"
        return [Check("wps-addin", NOTE, subject, where, says)]
    waiting = "程序正在等按钮" if stands.is_waiting else "程序在点按钮时启动"
    return [Check("wps-addin", OK, subject, f"{where}，{waiting}")]
