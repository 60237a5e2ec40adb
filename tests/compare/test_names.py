"""Which district a text names."""

from __future__ import annotations

import pytest

from tests.data.compare_tables import DISTRICTS
from xl_addin.compare.names import DistrictNames
from xl_addin.model.records import District

NAMES = DistrictNames(DISTRICTS)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("忠  县", "500233"),
        ("开县", "500154"),
        ("开州", "500154"),
        ("重庆市万州区", "500101"),
        ("万州区残联", "500101"),
        ("3、江北区", "500105"),
        ("500105", "500105"),
        ("石柱土家族自治县", "500240"),
        ("渝北区（500112）", "500112"),
        ("500112 渝北区", "500112"),
        ("500112-渝北", "500112"),
    ],
)
def test_a_name_is_known_however_it_is_written(text, code):
    assert NAMES.find(text) == {code}


@pytest.mark.parametrize(
    "text", ["合计", "万州区江北区", "双桥区", "江北区（含两江）", "", "江", "区"]
)
def test_what_is_not_clearly_one_is_none(text):
    assert NAMES.find(text) == frozenset()


def test_a_code_beside_another_districts_name_is_both():
    assert NAMES.find("500101渝北区") == {"500101", "500112"}
    assert NAMES.find("500199渝北区") == frozenset()


def test_a_name_of_two_districts_is_both():
    names = DistrictNames((District("A", "朝阳区", ("朝阳",)), District("B", "朝阳县")))
    assert names.find("朝阳区") == {"A"}
    assert names.find("朝阳") == {"A"}
    both = DistrictNames((District("A", "朝阳区"), District("B", "朝阳县")))
    assert both.find("朝阳") == {"A", "B"}


def test_another_city_has_its_own_names():
    names = DistrictNames((District("D001", "甲县", ("老甲县",)), District("D002", "渝北镇")))
    assert names.find("甲 县") == {"D001"}
    assert names.find("老甲县") == {"D001"}
    assert names.find("渝北区") == frozenset()
