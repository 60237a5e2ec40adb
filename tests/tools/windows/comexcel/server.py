"""A program that xlwings' Windows engine takes for Excel, in another process, over COM.

Runs in Windows Python with pywin32; Wine will do. It has Excel's windows (XLMAIN, XLDESK, EXCEL7); EXCEL7
answers WM_GETOBJECT with an object whose members are those of ``tests.tools.excelobjects``. The cells are
the test's: ``tests.tools.comexcel`` listens on loopback. It reads the message boxes that a click puts
before its window, and answers them. Argument: the folder with ``port``, in which wishes are files:

    busy     every call is rejected, as while a box is open
    some     one call of 37 is
    editing  Excel takes no call because a cell is being edited
    gone     it ends at once
    stop     it ends
"""

from __future__ import annotations

import ctypes
import inspect
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

import pythoncom
import win32api
import win32con
import win32gui
import winerror
from win32com.server.exception import COMException
from win32com.server.policy import DesignatedWrapPolicy
from win32com.server.util import ListEnumerator, unwrap
from win32com.server.util import wrap as wrap_

from tests.tools import excelobjects
from tests.tools.excelobjects import Member, Refusal, Store

WM_GETOBJECT, OBJID_NATIVEOM = 0x003D, 0xFFFFFFF0
_EDITING = -2146777998  # VBA_E_IGNORE
_ONE_OF = 37

folder = Path(sys.argv[1])


wishes: set[str] = set()  # looked for now and then: a look takes longer than a call


class Cells(Store):
    """The test's cells, one JSON line each way. Paths are this system's here, the test's there."""

    def __init__(self) -> None:
        self.diary = folder / "excel.jsonl"
        wire = socket.create_connection(("127.0.0.1", int((folder / "port").read_text())))
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines = wire.makefile("rwb")
        self.calls = self.rejected = 0

    def ask(self, *request: object) -> Any:
        there = [_there(each) for each in request]
        self._lines.write(json.dumps(there).encode() + b"\n")
        self._lines.flush()
        answer = json.loads(self._lines.readline())
        if "problem" in answer:
            raise Refusal(answer["problem"])
        found = answer["result"]
        return [_here(path) for path in found] if request[0] == "books" else found


def _there(value: object) -> object:
    is_path = isinstance(value, str) and value[:3] == "Z:\\"
    return str(value)[2:].replace("\\", "/") if is_path else value


def _here(path: str) -> str:
    return "Z:" + path.replace("/", "\\")


cells = Cells()


class Window(Member):
    """What a window of a workbook answers with."""


def _types() -> None:
    """Have COM see of each class what excel.idl says of the interface with its name."""
    library = pythoncom.LoadTypeLib(str(folder / "excel.tlb"))
    known = dict(inspect.getmembers(excelobjects, inspect.isclass)) | {"Window": Window}
    for number in range(library.GetTypeInfoCount()):
        kinds: dict[int, dict[int, str]] = {
            pythoncom.INVOKE_FUNC: {},
            pythoncom.INVOKE_PROPERTYGET: {},
            pythoncom.INVOKE_PROPERTYPUT: {},
        }
        info = library.GetTypeInfo(number)
        for at in range(info.GetTypeAttr()[6]):
            about = info.GetFuncDesc(at)
            name = info.GetNames(about[0])[0]
            kinds[about[4]][about[0]] = "_value_" if name == "_Default" else name
        kind = known[library.GetDocumentation(number)[0]]
        kind._public_methods_, kind._info = [], info
        functions, gets, puts = kinds.values()
        kind._dispid_to_func_, kind._dispid_to_get_, kind._dispid_to_put_ = functions, gets, puts


class Policy(DesignatedWrapPolicy):  # type: ignore[misc]
    """Members called and counted; what they give is handed out in turn."""

    def _GetTypeInfoCount_(self) -> int:  # noqa: N802
        return 1

    def _GetTypeInfo_(self, _index: int, _lcid: int) -> tuple[int, Any]:  # noqa: N802
        return 0, self._obj_._info

    def _invokeex_(
        self, dispid: int, lcid: int, flag: int, args: Any, kwargs: Any, provider: Any
    ) -> Any:
        cells.calls += 1
        if "editing" in wishes:
            raise COMException(scode=_EDITING, source="Microsoft Excel")
        if dispid == pythoncom.DISPID_NEWENUM:
            items = [hand_out(item) for item in self._obj_]
            return wrap_(ListEnumerator(items), pythoncom.IID_IEnumVARIANT)
        left_out = (pythoncom.Missing, pythoncom.Empty)
        given = tuple(_taken(arg) for arg in args if not any(arg is each for each in left_out))
        try:
            return hand_out(super()._invokeex_(dispid, lcid, flag, given, kwargs, provider))
        except Refusal as refusal:
            raise COMException(
                description=refusal.said, scode=refusal.number, source="Microsoft Excel"
            ) from None
        except TypeError as problem:
            if "missing" in str(problem):
                raise COMException(scode=winerror.DISP_E_PARAMNOTOPTIONAL) from None
            raise


def hand_out(found: Any) -> Any:
    """As pywin32 takes it for one result: a tuple would be taken for several."""
    if isinstance(found, Member):
        return wrap_(found, usePolicy=Policy)
    return list(found) if isinstance(found, tuple) else found


def _taken(value: Any) -> Any:
    """An object of ours that was handed out comes back as such."""
    interface = getattr(value, "_oleobj_", value)
    return (
        unwrap(interface)
        if isinstance(interface, pythoncom.TypeIIDs[pythoncom.IID_IDispatch])
        else value
    )


