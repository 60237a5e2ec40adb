"""What 进度表 and 区县单页 show, computed beside their formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from xl_addin.master.build.page_formulas import (
    NO_DATA,
    RANKED_BY_SCORE,
    REMARK_BEGINS,
    UNKNOWN_DISTRICT,
    course_text,
)
from xl_addin.master.indicator_totals import IndicatorTotals, difference, ratio
from xl_addin.master.pair_totals import Pair, PairTotals, counted_text, month_names, other_gaps
from xl_addin.master.standings import Standing, worst_months
from xl_addin.model.lights import GREY, NO_LIGHT
from xl_addin.model.records import ADDED_UP, Number
from xl_addin.model.settings import BY_SCORE, Config
from xl_addin.model.sheets import LACKING, NOT_APPLICABLE_MARK, SEPARATOR
from xl_addin.store.year_figures import Years
from xl_addin.system.light import Protocol
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.textsize import text_width
from xl_addin.xlsx.values import number_text

REMARK_WIDTH = 96
"""How many narrow characters 备注 shows: two lines of it."""


class Shown(Protocol):
    """What the sheets are computed from: a month's totals."""

    @property
    def month(self) -> str:
        """The month that they are of."""

    @property
    def indicators(self) -> tuple[IndicatorTotals, ...]:
        """Every indicator over all districts."""

    @property
    def pairs(self) -> Mapping[Pair, PairTotals]:
        """Every district with every indicator."""

    @property
    def this_month(self) -> Mapping[Pair, Number | str]:
        """What 本月完成 shows."""

    @property
    def cumulative(self) -> Mapping[Pair, Number | str]:
        """What 累计完成 shows."""

    @property
    def courses(self) -> Mapping[Pair, Mapping[int, Number | str]]:
        """What each month had."""

    @property
    def standings(self) -> tuple[Standing, ...]:
        """The districts that report in the month."""

    @property
    def ranked_by(self) -> str:
        """What ranks go by, as 设置 says it."""

    @property
    def remarks(self) -> Mapping[str, Sequence[str]]:
        """By district what it wrote beside its figures."""


class Courses(Mapping[Pair, Mapping[int, "Number | str"]]):
    """By pair what was reported for each month; ``—`` is not applicable. Made when it is asked for.

    What was reported under another kind of measure than the indicator has now is no such figure.
    """

    def __init__(self, years: Years, config: Config) -> None:
        self._years = years
        self._adds = {item.code: item.measure in ADDED_UP for item in config.indicators}

    def __getitem__(self, pair: Pair) -> Mapping[int, Number | str]:
        """The months of one pair, in order."""
        year, adds = self._years[pair], self._adds[pair[1]]
        found: dict[int, Number | str] = {}
        for month, value in enumerate(year.values, 1):
            if year.apart >> month & 1:
                found[month] = NOT_APPLICABLE_MARK
            elif value is not None and bool(year.states >> month & 1) != adds:
                found[month] = value
        return found

    def __iter__(self) -> Iterator[Pair]:
        """Every pair of which anything came."""
        return iter(self._years)

    def __len__(self) -> int:
        """How many these are."""
        return len(self._years)


def course_shown(months: Mapping[int, Number | str]) -> str | None:
    """What 各月完成 says of them; nothing where nothing came."""
    texts = {at: v if isinstance(v, str) else number_text(v) for at, v in months.items()}
    return course_text(texts) or None


def months_texts(pairs: Iterable[PairTotals]) -> tuple[str | None, str | None]:
    """How many months count of a district's indicators, and which of them are missing in some."""
    mine = list(pairs)
    worst = worst_months(mine)
    missing = {month for each in mine for month in each.months_missing}
    expected = len(worst.months_expected)
    lost = [*other_gaps(mine), *([month_names(missing)] if missing else [])]
    return f"{worst.months_counted}/{expected}" if expected else None, SEPARATOR.join(lost) or None


