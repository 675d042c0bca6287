"""Atomic writes: a file or a folder of files is written whole or not at all.

A draft is written beside its target, under an unpredictable name and in a new file (O_EXCL), and then replaces the
target in one step. So a reader never sees half a file; of two writers of one file, the file of the last stays whole;
and a link placed in the draft's path is not followed.

    link                followed: its target is replaced, and the link stays
    existing file       replaced, its mode and owner kept; another name of the same file (a hard link) keeps the old one
    device, pipe        written to once the draft is whole, not replaced
    ~ at the start      the home folder
    folder              refused where a file is expected
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from placer.errors import OutputError
from placer.utils.reading import with_home

#: Prefix of the names of drafts.
DRAFT = ".placer-"
#: File endings that no folder name may have.
FILE_ENDINGS = frozenset(
    (
        *(".bz2", ".csv", ".db", ".doc", ".docx", ".feather", ".gif", ".graphml", ".gz", ".htm", ".html", ".jpeg"),
        *(".jpg", ".json", ".log", ".md", ".nc", ".ods", ".parquet", ".pdf", ".png", ".ps", ".sqlite", ".svg", ".tar"),
        *(".toml", ".tsv", ".txt", ".xls", ".xlsb", ".xlsm", ".xlsx", ".xml", ".yaml", ".yml", ".zip"),
    )
)


@contextmanager
def whole(file: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield the path of a draft, and move the draft to its target at the end.

    If writing fails, the previous file stays and no draft remains. The draft has the ending of the file, since some
    libraries choose a format by the ending.

    Raises
    ------
    OutputError
        If the file cannot be written; the message gives the reason under the file's own name.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with whole(pathlib.Path(place) / "x.txt") as draft:
    ...         _ = draft.write_text("all of it")
    ...     [file.name for file in pathlib.Path(place).iterdir()]
    ['x.txt']
    """
    target = with_home(file)
    with _said(target):
        check_file(target)
        if _is_special(target):
            with tempfile.TemporaryDirectory(prefix=DRAFT) as folder:
                draft = Path(folder) / target.name
                with _renamed(draft, target):
                    yield draft
                _write_to(target, draft)
            return
        real = _real(target)
        draft = _new_draft(real)
        try:
            with _renamed(draft, target):
                yield draft
            _replace(real, draft)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a folder for drafts, and move all files to the target folder at the end.

    If writing fails, the target folder does not change. At the end each file replaces its namesake in one step, as in
    ``whole``; other files of the folder stay. With two concurrent writers each file is whole, but the writer may differ
    from file to file.

    Raises
    ------
    OutputError
        If a file or the folder cannot be written, with the reason.
    """
    target = with_home(folder)
    with _said(target):
        check_folder(target)
        is_new = not target.exists()
        target.mkdir(parents=True, exist_ok=True)
        drafts = Path(tempfile.mkdtemp(prefix=DRAFT, dir=target))
        try:
            with _renamed(drafts, target):
                yield drafts
            files = sorted(drafts.iterdir())
            for draft in files:
                check_file(target / draft.name)
            for draft in files:
                _put(target / draft.name, draft)
        finally:
            shutil.rmtree(drafts, ignore_errors=True)
            if is_new:
                with suppress(OSError):
                    target.rmdir()  # only if it is empty


@contextmanager
def new_folder(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a folder for drafts that becomes the new folder at the end; a failed write leaves nothing behind.

    Raises
    ------
    OutputError
        If the name is taken already, or a file cannot be written, with the reason.
    """
    target = with_home(folder)
    with _said(target):
        if target.exists() or target.is_symlink():
            raise OutputError(f"{target} is there already; choose a new folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{DRAFT}{secrets.token_hex(8)}")
        draft.mkdir()
        try:
            with _renamed(draft, target):
                yield draft
            draft.rename(target)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise


