"""The prices of caps that blocks share, by the bundle method (``placer.decomposition``).

At prices gamma >= 0 the answers of the blocks prove ``L(gamma) = sum_b f_b(gamma) - gamma . limit``, a lower bound on
the cost of any placement. With ``z = gamma size`` the largest one is the solution of

    minimise  -L  =  sum_k (limit_k / size_k) z_k + sum_b -f_b        z >= 0

whose members are the blocks. Any placement of a block is a cut of its ``-f_b`` (``proposals``), and the bound of the
master is the negative cost of a mix of placements: by duality a mix that keeps the caps if no price is at its maximum
(Dantzig and Wolfe, Operations Research 8, 1960). The gap between mix and L is that of the bundle method.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from placer.by_blocks.cap_oracle import CapOracle
from placer.by_blocks.proposals import Proposals
from placer.by_blocks.shared_caps_parameters import SharedCapsParameters
from placer.column_generation.solver import WIDEST_GAP
from placer.decomposition.bound import Bound, Multiplied
from placer.decomposition.closing import close, gap_of_best
from placer.decomposition.cost_model import CostModel
from placer.decomposition.master import floors
from placer.decomposition.risk import NEUTRAL, CVaR
from placer.decomposition.trust_region import Tried, TrustRegion
from placer.errors import NoSolutionError
from placer.model.blocks import shared_caps
from placer.termination import Reason
from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: The share of its size that a cap is kept below its limit by a mix: what rounding may add.
_SPARE = 1e-9
#: Largest number of prices for each cap: a safety where blocks are not answered exactly enough to close the gap.
_MOST_PRICES = 60
#: First price of a cap where the sample has no answer, and the least scale of prices; at 1 the limit is worth the cost.
FIRST_PRICE = 0.02
#: Prices above this say that no placement keeps the limits.
_DEAREST = 1e7
#: Proposals of a block that stay although no mix uses them: those that cost least at the best prices.
_KEPT = 20
#: The master may raise the worth of each limit, its price times its size, above that at the best prices by this many
#: times the largest worth there.
_BEYOND = 3.0


@dataclass(frozen=True, eq=False)
class CapPrices:
    """The problem of the prices: attributes as of ``placer.decomposition.family.Problem``, without rows or a risk.

    Attributes
    ----------
    cost : (shared caps,) array
        The limits as shares of the sizes.
    most : (shared caps,) array
        The largest z that a master looks at, in USD.
    weights : (blocks,) array
        Every block counts once.
    whole : float
        A size of the whole cost, in USD.
    """

    cost: FloatArray
    most: FloatArray
    weights: FloatArray
    whole: float
    groups: tuple[IntArray, ...]
    kinds: tuple[str, ...]
    takes: FloatArray
    has_no_maximum: BoolArray
    amount: FloatArray = field(default_factory=lambda: np.zeros(0))
    risk: CVaR = NEUTRAL

    @classmethod
    def of(cls, limit: FloatArray, blocks: int, whole: float) -> CapPrices:
        """Return the problem, given the limits as shares of the sizes, the number of blocks and a size of the cost."""
        caps = len(limit)
        return cls(
            cost=limit,
            most=np.zeros(caps),
            weights=np.ones(blocks),
            whole=whole,
            groups=(np.arange(blocks),),
            kinds=("worth",) * caps,
            takes=np.zeros((0, caps)),
            has_no_maximum=np.zeros(caps, dtype=bool),
        )

    @property
    def useful(self) -> FloatArray:
        """Larger z would still change costs."""
        return self.most

    def filled(self, z: FloatArray, high: FloatArray) -> FloatArray:  # noqa: ARG002
        """Return z: no unit is free."""
        return z

    def build_cost(self, z: FloatArray) -> float:
        """Return what the limits are worth."""
        return float(self.cost @ z)

    def total(self, z: FloatArray, costs: FloatArray) -> float:
        """Return ``-L``."""
        return self.build_cost(z) + float(costs.sum())


class PriceModel(CostModel[Proposals]):
    """A model of ``-L``; with limits a little lower, its mixes keep the caps beyond rounding."""

    def floor_between(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Return floors of the blocks near their highest cuts between bounds: the master is the more precise."""
        return floors(self.problem, self.pool.least_between(low, high), float(self.pool.values(low).max()))

    @property
    def in_use(self) -> set[tuple[int, int]]:
        """Number and block of the cuts of the master."""
        return set(self._slack)


