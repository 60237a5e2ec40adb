"""Excel as a program: xlwings without what we do not use it with, refusals told, properties put back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType

from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    import xlwings

# What xlwings imports when it is there, and its own part under another licence: a click of 0.1 s
# would take a second.
_NOT_FOR_XLWINGS = ("numpy", "pandas", "polars", "matplotlib", "plotly", "PIL", "xlwings.pro")


def import_xlwings() -> ModuleType:
    """Return xlwings, imported without the libraries that we do not use it with."""
    hidden = [name for name in _NOT_FOR_XLWINGS if name not in sys.modules]
    modules: dict[str, Any] = sys.modules  # None there makes an import fail at once
    modules.update(dict.fromkeys(hidden))
    try:
        import xlwings
    finally:
        for name in hidden:
            del modules[name]
    return xlwings


def _engine_errors() -> tuple[type[Exception], ...]:
    xlwings, com = sys.modules.get("xlwings"), sys.modules.get("pywintypes")
    names = ((xlwings, "XlwingsError"), (com, "com_error"), (com, "error"))
    found = (getattr(module, name, None) for module, name in names)
    return tuple(kind for kind in found if kind is not None)


@contextmanager
def translate_refusals(where: str) -> Iterator[None]:
    """Turn what Excel refuses within the block into Refused.

    ``where`` (Chinese) names the place in its message.
    """
    try:
        yield
    except _engine_errors() as error:
        detail = getattr(error, "excepinfo", None)
        said = (detail[2] if detail else None) or error
        raise Refused(
            f"{where}：Excel 没有照办（{said}）；请确认工作表没有被保护、Excel 没有弹出别的窗口，再按一次"
        ) from error


@contextmanager
def temporary_properties(app: xlwings.App, **properties: object) -> Iterator[None]:
    """Set properties of Excel for the time of a block and restore every one of them, whatever happens in between."""
    before: dict[str, object] = {}
    try:
        for name, value in properties.items():
            before[name] = getattr(app, name)
            setattr(app, name, value)
        yield
    finally:
        for name, value in reversed(before.items()):
            with suppress(*_engine_errors()):
                setattr(app, name, value)
