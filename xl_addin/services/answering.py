"""The form of the level above filled in from our own totals: what is known, and of the rest what is missing.

An indicator is answered only where code or name, unit and measure say that it is the same, or somebody
said so. A total that lacks a unit is no answer: its cell stays as it is, and who is missing is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from xl_addin.form import layout
from xl_addin.form.received import Received
from xl_addin.master.indicator_totals import IndicatorTotals
from xl_addin.master.pair_totals import PairTotals, month_names
from xl_addin.master.totals import Totals
from xl_addin.model.entry import explains, nearly_equal
from xl_addin.model.names import fold, is_percent_unit
from xl_addin.model.problems import make, place
from xl_addin.model.records import (
    ADDED_UP,
    BOTH,
    EMPTY,
    MEASURE_LABELS,
    NOT_APPLICABLE,
    NUMBER,
    RATE,
    STOCK,
    Indicator,
    Number,
    Problem,
)
from xl_addin.model.schedule import without_noise
from xl_addin.model.settings import Config
from xl_addin.model.sheets import NOT_APPLICABLE_MARK, SEPARATOR
from xl_addin.services.change_words import amount_of, find_indicator
from xl_addin.system.errors import Misused
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import Where, cell_name
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.numberformat import PERCENT, classify_display
from xl_addin.xlsx.values import number_text

FILLED, SAME, LEFT = "filled", "same", "left"
CORRECTED = "以前月份有补报或核减，本月累计按本级底账"
_PLACES = 4  # of a mean, which has no end: as the totals are printed
_NAMED = 20


class Said(NamedTuple):
    """What somebody said of an indicator of the form: which of ours it is, and what ours is multiplied by."""

    ours: Indicator
    factor: Number | None


class Entry(NamedTuple):
    """A cell of the form: what goes in, and what was typed there before ("" for nothing)."""

    where: Where
    value: Value
    stood: str = ""


class Answer(NamedTuple):
    """What becomes of one indicator of the form.

    ``ours`` is None where nothing of ours is it. ``value`` is our figure in the form's unit, None where
    it is not known; ``lacking`` are the codes of the units that are missing in it. ``state`` is FILLED, SAME where the
    form says so already, or LEFT; ``entries`` are the cells that change. ``problems`` say what was
    left and why; ``conflicts`` where something else stands. ``kept``: a line that was written once said which
    of ours it is.
    """

    item: Indicator
    ours: Indicator | None
    cell: str
    value: Value
    lacking: tuple[str, ...]
    state: str
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    conflicts: tuple[Problem, ...] = ()
    kept: bool = False


class Matches(NamedTuple):
    """What somebody said of the form's indicators, by code or name: now, and in lines that lie there.

    ``how`` says how such a line is given, for an indicator of the form and what stands on its right.
    """

    now: Mapping[str, Said]
    kept: Mapping[str, Said]
    how: Callable[[Indicator, str], str]


class _Known(NamedTuple):
    """What our totals say: a value, or the units that it lacks, each with what of it is missing."""

    value: Value = None
    lacking: Mapping[str, str] = {}
    why: str = ""


def said_matches(config: Config, text: str, called: str = "--match ") -> dict[str, Said]:
    """Matches as typed, one a line, by code of the form; ``called`` is what a line is. Raises Misused."""
    found: dict[str, Said] = {}
    for line in text.split("\n") if text else ():
        theirs, mark, ours = line.partition("=")
        code, star, factor = ours.partition("*")
        if not mark or not theirs.strip() or not code.strip():
            raise Misused(
                f"用法不对：{called}要写成 上级指标=本级指标，例如 I07=I03，现在是“{line}”"
            )
        number = amount_of(factor, f"{called}的换算") if star else None
        if number is not None and number <= 0:
            raise Misused(f"用法不对：{called}的换算要大于 0，现在是“{line}”")
        found[fold(theirs)] = Said(find_indicator(config, code.strip()), number)
    return found


def work_out(received: Received, config: Config, totals: Totals, matches: Matches) -> list[Answer]:
    """Every indicator of the form, in the order of its rows."""
    workers = (_Answering(received, config, totals, item, matches) for item in received.indicators)
    return [each.answer()._replace(kept=each.by_kept) for each in workers]


def unknown_matches(received: Received, said: Mapping[str, Said]) -> list[str]:
    """The matches whose left side is no indicator of the form."""
    known = {fold(each) for item in received.indicators for each in (item.code, item.label)}
    return [text for text in said if text not in known]


def _said_of(item: Indicator, said: Mapping[str, Said]) -> Said | None:
    return said.get(fold(item.code)) or said.get(fold(item.label))


class _Answering:
    """One indicator of the form."""

    def __init__(
        self, received: Received, config: Config, totals: Totals, item: Indicator, matches: Matches
    ) -> None:
        self._form, self._config, self._totals, self._item = received, config, totals, item
        self._said, self._kept = _said_of(item, matches.now), _said_of(item, matches.kept)
        self._how = partial(matches.how, item)
        self.by_kept = False
        self._number = int(totals.month[5:])
        self._at = received.where(item.code, layout.input_column(item))
        self._names = {each.code: each.name for each in config.districts}
        # Whether the year's figure is another one than the form comes to: 说明 has to say why.
        self._corrects = False

    def answer(self) -> Answer:
        """What becomes of it."""
        item, at = self._item, self._at
        if at is None:
            says = f"“{item.label}”的行或列在表里找不到了，没有填；请用上级发来的原表"
            return self._left(None, make("row-missing", f"{self._place()}：{says}"))
        ours, why = self._ours()
        if ours is None or why:
            return self._left(
                ours, self._problem("answer-unmatched", f"“{item.label}”{why}，没有填")
            )
        known = self._month(ours)
        if known.value is None:
            return self._unknown(ours, known)
        problems: list[Problem] = []
        entries, conflicts = [], []
        for where, value in self._cells(ours, known.value, problems):
            typed = self._form.typed(where, item)
            shown = number_text(value) if isinstance(value, int | float) else str(value)
            if typed.state == EMPTY:
                entries.append(Entry(where, self._shown(where, value)))
            elif not self._same(typed.state, typed.value, value):
                entries.append(Entry(where, self._shown(where, value), typed.found))
                says = f"“{item.label}”已经填了 {typed.found}，本级汇总是 {shown}"
                conflicts.append(self._problem("answer-standing", says, where, typed.found, shown))
        if self._corrects:
            entries += self._remark(CORRECTED, problems)
        return Answer(
            item,
            ours,
            cell_name(*at),
            known.value,
            (),
            FILLED if entries else SAME,
            tuple(entries),
            tuple(problems),
            tuple(conflicts),
        )

    def _left(self, ours: Indicator | None, *problems: Problem) -> Answer:
        at = cell_name(*self._at) if self._at else ""
        return Answer(self._item, ours, at, None, (), LEFT, (), problems)

    def _place(self, where: Where | None = None) -> str:
        return place(self._form.reading.sheet.name, cell_name(*where) if where else "")

    def _problem(
        self, code: str, says: str, where: Where | None = None, found: str = "", expected: str = ""
    ) -> Problem:
        at = where or self._at
        cell, sheet = cell_name(*at) if at else "", self._form.reading.sheet.name
        return make(code, f"{self._place(at)}：{says}", sheet, cell, found, expected)

    def _ours(self) -> tuple[Indicator | None, str]:
        """Which of ours it is, and what keeps it from being answered with that."""
        item = self._item
        number = self._number
        there = [i for i in self._config.indicators if i.since <= number <= i.until]
        alike = [each for each in there if fold(each.label) == fold(item.label)]
        both = [each for each in alike if each.code == item.code]
        if self._said is None and both and not self._unlike(both[0]):
            return both[0], ""  # a line that was meant for another form does not turn that round
        self.by_kept = self._said is None and self._kept is not None
        self._said = self._said or self._kept
        if self._said is not None:
            return self._said.ours, self._unlike(self._said.ours)
        found = both or alike
        if len(found) == 1:
            return found[0], self._unlike(found[0])
        same = next((each for each in there if each.code == item.code), None)
        advice = f"如果就是本级的一项，{self._how('本级指标')}"
        if found:
            return None, f"在本级有 {len(found)} 项同名的；{self._how('代码')}"
        if same is not None:
            return None, f"在本级没有，本级的 {same.code} 是“{same.label}”；{advice}"
        return None, f"在本级没有；{advice}"

    def _unlike(self, ours: Indicator) -> str:
        """In what unit or measure differ, where nobody said how they go together."""
        item, factor = self._item, self._said.factor if self._said else None
        percent = is_percent_unit(item.unit) and is_percent_unit(ours.unit)
        if fold(item.unit) != fold(ours.unit) and not percent and factor is None:
            return (
                f"单位是“{item.unit}”，本级的单位是“{ours.unit}”，不知道怎样换算；"
                f"换算要写明，例如{self._how(f'{ours.code}*0.0001')}"
            )
        added = item.measure in ADDED_UP, ours.measure in ADDED_UP
        alike = item.measure == ours.measure or all(added)
        stated = self._said is not None and item.measure == STOCK and added[1]
        if alike or stated:
            return ""
        says = f"口径是“{MEASURE_LABELS[item.measure]}”，本级的是“{MEASURE_LABELS[ours.measure]}”"
        if item.measure == STOCK and added[1]:
            return f"{says}；确认要填本级的全年累计，{self._how(ours.code)}"
        return f"{says}，不能换算；请问清上级要的是哪个数"

    def _mine(self, ours: Indicator) -> tuple[IndicatorTotals, list[PairTotals]]:
        line = next(each for each in self._totals.indicators if each.code == ours.code)
        mine = [self._totals.pairs[each.code, ours.code] for each in self._config.districts]
        return line, mine

    def _month(self, ours: Indicator) -> _Known:
        """What is typed for the month: what it added, or how things are at its end."""
        line, mine = self._mine(ours)
        if self._item.measure in ADDED_UP:
            gaps = {e.district: "" for e in mine if self._number in e.months_missing}
            value, shown = line.this_month, self._totals.this_month
        else:
            gaps = {e.district: _gap_words(e) for e in mine if not e.is_whole}
            value, shown = line.cumulative, self._totals.cumulative
        if gaps:
            return _Known(None, gaps)
        if value is None and ours.measure == RATE and any(e.cumulative is not None for e in mine):
            return _Known(why=f"本级没有合计：“指标”里 {ours.code} 的“合计按”没有填")
        marks = (shown.get((each.district, ours.code)) for each in mine)
        if value is None and NOT_APPLICABLE_MARK in marks:
            if self._form.targets.get(self._item.code):
                return _Known(why="本级各单位都填“不适用”，而上级下了任务数；请问清上级怎样填")
            return _Known(NOT_APPLICABLE_MARK)
        if value is None:
            return _Known(why="本级这个月没有要报它的单位")
        return _Known(self._converted(value))

    def _converted(self, value: Number) -> Number:
        factor = self._said.factor if self._said else None
        amount = value if factor is None else without_noise(value * factor)
        return round(amount, _PLACES) if self._item.measure == RATE else amount

    def _unknown(self, ours: Indicator, known: _Known) -> Answer:
        item, form = self._item, self._form
        codes = tuple(known.lacking)
        problems, entries = [], []
        if not codes:
            problems.append(self._problem("answer-lacking", f"“{item.label}”没有填：{known.why}"))
        else:
            each = [f"{self._names[code]}{gap}" for code, gap in known.lacking.items()]
            who = SEPARATOR.join(each[:_NAMED]) + ("等" if len(each) > _NAMED else "")
            says = f"缺 {len(each)} 个：{who}"
            problems.append(self._problem("answer-lacking", f"“{item.label}”没有填：{says}"))
            entries = [*self._remark(says, problems)]
        typed = form.typed(self._at, item) if self._at else None
        if typed is not None and typed.state != EMPTY:
            says = f"“{item.label}”表里已有 {typed.found}，本级还不知道合计，没有改动；请核对"
            problems.append(self._problem("answer-lacking", says))
        at = cell_name(*self._at) if self._at else ""
        return Answer(item, ours, at, None, codes, LEFT, tuple(entries), tuple(problems))

    def _cells(
        self, ours: Indicator, value: Value, problems: list[Problem]
    ) -> Iterator[tuple[Where, Value]]:
        """The cells that answer it: the month's, and the year's where the form cannot work that out."""
        item, form = self._item, self._form
        if self._at is not None:
            yield self._at, value
        at = form.where(item.code, layout.CUMULATIVE)
        if item.measure not in ADDED_UP or at is None or not isinstance(value, int | float):
            return
        line, mine = self._mine(ours)
        before = form.previous.get(item.code)
        gaps = [each for each in mine if not each.has_whole_year]
        if gaps or line.cumulative is None:
            if item.measure == BOTH or before is not None:
                words = [f"{self._names[e.district]}{_gap_words(e)}" for e in gaps[:_NAMED]]
                says = f"“{item.label}”本月累计没有填：{SEPARATOR.join(words)}，全年累计还不知道"
                problems.append(self._problem("answer-lacking", says, at))
            return
        total = self._converted(line.cumulative)
        # Where the level above knows nothing of the months before, the year's figure has them.
        self._corrects = not nearly_equal((before or 0) + value, total)
        stands = form.typed(at, item).state != EMPTY
        if item.measure == BOTH or self._corrects or stands:
            yield at, total

    def _remark(self, says: str, problems: list[Problem]) -> Iterator[Entry]:
        where = self._form.where(self._item.code, layout.REMARK)
        if where is None:
            return
        cell = self._form.cell(where)
        stands = "" if cell is None or cell.value is None else str(cell.value).strip()
        if not stands:
            yield Entry(where, says)
        elif stands != says:
            more = "" if explains(stands) else "；字太少，上级会问原因，请补上"
            told = f"“{self._item.label}”的说明已经写了“{stands}”，没有改动{more}"
            problems.append(self._problem("answer-lacking", told, where, stands))

    def _same(self, state: str, typed: Number | None, value: Value) -> bool:
        if isinstance(value, int | float):
            return state == NUMBER and typed is not None and nearly_equal(typed, value)
        return state == NOT_APPLICABLE

    def _shown(self, where: Where, value: Value) -> Value:
        """A figure as it is written into a cell: a percent as the cell's format shows one."""
        if not isinstance(value, int | float) or not is_percent_unit(self._item.unit):
            return value
        if classify_display(self._form.looks.get(where, ""), value / 100) == PERCENT:
            return layout.shown_amount(value, self._item)
        return f"{number_text(value)}%"


def _gap_words(pair: PairTotals) -> str:
    """What of a unit's year is missing, after its name: ``（2月）``."""
    parts = [month_names(pair.months_missing)] if pair.months_missing else []
    parts += ["年初累计"] if pair.opening_missing else []
    parts += ["“合计按”的数"] if pair.weight_missing else []
    return f"（{SEPARATOR.join(parts)}）" if parts else ""


def all_entries(answers: Sequence[Answer]) -> list[Entry]:
    """Every cell that changes."""
    return [entry for answer in answers for entry in answer.entries]
