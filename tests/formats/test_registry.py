"""Every format a form may come back in, whoever wrote it and whatever the file is called.

Proves also formats/*.py.
"""

import base64
import ctypes
import io
import json
import random
import shutil
import subprocess
import sys
from xml.sax.saxutils import quoteattr

import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font

from tests.judging.test_survival import cells, errors, figures, form, judged
from tests.tools import forms
from tests.tools.forms import GOOD, ProblemAt, fill_form
from tests.tools.resave import resave
from xl_addin.formats import registry
from xl_addin.formats.open import read_grids
from xl_addin.formats.sniff import sniff_kind
from xl_addin.judging.assess import assess
from xl_addin.system import jobobject
from xl_addin.system.errors import Unreadable
from xl_addin.xlsx.package import inflate, unpack

__all__ = ["form"]


def codes(judgement):
    return {problem.code for problem in judgement.problems}


# What comes back of the form in each format, and what is said of it: a web page or a text is one
# sheet of the workbook, and SheetJS cuts texts in .xls at 255 characters, the sealed ones too.
SHEETJS = {
    "xlsx": "",
    "xlsm": "",
    "xlsb": "",
    "ods": "",
    "fods": "",
    "xls": "",
    "html": "sheet-copied",
    "csv": "sheet-copied",
    "txt": "sheet-copied",
}


@pytest.mark.node
@pytest.mark.parametrize("ending", SHEETJS)
def test_what_sheetjs_saves_in_every_format(ending, form, tmp_path):
    judgement = judged(resave("sheetjs", form, tmp_path / f"回报.{ending}", cells(GOOD)))
    doubt = SHEETJS[ending]
    assert figures(judgement) == GOOD
    assert (judgement.verdict, judgement.district, judgement.month) == (
        "held" if doubt else "accepted",
        "500101",
        forms.MONTH,
    ), judgement.problems
    told = {"content-cut"} if ending == "xls" else set()
    assert codes(judgement) == ({doubt} if doubt else told)


@pytest.mark.parametrize(("ending", "doubt"), [("fods", ""), ("html", "no-identity")])
def test_what_libreoffice_saves_in_further_formats(ending, doubt, form, office, tmp_path):
    judgement = judged(office.fill(form, tmp_path / f"回报.{ending}", cells(GOOD)))
    assert figures(judgement) == GOOD
    assert (judgement.verdict, judgement.district) == ("held" if doubt else "accepted", "500101")
    assert codes(judgement) == ({doubt} if doubt else set())


def as_xml_2003(data, look=""):
    """The workbook as Excel writes “XML 表格 2003”; ``look`` is the format of F7."""
    kept = load_workbook(io.BytesIO(data), data_only=True)
    formulas = load_workbook(io.BytesIO(data))
    sheets = ""
    for sheet in formulas:
        rows = ""
        for row in sheet.iter_rows():
            filled_cells = [cell for cell in row if cell.value is not None]
            rows += f'<Row ss:Index="{row[0].row}">' if filled_cells else ""
            for cell in filled_cells:
                formula = isinstance(cell.value, str) and cell.value.startswith("=")
                value = kept[sheet.title][cell.coordinate].value if formula else cell.value
                kind = "Number" if isinstance(value, int | float) else "String"
                kind = "Error" if value in ("#REF!", "#DIV/0!") else kind
                attrs = f' ss:Formula="{escape(cell.value)}"' if formula else ""
                attrs += ' ss:StyleID="s7"' if cell.coordinate == "F7" and look else ""
                text = escape(str(value)) if value is not None else ""
                rows += (
                    f'<Cell ss:Index="{cell.column}"{attrs}><Data ss:Type="{kind}">{text}</Data>'
                    '<Comment ss:Author="x"><ss:Data xmlns="http://www.w3.org/TR/REC-html40">999</ss:Data></Comment></Cell>'
                )
            rows += "</Row>" if filled_cells else ""
        visible = "" if sheet.sheet_state == "visible" else "<Visible>SheetVeryHidden</Visible>"
        options = f'<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel">{visible}</WorksheetOptions>'
        sheets += f'<Worksheet ss:Name="{sheet.title}"><Table>{rows}</Table>{options}</Worksheet>'
    styles = f'<Style ss:ID="s7"><NumberFormat ss:Format="{escape(look)}"/></Style>'
    return (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
        ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Styles><Style ss:ID="Default"/>{styles}</Styles>{sheets}</Workbook>'
    ).encode()


