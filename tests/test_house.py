"""Which part of the house may lean on which: a new edge is a decision, not an accident."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1] / "xl_addin"
MAY_IMPORT = {
    "workbook": (),
    "formats": ("workbook",),
    "tables": ("formats", "workbook"),
    "store": ("returns",),  # a ledger is rebuilt by reading the returned files again
    "forms": ("master", "store", "workbook"),
    "returns": ("formats", "forms", "mail", "master", "store", "workbook"),
    "master": ("mail", "returns", "store", "verbs", "workbook"),
    "mail": ("formats", "forms", "master", "returns", "store", "workbook"),
    "doctor": ("formats", "mail", "master", "store", "workbook"),
    "verbs": ("doctor", "forms", "mail", "master", "returns", "store", "tables", "workbook"),
}


def test_every_package_is_in_the_table():
    packages = {path.parent.name for path in HOUSE.glob("*/__init__.py")}
    assert packages == MAY_IMPORT.keys()


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_leans_only_on_what_the_table_allows(package):
    found = {
        (path.name, parts[1])
        for path in (HOUSE / package).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module
        if len(parts := node.module.split(".")) > 1 and parts[0] == "xl_addin"
        if parts[1] in MAY_IMPORT and parts[1] != package
    }
    assert {edge for edge in found if edge[1] not in MAY_IMPORT[package]} == set()
