"""Whether a second, independent reader finds in the accepted files what the ledger says of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from xl_addin.form.layout import SHEET
from xl_addin.formats.sniff import kind_inside
from xl_addin.model.filetypes import XLSX, ZIP_START
from xl_addin.model.problems import make
from xl_addin.model.records import NOT_APPLICABLE, NUMBER, Figure, Number, Problem
from xl_addin.services.archived import archived_files
from xl_addin.store.ledger import AcceptedFile
from xl_addin.system import held
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.system.progress import Progress
from xl_addin.xlsx.cells import Cell
from xl_addin.xlsx.package import unpack
from xl_addin.xlsx.second_reader import CellAnswer, CellRequest, read_again
from xl_addin.xlsx.values import NONE_WORDS, ParsedNumber, number_text, plain_text, read_shown

if TYPE_CHECKING:
    from typing import Any

DIFFERS = "second-reader-differs"
_NOISE = 1e-9


class SecondReading(NamedTuple):
    """``unread`` are files that only the first reader could read, each with why."""

    files: int
    figures: int
    problems: tuple[Problem, ...]
    unread: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """What ``--json`` prints; the differences stand among all others."""
        unread = [{"file": file, "why": why} for file, why in self.unread]
        return {"files": self.files, "figures": self.figures, "only_first": unread}

    @property
    def outcome(self) -> str:
        """What was read again, in a few words."""
        told = f"用另一个读法再读了 {self.files} 份、{self.figures} 个数据"
        return f"{told}，另有 {len(self.unread)} 份只有本程序读得了" if self.unread else told

    @property
    def notices(self) -> list[str]:
        """The files that only the first reader could read: nothing is wrong with them."""
        return [f"“{file}”：没有再读，{why}；数字以底账为准" for file, why in self.unread]


def read_accepted(
    folder: Path,
    returns: Sequence[AcceptedFile],
    units: Mapping[str, Sequence[str]],
    progress: Progress,
) -> SecondReading:
    """Read the returns in the archive again and compare every figure.

    ``units`` are by indicator: any that its numbers may have been written with. Files that are gone
    from the archive are left out: they are told already.
    """
    archive = archived_files(folder)
    present = [each for each in returns if each.sha256 in archive]
    others: list[tuple[str, str]] = []
    taken: deque[AcceptedFile] = deque()

    def requests() -> Iterator[CellRequest]:
        for plain in present:
            each = _with_stated(plain)
            wanted = _cell_request(archive[each.sha256], each.figures)
            if wanted is None:
                others.append((each.file, "不是 .xlsx，没有第二个读法"))
            else:
                taken.append(each)
                yield wanted

    problems: list[Problem] = []
    unread: list[tuple[str, str]] = []
    files = figures = 0
    for found in progress.over(read_again(requests()), len(present), "用另一个读法核对"):
        each = taken.popleft()
        if found.why:
            unread.append((each.file, found.why))
            continue
        files, figures = files + 1, figures + len(each.figures)
        problems += _differences(each, found, units, archive[each.sha256])
    return SecondReading(files, figures, tuple(problems), (*others, *unread))


def _with_stated(accepted: AcceptedFile) -> AcceptedFile:
    """A return with the cumulatives that its district gave as figures of their own."""
    stated = [
        Figure(figure.indicator, NUMBER, figure.stated, figure.stated_cell)
        for figure in accepted.figures
        if figure.stated is not None
    ]
    return accepted._replace(figures=(*accepted.figures, *stated))


def _cell_request(path: Path, figures: Iterable[Figure]) -> CellRequest | None:
    """What is to be read again; None for a file of another format."""
    data = held.read_bytes(path)
    try:
        if not data.startswith(ZIP_START) or kind_inside(unpack(data)) != XLSX:
            return None
    except Unreadable:
        return None
    return CellRequest(data, tuple(figure.cell for figure in figures if figure.cell))


def _differences(
    accepted: AcceptedFile, found: CellAnswer, units: Mapping[str, Sequence[str]], path: Path
) -> list[Problem]:
    """The figures that the second reader sees otherwise.

    The ledger does not tell the sheet: it is the one that says the same most often, the form's own
    where several do.
    """
    figures = [figure for figure in accepted.figures if figure.cell]
    apart: dict[str, list[Problem]] = {}
    for sheet, cells in found.sheets.items():
        apart[sheet] = []
        for figure, (cell, look) in zip(figures, cells, strict=True):
            written = [_read(cell, look, unit) for unit in units.get(figure.indicator, [""])]
            if not any(_agrees(figure, each) for each in written):
                apart[sheet].append(_problem(accepted, figure, sheet, written[0], path))
    return min(apart.items(), key=lambda pair: (len(pair[1]), pair[0] != SHEET))[1]


def _read(cell: Cell | None, look: str, unit: str) -> ParsedNumber:
    """What the cell says, as ``judging.case`` takes it; a dash may count as 0."""
    written = read_shown(cell, unit, look)
    if written.state == NOT_APPLICABLE and plain_text(written.found) in NONE_WORDS:
        return written._replace(value=0)
    return written


def _agrees(figure: Figure, written: ParsedNumber) -> bool:
    if written.state == NOT_APPLICABLE and figure.value == 0 and written.value == 0:
        return True
    if (
        figure.state != NUMBER
        or figure.value is None
        or written.state != NUMBER
        or written.value is None
    ):
        return (figure.state == NUMBER) == (written.state == NUMBER)
    return abs(figure.value - written.value) <= _NOISE * max(1.0, abs(figure.value))


def _problem(
    accepted: AcceptedFile, figure: Figure, sheet: str, written: ParsedNumber, path: Path
) -> Problem:
    ledger = _value_text(figure.value, "没有数")
    again = _value_text(written.value, written.found or "空")
    says = (
        f"“{accepted.file}”{sheet}!{figure.cell}：底账是 {ledger}，用另一个读法（openpyxl）读是 {again}；"
        f"请把 {path} 复制一份，打开看这一格：是 {ledger} 就以底账为准；是 {again} 就是底账记错了，"
        "汇总先不要用。两种情况都请把这句话和那份文件发给管理员"
    )
    return make(DIFFERS, says, sheet, figure.cell, again, ledger)


def _value_text(value: Number | None, otherwise: str) -> str:
    return otherwise if value is None else number_text(value)
