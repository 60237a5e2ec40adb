"""Mutants of real returns: the figures that stand in the file, or not accepted.

    python -m tests.tools.fuzz [--count N] [--seed S]

Three kinds. *Bytes* of a package are changed anywhere: its checksums protect what is read, so an
accepted mutant must have exactly the figures that were typed. *Text* of one part is changed and
packed soundly again: then an independent reader (``witness``) must find the same figures in the
same rows. *Native* formats have no checksums; there only crashes, hangs and faults are looked for.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from tests.benchmarks.returns import as_excel
from tests.tools import forms
from tests.tools.independent_reader import read_independently
from tests.tools.oddities import ODDITIES
from tests.tools.office import Office, missing_office
from xl_addin.judging.assess import Assessment, assess
from xl_addin.model.records import ACCEPTED, NUMBER
from xl_addin.xlsx.package import deflate, inflate, pack, unpack

Chance = random.Random
PIECES = (
    "<",
    ">",
    "/",
    '"',
    "'",
    " ",
    "0",
    "1",
    "9",
    ".",
    "-",
    "e5",
    "25",
    "999",
    "A1",
    "F7",
    "G13",
    "K7",
    "I01",
    "<v>",
    "</v>",
    "<v>9</v>",
    '<c r="F7"><v>9</v></c>',
    '<c r="F8"/>',
    "</c>",
    "<c>",
    ' t="s"',
    ' t="b"',
    ' t="str"',
    ' t="e"',
    ' t="n"',
    "&amp;",
    "&#49;",
    "&#x39;",
    "<!-- x -->",
    "<![CDATA[9]]>",
    "</row>",
    '<row r="7">',
    "<row>",
    "<f>1</f>",
    "<f>",
    "</f>",
    "<is><t>9</t></is>",
    "<sheetData>",
    "</sheetData>",
    '<mergeCell ref="F7:F8"/>',
    "<si><t>9</t></si>",
    "</si>",
    "<rPh>",
    'hidden="1"',
    's="3"',
    "９",
    "万",
    "\u200b",
    "\u3000",
    "_x0039_",
    'xmlns="u"',
    "x:",
    "<?x?>",
    "\x00",
    "\uffff",
    "<!DOCTYPE x>",
    "本月完成",
    "本月累计",
    "指标",
    "2023年5月",
    "忠县",
    "人",
)
PARTS = ("xl/worksheets/sheet1.xml",) * 8 + (
    "xl/sharedStrings.xml",
    "xl/sharedStrings.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
    "xl/worksheets/sheet3.xml",
    "docProps/custom.xml",
    "_rels/.rels",
    "[Content_Types].xml",
)


GIVEN = {"I01": 85}
"""The cumulative that some of the seeds give over the form's own."""


class FuzzResult(NamedTuple):
    """What was seen: verdicts by kind of mutant, and every mutant that was judged wrongly."""

    verdicts: Counter[tuple[str, str]]
    wrong: list[tuple[str, str, bytes]]


def seeds() -> list[bytes]:
    """Real returns: as the program makes them, and as others write the same."""
    good = forms.fill_form()
    odd = (
        "strict",
        "prefixed elements",
        "inline strings",
        "no addresses",
        "UTF-16",
        "what Excel adds",
        "rich text and phonetic runs",
        "nothing packed",
    )
    given = forms.form_template().stamp(forms.issue(), forms.GOOD, GIVEN, {"I01": "补报三月漏报的"})
    excel = (
        as_excel(data, random.Random(number)) for number, data in enumerate((good, good, given))
    )
    return [good, good, given, given, *excel, *(ODDITIES[name](good) for name in odd)]


def resaved() -> list[bytes]:
    """The same opened and stored anew by LibreOffice; none where that is missing."""
    if missing_office():
        return []
    with tempfile.TemporaryDirectory() as folder, Office() as office:
        path = Path(folder, "回报.xlsx")
        found = []
        for data in seeds()[:4:2] * 2:
            path.write_bytes(data)
            found.append(office.convert(path, Path(folder, "saved"), "xlsx").read_bytes())
        return found


