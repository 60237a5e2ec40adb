"""Elements are put where the schema wants them, every other byte stays."""

import pytest

from xl_addin.system.errors import Unreadable
from xl_addin.xlsx.elements import SHEET_ORDER, append_items, insert_element, read_root

SHEET = (
    b'<worksheet xmlns="m"><sheetData><row r="1"/></sheetData>'
    b'<conditionalFormatting sqref="A1"><cfRule><extLst/></cfRule></conditionalFormatting>'
    b'<mc:AlternateContent xmlns:mc="c"><mc:Choice><controls/></mc:Choice></mc:AlternateContent>'
    b"</worksheet>"
)


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("cols", b"<sheetData>"),
        ("conditionalFormatting", b"<mc:Alt"),
        ("dataValidations", b"<mc:Alt"),
        ("extLst", b"</worksheet>"),
    ],
)
def test_an_element_goes_where_the_schema_has_it(name: str, before: bytes) -> None:
    made = insert_element(SHEET, SHEET_ORDER, name, f"<{name}/>")
    assert f"<{name}/>".encode() + before in made
    head, _, tail = made.rpartition(f"<{name}/>".encode())
    assert head + tail == SHEET


def test_items_are_counted_and_take_the_prefix_of_the_part() -> None:
    data = b'<x:worksheet xmlns:x="m"><x:mergeCells count="1"><x:mergeCell/></x:mergeCells></x:worksheet>'
    made, before = append_items(data, SHEET_ORDER, "mergeCells", ['<mergeCell ref="A1:B1"/>'])
    assert before == 1
    assert made == data.replace(b'"1"', b'"2"').replace(
        b"<x:mergeCell/>", b'<x:mergeCell/><x:mergeCell ref="A1:B1"/>'
    )


@pytest.mark.parametrize("empty", [b"", b'<cols count="0"/>', b"<cols></cols>"])
def test_a_list_that_is_empty_or_not_there_is_made(empty: bytes) -> None:
    data = b'<worksheet xmlns="m">' + empty + b"<sheetData/></worksheet>"
    made, before = append_items(data, SHEET_ORDER, "cols", ['<col min="1"/>'])
    [cols] = [child for child in read_root(made, SHEET_ORDER).children if child.name == "cols"]
    assert (before, cols.items) == (0, 1)
    assert made.endswith(b"</cols><sheetData/></worksheet>")


def test_a_part_with_a_doctype_is_not_read() -> None:
    with pytest.raises(Unreadable):
        read_root(b"<!DOCTYPE a><a/>", SHEET_ORDER)
