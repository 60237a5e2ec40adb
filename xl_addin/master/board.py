"""What 看板 says of a month: figures, names, every district in order of rank, and what its charts draw.

All of it are values that recompute owns. A cell that is not known is empty, which charts draw as nothing
in Excel as in LibreOffice; an empty text would be drawn by a line as 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from xl_addin.master.host.base import Change, Host
from xl_addin.master.indicator_totals import IndicatorTotals, ratio
from xl_addin.master.pair_totals import PairTotals, month_runs
from xl_addin.master.read.blocks import Block, find_columns, key_text
from xl_addin.master.standings import Standing, by_rank, shown_percent, stand_together, weight_of
from xl_addin.master.totals import Totals
from xl_addin.model.calendar import LATE, ON_TIME
from xl_addin.model.lights import BLUE, GREEN, LIGHTS, NO_LIGHT, RED, YELLOW, light_of_gap
from xl_addin.model.records import ADDED_UP, MISSING, VERDICT_LABELS, Indicator, Number
from xl_addin.model.schedule import cumulative_shares
from xl_addin.model.settings import BY_SCORE, IN_FULL, PRO_RATA, UNRANKED, Config
from xl_addin.model.sheets import (
    BARS_BLOCK,
    BARS_HEADINGS,
    BOARD_NOTE,
    COLUMNS_BLOCK,
    COLUMNS_HEADINGS,
    COURSE_BLOCK,
    COURSE_HEADINGS,
    FIGURE_KEYS,
    FIGURES_BLOCK,
    MONTH_HEADINGS,
    NAME_KEY,
    NAMES_BLOCK,
    NAMES_KEYS,
    NOT_APPLICABLE_MARK,
    RANKING_BLOCK,
    RANKING_HEADINGS,
    SEPARATOR,
)
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value

NOTHING_YET = "还没有数据"
_MISSING = VERDICT_LABELS[MISSING]
_ENDS = 5  # names at either end of the ranking
_ROOM = 90  # characters that a list of names may have: two lines of the page


class Board(NamedTuple):
    """Everything on 看板 and 看板数据 that changes.

    ``figures`` are by FIGURE_KEYS the figure and what it means, ``names`` by NAMES_KEYS a list as text.
    ``ranking`` has a row for each district that reports, by heading or indicator's code. For the charts
    ``course`` has twelve pairs (reached, due), shares of 1; ``bars`` are by indicator and heading,
    ``columns`` rows of code, name and twelve shares in the order of the ranking.
    """

    note: str
    figures: Mapping[str, tuple[Value, str]]
    names: Mapping[str, str]
    ranking: Sequence[Mapping[str, Value]]
    course: Sequence[tuple[Value, Value]]
    bars: Mapping[str, Mapping[str, Value]]
    columns: Sequence[Sequence[Value]]


def make_board(
    totals: Totals, config: Config, reported: Mapping[str, str], when: str, said: Sequence[str] = ()
) -> Board:
    """The board of a month.

    ``reported`` says in a word how each district that reports stands this month, by code: 按时, 逾期 or a
    verdict. ``when`` is when this was computed, ``said`` what is told of slips and key works.
    """
    ranked = by_rank(totals.standings)
    return Board(
        _note(totals, reported, when, said),
        dict(zip(FIGURE_KEYS, _figures(totals, config, reported), strict=True)),
        dict(zip(NAMES_KEYS, _names(totals, config, ranked, reported), strict=True)),
        [_row(each, totals, config, reported) for each in ranked],
        list(_course(totals, config)),
        {line.code: _bar(line, item) for line, item in _lines(totals, config)},
        [(each.code, each.district, *each.by_month) for each in ranked],
    )


def _lines(totals: Totals, config: Config) -> Iterator[tuple[IndicatorTotals, Indicator]]:
    return zip(totals.indicators, config.indicators, strict=True)


def _percent(share: float) -> str:
    return f"{shown_percent(share)}%"


def _note(totals: Totals, reported: Mapping[str, str], when: str, said: Sequence[str]) -> str:
    year, month = totals.month[:4], int(totals.month[5:])
    lacking = sum(not each.is_whole for each in totals.standings)
    parts = (
        f"截至 {year} 年 {month} 月底",
        f"应报 {len(reported)} 个区县，本月已通过 {_accepted(reported)} 个",
        f"{lacking} 个区县累计缺月份" if lacking else "累计不缺月份",
        *([f"名次按{BY_SCORE}排"] if totals.ranked_by == BY_SCORE else []),
        *filter(None, said),
        f"数据是 {when[:16].replace('T', ' ')} 重算的",
    )
    return " · ".join(filter(None, parts))


def _accepted(reported: Mapping[str, str]) -> int:
    return sum(word in (ON_TIME, LATE) for word in reported.values())


def _figures(
    totals: Totals, config: Config, reported: Mapping[str, str]
) -> Iterator[tuple[Value, str]]:
    lines, standings = totals.indicators, totals.standings
    known = any(line.cumulative is not None for line in lines)
    nothing: tuple[Value, str] = (NOT_APPLICABLE_MARK, NOTHING_YET)
    yield _overall(totals, config) or nothing
    lights = [line.light for line in lines]
    judged = [light for light in lights if light in (BLUE, GREEN, YELLOW, RED)]
    yield (f"{_at_pace(judged)}/{len(judged)}", _light_counts(judged)) if judged else nothing
    yield _arrivals(reported)
    districts = [each.light for each in standings]
    reds = districts.count(RED)
    items = sum(pair.light == RED for pair in totals.pairs.values())
    others = _light_counts(districts, (YELLOW, GREEN, BLUE))
    says = f"{LIGHTS[RED if reds else GREEN].shape} 红灯 {items} 项；{others}"
    yield (reds, says) if known and any(districts) else nothing
    lost = [each for each in standings if not each.is_whole]
    months = sum(len(each.missing) for each in lost)
    besides = Counter(gap for each in lost for gap in each.gaps)
    gaps = [f"共缺 {months} 个区县月"] if months else []
    gaps += [f"{count} 个缺{gap}" for gap, count in besides.items()]
    yield (len(lost), "，".join(gaps) or "各月都齐") if known else nothing


def _overall(totals: Totals, config: Config) -> tuple[Value, str] | None:
    rate, due = stand_together(totals.indicators, totals.pairs, config)
    if rate is None or due is None:
        return None
    points = shown_percent(rate - due)
    light = light_of_gap((due - rate) * 100, config.settings.near, config.settings.behind)
    shape = LIGHTS[BLUE if rate >= 1 else light].shape
    way = f"超前 {points}" if points > 0 else f"落后 {-points}"
    return rate, f"{shape} 应完成 {_percent(due)}，" + (f"{way} 点" if points else "正好")


def _at_pace(lights: Sequence[str]) -> int:
    return lights.count(BLUE) + lights.count(GREEN)


def _light_counts(lights: Sequence[str], wanted: Sequence[str] = (RED, YELLOW)) -> str:
    """How many have each light, the worst first; the first shape stands for them all."""
    counts = [
        f"{LIGHTS[light].shape}{light} {lights.count(light)}" for light in wanted if light in lights
    ]
    return " ".join(counts) or f"{LIGHTS[GREEN].shape} 都达到序时"


def _arrivals(reported: Mapping[str, str]) -> tuple[Value, str]:
    words = list(reported.values())
    missing, accepted = words.count(_MISSING), _accepted(reported)
    failed = len(words) - accepted - missing
    says = f"按时 {words.count(ON_TIME)} 逾期 {words.count(LATE)}"
    return f"{accepted}/{len(words)}", f"{says} 未通过 {failed} 未报 {missing}"


def _names(
    totals: Totals, config: Config, ranked: Sequence[Standing], reported: Mapping[str, str]
) -> Iterator[str]:
    placed = [each for each in ranked if each.rank]
    few = min(_ENDS, len(placed) // 2)
    first = placed[:few]
    # Who lacks months is compared as far as is known, and never called slow.
    last = [each for each in placed[few:] if each.is_whole][-few:][::-1] if few else []
    way = RANKING_HEADINGS[4 if config.settings.missing_months == IN_FULL else 5]
    way = BY_SCORE if totals.ranked_by == BY_SCORE else way
    leading = _join(_with_standing(each, totals, config) for each in first)
    yield f"按{way}：{leading}" if leading else NOTHING_YET
    left_out = sum(not each.is_whole for each in totals.standings)
    says = f"（{left_out} 个区县缺月份，不列）" if left_out and placed else ""
    yield (_join(_with_standing(each, totals, config) for each in last) or NOTHING_YET) + says
    yield _no_progress(totals, config)
    names = {each.code: each.name for each in config.districts}
    absent = [names[code] for code, word in reported.items() if word == _MISSING]
    failed = [
        f"{names[code]}（{word}）"
        for code, word in reported.items()
        if word not in (ON_TIME, LATE, _MISSING)
    ]
    lists = [f"未报 {len(absent)} 个：{_join(absent, _ROOM // 2)}"] if absent else []
    lists += [f"未通过 {len(failed)} 个：{_join(failed, _ROOM // 2)}"] if failed else []
    yield "；".join(lists) or "都已报送并通过"


def _with_standing(each: Standing, totals: Totals, config: Config) -> str:
    score = totals.scores.get(each.code)
    if totals.ranked_by == BY_SCORE and score is not None:
        return f"{each.district} {score.total:.2f} 分"
    share = each.rate if config.settings.missing_months == IN_FULL else each.pace
    return f"{each.district} {_percent(share or 0)}"


def _no_progress(totals: Totals, config: Config) -> str:
    """Who has to have done something of an indicator by now and has done nothing, as far as is known."""
    if all(pair.cumulative is None for pair in totals.pairs.values()):
        return NOTHING_YET
    items = {item.code: item.name for item in config.indicators}
    found: dict[str, list[str]] = {}
    for each in totals.standings:
        idle = [items[c] for c in items if _is_idle(totals.pairs[each.code, c])]
        if idle:
            found[each.district] = idle
    if not found:
        return "没有（到期的指标都有完成数）"
    order = sorted(found, key=lambda name: -len(found[name]))
    count = sum(map(len, found.values()))
    said = (f"{name}（{SEPARATOR.join(found[name])}）" for name in order)
    return f"{len(found)} 个区县 {count} 项：{_join(said)}"


def _is_idle(pair: PairTotals) -> bool:
    return pair.cumulative == 0 and bool(pair.due) and pair.light != NO_LIGHT


def _join(names: Iterable[str], room: int = _ROOM) -> str:
    """Names as far as there is room, then how many they are."""
    every = list(names)
    shown: list[str] = []
    for name in every:
        if shown and sum(map(len, shown)) + len(shown) + len(name) > room:
            return f"{SEPARATOR.join(shown)}等 {len(every)} 个"
        shown.append(name)
    return SEPARATOR.join(shown)


def _row(
    each: Standing, totals: Totals, config: Config, reported: Mapping[str, str]
) -> dict[str, Value]:
    unranked = config.settings.missing_months == UNRANKED and not each.is_whole
    unranked = unranked and totals.ranked_by != BY_SCORE
    lost = [*each.gaps]
    lost += [month_runs(each.missing)] if each.missing else []
    place = each.rank or ("不排名" if unranked else NOT_APPLICABLE_MARK)
    values = (
        each.code,
        place,
        _change(each.change) if totals.published_before else NOT_APPLICABLE_MARK,
        each.district,
        each.rate,
        each.pace,
        each.light or None,
        None,
        reported.get(each.code),
        SEPARATOR.join(lost) or None,
    )
    heat = {item.code: _share(totals.pairs[each.code, item.code]) for item in config.indicators}
    return dict(zip(RANKING_HEADINGS, values, strict=True)) | heat


def _change(places: int | None) -> str:
    if places is None:
        return NOT_APPLICABLE_MARK
    return f"▲{places}" if places > 0 else f"▼{-places}" if places else "平"


def _share(pair: PairTotals) -> Value:
    return ratio(pair.cumulative, pair.target) if pair.target else NOT_APPLICABLE_MARK


def _bar(line: IndicatorTotals, item: Indicator) -> dict[str, Value]:
    share = {light: line.completion if light == line.light else None for light in LIGHTS}
    names: dict[str, Value] = {"代码": line.code, "简称": item.name}
    return names | share | {"应完成": ratio(line.due, line.target)}


def _course(totals: Totals, config: Config) -> Iterator[tuple[Value, Value]]:
    """By month what was reached and what was due of all indicators together, to the month of the totals.

    The last month is what the first figure says; in an earlier one a month that never came is in neither.
    """
    now = int(totals.month[5:])
    shares = [
        (weight, *_course_of(line, item, totals, config))
        for line, item in _lines(totals, config)
        if (weight := weight_of(item)) > 0 and line.completion is not None and line.due is not None
    ]
    whole = sum(weight for weight, _, _ in shares)
    first = config.settings.first_month
    # A state goes on into months that never came.
    added = [line for line in totals.indicators if line.measure in ADDED_UP] or totals.indicators
    came = [any(line.trend[m] is not None for line in added) for m in range(12)]
    rate, due = stand_together(totals.indicators, totals.pairs, config)
    for month in range(1, 13):
        if month == now:
            yield rate, due
        elif first <= month < now and whole and came[month - 1]:
            at = month - 1
            yield (
                sum(weight * reached[at] for weight, reached, _ in shares) / whole,
                sum(weight * owed[at] for weight, _, owed in shares) / whole,
            )
        else:
            yield None, None


def _course_of(
    line: IndicatorTotals, item: Indicator, totals: Totals, config: Config
) -> tuple[list[float], list[float]]:
    """An indicator's twelve shares of its target that were reached and that were due."""
    cap, target = config.settings.cap / 100, line.target or 1
    reached: list[float] = []
    so_far: Number = line.opening or 0
    for added in line.trend:
        so_far = so_far + (added or 0) if line.measure in ADDED_UP else added or so_far
        reached.append(min(so_far / target, cap) if cap else so_far / target)
    owed = [0.0] * 12
    for district in config.districts:
        pair = totals.pairs[district.code, item.code]
        counted = {*range(1, 13)} if config.settings.missing_months != PRO_RATA else _counted(pair)
        before = 0.0
        part = 0.0
        for at, share in enumerate(cumulative_shares(item, district.since)):
            part += share - before if at + 1 in counted else 0
            before = share
            owed[at] += part * (pair.target or 0) / target
    return reached, owed


