"""考核 of a month: what the ledger and the roll call say of each district, and the scores that follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xl_addin.master.read.score_rules import read_scheme
from xl_addin.master.score_book import ScoreBook, nothing_scored
from xl_addin.master.standings import weight_of
from xl_addin.model.calendar import days_late, deadline, is_on_time, months_of
from xl_addin.model.records import ACCEPTED, HELD, District
from xl_addin.model.result import ResultTable
from xl_addin.model.scoring import NOT_JUDGED, PAPERS, WORKS, Scheme
from xl_addin.model.settings import BY_SCORE, PRO_RATA, Config
from xl_addin.services.month_totals import month_totals
from xl_addin.services.programme import Programme
from xl_addin.services.roll_call import RollCall, call_roll
from xl_addin.store.publications import last_published_ranks
from xl_addin.store.scored import (
    FigurePlace,
    FirstReturn,
    figure_places,
    first_returns,
    last_recompute,
    returned_files,
)
from xl_addin.system.errors import Outdated
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Any

    from xl_addin.master.host.base import Change
    from xl_addin.master.pair_totals import Pair, PairTotals
    from xl_addin.master.scoring import Achieved, Facts, Lost, Paper, Report, Score, Source, Work
    from xl_addin.master.totals import Totals


class MonthFigures(NamedTuple):
    """A month's totals with the ranks that people see, what 考核 says, and its scores, none where it is off."""

    totals: Totals
    scheme: Scheme
    book: ScoreBook


def month_figures(programme: Programme, month: str, moment: str = "") -> MonthFigures:
    """A month as the sheets show it.

    ``moment`` is when it is looked who is late; else the month's last recompute, by which the sheets stand.
    """
    config, ledger = programme.config, programme.ledger
    moment = moment or last_recompute(ledger, month) or programme.now()
    totals = month_totals(ledger, config, month)
    scheme = read_scheme(programme.host, config)
    names = {each.code: each.name for each in config.districts}
    book = ScoreBook(month, moment, (), (), names, config.settings.rank_by)
    if scheme.in_force:
        scores = _scores(programme, totals, scheme, moment)
        book = book._replace(rules=scheme.rules, scores=scores)
        totals = totals._replace(scores={each.district: each for each in scores})
    if config.settings.rank_by == BY_SCORE:
        totals = _ranked_by_score(totals, last_published_ranks(ledger, month, by_score=True))
    return MonthFigures(totals, scheme, book)


def shown_scores(programme: Programme, book: ScoreBook) -> list[Change]:
    """What 得分 and 扣分明细 become; nothing where nobody is scored and nobody was, or there are none yet."""
    try:
        nothing = nothing_scored(programme.host, book)
        if nothing is not None:
            return [nothing]
        from xl_addin.master.score_sheets import score_changes

        return score_changes(programme.host, book)
    except Outdated:
        return []


def _ranked_by_score(totals: Totals, published: Mapping[str, int]) -> Totals:
    """The ranks by score; nobody has one where there are no scores."""
    standings = []
    for each in totals.standings:
        score = totals.scores.get(each.code)
        rank = None if score is None else score.rank
        before = published.get(each.code)
        change = before - rank if rank and before else None
        standings.append(each._replace(rank=rank, change=change))
    return totals._replace(standings=tuple(standings), ranked_by=BY_SCORE)


def _scores(programme: Programme, totals: Totals, scheme: Scheme, moment: str) -> list[Score]:
    from xl_addin.master.scoring import score_districts

    facts = dict(_all_facts(programme, totals, scheme, moment))
    return score_districts(scheme.rules, scheme.manual, facts)


