"""A half year of 41 districts: what they owe, what each sends and when, and what all of it must come to.

Plain facts and plain loops over them: nothing of the program is called. Districts are numbers from 1 to 41,
months numbers from 1 to 6, moments are texts that sort.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

COUNT, MONTHS, YEAR = 41, range(1, 7), 2023
EVERYBODY = range(1, COUNT + 1)
ITEMS = ("I01", "I02", "I03")
TARGET = 100
"""Of every district and indicator."""

GOOD, LOW, TYPED_WRONG, MORE = (9, 9, 9), (2, 9, 2), (9, 7, 9), (12, 9, 9)
SLOW = {3, 11, 19, 41}
SILENT = {36: {2, 3, 4, 5, 6}, 5: {3, 4}, 27: {3, 4}}
CAUGHT_UP = {5, 27}
"""They send their silent months in the middle of May."""
WRONG = {8, 20}
"""In February I03 is more than I02, of which it is a part: sent back, and sent again."""
LATE = {13}
CORRECTED = {16}
"""In March, on time, then with another figure after the term."""
BY_HAND = 41
"""It has no address: its files are brought."""
BARE_REASON = 15
"""In February it says 滞后 of an item and nothing more: the page goes back."""
PAGE_LOST = 33
"""In April its page is deleted, and never sent again."""

LONG = 7
"""It writes more than 1,000 characters of an item."""

UNDER_WAY, DONE, BEHIND, NOT_OURS = "推进中", "已完成", "滞后", "不涉及"
SETTLED = (DONE, NOT_OURS)
MONTHLY, QUARTERLY, ONCE = "月", "季", "一次"


class Work(NamedTuple):
    """A row of 重点工作台账; no owners are all districts."""

    number: str
    title: str
    frequency: str
    term: str = ""
    owners: tuple[int, ...] = ()
    since: int = 1
    until: int = 12
    indicator: str = ""


def _every(step: int, first: int) -> tuple[int, ...]:
    return tuple(n for n in EVERYBODY if n % step == first % step)


WORKS = (
    Work("1", "动态更新残疾人就业状况", MONTHLY),
    Work("2", "农村实用技术培训", MONTHLY),
    Work("3", "就业年龄段台账核对", MONTHLY, "2023-04-30"),
    Work("4", "“美丽工坊”选点", MONTHLY, "2023-12-20"),
    Work("5", "培训机构认定", MONTHLY, "2023-12-20", indicator="I01"),
    Work("6", "按比例就业宣传", MONTHLY),
    Work("7", "春季招聘活动", MONTHLY, until=4),
    Work("8", "辅助性就业机构建设", MONTHLY, since=5),
    *(Work(str(k), f"季度事项{k}", QUARTERLY, owners=_every(3, k)) for k in (9, 11, 12, 13, 14)),
    Work("10", "半年自查", QUARTERLY, "2023-06-30", _every(4, 2)),
    Work("15", "制定年度方案", ONCE, "2023-03-31", _every(3, 0)),
    Work("16", "助残日活动", ONCE, "2023-05-31", _every(3, 1)),
    Work("17", "就业援助月总结", ONCE, "2023-06-30", _every(3, 2)),
    Work("18", "年终验收", ONCE),
    Work("19", "走访慰问", MONTHLY, owners=tuple(range(1, 11)), until=3),
    Work("20", "与人社部门比对数据", QUARTERLY, "2023-03-31"),
)
LAST_DAY = {1: 31, 2: 28, 3: 31, 4: 30, 5: 31, 6: 30}


class Entry(NamedTuple):
    """What a district types in a row of the page."""

    state: str
    progress: str
    trouble: str = ""
    measures: str = ""
    expected: str = ""


def entry(n: int, work: Work, month: int) -> Entry:
    """What a district has to say of an item in a month."""
    progress = f"{month}月第{n}区{work.title}已开展{month + n}次"
    if n == LONG and work.number == "1":
        progress += "；详细情况" * 200
    if work.number == "4" and n == 31:
        return Entry(NOT_OURS, "")
    if (n in (7, 23) and work.number == "2" and 3 <= month <= 5) or (
        n in (10, 22) and work.number == "3" and month >= 4
    ):
        return Entry(BEHIND, progress, "人手不足", "增加两名工作人员", f"2023-12-{10 + month}")
    if n == BARE_REASON and month == 2 and work.number == "1":
        return Entry(BEHIND, progress, "场地不足", "另找场地", "2023-08-31")
    return Entry(DONE if month >= _done_in(n, work) else UNDER_WAY, progress)


def _done_in(n: int, work: Work) -> int:
    special = {("15", 12): 5, ("20", 14): 4}
    if (work.number, n) in special:
        return special[work.number, n]
    if work.number == "17":
        return 7 if n % 5 == 0 else 6
    plain = {"1": 99, "2": 99, "3": 4, "15": 3, "16": 5, "20": 3}
    return plain.get(work.number, 4 + (3 * n + int(work.number)) % 9)


class Return(NamedTuple):
    """A form that comes back; ``fails`` says that its figures, ``page_fails`` that its page is turned down."""

    district: int
    month: int
    at: str
    figures: tuple[int, ...]
    fails: bool = False
    page_fails: bool = False
    errors: int = 0
    is_correction: bool = False


def returns() -> list[Return]:
    """All of them, in the order in which they come."""
    found = []
    for month in MONTHS:
        for n in EVERYBODY:
            if month in SILENT.get(n, ()):
                if n in CAUGHT_UP:
                    found.append(Return(n, month, "2023-05-15 09:30:00", GOOD))
                continue
            found += _of_month(n, month)
    return sorted(found, key=lambda each: each.at)


def _of_month(n: int, month: int) -> list[Return]:
    first, later = f"2023-{month + 1:02d}-03 09:30:00", f"2023-{month + 1:02d}-09 09:30:00"
    figures = LOW if n in SLOW else GOOD
    if n in WRONG and month == 2:
        return [
            Return(n, month, first, TYPED_WRONG, fails=True, errors=1),
            Return(n, month, later, figures, is_correction=True),
        ]
    if n in LATE and month == 3:
        return [Return(n, month, later, figures)]
    if n in CORRECTED and month == 3:
        return [Return(n, month, first, figures), Return(n, month, later, MORE)]
    if n == BARE_REASON and month == 2:
        return [
            Return(n, month, first, figures, page_fails=True, errors=1),
            Return(n, month, later, figures, is_correction=True),
        ]
    if n == PAGE_LOST and month == 4:
        return [Return(n, month, first, figures, page_fails=True, errors=1)]
    return [Return(n, month, first, figures)]


class HalfYear:
    """What has to be there once all returns that came up to a moment were taken."""

    def __init__(self, until: str = "2023-12-31") -> None:
        self.counting: dict[tuple[int, int], tuple[int, ...]] = {}
        self.passed: dict[tuple[int, int], str] = {}
        self.errors: dict[tuple[int, int], int] = {}
        self.pages: dict[tuple[int, int], bool] = {}
        for each in returns():
            key = (each.district, each.month)
            if each.at > until:
                continue
            self.errors.setdefault(key, each.errors)
            if not each.fails:
                self.counting[key] = each.figures
                self.passed.setdefault(key, each.at)
                self.pages[key] = self.pages.get(key, False) or not each.page_fails

    def silent(self, n: int, month: int) -> bool:
        return (n, month) not in self.counting

    def done(self, n: int, at: int, month: int) -> int:
        """The cumulative of an indicator."""
        figures = (self.counting.get((n, each)) for each in range(1, month + 1))
        return sum(each[at] for each in figures if each)

    def due(self, n: int, month: int) -> int:
        """What falls due in the months that are in, whole things by whole numbers."""
        counted = sum((n, each) in self.counting for each in range(1, month + 1))
        return TARGET * counted // 12

    def is_red(self, n: int, at: int, month: int) -> bool:
        """Ten points and more behind, with no month missing."""
        whole = all((n, each) in self.counting for each in range(1, month + 1))
        return whole and self.due(n, month) - self.done(n, at, month) > 10

    def asked(self, n: int, work: Work, month: int) -> bool:
        """Whether a district's page of a month has a row for an item."""
        if (work.owners and n not in work.owners) or not work.since <= month <= work.until:
            return False
        if work.term and work.term < f"2023-{month:02d}-01":
            return self._said(n, work, month - 1) not in SETTLED
        if work.frequency == ONCE:
            return work.term[:7] == f"2023-{month:02d}"
        return work.frequency == MONTHLY or month % 3 == 0

    def page(self, n: int, month: int) -> list[Work]:
        """The rows of a page."""
        return [each for each in WORKS if self.asked(n, each, month)]

    def _said(self, n: int, work: Work, month: int) -> str:
        """The last state that counts up to a month."""
        for each in range(month, 0, -1):
            if self.pages.get((n, each)) and self.asked(n, work, each):
                return entry(n, work, each).state
        return ""

    def standing(self, n: int, work: Work, month: int) -> tuple[int, str, str, bool] | None:
        """Of an item the month it was last asked for, the verdict, the state that counts, whether it is late."""
        asked = [each for each in range(1, month + 1) if self.asked(n, work, each)]
        if not asked:
            return None
        last = asked[-1]
        verdict, state = "missing", ""
        if (n, last) in self.pages:
            verdict = "accepted" if self.pages[n, last] else "rejected"
            state = entry(n, work, last).state if self.pages[n, last] else ""
        end = f"2023-{month:02d}-{LAST_DAY[month]}"
        late = bool(work.term) and work.term <= end and state not in SETTLED
        if (n, last) == (PAGE_LOST, 4):
            verdict = "missing"  # nothing of an item is read where there is no page
        return last, verdict, state, late

    def is_behind(self, n: int, work: Work, month: int) -> bool:
        """By what the district itself says of a month that counts."""
        found = self.standing(n, work, month)
        return bool(found and found[1] == "accepted" and (found[2] == BEHIND or found[3]))

    def owes(self, n: int, work: Work, month: int) -> bool:
        """Whether the page on which it was last asked for an item has still to come."""
        found = self.standing(n, work, month)
        return bool(found and found[1] != "accepted")

    def counts(self, work: Work, month: int) -> dict[str, int]:
        """What 重点工作台账 counts of an item."""
        found = [s for n in EVERYBODY if (s := self.standing(n, work, month))]
        states = Counter(each[2] for each in found)
        return {
            "应报": len(found),
            "已完成": states[DONE],
            "推进中": states[UNDER_WAY],
            "滞后": states[BEHIND],
            "不涉及": states[NOT_OURS],
            "未报": states[""],
        }


