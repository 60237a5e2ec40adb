"""``undo``: takes back the last run as a whole; the journal keeps both."""

from __future__ import annotations

import hashlib
from pathlib import Path

from xl_addin.model.commands import PASSED_OVER, UNDOABLE, VERBS, label_of
from xl_addin.model.folder import ARCHIVE, BACKUPS, FORMS
from xl_addin.model.records import Problem
from xl_addin.model.result import Report
from xl_addin.services import snapshot
from xl_addin.services.lists import journal_change
from xl_addin.services.pending import pending_block, pending_change
from xl_addin.services.programme import Desk, Wish
from xl_addin.store.closings import closed_months
from xl_addin.store.decisions import held
from xl_addin.store.ledger import Ledger
from xl_addin.system import atomic
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import reached
from xl_addin.system.light import NamedTuple

_UNDO = {verb.name: verb.undo for verb in VERBS}
# Whether a run was before runs were numbered: it added rows that do not carry its number.
_OLDER = {
    "collect": "SELECT 1 FROM receipts WHERE run IS NULL"
    " AND NOT EXISTS(SELECT 1 FROM receipts WHERE run>=?)",
    "distribute": "SELECT 1 FROM dispatches WHERE run IS NULL"
    " AND NOT EXISTS(SELECT 1 FROM dispatches WHERE run>=?)",
}


class Run(NamedTuple):
    """A line of the journal."""

    id: int
    at: str
    verb: str
    month: str
    outcome: str


class Form(NamedTuple):
    """A form that the run issued, and the one that it took the place of, if any."""

    district: str
    path: Path
    sha256: str
    before: str


def run(desk: Desk, wish: Wish) -> Report:
    """Files and master first, the ledger last: cut off in between, the same run is undone again."""
    with desk.ledger.writing():
        cut = _cut_off(desk.ledger)
        if cut is not None:
            return _report(wish, cut, [], [])
        last = _last(desk.ledger)
        changes: list[str] = []
        left: list[Problem] = []
        if last.verb == "distribute":
            changes = _undo_forms(desk, last, wish.rehearse)
        elif last.verb == "recompute":
            changes, left = _undo_totals(desk, last, wish.rehearse)
        if not wish.rehearse:
            _record(desk, last)
            if last.verb == "recompute":
                _show(desk)
    return _report(wish, last, changes, left)


def _cut_off(ledger: Ledger) -> Run | None:
    """The run that an undo took back which was cut off before it could say so."""
    rows = ledger.query(
        "SELECT e.id, e.at, e.verb, e.month, e.outcome FROM undone u JOIN events e ON e.id=u.run"
        " WHERE u.by=(SELECT MAX(id) FROM events)"
    )
    return Run._make(rows[0]) if rows and ledger.unconfirmed else None


def _last(ledger: Ledger) -> Run:
    """The run to undo. Refused when there is none, or it is one that cannot be undone."""
    rows = ledger.query(
        "SELECT id, at, verb, month, outcome FROM events WHERE id NOT IN (SELECT run FROM undone)"
        " ORDER BY id DESC"
    )
    last = next((Run._make(row) for row in rows if _UNDO.get(row[2]) != PASSED_OVER), None)
    if last is None or last.verb == "new":
        raise Refused("没有可以撤销的操作")
    if _UNDO.get(last.verb) != UNDOABLE:
        raise Refused(
            f"最近一次操作是 {last.at} 的“{label_of(last.verb)}”，它做了的事收不回来，不能撤销；"
            "它以前的操作也就不能再撤销"
        )
    query = _OLDER.get(last.verb)
    if query and ledger.query(query, (last.id,)):
        raise Refused(f"{last.at} 的“{label_of(last.verb)}”是旧版本的程序做的，没有记下怎样撤销")
    return last


def _undo_forms(desk: Desk, last: Run, rehearse: bool) -> list[str]:
    """Remove the run's forms, or bring back those that they replaced. All can go, or none goes."""
    forms = _forms(desk, last)
    _refuse_if_used(desk, last, forms)
    atomic.sweep(desk.folder / FORMS / last.month)
    for form in forms if not rehearse else ():
        if form.before:
            atomic.write(form.path, _archived(desk, form.before).read_bytes())
        else:
            form.path.unlink(missing_ok=True)
        reached("undo.form")
    return [str(form.path) for form in forms]


