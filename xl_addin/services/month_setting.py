"""本次月份 on 设置, written by the program when staff agree to go on to the next month."""

from __future__ import annotations

from xl_addin.master.host.base import Change
from xl_addin.master.read.settings_rows import SettingRows
from xl_addin.model.problems import place
from xl_addin.model.sheets import SETTINGS_BLOCK, SETTINGS_SHEET
from xl_addin.services.programme import Programme
from xl_addin.system.errors import Refused

_SAID = "本次月份改为"


def month_change(programme: Programme, month: str) -> Change:
    """The change that makes a month 本次月份.

    Raises Refused where the master cannot be written or the cell is not there or holds a formula.
    """
    host = programme.host
    host.ready()
    block = host.block(SETTINGS_BLOCK)
    spec, where, _ = SettingRows(block, []).cell("month")
    if not where[0]:
        raise Refused(f"{place(SETTINGS_SHEET)}：找不到“{spec.label}”这一项；请恢复这一行后再试")
    change = Change(block.sheet, {where: month}, {})
    barred = host.check([change]).disagreements
    if barred:
        raise Refused(f"“{spec.label}”没有改", barred)
    return change


def write_month(programme: Programme, change: Change) -> None:
    """Write what ``month_change`` gave into the open or closed master."""
    programme.host.apply([change])
    programme.save()
    programme.forget_settings()


def month_words(month: str) -> str:
    """How the journal says that a month became 本次月份."""
    return f"{_SAID} {month}"


def changed_month(outcome: str) -> str:
    """The month that a run set, by its line in the journal; "" where it set none."""
    return outcome.rpartition(f"{_SAID} ")[2][:7] if _SAID in outcome else ""
