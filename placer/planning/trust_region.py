"""A trust region around the best plan: trial plans, solved in as many states as it takes to judge them.

    1  the master over the pool gives the bound, and over the trust region around the best plan a trial plan
    2  the states are solved at the trial plan, those first whose model was last most in error, weighted; every price
       vector found is a cut for all states. As soon as the trial plan is known to cost no less than the best one, the
       other states are left unsolved
    3  a trial plan that costs less is the best one, and the region grows if its gain is what the model said; where a
       trial costs more the region shrinks

(Trust regions for this: Linderoth and Wright, Computational Optimization and Applications 24, 2003. Prices shared
between states: Higle and Sen, Mathematics of Operations Research 16, 1991.) The region bounds the units of each
candidate by a part of a scale of its own; it only chooses trial plans, and the bound never depends on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from placer.planning.certificate import prove_bound

if TYPE_CHECKING:
    from placer.planning.certificate import Bound
    from placer.planning.cost_model import CostModel
    from placer.planning.evaluation import Evaluator
    from placer.planning.plan_program import PlanProgram
    from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class SearchParameters:
    """Parameters of the search.

    Attributes
    ----------
    accepted : float
        Share of the predicted gain that a trial plan must reach.
    grows, shrinks : float
        Factors on the trust region.
    as_said : float
        Share of the predicted gain from which the region grows.
    first_radius : float
        Of the trust region, in scales of the candidates.
    least_scale : float
        Smallest scale of a candidate, as a share of the largest of any candidate that adds to the same kind of limit.
    few_gap : float
        Relative gap at which the search over a few states ends.
    few_shares : tuple of float
        Exponents of the numbers of states of the searches before the last: ``states ** share``.
    most_rounds, most_stalls : int
        Rounds, and rounds in a row without gain in cost and bound, after which the search gives up.
    """

    accepted: float = 0.1
    grows: float = 2.0
    shrinks: float = 0.4
    as_said: float = 0.5
    first_radius: float = 1.0
    least_scale: float = 0.05
    few_gap: float = 1e-3
    few_shares: tuple[float, ...] = (0.0, 0.5)
    most_rounds: int = 1000
    most_stalls: int = 5


DEFAULT = SearchParameters()


@dataclass(eq=False)
class TrustRegion:
    """What is known while the search goes on; ``numbers`` are the positions of its states among all."""

    problem: PlanProgram
    model: CostModel
    evaluator: Evaluator
    numbers: IntArray
    gap: float
    parameters: SearchParameters
    units: FloatArray = field(default_factory=lambda: np.zeros(0))
    costs: FloatArray = field(default_factory=lambda: np.zeros(0))
    bound: Bound | None = None
    radius: float = 1.0
    rounds: int = 0
    errors: FloatArray = field(init=False)
    plans: list[tuple[FloatArray, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with all states as much in error, and the first radius."""
        self.errors = np.full(len(self.numbers), np.inf)
        self.radius = self.parameters.first_radius

    @property
    def cost(self) -> float:
        """Yearly cost of the best plan."""
        return self.problem.total(self.units, self.costs)

    def start(self, units: FloatArray | None) -> None:
        """Solve every state at some units; without any, at the cheapest plan that keeps the build limits."""
        self.units = self.model.optimum()[0].units if units is None else units
        self.costs, _ = self._solved(self.units, -math.inf)
        self.plans.append((self.units, self.cost))

    def raise_bound(self) -> None:
        """Prove the bound of the whole pool, and keep the better one."""
        found = self.proven_bound()
        if self.bound is None or found.amount > self.bound.amount:
            self.bound = found

    def proven_bound(self) -> Bound:
        """Return the bound that the whole pool proves."""
        return prove_bound(self.problem, self.model.pool.vectors, self.model.optimum()[1])

    @property
    def open_gap(self) -> float:
        """What the best plan may cost too much, relative to the cost."""
        bound = -math.inf if self.bound is None else self.bound.amount
        return (self.cost - bound) / (abs(self.cost) or 1.0)

    def step(self) -> None:
        """Try the best plan of the trust region."""
        self.rounds += 1
        scale = _scales(self.problem, self.units, self.parameters.least_scale)
        reach = self.radius * scale
        low = np.maximum(self.units - reach, 0.0)
        high = np.minimum(self.units + reach, self.problem.most)
        point, _ = self.model.optimum(low, high)
        predicted = self.cost - point.objective
        if predicted <= 0.5 * self.gap * abs(self.cost):
            self.radius *= self.parameters.grows  # the best of its region: the bound is open further away
            return
        limit = self.cost - self.parameters.accepted * predicted
        costs, complete = self._solved(point.units, limit)
        total = self.problem.total(point.units, costs)
        if complete:
            self.plans.append((point.units, total))
        if complete and total < self.cost:
            is_far = bool((np.abs(point.units - self.units) >= 0.99 * reach).any())
            if self.cost - total >= self.parameters.as_said * predicted and is_far:
                self.radius *= self.parameters.grows
            self.units, self.costs = point.units, costs
        elif total > self.cost + predicted:
            self.radius *= self.parameters.shrinks

    def _solved(self, units: FloatArray, limit: float) -> tuple[FloatArray, bool]:
        """Solve states at some units until all are, or the plan is known to cost more than a limit.

        Returns
        -------
        costs : (states,) array
            Proven where solved, else the model's.
        complete : bool
        """
        before = self.model.costs(units)
        costs, solved = before.copy(), np.zeros(len(before), dtype=bool)
        order = np.argsort(-np.where(np.isinf(self.errors), np.inf, self.errors * self.problem.weights), kind="stable")
        place = {int(self.numbers[each]): int(each) for each in order}
        for done in self.evaluator.evaluate(list(place), units):
            for each in done:
                which = place[each.state]
                self.model.pool.add(each.prices)
                costs[which], solved[which] = each.cost, True
                self.errors[which] = max(each.cost - before[which], 0.0)
            costs = np.where(solved, costs, self.model.costs(units))
            if not solved.all() and self.problem.total(units, costs) > limit > -math.inf:
                return costs, False
        return costs, True


def _scales(problem: PlanProgram, units: FloatArray, least: float) -> FloatArray:
    """Return the scale of each candidate: its units, and where they are few, a part of those of its kind."""
    kinds = np.array(problem.candidates.adds)
    scales = np.maximum(units, least**2 * problem.most)
    for kind in set(problem.candidates.adds):
        alike = kinds == kind
        scales[alike] = np.maximum(scales[alike], least * units[alike].max())
    return np.minimum(scales, problem.most)
