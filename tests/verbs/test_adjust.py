"""A target that a notice changes: on the sheet, in the ledger, in the forms of the month and after.

Proves also services/amending.py, services/target_history.py, services/target_checks.py,
services/change_words.py, services/list_places.py and services/typed_changes.py.
"""

from __future__ import annotations

import pytest

from tests.tools.lint import lint
from tests.tools.masters import edit_master
from xl_addin.cli import main
from xl_addin.model.folder import FORMS
from xl_addin.model.sheets import INDICATORS_BLOCK, INDICATORS_SHEET, TARGETS_BLOCK
from xl_addin.services import amending
from xl_addin.store.targets import TargetChange
from xl_addin.system.errors import Misused, Refused

ORDER = {"district": "甲县", "indicator": "培训", "by": "30", "document": "渝残发〔2023〕30号"}
CHANGE = TargetChange("2024-03", "D001", "I01", 120, 150, "渝残发〔2023〕30号", "")


def adjust(year, month="2024-03", **more):
    return year.verb("adjust", month, **{**ORDER, **more})


def test_it_stands_on_the_sheet_and_in_the_ledger_with_old_and_new(year):
    report = adjust(year, note="年中调整")
    [row] = year.adjusted()
    assert (row["起始月"], row["区县"], row["指标"]) == ("3", "甲县", "培训")
    assert (row["年初任务"], row["调整数"], row["调整后"]) == ("120", "30", "150")
    assert row["依据"] == "渝残发〔2023〕30号"
    assert row["登记时间"] == "2024-03-05 10:00:00"
    assert row["经办人"]
    assert year.recorded() == [CHANGE._replace(note="年中调整")]
    assert "120 → 150" in report.lines[0]


def test_it_is_used_from_its_month_on_and_not_before(year):
    adjust(year)
    config = year.config()
    assert config.targets["D001", "I01"] == 120
    assert config.targets_in_force(2)["D001", "I01"] == 120
    assert config.targets_in_force(3)["D001", "I01"] == 150


def test_a_target_can_be_said_as_what_it_becomes(year):
    year.verb("adjust", "2024-03", **{**ORDER, "by": "", "to": "100"})
    assert year.recorded() == [CHANGE._replace(value=100)]


def test_a_second_notice_starts_from_the_first(year):
    adjust(year)
    adjust(year, "2024-05", by="-50", document="渝残发〔2023〕44号")
    assert [(c.month, c.was, c.value) for c in year.recorded()] == [
        ("2024-03", 120, 150),
        ("2024-05", 150, 100),
    ]
    assert [row["调整后"] for row in year.adjusted()] == ["150", "100"]


def test_the_month_s_forms_show_it_and_only_that_district_gets_another(year):
    year.run("distribute", "2024-03")
    folder = year.folder / FORMS / "2024-03"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    report = adjust(year)
    assert any("2024-03 的填报表已经生成，甲县的还是原来的任务数" in line for line in report.lines)
    year.run("distribute", "2024-03")
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert [name[-7:-5] for name in after if after[name] != before[name]] == ["甲县"]


def test_a_form_that_was_accepted_already_is_not_asked_for_again(year):
    report = adjust(year, "2024-02")
    assert not any("填报表已经生成" in line for line in report.lines)


def test_a_rehearsal_says_so_and_changes_nothing(year):
    master = year.folder / "master.xlsm"
    before = master.read_bytes()
    report = adjust(year, rehearse=True)
    assert report.data["changes"] == ["从 2024-03 起 甲县 培训：120 → 150（渝残发〔2023〕30号）"]
    assert (master.read_bytes(), year.recorded()) == (before, [])


def test_several_come_from_a_file(year, tmp_path):
    table = tmp_path / "调整.csv"
    table.write_text("区县,指标,调整后\n甲县,培训,200\n丁县,I04,3\n", encoding="utf-8-sig")
    year.verb("adjust", "2024-04", file=str(table), document="渝1号")
    assert [(c.district, c.indicator, c.was, c.value) for c in year.recorded()] == [
        ("D001", "I01", 120, 200),
        ("D004", "I04", None, 3),
    ]


def test_a_file_that_says_a_target_twice_is_turned_down(year, tmp_path):
    table = tmp_path / "调整.csv"
    table.write_text("区县,指标,调整后\n甲县,培训,200\nD001,I01,200\n", encoding="utf-8-sig")
    with pytest.raises(Refused, match="“D001”的“I01”有两行"):
        year.verb("adjust", "2024-04", file=str(table), document="渝1号")
    assert year.recorded() == []


