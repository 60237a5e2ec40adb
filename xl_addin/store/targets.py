"""The year's targets: what notices changed of them, and the targets as they were found."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from xl_addin.model.records import Number
from xl_addin.store.database import insert, select
from xl_addin.store.ledger import Ledger
from xl_addin.system.light import NamedTuple

_STANDS = "run NOT IN (SELECT run FROM undone)"


class TargetChange(NamedTuple):
    """A target that became another one from ``month`` (``2023-07``) on.

    ``was`` is None where there was none; ``document`` is the notice that orders it.
    """

    month: str
    district: str
    indicator: str
    was: Number | None
    value: Number
    document: str
    note: str


def add_target_changes(ledger: Ledger, changes: Iterable[TargetChange]) -> None:
    """Record changes of targets. Call while writing."""
    insert(
        ledger,
        "INSERT INTO target_changes(month, district, indicator, was, value, document, note, run)"
        f" VALUES(?,?,?,?,?,?,?,{ledger.run})",
        changes,
    )


def target_changes(ledger: Ledger) -> list[TargetChange]:
    """Every change that stands, in the order in which they were recorded."""
    rows = select(
        ledger,
        "SELECT month, district, indicator, was, value, document, note FROM target_changes"  # noqa: S608
        f" WHERE {_STANDS} ORDER BY id",
    )
    return [TargetChange._make(row) for row in rows]


def kept_targets(ledger: Ledger) -> dict[tuple[str, str], Number] | None:
    """The year-start targets by (district, indicator) as they were last kept; None where never."""
    query = f"SELECT targets FROM target_sets WHERE {_STANDS} ORDER BY id DESC LIMIT 1"  # noqa: S608
    rows = select(ledger, query)
    if not rows:
        return None
    return {(district, code): amount for district, code, amount in json.loads(rows[0][0])}


def keep_targets(ledger: Ledger, targets: Mapping[tuple[str, str], Number]) -> None:
    """Keep the year-start targets as they are now. Call while writing."""
    said = [[district, code, amount] for (district, code), amount in sorted(targets.items())]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    insert(ledger, f"INSERT INTO target_sets(targets, run) VALUES(?,{ledger.run})", [(text,)])
