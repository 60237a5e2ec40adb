"""The lint's checks of ribbon and macros: what the Open XML validator was seen to miss in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

from pyopenvba import ExcelFile
from pyopenvba.exceptions import PyOpenVBAError

from tests.tools.parts import MAIN, RELS, parse_part

if TYPE_CHECKING:
    from tests.tools.lint import LintedWorkbook

# The type of the root relationship goes with the namespace of the part it points at.
NAMESPACES = {
    "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility": "http://schemas.microsoft.com/office/2009/07/customui",
    "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility": "http://schemas.microsoft.com/office/2006/01/customui",
}
_PROJECT = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
_PROJECT_TYPE = "application/vnd.ms-office.vbaProject"

_IMAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
_PNG = b"\x89PNG\r\n\x1a\n"
_CONTROLS = {
    "tab",
    "group",
    "button",
    "toggleButton",
    "splitButton",
    "menu",
    "dynamicMenu",
    "gallery",
    "comboBox",
    "dropDown",
    "checkBox",
    "editBox",
    "labelControl",
    "box",
    "buttonGroup",
    "separator",
    "menuSeparator",
    "item",
}
_LABELLED = {"tab", "group", "button"}
_EITHER = (
    "label",
    "screentip",
    "supertip",
    "keytip",
    "image",
    "enabled",
    "visible",
    "size",
    "description",
)
_NAMES = ("id", "idMso", "idQ")
_DOCUMENT = re.compile(r'^Attribute VB_Base = "0\{000208(19|20|21)-', re.MULTILINE)
_PROCEDURE = re.compile(
    r"^[ \t]*(?:(Public|Private|Friend)[ \t]+)?(?:Static[ \t]+)?(Sub|Function)[ \t]+(\w+)[ \t]*\(([^)]*)\)",
    re.MULTILINE | re.IGNORECASE,
)
_ARGUMENT = re.compile(
    r"[ \t]*(?:ByRef[ \t]+|ByVal[ \t]+)?\w+[ \t]+As[ \t]+IRibbonControl[ \t]*\Z", re.IGNORECASE
)


class Module(NamedTuple):
    """A VBA module as stored, ``document`` when it is a sheet's or the workbook's own."""

    name: str
    source: str
    document: bool
    standard: bool


@cache
def modules(path: Path, _size: int) -> tuple[Module, ...] | str:
    """The modules of a workbook, or why they cannot be read."""
    try:
        with ExcelFile(path) as file:
            if not file.has_vba_project():
                return ()
            return tuple(
                Module(
                    m.name, m.source, bool(_DOCUMENT.search(m.source)), m.kind.name == "standard"
                )
                for m in file.vba_project().modules
            )
    except PyOpenVBAError as error:
        return str(error)


def _modules(book: LintedWorkbook) -> tuple[Module, ...]:
    found = modules(book.path, hash(book.parts.get("xl/vbaProject.bin")))
    return () if isinstance(found, str) else found


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _ribbons(book: LintedWorkbook) -> Iterator[tuple[str, str]]:
    """Relationship type and part of every ribbon that Excel will find."""
    for item in parse_part(book.parts["_rels/.rels"]).iter(f"{RELS}Relationship"):
        if item.attrib["Type"] in NAMESPACES:
            yield item.attrib["Type"], item.attrib["Target"].lstrip("/")


def _ribbon_parts(book: LintedWorkbook) -> Iterator[str]:
    found = {part: kind for kind, part in _ribbons(book)}
    for name in book.parts:
        if name.lower().startswith("customui/") and name.endswith(".xml") and name not in found:
            yield f"ribbon-orphan: nothing points at {name}"
    for part, kind in found.items():
        if part in book.parts:
            namespace = parse_part(book.parts[part]).tag.partition("}")[0][1:]
            if namespace != NAMESPACES[kind]:
                yield f"ribbon-namespace: {part} is {namespace}, its relationship {kind}"


def _controls(book: LintedWorkbook) -> Iterator[tuple[str, ET.Element, str]]:
    """Part, control and the name it goes by in messages."""
    for _, part in _ribbons(book):
        for item in parse_part(book.parts[part]).iter() if part in book.parts else ():
            if _local(item) in _CONTROLS:
                name = next((item.attrib[key] for key in _NAMES if key in item.attrib), "")
                yield part, item, f"{_local(item)} {name or item.get('label', '')}"


def _control_names(book: LintedWorkbook) -> Iterator[str]:
    seen: set[str] = set()
    for _, item, name in _controls(book):
        given = [key for key in _NAMES if key in item.attrib]
        if not given:
            yield f"control-id: {name} has none"
        if len(given) > 1:
            yield f"control-ids: {name} has {' and '.join(given)}"
        own = item.get("id")
        if own and own.lower() in seen:
            yield f"control-id-twice: {name}"
        seen.add((own or "").lower())


def _control_texts(book: LintedWorkbook) -> Iterator[str]:
    for _, item, name in _controls(book):
        for key in _EITHER:
            getter = f"get{key[0].upper()}{key[1:]}"
            pair = [
                k for k in (key, "imageMso" if key == "image" else "", getter) if k in item.attrib
            ]
            if len(pair) > 1:
                yield f"control-both: {name} has {' and '.join(pair)}"
        if _local(item) in _LABELLED and not {"idMso", "label", "getLabel"} & set(item.attrib):
            yield f"control-label: {name} has none"


def _images(book: LintedWorkbook) -> Iterator[str]:
    """A button's picture is its own, a PNG that the ribbon's relationships lead to.

    Names of built-in pictures are not taken: which of them Excel has cannot be seen here, and WPS has none.
    """
    for part, item, name in _controls(book):
        if _local(item) == "button":
            image = item.get("image", "")
            if not _picture(book, part, image).startswith(_PNG):
                yield f"control-image: {name} has no picture {image or item.get('imageMso', '')}"


def _picture(book: LintedWorkbook, ribbon: str, image: str) -> bytes:
    folder, _, leaf = ribbon.rpartition("/")
    links = book.parts.get(f"{folder}/_rels/{leaf}.rels", b"<none/>")
    for item in parse_part(links).iter(f"{RELS}Relationship"):
        if (item.get("Id"), item.get("Type")) == (image, _IMAGE):
            return book.parts.get(f"{folder}/{item.attrib['Target']}", b"")
    return b""


def _keytips(book: LintedWorkbook) -> Iterator[str]:
    for _, part in _ribbons(book):
        for tab in parse_part(book.parts[part]).iter() if part in book.parts else ():
            if _local(tab) == "tab":
                tips = Counter(item.get("keytip") for item in tab.iter() if item is not tab)
                yield from (f"keytip-twice: {tip}" for tip, n in tips.items() if tip and n > 1)


def _actions(book: LintedWorkbook) -> Iterator[str]:
    callable_: dict[str, list[str]] = {}
    for module in _modules(book):
        for scope, kind, name, arguments in _PROCEDURE.findall(module.source):
            if module.standard and scope.lower() != "private":
                fits = kind.lower() == "sub" and _ARGUMENT.match(arguments)
                callable_.setdefault(name.lower(), []).append(
                    "" if fits else f"{kind} {name}({arguments})"
                )
    for _, item, name in _controls(book):
        action = item.get("onAction")
        if action is None:
            if _local(item) == "button":
                yield f"action-missing: {name} does nothing"
            continue
        found = callable_.get(action.lower(), [])
        if _local(item) != "button":
            yield f"action-signature: {name}: only buttons are known to this lint"
        elif not found:
            yield f"action-unknown: {name}: no public Sub {action} in a standard module"
        elif len(found) > 1:
            yield f"action-ambiguous: {name}: {len(found)} procedures {action}"
        elif found[0]:
            yield f"action-signature: {name}: {found[0]} does not take one IRibbonControl"


def _project(book: LintedWorkbook) -> Iterator[str]:
    relations = parse_part(book.parts["xl/_rels/workbook.xml.rels"]).iter(f"{RELS}Relationship")
    pointed = any(item.attrib["Type"] == _PROJECT for item in relations)
    here = "xl/vbaProject.bin" in book.parts
    if here and not pointed:
        yield "vba-orphan: nothing points at xl/vbaProject.bin"
    if not here:
        return
    types = parse_part(book.parts["[Content_Types].xml"])
    if not any(item.get("ContentType") == _PROJECT_TYPE for item in types):
        yield f"vba-type: no content type {_PROJECT_TYPE}"
    if book.path.suffix.lower() != ".xlsm":
        yield f"vba-extension: a VBA project in {book.path.suffix}"
        return
    found = modules(book.path, hash(book.parts["xl/vbaProject.bin"]))
    if isinstance(found, str):
        yield f"vba-unreadable: {found}"


def _document_modules(book: LintedWorkbook) -> Iterator[str]:
    found = _modules(book)
    if not found:
        return
    settings = book.workbook.find(f"{MAIN}workbookPr")
    wanted = {"" if settings is None else settings.get("codeName", "")}
    for sheet in book.sheets:
        element = sheet.root.find(f"{MAIN}sheetPr")
        wanted.add("" if element is None else element.get("codeName", ""))
    documents = {module.name for module in found if module.document}
    yield from (f"code-name-module: {name} has no VBA module" for name in wanted - documents - {""})
    yield from (f"code-name-module: {name} is no sheet's" for name in documents - wanted)


def _sources(book: LintedWorkbook) -> Iterator[str]:
    for module in _modules(book):
        if not module.source.isascii():
            yield f"vba-text: {module.name} is not ASCII"
        name = re.search(r'^Attribute VB_Name = "(.*)"', module.source, re.MULTILINE)
        if not name or name[1] != module.name:
            yield f"vba-name: {module.name} calls itself {name[1] if name else 'nothing'}"


CHECKS = (
    _ribbon_parts,
    _control_names,
    _control_texts,
    _images,
    _keytips,
    _actions,
    _project,
    _document_modules,
    _sources,
)
