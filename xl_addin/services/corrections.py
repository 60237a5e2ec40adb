"""The forms that went back for correction: one per return, with a round of its own, on record."""

from __future__ import annotations

import hashlib

from xl_addin.form import identity
from xl_addin.form.correct import Correction, correct, corrected_form
from xl_addin.form.read import Reading, read
from xl_addin.judging.opening import open_book
from xl_addin.model.folder import ARCHIVE, RETURNED
from xl_addin.model.letters import Attachment
from xl_addin.model.records import District, Problem
from xl_addin.model.settings import Config
from xl_addin.services.issuing import issues, severities, terms
from xl_addin.services.programme import Desk
from xl_addin.store.ledger import Dispatch, Ledger, Status
from xl_addin.system import atomic
from xl_addin.system.errors import Unreadable
from xl_addin.system.filenames import plain_name
from xl_addin.system.light import NamedTuple


class Returned(NamedTuple):
    """A rejected return, what is wrong with it, and the form that goes back for it.

    ``round`` is the round of that form; ``fresh`` says that the form is not on record yet.
    """

    sha256: str
    file: str
    received_at: str
    round: int
    correction: Correction
    form: Attachment
    mac: str
    fresh: bool


def returned(desk: Desk, district: District, status: Status) -> Returned:
    """The form to send back for a rejected return. Raises Unreadable where it cannot be marked."""
    ledger, config = desk.ledger, desk.config
    sha256 = ledger.query("SELECT sha256 FROM receipts WHERE id=?", (status.id,))[0][0]
    reading = _reading(desk, sha256, config)
    rows = ledger.query(
        "SELECT code, severity, sheet, cell, found, message, expected FROM told WHERE receipt=?"
        " ORDER BY position",
        (status.id,),
    )
    problems = [Problem(*row) for row in rows]
    known = ledger.query(
        "SELECT round, file, sha256 FROM corrections WHERE returned=? AND district=? AND month=?"
        " ORDER BY id DESC LIMIT 1",
        (sha256, district.code, status.month),
    )
    round_ = known[0][0] if known else _last_round(ledger, district, status.month) + 1
    correction = correct(reading, problems, config.indicators, round_, status.file)
    if known:
        path = desk.folder / RETURNED / status.month / known[0][1]
        kept = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(kept).hexdigest() == known[0][2]:
            form = Attachment(path.name, kept)
            whole = (sha256, status.file, status.received_at, round_, correction, form, "", False)
            return Returned(*whole)
        round_ = _last_round(ledger, district, status.month) + 1
        correction = correct(reading, problems, config.indicators, round_, status.file)
    form, mac = _form(desk, district, status.month, round_, correction)
    whole = (sha256, status.file, status.received_at, round_, correction, form, mac, True)
    return Returned(*whole)


def keep(desk: Desk, district: District, month: str, back: Returned) -> None:
    """Put a form on disk and on record as issued; call within ``writing``."""
    folder = desk.folder / RETURNED / month
    folder.mkdir(parents=True, exist_ok=True)
    atomic.write(folder / back.form.name, back.form.data)
    sha256 = hashlib.sha256(back.form.data).hexdigest()
    desk.ledger.add_dispatches(
        [Dispatch(month, district.code, back.round, back.mac, sha256, back.form.name, desk.now())]
    )
    desk.ledger.add(
        "INSERT INTO corrections(run, returned, month, district, round, sha256, file)"
        " VALUES(?,?,?,?,?,?,?)",
        [(desk.ledger.run, back.sha256, month, district.code, back.round, sha256, back.form.name)],
    )


def _reading(desk: Desk, sha256: str, config: Config) -> Reading:
    path = next((desk.folder / ARCHIVE).glob(f"{sha256}.*"), None)
    if path is None:
        raise Unreadable("gone", "归档里找不到这份文件")
    return read(open_book(path.read_bytes(), path.name), config.indicators)


def _last_round(ledger: Ledger, district: District, month: str) -> int:
    """The highest round that a form of the district ever had, taken back or not."""
    query = "SELECT COALESCE(MAX(round), 1) FROM dispatches WHERE district=? AND month=?"
    highest: int = ledger.query(query, (district.code, month))[0][0]
    return highest


def _form(
    desk: Desk, district: District, month: str, round_: int, correction: Correction
) -> tuple[Attachment, str]:
    config, ledger = desk.config, desk.ledger
    whose = config._replace(districts=(district,))
    [(_, issue)] = issues(whose, month, ledger, ledger.standings(month))
    sealed = identity.seal(ledger.key, issue.identity._replace(round=round_), issue.content)
    issue = issue._replace(identity=sealed)
    data = corrected_form(issue, correction, config.indicators, severities(config), terms(config))
    name = f"填报表_{month}_{district.code}_{district.name}_第{round_}轮.xlsx"
    return Attachment(plain_name(name), data), sealed.mac
