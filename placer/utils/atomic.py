"""Files that are written whole or not at all, alone or as a folder of several.

A draft is written beside its target, under a name nobody can foresee and in a file that was not there before (O_EXCL),
and then takes the target's place in one step. So a reader never sees half a file, of two writers of one file the last
one's stays whole, and a link somebody put where the draft would go is not followed.

    link                followed: what it leads to is replaced, and the link stays
    file that is there  replaced, its mode and owner kept; another name of the same file (a hard link) keeps the old one
    device, pipe        written to once the draft is whole, not replaced
    folder              refused where a file is meant
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from placer.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

#: What the name of a draft begins with.
DRAFT = ".placer-"
#: Endings of files that programs write, none of which a folder's name has.
FILE_ENDINGS = frozenset(
    (
        *(".bz2", ".csv", ".db", ".doc", ".docx", ".feather", ".gif", ".graphml", ".gz", ".htm", ".html", ".jpeg"),
        *(".jpg", ".json", ".log", ".md", ".nc", ".ods", ".parquet", ".pdf", ".png", ".ps", ".sqlite", ".svg", ".tar"),
        *(".toml", ".tsv", ".txt", ".xls", ".xlsb", ".xlsm", ".xlsx", ".xml", ".yaml", ".yml", ".zip"),
    )
)


@contextmanager
def whole(file: str | os.PathLike[str]) -> Iterator[Path]:
    """Give the name to write a file under, and put it in its place at the end.

    If writing fails, what was there before stays and nothing else does. The draft ends as the file does, since some
    libraries choose a format by the ending.

    Raises
    ------
    OutputError
        If the file cannot be written, and why, in its own name.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with whole(pathlib.Path(place) / "x.txt") as draft:
    ...         _ = draft.write_text("all of it")
    ...     [file.name for file in pathlib.Path(place).iterdir()]
    ['x.txt']
    """
    target = Path(file)
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
    """Give a folder to write files into, and put them all into their folder at the end.

    If writing fails, nothing of what was there before changes. At the end each file takes the place of its namesake in
    one step, as ``whole`` has it; other files of the folder stay. Of two writers at a time each file is whole, and
    which of both wrote it may differ from file to file.

    Raises
    ------
    OutputError
        If a file or the folder cannot be written, and why.
    """
    target = Path(folder)
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
                    target.rmdir()  # only if nothing came into it


@contextmanager
def new_folder(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a folder to write files into that becomes a new one at the end; nothing is left behind if writing fails.

    Raises
    ------
    OutputError
        If there is anything of that name already, or a file cannot be written, and why.
    """
    target = Path(folder)
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
    """Return the path of a file to be, or raise ``OutputError`` if none can be written there.

    Parameters
    ----------
    file : str or path
    endings : collection of str
        Which it may have, if not any. Devices and pipes need none.
    """
    target = Path(file)
    if target.is_dir():
        raise OutputError(f"{target} cannot be written: it is a folder")
    if _is_special(target):
        return target
    if endings and target.suffix.lower() not in endings:
        raise OutputError(f"{target} cannot be written: its name has to end in {' or '.join(endings)}")
    real = _real(target)
    if not real.parent.is_dir():
        raise OutputError(f"{target} cannot be written: there is no folder {real.parent}")
    _check_writable(target, real.parent)
    if real.exists() and not os.access(real, os.W_OK):
        raise OutputError(f"{target} cannot be written: it is write-protected")
    return target


def check_folder(folder: str | os.PathLike[str], endings: Collection[str] = ()) -> Path:
    """Return the path of a folder to be, or raise ``OutputError`` if there can be none.

    Parameters
    ----------
    folder : str or path
        It and the folders above it need not be there yet. A name that ends as files do (``.csv``) is refused unless
        there is such a folder.
    endings : collection of str
        Endings of the files that may stand in place of the folder, for the message.
    """
    target = Path(folder)
    if target.is_dir():
        _check_writable(target, target)
        return target
    if target.exists() or target.is_symlink():
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
    """Say what the system reports of a draft in the name of the target."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}") from error


@contextmanager
def _renamed(draft: Path, target: Path) -> Iterator[None]:
    """Name the target where an error names its draft: a draft may itself be what tables are saved to."""
    try:
        yield
    except OutputError as error:
        raise OutputError(str(error).replace(str(draft), str(target))) from error


def _is_special(target: Path) -> bool:
    """Whether a path leads to something that is there and neither file nor folder."""
    try:
        mode = target.stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _real(target: Path) -> Path:
    """Return where a path leads, through all links; the last one may lead to what is not there yet."""
    return Path(os.path.realpath(target))


def _new_draft(real: Path) -> Path:
    """Make an empty file beside a target that no other program knows of."""
    draft = real.with_name(f"{DRAFT}{secrets.token_hex(8)}{real.suffix}")
    mode = _mode(real, 0o666) | stat.S_IRUSR | stat.S_IWUSR  # never open to more people than the target is
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    return draft


def _mode(real: Path, otherwise: int) -> int:
    """Return who may read, write and run a file that is there."""
    try:
        return stat.S_IMODE(real.stat().st_mode) & 0o777
    except FileNotFoundError:
        return otherwise


def _replace(real: Path, draft: Path) -> None:
    """Put a draft in the place of a file, with the owner and the mode of the one that was there."""
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
    """Put the draft of a folder in its place, or its content where the target leads elsewhere."""
    if target.is_symlink() or _is_special(target):
        with whole(target) as another:
            shutil.copyfile(draft, another)
    else:
        _replace(target, draft)
