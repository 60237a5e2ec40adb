"""``distribute``: one form per district for a month."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from xl_addin.model.folder import ARCHIVE, FORMS
from xl_addin.model.records import District, Identity
from xl_addin.model.result import Result
from xl_addin.model.settings import Config
from xl_addin.services.issuing import form_file_name, form_template, issuer
from xl_addin.services.programme import Programme, Request
from xl_addin.services.stamping import StampingJob, stamp_forms
from xl_addin.services.target_history import note_targets
from xl_addin.services.workers import MANY
from xl_addin.store.decisions import closed_months
from xl_addin.store.issued_forms import Dispatch, add_dispatches, issued_hashes, latest_forms
from xl_addin.system import atomic, held
from xl_addin.system.atomic import Batch
from xl_addin.system.errors import Misused, Refused
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from xl_addin.services.issuing import PageMaker


class PlannedForm(NamedTuple):
    """A form and where it goes; ``fresh`` is off where the file already is what it should be."""

    district: District
    identity: Identity
    path: str
    sha256: str
    fresh: bool = True


def run(programme: Programme, request: Request) -> Result:
    """Make every form, refuse if one stands in the way, then let them appear."""
    if "papers" in request.options:
        from xl_addin.services.paper_issuing import issue_covers

        return issue_covers(programme, rehearse=request.rehearse)
    if "packages" in request.options:
        from xl_addin.services.packages import make_packages

        return make_packages(programme, request)
    if "district" in request.options or "group" in request.options:
        raise Misused(
            "用法不对：--district 和 --group 只和 --packages 一起用；填报表一次给全部区县生成"
        )
    month, ledger = programme.month(request), programme.ledger
    config = programme.config.in_month(month)
    folder = programme.folder / FORMS / month
    with ledger.writing(), Batch(len(config.districts), str(folder)) as batch:
        if not request.rehearse:
            folder.mkdir(parents=True, exist_ok=True)
        atomic.remove_temporary(folder)
        planned = _plan(programme, config, month, folder, batch, write=not request.rehearse)
        if not request.rehearse:
            _record(programme, month, planned)
    return _report(programme, request, month, planned)


def _plan(
    programme: Programme, config: Config, month: str, folder: Path, batch: Batch, *, write: bool
) -> list[PlannedForm]:
    """Every form, those that are new in the batch. Refused when one would overwrite somebody's work."""
    ledger = programme.ledger
    page = _page_maker(programme, month)
    template = form_template(ledger, config, paged=page is not None)
    if len(config.districts) >= MANY:
        programme.let_go_of_master()
    issue = issuer(config, month, ledger, ledger.standings(month, programme.config), page)
    existing = set(held.names(folder))
    names = {district.code: form_file_name(district, month) for district in config.districts}
    into = f"{folder}{os.sep}"

    def place(district: District) -> str:
        name = names[district.code]
        return into + name if write and name not in existing else ""

    issued = issued_hashes(ledger, month)
    planned: list[PlannedForm] = []
    blocked: list[str] = []
    replaced: list[tuple[str, bytes, bytes]] = []
    told = programme.progress.over(config.districts, len(config.districts), "生成填报表")
    # Closed at once when anything fails, so that no fork writes on.
    with closing(
        stamp_forms(StampingJob(template, issue, place, batch), config.districts)
    ) as forms:
        for district, form in zip(told, forms, strict=True):
            name = names[district.code]
            plan = PlannedForm(district, form.identity, into + name, form.sha256)
            if name in existing:
                old = held.read_bytes(Path(plan.path))
                there = hashlib.sha256(old).hexdigest()
                if there == form.sha256:
                    plan = plan._replace(fresh=False)
                elif there not in issued:
                    blocked.append(name)
                else:
                    replaced.append((plan.path, old, form.data))
            planned.append(plan)
    _refuse(folder, blocked)
    if write and replaced:
        _replace(programme.folder / ARCHIVE, replaced, batch)
    return planned


def _page_maker(programme: Programme, month: str) -> PageMaker | None:
    if not programme.works:
        return None
    from xl_addin.services.work_ledger import page_maker

    return page_maker(programme, month)


def _replace(archive: Path, replaced: Sequence[tuple[str, bytes, bytes]], batch: Batch) -> None:
    """Put the new forms in the place of the old ones, which go to the archive: undo brings them back."""
    atomic.remove_temporary(archive)
    for path, old, new in replaced:
        batch.put(str(archive / f"{hashlib.sha256(old).hexdigest()}.xlsx"), old)
        batch.put(path, new)


def _refuse(folder: Path, blocked: Sequence[str]) -> None:
    if blocked:
        names = "；".join(blocked[:5])
        more = f"等 {len(blocked)} 个文件" if len(blocked) > 5 else ""
        raise Refused(
            f"{folder}：{names}{more}已经有人填过或改过，和发出时不一样，不会覆盖；"
            "请先把它们移走（要收集的放进“回收”文件夹），再重新生成"
        )


def _record(programme: Programme, month: str, planned: Sequence[PlannedForm]) -> None:
    """Write down what was issued: a cut in between leaves what the next run makes anyway."""
    last = latest_forms(programme.ledger, month)
    at = programme.now()
    changed = (
        plan
        for plan in planned
        if plan.district.code not in last or last[plan.district.code].sha256 != plan.sha256
    )
    add_dispatches(
        programme.ledger,
        (
            Dispatch(
                month,
                plan.district.code,
                plan.identity.round,
                plan.identity.mac,
                plan.sha256,
                os.path.basename(plan.path),  # noqa: PTH119 - one of many
                at,
            )
            for plan in changed
        ),
    )
    fresh = sum(plan.fresh for plan in planned)
    noted = note_targets(programme.ledger, programme.config)
    outcome = (
        f"生成 {fresh} 份填报表，{len(planned) - fresh} 份没有变化{'；' if noted else ''}{noted}"
    )
    programme.ledger.add_event(at, "distribute", month, outcome, programme.who())


def _report(
    programme: Programme, request: Request, month: str, planned: Sequence[PlannedForm]
) -> Result:
    fresh = sum(plan.fresh for plan in planned)
    kept = len(planned) - fresh
    same = f"，{kept} 份已在且没有变化" if kept else ""
    folder = programme.folder / FORMS / month
    outcome = (
        f"{month}：将生成 {fresh} 份填报表{same}（预演，没有写入）"
        if request.rehearse
        else f"{month}：生成了 {fresh} 份填报表{same}，在 {folder}"
    )
    forms = [
        {"code": p.district.code, "district": p.district.name, "file": p.path, "sha256": p.sha256}
        for p in planned
    ]
    closed = month in closed_months(programme.ledger)
    says = (
        f"{month} 已经结账，交回来的会先待定；要照常收取，请先重新打开这个月"
        f"（close --reopen --month {month}）"
    )
    return Result(
        {"verb": "distribute", "month": month, "forms": forms},
        outcome,
        lines=(says,) if closed else (),
    )
