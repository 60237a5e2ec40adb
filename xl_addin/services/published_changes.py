"""Which figures and scores that went out in a bulletin have changed since, and through which return."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xl_addin.model.records import Number
from xl_addin.services.programme import Programme
from xl_addin.store.publications import (
    BULLETIN,
    CUMULATIVE,
    SCORE,
    LaterReturn,
    Publication,
    PublishedFigure,
    publications,
    published_figures,
    returns_since,
)
from xl_addin.store.year_figures import read_years
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx.values import number_text

if TYPE_CHECKING:
    from typing import Any

    from xl_addin.master.totals import Totals


class PublishedChange(NamedTuple):
    """A cumulative, or without an indicator a score, that is another now than in a bulletin. None is not known.

    ``receipt`` is the return that brought it, None where none did: a run was undone, or what the
    programme is set to was changed.
    """

    publication: Publication
    district: str
    district_name: str
    indicator: str
    indicator_name: str
    published: Number | None
    now: Number | None
    receipt: LaterReturn | None

    @property
    def sentence(self) -> str:
        """The change as a clause of a bulletin."""
        number = int(self.publication.month[5:])
        what = (
            f"“{self.indicator_name}”{number}月底累计" if self.indicator else f"{number}月考核得分"
        )
        return f"{self.district_name}{what}由{_said(self.published)}更正为{_said(self.now)}"

    @property
    def line(self) -> str:
        """The change for staff: where it was printed, and what changed it."""
        where = f"第{self.publication.number}期通报（{self.publication.month}）"
        what = f"“{self.indicator_name}”累计" if self.indicator else "考核得分"
        if self.receipt is None and not self.indicator:
            why = "没有新的回收件，是迟报的天数、材料、重点工作、手工加减或者考核规则有变"
        elif self.receipt is None:
            why = "没有新的回收件，是撤销过操作，或者任务表、年初累计等设置改过"
        else:
            why = f"{self.receipt.received_at[:16]} 收到的“{self.receipt.file}”（{self.receipt.month}）"
        return (
            f"{where}：{self.district_name}{what}发布时是 {_said(self.published)}，"
            f"现在是 {_said(self.now)}；{why}"
        )

    def as_json(self) -> dict[str, Any]:
        """The change as ``--json`` prints it."""
        return {
            "month": self.publication.month,
            "number": self.publication.number,
            "district": self.district,
            "indicator": self.indicator or None,
            "published": self.published,
            "now": self.now,
            "receipt": None if self.receipt is None else self.receipt._asdict(),
        }


def _said(value: Number | None) -> str:
    return "没有数据" if value is None else number_text(value)


def published_changes(programme: Programme, known: Totals | None = None) -> list[PublishedChange]:
    """What changed in the last bulletin of each month; ``known`` are totals that are at hand.

    What a later bulletin could already tell is not told again. Nothing is computed for a bulletin
    since which no return of its months came and no run was taken back, unless its totals are at hand.
    """
    last: dict[str, Publication] = {}
    for each in publications(programme.ledger):
        if each.kind == BULLETIN:
            last[each.month] = each
    if not last:
        return []
    newest = max(last.values(), key=lambda each: each.id)
    since = returns_since(programme.ledger, newest)
    found: list[PublishedChange] = []
    for publication in last.values():
        at_hand = known if known is not None and known.month == publication.month else None
        returns = {
            district: [each for each in came if each.month <= publication.month]
            for district, came in since.returns.items()
        }
        came = any(returns.values()) or since.undone
        if came or (at_hand is not None and publication is newest):
            found += _compare(programme, publication, at_hand, returns, publication is newest)
    return found


def _compare(
    programme: Programme,
    publication: Publication,
    at_hand: Totals | None,
    returns: Mapping[str, Sequence[LaterReturn]],
    is_newest: bool,
) -> Iterator[PublishedChange]:
    config = programme.config
    printed = published_figures(programme.ledger, publication.id)
    totals = at_hand
    if totals is None and any(each.kind == SCORE for each in printed):
        from xl_addin.services.scoring import month_figures

        totals = month_figures(programme, publication.month).totals
    elif totals is None:
        from xl_addin.master.totals import compute_totals

        figures = read_years(programme.ledger, publication.month)
        totals = compute_totals(figures, config, publication.month)
    districts = {each.code: each.name for each in config.districts}
    indicators = {each.code: each.label for each in config.indicators}
    # Where nobody is scored any more no score has changed.
    kinds = (CUMULATIVE, SCORE) if totals.scores else (CUMULATIVE,)
    for figure in printed:
        if figure.kind not in kinds or not figure.district:
            continue
        now = _now(figure, totals)
        if not _differ(figure.value, now):
            continue
        came = returns.get(figure.district, ())
        if came or is_newest:
            yield PublishedChange(
                publication,
                figure.district,
                districts.get(figure.district, figure.district),
                figure.indicator,
                indicators.get(figure.indicator, figure.indicator),
                figure.value,
                now,
                came[-1] if came else None,
            )


def _now(figure: PublishedFigure, totals: Totals) -> Number | None:
    if figure.kind == SCORE:
        score = totals.scores.get(figure.district)
        return None if score is None or score.total is None else float(score.total)
    pair = totals.pairs.get((figure.district, figure.indicator))
    return None if pair is None else pair.cumulative


def _differ(one: Number | None, other: Number | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) > 1e-9 * max(1.0, abs(one))
