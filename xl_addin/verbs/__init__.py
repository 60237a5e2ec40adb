"""The verbs: one function each, twins on the command line and on the ribbon.

A verb's module is imported when it is used, so that a click pays for its own verb only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from keyword import iskeyword

from xl_addin.model.result import Result
from xl_addin.services.programme import Programme, Request

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
    if not programme.shared:
        return run(programme, request)
    from xl_addin.services.shared_settings import with_shared_settings

    return with_shared_settings(name, programme, request, run)
