"""Records and patterns that cost next to nothing until they are used.

Users wait for imports. ``typing.NamedTuple`` takes 0.17 ms a class, a compiled pattern about 0.1 ms,
and a click needs some fifty of the one and few of the other; with these it is 0.01 ms and nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from re import compile as pattern
    from typing import NamedTuple, Protocol
else:
    import re
    from types import FunctionType

    try:
        from _collections import _tuplegetter as _getter
    except ImportError:  # an interpreter without it

        def _getter(index, doc):
            return property(lambda record: record[index], doc=doc)

    class _Record(tuple):
        """What every named tuple can do, under the names that ``collections`` gives it."""

        __slots__ = ()

        @classmethod
        def _make(cls, values):
            record = tuple.__new__(cls, values)
            if len(record) != len(cls._fields):
                raise TypeError(
                    f"{cls.__name__} takes {len(cls._fields)} values, not {len(record)}"
                )
            return record

        def _replace(self, **changed):
            record = self._make(map(changed.pop, self._fields, self))
            if changed:
                raise ValueError(f"{type(self).__name__} has no {list(changed)}")
            return record

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            said = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items())
            return f"{type(self).__name__}({said})"

        def __getnewargs__(self):
            return tuple(self)

    class _Maker(type):
        """Turns the body of a class into a named tuple, as ``typing`` does."""

        def __new__(cls, name, bases, body):
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            defaults = tuple(body[field] for field in fields if field in body)
            for at, field in enumerate(fields):
                body[field] = _getter(at, None)
            body["__slots__"] = ()
            body["_fields"] = body["__match_args__"] = fields
            body["__new__"] = _constructor(name, fields, defaults)
            return type(name, (_Record,), body)

    class NamedTuple(metaclass=_Maker):
        """``typing.NamedTuple`` for classes in modules with postponed annotations."""

    new = tuple.__new__
    # What makes a record, by how many fields it has: compiled with this module, not at each start.
    _codes = {
        made.__code__.co_argcount - 1: made.__code__
        for made in (
            lambda cls, a: new(cls, (a,)),
            lambda cls, a, b: new(cls, (a, b)),
            lambda cls, a, b, c: new(cls, (a, b, c)),
            lambda cls, a, b, c, d: new(cls, (a, b, c, d)),
            lambda cls, a, b, c, d, e: new(cls, (a, b, c, d, e)),
            lambda cls, a, b, c, d, e, f: new(cls, (a, b, c, d, e, f)),
            lambda cls, a, b, c, d, e, f, g: new(cls, (a, b, c, d, e, f, g)),
            lambda cls, a, b, c, d, e, f, g, h: new(cls, (a, b, c, d, e, f, g, h)),
            lambda cls, a, b, c, d, e, f, g, h, i: new(cls, (a, b, c, d, e, f, g, h, i)),
            lambda cls, a, b, c, d, e, f, g, h, i, j: new(cls, (a, b, c, d, e, f, g, h, i, j)),
        )
    }

    def _constructor(name, fields, defaults):
        """One is compiled for each number of fields; the others differ in their arguments' names."""
        many = len(fields)
        if many not in _codes:
            names = ", ".join(f"value{n}" for n in range(many))
            _codes[many] = eval(f"lambda cls, {names}: new(cls, ({names},))").__code__  # noqa: S307
        code = _codes[many].replace(
            co_varnames=("cls", *fields), co_name="__new__", co_qualname=f"{name}.__new__"
        )
        return FunctionType(code, {"new": new}, "__new__", defaults or None)

    class Protocol:
        """At run time a class like any other: nobody asks it who is of its kind."""

    class pattern:  # noqa: N801 - it stands for the function re.compile
        """What ``re.compile`` gives, compiled when something of it is first asked for."""

        def __init__(self, text, flags=0):
            self._wanted = (text, flags)

        def __getattr__(self, name):
            found = getattr(re.compile(*self._wanted), name)
            setattr(self, name, found)
            return found


__all__ = ["TYPE_CHECKING", "NamedTuple", "Protocol", "pattern"]
