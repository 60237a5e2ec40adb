"""信件: the texts of the letters as staff word them."""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.master.host.base import Host
from xl_addin.master.read.blocks import Block, filled_rows, find_columns, key_text
from xl_addin.model.letters import (
    DEFAULTS,
    FIELD,
    FIELDS,
    LABELS,
    STRAY_BRACE,
    Template,
    unknown_fields,
)
from xl_addin.model.names import fold
from xl_addin.model.records import Problem
from xl_addin.model.sheets import LETTER_HEADINGS, LETTERS_BLOCK
from xl_addin.system.errors import Refused
from xl_addin.xlsx.values import quote


def read_letters(host: Host) -> tuple[dict[str, Template], tuple[Problem, ...]]:
    """The templates of 信件 by kind, and every cell that could not be filled in.

    An empty cell takes the text that a new master has. Raises Refused for a lost block.
    """
    block = host.block(LETTERS_BLOCK)
    columns = find_columns(block, LETTER_HEADINGS[:3])
    kinds = {fold(label): kind for kind, label in LABELS.items()}
    found = dict(DEFAULTS)
    problems: list[Problem] = []
    seen: set[str] = set()
    for row in filled_rows(block):
        name, subject, text = ((row, columns[heading]) for heading in LETTER_HEADINGS[:3])
        label = key_text(block.cells.get(name))
        kind = kinds.get(fold(label))
        if kind is None:
            if label:
                says = f"没有“{label}”这种信件，只有：{'、'.join(LABELS.values())}；请改回来或清空这一行"
                problems.append(block.problem("letter-unknown", name, says))
            continue
        if kind in seen:
            says = f"“{label}”出现了两行；请删去多余的一行"
            problems.append(block.problem("letter-twice", name, says))
            continue
        seen.add(kind)
        given = [_text(block, where) for where in (subject, text)]
        found[kind] = Template(
            *(mine or usual for mine, usual in zip(given, DEFAULTS[kind], strict=True))
        )
        problems += (*_text_problems(block, kind, subject), *_text_problems(block, kind, text))
    return found, tuple(problems)


def sound_letters(host: Host) -> dict[str, Template]:
    """The templates. Refused, before anything is sent, when one of them cannot be filled in."""
    found, problems = read_letters(host)
    if problems:
        raise Refused(f"“信件”里有 {len(problems)} 处不对，没有发送；改好后再试", problems)
    return found


def _text(block: Block, where: tuple[int, int]) -> str:
    cell = block.cells.get(where)
    return "" if cell is None else quote(cell).strip()


def _text_problems(block: Block, kind: str, where: tuple[int, int]) -> Iterator[Problem]:
    text = _text(block, where)
    for name in unknown_fields(kind, text):
        allowed = "、".join(f"{{{field}}}" for field in FIELDS[kind])
        says = f"“{LABELS[kind]}”信里没有“{{{name}}}”这个字段，可以用的有：{allowed}；请改正"
        yield block.problem("field-unknown", where, says, allowed)
    if STRAY_BRACE.search(FIELD.sub("", text)):
        says = "大括号不成对；字段要写成 {区县} 这样，不是字段的地方不要用大括号"
        yield block.problem("field-broken", where, says)
