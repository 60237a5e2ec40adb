"""A run of 督办 taken back: its files go, its numbers are free again, unless something went out or was written."""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.model.slips import DRAFTED, ISSUED, Slip, SlipState
from xl_addin.services.bulletin.sentences import enumerate_names
from xl_addin.services.programme import Programme
from xl_addin.services.supervision.files import may_go
from xl_addin.store.slips import letters_out, slips, states_of_run
from xl_addin.system import held
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import fail_point


def undo_slips(programme: Programme, run: int, at: str, *, rehearse: bool) -> list[str]:
    """Remove what a run drafted; the files. Refused with the reasons where something of it must stay."""
    known = {each.id: each for each in slips(programme.ledger)}
    states = [
        (known[slip], state)
        for slip, state in states_of_run(programme.ledger, run)
        if slip in known
    ]
    reasons = list(_reasons(programme, states))
    if reasons:
        raise Refused(f"不能撤销 {at} 的“督办”：{enumerate_names(reasons, '处')}")
    paths = [programme.folder / state.file for _, state in states if state.state == DRAFTED]
    for path in paths if not rehearse else ():
        held.unlink(path)
        fail_point("undo.slip")
    return [str(path) for path in paths]


def _reasons(programme: Programme, states: list[tuple[Slip, SlipState]]) -> Iterator[str]:
    out = letters_out(programme.ledger)
    for slip, state in states:
        if state.state == ISSUED and f"{slip.name}{state.level}" in out:
            yield f"{slip.name}已经发给区县"
        if state.state == DRAFTED and not may_go(programme.folder / state.file):
            yield f"{slip.name}的 {state.file} 有人改过或正打开着，请先移到别处"