def _all_facts(
    programme: Programme, totals: Totals, scheme: Scheme, moment: str
) -> Iterator[tuple[str, Facts]]:
    from xl_addin.master.scoring import Facts

    config, ledger, month = programme.config, programme.ledger, totals.month
    span = (months_of(config.settings.year)[0], month)
    firsts, places = first_returns(ledger, *span), figure_places(ledger, *span)
    roll, pairs = call_roll(programme), _pairs(programme, totals)
    ways = {rule.way for rule in scheme.rules}
    papers = _paper_facts(programme, month, moment) if PAPERS in ways else {}
    works = _work_facts(programme, month) if WORKS in ways else {}
    districts = {each.code: each for each in config.districts}
    for standing in totals.standings:
        district = districts[standing.code]
        yield (
            district.code,
            Facts(
                month,
                list(_reports(district, month, roll, firsts, config, moment)),
                list(_achieved(district, pairs, places, config)),
                papers.get(district.code, ()),
                works.get(district.code, ()),
                standing.rank,
            ),
        )


def _paper_facts(programme: Programme, month: str, moment: str) -> dict[str, list[Paper]]:
    """By district the papers whose term came no later than that of the month's returns.

    One that waits for a person says nothing yet, nor one that may still come in time.
    """
    from xl_addin.master.scoring import Paper, Source
    from xl_addin.services.paper_standing import paper_standings

    last_term = deadline(month, programme.basics.settings.deadline_day)
    found: dict[str, list[Paper]] = {}
    for each in paper_standings(programme):
        due, done, last = each.paper.due, each.complete_at, each.speaks
        if due > last_term or (not done and (each.verdict == HELD or moment <= due)):
            continue
        source = last and Source(last.file, "", last.received_at, last.sha256)
        fact = Paper(each.paper.name, due[:10], days_late(due, done or moment), source, bool(done))
        found.setdefault(each.district.code, []).append(fact)
    return found


def _work_facts(programme: Programme, month: str) -> dict[str, list[Work]]:
    """By district the items of which a report counts in a month; what was not reported is not known."""
    from xl_addin.master.scoring import Source, Work
    from xl_addin.model.work_items import BEHIND, NOT_CONCERNED, STATE_LABELS
    from xl_addin.services.work_ledger import work_standings

    known = [
        each
        for each in work_standings(programme, month).values()
        if each.verdict == ACCEPTED and each.state != NOT_CONCERNED
    ]
    files = returned_files(programme.ledger, {each.receipt for each in known})
    found: dict[str, list[Work]] = {}
    for each in known:
        why = f"过了时限 {each.term}，还没有完成" if each.late else STATE_LABELS[each.state]
        file, sha256 = files.get(each.receipt, ("", ""))
        cell = f"{each.sheet}!{each.report.cell}" if each.report and each.sheet else ""
        source = Source(file, cell, each.received_at, sha256, each.receipt)
        behind = each.late or each.state == BEHIND
        title = f"{each.item.number} {each.item.title}"
        found.setdefault(each.district, []).append(Work(title, behind, why, source))
    return found


def _pairs(programme: Programme, totals: Totals) -> Mapping[Pair, PairTotals]:
    """Every district with every indicator, compared with what was due in the months that count.

    A month that is missing costs under the returns and nowhere else, whatever 缺月办法 says of lights.
    """
    config = programme.config
    if config.settings.missing_months == PRO_RATA:
        return totals.pairs
    fair = config._replace(settings=config.settings._replace(missing_months=PRO_RATA))
    return month_totals(programme.ledger, fair, totals.month).pairs


def _achieved(
    district: District,
    pairs: Mapping[Pair, PairTotals],
    places: Mapping[tuple[str, str], FigurePlace],
    config: Config,
) -> Iterator[Achieved]:
    from xl_addin.master.scoring import Achieved, Source

    for item in config.indicators:
        pair, weight = pairs[district.code, item.code], weight_of(item)
        if weight > 0 and pair.target and pair.due is not None and pair.cumulative is not None:
            place = places.get((district.code, item.code))
            source = Source("年初累计")
            if place is not None:
                cell = f"{place.sheet}!{place.cell}" if place.sheet else place.cell
                source = Source(place.file, cell, place.received_at, place.sha256, place.receipt)
            yield Achieved(item.name, weight, pair.cumulative, pair.due, source)


