"""The door to papers for verbs that take things in: nothing behind it is loaded where none are owed."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.model.result import Result
from xl_addin.services.programme import Programme
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.cells import Value

if TYPE_CHECKING:
    from xl_addin.services.paper_intake import PaperIntake
    from xl_addin.services.paper_pending import PaperSettlement


def open_intake(programme: Programme, *, keep: bool = True) -> PaperIntake | None:
    """An intake where papers are owed, else None. Use while the ledger is writing."""
    if not programme.basics.papers:
        return None
    from xl_addin.services.paper_intake import PaperIntake

    return PaperIntake(programme, keep=keep)


def held_rows(programme: Programme) -> list[tuple[str, dict[str, Value]]]:
    """The papers that wait as rows of 待定, by their numbers."""
    if not programme.basics.papers:
        return []
    from xl_addin.services.paper_pending import pending_rows

    return pending_rows(programme)


def problems_of_papers(programme: Programme) -> list[Sequence[Value]]:
    """What is wrong with papers, as rows of 问题清单."""
    if not programme.basics.papers:
        return []
    from xl_addin.services.paper_lists import problem_rows

    return problem_rows(programme)


def prepare_sheets(programme: Programme) -> None:
    """Columns of papers on 回收情况 and copies where people look for them, as far as they are lacking."""
    from xl_addin.services.paper_lists import add_columns

    add_columns(programme)
    renew_copies(programme)


def open_settlement(programme: Programme) -> PaperSettlement | None:
    """What settles papers, where they are owed. Use while the ledger is writing."""
    if not programme.basics.papers:
        return None
    from xl_addin.services.paper_pending import PaperSettlement

    return PaperSettlement(programme)


def with_settlement(
    programme: Programme, report: Result, papers: PaperSettlement | None, *, rehearse: bool
) -> Result:
    """The result of settling with what was decided about papers, and their copies renewed."""
    if papers is None:
        return report
    if not rehearse:
        renew_copies(programme)
    words = f"材料：{'；'.join(papers.words())}；" if papers.decisions else ""
    left = f"，还有 {papers.left} 份材料待定" if papers.left else ""
    return report._replace(
        data={**report.data, "papers": papers.as_json()}, outcome=f"{words}{report.outcome}{left}"
    )


def renew_copies(programme: Programme) -> None:
    """The copies as the ledger has it now."""
    from xl_addin.services.paper_copies import place_copies

    place_copies(programme)


def copy_problems(programme: Programme) -> list[Problem]:
    """The copies of papers that are not what the archive holds."""
    if not programme.basics.papers:
        return []
    from xl_addin.services.paper_copies import changed_copies

    says = "{}：和归档里的原件不一样，有人改过；原件没有动，请把它移到别处，重算时会重新放一份"
    return [
        make("paper-copy", says.format(each.path), found=each.path.name)
        for each in changed_copies(programme)
    ]


def papers_words(papers: PaperIntake | None) -> str:
    """How many papers of each verdict, as a clause; empty where there are none."""
    return papers.count_words() if papers is not None else ""


def taken_count(papers: PaperIntake | None) -> int:
    """How many files were papers."""
    return len(papers.taken) if papers is not None else 0


def with_papers(programme: Programme, report: Result, papers: PaperIntake | None) -> Result:
    """A verb's result with the papers that it took, and their copies put where people look for them."""
    if papers is None:
        return report
    if papers.keep:
        renew_copies(programme)
    table = papers.as_table()
    return report._replace(
        data={**report.data, "papers": [*report.data.get("papers", ()), *papers.as_json()]},
        outcome=report.outcome + papers.count_words(),
        clean=report.clean and not any(each.judged.problems for each in papers.taken),
        tables=(*report.tables, *([table] if table.rows else [])),
    )
