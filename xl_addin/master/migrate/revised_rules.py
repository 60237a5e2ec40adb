"""Conditional formats and lists to choose from that this version lays down in another way.

A rule of ours is known by its formula and its colours. Staff's own stay, before and behind ours as
they were.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from xl_addin.master.migrate.canvas import Canvas
from xl_addin.master.migrate.counterpart import Pair
from xl_addin.master.migrate.former import FORMER_CHOICES, FORMER_RULES
from xl_addin.master.migrate.sheet_rules import move_choices, move_rules
from xl_addin.master.read.blocks import key_text
from xl_addin.model.problems import make
from xl_addin.model.records import WARNING, Problem
from xl_addin.model.sheets import LIGHTS_SHEET
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.elements import SHEET_ORDER, append_items, insert_element, with_prefix
from xl_addin.xlsx.references import translate_references

_FORMATS = pattern(
    r"(?s)<((?:\w+:)?)conditionalFormatting\b([^>]*)>(.*?)</(?:\w+:)?conditionalFormatting>"
)
_RULE = pattern(r"(?s)<((?:\w+:)?)cfRule\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?cfRule>)")
_FORMULA = pattern(r"<(?:\w+:)?formula>([^<]*)</")
_FACT = pattern(r"""([\w:]+)=["']([^"']*)["']""")
_PRIORITY = pattern(r"""(\spriority=["'])(\d+)(["'])""")
_COLOUR = pattern(r'\srgb="([0-9A-Fa-f]{8})"')
_CHOICE = pattern(
    r"(?s)<((?:\w+:)?)dataValidation\s([^>]*?)(?:/>|>(.*?)</(?:\w+:)?dataValidation>)"
)
_LIST = pattern(r"<(?:\w+:)?formula1>([^<]*)</")


class _Rule(NamedTuple):
    """A rule on a sheet of staff's: where it stands in the text, what it tests and in what order."""

    start: int
    end: int
    key: str
    priority: int
    style: int
    sqref: str


def rule_key(formula: str) -> str:
    """A rule's formula without what depends on the cell that it stands for."""
    plain = translate_references(formula, "", lambda sheet, _: (sheet, (1, 1)))
    plain = plain.replace("$", "").replace("A1:A1", "A1").replace("A1", "@")
    return plain.replace(" ", "").replace("FALSE()", "FALSE")


def revise_rules(canvas: Canvas) -> tuple[dict[str, int], tuple[Problem, ...]]:
    """Replace the rules of ours; how many came, by sheet, and those that staff gave other colours."""
    counts: dict[str, int] = {}
    problems: list[Problem] = []
    for name, former in FORMER_RULES.items():
        pair = canvas.counterpart.pairs.get(name)
        if pair is None:
            continue
        wanted = list(_new_rules(canvas.new_sheet(pair.new.sheet).decode()))
        gone = former.keys() - {rule.key for rule in wanted}
        sheet = pair.theirs.sheet
        text = canvas.sheet(sheet).decode()
        there = list(_rules(text))
        ours = [rule for rule in there if rule.key in former]
        found = [rule for rule in ours if rule.key in gone]
        changed = [rule for rule in found if _colours(canvas, rule.style) != former[rule.key]]
        if changed:
            problems.append(_changed_rule(sheet, changed[0]))
        elif found or not gone:
            new = [rule for rule in wanted if rule.key not in former]
            put = [line for rule in new for line in _moved(canvas, pair, rule, there)]
            first = min((rule.priority for rule in ours), default=0)
            canvas.write(sheet, _replace(text, found, put, first).encode())
            counts |= {sheet: len(put)} if put else {}
    return counts, tuple(problems)


def _rules(text: str) -> Iterator[_Rule]:
    for block in _FORMATS.finditer(text):
        sqref = _sqref(block[2])
        for match in _RULE.finditer(text, block.start(3), block.end(3)):
            facts, formulas = dict(_FACT.findall(match[2])), _FORMULA.findall(match[3] or "")
            if facts.get("type") == "expression" and len(formulas) == 1:
                key = rule_key(html.unescape(formulas[0]))
                order, style = (int(facts.get(name, "-1")) for name in ("priority", "dxfId"))
                yield _Rule(match.start(), match.end(), key, order, style, sqref)


def _new_rules(text: str) -> Iterator[_Rule]:
    """Every rule of a sheet of the new master in the order of all."""
    return iter(sorted(_rules(text), key=lambda rule: rule.priority))


def _colours(canvas: Canvas, style: int) -> frozenset[str]:
    return frozenset(_COLOUR.findall(canvas.styles.known_rule(style)))


def _changed_rule(sheet: str, rule: _Rule) -> Problem:
    says = (
        f"{sheet}!{rule.sqref}：这里的颜色规则改过格式，没有动它；它还是按完成率和时间进度比，可能和"
        f"“{LIGHTS_SHEET}”不一样，请以“{LIGHTS_SHEET}”为准"
    )
    return make("rule-changed", says, sheet, rule.sqref.partition(":")[0], severity=WARNING)


def _moved(canvas: Canvas, pair: Pair, rule: _Rule, there: Sequence[_Rule]) -> Iterator[str]:
    """A new rule for the cells of staff's that it is for and that have not got it yet."""
    covered = {at for each in there if each.key == rule.key for at in _cells_in(each.sqref)}
    cells: dict[Where, Where] = {}
    for where in _cells_in(rule.sqref):
        _, at = canvas.counterpart.place(pair.new.sheet.lower(), where)
        if at not in covered:
            cells[where] = at
    xml = canvas.new_sheet(pair.new.sheet).decode()[rule.start : rule.end]
    whole = f'<conditionalFormatting sqref="{rule.sqref}">{xml}</conditionalFormatting>'
    for sqref, body in move_rules(whole, canvas.relocation(pair.new.sheet, cells)):
        yield f'<conditionalFormatting sqref="{sqref}">{body}</conditionalFormatting>'


def _replace(text: str, found: Sequence[_Rule], put: Sequence[str], first: int) -> str:
    """The sheet with new rules for old ones, from ``first`` in the order of all; 0: behind them."""
    first = first or 1 + max((int(match[2]) for match in _PRIORITY.finditer(text)), default=0)
    for rule in sorted(found, reverse=True):
        text = text[: rule.start] + text[rule.end :]
    text = _FORMATS.sub(lambda m: m[0] if _RULE.search(m[3]) else "", text)
    text = _PRIORITY.sub(
        lambda m: f"{m[1]}{int(m[2]) + (len(put) if int(m[2]) >= first else 0)}{m[3]}", text
    )
    data = text.encode()
    for number, line in enumerate(put, first):
        numbered = _PRIORITY.sub(rf"\g<1>{number}\g<3>", line)
        data = insert_element(data, SHEET_ORDER, "conditionalFormatting", numbered)
    return data.decode()


def revise_choices(canvas: Canvas) -> dict[str, int]:
    """Replace lists to choose from that are as older layouts have them; how many, by sheet."""
    counts: dict[str, int] = {}
    for (name, key), former in FORMER_CHOICES.items():
        pair = canvas.counterpart.pairs.get(name)
        cells = {} if pair is None else _keyed_cells(pair, key)
        if pair is None or not cells:
            continue
        sheet = pair.theirs.sheet
        text = canvas.sheet(sheet).decode()
        moving = canvas.relocation(pair.new.sheet, cells)
        put = move_choices(canvas.new_sheet(pair.new.sheet).decode(), moving)
        there = set(cells.values())
        found = [
            match for match in _CHOICE.finditer(text) if there & {*_cells_in(_sqref(match[2]))}
        ]
        if not put or [_list_of(match[3] or "") for match in found] == [
            _list_of(line) for line in put
        ]:
            continue
        if found and all(_list_of(match[3] or "") == former for match in found):
            for match in reversed(found):
                line = _with_cells(put[0], _sqref(match[2]))
                text = text[: match.start()] + with_prefix(line, match[1]) + text[match.end() :]
            canvas.write(sheet, text.encode())
        elif not found and not former:
            data, _ = append_items(text.encode(), SHEET_ORDER, "dataValidations", put)
            canvas.write(sheet, data)
        else:
            continue
        counts[sheet] = counts.get(sheet, 0) + 1
    return counts


def _keyed_cells(pair: Pair, key: str) -> dict[Where, Where]:
    """The cells of the column or the row of that key, from the new master's to staff's."""
    top, left, bottom, right = pair.new.area
    cells = pair.new.cells
    wanted = [
        (row, column)
        for row in range(top + 1, bottom + 1)
        for column in range(left + 1, right + 1)
        if key in (key_text(cells.get((top, column))), key_text(cells.get((row, left))))
    ]
    moved = {where: pair.place(where) for where in wanted}
    return {here: there for here, there in moved.items() if there is not None}


def _cells_in(sqref: str) -> Iterator[Where]:
    return (where for ref in sqref.split() for where in a1.cells_in(a1.area(ref)))


def _sqref(facts: str) -> str:
    said: dict[str, str] = dict(_FACT.findall(facts))
    return said.get("sqref", "")


def _list_of(xml: str) -> str:
    match = _LIST.search(xml)
    return html.unescape(match[1]) if match else ""


def _with_cells(line: str, sqref: str) -> str:
    return re.sub(r'\ssqref="[^"]*"', f' sqref="{sqref}"', line, count=1)
