"""What is read of Windows: here, of its programs."""

import sys
from pathlib import Path

import pip
import pytest

from xl_addin.services.checkup.windows import bits_of


@pytest.mark.parametrize(("name", "bits"), [("t32.exe", 32), ("t64.exe", 64), ("t64-arm.exe", 64)])
def test_how_wide_a_real_windows_program_is(name, bits):
    program = Path(pip.__file__).parent / "_vendor" / "distlib" / name
    if not program.exists():
        pytest.skip(f"this pip brings no {name}")
    assert bits_of(program.read_bytes()[:4096]) == bits


def test_what_is_no_windows_program_has_no_width():
    for data in (b"", b"MZ", b"\x7fELF" + bytes(100), Path(sys.executable).read_bytes()[:4096]):
        assert bits_of(data) == 0