Cause = tuple[str, str, tuple[int, ...]]


def causes(
    year: HalfYear, month: int, taken: dict[tuple[int, str, str], set[int]]
) -> dict[int, list[Cause]]:
    """By district what has to be demanded of it: kind, subject and the months in a row.

    ``taken`` are by what was demanded before the months that cannot be a reason again; a demand that is
    still open has all months.
    """
    found: dict[int, list[Cause]] = {}
    for n in EVERYBODY:
        tests = [("missing", "", lambda m, n=n: year.silent(n, m))]
        tests += [
            ("red", code, lambda m, n=n, at=at: year.is_red(n, at, m))
            for at, code in enumerate(ITEMS)
        ]
        tests += [
            ("item", work.number, lambda m, n=n, work=work: year.is_behind(n, work, m))
            for work in sorted(WORKS, key=lambda each: each.number)
        ]
        for kind, subject, holds in tests:
            run, used = [], taken.get((n, kind, subject), set())
            for each in range(month, 0, -1):
                if not holds(each) or each in used:
                    break
                run.insert(0, each)
            if len(run) >= 2:
                found.setdefault(n, []).append((kind, subject, tuple(run)))
    return found


# 半年工作总结 D1 of everybody and 创新工作案例 D2 of six; due at the end of June.
PAPERS_DUE = "2023-06-30"
COVERS, FREE, OLD, PDFS = range(1, 16), range(16, 32), (32, 33), (34, 35)
SHORT, TWIN, TWO, TWIN_OF = 21, 36, 37, 17
CASES, OWE_CASE = range(1, 5), range(1, 7)
WITH_FORM = range(1, 4)
"""Their case comes in one mail with the form of May."""
SENT_PAPERS = "2023-06-28 09:30:00"


