"""Which figure is asked about, by the cell that shows it or by names; and its trail out of the ledger."""

from __future__ import annotations

from xl_addin.master.read.blocks import Block, find_columns, key_text, locate_matrix
from xl_addin.master.read.settings_rows import month_in
from xl_addin.model.records import ADDED_UP
from xl_addin.model.settings import Config
from xl_addin.model.sheets import (
    ADJUSTMENTS_SHEET,
    COMPLETION_BLOCK,
    COUNTED_BLOCK,
    CUMULATIVE_BLOCK,
    DUE_BLOCK,
    DUE_GAP_SUFFIX,
    LIGHTS_BLOCK,
    MONTH_BLOCK,
    MONTH_CELL,
    MONTH_HEADINGS,
    OPENINGS_BLOCK,
    PLAN_BLOCK,
    SUMMARY_BLOCK,
    TARGETS_BLOCK,
    TREND_BLOCK,
    VARIANCE_BLOCK,
)
from xl_addin.services.change_words import find_district, find_indicator
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
from xl_addin.system.errors import Misused, Outdated, Refused
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import NUM, Value

# What the figures of a sheet are about, and whether they are that very figure.
_BY_DISTRICT = {
    CUMULATIVE_BLOCK: (YEAR, True),
    MONTH_BLOCK: (MONTH, True),
    COMPLETION_BLOCK: (YEAR, False),
    VARIANCE_BLOCK: (YEAR, False),
    PLAN_BLOCK: (TARGET, True),
    DUE_BLOCK: (YEAR, False),
    COUNTED_BLOCK: (YEAR, False),
    LIGHTS_BLOCK: (YEAR, False),
    TARGETS_BLOCK: (TARGET, False),
}
_BY_HEADING = {
    "任务数": (TARGET, True),
    "本月完成": (MONTH, True),
    "累计完成": (YEAR, True),
    "累计": (YEAR, True),
}
_HOMES = {YEAR: CUMULATIVE_BLOCK, MONTH: MONTH_BLOCK, TARGET: PLAN_BLOCK}
_ADVICE = "请先点住一个区县（或合计）一项指标的那一格，再溯源"


class Asked(NamedTuple):
    """A question with where it was asked; ``shown`` is what that cell says where it says the figure itself."""

    question: Question
    place: str = ""
    shown: Value = None
    exact: bool = False


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
        selected = _spelt(given["cell"])
    if selected is None:
        raise Misused(
            "用法不对：没有写要溯源哪个数；请写 --cell 累计完成!G12，或者写 --district 和 --indicator"
        )
    return _asked_at(programme, request, config, *selected)


def _spelt(text: str) -> tuple[str, Where]:
    sheet, mark, cell = text.replace("！", "!").rpartition("!")
    try:
        where = a1.position(cell.replace("$", "").strip().upper())
    except ValueError:
        mark = ""
    if not mark:
        raise Misused(f"用法不对：--cell 要写成 累计完成!G12 这样，现在是“{text}”")
    return sheet.strip().strip("'").replace("''", "'"), where


def _asked_at(
    programme: Programme, request: Request, config: Config, sheet: str, where: Where
) -> Asked:
    """The figure that a cell shows."""
    place = f"{sheet}!{a1.cell_name(*where)}"
    shown_month = _month_shown(programme)
    month = programme.month(request._replace(month=request.month or shown_month))
    number = int(month[5:])
    for name in (*_BY_DISTRICT, SUMMARY_BLOCK, TREND_BLOCK):
        try:
            block = programme.host.block(name)
        except Refused:  # an older master has not got it
            continue
        top, left, bottom, right = block.area
        if block.sheet == sheet and top <= where[0] <= bottom and left <= where[1] <= right:
            found = _figure_at(block, where, config, number)
            if found is None:
                break
            cell = block.cells.get(where)
            question, exact = found
            # Another month's figure than the one that the sheets show is in no cell.
            exact = exact and month == shown_month
            return Asked(question, place, None if cell is None else cell.value, exact)
    raise Refused(f"{place}：这一格不是由填报表来的数；{_ADVICE}")


def _month_shown(programme: Programme) -> str:
    """The month that the sheets of figures are of; "" before the first recompute."""
    block = programme.host.block(MONTH_CELL)
    return month_in(block.cells.get(block.area[:2]), programme.basics.settings.year)


def _figure_at(
    block: Block, where: Where, config: Config, number: int
) -> tuple[Question, bool] | None:
    """The question that a cell of a sheet of figures stands for, and whether it is the figure itself."""
    matrix, _ = locate_matrix(block)
    column = next((key for key, at in matrix.columns.items() if at == where[1]), "")
    row = next((key for key, at in matrix.rows.items() if at == where[0]), None)
    codes = {item.code: item for item in config.indicators}
    if block.name in (SUMMARY_BLOCK, TREND_BLOCK):
        if row not in codes:
            return None
        item = codes[row]
        if block.name == TREND_BLOCK and column in MONTH_HEADINGS:
            month = MONTH_HEADINGS.index(column) + 1
            what = MONTH if item.measure in ADDED_UP else YEAR
            return (Question(what, "", row, month, number), True) if month <= number else None
        what, exact = _BY_HEADING.get(column, (YEAR, False))
        return Question(what, "", row, number, number), exact
    code = column.removesuffix(DUE_GAP_SUFFIX)
    district = "" if where[0] == matrix.total_row else row
    known = {each.code for each in config.districts} | {""}
    if district not in known or code not in codes:
        return None
    what, exact = _BY_DISTRICT[block.name]
    return Question(what, district or "", code, number, number), exact


def trail_of(programme: Programme, question: Question) -> Trail:
    """The trail of a figure out of the ledger, with the cells of the master that it runs through."""
    config, ledger = programme.config, programme.ledger
    year = config.settings.year
    last = f"{year}-{question.number:02d}"
    sources = Sources(
        list(ledger.figures(last)),
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
