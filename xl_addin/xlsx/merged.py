"""Merged areas of a sheet's XML: some made, those in their way taken apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xl_addin.system.light import pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Area
from xl_addin.xlsx.elements import SHEET_ORDER, append_items, read_root
from xl_addin.xlsx.parts import attributes_of

_MERGED = pattern(rb"<(?:\w+:)?mergeCell\b[^>]*?(?:/>|></(?:\w+:)?mergeCell>)")


def merge_areas(data: bytes, areas: Sequence[Area]) -> bytes:
    """The sheet with these areas merged, one cell alone not; what overlaps them is taken apart."""
    if not areas:
        return data
    root = read_root(data, SHEET_ORDER)
    found = next((child for child in root.children if child.name == "mergeCells"), None)
    kept = list(_kept(data[found.start : found.end], areas)) if found else []
    made = [a1.area_name(area) for area in areas if area[:2] != area[2:]]
    if found:
        data = data[: found.start] + data[found.end :]
    items = [f'<mergeCell ref="{ref}"/>' for ref in (*kept, *made)]
    return append_items(data, SHEET_ORDER, "mergeCells", items)[0] if items else data


def overlap(one: Area, other: Area) -> bool:
    """Whether two areas share a cell."""
    return not (one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1])


def _kept(element: bytes, areas: Sequence[Area]) -> Iterator[str]:
    for match in _MERGED.finditer(element):
        ref = attributes_of(match[0].decode()).get("ref", "")
        if not any(overlap(a1.area(ref), area) for area in areas):
            yield ref
