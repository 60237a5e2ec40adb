"""The formats of one workbook taken into the styles of another.

A format is found again where the other workbook has an equal one, and added behind the others where
it has not: no format that is there changes its number (ISO/IEC 29500-1, 18.8).
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from xl_addin.xlsx.elements import STYLE_ORDER, append_items, quote_attribute

_FIRST_OWN_FORMAT = 164
"""Number formats below have a meaning of their own (18.8.30)."""
_LISTS = {"fontId": "fonts", "fillId": "fills", "borderId": "borders"}


class StyleMerge:
    """Formats of ``source`` for use in ``target``; ``data`` is ``target`` with those added."""

    def __init__(self, source: bytes, target: bytes) -> None:
        self._source = ET.fromstring(source)  # noqa: S314 - laid out by ourselves a moment ago
        self._target = ET.fromstring(target)  # noqa: S314 - opened before, DOCTYPE is refused
        self.data = target
        self._known = {name: self._items(self._target, name) for name in (*STYLE_ORDER,)}
        self._cells: dict[int, int] = {}
        self._rules: dict[int, int] = {}

    @staticmethod
    def _items(root: ET.Element, name: str) -> list[str]:
        found = root.find(f"{{*}}{name}")
        return [] if found is None else [as_text(item) for item in found]

    def cell(self, index: int) -> int:
        """The number of a cell format."""
        if index not in self._cells:
            xf = self._nth("cellXfs", index)
            facts = dict(xf.attrib) | {"xfId": "0"}
            facts["numFmtId"] = self._number_format(facts.get("numFmtId", "0"))
            for key, name in _LISTS.items():
                item = as_text(self._nth(name, int(facts.get(key, "0"))))
                facts[key] = str(self._place(name, item))
            copy = ET.Element("xf", facts)
            copy.extend(list(xf))
            self._cells[index] = self._place("cellXfs", as_text(copy))
        return self._cells[index]

    def rule(self, index: int) -> int:
        """The number of a format that a conditional format gives."""
        if index not in self._rules:
            self._rules[index] = self._place("dxfs", as_text(self._nth("dxfs", index)))
        return self._rules[index]

    def known_rule(self, index: int) -> str:
        """The format that a conditional format of ``target`` gives; empty where there is none."""
        known = self._known["dxfs"]
        return known[index] if 0 <= index < len(known) else ""

    def _nth(self, name: str, index: int) -> ET.Element:
        found = self._source.find(f"{{*}}{name}")
        if found is None:
            raise ValueError(name)
        return found[index]

    def _number_format(self, number: str) -> str:
        """The number of a number format: its own below 164, else that of the same code."""
        if int(number) < _FIRST_OWN_FORMAT:
            return number
        code = next(
            item.get("formatCode", "")
            for item in self._source.iterfind("{*}numFmts/{*}numFmt")
            if item.get("numFmtId") == number
        )
        theirs = {
            item.get("formatCode", ""): item.get("numFmtId", "0")
            for item in map(ET.fromstring, self._known["numFmts"])
        }
        if code not in theirs:
            fresh = max(_FIRST_OWN_FORMAT - 1, *map(int, theirs.values()), 0) + 1
            theirs[code] = str(fresh)
            line = as_text(ET.Element("numFmt", {"numFmtId": str(fresh), "formatCode": code}))
            self._place("numFmts", line)
        return theirs[code]

    def _place(self, name: str, item: str) -> int:
        known = self._known[name]
        if item not in known:
            self.data, _ = append_items(self.data, STYLE_ORDER, name, [item])
            known.append(item)
        return known.index(item)


def as_text(element: ET.Element) -> str:
    """An element without namespaces, its attributes in order: equal formats give equal texts."""
    name = element.tag.rpartition("}")[2]
    facts = "".join(
        f" {key}={quote_attribute(value)}"
        for key, value in sorted(element.attrib.items())
        if not key.startswith("{")
    )
    inner = "".join(as_text(child) for child in element)
    return f"<{name}{facts}>{inner}</{name}>" if inner else f"<{name}{facts}/>"
