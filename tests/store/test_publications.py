"""What went out and what it printed; nothing of a run that was taken back, all of it after a rebuild."""

from __future__ import annotations

import sqlite3

import pytest

from tests.store.test_ledger import add, receipt, run, undo
from xl_addin.model.folder import ARCHIVE
from xl_addin.services.replay import replay
from xl_addin.store.ledger import Ledger
from xl_addin.store.publications import (
    BULLETIN,
    COMPLETION,
    CUMULATIVE,
    RANK,
    NewPublication,
    PublishedFigure,
    last_publication,
    last_published_ranks,
    publication_before,
    publications,
    published_figures,
    record_publication,
)
from xl_addin.system.progress import Silent

FIGURES = [
    PublishedFigure("A", "I01", CUMULATIVE, 5, 1),
    PublishedFigure("A", "", RANK, 2),
    PublishedFigure("B", "", RANK, 1),
    PublishedFigure("C", "", RANK, None),
    PublishedFigure("", "I01", COMPLETION, 0.375),
]


def publish(ledger, month, *figures, number="1"):
    facts = NewPublication(
        month, BULLETIN, number, "ab", f"通报_{month}.docx", "2023-07-08 10:00:00"
    )
    with ledger.writing():
        record_publication(ledger, facts, figures)
        run(ledger, "bulletin", month)
    return last_publication(ledger, month)


def ranks(**of):
    return [PublishedFigure(district, "", RANK, rank) for district, rank in of.items()]


def test_what_was_printed_is_known_figure_by_figure(ledger):
    assert (publications(ledger), last_publication(ledger, "2023-06")) == ([], None)
    add(ledger, receipt("A", "2023-06", 5))
    june = publish(ledger, "2023-06", *FIGURES)
    assert june == (1, "2023-06", BULLETIN, "1", "ab", "通报_2023-06.docx", "2023-07-08 10:00:00")
    assert published_figures(ledger, june.id) == FIGURES
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ledger._db.execute("UPDATE published SET value=6")


def test_ranks_are_compared_with_the_nearest_month_before_and_what_it_said_last(ledger):
    publish(ledger, "2023-04", *ranks(A=3))
    publish(ledger, "2023-05", *ranks(A=2, B=1))
    publish(ledger, "2023-05", *ranks(A=1, B=2), PublishedFigure("C", "", RANK, None), number="2")
    publish(ledger, "2023-07", *ranks(A=9))
    assert last_published_ranks(ledger, "2023-04") == {}
    assert last_published_ranks(ledger, "2023-05") == {"A": 3}
    assert last_published_ranks(ledger, "2023-07") == {"A": 1, "B": 2}
    assert publication_before(ledger, "2023-07").number == "2"
    assert [each.month for each in publications(ledger)] == [
        "2023-04",
        "2023-05",
        "2023-05",
        "2023-07",
    ]


def test_what_a_run_published_that_was_taken_back_was_never_published(ledger):
    publish(ledger, "2023-05", *ranks(A=2))
    publish(ledger, "2023-05", *ranks(A=1), number="2")
    undo(ledger, "bulletin")
    assert last_publication(ledger, "2023-05").number == "1"
    assert last_published_ranks(ledger, "2023-06") == {"A": 2}


def test_publications_and_persons_come_back_from_the_archive(ledger, tmp_path):
    ledger.person = lambda: "王芳"
    before = publish(ledger, "2023-05", *FIGURES[1:])
    (tmp_path / ARCHIVE / "programme.json").write_text(
        '{"programme":"p","key":"00","year":2023,"created":""}', encoding="utf-8"
    )
    assert replay(tmp_path, tmp_path / "new.db", Silent()) == []
    again = Ledger(tmp_path / "new.db")
    assert last_publication(again, "2023-05") == before
    assert published_figures(again, before.id) == FIGURES[1:]
    assert [each.by for each in again.events(1)] == ["王芳"]
    again.close()


@pytest.mark.parametrize(
    ("person", "login", "told"),
    [
        ("王芳", "root", "王芳（root）"),
        ("", "root", "root"),
        ("root", "root", "root"),
        ("王芳", "", "王芳"),
    ],
)
def test_a_line_of_the_journal_names_the_person_beside_the_login(ledger, person, login, told):
    ledger.person = lambda: person
    with ledger.writing():
        ledger.add_event("2023-07-01 09:00:00", "collect", "2023-06", "", login)
    assert ledger.events(1)[0].by == told
