"""Softmax of a class without prices of routes, over its near columns alone, by the compiled kernel.

Shares below ``exp(-40)`` count as 0, which is less than the rounding of the sums. Prices are in double precision at any
width. A block of periods has few near columns at small widths; at large ones ``dual.separable`` takes less time.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np

from placer.column_generation.dual.softmax import Softmax
from placer.column_generation.market.groups import Group
from placer.kernels.choice import kernels_for
from placer.utils.arrays import FloatArray, IntArray

#: Most periods of a block: its rows stay in the cache, and sites near in some of its periods are not many more than in
#: each of them.
_MOST_PERIODS = 56
#: Tiles up to which products of matrices take less time than the kernel.
_FEW_TILES = 4
#: Periods at which near columns are counted.
_SAMPLED = 8
#: Time of a pair of near sites, relative to a pair of all in a product of matrices, and to a column outside the kernel.
_PAIRS_PER_PRODUCT, _PAIRS_PER_COLUMN = 0.06, 4.0


@dataclass(frozen=True, eq=False)
class NearClass:
    """The columns of a class, laid out for the kernel; unserved demand is a last site.

    Attributes
    ----------
    group : Group
    kernels : module
        ``placer.kernels.compiled``.
    cost : (h, s + 1) array
    amount : (blocks, h, t) array
        Demand by block of periods; 0 beyond the last period.
    """

    group: Group
    kernels: ModuleType
    cost: FloatArray
    amount: FloatArray

    def pays(self, arrival: FloatArray, mu: float, sites: IntArray, tiles: int) -> bool:
        """Whether the kernel takes less time than other ways, which have some tiles of periods, or none at all."""
        if 0 < tiles <= _FEW_TILES:
            return False
        if not len(sites):
            return True
        some = arrival[:: max(1, len(arrival) // _SAMPLED)]
        price = some[:, :, None] + self.group.arc_cost
        lowest = np.minimum(price.min(axis=1, keepdims=True), self.group.unserved)
        near = (price[:, sites] <= lowest + self.kernels.REACH_WIDTHS * mu).any(axis=0).sum(axis=0)
        return float((near * near).mean()) / 2 <= (
            _PAIRS_PER_PRODUCT * len(sites) ** 2 + _PAIRS_PER_COLUMN * arrival.shape[1]
        )

    def softmax(self, arrival: FloatArray, mu: float, sites: IntArray) -> Softmax:
        """Compute the softmax at costs of service ``V`` (t, s); its covariance is over some sites."""
        group, (periods, lanes) = self.group, arrival.shape
        blocks, _, length = self.amount.shape
        offers = np.empty((periods, lanes + 1))
        offers[:, :-1], offers[:, -1] = arrival, group.unserved
        cheapest = offers.min(axis=1)
        above = _by_block(offers - cheapest[:, None], blocks, length)
        chosen = np.full(lanes + 1, -1)
        chosen[sites] = np.arange(len(sites))
        lowest, total = np.empty(self.amount.shape), np.empty(self.amount.shape)
        arriving, covariance = np.zeros(above.shape), np.empty((periods, len(sites), len(sites)))
        products = np.empty((len(sites), len(sites), length))
        for block in range(blocks):
            of_block = above[block], self.amount[block]
            products[:] = 0.0
            self.kernels.softmax_of_block(
                self.cost, *of_block, mu, chosen, lowest[block], total[block], arriving[block], products
            )
            inside = slice(block * length, min((block + 1) * length, periods))
            self.kernels.set_covariance(arriving[block][sites], products, covariance[inside])
        value = float(group.amount.sum(axis=1) @ cheapest) + float(np.vdot(self.amount, lowest))
        value -= mu * float(np.vdot(self.amount, np.log(total)))
        by_period = arriving.swapaxes(1, 2).reshape(blocks * length, lanes + 1)[:periods, :-1]
        return Softmax(
            value, np.ascontiguousarray(by_period), np.zeros((periods, 0)), covariance, float(lowest.max(initial=0.0))
        )


def near_class(group: Group, columns: int) -> NearClass | None:
    """Lay out a class of a market of some columns for the kernel; None where there is none for so many."""
    kernels = kernels_for(columns)
    if kernels is None:
        return None
    periods, origins = group.amount.shape
    blocks = -(-periods // _MOST_PERIODS)
    length = -(-periods // blocks)
    amount = np.zeros((blocks * length, origins))
    amount[:periods] = group.amount
    cost = np.concatenate([group.arc_cost.T, np.zeros((origins, 1))], axis=1)
    return NearClass(group, kernels, cost, _by_block(amount, blocks, length))


def _by_block(values: FloatArray, blocks: int, length: int) -> FloatArray:
    """Return figures (t, n) as (blocks, n, t) of equal blocks; the last period fills up the last block."""
    period = np.minimum(np.arange(blocks * length), len(values) - 1)
    return np.ascontiguousarray(values[period].reshape(blocks, length, -1).swapaxes(1, 2))
