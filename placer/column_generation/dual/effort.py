"""Estimated effort of the path of a market: counts of operations, without a look at the clock.

The same instance is given up at the same step on every machine (``deadline``).
"""

from __future__ import annotations

from placer.column_generation.dual.parameters import EFFORT, EffortParameters
from placer.column_generation.market.definition import Market
from placer.utils.arrays import FloatArray


def set_up_seconds(market: Market, parameters: EffortParameters = EFFORT) -> float:
    """Estimate the seconds before the first step: ``a r l (l + 1) / 2``.

    r is the number of routes of classes that use links, and l the number of limited links: a table says of every route
    which pairs of links it uses (``dual.softmax.DenseClass.pair_incidence``).
    """
    links = len(market.links)
    routes = sum(group.amount.shape[1] * len(group.lanes) for group in market.groups if group.link_use > 0)
    return parameters.seconds_per_pair * routes * links * (links + 1) / 2


def step_seconds(market: Market, prices: FloatArray, parameters: EffortParameters = EFFORT) -> float:
    """Estimate the seconds of a Newton step, ``a + b cells + c (n w^2 + m l^2 / 2)``.

    n is the number of prices above zero and w their mean number in a period: factors are of periods. m is the number of
    cells of classes that use links and l the number of limited links, since the Hessian sums over every pair of them.
    """
    cells = sum(group.amount.size * len(group.lanes) for group in market.groups)
    linked = sum(group.amount.size * len(group.lanes) for group in market.groups if group.link_use > 0)
    free = int((prices > 0).sum())
    operations = free * (free / market.periods) ** 2 + linked * len(market.links) ** 2 / 2
    cost = parameters
    return cost.seconds_per_step + cost.seconds_per_cell * cells + cost.seconds_per_operation * operations
