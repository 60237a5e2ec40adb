"""Placeholders wherever they stand, however they were cut; nothing else of a template is touched.

Proves also docx/scan.py and docx/package.py.
"""

from __future__ import annotations

import re

import pytest

from tests.docx.templates import (
    CONTENTS,
    document,
    lines_of,
    para,
    shipped_template,
    text_of,
    with_parts,
)
from xl_addin.docx.fill import Contents, fill, places_to_write
from xl_addin.docx.package import Document
from xl_addin.system.errors import Refused, Unreadable
from xl_addin.xlsx.package import deflate, pack

VALUES = {"月份": "2023年6月", "空": "", "名单": "甲、乙县、丙", "坏": "<w:b/>&\"'\x0b{{7*7}}"}
ROWS = [{"区县": "甲", "灯": "▼红"}, {"区县": "乙", "灯": "无"}, {"区县": "", "灯": ""}]
SMALL = Contents(
    VALUES, {"排名": ROWS, "无": []}, {"排名": ("区县", "灯"), "无": ("名",)}, {}, {"▼红": "F4A6A6"}
)


def filled(body: str, contents: Contents = SMALL) -> bytes:
    return fill(document(body), contents).data


def body_of(data: bytes) -> str:
    return re.search(r"<w:body>(.*)<w:sectPr>", text_of(data), re.DOTALL)[1]


def table(*rows: str) -> str:
    lines = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    return f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid>{lines}</w:tbl>"


def cell(*content: str, properties: str = "") -> str:
    return f"<w:tc>{properties}{''.join(content)}</w:tc>"


@pytest.mark.parametrize(
    "runs",
    [
        ["截至【月份】底"],
        ["截至【", "月", "份】", "底"],
        ["截", "至【月", '<w:proofErr w:type="spellStart"/>', "份】底"],
        ["截至", '<w:smartTag w:element="x"><w:r><w:t>【月份</w:t></w:r></w:smartTag>', "】底"],
        [
            "截至【",
            '<w:hyperlink><w:r><w:t xml:space="preserve">月份】</w:t></w:r></w:hyperlink>',
            "底",
        ],
        [
            "截至",
            "<w:sdt><w:sdtContent><w:r><w:t>【月份】</w:t></w:r></w:sdtContent></w:sdt>",
            "底",
        ],
        ["截至【 月 份 】底"],
    ],
)
def test_a_placeholder_is_found_however_it_was_cut(runs):
    assert lines_of(filled(para(*runs))) == ["截至2023年6月底"]


def test_the_first_run_gives_its_looks_and_the_others_keep_theirs():
    body = "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>【月</w:t></w:r><w:r><w:rPr><w:i/></w:rPr><w:t>份】后</w:t></w:r></w:p>"
    assert body_of(filled(body)) == (
        '<w:p><w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">2023年6月</w:t></w:r>'
        '<w:r><w:rPr><w:i/></w:rPr><w:t xml:space="preserve">后</w:t></w:r></w:p>'
    )


def test_a_tab_or_a_break_inside_makes_it_no_placeholder():
    body = "<w:p><w:r><w:t>【月</w:t><w:tab/><w:t>份】</w:t></w:r></w:p>"
    assert body_of(filled(body)) == body


def test_what_is_not_filled_stays_byte_for_byte():
    template = document(para("【月份】") + para("无关 &amp; {{7*7}} {% raise %} ${x}"))
    before, after = Document.open(template), Document.open(fill(template, SMALL).data)
    assert before.parts.keys() == after.parts.keys()
    for name in before.parts.keys() - {"word/document.xml"}:
        assert before.part(name) == after.part(name)
    expected = (
        before.part("word/document.xml")
        .decode()
        .replace("<w:t>【月份】</w:t>", '<w:t xml:space="preserve">2023年6月</w:t>')
    )
    assert after.part("word/document.xml").decode() == expected
    assert 'mc:Ignorable="w14 wpsCustomData"' in expected


def test_a_value_is_text_and_nothing_else():
    data = filled(para("【坏】"))
    assert lines_of(data) == ["<w:b/>&\"'{{7*7}}"]
    assert "&lt;w:b/&gt;&amp;" in text_of(data)


