"""The text of a .docx as Word shows it: runs, fields, changes, what is struck or hidden.

ECMA-376 part 1, sections 17.3 (paragraphs and runs), 17.7 (styles), 17.16 (fields); part 3 for alternatives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from xl_addin.formats.written_table import UNKNOWN_SIGN, CellText
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.strings import mark_run
from xl_addin.xlsx.xmlreader import local_name, whole_number

ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Namespaces by their usual prefixes that Word has known since 2010.
_KNOWN = frozenset(("wps", "wpg", "wpc", "wpi", "w14", "w15", "w16", "wp14", "a14", "wp", "pic"))
WRAPPERS = frozenset(
    ("sdt", "sdtContent", "customXml", "smartTag", "hyperlink", "fldSimple", "ins", "moveTo", "dir")
)
"""What stands around a run, a cell or a row and does not change how it looks."""
CHANGES = frozenset(("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge"))
_BLANKS = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_MOST_BASES = 20
UNKNOWN, WHITE = "?", "FFFFFF"
_HEX = pattern(r"[0-9A-Fa-f]{6}")
_NEAR = 16
# Fonts whose letters and digits are pictures.
_PICTURES = pattern(
    r"(Wingdings|Webdings|Marlett|ZapfDingbats|ITC Zapf Dingbats|MT Extra|Bookshelf Symbol).*"
)
_SIGN = pattern(r"[!-~\ue000-\uf8ff]")
# In half points; a mark is raised by some 3 points where nobody knows of superscript.
_RAISED_BY = 4


class Look(NamedTuple):
    """How a run is shown, as far as it matters to a figure."""

    struck: bool = False
    hidden: bool = False
    raised: bool = False
    color: str = ""
    fill: str = ""
    pictures: bool = False

    def on(self, shading: Element | None) -> Look:
        """The same before another ground; that of a pattern is not known."""
        if shading is None:
            return self
        fill = shading.get("fill", "") if shading.get("val") in ("clear", "nil", None) else UNKNOWN
        return self._replace(fill="" if fill == "auto" else fill)

    def is_lost(self) -> bool:
        """Whether the text has all but the colour of its ground."""
        ground = self.fill or WHITE
        if not (_HEX.fullmatch(self.color) and _HEX.fullmatch(ground)):
            return False
        pairs = ((int(c[n : n + 2], 16) for c in (self.color, ground)) for n in (0, 2, 4))
        return all(abs(one - other) <= _NEAR for one, other in pairs)


PLAIN = Look()


class Styles:
    """What the styles of a document strike out, hide or raise."""

    def __init__(self, root: Element | None) -> None:
        self._styles = {} if root is None else {s.get("styleId"): s for s in root.iter("style")}

    def of_style(self, named: Element | None, look: Look) -> Look:
        """A look under a style; strike and vanish of several styles cancel out (17.7.3)."""
        seen: list[Element] = []
        style = None if named is None else self._styles.get(named.get("val"))
        while style is not None and len(seen) < _MOST_BASES:
            seen.append(style)
            base = style.find("basedOn")
            style = None if base is None else self._styles.get(base.get("val"))
        own = PLAIN
        for style in reversed(seen):
            own = _set_directly(style.find("rPr"), own)
        return Look(
            look.struck ^ own.struck,
            look.hidden ^ own.hidden,
            look.raised or own.raised,
            own.color or look.color,
            own.fill or look.fill,
            own.pictures or look.pictures,
        )

    def of_table(self, named: Element | None) -> Look:
        """What a table's style does; a ground that it gives to some of its cells is not known."""
        style = None if named is None else self._styles.get(named.get("val"))
        shaded = style is not None and any(
            each.get("fill", "auto") != "auto" for each in style.iter("shd")
        )
        based = None if style is None else style.find("basedOn")
        under = self.of_table(based) if based is not None and not shaded else PLAIN
        look = self.of_style(named, PLAIN)
        return look._replace(fill=UNKNOWN if shaded else under.fill)

    def of_run(self, properties: Element | None, look: Look) -> Look:
        """The look of a run in a paragraph of this look."""
        if properties is None:
            return look
        return _set_directly(properties, self.of_style(properties.find("rStyle"), look))


def is_on(element: Element | None) -> bool:
    """Whether a property that can be switched is there and on."""
    return element is not None and element.get("val", "1") not in ("0", "false", "off")


