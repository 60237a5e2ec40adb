"""What a master lacks of the layout that this version lays out: sheets, columns, rows, headings.

Only what came with a later layout counts. What every layout had and is gone was deleted or renamed by
somebody: that is said where it is needed, and mended by whoever did it or from a backup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xl_addin.master.host.base import Host
from xl_addin.master.read.blocks import Block, key_text, outdated_layout_text
from xl_addin.model import letters
from xl_addin.model.mail_settings import MAIL_SETTINGS
from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.model.rules import RULES
from xl_addin.model.settings import SETTINGS
from xl_addin.model.sheets import (
    AREAS,
    DEFINED_NAMES,
    INDICATORS_BLOCK,
    LETTER_HEADINGS,
    LETTERS_BLOCK,
    MASTER_SHEETS,
    RULE_HEADINGS,
    RULES_BLOCK,
    SETTING_HEADINGS,
    SETTINGS_BLOCK,
    MasterSheet,
    NamedArea,
)
from xl_addin.system.errors import Outdated, Refused
from xl_addin.system.light import NamedTuple

SHEET, COLUMN, ROW, HEADING = "sheet", "column", "row", "heading"


class KeyedRows(NamedTuple):
    """The rows that a block has by itself: ``since`` which layout, and what each is called."""

    heading: str
    since: Mapping[str, int]
    labels: Mapping[str, str]


ROWS = {
    SETTINGS_BLOCK: KeyedRows(
        SETTING_HEADINGS[0],
        {spec.label: spec.since for spec in (*SETTINGS, *MAIL_SETTINGS)},
        {spec.label: spec.label for spec in (*SETTINGS, *MAIL_SETTINGS)},
    ),
    RULES_BLOCK: KeyedRows(
        RULE_HEADINGS[0],
        {spec.code: spec.since for spec in RULES},
        {spec.code: spec.label for spec in RULES},
    ),
    LETTERS_BLOCK: KeyedRows(
        LETTER_HEADINGS[0],
        {label: letters.SINCE.get(kind, 1) for kind, label in letters.LABELS.items()},
        {label: label for label in letters.LABELS.values()},
    ),
}


class Lack(NamedTuple):
    """One thing that is not there. ``area`` is the defined name, ``key`` the heading or row's key.

    A heading is lacking where its column still goes by the name that it had in older layouts.
    """

    kind: str
    area: str
    key: str = ""

    @property
    def label(self) -> str:
        """What it is called on its sheet."""
        if self.kind == HEADING:
            return f"{self.key}”（原来叫“{AREAS[self.area].renamed[self.key]}”）"
        return f"{ROWS[self.area].labels[self.key] if self.kind == ROW else self.key}”"


_KINDS = {COLUMN: "列", ROW: "行", HEADING: "表头"}
_NAMED = 8


def lack_texts(lacks: Sequence[Lack]) -> Iterator[str]:
    """What is lacking, for people: one text for all of a kind in an area."""
    for kind, area in dict.fromkeys((lack.kind, lack.area) for lack in lacks):
        home = DEFINED_NAMES[area]
        if kind == SHEET:
            yield f"“{home}”工作表"
            continue
        labels = [f"“{each.label}" for each in lacks if (each.kind, each.area) == (kind, area)]
        more = f"等 {len(labels)} {_KINDS[kind]}" if len(labels) > _NAMED else _KINDS[kind]
        yield f"“{home}”里的{'、'.join(labels[:_NAMED])}{more}"


def find_lacking(host: Host) -> tuple[Lack, ...]:
    """Everything that a later layout than the master's has and this master has not."""
    return tuple(lack for sheet in MASTER_SHEETS for lack in _sheet_lacks(host, sheet))


def layout_problems(host: Host) -> Iterator[Problem]:
    """The sheets and columns that are lacking; who reads the settings is told of the rows there."""
    lacks = [lack for lack in find_lacking(host) if lack.kind != ROW]
    for kind, area in dict.fromkeys((lack.kind, lack.area) for lack in lacks):
        mine = [lack for lack in lacks if (lack.kind, lack.area) == (kind, area)]
        sheet = "" if kind == SHEET else host.block(area).sheet
        says = outdated_layout_text(next(lack_texts(mine)))
        yield make("layout-older", says, sheet, found="、".join(lack.key for lack in mine))


def _sheet_lacks(host: Host, sheet: MasterSheet) -> Iterator[Lack]:
    for area in sheet.areas:
        later = (area.since, area.renamed, area.partners, area.name in ROWS)
        if sheet.since > 1 or any(later):
            try:
                host.locate(area.name)
            except Outdated:
                yield Lack(SHEET, area.name)
                return
            except Refused:
                continue
            # What is all of one layout has nothing inside that could be lacking: it is not read.
            if not any(later):
                continue
            block = host.block(area.name)
            yield from _area_lacks(block, area)
            if area.partners:
                yield from _partner_lacks(host, block, area)


def _partner_lacks(host: Host, block: Block, area: NamedArea) -> Iterator[Lack]:
    """The columns that are lacking beside those of the indicators that are listed on 指标."""
    try:
        listed = host.block(INDICATORS_BLOCK)
    except Refused:
        return
    top, left, bottom, _ = listed.area
    codes = {key_text(listed.cells.get((row, left))) for row in range(top + 1, bottom + 1)}
    top, left, _, right = block.area
    keys = [key_text(block.cells.get((top, at))) for at in range(left, right + 1)]
    for suffix in area.partners:
        for code in keys:
            if code in codes - {""} and f"{code}{suffix}" not in keys:
                yield Lack(COLUMN, area.name, f"{code}{suffix}")


def _area_lacks(block: Block, area: NamedArea) -> Iterator[Lack]:
    top, left, bottom, right = block.area
    columns = {key_text(block.cells.get((top, at))): at for at in range(right, left - 1, -1)}
    for heading, before in area.renamed.items():
        if heading not in columns and before in columns:
            yield Lack(HEADING, area.name, heading)
    yield from (Lack(COLUMN, area.name, key) for key in area.since if key not in columns)
    rows = ROWS.get(area.name)
    if rows is not None and rows.heading in columns:
        at = columns[rows.heading]
        there = {key_text(block.cells.get((row, at))) for row in range(top + 1, bottom + 1)}
        for key, since in rows.since.items():
            if since > 1 and key not in there:
                yield Lack(ROW, area.name, key)
