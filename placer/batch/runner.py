"""Solve many demand sets: one row of figures for each, whatever happens to it.

    base     the instance around which the sets lie is placed once; its prices are what every placement starts from
    sets     each is solved in a process of the executor, from those prices alone: rows depend on nothing else
    rows     are yielded as they come, and kept in a store if there is one; no more than a few sets are in flight

A set that cannot be solved is a row that says why. A process that dies takes its set with it, which is tried again a
few times; a set that hangs is ended by the parent.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from placer.batch.figures import Row, check_analyses, find, prices_of
from placer.batch.processes import InThisProcess, Processes, Shared
from placer.errors import BatchError, InstanceError, NoSolutionError, WorkerDiedError
from placer.instance.arguments import need_sets
from placer.model.program import Reason
from placer.running import running, tell
from placer.solvers.memory import check_memory
from placer.synthetic import DemandSets
from placer.version import VERSION

if TYPE_CHECKING:
    from placer.batch.store import Store
    from placer.instance.problem import Instance
    from placer.running import Progress
    from placer.solvers.column_generation.warm_start import Known

_log = logging.getLogger(__name__)

#: Status of a row; others are those of ``placer.Reason``.
REFUSED, DIED, ERROR = "refused", "worker died", "error"
#: Times a set is tried whose process dies.
TRIES = 3
#: What a set may take beyond its time limit before its process is ended: a part of the limit, and some seconds.
GRACE_PART, GRACE_SECONDS = 0.1, 5.0
#: Seconds between two looks at whether a cluster is still there.
LOOK_SECONDS = 0.5
#: Bytes that the row of a set takes, for those who keep all rows.
BYTES_PER_ROW = 3_000
#: Sets in flight for every worker, so that none waits for the next.
IN_FLIGHT = 2


@dataclass(frozen=True)
class Job:
    """What every set of a batch has in common.

    Attributes
    ----------
    sets : sequence of Instance
    analyses : tuple of str
    known : tuple of Known
        Prices of the base instance's placement.
    time_limit_seconds : float
        For each answer of a set.
    """

    sets: Sequence[Instance]
    analyses: tuple[str, ...]
    known: tuple[Known, ...]
    time_limit_seconds: float


def solve_many(
    sets: Sequence[Instance],
    analyses: Sequence[str] = ("cost",),
    *,
    base: Instance | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    store: Store | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Iterator[Row]:
    """Solve many instances around a base instance, and yield a row of figures for each as it comes.

    Parameters
    ----------
    sets : sequence of Instance
        ``DemandSets``, or any other sequence that can be pickled.
    analyses : sequence of str
        ``cost``: cost and its parts, unserved and export shares, quantiles of the price. ``hub_prices``: the mean price
        at every hub. ``unserved``: what is not worth serving, and what cannot be served. ``economic`` and
        ``work_economic``: the range of exports at least cost, by tokens and by work. ``ceiling`` and ``work_ceiling``:
        the export ceiling by tokens and by work. ``limits``: what takes the rest of the ceiling by tokens.
        Prices are those of what is served below the penalty.
    base : Instance, optional
        What every set starts from; the instance of the ``DemandSets``, else the first of the sequence.
    workers : int
        How many processes there are; with an executor, how many it has.
    executor : concurrent.futures.Executor, optional
        Where sets are solved, such as that of a Dask client or ``placer.batch.processes.InThisProcess()``. Processes
        that placer starts if not given: only these can be ended when a set hangs.
    store : Store, optional
        Keeps every row. The rows it has are yielded first and not solved again.
    time_limit_seconds : float
        Time for each answer of a set; a set that takes longer is a row with the reason ``time limit``.
    progress : callable, optional
        Called with a line of text: while the base instance is solved, and with every row that is new.

    Yields
    ------
    dict
        ``number``, ``status`` (``optimal``, or why there is no answer), ``detail``, ``seconds``, and the figures.

    Raises
    ------
    InstanceError
        If an analysis is unknown.
    BatchError
        If the executor broke; the rows so far are kept.
    StoreError
        If a row cannot be kept.

    Examples
    --------
    >>> import placer
    >>> sets = placer.DemandSets(placer.load("tiny"), count=3, seed=7)
    >>> rows = list(placer.solve_many(sets))
    >>> sorted((row["number"], row["status"]) for row in rows)
    [(0, 'optimal'), (1, 'optimal'), (2, 'optimal')]
    """
    need_sets(sets)
    chosen = check_analyses(analyses)
    count = len(sets)
    done: set[int] = set()
    if store is not None:
        done = store.done()
        yield from store.rows()
    if len(done) >= len(sets):
        return
    missing = (number for number in range(len(sets)) if number not in done)
    around = base or (sets.instance if isinstance(sets, DemandSets) else sets[0])
    with running(progress):
        known = _known(around, chosen, time_limit_seconds)
    job = Shared(Job(sets, chosen, known, time_limit_seconds))
    with ExitStack() as opened:
        used = executor or opened.enter_context(Processes(workers, time_limit_seconds=_patience(job.value)))
        most = 1 if isinstance(used, InThisProcess) else IN_FLIGHT * workers
        for ended, row in enumerate(_rows(used, job, missing, most), len(done) + 1):
            _report(progress, f"{ended:,} of {count:,} sets, the last one {row['status']}")
            if store is not None:
                store.add(int(row["number"]), row)
            yield row


def check_size(count: int) -> None:
    """Refuse a batch whose rows would not fit into the memory that is free, before anything is solved.

    Raises
    ------
    BatchError
    """
    try:
        check_memory(BYTES_PER_ROW * count, f"the table of {count:,} sets")
    except NoSolutionError as error:
        raise BatchError(error.detail) from None


def _report(progress: Progress | None, text: str) -> None:
    """Say how far a batch is. Nothing may hold while a row is yielded, or it would hold for whoever takes the row."""
    with running(progress):
        tell(_log, text)


def settings_of(
    sets: Sequence[Instance], analyses: Sequence[str], time_limit_seconds: float = math.inf
) -> dict[str, Any]:
    """Return all that rows depend on, to be kept in a store.

    Raises
    ------
    BatchError
        If the sets are not ``DemandSets``: others cannot be told apart.
    """
    if not isinstance(sets, DemandSets):
        raise BatchError("only DemandSets can be kept in a store, since others cannot be told apart when it is resumed")
    return {
        "placer": VERSION,
        "instance": digest(sets.instance),
        "uncertainty": sets.uncertainty.as_dict(),
        "count": len(sets),
        "seed": sets.seed,
        "analyses": list(check_analyses(analyses)),
        "time_limit_seconds": time_limit_seconds,
    }


def digest(instance: Instance) -> str:
    """Return a hash of all tables and settings of an instance: the same wherever it is computed."""
    found = hashlib.sha256(repr(instance.settings).encode())
    for name, frame in instance.tables.items():
        found.update(name.encode())
        for column in frame.columns:
            found.update(repr((column, frame[column].tolist())).encode())
    return found.hexdigest()


def solve_one(job: Shared[Job], number: int) -> Row:
    """Return the row of one set; runs where the executor runs it."""
    shared, started = job.value, time.perf_counter()
    row: Row = {"number": number, "status": str(Reason.OPTIMAL), "detail": ""}
    try:
        row |= find(shared.sets[number], shared.analyses, shared.known, shared.time_limit_seconds)
    except NoSolutionError as error:
        row |= {"status": str(error.reason), "detail": str(error)}
    except InstanceError as error:
        row |= {"status": REFUSED, "detail": str(error)}
    except SystemExit as error:  # some workers would take it for their own end
        row |= {"status": ERROR, "detail": f"SystemExit: {error}"}
    return row | {"seconds": time.perf_counter() - started}


def _known(base: Instance, analyses: tuple[str, ...], time_limit_seconds: float) -> tuple[Known, ...]:
    """Return the prices of the base instance; none where it cannot be solved, so that sets are solved afresh."""
    try:
        return prices_of(base, analyses, time_limit_seconds)
    except NoSolutionError:
        return ()


def _patience(job: Job) -> float:
    """Return the seconds after which a set is taken to hang."""
    return len(job.analyses) * job.time_limit_seconds * (1 + GRACE_PART) + GRACE_SECONDS


def _rows(executor: Executor, job: Shared[Job], numbers: Iterator[int], most: int) -> Iterator[Row]:
    """Have sets solved, so many at a time, and yield their rows as they come.

    Sets whose process died come last and alone: a cluster blames all that its dead worker held, not one of them.
    """
    suspects, tries = deque[int](), dict[int, int]()
    flying: dict[Future[Row], int] = {}
    try:
        while True:
            _check_connected(executor)
            while len(flying) < most and (number := next(numbers, None)) is not None:
                flying[executor.submit(solve_one, job, number)] = number
            if not flying and suspects:
                number = suspects.popleft()
                flying[executor.submit(solve_one, job, number)] = number
            if not flying:
                return
            ended, _ = wait(flying, LOOK_SECONDS, return_when=FIRST_COMPLETED)
            for future in ended:
                number = flying.pop(future)
                tries[number] = tries.get(number, 0) + 1
                row = _row(future, number, tries[number])
                if row is None:
                    suspects.append(number)
                    continue
                del tries[number]
                yield row
    except BrokenExecutor as error:
        raise BatchError(f"the executor broke: {error or type(error).__name__}; give it again to go on") from error
    finally:
        for future in flying:
            future.cancel()


def _check_connected(executor: Executor) -> None:
    """Wait while the client of a Dask cluster seeks its scheduler, and give up when it has.

    Dask cancels what was in flight and keeps what is given to it meanwhile for a scheduler that may never come.

    Raises
    ------
    BatchError
    """
    client = getattr(executor, "_client", None)  # only the executors of Dask have one
    while (status := getattr(client, "status", "running")) == "connecting":
        time.sleep(LOOK_SECONDS)
    if status in ("closing", "closed"):
        raise BatchError("the scheduler of the cluster is gone; give the batch another one to go on")


def _row(future: Future[Row], number: int, tried: int) -> Row | None:
    """Return the row of a set that has ended; None if it is to be tried again. Whatever a set does, it is a row."""
    try:
        error = future.exception()
    except CancelledError as cancelled:
        error = cancelled
    if error is None:
        return future.result()
    if isinstance(error, BrokenExecutor):
        raise error
    if isinstance(error, TimeoutError):
        return _failed(number, str(Reason.TIME_LIMIT), "ended by the parent: it did not stop by itself")
    if not _has_died(error):
        return _failed(number, ERROR, f"{type(error).__name__}: {error}")
    return None if tried < TRIES else _failed(number, DIED, f"its process died {tried} times")


def _has_died(error: BaseException) -> bool:
    """Whether an error says that a process is gone. Dask is not imported for it: its error is known by name."""
    return isinstance(error, WorkerDiedError | CancelledError) or type(error).__name__ == "KilledWorker"


def _failed(number: int, status: str, detail: str) -> Row:
    return {"number": number, "status": status, "detail": detail}
