"""A search by levels: each trial plan is the nearest to the centre of those that cost little by the model.

The pool of an earlier plan makes a good model of a changed problem, but its optimum may lie far from the centre, since
many plans cost about the same. The nearest plan below a level between the bound and the cost of the centre changes no
more than it must: the masters of the states go on from the centre (``placer.planning.kept_masters``). If many trial
plans cost more than the centre, or the gap is nearly closed, the next one is that of a trust region.
"""

from __future__ import annotations

from dataclasses import dataclass

from placer.errors import NoSolutionError
from placer.planning.trust_region import TrustRegion
from placer.running import check_time

#: The level, as a part of the way from the bound to the cost of the centre.
_LEVEL = 0.3
#: Number of trial plans in a row that keep a level and cost more than the centre.
_MOST_FAILED = 20
#: Open gap below which the tolerances of solvers are too wide for a level.
_FINE = 1e-6


@dataclass(eq=False)
class LevelSearch(TrustRegion):
    """A search whose trial plans keep a level.

    Attributes
    ----------
    failed : int
        Trial plans since the centre moved.
    """

    failed: int = 0

    def step(self, gap: float) -> None:
        """Try the nearest plan below the level."""
        centre = self.centre
        if self.open_gap(centre) < _FINE or self.failed >= _MOST_FAILED or not self._try_level():
            super().step(gap)
        self.failed = self.failed + 1 if self.centre is centre else 0

    def _try_level(self) -> bool:
        """Try the nearest plan below the level; return whether one was found."""
        cost = self.total(self.centre)
        try:
            units = self.model.nearest(self.centre.units, _LEVEL * cost + (1 - _LEVEL) * self.bound.amount)
        except NoSolutionError:
            check_time("the time is over")
            return False
        self.rounds += 1
        self.judge(units, cost - self.problem.total(units, self.model.costs(units)))
        return True
