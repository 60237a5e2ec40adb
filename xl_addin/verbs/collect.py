"""``collect``: archive, identify, read, check and record what lies in folders."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path

from xl_addin.formats.bundles import parts_of_others
from xl_addin.model.calendar import is_ahead, local_text
from xl_addin.model.filetypes import is_litter
from xl_addin.model.folder import LEDGER, LOCK, MASTER, RETURNS, SHARED_LEDGER
from xl_addin.model.records import VERDICT_LABELS
from xl_addin.model.result import Result
from xl_addin.model.settings import BY_FILE
from xl_addin.model.sheets import SETTINGS_SHEET
from xl_addin.services import intake
from xl_addin.services.intake import EVERYTHING, IncomingFile, ListedFile
from xl_addin.services.kept_receipts import KeptReceipts, SourcedReceipt
from xl_addin.services.papers import open_intake, papers_words, taken_count, with_papers
from xl_addin.services.programme import Programme, Request
from xl_addin.services.roll_call import call_roll, count_words
from xl_addin.services.workers import MANY, Done, TooLarge, cluster_of, read_file
from xl_addin.system import held
from xl_addin.system.errors import Refused, in_chinese
from xl_addin.system.light import TYPE_CHECKING, NamedTuple, pattern
from xl_addin.xlsx.package import MAX_FILE

if TYPE_CHECKING:
    from xl_addin.services.paper_intake import PaperIntake
    from xl_addin.services.strangers import Strangers

_FIRST, _CHUNK = 200, 400
_MOST_BYTES = 32 * 2**20  # of a chunk: a few are in memory at once
_MONTH_FOLDER = pattern(r"\d{4}-\d{2}\Z")


def run(programme: Programme, request: Request) -> Result:
    """Give every file one verdict; nothing is parsed before its bytes are in the archive."""
    month = programme.month(request)
    files = _files(programme, request, month)
    if len(files) >= MANY:
        programme.let_go_of_master()
    keep, first, lines = not request.rehearse, 0, programme.clock_lines()
    with cluster_of(request.options) as cluster, programme.ledger.writing():
        papers = open_intake(programme, keep=keep)
        doubtful = _maybe_strangers(programme, request, files)
        strangers = _strangers(programme, month, papers) if doubtful else None
        chunks = _chunks(programme, files, doubtful)
        receipts = intake.receipts(
            programme, month, len(files), chunks, keep, papers, strangers, cluster
        )
        with closing(receipts) as came:
            found = KeptReceipts(programme.progress.over(came, len(files), "读取并审核"))
        if keep:
            parts = ([receipt for _, receipt in part] for part in found.parts())
            first, *_ = [programme.ledger.add_receipts(part, month) for part in parts]
            outcome = _collected(*intake.set_apart(found), taken_count(papers))
            outcome += papers_words(papers) + _left_out(strangers)
            programme.ledger.add_event(programme.now(), "collect", month, outcome, programme.who())
        lines += cluster.notices if cluster is not None else ()
    lost = tuple(_lost_folders(programme, request))
    report = _report(programme, request, month, found, first, taken_count(papers), strangers)
    return with_papers(
        programme,
        report._replace(lines=(*report.lines, *lost, *lines), clean=report.clean and not lost),
        papers,
    )


def _strangers(programme: Programme, month: str, papers: PaperIntake | None) -> Strangers:
    from xl_addin.services.strangers import Strangers

    return Strangers(programme, intake.judging_context(programme, month), papers)


def _maybe_strangers(
    programme: Programme, request: Request, files: Sequence[tuple[str, FileStatus]]
) -> frozenset[str]:
    """The files that may be nobody's: in a folder that is neither 回收 nor a district's.

    A chat program puts everything that anybody sends into one folder. What a person names itself is meant.
    """
    home = os.path.realpath(programme.folder)
    paths = request.paths or _receive_folders(programme)
    named = [os.path.normpath(path) for path in paths if Path(path).is_dir()]
    roots = [path for path in named if not _lies_in(os.path.realpath(path), home)]
    if not roots:
        return frozenset()
    from xl_addin.services.strangers import in_district_folder

    known: dict[str, bool] = {}
    found = set()
    for name, _ in files:
        folder = os.path.normpath(os.path.dirname(name))  # noqa: PTH120 - one of many
        if folder not in known:
            root = next((each for each in roots if _lies_in(folder, each)), None)
            within = root and Path(folder).parts[len(Path(root).parts) - 1 :]
            districts = programme.basics.districts
            known[folder] = bool(within) and not in_district_folder(within or (), districts)
        found |= {name} if known[folder] else set()
    return frozenset(found - set(request.paths))


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _left_out(strangers: Strangers | None) -> str:
    """How many files were only counted, as a clause."""
    count = sum(strangers.counts.values()) if strangers is not None else 0
    return f"；另有 {count} 个不是本任务的文件没有登记" if count else ""


class FileFacts(NamedTuple):
    """A file's size, when it was saved, and whether it is a plain file."""

    size: int
    saved: float
    plain: bool


