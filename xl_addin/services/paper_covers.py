"""The covers that districts write their papers on: one for each district and paper, marked in its properties.

They are made anew whenever they are wanted: equal settings give equal bytes. What somebody wrote into
one stays as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from xl_addin.docx.fill import Contents, fill
from xl_addin.docx.package import Document
from xl_addin.docx.properties import mark_written, read_marks
from xl_addin.model.folder import PAPERS, TEMPLATES
from xl_addin.model.papers import PROPERTY, Paper, PaperIdentity, identity_line
from xl_addin.model.records import District
from xl_addin.services.programme import Programme
from xl_addin.system import held
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple
from xl_addin.system.resources import COVER_TEMPLATE, workbook_path


class Cover(NamedTuple):
    """A cover and where it lies."""

    paper: Paper
    district: District
    path: Path
    data: bytes

    @property
    def sha256(self) -> str:
        """The hash of its bytes, in hex."""
        return hashlib.sha256(self.data).hexdigest()


def read_cover_template(folder: Path) -> bytes:
    """The programme's own template in 模板, else the one that comes along."""
    own = folder / TEMPLATES / COVER_TEMPLATE
    return held.read_bytes(own if own.is_file() else workbook_path(COVER_TEMPLATE))


def make_covers(programme: Programme) -> Iterator[Cover]:
    """Every cover of 材料. Refused for a template with unknown placeholders."""
    config, template = programme.basics, read_cover_template(programme.folder)
    for paper in config.papers:
        for place, district in enumerate(config.districts, 1):
            if district.code in paper.districts:
                data = _cover(programme, template, paper, district)
                yield Cover(paper, district, cover_path(programme, paper, place, district), data)


def cover_path(programme: Programme, paper: Paper, place: int, district: District) -> Path:
    """``材料/模板/D1_工作总结_01_万州区.docx``; ``place`` is the district's in 区县名录."""
    name = f"{paper.code}_{paper.name}_{place:02d}_{district.name}.docx"
    return programme.folder / PAPERS / TEMPLATES / name


def _cover(programme: Programme, template: bytes, paper: Paper, district: District) -> bytes:
    document = Document.open(fill(template, _contents(programme, paper, district)).data)
    ledger = programme.ledger
    identity = PaperIdentity(ledger.programme, district.code, paper.code)
    document.set_properties({PROPERTY: identity_line(ledger.key, identity)})
    return mark_written(document.pack(), "", "")


def is_unwritten(path: Path) -> bool:
    """Whether a file is a cover that nobody wrote into, by whatever settings it was made."""
    try:
        return not read_marks(held.read_bytes(path)).edited
    except Unreadable:
        return False


def _contents(programme: Programme, paper: Paper, district: District) -> Contents:
    values = {
        "任务名称": programme.basics.settings.title,
        "材料": paper.name,
        "区县": district.name,
        "截止": paper.term_words,
        "文件类型": paper.kind_words,
        "字数": paper.length_words,
        "要求": paper.request,
        "联系人": programme.basics.settings.contact,
        "联系电话": programme.basics.settings.phone,
    }
    return Contents(values, {}, {}, {}, {})


def cover_lines(programme: Programme, paper: Paper, district: District) -> frozenset[str]:
    """The paragraphs of a cover as it is made now: what of a paper nobody wrote."""
    from xl_addin.formats.docx import read_lines
    from xl_addin.xlsx.package import unpack

    data = _cover(programme, read_cover_template(programme.folder), paper, district)
    return frozenset("".join(line.split()) for line in read_lines(unpack(data)))
