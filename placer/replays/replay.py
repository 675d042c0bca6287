"""Days of a history replayed under rules, each beside the least cost of the day known in advance.

    V(rule) = cost of the flows that the rule chose + penalties
    V*      = a proven lower bound on V of every way to route the same substeps
    regret  = V / V* - 1 >= 0

Penalties are those of the instance, for work that is refused, finds no room, or waits longer than it may. Work whose
window ends after the day may wait for the next: what of it is left costs ``late_usd_per_mtok``, in V and in V*. Days
begin without backlog. Hours of the instance are divided evenly into substeps.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.errors import NoSolutionError
from placer.histories.around import DemandHistory
from placer.instance.arguments import need, need_instance, need_workers
from placer.instance.problem import Instance
from placer.model.formulation import formulate
from placer.proof.certificate import Tolerances
from placer.replays.arrivals import drawn_amounts, substep_amounts
from placer.replays.asked import PERFECT, Asked, rules_of
from placer.replays.day import Order, View, replay_day
from placer.replays.flows import cost_usd, infeasibility, penalty_usd
from placer.replays.network import Network
from placer.replays.optimum import least_cost
from placer.replays.outlook import outlook
from placer.replays.result import Replay
from placer.replays.rules import Brief
from placer.running import deadline, running, running_until, tell
from placer.termination import Reason
from placer.utils.arrays import positions_in, sums_by
from placer.utils.shared import Shared
from placer.utils.tasks import dispatcher_of, result_of

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from placer.model.formulation import Formulation
    from placer.replays.asked import Rules
    from placer.replays.flows import DayFlows
    from placer.replays.optimum import Least
    from placer.replays.router import Decision
    from placer.running import Progress
    from placer.utils.arrays import FloatArray, IntArray

_log = logging.getLogger(__name__)
_NO_TIME = "no time was left for the next day"


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
    workers: int = 1,
    executor: Executor | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Replay:
    """Route the days of a history as they came, without looking ahead, and compare with the least cost of each day.

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
    workers, executor
        As in ``placer.solve``; days are replayed side by side.
    time_limit_seconds, progress
        As in ``placer.running``.

    Raises
    ------
    InstanceError
        Listing every violation: an instance with caps, blocks, weights or a backlog, names that differ from those of
        the history, unknown rules, days or orders.
    NoSolutionError
        If the least cost of a day is not proven, or a rule breaks a limit or decides no numbers.
    BatchError
        As in ``placer.solve``.

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
    asked = Asked(
        rules=rules_of(rules),
        days=None if days is None else list(days),
        forecast=forecast,
        substeps=substeps,
        order=order,
        dispersion=dispersion,
        seeds=list(seeds),
        late_usd_per_mtok=late_usd_per_mtok or {},
    )
    asked.check(instance, history)
    with running(progress, time_limit_seconds):
        job = _Job.of(instance, history, asked)
        rows = _replayed(job, workers, executor)
    filled = history.history.filled
    return Replay(
        _table([row for part, _ in rows for row in part], ["rule", "day", "seed"]),
        _table([row for _, part in rows for row in part], ["rule", "day", "seed", "workload"]),
        filled[filled["day"].isin(job.days)].reset_index(drop=True),
    )


def _table(rows: list[dict[str, Any]], index: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows).set_index(index)


@dataclass(frozen=True, eq=False)
class _Job:
    """What all days have in common.

    Attributes
    ----------
    formulation : Formulation
    history : DemandHistory
    asked : Asked
    klass, origin : (pairs,) int arrays
    forecast : (pairs, hours) array
    late_usd : (classes,) array
    """

    formulation: Formulation
    history: DemandHistory
    asked: Asked
    klass: IntArray
    origin: IntArray
    forecast: FloatArray
    late_usd: FloatArray

    @classmethod
    def of(cls, instance: Instance, history: DemandHistory, asked: Asked) -> _Job:
        """Find the pairs, the forecast, and the cost of late work."""
        formulation, pairs = formulate(instance), history.pairs
        klass = positions_in(pd.Series(formulation.workloads), pairs["workload"])
        origin = positions_in(pd.Series(formulation.hubs), pairs["hub"])
        expected = asked.forecast if isinstance(asked.forecast, Instance) else history.instance
        forecast = np.zeros((len(pairs), len(formulation.hours)))
        row = pd.MultiIndex.from_frame(pairs).get_indexer(
            pd.MultiIndex.from_frame(expected.demand[["workload", "hub"]])
        )
        known = row >= 0
        forecast[row[known], expected.demand_period[known]] = expected.demand["mtok"].to_numpy(float)[known]
        late = _late_usd(formulation, klass, origin, forecast)
        for name, usd in asked.late_usd_per_mtok.items():
            late[formulation.workloads == name] = usd
        return cls(formulation, history, asked, klass, origin, forecast, late)

    @property
    def days(self) -> list[int]:
        """The days that are replayed."""
        return list(range(self.history.days)) if self.asked.days is None else self.asked.days

    def network(self, parts: int) -> Network:
        """Return the network of the pairs over periods, so many an hour."""
        return Network.of(self.formulation, self.klass, self.origin, parts, self.late_usd)

    def amounts(self, day: int, seed: int) -> FloatArray:
        """Return what arrives in every substep of a day (pairs, substeps)."""
        expected = substep_amounts(self.history.mtok(day), self.asked.substeps)
        return drawn_amounts(expected, self.history.mtok_per_request, self.asked.dispersion, seed)


