"""A whole year, begun in March, with everything that a year brings; every figure worked out apart.

Played twice from one description: on the command line, and by buttons on an open master.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from xlsxwriter import Workbook as Writer

from tests.tools import masters
from tests.tools import year_story as story
from tests.tools.lint import lint
from tests.tools.office import disagreements
from tests.tools.trails import figures_of
from tests.tools.year_oracle import FLOW, RATE, Item, Unit, Year
from tests.tools.year_players import Buttons, CommandLine, when
from xl_addin.master.totals import compute_totals
from xl_addin.model.folder import FORMS, MASTER
from xl_addin.model.schedule import without_noise
from xl_addin.model.sheets import INDICATORS_SHEET, OPENINGS_SHEET
from xl_addin.services.programme import Programme
from xl_addin.services.tracing import trail_of


class Played:
    """Who plays the year, and beside it what it must come to."""

    def __init__(self, player: CommandLine) -> None:
        self.player, self.year = player, story.begin()

    def form(self, month: int, code: str) -> Path:
        [path] = (self.player.folder / FORMS / when(month)).glob(f"*_{code}_*.xlsx")
        return path


def fill(path: Path, target: Path, figures: dict, stated: dict, why: str = "") -> Path:
    """A form as somebody fills it in: by the labels that they see."""
    book = load_workbook(path)
    sheet = book["任务进度"]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "本月完成" for cell in row))
    at = {cell.value: cell.column for cell in head if cell.value}
    for row in sheet.iter_rows(min_row=head[0].row + 1):
        code = next((c.value for c in row if isinstance(c.value, str) and c.value in figures), None)
        if code is None:
            continue
        value, whole_year = figures[code]
        sheet.cell(row[0].row, at["本月累计" if whole_year else "本月完成"]).value = value
        if code in stated:
            sheet.cell(row[0].row, at["本月累计"]).value = stated[code]
            sheet.cell(row[0].row, at["说明"]).value = why
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)
    return target


def report(played: Played, month: int, unit: Unit, **other) -> Path:
    """Fill a district's form of the month; ``values`` and ``stated`` are by indicator."""
    year, figures = played.year, {}
    for item in year.items:
        expected = month in year.expected(unit, item, month)
        if expected and year.target(unit.code, item.code, month) is not None:
            plain = story.plain_figure(month, unit, item, year)
            value = other.get("values", {}).get(item.code, plain)
            figures[item.code] = (value, item.measure != FLOW)
    stated = other.get("stated", {})
    for code, (value, _) in figures.items() if other.get("counts", True) else ():
        year.reports[unit.code, code, month] = value
    year.stated |= {(unit.code, code, month): value for code, value in stated.items()}
    path = played.form(month, unit.code)
    target = played.player.inbox(month) / other.get("name", path.name)
    return fill(path, target, figures, stated, other.get("why", ""))


