"""The small window for a password: Python's own, else the system's, else what to do is said."""

import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest

from xl_addin.system import dialogs
from xl_addin.system.errors import Refused


class Tk(ModuleType):
    """tkinter as the window uses it; ``typed`` is what a person enters, None where it is closed."""

    class TclError(Exception):
        """As tkinter's."""

    def __init__(self, typed, screen=True):
        super().__init__("tkinter")
        self.typed, self.screen, self.fields, self.labels = typed, screen, [], []
        self.Label = lambda _window, **facts: self._widget(self.labels, facts)
        self.Frame = lambda _window: self._widget([], {})
        self.Button = lambda _frame, **facts: self._button(facts)
        self.Entry = lambda _window, **facts: self._field(facts)
        self.presses = {}

    def Tk(self):  # noqa: N802
        if not self.screen:
            raise self.TclError("no display")
        return SimpleNamespace(
            title=lambda _: None,
            resizable=lambda **_: None,
            attributes=lambda *_: None,
            bind=lambda *_: None,
            after=lambda *_: None,
            destroy=lambda: None,
            mainloop=self._loop,
        )

    def _loop(self):
        self.presses["确定" if self.typed is not None else "取消"]()

    def _widget(self, kept, facts):
        kept.append(facts)
        return SimpleNamespace(pack=lambda **_: None)

    def _button(self, facts):
        self.presses[facts["text"]] = facts["command"]
        return SimpleNamespace(pack=lambda **_: None)

    def _field(self, facts):
        self.fields.append(facts)
        return SimpleNamespace(
            insert=lambda _, text: facts.update(shown=text),
            configure=lambda **more: facts.update(more),
            pack=lambda **_: None,
            get=lambda: facts.get("shown") or self.typed,
            focus_force=lambda: None,
        )


@pytest.fixture
def window(monkeypatch):
    def make(typed, screen=True):
        found = Tk(typed, screen)
        monkeypatch.setitem(sys.modules, "tkinter", found)
        return found

    return make


def test_what_is_typed_is_not_shown(window):
    tk = window("geheim")
    assert dialogs.ask_secret("保存密码", "SMTP 的密码") == "geheim"
    assert tk.fields[0]["show"] == "●"
    assert tk.labels[0]["text"] == "SMTP 的密码"


def test_a_window_that_is_closed_gives_nothing(window):
    window(None)
    assert dialogs.ask_secret("保存密码", "x") is None
    assert not dialogs.confirm("登录", "x", "ABCD")


def test_a_code_can_be_copied_and_not_changed(window):
    tk = window("")
    assert dialogs.confirm("登录", "x", "ABCD")
    assert (tk.fields[0]["shown"], tk.fields[0]["state"]) == ("ABCD", "readonly")


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_where_python_has_no_window_the_system_asks(window, monkeypatch, system):
    window("", screen=False)
    asked = []

    def run(command, env, **_):
        asked.append((command[0], env["XL_ADDIN_TEXT"]))
        return SimpleNamespace(stdout=b"geheim\r\n")

    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(subprocess, "run", run)
    assert dialogs.ask_secret("保存密码", "问'题\"") == "geheim"
    [(program, text)] = asked
    assert program in ("powershell", "osascript")
    assert text == "问'题\""


def test_where_there_is_no_window_at_all_the_command_line_is_named(window, monkeypatch):
    window("", screen=False)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(Refused, match="xl-addin password"):
        dialogs.ask_secret("保存密码", "x")
    with pytest.raises(Refused, match="xl-addin password"):
        dialogs.confirm("登录", "x")
    monkeypatch.setitem(sys.modules, "tkinter", None)
    with pytest.raises(Refused):
        dialogs.ask_secret("保存密码", "x")