def papers() -> dict[tuple[str, int], str]:
    """By paper and district how it stands."""
    summaries = {("D1", n): "accepted" if n <= TWO else "missing" for n in EVERYBODY}
    summaries |= {("D1", SHORT): "rejected", ("D1", TWO): "held"}
    return summaries | {("D2", n): "accepted" if n in CASES else "missing" for n in OWE_CASE}


def paper_days(n: int, moment_days: int) -> list[int]:
    """Of each paper of a district that can be judged how many days it is late."""
    return [
        0 if verdict == "accepted" else moment_days
        for (_, whose), verdict in papers().items()
        if whose == n and verdict != "held"
    ]


RULES = (
    ("任务完成", "完成率", 50, None, None, "", "是"),
    ("报送及时", "每迟一天扣", 15, 1, 4, "累计", "是"),
    ("不缺报", "每缺一次扣", 10, 2, 5, "", "是"),
    ("填报质量", "每处错误扣", 5, 1, 5, "累计", "是"),
    ("材料", "材料按时", 10, 1, 8, "累计", "是"),
    ("重点工作", "台账滞后每项扣", 10, 2, 4, "", "是"),
)
"""Rows of 考核: 项目, 计分方式, 满分, 参数一, 参数二, 各月, 启用."""


def facts(year: HalfYear, n: int, month: int, moment: str) -> dict[str, object]:
    """What ``score_oracle.worth`` wants to know of a district; ``moment`` is the day of the recompute."""
    months = []
    for each in range(1, month + 1):
        passed = year.passed.get((n, each))
        days = _days_between(f"2023-{each + 1:02d}-05", (passed or moment)[:10])
        state = "in" if passed else "out"
        months.append((state, days, year.errors.get((n, each))))
    due = year.due(n, month)
    # I03 is a part of I02 and weighs nothing.
    done = [(1, year.done(n, at, month), due) for at in (0, 1)]
    works = [
        year.is_behind(n, work, month)
        for work in WORKS
        if (found := year.standing(n, work, month))
        and found[1] == "accepted"
        and found[2] != NOT_OURS
    ]
    late = paper_days(n, _days_between(PAPERS_DUE, moment[:10]))
    return {"months": months, "done": done, "papers": late, "works": works, "rank": None}


def _days_between(term: str, day: str) -> int:
    from datetime import date

    return max((date.fromisoformat(day) - date.fromisoformat(term)).days, 0)
