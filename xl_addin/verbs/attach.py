"""``attach``: bind a master to the Python of this computer, with this version's layout and macros."""

from __future__ import annotations

from xl_addin.master.host.file import FileHost
from xl_addin.master.macros import binding
from xl_addin.master.migrate.lacks import lack_texts
from xl_addin.master.migrate.upgrade import Upgrade, upgrade_master
from xl_addin.master.read.blocks import key_text
from xl_addin.model.result import Result
from xl_addin.model.sheets import LAYOUT, MONTH_CELL
from xl_addin.services.programme import Programme, Request
from xl_addin.store.place import has_ledger
from xl_addin.system.errors import Refused, list_messages


def run(programme: Programme, request: Request) -> Result:
    """Replace what is ours in the master and add what it lacks, leave all else as it is."""
    host = programme.host
    if not isinstance(host, FileHost):
        raise Refused("主表正在 Excel 里打开；请先保存并关闭，再在命令提示符里运行 xl-addin attach")
    host.ready()
    layout = binding.layout_of(host)
    if layout > LAYOUT:
        raise Refused(binding.newer_layout_text(layout))
    before, outdated = binding.read_binding(host), binding.outdated_macros_text(host)
    computer = binding.this_computer()
    original = host.parts
    upgrade = upgrade_master(host)
    host.install_macros(computer, LAYOUT if upgrade.complete else layout)
    changed = host.parts != original
    after = binding.read_binding(host)
    outcome = _outcome(computer, before, outdated, upgrade, rehearse=request.rehearse)
    told = "预演，没有写入"
    if not request.rehearse:
        # Without its ledger a master can still be opened and bound; doctor says that it is missing.
        if has_ledger(programme.folder):
            with programme.ledger.writing():
                programme.ledger.add_event(programme.now(), "attach", "", outcome, programme.who())
        told = host.save() if changed else "主表没有要改的"
        told += _fill_in(programme, upgrade)
    return Result(
        {
            "verb": "attach",
            "master": str(programme.master),
            "interpreter": next(iter(computer.values()), None),
            "xlwings": after[binding.MODULE],
            "renewed": bool(outdated),
            "layout": binding.layout_of(host),
            "added": [lack._asdict() for lack in upgrade.added],
            "lacking": [lack._asdict() for lack in upgrade.left],
            "revised": [revision._asdict() for revision in upgrade.revised],
            "problems": [problem.as_json() for problem in upgrade.problems],
        },
        f"{outcome}；{told}",
        clean=upgrade.complete,
        lines=_lines(upgrade, rehearse=request.rehearse),
    )


def _fill_in(programme: Programme, upgrade: Upgrade) -> str:
    """Recompute the month that the master shows: what was added is empty until then."""
    if not upgrade.changed or not upgrade.complete or not has_ledger(programme.folder):
        return ""
    from xl_addin.verbs import recompute

    block = programme.host.block(MONTH_CELL)
    month = key_text(block.cells.get(block.area[:2]))
    try:
        recompute.run(programme, Request((), month))
    except Refused as refusal:
        return f"；新的表和栏目里的数要重算以后才有（{refusal.message}）"
    return f"；按新的表重算了 {month}"


def _lines(upgrade: Upgrade, *, rehearse: bool) -> tuple[str, ...]:
    doing, changing = ("会补上", "会换成新的") if rehearse else ("补上了", "换成了新的")
    return (
        *(f"{doing}：{text}" for text in lack_texts(upgrade.added)),
        *(f"{changing}：{revision.text}" for revision in upgrade.revised),
        *(f"没有补上：{text}" for text in lack_texts(upgrade.left)),
        *list_messages(upgrade.problems),
    )


def _outcome(
    computer: dict[str, str],
    before: dict[str, str],
    outdated: str,
    upgrade: Upgrade,
    *,
    rehearse: bool,
) -> str:
    parts = []
    if upgrade.added:
        doing = "会补上" if rehearse else "补上了"
        parts.append(f"主表是较早版本建的，{doing} {len(upgrade.added)} 处")
    if upgrade.revised:
        doing = "会换成新的" if rehearse else "换成了新的"
        parts.append(f"{doing} {sum(revision.number for revision in upgrade.revised)} 处")
    if upgrade.left:
        parts.append(f"还缺 {len(upgrade.left)} 处没有补上，请按下面说的改好后再运行一次")
    elif not upgrade.complete:
        parts.append("公式和颜色还没有换成新的，请按下面说的改好后再运行一次")
    elif upgrade.changed and rehearse:
        parts.append("补好以后会重算一次")
    for key, path in computer.items():
        changing = "会改为" if rehearse else "改为"
        parts.append(f"主表{'已经' if before.get(key) == path else changing}绑定 {path}")
    if not computer:
        parts.append("这台电脑不是 Windows 或 Mac，没有绑定 Python，请在要用按钮的电脑上再运行一次")
    renewed = "按钮和宏会换成这个版本的" if rehearse else "按钮和宏已换成这个版本的"
    parts.append(renewed if outdated else "按钮和宏是这个版本的")
    return "；".join(parts)
