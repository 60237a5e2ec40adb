"""Wheels made again of what is installed, so that bundles can be made and installed without an index."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path, PurePosixPath

from xl_addin.services.own_wheel import write_wheel


def repack(site: Path, folder: Path, names: Iterable[str]) -> None:
    """Write the wheel of each named distribution, and of what it needs as far as it is here, into a folder."""
    here = {
        _plain(each.metadata["Name"]): each for each in metadata.distributions(path=[str(site)])
    }
    left, done = [_plain(name) for name in names], set[str]()
    while left:
        name = left.pop()
        if name in done or name not in here:
            continue
        done.add(name)
        found = here[name]
        needs = (need for need in found.requires or () if "extra" not in need)
        left += [_plain(re.split(r"[^\w.-]", need)[0]) for need in needs]
        _repack(found, folder)


# Half of all files, which no program of ours asks for.
_LEFT_OUT = {"bin", "..", "tests", "test", "demos", "Demos", "pythonwin", "adodbapi", "isapi"}
_HOLLOW = {"numpy", "pandas", "tzdata"}
"""Nearly all that would be unpacked and copied, and nothing that an installation uses: only their names are there.

One is imported once to see that it is there, and is empty.
"""


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _repack(found: metadata.Distribution, folder: Path) -> None:
    tags = [
        line.split()[1].split("-")
        for line in (found.read_text("WHEEL") or "").splitlines()
        if line.startswith("Tag:")
    ]
    tag = "-".join(".".join(dict.fromkeys(each)) for each in zip(*tags, strict=True))
    # What is here may want the C library of this machine: it is to run here, whatever its wheel says.
    tag = re.sub(r"manylinux\w*?_(x86_64|aarch64)", r"manylinux_2_28_\1", tag)
    files = {
        str(name): Path(str(found.locate_file(name))).read_bytes()
        for name in map(PurePosixPath, map(str, found.files or ()))
        if not _LEFT_OUT & set(name.parts)
        and (_plain(found.metadata["Name"]) not in _HOLLOW or ".dist-info" in name.parts[0])
        and name.suffix != ".pyc"
        and name.name not in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
    }
    if _plain(found.metadata["Name"]) == "pandas":
        files["pandas/__init__.py"] = b""
    info = next(name.split("/")[0] for name in files if name.split("/")[0].endswith(".dist-info"))
    stem = info.removesuffix(".dist-info")
    write_wheel(folder / f"{stem}-{tag}.whl", info, files)