def _set_directly(properties: Element | None, look: Look) -> Look:
    if properties is None:
        return look
    struck, hidden, raised, color, fill, pictures = look
    for fact in properties:
        if fact.tag in ("strike", "dstrike"):
            struck = is_on(fact) or (struck and fact.tag == "dstrike")
        elif fact.tag == "vanish":
            hidden = is_on(fact)
        elif fact.tag == "vertAlign":
            raised = fact.get("val") in ("superscript", "subscript")
        elif fact.tag == "position":
            raised = raised or whole_number(fact.get("val", "").lstrip("+-"), 0) >= _RAISED_BY
        elif fact.tag == "color":
            light = fact.get("themeColor") in ("background1", "light1")
            color = WHITE if light and fact.get("val") == "auto" else fact.get("val", "")
        elif fact.tag in ("shd", "highlight"):
            fill = look.on(fact).fill if fact.tag == "shd" else UNKNOWN
        elif fact.tag == "rFonts":
            pictures = bool(_PICTURES.fullmatch(fact.get("ascii", "") or fact.get("hAnsi", "")))
    return Look(struck, hidden, raised, color, fill, pictures)


def shown_branch(element: Element) -> list[Element]:
    """The branch of alternatives that Word shows, in a list; none where there is none for it."""
    for branch in element:
        known = all(need in _KNOWN for need in branch.get("Requires", "").split())
        if branch.tag == f"{ALTERNATIVES}Fallback" or known:
            return [branch]
    return []


def _words(element: Element) -> str:
    """All text of a branch but for that in text boxes."""
    if element.tag == "txbxContent":
        return ""
    own = (element.text or "") if element.tag == "t" else ""
    return own + "".join(map(_words, element))


def _holds_text(element: Element) -> bool:
    """Whether there is text in what is not known here, as in an equation: part of a figure it may be."""
    return any(local_name(inner.tag) == "t" and inner.text for inner in element.iter())


def _is_placeholder(element: Element) -> bool:
    """Whether a content control shows what is to be typed, and nothing was."""
    return element.tag == "sdt" and element.find("sdtPr/showingPlcHdr") is not None


def read_runs(parent: Element, found: CellText, look: Look, styles: Styles) -> None:
    """Gather what the runs of a paragraph show."""
    for element in parent:
        if element.tag == "r":
            _read_pieces(element, found, styles.of_run(element.find("rPr"), look), styles)
        elif element.tag in WRAPPERS:
            if not _is_placeholder(element):
                read_runs(element, found, look, styles)
        elif element.tag == "bdo":
            found.add(UNKNOWN_SIGN)  # its letters are shown in another order
            read_runs(element, found, look, styles)
        elif element.tag == f"{ALTERNATIVES}AlternateContent":
            for branch in _told_apart(element, found):
                read_runs(branch, found, look, styles)
        elif element.tag not in CHANGES and _holds_text(element):
            found.add(UNKNOWN_SIGN)


def _told_apart(element: Element, found: CellText) -> Iterator[Element]:
    if len({"".join(_words(branch).split()) for branch in element}) > 1:
        found.add(UNKNOWN_SIGN)  # programs show one text or the other
    yield from shown_branch(element)


def _read_pieces(run: Element, found: CellText, look: Look, styles: Styles) -> None:
    for element in run:
        tag = element.tag
        if tag == "fldChar":
            _read_field(element, found)
        elif not all(found.fields):
            continue  # the code of a field, not what it shows
        elif tag == "t":
            _add_text(element, found, look)
        elif tag in _BLANKS:
            found.add("" if look.hidden else _BLANKS[tag])
        elif tag == "sym":
            found.add(UNKNOWN_SIGN)
        elif tag in ("footnoteReference", "endnoteReference"):
            found.footnote()
        elif tag == "ruby":
            for base in element.iter("rubyBase"):
                read_runs(base, found, look, styles)
        elif tag == f"{ALTERNATIVES}AlternateContent":
            for branch in _told_apart(element, found):
                _read_pieces(branch, found, look, styles)
        elif tag in ("drawing", "pict", "object"):
            found.boxes += _boxes_in(element)
        elif _holds_text(element):
            found.add(UNKNOWN_SIGN)


def _read_field(element: Element, found: CellText) -> None:
    kind = element.get("fldCharType")
    if kind == "begin":
        found.fields.append(False)
        found.had_field = True
    elif kind == "separate" and found.fields:
        found.fields[-1] = True
    elif kind == "end" and found.fields:
        found.fields.pop()


def _add_text(element: Element, found: CellText, look: Look) -> None:
    text = re.sub(r"[\t\r\n]", " ", element.text or "")
    if element.get("{http://www.w3.org/XML/1998/namespace}space") != "preserve":
        text = text.strip()
    if look.pictures:
        text = _SIGN.sub(UNKNOWN_SIGN, text)
    if look.hidden or look.is_lost():
        found.hidden.append(text)
    else:
        found.add(mark_run(text, struck=look.struck, raised=look.raised))


def _boxes_in(element: Element) -> Iterator[Element]:
    """The text boxes of a drawing, of alternatives those that are shown."""
    for child in element:
        if child.tag == "txbxContent":
            yield child
        elif child.tag == f"{ALTERNATIVES}AlternateContent":
            for branch in shown_branch(child):
                yield from _boxes_in(branch)
        else:
            yield from _boxes_in(child)
