"""The Hessian of the smoothed dual, class by class: blocks over the resources of sites and links, by lag in periods.

H is the Hessian of ``-g_mu``, so that it is positive semidefinite; formulas are those of ``dual.smoothed_dual``. With
``C_t`` the covariance of the softmax (``dual.softmax``), ``phi_d`` (n,) the part served after delay d, and X the work
that arrives, what arrives in t couples the service of t + d and t + e, e >= d, by

    B_t(d, e) = phi_d C_t phi_e + diag(X phi_d) [d = e] - diag(X phi_d phi_e)

which adds to the block of lag e - d at period t + d. From service to resources, with a and b the coefficients (``use``
or ``draw``) of two kinds of resource,

    H_ab = diag(a) B diag(b) / mu_k

and links, charged on arrival, add ``link_use C`` of sites and links at every delay. A cap that counts at one site in
one period is of a further kind there (``dual.cap_places``): coefficients may be of the period of service.

Blocks are of single or double precision. Single precision halves the time of the blocks and of their Cholesky factor;
rounding then moves directions of little curvature as a larger shift would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from placer.column_generation.dual.bundle_resources import BundleResources, bundle_resources
from placer.column_generation.dual.hessian_waiting import WaitingHessian
from placer.column_generation.dual.newton import Factor
from placer.column_generation.dual.parameters import HESSIAN, HessianParameters, NewtonParameters
from placer.column_generation.dual.service_blocks import add_delays, arrival_blocks, diagonals, periods_later
from placer.column_generation.market.service_costs import served_later

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.column_generation.dual.class_dual import Shares
    from placer.column_generation.dual.places import EitherArray
    from placer.column_generation.market.definition import Market
    from placer.column_generation.market.groups import Group
    from placer.utils.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Hessian:
    """``H`` over some resources: ``blocks[lag][t]`` couples period t to ``t + lag`` (modulo the horizon).

    Attributes
    ----------
    blocks : dict of int to (t, n, n) array
    resources : (n,) int array
        Positions of its resources among all.
    waiting : tuple of WaitingHessian
        What classes that may wait add to the blocks, where all periods are coupled at once.
    """

    blocks: dict[int, EitherArray]
    resources: IntArray
    waiting: tuple[WaitingHessian, ...] = ()

    def times(self, step: FloatArray) -> FloatArray:
        """Return ``H step`` for an array (t, r) of all resources; 0 where a resource is not among those of ``H``."""
        part = step[:, self.resources]
        product, narrow = np.zeros_like(part), part.astype(self.blocks[0].dtype)
        for lag, block in self.blocks.items():
            product += np.matmul(block, np.roll(narrow, -lag, 0)[:, :, None])[:, :, 0]
            if lag:
                product += np.roll(np.matmul(block.transpose(0, 2, 1), narrow[:, :, None])[:, :, 0], lag, 0)
        for each in self.waiting:
            product += each.times(part)
        result = np.zeros_like(step)
        result[:, self.resources] = product
        return result

    def factor(self, free: BoolArray, shift: FloatArray, *, cyclic: bool, parameters: NewtonParameters) -> Factor:
        """Return the Cholesky factor of ``H + diag(shift)`` over the free prices."""
        return Factor(self, free, shift, cyclic=cyclic, parameters=parameters)


class ClassHessian(NamedTuple):
    """The part of one class: blocks by lag, and at most one part kept as a product."""

    blocks: dict[int, EitherArray]
    waiting: tuple[WaitingHessian, ...] = ()


def class_hessian(
    market: Market,
    group: Group,
    shares: Shares,
    sites: IntArray,
    parameters: HessianParameters = HESSIAN,
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
    parameters : HessianParameters
    precision : type
        Of the blocks.
    needs : sequence of (1 or t, lanes) arrays, optional
        Use of each kind of resource by a unit, by period of service; capacity and supply (``needs_of``) if not given.
    """
    kinds = needs_of(market, group) if needs is None else needs
    if shares.choice is not None:
        resources_of_bundles = bundle_resources(market, group, shares, shares.choice, sites, kinds)
        return _bundled(market, resources_of_bundles, shares, parameters, precision)
    softmax, phi, count = shares.softmax, shares.delay_share, len(sites)
    covariance = softmax.covariance[:, :count, :count].astype(precision, copy=False)
    coefficients = tuple(each[:, sites] for each in kinds)
    resources = _Resources(coefficients, count, len(market.link), group.link_use, softmax.covariance, shares.mu)
    if phi is None:
        return ClassHessian({0: resources.blocks(0, covariance, None)})
    # Indices in brackets would leave the sites first in memory, and products with them would stride.
    arriving, phi = softmax.arriving.take(sites, 1), phi.take(sites, 2)
    served = arriving * phi
    if _couples_all_periods(market, len(sites), parameters):
        return ClassHessian({0: resources.of_service(served).astype(precision)}, (resources.waiting(arriving, phi),))
    most = served.max()
    delays = [delay for delay in range(len(phi)) if served[delay].max() > parameters.negligible_part * most]
    blocks = arrival_blocks(covariance, phi, delays, parameters)
    add_delays(arriving, phi, phi, phi, delays, diagonals(blocks))
    link_lags = set(delays) if softmax.link_flow.shape[1] else set()
    blocks |= {lag: np.zeros_like(blocks[0]) for lag in link_lags - blocks.keys()}
    return ClassHessian(
        {lag: resources.blocks(lag, block, phi[lag] if lag in link_lags else None) for lag, block in blocks.items()}
    )


