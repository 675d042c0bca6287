"""Kill batches at random moments, and count the rows that are lost, doubled or changed.

    parent     a batch of the command line is killed and resumed several times, then runs to its end
    processes  worker processes of a batch are killed
    cluster    worker processes of a Dask cluster are killed, which restarts them

The rows are compared with those of an undisturbed batch, in all columns except the seconds. Then, with the number of
trials and of failures of each::

    plans      workers killed, a scheduler killed, an interrupt: the plan is the same, or goes on to it
    stores     a full disk, and damaged rows: the command says so, and its store goes on to the same rows
    memory     every command under a limit of memory: an answer, or one line that says what it needs
    SIGTERM    every command at random moments: status 143, no process and no file left, the store whole
    notebooks  HTML of results, progress and an interrupt in a Jupyter kernel, where nbclient is installed
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

import placer
from placer.batch.store import Store
from tests.effort import PATIENCE_SECONDS

from .local_cluster import WORKERS, local_cluster
from .notebooks import notebooks
from .plan_survival import plans
from .short_memory import short_of_memory
from .store_survival import stores
from .termination import terminated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor

    from .trials import Trials

DATASET, SEED, COST = "tiny", 7, ("cost",)
#: A process is killed at most this long after the rows at which it should die.
LATEST_SECONDS = 0.1

EXAMPLE = """example:
  python -m benchmarks.survival --sets 60 --kills 4 --worker-kills 2 --rounds 1
  python -m benchmarks.survival --json"""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a batch: the numbers of kills and of lost, doubled and changed rows."""

    what: str
    sets: int
    kills: int
    lost: int
    doubled: int
    changed: int
    unsolved: int

    @property
    def survived(self) -> bool:
        """Whether the rows equal those of an undisturbed batch."""
        return not (self.lost or self.doubled or self.changed or self.unsolved)


