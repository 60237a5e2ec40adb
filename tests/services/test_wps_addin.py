"""The add-in among WPS's: entries of others stay byte for byte, everything is done again without harm."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from xl_addin.master.macros.ribbonxml import WPS_NAMESPACE, ribbon_xml, wps_ribbon
from xl_addin.model.commands import BUTTONS
from xl_addin.services import wps_addin
from xl_addin.system.errors import Refused

OTHERS = (
    b"\xef\xbb\xbf<?xml version='1.0' encoding=\"UTF-8\"?>\r\n"
    b'<!-- <jsplugin name="xl-addin"/> in a note -->\r\n<jsplugins >\r\n'
    b'\t<jspluginonline  name="oa" type="wps" url="http://oa/?a=1&amp;b=2"  debug=""/>\r\n'
    b"  <jsplugin name='other' desc='a > b' url='other_1'>\r\n  <ribbon/></jsplugin>"
    + "<!--甲-->\r\n</jsplugins>\r\n<!-- end -->".encode()
)
OLD = b'<jsplugin url="http://x/" name="xl-addin" desc="a > b"><ribbon file="r"/></jsplugin>'
LISTS = {
    "none": b"",
    "blank": b" \n",
    "empty": b"<jsplugins/>",
    "empty and open": b"<?xml version='1.0'?><jsplugins></jsplugins>",
    "others": OTHERS,
}
PLACE = Path("publish.xml")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Where WPS keeps the add-ins of a user who has none."""
    monkeypatch.setenv("HOME", str(tmp_path / "家 目录"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "家 目录"))
    return wps_addin.addins_folder()


def names(data):
    return [each.get("name") for each in ET.fromstring(data)]  # noqa: S314 - our own


@pytest.mark.parametrize("data", LISTS.values(), ids=LISTS)
def test_our_entry_goes_in_and_out_and_nothing_else_changes(data):
    entered = wps_addin.with_entry(data, PLACE)
    assert names(entered) == [*(names(data) if data.strip() else []), wps_addin.NAME]
    assert wps_addin.with_entry(entered, PLACE) == entered
    left = wps_addin.without_entry(entered, PLACE)
    if data == OTHERS:
        assert left == data
    assert names(left) == names(data if data.strip() else b"<jsplugins/>")
    assert wps_addin.without_entry(left, PLACE) == left


@pytest.mark.parametrize("before", [b"", b"  ", b"\n", b"\r\n\t"])
@pytest.mark.parametrize("after", [b"", b"\n", b"\r\n", b"<jsplugin name='z'/>"])
def test_an_older_entry_of_ours_is_replaced_wherever_it_stands(before, after):
    data = b"<jsplugins><jsplugin name='a'/>" + before + OLD + after + OLD + b"</jsplugins>"
    entered = wps_addin.with_entry(data, PLACE)
    assert names(entered).count(wps_addin.NAME) == 1
    assert wps_addin.ENTRY.encode() in entered
    assert OLD not in entered
    assert names(entered)[0] == "a"
    assert ("z" in names(entered)) == (b"z" in after)


@pytest.mark.parametrize(
    "data",
    [
        b"<jsplugins>",
        b"<other/>",
        b"\xff\xfe\x00",
        b"<jsplugins><a></jsplugins>",
        b"<?xml version='1.0' encoding='x-none'?><jsplugins/>",
        b"no list",
    ],
)
def test_what_is_no_list_is_refused_and_nothing_is_changed(home, data):
    home.mkdir(parents=True)
    (home / "jsplugins.xml").write_bytes(data)
    with pytest.raises(Refused, match=r"jsplugins\.xml"):
        wps_addin.install()
    assert [path.name for path in home.iterdir()] == ["jsplugins.xml"]
    assert (home / "jsplugins.xml").read_bytes() == data


def test_installed_twice_updated_and_removed(home):
    home.mkdir(parents=True)
    (home / "publish.xml").write_bytes(OTHERS)
    (home / "publish.xml").chmod(0o640)
    folder = wps_addin.install()
    assert folder == home / wps_addin.FOLDER
    first = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}
    assert wps_addin.standing()[1:] == (True, True, wps_addin.LISTS, None, False)
    wps_addin.install()
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()} == first
    (folder / "main.js").write_text("// of an earlier version")
    (folder / "left over.js").write_text("")
    assert not wps_addin.standing().is_current
    wps_addin.install()
    assert wps_addin.standing().is_current
    assert not (folder / "left over.js").exists()
    assert wps_addin.remove() == [str(home / name) for name in wps_addin.LISTS] + [str(folder)]
    assert (home / "publish.xml").read_bytes() == OTHERS
    if os.name == "posix":
        assert stat.S_IMODE((home / "publish.xml").stat().st_mode) == 0o640
    assert not folder.exists()
    assert wps_addin.remove() == []


