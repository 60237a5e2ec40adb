"""Attributes and texts of an XML part changed in place: every byte that does not change is copied."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from xml.parsers import expat

from xl_addin.system.errors import Unreadable
from xl_addin.system.light import pattern
from xl_addin.xlsx.elements import escape, quote_attribute
from xl_addin.xlsx.offsets import tag_end
from xl_addin.xlsx.xmlreader import local_name

Path = tuple[str, ...]
"""The local names of an element and of those around it, its own last."""
OnTag = Callable[[Path, Mapping[str, str]], Mapping[str, str] | None]
"""Takes an element's attributes; the ones that become something else."""
OnText = Callable[[Path, str], str]
"""Takes an element's text; what it becomes."""
_CLOSE = pattern(rb"\s*/?>\Z")


def rewrite(
    data: bytes, on_tag: OnTag, on_text: OnText, texts: frozenset[str], skip: str = ""
) -> bytes:
    """The part with what the callbacks change. Raises Unreadable.

    ``on_text`` is asked for elements named in ``texts`` that hold text and nothing else; ``skip``
    is an element that is left alone with all that it holds.
    """
    parser = expat.ParserCreate("utf-8")
    path: list[str] = []
    edits: list[tuple[int, int, bytes]] = []
    spoken: list[str] = []
    opened = -1
    skipping = 0

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal opened, skipping
        path.append(local_name(tag))
        skipping += path[-1] == skip
        opened = -1
        if skipping:
            return
        at = parser.CurrentByteIndex
        wanted = on_tag(tuple(path), attributes) or {}
        changed = {key: value for key, value in wanted.items() if attributes.get(key) != value}
        end = tag_end(data, at)
        if changed:
            edits.append((at, end, set_attributes(data[at:end], changed)))
        if path[-1] in texts and not data.startswith(b"/>", end - 2):
            opened = end
            spoken.clear()

    def finish(_: str) -> None:
        nonlocal opened, skipping
        if opened >= 0:
            before = "".join(spoken)
            after = on_text(tuple(path), before)
            if after != before:
                edits.append((opened, parser.CurrentByteIndex, escape(after).encode()))
        opened = -1
        skipping -= path.pop() == skip

    def refuse(*_: object) -> None:
        raise Unreadable("hostile", "文件带有文档类型声明（DOCTYPE），没有读取")

    parser.StartElementHandler, parser.EndElementHandler = begin, finish
    parser.CharacterDataHandler = spoken.append
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise Unreadable("damaged", "文件的 XML 已损坏") from None
    return splice(data, edits)


def splice(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """The bytes with these pieces [start, end) replaced; none may overlap another."""
    out: list[bytes] = []
    at = 0
    for start, end, piece in sorted(edits, key=lambda edit: edit[:2]):
        out += (data[at:start], piece)
        at = end
    return b"".join((*out, data[at:]))


def set_attributes(tag: bytes, values: Mapping[str, str | None]) -> bytes:
    """A start tag with these attributes; None takes one away."""
    for key, value in values.items():
        found = re.search(rb"""\s%b\s*=\s*(?:"[^"]*"|'[^']*')""" % re.escape(key.encode()), tag)
        line = b"" if value is None else f" {key}={quote_attribute(value)}".encode()
        if found:
            tag = tag[: found.start()] + line + tag[found.end() :]
        elif line:
            close = _CLOSE.search(tag)
            at = close.start() if close else len(tag)
            tag = tag[:at] + line + tag[at:]
    return tag
