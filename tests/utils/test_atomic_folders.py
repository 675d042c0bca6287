"""Folders that are written whole or not at all."""

from __future__ import annotations

import threading

import pytest

from placer.errors import OutputError
from placer.utils.atomic import check_folder, whole_folder
from tests.utils.drafts import full, mode, names, posix


def fill(folder, *files, text="new"):
    with whole_folder(folder) as drafts:
        for name in files:
            (drafts / name).write_text(text, encoding="utf-8")


def test_folder_gets_all_its_files_and_keeps_others(tmp_path):
    """Tests that files come into a folder that is there or not, beside those of other names."""
    fill(tmp_path / "deep" / "out", "a.csv", "b.csv")
    (tmp_path / "deep" / "out" / "notes.txt").touch()
    fill(tmp_path / "deep" / "out", "a.csv", text="newer")
    assert names(tmp_path / "deep" / "out") == ["a.csv", "b.csv", "notes.txt"]
    assert (tmp_path / "deep" / "out" / "a.csv").read_text(encoding="utf-8") == "newer"


def test_folder_is_as_it_was_if_anything_fails(tmp_path):
    """Tests that a disk that is full at the second file leaves the first as it was, and no folder that is new."""
    fill(tmp_path / "out", "a.csv", text="old")
    for folder in ("out", "new"):
        with (
            pytest.raises(OutputError, match=f"{folder} cannot be written: No space"),
            whole_folder(tmp_path / folder) as drafts,
        ):
            full((drafts / "a.csv").write_text("half", encoding="utf-8"))
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["a.csv"]
    assert (tmp_path / "out" / "a.csv").read_text(encoding="utf-8") == "old"


def test_folder_changes_nothing_if_one_target_cannot_be_written(tmp_path):
    """Tests that a folder in the place of the last file keeps the first one from being replaced."""
    fill(tmp_path, "a.csv", text="old")
    (tmp_path / "b.csv").mkdir()
    with pytest.raises(OutputError, match=r"b\.csv cannot be written: it is a folder"):
        fill(tmp_path, "a.csv", "b.csv")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["a.csv", "b.csv"]


@posix
def test_folder_follows_links_and_keeps_modes(tmp_path):
    """Tests that files of a folder are written by the rules of single ones."""
    (tmp_path / "out").mkdir()
    far, near = tmp_path / "far.csv", tmp_path / "out" / "b.csv"
    far.touch()
    near.touch(mode=0o600)
    (tmp_path / "out" / "a.csv").symlink_to(far)
    fill(tmp_path / "out", "a.csv", "b.csv")
    assert (tmp_path / "out" / "a.csv").is_symlink()
    assert far.read_text(encoding="utf-8") == near.read_text(encoding="utf-8") == "new"
    assert mode(near) == 0o600


@pytest.mark.slow
def test_two_writers_of_one_folder_leave_whole_files(tmp_path):
    """Tests that two writers of the same files do not fail, and every file is all of one of them."""
    failures = []

    def work(sign):
        try:
            for _ in range(20):
                fill(tmp_path / "out", "a.csv", "b.csv", text=sign * 5_000)
        except OSError as error:
            failures.append(error)

    writers = [threading.Thread(target=work, args=(sign,)) for sign in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not failures
    assert names(tmp_path / "out") == ["a.csv", "b.csv"]
    for file in (tmp_path / "out").iterdir():
        text = file.read_text(encoding="utf-8")
        assert (len(text), len(set(text))) == (5_000, 1)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("file", "it is there already and no folder"),
        ("file/out", "is no folder"),
        ("out.csv", r"\.csv is not written here; name a folder, or a file ending in \.xlsx"),
        ("out.PDF", r"\.PDF is not written here"),
    ],
)
def test_what_can_be_no_folder_is_refused_before_the_work(tmp_path, name, said):
    """Tests that a folder that cannot be, or a name that means a file, is refused."""
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=said):
        check_folder(tmp_path / name, (".xlsx",))


def test_folders_may_have_a_dot_in_their_name(tmp_path):
    """Tests that a version is no ending, and a folder that is there may be called anything."""
    (tmp_path / "odd.csv").mkdir()
    for name in ("results.v2", "2026.11", "odd.csv", "a/b/c"):
        assert check_folder(tmp_path / name) == tmp_path / name