def _late_usd(formulation: Formulation, klass: IntArray, origin: IntArray, forecast: FloatArray) -> FloatArray:
    """Return the mean price of demand of every class in the forecast (classes,); 0 without demand."""
    classes = formulation.structure.classes
    endless = Network.of(formulation, klass, origin, 1, formulation.structure.unserved_cost)
    price = np.nan_to_num(outlook(endless, forecast).demand)
    paid = sums_by(klass, (price * forecast).sum(axis=1), classes)
    asked = sums_by(klass, forecast.sum(axis=1), classes)
    return np.divide(paid, asked, out=np.zeros(classes), where=asked > 0)


def _replayed(job: _Job, workers: int, executor: Executor | None) -> list[_Rows]:
    """Return the rows of every day and seed, in their order."""
    tasks = [(day, seed) for day in job.days for seed in job.asked.seeds]
    held, until = job if executor is None and workers == 1 else Shared(job), deadline()
    found = {}
    with dispatcher_of(min(workers, len(tasks)) if executor is None else workers, executor, until) as dispatcher:
        for (_, _, day, seed), future in dispatcher.as_completed(_day, ((held, until, *task) for task in tasks)):
            found[day, seed] = result_of(future)
            tell(_log, f"{len(found)} of {len(tasks)} days replayed")
    return [found[task] for task in tasks]


_Rows = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def _day(held: _Job | Shared[_Job], until: float, day: int, seed: int) -> _Rows:
    """Replay a day under every rule by a time of ``time.time``; runs in the executor."""
    job = held.value if isinstance(held, Shared) else held
    with running_until(until, _NO_TIME):
        parts = job.asked.substeps * job.history.steps_per_hour
        network, hours, amounts = job.network(parts), job.network(1), job.amounts(day, seed)
        came = amounts.reshape(len(amounts), -1, parts).sum(axis=2)
        hindsight = outlook(hours, came)
        least = least_cost(network, amounts, hindsight)
        is_perfect = job.asked.forecast == PERFECT
        brief = Brief(
            network=network,
            hours=hours,
            forecast=came if is_perfect else job.forecast,
            outlook=hindsight if is_perfect else outlook(hours, job.forecast),
            rtt_ms=_rtt_ms(job.formulation, network),
        )
        runs, workloads = [], []
        for name, rule in job.asked.rules.items():
            clock = _Clock(rule(brief))
            flows = replay_day(network, amounts, clock, job.asked.order, seed)
            _need_feasible(network, flows, name, day)
            at = {"rule": name, "day": day, "seed": seed}
            runs.append(at | _figures(job, network, flows, least) | {"decision_ms": clock.mean_ms})
            workloads += [at | row for row in _by_workload(job, flows, least)]
        return runs, workloads


class _Clock:
    """A rule, and the time that its decisions take."""

    def __init__(self, decide: Callable[[View], Decision]) -> None:
        self._decide, self._seconds, self._count = decide, 0.0, 0

    def __call__(self, view: View) -> Decision:
        """Return the decision."""
        started = time.perf_counter()
        found = self._decide(view)
        self._seconds += time.perf_counter() - started
        self._count += 1
        return found

    @property
    def mean_ms(self) -> float:
        """Mean time of a decision."""
        return 1000 * self._seconds / max(self._count, 1)


def _need_feasible(network: Network, flows: DayFlows, rule: str, day: int) -> None:
    """Raise an error if flows break a limit: a rule decided no numbers, or the replay is wrong."""
    worst = infeasibility(network, flows)
    if not worst <= Tolerances().primal:
        raise NoSolutionError(Reason.FAILED, f"rule {rule}, day {day}: a balance or limit is broken by {worst:.1e}")


def _rtt_ms(formulation: Formulation, network: Network) -> FloatArray:
    """Return the round trip of every choice (pairs, choices); inf where there is none."""
    rtt_ms = formulation.rtt_ms[network.origin[:, None], network.structure.arc_way[network.arc]]
    return np.where(network.is_arc, rtt_ms, np.inf)


def _figures(job: _Job, network: Network, flows: DayFlows, least: Least) -> dict[str, float]:
    classes = job.formulation.structure.classes
    cost, penalty = cost_usd(network, flows), penalty_usd(network, flows)
    total, demand = cost + float(penalty.sum()), float(flows.arrived.sum())
    unserved = (flows.left + flows.expired)[:classes].sum()
    exported = job.formulation.exported[network.origin[:, None], network.site] & network.is_arc
    share = 1 / demand if demand > 0 else 0.0
    return {
        "cost_usd": cost,
        "penalty_usd": float(penalty[:classes].sum()),
        "waiting_usd": float(penalty[classes:].sum()),
        "cost_and_penalty_usd": total,
        "least_cost_usd": least.usd,
        "regret_share": total / least.usd - 1 if least.usd > 0 else 0.0,
        "unserved_share": float(unserved) * share,
        "expired_share": float(flows.expired.sum()) * share,
        "export_share": float((flows.sent * exported).sum()) * share,
    }


def _by_workload(job: _Job, flows: DayFlows, least: Least) -> list[dict[str, Any]]:
    """Return what each workload with demand lost; late work counts for its workload."""
    classes, window = job.formulation.structure.classes, job.formulation.structure.window
    own = np.concatenate([np.arange(classes), np.flatnonzero(window > 0)])
    is_late = np.arange(len(own)) >= classes
    lost = flows.left + flows.expired
    table = {
        "demand_mtok": flows.arrived,
        "unserved_mtok": np.where(is_late, 0.0, lost),
        "expired_mtok": flows.expired,
        "waiting_mtok": np.where(is_late, lost + flows.waiting, flows.waiting),
        "least_unserved_mtok": np.where(is_late, 0.0, least.unserved),
    }
    totals = {name: sums_by(own, values, classes) for name, values in table.items()}
    return [
        {"workload": str(name)} | {column: float(values[klass]) for column, values in totals.items()}
        for klass, name in enumerate(job.formulation.workloads)
        if totals["demand_mtok"][klass] > 0
    ]
