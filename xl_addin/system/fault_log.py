"""An error of our own: where it was, in a word for people, and the log that has the rest of it."""

from __future__ import annotations

import sys
from pathlib import Path


def fault_place(error: BaseException) -> str:
    """Its kind and the innermost function and line, such as ``KeyError read:12``."""
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    line = f" {where.tb_frame.f_code.co_name}:{where.tb_lineno}" if where else ""
    return f"{type(error).__name__}{line}"


def fault_trace(error: BaseException) -> str:
    """Its traceback."""
    import traceback

    return "".join(traceback.format_exception(error))


def write_fault_log(folder: Path | None, text: str) -> Path:
    """Add to the log of this moment in ``folder``, else in the system's own; where that is."""
    import tempfile
    from datetime import datetime

    from xl_addin import __version__

    name = f"出错-{datetime.now():%Y%m%d-%H%M%S}.log"
    said = f"xl_addin {__version__}, Python {sys.version}\n{sys.argv}\n\n{text}\n"
    for place in (folder, Path(tempfile.gettempdir())):
        if place is None:
            continue
        try:
            place.mkdir(exist_ok=True)
            with (place / name).open("a", encoding="utf-8", errors="replace") as file:
                file.write(said)
        except OSError:
            continue
        return place / name
    return Path(name)