@pytest.mark.usefixtures("home")
@pytest.mark.skipif(os.name != "posix", reason="rights are bits on POSIX only")
def test_what_runs_inside_wps_is_its_users_alone(tmp_path):
    folder = wps_addin.install()
    rights = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert rights == {0o600, 0o700}
    wps_addin.remove()
    elsewhere = tmp_path / "another's"
    elsewhere.mkdir()
    folder.symlink_to(elsewhere)
    with pytest.raises(Refused, match="不安全"):
        wps_addin.install()
    assert list(elsewhere.iterdir()) == []
    wps_addin.remove()
    assert elsewhere.is_dir()


@pytest.mark.usefixtures("home")
def test_the_ribbon_is_the_same_as_in_excel_in_the_older_words():
    ours = ET.fromstring(ribbon_xml())  # noqa: S314 - our own
    theirs = ET.fromstring(wps_ribbon())  # noqa: S314 - our own
    assert theirs.get("onLoad") == "OnAddinLoad"

    def buttons(root):
        found = [each for each in root.iter() if each.tag.endswith("}button")]
        kept = ("id", "label", "size", "keytip", "screentip", "supertip")
        return [{name: each.get(name) for name in kept} for each in found]

    assert buttons(theirs) == buttons(ours)
    assert {each.tag.partition("}")[0][1:] for each in theirs.iter()} == {WPS_NAMESPACE}
    assert {
        (each.get("onAction"), each.get("getImage"))
        for each in theirs.iter()
        if each.tag.endswith("}button")
    } == {("OnAction", "GetImage")}
    assert not any("image" in each.attrib or "imageMso" in each.attrib for each in theirs.iter())
    folder = wps_addin.install()
    ids = {each["id"] for each in buttons(ours)}
    assert {path.stem for path in (folder / "images").iterdir()} == ids
    told = json.loads((folder / "installed.js").read_text().partition("=")[2].strip().rstrip(";"))
    assert told["buttons"].keys() == ids
    assert {name for name, each in told["buttons"].items() if "block" not in each} == set(BUTTONS)


@pytest.mark.skipif(os.name != "posix", reason="a registry of its own on Windows")
@pytest.mark.parametrize("python", ["/usr/bin/python3", '/opt/a b/100%/$x"`\\/python3'])
def test_it_may_begin_with_the_session_and_goes_with_the_add_in(home, python):
    wps_addin.install()
    entry = Path(wps_addin.begin_with_session(python))
    assert entry == home.parents[4] / ".config/autostart/xl-addin.desktop"
    (line,) = [line for line in entry.read_text().splitlines() if line.startswith("Exec=")]
    # As a desktop reads it: escapes of the file, then quotes, then field codes.
    said = line.removeprefix("Exec=").replace("\\\\", "\\")
    words = [re.sub(r"\\(.)", r"\1", each) for each in re.findall(r'"((?:\\.|[^"])*)"', said)]
    assert [each.replace("%%", "%") for each in words] == [
        *(python, "-P", "-m", "xl_addin.serve"),
        "--stay",
    ]
    assert wps_addin.remove()[-1] == "开机自动启动"
    assert not entry.exists()


@pytest.mark.parametrize(
    ("kept", "trusted"),
    [
        (None, None),
        ("no json", None),
        ({"et": {"other": {"name": "other", "enable": False}}}, None),
        ({"et": [{"name": "xl-addin", "enable": True, "isload": True}]}, True),
        ({"et": {"xl-addin": {"enable": False}}}, False),
        ([{"path": f"/home/x/{wps_addin.FOLDER}", "enable": False}], False),
    ],
)
def test_what_wps_keeps_of_its_users_answer(home, kept, trusted):
    wps_addin.install()
    if kept is not None:
        text = kept if isinstance(kept, str) else json.dumps(kept)
        (home / "authaddin.json").write_text(text)
    assert wps_addin.standing().trusted is trusted


@pytest.mark.parametrize(
    ("platform", "variables", "place"),
    [
        ("win32", {"APPDATA": "/r"}, "/r/kingsoft/wps/jsaddons"),
        ("linux", {"HOME": "/h"}, "/h/.local/share/Kingsoft/wps/jsaddons"),
    ],
)
def test_where_wps_looks(platform, variables, place):
    assert wps_addin.addins_folder(platform, variables).as_posix() == place


def test_elsewhere_there_is_no_add_in():
    with pytest.raises(Refused, match="Excel"):
        wps_addin.addins_folder("darwin", {})
