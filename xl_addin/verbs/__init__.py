"""The verbs: one function each, twins on the command line and on the ribbon.

A verb's module is imported when it is used, so that a click pays for its own verb only.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from keyword import iskeyword

from xl_addin.model.commands import label_of
from xl_addin.model.result import Result
from xl_addin.services.programme import Programme, Request
from xl_addin.system.errors import Refused

_APART = frozenset(
    (
        *("new", "demo", "attach", "rebuild", "verify", "doctor"),
        *("bundle", "password", "serve", "wps", "move-ledger", "join"),
    )
)
"""Verbs that do not go by the settings, or only look."""


def function_of(name: str) -> Callable[[Programme, Request], Result]:
    """The function ``(programme, request) -> Result`` of a verb's own module."""
    # ``return`` is a word of Python's own: its module is return_.
    file = f"{name}_" if iskeyword(name) else name.replace("-", "_")
    module = import_module(f"xl_addin.verbs.{file}")
    run: Callable[[Programme, Request], Result] = module.run
    return run if name in _APART else partial(_carry_out, name, run)


def _carry_out(
    name: str, run: Callable[[Programme, Request], Result], programme: Programme, request: Request
) -> Result:
    try:
        if not programme.shared:
            return _tell_if_outdated(programme, run(programme, request))
        from xl_addin.services.shared_settings import with_shared_settings

        work = partial(with_shared_settings, name, programme, request, run)
        try:
            return _tell_if_outdated(programme, work())
        except Exception as error:
            # Nothing was done outside the ledger, nor in it: what was cut off is looked at once more.
            if not (name == "status" or request.rehearse) or not getattr(error, "lost", False):
                raise
        return _tell_if_outdated(programme, work())
    except Exception as error:
        _refuse_if_recorded(name, programme, error)
        raise


def _tell_if_outdated(programme: Programme, result: Result) -> Result:
    """Whoever only looked is told of when that is; who writes to a ledger that was restored is refused."""
    if not programme.used_ledger or programme.ledger.recorded:
        return result
    from xl_addin.store.database import DatabaseFault

    # The result is there, and was read a moment ago.
    with suppress(DatabaseFault, OSError):
        if said := programme.ledger.outdated():
            return result._replace(lines=(said, *result.lines), clean=False)
    return result


def _refuse_if_recorded(name: str, programme: Programme, error: Exception) -> None:
    """What was recorded and could only not be reported is not told as if it had to be done again."""
    if not programme.used_ledger or programme.ledger.recorded != name:
        return
    from xl_addin.model.sheets import JOURNAL_SHEET
    from xl_addin.store.faults import is_database_error, why

    if is_database_error(error):
        cause = why(error).partition("；")[0]
        raise Refused(
            f"{programme.ledger.path}：这次“{label_of(name)}”已经记入底账，只是记完以后底账{cause}，结果没有读出来；"
            f"请检查磁盘和网络，再用“{label_of('status')}”（xl-addin status）看结果，做过哪些看“{JOURNAL_SHEET}”"
        ) from error
