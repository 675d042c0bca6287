"""The pool of price vectors, and the cut that each makes for every member (``placer.decomposition.cuts``).

Members of one shape share the prices of demands, so that one pricing gives the cuts of all. If there are many shapes
(demand sets that change the steps of agents have arcs of their own), pricing each vector for each shape would take
longer than the solves. Vectors are then priced for all shapes until a budget of pricings is spent. After that, each is
priced only for the shape of the member that proved it, and makes no cut for other members.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from copy import copy

import numpy as np

from placer.decomposition.cuts import PriceVector, cut_arrays
from placer.decomposition.member import Member
from placer.utils.arrays import FloatArray, IntArray

#: Initial capacity for vectors; the capacity doubles whenever it is full.
_ROOM = 16
#: Maximum number of pricings of vectors for the shapes of other members: forty vectors for a thousand shapes.
_MOST_PRICINGS = 40_000


class PricePool:
    """Price vectors and their cuts; the first is that of prices of 0.

    Parameters
    ----------
    vectors : iterable of PriceVector
        Those of an earlier solve; only the last ones, if there are too many to price for all members.
    most_pricings : int
        Pricings of vectors for the shapes of other members.

    Attributes
    ----------
    vectors : list of PriceVector
    shape_of : (members,) int array
        Number of the members that share prices of demands, member by member.
    shapes : int
        Number of the first vectors, of prices 0: one for each shape of structure.
    """

    def __init__(
        self,
        members: Sequence[Member],
        vectors: Iterable[PriceVector] = (),
        most_pricings: int = _MOST_PRICINGS,
    ) -> None:
        self.members = tuple(members)
        self.vectors: list[PriceVector] = []
        number: dict[bytes, int] = {}
        self.shape_of: IntArray = np.array([number.setdefault(member.shape_digest, len(number)) for member in members])
        self._left = len(members) ** 2  # prices of 0 are for all
        self._families = defaultdict(list)
        for place, shape in enumerate(self.shape_of.tolist()):
            self._families[shape].append(place)
        self._constants: FloatArray = np.full((_ROOM, len(self.members)), -np.inf)
        self._slopes: FloatArray = np.zeros((_ROOM, len(self._families), members[0].added.shape[1]))
        for member in members:
            if not any(prices.fits(member.structure) for prices in self.vectors):
                self.add(PriceVector.zero(member.structure))
        self.shapes = len(self.vectors)
        self._left = most_pricings
        known = tuple(vectors)
        for prices in known[-max(most_pricings // len(self._families), 1) :]:
            self.add(prices)

    @property
    def count(self) -> int:
        """The number of vectors."""
        return len(self.vectors)

    @property
    def always(self) -> set[tuple[int, int]]:
        """Prices of 0 with the members that they fit."""
        return {(p, o) for p, o in np.argwhere(np.isfinite(self._constants[: self.shapes])).tolist()}

    @property
    def proven(self) -> tuple[PriceVector, ...]:
        """The vectors but those of prices of 0."""
        return tuple(self.vectors[self.shapes :])

    def copy(self) -> PricePool:
        """Return a pool of the same vectors, which grows on its own."""
        other = copy(self)
        vars(other).update(vectors=list(self.vectors), _constants=self._constants.copy(), _slopes=self._slopes.copy())
        return other

    def add(self, prices: PriceVector, owner: int | None = None) -> None:
        """Add a price vector, and its cuts for all members that it fits; it makes no cut for the others.

        Parameters
        ----------
        owner : int, optional
            The member for which it was proven: if no pricings are left, only members of its shape get a cut.
        """
        self.add_together([(prices, owner)])

    def add_together(self, found: Sequence[tuple[PriceVector, int | None]]) -> None:
        """Add some price vectors, each with its owner or None, as ``add`` does; together they take less time."""
        first, rows = len(self.vectors), defaultdict(list)
        self.vectors += [prices for prices, _ in found]
        self._make_room(len(self.vectors))
        for row, (prices, owner) in enumerate(found, first):
            own = None if owner is None else int(self.shape_of[owner])
            alone = own is not None and self._left < len(self._families)
            self._left -= 0 if alone else len(self._families)
            for shape, places in self._families.items():
                if (not alone or shape == own) and prices.fits(self.members[places[0]].structure):
                    rows[shape].append(row)
        for shape, mine in rows.items():
            places = self._families[shape]
            with np.errstate(over="ignore", invalid="ignore"):  # prices beyond all measure make no cut
                constants, slopes = cut_arrays([self.vectors[row] for row in mine], [self.members[at] for at in places])
            is_cut = np.isfinite(constants) & np.isfinite(slopes.sum(axis=1, keepdims=True))
            self._constants[np.ix_(mine, places)] = np.where(is_cut, constants, -np.inf)
            self._slopes[mine, shape] = np.where(np.isfinite(slopes), slopes, 0.0)

    def _make_room(self, count: int) -> None:
        """Double the capacity until it suffices for a number of vectors; new rows hold no cuts."""
        while len(self._constants) < count:
            self._constants = np.concatenate([self._constants, np.full_like(self._constants, -np.inf)])
            self._slopes = np.concatenate([self._slopes, np.zeros_like(self._slopes)])

    def values(self, z: FloatArray, first: int = 0) -> FloatArray:
        """Return the bound of each vector, from a position on, for each member at some z (vectors, members)."""
        rows = slice(first, len(self.vectors))
        return np.asarray(self._constants[rows] - (self._slopes[rows] @ z)[:, self.shape_of])

    def least(self, most: FloatArray) -> FloatArray:
        """Return the bound of prices of 0 for each member at all z up to the maximum (members,)."""
        return np.asarray(self.values(most)[: self.shapes].max(axis=0))

    def nearest(self, member: int, z: FloatArray, most: int = 3) -> tuple[PriceVector, ...]:
        """Return the vectors with the highest bounds for a member at some z, best first, without prices of 0."""
        rows = slice(self.shapes, len(self.vectors))
        values = self._constants[rows, member] - self._slopes[rows, self.shape_of[member]] @ z
        best = np.argsort(-values, kind="stable")[:most]
        return tuple(self.vectors[self.shapes + row] for row in best.tolist())

    def choice(self, z: FloatArray, weights: FloatArray) -> list[PriceVector]:
        """Return all vectors but those of prices of 0, in ascending order of gain over the bounds of those after them.

        Parameters
        ----------
        z : (variables,) array
            Units at which the bounds are compared.
        weights : (members,) array
            Weight of the bound for each member.
        """
        values = self.values(z)
        known = values[: self.shapes].max(axis=0)
        left, chosen = np.arange(self.shapes, len(values)), []
        while len(left):
            gains = np.maximum(values[left] - known, 0.0) @ weights
            best = int(gains.argmax())
            if gains[best] <= 0:
                break
            chosen.append(int(left[best]))
            known = np.maximum(known, values[left[best]])
            left = np.delete(left, best)
        return [self.vectors[row] for row in (*left.tolist(), *reversed(chosen))]

    def rows(self, vector: IntArray, member: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return constants (cuts,) and slopes (cuts, variables) of some cuts, by vector and member."""
        return self._constants[vector, member], self._slopes[vector, self.shape_of[member]]


def pool_of(members: tuple[Member, ...], known: Sequence[PriceVector] | PricePool) -> PricePool:
    """Return a pool of some members with known vectors: a copy of a pool of these members, whose cuts are there."""
    if not isinstance(known, PricePool):
        return PricePool(members, known)
    return known.copy() if known.members is members else PricePool(members, known.proven)
