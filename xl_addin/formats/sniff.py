"""What a file is, told by its bytes and never by its name."""

from __future__ import annotations

from collections.abc import Iterable

from xl_addin.system.errors import Unreadable

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

XLSX = "xlsx"  # and .xlsm
XLSB = "xlsb"
XLS = "xls"  # and .et
ODS = "ods"
FODS = "fods"
XML_2003 = "xml-2003"
HTML = "html"
TEXT = "text"
LOCKED = "locked"

# What a workbook's first entry is called, whoever wrote it.
_FIRST_ENTRIES = (
    b"[Content_Types]",
    b"_rels",
    b"xl",
    b"docProps",
    b"mimetype",
    b"customXml",
    b"META-INF",
    b"content.xml",
)
_OTHERS = (
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"{\\rtf", "rtf"),
    (b"MZ", "program"),
)
_HTML_STARTS = (
    b"<!doctype html",
    b"<html",
    b"<table",
    b"<meta",
    b"<head",
    b"<style",
    b"<body",
    b"<div",
)
_HEAD = 4096
_ANEW = "请用 Excel 或 WPS 打开，另存为 .xlsx 后重新提供"
_SAYS = {
    "zip": f"这是压缩包，不是工作簿；如果表格在里面，请先解压；或者{_ANEW}",
    "rar": "这是 rar 压缩包，本程序拆不开；请解压后把里面的工作簿放进来，或改用 zip",
    "7z": "这是 7z 压缩包，本程序拆不开；请解压后把里面的工作簿放进来，或改用 zip",
    "gzip": f"这是压缩文件（gzip），不是工作簿；{_ANEW}",
    "pdf": "这是 PDF 文件，不是工作簿；请提供原来的 Excel 表格",
    "picture": "这是图片，不是工作簿；请提供原来的 Excel 表格",
    "rtf": f"这是文字处理文档，不是工作簿；请把其中的表格复制到 Excel，{_ANEW[2:]}",
    "word": f"这是 Word 文档，不是工作簿；请把其中的表格复制到 Excel，{_ANEW[2:]}",
    "slides": f"这是演示文稿，不是工作簿；请把其中的表格复制到 Excel，{_ANEW[2:]}",
    "program": "这是可执行程序，不是工作簿，不要打开；请让对方发送填报表本身",
    "mhtml": f"这是网页存档（MHTML），只是名字像工作簿；{_ANEW}",
    "": f"这不是工作簿（.xlsx、.xlsm、.xls、.ods、.et、.xlsb）；{_ANEW}",
}


def refusal(kind: str) -> Unreadable:
    """Why a file of a kind that is no workbook is not read. An archive may still hold returns."""
    code = "archive" if kind in ("rar", "7z") else "foreign"
    return Unreadable(code, _SAYS.get(kind, _SAYS[""]))


def plainly_workbook(data: bytes) -> bool:
    """Whether these bytes are a zipped workbook or other document, told at a glance."""
    return data.startswith(ZIP) and data.startswith(_FIRST_ENTRIES, 30)


def kind_of(data: bytes) -> str:
    """What these bytes are, as far as one look tells; a zip's parts tell more (``zip_kind``)."""
    if data.startswith(ZIP):
        return "zip"
    if data.startswith(OLE):
        return _ole_kind(data)
    for start, kind in _OTHERS:
        if data.startswith(start):
            return kind
    return _text_kind(data)


def zip_kind(names: Iterable[str]) -> str:
    """What a zip with parts of these names is."""
    lower = {name.lower() for name in names}
    if "xl/workbook.bin" in lower:
        return XLSB
    if "content.xml" in lower:
        return ODS
    if "word/document.xml" in lower:
        return "word"
    if "ppt/presentation.xml" in lower:
        return "slides"
    return XLSX if "xl/workbook.xml" in lower or "_rels/.rels" in lower else "zip"


def _ole_kind(data: bytes) -> str:
    for entry, kind in (
        ("EncryptedPackage", LOCKED),
        ("WordDocument", "word"),
        ("PowerPoint Document", "slides"),
    ):
        if entry.encode("utf-16-le") in data:
            return kind
    return XLS


def _text_kind(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = data[:_HEAD].decode("utf-16", "replace").encode()
    else:
        head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    if b"\0" in head or not head.strip():
        return ""
    head = head.lstrip().lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head and not head.startswith(b"<html"):
        return XML_2003
    if b"office:document" in head and b"opendocument" in head:
        return FODS
    if head.startswith(_HTML_STARTS) or b"<table" in head:
        return HTML
    if head.startswith((b"mime-version", b"message-id")):
        return "mhtml"
    return TEXT
