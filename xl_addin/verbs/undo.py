"""``undo``: takes back the last run as a whole; the journal keeps both."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from xl_addin.master.host.base import Change
from xl_addin.model.commands import PASSED_OVER, SETTINGS_RUN, UNDOABLE, VERBS, label_of
from xl_addin.model.folder import ARCHIVE, BACKUPS, FORMS
from xl_addin.model.records import Problem
from xl_addin.model.result import Result
from xl_addin.services import snapshot
from xl_addin.services.before_change import digest, master_before, note_undone
from xl_addin.services.change_record import load_record, take_back
from xl_addin.services.lists import journal_change, list_changes
from xl_addin.services.month_setting import changed_month, month_change, month_words, write_month
from xl_addin.services.papers import held_rows, renew_copies
from xl_addin.services.pending import pending_block, pending_change
from xl_addin.services.programme import Programme, Request
from xl_addin.store.decisions import closed_months, held_returns
from xl_addin.store.deliveries import forms_sent
from xl_addin.store.issued_forms import IssuedForm, forms_of_run
from xl_addin.store.ledger import Ledger
from xl_addin.store.undo_log import (
    Run,
    add_undone,
    districts_since,
    is_unnumbered,
    others_runs,
    run_just_undone,
    standing_runs,
)
from xl_addin.system import atomic, held
from xl_addin.system.errors import Refused, list_messages
from xl_addin.system.failpoint import fail_point
from xl_addin.xlsx.values import clip

_CHANGES_SHEETS = frozenset(
    ("add-district", "add-indicator", "adjust", "change-district", "change-indicator", "amend")
)
_CHANGES_TOTALS = _CHANGES_SHEETS | {"collect", "fetch", "settle"}
_UNDO = {**{verb.name: verb.undo for verb in VERBS}, SETTINGS_RUN: PASSED_OVER}
_OF_ONE_MASTER = "recompute"
"""What it writes is shown by the master it was run in: nothing of another master is built on it, nor it on them."""


def run(programme: Programme, request: Request) -> Result:
    """Files and master first, the ledger last: cut off in between, the same run is undone again."""
    with programme.ledger.writing():
        cut = _interrupted_run(programme.ledger)
        if cut is not None:
            return _report(request, cut, [], [], ())
        last = _last_run(programme.ledger)
        elsewhere = _stale_elsewhere(programme.ledger, last)
        changes: list[str] = []
        was = "" if programme.live or request.rehearse else digest(programme.master)
        left: list[Problem] = []
        if last.verb == "distribute" and not last.month:
            changes = _undo_covers(programme, request.rehearse)
        elif last.verb == "distribute":
            changes = _undo_forms(programme, last, request.rehearse)
        elif last.verb == "recompute":
            changes, left = _undo_totals(programme, last, request.rehearse)
        elif last.verb == "close":
            changes = _undo_month(programme, last, request.rehearse)
        elif last.verb == "supervise":
            changes = _undo_slips(programme, last, request.rehearse)
        elif last.verb in _CHANGES_SHEETS:
            changes, left = _undo_sheets(programme, last, request.rehearse)
        if not request.rehearse:
            if last.verb == "compare":
                from xl_addin.services.comparison_list import keep_typed_notes

                keep_typed_notes(programme)
            _record(programme, last)
            if last.verb in ("recompute", "supervise", "compare") or last.verb in _CHANGES_SHEETS:
                _update_lists(programme, last.verb)
            _renew_paper_copies(programme)
            if was:
                note_undone(programme.folder, last.id, was, digest(programme.master))
    return _report(request, last, changes, left, elsewhere)


def _interrupted_run(ledger: Ledger) -> Run | None:
    """The run that an undo took back which was cut off before it could say so."""
    return run_just_undone(ledger) if ledger.unconfirmed else None


def _last_run(ledger: Ledger) -> Run:
    """The run to undo. Refused when there is none, or it is one that cannot be undone."""
    runs = [run for run in standing_runs(ledger) if _UNDO.get(run.verb) != PASSED_OVER]
    others = others_runs(ledger)
    last = next((run for run in runs if run.id not in others), None)
    if last is None or last.verb == "new":
        raise Refused("没有可以撤销的操作")
    for later in _touching(runs[: runs.index(last)], last):
        if _OF_ONE_MASTER not in (last.verb, later.verb):
            raise Refused(
                f"你最近一次操作是 {last.at} 的“{label_of(last.verb)}”；{later.at} {later.by} 在别的电脑上又做了"
                f"“{label_of(later.verb)}”（{later.month or '全年'}），也动了它管的月份，不能撤销；请先请他撤销"
            )
    if _UNDO.get(last.verb) != UNDOABLE:
        raise Refused(
            f"最近一次操作是 {last.at} 的“{label_of(last.verb)}”，它做了的事收不回来，不能撤销；"
            "它以前的操作也就不能再撤销"
        )
    if is_unnumbered(ledger, last):
        raise Refused(f"{last.at} 的“{label_of(last.verb)}”是旧版本的程序做的，没有记下怎样撤销")
    return last


def _touching(later: Sequence[Run], last: Run) -> list[Run]:
    """The runs that also touched a run's month."""
    return [run for run in later if run.month == last.month or not (run.month and last.month)]


