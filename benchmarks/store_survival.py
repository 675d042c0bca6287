"""Stores of commands on a full disk, and stores of which rows are damaged: what is said, and what goes on."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placer.batch.store import Store

from .commands import STORES, limited, line_of, start
from .trials import Trials

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

#: Largest size of a file of a command on a full disk: a few rows of a batch, and one of a plan.
_ROOM_BYTES = 20_000
#: Columns that differ from run to run.
_SECONDS = "seconds"


def stores(tries: int, dice: random.Random) -> Iterator[Trials]:
    """Yield the trials of each command that keeps a store."""
    for name in STORES:
        with tempfile.TemporaryDirectory() as place:
            calm = _folder(Path(place))
            run(name, calm)
            rows = _rows(calm / "kept.db")
            full = [_filled(name, rows, place) for _ in range(tries)]
            yield Trials(f"full disk, {name}", tries, tuple(filter(None, full)))
            damaged = [_damaged(name, rows, place, dice) for _ in range(tries)]
            yield Trials(f"damaged rows, {name}", tries, tuple(filter(None, damaged)))


def _filled(name: str, calm: dict[Any, Any], place: str) -> str:
    """Run a command whose files find no room, and go on with room."""
    folder = _folder(Path(tempfile.mkdtemp(dir=place)))
    status, said = run(name, folder, _ROOM_BYTES)
    if status not in (1, 2) or "was not kept in" not in said or "Traceback" in said:
        return f"status {status}: {said[-300:]}"
    status, said = run(name, folder)
    return _difference(status, said, _rows(folder / "kept.db"), calm)


def _damaged(name: str, calm: dict[Any, Any], place: str, dice: random.Random) -> str:
    """Change a random row of a finished store, and go on."""
    folder = _folder(Path(tempfile.mkdtemp(dir=place)))
    run(name, folder)
    with closing(sqlite3.connect(folder / "kept.db")) as connection:
        numbers = [number for (number,) in connection.execute("SELECT number FROM results")]
        number = dice.choice(numbers)
        connection.execute("UPDATE results SET row = replace(row, 'usd', 'was') WHERE number = ?", (number,))
        connection.commit()
    status, said = run(name, folder)
    if f"row {number} is damaged" not in said:
        return f"row {number} was damaged without a word: {said[-300:]}"
    return _difference(status, said, _rows(folder / "kept.db"), calm)


def _difference(status: int, said: str, rows: dict[Any, Any], calm: dict[Any, Any]) -> str:
    """Return what differs from a run that nothing happened to; a plan may solve other states on its way."""
    if status:
        return f"status {status}: {said[-300:]}"
    known = rows.keys() & calm.keys()
    wrong = [key for key in known if rows[key] != calm[key]]
    return f"{len(wrong)} rows changed" if wrong or not known else ""


def _rows(file: Path) -> dict[Any, Any]:
    """Return the cost of each row, by its state and units in a plan, else the whole row by its number."""
    with Store.read(file) as store:
        rows = list(store.rows())
    if "units" in rows[0]:
        return {(row["state"], row["units"]): round(row["cost_usd"], 2) for row in rows if row["status"] == "solved"}
    return {row["number"]: {name: value for name, value in row.items() if name != _SECONDS} for row in rows}


def _folder(folder: Path) -> Path:
    (folder / "temporary").mkdir()
    return folder


def run(name: str, folder: Path, room_bytes: int | None = None) -> tuple[int, str]:
    """Run a command with its store in a folder, and return its status and what it says on standard error."""
    command = line_of(name, folder / "kept.db")
    if room_bytes is not None:
        command = limited(command, "RLIMIT_FSIZE", room_bytes)
    with start(command, folder) as process:
        _, said = process.communicate()
    return process.returncode, said
