"""Softmax sums over links that serve few sites; cap coefficients of arcs usually have this sparsity.

A *place* p is a site j(p) together with a link l(p) that a route to the site uses, at ``u_ph`` from origin h. With E, Z
and amount as in ``dual.softmax``, and ``w_ht = amount_ht / Z_ht``,

    E_pht   = u_ph E_h,j(p),t
    F_lt    = sum over p of l, sum_h w_ht E_pht                               link flow
    covariance of j and l:  sum over p of j and l, sum_h w_ht E_pht                less the product of means
    covariance of l and m:  sum over p of l, q of m of one site, sum_h w_ht u_qh E_pht  less the product of means

so that no array of all sites, periods and origins is multiplied by every link.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placer.utils.arrays import FloatArray, IntArray

#: An array in the precision of its class: single or double.
EitherArray = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Places:
    """The places of a class.

    Attributes
    ----------
    link, site : (p,) int arrays
    use : (p, 1, h) array
        ``u``.
    member : (p, l) array
        1 where a place is of a link.
    one, other : (q,) int arrays
        Every two places of one site, in either order, and every place with itself.
    met : (q, l * l) array
        1 where two places are of two links.
    """

    link: IntArray
    site: IntArray
    use: EitherArray
    member: EitherArray
    one: IntArray
    other: IntArray
    met: EitherArray

    @cached_property
    def _are_links(self) -> bool:
        """Whether every link has one place, in their order."""
        return np.array_equal(self.link, np.arange(self.member.shape[1]))

    def shares(self, weight: EitherArray) -> EitherArray:
        """Return ``E_p`` (p, t, h), given ``E`` (s, t, h)."""
        return np.asarray(weight[self.site] * self.use)

    def of_links(self, share: EitherArray) -> EitherArray:
        """Return the sum of ``E_p`` over the places of every link (t, l, h)."""
        links = self.member.shape[1]
        if self._are_links:
            return share.swapaxes(0, 1)
        return (self.member.T @ share.reshape(len(share), -1)).reshape(links, *share.shape[1:]).swapaxes(0, 1)

    def flow(self, share: EitherArray, scale: EitherArray) -> EitherArray:
        """Return ``sum_h w E_p`` (t, p), given ``w`` (t, h)."""
        return np.asarray(np.matmul(share.swapaxes(0, 1), scale[:, :, None])[:, :, 0])

    def add_products(
        self, flow: EitherArray, share: EitherArray, scale: EitherArray, sites: IntArray, out: FloatArray
    ) -> None:
        """Add to ``out`` (t, n, n), over some sites and then the links, the flow of each two that are met together."""
        count, links = len(sites), self.member.shape[1]
        at = np.searchsorted(sites, self.site)
        inside = np.flatnonzero(sites[np.minimum(at, count - 1)] == self.site)
        rows, columns = at[inside], count + self.link[inside]
        out[:, rows, columns] += flow[:, inside]  # a site and a link have one place
        out[:, columns, rows] += flow[:, inside]
        both = product_of_flows(self.flow(share[self.one] * self.use[self.other], scale), self.met)
        out[:, count:, count:] += both.reshape(-1, links, links)


def product_of_flows(flow: EitherArray, member: EitherArray) -> EitherArray:
    """Return ``flow @ member``, with a warning where it is not finite.

    These products have reported an invalid value in one run and not in the next. The cause is not known, so the sums
    themselves are looked at, in place of the flag.
    """
    with np.errstate(invalid="ignore"):
        total = np.asarray(flow @ member)
    if not np.isfinite(total).all():
        warnings.warn("a flow of the smoothed dual is not finite", RuntimeWarning, stacklevel=2)
    return total


def places_of(incidence: EitherArray) -> Places | None:
    """Return the places of an incidence (l, s, h); None where there are none, or more than sites."""
    link, site = np.nonzero(incidence.any(axis=2))
    if not 0 < len(link) <= incidence.shape[1]:
        return None
    links, kind = len(incidence), incidence.dtype
    one, other = np.nonzero(site[:, None] == site)
    met = link[one] * links + link[other]
    return Places(
        link=link,
        site=site,
        use=incidence[link, site][:, None],
        member=(link[:, None] == np.arange(links)).astype(kind),
        one=one,
        other=other,
        met=(met[:, None] == np.arange(links**2)).astype(kind),
    )
