"""A change of the year made everywhere at once: in the lists, on every sheet, in the ledger.

Everything is worked out and looked at before anything is changed. Cut off in between, the same change
made again, or ``amend``, completes what is lacking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from xl_addin.master.build.positions import month_cell
from xl_addin.master.host.base import Change
from xl_addin.master.mend.lists import NewRow, Preview, add_rows, added_names
from xl_addin.master.mend.mend import ROW, Step, mend, plan_steps, tell_steps
from xl_addin.master.read.blocks import key_text
from xl_addin.master.read.config import read_basics, with_targets
from xl_addin.master.totals import master_changes
from xl_addin.model.commands import label_of
from xl_addin.model.records import ERROR, Number, Problem
from xl_addin.model.result import Result
from xl_addin.model.settings import Adjustment, Config
from xl_addin.model.sheets import ADJUSTMENTS_BLOCK
from xl_addin.services.before_change import keep_master
from xl_addin.services.change_record import compare, load_record, look_at, save_record
from xl_addin.services.lists import list_changes
from xl_addin.services.programme import Programme, Request
from xl_addin.services.scoring import month_figures
from xl_addin.services.target_history import (
    adjustment_texts,
    free_rows,
    new_adjustments,
    note_targets,
    place_adjustments,
    register,
)
from xl_addin.system import held
from xl_addin.system.errors import Outdated, Refused, in_chinese, list_messages
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value

_MENDED = ("district-not-in-targets", "indicator-not-in-targets")
Edits = Mapping[str, Mapping[Where, Value]]


class Amendment(NamedTuple):
    """What is to change.

    ``rows`` are new in the lists, ``edits`` are cells of the lists by block, ``targets`` go into
    任务表, ``adjustments`` into 任务调整. ``lines`` is what people should know besides.
    """

    rows: Sequence[NewRow] = ()
    edits: Edits = MappingProxyType({})
    targets: Mapping[tuple[str, str], Number] = MappingProxyType({})
    adjustments: Sequence[Adjustment] = ()
    lines: tuple[str, ...] = ()
    note: str = ""


class _Done(NamedTuple):
    """What was (or would be) done, as lines, and what is wrong."""

    steps: list[Step]
    registered: list[str]
    problems: list[Problem]


def amend_master(
    programme: Programme, request: Request, verb: str, amendment: Amendment, said: str
) -> Result:
    """Make the change, or with --rehearse say what it would do. Refused before anything is changed."""
    _refuse_if_outdated(programme)
    after = _after(programme, amendment)
    if request.rehearse:
        done = _rehearse(programme, amendment, after)
        return _report(verb, amendment, done, said, "预演，没有写入")
    if not any(amendment[:4]):
        planned = _rehearse(programme, amendment, after)
        # One that was cut off when all was done leaves nothing to do but to record it.
        if not any(planned) and load_record(programme.folder, programme.ledger.next_run()) is None:
            return _report(verb, amendment, planned, said, "没有要改的，没有写入")
    with programme.ledger.writing():
        programme.host.ready()
        before = b"" if programme.live else held.read_bytes(programme.master)
        shown, inserted = look_at(programme.host), len(programme.host.inserted)
        done = _act(programme, amendment)
        problems = f"；有 {len(done.problems)} 处要核对" if done.problems else ""
        outcome = "；".join((said, *done.registered)) + problems
        programme.ledger.add_event(programme.now(), verb, "", outcome, programme.who())
        month = programme.basics.settings.month
        programme.host.apply(list_changes(programme, month))
        record = compare(shown, look_at(programme.host), programme.host.inserted[inserted:])
        save_record(programme.folder, programme.ledger.run, record)
        told = programme.save()
        if before:
            told += _keep_or_say(programme, before)
        fail_point("amend.saved")
    return _report(verb, amendment, done, said, told)


def _keep_or_say(programme: Programme, before: bytes) -> str:
    """The master is changed by now: a copy that cannot be kept is no reason not to record it."""
    try:
        keep_master(programme.folder, programme.ledger.run, before, programme.master)
    except OSError as error:
        return f"；变动以前的主表没有留下来（{in_chinese(error)}），撤销会一格一格改回"
    return ""


def _refuse_if_outdated(programme: Programme) -> None:
    """A master of an older layout has no place for what a change leaves behind."""
    try:
        programme.host.block(ADJUSTMENTS_BLOCK)
    except Outdated as outdated:
        raise Refused(outdated.message) from outdated


def _after(programme: Programme, amendment: Amendment) -> Config:
    """The settings as they will be. Refused with everything that would then be wrong."""
    preview = Preview(programme.host, amendment.rows, amendment.edits)
    config = with_targets(read_basics(preview), preview)
    wrong = [
        problem
        for problem in config.problems
        if problem.severity == ERROR and problem.code not in _MENDED
    ]
    if wrong:
        raise Refused(f"这样改会有 {len(wrong)} 处不对，没有改动主表", wrong)
    return config


def _rehearse(programme: Programme, amendment: Amendment, after: Config) -> _Done:
    host = programme.host
    steps = [Step(ROW, sheet, name) for sheet, name in added_names(host, amendment.rows)]
    steps += plan_steps(host, after)
    typed = new_adjustments(programme.ledger, Preview(host), after)
    adjusted = adjustment_texts(after, amendment.adjustments)
    return _Done(steps, [*typed.lines, *adjusted], list(typed.gone))


def _act(programme: Programme, amendment: Amendment) -> _Done:
    host = programme.host
    edits = [
        Change(host.block(name).sheet, dict(values), {})
        for name, values in amendment.edits.items()
        if values
    ]
    problems = list(host.apply(edits).disagreements) if edits else []
    more = max(0, len(amendment.adjustments) - len(free_rows(host)))
    room = [NewRow(ADJUSTMENTS_BLOCK, {})] * more
    steps = [Step(ROW, sheet, name) for sheet, name in added_names(host, amendment.rows)]
    problems += add_rows(host, [*amendment.rows, *room])
    programme.reread()
    mended, found = mend(host, programme.basics, amendment.targets)
    steps += mended
    problems += found
    programme.reread()
    if amendment.adjustments:
        host.apply([place_adjustments(host, programme.config, amendment.adjustments)])
        programme.reread()
    config = programme.config
    who = programme.person() or programme.who()
    registered = register(programme.ledger, config, host, who, programme.now(), amendment.note)
    noted = note_targets(programme.ledger, config)
    problems += (*registered.gone, *_refresh(programme))
    return _Done(steps, [*registered.lines, *([noted] if noted else [])], problems)


def _refresh(programme: Programme) -> Sequence[Problem]:
    """The figures that the sheets show, computed anew for the month that they are of."""
    host, config = programme.host, programme.config
    sheet, where = month_cell(host)
    month = key_text(host.cells(sheet, (*where, *where)).get(where))
    if not month.startswith(f"{config.settings.year}-"):
        month = config.settings.month
    totals = month_figures(programme, month).totals
    return host.apply(master_changes(totals, config, host)).disagreements


def _report(verb: str, amendment: Amendment, done: _Done, said: str, told: str) -> Result:
    return Result(
        {
            "verb": verb,
            "changes": [*done.registered, *(step.text for step in done.steps)],
            "notes": list(amendment.lines),
            "problems": [problem.as_json() for problem in done.problems],
        },
        f"{label_of(verb)}：{said}；{told}",
        clean=not done.problems,
        lines=(
            *done.registered,
            *amendment.lines,
            *tell_steps(done.steps),
            *list_messages(done.problems),
        ),
    )
