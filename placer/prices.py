"""Marginal prices of tokens and their parts, from the duals of a proven solution.

The price of workload k at hub h in hour t is the dual of its demand row: the change of the least cost per Mtok of more
demand. On every arc that is used it equals the arc's own cost parts plus scarcity rents, as a nodal power price is
taken apart:

    price = accelerators + energy + carbon + transit + water
          + accelerator rent + power rent + link rent + carbon-cap rent + water-cap rent

Energy and carbon count at what a MWh costs at the marginal supply of that data centre and hour (``placer.rents``): in a
merit order the marginal supply sets the price, and the cheaper ones earn an inframarginal rent. The power rent is what
the marginal MWh is worth beyond that: 0 unless all supplies are used up or the site's own limit binds. Parts are means
over the arcs used, weighted by what they carry. Where all of a demand is unserved, its price is the cost of not serving
it. A demand of 0 Mtok has a price but no parts (NaN), since nothing flows.

The latency rent of (k, h, t) is the price less what the cheapest of all data centres would cost at the same duals, the
inadmissible ones included: what latency and residency keep the hub from.

A demand is *priced at the penalty* where some of it is unserved, or one more Mtok of it would be: its price is a
scarcity price that unserved demand sets, and not what serving costs. Means and medians of prices and rents are over
what is served at prices below the penalty; what is served at the penalty, and what is unserved, stand beside them.

Settlement (strong duality): prices times demand = cost + penalty + rents times limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from placer.accounts import COST_PARTS, NEGLIGIBLE, Accounts, assignment_axes, over_service, without_noise
from placer.bound import least_ahead
from placer.formulation import CARBON_CAP, WATER_CAP
from placer.rents import SAME, Rents, marginal_usd_per_mwh
from placer.structure import links_along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from placer.formulation import Formulation
    from placer.structure import Structure

#: The scarcity rents a price may hold, in the order they are reported.
RENTS = ("accelerator_rent", "power_rent", "link_rent", "carbon_cap_rent", "water_cap_rent")
#: Most prices of routes, or of demands at every data centre, that are held at a time.
_AT_A_TIME = 4_000_000


def price_table(formulation: Formulation, accounts: Accounts, rents: Rents) -> pd.DataFrame:
    """Return the price of every demand, its parts and its latency rent.

    Index ``workload``, ``hub``, ``hour``; columns ``usd_per_mtok``, one per cost part and rent,
    ``unserved_usd_per_mtok``, ``latency_rent_usd_per_mtok``, ``served_mtok``, ``unserved_mtok`` and ``at_penalty``
    (whether the price is what leaving the demand unserved costs).
    """
    structure = formulation.structure
    unit = _unit_prices(formulation, accounts, rents)
    share, used = _shares(structure, accounts)
    klass, origin, site, period = assignment_axes(structure, accounts.demand, accounts.arc)
    on_arc = {
        "transit": structure.arc_cost[accounts.arc],
        "link_rent": structure.link_use[klass]
        * _rent_along(structure, rents.link, origin * structure.sites + site, period),
    }
    count = len(structure.demand_amount)
    anywhere, admissible = _cheapest(formulation, rents)
    # The dual of a demand of 0 Mtok may be anything up to what the first token would cost, which is the price meant.
    first = np.minimum(admissible, structure.unserved_cost[structure.demand_class])
    asked = structure.demand_amount > 0
    price = np.where(asked, rents.price, first)
    columns = {"usd_per_mtok": without_noise(price)}
    for part in (*COST_PARTS, *RENTS):
        each = on_arc[part] if part in on_arc else unit[part][klass, site, period]
        columns[f"{part}_usd_per_mtok"] = np.bincount(accounts.demand, share * each, count)
    columns["unserved_usd_per_mtok"] = np.where(used, 0.0, price)
    for name in columns.keys() - {"usd_per_mtok"}:
        columns[name] = np.where(asked, without_noise(columns[name], np.abs(price)), np.nan)
    columns["latency_rent_usd_per_mtok"] = without_noise(np.maximum(price - anywhere, 0.0), np.abs(price))
    columns["served_mtok"] = served_of(structure, accounts)
    columns["unserved_mtok"] = unserved_of(structure, accounts)
    return pd.DataFrame(
        columns | {"at_penalty": at_penalty(structure, accounts, price)}, index=demand_index(formulation)
    )


def served_of(structure: Structure, accounts: Accounts) -> np.ndarray:
    """Return what is served of every demand, Mtok."""
    sent = np.bincount(accounts.demand, accounts.sent, len(structure.demand_amount))
    return without_noise(sent, float(structure.demand_amount.sum()))


def unserved_of(structure: Structure, accounts: Accounts) -> np.ndarray:
    """Return what is unserved of every demand, Mtok."""
    return without_noise(accounts.unserved, float(structure.demand_amount.sum()))


def at_penalty(structure: Structure, accounts: Accounts, price: np.ndarray) -> np.ndarray:
    """Return whether the price of each demand is what leaving it unserved costs."""
    penalty = structure.unserved_cost[structure.demand_class]
    return (price >= penalty * (1 - SAME)) | (accounts.unserved > NEGLIGIBLE * structure.demand_amount)


def mean_and_median(
    price: np.ndarray, weight: np.ndarray, axis: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the median of prices along an axis, both weighted; NaN where nothing has a weight.

    The median is the least price that at least half of the weight is at or below.

    Examples
    --------
    >>> mean, median = mean_and_median(np.array([1.0, 2.0, 9.0]), np.array([3.0, 2.0, 1.0]), np.zeros(3, int), 1)
    >>> mean.round(3).tolist(), median.tolist()
    ([2.667], [1.0])
    """
    total = np.bincount(axis, weight, size)
    paid = np.bincount(axis, weight * np.where(weight > 0, price, 0.0), size)
    mean = np.divide(paid, total, out=np.full(size, np.nan), where=total > 0)
    order = np.lexsort((price, axis))
    order = order[weight[order] > 0]
    there = np.flatnonzero(total > 0)
    if not order.size:
        return mean, np.full(size, np.nan)
    reached = np.cumsum(weight[order])
    last = np.searchsorted(axis[order], there, side="right") - 1
    before = np.concatenate([[0.0], reached[last[:-1]]])
    half = (before + reached[last]) / 2
    median = np.full(size, np.nan)
    median[there] = price[order][np.minimum(np.searchsorted(reached, half * (1 - 1e-12)), last)]
    return mean, median