def comments(judgement):
    return {(t.cell, t.indicator, t.text) for t in judgement.texts if t.field == "comment"}


NOTED = {("F7", "I01", "实际为 7 人\n第二行"), ("B3", "", "标题")}


def noted_form(path):
    """A form with comments as openpyxl writes them, figures and all."""
    book = load_workbook(io.BytesIO(fill_form()))
    for cell, _, text in NOTED:
        book["任务进度"][cell].comment = Comment(text, "李红")
    book.save(path)
    return path


@pytest.mark.libreoffice
@pytest.mark.parametrize("ending", ["xlsx", "ods", "fods", "xls"])
def test_comments_that_libreoffice_saves(ending, office, tmp_path):
    saved = office.convert(noted_form(tmp_path / "a.xlsx"), tmp_path / "out", ending)
    judgement = assess(saved.read_bytes(), saved.name, forms.context())
    assert comments(judgement) == NOTED
    assert figures(judgement) == GOOD


@pytest.mark.gnumeric
@pytest.mark.parametrize("ending", ["xlsx", "xls"])
def test_comments_that_gnumeric_saves(ending, tmp_path):
    saved = tmp_path / f"b.{ending}"
    subprocess.run(
        ["ssconvert", noted_form(tmp_path / "a.xlsx"), saved], check=True, capture_output=True
    )
    assert comments(assess(saved.read_bytes(), saved.name, forms.context())) == NOTED


@pytest.mark.node
@pytest.mark.parametrize(
    ("writer", "ending"),
    [("exceljs", "xlsx"), ("sheetjs", "xlsx"), ("sheetjs", "xlsb"), ("sheetjs", "xls")],
)
def test_comments_that_libraries_for_node_write(writer, ending, tmp_path):
    form = tmp_path / "a.xlsx"
    form.write_bytes(fill_form())
    notes = {"任务进度": {cell: {"note": text} for cell, _, text in NOTED}}
    judgement = judged(resave(writer, form, tmp_path / f"回报.{ending}", notes))
    # SheetJS writes no comment into an .xls.
    assert comments(judgement) == (set() if ending == "xls" else NOTED)


def escape(text):
    return quoteattr(text)[1:-1].replace('"', "&quot;")


@pytest.mark.parametrize(
    ("change", "look", "code"),
    [
        ({}, "", ""),
        ({}, '0"人"', ""),
        ({}, '0"万"', "shown-otherwise"),
        ({}, "Percent", "not-a-number"),
        ({"I01": "约25"}, "", "not-a-number"),
        ({"I01": "#REF!"}, "", "error-value"),
        ({"I01": -1}, "", "negative"),
        ({"I01": "２５"}, "", "read-as-number"),
    ],
)
def test_xml_2003(change, look, code):
    judgement = assess(as_xml_2003(fill_form({**GOOD, **change}), look), "x.xls", forms.context())
    assert (judgement.district, judgement.month) == ("500101", forms.MONTH)
    told = {p.code for p in judgement.problems if p.cell == "F7"}
    assert told == {"number-in-comment", code} - {""}
    assert ("comment", "I01", "F7", "999") in {
        (t.field, t.indicator, t.cell, t.text) for t in judgement.texts
    }
    assert {k: v for k, v in figures(judgement).items() if k != "I01"} == {
        k: v for k, v in GOOD.items() if k != "I01"
    }


def test_xml_2003_with_a_number_over_a_formula():
    data = fill_form()
    book = load_workbook(io.BytesIO(data))
    book["任务进度"]["G7"] = 999
    out = io.BytesIO()
    book.save(out)
    judgement = assess(as_xml_2003(out.getvalue()), "x.xml", forms.context())
    assert ProblemAt("G7", "total-unexplained") in errors(judgement)


