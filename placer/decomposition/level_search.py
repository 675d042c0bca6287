"""Trial points below a level: the point nearest to the centre whose cost by the model is at most a level.

The level lies between the bound and the cost of the centre. The optimum of the model may lie far away, since many
points cost about the same, while the masters of the members go on from points nearby only
(``placer.column_generation.kept_masters``). If many trial points cost more than the centre, or the gap is nearly
closed, the next one is that of a trust region.
"""

from __future__ import annotations

from dataclasses import dataclass

from placer.decomposition.cost_model import PoolT
from placer.decomposition.trust_region import TrustRegion
from placer.errors import NoSolutionError
from placer.running import check_time

#: Relative gap below which the tolerances of solvers are too wide for a level.
_FINE_GAP = 1e-6


@dataclass(eq=False)
class LevelSearch(TrustRegion[PoolT]):
    """A search whose trial points keep a level.

    Attributes
    ----------
    failed : int
        Trial points since the centre moved.
    """

    failed: int = 0

    def step(self, gap: float) -> None:
        """Try the nearest point below the level."""
        centre, parameters = self.centre, self.parameters
        is_fine = self.open_gap(centre) < _FINE_GAP
        if is_fine or self.failed >= parameters.most_failed or not self._try_level():
            super().step(gap)
        self.failed = self.failed + 1 if self.centre is centre else 0

    def _try_level(self) -> bool:
        """Try the nearest point below the level; return whether one was found."""
        cost, part = self.total(self.centre), self.parameters.level
        try:
            z = self.model.nearest(self.centre.z, part * cost + (1 - part) * self.bound.amount)
        except NoSolutionError:
            check_time("the time is over")
            return False
        self.rounds += 1
        self.judge(z, cost - self.problem.total(z, self.model.costs(z)))
        return True
