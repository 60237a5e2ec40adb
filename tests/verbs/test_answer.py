"""The form of the level above, answered from our totals: what goes in, what stays empty and why.

Proves also services/answering.py, services/forms_above.py and form/received.py.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.journeys.test_faults import program
from tests.tools.levels import issued, level
from tests.tools.programme import MONTHS, SmallProgramme
from tests.tools.systems import KILLED
from xl_addin.form import layout
from xl_addin.form.received import fill_form, read_received
from xl_addin.model import folder
from xl_addin.model.sheets import INDICATORS_BLOCK, INDICATORS_SHEET
from xl_addin.services.forms_above import MATCHES
from xl_addin.system.errors import Misused, Refused, Unreadable
from xl_addin.xlsx.package import deflate, inflate, pack, unpack
from xl_addin.xlsx.workbook import Workbook

JANUARY, FEBRUARY = MONTHS[:2]
OWN = ("培训（人次）", "基地（个）", "救助（户）", "覆盖率（%）", "展览（场次）", "就业（人）")
ABOVE = (
    "培训（人次）",
    "基地（个）",
    "救助（户）",
    "覆盖率（%）",
    "展览（场次）",
    "就业（万人）",
    "宣传（次）",
)
TARGETS = [12, 6, 12, 90, None, 12]
MEASURES = ("--measure", "C=累计数", "--measure", "D=两者都填", "--measure", "E=比率")
TYPED = {"I01": 3, "I02": 1, "I03": 2, "I04": 80, "I05": "—", "I06": 50}
FORM = "上级的表.xlsx"


@pytest.fixture(scope="module")
def _made(tmp_path_factory):
    """A county of three townships, and the city that has the county as its first unit."""
    folder = tmp_path_factory.mktemp("答")
    county = level(folder / "县", ("东风镇", "红星镇", "前进乡"), OWN, TARGETS, *MEASURES)
    county.set_cell(INDICATORS_SHEET, INDICATORS_BLOCK, "I04", "合计按", "I01")
    above = [*TARGETS, 7]
    city = level(folder / "市", ("青山县", "绿水县"), ABOVE, above, *MEASURES)
    city.run("distribute", JANUARY)
    return folder


@pytest.fixture
def county(_made, tmp_path):
    return SmallProgramme(Path(shutil.copytree(_made / "县", tmp_path / "县")))


@pytest.fixture
def city(_made, tmp_path):
    return SmallProgramme(Path(shutil.copytree(_made / "市", tmp_path / "市")))


@pytest.fixture
def form(city, tmp_path):
    """The county's form as it came by mail."""
    return Path(shutil.copy2(issued(city, "青山县", JANUARY), tmp_path / FORM))


def report(county, *figures, month=JANUARY, totals=None):
    """What the townships typed, each over TYPED; nothing of those that are not given."""
    for number, each in enumerate(figures):
        entries = {**TYPED, **each}
        given = totals[number] if totals else {"I03": entries["I03"]}
        county.send(f"{number}.xlsx", number, entries, month, totals=given)
    taken = county.collect(month)
    assert {each["verdict"] for each in taken.values()} == {"accepted"}, taken


def cells(path):
    """What stands in the form by A1-like (row, column), and its formulas."""
    sheet = Workbook(unpack(Path(path).read_bytes())).sheet(layout.SHEET)
    return {at: (cell.value, cell.formula) for at, cell in sheet.cells.items()}


def typed(path):
    """By indicator what stands where it is typed, in 本月累计 beside it, and in 说明."""
    received = read_received(Path(path).read_bytes())
    there = cells(path)
    columns = (layout.MONTH, layout.CUMULATIVE, layout.REMARK)
    return {
        item.code: tuple(
            there.get(received.where(item.code, column), (None, None))[0] for column in columns
        )
        for item in received.indicators
    }


def state(told):
    return {each["indicator"]: each["state"] for each in told.data["answers"]}


def codes(told):
    return {(each["code"], each["cell"]) for each in told.data["problems"]}


