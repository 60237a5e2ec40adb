"""The next year follows from the one before, whose folder is not touched.

Proves also services/last_year.py, master/read/carried.py and master/read/last_year.py.
"""

import hashlib
import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.tools.masters import TABLE, typed_rows
from tests.tools.programme import MONTHS, YEAR, SmallProgramme
from tests.tools.tables import workbook
from xl_addin.cli import main
from xl_addin.master.build.workbook import first_config
from xl_addin.master.host.file import FileHost
from xl_addin.master.read.config import read_config
from xl_addin.master.read.letters_rows import read_letters
from xl_addin.model.folder import LEDGER, MASTER
from xl_addin.model.letters import REMIND
from xl_addin.model.records import CUSTOM, STOCK, WARNING, District, Indicator
from xl_addin.model.settings import REOPEN
from xl_addin.model.sheets import PAPER_HEADINGS, PAPERS_BLOCK, PAPERS_SHEET
from xl_addin.services.rollover import link_indicators, pair_districts, read_old, roll_over
from xl_addin.store.database import Database

NEXT = YEAR + 1
HEADS = ("就业（人）", "其中：残疾女性", f"{NEXT}年培训（人次）", "康复（人）")
LABELS = {
    "设置": {
        "截止日": 8,
        "滞后红线": 15,
        "市级联系人": "李工",
        "结账按钮": REOPEN,
        "打开密码": "abc、123",
        "发件人邮箱": "city@example.com",
        "SMTP 端口": 587,
        "SMTP 加密": "STARTTLS",
    }
}


def heads_of(year):
    return [head.replace(str(NEXT), str(year)) for head in HEADS]


def table(path, rows, heads=HEADS, title=f"{NEXT}年全县重点任务表"):
    path.write_bytes(workbook({"任务表": [[title], ["单位", *heads], *rows]}))
    return path


def new(folder, source, *options, year=NEXT):
    words = ["new", str(folder), "--task-table", str(source), "--year", str(year), *options]
    return main([*words, "--json"])


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def set_cells(folder, cells):
    """What staff type, by sheet, the text of the row's key (column A or B) and the heading."""
    path = folder / MASTER
    book = load_workbook(path)
    for (name, key, heading), value in cells.items():
        sheet = book[name]
        column = next(c.column for row in sheet.iter_rows(1, 4) for c in row if c.value == heading)
        row = next(
            r[0].row for r in sheet.iter_rows(1, sheet.max_row) if key in (r[0].value, r[1].value)
        )
        sheet.cell(row, column).value = value
    book.save(path)


@pytest.fixture
def old(programme_2024, tmp_path):
    shutil.copytree(programme_2024, tmp_path / "2024")
    return SmallProgramme(tmp_path / "2024")


@pytest.fixture(scope="module")
def programme_2024(tmp_path_factory):
    """Four months of four districts; 乙县 lacks March."""
    programme = SmallProgramme(tmp_path_factory.mktemp("old") / "2024")
    set_cells(
        programme.folder,
        {
            **{("设置", label, "值"): value for label, value in LABELS["设置"].items()},
            ("区县名录", "甲县", "收件人"): "jia@example.com",
            ("区县名录", "甲县", "抄送"): "cc@example.com",
            ("区县名录", "甲县", "联系人"): "王工",
            ("区县名录", "甲县", "电话"): 13800000000,
            ("区县名录", "甲县", "别名"): "甲城、老甲县",
            ("区县名录", "丁县", "截止月"): 9,
            ("指标", "I01", "序时"): "自定义",
            ("指标", "I01", "备注"): "按人次",
            ("指标", "I02", "口径"): "累计数",
            ("指标", "I02", "取整"): "否",
            ("校验规则", "far-above-target", "级别"): "停用",
            ("信件", "催报", "主题"): "请速报{区县}",
        }
        | {("序时", "I01", f"{n}月"): n * n / 144 for n in range(1, 13)},
    )
    for number, month in enumerate(MONTHS[:4], 1):
        programme.clock = datetime(YEAR, number, 28, 9)
        for district in range(4):
            if (district, number) != (1, 3):
                figures = {"I01": 10 + district, "I02": 5 * number, "I03": 2, "I04": 0}
                programme.send(f"{district}.xlsx", district, figures, month, programme.clock)
        programme.collect(month)
    return programme.folder