CASES = {
    "text": ({"I01": "约25"}, {"not-a-number"}),
    "negative": ({"I01": -1}, {"negative"}),
    "blank": ({"I01": None}, {"blank"}),
    "formula": ({"I01": "=20+5"}, set()),
    "error": ({"I01": "=1/0"}, {"error-value"}),
    "half": ({"I01": 1.5}, {"not-whole"}),
}


@pytest.mark.parametrize("ending", ["xls", "ods", "fods", "html"])
@pytest.mark.parametrize("name", CASES)
def test_a_wrong_entry_is_found_in_every_format(name, ending, form, office, tmp_path):
    change, wrong = CASES[name]
    back = office.fill(form, tmp_path / f"x.{ending}", cells({**GOOD, **change}), formulas=True)
    judgement = judged(back)
    found = {p.code for p in judgement.problems if p.cell == "F7" and p.severity == "error"}
    assert found == wrong, judgement.problems
    assert judgement.verdict == (
        "held" if ending == "html" else "rejected" if wrong else "accepted"
    )
    number = {"negative": -1, "half": 1.5, "formula": 25}.get(name)
    assert figures(judgement) == {**GOOD, "I01": number}


@pytest.mark.node
@pytest.mark.parametrize("ending", ["xlsb", "ods"])
def test_a_number_typed_over_a_formula_is_seen_in_sheetjs_formats(ending, form, tmp_path):
    judgement = judged(resave("sheetjs", form, tmp_path / f"x.{ending}", cells(GOOD, G7=999)))
    assert figures(judgement) == GOOD
    # This .xlsb has lost which cells were formulas: what is in one may be the form's own result.
    code = "locked-changed" if ending == "xlsb" else "total-unexplained"
    assert errors(judgement) == {ProblemAt("G7", code)}


@pytest.mark.node
def test_an_error_in_an_xlsb_is_no_blank(tmp_path):
    source = tmp_path / "错.xlsx"
    book = load_workbook(io.BytesIO(fill_form({k: v for k, v in GOOD.items() if k != "I06"})))
    book["任务进度"]["F12"] = "#REF!"  # openpyxl makes an error value of it
    book.save(source)
    judgement = judged(resave("sheetjs", source, tmp_path / "x.xlsb", {}))
    assert errors(judgement) == {ProblemAt("F12", "error-value")}
    assert {f.indicator: f.state for f in judgement.figures}["I06"] == "illegible"


@pytest.mark.parametrize("ending", ["xls", "ods", "fods"])
@pytest.mark.parametrize(("look", "code"), [("0%", "not-a-number"), ('0"万"', "shown-otherwise")])
def test_formats_that_show_another_number(look, code, ending, office, tmp_path):
    source = tmp_path / "格式.xlsx"
    book = load_workbook(io.BytesIO(fill_form({**GOOD, "I01": 1})))
    book["任务进度"]["F7"].number_format = look
    book.save(source)
    judgement = judged(office.convert(source, tmp_path, ending))
    known = {p.code for p in judgement.problems if p.cell == "F7"}
    assert known == {code}
    assert figures(judgement)["I01"] == (None if look == "0%" else 1)


@pytest.mark.node
@pytest.mark.parametrize(
    ("ending", "called"),
    [
        ("xlsx", "x.xls"),
        ("xls", "x.xlsx"),
        ("html", "x.xls"),
        ("csv", "x.xls"),
        ("fods", "x.xls"),
        ("ods", "x.xlsx"),
        ("xlsb", "x.xlsx"),
        ("xls", "x.et"),
        ("xlsx", "x.dat"),
        ("xlsx", "x"),
    ],
)
def test_the_name_of_a_file_says_nothing(ending, called, form, tmp_path):
    back = resave("sheetjs", form, tmp_path / f"回报.{ending}", cells(GOOD))
    renamed = tmp_path / called
    shutil.move(back, renamed)
    assert figures(judged(renamed)) == GOOD


TABLE = [
    "{title},,,,,,,,,",
    "",
    "填报单位,万州区,,,,,,,,",
    "",
    "",
    "序号,指标,计量单位,年度任务数,上月累计,本月完成,本月累计,完成率,说明,校验",
]


