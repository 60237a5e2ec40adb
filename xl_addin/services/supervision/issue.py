"""交办: what was drafted goes out, by letter where there is an address, as a file to be handed over where not.

That a slip went out is committed before the first letter is sent, so that pressing again after a stop sends
what is left, and nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from xl_addin.docx.fill import places_to_write
from xl_addin.master.read.account_rows import read_account
from xl_addin.master.read.letters_rows import sound_letters
from xl_addin.model.letters import SLIP, Attachment, Letter, Template, day_words, fill
from xl_addin.model.records import District
from xl_addin.model.result import Result
from xl_addin.model.slips import BLUE, ISSUED, LEVELS, Slip, SlipState
from xl_addin.services.addressing import bad_address_words
from xl_addin.services.bulletin.files import is_open
from xl_addin.services.bulletin.sentences import enumerate_names
from xl_addin.services.outbox import Outbox, common_values, no_address, recipients_of, send_letters
from xl_addin.services.programme import Programme, Request
from xl_addin.services.supervision.files import marks_of
from xl_addin.services.supervision.plan import stale_drafts
from xl_addin.services.supervision.report import slip_json
from xl_addin.services.supervision.words import chased_words, item_lines, level_words
from xl_addin.store.deliveries import DONE, latest_by_subject, message_ids
from xl_addin.store.slips import add_states, slips
from xl_addin.system import held
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import NamedTuple

BY_HAND = "面交"
"""What an issued slip says where nobody could be written to: it is handed over on paper."""
_MAKE_ONE = "请先点“督办”（xl-addin supervise）"


class _Ready(NamedTuple):
    """A drafted slip that can go out as its file lies there."""

    slip: Slip
    state: SlipState


def issue(programme: Programme, request: Request, month: str) -> Result:
    """Record what goes out, then send the letters. Refused where one file cannot go out as it lies there."""
    template = sound_letters(programme.host)[SLIP]
    ledger = programme.ledger
    with ledger.writing():
        known, today = slips(ledger), programme.now()[:10]
        going = [each for each in known if _is_to_go(each, today)]
        if any(not each.issues for each in going):
            _refuse_stale(programme, month, known)
        ready = [_check(programme, each) for each in going]
        if not ready and not _unsent(programme, known):
            raise Refused(f"没有待交办的督办单；{_MAKE_ONE}")
        states = [(each.slip.id, each.state) for each in ready]
        known = [_with_states(each, states) for each in known]
        if ready and not request.rehearse:
            add_states(ledger, states)
            names = _names(programme, [each.slip for each in ready])
            outcome = f"交办督办单 {len(ready)} 份：{names}"
            ledger.add_event(programme.now(), "supervise", month, outcome, programme.who())
    fail_point("supervise.issued")
    waiting = _unsent(programme, known)
    sent = _send(programme, request, month, template, waiting) if waiting else None
    return _report(programme, request, month, ready, known, sent)


def _is_to_go(slip: Slip, today: str) -> bool:
    """Whether it is drafted and due: who answered meanwhile is not chased."""
    return slip.draft is not None and (not slip.issues or slip.is_overdue(today))


def _refuse_stale(programme: Programme, month: str, known: Sequence[Slip]) -> None:
    """A slip does not say today what was so when it was drafted."""
    stale = [
        f"{_names(programme, [slip])}{says}" for slip, says in stale_drafts(programme, month, known)
    ]
    if stale:
        raise Refused(
            f"没有交办：{'；'.join(stale)}；请先重算，再点一次“督办”重拟（改过的先移到别处，把写过的话抄过去）"
        )


def _check(programme: Programme, slip: Slip) -> _Ready:
    """A drafted slip as it goes out now. Refused where its file cannot."""
    draft = slip.draft
    assert draft is not None  # noqa: S101 - it was chosen by that
    path, today = programme.folder / draft.file, programme.now()[:10]
    if not path.is_file():
        raise Refused(f"{path}：{slip.name}的文件不见了；{_MAKE_ONE}，重拟一份")
    if is_open(path):
        raise Refused(f"{path}：正在别的程序里打开；请保存并关闭，再点“交办”")
    data = held.read_bytes(path)
    marks = marks_of(data)
    if marks is None or (marks.number, marks.figures) != (slip.name, slip.district):
        raise Refused(f"{path}：不是{slip.name}的督办单，没有交办；请把它移到别处，{_MAKE_ONE}")
    if draft.term and draft.term < today:
        moved = "，改过的先移到别处，把写过的话抄过去" if marks.edited else ""
        raise Refused(f"{path}：印的期限 {draft.term} 已经过了；请再点一次“督办”重拟{moved}")
    left = places_to_write(data)
    if left:
        raise Refused(
            f"{path}：还有 {len(left)} 处没有写：{'、'.join(left)}；请在 Word 里写好再点“交办”，"
            "“发文机关”可以在“设置”里填好，再点“督办”重拟"
        )
    district = _district(programme, slip)
    # Where an address stands and is none, the letter waits until it is put right.
    nobody = not (recipients_of(district)[0] or bad_address_words(district))
    by_hand = nobody or not _has_mail(programme)
    sha256 = hashlib.sha256(data).hexdigest()
    state = draft._replace(
        state=ISSUED, sha256=sha256, at=programme.now(), text=BY_HAND if by_hand else ""
    )
    return _Ready(slip, state)


def _has_mail(programme: Programme) -> bool:
    """Whether letters are sent here at all."""
    return bool(read_account(programme.host)[0].address)


def _district(programme: Programme, slip: Slip) -> District:
    """The slip's district. Refused where 区县名录 does not have it any more."""
    found = next((d for d in programme.basics.districts if d.code == slip.district), None)
    if found is None:
        raise Refused(
            f"{slip.name}：“区县名录”里没有代码 {slip.district}，不知道发给谁；请补回这一行"
        )
    return found


