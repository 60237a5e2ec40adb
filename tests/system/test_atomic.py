"""Durable writes: whole files or none, and a batch that tells when one failed."""

import contextlib
import errno

import pytest

from tests.tools.faults import disk_faults
from xl_addin.system import atomic


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "主表.xlsm"
    path.write_bytes(b"old")
    atomic.write(path, b"new" * 100_000)
    assert path.read_bytes() == b"new" * 100_000
    assert [p.name for p in tmp_path.iterdir()] == ["主表.xlsm"]


def test_a_batch_publishes_all_of_it(tmp_path):
    with atomic.Batch() as batch:
        for n in range(200):
            batch.put(str(tmp_path / f"{n}.bin"), bytes([n]) * 1000)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        f"{n}.bin": bytes([n]) * 1000 for n in range(200)
    }


def test_staged_files_do_not_appear_before_they_are_published(tmp_path):
    with atomic.Batch() as batch:
        batch.put(str(tmp_path / "a"), b"1")
        assert not (tmp_path / "a").exists()
        batch.publish()
        assert (tmp_path / "a").read_bytes() == b"1"


def test_an_error_leaves_nothing_behind(tmp_path):
    def interrupted():
        with atomic.Batch() as batch:
            batch.put(str(tmp_path / "a"), b"1")
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("others", [1, 100])
def test_a_file_that_cannot_be_written_is_reported_and_nothing_appears(tmp_path, others):
    def write():
        with atomic.Batch() as batch:
            for n in range(others):
                batch.put(str(tmp_path / f"b{n}"), b"1")
            batch.put(str(tmp_path / "missing" / "a"), b"1")

    with pytest.raises(FileNotFoundError):
        write()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        atomic.write(tmp_path / "missing" / "a", b"1")


@pytest.fixture(params=["local", "network"])
def disk(request, monkeypatch):
    """A disk that takes many files at once, and one whose files have to be synced one by one."""
    if request.param == "network":
        monkeypatch.setattr(atomic, "_file_system_sync", lambda _: None)


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("files", [3, 60])
def test_of_many_files_none_appears_before_all_are_written(files, tmp_path):
    with atomic.Batch(files) as batch:
        for n in range(files):
            batch.put(str(tmp_path / f"{n}.bin"), bytes([n]) * 1000)
            assert {path.suffix for path in tmp_path.iterdir()} <= {".tmp"}
        batch.publish()
        assert {path.name for path in tmp_path.iterdir()} == {f"{n}.bin" for n in range(files)}
        batch.put(str(tmp_path / "last"), b"1")
    assert (tmp_path / "last").read_bytes() == b"1"
    assert all((tmp_path / f"{n}.bin").read_bytes() == bytes([n]) * 1000 for n in range(files))


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("handed", [True, False])
def test_what_a_fork_wrote_appears_or_goes_with_the_rest(handed, tmp_path):
    for fails in (True, False):
        fork = atomic.Batch(60)
        fork.put(str(tmp_path / "b"), b"2")
        staged = fork.stage()
        # As it was left by a fork that could not tell: its names are its own.
        with contextlib.suppress(KeyError), atomic.Batch(60) as batch:
            batch.put(str(tmp_path / "a"), b"1")
            batch.adopt(staged if handed else None)
            if fails:
                raise KeyError
        appeared = [] if fails else ["a", "b"] if handed else ["a"]
        assert sorted(path.name for path in tmp_path.iterdir()) == appeared


@pytest.mark.usefixtures("disk")
def test_of_many_files_one_that_cannot_be_written_takes_all_back(tmp_path):
    def write():
        with atomic.Batch(60) as batch:
            for n in range(60):
                batch.put(str(tmp_path / f"b{n}"), b"1")
            (tmp_path / "b3").mkdir()

    with pytest.raises(OSError, match="b3"):
        write()
    left = {path.name for path in tmp_path.iterdir()}
    assert not any(name.endswith(".tmp") for name in left)


STEPS = [
    ("open", errno.EROFS),
    ("write", errno.ENOSPC),
    ("fsync", errno.EIO),
    ("replace", errno.EROFS),
]


@pytest.mark.parametrize(("step", "code"), STEPS)
def test_a_disk_that_fails_at_any_step_leaves_the_old_file_whole(tmp_path, monkeypatch, step, code):
    path = tmp_path / "主表.xlsm"
    path.write_bytes(b"old")
    with monkeypatch.context() as patch:
        disk_faults(patch, tmp_path).plan(step, OSError(code, "disk"))
        with pytest.raises(OSError, match="disk"):
            atomic.write(path, b"new")
    assert path.read_bytes() == b"old"
    atomic.write(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize(("step", "code"), STEPS)
@pytest.mark.parametrize("at", [1, 2, 20])
def test_a_disk_that_fails_on_one_of_many_shows_none_of_them_half(
    tmp_path, monkeypatch, step, code, at
):
    def write():
        with atomic.Batch(30) as batch:
            for n in range(30):
                batch.put(str(tmp_path / f"{n}.bin"), b"new" * 1000)

    with monkeypatch.context() as patch:
        faults = disk_faults(patch, tmp_path)
        faults.plan(step, OSError(code, "disk"), at)
        with contextlib.suppress(OSError):
            write()
            assert faults.reached[step] < at
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(found.values()) <= {b"new" * 1000}
    assert not any(name.endswith(".tmp") for name in found)
    write()
    assert len(list(tmp_path.iterdir())) == 30


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP, errno.ENOSYS])
def test_a_disk_that_cannot_sync_takes_files_all_the_same(tmp_path, monkeypatch, code):
    def refuse(_):
        raise OSError(code, "no sync")

    monkeypatch.setattr("os.fsync", refuse)
    atomic.write(tmp_path / "a", b"1")
    with atomic.Batch() as batch:
        batch.put(str(tmp_path / "b"), b"2")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"1", "b": b"2"}


@pytest.mark.parametrize("step", ["open", "write", "fsync", "replace"])
def test_an_error_names_the_file_that_people_know(tmp_path, monkeypatch, step):
    path = tmp_path / "主表.xlsm"
    disk_faults(monkeypatch, tmp_path).plan(step, OSError(errno.EBUSY, "busy"))
    with pytest.raises(OSError, match="busy") as failed:
        atomic.write(path, b"new")
    assert failed.value.filename == str(path)
    assert list(tmp_path.iterdir()) == []
