"""``new`` says what it understood before it builds, and what was settled is in the journal."""

import json
from pathlib import Path

import pytest
from xlsxwriter import Workbook as Writer

from tests.data import notices
from tests.tools.tables import workbook
from xl_addin.cli import main
from xl_addin.master.read.config import read_config
from xl_addin.model.folder import LEDGER
from xl_addin.services.programme import Programme
from xl_addin.store.ledger import Ledger
from xl_addin.verbs import new as verb
from xl_addin.xlsx.package import deflate, pack, unpack

ROOT = Path(__file__).parents[2]
NOTICE = ROOT / "tests/data/notices/1_plain.docx"
TRUTH = ROOT / "workbooks/2023任务表.xlsx"
ROWS = [
    ["2023年任务表"],
    ["序号", "乡镇", "培训（人）", None, "备注"],
    [None, None, "任务数", "完成数", None],
    [1, "长安镇", 100, 50, "重点"],
    [2, "板榄镇", 80, 20, None],
    [None, "县级预留", 30, None, None],
    [None, "合计", 210, 70, None],
]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "任务表.xlsx"
    path.write_bytes(workbook({"表": ROWS}, ["A2:A3", "B2:B3", "C2:D2", "E2:E3"]))
    return path


def new(table, *options):
    folder = table.parent / "任务"
    return main(
        ["new", str(folder), "--task-table", str(table), "--year", "2023", *options]
    ), folder


def test_what_was_understood_is_said_and_a_rehearsal_builds_nothing(table, capsys):
    code, folder = new(table, "--rehearse")
    said = capsys.readouterr().out
    assert code == 1
    assert (
        "读的是工作表“表”：表头在第 2 行到第 3 行，名称在 B 列，2 个区县从第 4 行到第 5 行" in said
    )
    assert "指标：C 列 培训 > 任务数（人，当月数）" in said
    assert "合计：第 7 行“合计”和各区县相加相符" in said
    assert "第 6 行“县级预留”（预留数，不属于任何一个区县）" in said
    assert "D 列“培训 > 完成数”（完成数、进度一类）" in said
    assert "E 列“备注”（文字）" in said
    assert not folder.exists()


def test_the_same_for_programs(table, capsys):
    new(table, "--rehearse", "--json")
    understood = json.loads(capsys.readouterr().out)["understood"]
    assert understood["sheet"] == "表"
    assert understood["columns"] == {"I01": "C 列"}
    assert understood["totals"] == [{"place": "第 7 行", "name": "合计", "agrees": True}]
    assert {(each["place"], each["why"]) for each in understood["left_out"]} == {
        ("第 6 行", "预留数，不属于任何一个区县"),
        ("D 列", "完成数、进度一类"),
        ("E 列", "文字"),
    }


@pytest.fixture
def written(tmp_path):
    """Writes a table as Excel does, with these comments and text boxes."""

    def write(comments=None, *boxes, rows=ROWS):
        path = tmp_path / "写着.xlsx"
        book = Writer(path)
        sheet = book.add_worksheet("表")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, ["" if value is None else value for value in row])
        for where, text in (comments or {}).items():
            sheet.write_comment(where, text, {"author": "王五"})
        for number, text in enumerate(boxes):
            sheet.insert_textbox(10 + 5 * number, 8, text)
        book.close()
        return path

    return write


