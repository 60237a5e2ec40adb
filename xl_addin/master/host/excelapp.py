"""Excel as a program: xlwings without what we do not use it with, refusals told, properties put back."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

from xl_addin.master.host.patience import PatientMethod, PatientObject, patience
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
    engine = vars(xlwings).get("_xlwindows")
    if engine is not None and engine.COMRetryObjectWrapper is not PatientObject:
        prepare(engine)
    return xlwings


def prepare(engine: ModuleType) -> None:
    """Have xlwings' Windows engine wait with a bound, and leave other Excels alone when we end."""
    # It ends every EXCEL.exe that it does not know, such as one that has no workbook open.
    atexit.unregister(engine.cleanup)
    engine.__dict__.update(COMRetryObjectWrapper=PatientObject, COMRetryMethodWrapper=PatientMethod)


def engine_errors() -> tuple[type[Exception], ...]:
    """What is raised where Excel refuses, as far as it is known by now."""
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
    except engine_errors() as error:
        detail = getattr(error, "excepinfo", None)
        said = (detail[2] if detail else None) or error
        raise Refused(
            f"{where}：Excel 没有照办（{said}）；请确认工作表没有被保护、Excel 没有弹出别的窗口，再按一次"
        ) from error


_OWED: list[tuple[xlwings.App, str, object]] = []


@contextmanager
def temporary_properties(app: xlwings.App, **properties: object) -> Iterator[Mapping[str, object]]:
    """Set properties of Excel for the time of a block and restore every one of them, whatever happens in between.

    The block gets what they were.
    What a busy Excel does not take back is left to ``put_back_properties``.
    """
    before: dict[str, object] = {}
    try:
        for name, value in properties.items():
            before[name] = getattr(app, name)
            setattr(app, name, value)
        yield before
    finally:
        _OWED.extend(_not_put_back((app, *each) for each in reversed(before.items())))


def _not_put_back(
    owed: Iterable[tuple[xlwings.App, str, object]],
) -> Iterator[tuple[xlwings.App, str, object]]:
    for app, name, value in owed:
        try:
            setattr(app, name, value)
        except Exception as error:
            if not isinstance(error, (Refused, *engine_errors())):
                raise
            yield app, name, value


def put_back_properties(seconds: float) -> bool:
    """Restore what is still owed to a busy Excel, for as long; whether all is as it was."""
    with patience(seconds):
        _OWED[:] = _not_put_back(tuple(_OWED))
    return not _OWED