FileStatus = FileFacts | str | None
"""What the system knows of a file before it is opened; None where that cannot be found out.

A text says why it is not to be opened.
"""
LINK = "是指向别处的快捷链接（符号链接），没有跟过去读；请把文件本身放进来，再重新收集"


def _files(programme: Programme, request: Request, month: str) -> list[tuple[str, FileStatus]]:
    """The files to collect, earliest first: of two returns the one that came later counts."""
    files: dict[str, FileStatus] = {}
    inbox = os.path.realpath(programme.folder / RETURNS)
    named = [Path(path) for path in request.paths]
    received = [] if named else [Path(path) for path in _receive_folders(programme)]
    walked = named or [*_returns_of(programme, month), *filter(Path.is_dir, received)]
    for path in walked:
        ours = not named and path not in received
        root = inbox if ours else os.path.realpath(path)
        if ours and _leads_out(str(path), root):
            files[str(path)] = LINK
        elif path.is_dir():
            unlisted: list[OSError] = []
            for folder, folders, names in os.walk(path, onerror=unlisted.append):
                within = [os.path.join(folder, name) for name in folders]  # noqa: PTH118
                # A link to a folder is not walked into, wherever it leads: that is told as well.
                files |= {name: LINK for name in within if _is_link(name)}
                inside = [os.path.join(folder, name) for name in names]  # noqa: PTH118
                # Told as a person would name it, as a Path does.
                plain = [name.removeprefix(f".{os.sep}") for name in inside]
                files |= {
                    name: LINK if _leads_out(name, root) else _file_status(name)
                    for name in plain
                    if not _is_ours(programme, name)
                }
            # A folder that cannot be listed is told like a file that cannot be read.
            files |= {str(error.filename): None for error in unlisted}
        elif request.paths and not path.exists():
            raise Refused(f"{path}：没有这个文件或文件夹；请检查路径")
        else:  # what lies in 回收 and cannot be read is told with the others, and stops none of them
            files[str(path)] = _file_status(str(path))
    for name in parts_of_others(files):
        del files[name]
    return sorted(files.items(), key=lambda each: (_saved(each[1]), each[0]))


def _saved(facts: FileStatus) -> int:
    return int(facts.saved) if isinstance(facts, FileFacts) else 0


def _receive_folders(programme: Programme) -> tuple[str, ...]:
    """The folders of chat programs on 设置, but for those that lie in the programme's own."""
    home = os.path.realpath(programme.folder)
    folders = programme.basics.settings.receive_folders()
    return tuple(each for each in folders if not _lies_in(os.path.realpath(each), home))


def _lost_folders(programme: Programme, request: Request) -> Iterator[str]:
    """What is said of a folder on 设置 that is not there."""
    for folder in () if request.paths else programme.basics.settings.receive_folders():
        if not Path(folder).is_dir():
            yield f"{SETTINGS_SHEET}：接收文件夹“{folder}”找不到，这次没有收；请核对路径"


