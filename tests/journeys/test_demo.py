"""What the demo leaves behind: valid files, live formulas that agree, sums that others find too.

Proves also services/samples.py and verbs/demo.py.
"""

import csv
import hashlib
import re
import shutil
import sqlite3
import unicodedata
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from openpyxl import load_workbook

from tests.data.make_workbooks import NUMBERS, TASK_TABLE
from tests.tools.lint import lint
from tests.tools.office import disagreements
from tests.tools.render import overflowing_lines
from xl_addin.model.folder import ARCHIVE, COMPARISONS, FORMS, LEDGER, MASTER, RETURNS, RUN_LOGS
from xl_addin.model.sheets import (
    CUMULATIVE_SHEET,
    MONTH_HEADINGS,
    SUMMARY_SHEET,
    TARGETS_SHEET,
    TREND_SHEET,
    VARIANCE_SHEET,
)
from xl_addin.services.programme import Programme, Request
from xl_addin.verbs import demo, recompute

WORKBOOKS = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xls*"))
MONTHS = [f"2023-{number:02}" for number in range(1, 7)]
CODES = [f"I{number:02}" for number in range(1, 12)]


class Accepted(NamedTuple):
    """An accepted receipt that counts, as the ledger has it."""

    month: str
    district: str
    sha256: str
    file: str
    received_at: str


class Ran(NamedTuple):
    """A folder after the demo, and what the demo reported."""

    folder: Path
    said: dict
    sums: dict  # (month, indicator) to the sum over the files themselves
    year: dict  # (district, indicator) to {month: (cumulative, months in it)}, "" for the last


@pytest.fixture(scope="session")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("演示") / "年度 任务"
    said = demo.run(Programme(folder), Request()).data
    sums, year = defaultdict(int), {}
    for receipt in sorted(accepted(folder), key=lambda each: each.month):
        path = folder / ARCHIVE / f"{receipt.sha256}.xlsx"
        given = given_for_the_year(path)
        for code, value in typed_in(path).items():
            sums[receipt.month, code] += value
            done, months = year.get((receipt.district, code), {}).get("", (0, set()))
            if code in given:
                months = {m for m in MONTHS if m < receipt.month}
            reached = (given.get(code, done + value), {*months, receipt.month})
            year.setdefault((receipt.district, code), {}).update(
                {"": reached, receipt.month: reached}
            )
    return Ran(folder, said, sums, year)


def given_for_the_year(path):
    """The cumulatives that a district typed over the form's formulas, by indicator code."""
    sheet = load_workbook(path)["任务进度"]
    rows = sheet.iter_rows(min_row=7, max_col=11, values_only=True)
    return {row[10]: row[6] for row in rows if isinstance(row[6], int)}


def reached(ran, month, code):
    """By district the cumulative at a month's end and the months that are in it."""
    return {
        district: by_month[max(m for m in by_month if m and m <= month)]
        for (district, of), by_month in ran.year.items()
        if of == code and any(m and m <= month for m in by_month)
    }


def query(folder, text):
    with closing(sqlite3.connect(folder / LEDGER)) as db:
        return db.execute(text).fetchall()


def accepted(folder):
    """The last accepted receipt of every month and district."""
    rows = query(
        folder,
        "SELECT month, district, sha256, file, received_at FROM receipts"
        " WHERE verdict='accepted' ORDER BY id",
    )
    last = {(row[0], row[1]): Accepted(*row) for row in rows}
    return list(last.values())


def typed_in(path):
    """The figures of a returned file by indicator code, with nothing of the program's own."""
    sheet = load_workbook(path, data_only=True)["任务进度"]
    return {
        row[10]: as_number(row[5])
        for row in sheet.iter_rows(min_row=7, max_col=11, values_only=True)
        if re.fullmatch(r"I\d\d", str(row[10]))
    }


def as_number(value):
    if isinstance(value, str):
        found = re.fullmatch(
            r"(\d[\d,]*)(人次|场次|人|个)?", unicodedata.normalize("NFKC", value).strip()
        )
        assert found, value
        return int(found[1].replace(",", ""))
    return value or 0


def table(folder, sheet, key="代码"):
    """A sheet's table as {first column: {heading: value}}, as the file has it without computing."""
    rows = list(load_workbook(folder / MASTER, data_only=True)[sheet].values)
    top = next(n for n, row in enumerate(rows) if key in row)
    at = rows[top].index(key)
    return {row[at]: dict(zip(rows[top], row, strict=True)) for row in rows[top + 1 :] if row[at]}


def summary(folder):
    return {code: line for code, line in table(folder, SUMMARY_SHEET).items() if code in CODES}


# --- files ------------------------------------------------------------------------------------


def issued(folder):
    forms = sorted((folder / FORMS).rglob("*.xlsx"))
    assert len(forms) == 41 * len(MONTHS)
    return forms


def found_in(check, paths):
    with ThreadPoolExecutor(4) as pool:
        found = zip(paths, pool.map(check, paths), strict=True)
        return {path.name: faults for path, faults in found if faults}


