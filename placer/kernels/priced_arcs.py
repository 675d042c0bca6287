"""The arcs of a structure at some prices, as arrays that kernels take."""

from __future__ import annotations

from typing import NamedTuple

from placer.utils.arrays import FloatArray, IntArray


class PricedArcs(NamedTuple):
    """All arcs, and the prices of what they use (``placer.proof.bound``).

    Attributes
    ----------
    klass, site, route : (arcs,) int arrays
    cost : (arcs,) array
        With the rents of caps.
    arriving : (classes, sites, periods) array
        ``V``.
    link_use : (classes,) array
    link_starts, link : int arrays
        Priced links along each route: ``link[link_starts[route] : link_starts[route + 1]]``.
    link_price : (priced links, periods) array
        ``nu``.
    """

    klass: IntArray
    site: IntArray
    route: IntArray
    cost: FloatArray
    arriving: FloatArray
    link_use: FloatArray
    link_starts: IntArray
    link: IntArray
    link_price: FloatArray
