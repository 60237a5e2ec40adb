"""Files that come with the program."""

from __future__ import annotations

from pathlib import Path

TASK_TABLE_2023 = "2023任务表.xlsx"
BULLETIN_TEMPLATE = "通报模板.docx"
SLIP_TEMPLATE = "督办单模板.docx"
COVER_TEMPLATE = "材料封面.docx"
RIBBON = "customUI14.xml"
CALLBACKS = "XlAddin.bas"


def workbook_path(name: str) -> Path:
    """A workbook or document shipped in the wheel; in a checkout it lies beside the package."""
    return _shipped_path("workbooks", name)


def macro_path(name: str) -> Path:
    """A source of the master's ribbon or macros, shipped in the same way."""
    return _shipped_path("macros", name)


def bundle_path(name: str) -> Path:
    """What goes into an offline bundle beside the wheels, shipped in the same way."""
    return _shipped_path("macros", f"bundle/{name}")


def _shipped_path(folder: str, name: str) -> Path:
    package = Path(__file__).parents[1]
    installed = package / folder / name
    return installed if installed.is_file() else package.parent / folder / name
