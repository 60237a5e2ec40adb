"""Excel as a program: refusals told with their place, properties put back, nothing heavy imported."""

import subprocess
import sys
from contextlib import suppress
from types import SimpleNamespace

import pytest

from xl_addin.master.host.excelapp import (
    import_xlwings,
    put_back_properties,
    temporary_properties,
    translate_refusals,
)
from xl_addin.system.errors import Refused


class ComError(Exception):
    """As pywin32 raises it; ``excepinfo`` has Excel's own words third."""

    def __init__(self, excepinfo=None):
        super().__init__("(-2147352567, 'Exception occurred.')")
        self.excepinfo = excepinfo


@pytest.fixture
def com(monkeypatch):
    """pywin32's error; what an Excel is still owed at the end is nobody else's to put back."""
    monkeypatch.setitem(sys.modules, "pywintypes", SimpleNamespace(com_error=ComError))
    yield
    assert put_back_properties(0)


class App:
    """Properties, one of which may not be set."""

    def __init__(self, refuses="", error=ComError):
        self.__dict__.update(status_bar=False, screen_updating=True, refuses=refuses, error=error)

    def __setattr__(self, name, value):
        if name == self.refuses:
            raise self.error
        self.__dict__[name] = value


@pytest.mark.usefixtures("com")
@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ComError((0, "Microsoft Excel", "工作表受保护", None, 0, 0)), "工作表受保护"),
        (ComError((0, "Microsoft Excel", None, None, 0, 0)), "Exception occurred"),
        (ComError(), "Exception occurred"),
        (import_xlwings().XlwingsError("call rejected by callee"), "call rejected"),
    ],
)
def test_what_excel_refuses_is_told_with_the_place(error, says):
    with pytest.raises(Refused, match="汇总!A1") as told, translate_refusals("汇总!A1"):
        raise error
    assert says in told.value.message


def test_faults_that_are_not_excels_are_left_as_they_are():
    with pytest.raises(ZeroDivisionError), translate_refusals("汇总!A1"):
        raise ZeroDivisionError


def test_properties_are_put_back_whatever_happens():
    app = App()
    during = {}
    with (
        suppress(ZeroDivisionError),
        temporary_properties(app, status_bar="重算……", screen_updating=False),
    ):
        during |= app.__dict__
        raise ZeroDivisionError
    assert (during["status_bar"], during["screen_updating"]) == ("重算……", False)
    assert (app.status_bar, app.screen_updating) == (False, True)


@pytest.mark.usefixtures("com")
def test_one_property_that_cannot_be_set_or_put_back_keeps_no_other():
    app = App(refuses="screen_updating")
    with (
        pytest.raises(ComError),
        temporary_properties(app, status_bar="重算……", screen_updating=False),
    ):
        pytest.fail("one of them was not set")
    assert app.status_bar is False
    app.refuses = ""
    app = App()
    with temporary_properties(app, status_bar="重算……", screen_updating=False):
        app.refuses = "screen_updating"
    assert (app.status_bar, app.screen_updating) == (False, False)
    app.refuses = ""
    assert put_back_properties(0)
    assert app.screen_updating is True


def test_xlwings_comes_without_what_it_would_bring():
    program = (
        "import sys; from xl_addin.master.host.excelapp import import_xlwings; import_xlwings();"
        "print([n for n in ('numpy', 'pandas', 'PIL', 'xlwings.pro') if n in sys.modules]);"
        "import json, numpy"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
