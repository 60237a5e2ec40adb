"""The VBA project of the master: our callback and the modules of the installed xlwings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from xl_addin.system import held, resources
from xl_addin.system.errors import Refused
from xl_addin.system.light import pattern
from xl_addin.xlsx.booksheets import code_names
from xl_addin.xlsx.package import Part, inflate, pack, unpack
from xl_addin.xlsx.parts import put_part

PART = "xl/vbaProject.bin"
CALLBACKS, XLWINGS, DICTIONARY = "XlAddin", "xlwings", "Dictionary"
_SHEET_BASE = "0{00020820-0000-0000-C000-000000000046}"
_TRUE = ("PredeclaredId", "Exposed", "Customizable")
SHEET_STEM = "XlAddinSheet"
"""How the code names of sheets begin that are put into a master afterwards."""
_VERSION = pattern(r"^'Version: (\S+)", re.MULTILINE)
# What a writer leaves in _VBA_PROJECT (MS-OVBA 2.3.4.1): version 0xFFFF, no performance cache. Excel then
# compiles all modules from their sources; xlwings' own workbooks are of this kind.
_NO_CACHE = bytes.fromhex("cc61ffff000000")
_HEADER = 5  # bytes before the cache; pyOpenVBA zeroes what is behind them and leaves the version
# Excel writes these behind VB_Exposed of every class, the exported text that xlwings brings lacks them.
_EXPOSED = "Attribute VB_Exposed = True\r\n"
_CLASS_FACTS = "Attribute VB_TemplateDerived = False\r\nAttribute VB_Customizable = False\r\n"


def modules() -> dict[str, str]:
    """Module name -> source, with VBA's line ends. Raises UnicodeDecodeError for one not in ASCII."""
    spec = find_spec("xlwings")  # found and not imported: the import alone is most of a second
    if spec is None or not spec.submodule_search_locations:
        raise Refused("没有安装 xlwings；请运行 python -m pip install xlwings 后再试")
    home = Path(next(iter(spec.submodule_search_locations)))
    files = {
        XLWINGS: home / "xlwings.bas",
        DICTIONARY: home
        / "addin"
        / "Dictionary.cls",  # xlwings does not compile without it on a Mac
        CALLBACKS: resources.macro_path(resources.CALLBACKS),
    }
    return {name: _source(path) for name, path in files.items()}


def _source(path: Path) -> str:
    # The project is stored in one code page, and what that has not becomes "?" without a word.
    text = held.read_bytes(path).decode("ascii")
    text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    return text if _CLASS_FACTS in text else text.replace(_EXPOSED, _EXPOSED + _CLASS_FACTS, 1)


def xlwings_version(source: str) -> str:
    """The version that an xlwings module says it is, empty when it does not say."""
    said = _VERSION.search(source)
    return said[1] if said else ""


def install_modules(parts: dict[str, Part]) -> dict[str, Part]:
    """The package with our modules in its VBA project, which is added where there is none.

    Modules of other people stay as they are. Raises Refused when the project cannot be changed.
    """
    from pyopenvba.exceptions import PyOpenVBAError

    with held.temporary_folder() as folder:
        path = folder / "master.xlsm"
        path.write_bytes(pack(parts.values()))
        try:
            _write_modules(path, code_names(parts))
        except (PyOpenVBAError, ValueError, KeyError) as error:
            raise Refused(
                f"主表里的宏改不了（{error}）；宏工程如果加了密码，请先在 Excel 里取消密码再试"
            ) from error
        given = unpack(held.read_bytes(path))
    name = next((part for part in given if part.lower() == PART.lower()), PART)
    put_part(given, name, _without_stale_caches(inflate(given[name])))
    return given


def _without_stale_caches(data: bytes) -> bytes:
    """A project whose compiled code no longer fits its sources without any; every other as it is.

    Sources are moved, never decoded: those of other people may be in any code page.
    """
    from pyopenvba.cfb import CFB
    from pyopenvba.vba import compress, parse_vba_project, serialize_dir_stream

    storage = CFB.from_bytes(data)
    said = storage.get_stream_in_storage("VBA", "_VBA_PROJECT")
    if said == _NO_CACHE or any(said[_HEADER:]):
        return data
    project = parse_vba_project(storage)
    for module in project.modules:
        stream = storage.get_stream_in_storage("VBA", module.stream_name)
        storage.write_stream_in_storage("VBA", module.stream_name, stream[module.text_offset :])
        module.text_offset = 0
    storage.write_stream_in_storage("VBA", "dir", compress(serialize_dir_stream(project)))
    storage.write_stream_in_storage("VBA", "_VBA_PROJECT", _NO_CACHE)
    return bytes(storage.to_bytes())


def _document(name: str) -> str:
    """The header that Excel writes for a sheet's module (MS-OVBA 2.3.4.3)."""
    facts = (
        "GlobalNameSpace",
        "Creatable",
        "PredeclaredId",
        "Exposed",
        "TemplateDerived",
        "Customizable",
    )
    said = (f"Attribute VB_{fact} = {fact in _TRUE}\r\n" for fact in facts)
    return f'Attribute VB_Name = "{name}"\r\nAttribute VB_Base = "{_SHEET_BASE}"\r\n{"".join(said)}'


def _write_modules(path: Path, sheets: Iterable[str]) -> None:
    from pyopenvba import ExcelFile
    from pyopenvba.vba import VBAModuleKind, split_attribute_header

    with ExcelFile(path) as book:
        project = book.vba_project() if book.has_vba_project() else book.add_vba_project()
        present = {module.name.lower(): module for module in project.modules}
        changed = False
        for name in sheets:
            # A sheet that we put into a workbook with macros has no module yet. The library makes
            # documents with a new project alone, so it is told that this is one.
            if name.startswith(SHEET_STEM) and name.lower() not in present:
                project.add_module(name, _document(name), kind=VBAModuleKind.other)
                book._document_names.add(name.casefold())
                changed = True
        for name, source in modules().items():
            module = present.get(name.lower())
            is_class = source.startswith("VERSION")
            if module is None:
                kind = VBAModuleKind.other if is_class else VBAModuleKind.standard
                project.add_module(name, source, kind=kind)
            elif split_attribute_header(module.source)[1] != split_attribute_header(source)[1] or (
                is_class and _CLASS_FACTS not in module.source
            ):
                book.set_module(name, source)
            else:
                continue
            changed = True
        if changed:
            book.save(path, allow_invalidate_signature=True)
