"""Text whose encoding nobody names."""

from __future__ import annotations


def decode_chinese(raw: bytes) -> str:
    """Text of an unnamed encoding: UTF-8 where it is that, else GB18030."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")
