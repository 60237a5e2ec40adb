"""The parts of a package: content types and relationships, found and added (ECMA-376 part 2).

A new line goes in before the closing tag and every other byte stays as it was.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.package import Part, deflate, inflate, relationships_part

TYPES = "[Content_Types].xml"
EMPTY_RELATIONSHIPS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
)
_TAG = pattern(r"<(?:\w+:)?(?:Relationship|Default|Override)\b[^>]*>")
_ATTRIBUTE = pattern(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class Relationship(NamedTuple):
    """A relationship of a part; ``target`` as a part's name."""

    id: str
    type: str
    target: str


def part_text(parts: dict[str, Part], name: str) -> str:
    """A part as text."""
    return inflate(parts[name]).decode("utf-8-sig")


def put_part(parts: dict[str, Part], name: str, data: bytes) -> None:
    """A part's new bytes, in its place or at the end; nothing happens where they are the old ones."""
    if name not in parts or inflate(parts[name]) != data:
        parts[name] = deflate(name, data)


def relationships_of(parts: dict[str, Part], source: str = "") -> Iterator[Relationship]:
    """The relationships of a part, of the package itself without one."""
    name, folder = relationships_part(source)
    if name not in parts:
        return
    for tag in _TAG.findall(part_text(parts, name)):
        said = attributes_of(tag)
        target = said.get("Target", "")
        path = target[1:] if target.startswith("/") else posixpath.normpath(f"{folder}{target}")
        yield Relationship(said.get("Id", ""), said.get("Type", ""), path)


def add_relationship(parts: dict[str, Part], source: str, type_: str, target: str) -> str:
    """The id of the relationship of this type to this part, added where it is missing."""
    known = tuple(relationships_of(parts, source))
    for relation in known:
        if relation.type == type_ and relation.target.lower() == target.lower():
            return relation.id
    name, folder = relationships_part(source)
    taken = {relation.id for relation in known}
    fresh = next(f"rId{n}" for n in range(len(taken) + 1, 999_999) if f"rId{n}" not in taken)
    before = part_text(parts, name) if name in parts else EMPTY_RELATIONSHIPS
    # From the part's own folder, as Excel writes it: some readers know no other way (IronCalc 0.9).
    way = posixpath.relpath(target, folder or ".")
    line = f'<Relationship Id="{fresh}" Type="{type_}" Target="{way}"/>'
    put_part(parts, name, insert_last(before, "Relationships", line).encode())
    return fresh


def declare_content_type(parts: dict[str, Part], part: str, content: str) -> None:
    """Give a part its content type; one that it has already is changed."""
    before = part_text(parts, TYPES)
    line = f'<Override PartName="/{part}" ContentType="{content}"/>'
    for tag in _TAG.findall(before):
        said = attributes_of(tag)
        if said.get("PartName", "").lower() == f"/{part}".lower():
            after = before if said.get("ContentType") == content else before.replace(tag, line)
            break
    else:
        after = insert_last(before, "Types", line)
    put_part(parts, TYPES, after.encode())


def declare_extension(parts: dict[str, Part], extension: str, content: str) -> None:
    """Give parts of a suffix their content type, where they have none yet."""
    before = part_text(parts, TYPES)
    known = (attributes_of(tag).get("Extension", "").lower() for tag in _TAG.findall(before))
    if extension not in known:
        line = f'<Default Extension="{extension}" ContentType="{content}"/>'
        put_part(parts, TYPES, insert_last(before, "Types", line).encode())


def content_type(parts: dict[str, Part], part: str) -> str:
    """The content type that a part has by its own name, empty where it has none."""
    for tag in _TAG.findall(part_text(parts, TYPES)):
        said = attributes_of(tag)
        if said.get("PartName", "").lower() == f"/{part}".lower():
            return said.get("ContentType", "")
    return ""


def remove_part(parts: dict[str, Part], source: str, part: str) -> None:
    """Take a part out, with the relationship that ``source`` has to it and its content type."""
    name, _ = relationships_part(source)
    gone = {relation.id for relation in relationships_of(parts, source) if relation.target == part}
    _remove_tags(parts, name, "Id", gone)
    _remove_tags(parts, TYPES, "PartName", {f"/{part}"})
    del parts[part]


def _remove_tags(parts: dict[str, Part], home: str, key: str, said: set[str]) -> None:
    def keep(match: re.Match[str]) -> str:
        return "" if attributes_of(match[0]).get(key) in said else match[0]

    put_part(parts, home, _TAG.sub(keep, part_text(parts, home)).encode())


def insert_last(xml: str, element: str, line: str) -> str:
    """``line`` as the last child of the last element of that name. Raises ValueError without one.

    The prefix that the file uses for the element's namespace is given to the line too.
    """
    closings = list(re.finditer(rf"</((?:\w+:)?){element}\s*>", xml))
    if closings:
        at, prefix = closings[-1].start(), closings[-1][1]
        return xml[:at] + _add_prefix(line, prefix) + xml[at:]
    empty = re.search(rf"<((?:\w+:)?){element}(\s[^>]*)?/>", xml)
    if not empty:
        raise ValueError(f"no element {element}")
    opened = empty[0][:-2].rstrip() + ">"
    whole = f"{opened}{_add_prefix(line, empty[1])}</{empty[1]}{element}>"
    return xml[: empty.start()] + whole + xml[empty.end() :]


def _add_prefix(line: str, prefix: str) -> str:
    return line.replace("</", f"</{prefix}").replace("<", f"<{prefix}", 1)


def attributes_of(tag: str) -> dict[str, str]:
    """The attributes in the text of a start tag, as they are written there."""
    return {key: one or other for key, one, other in _ATTRIBUTE.findall(tag)}