def test_what_staff_set_is_carried_into_the_next_year(old, tmp_path, capfd):
    before = digests(old.folder)
    rows = [
        ["丙县", 50, 20, 300, 3],
        ["戊县", 10, 2, 40, 1],
        ["老甲县", 60, 30, 100, 5],
        ["乙县", 80, 40, 200, 2],
    ]
    folder = tmp_path / "2025"
    assert new(folder, table(tmp_path / "t.xlsx", rows), "--from", str(old.folder)) == 0
    said = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert digests(old.folder) == before
    host = FileHost(folder / MASTER)
    config = read_config(host)
    assert [p for p in config.problems if p.severity != WARNING] == []
    assert [(d.code, d.name) for d in config.districts] == [
        ("D003", "丙县"),
        ("D005", "戊县"),
        ("D001", "老甲县"),
        ("D002", "乙县"),
    ]
    kept = next(d for d in config.districts if d.code == "D001")
    assert (kept.to, kept.cc) == ("jia@example.com", "cc@example.com")
    assert set(kept.aliases) == {"甲县", "甲城"}
    settings = config.settings
    assert (settings.year, settings.title, settings.deadline_day, settings.behind) == (
        NEXT,
        "全县重点",
        8,
        15,
    )
    assert (settings.contact, settings.passwords, settings.closing) == ("李工", "abc、123", "结账")
    assert settings.month == f"{NEXT}-01"
    assert config.rules["far-above-target"].severity == ""
    letters, _ = read_letters(host)
    assert letters[REMIND].subject == "请速报{区县}"
    items = {item.code: item for item in config.indicators}
    assert [(i.label, i.last_year) for i in items.values()] == [
        ("就业", "I02"),
        ("就业 > 其中：残疾女性", "I03"),
        ("培训", "I01"),
        ("康复", ""),
    ]
    assert (items["I01"].measure, items["I01"].whole) == (STOCK, False)
    assert items["I02"].parent == "I01"
    assert items["I03"].schedule == CUSTOM
    assert items["I03"].shares[1] == pytest.approx(4 / 144)
    assert config.targets["D001", "I03"] == 100
    sheet = load_workbook(folder / MASTER)["区县名录"]
    people = {row[0]: row[5:7] for row in sheet.iter_rows(5, 8, values_only=True)}
    assert people["D001"] == ("王工", "13800000000")
    values = {
        r[0]: r[1] for r in load_workbook(folder / MASTER)["设置"].iter_rows(values_only=True)
    }
    assert (values["发件人邮箱"], values["SMTP 端口"], values["SMTP 加密"]) == (
        "city@example.com",
        587,
        "STARTTLS",
    )
    assert said["from"]["districts_gone"] == ["D004"]
    assert said["from"]["indicators"] == {"I01": "I02", "I02": "I03", "I03": "I01"}


def test_papers_come_with_their_terms_moved_on(old, tmp_path, capfd):
    """Who owes them is who owes them still; a paper that nobody owes any more does not become everybody's."""
    rows = [
        ("D1", "2024年工作总结", "总结2024年工作", "2024-02-29", "docx、wps", 500, 3000, 2, None),
        ("D2", "案例", None, "1月15日", None, None, None, None, "甲县、乙县"),
        ("D3", "说明", None, "11月30日", None, None, None, None, "丁县"),
    ]
    block = old.open_programme().host.block(PAPERS_BLOCK)
    old.type_over(PAPERS_SHEET, typed_rows(block, PAPER_HEADINGS[:9], rows))
    folder = tmp_path / "2025"
    source = table(tmp_path / "t.xlsx", [["老甲县", 60, 30, 100, 5], ["戊县", 10, 2, 40, 1]])
    assert new(folder, source, "--from", str(old.folder)) == 0
    report = capfd.readouterr()
    said = json.loads(report.out.splitlines()[-1])
    assert said["from"]["papers"] == ["D1", "D2"]
    host = FileHost(folder / MASTER)
    config = read_config(host)
    assert [p for p in config.problems if p.severity != WARNING] == []
    one, two = config.papers
    assert (one.name, one.request, one.due) == (
        "2025年工作总结",
        "总结2025年工作",
        "2025-02-28 23:59:59",
    )
    assert (one.kinds, one.least, one.most, one.copies) == (("docx", "wps"), 500, 3000, 2)
    codes = {district.name: district.code for district in config.districts}
    assert set(one.districts) == set(codes.values())
    assert (two.due, two.districts) == ("2025-01-15 23:59:59", (codes["老甲县"],))
    table_alone = first_config(TABLE, NEXT, "", MONTHS[0])
    rolled = roll_over(read_old(old.folder, NEXT), table_alone)
    assert any("没有带过来的材料" in line for line in rolled.lines)


