"""Number formats: which cells show a date."""

import pytest

from xl_addin.system.errors import Unreadable
from xl_addin.xlsx import styles
from xl_addin.xlsx.styles import format_code, number_formats, shows_date

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.mark.parametrize(
    ("number", "code", "date"),
    [
        (14, "", True),
        (0, "General", False),
        (164, 'm"月"d"日"', True),
        (165, "yyyy-mm-dd", True),
        (166, '#,##0"人"', False),
        (167, '0" days"', False),
        (168, "[Red]0", False),
        (169, "[h]:mm", True),
        (170, "0.00%", False),
        (171, r"\y0", False),
        (58, "", True),
        (172, "G/通用格式", False),
        (50, "000000", False),
        (27, "0", False),
        (14, "General", False),
        (9, "yyyy", True),
        (3, 'h"时"', True),
    ],
)
def test_which_formats_show_dates(number, code, date):
    assert shows_date(format_code(number, {number: code})) is date


def test_formats_are_taken_from_cell_formats_only():
    formats = '<numFmts><numFmt numFmtId="164" formatCode="yyyy"/></numFmts>'
    of_styles = '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    of_cells = '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>'
    data = f"<styleSheet {NS}>{formats}{of_styles}{of_cells}</styleSheet>"
    assert number_formats(data.encode()).dates == (False, True)


def test_of_alternatives_the_one_for_all_programs_counts():
    other = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    both = (
        f'<mc:AlternateContent xmlns:mc="{other}"><mc:Choice Requires="x"><xf numFmtId="0"/></mc:Choice>'
        '<mc:Fallback><xf numFmtId="14"/></mc:Fallback></mc:AlternateContent>'
    )
    data = f'<styleSheet {NS}><cellXfs>{both}<xf numFmtId="0"/></cellXfs></styleSheet>'
    assert number_formats(data.encode()).dates == (True, False)


def test_formats_are_bounded(monkeypatch):
    monkeypatch.setattr(styles, "_MAX_STYLES", 2)
    with pytest.raises(Unreadable) as refused:
        number_formats(f"<styleSheet {NS}><cellXfs>{'<xf/>' * 3}</cellXfs></styleSheet>".encode())
    assert refused.value.code == "too-large"
