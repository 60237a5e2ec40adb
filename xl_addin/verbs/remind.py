"""``remind``: a letter to each district that has not reported everything yet, and to nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from xl_addin.master.read.letters_rows import sound_letters
from xl_addin.model.calendar import deadline
from xl_addin.model.letters import REMIND, RETURN, SEND, Letter, day_words, fill, month_words
from xl_addin.model.records import ACCEPTED, BLANK, HELD, VERDICT_LABELS, District
from xl_addin.model.result import Report
from xl_addin.services.outbox import (
    Postbag,
    addressed,
    common_values,
    no_address,
    post,
    wanted_districts,
)
from xl_addin.services.programme import Desk, Wish
from xl_addin.store.deliveries import Sending, by_district
from xl_addin.store.issued_forms import issued_months
from xl_addin.store.ledger import Status
from xl_addin.system.light import NamedTuple

Statuses = Mapping[tuple[str, str], Status]


class _Sent(NamedTuple):
    """What went out for a month, by district."""

    forms: Mapping[str, Sending]
    returned: Mapping[str, Sending]


def run(desk: Desk, wish: Wish) -> Report:
    """Write what is missing up to the month and since when, once a day at most.

    A return that is held waits for us, not for the district: that month is not asked for.
    """
    month, config, ledger = desk.month(wish), desk.basics, desk.ledger
    template = sound_letters(desk.host)[REMIND]
    statuses = ledger.statuses(month[:4])
    issued = issued_months(ledger, month)
    sent = {
        each: _Sent(by_district(ledger, SEND, each), by_district(ledger, RETURN, each))
        for each in {each for months in issued.values() for each in months}
    }
    today = desk.now()[:10]
    bag = Postbag([], [], _held(config.districts, statuses, month))
    for district in wanted_districts(config, wish):
        missing = [
            each
            for each in issued.get(district.code, ())
            if _verdict(statuses, district, each) not in (ACCEPTED, HELD)
        ]
        if not missing:
            continue
        to, cc = addressed(district)
        if not to:
            bag.skipped.append(no_address(district))
            continue
        lines = [
            f"{month_words(each)}：{_why(district, each, statuses, sent[each], desk)}"
            for each in reversed(missing)
        ]
        values = {
            **common_values(config, district, month),
            "今天": day_words(today),
            "缺报月份": "、".join(month_words(each) for each in reversed(missing)),
            "缺报说明": "\n".join(lines),
        }
        subject, text = fill(template, values)
        bag.letters.append(Letter(REMIND, month, district, to, cc, subject, text, today))
    return post(desk, wish, "remind", month, bag)


def _verdict(statuses: Statuses, district: District, month: str) -> str:
    status = statuses.get((district.code, month))
    return "" if status is None else status.verdict


def _why(district: District, month: str, statuses: Statuses, sent: _Sent, desk: Desk) -> str:
    """What is missing and since when, as one line."""
    status = statuses.get((district.code, month))
    if status is None:
        form = sent.forms.get(district.code)
        known = f"，填报表 {day_words(form.at)}发出" if form and form.state == "sent" else ""
        what = f"还没有收到{known}"
    elif status.verdict == BLANK:
        empty = "和退回修改时一样，没有改" if status.round > 1 else "是空表，没有填"
        what = f"{day_words(status.received_at)}收到的“{status.file}”{empty}"
    else:
        back = sent.returned.get(district.code)
        told = f"，{day_words(back.at)}已退回修改" if back and back.state == "sent" else ""
        what = f"{day_words(status.received_at)}收到的“{status.file}”没有通过审核{told}，还没有重报"
    return f"{what}（{_since(deadline(month, desk.basics.settings.deadline_day), desk)}）"


def _since(last: str, desk: Desk) -> str:
    days = (desk.clock().date() - date.fromisoformat(last[:10])).days
    late = f"，已过 {days} 天" if days > 0 else ""
    return f"截止日期 {day_words(last)}{late}"


def _held(districts: tuple[District, ...], statuses: Statuses, month: str) -> str:
    """Who is not written to because we have to decide first."""
    names = [d.name for d in districts if _verdict(statuses, d, month) == HELD]
    if not names:
        return ""
    label = VERDICT_LABELS[HELD]
    return f"{month} 有 {len(names)} 个区县的填报表是“{label}”，要由市里先处理，没有催：{'、'.join(names)}"