def test_every_measure_is_answered_in_its_own_cell(county, form):
    report(county, {"I04": 60}, {"I01": 9, "I04": 90}, {"I02": 4, "I03": 5})
    told = county.run("answer", "", form)
    found = typed(told.data["file"])
    assert found["I01"][0] == 15
    assert found["I02"][1] == 6
    assert found["I03"][:2] == (9, 9)
    # 60 % of 3, 90 % of 9 and 80 % of 3, as the cell shows a percent.
    assert found["I04"][1] == pytest.approx(0.82)
    assert found["I05"][0] == "—"
    assert state(told) == {
        **dict.fromkeys(("I01", "I02", "I03", "I04", "I05"), "filled"),
        **dict.fromkeys(("I06", "I07"), "left"),
    }


def test_the_level_above_takes_it_and_counts_what_stands_in_it(county, city, form):
    report(county, {}, {}, {})
    told = county.run("answer", "", form, match="I06=I06*0.0001\nI07=I01*1")
    assert codes(told) == set()
    taken = city.collect(JANUARY, told.data["file"])
    (found,) = taken.values()
    assert found["verdict"] == "accepted"
    assert city.cumulative() == {"I01": 9, "I02": 3, "I03": 6, "I04": 80, "I06": 0.015, "I07": 9}


def test_a_unit_that_is_missing_leaves_its_cells_empty_and_is_named(county, city, form):
    report(county, {}, {})
    told = county.run("answer", "", form)
    found = typed(told.data["file"])
    for code in ("I01", "I02", "I03", "I04"):
        assert found[code] == (
            found[code][0],
            found[code][1],
            "缺 1 个：" + ("前进乡" if code in ("I01", "I03") else "前进乡（1月）"),
        )
        assert not any(isinstance(value, int | float) for value in found[code])
    missing = {each["indicator"]: each["missing"] for each in told.data["answers"]}
    assert missing["I01"] == missing["I04"] == ["D003"]
    lines = "\n".join(told.lines)
    assert "任务进度!F7：“培训”没有填：缺 1 个：前进乡" in lines
    # What is advised is so: the level above sends back what has a target and no figure.
    assert "上级会退回" in lines
    (taken,) = city.collect(JANUARY, told.data["file"]).values()
    assert taken["verdict"] != "accepted"


def test_a_zero_is_a_figure_and_an_unknown_is_none(county, form):
    report(county, *[{"I01": 0, "I03": 0}] * 3)
    found = typed(county.run("answer", "", form).data["file"])
    assert found["I01"][0] == 0
    assert found["I03"][:2] == (0, 0)


def test_nothing_is_converted_unless_somebody_says_how(county, form):
    report(county, {}, {}, {})
    told = county.run("answer", "", form)
    (unit, other) = (each for each in told.data["problems"] if each["code"] == "answer-unmatched")
    assert "单位是“万人”，本级的单位是“人”" in unit["message"]
    assert "--match I06=I06*0.0001" in unit["message"]
    assert "“宣传”在本级没有" in other["message"]
    assert typed(told.data["file"])["I06"][0] is None
    # As the message advises.
    again = county.run("answer", "", form, match="I06=I06*0.0001")
    assert typed(again.data["file"])["I06"][0] == 0.015


def test_a_state_is_no_addition(county, form):
    report(county, {}, {}, {})
    told = county.run("answer", "", form, match="I01=I02*1\nI02=I01*2")
    found = {each["cell"]: each["message"] for each in told.data["problems"]}
    assert "口径是“当月数”，本级的是“累计数”，不能换算" in found["F7"]
    # But the year's figure is a state, where somebody says that this is what is asked for.
    assert typed(told.data["file"])["I02"][1] == 18


def test_what_stands_there_is_told_with_both_and_stays_until_somebody_says_so(county, form):
    report(county, {}, {}, {})
    data = form.read_bytes()
    received = read_received(data)
    form.write_bytes(fill_form(received, {received.where("I01", layout.MONTH): 7}))
    before = form.read_bytes()
    with pytest.raises(Refused) as refused:
        county.run("answer", "", form)
    assert "--overwrite" in refused.value.message
    (problem,) = refused.value.problems
    assert (problem.cell, problem.found, problem.expected) == ("F7", "7", "9")
    assert list(form.parent.glob("*已填*")) == []
    told = county.run("answer", "", form, overwrite="")
    assert typed(told.data["file"])["I01"][0] == 9
    assert ("answer-standing", "F7") in codes(told)
    assert form.read_bytes() == before


