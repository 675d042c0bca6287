"""Stores for tests: what is written, what a refusal says, and how another program writes."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from placer.batch.store_file import row_digest
from placer.errors import StoreError

SETTINGS = {"instance": "ab12", "seed": 7, "analyses": ["ceiling"], "placer": "0.1.0", "count": 100}
ROW = {"status": "optimal", "seconds": 0.5, "cost_usd": 12.25}


def refusal(opening, *arguments):
    """Return what a refusal says, having checked that nothing else in the folder changed."""
    folder = Path(arguments[0]).parent
    before = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    with pytest.raises(StoreError) as refused:
        opening(*arguments)
    assert {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()} == before
    assert "\n" not in str(refused.value)
    return str(refused.value)


@contextmanager
def behind_its_back(path):
    """Open the database of a store as any program may."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def forge(path, number, row, seconds=None):
    """Put a text in place of a row, with the digest that such a row would have."""
    with behind_its_back(path) as connection:
        (settings,) = connection.execute("SELECT digest FROM settings").fetchone()
        connection.execute(
            "UPDATE results SET seconds = ?, row = ?, digest = ? WHERE number = ?",
            (seconds, row, row_digest(settings, number, row), number),
        )
