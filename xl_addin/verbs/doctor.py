"""``doctor``: what could keep this computer or this folder from working, and what to do about it."""

from __future__ import annotations

from collections import Counter

from xl_addin.model.result import Result
from xl_addin.services.checkup.computer import computer_checks
from xl_addin.services.checkup.folder import folder_checks
from xl_addin.services.checkup.runner import FAULT, NOTE, STATE_LABELS, STATES, run_checks
from xl_addin.services.checkup.wps import wps_checks
from xl_addin.services.programme import Programme, Request


def run(programme: Programme, request: Request) -> Result:
    """Look at everything; nothing is changed, and the gravest stands first."""
    checks = [
        *computer_checks(programme.folder),
        *run_checks("WPS", wps_checks),
        *folder_checks(programme, rehearse=request.rehearse),
    ]
    checks.sort(key=lambda check: STATES.index(check.state))
    counts = Counter(check.state for check in checks)
    said = "，".join(f"{STATE_LABELS[state]} {counts[state]}" for state in STATES if counts[state])
    return Result(
        {"verb": "doctor", "checks": [check.as_json() for check in checks]},
        f"体检 {len(checks)} 项：{said}",
        clean=not counts[FAULT] and not counts[NOTE],
        lines=tuple(check.line for check in checks),
    )
