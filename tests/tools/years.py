"""A small programme in the middle of its year, for tests of what changes in one."""

from __future__ import annotations

import shutil
from datetime import datetime

from tests.tools.programme import FIGURES, MONTHS, YEAR, SmallProgramme
from xl_addin.form import identity
from xl_addin.form.stamp import FormTemplate
from xl_addin.master.read.blocks import find_columns, key_text, locate_matrix
from xl_addin.model.sheets import ADJUSTMENT_HEADINGS, ADJUSTMENTS_BLOCK
from xl_addin.services.issuing import blank_form, issues, severities
from xl_addin.services.programme import Programme, Request
from xl_addin.store.targets import target_changes
from xl_addin.verbs import function_of


class YearProgramme(SmallProgramme):
    """A small programme with hands for what changes in a year; its master may be open."""

    live = None

    def open_programme(self):
        return Programme(self.folder, clock=lambda: self.clock, live=self.live)

    def play(self, month, but=(), figures=FIGURES):
        """A month: forms out, all back but those of these districts, totals."""
        self.run("distribute", month)
        codes = [d.code for d in self.config().in_month(month).districts]
        for number, code in enumerate(codes):
            if code not in but:
                self.send(f"{month}-{code}.xlsx", number, figures, month)
        self.collect(month)
        self.run("recompute", month)

    def form(self, district, figures=None, month=MONTHS[0], round_=1, **identities):
        """A form as its month has it: only who reports then, and what is reported."""
        programme = self.open_programme()
        ledger, config = programme.ledger, programme.config.in_month(month)
        with ledger.writing():
            blank = blank_form(ledger, config)
        kit = FormTemplate(blank, config.indicators, severities(config), config.settings.title)
        _, issue = list(issues(config, month, ledger, ledger.standings(month)))[district]
        whose = issue.identity._replace(round=round_, **identities)
        sealed = identity.seal(ledger.key, whose, issue.content)
        programme.close()
        known = {item.code: 1 for item in config.indicators} | (figures or FIGURES)
        shown = {item.code: known[item.code] for item in config.indicators}
        return kit.stamp(issue._replace(identity=sealed), shown)

    def config(self):
        programme = self.open_programme()
        try:
            return programme.config
        finally:
            programme.close()

    def verb(self, verb, month="", /, *, rehearse=False, **options):
        """A verb with its options, spelt with underscores."""
        programme = self.open_programme()
        given = {key.rstrip("_").replace("_", "-"): value for key, value in options.items()}
        try:
            return function_of(verb)(programme, Request((), month, rehearse, options=given))
        finally:
            programme.close()

    def adjusted(self):
        """The rows of 任务调整, by heading."""
        block = self.open_programme().host.block(ADJUSTMENTS_BLOCK)
        columns = find_columns(block, ADJUSTMENT_HEADINGS)
        rows = sorted({row for row, _ in block.cells if row > block.area[0]})
        return [
            {h: key_text(block.cells.get((row, at))) for h, at in columns.items()} for row in rows
        ]

    def recorded(self):
        """What the ledger knows of changed targets."""
        programme = self.open_programme()
        try:
            return target_changes(programme.ledger)
        finally:
            programme.close()

    def shown(self, block):
        """A sheet's figures by (row's key, column's key)."""
        found = self.open_programme().host.block(block)
        matrix, _ = locate_matrix(found)
        return {
            (row, column): found.cells[at, where].value
            for row, at in matrix.rows.items()
            for column, where in matrix.columns.items()
            if (at, where) in found.cells
        }


def begun(folder, tmp_path):
    """The programme after two months, a copy in ``tmp_path`` of the one that ``folder`` keeps."""
    kept = folder / "任务"
    if not kept.exists():
        programme = YearProgramme(kept)
        programme.clock = datetime(YEAR, 3, 5, 9)
        for month in MONTHS[:2]:
            programme.play(month, but=("D003",) if month == MONTHS[1] else ())
    shutil.copytree(kept, tmp_path / "任务")
    programme = YearProgramme(tmp_path / "任务")
    programme.clock = datetime(YEAR, 3, 5, 10)
    return programme
