"""Commands that are told to end (SIGTERM) at random moments, and what they leave."""

from __future__ import annotations

import random
import signal
import subprocess
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
#: Latest moment of the signal, counted from when the command has begun its work.
LATEST_SECONDS = 8.0
#: A command that says nothing begins when its store is there.
_SILENT = "batch"
_DONE_BEFORE = "done before the signal"


def terminated(tries: int, dice: random.Random) -> list[Trials]:
    """End each command several times in its work; return what went wrong, and how many were done before."""
    return [_trials(name, [_ended(name, dice) for _ in range(tries)]) for name in COMMANDS]


def _trials(name: str, ends: list[str]) -> Trials:
    failures = tuple(end for end in ends if end not in ("", _DONE_BEFORE))
    said = f"{ends.count('')} ended cleanly in their work, {ends.count(_DONE_BEFORE)} were {_DONE_BEFORE}"
    return Trials(f"SIGTERM, {name}", len(ends), failures, said)


def _ended(name: str, dice: random.Random) -> str:
    """Start a command, end it at a random moment, and return what is wrong; nothing if all is well."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "temporary").mkdir()
        store = folder / "kept.db" if name in STORES else None
        with start(line_of(name, store), folder) as process:
            _wait_for_work(process, store if name == _SILENT else None)
            time.sleep(dice.uniform(0.0, LATEST_SECONDS))
            family = [] if process.poll() is not None else psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=SECONDS_TO_END)
        if process.returncode == Status.DONE:
            return _DONE_BEFORE
        wrong = _wrong(process.returncode, said)
        wrong += [f"{len(alive)} processes live on"] if (alive := psutil.wait_procs(family, SECONDS_TO_END)[1]) else []
        wrong += [f"{each.name} is left" for each in _left(folder)]
        return "; ".join([*wrong, *_wrong_store(store)])


def _wait_for_work(process: subprocess.Popen[str], store: Path | None) -> None:
    """Wait for the first line of a command, or for its store; it may end before."""
    if store is None and process.stderr is not None:
        process.stderr.readline()
    while store is not None and not store.exists() and process.poll() is None:
        time.sleep(0.02)


def _wrong(status: int, said: str) -> list[str]:
    wrong = [] if status == Status.TERMINATED else [f"status {status}"]
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
