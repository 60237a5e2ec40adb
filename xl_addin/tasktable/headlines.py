"""Figures in a notice's text that may be the city's goals: shown to whoever founds the year, never set.

``完成农村残疾人实用技术培训10000人次`` names an indicator as its table does, and counts in its unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from xl_addin.model.names import plain
from xl_addin.model.records import District, Headline, Indicator
from xl_addin.system.light import pattern
from xl_addin.xlsx.values import clip, number_text, plain_text, round_noise

_UNITS = (
    ("人次", "人", "名"),
    ("场次", "场", "次", "期"),
    ("户次", "户", "家"),
    ("个", "家", "所", "处"),
)
_FIGURE = pattern(r"(?<![\d.第])(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(万)?余?(人次|场次|户次|\w)")
_SENTENCE = pattern(r"[^。；;！\n]+[。；;！]?")
_CLAUSE = pattern(r"[，、：:]|,(?!\d)")
# A heading that says what is counted and not of what.
_NO_NAME = pattern(r"(20\d\d年?)?(度|全年)?(目标|任务|计划)?(任务|指标)?(总数|数量?|合计)?")
_SHORTEST = 4
_MOST = 20
# A notice has some dozens of sentences with figures; what is much longer is not read to its end.
_LONGEST, _MOST_SENTENCES = 400, 200


def find_headlines(
    paragraphs: Sequence[str], indicators: Sequence[Indicator], districts: Sequence[District]
) -> tuple[Headline, ...]:
    """What the text says of the indicators, in its order; sentences about one district are left out."""
    names = {plain(district.name) for district in districts}
    named = [(_name(item), item) for item in indicators]
    found: dict[tuple[str, object], Headline] = {}
    for number, sentence in islice(_sentences(paragraphs), _MOST_SENTENCES):
        if not any(name in plain(sentence) for name in names):
            for headline in _in_sentence(sentence, number, named):
                found.setdefault((headline.indicator, headline.value), headline)
    return tuple(found.values())[:_MOST]


def _sentences(paragraphs: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Those with figures, and the number of the paragraph."""
    for number, paragraph in enumerate(paragraphs, 1):
        for sentence in _SENTENCE.findall(plain_text(paragraph)):
            if len(sentence) <= _LONGEST and _FIGURE.search(sentence):
                yield number, sentence


def _in_sentence(
    sentence: str, number: int, named: Sequence[tuple[str, Indicator]]
) -> Iterator[Headline]:
    for match in _FIGURE.finditer(sentence):
        unit = match[3]
        counted = [(name, item) for name, item in named if _same_unit(unit, item.unit)]
        around = _around(sentence, match)
        item = _named(around, counted)
        if item is not None:
            value = float(match[1].replace(",", "")) * (10_000 if match[2] else 1)
            yield Headline(item.code, round_noise(value), unit, number, clip(around[1].strip()))


def _same_unit(written: str, unit: str) -> bool:
    return written == unit or any(written in group and unit in group for group in _UNITS)


def _around(sentence: str, match: re.Match[str]) -> list[str]:
    """The clause that a figure stands in, then with the one before it, then the whole sentence."""
    starts = [0, *(m.end() for m in _CLAUSE.finditer(sentence))]
    own = max(n for n, start in enumerate(starts) if start <= match.start())
    ends = [*starts[1:], len(sentence)]
    return [
        sentence[starts[own] : ends[own]],
        sentence[starts[max(0, own - 1)] : ends[own]],
        sentence,
    ]


def _named(contexts: Iterable[str], named: Sequence[tuple[str, Indicator]]) -> Indicator | None:
    """The one indicator whose name the nearest text has, whole or the most of it; None where two do."""
    for context in contexts:
        text = plain(context)
        shares = [(_shared(name, text), item) for name, item in named]
        best = max((share for share, _ in shares), default=0)
        if best:
            fits = [item for share, item in shares if share == best]
            return fits[0] if len(fits) == 1 else None
    return None


def _name(item: Indicator) -> str:
    names = [plain(part).removeprefix("其中:") for part in item.path]
    told = [name for name in names if not _NO_NAME.fullmatch(name)]
    return told[-1] if told else ""


def _shared(name: str, text: str) -> int:
    """The length of the longest part of a name that a text has; 0 where it is too short to mean it."""
    for length in range(len(name), min(_SHORTEST, len(name)) - 1, -1):
        if length and any(name[at : at + length] in text for at in range(len(name) - length + 1)):
            return length
    return 0


def describe_headlines(
    table_headlines: Sequence[Headline], indicators: Sequence[Indicator]
) -> tuple[str, ...]:
    """What was found in lines for people, with what to do."""
    if not table_headlines:
        return ()
    labels = {item.code: item.label for item in indicators}
    said = [
        f"正文里可能是全市目标（没有用上）：“{labels[each.indicator]}”{number_text(each.value)}{each.unit}，"
        f"见正文第 {each.paragraph} 段“{each.sentence}”"
        for each in table_headlines
    ]
    return (*said, "要用的，请在建好的主表“指标”的“全市目标”一列填上")
