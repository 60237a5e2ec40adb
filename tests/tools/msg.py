"""Mails as Outlook saves them: compound files ([MS-CFB]) with properties ([MS-OXMSG]), written byte by byte."""

from __future__ import annotations

import struct

from xl_addin.model.filetypes import OLE_START

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_EPOCH = 116444736000000000  # 1970 in ticks since 1601


def compound_file(tree):
    """A compound file; ``tree`` maps names to the bytes of a stream or to the tree of a storage."""
    entries, mini, sectors, chains = [], bytearray(), [], []

    def stored(data):
        if len(data) < _CUTOFF:
            at = len(mini) // _MINI
            mini.extend(data + bytes(-len(data) % _MINI))
            return at if data else _END
        return _placed(data)

    def _placed(data):
        at = len(sectors)
        padded = data + bytes(-len(data) % _SECTOR)
        sectors.extend(padded[n : n + _SECTOR] for n in range(0, len(padded), _SECTOR))
        chains.extend([*range(at + 1, len(sectors)), _END])
        return at

    minis = []

    def add(name, kind, content):
        number = len(entries)
        entries.append([name, kind, _FREE, _FREE, 0, 0])
        if kind == _STREAM:
            entries[number][4:] = [stored(content), len(content)]
            if 0 < len(content) < _CUTOFF:
                count = -(-len(content) // _MINI)
                minis.extend([*range(len(minis) + 1, len(minis) + count), _END])
            return number
        before = None
        for key in sorted(content, key=lambda key: (len(key), key.upper())):
            inner = content[key]
            child = add(key, _STREAM if isinstance(inner, bytes) else _STORAGE, inner)
            if before is None:
                entries[number][3] = child
            else:
                entries[before][2] = child
            before = child
        return number

    add("Root Entry", _ROOT, tree)
    entries[0][4:] = [_placed(bytes(mini)) if mini else _END, len(mini)]
    table = struct.pack(f"<{len(minis)}L", *minis)
    minifat = _placed(table + b"\xff" * (-len(table) % _SECTOR)) if minis else _END
    minifats = -(-len(table) // _SECTOR)
    directory = b"".join(_entry(*entry) for entry in entries)
    first = _placed(directory + bytes(128) * (-len(entries) % 4))
    fats = 1
    while fats * 128 < len(sectors) + fats:
        fats += 1
    at = len(sectors)
    fat = [*chains, *[_FAT] * fats]
    fat += [_FREE] * (fats * 128 - len(fat))
    head = OLE_START + bytes(16)
    head += struct.pack(
        "<5H6x9L", 62, 3, 0xFFFE, 9, 6, 0, fats, first, 0, _CUTOFF, minifat, minifats, _END, 0
    )
    tables = [*range(at, at + fats), *[_FREE] * (109 - fats)]
    head += struct.pack("<109L", *tables)
    return head + b"".join(sectors) + struct.pack(f"<{len(fat)}L", *fat)


def _entry(name, kind, right, child, start, size):
    wide = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBB3L16xL16xLQ", wide, len(wide) + 2, kind, 1, _FREE, right, child, 0, start, size
    )


def message(
    subject="六月报送",
    sender="d01@d.test",
    body="见附件",
    files=(),
    headers="",
    kind="IPM.Note",
    more=None,
    html=b"",
    at=0,
    inner=False,
):
    """The tree of a message; ``files`` are (name, bytes or the tree of a message).

    ``more`` are further texts by their number, ``at`` when it was sent in seconds since 1970.
    """
    texts = {0x001A: kind, 0x0037: subject, 0x1000: body, 0x5D01: sender, 0x007D: headers}
    texts |= {0x0C1A: "某区残联", **(more or {})}
    tree = {
        f"__substg1.0_{tag:04X}001F": said.encode("utf-16-le")
        for tag, said in texts.items()
        if said
    }
    if html:
        tree["__substg1.0_10130102"] = html
    for number, (name, content) in enumerate(files):
        each = {"__properties_version1.0": bytes(8)}
        if name:
            each["__substg1.0_3707001F"] = name.encode("utf-16-le")
        if isinstance(content, bytes):
            each["__substg1.0_37010102"] = content
        elif isinstance(content, str):
            each["__substg1.0_370D001F"] = content.encode("utf-16-le")
        else:
            each["__substg1.0_3701000D"] = content
        tree[f"__attach_version1.0_#{number:08X}"] = each
    fixed = struct.pack("<LLQ", 0x00390040, 6, _EPOCH + at * 10_000_000) if at else b""
    tree["__properties_version1.0"] = bytes(24 if inner else 32) + fixed
    return tree
