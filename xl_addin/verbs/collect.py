"""``collect``: archive, identify, read, check and record what came back."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from xl_addin import layout
from xl_addin.archives import is_archive, unfold
from xl_addin.desk import Desk, Wish
from xl_addin.durable import Batch
from xl_addin.errors import Refused
from xl_addin.intake import Context, Judgement, known_names
from xl_addin.judges import MANY, judging
from xl_addin.package import MAX_FILE
from xl_addin.records import (
    ACCEPTED,
    BLANK,
    DUPLICATE,
    ERROR,
    HELD,
    UNREADABLE,
    VERDICTS,
    Problem,
    Receipt,
)
from xl_addin.report import Report, Table

_AFTER = "。主表里的汇总、回收情况和问题清单在重算（recompute）之后更新"
_CHUNK = 128
_SMALL_CHUNK = 256
_AHEAD = 6
_KNOWN_SUFFIXES = frozenset((".xlsx", ".xlsm", ".xls", ".et", ".xlsb", ".ods", ".csv", ".xml", ".htm",
                             ".html", ".zip", ".rar", ".7z"))  # fmt: skip
_MONTH_FOLDER = re.compile(r"\d{4}-\d{2}\Z")
_LITTER = frozenset(("thumbs.db", "desktop.ini", ".ds_store"))


class Arrived(NamedTuple):
    """A file as it lies in a folder or in an archive there; ``inside`` is its name in the archive.

    ``data`` is None where it could not be read, ``why`` says; ``sha256`` is then the archive's.
    """

    path: Path
    data: bytes | None
    sha256: str
    received_at: str
    why: str = ""
    inside: str = ""

    @property
    def name(self) -> str:
        """What people call it: ``六月.zip/忠县.xlsx``."""
        return f"{self.path.name}/{self.inside}" if self.inside else self.path.name


def run(desk: Desk, wish: Wish) -> Report:
    """Give every file one verdict; nothing is parsed before its bytes are in the archive."""
    month = desk.month(wish)
    paths = _files(desk, wish, month)
    with desk.ledger.writing():
        receipts = list(_receipts(desk, wish, month, paths))
        if not wish.rehearse:
            desk.ledger.add_receipts([receipt for _, receipt in receipts], month)
            outcome = f"收集 {len(receipts)} 个文件：{_counted(receipts)}"
            desk.ledger.add_event(desk.now(), "collect", month, outcome, desk.who())
    return _report(desk, wish, month, receipts)


def _files(desk: Desk, wish: Wish, month: str) -> list[Path]:
    """The files to collect, earliest first: of two returns the one that came later counts."""
    files: dict[str, int] = {}
    for path in [Path(path) for path in wish.paths] or _inbox(desk, month):
        if path.is_dir():
            for folder, _, names in os.walk(path):
                inside = (os.path.join(folder, name) for name in names)  # noqa: PTH118
                files |= {name: _saved(name) for name in inside if not _ours(desk, name)}
        elif path.exists():
            files[str(path)] = _saved(str(path))
        else:
            raise Refused(f"{path}：没有这个文件或文件夹；请检查路径")
    return [Path(name) for name in sorted(files, key=lambda name: (files[name], name))]


def _inbox(desk: Desk, month: str) -> list[Path]:
    """What lies in 回收 for a month: its own folder, and whatever is in no month's folder."""
    inbox = desk.folder / layout.RETURNS
    if not inbox.is_dir():
        raise Refused(f"{inbox}：没有这个文件夹；请把交回的文件放进去，或写明文件所在的路径")
    return [p for p in inbox.iterdir() if p.name == month or not _MONTH_FOLDER.match(p.name)]


def _ours(desk: Desk, name: str) -> bool:
    folder, leaf = os.path.split(name)
    if leaf in (layout.MASTER, layout.LEDGER):
        return Path(folder).resolve() == desk.folder.resolve()
    return leaf.lower() in _LITTER


def _saved(name: str) -> int:
    try:
        return int(os.stat(name).st_mtime)  # noqa: PTH116 - one of many, and a Path costs more
    except OSError:
        return 0