def test_last_years_cumulatives_come_by_month_and_unknown_is_not_zero(old, tmp_path):
    folder = tmp_path / "2025"
    rows = [["乙县", 80, 40, 200, 2], ["甲县", 60, 30, 100, 5]]
    new(folder, table(tmp_path / "t.xlsx", rows), "--from", str(old.folder))
    came = read_config(FileHost(folder / MASTER)).last_year
    gone = (None,) * 8
    # 培训 adds up; where a month is missing nobody knows the sum from then on.
    assert came["D001", "I03"] == (10, 20, 30, 40, *gone)
    assert came["D002", "I03"] == (11, 22, None, None, *gone)
    # 就业 is a state, which has what came before it: April makes up for March.
    assert came["D002", "I01"] == (5, 10, None, 20, *gone)
    assert came["D001", "I02"] == (2, 4, 6, 8, *gone)
    assert not {pair for pair in came if pair[1] == "I04"}
    assert {district for district, _ in came} == {"D001", "D002"}


def test_a_rehearsal_tells_all_and_leaves_nothing(old, tmp_path, capfd):
    source = table(tmp_path / "t.xlsx", [["甲县", 60, 30, 100, 5], ["戊县", 1, 1, 1, 1]])
    capfd.readouterr()
    words = ["new", str(tmp_path / "x"), "--task-table", str(source), "--year", str(NEXT)]
    assert main([*words, "--from", str(old.folder / MASTER), "--rehearse"]) == 0
    said = capfd.readouterr().out
    assert not (tmp_path / "x").exists()
    for told in (
        "上年没有的区县：戊县",
        "乙县、丙县、丁县（上年报到 9 月）",
        "“康复”上年没有",
        "没有带过来的指标：基地",
        "上年同期：带过来 3 行",
    ):
        assert told in said
    assert "没有带过来的上年完成数：乙县、丙县、丁县（上年报到 9 月）" in said


def test_an_open_master_and_a_ledger_of_before_are_read(old, tmp_path):
    (old.folder / f"~${MASTER}").write_bytes(b"\5staff" + bytes(160))
    (old.folder / MASTER).chmod(0o444)
    (old.folder / LEDGER).chmod(0o444)
    source = table(tmp_path / "t.xlsx", [["甲县", 60, 30, 100, 5]])
    assert new(tmp_path / "x", source, "--from", str(old.folder)) == 0
    assert read_config(FileHost(tmp_path / "x" / MASTER)).last_year["D001", "I03"][3] == 40


@pytest.mark.parametrize("release", ["0.1.0", "0.2.1", "0.3.0", "0.4.0", "0.5.0"])
def test_a_programme_of_an_earlier_release_is_carried_too(release, tmp_path, capfd):
    old = Path(__file__).parents[1] / "data" / "programmes" / release
    before = digests(old)
    config = read_config(FileHost(old / MASTER))
    year = config.settings.year + 1
    # A heading of the year before would be asked about: it may be another year's column.
    names = [item.path[-1].replace(str(year - 1), str(year)) for item in config.indicators]
    heads = [f"{name}（{item.unit}）" for name, item in zip(names, config.indicators, strict=True)]
    rows = [[d.name, *[5] * len(heads)] for d in config.districts]
    source = table(tmp_path / "t.xlsx", rows, heads, f"{year}年任务表")
    assert new(tmp_path / "x", source, "--from", str(old), year=year) in (0, 1), capfd.readouterr()
    assert digests(old) == before
    carried = read_config(FileHost(tmp_path / "x" / MASTER))
    assert len(carried.districts) == len(config.districts)
    assert bool(carried.last_year) is (release != "0.1.0")  # that one had no returns yet


@pytest.mark.parametrize(
    ("given", "year", "says"),
    [
        ("nowhere", NEXT, "不是年度任务的文件夹"),
        ("2024", YEAR, f"不在 {YEAR} 年以前"),
        ("broken", NEXT, "上年的主表读不了"),
    ],
)
@pytest.mark.usefixtures("old")
def test_what_cannot_be_followed_is_refused_in_plain_words(tmp_path, capfd, given, year, says):
    (tmp_path / "nowhere").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / MASTER).write_bytes(b"PK")
    source = table(tmp_path / "t.xlsx", [["甲县", 60, 30, 100, 5]], heads_of(year))
    assert new(tmp_path / "x", source, "--from", str(tmp_path / given), year=year) == 2
    assert says in capfd.readouterr().out
    assert not (tmp_path / "x").exists()


def test_the_old_folder_is_no_new_one_and_two_years_ago_is_not_last_year(old, tmp_path, capfd):
    rows = [["甲县", 60, 30, 100, 5]]
    source = table(tmp_path / "t.xlsx", rows, heads_of(NEXT + 1), "任务表")
    assert new(old.folder, source, "--from", str(old.folder)) == 2
    assert "master.xlsm" in capfd.readouterr().out
    words = ["new", str(tmp_path / "x"), "--task-table", str(source), "--year", str(NEXT + 1)]
    assert main([*words, "--from", str(old.folder)]) == 0
    assert "不是上年，没有带完成数" in capfd.readouterr().out
    assert not read_config(FileHost(tmp_path / "x" / MASTER)).last_year


