"""Sample returns for the demonstration: seeded, and wrong in the ways that real ones are.

Every figure here is made up. The districts' months are filled at each one's own pace; some come
late, some not at all, some with what people really type.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from xl_addin.form import layout
from xl_addin.form.stamp import FormTemplate, Issue
from xl_addin.model.records import District, Indicator, Number
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.package import deflate, inflate, pack, unpack
from xl_addin.xlsx.patch import set_cells
from xl_addin.xlsx.workbook import Workbook

SampleEntries = dict[str, Number | str]

_LATE, _MISSING = 3, 2


class Sample(NamedTuple):
    """A file that a district might have sent."""

    name: str
    data: bytes
    received: datetime


class SampleForm(NamedTuple):
    """What a mishap works on: the form as it should have come, and how to make it again."""

    template: FormTemplate
    issue: Issue
    typed: SampleEntries
    old: bytes | None

    def stamp_with(self, **changes: Number | str) -> bytes:
        """The form with some entries changed."""
        return self.template.stamp(self.issue, {**self.typed, **changes})


def sample_returns(
    template: FormTemplate,
    issued: Sequence[tuple[District, Issue]],
    indicators: Sequence[Indicator],
    earlier: dict[str, bytes],
    names: Callable[[District], str],
    corrected: int = 2,
    seed: int = 2023,
) -> Iterator[Sample]:
    """One month's files. ``earlier`` maps districts to last month's files and is brought forward.

    ``corrected`` of those that come wrong come again and right.
    """
    month = issued[0][1].identity.month
    chance = random.Random(f"{seed} {month}")  # noqa: S311 - samples must repeat, not surprise
    order = list(issued)
    chance.shuffle(order)
    due = datetime(int(month[:4]), int(month[5:]), 28, 9) + timedelta(days=4)
    mishaps = dict(zip((d.code for d, _ in order[_MISSING + _LATE :]), MISHAPS, strict=False))
    for place, (district, issue) in enumerate(order):
        typed = _random_entries(chance, issue, indicators, _pace(seed, district))
        if place < _MISSING:
            continue
        at = due + timedelta(minutes=chance.randrange(1400))
        if place < _MISSING + _LATE:
            at += timedelta(days=chance.randrange(5, 9))
        name = names(district)
        sample = SampleForm(template, issue, typed, earlier.get(district.code))
        mishap = mishaps.get(district.code)
        good = template.stamp(issue, typed)
        data = good if mishap is None else mishap(sample, indicators)
        yield Sample(name, data, at)
        if mishap is not None and place < _MISSING + _LATE + corrected:
            yield Sample(name.replace(".xlsx", "（更正）.xlsx"), good, at + timedelta(days=1))
        if place == len(order) - 1:
            yield Sample(name.replace(".xlsx", " (1).xlsx"), good, at + timedelta(hours=1))
        earlier[district.code] = good


def sample_department_table(
    districts: Sequence[District],
    indicators: Sequence[Indicator],
    figures: Mapping[tuple[str, str], Number],
    title: str,
) -> bytes:
    """What another office might send, as .csv: our figures with a few that differ, lack or cannot be read."""
    rows = [[title], ["序号", "区县", *(item.path[-1] for item in indicators)]]
    for number, district in enumerate(districts[:-1], 1):
        said = [figures.get((district.code, item.code)) for item in indicators]
        texts = ["" if each is None else str(each) for each in said]
        if number == 1 and said[0] is not None:
            texts[0] = str(said[0] + 7)
        if number == 3:
            texts[-1] = f"约{texts[-1]}"
        if number == 6:
            texts[0] = ""
        rows.append([str(number), district.name.replace("县", " 县"), *texts])
    return "\r\n".join(map(",".join, rows)).encode("utf-8-sig")


def _pace(seed: int, district: District) -> float:
    """One in six is far behind."""
    chance = random.Random(f"{seed} {district.code}")  # noqa: S311
    return chance.uniform(0.85, 1.3) if chance.random() > 1 / 6 else chance.uniform(0.3, 0.6)


def _random_entries(
    chance: random.Random, issue: Issue, indicators: Sequence[Indicator], pace: float
) -> SampleEntries:
    typed: SampleEntries = {}
    for item in indicators:
        target = issue.targets.get(item.code)
        share = (target or 0) / 12 * pace * chance.uniform(0.7, 1.3)
        amount = int(share) + (chance.random() < share % 1)
        parent = typed.get(item.parent)
        if isinstance(parent, int):
            amount = min(amount, parent)
        typed[item.code] = amount
    return typed


def _nth_code(sample: SampleForm, indicators: Sequence[Indicator], place: int = 0) -> str:
    """The code of the n-th indicator that this district has a target for."""
    codes = [item.code for item in indicators if sample.issue.targets.get(item.code)]
    return codes[place % len(codes)]


def _amount(sample: SampleForm, code: str) -> int:
    value = sample.typed[code]
    return value if isinstance(value, int) else 0


def _edit_cells(data: bytes, cells: dict[tuple[int, int], Value]) -> bytes:
    parts = unpack(data)
    name = Workbook(parts).entries[0].part
    parts[name] = deflate(name, set_cells(inflate(parts[name]), cells))
    return pack(parts.values())


Mishap = Callable[[SampleForm, Sequence[Indicator]], bytes]


def _spelling_mishap(form: str, place: int) -> Mishap:
    def mishap(sample: SampleForm, indicators: Sequence[Indicator]) -> bytes:
        code = _nth_code(sample, indicators, place)
        amount = str(_amount(sample, code))
        wide = amount.translate({48 + n: 0xFF10 + n for n in range(10)})
        unit = next(item.unit for item in indicators if item.code == code)
        return sample.stamp_with(**{code: form.format(n=amount, wide=wide, unit=unit)})

    return mishap


def _child_too_large(sample: SampleForm, indicators: Sequence[Indicator]) -> bytes:
    child = next((item for item in indicators if item.parent), None)
    if child is None:
        return sample.stamp_with(**{_nth_code(sample, indicators): -1})
    return sample.stamp_with(**{child.code: _amount(sample, child.parent) + 8})


def _half(sample: SampleForm, indicators: Sequence[Indicator]) -> bytes:
    code = _nth_code(sample, indicators, 1)
    return sample.stamp_with(**{code: _amount(sample, code) + 0.5})


def _far_too_many(sample: SampleForm, indicators: Sequence[Indicator]) -> bytes:
    code = _nth_code(sample, indicators)
    return sample.stamp_with(**{code: int((sample.issue.targets.get(code) or 0) * 2)})


def _one_left_out(sample: SampleForm, indicators: Sequence[Indicator]) -> bytes:
    code = _nth_code(sample, indicators, 2)
    return sample.template.stamp(sample.issue, {k: v for k, v in sample.typed.items() if k != code})


def _target_lowered(sample: SampleForm, indicators: Sequence[Indicator]) -> bytes:
    target = sample.issue.targets.get(indicators[0].code) or 10
    return _edit_cells(sample.stamp_with(), {(layout.FIRST_ROW, layout.TARGET): target // 2})


def _last_months_file(sample: SampleForm, indicators: Sequence[Indicator]) -> bytes:
    """A month's figure typed into the form of the month before."""
    amount = _amount(sample, indicators[0].code) + 1
    typed: dict[tuple[int, int], Value] = {(layout.FIRST_ROW, layout.MONTH): amount}
    return _edit_cells(sample.old, typed) if sample.old else sample.stamp_with()


