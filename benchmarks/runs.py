"""Commands, each run as a process of its own, whose outputs are kept in a CSV file, so that a killed run goes on.

A run that was interrupted is not kept, and comes again. One whose command has changed since is measured again too.
"""

from __future__ import annotations

import csv
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

from placer.utils.atomic import whole

from .year import watched

ROOT = Path(__file__).resolve().parents[1]
#: How the environment of a run differs: with the extra ``fast``, or with its library hidden.
FAST, NUMPY = "fast", "numpy"
#: Status of a run that exceeded its limit; otherwise the exit status of its process.
OUT_OF_TIME = 124
_HIDDEN = "numba"
#: Seconds that an interrupted process has to end its own.
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True)
class Run:
    """A command.

    Attributes
    ----------
    name : str
    command : str
        What follows ``python -m``; ``{folder}`` and ``{seed}`` are filled in.
    quick : str
        The same at a small size, to see that it works.
    rounds : int
        How often it is measured.
    extras : tuple of str
        With the extra, without, or both.
    path : str
        Folder of other versions of libraries, which come first on the search path.
    """

    name: str
    command: str
    quick: str
    rounds: int = 1
    extras: tuple[str, ...] = (FAST,)
    path: str = ""


@dataclass(frozen=True)
class Finished:
    """A run that has ended: a row of the file.

    Attributes
    ----------
    name, command, extra : str
        The command as it was run; ``fast`` or ``numpy``.
    round : int
    date : str
    seconds, processor_seconds, peak_mb : float
        Of all its processes, start and imports included.
    status : int
    output : str
    """

    name: str
    command: str
    extra: str
    round: int
    date: str
    seconds: float
    processor_seconds: float
    peak_mb: float
    status: int
    output: str

    @property
    def machine(self) -> dict[str, str]:
        """The machine and versions that the command printed; empty if it printed none."""
        try:
            found = json.loads(self.output)
        except json.JSONDecodeError:
            return {}
        return found.get("machine", {}) if isinstance(found, dict) and isinstance(found.get("machine"), dict) else {}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows that the command printed as JSON: a line each, a list, or the only list of an object."""
        try:
            found = json.loads(self.output)
        except json.JSONDecodeError:
            lines = [line for line in self.output.splitlines() if line.startswith("{")]
            return [json.loads(line) for line in lines]
        if isinstance(found, dict):
            found = next((value for value in found.values() if isinstance(value, list)), [found])
        return list(found)


def read(file: Path) -> list[Finished]:
    """Return the runs in a file; none if there is no such file."""
    if not file.exists():
        return []
    kinds = {each.name: {"int": int, "float": float}.get(str(each.type), str) for each in fields(Finished)}
    rows = pd.read_csv(file, dtype=str, keep_default_na=False)  # ``csv`` refuses an output of over 131,072 characters
    return [Finished(**{name: kinds[name](row[name]) for name in kinds}) for row in rows.to_dict("records")]


def write(file: Path, found: Sequence[Finished]) -> None:
    """Write runs; the file is complete at any time."""
    with whole(file) as draft, draft.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.DictWriter(stream, [each.name for each in fields(Finished)])
        rows.writeheader()
        rows.writerows(map(asdict, found))


def forget(file: Path, names: Collection[str]) -> None:
    """Drop the runs of some names from a file, and the folders from which their commands would go on."""
    write(file, [each for each in read(file) if each.name not in names])
    for name in names:
        shutil.rmtree(_home(file, name), ignore_errors=True)


def measure(
    runs: Sequence[Run],
    file: Path,
    *,
    seed: int = 0,
    quick: bool = False,
    limit_seconds: float | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Finished]:
    """Measure runs that the file does not hold, in turn round by round, and return all of theirs in its order.

    Parameters
    ----------
    runs : sequence of Run
    file : Path
    seed : int
        What stands for ``{seed}`` in commands.
    quick : bool
        Whether commands run at small sizes, once.
    limit_seconds : float, optional
        After which a process is ended.
    tell : callable
        Called with each command as it starts.
    """
    found = read(file)
    asked = []
    for place, run, extra in _in_turn(runs, quick=quick):
        command = (run.quick if quick else run.command).format(folder=_folder(file, run, extra), seed=seed)
        asked.append((run.name, command, extra, place))
        if not any((each.name, each.command, each.extra, each.round) == asked[-1] for each in found):
            tell(f"{run.name}, round {place + 1}, {extra}: python -m {command}")
            found = [each for each in found if (each.name, each.extra, each.round) != (run.name, extra, place)]
            found.append(_finished(run, command, extra, place, limit_seconds))
            write(file, found)
    return [each for each in found if (each.name, each.command, each.extra, each.round) in asked]


def _in_turn(runs: Sequence[Run], *, quick: bool) -> Iterator[tuple[int, Run, str]]:
    """Yield rounds of runs, with the extra and without it in turn."""
    for place in range(1 if quick else max((run.rounds for run in runs), default=0)):
        for run in runs:
            if place < run.rounds:
                yield from ((place, run, extra) for extra in run.extras)


def _folder(file: Path, run: Run, extra: str) -> str:
    """Return the folder of a run's own files, as a word of a command."""
    return shlex.quote(str(_home(file, run.name) / extra))


def _home(file: Path, name: str) -> Path:
    """Return the folder of all runs of a name."""
    return file.parent.resolve() / name.replace(" ", "_")


def _finished(run: Run, command: str, extra: str, place: int, limit_seconds: float | None) -> Finished:
    """Run a command, and end all its processes whatever happens."""
    date = datetime.now(UTC).isoformat(timespec="seconds")
    with tempfile.TemporaryFile() as said, _environment(run, extra) as environment:
        process = subprocess.Popen(  # noqa: S603 - this interpreter, our own modules
            [sys.executable, "-W", "ignore", "-m", *shlex.split(command)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            env=environment,
            start_new_session=True,
        )
        with watched(psutil.Process(process.pid)) as seen:
            try:
                status = process.wait(limit_seconds)
            except subprocess.TimeoutExpired:
                status = OUT_OF_TIME
            finally:
                _end(process)
        said.seek(0)
        output = said.read().decode()
    figures = (seen.seconds, seen.processor_seconds, seen.peak_mb)
    return Finished(run.name, command, extra, place, date, *(round(each, 2) for each in figures), status, output)


@contextmanager
def _environment(run: Run, extra: str) -> Iterator[dict[str, str]]:
    """Yield the environment of a run; without the extra, a module that cannot be imported hides its library."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"{_HIDDEN}.py").write_text(f"raise ModuleNotFoundError('no {_HIDDEN}', name='{_HIDDEN}')\n")
        places = (folder if extra == NUMPY else "", run.path, str(ROOT), os.environ.get("PYTHONPATH", ""))
        yield os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process as Ctrl-C does, so that it ends its own; kill it and what is left of them."""
    if process.poll() is not None:
        return
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_PATIENCE_SECONDS)
    for each in (process, *children):
        with suppress(psutil.NoSuchProcess):
            each.kill()
    process.wait()
