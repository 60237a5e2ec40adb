"""What is read of Windows: here, of its programs."""

from contextlib import suppress
from pathlib import Path

import pytest

from tests.tools.systems import windows
from xl_addin.services.checkup.windows import bits_of, com_server

KIND, SERVER = (
    "{5f1a9c0e-0c1f-4d59-9a77-0f2b3b1c7d11}",
    r'"C:\Program Files\WPS\et.exe" /automation',
)


@pytest.mark.parametrize(("name", "bits"), [("t32.exe", 32), ("t64.exe", 64), ("t64-arm.exe", 64)])
def test_how_wide_a_real_windows_program_is(name, bits):
    pip = pytest.importorskip("pip")
    program = Path(pip.__file__).parent / "_vendor" / "distlib" / name
    if not program.exists():
        pytest.skip(f"this pip brings no {name}")
    assert bits_of(program.read_bytes()[:4096]) == bits


def test_what_is_no_windows_program_has_no_width():
    for data in (b"", b"MZ", b"\x7fELF" + bytes(100), Path(__file__).read_bytes()[:4096]):
        assert bits_of(data) == 0


@windows
@pytest.mark.parametrize("half", ["KEY_WOW64_64KEY", "KEY_WOW64_32KEY"])
def test_who_answers_for_a_program_is_read_from_either_half_of_the_registry(half):
    import winreg

    name = "XlAddinTest.Application"
    keys = {rf"{name}\CLSID": KIND, rf"CLSID\{KIND}\LocalServer32": SERVER}
    rights = winreg.KEY_ALL_ACCESS | getattr(winreg, half)
    assert com_server(name) == ""
    try:
        for path, value in keys.items():
            with winreg.CreateKeyEx(winreg.HKEY_CLASSES_ROOT, path, 0, rights) as key:
                winreg.SetValueEx(key, "", 0, winreg.REG_SZ, value)
        assert com_server(name) == SERVER
    except PermissionError:
        pytest.skip("only an administrator may register a program")
    finally:
        for path in (*keys, name, rf"CLSID\{KIND}"):
            with suppress(OSError):
                winreg.DeleteKeyEx(winreg.HKEY_CLASSES_ROOT, path, getattr(winreg, half))
