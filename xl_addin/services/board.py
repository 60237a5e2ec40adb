"""看板 as a recompute writes it: the totals beside who has reported, by the one roll call."""

from __future__ import annotations

from xl_addin.master.board import board_changes, make_board
from xl_addin.master.host.base import Change
from xl_addin.master.totals import Totals
from xl_addin.model.lights import BLUE, GREEN, LIGHTS, RED, YELLOW
from xl_addin.model.records import VERDICT_LABELS
from xl_addin.services.programme import Programme
from xl_addin.services.roll_call import call_roll
from xl_addin.store.slips import any_slips, slips


def _work_words(programme: Programme, month: str) -> str:
    """How many key works there are, and how many of them have which light, the worst first."""
    if not programme.works:
        return ""
    from xl_addin.services.work_ledger import work_counts

    lights = [count.light for count in work_counts(programme, month).values() if count.light]
    said = [
        f"{LIGHTS[light].shape}{light} {lights.count(light)}"
        for light in (RED, YELLOW, GREEN, BLUE)
        if light in lights
    ]
    return f"重点工作 {len(lights)} 件 {' '.join(said)}" if lights else ""


def shown_board(programme: Programme, totals: Totals) -> list[Change]:
    """What 看板 and 看板数据 become."""
    config = programme.config
    reported = {
        each.district.code: each.punctuality or VERDICT_LABELS[each.verdict]
        for each in call_roll(programme).answers(totals.month)
    }
    said = [_supervised(programme), _work_words(programme, totals.month)]
    board = make_board(totals, config, reported, programme.now(), said)
    return board_changes(programme.host, board, config)


def _supervised(programme: Programme) -> str:
    """How many slips are open; who has none does not pay for them."""
    if not any_slips(programme.ledger):
        return ""
    from xl_addin.services.supervision.report import board_words

    return board_words(slips(programme.ledger), programme.now()[:10])
