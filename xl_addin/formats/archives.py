"""Archives that people pack workbooks into: every file inside is a return of its own.

A .zip is expanded, one in another once, within limits on bytes really unpacked; so are .rar and .7z
where ``rar`` can, else they are left whole and ``sniff.refusal`` says what they are. Names are for
display only and never become paths.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from struct import unpack_from

from xl_addin.formats.bundles import parts_of_others
from xl_addin.formats.rar import extract_files, is_rar_or_7z
from xl_addin.formats.text_encoding import decode_chinese
from xl_addin.model.filetypes import ZIP_START, is_litter, is_plain_workbook
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx.package import MAX_FILE

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

MAX_FILES = 1_000
MAX_UNPACKED = 128 * 2**20
_UTF8_NAME, _ENCRYPTED = 0x800, 1
_UNICODE_PATH = 0x7075
_ANY_WORKBOOK = frozenset(
    ("[content_types].xml", "_rels/.rels", "content.xml", "xl/workbook.xml", "index/document.iwa")
)


class ArchiveMember(NamedTuple):
    """A file in an archive. ``data`` is None where it could not be unpacked; ``why`` says."""

    name: str
    data: bytes | None
    why: str = ""


def is_archive(data: bytes) -> bool:
    """Whether these bytes are a .zip that is not itself a workbook or other document, .rar or .7z."""
    if is_rar_or_7z(data):
        return True
    if not data.startswith(ZIP_START) or is_plain_workbook(data):
        return False
    archive = _open_zip(data)
    if archive is None:
        return False
    names = {name.replace("\\", "/").lower() for name in archive.namelist()}
    return not names & _ANY_WORKBOOK


def expand_archive(archive: bytes) -> list[ArchiveMember]:
    """The files in an archive (``is_archive``), in its order; one inside another is expanded too.

    Empty where this computer cannot unpack it.
    """
    found = list(_members(archive, "", [MAX_FILES, MAX_UNPACKED], 1))
    if found or is_rar_or_7z(archive):
        parts = parts_of_others(member.name for member in found)
        return [member for member in found if member.name not in parts]
    return [ArchiveMember("", None, "压缩包里没有文件；请让对方重新发送")]


def _members(data: bytes, prefix: str, room: list[int], deeper: int) -> Iterator[ArchiveMember]:
    """``room`` is how many files and bytes may still come out of the whole archive."""
    for file in (_rar_members if is_rar_or_7z(data) else _zip_members)(data, prefix, room):
        if file.data is None or not is_archive(file.data):
            yield file
        elif deeper:
            inside = list(_members(file.data, f"{file.name}/", room, deeper - 1))
            yield from inside or [file]
        else:
            yield file._replace(data=None, why="压缩包一层套一层，没有再拆；请解压后重新发送")


def _zip_members(data: bytes, prefix: str, room: list[int]) -> Iterator[ArchiveMember]:
    archive = _open_zip(data)
    if archive is None:
        return
    for info in archive.infolist():
        inside = member_name(info)
        if _is_system_file(inside):
            continue
        room[0] -= 1
        full = prefix + inside
        if room[0] < 0:
            yield ArchiveMember(
                full, None, f"压缩包里的文件超过 {MAX_FILES} 个，没有再读；请分开重发"
            )
            return
        yield _read_member(archive, info, full, room)


def _rar_members(data: bytes, prefix: str, room: list[int]) -> Iterator[ArchiveMember]:
    for file in extract_files(data, room[0], room[1]) or ():
        name = display_name(file.name)
        room[0] -= 1
        room[1] -= len(file.data or b"")
        if file.data is None or not _is_system_file(name):
            yield ArchiveMember(prefix + name, file.data, file.why)


def _is_system_file(name: str) -> bool:
    return name.endswith("/") or is_litter(name)


def _read_member(archive: ZipFile, info: ZipInfo, full: str, room: list[int]) -> ArchiveMember:
    if info.flag_bits & _ENCRYPTED:
        return ArchiveMember(
            full, None, "压缩包有密码，打不开；请让对方取消密码，或直接发送里面的工作簿"
        )
    most = min(MAX_FILE, room[1])
    try:
        with archive.open(info) as file:
            data = file.read(most + 1)
    except NotImplementedError:
        return ArchiveMember(full, None, "压缩方式不认识，拆不开；请让对方直接发送里面的工作簿")
    except (
        Exception
    ):  # bz2, lzma and zipfile each have their own, OverflowError and SystemError too
        return ArchiveMember(full, None, "压缩包已损坏，这个文件拆不出来；请让对方重新发送")
    if len(data) > most:
        room[1] = 0
        return ArchiveMember(full, None, "拆开后太大，没有读取；请让对方直接发送里面的工作簿")
    room[1] -= len(data)
    return ArchiveMember(full, data)


def _open_zip(data: bytes) -> ZipFile | None:
    import io
    from zipfile import ZipFile

    try:
        return ZipFile(io.BytesIO(data))
    except Exception:  # a broken list of contents raises struct.error, OverflowError and others
        return None


def member_name(info: ZipInfo) -> str:
    """An entry's name as its writer meant it.

    Windows programs write the bytes of the local code page and do not say so; ``zipfile`` then
    takes them for cp437. A name that is both UTF-8 and GBK is taken for UTF-8.
    """
    if info.flag_bits & _UTF8_NAME:
        name = info.orig_filename
    else:
        raw = info.orig_filename.encode("cp437", "replace")
        name = _unicode_path(info.extra, raw) or decode_chinese(raw)
    return display_name(name)


def display_name(name: str) -> str:
    """A name in an archive without steps that lead out of it and marks that cannot be shown."""
    name = "".join(mark for mark in name.replace("\\", "/") if mark.isprintable())
    steps = [step for step in name.split("/") if step not in ("", ".", "..")]
    return "/".join([*steps, ""] if name.endswith("/") else steps)


def _unicode_path(extra: bytes, raw: bytes) -> str:
    """The name in Info-ZIP's extra field, which counts while it belongs to the plain name."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = unpack_from("<2H", extra, at)
        body = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and len(body) > 5 and body[0] == 1:
            fits = int.from_bytes(body[1:5], "little") == zlib.crc32(raw)
            return body[5:].decode("utf-8", "replace") if fits else ""
        at += 4 + size
    return ""
