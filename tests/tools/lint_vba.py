"""The lint's checks of a VBA project's streams, by MS-OVBA and by what Excel itself writes.

The attributes of each kind of module are those in xlwings' own workbooks, which Excel wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pyopenvba.cfb import CFB
from pyopenvba.exceptions import PyOpenVBAError
from pyopenvba.vba import VBAModuleKind, VBAProject, parse_projectwm, parse_vba_project

if TYPE_CHECKING:
    from tests.tools.lint import LintedWorkbook

PART = "xl/vbaProject.bin"
_MINIMAL = bytes.fromhex(
    "cc61ffff00"
)  # MS-OVBA 2.3.4.1; two bytes behind it are ignored on reading
_FACTS = (
    "VB_GlobalNameSpace",
    "VB_Creatable",
    "VB_PredeclaredId",
    "VB_Exposed",
    "VB_TemplateDerived",
    "VB_Customizable",
)
_CLASS = ("VB_Name", "VB_Base", *_FACTS)
_ATTRIBUTE = re.compile(r"^Attribute (\w+) = ", re.MULTILINE)
_DECLARED = re.compile(r"^(Document|Module|Class|BaseClass)=([^/\r\n]+)", re.MULTILINE)


def _open(book: LintedWorkbook) -> tuple[CFB, VBAProject] | None:
    try:
        storage = CFB.from_bytes(book.parts[PART])
        return storage, parse_vba_project(storage)
    except (KeyError, ValueError, PyOpenVBAError):
        return None  # told as vba-unreadable where there is one


def _caches(book: LintedWorkbook) -> Iterator[str]:
    found = _open(book)
    if found is None:
        return
    storage, project = found
    said = storage.get_stream_in_storage("VBA", "_VBA_PROJECT")
    if not said.startswith(_MINIMAL) or len(said) != 7:
        yield f"vba-cache: _VBA_PROJECT has {len(said)} bytes and begins {said[:7].hex()}"
    for name in storage.list_streams_in_storage("VBA"):
        if name.startswith("__SRP_"):
            yield f"vba-cache: {name}"
    for module in project.modules:
        if module.text_offset:
            yield f"vba-offset: {module.name} begins at {module.text_offset}"


def _attributes(book: LintedWorkbook) -> Iterator[str]:
    found = _open(book)
    for module in found[1].modules if found else ():
        said = tuple(name for name in _ATTRIBUTE.findall(module.source) if name != "VB_Description")
        expected = ("VB_Name",) if module.kind is VBAModuleKind.standard else _CLASS
        if said[: len(expected)] != expected:
            yield f"vba-attributes: {module.name} has {' '.join(said)}"


def _declarations(book: LintedWorkbook) -> Iterator[str]:
    found = _open(book)
    if found is None:
        return
    storage, project = found
    names = [module.name for module in project.modules]
    text = storage.get_stream("PROJECT").decode("latin-1")
    declared = [name for _, name in _DECLARED.findall(text)]
    if sorted(declared) != sorted(names):
        yield f"vba-declared: PROJECT has {len(declared)} modules, dir {len(names)}"
    listed = [name for name, _ in parse_projectwm(storage.get_stream("PROJECTwm"))]
    if listed != names:
        yield "vba-declared: PROJECTwm lists other modules than dir"


CHECKS = (_caches, _attributes, _declarations)
