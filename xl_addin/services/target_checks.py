"""What a clerk should know of an adjustment: parts above their whole, totals, forms that are out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xl_addin.model.records import ACCEPTED, RATE
from xl_addin.model.settings import Adjustment, Config, by_indicator
from xl_addin.services.programme import Programme
from xl_addin.store.issued_forms import issued_months
from xl_addin.xlsx.values import number_text, round_noise


def adjustment_notes(
    programme: Programme, config: Config, adjustments: Sequence[Adjustment]
) -> Iterator[str]:
    """One line for each thing to know; nothing here stands in the way."""
    if not adjustments:
        return
    after = config._replace(adjustments=(*config.adjustments, *adjustments))
    month = min(each.month for each in adjustments)
    yield from _parts(after, adjustments)
    yield from _totals(after, month, adjustments)
    yield from _old_forms(programme, after, adjustments)


def _parts(after: Config, adjustments: Sequence[Adjustment]) -> Iterator[str]:
    names = {district.code: district.name for district in after.districts}
    labels = {item.code: item.label for item in after.indicators}
    for each in adjustments:
        now = after.targets_in_force(each.month)
        for item in after.indicators:
            part, whole = now.get((each.district, item.code)), now.get((each.district, item.parent))
            concerned = each.indicator in (item.code, item.parent)
            if concerned and part is not None and whole is not None and part > whole:
                yield (
                    f"{names[each.district]}：其中项“{item.label}”调整后是 {number_text(part)}，大于上级"
                    f"“{labels[item.parent]}”的 {number_text(whole)}；请核对"
                )


def _totals(after: Config, month: int, adjustments: Sequence[Adjustment]) -> Iterator[str]:
    now = by_indicator(after.targets_in_force(month))
    labels = {item.code: item.label for item in after.indicators if item.measure != RATE}
    for code in dict.fromkeys(each.indicator for each in adjustments if each.indicator in labels):
        total = round_noise(sum(now.get(code, ())))
        printed = after.published.get(code)
        beside = "" if printed is None else f"，公布合计是 {number_text(printed)}"
        yield f"“{labels[code]}”从 {month} 月起各区县合计 {number_text(total)}{beside}"


def _old_forms(
    programme: Programme, after: Config, adjustments: Sequence[Adjustment]
) -> Iterator[str]:
    """The districts that have a form with the old target and have not reported by it yet."""
    year = after.settings.year
    statuses = programme.ledger.statuses(str(year))
    issued = issued_months(programme.ledger, f"{year}-12")
    names = {district.code: district.name for district in after.districts}
    months: dict[str, list[str]] = {}
    for code in dict.fromkeys(each.district for each in adjustments):
        first = f"{year}-{min(e.month for e in adjustments if e.district == code):02d}"
        for month in issued.get(code, ()):
            status = statuses.get((code, month))
            if month >= first and (status is None or status.verdict != ACCEPTED):
                months.setdefault(month, []).append(names[code])
    for month, districts in sorted(months.items()):
        yield (
            f"{month} 的填报表已经生成，{'、'.join(districts)}的还是原来的任务数；"
            f"请重新生成 {month} 的填报表再发给它们"
        )
