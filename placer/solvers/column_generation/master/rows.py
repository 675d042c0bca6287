"""The shared rows of the restricted program, what every unit of work takes of them, and their prices.

    capacity   sum use s            <= capacity                where it can be reached
    supply     sum draw s           <= the only tier           of the only tier, whose cost is the work's
               sum draw s - sum y    = 0                       where there are several, each a column y <= amount
    intake     sum draw s           <= intake                  where there are several and they give more than that
    link       sum link_use x       <= capacity                where it can be reached
    cap        sum cap_work s + sum cap_tier y <= limit

all counted in what a site draws before its overhead, as in ``placer.solvers.column_generation.market.definition``. A
tier that can never be used up, where no cap could make another one cheaper, counts as the only one. Rows are divided by
a typical coefficient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.column_generation.market.definition import Market, typical
from placer.solvers.column_generation.parameters import DEFAULTS

if TYPE_CHECKING:
    from placer.model.structure import Structure
    from placer.solvers.column_generation.parameters import MasterParameters


@dataclass(frozen=True)
class Resources:
    """Rows by position; -1 where there is none.

    Attributes
    ----------
    capacity, supply, intake : (t, s) int arrays
    link : (t, l) int array
        Of the links of the market.
    cap : (c,) int array
    limit : (rows,) array
    equal : (rows,) bool array
        Whether the limit must be met exactly.
    dearest : (rows,) array
        A price no optimum exceeds.
    scale : (rows,) array
        What a row is divided by.
    only : (t, s) int array
        The only tier, whose cost is part of the work's; -1 where there are several or none.
    only_cost : (t, s) array
        Its cost per unit drawn; 0 where there is none.
    tier, tier_t : (columns,) int arrays
        Tier and period of every column y.
    tier_cost, tier_amount : (columns,) arrays
        Per unit drawn, in units drawn.
    """

    structure: Structure
    capacity: np.ndarray
    supply: np.ndarray
    intake: np.ndarray
    link: np.ndarray
    cap: np.ndarray
    limit: np.ndarray
    equal: np.ndarray
    dearest: np.ndarray
    scale: np.ndarray
    only: np.ndarray
    only_cost: np.ndarray
    tier: np.ndarray
    tier_t: np.ndarray
    tier_cost: np.ndarray
    tier_amount: np.ndarray

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.limit)

    def service_cost(self, klass: np.ndarray, t: np.ndarray, s: np.ndarray) -> np.ndarray:
        """Return the cost of serving a unit, the only tier included; ``klass``, ``t``, ``s`` are arrays alike."""
        structure = self.structure
        return structure.work_cost[klass, s] + structure.draw[klass, s] * self.only_cost[t, s]

    def service_entries(
        self, klass: np.ndarray, t: np.ndarray, s: np.ndarray
    ) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Return what serving a unit takes, as pieces (which of the arrays, row, coefficient)."""
        structure = self.structure
        which = np.arange(len(klass))
        use, draw = structure.use[klass, s], structure.draw[klass, s]
        pieces = [(which, self.capacity[t, s], use), (which, self.supply[t, s], draw), (which, self.intake[t, s], draw)]
        for cap in np.flatnonzero(self.cap >= 0).tolist():
            each = structure.cap_work[cap][klass, s] + draw * self._only_cap(cap)[t, s]
            pieces.append((which, np.full(len(which), self.cap[cap]), each))
        return [
            (one[there], row[there], each[there]) for one, row, each in pieces for there in [(row >= 0) & (each != 0)]
        ]

    def tier_entries(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Return what a unit of every column y gives and takes, as pieces (column, row, coefficient)."""
        structure = self.structure
        which = np.arange(len(self.tier))
        site = structure.tier_site[self.tier]
        pieces = [(which, self.supply[self.tier_t, site], np.full(len(which), -1.0))]
        per_drawn = structure.overhead[site, self.tier_t] / structure.tier_yield[self.tier]
        for cap in np.flatnonzero(self.cap >= 0).tolist():
            each = structure.cap_tier[cap][self.tier, self.tier_t] * per_drawn
            pieces.append((which, np.full(len(which), self.cap[cap]), each))
        return pieces

    def _only_cap(self, cap: int) -> np.ndarray:
        """Return what a unit drawn from the only tier counts under a cap (t, s)."""
        return _per_drawn(self.structure, self.structure.cap_tier[cap], self.only)


def lay_resources(structure: Structure, market: Market, parameters: MasterParameters = DEFAULTS.master) -> Resources:
    """Lay the rows of a structure; the market tells which limits can be reached."""
    order, periods = market.order, market.periods
    caps = np.isfinite(structure.cap_limit)
    sole = order.count == 1
    if not caps.any():
        sole |= order.within[0] >= market.most_drawn
    several = ~sole & (order.count > 1) & (market.most_drawn > 0)
    only_limit = order.within[0]
    total = np.minimum(np.cumsum(order.amount, axis=0)[-1], market.most_drawn)
    present = {
        "capacity": (market.most_used > structure.capacity.T) & (structure.capacity.T > 0),
        "supply": several | (sole & (only_limit < market.most_drawn) & (only_limit > 0)),
        "intake": several & (order.intake < total),
        "link": np.ones((periods, len(market.link)), dtype=bool),
        "cap": caps,
    }
    limits = {
        "capacity": structure.capacity.T,
        "supply": np.where(several, 0.0, only_limit),
        "intake": order.intake,
        "link": np.broadcast_to(structure.link_capacity[market.link], present["link"].shape),
        "cap": structure.cap_limit,
    }
    rows, first = {}, 0
    for name, there in present.items():
        rows[name] = np.where(there, first + np.cumsum(there).reshape(there.shape) - 1, -1)
        first += int(there.sum())
    rank, t, s = np.nonzero(several[None] & (order.tier >= 0))
    only = np.where(sole, order.tier[0], -1)
    tier = order.tier[rank, t, s]
    scales = _scales(structure)
    most = _most_worth(structure, market, parameters)
    return Resources(
        structure,
        **rows,
        limit=np.concatenate([limits[name][present[name]] for name in present]),
        equal=np.concatenate([(several if name == "supply" else ~there)[there] for name, there in present.items()]),
        dearest=np.concatenate([np.full(int(there.sum()), most[name]) for name, there in present.items()]),
        scale=np.concatenate([np.full(int(there.sum()), scales[name]) for name, there in present.items()]),
        only=only,
        only_cost=_per_drawn(structure, structure.tier_cost, only),
        tier=tier,
        tier_t=t,
        tier_cost=structure.tier_cost[tier, t] / structure.tier_yield[tier] * structure.overhead[s, t],
        tier_amount=np.minimum(order.amount[rank, t, s], 2 * market.most_drawn[t, s]),
    )


def _scales(structure: Structure) -> dict[str, float]:
    """Return a typical coefficient of every kind of row."""
    draw = typical(structure.draw)
    capped = np.concatenate([structure.cap_work.ravel(), draw * structure.cap_tier.ravel()])
    return {
        "capacity": typical(structure.use),
        "supply": draw,
        "intake": draw,
        "link": typical(structure.link_use),
        "cap": typical(capped),
    }


def _most_worth(structure: Structure, market: Market, parameters: MasterParameters) -> dict[str, float]:
    """Return the price of every kind of resource above which nobody could afford the least of it."""
    cheapest = min((float(group.base.min()) for group in market.groups), default=0.0)
    top = parameters.shortfall_price_margin * (float(structure.unserved_cost.max(initial=1.0)) - min(cheapest, 0.0))

    def worth(coefficients: np.ndarray) -> float:
        return top / float(coefficients[coefficients > 0].min(initial=np.inf))

    return {
        "capacity": worth(structure.use),
        "supply": worth(structure.draw),
        "intake": worth(structure.draw),
        "link": worth(structure.link_use),
        "cap": parameters.cap_shortfall_price_margin * top / _scales(structure)["cap"],
    }


def _per_drawn(structure: Structure, per_taken: np.ndarray, only: np.ndarray) -> np.ndarray:
    """Return a figure (tiers, t) per unit taken, of the only tier, per unit drawn (t, s); 0 where there is none."""
    figure = np.zeros(only.shape)
    t, s = np.nonzero(only >= 0)
    tier = only[t, s]
    figure[t, s] = per_taken[tier, t] / structure.tier_yield[tier] * structure.overhead[s, t]
    return figure
