"""A replay as a job of many days: what they share, and one day under every rule."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.batch.identity import digest
from placer.errors import ArgumentError, NoSolutionError
from placer.instance.attributes.validation import show
from placer.instance.problem import Instance
from placer.model.formulation import Formulation, formulate
from placer.proof.certificate import Tolerances
from placer.replays.asked import PERFECT, Asked
from placer.replays.day import View, drawn_amounts, replay_day, substep_amounts
from placer.replays.flows import DayFlows, day_infeasibility
from placer.replays.network import DayNetwork
from placer.replays.optimum import day_figures, least_cost, workload_figures
from placer.replays.outlook import Brief, outlook
from placer.replays.router import Decision, need_decision
from placer.replays.rules import Rule
from placer.running import running_until
from placer.termination import Reason
from placer.utils.arrays import FloatArray, IntArray, positions_in, sums_by
from placer.utils.shared import Shared
from placer.version import VERSION

if TYPE_CHECKING:
    from placer.histories.around import DemandHistory

#: The error of a time limit.
NO_TIME = "no time was left for the next day"
#: Rows of the days and of the workloads of a task.
Rows = tuple[list[dict[str, Any]], list[dict[str, Any]]]


@dataclass(frozen=True, eq=False)
class ReplayJob:
    """What all days have in common.

    Attributes
    ----------
    klass, origin : (pairs,) int arrays
    forecast : (pairs, hours) array
    late_usd : (classes,) array
    """

    instance: Instance
    formulation: Formulation
    history: DemandHistory
    asked: Asked
    klass: IntArray
    origin: IntArray
    forecast: FloatArray
    late_usd: FloatArray

    @classmethod
    def of(cls, instance: Instance, history: DemandHistory, asked: Asked) -> ReplayJob:
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
            late[(formulation.workloads == name)[formulation.structure.served_class]] = usd
        return cls(instance, formulation, history, asked, klass, origin, forecast, late)

    @property
    def tasks(self) -> list[tuple[int, int]]:
        """Day and seed of every task."""
        return [(day, seed) for day in self.days for seed in self.asked.seeds]

    @property
    def identity(self) -> dict[str, Any]:
        """All that the rows depend on, in JSON types; a rule of one's own counts by its name."""
        asked = self.asked
        found = hashlib.sha256()
        for values in (self.forecast, self.late_usd, self.history.mtok_per_request, *map(self.history.mtok, self.days)):
            found.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
        return {
            "placer": VERSION,
            "instance": digest(self.instance),
            "demand": found.hexdigest(),
            "tasks": [list(task) for task in self.tasks],
            "rules": list(asked.rules),
            "forecast": asked.forecast if isinstance(asked.forecast, str) else "",
            "substeps": asked.substeps,
            "order": asked.order,
            "dispersion": asked.dispersion,
        }

    @property
    def days(self) -> list[int]:
        """The days that are replayed."""
        return list(range(self.history.days)) if self.asked.days is None else self.asked.days

    def network(self, parts: int) -> DayNetwork:
        """Return the network of the pairs over periods, so many an hour."""
        return DayNetwork.of(self.formulation, self.klass, self.origin, parts, self.late_usd)

    def amounts(self, day: int, seed: int) -> FloatArray:
        """Return what arrives in every substep of a day (pairs, substeps)."""
        expected = substep_amounts(self.history.mtok(day), self.asked.substeps)
        return drawn_amounts(expected, self.history.mtok_per_request, self.asked.dispersion, seed)


def _late_usd(formulation: Formulation, klass: IntArray, origin: IntArray, forecast: FloatArray) -> FloatArray:
    """Return the mean price of demand of every class in the forecast (classes,); 0 without demand."""
    classes = formulation.structure.classes
    endless = DayNetwork.of(formulation, klass, origin, 1, formulation.structure.unserved_cost)
    price = np.nan_to_num(outlook(endless, forecast).demand)
    paid = sums_by(klass, (price * forecast).sum(axis=1), classes)
    asked = sums_by(klass, forecast.sum(axis=1), classes)
    return np.divide(paid, asked, out=np.zeros(classes), where=asked > 0)[formulation.structure.served_class]


def replayed_day(held: ReplayJob | Shared[ReplayJob], until: float, number: int) -> Rows:
    """Replay the day of a task under every rule by a time of ``time.time``; runs in the executor."""
    job = held.value if isinstance(held, Shared) else held
    day, seed = job.tasks[number]
    with running_until(until, NO_TIME):
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
            clock = _Clock(name, network, _made(name, rule, brief))
            flows = replay_day(network, amounts, clock, job.asked.order, seed)
            _need_feasible(network, flows, name, day)
            at = {"rule": name, "day": day, "seed": seed}
            runs.append(at | day_figures(job.formulation, network, flows, least) | {"decision_ms": clock.mean_ms})
            workloads += [at | row for row in workload_figures(job.formulation, flows, least)]
        return runs, workloads


def _made(name: str, rule: Rule, brief: Brief) -> Callable[[View], Decision]:
    """Return what a rule makes of a day; refuse what cannot be called."""
    decide = rule(brief)
    if not callable(decide):
        raise ArgumentError(f"rule {name}: expected a function from a View to a Decision, not {show(decide)}")
    return decide


class _Clock:
    """A rule whose decisions are checked, and the time that they take."""

    def __init__(self, rule: str, network: DayNetwork, decide: Callable[[View], Decision]) -> None:
        self._rule, self._network, self._decide = rule, network, decide
        self._seconds, self._count = 0.0, 0

    def __call__(self, view: View) -> Decision:
        """Return the decision.

        Raises
        ------
        ArgumentError
            If it is none.
        """
        started = time.perf_counter()
        found = self._decide(view)
        self._seconds += time.perf_counter() - started
        self._count += 1
        return need_decision(found, self._network, view.period, self._rule)

    @property
    def mean_ms(self) -> float:
        """Mean time of a decision."""
        return 1000 * self._seconds / max(self._count, 1)


def _need_feasible(network: DayNetwork, flows: DayFlows, rule: str, day: int) -> None:
    """Raise an error if flows break a limit: a rule decided no numbers, or the replay is wrong."""
    worst = day_infeasibility(network, flows)
    if not worst <= Tolerances().primal:
        raise NoSolutionError(Reason.FAILED, f"rule {rule}, day {day}: a balance or limit is broken by {worst:.1e}")


def _rtt_ms(formulation: Formulation, network: DayNetwork) -> FloatArray:
    """Return the round trip of every choice (pairs, choices); inf where there is none."""
    structure = network.structure
    return network.of_choices(formulation.rtt_ms[structure.arc_origin, structure.arc_way], np.inf)
