"""Whoever reads, keeps and judges: the same ledger, the same words, in the same order."""

import io
import os
import shutil
import zipfile
from datetime import datetime

import pytest

from tests.tools.forms import context, fill_form
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from tests.tools.sql import rows
from tests.tools.systems import ON_WINDOWS, forking
from xl_addin.formats import archives
from xl_addin.model.folder import ARCHIVE, LEDGER, RETURNS
from xl_addin.services import replay, workers
from xl_addin.services.workers import Done, Job, Work, Workers, carry_out
from xl_addin.system import forks
from xl_addin.verbs import collect

EARLY, LATER = datetime(2024, 2, 2), datetime(2024, 2, 4)
TABLES = ("receipts", "figures", "problems", "texts", "stated", "figure_sheets", "events")
BESIDE = "a pool" if ON_WINDOWS else "forks"
ELSEWHERE = [
    pytest.param("forks", marks=forking),
    "a pool",
    pytest.param("a cluster", marks=pytest.mark.dask),
]


def zipped(*files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name), data)
    return packed.getvalue()


@pytest.fixture(scope="module")
def nasty(tmp_path_factory):
    """A programme with a folder of everything, some of it collected before."""
    made = SmallProgramme(tmp_path_factory.mktemp("nasty") / "任务")
    made.run("distribute")
    made.send("甲.xlsx", 0, at=EARLY)
    made.send("错.xlsx", 2, {**FIGURES, "I01": "3-5"}, at=EARLY)
    made.collect()
    made.send("甲改.xlsx", 0, {**FIGURES, "I01": 12}, at=LATER)
    made.send("乙.xlsx", 1, {**FIGURES, "I01": "２0", "I02": 7}, at=LATER, remarks={"I01": "补报"})
    made.put("乙再.XLSX", (made.folder / RETURNS / MONTHS[0] / "乙.xlsx").read_bytes(), LATER)
    made.send("乙也.xlsx", 1, {**FIGURES, "I01": 21, "I02": 7}, at=LATER)
    made.send("负.xlsx", 2, {**FIGURES, "I01": -5}, at=LATER)
    made.send("丁二月.xlsx", 3, month=MONTHS[1], at=LATER)
    good = made.form(3)
    made.put("断.xlsx", good[:900], LATER)
    made.put("空.xlsx", b"", LATER)
    made.put("乙 空.xlsx", b"", LATER)
    made.put("说明.txt", "今年没有".encode("gb18030"), LATER)
    made.put("一包.zip", zipped(("丁.xlsx", good), ("里/别的.xlsx", b"no workbook")), LATER)
    made.put("坏包.zip", zipped(("丁.xlsx", good))[:-40], LATER)
    made.put("毒.zip", zipped(("毒.xlsx", good + b"poison")), LATER)
    mail = (
        b"From: a@b.cn\r\nSubject: x\r\nContent-Type: application/octet-stream\r\n\r\nnothing\r\n"
    )
    made.put("信.eml", mail, LATER)
    made.put("变.xlsx", made.form(3, {**FIGURES, "I02": 1}), LATER)
    made.put("没了.xlsx", made.form(3, {**FIGURES, "I02": 2}), LATER)
    made.put("将来.xlsx", made.form(3, {**FIGURES, "I02": 3}), datetime(2024, 2, 5))
    inbox = made.folder / RETURNS / MONTHS[0]
    if not ON_WINDOWS:
        (inbox / "链.xlsx").symlink_to("/etc/hostname")
    return made


def on(where, monkeypatch, request):
    """Have the work done there; the options that a verb needs for it."""
    for module, name, value in (
        (workers, "MANY", 10_000 if where == "here" else 1),
        (collect, "MANY", 1),
        (collect, "_FIRST", 3),
        (collect, "_CHUNK", 4),
        (replay, "_TOGETHER", 3),
        (workers, "_MIN_FORK_JOBS", 1),
        (forks, "core_count", lambda: 2),
        (forks, "spare_processes", lambda: int(where == "forks")),
    ):
        monkeypatch.setattr(module, name, value)
    cluster = where == "a cluster" and request.getfixturevalue("dask_cluster").scheduler_address
    return {"cluster": cluster} if cluster else {}


