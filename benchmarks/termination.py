"""Commands that are told to end (SIGTERM) at random moments, and what they leave."""

from __future__ import annotations

import random
import signal
import tempfile
import time
from pathlib import Path

import psutil

from placer.batch.store import Store
from placer.cli.options import Status
from placer.errors import StoreError

from .commands import COMMANDS, STORES, line_of, start
from .trials import Trials

#: A command ends within this after the signal, and so do its processes.
SECONDS_TO_END = 30.0
#: Latest moment of the signal, on a quiet machine in the middle of the work.
LATEST_SECONDS = 8.0


def terminated(tries: int, dice: random.Random) -> list[Trials]:
    """End each command several times; return what went wrong."""
    return [
        Trials(f"SIGTERM, {name}", tries, tuple(filter(None, (_ended(name, dice) for _ in range(tries)))))
        for name in COMMANDS
    ]


def _ended(name: str, dice: random.Random) -> str:
    """Start a command, end it at a random moment, and return what is wrong; nothing if all is well."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "temporary").mkdir()
        store = folder / "kept.db" if name in STORES else None
        with start(line_of(name, store), folder) as process:
            time.sleep(dice.uniform(0.5, LATEST_SECONDS))
            family = [] if process.poll() is not None else psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=SECONDS_TO_END)
        if process.returncode == Status.DONE:
            return ""
        wrong = _wrong(process.returncode, said)
        wrong += [f"{len(alive)} processes live on"] if (alive := psutil.wait_procs(family, SECONDS_TO_END)[1]) else []
        wrong += [f"{each.name} is left" for each in _left(folder)]
        return "; ".join([*wrong, *_wrong_store(store)])


def _wrong(status: int, said: str) -> list[str]:
    wrong = [] if status in (Status.TERMINATED, -signal.SIGTERM) else [f"status {status}"]
    if "Traceback" in said or "Error" in said:
        wrong.append(said.strip().splitlines()[-1])
    return wrong


def _left(folder: Path) -> list[Path]:
    """Return temporary files and drafts that a command left behind."""
    return [*(folder / "temporary").iterdir(), *folder.glob(".placer-*")]


def _wrong_store(store: Path | None) -> list[str]:
    """Return what is wrong with the store that a command kept."""
    if store is None or not store.exists():
        return []
    try:
        with Store.read(store) as kept:
            list(kept.rows())
    except StoreError as error:
        return [str(error)]
    return []
