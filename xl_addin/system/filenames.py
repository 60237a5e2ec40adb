"""File names that every file system takes."""

from __future__ import annotations

from xl_addin.system.light import pattern

_UNSAFE = pattern(r'[\\/:*?"<>|\x00-\x1f]')


def plain_name(name: str) -> str:
    """A file name with nothing in it that a file system refuses."""
    return _UNSAFE.sub("_", name)
