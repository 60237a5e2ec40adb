"""The lint of VBA projects agrees with Excel's own and sees what older masters and a fault have."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
from pyopenvba.cfb import CFB

from tests.data.make_workbooks import MASTER
from tests.tools import lint_vba
from tests.tools.parts import read_parts

KEPT = Path(__file__).parents[1] / "data" / "programmes"


def found(parts: dict[str, bytes]) -> set[str]:
    book = SimpleNamespace(parts=parts)
    return {line.partition(":")[0] for check in lint_vba.CHECKS for line in check(book)}


def changed(change) -> dict[str, bytes]:
    parts = read_parts(MASTER)
    storage = CFB.from_bytes(parts[lint_vba.PART])
    change(storage)
    return {lint_vba.PART: storage.to_bytes()}


def test_what_excel_wrote_passes_but_for_the_code_that_it_compiled() -> None:
    home = Path(find_spec("xlwings").submodule_search_locations[0])
    for name in ("quickstart_standalone.xlsm", "addin/xlwings.xlam"):
        assert found(read_parts(home / name)) <= {"vba-offset"}, name


def test_the_shipped_master_passes() -> None:
    assert found(read_parts(MASTER)) == set()


@pytest.mark.parametrize("release", ["0.1.0", "0.2.1", "0.3.0", "0.4.0"])
def test_what_older_masters_carry_is_found(release: str) -> None:
    parts = read_parts(KEPT / release / "master.xlsm")
    assert found(parts) == {"vba-cache", "vba-offset", "vba-attributes"}


@pytest.mark.parametrize(
    ("code", "change"),
    [
        (
            "vba-cache",
            lambda s: s.write_stream_in_storage("VBA", "_VBA_PROJECT", b"\xcc\x61\xb5\0\0\0\0"),
        ),
        ("vba-cache", lambda s: s.add_stream_to_storage("VBA", "__SRP_0", b"code")),
        (
            "vba-declared",
            lambda s: s.write_stream(
                "PROJECT", s.get_stream("PROJECT").replace(b"Module=XlAddin", b"Module=XlAddim")
            ),
        ),
        ("vba-declared", lambda s: s.write_stream("PROJECTwm", b"\0\0")),
    ],
)
def test_a_fault_of_the_streams_is_found(code: str, change) -> None:
    assert found(changed(change)) == {code}