def rows_of(ledger):
    return {table: rows(ledger, f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}  # noqa: S608


def collected(nasty, where, tmp_path, monkeypatch, request):
    """What a collection came to: the ledger's rows, what was said, what is in the archive."""
    shutil.copytree(nasty.folder, tmp_path / where / "任务", symlinks=True)
    made = SmallProgramme(tmp_path / where / "任务")
    made.clock = datetime(2024, 3, 1, 9)
    options = on(where, monkeypatch, request)
    listing, inbox = collect._files, made.folder / RETURNS / MONTHS[0]

    def then_changed(*given):
        found = listing(*given)
        (inbox / "没了.xlsx").unlink()
        with (inbox / "变.xlsx").open("ab") as file:
            file.write(b"\0" * 7)
        os.utime(inbox / "变.xlsx", (1_707_000_000, 1_707_000_000))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(collect, "_files", then_changed)
        said = made.run("collect", **options)
    ledger = made.folder / LEDGER
    found = rows_of(ledger)
    kept = (path for path in (made.folder / ARCHIVE).iterdir() if path.is_file())
    archive = {path.name: path.read_bytes() for path in kept}
    told = str((said.data, said.outcome, said.lines, said.tables))
    told = told.replace(repr(str(made.folder))[1:-1], "")
    return made, options, (found, archive, told)


@pytest.fixture
def in_this_process(nasty, tmp_path, monkeypatch, request):
    made, _, found = collected(nasty, "here", tmp_path, monkeypatch, request)
    return made, found


@pytest.mark.parametrize("where", ELSEWHERE)
def test_the_same_comes_of_a_nasty_folder_wherever_it_is_read(
    in_this_process, nasty, where, tmp_path, monkeypatch, request
):
    _, expected = in_this_process
    taken = []
    carried = workers._load
    monkeypatch.setattr(workers, "_load", lambda done: taken.append(carried(done)) or taken[-1])
    made, options, found = collected(nasty, where, tmp_path, monkeypatch, request)
    for mine, his in zip(found, expected, strict=True):
        assert mine == his
    assert sum(done is not None and done.judged is not None for each in taken for done in each) > 10
    taken.clear()
    for verb in ("rebuild", "verify"):
        said = made.run(verb, **options)
        assert [each["code"] for each in said.data.get("problems", ())] == []
        assert taken, verb
        taken.clear()
    after = rows_of(made.folder / LEDGER)
    assert after.pop("events")[:-1] == expected[0]["events"]
    assert after.items() <= expected[0].items()


def test_a_file_of_another_size_or_time_than_listed_is_left_to_who_listed_it(tmp_path):
    path = tmp_path / "甲.xlsx"
    path.write_bytes(fill_form())
    facts = (path.stat().st_size, path.stat().st_mtime)
    (tmp_path / "归档").mkdir()
    work = Work(context(), str(tmp_path / "归档"))
    job = Job("甲.xlsx", b"", str(path), "", facts)
    others = [(facts[0] - 1, facts[1]), (facts[0], facts[1] - 1)]
    jobs = [*(job._replace(facts=each) for each in others), job._replace(path=str(tmp_path / "无"))]
    assert list(carry_out(jobs, work)) == [None, None, None]
    assert not list((tmp_path / "归档").iterdir())
    [done] = carry_out([job], work)
    assert (done.judged.verdict, done.saved) == ("accepted", facts[1])
    assert [each.stem for each in (tmp_path / "归档").iterdir()] == [done.sha256]
    assert list(carry_out([job, job], work)) == [Done(None, done.sha256, facts[1])] * 2


def test_new_bytes_under_two_names_are_kept_once_and_nothing_in_a_rehearsal(tmp_path):
    for name in ("甲.xlsx", "乙.xlsx"):
        (tmp_path / name).write_bytes(fill_form())
        os.utime(tmp_path / name, (1, 1))
    (tmp_path / "归档").mkdir()
    size = (tmp_path / "甲.xlsx").stat().st_size
    jobs = [Job(n, b"", str(tmp_path / n), "", (size, 1.0)) for n in ("甲.xlsx", "乙.xlsx")]
    work = Work(context(), str(tmp_path / "归档"), keep=False)
    assert [done.judged.verdict for done in carry_out(jobs, work)] == ["accepted"] * 2
    assert not list((tmp_path / "归档").iterdir())
    assert [done.judged.verdict for done in carry_out(jobs, work._replace(keep=True))] == [
        "accepted"
    ] * 2
    assert len(list((tmp_path / "归档").iterdir())) == 1


def test_an_archive_changed_meanwhile_is_read_from_the_other_copy_and_both_gone_is_told(
    in_this_process, monkeypatch, request
):
    """What is in the archive and not settled is judged again from its own file; that may be gone by then."""
    made, _ = in_this_process
    on(BESIDE, monkeypatch, request)
    inbox = made.folder / RETURNS / MONTHS[0]
    [kept] = (made.folder / ARCHIVE).glob(f"{made.collect()['错.xlsx']['sha256']}*")
    submit = Workers.submit

    def then_gone(self, jobs):
        if any(job.sha256 and job.name == "错.xlsx" for job in jobs):
            (inbox / "错.xlsx").unlink(missing_ok=True)
        return submit(self, jobs)

    monkeypatch.setattr(Workers, "submit", then_gone)
    assert made.collect()["错.xlsx"]["verdict"] == "duplicate"
    (inbox / "错.xlsx").write_bytes(kept.read_bytes())
    monkeypatch.setattr(
        Workers, "submit", lambda *given: kept.write_bytes(b"x") and then_gone(*given)
    )
    found = made.collect()["错.xlsx"]
    assert found["verdict"] == "unreadable"
    assert "请再收集一次" in found["problems"][0]["message"]


def test_what_an_archive_breaks_is_met_by_who_asked(monkeypatch, tmp_path):
    monkeypatch.setattr(archives, "is_archive", lambda _: 1 / 0)
    path = tmp_path / "包.zip"
    path.write_bytes(b"whatever")
    job = Job("包.zip", b"", str(path), "", (8, path.stat().st_mtime))
    [done] = carry_out([job], Work(context(), str(tmp_path), keep=False))
    assert (done.judged, done.data) == (None, b"whatever")
