"""What goes on paper is what the master shows: another month, or a newer ledger, is refused."""

import pytest

from tests.tools.programme import MONTHS, SmallProgramme
from xl_addin.services.shown_totals import shown_totals
from xl_addin.system.errors import Refused


def test_other_totals_than_the_master_s_are_refused(tmp_path):
    programme = SmallProgramme(tmp_path / "任务")
    programme.send("0.xlsx", 0)
    programme.collect()

    def totals(month):
        return shown_totals(programme.open_programme(), month, "督办单")

    programme.run("recompute", MONTHS[0])
    assert totals(MONTHS[0]).month == MONTHS[0]
    with pytest.raises(Refused, match=f"{MONTHS[0]}，不是 {MONTHS[1]}，督办单"):
        totals(MONTHS[1])
    programme.send("1.xlsx", 1)
    programme.collect()
    with pytest.raises(Refused, match="底账比主表里的汇总新") as refusal:
        totals(MONTHS[0])
    assert refusal.value.problems
