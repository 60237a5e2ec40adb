"""The texts of a workbook: shared strings and rich text (ECMA-376 part 1, section 18.4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from xml.etree.ElementTree import Element

from xl_addin.system.errors import Unreadable
from xl_addin.system.light import pattern
from xl_addin.xlsx.cells import LONGEST_TEXT, MAX_CELLS, MAX_TEXT, NUM, TEXT, Cell
from xl_addin.xlsx.xmlreader import local_name, namespace_of, read_branches

_ESCAPED = pattern(r"_x([0-9A-Fa-f]{4})_")
_STRUCK = "\u0336"
_NAMES = ("t", "r", "rPh", "phoneticPr", "rPr", "strike", "vertAlign")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def unescape(text: str) -> str:
    """``_x000D_`` as Excel writes control characters (22.9.2.19); other text as it is."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(_unescape_match, text)


def _unescape_match(match: re.Match[str]) -> str:
    # Half of a surrogate pair is no character; no file or database takes it.
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code < 0xE000 else chr(code)


class TextRoom:
    """What is left of ``MAX_TEXT`` for the texts of one part."""

    def __init__(self) -> None:
        self._left = MAX_TEXT

    def take(self, text: str) -> str:
        """A text as it is. Raises Unreadable when all of them are too much."""
        self._left -= len(text)
        if self._left < 0:
            raise Unreadable("too-large", f"文件里的文字超过 {MAX_TEXT // 10**4} 万字，没有读取")
        return text


def mark_run(text: str, *, struck: bool, raised: bool) -> str:
    """A run of rich text as people see it: struck out letters and raised digits stay so.

    A corrected ``1̶2̶15`` is not 1215, and ``10²`` is not 102.
    """
    if raised:
        text = text.translate(_RAISED)
    return "".join(letter + _STRUCK for letter in text) if struck else text


def mark_runs(text: str, looks: Sequence[tuple[int, tuple[bool, bool]]]) -> str:
    """A text as its runs look: from each place on struck out, raised."""
    looks = sorted(looks, key=itemgetter(0))  # else a stretch could come twice
    cuts = [0, *(start for start, _ in looks), len(text)]
    pieces = zip(pairwise(cuts), [(False, False), *(look for _, look in looks)], strict=True)
    return "".join(mark_run(text[a:b], struck=struck, raised=up) for (a, b), (struck, up) in pieces)


def strike(cell: Cell) -> Cell:
    """A number or text whose cell is struck out as a whole: a text that people see so."""
    if cell.kind not in (NUM, TEXT) or _STRUCK in str(cell.value):
        return cell
    return cell._replace(kind=TEXT, value=mark_run(str(cell.value), struck=True, raised=False))


def shared_strings(data: bytes) -> tuple[str, ...]:
    """The texts of a shared strings part, in order. Raises Unreadable."""
    root, items = read_branches(data, 1)
    space = namespace_of(root)
    item_tag, text_tag = f"{space}si", f"{space}t"
    strings: list[str] = []
    room = TextRoom()
    for _, item in items:
        if item.tag == item_tag:
            # A master has a thousand of them, nearly all of one plain text.
            if len(item) == 1 and (only := item[0]).tag == text_tag and not len(only):
                text = unescape((only.text or "")[:LONGEST_TEXT])
            else:
                text = text_of(item, space)
            strings.append(room.take(text))
            if len(strings) > MAX_CELLS:
                raise Unreadable("too-large", f"文件里的文字超过 {MAX_CELLS} 条，没有读取")
        elif any(local_name(inner.tag) == "si" for inner in item.iter()):
            raise _irregular()  # from there on no two programs count alike
    return tuple(strings)


@lru_cache(maxsize=8)
def _tags_of(space: str) -> tuple[str, ...]:
    return tuple([f"{space}{name}" for name in _NAMES])


def inline_text(item: Element, space: str) -> str:
    """The text of a cell that holds it itself.

    R's openxlsx writes the attribute of a text that it read into the text; forms before 0.6 have it.
    """
    return text_of(item, space).removeprefix('xml:space="preserve">')


def text_of(item: Element, space: str) -> str:
    """The text of a string item (18.4.8 ``si``, 18.3.1.53 ``is``): runs joined, no phonetic guides."""
    tags = _tags_of(space)
    text_tag, run_tag, sounds_tag, sounding_tag, _, _, _ = tags
    if len(item) == 1 and item[0].tag == text_tag:
        return unescape(_plain_text(item[0])[:LONGEST_TEXT])
    texts: list[str] = []
    for piece in item:
        tag = piece.tag
        if tag == run_tag:
            texts.append(_run_text(piece, space, tags))
        elif tag == text_tag:
            texts.append(_plain_text(piece)[:LONGEST_TEXT])
        elif tag not in (sounds_tag, sounding_tag):
            _refuse_text(piece, space)
    return unescape("".join(texts)[: 2 * LONGEST_TEXT])


def _run_text(run: Element, space: str, tags: tuple[str, ...]) -> str:
    """The text of a run (18.4.4), marked as its properties (18.4.7) say."""
    text_tag, _, _, _, looks_tag, strike_tag, raise_tag = tags
    struck = raised = False
    texts: list[str] = []
    for piece in run:
        tag = piece.tag
        if tag == text_tag:
            text = _plain_text(piece)[:LONGEST_TEXT]
            marked = struck or raised
            texts.append(mark_run(text, struck=struck, raised=raised) if marked else text)
        elif tag == looks_tag:
            for fact in piece:
                if fact.tag == strike_tag:
                    struck = fact.get("val") not in ("0", "false", "off")
                elif fact.tag == raise_tag:
                    raised = fact.get("val") in ("superscript", "subscript")
        else:
            _refuse_text(piece, space)
    return "".join(texts)


def _plain_text(element: Element) -> str:
    if len(element):
        raise _irregular()
    return element.text or ""


def _refuse_text(element: Element, space: str) -> None:
    """Raise Unreadable for what a string cannot hold, and for text in alternatives."""
    own = element.tag.startswith(space)
    if own or any(local_name(inner.tag) in ("t", "si", "is") for inner in element.iter()):
        raise _irregular()


def _irregular() -> Unreadable:
    return Unreadable("damaged", "文件里的文字部分已损坏，请让对方重新保存后再发")
