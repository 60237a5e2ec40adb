"""``serve``: have the program wait for the buttons of WPS, as the add-in does by itself."""

from __future__ import annotations

import subprocess
import sys

from xl_addin.model.result import Result
from xl_addin.services import wps_addin
from xl_addin.services.programme import Programme, Request
from xl_addin.system.errors import Refused

_MINUTES = 15


def run(programme: Programme, request: Request) -> Result:
    """Start it in the background, where it does not run already."""
    del programme  # it waits for every master of this user
    wps_addin.installed_folder()
    stay = "stay" in request.options
    until = "到退出登录为止" if stay else f"没有人点按钮 {_MINUTES} 分钟以后自己停下"
    data = {"verb": "serve", "stay": stay}
    if request.rehearse:
        return Result(data, f"会在后台等 WPS 的按钮，{until}")
    command = [sys.executable, "-P", "-m", "xl_addin.serve", *(["--stay"] if stay else [])]
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    waiting = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=flags,
        start_new_session=True,
    )
    assert waiting.stdout is not None  # noqa: S101
    with waiting.stdout:
        said = waiting.stdout.readline().decode()
        if said == wps_addin.WAITING:
            # Not read to the end: on Windows what a virtual environment calls python.exe keeps it open until then.
            waiting.returncode = 0  # it stays when we have gone
            return Result(data, f"正在后台等 WPS 的按钮，{until}")
        said += waiting.stdout.read().decode()
    waiting.wait()
    if wps_addin.read_session(wps_addin.installed_folder()):
        return Result(data, "已经有一个在后台等 WPS 的按钮，没有再启动")
    raise Refused(said or f"等 WPS 按钮的程序没有启动；请检查 {sys.executable} 能不能运行")
