"""Everything that is known of the returns of a district: what stands in them and what became of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from xl_addin.model.records import COMMENT, REMARK, Figure, Number, Problem, Text
from xl_addin.store.database import LedgerReader, select
from xl_addin.store.ledger import name_with_login
from xl_addin.system.light import NamedTuple

_RETURNS = (
    "SELECT r.id, r.sha256, r.file, r.received_at, r.month, r.round, r.verdict,"
    " c.receipt IS NOT NULL, COALESCE(s.sheet, ''), r.run, COALESCE(e.verb, ''), COALESCE(e.at, ''),"
    " COALESCE(e.who, ''), COALESCE(p.person, '') FROM returns r"
    " LEFT JOIN counting c ON c.receipt=r.id LEFT JOIN figure_sheets s ON s.receipt=r.id"
    " LEFT JOIN events e ON e.id=r.run LEFT JOIN persons p ON p.run=r.run"
    " WHERE r.district=? AND r.month>=? AND r.month<=? AND r.verdict<>'duplicate' ORDER BY r.month, r.received_at, r.id"
)


class Mail(NamedTuple):
    """The mail that a return came in; ``sha256`` is over it, its name in the archive."""

    sha256: str
    sender: str
    subject: str
    received_at: str


class Settled(NamedTuple):
    """What a person decided about a return, and why; ``by`` and ``at`` say who and when."""

    decision: str
    note: str
    by: str
    at: str


class TracedReturn(NamedTuple):
    """A return with all that is known of it.

    ``counts`` says that it is the one that counts for its month. ``sheet`` is that of its figures,
    which are by indicator. ``run``, ``verb``, ``at`` and ``by`` say how it came into the ledger; ``run``
    is None for one from before runs were kept.
    """

    id: int
    sha256: str
    file: str
    received_at: str
    month: str
    round: int
    verdict: str
    counts: bool
    sheet: str
    run: int | None
    verb: str
    at: str
    by: str
    figures: Mapping[str, Figure]
    problems: tuple[Problem, ...]
    texts: tuple[Text, ...]
    mails: tuple[Mail, ...]
    decision: Settled | None


def traced_returns(
    ledger: LedgerReader, district: str, first: str, last: str
) -> list[TracedReturn]:
    """The returns of a district for these months, month by month in the order in which they came.

    The same bytes that came again are no return of their own.
    """
    rows = select(ledger, _RETURNS, (district, first, last))
    these = json.dumps([row[0] for row in rows])
    figures = _figures(ledger, these)
    problems = _problems(ledger, these)
    texts = _texts(ledger, these)
    mails = _mails(ledger, these)
    decisions = _decisions(ledger, these)
    return [
        TracedReturn._make(
            (
                *row[:7],
                bool(row[7]),
                *row[8:12],
                name_with_login(row[13], row[12]),
                figures.get(row[0], {}),
                tuple(problems.get(row[0], ())),
                tuple(texts.get(row[0], ())),
                tuple(mails.get(row[0], ())),
                decisions.get(row[0]),
            )
        )
        for row in rows
    ]


def _figures(ledger: LedgerReader, these: str) -> dict[int, dict[str, Figure]]:
    found: dict[int, dict[str, Figure]] = {}
    for receipt, *figure in select(
        ledger,
        "SELECT f.receipt, f.indicator, f.state, f.value, f.cell, f.measure, s.value,"
        " COALESCE(s.cell, '') FROM figures f"
        " LEFT JOIN stated s ON s.receipt=f.receipt AND s.indicator=f.indicator"
        " WHERE f.receipt IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) ORDER BY 1, 2",
        (these,),
    ):
        found.setdefault(receipt, {})[figure[0]] = Figure._make(figure)
    return found


def _problems(ledger: LedgerReader, these: str) -> dict[int, list[Problem]]:
    found: dict[int, list[Problem]] = {}
    for receipt, *problem in select(
        ledger,
        "SELECT receipt, code, severity, sheet, cell, found, message, expected FROM told"
        " WHERE receipt IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) ORDER BY receipt, position",
        (these,),
    ):
        found.setdefault(receipt, []).append(Problem._make(problem))
    return found


def _texts(ledger: LedgerReader, these: str) -> dict[int, list[Text]]:
    found: dict[int, list[Text]] = {}
    for receipt, *text in select(
        ledger,
        "SELECT receipt, field, indicator, sheet, cell, text FROM texts"
        " WHERE receipt IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) ORDER BY receipt, position",
        (these,),
    ):
        found.setdefault(receipt, []).append(Text._make(text))
    return found


def _mails(ledger: LedgerReader, these: str) -> dict[int, list[Mail]]:
    found: dict[int, list[Mail]] = {}
    for receipt, *mail in select(
        ledger,
        "SELECT b.receipt, m.sha256, COALESCE(t.sender, ''), COALESCE(t.subject, ''), m.received_at"
        " FROM mail_returns b JOIN mails m ON m.id=b.mail"
        " LEFT JOIN mail_read t ON t.mail=m.id AND t.run=b.run"
        " WHERE b.receipt IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) ORDER BY b.id, t.id",
        (these,),
    ):
        each = Mail._make(mail)
        if each not in found.setdefault(receipt, []):
            found[receipt].append(each)
    return found


def _decisions(ledger: LedgerReader, these: str) -> dict[int, Settled]:
    return {
        receipt: Settled(decision, note, name_with_login(person, who), at)
        for receipt, decision, note, who, person, at in select(
            ledger,
            "SELECT d.receipt, d.decision, d.note, e.who, COALESCE(p.person, ''), e.at FROM settled d"
            " JOIN events e ON e.id=d.run LEFT JOIN persons p ON p.run=d.run"
            " WHERE d.receipt IN (SELECT CAST(value AS BIGINT) FROM json_each(?))",
            (these,),
        )
    }


def texts_beside(texts: Iterable[Text], indicator: str) -> tuple[str, ...]:
    """What a district wrote beside a figure of its return: 说明 and comments."""
    wanted = (REMARK, COMMENT)
    return tuple(t.text for t in texts if t.indicator == indicator and t.field in wanted)


class KeptTarget(NamedTuple):
    """A year-start target as it was found to be from then on; None where there was none."""

    at: str
    by: str
    value: Number | None


def kept_target_history(ledger: LedgerReader, district: str, indicator: str) -> list[KeptTarget]:
    """The year-start target of a pair whenever it was found to be another, the first one included."""
    found: list[KeptTarget] = []
    for at, who, person, text in select(
        ledger,
        "SELECT e.at, e.who, COALESCE(p.person, ''), t.targets FROM target_sets t"
        " JOIN events e ON e.id=t.run LEFT JOIN persons p ON p.run=t.run"
        " WHERE t.run NOT IN (SELECT run FROM undone) ORDER BY t.id",
    ):
        value = next((n for d, i, n in json.loads(text) if (d, i) == (district, indicator)), None)
        if not found or found[-1].value != value:
            found.append(KeptTarget(at, name_with_login(person, who), value))
    return found
