"""Days of a history replayed under rules, each beside the least cost of the day known in advance.

    V(rule) = cost of the flows that the rule chose, with what policies charge for them + penalties
    V*      = a proven lower bound on V of every way to route the same substeps
    regret  = V / V* - 1 >= 0;  inf if V > V* and V* <= 0

Penalties are those of the instance, for work that is refused, finds no room, or waits longer than it may. Work whose
window ends after the day may wait for the next: what of it is left costs ``late_usd_per_mtok``, in V and in V*. Days
begin without backlog. Hours of the instance are divided evenly into substeps.
"""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from placer.batch.store import Store
from placer.histories.around import DemandHistory
from placer.instance.arguments import need, need_instance, need_workers
from placer.instance.problem import Instance
from placer.replays.asked import Asked, Rules, check_sent, integers_of, rules_of
from placer.replays.day import Order
from placer.replays.job import ReplayJob, Rows, replayed_day
from placer.replays.result import Replay
from placer.running import Progress, deadline, running, tell
from placer.termination import Reason
from placer.utils.shared import Shared
from placer.utils.tasks import dispatcher_of, result_of

_log = logging.getLogger(__name__)


def replay(
    instance: Instance,
    history: DemandHistory,
    rules: Rules = "online",
    *,
    days: Iterable[int] | None = None,
    forecast: Instance | str | None = None,
    substeps: int = 10,
    order: Order = "together",
    dispersion: float = 0.0,
    seeds: Iterable[int] = (0,),
    late_usd_per_mtok: Mapping[str, float] | None = None,
    store: str | os.PathLike[str] | None = None,
    resume: bool = False,
    workers: int = 1,
    executor: Executor | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Replay:
    """Route the days of a history as they came, without foresight, and compare each with its least cost.

    Parameters
    ----------
    instance : Instance
        The network, of one day from midnight on, with the workloads, hubs and hours of the history.
    history : DemandHistory
    rules : str, callable, or several
        Names of ``placer.replays.rules``, or rules of one's own: a callable that takes a ``Brief`` and returns one that
        takes a ``View`` and returns a ``Decision``. Several as a list, or by name in a mapping.
    days : iterable of int, optional
        Days of the history; all if not given.
    forecast : Instance or str, optional
        Whose demand the rules expect; the instance of the history if not given. ``perfect``: the hours of the day
        itself, so that what is left of the regret is that of the rule.
    substeps : int
        Of each step of the history; a rule decides in each.
    order : str
        Of arrivals within a substep. ``together``: all mixed evenly. ``random``: workload by workload, in an order
        drawn for each substep. ``strict_first``: workloads with fewer choices first.
    dispersion : float
        Variance over mean of the requests of a substep; 0: as many as expected. Otherwise at least 1 (Poisson).
    seeds : iterable of int
        Of the counts and of the random order; each is a replay.
    late_usd_per_mtok : mapping of str to float, optional
        Cost of a Mtok of each workload that waits past the end of the day; the mean price of its demand in the forecast
        if not given.
    store : path, optional
        File that keeps every day and seed as it completes. A rule of one's own is known by its name alone.
    resume : bool
        Resume the store if it exists: what it has is not replayed again.
    workers, executor
        As in ``placer.solve``; days are replayed side by side.
    time_limit_seconds, progress
        As in ``placer.running``.

    Raises
    ------
    InstanceError
        Listing every violation: an instance with caps, blocks, weights or a backlog, names that differ from those of
        the history, unknown rules, days or orders, rules, days or seeds that stand twice.
    ArgumentError
        If a rule decides what is no ``Decision`` of its day, or cannot be sent to other processes.
    NoSolutionError
        If the least cost of a day is not proven, or a rule breaks a limit.
    BatchError
        As in ``placer.solve``.
    StoreError
        If the store exists and ``resume`` is False, or it is of another replay.

    Examples
    --------
    >>> import pandas as pd, placer
    >>> rows = [{"class": "all", "step": step, "requests": n} for step, n in enumerate([10, 20, 30, 20])]
    >>> history = placer.History.of_table(pd.DataFrame(rows), step_minutes=720)
    >>> tiny = placer.load("tiny").replace(hour_length=12.0)
    >>> around = placer.DemandHistory(history, tiny, dict.fromkeys(["voice", "chat", "batch"], "all"), reference_days=1)
    >>> found = placer.replay(tiny, around, ["cheapest", "online"], days=[1], substeps=4)
    >>> bool((found.days["regret_share"] >= 0).all())
    True
    """
    need_instance(instance)
    need(history, DemandHistory, "a history around an instance", "placer.DemandHistory(history, instance, classes)")
    need_workers(workers, executor)
    chosen = None if days is None else integers_of(days, "days")
    late = late_usd_per_mtok or {}
    asked = Asked(rules_of(rules), chosen, forecast, substeps, order, dispersion, integers_of(seeds, "seeds"), late)
    asked.check(instance, history)
    if executor is not None or workers > 1:
        check_sent(asked.rules)
    with running(progress, time_limit_seconds):
        job = ReplayJob.of(instance, history, asked)
        with _kept(store, job, resume=resume) as kept:
            rows = _replayed(job, kept, workers, executor)
    filled = history.history.filled
    return Replay(
        _table([row for part, _ in rows for row in part], ["rule", "day", "seed"]),
        _table([row for _, part in rows for row in part], ["rule", "day", "seed", "workload"]),
        filled[filled["day"].isin(job.days)].reset_index(drop=True),
        instance.settings.currency,
    )


def _table(rows: list[dict[str, Any]], index: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows).set_index(index)


def _replayed(job: ReplayJob, store: Store | None, workers: int, executor: Executor | None) -> list[Rows]:
    """Return the rows of every task, in their order; those that a store has are not replayed again."""
    found = {} if store is None else {int(row["number"]): _read(row) for row in store.rows()}
    missing = [number for number in range(len(job.tasks)) if number not in found]
    held, until = job if executor is None and workers == 1 else Shared(job), deadline()
    processes = max(min(workers, len(missing)), 1)
    with dispatcher_of(processes if executor is None else workers, executor, until) as dispatcher:
        tasks = ((held, until, number) for number in missing)
        for (_, _, number), future in dispatcher.as_completed(replayed_day, tasks):
            found[number] = result_of(future)
            if store is not None:
                store.add(number, {"status": str(Reason.OPTIMAL), "rows": json.dumps(found[number])})
            tell(_log, f"{len(found)} of {len(job.tasks)} days replayed")
    return [found[number] for number in range(len(job.tasks))]


def _read(row: Mapping[str, Any]) -> Rows:
    """Return the rows of a task that a store kept."""
    days, workloads = json.loads(row["rows"])
    return days, workloads


@contextmanager
def _kept(file: str | os.PathLike[str] | None, job: ReplayJob, *, resume: bool) -> Iterator[Store | None]:
    """Open the store of a replay, if there is one."""
    if file is None:
        yield None
        return
    place = Path(file)
    opened = Store.resume(place, job.identity) if resume and place.exists() else Store.create(place, job.identity)
    with opened as store:
        if store.dropped:
            tell(_log, f"{store.about_damaged()}; replayed again")
        yield store
