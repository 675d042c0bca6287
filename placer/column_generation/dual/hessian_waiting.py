"""The Hessian of classes that may wait through most of the horizon, as a product: it couples every two periods.

Work of such a class that arrives in t goes to site j and is served in t' with share ``P_hjt phi_jtt'``
(``dual.smoothed_dual``), and pays for links l in t. Over the choices (j, t') the Hessian is

    diag(S) - sum_t sum_h amount (P phi) (P phi)'        all divided by mu_k

The first part is a block for each period. The second is ``A' O A``, with

    O_t = -sum_h amount P P' / mu_k                      over sites and links (t, n + l, n + l)
    A   = coefficient_j phi_jtt'                         a unit sent to j in t uses this of the resource of j in t'
          link_use [t = t']                              and this of each link
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
        ``O``, over the chosen sites, then the links.
    delay_share : (delay, t, n) array
        ``phi``.
    coefficients : (kinds, n + l) array
        Use by a unit of each kind of resource at a site, and of each link; links are of the first kind alone.
    """

    products: FloatArray
    delay_share: FloatArray
    coefficients: FloatArray

    @cached_property
    def charged_part(self) -> FloatArray:
        """The part of the amount sent in t that is charged in t' (n + l, t', t): ``phi`` of sites, 1 of links."""
        _, periods, sites = self.delay_share.shape
        part = np.empty((self.products.shape[1], periods, periods))
        part[:sites] = by_pair(self.delay_share).transpose(0, 2, 1)
        part[sites:] = np.eye(periods)
        return part

    def rows(self, kind: IntArray, place: IntArray, period: IntArray) -> FloatArray:
        """Return rows of ``A`` (r, t): use of some resources by a unit sent in each period; places end in links."""
        return self.coefficients[kind, place, None] * self.charged_part[place, period]

    def times(self, step: FloatArray) -> FloatArray:
        """Return ``A' O A step`` for an array (t, kinds * n + l)."""
        periods, sites, kinds = len(step), self.delay_share.shape[2], len(self.coefficients)
        padded = np.zeros((periods, kinds, len(self.charged_part)))
        padded[:, :, :sites] = step[:, : kinds * sites].reshape(periods, kinds, sites)
        padded[:, 0, sites:] = step[:, kinds * sites :]
        paid = (padded * self.coefficients).sum(axis=1)
        sent = np.matmul(paid.T[:, None], self.charged_part)[:, 0]
        moved = np.matmul(self.products, sent.T[:, :, None])[:, :, 0]
        charged = np.matmul(self.charged_part, moved.T[:, :, None])[:, :, 0].T[:, None] * self.coefficients
        return np.concatenate([charged[:, :, :sites].reshape(periods, -1), charged[:, 0, sites:]], axis=1)


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
    kinds, sites = len(waiting.coefficients), waiting.delay_share.shape[2]
    period, resource = np.divmod(where, resources)
    kind, place = np.divmod(resource, sites)
    link = resource - kinds * sites
    return np.where(link < 0, kind, 0), np.where(link < 0, place, sites + link), period


def add_waiting(
    matrix: FloatArray, waiting: tuple[WaitingHessian, ...], kind: IntArray, place: IntArray, period: IntArray
) -> None:
    """Add ``A' O A`` of some classes to the lower triangle of a matrix over resources, which are sorted by place."""
    rows = np.concatenate([each.rows(kind, place, period) for each in waiting], axis=1)
    products = np.ascontiguousarray(np.concatenate([each.products for each in waiting]).transpose(1, 2, 0))
    first = np.flatnonzero(np.diff(place, prepend=-1)).tolist()
    for start, end in itertools.pairwise([*first, len(place)]):
        part = products[place[start]][place[start:]]
        part *= rows[start:]
        matrix[start:, start:end] += part @ rows[start:end].T
