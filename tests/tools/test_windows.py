"""The Windows Python that the tests of Windows stand on."""

import subprocess

ASKED = (
    "import locale, os, sqlite3, ssl, sys, keyring, pandas, win32com, xl_addin;"
    "print(os.name, sys.version_info[:2] >= (3, 11), locale.getencoding(), os.path.isfile(xl_addin.__file__))"
)


def test_it_is_windows_with_an_offices_code_page_and_has_what_the_program_needs(windows_python):
    done = subprocess.run([windows_python, "-c", ASKED], stdin=subprocess.PIPE, capture_output=True)
    assert done.stdout.split() == [b"nt", b"True", b"cp936", b"True"], done.stderr
