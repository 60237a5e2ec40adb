"""What the next year's master takes over besides settings: as it was typed, unjudged."""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.master.host.base import Host
from xl_addin.master.read.blocks import filled_rows, find_columns, key_text
from xl_addin.master.read.letters_rows import read_letters
from xl_addin.master.read.settings_rows import number_in
from xl_addin.model.mail_settings import MAIL_SETTINGS
from xl_addin.model.names import fold
from xl_addin.model.records import Number
from xl_addin.model.settings import Carried
from xl_addin.model.sheets import (
    CODE_KEY,
    DISTRICTS_BLOCK,
    INDICATORS_BLOCK,
    SCHEME_BLOCK,
    SCHEME_HEADINGS,
    SETTING_HEADINGS,
    SETTINGS_BLOCK,
)
from xl_addin.system.errors import Outdated
from xl_addin.xlsx.values import quote

_CONTACT_HEADINGS = ("联系人", "电话", "备注")


def read_carried(host: Host) -> Carried:
    """Contacts, notes, mail rows and letters of a master. Raises Refused for a lost block."""
    contacts = _texts(host, DISTRICTS_BLOCK, _CONTACT_HEADINGS)
    notes = {code: text for code, (text,) in _texts(host, INDICATORS_BLOCK, ("备注",)).items()}
    letters, _ = read_letters(host)
    return Carried(contacts, notes, _mail_rows(host), letters, scheme=tuple(_scheme_rows(host)))


def _scheme_rows(host: Host) -> Iterator[tuple[Number | str, ...]]:
    """The rules of 考核 as they were typed; points by hand were of that year."""
    try:
        block = host.block(SCHEME_BLOCK)
    except Outdated:
        return
    columns = find_columns(block, SCHEME_HEADINGS)
    for row in filled_rows(block):
        cells = [block.cells.get((row, columns[heading])) for heading in SCHEME_HEADINGS]
        numbers = [number_in(cell) for cell in cells]
        yield tuple(
            (quote(cell) if cell else "") if number is None else number
            for cell, number in zip(cells, numbers, strict=True)
        )


def _texts(host: Host, name: str, headings: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """What stands under some headings of a list, by code."""
    block = host.block(name)
    columns = find_columns(block, (CODE_KEY, *headings))
    found: dict[str, tuple[str, ...]] = {}
    for row in filled_rows(block):
        cells = [block.cells.get((row, columns[heading])) for heading in headings]
        code = key_text(block.cells.get((row, columns[CODE_KEY])))
        found[code] = tuple("" if cell is None else quote(cell) for cell in cells)
    return found


def _mail_rows(host: Host) -> dict[str, Number | str]:
    """The mail rows of 设置 by key; an empty one keeps its default."""
    block = host.block(SETTINGS_BLOCK)
    label, value = (find_columns(block, SETTING_HEADINGS[:2])[h] for h in SETTING_HEADINGS[:2])
    keys = {fold(spec.label): spec for spec in MAIL_SETTINGS}
    found: dict[str, Number | str] = {}
    for row in filled_rows(block):
        spec = keys.get(fold(key_text(block.cells.get((row, label)))))
        cell = block.cells.get((row, value))
        # A first day of this year would have next year's programme fetch all of this year's mails.
        if spec is not None and cell is not None and spec.key != "mail_since":
            number = number_in(cell) if isinstance(spec.default, int) else None
            found[spec.key] = quote(cell).strip() if number is None else number
    return found
