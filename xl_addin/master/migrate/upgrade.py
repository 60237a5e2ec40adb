"""A master that is brought up to the layout that this version lays out."""

from __future__ import annotations

from collections.abc import Mapping

from xl_addin.master.host.file import FileHost
from xl_addin.master.macros import binding
from xl_addin.master.migrate.lacks import Lack, find_lacking
from xl_addin.master.read.config import read_config
from xl_addin.model.records import ERROR, Problem
from xl_addin.model.settings import Config
from xl_addin.model.sheets import LAYOUT
from xl_addin.system.errors import Finding, Refused
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx.a1 import Where

if TYPE_CHECKING:
    from xl_addin.xlsx.package import Part

FORMULAS, COLOURS, CHOICES, TEXTS = "formulas", "colours", "choices", "texts"
_WHAT = {
    FORMULAS: "{} 格公式",
    COLOURS: "{} 条颜色规则",
    CHOICES: "{} 个下拉列表",
    TEXTS: "{} 处说明",
}


class Revision(NamedTuple):
    """How many things of a kind were replaced on a sheet because they are laid out otherwise now."""

    kind: str
    sheet: str
    number: int

    @property
    def text(self) -> str:
        """What it is, for people."""
        return f"“{self.sheet}”里的 {_WHAT[self.kind].format(self.number)}"


class Upgrade(NamedTuple):
    """What was added and replaced in memory, what is still lacking, and the reasons for that.

    ``complete`` says that the master has the layout of this version now.
    """

    added: tuple[Lack, ...] = ()
    left: tuple[Lack, ...] = ()
    problems: tuple[Finding, ...] = ()
    revised: tuple[Revision, ...] = ()
    complete: bool = True

    @property
    def changed(self) -> bool:
        """Whether anything was done."""
        return bool(self.added or self.revised)


def upgrade_master(host: FileHost) -> Upgrade:
    """Give the master in memory what it lacks, and replace what this version lays out otherwise.

    Nothing is done where its settings are not sound: the new master that everything is taken from
    is laid out with them. What is laid out otherwise is replaced once nothing is lacking.
    """
    lacking = find_lacking(host)
    if not lacking and binding.layout_of(host) >= LAYOUT:
        return Upgrade()
    try:
        config = read_config(host)
    except Refused as refusal:
        return Upgrade(left=lacking, problems=_reasons(refusal), complete=False)
    wrong = [problem for problem in config.problems if problem.severity == ERROR]
    if wrong:
        return Upgrade(left=lacking, problems=tuple(wrong), complete=False)
    from xl_addin.master.build.workbook import lay_out
    from xl_addin.master.migrate.additions import add_lacking

    new = lay_out(config)
    found = add_lacking(new, host.parts, lacking)
    host.replace_parts(found.parts, found.changed, calculate=found.formulas)
    left = tuple(lack for lack in lacking if lack not in found.added)
    if left:
        return Upgrade(found.added, left, found.problems, complete=False)
    try:
        revised, problems = _revise(host, config, new, found.changed)
    except Refused as refusal:
        return Upgrade(found.added, problems=_reasons(refusal), complete=False)
    return Upgrade(found.added, (), (*found.problems, *problems), revised)


def _revise(
    host: FileHost, config: Config, new: dict[str, Part], given: Mapping[str, set[Where]]
) -> tuple[tuple[Revision, ...], tuple[Problem, ...]]:
    """Replace what is laid out otherwise now; ``given`` are the cells that were added."""
    from xl_addin.master.build.positions import find_positions
    from xl_addin.master.migrate.canvas import Canvas
    from xl_addin.master.migrate.pages import make_room
    from xl_addin.master.migrate.revised_formulas import revise_formulas
    from xl_addin.master.migrate.revised_rules import revise_choices, revise_rules
    from xl_addin.master.migrate.revised_texts import revise_guide, revise_texts
    from xl_addin.master.totals import compute_totals, typed_cells

    positions = find_positions(host, config)
    typed = typed_cells(positions, compute_totals((), config, config.settings.month))
    canvas = Canvas(new, host.parts, {})
    formulas, wrong = revise_formulas(canvas, positions, typed, given)
    colours, changed = revise_rules(canvas)
    counted = {
        FORMULAS: formulas,
        COLOURS: colours,
        CHOICES: revise_choices(canvas),
        TEXTS: revise_texts(canvas, config.indicators) | revise_guide(canvas),
    }
    make_room(canvas)
    host.replace_parts(canvas.finish(), canvas.changed, calculate=canvas.formulas)
    revised = (
        Revision(kind, sheet, count)
        for kind, counts in counted.items()
        for sheet, count in counts.items()
    )
    return tuple(revised), (*wrong, *changed)


def _reasons(refusal: Refused) -> tuple[Finding, ...]:
    return (*refusal.problems, _as_problem(refusal))


def _as_problem(refusal: Refused) -> Finding:
    from xl_addin.model.problems import make

    return make("block-lost", refusal.message)