@dataclass(eq=False)
class CapSearch(TrustRegion[Proposals]):
    """A search for prices of shared caps; its bound is -inf until a mix keeps the caps.

    Attributes
    ----------
    is_over : bool
        Whether other prices in the trust region would close little of a gap that the certificate allows.
    """

    problem: CapPrices
    model: PriceModel
    evaluator: CapOracle
    parameters: SharedCapsParameters
    is_over: bool = False

    def raise_bound(self) -> None:
        """Take the cheapest mix of all proposals, among prices up to well above the present ones."""
        self.problem = _up_to(self.centre.z, self.problem)
        self.model.problem = _below(self.problem)
        super().raise_bound()

    def step(self, gap: float) -> None:
        """Try prices of the trust region, unless they promise little.

        Raises
        ------
        NoSolutionError
            If prices are so high that no placement keeps the caps.
        """
        if (self.centre.z >= _DEAREST * self.problem.whole).any():
            raise NoSolutionError(Reason.INFEASIBLE, "no placement keeps the limits that blocks share")
        self.evaluator.keep([self.centre.z, self.best.z])
        used = set(zip(self.multiplied.vector.tolist(), self.multiplied.member.tolist(), strict=True))
        self.model.pool.drop_dear(self.centre.z, used | self.model.in_use, _KEPT)
        open_usd = self.open_usd(self.best)
        self.is_over = (
            self.best.complete
            and self.open_gap(self.best) <= WIDEST_GAP
            and self.promised() <= self.parameters.part_of_gap * open_usd
        )
        if not self.is_over:  # without a mix other prices are needed, however little they promise
            super().step(gap if np.isfinite(self.bound.amount) else min(gap, self.parameters.gap))

    def judge(self, z: FloatArray, predicted: float) -> float:
        """Return the cost of a point; infinity if it is rejected before every block is answered.

        The other blocks would cost more than by the model as well, so that the region shrinks.
        """
        centre, complete = self.centre, len(self.plans)
        total = super().judge(z, predicted)
        is_rejected_early = self.centre is centre and len(self.plans) == complete
        return math.inf if is_rejected_early else total

    def reach(self) -> FloatArray:
        """Return how far the trust region goes: prices of 0 have a scale as well (shared caps,)."""
        least = self.parameters.least_scale * _largest(self.problem, self.centre.z)
        return self.radius * np.maximum(self.centre.z, least)

    def promised(self) -> float:
        """Return the gain by the model in the trust region; what the oracle leaves open is none."""
        z = self.centre.z
        return self.problem.total(z, self.model.costs(z)) - self.model.optimum(*self.region())[0].objective

    def _bound_by(self, multiplied: Multiplied) -> Bound:
        found = super()._bound_by(multiplied)
        return found if (found.value <= self.problem.cost).all() else replace(found, amount=-np.inf)

    def _size(self, tried: Tried) -> float:  # noqa: ARG002
        """Return the cost of the mix without its penalty."""
        every = [pair for mix in self.model.pool.mix_of(self.multiplied) for pair in mix]
        cost, penalty = (sum(part * getattr(each, name) for part, each in every) for name in ("cost", "penalty"))
        return max(abs(cost - penalty), 1e-4 * penalty, 1e-300)


def _below(problem: CapPrices) -> CapPrices:
    """Return the problem with limits a little lower."""
    return replace(problem, cost=problem.cost - _SPARE)


def _up_to(z: FloatArray, problem: CapPrices) -> CapPrices:
    """Return the problem whose masters look up to well above some z."""
    return replace(problem, most=z + _BEYOND * _largest(problem, z))


def _largest(problem: CapPrices, z: FloatArray) -> float:
    """Return the largest z, but at least a part of the whole cost."""
    return max(float(z.max()), FIRST_PRICE * problem.whole)


def gap_of_mix(search: CapSearch) -> float:
    """Return the gap between the mix and the best prices; 0 if it need not close further."""
    return 0.0 if search.is_over else gap_of_best(search)


def search_prices(search: CapSearch, gap: float) -> None:
    """Close the gap between mix and prices.

    Raises
    ------
    NoSolutionError
        If a block has no proven answer, no placement keeps the caps, the gap stays open beyond what the certificate
        allows, or the time is over.
    """
    reason = close(search, gap, gap_of_mix, _MOST_PRICES * len(search.problem.cost))
    if reason and gap_of_best(search) > WIDEST_GAP:
        raise NoSolutionError(Reason.ITERATION_LIMIT, f"{reason}: the prices of what blocks share were not found")


def begin_search(
    oracle: CapOracle, pool: Proposals, z: FloatArray, whole: float, parameters: SharedCapsParameters
) -> CapSearch:
    """Return a search that begins at some z, with all blocks answered there.

    Parameters
    ----------
    pool : Proposals
        With one of every block.
    z : (shared caps,) array
    whole : float
        A size of the whole cost, in USD.

    Raises
    ------
    NoSolutionError
        If a block has no proven answer, or the time is over.
    """
    limit, blocks = oracle.blocks.structure.cap_limit[shared_caps(oracle.blocks.structure)], len(oracle.solves)
    problem = _up_to(z, CapPrices.of(limit / oracle.size, blocks, whole))
    return CapSearch(problem, PriceModel(_below(problem), pool), oracle, np.arange(blocks), parameters, 0.0, z)