def _forms(desk: Desk, last: Run) -> list[Form]:
    folder = desk.folder / FORMS / last.month
    rows = desk.ledger.query(
        "SELECT d.district, d.file, d.sha256, COALESCE((SELECT e.sha256 FROM dispatches e"
        " WHERE e.month=d.month AND e.file=d.file AND e.id<d.id"
        " AND (e.run IS NULL OR e.run NOT IN (SELECT run FROM undone))"
        " ORDER BY e.id DESC LIMIT 1), '') FROM dispatches d WHERE d.run=?",
        (last.id,),
    )
    return [Form(district, folder / file, sha, before) for district, file, sha, before in rows]


def _archived(desk: Desk, sha256: str) -> Path:
    return desk.folder / ARCHIVE / f"{sha256}.xlsx"


def _refuse_if_used(desk: Desk, last: Run, forms: list[Form]) -> None:
    ledger = desk.ledger
    sent = {
        row[0]
        for row in ledger.query(
            "SELECT about FROM sendings s WHERE letter='send' AND EXISTS(SELECT 1 FROM sending_states t"
            " WHERE t.sending=s.id AND t.state IN ('sending','sent','drafted','written'))"
        )
    }
    back = {
        row[0]
        for row in ledger.query(
            "SELECT district FROM receipts WHERE month=? AND run>? AND verdict<>'blank'",
            (last.month, last.id),
        )
    }
    reasons = []
    for form in forms:
        if form.sha256 in sent:
            reasons.append(f"{form.path.name} 已经发给区县")
        elif form.district in back:
            reasons.append(f"{form.path.name} 已经交回来过")
        elif form.path.exists() and _hash(form.path) not in (form.sha256, form.before):
            reasons.append(f"{form.path.name} 已经有人填过或改过")
        elif form.before and not _archived(desk, form.before).exists():
            reasons.append(f"{form.path.name} 原来的那份没有存档，恢复不了")
    if reasons:
        more = f"等 {len(reasons)} 份" if len(reasons) > 5 else ""
        raise Refused(f"不能撤销 {last.at} 的“生成填报表”：{'；'.join(reasons[:5])}{more}")


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _undo_totals(desk: Desk, last: Run, rehearse: bool) -> tuple[list[str], list[Problem]]:
    """Bring back what the master showed before, where nobody changed it since."""
    kept = snapshot.kept(desk.folder, last.id)
    if kept is None:
        raise Refused(
            f"没有保存 {last.at} 重算以前主表里的数，不能撤销；重算以前的主表在“{BACKUPS}”文件夹里"
        )
    desk.host.ready()
    changes, left = snapshot.restoring(desk.host, kept)
    if not rehearse:
        desk.host.apply(changes)
    return [
        f"{change.sheet}：{len(change.values) + len(change.computed)} 格" for change in changes
    ], left


def _record(desk: Desk, last: Run) -> None:
    ledger = desk.ledger
    outcome = f"撤销 {last.at} 的“{label_of(last.verb)}”：{last.outcome}"
    ledger.add_event(desk.now(), "undo", last.month, outcome, desk.who())
    ledger.add("INSERT INTO undone(run, by) VALUES(?,?)", [(last.id, ledger.run)])


def _show(desk: Desk) -> None:
    """The lists that are not brought back but written anew, and the master kept."""
    pending = pending_block(desk.host)
    changes = [journal_change(desk.host, desk.ledger)]
    if pending is not None:
        waiting, closed = held(desk.ledger), closed_months(desk.ledger)
        changes.append(pending_change(pending, waiting, desk.basics, closed))
    desk.host.apply(changes)
    desk.host.save()
    reached("undo.saved")


def _report(wish: Wish, last: Run, changes: list[str], left: list[Problem]) -> Report:
    told = "（预演，没有写入）" if wish.rehearse else ""
    after = "。主表里的汇总在重算之后更新" if last.verb in ("collect", "settle") else ""
    return Report(
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
        f"撤销了 {last.at} 的“{label_of(last.verb)}”（{last.outcome}）{told or after}",
        clean=not left,
        lines=tuple(problem.message for problem in left),
    )
