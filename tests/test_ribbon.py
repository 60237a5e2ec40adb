"""Buttons: the verbs on an open workbook, Excel held still and put back, every end in a message.

Proves also services/lists.py and system/progress.py.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.tools.levels import issued, level
from tests.tools.programme import MONTHS, SmallProgramme
from tests.tools.pywin32 import GONE, REJECTED, com_error
from tests.tools.tables import workbook
from xl_addin import ribbon
from xl_addin.cli import main
from xl_addin.form import layout
from xl_addin.form.received import fill_form, read_received
from xl_addin.master.host import patience
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import import_xlwings
from xl_addin.master.macros import binding
from xl_addin.master.read.blocks import find_columns
from xl_addin.model.commands import BUTTONS as RUNNING
from xl_addin.model.commands import VERBS
from xl_addin.model.folder import ABOVE, COMPARISONS, FORMS, LEDGER, LOGS, MASTER, RETURNS
from xl_addin.model.records import ACCEPTED, VERDICT_LABELS
from xl_addin.model.settings import ACCEPT
from xl_addin.model.sheets import (
    BINDING_BLOCK,
    COMPARISON_BLOCK,
    COMPARISON_SHEET,
    COMPLETION_BLOCK,
    CUMULATIVE_BLOCK,
    JOURNAL_BLOCK,
    MONTH_BLOCK,
    MONTH_SHEET,
    PENDING_BLOCK,
    PROBLEMS_BLOCK,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
    STATUS_BLOCK,
    STATUS_MONTH_CELL,
    STATUS_SHEET,
    SUMMARY_BLOCK,
    SUMMARY_SHEET,
    TARGETS_SHEET,
    TRAIL_BLOCK,
    TRAIL_SHEET,
    TREND_BLOCK,
    VARIANCE_BLOCK,
)
from xl_addin.services.forms_above import MATCHES
from xl_addin.system.errors import Refused
from xl_addin.verbs import collect
from xl_addin.wps import press as press_in_wps

MOST_ROUND_TRIPS = 20
"""Batches that the page in WPS is asked for and answers, in one press."""
LABELS = {verb.name: verb.label for verb in VERBS} | {b.id: b.label for b in RUNNING.values()}
BUTTONS = list(RUNNING)
TOTALS = (
    MONTH_BLOCK,
    CUMULATIVE_BLOCK,
    SUMMARY_BLOCK,
    COMPLETION_BLOCK,
    VARIANCE_BLOCK,
    TREND_BLOCK,
)
STILL = {
    "screen_updating": True,
    "enable_events": True,
    "calculation": "automatic",
    "status_bar": False,
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """The folder of a programme that has only just been laid out, to be copied."""
    return SmallProgramme(tmp_path_factory.mktemp("残联 任务") / "2024 年").folder


@pytest.fixture
def programme(begun, tmp_path):
    return SmallProgramme(shutil.copytree(begun, tmp_path / "残联 任务" / "2024 年"))


WPS = pytest.param("memory_wps", marks=pytest.mark.chromium)
LIVE = pytest.param("excel", marks=pytest.mark.libreoffice)
LIVE_WPS = pytest.param("wps", marks=[pytest.mark.libreoffice, pytest.mark.chromium])
COMPUTING = pytest.mark.parametrize("program", [LIVE, LIVE_WPS], indirect=True)
"""For what only a program that calculates can show; in the others what formulas come to is played."""
HOLDING = pytest.mark.parametrize("program", [LIVE], indirect=True)
"""For what only a program that holds the file can show."""
IN_EXCEL = pytest.mark.parametrize("program", ["memory_excel"], indirect=True)


@pytest.fixture(params=["memory_excel", WPS])
def program(request, monkeypatch):
    """What the master is open in: Excel or WPS."""
    found = request.getfixturevalue(request.param)
    cells = getattr(found, "excel", found)
    if hasattr(cells, "comes_to"):
        apply = ExcelHost.apply

        def computed(host, changes):
            changes = list(changes)
            cells.comes_to(changes)
            return apply(host, changes)

        monkeypatch.setattr(ExcelHost, "apply", computed)
    return found


@pytest.fixture
def app(program):
    """What was done to the application, and its cells."""
    return getattr(program, "excel", program)


@pytest.fixture
def book(program, programme):
    del program  # xlwings finds it
    return import_xlwings().Book(str(programme.folder / MASTER))


@pytest.fixture
def press(program, app, book, monkeypatch):
    """``press(verb)``: the message that the button ends in."""

    def pressed(verb):
        where = r"--app=C:\Office\Microsoft Excel"
        argv = ["-c", f"--wb={book.name}", "--from_xl=1", where, "--hwnd=1001"]
        monkeypatch.setattr(sys, "argv", argv)
        before = len(app.notes_on("alert"))
        if program is app:
            ribbon.press(verb)
        else:
            program.round_trips = 0
            assert press_in_wps(program, verb) is None
            assert program.round_trips <= MOST_ROUND_TRIPS, f"{verb}: {program.round_trips}"
        *questions, message = app.notes_on("alert")[before:]
        assert all(each["asks"] == "yes_no" for each in questions)
        assert {name: app.state(name) for name in STILL} == STILL
        assert "Traceback" not in message["text"]
        return message

    return pressed


def set_month(book, month):
    """What somebody types into 设置 and does not save."""
    block = ExcelHost(book).block(SETTINGS_BLOCK)
    row = next(row for (row, _), cell in block.cells.items() if cell.value == "本次月份")
    book.sheets[block.sheet].range((row, 2)).raw_value = month


def listed(book, block):
    """The rows of a list in the open master, without those that are empty."""
    found = ExcelHost(book).block(block)
    top, left, _, right = found.area
    return [
        [
            cell.value if (cell := found.cells.get((row, column))) else None
            for column in range(left, right + 1)
        ]
        for row in sorted({row for row, _ in found.cells if row > top})
    ]


@IN_EXCEL  # for WPS in test_wps.py
def test_every_button_ends_in_a_message_and_leaves_the_program_as_it_was(app, press):
    """One after the other on one workbook."""
    for number, verb in enumerate(BUTTONS, 1):
        message = press(verb)
        assert message["title"] == LABELS[verb]
        assert message["text"]
        assert "出错" not in message["text"], verb
        assert app.notes_on("screen_updating") == [False, True] * number


def test_edits_that_nobody_saved_are_what_is_read(programme, book, press):
    set_month(book, MONTHS[4])
    assert MONTHS[4] in press("distribute")["text"]
    forms = programme.folder / FORMS / MONTHS[4]
    assert len(list(forms.iterdir())) == len(programme.codes)


def test_a_returned_form_is_in_the_open_lists_at_once_and_nothing_is_saved(programme, book, press):
    set_month(book, MONTHS[0])
    programme.send("甲县.xlsx", 0)
    programme.send("=乙县 001.xlsx", 1, {"I01": -1, "I02": 5, "I03": 2, "I04": 0})
    saved = (programme.folder / MASTER).read_bytes()
    message = press("collect")
    assert message["mode"] == "critical"
    board = {row[1].replace(" ", ""): row for row in listed(book, STATUS_BLOCK)}
    assert board["甲县"][2] == VERDICT_LABELS[ACCEPTED]
    assert "=乙县 001.xlsx" in {row[2] for row in listed(book, PROBLEMS_BLOCK)}
    assert listed(book, JOURNAL_BLOCK)[0][1:3] == [LABELS["collect"], MONTHS[0]]
    assert (programme.folder / MASTER).read_bytes() == saved


def test_the_form_of_the_level_above_is_filled_in_by_a_click(app, programme, book, press, tmp_path):
    set_month(book, MONTHS[0])
    for number, _ in enumerate(programme.codes):
        programme.send(f"{number}.xlsx", number)
    programme.collect()
    assert "请把上级发来的填报表放进" in press("answer")["text"]
    city = level(tmp_path / "市", ("本县", "邻县"), ("培训（人次）", "基地数（个）"))
    city.run("distribute", MONTHS[0])
    form = programme.folder / ABOVE / "市里的表.xlsx"
    shutil.copy2(issued(city, "本县", MONTHS[0]), form)
    text = press("answer")["text"]
    assert "填入 1 项" in text
    match = re.search("写一行 (基地数=)本级指标", text)
    (form.parent / MATCHES).write_text(f"{match[1]}I04")
    assert "填入 2 项" in press("answer")["text"]
    received = read_received(form.read_bytes())
    where = received.where("I01", layout.MONTH)
    form.write_bytes(fill_form(received, {where: 7}))
    count = len(list(form.parent.iterdir()))
    message = press("answer")
    assert "已经填了 7，本级汇总是 40" in message["text"]
    assert (message["asks"], len(list(form.parent.iterdir()))) == ("yes_no", count)
    app.note("answer", "yes")
    # The same answers once more are the file that has them.
    assert f"已写入 {form.with_name('市里的表_已填(2).xlsx')}" in press("answer")["text"]
    assert len(list(form.parent.iterdir())) == count


def test_another_offices_table_is_compared_on_the_open_master(app, programme, book, press):
    set_month(book, MONTHS[1])
    programme.send("甲县.xlsx", 0)
    programme.collect()
    assert "没有文件" in press("compare")["text"]
    rows = [["情况"], ["单位", "培训"], ["甲县", 9], ["乙县", 3]]
    (programme.folder / COMPARISONS / "人社.xlsx").write_bytes(workbook({"表": rows}))
    message = press("compare")
    assert ("没有写明是当月数还是累计数" in message["text"], message["asks"]) == (True, "yes_no")
    assert listed(book, COMPARISON_BLOCK) == []
    app.note("answer", "yes")
    message = press("compare")
    assert "我方多 1，我方缺 1" in message["text"]
    assert app.state("sheet") == COMPARISON_SHEET
    first = listed(book, COMPARISON_BLOCK)[0]
    assert first[:7] == ["甲县", "I01 培训", 10, 9, 1, "我方多", "B3"]
    top = ExcelHost(book).block(COMPARISON_BLOCK).area[0]
    book.sheets[COMPARISON_SHEET].range((top + 1, 10)).raw_value = "已核"
    book.sheets[COMPARISON_SHEET].range((top + 1, 3)).select()
    assert "甲县 · 培训" in press("trace")["text"]
    assert "邮箱" in press("compare.ask")["text"]
    press("compare")
    assert listed(book, COMPARISON_BLOCK)[0][9] == "已核"


def test_the_next_month_is_set_only_where_staff_say_yes(app, book, press):
    set_month(book, MONTHS[0])
    message = press("close")
    assert f"“本次月份”改为 {MONTHS[1]}" in message["text"]
    assert message["asks"] == "yes_no"
    assert this_month(book) == MONTHS[0]
    press("undo")
    app.note("answer", "yes")
    message = press("close")
    assert (message["text"], message["asks"]) == (
        f"{MONTHS[0]}：已经结账；本次月份改为 {MONTHS[1]}",
        "ok",
    )
    assert this_month(book) == MONTHS[1]
    assert ExcelHost(book).block(STATUS_MONTH_CELL).cells[2, 2].value == MONTHS[1]


def this_month(book):
    block = ExcelHost(book).block(SETTINGS_BLOCK)
    row = next(row for (row, _), cell in block.cells.items() if cell.value == "本次月份")
    return block.cells[row, 2].value


@COMPUTING
def test_totals_are_written_and_taken_back(programme, book, press):
    set_month(book, MONTHS[0])
    programme.send("甲县.xlsx", 0)
    programme.collect()
    before = {name: listed(book, name) for name in TOTALS}
    assert press("recompute")["text"].startswith(f"{MONTHS[0]}：")
    assert [row[2:6] for row in listed(book, MONTH_BLOCK)[:1]] == [[10, 5, 2, 0]]
    assert "撤销了" in press("undo")["text"]
    assert {name: listed(book, name) for name in TOTALS} == before
    assert [row[1] for row in listed(book, JOURNAL_BLOCK)][:2] == ["撤销", "重算"]


def test_a_formula_that_staff_changed_is_in_the_message_and_in_the_journal(app, book, press):
    summary = book.sheets[SUMMARY_SHEET]
    summary.range("M5").raw_value = "=99"
    message = press("recompute")
    assert message["mode"] == "critical"
    assert "汇总!M5" in message["text"]
    assert "汇总!M5" in listed(book, JOURNAL_BLOCK)[0][3]
    assert (app.state("sheet"), app.state("cell")) == (SUMMARY_SHEET, "M5")


def test_the_selected_cell_is_traced_and_its_trail_shown(app, programme, book, press):
    set_month(book, MONTHS[0])
    programme.send("甲县.xlsx", 0)
    programme.collect()
    press("recompute")
    home = ExcelHost(book).block(CUMULATIVE_BLOCK)
    book.sheets[home.sheet].activate()
    book.sheets[home.sheet].range((home.area[0] + 1, home.area[1] + 2)).select()
    message = press("trace")
    assert message["text"].startswith(f"甲县 · 培训 · 截至 {MONTHS[0]} 累计完成：10；任务数 120")
    assert message["mode"] == "info"
    assert app.state("sheet") == TRAIL_SHEET
    assert [row[1:4] for row in listed(book, TRAIL_BLOCK) if row[0]] == [["●", 10, "任务进度!F7"]]
    assert listed(book, TRAIL_BLOCK)[0][9] == "打开"
    assert "这一格不是由填报表来的数" in press("trace")["text"]
    app.note("cell", "")  # a chart sheet is in front
    assert "没有选中一格" in press("trace")["text"]


def test_what_was_decided_on_the_sheet_is_done(programme, book, press):
    set_month(book, MONTHS[1])
    programme.send("甲县.xlsx", 0, month=MONTHS[0])
    (programme.folder / RETURNS / MONTHS[0]).rename(programme.folder / RETURNS / MONTHS[1])
    assert "待定 1" in press("collect")["text"]
    (row,) = listed(book, PENDING_BLOCK)
    assert row[2:4] == ["甲县", "甲县.xlsx"]
    block = ExcelHost(book).block(PENDING_BLOCK)
    columns = find_columns(block, ("决定", "备注"))
    sheet, row = book.sheets[block.sheet], block.area[0] + 1
    sheet.range((row, columns["备注"])).raw_value = "已电话核实"
    press("status")
    sheet.range((row, columns["决定"])).raw_value = ACCEPT
    press("settle")
    assert listed(book, PENDING_BLOCK) == []
    assert programme.cumulative() == {"I01": 10, "I02": 5, "I03": 2, "I04": 0}


def test_progress_is_told_on_the_status_bar(app, press):
    press("distribute")
    told = app.notes_on("status_bar")
    assert told[0] == "生成填报表……"
    assert told[1].startswith("生成填报表：生成填报表 0%")
    assert told[-2].endswith("100%（4/4）")
    assert told[-1] is False


def test_status_goes_to_its_sheet(app, press):
    assert press("status")["mode"] == "critical"
    assert app.state("sheet") == STATUS_SHEET


def test_checking_goes_to_the_first_wrong_cell(app, book, press):
    table = book.sheets[TARGETS_SHEET]
    table.range("C8").raw_value = "许多"
    table.range("D9").raw_value = -5.0
    message = press("check")
    assert message["mode"] == "critical"
    assert "任务表!C8" in message["text"]
    assert "任务表!D9" in message["text"]
    assert (app.state("sheet"), app.state("cell")) == (TARGETS_SHEET, "C8")


def test_a_wrong_setting_stops_a_verb_and_is_shown(app, book, press):
    book.sheets[SETTINGS_SHEET].range("B6").raw_value = "明年"
    message = press("distribute")
    assert message["mode"] == "critical"
    assert "设置!B6" in message["text"]
    assert (app.state("sheet"), app.state("cell")) == (SETTINGS_SHEET, "B6")


def test_long_lists_of_problems_are_cut(book, press):
    table = book.sheets[TARGETS_SHEET]
    for row in range(8, 12):
        table.range((row, 3), (row, 6)).raw_value = [["x", "x", "x", "x"]]
    lines = press("check")["text"].split("\n\n")
    assert len(lines) == ribbon.MOST_LINES + 2
    assert lines[-1].startswith(f"……另有 {16 - ribbon.MOST_LINES} 条")


@pytest.mark.parametrize("fault", [ZeroDivisionError, KeyboardInterrupt, OSError])
def test_whatever_goes_wrong_excel_is_put_back(programme, press, monkeypatch, fault):
    def broken(*_):
        raise fault

    monkeypatch.setattr("xl_addin.master.totals.compute_totals", broken)
    monkeypatch.setattr("xl_addin.verbs.recompute.month_figures", broken)
    message = press("recompute")
    assert message["mode"] == "critical"
    if fault is ZeroDivisionError:
        (log,) = (programme.folder / LOGS).iterdir()
        assert str(log) in message["text"]
        assert "ZeroDivisionError" in log.read_text(encoding="utf-8")


def test_a_verb_that_stops_half_way_leaves_the_lists_as_the_ledger(
    programme, book, press, monkeypatch
):
    set_month(book, MONTHS[0])
    programme.send("甲县.xlsx", 0)
    whole = collect.run

    def half(under_test, asked):
        whole(under_test, asked)
        raise Refused("网络断了")

    monkeypatch.setattr(collect, "run", half)
    assert press("collect")["text"] == "网络断了"
    assert listed(book, JOURNAL_BLOCK)[0][1] == LABELS["collect"]


def test_macros_of_another_version_are_told(book, press):
    block = ExcelHost(book).block(BINDING_BLOCK)
    row = next(row for (row, _), cell in block.cells.items() if cell.value == binding.MODULE)
    book.sheets[block.sheet].range((row, 2)).raw_value = "'0.30.1"
    text = press("check")["text"]
    assert "0.30.1" in text
    assert "xl-addin attach" in text


def test_a_protected_sheet_is_named(app, programme, book, press):
    set_month(book, MONTHS[0])
    programme.send("甲县.xlsx", 0)
    programme.collect()
    app.ask("protect", book.fullname, MONTH_SHEET)
    message = press("recompute")
    assert message["mode"] == "critical"
    assert message["text"].startswith(f"{MONTH_SHEET}!C7:F10：")
    assert "保护" in message["text"]


def test_what_cannot_be_saved_is_not_begun(app, press):
    app.note("read_only", True)
    assert "只读" in press("recompute")["text"]


@HOLDING
def test_what_a_button_that_the_program_does_not_know_advises_can_be_done(
    app, programme, book, press
):
    for name in ("teleport", "new"):
        assert binding.ADVICE in press(name)["text"]
    attach = ["attach", "--folder", str(programme.folder)]
    assert main(attach) == 2
    app.ask("close", book.fullname)
    assert main(attach) == 0


@HOLDING
def test_an_open_master_of_another_name_is_a_programme_and_is_not_told_to_begin_one(
    app, programme, book, monkeypatch
):
    """What it is told instead, to rebuild the ledger, can be done while it is open."""
    other = Path(book.fullname).with_name("残联 2024.xlsm")
    app.ask("close", book.fullname)
    (programme.folder / MASTER).rename(other)
    renamed = import_xlwings().Book(str(other))
    (programme.folder / LEDGER).unlink()
    where = r"--app=C:\Office\Microsoft Excel"
    argv = ["-c", f"--wb={renamed.name}", "--from_xl=1", where, "--hwnd=1001"]
    for verb, expected in (("status", "xl-addin rebuild"), ("doctor", "xl-addin rebuild")):
        monkeypatch.setattr(sys, "argv", argv)
        ribbon.press(verb)
        text = app.notes_on("alert")[-1]["text"]
        assert expected in text
        assert "xl-addin new" not in text
    assert main(["rebuild", "--folder", str(programme.folder)]) == 0
    monkeypatch.setattr(sys, "argv", argv)
    ribbon.press("status")
    assert app.notes_on("alert")[-1]["title"] == LABELS["status"]
    assert "xl-addin rebuild" not in app.notes_on("alert")[-1]["text"]


def test_a_verb_runs_once_at_a_time(programme, press):
    holder = (
        "import sys; from pathlib import Path; from xl_addin.services.programme import hold_programme\n"
        "with hold_programme(Path(sys.argv[1]), '重算'):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", holder, str(programme.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdout.readline().strip() == b"held"
        assert "正在重算" in press("distribute")["text"]
        assert main(["distribute", "--folder", str(programme.folder), "--json"]) == 2
        assert list((programme.folder / FORMS).iterdir()) == []
        running.kill()
        running.wait()
    assert "生成了 4 份" in press("distribute")["text"]


@HOLDING
def test_the_command_line_keeps_off_a_master_that_is_open(programme, book, capfd):
    assert book.name == MASTER
    assert main(["recompute", "--folder", str(programme.folder)]) == 2
    assert "打开" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("fullname", "said"),
    [
        ("https://d.docs.live.net/1/master.xlsm", "OneDrive"),
        ("工作簿1", "另存"),
        ("/no/such/folder/master.xlsm", "另存"),
    ],
)
def test_a_master_without_a_folder_says_what_to_do(fullname, said):
    with pytest.raises(Refused, match=said):
        ribbon._folder(SimpleNamespace(name="master.xlsm", fullname=fullname))


def rejected(_):
    return com_error(REJECTED, "Call was rejected by callee.")


@pytest.fixture
def waits(monkeypatch):
    """What is done in each pause for a busy Excel; nobody really waits."""
    paused = []
    monkeypatch.setattr(patience, "monotonic", lambda: sum(paused))
    monkeypatch.setattr(patience._Waiting, "given_up", False)
    return lambda work: monkeypatch.setattr(
        patience, "sleep", lambda pause: (paused.append(pause), work(sum(paused)))
    )


def click(monkeypatch, verb="status"):
    argv = ["-c", f"--wb={MASTER}", "--from_xl=1", r"--app=C:\Office\Excel", "--hwnd=1001"]
    monkeypatch.setattr(sys, "argv", argv)
    ribbon.press(verb)


@pytest.fixture
def at_hand(memory_excel, programme):
    import_xlwings().Book(str(programme.folder / MASTER))
    return memory_excel


def test_an_excel_that_is_busy_when_a_button_is_pressed_is_told(at_hand, waits, monkeypatch):
    at_hand.calls.refuse = rejected
    waits(lambda _: None)
    with pytest.raises(SystemExit) as ended:
        click(monkeypatch)
    assert "Excel 正忙，等了 8 秒" in ended.value.code
    assert at_hand.notes_on("alert") == []


@pytest.mark.parametrize("begins", ["Worksheet.Range", "Application.StatusBar", "Range.Value2"])
def test_an_excel_that_gets_busy_meanwhile_is_told_and_put_back_when_it_can(
    at_hand, waits, monkeypatch, begins
):
    busy = []

    def refuse(member):
        if member == begins:
            busy.append(member)
        return rejected(member) if busy else None

    def work(waited):
        if at_hand.notes_on("alert") and waited > 20:
            at_hand.calls.refuse = lambda _: None

    waits(work)
    at_hand.calls.refuse = refuse
    click(monkeypatch)
    (message,) = at_hand.notes_on("alert")
    assert message["mode"] == "critical"
    assert "Excel 正忙" in message["text"]
    assert {name: at_hand.state(name) for name in STILL} == STILL


def test_an_excel_that_has_gone_meanwhile_is_told_and_is_no_fault(
    at_hand, waits, programme, monkeypatch
):
    waits(lambda _: pytest.fail("there is nothing to wait for"))
    at_hand.calls.refuse = lambda member: com_error(GONE) if member == "Range.Value2" else None
    click(monkeypatch)
    assert "Excel 已经关闭" in at_hand.notes_on("alert")[-1]["text"]
    assert not (programme.folder / LOGS).exists()


def test_without_excel_the_message_goes_where_runpython_shows_it(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["-c"])
    with pytest.raises(SystemExit) as ended:
        ribbon.press("check")
    assert "找不到按下按钮的工作簿" in ended.value.code