def test_what_stands_around_the_table_in_words_is_said_and_is_no_title(written, capsys):
    above = ["说明：各乡镇的数已经扣除上年结转的部分，有出入的请在本月内与县残联联系。"]
    rows = [["2023年残疾人工作任务表"], above, *ROWS[1:]]
    path = written({"A1": "口径同上年"}, "本表一式三份\n由办公室留存", rows=rows)
    new(path, "--rehearse")
    (said,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("旁边写着"))
    assert f"A2“{above[0]}”" in said
    assert "A1 的批注“口径同上年”" in said
    assert "文本框“本表一式三份 由办公室留存”" in said
    assert "E5“重点”" in said
    new(path, "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["title"] == "残疾人工作"
    assert {"place": "A1 的批注", "text": "口径同上年"} in told["understood"]["said"]


@pytest.mark.parametrize(
    ("comments", "boxes", "asked", "settled"),
    [
        ({"C4": "这是2022年的完成数"}, (), "批注写着“这是2022年的完成数”，不能确定“长安镇”", "--keep-row=4"),
        ({"B5": "已并入长安镇"}, (), "不能确定“板榄镇”这一行", "--skip-row=5"),
        ({"C3": "仅供参考，不作为考核依据"}, (), "不能确定C 列“培训 > 任务数”是不是任务数", "--keep-column=C"),
        ({}, ("征求意见，请于3月5日前反馈意见",), "文本框里写着“征求意见,请于3月5日前反馈意见”", "--keep-column=C"),
    ],
)  # fmt: skip
def test_a_comment_or_a_box_that_takes_a_number_back_is_asked_about(
    comments, boxes, asked, settled, written, capsys
):
    path = written(comments, *boxes)
    assert new(path, "--rehearse")[0] > 1
    assert asked in "".join(capsys.readouterr())
    assert new(path, "--rehearse", *settled.split("="))[0] in (0, 1)


def test_comments_that_cannot_be_read_are_told(written, capsys):
    path = written({"C4": "x"})
    parts = unpack(path.read_bytes())
    parts["xl/comments1.xml"] = deflate("xl/comments1.xml", b"<comments")
    path.write_bytes(pack(parts.values()))
    new(path, "--rehearse")
    assert "批注读不出来" in capsys.readouterr().out


@pytest.mark.libreoffice
@pytest.mark.parametrize("ending", ["xls", "ods", "xlsx"])
def test_comments_and_boxes_as_other_programs_save_them(ending, written, office, tmp_path, capsys):
    path = written({"A1": "口径同上年"}, "本表一式三份\n由办公室留存")
    new(office.convert(path, tmp_path / "存", ending), "--rehearse")
    said = capsys.readouterr().out
    assert "A1 的批注“口径同上年”" in said
    assert "文本框“本表一式三份 由办公室留存”" in said


def test_what_was_settled_is_in_the_journal(table):
    code, folder = new(table, "--keep-row", "6", "--skip-column", "D")
    assert code == 1
    ledger = Ledger(folder / LEDGER)
    told = [text for _, verb, _, text, *_ in ledger.events(9) if verb == "new"]
    ledger.close()
    assert told == ["由 任务表.xlsx 建立，读法：--skip-column D --keep-row 6"]


def test_a_doubt_builds_nothing(table, capsys):
    table.write_bytes(workbook({"表": [["单位", "完成数（人）"], ["甲县", 5], ["乙县", 6]]}))
    code, folder = new(table)
    said = capsys.readouterr()
    assert code == 2
    assert "--skip-column B" in said.out + said.err
    assert "--keep-column B" in said.out + said.err
    assert not (folder / LEDGER).exists()


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(table, capsys):
    assert new(table, "--sheet", "别的")[0] == 2
    assert "“表”" in capsys.readouterr().err


GOALS = (
    "加强帮扶，完成农村残疾人实用技术培训10,000人次。为2万名残疾人提供托养服务。万州区培训300人次。"
)


def test_figures_in_a_notices_text_are_shown_as_goals_and_not_set(tmp_path, capsys):
    body = [("万州区", "300", "20"), ("涪陵区", "9700", "30")]
    head = notices.row("区县", "实用技术培训（人次）", "托养服务（人）")
    path = tmp_path / "通知.docx"
    path.write_bytes(
        notices.docx(
            notices.par("2023年任务表"),
            notices.par(GOALS),
            notices.table(head, *(notices.row(*row) for row in body)),
        )
    )
    code, _ = new(path, "--rehearse")
    said = capsys.readouterr().out
    assert code == 0
    assert (
        "“实用技术培训”10000人次，见正文第 2 段“加强帮扶，完成农村残疾人实用技术培训10,000人次。”"
        in said
    )
    assert "“托养服务”20000名，见正文第 2 段“为2万名残疾人提供托养服务。”" in said
    assert said.count("可能是全市目标") == 2
    assert "请在建好的主表“指标”的“全市目标”一列填上" in said
    code, folder = new(path, "--json")
    told = json.loads(capsys.readouterr().out)
    assert [each["goal"] for each in told["indicators"]] == [None, None]
    assert [each["value"] for each in told["goals_in_text"]] == [10000, 20000]
    assert (folder / "归档/任务表.docx").read_bytes() == path.read_bytes()


def test_the_notice_and_its_workbook_make_the_same_programme(tmp_path):
    made = []
    for source in (NOTICE, TRUTH):
        folder = tmp_path / source.suffix[1:]
        assert main(["new", str(folder), "--task-table", str(source), "--year", "2023"]) == 0
        made.append(read_config(Programme(folder).host))
    notice, workbook = made
    assert notice.targets == workbook.targets
    assert notice.districts == workbook.districts


@pytest.mark.parametrize("most", ["MOST_PAIRS", "MOST_INDICATORS"])
def test_a_table_that_later_verbs_could_not_carry_is_refused_before_anything_is_written(
    table, monkeypatch, capsys, most
):
    monkeypatch.setattr(verb, most, 1 if most == "MOST_PAIRS" else 0)
    assert new(table, "--rehearse")[0] == 2
    code, folder = new(table)
    assert code == 2
    assert not folder.exists()
    assert table.name in capsys.readouterr().err
    monkeypatch.setattr(verb, most, 2)
    assert new(table)[0] == 1
