"""What goes back for a rejected return: the district's own form of the next round, once, on record.

Proves also form/correct.py: what is carried over, marked and said.
"""

import hashlib
import io

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

from tests.tools.mail_programme import MONTH, MailProgramme, identity_of
from xl_addin.form.layout import FIRST_ROW, REMARK, REVIEW, SHEET
from xl_addin.form.layout import MONTH as FORM_MONTH
from xl_addin.model.folder import ARCHIVE, RETURNED, RETURNS
from xl_addin.services.corrections import prepare_correction, record_form
from xl_addin.services.programme import Request
from xl_addin.system.errors import Unreadable
from xl_addin.verbs import collect

RED, AMBER, PLAIN = "FFFFB3B3", "FFFFE699", "FFFFF8DC"


class Review:
    """A programme whose first district sent something that is rejected."""

    def __init__(self, programme):
        self.programme, self.district = programme, programme.districts[0]

    def collect(self, figures, cells=None, comments=None):
        """Fill the form in, other cells too by name, and collect it; the verdict."""
        book = load_workbook(io.BytesIO(self.programme.form(self.district)))
        sheet = book[SHEET]
        for row, figure in enumerate(figures, FIRST_ROW):
            sheet.cell(row, FORM_MONTH).value = figure
        for cell, value in (cells or {}).items():
            sheet[cell] = value
        for cell, text in (comments or {}).items():
            sheet[cell].comment = Comment(text, "李红")
        inbox = self.programme.folder / RETURNS
        inbox.mkdir(exist_ok=True)
        path = inbox / f"{len(list(inbox.iterdir()))}.xlsx"
        book.save(path)
        under_test = self.programme.open_programme()
        report = collect.run(under_test, Request((str(path),), MONTH))
        under_test.close()
        return report.data["returns"][0]["verdict"]

    def back(self, record=False):
        """What goes back now, and the sheet of it."""
        under_test = self.programme.open_programme()
        try:
            status = under_test.ledger.returns_to_answer(MONTH)[self.district.code]
            found = prepare_correction(under_test, self.district, status)
            if record and found.fresh:
                with under_test.ledger.writing():
                    record_form(under_test, self.district, MONTH, found)
                    under_test.ledger.add_event(under_test.now(), "return", MONTH, "", "")
        finally:
            under_test.close()
        return found, load_workbook(io.BytesIO(found.form.data))[SHEET]

    def path(self, name):
        return self.programme.folder / RETURNED / MONTH / name


@pytest.fixture
def review(tmp_path, postoffice):
    return Review(MailProgramme(tmp_path / "任务", postoffice, 2).distribute_forms())


def test_the_form_is_the_districts_own_of_the_next_round_and_goes_on_record_once(review):
    assert review.collect((20, 5, 9)) == "rejected"
    first, _ = review.back()
    assert (first.round, first.fresh) == (2, True)
    identity = identity_of(first.form.data)
    assert (identity.district, identity.month, identity.round) == (review.district.code, MONTH, 2)
    assert not review.path(first.form.name).exists()
    review.back(record=True)
    sha = hashlib.sha256(review.path(first.form.name).read_bytes()).hexdigest()
    assert review.programme.query("SELECT round, sha256 FROM corrections") == [(2, sha)]
    again, _ = review.back(record=True)
    assert (again.round, again.fresh) == (2, False)
    assert again.form.data == review.path(first.form.name).read_bytes()
    assert len(review.programme.query("SELECT * FROM corrections")) == 1


@pytest.mark.parametrize("gone", [True, False])
def test_a_form_on_record_that_is_not_as_it_was_is_made_anew_in_a_further_round(review, gone):
    review.collect((20, 5, 9))
    name = review.back(record=True)[0].form.name
    path = review.path(name)
    path.unlink() if gone else path.write_bytes(b"somebody filled it in")
    found, _ = review.back()
    assert (found.round, found.fresh, found.form.name == name) == (3, True, False)


def test_a_later_rejection_has_the_round_behind_all_that_there_were(review):
    review.collect((20, 5, 9))
    review.back(record=True)
    review.collect((20, 5, 8))
    found, _ = review.back(record=True)
    assert (found.round, found.fresh) == (3, True)


def test_a_return_that_is_no_longer_in_the_archive_cannot_be_marked(review):
    review.collect((20, 5, 9))
    for path in (review.programme.folder / ARCHIVE).glob("*.xlsx"):
        path.unlink()
    with pytest.raises(Unreadable) as told:
        review.back()
    assert told.value.code == "gone"


TYPED = [
    # typed, what stands in the form that goes back, its colour
    (-3, -3, RED),
    (1.5, 1.5, RED),
    ("二十人", "二十人", RED),
    ("１２０", 120, AMBER),
    ("+1+cmd", "+1+cmd", RED),
    (True, "TRUE", RED),
    (None, None, RED),
    ("长" * 300, "长" * 200, RED),
    (20, 20, PLAIN),
]


@pytest.mark.parametrize(("typed", "carried", "colour"), TYPED)
def test_a_figure_goes_back_as_it_was_typed_and_in_its_colour(review, typed, carried, colour):
    assert review.collect((typed, -1, -1)) == "rejected"
    _, sheet = review.back()
    cell = sheet.cell(FIRST_ROW, FORM_MONTH)
    assert (cell.value, cell.data_type != "f") == (carried, True)
    assert cell.fill.fgColor.rgb == colour


def test_remarks_and_the_head_are_carried_over_and_what_was_touched_is_put_right(review):
    touched = {"D3": "李四", "G3": 13800000000, "I7": "补报", "D8": 999, "N30": "这里也写"}
    review.collect((-20, 5, 9), touched)
    found, sheet = review.back()
    assert (sheet["D3"].value, sheet["G3"].value) == ("李四", 13800000000)
    assert sheet.cell(FIRST_ROW, REMARK).value == "补报"
    assert (sheet["D8"].value, sheet["N30"].value) == (100, None)
    assert "999" in sheet.cell(FIRST_ROW + 1, REVIEW).value
    assert "第 2 轮" in sheet["A5"].value
    assert found.correction.errors >= 2
    assert len(found.correction.listed) >= found.correction.errors


def test_what_belongs_to_no_row_stands_above_and_is_counted_beyond_eight(review):
    cells = {f"N{row}": "写在外面" for row in range(30, 42)}
    review.collect((-20, 5, 9), cells)
    found, sheet = review.back()
    above = sheet["A5"].value.splitlines()
    assert len([line for line in above if line.startswith("· ")]) == min(
        9, len(found.correction.elsewhere)
    )


def test_a_warning_that_the_district_answered_is_not_asked_again(review):
    """A comment with a number is a warning; that another row is wrong sends the form back."""
    told = {f"F{FIRST_ROW}": "实际 18"}
    review.collect((20, 5, 9), {}, told)
    asked, _ = review.back()
    assert any("批注里写着" in line for line in asked.correction.listed)
    review.collect((20, 5, 9), {f"I{FIRST_ROW}": "批注是上月的，以表为准"}, told)
    answered, sheet = review.back()
    assert not any("批注里写着" in line for line in answered.correction.listed)
    assert not sheet.cell(FIRST_ROW, REVIEW).value
    assert sheet.cell(FIRST_ROW, REMARK).value == "批注是上月的，以表为准"
    assert answered.correction.listed  # what is wrong is still asked for


def test_a_number_in_a_comment_is_said_beside_its_row(review):
    review.collect((20, 5, 9), {}, {f"F{FIRST_ROW}": "实际 18"})
    _, sheet = review.back()
    assert "批注里写着“实际 18”" in sheet.cell(FIRST_ROW, REVIEW).value
