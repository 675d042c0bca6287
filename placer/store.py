"""Results that survive: the rows of a batch in one SQLite file, each kept for good as soon as it is known.

A row is committed when it is added, with a rollback journal (a write-ahead log is not safe on network folders) that is
flushed to the disk, so neither ``kill -9`` nor a power cut costs more than what was in flight. One process writes at a
time; any number may read meanwhile.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from placer.errors import PlacerError, StoreError
from placer.files import whole
from placer.tablefiles import write_csv, write_excel

if TYPE_CHECKING:
    from types import TracebackType

#: In the header of the file: whose it is, and which tables it holds.
APPLICATION_ID = int.from_bytes(b"plcr")
SCHEMA_VERSION = 1
#: How long a row waits for a reader to look away, and a reader for a row to be written.
PATIENCE_SECONDS = 30.0
#: Rows read at a time. A reader holds no lock between them, so a slow one does not hold up the writer.
READ_AT_A_TIME = 500

_TABLES = (
    "CREATE TABLE settings (settings TEXT NOT NULL)",
    "CREATE TABLE results (number INTEGER PRIMARY KEY, status TEXT, seconds REAL, row TEXT NOT NULL)",
)


class Store:
    """The results of a batch in one file, to be opened with ``create``, ``resume`` or ``read``, each for a ``with``.

    A store is used in the thread that opened it. An empty file whose name ends in ``.lock`` stays beside it; it says
    nothing about whether the store is open, and may be removed when it is not.

    A row is a mapping of column names to text, numbers, truth values and None. Numbers come back exactly as they were,
    infinite ones too; NaN comes back as None, like any other value that is not there.

    Attributes
    ----------
    path : Path
    settings : dict
        What the batch was run with, as given to ``create``.

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

    def __init__(self, path: Path, connection: sqlite3.Connection, settings: str, opened: ExitStack) -> None:
        self.path = path
        self.settings: dict[str, Any] = json.loads(settings)
        self._connection = connection
        self._opened = opened

    @classmethod
    def create(cls, path: str | Path, settings: Mapping[str, Any]) -> Store:
        """Begin a new file.

        Parameters
        ----------
        path : path
        settings : mapping
            Everything the rows depend on, as JSON can say it; ``resume`` asks for the same.

        Raises
        ------
        StoreError
            If the file exists, or cannot be written.
        """
        path, text = Path(path).resolve(), _json(settings)
        with _said(f"{path} cannot be written"), ExitStack() as opened:
            _refuse_existing(path)
            _lock(path, opened)
            _refuse_existing(path)  # by another process, before the lock was ours
            _begin(path, text)
            connection = opened.enter_context(closing(_connect(path)))
            _prepare_to_write(connection)
            return cls(path, connection, text, opened.pop_all())

    @classmethod
    def resume(cls, path: str | Path, settings: Mapping[str, Any]) -> Store:
        """Go on with a file that was begun with the same settings.

        Raises
        ------
        StoreError
            If there is no such file, it is not a file of results, it is damaged, its settings are others, or another
            process writes to it. The file is left as it is.
        """
        path, text = _existing(path), _json(settings)
        with _said(f"{path} cannot be written"), ExitStack() as opened:
            connection = opened.enter_context(closing(_connect(path)))
            kept = _checked(connection, path)
            differences = _differences(json.loads(kept), json.loads(text))
            if differences:
                raise StoreError(f"{path} holds results of other settings: {'; '.join(differences)}")
            _lock(path, opened)
            _prepare_to_write(connection)
            return cls(path, connection, kept, opened.pop_all())

    @classmethod
    def read(cls, path: str | Path) -> Store:
        """Open a file to read it, also while another process writes to it.

        Raises
        ------
        StoreError
            If there is no such file, it is not a file of results, or it is damaged.
        """
        path = _existing(path)
        with _said(f"{path} cannot be read"), ExitStack() as opened:
            connection = opened.enter_context(closing(_connect(path)))
            kept = _checked(connection, path)
            # Not opened as read-only: the first to open the file after a crash must be able to undo half a row.
            connection.execute("PRAGMA query_only = ON")
            return cls(path, connection, kept, opened.pop_all())

    def add(self, number: int, row: Mapping[str, Any]) -> None:
        """Keep a row for good.

        Raises
        ------
        StoreError
            If there is a row of that number, it holds what is not a scalar, or it cannot be written (the disk is full,
            the file was opened to read). The rows before are kept.
        """
        text = _row_text(number, row)
        kept = json.loads(text)
        try:
            self._connection.execute(
                "INSERT INTO results VALUES (?, ?, ?, ?)", (number, kept.get("status"), kept.get("seconds"), text)
            )
        except sqlite3.IntegrityError as error:
            raise StoreError(f"{self.path} holds row {number} already") from error
        except (sqlite3.Error, OverflowError) as error:
            raise StoreError(f"row {number} was not kept in {self.path}: {error}") from error

    def done(self) -> set[int]:
        """Return the numbers of the rows that are there."""
        return {number for (number,) in self._query("SELECT number FROM results")}

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows by number, a few of them in memory at a time."""
        last = -1
        while True:
            page = self._query(
                "SELECT number, row FROM results WHERE number > ? ORDER BY number LIMIT ?", last, READ_AT_A_TIME
            )
            for number, text in page:
                yield {"number": number} | self._parsed(number, text)
            if len(page) < READ_AT_A_TIME:
                return
            last = page[-1][0]

    def frame(self) -> pd.DataFrame:
        """Return all rows as a table: a column for every name any row has, missing where a row has none."""
        columns: dict[str, list[Any]] = {"number": []}
        for place, row in enumerate(self.rows()):
            for name, value in row.items():
                columns.setdefault(name, [None] * place).append(value)
            for values in columns.values():
                values.extend([None] * (place + 1 - len(values)))
        return pd.DataFrame({name: _column(values) for name, values in columns.items()})

    def close(self) -> None:
        """Close the file and let others write to it."""
        self._opened.close()

    def __len__(self) -> int:
        """Return how many rows there are."""
        return int(self._query("SELECT count(*) FROM results")[0][0])

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

    def _query(self, statement: str, *values: int) -> list[Any]:
        with _said(f"{self.path} cannot be read"):
            return self._connection.execute(statement, values).fetchall()

    def _parsed(self, number: int, text: str) -> dict[str, Any]:
        try:
            return dict(json.loads(text))
        except (TypeError, ValueError) as error:
            raise StoreError(f"{self.path} is damaged: row {number} cannot be read: {error}") from error


def export(store: Store, path: str | Path) -> None:
    """Write the rows as a table for other programs: CSV, Parquet or Excel, as the name ends.

    In CSV and Excel, texts that a spreadsheet would take for a formula are made harmless; see ``placer.tablefiles``.

    Raises
    ------
    StoreError
        If the name ends otherwise, the file cannot be written, or the library for it is not installed.
    """
    path = Path(path)
    if path.suffix not in (".csv", ".parquet", ".xlsx"):
        raise StoreError(f"{path} is neither .csv nor .parquet nor .xlsx")
    frame = store.frame()
    try:
        with whole(path) as draft:
            if path.suffix == ".csv":
                write_csv(frame, draft)
            elif path.suffix == ".xlsx":
                write_excel({"rows": frame}, draft)
            else:
                frame.to_parquet(draft, engine="pyarrow", index=False)
    except ImportError as error:
        raise StoreError("Parquet needs pyarrow: pip install 'placer[parquet]'") from error
    except PlacerError as error:
        raise StoreError(f"{path} cannot be written: {error}") from error
    except (OSError, TypeError, ValueError) as error:  # the middle two: a column of text and numbers in Parquet
        raise StoreError(f"{path} cannot be written: {error}") from error


@contextmanager
def _said(sentence: str) -> Iterator[None]:
    """Say what the database or the system reports in one sentence."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{sentence}: {error}") from error


