"""A district that is merged into another: what is left of its targets goes over, its months stay."""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.master.mend.lists import Preview
from xl_addin.master.read.blocks import find_columns, key_text
from xl_addin.master.read.config import read_basics, with_targets
from xl_addin.master.totals import compute_totals
from xl_addin.model.records import ADDED_UP, RATE, District, Number
from xl_addin.model.settings import Adjustment, Config
from xl_addin.model.sheets import CODE_KEY, DISTRICTS_BLOCK
from xl_addin.services.change_words import find_district
from xl_addin.services.programme import Programme
from xl_addin.store.year_figures import read_years
from xl_addin.system.errors import Misused
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.values import number_text, round_noise

_INTO = pattern(r"\s*(?:并入|合并到)[“”\"]?([^“”\"，。；\s]+)")


class Merger(NamedTuple):
    """What a merger moves, and what people should know of it."""

    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[str, ...] = ()


def merge(
    programme: Programme,
    config: Config,
    gone: District,
    into: District,
    document: str,
    *,
    whole: bool = False,
) -> Merger:
    """The targets that go from one district to another when the first has reported its last month.

    Of what is added up, what had not been reached by then goes over and the rest stays with the
    months that reached it; ``whole`` moves all of it. A state goes over as it is, a rate does not.
    """
    month = gone.until + 1
    if month > 12:
        return Merger()
    before = f"{config.settings.year}-{gone.until:02d}"
    done = compute_totals(read_years(programme.ledger, before), config, before).cumulative
    now = config.targets_in_force(month)
    found: list[Adjustment] = []
    kept: list[str] = []
    for item in config.indicators:
        target = now.get((gone.code, item.code), 0)
        reached = done.get((gone.code, item.code))
        stays: Number = 0
        if not whole and item.measure in ADDED_UP and not isinstance(reached, str):
            stays = min(target, max(0, reached or 0))
        amount = round_noise(target - stays)
        if amount and item.measure != RATE:
            found.append(Adjustment(month, gone.code, item.code, -amount, document))
            found.append(Adjustment(month, into.code, item.code, amount, document))
            kept.append(f"{item.label} {number_text(amount)}")
    lines = (
        f"“{gone.name}”报到 {gone.until} 月，已报的数仍算在全市合计里；"
        f"从 {month} 月起转给“{into.name}”的任务数：{'、'.join(kept) or '没有'}",
        *_missing(programme, config, gone),
        *reported_later(programme, config, gone),
    )
    return Merger(tuple(found), lines if found else ())


def _missing(programme: Programme, config: Config, gone: District) -> Iterator[str]:
    statuses = programme.ledger.statuses(str(config.settings.year))
    first = max(gone.since, config.settings.first_month)
    lacking = [
        f"{month}月"
        for month in range(first, gone.until + 1)
        if (status := statuses.get((gone.code, f"{config.settings.year}-{month:02d}"))) is None
        or status.verdict != "accepted"
    ]
    if lacking:
        yield (
            f"“{gone.name}”还有 {'、'.join(lacking)} 没有通过的填报表，转出的任务数是按已经计入的算的；"
            "以后补报了，请再用“调整任务数”改正"
        )


def reported_later(programme: Programme, config: Config, gone: District) -> Iterator[str]:
    """What counts of a district after its last month: nothing that was reported is dropped."""
    year = config.settings.year
    statuses = programme.ledger.statuses(str(year))
    later = [
        f"{month} 月"
        for month in range(gone.until + 1, 13)
        if (status := statuses.get((gone.code, f"{year}-{month:02d}"))) is not None
        and status.verdict == "accepted"
    ]
    if later:
        yield (
            f"“{gone.name}”{'、'.join(later)}的填报表已经通过，那些数仍算在全市合计里；"
            "请核对月份，也请核对别的区县有没有把同样的数又报一遍"
        )


def typed_mergers(programme: Programme) -> Merger:
    """The mergers that staff typed in 区县名录: a last month, and 并入某区县 in 备注."""
    preview = Preview(programme.host)
    config = with_targets(read_basics(preview), preview)
    block = preview.block(DISTRICTS_BLOCK)
    columns = find_columns(block, (CODE_KEY, "备注"))
    rows = {
        key_text(block.cells.get((row, columns[CODE_KEY]))): row
        for row in range(block.area[0] + 1, block.area[2] + 1)
    }
    found: list[Adjustment] = []
    lines: list[str] = []
    for gone in config.districts:
        match = _INTO.match(key_text(block.cells.get((rows[gone.code], columns["备注"]))))
        if gone.until < 12 and match and not _moved(config, gone):
            try:
                into = find_district(config, match[1])
            except Misused:
                lines.append(
                    f"{block.sheet}：“{gone.name}”的备注写着并入“{match[1]}”，名录里没有这个区县；请改正"
                )
                continue
            each = merge(programme, config, gone, into, f"{gone.name}并入{into.name}")
            found += each.adjustments
            lines += each.lines
    return Merger(tuple(found), tuple(lines))


def _moved(config: Config, gone: District) -> bool:
    """Whether anything of the district's was adjusted when it ended: then the merger was made."""
    return any(
        each.district == gone.code and each.month == gone.until + 1 for each in config.adjustments
    )
