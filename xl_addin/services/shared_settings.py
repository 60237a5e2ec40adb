"""One set of settings for all who work by one ledger: a click begins and ends with the same version.

A master that is behind is told and brought up, what was edited in one becomes the next version, what two
edited at once is merged cell by cell or, where they differ, refused with both. Nothing of this runs for
a ledger that is one master's own.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise

from xl_addin.master.macros.settings_stamp import Stamp, read_stamp, stamp_change
from xl_addin.master.mend.settings_cells import bring, cell_place
from xl_addin.master.read.settings_rows import number_in
from xl_addin.master.settings_body import (
    LIST_OF,
    Body,
    CellKey,
    Cells,
    Content,
    NewerSettings,
    body_text,
    digest,
    read_body,
    read_body_text,
    read_room,
    room_text,
    typed_value,
    usual_value,
)
from xl_addin.model.commands import SETTINGS_RUN
from xl_addin.model.letters import LABELS
from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.model.result import Result
from xl_addin.model.settings import SETTINGS, Config
from xl_addin.model.sheets import (
    DEFINED_NAMES,
    DISTRICTS_BLOCK,
    INDICATORS_BLOCK,
    LETTERS_BLOCK,
    SETTINGS_BLOCK,
)
from xl_addin.services.before_change import digest as file_digest
from xl_addin.services.before_change import note_same
from xl_addin.services.programme import Programme, Request
from xl_addin.services.settings_merge import (
    MINE,
    THEIRS,
    Clash,
    Merged,
    Settings,
    all_that_differs,
    merge,
)
from xl_addin.store.ledger import name_with_login
from xl_addin.store.settings_versions import (
    SettingsVersion,
    add,
    body,
    head,
    history,
    months_counting,
)
from xl_addin.system.errors import Misused, Refused
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import cell_name
from xl_addin.xlsx.cells import TEXT, Cell
from xl_addin.xlsx.values import clip, number_text

TAKE = "take"
_TOLERANT = frozenset(("check", "undo"))
"""Verbs that have to work with settings that are wrong: these are not made a version meanwhile."""
_LOOKING = frozenset(("check", "status"))
"""Verbs that go on where a later program wrote the settings, by what their own master says."""
_MOST_TOLD, _MOST_VERSIONS = 5, 3
_HOW = (
    "把其中一格改成对方的值，就以对方为准；要以这张主表的为准，运行 xl-addin check --take 本表，"
    "都以底账的为准，运行 xl-addin check --take 底账"
)


class Agreed(NamedTuple):
    """By what a master goes now, and what is to be told of how that came about."""

    stamp: Stamp
    version: SettingsVersion | None
    lines: tuple[str, ...] = ()


class _Plan(NamedTuple):
    """What is to be done: ``merged`` is what the master is to say; ``new`` whether that is a further version."""

    merged: Merged
    new: bool
    theirs: Settings
    behind: bool = False


class _Brought(NamedTuple):
    """Whether the master was written to, and the sheets on which rows or columns of what is gone were emptied."""

    any: bool
    emptied: tuple[str, ...] = ()


_NOTHING_BROUGHT = _Brought(any=False)
_EMPTIED = (
    "删去的区县、指标在这张主表别的表里的行、列已经清空：“{}”；空行、空列和标题可以打开主表自己删去"
)


def with_shared_settings(
    verb: str, programme: Programme, request: Request, run: Callable[[Programme, Request], Result]
) -> Result:
    """A verb's result, worked out by the settings that all share; what happened to these is told first."""
    take = request.options.get(TAKE, "")
    if take not in ("", MINE, THEIRS):
        raise Misused(f"用法不对：--take 要写“{MINE}”或“{THEIRS}”，现在是“{take}”")
    if request.rehearse:
        return _told(run(programme, request), verb, _rehearsed(programme), head(programme.ledger))
    try:
        before = agree(programme, verb, take)
    except NewerSettings as newer:
        if verb not in _LOOKING:
            raise
        return _told(run(programme, request), verb, (newer.message,), head(programme.ledger))
    programme.ledger.fence = lambda: _refuse_if_moved(programme, before)
    try:
        result = run(programme, request)
    except Refused as refusal:
        refusal.message = "\n".join((refusal.message, *before.lines))
        raise
    finally:
        programme.ledger.fence = None
    try:
        after = agree(programme, verb, "", before.stamp)
    except Refused as refusal:
        after = before._replace(
            lines=(refusal.message, *(problem.message for problem in refusal.problems))
        )
        result = result._replace(clean=False)
    return _told(result, verb, dict.fromkeys((*before.lines, *after.lines)), after.version)


