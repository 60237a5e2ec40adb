"""The parts of a document (ECMA-376 part 2): which of them hold text, what they point to, its properties."""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.elements import escape, quote_attribute
from xl_addin.xlsx.package import Part, inflate, pack, unpack
from xl_addin.xlsx.parts import (
    TYPES,
    add_relationship,
    declare_content_type,
    put_part,
    relationships_of,
)
from xl_addin.xlsx.xmlreader import local_name, read_tree

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_MAIN = f"{_WORD}document.main+xml"
_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_TEXTS = {
    _MAIN: "正文",
    f"{_WORD}header+xml": "页眉",
    f"{_WORD}footer+xml": "页脚",
    f"{_WORD}footnotes+xml": "脚注",
    f"{_WORD}endnotes+xml": "尾注",
    _CHART: "图表",
}
_PROPERTIES = "docProps/custom.xml"
_PROPERTIES_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_PROPERTIES_RELATION = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
)
_PROPERTIES_XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties'
    ' xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"'
    ' xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">{}</Properties>'
)
# The format id of properties that a user named ([MS-OLEPS] 2.23).
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"


class TextPart(NamedTuple):
    """A part that holds text; ``label`` is what people call it."""

    name: str
    label: str


class Document:
    """A .docx in memory. Raises Unreadable for anything else."""

    def __init__(self, parts: dict[str, Part], types: dict[str, str]) -> None:
        self.parts = parts
        self._types = types

    @classmethod
    def open(cls, data: bytes) -> Document:
        """The document in these bytes."""
        if not data.startswith(b"PK"):
            raise Unreadable(
                "not-a-document", "不是 .docx 文件；请用 Word 或 WPS 打开，另存为 .docx 再用"
            )
        parts = unpack(data)
        types = _content_types(parts)
        if _MAIN not in types.values():
            raise Unreadable(
                "not-a-document",
                "不是普通的 Word 文档（.docx）；请用 Word 或 WPS 打开，另存为 .docx 再用",
            )
        return cls(parts, types)

    def part(self, name: str) -> bytes:
        """A part's bytes."""
        return inflate(self.parts[name])

    def put(self, name: str, data: bytes) -> None:
        """Put new bytes into a part."""
        put_part(self.parts, name, data)

    def text_parts(self) -> list[TextPart]:
        """The parts that hold text, the text itself first."""
        order = list(_TEXTS)
        found = [
            (order.index(type_), TextPart(name, _TEXTS[type_]))
            for name, type_ in self._types.items()
            if type_ in _TEXTS and name in self.parts
        ]
        return [part for _, part in sorted(found)]

    def targets(self, part: str) -> dict[str, str]:
        """The parts that a part points to, by the ids of its relationships."""
        known = {name.lower(): name for name in self.parts}
        return {
            relation.id: known[target.lower()]
            for relation in relationships_of(self.parts, part)
            if (target := _plain_path(relation.target)).lower() in known
        }

    def properties(self) -> dict[str, str]:
        """What users' own properties say, as text."""
        return {name: text for name, text in self._properties() if text is not None}

    def _properties(self) -> Iterator[tuple[str, str | None]]:
        name = self._properties_part()
        if name:
            for each in read_tree(self.part(name)):
                if local_name(each.tag) == "property":
                    yield each.get("name", ""), each[0].text if len(each) else None

    def _properties_part(self) -> str:
        return next((n for n, type_ in self._types.items() if type_ == _PROPERTIES_TYPE), "")

    def set_properties(self, said: dict[str, str]) -> None:
        """Set properties of users' own, beside those that are there."""
        name = self._properties_part() or _PROPERTIES
        merged = {**self.properties(), **said}
        lines = (
            f'<property fmtid="{_FORMAT}" pid="{number}" name={quote_attribute(key)}>'
            f"<vt:lpwstr>{escape(text)}</vt:lpwstr></property>"
            for number, (key, text) in enumerate(merged.items(), 2)
        )
        self.put(name, _PROPERTIES_XML.format("".join(lines)).encode())
        if name not in self._types:
            declare_content_type(self.parts, name, _PROPERTIES_TYPE)
            add_relationship(self.parts, "", _PROPERTIES_RELATION, name)
            self._types[name] = _PROPERTIES_TYPE

    def contents_mark(self) -> str:
        """A hash in hex over everything but users' own properties: changes whenever it is saved anew."""
        import hashlib

        own = self._properties_part()
        said = sorted((n, part.crc, part.size) for n, part in self.parts.items() if n != own)
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def pack(self) -> bytes:
        """The document as a file."""
        return pack(self.parts.values())


def _content_types(parts: dict[str, Part]) -> dict[str, str]:
    """The content type of each part, by its name."""
    if TYPES not in parts:
        raise Unreadable("not-a-document", "不是 Word 文档；请用 Word 或 WPS 另存为 .docx 再用")
    defaults: dict[str, str] = {}
    own: dict[str, str] = {}
    for each in read_tree(inflate(parts[TYPES])):
        type_ = each.get("ContentType", "")
        if local_name(each.tag) == "Default":
            defaults[each.get("Extension", "").lower()] = type_
        elif local_name(each.tag) == "Override":
            own[each.get("PartName", "").removeprefix("/").lower()] = type_
    return {
        name: own.get(name.lower()) or defaults.get(name.rpartition(".")[2].lower(), "")
        for name in parts
    }


def _plain_path(path: str) -> str:
    """A part's name without the steps back in it: word/charts/../embeddings/x is word/embeddings/x."""
    out: list[str] = []
    for step in path.split("/"):
        if step == "..":
            del out[-1:]
        elif step not in ("", "."):
            out.append(step)
    return "/".join(out)
