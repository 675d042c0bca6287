"""The value of a plan for all states over one for the mean demand, and the value of knowing the state in advance.

    value of the stochastic solution   = cost of the plan for the mean demand, in all states, - cost of the plan
    value of perfect information       = cost of the plan - sum_o share_o (least cost of a plan for state o alone)

both >= 0 (Birge and Louveaux, Introduction to Stochastic Programming, chapter 4), for the mean cost of a year. A state
alone occurs all year, so ``w_o / share_o`` times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from placer.decomposition.member import Member
from placer.errors import NoSolutionError
from placer.least_cost.unmet_limits import impossible
from placer.planning.costs.evaluation import answer_state
from placer.planning.question.plan_program import PlanProgram
from placer.planning.search.proven_plan import ProvenPlan, Prover
from placer.running import in_time
from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class OutOfSample:
    """The yearly cost of a plan in states that it was not made for.

    Attributes
    ----------
    cost_usd_per_year : (states,) array
        Cost with the builds, if the state occurred all year.
    """

    cost_usd_per_year: FloatArray

    @property
    def mean_usd_per_year(self) -> float:
        """Mean over the states."""
        return float(self.cost_usd_per_year.mean())

    @property
    def standard_error_usd_per_year(self) -> float:
        """Standard error of that mean; NaN for a single state."""
        count = len(self.cost_usd_per_year)
        return float(self.cost_usd_per_year.std(ddof=1) / np.sqrt(count)) if count > 1 else float("nan")


def cost_with(problem: PlanProgram, units: FloatArray) -> float:
    """Return the proven yearly cost of some units in all states.

    Raises
    ------
    NoSolutionError
        If a state has no proven placement.
    """
    every = in_time(problem.states, "the cost in every state")
    return problem.total(units, np.array([_cost(state, units) for state in every]))


def cost_of_plan_for(plan: ProvenPlan, mean: Member, prove: Prover) -> float:
    """Return the cost of the plan for one state in all states of another plan.

    Raises
    ------
    NoSolutionError
        As ``placer.plan``.
    """
    problem = replace(plan.problem, states=(mean,), unmet_cuts=())
    alone = prove(problem, vectors=plan.vectors, units=plan.units)
    return cost_with(plan.problem, alone.units)


def cost_with_foresight(plan: ProvenPlan, shares: Sequence[float], prove: Prover) -> float:
    """Return the mean over the states of the least cost of a plan for the state alone.

    Parameters
    ----------
    shares : sequence of float
        Share of the year of every state.
    prove : callable
        Proves plans to a gap.

    Raises
    ------
    NoSolutionError
        As ``placer.plan``.
    """
    total, vectors, units = 0.0, plan.vectors, plan.units
    for state, share in in_time(zip(plan.problem.states, shares, strict=True), "a plan for each state alone"):
        if share > 0:
            alone = replace(plan.problem, states=(replace(state, weight=state.weight / share),), unmet_cuts=())
            found = prove(alone, vectors=vectors, units=units)
            total += share * found.cost_usd_per_year
    return total


def out_of_sample_costs(problem: PlanProgram, units: FloatArray, states: Iterable[Member]) -> OutOfSample:
    """Return the yearly cost of units in other states, each with its weight if it occurred all year.

    Raises
    ------
    NoSolutionError
        If a state has no proven placement.
    """
    build_usd = problem.build_cost(units)
    every = in_time(states, "the cost in every state")
    return OutOfSample(np.array([build_usd + state.weight * _cost(state, units) for state in every]))


def _cost(state: Member, units: FloatArray) -> float:
    structure = state.at(units)
    try:
        return answer_state(state, structure, None)[1].objective
    except NoSolutionError as error:
        told = impossible(replace(state.formulation, structure=structure), error)
        detail = f"state {state.name}, with the builds of the plan: {told.detail}"
        raise NoSolutionError(error.reason, detail) from None
