"""A workbook's VBA, run by pyOpenVBA's interpreter as Excel on Windows would run it.

``open_excel`` loads every module of a workbook, xlwings' included, and stands in for the Windows
around them: which files exist, what WScript.Shell is asked to run and says, what people are shown.
The text of xlwings.bas is run as it is but for four places that the interpreter cannot do; they are
listed in ``_RUNNABLE``.
"""

from __future__ import annotations

import ntpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pyopenvba import ExcelFile
from pyopenvba.apps.excel import ExcelApplication, Workbook
from pyopenvba.interpreter import VBAInt, VBAObject, member, method, to_text
from pyopenvba.interpreter._objects import MemberSpec
from pyopenvba.interpreter._values import error
from pyopenvba.vba import VBAModuleKind

INTERPRETER = r"C:\Users\张 三\AppData\Local\Programs\Python\Python312\python.exe"
FOLDER = r"D:\残联 任务\2023 年度"
HWND = 1001
SYSTEM_MODAL = 4096

_RUNNABLE = (
    # The preprocessor takes a comment behind a directive for a part of it.
    (re.compile(r"(?m)^([ \t]*#[^'\r\n\"]*(?:\"[^\"\r\n]*\")?[^'\r\n\"]*)'.*$"), r"\1"),
    # Text compared with True is a type mismatch there; Excel turns "False" into False first.
    (re.compile(r"(GetConfig\([^)]*\)) = True"), r"CBool(\1) = True"),
    # There is no file system: Kill goes, and ReadFile is the machine's (see ``Machine``).
    (re.compile(r"(?m)^([ \t]*)Kill .*$"), r"\1"),
    (re.compile(r"(?s)\bFunction ReadFile\(.*?\bEnd Function"), ""),
)


class MessageBox(NamedTuple):
    """A message on the screen."""

    text: str
    title: str


@dataclass
class Machine:
    """The Windows around Excel."""

    files: set[str] = field(default_factory=lambda: {INTERPRETER})
    environment: dict[str, str] = field(
        default_factory=lambda: {"TEMP": r"C:\Temp", "USERPROFILE": r"C:\Users\张 三"}
    )
    exit_code: int = 0
    standard_error: str = ""
    has_shell: bool = True
    meanwhile: Callable[[], None] = lambda: None
    commands: list[str] = field(default_factory=list)
    shown: list[MessageBox] = field(default_factory=list)


class _Shell(VBAObject):
    vba_type_name = "WshShell"

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    # Names of methods and arguments are Windows' own: that is how VBA calls them.
    @method
    def ExpandEnvironmentStrings(self, Text: object) -> str:  # noqa: N802, N803
        known = {name.upper(): value for name, value in self.machine.environment.items()}
        return re.sub(r"%([^%]+)%", lambda m: known.get(m[1].upper(), m[0]), to_text(Text))

    @method
    def Run(self, Command: object, WindowStyle: object, WaitOnReturn: object) -> int:  # noqa: N802, N803
        assert (int(to_text(WindowStyle)), WaitOnReturn) == (0, True)
        self.machine.commands.append(to_text(Command))
        self.machine.meanwhile()
        return self.machine.exit_code

    @method
    def Popup(self, Text: object, SecondsToWait: object, Title: object, Type: object) -> int:  # noqa: N802, N803
        assert int(to_text(SecondsToWait)) == 0
        assert int(to_text(Type)) & SYSTEM_MODAL
        self.machine.shown.append(MessageBox(to_text(Text), to_text(Title)))
        return 1


class Control(VBAObject):
    """What a ribbon button hands to its callback."""

    vba_type_name = "IRibbonControl"

    def __init__(self, name: str, tag: str = "") -> None:
        self.name, self.tag = name, tag

    @member
    def Id(self) -> str:  # noqa: N802
        return self.name

    @member
    def Tag(self) -> str:  # noqa: N802
        return self.tag


