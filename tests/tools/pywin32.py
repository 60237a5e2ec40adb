"""xlwings' own Windows engine in this process: pywin32 as far as it asks for it, and objects handed out by it.

Every call of a member is counted and can be refused, as it would be on its way to another process.
On Windows the engine stands on the real pywin32 and only the ways to Excel are ours.
"""

from __future__ import annotations

import ctypes
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import MethodType, ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

from tests.tools.excelobjects import HWND, Application, Member, Refusal, Store
from xl_addin.master.host.excelapp import import_xlwings, prepare

REJECTED = -2147418111  # RPC_E_CALL_REJECTED
EDITING = -2146777998  # VBA_E_IGNORE
GONE = -2147023174  # RPC_S_SERVER_UNAVAILABLE
_EXCEPTION, _UNKNOWN_NAME = -2147352567, -2147352570


class _ComError(Exception):
    """As pywin32 raises it."""

    def __init__(
        self, hresult: int, said: str, excepinfo: Any = None, argument: int | None = None
    ) -> None:
        super().__init__(hresult, said, excepinfo, argument)
        self.hresult, self.strerror, self.excepinfo = hresult, said, excepinfo


class _SystemError(Exception):
    """As pywin32 raises it for what is not COM."""


def _modules() -> dict[str, ModuleType]:
    made = {
        name: ModuleType(name)
        for name in [
            "pywintypes",
            "win32api",
            "win32con",
            "pythoncom",
            "win32com",
            "win32com.client",
            "win32gui",
            "win32process",
            "win32timezone",
            "xlwings._win32patch",
        ]
    }
    made["pywintypes"].__dict__.update(
        com_error=_ComError, error=_SystemError, TimeType=type("TimeType", (), {})
    )
    made["pythoncom"].__dict__.update(
        ole_error=_ComError, com_error=_ComError, CoInitialize=lambda: None, __file__=""
    )
    kinds = {name: type(name, (), {}) for name in ("CDispatch", "DispatchBaseClass")}
    made["win32com.client"].__dict__.update(kinds, Dispatch=None, DispatchEx=None)
    made["win32com"].__dict__["client"] = made["win32com.client"]
    made["xlwings._win32patch"].__dict__["CoClassBaseClass"] = type("CoClassBaseClass", (), {})
    boxes = ("OK", "OKCANCEL", "YESNO", "YESNOCANCEL", "ICONINFORMATION", "ICONWARNING")
    made["win32con"].__dict__.update({f"MB_{n}": 1 << at for at, n in enumerate(boxes)})
    return made


MODULES = _modules()


def _engine() -> ModuleType:
    """The module of xlwings; where there is no pywin32 it is imported over ours."""
    xlwings = import_xlwings()
    if "_xlwindows" in vars(xlwings):
        return vars(xlwings)["_xlwindows"]  # type: ignore[no-any-return]
    user32 = SimpleNamespace(
        GetForegroundWindow=lambda: HWND, SetWindowPos=lambda *_: None, SetForegroundWindow=id
    )
    calls = SimpleNamespace(ole32=mock.MagicMock(), oleacc=mock.MagicMock())
    ours = {"oledll": calls, "windll": SimpleNamespace(user32=user32), "PyDLL": mock.MagicMock()}
    hidden = dict.fromkeys(("pandas", "numpy", "PIL"))
    with (
        mock.patch.dict(sys.modules, {**hidden, **MODULES}),
        mock.patch.multiple(ctypes, create=True, **ours),
    ):
        from xlwings import _xlwindows
    prepare(_xlwindows)
    return _xlwindows  # type: ignore[no-any-return]


@contextmanager
def _importable(name: str, module: ModuleType) -> Iterator[None]:
    """A module under its name; put back by itself.

    ``patch.dict`` drops whatever else was first imported meanwhile: it then is there twice, and a patch of the
    one does not reach the other.
    """
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        yield
    finally:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before


class Calls:
    """Calls of members, counted by name; ``refuse`` gives what one of them raises instead."""

    def __init__(self) -> None:
        self.made: Counter[str] = Counter()
        self.refuse: Callable[[str], BaseException | None] = lambda _: None

    def reach(self, member: str, *, by_name: bool = False) -> None:
        """A call of a member; pywin32 knows no AttributeError but where it asks for a name."""
        self.made[member] += 1
        problem = self.refuse(member)
        if isinstance(problem, AttributeError) and not by_name:
            raise com_error(REJECTED)
        if problem is not None:
            raise problem