def mutate_bytes(chance: Chance, data: bytes) -> bytes:
    """Bytes flipped, cut out, doubled or put in, anywhere in the package."""
    raw = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        at = chance.randrange(len(raw))
        what = chance.randrange(6)
        if what == 0:
            raw[at] ^= 1 << chance.randrange(8)
        elif what == 1:
            raw[at] = chance.randrange(256)
        elif what == 2:
            del raw[at : at + chance.choice((1, 2, 16, 400))]
        elif what == 3:
            raw[at:at] = raw[at : at + chance.choice((1, 4, 46, 300))]
        elif what == 4:
            raw[at : at + 4] = chance.choice((bytes(4), b"\xff" * 4, b"\x01\0\0\0", b"PK\x01\x02"))
        else:
            del raw[at:]
        if not raw:
            return b""
    return bytes(raw)


def mutate_text(chance: Chance, data: bytes) -> bytes:
    """One part's text changed, packed soundly again."""
    parts = unpack(data)
    name = chance.choice([name for name in PARTS if name in parts])
    raw = inflate(parts[name])
    wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = raw.decode("utf-16" if wide else "utf-8")
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        text = _change_text(chance, text)
    packed = text.encode("utf-16" if wide else "utf-8", "surrogatepass")
    parts[name] = deflate(name, packed)
    return pack(parts.values())


def _change_text(chance: Chance, text: str) -> str:
    at = chance.randrange(len(text) + 1)
    what = chance.randrange(5)
    if what == 0:  # characters out, a piece in
        return (
            text[:at]
            + chance.choice(("", chance.choice(PIECES)))
            + text[at + chance.choice((0, 1, 3, 40)) :]
        )
    if what == 1:  # a digit changed: another figure, and the witness sees it too
        digits = [n for n, mark in enumerate(text) if mark.isdigit()]
        at = chance.choice(digits) if digits else at
        return text[:at] + str(chance.randrange(10)) + text[at + 1 :]
    tags = [n for n, mark in enumerate(text) if mark == "<"]
    first, other = sorted((chance.choice(tags), chance.choice(tags)))
    if what == 2:  # an element and what follows it, gone
        return text[:first] + text[min(other, first + 200) :]
    if what == 3:  # doubled, here or elsewhere
        piece = text[first : min(other, first + 200)]
        return (
            text[:at] + piece + text[at:]
            if chance.random() < 0.3
            else text[:first] + piece + text[first:]
        )
    third = min(other + 120, len(text))  # two stretches exchanged
    return text[:first] + text[other:third] + text[first:other] + text[third:]


def examine(kind: str, data: bytes, judged: Assessment) -> str:
    """Why a mutant was judged wrongly; empty when it was not."""
    if any(problem.code == "program-fault" for problem in judged.problems):
        return judged.problems[0].message
    if judged.verdict != ACCEPTED or kind == "native":
        return ""
    if kind == "bytes":
        return "" if _as_typed(judged) else f"accepted with {judged.figures}"
    return _contradiction(data, judged)


def _contradiction(data: bytes, judged: Assessment) -> str:
    """Where the witness sees something else in an accepted return."""
    try:
        cells, ambiguous = read_independently(data, judged.sheet)
    except Exception as error:
        # The program knows nothing of namespaces outside of the cells, and takes a byte order mark
        # at its word: then the figures must be the ones that were typed, and the XML sound.
        odd = isinstance(error, LookupError | ValueError) or _sound_but_for_namespaces(data)
        return "" if odd and _as_typed(judged) else f"the witness cannot read it: {error!r}"
    items = {item.code: item for item in forms.INDICATORS}
    if _as_typed(judged) and not set(cells.values()) & {item.label for item in items.values()}:
        return ""  # the witness did not find the shared strings
    for figure in judged.figures:
        item, row = items[figure.indicator], int("".join(filter(str.isdigit, figure.cell)))
        if figure.cell in ambiguous:
            return f"{figure.cell} is ambiguous"
        if (
            item.label not in (cells.get(f"{column}{row}") for column in "ABCDEFGHIJ")
            and cells.get(f"K{row}") != item.code
        ):
            return f"{figure.cell} is not in the row of {item.label}"
        seen = cells.get(figure.cell)
        if figure.state == NUMBER and (seen is None or not _is_same(seen, figure.value)):
            return f"{figure.cell}: {figure.value!r}, the witness sees {seen!r}"
        if figure.state != NUMBER and isinstance(seen, float):
            return f"{figure.cell}: nothing, the witness sees {seen!r}"
        given = cells.get(figure.stated_cell)
        if figure.stated is not None and (given is None or not _is_same(given, figure.stated)):
            return f"{figure.stated_cell}: {figure.stated!r}, the witness sees {given!r}"
    return "" if len(judged.figures) == len(items) else "figures are missing"


