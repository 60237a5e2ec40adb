"""The ledger: what a programme knows; what is in it is only ever added to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, starmap
from pathlib import Path

from xl_addin.model.folder import LEDGER
from xl_addin.model.records import (
    ACCEPTED,
    BLANK,
    HELD,
    REMARK,
    UNREADABLE,
    Figure,
    Number,
    Problem,
    Receipt,
    Text,
    WorkPage,
)
from xl_addin.model.settings import Config
from xl_addin.store.contents import Contents, insert_contents
from xl_addin.store.database import Database, copy_database, insert, select
from xl_addin.store.schema import lay_down
from xl_addin.store.standings import Standing, find_standings
from xl_addin.system import held
from xl_addin.system.light import NamedTuple

_OPEN_PROBLEMS = (
    "FROM returns r JOIN told p ON p.receipt=r.id LEFT JOIN work_pages w ON w.receipt=r.id"
    " LEFT JOIN counting c ON c.month=r.month AND c.district=r.district"
    " WHERE r.asked=? AND (c.receipt IS NULL OR r.received_at || printf('%012d', r.id)>=c.latest"
    # What waits because its time is older is told beside what counts meanwhile.
    " OR (r.verdict='held' AND p.code='older-time'))"
    # What was in doubt is no problem any more once a person has accepted it.
    " AND (r.decision IS NULL OR r.verdict<>'accepted' OR p.severity<>'error'"
    # The page of key works has a verdict of its own, which no such decision changes.
    " OR p.code LIKE 'item-%')"
    # Nor what was wrong with a page once a later one is right.
    " AND NOT (p.code LIKE 'item-%' AND EXISTS(SELECT 1 FROM pages_counting n WHERE n.month=r.month"
    " AND n.district=r.district AND n.latest>r.received_at || printf('%012d', r.id)))"
    # A file that could not be opened is told once, and no more once it could.
    " AND NOT (p.code='cannot-open' AND r.sha256='' AND EXISTS(SELECT 1 FROM returns n"
    " WHERE n.file=r.file AND n.id>r.id) AND NOT EXISTS("
    "SELECT 1 FROM mail_returns b WHERE b.receipt=r.id))"
)
_INSERT_RECEIPT = (
    "INSERT INTO receipts(id, sha256, file, received_at, month, asked, district, round, verdict,"
    " note, run) VALUES(?,?,?,?,?,?,?,?,?,?,?)"
)


_MUTE = (BLANK, UNREADABLE)
_CONTENTS = {
    "figures": "indicator, measure, state, value, cell",
    "stated": "indicator, value, cell",
    "figure_sheets": "sheet",
    "texts": "position, field, indicator, sheet, cell, text",
    "work_reports": "item, state, progress, trouble, measures, expected, cell",
}
"""What a receipt's file says, by table, and the columns beside the receipt's number."""


class FigureRow(NamedTuple):
    """One counting figure: ``month`` is 1 to 12, ``value`` None unless state is ``number``.

    ``stated`` is the year's cumulative where the district gave one that its months do not come to.
    """

    district: str
    indicator: str
    month: int
    measure: str
    state: str
    value: Number | None
    stated: Number | None = None


_STATUS = (
    "SELECT r.id, r.district, r.month, r.verdict, r.received_at, r.round, r.file,"
    " (SELECT COUNT(*) FROM told p WHERE p.receipt=r.id), r.sha256,"
    # A page that went back is no matter any more once a later one is right.
    " COALESCE((SELECT CASE WHEN EXISTS(SELECT 1 FROM pages_counting n WHERE n.month=r.month"
    " AND n.district=r.district AND n.latest>r.received_at || printf('%012d', r.id))"
    " THEN 'accepted' ELSE w.verdict END FROM work_pages w WHERE w.receipt=r.id), '')"
    " FROM returns r WHERE r.district<>''"
    # A scan says nothing of the figures; what was held because another month was asked for speaks for
    # its own unless the same bytes were judged when that was asked for.
    " AND r.verdict<>'foreign' AND (r.verdict<>'held' OR r.asked=r.month OR NOT EXISTS("
    "SELECT 1 FROM returns n WHERE n.sha256=r.sha256 AND n.asked=r.month AND n.id<>r.id"
    " AND n.verdict<>'duplicate'))"
)
_STANDS = (
    "(r.decision IS NULL OR r.verdict='accepted' OR NOT EXISTS("
    "SELECT 1 FROM counting c WHERE c.month=r.month AND c.district=r.district))"
)


class Status(NamedTuple):
    """The receipt that speaks for a district in a month: the accepted one, else the latest.

    What is blank or was not read does not speak where another return waits for a decision.
    ``problems`` is how many it has; ``page`` the verdict of its page 重点工作, "" where it has none;
    ``first`` the accepted return that came first, where this one took its place.
    """

    id: int
    district: str
    month: str
    verdict: str
    received_at: str
    round: int
    file: str
    problems: int
    sha256: str
    page: str = ""
    first: Status | None = None

    @property
    def passed(self) -> Status:
        """The return by which a month was reported: a better one that follows makes nobody late."""
        return self.first or self


class AcceptedReturn(NamedTuple):
    """The return that counts for a district in a month."""

    round: int
    received_at: str
    file: str
    figures: Sequence[Figure]


class AcceptedFile(NamedTuple):
    """An accepted return with what was read of it; month and district are those it counts for."""

    sha256: str
    file: str
    month: str
    district: str
    figures: Sequence[Figure]


class Event(NamedTuple):
    """A line of the journal; ``who`` is a login, ``person`` the name of who used it where it was given."""

    at: str
    verb: str
    month: str
    outcome: str
    who: str
    person: str = ""

    @property
    def by(self) -> str:
        """Who did it, as people are told."""
        return name_with_login(self.person, self.who)


def name_with_login(person: str, login: str) -> str:
    """A person's name with the login it worked under: the login alone where no name was given."""
    return f"{person}（{login}）" if person and login and person != login else person or login


