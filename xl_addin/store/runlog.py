"""The run log: what each run added to the ledger, written into the archive before it counts.

One file of JSON lines per transaction, numbered, with a hash over itself and the hash of the one
before, so that a new ledger can be made from the archive alone and a lost page is noticed. A page is
``NUMBER.TOKEN.pending`` until the ledger has committed, its token the beginning of its hash, and only
one with the hash that the ledger has is confirmed: whatever else lies there was never committed, or
is another folder's, and the next run removes it. Versions before 0.4 wrote ``NUMBER.pending``.
Figures are not in it: they are read again from the returned files; their count and sum is, as control.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from xl_addin.model.folder import ARCHIVE, RUN_LOGS
from xl_addin.model.records import Number
from xl_addin.store.schema import Connection, archived_tables
from xl_addin.system import held
from xl_addin.system.atomic import sync_file, sync_folder
from xl_addin.system.errors import Refused, Unreadable
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

FORMAT = 1
_CONTROL = "figures"
_TOKEN = 16


class ArchivedReceipt(NamedTuple):
    """A receipt as a page tells of it; ``asked`` is the month that was collected."""

    id: int
    sha256: str
    file: str
    received_at: str
    asked: str


class Control(NamedTuple):
    """How many figures a receipt had, how many of them were numbers, and what these came to.

    ``stated`` is how many cumulatives the district gave itself and ``stated_sum`` what these came to;
    None where the version that collected it did not keep them.
    """

    receipt: int
    figures: int
    numbers: int
    sum: Number
    stated: int | None = None
    stated_sum: Number | None = None


class Page(NamedTuple):
    """A page of the run log as it was read back.

    ``number`` counts from 1, ``sha256`` is over the whole file and ``before`` is that of the page
    before ("" for the first). ``tables`` maps a table to its column names and rows, bytes restored.
    """

    number: int
    sha256: str
    before: str
    tables: Mapping[str, tuple[tuple[str, ...], list[list[Any]]]]

    def receipts(self) -> dict[int, ArchivedReceipt]:
        """The receipts of the run by their number."""
        found = self._rows("receipts", ArchivedReceipt._fields)
        return {each.id: each for each in map(ArchivedReceipt._make, found)}

    def controls(self) -> list[Control]:
        """What the figures of its receipts, read again, have to come to."""
        known = self.tables.get(_CONTROL, ((), []))[0]
        names = [name for name in Control._fields if name in known]
        return [Control(*row) for row in self._rows(_CONTROL, names)]

    def reading_settings(self) -> list[str]:
        """The settings that this run and those after it read returns by; none where unchanged."""
        return [settings for (settings,) in self._rows("readings", ("settings",))]

    def _rows(self, table: str, names: Sequence[str]) -> list[list[Any]]:
        columns, rows = self.tables.get(table, ((), []))
        at = [columns.index(name) for name in names] if rows else []
        return [[row[each] for each in at] for row in rows]


class RunLog:
    """The run log beside one ledger.

    A numbered file (a page) for each transaction, written before the ledger commits.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, number: int) -> Path:
        """Where a page lies."""
        return self.folder / f"{number:06d}.jsonl"

    def pending(self) -> list[Path]:
        """The pages that were not confirmed, whosever they are, the newest last."""
        found = [
            self.folder / name
            for name in held.names(self.folder)
            if name.endswith(".pending") and name.partition(".")[0].isdigit()
        ]
        return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))

    def is_outdated(self, pending: Path) -> bool:
        """Whether a page of this number was confirmed: no run of ours waits for it."""
        return self.path(int(pending.name.partition(".")[0])).exists()

    def interrupted(self, committed: Collection[str]) -> list[Path]:
        """The pending pages that a ledger with pages of these hashes never took."""
        return [path for path in self.pending() if _digest(path) not in committed]

    def catch_up(self, db: Connection) -> bool:
        """Confirm the last page where a stop came between commit and confirmation.

        Whether there was one.

        Raises Refused when the archive knows of later runs, or is gone: a run log begun anew in its
        place would lack every return and run before.
        """
        last, sha256, _ = _last_page(db)
        archive = self.folder.parent
        if last and not archive.is_dir():
            raise Refused(
                f"{archive}：找不到归档文件夹，以前收到的文件和操作记录都在里面；请从原来的电脑、备份或回收站找回"
                "放到原处。确实找不回来，请自己新建一个同名的空文件夹再继续"
            )
        # Looked for among those of this number only: as a rule there is none.
        mine = [
            path
            for path in (self.pending() if last else ())
            if path.name.startswith(f"{last:06d}") and _digest(path) == sha256
        ]
        for path in mine:
            self.confirm(path)
        if later := self.unknown_page(db):
            raise Refused(f"{later}；请运行 xl-addin rebuild，由归档重建底账")
        return bool(mine)

    def unknown_page(self, db: Connection) -> str:
        """The first page after the ledger's last, in words; "" where the archive knows of no later run."""
        later = self.path(_last_page(db)[0] + 1)
        if not later.exists():
            return ""
        return f"{later}：归档里记着底账没有的操作，底账比归档旧（可能是从备份恢复的）"

    def write(self, db: Connection) -> Path | None:
        """Write down what is new in the ledger, to be confirmed; None when nothing is. Raises OSError."""
        number, before, marks = _last_page(db)
        lines = [
            _line({"table": table, "columns": columns, "rows": rows})
            for table, columns, rows in _new_rows(db, marks)
        ]
        if not lines:
            return None
        number += 1
        head = _line({"page": number, "format": FORMAT, "before": before})
        body = "".join((head, *lines)).encode()
        data = body + _line({"sha256": hashlib.sha256(body).hexdigest()}).encode()
        digest = hashlib.sha256(data).hexdigest()
        for left in self.pending():
            if int(left.name.partition(".")[0]) <= number:
                held.unlink(left)  # of runs that never were
        path = self.folder / f"{number:06d}.{digest[:_TOKEN]}.pending"
        self._write(path, data)
        db.execute("INSERT INTO pages VALUES(?,?,?)", (number, digest, json.dumps(marks)))
        fail_point("runlog.written")
        return path

    def _write(self, path: Path, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with held.create(path) as file:
            file.write(data)
            file.flush()
            sync_file(file.fileno())
        sync_folder(str(self.folder))

    def confirm(self, pending: Path) -> None:
        """Give a page its final name: the ledger has committed what it holds."""
        held.replace(pending, self.path(int(pending.name.partition(".")[0])))

    def pages(self, committed: Collection[str] | None = None) -> Iterator[Page]:
        """Every page in order, a last one that was not confirmed included when it is whole.

        ``committed`` are the hashes of the pages that a ledger which is at hand has: where that knows
        of the last confirmed page, one that it does not know never was. None where there is no ledger.

        Raises Unreadable with the page's path in its message where one is missing or damaged.
        """
        names = [name.partition(".") for name in held.names(self.folder)]
        numbers = sorted(int(stem) for stem, _, kind in names if kind == "jsonl" and stem.isdigit())
        last, before = (numbers or [0])[-1], ""
        for number in range(1, last + 1):
            page = read_page(self.path(number))
            _check_sequence(self.path(number), page, number, before)
            before = page.sha256
            yield page
        if committed is not None and before and before not in committed:
            committed = None  # the ledger is older than the archive
        for pending in reversed(self.pending()):
            try:
                page = read_page(pending)
                _check_sequence(pending, page, last + 1, before)
            except Unreadable:
                continue  # cut off while it was written, or another run's: that run never was
            if committed is None or page.sha256 in committed:
                yield page
                return


def _digest(path: Path) -> str:
    """The hash of a file, empty where it cannot be read."""
    try:
        return hashlib.sha256(held.read_bytes(path)).hexdigest()
    except OSError:
        return ""


def read_page(path: Path) -> Page:
    """One page. Raises Unreadable when it is missing or not what was written."""
    try:
        data = held.read_bytes(path)
    except FileNotFoundError as error:
        raise Unreadable("page-missing", f"{path}：归档里少了这一页记录") from error
    body, _, last = data.rstrip(b"\n").rpartition(b"\n")
    try:
        lines = [json.loads(line, object_hook=_from_json) for line in body.splitlines()]
        whole = json.loads(last)["sha256"] == hashlib.sha256(body + b"\n").hexdigest()
        head = lines[0]
        tables = {
            line["table"]: (tuple(line["columns"]), [list(row) for row in line["rows"]])
            for line in lines[1:]
        }
        if whole and head["format"] == FORMAT:
            digest = hashlib.sha256(data).hexdigest()
            return Page(head["page"], digest, head["before"], tables)
    except (ValueError, KeyError, TypeError, IndexError):
        pass
    raise Unreadable("page-damaged", f"{path}：这一页记录损坏了或被改过")


def _check_sequence(path: Path, page: Page, number: int, before: str) -> None:
    if page.number != number or page.before != before:
        raise Unreadable("page-damaged", f"{path}：这一页记录与前一页接不上，可能被换过")


def folder_beside(ledger: Path) -> Path:
    """Where the pages of a ledger lie."""
    return ledger.parent / ARCHIVE / RUN_LOGS


def _last_page(db: Connection) -> tuple[int, str, dict[str, int]]:
    row = db.execute("SELECT id, sha256, marks FROM pages ORDER BY id DESC LIMIT 1").fetchone()
    return (0, "", {}) if row is None else (row[0], row[1], json.loads(row[2]))


def _new_rows(
    db: Connection, marks: dict[str, int]
) -> Iterator[tuple[str, Sequence[str], list[Any]]]:
    """The rows above ``marks``, table by table; ``marks`` moves up as they are taken."""
    known_receipts = marks.get("receipts", 0)
    for table in archived_tables():
        key = "receipt" if table == "problems" else "id"
        order = "receipt, position" if table == "problems" else "id"
        found = db.execute(
            f"SELECT * FROM {table} WHERE {key}>? ORDER BY {order}",  # noqa: S608 - our own names
            (known_receipts if table == "problems" else marks.get(table, 0),),
        )
        columns = [column[0] for column in found.description]
        rows = found.fetchall()
        if rows:
            yield table, columns, rows
            if table != "problems":
                marks[table] = rows[-1][columns.index("id")]
    sums = db.execute(
        "SELECT f.receipt, COUNT(*), COUNT(f.value), TOTAL(f.value),"
        " CASE WHEN MAX(p.sheet) IS NOT NULL OR COUNT(s.value)>0 THEN COUNT(s.value) END,"
        " CASE WHEN MAX(p.sheet) IS NOT NULL OR COUNT(s.value)>0 THEN TOTAL(s.value) END"
        " FROM figures f LEFT JOIN figure_sheets p ON p.receipt=f.receipt"
        " LEFT JOIN stated s ON s.receipt=f.receipt AND s.indicator=f.indicator"
        " WHERE f.receipt>? GROUP BY f.receipt ORDER BY f.receipt",
        (known_receipts,),
    ).fetchall()
    if sums:
        yield _CONTROL, Control._fields, sums


def _line(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=_to_json) + "\n"


def _to_json(value: object) -> object:
    import base64

    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(type(value).__name__)


def _from_json(content: dict[str, Any]) -> object:
    import base64

    return base64.b64decode(content["base64"]) if content.keys() == {"base64"} else content
