"""A structure as a market: dense arrays by class, and for every site and period its capacity and its supply curve.

The price of a unit of class k sent from h to j in period t is, at prices of the shared resources,

    z_khjt = arc_cost_khj + V_kjt + link_use_k sum_{l on the route} nu_lt
    V_kjt  = min over the window of v_kjt'            v itself for classes that do not wait
    v_kjt  = base_kjt + use_kj alpha_jt + draw_kj pi_jt

alpha is the price of capacity, nu of a link. Supply is counted in what the site draws before its overhead, and pi in
what such a unit costs beyond the first, cheapest tier, whose cost is part of ``base``. So a site with one supply
without a limit has no supply price at all, and power that costs less than nothing needs no special care. A limit on
intake cuts the supply curve short. Work that a site can never do (capacity or supply of 0) costs ``never``.

Caps have no price here: ``market`` is made for given prices of the caps, which are part of its costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.model.links import scarce_links
from placer.solvers.column_generation.market.merit_order import MeritOrder, merit_order

if TYPE_CHECKING:
    from placer.model.structure import Structure

#: Costs above the dearest penalty, and above what service could earn at most, by this factor stand for 'never': far
#: enough above to round any share to nothing, near enough for single precision to tell the others apart.
_NEVER = 16.0


@dataclass(frozen=True, eq=False)
class Group:
    """One class of work, at the origins that ask for any of it.

    Attributes
    ----------
    klass : int
        Its position in the structure.
    origins : (h,) int array
        Positions of its origins.
    amount : (t, h) array
        What they ask for.
    demand : (t, h) int array
        Position of that demand; -1 where there is none.
    arc_cost : (s, h) array
        ``never`` where there is no arc.
    arc : (s, h) int array
        Position of the arc; -1 where there is none.
    base : (t, s) array
        Cost of serving a unit there and then, the first tier of power included.
    use, draw : (s,) arrays
    link_use, unserved : float
    window : int
    weight : float
        Typical size of a unit beside other classes', in what it takes of resources; 1 for the median class.
    """

    klass: int
    origins: np.ndarray
    amount: np.ndarray
    demand: np.ndarray
    arc_cost: np.ndarray
    arc: np.ndarray
    base: np.ndarray
    use: np.ndarray
    draw: np.ndarray
    link_use: float
    unserved: float
    window: int
    weight: float


@dataclass(frozen=True, eq=False)
class Market:
    """All groups and what they share. Prices are arrays (t, resources): capacity of every site, supply, links.

    Attributes
    ----------
    groups : tuple of Group
    limit : (t, r) array
        Of capacity (s of them), of the first tier of supply (s, if ``supplied``), of the links. Limits that can never
        be reached stand as twice what could be asked at most.
    order : MeritOrder
        Of the supply, at the given prices of the caps.
    most_used, most_drawn : (t, s) arrays
        What would be used and drawn if everything that may be served there and then was.
    tiers : tuple of ((t, s), (t, s)) arrays
        Further tiers: how much of each, and what it costs beyond the first.
    links : (l, s, h) array
        1 where the route from h to s uses a link that may become scarce; h counts all origins.
    link : (l,) int array
        Positions of those links in the structure.
    unit : (r,) array
        Price per unit of resource that weighs as much as a price of 1 per unit of the median class.
    cyclic : bool
    supplied : bool
        Whether any site has a supply price.
    never : float
    """

    groups: tuple[Group, ...]
    limit: np.ndarray
    order: MeritOrder
    most_used: np.ndarray
    most_drawn: np.ndarray
    tiers: tuple[tuple[np.ndarray, np.ndarray], ...]
    links: np.ndarray
    link: np.ndarray
    unit: np.ndarray
    cyclic: bool
    supplied: bool
    never: float

    @property
    def periods(self) -> int:
        """Number of periods."""
        return self.limit.shape[0]

    @property
    def sites(self) -> int:
        """Number of sites."""
        return self.links.shape[1]

    @property
    def kinds(self) -> int:
        """How many resources a site has: capacity, and supply where there is any to price."""
        return 2 if self.supplied else 1

    @property
    def price_shape(self) -> tuple[int, int]:
        """Shape of prices."""
        return self.limit.shape


def market(structure: Structure, cap_prices: np.ndarray | None = None) -> Market:
    """Return the market of a structure at given prices of its caps; at none if not given.

    Parameters
    ----------
    structure : Structure
        With at most one demand of a class, origin and period.
    cap_prices : (caps,) array, optional
    """
    given = np.zeros(len(structure.cap_limit)) if cap_prices is None else cap_prices
    order = merit_order(structure, given)
    never = _NEVER * (float(structure.unserved_cost.max(initial=1.0)) + _most_earned(structure, order))
    dense = _Dense(structure, given, order.base, never)
    asked = _most_asked(structure)
    most_used, most_drawn = (np.einsum("kt,kj->tj", asked, needs) for needs in (structure.use, structure.draw))
    supplied = _falls_short(structure, order, most_drawn)
    first, *further = [_reachable(amount, most_drawn) for amount in order.within]
    link = scarce_links(structure)
    limits = [_reachable(structure.capacity.T, most_used), *([first] if supplied else [])]
    limits.append(np.broadcast_to(structure.link_capacity[link], (structure.periods, len(link))))
    kinds = [structure.use, *([structure.draw] if supplied else [])]
    units = [np.repeat([1 / typical(needs) for needs in kinds], structure.sites)]
    units.append(np.full(len(link), 1 / typical(structure.link_use)))
    return Market(
        groups=tuple(group for klass in range(structure.classes) if (group := dense.group(klass)) is not None),
        limit=np.concatenate(limits, axis=1),
        order=order,
        most_used=most_used,
        most_drawn=most_drawn,
        tiers=tuple(pair for pair in zip(further, order.extra[1:], strict=True) if pair[0].any()) if supplied else (),
        links=_incidence(structure, link),
        link=link,
        unit=np.concatenate(units),
        cyclic=structure.cyclic,
        supplied=supplied,
        never=never,
    )


class _Dense:
    """Makes the groups."""

    def __init__(self, structure: Structure, cap_prices: np.ndarray, base: np.ndarray, never: float) -> None:
        self.structure = structure
        self.never = never
        self.base_of_power = base
        self.work_cost = structure.work_cost + np.einsum("c,ckj->kj", cap_prices, structure.cap_work)
        self.origins = structure.origins
        self.closed = _closed_arcs(structure)
        self.weight = _weights(structure)

    def group(self, klass: int) -> Group | None:
        """Return the group of a class; None if nobody asks for it."""
        structure = self.structure
        mine = np.flatnonzero((structure.demand_class == klass) & (structure.demand_amount > 0))
        if not mine.size:
            return None
        origins, column = np.unique(structure.demand_origin[mine], return_inverse=True)
        shape = (structure.periods, len(origins))
        amount, demand = np.zeros(shape), np.full(shape, -1)
        place = structure.demand_period[mine], column
        amount[place], demand[place] = structure.demand_amount[mine], mine
        return Group(
            klass=klass,
            origins=origins,
            amount=amount,
            demand=demand,
            **self._arcs(klass, origins),
            base=self._base(klass),
            use=structure.use[klass],
            draw=structure.draw[klass],
            link_use=float(structure.link_use[klass]),
            unserved=float(structure.unserved_cost[klass]),
            window=min(int(structure.window[klass]), structure.periods - 1),
            weight=float(self.weight[klass]),
        )

    def _arcs(self, klass: int, origins: np.ndarray) -> dict[str, np.ndarray]:
        structure = self.structure
        arcs = np.flatnonzero((structure.arc_class == klass) & ~self.closed)
        cost, arc = np.full((structure.sites, self.origins), self.never), np.full((structure.sites, self.origins), -1)
        place = structure.arc_site[arcs], structure.arc_origin[arcs]
        cost[place], arc[place] = structure.arc_cost[arcs], arcs
        return {"arc_cost": np.ascontiguousarray(cost[:, origins]), "arc": np.ascontiguousarray(arc[:, origins])}

    def _base(self, klass: int) -> np.ndarray:
        structure = self.structure
        draw = structure.draw[klass]
        power = np.where(draw > 0, self.base_of_power, 0.0) * draw
        dead = (structure.use[klass] > 0) & (structure.capacity.T == 0)
        return np.where(np.isfinite(power) & ~dead, self.work_cost[klass] + power, self.never)


def _weights(structure: Structure) -> np.ndarray:
    """Return the weight of every class (k,): by what it uses of capacity, by what it draws where that is nothing."""
    used, drawn = ((needs / typical(needs)).mean(axis=1) for needs in (structure.use, structure.draw))
    weight = np.where(used > 0, used, drawn)
    return np.clip(weight / typical(weight), 1e-3, 1e3)


def _most_earned(structure: Structure, order: MeritOrder) -> float:
    """Return what a unit can earn at most where serving it costs less than nothing, as where power does."""
    power = float(order.base.min(initial=0.0)) * float(structure.draw.max(initial=0.0))
    work, sending = (float(cost.min(initial=0.0)) for cost in (structure.work_cost, structure.arc_cost))
    return -(power + work + sending)


def is_supply_scarce(structure: Structure) -> bool:
    """Return whether supply has prices in the market of a structure."""
    order = merit_order(structure, np.zeros(len(structure.cap_limit)))
    return _falls_short(structure, order, np.einsum("kt,kj->tj", _most_asked(structure), structure.draw))


def _falls_short(structure: Structure, order: MeritOrder, most_drawn: np.ndarray) -> bool:
    """Return whether the first tier may fall short anywhere: whichever is first, where caps change the order."""
    first = order.within[0]
    if np.isfinite(structure.cap_limit).any():
        first = np.minimum(first, np.where(order.tier >= 0, order.amount, np.inf).min(axis=0))
    return bool((first < most_drawn).any())


def asked_of(structure: Structure) -> np.ndarray:
    """Return what is asked for of each class in each period (k, t)."""
    asked = np.zeros((structure.classes, structure.periods))
    np.add.at(asked, (structure.demand_class, structure.demand_period), structure.demand_amount)
    return asked


def _most_asked(structure: Structure) -> np.ndarray:
    """Return the most of each class that can be served in each period (k, t)."""
    asked = asked_of(structure)
    most = asked.copy()
    for klass in np.flatnonzero(structure.window > 0):
        for delay in range(1, min(int(structure.window[klass]), structure.periods - 1) + 1):
            most[klass] += np.roll(asked[klass], delay)
    return most


def _reachable(limit: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Return the limits, with twice what could be asked at most where they cannot be reached."""
    return np.where(limit < most, limit, 2 * most)


def _closed_arcs(structure: Structure) -> np.ndarray:
    """Return which arcs can carry nothing because a link on their route has no capacity (a,)."""
    shut = structure.route_links @ (structure.link_capacity == 0).astype(float)
    route = structure.arc_route
    return (np.asarray(shut)[route] > 0) & (structure.link_use[structure.arc_class] > 0)


def _incidence(structure: Structure, link: np.ndarray) -> np.ndarray:
    """Return which routes use which of the links, as an array (l, s, h)."""
    origins = structure.origins
    dense = structure.route_links[:, link].toarray() if link.size else np.zeros((structure.route_links.shape[0], 0))
    return np.ascontiguousarray(dense.reshape(origins, structure.sites, len(link)).transpose(2, 1, 0))


def typical(values: np.ndarray) -> float:
    """Return the median of the positive values; 1 if there are none."""
    positive = values[values > 0]
    return float(np.median(positive)) if positive.size else 1.0
