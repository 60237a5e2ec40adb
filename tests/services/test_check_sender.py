"""An address on 区县名录 speaks for its district and for no other."""

import pytest

from xl_addin.judging.assess import Assessment
from xl_addin.model.records import ACCEPTED, BLANK, HELD, REJECTED, District
from xl_addin.services.check_sender import Sender, check_sender, listed_addresses

DISTRICTS = (
    District("1", "甲县", to="a@d.test；both@d.test", cc="Boss@D.test"),
    District("2", "乙县", to="张三 <b@d.test>", cc="both@d.test"),
)
LISTED = listed_addresses(DISTRICTS)


def test_addresses_are_listed_in_lower_case_with_every_district_that_has_them():
    assert {
        "a@d.test": {"1"},
        "both@d.test": {"1", "2"},
        "boss@d.test": {"1"},
        "b@d.test": {"2"},
    } == LISTED


@pytest.mark.parametrize(
    ("address", "district", "verdict", "after", "code"),
    [
        ("a@d.test", "1", ACCEPTED, ACCEPTED, ""),
        ("both@d.test", "2", ACCEPTED, ACCEPTED, ""),
        ("b@d.test", "1", ACCEPTED, HELD, "sender-mismatch"),
        ("b@d.test", "1", REJECTED, HELD, "sender-mismatch"),
        ("x@y.test", "1", ACCEPTED, HELD, "unknown-sender"),
        ("", "1", HELD, HELD, "unknown-sender"),
        ("x@y.test", "", HELD, HELD, "unknown-sender"),
        ("b@d.test", "", HELD, HELD, ""),
        ("x@y.test", "1", BLANK, BLANK, ""),
    ],
)
def test_a_doubt_about_the_sender_holds_what_would_count(address, district, verdict, after, code):
    judged = Assessment(verdict, district, "2023-06", 1, ())
    sender = Sender(address, LISTED.get(address, frozenset()))
    found = check_sender(judged, "表.xlsx", sender, {each.code: each for each in DISTRICTS})
    assert found.verdict == after
    assert [problem.code for problem in found.problems] == ([code] if code else [])
