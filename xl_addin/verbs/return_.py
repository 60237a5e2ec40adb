"""``return``: rejected returns go back with what is wrong marked; accepted ones get a receipt.

Both tell a district what came of what it sent, so one button does both; receipts only where they are
switched on.
"""

from __future__ import annotations

from xl_addin.master.read.account_rows import sending_account
from xl_addin.master.read.letters_rows import sound_letters
from xl_addin.model.letters import RECEIPT, RETURN, Letter, Template, day_words, fill, listed
from xl_addin.model.records import ACCEPTED, REJECTED, WARNING, District
from xl_addin.model.result import Report
from xl_addin.services.corrections import Returned, keep, returned
from xl_addin.services.outbox import (
    Postbag,
    Skipped,
    addressed,
    common_values,
    no_address,
    post,
    wanted_districts,
)
from xl_addin.services.programme import Desk, Wish
from xl_addin.store.deliveries import thread
from xl_addin.store.inbox import origin
from xl_addin.store.ledger import Status
from xl_addin.system.errors import Unreadable
from xl_addin.system.failpoint import reached
from xl_addin.system.light import pattern

# Somebody else's header goes into ours: nothing but a plain id may.
_MESSAGE_ID = pattern(r"<[!-;=?-~]{1,250}>\Z")


def run(desk: Desk, wish: Wish) -> Report:
    """Write to every district whose return of the month was judged and not yet answered."""
    month = desk.month(wish)
    templates = sound_letters(desk.host)
    receipts = sending_account(desk.host).receipts
    waiting = desk.ledger.to_answer(month)
    bag = Postbag([], [])
    fresh: list[tuple[District, Returned]] = []
    for district in wanted_districts(desk.config, wish):
        status = waiting.get(district.code)
        if status is None or status.verdict not in (REJECTED, ACCEPTED):
            continue
        if status.verdict == ACCEPTED and not receipts:
            continue
        if not addressed(district)[0]:
            bag.skipped.append(no_address(district))
        elif status.verdict == ACCEPTED:
            bag.letters.append(_receipt(desk, district, status, templates[RECEIPT]))
        else:
            _return(desk, district, status, templates[RETURN], bag, fresh)
    if fresh and not wish.rehearse:
        with desk.ledger.writing():
            for district, back in fresh:
                keep(desk, district, month, back)
                reached("return-kept")
            said = f"标好 {len(fresh)} 份退回修改的填报表"
            desk.ledger.add_event(desk.now(), "return", month, said, desk.who())
        reached("return-marked")
    return post(desk, wish, "return", month, bag)


def _return(
    desk: Desk,
    district: District,
    status: Status,
    template: Template,
    bag: Postbag,
    fresh: list[tuple[District, Returned]],
) -> None:
    try:
        back = returned(desk, district, status)
    except Unreadable as error:
        says = f"{status.file}：{error.message}；不能标好退回，请人工告诉区县用市里发的原表重填"
        bag.skipped.append(Skipped(district, says))
        return
    if back.fresh:
        fresh.append((district, back))
    values = {
        **common_values(desk.config, district, status.month),
        "轮次": str(back.round),
        "问题数": str(back.correction.errors),
        "问题清单": listed(back.correction.listed),
        "文件名": back.form.name,
        "原文件名": status.file,
        "收到时间": _day(status),
    }
    bag.letters.append(_letter(desk, RETURN, district, status, template, values, back))


def _receipt(desk: Desk, district: District, status: Status, template: Template) -> Letter:
    problems = desk.ledger.problems_of(status.id)
    warned = listed([each.message for each in problems if each.severity == WARNING])
    values = {
        **common_values(desk.config, district, status.month),
        "原文件名": status.file,
        "收到时间": _day(status),
        "提醒": f"下面几处请核对（不影响通过）：\n{warned}" if warned else "",
    }
    return _letter(desk, RECEIPT, district, status, template, values, None)


def _letter(
    desk: Desk,
    kind: str,
    district: District,
    status: Status,
    template: Template,
    values: dict[str, str],
    back: Returned | None,
) -> Letter:
    subject, text = fill(template, values)
    return Letter(
        kind,
        status.month,
        district,
        *addressed(district),
        subject,
        text,
        status.sha256,
        back and back.form,
        _thread(desk, status),
    )


def _thread(desk: Desk, status: Status) -> tuple[str, ...]:
    """Our letters and, last, the district's own mail: what is answered is what it sent."""
    ours = thread(desk.ledger, status.month, status.district)
    mail = origin(desk.ledger, status.id)
    if mail is None or not _MESSAGE_ID.match(mail.message_id):
        return ours
    return (*ours, mail.message_id)


def _day(status: Status) -> str:
    return day_words(status.received_at)
