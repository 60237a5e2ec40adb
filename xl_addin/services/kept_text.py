"""Small texts that staff write for the program into a folder of the programme."""

from __future__ import annotations

from pathlib import Path

from xl_addin.formats.text_encoding import decode_notepad
from xl_addin.system import held


def kept_text(folder: Path, name: str) -> str:
    """What stands in it, as Notepad saves it; empty where there is none."""
    # Where Windows hides what files end in, it comes to be twice.
    found = next(filter(Path.is_file, (folder / name, folder / f"{name}.txt")), None)
    return "" if found is None else decode_notepad(held.read_bytes(str(found)))
