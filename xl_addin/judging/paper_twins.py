"""How much two papers say the same, by prints that are kept in the ledger and not by their texts.

A print is the 128 smallest hashes of all runs of eight characters of a text without blanks, digits,
punctuation and names of districts (a bottom-k sketch: Broder, On the resemblance and containment of
documents, 1997); the share that two have in common among the smallest of both is off by 0.04 as a rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from xl_addin.model.names import visible
from xl_addin.system.light import pattern

_RUN, _KEPT, _LEAST = 8, 128, 40
"""A text of fewer runs than ``_LEAST`` has no print: short ones are alike by chance."""
_DROPPED = pattern(r"[\W\d_]+")


def text_print(text: str, names: Iterable[str]) -> str:
    """The print of a text, in hex; empty for one that is too short to be compared."""
    from unicodedata import normalize

    plain = _DROPPED.sub("", normalize("NFKC", visible(text)).casefold())
    for name in sorted(names, key=len, reverse=True):
        plain = plain.replace(name, "")
    runs = {crc32(plain[at : at + _RUN].encode()) for at in range(len(plain) - _RUN + 1)}
    if len(runs) < _LEAST:
        return ""
    return "".join(f"{each:08x}" for each in sorted(runs)[:_KEPT])


def alike(one: str, other: str) -> float:
    """The share of what two texts say that they have in common, 0 to 1; 0 where one has no print."""
    if not one or not other:
        return 0.0
    mine, theirs = _numbers(one), _numbers(other)
    least = sorted(mine | theirs)[:_KEPT]
    return sum(each in mine and each in theirs for each in least) / len(least)


def _numbers(text: str) -> set[int]:
    return {int(text[at : at + 8], 16) for at in range(0, len(text), 8)}