def _as_typed(judged: Assessment) -> bool:
    given = {each.indicator: each.stated for each in judged.figures if each.stated is not None}
    typed = {figure.indicator: figure.value for figure in judged.figures} == forms.GOOD
    return typed and given in ({}, GIVEN)


def _sound_but_for_namespaces(data: bytes) -> bool:
    """Whether every part that is read is well-formed to a parser without namespaces."""
    for name, part in unpack(data).items():
        if name.endswith((".xml", ".rels")) and name != "[Content_Types].xml":
            text = inflate(part)
            coding = "utf-16" if text[:2] in (b"\xff\xfe", b"\xfe\xff") else None
            try:
                expat.ParserCreate(coding).Parse(text, True)
            except expat.ExpatError:
                return False
    return True


def _is_same(seen: float | str, value: float | int | None) -> bool:
    if isinstance(seen, str):
        plain = "".join(c for c in seen.translate(_WIDE) if c in "0123456789.-")
        seen = float(plain) if plain.strip("-.") else float("nan")
    return value is not None and abs(seen - value) <= 1e-9 * max(1.0, abs(seen))


_WIDE = {0xFF10 + n: str(n) for n in range(10)} | {0xFF0D: "-", 0xFF0E: "."}


def mutants(chance: Chance, count: int, base: Sequence[bytes] = ()) -> Iterator[tuple[str, bytes]]:
    """Kind and bytes of so many mutants, of ``seeds`` and of ``base``."""
    base = [*seeds(), *base]
    kinds: tuple[tuple[str, Callable[[Chance, bytes], bytes]], ...] = (
        ("bytes", mutate_bytes),
        ("text", mutate_text),
        ("text", mutate_text),
        ("text", mutate_text),
    )
    for number in range(count):
        kind, change = kinds[number % len(kinds)]
        yield kind, change(chance, chance.choice(base))


def run(
    count: int, seed: int, tell: Callable[[str], None] = lambda _: None, base: Sequence[bytes] = ()
) -> FuzzResult:
    """Judge so many mutants, see ``mutants``."""
    found = FuzzResult(Counter(), [])
    context = forms.context()
    began = time.monotonic()
    for number, (kind, data) in enumerate(mutants(random.Random(seed), count, base), 1):
        judged = assess(data, "回报.xlsx", context)
        found.verdicts[kind, judged.verdict] += 1
        why = examine(kind, data, judged)
        if why:
            found.wrong.append((kind, why, data))
        if number % 5000 == 0:
            tell(f"{number} of {count}, {len(found.wrong)} wrong, {time.monotonic() - began:.0f} s")
    return found


def main() -> int:
    """Run as asked and print what came out; mutants judged wrongly are kept as files."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--count", type=int, default=20_000)
    asked.add_argument("--seed", type=int, default=1)
    request = asked.parse_args()
    base = resaved()
    print(f"{len(seeds())} seeds, and {len(base)} saved by LibreOffice", flush=True)
    found = run(request.count, request.seed, lambda line: print(line, flush=True), base)
    for (kind, verdict), times in sorted(found.verdicts.items()):
        print(f"{kind:8}{verdict:12}{times:8}")
    for number, (kind, why, data) in enumerate(found.wrong[:50]):
        name = f"fuzz-{request.seed}-{number}.xlsx"
        with open(name, "wb") as file:  # noqa: PTH123
            file.write(data)
        print(f"{name}: {kind}: {why}")
    return bool(found.wrong)


if __name__ == "__main__":
    sys.exit(main())
