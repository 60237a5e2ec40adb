"""Sample returns for the demonstration: seeded, and wrong in the ways that real ones are.

Every figure here is made up. The districts' months are filled at each one's own pace; some come
late, some not at all, some with what people really type.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from xl_addin.form import layout
from xl_addin.form.stamp import Issue, Kit
from xl_addin.model.records import District, Indicator, Number
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.package import deflate, inflate, pack, unpack
from xl_addin.xlsx.patch import Value, set_cells
from xl_addin.xlsx.workbook import Workbook

Typed = dict[str, Number | str]

_LATE, _MISSING, _CORRECTED = 3, 2, 2


class Sample(NamedTuple):
    """A file that a district might have sent."""

    name: str
    data: bytes
    received: datetime


class Made(NamedTuple):
    """What a mishap works on: the form as it should have come, and how to make it again."""

    kit: Kit
    issue: Issue
    typed: Typed
    old: bytes | None

    def stamped(self, **changes: Number | str) -> bytes:
        """The form with some entries changed."""
        return self.kit.stamp(self.issue, {**self.typed, **changes})


def sample_returns(
    kit: Kit,
    issued: Sequence[tuple[District, Issue]],
    indicators: Sequence[Indicator],
    earlier: dict[str, bytes],
    names: Callable[[District], str],
    seed: int = 2023,
) -> Iterator[Sample]:
    """One month's files. ``earlier`` maps districts to last month's files and is brought forward."""
    month = issued[0][1].identity.month
    chance = random.Random(f"{seed} {month}")  # noqa: S311 - samples must repeat, not surprise
    order = list(issued)
    chance.shuffle(order)
    due = datetime(int(month[:4]), int(month[5:]), 28, 9) + timedelta(days=4)
    mishaps = dict(zip((d.code for d, _ in order[_MISSING + _LATE :]), MISHAPS, strict=False))
    for place, (district, issue) in enumerate(order):
        typed = _typed(chance, issue, indicators, _pace(seed, district))
        if place < _MISSING:
            continue
        at = due + timedelta(minutes=chance.randrange(1400))
        if place < _MISSING + _LATE:
            at += timedelta(days=chance.randrange(5, 9))
        name = names(district)
        made = Made(kit, issue, typed, earlier.get(district.code))
        mishap = mishaps.get(district.code)
        good = kit.stamp(issue, typed)
        data = good if mishap is None else mishap(made, indicators)
        yield Sample(name, data, at)
        if mishap is not None and place < _MISSING + _LATE + _CORRECTED:
            yield Sample(name.replace(".xlsx", "（更正）.xlsx"), good, at + timedelta(days=1))
        if place == len(order) - 1:
            yield Sample(name.replace(".xlsx", " (1).xlsx"), good, at + timedelta(hours=1))
        earlier[district.code] = good


def _pace(seed: int, district: District) -> float:
    return random.Random(f"{seed} {district.code}").uniform(0.65, 1.2)  # noqa: S311


def _typed(
    chance: random.Random, issue: Issue, indicators: Sequence[Indicator], pace: float
) -> Typed:
    typed: Typed = {}
    for item in indicators:
        target = issue.targets.get(item.code)
        share = (target or 0) / 12 * pace * chance.uniform(0.7, 1.3)
        amount = int(share) + (chance.random() < share % 1)
        parent = typed.get(item.parent)
        if isinstance(parent, int):
            amount = min(amount, parent)
        typed[item.code] = amount
    return typed


def _first(made: Made, indicators: Sequence[Indicator], place: int = 0) -> str:
    """The code of the n-th indicator that this district has a target for."""
    codes = [item.code for item in indicators if made.issue.targets.get(item.code)]
    return codes[place % len(codes)]


def _amount(made: Made, code: str) -> int:
    value = made.typed[code]
    return value if isinstance(value, int) else 0


def _edited(data: bytes, cells: dict[tuple[int, int], Value]) -> bytes:
    parts = unpack(data)
    name = Workbook(parts).entries[0].part
    parts[name] = deflate(name, set_cells(inflate(parts[name]), cells))
    return pack(parts.values())


Mishap = Callable[[Made, Sequence[Indicator]], bytes]


def _written(form: str, place: int) -> Mishap:
    def mishap(made: Made, indicators: Sequence[Indicator]) -> bytes:
        code = _first(made, indicators, place)
        amount = str(_amount(made, code))
        wide = amount.translate({48 + n: 0xFF10 + n for n in range(10)})
        unit = next(item.unit for item in indicators if item.code == code)
        return made.stamped(**{code: form.format(n=amount, wide=wide, unit=unit)})

    return mishap


def _child_too_large(made: Made, indicators: Sequence[Indicator]) -> bytes:
    child = next((item for item in indicators if item.parent), None)
    if child is None:
        return made.stamped(**{_first(made, indicators): -1})
    return made.stamped(**{child.code: _amount(made, child.parent) + 8})


def _half(made: Made, indicators: Sequence[Indicator]) -> bytes:
    code = _first(made, indicators, 1)
    return made.stamped(**{code: _amount(made, code) + 0.5})


def _far_too_many(made: Made, indicators: Sequence[Indicator]) -> bytes:
    code = _first(made, indicators)
    return made.stamped(**{code: int((made.issue.targets.get(code) or 0) * 2)})


def _one_left_out(made: Made, indicators: Sequence[Indicator]) -> bytes:
    code = _first(made, indicators, 2)
    return made.kit.stamp(made.issue, {k: v for k, v in made.typed.items() if k != code})


def _target_lowered(made: Made, indicators: Sequence[Indicator]) -> bytes:
    target = made.issue.targets.get(indicators[0].code) or 10
    return _edited(made.stamped(), {(layout.FIRST_ROW, layout.TARGET): target // 2})


def _last_months_file(made: Made, _: Sequence[Indicator]) -> bytes:
    return made.old or made.stamped()


def _untouched(made: Made, _: Sequence[Indicator]) -> bytes:
    return made.kit.stamp(made.issue)


def _cut_off(made: Made, _: Sequence[Indicator]) -> bytes:
    return made.stamped()[:3000]


def _minus(made: Made, indicators: Sequence[Indicator]) -> bytes:
    return made.stamped(**{_first(made, indicators, 3): -2})


MISHAPS: tuple[Mishap, ...] = (
    _written("2000万", 0),
    _child_too_large,
    _half,
    _one_left_out,
    _last_months_file,
    _untouched,
    _cut_off,
    _target_lowered,
    _minus,
    _far_too_many,
    _written("{wide}", 0),
    _written(" {n} ", 1),
    _written("{n}{unit}", 2),
    _written("3-5", 1),
    _written("一百二十", 2),
)
