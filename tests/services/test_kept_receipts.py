"""Receipts held as bytes are the same receipts, in order, however many."""

import json

import pytest

from xl_addin.error_handler import _json_pieces
from xl_addin.model.records import Figure, ItemReport, Problem, Receipt, Text, WorkPage
from xl_addin.model.result import LongList
from xl_addin.services import kept_receipts
from xl_addin.services.kept_receipts import KeptReceipts

FULL = (
    (Problem("blank", "warning", "表", "F7", "", "空着", ""),),
    (Figure("I01", "number", 1.5, "F7"), Figure("I02", "blank", None, "F8")),
    "按时",
    "表",
    (Text("remark", "I01", "表", "G7", "补报"),),
)
PAGE = WorkPage("accepted", "重点工作", (ItemReport._make(["1"] * len(ItemReport._fields)),))


def sourced(count):
    return [
        (f"夹/{n}.xlsx", Receipt("ab", f"{n}.xlsx", "t", "D1", "m", n, "accepted", *FULL, page))
        for n in range(count)
        for page in [PAGE if n % 2 else None]
    ]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7])
def test_they_come_back_as_they_were(count, monkeypatch):
    monkeypatch.setattr(kept_receipts, "_TOGETHER", 3)
    given = sourced(count)
    kept = KeptReceipts(given)
    assert (len(kept), list(kept), [kept[n] for n in range(count)]) == (count, given, given)
    assert [each for part in kept.parts() for each in part] == given
    assert kept[-2:] == given[-2:]
    for beyond in (count, -count - 1):
        with pytest.raises(IndexError):
            kept[beyond]
    assert all(type(p) is Problem for _, r in kept for p in r.problems)


def test_a_long_list_is_printed_as_any_list_is():
    entries = [{"名": "甲"}, 2, "三"]
    for some in (entries, []):
        data = {"verb": "collect", "returns": LongList(lambda some=some: some), "n": 1}
        assert (
            "".join(_json_pieces(data))
            == json.dumps({**data, "returns": some}, ensure_ascii=False) + "\n"
        )
    assert "".join(_json_pieces({})) == "{}\n"
