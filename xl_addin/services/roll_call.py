"""Who has reported for a month and who has not: one answer for the verbs, 回收情况 and the letters.

未报 is a district from which nothing came that can be judged; 未通过 one whose return came and does not
count. What came besides, such as a scan, is told beside the verdict and never counted as a return.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from xl_addin.model.calendar import LATE, ON_TIME, deadline, months_of
from xl_addin.model.filetypes import called_instead
from xl_addin.model.records import (
    ACCEPTED,
    DUPLICATE,
    FOREIGN,
    HELD,
    MISSING,
    REJECTED,
    UNREADABLE,
    VERDICT_LABELS,
    VERDICTS,
    District,
)
from xl_addin.model.settings import BY_FILE, Config
from xl_addin.services.programme import Programme
from xl_addin.store.arrivals import Arrival, arrivals
from xl_addin.store.ledger import Status
from xl_addin.system.light import NamedTuple

_UNREAD = {
    "password": "“{}”有密码打不开，请区县取消密码后重发，或把密码填到“设置”的“打开密码”",
    "encrypted": "“{}”被文档加密软件加密了，请区县解密后重发",
    "web-page": "“{}”是网页，请区县把原来的工作簿另存为 .xlsx 重发",
    "in-pieces": "“{}”是拆散的工作簿，请区县发送没有解压的 .xlsx",
    "archive": "“{}”是拆不开的压缩包，请区县不要压缩，重发填报表",
    "cloud-attachment": "发来的是网盘链接，请用浏览器下载后放进“回收”，再导入",
    "mail-unread": "“{}”读不出来，请在邮箱里打开，把附件放进“回收”，再导入",
    "": "“{}”读不出来，请区县重新发送",
}


class Answer(NamedTuple):
    """What a district has to show for a month: ``status`` is the return that speaks, None for none.

    ``beside`` is what came since and does not speak, the earliest first; ``counting`` are the months
    of the year for which its return counts, ``term`` is the last second that was on time.
    """

    district: District
    month: str
    status: Status | None
    beside: tuple[Arrival, ...] = ()
    counting: frozenset[str] = frozenset()
    term: str = ""

    @property
    def verdict(self) -> str:
        """One of VERDICTS, or MISSING."""
        return MISSING if self.status is None else self.status.verdict

    @property
    def punctuality(self) -> str:
        """按时 or 逾期 where the return counts, by the first one that did; empty else."""
        status = self.status
        if status is None or status.verdict != ACCEPTED:
            return ""
        return ON_TIME if status.passed.received_at <= self.term else LATE

    @property
    def page_is_back(self) -> bool:
        """Whether the return counts and only its page 重点工作 does not."""
        return self.status is not None and self.status.page == REJECTED

    @property
    def scan(self) -> Arrival | None:
        """The last file that is no form, where no form came since."""
        found = [each for each in self.beside if each.verdict == FOREIGN]
        return found[-1] if found and self.verdict not in (ACCEPTED, HELD) else None

    @property
    def other_month(self) -> Arrival | None:
        """The last form of another month that came instead of this one's."""
        found = [each for each in self.beside if each.month not in ("", self.month)]
        return found[-1] if found and self.verdict == MISSING else None

    @property
    def unread(self) -> Arrival | None:
        """The last file that could not be read, where no form came since."""
        found = [each for each in self.beside if each.verdict == UNREADABLE]
        return found[-1] if found and self.verdict not in (ACCEPTED, HELD) else None

    @property
    def hint(self) -> str:
        """What has to be known beside the verdict, and what to do about it; empty where nothing has."""
        if self.verdict == HELD:
            return "在“待定”，等市里决定"
        if self.verdict == ACCEPTED:
            waiting = [each for each in self.beside if each.verdict == HELD]
            said = [f"又收到一份“{waiting[-1].file}”，在“待定”"] if waiting else []
            said += self._corrected()
            said += ["“重点工作”页没有通过，待改好重报"] if self.page_is_back else []
            return "；".join(said)
        told = (
            self.unread and unread_words(self.unread),
            self.scan and _scan_words(self.scan),
            self.other_month and self.other_month_words(self.other_month),
        )
        return "；".join(each for each in told if each)

    def _corrected(self) -> list[str]:
        """By which return it is 按时, or late by so much, where the one that counts came after the term."""
        status = self.status
        if status is None or status.first is None or status.received_at <= self.term:
            return []
        return [f"是否按时看 {status.first.received_at[:10]} 收到的首报；这份是更正"]

    def other_month_words(self, other: Arrival) -> str:
        """That a form of another month came, and this month's did not."""
        theirs, ours = int(other.month[5:]), int(self.month[5:])
        waits = "（在“待定”）" if other.verdict == HELD else ""
        if other.month in self.counting:
            return f"又发来了 {theirs} 月的表“{other.file}”{waits}，{ours} 月的还没有报"
        return f"发来的“{other.file}”是 {theirs} 月的表{waits}，{ours} 月的还没有报"


