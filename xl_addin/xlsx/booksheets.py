"""The sheets and names that a workbook part lists: one more put in, what counts places put right."""

from __future__ import annotations

import re
from collections.abc import Mapping

from xl_addin.system.light import pattern
from xl_addin.xlsx.elements import (
    BOOK_ORDER,
    append_items,
    escape,
    insert_element,
    quote_attribute,
    with_prefix,
)
from xl_addin.xlsx.package import OWN_PART, Part, inflate
from xl_addin.xlsx.parts import (
    add_relationship,
    attributes_of,
    declare_content_type,
    insert_last,
    part_text,
    put_part,
)

FILTER_NAME = "_xlnm._FilterDatabase"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_SHEET_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
_SHEET = pattern(r"<(?:\w+:)?sheet\s[^>]*>")
_PREFIX = pattern(r"\s(\w+):id=")
_NUMBER = pattern(r'\ssheetId="(\d+)"')
_CODE = pattern(rb"""\scodeName=["']([^"']*)["']""")
_TAB_COUNTS = pattern(r'(\s(?:localSheetId|activeTab|firstSheet)=")(\d+)(")')
_NAME = pattern(r"<((?:\w+:)?)definedName\b([^>]*)>([^<]*)</(?:\w+:)?definedName>")


def add_sheet(
    parts: dict[str, Part], main: str, name: str, data: bytes, *, at: int = -1, state: str = ""
) -> str:
    """Put a worksheet into a workbook, as tab number ``at`` from 0 or as the last; its part's name.

    Names that belong to sheets behind it and the tab that is shown first go on meaning the same.
    """
    folder = main.rpartition("/")[0]
    taken = {part.lower() for part in parts}
    names = (f"{folder}/worksheets/sheet{number}.xml" for number in range(1, 10_000))
    part = next(each for each in names if each.lower() not in taken)
    put_part(parts, part, data)
    declare_content_type(parts, part, _SHEET_TYPE)
    link = add_relationship(parts, main, _SHEET_RELATION, part)
    book = part_text(parts, main)
    tags = list(_SHEET.finditer(book))
    number = 1 + max(
        (int(found[1]) for tag in tags if (found := _NUMBER.search(tag[0]))), default=0
    )
    # The prefixes are the ones that the sheets before use.
    prefix = _PREFIX.search(tags[0][0]) if tags else None
    hidden = f' state="{state}"' if state else ""
    line = (
        f'<sheet name={quote_attribute(name)} sheetId="{number}"{hidden} '
        f'{prefix[1] if prefix else "r"}:id="{link}"/>'
    )
    if 0 <= at < len(tags):
        tag = tags[at]
        line = with_prefix(line, tag[0][1:].partition("sheet")[0])
        before, after = (
            _TAB_COUNTS.sub(lambda match: _renumber_tab(match, at), text)
            for text in (book[: tag.start()], book[tag.start() :])
        )
        put_part(parts, main, f"{before}{line}{after}".encode())
    else:
        put_part(parts, main, append_items(book.encode(), BOOK_ORDER, "sheets", [line])[0])
    return part


def _renumber_tab(match: re.Match[str], at: int) -> str:
    number = int(match[2])
    return f"{match[1]}{number + (number >= at)}{match[3]}"


def code_names(parts: Mapping[str, Part]) -> list[str]:
    """The names by which macros know the worksheets."""
    found = (
        _CODE.search(inflate(part, OWN_PART))
        for name, part in parts.items()
        if "worksheets/" in name and name.endswith(".xml")
    )
    return [match[1].decode() for match in found if match]


def free_code_name(parts: Mapping[str, Part], stem: str) -> str:
    """A code name that no sheet has: ``stem``, else ``stem2`` and so on."""
    taken = {name.lower() for name in code_names(parts)}
    names = (stem if number == 1 else f"{stem}{number}" for number in range(1, 10_000))
    return next(each for each in names if each.lower() not in taken)


def tab_names(book: str) -> list[str]:
    """The sheets in the order of their tabs, those that are no worksheets too."""
    import html

    attributes = (attributes_of(tag[0]) for tag in _SHEET.finditer(book))
    return [html.unescape(each.get("name", "")) for each in attributes]


def names_of(book: str, scope: int | None = None) -> dict[str, str]:
    """The defined names of the workbook, or those that belong to the sheet of that place."""
    found = {}
    for match in _NAME.finditer(book):
        facts = attributes_of(match[2])
        own = facts.get("localSheetId")
        if (own is None and scope is None) or (own is not None and own == str(scope)):
            found[facts.get("name", "")] = match[3]
    return found


def set_name(
    parts: dict[str, Part], main: str, name: str, reference: str, scope: int | None = None
) -> None:
    """Have a defined name mean ``reference``; one that is not there is added.

    ``scope`` is the place of the sheet that it belongs to, None for the whole workbook.
    """
    book = part_text(parts, main)
    own = "" if scope is None else str(scope)
    for match in _NAME.finditer(book):
        facts = attributes_of(match[2])
        if facts.get("name") == name and facts.get("localSheetId", "") == own:
            start, end = match.span(3)
            after = book[:start] + escape(reference) + book[end:]
            break
    else:
        belongs = f' localSheetId="{scope}"' if scope is not None else ""
        # A filter's range is a name that nobody is to see (ECMA-376 part 1, 18.2.5).
        belongs += ' hidden="1"' if name == FILTER_NAME else ""
        line = f'<definedName name="{name}"{belongs}>{escape(reference)}</definedName>'
        if re.search(r"<(?:\w+:)?definedNames\b", book):
            after = insert_last(book, "definedNames", line)
        else:
            whole = f"<definedNames>{line}</definedNames>"
            after = insert_element(book.encode(), BOOK_ORDER, "definedNames", whole).decode()
    put_part(parts, main, after.encode())
