"""The file of a batch's results: its tables, its lock, the content of a row, and the check of its integrity.

    settings    one row: the settings as JSON, and their digest
    results     a row for each set: its number, status and seconds, the whole row as JSON, and a digest

A digest is a SHA-256 over the settings' digest, the number and the JSON of a row. It detects a row that was changed,
moved to another number or taken from another store. It guards against damage, not forgery: anyone who can write the
file can write digests. A row whose figures contradict each other (``placer.batch.consistency``) counts as damaged.
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

from placer.batch.consistency import is_consistent
from placer.errors import StoreError
from placer.utils.atomic import whole
from placer.utils.reading import with_home

#: Header of the file: the application id, and the version of the tables.
APPLICATION_ID = int.from_bytes(b"plcr")
SCHEMA_VERSION = 2
#: Time that a writer waits for readers, and a reader for the writer.
PATIENCE_SECONDS = 30.0
#: Rows read in one chunk. A reader holds no lock between chunks, so a slow reader does not block the writer.
READ_AT_A_TIME = 500

#: The exact schema of the file: a file with a view, an index or a trigger raises an error before any row is read.
TABLES = {
    "settings": "CREATE TABLE settings (settings TEXT NOT NULL, digest TEXT NOT NULL)",
    "results": (
        "CREATE TABLE results (number INTEGER PRIMARY KEY CHECK (number >= 0), status TEXT NOT NULL, seconds REAL, "
        "row TEXT NOT NULL, digest TEXT NOT NULL)"
    ),
}
#: Which rows are results. Placer 0.3 kept a signal that ended a set as a row: its set is not done.
RESULTS = """results WHERE NOT (status = 'error' AND (row LIKE '%"detail": "SystemExit: %'
OR row LIKE '%"detail": "KeyboardInterrupt: %' OR row LIKE '%"detail": "GeneratorExit: %'))"""


@dataclass(frozen=True, eq=False)
class StoreContent:
    """The checked content of a file.

    Attributes
    ----------
    settings : str
        As JSON.
    digest : str
        Of the settings.
    damaged : tuple of int
        Numbers of the damaged rows.
    """

    settings: str
    digest: str
    damaged: tuple[int, ...]


@contextmanager
def said(sentence: str) -> Iterator[None]:
    """Turn errors of the database or the system into one sentence."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{sentence}: {error}") from error


def existing(path: str | Path) -> Path:
    """Return the real path of an existing file."""
    path = with_home(path).resolve()
    if not path.is_file():
        raise StoreError(f"there is no file {path}")
    return path


def refuse_existing(path: Path) -> None:
    """Refuse to create a file over an existing one, which may hold hours of work."""
    if path.exists():
        raise StoreError(f"{path} exists already: give --resume to go on with it")


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing file for reading, and for writing where the system permits."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=PATIENCE_SECONDS, isolation_level=None)
    connection.text_factory = _text
    return connection


def _text(stored: bytes) -> str:
    """Return stored text; bytes that are not UTF-8 are kept, so that the digest detects them."""
    return stored.decode("utf-8", "surrogateescape")


def prepare_to_write(connection: sqlite3.Connection) -> None:
    """Make commits survive a power cut, and check that the file is writable."""
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = FULL")
    # Reports a write-protected or locked file now, not after the first solve.
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE settings SET settings = settings")
    connection.execute("ROLLBACK")


def lock(path: Path, opened: ExitStack) -> None:
    """Exclude other writers until ``opened`` is closed or the process ends.

    The lock is on an empty database beside the file: a lock on the file itself would end with every commit and exclude
    readers too. Its file stays: if it were removed, two processes could each hold a lock, one on the removed file. The
    package ``filelock`` would add a dependency for as many lines.
    """
    file = path.with_name(f"{path.name}.lock")
    held = opened.enter_context(closing(sqlite3.connect(file, timeout=0.0, isolation_level=None)))
    try:
        held.execute("PRAGMA journal_mode = MEMORY")  # never written to, so it needs no journal
        held.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise StoreError(f"{path} is being written by another process") from error
        raise


def begin(path: Path, settings: str) -> None:
    """Write a file without rows, under a temporary name until it is complete."""
    with whole(path) as draft:
        # The journal of a removed file would be rolled back into the new one.
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
    """Return the content of a file of results, after checks of its format and integrity.

    Raises
    ------
    StoreError
        If a check fails, with the reason. Damaged rows are no error; the content names them.
    """
    try:
        if _value(connection, "PRAGMA application_id") != APPLICATION_ID:
            raise StoreError(f"{path} is not a file of results: it belongs to another program")
        version = _value(connection, "PRAGMA user_version")
        if version != SCHEMA_VERSION:
            raise StoreError(
                f"{path} was written by another version of placer (schema {version}, known here: {SCHEMA_VERSION}): "
                "begin a new store"
            )
        _check_tables(connection, path)
        # The database reads a truncated last page as zeros. A file only grows, also under another writer.
        size = _value(connection, "PRAGMA page_count") * _value(connection, "PRAGMA page_size")
        found = "its end is missing" if path.stat().st_size < size else _value(connection, "PRAGMA quick_check(1)")
        if found != "ok":
            raise StoreError(f"{path} is damaged: {' '.join(found.split())}")
        settings, digest = _checked_settings(connection, path)
        count = json.loads(settings).get("count")
        most = count if isinstance(count, int) else math.inf  # rows beyond belong to other settings
        damaged = tuple(number for number, row in pages(connection, digest) if row is None or number >= most)
        return StoreContent(settings, digest, damaged)
    except (sqlite3.Error, TypeError, ValueError, RecursionError) as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise StoreError(f"{path} is not a file of results: {error}") from error
        raise StoreError(f"{path} cannot be read, or is damaged: {error}") from error


