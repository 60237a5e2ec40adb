"""Months as parquet files, written and added up by DuckDB, which only this module speaks to.

A file says in its metadata whose it is and what the hash over each month's rows has to be. It is read
in this process: within bounds of memory, and without anything that DuckDB would fetch by itself.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from xl_addin.model.levels import BETWEEN, NEXT, NUMBERS, STATES, VERSION, ExportFacts, LevelRow
from xl_addin.model.records import MEASURE_LABELS
from xl_addin.system import atomic, held
from xl_addin.system.errors import Refused, Unreadable
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

    import duckdb

_KEY = "xl_addin"
_WHOSE = ("programme", "programme_name", "level")
_TYPES = {
    **dict.fromkeys(NUMBERS, "DOUBLE"),
    **dict.fromkeys(("whole", "opening_missing", "weight_missing"), "BOOLEAN"),
    **dict.fromkeys(("expected", "counted", "run"), "INTEGER"),
}
COLUMNS = {name: _TYPES.get(name, "VARCHAR") for name in (*_WHOSE, *LevelRow._fields)}
"""The columns of an export and their types, in order."""
_MEMORY = "512MB"
_AGAIN = "请对方重新导出"
_INSTALL = 'python -m pip install "xl-addin[levels]"'


def _text_of(column: str) -> str:
    """A column as ``levels.row_text`` writes it."""
    if column in NUMBERS:
        return f"coalesce(format('{{:.9f}}', {column}), '')"
    if COLUMNS[column] == "BOOLEAN":
        return f"CAST(CAST({column} AS INTEGER) AS VARCHAR)"
    return f"CAST({column} AS VARCHAR)"


_LINE = f"concat({f', chr({ord(BETWEEN)}), '.join(map(_text_of, LevelRow._fields))})"
_BATCH = 5_000
_SOUND = " AND ".join(
    (
        f"measure IN {tuple(MEASURE_LABELS)}",
        f"state IN {STATES}",
        r"regexp_full_match(month, '\d{4}-(0[1-9]|1[0-2])')",
        r"regexp_full_match(missing, '(\d{1,2}(,\d{1,2})*)?')",
        *(f"isfinite(coalesce({name}, 0))" for name in NUMBERS),
        *(f"{name} IS NOT NULL" for name in COLUMNS if name not in NUMBERS),
    )
)
"""What holds for each row that this program wrote."""


class Pick(NamedTuple):
    """An export of which these months are taken; ``apart`` where it has others too."""

    path: Path
    months: tuple[str, ...]
    apart: bool = False


class UnitSums(NamedTuple):
    """What the units of a programme come to in an indicator and a month.

    ``units`` of them are asked, ``lacking`` did not report the month, ``incomplete`` lack something of
    the year, ``apart`` say that it does not apply. Sums are None where no unit has a figure.
    """

    programme: str
    month: str
    indicator: str
    units: int
    lacking: int
    apart: int
    incomplete: int
    value: float | None
    cumulative: float | None
    target: float | None
    accrued: float | None
    expected: int


@contextmanager
def _duckdb() -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        import duckdb
    except ImportError as error:
        raise Refused(f"这台电脑没有装 DuckDB，做不了；请先运行 {_INSTALL}，再试一次") from error
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(":memory:", config=settings) as connection:
        yield connection


def write_export(path: Path, rows: Sequence[LevelRow], facts: ExportFacts, mode: int) -> None:
    """Write rows as a parquet file, whole or not at all. Raises OSError; refused without DuckDB."""
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(LevelRow._fields))
    for column in NUMBERS:
        frame[column] = frame[column].astype("Float64")
    for column, value in zip(_WHOSE, (facts.programme, facts.name, facts.level), strict=True):
        frame[column] = value
    said = json.dumps(facts._asdict(), ensure_ascii=False, sort_keys=True)
    columns = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in COLUMNS.items())
    with held.temporary_folder() as folder, _duckdb() as db:
        import duckdb

        made = folder / "export.parquet"
        db.register("frame", frame)
        try:
            db.execute(
                f"COPY (SELECT {columns} FROM frame ORDER BY month, unit, indicator)"  # noqa: S608
                f" TO {_quoted(str(made))}"
                f" (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{_KEY}: {_quoted(said)}}})"
            )
        except duckdb.IOException as error:  # which tells no number
            raise OSError(errno.EIO, str(error), str(made)) from error
        atomic.write(path, held.read_bytes(made), mode)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def read_facts(paths: Sequence[Path]) -> Iterator[tuple[Path, ExportFacts | Unreadable]]:
    """Whose each export is, its rows held against its hashes; or what is wrong with it."""
    with _duckdb() as db:
        for path in paths:
            try:
                yield path, _read_facts(db, path)
            except Unreadable as error:
                yield path, error


def _read_facts(db: duckdb.DuckDBPyConnection, path: Path) -> ExportFacts:
    import duckdb

    source = f"read_parquet({_quoted(_literal(path))})"
    try:
        found = db.execute(
            "SELECT value FROM parquet_kv_metadata(?) WHERE key=?", (_literal(path), _KEY.encode())
        ).fetchall()
        facts = _facts_in(found)
        there = db.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608 - quoted
        if {name: kind for name, kind, *_ in there} != COLUMNS:
            raise Unreadable("foreign", f"里面的列不是汇总数据的；{_AGAIN}")
        strange = db.execute(
            f"SELECT count(*) FROM {source}"  # noqa: S608 - quoted
            f" WHERE programme<>? OR programme_name<>? OR level<>? OR NOT coalesce({_SOUND}, false)",
            (facts.programme, facts.name, facts.level),
        ).fetchall()
        months = _digests(db, source)
    except duckdb.Error as error:
        raise Unreadable("damaged", f"不是汇总数据（.parquet），或者已经损坏；{_AGAIN}") from error
    if strange != [(0,)] or months != facts.months:
        wrong = sorted(m for m in facts.months if months.get(m) != facts.months[m])
        which = f"{'、'.join(wrong)} 的数" if wrong else "里面的数"
        raise Unreadable("damaged", f"{which}和导出时的校验码不一样，被改过或损坏了；{_AGAIN}")
    return facts


def _digests(db: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    """The provenance of each month, in the order of the file, which is that of ``levels.provenance``.

    Row by row through a window: put together in DuckDB the texts of a month took twice the time.
    """
    db.execute(f"SELECT month, {_LINE} FROM {source}")  # noqa: S608 - quoted
    found: dict[str, Any] = {}
    while batch := db.fetchmany(_BATCH):
        for month, rows in groupby(batch, itemgetter(0)):
            text = NEXT.join([line for _, line in rows])
            known = found.get(month)
            if known is None:
                found[month] = hashlib.sha256(text.encode())
            else:
                known.update(f"{NEXT}{text}".encode())
    return {month: known.hexdigest() for month, known in found.items()}


def _literal(path: Path) -> str:
    """A path that DuckDB does not take for a pattern."""
    return "".join(f"[{each}]" if each in "*?[" else each for each in str(path))


def _facts_in(found: Sequence[tuple[bytes]]) -> ExportFacts:
    """What an export says of itself. Raises Unreadable."""
    try:
        facts = ExportFacts(**json.loads(found[0][0]))
        texts = (facts.programme, facts.name, facts.level, facts.made_at)
        sound = all(
            isinstance(each, str) for each in (*texts, *facts.months, *facts.months.values())
        )
    except (ValueError, TypeError, IndexError, AttributeError) as error:
        raise Unreadable("foreign", f"不是本程序导出的汇总数据；{_AGAIN}") from error
    if isinstance(facts.version, int) and facts.version > VERSION:
        raise Unreadable("newer-form", "是更新版本的程序导出的；请先升级 xl-addin")
    if not sound or not isinstance(facts.year, int):
        raise Unreadable("foreign", f"不是本程序导出的汇总数据；{_AGAIN}")
    return facts


class Exports:
    """Sound exports together, each with the months that are taken of it. Use within ``open_exports``."""

    def __init__(self, db: duckdb.DuckDBPyConnection, picks: Sequence[Pick]) -> None:
        self._db = db
        whole = [pick.path for pick in picks if not pick.apart]
        parts = [(pick.path, pick.months) for pick in picks if pick.apart]
        sources = [f"read_parquet([{', '.join(_quoted(_literal(path)) for path in whole)}])"]
        sources = sources if whole else []
        for path, months in parts:
            wanted = ", ".join(map(_quoted, months))
            source = f"read_parquet({_quoted(_literal(path))})"
            sources.append(f"(SELECT * FROM {source} WHERE month IN ({wanted}))")  # noqa: S608
        every = " UNION ALL ".join(f"SELECT * FROM {source}" for source in sources)  # noqa: S608
        db.execute(f"CREATE VIEW figures AS {every}")

    def wholes(self) -> Iterator[tuple[str, LevelRow]]:
        """The rows of programmes as a whole, each with its programme, month by month."""
        columns = ", ".join(LevelRow._fields)
        query = (
            f"SELECT programme, {columns} FROM figures WHERE unit=''"  # noqa: S608 - our own
            " ORDER BY programme, month, indicator"
        )
        for programme, *row in self._db.execute(query).fetchall():
            yield programme, LevelRow._make(row)

    def unit_sums(self) -> Iterator[UnitSums]:
        """What the units come to, by programme, month and indicator."""
        query = (
            "SELECT programme, month, indicator, count_if(state<>'not-asked'),"
            " count_if(state='missing'), count_if(state='not-applicable'),"
            " count_if(missing<>'' OR opening_missing OR weight_missing),"
            " sum(value), sum(cumulative), sum(target), sum(accrued), max(expected)"
            " FROM figures WHERE unit<>'' GROUP BY programme, month, indicator"
        )
        return map(UnitSums._make, self._db.execute(query).fetchall())

    def lacking(self, month: str, most: int) -> Iterator[tuple[str, str, int, str]]:
        """By programme and indicator how many units lack a month, and the names of so many of them."""
        query = (
            "SELECT programme, indicator, count(*),"
            " array_to_string(list(unit_name ORDER BY unit)[:?], '、')"
            " FROM figures WHERE unit<>'' AND month=? AND state='missing'"
            " GROUP BY programme, indicator ORDER BY programme, indicator"
        )
        yield from self._db.execute(query, (most, month)).fetchall()


@contextmanager
def open_exports(picks: Sequence[Pick]) -> Iterator[Exports]:
    """Exports whose hashes were verified. Refused where one cannot be read to its end all the same."""
    with _duckdb() as db:
        import duckdb

        try:
            yield Exports(db, picks)
        except duckdb.Error as error:
            names = "、".join(pick.path.name for pick in picks)
            raise Refused(f"{names}：有一份读到一半读不出来，没有汇总；{_AGAIN}") from error
