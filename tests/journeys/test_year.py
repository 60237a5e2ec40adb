"""A programme whose year changes: adjusted in March, merged and split off in April, an indicator in May.

On the file and on the master that is open. What it comes to is computed apart, from what was sent.
"""

from __future__ import annotations

import pytest

from tests.tools.lint import lint
from tests.tools.masters import edit_master
from tests.tools.office import disagreements
from tests.tools.years import begun
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import import_xlwings
from xl_addin.master.read.blocks import find_columns
from xl_addin.model.records import STOCK_LABEL
from xl_addin.model.sheets import CUMULATIVE_BLOCK, INDICATORS_BLOCK, PLAN_BLOCK, SUMMARY_BLOCK

# What everybody sends every month; from March on I04 is how things are at the month's end.
SENT = {"I01": 10, "I02": 5, "I03": 2, "I04": 1, "I05": 7}
MONTHS_OF = {
    "D001": (1, 2, 3, 4, 5),
    "D002": (1, 2, 3, 4, 5),
    "D003": (1, 3),
    "D004": (1, 2, 3, 4, 5),
    "D900": (4, 5),
}
TARGETS = {
    "I01": {"D001": 120, "D002": 240, "D003": 360, "D004": 480},
    "I02": {"D001": 60, "D002": 80, "D003": 0, "D004": 40},
    "I03": {"D001": 20, "D002": 30, "D003": 0, "D004": 10},
    "I04": {"D001": 1, "D002": 0, "D003": 2},
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("年")


@pytest.fixture(params=["file", pytest.param("excel", marks=pytest.mark.libreoffice)])
def year(request, kept, tmp_path):
    programme = begun(kept, tmp_path)
    master = programme.folder / "master.xlsm"
    block = programme.open_programme().host.block(INDICATORS_BLOCK)
    [row] = [at[0] for at, cell in block.cells.items() if cell.value == "I04"]
    column = find_columns(block, ("口径",))["口径"]
    stock = {block.sheet: {(row, column): STOCK_LABEL}}
    master.write_bytes(edit_master(stock, master.read_bytes()))
    if request.param == "excel":
        request.getfixturevalue("excel")
        book = import_xlwings().Book(str(programme.folder / "master.xlsm"))
        programme.live = ExcelHost(book)
    return programme


def test_the_year_changes_and_the_programme_follows(year, office):
    year.verb("adjust", "2024-03", district="甲县", indicator="培训", by="30", document="渝30号")
    year.play("2024-03", figures=SENT)
    year.verb("change-district", "2024-04", district="丙县", into="乙县", document="渝40号")
    year.verb(
        "add-district",
        code="D900",
        name="高新区",
        since="4",
        from_="丁县",
        target="培训=80\nI02=4",
        document="渝41号",
    )
    year.play("2024-04", figures=SENT)
    year.verb(
        "add-indicator",
        code="I05",
        path="慰问 > 困难家庭",
        unit="户",
        since="5",
        target="甲县=90\n高新区=12",
        document="渝42号",
    )
    year.play("2024-05", figures=SENT)

    plan = {code: dict(targets) for code, targets in TARGETS.items()}
    plan["I01"]["D001"] += 30
    done = _done()
    for code in ("I01", "I02", "I03"):
        left = plan[code]["D003"] - min(plan[code]["D003"], done[code, "D003"])
        plan[code]["D003"] -= left
        plan[code]["D002"] += left
    plan["I04"]["D002"], plan["I04"]["D003"] = 2, 0
    plan["I01"] |= {"D004": 400, "D900": 80}
    plan["I02"] |= {"D004": 36, "D900": 4}
    plan["I05"] = {"D001": 90, "D900": 12}
    shown = year.shown(PLAN_BLOCK)
    assert {
        (row, code): value
        for (row, code), value in shown.items()
        if code in plan and row in {each for targets in plan.values() for each in targets}
    } == {(row, code): v for code, targets in plan.items() for row, v in targets.items()}

    summary = year.shown(SUMMARY_BLOCK)
    for code, targets in plan.items():
        assert summary[code, "任务数"] == sum(targets.values()), code
        assert summary[code, "累计完成"] == sum(
            value for (of, _), value in done.items() if of == code
        ), code
    cumulative = year.shown(CUMULATIVE_BLOCK)
    assert cumulative["D003", "I01"] == done["I01", "D003"]
    assert cumulative["D003", "I04"] == "—"  # 乙县 states it with its own since
    assert {(r, c): v for (r, c), v in cumulative.items() if (c, r) in done} == {
        (district, code): value for (code, district), value in done.items()
    }

    assert year.verb("verify", "2024-05").lines == ()
    assert [c.document for c in year.recorded()][:1] == ["渝30号"]
    before = year.recorded()
    year.verb("rebuild", "2024-05")
    assert year.recorded() == before
    assert year.verb("verify", "2024-05").clean

    if year.live:
        year.live.book.save()
        year.live = None
    path = year.folder / "master.xlsm"
    assert {p["code"] for p in year.verb("check").data["problems"]} <= {"total-differs"}
    check = year.run("recompute", "2024-05").data
    assert check["formulas"]["disagreements"] == []
    assert [each for each in disagreements(path, office) if each.sheet != "回收情况"] == []


def test_the_master_that_was_changed_all_year_has_no_fault(kept, tmp_path):
    year = begun(kept, tmp_path)
    year.verb("add-district", code="D900", name="高新区", since="4", from_="丁县", target="I01=8")
    year.verb("add-indicator", code="I05", path="就业 > 灵活 > 新增", unit="人", parent="I02")
    year.verb("change-district", "2024-06", district="丙县", into="乙县")
    year.verb("change-district", district="甲县", name="甲市")
    assert lint(year.folder / "master.xlsm") == []


def _done():
    """What each district reached by May, by (indicator, district)."""
    found = {}
    for district, reported in MONTHS_OF.items():
        for code, amount in SENT.items():
            counted = [month for month in reported if code != "I05" or month >= 5]
            if code == "I04" and district != "D003":
                found[code, district] = amount
            elif code != "I04" and counted:
                found[code, district] = amount * len(counted)
    return found
