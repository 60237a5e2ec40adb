"""Tables of other offices beside what each comes to, in three formats.

Proves also compare/columns.py, compare/layout.py, compare/readings.py, compare/labels.py and compare/units.py.
"""

from __future__ import annotations

import io
import re

import pytest
import xlsxwriter

from tests.data.compare_tables import CASES, DISTRICTS, INDICATORS, Case
from tests.data.notices import docx, odt, odt_row, odt_table, par, row, text_p
from tests.data.notices import table as doc_table
from tests.tools.random_departments import WRONG, judge, make
from xl_addin.compare.table import TheirTable, Wanted, period_question, read_their_table
from xl_addin.formats.open import read_tables
from xl_addin.model.comparison import EVERY_COLUMN, MONTHLY, Correspondence
from xl_addin.model.records import EMPTY, ILLEGIBLE, NOT_APPLICABLE
from xl_addin.system.errors import Refused
from xl_addin.tasktable.choices import read_choices

_STATES = {EMPTY: None, ILLEGIBLE: "?", NOT_APPLICABLE: "—"}


def read(case: Case, data: bytes, file: str = "") -> TheirTable:
    """What is understood of a case's file."""
    document = read_tables(data, file or case.file)
    options = case.options
    monthly = (Correspondence(EVERY_COLUMN, period=MONTHLY, place="选项"),)
    wanted = Wanted(
        DISTRICTS,
        INDICATORS,
        2023,
        6,
        said=(*(monthly if "monthly" in options else ()), *case.said),
        choices=read_choices(options),
        add_rows="add-rows" in options,
    )
    return read_their_table(document.grids, document.paragraphs, file or case.file, wanted)


def pairs_of(table: TheirTable):
    """By (district, indicator) what they say."""
    names = {each.code: each.name for each in DISTRICTS}
    return {
        (names[r.district], r.column.indicator): r.value
        if r.value is not None
        else _STATES[r.state]
        for r in table.readings
    }


def hold(case: Case, data: bytes, file: str = "") -> None:
    """Whether a file comes to what its case says."""
    if case.refused:
        with pytest.raises(Refused) as refusal:
            read(case, data, file)
        codes = {problem.code for problem in refusal.value.problems}
        said = refusal.value.message
        assert all(each in codes or each in said for each in case.refused), (codes, said)
        return
    table = read(case, data, file)
    assert [each.indicator for each in table.unclear] == list(case.unclear)
    if case.unclear:
        assert period_question(table, {}).code == "period-unclear"
        return
    assert pairs_of(table) == dict(case.truth or {})
    assert {(c.period, c.as_of) for c in table.columns} == {(case.period, case.as_of)}
    assert {problem.code for problem in table.problems} == set(case.told)
    assert len(table.unknown) == case.unknown
    assert len(table.personal) == case.personal
    assert sum(bool(each.difference) for each in table.totals) == case.wrong_totals


@pytest.mark.parametrize("name", CASES)
def test_a_table_comes_to_what_stands_beside_it(name):
    hold(CASES[name], CASES[name].data())


@pytest.mark.parametrize("ending", ["xls", "ods"])
def test_the_same_saved_in_another_format_comes_to_the_same(ending, tmp_path, office):
    """All cases in one go: what a format cannot hold (a formula without its value) is left out."""
    for number, (name, case) in enumerate(CASES.items()):
        if case.only_xlsx:
            continue
        source = tmp_path / f"{number}.xlsx"
        source.write_bytes(case.data())
        saved = office.convert(source, tmp_path, ending)
        try:
            hold(case, saved.read_bytes(), f"{case.file.removesuffix('.xlsx')}.{ending}")
        except AssertionError as error:
            raise AssertionError(f"{name} as .{ending}: {error}") from error