def summarise_prices(prices: pd.DataFrame, axis: np.ndarray, labels: pd.Index) -> pd.DataFrame:
    """Sum a price table up along an axis of its rows, served and unserved demand apart.

    Means and medians are weighted by tokens, over what is served at prices below the penalty.

    Columns: ``served_mtok``, ``at_penalty_mtok`` (of it, priced at the penalty), ``unserved_mtok``;
    ``mean_usd_per_mtok``, ``median_usd_per_mtok``, the mean of every part of the price and of the latency rent; then in
    USD the payments (price times Mtok) and latency rents of what is served below the penalty (``payments_usd``,
    ``latency_rent_usd``), of what is served at it (``at_penalty_payments_usd``, ``at_penalty_latency_rent_usd``) and of
    what is unserved (``unserved_payments_usd``, ``unserved_latency_rent_usd``).
    """
    size = len(labels)
    served, unserved = prices["served_mtok"].to_numpy(), prices["unserved_mtok"].to_numpy()
    dear = prices["at_penalty"].to_numpy()
    groups = {"": np.where(dear, 0.0, served), "at_penalty_": np.where(dear, served, 0.0), "unserved_": unserved}
    price, rent = prices["usd_per_mtok"].to_numpy(), prices["latency_rent_usd_per_mtok"].to_numpy()
    mean, median = mean_and_median(price, groups[""], axis, size)
    table = {
        "served_mtok": np.bincount(axis, served, size),
        "at_penalty_mtok": np.bincount(axis, groups["at_penalty_"], size),
        "unserved_mtok": np.bincount(axis, unserved, size),
        "mean_usd_per_mtok": mean,
        "median_usd_per_mtok": median,
    }
    for part in (*COST_PARTS, *RENTS, "latency_rent"):
        name = f"{part}_usd_per_mtok"
        table[name] = mean_and_median(prices[name].to_numpy(), groups[""], axis, size)[0]
    for group, mtok in groups.items():
        table[f"{group}payments_usd"] = np.bincount(axis, price * mtok, size)
        table[f"{group}latency_rent_usd"] = np.bincount(axis, np.where(mtok > 0, rent, 0.0) * mtok, size)
    return pd.DataFrame(table, index=labels)


