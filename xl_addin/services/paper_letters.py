"""Letters about papers: covers that go out, papers that go back with the reasons, receipts, reminders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xl_addin.docx.properties import read_marks
from xl_addin.master.read.letters_rows import sound_letters
from xl_addin.model.letters import (
    PAPER_RECEIPT,
    PAPER_RETURN,
    PAPER_SEND,
    RECEIPT,
    REMIND,
    RETURN,
    SEND,
    Attachment,
    Letter,
    Template,
    day_words,
    fill,
    number_lines,
)
from xl_addin.model.papers import NOTICE_DAYS
from xl_addin.model.problems import DOUBTS
from xl_addin.model.records import ACCEPTED, ERROR, HELD, REJECTED, WARNING, District
from xl_addin.services.outbox import Outbox, no_address, recipients_of, wanted_districts
from xl_addin.services.paper_covers import make_covers
from xl_addin.services.paper_standing import PaperStanding, paper_standings
from xl_addin.services.programme import Programme, Request
from xl_addin.store.deliveries import DONE, latest_by_subject
from xl_addin.store.papers import message_of
from xl_addin.system import held
from xl_addin.system.errors import Refused
from xl_addin.system.light import pattern

# Somebody else's header goes into ours: nothing but a plain id may.
_MESSAGE_ID = pattern(r"<[!-;=?-~]{1,250}>\Z")


def _values(programme: Programme, each: PaperStanding) -> dict[str, str]:
    settings = programme.basics.settings
    return {
        "区县": each.district.name,
        "材料": f"“{each.paper.name}”",
        "截止日期": each.paper.term_words,
        "任务名称": settings.title,
        "联系人": settings.contact,
        "联系电话": settings.phone,
    }


def cover_letters(programme: Programme, request: Request) -> Outbox:
    """The covers, each to its district; as they lie in 材料/模板 and nobody wrote into them."""
    template = sound_letters(programme.host)[PAPER_SEND]
    wanted = wanted_districts(programme.basics, request)
    owed = {(each.paper.code, each.district.code): each for each in paper_standings(programme)}
    outbox = Outbox([], [])
    for cover in make_covers(programme):
        if cover.district not in wanted:
            continue
        if not cover.path.is_file() or read_marks(held.read_bytes(cover.path)).edited:
            raise Refused(
                f"{cover.path}：没有这份封面，或者有人写过；请先点“生成材料封面”（distribute --papers）"
            )
        to, cc = recipients_of(cover.district)
        if not to:
            outbox.skipped.append(no_address(cover.district))
            continue
        paper, name = cover.paper, cover.path.name
        values = _values(programme, owed[paper.code, cover.district.code])
        values |= {
            "要求": paper.request,
            "字数": paper.length_words,
            "文件类型": paper.kind_words,
            "文件名": name,
        }
        subject, text = fill(template, values)
        file = Attachment(name, held.read_bytes(cover.path))
        letter = Letter(
            SEND, paper.subject, cover.district, to, cc, subject, text, cover.sha256, file
        )
        outbox.letters.append(letter)
    if not programme.basics.papers:
        raise Refused("“材料”是空的，没有要交的材料；请先填好代码、材料和截止日期")
    return outbox


def answers(
    programme: Programme, request: Request, templates: dict[str, Template], *, receipts: bool
) -> Outbox:
    """What goes back for papers: the reasons for those that were rejected, receipts where wanted."""
    outbox = Outbox([], [])
    wanted = wanted_districts(programme.basics, request) if programme.basics.papers else ()
    for each in paper_standings(programme):
        told = each.verdict == REJECTED or (receipts and each.verdict == ACCEPTED)
        if not told or each.district not in wanted:
            continue
        if not recipients_of(each.district)[0]:
            outbox.skipped.append(no_address(each.district))
        else:
            outbox.letters.append(_answer(programme, each, templates))
    return outbox


def _answer(programme: Programme, each: PaperStanding, templates: dict[str, Template]) -> Letter:
    came = each.speaks
    assert came is not None  # noqa: S101 - its verdict was read
    rejected = each.verdict == REJECTED
    errors = [p.message for p in each.problems if p.severity == ERROR and p.code not in DOUBTS]
    wrong = errors or [came.note or "市里看过以后没有采用，请和我们联系"]
    warned = number_lines([p.message for p in each.problems if p.severity == WARNING])
    values = {
        **_values(programme, each),
        "原文件名": came.file,
        "收到时间": day_words(came.received_at),
        "问题清单": number_lines(wrong),
        "提醒": f"下面几处请核对（不影响通过）：\n{warned}" if warned else "",
    }
    subject, text = fill(templates[PAPER_RETURN if rejected else PAPER_RECEIPT], values)
    to, cc = recipients_of(each.district)
    kind, thread = RETURN if rejected else RECEIPT, message_of(programme.ledger, came.mail)
    answered = (thread,) if _MESSAGE_ID.match(thread) else ()
    whole = (kind, each.paper.subject, each.district, to, cc, subject, text, came.sha256)
    return Letter(*whole, thread=answered)


def owed_papers(programme: Programme) -> dict[District, list[PaperStanding]]:
    """By district the papers that have to be asked for: not those that wait for us or went back today.

    Nor those whose term is further off than ``NOTICE_DAYS``.
    """
    found: dict[District, list[PaperStanding]] = {}
    today = programme.now()[:10]
    returned: dict[str, set[tuple[str, str]]] = {}
    for each in paper_standings(programme):
        if each.verdict in (ACCEPTED, HELD) or _days_left(programme, each) > NOTICE_DAYS:
            continue
        subject = each.paper.subject
        if subject not in returned:
            sent = latest_by_subject(programme.ledger, RETURN, subject).items()
            returned[subject] = {key for key, s in sent if s.state in DONE and s.at[:10] == today}
        back = each.speaks.sha256 if each.speaks else ""
        if (each.district.code, back) not in returned[subject]:
            found.setdefault(each.district, []).append(each)
    return found


def _days_left(programme: Programme, each: PaperStanding) -> int:
    from datetime import date

    return (date.fromisoformat(each.paper.due[:10]) - programme.clock().date()).days


def owed_line(programme: Programme, each: PaperStanding) -> str:
    """What of a paper is missing and since when, as one line."""
    came = each.speaks
    if each.verdict == REJECTED and came is not None:
        what = f"{day_words(came.received_at)}收到的“{came.file}”没有通过"
    elif each.files:
        lacking = each.paper.copies - len(each.files)
        what = f"要 {each.paper.copies} 份，收到 {len(each.files)} 份，还缺 {lacking} 份"
    else:
        what = "还没有收到"
    left = _days_left(programme, each)
    late = f"，已过 {-left} 天" if left < 0 else ""
    return f"材料“{each.paper.name}”：{what}（截止日期 {each.paper.term_words}{late}）"


def paper_reminder(
    programme: Programme,
    district: District,
    owed: Sequence[PaperStanding],
    template: Template,
    month: str,
) -> Letter:
    """A letter that asks for papers alone."""
    today = programme.now()[:10]
    values = {
        **_values(programme, owed[0]),
        "今天": day_words(today),
        "材料": "、".join(f"“{each.paper.name}”" for each in owed),
        "材料说明": "\n".join(owed_line(programme, each) for each in owed),
    }
    subject, text = fill(template, values)
    to, cc = recipients_of(district)
    return Letter(REMIND, month, district, to, cc, subject, text, today)


def not_asked(programme: Programme) -> Iterator[str]:
    """Which papers are not asked for yet, and which wait for us."""
    standings = paper_standings(programme)
    for paper in dict.fromkeys(each.paper for each in standings):
        mine = [each for each in standings if each.paper == paper]
        left = _days_left(programme, mine[0])
        lacking = sum(each.verdict not in (ACCEPTED, HELD) for each in mine)
        if lacking and left > NOTICE_DAYS:
            yield (
                f"材料“{paper.name}”离截止还有 {left} 天，缺 {lacking} 个区县，没有催；"
                f"截止前 {NOTICE_DAYS} 天起才催"
            )
        waiting = [each.district.name for each in mine if each.verdict == HELD]
        if waiting:
            yield f"材料“{paper.name}”有 {len(waiting)} 份是“待定”，要由市里先处理，没有催：{'、'.join(waiting)}"
