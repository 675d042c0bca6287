"""Durable results: the rows of a batch in one SQLite file, each committed as soon as it is known.

A row is committed when it is added, with a rollback journal (a write-ahead log is not safe on network folders) that is
flushed to the disk, so ``kill -9`` or a power cut loses only the sets in flight. One process writes at a time; any
number may read meanwhile.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pandas as pd

from placer.batch.store_file import (
    RESULTS,
    StoreContent,
    begin,
    checked,
    connect,
    existing,
    lock,
    pages,
    prepare_to_write,
    refuse_existing,
    refuse_others,
    row_digest,
    row_text,
    said,
    to_json,
)
from placer.errors import PlacerError, StoreError
from placer.io.table_files import write_csv, write_excel
from placer.utils.atomic import whole
from placer.utils.optional import extra
from placer.utils.reading import with_home

#: Formats of ``export`` by ending, and the library each needs: its import name, its purpose, and its extra.
EXPORTS = {
    ".csv": (),
    ".parquet": ("pyarrow", "Parquet files", "parquet"),
    ".xlsx": ("openpyxl", "Excel files", "excel"),
}
#: Largest number of damaged rows that a message names.
_NAMED = 20


class Store:
    """The results of a batch in one file; open it with ``create``, ``resume`` or ``read`` in a ``with`` statement.

    Use a store in the thread that opened it. An empty file whose name ends in ``.lock`` stays beside it; it does not
    mean that the store is open, and may be removed when it is closed.

    A row is a mapping of column names to text, numbers, truth values and None, with a text for its ``status``. Numbers
    are restored exactly, infinite ones too; NaN is restored as None, like any other missing value.

    A damaged row is never returned. A store opened for reading names all damaged rows; a resumed store drops them, so
    that their sets are missing and can be solved again.

    Attributes
    ----------
    path : Path
    settings : dict
        The settings of the batch, as given to ``create``.
    damaged : tuple of int
        Numbers of the rows that were found damaged when the store was opened for reading.
    dropped : tuple of int
        Numbers of the damaged rows that were dropped when the store was resumed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> with Store.create(Path(folder.name, "results.db"), {"seed": 7}) as store:
    ...     store.add(0, {"status": "optimal", "cost_usd": 12.5})
    ...     list(store.rows())
    [{'number': 0, 'status': 'optimal', 'cost_usd': 12.5}]
    >>> folder.cleanup()
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, content: StoreContent, opened: ExitStack) -> None:
        self.path = path
        self.settings: dict[str, Any] = json.loads(content.settings)
        self.damaged = content.damaged
        self.dropped: tuple[int, ...] = ()
        self._digest = content.digest
        self._connection = connection
        self._opened = opened

    @classmethod
    def create(cls, path: str | Path, settings: Mapping[str, Any]) -> Store:
        """Create a new file.

        Parameters
        ----------
        path : path
        settings : mapping
            Everything the rows depend on, in JSON types; ``resume`` requires the same.

        Raises
        ------
        StoreError
            If the file exists, or cannot be written.
        """
        path, text = with_home(path).resolve(), to_json(settings)
        with said(f"{path} cannot be written"), ExitStack() as opened:
            refuse_existing(path)
            lock(path, opened)
            refuse_existing(path)  # created by another process before this one held the lock
            begin(path, text)
            connection = opened.enter_context(closing(connect(path)))
            prepare_to_write(connection)
            return cls(path, connection, checked(connection, path), opened.pop_all())

    @classmethod
    def resume(cls, path: str | Path, settings: Mapping[str, Any]) -> Store:
        """Resume a file that was created with the same settings; damaged rows are dropped.

        Raises
        ------
        StoreError
            If there is no such file, it is not a file of results, it is damaged, its settings differ, or another
            process writes to it. The file is unchanged.
        """
        path, text = existing(path), to_json(settings)
        with said(f"{path} cannot be written"), ExitStack() as opened:
            connection = opened.enter_context(closing(connect(path)))
            then = checked(connection, path).settings
            refuse_others(path, json.loads(then), json.loads(text))
            lock(path, opened)
            prepare_to_write(connection)
            content = checked(connection, path)  # again, now that no other process writes
            connection.execute(f"DELETE FROM results WHERE number NOT IN (SELECT number FROM {RESULTS})")  # noqa: S608
            connection.executemany("DELETE FROM results WHERE number = ?", [(number,) for number in content.damaged])
            store = cls(path, connection, content, opened.pop_all())
            store.damaged, store.dropped = (), content.damaged
            return store

    @classmethod
    def read(cls, path: str | Path) -> Store:
        """Open a file for reading, even while another process writes to it.

        Raises
        ------
        StoreError
            If there is no such file, it is not a file of results, or it is damaged.
        """
        path = existing(path)
        with said(f"{path} cannot be read"), ExitStack() as opened:
            connection = opened.enter_context(closing(connect(path)))
            content = checked(connection, path)
            # Not opened read-only: the first to open the file after a crash must be able to roll back half a row.
            connection.execute("PRAGMA query_only = ON")
            return cls(path, connection, content, opened.pop_all())

    def add(self, number: int, row: Mapping[str, Any]) -> None:
        """Commit a row.

        Raises
        ------
        StoreError
            If there is a row of that number, the row has no status or holds a non-scalar, or it cannot be written (the
            disk is full, the file was opened for reading). Earlier rows are kept.
        """
        text = row_text(number, row)
        kept = json.loads(text)
        values = (number, kept["status"], kept.get("seconds"), text, row_digest(self._digest, number, text))
        try:
            self._connection.execute("INSERT INTO results VALUES (?, ?, ?, ?, ?)", values)
        except sqlite3.IntegrityError as error:
            raise StoreError(f"{self.path} holds row {number} already") from error
        except (sqlite3.Error, OverflowError) as error:
            raise StoreError(f"row {number} was not kept in {self.path}: {error}") from error

    def about_damaged(self) -> str:
        """Return the damaged rows in words, as part of a sentence."""
        found = self.damaged or self.dropped
        named = ", ".join(map(str, found[:_NAMED]))
        more = len(found) - _NAMED
        rows = f"row {named} is" if len(found) == 1 else f"rows {named}{f' and {more} more' * (more > 0)} are"
        return f"{self.path}: {rows} damaged"

    def done(self) -> set[int]:
        """Return the numbers of the stored rows, without the damaged ones."""
        return self._numbers() - set(self.damaged)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows by number, a few of them in memory at a time.

        Raises
        ------
        StoreError
            If a row is damaged; the message names all rows that were damaged when the store was opened.
        """
        if self.damaged:
            raise StoreError(f"{self.about_damaged()}; placer batch with --resume solves what is damaged again")
        with said(f"{self.path} cannot be read"):
            for number, row in pages(self._connection, self._digest):
                if row is None:
                    raise StoreError(f"{self.path} is damaged: row {number} is not as it was written")
                yield {"number": number} | row

    def row(self, number: int) -> dict[str, Any]:
        """Return one row.

        Raises
        ------
        StoreError
            If there is no such row, or it is damaged.
        """
        with said(f"{self.path} cannot be read"):
            found, row = next(pages(self._connection, self._digest, number - 1, 1), (number, None))
        if found != number or row is None:
            raise StoreError(f"{self.path} is damaged: row {number} is not as it was written")
        return {"number": number} | row

    def frame(self) -> pd.DataFrame:
        """Return all rows as a table, with a column for every name in any row; absent values are missing."""
        columns: dict[str, list[Any]] = {"number": []}
        for place, row in enumerate(self.rows()):
            for name, value in row.items():
                columns.setdefault(name, [None] * place).append(value)
            for values in columns.values():
                values.extend([None] * (place + 1 - len(values)))
        return pd.DataFrame({name: _column(values) for name, values in columns.items()})

    def close(self) -> None:
        """Close the file and release the lock."""
        self._opened.close()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._numbers())

    def __bool__(self) -> bool:
        """Return True: a store without rows is a store."""
        return True

    def __enter__(self) -> Self:
        """Return the store, to be closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()

    def _numbers(self) -> set[int]:
        with said(f"{self.path} cannot be read"):
            return {number for (number,) in self._connection.execute(f"SELECT number FROM {RESULTS}")}  # noqa: S608


