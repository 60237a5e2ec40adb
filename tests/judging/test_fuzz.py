"""Mutants of real returns, and typed values of every kind: what is accepted is what was typed."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tools import container_mutants, forms, fuzz, xls_mutants
from tests.tools.forms import GOOD
from xl_addin.judging.assess import assess
from xl_addin.model.filetypes import OLE_START as OLE
from xl_addin.model.records import ACCEPTED, NUMBER
from xl_addin.xlsx.cells import TEXT, Cell
from xl_addin.xlsx.values import read_number

BUDGET = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
KIT = forms.form_template()
# Marks that people put around and between the digits of a number.
MARKS = st.sampled_from(
    list(
        " ,，.'’\u00a0\u3000\u2009-—~/()（）%万亿千约余多+人名个元次场至到第十０１２３①²٣𝟏\u200b\t\n＋－．"
    )
)
NUMBERISH = st.lists(
    st.one_of(st.sampled_from(list("0123456789")), MARKS), min_size=1, max_size=9
).map("".join)
TYPED = st.one_of(
    st.none(),
    st.integers(-(10**13), 10**13),
    st.integers(0, 400),
    NUMBERISH,
    st.text(max_size=8),
    st.floats(allow_nan=False, allow_infinity=False),
)


def test_mutants_are_read_right_or_not_accepted():
    found = fuzz.run(4_000, seed=20230601)
    assert [(kind, why) for kind, why, _ in found.wrong] == []
    # The mutants are neither all refused nor all harmless: both halves of the promise are tried.
    assert found.verdicts["text", "accepted"] > 200
    assert found.verdicts["bytes", "unreadable"] > 200


@pytest.mark.libarchive
@pytest.mark.parametrize("kind", container_mutants.KINDS)
def test_what_returns_come_in_is_read_right_or_told_whatever_became_of_its_bytes(kind):
    found = container_mutants.run(kind, 20, seed=20230601)
    assert [why for why, _ in found.wrong] == []
    assert found.said.total() > 10


@BUDGET
@given(st.fixed_dictionaries(dict.fromkeys(GOOD, TYPED)))
def test_what_is_typed_is_what_is_read(typed):
    filled = {code: value for code, value in typed.items() if value is not None}
    judged = assess(KIT.stamp(forms.issue(), filled), "回报.xlsx", forms.context())
    assert not any(problem.code == "program-fault" for problem in judged.problems)
    for figure in judged.figures:
        entry = typed[figure.indicator]
        if isinstance(entry, int | float):
            near = figure.value is not None and abs(figure.value - entry) <= 1e-9 * max(
                1, abs(entry)
            )
            assert near or figure.state != NUMBER
            assert near or judged.verdict != ACCEPTED
        elif figure.state == NUMBER:
            assert means(entry, figure.value)
        else:
            assert figure.value is None


def means(text, value):
    """Whether a text says this number to anybody: its digits in order, nothing between but marks.

    The other way round than the program: from the number to the ways of writing it.
    """
    plain = "".join(chr(ord(c) - 0xFEE0) if "０" <= c <= "９" or c in "＋－．" else c for c in text)
    digits = re.sub("[^0-9.]", "", plain)
    sign = "-" if plain.strip(" \u3000\t\n\u200b\u00a0\u2009'’").startswith("-") else ""
    return float(f"{sign}{digits}") == value


@settings(parent=BUDGET, max_examples=3000)
@given(NUMBERISH, st.sampled_from(["人", "个", "万元", "场次", "%", ""]))
def test_no_text_is_read_as_a_number_that_it_does_not_say(text, unit):
    written = read_number(Cell(TEXT, text), unit)
    assert (written.value is not None) == (written.state == NUMBER)
    if written.value is not None:
        assert means(text, written.value)
        assert not re.search("[万亿千十约余多至到第~()（）①²٣𝟏—]", text.replace("万元", ""))
    else:
        assert written.code or written.state == "empty"


@settings(parent=BUDGET, max_examples=400)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<?xml ", b"a,b\n"]),
)
def test_any_bytes_have_a_verdict(data, start):
    if start == OLE:
        data = b""  # each of these starts a process of its own; hostile.py has more of them
    judged = assess(start + data, "x.xls", forms.context())
    assert judged.verdict in ("unreadable", "foreign")
    assert not any(problem.code == "program-fault" for problem in judged.problems)


def test_a_bit_of_a_number_in_an_xls_is_read_as_it_stands_and_told_by_the_kept_result():
    found = xls_mutants.run(400, seed=20230601)
    assert found.wrong == []
    assert found.warned > 40
    assert found.verdicts["accepted"] > found.warned


def test_the_witness_of_xls_mutants_tells_another_figure_and_a_warning_that_lacks():
    stream = xls_mutants.streams()[0]
    judged = assess(stream, "回报.xls", forms.context())
    assert xls_mutants.contradiction(stream, judged) == ""
    at = next(v.at for _, row, column, v in xls_mutants.values(stream) if (row, column) == (6, 5))
    changed = bytearray(stream)
    changed[at + 3] ^= 0x10
    assert "witness" in xls_mutants.contradiction(bytes(changed), judged)
    again = assess(bytes(changed), "回报.xls", forms.context())
    silent = again._replace(verdict=ACCEPTED, problems=())
    assert "told: []" in xls_mutants.contradiction(bytes(changed), silent)
