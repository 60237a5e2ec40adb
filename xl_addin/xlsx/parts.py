"""How the parts of a package are wired: content types and relationships, found and added.

A new line goes in before the closing tag and every other byte stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.package import Part, deflate, inflate

TYPES = "[Content_Types].xml"
_EMPTY = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
)
_TAG = pattern(r"<(?:\w+:)?(?:Relationship|Default|Override)\b[^>]*>")
_ATTRIBUTE = pattern(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class Relation(NamedTuple):
    """A relationship of a part; ``target`` as a part's name."""

    id: str
    type: str
    target: str


def text(parts: dict[str, Part], name: str) -> str:
    """A part as text."""
    return inflate(parts[name]).decode("utf-8-sig")


def put(parts: dict[str, Part], name: str, data: bytes) -> None:
    """A part's new bytes, in its place or at the end; nothing happens where they are the old ones."""
    if name not in parts or inflate(parts[name]) != data:
        parts[name] = deflate(name, data)


def relations(parts: dict[str, Part], source: str = "") -> Iterator[Relation]:
    """The relationships of a part, of the package itself without one."""
    name, folder = _rels(source)
    if name not in parts:
        return
    for tag in _TAG.findall(text(parts, name)):
        said = {key: one or other for key, one, other in _ATTRIBUTE.findall(tag)}
        target = said.get("Target", "")
        path = target[1:] if target.startswith("/") else f"{folder}{target}"
        yield Relation(said.get("Id", ""), said.get("Type", ""), path)


def relate(parts: dict[str, Part], source: str, type_: str, target: str) -> str:
    """The id of the relationship of this type to this part, added where it is missing."""
    known = tuple(relations(parts, source))
    for relation in known:
        if relation.type == type_ and relation.target.lower() == target.lower():
            return relation.id
    name, folder = _rels(source)
    taken = {relation.id for relation in known}
    fresh = next(f"rId{n}" for n in range(len(taken) + 1, 999_999) if f"rId{n}" not in taken)
    before = text(parts, name) if name in parts else _EMPTY.decode()
    line = f'<Relationship Id="{fresh}" Type="{type_}" Target="{target.removeprefix(folder)}"/>'
    put(parts, name, inserted(before, "Relationships", line).encode())
    return fresh


def declare(parts: dict[str, Part], part: str, content: str) -> None:
    """Give a part its content type; one that it has already is changed."""
    before = text(parts, TYPES)
    line = f'<Override PartName="/{part}" ContentType="{content}"/>'
    for tag in _TAG.findall(before):
        said = {key: one or other for key, one, other in _ATTRIBUTE.findall(tag)}
        if said.get("PartName", "").lower() == f"/{part}".lower():
            after = before if said.get("ContentType") == content else before.replace(tag, line)
            break
    else:
        after = inserted(before, "Types", line)
    put(parts, TYPES, after.encode())


def inserted(xml: str, element: str, line: str) -> str:
    """``line`` as the last child of the last element of that name. Raises ValueError without one.

    The prefix that the file uses for the element's namespace is given to the line too.
    """
    closings = list(re.finditer(rf"</((?:\w+:)?){element}\s*>", xml))
    if closings:
        at, prefix = closings[-1].start(), closings[-1][1]
        return xml[:at] + _prefixed(line, prefix) + xml[at:]
    empty = re.search(rf"<((?:\w+:)?){element}(\s[^>]*)?/>", xml)
    if not empty:
        raise ValueError(f"no element {element}")
    opened = empty[0][:-2].rstrip() + ">"
    whole = f"{opened}{_prefixed(line, empty[1])}</{empty[1]}{element}>"
    return xml[: empty.start()] + whole + xml[empty.end() :]


def _prefixed(line: str, prefix: str) -> str:
    return line.replace("</", f"</{prefix}").replace("<", f"<{prefix}", 1)


def _rels(source: str) -> tuple[str, str]:
    folder, slash, leaf = source.rpartition("/")
    return f"{folder}{slash}_rels/{leaf}.rels", f"{folder}{slash}"
