"""Files that are written whole or not at all."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """Give the name to write a file under, and put it in its place at the end.

    If writing fails, what was there before stays and nothing else does.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with whole(pathlib.Path(place) / "x.txt") as draft:
    ...         _ = draft.write_text("all of it")
    ...     [file.name for file in pathlib.Path(place).iterdir()]
    ['x.txt']
    """
    draft = file.with_name(f"{file.name}.new")
    try:
        yield draft
        draft.replace(file)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
