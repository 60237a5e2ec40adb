"""The letters of one verb: who gets one and who cannot, sent or only rehearsed, and the report."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from xl_addin.mail import answers
from xl_addin.mail.account import Account
from xl_addin.mail.transports.choose import choose_transport
from xl_addin.master.read.account_rows import read_account, sending_account
from xl_addin.model.addresses import MailAddress, parse_mail_addresses
from xl_addin.model.calendar import deadline
from xl_addin.model.letters import CALLED, COUNT_AS_SENT, LABELS, Letter, day_words, month_words
from xl_addin.model.mail_settings import HOLD_DOUBTFUL
from xl_addin.model.records import District
from xl_addin.model.result import Result, ResultTable
from xl_addin.model.settings import Config
from xl_addin.services.addressing import AddressDoubts, advice, bad_address_words
from xl_addin.services.delivery import (
    KEPT,
    PRESS_AGAIN,
    Outcome,
    deliver,
    outcomes_of,
    plan_delivery,
)
from xl_addin.services.letter_choices import LetterChoices, clear_choices, read_choices
from xl_addin.services.programme import Programme, Request
from xl_addin.store import deliveries
from xl_addin.store.deliveries import PENDING, REFUSED, SENDING, SENT
from xl_addin.system import held
from xl_addin.system.errors import Misused, Refused
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

_LABELS = {**deliveries.LABELS, KEPT: "没有发送"}
_AFTER = "主表“回收情况”里的“信件”一列在重算（recompute）之后更新"
_HEADINGS = ("区县", "收件人", "主题", "附件", "结果")


class SkippedDistrict(NamedTuple):
    """A district that gets no letter although it should, and what to do about it."""

    district: District
    why: str


class Outbox(NamedTuple):
    """The letters that a verb wants to send and the districts that get none.

    ``note`` (Chinese) are further lines of the result.
    """

    letters: list[Letter]
    skipped: list[SkippedDistrict]
    note: str = ""


def wanted_districts(config: Config, request: Request) -> tuple[District, ...]:
    """The districts that the request is about: all, or the one of --district (code or name)."""
    asked = request.options.get("district", "")
    if not asked:
        return config.districts
    found = tuple(d for d in config.districts if asked in (d.code, d.name, *d.aliases))
    if not found:
        raise Misused(f"用法不对：“区县名录”里没有“{asked}”；--district 后面写区县的代码或名称")
    return found


def recipients_of(district: District) -> tuple[tuple[MailAddress, ...], tuple[MailAddress, ...]]:
    """To and Cc of a district; an address in both is in To."""
    to = parse_mail_addresses(district.to)
    known = {box.address.lower() for box in to}
    cc = tuple(box for box in parse_mail_addresses(district.cc) if box.address.lower() not in known)
    return (to, cc) if to else (cc, ())


def no_address(district: District) -> SkippedDistrict:
    """A district that nobody can write to."""
    wrong = bad_address_words(district)
    if wrong:
        return SkippedDistrict(district, f"{wrong}，没有发送；请改正后再发")
    return SkippedDistrict(district, "“区县名录”里没有填邮箱，没有发送；请填上收件人再发")


def form_to_send(
    path: Path, issued: Collection[str], district: District
) -> bytes | SkippedDistrict:
    """A form as it was issued, or why it cannot go out; ``issued`` are the hashes of the month's forms."""
    try:
        data = held.read_bytes(path)
    except FileNotFoundError:
        return SkippedDistrict(
            district, f"{path.name}：没有这份填报表，没有发送；请先运行“生成填报表”"
        )
    if hashlib.sha256(data).hexdigest() not in issued:
        return SkippedDistrict(
            district,
            f"{path.name}：和生成时不一样，可能有人填过或改过，没有发送；请移走它，重新生成后再发",
        )
    return data


