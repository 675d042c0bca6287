"""What blocks proposed at prices of shared caps: each placement is a cut, and multipliers of cuts mix placements.

At prices gamma >= 0 of the caps a block costs ``f(gamma) = min over its placements x of cost(x) + gamma . taken(x)``.
Any placement bounds it from above, so that with ``z = gamma size`` in USD

    -f >= -cost(x) - (taken(x) / size) z

is a cut of the cost ``-f`` of this block (``placer.decomposition``), but of no other. Multipliers of the cuts of a
block sum to 1: they mix its placements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from placer.by_blocks.block_answer import PackedFlows
from placer.decomposition.bound import Multiplied
from placer.model.blocks import mixed
from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Proposal:
    """A placement of one block.

    Attributes
    ----------
    cost, penalty : float
        Without what caps charge; the penalty for unserved demand is part of the cost.
    taken : (shared caps,) array
        Use of the caps that blocks share.
    """

    cost: float
    penalty: float
    taken: FloatArray
    flows: PackedFlows


class Proposals:
    """A pool of cuts; number p of a block is its proposal p.

    Parameters
    ----------
    first : sequence of Proposal
        One of every block; these stay.
    size : (shared caps,) array
        What figures of the caps are measured against.
    """

    def __init__(self, first: Sequence[Proposal], size: FloatArray) -> None:
        self.size = size
        self.held: list[list[Proposal | None]] = [[] for _ in first]
        self._latest: set[tuple[int, int]] = set()
        self._constants: FloatArray = np.zeros((0, len(first)))
        self._slopes: FloatArray = np.zeros((0, len(first), len(size)))
        self.add_together([(each, block) for block, each in enumerate(first)])

    @property
    def count(self) -> int:
        """The largest number of proposals of a block."""
        return len(self._constants)

    @property
    def always(self) -> set[tuple[int, int]]:
        """The first proposal of every block."""
        return {(0, block) for block in range(len(self.held))}

    def add_together(self, found: Sequence[tuple[Proposal, int | None]]) -> None:
        """Add proposals, each with its block."""
        for each, block in found:
            if block is not None and each not in self.held[block]:
                self._add(each, block)

    def _add(self, proposal: Proposal, block: int) -> None:
        held = self.held[block]
        if None not in held:
            held.append(None)
        if len(held) > self.count:
            self._constants = np.pad(self._constants, ((0, 1), (0, 0)), constant_values=-np.inf)
            self._slopes = np.pad(self._slopes, ((0, 1), (0, 0), (0, 0)))
        number = held.index(None)
        held[number] = proposal
        self._constants[number, block] = -proposal.cost
        self._slopes[number, block] = proposal.taken / self.size
        self._latest.add((number, block))

    def values(self, z: FloatArray, first: int = 0) -> FloatArray:
        """Return the cuts, from a number on, at some z; -inf where a block has no proposal (proposals, blocks)."""
        return np.asarray(self._constants[first:] - self._slopes[first:] @ z)

    def least(self, most: FloatArray) -> FloatArray:
        """Return a lower bound on the cuts of each block between 0 and some z (blocks,)."""
        return self.least_between(np.zeros(len(most)), most)

    def least_between(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Return the least value of the highest cut of each block between two z (blocks,)."""
        lost = np.maximum(self._slopes, 0.0) @ high + np.minimum(self._slopes, 0.0) @ low
        return np.asarray((self._constants - lost).max(axis=0))

    def nearest(self, block: int, z: FloatArray) -> tuple[()]:  # noqa: ARG002
        """Return nothing: blocks start from prices of their own."""
        return ()

    def rows(self, number: IntArray, member: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return constants (cuts,) and slopes (cuts, shared caps) of some proposals, by number and block."""
        return self._constants[number, member], self._slopes[number, member]

    def drop_dear(self, z: FloatArray, used: set[tuple[int, int]], kept: int) -> None:
        """Drop proposals that are not in use, except some of each block that cost least at some z.

        Proposals since the last call stay: without them the next master would choose the same z again.

        Parameters
        ----------
        z : (shared caps,) array
        used : set of (number, block)
        """
        stay, self._latest = used | self._latest, set()
        if self.count <= kept:
            return
        values = self.values(z)
        least = np.sort(values, axis=0)[-kept]
        for number, block in np.argwhere((values < least) & np.isfinite(values)).tolist():
            if number and (number, block) not in stay:
                self.held[block][number] = None
                self._constants[number, block] = -np.inf
                self._slopes[number, block] = 0.0

    def mix_of(self, multiplied: Multiplied) -> list[list[tuple[float, Proposal]]]:
        """Return the proposals that multipliers mix, each with its weight, of every block; weights sum to 1."""
        mixes: list[list[tuple[float, Proposal]]] = [[] for _ in self.held]
        sums = np.bincount(multiplied.member, multiplied.weight, len(mixes))
        parts = multiplied.weight / sums[multiplied.member]
        for number, block, part in zip(multiplied.vector.tolist(), multiplied.member.tolist(), parts, strict=True):
            proposal = self.held[block][number]
            if proposal is not None:
                mixes[block].append((float(part), proposal))
        return mixes


def flows_of(mix: Sequence[tuple[float, Proposal]]) -> PackedFlows:
    """Return the flows of a mix of proposals of one block."""
    if len(mix) == 1:
        return mix[0][1].flows
    return PackedFlows.of(mixed([(part, each.flows.flows) for part, each in mix]))
