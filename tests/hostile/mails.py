"""Mails that are large or deep where a reader may be careless: each is to cost what a file may."""

from __future__ import annotations

import base64
import io
import random
import zipfile
from collections.abc import Callable
from functools import cache

from tests.data.make_mails import attached, head, mixed, part, text, tnef, zipped
from tests.hostile.makers import MIB, form, zeros
from xl_addin.xlsx.package import pack, unpack

_LINE = b"A" * 76 + b"\r\n"
BODY = "application/octet-stream"


@cache
def noise(size: int) -> bytes:
    """Bytes that do not pack."""
    return random.Random(size).randbytes(size)


def one_file(data: bytes, name: str = "大.xlsx", coding: str = "base64") -> bytes:
    """A mail with one attachment, encoded in lines as mail programs do."""
    body = base64.encodebytes(data) if coding == "base64" else data
    return mixed(text(), part(body, BODY, attached(name), coding))


def with_form(*parts: bytes) -> bytes:
    """A mail with a good return behind other parts."""
    return mixed(text(), *parts, part(base64.encodebytes(form()), BODY, attached("表.xlsx")))


def padded_form(size: int) -> bytes:
    """A form with a picture of so many bytes that does not pack."""
    from xl_addin.xlsx.package import deflate

    parts = unpack(form())
    parts["xl/media/image1.png"] = deflate("xl/media/image1.png", noise(size), 1)
    return pack(parts.values())


def enclosed(depth: int) -> bytes:
    """Mails within mails."""
    wrap = b"Subject: x\r\nContent-Type: message/rfc822\r\n\r\n"
    return head() + b"Content-Type: message/rfc822\r\n\r\n" + wrap * depth + with_form()


def attached_mails(depth: int) -> bytes:
    """Mails as files within mails, each anew in base64."""
    inner = with_form()
    for _ in range(depth):
        inner = one_file(inner, "转发.eml")
    return inner


