"""The numbered measures of a notice's section on key works: proposed for 重点工作台账, never put there unasked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xl_addin.model.records import KeyWork
from xl_addin.system.errors import Misused
from xl_addin.system.light import pattern

_SECTION = pattern(r"\s*[一二三四五六七八九十]+、")
_KEY_SECTION = pattern(
    r"\s*[一二三四五六七八九十]+、.*(?:重点工作|重点任务|主要任务|主要工作|工作任务|工作重点)"
)
_PART = pattern(r"\s*[（(][一二三四五六七八九十]+[)）]\s*(.*)")
_MEASURE = pattern(r"\s*\d{1,2}\s*[.．、]\s*(?!\d)(.*)")
_FIRST = pattern(r"([^。；;]{2,60})[。；;]?(.*)")
_LONGEST, _MOST = 300, 100
EVERY = ("全部", "all")


def find_key_works(paragraphs: Sequence[str]) -> tuple[KeyWork, ...]:
    """The measures in their order, numbered 1-1, 1-2, 2-1; where none are numbered, the section's parts."""
    section = list(_section(paragraphs))
    found: list[KeyWork] = []
    part = count = 0
    parts: list[tuple[str, str]] = []
    for text in section:
        heading, measure = _PART.match(text), _MEASURE.match(text)
        if heading:
            part, count = part + 1, 0
            parts.append((str(part), heading[1]))
        elif measure:
            count += 1
            found.append(_work(f"{part}-{count}" if part else str(count), measure[1]))
    found = found or [_work(number, text) for number, text in parts]
    return tuple(work for work in found if work.title)[:_MOST]


def _section(paragraphs: Sequence[str]) -> Iterator[str]:
    """The paragraphs of the section on key works, without its heading."""
    inside = False
    for paragraph in paragraphs:
        for line in paragraph.split("\n"):
            if _SECTION.match(line):
                if inside:
                    return
                inside = bool(_KEY_SECTION.match(line)) and len(line) < 60
            elif inside:
                yield line.strip()


def _work(number: str, text: str) -> KeyWork:
    match = _FIRST.match(text.strip())
    if match is None:
        return KeyWork(number, "", "")
    rest = match[2].strip()
    if len(rest) > _LONGEST:
        whole = rest[:_LONGEST].rpartition("。")[0]
        rest = f"{whole}。" if whole else f"{rest[: _LONGEST - 1]}…"
    return KeyWork(number, match[1].strip(), rest)


def choose_key_works(found: Sequence[KeyWork], asked: str) -> tuple[KeyWork, ...]:
    """Those that somebody asked for by their place in the list: ``1,3,5-7``, 全部, or nothing.

    Raises Misused for what is none of them.
    """
    if asked.strip().casefold() in EVERY:
        return tuple(found)
    chosen: set[int] = set()
    for part in filter(None, asked.replace("，", ",").replace("、", ",").split(",")):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        ends = (first, last if dash else first)
        if not all(end.isascii() and end.isdigit() for end in ends):
            raise Misused(
                f"重点工作的序号“{part.strip()}”看不懂；请写成 1,3,5-7 这样，全都要写“全部”"
            )
        chosen |= set(range(int(ends[0]), min(int(ends[1]), _MOST) + 1))
        if int(ends[0]) < 1 or int(ends[1]) > len(found) or int(ends[0]) > int(ends[1]):
            have = f"列出的只有 1 到 {len(found)}" if found else "通知的正文里没有找到重点工作"
            raise Misused(f"重点工作的序号“{part.strip()}”不对，{have}")
    return tuple(work for place, work in enumerate(found, 1) if place in chosen)


def list_key_works(found: Sequence[KeyWork]) -> tuple[str, ...]:
    """What was found in lines for people."""
    return tuple(f"{place}. {work.title}（{work.number}）" for place, work in enumerate(found, 1))


def describe_key_works(found: Sequence[KeyWork], chosen: Sequence[KeyWork]) -> tuple[str, ...]:
    """What became of them, with what to do."""
    if not found:
        return ()
    if chosen:
        return (
            f"重点工作：{len(chosen)} 项放进了“重点工作台账”；请在那里补上牵头、责任单位、完成时限和报送",
        )
    return (
        "正文里可能是重点工作（没有放进台账）：",
        *(f"  {line}" for line in list_key_works(found)),
        "要放进“重点工作台账”的，建立时加 --key-works 和序号，例如 --key-works 1,3；也可以以后自己填",
    )
