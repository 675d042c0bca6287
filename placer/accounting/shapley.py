"""The Shapley value of a game of costs, and whether it is in the core.

    phi_R = sum over groups S without R of  |S|! (n - |S| - 1)! / n!  (C(S and R) - C(S))

A group is a bit mask: region r is a member of group g if bit r of g is 1. ``costs[g]`` is the cost of group g, and
``costs[0]`` is 0.
"""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.utils.arrays import FloatArray, IntArray


def shapley_value(costs: FloatArray) -> FloatArray:
    """Return the payment of each region by the Shapley value (regions,), given the cost of every group (2^regions,).

    Examples
    --------
    >>> shapley_value(np.array([0.0, 500.0, 120.0, 440.0])).tolist()  # together they save 180, and halve it
    [410.0, 30.0]
    """
    count = regions_in(costs)
    size = np.array([int(group).bit_count() for group in range(len(costs))])
    weight = np.array([factorial(k) * factorial(max(count - k - 1, 0)) / factorial(count) for k in range(count + 1)])
    value = np.zeros(count)
    for region in range(count):
        without = groups_without(count, region)
        value[region] = weight[size[without]] @ (costs[without | 1 << region] - costs[without])
    return value


def largest_objection(costs: FloatArray, paid: FloatArray) -> tuple[int, float]:
    """Return the group with the largest excess of payment over cost alone, and the excess; at most 0 in the core.

    Parameters
    ----------
    costs : (2^regions,) array
    paid : (regions,) array
        The payments; they add up to the cost of all regions.

    Examples
    --------
    >>> largest_objection(np.array([0.0, 500.0, 120.0, 440.0]), np.array([300.0, 140.0]))
    (2, 20.0)
    """
    members = np.arange(len(costs))[:, None] >> np.arange(len(paid)) & 1
    excess = members @ paid - costs
    if len(costs) < 4:
        return 0, 0.0
    group = 1 + int(np.argmax(excess[1:-1]))
    return group, float(excess[group])


def regions_in(costs: FloatArray) -> int:
    """Return the number of regions, given the costs of all groups."""
    return len(costs).bit_length() - 1


def groups_without(count: int, region: int) -> IntArray:
    """Return all groups without a region, given the number of regions."""
    groups = np.arange(1 << count)
    return groups[groups >> region & 1 == 0]
