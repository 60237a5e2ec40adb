"""Every kind of file that may come in: what it is called, how it begins, why it is not read.

To add one that is read: a record here, a module with ``read`` under ``formats`` and its line in
``formats.registry``. What is refused needs the record alone.
"""

from __future__ import annotations

from xl_addin.system.light import NamedTuple

ZIP_START = b"PK\x03\x04"
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
RAR_START, RAR5_START = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
SEVEN_START = b"7z\xbc\xaf\x27\x1c"
TNEF_START = b"\x78\x9f\x3e\x22"

XLSX, XLSB, XLS, ODS, FODS = "xlsx", "xlsb", "xls", "ods", "fods"
XML_2003, HTML, TEXT, LOCKED = "xml-2003", "html", "text", "locked"
WORD, PDF, PICTURE = "word", "pdf", "picture"
ZIP, RAR, SEVEN, MHTML, UNKNOWN = "zip", "rar", "7z", "mhtml", ""
ENCRYPTED, PROTECTED, IN_PIECES = "encrypted", "protected", "in-pieces"
GNUMERIC, UOF, GZIP = "gnumeric", "uof", "gzip"

WORKBOOK, ARCHIVE, OTHER = "workbook", "archive", "other"
DOCUMENT = "document"
"""Kinds of what a mail carries; a document is one only where somebody waits for documents."""

SAVE_ANEW = "请用 Excel 或 WPS 打开，另存为 .xlsx 后重新提供"
CANNOT_READ = f"文件读不出来，可能已损坏或者格式太旧；{SAVE_ANEW}"
_COPY_OUT = "请把其中的表格复制到 Excel 或 WPS 里，另存为 .xlsx 后重新提供"
_AS_DOCX = "请用 Word 或 WPS 打开，另存为 .docx 后再选它"
_ORIGINAL = "请向发文单位要 Word 或 Excel 原文（.docx、.xlsx）"
_PASSWORD = "文件有密码，打不开；请取消密码、另存一份后重新提供，或者把密码填到“设置”的“打开密码”"  # noqa: S105

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


class FileType(NamedTuple):
    """A kind of file.

    ``suffixes`` are names that only such files have, ``shared`` those that others have too;
    ``starts`` are first bytes. ``inside`` are entries of a zip or an OLE file that tell this kind,
    in lower case; the first type in ``FILE_TYPES`` that has one counts. ``refusal`` says in Chinese
    why such a file is not read, empty where it is. ``instead`` is what people call it where offices
    send such files in place of a form, stamped or photographed; ``usual`` are the names that they have.
    ``no_table`` is what is said in place of ``refusal`` where somebody took it for a task table.
    ``code`` is of the problem that a file of this kind is, where not that of its group.
    """

    kind: str
    group: str
    suffixes: tuple[str, ...] = ()
    starts: tuple[bytes, ...] = ()
    inside: tuple[str, ...] = ()
    refusal: str = ""
    shared: tuple[str, ...] = ()
    instead: str = ""
    usual: tuple[str, ...] = ()
    no_table: str = ""
    code: str = ""


