"""``change-indicator``: an indicator that is reported no longer."""

from __future__ import annotations

from xl_addin.model.result import Result
from xl_addin.model.sheets import INDICATORS_BLOCK
from xl_addin.services.amending import Amendment, amend_master
from xl_addin.services.change_words import find_indicator, month_number
from xl_addin.services.list_places import place_of
from xl_addin.services.programme import Programme, Request
from xl_addin.system.errors import Misused
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value


def run(programme: Programme, request: Request) -> Result:
    """Set the last month of an indicator; its months stay in every total."""
    given, config = request.options, programme.config
    lacking = [f"--{name}" for name in ("indicator", "until") if not given.get(name)]
    if lacking:
        says = f"用法不对：缺少 {'、'.join(lacking)}"
        raise Misused(f"{says}\n查看用法：xl-addin change-indicator --help")
    item = find_indicator(config, given["indicator"])
    until = month_number(given["until"], config.settings.year, "--until")
    where = place_of(programme.host, INDICATORS_BLOCK, item.code, "截止月")
    edits: dict[Where, Value] = {where: until if until < 12 else None}
    lines = tuple(
        f"它的下级指标“{part.label}”{until} 月以后还要报；不再报的话请同样登记"
        for part in config.indicators
        if part.parent == item.code and part.until > until
    )
    amendment = Amendment(edits={INDICATORS_BLOCK: edits}, lines=lines)
    said = f"“{item.label}”报到 {until} 月为止"
    return amend_master(programme, request, "change-indicator", amendment, said)
