"""What was read out of a returned file is kept where it belongs."""

from __future__ import annotations

from tests.store.test_ledger import receipt, rows
from xl_addin.model.records import REMARK, Figure, Text


def test_sheet_stated_cumulative_and_texts_are_kept_beside_the_figures(ledger):
    figures = (Figure("I01", "number", 5, "F7", "flow", 50, "G7"), Figure("I02", "number", 0, "F8"))
    texts = (Text(REMARK, "I01", "任务进度", "I7", "补报一月漏报 3 人"),)
    told = receipt("A", "2023-01", 5)._replace(figures=figures, sheet="任务进度", texts=texts)
    with ledger.writing():
        number = ledger.add_receipts([told], "2023-01")
        ledger.add_event("2023-02-01 08:00:00", "collect", "2023-01", "", "")
    assert rows(ledger.path, "SELECT * FROM stated") == [(number, "I01", 50, "G7")]
    assert rows(ledger.path, "SELECT * FROM figure_sheets") == [(number, "任务进度")]
    assert rows(ledger.path, "SELECT * FROM texts") == [
        (number, 0, "remark", "I01", "任务进度", "I7", "补报一月漏报 3 人")
    ]
    assert len(rows(ledger.path, "SELECT * FROM figures")) == 2


def test_a_return_without_any_of_it_adds_nothing(ledger):
    with ledger.writing():
        ledger.add_receipts([receipt("A", "2023-01", 5)], "2023-01")
        ledger.add_event("2023-02-01 08:00:00", "collect", "2023-01", "", "")
    for table in ("stated", "figure_sheets", "texts"):
        assert rows(ledger.path, f"SELECT * FROM {table}") == []  # noqa: S608 - our own names
