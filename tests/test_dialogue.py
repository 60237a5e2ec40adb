"""``new`` without a word, on a terminal of its own: what is asked, what is answered, what is left."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tools.programme import SmallProgramme, task_table
from tests.tools.tables import workbook
from xl_addin.dialogue import clean_path
from xl_addin.master.host.file import FileHost
from xl_addin.master.read.config import read_config
from xl_addin.model.folder import MASTER

PROMPT = re.compile(r"：$")
SECONDS = 30


class Terminal:
    """The command on a pseudo-terminal, in a folder."""

    def __init__(self, folder, *words):
        place = {"PYTHONPATH": str(Path(__file__).parents[1]), "LANG": "C.UTF-8"}
        command = [sys.executable, "-m", "xl_addin", *words]
        # Its controlling terminal too: Ctrl-C reaches nobody otherwise.
        self.process, self.near = pty.fork()
        if not self.process:
            os.chdir(folder)
            os.execve(sys.executable, command, {**os.environ, **place})  # noqa: S606
        self.said = ""

    def read(self, until=PROMPT, key=b""):
        """What comes until a pattern ends it, or until the command ends; silence is answered by a key."""
        data, ends = b"", time.monotonic() + SECONDS
        while time.monotonic() < ends:
            if select.select([self.near], [], [], 0.2)[0]:
                try:
                    more = os.read(self.near, 65_536)
                except OSError:
                    more = b""
                if not more:
                    break
                data += more
            elif key:
                os.write(self.near, key)
            if until is not None and until.search(data.decode(errors="ignore")):
                break
        said = data.decode().replace("\r\n", "\n")
        self.said += said
        return said

    def answer(self, text):
        """Type a line; what is said until the next question."""
        os.write(self.near, f"{text}\n".encode())
        typed = f"{text}\n"
        return self.read().removeprefix(typed)

    def break_off(self, key):
        """Press a key until the command ends: between its prompt and its reading Python hears none."""
        os.write(self.near, key)
        return self.end(key)

    def end(self, key=b""):
        self.read(None, key)
        os.close(self.near)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


@pytest.fixture
def home(tmp_path):
    task_table(tmp_path / "任务 表.xlsx")
    return tmp_path


def test_five_answers_make_a_programme(home):
    terminal = Terminal(home, "new")
    assert terminal.read().endswith("任务表文件（可以拖进来）：")
    assert "4 个区县、4 项指标" in terminal.answer("'任务 表.xlsx'")
    assert "年度 [2024]：" in terminal.said
    assert "上年任务的文件夹" in terminal.answer("")
    assert "任务名称 [全县重点]：" in terminal.answer("")
    assert f"新任务的文件夹 [{home / '2024年重点'}]：" in terminal.answer("重点")
    os.write(terminal.near, b"\n")
    assert terminal.end() == 1  # a blank target to look at
    assert "已建立 2024 年度任务" in terminal.said
    config = read_config(FileHost(home / "2024年重点" / MASTER))
    assert (config.settings.year, config.settings.title) == (2024, "重点")


def test_a_wrong_answer_says_what_is_expected_and_is_asked_again(home):
    (home / "空").mkdir()
    terminal = Terminal(home, "new")
    terminal.read()
    assert "没有这个文件" in terminal.answer("没有.xlsx")
    assert "拖进这个窗口" in terminal.answer("")
    (home / "别的.xlsx").write_bytes(workbook({"表": [["一句话"]]}))
    assert "没有找到任务表" in terminal.answer("别的.xlsx")
    assert "年度 [2024]：" in terminal.answer('"任务 表.xlsx"')
    assert "四位年份" in terminal.answer("去年")
    assert "四位年份" in terminal.answer("24")
    assert "上年任务的文件夹" in terminal.answer("２０２４年度")
    assert "不是年度任务的文件夹" in terminal.answer("空")
    assert "任务名称" in terminal.answer("")
    terminal.answer("")
    assert "这是一个文件" in terminal.answer("别的.xlsx")
    assert terminal.answer("这里/明年")[-1:] != "："
    assert terminal.end() == 1
    assert (home / "这里" / "明年" / MASTER).is_file()


def test_last_years_programme_gives_name_and_place(home):
    (home / "往年").mkdir()
    old = SmallProgramme(home / "往年" / "2024")
    heads = ("培训（人次）", "就业（人）")
    (home / "新.xlsx").write_bytes(
        workbook({"表": [["2025年任务表"], ["单位", *heads], ["甲县", 5, 6], ["乙县", 7, 8]]})
    )
    terminal = Terminal(home, "new")
    terminal.read()
    terminal.answer("新.xlsx")
    assert "不在 2024 年以前" in terminal.answer("2024") + terminal.answer(str(old.folder))
    terminal.answer("")
    assert terminal.break_off(b"\3") == 2
    terminal = Terminal(home, "new")
    terminal.read()
    terminal.answer("新.xlsx")
    terminal.answer("")
    assert "任务名称 [全县重点]：" in terminal.answer(f"'{old.folder}'")
    assert str(home / "往年" / "2025年全县重点") in terminal.answer("")
    os.write(terminal.near, b"\n")
    assert terminal.end() == 0
    config = read_config(FileHost(home / "往年" / "2025年全县重点" / MASTER))
    assert [item.last_year for item in config.indicators] == ["I01", "I02"]


@pytest.mark.parametrize("key", [b"\3", b"\4"])
@pytest.mark.parametrize("answers", [0, 1, 3])
def test_breaking_off_leaves_nothing(home, key, answers):
    before = sorted(home.rglob("*"))
    terminal = Terminal(home, "new")
    terminal.read()
    for text in ("任务 表.xlsx", "", "")[:answers]:
        terminal.answer(text)
    assert terminal.break_off(key) == 2
    assert "已取消，什么也没有建立" in terminal.said
    assert "Traceback" not in terminal.said
    assert sorted(home.rglob("*")) == before


def test_what_can_be_read_in_two_ways_is_asked(home):
    heads = ["单位", "培训完成数（人）", "就业（人）"]
    rows = [["2025年任务表"], heads, ["甲县", 5, 6], ["乙县", 7, 8], ["丙县", 9, 3]]
    (home / "新.xlsx").write_bytes(workbook({"表": rows}))
    terminal = Terminal(home, "new")
    terminal.read()
    assert "它是全年任务数吗（是、不是）：" in terminal.answer("新.xlsx")
    assert "请输入是或不是" in terminal.answer("也许")
    assert "3 个区县、1 项指标" in terminal.answer("不是")
    assert "没有读入：B 列“培训完成数（人）”" in terminal.answer("")
    terminal.answer("")
    terminal.answer("重点")
    os.write(terminal.near, b"\n")
    assert terminal.end() == 0
    (master,) = home.glob(f"*/{MASTER}")
    config = read_config(FileHost(master))
    assert [item.label for item in config.indicators] == ["就业"]


def test_what_is_to_be_checked_is_said_and_can_be_settled_before_anything_is_built(home):
    heads = ["单位", "培训（人）", "就业（人）"]
    rows = [
        heads,
        [None, 7, 8],
        ["东部片区", 12, 14],
        ["甲县", 5, 6],
        ["乙县", 7, 8],
        ["丙县", 9, 3],
    ]
    sheets = {"甲": [["2025年任务表"], *rows], "乙": [["2025年任务"], *rows]}
    (home / "新.xlsx").write_bytes(workbook(sheets))
    terminal = Terminal(home, "new")
    terminal.read()
    assert "用哪一张：" in terminal.answer("新.xlsx")
    assert "请输入甲或乙" in terminal.answer("丙")
    assert "不读它，接着读别的吗（是、不是）：" in terminal.answer("乙")
    assert "3 个区县、2 项指标" in terminal.answer("是")
    asked = terminal.answer("")
    assert "请核对：乙!A4：“东部片区”这一行等于其他 2 行相加" in asked
    assert asked.endswith("[对]：")
    assert "请照上面“请加”后面的写" in terminal.answer("不对")
    assert "4 个区县从第 4 行到第 7 行" in terminal.answer("--keep-row 4")
    assert "3 个区县从第 5 行到第 7 行" in terminal.answer("--skip-row 4")
    assert "上年任务的文件夹" in terminal.answer("")
    terminal.answer("")
    terminal.answer("重点")
    os.write(terminal.near, b"\n")
    assert terminal.end() in (0, 1)
    (master,) = home.glob(f"*/{MASTER}")
    assert len(read_config(FileHost(master)).districts) == 3


def test_what_the_numbers_of_a_column_are_can_be_said(home):
    heads = ["单位", "培训（人）", "在册（人）"]
    rows = [["2025年任务表"], heads, ["甲县", 5, 60], ["乙县", 7, 80], ["丙县", 9, 30]]
    (home / "新.xlsx").write_bytes(workbook({"表": rows}))
    terminal = Terminal(home, "new")
    terminal.read()
    terminal.answer("新.xlsx")
    asked = terminal.answer("")
    assert "上面读得对吗" in asked
    assert "要报到月末一共有多少请加 --measure C=累计数" in asked
    said = terminal.answer("--measure C=累计数")
    assert "C 列 在册（人，累计数）" in said
    assert "请加 --measure" not in said
    os.write(terminal.near, b"\4")
    assert terminal.end() == 2


def test_a_turned_table_is_asked_about(home):
    rows = [["指标", "单位", "甲县", "乙县"], ["培训", "人次", 5, 6], ["就业", "人", 7, 8]]
    (home / "新.xlsx").write_bytes(workbook({"表": rows}))
    terminal = Terminal(home, "new")
    terminal.read()
    assert "一个区县占一列吗（是、不是）：" in terminal.answer("新.xlsx")
    assert "2 个区县、2 项指标" in terminal.answer("是")
    os.write(terminal.near, b"\4")
    assert terminal.end() == 2


def test_rows_that_are_units_after_all_are_kept_by_an_answer(home):
    rows = [[None, "一班", "二班", "三班"], ["读书会", 5, 6, 7], ["植树组", 7, 8, 9]]
    (home / "新.xlsx").write_bytes(workbook({"表": rows}))
    terminal = Terminal(home, "new")
    terminal.read()
    assert "一个区县占一列吗（是、不是）：" in terminal.answer("新.xlsx")
    assert "2 个区县、3 项指标" in terminal.answer("不是")
    os.write(terminal.near, b"\4")
    assert terminal.end() == 2


def test_a_title_of_part_of_the_year_is_asked_about(home):
    rows = [
        ["2024年上半年任务表"],
        ["单位", "培训（人）", "就业（人）"],
        ["甲县", 5, 6],
        ["乙县", 7, 8],
    ]
    (home / "新.xlsx").write_bytes(workbook({"表": rows}))
    terminal = Terminal(home, "new")
    terminal.read()
    assert "表里的数是全年任务数吗（是、不是）：" in terminal.answer("新.xlsx")
    assert "任务表文件" in terminal.answer("不是")
    terminal.answer("新.xlsx")
    assert "2 个区县、2 项指标" in terminal.answer("是")
    os.write(terminal.near, b"\4")
    assert terminal.end() == 2


def test_off_a_terminal_it_is_as_misused_as_ever(home):
    done = subprocess.run(
        [sys.executable, "-m", "xl_addin", "new"],
        cwd=home,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 2
    assert "缺少 --task-table" in done.stderr.decode()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("  a b.xlsx ", "a b.xlsx"),
        ("'a b.xlsx'", "a b.xlsx"),
        ('"a b.xlsx"', "a b.xlsx"),
        ("“a b.xlsx”", "a b.xlsx"),
        ("& 'a b.xlsx'", "a b.xlsx"),
        ("a\\ b.xlsx", "a b.xlsx"),
        ("file:///home/%E8%A1%A8.xlsx", "/home/表.xlsx"),
    ],
)
def test_what_a_terminal_puts_around_a_path_is_taken_off(typed, meant):
    assert clean_path(typed) == Path(meant)
