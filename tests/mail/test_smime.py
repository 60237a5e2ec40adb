"""Signed mails; the corpus in tests/data/mail has each way to write them, openssl says it here."""

import random
import shutil
import subprocess

import pytest

from tests.data.make_mails import BOOK, NAME, _cms, attached, mixed, part, text
from xl_addin.mail.read_in_child import read_mail
from xl_addin.mail.smime import open_envelope

CONTENT = mixed(text(), part(disposition=attached()), top=b"")


@pytest.mark.parametrize("options", [(), ("-stream",), ("-stream", "-indef"), ("-outform", "PEM")])
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")
def test_what_openssl_signed_is_read_without_its_key(tmp_path, options):
    def run(*words):
        subprocess.run(("openssl", *words), cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "content").write_bytes(CONTENT)
    made = ("-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "cert", "-days", "2")
    run("req", "-x509", *made, "-subj", "/CN=d01")
    signed = ("-sign", "-nodetach", "-binary", "-signer", "cert", "-inkey", "key")
    run("cms", *signed, "-in", "content", "-out", "signed", *options)
    said = (tmp_path / "signed").read_bytes()
    if options == ("-outform", "PEM"):
        assert open_envelope(said).content == CONTENT
        return
    found = read_mail(b"From: d01@d.test\r\nSubject: s\r\n" + said)
    assert [(each.name, each.data, each.trail) for each in found.files] == [(NAME, BOOK, ())]


def test_a_signature_alone_and_anything_else_is_no_envelope():
    for data in (b"", b"0", b"0\x80", b"MIME-Version: 1.0", BOOK, b"\x30\x82\x01" + bytes(300)):
        assert open_envelope(data) is None


def test_what_is_packed_is_bounded():
    import zlib

    bomb = zlib.compress(bytes(300 << 20), 9)
    assert open_envelope(_cms(bomb, b"\x09\x10\x01\x09")) is None


def test_signed_in_signed_without_end_is_told():
    inner = CONTENT
    for _ in range(60):
        inner = part(
            _cms(inner), "application/pkcs7-mime", 'attachment; filename="smime.p7m"', "binary"
        )
    assert "套" in "".join(each.flaw for each in read_mail(b"From: a@d.test\r\n" + inner).parts)


def test_no_mutant_raises():
    chance = random.Random(20230608)
    wholes = [_cms(CONTENT[:900]), _cms(CONTENT[:900], endless=True, pieces=100)]
    found = set()
    for _ in range(20_000):
        raw = bytearray(chance.choice(wholes))
        for _ in range(chance.choice((1, 2, 5))):
            raw[chance.randrange(min(len(raw), 120))] = chance.randrange(256)
        found.add(type(open_envelope(bytes(raw))))
    assert len(found) == 2