def packed(*files: tuple[str, bytes]) -> bytes:
    """A .zip that is packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def bombs(count: int, size: int) -> bytes:
    """A .zip whose files are each large when unpacked."""
    return pack(zeros(f"{n}.xlsx", size) for n in range(count))


def many_parts(count: int, body: bytes = b"x\r\n", kind: str = "text/plain") -> bytes:
    """A mail of so many parts, the form last."""
    return with_form(*[part(body, kind, None, None)] * count)


def wide_tnef(count: int) -> bytes:
    """A winmail.dat of so many files."""
    files = [(f"{n}.xlsx", b"PK\3\4" + noise(64)) for n in range(count)]
    return one_file(tnef(*files), "winmail.dat")


def deep_tnef(depth: int) -> bytes:
    """A winmail.dat in a winmail.dat."""
    data = tnef(("表.xlsx", form()))
    for _ in range(depth):
        data = tnef(("winmail.dat", data))
    return one_file(data, "winmail.dat")


MAILS: dict[str, Callable[[], bytes]] = {
    "a form of 18 MB": lambda: one_file(padded_form(18 * MIB), "表.xlsx"),
    "a form of 37 MB, a mail of 50": lambda: one_file(padded_form(37 * MIB), "表.xlsx"),
    "a form of 55 MB, a mail of 75": lambda: one_file(padded_form(55 * MIB), "表.xlsx"),
    "a form of 63 MB, a mail of 88": lambda: one_file(padded_form(63 * MIB), "表.xlsx"),
    "a file of 71 MB, a mail of 99": lambda: one_file(noise(71 * MIB), "表.xlsx"),
    "ten forms of 5 MB": lambda: mixed(
        *[
            part(base64.encodebytes(padded_form(5 * MIB)), BODY, attached(f"{n}.xlsx"))
            for n in range(10)
        ]
    ),
    "a picture of 37 MB beside a form": lambda: with_form(
        part(base64.encodebytes(noise(37 * MIB)), "image/jpeg", attached("照片.jpg"))
    ),
    "110 MB of a file": lambda: one_file(noise(80 * MIB)),
    "60 MB of base64 in one line": lambda: mixed(
        text(), part(base64.b64encode(padded_form(43 * MIB)), BODY, attached("表.xlsx"))
    ),
    "60 MB of padding": lambda: mixed(
        text(), part(b"QQ==" * (15 * MIB), BODY, attached("表.xlsx"))
    ),
    "60 MB of text": lambda: with_form(part(_LINE * (60 * MIB // 78), "text/plain", None, None)),
    "20 MB of empty lines": lambda: with_form(part(b"\r\n" * (10 * MIB), "text/plain", None, None)),
    "60 MB of bytes in 8bit": lambda: one_file(padded_form(60 * MIB), "表.xlsx", "8bit"),
    "40 MB of quoted-printable": lambda: one_file(
        b"=41=42=43" * (4 * MIB), "表.xls", "quoted-printable"
    ),
    "20 MB of uuencode": lambda: one_file(
        b"begin 644 a.xlsx\r\n"
        + b"M"
        + b"!" * 60
        + b"\r\n" * 2
        + (b"M" + b"!" * 60 + b"\r\n") * (MIB // 3),
        "表.xlsx",
        "x-uuencode",
    ),
    "100,000 beginnings of uuencode": lambda: with_form(
        part(b"begin 644 a\r\n" * 100_000, "text/plain", None, None)
    ),
    "600 mails in each other": lambda: enclosed(600),
    "900 mails in each other": lambda: enclosed(900),
    "30,000 mails in each other": lambda: enclosed(30_000),
    "12 mails as files in each other": lambda: attached_mails(12),
    "19,000 parts": lambda: many_parts(19_000),
    "300,000 parts": lambda: many_parts(300_000),
    "300,000 boundaries without a part": lambda: with_form(b"\r\n" * 300_000),
    "20,000 mails beside each other": lambda: many_parts(
        20_000, b"Subject: x\r\n\r\nx\r\n", "message/rfc822"
    ),
    "400,000 header fields": lambda: b"X-A: b\r\n" * 400_000 + with_form(),
    "one header of 40 MB": lambda: b"X-A: " + b"b" * (40 * MIB) + b"\r\n" + with_form(),
    "a header of 300,000 lines": lambda: b"X-A: b\r\n" + b" c\r\n" * 300_000 + with_form(),
    "a subject of 100,000 encoded words": lambda: (
        b"Subject: " + b"=?utf-8?B?5YWt5pyI?= \r\n " * 100_000 + b"\r\n" + with_form()
    ),
    "a sender of 1 MB of quotes": lambda: (
        b"From: " + b'"\\"' * 300_000 + b" <a@d.test>\r\n" + with_form()
    ),
    "a name in 100,000 pieces": lambda: mixed(
        part(
            base64.encodebytes(form()),
            BODY,
            "attachment" + "".join(f"; filename*{n}=x" for n in range(100_000)),
        )
    ),
    "a boundary of 1 MB": lambda: mixed(text(), boundary="b" * MIB),
    "lost boundaries, 20 MB": lambda: (
        head()
        + b"Content-Type: multipart/mixed\r\n\r\n"
        + (b"--x\r\nContent-Type: a/b\r\n\r\nx\r\n" * 600_000)
    ),
    "20 MB of < without an end": lambda: with_form(
        part(b"<" * (20 * MIB), "text/html", None, None)
    ),
    "20 MB of links": lambda: with_form(
        part(b"https://pan.baidu.com/s/1abc " * (700_000), "text/html", None, None)
    ),
    "a bounce of 20 MB of addresses": lambda: (
        head("Undelivered Mail", "MAILER-DAEMON@d.test")
        + b"Return-Path: <>\r\nContent-Type: text/plain\r\n\r\n"
        + b"a@b.test " * (20 * MIB // 9)
    ),
    "a report of 200,000 recipients": lambda: mixed(
        text(),
        part(
            b"Final-Recipient: rfc822; a@d.test\r\nAction: failed\r\n\r\n" * 200_000,
            "message/delivery-status",
            None,
            None,
        ),
        kind="report; report-type=delivery-status",
    ),
    "a winmail.dat of 20,000 files": lambda: wide_tnef(20_000),
    "a winmail.dat of 37 MB": lambda: one_file(
        tnef(("表.xlsx", padded_form(37 * MIB))), "winmail.dat"
    ),
    "100 of winmail.dat in each other": lambda: deep_tnef(100),
    "a .zip with 300 forms": lambda: one_file(
        zipped(*[(f"{n}.xlsx", form()) for n in range(300)]), "六月.zip"
    ),
    "a .zip of four times 60 MB": lambda: one_file(bombs(4, 60 * MIB), "六月.zip"),
    "a .zip of two forms of 60 MB": lambda: one_file(
        packed(*[(f"{n}.xlsx", padded_form(18 * MIB)) for n in range(2)]), "六月.zip"
    ),
    "a .zip of zips of 1,000 files": lambda: one_file(
        packed(
            *[(f"{m}.zip", packed(*[(f"{n}.txt", b"x") for n in range(100)])) for m in range(100)]
        ),
        "六月.zip",
    ),
    "a .zip of 60,000 names": lambda: one_file(
        packed(*[(f"{n}", b"") for n in range(60_000)]), "六月.zip"
    ),
    "200 files of 200 kB": lambda: mixed(
        *[
            part(base64.encodebytes(padded_form(200_000)), BODY, attached(f"{n}.xlsx"))
            for n in range(200)
        ]
    ),
}

QUICK_MAILS = {
    "a form of 63 MB, a mail of 88": "",
    "20 MB of empty lines": "中断",
    "100,000 beginnings of uuencode": "",
    "30,000 mails in each other": "套",
    "a .zip with 300 forms": "",
}
"""Those that every test run reads, with a word of what is said where a mail is not read."""