def test_a_file_is_read_by_its_headings_and_empty_cells_move_nothing(year, tmp_path):
    table = tmp_path / "调整.csv"
    table.write_text(
        "关于调整,,,,\n序号,区县,指标,调整数,调整后\n1,甲县,培训,,200\n,丁县,I04,3,\n,合计,,83,\n",
        encoding="utf-8-sig",
    )
    year.verb("adjust", "2024-04", file=str(table), document="渝1号")
    assert [(c.district, c.indicator, c.value) for c in year.recorded()] == [
        ("D001", "I01", 200),
        ("D004", "I04", 3),
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("戊县,培训,5,", "第 3 行：.*没有“戊县”"),
        ("丁县,,5,", "第 3 行：没有填指标"),
        ("丁县,培训,多,", "第 3 行：调整数 要填数字，现在是“多”"),
        ("丁县,培训,,", "第 3 行：“调整数”和“调整后”要填一个，只填一个"),
        ("丁县,培训,1,2", "第 3 行：“调整数”和“调整后”要填一个，只填一个"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_row(year, tmp_path, row, says):
    table = tmp_path / "调整.csv"
    head = "区县,指标,调整数,调整后\n甲县,培训,,200\n"
    table.write_text(f"{head}{row}\n", encoding="utf-8-sig")
    with pytest.raises(Refused, match=says):
        year.verb("adjust", "2024-04", file=str(table), document="渝1号")
    assert year.recorded() == []


def test_a_part_above_its_whole_and_other_totals_are_told(year):
    report = year.verb(
        "adjust", "2024-03", district="甲县", indicator="I03", to="80", document="1号"
    )
    assert any("大于上级“就业”的 60" in line for line in report.lines)
    assert any("合计 120，公布合计是 60" in line for line in report.lines)
    assert report.clean


def test_targets_of_a_rate_are_not_added_up(year):
    year.set_cell(INDICATORS_SHEET, INDICATORS_BLOCK, "I01", "口径", "比率")
    report = year.verb(
        "adjust", "2024-03", district="甲县", indicator="I01", to="95", document="1号"
    )
    assert not any("各区县合计" in line for line in report.lines)


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        ({"document": ""}, Misused, "--document"),
        ({"district": "戊县"}, Misused, "没有“戊县”"),
        ({"indicator": "没有的"}, Misused, "没有“没有的”"),
        ({"by": "三十"}, Misused, "--by 要填数字"),
        ({"by": ""}, Misused, "--by 和 --to"),
        ({"by": "1", "to": "2"}, Misused, "只写一个"),
        ({"by": "-121"}, Refused, "小于 0"),
        ({"by": "1.5"}, Refused, "只能是整数"),
        ({"by": "", "to": "120"}, Refused, "已经是 120"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_makes_no_sense_is_turned_down_and_nothing_changes(year, given, kind, says):
    before = (year.folder / "master.xlsm").read_bytes()
    with pytest.raises(kind, match=says):
        adjust(year, **given)
    assert (year.folder / "master.xlsm").read_bytes() == before


def test_the_same_order_twice_is_one(year):
    adjust(year)
    with pytest.raises(Refused, match="已经登记过了"):
        adjust(year)
    assert len(year.adjusted()) == len(year.recorded()) == 1


def test_cut_off_before_the_ledger_kept_it_the_same_order_completes_it(year, monkeypatch):
    def cut(name):
        raise KeyboardInterrupt(name)

    monkeypatch.setattr(amending, "fail_point", cut)
    with pytest.raises(KeyboardInterrupt):
        adjust(year)
    monkeypatch.undo()
    assert (len(year.adjusted()), year.recorded()) == (1, [])
    adjust(year)
    assert (len(year.adjusted()), year.recorded()) == (1, [CHANGE])


def test_undo_brings_back_sheet_and_ledger(year):
    before = year.adjusted()
    adjust(year)
    adjust(year, by="5", document="2号")
    year.verb("undo")
    assert len(year.recorded()) == 1
    year.verb("undo")
    assert (year.adjusted(), year.recorded()) == (before, [])


def test_more_orders_than_rows_were_reserved_for(year, tmp_path):
    table = tmp_path / "调整.csv"
    lines = [f"甲县,培训,{n}" for n in range(1, 71)]
    table.write_text("区县,指标,调整数\n" + "\n".join(lines), encoding="utf-8-sig")
    year.verb("adjust", "2024-04", file=str(table), document="渝1号")
    assert len(year.adjusted()) == len(year.recorded()) == 70
    assert year.config().targets_in_force(4)["D001", "I01"] == 120 + sum(range(1, 71))
    assert lint(year.folder / "master.xlsm") == []


def test_a_correction_of_the_task_table_by_hand_is_kept_and_told(year):
    programme = year.open_programme()
    block = programme.host.block(TARGETS_BLOCK)
    programme.close()
    at = next(at for at, cell in block.cells.items() if cell.value == 240)
    master = year.folder / "master.xlsm"
    master.write_bytes(edit_master({block.sheet: {at: 250}}, master.read_bytes()))
    year.run("recompute", "2024-02")
    programme = year.open_programme()
    [journal, *_] = programme.ledger.events(1)
    programme.close()
    assert "“任务表”的年初任务有更正：乙县 培训 240→250" in journal[3]


def test_the_ledger_made_anew_from_the_archive_knows_it(year):
    adjust(year)
    year.verb("rebuild", "2024-02")
    assert year.recorded() == [CHANGE]
    assert year.verb("verify", "2024-02").clean


def test_on_the_command_line(year, capsys):
    words = ["adjust", "--folder", str(year.folder), "--month", "2024-03", "--json"]
    words += ["--district", "甲县", "--indicator", "I01", "--by", "-20", "--document", "1号"]
    assert main(words) == 0
    assert '"verb": "adjust"' in capsys.readouterr().out
    assert year.recorded() == [CHANGE._replace(value=100, document="1号")]