def test_the_same_answers_once_more_are_the_same_file_and_others_another(county, form):
    report(county, {}, {}, {})
    first = county.run("answer", "", form).data
    assert county.run("answer", "", form).data["file"] == first["file"]
    kept = Path(first["file"]).read_bytes()
    county.send("0 改.xlsx", 0, {**TYPED, "I01": 5}, totals={"I03": 2})
    county.collect()
    second = county.run("answer", "", form).data
    assert Path(second["file"]).name == "上级的表_已填(2).xlsx"
    assert Path(first["file"]).read_bytes() == kept
    assert second["provenance"] != first["provenance"]
    # Filled in once, there is nothing left to fill in.
    assert set(state(county.run("answer", "", second["file"])).values()) == {"same", "left"}


def test_what_came_late_corrects_the_year_with_a_reason(county, city, form):
    """In January one township was late: the city was told by hand what there was."""
    report(county, {}, {}, {})
    entries = {"I01": 6, "I02": 3, "I03": 6, "I04": 80, "I06": 0.015, "I07": 0}
    city.send("青山县.xlsx", 0, entries, totals={"I03": 6})
    city.collect()
    report(county, {}, {}, {}, month=FEBRUARY, totals=[{"I03": 4}] * 3)
    city.run("distribute", FEBRUARY)
    form = issued(city, "青山县", FEBRUARY)
    told = county.run("answer", "", form, match="I06=I06*0.0001\nI07=I01*1")
    found = typed(told.data["file"])
    assert found["I01"] == (9, 18, "以前月份有补报或核减，本月累计按本级底账")
    assert found["I03"] == (6, 12, None)
    file = cells(told.data["file"])
    assert file[7, layout.CUMULATIVE][1] is None
    assert file[12, layout.CUMULATIVE][1]  # the form's own formula where nothing is corrected
    (taken,) = city.collect(FEBRUARY, told.data["file"]).values()
    assert taken["verdict"] == "accepted"
    trail = city.run("trace", FEBRUARY, rehearse=True, district="青山县", indicator="I01").data
    assert trail["value"] == 18


def test_months_that_the_level_above_never_had_are_in_the_years_figure(county, city):
    report(county, {}, {}, {})
    report(county, {}, {}, {}, month=FEBRUARY, totals=[{"I03": 4}] * 3)
    city.run("distribute", FEBRUARY)
    told = county.run(
        "answer", "", issued(city, "青山县", FEBRUARY), match="I06=I06*0.0001\nI07=I01*1"
    )
    found = typed(told.data["file"])
    assert (found["I01"][:2], found["I03"][:2]) == ((9, 18), (6, 12))
    (taken,) = city.collect(FEBRUARY, told.data["file"]).values()
    assert taken["verdict"] == "accepted"
    lines = city.run("recompute", FEBRUARY, rehearse=True).data["cells"]
    mine = {e["indicator"]: e for e in lines if e["district"] == "D001"}
    assert mine["I01"]["cumulative"] == 18
    assert mine["I01"]["months_missing"] == ()


def test_a_years_figure_that_somebody_typed_is_held_against_ours(county, form):
    report(county, {}, {}, {})
    received = read_received(form.read_bytes())
    form.write_bytes(fill_form(received, {received.where("I01", layout.CUMULATIVE): 99}))
    with pytest.raises(Refused) as refused:
        county.run("answer", "", form)
    (problem,) = refused.value.problems
    assert (problem.cell, problem.found, problem.expected) == ("G7", "99", "9")


def test_every_other_cell_and_part_stays(county, form):
    report(county, {}, {}, {})
    told = county.run("answer", "", form)
    before, after = (unpack(Path(path).read_bytes()) for path in (form, told.data["file"]))
    changed = {name for name in before if inflate(before[name]) != inflate(after[name])}
    assert changed == {"xl/worksheets/sheet1.xml"}  # which asks to be calculated as it is
    assert list(before) == list(after)
    was, now = cells(form), cells(told.data["file"])
    own = {at for at in now if was.get(at) != now[at] and now[at][1] is None}
    assert own == {(7, 6), (8, 7), (9, 6), (9, 7), (10, 7), (11, 6)}
    assert {at: text for at, (_, text) in was.items()} == {at: now[at][1] for at in was}


