"""``wps``: the add-in for WPS on this computer, put in, taken out or looked at."""

from __future__ import annotations

from xl_addin.model.result import Result
from xl_addin.services import wps_addin
from xl_addin.services.checkup.runner import OK
from xl_addin.services.checkup.wps import wps_checks
from xl_addin.services.programme import Programme, Request
from xl_addin.system.errors import Misused

INSTALL, REMOVE, STATUS = "install", "remove", "status"


def run(programme: Programme, request: Request) -> Result:
    """As its word says; without one, how it stands."""
    del programme  # an add-in belongs to a computer
    word = request.paths[0] if request.paths else STATUS
    if word == INSTALL:
        return _install(rehearse=request.rehearse, with_session="with-session" in request.options)
    if word == REMOVE:
        return _remove(rehearse=request.rehearse)
    if word != STATUS:
        raise Misused(f"用法不对：没有“{word}”这个做法；可以写 {INSTALL}、{REMOVE} 或 {STATUS}")
    checks = list(wps_checks())
    clean = all(check.state == OK for check in checks)
    said = "WPS 加载项没有什么要处理的" if clean else "WPS 加载项还要处理的见上"
    lines = tuple(check.line for check in checks)
    return Result(
        {"verb": "wps", "checks": [check.as_json() for check in checks]}, said, clean, lines
    )


def _install(*, rehearse: bool, with_session: bool) -> Result:
    folder = wps_addin.addins_folder() / wps_addin.FOLDER
    data = {"verb": "wps", "did": INSTALL, "folder": str(folder)}
    if rehearse:
        return Result(data, f"会装到 {folder}，写进 {'、'.join(wps_addin.LISTS)}；什么都没有写")
    wps_addin.install()
    kept = [f"登录以后自动在后台等按钮：{wps_addin.begin_with_session()}"] if with_session else []
    lines = (
        f"装在 {folder}",
        *kept,
        "请完全退出 WPS 再打开主表。第一次会问是否信任“xl-addin”，请点允许，然后再退出、再打开一次："
        f"“{wps_addin.TITLE}”选项卡这时才出现",
        "不出现时运行 xl-addin wps status",
    )
    return Result(data, "WPS 加载项装好了", lines=lines)


def _remove(*, rehearse: bool) -> Result:
    if rehearse:
        return Result({"verb": "wps", "did": REMOVE}, "会去掉 WPS 加载项，别的加载项不动")
    gone = wps_addin.remove()
    said = "WPS 加载项去掉了，重新打开 WPS 以后按钮就没有了" if gone else "WPS 加载项本来就没有装"
    return Result({"verb": "wps", "did": REMOVE, "removed": gone}, said, lines=tuple(gone))
