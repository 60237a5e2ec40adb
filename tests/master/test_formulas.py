"""Formula texts as functions of positions, and the positions as they are found."""

import pytest

from tests.tools import formulas, masters
from xl_addin.master.build.district_tables import planned_positions
from xl_addin.master.build.formulas import figure_formulas
from xl_addin.master.build.positions import find_positions
from xl_addin.master.read.config import read_config
from xl_addin.master.read.matrix import Matrix, quote_sheet
from xl_addin.model.sheets import COUNTED_KEY, GAPS_KEY, SHEETS


def formula_cells(places):
    """The formula that must stand in every formula cell, by sheet."""
    found = {}
    for slot in figure_formulas(places):
        found.setdefault(slot.sheet, {})[slot.where] = slot.formula
    return found


@pytest.fixture
def places():
    return planned_positions(masters.DISTRICTS, masters.INDICATORS)


@pytest.mark.parametrize(
    ("sheet", "spelt"),
    [
        ("累计完成", "累计完成"),
        ("6月", "'6月'"),
        ("累计 完成", "'累计 完成'"),
        ("A1", "'A1'"),
        ("It's", "'It''s'"),
        ("R1C1", "'R1C1'"),
        ("汇总(新)", "'汇总(新)'"),
        ("TRUE", "'TRUE'"),
    ],
)
def test_sheet_names_are_quoted_where_excel_wants_it(sheet, spelt):
    assert quote_sheet(sheet) == spelt


def test_the_texts_that_staff_trace(places):
    cells = formula_cells(places)
    assert cells["完成率"][8, 3] == (
        '=IF(AND(ISNUMBER(累计完成!C8),SUM(现行任务!C8)>0),累计完成!C8/现行任务!C8,"")'
    )
    assert cells["差异"][12, 3] == (
        '=IF(AND(ISNUMBER(累计完成!C12),ISNUMBER(现行任务!C12)),ROUND(累计完成!C12-现行任务!C12,9),"")'
    )
    assert cells["差异"][8, 8] == (
        '=IF(AND(ISNUMBER(累计完成!C8),ISNUMBER(应完成数!C8)),ROUND(累计完成!C8-应完成数!C8,9),"")'
    )
    added = 'IF(COUNT(C8:C11)=0,"",SUM(C8:C11))'
    assert cells["本月完成"][12, 3] == f'=IF(指标!D5="比率","",{added})'
    assert cells["累计完成"][12, 3].endswith(f',""),{added})')
    summary = cells["汇总"]
    planned = added.replace("C8", "现行任务!C8")
    assert (
        summary[5, 4] == f'=IF(指标!D5="比率",IF(ISNUMBER(现行任务!C12),现行任务!C12,""),{planned})'
    )
    assert summary[5, 6] == '=IF(ISNUMBER(指标!G5),指标!G5,"")'
    assert (5, 10) not in summary  # 序时进度 is written by recompute
    assert summary[5, 11] == (
        '=IF(AND(ISNUMBER(H5),ISNUMBER(N5),SUM(D5)>0),ROUND((H5-N5)/IF(指标!D5="比率",1,D5/100),9),"")'
    )
    assert summary[5, 13].startswith(
        '=COUNTIF(已计月数!C8:C11,"*缺"&VALUE(RIGHT(cell_month,2))&"月")+'
    )
    assert summary[5, 19] == '=COUNTIF(已计月数!C8:C11,"*缺*")'


def test_every_position_moves_the_text(places):
    moved = Matrix(
        "6月 累计",
        3,
        2,
        {d.code: 10 + n for n, d in enumerate(masters.DISTRICTS)},
        {item.code: 20 + n for n, item in enumerate(masters.INDICATORS)}
        | {COUNTED_KEY: 60, GAPS_KEY: 61},
        40,
    )
    cells = formula_cells(places._replace(cumulative=moved))
    assert cells["完成率"][8, 3].startswith("=IF(AND(ISNUMBER('6月 累计'!T10)")
    assert cells["6月 累计"][40, 20].endswith(',""),IF(COUNT(T4:T39)=0,"",SUM(T4:T39)))')
    assert "'6月 累计'!T4:T39" in cells["汇总"][5, 8]


def test_all_texts_are_what_excel_2010_and_libreoffice_know(places):
    sheets = {name.lower() for name in SHEETS}
    found = list(figure_formulas(places))
    assert len(found) > 100
    for slot in found:
        assert list(formulas.faults(slot.formula.removeprefix("="), sheets)) == []
    assert len({(slot.sheet, slot.where) for slot in found}) == len(found)


def test_what_is_built_is_found_again(tmp_path, places):
    host = masters.host(tmp_path)
    assert find_positions(host, read_config(host)) == places


def test_renamed_sheets_are_found_by_their_names(tmp_path):
    renamed = masters.rewrite_master(
        [
            ("'累计完成'!", "累计完成!"),
            ("累计完成!", "'累计 (新)'!"),
            ('<sheet name="累计完成"', '<sheet name="累计 (新)"'),
        ]
    )
    host = masters.host(tmp_path, renamed)
    found = find_positions(host, read_config(host))
    assert found.cumulative.sheet == "累计 (新)"
    assert "'累计 (新)'!C8" in formula_cells(found)["差异"][8, 3]
