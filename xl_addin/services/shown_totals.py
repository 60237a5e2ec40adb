"""A month's totals for whoever writes them on paper: what goes out says what people see in the master."""

from __future__ import annotations

from xl_addin.master.read.blocks import key_text
from xl_addin.master.totals import Totals
from xl_addin.model.sheets import MONTH_CELL
from xl_addin.services.audit import check_changes, check_master
from xl_addin.services.programme import Programme
from xl_addin.services.scoring import month_figures, shown_scores
from xl_addin.system.errors import Refused


def shown_totals(programme: Programme, month: str, paper: str) -> Totals:
    """The month's totals. Refused where the master shows others; ``paper`` is what is to be written."""
    block = programme.host.block(MONTH_CELL)
    shown = key_text(block.cells.get(block.area[:2]))
    advice = f"请先重算：点“重算”，或运行 xl-addin recompute --month {month}"
    if shown != month:
        what = f"现在显示的是 {shown}" if shown else "还没有重算过"
        raise Refused(f"主表{what}，不是 {month}，{paper}要和主表一致；{advice}")
    figures = month_figures(programme, month)
    totals = figures.totals
    _, apart = check_master(programme.host, programme.config, totals, typed_only=True)
    scores = shown_scores(programme, figures.book)
    apart += check_changes(programme.host, scores, typed_only=True)[1]
    if apart:
        raise Refused(f"底账比主表里的汇总新，有 {len(apart)} 格不一样；{advice}", apart)
    return totals