_DECRYPT = "读不出来；请对方在自己电脑上解密、另存一份，把解密的文件再报"
_SCAN, _DOCUMENT = "扫描件", "文字文件"
FILE_TYPES = (
    # Protected by rights management ([MS-OFFCRYPTO] 2.2.10): the workbook beside it is a stand-in.
    FileType(
        PROTECTED,
        WORKBOOK,
        starts=(b".pfile",),
        inside=("\tdrmcontent",),
        refusal=f"文件受权限管理（RMS、敏感度标签）保护，{_DECRYPT}",
        code="encrypted",
    ),
    # GB/T 20916: one XML file, since 2009 a zip whose content.xml is no spreadsheet of ODF.
    FileType(
        UOF,
        OTHER,
        (".uof", ".uos"),
        inside=("uof.xml",),
        refusal="这是“标文通”（UOF）文件，读不出来；请用 WPS 打开，另存为 .xlsx 后重新提供",
        code="damaged",
    ),
    FileType(XLSB, WORKBOOK, (".xlsb",), inside=("xl/workbook.bin",)),
    FileType(ODS, WORKBOOK, (".ods",), inside=("content.xml",)),
    FileType(
        XLS,
        WORKBOOK,
        (".xls", ".et", ".xlt", ".ett"),
        # The latter are a workbook stream without its container, as small scripts write it.
        (OLE_START, b"\x09\x08\x08\0", b"\x09\x08\x10\0"),
        ("workbook", "book"),
    ),
    FileType(
        WORD,
        OTHER,
        inside=("word/document.xml", "worddocument"),
        refusal=f"这是 Word 文档，不是工作簿；{_COPY_OUT}",
        instead=_DOCUMENT,
        usual=(".doc", ".docx", ".docm", ".wps"),
        no_table=f"这是旧格式的 Word 或 WPS 文档（.doc、.wps）；{_AS_DOCX}",
    ),
    FileType(
        "slides",
        OTHER,
        inside=("ppt/presentation.xml", "powerpoint document"),
        refusal=f"这是演示文稿，不是工作簿；{_COPY_OUT}",
    ),
    FileType(
        XLSX,
        WORKBOOK,
        (".xlsx", ".xlsm", ".xltx", ".xltm"),
        inside=("xl/workbook.xml", "_rels/.rels"),
    ),
    FileType(FODS, WORKBOOK, (".fods",)),
    FileType(XML_2003, WORKBOOK, shared=(".xml",)),
    FileType(HTML, WORKBOOK, shared=(".htm", ".html")),
    FileType(TEXT, WORKBOOK, (".csv",), shared=(".txt",)),
    FileType(
        LOCKED,
        WORKBOOK,
        inside=("encryptedpackage",),
        refusal=_PASSWORD,
        no_table="文件有密码，打不开；请取消密码、另存一份后再选它",
        code="password",
    ),
    # How what these products encrypt begins, as those tell who met such files.
    FileType(
        "esafenet",
        OTHER,
        starts=(b"b\x14#e", b"c\x14#e"),
        refusal=f"文件被电脑上的文档加密软件（亿赛通 E-SafeNet）加密了，{_DECRYPT}",
        code="encrypted",
    ),
    FileType(
        "tsd",
        OTHER,
        starts=(b"%TSD-Header",),
        refusal=f"文件被电脑上的文档加密软件（绿盾一类）加密了，{_DECRYPT}",
        code="encrypted",
    ),
    FileType(
        ENCRYPTED,
        OTHER,
        refusal="文件里全是乱码，不是任何表格的格式，像是被电脑上的文档加密软件加密了（也可能已损坏），"
        + _DECRYPT,
        code="encrypted",
    ),
    FileType(
        IN_PIECES,
        OTHER,
        refusal="这是拆散了的工作簿（.xlsx 解压以后的一个文件夹，没有逐个列出）；请发送没有解压的 .xlsx",
        code="in-pieces",
    ),
    FileType(
        "appledouble",
        OTHER,
        starts=(b"\0\x05\x16\7", b"\0\x05\x16\0"),
        refusal="这是苹果电脑附带的信息文件，不是表格，可以不管；填报表请发名字里没有“._”的那一份",
    ),
    FileType(
        "numbers",
        OTHER,
        (".numbers",),
        inside=("index/document.iwa", "index.zip"),
        refusal="这是苹果电脑的 Numbers 表格，读不出来；请在 Numbers 里导出为 Excel（.xlsx），再提供导出的文件",
        code="damaged",
    ),
    FileType(
        "old-text",
        OTHER,
        (".slk", ".dif"),
        (b"ID;P", b"TABLE\r\n0,1", b"TABLE\n0,1"),
        refusal=f"这是老式的文本表格（SYLK、DIF），读不出来；{SAVE_ANEW}",
        code="damaged",
    ),
    FileType(
        "old-excel",
        OTHER,
        starts=(b"\x09\0\x04\0", b"\x09\x02\x06\0", b"\x09\x04\x06\0"),
        refusal=f"这是 Excel 4.0 或更早的工作簿，读不出来；{SAVE_ANEW}",
        code="damaged",
    ),
    FileType(
        ZIP,
        ARCHIVE,
        (".zip",),
        (ZIP_START,),
        refusal=f"这是压缩包，不是工作簿；如果表格在里面，请先解压；或者{SAVE_ANEW}",
    ),
    FileType(
        RAR,
        ARCHIVE,
        (".rar",),
        (RAR_START, RAR5_START),
        refusal="这是 rar 压缩包，本程序拆不开；请解压后把里面的工作簿放进来，或改用 zip",
    ),
    FileType(
        SEVEN,
        ARCHIVE,
        (".7z",),
        (SEVEN_START,),
        refusal="这是 7z 压缩包，本程序拆不开；请解压后把里面的工作簿放进来，或改用 zip",
    ),
    FileType(
        GNUMERIC,
        OTHER,
        (".gnumeric",),
        refusal="这是 Gnumeric 的表格，读不出来；请在 Gnumeric 里另存为 .xlsx，再提供另存的那份",
        code="damaged",
    ),
    FileType(
        GZIP, OTHER, (), (b"\x1f\x8b",), refusal=f"这是压缩文件（gzip），不是工作簿；{SAVE_ANEW}"
    ),
    FileType(
        "ofd",
        OTHER,
        inside=("ofd.xml",),
        refusal="这是 OFD 文件，不是工作簿；请提供原来的 Excel 表格",
        instead=_SCAN,
        usual=(".ofd",),
        no_table=f"这是 OFD 文件，里面的表读不出来；{_ORIGINAL}",
    ),
    FileType(
        PDF,
        OTHER,
        (),
        (b"%PDF",),
        refusal="这是 PDF 文件，不是工作簿；请提供原来的 Excel 表格",
        instead=_SCAN,
        usual=(".pdf",),
        no_table=f"这是 PDF 文件，里面的表没有行和列，读不准；{_ORIGINAL}；只有 PDF 的，"
        "请用 WPS 或 Word 转成 .docx，逐个核对数字后再选它",
    ),
    FileType(
        PICTURE,
        OTHER,
        (),
        (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*"),
        refusal="这是图片，不是工作簿；请提供原来的 Excel 表格",
        instead=_SCAN,
        usual=(".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".heic", ".webp"),
        no_table=f"这是照片或扫描的图片，里面的表读不出来；{_ORIGINAL}，没有的请照着录入 Excel 并核对合计",
    ),
    FileType(
        "rtf",
        OTHER,
        (),
        (b"{\\rtf",),
        refusal=f"这是文字处理文档，不是工作簿；{_COPY_OUT}",
        instead=_DOCUMENT,
        usual=(".rtf",),
        no_table=f"这是 RTF 文档；{_AS_DOCX}",
    ),
    FileType(
        "program",
        OTHER,
        (),
        (b"MZ",),
        refusal="这是可执行程序，不是工作簿，不要打开；请让对方发送填报表本身",
    ),
    FileType(
        "mail",
        OTHER,
        (".eml", ".msg", ".mbox"),
        inside=("__properties_version1.0",),
        refusal="这是保存下来的邮件，读不出里面的附件；请打开它，把附件另存后重新提供",
    ),
    FileType(MHTML, OTHER, refusal=f"这是网页存档（MHTML），只是名字像工作簿；{SAVE_ANEW}"),
    FileType(
        UNKNOWN, OTHER, refusal=f"这不是工作簿（.xlsx、.xlsm、.xls、.ods、.et、.xlsb）；{SAVE_ANEW}"
    ),
)
_NO_TABLE = {each.refusal: each.no_table for each in FILE_TYPES if each.no_table}
BY_KIND = {each.kind: each for each in FILE_TYPES}
WORKBOOK_SUFFIXES, ARCHIVE_SUFFIXES = (
    frozenset(suffix for each in FILE_TYPES if each.group == group for suffix in each.suffixes)
    for group in (WORKBOOK, ARCHIVE)
)
KNOWN_SUFFIXES = frozenset(
    suffix for each in FILE_TYPES for suffix in (*each.suffixes, *each.shared)
)
"""Names that a file is kept under; any other is kept as ``.bin``."""
_INSTEAD = {suffix: each.instead for each in FILE_TYPES for suffix in each.usual}
PAGES = (".htm", ".html")
OF_PAGES = frozenset(
    (*PAGES, ".css", ".xml", ".js", ".mso", ".thmx", ".emz", ".wmz", ".gif", ".png", ".jpg")
)
"""A web page and what programs save in the folder beside it."""
LITTER = frozenset(("thumbs.db", "desktop.ini", ".ds_store"))
# What programs keep beside an open workbook; in this order, as one begins as another.
_BESIDE = (
    ("~$", " Excel 或 WPS 打开文件时的临时文件", "请关闭 Excel 或 WPS 后发送填报表本身"),
    (".~lock.", " LibreOffice 打开文件时的锁文件", "请关闭 LibreOffice 后发送填报表本身"),
    (".~", " WPS 打开文件时的临时文件", "请关闭 WPS 后发送填报表本身"),
    ("._", "苹果电脑附带的信息文件", "可以不管，填报表请发名字里没有“._”的那一份"),
)


def is_litter(path: str) -> bool:
    """Whether a file is one that a system puts into folders."""
    *folders, leaf = path.replace("\\", "/").split("/")
    return leaf.lower() in LITTER or "__MACOSX" in folders


def refuse_beside(name: str, data: bytes) -> str:
    """Why a file that a program keeps beside a workbook is none; "" for a workbook, whatever its name."""
    if data.startswith((ZIP_START, OLE_START)):
        return ""
    found = (line for line in _BESIDE if name.startswith(line[0]))
    return next((f"这是{what}，不是填报表；{todo}" for _, what, todo in found), "")


def is_plain_workbook(data: bytes) -> bool:
    """Whether these bytes are a zipped workbook or other document, told at a glance."""
    return data.startswith(ZIP_START) and data.startswith(_FIRST_ENTRIES, 30)


def called_instead(name: str) -> str:
    """What people call a file of this name that offices send in place of a form; "" for any other."""
    dot = name.rfind(".")
    return _INSTEAD.get(name[dot:].lower(), "") if dot >= 0 else ""


def as_no_table(refusal: str) -> str:
    """What is said of a file that cannot be a task table; ``refusal`` is what a return is told."""
    return _NO_TABLE.get(refusal, refusal)
