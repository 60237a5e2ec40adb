"""A whole year, begun in March, with everything that a year brings; every figure worked out apart."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl import load_workbook
from xlsxwriter import Workbook as Writer

from tests.tools import masters
from tests.tools.lint import lint
from tests.tools.office import disagreements
from tests.tools.trails import figures_of
from tests.tools.year_oracle import FLOW, RATE, STOCK, Item, Unit, Year
from xl_addin.cli import main
from xl_addin.master.totals import compute_totals
from xl_addin.model.folder import FORMS, MASTER
from xl_addin.model.schedule import without_noise
from xl_addin.model.sheets import INDICATORS_SHEET, OPENINGS_SHEET
from xl_addin.services.programme import Programme
from xl_addin.services.tracing import trail_of

EVEN = [Fraction(n, 12) for n in range(1, 13)]
QUARTERS = [Fraction(n // 3, 4) for n in range(1, 13)]
YEAR_END = [Fraction(0)] * 11 + [Fraction(1)]
NAMES = ("甲县", "乙县", "丙县", "丁县", "戊县", "己县")
HEADS = ("培训（人次）", "基地（个）", "就业（人）", "在册（人）", "满意率（%）")
TARGETS = (
    (240, 1, 60, 500, 95),
    (360, 2, 80, 300, 90),
    (120, 1, 40, 200, 92),
    (180, 1, 36, 100, 90),
    (480, 3, 120, 800, 95),
    (600, None, 100, 900, 96),
)
OPENINGS = ((35, 0, 9, 480, 93), (50, 1, 10, 290, 91), (20, 0, 6, 190, 90)) + (
    (0, 0, 0, 90, 92),
) * 3
FIRST = 3


class Played:
    """The programme's folder, and beside it what the year must come to."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        units = [Unit(f"D{n:03d}", name) for n, name in enumerate(NAMES, 1)]
        items = [
            Item("I01", "培训", FLOW, EVEN),
            Item("I02", "基地", FLOW, YEAR_END),
            Item("I03", "就业", FLOW, QUARTERS),
            Item("I04", "在册", STOCK, EVEN),
            Item("I05", "满意率", RATE, EVEN, whole=False, weight="I01"),
        ]
        pairs = [
            (unit.code, item.code, row, place)
            for row, unit in enumerate(units)
            for place, item in enumerate(items)
        ]
        targets = {(u, i): TARGETS[r][p] for u, i, r, p in pairs if TARGETS[r][p] is not None}
        openings = {(u, i): OPENINGS[r][p] for u, i, r, p in pairs if (u, i) in targets}
        self.year = Year(units, items, FIRST, targets, openings)

    def run(self, verb: str, *args: str, codes: tuple[int, ...] = (0, 1)) -> dict:
        self._capsys.readouterr()
        code = main([verb, *args, "--folder", str(self.folder), "--json"])
        out = self._capsys.readouterr().out
        assert code in codes, out[-2000:]
        return json.loads(out)

    def set_cells(self, cells: dict) -> None:
        path = self.folder / MASTER
        path.write_bytes(masters.edit_master(cells, path.read_bytes()))

    def unit(self, code: str) -> Unit:
        return next(unit for unit in self.year.units if unit.code == code)

    def item(self, code: str) -> Item:
        return next(item for item in self.year.items if item.code == code)

    def form(self, month: int, code: str) -> Path:
        [path] = (self.folder / FORMS / f"2023-{month:02d}").glob(f"*_{code}_*.xlsx")
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


def typed(month: int, unit: Unit, item: Item, year: Year) -> float:
    """A figure that a district might report; the fifth does more than the others."""
    spread = (int(unit.code[1:]) * 7 + int(item.code[1:]) * 3 + month * 5) % 4
    if item.measure == RATE:
        return 88 + spread
    if item.measure == STOCK:
        return (year.cumulative(unit.code, item, month - 1) or 90) + spread
    target = year.target(unit.code, item.code, month) or 0
    return int(target / 12) + (spread if target > 12 else int(month == 12 and spread > 0))


def report(played: Played, month: int, unit: Unit, inbox: Path, **other) -> Path:
    """Fill a district's form of the month; ``only`` and ``stated`` are by indicator."""
    year, figures = played.year, {}
    for item in year.items:
        expected = month in year.expected(unit, item, month)
        if expected and year.target(unit.code, item.code, month) is not None:
            value = other.get("values", {}).get(item.code, typed(month, unit, item, year))
            figures[item.code] = (value, item.measure != FLOW)
    stated = other.get("stated", {})
    for code, (value, _) in figures.items() if other.get("counts", True) else ():
        year.reports[unit.code, code, month] = value
    year.stated |= {(unit.code, code, month): value for code, value in stated.items()}
    path = played.form(month, unit.code)
    name = other.get("name", path.name)
    return fill(path, inbox / name, figures, stated, other.get("why", ""))


