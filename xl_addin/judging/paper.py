"""Judging one paper: whose and which it is, and what is wrong with it. A pure function of what was read.

The mark of a cover decides; sender, file name and the headings on top are cross-checks of it, and speak
for themselves where there is none: all that say anything must say the same, else a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from xl_addin.formats.document_text import DocumentText
from xl_addin.judging.assess import districts_in
from xl_addin.judging.paper_figures import FigureCheck, wrong_figures
from xl_addin.judging.paper_twins import alike, text_print
from xl_addin.model.names import fold, plain
from xl_addin.model.papers import DOC, WPS, Paper, PaperIdentity, read_identity
from xl_addin.model.problems import make
from xl_addin.model.records import ACCEPTED, ERROR, HELD, REJECTED, District, Problem
from xl_addin.model.settings import Rule
from xl_addin.system.light import TYPE_CHECKING, NamedTuple, pattern

if TYPE_CHECKING:
    from collections.abc import Callable

_HEADINGS, _LONGEST_HEADING = 10, 60
"""So many lines on top are looked at, those of them that are no prose."""
_FORM_NAME = pattern(r"填报表|进度表|月报|报表")
_FORM_WORDS = ("填报单位", "本月完成", "上月累计", "本月累计", "审核意见")
_CORE = 2


class PaperContext(NamedTuple):
    """What a paper is compared with.

    ``names`` are folded names and aliases of districts; ``cover`` gives the paragraphs of a cover that
    nobody wrote, blanks taken out; ``prints`` are those of other papers with the name of whose each is, by
    (paper, district); ``figures`` the ledger's, by district.
    """

    programme: str
    key: bytes
    papers: Mapping[str, Paper]
    districts: Mapping[str, District]
    names: Mapping[str, str]
    rules: Mapping[str, Rule]
    cover: Callable[[Paper, District], frozenset[str]]
    prints: Callable[[str, str], Iterable[tuple[str, str]]]
    figures: Callable[[str], Sequence[FigureCheck]]


class PaperFile(NamedTuple):
    """A document as it came. ``text`` is None where it could not be read: ``flaw`` says why, as code and words.

    ``sender`` is the address that mailed it, empty for a file that lay in a folder; ``listed`` are the
    districts that list it.
    """

    file: str
    kind: str
    received_at: str
    text: DocumentText | None
    flaw: tuple[str, str] = ("", "")
    sender: str = ""
    listed: frozenset[str] = frozenset()
    about_slip: bool = False


class PaperAssessment(NamedTuple):
    """What a paper turned out to be; district and paper are codes, empty where they are not known."""

    verdict: str
    district: str
    paper: str
    problems: tuple[Problem, ...]
    characters: int | None = None
    print: str = ""


def assess_paper(came: PaperFile, context: PaperContext) -> PaperAssessment | None:
    """The verdict on a document; None for one that nobody would take for a paper."""
    return _Judgement(came, context).verdict()


class _Judgement:
    def __init__(self, came: PaperFile, context: PaperContext) -> None:
        self._came, self._context = came, context
        self._lines = came.text.lines if came.text else ()

    def verdict(self) -> PaperAssessment | None:
        """Doubts first: whose it is; then what is wrong with it."""
        marked = read_identity(self._context.key, self._came.text.mark) if self._came.text else None
        if marked is None and self._is_no_paper():
            return None
        if marked is not None:
            district, paper = marked[0].district, marked[0].paper
            doubts = list(self._mark_doubts(*marked))
        else:
            district, paper = self._only(self._districts), self._only(self._kinds)
            doubts = list(self._name_doubts(district, paper))
            district = district or self._senders
        known = self._context.papers.get(paper), self._context.districts.get(district)
        if known[0] is None or known[1] is None:
            return self._held(doubts, district if known[1] else "", paper if known[0] else "")
        return self._judge(doubts, known[0], known[1])

    def _held(self, doubts: list[Problem], district: str, paper: str) -> PaperAssessment:
        told = (*doubts, *self._flaws())
        return PaperAssessment(HELD, district, paper, told, self._length(frozenset()), self._print)

    def _judge(self, doubts: list[Problem], paper: Paper, district: District) -> PaperAssessment:
        if district.code not in paper.districts:
            says = f"“{paper.name}”不要“{district.name}”交（见“材料”表的“对谁”）；请核实后决定"
            doubts.append(self._problem("paper-not-owed", says))
        cover = self._context.cover(paper, district) if self._came.text else frozenset()
        length = self._length(cover)
        found = (*doubts, *self._flaws(), *self._wrong(paper, district, length))
        errors = any(each.severity == ERROR for each in found)
        verdict = HELD if doubts else REJECTED if errors else ACCEPTED
        return PaperAssessment(verdict, district.code, paper.code, found, length, self._print)

    @cached_property
    def _print(self) -> str:
        return text_print(self._written, self._context.names) if self._came.text else ""

    @cached_property
    def _headings(self) -> list[str]:
        top = self._lines[:_HEADINGS]
        return [line for line in top if len(line) <= _LONGEST_HEADING]

    @cached_property
    def _written(self) -> str:
        return "\n".join(self._lines)

    @cached_property
    def _districts(self) -> list[frozenset[str]]:
        """What sender, file name and headings say whose it is; nothing of what says nothing."""
        names = self._context.names
        said = [
            self._came.listed,
            *(frozenset(districts_in(text, names, short=True)) for text in self._named),
        ]
        return [each for each in said if each]

    @property
    def _senders(self) -> str:
        """The only district that lists the sender: for a person to consider, never to act on."""
        return next(iter(self._came.listed)) if len(self._came.listed) == 1 else ""

    @property
    def _named(self) -> tuple[str, str]:
        return self._came.file.rpartition("/")[2], "\n".join(self._headings)

    @cached_property
    def _kinds(self) -> list[frozenset[str]]:
        """What file name and headings say which paper it is."""
        said = [self._papers_in(text) for text in self._named]
        return [each for each in said if each]

    def _papers_in(self, text: str) -> frozenset[str]:
        """Papers whose name or code stands there; else those whose last word does, where it is theirs alone."""
        folded, papers = fold(text) if len(text) < 900 else plain(text), self._context.papers
        whole = frozenset(
            code
            for code, paper in papers.items()
            if fold(paper.name) in folded or re.search(rf"(?<!\w){re.escape(fold(code))}_", folded)
        )
        cores = [fold(paper.name)[-_CORE:] for paper in papers.values()]
        return whole or frozenset(
            code
            for code, core in zip(papers, cores, strict=True)
            if core in folded and cores.count(core) == 1
        )

    @staticmethod
    def _only(said: Sequence[Collection[str]]) -> str:
        """What all that say anything say, where that is one thing."""
        common = {each for one in said for each in one}
        return common.pop() if len(common) == 1 else ""

    def _is_no_paper(self) -> bool:
        """A form in another format, what a stranger sent or what goes with an answer to a slip, naming no paper."""
        if self._kinds:
            return False
        if self._came.about_slip:
            return True
        stranger = bool(self._came.sender) and not self._came.listed
        words = sum(word in self._written for word in _FORM_WORDS)
        return stranger or words >= 2 or bool(_FORM_NAME.search(self._came.file))

    def _mark_doubts(self, identity: PaperIdentity, ours: bool) -> Iterator[Problem]:
        context = self._context
        if identity.programme != context.programme:
            says = "封面是别的任务（或别的年度）的；请对方改用今年发的封面，或者核实后归属"
            yield self._problem("paper-foreign", says)
            return
        if (
            not ours
            or identity.district not in context.districts
            or identity.paper not in context.papers
        ):
            says = "封面的标记核对不上，或者标记里的区县、材料已经不在名录里；请核实后决定"
            yield self._problem("paper-forged", says)
            return
        whose = context.districts[identity.district].name
        named = districts_in(self._named[0], context.names)
        if self._came.sender and identity.district not in self._came.listed:
            yield self._sender_doubt(whose)
        if named and named != {identity.district}:
            other = self._names(named)
            says = f"文件名写的是“{other}”，封面的标记是“{whose}”；请核实是哪个区县的"
            yield self._problem("file-name-mismatch", says, other)

    def _sender_doubt(self, whose: str) -> Problem:
        sender, listed = self._came.sender, self._came.listed
        if not listed:
            says = (
                f"发件人 {sender} 不在“区县名录”里，材料是“{whose}”的；请核实，常用的地址请加进名录"
            )
            return self._problem("unknown-sender", says, sender)
        known = self._names(listed)
        says = f"发件人 {sender} 是“{known}”，材料却是“{whose}”的；请核实是哪个区县的"
        return self._problem("sender-mismatch", says, known)

    def _name_doubts(self, district: str, paper: str) -> Iterator[Problem]:
        if self._came.sender and not self._came.listed:
            whose = self._context.districts[district].name if district else "哪个区县还不清楚"
            yield self._sender_doubt(whose)
        elif not district:
            said = self._names({code for one in self._districts for code in one})
            says = f"说的不止一个区县（{said}）" if said else "没有写是哪个区县"
            says = f"发件人、文件名和开头几行{says}；请核实后在“待定”里归属"
            yield self._problem("paper-whose", says, said)
        if not paper:
            names = [
                self._context.papers[c].name for c in sorted({c for o in self._kinds for c in o})
            ]
            says = f"说的不止一份材料（{'、'.join(names)}）" if names else "没有写是哪份材料"
            says = f"文件名和开头几行{says}；请核实后在“待定”里填归属材料"
            yield self._problem("paper-unknown", says, "、".join(names))

    def _names(self, codes: Iterable[str]) -> str:
        known = self._context.districts
        return "、".join(known[code].name for code in sorted(codes) if code in known)

    def _flaws(self) -> Iterator[Problem]:
        code, says = self._came.flaw
        if code:
            yield self._problem(code, says)
        if self._came.text is not None and self._came.text.unread:
            yield self._problem(
                "paper-unread", "有读不出文字的页（扫描件），数不出字数；请打开看一看"
            )

    def _length(self, cover: frozenset[str]) -> int | None:
        """Characters without spaces beyond the cover; None where not all of it can be read."""
        if self._came.text is None or self._came.text.unread:
            return None
        plain_lines = ("".join(line.split()) for line in self._lines)
        return sum(len(line) for line in plain_lines if line not in cover)

    def _wrong(self, paper: Paper, district: District, length: int | None) -> Iterator[Problem]:
        kinds = {WPS, DOC} if self._came.kind == DOC else {self._came.kind}
        if not kinds & set(paper.kinds):
            says = f"是 .{self._came.kind} 文件，这份材料要 {paper.kind_words}；请另存一份再交"
            yield from self._ruled("paper-type", says, self._came.kind, paper.kind_words)
        if length == 0:
            yield self._problem("paper-empty-template", "只有封面，没有正文；请写好以后再交")
        elif length is not None and paper.least and length < paper.least:
            says = f"正文 {length} 字，不到 {paper.least} 字；请补充后再交"
            yield from self._ruled("paper-too-short", says, str(length), str(paper.least))
        elif length is not None and paper.most and length > paper.most:
            says = f"正文 {length} 字，超过 {paper.most} 字；请压缩"
            yield from self._ruled("paper-too-long", says, str(length), str(paper.most))
        if self._came.received_at > paper.due:
            says = f"{self._came.received_at} 收到，截止日期是 {paper.term_words}"
            yield from self._ruled("paper-late", says, self._came.received_at, paper.due)
        if length:
            yield from self._twins(paper, district)
            yield from self._figures(district)

    def _twins(self, paper: Paper, district: District) -> Iterator[Problem]:
        rule = self._context.rules.get("paper-twin")
        least = float(rule.parameter or 0) / 100 if rule else 0.8
        for other, kept in self._context.prints(paper.code, district.code):
            share = alike(self._print, kept)
            if share >= least:
                says = f"正文和“{other}”交的约有 {round(share * 100)}% 相同；请核实"
                yield from self._ruled("paper-twin", says, other)

    def _figures(self, district: District) -> Iterator[Problem]:
        for wrong in wrong_figures(self._written, self._context.figures(district.code)):
            yield from self._ruled("paper-figures", wrong.says, wrong.found, wrong.expected)

    def _ruled(self, code: str, says: str, found: str, expected: str = "") -> Iterator[Problem]:
        """The problem as grave as 校验规则 says, none where the rule is off."""
        rule = self._context.rules.get(code)
        if rule is None or rule.severity:
            yield self._problem(code, says, found, expected, rule.severity if rule else "")

    def _problem(
        self, code: str, says: str, found: str = "", expected: str = "", severity: str = ""
    ) -> Problem:
        message = f"{self._came.file}：{says}"
        return make(code, message, found=found[:200], expected=expected, severity=severity)
