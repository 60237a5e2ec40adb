"""Archives of WinRAR and 7-Zip with files in them, those of WinRAR written byte by byte and stored."""

import struct
import tempfile
import zlib
from pathlib import Path

import pytest


def rar4(*files, needs=20):
    """A .rar of the old kind, stored, with names in GBK and no word on their charset.

    ``needs`` is the version that it takes to unpack it, ten times.
    """
    made = b"Rar!\x1a\x07\x00" + _block4(0x73, 0, bytes(6))
    for name, data in files:
        raw = name.encode("gbk")
        fields = struct.pack(
            "<IIBIIBBHI",
            len(data),
            len(data),
            2,
            zlib.crc32(data),
            0x56E30000,
            needs,
            0x30,
            len(raw),
            0x20,
        )
        made += _block4(0x74, 0x8000, fields + raw) + data
    return made + _block4(0x7B, 0x4000, b"")


def _block4(kind, flags, rest):
    body = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
    return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body


def rar5(*files):
    """A .rar of the new kind, stored; its names are UTF-8."""
    made = b"Rar!\x1a\x07\x01\x00" + _block5(_number(1) + _number(0) + _number(0))
    for name, data in files:
        raw = name.encode()
        fields = b"".join(map(_number, (2, 2, len(data), 0x04, len(data), 0x20)))
        fields += struct.pack("<I", zlib.crc32(data)) + _number(0) + _number(0) + _number(len(raw))
        made += _block5(fields + raw) + data
    return made + _block5(_number(5) + _number(0) + _number(0))


def _number(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def _block5(body):
    sized = _number(len(body)) + body
    return struct.pack("<I", zlib.crc32(sized)) + sized


def seven(*files):
    """A .7z as libarchive packs it; skips where it is not installed."""
    libarchive = pytest.importorskip("libarchive")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "a.7z"
        with libarchive.file_writer(str(path), "7zip") as archive:
            for name, data in files:
                archive.add_file_from_memory(name, len(data), data)
        return path.read_bytes()
