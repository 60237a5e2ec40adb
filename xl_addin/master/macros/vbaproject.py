"""The VBA project of the master: our callback and the modules of the installed xlwings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from xl_addin.system import resources
from xl_addin.system.errors import Refused
from xl_addin.system.light import pattern
from xl_addin.xlsx.booksheets import code_names
from xl_addin.xlsx.package import Part, pack, unpack

PART = "xl/vbaProject.bin"
CALLBACKS, XLWINGS, DICTIONARY = "XlAddin", "xlwings", "Dictionary"
_SHEET_BASE = "0{00020820-0000-0000-C000-000000000046}"
_TRUE = ("PredeclaredId", "Exposed", "Customizable")
SHEET_STEM = "XlAddinSheet"
"""How the code names of sheets begin that are put into a master afterwards."""
_VERSION = pattern(r"^'Version: (\S+)", re.MULTILINE)


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
    text = path.read_bytes().decode("ascii")
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def xlwings_version(source: str) -> str:
    """The version that an xlwings module says it is, empty when it does not say."""
    said = _VERSION.search(source)
    return said[1] if said else ""


def install_modules(parts: dict[str, Part]) -> dict[str, Part]:
    """The package with our modules in its VBA project, which is added where there is none.

    Modules of other people stay as they are. Raises Refused when the project cannot be changed.
    """
    from tempfile import TemporaryDirectory

    from pyopenvba.exceptions import PyOpenVBAError

    with TemporaryDirectory() as folder:
        path = Path(folder) / "master.xlsm"
        path.write_bytes(pack(parts.values()))
        try:
            _write_modules(path, code_names(parts))
        except (PyOpenVBAError, ValueError, KeyError) as error:
            raise Refused(
                f"主表里的宏改不了（{error}）；宏工程如果加了密码，请先在 Excel 里取消密码再试"
            ) from error
        return unpack(path.read_bytes())


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
            elif split_attribute_header(module.source)[1] != split_attribute_header(source)[1]:
                book.set_module(name, source)
            else:
                continue
            changed = True
        if changed:
            book.save(path, allow_invalidate_signature=True)