def com_error(number: int, said: str = "", *, thrown: bool = False) -> Exception:
    """pywin32's exception: refused on the way, or with ``thrown`` by Excel itself."""
    kind: type[Exception] = sys.modules["pywintypes"].com_error
    if not thrown:
        return kind(number, said, None, None)
    detail = (0, "Microsoft Excel", said or None, None, 0, number)
    return kind(_EXCEPTION, "Exception occurred.", detail, None)


class Dispatched:
    """An object of Excel's as pywin32 hands it out."""

    def __init__(self, calls: Calls, member: Member) -> None:
        self.__dict__.update(_calls=calls, _member=member)

    def _call(self, name: str, work: Callable[[], Any], *, by_name: bool = False) -> Any:
        self._calls.reach(f"{type(self._member).__name__}.{name}", by_name=by_name)
        try:
            found = work()
        except Refusal as refusal:
            raise com_error(refusal.number, refusal.said, thrown=True) from None
        return Dispatched(self._calls, found) if isinstance(found, Member) else found

    def __getattr__(self, name: str) -> Any:
        if name == "_oleobj_":
            return SimpleNamespace(GetIDsOfNames=self._identify)
        member = self._member
        kind = getattr(type(member), name, None)
        if kind is None or name[:1] == "_":
            raise AttributeError(f"{type(member).__name__}.{name}")
        if not callable(kind):
            return self._call(name, lambda: getattr(member, name), by_name=True)

        def called(own: Dispatched, *args: Any, **named: Any) -> Any:
            plain, others = map(_plain, args), {n: _plain(arg) for n, arg in named.items()}
            return own._call(name, lambda: kind(own._member, *plain, **others))

        return MethodType(called, self)

    def _identify(self, _lcid: int, name: str) -> int:
        self._calls.reach(f"{type(self._member).__name__}.{name}?")
        if not hasattr(type(self._member), name):
            raise com_error(_UNKNOWN_NAME, "Unknown name.")
        return 1

    def __setattr__(self, name: str, value: Any) -> None:
        self._call(f"{name}=", lambda: setattr(self._member, name, value))

    def __call__(self, *args: Any) -> Any:
        return self._call("()", lambda: self._member._value_(*args))  # type: ignore[attr-defined]

    def __iter__(self) -> Iterator[Any]:
        for item in self._call("_NewEnum", lambda: list(self._member)):  # type: ignore[call-overload]
            yield self._call("Next", lambda item=item: item)


def _plain(value: Any) -> Any:
    """What was handed out, as it is known here; xlwings hands it back in a wrapper of its own."""
    inner = getattr(value, "__dict__", {}).get("_inner", value)
    return inner._member if isinstance(inner, Dispatched) else inner


@contextmanager
def connected(store: Store, calls: Calls) -> Iterator[ModuleType]:
    """xlwings, whose Windows engine finds this Excel for the time of a block."""
    xlwings, engine = import_xlwings(), _engine()

    def box(_window: int, text: str, title: str, style: int) -> int:
        asks = bool(style & constants.MB_YESNO)
        mode = "critical" if style & constants.MB_ICONWARNING else "info"
        told = {"text": text, "title": title, "mode": mode, "asks": "yes_no" if asks else "ok"}
        store.note("alert", told)
        return (6 if store.state("answer") == "yes" else 7) if asks else 1

    def application(_window: int) -> Any:
        return engine.COMRetryObjectWrapper(Dispatched(calls, Application(store)))

    constants = engine.win32con
    own = xlwings.Engine(impl=engine.engine)
    before = dict(xlwings.engines.engines_by_name)
    with (
        mock.patch.multiple(
            engine,
            get_xl_app_from_hwnd=application,
            get_excel_hwnds=lambda: [HWND],
            is_hwnd_xl_app=lambda _: True,
            win32api=SimpleNamespace(MessageBox=box),
            win32process=SimpleNamespace(GetWindowThreadProcessId=lambda _: (HWND, HWND)),
        ),
        _importable("pywintypes", engine.pywintypes),
    ):
        xlwings.engines.engines_by_name["excel"] = own
        own.activate()
        try:
            yield xlwings
        finally:
            xlwings.engines.active = None
            xlwings.engines.engines_by_name.clear()
            xlwings.engines.engines_by_name.update(before)
