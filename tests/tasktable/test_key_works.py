"""The key works that a notice numbers: found, listed, chosen by a person and never by the program."""

import pytest

from xl_addin.system.errors import Misused
from xl_addin.tasktable.key_works import choose_key_works, describe_key_works, find_key_works

NOTICE = (
    "各区县残联：",
    "一、工作思路",
    "1. 这里不是重点工作。",
    "二、2023年重点工作",
    "（一）巩固成果。",
    "1. 加强数据比对共享。聚焦底线，做好比对；每季度一次。",
    "2. 开展金融助残服务。",
    "（二）促进就业",
    "1、办好民生实事。新增残疾人就业2000人以上。",
    "三、工作要求",
    "（一）高度重视。1. 落实责任。",
)


def test_the_measures_of_the_section_with_their_numbers():
    found = find_key_works(NOTICE)
    assert [tuple(each) for each in found] == [
        ("1-1", "加强数据比对共享", "聚焦底线，做好比对；每季度一次。"),
        ("1-2", "开展金融助残服务", ""),
        ("2-1", "办好民生实事", "新增残疾人就业2000人以上。"),
    ]


def test_where_none_are_numbered_the_parts_are():
    lines = [line for line in NOTICE if not line[:1].isdigit()]
    assert [each.title for each in find_key_works(lines)] == ["巩固成果", "促进就业"]


def test_a_text_without_such_a_section_has_none():
    assert find_key_works(["一、工作思路", "（一）做什么", "1. 做这个。", "就业2000人。"]) == ()


def test_a_long_text_is_cut_at_a_sentence():
    [work] = find_key_works(["二、重点工作", f"1. 做这个。{'写得很长，' * 20}完。{'字' * 400}"])
    assert work.text.endswith("完。")


@pytest.mark.parametrize(
    ("asked", "titles"),
    [("", []), ("1，3", [0, 2]), ("2-3", [1, 2]), ("全部", [0, 1, 2]), ("3、1", [0, 2])],
)
def test_only_what_was_asked_for_is_chosen(asked, titles):
    found = find_key_works(NOTICE)
    assert choose_key_works(found, asked) == tuple(found[n] for n in titles)


@pytest.mark.parametrize("asked", ["4", "0", "一", "1-9", "3-2", "1.2"])
def test_what_is_not_on_the_list_is_misused(asked):
    with pytest.raises(Misused, match="序号"):
        choose_key_works(find_key_works(NOTICE), asked)


def test_what_was_found_is_listed_until_it_was_chosen():
    found = find_key_works(NOTICE)
    assert any("--key-works" in line for line in describe_key_works(found, ()))
    assert "1 项" in describe_key_works(found, found[:1])[0]
    assert describe_key_works((), ()) == ()
