"""体检 as a whole: what is looked at, how it is told, and that looking changes nothing."""

import json

import pytest

from tests.tools import checkups
from tests.tools.checkups import checks_of, faults_of, leave
from xl_addin.cli import main
from xl_addin.model.folder import LEDGER
from xl_addin.services.checkup.runner import STATES
from xl_addin.services.programme import Request
from xl_addin.system import sandbox
from xl_addin.verbs import doctor

pytestmark = pytest.mark.usefixtures("registered_excel")


@pytest.fixture
def programme(tmp_path, first_month):
    """A copy to do harm to."""
    return checkups.copied(first_month, tmp_path)


def test_a_sound_programme_is_well(programme, capfd):
    assert faults_of(programme) == set()
    assert main(["doctor", "--folder", str(programme.folder), "--json"]) == 0
    said = json.loads(capfd.readouterr().out)
    assert said["verb"] == "doctor"
    assert all(
        set(each) == {"code", "state", "subject", "found", "message"} for each in said["checks"]
    )
    codes = {each["code"] for each in said["checks"]}
    assert {
        "python",
        "packages",
        "office",
        "bits",
        "macros-blocked",
        "synced",
        "paths",
        "disk",
        "writable",
        "master",
        "settings",
        "macros",
        "binding",
        "ledger",
        "archive",
        "chronicle",
        "backups",
        "leftovers",
        "clock",
        "mail-out",
        "mail-in",
    } <= codes


def test_a_rehearsal_does_not_try_to_write(programme):
    under_test = programme.open_programme()
    stamp = programme.folder.stat().st_mtime_ns
    checks = doctor.run(under_test, Request(rehearse=True)).data["checks"]
    under_test.close()
    assert {each["code"]: each["state"] for each in checks}["writable"] == "skipped"
    assert programme.folder.stat().st_mtime_ns == stamp


def test_nothing_is_changed(programme):
    before = {path: path.read_bytes() for path in programme.folder.rglob("*") if path.is_file()}
    checks_of(programme)
    after = {path: path.read_bytes() for path in programme.folder.rglob("*") if path.is_file()}
    assert after == before


def test_what_could_not_be_looked_at_says_so_and_what_is_wrong_says_what_to_do(programme):
    (programme.folder / LEDGER).unlink()
    for each in checks_of(programme):
        assert each.state in STATES
        assert each.subject
        if each.state != "ok":
            assert each.message


def test_without_a_programme_only_the_computer_is_checks_of(tmp_path, capfd):
    assert main(["doctor", "--folder", str(tmp_path), "--json"]) == 0
    checks = json.loads(capfd.readouterr().out)["checks"]
    states = {each["code"]: each["state"] for each in checks}
    assert states["programme"] == "skipped"
    assert "ledger" not in states


def test_a_warning_or_a_fault_is_exit_code_1_and_stands_first(programme, capfd):
    leave(programme.folder / "master.xlsm.99.tmp")
    assert main(["doctor", "--folder", str(programme.folder)]) == 1
    assert capfd.readouterr().out.startswith("【注意】残留文件：master.xlsm.99.tmp")


@pytest.mark.parametrize(
    ("missing", "state"), [([], "ok"), (["RLIMIT_AS"], "warning"), (None, "error")]
)
def test_limits_that_cannot_be_set_are_told(missing, state, programme, monkeypatch):
    monkeypatch.setattr(sandbox, "missing_limits", lambda: missing)
    (found,) = [each for each in checks_of(programme) if each.code == "sandbox"]
    assert found.state == state
    assert all(name in found.found for name in missing or ())
