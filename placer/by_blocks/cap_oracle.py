"""Blocks answered at prices of the caps that they share: the oracle of the bundle method.

The answer of a block at prices gamma proves a lower bound on its cost ``f(gamma)``, and its placement is a proposal.
Each answer starts from prices of the same block at other prices of the caps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from placer.by_blocks.block_answer import BlockAnswer
from placer.by_blocks.dispatch import Blocks, answers_in_order
from placer.by_blocks.proposals import Proposal
from placer.column_generation.warm_start import KnownPrices, interpolate
from placer.model.answer import Duals
from placer.model.blocks import shared_caps
from placer.utils.arrays import FloatArray, IntArray
from placer.utils.tasks import Dispatcher

#: Prices of each block that are kept for its next answers.
_KEPT = 3
#: Farther than this part of their distance beyond two prices of a cap, a start from them takes longer than from none.
_FARTHEST = 0.2


@dataclass(frozen=True, eq=False)
class SolvedBlock:
    """A block at prices of shared caps.

    Attributes
    ----------
    member : int
        Its number.
    cost : float
        ``-f``: the lower bound that its answer proves, with the sign of a cost to minimise.
    prices : Proposal
        Its placement.
    """

    member: int
    cost: float
    prices: Proposal
    duals: Duals


@dataclass(eq=False)
class CapOracle:
    """Answers blocks at prices of the caps.

    Attributes
    ----------
    size : (shared caps,) array
        What figures of the caps are measured against: prices are ``z / size``.
    known : list of list of (price, KnownPrices)
        Of every block, the latest first; with the price of a single cap, or 0.
    solves : (blocks,) int array
    found : dict from z to dict of SolvedBlock
        The answers at each z, by block.
    """

    blocks: Blocks
    dispatcher: Dispatcher
    size: FloatArray = field(init=False)
    known: list[list[tuple[float, KnownPrices]]] = field(init=False)
    solves: IntArray = field(init=False)
    iterations: int = 0
    found: dict[bytes, dict[int, SolvedBlock]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin without answers."""
        count = len(self.blocks.spans)
        self.known = [[] for _ in range(count)]
        self.solves, self.size = np.zeros(count, dtype=int), np.ones(len(self.places))

    @property
    def what(self) -> str:
        """What its messages count."""
        return "blocks answered"

    @property
    def workers(self) -> int:
        """One: blocks are shared out in the same order for any number of processes."""
        return 1

    @property
    def evaluations(self) -> int:
        """The largest number of answers of a block."""
        return int(self.solves.max())

    @cached_property
    def places(self) -> IntArray:
        """Where the caps that blocks share stand among those that blocks have in common."""
        return np.searchsorted(self.blocks.spans[0].common, shared_caps(self.blocks.structure))

    def answers(self, **given: Any) -> Iterator[BlockAnswer]:
        """Answer blocks; arguments as of ``answers_in_order``."""
        return answers_in_order(self.blocks, self.dispatcher, **given)

    def of_caps(self, values: FloatArray, other: float) -> FloatArray:
        """Return figures of the caps that blocks have in common, given those of the caps that they share."""
        every = np.full(len(self.blocks.spans[0].common), other)
        every[self.places] = values
        return every

    def evaluate(
        self,
        numbers: Sequence[int],
        z: FloatArray,
        near: Callable[[int], tuple[Any, ...]],  # noqa: ARG002
    ) -> Iterator[list[SolvedBlock]]:
        """Yield blocks at the prices ``z / size``, one at a time, in their order.

        Raises
        ------
        NoSolutionError
            If a block has no proven answer, or the time is over.
        """
        there = self.found.setdefault(z.tobytes(), {})
        yield [there[number] for number in numbers if number in there]
        left = [number for number in numbers if number not in there]
        prices = z / self.size
        given, price = self.of_caps(prices, 0.0), float(prices[0]) if len(prices) == 1 else 0.0
        known = [self._starts(number, price) for number in left]
        for number, each in zip(left, self.answers(chosen=left, cap_prices=given, known=known), strict=True):
            self.solves[number] += 1
            self.iterations += each.iterations
            if each.known is not None:
                self.known[number] = [(price, each.known), *self.known[number]][:_KEPT]
            there[number] = SolvedBlock(
                number, -each.certificate.bound, self._proposal(number, each, given), each.duals
            )
            yield [there[number]]

    def all_at(self, z: FloatArray) -> list[SolvedBlock]:
        """Return all blocks at some z, in their order; raises as ``evaluate``."""
        every = range(len(self.solves))
        by_number = {each.member: each for some in self.evaluate(every, z, lambda _: ()) for each in some}
        return [by_number[number] for number in every]

    def keep(self, several: Iterable[FloatArray]) -> None:
        """Forget the answers at all but some z."""
        names = [z.tobytes() for z in several]
        self.found = {name: self.found[name] for name in names if name in self.found}

    def _starts(self, number: int, price: float) -> list[KnownPrices]:
        """Return the prices that a block starts from; the latest two if there are several caps."""
        if len(self.places) == 1:
            return starts_at(self.known[number], price)
        return [prices for _, prices in self.known[number][:2]]

    def _proposal(self, number: int, answer: BlockAnswer, given: FloatArray) -> Proposal:
        structure, left = self.blocks.structure, answer.flows.unserved
        klass = structure.demand_class[self.blocks.spans[number].demands[left.place]]
        return Proposal(
            cost=answer.certificate.objective - float(given @ answer.taken[: len(given)]),
            penalty=float(structure.unserved_cost[klass] @ left.value),
            taken=answer.taken[self.places],
            flows=answer.flows,
        )


def starts_at(known: Sequence[tuple[float, KnownPrices]], price: float) -> list[KnownPrices]:
    """Return the prices that a block starts from at a price of a single cap; none if all it knows are far away.

    They lie on the line through those at two prices of the cap. Beyond both, the nearest of the two is a second choice.

    Parameters
    ----------
    known : sequence of (price of the cap, KnownPrices)
        The latest first.
    """
    nearest = sorted(known, key=lambda each: abs(each[0] - price))
    across = [each for each in nearest[1:] if (each[0] < price) != (nearest[0][0] < price)]
    others = across or [each for each in nearest[1:] if each[0] != nearest[0][0]]
    if not others:
        return []
    (there, first), (beyond, last) = nearest[0], others[0]
    part = (price - there) / (beyond - there)
    if not across and abs(part) > _FARTHEST:
        return []
    return [interpolate(first, last, part)] if across else [interpolate(first, last, part), first]