def check(played: Played, month: int) -> None:
    """Everything that recompute says of a month against what it must come to."""
    year, told = played.year, played.run("recompute", "--month", f"2023-{month:02d}")
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
            expected = year.expected(unit, item, month)
            assert said["months_counted"] == len(expected) - len(lost), place
            due = year.due(unit, item, month)
            assert said["due"] == (None if due is None else pytest.approx(due)), place
            assert said["light"] == light(year, unit, item, month), place
    for line in told["indicators"]:
        item = played.item(line["code"])
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
        wanted = sum(len(year.expected(unit, item, month)) for unit in year.units)
        assert line["months_expected"] == wanted, (month, item.code)
        assert line["months_counted"] == wanted - sum(map(len, gaps)), (month, item.code)
        assert line["districts_incomplete"] == sum(map(bool, gaps)), (month, item.code)
    check_trails(played, month, told)


def check_trails(played: Played, month: int, told: dict) -> None:
    """Every figure of 本月完成, 累计完成, 现行任务, 汇总 and 逐月 is what its trail adds up to."""
    programme = Programme(played.folder)
    totals = compute_totals(
        programme.ledger.figures(told["month"]), programme.config, told["month"]
    )
    for question, wanted in figures_of(totals, programme.config):
        trail = trail_of(programme, question)
        counting = [row.value for row in trail.rows if row.counts]
        assert trail.value == (None if not counting else without_noise(sum(counting))), question
        if isinstance(wanted, float) and not question.district:
            wanted = pytest.approx(wanted)  # a mean has no end
        assert trail.value == wanted, question
    programme.close()


def weighted(played: Played, rates: dict, item: Item, month: int) -> float | None:
    other = played.item(item.weight)
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


def begin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Played:
    table = tmp_path / "任务表.xlsx"
    book = Writer(table)
    sheet = book.add_worksheet("任务表")
    sheet.write(0, 0, "2023年重点任务表")
    sheet.write_row(1, 0, ["区县", *HEADS])
    for row, (name, targets) in enumerate(zip(NAMES, TARGETS, strict=True), 2):
        sheet.write_row(row, 0, [name, *targets])
    book.close()
    played = Played(tmp_path / "年度 任务", capsys)
    new = ["--task-table", str(table), "--year", "2023", "--month", "2023-03"]
    told = played.run("new", *new, "--first-month", str(FIRST))
    assert [line["measure"] for line in told["indicators"]] == [*["flow"] * 4, "rate"]
    openings = {
        (6 + row, 3 + place): value
        for row, values in enumerate(OPENINGS)
        for place, value in enumerate(values)
        if TARGETS[row][place] is not None
    }
    kinds = {(6, 9): "年底前", (7, 9): "按季", (8, 4): "累计数", (9, 12): "I01"}
    played.set_cells({OPENINGS_SHEET: openings, INDICATORS_SHEET: kinds})
    return played


NOTICE = "渝残发〔2023〕30号"


def changes(played: Played, month: int) -> None:
    """What notices order before the forms of a month go out."""
    year, when = played.year, f"2023-{month:02d}"
    if month == 7:
        played.run(
            *("adjust", "--month", when, "--district", "乙县", "--indicator", "I01"),
            *("--by", "-30", "--document", NOTICE),
        )
        year.changes["D002", "I01"] = [(7, -30)]
    if month == 8:
        played.run(
            *("change-district", "--district", "丁县", "--into", "甲县"),
            *("--month", when, "--document", NOTICE),
        )
        merge(played, "D004", "D001")
        played.run(
            *("add-district", "--code", "D007", "--name", "庚县", "--since", "8"),
            *("--from", "D002", "--target", "I01=48", "--target", "I03=12", "--document", NOTICE),
        )
        year.units.append(Unit("D007", "庚县", since=8))
        for code, moved in (("I01", 48), ("I03", 12)):
            year.changes["D007", code] = [(8, moved)]
            year.changes.setdefault(("D002", code), []).append((8, -moved))
    if month == 9:
        played.run(
            *("add-indicator", "--code", "I06", "--path", "辅具适配", "--unit", "件"),
            *("--since", "9", "--target", "D001=40", "--target", "D003=8", "--target", "D007=4"),
        )
        year.items.append(Item("I06", "辅具适配", FLOW, EVEN, since=9))
        year.changes |= {(u, "I06"): [(9, n)] for u, n in (("D001", 40), ("D003", 8), ("D007", 4))}