def _told(
    result: Result, verb: str, lines: Iterable[str], version: SettingsVersion | None
) -> Result:
    said = version_words(version) if version else ""
    shown = (said,) if verb in ("status", "check") and said else ()
    data = {
        "version": version.number if version else 0,
        "who": version.who if version else "",
        "at": version.at if version else "",
        "changes": list(lines),
    }
    return result._replace(
        lines=(*shown, *lines, *result.lines), data={**result.data, "shared_settings": data}
    )


def version_words(version: SettingsVersion) -> str:
    """Which version is in force, and who made it when."""
    return f"设置第 {version.number} 版，{version.who or '（没有写操作人）'}于 {version.at} 改"


def _rehearsed(programme: Programme) -> tuple[str, ...]:
    """A rehearsal writes nothing: it goes by what the master says, and tells what that is not."""
    last, mine = head(programme.ledger), read_body(programme.host)
    if last is None or digest(mine.cells, mine.orders) == digest(*_seen(programme, last, mine)):
        return ()
    return (
        f"这张主表的设置和底账里的第 {last.number} 版不一样，预演按主表现在的算；正式操作时先和底账对上",
    )


def _refuse_if_moved(programme: Programme, before: Agreed) -> None:
    """Called at the first transaction of a click, under the lock."""
    last = head(programme.ledger)
    programme.ledger.fence = None
    if last and last != before.version:
        raise Refused(f"刚才又有人改了设置（{version_words(last)}），什么也没有写；请再点一次")


def agree(programme: Programme, verb: str, take: str = "", known: Stamp | None = None) -> Agreed:
    """Bring master and ledger to one version. Refused where a person has to decide.

    ``known`` is by which version the master went when the click began, whatever it carries now: an undo
    may have put an older copy in its place.
    """
    ledger, host = programme.ledger, programme.host
    carried = read_stamp(host)
    stamp = known or carried
    if stamp.programme not in ("", ledger.programme):
        raise Refused(
            f"{programme.master}：这张主表是另一个年度任务的，和这本底账不是一套；请换回原来的主表，或者换到它的文件夹"
        )
    if not stamp.master:
        stamp = stamp._replace(master=uuid.uuid4().hex[:12])
    mine, last = read_body(host), head(ledger)
    held, room = digest(mine.cells, mine.orders), room_text(mine)
    if last and stamp[2:] == (last.number, last.digest, held, room) and stamp == carried:
        return Agreed(stamp, last)
    plan = _plan(programme, mine, stamp, last, take)
    if plan.new and verb in _TOLERANT and (wrong := _what_is_wrong(programme)):
        line = f"设置里有 {len(wrong)} 处不对，改好以前这里改过的不作为新一版，别人看不到"
        return Agreed(stamp, last, (line,))
    lines: list[str] = []
    brought, theirs = _NOTHING_BROUGHT, last
    if plan.new:
        with ledger.writing():
            # Judged again: whoever was before us may have written a version meanwhile.
            if head(ledger) != last:
                last = theirs = head(ledger)
                plan = _plan(programme, mine, stamp, last, take)
            if plan.new:
                _refuse_lost_codes(programme, plan)
                brought = _bring(programme, mine, plan)
                _ = programme.config  # refused where something is wrong: nobody else is to get it
                last, said = _add_version(programme, mine, stamp, plan, last)
                lines.append(said)
    if last is None:
        return Agreed(stamp, None)
    if not brought.any:
        brought = _bring(programme, mine, plan)
    if plan.behind and theirs:
        lines = [*_told_versions(programme, stamp.version, theirs), *lines]
    elif brought.any and not lines:
        lines.append(f"这张主表按底账里的第 {last.number} 版补上了它还没有的设置")
    if brought.emptied:
        lines.append(_EMPTIED.format("”“".join(brought.emptied)))
    held = digest(plan.merged.cells, plan.merged.orders)
    now = Stamp(ledger.programme, stamp.master, last.number, last.digest, held, room)
    if brought.any or now != carried:
        _keep(programme, now, changed=brought.any)
    return Agreed(now, last, tuple(lines))


