"""One net for each file: whatever the program does at one of them, the others come in."""

import gc
import io
import lzma
import struct
import zipfile
from datetime import datetime

import pytest

from tests.hostile.mails import packed
from tests.tools.programme import FIGURES, SmallProgramme, codes_of
from tests.tools.systems import forking, links
from xl_addin.formats import archives
from xl_addin.judging import assess
from xl_addin.judging.history import History
from xl_addin.model.folder import LOGS
from xl_addin.services import intake, workers
from xl_addin.store.ledger import Ledger
from xl_addin.system import forks


class Panic(BaseException):
    """As native code raises it."""


FAULTS = (
    MemoryError("x"),
    RecursionError("x"),
    lzma.LZMAError("x"),
    OverflowError("x"),
    struct.error("x"),
    OSError(5, "x"),
    KeyError("x"),
)
SEAMS = {
    "container": (archives, "is_archive"),
    "unfolding": (archives, "expand_archive"),
    "reading": (assess, "open_workbook"),
    "identity": (assess, "_identify"),
    "comparing": (History, "compare"),
}
MARK = b"poison"


@pytest.fixture
def programme(tmp_path):
    found = SmallProgramme(tmp_path / "任务")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("毒.xlsx", found.form(0))
        archive.comment = MARK
    found.put("毒.zip", packed.getvalue())
    for number in range(1, 4):
        found.send(f"{number}.xlsx", number)
    return found


def break_at(monkeypatch, seam, fault):
    owner, name = SEAMS[seam]
    real = getattr(owner, name)

    def breaks(*given, **options):
        if any(MARK in each for each in given if isinstance(each, bytes)) or any(
            "毒" in each for each in given if isinstance(each, str)
        ):
            raise fault
        return real(*given, **options)

    monkeypatch.setattr(owner, name, breaks)


def check_others(programme):
    found = programme.collect()
    verdicts = {name: each["verdict"] for name, each in found.items()}
    assert {verdicts.pop(f"{number}.xlsx") for number in range(1, 4)} == {"accepted"}
    [(name, verdict)] = verdicts.items()
    assert verdict == "unreadable"
    assert "毒" in found[name]["problems"][0]["message"]
    return found[name]


@pytest.mark.parametrize(
    ("seam", "fault"),
    [
        *(("unfolding", fault) for fault in (*FAULTS, Panic())),
        *((seam, fault) for seam in SEAMS for fault in (FAULTS[-1], MemoryError("x"))),
        ("reading", Panic()),
    ],
)
def test_a_file_that_breaks_the_program_is_unreadable_and_the_others_come_in(
    programme, monkeypatch, seam, fault
):
    break_at(monkeypatch, seam, fault)
    found = check_others(programme)
    if "too-large" not in codes_of(found):
        [log] = (programme.folder / LOGS).glob("出错-*.log")
        told = log.read_text(encoding="utf-8")
        assert "毒" in told
        assert "raise fault" in told


@forking
@pytest.mark.parametrize("fault", FAULTS[2:4], ids=lambda fault: type(fault).__name__)
def test_in_processes_beside_this_one_too(programme, monkeypatch, fault):
    monkeypatch.setattr(workers, "MANY", 1)
    monkeypatch.setattr(workers, "_MIN_FORK_JOBS", 1)
    monkeypatch.setattr(forks, "core_count", lambda: 2)
    monkeypatch.setattr(forks, "spare_processes", lambda: 1)
    break_at(monkeypatch, "reading", fault)
    check_others(programme)
    assert list((programme.folder / LOGS).glob("出错-*.log"))


def test_a_pool_whose_worker_ends_is_done_without(programme, monkeypatch):
    monkeypatch.setattr(workers, "MANY", 1)
    monkeypatch.setattr(forks, "core_count", lambda: 2)
    monkeypatch.setattr(forks, "spare_processes", lambda: 0)
    monkeypatch.setattr(workers, "_load", lambda _: 1 / 0)
    break_at(monkeypatch, "reading", KeyError("x"))
    check_others(programme)


def test_what_counts_is_asked_once_for_all_files_that_came_before(tmp_path, monkeypatch):
    made = SmallProgramme(tmp_path / "任务")
    for number in range(3):
        made.send(f"{number}.xlsx", number, at=datetime(2024, 2, 1))
    made.collect()
    made.send("0改.xlsx", 0, {**FIGURES, "I01": 12}, at=datetime(2024, 2, 4))
    made.collect()
    asked, ask = [], Ledger.counting_files
    monkeypatch.setattr(Ledger, "counting_files", lambda *a: asked.append(a) or ask(*a))
    found = made.collect()
    assert len(asked) == 1
    assert {name for name, each in found.items() if "另一份" in each["note"]} == {"0.xlsx"}


def test_what_cannot_be_read_from_the_disk_is_one_file(programme, monkeypatch):
    real = workers._content

    def no_room(handle, size):
        if size == (programme.folder / "回收/2024-01/毒.zip").stat().st_size:
            raise MemoryError
        return real(handle, size)

    monkeypatch.setattr(workers, "_content", no_room)
    check_others(programme)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_a_damaged_archive_is_told_with_its_name(programme, method):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("甲.xlsx", programme.form(0))
    data = bytearray(packed.getvalue())
    data[45:200] = bytes(range(155))
    programme.put("毒.zip", bytes(data), at=datetime(2024, 2, 1))
    check_others(programme)


@links
def test_a_link_that_leads_out_of_the_folder_is_told_and_not_followed(programme, tmp_path):
    inbox = programme.folder / "回收" / "2024-01"
    for number in range(1, 4):
        (inbox / f"{number}.xlsx").rename(inbox / f"真{number}.xlsx")
        (inbox / f"{number}.xlsx").symlink_to(f"真{number}.xlsx")
    (inbox / "毒.zip").unlink()
    elsewhere = tmp_path / "别处"
    elsewhere.mkdir()
    (elsewhere / "内.xlsx").write_bytes(programme.form(0))
    (inbox / "毒.xlsx").symlink_to(elsewhere / "内.xlsx")
    (inbox / "毒的文件夹").symlink_to(elsewhere)
    (programme.folder / "回收" / "毒的").symlink_to(elsewhere)
    found = programme.collect()
    verdicts = {name: each["verdict"] for name, each in found.items()}
    told = {name for name, verdict in verdicts.items() if verdict == "unreadable"}
    assert told == {"毒.xlsx", "毒的文件夹", "毒的"}
    assert {"accepted", "duplicate"} == {v for name, v in verdicts.items() if name not in told}


def test_what_small_archives_unpack_to_is_never_all_in_memory(programme, monkeypatch):
    """A share at a time: what was judged is let go before the next archive is taken apart."""
    held = []
    plain = intake._expand_or_explain

    def expand(programme, file):
        gc.collect()
        alive = [each for each in gc.get_objects() if type(each) is intake.IncomingFile]
        held.append(sum(len(each.data or b"") for each in alive if "/" in each.name))
        return plain(programme, file)

    monkeypatch.setattr(intake, "_SHARE", 20_000)
    monkeypatch.setattr(intake, "_expand_or_explain", expand)
    for number in range(6):
        files = [(f"{number}{each}.xlsx", b"x" * 30_000 + bytes([number, each])) for each in (1, 2)]
        programme.put(f"{number}.zip", packed(*files))
    assert (
        len(programme.collect().keys() & {f"{n}{m}.xlsx" for n in range(6) for m in (1, 2)}) == 12
    )
    assert 0 < max(held) <= 60_004