def test_without_its_ledger_the_settings_come_alone(old, tmp_path, capfd):
    (old.folder / LEDGER).unlink()
    source = table(tmp_path / "t.xlsx", [["甲县", 60, 30, 100, 5]])
    words = ["new", str(tmp_path / "x"), "--task-table", str(source), "--year", str(NEXT)]
    assert main([*words, "--from", str(old.folder)]) == 0
    assert "没有带上年的完成数" in capfd.readouterr().out
    assert not (old.folder / LEDGER).exists()


def test_a_ledger_that_another_writes_to_is_read_as_it_stands(old, tmp_path):
    writer = Database(old.folder / LEDGER)
    writer._db.execute("BEGIN IMMEDIATE")
    source = table(tmp_path / "t.xlsx", [["甲县", 60, 30, 100, 5]])
    assert new(tmp_path / "x", source, "--from", str(old.folder)) == 0
    writer.close()
    assert read_config(FileHost(tmp_path / "x" / MASTER)).last_year


def test_what_was_wrong_last_year_is_told_and_stops_nothing(old, tmp_path, capfd):
    set_cells(
        old.folder,
        {("区县名录", "甲县", "收件人"): "没有邮箱", ("设置", "截止日", "值"): 40}
        | {("序时", "I01", "12月"): None},
    )
    source = table(tmp_path / "t.xlsx", [["甲县", 60, 30, 100, 5]])
    words = ["new", str(tmp_path / "x"), "--task-table", str(source), "--year", str(NEXT)]
    capfd.readouterr()
    assert main([*words, "--from", str(old.folder)]) == 1
    said = capfd.readouterr().out
    assert "上年的主表 设置!B" in said
    assert "区县名录!D5：“没有邮箱”不是邮箱地址" in said
    config = read_config(FileHost(tmp_path / "x" / MASTER))
    assert config.settings.deadline_day == 5
    assert [problem.code for problem in config.problems] == ["bad-mail"]


def test_districts_are_the_same_by_code_or_else_by_name():
    old = (
        District("500154", "开县"),
        District("D002", "乙县"),
        District("D001", "甲县", ("老甲",)),
    )
    new = (
        District("500154", "开州区"),
        District("D001", "乙县"),
        District("D002", "老甲"),
        District("D003", "丁县"),
    )
    found = pair_districts(new, old)
    assert {code: district.name for code, district in found.items()} == {
        "500154": "开县",
        "D001": "乙县",
        "D002": "甲县",
    }


@pytest.mark.parametrize(
    ("before", "after", "linked"),
    [
        (("2023年任务数",), ("2024年任务数",), True),
        (("2023年度培训",), ("培训",), True),
        (("托养", "２０２３ 年任务数"), ("托养", "任务数"), True),
        (("2022年结转",), ("2023年结转",), True),
        (("2023年结转",), ("2023年结转",), False),
        (("2023年底前建成",), ("2024年底前建成",), False),
        (("托养", "任务数"), ("就业", "任务数"), False),
    ],
)
def test_a_year_in_a_label_counts_from_its_own_programmes(before, after, linked):
    def programme(year, path):
        return first_config(
            TABLE._replace(indicators=(Indicator("I09", path, "人"),)), year, "", ""
        )

    links, told = link_indicators(programme(2024, after), programme(2023, before))
    assert bool(links) is linked
    assert bool(told) is not linked


def test_an_indicator_that_differs_by_its_year_alone_is_told_once_and_the_advice_links_it(
    old, tmp_path, capfd
):
    book = load_workbook(old.folder / MASTER)
    next(row for row in book["指标"].iter_rows() if row[0].value == "I01")[
        1
    ].value = f"{YEAR}年培训"
    book.save(old.folder / MASTER)
    rows = [["甲县", 60, 30, 100, 5]]
    heads = ("就业（人）", "其中：残疾女性", f"{YEAR}年培训（人次）", "康复（人）")
    words = [
        "new",
        str(tmp_path / "a"),
        "--task-table",
        str(table(tmp_path / "a.xlsx", rows, heads)),
        "--keep-column",
        "D",
    ]
    assert main([*words, "--year", str(NEXT), "--from", str(old.folder)]) == 0
    [line] = [
        each for each in capfd.readouterr().out.splitlines() if "同期数" in each and "培训" in each
    ]
    assert f"改成 {NEXT} 年" in line
    source = table(tmp_path / "b.xlsx", rows)
    assert new(tmp_path / "b", source, "--from", str(old.folder)) == 0
    assert (
        "I01" in json.loads(capfd.readouterr().out.splitlines()[-1])["from"]["indicators"].values()
    )
