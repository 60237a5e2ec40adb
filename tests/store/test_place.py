"""The small file that leads to a shared ledger, and what it must not hold."""

import json
import shutil

import pytest

from xl_addin.model.folder import ARCHIVE, LEDGER, SHARED_LEDGER
from xl_addin.store.place import (
    Pointer,
    has_ledger,
    is_shared,
    ledger_path,
    master_of,
    read_pointer,
    split_password,
    write_pointer,
)
from xl_addin.system.errors import Refused

URL = "postgresql://zhang@db:5432/office"


def test_a_folder_leads_to_its_file_until_it_has_a_pointer(tmp_path):
    assert not has_ledger(tmp_path)
    (tmp_path / LEDGER).write_bytes(b"x")
    assert has_ledger(tmp_path)
    assert not is_shared(ledger_path(tmp_path))
    write_pointer(tmp_path / SHARED_LEDGER, Pointer(URL, "ab12", {}))
    assert is_shared(ledger_path(tmp_path))
    assert read_pointer(ledger_path(tmp_path)) == Pointer(URL, "ab12", {})


def test_a_folder_that_was_copied_takes_an_id_of_its_own_and_keeps_it(tmp_path):
    one, other = tmp_path / "甲", tmp_path / "乙"
    (one / ARCHIVE).mkdir(parents=True)
    write_pointer(one / SHARED_LEDGER, Pointer(URL, "ab12", {}))
    ours = master_of(one / SHARED_LEDGER)
    shutil.copytree(one, other)
    theirs = master_of(other / SHARED_LEDGER)
    assert ours != theirs
    assert master_of(one / SHARED_LEDGER) == ours
    assert master_of(other / SHARED_LEDGER) == theirs
    one.rename(tmp_path / "moved")
    assert master_of(tmp_path / "moved" / SHARED_LEDGER) == ours


@pytest.mark.parametrize(
    ("given", "url", "secret"),
    [
        (URL, URL, ""),
        ("postgresql://zhang:p%40ss@db:5432/office", URL, "p@ss"),
        (f"{URL}?password=a%20b&sslmode=require", f"{URL}?sslmode=require", "a b"),
        ("postgres://db/office", "postgres://db/office", ""),
        ("postgresql://z@[::1]:5/o", "postgresql://z@[::1]:5/o", ""),
    ],
)
def test_a_password_is_taken_out_of_an_address(given, url, secret):
    assert split_password(given) == (url, secret)


@pytest.mark.parametrize(
    "given",
    ["mysql://a:geheim@b/c", "postgresql://a:geheim@b:port/c", "postgresql://a:geheim@[b/c"],
)
def test_what_is_no_address_is_refused_without_its_password(given):
    with pytest.raises(Refused, match="不是数据库的地址") as refusal:
        split_password(given)
    assert "geheim" not in refusal.value.message


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", "读不懂"),
        ("[]", "读不懂"),
        (json.dumps({"version": 2, "url": URL, "programme": "a"}), "更新版本"),
        (json.dumps({"version": 1, "url": "x", "programme": "a"}), "地址不对"),
        (json.dumps({"version": 1, "url": URL, "programme": "a;DROP"}), "地址不对"),
    ],
)
def test_a_pointer_that_cannot_be_followed_is_told(tmp_path, said, words):
    path = tmp_path / SHARED_LEDGER
    path.write_text(said, encoding="utf-8")
    with pytest.raises(Refused, match=words):
        read_pointer(path)
