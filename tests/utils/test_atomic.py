"""Files that are written whole or not at all: what stands at the path already, failures, and two writers."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from placer.errors import OutputError, PlacerError
from placer.utils.atomic import check_file, check_folder, new_folder, whole, whole_folder
from tests.effort import PATIENCE_SECONDS
from tests.utils.drafts import full, mode, names, posix


def write(file, text="new"):
    with whole(file) as draft:
        draft.write_text(text, encoding="utf-8")


def test_home(tmp_path, monkeypatch):
    """Tests that ~ is the home folder for files and folders, where they are checked and where they are written."""
    monkeypatch.setenv("HOME", str(tmp_path))
    write("~/x.txt")
    with whole_folder("~/tables") as drafts, new_folder("~/new"):
        write(drafts / "y.txt")
    assert names(tmp_path) == ["new", "tables", "x.txt"]
    assert check_file("~/x.txt") == tmp_path / "x.txt"
    assert check_folder("~/tables") == tmp_path / "tables"


def test_failure_leaves_what_was_there(tmp_path):
    """Tests that an error while writing keeps the old file and leaves no draft."""
    file = tmp_path / "x.txt"
    file.write_text("old", encoding="utf-8")
    with pytest.raises(OutputError), whole(file) as draft:
        full(draft.write_text("half", encoding="utf-8"))
    assert (file.read_text(encoding="utf-8"), names(tmp_path)) == ("old", ["x.txt"])


def test_messages_name_the_file_and_not_its_draft(tmp_path):
    """Tests that what the system says of a draft is told of the target."""
    with pytest.raises(OutputError) as failed, whole(tmp_path / "x.json") as draft:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(draft))
    assert str(failed.value) == f"{tmp_path / 'x.json'} cannot be written: No space left on device"
    assert isinstance(failed.value, PlacerError)
    assert not names(tmp_path)


def test_messages_of_drafts_within_drafts_name_the_file(tmp_path):
    """Tests that tables which are saved into the draft of a folder fail in the name of the folder."""
    out = tmp_path / "out"
    with pytest.raises(OutputError) as failed, whole_folder(out) as drafts, whole_folder(drafts) as inner:
        full(inner)
    assert str(failed.value) == f"{out} cannot be written: No space left on device"
    with pytest.raises(OutputError) as failed, whole_folder(out) as drafts, whole(drafts / "a.csv") as inner:
        full(inner)
    assert str(failed.value) == f"{out / 'a.csv'} cannot be written: No space left on device"


def test_draft_has_a_new_name_each_time_and_the_ending_of_the_file(tmp_path):
    """Tests that nobody can foresee the draft's name, and that libraries which look at endings find the right one."""
    found = []
    for _ in range(2):
        with whole(tmp_path / "x.html") as draft:
            found.append(draft)
    assert found[0] != found[1]
    assert {draft.suffix for draft in found} == {".html"}
    assert {draft.parent for draft in found} == {tmp_path}


@posix
def test_link_where_a_draft_could_be_foreseen_is_not_followed(tmp_path):
    """Tests that a link at the old fixed name of a draft leads nowhere."""
    victim = tmp_path / "victim"
    victim.write_text("mine", encoding="utf-8")
    (tmp_path / "x.html.new").symlink_to(victim)
    write(tmp_path / "x.html")
    assert victim.read_text(encoding="utf-8") == "mine"


@posix
def test_links_are_followed_and_stay(tmp_path):
    """Tests that what a link leads to is written, in its own folder, and the link is still one."""
    (tmp_path / "far").mkdir()
    target, link, dangling = tmp_path / "far" / "x.txt", tmp_path / "x.txt", tmp_path / "y.txt"
    target.write_text("old", encoding="utf-8")
    link.symlink_to(target)
    dangling.symlink_to(tmp_path / "far" / "y.txt")
    write(link)
    write(dangling)
    assert link.is_symlink()
    assert dangling.is_symlink()
    assert target.read_text(encoding="utf-8") == (tmp_path / "far" / "y.txt").read_text(encoding="utf-8") == "new"


@posix
def test_a_circle_of_links_is_refused(tmp_path):
    """Tests that a link to itself is an error with its name."""
    (tmp_path / "x").symlink_to(tmp_path / "x")
    with pytest.raises(OutputError, match="x cannot be written"):
        write(tmp_path / "x")


@posix
@pytest.mark.parametrize("kept", [0o600, 0o640, 0o664, 0o755])
def test_modes_are_kept(tmp_path, kept):
    """Tests that a file keeps its mode, and its draft is never open to more people."""
    file = tmp_path / "x.txt"
    file.touch()
    file.chmod(kept)
    with whole(file) as draft:
        assert mode(draft) & ~kept == 0
    assert mode(file) == kept


@posix
def test_new_files_have_the_mode_of_any_other(tmp_path):
    """Tests that the mode of a new file is what the process gives to files."""
    (tmp_path / "plain").touch()
    write(tmp_path / "x.txt")
    assert mode(tmp_path / "x.txt") == mode(tmp_path / "plain")


@posix
def test_pipe_is_written_to_and_stays(tmp_path):
    """Tests that a named pipe gets the whole content and is still a pipe."""
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_text(encoding="utf-8")), daemon=True)
    reader.start()
    write(pipe, "x" * 100_000)
    reader.join(PATIENCE_SECONDS)
    assert got == ["x" * 100_000]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert names(tmp_path) == ["pipe"]


@posix
def test_device_stays_a_device(tmp_path):
    """Tests that what is written to the null device is gone, and the device is not."""
    (tmp_path / "null").symlink_to(os.devnull)
    write(tmp_path / "null")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_folder_is_refused_where_a_file_is_meant(tmp_path):
    """Tests that a folder is never replaced by a file."""
    with pytest.raises(OutputError, match="it is a folder"):
        write(tmp_path)


def test_missing_folder_is_said_before_the_work(tmp_path):
    """Tests that a file in no folder is refused by the check and by the write."""
    for attempt in (check_file, write):
        with pytest.raises(OutputError, match="there is no folder"):
            attempt(tmp_path / "none" / "x.txt")


def test_endings_are_checked(tmp_path):
    """Tests that a name with another ending is refused, and the ending's case does not count."""
    with pytest.raises(OutputError, match=r"page\.pdf cannot be written: its name has to end in \.html or \.htm"):
        check_file(tmp_path / "page.pdf", (".html", ".htm"))
    assert check_file(tmp_path / "page.HTML", (".html", ".htm"))


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="an administrator may write everywhere")
def test_what_is_write_protected_is_refused(tmp_path):
    """Tests that neither a protected file nor a protected folder is written to."""
    file = tmp_path / "x.txt"
    file.touch(mode=0o400)
    with pytest.raises(OutputError, match="write-protected"):
        check_file(file)
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="no file may be made"):
        check_file(tmp_path / "y.txt")
    tmp_path.chmod(0o700)


@pytest.mark.slow
def test_two_writers_of_one_file_leave_one_whole_file(tmp_path):
    """Tests that of four writers at a time none fails, and that what stays is all of one of them."""
    file, failures = tmp_path / "x.txt", []

    def work(sign):
        try:
            for _ in range(50):
                write(file, sign * 10_000)
        except OSError as error:
            failures.append(error)

    writers = [threading.Thread(target=work, args=(sign,)) for sign in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    text = file.read_text(encoding="utf-8")
    assert not failures
    assert (len(text), len(set(text)), names(tmp_path)) == (10_000, 1, ["x.txt"])