def test_a_formula_that_others_share_leaves_them_theirs(form):
    """Excel writes one text for a column of like formulas."""
    parts = unpack(form.read_bytes())
    name = "xl/worksheets/sheet1.xml"
    data = inflate(parts[name]).decode()
    first, second = (
        f'IF(AND(ISNUMBER(F{row}),ISNUMBER(E{row})),E{row}+F{row},"")' for row in (7, 11)
    )
    assert f"<f>{first.replace(chr(34), '&quot;')}</f>" in data or f"<f>{first}</f>" in data
    data = re.sub(
        r'(<c r="G7"[^>]*>)<f>(.*?)</f>', r'\1<f t="shared" ref="G7:G11" si="0">\2</f>', data
    )
    data = re.sub(r'(<c r="G11"[^>]*>)<f>.*?</f>', r'\1<f t="shared" si="0"/>', data)
    parts[name] = deflate(name, data.encode())
    received = read_received(pack(parts.values()))
    filled = Workbook.open(fill_form(received, {(7, layout.CUMULATIVE): 5})).sheet(layout.SHEET)
    assert (filled.cells[7, 7].value, filled.cells[7, 7].formula) == (5, None)
    assert filled.cells[11, 7].formula == second


@pytest.mark.libreoffice
def test_a_form_that_another_program_saved_is_answered_and_recalculates(
    county, city, form, office, tmp_path
):
    report(county, {}, {}, {})
    (tmp_path / "存").mkdir()
    saved = office.convert(form, tmp_path / "存", "xlsx")
    told = county.run("answer", "", saved)
    found = typed(told.data["file"])
    assert (found["I01"][0], found["I04"][1]) == (9, pytest.approx(0.8))
    # What that program had worked out of the blank form is out of date: Excel is asked to do so anew.
    stale = cells(told.data["file"])
    assert (stale[7, layout.CUMULATIVE][0], stale[layout.STATUS_ROW, 1][0]) == (None, None)
    main = inflate(unpack(Path(told.data["file"]).read_bytes())["xl/workbook.xml"])
    assert b'fullCalcOnLoad="1"' in main
    shown = office.recalculate(Path(told.data["file"]))
    assert shown[layout.SHEET, "G7"].value == 9
    (taken,) = city.collect(JANUARY, told.data["file"]).values()
    # 就业 and 宣传 have targets and no answer here: nothing else is wrong.
    errors = {(e["code"], e["cell"]) for e in taken["problems"] if e["severity"] == "error"}
    assert errors == {("blank", "F12"), ("blank", "F13")}


@pytest.mark.parametrize("failpoint", ["atomic.written", "answer.written", "runlog.written"])
def test_cut_off_and_run_again_it_is_one_file_and_one_line(county, form, failpoint):
    report(county, {}, {}, {})
    killed = program(county.folder, "answer", str(form), failpoint=failpoint)
    assert killed.returncode == KILLED
    again = program(county.folder, "answer", str(form), "--json")
    assert again.returncode in (0, 1), again.stderr
    names = {path.name for path in form.parent.iterdir() if path.is_file()}
    assert names == {FORM, "上级的表_已填.xlsx"}
    found = typed(form.with_name("上级的表_已填.xlsx"))
    assert found["I01"][0] == 9
    events = [each.verb for each in county.open_programme().ledger.events(9)]
    assert events.count("answer") == 1


def without_meta(data):
    parts = unpack(data)
    name = "xl/worksheets/sheet3.xml"
    text = re.sub(rb"<c r=\"B2\".*?</c>", b"", inflate(parts[name]))
    parts[name] = deflate(name, text)
    return pack(parts.values())


