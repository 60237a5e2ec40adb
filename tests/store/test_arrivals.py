"""What stands beside the returns: by district and month, gone once it was read or undone."""

from tests.store.test_ledger import add, receipt, undo
from xl_addin.model.records import Problem, Receipt
from xl_addin.store.arrivals import arrivals

JUNE = "2023-06"


def file(name, verdict, district="A", month=JUNE, code="scan", sha=None, at="2023-07-01 09:00:00"):
    problem = Problem(code, "error", "", "", name, "…")
    return Receipt(name if sha is None else sha, name, at, district, month, 0, verdict, (problem,))


def names(ledger, month=JUNE):
    found = arrivals(ledger, "2023-01", "2023-12")
    return {code: [each.file for each in rows] for (code, at), rows in found.items() if at == month}


def test_scans_and_unread_files_are_told_by_district_and_month(ledger):
    add(ledger, file("1.pdf", "foreign"), file("2.xlsx", "unreadable", code="damaged"))
    add(ledger, file("3.xlsx", "unreadable", "", "", "damaged"), file("4.txt", "foreign", "", ""))
    add(ledger, receipt("A", JUNE, 1), receipt("B", JUNE, 2, "rejected"))
    assert names(ledger) == {"A": ["1.pdf", "2.xlsx"], "": ["3.xlsx"]}
    [scan, _] = arrivals(ledger, JUNE, JUNE)["A", JUNE]
    assert (scan.code, scan.found, scan.by_mail) == ("scan", "1.pdf", False)
    assert arrivals(ledger, "2023-07", "2023-12") == {}


def test_what_could_be_read_later_is_no_longer_told(ledger):
    add(ledger, file("a.xlsx", "unreadable", code="password", sha="a"))
    add(ledger, file("b.xlsx", "unreadable", code="cannot-open", sha=""))
    add(ledger, file("b.xlsx", "unreadable", code="cannot-open", sha=""))
    assert names(ledger) == {"A": ["a.xlsx", "b.xlsx"]}
    add(ledger, receipt("A", JUNE, 1, "rejected", sha="a"))
    add(ledger, receipt("A", JUNE, 2, "rejected")._replace(file="b.xlsx"))
    assert names(ledger) == {}


def test_a_form_of_another_month_stands_in_the_month_it_came_in_for(ledger):
    may = receipt("A", "2023-05", 1)
    add(ledger, may, asked="2023-05")
    add(ledger, may._replace(verdict="duplicate", file="again", figures=()))
    add(ledger, receipt("B", "2023-05", 2, "held"))
    found = arrivals(ledger, JUNE, JUNE)
    [again], [held] = found["A", JUNE], found["B", JUNE]
    assert (again.month, again.verdict, again.first_file) == ("2023-05", "duplicate", may.file)
    assert (again.first_at, again.first_verdict) == (may.received_at, "accepted")
    assert (held.month, held.verdict) == ("2023-05", "held")


def test_a_file_that_lies_there_month_after_month_is_no_news(ledger):
    add(ledger, file("1.pdf", "foreign", month="2023-05"), asked="2023-05")
    add(ledger, file("1.pdf", "duplicate", month="2023-05"))
    assert names(ledger) == {}


def test_an_undone_run_brought_nothing(ledger):
    add(ledger, file("1.pdf", "foreign"))
    undo(ledger, "collect")
    assert names(ledger) == {}
