"""The zip container of a workbook: read within limits, written byte-identically every time.

Own code and not ``zipfile`` for three reasons, each measured: unchanged parts are copied as they
are (``zipfile`` cannot copy raw), a form costs 0.2 ms, and ``import zipfile`` alone costs more than
a bare Python start. Every limit is on bytes really unpacked, never on what the file claims.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import lru_cache
from struct import Struct, error

from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple

MAX_FILE = 64 * 2**20
MAX_ENTRIES = 4_000
MAX_PART = 64 * 2**20
OWN_PART = 4 * MAX_PART
"""Of our own master: 进度表 of 1,000 districts with 200 indicators has some 62 MB."""

_END = Struct("<4s4H2LH")
_CENTRAL = Struct("<4s4B4HL2L5H2L")
_LOCAL = Struct("<4s2B4HL2L2H")
# The same without the fields that nothing is read from.
_CENTRAL_READ = Struct("<4s4xHH4xLLLHHH8xL")
_LOCAL_READ = Struct("<4s22xHH")
_DOS_DATE = 0x21  # 1980-01-01: the same content always gives the same bytes
_ENCRYPTED = 1
_UTF8_NAME = 0x800
_STORED, _DEFLATED = 0, 8


class Part(NamedTuple):
    """One entry, still packed. ``size`` and ``crc`` are of the unpacked bytes."""

    name: str
    method: int
    crc: int
    size: int
    packed: bytes


_SMALL = 1_500


def deflate_fast(name: str, data: bytes) -> Part:
    """Pack one part in the least time: for forms, where packing is most of the work.

    With level 1, and small parts stored because setting up the packer costs more than it saves, a
    form took 0.19 ms instead of 0.38 and had 13.8 kB instead of 11.7. With a window of 4 kB and
    tables to match a sheet is packed in half the time, for 0.1 kB more.
    """
    if len(data) < _SMALL:
        return Part(name, _STORED, zlib.crc32(data), len(data), data)
    packer = zlib.compressobj(1, zlib.DEFLATED, -12, 6)
    return Part(
        name, _DEFLATED, zlib.crc32(data), len(data), packer.compress(data) + packer.flush()
    )


def deflate(name: str, data: bytes, level: int = 6) -> Part:
    """Pack one part."""
    return Part(name, _DEFLATED, zlib.crc32(data), len(data), zlib.compress(data, level, -15))


def inflate(part: Part, limit: int = MAX_PART) -> bytes:
    """Unpack one part, checked against its checksum. Raises Unreadable."""
    if part.method == _STORED:
        data = part.packed
    else:
        unpacker = zlib.decompressobj(-15)
        try:
            data = unpacker.decompress(part.packed, limit + 1)
        except zlib.error:
            raise _damaged_error(f"{part.name} 解压失败") from None
        if not unpacker.eof and len(data) <= limit:
            raise _damaged_error(f"{part.name} 不完整")
    if len(data) > limit:
        raise Unreadable(
            "too-large", f"文件里的 {part.name} 解压后超过 {limit // 2**20} MB，没有读取"
        )
    if len(data) != part.size or zlib.crc32(data) != part.crc:
        raise _damaged_error(f"{part.name} 校验和不符")
    return data


def _damaged_error(detail: str) -> Unreadable:
    return Unreadable("damaged", f"文件已损坏（{detail}），请让对方重新保存后再发")


def unpack(data: bytes) -> dict[str, Part]:
    """The entries of a zip by name, in their order, none of them unpacked yet.

    Names come out with forward slashes and without a leading one, as some writers put backslashes.
    Raises Unreadable for anything that two readers could understand differently: entries that
    overlap or share a name, encryption, sizes that do not fit.
    """
    if len(data) > MAX_FILE:
        raise Unreadable("too-large", f"文件超过 {MAX_FILE // 2**20} MB，没有读取")
    try:
        return _unpack(data)
    except (error, IndexError):
        raise _damaged_error("压缩包目录不完整") from None


def _unpack(data: bytes) -> dict[str, Part]:
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if end < 0:
        raise _damaged_error("压缩包没有目录，可能没有下载完整")
    _, _, _, _, count, size, start, _ = _END.unpack_from(data, end)
    if count > MAX_ENTRIES:
        raise Unreadable("too-large", f"文件里有 {count} 个部件，超过 {MAX_ENTRIES}，没有读取")
    # Behind the directory nothing but the records of large archives: in two packages glued together
    # the offsets of one lead into the other.
    behind = data[start + size : end]
    if start + size > end or (behind and not behind.startswith(b"PK\x06\x06")):
        raise _damaged_error("压缩包目录位置不对")
    if not count:
        raise _damaged_error("压缩包是空的")
    parts: dict[str, Part] = {}
    seen: set[str] = set()
    spans: list[tuple[int, int]] = []
    at = start
    central, local, known = _CENTRAL_READ.unpack_from, _LOCAL_READ.unpack_from, _entry_names
    new = tuple.__new__  # a record's own constructor is a call into Python for every entry
    for _ in range(count):
        (mark, flags, method, crc, packed_size, full_size, name_size, extra, comment, offset) = (
            central(data, at)
        )
        if mark != b"PK\x01\x02":
            raise _damaged_error("压缩包目录项不对")
        name, plain = known(data[at + 46 : at + 46 + name_size], flags & _UTF8_NAME)
        at += 46 + name_size + extra + comment
        if flags & _ENCRYPTED:
            raise Unreadable("password", "文件有密码，打不开；请让对方取消密码后重新发")
        if method not in (_STORED, _DEFLATED) or 0xFFFFFFFF in (packed_size, full_size, offset):
            raise _damaged_error(f"{name} 的压缩方式不是 Excel 用的")
        mark, local_name, local_extra = local(data, offset)
        if mark != b"PK\x03\x04":
            raise _damaged_error(f"{name} 的位置不对")
        body = offset + 30 + local_name + local_extra
        spans.append((offset, body + packed_size))
        if name.endswith("/"):
            continue
        if plain in seen:
            raise _damaged_error(f"{name} 出现两次")
        seen.add(plain)
        parts[name] = new(Part, (name, method, crc, full_size, data[body : body + packed_size]))
    _refuse_overlap(spans, start)
    return parts


@lru_cache(maxsize=1024)
def _entry_names(raw: bytes, utf8: int) -> tuple[str, str]:
    """An entry's name, and the name by which a second one would be the same."""
    # Loading the code page costs as much as reading a form, and most names have no use for it.
    code = "utf-8" if utf8 or raw.isascii() else "cp437"
    name = raw.decode(code, "replace").replace("\\", "/").lstrip("/")
    return name, name.lower()