def settlement(
    formulation: Formulation, accounts: Accounts, rents: Rents, cost_usd: float, penalty_usd: float
) -> pd.Series:
    """Return both sides of the settlement identity, in USD, and their difference.

    ``payments`` (prices times demand) are ``payments_served`` and ``payments_unserved``. They equal ``cost``,
    ``penalty`` and the rents times the limits: ``inframarginal_rent`` is what supplies cheaper than the marginal one
    earn, ``power_rent`` what supplies that are all used up, and sites at their limit, earn beyond that.
    """
    structure = formulation.structure

    def worth(rent: np.ndarray, limit: np.ndarray) -> float:
        return float((rent * np.where(np.isfinite(limit), limit, 0.0)).sum())

    link_limit = np.broadcast_to(structure.link_capacity[:, None], rents.link.shape)
    caps = np.array([rents.carbon, rents.water])
    payments = float((rents.price * structure.demand_amount).sum())
    unserved = float((rents.price * accounts.unserved).sum())
    sides = {
        "cost": cost_usd,
        "penalty": penalty_usd,
        "accelerator_rent": worth(rents.accelerator, structure.capacity),
        "inframarginal_rent": worth(rents.inframarginal, structure.tier_limit),
        "power_rent": worth(rents.supply - rents.inframarginal, structure.tier_limit)
        + worth(rents.site, structure.intake),
        "link_rent": worth(rents.link, link_limit),
        "carbon_cap_rent": worth(caps[CARBON_CAP], structure.cap_limit[CARBON_CAP]),
        "water_cap_rent": worth(caps[WATER_CAP], structure.cap_limit[WATER_CAP]),
    }
    paid = {"payments": payments, "payments_served": payments - unserved, "payments_unserved": unserved}
    lines = paid | sides | {"difference": payments - sum(sides.values())}
    usd = np.array(list(lines.values()))
    # The difference is what it is, unless it is rounding of what it is a difference of.
    return pd.Series(without_noise(usd, float(np.abs(usd).max(initial=0.0))), index=list(lines), name="usd")


def demand_index(formulation: Formulation) -> pd.MultiIndex:
    """Return the labels of the demand rows."""
    structure = formulation.structure
    return pd.MultiIndex.from_arrays(
        [
            formulation.workloads[structure.demand_class],
            formulation.hubs[structure.demand_origin],
            structure.demand_period + formulation.hours.start,
        ],
        names=["workload", "hub", "hour"],
    )


def demand_axis(formulation: Formulation, by: str | None) -> tuple[np.ndarray, pd.Index]:
    """Return the position of every demand along workloads, hubs or hours (``by``), and their labels.

    Without ``by`` all demands are one, labelled ``all``.
    """
    structure = formulation.structure
    if by is None:
        return np.zeros(len(structure.demand_amount), dtype=int), pd.Index(["all"], name="demand")
    axis, labels = {
        "workload": (structure.demand_class, formulation.workloads),
        "hub": (structure.demand_origin, formulation.hubs),
        "hour": (structure.demand_period, np.array(formulation.hours)),
    }[by]
    return axis, pd.Index(labels, name=by)


def _unit_prices(formulation: Formulation, accounts: Accounts, rents: Rents) -> dict[str, np.ndarray]:
    """Return the parts of the price of serving one Mtok (workloads, data centres, hours of arrival), but for links."""
    structure, waiting = formulation.structure, accounts.waiting
    drawn = structure.draw[:, :, None] * structure.overhead[None]
    power = marginal_usd_per_mwh(formulation, rents) | {"power_rent": rents.scarcity + rents.site}
    in_service = {part: drawn * usd[None] for part, usd in power.items()}
    in_service["accelerator_rent"] = structure.use[:, :, None] * rents.accelerator[None]
    unit = {part: over_service(structure, waiting, figure) for part, figure in in_service.items()}
    water_cap = rents.water * structure.cap_work[WATER_CAP]
    unit["water_cap_rent"] = np.broadcast_to(water_cap[:, :, None], unit["power_rent"].shape)
    return accounts.unit_cost | unit


def _shares(structure: Structure, accounts: Accounts) -> tuple[np.ndarray, np.ndarray]:
    """Return each used assignment's share of what is served of its demand, and which demands have anything served."""
    demand, sent = accounts.demand, accounts.sent
    total = np.bincount(demand, sent, len(structure.demand_amount))
    used = total > NEGLIGIBLE * structure.demand_amount
    share = np.divide(sent, total[demand], out=np.zeros(len(demand)), where=used[demand])
    return share, used


def _scarce_links(structure: Structure, link: np.ndarray) -> tuple[csr_array, np.ndarray]:
    """Return which routes use the links that have a rent in some period, and the rents of those links."""
    scarce = np.flatnonzero(link.any(axis=1))
    return csr_array(structure.route_links[:, scarce]), link[scarce]