def _returns_of(programme: Programme, month: str) -> list[Path]:
    """What lies in 回收 for a month: its own folder, and whatever is in no month's folder."""
    inbox = programme.folder / RETURNS
    if not inbox.is_dir():
        raise Refused(f"{inbox}：没有这个文件夹；请把交回的文件放进去，或写明文件所在的路径")
    names = held.names(inbox)
    return [inbox / name for name in names if name == month or not _MONTH_FOLDER.match(name)]


def _is_ours(programme: Programme, name: str) -> bool:
    folder, leaf = os.path.split(name)
    if leaf in (MASTER, LEDGER, SHARED_LEDGER, LOCK):
        return Path(folder).resolve() == programme.folder.resolve()
    return is_litter(name)


def _is_link(name: str) -> bool:
    # A junction of Windows is told by Python 3.12 and later; before, it is walked like a folder.
    is_junction = getattr(os.path, "isjunction", None)
    return os.path.islink(name) or bool(is_junction and is_junction(name))  # noqa: PTH114


def _leads_out(name: str, root: str) -> bool:
    """Whether a link leads out of the folder that is collected, whose real path is ``root``."""
    if not _is_link(name):
        return False
    target = os.path.realpath(name)
    return target != root and not target.startswith(root.rstrip(os.sep) + os.sep)


def _file_status(name: str) -> FileStatus:
    try:
        facts = os.stat(name)  # noqa: PTH116 - one of many, and a Path costs more
    except OSError:
        return None
    return FileFacts(facts.st_size, facts.st_mtime, stat.S_ISREG(facts.st_mode))


def _chunks(
    programme: Programme,
    files: Sequence[tuple[str, FileStatus]],
    doubtful: frozenset[str] = frozenset(),
) -> Iterator[list[IncomingFile | ListedFile]]:
    # Of many the first come soon, so that all cores have work.
    first = _FIRST if len(files) >= MANY else len(files)
    cuts = [0, *range(first, len(files), _CHUNK), len(files)]
    for begun, end in pairwise(cuts):
        chunk: list[IncomingFile | ListedFile] = []
        size = 0
        for name, facts in files[begun:end]:
            if name in doubtful:
                file = _read_file(programme, name, facts)
                chunk.append(file._replace(only_counted=EVERYTHING))
                size += len(file.data or b"")
            elif isinstance(facts, FileFacts) and facts.plain:
                finish = partial(_finish, programme, name, facts)
                chunk.append(ListedFile(name, _own_name(name), facts[:2], finish))
                size += facts.size
            else:
                chunk.append(_read_file(programme, name, facts))
            if size > _MOST_BYTES:
                yield chunk
                chunk, size = [], 0
        yield chunk


def _read_file(programme: Programme, name: str, facts: FileStatus) -> IncomingFile:
    now = programme.now()
    found = IncomingFile(_printable_name(name), _own_name(name), None, "", now)
    if isinstance(facts, str):
        return found._replace(why=facts)
    if facts is not None and not facts.plain:
        return found._replace(why="不是普通文件（是管道、设备一类），没有读取")
    if facts is not None:
        found = found._replace(received_at=_received_at(programme, facts.saved, now))
    try:
        data, read = read_file(name)
    except TooLarge as error:
        size, most = error.facts.st_size // 2**20, MAX_FILE // 2**20
        why = f"文件有 {size} MB，超过 {most} MB，没有读取也没有存档"
        at = _received_at(programme, error.facts.st_mtime, now)
        return found._replace(received_at=at, why=why)
    except MemoryError:
        return found._replace(why="内存不够，没有读取；请关闭别的程序后重新收集")
    except OSError as error:
        why = f"打不开（{in_chinese(error)}）；请关闭正在使用它的程序，或检查权限后重新收集"
        return found._replace(why=why)
    found = _timed(programme, found, read.st_mtime)
    return found._replace(data=data, sha256=hashlib.sha256(data).hexdigest())


