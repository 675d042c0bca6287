"""The Hessian of classes that may wait, as a product: it couples every two periods at once.

Work of such a class that arrives in t goes to site j and is served in t' with share ``P_hjt phi_jtt'``
(``dual.smoothed_dual``), and pays for links l in t. Over the choices (j, t') the Hessian is

    diag(S) - sum_t sum_h amount (P phi) (P phi)'        all divided by mu_k

The first part is a block for each period. The second is ``A' O A``, with

    O_t = -sum_h amount P P' / mu_k                      over sites and links (t, n + l, n + l)
    A   = coefficient_jt' phi_jtt'                       a unit sent to j in t uses this of the resource of j in t'
          link_use [t = t']                              and this of each link

Where a class has several lanes at a site (``market.lanes``), j is a lane, and the rows of A of a resource are those of
all lanes of its site.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class WaitingHessian:
    """``A' O A`` of one class.

    Attributes
    ----------
    products : (t, n + l, n + l) array
        ``O``, over the lanes of the chosen sites, then the links.
    delay_share : (delay, t, n) array
        ``phi``.
    coefficients : (1 or t, kinds, n + l) array
        Use by a unit served in a period of each kind of resource at a site, and of each link; links are of the first
        kind alone.
    at_place : (ranks, places) int array, optional
        Position of the lanes of every place, a chosen site or a link; -1 where it has fewer. Lanes are places if not
        given.
    """

    products: FloatArray
    delay_share: FloatArray
    coefficients: FloatArray
    at_place: IntArray | None = None

    @cached_property
    def lanes(self) -> IntArray:
        """``at_place``, given or not (ranks, places)."""
        return np.arange(self.products.shape[1])[None] if self.at_place is None else self.at_place

    @property
    def kinds(self) -> int:
        """Number of kinds of resource."""
        return self.coefficients.shape[1]

    @property
    def sites(self) -> int:
        """Number of chosen sites."""
        return self.lanes.shape[1] - self.products.shape[1] + self.delay_share.shape[2]

    @cached_property
    def by_lanes(self) -> FloatArray:
        """``O`` by two lanes or links, and period (n + l, n + l, t)."""
        return np.ascontiguousarray(self.products.transpose(1, 2, 0))

    @cached_property
    def charged_part(self) -> FloatArray:
        """The part of the amount sent in t that is charged in t' (n + l, t', t): ``phi`` of sites, 1 of links."""
        _, periods, sites = self.delay_share.shape
        part = np.empty((self.products.shape[1], periods, periods))
        part[:sites] = by_pair(self.delay_share).transpose(0, 2, 1)
        part[sites:] = np.eye(periods)
        return part

    def rows(self, kind: IntArray, place: IntArray, period: IntArray) -> FloatArray:
        """Return rows of ``A`` (r, ranks * t): use of some resources by a unit sent in each lane and period.

        Places end in links.
        """
        own = period % len(self.coefficients)
        if self.at_place is None:
            return self.coefficients[own, kind, place, None] * self.charged_part[place, period]
        lane = self.at_place[:, place]
        use = np.where(lane >= 0, self.coefficients[own, kind, lane], 0.0)
        return np.concatenate(use[:, :, None] * self.charged_part[lane, period], axis=1)

    def moved(self, at: int, place: IntArray, rows: FloatArray) -> FloatArray:
        """Return ``A' O`` from some places (r,) to the lanes of one (r, ranks * t), given the rows of these places."""
        if self.at_place is None:
            return self.by_lanes[at][place] * rows
        parts = np.split(rows, len(self.at_place), axis=1)
        return np.concatenate(
            [
                sum(self.by_lanes[one][lane[place]] * part for lane, part in zip(self.at_place, parts, strict=True))
                for one in self.at_place[:, at].tolist()
            ],
            axis=1,
        )

    def times(self, step: FloatArray) -> FloatArray:
        """Return ``A' O A step`` for an array (t, kinds * sites + l)."""
        periods, sites, kinds = len(step), self.sites, self.kinds
        padded = np.zeros((periods, kinds, self.lanes.shape[1]))
        padded[:, :, :sites] = step[:, : kinds * sites].reshape(periods, kinds, sites)
        padded[:, 0, sites:] = step[:, kinds * sites :]
        paid = (self._of_lanes(padded) * self.coefficients).sum(axis=1)
        sent = np.matmul(paid.T[:, None], self.charged_part)[:, 0]
        moved = np.matmul(self.products, sent.T[:, :, None])[:, :, 0]
        charged = np.matmul(self.charged_part, moved.T[:, :, None])[:, :, 0].T[:, None] * self.coefficients
        charged = self._of_places(charged)
        return np.concatenate([charged[:, :, :sites].reshape(periods, -1), charged[:, 0, sites:]], axis=1)

    def _of_lanes(self, of_places: FloatArray) -> FloatArray:
        """Return figures of places (..., places) at their lanes and links (..., n + l)."""
        if self.at_place is None:
            return of_places
        result = np.zeros((*of_places.shape[:-1], self.products.shape[1]))
        for lane in self.at_place:
            result[..., lane[lane >= 0]] = of_places[..., lane >= 0]
        return result

    def _of_places(self, of_lanes: FloatArray) -> FloatArray:
        """Return the sums of figures of lanes and links by place."""
        if self.at_place is None:
            return of_lanes
        return np.asarray(np.where(self.at_place >= 0, of_lanes[..., self.at_place], 0.0).sum(axis=-2))


def by_pair(delay_share: FloatArray) -> FloatArray:
    """Return ``phi`` by site, period of arrival and period of service (s, t, t'), given it by delay (delay, t, s)."""
    delays, periods, sites = delay_share.shape
    twice = np.zeros((sites, periods, 2 * periods))
    of_site, of_period, item = twice.strides
    # Delays start at the period of arrival, and go on into a second horizon, which is the first again.
    shifted = np.ndarray((sites, periods, delays), twice.dtype, twice, 0, (of_site, of_period + item, item))
    shifted[:] = delay_share.transpose(2, 1, 0)
    return twice[:, :, :periods] + twice[:, :, periods:]


def coordinates(waiting: WaitingHessian, where: IntArray, resources: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return kind, place and period of positions in an array (t, resources); places are sites, then links."""
    kinds, sites = waiting.kinds, waiting.sites
    period, resource = np.divmod(where, resources)
    kind, place = np.divmod(resource, sites)
    link = resource - kinds * sites
    return np.where(link < 0, kind, 0), np.where(link < 0, place, sites + link), period


def add_waiting(
    matrix: FloatArray, waiting: tuple[WaitingHessian, ...], kind: IntArray, place: IntArray, period: IntArray
) -> None:
    """Add ``A' O A`` of some classes to the lower triangle of a matrix over resources, which are sorted by place."""
    rows = [each.rows(kind, place, period) for each in waiting]
    every = np.concatenate(rows, axis=1)
    first = np.flatnonzero(np.diff(place, prepend=-1)).tolist()
    for start, end in itertools.pairwise([*first, len(place)]):
        at, there = int(place[start]), place[start:]
        parts = [each.moved(at, there, of_each[start:]) for each, of_each in zip(waiting, rows, strict=True)]
        part = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        matrix[start:, start:end] += part @ every[start:end].T
