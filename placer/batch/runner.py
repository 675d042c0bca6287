"""Solve many demand sets: one row of figures for each, or a row with its failure.

    base     the instance around which the sets lie is placed once; its prices are the warm start of every placement
    sets     each is solved in this process or in one of the executor, from those prices alone: rows depend on nothing
             else
    rows     are yielded as they complete, and kept in a store if there is one; only a few sets are in flight

A set that cannot be solved gives a row with the reason. With several processes, a set whose process dies is tried
again a few times, and the parent ends a set that hangs.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from functools import partial

from placer.batch.bounding import bounded_rows, check_bounds
from placer.batch.figures import Row, base_prices, check_analyses
from placer.batch.job import ERROR, Job, failed_row, solve_one
from placer.batch.store import Store
from placer.column_generation.warm_start import KnownPrices
from placer.errors import BatchError, NoSolutionError
from placer.instance.arguments import need_sets, need_workers
from placer.instance.problem import Instance
from placer.running import Progress, check_time, running, tell
from placer.solvers.memory import check_memory, largest_count
from placer.synthetic import SetsAround
from placer.termination import Reason
from placer.utils.processes import InThisProcess, Processes
from placer.utils.shared import Shared
from placer.utils.tasks import DEFAULT, Dispatcher, TaskPolicy, error_of, has_died

_log = logging.getLogger(__name__)

#: Memory of the row of a set in bytes, for callers that keep all rows.
_BYTES_PER_ROW = 3_000
#: Status of a set whose process died on every try.
DIED = "worker died"


def patience_seconds(job: Job, dispatch: TaskPolicy = DEFAULT) -> float:
    """Return the seconds after which a set counts as hanging: a tenth beyond its limits, and a grace."""
    return 1.1 * len(job.analyses) * job.time_limit_seconds + dispatch.grace_seconds


def solve_many(
    sets: Sequence[Instance],
    analyses: Sequence[str] = ("cost",),
    *,
    base: Instance | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    store: Store | None = None,
    time_limit_seconds: float = math.inf,
    bounds: float | None = None,
    progress: Progress | None = None,
    dispatch: TaskPolicy = DEFAULT,
) -> Iterator[Row]:
    """Solve many instances, and yield a row of figures for each as it completes.

    Parameters
    ----------
    sets : sequence of Instance
        ``DemandSets``, sets of a history, or any other sequence that can be pickled.
    analyses : sequence of str
        ``cost``: cost and its parts, unserved and export shares, quantiles of the price. ``hub_prices``: the mean price
        at every hub. ``own_limits``: use and rent of every limit of one's own. ``accounts``: balance and uplift
        of every region. ``price_of_security``: what it costs to survive the loss of any one data centre, and the work
        that strands. ``unserved``: demand not worth serving, and demand that cannot be served. ``economic`` and
        ``work_economic``: the range of exports at least cost, by tokens and by work. ``ceiling`` and ``work_ceiling``:
        the export ceiling by tokens and by work. ``secure_ceiling``: the ceiling by tokens that survives the loss of
        any one data centre. ``limits``: the limits that take the rest of the ceiling by tokens. The two of security
        come with ``power_zones_``, ``regions_`` or ``links_`` before their names for the loss of any one of these, and
        so do their figures. Prices are those of demand served below the penalty.
    base : Instance, optional
        Its prices start every set; by default the instance around which the sets lie, or the first of the sequence.
    workers : int
        Number of processes. One is this process. Several are new ones, of which one that hangs is ended and one that
        dies is replaced; a script that asks for them guards its entry by ``if __name__ == "__main__":``.
    executor : concurrent.futures.Executor, optional
        Runs the tasks in place of processes of this machine, such as ``client.get_executor(pure=False)`` of a Dask
        client; ``workers`` is the number of its workers.
    store : Store, optional
        Keeps every row. Rows that it holds already are yielded first and not solved again.
    time_limit_seconds : float
        Time limit of each answer of a set; a set that takes longer gives a row with the reason ``time limit``. All sets
        together have no limit but that of ``placer.running`` around the loop over the rows.
    bounds : float, optional
        Relative gap within which the cost of a set need be known, such as 1e-4; with the analysis ``cost`` alone. The
        first sets are solved. Of every other set a feasible placement and a proven bound are found, or the set is
        solved too (``placer.batch.bounding``). Its figures are fewer.
    progress : callable, optional
        Called with a line of text: while the base instance is solved, and for every new row.
    dispatch : TaskPolicy
        Number of tries of a set and waiting times for its process.

    Yields
    ------
    dict
        ``number``, ``status`` (``optimal``, or why there is no answer), ``detail``, ``seconds``, and the figures. With
        bounds: ``cost_usd``, ``cost_usd_per_mtok``, ``transfers_usd``, ``penalty_usd`` and ``unserved_share`` of a
        feasible placement, ``demand_mtok``, ``bound_usd`` and ``gap``: the sum of cost, transfers and penalty is at
        least ``bound_usd`` for every placement, and exceeds it for this one by at most ``gap`` of the sum. The status
        is ``bounded`` where the placement is not proven to be the least. With steps of value also ``not_bought_mtok``
        and ``not_bought_usd``, its value, which the sum and ``bound_usd`` include.

    Raises
    ------
    InstanceError
        If an analysis is unknown.
    BatchError
        If the executor broke; the rows up to then are kept. If processes are asked for by a script that does not guard
        its entry. If the bounds are no gap, or other analyses than ``cost``
        are asked for with them.
    StoreError
        If a row cannot be stored.

    Examples
    --------
    >>> import placer
    >>> sets = placer.DemandSets(placer.load("tiny"), count=3, seed=7)
    >>> rows = list(placer.solve_many(sets))
    >>> sorted((row["number"], row["status"]) for row in rows)
    [(0, 'optimal'), (1, 'optimal'), (2, 'optimal')]
    """
    need_sets(sets)
    need_workers(workers, executor)
    chosen = check_analyses(analyses)
    if bounds is not None:
        check_bounds(bounds, chosen)
    done = set() if store is None else store.done()
    yield from () if store is None else store.rows()
    missing = [number for number in range(len(sets)) if number not in done]
    if not missing:
        return
    around = base or (sets.instance if isinstance(sets, SetsAround) else sets[0])
    with running(progress):
        known = _known(around, chosen, time_limit_seconds)
    job = Job(sets, chosen, known, time_limit_seconds)
    with ExitStack() as opened:
        patience = patience_seconds(job, dispatch)
        own = InThisProcess() if workers == 1 else Processes(workers, time_limit_seconds=patience)
        used = executor or opened.enter_context(own)
        run = partial(_run, Dispatcher(used, workers, dispatch))
        rows = run(job, iter(missing)) if bounds is None else bounded_rows(run, job, around, bounds, missing)
        for ended, row in enumerate(rows, len(done) + 1):
            check_time(f"{ended - 1:,} of {len(sets):,} sets are solved")  # a set that had no time is not stored
            _tell_progress(progress, f"{ended:,} of {len(sets):,} sets, the last one {row['status']}")
            if store is not None:
                store.add(int(row["number"]), row)
            yield row


def _run(dispatcher: Dispatcher, job: Job, numbers: Iterator[int]) -> Iterator[Row]:
    return rows_of(dispatcher, Shared(job), numbers)


def check_size(count: int) -> None:
    """Refuse a batch whose rows would exceed the free memory, before anything is solved.

    Raises
    ------
    BatchError
    """
    try:
        check_memory(_BYTES_PER_ROW * count, f"the table of {count:,} sets")
    except NoSolutionError as error:
        raise BatchError(f"{error.detail}, enough for {largest_count(_BYTES_PER_ROW):,} sets") from None


def _tell_progress(progress: Progress | None, text: str) -> None:
    """Report the progress of a batch. No context may be held across a yield, or it would hold in the caller."""
    with running(progress):
        tell(_log, text)


def _known(base: Instance, analyses: tuple[str, ...], time_limit_seconds: float) -> tuple[KnownPrices, ...]:
    """Return the prices of the base instance; none where it cannot be solved, so that sets start cold."""
    try:
        return base_prices(base, analyses, time_limit_seconds)
    except NoSolutionError:
        return ()


def rows_of(dispatcher: Dispatcher, job: Shared[Job], numbers: Iterator[int]) -> Iterator[Row]:
    """Solve sets, and yield their rows as they complete; those whose process died come last.

    Raises
    ------
    BatchError
        If the executor broke, or its cluster is gone.
    """
    for (_, number), future in dispatcher.as_completed(solve_one, ((job, number) for number in numbers)):
        yield _row(future, number, dispatcher.policy.tries)


def _row(future: Future[Row], number: int, tries: int) -> Row:
    """Return the row of a set that has ended, however it ended."""
    error = error_of(future)
    if error is None:
        return future.result()
    if isinstance(error, TimeoutError):
        return failed_row(number, str(Reason.TIME_LIMIT), "ended by the parent: it did not stop by itself")
    if has_died(error):
        return failed_row(number, DIED, f"its process died {tries} times")
    return failed_row(number, ERROR, f"{type(error).__name__}: {error}")
