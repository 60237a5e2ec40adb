"""Returns as Excel would have saved them, made of those that the program stamps.

Excel is not here, so ``as_excel`` writes what it writes beside the cells, part by part: every text in
the shared strings and none in a cell; an ``xr:uid`` of its own on workbook and sheet with the
namespaces that Excel declares and ignores; the cell that was selected last; ``x14ac:dyDescent`` on
rows; the calculation chain, last formula first, with its content type and relationship; the build in
``fileVersion``; level 6 of deflate. Of three files one has a number format of its own in the entries
(``0.00_ ``, as the Chinese Excel offers it), one a wider column, so that no two are of one shape. What was
typed, formulas and their cached results stay as they are.
"""

from __future__ import annotations

import random
import re
import uuid

from xl_addin.xlsx.package import deflate, inflate, pack, unpack

_SHEET, _STRINGS, _STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
_BOOK, _LINKS, _TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
_INLINE = re.compile(r' t="inlineStr"><is>(<t[^>]*>[^<]*</t>)</is>')
_FORMULA = re.compile(r'<c r="([A-Z]+\d+)"[^>]*><f')
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REVISIONS = (
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac xr xr2 xr3"'
    ' xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"'
    ' xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision"'
    ' xmlns:xr2="http://schemas.microsoft.com/office/spreadsheetml/2015/revision2"'
    ' xmlns:xr3="http://schemas.microsoft.com/office/spreadsheetml/2016/revision3" xr:uid="{%s}"'
)
_CHAIN = (
    '<Override PartName="/xl/calcChain.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"/></Types>'
)
_CHAIN_LINK = (
    '<Relationship Id="rId99" Target="calcChain.xml" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"/></Relationships>'
)


def as_excel(data: bytes, chance: random.Random) -> bytes:
    """A stamped form as Excel would have saved it, each one a little differently."""
    parts = unpack(data)
    texts = {
        name: inflate(parts[name]).decode()
        for name in (_SHEET, _STRINGS, _STYLES, _BOOK, _LINKS, _TYPES)
    }
    sheet, texts[_STRINGS] = _share_strings(texts[_SHEET], texts[_STRINGS])
    chosen = f"F{chance.randrange(7, 18)}"
    sheet = re.sub(
        r'(<selection pane="bottomRight" activeCell=")[^"]*(" sqref=")[^"]*"',
        rf'\g<1>{chosen}\g<2>{chosen}"',
        sheet,
    )
    sheet = re.sub(r"(<row [^>]*)>", r'\1 x14ac:dyDescent="0.2">', sheet)
    kind = chance.randrange(3)
    if kind == 1:
        width = f'width="{chance.randrange(14, 20)}.625"'
        sheet = re.sub(r'(<col min="9" max="9" )width="[^"]*"', rf"\g<1>{width}", sheet)
    elif kind == 2:
        sheet, texts[_STYLES] = _own_format(sheet, texts[_STYLES])
    texts[_SHEET] = _with_uid(sheet, "worksheet", chance)
    version = '<fileVersion appName="xl" lastEdited="7" lowestEdited="7" rupBuild="22228"/>'
    book = _with_uid(texts[_BOOK], "workbook", chance)
    texts[_BOOK] = re.sub(r"<fileVersion [^>]*/>", version, book)
    texts[_TYPES] = texts[_TYPES].replace("</Types>", _CHAIN)
    texts[_LINKS] = texts[_LINKS].replace("</Relationships>", _CHAIN_LINK)
    cells = "".join(f'<c r="{at}" i="1"/>' for at in reversed(_FORMULA.findall(sheet)))
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    texts["xl/calcChain.xml"] = f'{head}<calcChain xmlns="{_MAIN}">{cells}</calcChain>'
    kept = {name: inflate(part) for name, part in parts.items()}
    kept |= {name: text.encode() for name, text in texts.items()}
    return pack([deflate(name, content) for name, content in kept.items()])


def _with_uid(part: str, root: str, chance: random.Random) -> str:
    uid = str(uuid.UUID(int=chance.getrandbits(128), version=4)).upper()
    return part.replace(f'<{root} xmlns="{_MAIN}"', f'<{root} xmlns="{_MAIN}"{_REVISIONS % uid}', 1)


def _share_strings(sheet: str, strings: str) -> tuple[str, str]:
    """The sheet without texts of its own, and the shared strings with them."""
    many = strings.count("<si>")
    added: list[str] = []

    def share(match: re.Match[str]) -> str:
        added.append(f"<si>{match[1]}</si>")
        return f' t="s"><v>{many + len(added) - 1}</v>'

    sheet = _INLINE.sub(share, sheet)
    strings = strings.replace("</sst>", f"{''.join(added)}</sst>")
    many += len(added)
    counts = f' count="{sheet.count(" t=" + chr(34) + "s" + chr(34))}" uniqueCount="{many}"'
    return sheet, re.sub(r' count="\d+" uniqueCount="\d+"', counts, strings)


def _own_format(sheet: str, styles: str) -> tuple[str, str]:
    """The entries in a format that the form does not have."""
    look = re.search(r'<c r="F7" s="(\d+)"', sheet)
    inner = re.search(r"<cellXfs count=\"(\d+)\">(.*?)</cellXfs>", styles, re.DOTALL)
    assert look is not None
    assert inner is not None
    xfs = re.findall(r"<xf [^>]*?/>|<xf .*?</xf>", inner[2], re.DOTALL)
    own = re.sub(r'numFmtId="\d+"', 'numFmtId="199"', xfs[int(look[1])], count=1)
    own = (
        own if "applyNumberFormat" in own else own.replace("<xf ", '<xf applyNumberFormat="1" ', 1)
    )
    number = '<numFmt numFmtId="199" formatCode="0.00_ "/>'
    if "<numFmts" in styles:
        styles = styles.replace("</numFmts>", f"{number}</numFmts>")
        styles = re.sub(
            r'<numFmts count="(\d+)"', lambda m: f'<numFmts count="{int(m[1]) + 1}"', styles
        )
    else:
        styles = styles.replace("<fonts", f'<numFmts count="1">{number}</numFmts><fonts', 1)
    styles = styles.replace(
        inner[0], f'<cellXfs count="{len(xfs) + 1}">{inner[2]}{own}</cellXfs>', 1
    )
    return re.sub(rf'(<c r="F\d+" s="){look[1]}"', rf'\g<1>{len(xfs)}"', sheet), styles
