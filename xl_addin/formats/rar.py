"""Archives of WinRAR and 7-Zip, unpacked by libarchive in a child process.

libarchive is a library of the system: Linux distributions have it, Windows brings its own. Where
there is none these archives stay whole, and ``sniff.refusal`` says what they are and what to do.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from struct import error, unpack_from

from xl_addin.model.filetypes import RAR5_START, RAR_START, SEVEN_START
from xl_addin.system.light import NamedTuple

# Each by its own name: asked for any format, libarchive takes a workbook stored inside for a .zip.
_FORMATS = {RAR_START: "rar", RAR5_START: "rar5", SEVEN_START: "7zip"}
_FILE4, _END4, _ENDS4 = 0x74, 0x7B, 29
_END5, _LOCKED5 = 5, 4
_WINDOWS = r"C:\Windows\System32\archiveint.dll"


class ExtractedFile(NamedTuple):
    """A file from an archive; ``data`` is None where it could not be read, ``why`` says."""

    name: str
    data: bytes | None
    why: str = ""


def is_rar_or_7z(data: bytes) -> bool:
    """Whether this is an archive of WinRAR or 7-Zip."""
    return data.startswith(tuple(_FORMATS))


def extract_files(data: bytes, files: int, size: int) -> list[ExtractedFile] | None:
    """The files in it, at most so many and so large together; None where nothing can be read."""
    from importlib.util import find_spec

    from xl_addin.system import sandbox

    if find_spec("libarchive") is None:
        return None
    request = json.dumps([files, size]).encode() + b"\n"
    try:
        said = sandbox.run_sandboxed("xl_addin.formats.rar:child", request + data, ["libarchive"])
        return list(_parse_answer(said)) if said else None
    except sandbox.SandboxTimeout:
        why = f"压缩包拆了 {sandbox.WALL_SECONDS} 秒还没有拆完；请对方直接发送里面的工作簿"
        return [ExtractedFile("", None, why)]
    except (ValueError, TypeError):
        return None


def _parse_answer(said: bytes) -> Iterator[ExtractedFile]:
    # All of it is as large as an archive may be: no copy but the files themselves.
    at = said.index(b"\n") + 1
    for name, length, why in json.loads(said[:at]):
        yield ExtractedFile(str(name), None if length < 0 else said[at : at + length], str(why))
        at += max(length, 0)


def child() -> None:
    """Take apart the archive on standard input. Runs in the throw-away process."""
    from xl_addin.system import sandbox

    sandbox.limit_resources()
    request, _, data = sys.stdin.buffer.read().partition(b"\n")
    files, size = json.loads(request)
    found = list(_extract(data, files, size))
    facts = [(f.name, -1 if f.data is None else len(f.data), f.why) for f in found]
    out = sys.stdout.buffer
    out.write(json.dumps(facts).encode("utf-8", "replace") + b"\n")
    out.writelines(f.data or b"" for f in found)


def _lacks(data: bytes, kind: str) -> str:
    """Why files may be missing behind the last one of a .rar; empty where it ends as its writer ended it.

    libarchive takes the end of the bytes for the end of the archive: cut in a header, or one of several
    volumes, it gave what lay before, and nobody missed the rest.
    """
    walk = _walk5 if kind == "rar5" else _walk4
    try:
        more = walk(data)
    except (error, IndexError):
        return "压缩包不完整（后面断了），断点后面的文件没有拆出来；请让对方直接发送里面的工作簿"
    return "压缩包是分卷的，别的卷里的文件没有拆出来；请让对方直接发送里面的工作簿" if more else ""


def _walk4(data: bytes) -> bool:
    """Go through the blocks of an old .rar; whether another volume follows.

    Raises IndexError or struct.error where the bytes end within one, or before the last one, which RAR writes
    since what it packs takes its version 2.9 to unpack.
    """
    at, needs = len(RAR_START), 0
    while at < len(data):
        kind, flags, size = unpack_from("<BHH", data, at + 2)
        if kind == _END4:
            data[at + size - 1]
            return bool(flags & 1)
        if kind == _FILE4:
            needs = max(needs, data[at + 24])
        size += unpack_from("<I", data, at + 7)[0] if flags & 0x8000 else 0
        at += max(size, 7)
    if at > len(data) or needs >= _ENDS4:
        raise IndexError(at)
    return False


def _walk5(data: bytes) -> bool:
    """``_walk4`` for what RAR 5 and later write, where there is always a last block."""
    at = len(RAR5_START)

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while True:
        at += 4
        size = number()
        behind = at + size
        kind, flags = number(), number()
        if kind == _LOCKED5:
            return False
        if flags & 1:
            number()
        inside = number() if flags & 2 else 0
        data[behind - 1]
        if kind == _END5:
            return bool(number() & 1)
        at = behind + inside


def _extract(data: bytes, files: int, size: int) -> Iterator[ExtractedFile]:
    from xl_addin.formats.text_encoding import decode_chinese

    if sys.platform == "win32":
        os.environ.setdefault("LIBARCHIVE", _WINDOWS)
    import libarchive
    from libarchive.exception import ArchiveError

    kind = next(name for magic, name in _FORMATS.items() if data.startswith(magic))
    name = ""
    try:
        with libarchive.memory_reader(data, kind, "none") as archive:
            for entry in archive:
                if not entry.isfile:
                    continue
                name = entry.pathname or ""
                name = decode_chinese(name) if isinstance(name, bytes) else name
                files -= 1
                if files < 0:
                    yield ExtractedFile(name, None, "压缩包里的文件太多，没有再读；请分开重发")
                    return
                content = bytearray()
                for block in entry.get_blocks():
                    content += block
                    if len(content) > size:
                        break
                if len(content) > size:
                    yield ExtractedFile(name, None, "拆开后太大，没有再读；请直接发送里面的工作簿")
                    return
                size -= len(content)
                yield ExtractedFile(name, bytes(content))
        if kind != "7zip" and (why := _lacks(data, kind)):
            yield ExtractedFile("", None, why)
    except ArchiveError as told:
        said = str(told).lower()
        secret = "passphrase" in said or "encrypt" in said
        why = (
            "压缩包有密码，打不开；请让对方取消密码，或直接发送里面的工作簿"
            if secret
            else "压缩包拆不开（可能损坏、分卷，或压缩方式不认识）；请让对方直接发送里面的工作簿"
        )
        yield ExtractedFile(name, None, why)
