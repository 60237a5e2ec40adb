"""The wheel of this program as it stands here, made without an index, a compiler or its sources.

Who packs for others installed it one way or another and may have no checkout: a wheel is the files of the
package with a few lines about them, whichever way they came here.
"""

from __future__ import annotations

import hashlib
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path

from xl_addin import __version__
from xl_addin.system import held
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

DISTRIBUTION = "xl-addin"
_SHIPPED = ("macros", "workbooks")
"""Folders that are in the package where it is installed, and beside it in a checkout."""
_LEFT_OUT = frozenset((".pyc", ".svg", ".md", ".xlsm"))
"""What only whoever works on the program needs."""
_MOMENT = (2020, 1, 1, 0, 0, 0)  # the same sources give the same bytes


class About(NamedTuple):
    """What a wheel says of itself: ``python`` as in ``>=3.11``, ``needs`` as pip takes them."""

    python: str
    needs: tuple[str, ...]
    license: bytes


def about() -> About:
    """What the program asks for, from the checkout that runs, else as it was installed. Refused."""
    root = Path(__file__).parents[2]
    project = root / "pyproject.toml"
    if project.is_file():
        import tomllib

        told: dict[str, Any] = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
        license_ = held.read_bytes(root / "LICENSE")
        return About(told["requires-python"], tuple(told["dependencies"]), license_)
    from importlib import metadata

    try:
        found = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        raise Refused(
            "找不到 xl-addin 的安装信息，做不了安装包；请先用 python -m pip install . 装好"
        ) from None
    needs = tuple(need for need in found.requires or () if "extra" not in need)
    license_ = (found.read_text("licenses/LICENSE") or "").encode()
    return About(found.metadata["Requires-Python"], needs, license_)


def build_own_wheel(folder: Path) -> Path:
    """Write the wheel of this program into a folder."""
    said = about()
    info = f"xl_addin-{__version__}.dist-info"
    metadata = (
        f"Metadata-Version: 2.4\nName: {DISTRIBUTION}\nVersion: {__version__}\n"
        f"License-Expression: MIT\nLicense-File: LICENSE\nRequires-Python: {said.python}\n"
    ) + "".join(f"Requires-Dist: {need}\n" for need in said.needs)
    files = {name: held.read_bytes(path) for name, path in sorted(_package_files())}
    files |= {
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: xl-addin\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n",
        f"{info}/entry_points.txt": b"[console_scripts]\nxl-addin = xl_addin.start:program\n",
        f"{info}/licenses/LICENSE": said.license,
    }
    return write_wheel(folder / f"xl_addin-{__version__}-py3-none-any.whl", info, files)


def _package_files() -> Iterator[tuple[str, Path]]:
    package = Path(__file__).parents[1]
    for name, folder in (
        ("xl_addin", package),
        *((f"xl_addin/{each}", package.parent / each) for each in _SHIPPED),
    ):
        for path in held.files_below(folder):
            if path.suffix not in _LEFT_OUT:
                yield f"{name}/{path.relative_to(folder).as_posix()}", path


def write_wheel(path: Path, info: str, files: Mapping[str, bytes]) -> Path:
    """Files by their names in the wheel, with the record of their hashes in its ``info`` folder."""
    record = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in files.items()]
    listed = f"{info}/RECORD"
    whole = {**files, listed: "\n".join((*record, f"{listed},,", "")).encode()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in whole.items():
            wheel.writestr(zipfile.ZipInfo(name, _MOMENT), data, compress_type=zipfile.ZIP_DEFLATED)
    return path


def _digest(data: bytes) -> str:
    return urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
