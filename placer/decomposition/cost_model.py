"""A model of the cost of every point: the cuts of the pool, of which the master holds the relevant ones.

A pool of P vectors makes P cuts for every member. The master starts from a few cuts. After each optimum it takes the
most violated cut of each member, until no cut is violated: the optimum is then optimal over the whole pool. The master
drops cuts that were slack in the last few optima.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Generic, TypeVar

import numpy as np

from placer.decomposition.bound import Multiplied
from placer.decomposition.cut_pool import CutPool
from placer.decomposition.family import Problem
from placer.decomposition.master import Cuts, MasterPoint, floors, solve_master
from placer.decomposition.nearest import NearestPoint, solve_nearest
from placer.utils.arrays import FloatArray

#: Violation of a cut, as a share of the cost of its member, from which the cut is added: below is rounding.
_VIOLATED = 1e-10
#: Number of consecutive optima at which a cut may be slack before it is dropped. From 3 to 48 the time of plans and of
#: shared caps changes by less than 5 %.
_KEPT_RUNS = 12

PoolT = TypeVar("PoolT", bound="CutPool")


class CostModel(Generic[PoolT]):
    """The pool as a model of the cost of points: a lower bound on it.

    Parameters
    ----------
    pool : CutPool
        Of the members of the problem; it grows while the model is used.
    """

    def __init__(self, problem: Problem, pool: PoolT) -> None:
        self.problem, self.pool = problem, pool
        self._least = pool.least(problem.most)
        self._always = pool.always
        self._slack = dict.fromkeys(self._always, 0)

    def costs(self, z: FloatArray) -> FloatArray:
        """Return a lower bound on the cost of each member's horizon at some z (members,)."""
        return self.pool.values(z).max(axis=0)

    def optimum(self, low: FloatArray | None = None, high: FloatArray | None = None) -> tuple[MasterPoint, Multiplied]:
        """Return the cheapest point between bounds by the cuts of the pool, and its multipliers.

        Raises
        ------
        NoSolutionError
            If the rows cannot be kept between the bounds, the master is not proven, or the time is over.
        """
        most = self.problem.most
        low, high = np.zeros(len(most)) if low is None else low, most if high is None else high
        floor = self.floor_between(low, high)
        while True:  # each round adds a cut of the pool
            cuts = self.cuts()
            point = solve_master(self.problem, cuts, floor, low, high)
            if not self._add_violated(point):
                break
        self._drop_slack(cuts, point)
        used = point.multipliers > 0
        return replace(point, z=self.problem.filled(point.z, high)), Multiplied(
            cuts.vector[used], cuts.member[used], point.multipliers[used], point.limit_rents, point.extra
        )

    def nearest(self, centre: FloatArray, level: float) -> FloatArray:
        """Return the units nearest to a centre of a point that costs at most a level by the cuts of the pool.

        Raises
        ------
        NoSolutionError
            If every point costs more, the program is not proven, or the time is over.
        """
        while True:  # each round adds a cut of the pool
            point = solve_nearest(self.problem, self.cuts(), self.floor, centre, level)
            if not self._add_violated(point):
                break
        return self.problem.filled(point.z, self.problem.most)

    def hold(self, z: FloatArray) -> None:
        """Add the highest cut of each member at some z to the master."""
        best = self.pool.values(z).argmax(axis=0)
        self._slack |= {(int(vector), member): 0 for member, vector in enumerate(best.tolist())}

    @property
    def floor(self) -> FloatArray:
        """Floors of the members, below every cut (members,)."""
        return floors(self.problem, self._least, float(self.pool.values(np.zeros(len(self.problem.cost))).max()))

    def floor_between(self, low: FloatArray, high: FloatArray) -> FloatArray:  # noqa: ARG002
        """Return floors of the members, below every cut between bounds (members,)."""
        return self.floor

    def cuts(self) -> Cuts:
        """Return the present cuts of the master."""
        vector, member = (np.array(part, dtype=int) for part in zip(*sorted(self._slack), strict=True))
        return Cuts(vector, member, *self.pool.rows(vector, member))

    def _add_violated(self, point: MasterPoint | NearestPoint) -> bool:
        """Add the most violated cut of each member at a point; return whether a cut is violated."""
        values = self.pool.values(point.z)
        best = values.argmax(axis=0)
        above = values[best, np.arange(len(best))] - point.theta
        violated = np.flatnonzero(above > _VIOLATED * np.maximum(np.abs(point.theta), np.abs(self.floor)))
        new = {(int(best[member]), int(member)) for member in violated.tolist()} - self._slack.keys()
        self._slack |= dict.fromkeys(new, 0)
        return bool(new)

    def _drop_slack(self, cuts: Cuts, point: MasterPoint) -> None:
        for vector, member, weight in zip(cuts.vector.tolist(), cuts.member.tolist(), point.multipliers, strict=True):
            self._slack[vector, member] = 0 if weight > 0 else self._slack[vector, member] + 1
        self._slack = {cut: age for cut, age in self._slack.items() if age <= _KEPT_RUNS or cut in self._always}
