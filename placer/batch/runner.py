"""Solve many demand sets: one row of figures for each, whatever happens to it.

    base     the instance around which the sets lie is placed once; its prices are what every placement starts from
    sets     each is solved in a process of the executor, from those prices alone: rows depend on nothing else
    rows     are yielded as they come, and kept in a store if there is one; no more than a few sets are in flight

A set that cannot be solved is a row that says why. A process that dies takes its set with it, which is tried again a
few times; a set that hangs is ended by the parent.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from typing import TYPE_CHECKING

from placer.batch.dispatch import DEFAULT, DispatchParameters, rows_of
from placer.batch.figures import Row, base_prices, check_analyses
from placer.batch.job import Job
from placer.batch.processes import InThisProcess, Processes
from placer.batch.shared import Shared
from placer.errors import BatchError, NoSolutionError
from placer.instance.arguments import need_sets
from placer.running import running, tell
from placer.solvers.memory import check_memory
from placer.synthetic import DemandSets

if TYPE_CHECKING:
    from placer.batch.store import Store
    from placer.instance.problem import Instance
    from placer.running import Progress
    from placer.solvers.column_generation.warm_start import KnownPrices

_log = logging.getLogger(__name__)

#: Bytes that the row of a set takes, for those who keep all rows.
_BYTES_PER_ROW = 3_000


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
    dispatch: DispatchParameters = DEFAULT,
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
    dispatch : DispatchParameters
        How often a set is tried and how long its process is waited for.

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
        patience = dispatch.patience_seconds(job.value)
        used = executor or opened.enter_context(Processes(workers, time_limit_seconds=patience))
        most = 1 if isinstance(used, InThisProcess) else dispatch.in_flight_per_worker * workers
        for ended, row in enumerate(rows_of(used, job, missing, most, dispatch), len(done) + 1):
            _tell_progress(progress, f"{ended:,} of {len(sets):,} sets, the last one {row['status']}")
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
        check_memory(_BYTES_PER_ROW * count, f"the table of {count:,} sets")
    except NoSolutionError as error:
        raise BatchError(error.detail) from None


def _tell_progress(progress: Progress | None, text: str) -> None:
    """Say how far a batch is. Nothing may hold while a row is yielded, or it would hold for whoever takes the row."""
    with running(progress):
        tell(_log, text)


def _known(base: Instance, analyses: tuple[str, ...], time_limit_seconds: float) -> tuple[KnownPrices, ...]:
    """Return the prices of the base instance; none where it cannot be solved, so that sets are solved afresh."""
    try:
        return base_prices(base, analyses, time_limit_seconds)
    except NoSolutionError:
        return ()
