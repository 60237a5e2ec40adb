"""What another office's table says of each district: numbers in our units, with their cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xl_addin.compare.columns import Column
from xl_addin.compare.layout import DISTRICT, SUBTOTAL, TOTAL, UNKNOWN, BodyRow, Layout
from xl_addin.model.names import is_percent_unit
from xl_addin.model.records import EMPTY, ILLEGIBLE, NUMBER, Number
from xl_addin.model.schedule import without_noise
from xl_addin.system.light import NamedTuple
from xl_addin.tasktable.findings import Findings
from xl_addin.xlsx.cells import NUM
from xl_addin.xlsx.numberformat import OTHERWISE, classify_display, hides_decimals
from xl_addin.xlsx.values import number_text, quote, read_shown, round_noise

_WHY = {
    "no-value": "是公式，文件里没有存下结果；请用 Excel 或 WPS 打开、保存后再比",
    "error-value": "是公式的错误值",
    "too-large": "数大得不合情理",
    "percent-unclear": "",
}
_NEAR = 1e-6


class Reading(NamedTuple):
    """What they say of a district and an indicator.

    ``state`` is as in ``Figure``; ``value`` is in our unit. ``cells`` are where it stands, ``found`` what
    stands there where it is no number; ``notes`` are what has to be said of it.
    """

    district: str
    column: Column
    state: str
    value: Number | None
    cells: str
    found: str = ""
    notes: tuple[str, ...] = ()
    last_digit: Number = 0


class TotalCheck(NamedTuple):
    """A printed total or subtotal of a column beside what its rows come to, in their unit.

    ``recomputed`` is None where a row could not be read; ``with_others`` are names of rows that are no
    district's and are in it.
    """

    indicator: str
    name: str
    cell: str
    printed: Number
    recomputed: Number | None
    subtotal: bool = False
    with_others: tuple[str, ...] = ()

    @property
    def difference(self) -> Number | None:
        """Printed less recomputed."""
        if self.recomputed is None:
            return None
        return without_noise(self.printed - self.recomputed)


def read_table(
    layout: Layout, columns: Sequence[Column], findings: Findings
) -> tuple[list[Reading], list[TotalCheck]]:
    """Every district with every column that is compared, and the totals they printed."""
    by_district: dict[str, list[BodyRow]] = {}
    for each in layout.rows_of(DISTRICT):
        by_district.setdefault(each.code, []).append(each)
    reader = _Reader(layout, findings)
    readings = [
        reader.read(code, rows, column) for code, rows in by_district.items() for column in columns
    ]
    return readings, list(reader.totals(columns))


class _Reader:
    def __init__(self, layout: Layout, findings: Findings) -> None:
        self._layout, self._findings = layout, findings

    def read(self, code: str, rows: Sequence[BodyRow], column: Column) -> Reading:
        """One district's figure; several rows are added up and named."""
        each = [self._cell(row.row, column) for row in rows]
        cells = "+".join(one.cells for one in each)
        if len(each) == 1:
            one = each[0]
            return one._replace(district=code)
        notes = tuple(dict.fromkeys(note for one in each for note in one.notes))
        added = f"{len(each)} 行相加：{cells}"
        bad = next((one for one in each if one.state == ILLEGIBLE), None)
        if bad is not None:
            return bad._replace(district=code, cells=cells, notes=(*notes, added))
        known = [one.value for one in each if one.value is not None]
        if any(one.state == EMPTY for one in each):
            if not known:
                return each[0]._replace(district=code, cells=cells, notes=notes, state=EMPTY)
            says = f"{len(each)} 行里有一行空着，不能相加（{cells}）"
            return Reading(code, column, ILLEGIBLE, None, cells, "", (*notes, says))
        if not known:
            return each[0]._replace(district=code, cells=cells, notes=notes)
        total = without_noise(sum(known))
        return Reading(
            code, column, NUMBER, total, cells, "", (*notes, added), max(o.last_digit for o in each)
        )

    def _cell(self, row: int, column: Column) -> Reading:
        view, at = self._layout.view, (row, column.column)
        place = self._findings.cell_name(at)
        notes = list(column.notes)
        if row in view.grid.hidden_rows:
            notes.append(f"{place} 所在的行是隐藏的")
        area = view.area(*at)
        if area[:2] != area[2:]:
            says = f"和别的格合并了（{self._findings.area_name(area)}），不知道是谁的数"
            text = view.text(*at)
            return Reading("", column, ILLEGIBLE, None, place, text, (*notes, says))
        cell = view.cell(*at)
        if cell is None:
            return Reading("", column, EMPTY, None, place, "", tuple(notes))
        look = view.grid.format_codes.get(cell.style, "")
        unit = column.unit
        read = read_shown(cell, unit, look)
        if read.value is None:
            why = read.why or _WHY.get(read.code, "")
            said = (f"{place} “{read.found}”{why}",) if read.state == ILLEGIBLE else ()
            return Reading("", column, read.state, None, place, read.found, (*notes, *said))
        value = cell.value
        shown = cell.kind == NUM and isinstance(value, int | float) and not is_percent_unit(unit)
        if shown and isinstance(value, int | float) and classify_display(look, value) == OTHERWISE:
            told = f"{place} 里的数是 {number_text(value)}"
            if value and not hides_decimals(look, value):
                says = f"{told}，格式“{look}”使它显示成别的数，不知道以哪个为准"
                return Reading("", column, ILLEGIBLE, None, place, quote(cell), (*notes, says))
            notes.append(f"{told}，显示得不全")
        converted = round_noise(without_noise(read.value * column.factor))
        last = _last_digit(read.value) * column.factor if column.factor != 1 else 0
        return Reading("", column, NUMBER, converted, place, "", tuple(notes), last)

    def totals(self, columns: Sequence[Column]) -> Iterator[TotalCheck]:
        """The printed totals and subtotals, each beside what its rows come to."""
        rows = self._layout.rows
        for column in columns:
            if is_percent_unit(column.unit):
                continue
            values = {each.row: self._raw(each.row, column) for each in rows}
            for at, each in enumerate(rows):
                printed = values[each.row]
                if each.kind not in (TOTAL, SUBTOTAL) or not isinstance(printed, int | float):
                    continue
                place = self._findings.cell_name((each.row, column.column))
                check = TotalCheck(
                    column.indicator, each.name, place, printed, None, each.kind == SUBTOTAL
                )
                if each.kind == TOTAL:
                    yield _check_total(check, rows, values)
                else:
                    yield _check_subtotal(check, rows, at, values)

    def _raw(self, row: int, column: Column) -> Number | str | None:
        """Their number in their unit; a text where it cannot be read, None where nothing is."""
        read = self._cell(row, column._replace(factor=1, notes=()))
        return "" if read.state == ILLEGIBLE else read.value


