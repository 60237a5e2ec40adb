"""Excel's objects as xlwings holds them on Windows, called with a bound on waiting.

A call is refused while a cell is edited or a box is open. xlwings itself calls again at once, for ever,
and an object that is called (``Names(1)``) gives None after the first refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from types import MethodType

from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

SECONDS = 8.0
"""How long a call is repeated while Excel refuses it."""
_PAUSE, _LONGEST_PAUSE = 0.02, 0.25

# RPC_E_CALL_REJECTED, RPC_E_SERVERCALL_RETRYLATER, and VBA_E_IGNORE, which Excel itself throws.
_BUSY = frozenset((-2147418111, -2147417846, -2146777998))
# RPC_S_SERVER_UNAVAILABLE, RPC_S_CALL_FAILED, RPC_S_CALL_FAILED_DNE, RPC_E_DISCONNECTED,
# RPC_E_SERVER_DIED, RPC_E_SERVER_DIED_DNE, CO_E_OBJNOTCONNECTED
_GONE = frozenset(
    (-2147023174, -2147023170, -2147023169, -2147417848, -2147418105, -2147418094, -2147220995)
)


class Busy(Refused):
    """Excel refused a call for as long as it was waited for."""

    def __init__(self) -> None:
        super().__init__(
            f"Excel 正忙，等了 {SECONDS:.0f} 秒还没有回应：可能有单元格正在编辑，或者开着对话框；"
            "请按 Enter 或 Esc 结束编辑、关掉对话框，再按一次"
        )


class Gone(Refused):
    """The Excel whose button was pressed is no longer there."""

    def __init__(self) -> None:
        super().__init__(
            "Excel 已经关闭，或者同它的连接断了；底账里已经记下的都保留着，请重新打开主表，再按一次"
        )


class _Waiting:
    """How long is waited: after it was for nothing once, not again until a call gets through."""

    seconds: float | None = None
    given_up = False


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Wait this long instead for each call of a block, whatever was waited for before."""
    before, _Waiting.seconds, _Waiting.given_up = _Waiting.seconds, seconds, False
    try:
        yield
    finally:
        _Waiting.seconds = before


def number_of(error: BaseException) -> int | None:
    """The number that tells why Excel refused: its own where it has one, else that of the call."""
    detail = getattr(error, "excepinfo", None)
    return (detail[5] if detail else None) or getattr(error, "hresult", None)


def patiently(call: Callable[[], Any], look: Callable[[], object] | None = None) -> Any:
    """What a call gives, repeated while Excel is busy. Raises Busy or Gone.

    ``look`` asks for the name of a member again: pywin32 says AttributeError, too, where that was
    refused.
    """
    began, pause = monotonic(), _PAUSE
    while True:
        try:
            try:
                found = call()
            except AttributeError:
                if look is None:
                    raise
                look()
                found = call()  # it is there: only the first question was refused
        except Exception as error:
            number = number_of(error)
            if number in _GONE:
                raise Gone from error
            if number not in _BUSY:
                raise
            most = SECONDS if _Waiting.seconds is None else _Waiting.seconds
            if _Waiting.given_up or monotonic() - began >= most:
                _Waiting.given_up = True
                raise Busy from error
            sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            if not isinstance(found, MethodType):  # finding one is no call yet
                _Waiting.given_up = False
            return found


def _wrapped(value: Any) -> Any:
    if hasattr(value, "_oleobj_"):
        return PatientObject(value)
    return PatientMethod(value) if isinstance(value, MethodType) else value


class PatientMethod:
    """A method of an object of Excel's, in the place of xlwings' COMRetryMethodWrapper."""

    def __init__(self, method: Any) -> None:
        self._method = method

    def __call__(self, *args: Any, **named: Any) -> Any:
        """What the method gives, wrapped again."""
        return _wrapped(patiently(lambda: self._method(*args, **named)))


class PatientObject:
    """An object of Excel's, in the place of xlwings' COMRetryObjectWrapper."""

    def __init__(self, inner: Any) -> None:
        object.__setattr__(self, "_inner", inner)

    def __getattr__(self, name: str) -> Any:
        inner = self._inner
        if name[:1] == "_":
            return getattr(inner, name)
        return _wrapped(
            patiently(lambda: getattr(inner, name), lambda: inner._oleobj_.GetIDsOfNames(0, name))
        )

    def __setattr__(self, name: str, value: Any) -> None:
        patiently(lambda: setattr(self._inner, name, value))

    def __call__(self, *args: Any, **named: Any) -> Any:
        """What the default member gives, wrapped again."""
        return _wrapped(patiently(lambda: self._inner(*args, **named)))

    def __iter__(self) -> Iterator[Any]:
        items = patiently(lambda: iter(self._inner))
        end = object()
        while (item := patiently(lambda: next(items, end))) is not end:
            yield _wrapped(item)
