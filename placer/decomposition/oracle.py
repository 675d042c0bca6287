"""An oracle: the cost of members at some z, with the prices that prove it, or a bound on it.

An *exact* oracle solves a member: its prices make a cut that is tight at z. An *inexact* one returns a bound
and its prices: the cut lies below the cost, and holds just as well (inexact bundle methods: de Oliveira, Sagastizabal
and Lemarechal, Mathematical Programming 148, 2014).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from placer.decomposition.cuts import PriceVector
from placer.model.answer import Flows
from placer.utils.arrays import FloatArray, IntArray


class Solved(Protocol):
    """A member at some z: its position, its cost, and what proves a cut that is tight, or nearly so, there."""

    @property
    def member(self) -> int:
        """Its position."""
        ...

    @property
    def cost(self) -> float:
        """Its cost, at least that of its cut."""
        ...

    @property
    def prices(self) -> Any:
        """What a pool of cuts takes."""
        ...


@dataclass(frozen=True, eq=False)
class Evaluated:
    """A structure at some z.

    Attributes
    ----------
    member : int
        Its position.
    cost : float
        Least cost of its horizon in USD, penalty included.
    prices : PriceVector
        That prove it.
    flows : Flows or None
        That cost it; None if the member was priced only, or if a memory has proven it already.
    """

    member: int
    cost: float
    prices: PriceVector
    flows: Flows | None = None


class Oracle(Protocol):
    """Finds proven or approximate costs of members at some z."""

    @property
    def what(self) -> str:
        """What its messages count, as ``states solved`` or ``states priced``."""
        ...

    @property
    def workers(self) -> int:
        """The number of workers of the executor."""
        ...

    @property
    def solves(self) -> IntArray:
        """Solves of each member so far (members,)."""
        ...

    def evaluate(
        self, numbers: Sequence[int], z: FloatArray, near: Callable[[int], tuple[Any, ...]]
    ) -> Iterator[Sequence[Solved]]:
        """Yield members at some z.

        Parameters
        ----------
        numbers : sequence of int
            Positions of the members.
        z : (variables,) array
        near : callable
            What the pool has for the warm start of a member, by its number, the best first; called when its turn comes.
        """
        ...
