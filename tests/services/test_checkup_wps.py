"""体检 of WPS: decided from facts written down, since none is here."""

from pathlib import Path

import pytest

from xl_addin.services import wps_addin
from xl_addin.services.checkup import wps


class Registry:
    """What programs say of themselves, by (key, name)."""

    def __init__(self, **values):
        self.values = values

    def value(self, key, name):
        return self.values.get(name, "") if "WOW" not in key else ""


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize("home", wps._LINUX_HOMES)
def test_a_wps_of_linux_is_found_with_its_version_and_its_list(tmp_path, home):
    put(tmp_path / home / "cfgs" / "setup.cfg", "[setup]\nversion = 11.8.2.1128\n")
    put(
        tmp_path / home / "cfgs" / "oem.ini",
        "[Support]\n##on\nJsApiPlugin=true\n[Server]\nJSPluginsServer=http://oa/jsplugins.xml\n",
    )
    (found,) = wps.installed("linux", tmp_path, Registry())
    assert found == (str(tmp_path / home), "11.8.2.1128", "http://oa/jsplugins.xml", "true")
    assert [check.code for check in wps.which_checks([found])] == ["wps", "wps-managed"]


def test_a_wps_of_windows_is_found_in_the_registry(tmp_path):
    put(tmp_path / "office6" / "cfgs" / "oem.ini", "JsApiPlugin=false\n")
    registry = Registry(InstallRoot=str(tmp_path), Version="12.1.0.16910")
    (found,) = wps.installed("win32", Path("/nowhere"), registry)
    assert found == (str(tmp_path), "12.1.0.16910", "", "false")
    assert list(wps.installed("win32", Path("/nowhere"), Registry())) == []


def test_no_wps_is_no_fault(tmp_path):
    assert list(wps.installed("linux", tmp_path, Registry())) == []
    (check,) = wps.which_checks([])
    assert check.state == "ok"


@pytest.mark.parametrize(
    ("version", "plugins", "state", "edition"),
    [
        ("12.8.2.21176", "", "ok", "professional"),
        ("11.8.2.1128", "true", "ok", "professional"),
        ("12.1.0.16910", "", "ok", "personal"),
        ("12.1.0.26200", "", "warning", "personal"),
        ("12.8.2.21176", "False", "error", "professional"),
        ("", "", "ok", ""),
    ],
)
def test_which_wps_takes_add_ins(version, plugins, state, edition):
    found = wps.Wps("/opt/wps", version, "", plugins)
    (check,) = wps.which_checks([found])
    assert (check.state, found.edition) == (state, edition)


@pytest.mark.parametrize(
    ("there", "current", "listed", "trusted", "has_wps", "state"),
    [
        (False, False, (), None, False, "ok"),
        (False, False, (), None, True, "warning"),
        (False, False, ("publish.xml",), None, False, "error"),
        (True, False, wps_addin.LISTS, True, True, "error"),
        (True, True, ("publish.xml",), True, True, "error"),
        (True, True, wps_addin.LISTS, False, True, "error"),
        (True, True, wps_addin.LISTS, None, True, "warning"),
        (True, True, wps_addin.LISTS, True, True, "ok"),
    ],
)
def test_how_the_add_in_stands_and_what_to_do(there, current, listed, trusted, has_wps, state):
    stands = wps_addin.Standing(Path("/a"), there, current, listed, trusted, False)
    (check,) = wps.addin_checks(stands, has_wps)
    assert check.state == state
    assert bool(check.message) == (state != "ok")