def _rent_along(structure: Structure, link: np.ndarray, route: np.ndarray, period: np.ndarray) -> np.ndarray:
    """Return the rents along some routes, each in a period, USD per GB."""
    route_links, rent = _scarce_links(structure, link)
    which, passed = links_along(route_links, route)
    return np.bincount(which, rent[passed, period[which]], len(route))


def service_prices(structure: Structure, rents: Rents) -> np.ndarray:
    """Return the marginal price of serving one Mtok (workloads, data centres, hours of arrival), at the best hour.

    It is inf for work that needs what a data centre has none of: power, or accelerators.
    """
    drawn = structure.draw[:, :, None] * structure.overhead[None]
    price = structure.work_cost[:, :, None] + structure.use[:, :, None] * rents.accelerator[None]
    price = price + drawn * (rents.power + rents.site)[None]
    # Whatever the duals say of a limit of 0:
    power = np.zeros_like(structure.capacity)
    np.add.at(power, structure.tier_site, structure.tier_limit)
    dark = np.minimum(power, structure.intake) == 0
    price[(structure.draw > 0)[:, :, None] & dark[None]] = np.inf
    price[(structure.use > 0)[:, :, None] & (structure.capacity == 0)[None]] = np.inf
    price += (rents.water * structure.cap_work[WATER_CAP])[:, :, None]
    for klass in np.flatnonzero(structure.window > 0):
        price[klass] = least_ahead(price[klass], int(structure.window[klass]), cyclic=structure.cyclic)
    return price


def _cheapest(formulation: Formulation, rents: Rents) -> tuple[np.ndarray, np.ndarray]:
    """Return the cost of one more Mtok of each demand at the cheapest data centre: of all, and of admissible ones."""
    anywhere, allowed = np.full((2, len(formulation.structure.demand_amount)), np.inf)
    for chosen, price, admissible in prices_everywhere(formulation, rents):
        anywhere[chosen] = price.min(axis=1)
        allowed[chosen] = np.where(admissible, price, np.inf).min(axis=1)
    return anywhere, allowed


def prices_everywhere(
    formulation: Formulation, rents: Rents, wanted: np.ndarray | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield what one more Mtok of each demand would cost at every data centre, some demands at a time.

    Parameters
    ----------
    formulation : Formulation
    rents : Rents
    wanted : bool array, optional
        Which demands; all if not given.

    Yields
    ------
    chosen : int array
        Positions of some demands.
    price : (chosen, data centres) array
        USD per Mtok; inf without a route, or where the data centre has none of what the work needs.
    admissible : (chosen, data centres) bool array
    """
    structure = formulation.structure
    service = service_prices(structure, rents)
    reachable = np.isfinite(formulation.latency_ms[0])  # (hubs, data centres): whether a route exists
    admissible = np.zeros((len(structure.window), *reachable.shape), dtype=bool)
    admissible[structure.arc_class, structure.arc_origin, structure.arc_site] = True
    route_links, rent = _scarce_links(structure, rents.link)
    for periods, by_class in _chunks(structure, wanted):
        links = (route_links @ rent[:, periods]).reshape(*reachable.shape, -1)
        for klass, chosen in by_class:
            origin, period = structure.demand_origin[chosen], structure.demand_period[chosen]
            price = links[origin, :, period - periods.start]
            price += formulation.transit_usd_per_gb[origin]
            price *= structure.link_use[klass]
            price += service[klass][:, period].T
            price[~reachable[origin]] = np.inf
            yield chosen, price, admissible[klass, origin]


def _chunks(
    structure: Structure, wanted: np.ndarray | None
) -> Iterator[tuple[slice, list[tuple[int, np.ndarray]]]]:
    """Yield the demands by period and class, in chunks of periods over which few prices stand at a time."""
    classes = len(structure.window)
    length = max(1, _AT_A_TIME // max(1, structure.route_links.shape[0]))
    group = structure.demand_period // length * classes + structure.demand_class
    order = np.argsort(group, kind="stable")
    order = order if wanted is None else order[wanted[order]]
    starts = range(0, structure.periods, length)
    bounds = np.searchsorted(group[order], np.arange(len(starts) * classes + 1))
    for chunk, start in enumerate(starts):
        first = bounds[chunk * classes :]
        by_class = [(klass, order[first[klass] : first[klass + 1]]) for klass in range(classes)]
        yield slice(start, start + length), by_class