class GUID(ctypes.Structure):
    _fields_ = (
        ("a", ctypes.c_ulong),
        ("b", ctypes.c_ushort),
        ("c", ctypes.c_ushort),
        ("d", ctypes.c_ubyte * 8),
    )


IDISPATCH = GUID(0x20400, 0, 0, (ctypes.c_ubyte * 8)(0xC0, 0, 0, 0, 0, 0, 0, 0x46))
lresult = ctypes.oledll.oleacc.LresultFromObject
lresult.argtypes = (ctypes.POINTER(GUID), ctypes.c_size_t, ctypes.c_void_p)
lresult.restype = ctypes.c_ssize_t
answers: list[Any] = []


def native(wparam: int) -> int:
    """What WM_GETOBJECT is answered with; pywin32 tells an interface's address in its repr only."""
    if not answers:
        answers.append(hand_out(Window(cells)))
    address = int(repr(answers[0]).rpartition(" ")[2].rstrip(">"), 16)
    found: int = lresult(ctypes.byref(IDISPATCH), wparam & 0xFFFFFFFF, address)
    return found


def procedure(window: int, message: int, wparam: int, lparam: int) -> int:
    asks_for_object = message == WM_GETOBJECT and lparam & 0xFFFFFFFF == OBJID_NATIVEOM
    if asks_for_object and win32gui.GetClassName(window) == "EXCEL7":
        return native(wparam)
    if message == win32con.WM_TIMER:
        tick()
    if message == win32con.WM_DESTROY and window == excelobjects.Application.Hwnd:
        win32gui.PostQuitMessage(0)
    return int(win32gui.DefWindowProc(window, message, wparam, lparam))


def create(name: str, parent: int, style: int) -> int:
    kind = win32gui.WNDCLASS()
    kind.lpszClassName, kind.lpfnWndProc = name, procedure
    kind.hInstance = win32api.GetModuleHandle(None)
    win32gui.RegisterClass(kind)
    made = win32gui.CreateWindow(name, name, style, 0, 0, 400, 300, parent, 0, kind.hInstance, None)
    return int(made)


answered: set[int] = set()


def look(window: int, _: object) -> bool:
    """Read and answer a message box that somebody put before this program's window."""
    owner = win32gui.GetWindow(window, win32con.GW_OWNER)
    is_box = win32gui.GetClassName(window) == "#32770" and owner == excelobjects.Application.Hwnd
    if not is_box or window in answered:
        return True
    text = ctypes.create_unicode_buffer(9_000)
    said: list[str] = []

    def part(child: int, _: object) -> bool:
        ctypes.windll.user32.SendMessageW(child, win32con.WM_GETTEXT, 9_000, text)
        if win32gui.GetClassName(child) == "Static" and text.value:
            said.append(text.value)
        return True

    win32gui.EnumChildWindows(window, part, None)
    if not said:
        return True  # not all there yet
    answered.add(window)
    asks = bool(ctypes.windll.user32.GetDlgItem(window, win32con.IDYES))
    title = win32gui.GetWindowText(window)
    cells.note("alert", {"text": max(said, key=len), "title": title, "asks": asks})
    agreed = win32con.IDYES if cells.state("answer") == "yes" else win32con.IDNO
    answer = agreed if asks else win32con.IDOK
    win32gui.PostMessage(window, win32con.WM_COMMAND, answer, 0)
    return True


def tick() -> None:
    wishes.clear()
    wishes.update(path.name for path in folder.iterdir())
    if "gone" in wishes:
        os._exit(1)
    win32gui.EnumWindows(look, None)
    if "stop" in wishes:
        win32gui.DestroyWindow(excelobjects.Application.Hwnd)


class Filter:
    """A message filter, which rejects calls as Excel's does. pywin32 has none: its six entries by hand."""

    def __init__(self) -> None:
        kind, n, p = ctypes.WINFUNCTYPE, ctypes.c_ulong, ctypes.c_void_p

        def query(this: int, _iid: int, out: Any) -> int:
            out[0] = this
            return 0

        def incoming(*_: object) -> int:
            self.calls += 1
            some = self.calls % _ONE_OF == 0 and "some" in wishes
            return 1 if some or "busy" in wishes else 0  # SERVERCALL_REJECTED

        self.calls = 0
        self.entries = [
            kind(ctypes.c_long, p, p, ctypes.POINTER(p))(query),
            kind(n, p)(lambda _: 1),
            kind(n, p)(lambda _: 1),
            kind(n, p, n, p, n, p)(incoming),
            kind(n, p, p, n, n)(lambda *_: 0xFFFFFFFF),
            kind(n, p, p, n, n)(lambda *_: 2),
        ]
        self.table = (p * 6)(*(ctypes.cast(entry, p) for entry in self.entries))
        self.this = p(ctypes.addressof(self.table))
        ctypes.oledll.ole32.CoRegisterMessageFilter(ctypes.byref(self.this), ctypes.byref(p()))


def main() -> None:
    pythoncom.CoInitialize()
    _types()
    message_filter = Filter()
    main_window = create("XLMAIN", 0, win32con.WS_OVERLAPPEDWINDOW)
    excelobjects.Application.Hwnd = main_window
    create("EXCEL7", create("XLDESK", main_window, win32con.WS_CHILD), win32con.WS_CHILD)
    ctypes.windll.user32.SetTimer(main_window, 1, 100, None)
    print(main_window, flush=True)
    win32gui.PumpMessages()
    del message_filter


main()
