"""A pool of cuts: what the model of the costs and the bundle method need to know of the cuts found so far.

Cut p of member o says ``f_o(z) >= constant_po - slope_po z``. Whatever proves a cut (a price vector for all members of
one shape, a placement for its own block) stands in the pool with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from placer.utils.arrays import FloatArray, IntArray


class CutPool(Protocol):
    """Cuts by number and member."""

    @property
    def count(self) -> int:
        """How many numbers of cuts there are."""
        ...

    @property
    def always(self) -> set[tuple[int, int]]:
        """Number and member of the cuts that the master always has: one for each member at least."""
        ...

    def add_together(self, found: Sequence[tuple[Any, int | None]]) -> None:
        """Add what proves cuts, each with the member for which it was found."""
        ...

    def values(self, z: FloatArray, first: int = 0) -> FloatArray:
        """Return the bound of each cut, from a number on, at some z; -inf where there is none (cuts, members)."""
        ...

    def least(self, most: FloatArray) -> FloatArray:
        """Return a bound for each member at all z up to a maximum (members,)."""
        ...

    def nearest(self, member: int, z: FloatArray) -> tuple[Any, ...]:
        """Return what a solve of a member at some z may start from, best first."""
        ...

    def rows(self, number: IntArray, member: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return constants (cuts,) and slopes (cuts, variables) of some cuts, by number and member."""
        ...
