"""``send``: this month's forms to the districts, each with its own letter."""

from __future__ import annotations

import hashlib

from xl_addin.master.read.letters_rows import sound_letters
from xl_addin.model.folder import FORMS
from xl_addin.model.letters import SEND, Attachment, Letter, fill
from xl_addin.model.result import Result
from xl_addin.services.issuing import form_file_name
from xl_addin.services.outbox import (
    Outbox,
    SkippedDistrict,
    common_values,
    form_to_send,
    no_address,
    recipients_of,
    send_letters,
    wanted_districts,
)
from xl_addin.services.programme import Programme, Request
from xl_addin.store.issued_forms import issued_hashes
from xl_addin.system.errors import Refused


def run(programme: Programme, request: Request) -> Result:
    """Send every form that was issued for the month and is still as it was issued."""
    if "papers" in request.options:
        from xl_addin.services.paper_letters import cover_letters

        covers = cover_letters(programme, request)
        return send_letters(programme, request, "send", programme.month(request), covers)
    month, config = programme.month(request), programme.basics
    template = sound_letters(programme.host)[SEND]
    issued = issued_hashes(programme.ledger, month)
    folder = programme.folder / FORMS / month
    if not issued:
        raise Refused(f"{folder}：还没有生成 {month} 的填报表；请先运行“生成填报表”（distribute）")
    outbox = Outbox([], [])
    for district in wanted_districts(config, request):
        if not district.reports(month):
            if request.options.get("district"):
                says = f"这个区县 {month} 不用报（见“区县名录”的起始月、截止月），没有发送"
                outbox.skipped.append(SkippedDistrict(district, says))
            continue
        to, cc = recipients_of(district)
        name = form_file_name(district, month)
        form = form_to_send(folder / name, issued, district)
        if not to:
            outbox.skipped.append(no_address(district))
        elif isinstance(form, SkippedDistrict):
            outbox.skipped.append(form)
        else:
            values = {**common_values(config, district, month), "文件名": name}
            subject, text = fill(template, values)
            about = hashlib.sha256(form).hexdigest()
            file = Attachment(name, form)
            outbox.letters.append(Letter(SEND, month, district, to, cc, subject, text, about, file))
    return send_letters(programme, request, "send", month, outbox)