def _stale_elsewhere(ledger: Ledger, last: Run) -> tuple[str, ...]:
    """Whose master shows totals that were worked out with what is taken back, in words."""
    if last.verb not in _CHANGES_TOTALS:
        return ()
    others = others_runs(ledger)
    later = [run for run in standing_runs(ledger) if run.id > last.id and run.id in others]
    named = dict.fromkeys(
        f"{run.by}（{run.at}，{run.month}）"
        for run in reversed(later)
        if run.verb == _OF_ONE_MASTER and run.month >= last.month  # totals are of all months before
    )
    if not named:
        return ()
    return (
        f"在别的电脑上已经用撤销的数重算过：{'、'.join(named)}；那些主表里的汇总还是撤销以前的，请他们再点一次“重算”",
    )


def _undo_forms(programme: Programme, last: Run, rehearse: bool) -> list[str]:
    """Remove the run's forms, or bring back those that they replaced. All can go, or none goes."""
    folder = programme.folder / FORMS / last.month
    forms = forms_of_run(programme.ledger, last.id)
    _refuse_if_used(programme, last, forms)
    atomic.remove_temporary(folder)
    for form in forms if not rehearse else ():
        path = folder / form.file
        if form.before:
            atomic.write(path, held.read_bytes(_archived_path(programme, form.before)))
        else:
            held.unlink(path)
        fail_point("undo.form")
    return [str(folder / form.file) for form in forms]


def _renew_paper_copies(programme: Programme) -> None:
    """Settings that are wrong stop no undo: the next verb that takes papers renews the copies too."""
    with suppress(Refused):
        if programme.basics.papers:
            renew_copies(programme)


def _undo_covers(programme: Programme, rehearse: bool) -> list[str]:
    from xl_addin.services.paper_issuing import take_covers_back

    return take_covers_back(programme, rehearse=rehearse)


def _undo_slips(programme: Programme, last: Run, rehearse: bool) -> list[str]:
    from xl_addin.services.supervision.take_back import undo_slips

    return undo_slips(programme, last.id, last.at, rehearse=rehearse)


def _archived_path(programme: Programme, sha256: str) -> Path:
    return programme.folder / ARCHIVE / f"{sha256}.xlsx"


def _refuse_if_used(programme: Programme, last: Run, forms: list[IssuedForm]) -> None:
    sent, back = forms_sent(programme.ledger), districts_since(programme.ledger, last)
    reasons = []
    for form in forms:
        path = programme.folder / FORMS / last.month / form.file
        if form.sha256 in sent:
            reasons.append(f"{form.file} 已经发给区县")
        elif form.district in back:
            reasons.append(f"{form.file} 已经交回来过")
        elif path.exists() and _hash(path) not in (form.sha256, form.before):
            reasons.append(f"{form.file} 已经有人填过或改过")
        elif form.before and not _archived_path(programme, form.before).exists():
            reasons.append(f"{form.file} 原来的那份没有存档，恢复不了")
    if reasons:
        more = f"等 {len(reasons)} 份" if len(reasons) > 5 else ""
        raise Refused(f"不能撤销 {last.at} 的“生成填报表”：{'；'.join(reasons[:5])}{more}")


def _hash(path: Path) -> str:
    return hashlib.sha256(held.read_bytes(path)).hexdigest()


