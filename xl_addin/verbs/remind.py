"""``remind``: a letter to each district that has not reported everything yet, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from xl_addin.master.read.letters_rows import sound_letters
from xl_addin.model.calendar import deadline
from xl_addin.model.letters import (
    CHAT_REMIND,
    PAPER_REMIND,
    REMIND,
    RETURN,
    SEND,
    Letter,
    Template,
    day_words,
    fill,
    month_words,
)
from xl_addin.model.records import (
    ACCEPTED,
    BLANK,
    HELD,
    REJECTED,
    UNREADABLE,
    VERDICT_LABELS,
    District,
)
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
from xl_addin.services.roll_call import Answer, RollCall, call_roll, scan_name
from xl_addin.store.deliveries import DONE, SENT, Sending, latest_by_district
from xl_addin.store.issued_forms import issued_months
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from xl_addin.model.work_items import WorkStanding
    from xl_addin.services.paper_standing import PaperStanding

    _Owed = Mapping[str, Sequence[WorkStanding]]

_NAMED = 10


class _SentLetters(NamedTuple):
    """What went out for a month, by district."""

    forms: Mapping[str, Sending]
    returned: Mapping[str, Sending]


def run(programme: Programme, request: Request) -> Result:
    """Write what is missing up to the month and since when, once a day at most.

    A return that is held waits for us and one that went back today for the district: neither month is
    asked for.
    """
    month, config, ledger = programme.month(request), programme.basics, programme.ledger
    templates = sound_letters(programme.host)
    template, papers = templates[REMIND], _papers(programme)
    roll = call_roll(programme)
    issued = issued_months(ledger, month)
    sent = {
        each: _SentLetters(
            latest_by_district(ledger, SEND, each), latest_by_district(ledger, RETURN, each)
        )
        for each in {each for months in issued.values() for each in months}
    }
    today = programme.now()[:10]
    wanted = wanted_districts(config, request)
    owed = _owed_works(programme, roll, month, tuple(sent))
    left_out = (*_left_out(roll, wanted, issued, sent, month, today), *papers.left_out)
    asked = {
        district: [
            answer
            for each in issued.get(district.code, ())
            if district.reports(each)
            and _is_missing(answer := roll.answer(district, each), owed[each])
            and not _went_back_today(sent[each], district, today)
        ]
        for district in wanted
    }
    if "text" in request.options:
        return _as_text(programme, request, month, asked, left_out, templates[CHAT_REMIND])
    outbox = Outbox([], [], "\n".join(left_out))
    for district, missing in asked.items():
        if not missing and not papers.owed.get(district):
            continue
        to, cc = recipients_of(district)
        if not to:
            outbox.skipped.append(no_address(district))
            continue
        if not missing:
            outbox.letters.append(papers.letter(district, templates[PAPER_REMIND], month))
            continue
        lines = [
            f"{month_words(each.month)}：{_words(each, sent[each.month], owed[each.month], programme)}"
            for each in missing
        ]
        values = {
            **common_values(config, district, month),
            "今天": day_words(today),
            "缺报月份": "、".join(month_words(each.month) for each in missing),
            "缺报说明": "\n".join((*lines, *papers.lines(district))),
        }
        subject, text = fill(template, values)
        outbox.letters.append(Letter(REMIND, month, district, to, cc, subject, text, today))
    return send_letters(programme, request, "remind", month, outbox)


def _as_text(
    programme: Programme,
    request: Request,
    month: str,
    asked: Mapping[District, Sequence[Answer]],
    left_out: Sequence[str],
    template: Template,
) -> Result:
    """One message that names all who are missing, written to a file instead of mailed."""
    from xl_addin.services.packages import chat_reminder, missing_lines, write_reminder

    late = [district for district, missing in asked.items() if missing]
    data = {"verb": "remind", "month": month, "missing": [each.code for each in late], "text": None}
    if not late:
        return Result(data, f"{month}：没有要催的区县，没有写文字", lines=tuple(left_out))
    by_month: dict[str, list[Answer]] = {}
    for missing in asked.values():
        for answer in missing:
            by_month.setdefault(answer.month, []).append(answer)
    text = chat_reminder(
        programme, template, month, [*missing_lines(programme, by_month)], len(late)
    )
    where = "（预演，没有写入）"
    if not request.rehearse:
        where = f"，在 {write_reminder(programme, month, text)}"
        outcome = f"写催报文字，点名 {len(late)} 个区县"
        with programme.ledger.writing():
            programme.ledger.add_event(programme.now(), "remind", month, outcome, programme.who())
    return Result(
        data | {"text": text},
        f"{month}：催报文字点名 {len(late)} 个区县{where}，打开后全部复制，粘贴到群里",
        lines=(text, *left_out),
    )


def _owed_works(
    programme: Programme, roll: RollCall, month: str, months: Sequence[str]
) -> Mapping[str, _Owed]:
    """By month and district what is still to come of key works.

    Of a return that counts, what was asked for again since is asked for there alone: where it stood before is
    no matter.
    """
    if not programme.works:
        return {each: {} for each in months}
    from xl_addin.services.work_ledger import owing, work_standings

    last = work_standings(programme, month)
    found: dict[str, _Owed] = {}
    for each in months:
        came = {a.district.code for a in roll.answers(each) if a.verdict == ACCEPTED}
        found[each] = {
            code: [
                one
                for one in standings
                if code not in came or last[code, one.item.number].month == each
            ]
            for code, standings in owing(work_standings(programme, each), each).items()
        }
    return found


def _is_missing(answer: Answer, owed: _Owed) -> bool:
    """Whether something is still to come: the figures, or where these count what belongs to 重点工作."""
    if answer.verdict == ACCEPTED:
        return bool(owed.get(answer.district.code))
    return answer.verdict != HELD


def _words(answer: Answer, sent: _SentLetters, owed: _Owed, programme: Programme) -> str:
    if answer.verdict == ACCEPTED:
        return _page_words(answer, owed, programme)
    items = owed.get(answer.district.code, ())
    numbers = "、".join(each.item.number for each in items)
    with_page = f"；表里的“重点工作”页有 {len(items)} 项要报：{numbers}" if items else ""
    return _why(answer, sent, programme) + with_page


def _page_words(answer: Answer, owed: _Owed, programme: Programme) -> str:
    """What lacks of the page 重点工作 where the figures count."""
    items = owed[answer.district.code]
    names = "、".join(f"{each.item.number} {each.item.title}" for each in items[:_NAMED])
    more = f"等 {len(items)} 项" if len(items) > _NAMED else ""
    what = "没有通过审核，还没有重报" if answer.page_is_back else "还没有收到"
    late = _since(deadline(answer.month, programme.basics.settings.deadline_day), programme)
    return f"任务进度的数已经收下，“重点工作”页{what}：{names}{more}（{late}）"


class _Papers(NamedTuple):
    """The papers that have to be asked for, by district; nothing where none are owed."""

    programme: Programme
    owed: Mapping[District, Sequence[PaperStanding]] = MappingProxyType({})
    left_out: tuple[str, ...] = ()

    def lines(self, district: District) -> list[str]:
        """What stands in a letter that asks for forms too."""
        if district not in self.owed:
            return []
        from xl_addin.services.paper_letters import owed_line

        return [owed_line(self.programme, each) for each in self.owed[district]]

    def letter(self, district: District, template: Template, month: str) -> Letter:
        """A letter that asks for papers alone."""
        from xl_addin.services.paper_letters import paper_reminder

        return paper_reminder(self.programme, district, self.owed[district], template, month)


def _papers(programme: Programme) -> _Papers:
    if not programme.basics.papers:
        return _Papers(programme)
    from xl_addin.services.paper_letters import not_asked, owed_papers

    return _Papers(programme, owed_papers(programme), tuple(not_asked(programme)))


def _went_back_today(sent: _SentLetters, district: District, today: str) -> bool:
    back = sent.returned.get(district.code)
    return back is not None and back.state in DONE and back.at[:10] == today


def _was_answered(sent: _SentLetters, answer: Answer) -> bool:
    """Whether the return that speaks went back, and not only one before it."""
    back = sent.returned.get(answer.district.code)
    return back is not None and answer.status is not None and back.about == answer.status.sha256


def _why(answer: Answer, sent: _SentLetters, programme: Programme) -> str:
    """What is missing and since when, as one line."""
    code, status = answer.district.code, answer.status
    if status is None:
        form = sent.forms.get(code)
        went = f"，填报表 {day_words(form.at)}发出" if form and form.state == SENT else ""
        what = f"还没有收到{'电子表' if answer.scan else ''}{went}"
    elif status.verdict == BLANK:
        empty = "和退回修改时一样，没有改" if status.round > 1 else "是空表，没有填"
        what = f"{day_words(status.received_at)}收到的“{status.file}”{empty}"
    elif status.verdict == UNREADABLE:
        what = _unread_words(answer)
    else:
        back = sent.returned.get(code)
        known = back is not None and back.state == SENT and _was_answered(sent, answer)
        told = f"，{day_words(back.at)}已退回修改，还没有重报" if back and known else ""
        what = f"{day_words(status.received_at)}收到的“{status.file}”没有通过审核{told}"
    late = _since(deadline(answer.month, programme.basics.settings.deadline_day), programme)
    return f"{what}{_beside(answer)}（{late}）"


_UNREAD = {
    "password": "有密码，请取消密码后重新发送",
    "encrypted": "被文档加密软件加密了，请解密后重新发送",
    "web-page": "是网页，请把原来的工作簿另存为 .xlsx 后重新发送",
    "in-pieces": "是拆散的工作簿，请发送没有解压的 .xlsx",
}


def _unread_words(answer: Answer) -> str:
    """What came and could not be read, in words for the district."""
    status = answer.status
    assert status is not None  # noqa: S101 - its verdict was read
    day, code = day_words(status.received_at), answer.unread.code if answer.unread else ""
    if code == "cloud-attachment":
        return f"{day}收到的是网盘链接，不是附件，请把填报表作为附件发来"
    return f"{day}收到的“{status.file}”{_UNREAD.get(code, '打不开，请重新发送')}"


def _beside(answer: Answer) -> str:
    """What the district sent besides: it believes that it has reported."""
    said = ""
    if answer.scan is not None:
        kind, name = scan_name(answer.scan)
        day = day_words(answer.scan.received_at)
        asked = "不能代替电子表，请补报电子表" if kind else "不是填报表，请补报填报表"
        said += f"；{day}收到您单位的{kind or '文件'}“{name}”，{asked}"
    if answer.other_month is not None:
        day, theirs = day_words(answer.other_month.received_at), answer.other_month.month
        said += f"；{day}收到的“{answer.other_month.file}”是 {month_words(theirs)}的表"
    return said


def _since(last: str, programme: Programme) -> str:
    days = (programme.clock().date() - date.fromisoformat(last[:10])).days
    late = f"，已过 {days} 天" if days > 0 else ""
    return f"截止日期 {day_words(last)}{late}"


def _left_out(
    roll: RollCall,
    districts: Sequence[District],
    issued: Mapping[str, Sequence[str]],
    sent: Mapping[str, _SentLetters],
    month: str,
    today: str,
) -> Iterator[str]:
    """Who has not passed and is not written to for the month, and why; and whom to answer first."""
    answers = [roll.answer(d, month) for d in districts if d.reports(month)]
    open_ = [each for each in answers if each.verdict != ACCEPTED]
    held = [each.district.name for each in open_ if each.verdict == HELD]
    rest = [each.district for each in open_ if each.verdict != HELD]
    formless = [d.name for d in rest if month not in issued.get(d.code, ())]
    back = [d.name for d in rest if month in sent and _went_back_today(sent[month], d, today)]
    label = VERDICT_LABELS[HELD]
    if held:
        yield (
            f"{month} 有 {len(held)} 个区县的填报表是“{label}”，要由市里先处理，没有催："
            f"{'、'.join(held)}"
        )
    if back:
        yield f"{month} 有 {len(back)} 个区县的填报表今天刚退回修改，没有催：{'、'.join(back)}"
    unanswered = [
        each.district.name
        for each in open_
        if each.verdict == REJECTED
        and each.status
        and month in sent
        and not _was_answered(sent[month], each)
    ]
    if unanswered:
        yield (
            f"{month} 有 {len(unanswered)} 个区县的填报表没有通过审核，还没有退回修改："
            f"{'、'.join(unanswered)}；请先做“退回修改”（return），信里才写明要改哪里"
        )
    if formless:
        yield (
            f"{month} 有 {len(formless)} 个区县还没有生成填报表，没有催：{'、'.join(formless)}；"
            "请先做“生成填报表”（distribute）和“发送”（send）"
        )
