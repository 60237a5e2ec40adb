"""What the rules on a return look at: the form as it came back, read but not yet judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from xl_addin.form import layout
from xl_addin.form.identity import FORM_LAYOUT, Amounts
from xl_addin.form.read import Reading
from xl_addin.model.entry import Entry, explains
from xl_addin.model.problems import make, place
from xl_addin.model.records import (
    ADDED_UP,
    BOTH,
    EMPTY,
    FLOW,
    NOT_APPLICABLE,
    NUMBER,
    STOCK,
    WARNING,
    Indicator,
    Number,
    Problem,
)
from xl_addin.model.settings import Rule
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.cells import NUM, Cell
from xl_addin.xlsx.values import NONE_WORDS, ParsedNumber, plain_text, read_number, read_shown

# Typed into 本月累计 as 50+25: no formula of the form's, which has cells in it.
_CONSTANT = pattern(r"=?[\d.,+\-*/() ]+\Z", re.ASCII)
DASH = "dash-entry"
_RESULT_COLUMN = {FLOW: layout.CUMULATIVE, STOCK: layout.MONTH}
"""Where the form works out the other figure; in column 0 of a line nothing stands."""


class Case(NamedTuple):
    """All that a rule may look at.

    ``lines`` are as ``Reading.lines``; ``targets`` and ``previous`` are as issued in this very
    form; ``mean_monthly`` maps an indicator to the mean monthly addition of this district in the
    earlier months that were accepted. ``entries`` are what was typed where figures belong, ``totals``
    what was typed as 本月累计 beside an addition, where anything was. ``form_layout`` is the form's.
    ``results`` are what the file keeps as the result of the form's own formula beside an entry.
    """

    reading: Reading
    indicators: Mapping[str, Indicator]
    lines: Mapping[str, Sequence[Cell | None]]
    entries: Mapping[str, ParsedNumber]
    totals: Mapping[str, ParsedNumber]
    targets: Amounts
    previous: Amounts
    mean_monthly: Mapping[str, float]
    rules: Mapping[str, Rule]
    form_layout: int
    results: Mapping[str, ParsedNumber] = MappingProxyType({})

    def problem(
        self, code: str, at: str, found: str, says: str, expected: str = ""
    ) -> Iterator[Problem]:
        """The problem, unless its rule is switched off."""
        rule = self.rules.get(code)
        if rule is None or rule.severity:
            sheet, severity = self.reading.sheet.name, rule.severity if rule else ""
            yield make(code, f"{place(sheet, at)}：{says}", sheet, at, found, expected, severity)

    def at(self, code: str) -> str:
        """Where the district types this indicator's figure."""
        return self.reading.address(code, layout.input_column(self.indicators[code]))

    def number(self, code: str) -> Number | None:
        """The figure typed, None where it is not a number."""
        entry = self.entries.get(code)
        return entry.value if entry else None

    def total(self, code: str) -> Number | None:
        """The year's figure typed beside it, likewise."""
        total = self.totals.get(code)
        return total.value if total else None

    def look(self, cell: Cell | None) -> str:
        """The number format of a cell that may show a number as something else."""
        codes = self.reading.sheet.format_codes
        return codes.get(cell.style, "") if cell is not None else ""

    def remark(self, code: str) -> str:
        """What stands in the row's 说明."""
        cell = self.reading.cell(code, layout.REMARK)
        return "" if cell is None or cell.value is None else str(cell.value)

    def entry(self, item: Indicator, beside: Sequence[Problem] = ()) -> Entry:
        """The indicator as plain values; nothing is missing where its figure stands ``beside``."""
        code, parent = item.code, self.indicators.get(item.parent)
        empty = self.entries[code].state == EMPTY and code in self.reading.rows and not beside
        plain = Entry(
            item,
            empty,
            self.number(code),
            self.targets.get(code),
            self.previous.get(code),
            mean=self.mean_monthly.get(code, 0.0),
        )
        if code in self.totals:
            explained = explains(self.remark(code))
            plain = plain._replace(total=self.total(code), total_empty=False, explained=explained)
        if parent is None:
            return plain
        return plain._replace(
            parent=parent,
            parent_value=self.number(parent.code),
            parent_previous=self.previous.get(parent.code),
            parent_total=self.total(parent.code),
        )


def open_case(
    reading: Reading,
    indicators: Sequence[Indicator],
    targets: Amounts,
    previous: Amounts,
    mean_monthly: Mapping[str, float],
    rules: Mapping[str, Rule],
    form_layout: int = FORM_LAYOUT,
) -> Case:
    """What was typed, read; nothing of it is judged yet."""
    lines = reading.lines([item.code for item in indicators])
    codes = reading.sheet.format_codes
    dash = rules.get(DASH)
    zero = dash is not None and dash.severity == WARNING

    def read(cell: Cell | None, item: Indicator) -> ParsedNumber:
        look = codes.get(cell[3], "") if cell is not None and codes else ""
        written = read_shown(cell, item.unit, look)
        if written.state != NOT_APPLICABLE or not targets.get(item.code):
            return written
        return _read_dash(written, zero=zero, known=dash is None or bool(dash.severity))

    entries, totals, results = {}, {}, {}
    for item in indicators:
        line = lines[item.code]
        entries[item.code] = read(line[layout.input_column(item)], item)
        derived = line[_RESULT_COLUMN.get(item.measure, 0)]
        if derived is not None and derived.kind == NUM and derived.formula is not None:
            results[item.code] = read(derived, item)
        cell = line[layout.CUMULATIVE]
        known = previous.get(item.code) is not None
        if cell is not None and item.measure in ADDED_UP and _is_typed(cell, item, reading, known):
            total = read(cell, item)
            if total.state not in (EMPTY, NOT_APPLICABLE) or total.code == DASH:
                totals[item.code] = total
    return Case(
        reading,
        {item.code: item for item in indicators},
        lines,
        entries,
        totals,
        targets,
        previous,
        mean_monthly,
        rules,
        form_layout,
        results,
    )


def _read_dash(written: ParsedNumber, *, zero: bool, known: bool) -> ParsedNumber:
    """A dash or 无 where there is a target: of its own rule, a 0 where that only warns."""
    if plain_text(written.found) not in NONE_WORDS or not known:
        return written
    read = written._replace(code=DASH)
    return read._replace(state=NUMBER, value=0) if zero else read


def _is_typed(cell: Cell, item: Indicator, reading: Reading, known: bool) -> bool:
    """Whether 本月累计 is the district's own, and not the result of the form's formula.

    The formula gives a text where what came before is not ``known``; some programs keep that as 0.
    """
    if item.measure == BOTH:
        return True
    if cell.formula is not None:
        return bool(cell.formula) and bool(_CONSTANT.match(cell.formula))
    return reading.tells_formulas or not (known or read_number(cell).value == 0)
