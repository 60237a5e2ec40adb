"""Programmes of the level below added up: which exports are taken, and the totals that the sheets show.

A programme stands where a district stands in a master: what its units lack, it lacks, and its sums are
of what is known, with the gaps told. Nothing is chosen in silence: two different exports of one month, or
an indicator that two programmes count otherwise, stop all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from xl_addin.master.indicator_totals import total_indicator
from xl_addin.master.pair_totals import Pair, PairTotals
from xl_addin.master.same_period import SamePeriod
from xl_addin.master.sums import Sums, weighted_mean
from xl_addin.master.totals import Totals
from xl_addin.model.entry import nearly_equal
from xl_addin.model.levels import ExportFacts, LevelRow
from xl_addin.model.lights import NO_LIGHT, judge_light
from xl_addin.model.names import fold
from xl_addin.model.problems import make
from xl_addin.model.records import (
    ADDED_UP,
    MEASURE_LABELS,
    RATE,
    WARNING,
    District,
    Indicator,
    Number,
    Problem,
)
from xl_addin.model.schedule import without_noise
from xl_addin.model.settings import SETTINGS, Config, Settings
from xl_addin.model.sheets import NOT_APPLICABLE_MARK
from xl_addin.store.exports import Exports, Pick, UnitSums, read_facts
from xl_addin.system.errors import Refused, Unreadable
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx.values import number_text

if TYPE_CHECKING:
    from typing import Any

SHOWN_PATH = " > "


class Chosen(NamedTuple):
    """What is added up for a month: of every programme its name, and the months taken of which file.

    ``programmes`` are by id in the order of the list, else of their names, ``months`` by id those up to the month.
    ``absent`` are programmes that were expected and of which there is nothing. ``problems`` are told.
    """

    month: str
    picks: tuple[Pick, ...]
    programmes: Mapping[str, str]
    months: Mapping[str, tuple[str, ...]]
    absent: tuple[str, ...]
    problems: tuple[Problem, ...]
    facts: tuple[tuple[str, ExportFacts], ...]


def choose(paths: Sequence[Path], month: str, expected: Sequence[str]) -> Chosen:
    """Which exports are taken for a month, "" for the latest there is. Refused with all that is wrong."""
    wrong: list[Problem] = []
    sound: list[tuple[Path, ExportFacts]] = []
    for path, facts in read_facts(paths):
        if isinstance(facts, Unreadable):
            wrong.append(make("export-broken", f"{path.name}：{facts.message}", found=path.name))
        else:
            sound.append((path, facts))
    if wrong:
        raise Refused(f"{len(paths)} 份汇总数据里有 {len(wrong)} 份不能用，没有汇总", wrong)
    month = month or max((max(facts.months) for _, facts in sound if facts.months), default="")
    of_year = [(path, facts) for path, facts in sound if facts.year == int(month[:4] or 0)]
    told = [
        _told("export-other-year", f"{path.name}：是 {facts.year} 年的，没有加进来", path)
        for path, facts in sound
        if facts.year != int(month[:4] or 0)
    ]
    taken: dict[tuple[str, str], tuple[Path, str]] = {}
    picked: dict[Path, list[str]] = {}
    for path, facts in of_year:
        for each, digest in sorted(facts.months.items()):
            if each > month:
                continue
            before = taken.get((facts.programme, each))
            if before is None:
                taken[facts.programme, each] = (path, digest)
                picked.setdefault(path, []).append(each)
            elif before[1] == digest:
                says = (
                    f"{path.name}：“{facts.name}”{each} 的数和 {before[0].name} 里的一样，只算一次"
                )
                told.append(_told("export-twice", says, path))
            else:
                says = (
                    f"{path.name}：“{facts.name}”{each} 的数和 {before[0].name} 里的不一样，不知道以哪一份为准；"
                    "请只留下要用的那一份"
                )
                wrong.append(make("export-twice", says, found=path.name))
    if wrong:
        raise Refused(f"有 {len(wrong)} 处同一单位、同一月份有两份不同的数，没有汇总", wrong)
    _refuse_two_levels([(path, facts) for path, facts in of_year if path in picked])
    names = _names((facts for _, facts in of_year), expected)
    months = {
        programme: tuple(sorted(each for key, each in taken if key == programme))
        for programme in names
    }
    names = {key: name for key, name in names.items() if months[key]}
    if not names:
        raise Refused(f"给的文件里没有 {month or '任何月份'} 的汇总数据；请核对文件夹和月份")
    known = {fold(each) for pair in names.items() for each in pair}
    absent = tuple(dict.fromkeys(each for each in expected if fold(each) not in known))
    told += [_told("export-absent", f"“{each}”没有汇总数据，不知道，不当作 0") for each in absent]
    told += _gaps_told(month, names, months)
    every = {path: len(facts.months) for path, facts in of_year}
    picks = tuple(Pick(p, tuple(found), len(found) < every[p]) for p, found in picked.items())
    whose = tuple((str(path), facts) for path, facts in of_year if path in picked)
    return Chosen(month, picks, names, months, absent, tuple(told), whose)


def _refuse_two_levels(exports: Sequence[tuple[Path, ExportFacts]]) -> None:
    """Refused where exports say that they are of several levels: one's figures are in another's."""
    first: dict[str, str] = {}
    for path, facts in exports:
        if facts.level:
            first.setdefault(facts.level, path.name)
    if len(first) > 1:
        says = "、".join(f"{name} 是“{level}”的" for level, name in first.items())
        raise Refused(
            f"{says}：上级的数里已经有下级的，加在一起会算两次，没有汇总；请只放同一级的。"
            "其实是同一级的，请对方用同样的 --level 重新导出"
        )


def _told(code: str, says: str, path: Path | None = None) -> Problem:
    return make(code, says, found=path.name if path else "", severity=WARNING)


def _names(facts: Iterable[ExportFacts], expected: Sequence[str]) -> dict[str, str]:
    """The programmes by id, in the order expected; names that two of them have get the id behind."""
    latest: dict[str, tuple[str, str]] = {}
    for each in facts:
        latest[each.programme] = max(
            latest.get(each.programme, ("", "")), (each.made_at, each.name)
        )
    names = {programme: name for programme, (_, name) in latest.items()}
    shared = [fold(name) for name in names.values()]
    worded = {
        programme: f"{name}（{programme}）" if shared.count(fold(name)) > 1 else name
        for programme, name in names.items()
    }
    order = {fold(each): number for number, each in enumerate(expected)}

    def place(each: tuple[str, str]) -> tuple[int, str, str]:
        return min(order.get(fold(word), len(order)) for word in each), each[1], each[0]

    return dict(sorted(worded.items(), key=place))


def _gaps_told(
    month: str, names: Mapping[str, str], months: Mapping[str, tuple[str, ...]]
) -> Iterator[Problem]:
    for programme, name in names.items():
        there = months[programme]
        if month not in there:
            says = (
                f"“{name}”没有 {month} 的汇总数据，累计只到 {there[-1]}；本月的数不知道，不当作 0"
            )
            yield _told("export-absent", says)


_Rows = Mapping[tuple[str, str], Sequence[LevelRow]]


class LevelTotals(NamedTuple):
    """The totals of many programmes, with the settings that the sheets are laid out by.

    ``lacking`` are lines of what is missing: programme, indicator, how many units, their names.
    ``whole_year`` says that every programme gave every month, so that months can be shown side by side.
    """

    config: Config
    totals: Totals
    lacking: tuple[tuple[str, str, int, str], ...]
    whole_year: bool


_NAMED = 30


def add_up(exports: Exports, chosen: Chosen, title: str) -> LevelTotals:
    """The totals of a month. Refused where an indicator is not the same in all programmes."""
    wholes: dict[tuple[str, str], list[LevelRow]] = {}
    for programme, row in exports.wholes():
        wholes.setdefault((programme, row.indicator), []).append(row)
    indicators = _indicators(wholes, chosen)
    units = {(e.programme, e.indicator, e.month): e for e in exports.unit_sums()}
    _refuse_unequal(wholes, units, chosen)
    number = int(chosen.month[5:])
    districts = [District(key, name) for key, name in chosen.programmes.items()]
    districts += [District(f"缺{n}", name) for n, name in enumerate(chosen.absent, 1)]
    settings = _settings(chosen, title)
    adder = _Adder(chosen, wholes, units, settings)
    pairs = {
        (each.code, item.code): adder.pair(each.code, item)
        for each in districts
        for item in indicators
    }
    targets = {key: each.target for key, each in pairs.items() if each.target is not None}
    config = Config(settings, tuple(districts), indicators, {}, targets, {}, ())
    config = config._replace(openings=adder.of_whole("opening"))
    sums = Sums(adder.this_month(), {}, adder.of_whole("corrections"), adder.trend(indicators))
    shown: dict[Pair, Number | str] = {
        key: each.cumulative for key, each in pairs.items() if each.cumulative is not None
    }
    this_month: dict[Pair, Number | str] = dict(sums.this_month)
    for programme, code in adder.apart():
        this_month.setdefault((programme, code), NOT_APPLICABLE_MARK)
        shown.setdefault((programme, code), NOT_APPLICABLE_MARK)
    lines = tuple(total_indicator(item, config, number, sums, pairs) for item in indicators)
    beside = {item.code: SamePeriod() for item in indicators}
    totals = Totals(chosen.month, lines, this_month, shown, pairs, beside, ())
    labels = {item.code: item.label for item in indicators}
    lacking = tuple(
        (chosen.programmes[programme], labels[code], count, names)
        for programme, code, count, names in exports.lacking(chosen.month, _NAMED)
    )
    return LevelTotals(config, totals, lacking, adder.whole_year())


def _refuse_unequal(
    wholes: _Rows, units: Mapping[tuple[str, str, str], UnitSums], chosen: Chosen
) -> None:
    """Refused where units do not add up to the whole that stands beside them."""
    problems = []
    alone = units.keys() - {(*key, row.month) for key, rows in wholes.items() for row in rows}
    for programme, code, month in sorted(alone):
        says = f"“{chosen.programmes[programme]}”{month} 的指标 {code} 没有合计"
        problems.append(make("export-broken", says))
    for (programme, code), rows in wholes.items():
        for row in rows:
            unit = units.get((programme, code, row.month))
            added = None if unit is None else _plain(unit.cumulative)
            if unit is not None and (row.measure == RATE or _equal(added, row.cumulative)):
                continue
            name, found = chosen.programmes[programme], _text(added)
            says = f"“{name}”{row.month} 的“{row.label}”各单位相加是 {found}，合计写的是 {_text(row.cumulative)}"
            problems.append(
                make("export-broken", says, found=found, expected=_text(row.cumulative))
            )
    if problems:
        raise Refused(f"有 {len(problems)} 处相加和合计不一样，没有汇总；请对方重新导出", problems)


def _equal(one: Number | None, other: Number | None) -> bool:
    return one is other if one is None or other is None else nearly_equal(one, other)


def _text(value: Number | None) -> str:
    return "空" if value is None else number_text(value)


def _settings(chosen: Chosen, title: str) -> Settings:
    """The settings of the sheets: nobody sets any, so those of a new master."""
    defaults: dict[str, Any] = {spec.key: spec.default for spec in SETTINGS}
    said = {"title": title, "year": int(chosen.month[:4]), "month": chosen.month}
    return Settings(**{**defaults, **said})


def _indicators(wholes: _Rows, chosen: Chosen) -> tuple[Indicator, ...]:
    """The indicators of all programmes. Refused with each that is not the same in all."""
    first: dict[str, tuple[str, LevelRow]] = {}
    labels: dict[str, tuple[str, str]] = {}
    problems: list[Problem] = []
    for (programme, code), rows in sorted(wholes.items(), key=lambda each: each[0][::-1]):
        row, name = rows[-1], chosen.programmes[programme]
        before, known = first.setdefault(code, (name, row))
        for what, mine, theirs in _compared(row, known):
            if fold(mine) != fold(theirs):
                says = (
                    f"指标 {code} 的{what}在“{before}”是“{theirs}”，在“{name}”是“{mine}”，不能相加"
                )
                problems.append(make("export-differs", says, found=mine, expected=theirs))
        whose, other = labels.setdefault(fold(row.label), (name, code))
        if other != code:
            says = f"“{row.label}”在“{whose}”是 {other}，在“{name}”是 {code}，不知道是不是同一项"
            problems.append(make("export-differs", says, found=code, expected=other))
    if problems:
        raise Refused(
            f"有 {len(problems)} 处指标在各单位不一样，没有汇总；请先统一代码、名称、单位和口径，再请对方重新导出",
            problems,
        )
    return tuple(
        Indicator(
            code,
            tuple(row.label.split(SHOWN_PATH)),
            row.unit_of,
            row.measure,
            whole=row.whole,
            weight=row.weight,
        )
        for code, (_, row) in sorted(first.items())
    )


def _compared(one: LevelRow, other: LevelRow) -> Iterator[tuple[str, str, str]]:
    yield "名称", one.label, other.label
    yield "计量单位", one.unit_of, other.unit_of
    yield "口径", MEASURE_LABELS[one.measure], MEASURE_LABELS[other.measure]
    yield "“合计按”", one.weight, other.weight


class _Adder:
    """What programmes come to, each in the place of a district."""

    def __init__(
        self,
        chosen: Chosen,
        wholes: _Rows,
        units: Mapping[tuple[str, str, str], UnitSums],
        settings: Settings,
    ) -> None:
        self._chosen, self._wholes, self._units = chosen, wholes, units
        self._settings, self._number = settings, int(chosen.month[5:])

    def _last(self, programme: str, code: str) -> tuple[LevelRow, UnitSums] | None:
        """The whole and the sums of its units in a programme's last month, None where it has no such."""
        rows = self._wholes.get((programme, code))
        if not rows:
            return None
        return rows[-1], self._units[programme, code, rows[-1].month]

    def pair(self, programme: str, item: Indicator) -> PairTotals:
        """A programme with an indicator at the month's end."""
        every = tuple(range(1, self._number + 1))
        if programme not in self._chosen.programmes:
            return PairTotals(programme, item.code, None, None, None, every, every, (), NO_LIGHT)
        found = self._last(programme, item.code)
        if found is None:
            return PairTotals(programme, item.code, None, None, None, (), (), (), NO_LIGHT)
        row, unit = found
        through = int(row.month[5:])
        missing = {int(each) for each in row.missing.split(",") if each}
        expected = set(range(through - unit.expected + 1, through + 1)) | missing
        if unit.units:
            later = range(through + 1, self._number + 1)
            missing |= {*later}
            expected |= {*later}
        rate = item.measure == RATE
        cumulative = row.cumulative if rate else _plain(unit.cumulative)
        target = row.target if rate else _plain(unit.target)
        settings = self._settings
        light = judge_light(item, cumulative, target, row.due, settings.near, settings.behind)
        return PairTotals(
            programme,
            item.code,
            _plain(cumulative),
            _plain(target),
            _plain(row.due),
            tuple(sorted(expected)),
            tuple(sorted(missing)),
            (),
            light if expected or cumulative is not None else NO_LIGHT,
            row.opening_missing,
            _plain(unit.accrued),
            row.weight_missing,
        )

    def _now(self) -> Iterator[tuple[Pair, UnitSums]]:
        for programme, code, month in self._units:
            if month == self._chosen.month:
                yield (programme, code), self._units[programme, code, month]

    def this_month(self) -> dict[Pair, Number]:
        """What is known of the month; of a state what it added."""
        return {
            key: without_noise(each.value)
            for key, each in self._now()
            if each.value is not None and self._wholes[key][-1].measure != RATE
        }

    def apart(self) -> Iterator[Pair]:
        """Where every unit says that it does not apply."""
        return (key for key, e in self._now() if e.value is None and e.apart and not e.lacking)

    def of_whole(self, name: str) -> dict[Pair, Number]:
        """One of the figures that programmes give of the whole alone."""
        found = {key: getattr(rows[-1], name) for key, rows in self._wholes.items()}
        return {key: without_noise(value) for key, value in found.items() if value is not None}

    def trend(self, indicators: Sequence[Indicator]) -> dict[tuple[str, int], Number]:
        """What each month added, or how things were at its end."""
        found: dict[tuple[str, int], Number] = {}
        for item in indicators:
            rows = [r for (_, code), rs in self._wholes.items() if code == item.code for r in rs]
            if item.measure == RATE:
                found |= self._rates(item)
                continue
            for month in {row.month for row in rows}:
                sums = (self._units.get((p, item.code, month)) for p in self._chosen.programmes)
                values = [
                    value
                    for each in sums
                    if each is not None
                    and (value := each.value if item.measure in ADDED_UP else each.cumulative)
                    is not None
                ]
                if values:
                    found[item.code, int(month[5:])] = without_noise(sum(values))
        return found

    def _rates(self, item: Indicator) -> Iterator[tuple[tuple[str, int], Number]]:
        by_month: dict[str, dict[str, dict[str, Number]]] = {}
        for code in (item.code, item.weight):
            for programme in self._chosen.programmes:
                for row in self._wholes.get((programme, code), ()):
                    if row.cumulative is not None:
                        by_code = by_month.setdefault(row.month, {})
                        by_code.setdefault(code, {})[programme] = row.cumulative
        for month, known in by_month.items():
            mean = weighted_mean(known.get(item.code, {}), known.get(item.weight, {}))
            if mean is not None:
                yield (item.code, int(month[5:])), mean

    def whole_year(self) -> bool:
        """Whether every programme gave every month from its first on."""
        firsts = {facts.programme: facts.first_month for _, facts in self._chosen.facts}
        return not self._chosen.absent and all(
            [int(each[5:]) for each in self._chosen.months[programme]]
            == list(range(first, self._number + 1))
            for programme, first in firsts.items()
            if programme in self._chosen.programmes
        )


def _plain(value: float | None) -> Number | None:
    return None if value is None else without_noise(value)
