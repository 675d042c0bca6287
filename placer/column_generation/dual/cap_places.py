"""Where each cap stands in the curvature: beside the resources of one site in one period, or in the border.

A cap that counts what is served or drawn at one site in one period, and no arcs, is like a capacity of that site: a
further kind of its resources (``dual.hessian``). The Hessian then stays as sparse as without caps. Other caps couple
sites or periods, and border it (``dual.cap_border``).

A kind has a place at every site in every period. Caps at few of them would mostly add zeros: they stay in the border
too. Flat prices are those of the resources and places (t, r + e * s), period by period, then those of the border (f,).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from placer.model.structure import Structure
from placer.utils.arrays import AnyArray, BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: Least part of the places of a kind that have a cap.
_LEAST_FILLED = 0.125


@dataclass(frozen=True, eq=False)
class CapPlaces:
    """The places of caps.

    Attributes
    ----------
    cap : (t, e, s) int array
        The cap at each place, by period, kind and site; -1 where there is none.
    border : (f,) int array
        The caps in the border.
    """

    cap: IntArray
    border: IntArray

    @property
    def kinds(self) -> int:
        """Number of kinds e."""
        return self.cap.shape[1]

    @property
    def size(self) -> int:
        """Number of places in a period."""
        return self.cap.shape[1] * self.cap.shape[2]

    @cached_property
    def _is_filled(self) -> BoolArray:
        return self.cap.reshape(len(self.cap), self.size) >= 0

    @cached_property
    def _placed(self) -> IntArray:
        return self.cap[self.cap >= 0]

    def split(self, flat: AnyArray) -> tuple[AnyArray, AnyArray]:
        """Return figures of the resources (t, r), as a view, and of all caps (c,), from flat ones."""
        end, periods = len(flat) - len(self.border), len(self.cap)
        rows = flat[:end].reshape(periods, end // periods)
        resources = rows.shape[1] - self.size
        caps = np.zeros(len(self._placed) + len(self.border), flat.dtype)
        caps[self._placed], caps[self.border] = rows[:, resources:][self._is_filled], flat[end:]
        return rows[:, :resources], caps

    def joined(self, resources: AnyArray, caps: AnyArray, empty: float = 0.0) -> AnyArray:
        """Return flat figures from those of the resources (t, r) and of all caps (c,), and one of empty places."""
        rows = np.concatenate([resources, np.full(self._is_filled.shape, empty, resources.dtype)], axis=1)
        rows[:, resources.shape[1] :][self._is_filled] = caps[self._placed]
        return np.concatenate([rows.ravel(), caps[self.border]])

    def within(self, periods: slice, caps: IntArray) -> CapPlaces:
        """Return the places of some periods, as positions among the caps that count there."""
        cap = self.cap[periods]
        return CapPlaces(
            cap=np.where(np.isin(cap, caps), np.searchsorted(caps, cap), -1),
            border=np.flatnonzero(np.isin(caps, self.border)),
        )

    def of_caps(self, values: AnyArray) -> AnyArray:
        """Return figures of caps (c,) at their places (e, t, s); 0 where there is no cap."""
        found = np.zeros(self.cap.shape, values.dtype)
        found[self.cap >= 0] = values[self._placed]
        return found.swapaxes(0, 1)

    def counted(self, rows: csr_array) -> FloatArray:
        """Return what caps count at their places, by site or lane (e, t, n), given it cap by cap (c, t * n)."""
        kind = np.full(rows.shape[0], -1)
        kind[self._placed] = np.nonzero(self.cap >= 0)[1]
        own = np.repeat(kind, np.diff(rows.indptr))
        found = np.zeros((self.kinds, rows.shape[1]))
        found[own[own >= 0], rows.indices[own >= 0]] = rows.data[own >= 0]
        return found.reshape(self.kinds, len(self.cap), rows.shape[1] // len(self.cap))


def cap_places(structure: Structure) -> CapPlaces:
    """Return the places of the caps of a structure, as positions among those that have a limit."""
    caps, (sites, periods) = np.flatnonzero(np.isfinite(structure.cap_limit)), structure.capacity.shape
    first, last = np.full(len(caps), sites * periods), np.full(len(caps), -1)
    for rows, site_of in ((structure.cap_work, None), (structure.cap_tier, structure.tier_site)):
        cap, (*_, row, period), _ = rows[caps].entries()
        cell = period * sites + (row if site_of is None else site_of[row])
        np.minimum.at(first, cap, cell)
        np.maximum.at(last, cap, cell)
    alone = np.flatnonzero((first == last) & ~np.isin(caps, structure.caps_along[0]))
    kind = _numbers_within(first[alone])
    kinds = int((np.bincount(kind) >= _LEAST_FILLED * sites * periods).sum())
    place, placed = np.full((periods, kinds, sites), -1), alone[kind < kinds]
    period, site = np.divmod(first[placed], sites)
    place[period, kind[kind < kinds], site] = placed
    return CapPlaces(place, np.setdiff1d(np.arange(len(caps)), placed))


def _numbers_within(cell: IntArray) -> IntArray:
    """Return the number of each among those of the same cell, from 0 on."""
    order = np.argsort(cell, kind="stable")
    ordered, number = cell[order], np.zeros(len(cell), dtype=int)
    number[order] = np.arange(len(cell)) - np.searchsorted(ordered, ordered)
    return number