def _receipts(
    desk: Desk, wish: Wish, month: str, paths: Sequence[Path]
) -> Iterator[tuple[Path, Receipt]]:
    context = _context(desk, month)
    archive = desk.folder / layout.ARCHIVE
    stored = {path.name for path in archive.iterdir()} if archive.is_dir() else set()
    done = _Done(desk)
    waiting: deque[_Pending] = deque()
    # The pool comes first: it may fork only while there is a single thread.
    with judging(context, len(paths)) as judge, Batch() as batch:
        size = _CHUNK if len(paths) >= MANY else _SMALL_CHUNK
        starts = range(0, len(paths), size)
        for at in desk.progress.over(starts, len(starts), "读取并审核"):
            arrived = [_arrive(desk, path) for path in paths[at : at + size]]
            files = [file for whole in arrived for file in _unfolded(whole)]
            for file in () if wish.rehearse else (*arrived, *files):
                _keep(batch, archive, stored, file)
            # While the disk takes these, the ones before are judged.
            if len(waiting) >= (_AHEAD if len(paths) >= MANY else 1):
                yield from done.receipts(waiting.popleft())
            batch.publish()
            jobs = done.new_among(files)
            waiting.append((files, jobs, judge([(f.data or b"", f.name) for f in jobs])))
        while waiting:
            yield from done.receipts(waiting.popleft())


_Pending = tuple[list[Arrived], list[Arrived], Callable[[], list[Judgement]]]


class _Done:
    """What is already decided: in the ledger and in this run, by the hash of the bytes."""

    def __init__(self, desk: Desk) -> None:
        self._ledger = desk.ledger
        self._before: dict[str, Receipt | None] = {}
        self._here: dict[str, Receipt] = {}
        self._sent: set[str] = set()

    def new_among(self, files: Sequence[Arrived]) -> list[Arrived]:
        """The files whose bytes have to be judged, each only once.

        What was accepted or came back untouched is settled; anything else may come out differently
        now that settings or the month asked for have changed.
        """
        fresh = []
        for file in files:
            if file.data is None:
                continue
            earlier = self._before[file.sha256] = self._ledger.earlier(file.sha256)
            if earlier and earlier.verdict in (ACCEPTED, BLANK):
                continue
            if file.sha256 not in self._sent:
                self._sent.add(file.sha256)
                fresh.append(file)
        return fresh

    def receipts(self, pending: _Pending) -> Iterator[tuple[Path, Receipt]]:
        """One receipt per file, in order."""
        files, jobs, result = pending
        judged = dict(zip((file.sha256 for file in jobs), result(), strict=True))
        for file in files:
            receipt = self._receipt(file, judged.pop(file.sha256, None))
            yield file.path / file.inside if file.inside else file.path, receipt

    def _receipt(self, file: Arrived, judged: Judgement | None) -> Receipt:
        name, at = file.name, file.received_at
        if file.data is None:
            problem = Problem("cannot-open", ERROR, "", "", "", f"{name}：{file.why}")
            return Receipt(file.sha256, name, at, "", "", 0, UNREADABLE, (problem,))
        earlier = self._here.get(file.sha256) or self._before[file.sha256]
        if earlier is not None and (judged is None or _no_news(judged, earlier)):
            label = layout.VERDICT_LABELS[earlier.verdict]
            note = f"与 {earlier.received_at} 收到的“{earlier.file}”完全相同（{label}）"
            if earlier.verdict == ACCEPTED and self._ledger.replaced(earlier):
                note += "；现在算数的是这之后收到的另一份"
            whose = (earlier.district, earlier.month, earlier.round)
            return Receipt(file.sha256, name, at, *whose, DUPLICATE, (), (), note)
        assert judged is not None  # noqa: S101 - what has no earlier receipt was judged
        receipt = Receipt(
            file.sha256, name, at, judged.district, judged.month, judged.round, judged.verdict,
            judged.problems, judged.figures,
        )  # fmt: skip
        self._here[file.sha256] = receipt
        return receipt


