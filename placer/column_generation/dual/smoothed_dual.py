"""The smoothed dual of a market: its value, gradient and Hessian in the prices y of the shared resources.

**Dual.** With the prices z of ``market.definition``, the dual of the placement at prices y >= 0 is

    g(y) = sum_kht amount_kht min(penalty_k, min_j z_khjt) - sum limit y - sum_tiers amount max(0, pi - extra)

concave and piecewise linear; no placement costs less than g(y). pi is the price of supply, a tier's ``extra`` what it
costs beyond the first tier.

**Smoothed dual.** At width mu, with ``mu_k = mu weight_k``, every minimum becomes a soft minimum,
``min_mu a = -mu log sum_i exp(-a_i / mu)``, and every tier a soft step, with pi and mu in the unit of supply:

    g_mu(y) = sum_kht amount_kht min_mu_k(penalty_k, z_khjt over j)
              - sum limit y - sum_tiers amount mu log(1 + exp((pi - extra) / mu))

    V_kjt   = min_mu_k of v_kjt' over the window      the cost of service on arrival, within z

**Softmax over assignments** (``dual.softmax``, ``dual.separable``).

    P_khjt     = share of demand (k, h, t) that goes to j, a softmax of -z / mu_k
    X_kjt      = sum_h amount P                       amounts that arrive at j in t
    phi_kjtt'  = share of it that is served in t', a softmax of -v / mu_k over the window
    S_kjt'     = sum_t X_kjt phi_kjtt'                served amounts

**Gradient** (``dual.class_dual``). The use of each resource less its limit:

    dg/d alpha_jt = sum_k use_kj S_kjt - limit
    dg/d pi_jt    = sum_k draw_kj S_kjt - limit - sum_tiers amount sigma((pi - extra) / mu)
    dg/d nu_lt    = sum_k link_use_k sum_hj amount_kht u_lhj P_khjt - limit

sigma is the logistic function, and u_lhj is 1 where the route from h to j uses link l.

**Hessian** (``dual.hessian``). H, the Hessian of -g_mu, is the covariance of the use by a demand, since softmax is
a Gibbs distribution. For each class, with respect to V in one period of arrival and to v through it,

    H_V = (diag(X) - sum_h amount P P') / mu_k
    H_v = phi' H_V phi + (diag(X phi) - X phi phi') / mu_k

plus ``amount sigma (1 - sigma) / mu`` of each tier. H couples periods through the windows alone: classes that may wait
are kept as products (``dual.hessian_waiting``), and all others are blocks within periods. Links charge in the period of
arrival and have rows of their own. Only sites with a price that may move need be in it.

**Caps** (``dual.capped_dual``). A cap has one price, and a market is made for given prices of the caps.

**Blocks** (``dual.stacked_hessian``). Work waits within its block only, so that the dual of several blocks is the sum
of theirs, and H has one part for each.

Large arrays are of single precision as long as the width allows it, and the Hessian at any width. An error here costs
time, never the answer, which is proven elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from placer.column_generation.dual.class_dual import ClassDual, Shares
from placer.column_generation.dual.hessian import ClassHessian, Hessian, class_hessian
from placer.column_generation.dual.hessian_waiting import WaitingHessian
from placer.column_generation.dual.parameters import SMOOTHED_DUAL, NewtonParameters, SmoothedDualParameters
from placer.column_generation.market.definition import Market
from placer.column_generation.market.groups import Group
from placer.utils.arrays import BoolArray, FloatArray, IntArray, zero_tiny
from placer.utils.shared_work import one_by_one

#: Of evaluations without curvature.
NO_SITES = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class DualEvaluation:
    """The smoothed dual at some prices and width.

    Attributes
    ----------
    value : float
        ``g_mu``.
    gradient : (t, r) array
    """

    value: float
    gradient: FloatArray


class AnyFactor(Protocol):
    """A factor of the curvature over the free prices."""

    def step(self, gradient: FloatArray, prices: FloatArray) -> FloatArray:
        """Return the Newton step, with no price below zero."""


class Curvature(Protocol):
    """The Hessian of ``-g_mu`` as a product."""

    def times(self, step: FloatArray) -> FloatArray:
        """Return its product with a step in all prices."""

    def factor(self, free: BoolArray, shift: FloatArray, parameters: NewtonParameters) -> AnyFactor:
        """Return the Cholesky factor of ``H + diag(shift)`` over the free prices."""


@dataclass(frozen=True, eq=False)
class CurvedEvaluation(DualEvaluation):
    """The smoothed dual with its curvature.

    Attributes
    ----------
    curvature : Curvature
        ``H``, the Hessian of ``-g_mu``.
    """

    curvature: Curvature


@dataclass(frozen=True, eq=False)
class ResourceEvaluation(CurvedEvaluation):
    """The smoothed dual with its curvature over the prices of resources alone.

    Attributes
    ----------
    curvature : Hessian
    """

    curvature: Hessian


class SmoothedDual:
    """The smoothed dual of a market of one block.

    Parameters
    ----------
    market : Market
    parameters : SmoothedDualParameters
    """

    def __init__(self, market: Market, parameters: SmoothedDualParameters = SMOOTHED_DUAL) -> None:
        self.market = market
        self._parameters = parameters
        self._classes = [ClassDual(market, group, parameters) for group in longest_first(market.groups)]
        #: Price of each resource that weighs as much as a price of 1 per unit of the median class.
        self.unit = market.unit
        #: What there is of each resource, tiers included (t, r).
        self.available = available(market)

    def choose_precision(self, width: float) -> None:
        """Choose the precision of arrays; to be called at every new width."""
        for of_class in self._classes:
            of_class.choose_precision(width)

    def evaluate(self, prices: FloatArray, width: float) -> DualEvaluation:
        """Evaluate at some prices (t, r)."""
        market = self.market
        gradient = -market.limit
        value = -float((market.limit * prices).sum())
        shared = one_by_one(lambda of_class: of_class.shares(prices, width, NO_SITES), self._classes)
        for of_class, shares in zip(self._classes, shared, strict=True):
            value += shares.softmax.value
            of_class.add_gradient(shares, gradient)
        for tier in soft_tiers(market, prices, width):
            value -= tier.earned
            gradient[:, market.sites : 2 * market.sites] -= tier.taken
        return DualEvaluation(value, gradient)

    def evaluate_curved(self, prices: FloatArray, width: float, free: BoolArray) -> ResourceEvaluation:
        """Evaluate at some prices, with the curvature over the sites with a free price (t, r) and over all links."""
        market, sites = self.market, moving_sites(self.market, free)
        gradient = -market.limit
        value = -float((market.limit * prices).sum())
        precision = self._precision(width)
        resources = resources_of(market, sites)
        blocks = np.zeros((market.periods, len(resources), len(resources)), precision)
        waiting: list[WaitingHessian] = []

        def curved(of_class: ClassDual) -> tuple[Shares, ClassHessian]:
            shares = of_class.shares(prices, width, sites)
            return shares, class_hessian(market, of_class.group, shares, sites, precision)

        # Blocks are added up as they come: those of all classes together would not stay in the cache.
        for of_class, (shares, hessian) in zip(self._classes, one_by_one(curved, self._classes), strict=True):
            value += shares.softmax.value
            of_class.add_gradient(shares, gradient)
            blocks += hessian.blocks
            waiting += hessian.waiting
        zero_tiny(blocks)
        supply = np.arange(len(sites), 2 * len(sites))
        for tier in soft_tiers(market, prices, width):
            value -= tier.earned
            gradient[:, market.sites : 2 * market.sites] -= tier.taken
            blocks[:, supply, supply] += tier.curvature[:, sites]
        curvature = Hessian(blocks, resources, tuple(waiting))
        return ResourceEvaluation(value, gradient, curvature)

    def _precision(self, width: float) -> type[np.floating[Any]]:
        """Return the precision of the blocks at a width: single where shifts of the diagonal cannot overflow."""
        size, most = self.available / self.unit / width, np.sqrt(np.finfo(np.float32).max)
        return np.float32 if 1 / most < size.min() and size.max() < most else np.float64


def longest_first(groups: Sequence[Group]) -> list[Group]:
    """Return the classes by falling window: those that wait take longest, and begun last would leave threads idle."""
    return sorted(groups, key=lambda group: -group.window)


def moving_sites(market: Market, free: BoolArray) -> IntArray:
    """Return the sites with a free price (t, r) in some period; all sites if there is none."""
    of_sites = free[:, : market.kinds * market.sites].reshape(market.periods, market.kinds, market.sites)
    sites = np.flatnonzero(of_sites.any(axis=(0, 1)))
    return sites if sites.size else np.arange(market.sites)


def available(market: Market) -> FloatArray:
    """Return the available amount of each resource (t, r): its limit, the further tiers of supply, and a trace.

    The trace keeps prices finite where a limit is zero. It is a part of the largest limit, or of the largest use where
    all limits are zero.
    """
    total = market.limit.copy()
    if market.tiers:
        total[:, market.sites : 2 * market.sites] += sum(amount for amount, _ in market.tiers)
    return total + 1e-9 * (total.max(initial=0.0) or market.most_used.max(initial=0.0) or 1.0)


def resources_of(market: Market, sites: IntArray) -> IntArray:
    """Return the positions of the resources of some sites, kind by kind, then of all links."""
    of_sites = [kind * market.sites + sites for kind in range(market.kinds)]
    return np.concatenate([*of_sites, np.arange(market.kinds * market.sites, market.limit.shape[1])])


@dataclass(frozen=True, eq=False)
class SoftTier:
    """One further tier of all sites: its term of the dual, its supply (t, s), and its curvature."""

    earned: float
    taken: FloatArray
    curvature: FloatArray


def soft_tiers(
    market: Market, prices: FloatArray, width: float, paid: Sequence[FloatArray] | None = None
) -> list[SoftTier]:
    """Return the further tiers at some prices (t, r), each with what a unit of it pays to caps (t, s)."""
    if not market.tiers:
        return []
    mu, tiers = width * float(market.unit[market.sites]), []
    for (amount, extra), more in zip(market.tiers, paid or [np.zeros(1)] * len(market.tiers), strict=True):
        above = (prices[:, market.sites : 2 * market.sites] - extra - more) / mu
        part = 0.5 * (1 + np.tanh(above / 2))
        earned = float((amount * np.logaddexp(0, above)).sum()) * mu
        tiers.append(SoftTier(earned, amount * part, amount * part * (1 - part) / mu))
    return tiers