def _counted(pair: PairTotals) -> set[int]:
    """The months that are in a cumulative; those before the first that is reported are its opening's."""
    first = min(pair.months_expected, default=1)
    return {month for month in range(1, 13) if month < first or month in pair.months_expected} - {
        *pair.months_missing
    }


def board_changes(host: Host, board: Board, config: Config) -> list[Change]:
    """What the cells of 看板 and 看板数据 become."""
    found: dict[str, dict[Where, Value]] = {}
    for sheet, cells in _cells(host, board, config):
        found.setdefault(sheet, {}).update(cells)
    return [Change(sheet, cells, {}) for sheet, cells in found.items()]


def _cells(host: Host, board: Board, config: Config) -> Iterator[tuple[str, dict[Where, Value]]]:
    note, figures, names = map(host.block, (BOARD_NOTE, FIGURES_BLOCK, NAMES_BLOCK))
    yield note.sheet, {note.area[:2]: board.note}
    top = figures.area[0]
    for key, column in find_columns(figures, FIGURE_KEYS).items():
        value, says = board.figures[key]
        yield figures.sheet, {(top + 1, column): value, (top + 2, column): says}
    for key, row in _rows(names).items():
        if key in board.names:
            yield names.sheet, {(row, names.area[3]): board.names[key]}
    codes = [item.code for item in config.indicators]
    ranking = host.block(RANKING_BLOCK)
    at = find_columns(ranking, (*RANKING_HEADINGS, *codes))
    yield ranking.sheet, list_cells(ranking, at, board.ranking)
    heads: dict[Where, Value] = {
        (ranking.area[0] - 1, at[i.code]): i.name for i in config.indicators
    }
    yield ranking.sheet, heads
    course, bars, columns = map(host.block, (COURSE_BLOCK, BARS_BLOCK, COLUMNS_BLOCK))
    at, rows = find_columns(course, COURSE_HEADINGS), _rows(course)
    for month, pair in zip(MONTH_HEADINGS, board.course, strict=True):
        for heading, value in zip(COURSE_HEADINGS[1:], pair, strict=True):
            if month in rows:
                yield course.sheet, {(rows[month], at[heading]): value}
    at = find_columns(bars, BARS_HEADINGS)
    for code, row in _rows(bars).items():
        for heading, value in board.bars.get(code, {}).items():
            yield bars.sheet, {(row, at[heading]): value}
    at = find_columns(columns, COLUMNS_HEADINGS)
    listed = [dict(zip(COLUMNS_HEADINGS, each, strict=True)) for each in board.columns]
    yield columns.sheet, list_cells(columns, at, listed)


def _rows(block: Block) -> dict[str, int]:
    top, left, bottom, _ = block.area
    return {key_text(block.cells.get((row, left))): row for row in range(top + 1, bottom + 1)}


def list_cells(
    block: Block, at: Mapping[str, int], rows: Sequence[Mapping[str, Value]], heads: int = 1
) -> dict[Where, Value]:
    """The rows under so many of a block's rows, and blanks where the list was longer before."""
    top, _, bottom, _ = block.area
    top += heads - 1
    room = bottom - top
    if len(rows) > room:
        rows = [*rows[: room - 1], {NAME_KEY: f"另有 {len(rows) - room + 1} 个区县，这里列不下"}]
    cells: dict[Where, Value] = {
        (row, at[key]): value
        for row, values in enumerate(rows, top + 1)
        for key, value in values.items()
    }
    ours = set(at.values())
    cells |= {
        where: None
        for where in block.cells
        if where[0] > top and where[1] in ours and where not in cells
    }
    return cells
