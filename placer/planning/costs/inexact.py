"""Approximate costs of states, from early points of their paths: the first trial plans need no better.

The prices of an early point give a cut, as all prices do. The cut lies some 1e-4 of the cost below the proven cost,
and a search over such cuts ends about as near to the optimum. Between two trial plans the point of a state moves by a
few Newton steps. These take a small part of the time of a solve for which the kept master is too far away.

The flows at an early point, cut to the limits, are a placement that costs some tenths of a per cent too much. So a
search that is stopped before every state was solved can still return a plan with a placement of every state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from placer.column_generation.early_point import EarlyPoint, duals_there, early_answer, early_point
from placer.column_generation.solver import WIDEST_GAP, ColumnGeneration, unsuitable
from placer.decomposition.closed_limits import prices_of
from placer.decomposition.cuts import PriceVector
from placer.decomposition.oracle import Evaluated
from placer.ladder.proven import default_solver
from placer.model.blocks import block_count
from placer.model.structure import Structure
from placer.planning.costs.evaluation import Evaluator, Held, solve_state
from placer.planning.question.plan_program import PlanProgram
from placer.proof.answer_certificate import certify_answer
from placer.running import check_time, deadline, running_until
from placer.utils.arrays import FloatArray, IntArray


def can_be_priced(problem: PlanProgram) -> bool:
    """Whether every state is so large that it takes a path of prices, and column generation suits it."""
    return all(_takes_path(state.structure) for state in problem.states)


def _takes_path(structure: Structure) -> bool:
    is_large = isinstance(default_solver(structure), ColumnGeneration) and structure.steps is None
    return is_large and block_count(structure) == 1 and not unsuitable(structure)


@dataclass(eq=False)
class InexactEvaluator:
    """Finds approximate costs of states; a state whose path is given up is solved.

    Attributes
    ----------
    exact : Evaluator
        Its states, executor and points are taken, and the points are moved.
    solves : (states,) int array
        Number of times that each state was priced.
    """

    exact: Evaluator
    solves: IntArray = field(init=False)

    def __post_init__(self) -> None:
        """Start to count."""
        self.solves = np.zeros(len(self.exact.solves), dtype=int)

    @property
    def what(self) -> str:
        """The verb of its messages: states are ``solved`` or ``priced``."""
        return "states priced"

    @property
    def workers(self) -> int:
        """The number of workers of the executor."""
        return self.exact.workers

    def evaluate(
        self, numbers: Sequence[int], units: FloatArray, near: Callable[[int], tuple[PriceVector, ...]]
    ) -> Iterator[list[Evaluated]]:
        """Price states at some units, as ``Evaluator.evaluate`` solves them; known prices are of no use."""
        del near
        tasks = self._tasks(numbers, units)
        for each, point in self.exact.dispatcher().in_order(price_state, tasks):
            if point is not None:
                self.exact.points[each.member] = point
                self.exact.memory.add_priced(units, each, point)
            self.solves[each.member] += 1
            yield [each]

    def place(self, units: FloatArray) -> FloatArray:
        """Return the cost of a placement of every state at some units (states,); inf where none was found.

        Raises
        ------
        NoSolutionError
            If the time is over.
        BatchError
            As ``Evaluator.evaluate``.
        """
        costs = np.full(len(self.solves), np.inf)
        tasks = self._tasks(range(len(costs)), units)
        for number, (cost, point) in enumerate(self.exact.dispatcher().in_order(place_state, tasks)):
            costs[number] = cost
            if point is not None:
                self.exact.points[number] = point
        return costs

    def _tasks(self, numbers: Sequence[int], units: FloatArray) -> Iterator[tuple[object, ...]]:
        for number in numbers:
            check_time("no time was left for the next state")
            yield self.exact.job.of(number), number, units, self.exact.points.get(number), deadline()


def price_state(
    job: Held, number: int, units: FloatArray, point: EarlyPoint | None, until: float
) -> tuple[Evaluated, EarlyPoint | None]:
    """Return the bound on a state at some units by the prices of an early point, and the point; runs in the executor.

    Parameters
    ----------
    job, number, units, until
        As of ``solve_state``.
    point : EarlyPoint, optional
        Of the state at other units.
    """
    state = job.value.states[number]
    structure = state.at(units)
    solver = default_solver(structure)
    if isinstance(solver, ColumnGeneration):
        with running_until(until, f"no time was left for state {number}"):
            found = early_point(structure, point, solver)
        if found is not None:
            duals, bound = duals_there(structure, found[1])
            return Evaluated(number, bound, prices_of(structure, state.opened, duals)), found[0]
    return solve_state(job, number, units, (), until), None


def place_state(
    job: Held, number: int, units: FloatArray, point: EarlyPoint | None, until: float
) -> tuple[float, EarlyPoint | None]:
    """Return the cost of the placement at the early point of a state, and the point; parameters as of ``price_state``.

    The cost is that of the certificate; inf if the path is given up, or the placement breaks a limit.
    """
    structure = job.value.states[number].at(units)
    solver = default_solver(structure)
    if not isinstance(solver, ColumnGeneration):
        return np.inf, point
    with running_until(until, f"no time was left for state {number}"):
        found = early_answer(structure, point, solver)
    if found is None:
        return np.inf, None
    certificate = certify_answer(structure, found[1], gap=WIDEST_GAP)
    return certificate.objective if certificate.feasible else np.inf, found[0]
