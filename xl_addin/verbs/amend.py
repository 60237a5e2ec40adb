"""``amend``: what staff typed in the lists made so on every sheet, and what any sheet lacks put right."""

from __future__ import annotations

from xl_addin.model.result import Result
from xl_addin.services.amending import Amendment, amend_master
from xl_addin.services.mergers import typed_mergers
from xl_addin.services.programme import Programme, Request


def run(programme: Programme, request: Request) -> Result:
    """Bring all sheets into agreement with the lists; register what is new in 任务调整."""
    merged = typed_mergers(programme)
    amendment = Amendment(adjustments=merged.adjustments, lines=merged.lines)
    return amend_master(programme, request, "amend", amendment, "各张表已与名录、指标一致")
