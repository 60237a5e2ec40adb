"""Small windows of our own, for what must not be typed into a cell: a password, shown to nobody.

Python's own window first; where it has none, as some Pythons are built, the system's.
"""

from __future__ import annotations

import os
import subprocess
import sys

from xl_addin.system.errors import Refused

_POWERSHELL = (
    "$c = $Host.UI.PromptForCredential($env:XL_ADDIN_TITLE, $env:XL_ADDIN_TEXT, 'xl-addin', '');"
    " if ($c) { [Console]::OutputEncoding = [Text.Encoding]::UTF8;"
    " [Console]::Out.Write($c.GetNetworkCredential().Password) }"
)
_APPLE = (
    'display dialog (system attribute "XL_ADDIN_TEXT") with title (system attribute "XL_ADDIN_TITLE")'
    ' default answer "" with hidden answer\ntext returned of result'
)
_SYSTEMS = {
    "win32": ("powershell", "-NoProfile", "-NonInteractive:$false", "-Command", _POWERSHELL),
    "darwin": ("osascript", "-e", _APPLE),
}
_NO_WINDOW = (
    "这台电脑打不开输入密码的小窗口；请在任务文件夹里打开命令提示符，运行 xl-addin password"
)


def ask_secret(title: str, text: str) -> str | None:
    """What a person types, unseen; None where it is called off. Refused where no window can be shown."""
    try:
        return _by_tkinter(title, text, secret=True)
    except _NoWindow:
        return _by_system(title, text)


def confirm(title: str, text: str, copy: str = "") -> bool:
    """Whether a person goes on after reading; ``copy`` can be copied. Refused as ``ask_secret``."""
    try:
        return _by_tkinter(title, text, secret=False, shown=copy) is not None
    except _NoWindow:
        raise Refused(_NO_WINDOW) from None


class _NoWindow(Exception):
    """There is no tkinter here, or no screen for it."""


def _by_tkinter(title: str, text: str, *, secret: bool, shown: str = "") -> str | None:
    """What stands in the field when a person agrees; None where the window is closed."""
    try:
        import tkinter
    except ImportError as error:
        raise _NoWindow from error
    try:
        window = tkinter.Tk()
    except tkinter.TclError as error:
        raise _NoWindow from error
    said: list[str] = []
    try:
        window.title(title)
        window.resizable(width=False, height=False)
        window.attributes("-topmost", True)
        tkinter.Label(window, text=text, justify="left", wraplength=460).pack(padx=16, pady=(14, 6))
        field = tkinter.Entry(window, width=44, show="●" if secret else "")
        field.insert(0, shown)
        if not secret:
            field.configure(state="readonly")
        if secret or shown:
            field.pack(padx=16, pady=6)

        def agree(_event: object = None) -> None:
            said.append(field.get())
            window.destroy()

        def leave(_event: object = None) -> None:
            window.destroy()

        buttons = tkinter.Frame(window)
        tkinter.Button(buttons, text="确定", width=10, command=agree).pack(side="left", padx=8)
        tkinter.Button(buttons, text="取消", width=10, command=leave).pack(side="left", padx=8)
        buttons.pack(pady=(6, 14))
        window.bind("<Return>", agree)
        window.bind("<Escape>", leave)
        window.after(100, field.focus_force)
        window.mainloop()
    except tkinter.TclError as error:
        raise _NoWindow from error
    return said[0] if said else None


def _by_system(title: str, text: str) -> str | None:
    """The system's own window, by a program of its own; what is typed comes back through a pipe."""
    command = _SYSTEMS.get(sys.platform)
    if command is None:
        raise Refused(_NO_WINDOW)
    told = {**os.environ, "XL_ADDIN_TITLE": title, "XL_ADDIN_TEXT": text}
    try:
        done = subprocess.run(command, env=told, capture_output=True, check=False)
    except OSError as error:
        raise Refused(_NO_WINDOW) from error
    return done.stdout.decode("utf-8", "replace").rstrip("\r\n") or None
