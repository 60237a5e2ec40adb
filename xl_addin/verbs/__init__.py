"""The verbs: one function each, twins on the command line and on the ribbon.

A verb's module is imported when it is used, so that a click pays for its own verb only.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from keyword import iskeyword

from xl_addin.model.result import Result
from xl_addin.services.programme import Programme, Request


def function_of(name: str) -> Callable[[Programme, Request], Result]:
    """The function ``(programme, request) -> Result`` of a verb's own module."""
    # ``return`` is a word of Python's own: its module is return_.
    file = f"{name}_" if iskeyword(name) else name.replace("-", "_")
    module = import_module(f"xl_addin.verbs.{file}")
    run: Callable[[Programme, Request], Result] = module.run
    return run
