"""The smoothed dual of a market: value, gradient and curvature in the prices of the shared resources.

At prices y the dual of the placement is

    g(y) = sum_kht amount_kht min(unserved_k, min_j z_khjt) - sum limit y - sum_tiers amount max(0, pi - extra)

with z as in ``placer.solvers.column_generation.market.definition``. It is concave and piecewise linear. Smoothed to a
width mu, every minimum becomes a soft minimum, ``-mu_k log sum exp(-. / mu_k)`` with ``mu_k = mu weight_k``, and every
tier a soft step:

    P_khjt   = share of demand (k, h, t) that goes to j, a softmax of -z / mu_k
    X_kjt    = sum_h amount P                            what arrives at j
    phi_kjtt'= share of what arrives in t that is served in t', a softmax of -v / mu_k over the window
    gradient = what is asked of each resource - limit - what further tiers give

The curvature (minus the Hessian) couples period t to t + lag through the windows alone:

    minus d2/dV2 = (diag(X) - sum_h amount P P') / mu_k            for each class and period of arrival
    minus d2/dv2 = phi' (that) phi + (diag(X phi) - X phi phi') / mu_k

so it is banded in periods, with blocks over sites; where windows span most of the horizon it is taken over all periods
at once (``placer.solvers.column_generation.dual.hessian_waiting``). Only sites with a price that may move need be in
it. Links charge in the period of arrival and add rows of their own. Large arrays are of single precision as long as the
width allows it: an error here costs time, never the answer, which is proven elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.column_generation.dual.class_dual import ClassDual
from placer.solvers.column_generation.dual.hessian import Curvature, group_curvature

if TYPE_CHECKING:
    from placer.solvers.column_generation.dual.hessian_waiting import Waiting
    from placer.solvers.column_generation.market.definition import Market

_NO_SITES = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Value and gradient (t, r) at some prices and width."""

    value: float
    gradient: np.ndarray


@dataclass(frozen=True)
class CurvedEvaluation(Evaluation):
    """With the curvature."""

    curvature: Curvature


class SmoothedDual:
    """The smoothed dual of a market; keeps lists of near columns between evaluations."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._kernels = [ClassDual(market, group) for group in market.groups]

    def shorten(self, prices: np.ndarray, width: float) -> None:
        """Go over to lists of near columns where they are few enough to be faster; call it at every new width."""
        for kernel in self._kernels:
            kernel.shorten(prices, width)

    def evaluate(self, prices: np.ndarray, width: float) -> Evaluation:
        """Evaluate at some prices (t, r)."""
        gradient = -self.market.limit
        value = -float((self.market.limit * prices).sum())
        for kernel in self._kernels:
            division, share, _ = kernel.divide(prices, width, _NO_SITES)
            value += division.value
            kernel.take(division, share, gradient)
        for tier in self._tiers(prices, width):
            value -= tier.earned
            gradient[:, self._supply] -= tier.taken
        return Evaluation(value, gradient)

    def evaluate_curved(self, prices: np.ndarray, width: float, sites: np.ndarray) -> CurvedEvaluation:
        """Evaluate with the curvature over the resources of some sites, and of all links."""
        gradient = -self.market.limit
        value = -float((self.market.limit * prices).sum())
        blocks: dict[int, np.ndarray] = {}
        waiting: list[Waiting] = []
        for kernel in self._kernels:
            division, share, mu = kernel.divide(prices, width, sites)
            value += division.value
            kernel.take(division, share, gradient)
            by_lag, others = group_curvature(self.market, kernel.group, division, share, sites, mu)
            waiting += others
            for lag, block in by_lag.items():
                if lag in blocks:
                    blocks[lag] += block
                else:
                    blocks[lag] = block
        own = np.arange(len(sites), 2 * len(sites))
        for tier in self._tiers(prices, width):
            value -= tier.earned
            gradient[:, self._supply] -= tier.taken
            blocks[0][:, own, own] += tier.curved[:, sites]
        curvature = Curvature(blocks, self._resources(sites), tuple(waiting))
        return CurvedEvaluation(value, gradient, curvature)

    @property
    def _supply(self) -> slice:
        return slice(self.market.sites, 2 * self.market.sites)

    def _resources(self, sites: np.ndarray) -> np.ndarray:
        market = self.market
        of_sites = [kind * market.sites + sites for kind in range(market.kinds)]
        return np.concatenate([*of_sites, np.arange(market.kinds * market.sites, market.limit.shape[1])])

    def _tiers(self, prices: np.ndarray, width: float) -> list[_Tier]:
        """Return what each further tier earns, gives (t, s) and bends (t, s)."""
        if not self.market.tiers:
            return []
        wide, tiers = width * float(self.market.unit[self.market.sites]), []
        for amount, extra in self.market.tiers:
            above = (prices[:, self._supply] - extra) / wide
            part = 0.5 * (1 + np.tanh(above / 2))
            earned = float((amount * np.logaddexp(0, above)).sum()) * wide
            tiers.append(_Tier(earned, amount * part, amount * part * (1 - part) / wide))
        return tiers


@dataclass(frozen=True, eq=False)
class _Tier:
    earned: float
    taken: np.ndarray
    curved: np.ndarray