def test_forms_and_master_are_valid(ran, validator):
    assert found_in(validator, [*issued(ran.folder)[::10], ran.folder / MASTER]) == {}


def test_forms_and_master_pass_the_lint(ran):
    assert found_in(lint, [*issued(ran.folder)[::10], ran.folder / MASTER]) == {}


def test_issued_forms_agree_with_libreoffice(ran, office):
    for form in issued(ran.folder)[::60]:
        assert disagreements(form, office) == []


def test_no_number_is_wider_than_its_column(ran, office):
    assert overflowing_lines(ran.folder / MASTER, office) == []
    assert overflowing_lines(issued(ran.folder)[-41], office) == []


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.name)
def test_the_workbooks_that_we_ship_are_valid(path, validator):
    assert validator(path) == []


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.name)
def test_the_workbooks_that_we_ship_pass_the_lint(path):
    assert lint(path) == []


# --- formulas ---------------------------------------------------------------------------------


def test_the_master_agrees_with_libreoffice(ran, office):
    assert disagreements(ran.folder / MASTER, office) == []
    assert ran.said["formulas"]["disagreements"] == []


@pytest.mark.parametrize("month", ["2023-01", "2023-04", "2023-12"])
def test_the_master_of_another_month_agrees_too(month, ran, office, tmp_path):
    folder = tmp_path / "另"
    shutil.copytree(ran.folder / ARCHIVE, folder / ARCHIVE)
    for name in (MASTER, LEDGER):
        shutil.copy(ran.folder / name, folder)
    programme = Programme(folder)
    said = recompute.run(programme, Request(month=month)).data
    programme.close()
    assert said["formulas"]["disagreements"] == []
    assert disagreements(folder / MASTER, office) == []
    assert_summary(ran, folder, month)
    seen = {line["code"]: line for line in said["indicators"]}
    for code, line in summary(folder).items():
        assert (seen[code]["this_month"], seen[code]["cumulative"]) == (
            line["本月完成"],
            line["累计完成"],
        )


# --- sums -------------------------------------------------------------------------------------


def districts(found):
    return [code for code in found if re.fullmatch("500[12].+", str(code))]


def assert_summary(ran, folder, month):
    lines = summary(folder)
    assert list(lines) == CODES
    reported = {receipt.district for receipt in accepted(ran.folder) if receipt.month == month}
    targets = table(ran.folder, TARGETS_SHEET)
    number = int(month[5:])
    for code, line in lines.items():
        now = reached(ran, month, code)
        total = sum(done for done, _ in now.values())
        this = ran.sums[month, code] if month in MONTHS else None
        progress = int(month[5:]) / 12
        assert (code, line["本月完成"], line["累计完成"]) == (code, this, total)
        assert line["差额"] == total - line["任务数"]
        assert line["完成率"] == pytest.approx(total / line["任务数"])
        assert line["序时进度"] == pytest.approx(progress)
        due = (
            sum((targets[each][code] or 0) * len(months) for each, (_, months) in now.items()) // 12
        )
        assert (line["应完成数"], line["与序时差"]) == (due, total - due)
        assert line["超前滞后"] == pytest.approx((total - due) / line["任务数"] * 100)
        assert line["本月缺数区县"] == 41 - len(reported)
        counted = [len(months) for _, months in now.values()]
        assert (line["应计区县月"], line["已计区县月"]) == (41 * number, sum(counted))
        assert line["累计不全区县数"] == 41 - sum(count == number for count in counted)


def test_the_summary_is_the_sum_of_the_returned_files(ran):
    assert_summary(ran, ran.folder, MONTHS[-1])


def test_the_summary_is_the_sum_of_the_ledger(ran):
    sums = Counter()
    rows = query(
        ran.folder, "SELECT receipt, indicator, value FROM figures WHERE value IS NOT NULL"
    )
    last = {}
    for key, month, district in query(
        ran.folder, "SELECT id, month, district FROM receipts WHERE verdict='accepted' ORDER BY id"
    ):
        last[month, district] = key
    counting = set(last.values())
    for receipt, indicator, value in rows:
        if receipt in counting:
            sums[indicator] += value
    lines = {line["code"]: line for line in ran.said["indicators"]}
    more = {code: line["corrections"] or 0 for code, line in lines.items()}
    assert sorted(more.values())[-2:] == [6, 12]  # what districts put right
    wanted = {code: total + more[code] for code, total in sums.items()}
    assert {code: line["累计完成"] for code, line in summary(ran.folder).items()} == wanted
    assert {code: line["cumulative"] for code, line in lines.items()} == wanted


def test_what_counts_is_what_came_last(ran):
    """In the demo the order of the names in a folder is that of arrival."""
    newest = {}
    for month, district, sha256 in query(
        ran.folder,
        "SELECT month, district, sha256 FROM receipts"
        " WHERE verdict='accepted' ORDER BY received_at, id",
    ):
        newest[month, district] = sha256
    assert newest == {(r.month, r.district): r.sha256 for r in accepted(ran.folder)}


