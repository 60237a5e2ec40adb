"""``return``: rejected returns go back with what is wrong marked; accepted ones get a receipt.

Both tell a district what came of what it sent, so one button does both; receipts only where they are
switched on.
"""

from __future__ import annotations

from xl_addin.master.read.account_rows import read_account, sending_account
from xl_addin.master.read.letters_rows import sound_letters
from xl_addin.model.letters import (
    PAGE_RETURN,
    RECEIPT,
    RETURN,
    Letter,
    Template,
    day_words,
    fill,
    number_lines,
)
from xl_addin.model.records import ACCEPTED, REJECTED, WARNING, District
from xl_addin.model.result import Result
from xl_addin.services.corrections import (
    RejectedReturn,
    prepare_correction,
    record_form,
    unanswered_problems,
)
from xl_addin.services.outbox import (
    Outbox,
    SkippedDistrict,
    common_values,
    no_address,
    recipients_of,
    send_letters,
    wanted_districts,
)
from xl_addin.services.programme import Programme, Request
from xl_addin.store.deliveries import thread
from xl_addin.store.inbox import origin
from xl_addin.store.ledger import Status
from xl_addin.system.errors import Unreadable
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import pattern

# Somebody else's header goes into ours: nothing but a plain id may.
_MESSAGE_ID = pattern(r"<[!-;=?-~]{1,250}>\Z")


def run(programme: Programme, request: Request) -> Result:
    """Write to every district whose return of the month was judged and not yet answered."""
    month = programme.month(request)
    templates = sound_letters(programme.host)
    # A rehearsal needs no address: what lacks is told beside the letters.
    account = (
        read_account(programme.host)[0] if request.rehearse else sending_account(programme.host)
    )
    receipts = account.receipts
    waiting = programme.ledger.returns_to_answer(month)
    outbox = Outbox([], [])
    fresh: list[tuple[District, RejectedReturn]] = []
    for district in wanted_districts(programme.config, request):
        status = waiting.get(district.code)
        if status is None or status.verdict not in (REJECTED, ACCEPTED):
            continue
        page_back = status.page == REJECTED
        if status.verdict == ACCEPTED and not receipts and not page_back:
            continue
        if not recipients_of(district)[0]:
            outbox.skipped.append(no_address(district))
        elif status.verdict == ACCEPTED and not page_back:
            outbox.letters.append(_receipt(programme, district, status, templates[RECEIPT]))
        else:
            template = PAGE_RETURN if status.verdict == ACCEPTED else templates[RETURN]
            _return(programme, district, status, template, outbox, fresh)
    if fresh and not request.rehearse:
        with programme.ledger.writing():
            for district, back in fresh:
                record_form(programme, district, month, back)
                fail_point("return-kept")
            said = f"标好 {len(fresh)} 份退回修改的填报表"
            programme.ledger.add_event(programme.now(), "return", month, said, programme.who())
        fail_point("return-marked")
    if programme.basics.papers:
        from xl_addin.services.paper_letters import answers

        papers = answers(programme, request, templates, receipts=receipts)
        outbox = Outbox([*outbox.letters, *papers.letters], [*outbox.skipped, *papers.skipped])
    return send_letters(programme, request, "return", month, outbox)


def _return(
    programme: Programme,
    district: District,
    status: Status,
    template: Template,
    outbox: Outbox,
    fresh: list[tuple[District, RejectedReturn]],
) -> None:
    try:
        back = prepare_correction(programme, district, status)
    except Unreadable as error:
        says = f"{status.file}：{error.message}；不能标好退回，请人工告诉区县用市里发的原表重填"
        outbox.skipped.append(SkippedDistrict(district, says))
        return
    if back.fresh:
        fresh.append((district, back))
    values = {
        **common_values(programme.config, district, status.month),
        "轮次": str(back.round),
        "问题数": str(back.correction.all_errors),
        "问题清单": number_lines(back.correction.listed),
        "文件名": back.form.name,
        "原文件名": status.file,
        "收到时间": _day(status),
    }
    outbox.letters.append(_letter(programme, RETURN, district, status, template, values, back))


def _receipt(
    programme: Programme, district: District, status: Status, template: Template
) -> Letter:
    problems = unanswered_problems(programme.ledger, status.id)
    warned = number_lines([each.message for each in problems if each.severity == WARNING])
    values = {
        **common_values(programme.config, district, status.month),
        "原文件名": status.file,
        "收到时间": _day(status),
        "提醒": f"下面几处请核对（不影响通过）：\n{warned}" if warned else "",
    }
    return _letter(programme, RECEIPT, district, status, template, values, None)


def _letter(
    programme: Programme,
    kind: str,
    district: District,
    status: Status,
    template: Template,
    values: dict[str, str],
    back: RejectedReturn | None,
) -> Letter:
    subject, text = fill(template, values)
    return Letter(
        kind,
        status.month,
        district,
        *recipients_of(district),
        subject,
        text,
        status.sha256,
        back and back.form,
        _thread(programme, status),
    )


def _thread(programme: Programme, status: Status) -> tuple[str, ...]:
    """Our letters and, last, the district's own mail: what is answered is what it sent."""
    ours = thread(programme.ledger, status.month, status.district)
    mail = origin(programme.ledger, status.id)
    if mail is None or not _MESSAGE_ID.match(mail.message_id):
        return ours
    return (*ours, mail.message_id)


def _day(status: Status) -> str:
    return day_words(status.received_at)
