"""Papers on 待定: what waits for a person, under numbers of its own, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.judging.assess import known_names
from xl_addin.master.read.blocks import Block, filled_rows, find_columns, has_heading
from xl_addin.model.names import fold
from xl_addin.model.problems import DOUBTS
from xl_addin.model.records import ACCEPTED, ERROR, REJECTED, Problem
from xl_addin.model.settings import ACCEPT, ASSIGN, TURN_DOWN
from xl_addin.model.sheets import DISTRICTS_SHEET, PAPERS_SHEET, PENDING_HEADINGS
from xl_addin.services.paper_standing import held_papers
from xl_addin.services.programme import Programme
from xl_addin.store.papers import HandedIn, PaperDecision, add_paper_decisions
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.values import quote

if TYPE_CHECKING:
    from typing import Any

_PREFIX = "M"


def number_of(paper: HandedIn) -> str:
    """``M12``: what a paper is called on 待定; returns have plain numbers."""
    return f"{_PREFIX}{paper.id}"


def is_paper_number(number: str) -> bool:
    """Whether a number on 待定 is a paper's."""
    return fold(number)[:1] == fold(_PREFIX) and number[1:].strip().isdigit()


class PaperSettlement:
    """The papers that wait, and the decisions of one run about them. Use while the ledger is writing."""

    def __init__(self, programme: Programme) -> None:
        config = programme.basics
        self._programme = programme
        self._names = {each.code: each.name for each in config.districts}
        self._districts = known_names(config.districts) | {
            fold(each.code): each.code for each in config.districts
        }
        self._papers = {each.code: each for each in config.papers}
        self._kinds = {fold(t): each.code for each in config.papers for t in (each.code, each.name)}
        self._waiting = {
            fold(number_of(each)): (each, problems) for each, problems in held_papers(programme)
        }
        self.decisions: list[PaperDecision] = []
        self.unclear: list[str] = []

    @staticmethod
    def knows(number: str) -> bool:
        """Whether a number is a paper's, waiting or not."""
        return is_paper_number(number)

    @staticmethod
    def numbers(block: Block) -> set[str]:
        """The papers' numbers that stand on 待定, folded: no returns are missed by them."""
        column = find_columns(block, PENDING_HEADINGS[:1])[PENDING_HEADINGS[0]]
        texts = {quote(cell).strip() for at, cell in block.cells.items() if at[1] == column}
        return {fold(text) for text in texts if is_paper_number(text)}

    def decide(self, numbers: Sequence[str], choice: str, options: Mapping[str, str]) -> None:
        """Decide by number. Refused where one of them cannot be."""
        for number in numbers:
            found = self._waiting.get(fold(number))
            if found is None:
                open_ = "、".join(map(str.upper, self._waiting)) or "没有"
                raise Refused(f"没有编号为 {number} 的待定；现在待定的材料：{open_}")
            each = found[0]
            given, kind = options.get("assign", ""), options.get("paper", "")
            district = self._districts.get(fold(given), "") if given else each.district
            paper = self._kinds.get(fold(kind), "") if kind else each.paper
            verdict = REJECTED if choice == "reject" else ACCEPTED
            decision = PaperDecision(each.id, verdict, district, paper, options.get("note", ""))
            self.decisions.append(decision)
            if says := self._obstacle(each, decision):
                raise Refused(says)

    def read_sheet(self, block: Block) -> None:
        """Decide as staff chose on 待定; what cannot be understood goes to ``unclear``."""
        headings = [each for each in PENDING_HEADINGS if has_heading(block, each)]
        columns = find_columns(block, headings)
        for row in filled_rows(block):

            def text(heading: str, row: int = row) -> str:
                cell = block.cells.get((row, columns.get(heading, 0)))
                return "" if cell is None else quote(cell).strip()

            found = self._waiting.get(fold(text("编号")))
            word = fold(text("决定"))
            if found is None or not word:
                continue
            if word not in (ACCEPT, TURN_DOWN, ASSIGN):
                allowed = "、".join((ACCEPT, TURN_DOWN, ASSIGN))
                says = f"决定现在是“{word}”，只能填：{allowed}；请改正"
                where = (row, columns["决定"])
                self._problem(block.problem("bad-decision", where, says, allowed))
                continue
            district, paper = self._typed(block, row, columns, text("归属区县"), text("归属材料"))
            each = found[0]
            if district is None or paper is None:
                continue
            verdict = REJECTED if word == TURN_DOWN else ACCEPTED
            whose = (district or each.district, paper or each.paper)
            decision = PaperDecision(each.id, verdict, *whose, text("备注"))
            if says := self._obstacle(each, decision):
                self.unclear.append(says)
            else:
                self.decisions.append(decision)

    def _typed(
        self, block: Block, row: int, columns: Mapping[str, int], whose: str, kind: str
    ) -> tuple[str | None, str | None]:
        district = self._districts.get(fold(whose)) if whose else ""
        paper = self._kinds.get(fold(kind)) if kind else ""
        if district is None:
            says = f"归属区县“{whose}”不在“{DISTRICTS_SHEET}”里；请填名录里的名称或代码"
            self._problem(block.problem("bad-district", (row, columns["归属区县"]), says))
        if paper is None:
            says = f"归属材料“{kind}”不在“{PAPERS_SHEET}”里；请填“{PAPERS_SHEET}”里的名称或代码"
            self._problem(block.problem("bad-kind", (row, columns["归属材料"]), says))
        return district, paper

    def _problem(self, problem: Problem) -> None:
        self.unclear.append(problem.message)

    def _obstacle(self, each: HandedIn, decision: PaperDecision) -> str:
        which = f"待定 {number_of(each)}（{each.file}）"
        if decision.decision == REJECTED:
            return ""
        if not decision.district:
            return f"{which}：不知道是哪个区县的；请写明归属区县（--assign 代码，或“待定”表里的归属区县）"
        if not decision.paper:
            return f"{which}：不知道是哪份材料；请写明（--paper 代码，或“待定”表里的归属材料）"
        if decision.district not in self._papers[decision.paper].districts:
            whose = self._names[decision.district]
            return (
                f"{which}：“{self._papers[decision.paper].name}”不要“{whose}”交；请改归属，或者退回"
            )
        return ""

    def record(self) -> None:
        """Record the decisions. Call while writing, before the run's event."""
        add_paper_decisions(self._programme.ledger, self.decisions)

    def words(self) -> list[str]:
        """What was decided, for the journal."""
        return [self._words(each) for each in self.decisions]

    def _words(self, decision: PaperDecision) -> str:
        each = next(one for one, _ in self._waiting.values() if one.id == decision.receipt)
        note = f"（{decision.note}）" if decision.note else ""
        if decision.decision == REJECTED:
            return f"{number_of(each)}“{each.file}”退回{note}"
        whose, kind = self._names[decision.district], self._papers[decision.paper].name
        return f"{number_of(each)}“{each.file}”接受，算“{whose}”的“{kind}”{note}"

    def as_json(self) -> dict[str, list[dict[str, Any]]]:
        """``papers`` as ``settle --json`` prints it: what was decided and what still waits."""
        gone = {each.receipt for each in self.decisions}
        return {
            "settled": [
                {
                    "id": f"{_PREFIX}{each.receipt}",
                    "decision": each.decision,
                    "code": each.district or None,
                    "paper": each.paper or None,
                    "note": each.note,
                }
                for each in self.decisions
            ],
            "pending": [
                {
                    "id": number_of(each),
                    "file": each.file,
                    "code": each.district or None,
                    "paper": each.paper or None,
                    "problems": [problem.as_json() for problem in problems],
                }
                for each, problems in self._waiting.values()
                if each.id not in gone
            ],
        }

    @property
    def left(self) -> int:
        """How many papers still wait."""
        return len(self._waiting) - len(self.decisions)


def pending_rows(programme: Programme) -> list[tuple[str, dict[str, Value]]]:
    """The papers that wait as rows of 待定, by their numbers."""
    names = {each.code: each.name for each in programme.basics.districts}
    kinds = {each.code: each.name for each in programme.basics.papers}
    rows = []
    for each, problems in held_papers(programme):
        kind, whose = kinds.get(each.paper, ""), names.get(each.district, "")
        doubts = [DOUBTS[p.code] for p in problems if p.code in DOUBTS and p.severity == ERROR]
        length = "" if each.characters is None else f"{each.characters} 字"
        what = (
            f"核实后{ACCEPT}：算“{whose}”的“{kind}”"
            if whose and kind
            else f"核实后{ASSIGN}：填归属区县和归属材料；不是材料的{TURN_DOWN}"
        )
        facts: tuple[Value, ...] = (
            number_of(each),
            "材料",
            whose,
            each.file,
            each.sender,
            "；".join(doubts),
            what,
            "，".join(filter(None, (f"材料“{kind}”" if kind else "", length))),
        )
        rows.append((number_of(each), dict(zip(PENDING_HEADINGS, facts, strict=False))))
    return rows
