"""A structure as a market: dense arrays by class, and for every site and period its capacity and its supply curve.

At prices of the shared resources, a unit of class k sent from h to j in period t costs

    z_khjt = arc_cost_khj + V_kjt + link_use_k sum_{l on the route} nu_lt
    V_kjt  = min_{t' in the window} v_kjt'                   v_kjt if the class cannot wait
    v_kjt  = base_kjt + use_kj alpha_jt + draw_kj pi_jt

with the prices alpha of capacity, nu of links and pi of supply, all >= 0. Supply is counted in units drawn before the
overhead of the site. pi counts from the cost of the first tier in merit order, which is part of ``base``: a site with
one unlimited tier then has no supply price, and negative costs of power need no special case. The limit on intake
cuts the supply curve short. Work that a site can never do (capacity or supply of 0) costs ``never``, a big M.

Caps have no price here: a market is made for given prices of the caps, which are part of its costs, of ``base`` and of
``arc_cost``. Caps that count assignments by their period of arrival have no market: the whole program has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from placer.column_generation.market.groups import CostsAtCaps, Group, GroupMaker, costs_at, group_at
from placer.column_generation.market.merit_order import MeritOrder, caps_count_tiers, given_by_stores, merit_order
from placer.model.links import most_carried, scarce_links
from placer.model.structure import Structure
from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: ``never`` in multiples of the highest penalty plus the most that service can earn: large enough for a share of zero,
#: small enough for single precision to resolve the other costs beside it.
_NEVER = 16.0
#: The limit of a link closed in a period, as a part of its largest possible load.
_CLOSED = 1e-6


class Uses(NamedTuple):
    """What is the same in a market at all prices of caps; ``Market`` says what each is.

    Attributes
    ----------
    most_used, most_drawn : (t, s) arrays
    link : (l,) int array
    link_limit : (t, l) array
        The limits of the links.
    links : (l, s, h) array
    """

    most_used: FloatArray
    most_drawn: FloatArray
    link: IntArray
    link_limit: FloatArray
    links: FloatArray


@dataclass(frozen=True, eq=False)
class Market:
    """All classes with demand, and the resources that they share.

    Prices are arrays (t, r): of the capacity of every site, of the supply of every site if ``supplied``, of the links.

    Attributes
    ----------
    groups : tuple of Group
        The classes with demand.
    limit : (t, r) array
        Capacity, amount of the first tier, capacity of the links. A limit that cannot bind is twice the largest use.
    order : MeritOrder
        Merit order of the supply, at the given prices of the caps.
    most_used, most_drawn : (t, s) arrays
        Capacity and supply taken if all work that may be served in a period was served there, and stores charged at
        full power: the largest use.
    tiers : tuple of ((t, s), (t, s)) arrays
        Amount of every further tier, and its cost beyond the first.
    links : (l, s, h) array
        1 where the route from h to s uses a link that may become scarce; h counts all origins.
    link : (l,) int array
        Positions of those links in the structure.
    unit : (r,) array
        Price of each resource that weighs as much as a price of 1 per unit of the median class.
    block_span : pair of (t,) int arrays
        First period of the block of every period, and the number of periods in that block: work waits within its block.
    cyclic : bool
        Whether the last periods of a block come before its first ones.
    supplied : bool
        Whether any site has a supply price.
    never : float
        Cost that stands for an impossible assignment.
    """

    groups: tuple[Group, ...]
    limit: FloatArray
    order: MeritOrder
    most_used: FloatArray
    most_drawn: FloatArray
    tiers: tuple[tuple[FloatArray, FloatArray], ...]
    links: FloatArray
    link: IntArray
    unit: FloatArray
    block_span: tuple[IntArray, IntArray]
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
    def columns(self) -> int:
        """Number of assignments, possible or not."""
        return sum(group.amount.size * len(group.lanes) for group in self.groups)

    @property
    def blocks(self) -> list[slice]:
        """The periods of every block."""
        first, length = self.block_span
        return [slice(int(start), int(start + length[start])) for start in np.unique(first)]

    def after(self, period: IntArray, delay: IntArray) -> IntArray:
        """Return the period a delay after another one, in the same block; the first period follows the last."""
        first, length = self.block_span
        return first[period] + (period - first[period] + delay) % length[period]

    def is_within(self, period: IntArray, delay: IntArray) -> BoolArray:
        """Return whether work that arrives in a period may wait for a delay, as far as its block goes."""
        first, length = self.block_span
        last = length[period] - 1
        return np.asarray(delay <= (last if self.cyclic else first[period] + last - period))

    @property
    def kinds(self) -> int:
        """Number of resources of a site: 2, capacity and supply, if ``supplied``; else 1."""
        return 2 if self.supplied else 1

    @property
    def uses(self) -> Uses:
        """What is the same at all prices of caps."""
        of_links = self.limit[:, self.kinds * self.sites :]
        return Uses(self.most_used, self.most_drawn, self.link, of_links, self.links)

    @property
    def price_shape(self) -> tuple[int, int]:
        """Shape of prices."""
        return self.limit.shape


def market(structure: Structure, cap_prices: FloatArray | None = None) -> Market:
    """Make the market of a structure at given prices of its caps.

    Parameters
    ----------
    structure : Structure
        With at most one demand of a class, origin and period.
    cap_prices : (caps,) array, optional
        0 if not given.
    """
    given = np.zeros(len(structure.cap_limit)) if cap_prices is None else cap_prices
    costs, order, never = _priced(structure, given)
    maker = GroupMaker(structure, costs, order.base, never, _weights(structure))
    groups = [group for klass in range(structure.classes) if (group := maker.group(klass)) is not None]
    return _market(structure, order, never, groups, _uses(structure))


def market_at_cap_prices(known: Market, structure: Structure, cap_prices: FloatArray) -> Market:
    """Return the market at other prices of caps, for a part of the time of a new one.

    Parameters
    ----------
    known : Market
        Of the structure, or of one that differs in finite limits of caps alone.
    structure : Structure
    cap_prices : (caps,) array
    """
    costs, order, never = _priced(structure, cap_prices)
    groups = [group_at(structure, group, costs, order.base, never) for group in known.groups]
    return _market(structure, order, never, groups, known.uses)


def _priced(structure: Structure, cap_prices: FloatArray) -> tuple[CostsAtCaps, MeritOrder, float]:
    """Return the costs, the merit order and the cost ``never`` at prices of caps."""
    costs, order = costs_at(structure, cap_prices), merit_order(structure, cap_prices)
    highest = float(structure.unserved_cost.max(initial=1.0))
    return costs, order, _NEVER * (highest + _largest_earning(structure, order, costs))


def _uses(structure: Structure) -> Uses:
    servable, link = _servable(structure), scarce_links(structure)
    needs = (structure.over_modes(each) for each in (structure.use, structure.draw))
    most_used, most_drawn = (np.einsum("kt,kj->tj", servable, each) for each in needs)
    most_drawn = most_drawn + given_by_stores(structure)
    return Uses(most_used, most_drawn, link, _link_limits(structure, link), _incidence(structure, link))


def _market(structure: Structure, order: MeritOrder, never: float, groups: Sequence[Group], uses: Uses) -> Market:
    """Return the market from its parts."""
    supplied = _may_fall_short(structure, order, uses.most_drawn)
    # Prices of the path stay finite where stores alone give supply.
    first, *further = order.within
    first = np.where(first > 0, first, order.given)
    first, *further = [_bounded_by_use(amount, uses.most_drawn) for amount in (first, *further)]
    limits = [_bounded_by_use(structure.capacity.T, uses.most_used), *([first] if supplied else []), uses.link_limit]
    kinds = [structure.use, *([structure.draw] if supplied else [])]
    units = [np.repeat([1 / typical(needs) for needs in kinds], structure.sites)]
    units.append(np.full(len(uses.link), 1 / typical(structure.link_use)))
    return Market(
        groups=tuple(groups),
        limit=np.concatenate(limits, axis=1),
        order=order,
        most_used=uses.most_used,
        most_drawn=uses.most_drawn,
        tiers=tuple(pair for pair in zip(further, order.extra[1:], strict=True) if pair[0].any()) if supplied else (),
        links=uses.links,
        link=uses.link,
        unit=np.concatenate(units),
        block_span=structure.block_span,
        cyclic=structure.cyclic,
        supplied=supplied,
        never=never,
    )


def _weights(structure: Structure) -> FloatArray:
    """Return the weight of every class (k,): mean over sites of ``use / typical use``, or of draw if it uses none."""
    used, drawn = ((needs / typical(needs)).mean(axis=1) for needs in (structure.use, structure.draw))
    weight = np.where(used > 0, used, drawn)
    return np.clip(weight / typical(weight), 1e-3, 1e3)


def _largest_earning(structure: Structure, order: MeritOrder, costs: CostsAtCaps) -> float:
    """Return the most that serving a unit can earn, where power, work or sending has a negative cost."""
    power = float(order.base.min(initial=0.0)) * float(structure.draw.max(initial=0.0))
    work, sending = (float(cost.min(initial=0.0)) for cost in (costs.work, costs.arc))
    return -(power + work + sending)


def is_supply_scarce(structure: Structure) -> bool:
    """Whether the market of a structure has prices of supply (``Market.supplied``)."""
    order = merit_order(structure, np.zeros(len(structure.cap_limit)))
    return _may_fall_short(
        structure, order, np.einsum("kt,kj->tj", _servable(structure), structure.over_modes(structure.draw))
    )


def _may_fall_short(structure: Structure, order: MeritOrder, most_drawn: FloatArray) -> bool:
    """Whether ``first tier < largest draw`` anywhere, for whichever tier is first where caps may change the order.

    Stores may make supply scarce, or cheaper than its first tier.
    """
    first = order.within[0]
    if structure.stores is not None:
        return True
    any_first = np.minimum(first, np.where(order.tier >= 0, order.amount, np.inf).min(axis=0))
    first = np.where(caps_count_tiers(structure), any_first, first)
    return bool((first < most_drawn).any())


def asked_of(structure: Structure) -> FloatArray:
    """Return the demand of each class in each period (k, t)."""
    asked = np.zeros((structure.classes, structure.periods))
    np.add.at(asked, (structure.demand_class, structure.demand_period), structure.demand_amount)
    return asked


def _servable(structure: Structure) -> FloatArray:
    """Return the most work of each class that can be served in each period (k, t): all that arrives in its window.

    ``scipy.ndimage.uniform_filter1d`` would add and subtract along a running sum, whose rounding errors accumulate.
    """
    asked, every, length = asked_of(structure), np.arange(structure.periods), structure.block_span[1]
    most = asked.copy()
    for klass in np.flatnonzero(structure.window > 0):
        for delay in range(1, min(int(structure.window[klass]), int(length.max()) - 1) + 1):
            arrival = structure.after(every, -delay)
            most[klass] += np.where(delay < length, asked[klass, arrival], 0.0)
    return most


def _bounded_by_use(limit: FloatArray, largest_use: FloatArray) -> FloatArray:
    """Return the limits, or twice the largest use where a limit cannot bind."""
    return np.where(limit < largest_use, limit, 2 * largest_use)


def _link_limits(structure: Structure, link: IntArray) -> FloatArray:
    """Return the limits of some links (t, l): above 0 where they are closed, since prices of the path stay finite."""
    most = most_carried(structure, link).T
    limit = structure.link_capacity[link].T
    return np.where(np.isfinite(limit), np.maximum(limit, _CLOSED * most), 2 * most)


def _incidence(structure: Structure, link: IntArray) -> FloatArray:
    """Return 1 where the route from h to s uses a link (l, s, h), else 0."""
    origins = structure.origins
    dense = structure.route_links[:, link].toarray() if link.size else np.zeros((structure.route_links.shape[0], 0))
    return np.ascontiguousarray(dense.reshape(origins, structure.sites, len(link)).transpose(2, 1, 0))


def typical(values: FloatArray) -> float:
    """Return the median of the positive values; 1 if there are none."""
    positive = values[values > 0]
    return float(np.median(positive)) if positive.size else 1.0