def check(played: Played, month: int) -> None:
    """Everything that recompute says of a month against what it must come to."""
    year, told = played.year, played.player.do("recompute", month)
    assert told["formulas"]["disagreements"] == []
    cells = {(cell["district"], cell["indicator"]): cell for cell in told["cells"]}
    for unit in year.units:
        for item in year.items:
            place, said = (month, unit.code, item.code), cells[unit.code, item.code]
            cumulative = year.cumulative(unit.code, item, month)
            assert said["cumulative"] == pytest.approx(cumulative), place
            assert said["target"] == year.target(unit.code, item.code, month), place
            lost = year.missing(unit, item, month)
            assert said["months_missing"] == lost, place
            assert said["weight_missing"] is year.lacks_weight(unit, item, month), place
            expected = year.expected(unit, item, month)
            assert said["months_counted"] == len(expected) - len(lost), place
            due = year.due(unit, item, month)
            assert said["due"] == (None if due is None else pytest.approx(due)), place
            assert said["light"] == light(year, unit, item, month), place
    for line in told["indicators"]:
        item = story.item(year, line["code"])
        known = {
            unit.code: value
            for unit in year.units
            if (value := year.cumulative(unit.code, item, month)) is not None
        }
        if item.measure != RATE:
            done = sum(known.values()) if known else None
            assert line["cumulative"] == done, (month, item.code)
            dues = [year.accrued(unit, item, month) for unit in year.units]
            known_dues = [due for due in dues if due is not None]
            whole = int(sum(known_dues)) if known_dues else None
            assert line["due"] == whole, (month, item.code)
        else:
            assert line["cumulative"] == pytest.approx(weighted(played, known, item, month))
        gaps = [year.missing(unit, item, month) for unit in year.units]
        unweighted = [year.lacks_weight(unit, item, month) for unit in year.units]
        wanted = sum(len(year.expected(unit, item, month)) for unit in year.units)
        assert line["months_expected"] == wanted, (month, item.code)
        assert line["months_counted"] == wanted - sum(map(len, gaps)), (month, item.code)
        incomplete = sum(bool(lost) or lacks for lost, lacks in zip(gaps, unweighted, strict=True))
        assert line["districts_incomplete"] == incomplete, (month, item.code)
    check_trails(played, told)


def check_trails(played: Played, told: dict) -> None:
    """Every figure of 本月完成, 累计完成, 现行任务, 汇总 and 逐月 is what its trail adds up to."""
    programme = Programme(played.player.folder)
    totals = compute_totals(
        programme.ledger.figures(told["month"]), programme.config, told["month"]
    )
    for question, wanted in figures_of(totals, programme.config):
        trail = trail_of(programme, question)
        counting = [row.value for row in trail.rows if row.counts]
        assert trail.value == (None if not counting else without_noise(sum(counting))), question
        mean = isinstance(wanted, float) and not question.district  # it has no end
        assert trail.value == (pytest.approx(wanted) if mean else wanted), question
    programme.close()


def weighted(played: Played, rates: dict, item: Item, month: int) -> float | None:
    other = story.item(played.year, item.weight)
    by = {code: played.year.cumulative(code, other, month) or 0 for code in rates}
    whole = sum(by.values())
    return sum(rates[code] * by[code] for code in rates) / whole if whole else None


def light(year: Year, unit: Unit, item: Item, month: int) -> str:
    target, due = year.target(unit.code, item.code, month), year.due(unit, item, month)
    done = year.cumulative(unit.code, item, month)
    if not target:
        return ""
    if done is None:
        return "灰"
    if done >= target:
        return "蓝"
    if not due and not done:
        return ""
    gap = (due - done) / (1 if item.measure == RATE else target / 100)
    return "绿" if gap <= 1e-9 else "红" if gap > 10 + 1e-9 else "黄"


