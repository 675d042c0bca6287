"""One block of a market as a market: work waits within its block only, so that blocks share no resource."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from placer.column_generation.market.definition import Market
from placer.column_generation.market.groups import Group
from placer.column_generation.market.merit_order import MeritOrder


def block_of(market: Market, periods: slice) -> Market:
    """Return the market of one block, given its periods; classes without demand there are in it too."""
    length, order = periods.stop - periods.start, market.order
    if length == market.periods:
        return market
    return replace(
        market,
        groups=tuple(_within(group, periods) for group in market.groups),
        limit=market.limit[periods],
        order=MeritOrder(
            tier=order.tier[:, periods],
            cost=order.cost[:, periods],
            amount=order.amount[:, periods],
            within=order.within[:, periods],
            intake=order.intake[periods],
            given=order.given[periods],
        ),
        most_used=market.most_used[periods],
        most_drawn=market.most_drawn[periods],
        tiers=tuple((amount[periods], extra[periods]) for amount, extra in market.tiers),
        block_span=(np.zeros(length, dtype=int), np.full(length, length)),
    )


def _within(group: Group, periods: slice) -> Group:
    return replace(
        group,
        amount=group.amount[periods],
        demand=group.demand[periods],
        base=group.base[periods],
        window=min(group.window, periods.stop - periods.start - 1),
    )
