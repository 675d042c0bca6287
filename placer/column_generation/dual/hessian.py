"""The Hessian of the smoothed dual, class by class, over the resources of sites and links.

H is the Hessian of ``-g_mu``, so that it is positive semidefinite; formulas are those of ``dual.smoothed_dual``. With
``C_t`` the covariance of the softmax (``dual.softmax``) over sites and links, and a and b the coefficients (``use`` or
``draw``) of two kinds of resource, a class that is served on arrival adds a block in each period,

    H_ab = diag(a) C_t diag(b) / mu_k

where links take ``link_use``. Of a class that may wait, with phi the parts served after each delay and X the work that
arrives, ``diag(X phi)`` adds to the blocks likewise, and the rest couples periods and is kept as a product
(``dual.hessian_waiting``). A cap that counts at one site in one period is of a further kind there
(``dual.cap_places``): coefficients may be of the period of service.

Blocks are of single or double precision. Single precision halves the time of products and of Cholesky factors; rounding
then moves directions of little curvature as a larger shift would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from placer.column_generation.dual.bundle_resources import bundle_resources
from placer.column_generation.dual.class_dual import Shares
from placer.column_generation.dual.hessian_waiting import WaitingHessian
from placer.column_generation.dual.iterated import IteratedFactor
from placer.column_generation.dual.newton import Factor
from placer.column_generation.dual.parameters import NewtonParameters
from placer.column_generation.dual.places import EitherArray
from placer.column_generation.market.definition import Market
from placer.column_generation.market.groups import Group
from placer.column_generation.market.service_costs import served_later
from placer.utils.arrays import BoolArray, FloatArray, IntArray, zero_tiny


@dataclass(frozen=True, eq=False)
class Hessian:
    """``H`` over some resources.

    Attributes
    ----------
    blocks : (t, n, n) array
        Its part that couples no periods.
    resources : (n,) int array
        Positions of its resources among all.
    waiting : tuple of WaitingHessian
        What classes that may wait add to it.
    """

    blocks: EitherArray
    resources: IntArray
    waiting: tuple[WaitingHessian, ...] = ()

    def times(self, step: FloatArray) -> FloatArray:
        """Return ``H step`` for an array (t, r) of all resources; 0 where a resource is not among those of ``H``."""
        result = np.zeros_like(step)
        result[:, self.resources] = self.times_part(step[:, self.resources])
        return result

    def times_part(self, part: FloatArray) -> FloatArray:
        """Return ``H part`` for an array (t, n) of its resources."""
        product = np.matmul(self.blocks, part[:, :, None].astype(self.blocks.dtype))[:, :, 0].astype(part.dtype)
        for each in self.waiting:
            product += each.times(part)
        return product

    @cached_property
    def within_periods(self) -> EitherArray:
        """Its blocks within periods (t, n, n), but for delays after which little is served."""
        return sum((each.within_periods() for each in self.waiting), start=self.blocks)

    def factor(self, free: BoolArray, shift: FloatArray, parameters: NewtonParameters) -> Factor | IteratedFactor:
        """Return what solves systems of ``H + diag(shift)`` over the free prices."""
        is_large = free[:, self.resources].sum() >= parameters.least_iterated
        return (IteratedFactor if is_large else Factor)(self, free, shift, parameters)


class ClassHessian(NamedTuple):
    """The part of one class: blocks within periods, and at most one part kept as a product."""

    blocks: EitherArray
    waiting: tuple[WaitingHessian, ...] = ()


def class_hessian(
    market: Market,
    group: Group,
    shares: Shares,
    sites: IntArray,
    precision: type[np.floating[Any]] = np.float64,
    needs: Sequence[FloatArray] | None = None,
) -> ClassHessian:
    """Compute the Hessian of one class over the resources of some sites, kind by kind, then all links.

    Parameters
    ----------
    market : Market
    group : Group
    shares : Shares
        With the covariance over the same sites.
    sites : int array
    precision : type
        Of blocks and products.
    needs : sequence of (1 or t, lanes) arrays, optional
        Use of each kind of resource by a unit, by period of service; capacity and supply (``needs_of``) if not given.
    """
    kinds = needs_of(market, group) if needs is None else needs
    if shares.choice is not None:
        of_bundles = bundle_resources(market, group, shares, shares.choice, sites, kinds)
        if shares.delay_share is None:
            return ClassHessian(of_bundles.at_once(precision))
        return ClassHessian(of_bundles.of_service(shares.served).astype(precision), (of_bundles.waiting(precision),))
    softmax, phi = shares.softmax, shares.delay_share
    coefficients = tuple(each[:, sites] for each in kinds)
    resources = _Resources(coefficients, len(sites), len(market.link), group.link_use, softmax.covariance, shares.mu)
    if phi is None:
        return ClassHessian(resources.at_once(precision))
    # Indices in brackets would leave the sites first in memory, and products with them would stride.
    arriving, phi = softmax.arriving.take(sites, 1), phi.take(sites, 2)
    waiting = resources.waiting(arriving, phi, precision)
    return ClassHessian(resources.of_service(arriving * phi, precision), (waiting,))


def needs_of(market: Market, group: Group) -> list[FloatArray]:
    """Return the capacity, and the supply if it has a price, that a unit takes in each lane (1, lanes)."""
    return [group.use[None], *([group.draw[None]] if market.supplied else [])]


class _Resources(NamedTuple):
    """Takes blocks over sites to blocks over the resources of the sites, kind by kind, then the links.

    Attributes
    ----------
    coefficients : tuple of (1 or t, n) arrays
        Use of each kind of resource by a unit served in a period.
    sites : int
        Number n of the sites.
    links : int
        Number of links of the market.
    link_use : float
    covariance : (t, n + l, n + l) array
        ``C``; of sites alone where the class uses no link.
    mu : float
        Width of the class.
    """

    coefficients: tuple[FloatArray, ...]
    sites: int
    links: int
    link_use: float
    covariance: FloatArray
    mu: float

    @property
    def _size(self) -> int:
        """Number of resources."""
        return self.sites * len(self.coefficients) + self.links

    def at_once(self, precision: type[np.floating[Any]]) -> EitherArray:
        """Return the blocks of work that is served on arrival."""
        count, size = self.sites, self._size
        service = self.covariance[:, :count, :count].astype(precision, copy=False)
        # Without links, the parts below are all of it.
        result = (np.zeros if self.links else np.empty)((len(service), size, size), precision)
        for row, one in enumerate(self.coefficients):
            for column, other in enumerate(self.coefficients):
                part = result[:, row * count : (row + 1) * count, column * count : (column + 1) * count]
                both = one[:, :, None] * (other / self.mu)[:, None]
                np.multiply(service, both.astype(precision, copy=False), out=part)
        if self.covariance.shape[1] > count:
            self._add_links(result)
        return result

    def of_service(self, served: FloatArray, precision: type[np.floating[Any]]) -> EitherArray:
        """Return the blocks of ``diag(X phi)``, given the work served after each delay (delay, t, n)."""
        by_period = served_later(served)
        count, own, size = self.sites, np.arange(self.sites), self._size
        result = np.zeros((len(by_period), size, size), precision)
        for row, one in enumerate(self.coefficients):
            for column, other in enumerate(self.coefficients):
                result[:, row * count + own, column * count + own] = by_period * (one * other / self.mu)
        return result

    def waiting(self, arriving: FloatArray, phi: FloatArray, precision: type[np.floating[Any]]) -> WaitingHessian:
        """Return the rest of the Hessian of a class that may wait: ``C - diag(X)``."""
        count = self.sites
        size, own, present = count + self.links, np.arange(count), self.covariance.shape[1]
        products = (np.empty if present == size else np.zeros)((len(arriving), size, size), precision)
        np.multiply(self.covariance, 1 / self.mu, out=products[:, :present, :present], casting="same_kind")
        products[:, own, own] = (self.covariance[:, own, own] - arriving) / self.mu
        zero_tiny(products)
        coefficients = np.zeros((max(len(each) for each in self.coefficients), len(self.coefficients), size))
        for kind, each in enumerate(self.coefficients):
            coefficients[:, kind, :count] = each
        coefficients[:, 0, count:] = self.link_use
        return WaitingHessian(products, phi, coefficients)

    def _add_links(self, result: EitherArray) -> None:
        """Add rows and columns of the links."""
        count, links = self.sites, slice(self.sites * len(self.coefficients), None)
        for kind, coefficient in enumerate(self.coefficients):
            of_kind = slice(kind * count, (kind + 1) * count)
            cross = self.covariance[:, count:, :count] * (self.link_use / self.mu * coefficient)[:, None]
            result[:, links, of_kind], result[:, of_kind, links] = cross, cross.transpose(0, 2, 1)
        result[:, links, links] = self.covariance[:, count:, count:] * (self.link_use**2 / self.mu)
