"""Documents that arrive where papers are owed: judged, archived and recorded, each once by its bytes.

What is no paper is left to the way of returns, where it is told as before.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, cached_property, lru_cache
from pathlib import Path

from xl_addin.formats.document_text import document_kind, read_document
from xl_addin.judging.assess import fault_words, known_names
from xl_addin.judging.paper import PaperAssessment, PaperContext, PaperFile, assess_paper
from xl_addin.judging.paper_figures import FigureCheck
from xl_addin.model.filetypes import OLE_START
from xl_addin.model.folder import ARCHIVE, LOGS
from xl_addin.model.papers import Paper
from xl_addin.model.problems import make
from xl_addin.model.records import (
    ACCEPTED,
    ADDED_UP,
    DUPLICATE,
    HELD,
    REJECTED,
    VERDICT_LABELS,
    VERDICTS,
    District,
    Indicator,
    Number,
)
from xl_addin.model.result import ResultTable
from xl_addin.services.archived import archived_path
from xl_addin.services.check_sender import Sender
from xl_addin.services.intake import STRANGE, IncomingFile
from xl_addin.services.paper_covers import cover_lines, make_covers
from xl_addin.services.programme import Programme
from xl_addin.store.faults import is_database_error
from xl_addin.store.ledger import FigureRow
from xl_addin.store.papers import HandedIn, NewPaper, add_paper, handed_in
from xl_addin.system import atomic
from xl_addin.system.errors import Refused, Unreadable
from xl_addin.system.fault_log import fault_trace, write_fault_log
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

_FLAWS = {"password": "paper-locked"}
_LOCKED = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] 2.3.4.4


class TakenPaper(NamedTuple):
    """A document that was taken for a paper: ``number`` is its record's, 0 where it was not recorded."""

    source: str
    file: str
    sha256: str
    number: int
    judged: PaperAssessment
    received_at: str
    note: str = ""

    @property
    def verdict(self) -> str:
        """One of VERDICTS."""
        return DUPLICATE if self.note else self.judged.verdict

    def as_json(self, names: dict[str, str], papers: dict[str, Paper]) -> dict[str, Any]:
        """As ``--json`` prints it."""
        judged = self.judged
        return {
            "id": f"M{self.number}" if self.number else None,
            "file": self.source,
            "sha256": self.sha256,
            "code": judged.district or None,
            "district": names.get(judged.district),
            "paper": papers[judged.paper].name if judged.paper in papers else None,
            "verdict": self.verdict,
            "received_at": self.received_at,
            "characters": judged.characters,
            "note": self.note,
            "problems": [each.as_json() for each in judged.problems],
        }


