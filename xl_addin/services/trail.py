"""From a figure of the totals to what it is made of: a pure function, from ledger rows to rows of a trail.

The rows that count add up to the figure, always: they are ``master.parts``' own, as the totals are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from xl_addin.master.pair_totals import PairTotals, month_names, total_pairs
from xl_addin.master.parts import Part, YearParts, sum_of
from xl_addin.master.sums import OPENING
from xl_addin.model.records import (
    ACCEPTED,
    EMPTY,
    HELD,
    ILLEGIBLE,
    MISSING,
    NOT_APPLICABLE,
    NUMBER,
    RATE,
    Figure,
    Number,
    Problem,
)
from xl_addin.model.schedule import without_noise
from xl_addin.model.settings import Adjustment, Config
from xl_addin.model.sheets import (
    ADJUSTMENTS_SHEET,
    OPENING_HEADING,
    OPENINGS_SHEET,
    SEPARATOR,
    TARGETS_SHEET,
)
from xl_addin.store.publications import CUMULATIVE, Publication, PublishedFigure
from xl_addin.store.trails import Settled, TracedReturn, texts_beside
from xl_addin.store.year_figures import Years, up_to
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.values import number_text

YEAR, MONTH, TARGET = "cumulative", "this-month", "target"
RETURN, OPENED, CORRECTION, GAP = "return", "opening", "correction", "missing"
DISTRICT, CHANGE, PRINTED = "district", "target-change", "published"
_STATES = {EMPTY: "这一格空着", ILLEGIBLE: "这一格读不出来", NOT_APPLICABLE: "这一格填的是不适用"}


class Question(NamedTuple):
    """Which figure is asked about.

    ``what`` is YEAR (what was reached by the month's end), MONTH (what the month added) or TARGET (the
    year's target in force). ``district`` is empty for the total, ``month`` is 1 to 12, ``number`` the
    month that the totals are of.
    """

    what: str
    district: str
    indicator: str
    month: int
    number: int


class TrailRow(NamedTuple):
    """One line. ``value`` is what it adds where it ``counts``, else what stands there.

    ``kind`` is RETURN, OPENED (年初累计), CORRECTION (what a return stated for the year beyond its months),
    GAP (a month without a return), DISTRICT (of a total), CHANGE (of a target) or PRINTED (what was
    published). ``month`` is 1 to 12, 0 where it is of none. ``returned`` is the return it stands in.
    """

    kind: str
    month: int
    counts: bool
    value: Number | None
    sheet: str = ""
    cell: str = ""
    note: str = ""
    district: str = ""
    returned: TracedReturn | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def verdict(self) -> str:
        """The verdict on the return; MISSING where there is none."""
        if self.returned is not None:
            return self.returned.verdict
        return MISSING if self.kind == GAP else ""

    @property
    def decision(self) -> Settled | None:
        """What a person decided about the return."""
        return self.returned.decision if self.returned is not None else None


class Trail(NamedTuple):
    """A figure with its rows; ``value`` is None where it is not known."""

    question: Question
    value: Number | None
    target: Number | None
    rows: tuple[TrailRow, ...]


class Sources(NamedTuple):
    """What the ledger has.

    ``figures`` are the counting ones of the year, ``returns`` those of the district asked about,
    ``published`` what went out with its figures.
    """

    figures: Years
    returns: Sequence[TracedReturn] = ()
    published: Sequence[tuple[Publication, Sequence[PublishedFigure]]] = ()


def find_trail(question: Question, sources: Sources, config: Config) -> Trail:
    """What a figure is made of."""
    finder = _Finder(question, sources, config)
    rows = [
        *(finder.pair_rows(sources.returns) if question.district else finder.total_rows()),
        *_printed_rows(question, sources.published),
    ]
    counting = [row.value for row in rows if row.counts and row.value is not None]
    value = without_noise(sum(counting)) if counting else None
    return Trail(question, value, finder.target(), tuple(rows))


class _Finder:
    """The figures of one indicator, looked at for one question."""

    def __init__(self, question: Question, sources: Sources, config: Config) -> None:
        self._asked, self._config = question, config
        self._item = next(i for i in config.indicators if i.code == question.indicator)
        self._parts = YearParts(sources.figures, config, question.number)
        districts = [d for d in config.districts if question.district in ("", d.code)]
        pairs = ((d.code, self._item.code) for d in districts)
        self._one = config._replace(
            districts=tuple(districts),
            indicators=(self._item,),
            targets={pair: config.targets[pair] for pair in pairs if pair in config.targets},
            adjustments=tuple(e for e in config.adjustments if e.indicator == self._item.code),
        )
        self._targets = self._one.targets_in_force(question.month)
        self._reached = {d.code: self._sum(d.code, question.month) for d in districts}
        self._weights: Mapping[str, Number] | None = None
        if self._item.measure == RATE and not question.district:
            self._weights = self._weigh(self._item.weight)
        self._totals = self._find_totals(sources.figures)

    def _sum(self, district: str, month: int) -> Number | None:
        return sum_of(self._parts.cumulative((district, self._item.code), month))

    def _weigh(self, weight: str) -> dict[str, Number]:
        month = self._asked.month
        known = {
            code: sum_of(self._parts.cumulative((code, weight), month))
            for code, reached in self._reached.items()
            if reached is not None
        }
        return {code: each for code, each in known.items() if each is not None}

    def _find_totals(self, figures: Years) -> dict[str, PairTotals]:
        code, month = self._item.code, self._asked.month
        mine = {pair: figures[pair] for d in self._reached if (pair := (d, code)) in figures}
        known = {(d, code): each for d, each in self._reached.items() if each is not None}
        totals = total_pairs(up_to(mine, month), known, self._one, month)
        return {each.district: each for each in totals}

    def target(self) -> Number | None:
        """The target in force of what is asked about."""
        if self._asked.district:
            return self._targets.get((self._asked.district, self._item.code))
        shares = [each for each in self._shares(self._target_of).values() if each is not None]
        return without_noise(sum(shares)) if shares else None

    def _target_of(self, district: str) -> Number | None:
        return self._targets.get((district, self._item.code))

    def _parts_asked(self) -> list[Part]:
        pair, month = (self._asked.district, self._item.code), self._asked.month
        whole = self._asked.what == YEAR
        return self._parts.cumulative(pair, month) if whole else self._parts.of_month(pair, month)

    def pair_rows(self, returns: Sequence[TracedReturn]) -> Iterator[TrailRow]:
        """A district's figure: 年初累计, month by month what came in, changes of the target."""
        changes = list(_change_rows(self._asked, self._config))
        if self._asked.what == TARGET:
            yield from changes
            return
        parts = self._parts_asked()
        months = list(range(1, self._asked.month + 1))
        if self._asked.what == MONTH:
            there = {part.month for part in parts} | {self._asked.month}
            months = [month for month in months if month in there]
        for part in parts:
            if part.month == OPENING:
                said = "起始月份以前的完成数" if part.counts else self._why_not()
                yield TrailRow(OPENED, 0, part.counts, part.value, OPENINGS_SHEET, note=said)
        for month in months:
            here = [part for part in parts if part.month == month]
            mine = [each for each in returns if int(each.month[5:]) == month]
            for each in mine:
                yield from self._return_rows(each, here if each.counts else [])
            if not mine:
                yield from self._gap(month)
        yield from (row._replace(counts=False) for row in changes if row.month)

    def _gap(self, month: int) -> Iterator[TrailRow]:
        totals = self._totals[self._asked.district]
        if month in totals.months_expected:
            filled = month in totals.months_filled
            said = "后来报的本年累计里已有" if filled else "没有收到，还不知道，不当作 0"
            yield TrailRow(GAP, month, counts=False, value=None, note=said)

    def _why_not(self) -> str:
        pair = (self._asked.district, self._item.code)
        if pair in self._parts.gone:
            return f"{self._parts.gone[pair] + 1}月起由并入的区县报，算在那里"
        return "后来报的数里已有"

    def _return_rows(self, each: TracedReturn, parts: Sequence[Part]) -> Iterator[TrailRow]:
        """A return, and what it stated for the year beyond its months."""
        figure = each.figures.get(self._item.code)
        month = int(each.month[5:])
        plain = [part for part in parts if not part.correction]
        value = None if figure is None else figure.value
        yield TrailRow(
            RETURN,
            month,
            any(part.counts for part in plain),
            plain[0].value if plain else value,
            each.sheet,
            "" if figure is None else figure.cell,
            "；".join(filter(None, self._return_notes(each, figure, plain))),
            returned=each,
            problems=_problems_beside(each, figure),
        )
        for part in parts:
            if part.correction and figure is not None:
                stated = "" if figure.stated is None else number_text(figure.stated)
                said = (
                    f"区县报的本年累计是 {stated}，这里是它比各月相加多（少）的：补报为正，核减为负"
                )
                where = (each.sheet, figure.stated_cell, said)
                yield TrailRow(CORRECTION, month, part.counts, part.value, *where, returned=each)

    def _return_notes(
        self, each: TracedReturn, figure: Figure | None, parts: Sequence[Part]
    ) -> Iterator[str]:
        if each.verdict == HELD:
            yield "待定，没有计入"
        elif each.verdict == ACCEPTED and not each.counts:
            yield "后来又有一份通过，以后来的为准"
        elif each.counts and figure is None:
            yield "这一份里没有这项指标"
        elif each.counts and figure is not None and figure.state != NUMBER:
            yield _STATES.get(figure.state, "")
        elif each.counts and not parts:
            unknown = self._asked.what == MONTH
            yield "以前的数不知道，算不出当月的变化" if unknown else f"已在“{OPENING_HEADING}”里"
        elif parts and not parts[0].counts:
            yield self._why_not()
        elif parts and figure is not None and parts[0].value != figure.value:
            yield "减去以前的数，得当月的变化"
        yield from (f"区县写：{text}" for text in texts_beside(each.texts, self._item.code))

    def total_rows(self) -> list[TrailRow]:
        """A row for each district, those that lack months or moved since the month before on top."""
        value_of = {TARGET: self._target_of, MONTH: self._month_of}.get(
            self._asked.what, self._reached.get
        )
        found: list[tuple[tuple[bool, bool], TrailRow]] = []
        for code, share in self._shares(value_of).items():
            said, lacks, moved = self._district_note(code)
            value = value_of(code)
            if self._weights is not None and value is not None:
                weighs = number_text(self._weights[code]) if code in self._weights else "不知道"
                said = "；".join(filter(None, (f"比率 {number_text(value)}，权重 {weighs}", said)))
            shown = value if share is None else share
            row = TrailRow(DISTRICT, 0, share is not None, shown, note=said, district=code)
            found.append(((not lacks, not moved), row))
        return [row for _, row in sorted(found, key=lambda each: each[0])]

    def _month_of(self, district: str) -> Number | None:
        if self._weights is not None:
            return None  # a rate is a state: no month of the whole adds anything to it
        return sum_of(self._parts.of_month((district, self._item.code), self._asked.month))

    def _shares(self, value_of: Callable[[str], Number | None]) -> dict[str, Number | None]:
        """What each district adds to the whole: its value, or of a rate the weighted part of it."""
        values = {code: value_of(code) for code in self._reached}
        weights = self._weights
        if weights is None:
            return values
        known = {code: value for code, value in values.items() if value is not None}
        whole = sum(weights.get(code, 0) for code in known)
        return {
            code: known[code] * weights[code] / whole
            if code in known and code in weights and whole > 0
            else None
            for code in values
        }

    def _district_note(self, code: str) -> tuple[str, bool, bool]:
        """What there is to say of a district, whether it lacks months, and whether it moved."""
        asked, pair = self._asked, (code, self._item.code)
        if asked.what == TARGET:
            changed = [
                each
                for each in self._config.adjustments
                if (each.district, each.indicator) == pair and each.month <= asked.month
            ]
            return "；".join(map(_change_note, changed)), False, bool(changed)
        totals = self._totals[code]
        missing = [m for m in totals.months_missing if asked.what == YEAR or m == asked.month]
        lost = [OPENING_HEADING] if totals.opening_missing and asked.what == YEAR else []
        lost += [month_names(missing)] if missing else []
        said = [f"缺{SEPARATOR.join(lost)}"] if lost else []
        if asked.month > self._parts.gone.get(pair, 12):
            said.append(f"{self._parts.gone[pair] + 1}月起由并入的区县报，算在那里")
        before = self._sum(code, asked.month - 1)
        moved = asked.month > 1 and before != self._reached[code]
        if moved and asked.what == YEAR:
            said.append(f"上月 {'不知道' if before is None else number_text(before)}")
        return "；".join(said), bool(lost), moved


def _problems_beside(each: TracedReturn, figure: Figure | None) -> tuple[Problem, ...]:
    """What is told of the figure's own cells and of the file as a whole."""
    cells = {"", figure.cell, figure.stated_cell} if figure else {""}
    return tuple(problem for problem in each.problems if problem.cell in cells)


def _change_rows(question: Question, config: Config) -> Iterator[TrailRow]:
    """The target that the year began with, and what notices changed of it."""
    pair = (question.district, question.indicator)
    begun = config.targets.get(pair)
    if begun is not None:
        yield TrailRow(CHANGE, 0, counts=True, value=begun, sheet=TARGETS_SHEET, note="年初任务数")
    for each in sorted(config.adjustments, key=lambda each: each.month):
        if (each.district, each.indicator) == pair and each.month <= question.month:
            note = _change_note(each)
            yield TrailRow(CHANGE, each.month, True, each.amount, ADJUSTMENTS_SHEET, note=note)


def _change_note(each: Adjustment) -> str:
    way = "增" if each.amount >= 0 else "减"
    said = [f"{each.month}月起任务数{way} {number_text(abs(each.amount))}"]
    said += [f"依据 {each.document}"] if each.document else []
    said += [f"{each.who} {each.at}".strip()] if each.who or each.at else []
    return "，".join(said)


def _printed_rows(
    question: Question, published: Iterable[tuple[Publication, Sequence[PublishedFigure]]]
) -> Iterator[TrailRow]:
    """What bulletins of the month and earlier ones printed of this figure."""
    if question.what != YEAR:
        return
    for publication, figures in published:
        for each in figures:
            mine = (each.district, each.indicator) == (question.district, question.indicator)
            if mine and each.kind == CUMULATIVE and int(publication.month[5:]) <= question.month:
                said = "不知道" if each.value is None else number_text(each.value)
                note = f"通报 {publication.number}（{publication.file}，{publication.at}）印的是 {said}"
                month = int(publication.month[5:])
                yield TrailRow(PRINTED, month, counts=False, value=each.value, note=note)