def test_a_value_of_two_lines_is_broken_within_its_run():
    data = filled(para("【两行】"), SMALL._replace(values={"两行": "上\n下"}))
    assert "上</w:t><w:br/><w:t" in text_of(data)


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (para("前") + para("逾期的是【空】。") + para("后"), ["前", "后"]),
        (para("【空】【月份】"), ["2023年6月"]),
        (para("【空】") + para("后"), ["后"]),
        # The last of a cell stays, empty; so does one that keeps two tables apart.
        (table(cell(para("头【空】尾"))), [""]),
        (table(cell(para("头【空】尾") + para("脚"))), ["脚"]),
        (table(cell(para("一"))) + para("【空】") + table(cell(para("二"))), ["一", "", "二"]),
        (
            table(cell(para("一"))) + para("【空】") + para("【空】") + table(cell(para("二"))),
            ["一", "", "二"],
        ),
        # It holds a section's end, a picture, or half of what goes on elsewhere.
        ("<w:p><w:pPr><w:sectPr/></w:pPr><w:r><w:t>【空】</w:t></w:r></w:p>", [""]),
        (
            '<w:p><w:bookmarkStart w:id="1" w:name="x"/><w:r><w:t>【空】</w:t></w:r></w:p>'
            + para("后"),
            ["", "后"],
        ),
    ],
)
def test_a_paragraph_whose_placeholders_are_all_empty_goes(body, left):
    assert lines_of(filled(body)) == left


def test_what_people_are_to_write_stays_and_is_counted():
    found = fill(document(para("【请补充：要求】") + para("【", "请补充】【月份】")), SMALL)
    assert found.left == 2
    assert places_to_write(found.data) == ["【请补充：要求】", "【请补充】"]
    said = fill(document(para("【月份】")), SMALL._replace(values={"月份": "【请补充】"}))
    assert (said.left, places_to_write(said.data)) == (1, ["【请补充】"])


