"""``remind``: a letter to each district that has not reported everything yet, and to nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from xl_addin.master.read.letters_rows import sound_letters
from xl_addin.model.calendar import deadline
from xl_addin.model.letters import REMIND, RETURN, SEND, Letter, day_words, fill, month_words
from xl_addin.model.records import ACCEPTED, BLANK, HELD, VERDICT_LABELS, District
from xl_addin.model.result import Result
from xl_addin.services.outbox import (
    Outbox,
    common_values,
    no_address,
    recipients_of,
    send_letters,
    wanted_districts,
)
from xl_addin.services.programme import Programme, Request
from xl_addin.store.deliveries import Sending, latest_by_district
from xl_addin.store.issued_forms import issued_months
from xl_addin.store.ledger import Status
from xl_addin.system.light import NamedTuple

Statuses = Mapping[tuple[str, str], Status]


class _SentLetters(NamedTuple):
    """What went out for a month, by district."""

    forms: Mapping[str, Sending]
    returned: Mapping[str, Sending]


def run(programme: Programme, request: Request) -> Result:
    """Write what is missing up to the month and since when, once a day at most.

    A return that is held waits for us, not for the district: that month is not asked for.
    """
    month, config, ledger = programme.month(request), programme.basics, programme.ledger
    template = sound_letters(programme.host)[REMIND]
    statuses = ledger.statuses(month[:4])
    issued = issued_months(ledger, month)
    sent = {
        each: _SentLetters(
            latest_by_district(ledger, SEND, each), latest_by_district(ledger, RETURN, each)
        )
        for each in {each for months in issued.values() for each in months}
    }
    today = programme.now()[:10]
    outbox = Outbox([], [], _held_districts(config.districts, statuses, month))
    for district in wanted_districts(config, request):
        missing = [
            each
            for each in issued.get(district.code, ())
            if district.reports(each) and _verdict(statuses, district, each) not in (ACCEPTED, HELD)
        ]
        if not missing:
            continue
        to, cc = recipients_of(district)
        if not to:
            outbox.skipped.append(no_address(district))
            continue
        lines = [
            f"{month_words(each)}：{_why(district, each, statuses, sent[each], programme)}"
            for each in reversed(missing)
        ]
        values = {
            **common_values(config, district, month),
            "今天": day_words(today),
            "缺报月份": "、".join(month_words(each) for each in reversed(missing)),
            "缺报说明": "\n".join(lines),
        }
        subject, text = fill(template, values)
        outbox.letters.append(Letter(REMIND, month, district, to, cc, subject, text, today))
    return send_letters(programme, request, "remind", month, outbox)


def _verdict(statuses: Statuses, district: District, month: str) -> str:
    status = statuses.get((district.code, month))
    return "" if status is None else status.verdict


def _why(
    district: District, month: str, statuses: Statuses, sent: _SentLetters, programme: Programme
) -> str:
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
    return f"{what}（{_since(deadline(month, programme.basics.settings.deadline_day), programme)}）"


def _since(last: str, programme: Programme) -> str:
    days = (programme.clock().date() - date.fromisoformat(last[:10])).days
    late = f"，已过 {days} 天" if days > 0 else ""
    return f"截止日期 {day_words(last)}{late}"


def _held_districts(districts: tuple[District, ...], statuses: Statuses, month: str) -> str:
    """Who is not written to because we have to decide first."""
    names = [d.name for d in districts if _verdict(statuses, d, month) == HELD]
    if not names:
        return ""
    label = VERDICT_LABELS[HELD]
    return f"{month} 有 {len(names)} 个区县的填报表是“{label}”，要由市里先处理，没有催：{'、'.join(names)}"
