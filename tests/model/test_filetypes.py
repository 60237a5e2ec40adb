"""Kinds of files: each is read by one reader or refused in words; names and first bytes stand once."""

import ast
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

import xl_addin
from xl_addin.formats.registry import READERS
from xl_addin.formats.sniff import refusal, sniff_kind
from xl_addin.model.filetypes import FILE_TYPES, LITTER, XLSX, called_instead


@pytest.mark.parametrize("about", FILE_TYPES, ids=lambda about: about.kind or "unknown")
def test_a_kind_has_one_reader_or_a_refusal(about):
    read = about.kind in READERS or about.kind == XLSX
    assert read != bool(about.refusal)
    if about.kind in READERS:
        module = import_module(f"xl_addin.formats.{READERS[about.kind].module}")
        assert callable(module.read)
    elif about.refusal:
        assert refusal(about.kind).message == about.refusal


def test_every_reader_is_of_a_known_kind():
    assert READERS.keys() <= {about.kind for about in FILE_TYPES}


@pytest.mark.parametrize("field", ["kind", "suffixes", "shared", "starts", "inside"])
def test_no_two_kinds_share_what_tells_them_apart(field):
    values = [getattr(about, field) for about in FILE_TYPES]
    flat = values if field == "kind" else [one for several in values for one in several]
    assert [one for one, count in Counter(flat).items() if count > 1] == []


def test_first_bytes_tell_the_kind():
    for about in FILE_TYPES:
        for start in about.starts:
            assert sniff_kind(start + bytes(600)) == about.kind


def constants(node):
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}


def test_lists_of_suffixes_and_first_bytes_stand_in_one_module():
    starts = tuple(one[:4] for about in FILE_TYPES for one in about.starts if len(one) >= 4)
    names = LITTER.union(*(about.suffixes + about.shared for about in FILE_TYPES))
    root = Path(xl_addin.__file__).parent
    found = set()
    for path in root.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        lists = [n for n in ast.walk(tree) if isinstance(n, ast.Tuple | ast.Set | ast.List)]
        begins = any(isinstance(one, bytes) and one.startswith(starts) for one in constants(tree))
        if begins or any(len(constants(each) & names) > 1 for each in lists):
            found.add(path.relative_to(root).as_posix())
    # The zip container writes and checks the marks of its own records.
    assert found == {"model/filetypes.py", "xlsx/package.py"}


@pytest.mark.parametrize("about", FILE_TYPES, ids=lambda about: about.kind or "unknown")
def test_a_refusal_is_a_whole_sentence_that_says_what_to_do(about):
    for clause in about.refusal.replace("；", "，").split("，"):
        assert clause == clause.strip()
        assert not clause.startswith(("Excel", "WPS"))
    assert not about.refusal or "请" in about.refusal


def test_what_offices_send_in_place_of_a_form_has_a_name_for_people():
    assert called_instead("甲县 盖章.PDF") == called_instead("IMG_1.jpg") == "扫描件"
    assert called_instead("总结.docx") == "文字文件"
    assert called_instead("填报表.xlsx") == called_instead("pdf") == ""
    starts = {each.kind: each.starts for each in FILE_TYPES if each.instead}
    assert starts.keys() == {"word", "ofd", "pdf", "picture", "rtf"}
