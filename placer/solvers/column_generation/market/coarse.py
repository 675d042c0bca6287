"""A coarse market: origins with like costs are one, so that the first prices of the path take less work.

Prices belong to sites and periods, not to origins. At a wide width the shares of a demand differ little between two
origins that reach every site at about the same cost, so that a market in which they are one has nearly the same
smoothed dual. The origins of a class are halved again and again, at the median of the site over which their costs
differ most, until there are as many groups as wanted. Each group becomes one origin with

    amount     the sum of its members, in every period
    arc cost   the mean of its members that have an arc, weighted by amount over all periods

and the place of its largest member among links and in what caps count. Totals by class and period stay as they are.

A coarse market has no demands of the structure: it gives prices and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.solvers.column_generation.market.definition import Market
    from placer.solvers.column_generation.market.groups import Group
    from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class CoarseMarket:
    """A market with fewer origins.

    Attributes
    ----------
    market : Market
    places : tuple of (h,) int arrays
        For every group, the origin of the finer group in whose place each of its origins lies.
    """

    market: Market
    places: tuple[IntArray, ...]


def coarse_market(market: Market, origins: int) -> CoarseMarket:
    """Return a market of at most some origins of every class; their number counts as the power of 2 below it."""
    halvings = origins.bit_length() - 1
    found = [_coarse_group(group, market.never, halvings) for group in market.groups]
    groups, places = zip(*found, strict=True)
    return CoarseMarket(replace(market, groups=groups), places)


def _coarse_group(group: Group, never: float, halvings: int) -> tuple[Group, IntArray]:
    """Return the group with its origins merged, and the position of the largest member of each."""
    members_of: list[IntArray] = [np.arange(len(group.origins))]
    for _ in range(halvings):
        members_of = [half for members in members_of for half in _halves(group.arc_cost, members)]
    total = group.amount.sum(axis=0)
    largest = np.array([members[total[members].argmax()] for members in members_of])
    amount, cost, arc = (np.empty((len(rows), len(members_of))) for rows in (group.amount, group.arc, group.arc))
    for column, members in enumerate(members_of):
        amount[:, column] = group.amount[:, members].sum(axis=1)
        cost[:, column] = _mean_cost(group, members, total[members], never)
        arc[:, column] = group.arc[:, members].max(axis=1)
    coarse = replace(
        group,
        origins=group.origins[largest],
        amount=amount,
        demand=np.full(amount.shape, -1),
        arc_cost=cost,
        arc=np.where(cost < never, arc, -1).astype(int),
    )
    return coarse, largest


def _halves(cost: FloatArray, members: IntArray) -> list[IntArray]:
    """Return the members in two halves, apart in the cost (s, h) to the site over which it varies most."""
    if len(members) == 1:
        return [members]
    here = cost[:, members]
    order = np.argsort(here[here.std(axis=1).argmax()], kind="stable")
    return np.array_split(members[order], 2)


def _mean_cost(group: Group, members: IntArray, weight: FloatArray, never: float) -> FloatArray:
    """Return the mean cost to each site of the members with an arc (s,); ``never`` where they are the smaller part."""
    part = (group.arc[:, members] >= 0) * (weight / weight.sum())
    with_arc = part.sum(axis=1)
    mean = (part * group.arc_cost[:, members]).sum(axis=1) / np.maximum(with_arc, 0.5)
    return np.where(with_arc >= 0.5, mean, never)