class PaperIntake:
    """What takes papers out of what arrives. Use while the ledger is writing, unless ``keep`` is off."""

    def __init__(self, programme: Programme, *, keep: bool) -> None:
        self._programme, self.keep = programme, keep
        self._known = {(each.sha256, each.district): each for each in handed_in(programme.ledger)}
        self.taken: list[TakenPaper] = []

    @cached_property
    def covers(self) -> frozenset[str]:
        """The hashes of the covers that nobody wrote into."""
        return frozenset(each.sha256 for each in make_covers(self._programme))

    @property
    def hashes(self) -> set[str]:
        """The hashes of what was taken."""
        return {each.sha256 for each in self.taken}

    def divert(self, files: Sequence[IncomingFile]) -> list[IncomingFile]:
        """The files that are no papers."""
        return [file for file in files if not self.take(file)]

    def count_words(self) -> str:
        """How many papers of each verdict, as a clause; empty where there are none."""
        counts = Counter(each.verdict for each in self.taken)
        said = [f"{VERDICT_LABELS[v]} {counts[v]}" for v in VERDICTS if counts[v]]
        steps = "；待定的材料也在“待定”里决定" if counts[HELD] else ""
        steps += "；退回的材料也由“退回修改”写信告诉区县" if counts[REJECTED] else ""
        return f"；材料：{'、'.join(said)}{steps}" if said else ""

    def as_json(self) -> list[dict[str, Any]]:
        """What was taken, as ``--json`` prints it."""
        names, papers = self._names
        return [each.as_json(names, papers) for each in self.taken]

    def as_table(self) -> ResultTable:
        """What people have to know of each paper; no rows where all is well."""
        names, papers = self._names
        rows = [
            (
                each.file,
                names.get(each.judged.district, "—"),
                papers[each.judged.paper].name if each.judged.paper in papers else "—",
                VERDICT_LABELS[each.verdict],
                says,
            )
            for each in self.taken
            for says in [problem.message for problem in each.judged.problems] or [each.note]
            if says
        ]
        return ResultTable("材料", ("文件", "区县", "材料", "结论", "问题"), rows)

    @property
    def _names(self) -> tuple[dict[str, str], dict[str, Paper]]:
        config = self._programme.basics
        names = {each.code: each.name for each in config.districts}
        return names, {each.code: each for each in config.papers}

    def take(
        self, file: IncomingFile, mail: int | None = None, *, about_slip: bool = False
    ) -> bool:
        """Whether a file was taken for a paper.

        ``mail`` is the number of the one that brought it, ``about_slip`` says that it answers a slip.
        """
        kind = _kind_of(file)
        if not kind or file.data is None:
            return False
        settled = self._settled(file)
        if settled is not None:
            self.taken.append(_repeated(file, settled))
            return True
        judged = self._judge_or_explain(file, file.data, kind, about_slip=about_slip)
        if judged is None or (STRANGE in file.only_counted and not _is_surely_a_paper(judged)):
            return False
        self.taken.append(self._record(file, judged, mail))
        return True

    def recognises(self, name: str, data: bytes) -> bool:
        """Whether a document that nobody listed sent would be taken for a paper; nothing is kept of it."""
        sha256 = hashlib.sha256(data).hexdigest()
        file = IncomingFile("", name, data, sha256, "", sender=Sender("", frozenset()))
        kind = _kind_of(file)
        judged = self._judge_or_explain(file, data, kind, about_slip=False) if kind else None
        return judged is not None and _is_surely_a_paper(judged)

    def _settled(self, file: IncomingFile) -> HandedIn | None:
        """What these bytes came to for good before, where their sender may have sent them."""
        senders = file.sender.districts if file.sender else None
        found = (
            each
            for (sha256, district), each in self._known.items()
            if sha256 == file.sha256
            and (each.decision or each.verdict == ACCEPTED)
            and (senders is None or district in senders)
        )
        return next(found, None)

    def _judge_or_explain(
        self, file: IncomingFile, data: bytes, kind: str, *, about_slip: bool
    ) -> PaperAssessment | None:
        """A fault of ours at one document has a person look at it and stops no other."""
        try:
            return self._judge(file, data, kind, about_slip=about_slip)
        except Exception as fault:
            if is_database_error(fault):
                raise  # the ledger's, and no file's
            folder = self._programme.folder / LOGS
            write_fault_log(folder, f"{file.source}\n{fault_trace(fault)}")
            problem = make("program-fault", f"{file.name}：{fault_words(fault)}")
            return PaperAssessment(HELD, "", "", (problem,))

    def _judge(
        self, file: IncomingFile, data: bytes, kind: str, *, about_slip: bool
    ) -> PaperAssessment | None:
        text, flaw = None, ("", "")
        try:
            text = read_document(data)
        except Unreadable as error:
            flaw = _FLAWS.get(error.code, "paper-damaged"), error.message
        sender = file.sender
        came = PaperFile(
            file.name,
            kind,
            file.received_at,
            text,
            flaw,
            "" if sender is None else sender.address or "（没有写）",
            frozenset() if sender is None else sender.districts,
            about_slip,
        )
        return assess_paper(came, self._context)

    def _record(self, file: IncomingFile, judged: PaperAssessment, mail: int | None) -> TakenPaper:
        earlier = self._earlier(file.sha256, judged)
        if earlier is not None:
            return _repeated(file, earlier)
        new = NewPaper(
            file.sha256,
            file.name,
            file.received_at,
            judged.district,
            judged.paper,
            judged.verdict,
            judged.characters,
            judged.print,
            file.sender.address if file.sender else "",
            mail,
        )
        number = 0
        if self.keep:
            _archive(self._programme.folder, file)
            number = add_paper(self._programme.ledger, new, judged.problems)
        facts = new._replace(mail=mail or 0)
        self._known[file.sha256, judged.district] = HandedIn._make((number, *facts, 0))
        return TakenPaper(file.source, file.name, file.sha256, number, judged, file.received_at)

    def _earlier(self, sha256: str, judged: PaperAssessment) -> HandedIn | None:
        """What these bytes were judged as before, unless judging them again tells something new."""
        same = [each for (sha, _), each in self._known.items() if sha == sha256]
        decided = [each for each in same if each.decision or each.verdict == ACCEPTED]
        mine = [each for each in decided if judged.district in ("", each.district)]
        if mine:
            return mine[-1]
        again = (judged.verdict, judged.district, judged.paper)
        told = [each for each in same if (each.verdict, each.district, each.paper) == again]
        return told[-1] if told else None

    @cached_property
    def _context(self) -> PaperContext:
        programme, config = self._programme, self._programme.basics
        papers = {each.code: each for each in config.papers}
        districts = {each.code: each for each in config.districts}

        @cache
        def cover(paper: Paper, district: District) -> frozenset[str]:
            return cover_lines(programme, paper, district)

        return PaperContext(
            programme.ledger.programme,
            programme.ledger.key,
            papers,
            districts,
            known_names(config.districts),
            config.rules,
            cover,
            self._prints,
            lru_cache(maxsize=None)(self._figures),
        )

    def _prints(self, paper: str, district: str) -> Iterator[tuple[str, str]]:
        """The prints of what others handed in, the last of each."""
        names = {each.code: each.name for each in self._programme.basics.districts}
        last = {each.district: each for each in self._known.values() if each.paper == paper}
        for code, each in last.items():
            if code and code != district and each.print:
                yield names.get(code, code), each.print

    @cached_property
    def _figure_rows(self) -> dict[tuple[str, str], list[FigureRow]]:
        found: dict[tuple[str, str], list[FigureRow]] = {}
        year = self._programme.basics.settings.year
        for row in self._programme.ledger.figures(f"{year}-12"):
            found.setdefault((row.district, row.indicator), []).append(row)
        return found

    def _figures(self, district: str) -> list[FigureCheck]:
        """What the ledger has of a district's indicators, where it lacks nothing."""
        found = []
        programme = self._programme
        try:
            targets = programme.config.targets
        except Refused:  # what is wrong in 任务表 keeps no paper out
            targets = {}
        for item in programme.basics.indicators:
            rows = sorted(self._figure_rows.get((district, item.code), ()), key=lambda r: r.month)
            opening = programme.openings.get((district, item.code), 0)
            first = max(programme.basics.settings.first_month, item.since)
            total = _cumulative(item, rows, opening, first)
            if total is not None:
                known = {total, *(x for x in [targets.get((district, item.code))] if x is not None)}
                names = (item.name, item.path[-1], item.unit)
                found.append(FigureCheck(*names, rows[-1].month, total, frozenset(known)))
        return found


