"""The Open XML SDK's validator: whether a workbook keeps to the schema.

Only for workbooks that we write: libraries and other offices fail it in ways that Excel forgives.
"""

from __future__ import annotations

import json
import platform
import subprocess
from pathlib import Path

from tests.tools.resave import node_modules

_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def binary() -> Path:
    """The program itself: its node wrapper takes 1.5 s longer."""
    machine = _MACHINES.get(platform.machine().lower(), platform.machine())
    package = f"ooxml-validator-{platform.system().lower()}-{machine}"
    return node_modules() / "@xarsh" / package / "ooxml-validator"


def missing_validator() -> list[str]:
    """What the machine lacks for validating."""
    return [] if binary().is_file() else ["ooxml-validator"]


def validate(path: Path, office: str = "Microsoft365") -> list[str]:
    """The faults of a workbook, one "part xpath: description" each; none for a good one.

    ``office`` is the version to hold it to, Office2007 to Microsoft365.
    """
    # Exit code 0 says nothing here: it is 0 for bad files too.
    done = subprocess.run(
        [binary(), path, office], capture_output=True, encoding="utf-8", timeout=120
    )
    if done.returncode:
        raise RuntimeError(f"the validator ended with {done.returncode}: {done.stderr}")
    report = json.loads(done.stdout)
    faults = [f"{e['path']} {e['xPath']}: {e['description']}" for e in report["errors"]]
    return faults if faults or report["ok"] else ["not ok, and the validator does not say why"]