def _with_states(slip: Slip, going: Sequence[tuple[int, SlipState]]) -> Slip:
    mine = tuple(state for number, state in going if number == slip.id)
    return slip._replace(states=(*slip.states, *mine))


def subject_of(slip: Slip) -> str:
    """What the letter with a slip is about: the number and the level, one letter for each."""
    return f"{slip.name}{slip.paper.level}"


def slip_named_in(about: str) -> str:
    """The name of the slip that a letter was about."""
    return about[:-1] if about[-1:] in LEVELS else about


def _unsent(programme: Programme, known: Sequence[Slip]) -> list[Slip]:
    """The open slips that went out and whose letter is not known to have."""
    today = programme.now()[:10]
    out = [e for e in known if e.issues and e.is_open and not e.paper.text]
    out = [each for each in out if not _is_to_go(each, today)]
    sent = {
        month: latest_by_subject(programme.ledger, SLIP, month)
        for month in {each.month for each in out}
    }
    return [
        each
        for each in out
        if (before := sent[each.month].get((each.district, subject_of(each)))) is None
        or before.state not in DONE
    ]


def _send(
    programme: Programme, request: Request, month: str, template: Template, waiting: Sequence[Slip]
) -> Result:
    outbox = Outbox([], [])
    for slip in waiting:
        district = _district(programme, slip)
        if recipients_of(district)[0]:
            outbox.letters.append(_letter(programme, slip, template))
        else:
            outbox.skipped.append(no_address(district))
    return send_letters(programme, request, "send", month, outbox, SLIP)


def _letter(programme: Programme, slip: Slip, template: Template) -> Letter:
    district, paper = _district(programme, slip), slip.paper
    to, cc = recipients_of(district)
    path = programme.folder / paper.file
    data = held.read_bytes(path) if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != paper.sha256:
        raise Refused(f"{path}：和交办时登记的不一样，没有发送；请从备份找回这份督办单")
    open_items = [each for each in slip.items if slip.closing(each) is None]
    values = {
        **common_values(programme.basics, district, slip.month),
        "编号": slip.name,
        "级别": level_words(paper.level),
        "期限": day_words(paper.term),
        "事项数": str(len(open_items)),
        "事项": "\n".join(item_lines(open_items)),
        "催办": "催办" if paper.level != BLUE else "",
        "催办说明": _chased(slip),
        "文件名": path.name,
    }
    subject, text = fill(template, values)
    earlier = [f"{slip.name}{level}" for level in LEVELS[: LEVELS.index(paper.level)]]
    thread = message_ids(programme.ledger, SLIP, district.code, earlier)
    file = Attachment(path.name, data)
    about = subject_of(slip)
    return Letter(SLIP, slip.month, district, to, cc, subject, text, about, file, thread)


def _chased(slip: Slip) -> str:
    issues = slip.issues
    if len(issues) < 2:
        return ""
    before = issues[-2]
    return chased_words(issues[0].at, before.level, before.term, slip.paper.level)


def _names(programme: Programme, found: Sequence[Slip]) -> str:
    names = {each.code: each.name for each in programme.basics.districts}
    return enumerate_names([f"{s.name}{names.get(s.district, s.district)}" for s in found], "份")


def _report(
    programme: Programme,
    request: Request,
    month: str,
    ready: Sequence[_Ready],
    known: Sequence[Slip],
    sent: Result | None,
) -> Result:
    names = {each.code: each.name for each in programme.basics.districts}
    today, out = programme.now()[:10], {each.slip.id for each in ready}
    told = "（预演，没有写入，没有发送）" if request.rehearse else ""
    said = f"交办督办单 {len(ready)} 份" if ready else "没有新的督办单要交办"
    lines = _hand_over(programme.folder, ready)
    mailed = f"；{sent.outcome.partition('：')[2]}" if sent else ""
    return Result(
        {
            "verb": "supervise",
            "month": month,
            "slips": [slip_json(each, names, today) for each in known if each.id in out],
            "letters": sent.data["letters"] if sent else [],
            "stopped": sent.data["stopped"] if sent else None,
        },
        f"{month}：{said}{mailed}{told}",
        clean=sent is None or sent.clean,
        lines=(*lines, *(sent.lines if sent else ())),
        tables=sent.tables if sent else (),
    )


def _hand_over(folder: Path, ready: Sequence[_Ready]) -> Iterator[str]:
    files = [str(folder / each.state.file) for each in ready if each.state.text == BY_HAND]
    if files:
        yield f"有 {len(files)} 份没有邮箱可发，请打印或自己转交：{enumerate_names(files, '份')}"