def _check_total(
    check: TotalCheck, rows: Sequence[BodyRow], values: dict[int, Number | str | None]
) -> TotalCheck:
    districts = [values[each.row] for each in rows if each.kind == DISTRICT]
    others = [
        each for each in rows if each.kind == UNKNOWN and isinstance(values[each.row], int | float)
    ]
    total = _sum(districts)
    more = _sum([values[each.row] for each in others])
    if total is not None and more and abs(total - check.printed) > _NEAR:
        together = without_noise(total + more)
        if abs(together - check.printed) <= _NEAR:
            names = tuple(each.name for each in others)
            return check._replace(recomputed=together, with_others=names)
    return check._replace(recomputed=total)


def _check_subtotal(
    check: TotalCheck, rows: Sequence[BodyRow], at: int, values: dict[int, Number | str | None]
) -> TotalCheck:
    """The run of rows below or above whose sum it is; where none is, the run up to the next one."""
    below = _run(rows[at + 1 :])
    above = _run(rows[:at][::-1])
    sums = [_sum([values[each.row] for each in run]) for run in (above, below) if run]
    for run in (below, above):
        sums += (_sum([values[each.row] for each in run[:end]]) for end in range(1, len(run) + 1))
    fitting = [s for s in sums if s is not None and abs(s - check.printed) <= _NEAR]
    return check._replace(recomputed=next(iter(fitting or sums), None))


def _run(rows: Sequence[BodyRow]) -> list[BodyRow]:
    found: list[BodyRow] = []
    for each in rows:
        if each.kind in (TOTAL, SUBTOTAL):
            break
        found.append(each)
    return found


def _sum(values: Sequence[Number | str | None]) -> Number | None:
    if any(isinstance(each, str) for each in values):
        return None
    known = [each for each in values if isinstance(each, int | float)]
    return without_noise(sum(known)) if known else None


def _last_digit(value: Number) -> float:
    """What one in the last digit of a number is: 0.01 for 0.35."""
    text = number_text(value)
    return 10.0 ** -len(text.partition(".")[2]) if "e" not in text else 0.0
