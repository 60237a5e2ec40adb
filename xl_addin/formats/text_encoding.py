"""Text whose encoding nobody names, or names rightly."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from xl_addin.system.light import pattern


def decode_chinese(raw: bytes) -> str:
    """Text of an unnamed encoding: UTF-8 where it is that, else GB18030."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def decode_notepad(raw: bytes) -> str:
    """A text that staff wrote, in any of the encodings that Notepad saves it in."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    return decode_chinese(raw).removeprefix("\ufeff")


_ENCODINGS = {936: "gb18030", 54936: "gb18030", 10008: "gb18030", 65001: "utf-8"}
_WIDE_PAGES = frozenset((*_ENCODINGS, 932, 949, 950))
_LENIENT = "lenient_"


def _find_lenient(name: str) -> codecs.CodecInfo | None:
    """Codecs that put a mark for what they cannot read: a text cut in the middle of a letter."""
    if not name.startswith(_LENIENT):
        return None
    codec = codecs.lookup(name.removeprefix(_LENIENT))
    return codecs.CodecInfo(codec.encode, lambda raw, _="": codec.decode(raw, "replace"), name=name)


codecs.register(_find_lenient)


def encoding_of_page(page: int, texts: Sequence[bytes]) -> str:
    """The codec for the texts of an old file by its code page (0 for none), or by what they are.

    Scripts say 1252, or nothing, and write GBK: where the page is none of Asia's and all texts are GBK,
    it is. A letter that is cut costs no file.
    """
    name = _ENCODINGS.get(page, f"cp{page}")
    if page not in _WIDE_PAGES and any(not text.isascii() for text in texts) and _are_gbk(texts):
        name = "gb18030"
    try:
        codecs.lookup(name)
    except LookupError:
        name = "cp1252"
    return f"{_LENIENT}{name}"


def _are_gbk(texts: Sequence[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("gbk")
    try:
        for text in texts:
            decoder().decode(text)  # not the last piece: its last letter may be cut
    except UnicodeDecodeError:
        return False
    return True


_PAIRS = pattern("(?:[\\x00-\\x7f]|[\\x81-\\xfe][\\xa1-\\xfe])*")
_LEAST = 8


def is_gbk_in_disguise(texts: Sequence[str]) -> bool:
    """Whether all that is not ASCII is GBK whose bytes a program took for letters: ``ÖÒÏØ`` is 忠县."""
    odd = [text for text in texts if not text.isascii()]
    return sum(map(len, odd)) >= _LEAST and all(map(_PAIRS.fullmatch, odd))


def undisguise(text: str) -> str:
    """Such a text as it was meant."""
    return text.encode("latin-1", "replace").decode("gb18030", "replace")
