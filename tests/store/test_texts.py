"""Texts are told of the returns that count, the newest month first; nothing of what was undone."""

from __future__ import annotations

from tests.store.test_ledger import receipt
from xl_addin.model.records import COMMENT, FILLED_BY, REMARK, Problem, Text
from xl_addin.store.texts import listed_texts, text_count, texts_of, texts_of_figures

SHEET = "任务进度"
TEXTS = (
    Text(REMARK, "I01", SHEET, "I7", "停课半月"),
    Text(COMMENT, "I01", SHEET, "F7", "实际 7"),
    Text(COMMENT, "", SHEET, "A1", "标题"),
    Text(FILLED_BY, "", SHEET, "D3", "李红"),
)


def add(ledger, *receipts, month="2023-01"):
    with ledger.writing():
        first = ledger.add_receipts(receipts, month)
        ledger.add_event("2023-02-01 08:00:00", "collect", month, "", "")
    return first


def test_a_month_lists_what_was_written_before_who_wrote_it(ledger):
    first = add(
        ledger,
        receipt("A", "2023-01", 5)._replace(texts=TEXTS),
        receipt("B", "2023-01", 5)._replace(texts=TEXTS[:1]),
        receipt("C", "2023-01", 5, verdict="rejected")._replace(texts=TEXTS),
    )
    add(ledger, receipt("A", "2023-02", 5)._replace(texts=TEXTS[3:]), month="2023-02")
    assert texts_of(ledger, first) == TEXTS
    listed = listed_texts(ledger, "2023-01", "2023-12", 99)
    assert [(each.month, each.district, each.text.cell) for each in listed] == [
        ("2023-02", "A", "D3"),
        ("2023-01", "A", "I7"),
        ("2023-01", "A", "F7"),
        ("2023-01", "A", "A1"),
        ("2023-01", "B", "I7"),
        ("2023-01", "A", "D3"),
    ]
    assert text_count(ledger, "2023-01", "2023-12") == len(listed)
    assert len(listed_texts(ledger, "2023-01", "2023-12", 2)) == 2
    assert len(listed_texts(ledger, "2023-01", "2023-01", 99)) == 5


def test_of_figures_only_what_stands_in_their_rows(ledger):
    add(ledger, receipt("A", "2023-01", 5)._replace(texts=TEXTS))
    assert texts_of_figures(ledger, "2023-01") == {("A", "I01"): list(TEXTS[:2])}
    assert texts_of_figures(ledger, "2023-02") == {}


def test_what_was_sent_again_counts_with_its_own_texts(ledger):
    add(ledger, receipt("A", "2023-01", 5)._replace(texts=TEXTS))
    add(ledger, receipt("A", "2023-01", 6)._replace(received_at="2023-02-09 08:00:00"))
    assert listed_texts(ledger, "2023-01", "2023-12", 99) == []


def test_a_problem_comes_with_the_remarks_of_its_return(ledger):
    wrong = Problem("far-above-target", "warning", SHEET, "F7", "9", "任务进度!F7：多了")
    told = receipt("A", "2023-01", 5)._replace(problems=(wrong,), texts=TEXTS)
    add(ledger, told, receipt("B", "2023-01", 5)._replace(problems=(wrong,)))
    assert [(r.district, r.texts, p) for r, p in ledger.problems("2023-01", 9)] == [
        ("B", (), wrong),
        ("A", TEXTS[:1], wrong),
    ]
