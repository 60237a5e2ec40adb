"""``attach``: bind a master to the Python of this computer and give it the macros of this version."""

from __future__ import annotations

from xl_addin.master.host.file import FileHost
from xl_addin.master.macros import binding
from xl_addin.model.folder import LEDGER
from xl_addin.model.result import Report
from xl_addin.services.programme import Desk, Wish
from xl_addin.system.errors import Refused


def run(desk: Desk, wish: Wish) -> Report:
    """Replace what is ours in the master, leave all else as it is."""
    host = desk.host
    if not isinstance(host, FileHost):
        raise Refused("主表正在 Excel 里打开；请先保存并关闭，再在命令提示符里运行 xl-addin attach")
    host.ready()
    before, outdated = binding.read(host), binding.stale(host)
    computer = binding.this_computer()
    changed = host.equip(computer)
    after = binding.read(host)
    outcome = _outcome(computer, before, outdated)
    told = "预演，没有写入"
    if not wish.rehearse:
        # Without its ledger a master can still be opened and bound; doctor says that it is missing.
        if (desk.folder / LEDGER).is_file():
            with desk.ledger.writing():
                desk.ledger.add_event(desk.now(), "attach", "", outcome, desk.who())
        told = host.save() if changed else "主表没有要改的"
    return Report(
        {
            "verb": "attach",
            "master": str(desk.master),
            "interpreter": next(iter(computer.values()), None),
            "xlwings": after[binding.MODULE],
            "renewed": bool(outdated),
            "problems": [],
        },
        f"{outcome}；{told}",
    )


def _outcome(computer: dict[str, str], before: dict[str, str], outdated: str) -> str:
    parts = []
    for key, path in computer.items():
        parts.append(f"主表{'已经' if before.get(key) == path else '改为'}绑定 {path}")
    if not computer:
        parts.append("这台电脑不是 Windows 或 Mac，没有绑定 Python，请在要用按钮的电脑上再运行一次")
    parts.append("按钮和宏已换成这个版本的" if outdated else "按钮和宏是这个版本的")
    return "；".join(parts)