def begin(folder: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    table = folder / "任务表.xlsx"
    book = Writer(table)
    sheet = book.add_worksheet("任务表")
    sheet.write(0, 0, "2023年重点任务表")
    sheet.write_row(1, 0, ["区县", *story.HEADS])
    for row, (name, targets) in enumerate(zip(story.NAMES, story.TARGETS, strict=True), 2):
        sheet.write_row(row, 0, [name, *targets])
    book.close()
    player = CommandLine(folder / "年度 任务", capsys)
    new = ["--task-table", str(table), "--year", "2023", "--month", when(story.FIRST)]
    told = player.run("new", *new, "--first-month", str(story.FIRST))
    assert [line["measure"] for line in told["indicators"]] == [*["flow"] * 4, "rate"]
    openings = {
        (6 + row, 3 + place): value
        for row, values in enumerate(story.OPENINGS)
        for place, value in enumerate(values)
        if story.TARGETS[row][place] is not None
    }
    kinds = {(6, 9): "年底前", (7, 9): "按季", (8, 4): "累计数", (9, 12): "I01"}
    path = player.folder / MASTER
    typed = {OPENINGS_SHEET: openings, INDICATORS_SHEET: kinds}
    path.write_bytes(masters.edit_master(typed, path.read_bytes()))
    return player


def returns(played: Played, month: int):
    """What comes in for a month: some lack it, one states its year, one types its cumulatives."""
    year = played.year
    for unit in year.units:
        if not unit.since <= month <= unit.until or (unit.code, month) in story.MISSING:
            continue
        if (unit.code, month) == story.TYPED_AS_SUMS:
            sums = {
                item.code: (year.cumulative(unit.code, item, month - 1) or 0)
                + story.plain_figure(month, unit, item, year)
                for item in year.items
                if item.measure == FLOW
            }
            yield report(played, month, unit, values=sums, counts=False)
        elif (unit.code, month) in story.STATED:
            code, by = story.STATED[unit.code, month]
            item = story.item(year, code)
            now = year.cumulative(unit.code, item, month - 1) or 0
            now += story.plain_figure(month, unit, item, year) + by
            why = "以前月份漏报，已核实" if by > 0 else "以前月份多报，已核减"
            yield report(played, month, unit, stated={code: now}, why=why)
        else:
            yield report(played, month, unit)


def collect(played: Played, month: int) -> None:
    """All returns of a month; what is held goes back and comes again, an earlier month may come again."""
    player, year = played.player, played.year
    told = player.do("collect", month, list(returns(played, month)))
    held = {each["code"] for each in told["returns"] if each["verdict"] == "held"}
    assert {each["verdict"] for each in told["returns"]} <= {"accepted", "held"}
    assert held == ({story.TYPED_AS_SUMS[0]} if month == story.TYPED_AS_SUMS[1] else set())
    if held:
        [waiting] = [each for each in told["returns"] if each["verdict"] == "held"]
        player.turn_down(waiting["id"], month)
        unit = story.unit(year, story.TYPED_AS_SUMS[0])
        again(played, month, unit)
    if month == story.RESENT[0]:
        _, district, earlier, code, more = story.RESENT
        kept = dict(year.reports)
        kept[district, code, earlier] += more
        unit = story.unit(year, district)
        again(played, earlier, unit, values={code: kept[district, code, earlier]})
        year.reports = kept


def again(played: Played, month: int, unit: Unit, **other) -> None:
    file = report(played, month, unit, name=f"{unit.name} {month}月 更正.xlsx", **other)
    told = played.player.do("collect", month, [file])["returns"]
    [mended] = [each for each in told if Path(each["file"]).name == file.name]
    assert mended["verdict"] == "accepted", mended["problems"]


def play(played: Played, look) -> None:
    """The year month by month; ``look(month)`` after each."""
    for month in range(story.FIRST, 13):
        for order in (each for each in story.CHANGES if each.month == month):
            played.player.change(order, played.year)
            story.change(played.year, order)
        played.player.do("distribute", month)
        collect(played, month)
        check(played, month)
        look(month)
    check(played, 6)  # what was adjusted in July is no target of June
    check(played, 12)


def test_a_year_on_the_command_line(tmp_path, capsys, office):
    played = Played(begin(tmp_path, capsys))
    master = played.player.folder / MASTER

    def look(month: int) -> None:
        assert played.player.verify() == [], month
        played.player.run("rebuild")
        assert played.player.verify() == [], month
        if month in (4, 8, 12):
            # The openings were put in by a test's hand, which does not calculate their totals.
            wrong = disagreements(master, office)
            assert [each for each in wrong if each.sheet != OPENINGS_SHEET] == []
            assert lint(master) == []
            check(played, month)

    play(played, look)


def test_a_year_by_buttons_on_an_open_master(tmp_path, capsys, excel, monkeypatch):
    folder = begin(tmp_path, capsys).folder
    played = Played(Buttons(folder, capsys, excel, monkeypatch))

    def look(month: int) -> None:
        if month in (8, 12):  # what is verified is saved before
            assert played.player.verify() == [], month
            played.player.run("rebuild")
            assert played.player.verify() == [], month

    play(played, look)