def box(text: str) -> str:
    """A text box as Word writes it: for itself and, once more, for those that do not know it."""
    content = f"<w:txbxContent>{para(text)}</w:txbxContent>"
    return (
        '<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>'
        f"<wps:txbx>{content}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict>"
        f"<v:textbox>{content}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )


def test_text_boxes_are_filled_in_both_branches_and_told_once():
    found = fill(document(box("【月份】【请补充】") + box("【空】")), SMALL)
    assert text_of(found.data).count("2023年6月【请补充】") == 2
    assert found.left == 1
    assert text_of(found.data).count("<w:txbxContent><w:p><w:r><w:t xml:space") == 4


def test_headers_footers_and_notes_are_filled():
    footer = text_of(shipped_template(), "word/footer1.xml").replace("— ", "【月份】", 1)
    data = fill(with_parts(document(para("x")), word_footer1=footer), SMALL).data
    assert "2023年6月" in text_of(data, "word/footer1.xml")


def test_a_row_is_repeated_with_its_looks():
    head, row = cell(para("区县")), cell(para("【排名.", "区县】，【月份】"))
    data = filled(table(head, f"<w:trPr><w:cantSplit/></w:trPr>{row}", cell(para("合计"))))
    assert lines_of(data) == ["区县", "甲，2023年6月", "乙，2023年6月", "，2023年6月", "合计"]
    assert text_of(data).count("<w:cantSplit/>") == 3


def test_names_that_can_stand_only_once_do_not_stand_twice():
    row = cell(
        '<w:p w14:paraId="0A" w14:textId="0B"><w:bookmarkStart w:id="1" w:name="x"/><w:r>'
        '<w:t>【排名.区县】</w:t></w:r><w:bookmarkEnd w:id="1"/></w:p>'
    )
    text = text_of(filled(table(row)))
    assert [text.count(word) for word in ("paraId", "textId", "bookmarkStart", "<w:tr>")] == [
        1,
        1,
        1,
        3,
    ]


def test_a_table_without_items_keeps_one_empty_row():
    assert lines_of(filled(table(cell(para("【无.名】"))))) == [""]


def test_a_table_inside_a_row_is_repeated_by_its_own_row():
    inner = table(cell(para("【排名.区县】")))
    data = filled(table(cell(inner, para("【月份】"))))
    assert lines_of(data) == ["甲", "乙", "", "2023年6月"]


@pytest.mark.parametrize(
    "properties",
    [
        "",
        "<w:tcPr/>",
        '<w:tcPr><w:tcW w:w="1" w:type="dxa"/></w:tcPr>',
        '<w:tcPr><w:tcW w:w="1" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>',
        '<w:tcPr><w:shd w:val="clear" w:fill="FFFFFF"/><w:hideMark/></w:tcPr>',
    ],
)
def test_a_cell_that_says_a_light_gets_its_colour_where_the_schema_wants_it(properties):
    data = filled(table(cell(para("【排名.灯】"), properties=properties)))
    first, second, _ = re.findall(r"<w:tc>(?:<w:tcPr(.*?)(?:/>|</w:tcPr>))?<w:p>", text_of(data))
    names = re.findall(r"<w:(\w+)", first)
    order = ["tcW", "shd", "vAlign", "hideMark"]
    assert names == sorted(names, key=order.index)
    assert "F4A6A6" in first
    assert "F4A6A6" not in second


@pytest.mark.parametrize(
    ("body", "name", "place"),
    [
        (para("一") + para("【月分】"), "【月分】", "正文第2段"),
        (table(cell(para("x")), cell(para("【排名.得分】"))), "【排名.得分】", "正文表1第2行"),
        (para("【排名.区县】"), "【排名.区县】", "正文第1段"),
        (box("【标题】"), "【标题】", "正文文本框"),
    ],
)
def test_an_unknown_placeholder_is_refused_with_its_place_and_the_known_names(body, name, place):
    with pytest.raises(Refused) as refused:
        filled(body)
    message = refused.value.message
    assert name in message
    assert place in message
    assert all(known in message for known in ("月份", "名单", "排名.区县", "排名.灯"))
    assert [problem.code for problem in refused.value.problems] == ["unknown-placeholder"]


def test_all_of_them_are_told_at_once():
    with pytest.raises(Refused) as refused:
        filled(para("【甲】") + para("【乙】【甲】"))
    assert [problem.found for problem in refused.value.problems] == ["【甲】", "【乙】"]


def test_one_row_cannot_list_two_tables():
    with pytest.raises(Refused, match="排名、无"):
        filled(table(cell(para("【排名.区县】"), para("【无.名】"))))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xd0\xcf\x11\xe0",
        pack([deflate("a.txt", b"x")]),
        with_parts(shipped_template(), word_document="<w:document"),
        with_parts(shipped_template(), word_document="<!DOCTYPE x [<!ENTITY e 'x'>]><x>&e;</x>"),
        with_parts(shipped_template(), word_document="<x>" * 300 + "</x>" * 300),
    ],
)
def test_what_is_no_document_is_said_to_be_none(data):
    with pytest.raises(Unreadable):
        fill(data, SMALL)


# --- the template that comes along, and what offices make of it -------------------------------


def test_the_shipped_template_filled_is_valid(validator, tmp_path):
    path = tmp_path / "通报.docx"
    path.write_bytes(fill(shipped_template(), CONTENTS).data)
    assert validator(path) == []
    assert "甲、乙县" in lines_of(path.read_bytes())
    assert "丙<县>&" in lines_of(path.read_bytes())


def test_a_template_that_libreoffice_saved_is_filled_alike(office, tmp_path):
    """It cuts runs, renames styles, writes text boxes and styles its own way."""
    (tmp_path / "out").mkdir()
    path = tmp_path / "模板.docx"
    path.write_bytes(shipped_template())
    again = office.convert(path, tmp_path / "out", "docx")
    found, ours = fill(again.read_bytes(), CONTENTS), fill(shipped_template(), CONTENTS)
    said = [line for line in lines_of(found.data) if line]
    assert said == [line for line in lines_of(ours.data) if line]
    assert found.left == ours.left


def test_a_signature_is_moved_in_from_the_right():
    data = text_of(fill(shipped_template(), CONTENTS).data)
    assert re.findall(r'w:rightChars="(\d+)"', data) == ["200", "400"]
