"""A return compared with earlier ones: closed months, older rounds, twins, what was changed.

Assessing a file knows nothing but the file; this knows what was accepted, in the ledger and in this
run.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Iterable, Iterator, Mapping, Sequence

from xl_addin.judging.assess import Assessment
from xl_addin.judging.whole_return import UNANSWERED
from xl_addin.model.problems import is_of_page, make
from xl_addin.model.records import (
    ACCEPTED,
    ADDED_UP,
    ERROR,
    HELD,
    NOT_APPLICABLE,
    REJECTED,
    District,
    Figure,
    Problem,
    Receipt,
)
from xl_addin.model.settings import Rule
from xl_addin.store.decisions import closed_months
from xl_addin.store.ledger import AcceptedReturn, Ledger
from xl_addin.xlsx.values import number_text

_COMPARED_VERDICTS = (ACCEPTED, REJECTED, HELD)


_COUNTS = {
    ACCEPTED: "现在按重报的计算",
    HELD: "这一份待定，接受以后才按它计算",
    REJECTED: "这一份退回，没有算数，仍按原来的计算",
}
FigureKey = bytes
"""A digest of the figures above 0: of ten thousand districts the figures themselves would be a third of the memory."""


class _Counting:
    """By district the return that counts: as bytes, since few of them are ever looked at."""

    def __init__(self) -> None:
        self._frozen: dict[str, bytes] = {}

    def __contains__(self, district: str) -> bool:
        return district in self._frozen

    def __setitem__(self, district: str, accepted: AcceptedReturn) -> None:
        plain = (*accepted[:3], list(map(tuple, accepted.figures)))
        self._frozen[district] = marshal.dumps(plain)

    def get(self, district: str) -> AcceptedReturn | None:
        if district not in self._frozen:
            return None
        *facts, figures = marshal.loads(self._frozen[district])  # noqa: S302 - our own
        return AcceptedReturn._make((*facts, tuple(map(Figure._make, figures))))


class History:
    """What counts for one month, kept up to date while its returns come in."""

    def __init__(
        self,
        ledger: Ledger,
        month: str,
        districts: Mapping[str, District],
        rules: Mapping[str, Rule],
    ) -> None:
        self._month = month
        self._districts = districts
        self._rules = rules
        self._last_twin: tuple[tuple[Figure, ...], FigureKey | None] = ((), None)
        self._closed = closed_months(ledger)
        self._counting = _Counting()
        self._of_this_run: set[str] = set()
        self._twins: dict[FigureKey, str] = {}
        for district, accepted in ledger.each_accepted(month):
            self._counting[district] = accepted
            if key := self._figure_key("twin-figures", accepted.figures):
                self._twins[key] = district
        self._given_later = ledger.given_later(month) if month else {}
        self._asked_before = ledger.told_of(month, UNANSWERED)
        last = _month_before(month)
        before = ledger.each_accepted(last) if last and self._is_on("same-as-last-month") else ()
        self._before = {district: self._flow_key(each.figures) for district, each in before}

    def compare(
        self, judged: Assessment, file: str, received_at: str, sha256: str = ""
    ) -> Assessment:
        """The assessment with the problems that the history adds, and the verdict that follows."""
        if judged.verdict not in _COMPARED_VERDICTS or not judged.district:
            return judged
        judged = self._unless_asked_before(judged, sha256)
        if judged.month == self._month and self._is_news(judged):
            return judged
        doubts = tuple(self._doubts(judged, file, received_at))
        added = self._own_month_problems(judged, file) if judged.month == self._month else ()
        verdict = judged.verdict
        if doubts:
            verdict = HELD
        elif verdict == ACCEPTED and (
            any(problem.severity == ERROR for problem in added) or self._turns_down(judged)
        ):
            verdict = REJECTED
        if judged.month == self._month:
            added += self._changes(judged, received_at, verdict)
        if not doubts and not added:
            return judged
        return judged._replace(verdict=verdict, problems=(*doubts, *judged.problems, *added))

    def _turns_down(self, judged: Assessment) -> bool:
        """Whether a return goes back because it changes what counts, as staff may order."""
        rule, earlier = self._rules.get("resubmitted"), self._counting.get(judged.district)
        if rule is None or rule.severity != ERROR or earlier is None:
            return False
        return judged.month == self._month and bool(list(_differences(earlier, judged.figures)))

    def _is_news(self, judged: Assessment) -> bool:
        """Whether nothing that came before has anything to say: the usual case, told at once."""
        district = judged.district
        return (
            self._month not in self._closed
            and district not in self._counting
            and district not in self._before
            and district not in self._given_later
            and self._reports(judged)
            and self._twins.get(self._twin_key(judged.figures) or b"", district) == district
        )

    def _unless_asked_before(self, judged: Assessment, sha256: str) -> Assessment:
        """Warnings go back for want of an explanation once: another file of the month then passes."""
        asked = self._asked_before.get(judged.district)
        if not asked or sha256 in asked or judged.month != self._month:
            return judged
        problems = tuple(each for each in judged.problems if each.code != UNANSWERED)
        if len(problems) == len(judged.problems):
            return judged
        wrong = any(each.severity == ERROR and not is_of_page(each) for each in problems)
        return judged._replace(verdict=REJECTED if wrong else ACCEPTED, problems=problems)

    def _reports(self, judged: Assessment) -> bool:
        """Whether the month is one that its district reports for; so it is where it is not known."""
        district = self._districts.get(judged.district)
        return district is None or not judged.month or district.reports(judged.month)

    def note(self, judged: Assessment, received_at: str) -> str:
        """What is worth knowing about an accepted return that is no problem."""
        earlier = self._counting.get(judged.district)
        if judged.verdict != ACCEPTED or judged.month != self._month or earlier is None:
            return ""
        what = f"{earlier.received_at} 收到的“{earlier.file}”"
        if received_at < earlier.received_at:
            return f"这一份收到得更早，现在算数的是 {what}"
        return "" if list(_differences(earlier, judged.figures)) else f"数字与 {what}相同"

    def add(self, receipt: Receipt) -> None:
        """Take up a return of this run."""
        if receipt.month != self._month or receipt.verdict not in (ACCEPTED, HELD):
            return
        key = self._twin_key(receipt.figures)
        if key and receipt.district:
            self._twins.setdefault(key, receipt.district)
        earlier = self._counting.get(receipt.district)
        if receipt.verdict == ACCEPTED and (
            earlier is None or earlier.received_at <= receipt.received_at
        ):
            self._of_this_run.add(receipt.district)
            self._counting[receipt.district] = AcceptedReturn(
                receipt.round, receipt.received_at, receipt.file, receipt.figures
            )

    def _doubts(self, judged: Assessment, file: str, received_at: str) -> Iterator[Problem]:
        if judged.month in self._closed:
            says = (
                f"{file}：{judged.month} 已经结账；确要采用请先重新打开这个月"
                f"（close --reopen --month {judged.month}），再到“待定”里接受"
            )
            yield make("month-closed", says, found=judged.month)
        district = self._districts.get(judged.district)
        if district is not None and not self._reports(judged):
            last, first = district.until, district.since
            since = f"从 {first} 月起才报" if int(judged.month[5:]) < first else f"只报到 {last} 月"
            says = (
                f"{file}：“{district.name}”{since}，{judged.month} 不用报；"
                "请核对区县和月份，确要采用再到“待定”里接受"
            )
            yield make("not-reporting", says, found=judged.month)
        earlier = self._counting.get(judged.district) if judged.month == self._month else None
        if earlier is not None and judged.round and judged.round < earlier.round:
            says = (
                f"{file}：这是第 {judged.round} 轮的填报表，第 {earlier.round} 轮的"
                f"“{earlier.file}”已经通过；请核对是不是把旧表又发了一遍"
            )
            found, wanted = f"第 {judged.round} 轮", f"第 {earlier.round} 轮"
            yield make("older-round", says, found=found, expected=wanted)
        elif earlier is not None and judged.verdict == ACCEPTED:
            yield from self._order_unknown(earlier, judged, file, received_at)

    def _order_unknown(
        self, earlier: AcceptedReturn, judged: Assessment, file: str, received_at: str
    ) -> Iterator[Problem]:
        """That other figures would count, or not, only by the time of their file or by its place in the list.

        Unpacked from an archive, or saved under a wrong clock, a correction is older than what it
        corrects; a draft and its correction in one archive came at the same second. Which of the two is right
        no time tells.
        """
        is_older = received_at < earlier.received_at
        together = (
            received_at == earlier.received_at
            and judged.round == earlier.round
            and judged.district in self._of_this_run
        )
        changed = list(_differences(earlier, judged.figures)) if is_older or together else []
        if changed:
            told = "；".join(
                f"{new.cell or new.stated_cell} {_figure_text(new)}，原来 {_figure_text(old)}"
                for old, new in changed[:3]
            )
            more = f"等 {len(changed)} 项" if len(changed) > 3 else ""
            time = (
                f"但收到时间 {received_at} 比它的 {earlier.received_at} 早"
                if is_older
                else f"这次一起收到，时间都是 {received_at}，现在按“{earlier.file}”计算"
            )
            says = (
                f"{file}：数字和已经通过的“{earlier.file}”不同（{told}{more}），{time}，"
                "不能确定哪一份是改后的；这一份是改后的就接受，是旧的就退回"
            )
            code = "older-time" if is_older else "same-time"
            yield make(code, says, found=received_at, expected=earlier.received_at)

    def _own_month_problems(self, judged: Assessment, file: str) -> tuple[Problem, ...]:
        found: list[Problem] = []
        key = self._twin_key(judged.figures)
        twin = self._twins.get(key) if key else None
        if twin is not None and twin != judged.district:
            name = self._districts[twin].name if twin in self._districts else twin
            says = f"{file}：所有数字都和“{name}”{self._month} 的相同；请核对是不是填错了表"
            found.append(self._problem("twin-figures", judged.sheet, "", name, says))
        flows = self._flow_key(judged.figures)
        if flows and flows == self._before.get(judged.district):
            says = f"{file}：所有本月数都和上个月的相同；请核对是不是把上个月的表又填了一遍"
            found.append(self._problem("same-as-last-month", judged.sheet, "", "", says))
        return tuple(found)

    def _changes(self, judged: Assessment, received_at: str, verdict: str) -> tuple[Problem, ...]:
        """What a return makes different, and what it does not."""
        earlier = self._counting.get(judged.district)
        newer = earlier is None or earlier.received_at <= received_at
        changed: tuple[Problem, ...] = ()
        if earlier is not None and newer:
            changed = tuple(self.differences(earlier, judged.sheet, judged.figures, verdict))
        if verdict != ACCEPTED or not newer:
            return changed
        return (*changed, *self.outweighed(judged.district, judged.sheet, judged.figures))

    def differences(
        self,
        earlier: AcceptedReturn,
        sheet: str,
        figures: Sequence[Figure],
        verdict: str = ACCEPTED,
    ) -> Iterator[Problem]:
        """What a resubmission changed, or would, figure by figure."""
        if self._is_on("resubmitted"):
            for old, new in _differences(earlier, figures):
                was, now = _figure_text(old), _figure_text(new)
                at = new.cell if (old.value, old.state) != (new.value, new.state) else ""
                at = at or new.stated_cell or new.cell
                place = "!".join(filter(None, (sheet, at)))
                says = (
                    f"{place}：重报后是 {now}，{earlier.received_at} 收到的“{earlier.file}”是 {was}；"
                    f"{_COUNTS[verdict]}"
                )
                yield self._problem("resubmitted", sheet, at, now, says, was)

    def outweighed(self, district: str, sheet: str, figures: Sequence[Figure]) -> Iterator[Problem]:
        """That a month's figures do not change the cumulatives that the district gave for a later one."""
        given = self._given_later.get(district, {})
        earlier = self._counting.get(district)
        news = (
            {new.indicator for _, new in _differences(earlier, figures)} if earlier else set(given)
        )
        told = [each for each in figures if each.indicator in given and each.indicator in news]
        known = [each for each in told if each.value is not None and each.measure in ADDED_UP]
        if known:
            cells = "、".join(each.cell for each in known[:5]) + ("等" if known[5:] else "")
            month = min(given[each.indicator] for each in known)
            says = (
                f"{sheet}!{known[0].cell}：这个月的数照收（{cells}）；区县在 {month} 月填过全年累计，"
                f"{month} 月起的累计按它填的计算，不因这一份改变；不对的请区县在下一个月的表里改“本月累计”"
            )
            yield make("total-given-later", says, sheet, known[0].cell)

    def counting_return(self, district: str) -> AcceptedReturn | None:
        """What counts for a district now."""
        return self._counting.get(district)

    def _problem(
        self, code: str, sheet: str, cell: str, found: str, says: str, expected: str = ""
    ) -> Problem:
        return make(code, says, sheet, cell, found, expected, self._rules[code].severity)

    def _is_on(self, code: str) -> bool:
        return code in self._rules and self._rules[code].severity != ""

    def _twin_key(self, figures: tuple[Figure, ...]) -> FigureKey | None:
        """``_figure_key`` for twins; asked twice in a row for the same figures."""
        if self._last_twin[0] is not figures:
            self._last_twin = (figures, self._figure_key("twin-figures", figures))
        return self._last_twin[1]

    def _figure_key(self, code: str, figures: Iterable[Figure]) -> FigureKey | None:
        """The figures above 0 in a form in which they compare; None where they are too few."""
        if not self._is_on(code):
            return None
        # By position: this is asked for every return, and names cost more.
        known = [(figure[0], figure[2]) for figure in figures if figure[2]]
        if len(known) < (self._rules[code].parameter or 1):
            return None
        # 5 and 5.0 are the same figure.
        plain = sorted((code, int(v) if v == int(v) else v) for code, v in known)
        return hashlib.blake2b(repr(plain).encode(), digest_size=16).digest()

    def _flow_key(self, figures: Iterable[Figure]) -> FigureKey | None:
        return self._figure_key("same-as-last-month", (f for f in figures if f.measure in ADDED_UP))


def _differences(
    earlier: AcceptedReturn, figures: Sequence[Figure]
) -> Iterator[tuple[Figure, Figure]]:
    before = {figure.indicator: figure for figure in earlier.figures}
    for new in figures:
        old = before.get(new.indicator)
        if old is not None and old[1:3] + old[5:6] != new[1:3] + new[5:6]:  # state, value, stated
            yield old, new


def _figure_text(figure: Figure) -> str:
    given = "" if figure.stated is None else f"（本月累计填 {number_text(figure.stated)}）"
    if figure.value is not None:
        return number_text(figure.value) + given
    return "不适用" if figure.state == NOT_APPLICABLE else "空"


def _month_before(month: str) -> str:
    return "" if month.endswith("-01") else f"{month[:5]}{int(month[5:]) - 1:02d}"
