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

import numpy as np

from placer.column_generation.dual.delays import Delays, equal_delays
from placer.column_generation.dual.places import EitherArray
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

    products: EitherArray
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
    def by_lanes(self) -> EitherArray:
        """``O`` by two lanes or links, and period (n + l, n + l, t)."""
        return np.ascontiguousarray(self.products.transpose(1, 2, 0))

    @cached_property
    def charged_part(self) -> FloatArray:
        """The part of what is sent that is charged after each delay (delay, t, n + l): ``phi`` of sites, 1 of links."""
        delays, periods, sites = self.delay_share.shape
        part = np.zeros((delays, periods, self.products.shape[1]))
        part[:, :, :sites], part[0, :, sites:] = self.delay_share, 1.0
        return part

    @cached_property
    def _delays(self) -> Delays:
        return Delays(self.charged_part)

    def rows(self, kind: IntArray, place: IntArray, period: IntArray) -> FloatArray:
        """Return rows of ``A`` (r, ranks * t): use of some resources by a unit sent in each lane and period.

        Places end in links.
        """
        own, delay = period % len(self.coefficients), np.arange(len(self.charged_part))
        sent, row = (period[:, None] - delay) % len(self.products), np.arange(len(place))[:, None]
        parts = np.zeros((len(self.lanes), len(place), len(self.products)))
        for part, lane in zip(parts, self.lanes[:, place], strict=True):
            use = np.where(lane >= 0, self.coefficients[own, kind, lane], 0.0)
            part[row, sent] = use[:, None] * self.charged_part[delay, sent, lane[:, None]]
        return np.concatenate(list(parts), axis=1)

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
        paid = (self._of_lanes(padded) * self.coefficients).sum(axis=1, keepdims=True)
        sent = self._delays.ahead(paid).astype(self.products.dtype)
        moved = np.matmul(sent, self.products).astype(step.dtype)  # O is symmetric
        charged = self._of_places(self._delays.later(moved) * self.coefficients)
        return np.concatenate([charged[:, :, :sites].reshape(periods, -1), charged[:, 0, sites:]], axis=1)

    def within_periods(self) -> EitherArray:
        """Return the blocks of ``A' O A`` within periods (t, r, r): two parts of what is sent wait equally long there.

        Delays after which little is served are left out.
        """
        of_lanes, use = equal_delays(self.products, self.charged_part), self.coefficients.astype(self.products.dtype)
        sites, links = self.sites, self.lanes.shape[1] - self.sites
        size = self.kinds * sites + links
        result = np.empty((len(of_lanes), size, size), of_lanes.dtype)
        # Links, of the first kind alone, stand last.
        places = [
            np.r_[kind * sites : (kind + 1) * sites, size - (links if not kind else 0) : size]
            for kind in range(self.kinds)
        ]
        for one, rows in enumerate(places):
            for other, columns in enumerate(places):
                block = self._of_places(of_lanes * use[:, one, :, None] * use[:, other, None])
                block = self._of_places(block.swapaxes(1, 2)).swapaxes(1, 2)
                if len(rows) == size:
                    return block
                result[:, rows[:, None], columns] = block[:, : len(rows), : len(columns)]
        return result

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
