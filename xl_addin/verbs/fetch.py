"""``fetch``: take what is new in the mailbox and pass what it brings to the common road of returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from xl_addin.master.read.account_rows import fetching_account
from xl_addin.model.mail_settings import MAIL_SETTINGS
from xl_addin.model.problems import statement
from xl_addin.model.records import Receipt
from xl_addin.model.result import Result, ResultTable
from xl_addin.model.sheets import DISTRICTS_SHEET
from xl_addin.services import fetching, intake, mail_intake
from xl_addin.services.fetching import Coming, FetchSummary
from xl_addin.services.mail_intake import LABELS, PLAIN, RETURN, RecordedMail, mail_place
from xl_addin.services.papers import with_papers
from xl_addin.services.programme import Programme, Request
from xl_addin.services.roll_call import call_roll, count_words
from xl_addin.services.strangers import left_out_words
from xl_addin.store import inbox
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_MOST_ROWS = 200


def run(programme: Programme, request: Request) -> Result:
    """Fetch first, to the last mail that can be had; then read, whatever became of fetching."""
    month = programme.month(request)
    account = fetching_account(programme.host)
    if request.rehearse:
        return _rehearsal(programme, month, fetching.new_entries(programme, account))
    refusal, behind = None, programme.clock_lines()
    try:
        taken = fetching.fetch_new(programme, account, month)
    except Refused as error:
        refusal, taken = error, FetchSummary(0, 0, 0, (error.message,))
    read = list(mail_intake.read_all(programme, month))
    if refusal is not None and not read:
        raise refusal
    report = _report(programme, month, taken, read, reached=refusal is None)
    for papers in {id(each.papers): each.papers for each in read}.values():
        report = with_papers(programme, report, papers)
    return report._replace(lines=(*report.lines, *behind))


def _rehearsal(programme: Programme, month: str, coming: Coming) -> Result:
    entries = coming.listed
    waiting = len(inbox.unread_mails(programme.ledger))
    found = list(fetching.describe_entries(entries))
    listed = [
        {
            "from": shown,
            "subject": subject,
            "received_at": entry.received_at or None,
            "size": entry.size,
        }
        for entry, shown, subject in found
    ]
    rows = [
        (entry.received_at, shown, subject, f"{entry.size / 1024:.0f} KB")
        for entry, shown, subject in found
    ]
    table = ResultTable(
        "邮箱里还没有取的邮件", ("收到时间", "发件人", "主题", "大小"), rows[:_MOST_ROWS]
    )
    left = f"，另有 {waiting} 封取下后还没有读取" if waiting else ""
    return Result(
        {
            "verb": "fetch",
            "month": month,
            "mails": listed,
            "returns": [],
            "waiting": waiting,
            "counts": {
                "new": len(listed),
                "unlisted_senders": coming.others,
                "older": coming.older,
            },
        },
        f"{month}：邮箱里有 {len(listed)} 封新邮件{left}（预演，没有取，邮箱没有动）",
        lines=tuple(_coming_lines(coming)),
        tables=(table,) if rows else (),
    )


def _coming_lines(coming: Coming) -> Iterator[str]:
    if coming.others:
        yield (
            f"另有 {coming.others} 封新邮件的发件人不在“{DISTRICTS_SHEET}”里；正式收取时会看里面有没有填报表，"
            "没有的只数一数，不留存"
        )
    yield from _older_line(coming.older, coming.since)


def _older_line(older: int, since: str) -> Iterator[str]:
    if older:
        label = next(spec.label for spec in MAIL_SETTINGS if spec.key == "mail_since")
        yield f"另有 {older} 封是 {since} 以前收到的，没有取；要取的请改“设置”里的“{label}”，再收取一次"


def _report(
    programme: Programme,
    month: str,
    taken: FetchSummary,
    read: Sequence[RecordedMail],
    *,
    reached: bool,
) -> Result:
    """``reached`` says whether the mailbox was; what it holds is not known where it was not."""
    box = f"邮箱里 {taken.listed} 封，新取 {taken.fresh} 封" if reached else "没有取成新的邮件"
    names = {district.code: district.name for district in programme.basics.districts}
    numbered = sorted((row for each in read for row in each.receipts), key=lambda row: row[1])
    sourced = [(source, receipt) for source, _, receipt in numbered]
    brought = [pair for each in read for pair in each.brought]
    found = intake.as_json(sourced, names)
    returns = [
        item | {"id": number}
        for item, (_, number, _) in zip(found["returns"], numbered, strict=True)
    ]
    kinds = Counter(each.result.kind for each in read)
    said = "、".join(f"{LABELS[kind]} {kinds[kind]}" for kind in LABELS if kinds[kind])
    outcome = (
        f"{month}：{box}，读取 {len(read)} 封"
        f"{f'（{said}）' if said else ''}；收到文件：{intake.count_verdicts(brought)}"
        f"；到现在{count_words(call_roll(programme).answers(month))}"
        f"{intake.next_step(programme, sourced)}"
    )
    left_out = taken.left_out + sum({id(e.left_out): e.left_out for e in read}.values(), Counter())
    files, letters = intake.as_table(sourced, names), _other_mails(read, names)
    return Result(
        {
            "verb": "fetch",
            "month": month,
            "mails": [_as_json(each, names) for each in read],
            "returns": returns,
            "counts": {
                **intake.verdict_counts(brought),
                "listed": taken.listed if reached else None,
                "fetched": taken.fetched,
                "new": taken.fresh,
                "mails": dict(kinds),
                "older": taken.older,
            },
            "left_out": dict(left_out),
            "troubles": list(taken.troubles),
        },
        outcome,
        clean=not taken.troubles and not any(receipt.problems for _, receipt in sourced),
        lines=(
            *taken.troubles,
            *left_out_words(left_out, "邮件或附件", "封（份）"),
            *_older_line(taken.older, taken.since),
        ),
        tables=tuple(table for table in (letters, files) if table.rows),
    )


def _as_json(read: RecordedMail, names: dict[str, str]) -> dict[str, Any]:
    result = read.result
    verdicts = {r.sha256: r.verdict for _, _, r in read.receipts if r.sha256}
    if read.papers is not None:
        verdicts = {each.sha256: each.verdict for each in read.papers.taken} | verdicts
    return {
        "sha256": read.mail.sha256,
        "from": result.shown,
        "sender": result.sender or None,
        "subject": result.subject,
        "received_at": read.mail.received_at,
        "kind": result.kind,
        "code": result.district or None,
        "district": names.get(result.district),
        "note": result.note,
        "links": list(read.links),
        "returns": [number for _, number, _ in read.receipts],
        "parts": [
            {
                "name": part.name,
                "kind": part.kind,
                "sha256": part.sha256 or None,
                "trail": part.trail,
                "flaw": part.flaw,
                "verdict": verdicts.get(part.sha256),
            }
            for part in read.parts
        ],
    }


def _other_mails(read: Sequence[RecordedMail], names: dict[str, str]) -> ResultTable:
    """The mails that brought no file to judge, with subject and sender."""
    rows = [
        (
            each.mail.received_at,
            each.result.shown,
            each.result.subject,
            names.get(each.result.district, "—"),
            LABELS[each.result.kind],
            _mail_note(each),
        )
        for each in read
        if each.result.kind != RETURN
    ]
    if len(rows) > _MOST_ROWS:
        more = len(rows) - _MOST_ROWS
        rows = [
            *rows[:_MOST_ROWS],
            ("", "", f"另有 {more} 封没有列出，用 --json 可以看到全部", "", "", ""),
        ]
    heads = ("收到时间", "发件人", "主题", "区县", "是什么", "说明")
    return ResultTable("没有带来填报表的邮件", heads, rows)


def _mail_note(read: RecordedMail) -> str:
    notices: list[Receipt] = [receipt for _, _, receipt in read.receipts]
    problems = [problem for receipt in notices for problem in receipt.problems]
    if read.result.kind == PLAIN or not problems:
        return read.result.note
    return statement(problems[0], mail_place(read.mail, read.result))