def remark_text(gaps: str | None, said: Sequence[str], width: int = REMARK_WIDTH) -> str | None:
    """备注: the months that are missing, then what the district wrote, as far as there is room.

    What does not fit is told by number: ``等3条``.
    """
    parts = [f"{LACKING}{gaps}"] if gaps else []
    for number, text in enumerate(said):
        left = len(said) - number
        room = width - text_width("；".join((*parts, ""))) - (8 if left > 1 else 0)
        if text_width(text) > room and number:
            parts.append(f"等{len(said)}条说明")
            break
        parts.append(_clip(text, max(room, 12)))
    return "；".join(parts) or None


def full_remark(shown: Shown, district: str) -> str | None:
    """What stands below the figures of a page, with all that the district wrote."""
    _, gaps = months_texts(_pairs_of(shown, district))
    parts = [f"{LACKING}{gaps}"] if gaps else []
    return _below("；".join((*parts, *shown.remarks.get(district, ()))), shown)


def _below(remark: str | None, shown: Shown) -> str | None:
    ranked = RANKED_BY_SCORE if shown.ranked_by == BY_SCORE else ""
    return f"{ranked}{REMARK_BEGINS}{remark}" if remark else ranked or None


def _clip(text: str, width: int) -> str:
    if text_width(text) <= width:
        return text
    kept = ""
    for sign in text:
        if text_width(kept + sign) > width - 2:
            break
        kept += sign
    return f"{kept}…"


def standing_cells(shown: Shown, standing: Standing | None, district: str) -> tuple[Value, ...]:
    """What 进度表 says of a district as a whole: 综合完成率, 灯, 名次, 备注."""
    _, gaps = months_texts(_pairs_of(shown, district))
    remark = remark_text(gaps, shown.remarks.get(district, ()))
    if standing is None:
        return None, None, None, remark
    return standing.rate, standing.light or None, standing.rank, remark


def _pairs_of(shown: Shown, district: str) -> list[PairTotals]:
    return [shown.pairs[district, line.code] for line in shown.indicators]


def page_value(kind: str, chosen: str, code: str, shown: Shown) -> Value:
    """What a formula of 区县单页 comes to for a district; None is an empty text."""
    if not chosen:
        return {"month": shown.month, "remark": UNKNOWN_DISTRICT}.get(kind)
    if not code:
        return dict(_head(shown, chosen))[kind]
    if kind == "course":
        text = course_shown(shown.courses.get((chosen, code), {}))
        return f"{SEPARATOR}{text or ''}{SEPARATOR}"
    if kind.startswith("month_"):
        number = int(kind.removeprefix("month_").removesuffix("月"))
        return shown.courses.get((chosen, code), {}).get(number)
    return _line_value(kind, (chosen, code), shown)


def _head(shown: Shown, chosen: str) -> Iterator[tuple[str, Value]]:
    standing = next((each for each in shown.standings if each.code == chosen), None)
    rate, light, place, remark = standing_cells(shown, standing, chosen)
    counted, gaps = months_texts(_pairs_of(shown, chosen))
    yield "code", chosen
    yield "month", shown.month
    yield "rate", NO_DATA if rate is None else rate
    yield "rank", place
    yield "standing_light", light
    yield "standing_months", f"{counted or ''} {LACKING}{gaps}" if gaps else counted
    yield "remark", _below(remark if isinstance(remark, str) else None, shown)


def _line_value(kind: str, pair: Pair, shown: Shown) -> Value:
    found = shown.pairs[pair]
    cumulative = shown.cumulative.get(pair)
    known = cumulative if isinstance(cumulative, int | float) else None
    share = ratio(known, found.target)
    values: dict[str, Value] = {
        "target": found.target,
        "due": found.due,
        "cumulative": cumulative,
        "share": share,
        "gap": difference(known, found.due),
        "light": found.light or None,
        "this_month": shown.this_month.get(pair),
        "counted": counted_text(found),
        "due_share": ratio(found.due, found.target),
    }
    if kind.startswith("bar_"):
        lit = GREY if found.light == NO_LIGHT else found.light
        return share if kind == f"bar_{lit}" else None
    return values[kind]
