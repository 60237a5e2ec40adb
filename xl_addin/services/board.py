"""看板 as a recompute writes it: the totals beside who has reported, by the one roll call."""

from __future__ import annotations

from xl_addin.master.board import board_changes, make_board
from xl_addin.master.host.base import Change
from xl_addin.master.totals import Totals
from xl_addin.model.records import VERDICT_LABELS
from xl_addin.services.programme import Programme
from xl_addin.services.roll_call import call_roll


def shown_board(programme: Programme, totals: Totals) -> list[Change]:
    """What 看板 and 看板数据 become."""
    config = programme.config
    day = config.settings.deadline_day
    reported = {
        each.district.code: each.punctuality(day) or VERDICT_LABELS[each.verdict]
        for each in call_roll(programme).answers(totals.month)
    }
    board = make_board(totals, config, reported, programme.now())
    return board_changes(programme.host, board, config)