_PLAIN = CASES["with words of doing"]
_WEB = """<html><body><p>2023年上半年残疾人培训情况</p><table><tr><th>区县</th><th>实用技术培训</th></tr>
<tr><td>万州区</td><td>10</td></tr><tr><td>涪陵区</td><td>30</td></tr><tr><td>江北区</td><td>50</td></tr></table></body></html>"""
_TEXT = "2023年上半年,\n区县,实用技术培训\n万州区,10\n涪陵区,30\n江北区,50\n"


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("表.html", _WEB.encode()),
        ("上半年.csv", _TEXT.encode("gbk")),
        ("上半年.csv", _TEXT.encode("utf-8-sig")),
    ],
)
def test_web_pages_and_texts_are_read_as_well(file, data):
    table = read(_PLAIN, data, file)
    assert pairs_of(table) == dict(_PLAIN.truth or {})


@pytest.mark.parametrize("seed", range(1, 121))
def test_a_random_table_is_right_or_asked_about(seed):
    what, said = judge(make(seed))
    assert what != WRONG, said


def test_places_of_districts_across_are_told_as_the_sheet_has_them():
    table = read(CASES["districts across"], CASES["districts across"].data())
    cells = {(r.district, r.column.indicator): r.cells for r in table.readings}
    assert cells["500101", "I02"] == "B3"
    assert cells["500105", "I03"] == "D4"


def test_tables_of_documents_are_read_and_their_cells_told():
    lines = [("区县", "实用技术培训"), ("万州区", "10"), ("涪陵区", "约30"), ("江北区", "1,050")]
    files = (
        (
            "说明.docx",
            docx(par("2023年上半年残疾人培训情况"), doc_table(*(row(*line) for line in lines))),
        ),
        (
            "说明.odt",
            odt(
                text_p("2023年上半年残疾人培训情况"), odt_table(*(odt_row(*line) for line in lines))
            ),
        ),
    )
    for file, data in files:
        found = read(_PLAIN, data, file)
        assert pairs_of(found) == {
            ("万州区", "I01"): 10,
            ("涪陵区", "I01"): "?",
            ("江北区", "I01"): 1050,
        }
        assert found.readings[1].cells == "表1 行3 列2"


def test_what_is_struck_out_is_no_figure():
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet, struck = book.add_worksheet(), book.add_format({"font_strikeout": True})
    sheet.write_column(0, 0, ["2023年上半年培训情况", "区县", "万州区", "涪陵区"])
    sheet.write(1, 1, "实用技术培训")
    sheet.write(2, 1, 10, struck)
    sheet.write(3, 1, 30)
    book.close()
    table = read(_PLAIN, stream.getvalue())
    assert pairs_of(table) == {("万州区", "I01"): "?", ("涪陵区", "I01"): 30}


def test_a_list_says_what_to_do_first_and_a_table_without_columns_what_it_saw():
    persons, nothing = CASES["a list of persons"], CASES["nothing fits"]
    with pytest.raises(Refused, match="按区县数出人数"):
        read(persons, persons.data())
    with pytest.raises(Refused, match=r"低保户数.*I01"):
        read(nothing, nothing.data())


@pytest.mark.parametrize(
    "name", ["two that fit one", "one that fits two", "a unit that is another"]
)
def test_what_a_refusal_advises_settles_it(name):
    """The option that it names, taken as it is written."""
    case = CASES[name]
    with pytest.raises(Refused) as refusal:
        read(case, case.data())
    [problem] = refusal.value.problems
    column, code, factor = re.search(r'--column "(\w+)=(I\d\d)(\*1)?"', problem.message).groups()
    said = Correspondence(column, code, 1 if factor else None, place="选项")
    assert [each.indicator for each in read(case._replace(said=(said,)), case.data()).columns] == [
        code
    ]


def test_districts_across_are_settled_by_a_cell():
    rows = [
        CASES["districts across"].rows[0],
        ["指标", "万州区", "涪陵区"],
        ["甲", 1, 2],
        ["乙", 3, 4],
    ]
    case = Case(rows, said=(Correspondence("A4", "I01"),))
    assert {r.value for r in read(case, case.data()).readings} == {3, 4}
