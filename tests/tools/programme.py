"""A small programme on the disk for tests: its verbs, and returns as its districts would send them."""

from __future__ import annotations

import atexit
import os
import shutil
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from xlsxwriter import Workbook as Writer

from tests.tools.masters import edit_master, typed_rows
from xl_addin.cli import main
from xl_addin.form import identity
from xl_addin.form.stamp import FormTemplate
from xl_addin.master.read.blocks import filled_rows, find_columns, key_text
from xl_addin.model.folder import MASTER, RETURNS
from xl_addin.model.settings import BY_SCORE, BY_STANDING
from xl_addin.model.sheets import (
    MANUAL_BLOCK,
    MANUAL_HEADINGS,
    SCHEME_BLOCK,
    SCHEME_HEADINGS,
    SCHEME_SHEET,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
)
from xl_addin.services.issuing import blank_form, issues, severities
from xl_addin.services.programme import Programme, Request
from xl_addin.verbs import function_of

YEAR = 2024
MONTHS = tuple(f"{YEAR}-{number:02d}" for number in range(1, 13))
NAMES = ("甲县", "乙县", "丙 县", "丁县")
HEADERS = ("培训（人次）", "就业（人）", "其中：残疾女性", "基地（个）")
TARGETS = ((120, 60, 20, 1), (240, 80, 30, 0), (360, 0, 0, 2), (480, 40, 10, None))
FIGURES = {"I01": 10, "I02": 5, "I03": 2, "I04": 0}


def task_table(path):
    book = Writer(path)
    sheet = book.add_worksheet("任务表")
    sheet.write(0, 0, f"{YEAR}年全县重点任务表")
    sheet.write_row(1, 0, ["单位", *HEADERS])
    sheet.write_row(2, 0, ["合计", 1200, 180, 60, 3])
    for row, (name, targets) in enumerate(zip(NAMES, TARGETS, strict=True), 3):
        sheet.write_row(row, 0, [name, *targets])
    book.close()
    return path


def _build(folder: Path) -> None:
    table = task_table(folder.parent / "任务表.xlsx")
    main(["new", str(folder), "--task-table", str(table), "--year", str(YEAR), "--json"])


@cache
def _built(number: int) -> Path:
    """The parent of a programme that tests get copies of: building one takes as long as most tests."""
    kept = TemporaryDirectory(prefix=f"xl-addin-programme-{number}-", ignore_cleanup_errors=True)
    atexit.register(kept.cleanup)
    _build(Path(kept.name) / "年度")
    return Path(kept.name)


_COPIES: Counter[str] = Counter()


class SmallProgramme:
    """One programme's folder; ``clock`` is what its verbs take for now.

    It is a copy of one that was built before, and no two of a test are copies of the same;
    ``fresh``: it is built here and now.
    """

    def __init__(self, folder: Path, fresh: bool = False) -> None:
        self.folder = folder
        self.clock = datetime(YEAR, 3, 1, 9)
        if folder.exists():
            return
        if fresh:
            _build(folder)
            return
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        built = _built(_COPIES[test])
        _COPIES[test] += 1
        shutil.copytree(built / "年度", folder)
        shutil.copy2(built / "任务表.xlsx", folder.parent)

    def open_programme(self) -> Programme:
        return Programme(self.folder, clock=lambda: self.clock)

    def run(self, verb, month=MONTHS[0], *paths, rehearse=False, **options):
        """The report of a verb."""
        programme = self.open_programme()
        request = Request(tuple(map(str, paths)), month, rehearse, options=options)
        try:
            return function_of(verb)(programme, request)
        finally:
            programme.close()

    def collect(self, month=MONTHS[0], *paths):
        """What became of each file, by name."""
        data = self.run("collect", month, *paths).data
        return {Path(found["file"]).name: found for found in data["returns"]}

    @property
    def codes(self):
        programme = self.open_programme()
        return [district.code for district in programme.config.districts]

    def form(
        self,
        district,
        figures=FIGURES,
        month=MONTHS[0],
        round_=1,
        totals=None,
        remarks=None,
        **identities,
    ):
        """A district's form as it would come back, by its number; figures by indicator code.

        ``totals`` are what it gives as 本月累计, ``remarks`` its 说明, likewise.
        """
        programme = self.open_programme()
        ledger, config = programme.ledger, programme.config.in_month(month)
        with ledger.writing():
            blank = blank_form(ledger, config)
        kit = FormTemplate(blank, config.indicators, severities(config), config.settings.title)
        _, issue = list(issues(config, month, ledger, ledger.standings(month, programme.config)))[
            district
        ]
        whose = issue.identity._replace(round=round_, **identities)
        sealed = identity.seal(ledger.key, whose, issue.content)
        programme.close()
        return kit.stamp(issue._replace(identity=sealed), figures, totals, remarks)

    def put(self, name, data, at=None, month=MONTHS[0]) -> Path:
        """Leave a file where returns go, saved at a time; the programme's clock goes with it."""
        inbox = self.folder / RETURNS / month
        inbox.mkdir(parents=True, exist_ok=True)
        path = inbox / name
        path.write_bytes(data)
        self.clock = max(self.clock, at or self.clock)
        moment = (at or datetime(YEAR, 2, 3)).timestamp()
        os.utime(path, (moment, moment))
        return path

    def send(self, name, district, figures=FIGURES, month=MONTHS[0], at=None, **form):
        """A district's return, left where returns go."""
        return self.put(name, self.form(district, figures, month, **form), at, month)

    def cumulative(self, month=MONTHS[0]):
        """Per indicator what the ledger adds up to."""
        programme = self.open_programme()
        sums = {}
        for row in programme.ledger.figures(month):
            if row.value is not None:
                sums[row.indicator] = sums.get(row.indicator, 0) + row.value
        programme.close()
        return sums

    def set_cell(self, sheet, block, key, heading, value):
        """Type into a list of the master: the row is the one whose first column says ``key``."""
        found = self.open_programme().host.block(block)
        column = find_columns(found, (heading,))[heading]
        row = next(
            row
            for row in filled_rows(found)
            if key_text(found.cells.get((row, found.area[1]))) == key
        )
        self.type_over(sheet, {(row, column): value})

    def type_over(self, sheet, cells):
        """Type into cells of the master."""
        path = self.folder / MASTER
        path.write_bytes(edit_master({sheet: cells}, path.read_bytes()))

    def score_by(self, rules, manual=(), ranks=False):
        """Have 考核 say this and nothing else; ``ranks`` go by the score."""
        host = self.open_programme().host
        scheme = host.block(SCHEME_BLOCK)
        cells = typed_rows(scheme, SCHEME_HEADINGS, [()] * 14)
        cells |= typed_rows(scheme, SCHEME_HEADINGS, rules)
        cells |= typed_rows(host.block(MANUAL_BLOCK), MANUAL_HEADINGS, [()] * 5)
        cells |= typed_rows(host.block(MANUAL_BLOCK), MANUAL_HEADINGS, manual)
        self.type_over(SCHEME_SHEET, cells)
        said = BY_SCORE if ranks else BY_STANDING
        self.set_cell(SETTINGS_SHEET, SETTINGS_BLOCK, "排名依据", "值", said)

    def listed(self, block, heading):
        """What a list in the master says under a heading."""
        found = self.open_programme().host.block(block)
        column = find_columns(found, (heading,))[heading]
        cells = (found.cells.get((row, column)) for row in filled_rows(found))
        return [None if cell is None else cell.value for cell in cells]


def codes_of(found):
    return {problem["code"] for problem in found["problems"]}