def test_what_is_no_form_of_the_level_above_is_refused(county, form):
    report(county, {}, {}, {})
    county.run("distribute", JANUARY)
    with pytest.raises(Refused, match="这是本任务发给下级的填报表"):
        county.run("answer", "", issued(county, "东风镇", JANUARY))
    with pytest.raises(Refused, match="这是 2024-01 的填报表，要填的是 2024-02"):
        county.run("answer", FEBRUARY, form)
    with pytest.raises(Refused, match="打不开"):
        county.run("answer", "", form.with_name("没有.xlsx"))
    with pytest.raises(Misused, match="上级的表里没有"):
        county.run("answer", "", form, match="I99=I01")
    with pytest.raises(Unreadable, match=r"另存为 \.xlsx"):
        read_received(b"\xd0\xcf\x11\xe0")
    with pytest.raises(Unreadable, match="请用上级发来的原表"):
        read_received(without_meta(form.read_bytes()))


def test_without_a_name_it_is_the_one_of_the_month_in_the_folder_for_it(county, city, form):
    report(county, {}, {}, {})
    with pytest.raises(Refused, match="“上级”文件夹里没有文件；请把上级发来"):
        county.run("answer")
    place = county.folder / folder.ABOVE  # made by what told of it
    shutil.copy2(form, place)
    (place / "~$上级的表.xlsx").write_bytes(b"")
    first = Path(county.run("answer").data["file"])
    assert first == place / "上级的表_已填.xlsx"
    # Its own answers and the next month's form beside it are in nobody's way.
    city.run("distribute", FEBRUARY)
    shutil.copy2(issued(city, "青山县", FEBRUARY), place / "二月.xlsx")
    assert county.run("answer").data["form"] == FORM
    with pytest.raises(
        Refused, match=r"没有上级 2024-03 的填报表(.|\n)*二月.xlsx：这是 2024-02 的填报表"
    ):
        county.run("answer", MONTHS[2])
    shutil.copy2(form, place / "县里_已填.xlsx")  # a name as it came: it is nobody's answer
    with pytest.raises(Refused, match=r"有 2 份 2024-01 的填报表.*“县里_已填.xlsx”"):
        county.run("answer")
    (place / "县里_已填.xlsx").rename(place / "又一份.xlsx")
    with pytest.raises(Refused, match=r"有 2 份 2024-01 的填报表.*“又一份.xlsx”"):
        county.run("answer")


def test_a_file_in_the_place_of_the_folder_is_refused(county):
    (county.folder / folder.ABOVE).write_text("")
    with pytest.raises(Refused, match=r"上级：建不了这个文件夹.*有同名的文件请改名"):
        county.run("answer")


def test_what_was_written_beside_the_form_says_which_of_ours_is_meant(county, form):
    report(county, {}, {}, {})
    place = county.folder / folder.ABOVE
    place.mkdir()
    shutil.copy2(form, place)
    (place / MATCHES).write_bytes("I06＝I06×0.0001\r\n\r\n宣传=I01*1\r\nI99=I01".encode("gb18030"))
    told = county.run("answer")
    found = typed(told.data["file"])
    assert (found["I06"][0], found["I07"][0]) == (0.015, 9)
    assert "“上级”里的“对照.txt”：上级的这张表里没有“i99”，没有用到" in told.lines
    assert (
        "按“上级”里的“对照.txt”：“就业”填的是本级的 I06“就业”；“宣传”填的是本级的 I01“培训”"
        in told.lines
    )
    # What is said now goes before what was written once, by code or by name.
    again = county.run("answer", match="I07=I01*2")
    assert typed(again.data["file"])["I07"][0] == 18
    # A line that was meant for another form's I01 is not asked where name and code are ours.
    (place / MATCHES).write_text("I01=I06*1\nI07=I06*1")
    other = county.run("answer", match="宣传=I01*3")
    found = typed(other.data["file"])
    assert (found["I01"][0], found["I07"][0]) == (9, 27)
    for wrong in ("I06", "I06=没有这项", "I06=I06*零"):
        (place / MATCHES).write_text(wrong)
        with pytest.raises(Refused, match=r"“上级”里的“对照.txt”：.*改好再运行一次 answer"):
            county.run("answer")


def test_a_rehearsal_writes_nothing(county, form):
    report(county, {}, {}, {})
    events = len(county.open_programme().ledger.events(99))
    told = county.run("answer", "", form, rehearse=True)
    assert told.data["file"] is None
    assert "预演" in told.outcome
    assert list(form.parent.glob("*已填*")) == []
    assert len(county.open_programme().ledger.events(99)) == events