def _left_untouched(sample: SampleForm, _: Sequence[Indicator]) -> bytes:
    return sample.template.stamp(sample.issue)


def _truncate(sample: SampleForm, _: Sequence[Indicator]) -> bytes:
    return sample.stamp_with()[:3000]


def _minus(sample: SampleForm, indicators: Sequence[Indicator]) -> bytes:
    return sample.stamp_with(**{_nth_code(sample, indicators, 3): -2})


def _is_well_begun(sample: SampleForm) -> bool:
    """Whether a year's figure and a month's are far enough apart to be told from each other."""
    return int(sample.issue.identity.month[5:]) >= 4


def _year_put_right(sample: SampleForm, indicators: Sequence[Indicator]) -> bytes:
    """Not wrong at all: a district that found out what it left out in earlier months says so."""
    code = _nth_code(sample, indicators)
    before = sample.issue.previous.get(code)
    if not before or not _is_well_begun(sample):
        return sample.stamp_with()
    right = {code: before + _amount(sample, code) + 6}
    why = {code: "前几个月漏报 6 人次，已核实，这次补报"}
    return sample.template.stamp(sample.issue, sample.typed, right, why)


def _cumulatives_in_month(sample: SampleForm, _: Sequence[Indicator]) -> bytes:
    if not _is_well_begun(sample):
        return sample.stamp_with()
    before = sample.issue.previous
    return sample.stamp_with(
        **{code: _amount(sample, code) + (before.get(code) or 0) for code in sample.typed}
    )


MISHAPS: tuple[Mishap, ...] = (
    _spelling_mishap("2000万", 0),
    _child_too_large,
    _half,
    _one_left_out,
    _last_months_file,
    _left_untouched,
    _truncate,
    _target_lowered,
    _minus,
    _far_too_many,
    _spelling_mishap("{wide}", 0),
    _spelling_mishap(" {n} ", 1),
    _spelling_mishap("{n}{unit}", 2),
    _spelling_mishap("3-5", 1),
    _spelling_mishap("一百二十", 2),
    _year_put_right,
    _cumulatives_in_month,
)
