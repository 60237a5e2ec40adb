"""Half a year by mail on real servers with everything that districts owe, against a list made apart.

41 districts, 20 key works, 2 papers: forms with their page out and back, slips and their answers, papers of all
kinds, another office's table, scores, closing, a bulletin, an undo, the whole again out of the archive.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest

from tests.docx.templates import text_of, with_parts
from tests.tools import documents, mail_programme
from tests.tools import half_year_story as story
from tests.tools.documents import prose
from tests.tools.half_year_player import Player, rows_of
from tests.tools.half_year_story import EVERYBODY, HalfYear
from tests.tools.score_oracle import shown, total, worth
from tests.tools.tables import workbook
from xl_addin.master.build.sheet_writer import TOP
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
    letters, slips_so_far = Counter(), _Slips(player)
    for month in story.MONTHS:
        _forms_out(player, month, letters)
        _forms_back(player, month, letters)
        if month == 3:
            _everything_twice_and_an_undo(player)
        if month == 4:
            player.at("2023-05-10 09:00:00")
            player.run(recompute)
            slips_so_far.press(letters)
            _answers_in_may(player, slips_so_far)
            player.at("2023-05-21 09:00:00")
            slips_so_far.type_answers(12, 41)
            player.run(recompute)
            slips_so_far.press(letters, raised=dict.fromkeys((11, 23, 27, 36), "橙"))
        if month == 5:
            player.at("2023-06-10 09:00:00")
            player.run(recompute)
            slips_so_far.close(3)
            slips_so_far.press(letters, raised={36: "红"})
            _papers(player, letters)
    _reminded(player, letters)
    player.at("2023-07-10 09:00:00")
    player.type_rows(SCHEME_BLOCK, SCHEME_HEADINGS, [*story.RULES, *((),) * 6])
    _figures_works_and_scores(player)
    slips_so_far.press(letters)
    _letters(player, letters)
    _other_offices_table(player)
    _closed_and_published(player)
    _again_from_the_archive(player)


def _forms_out(player, month, letters):
    """Forms go out; the page of each has the rows that its district is asked for."""
    player.at(f"2023-{month + 1:02d}-01 09:00:00", month)
    assert player.run(distribute).clean
    assert len(player.run(send).data["letters"]) == story.COUNT - 1
    letters.update(("send", n) for n in EVERYBODY if n != story.BY_HAND)
    year = HalfYear(str(player.now))
    for n in EVERYBODY:
        rows = rows_of(player.made.form(player.district(n), f"2023-{month:02d}"))
        asked = [each.number for each in year.page(n, month)]
        assert [each for each in rows if not each.startswith("〔")] == asked, (n, month)
    if month == 5:
        assert player.run(distribute, papers="").clean
        player.run(send, papers="")
        letters.update(("send", n) for n in EVERYBODY if n != story.BY_HAND)
        letters.update(("send", n) for n in story.OWE_CASE)


def _forms_back(player, month, letters):
    """What comes on the third and on the ninth, and what goes back."""
    for day in ("03", "09"):
        moment = f"2023-{month + 1:02d}-{day} 09:30:00"
        coming = [each for each in story.returns() if each.month == month and each.at == moment]
        if not coming:
            continue
        player.at(moment)
        _hand_in(player, coming)
        wrong = {each.district for each in coming if each.fails or each.page_fails}
        back = player.run(return_).data["letters"] if wrong else []
        assert {each["code"] for each in back} == {player.district(n).code for n in wrong}
        letters.update(("return", n) for n in wrong)


def _hand_in(player, coming):
    """Districts mail what they filled in, one brings it; verdicts are as they must be."""
    mails = []
    for each in coming:
        district, month = player.district(each.district), f"2023-{each.month:02d}"
        if each.district == story.BY_HAND:
            player.bring(*player.filled(each, player.made.form(district, month)))
            continue
        asked = _form_mails(player, each)[-1]
        [form] = asked.iter_attachments()
        files = [player.filled(each, form.get_content())]
        if each.month == 5 and each.district in story.WITH_FORM:
            files.append(_case(each.district))
        mails.append((each.district, files, "报送", "请查收。", asked["Message-ID"]))
    player.post(mails)
    found = {each["code"]: each["verdict"] for each in player.run(fetch).data["returns"]}
    if any(each.district == story.BY_HAND for each in coming):
        brought = player.run(collect).data["returns"]
        found |= {each["code"]: each["verdict"] for each in brought}
    assert found == {
        player.district(each.district).code: "rejected" if each.fails else "accepted"
        for each in coming
    }
    assert not player.run(fetch).data["returns"]


def _form_mails(player, each):
    """The mails that brought a district its form of a month, the one that came back for correction last."""
    return [
        mail
        for mail in player.got(each.district, f"{each.month}月")
        if any(str(f.get_filename()).endswith(".xlsx") for f in mail.iter_attachments())
    ]


def _figures(player):
    return set(
        player.made.query(
            "SELECT c.district, c.month, f.indicator, f.value FROM counting c"
            " JOIN figures f ON f.receipt=c.receipt"
        )
    )


def _expected_figures(player, year):
    return {
        (player.district(n).code, f"2023-{month:02d}", item, value)
        for (n, month), figures in year.counting.items()
        for item, value in zip(story.ITEMS, figures, strict=True)
    }


def _everything_twice_and_an_undo(player):
    kept = _expected_figures(player, HalfYear(str(player.now)))
    assert _figures(player) == kept
    player.run(undo)
    assert _figures(player) == _expected_figures(player, HalfYear("2023-04-09 00:00:00"))
    assert {each["verdict"] for each in player.run(fetch).data["returns"]} == {"accepted"}
    assert _figures(player) == kept
    player.at("2023-04-10 09:00:00")
    files = len(player.posted)
    player.post(list(player.posted))
    twice = player.run(fetch).data["returns"]
    assert [each["verdict"] for each in twice] == ["duplicate"] * files
    assert not player.run(fetch).data["mails"]
    assert _figures(player) == kept


class _Slips:
    """What was demanded so far, by the list made apart, and what the program demands."""

    def __init__(self, player):
        self._player, self._taken, self.numbers = player, {}, {}
        self._codes = {player.district(n).code: n for n in EVERYBODY}

    def press(self, letters, raised=None):
        """督办, then 交办: what is new and what is raised is as the list has it; each letter goes once."""
        player, month = self._player, self._player.month
        wanted = story.causes(HalfYear(str(player.now)), month, self._taken)
        rehearsed = player.run(supervise, rehearse=True).data["slips"]
        said = player.run(supervise).data["slips"]
        assert said == rehearsed
        new = [each for each in said if each["level"] == "蓝"]
        assert {self._codes[each["code"]]: _demands(each) for each in new} == wanted
        assert {self._codes[each["code"]]: each["level"] for each in said if each not in new} == (
            raised or {}
        )
        for each in new:
            self.numbers[self._codes[each["code"]]] = each["number"]
        for n, items in wanted.items():
            self._taken |= {(n, kind, subject): set(story.MONTHS) for kind, subject, _ in items}
        if said:
            player.run(supervise, issue="")
        letters.update(("slip", n) for n in (*wanted, *(raised or {})) if n != story.BY_HAND)

    def type_answers(self, *districts):
        for n in districts:
            words = {"反馈": f"第{n}区来电说明"}
            self._player.type_beside(SLIPS_BLOCK, "编号", self.numbers[n], words)

    def close(self, n):
        words = {"结果": "已办", "销号": "销号"}
        self._player.type_beside(SLIPS_BLOCK, "编号", self.numbers[n], words)
        for cause in [each for each in self._taken if each[0] == n]:
            self._taken[cause] = {2, 3, 4}

    def answered(self):
        """The districts of whose slips every item has an answer."""
        programme = self._player.made.open_programme(self._player.now)
        found = {
            self._codes[slip.district]
            for slip in slips(programme.ledger)
            if all(slip.answer(item) for item in slip.items)
        }
        programme.close()
        return found


def _demands(slip):
    found = []
    for item in slip["items"]:
        [(kind, subject)] = [
            (kind, item[key])
            for key, kind in (("missing", "missing"), ("indicator", "red"), ("item", "item"))
            if key in item
        ]
        months = tuple(int(month[5:]) for month in item["months"])
        found.append((kind, "" if kind == "missing" else subject, months))
    return found


def _answers_in_may(player, slips_so_far):
    """By the thread, by the number, with the forms that were missing; who wrote before the term is not chased."""
    player.at("2023-05-15 09:30:00")
    number = slips_so_far.numbers
    player.post(
        [
            (3, (), "回复", "已逐项研究，6月底前赶上。", player.got(3, "督办")[-1]["Message-ID"]),
            (5, (), "回复", "表已补报。", player.got(5, "督办")[-1]["Message-ID"]),
            (7, (), f"关于{number[7]}号督办单的回复", "已增加人手。", ""),
            (19, (), "回复", f"{number[19]}号督办单收到，正在整改。", ""),
        ]
    )
    coming = [each for each in story.returns() if each.at == str(player.now)]
    for month in (3, 4):
        player.month = month
        _hand_in(player, [each for each in coming if each.month == month])
    assert slips_so_far.answered() == {3, 5, 7, 19}


def _case(n):
    return f"案例{n}.docx", documents.docx(CASE, prose(100 + n, 300))


def _summary(player, n, seed=0):
    title = f"{player.district(n).name}残联2023年{SUMMARY}"
    return documents.docx(title, prose(seed or n, 300))


def _saved(player, name, data, ending):
    source = player.folder / f"{name}.docx"
    source.write_bytes(data)
    out = player.folder / "存"
    out.mkdir(exist_ok=True)
    return player.office.convert(source, out, ending).read_bytes()


def _documents(player):
    """By district the papers that it mails: covers written on, free ones, old formats, PDFs, a twin, one for two."""
    found = {}
    for n in story.COVERS:
        [cover] = player.got(n, SUMMARY)[-1].iter_attachments()
        data, ending = documents.write_on(cover.get_content(), prose(n, 300)), "docx"
        if n in (1, 2):
            ending = ("doc", "odt")[n - 1]
            data = _saved(player, f"封面{n}", data, ending)
        found[n] = [(f"材料{n}.{ending}", data)]
    for n in story.FREE:
        found[n] = [(f"{player.district(n).name}{SUMMARY}.docx", _summary(player, n))]
    found[story.SHORT] = [(f"{SUMMARY}.docx", documents.docx(SUMMARY, "太短了。"))]
    for n, ending in zip((*story.OLD, *story.PDFS), ("doc", "wps", "pdf", "pdf"), strict=True):
        made = "doc" if ending == "wps" else ending
        data = _saved(player, f"材料{n}", _summary(player, n), made)
        found[n] = [(f"{player.district(n).name}{SUMMARY}.{ending}", data)]
    twin = _summary(player, story.TWIN, story.TWIN_OF)
    found[story.TWIN] = [(f"{SUMMARY}.docx", twin)]
    two = f"{player.district(story.TWO).name}、{player.district(story.TWIN_OF).name}{SUMMARY}"
    found[story.TWO] = [(f"{SUMMARY}.docx", documents.docx(two, prose(story.TWO, 300)))]
    for n in (each for each in story.CASES if each not in story.WITH_FORM):
        found[n].append(_case(n))
    return found


def _standing_papers(player):
    codes = {player.district(n).name: n for n in EVERYBODY}
    papers = player.run(status).data["papers"]
    return {(each["code"], codes[each["district"]]): each["verdict"] for each in papers}


def _papers(player, letters):
    player.at(story.SENT_PAPERS)
    brought = _documents(player)
    player.post([(n, files, "报送材料", "请查收。", "") for n, files in brought.items()])
    came = player.run(fetch)
    count = sum(map(len, brought.values()))
    assert (len(came.data["papers"]), came.data["returns"]) == (count, [])
    assert _standing_papers(player) == story.papers()
    player.post([(n, files, "再发一次", "", "") for n, files in brought.items()])
    again = player.run(fetch).data["papers"]
    assert [each["verdict"] for each in again] == ["duplicate"] * count
    assert _standing_papers(player) == story.papers()
    told = {p["code"] for each in came.data["papers"] for p in each["problems"]}
    assert told == {"paper-too-short", "paper-twin", "paper-whose"}
    back = player.run(return_).data["letters"]
    assert [each["code"] for each in back] == [player.district(story.SHORT).code]
    letters.update([("return", story.SHORT)])


def _reminded(player, letters):
    """Who owes June, or a paper; nobody is asked for a page that a later one has overtaken."""
    player.at("2023-07-06 09:00:00")
    year = HalfYear()
    owing = {n for n in EVERYBODY if year.silent(n, 6)}
    owing |= {n for (_, n), verdict in story.papers().items() if verdict in ("missing", "rejected")}
    owing |= {n for n in EVERYBODY for work in story.WORKS if year.owes(n, work, 6)}
    owing -= {story.BY_HAND}
    found = {each["code"] for each in player.run(remind).data["letters"]}
    assert found == {player.district(n).code for n in owing}
    letters.update(("remind", n) for n in owing)


def _figures_works_and_scores(player):
    """Everything that a recompute shows of June."""
    year, codes = HalfYear(), {player.district(n).code: n for n in EVERYBODY}
    told = player.run(recompute).data
    assert told["formulas"]["disagreements"] == []
    for cell in told["cells"]:
        n, place = codes[cell["district"]], story.ITEMS.index(cell["indicator"])
        assert cell["cumulative"] == year.done(n, place, 6), (n, place)
        assert cell["due"] == year.due(n, 6), (n, place)
    works = {each.number: each for each in story.WORKS}
    found = {(codes[each["code"]], each["item"]): each for each in told["items"]}
    wanted = {
        (n, work.number): standing
        for n in EVERYBODY
        for work in story.WORKS
        if (standing := year.standing(n, work, 6))
    }
    assert set(found) == set(wanted)
    for (n, number), (month, verdict, state, late) in wanted.items():
        item, labels = found[n, number], {None: "", **_STATES}
        said = (int(item["month"][5:]), item["verdict"], labels[item["state"]], item["late"])
        assert said == (month, verdict, state, late), (n, number)
        if verdict == "accepted":
            entry = story.entry(n, works[number], month)
            assert (item["text"] or "", item["trouble"] or "", item["expected"] or "") == (
                entry.progress,
                entry.trouble,
                entry.expected,
            ), (n, number)
    columns = ("应报", "已完成", "推进中", "滞后", "不涉及", "未报")
    for number, *counts in player.listed(WORKS_BLOCK, "编号", *columns):
        shown_counts = dict(zip(columns, (each or 0 for each in counts), strict=True))
        assert shown_counts == year.counts(works[number], 6), number
    _roll(player, year)
    _scores(player, year, told, codes)


_STATES = {
    "under-way": story.UNDER_WAY,
    "done": story.DONE,
    "behind": story.BEHIND,
    "not-concerned": story.NOT_OURS,
}


def _roll(player, year):
    """回收情况 with the columns of papers."""
    words = {"accepted": "按时", "rejected": "退回", "missing": "未报", "held": "待定"}
    wanted, papers = [], story.papers()
    for n in EVERYBODY:
        came = not year.silent(n, 6)
        shown_papers = [words.get(papers.get((code, n), "")) for code in ("D1", "D2")]
        row = (player.district(n).code, "已通过" if came else "未报", "按时" if came else None)
        wanted.append((*row, *shown_papers))
    found = player.listed(STATUS_BLOCK, "代码", "本月结论", "是否按时", SUMMARY, CASE)
    assert [tuple(each or None for each in row) for row in found] == wanted
    for month in (2, 3):
        player.month = month
        told = {each["code"]: each["on_time"] for each in player.run(status).data["districts"]}
        for n in EVERYBODY:
            passed = year.passed.get((n, month))
            term = f"2023-{month + 1:02d}-05 23:59:59"
            assert told[player.district(n).code] == (passed <= term if passed else None), (n, month)
    player.month = 6


def _scores(player, year, told, codes):
    """What each item is worth, and that the points lost add up to what is lacking."""
    rules = [
        (way, full, first, second, how == "平均")
        for _, way, full, first, second, how, _ in story.RULES
    ]
    ways = {rule[0] for rule in rules}
    assert len(told["scores"]) == story.COUNT
    for each in told["scores"]:
        n = codes[each["code"]]
        facts, judged = story.facts(year, n, 6, str(player.now)), []
        for item, rule in zip(each["items"], rules, strict=True):
            exact = worth(rule, facts, ways)
            points = None if exact is None else Fraction(shown(exact), 100)
            judged.append((points, Fraction(rule[1]), False))
            if points is None:
                assert (item["points"], item["lost"]) == (None, []), (n, rule)
                continue
            assert round(item["points"] * 100) == 100 * points, (n, rule)
            lost = sum(round(loss["points"] * 100) for loss in item["lost"])
            assert lost == 100 * (rule[1] - points), (n, rule)
        assert round(each["total"] * 100) == shown(total(judged)), n


def _letters(player, letters):
    """Letters on record and in the mailboxes: these and no others, once each."""
    sent = player.made.query(
        "SELECT s.letter, s.district, COUNT(*) FROM sendings s JOIN sending_states t"
        " ON t.sending=s.id AND t.state='sent' GROUP BY s.letter, s.district"
    )
    codes = {player.district(n).code: n for n in EVERYBODY}
    assert {(kind, codes[code]): count for kind, code, count in sent} == dict(letters)
    for n in EVERYBODY:
        count = sum(times for (_, whose), times in letters.items() if whose == n)
        assert len(player.made.mails(player.district(n))) == count, n


TABLE_APART = {2: 3, 9: "约60", 30: None, 33: ""}
"""By district what 人社局 has otherwise: more by three, no number, no row, nothing."""


def _other_offices_table(player):
    """The same table in three formats: the same results, with what differs and nothing guessed."""
    year = HalfYear()
    rows, wanted = [["2023年1-6月培训就业情况"], ["单位", "实用技术培训", "新增城镇就业"]], {}
    for n in EVERYBODY:
        training, work = (year.done(n, at, 6) for at in (0, 1))
        wanted[n, "I01"] = wanted[n, "I02"] = "一致"
        if n in TABLE_APART:
            odd = TABLE_APART[n]
            if odd is None:
                del wanted[n, "I01"], wanted[n, "I02"]
                continue
            wanted[n, "I01"] = {3: "我方少", "约60": "读不出", "": "对方缺"}[odd]
            training = training + odd if isinstance(odd, int) else odd or None
        rows.append([player.district(n).name, training, work])
    source = player.folder / "人社局.xlsx"
    source.write_bytes(workbook({"表": rows}))
    for ending in ("xlsx", "ods", "xls"):
        path = source if ending == "xlsx" else player.office.convert(source, player.folder, ending)
        said = player.run(compare, path).data
        assert said["districts_absent"] == [player.district(30).name]
        told = said["rows"]
        codes = {player.district(n).code: n for n in EVERYBODY}
        assert {(codes[e["code"]], e["indicator"]): e["result"] for e in told} == wanted, ending


def _closed_and_published(player):
    """Months are closed, what comes for them waits; a bulletin goes out, a correction is told beside it."""
    player.at("2023-07-11 09:00:00")
    for month in (1, 2):
        player.month = month
        player.run(close)
    again = story.Return(20, 2, str(player.now), story.MORE)
    form = _form_mails(player, again)[-1]
    [attached] = form.iter_attachments()
    player.post([(20, [player.filled(again, attached.get_content())], "更正", "", "")])
    [held] = player.run(fetch).data["returns"]
    assert held["verdict"] == "held"
    player.run(settle, str(held["id"]), reject="")
    player.month = 6
    player.run(recompute)
    path = player.run(bulletin).data["file"]
    path = type(player.folder)(path)
    xml = text_of(path.read_bytes()).replace("【请补充：下一步工作要求】", "请抓紧。")
    path.write_bytes(with_parts(path.read_bytes(), word_document=xml))
    assert player.run(bulletin, final="").data["final"]
    assert player.run(status).data["changed_since_last"] == []
    player.at("2023-07-12 09:00:00")
    corrected = story.Return(2, 6, str(player.now), story.MORE)
    [attached] = _form_mails(player, corrected)[-1].iter_attachments()
    player.post([(2, [player.filled(corrected, attached.get_content())], "更正", "", "")])
    [taken] = player.run(fetch).data["returns"]
    assert taken["verdict"] == "accepted"
    [change] = [e for e in player.run(status).data["changed_since_last"] if "indicator" in e]
    assert (change["district"], change["indicator"]) == (player.district(2).code, "I01")
    assert (change["published"], change["now"]) == (54, 57)
    player.run(recompute)
    player.run(close)


def _again_from_the_archive(player):
    """Nothing differs, nothing is lost when the ledger is made anew; an auditor gets everything."""
    tables = ("papers", "work_reports", "slips", "slip_items", "slip_states", "figures", "compared")
    asked = [f"SELECT * FROM {each}" for each in tables]  # noqa: S608 - names of ours
    kept = [player.made.query(each) for each in asked]
    board = player.listed(WORKS_BLOCK, "编号", "应报", "已完成", "灯", "最近情况")
    player.run(rebuild)
    assert [player.made.query(each) for each in asked] == kept
    player.run(recompute)
    assert player.listed(WORKS_BLOCK, "编号", "应报", "已完成", "灯", "最近情况") == board
    assert player.run(verify).data["differences"] == []
    made = player.run(dossier, player.district(3).code, player.district(20).code).data
    assert made["left_out"] == []
    assert made["files"] > 20
