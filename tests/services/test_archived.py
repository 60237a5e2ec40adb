"""What is archived is found by its hash; an archive that cannot be read is never one with nothing in it."""

import os

import pytest

from xl_addin.services.archived import archived_files, archived_path

SHA = "a" * 64


@pytest.fixture
def archive(tmp_path):
    home = tmp_path / "归档"
    home.mkdir()
    for name in (f"{SHA}.xlsx", "b" * 64, f"{'c' * 64}.xlsx.123.tmp", "programme.json"):
        (home / name).write_bytes(b"")
    (home / "邮件").mkdir()
    return home


def test_each_file_is_found_by_its_hash(archive):
    assert archived_files(archive.parent) == {
        SHA: archive / f"{SHA}.xlsx",
        "b" * 64: archive / ("b" * 64),
    }
    assert archived_path(archive.parent, SHA) == archive / f"{SHA}.xlsx"


@pytest.mark.parametrize("sha256", ["", "c" * 64, "d" * 64])
def test_what_is_not_there_is_none(archive, sha256):
    assert archived_path(archive.parent, sha256) is None


def test_without_an_archive_nothing_is_there(tmp_path):
    assert archived_path(tmp_path, SHA) is None


def test_an_archive_without_rights_is_told_by_name(archive, monkeypatch):
    def refuse(path="."):
        raise PermissionError(13, "Permission denied", os.fspath(path))

    monkeypatch.setattr(os, "listdir", refuse)
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PermissionError) as told:
        archived_path(archive.parent, SHA)
    assert told.value.filename == str(archive)
