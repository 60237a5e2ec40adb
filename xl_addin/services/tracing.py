"""Which figure is asked about, by the cell that shows it or by names; and its trail out of the ledger."""

from __future__ import annotations

from xl_addin.master.read.blocks import locate_matrix
from xl_addin.model.sheets import (
    ADJUSTMENTS_SHEET,
    CUMULATIVE_BLOCK,
    MONTH_BLOCK,
    OPENINGS_BLOCK,
    PLAN_BLOCK,
    TARGETS_BLOCK,
)
from xl_addin.services.change_words import find_district, find_indicator
from xl_addin.services.figure_at import ADVICE, Asked, figure_at, spelt_cell
from xl_addin.services.programme import Programme, Request
from xl_addin.services.trail import (
    CHANGE,
    DISTRICT,
    MONTH,
    OPENED,
    TARGET,
    YEAR,
    Question,
    Sources,
    Trail,
    TrailRow,
    find_trail,
)
from xl_addin.store.publications import publications, published_figures
from xl_addin.store.trails import traced_returns
from xl_addin.store.year_figures import read_years
from xl_addin.system.errors import Misused, Outdated, Refused
from xl_addin.xlsx import a1

_HOMES = {YEAR: CUMULATIVE_BLOCK, MONTH: MONTH_BLOCK, TARGET: PLAN_BLOCK}


def asked_for(programme: Programme, request: Request) -> Asked:
    """The figure that the options name, or whose cell is selected. Refused where there is none."""
    given, config = request.options, programme.config
    if given.get("district") or given.get("indicator"):
        if not given.get("indicator"):
            raise Misused("用法不对：缺少 --indicator，请写明哪项指标，写代码或名称")
        district = given.get("district", "")
        number = int(programme.month(request)[5:])
        code = find_district(config, district).code if district else ""
        indicator = find_indicator(config, given["indicator"]).code
        return Asked(Question(YEAR, code, indicator, number, number))
    selected = programme.host.selected()
    if given.get("cell"):
        selected = spelt_cell(given["cell"])
    if selected is None and programme.live:
        raise Refused(f"没有选中一格；{ADVICE}")
    if selected is None:
        raise Misused(
            "用法不对：没有写要溯源哪个数；请写 --cell 累计完成!G12，或者写 --district 和 --indicator"
        )
    return figure_at(programme, request, *selected)


def trail_of(programme: Programme, question: Question) -> Trail:
    """The trail of a figure out of the ledger, with the cells of the master that it runs through."""
    config, ledger = programme.config, programme.ledger
    year = config.settings.year
    last = f"{year}-{question.number:02d}"
    item = next(each for each in config.indicators if each.code == question.indicator)
    sources = Sources(
        read_years(ledger, last, (item.code, item.weight)),
        traced_returns(ledger, question.district, f"{year}-01", last) if question.district else (),
        [(each, published_figures(ledger, each.id)) for each in publications(ledger)],
    )
    trail = find_trail(question, sources, config)
    places = _Places(programme, question)
    return trail._replace(rows=tuple(places.fill_in(row) for row in trail.rows))


class _Places:
    """Where in the master what is no return stands."""

    def __init__(self, programme: Programme, question: Question) -> None:
        self._programme, self._question = programme, question
        self._found: dict[str, tuple[str, dict[str, int], dict[str, int]]] = {}

    def fill_in(self, row: TrailRow) -> TrailRow:
        """The row with sheet and cell where it has none of its own."""
        district = row.district or self._question.district
        if row.kind == DISTRICT:
            name = _HOMES[self._question.what]
            if (self._question.what, self._question.month) == (MONTH, self._question.number):
                name = MONTH_BLOCK
            elif self._question.month != self._question.number:
                return row  # no sheet shows the figures of a month before
            return self._at(row, name, district)
        if row.kind == OPENED:
            return self._at(row, OPENINGS_BLOCK, district)
        if row.kind == CHANGE and row.sheet != ADJUSTMENTS_SHEET:
            return self._at(row, TARGETS_BLOCK, district)
        return row

    def _at(self, row: TrailRow, name: str, district: str) -> TrailRow:
        if name not in self._found:
            try:
                block = self._programme.host.block(name)
            except Outdated:
                return row
            matrix, _ = locate_matrix(block)
            self._found[name] = (block.sheet, matrix.rows, matrix.columns)
        sheet, rows, columns = self._found[name]
        if district in rows and self._question.indicator in columns:
            cell = a1.cell_name(rows[district], columns[self._question.indicator])
            return row._replace(sheet=sheet, cell=cell)
        return row._replace(sheet=sheet)
