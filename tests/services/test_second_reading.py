"""A second reader: it says the same of every form, and what it sees otherwise is told with its cell.

Proves also xlsx/second_reader.py.
"""

import hashlib
import io
import sqlite3
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.tools import forms
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from tests.tools.systems import ON_WINDOWS
from xl_addin.judging.assess import assess
from xl_addin.model.folder import ARCHIVE, LEDGER
from xl_addin.model.records import EMPTY, ILLEGIBLE, NOT_APPLICABLE, NUMBER, Figure
from xl_addin.services.second_reading import DIFFERS, read_accepted
from xl_addin.store.ledger import AcceptedFile
from xl_addin.system import sandbox
from xl_addin.system.progress import Silent
from xl_addin.xlsx.package import deflate, pack, unpack
from xl_addin.xlsx.second_reader import CellRequest, read_again

RETURNS = Path(__file__).parents[1] / "data" / "returns"
JANUARY, FEBRUARY = MONTHS[:2]
UNITS = {item.code: [item.unit] for item in forms.INDICATORS}
# Two ways of writing a workbook that openpyxl does not know, one of them known to Windows' Python, and an .xls
# under another name.
BEYOND = {"strict.xlsx", "xls-named.xlsx"} | (set() if ON_WINDOWS else {"backslashes.xlsx"})


def archived(folder, data, figures, file="x.xlsx"):
    sha = hashlib.sha256(data).hexdigest()
    (folder / ARCHIVE).mkdir(exist_ok=True)
    (folder / ARCHIVE / f"{sha}.xlsx").write_bytes(data)
    return AcceptedFile(sha, file, forms.MONTH, "500101", tuple(figures))


def unreadable_by_openpyxl(data):
    """The same with a date of creation that is none, which openpyxl does not take."""
    parts = unpack(data)
    name = "docProps/core.xml"
    text = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
        'core-properties" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi='
        '"http://www.w3.org/2001/XMLSchema-instance"><dcterms:created xsi:type="dcterms:W3CDTF">'
        "六月</dcterms:created></cp:coreProperties>"
    )
    return pack(
        [*(part for each, part in parts.items() if each != name), deflate(name, text.encode())]
    )


def test_both_readers_say_the_same_of_every_form(tmp_path):
    accepted = []
    for path in sorted(RETURNS.glob("*.xls[xm]")):
        judged = assess(path.read_bytes(), path.name, forms.context())
        if judged.figures:
            accepted.append(archived(tmp_path, path.read_bytes(), judged.figures, path.name))
    assert len(accepted) > 20
    said = read_accepted(tmp_path, accepted, UNITS, Silent())
    assert [(p.message, p.cell) for p in said.problems] == []
    assert {file for file, _ in said.unread} == BEYOND


@pytest.mark.parametrize(
    ("typed", "state", "value", "differs"),
    [
        (25, NUMBER, 25, False),
        (25, NUMBER, 26, True),
        (25, EMPTY, None, True),
        (25, ILLEGIBLE, None, True),
        (0, NUMBER, 0, False),
        (0, EMPTY, None, True),
        (None, NUMBER, 0, True),
        (None, EMPTY, None, False),
        (None, NOT_APPLICABLE, None, False),
        ("２5人", NUMBER, 25, False),
        ("25人", NUMBER, 2.5, True),
        ("约25", ILLEGIBLE, None, False),
        ("约25", NUMBER, 25, True),
        ("#REF!", ILLEGIBLE, None, False),
        (0.1 + 0.2, NUMBER, 0.3, False),
    ],
)
def test_a_figure_is_compared_with_the_cell_it_came_from(typed, state, value, differs, tmp_path):
    data = forms.fill_form({**forms.GOOD, "I01": typed})
    (other,) = [f for f in assess(data, "x", forms.context()).figures if f.indicator == "I02"]
    figures = [Figure("I01", state, value, "F7"), other]
    said = read_accepted(tmp_path, [archived(tmp_path, data, figures)], UNITS, Silent())
    assert (said.files, said.figures, said.unread) == (1, 2, ())
    told = [(problem.code, problem.sheet, problem.cell) for problem in said.problems]
    assert told == ([(DIFFERS, "任务进度", "F7")] if differs else [])


def test_a_percent_is_no_count_to_either(tmp_path):
    book = load_workbook(io.BytesIO(forms.fill_form({**forms.GOOD, "I01": 1})))
    book["任务进度"]["F7"].number_format = "0%"
    out = io.BytesIO()
    book.save(out)
    figures = assess(out.getvalue(), "x", forms.context()).figures
    assert figures[0].state == ILLEGIBLE
    said = read_accepted(tmp_path, [archived(tmp_path, out.getvalue(), figures)], UNITS, Silent())
    assert (said.files, said.problems) == (1, ())