def test_every_district_and_month_is_the_sum_of_its_files(ran):
    done = table(ran.folder, CUMULATIVE_SHEET)
    trend = table(ran.folder, TREND_SHEET)
    variance = table(ran.folder, VARIANCE_SHEET)
    targets = table(ran.folder, TARGETS_SHEET)
    assert len(districts(done)) == 41
    for district in districts(done):
        if not any((district, code) in ran.year for code in CODES):
            continue
        for code in CODES:
            total, months = ran.year[district, code][""]
            assert (district, code, done[district][code]) == (district, code, total)
            if targets[district][code] is not None:
                gap = variance[district][code]
                assert (district, code, gap) == (district, code, total - targets[district][code])
                beyond = total - targets[district][code] * len(months) // 12
                assert variance[district][f"{code}与序时差"] == beyond
    for code in CODES:
        seen = [trend[code][heading] for heading in MONTH_HEADINGS]
        assert seen == [ran.sums[month, code] for month in MONTHS] + [None] * 6


# --- control totals ---------------------------------------------------------------------------


def returned(folder):
    found = (folder / RETURNS).rglob("*")
    return [path for path in found if path.is_file() and path.suffix != ".docx"]


def test_every_returned_file_has_one_verdict(ran):
    files = Counter(path.parent.name for path in returned(ran.folder))
    assert {m["month"]: sum(m["counts"].values()) for m in ran.said["months"]} == dict(files)
    receipts = query(ran.folder, "SELECT asked, file FROM receipts")
    assert Counter(receipts) == Counter((p.parent.name, p.name) for p in returned(ran.folder))
    verdicts = Counter()
    for month in ran.said["months"]:
        verdicts.update(month["counts"])
    kept = Counter(dict(query(ran.folder, "SELECT verdict, COUNT(*) FROM receipts GROUP BY 1")))
    assert +verdicts == kept
    assert kept["accepted"] == len(
        query(ran.folder, "SELECT DISTINCT sha256 FROM receipts WHERE verdict='accepted'")
    )


def test_the_sample_of_another_office_was_compared(ran):
    counts = dict(query(ran.folder, "SELECT result, COUNT(*) FROM compared GROUP BY 1"))
    assert counts == {"same": 117, "ours-less": 1, "illegible": 1, "theirs-missing": 1}


def test_every_returned_file_is_in_the_archive_byte_for_byte(ran):
    kept = {path.stem: path for path in (ran.folder / ARCHIVE).iterdir()}
    archive = {name: path for name, path in kept.items() if re.fullmatch("[0-9a-f]{64}", name)}
    # What the programme was made from is kept there too, under names of its own.
    assert set(kept) - set(archive) == {"任务表", "programme", RUN_LOGS}
    assert kept["任务表"].read_bytes() == TASK_TABLE.read_bytes()
    for path in archive.values():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
    sent = {hashlib.sha256(path.read_bytes()).hexdigest() for path in returned(ran.folder)}
    [theirs] = (ran.folder / COMPARISONS).iterdir()
    [paper] = (ran.folder / RETURNS).rglob("*.docx")
    others = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (theirs, paper)}
    assert sent | others == set(archive)
    assert query(ran.folder, "SELECT verdict FROM papers") == [("rejected",)]
    assert {row[0] for row in query(ran.folder, "SELECT sha256 FROM receipts")} == sent


def test_issued_forms_are_the_bytes_that_the_ledger_knows(ran):
    known = {row[0] for row in query(ran.folder, "SELECT sha256 FROM dispatches")}
    assert known == {hashlib.sha256(p.read_bytes()).hexdigest() for p in issued(ran.folder)}


def test_what_was_not_accepted_says_why(ran):
    refused = ran.said["refused"]
    assert len(refused) == sum(
        count
        for month in ran.said["months"]
        for verdict, count in month["counts"].items()
        if verdict not in ("accepted", "duplicate")
    )
    assert all(any(p["severity"] == "error" for p in item["problems"]) for item in refused)
    codes = {p["code"] for item in refused for p in item["problems"]}
    assert {
        "not-a-number",
        "child-above-parent",
        "not-whole",
        "blank",
        "negative",
        "untouched",
        "damaged",
        "locked-changed",
        "wrong-month",
    } <= codes


def test_targets_in_the_master_are_those_of_the_table(ran):
    with Path(NUMBERS).open(encoding="utf-8-sig", newline="") as file:
        printed, *rows = list(csv.reader(file))[1:]
    found = table(ran.folder, TARGETS_SHEET)
    lines = [line for code, line in found.items() if str(code)[:4] in ("5001", "5002")]
    assert [[line[code] for code in CODES] for line in lines] == [
        [int(value) for value in row[1:]] for row in rows
    ]
    sums = summary(ran.folder)
    assert [sums[code]["任务数"] for code in CODES] == [int(value) for value in printed[1:]]
    assert [sums[code]["公布合计"] for code in CODES] == [int(value) for value in printed[1:]]
    assert (sums["I08"]["任务数"], sums["I08"]["全市目标"]) == (20441, 20000)