class VbaExcel:
    """An Excel with one workbook whose macros can be run; others can be opened beside it."""

    def __init__(self, path: Path, machine: Machine, folder: str = FOLDER) -> None:
        self.machine = machine
        self.application = ExcelApplication.open(path, with_vba=False)
        self.book = self.application.workbook
        self._on_windows(self.book, folder)
        self._stand_in()
        with ExcelFile(path) as file:
            for module in file.vba_project().modules:
                self._load(module.name, module.source, module.kind is VBAModuleKind.standard)

    def press(self, button: str, tag: str = "", callback: str = "Press") -> None:
        """Call a button's callback as Excel does."""
        self.application.run(callback, Control(button, tag))

    def open_another(self) -> Workbook:
        """A new workbook, which is the active one now."""
        return self.application.add_workbook()

    @property
    def active(self) -> Workbook:
        """The active workbook."""
        return self.application.workbook

    def value(self, sheet: str, cell: str) -> object:
        """A cell of the master."""
        return self.application.sheet(sheet, workbook=self.book).value(cell)

    def _on_windows(self, book: Workbook, folder: str) -> None:
        book.path = folder
        given = {
            "fullname": lambda book: ntpath.join(book.path, book.name) if book.path else book.name
        }
        _give(book, given)
        _give(
            self.application.application,
            {
                "hwnd": lambda _: VBAInt(HWND, "Long"),
                "path": lambda _: r"C:\Program Files\Microsoft Office\root\Office16",
                "enablecancelkey": lambda _: VBAInt(1, "Long"),
            },
        )

    def _stand_in(self) -> None:
        machine, shell = self.machine, _Shell(self.machine)
        interpreter = self.application.interpreter
        create = interpreter.host.create

        def created(name: str) -> object:
            if name.lower() != "wscript.shell":
                return create(name)
            if not machine.has_shell:
                raise error(429)
            return shell

        def attributes(_: object, arguments: list[object], __: object) -> object:
            known = {name.lower() for name in machine.files}
            if to_text(arguments[0]).lower() not in known:
                raise error(53)
            return VBAInt(32, "Long")

        interpreter.host.create = created
        interpreter._intrinsics = interpreter._intrinsics | {
            "getattr": attributes,
            "environ": lambda _, a, __: machine.environment.get(to_text(a[0]).upper(), ""),
            "readfile": lambda _, __, ___: machine.standard_error,
        }

    def _load(self, name: str, source: str, standard: bool) -> None:
        for pattern, instead in _RUNNABLE:
            source = pattern.sub(instead, source)
        document = self.application.interpreter.host.global_object(name.lower())
        kind = "standard" if standard else "class"
        if not standard and isinstance(document, VBAObject):
            kind = "document"
        # Not ``load_vba``: that stops without a word at the first module that does not compile.
        self.application.add_module(source, name=name, kind=kind)


def _give(target: VBAObject, getters: dict[str, object]) -> None:
    """Members of one object as they are on Windows."""
    specs = {
        name: MemberSpec(name, "property", getter, lambda *_: None)
        for name, getter in getters.items()
    }
    target._vba_members = {**target._vba_members, **specs}


class Command(NamedTuple):
    """A command line as Windows hands it to Python: the module behind -m and its arguments."""

    program: str
    module: str
    arguments: list[str]


def parse_command_line(line: str) -> Command:
    """What the ``cmd.exe`` line that xlwings runs starts: Python and its arguments.

    Something stands before the program, always: of a line that begins with a quote ``cmd.exe /C`` takes
    the first and the last one away.
    """
    inner = re.fullmatch(r"cmd\.exe /C (?:\w: & cd \"[^\"]*\" & |pushd \"[^\"]*\" & )(.*)", line)
    assert inner, line
    words, _, _ = inner[1].rpartition(" 2> ")
    found = re.findall(r'((?:[^\s"]|"(?:\\"|[^"])*")+)', _unescaped(words))
    program, *rest = [re.sub(r'(?<!\\)"', "", word).replace('\\"', '"') for word in found]
    assert rest[:3] == ["-B", "-P", "-m"], rest
    return Command(program, rest[3], rest[4:])


def _unescaped(words: str) -> str:
    """cmd.exe takes ^ for an escape outside of quotes; a quote is one to it, backslash or not."""
    out, quoted, at = [], False, 0
    while at < len(words):
        if words[at] == '"':
            quoted = not quoted
        elif words[at] == "^" and not quoted:
            at += 1
        elif words[at] in "&|<>" and not quoted:
            raise AssertionError(f"cmd.exe would end the command at {words[at:]}")
        out.append(words[at])
        at += 1
    return "".join(out)


def open_excel(path: Path, machine: Machine | None = None, folder: str = FOLDER) -> VbaExcel:
    """Open a workbook with its macros."""
    return VbaExcel(path, machine or Machine(), folder)