def _check_tables(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse any table, view, index or trigger outside the schema: reading from a view may never end."""
    found = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    expected = {("table", name, statement) for name, statement in TABLES.items()}
    wrong = sorted({f"{kind} {name}" for kind, name, _ in expected.symmetric_difference(found)})
    if wrong or len(found) != len(expected):
        raise StoreError(f"{path} is damaged, or not a file of results: {', '.join(wrong)} is not as placer makes it")


def _checked_settings(connection: sqlite3.Connection, path: Path) -> tuple[str, str]:
    """Return the settings in canonical form, and their digest."""
    rows = connection.execute("SELECT settings, digest FROM settings LIMIT 2").fetchall()
    text, digest = rows[0] if len(rows) == 1 else (None, None)
    settings = _mapping(text) if isinstance(text, str) and digest_of(text) == digest else None
    if settings is None or not isinstance(digest, str):
        raise StoreError(f"{path} is damaged: its settings are not as they were written; begin a new store")
    return to_json(settings), digest


def pages(
    connection: sqlite3.Connection, digest: str, last: int = -(2**63), at_a_time: int = READ_AT_A_TIME
) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Yield the number and content of every row after a number, None as content if it is damaged; read in chunks."""
    statement = f"SELECT number, status, seconds, row, digest FROM {RESULTS} AND number > ? ORDER BY number LIMIT ?"  # noqa: S608
    while rows := connection.execute(statement, (last, at_a_time)).fetchall():
        for number, *columns in rows:
            yield number, _sound_row(number, columns, digest)
        last = rows[-1][0]


def _sound_row(number: int, columns: list[Any], digest: str) -> dict[str, Any] | None:
    """Return a row as it was written, or None if it is damaged."""
    status, seconds, text, found = columns
    if not isinstance(text, str) or found != row_digest(digest, number, text):
        return None
    row = _mapping(text)
    if row is None or (status, seconds) != (row.get("status"), row.get("seconds")) or not isinstance(status, str):
        return None
    if row.get("number", number) != number:
        return None
    is_scalar = all(isinstance(value, str | int | float | None) for value in row.values())
    return row if is_scalar and is_consistent(row) else None


def _mapping(text: str) -> dict[str, Any] | None:
    """Return the JSON object of a text; None if it is not an object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def row_digest(settings_digest: str, number: int, text: str) -> str:
    """Return the digest of a row, over its settings, its number and its text."""
    return digest_of(f"{settings_digest} {number} {text}")


def _value(connection: sqlite3.Connection, statement: str) -> Any:
    return connection.execute(statement).fetchone()[0]


def refuse_others(path: Path, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse to go on with results of another version of placer, or of other settings, which are named key by key."""
    others = {
        key: f"{key} was {_shown(then, key)}, is {_shown(now, key)}"
        for key in dict.fromkeys([*then, *now])
        if _shown(then, key) != _shown(now, key)
    }
    if "placer" in others:
        found = f"results of placer {then.get('placer')}, and this is placer {now.get('placer')}"
        rest = [key for key in others if key != "placer"]
        also = f"; these settings are others too: {', '.join(rest)}" if rest else ""
        raise StoreError(f"{path} holds {found}: begin a new store; placer.Store.read still reads this one{also}")
    if others:
        raise StoreError(f"{path} holds results of other settings, begin a new store: {'; '.join(others.values())}")


def _shown(settings: Mapping[str, Any], key: str) -> str:
    return to_json(settings[key]) if key in settings else "absent"


def row_text(number: int, row: Mapping[str, Any]) -> str:
    """Return a row as JSON, or raise an error that names its defect."""
    if number < 0 or row.get("number", number) != number:
        raise StoreError(f"row {number} has no number >= 0 of its own")
    if not isinstance(row.get("status"), str):
        raise StoreError(f"row {number} has no status")
    for name, value in row.items():
        if not isinstance(name, str) or not isinstance(value, str | int | float | np.generic | None):
            raise StoreError(f"row {number}: {name} is of type {type(value).__name__}, which is no scalar")
    return _object(row.items())


def to_json(value: Any) -> str:
    """Return canonical JSON with sorted keys: NaN as null, infinity as a number beyond the largest float."""
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
