"""The file of a batch's results: its tables and its lock, what stands in a row, and whether that is as it was written.

    settings    one row: the settings as JSON, and their digest
    results     a row for each set: its number, status and seconds, all of it as JSON, and a digest

A digest is a SHA-256 over the settings' digest, the number and the JSON of a row, so that a row that was changed, moved
to another number or taken from another store is found. It guards against damage, not against forgery: whoever can write
the file can write digests.
"""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from placer.errors import StoreError
from placer.utils.atomic import whole

#: In the header of the file: whose it is, and which tables it holds.
APPLICATION_ID = int.from_bytes(b"plcr")
SCHEMA_VERSION = 2
#: How long a row waits for a reader to look away, and a reader for a row to be written.
PATIENCE_SECONDS = 30.0
#: Rows read at a time. A reader holds no lock between them, so a slow one does not hold up the writer.
READ_AT_A_TIME = 500

#: All that the file holds, word for word: with a view, an index or a trigger it is refused before anything is read.
TABLES = {
    "settings": "CREATE TABLE settings (settings TEXT NOT NULL, digest TEXT NOT NULL)",
    "results": (
        "CREATE TABLE results (number INTEGER PRIMARY KEY CHECK (number >= 0), status TEXT NOT NULL, seconds REAL, "
        "row TEXT NOT NULL, digest TEXT NOT NULL)"
    ),
}


@dataclass(frozen=True, eq=False)
class StoreContent:
    """What a file was found to hold.

    Attributes
    ----------
    settings : str
        As JSON.
    digest : str
        Of the settings.
    damaged : tuple of int
        Numbers of the rows that are not as they were written.
    """

    settings: str
    digest: str
    damaged: tuple[int, ...]


@contextmanager
def said(sentence: str) -> Iterator[None]:
    """Say what the database or the system reports in one sentence."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{sentence}: {error}") from error


def existing(path: str | Path) -> Path:
    """Return where a file that is there really stands."""
    path = Path(path).resolve()
    if not path.is_file():
        raise StoreError(f"there is no file {path}")
    return path


def refuse_existing(path: Path) -> None:
    """Refuse to begin a file where there is one: it may hold hours of work."""
    if path.exists():
        raise StoreError(f"{path} exists already: give --resume to go on with it")


def connect(path: Path) -> sqlite3.Connection:
    """Open a file that is there, to read and to write as far as the system lets us."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=PATIENCE_SECONDS, isolation_level=None)
    connection.text_factory = _text
    return connection


def _text(stored: bytes) -> str:
    """Return stored text; bytes that are not UTF-8 stay in it, for the digest to tell."""
    return stored.decode("utf-8", "surrogateescape")


def prepare_to_write(connection: sqlite3.Connection) -> None:
    """Make every row outlast a power cut, and see that one could be written."""
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = FULL")
    # Said now, not after the first solve: a file that is write-protected, or held by another program.
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE settings SET settings = settings")
    connection.execute("ROLLBACK")


def lock(path: Path, opened: ExitStack) -> None:
    """Keep other writers away until ``opened`` is closed, or the process ends in whatever way.

    The lock is on an empty database beside the file, since one on the file itself ends with every commit and would keep
    readers away too. Its file stays: were it removed, two processes could each hold a lock, one on the file removed.
    The package ``filelock`` would be one more dependency for as many lines.
    """
    file = path.with_name(f"{path.name}.lock")
    held = opened.enter_context(closing(sqlite3.connect(file, timeout=0.0, isolation_level=None)))
    try:
        held.execute("PRAGMA journal_mode = MEMORY")  # nothing is ever written to it, and it needs no second file
        held.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise StoreError(f"{path} is being written by another process") from error
        raise


def begin(path: Path, settings: str) -> None:
    """Write a file without rows, under another name until it is whole."""
    with whole(path) as draft:
        # A journal left by a file that was removed would be played back into the new one.
        Path(f"{path}-journal").unlink(missing_ok=True)
        with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            for table in TABLES.values():
                connection.execute(table)
            connection.execute("INSERT INTO settings VALUES (?, ?)", (settings, digest_of(settings)))
            connection.execute("COMMIT")


def checked(connection: sqlite3.Connection, path: Path) -> StoreContent:
    """Return what a file holds that is ours, whole and understood.

    Raises
    ------
    StoreError
        If it is not, and why. Rows that are not as they were written are no error, but named in the content.
    """
    try:
        if _value(connection, "PRAGMA application_id") != APPLICATION_ID:
            raise StoreError(f"{path} is not a file of results: it belongs to another program")
        version = _value(connection, "PRAGMA user_version")
        if version != SCHEMA_VERSION:
            raise StoreError(
                f"{path} was written by another version of placer (schema {version}, known here: {SCHEMA_VERSION})"
            )
        _check_tables(connection, path)
        # The database takes what is missing from its last page for zeros. It only grows, also under another writer.
        size = _value(connection, "PRAGMA page_count") * _value(connection, "PRAGMA page_size")
        found = "its end is missing" if path.stat().st_size < size else _value(connection, "PRAGMA quick_check(1)")
        if found != "ok":
            raise StoreError(f"{path} is damaged: {' '.join(found.split())}")
        settings, digest = _checked_settings(connection, path)
        return StoreContent(settings, digest, _damaged(connection, digest, _count(settings)))
    except (sqlite3.Error, TypeError, ValueError, RecursionError) as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise StoreError(f"{path} is not a file of results: {error}") from error
        raise StoreError(f"{path} cannot be read, or is damaged: {error}") from error