def _whole(programme: Programme, version: SettingsVersion) -> Settings:
    return read_body_text(body(programme.ledger, version.number))


def _seen(programme: Programme, version: SettingsVersion, mine: Body) -> Settings:
    """Of a version what a master has room for."""
    cells, orders = _whole(programme, version)
    return (
        {key: value for key, value in cells.items() if mine.has_room(key)},
        {block: keys for block, keys in orders.items() if block in mine.room},
    )


def _plan(
    programme: Programme, mine: Body, stamp: Stamp, last: SettingsVersion | None, take: str
) -> _Plan:
    ours: Settings = mine.cells, mine.orders
    if last is None:
        if stamp.version and take != MINE:
            raise Refused(
                f"这张主表用的是设置第 {stamp.version} 版，底账里却一版也没有：底账可能换过，或者是从旧的备份恢复的；"
                f"请先找到原来的底账。确定就用这本底账的，运行 xl-addin check --take {MINE}"
            )
        return _Plan(Merged(dict(ours[0]), dict(ours[1]), []), True, ({}, {}))
    theirs = _seen(programme, last, mine)
    edited = stamp.held != digest(*ours)
    behind = stamp.version < last.number
    if digest(*ours) == digest(*theirs):
        return _Plan(Merged(dict(theirs[0]), dict(theirs[1]), []), False, theirs)
    base = next(iter(history(programme.ledger, stamp.version)), None) if stamp.version else None
    if stamp.version and (base is None or base.number != stamp.version or base.digest != stamp.of):
        if not take:
            raise Refused(
                f"这张主表用的是设置第 {stamp.version} 版，和底账里的（最新是第 {last.number} 版）接不上："
                "底账可能换过，或者是从旧的备份恢复的。没有改主表，也没有记入；请先找到原来的底账。"
                f"确定就用这本底账的，运行 xl-addin check --take {THEIRS}，改成底账里的设置，"
                f"或者 --take {MINE}，以这张主表的为准"
            )
        base = None
    if base is None:
        merged = all_that_differs(ours, theirs, take)
    elif edited:
        # Of the base only what it had room for then: what attach added since was not removed by anybody.
        merged = merge(_seen(programme, base, read_room(stamp.room)), ours, theirs, take)
    else:
        merged = Merged(dict(theirs[0]), dict(theirs[1]), [])
    if merged.clashes and not take:
        raise _clash_refusal(programme, stamp, last, theirs[0], merged.clashes)
    return _Plan(merged, digest(*merged[:2]) != digest(*theirs), theirs, behind)


def _bring(programme: Programme, mine: Body, plan: _Plan) -> _Brought:
    """Write what the master does not say yet."""
    wanted: Settings = plan.merged[:2]
    if digest(*wanted) == digest(mine.cells, mine.orders):
        return _NOTHING_BROUGHT
    programme.host.ready()

    def listed() -> Config:
        programme.reread()
        return programme.basics

    emptied = bring(programme.host, *wanted, listed)
    programme.reread()
    return _Brought(any=True, emptied=tuple(emptied))


def _what_is_wrong(programme: Programme) -> Sequence[object]:
    try:
        _ = programme.config
    except Refused as refusal:
        return refusal.problems or (refusal,)
    return ()


def _refuse_lost_codes(programme: Programme, plan: _Plan) -> None:
    """A code that returns count for cannot go: what it reported would be nobody's."""
    wanted = {key[:2] for key in plan.merged.cells}
    for block, code in sorted({key[:2] for key in plan.theirs[0]} - wanted):
        if block not in (DISTRICTS_BLOCK, INDICATORS_BLOCK):
            continue
        which = "district" if block == DISTRICTS_BLOCK else "indicator"
        months = months_counting(programme.ledger, **{which: code})
        if months:
            sheet = DEFINED_NAMES[block]
            name = row_name(plan.theirs[0], block, code)
            raise Refused(
                f"{sheet}：{name}（代码 {code}）没有了，可是它有计入的填报表（{'、'.join(months)}），"
                "代码不能改、这一行也不能删；请恢复原来的代码和这一行，改名称或者填“截止月”"
            )