def _bundled(
    market: Market,
    resources: BundleResources,
    shares: Shares,
    parameters: HessianParameters,
    precision: type[np.floating[Any]],
) -> ClassHessian:
    """Compute the Hessian of a class with modes."""
    if shares.delay_share is None or not _couples_all_periods(market, len(resources.sites), parameters):
        return ClassHessian(resources.by_lag(parameters, precision))
    return ClassHessian({0: resources.of_service(shares.served).astype(precision)}, (resources.waiting(),))


def _couples_all_periods(market: Market, sites: int, parameters: HessianParameters) -> bool:
    """Whether windows span most of the horizon, so that all periods are best coupled at once."""
    longest = max(group.window for group in market.groups) + 1
    is_small = (market.periods * sites) ** 2 <= parameters.coupled_cells
    return 2 * longest > market.periods and is_small


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

    def blocks(self, lag: int, service: EitherArray, phi: FloatArray | None) -> EitherArray:
        """Return the blocks of a lag, given those over sites and ``phi`` (t, n) at that delay.

        ``phi`` is None where all is served on arrival, and where no link is charged at that delay.
        """
        count, size = self.sites, self._size
        # Without links, the parts below are all of it.
        result = (np.zeros if self.links else np.empty)((len(service), size, size), service.dtype)
        for row, one in enumerate(self.coefficients):
            for column, other in enumerate(self.coefficients):
                part = result[:, row * count : (row + 1) * count, column * count : (column + 1) * count]
                both = one[:, :, None] * (periods_later(other, lag) / self.mu)[:, None]
                np.multiply(service, both.astype(service.dtype, copy=False), out=part)
        if self.covariance.shape[1] > count and (phi is not None or lag == 0):
            self._add_links(lag, result, phi)
        return result

    def of_service(self, served: FloatArray) -> FloatArray:
        """Return the blocks of ``diag(X phi)``, given the work served after each delay (delay, t, n)."""
        by_period = served_later(served)
        count, own, size = self.sites, np.arange(self.sites), self._size
        result = np.zeros((len(by_period), size, size))
        for row, one in enumerate(self.coefficients):
            for column, other in enumerate(self.coefficients):
                result[:, row * count + own, column * count + own] = by_period * (one * other / self.mu)
        return result

    def waiting(self, arriving: FloatArray, phi: FloatArray) -> WaitingHessian:
        """Return the rest of the Hessian of a class that may wait: ``C - diag(X)``."""
        count = self.sites
        size, own, present = count + self.links, np.arange(count), self.covariance.shape[1]
        products = np.zeros((len(arriving), size, size))
        products[:, :present, :present] = self.covariance
        products[:, own, own] -= arriving
        coefficients = np.zeros((max(len(each) for each in self.coefficients), len(self.coefficients), size))
        for kind, each in enumerate(self.coefficients):
            coefficients[:, kind, :count] = each
        coefficients[:, 0, count:] = self.link_use
        return WaitingHessian(products / self.mu, phi, coefficients)

    def _add_links(self, lag: int, result: EitherArray, phi: FloatArray | None) -> None:
        """Add rows of the links, which are charged on arrival and so meet service at every delay."""
        count, first_link = self.sites, self.sites * len(self.coefficients)
        cross = self.covariance[:, count:, :count]
        if phi is not None:
            cross = cross * phi[:, None]
        for kind, coefficient in enumerate(self.coefficients):
            of_kind = slice(kind * count, (kind + 1) * count)
            later = periods_later(coefficient, lag)[:, None]
            result[:, first_link:, of_kind] = cross * (self.link_use / self.mu * later)
            if lag == 0:
                result[:, of_kind, first_link:] = result[:, first_link:, of_kind].transpose(0, 2, 1)
        if lag == 0:
            result[:, first_link:, first_link:] = self.covariance[:, count:, count:] * (self.link_use**2 / self.mu)
