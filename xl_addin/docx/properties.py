"""What a document of ours carries in properties of its own, which Word, WPS and LibreOffice keep."""

from __future__ import annotations

from xl_addin.docx.package import Document
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple

TEMPLATE_PROPERTY = "XlAddinTemplate"
TEMPLATE = 2
"""The version of the template that comes with this program; raised whenever it gets other placeholders."""
_WRITTEN, _FIGURES, _NUMBER = "XlAddinWritten", "XlAddinFigures", "XlAddinNumber"


class Marks(NamedTuple):
    """What a document says of how it came about.

    ``edited`` says whether anybody saved it since; ``figures`` is a hash over what it was filled with,
    ``number`` the one that it was given; both are empty for one that did not come from here.
    """

    edited: bool
    figures: str
    number: str


def check_template(data: bytes) -> None:
    """Refused for a template of a later program."""
    version = Document.open(data).properties().get(TEMPLATE_PROPERTY, "")
    if version.isdigit() and int(version) > TEMPLATE:
        raise Refused("模板是更新版本的程序带来的；请先升级程序，或者换一个模板")


def mark_written(data: bytes, figures: str, number: str) -> bytes:
    """The document with what it was filled with, and what it is like while nobody has edited it."""
    document = Document.open(data)
    # First: the properties may bring a part of their own.
    document.set_properties({_WRITTEN: "", _FIGURES: figures, _NUMBER: number})
    document.set_properties({_WRITTEN: document.contents_mark()})
    return document.pack()


def read_marks(data: bytes) -> Marks:
    """What a document says of itself. Raises Unreadable for what is no document."""
    document = Document.open(data)
    said = document.properties()
    edited = said.get(_WRITTEN) != document.contents_mark()
    return Marks(edited, said.get(_FIGURES, ""), said.get(_NUMBER, ""))
