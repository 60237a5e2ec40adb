"""A busy Excel: waited for with a bound, told as what it is, and no other Excel is touched."""

import atexit
from types import SimpleNamespace

import pytest

from tests.tools import masters, pywin32
from tests.tools.pywin32 import EDITING, GONE, REJECTED, com_error
from xl_addin.master.host import patience
from xl_addin.master.host.base import note
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import (
    import_xlwings,
    prepare,
    put_back_properties,
    temporary_properties,
)
from xl_addin.master.host.patience import SECONDS, Busy, Gone, number_of
from xl_addin.model.sheets import MONTH_SHEET, SETTINGS_BLOCK
from xl_addin.system.errors import Refused


@pytest.fixture
def clock(monkeypatch):
    """Seconds that were waited; nobody really waits."""
    waited = []
    monkeypatch.setattr(patience, "sleep", waited.append)
    monkeypatch.setattr(patience, "monotonic", lambda: sum(waited))
    monkeypatch.setattr(patience._Waiting, "given_up", False)
    return waited


@pytest.fixture
def host(memory_excel, tmp_path, clock):
    assert memory_excel.ask("books") == []
    path = tmp_path / "master.xlsm"
    path.write_bytes(masters.master())
    host = ExcelHost(import_xlwings().Book(str(path)))
    host.app.hwnd  # noqa: B018 - as a click finds it
    clock.clear()
    return host


def rejected():
    return com_error(REJECTED, "Call was rejected by callee.")


def editing():
    return com_error(EDITING, thrown=True)


def unknown_name():
    """pywin32 where the question for the name of a member was rejected."""
    return AttributeError("Worksheets")


@pytest.mark.parametrize("problem", [rejected, editing, unknown_name])
def test_calls_that_are_refused_now_and_then_get_through(host, memory_excel, clock, problem):
    numbers = iter(range(10_000))
    memory_excel.calls.refuse = lambda _: problem() if next(numbers) % 7 < 2 else None
    assert host.block(SETTINGS_BLOCK).cells
    assert 0 < sum(clock) < SECONDS
    assert max(clock) <= 0.25


def test_excel_that_is_busy_for_some_seconds_is_waited_for_without_spinning(
    host, memory_excel, clock
):
    memory_excel.calls.refuse = lambda _: rejected() if sum(clock) < SECONDS - 1 else None
    assert host.block(SETTINGS_BLOCK).cells
    assert len(clock) < 50


def test_an_excel_that_is_busy_when_notes_come_has_its_figures(host, memory_excel, clock):
    assert host.notes(MONTH_SHEET) == {}
    memory_excel.calls.refuse = lambda _: rejected()
    assert host.annotate(MONTH_SHEET, {(60, 3): note(["说明：停课半月"])}) is False
    assert sum(clock) < SECONDS + 1
    memory_excel.calls.refuse = lambda _: None
    assert host.annotate(MONTH_SHEET, {(60, 3): note(["说明：停课半月"])}) is True


def test_excel_that_stays_busy_is_told_once_and_not_waited_for_again(host, memory_excel, clock):
    memory_excel.calls.refuse = lambda _: rejected()
    with pytest.raises(Busy, match=r"Excel 正忙，等了 8 秒.*Enter 或 Esc.*再按一次"):
        host.block(SETTINGS_BLOCK)
    waited = sum(clock)
    assert SECONDS <= waited < SECONDS + 1
    with pytest.raises(Busy):
        host.app.calculate()
    assert host.notes(MONTH_SHEET) == {}
    assert sum(clock) == waited
    memory_excel.calls.refuse = lambda _: None
    host.app.calculate()
    memory_excel.calls.refuse = lambda _: rejected()
    with pytest.raises(Busy):
        host.app.calculate()
    assert sum(clock) >= 2 * SECONDS


@pytest.mark.parametrize(
    "number", [GONE, -2147023170, -2147417848, -2147418105, -2147418094, -2147220995]
)
def test_excel_that_is_closed_is_told_at_once(host, memory_excel, clock, number):
    memory_excel.calls.refuse = lambda _: com_error(number)
    with pytest.raises(Gone, match="Excel 已经关闭"):
        host.block(SETTINGS_BLOCK)
    assert clock == []


def test_what_excel_refuses_for_another_reason_is_not_tried_again(host, memory_excel, clock):
    memory_excel.calls.refuse = lambda _: com_error(-2146827284, "工作表受保护", thrown=True)
    with pytest.raises(Refused, match="工作表受保护"):
        host.cells(MONTH_SHEET, (1, 1, 2, 2))
    with pytest.raises(sys_com_error()):
        host.book.api.Names  # noqa: B018
    assert clock == []


def sys_com_error():
    return type(com_error(0))


def test_a_member_that_there_is_not_is_no_reason_to_wait(host, clock):
    with pytest.raises(Exception, match="Unknown name"):
        host.book.api.NoSuchMember  # noqa: B018
    assert clock == []


def test_a_state_that_a_busy_excel_does_not_take_back_is_put_back_later(host, memory_excel, clock):
    calls = memory_excel.calls
    with pytest.raises(Busy), temporary_properties(host.app, screen_updating=False):  # noqa: PT012
        calls.refuse = lambda _: rejected()
        host.app.calculate()
    assert memory_excel.state("screen_updating") is False
    until = sum(clock) + 30
    calls.refuse = lambda _: rejected() if sum(clock) < until else None
    assert put_back_properties(60)
    assert memory_excel.state("screen_updating") is True
    assert put_back_properties(60)


def test_a_state_that_is_never_taken_back_is_tried_with_a_bound(host, memory_excel, clock):
    with pytest.raises(Busy), temporary_properties(host.app, screen_updating=False):  # noqa: PT012
        memory_excel.calls.refuse = lambda _: rejected()
        host.app.calculate()
    before = sum(clock)
    assert not put_back_properties(60)
    assert 60 <= sum(clock) - before < 61
    memory_excel.calls.refuse = lambda _: None
    assert put_back_properties(60)


def test_the_hook_that_ends_other_excels_is_taken_away(monkeypatch):
    left = []
    monkeypatch.setattr(atexit, "unregister", left.append)
    engine = SimpleNamespace(cleanup="the hook")
    prepare(engine)
    assert left == ["the hook"]
    assert engine.COMRetryObjectWrapper is patience.PatientObject
    real = pywin32._engine()
    assert real.COMRetryObjectWrapper is patience.PatientObject
    assert real.COMRetryMethodWrapper is patience.PatientMethod


@pytest.mark.usefixtures("memory_excel")
def test_the_number_of_a_refusal_is_excels_own_where_it_has_one():
    assert number_of(com_error(REJECTED)) == REJECTED
    assert number_of(com_error(EDITING, thrown=True)) == EDITING
    assert number_of(ValueError()) is None
