"""Letters that ask districts about figures that another office has otherwise; one a comparison."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.master.read.letters_rows import sound_letters
from xl_addin.model.comparison import CUMULATIVE, DIFFERS
from xl_addin.model.letters import ASK, Letter, fill, month_words, number_lines
from xl_addin.model.settings import Config
from xl_addin.services.comparison_words import trail_text
from xl_addin.services.outbox import Outbox, common_values, no_address, recipients_of
from xl_addin.services.programme import Programme
from xl_addin.store.comparisons import ComparedPair, Comparison
from xl_addin.xlsx.values import number_text


def asking_letters(
    programme: Programme, comparison: Comparison, pairs: Sequence[ComparedPair]
) -> Outbox:
    """A letter to each district whose figures differ. Refused where 信件 cannot be filled in."""
    template = sound_letters(programme.host)[ASK]
    config, month = programme.config, comparison.month
    outbox = Outbox([], [], _left_out(pairs))
    for district in config.districts:
        mine = [p for p in pairs if p.district == district.code and p.result in DIFFERS]
        if not mine:
            continue
        to, cc = recipients_of(district)
        if not to:
            outbox.skipped.append(no_address(district))
            continue
        values = {
            **common_values(config, district, month),
            "对方文件": comparison.file,
            "条数": str(len(mine)),
            "核对清单": number_lines([_said(each, config, month) for each in mine]),
        }
        subject, text = fill(template, values)
        about = comparison.sha256
        outbox.letters.append(Letter(ASK, month, district, to, cc, subject, text, about))
    return outbox


def _said(pair: ComparedPair, config: Config, month: str) -> str:
    item = next(each for each in config.indicators if each.code == pair.indicator)
    when = month_words(f"{month[:5]}{pair.as_of:02d}")
    period = f"截至{when}的累计" if pair.period == CUMULATIVE else f"{when}当月"
    ours, theirs, apart = (number_text(n or 0) for n in (pair.ours, pair.theirs, pair.difference))
    made = trail_text(pair.trail)
    return (
        f"{item.label}（{period}）：你们报的是 {ours}，对方是 {theirs}，相差 {apart}"
        f"{f'；你们的数在 {made}' if made else ''}"
    )


def _left_out(pairs: Sequence[ComparedPair]) -> str:
    """What no letter is about, and what to do about it."""
    rest = sum(each.result not in DIFFERS and each.difference not in (0, None) for each in pairs)
    if not rest:
        return ""
    return f"有 {rest} 个数因为我方缺月份（我方不全）或在容差以内，没有写信；缺月份的请先催报"
