"""Half a year by mail on real servers with everything that districts owe, against a list made apart.

41 districts, 20 key works, 2 papers: forms with their page out and back, slips and their answers, papers of all
kinds, another office's table, scores, closing, a bulletin, an undo, the whole again out of the archive.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.docx.templates import text_of
from tests.tools import documents, mail_programme
from tests.tools import half_year_story as story
from tests.tools.documents import prose
from tests.tools.half_year_player import Player
from tests.tools.half_year_story import EVERYBODY, HalfYear
from tests.tools.score_oracle import shown, worth
from tests.tools.tables import workbook
from xl_addin.master.build.sheet_writer import TOP
from xl_addin.model.folder import COMPARISONS, PAPERS
from xl_addin.model.settings import SETTINGS
from xl_addin.model.sheets import (
    DISTRICTS_SHEET,
    PAPER_HEADINGS,
    PAPERS_BLOCK,
    SCHEME_BLOCK,
    SCHEME_HEADINGS,
    SETTINGS_SHEET,
    SLIPS_BLOCK,
    STATUS_BLOCK,
    WORK_HEADINGS,
    WORKS_BLOCK,
)
from xl_addin.store.slips import slips
from xl_addin.verbs import (
    bulletin,
    close,
    collect,
    compare,
    distribute,
    dossier,
    fetch,
    rebuild,
    recompute,
    remind,
    return_,
    send,
    settle,
    status,
    supervise,
    undo,
    verify,
)

OFFICE = {(TOP + 1 + [each.key for each in SETTINGS].index("office"), 2): "某市残疾人联合会"}
SUMMARY, CASE = "半年工作总结", "创新工作案例"


@pytest.fixture
def player(tmp_path, mail, office, monkeypatch):
    mail_programme.environment(monkeypatch)
    made = Player(tmp_path, mail, office)
    no_address = {(4 + story.BY_HAND, 4): None}
    made.made.edit({DISTRICTS_SHEET: no_address, SETTINGS_SHEET: OFFICE})
    made.type_rows(WORKS_BLOCK, WORK_HEADINGS, [work_row(made, each) for each in story.WORKS])
    everybody = ("D1", SUMMARY, "半年做了什么、成效和问题", "6月30日", None, 200)
    some = ("D2", CASE, "", "2023-06-30", None, None, None, None, names(made, story.OWE_CASE))
    made.type_rows(PAPERS_BLOCK, PAPER_HEADINGS[:9], [everybody, some])
    return made


def names(player, numbers):
    return "、".join(player.district(n).name for n in numbers)


def work_row(player, work):
    owners = names(player, work.owners) or None
    since = work.since if work.since > 1 else None
    until = work.until if work.until < 12 else None
    indicator = "实用技术培训" if work.indicator else None
    return (
        *(work.number, work.title, "按方案落实", "教就处", owners, work.term or None),
        *(work.frequency, indicator, since, until),
    )


def test_half_a_year(player):
    said = Counter()
    for month in story.MONTHS:
        _forms_out(player, month, said)
        _forms_back(player, month, said)
    assert said


def _forms_out(player, month, said):
    """Forms go out; each has the rows that its district is asked for."""
    player.at(f"2023-{month + 1:02d}-01 09:00:00", month)
    assert player.run(distribute).clean
    sent = player.run(send).data["letters"]
    said.update(("send", n) for n in EVERYBODY if n != story.BY_HAND)
    assert len(sent) == story.COUNT - 1


def _forms_back(player, month, said):
    """What comes on the third, what goes back, and what comes on the ninth."""
    for day in ("03", "09"):
        moment = f"2023-{month + 1:02d}-{day} 09:30:00"
        coming = [each for each in story.returns() if each.month == month and each.at == moment]
        if not coming:
            continue
        player.at(moment)
        _hand_in(player, coming)
        back = player.run(return_).data["letters"]
        wrong = {
            player.district(each.district).code
            for each in coming
            if each.fails or each.page_fails
        }
        assert {each["code"] for each in back} == wrong
        said.update(("return", each.district) for each in coming if each.fails or each.page_fails)


def _hand_in(player, coming, extra=None):
    """Districts mail what they filled in, one brings it; verdicts are as they must be."""
    letters = []
    for each in coming:
        if each.district == story.BY_HAND:
            form = player.made.form(player.district(each.district), f"2023-{each.month:02d}")
            player.bring(*player.filled(each, form))
            continue
        asked = player.got(each.district, f"{each.month}月" if False else "")[-1]
        [form] = asked.iter_attachments()
        files = [player.filled(each, form.get_content()), *(extra or {}).get(each.district, ())]
        letters.append((each.district, files, "报送", "请查收。", asked["Message-ID"]))
    player.post(letters)
    found = {each["code"]: each["verdict"] for each in player.run(fetch).data["returns"]}
    if any(each.district == story.BY_HAND for each in coming):
        brought = player.run(collect).data["returns"]
        found |= {each["code"]: each["verdict"] for each in brought}
    assert found == {
        player.district(each.district).code: "rejected" if each.fails else "accepted"
        for each in coming
    }
    assert not player.run(fetch).data["returns"]
