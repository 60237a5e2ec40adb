"""The papers that districts owe beside their forms: what each is, and how its identity is written.

A cover that this program makes carries one line in a document property; the seal over it stops a forged
one, not a copied one, which is why sender and file name are compared with it.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from xl_addin.model.letters import day_words
from xl_addin.model.records import ACCEPTED, HELD, MISSING, REJECTED
from xl_addin.system.filenames import plain_name
from xl_addin.system.light import NamedTuple, pattern

PROPERTY = "XlAddinPaper"
"""The document property that carries the line."""
DOCX, DOC, ODT, WPS, PDF = "docx", "doc", "odt", "wps", "pdf"
KINDS = (DOCX, DOC, ODT, WPS, PDF)
"""Kinds of file by their suffixes; DOC and WPS are one format."""
NOTICE_DAYS = 15
"""So many days before its term a paper is asked for; earlier nobody has to be reminded."""
ON_TIME, LATE = "按时", "逾期"
STATE_LABELS = {HELD: "待定", REJECTED: "退回", MISSING: "未报"}
_LINE = pattern(r"XLP1\|([0-9a-f]{12})\|([^|]{1,20})\|([^|]{1,20})\|([0-9a-f]{32})\Z")


class Paper(NamedTuple):
    """A row of 材料.

    ``due`` is the last second that is on time, ``YYYY-MM-DD 23:59:59``; ``kinds`` are of KINDS; ``least``
    and ``most`` count characters without spaces, 0 for no bound; ``copies`` is how many files are owed;
    ``districts`` are codes of those that owe it.
    """

    code: str
    name: str
    request: str
    due: str
    kinds: tuple[str, ...]
    least: int
    most: int
    copies: int
    districts: tuple[str, ...]

    @property
    def subject(self) -> str:
        """What letters about it are recorded under in the place of a month; no form's month is that."""
        return f"{self.due[:7]} {self.code}"

    @property
    def folder(self) -> str:
        """Where its copies lie, as people read it."""
        return f"{self.code} {self.name}"

    @property
    def kind_words(self) -> str:
        """The kinds of file as people read them."""
        return "、".join(f".{kind}" for kind in self.kinds)

    @property
    def length_words(self) -> str:
        """How long it has to be; empty where nothing is said."""
        if self.least and self.most:
            return f"{self.least} 到 {self.most} 字"
        return (
            f"不少于 {self.least} 字" if self.least else f"不超过 {self.most} 字" * bool(self.most)
        )

    @property
    def term_words(self) -> str:
        """The day of its term."""
        return day_words(self.due)


class PaperIdentity(NamedTuple):
    """Whose cover it is: codes of district and paper."""

    programme: str
    district: str
    paper: str


def identity_line(key: bytes, identity: PaperIdentity) -> str:
    """The line that a cover carries."""
    return f"{_plain(identity)}|{_seal(key, identity)}"


def read_identity(key: bytes, line: str) -> tuple[PaperIdentity, bool] | None:
    """The identity in a line and whether its seal is ours; None where it is no such line."""
    match = _LINE.match(line.strip())
    if match is None:
        return None
    identity = PaperIdentity(*match.groups()[:3])
    return identity, hmac.compare_digest(_seal(key, identity), match[4])


def _plain(identity: PaperIdentity) -> str:
    return "|".join(("XLP1", *identity))


def _seal(key: bytes, identity: PaperIdentity) -> str:
    return hmac.digest(key, _plain(identity).encode(), "sha256")[:16].hex()


def paper_file_name(paper: Paper, district: str, place: int, suffix: str, number: int = 1) -> str:
    """``01_万州区_工作总结.docx``; ``place`` is the district's in 区县名录, ``number`` of several files."""
    counted = f"_{number}" if number > 1 else ""
    return plain_name(f"{place:02d}_{district}_{paper.name}{counted}{suffix}")


def standing_of(counted: int, copies: int, verdicts: Sequence[str]) -> str:
    """What several files come to: ACCEPTED once enough count, else what the last one says, or MISSING."""
    if counted >= copies:
        return ACCEPTED
    return next((v for v in reversed(verdicts) if v in (HELD, REJECTED)), MISSING)
