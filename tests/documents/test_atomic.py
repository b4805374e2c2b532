"""A file appears whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from cli.atomic import write_files


def nothing():
    """What stands between the writing and the moving."""


def test_files_are_written_and_replaced_with_their_mode(tmp_path):
    old = tmp_path / "old"
    old.write_text("before")
    old.chmod(0o640)
    write_files({old: b"after", tmp_path / "new": b"new"}, nothing)
    assert (old.read_bytes(), (tmp_path / "new").read_bytes()) == (b"after", b"new")
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]


def test_nothing_changes_where_one_file_cannot_be_written(tmp_path):
    old = tmp_path / "old"
    old.write_text("before")
    with pytest.raises(OSError, match="missing"):
        write_files({old: b"after", tmp_path / "missing" / "new": b"new"}, nothing)
    assert old.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_nothing_changes_where_what_comes_before_fails(tmp_path):
    def fails():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_files({tmp_path / "new": b"new"}, fails)
    assert list(tmp_path.iterdir()) == []


def test_everything_is_on_the_disk_before_the_register_is_told(tmp_path):
    seen = []
    write_files({tmp_path / "new": b"new"}, lambda: seen.extend(tmp_path.iterdir()))
    (waiting,) = seen
    assert waiting.name != "new"
    assert not waiting.exists()


def test_a_link_keeps_its_place_and_a_device_stays_what_it_is(tmp_path):
    (tmp_path / "real").write_text("before")
    (tmp_path / "link").symlink_to("real")
    write_files({tmp_path / "link": b"after"}, nothing)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"after"
    (tmp_path / "null").symlink_to(os.devnull)
    write_files({tmp_path / "null": b"gone"}, nothing)
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    assert (tmp_path / "null").is_symlink()


def test_a_directory_is_refused(tmp_path):
    with pytest.raises(IsADirectoryError):
        write_files({tmp_path: b""}, nothing)


def test_a_name_of_as_many_bytes_as_there_may_be_can_be_written(tmp_path):
    path = tmp_path / ("\u4e2d" * 85)
    write_files({path: b"new"}, nothing)
    assert path.read_bytes() == b"new"
