"""A planning problem solved: the best plan found, its proof, and the prices that bound every other plan."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from placer.planning.certificate import certify_plan
from placer.planning.cost_model import CostModel
from placer.planning.evaluation import Evaluator, Here, Job
from placer.planning.pool import Pool
from placer.planning.search import find_plan
from placer.utils.processes import InThisProcess, Processes
from placer.utils.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.planning.certificate import PlanCertificate
    from placer.planning.cuts import PriceVector
    from placer.planning.plan_program import PlanProgram
    from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class ProvenPlan:
    """The best plan of a planning problem; ``certificate`` says how far it may be from the least cost.

    Attributes
    ----------
    problem : PlanProgram
    units : (candidates,) array
    state_costs_usd : (states,) array
        Least cost of the horizon of each state with these units, penalty for unserved demand included.
    certificate : PlanCertificate
    vectors : tuple of PriceVector
        Prices that were proven on the way: each bounds the cost of every plan in every state.
    evaluated : tuple of (units, USD a year)
        All plans that were solved in every state.
    solves : (states,) int array
        Solves of each state.
    stopped : str
        Why the search ended with an open gap; empty if it closed it.
    """

    problem: PlanProgram
    units: FloatArray
    state_costs_usd: FloatArray
    certificate: PlanCertificate
    vectors: tuple[PriceVector, ...]
    evaluated: tuple[tuple[FloatArray, float], ...]
    solves: IntArray
    stopped: str

    @cached_property
    def cost_model(self) -> CostModel:
        """The lower bound on the cost of every plan that the prices prove."""
        return CostModel(self.problem, Pool(self.problem.states, self.vectors))


def prove_plan(
    problem: PlanProgram,
    gap: float,
    workers: int = 1,
    vectors: Sequence[PriceVector] = (),
    units: FloatArray | None = None,
) -> ProvenPlan:
    """Return the plan of least cost, proven to a gap.

    Parameters
    ----------
    problem : PlanProgram
        Whose build limits can be kept.
    gap : float
    workers : int
        Processes that solve states side by side.
    vectors : sequence of PriceVector
        Of a plan of the same candidates.
    units : (candidates,) array, optional
        A plan to start from; not used where it exceeds a limit.

    Raises
    ------
    NoSolutionError
        If a state has no proven placement, or the time is over before any plan was solved in all states.
    """
    with ExitStack() as opened:
        job = Job(problem.states)
        if workers == 1:
            evaluator = Evaluator(Here(job), InThisProcess(), 1)
        else:
            evaluator = Evaluator(Shared(job), opened.enter_context(Processes(workers)), workers)
        first = units if units is not None and problem.keeps_limits(units) else None
        found, pool = find_plan(problem, evaluator, gap, vectors, first)
    certificate = certify_plan(problem, found.units, found.costs, found.bound, states_proven=True, tolerance=gap)
    return ProvenPlan(
        problem=problem,
        units=found.units,
        state_costs_usd=found.costs,
        certificate=certificate,
        vectors=tuple(pool.vectors[pool.shapes :]),
        evaluated=found.plans,
        solves=np.array(evaluator.solves),
        stopped=found.stopped,
    )