class RollCall:
    """The year's returns, asked month by month. ``statuses`` and ``beside`` are as the ledger has them."""

    def __init__(
        self,
        config: Config,
        statuses: Mapping[tuple[str, str], Status],
        beside: Mapping[tuple[str, str], Sequence[Arrival]] = MappingProxyType({}),
    ) -> None:
        self._districts = config.districts
        self._months = months_of(config.settings.year)
        self._by_file = config.settings.received_by == BY_FILE
        self._day = config.settings.deadline_day
        self._statuses = statuses
        self._beside = beside

    def answers(self, month: str) -> list[Answer]:
        """One answer for each district that reports for a month, in the order of 区县名录."""
        return [self.answer(each, month) for each in self._districts if each.reports(month)]

    def answer(self, district: District, month: str) -> Answer:
        """What one district has to show for a month."""
        status = self._statuses.get((district.code, month))
        since = "" if status is None else status.received_at
        beside = tuple(
            each
            for each in self._beside.get((district.code, month), ())
            if each.received_at >= since and self._is_news(each)
        )
        counting = frozenset(self._counting(district.code))
        return Answer(district, month, status, beside, counting, deadline(month, self._day))

    def _counting(self, code: str) -> Iterator[str]:
        for at in self._months:
            status = self._statuses.get((code, at))
            if status is not None and status.verdict == ACCEPTED:
                yield at

    def unplaced(self, month: str) -> list[Arrival]:
        """What was collected for a month, could not be read and does not say whose it is."""
        found = self._beside.get(("", month), ())
        return [each for each in found if each.code != "not-delivered"]

    def still_open(self, month: str) -> list[tuple[Arrival, str]]:
        """The files that still have to be asked after for a month, each with what to say of it."""
        found: list[tuple[Arrival, str]] = []
        for answer in self.answers(month):
            if answer.unread:
                found.append((answer.unread, unread_words(answer.unread)))
            if answer.other_month:
                found.append((answer.other_month, answer.other_month_words(answer.other_month)))
        return [*found, *((each, unread_words(each)) for each in self.unplaced(month))]

    def _is_news(self, each: Arrival) -> bool:
        """Whether a form of another month was sent again, rather than lying where it always lay."""
        if each.verdict != DUPLICATE or each.by_mail:
            return True
        later = each.received_at > each.first_at
        return later and (self._by_file or each.file != each.first_file)


def call_roll(programme: Programme) -> RollCall:
    """The roll of the programme's year."""
    config, ledger = programme.basics, programme.ledger
    months = months_of(config.settings.year)
    beside = arrivals(ledger, months[0], months[-1])
    return RollCall(config, ledger.statuses(months[0][:4]), beside)


def count_words(answers: Sequence[Answer]) -> str:
    """应报, 已通过, 未通过 with what it consists of, 未报: the same numbers wherever they are told."""
    counts = Counter(each.verdict for each in answers)
    accepted, missing = counts[ACCEPTED], counts[MISSING]
    kinds = [f"{VERDICT_LABELS[v]} {counts[v]}" for v in VERDICTS if v != ACCEPTED and counts[v]]
    failed = len(answers) - accepted - missing
    consists = f"（{'、'.join(kinds)}）" if kinds else ""
    return f"应报 {len(answers)}，已通过 {accepted}，未通过 {failed}{consists}，未报 {missing}"


def name_lines(answers: Iterable[Answer]) -> tuple[str, ...]:
    """未通过 and 未报 by name, a line each where there are any; and whose page 重点工作 did not pass."""
    absent, failed, pages = [], [], []
    for each in answers:
        if each.page_is_back and each.verdict == ACCEPTED:
            pages.append(each.district.name)
        if each.verdict == MISSING:
            absent.append(each.district.name)
        elif each.verdict != ACCEPTED:
            failed.append(f"{each.district.name}（{VERDICT_LABELS[each.verdict]}）")
    lists = (("未通过", failed), ("未报", absent), ("数已收下、“重点工作”页未通过", pages))
    return tuple(f"{word} {len(names)} 个：{'、'.join(names)}" for word, names in lists if names)


def unread_words(unread: Arrival) -> str:
    """What to ask for where a file could not be read."""
    return _UNREAD.get(unread.code, _UNREAD[""]).format(unread.file)


def scan_name(scan: Arrival) -> tuple[str, str]:
    """What a file that came instead of a form is (empty where it is no scan), and what it is called."""
    if scan.code != "scan":
        return "", scan.file
    return called_instead(scan.found) or "扫描件", scan.found or scan.file


def _scan_words(scan: Arrival) -> str:
    kind, name = scan_name(scan)
    return f"收到{kind}“{name}”，待补电子表" if kind else f"收到的“{name}”不是填报表，待补填报表"