def _hold_doubtful(programme: Programme, outbox: Outbox, account: Account) -> Outbox:
    """The letters whose addresses nothing speaks against, the others as districts that get none.

    Where staff want them sent all the same, what speaks against them is told.
    """
    doubts = AddressDoubts(programme, account.address)
    hold = account.doubtful == HOLD_DOUBTFUL
    letters: list[Letter] = []
    skipped = list(outbox.skipped)
    lines = [outbox.note, *doubts.shared_lines(outbox.letters)]
    for letter in outbox.letters:
        why = doubts.against(letter)
        if why and hold:
            skipped.append(SkippedDistrict(letter.district, f"{why}；{advice()}"))
            continue
        lines += [f"请核对“{letter.district.name}”：{why}"] if why else []
        letters.append(letter)
    return outbox._replace(letters=letters, skipped=skipped, note="\n".join(filter(None, lines)))


def common_values(config: Config, district: District, month: str) -> dict[str, str]:
    """The fields that every letter has."""
    settings = config.settings
    return {
        "区县": district.name,
        "月份": month_words(month),
        "任务名称": settings.title,
        "截止日期": day_words(deadline(month, settings.deadline_day)),
        "联系人": settings.contact,
        "联系电话": settings.phone,
    }


def send_letters(
    programme: Programme, request: Request, verb: str, month: str, outbox: Outbox, kind: str = ""
) -> Result:
    """Send the letters, or list them in a rehearsal, and return the verb's result.

    ``kind`` of letter is told in the journal where the verb does not say which they were.

    Raises Refused where the account is incomplete or nothing could be tried.
    """
    again = "again" in request.options
    account, _ = read_account(programme.host)
    outbox = _hold_doubtful(programme, outbox, account)
    kinds = {kind for _, kind in (each.whose for each in outbox.letters)}
    choices = read_choices(programme, month, sorted(kinds))
    unclear = (*choices.unclear, *_idle(programme, outbox, choices))
    outbox = outbox._replace(note="\n".join((*outbox.note.splitlines(), *unclear)))
    if request.rehearse:
        lacking = "\n".join((*outbox.note.splitlines(), *_lacking(programme)))
        found = _rehearse(programme, outbox, again, choices)
        return _report(verb, month, outbox._replace(note=lacking), found, "", rehearsed=True)
    account = sending_account(programme.host)
    done = [whose for whose in _whose(outbox) if whose in choices.wanted]
    if done:
        programme.host.ready()
    outcomes, stopped = deliver(
        programme,
        outbox.letters,
        account,
        choose_transport(account, programme.folder),
        again=again,
        wanted=choices.wanted,
        recorded=lambda: clear_choices(programme, choices, done),
    )
    report = _report(verb, month, outbox, outcomes, stopped, rehearsed=False)
    with programme.ledger.writing():
        outcome = f"{LABELS[kind]}信，{report.outcome}" if kind else report.outcome
        programme.ledger.add_event(programme.now(), verb, month, outcome, programme.who())
    return report


def _lacking(programme: Programme) -> Iterator[str]:
    """What has to be set before the letters can be sent in earnest."""
    try:
        sending_account(programme.host)
    except Refused as refusal:
        for problem in refusal.problems:
            yield f"正式发送以前要先填好：{problem.message}"


def _whose(outbox: Outbox) -> list[tuple[str, str]]:
    return [each.whose for each in outbox.letters]


def _idle(programme: Programme, outbox: Outbox, choices: LetterChoices) -> Iterator[str]:
    """Choices that change nothing, since the letter that they speak of is not in doubt."""
    for letter in outbox.letters:
        if choices.wanted.get(letter.whose) != COUNT_AS_SENT:
            continue
        known = deliveries.latest_by_subject(programme.ledger, letter.kind, letter.month)
        before = known.get((letter.district.code, letter.about))
        if before is None or before.state != SENDING:
            yield f"“{letter.district.name}”的{CALLED[letter.kind]}没有不确定的，“算已发”没有改变什么"