def text_table(entry, separator=",", encoding="utf-8-sig"):
    """The form as somebody would export it to text, with one entry as it is written there."""
    lines = [line.format(title="2023年6月任务进度填报表") for line in TABLE]
    for number, item in enumerate(forms.INDICATORS, 1):
        value = entry if item.code == "I01" else GOOD[item.code]
        month, total = (value, "") if item.measure == "flow" else ("", value)
        fields = (
            number,
            item.label,
            item.unit,
            forms.TARGETS[item.code],
            forms.PREVIOUS[item.code],
            month,
            total,
            "",
            "",
            "",
        )
        lines.append(",".join(map(str, fields)))
    return "\r\n".join(lines).replace(",", separator).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_text_in_every_encoding(separator, encoding):
    judgement = assess(text_table(25, separator, encoding), "导出.csv", forms.context())
    assert (judgement.verdict, codes(judgement)) == ("held", {"no-identity"}), judgement.problems
    assert (judgement.district, judgement.month) == ("500101", "2023-06")
    assert figures(judgement) == GOOD


@pytest.mark.parametrize(
    ("written", "value", "code"),
    [
        ("25", 25, ""),
        ("025", 25, "read-as-number"),
        ("+25", 25, "read-as-number"),
        ("2.5E1", None, "not-a-number"),
        ("1.200", None, "not-a-number"),
        ('"1,200"', 1200, "read-as-number"),
        ("25%", None, "not-a-number"),
        ("#REF!", None, "error-value"),
        ("12345678901234567", None, "too-large"),
        ("", None, "blank"),
    ],
)
def test_numbers_in_text_are_taken_only_when_they_can_be_nothing_else(written, value, code):
    judgement = assess(text_table(written), "x.csv", forms.context())
    assert figures(judgement)["I01"] == value
    found = {p.code for p in judgement.problems if p.cell == "F7"} - {"far-above-target"}
    assert found == ({code} if code else set())


PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="{charset}">
<!--[if gte mso 9]><xml><x:ExcelWorkbook></x:ExcelWorkbook></xml><![endif]--><style>td {{ x: y }}</style>
<script>document.write("<table><tr><td>指标</td></tr></table>")</script></head><body>
<table><tr><td>菜单</td></tr></table>
<table border=1><tr><td colspan=10>2023年6月任务进度填报表<tr><th>填报单位<td>万州区</tr>
<tr>{heads}</tr>{rows}</table></body></html>"""


def page(entry, charset="utf-8"):
    heads = "".join(f"<th>{text}&nbsp;</th>" for text in forms.formbook.HEADINGS)
    rows = ""
    for number, item in enumerate(forms.INDICATORS, 1):
        typed = f"<td>{GOOD[item.code]}</td>"
        if item.code == "I01":
            typed = entry if entry.startswith("<td") else f"<td>{entry}</td>"
        both = typed + "<td></td>" if item.measure == "flow" else "<td></td>" + typed
        rows += (
            f"<tr><td>{number}<td><b>{item.label.replace('>', '&gt;')}</b></td><td>{item.unit}"
            f"<td>{forms.TARGETS[item.code]}<td>{forms.PREVIOUS[item.code]}</td>{both}<td><td><td>"
        )
    return PAGE.format(charset=charset, heads=heads, rows=rows).encode(charset)


@pytest.mark.parametrize(
    ("written", "value", "code"),
    [
        ("25", 25, ""),
        (" 25\n", 25, ""),
        ("<td x:num>25</td>", 25, ""),
        ('<td x:num="25.00001">25</td>', 25.00001, "not-whole"),
        ('<td sdval="25" sdnum="2052;">25.00</td>', 25, ""),
        ('<td data-t="n" data-v="25">25.0</td>', 25, ""),
        ('<td sdval="0">#DIV/0!</td>', None, "error-value"),
        ('<td sdval="0.25">25%</td>', None, "not-a-number"),
        ('<td sdval="1200">1,200</td>', 1200, ""),
        ('<td sdval="25"></td>', None, "not-a-number"),
        ('<td sdval="25">二十五</td>', None, "not-a-number"),
        ('<td x:num="25" x:fmla="=20+5">25</td>', 25, "formula-figure"),
        ("<td x:str>25</td>", 25, "read-as-number"),
        ("<td x:err>#REF!</td>", None, "error-value"),
        ("1,200", 1200, "read-as-number"),
        ("25%", None, "not-a-number"),
        ("&#50;&#53;", 25, ""),
        ("2<!-- x -->5", 25, ""),
        ("<font>2</font>5", 25, ""),
        ("2<br>5", None, "not-a-number"),
        ("<script>1</script>25", 25, ""),
        ("&nbsp;", None, "blank"),
        ("", None, "blank"),
        ("<td rowspan=2>25</td>", 25, ""),
    ],
)
def test_web_pages(written, value, code):
    judgement = assess(page(written), "导出.xls", forms.context())
    assert figures(judgement)["I01"] == value
    found = {p.code for p in judgement.problems if p.cell == "F4"} - {"far-above-target"}
    assert found == ({code} if code else set())
    if "rowspan" in written:  # a merged entry: whose number is it
        assert "merged-entry" in codes(judgement)
    else:
        assert {k: v for k, v in figures(judgement).items() if k != "I01"} == {
            k: v for k, v in GOOD.items() if k != "I01"
        }


def test_a_web_page_in_gbk():
    assert figures(assess(page("25", "gb2312"), "x.xls", forms.context())) == GOOD


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"Rar!\x1a\x07\x01\x00", "rar"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "7z"),
        (b"%PDF-1.7", "pdf"),
        (b"MZ\x90\x00", "program"),
        (b"{\\rtf1", "rtf"),
        (b"\x89PNG\r\n", "picture"),
        (b"\x1f\x8b\x08", "gzip"),
    ],
)
def test_other_files_are_called_what_they_are(start, kind):
    assert sniff_kind(start + bytes(100)) == kind
    judgement = assess(start + bytes(100), "6月.xlsx", forms.context())
    archive, scan = kind in ("rar", "7z"), kind in ("pdf", "rtf", "picture")
    assert judgement.verdict == ("unreadable" if archive else "foreign")
    assert codes(judgement) == {"archive" if archive else "scan" if scan else "foreign"}


# --- passwords ---------------------------------------------------------------------------------


def locked(data, password):
    from msoffcrypto.format.ooxml import OOXMLFile

    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("password", "tried", "opens"),
    [
        ("abc123", (), False),
        ("abc123", ("别的",), False),
        ("abc123", ("abc123",), True),
        ("abc123", ("别的", "abc123"), True),
        ("密码６６", ("密码６６",), True),
        ("VelvetSweatshop", (), True),
    ],
)
def test_a_password_is_said_or_tried(password, tried, opens):
    context = forms.context()._replace(passwords=tried)
    judgement = assess(locked(fill_form(), password), "x.xlsx", context)
    assert judgement.verdict == ("accepted" if opens else "unreadable")
    assert codes(judgement) == (set() if opens else {"password"})
    assert figures(judgement) == (GOOD if opens else {})


def test_an_xls_with_a_password_is_opened(form, office, tmp_path):
    source = office.fill(form, tmp_path / "x.xls", cells(GOOD))
    (tmp_path / "y").mkdir()
    target = office.convert(source, tmp_path / "y", "xls", "abc 123")
    said = judged(target)
    assert (said.verdict, codes(said)) == ("unreadable", {"password"})
    context = forms.context()._replace(passwords=("abc 123",))
    judgement = assess(target.read_bytes(), "y.xls", context)
    assert (judgement.verdict, figures(judgement)) == ("accepted", GOOD), judgement.problems


def test_what_is_locked_again_inside_is_not_opened(monkeypatch):
    data = locked(fill_form(), "a")
    real = registry._ask_child

    def lock_again(request, *rest):
        if request["passwords"] is None:
            return real(request, *rest)
        return {"unlocked": base64.b64encode(data).decode()}

    monkeypatch.setattr(registry, "_ask_child", lock_again)
    judgement = assess(data, "x.xlsx", forms.context()._replace(passwords=("a",)))
    assert codes(judgement) == {"foreign"}


@pytest.mark.parametrize("cut", [600, 2000, 5000])
def test_a_damaged_locked_file_is_unreadable(cut):
    data = locked(fill_form(), "a")
    context = forms.context()._replace(passwords=("a",))
    assert assess(data[:cut], "x.xlsx", context).verdict in ("unreadable", "foreign")


# --- the process apart -------------------------------------------------------------------------


@pytest.mark.skipif(sys.maxsize < 2**32, reason="sizes of a 64-bit Windows")
def test_the_limits_for_windows_have_the_shape_that_windows_expects():
    assert ctypes.sizeof(jobobject.BasicLimits) == 64
    assert ctypes.sizeof(jobobject.ExtendedLimits) == 144
    limits = jobobject.job_limits(1 << 30, 20)
    assert limits.ProcessMemoryLimit == 1 << 30
    assert limits.BasicLimitInformation.PerProcessUserTimeLimit == 200_000_000
    assert limits.BasicLimitInformation.ActiveProcessLimit == 1
    assert json.dumps(limits.BasicLimitInformation.LimitFlags) == str(0x250A)


# --- encrypted, in pieces, beside -----------------------------------------------------------------

NOISE = random.Random(1).randbytes(20_000)


@pytest.mark.parametrize(
    ("data", "verdict", "code"),
    [
        (b"b\x14#e+\0E-SafeNet\0LOCK" + NOISE, "unreadable", "encrypted"),
        (b"c\x14#e" + NOISE[:600], "unreadable", "encrypted"),
        (b"%TSD-Header-###%" + NOISE[:900], "unreadable", "encrypted"),
        (b".pfile" + NOISE, "unreadable", "encrypted"),
        (NOISE, "unreadable", "encrypted"),
        (NOISE[:4096], "unreadable", "encrypted"),
        (
            bytes(byte ^ 0x5A ^ NOISE[n % 256] for n, byte in enumerate(fill_form())),
            "unreadable",
            "encrypted",
        ),
        # Even bytes that are no cipher, and bytes that are not even.
        (b"RIFF" + NOISE, "foreign", "foreign"),
        (b"\0\0\0\x18ftypheic" + NOISE, "foreign", "foreign"),
        (bytes(5_000), "foreign", "foreign"),
        (bytes(range(64)) * 100, "foreign", "foreign"),
        (NOISE[:200], "foreign", "foreign"),
        (b"\0\5\x16\7\0\2\0\0Mac OS X", "foreign", "foreign"),
        (
            b"<html><frameset><frame src='x.files/sheet001.htm'></frameset></html>",
            "unreadable",
            "web-page",
        ),
        (b"<html><body><iframe src='x'></iframe></body></html>", "unreadable", "web-page"),
        (inflate(unpack(fill_form())["[Content_Types].xml"]), "unreadable", "in-pieces"),
    ],
)
def test_what_cannot_be_read_is_told_by_what_it_is(data, verdict, code):
    judgement = assess(data, "忠县.xlsx", forms.context())
    assert (judgement.verdict, codes(judgement)) == (verdict, {code})


def test_an_encrypted_picture_is_still_a_scan():
    judgement = assess(b"\0\0\0\x18ftypheic" + NOISE, "忠县.heic", forms.context())
    assert codes(judgement) == {"scan"}


@pytest.mark.parametrize("name", ["~$忠县.xlsx", ".~忠县.xlsx", ".~lock.忠县.xlsx#", "._忠县.xlsx"])
@pytest.mark.parametrize("data", [b"", bytes(165), b",wang,pc,03.02.2023 10:00,file:///x;"])
def test_what_programs_keep_beside_a_workbook_is_named(name, data):
    judgement = assess(data, f"回收/{name}", forms.context())
    assert (judgement.verdict, codes(judgement)) == ("foreign", {"foreign"})
    assert "损坏" not in judgement.problems[0].message
    assert assess(fill_form(), name, forms.context()).verdict == "accepted"


# --- struck out -----------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods", "fods"])
def test_what_is_struck_out_is_no_figure(ending, office, tmp_path):
    source = tmp_path / "划线.xlsx"
    book = load_workbook(io.BytesIO(fill_form({**GOOD, "I03": "9"})))
    sheet = book["任务进度"]
    struck, plain = InlineFont(strike=True), InlineFont(strike=False)
    sheet["F7"].font = Font(strike=True)
    sheet["F8"] = CellRichText(TextBlock(struck, "1"), TextBlock(plain, "2"))
    sheet["F9"].font = Font(strike=True)
    sheet["B10"].font = Font(strike=True)
    sheet["B6"].font = Font(strike=True)
    book.save(source)
    judgement = judged(source if ending == "xlsx" else office.convert(source, tmp_path, ending))
    wrong = {ProblemAt(f"F{row}", "not-a-number") for row in (7, 8, 9)}
    assert (judgement.verdict, errors(judgement)) == ("rejected", wrong)
    assert all("删除线" in p.message for p in judgement.problems if p.cell in ("F7", "F8", "F9"))
    figures_ = figures(judgement)
    assert [figures_[code] for code in ("I01", "I02", "I03")] == [None] * 3
    assert figures_["I04"] == GOOD["I04"]


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods", "fods"])
@pytest.mark.parametrize(
    ("look", "value", "told"),
    [
        (";;;", 5, True),
        ('0"万"', 5, True),
        ("0", 5.5, True),
        ("0,", 5000, True),
        ('"约"0.0', 5.25, True),
        ("#,##0", 1234, False),
        ('0"人"', 12, False),
        ("0.00", 5.25, False),
        ("#,##0.00_);(#,##0.00)", 1234.5, False),
        ("0.00E+00", 120, False),
        ("General", 1 / 3, False),
        ("¥#,##0.00", 1200, False),
    ],
)
def test_a_number_that_shows_as_another_is_told(look, value, told, ending, office, tmp_path):
    source = tmp_path / "显示.xlsx"
    book = load_workbook(io.BytesIO(fill_form({**GOOD, "I08": value})))
    book["任务进度"]["F14"].number_format = look
    book.save(source)
    judgement = judged(source if ending == "xlsx" else office.convert(source, tmp_path, ending))
    assert figures(judgement)["I08"] == pytest.approx(value, rel=1e-12)
    shown = {p.code for p in judgement.problems if p.cell == "F14"} & {"shown-otherwise"}
    assert shown == ({"shown-otherwise"} if told else set())


@pytest.mark.parametrize("ending", ["xls", "ods", "fods"])
def test_hidden_rows_and_columns_are_told_as_in_xlsx(ending, office, tmp_path):
    book = load_workbook(io.BytesIO(fill_form()))
    sheet = book["任务进度"]
    for row in (9, 12):
        sheet.row_dimensions[row].hidden = True
    sheet.column_dimensions["C"].hidden = True
    book.save(tmp_path / "x.xlsx")
    (first, *_) = read_grids((tmp_path / "x.xlsx").read_bytes(), "x")
    (other, *_) = read_grids(
        office.convert(tmp_path / "x.xlsx", tmp_path, ending).read_bytes(), "x"
    )
    assert other.hidden_rows == first.hidden_rows == {9, 12}
    assert other.hidden_columns == first.hidden_columns >= {3}


_FODS = (
    '<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0">'
    '<office:body><office:spreadsheet><table:table table:name="s">{}</table:table>'
    "</office:spreadsheet></office:body></office:document>"
)
_XML = (
    '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
    '<Worksheet Name="s"><Table>{}</Table></Worksheet></Workbook>'
)


@pytest.mark.parametrize(
    "inside",
    ["<R><C><C/></C></R>", "<R><C><R/></C></R>", "<R><R><C/></R></R>", "<C/>", "<R><C/></R><C/>"],
)
@pytest.mark.parametrize(
    ("shell", "row", "cell"),
    [(_FODS, "table:table-row", "table:table-cell"), (_XML, "Row", "Cell")],
)
def test_cells_in_cells_and_rows_in_rows_are_damage(shell, row, cell, inside):
    for short, name in (("R", row), ("C", cell)):
        inside = inside.replace(f"<{short}", f"<{name}").replace(f"</{short}", f"</{name}")
    whole = shell.format(f"<{row}><{cell}/></{row}>").encode()
    assert len(read_grids(whole, "x")) == 1
    with pytest.raises(Unreadable) as refused:
        read_grids(shell.format(inside).encode(), "x")
    assert refused.value.code == "damaged"