def _repeated(file: IncomingFile, earlier: HandedIn) -> TakenPaper:
    """The same bytes once more."""
    label = VERDICT_LABELS[earlier.verdict]
    note = f"与 {earlier.received_at} 收到的“{earlier.file}”完全相同（{label}）"
    facts = (earlier.verdict, earlier.district, earlier.paper, (), earlier.characters)
    whole = (file.source, file.name, file.sha256, earlier.id, PaperAssessment(*facts))
    return TakenPaper(*whole, earlier.received_at, note)


def _is_surely_a_paper(judged: PaperAssessment) -> bool:
    """Whether a stranger's document says itself whose and which paper it is; all else is private."""
    return bool(judged.district and judged.paper)


def _kind_of(file: IncomingFile) -> str:
    """The kind of a document by its bytes; of a locked one by its name."""
    data, suffix = file.data or b"", Path(file.name).suffix.lower()
    if data.startswith(OLE_START) and _LOCKED in data:
        return suffix[1:] if suffix in (".docx", ".doc", ".wps") else ""
    return document_kind(data)


def _cumulative(
    item: Indicator, rows: Sequence[FigureRow], opening: Number, first: int
) -> Number | None:
    """The cumulative at the end of the last month that counts; None where a month before it is missing."""
    if not rows or any(row.value is None for row in rows):
        return None
    if item.measure not in ADDED_UP:
        return rows[-1].value
    total, expected = opening, first
    for row in rows:
        if row.stated is not None:
            total, expected = row.stated, row.month + 1
            continue
        if row.month != expected or row.value is None:
            return None
        total, expected = total + row.value, expected + 1
    return total


def _archive(folder: Path, file: IncomingFile) -> None:
    """Its bytes under their hash, before they count."""
    if file.data is not None and archived_path(folder, file.sha256) is None:
        suffix = Path(file.name).suffix.lower()
        known = suffix if suffix in (".docx", ".doc", ".odt", ".wps", ".pdf") else ".bin"
        atomic.write(folder / ARCHIVE / f"{file.sha256}{known}", file.data)
