"""Calls carried to Excel together: the macro's own text, and the same answers whichever way they go."""

import pytest
from pyopenvba.interpreter import EMPTY, VBAArray, VBAInt

from tests.data.make_workbooks import MASTER
from tests.master.test_comreading import host_of
from tests.tools.vba import open_excel
from xl_addin.master.host.carrying import _SAMPLE, BOOK, Answers, Held, Steps, _written
from xl_addin.model.sheets import MONTH_SHEET
from xl_addin.system.errors import Refused


def as_vba(given):
    """A row of values as COM hands it to VBA."""
    items = [VBAInt(value, "Long") if type(value) is int else value for value in given]
    return VBAArray([(0, len(items) - 1)], items=items)


def as_com(value):
    """What VBA gave back as COM hands it over: an array as a row, one of two dimensions as rows."""
    if isinstance(value, VBAArray):
        (first, last), *across = value.bounds
        if across:
            columns = range(across[0][0], across[0][1] + 1)
            return tuple(
                tuple(as_com(value.get([row, column])) for column in columns)
                for row in range(first, last + 1)
            )
        return tuple(as_com(value.get([number])) for number in range(first, last + 1))
    if value is EMPTY:
        return None
    return int(value) if isinstance(value, VBAInt) else value


@pytest.fixture
def macro():
    """``macro(row)``: what the macro of a master gives back for steps in a row."""
    excel = open_excel(MASTER)
    return lambda row: as_com(excel.application.interpreter.run("Carry", [as_vba(row)]))


def test_the_macro_gives_back_what_it_is_tried_with(macro):
    assert macro(_SAMPLE) == _SAMPLE


def written_and_read():
    """Steps that write, go on with what they got, and ask; and what is asked for."""
    steps = Steps()
    sheet = steps.sheet(MONTH_SHEET)
    area = steps.get(sheet, "Range", "AA90:AB91")
    steps.let(area, "Value", [[1.5, "甲"], ["", 4.0]])
    beside = steps.get(sheet, "Range", "AC90")
    steps.let(beside, "Value", steps.get(steps.get(sheet, "Range", "AB91"), "Value"))
    steps.let(area, "RowHeight", 16)
    note = steps.do(beside, "AddComment", "停课半月")
    asked = {
        steps.ask(area, "Value2"): ((1.5, "甲"), (None, 4.0)),
        steps.ask(beside, "Value2"): 4.0,
        steps.do(note, "Text", told=True): "停课半月",
        steps.ask(steps.get(note, "Parent"), "Address"): "$AC$90",
        steps.ask(sheet, "Name"): MONTH_SHEET,
    }
    return steps, asked


def refused_in_the_middle():
    steps = Steps()
    gone = steps.sheet("没有这张表")
    after = steps.ask(BOOK, "Name")
    on_it = steps.ask(gone, "Name")
    return steps, gone, after, on_it


def test_the_macro_makes_the_calls_and_tells_what_is_asked(macro):
    steps, asked = written_and_read()
    told = macro((len(steps), False, *_written(steps)))
    assert set(told[0::2]) == {0}
    assert {step: told[2 * step - 1] for step in asked} == asked


@pytest.mark.parametrize("go_on", [False, True])
def test_the_macro_stops_at_what_is_refused_or_goes_on(macro, go_on):
    steps, gone, after, on_it = refused_in_the_middle()
    told = macro((len(steps), go_on, *_written(steps)))
    assert told[2 * gone - 2]
    assert told[2 * gone - 1]
    assert (told[2 * after - 1] == MASTER.name) == go_on
    assert bool(told[2 * on_it - 2]) == go_on


@pytest.mark.parametrize("macros", [True, False])
def test_whichever_way_they_go_the_answers_are_the_same(memory_excel, tmp_path, macros):
    memory_excel.note("macros", macros)
    carrier = host_of(tmp_path)._carrier
    steps, asked = written_and_read()
    memory_excel.calls.made.clear()
    assert carrier.carried(steps) == asked
    assert (sum(memory_excel.calls.made.values()) <= 8) == macros


@pytest.mark.parametrize("macros", [True, False])
def test_what_is_refused_is_told_with_its_place(memory_excel, tmp_path, macros):
    memory_excel.note("macros", macros)
    carrier = host_of(tmp_path)._carrier
    steps, gone, after, on_it = refused_in_the_middle()
    steps.sheet(MONTH_SHEET)
    assert carrier.carry(steps).failed.keys() == {gone}
    answers = carrier.carry(steps, go_on=True)
    assert answers.failed.keys() == {gone, on_it}
    assert answers == {after: MASTER.name}
    with pytest.raises(Refused, match=r"^没有这张表：Excel 没有照办"):
        carrier.carried(steps)


def test_what_was_done_before_a_refusal_is_known():
    answers = Answers()
    assert answers.did(Held(9))
    answers.failed[Held(3)] = ValueError()
    assert [answers.did(Held(n)) for n in (2, 3, 4)] == [True, False, False]


@pytest.mark.usefixtures("memory_excel")
def test_nothing_is_left_to_a_macro_that_garbles(tmp_path, monkeypatch):
    host = host_of(tmp_path)
    monkeypatch.setattr("tests.tools.excelobjects.carried", lambda _, steps: (*steps[:-1], "?"))
    assert not host._carrier.carries
    steps, asked = written_and_read()
    assert host._carrier.carried(steps) == asked