def export(store: Store, path: str | Path) -> None:
    """Write the rows as ``export_rows`` does."""
    export_rows(store.frame(), path)


def export_rows(frame: pd.DataFrame, path: str | Path) -> None:
    """Write rows of a batch as a table for other programs: CSV, Parquet or Excel, by the ending of the name.

    In CSV and Excel, texts that a spreadsheet would run as a formula are made harmless; see
    ``placer.io.table_files``.

    Raises
    ------
    StoreError
        If the name ends otherwise, the file cannot be written, or the library for it is not installed.
    """
    path = with_home(path)
    ending = path.suffix.lower()
    if ending not in EXPORTS:
        raise StoreError(f"{path} is neither .csv nor .parquet nor .xlsx")
    try:
        if library := EXPORTS[ending]:
            extra(*library)
        with whole(path) as draft:
            if ending == ".csv":
                write_csv(frame, draft)
            elif ending == ".xlsx":
                write_excel({"rows": frame}, draft)
            else:
                frame.to_parquet(draft, engine="pyarrow", index=False)
    except PlacerError as error:
        raise StoreError(str(error)) from error
    except (TypeError, ValueError) as error:  # a mixed column of text and numbers in Parquet
        raise StoreError(f"{path} cannot be written: {error}") from error


def _column(values: list[Any]) -> pd.Series:
    """Return a column; whole numbers stay whole where some are missing."""
    kinds = {type(value) for value in values}
    exact = kinds == {int, type(None)} and all(value is None or abs(value) < 2**63 for value in values)
    return pd.Series(values, dtype="Int64") if exact else pd.Series(values)
