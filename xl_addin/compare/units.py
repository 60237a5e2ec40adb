"""How many of ours one of another office's units is."""

from __future__ import annotations

from xl_addin.model.names import fold, is_percent_unit
from xl_addin.model.records import Number
from xl_addin.system.light import pattern
from xl_addin.xlsx.values import COUNTING_UNITS

_SIZES = {
    "亿": 10**8,
    "千万": 10**7,
    "百万": 10**6,
    "十万": 10**5,
    "万": 10**4,
    "千": 10**3,
    "百": 100,
}
_SCALED = pattern(rf"({'|'.join(_SIZES)})?(.*)")
_ALIKE = (frozenset(("人", "名")), frozenset(("场", "场次")), frozenset(("户", "家")))


def unit_factor(theirs: str, ours: str) -> Number | None:
    """What a number in ``theirs`` is multiplied by to be one in ``ours``; None where they do not go together.

    A unit that nobody stated goes with any.
    """
    theirs, ours = fold(theirs), fold(ours)
    if not theirs or not ours or theirs == ours:
        return 1
    if is_percent_unit(theirs) and is_percent_unit(ours):
        return 1
    size, base = _split(theirs)
    own_size, own_base = _split(ours)
    if base != own_base and not any({base, own_base} <= pair for pair in _ALIKE):
        return None
    return size // own_size if size % own_size == 0 else size / own_size


def is_plain_count(unit: str) -> bool:
    """Whether a unit counts whole things one by one."""
    return fold(unit) in COUNTING_UNITS


def _split(unit: str) -> tuple[int, str]:
    match = _SCALED.fullmatch(unit)
    if match is None or not match[2]:
        return 1, unit
    return _SIZES.get(match[1] or "", 1), match[2]
