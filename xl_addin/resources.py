"""Files that come with the program."""

from __future__ import annotations

from pathlib import Path

TASK_TABLE_2023 = "2023任务表.xlsx"


def workbook(name: str) -> Path:
    """A workbook shipped in the wheel; in a checkout it lies beside the package."""
    package = Path(__file__).parent
    installed = package / "workbooks" / name
    return installed if installed.is_file() else package.parent / "workbooks" / name
