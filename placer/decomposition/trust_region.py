"""A trust region around a point: trial points, each solved in the members that are needed to judge it.

    1  the master over the pool gives the bound, and over the trust region around its centre an optimum of the model;
       the trial point lies part of the way to it while much can be gained: cuts are deeper there, members change less
    2  the members are solved at the trial point, in descending order of the weighted last error of the model; every
       price vector found is a cut for all members. The other members are left unsolved as soon as the trial point is
       known to cost no less than the centre, or the model was right for the last few solved members: then it decides
       for the others
    3  a trial point that costs less is the next centre, and the region grows if the gain is as predicted; if a trial
       point costs more, the region shrinks
    4  if the centre costs no more than the bound, within the gap, its other members are solved: only then is its cost
       proven

(Trust regions for two-stage programs: Linderoth and Wright, Computational Optimization and Applications 24, 2003.
Prices shared between members: Higle and Sen, Mathematics of Operations Research 16, 1991. Part of the way: Ben-Ameur
and Neto, Networks 49, 2007.) The region bounds the units of each variable by a part of a scale of its own. It only
chooses trial points: the bound never depends on it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import InitVar, dataclass, field
from typing import Generic

import numpy as np

from placer.decomposition.bound import Bound, Multiplied, bound_by_cuts, size_of
from placer.decomposition.bundle_parameters import BundleParameters
from placer.decomposition.cost_model import CostModel, PoolT
from placer.decomposition.family import Problem
from placer.decomposition.oracle import Oracle, Solved
from placer.utils.arrays import BoolArray, FloatArray, IntArray
from placer.utils.tasks import in_turns

#: Number of the last solved members whose errors estimate those of the unsolved members.
_LATEST = 3
#: Predicted gain, as a share of the cost, below which the trial point is the optimum of the model itself: ``way`` of
#: ``BundleParameters`` above. Between 2e-4 and 1e-3 the time of ``benchmarks.plan`` changes by less than 12 %.
_WAY_UNTIL = 5e-4
#: Number of solved members whose cuts are made together when no member is judged: they take less time than each alone.
_TOGETHER = 8


@dataclass(frozen=True, eq=False)
class Tried:
    """A point with some members solved.

    Attributes
    ----------
    z : (variables,) array
    costs : (members,) array
        Proven for solved members; for others the cost by the model, a lower bound.
    solved : (members,) bool array
    """

    z: FloatArray
    costs: FloatArray
    solved: BoolArray

    @property
    def complete(self) -> bool:
        """Whether every member was solved."""
        return bool(self.solved.all())


@dataclass(eq=False)
class TrustRegion(Generic[PoolT]):
    """The state of the search.

    Attributes
    ----------
    model : CostModel
    evaluator : Evaluator
    numbers : (members,) int array
        Positions of the members of the problem among those of the evaluator.
    neglected : float
        Estimated error of the unsolved members at the first point, as a share of the cost, at which they stay unsolved;
        with 0 every member is solved.
    centre : Tried
        Middle of the region.
    best : Tried
        The cheapest point with all members solved; until there is one, the first point.
    bound : Bound
        By the cuts of the pool.
    errors : (members,) array
        Cost of each member when it was last solved, less its cost by the model.
    plans : list of (z, total)
        All points of which every member was solved.
    multiplied : Multiplied
        The multipliers of the bound.
    """

    problem: Problem
    model: CostModel[PoolT]
    evaluator: Oracle
    numbers: IntArray
    parameters: BundleParameters
    neglected: float
    z: InitVar[FloatArray | None]
    centre: Tried = field(init=False)
    best: Tried = field(init=False)
    bound: Bound = field(init=False)
    multiplied: Multiplied = field(init=False)
    radius: float = field(init=False)
    rounds: int = 0
    errors: FloatArray = field(init=False)
    plans: list[tuple[FloatArray, float]] = field(default_factory=list)

    def __post_init__(self, z: FloatArray | None) -> None:
        """Solve members at some z; without any, at the cheapest point that keeps the rows."""
        self.errors = np.full(len(self.numbers), np.inf)
        self.radius = self.parameters.first_radius
        first = self.model.optimum()[0].z if z is None else z
        size = abs(self.problem.total(first, self.model.costs(first)))
        self.centre = self.best = self._tried(first, math.inf, self.neglected * size)
        if self.best.complete:
            self.plans.append((first, self.total(self.best)))
        self.multiplied = self.model.optimum()[1]
        self.bound = self._bound_by(self.multiplied)

    def total(self, tried: Tried) -> float:
        """Return the cost of a point; a lower bound where a member is not solved."""
        return self.problem.total(tried.z, self._costs(tried))

    def open_usd(self, tried: Tried) -> float:
        """Return by how much the cost of a point exceeds the bound."""
        return self.total(tried) - self.bound.amount

    def open_gap(self, tried: Tried) -> float:
        """Return the gap of a point, relative to the size that its certificate has."""
        return self.open_usd(tried) / self._size(tried)

    def raise_bound(self) -> None:
        """Take the bound of the whole pool if it is better than the known bound."""
        point, multiplied = self.model.optimum()
        if point.objective <= self.bound.amount:
            return
        found = self._bound_by(multiplied)
        if found.amount > self.bound.amount:
            self.bound, self.multiplied = found, multiplied

    def complete(self) -> None:
        """Solve the unsolved members of the centre; the centre becomes the best point if it costs less."""
        tried = self._tried(self.centre.z, math.inf, 0.0, self.centre)
        total = self.total(tried)
        self.plans.append((tried.z, total))
        if not self.best.complete or total <= self.total(self.best):
            self.best = tried
        self.centre = self.best

    def step(self, gap: float) -> None:
        """Try a point on the way to the optimum of the model in the trust region."""
        self.rounds += 1
        centre, cost = self.centre, self.total(self.centre)
        reach = self.reach()
        point, _ = self.model.optimum(*self.region())
        predicted, size = cost - point.objective, self._size(centre)
        if predicted <= 0.5 * gap * size:
            self.radius *= self.parameters.grows  # optimal in its region: the gap is open further away
            return
        z = point.z
        if predicted > _WAY_UNTIL * size:
            z = centre.z + self.parameters.way * (point.z - centre.z)
            predicted = cost - self.problem.total(z, self.model.costs(z))
        total = self.judge(z, predicted)
        if cost - total >= self.parameters.accepted * predicted:
            if ((np.abs(point.z - centre.z) >= 0.99 * reach) & (reach > 0)).any():
                self.radius *= self.parameters.grows
        elif total > cost + predicted:
            self.radius *= self.parameters.shrinks

    def reach(self) -> FloatArray:
        """Return how far the trust region goes from its centre (variables,)."""
        return self.radius * _scales(self.problem, self.centre.z, self.parameters.least_scale)

    def region(self) -> tuple[FloatArray, FloatArray]:
        """Return the lowest and the highest z of the trust region."""
        reach = self.reach()
        return np.maximum(self.centre.z - reach, 0.0), np.minimum(self.centre.z + reach, self.problem.most)

    @property
    def is_whole(self) -> bool:
        """Whether the trust region holds every point."""
        low, high = self.region()
        return not low.any() and bool((high >= self.problem.most).all())

    def judge(self, z: FloatArray, predicted: float) -> float:
        """Solve members at a trial point of some predicted gain; return its cost. If it is lower, it is the centre."""
        cost = self.total(self.centre)
        limit = cost - self.parameters.accepted * predicted
        tried = self._tried(z, limit, self.parameters.neglected * predicted)
        total = self.total(tried)
        if tried.complete:
            self.plans.append((z, total))
            self.best = min(self.best, tried, key=self.total) if self.best.complete else tried
        if total <= limit or (tried.complete and total < cost):
            self.centre = tried
        return total

    def _tried(self, z: FloatArray, limit: float, neglected: float, known: Tried | None = None) -> Tried:
        """Solve members at some z until all are solved, the cost exceeds a limit, or the rest is negligible.

        Parameters
        ----------
        z : (variables,) array
        limit : float
            Yearly cost above which the point is rejected.
        neglected : float
            Error of the unsolved members in cost, estimated from the last solved ones, at which the point is
            judged without them; 0 for none.
        known : Tried, optional
            The same z, some members solved.
        """
        costs = self.model.costs(z)
        solved = np.zeros(len(costs), dtype=bool)
        if known is not None:
            costs, solved = np.where(known.solved, known.costs, costs), known.solved.copy()
        order = np.argsort(-self.errors * np.maximum(self.problem.weights, 1e-300), kind="stable")
        place = {int(self.numbers[each]): int(each) for each in order if not solved[each]}
        latest: list[float] = []
        pool = self.model.pool
        numbers = in_turns(list(place), self.evaluator.workers)
        together = _TOGETHER if limit == math.inf and neglected == 0 else 1  # every member is solved in any case
        answers = self.evaluator.evaluate(numbers, z, lambda number: pool.nearest(place[number], z))
        for done in _gathered(answers, together):
            first = pool.count
            pool.add_together([(each.prices, place[each.member]) for each in done])
            for each in done:
                which = place[each.member]
                self.errors[which] = max(each.cost - costs[which], 0.0)
                latest.append(self.errors[which] / (abs(each.cost) or 1.0))
                costs[which], solved[which] = each.cost, True
            costs = np.where(solved, costs, np.maximum(costs, pool.values(z, first).max(axis=0, initial=-math.inf)))
            if self.problem.total(z, costs) > limit:
                break
            left = float((self.problem.weights * np.abs(costs))[~solved].sum())
            if len(latest) >= _LATEST and left * max(latest[-_LATEST:]) < neglected:
                break
        return Tried(z, costs, solved)

    def _costs(self, tried: Tried) -> FloatArray:
        """Return the costs of the solved members, and those by the model of the others (members,)."""
        return tried.costs if tried.complete else np.where(tried.solved, tried.costs, self.model.costs(tried.z))

    def _size(self, tried: Tried) -> float:
        return size_of(self.problem, tried.z, self._costs(tried), self.bound.member_weights)

    def _bound_by(self, multiplied: Multiplied) -> Bound:
        """Return the bound by the cuts that the pool computed from prices and data when it took them."""
        return bound_by_cuts(self.problem, multiplied, *self.model.pool.rows(multiplied.vector, multiplied.member))


def _gathered(lists: Iterable[Sequence[Solved]], size: int) -> Iterator[list[Solved]]:
    """Yield lists joined until each has some size; the last one may be shorter."""
    joined: list[Solved] = []
    for each in lists:
        joined += each
        if len(joined) >= size:
            yield joined
            joined = []
    if joined:
        yield joined


def _scales(problem: Problem, z: FloatArray, least: float) -> FloatArray:
    """Return the scale of each variable: its units, but at least a share of the largest units of its kind."""
    kinds = np.array(problem.kinds)
    scales = np.maximum(z, least**2 * problem.most)
    for kind in set(problem.kinds):
        alike = kinds == kind
        scales[alike] = np.maximum(scales[alike], least * z[alike].max())
    return np.minimum(scales, problem.most)
