"""The gains from trade: the cost of every region alone, less its net cost, at marginal prices and by Shapley.

    gain of R = C(R) - net cost of R          at the prices of the placement, which are in the core (stability)
    Shapley   = C(R) - phi_R                  splits every gain among those who make it; it may leave the core

Duals, and so net costs, need not be unique. The ends of the range of the net cost of R over all optimal duals are the
slopes of the least cost as the demand and the limits of R shrink together, and as they grow together. An end is
infinite where no such step can be taken, as with a limit of at least as many tokens as there are.

Every program starts from the placement only, never from the answer of another one. So the gains are the same for any
number of processes, to the last bit.

All regions together cost the sum of their net costs. A group of some keeps the policies between its members, and what
one of them pays another is no cost to the group; within a region no policy holds. A net cost at marginal prices is less
what the region is paid, which no prices change. With such charges a group may pay less alone than by these net costs: a
customs union.

The cost of a region alone is mostly the penalty of tokens that it cannot serve. So gains need a value or a penalty of
every workload. The default penalty only makes programs feasible: it is not a value.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from placer.accounting.coalitions import cost_alone
from placer.accounting.groups import Groups
from placer.accounting.tables import contract_costs
from placer.analysis.directions import Directions, Shift
from placer.currency import USD, amount_in
from placer.errors import InstanceError, Violation, refuse
from placer.instance.checks.battery_checks import batteries_refused
from placer.instance.checks.contract_checks import totals_refused
from placer.instance.checks.pool_checks import pools_refused
from placer.instance.problem import Instance
from placer.model.structure import Structure
from placer.placement.result import Placement
from placer.running import deadline, in_time, running_until, tell
from placer.solvers.highs import HiGHS
from placer.utils.arrays import BoolArray, FloatArray
from placer.utils.shapley import largest_objection, shapley_value
from placer.utils.shared import Shared
from placer.utils.tasks import dispatcher_of, result_of

#: A function of the job and of the positions of some regions; the function stands at the head of a module.
GainsTask = tuple[Callable[["GainsJob", Sequence[int]], FloatArray], Sequence[int]]

_log = logging.getLogger(__name__)

#: Maximum number of regions for which all groups are solved: each region doubles the number of groups.
MOST_REGIONS = 6
#: The error of a time limit.
_NO_TIME = "no time was left for the next group of regions"
#: A group objects to a value only if it would save more than this share of its cost alone: ten times the gap to which
#: the cost of a large group is solved, below which savings are what gaps leave open.
_LEAST_SAVING = 1e-7


@dataclass(frozen=True, eq=False)
class GainsJob:
    """The data that all programs share: as it is in this process, ``Shared`` for others."""

    placement: Placement
    groups: Groups

    @property
    def value(self) -> GainsJob:
        """Itself."""
        return self


@dataclass(frozen=True, eq=False)
class Gains:
    """The gains from trade.

    Attributes
    ----------
    table : DataFrame
        One row for every region: ``alone_usd`` (its cost alone), ``net_cost_usd`` and ``gain_usd`` at the prices of the
        placement, ``least_net_cost_usd`` and ``most_net_cost_usd`` over all optimal prices (-inf and inf without an
        end), ``shapley_net_cost_usd`` and ``shapley_gain_usd`` (NaN with more than 6 regions).
    alone_usd : Series
        The cost of every group of regions alone, by its names joined with `` + ``: all groups up to 6 regions, else the
        single regions.
    objection : str
        The group that would save most alone against the Shapley value; empty if no group would save, so that the value
        is in the core.
    currency : str
        Of all amounts.
    net_cost_objection : str
        The same against the net costs at marginal prices, which are in the core unless regions are paid charges.
    """

    table: pd.DataFrame
    alone_usd: pd.Series
    objection: str
    currency: str = USD
    net_cost_objection: str = ""

    @property
    def shapley_in_core(self) -> bool | None:
        """Whether no group would pay less alone than by the Shapley value; None where there is no Shapley value."""
        return None if self.table["shapley_net_cost_usd"].isna().any() else not self.objection

    def __str__(self) -> str:
        """Return the gains as a sentence or two."""
        total = self.table["gain_usd"].sum()
        said = f"Trade saves {amount_in(total, self.currency)} against every region alone."
        if self.shapley_in_core is None:
            return f"{said} The Shapley value is shown for at most {MOST_REGIONS} regions."
        other = f" At marginal prices {self.net_cost_objection} would." if self.net_cost_objection else ""
        if self.objection:
            return f"{said} The Shapley value is not in the core: {self.objection} would pay less alone.{other}"
        if other:
            return f"{said} The Shapley value is in the core: no group would pay less alone.{other}"
        return f"{said} The Shapley value is in the core, as the net costs at marginal prices are."


def gains_of(
    placement: Placement, groups: Groups, regions: pd.DataFrame, workers: int = 1, executor: Executor | None = None
) -> Gains:
    """Return the gains from trade, given the accounts of the regions, a number of processes or an executor.

    Raises
    ------
    InstanceError
        If a workload that is asked for has neither a value nor a penalty of its own.
    NoSolutionError
        If an answer was not proven.
    """
    _need_values(placement.instance)
    refuse(batteries_refused(placement.instance.batteries, "accounts.gains"))
    refuse(pools_refused(placement.instance.accelerator_pools, "the gains from trade"))
    refuse(totals_refused(placement.instance.contracts, "the gains from trade"))
    count, every = len(groups.names), len(groups.names) <= MOST_REGIONS
    net, paid = (regions[name].to_numpy(float)[:count] for name in ("net_cost_usd", "policy_revenue_usd"))
    masks = list(range(1, (1 << count) - 1)) if every else [1 << region for region in range(count)]
    costs, ranges = _solved(placement, groups, masks, workers, executor)
    contracts = contract_costs(placement.formulation, groups)
    costs = {mask: usd + float(contracts[_members(mask, count)].sum()) for mask, usd in costs.items()}
    if every:
        costs[(1 << count) - 1] = float(net.sum())
    alone = np.array([costs[1 << region] for region in range(count)])
    shapley, objection, other = np.full(count, np.nan), "", ""
    if every:
        game = np.array([0.0, *costs.values()])
        shapley = shapley_value(game)
        objection = _objection(game, shapley, groups)
        other = _objection(game, net, groups) if paid.any() else ""  # without charges: see placer.accounting.stability
    table = {
        "alone_usd": alone,
        "net_cost_usd": net,
        "gain_usd": alone - net,
        "least_net_cost_usd": ranges[:, 0] - paid + contracts,
        "most_net_cost_usd": ranges[:, 1] - paid + contracts,
        "shapley_net_cost_usd": shapley,
        "shapley_gain_usd": alone - shapley,
    }
    return Gains(
        table=pd.DataFrame(table, index=pd.Index(groups.names, name=groups.by)),
        alone_usd=pd.Series({_named(mask, groups): usd for mask, usd in costs.items()}, name="alone_usd"),
        objection=objection,
        currency=placement.currency,
        net_cost_objection=other,
    )


def _objection(game: FloatArray, shares: FloatArray, groups: Groups) -> str:
    """Return the group that would pay less alone than its shares, by the most; empty if no group would."""
    group, excess = largest_objection(game, shares)
    return _named(group, groups) if excess > _LEAST_SAVING * abs(game[group]) else ""


def _solved(
    placement: Placement, groups: Groups, masks: Sequence[int], workers: int, executor: Executor | None
) -> tuple[dict[int, float], FloatArray]:
    """Return the costs of some groups alone, by mask, and the ranges of the net costs of all regions (regions, 2)."""
    count = len(groups.names)
    largest_first = sorted(masks, key=lambda mask: -mask.bit_count())  # the long tasks must not come last
    tasks: list[GainsTask] = [(_ranges, range(count)), *((_alone, _members(mask, count)) for mask in largest_first)]
    answers = answers_of(GainsJob(replace(placement), groups), tasks, workers, executor)  # a copy carries no tables
    costs = {mask: float(answer[0]) for mask, answer in zip(largest_first, answers[1:], strict=True)}
    return {mask: costs[mask] for mask in masks}, answers[0].reshape(-1, 2)


def answers_of(
    job: GainsJob, tasks: Sequence[GainsTask], workers: int, executor: Executor | None = None
) -> list[FloatArray]:
    """Return the answers of some tasks in their order.

    Raises
    ------
    NoSolutionError
        If a task has no proven answer, or the time is over.
    BatchError
        If the executor broke, its cluster is gone, or the process of a task died on every try.
    """
    held, until = job if executor is None and workers == 1 else Shared(job), deadline()
    answers = {}
    with dispatcher_of(min(workers, len(tasks)) if executor is None else workers, executor, until) as dispatcher:
        every = ((held, task, until, place) for place, task in in_time(enumerate(tasks), _NO_TIME))
        for (_, _, _, place), future in dispatcher.as_completed(_answer, every):
            answers[place] = result_of(future)
            tell(_log, f"{len(answers):,} of {len(tasks):,} programs of the gains from trade")
    return [answers[place] for place in range(len(tasks))]


def _answer(held: GainsJob | Shared[GainsJob], task: GainsTask, until: float, _place: int) -> FloatArray:
    """Answer a task by a time of ``time.time``; runs in the executor."""
    function, regions = task
    with running_until(until, _NO_TIME):
        return function(held.value, regions)


def _alone(job: GainsJob, regions: Sequence[int]) -> FloatArray:
    """Return the cost of some regions alone (1,), USD."""
    formulation, duals = job.placement.formulation, job.placement.answer.prices
    charge = formulation.distance.charged(formulation.structure)
    return np.array([cost_alone(formulation.structure, duals, job.groups, regions, charge)])


def _ranges(job: GainsJob, regions: Sequence[int]) -> FloatArray:
    """Return the least and the most net cost of each region, one after the other (2 * regions,), USD.

    They are before the charges that it is paid.
    """
    directions = Directions(job.placement, HiGHS())  # of all regions: laying its columns takes longest
    return np.concatenate([net_cost_range(directions, job.groups, region) for region in regions])


def net_cost_range(directions: Directions, groups: Groups, region: int) -> FloatArray:
    """Return the least and the most net cost of a region over all optimal duals (2,), USD; infinite without an end."""
    hub, place, owner = (one == region for one in (groups.hub, groups.site, groups.owner))
    less, more = (directions.slope(_scaled(directions.structure, hub, place, owner, step)) for step in (-1.0, 1.0))
    return np.array([-less, more])


def _scaled(structure: Structure, hub: BoolArray, place: BoolArray, owner: BoolArray, step: float) -> Shift:
    """Return the direction in which the demand and the limits of a region grow (1) or shrink (-1) in proportion."""

    def part(limit: FloatArray, own: BoolArray) -> FloatArray:
        return step * np.where(own[:, None] & np.isfinite(limit), limit, 0.0)

    return Shift(
        demand=step * structure.demand_amount * hub[structure.demand_origin],
        capacity=part(structure.capacity, owner),
        intake=part(structure.intake, place),
        tier_limit=part(structure.tier_limit, place[structure.tier_site]),
    )


def _members(mask: int, count: int) -> list[int]:
    return [region for region in range(count) if mask >> region & 1]


def _named(mask: int, groups: Groups) -> str:
    return " + ".join(groups.names[region] for region in _members(mask, len(groups.names)))


def _need_values(instance: Instance) -> None:
    workloads = instance.workloads
    known = workloads["unserved_usd_per_mtok"].notna() | (workloads["value_usd_per_mtok"] > 0)
    asked = workloads["backlog_of"].fillna(workloads["workload"]).isin(workloads.loc[known, "workload"])
    lacking = workloads.loc[~asked & workloads["workload"].isin(instance.demand["workload"]), "workload"]
    if len(lacking):
        problem = "no value of unserved tokens, which a region alone may have to leave"
        raise InstanceError(
            Violation("workloads", str(name), "value_usd_per_mtok", problem, "above 0, or unserved_usd_per_mtok")
            for name in lacking
        )
