"""Reading files: regular ones of a size that can be read, or a violation that says why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from placer.errors import InstanceError, PlacerError
from placer.utils.reading import read_bytes, with_home


def problem_of(file):
    with pytest.raises(InstanceError) as caught:
        read_bytes(file)
    (violation,) = caught.value.violations
    assert violation.table == file.name
    return violation.problem


def test_links_are_followed(tmp_path):
    """Tests that a link to a file is that file."""
    (tmp_path / "x").write_bytes(b"abc")
    (tmp_path / "y").symlink_to(tmp_path / "x")
    assert read_bytes(tmp_path / "y") == b"abc"


def test_what_is_no_regular_file(tmp_path):
    """Tests that folders, pipes, devices and links that lead nowhere are named, and nothing waits for a pipe."""
    if hasattr(os, "mkfifo"):  # not on Windows
        os.mkfifo(tmp_path / "pipe")
        assert problem_of(tmp_path / "pipe") == "is a pipe"
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert problem_of(tmp_path) == "is a folder"
    assert problem_of(tmp_path / "link") == "is a link that leads nowhere"
    assert problem_of(tmp_path / "absent") == "cannot be read: No such file or directory"
    (tmp_path / "device").symlink_to(os.devnull)
    assert problem_of(tmp_path / "device") == "is a device"


@pytest.mark.parametrize(("limit", "readable"), [("", True), ("3", True), ("2", False), ("1e9", True), ("inf", True)])
def test_the_limit_can_be_set(tmp_path, monkeypatch, limit, readable):
    """Tests that the environment sets the largest file that is read."""
    monkeypatch.setenv("PLACER_MAX_FILE_BYTES", limit)
    (tmp_path / "x").write_bytes(b"abc")
    if readable:
        assert read_bytes(tmp_path / "x") == b"abc"
    else:
        assert problem_of(tmp_path / "x") == "too large: 3 bytes"


@pytest.mark.parametrize("limit", ["big", "0", "-1", "nan"])
def test_a_limit_that_is_none(tmp_path, monkeypatch, limit):
    """Tests that a limit that is no number above 0 is told, not passed over."""
    monkeypatch.setenv("PLACER_MAX_FILE_BYTES", limit)
    (tmp_path / "x").write_bytes(b"abc")
    with pytest.raises(PlacerError, match=r"PLACER_MAX_FILE_BYTES is .* it takes a number of bytes above 0, or inf"):
        read_bytes(tmp_path / "x")


def test_home(monkeypatch, tmp_path):
    """Tests that ``~`` is the home folder, and that a user who is not there is no error yet."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert with_home("~/x") == tmp_path / "x"
    assert with_home("~nobody-of-that-name/x").name == "x"
    (tmp_path / "x").write_bytes(b"abc")
    assert read_bytes(Path("~/x")) == b"abc"
