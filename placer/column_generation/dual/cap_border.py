"""The border that caps of several periods or sites add to the Hessian of the smoothed dual, class by class.

With the Hessian ``H_v`` of a class in the costs v of service (``dual.smoothed_dual``), and a_c what cap c counts,

    R_c  = H_v a_c          how service in t at j falls as gamma_c rises
    B_c  = use R_c          of capacity, and so of all kinds of resource; the flow of links likewise
    C_cd = sum a_d R_c      over all classes, periods and sites

Where work waits, a change dv of the costs of service changes the cost of arrival by ``dV_t = sum_t' phi_tt' dv_t'``,

    H_v dv = sum over arrivals t of phi_tt' (C_t dV_t + X_t (dv_t' - dV_t)) / mu

C_t is the covariance of the softmax (``dual.softmax``). What a cap counts of an arc enters it as the use of a link.
A soft tier of supply, of curvature k, draws -1 of supply and counts n_c of a cap: it adds products of these and k.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from placer.column_generation.dual.class_caps import ClassCaps
from placer.column_generation.dual.class_dual import ClassDual, Shares
from placer.column_generation.dual.delays import Delays
from placer.utils.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class BorderPart(NamedTuple):
    """What one class adds: its caps, as positions in the border (c,), and to these (c, t, r) and (c, c)."""

    caps: IntArray
    rows: FloatArray
    own: FloatArray


class CapBorder:
    """The border of some caps, added up class by class.

    Parameters
    ----------
    caps : (f,) int array
        The caps in the border.
    count : int
        Number of all caps.
    price_shape : (int, int)
        Periods, and resources and places of caps.

    Attributes
    ----------
    border : (f, t, r) array
        ``B``.
    own : (f, f) array
        ``C``.
    """

    def __init__(self, caps: IntArray, count: int, price_shape: tuple[int, int]) -> None:
        self.border, self.own = np.zeros((len(caps), *price_shape)), np.zeros((len(caps), len(caps)))
        self._caps = caps
        self._position = np.full(count, -1)
        self._position[caps] = np.arange(len(caps))

    def moving(self, counted: ClassCaps) -> IntArray:
        """Return the caps of the border among those that count a class."""
        return np.flatnonzero(self._position[counted.caps] >= 0)

    def part_of(
        self, of_class: ClassDual, counted: ClassCaps, shares: Shares, needs: Mapping[int, FloatArray]
    ) -> BorderPart | None:
        """Return the part of one class; None if the border counts nothing of it.

        Parameters
        ----------
        of_class : ClassDual
        counted : ClassCaps
        shares : Shares
            With the covariance over all lanes.
        needs : dict of int to (1 or t, lanes) array
            What a unit served takes of each kind of resource, by the position of the first site.
        """
        market, lanes = of_class.market, of_class.group.lanes
        moving = self.moving(counted)
        if not moving.size:
            return None
        sends, links = np.flatnonzero(counted.arc[moving] >= 0), len(lanes) + of_class.links
        # The covariance has those of the moving caps that count arcs after the links, in their order.
        arcs = links + np.arange(len(sends))
        served = counted.by_period(moving)
        change, of_service = _response(served, sends, arcs, shares)
        of_service = of_service.swapaxes(0, 1)
        rows = np.zeros((len(moving), *self.border.shape[1:]))
        for first, taken in needs.items():
            rows[:, :, first : first + market.sites] = lanes.to_sites(of_service * taken)
        if of_class.links:
            of_links = change[:, :, len(lanes) : links].swapaxes(0, 1)
            first = market.kinds * market.sites
            rows[:, :, first : first + of_class.links] = of_links * of_class.group.link_use
        own = served.swapaxes(0, 1).reshape(len(moving), -1) @ of_service.reshape(len(moving), -1).T
        own[:, sends] += change[:, :, arcs].sum(axis=0)
        return BorderPart(self._position[counted.caps[moving]], rows, own)

    def add(self, part: BorderPart | None) -> None:
        """Add the part of a class, if it has any."""
        if part is not None:
            self.border[part.caps] += part.rows
            self.own[part.caps[:, None], part.caps] += part.own

    def add_tier(self, curvature: FloatArray, counted: csr_array, needs: Mapping[int, FloatArray]) -> None:
        """Add the part of a soft tier.

        Parameters
        ----------
        curvature : (t, s) array
        counted : (c, t * s) sparse array
            What a unit counts towards all caps.
        needs : dict of int to (t, s) array
            What it takes of each kind of resource, by the position of the first site.
        """
        chosen = counted[self._caps].toarray().reshape(len(self._caps), *curvature.shape)
        bent = curvature * chosen
        for first, taken in needs.items():
            self.border[:, :, first : first + curvature.shape[1]] += bent * taken
        self.own += np.tensordot(bent, chosen, ((1, 2), (1, 2)))


def _response(served: FloatArray, sends: IntArray, arcs: IntArray, shares: Shares) -> tuple[FloatArray, FloatArray]:
    """Return how sites, links and counted arcs (t, c, n), and service (t, c, s), fall as cap prices rise.

    Parameters
    ----------
    served : (t, c, s) array
        What caps count of service.
    sends, arcs : (a,) int arrays
        The caps that count arcs, and where these are in the covariance.
    shares : Shares
    """
    phi, mu, sites = shares.delay_share, shares.mu, served.shape[2]
    covariance = shares.softmax.covariance
    delays = None if phi is None else Delays(phi)
    arriving = served if delays is None else delays.ahead(served)
    change = np.matmul(arriving, covariance[:, :sites])
    change[:, sends] += covariance[:, arcs]
    change /= mu
    if delays is None:
        return change, change[:, :, :sites]
    moved = change[:, :, :sites] - (shares.softmax.arriving / mu)[:, None] * arriving
    return change, delays.later(moved) + (shares.served / mu)[:, None] * served
