"""Durable writes: whole files or none, and a batch that tells when one failed."""

import pytest

from xl_addin.store import durable


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "主表.xlsm"
    path.write_bytes(b"old")
    durable.write(path, b"new" * 100_000)
    assert path.read_bytes() == b"new" * 100_000
    assert [p.name for p in tmp_path.iterdir()] == ["主表.xlsm"]


def test_a_batch_publishes_all_of_it(tmp_path):
    with durable.Batch() as batch:
        for n in range(200):
            batch.put(str(tmp_path / f"{n}.bin"), bytes([n]) * 1000)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        f"{n}.bin": bytes([n]) * 1000 for n in range(200)
    }


def test_staged_files_do_not_appear_before_they_are_published(tmp_path):
    with durable.Batch() as batch:
        batch.put(str(tmp_path / "a"), b"1")
        assert not (tmp_path / "a").exists()
        batch.publish()
        assert (tmp_path / "a").read_bytes() == b"1"


def test_an_error_leaves_nothing_behind(tmp_path):
    def interrupted():
        with durable.Batch() as batch:
            batch.put(str(tmp_path / "a"), b"1")
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("others", [1, 100])
def test_a_file_that_cannot_be_written_is_reported_and_nothing_appears(tmp_path, others):
    def write():
        with durable.Batch() as batch:
            for n in range(others):
                batch.put(str(tmp_path / f"b{n}"), b"1")
            batch.put(str(tmp_path / "missing" / "a"), b"1")

    with pytest.raises(FileNotFoundError):
        write()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        durable.write(tmp_path / "missing" / "a", b"1")