def test_a_unit_that_was_changed_since_makes_no_difference(tmp_path):
    data = forms.fill_form({**forms.GOOD, "I01": "25人次"})
    accepted = archived(tmp_path, data, [Figure("I01", NUMBER, 25, "F7")])
    assert read_accepted(tmp_path, [accepted], {"I01": ["户"]}, Silent()).problems
    assert not read_accepted(tmp_path, [accepted], {"I01": ["户", "人次"]}, Silent()).problems


def test_a_file_that_ends_the_reader_is_told_and_the_others_are_read(monkeypatch):
    path = "sys.path[:0] = sys.argv[2:];"
    poison = (
        f"{path} import os; from xl_addin.xlsx import second_reader; plain = second_reader._sheets;"
        " second_reader._sheets = lambda data, cells:"
        " os.abort() if b'poison' in data else plain(data, cells);"
    )
    monkeypatch.setattr(sandbox, "_START", sandbox._START.replace(path, poison))
    good = CellRequest(forms.fill_form(), ("F7", "B3"))
    found = list(read_again([good, CellRequest(b"poison", ("F7",)), good]))
    assert [bool(each.why) for each in found] == [False, True, False]
    assert found[0].sheets["任务进度"][0][0].value == forms.GOOD["I01"]


def test_a_file_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(sandbox, "_START", "import time; time.sleep(60)")
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 0.3)
    (found,) = read_again([CellRequest(forms.fill_form(), ("F7",))])
    assert (found.sheets, bool(found.why)) == ({}, True)


@pytest.mark.parametrize("answers", [b"[]", b"[{}, {}, {}]"])
def test_answers_of_another_number_than_files_are_nobodys(monkeypatch, answers):
    """Each file would be compared with what stands in the one before it."""
    monkeypatch.setattr(sandbox, "run_sandboxed", lambda *_: answers)
    found = list(read_again([CellRequest(b"a", ("F7",)), CellRequest(b"b", ("F7",))]))
    assert [each.sheets for each in found] == [{}, {}]
    assert all("不成样子" in each.why for each in found)


def test_without_the_second_reader_all_files_are_told(monkeypatch):
    monkeypatch.setattr(sandbox, "find_spec", lambda _: None)
    found = list(read_again([CellRequest(forms.fill_form(), ("F7",))] * 2))
    assert ["openpyxl" in each.why for each in found] == [True, True]


# --- the verb --------------------------------------------------------------------------------------


@pytest.fixture
def programme(tmp_path):
    made = SmallProgramme(tmp_path / "任务")
    made.run("distribute")
    made.send("甲.xlsx", 0)
    made.put("乙.xlsx", unreadable_by_openpyxl(made.form(1)))
    made.collect()
    made.send("二月.xlsx", 0, {**FIGURES, "I01": 12}, FEBRUARY)
    made.collect(FEBRUARY)
    made.run("recompute", FEBRUARY)
    made.run("recompute")
    return made


def change_figure(programme, file, value):
    db = sqlite3.connect(programme.folder / LEDGER)
    db.execute("DROP TRIGGER figures_update")
    db.execute(
        "UPDATE figures SET value=? WHERE indicator='I01' AND receipt="
        "(SELECT id FROM receipts WHERE file=?)",
        (value, file),
    )
    db.commit()
    db.close()


def again(report):
    told = [each for each in report.data["differences"] if each["code"] == DIFFERS]
    return [(p["sheet"], p["cell"], p["found"], p["expected"]) for p in told]


def test_a_sound_programme_agrees_and_a_file_that_only_one_can_read_is_no_difference(programme):
    said = programme.run("verify")
    assert (said.clean, said.data["differences"]) == (True, [])
    told = said.data["second_reading"]
    assert (told["files"], told["figures"]) == (1, 4)
    assert [each["file"] for each in told["only_first"]] == ["乙.xlsx"]
    assert any("乙.xlsx" in line for line in said.lines)
    assert programme.run("verify", all="").data["second_reading"]["files"] == 2


def test_a_ledger_that_says_otherwise_is_told_with_file_and_cell(programme):
    change_figure(programme, "甲.xlsx", 11)
    said = programme.run("verify")
    assert again(said) == [("任务进度", "F7", "10", "11")]
    (told,) = [p["message"] for p in said.data["differences"] if p["code"] == DIFFERS]
    assert "甲.xlsx" in told
    assert any(str(path) in told for path in (programme.folder / ARCHIVE).glob("*.xlsx"))


def test_other_months_are_read_again_when_asked(programme):
    change_figure(programme, "二月.xlsx", 13)
    assert again(programme.run("verify")) == []
    assert again(programme.run("verify", all="")) == [("任务进度", "F7", "12", "13")]
    assert again(programme.run("verify", FEBRUARY)) == [("任务进度", "F7", "12", "13")]