def _add_version(
    programme: Programme, mine: Body, stamp: Stamp, plan: _Plan, last: SettingsVersion | None
) -> tuple[SettingsVersion, str]:
    """Record the next version, with the line of the journal that says what it changed."""
    ledger = programme.ledger
    cells, orders = _whole(programme, last) if last else ({}, {})
    # What this master has no room for stays as it is.
    gone = {key[:2] for key in plan.theirs[0]} - {key[:2] for key in plan.merged.cells}
    left = {k: value for k, value in cells.items() if not mine.has_room(k) and k[:2] not in gone}
    kept = {block: keys for block, keys in orders.items() if block not in mine.orders}
    whole = {**left, **plan.merged.cells}, {**kept, **plan.merged.orders}
    changes = list(change_words((cells, orders), whole)) if last else []
    said = f"设置第 {last.number + 1 if last else 1} 版：{_some(changes) or '和底账第一次对上'}"
    who = name_with_login(programme.person(), programme.who())
    version = add(
        ledger,
        last.number if last else 0,
        programme.now(),
        who,
        stamp.master,
        digest(*whole),
        body_text(*whole),
    )
    ledger.add_event(programme.now(), SETTINGS_RUN, "", said, programme.who())
    return (
        version,
        f"这里改过的设置已记为第 {version.number} 版：{_some(changes)}" if last else said,
    )


def _keep(programme: Programme, stamp: Stamp, *, changed: bool) -> None:
    """Have the master carry a stamp, and keep it with what else was written."""
    host = programme.host
    if not changed:
        # Nothing hangs on it: a master that says what the ledger says takes its number next time.
        with suppress(Refused):
            host.ready()
            host.apply([stamp_change(host, stamp)])
            was = "" if programme.live else file_digest(programme.master)
            host.save()
            if was:
                note_same(programme.folder, was, file_digest(programme.master))
        return
    host.apply([stamp_change(host, stamp)])
    programme.save()


def _told_versions(programme: Programme, since: int, last: SettingsVersion) -> Iterator[str]:
    """What came with each version that a master had not got."""
    versions = [
        each for each in history(programme.ledger, max(since, 1)) if each.number <= last.number
    ]
    yield (
        f"这张主表的设置换成了第 {last.number} 版（原来是第 {since} 版）"
        if since
        else (f"这张主表的设置换成了底账里的第 {last.number} 版")
    )
    pairs = list(pairwise(versions)) if since else []
    for before, after in pairs[-_MOST_VERSIONS:]:
        changes = change_words(_whole(programme, before), _whole(programme, after))
        yield f"第 {after.number} 版，{after.who}于 {after.at} 改：{_some(list(changes))}"
    if len(pairs) > _MOST_VERSIONS:
        yield f"更早的 {len(pairs) - _MOST_VERSIONS} 版改了什么，看“操作日志”"


def _some(changes: Sequence[str]) -> str:
    rest = len(changes) - _MOST_TOLD
    return "；".join(changes[:_MOST_TOLD]) + (f"；另有 {rest} 处" if rest > 0 else "")


def change_words(before: Settings, after: Settings) -> Iterator[str]:
    """What differs, in words, cell by cell; a row that came or went is one."""
    rows = [{key[:2] for key in cells} for cells in (before[0], after[0])]
    told: set[tuple[str, str]] = set()
    for key in sorted({*before[0], *after[0]}):
        was, now = (cells.get(key, usual_value(key)) for cells in (before[0], after[0]))
        row = key[:2]
        if was == now or row in told:
            continue
        shared = LIST_OF.get(key[0])
        if shared is not None and not shared.fixed and (row in rows[0]) != (row in rows[1]):
            told.add(row)
            cells = after[0] if row in rows[1] else before[0]
            done = "加上了" if row in rows[1] else "删去了"
            yield f"{DEFINED_NAMES[key[0]]}{done}{row_name(cells, *row)}"
        else:
            yield f"{cell_words({**before[0], **after[0]}, key)}：{_quoted(was)}改成{_quoted(now)}"
    for block in sorted(before[1].keys() & after[1].keys()):
        one, other = before[1][block], after[1][block]
        if LIST_OF[block].ordered and one != other and sorted(one) == sorted(other):
            yield f"{DEFINED_NAMES[block]}的行重新排了次序"


