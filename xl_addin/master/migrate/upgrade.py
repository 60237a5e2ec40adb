"""A master that is brought up to the layout that this version lays out."""

from __future__ import annotations

from xl_addin.master.host.file import FileHost
from xl_addin.master.migrate.lacks import Lack, find_lacking
from xl_addin.master.read.config import read_config
from xl_addin.model.records import ERROR
from xl_addin.system.errors import Finding, Refused
from xl_addin.system.light import NamedTuple


class Upgrade(NamedTuple):
    """What was added in memory, what is still lacking, and the reasons for that."""

    added: tuple[Lack, ...] = ()
    left: tuple[Lack, ...] = ()
    problems: tuple[Finding, ...] = ()


def upgrade_master(host: FileHost) -> Upgrade:
    """Give the master in memory what it lacks.

    Nothing is added where its settings are not sound: the new master that everything is taken from
    is laid out with them.
    """
    lacking = find_lacking(host)
    if not lacking:
        return Upgrade()
    try:
        config = read_config(host)
    except Refused as refusal:
        return Upgrade(left=lacking, problems=(*refusal.problems, _as_problem(refusal)))
    wrong = [problem for problem in config.problems if problem.severity == ERROR]
    if wrong:
        return Upgrade(left=lacking, problems=tuple(wrong))
    from xl_addin.master.build.workbook import lay_out
    from xl_addin.master.migrate.additions import add_lacking

    found = add_lacking(lay_out(config), host.parts, lacking)
    host.replace_parts(found.parts, found.changed, calculate=found.formulas)
    left = tuple(lack for lack in lacking if lack not in found.added)
    return Upgrade(found.added, left, found.problems)


def _as_problem(refusal: Refused) -> Finding:
    from xl_addin.model.problems import make

    return make("block-lost", refusal.message)
