"""Every formula of master and form means the same to gnumeric and to IronCalc as in the file.

LibreOffice recalculates the same files in test_demo.py; readers on phones are of these engines' kind.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.tools import masters
from tests.tools.engines import gnumeric_disagreements, ironcalc_disagreements
from xl_addin.model.folder import FORMS, MASTER, RETURNS
from xl_addin.model.sheets import TARGETS_SHEET
from xl_addin.services.programme import Programme, Request
from xl_addin.verbs import demo, function_of

ENGINES = [
    pytest.param(gnumeric_disagreements, id="gnumeric", marks=pytest.mark.gnumeric),
    pytest.param(ironcalc_disagreements, id="ironcalc"),
]


@pytest.fixture(scope="module")
def played(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("演示") / "年度 任务"
    demo.run(Programme(folder), Request())
    return folder


@pytest.fixture
def folder(played: Path, tmp_path: Path) -> Path:
    return shutil.copytree(played, tmp_path / "任务")


@pytest.mark.parametrize("find", ENGINES)
@pytest.mark.parametrize("month", ["2023-01", "2023-06", "2023-12"])
def test_a_master_says_the_same(folder: Path, find, month: str) -> None:
    programme = Programme(folder)
    function_of("recompute")(programme, Request(month=month))
    programme.close()
    assert find(folder / MASTER) == []


@pytest.mark.parametrize("find", ENGINES)
@pytest.mark.parametrize("place", [FORMS, RETURNS])
def test_a_form_says_the_same_blank_and_filled_in(played: Path, find, place: str) -> None:
    forms = sorted((played / place).rglob("*.xlsx"))[::17]
    assert len(forms) > 5
    for form in forms:
        assert find(form) == [], form


@pytest.mark.parametrize("find", ENGINES)
def test_a_value_that_no_longer_follows_is_found(folder: Path, find) -> None:
    path = folder / MASTER
    path.write_bytes(masters.edit_master({TARGETS_SHEET: {(10, 3): 7777}}, path.read_bytes()))
    assert find(path)