def _quoted(value: Content | None) -> str:
    """A content, a number without quotes: 5 and the text 5 are told apart."""
    if value is None:
        return "空"
    if isinstance(value, str):
        text = clip(str(typed_value(value)))
        return f"文字“{text}”" if number_in(Cell(TEXT, text)) is not None else f"“{text}”"
    return number_text(value)


def row_name(cells: Cells, block: str, key: str) -> str:
    """What people call a row."""
    if block == SETTINGS_BLOCK:
        return next((f"“{spec.label}”" for spec in SETTINGS if spec.key == key), f"“{key}”")
    if block == LETTERS_BLOCK:
        return f"“{LABELS.get(key, key)}”"
    name = cells.get((block, key, "区县")) or cells.get((block, key, "指标"))
    name = name or cells.get((DISTRICTS_BLOCK, key, "区县"))
    return f"“{typed_value(name) or key}”"


def cell_words(cells: Cells, key: CellKey) -> str:
    """What people call a cell, wherever it is in their master."""
    block, row, column = key
    sheet = DEFINED_NAMES[block]
    if not row:
        return f"{sheet}的行序"
    name = row_name(cells, block, row)
    if not column or (block == SETTINGS_BLOCK):
        return f"{sheet}{name}"
    heading = column
    if block not in LIST_OF:
        heading = row_name(cells, INDICATORS_BLOCK, column).strip("“”")
    return f"{sheet}{name}的{heading}"


def _clash_refusal(
    programme: Programme,
    stamp: Stamp,
    last: SettingsVersion,
    theirs: Cells,
    clashes: Sequence[Clash],
) -> Refused:
    """Both values, who and when, and where it is."""
    versions = history(programme.ledger, max(stamp.version, 1))
    bodies = [_whole(programme, each) for each in versions]
    problems = [_clash_problem(programme, versions, bodies, theirs, each) for each in clashes]
    first = "" if stamp.version else "，而这张主表还没有和底账对过"
    return Refused(
        f"设置有 {len(clashes)} 处和底账里的第 {last.number} 版不一样{first}，不知道以谁为准："
        f"没有改主表，也没有记入。{_HOW}",
        problems,
    )


def _clash_problem(
    programme: Programme,
    versions: Sequence[SettingsVersion],
    bodies: Sequence[Settings],
    theirs: Cells,
    clash: Clash,
) -> Problem:
    block, row, column = clash.key
    found = cell_place(programme.host, clash.key) if row else None
    sheet = found[0] if found else DEFINED_NAMES[block]
    cell = cell_name(*found[1]) if found else ""
    last = versions[-1]
    for before, after, version in zip(bodies, bodies[1:], versions[1:], strict=False):
        if _part(before, clash.key) != _part(after, clash.key):
            last = version
    who = f"{last.who}于 {last.at} 在第 {last.number} 版"
    what = cell_words({**theirs, **bodies[0][0]}, clash.key)
    if row and not column:
        one = "删去了这一行" if clash.mine is None else f"改了它的{clash.mine}"
        other = "删去了这一行" if clash.theirs is None else f"改了它的{clash.theirs}"
        says = f"{what}：这里{one}，{who}{other}"
    else:
        usual = usual_value(clash.key)
        was, one, other = (_quoted(usual if e is None else e) for e in clash[1:])
        says = f"{what}：这里是{one}，{who}写的是{other}，原来是{was}"
    place = f"{sheet}!{cell}" if cell else sheet
    return make(
        "settings-differ",
        f"{place}：{says}",
        sheet,
        cell,
        str(clash.mine if clash.mine is not None else ""),
        str(clash.theirs if clash.theirs is not None else ""),
    )


def _part(settings: Settings, key: CellKey) -> object:
    """What a clash is about, of one version."""
    block, row, column = key
    if not row:
        return settings[1].get(block, ())
    if column:
        return settings[0].get(key)
    return {each: value for each, value in settings[0].items() if row in each}