def _existing(path: str | Path) -> Path:
    path = Path(path).resolve()
    if not path.is_file():
        raise StoreError(f"there is no file {path}")
    return path


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise StoreError(f"{path} exists already: give --resume to go on with it")


def _connect(path: Path) -> sqlite3.Connection:
    """Open a file that is there, to read and to write as far as the system lets us."""
    return sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=PATIENCE_SECONDS, isolation_level=None)


def _prepare_to_write(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = FULL")
    # Said now, not after the first solve: a file that is write-protected, or held by another program.
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE settings SET settings = settings")
    connection.execute("ROLLBACK")


def _lock(path: Path, opened: ExitStack) -> None:
    """Keep other writers away until ``opened`` is closed, or the process ends in whatever way.

    The lock is on an empty database beside the file, since one on the file itself ends with every commit and would keep
    readers away too. Its file stays: were it removed, two processes could each hold a lock, one on the file removed.
    """
    file = path.with_name(f"{path.name}.lock")
    lock = opened.enter_context(closing(sqlite3.connect(file, timeout=0.0, isolation_level=None)))
    try:
        lock.execute("PRAGMA journal_mode = MEMORY")  # nothing is ever written to it, and it needs no second file
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise StoreError(f"{path} is being written by another process") from error
        raise


def _begin(path: Path, settings: str) -> None:
    """Write a file without rows, under another name until it is whole."""
    with whole(path) as draft:
        # A journal left by a file that was removed would be played back into the new one.
        for left in (draft, Path(f"{draft}-journal"), Path(f"{path}-journal")):
            left.unlink(missing_ok=True)
        with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            for table in _TABLES:
                connection.execute(table)
            connection.execute("INSERT INTO settings VALUES (?)", (settings,))
            connection.execute("COMMIT")


def _checked(connection: sqlite3.Connection, path: Path) -> str:
    """Return the settings of a file that is ours, whole and understood."""
    try:
        if _value(connection, "PRAGMA application_id") != APPLICATION_ID:
            raise StoreError(f"{path} is not a file of results: it belongs to another program")
        version = _value(connection, "PRAGMA user_version")
        if version != SCHEMA_VERSION:
            raise StoreError(f"{path} was written by a newer placer (schema {version}, known here: {SCHEMA_VERSION})")
        # The database takes what is missing from its last page for zeros. It only grows, also under another writer.
        size = _value(connection, "PRAGMA page_count") * _value(connection, "PRAGMA page_size")
        found = "its end is missing" if path.stat().st_size < size else _value(connection, "PRAGMA quick_check(1)")
        if found != "ok":
            raise StoreError(f"{path} is damaged: {' '.join(found.split())}")
        return _json(dict(json.loads(_value(connection, "SELECT settings FROM settings"))))
    except (sqlite3.Error, TypeError, ValueError) as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise StoreError(f"{path} is not a file of results: {error}") from error
        raise StoreError(f"{path} cannot be read, or is damaged: {error}") from error


def _value(connection: sqlite3.Connection, statement: str) -> Any:
    return connection.execute(statement).fetchone()[0]


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return what is not as it was, a few words for each key."""
    return [
        f"{key} was {_shown(then, key)}, is {_shown(now, key)}"
        for key in dict.fromkeys([*then, *now])
        if _shown(then, key) != _shown(now, key)
    ]


def _shown(settings: Mapping[str, Any], key: str) -> str:
    return _json(settings[key]) if key in settings else "absent"


def _row_text(number: int, row: Mapping[str, Any]) -> str:
    """Return a row as JSON, or say what is wrong with it."""
    if number < 0 or row.get("number", number) != number:
        raise StoreError(f"row {number} has no number >= 0 of its own")
    for name, value in row.items():
        if not isinstance(name, str) or not isinstance(value, str | int | float | np.generic | None):
            raise StoreError(f"row {number}: {name} is of type {type(value).__name__}, which is no scalar")
    return _object(row.items())


def _json(value: Any) -> str:
    """Return JSON in one form only, keys in order: NaN as null, infinity as a number past the largest."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        return _object(sorted(value.items()))
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return f"[{', '.join(map(_json, value))}]"
    if isinstance(value, float) and not math.isfinite(value):
        return "null" if math.isnan(value) else f"{'-' * (value < 0)}1e999"
    try:
        return json.dumps(value)
    except TypeError as error:
        raise StoreError(f"{value!r} is not a value that can be kept: {error}") from error


def _object(items: Any) -> str:
    return f"{{{', '.join(f'{json.dumps(name)}: {_json(value)}' for name, value in items)}}}"


def _column(values: list[Any]) -> pd.Series:
    """Return a column; whole numbers stay whole where some are missing."""
    kinds = {type(value) for value in values}
    exact = kinds == {int, type(None)} and all(value is None or abs(value) < 2**63 for value in values)
    return pd.Series(values, dtype="Int64") if exact else pd.Series(values)
