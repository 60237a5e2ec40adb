"""What only Windows can tell: who answers for Excel, where a file came from, how wide a program is.

Each function gives plain facts and decides nothing; elsewhere than on Windows it gives none. The registry
was read under Wine, which keeps no streams: a mark of the web has never been seen.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from struct import error, unpack_from

from xl_addin.system.light import Protocol

ON_WINDOWS: bool = sys.platform == "win32"
_MACHINES = {0x014C: 32, 0x8664: 64, 0xAA64: 64}


class Registry(Protocol):
    """Where Windows keeps what programs say of themselves."""

    def value(self, key: str, name: str) -> str:
        """A text of this user's, else of all users'; "" where there is none."""


class WindowsRegistry:
    """The real one; it holds nothing elsewhere than on Windows."""

    def value(self, key: str, name: str) -> str:
        """As the protocol says."""
        if not ON_WINDOWS:
            return ""
        winreg = import_module("winreg")
        for home in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
            try:
                with winreg.OpenKey(home, key) as found:
                    return str(winreg.QueryValueEx(found, name)[0])
            except OSError:
                continue
        return ""


def com_server(name: str) -> str:
    """The command line of the program that answers for a COM class (Excel.Application), or nothing."""
    if not ON_WINDOWS:
        return ""
    winreg = import_module("winreg")

    def value(path: str, wow: int) -> str:
        try:
            with winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, path, 0, winreg.KEY_READ | wow) as key:
                return str(winreg.QueryValueEx(key, "")[0])
        except OSError:
            return ""

    # A 32-bit office on a 64-bit system stands in the other half of the registry.
    for wow in (winreg.KEY_WOW64_64KEY, winreg.KEY_WOW64_32KEY):
        number = value(rf"{name}\CLSID", wow)
        server = value(rf"CLSID\{number}\LocalServer32", wow) if number else ""
        if server:
            return server
    return ""


def zone_text(path: Path) -> str:
    """What Windows noted of where a file came from (its stream Zone.Identifier), or nothing."""
    if not ON_WINDOWS:
        return ""
    try:
        with open(f"{path}:Zone.Identifier", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return file.read(4096)
    except OSError:
        return ""


def bits_of(program: bytes) -> int:
    """Whether a Windows program is made for 32 or 64 bits, from its first bytes; 0 for neither."""
    try:
        at = unpack_from("<L", program, 0x3C)[0]
        signature, machine = unpack_from("<4sH", program, at)
    except error:
        return 0
    return _MACHINES.get(machine, 0) if program[:2] == b"MZ" and signature == b"PE\0\0" else 0
