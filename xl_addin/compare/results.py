"""What ours and theirs come to beside each other."""

from __future__ import annotations

from xl_addin.compare.readings import Reading
from xl_addin.model import comparison
from xl_addin.model.comparison import CUMULATIVE, Ours
from xl_addin.model.records import ILLEGIBLE, NOT_APPLICABLE, NUMBER, Number
from xl_addin.model.schedule import without_noise
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.values import number_text

_NOISE = 1e-9


class Tolerance(NamedTuple):
    """How far figures may be apart and still agree: in units, and in percent of theirs."""

    units: Number = 0
    percent: Number = 0

    def allows(self, ours: Number, theirs: Number) -> bool:
        """Whether these two agree."""
        allowed = max(self.units, self.percent / 100 * abs(theirs))
        return abs(ours - theirs) <= allowed + _NOISE * max(1.0, abs(theirs))


class Line(NamedTuple):
    """A pair beside each other; ``difference`` is ours less theirs, ``result`` a key of RESULT_LABELS."""

    reading: Reading
    ours: Ours
    result: str
    difference: Number | None
    notes: tuple[str, ...]


def compare(reading: Reading, ours: Ours, tolerance: Tolerance) -> Line:
    """What a pair comes to, with everything that has to be said of it."""
    theirs = reading.value
    notes = list(reading.notes)
    if ours.lacking and ours.value is not None:
        notes.append(f"我方{ours.lacking}，已计月数 {ours.counted}")
    elif ours.lacking:
        notes.append(f"我方{ours.lacking}")
    if reading.state == ILLEGIBLE:
        return Line(reading, ours, comparison.ILLEGIBLE, None, tuple(notes))
    if reading.state == NUMBER and theirs is not None and ours.value is not None:
        apart = without_noise(ours.value - theirs)
        return Line(
            reading, ours, _apart(reading, ours, apart, tolerance, notes), apart, tuple(notes)
        )
    if reading.state == NOT_APPLICABLE:
        notes.append(f"{reading.cells} 写的是“{reading.found}”（不适用），不是 0")
        if ours.not_applicable:
            return Line(reading, ours, comparison.SAME, None, tuple(notes))
    if ours.not_applicable:
        notes.append("我方是“—”（没有这项任务，或不适用）")
    if theirs is not None:
        return Line(reading, ours, comparison.OURS_MISSING, None, tuple(notes))
    missing = comparison.BOTH_MISSING if ours.value is None else comparison.THEIRS_MISSING
    return Line(reading, ours, missing, None, tuple(notes))


def _apart(
    reading: Reading, ours: Ours, apart: Number, tolerance: Tolerance, notes: list[str]
) -> str:
    theirs = reading.value
    if ours.value is None or theirs is None or tolerance.allows(ours.value, theirs):
        if apart:
            notes.append(f"差 {number_text(apart)}，在容差以内")
        if ours.lacking:
            notes.append("我方还不全，数相同也请核对")
        return comparison.SAME
    if reading.last_digit and abs(apart) <= reading.last_digit:
        said = number_text(without_noise(reading.last_digit))
        notes.append(f"他方的末位相当于 {said}，可能只是四舍五入")
    if apart > 0:
        return comparison.OURS_MORE
    # Figures of a month do not lack others.
    partial = ours.lacking and reading.column.period == CUMULATIVE
    return comparison.OURS_PARTIAL if partial else comparison.OURS_LESS