def check_file(file: str | os.PathLike[str], endings: Collection[str] = ()) -> Path:
    """Return the path of a file to write, or raise ``OutputError`` if it cannot be written.

    Parameters
    ----------
    file : str or path
    endings : collection of str
        Allowed endings; any if empty. Devices and pipes need none.
    """
    target = with_home(file)
    if target.is_dir():
        raise OutputError(f"{target} cannot be written: it is a folder")
    if _is_special(target):
        return target
    if endings:
        check_ending(target, endings)
    real = _real(target)
    if not real.parent.is_dir():
        raise OutputError(f"{target} cannot be written: there is no folder {real.parent}")
    _check_writable(target, real.parent)
    if real.exists() and not os.access(real, os.W_OK):
        raise OutputError(f"{target} cannot be written: it is write-protected")
    return target


def check_ending(file: str | os.PathLike[str], endings: Collection[str]) -> None:
    """Raise ``OutputError`` if the name of a file, whose ending decides its format, has another ending."""
    if Path(file).suffix.lower() not in endings:
        raise OutputError(f"{file} cannot be written: its name has to end in {' or '.join(endings)}")


def check_folder(folder: str | os.PathLike[str], endings: Collection[str] = ()) -> Path:
    """Return the path of a folder to write, or raise ``OutputError`` if it cannot be written.

    Parameters
    ----------
    folder : str or path
        It and its parents need not exist yet. A name with a file ending (``.csv``) raises an error unless such a folder
        exists.
    endings : collection of str
        Endings of the files that are allowed instead of the folder, for the message.
    """
    target = with_home(folder)
    if target.is_dir():
        _check_writable(target, target)
        return target
    if (target.exists() or target.is_symlink()) and not target.is_dir():  # another writer may have made it meanwhile
        raise OutputError(f"{target} cannot be written: it is there already and no folder")
    if target.suffix.lower() in FILE_ENDINGS:
        also = f", or a file ending in {' or '.join(endings)}" if endings else ""
        raise OutputError(f"{target} cannot be written: {target.suffix} is not written here; name a folder{also}")
    above = next(parent for parent in target.absolute().parents if parent.exists())
    if not above.is_dir():
        raise OutputError(f"{target} cannot be written: {above} is no folder")
    _check_writable(target, above)
    return target


def _check_writable(target: Path, folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{target} cannot be written: no file may be made in the folder {folder}")


@contextmanager
def _said(target: Path) -> Iterator[None]:
    """Turn a system error about a draft into one that names the target."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}") from error


@contextmanager
def _renamed(draft: Path, target: Path) -> Iterator[None]:
    """Replace the draft by its target in an error: tables may themselves be saved to a draft."""
    try:
        yield
    except OutputError as error:
        raise OutputError(str(error).replace(str(draft), str(target))) from error


def _is_special(target: Path) -> bool:
    """Whether a path leads to something that exists and is neither file nor folder."""
    try:
        mode = target.stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _real(target: Path) -> Path:
    """Return the path that all links lead to; it need not exist yet."""
    return Path(os.path.realpath(target))


def _new_draft(real: Path) -> Path:
    """Create an empty file under an unpredictable name beside a target."""
    draft = real.with_name(f"{DRAFT}{secrets.token_hex(8)}{real.suffix}")
    mode = _mode(real, 0o666) | stat.S_IRUSR | stat.S_IWUSR  # never more accessible than the target
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    return draft


def _mode(real: Path, otherwise: int) -> int:
    """Return the permissions of a file, or ``otherwise`` if it does not exist."""
    try:
        return stat.S_IMODE(real.stat().st_mode) & 0o777
    except FileNotFoundError:
        return otherwise


def _replace(real: Path, draft: Path) -> None:
    """Replace a file by its draft, and keep the owner and the mode of the file."""
    with suppress(FileNotFoundError):
        old = real.stat()
        with suppress(OSError, AttributeError):  # only an administrator may give a file away; Windows has no owners
            os.chown(draft, old.st_uid, old.st_gid)
        draft.chmod(stat.S_IMODE(old.st_mode) & 0o777)
    draft.replace(real)


def _write_to(target: Path, draft: Path) -> None:
    with draft.open("rb") as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink)


def _put(target: Path, draft: Path) -> None:
    """Move the draft of a folder to its place, or its content where the target is a link."""
    if target.is_symlink() or _is_special(target):
        with whole(target) as another:
            shutil.copyfile(draft, another)
    else:
        _replace(target, draft)