def merge(played: Played, gone: str, into: str) -> None:
    """What is left of a merged district's targets moves, what it did stays its own; a state moves whole."""
    year = played.year
    played.unit(gone).until = 7
    for item in year.items:
        left = year.target(gone, item.code, 7) or 0
        left -= (year.cumulative(gone, item, 7) or 0) if item.measure == FLOW else 0
        if item.measure == STOCK:
            year.handed_over[gone, item.code] = 7
        if item.measure != RATE and left > 0:
            year.changes.setdefault((gone, item.code), []).append((8, -left))
            year.changes.setdefault((into, item.code), []).append((8, left))
            if item.measure == FLOW:
                year.merged[gone, item.code] = (into, 8, left)


def returns(played: Played, month: int, inbox: Path):
    """What comes in for a month: some lack it, one states its year, one corrects an earlier month."""
    year = played.year
    for unit in year.units:
        if not unit.since <= month <= unit.until or (unit.code, month) in MISSING:
            continue
        if (unit.code, month) == ("D005", 5):
            sums = {
                i.code: (year.cumulative("D005", i, 4) or 0) + typed(5, unit, i, year)
                for i in year.items
                if i.measure == FLOW
            }
            yield report(played, 5, unit, inbox, values=sums, counts=False)
        elif (unit.code, month) in STATED:
            code, by = STATED[unit.code, month]
            item = played.item(code)
            now = (year.cumulative(unit.code, item, month - 1) or 0) + typed(
                month, unit, item, year
            )
            why = "以前月份漏报，已核实" if by > 0 else "以前月份多报，已核减"
            yield report(played, month, unit, inbox, stated={code: now + by}, why=why)
        else:
            yield report(played, month, unit, inbox)


MISSING = {("D003", 5), ("D003", 6), ("D002", 11)}
STATED = {("D003", 7): ("I01", 12), ("D001", 10): ("I03", -2)}


def held(played: Played, month: int) -> dict[str, str]:
    return {played.form(5, "D005").name: "held"} if month == 5 else {}


def settle(played: Played, month: int, inbox: Path, told: dict) -> None:
    """The cumulative typed for a month goes back; in June the sixth sends April again, corrected."""
    when = f"2023-{month:02d}"
    if month == 5:
        [waiting] = [each for each in told["returns"] if each["verdict"] == "held"]
        played.run("settle", str(waiting["id"]), "--reject", "--month", when)
        again = report(played, 5, played.unit("D005"), inbox, name="戊县 5月 更正.xlsx")
        [mended] = played.run("collect", "--month", when, str(again))["returns"]
        assert mended["verdict"] == "accepted", mended["problems"]
    if month == 6:
        values = {"I01": played.year.reports["D006", "I01", 4] + 3}
        unit = played.unit("D006")
        kept = dict(played.year.reports)
        again = report(played, 4, unit, inbox, values=values, name="己县 4月 更正.xlsx")
        kept["D006", "I01", 4] = values["I01"]
        played.year.reports = kept
        [mended] = played.run("collect", "--month", "2023-04", str(again))["returns"]
        assert mended["verdict"] == "accepted", mended["problems"]


def test_a_year(tmp_path, capsys, office):
    played = begin(tmp_path, capsys)
    for month in range(FIRST, 13):
        changes(played, month)
        inbox = tmp_path / "来" / f"{month:02d}"
        played.run("distribute", "--month", f"2023-{month:02d}")
        files = list(returns(played, month, inbox))
        told = played.run("collect", "--month", f"2023-{month:02d}", *map(str, files))
        wanted = held(played, month)
        for each in told["returns"]:
            assert each["verdict"] == wanted.get(Path(each["file"]).name, "accepted"), each[
                "problems"
            ]
        settle(played, month, inbox, told)
        check(played, month)
        assert not played.run("verify")["differences"], month
        if month in (4, 8, 12):
            # The openings were put in by a test's hand, which does not calculate their totals.
            wrong = disagreements(played.folder / MASTER, office)
            assert [each for each in wrong if each.sheet != OPENINGS_SHEET] == []
            assert lint(played.folder / MASTER) == []
            played.run("rebuild")
            check(played, month)
    check(played, 6)  # what was adjusted in July is no target of June
    check(played, 12)
