"""Our named tuples and patterns beside the ones they stand for."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
import typing

import pytest

from xl_addin.system.light import NamedTuple, pattern


class Ours(NamedTuple):
    """A record."""

    name: str
    value: float | None
    style: int = 0
    more: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.name}/{self.value}"


class Theirs(typing.NamedTuple):
    """A record."""

    name: str
    value: float | None
    style: int = 0
    more: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.name}/{self.value}"


@pytest.mark.parametrize(
    "use",
    [
        lambda kind: kind("a", 1),
        lambda kind: kind("a", value=None, more=("b",)),
        lambda kind: kind("a", 1).label,
        lambda kind: kind("a", 1).style + kind("a", 1, 7).style,
        lambda kind: kind("a", 1) == ("a", 1, 0, ()),
        lambda kind: hash(kind("a", 1)),
        lambda kind: kind("a", 1)._replace(name="b", style=3),
        lambda kind: kind._make(["a", 1, 2, ()]),
        lambda kind: kind("a", 1)._asdict(),
        lambda kind: kind._fields,
        lambda kind: kind.__match_args__,
        lambda kind: kind.__doc__,
        lambda kind: kind.__module__,
        lambda kind: repr(kind("a", None)).partition("(")[2],
        lambda kind: [*kind("a", 1)],
        lambda kind: pickle.loads(pickle.dumps(kind("a", 1))),  # noqa: S301
        lambda kind: hasattr(kind("a", 1), "__dict__"),
    ],
)
def test_a_record_is_what_typing_makes_of_it(use):
    assert use(Ours) == use(Theirs)


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (lambda kind: kind("a"), TypeError),
        (lambda kind: kind("a", 1, 2, (), 5), TypeError),
        (lambda kind: kind("a", 1, colour=3), TypeError),
        (lambda kind: kind("a", 1, name="b"), TypeError),
        (lambda kind: kind._make("abc"), TypeError),
        (lambda kind: kind("a", 1)._replace(colour=3), ValueError),
        (lambda kind: setattr(kind("a", 1), "name", "b"), AttributeError),
        (lambda kind: setattr(kind("a", 1), "colour", "b"), AttributeError),
    ],
)
def test_a_record_refuses_what_typing_refuses(use, error):
    for kind in (Theirs, Ours):
        with pytest.raises(error):
            use(kind)


def test_a_record_says_what_it_is():
    assert repr(Ours("a", None)) == "Ours(name='a', value=None, style=0, more=())"


@pytest.mark.parametrize(
    ("text", "flags"), [(r"(\d+)([a-z])", 0), (rb"(\d+)([a-z])", 0), (r"(\d+)(B)", re.IGNORECASE)]
)
def test_a_pattern_is_what_re_makes_of_it(text, flags):
    lazy, real = pattern(text, flags), re.compile(text, flags)
    subject = "12a 34b" if isinstance(text, str) else b"12a 34b"
    for _ in range(2):
        assert lazy.findall(subject) == real.findall(subject)
        assert lazy.sub(real.pattern[:0], subject) == real.sub(real.pattern[:0], subject)
        assert (lazy.match(subject) is None) == (real.match(subject) is None)
    assert (lazy.pattern, lazy.flags, lazy.groups) == (real.pattern, real.flags, real.groups)


def test_a_pattern_costs_nothing_before_it_is_used():
    broken = pattern("(")
    with pytest.raises(re.error):
        broken.match("x")


@pytest.mark.parametrize(
    "module", ["cli", "ribbon", "verbs.collect", "verbs.distribute", "verbs.status"]
)
def test_a_click_does_not_import_what_it_can_do_without(module):
    heavy = (
        "ssl",
        "http.client",
        "urllib.request",
        "email",
        "dataclasses",
        "inspect",
        "argparse",
        "logging",
        "pandas",
        "openpyxl",
        "rich",
    )
    code = (
        f"import sys, xl_addin.cli, xl_addin.{module};"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
