"""Read files that users name: regular files up to a size limit, or one violation that says why not."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from placer.errors import ArgumentError, InstanceError, PlacerError, Violation

#: A larger file is an error, unless the environment variable below raises the limit.
LARGEST_FILE_BYTES = 1_000_000_000

#: Environment variable that sets the largest file that is read, in bytes; ``inf`` for no limit.
LIMIT_VARIABLE = "PLACER_MAX_FILE_BYTES"


def read_bytes(file: Path) -> bytes:
    """Return the content of a regular file, links followed; ``~`` at the start is the home folder.

    Raises
    ------
    InstanceError
        If the file does not exist, is a folder, a device or a pipe, is larger than ``LARGEST_FILE_BYTES`` (or the limit
        in the environment variable ``PLACER_MAX_FILE_BYTES``), or cannot be read.
    """
    file = with_home(file)
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            raise InstanceError([_cannot(file, f"is {_kind(found.st_mode)}")])
        if found.st_size > (limit := largest_file_bytes()):
            allowed = f"at most {limit:,.0f} bytes; set {LIMIT_VARIABLE} to read larger files"
            raise InstanceError([Violation(file.name, "", "", f"too large: {found.st_size:,} bytes", allowed)])
        return file.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: names that no file can have
        if isinstance(error, InstanceError):
            raise
        if file.is_symlink() and not file.exists():
            raise InstanceError([_cannot(file, "is a link that leads nowhere")]) from error
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InstanceError([_cannot(file, f"cannot be read: {reason}")]) from error
    except MemoryError as error:
        raise InstanceError([_cannot(file, "does not fit into memory")]) from error


def largest_file_bytes() -> float:
    """Return the size in bytes of the largest file that is read.

    Raises
    ------
    PlacerError
        If the environment variable is not a number above 0.
    """
    given = os.environ.get(LIMIT_VARIABLE, "").strip()
    if not given:
        return LARGEST_FILE_BYTES
    try:
        limit = float(given)
    except ValueError:
        limit = 0.0
    if not limit > 0:
        raise PlacerError(f"{LIMIT_VARIABLE} is {given!r}; it takes a number of bytes above 0, or inf")
    return limit


def not_utf8(file: Path, error: UnicodeDecodeError) -> Violation:
    """Return the violation of a file that is not UTF-8."""
    return Violation(file.name, "", "", f"byte {error.start} is not UTF-8", "text in UTF-8")


def is_file(path: Path) -> bool:
    """Whether a file exists; False, rather than an error, for names that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_there(path: Path) -> bool:
    """Whether anything exists at a path, a dangling link included."""
    try:
        return path.is_symlink() or path.exists()
    except (OSError, ValueError):
        return False


def with_home(path: str | os.PathLike[str]) -> Path:
    """Return a path in which ``~`` at the start stands for the user's home folder.

    Raises
    ------
    ArgumentError
        If ``path`` is not a path.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise ArgumentError(f"expected a path, not {path!r}; write a text or a pathlib.Path")
    try:
        return Path(path).expanduser()
    except RuntimeError:  # no such user
        return Path(path)


def _cannot(file: Path, problem: str) -> Violation:
    return Violation(file.name or str(file), "", "", problem, "a file that can be read")


def _kind(mode: int) -> str:
    kinds = {stat.S_ISDIR: "a folder", stat.S_ISFIFO: "a pipe", stat.S_ISCHR: "a device", stat.S_ISBLK: "a device"}
    return next((name for test, name in kinds.items() if test(mode)), "no regular file")