def _finish(programme: Programme, name: str, facts: FileStatus, done: Done | None) -> IncomingFile:
    """A file as somebody else has read it; who has not read it leaves it to us."""
    if done is None:
        return _read_file(programme, name, facts)
    found = IncomingFile(_printable_name(name), _own_name(name), done.data, done.sha256, "")
    return _timed(programme, found, done.saved)._replace(judged=done.judged)


def _timed(programme: Programme, file: IncomingFile, saved: float) -> IncomingFile:
    at = _received_at(programme, saved, programme.now())
    return file._replace(received_at=at, ahead=_time_ahead(programme, saved, at))


def _received_at(programme: Programme, saved: float, now: str) -> str:
    """When a file counts as received: when it was saved, but for offices that go by collecting."""
    if programme.basics.settings.received_by != BY_FILE:
        return now
    return min(local_text(saved), now)


def _time_ahead(programme: Programme, saved: float, counted: str) -> tuple[str, str] | None:
    """The time at which a file was saved, where that has not come yet and would count."""
    told = local_text(saved)
    if programme.basics.settings.received_by != BY_FILE or not is_ahead(told, programme.now()):
        return None
    says = (
        f"文件时间是 {told}，比现在还晚，按收集的时间 {counted} 记；"
        "请核对这台电脑和对方电脑的日期和时间"
    )
    return told, says


def _own_name(name: str) -> str:
    return _printable_name(os.path.basename(name))  # noqa: PTH119 - one of many


def _printable_name(name: str) -> str:
    """A file's name as text that any database takes: one that is no UTF-8 is GBK, as in old archives."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", "replace")
    return name


def _left_out_lines(counts: Counter[str]) -> tuple[str, ...]:
    """What was only counted, and where to put it if it is a return all the same."""
    if not counts:
        return ()
    from xl_addin.services.strangers import left_out_words

    advice = (
        f"如果里面有区县交来的，请把它放进“{RETURNS}”文件夹，或者在文件名里写上区县，再收集一次"
    )
    return (*left_out_words(counts, "文件", "个"), advice)


def _collected(
    fresh: Sequence[SourcedReceipt], before: Sequence[SourcedReceipt], papers: int
) -> str:
    """How many files there were, and how many of them are news; ``papers`` of them are papers."""
    said = f"收集 {len(fresh) + len(before) + papers} 个文件"
    if papers and not (fresh or before):
        return f"{said}，没有填报表"
    if before and not fresh and not papers:
        return f"{said}，都是以前收过的，没有变化"
    seen = f"；另有 {len(before)} 份以前收过，没有变化" if before else ""
    return f"{said}：{intake.count_verdicts(fresh)}{seen}"


def _report(
    programme: Programme,
    request: Request,
    month: str,
    found: Sequence[SourcedReceipt],
    first: int,
    papers: int,
    strangers: Strangers | None = None,
) -> Result:
    names = {district.code: district.name for district in programme.basics.districts}
    fresh, before = intake.set_apart(found)
    roll = call_roll(programme)
    told = "（预演，没有写入）"
    if not request.rehearse:
        told = f"；到现在{count_words(roll.answers(month))}{intake.next_step(programme, fresh)}"
    again = {receipt.file for _, receipt in before}
    rows = [
        (each.file, names.get(each.district, "—"), VERDICT_LABELS[each.verdict], says)
        for each, says in roll.still_open(month)
        if each.file in again
    ]
    table = intake.as_table(fresh, names)
    table = table._replace(rows=[*table.rows, *rows])
    counts = strangers.counts if strangers is not None else Counter[str]()
    if not found and not papers:
        where = "、".join(request.paths) or f"{programme.folder / RETURNS}"
        told = f"；请把交回的填报表原样放进 {where}，再收集一次"
    return Result(
        {
            "verb": "collect",
            "month": month,
            **intake.as_json(found, names, first),
            "seen_before": len(before),
            "left_out": dict(counts),
        },
        f"{month}：{_collected(fresh, before, papers)}{told}",
        clean=not any(receipt.problems for _, receipt in found),
        lines=_left_out_lines(counts),
        tables=(table,) if table.rows else (),
    )