def _no_news(judged: Judgement, earlier: Receipt) -> bool:
    """Whether judging these bytes again tells nothing new.

    A return that was judged for its own month is not held again when another month is collected.
    """
    other_month = any(problem.code == "wrong-month" for problem in judged.problems)
    return judged.verdict == earlier.verdict or (judged.verdict == HELD and other_month)


def _unfolded(file: Arrived) -> list[Arrived]:
    """The files in an archive; any other file is itself."""
    if file.data is None or not is_archive(file.data):
        return [file]
    return [
        file._replace(
            data=piece.data,
            sha256=file.sha256 if piece.data is None else hashlib.sha256(piece.data).hexdigest(),
            why=piece.why,
            inside=piece.name,
        )
        for piece in unfold(file.data)
    ]


def _keep(batch: Batch, archive: Path, stored: set[str], file: Arrived) -> None:
    suffix = os.path.splitext(file.name)[1].lower()  # noqa: PTH122 - a Path for each costs more
    name = file.sha256 + (suffix if suffix in _KNOWN_SUFFIXES else ".bin")
    if file.data is not None and name not in stored:
        stored.add(name)
        batch.put(archive / name, file.data)


def _arrive(desk: Desk, path: Path) -> Arrived:
    now = desk.now()
    try:
        with path.open("rb") as file:
            facts = os.fstat(file.fileno())
            by_file = desk.basics.settings.received_by == layout.BY_FILE
            saved = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(facts.st_mtime))
            at = min(saved, now) if by_file else now
            if facts.st_size > MAX_FILE:
                size, most = facts.st_size // 2**20, MAX_FILE // 2**20
                return Arrived(
                    path, None, "", at, f"文件有 {size} MB，超过 {most} MB，没有读取也没有存档"
                )
            data = file.read()
    except OSError as error:
        why = f"打不开（{error.strerror}）；请关闭正在使用它的程序，或检查权限后重新收集"
        return Arrived(path, None, "", now, why)
    return Arrived(path, data, hashlib.sha256(data).hexdigest(), at)


def _context(desk: Desk, month: str) -> Context:
    config = desk.basics
    usual = {code: standing.usual for code, standing in desk.ledger.standings(month).items()}
    return Context(
        desk.ledger.programme, desk.ledger.key, month, config.indicators,
        {district.code: district for district in config.districts},
        known_names(config.districts), config.rules, usual,
    )  # fmt: skip


def _counted(receipts: Sequence[tuple[Path, Receipt]]) -> str:
    counts = Counter(receipt.verdict for _, receipt in receipts)
    said = [f"{layout.VERDICT_LABELS[v]} {counts[v]}" for v in VERDICTS if counts[v]]
    return "、".join(said) or "没有文件"


def _report(desk: Desk, wish: Wish, month: str, receipts: Sequence[tuple[Path, Receipt]]) -> Report:
    names = {district.code: district.name for district in desk.basics.districts}
    counts = Counter(receipt.verdict for _, receipt in receipts)
    returns = [
        {
            "file": str(path), "sha256": r.sha256 or None, "code": r.district or None,
            "district": names.get(r.district), "month": r.month or None, "verdict": r.verdict,
            "note": r.note, "problems": [p.as_json() for p in r.problems],
        }
        for path, r in receipts
    ]  # fmt: skip
    rows = [
        (r.file, names.get(r.district, "—"), layout.VERDICT_LABELS[r.verdict], p.message)
        for _, r in receipts
        for p in r.problems or (Problem("", "", "", "", "", r.note),)
        if p.message
    ]
    told = "（预演，没有写入）" if wish.rehearse else ""
    table = Table("收集结果", ("文件", "区县", "结论", "问题"), rows)
    data = {
        "verb": "collect", "month": month, "returns": returns,
        "counts": {verdict: counts[verdict] for verdict in VERDICTS},
    }  # fmt: skip
    return Report(
        data,
        f"{month}：收集 {len(receipts)} 个文件：{_counted(receipts)}{told or _AFTER}",
        clean=not any(receipt.problems for _, receipt in receipts),
        tables=(table,) if rows else (),
    )
