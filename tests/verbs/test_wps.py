"""The add-in for WPS on the command line: put in, looked at, started, taken out. Proves also verbs/serve.py."""

import json
import sys
import threading
from pathlib import Path
from shlex import quote

import pytest

from tests.test_serve import ROOT
from tests.tools.systems import ON_WINDOWS
from xl_addin.cli import main
from xl_addin.services import wps_addin


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in ("HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "家"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def says(capfdbinary, *words):
    code = main([*words, "--json"])
    return code, json.loads(capfdbinary.readouterr().out or b"{}")


def states(found):
    return {check["code"]: check["state"] for check in found["checks"]}


def test_from_nothing_to_a_program_that_waits_and_back(home, capfdbinary):
    assert says(capfdbinary, "serve")[0] == 2
    code, found = says(capfdbinary, "wps")
    assert (code, states(found)["wps-addin"]) == (0, "ok")
    assert says(capfdbinary, "wps", "install", "--rehearse")[0] == 0
    assert not (home / "家").exists()
    code, found = says(capfdbinary, "wps", "install")
    assert (code, Path(found["folder"]).name) == (0, wps_addin.FOLDER)
    code, found = says(capfdbinary, "wps", "status")
    assert (code, states(found)["wps-addin"]) == (1, "warning")  # nobody has trusted it yet
    assert says(capfdbinary, "serve", "--rehearse")[0] == 0
    assert says(capfdbinary, "serve") == (0, {"verb": "serve", "stay": False})
    session = wps_addin.read_session(Path(wps_addin.installed_folder()))
    assert session
    assert says(capfdbinary, "serve", "--stay")[0] == 0
    assert wps_addin.read_session(Path(wps_addin.installed_folder())) == session
    assert says(capfdbinary, "wps", "remove", "--rehearse")[0] == 0
    assert wps_addin.standing().is_there
    code, found = says(capfdbinary, "wps", "remove")
    assert (code, len(found["removed"])) == (0, 3)
    assert says(capfdbinary, "wps", "remove")[1]["removed"] == []
    assert [path.name for path in home.iterdir()] == ["家"]


@pytest.mark.skipif(ON_WINDOWS, reason="a script of sh; there python.exe itself does so")
def test_a_starter_that_keeps_the_programs_output_to_its_end_is_not_waited_for(
    home, capfdbinary, monkeypatch
):
    starter = home / "python"
    starter.write_text(f'#!/bin/sh\n{quote(sys.executable)} "$@"\nexit $?\n')
    starter.chmod(0o700)
    says(capfdbinary, "wps", "install")
    monkeypatch.setattr(sys, "executable", str(starter))
    until = threading.Timer(30, wps_addin.remove)  # which would end it
    until.start()
    assert says(capfdbinary, "serve", "--stay") == (0, {"verb": "serve", "stay": True})
    until.cancel()
    assert says(capfdbinary, "wps", "remove")[1]["removed"]


@pytest.mark.usefixtures("home")
def test_another_word_is_refused_with_those_there_are(capfd):
    assert main(["wps", "uninstall"]) == 2
    assert "remove" in capfd.readouterr().err


@pytest.mark.usefixtures("home")
def test_doctor_says_how_wps_stands(capfdbinary):
    says(capfdbinary, "wps", "install")
    _, found = says(capfdbinary, "doctor")
    assert {"wps", "wps-addin"} <= states(found).keys()
    says(capfdbinary, "wps", "remove")