def _check_tables(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse any table, view, index or trigger that is not one of ours: reading from a view may never end."""
    found = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    expected = {("table", name, statement) for name, statement in TABLES.items()}
    wrong = sorted({f"{kind} {name}" for kind, name, _ in expected.symmetric_difference(found)})
    if wrong or len(found) != len(expected):
        raise StoreError(f"{path} is damaged, or not a file of results: {', '.join(wrong)} is not as placer makes it")


def _checked_settings(connection: sqlite3.Connection, path: Path) -> tuple[str, str]:
    """Return the settings, in one form only, and their digest."""
    rows = connection.execute("SELECT settings, digest FROM settings LIMIT 2").fetchall()
    text, digest = rows[0] if len(rows) == 1 else (None, None)
    settings = _mapping(text) if isinstance(text, str) and digest_of(text) == digest else None
    if settings is None or not isinstance(digest, str):
        raise StoreError(f"{path} is damaged: its settings are not as they were written; begin a new store")
    return to_json(settings), digest


def _count(settings: str) -> float:
    """Return how many rows there can be: the ``count`` of the settings, if they have one."""
    count = json.loads(settings).get("count")
    return count if isinstance(count, int) else math.inf


def _damaged(connection: sqlite3.Connection, digest: str, count: float) -> tuple[int, ...]:
    """Return the numbers of all rows that are not as they were written, or not of these settings."""
    return tuple(number for number, row in pages(connection, digest) if row is None or number >= count)


def pages(connection: sqlite3.Connection, digest: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Yield number and content of every row, the content None where it is damaged; a few rows in memory at a time."""
    statement = "SELECT number, status, seconds, row, digest FROM results WHERE number > ? ORDER BY number LIMIT ?"
    last = -(2**63)
    while rows := connection.execute(statement, (last, READ_AT_A_TIME)).fetchall():
        for number, *columns in rows:
            yield number, _sound_row(number, columns, digest)
        last = rows[-1][0]


def _sound_row(number: int, columns: list[Any], digest: str) -> dict[str, Any] | None:
    """Return a row as it was written, or None if it is not."""
    status, seconds, text, found = columns
    if not isinstance(text, str) or found != row_digest(digest, number, text):
        return None
    row = _mapping(text)
    if row is None or (status, seconds) != (row.get("status"), row.get("seconds")) or not isinstance(status, str):
        return None
    return row if all(isinstance(value, str | int | float | None) for value in row.values()) else None


def _mapping(text: str) -> dict[str, Any] | None:
    """Return what a text says in JSON, if that is an object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def row_digest(settings_digest: str, number: int, text: str) -> str:
    """Return the digest of a row: of its settings, its number and its text."""
    return digest_of(f"{settings_digest} {number} {text}")


def _value(connection: sqlite3.Connection, statement: str) -> Any:
    return connection.execute(statement).fetchone()[0]


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return what is not as it was, a few words for each key."""
    return [
        f"{key} was {_shown(then, key)}, is {_shown(now, key)}"
        for key in dict.fromkeys([*then, *now])
        if _shown(then, key) != _shown(now, key)
    ]


def _shown(settings: Mapping[str, Any], key: str) -> str:
    return to_json(settings[key]) if key in settings else "absent"


def row_text(number: int, row: Mapping[str, Any]) -> str:
    """Return a row as JSON, or say what is wrong with it."""
    if number < 0 or row.get("number", number) != number:
        raise StoreError(f"row {number} has no number >= 0 of its own")
    if not isinstance(row.get("status"), str):
        raise StoreError(f"row {number} has no status")
    for name, value in row.items():
        if not isinstance(name, str) or not isinstance(value, str | int | float | np.generic | None):
            raise StoreError(f"row {number}: {name} is of type {type(value).__name__}, which is no scalar")
    return _object(row.items())


def to_json(value: Any) -> str:
    """Return JSON in one form only, keys in order: NaN as null, infinity as a number past the largest."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        return _object(sorted(value.items()))
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return f"[{', '.join(map(to_json, value))}]"
    if isinstance(value, float) and not math.isfinite(value):
        return "null" if math.isnan(value) else f"{'-' * (value < 0)}1e999"
    try:
        return json.dumps(value)
    except TypeError as error:
        raise StoreError(f"{value!r} is not a value that can be kept: {error}") from error


def _object(items: Any) -> str:
    return f"{{{', '.join(f'{json.dumps(name)}: {to_json(value)}' for name, value in items)}}}"