_ACCEPTED = (
    "SELECT c.district, r.round, r.received_at, r.file, f.indicator, f.state, f.value, f.cell, f.measure,"
    " s.value, COALESCE(s.cell, '') FROM counting c JOIN receipts r ON r.id=c.receipt"
    " JOIN figures f ON f.receipt=r.id"
    " LEFT JOIN stated s ON s.receipt=f.receipt AND s.indicator=f.indicator WHERE c.month=?"
    " ORDER BY c.district, f.indicator"
)


class Ledger(Database):
    """What the programme knows, in the words of the field.

    ``person`` tells who works, for the journal: a name beside the login, empty where nobody gave one.
    """

    person: Callable[[], str] = staticmethod(str)

    @classmethod
    def create(cls, path: Path, year: int, at: str) -> Ledger:
        """A new, empty ledger. Raises FileExistsError rather than touch an old one."""
        import secrets

        if path.exists():
            raise FileExistsError(path)
        lay_down(
            path,
            {
                "id": secrets.token_hex(6),
                "secret": secrets.token_bytes(32),
                "year": year,
                "created": at,
            },
        )
        return cls(path)

    def earlier_receipt(self, sha256: str, district: str = "") -> Receipt | None:
        """What was decided about these bytes before: the acceptance, else the latest decision.

        One about ``district`` comes before those about others.
        """
        row = self._db.execute(
            "SELECT sha256, file, received_at, district, month, round, verdict, note FROM returns"
            " WHERE sha256=? AND verdict<>'duplicate' ORDER BY verdict='accepted' DESC, district=? DESC,"
            " id DESC LIMIT 1",
            (sha256, district),
        ).fetchone()
        return None if row is None else Receipt._make((*row[:7], (), (), row[7], "", (), None))

    def counting_files(self, month: str) -> dict[str, str]:
        """By district the hash of the file that counts for a month."""
        query = (
            "SELECT c.district, r.sha256 FROM counting c JOIN receipts r ON r.id=c.receipt"
            " WHERE c.month=? ORDER BY 1"
        )
        return dict(select(self, query, (month,)))

    def counting_receipts(self, month: str) -> dict[str, tuple[str, int]]:
        """By district the hash of the file that counts for a month, and the run that took it."""
        query = (
            "SELECT c.district, r.sha256, r.run FROM counting c JOIN receipts r ON r.id=c.receipt"
            " WHERE c.month=?"
        )
        return {district: (sha256, run) for district, sha256, run in select(self, query, (month,))}

    def add_receipts(self, receipts: Sequence[Receipt], collected_for: str) -> int:
        """Record receipts with their figures and problems; ``collected_for`` is the month collected.

        Returns the number of the first; the others follow it.
        """
        first = self._next("receipts")
        numbered = list(enumerate(receipts, first))
        self._db.executemany(
            _INSERT_RECEIPT,
            (
                (
                    key,
                    r.sha256,
                    r.file,
                    r.received_at,
                    r.month,
                    collected_for,
                    r.district,
                    r.round,
                    r.verdict,
                    r.note,
                    self.run,
                )
                for key, r in numbered
            ),
        )
        insert_contents(
            self._db,
            [
                Contents(key, r.figures, r.sheet, r.texts, r.page.reports if r.page else ())
                for key, r in numbered
            ],
        )
        insert(
            self,
            "INSERT INTO work_pages(run, receipt, verdict, sheet) VALUES(?,?,?,?)",
            [(self.run, key, *r.page[:2]) for key, r in numbered if r.page],
        )
        self._db.executemany(
            "INSERT INTO problems VALUES(?,?,?,?,?,?,?,?,?)",
            ((key, n, *p) for key, r in numbered for n, p in enumerate(r.problems)),
        )
        return first

    def count_anew(self, receipt: int, received_at: str, month: str, district: str) -> int:
        """Record a return once more as accepted for this month and district, as received at that time.

        Of two returns the one received later counts, and of one time the one recorded later: so one
        that a person prefers comes to count without its first receipt being touched. Returns the new
        receipt's number. Call while writing.
        """
        number = self._next("receipts")
        insert(
            self,
            "INSERT INTO receipts(id, sha256, file, received_at, month, asked, district, round,"
            " verdict, note, run) SELECT ?, sha256, file, ?, ?, asked, ?, round, 'accepted',"
            " '人工决定以这一份为准，文件原来的时间是 ' || received_at, ? FROM receipts WHERE id=?",
            [(number, received_at, month, district, self.run, receipt)],
        )
        for table, columns in _CONTENTS.items():
            insert(
                self,
                f"INSERT INTO {table} SELECT ?, {columns} FROM {table} WHERE receipt=?",  # noqa: S608
                [(number, receipt)],
            )
        insert(
            self,
            "INSERT INTO work_pages(run, receipt, verdict, sheet)"
            " SELECT ?, ?, verdict, sheet FROM work_pages WHERE receipt=?",
            [(self.run, number, receipt)],
        )
        insert(
            self,
            "INSERT INTO mail_returns(run, mail, receipt)"
            " SELECT run, mail, ? FROM mail_returns WHERE receipt=?",
            [(number, receipt)],
        )
        return number

    def standings(self, month: str, config: Config | None = None) -> dict[str, Standing]:
        """Where districts stood before a month of the same year; see ``standings.find_standings``."""
        return find_standings(self, month, config)

    def figures(self, month: str, indicators: Sequence[str] = ()) -> Iterator[FigureRow]:
        """Every counting figure of the year up to and including a month, or those of some indicators."""
        import json

        of_these = " AND f.indicator IN (SELECT value FROM json_each(?))" if indicators else ""
        asked = (json.dumps(list(indicators)),) if indicators else ()
        return map(
            FigureRow._make,
            self._db.execute(
                "SELECT c.district, f.indicator, CAST(substr(c.month, 6) AS INTEGER), f.measure,"  # noqa: S608 - our own
                " f.state, f.value, s.value FROM counting c JOIN figures f ON f.receipt=c.receipt"
                " LEFT JOIN stated s ON s.receipt=f.receipt AND s.indicator=f.indicator"
                f" WHERE c.month>=? AND c.month<=?{of_these} ORDER BY c.month, c.district, f.indicator",
                (f"{month[:4]}-01", month, *asked),
            ),
        )

    def accepted_returns(self, month: str) -> dict[str, AcceptedReturn]:
        """By district the return that counts for a month."""
        return dict(self.each_accepted(month))

    def each_accepted(self, month: str) -> Iterator[tuple[str, AcceptedReturn]]:
        """The same one by one."""
        rows = self._db.execute(_ACCEPTED, (month,))
        for (district, *facts), of in groupby(rows, lambda row: row[:4]):
            figures = [Figure._make(row[4:]) for row in of]
            yield district, AcceptedReturn._make((*facts, figures))

    def accepted_files(self, first: str, last: str) -> list[AcceptedFile]:
        """Every accepted return of these months, replaced ones too, in the order they came in."""
        found: dict[int, AcceptedFile] = {}
        figures: dict[int, list[Figure]] = {}
        for number, sha256, file, month, district, *figure in select(
            self,
            "SELECT r.id, r.sha256, r.file, r.month, r.district, f.indicator, f.state, f.value, f.cell,"
            " f.measure, s.value, COALESCE(s.cell, '') FROM returns r JOIN figures f ON f.receipt=r.id"
            " LEFT JOIN stated s ON s.receipt=f.receipt AND s.indicator=f.indicator"
            " WHERE r.verdict='accepted' AND r.month>=? AND r.month<=? ORDER BY r.id, f.indicator",
            (first, last),
        ):
            if number not in found:
                figures[number] = []
                found[number] = AcceptedFile(sha256, file, month, district, figures[number])
            figures[number].append(Figure._make(figure))
        return list(found.values())

    def given_later(self, month: str) -> dict[str, dict[str, int]]:
        """By district and indicator the first month after this one whose cumulative it gave itself."""
        found: dict[str, dict[str, int]] = {}
        for district, indicator, at in select(
            self,
            "SELECT c.district, s.indicator, MIN(c.month) FROM counting c"
            " JOIN stated s ON s.receipt=c.receipt WHERE c.month>? AND c.month<=?"
            " GROUP BY c.district, s.indicator",
            (month, f"{month[:4]}-12"),
        ):
            found.setdefault(district, {})[indicator] = int(at[5:])
        return found

    def told_of(self, month: str, code: str) -> dict[str, set[str]]:
        """By district the files of a month that have a problem of this code."""
        found: dict[str, set[str]] = {}
        for district, sha256 in select(
            self,
            "SELECT r.district, r.sha256 FROM returns r JOIN told p ON p.receipt=r.id"
            " WHERE r.month=? AND p.code=?",
            (month, code),
        ):
            found.setdefault(district, set()).add(sha256)
        return found

    def statuses(self, year: str) -> dict[tuple[str, str], Status]:
        """By (district, month) the receipt that speaks for it, over one year."""
        rows = self._db.execute(
            f"{_STATUS} AND r.month>=? AND r.month<=? AND r.verdict<>'duplicate'"
            " ORDER BY r.verdict='accepted', r.received_at, r.id",
            (f"{year}-01", f"{year}-12"),
        )
        found: dict[tuple[str, str], Status] = {}
        for each in starmap(Status, rows):
            before = found.get((each.district, each.month))
            waits = before is not None and before.verdict == HELD and before.sha256 != each.sha256
            if before is not None and before.verdict == each.verdict == ACCEPTED:
                found[each.district, each.month] = each._replace(first=before.passed)
            elif not waits or each.verdict not in _MUTE:
                found[each.district, each.month] = each
        return found

    def returns_to_answer(self, month: str) -> dict[str, Status]:
        """By district the latest return of a month that there is something to say about.

        One that is held waits for a person, and so does what came before it. Blank and unreadable
        ones do not hide the figures that were sent before, nor does an acceptance hide that a later
        correction is wrong; but one that a person turned down leaves what was accepted as it is.
        """
        rows = self._db.execute(
            f"{_STATUS} AND r.month=? AND r.verdict IN ('accepted', 'rejected', 'held')"
            f" AND {_STANDS} ORDER BY r.received_at, r.id",
            (month,),
        )
        return {each.district: each for each in starmap(Status, rows)}

    def problems(self, month: str, limit: int) -> list[tuple[Receipt, Problem]]:
        """What is wrong in the returns collected for a month, newest return first.

        A return of another month or of none that came in while this month was collected counts;
        one that was followed by an accepted return of the same district and month is settled.
        Of the texts of a return its receipt has 说明.
        """
        remarks: dict[int, list[Text]] = {}
        for receipt, *text in select(
            self,
            "SELECT t.receipt, t.field, t.indicator, t.sheet, t.cell, t.text FROM texts t"
            " JOIN returns r ON r.id=t.receipt WHERE r.asked=? AND t.field=? ORDER BY t.receipt, t.position",
            (month, REMARK),
        ):
            remarks.setdefault(receipt, []).append(Text._make(text))
        rows = self._db.execute(
            "SELECT r.id, r.sha256, r.file, r.received_at, r.district, r.month, r.round, r.verdict,"
            " w.verdict, p.code, p.severity, p.sheet, p.cell, p.found, p.message, p.expected"
            f" {_OPEN_PROBLEMS} ORDER BY r.id DESC, p.severity, p.position LIMIT ?",
            (month, limit),
        )
        return [
            (
                Receipt._make(
                    (
                        *row[1:8],
                        *((), (), "", ""),
                        tuple(remarks.get(row[0], ())),
                        WorkPage(row[8], "", ()) if row[8] else None,
                    )
                ),
                Problem._make(row[9:]),
            )
            for row in rows
        ]

    def problem_count(self, month: str) -> int:
        """How many problems stand behind ``problems`` when there is no limit."""
        query = f"SELECT COUNT(*) {_OPEN_PROBLEMS}"
        count: int = self._db.execute(query, (month,)).fetchone()[0]
        return count

    def problems_of(self, receipt: int) -> list[Problem]:
        """The problems of a receipt, what a person added last."""
        rows = select(
            self,
            "SELECT code, severity, sheet, cell, found, message, expected FROM told WHERE receipt=?"
            " ORDER BY position",
            (receipt,),
        )
        return [Problem._make(row) for row in rows]

    def keep_reading_settings(self, settings: str) -> None:
        """Keep by what this run reads returns, unless the last one read by the same."""
        last = select(self, "SELECT settings FROM readings ORDER BY id DESC LIMIT 1")
        if last != [(settings,)]:
            insert(self, "INSERT INTO readings(run, settings) VALUES(?,?)", [(self.run, settings)])

    def reading_settings(self) -> list[str]:
        """What returns were read by, the latest first, each as it was kept."""
        rows = select(self, "SELECT settings FROM readings ORDER BY id DESC")
        return [settings for (settings,) in rows]

    def add_event(self, at: str, verb: str, month: str, outcome: str, who: str) -> None:
        """Add a line to the journal."""
        self.doing_verb = verb
        insert(
            self,
            "INSERT INTO events(id, at, verb, month, outcome, who) VALUES(?,?,?,?,?,?)",
            [(self.run, at, verb, month, outcome, who)],
        )
        if person := self.person():
            insert(self, "INSERT INTO persons(run, person) VALUES(?,?)", [(self.run, person)])

    def events(self, limit: int = 1 << 31) -> list[Event]:
        """The journal, newest first."""
        query = (
            "SELECT e.at, e.verb, e.month, e.outcome, e.who, COALESCE(p.person, '') FROM events e"
            " LEFT JOIN persons p ON p.run=e.id ORDER BY e.id DESC LIMIT ?"
        )
        return [Event._make(row) for row in select(self, query, (limit,))]


@contextmanager
def open_copy(path: Path) -> Iterator[Ledger]:
    """A ledger as it stands, whatever version wrote it: a copy is opened, the file itself not touched.

    Refused where it cannot be read.
    """
    with held.temporary_folder() as folder:
        copy = folder / LEDGER
        copy_database(path, copy)
        ledger = Ledger(copy)
        try:
            yield ledger
        finally:
            ledger.close()