def _undo_totals(
    programme: Programme, last: Run, rehearse: bool
) -> tuple[list[str], list[Problem]]:
    """Bring back what the master showed before, where nobody changed it since."""
    kept = snapshot.load_changes(programme.folder, last.id)
    if kept is None:
        raise Refused(
            f"没有保存 {last.at} 重算以前主表里的数，不能撤销；重算以前的主表在“{BACKUPS}”文件夹里"
        )
    programme.host.ready()
    changes, left = snapshot.restore_changes(programme.host, kept)
    if not rehearse:
        programme.host.apply(changes)
        snapshot.restore_notes(programme.host, kept)
    return [
        f"{change.sheet}：{len(change.values) + len(change.computed)} 格" for change in changes
    ], left


def _undo_month(programme: Programme, last: Run, rehearse: bool) -> list[str]:
    """Make the closed month 本次月份 again where the closing went on to the next and nobody since."""
    following = changed_month(last.outcome)
    if not following or programme.basics.settings.month != following:
        return []
    change = month_change(programme, last.month)
    if not rehearse:
        write_month(programme, change)
    return [f"{change.sheet}：{month_words(last.month)}"]


def _undo_sheets(
    programme: Programme, last: Run, rehearse: bool
) -> tuple[list[str], list[Problem]]:
    """Bring back a master that nobody wrote since byte for byte; take any other back cell by cell."""
    programme.host.ready()
    before = None
    if not programme.live:
        before = master_before(programme.folder, last.id, programme.master)
    if before is not None:
        if not rehearse:
            if programme.shared:
                from xl_addin.master.macros.settings_stamp import read_stamp, stamped

                # It goes on by the version that it is at, and says otherwise than that.
                before = stamped(before, read_stamp(programme.host))
            atomic.write(programme.master.resolve(), before)
            programme.close_master()
            fail_point("undo.master")
        return [str(programme.master)], []
    record = load_record(programme.folder, last.id)
    if record is None:
        raise Refused(
            f"没有保存 {last.at} 的“{label_of(last.verb)}”做了什么，不能撤销；变动以前的主表在“{BACKUPS}”文件夹里"
        )
    changes, left = take_back(programme.host, record, rehearse=rehearse)
    programme.reread()
    return changes, left


def _record(programme: Programme, last: Run) -> None:
    ledger = programme.ledger
    outcome = f"撤销 {last.at} 的“{label_of(last.verb)}”：{last.outcome}"
    ledger.add_event(programme.now(), "undo", last.month, outcome, programme.who())
    add_undone(ledger, last)


def _update_lists(programme: Programme, verb: str) -> None:
    """The lists that are not brought back but written anew, and the master kept."""
    try:
        changes = _list_changes(programme, verb)
    except Refused:  # a setting that is wrong is no reason to stop half way
        changes = [journal_change(programme.host, programme.ledger)]
    programme.host.apply(changes)
    programme.save()
    fail_point("undo.saved")


def _list_changes(programme: Programme, verb: str) -> list[Change]:
    if verb == "supervise" or verb in _CHANGES_SHEETS:
        return list_changes(programme, programme.basics.settings.month)
    changes = [journal_change(programme.host, programme.ledger)]
    if verb == "compare":
        from xl_addin.services.comparison_list import comparison_changes

        return [*changes, *comparison_changes(programme)]
    pending = pending_block(programme.host)
    if pending is not None:
        waiting, closed = held_returns(programme.ledger), closed_months(programme.ledger)
        papers = held_rows(programme)
        changes.append(pending_change(pending, waiting, programme.basics, closed, papers))
    return changes


def _report(
    request: Request, last: Run, changes: list[str], left: list[Problem], elsewhere: tuple[str, ...]
) -> Result:
    told = "（预演，没有写入）" if request.rehearse else ""
    after = "。主表里的汇总在重算之后更新" if last.verb in ("collect", "fetch", "settle") else ""
    if last.verb == "fetch":
        after += "；取下的邮件还在归档里，下一次“收取邮件”会重新读取"
    return Result(
        {
            "verb": "undo",
            "undone": {
                "id": last.id,
                "verb": last.verb,
                "month": last.month or None,
                "at": last.at,
                "outcome": last.outcome,
            },
            "changes": changes,
            "problems": [problem.as_json() for problem in left],
        },
        f"撤销了 {last.at} 的“{label_of(last.verb)}”（{clip(last.outcome)}）{told or after}",
        clean=not (left or elsewhere),
        lines=(*elsewhere, *list_messages(left)),
    )