def _refuse_overlap(spans: list[tuple[int, int]], directory: int) -> None:
    spans.sort()
    ends = [end for _, end in spans]
    starts = [begin for begin, _ in spans[1:]] + [directory]
    if any(end > following for end, following in zip(ends, starts, strict=True)):
        raise _damaged_error("部件互相重叠")


class PackedEntries(NamedTuple):
    """Entries ready to stand at the beginning of a zip: bodies, directory and how many."""

    bodies: bytes
    directory: bytes
    entries: int


def pack_entries(parts: Iterable[Part], offset: int = 0) -> PackedEntries:
    """Entries as they stand in a zip from ``offset`` on."""
    bodies: list[bytes] = []
    directory: list[bytes] = []
    for name, method, crc, size, data in parts:
        raw_name = name.encode()
        flags = 0 if name.isascii() else _UTF8_NAME
        length = len(raw_name)
        bodies += (
            _LOCAL.pack(
                b"PK\x03\x04", 20, 0, flags, method, 0, _DOS_DATE, crc, len(data), size, length, 0
            ),
            raw_name,
            data,
        )
        directory += (
            _CENTRAL.pack(
                b"PK\x01\x02",
                20,
                0,
                20,
                0,
                flags,
                method,
                0,
                _DOS_DATE,
                crc,
                len(data),
                size,
                length,
                0,
                0,
                0,
                0,
                0,
                offset,
            ),
            raw_name,
        )
        offset += 30 + length + len(data)
    return PackedEntries(b"".join(bodies), b"".join(directory), len(directory) // 2)


def pack(parts: Iterable[Part], first: PackedEntries = PackedEntries(b"", b"", 0)) -> bytes:  # noqa: B008 - immutable
    """A zip of these parts, in this order, behind those of ``first``: equal parts, equal bytes."""
    rest = pack_entries(parts, len(first.bodies))
    start = len(first.bodies) + len(rest.bodies)
    size, count = len(first.directory) + len(rest.directory), first.entries + rest.entries
    ending = _END.pack(b"PK\x05\x06", 0, 0, count, count, size, start, 0)
    return b"".join((first.bodies, rest.bodies, first.directory, rest.directory, ending))


def relationships_part(source: str) -> tuple[str, str]:
    """The part that holds another's relationships, and the folder that their targets start from."""
    folder, slash, leaf = source.rpartition("/")
    return f"{folder}{slash}_rels/{leaf}.rels", f"{folder}{slash}"
