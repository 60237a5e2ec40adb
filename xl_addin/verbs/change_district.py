"""``change-district``: a district that is renamed, merged into another, or reports no longer."""

from __future__ import annotations

from xl_addin.master.mend.gaps import find_gaps
from xl_addin.master.read.blocks import key_text
from xl_addin.model.names import fold
from xl_addin.model.records import District
from xl_addin.model.result import Result
from xl_addin.model.settings import Config
from xl_addin.model.sheets import DISTRICTS_BLOCK
from xl_addin.services.amending import Amendment, amend_master
from xl_addin.services.change_record import load_record
from xl_addin.services.change_words import find_district, month_number
from xl_addin.services.list_places import place_of
from xl_addin.services.mergers import merge, reported_later
from xl_addin.services.programme import Programme, Request
from xl_addin.system.errors import Misused, Refused
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value

_ONE = "用法不对：--name（改名）、--into（并入）、--until（不再报）要写一个，只写一个"


def run(programme: Programme, request: Request) -> Result:
    """Change 区县名录, and with it every sheet; nothing that was reported is lost."""
    given, config = request.options, programme.config
    if not given.get("district"):
        raise Misused("用法不对：缺少 --district\n查看用法：xl-addin change-district --help")
    whose = find_district(config, given["district"])
    if sum(bool(given.get(name)) for name in ("name", "into", "until")) != 1:
        raise Misused(f"{_ONE}\n查看用法：xl-addin change-district --help")
    if given.get("name"):
        amendment, said = _rename(programme, whose, given["name"].strip())
    elif given.get("into"):
        amendment, said = _merge(programme, request, config, whose)
    else:
        amendment, said = _end(programme, config, whose, given["until"])
    return amend_master(programme, request, "change-district", amendment, said)


def _cell(programme: Programme, whose: District, heading: str) -> Where:
    return place_of(programme.host, DISTRICTS_BLOCK, whose.code, heading)


def _rename(programme: Programme, whose: District, name: str) -> tuple[Amendment, str]:
    was = _unrecorded_name(programme, whose) if name == whose.name else whose.name
    if name == was and not list(find_gaps(programme.host, programme.config)):
        raise Refused(f"“{name}”已经是它的名称，没有要改的")
    aliases = [each for each in whose.aliases if fold(each) != fold(name)]
    if fold(was) not in map(fold, (*aliases, name)):
        aliases.append(was)
    edits: dict[Where, Value] = {
        _cell(programme, whose, "区县"): name,
        _cell(programme, whose, "别名"): "、".join(aliases),
    }
    lines = (f"“{was}”留作别名，写着旧名称的文件照样认得；已经生成、还没有发出的填报表请重新生成",)
    said = f"“{was}”（{whose.code}）改名为“{name}”"
    return Amendment(edits={DISTRICTS_BLOCK: edits}, lines=lines), said


def _unrecorded_name(programme: Programme, whose: District) -> str:
    """What a district was called before a change that was cut off between the master and the ledger.

    The same as now where there was none: the change that is recorded next left its record for nothing else.
    """
    record = load_record(programme.folder, programme.ledger.next_run())
    sheet, where = programme.host.block(DISTRICTS_BLOCK).sheet, _cell(programme, whose, "区县")
    for each in record.changed if record else ():
        if (each.sheet, each.where, each.after.value) == (sheet, where, whose.name):
            return str(each.before.value or whose.name)
    return whose.name


def _merge(
    programme: Programme, request: Request, config: Config, whose: District
) -> tuple[Amendment, str]:
    given = request.options
    into, month = find_district(config, given["into"]), int(programme.month(request)[5:])
    if into.code == whose.code:
        raise Misused(f"用法不对：“{whose.name}”不能并入自己；--into 请写接收的区县")
    if not into.reports(programme.month(request)):
        raise Refused(f"“{into.name}”在 {month} 月不报，不能并入它；请核对")
    if month == 1:
        raise Refused("从 1 月起就并入的区县全年都不报，不用登记变动；请从名录和任务表里直接合并")
    gone = whose._replace(until=month - 1)
    document = given.get("document", "")
    merger = merge(programme, config, gone, into, document, whole="all-targets" in given)
    known = {(a.month, a.district, a.indicator, a.amount, a.document) for a in config.adjustments}
    again = {(a.month, a.district, a.indicator, a.amount, a.document) for a in merger.adjustments}
    edits = _end_cells(programme, whose, month - 1, f"并入{into.name}")
    # A run that was cut off has moved them already.
    moved = () if whose.until == month - 1 and _moved_before(config, gone) else merger.adjustments
    amendment = Amendment(
        edits={DISTRICTS_BLOCK: edits},
        adjustments=tuple(moved) if not again <= known else (),
        lines=(*_chosen_month(request, month), *merger.lines),
    )
    return amendment, f"“{whose.name}”从 {month} 月起并入“{into.name}”"


def _chosen_month(request: Request, month: int) -> tuple[str, ...]:
    """Nobody merges a district into a month unawares."""
    if request.month:
        return ()
    return (
        f"没有写 --month，按“设置”里的本次月份，从 {month} 月起并入；不对的话请撤销（undo）再写明",
    )


def _moved_before(config: Config, gone: District) -> bool:
    return any(a.district == gone.code and a.month == gone.until + 1 for a in config.adjustments)


def _end(programme: Programme, config: Config, whose: District, text: str) -> tuple[Amendment, str]:
    until = month_number(text, config.settings.year, "--until")
    edits = _end_cells(programme, whose, until, "")
    left = config.targets_in_force(min(until + 1, 12))
    has = [i.label for i in config.indicators if left.get((whose.code, i.code))]
    lines = (
        (
            f"“{whose.name}”的任务数（{'、'.join(has)}）仍算在全市合计里；要调给别的区县，"
            "请用“调整任务数”，或用 --into 并入",
        )
        if has
        else ()
    )
    later = reported_later(programme, config, whose._replace(until=until))
    amendment = Amendment(edits={DISTRICTS_BLOCK: edits}, lines=(*lines, *later))
    return amendment, f"“{whose.name}”报到 {until} 月为止"


def _end_cells(
    programme: Programme, whose: District, until: int, remark: str
) -> dict[Where, Value]:
    edits: dict[Where, Value] = {_cell(programme, whose, "截止月"): until if until < 12 else None}
    where = _cell(programme, whose, "备注")
    there = key_text(programme.host.block(DISTRICTS_BLOCK).cells.get(where))
    if remark and remark not in there:
        edits[where] = f"{remark}。{there}" if there else remark
    return edits
