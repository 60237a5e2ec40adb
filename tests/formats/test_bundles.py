"""Of a saved web page and of a workbook in pieces one file stays; no workbook is taken for a part."""

import pytest

from xl_addin.formats.bundles import parts_of_others

PAGE = ["sheet001.htm", "sheet002.htm", "tabstrip.htm", "stylesheet.css", "filelist.xml"]
PIECES = [
    "_rels/.rels",
    "docProps/app.xml",
    "xl/workbook.xml",
    "xl/worksheets/sheet1.xml",
    "xl/media/image1.png",
    "customXml/item1.xml",
]
ODS = ["META-INF/manifest.xml", "mimetype", "styles.xml", "meta.xml", "Thumbnails/thumbnail.png"]


def under(folder, names):
    return [f"{folder}{name}" for name in names]


@pytest.mark.parametrize(
    ("stays", "parts"),
    [
        (["忠县.htm"], under("忠县.files/", PAGE)),
        (["回收/忠县.html"], under("回收/忠县_files/", PAGE)),
        (["回收\\忠县.HTM"], under("回收\\忠县.FILES\\", PAGE)),
        (["忠县.htm"], under("忠县.files/深/", PAGE)),
        (["忠县.htm"], under("忠县.fld/", ["image001.png", "header.htm"])),
        (["[Content_Types].xml"], PIECES),
        (["回收/忠县/[Content_Types].xml"], under("回收/忠县/", PIECES)),
        (["忠县/content.xml"], under("忠县/", ODS)),
        (["忠县.xlsx"], ["._忠县.xlsx"]),
        (["回收/忠县.xlsx"], ["回收/._忠县.xlsx"]),
        # What is beside, or a workbook, is a return of its own.
        (["忠县.htm", "忠县.files/忠县.xlsx", "忠县.files/万州.xls"], under("忠县.files/", PAGE)),
        (["[Content_Types].xml", "忠县.xlsx", "回报/忠县.xlsx"], PIECES),
        (["忠县.files/sheet001.htm", "万州.htm"], []),
        (["xl/忠县.xlsx", "[Content_Types].xml"], []),
        (["content.xml", "styles.xml"], []),
        (["._忠县.xlsx", "回收/忠县.xlsx"], []),
    ],
)
def test_what_is_part_of_another(stays, parts):
    assert parts_of_others([*stays, *parts]) == frozenset(parts)
