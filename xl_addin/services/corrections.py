"""The forms that went back for correction: one per return, with a round of its own, on record."""

from __future__ import annotations

import hashlib

from xl_addin.form import identity
from xl_addin.form.correct import Correction, correct, corrected_form
from xl_addin.form.read import AnyWorkbook, Reading, read_form
from xl_addin.form.texts import is_answered
from xl_addin.judging.opening import open_workbook
from xl_addin.model.folder import RETURNED
from xl_addin.model.letters import Attachment
from xl_addin.model.problems import is_of_page
from xl_addin.model.records import District, Identity, Problem
from xl_addin.services.archived import archived_path
from xl_addin.services.issuing import issuer, severities, terms
from xl_addin.services.programme import Programme
from xl_addin.services.work_ledger import page_items, page_maker
from xl_addin.store.corrections import CorrectionForm, add_correction, last_correction
from xl_addin.store.issued_forms import Dispatch, add_dispatches, highest_round
from xl_addin.store.ledger import Ledger, Status
from xl_addin.store.texts import texts_of
from xl_addin.system import atomic, held
from xl_addin.system.errors import Unreadable
from xl_addin.system.filenames import plain_name
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xl_addin.form.page_correct import CorrectedPage


class RejectedReturn(NamedTuple):
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


def prepare_correction(programme: Programme, district: District, status: Status) -> RejectedReturn:
    """The form to send back for a rejected return. Raises Unreadable where it cannot be marked."""
    ledger, config = programme.ledger, programme.config.in_month(status.month)
    sha256 = status.sha256
    opened = _open_return(programme, sha256)
    reading = read_form(opened, config.indicators)
    told = unanswered_problems(ledger, status.id)
    problems = [each for each in told if not is_of_page(each)]
    page = _correct_page(programme, district, status, (opened, reading), told)
    known = last_correction(ledger, sha256, district.code, status.month)
    round_ = known.round if known else highest_round(ledger, district.code, status.month) + 1
    correction = correct(reading, problems, config.indicators, round_, status.file, page)
    if known:
        path = programme.folder / RETURNED / status.month / known.file
        kept = held.read_bytes(path) if path.is_file() else b""
        if hashlib.sha256(kept).hexdigest() == known.sha256:
            form = Attachment(path.name, kept)
            whole = (sha256, status.file, status.received_at, round_, correction, form, "", False)
            return RejectedReturn(*whole)
        round_ = highest_round(ledger, district.code, status.month) + 1
        correction = correct(reading, problems, config.indicators, round_, status.file, page)
    form, mac = _make_form(programme, district, status.month, round_, correction)
    whole = (sha256, status.file, status.received_at, round_, correction, form, mac, True)
    return RejectedReturn(*whole)


def unanswered_problems(ledger: Ledger, receipt: int) -> list[Problem]:
    """What a district has to be told of its return: not the warnings that its 说明 answers."""
    texts = texts_of(ledger, receipt)
    return [each for each in ledger.problems_of(receipt) if not is_answered(each, texts)]


def record_form(programme: Programme, district: District, month: str, back: RejectedReturn) -> None:
    """Put a form on disk and on record as issued; call within ``writing``."""
    folder = programme.folder / RETURNED / month
    folder.mkdir(parents=True, exist_ok=True)
    atomic.write(folder / back.form.name, back.form.data)
    sha256 = hashlib.sha256(back.form.data).hexdigest()
    code, round_, name = district.code, back.round, back.form.name
    issued = Dispatch(month, code, round_, back.mac, sha256, name, programme.now())
    add_dispatches(programme.ledger, [issued])
    form = CorrectionForm(back.sha256, month, code, round_, sha256, name)
    add_correction(programme.ledger, form)


def _correct_page(
    programme: Programme,
    district: District,
    status: Status,
    returned: tuple[AnyWorkbook, Reading],
    told: Sequence[Problem],
) -> CorrectedPage | None:
    """What becomes of the page 重点工作; None where the district's form has none."""
    items = page_items(programme, status.month, district)
    if not items:
        return None
    from xl_addin.form.page_correct import correct_page
    from xl_addin.form.page_read import find_pages, own_pages

    numbers = [item.number for item in items]
    pages = find_pages(*returned, numbers, int(status.month[:4]))
    whose = Identity(programme.ledger.programme, district.code, status.month, 1, 0, "")
    own = own_pages(pages, whose)
    problems = [each for each in told if is_of_page(each)]
    return correct_page(own[0] if len(own) == 1 else None, problems, items)


def _open_return(programme: Programme, sha256: str) -> AnyWorkbook:
    path = archived_path(programme.folder, sha256)
    if path is None:
        raise Unreadable("gone", "归档里找不到这份文件")
    return open_workbook(held.read_bytes(path), path.name)


def _make_form(
    programme: Programme, district: District, month: str, round_: int, correction: Correction
) -> tuple[Attachment, str]:
    config, ledger = programme.config.in_month(month), programme.ledger
    standings = ledger.standings(month, programme.config)
    issue = issuer(config, month, ledger, standings, page_maker(programme, month))(district)
    sealed = identity.seal(ledger.key, issue.identity._replace(round=round_), issue.content)
    issue = issue._replace(identity=sealed)
    data = corrected_form(issue, correction, config.indicators, severities(config), terms(config))
    name = f"填报表_{month}_{district.code}_{district.name}_第{round_}轮.xlsx"
    return Attachment(plain_name(name), data), sealed.mac