def _rehearse(
    programme: Programme, outbox: Outbox, again: bool, choices: LetterChoices
) -> list[Outcome]:
    account, _ = read_account(programme.host)
    wanted = choices.wanted
    found = plan_delivery(programme, outbox.letters, account, again=again, wanted=wanted)
    states = {id(each.letter): each for each in found.done}
    states |= {id(letter): Outcome(letter, PENDING) for letter, _ in found.todo}
    for letter, _, choice in found.chosen:
        state = SENT if choice == COUNT_AS_SENT else PENDING
        states[id(letter)] = Outcome(letter, state, "按“回收情况”里选的")
    says = "上次发到一半中断，正式发送时会先去查"
    states |= {id(letter): Outcome(letter, SENDING, says) for letter, _ in found.in_doubt}
    return outcomes_of(outbox.letters, states, found)


def _report(
    verb: str,
    month: str,
    outbox: Outbox,
    outcomes: Sequence[Outcome],
    stopped: str,
    *,
    rehearsed: bool,
) -> Result:
    rows = [
        (
            each.letter.district.name,
            "、".join(each.letter.addresses),
            each.letter.subject,
            each.letter.attachment.name if each.letter.attachment else "—",
            _outcome_text(each, rehearsed),
        )
        for each in outcomes
    ]
    rows += [(each.district.name, "—", "—", "—", each.why) for each in outbox.skipped]
    data = {
        "verb": verb,
        "month": month,
        "letters": [_as_json(each) for each in outcomes],
        "skipped": [
            {"code": s.district.code, "district": s.district.name, "why": s.why}
            for s in outbox.skipped
        ],
        "counts": dict(Counter(each.state for each in outcomes)),
        "stopped": stopped or None,
    }
    return Result(
        data,
        _outcome(month, outbox, outcomes, rehearsed),
        clean=not (stopped or outbox.skipped or any(each.trouble for each in outcomes)),
        lines=tuple(
            line
            for line in (
                stopped,
                _go_on(stopped, outcomes),
                *outbox.note.splitlines(),
                "" if rehearsed else _AFTER,
            )
            if line
        ),
        tables=(ResultTable("信件", _HEADINGS, rows),) if rows else (),
    )


def _go_on(stopped: str, outcomes: Sequence[Outcome]) -> str:
    """What to do about letters that something stopped, where it is not said yet."""
    left = sum(each.state in (KEPT, PENDING) for each in outcomes)
    if not stopped or not left or PRESS_AGAIN in stopped:
        return ""
    return f"还有 {left} 封没有发；改好后{PRESS_AGAIN}，会接着发，发过的不会重发"


def _as_json(each: Outcome) -> dict[str, Any]:
    letter = each.letter
    return {
        "letter": letter.kind,
        "code": letter.district.code,
        "district": letter.district.name,
        "to": [box.address for box in letter.to],
        "cc": [box.address for box in letter.cc],
        "subject": letter.subject,
        "attachment": letter.attachment and letter.attachment.name,
        "state": each.state,
        "detail": each.detail,
        "now": each.fresh,
    }


def _outcome_text(each: Outcome, rehearsed: bool) -> str:
    if rehearsed and each.state == PENDING:
        return f"将发送：{each.detail}" if each.detail else "将发送"
    before = "" if each.fresh else "以前"
    helps = answers.advice(each.detail) if each.state == REFUSED else ""
    detail = "；".join(filter(None, (each.detail, helps)))
    return f"{before}{_LABELS[each.state]}{f'：{detail}' if detail else ''}"


def _outcome(month: str, outbox: Outbox, outcomes: Sequence[Outcome], rehearsed: bool) -> str:
    now = Counter(each.state for each in outcomes if each.fresh)
    before = sum(not each.fresh for each in outcomes)
    if rehearsed:
        said = [f"将发送 {now[PENDING]} 封"]
        said += [f"不确定 {now[SENDING]} 封"] if now[SENDING] else []
    else:
        said = [f"{_LABELS[state]} {count} 封" for state, count in now.items()]
    said += [f"以前发过 {before} 封"] if before else []
    said += [f"{len(outbox.skipped)} 个区县没有发"] if outbox.skipped else []
    told = "（预演，没有发送）" if rehearsed else ""
    return f"{month}：{'，'.join(said) or '没有要发的信'}{told}"