def _reports(
    district: District,
    month: str,
    roll: RollCall,
    firsts: Mapping[tuple[str, str], FirstReturn],
    config: Config,
    moment: str,
) -> Iterator[Report]:
    """The months up to this one whose term is over, or whose return counts."""
    from xl_addin.master.scoring import Report, Source

    settings = config.settings
    for at in months_of(settings.year)[settings.first_month - 1 : int(month[5:])]:
        answer = roll.answer(district, at)
        counts = answer.verdict == ACCEPTED
        open_still = is_on_time(at, moment, settings.deadline_day)
        if not district.reports(at) or (open_still and not counts):
            continue
        status, first = answer.status, firsts.get((district.code, at))
        source = None
        came = moment
        if status is not None:
            passed = status.passed
            source = Source(passed.file, "", passed.received_at, passed.sha256, passed.id)
            came = passed.received_at if counts else moment
        days = days_late(deadline(at, settings.deadline_day), came)
        errors, where = (None, None) if first is None else _errors_of(first)
        verdict = answer.verdict
        yield Report(at, verdict, 0 if verdict == HELD else days, source, errors, where)


def _errors_of(first: FirstReturn) -> tuple[int, Source]:
    """How many errors a return came with, and their cells; doubts whose it is are no errors."""
    from xl_addin.master.scoring import Source
    from xl_addin.model.problems import DOUBTS

    wrong = [each for each in first.errors if each[0] not in DOUBTS]
    cells = [f"{sheet}!{cell}" if sheet else cell for _, sheet, cell in wrong if cell]
    named = "、".join(cells[:_NAMED]) + (f"等 {len(cells)} 格" if len(cells) > _NAMED else "")
    return len(wrong), Source(first.file, named, first.received_at, first.sha256, first.receipt)


_NAMED = 6


def score_tables(book: ScoreBook) -> tuple[ResultTable, ...]:
    """The scores as people read them on a terminal, the first first; none where nobody is scored."""
    if not book.scores:
        return ()

    def points(value: Decimal | None) -> str:
        return NOT_JUDGED if value is None else f"{value:.2f}"

    rows = [
        (
            book.names[each.district],
            *(points(item.points) for item in each.items),
            f"{each.by_hand:+.2f}" if each.manual else "",
            points(each.total),
            str(each.rank or ""),
        )
        for each in sorted(book.scores, key=lambda each: each.rank or 10**9)
    ]
    headings = ("区县", *(rule.item for rule in book.rules), "手工加减", "总分", "名次")
    numbers = frozenset(range(1, len(headings)))
    return (ResultTable(f"截至 {book.month} 考核得分", headings, rows, numbers),)


def scores_json(book: ScoreBook) -> list[dict[str, Any]]:
    """The scores as ``--json`` prints them; what cannot be judged is null."""
    return [
        {
            "district": book.names[each.district],
            "code": each.district,
            "total": None if each.total is None else float(each.total),
            "rank": each.rank,
            "items": [
                {
                    "item": item.rule.item,
                    "full": float(item.rule.full),
                    "points": None if item.points is None else float(item.points),
                    "lost": [_lost_json(lost) for lost in item.lost],
                }
                for item in each.items
            ],
            "manual": [
                {
                    "item": given.item,
                    "points": float(points),
                    "reason": given.reason,
                    "cell": given.cell,
                }
                for given, points in each.manual
            ],
        }
        for each in book.scores
    ]


def _lost_json(lost: Lost) -> dict[str, Any]:
    source = lost.source
    receipt = (
        None if source is None else {k: v for k, v in source._asdict().items() if k != "receipt"}
    )
    return {
        "month": lost.month,
        "reason": lost.reason,
        "points": float(lost.points),
        "receipt": receipt,
    }
