"""The districts of Chongqing: complete, known by their usual names, never mistaken."""

from collections import Counter

import pytest

from xl_addin.model.names import fold
from xl_addin.tasktable.chongqing import DISTRICTS, find_district


def test_all_38_and_the_three_development_areas_are_there_once():
    gb = [d.code for d in DISTRICTS if d.code.isdigit()]
    own = [d.code for d in DISTRICTS if not d.code.isdigit()]
    assert len(gb) == len(set(gb)) == 38
    assert all(len(code) == 6 and code.startswith("5001") for code in gb[:26])
    assert all(len(code) == 6 and code.startswith("5002") for code in gb[26:])
    assert own == ["5001LJ", "5001GX", "5001WS"]


def test_no_name_stands_for_two_districts():
    names = Counter(
        name
        for district in DISTRICTS
        for name in {fold(known) for known in (district.name, *district.aliases)}
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_every_name_and_alias_finds_its_own_district():
    for district in DISTRICTS:
        for name in (district.name, *district.aliases):
            assert find_district(name) == district


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("万州区", "500101"),
        ("万州", "500101"),
        ("重庆市万州区", "500101"),
        ("万州区残联", "500101"),
        ("忠  县", "500233"),
        ("忠\u3000县", "500233"),
        ("忠\u00a0\n县", "500233"),
        ("石柱县", "500240"),
        ("石柱", "500240"),
        ("石柱自治县", "500240"),
        ("石柱土家族自治县", "500240"),
        ("酉阳县", "500242"),
        ("彭水苗族土家族自治县", "500243"),
        ("秀山土家族苗族自治县", "500241"),
        ("武隆区", "500156"),
        ("开县", "500154"),
        ("城口县", "500229"),
        ("两江新区", "5001LJ"),
        ("重庆高新区", "5001GX"),
        ("高新区", "5001GX"),
        ("西部科学城重庆高新区", "5001GX"),
        ("西部（重庆）科学城", "5001GX"),
        ("万盛", "5001WS"),
        ("万盛经济技术开发区", "5001WS"),
        ("重庆高新区残联办事处", "5001GX"),
    ],
)
def test_usual_spellings(name, code):
    found = find_district(name)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "name", ["", "忠", "县", "重庆市", "残联", "合计", "第一中学", "万州区第一小学", "成都市"]
)
def test_other_names_are_not_taken_for_a_district(name):
    assert find_district(name) is None
