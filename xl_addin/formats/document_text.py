"""The text of a document and its own properties, read in a throw-away process whatever the format.

pypdf, olefile and what walks over XML take as long and as much memory as a hostile file likes; they get
400 MiB and 20 seconds.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator

from xl_addin.model.filetypes import BY_KIND, OLE_START, ZIP_START
from xl_addin.model.papers import DOC, DOCX, ODT, PDF, PROPERTY
from xl_addin.system import sandbox
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple

_HEAD = 1024  # a PDF may have other bytes before it (ISO 32000-1, annex H)
_STREAM = "WordDocument".encode("utf-16-le")
_ODT_MARK = b"application/vnd.oasis.opendocument.text"
_DOCX_PART = b"word/document.xml"
_MOST_LINES, _MOST_TEXT, _MOST_PAGES = 50_000, 2_000_000, 2_000
_PACKAGES = ("olefile", "pypdf")
_DAMAGED = "文件打不开，已损坏或不完整"
_PASSWORD = "文件有密码，打不开；请取消密码、另存一份后重新提供"  # noqa: S105


class DocumentText(NamedTuple):
    """A document as it was read.

    ``lines`` are its paragraphs, ``mark`` what its property of ours says, empty where it has none; ``unread``
    says that there are pages without text: how long it is, is not known.
    """

    kind: str
    lines: tuple[str, ...]
    mark: str = ""
    unread: bool = False


def document_kind(data: bytes) -> str:
    """DOCX, DOC, ODT or PDF by the bytes; empty for anything else."""
    if data.startswith(ZIP_START):
        if data[30 : 30 + 8] == b"mimetype":
            return ODT if data[38 : 38 + len(_ODT_MARK)] == _ODT_MARK else ""
        return DOCX if _DOCX_PART in data else ""
    if data.startswith(OLE_START):
        return DOC if _STREAM in data and _holds_document(data) else ""
    return PDF if any(start in data[:_HEAD] for start in BY_KIND[PDF].starts) else ""


def _holds_document(data: bytes) -> bool:
    """Whether the document is the file itself, and not an object in a workbook."""
    from xl_addin.formats.ole import open_ole, root_entries

    try:
        return "WordDocument" in root_entries(open_ole(data))
    except Unreadable:
        return False


def read_document(data: bytes) -> DocumentText:
    """What a document says. Raises Unreadable with code "damaged", "password" or "too-large"."""
    kind = document_kind(data)
    if not kind and data.startswith(OLE_START):
        raise Unreadable("password", _PASSWORD)
    try:
        said = sandbox.run_sandboxed(f"{__name__}:child", kind.encode() + b"\n" + data, _PACKAGES)
        answer = json.loads(said) if said else None
    except sandbox.SandboxTimeout:
        says = f"读了 {sandbox.WALL_SECONDS} 秒还没有读完，没有再读；请另存一份小一些的重新提供"
        raise Unreadable("too-large", says) from None
    except ModuleNotFoundError as error:
        says = f"这台电脑没有安装读取这种文件的组件（{error.name}）；请重新安装本程序"
        raise Unreadable("damaged", says) from error
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Unreadable("damaged", _DAMAGED)
    if "refused" in answer:
        raise Unreadable(*answer["refused"])
    return DocumentText(kind, tuple(answer["lines"]), answer["mark"], bool(answer["unread"]))


def child() -> None:
    """Read what standard input names and holds, print the answer. Runs in the throw-away process."""
    sandbox.limit_resources(sandbox.TABLE_BYTES)
    kind = sys.stdin.buffer.readline().decode().strip()
    data = sys.stdin.buffer.read()
    try:
        found = _READERS[kind](data)
        lines = list(_bounded(found.lines))
        answer: dict[str, object] = {"lines": lines, "mark": found.mark, "unread": found.unread}
    except Unreadable as refused:
        known = refused.code if refused.code in ("password", "too-large") else "damaged"
        answer = {"refused": [known, refused.message]}
    except BaseException:  # whatever a hostile file makes of a reader
        answer = {"refused": ["damaged", _DAMAGED]}
    sys.stdout.buffer.write(json.dumps(answer).encode())


def _bounded(lines: tuple[str, ...]) -> Iterator[str]:
    room = _MOST_TEXT
    for line in lines[:_MOST_LINES]:
        room -= len(line)
        if room < 0:
            raise Unreadable("too-large", f"文件的正文超过 {_MOST_TEXT // 10_000} 万字，没有读取")
        yield line.encode("utf-8", "replace").decode()


def _read_docx(data: bytes) -> DocumentText:
    from xl_addin.docx.package import Document
    from xl_addin.formats import docx
    from xl_addin.xlsx.package import unpack

    mark = Document.open(data).properties().get(PROPERTY, "")
    return DocumentText(DOCX, tuple(docx.read_lines(unpack(data))), mark)


def _read_odt(data: bytes) -> DocumentText:
    from xl_addin.formats import odt
    from xl_addin.xlsx.package import unpack

    parts = unpack(data)
    return DocumentText(
        ODT, tuple(odt.read_lines(parts)), odt.read_properties(parts).get(PROPERTY, "")
    )


def _read_doc(data: bytes) -> DocumentText:
    from xl_addin.formats import doc

    return DocumentText(
        DOC, tuple(doc.read_lines(data)), doc.read_properties(data).get(PROPERTY, "")
    )


def _read_pdf(data: bytes) -> DocumentText:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("password", _PASSWORD)
        if len(reader.pages) > _MOST_PAGES:
            raise Unreadable("too-large", f"PDF 超过 {_MOST_PAGES} 页，没有读取")
        pages = [page.extract_text() for page in reader.pages]
        facts = reader.metadata
        mark = str(facts.get(f"/{PROPERTY}", "")) if facts else ""
    except DependencyError:  # a cipher that needs what is not installed
        raise Unreadable("password", _PASSWORD) from None
    except PyPdfError as problem:
        raise Unreadable("damaged", _DAMAGED) from problem
    lines = tuple(line.strip() for page in pages for line in page.splitlines() if line.strip())
    return DocumentText(PDF, lines, mark, not pages or any(not page.strip() for page in pages))


_READERS = {DOCX: _read_docx, ODT: _read_odt, DOC: _read_doc, PDF: _read_pdf}
