"""The one way to fold a name for comparing: headings, labels, districts, sheets, indicators, settings.

Two texts that people read as the same name fold to the same text, whatever was pasted between the
letters. What is kept and shown is never a folded name. Reading a typed number is another matter
(``xlsx.values``), but what counts as invisible is the same set.
"""

from __future__ import annotations

from functools import lru_cache

from xl_addin.system.light import pattern

# Default_Ignorable_Code_Point of Unicode 16 (DerivedCoreProperties.txt), and the interlinear
# annotations FFF9 to FFFB. Not 202E: under it 021 is seen as 120; nor the fillers of Hangul, which
# are as wide as a letter: they are spaces.
INVISIBLE = pattern(
    "[\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202d\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]+"
)


# Blank, but no white space to Python: the fillers as NFKC leaves them, the empty braille cell. And the
# mark of what is struck out: a heading or name that is, is still that one.
_BLANKS = str.maketrans(dict.fromkeys((0x115F, 0x1160, 0x2800), " ") | {0x0336: ""})


_LONGEST, _REMEMBERED = 1_000, 200
"""Letters of the longest name there may be, and of the longest that is worth remembering.

NFKC makes eighteen letters of one: 57 MB in one cell took 5.4 GiB and 25 s.
"""


def fold(text: str) -> str:
    """A name as it is compared: compatibility forms, case, white space and the invisible folded.

    A text that is longer than any name is none, and comes back as it is.
    """
    if len(text) > _REMEMBERED:
        return text if len(text) > _LONGEST else plain(text).casefold()
    return _fold_name(text)


@lru_cache(maxsize=4096)
def _fold_name(text: str) -> str:
    return plain(text).casefold()


def plain(text: str) -> str:
    """A name as patterns match it and messages quote it: as ``fold`` makes it, but for its case."""
    if len(text) > _LONGEST:
        return text
    if text.isascii():
        return "".join(text.split())
    from unicodedata import normalize

    return "".join(normalize("NFKC", visible(text)).translate(_BLANKS).split())


_PERCENT_UNITS = frozenset(("%", "百分比", "百分数"))


def is_percent_unit(unit: str) -> bool:
    """Whether figures of a unit are percents; they are kept as they are said: 95 for 95 %."""
    return bool(unit) and fold(unit) in _PERCENT_UNITS


def visible(text: str) -> str:
    """The text without what cannot be seen; all else, spaces too, as it was typed."""
    return text if text.isascii() else INVISIBLE.sub("", text)
