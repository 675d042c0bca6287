"""A search for prices of shared caps: what every block proposed so far, and how all blocks are answered at prices.

At prices gamma >= 0 the answers of the blocks prove ``L(gamma) = sum_b bound_b - gamma . limit``, a lower bound on the
cost of any placement. L is concave with the slope ``use - limit``. The placement of each block is its proposal to the
master. Each answer starts from prices of the same block at other prices of the caps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from placer.by_blocks.dispatch import answers_in_order
from placer.by_blocks.master import Proposal
from placer.by_blocks.next_price import starts_at
from placer.errors import NoSolutionError
from placer.model.blocks import shared_caps
from placer.running import check_time
from placer.termination import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from placer.by_blocks.block_answer import BlockAnswer
    from placer.by_blocks.dispatch import Blocks
    from placer.by_blocks.master import Mix
    from placer.by_blocks.shared_caps_parameters import SharedCapsParameters
    from placer.column_generation.warm_start import KnownPrices
    from placer.model.answer import Duals
    from placer.utils.arrays import FloatArray, IntArray
    from placer.utils.tasks import Dispatcher


@dataclass(eq=False)
class Search:
    """The proposals of all blocks, and the evaluation of the best bound.

    Attributes
    ----------
    limit, size : (shared caps,) arrays
        The limits, and what figures of the caps are measured against.
    proposals : list of list of Proposal
        Of every block.
    known : list of list of (price, KnownPrices)
        Of every block, the latest first; with the price of a single cap, or 0.
    slopes : list of (price, slope)
        Of a single cap, at every price so far.
    bound : float
    prices : (shared caps,) array
        At which the bound was proven.
    duals : list of Duals
        Of every block at these prices.
    evaluations, iterations : int
    """

    limit: FloatArray
    size: FloatArray
    proposals: list[list[Proposal]]
    known: list[list[tuple[float, KnownPrices]]]
    bound: float = -math.inf
    prices: FloatArray = field(default_factory=lambda: np.zeros(0))
    duals: list[Duals] = field(default_factory=list)
    slopes: list[tuple[float, float]] = field(default_factory=list)
    evaluations: int = 0
    iterations: int = 0

    def taken(self) -> FloatArray:
        """Return what the latest proposals take of the caps."""
        return np.sum([those[-1].taken for those in self.proposals], axis=0)

    def drop_old(self, mix: Mix, kept: int) -> None:
        """Drop proposals that the mix does not use and that are not of the latest evaluations."""
        first = self.evaluations - kept
        for place, (those, weight) in enumerate(zip(self.proposals, mix.weights, strict=True)):
            pairs = zip(those, weight, strict=True)
            self.proposals[place] = [each for each, part in pairs if part > 0 or each.evaluation > first]

    def drop_dear(self, mix: Mix, kept: int) -> None:
        """Drop proposals that the mix does not use, except those that cost least at the prices of the bound."""
        for place, (those, weight) in enumerate(zip(self.proposals, mix.weights, strict=True)):
            charged = [each.cost + float(each.taken @ self.prices) for each in those]
            most = sorted(charged)[:kept][-1]
            pairs = zip(those, charged, weight, strict=True)
            self.proposals[place] = [each for each, usd, part in pairs if part > 0 or usd <= most]

    def share_of(self, difference: float, mix: Mix) -> float:
        """Return a difference in cost as a share of the cost of a mix, without its penalty."""
        return difference / max(abs(mix.cost - mix.penalty), 1e-4 * mix.penalty, 1e-300)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Answers blocks at prices of the caps."""

    blocks: Blocks
    dispatcher: Dispatcher
    parameters: SharedCapsParameters

    def answers(self, **given: Any) -> Iterator[BlockAnswer]:
        """Answer blocks; arguments as of ``answers_in_order``."""
        return answers_in_order(self.blocks, self.dispatcher, **given)

    @cached_property
    def places(self) -> IntArray:
        """Where the caps that blocks share stand among those that blocks have in common."""
        return np.searchsorted(self.blocks.spans[0].common, shared_caps(self.blocks.structure))

    def of_caps(self, values: FloatArray, other: float) -> FloatArray:
        """Return figures of the caps that blocks have in common, given those of the caps that they share."""
        every = np.full(len(self.blocks.spans[0].common), other)
        every[self.places] = values
        return every

    def at(self, search: Search, prices: FloatArray) -> float:
        """Answer all blocks at some prices, add what they propose, and return the lower bound.

        Raises
        ------
        NoSolutionError
            If a block has no proven answer, or the time or the evaluations are used up.
        """
        if search.evaluations >= self.parameters.most_evaluations:
            raise NoSolutionError(Reason.ITERATION_LIMIT, f"{search.evaluations} prices of what blocks share")
        check_time(f"the prices of what blocks share were not found after {search.evaluations} evaluations")
        given, price = self.of_caps(prices, 0.0), float(prices[0]) if len(prices) == 1 else 0.0
        known = [starts_at(each, price) for each in search.known]
        answers = self.answers(chosen=range(len(known)), cap_prices=given, known=known)
        search.evaluations += 1
        bounds, duals = [-float(prices @ search.limit)], []
        for place, each in enumerate(answers):
            search.proposals[place].append(self._proposal(place, each, given, search.evaluations))
            search.iterations += each.iterations
            bounds.append(each.certificate.bound)
            duals.append(each.duals)
            if each.known is not None:
                search.known[place] = [(price, each.known), *search.known[place]][: self.parameters.kept]
        if len(prices) == 1:
            search.slopes.append((price, float(search.taken()[0] - search.limit[0])))
        if (bound := math.fsum(bounds)) > search.bound:
            search.bound, search.prices, search.duals = bound, prices, duals
        return bound

    def _proposal(self, place: int, answer: BlockAnswer, given: FloatArray, evaluation: int) -> Proposal:
        structure, left = self.blocks.structure, answer.flows.unserved
        klass = structure.demand_class[self.blocks.spans[place].demands[left.place]]
        return Proposal(
            cost=answer.certificate.objective - float(given @ answer.taken[: len(given)]),
            penalty=float(structure.unserved_cost[klass] @ left.value),
            taken=answer.taken[self.places],
            flows=answer.flows,
            evaluation=evaluation,
        )
