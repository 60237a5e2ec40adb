"""Buttons: the verbs on an open workbook, Excel held still and put back, every end in a message."""

import sys

import pytest

from tests import masters
from xl_addin import layout, ribbon
from xl_addin.host_excel import import_xlwings
from xl_addin.verbs import VERBS

BUTTONS = [verb.name for verb in VERBS if verb.group]
QUIET = {"screen_updating": True, "enable_events": True, "calculation": "automatic", "status_bar": False}


@pytest.fixture
def folder(tmp_path):
    return masters.programme(tmp_path / "残联 任务" / "2023 年")


@pytest.fixture
def book(excel, folder):
    return import_xlwings().Book(str(folder / layout.MASTER))


@pytest.fixture
def press(excel, monkeypatch):
    """``press(verb)``: the message that the button ends in."""

    def pressed(verb, name=layout.MASTER):
        argv = ["-c", f"--wb={name}", "--from_xl=1", "--app=C:\\Office\\Microsoft Excel", "--hwnd=1001"]
        monkeypatch.setattr(sys, "argv", argv)
        before = len(excel.noted("alert"))
        ribbon.press(verb)
        (message,) = excel.noted("alert")[before:]
        return message

    return pressed


@pytest.mark.parametrize("verb", BUTTONS)
def test_every_button_ends_in_a_message_and_leaves_excel_as_it_was(excel, book, press, verb):
    message = press(verb)
    print(message)
    assert message["title"] == next(each.label for each in VERBS if each.name == verb)
    assert message["text"]
    assert {name: excel.state(name) for name in QUIET} == QUIET
