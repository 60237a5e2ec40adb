"""Mails as they really come, written byte by byte, each with what has to be found in it.

``python -m tests.data.make_mails`` writes tests/data/mail/NAME.eml and NAME.json again, byte for byte. The
workbooks inside are known, so the expectation is the truth and not what some parser said.
"""

from __future__ import annotations

import base64
import binascii
import json
import quopri
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote
from zipfile import ZipFile, ZipInfo

from tests.tools.msg import compound_file, message
from xl_addin.mail.classify import AUTO, BOUNCE, DELAY, LETTER

FOLDER = Path(__file__).with_name("mail")
SENDER = "d01@d.test"
NAME = "填报表_2023-06_万州区.xlsx"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def entry(name):
    """A file in an archive, the same on every system."""
    info = ZipInfo(name)
    info.create_system = 3
    return info


def minimal_book(said):
    """A small workbook with one text, stored and not deflated: the same bytes on every machine."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"

    def related(kind, target):
        link = f'<Relationship Id="r" Type="{office}/{kind}" Target="{target}"/>'
        return f'<Relationships xmlns="{package}/relationships">{link}</Relationships>'

    def typed(name, kind):
        return f'<Override PartName="/xl/{name}.xml" ContentType="{types}.{kind}+xml"/>'

    cell = f'<c r="A1" t="inlineStr"><is><t>{said}</t></is></c>'
    listed = '<sheets><sheet name="a" sheetId="1" r:id="r"/></sheets>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{typed('workbook', 'sheet.main')}{typed('s', 'worksheet')}</Types>",
        "_rels/.rels": related("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">{listed}</workbook>',
        "xl/_rels/workbook.xml.rels": related("worksheet", "s.xml"),
        "xl/s.xml": f'<worksheet xmlns="{main}"><sheetData><row r="1">{cell}</row></sheetData></worksheet>',
    }
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(entry(name), text)
    return out.getvalue()


BOOK, OTHER = minimal_book("一 "), minimal_book("二")
OLD = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "Workbook\0".encode("utf-16-le") + bytes(400)
)
KNOWN = {BOOK: "BOOK", OTHER: "OTHER", OLD: "OLD"}


class File(NamedTuple):
    """A file that has to be found: ``content`` is one of ``KNOWN``, "some" for other bytes, or none."""

    name: str
    content: str = "BOOK"
    trail: tuple[str, ...] = ()


class Case(NamedTuple):
    """A mail and what it holds. ``flaws`` are words that must stand in what is told as wrong."""

    raw: bytes
    files: tuple[File, ...] = (File(NAME),)
    kind: str = LETTER
    sender: str = SENDER
    subject: str = "六月报送"
    flaws: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    bounced: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()

    def expected(self):
        said = self._asdict()
        del said["raw"]
        return said


def word(text, charset="utf-8", coding="B"):
    """An encoded word."""
    raw = text.encode(charset)
    body = (
        base64.b64encode(raw).decode() if coding == "B" else "".join(f"={byte:02X}" for byte in raw)
    )
    return f"=?{charset}?{coding}?{body}?="


def head(subject="六月报送", sender=SENDER, **fields):
    lines = {
        "From": sender,
        "To": "hq@hq.test",
        "Subject": word(subject, "gb18030"),
        "Date": "Mon, 3 Jul 2023 09:00:00 +0800",
        "Message-ID": "<m1@d.test>",
        "MIME-Version": "1.0",
    }
    lines |= {key.replace("_", "-"): value for key, value in fields.items()}
    return b"".join(
        f"{key}: ".encode() + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
        for key, value in lines.items()
        if value is not None
    )


def b64(data=BOOK):
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def part(body=None, kind=SHEET_TYPE, disposition=None, coding="base64", extra=b""):
    """A part; kind and disposition are texts, or bytes for what no text could be."""
    lines = b""
    for name, value in (
        ("Content-Type", kind),
        ("Content-Disposition", disposition),
        ("Content-Transfer-Encoding", coding),
    ):
        if value is not None:
            raw = value if isinstance(value, bytes) else value.encode()
            lines += f"{name}: ".encode() + raw + b"\r\n"
    return lines + extra + b"\r\n" + (b64() if body is None else body)


def text(said="您好，请查收。", charset="utf-8", kind="plain"):
    raw = base64.encodebytes(said.encode(charset)).replace(b"\n", b"\r\n")
    return part(raw, f"text/{kind}; charset={charset}")


def mixed(*parts, boundary="=_b1", top=None, kind="mixed", **fields):
    """A whole mail of several parts."""
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + each + b"\r\n" for each in parts)
    top = head(**fields) if top is None else top
    content = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    return top + content + body + b"--" + boundary.encode() + b"--\r\n"


def named(disposition, **kwargs):
    """A mail with one workbook whose Content-Disposition is as given."""
    return mixed(text(), part(disposition=disposition, **kwargs))


def attached(name=NAME, charset="utf-8"):
    return f'attachment; filename="{word(name, charset)}"'


def zipped(*files):
    """A .zip whose names are in GBK, as Windows programs write them."""
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        for name, data in files:
            archive.writestr(entry(name.encode("gbk").hex()[: len(name.encode("gbk"))]), data)
    made = out.getvalue()
    for name, _ in files:
        raw = name.encode("gbk")
        made = made.replace(raw.hex()[: len(raw)].encode(), raw)
    return made


def tnef(*files):
    """winmail.dat with files, short name in GBK and long name in UTF-16, as Outlook writes it."""
    made = b"\x78\x9f\x3e\x22" + struct.pack("<H", 1)

    def attribute(level, number, data):
        return (
            struct.pack("<BII", level, number, len(data))
            + data
            + struct.pack("<H", sum(data) % 65536)
        )

    made += attribute(1, 0x00089006, struct.pack("<I", 0x10000))
    made += attribute(1, 0x00069007, struct.pack("<II", 936, 0))
    made += attribute(1, 0x00078008, b"IPM.Note\0")
    for name, data in files:
        wide = name.encode("utf-16-le") + b"\0\0"
        padded = wide + bytes(-len(wide) % 4)
        long = struct.pack("<HHII", 0x001F, 0x3707, 1, len(wide)) + padded
        method = struct.pack("<HHI", 0x0003, 0x3705, 1)
        made += attribute(2, 0x00069002, bytes(14))
        made += attribute(2, 0x00018010, name.encode("gbk")[:8] + b"\0")
        made += attribute(2, 0x0006800F, data)
        made += attribute(2, 0x00069005, struct.pack("<I", 2) + method + long)
    return made


def uuencoded(data, name):
    lines = [binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45)]
    return b"begin 644 " + name.encode("gbk") + b"\n" + b"".join(lines) + b"`\nend\n"


def percent(name, charset):
    return quote(name.encode(charset), safe="")


def names() -> Iterator[tuple[str, Case]]:
    """How a file name is written."""
    for charset in ("gbk", "gb18030", "utf-8"):
        name = (
            NAME
            if charset == "gbk"
            else NAME.replace("州", "州𠮷")
            if charset == "gb18030"
            else NAME
        )
        raw = b'attachment; filename="' + name.encode(charset) + b'"'
        yield f"name-raw-{charset}", Case(named(raw), (File(name),))
    # The second byte of these is a backslash, which no one may take for an escape.
    tricky = "誠乗俓.xlsx"
    assert b"\\" in tricky.encode("gbk")
    raw = b'attachment; filename="' + tricky.encode("gbk") + b'"'
    yield "name-raw-gbk-backslash", Case(named(raw), (File(tricky),))
    for charset in ("utf-8", "gbk", "gb2312", "gb18030", "big5"):
        name = "填報表.xlsx" if charset == "big5" else NAME
        yield f"name-2047-{charset}", Case(named(attached(name, charset)), (File(name),))
    yield "name-2047-q", Case(named(f'attachment; filename="{word(NAME, "gbk", "Q")}"'))
    halves = f"{word(NAME[:5])}\r\n {word(NAME[5:])}"
    yield "name-2047-two-words", Case(named(f'attachment;\r\n filename="{halves}"'))
    raw = NAME.encode()
    split = [base64.b64encode(piece).decode() for piece in (raw[:4], raw[4:])]
    torn = " ".join(f"=?utf-8?B?{piece}?=" for piece in split)
    yield "name-2047-split-character", Case(named(f'attachment; filename="{torn}"'))
    yield "name-2047-unquoted", Case(named(f"attachment; filename={word(NAME)}"))
    lying = "=?utf-8?B?" + base64.b64encode(NAME.encode("gbk")).decode() + "?="
    yield "name-2047-lying-label", Case(named(f'attachment; filename="{lying}"'))
    rare = "㐂镕喆.xlsx"
    narrow = "=?gb2312?B?" + base64.b64encode(rare.encode("gb18030")).decode() + "?="
    yield (
        "name-2047-gb2312-too-narrow",
        Case(named(f'attachment; filename="{narrow}"'), (File(rare),)),
    )
    unknown = "=?x-unknown?B?" + base64.b64encode(NAME.encode()).decode() + "?="
    yield "name-2047-unknown-charset", Case(named(f'attachment; filename="{unknown}"'))
    whole = word(f'attachment; filename="{NAME}"', "gbk")
    yield "name-2047-whole-field", Case(named(whole))
    for charset in ("utf-8", "gbk", "gb18030"):
        said = f"attachment; filename*={charset}''{percent(NAME, charset)}"
        yield f"name-2231-{charset}", Case(named(said))
    coded = percent(NAME, "gbk")
    pieces = [coded[at : at + 24] for at in range(0, len(coded), 24)]
    lines = [f"filename*0*=gbk''{pieces[0]}"]
    lines += [f"filename*{n}*={piece}" for n, piece in enumerate(pieces[1:], 1)]
    yield "name-2231-continued", Case(named("attachment;\r\n " + ";\r\n ".join(lines)))
    shuffled = "attachment;\r\n " + ";\r\n ".join(reversed(lines))
    yield "name-2231-continued-shuffled", Case(named(shuffled))
    plain = 'attachment; filename*0="tian bao "; filename*1="biao.xlsx"'
    yield "name-2231-continued-plain", Case(named(plain), (File("tian bao biao.xlsx"),))
    both = f"attachment; filename=\"tbb.xlsx\"; filename*=UTF-8''{percent(NAME, 'utf-8')}"
    yield "name-both", Case(named(both))
    both = f"attachment; filename*=UTF-8''{percent(NAME, 'utf-8')}; filename=\"tbb.xlsx\""
    yield "name-both-other-order", Case(named(both))
    kind = f'{SHEET_TYPE}; name="{word(NAME, "gbk")}"'
    yield "name-in-content-type-only", Case(named("attachment", kind=kind))
    yield "name-in-content-type-inline", Case(named(None, kind=kind))
    path = 'attachment; filename="C:\\\\Users\\\\王\\\\桌面\\\\' + "六月.xlsx" + '"'
    yield "name-with-path", Case(named(path.encode("gbk")), (File("六月.xlsx"),))
    climbing = 'attachment; filename="../../etc/passwd.xlsx"'
    yield "name-climbing", Case(named(climbing), (File("passwd.xlsx"),))
    turned = f"attachment; filename*=UTF-8''{percent('表' + chr(0x202E) + 'xslx.exe', 'utf-8')}"
    yield "name-turned-around", Case(named(turned), (File("表xslx.exe"),))
    formula = 'attachment; filename="=cmd|calc!A0.xlsx"'
    yield "name-like-a-formula", Case(named(formula), (File("=cmd|calc!A0.xlsx"),))
    long = "填" * 200 + ".xlsx"
    yield "name-very-long", Case(named(attached(long)), (File("填" * 115 + ".xlsx"),))
    yield "name-none-attachment", Case(named("attachment"), (File(""),))
    yield "name-none-octet-stream", Case(named(None, kind="application/octet-stream"), (File(""),))


def kinds_of_part() -> Iterator[tuple[str, Case]]:
    """What a part says it is."""
    for kind in (
        "application/octet-stream",
        "image/jpeg",
        "text/plain",
        "application/x-zip-compressed",
        "application/vnd.ms-excel",
        "message/octet",
        "x/y",
    ):
        name = f"type-{kind.replace('/', '-')}"
        yield name, Case(named(attached(), kind=kind))
    yield "type-none", Case(named(attached(), kind=None))
    yield "type-broken", Case(named(attached(), kind=";;;=?"))
    yield "type-inline", Case(named(f'inline; filename="{word(NAME)}"'))
    yield (
        "type-old-workbook",
        Case(
            mixed(text(), part(b64(OLD), "application/msexcel", attached("旧.xls"))),
            (File("旧.xls", "OLD"),),
        ),
    )
    root = head() + part(kind=f'{SHEET_TYPE}; name="{word(NAME)}"')
    yield "root-is-the-workbook", Case(root)
    related = mixed(text(), part(disposition=attached()), kind="related")
    yield "related", Case(related)
    inner = mixed(
        text(), text("<b>您好</b>", kind="html"), top=b"", kind="alternative", boundary="=_in"
    )
    yield "alternative-inside", Case(mixed(inner, part(disposition=attached())))
    signature = part(
        b64(b"\x30\x82\x01"), 'application/pkcs7-signature; name="smime.p7s"', "attachment"
    )
    content = mixed(text(), part(disposition=attached()), top=b"", boundary="=_in")
    yield "signed", Case(mixed(content, signature, kind='signed; micalg=sha-256; protocol="x"'))
    smime = head() + part(
        b64(b"\x30\x80"), 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"'
    )
    yield "encrypted", Case(smime, (), flaws=("加密",))
    two = mixed(
        text(),
        part(disposition=attached("一.xlsx")),
        part(b64(OTHER), disposition=attached("二.xlsx")),
    )
    yield "two-workbooks", Case(two, (File("一.xlsx"), File("二.xlsx", "OTHER")))
    logo = part(b64(b"\x89PNG\r\n\x1a\n"), 'image/png; name="logo.png"', "inline")
    scan = part(b64(b"%PDF-1.7"), 'application/pdf; name="盖章.pdf"', attached("盖章.pdf"))
    yield "beside-picture-and-pdf", Case(mixed(text(), logo, scan, part(disposition=attached())))
    yield "no-workbook-pdf-only", Case(mixed(text(), scan), ())
    yield "no-attachment", Case(head() + text("收到，谢谢。"), ())
    lock = part(b64(b"\x05zhang" + bytes(159)), disposition=attached("~$填报表.xlsx"))
    yield "lock-file", Case(mixed(text(), lock), (File("~$填报表.xlsx", "some"),))
    empty = part(b"", disposition=attached("空.xlsx"))
    yield "empty-attachment", Case(mixed(text(), empty), (File("空.xlsx", ""),))


def transfers() -> Iterator[tuple[str, Case]]:
    """How the bytes are carried."""
    yield "cte-8bit-binary", Case(named(attached(), coding="binary", body=BOOK))
    yield (
        "cte-quoted-printable",
        Case(
            named(
                attached(),
                coding="quoted-printable",
                body=quopri.encodestring(BOOK, quotetabs=True),
            )
        ),
    )
    for name, coding in (
        ("comment", "base64 (from WPS)"),
        ("semicolon", "BASE64 ;"),
        ("quoted", '"base64"'),
        ("case", "Base64"),
        ("missing", None),
        ("unknown", "x-foo"),
        ("7bit", "7bit"),
    ):
        yield f"cte-{name}", Case(named(attached(), coding=coding))
    spaced = b64().replace(b"\r\n", b" \r\n\t")
    yield "base64-with-spaces", Case(named(attached(), body=spaced))
    yield "base64-one-line", Case(named(attached(), body=base64.b64encode(BOOK)))
    yield (
        "base64-no-padding",
        Case(named(attached(), body=base64.b64encode(BOOK).rstrip(b"=")), flaws=("截断",)),
    )
    half = len(BOOK) // 6 * 3 - 1
    joined = base64.b64encode(BOOK[:half]) + b"\r\n" + base64.b64encode(BOOK[half:])
    assert b"=" in base64.b64encode(BOOK[:half])
    yield "base64-two-streams", Case(named(attached(), body=joined))
    cut = base64.b64encode(BOOK)[:401]
    yield (
        "base64-truncated",
        Case(named(attached(), body=cut), (File(NAME, "some"),), flaws=("截断",)),
    )
    yield (
        "uuencode-in-text",
        Case(
            head()
            + b"Content-Type: text/plain; charset=gbk\r\n\r\n"
            + "附件：\r\n".encode("gbk")
            + uuencoded(BOOK, NAME)
        ),
    )
    yield "uuencode-cte", Case(named(attached(), coding="x-uuencode", body=uuencoded(BOOK, NAME)))


def structures() -> Iterator[tuple[str, Case]]:
    """How parts lie in each other."""
    inner = mixed(text(), part(disposition=attached()), subject="原始邮件", boundary="=_in")
    forwarded = part(inner, "message/rfc822", None, None)
    whole = (File(NAME, trail=("原始邮件",)),)
    yield "forwarded", Case(mixed(text(), forwarded), whole)
    twice = mixed(text(), forwarded, subject="再转", boundary="=_mid")
    yield (
        "forwarded-twice",
        Case(
            mixed(text(), part(twice, "message/rfc822", None, None)),
            (File(NAME, trail=("再转", "原始邮件")),),
        ),
    )
    yield "forwarded-in-base64", Case(mixed(text(), part(b64(inner), "message/rfc822")), whole)
    as_file = part(b64(inner), "application/octet-stream", attached("转发.eml"))
    yield "eml-as-octet-stream", Case(mixed(text(), as_file), whole)
    nameless = part(b64(inner), "application/octet-stream", "attachment")
    yield "eml-without-name", Case(mixed(text(), nameless), whole)
    lost = mixed(text(), part(disposition=attached())).replace(
        b'boundary="=_b1"', b'boundary="=_zz"'
    )
    yield "boundary-never-comes", Case(lost)
    none = mixed(text(), part(disposition=attached())).replace(b'; boundary="=_b1"', b"")
    yield "boundary-not-named", Case(none)
    yield (
        "boundary-not-closed",
        Case(mixed(text(), part(disposition=attached())).removesuffix(b"--=_b1--\r\n")),
    )
    broken = (
        head()
        + b'Content-Type: multipart/mixed; boundary="=_b1"\r\n\r\n'
        + b"nothing of the kind\r\n"
    )
    yield "multipart-of-nothing", Case(broken, (), flaws=("损坏",))
    bare = mixed(text(), part(disposition=attached())).replace(b"\r\n", b"\n")
    yield "bare-newlines", Case(bare)
    outlook = part(
        b64(tnef((NAME, BOOK))),
        'application/ms-tnef; name="winmail.dat"',
        'attachment; filename="winmail.dat"',
    )
    yield "winmail", Case(mixed(text(), outlook), (File(NAME, trail=("winmail.dat",)),))
    both = part(
        b64(tnef(("一.xlsx", BOOK), ("二.xlsx", OTHER))), "application/octet-stream", "attachment"
    )
    yield (
        "winmail-two",
        Case(
            mixed(text(), both),
            (File("一.xlsx", trail=("winmail.dat",)), File("二.xlsx", "OTHER", ("winmail.dat",))),
        ),
    )
    packed = part(b64(zipped((NAME, BOOK))), "application/zip", attached("六月.zip"))
    yield "zip-gbk", Case(mixed(text(), packed), (File("六月.zip", "some"),))
    rar = part(
        b64(b"Rar!\x1a\x07\x01\0" + bytes(40)), "application/octet-stream", attached("六月.rar")
    )
    yield "rar", Case(mixed(text(), rar), (File("六月.rar", "some"),))
    seven = part(
        b64(b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(40)), "application/octet-stream", "attachment"
    )
    yield "7z-without-name", Case(mixed(text(), seven), (File("", "some"),))


def senders() -> Iterator[tuple[str, Case]]:
    """Who it says it is from: one field, one address, or nobody."""
    for name, said, sender in (
        ("named", '"万州 王工" <d01@d.test>', SENDER),
        ("encoded", f"{word('王工', 'gbk')} <D01@D.TEST>", SENDER),
        ("comma-in-quotes", '"Wang, Gong" <d01@d.test>', SENDER),
        ("address-as-name", "d01@d.test <evil@x.test>", "evil@x.test"),
        ("quoted-address-as-name", '"d01@d.test" <evil@x.test>', "evil@x.test"),
        ("two", "d01@d.test, evil@x.test", ""),
        ("two-in-angles", "<d01@d.test> <evil@x.test>", ""),
        ("group", "g: d01@d.test;", ""),
        ("empty", "", ""),
    ):
        yield (
            f"from-{name}",
            Case(
                named(attached()).replace(b"From: d01@d.test", f"From: {said}".encode(), 1),
                sender=sender,
            ),
        )
    raw = named(attached()).replace(
        b"From: d01@d.test", b'From: "' + "王工".encode("gbk") + b'" <d01@d.test>', 1
    )
    yield "from-raw-gbk", Case(raw)
    doubled = b"From: evil@x.test\r\n" + named(attached())
    yield "from-twice", Case(doubled, sender="")
    missing = named(attached()).replace(b"From: d01@d.test\r\n", b"", 1)
    yield "from-none", Case(missing, sender="")


def machines() -> Iterator[tuple[str, Case]]:
    """Mails that no person wrote."""
    form = part(disposition=attached())
    yield (
        "auto-rfc3834",
        Case(mixed(text("我在休假"), form, Auto_Submitted="auto-replied"), kind=AUTO),
    )
    yield "auto-no", Case(mixed(text(), form, Auto_Submitted="no"))
    for n, subject in enumerate(
        (
            "自动回复：Re: 六月报送",
            "【自动回复】您的邮件已收到",
            "Re: 自动答复: 六月",
            "Automatic reply: June",
            "Out of Office: June",
        )
    ):
        yield f"auto-subject-{n}", Case(head(subject) + text("已收到"), (), AUTO, subject=subject)
    for n, subject in enumerate(
        (
            "Re: 六月报送【自动回复】",
            "六月报送 (Auto-Reply)",
            "我正在休假 Re: 六月报送",
            "撤回: 六月报送",
            "Recall: June",
            "邮件撤回失败: 六月报送",
            "来自万州区残联的自动回复:六月报送",
            "自動回覆: 六月报送",
            "我已收到您的邮件（自动回复）！",
        )
    ):
        yield (f"auto-only-subject-{n}", Case(head(subject) + text("x"), (), AUTO, subject=subject))
    for n, subject in enumerate(
        (
            "已收到: 六月报送",
            "我正在休假，六月报表请查收",
            "关于撤回的说明",
            "自动回复功能已关闭，六月报表重发",
        )
    ):
        yield f"letter-by-subject-{n}", Case(head(subject) + text("x"), (), subject=subject)
    about = "请不要自动回复：六月报送"
    yield "auto-not-this-subject", Case(mixed(text(), form, subject=about), subject=about)
    yield "auto-precedence", Case(head(Precedence="auto_reply") + text(), (), AUTO)
    read = mixed(
        text("已读"),
        part(b"Disposition: x\r\n", "message/disposition-notification", None, None),
        kind="report; report-type=disposition-notification",
    )
    yield "read-receipt", Case(read, (), AUTO)
    daemon = "MAILER-DAEMON@mx.d.test"

    def report(action, status="5.1.1"):
        said = (
            "Reporting-MTA: dns; mx.d.test\r\n\r\nFinal-Recipient: rfc822; D07@d.test\r\n"
            f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 no such user\r\n"
        )
        back = mixed(
            text("请填写"),
            form,
            sender="hq@hq.test",
            Message_ID="<ours.1@hq.test>",
            boundary="=_in",
        )
        return mixed(
            text("could not be delivered", "us-ascii"),
            part(said.encode(), "message/delivery-status", None, None),
            part(back, "message/rfc822", None, None),
            kind="report; report-type=delivery-status",
            sender=daemon,
            subject="Undelivered Mail",
        )

    facts = {"sender": daemon.lower(), "subject": "Undelivered Mail"}
    quoted = (File(NAME, trail=("六月报送",)),)
    yield (
        "bounce-dsn",
        Case(
            report("failed"),
            quoted,
            BOUNCE,
            **facts,
            bounced=("d07@d.test",),
            letters=("<ours.1@hq.test>",),
        ),
    )
    yield "bounce-dsn-delayed", Case(report("delayed", "4.4.1"), quoted, DELAY, **facts)
    yield "bounce-dsn-delivered", Case(report("delivered", "2.0.0"), quoted, AUTO, **facts)
    heads = part(
        # A correction answers the district's mail and stands in a thread: neither came back.
        b"References: <ours.1@hq.test>\r\n <d8@d.test>\r\nIn-Reply-To: <d8@d.test>\r\n"
        b"Message-ID: <ours.2@hq.test>\r\nSubject: x\r\n",
        "text/rfc822-headers",
        None,
        None,
    )
    told = (
        b"Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822;d08@d.test\r\n"
        b"Action: failed\r\nStatus: 5.2.2\r\n"
    )
    short = mixed(
        text("x"),
        part(told, "message/delivery-status", None, None),
        heads,
        kind="report; report-type=delivery-status",
        sender=daemon,
        subject="Undelivered Mail",
    )
    yield (
        "bounce-dsn-headers-only",
        Case(short, (), BOUNCE, **facts, bounced=("d08@d.test",), letters=("<ours.2@hq.test>",)),
    )
    back = mixed(
        text("请填写"), form, sender="hq@hq.test", Message_ID="<ours.3@hq.test>", boundary="=_in"
    )
    for n, (subject, who) in enumerate(
        (("未传递: 六月报送", "postmaster@d.test"), ("六月报送", "mail-system@d.test"))
    ):
        told = text("您的邮件未送达以下收件人：d11@d.test，原因 550 5.1.1 用户不存在")
        enclosed = part(back, "message/rfc822", None, None)
        yield (
            f"bounce-mixed-{n}",
            Case(
                b"Return-Path: <>\r\n" + mixed(told, enclosed, sender=who, subject=subject),
                quoted,
                BOUNCE,
                who,
                subject,
                bounced=("d11@d.test",),
                letters=("<ours.3@hq.test>",),
            ),
        )
    html = (
        "<html><body>抱歉，您的邮件被退回来了……<br>无法发送到 d09@d.test<br>退信原因：收件人邮箱已满"
        "<br>Host d.test said: 552 Mailbox full</body></html>"
    )
    coremail = head("系统退信/Systems bounce", "Postmaster@163.com") + text(html, "gbk", "html")
    yield (
        "bounce-coremail",
        Case(
            coremail,
            (),
            BOUNCE,
            "postmaster@163.com",
            "系统退信/Systems bounce",
            bounced=("d09@d.test",),
        ),
    )
    qq = "来自mail.qq.com的退信"
    yield (
        "bounce-qq",
        Case(
            head(qq, "PostMaster@qq.com")
            + text("您发给 d10@d.test 的邮件被退回：550 Mailbox not found"),
            (),
            BOUNCE,
            "postmaster@qq.com",
            qq,
            bounced=("d10@d.test",),
        ),
    )
    copy = f"Return-Path: <hq@hq.test>\r\nMessage-ID: <ours.9@hq.test>\r\n{'Subject: June'}\r\n\r\nhello"
    exim = (
        "This message was created automatically by mail delivery software.\r\n\r\nThis is a permanent error."
        " The following address(es) failed:\r\n\r\n  d12@d.test\r\n    Unrouteable address\r\n\r\n"
        f"------ This is a copy of your message, including all the headers. ------\r\n\r\n{copy}"
    )
    qmail = (
        "Hi. This is the qmail-send program at d.test.\r\nI'm afraid I wasn't able to deliver your message."
        "\r\n\r\n<d12@d.test>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n--- Below this line is"
        f" a copy of the message.\r\n\r\n{copy}"
    )
    domino = (
        "Your message\r\n  Subject: June\r\nwas not delivered to:\r\n  d12@d.test\r\nbecause:\r\n  User d12"
        " (d12@d.test) not listed in Domino Directory\r\nMessage-ID: <ours.9@hq.test>"
    )
    for name, subject, said in (
        ("exim", "Mail delivery failed: returning message to sender", exim),
        ("qmail", "failure notice", qmail),
        ("domino", "DELIVERY FAILURE: User d12 (d12@d.test) not listed", domino),
    ):
        yield (
            f"bounce-{name}",
            Case(
                b"Return-Path: <>\r\n" + head(subject, "MAILER-DAEMON@d.test") + text(said),
                (),
                BOUNCE,
                "mailer-daemon@d.test",
                subject,
                bounced=("d12@d.test",),
                letters=("<ours.9@hq.test>",),
            ),
        )
    late = "Warning: message 1xY6KK-0006Av-1c delayed 24 hours"
    raw = head(late, "Mailer-Daemon@d.test", Auto_Submitted="auto-replied") + text(exim)
    yield (
        "bounce-exim-delayed",
        Case(b"Return-Path: <>\r\n" + raw, (), DELAY, "mailer-daemon@d.test", late),
    )
    person = "关于上次退信的说明"
    yield "bounce-not-by-a-person", Case(mixed(text(), form, subject=person), subject=person)


def clouds() -> Iterator[tuple[str, Case]]:
    """Attachments that are links."""
    for name, link in (
        ("qq", "https://mail.qq.com/cgi-bin/ftnExs_download?k=0a1b&t=exs_ftn_download&code=ab12"),
        ("wx", "https://wx.mail.qq.com/ftn/download?func=3&key=abc&code=1"),
        (
            "163",
            "https://mail.163.com/large-attachment-download/index.html?p=X-NETEASE-HUGE-ATTACHMENT&file=abc",
        ),
        ("126", "http://u.163.com/abcdEF"),
        ("baidu", "https://pan.baidu.com/s/1abc-DEF?pwd=1234"),
        ("kdocs", "https://www.kdocs.cn/l/cabc"),
        (
            "exmail",
            "https://exmail.qq.com/cgi-bin/ftnExs_download?k=00643133&t=exs_ftn_download&code=c1",
        ),
        ("weixin", "https://drive.weixin.qq.com/s?k=AA"),
        (
            "aliyun",
            "https://qiye.aliyun.com/alimail/openLinks/downloadMimeMetaDetailBigAttach?id=1",
        ),
        ("1drv", "https://1drv.ms/x/s!Abc"),
        ("sharepoint", "https://office-my.sharepoint.cn/:x:/g/personal/a_b/EabC?e=1"),
        ("dingtalk", "https://alidocs.dingtalk.com/i/nodes/abc"),
        ("feishu", "https://abc.feishu.cn/file/boxcnAbc"),
        ("139", "https://caiyun.139.com/m/i?1abc"),
        ("yeah", "https://mail.yeah.net/large-attachment-download/index.html?file=abc"),
    ):
        body = f'<p>从QQ邮箱发来的超大附件</p><a href="{link.replace("&", "&amp;")}">{NAME}</a>'
        yield f"cloud-{name}", Case(head() + text(body, kind="html"), (), links=(link,))
    links = (
        "https://yun.baidu.com/s/1abc",
        "https://www.123pan.com/s/abc-def.html",
        "https://www.123684.com/s/abc",
        "https://pan.quark.cn/s/abc",
        "https://drive.uc.cn/s/abc",
        "https://cowtransfer.com/s/abc",
        "https://www.wenshushu.cn/f/abc",
        "https://yunpan.360.cn/surl_abc",
        "https://www.jianguoyun.com/p/abc",
        "https://url12.ctfile.com/f/abc",
        "https://365.kdocs.cn/l/abc",
        "https://115cdn.com/s/abc",
        "https://space.dingtalk.com/s/abc",
        "https://caiyun.feixin.10086.cn/dl/abc",
        "https://shimo.im/file/abc",
        "https://www.icloud.com.cn/iclouddrive/abc",
        "https://vip.163.com/large-attachment-download/?p=a",
        "https://pan.wo.cn/s/abc",
    )
    yield "cloud-many", Case(head() + text(" \r\n".join(links)), (), links=links)
    bare = head() + text("填报表.xlsx 进入下载页面：drive.weixin.qq.com/s?k=AA")
    yield "cloud-without-scheme", Case(bare, (), links=("drive.weixin.qq.com/s?k=AA",))
    plain = head() + text(
        "见 https://example.com/help?x=1 ，xdrive.weixin.qq.com/s、a@docs.qq.com/ 谢谢"
    )
    yield "cloud-not-this-link", Case(plain, ())


def _der(tag, *inner, endless=False):
    body = b"".join(inner)
    if endless:
        return bytes((tag, 0x80)) + body + b"\0\0"
    size = len(body)
    told = bytes((size,)) if size < 128 else b"\x83" + size.to_bytes(3, "big")
    return bytes((tag,)) + told + body


_CMS = b"\x2a\x86\x48\x86\xf7\x0d\x01"


def _cms(content, kind=b"\x07\x02", endless=False, pieces=0):
    """A CMS message of signed data without any signer, which nobody looks at."""
    octets = _der(4, content)
    if pieces:
        cut = range(0, len(content), pieces)
        octets = _der(0x24, *(_der(4, content[n : n + pieces]) for n in cut), endless=endless)
    held = _der(0xA0, octets, endless=endless)
    inner = _der(0x30, _der(6, _CMS + b"\x07\x01"), held, endless=endless)
    algorithm = _der(0x30, _der(6, b"\x60\x86\x48\x01\x65\x03\x04\x02\x01"), _der(5))
    between = _der(0x31, algorithm) if kind == b"\x07\x02" else algorithm
    body = _der(0x30, _der(2, b"\x01"), between, inner, endless=endless)
    return _der(0x30, _der(6, _CMS + kind), _der(0xA0, body, endless=endless), endless=endless)


def envelopes() -> Iterator[tuple[str, Case]]:
    """Signed and encrypted: what is signed alone can be read without any key."""
    content = mixed(text(), part(disposition=attached()), top=b"", boundary="=_in")
    opaque = 'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"'
    plain = "application/octet-stream"
    where = attached("smime.p7m")
    yield "smime-opaque", Case(head() + part(b64(_cms(content)), opaque, where))
    endless = _cms(content, endless=True, pieces=1000)
    yield "smime-opaque-endless", Case(head() + part(b64(endless), opaque, where))
    yield "smime-opaque-in-pieces", Case(head() + part(b64(_cms(content, pieces=70_000)), opaque))
    yield "smime-octet-stream", Case(mixed(text(), part(b64(_cms(content)), plain, where)))
    yield "smime-without-name", Case(head() + part(b64(_cms(content)), plain, "attachment"))
    armour = b"-----BEGIN PKCS7-----\n" + b64(_cms(content)) + b"-----END PKCS7-----\n"
    yield "smime-armoured", Case(head() + part(b64(armour), opaque, where))
    twice = head("", None) + part(b64(_cms(content)), opaque, where)
    yield "smime-twice", Case(head() + part(b64(_cms(twice)), opaque, where))
    packed = zlib.compress(content, 0)
    compressed = _cms(packed, b"\x09\x10\x01\x09")
    yield "smime-compressed", Case(head() + part(b64(compressed), opaque, where))
    sealed = _der(0x30, _der(6, _CMS + b"\x07\x03"), _der(0xA0, _der(0x30, b"\x02\x01\x00")))
    yield "smime-enveloped", Case(head() + part(b64(sealed), plain, where), (), flaws=("加密",))
    inside = head("", None) + part(b64(sealed), opaque, where)
    yield (
        "smime-signed-enveloped",
        Case(head() + part(b64(_cms(inside)), opaque), (), flaws=("加密",)),
    )
    cut = _cms(content)[:-3000]
    yield "smime-cut", Case(head() + part(b64(cut), opaque, where), (), flaws=("读不出来",))
    pgp = part(b"Version: 1\r\n", "application/pgp-encrypted", None, None)
    asc = part(
        b"-----BEGIN PGP MESSAGE-----\r\n", "application/octet-stream", attached("m.asc"), None
    )
    kind = 'encrypted; protocol="application/pgp-encrypted"'
    yield "pgp-encrypted", Case(mixed(pgp, asc, kind=kind), (), flaws=("加密",))
    inline = text("-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----")
    yield "pgp-in-the-text", Case(head() + inline, (), flaws=("加密",))


def outlook() -> Iterator[tuple[str, Case]]:
    """Mails that Outlook saved, attached, and such as themselves come in."""

    def attach(name, *args, **facts):
        raw = compound_file(message(*args, **facts))
        return mixed(text(), part(b64(raw), "application/vnd.ms-outlook", attached(name)))

    form = (NAME, BOOK)
    yield "msg", Case(attach("六月.msg", files=[form]), (File(NAME, trail=("六月.msg",)),))
    yield (
        "msg-two",
        Case(
            attach("六月.msg", files=[("一.xlsx", BOOK), ("二.xlsx", OTHER)]),
            (File("一.xlsx", trail=("六月.msg",)), File("二.xlsx", "OTHER", ("六月.msg",))),
        ),
    )
    inner = message("里面的", files=[form], inner=True)
    yield (
        "msg-in-msg",
        Case(
            attach("外.msg", files=[("里面的", inner)]), (File(NAME, trail=("外.msg", "里面的")),)
        ),
    )
    stored_msg = compound_file(message("里面的", files=[form]))
    yield (
        "msg-as-file-in-msg",
        Case(
            attach("外.msg", files=[("里.msg", stored_msg)]),
            (File(NAME, trail=("外.msg", "里.msg")),),
        ),
    )
    yield (
        "msg-eml-inside",
        Case(
            attach("外.msg", files=[("里.eml", mixed(text(), part(disposition=attached())))]),
            (File(NAME, trail=("外.msg", "六月报送")),),
        ),
    )
    link = "https://office.sharepoint.cn/:x:/s/a"
    yield "msg-cloud", Case(attach("云.msg", files=[(NAME, link)]), (), links=(link,))
    signed = mixed(text(), part(disposition=attached()), top=b"", boundary="=_s", kind="signed")
    yield (
        "msg-signed",
        Case(
            attach("签.msg", files=[("smime.p7m", signed)], kind="IPM.Note.SMIME.MultipartSigned"),
            (File(NAME, trail=("签.msg",)),),
        ),
    )
    opaque = _cms(mixed(text(), part(disposition=attached()), top=b"", boundary="=_s"))
    yield (
        "msg-opaque",
        Case(
            attach("签.msg", files=[("smime.p7m", opaque)], kind="IPM.Note.SMIME"),
            (File(NAME, trail=("签.msg",)),),
        ),
    )
    broken = compound_file(message(files=[form]))[:3000]
    where = part(b64(broken), "application/octet-stream", attached("坏.msg"))
    yield "msg-broken", Case(mixed(text(), where), (), flaws=(".msg",))
    yield "msg-whole", Case(compound_file(message(files=[form])))
    headers = f"From: {SENDER}\r\nSubject: {word('六月报送')}\r\nContent-Type: text/x\r\n\r\n"
    yield (
        "msg-with-headers",
        Case(compound_file(message("不用", "x@y.test", files=[form], headers=headers))),
    )
    undelivered = message("未送达", "postmaster@d.test", "550 5.1.1", kind="REPORT.IPM.Note.NDR")
    yield "msg-bounce", Case(compound_file(undelivered), (), BOUNCE, "postmaster@d.test", "未送达")


def _parts_10000():
    ten = [part(b"x\r\n", "text/plain", None, None)] * 10_000
    return Case(mixed(*ten, part(disposition=attached())))


def _multiparts_nested_2000():
    top, bottom = b"", b""
    for n in range(2_000):
        top += f'Content-Type: multipart/mixed; boundary="=_{n}"\r\n\r\n--=_{n}\r\n'.encode()
        bottom = f"\r\n--=_{n}--\r\n".encode() + bottom
    return Case(head() + top + part(disposition=attached()) + bottom, (), flaws=("套",))


def _forwarded_40_times():
    deep = mixed(text(), part(disposition=attached()), boundary="=_in")
    for _ in range(40):
        deep = head("外层") + b"Content-Type: message/rfc822\r\n\r\n" + deep
    return Case(deep, (), subject="外层", flaws=("套",))


def _workbooks_210():
    many = [part(b64(minimal_book(str(n))), disposition=attached(f"{n}.xlsx")) for n in range(210)]
    files = tuple(File(f"{n}.xlsx", "some") for n in range(200))
    return Case(mixed(*many), files, flaws=("超过",))


# Mails that are too much, made for the test and not kept as files.
FLOODS = {
    made.__name__.strip("_"): made
    for made in (_parts_10000, _multiparts_nested_2000, _forwarded_40_times, _workbooks_210)
}


def stored() -> dict[str, Case]:
    """The corpus that stands in tests/data/mail."""
    made = (
        names,
        kinds_of_part,
        transfers,
        structures,
        senders,
        machines,
        clouds,
        envelopes,
        outlook,
    )
    return {name: case for make in made for name, case in make()}


def files_of(name, case):
    """What a case looks like on the disk."""
    said = json.dumps(case.expected(), ensure_ascii=False, indent=1) + "\n"
    return {f"{name}.eml": case.raw, f"{name}.json": said.encode()}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, case in stored().items():
        for file, data in files_of(name, case).items():
            (FOLDER / file).write_bytes(data)
    print(FOLDER)
