"""``distribute``: one form per district for a month."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from xl_addin import layout
from xl_addin.desk import Desk, Wish
from xl_addin.errors import Refused
from xl_addin.forms.form import Kit
from xl_addin.forms.issuing import blank_form, file_name, issuer, severities
from xl_addin.forms.stamping import stamped
from xl_addin.lean import NamedTuple
from xl_addin.records import District, Identity
from xl_addin.report import Report
from xl_addin.returns.closings import closed_months
from xl_addin.store import durable
from xl_addin.store.durable import Batch
from xl_addin.store.ledger import Dispatch


class Planned(NamedTuple):
    """A form and where it goes; ``data`` is None where the file already is what it should be.

    ``replaced`` are the bytes of the form that it takes the place of.
    """

    district: District
    identity: Identity
    path: Path
    sha256: str
    data: bytes | None
    replaced: bytes = b""


def run(desk: Desk, wish: Wish) -> Report:
    """Plan every form, refuse if one stands in the way, then write them."""
    month, config, ledger = desk.month(wish), desk.config, desk.ledger
    with ledger.writing():
        kit = Kit(
            blank_form(ledger, config), config.indicators, severities(config), config.settings.title
        )
        folder = desk.folder / layout.FORMS / month
        standings = ledger.standings(month)
        issued = ledger.issued_hashes(month)
        durable.sweep(folder)
        existing = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        planned: list[Planned] = []
        blocked: list[Path] = []
        forms = stamped(kit, config.districts, issuer(config, month, ledger, standings))
        told = desk.progress.over(config.districts, len(config.districts), "生成填报表")
        for district, form in zip(told, forms, strict=True):
            path = folder / file_name(district, month)
            plan = Planned(district, form.identity, path, form.sha256, form.data)
            if path.name in existing:
                old = path.read_bytes()
                there = hashlib.sha256(old).hexdigest()
                if there == plan.sha256:
                    plan = plan._replace(data=None)
                elif there not in issued:
                    blocked.append(path)
                else:
                    plan = plan._replace(replaced=old)
            planned.append(plan)
        _refuse(blocked)
        if not wish.rehearse:
            _issue(desk, month, folder, planned)
    return _report(desk, wish, month, planned)


def _refuse(blocked: Sequence[Path]) -> None:
    if blocked:
        names = "；".join(path.name for path in blocked[:5])
        more = f"等 {len(blocked)} 个文件" if len(blocked) > 5 else ""
        raise Refused(
            f"{blocked[0].parent}：{names}{more}已经有人填过或改过，和发出时不一样，不会覆盖；"
            "请先把它们移走（要收集的放进“回收”文件夹），再重新生成"
        )


def _issue(desk: Desk, month: str, folder: Path, planned: Sequence[Planned]) -> None:
    """Write the files and record them: a cut in between leaves what the next run makes anyway."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = [plan for plan in planned if plan.data is not None]
    last = desk.ledger.dispatched(month)
    at = desk.now()
    if any(plan.replaced for plan in fresh):
        durable.sweep(desk.folder / layout.ARCHIVE)
    with Batch() as batch:
        for plan in fresh:
            if plan.replaced:  # so that undo can bring it back
                name = f"{hashlib.sha256(plan.replaced).hexdigest()}.xlsx"
                batch.put(str(desk.folder / layout.ARCHIVE / name), plan.replaced)
        for plan in fresh:
            batch.put(str(plan.path), plan.data or b"")
        desk.ledger.add_dispatches(
            Dispatch(
                month, plan.district.code, plan.identity.round, plan.identity.mac,
                plan.sha256, plan.path.name, at,
            )
            for plan in planned
            if plan.district.code not in last or last[plan.district.code].sha256 != plan.sha256
        )  # fmt: skip
        outcome = f"生成 {len(fresh)} 份填报表，{len(planned) - len(fresh)} 份没有变化"
        desk.ledger.add_event(at, "distribute", month, outcome, desk.who())


def _report(desk: Desk, wish: Wish, month: str, planned: Sequence[Planned]) -> Report:
    fresh = sum(plan.data is not None for plan in planned)
    kept = len(planned) - fresh
    same = f"，{kept} 份已在且没有变化" if kept else ""
    folder = desk.folder / layout.FORMS / month
    outcome = (
        f"{month}：将生成 {fresh} 份填报表{same}（预演，没有写入）"
        if wish.rehearse
        else f"{month}：生成了 {fresh} 份填报表{same}，在 {folder}"
    )
    forms = [
        {
            "code": p.district.code,
            "district": p.district.name,
            "file": str(p.path),
            "sha256": p.sha256,
        }
        for p in planned
    ]
    closed = month in closed_months(desk.ledger)
    says = f"{month} 已经结账，交回来的会先待定；要照常收取，请先重新打开这个月（close --reopen）"
    return Report(
        {"verb": "distribute", "month": month, "forms": forms},
        outcome,
        lines=(says,) if closed else (),
    )
