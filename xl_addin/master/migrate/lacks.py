"""What a master lacks of the layout that this version lays out: sheets, columns, rows.

Only what came with a later layout counts. What every layout had and is gone was deleted or renamed by
somebody: that is said where it is needed, and mended by whoever did it or from a backup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xl_addin.master.host.base import Host
from xl_addin.master.read.blocks import Block, key_text, outdated_layout_text
from xl_addin.model.mail_settings import MAIL_SETTINGS
from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.model.rules import RULES
from xl_addin.model.settings import SETTINGS
from xl_addin.model.sheets import (
    DEFINED_NAMES,
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

SHEET, COLUMN, ROW = "sheet", "column", "row"


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
}


class Lack(NamedTuple):
    """One thing that is not there. ``area`` is the defined name, ``key`` the heading or row's key."""

    kind: str
    area: str
    key: str = ""

    @property
    def text(self) -> str:
        """What it is, for people."""
        home = DEFINED_NAMES[self.area]
        if self.kind == SHEET:
            return f"“{home}”工作表"
        label = ROWS[self.area].labels[self.key] if self.kind == ROW else self.key
        return f"“{home}”里的“{label}”{'列' if self.kind == COLUMN else '行'}"


def find_lacking(host: Host) -> tuple[Lack, ...]:
    """Everything that a later layout than the master's has and this master has not."""
    return tuple(lack for sheet in MASTER_SHEETS for lack in _sheet_lacks(host, sheet))


def layout_problems(host: Host) -> Iterator[Problem]:
    """The sheets and columns that are lacking; who reads the settings is told of the rows there."""
    for lack in find_lacking(host):
        if lack.kind != ROW:
            sheet = "" if lack.kind == SHEET else host.block(lack.area).sheet
            yield make("layout-older", outdated_layout_text(lack.text), sheet, found=lack.key)


def _sheet_lacks(host: Host, sheet: MasterSheet) -> Iterator[Lack]:
    for area in sheet.areas:
        if sheet.since > 1 or area.since or area.name in ROWS:
            try:
                block = host.block(area.name)
            except Outdated:
                yield Lack(SHEET, area.name)
                return
            except Refused:
                continue
            yield from _area_lacks(block, area)


def _area_lacks(block: Block, area: NamedArea) -> Iterator[Lack]:
    top, left, bottom, right = block.area
    columns = {key_text(block.cells.get((top, at))): at for at in range(right, left - 1, -1)}
    yield from (Lack(COLUMN, area.name, key) for key in area.since if key not in columns)
    rows = ROWS.get(area.name)
    if rows is not None and rows.heading in columns:
        at = columns[rows.heading]
        there = {key_text(block.cells.get((row, at))) for row in range(top + 1, bottom + 1)}
        for key, since in rows.since.items():
            if since > 1 and key not in there:
                yield Lack(ROW, area.name, key)