def main() -> int:
    """Kill, compare, print, and return the exit status: 0 if all survived."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", type=int, default=500)
    parser.add_argument("--kills", type=int, default=30, help="of the parent")
    parser.add_argument("--worker-kills", type=int, default=10, help="of workers, in processes and on the cluster")
    parser.add_argument("--rounds", type=int, default=3, help="of everything but the batches")
    parser.add_argument("--seed", type=int, default=SEED, help="of the moments")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    sets = placer.DemandSets(placer.load(DATASET), count=given.sets, seed=SEED)
    calm = by_number(placer.solve_many(sets, COST, workers=WORKERS))[0]
    dice = random.Random(given.seed)  # noqa: S311 - nothing is secret
    found = [
        parent(calm, given.kills, dice),
        processes(sets, calm, given.worker_kills, dice),
        *cluster(sets, calm, given.worker_kills, dice),
    ]
    trials = list(trials_of(given.rounds, dice))
    if given.json:
        print(json.dumps([asdict(each) for each in (*found, *trials)], indent=2))
    else:
        print("\n".join([*map(_line, found), *map(str, trials)]))
    return int(not all(each.survived for each in (*found, *trials)))


def trials_of(rounds: int, dice: random.Random) -> Iterator[Trials]:
    """Yield the trials of plans, stores, memory, signals and notebooks."""
    yield from plans(rounds, dice)
    yield from stores(rounds, dice)
    yield from short_of_memory()
    yield from terminated(rounds, dice)
    yield from notebooks()


def parent(calm: dict[int, dict[str, Any]], kills: int, dice: random.Random) -> Outcome:
    """Kill and resume a batch of the command line several times; its workers end when it is gone."""
    done = 0
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "runs.db"
        while done < kills:
            target = kept(path) + dice.randrange(max(2 * (len(calm) - kept(path)) // (kills - done + 1), 1) + 1)
            with batch(path, len(calm)) as process:
                while kept(path) < min(target, len(calm) - 1) and process.poll() is None:
                    time.sleep(0.01)
                time.sleep(dice.uniform(0.0, LATEST_SECONDS))
                done += process.poll() is None
                end(process)
            if kept(path) == len(calm):
                break
        with batch(path, len(calm)) as process:
            process.wait()
        with Store.read(path) as store:
            rows, doubled = by_number(store.rows())
    return outcome("parent", rows, doubled, calm, done)


def processes(sets: placer.DemandSets, calm: dict[int, dict[str, Any]], kills: int, dice: random.Random) -> Outcome:
    """Kill worker processes of this process."""

    def kill() -> bool:
        workers = [each for each in psutil.Process().children() if "--multiprocessing-fork" in each.cmdline()]
        if workers:
            dice.choice(workers).kill()
        return bool(workers)

    return under_fire("processes", sets, calm, None, kill, kills, dice)


def cluster(
    sets: placer.DemandSets, calm: dict[int, dict[str, Any]], kills: int, dice: random.Random
) -> Iterator[Outcome]:
    """Kill workers of a Dask cluster; do nothing without Dask."""
    try:
        distributed: Any = importlib.import_module("distributed")
    except ModuleNotFoundError:
        print("cluster: left out, Dask is not installed", file=sys.stderr)
        return
    with local_cluster() as started, distributed.Client(started.address, set_as_default=False) as client:
        client.wait_for_workers(WORKERS, timeout=PATIENCE_SECONDS)

        def kill() -> bool:
            pids = list(client.run(os.getpid, on_error="ignore").values())
            if pids:
                os.kill(dice.choice(pids), signal.SIGKILL)
            return bool(pids)

        yield under_fire("cluster", sets, calm, client.get_executor(pure=False), kill, kills, dice)


def under_fire(
    what: str,
    sets: placer.DemandSets,
    calm: dict[int, dict[str, Any]],
    executor: Executor | None,
    kill: Any,
    kills: int,
    dice: random.Random,
) -> Outcome:
    """Run a batch, and kill at random rows."""
    moments = sorted(dice.sample(range(1, len(sets) - 2 * WORKERS), kills))
    rows, done = [], 0
    for row in placer.solve_many(sets, COST, workers=WORKERS, executor=executor):
        rows.append(row)
        while done < kills and len(rows) >= moments[done]:
            if not kill():
                break
            done += 1
    return outcome(what, *by_number(rows), calm, done)


def outcome(
    what: str, rows: dict[int, dict[str, Any]], doubled: int, calm: dict[int, dict[str, Any]], kills: int
) -> Outcome:
    """Compare rows with those of an undisturbed batch."""
    changed = sum(rows[number] != calm[number] for number in rows.keys() & calm.keys())
    unsolved = sum(row["status"] != "optimal" for row in rows.values())
    return Outcome(what, len(calm), kills, len(calm.keys() - rows.keys()), doubled, changed, unsolved)


def by_number(rows: Iterable[dict[str, Any]]) -> tuple[dict[int, dict[str, Any]], int]:
    """Return rows by number without their seconds, and the number of duplicates."""
    found, doubled = {}, 0
    for row in rows:
        doubled += row["number"] in found
        found[int(row["number"])] = {name: value for name, value in row.items() if name != "seconds"}
    return found, doubled


def kept(path: Path) -> int:
    """Return the number of rows in a store; 0 if it does not exist yet."""
    if not path.exists():
        return 0
    with Store.read(path) as store:
        return len(store)


def batch(path: Path, count: int) -> subprocess.Popen[bytes]:
    """Start or resume a batch in a separate process."""
    given = (DATASET, "--n", str(count), "--seed", str(SEED), "--workers", str(WORKERS), "--store", str(path))
    command = (sys.executable, "-m", "placer", "batch", *given, "--resume")
    return subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with a signal that it cannot handle."""
    process.kill()
    process.wait()


def _line(found: Outcome) -> str:
    bad = f"{found.lost} lost, {found.doubled} doubled, {found.changed} changed, {found.unsolved} unsolved"
    return f"{found.what}: {found.kills} kills in a batch of {found.sets} sets: {bad}"


if __name__ == "__main__":
    sys.exit(main())
