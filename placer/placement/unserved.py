"""Why demand is unserved, at a glance: one reason for every demand, from its arcs and the duals, with nothing solved.

    residency      no data centre has a jurisdiction that the workload allows
    ban            bans close the ways to all data centres that jurisdiction and latency would admit
    no route       such data centres exist, and no route joins the hub to any of them
    latency        routes to such data centres exist, and none of them is in time
    value          the cheapest admissible way to serve costs at least the penalty, though no limit is scarce there:
                   at the cheapest supply, or at the marginal one with no rent on anything
    accelerators, site power, supply, link, carbon cap, water cap, limit
                   otherwise: the limit with the largest rent per Mtok on the way that is cheapest at the duals
    own rows       likewise, where own rows of a ``placer.Model`` are at least half of all rents on that way

Demand that is unserved for its value is *not worth serving*; other unserved demand *cannot be served*.
``placer.explain`` solves for the changes that cure a shortage, and so may name another of several limits that bind
together.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from placer.instance.problem import Instance
from placer.model.cap_rows import CapRows
from placer.model.caps import OWN_CAPS, WATER_CAP
from placer.model.formulation import Formulation
from placer.model.latency import over_ways
from placer.model.links import links_along
from placer.model.structure import Structure
from placer.placement.accounts import SettledFlows
from placer.placement.alternatives import class_and_way, prices_everywhere
from placer.placement.prices import unserved_of
from placer.placement.rents import Rents, marginal_usd_per_mwh, without_scarcity
from placer.proof.bound import service_prices
from placer.tolerances import PROOF, SOLVER
from placer.utils.arrays import IntArray, sums_by

#: Reasons by number; the first is that no demand is unserved.
REASONS = (
    *("", "no route", "residency", "latency", "value"),
    *("accelerators", "site power", "supply", "link", "carbon cap", "water cap", "limit"),
    *("own rows", "ban"),
)
VALUE, _FIRST_LIMIT = REASONS.index("value"), REASONS.index("accelerators")
_SITE_LIMITS = ("accelerators", "site power", "supply")


def reasons_of(formulation: Formulation, accounts: SettledFlows, rents: Rents) -> tuple[IntArray, IntArray]:
    """Return why each demand is unserved, as a position in ``REASONS``, and by which choice it would be served.

    Both are (demands,) int arrays; the choice (``placer.placement.alternatives``) is -1 where there is none.
    """
    structure = formulation.structure
    short = unserved_of(structure, accounts) > SOLVER * structure.demand_amount
    reason, choice = np.zeros(len(short), dtype=np.int8), np.full(len(short), -1, dtype=np.int32)
    if not short.any():
        return reason, choice
    penalty = structure.unserved_cost[structure.demand_class]
    for chosen, price, admissible in prices_everywhere(formulation, without_scarcity(structure), short):
        if chosen.size:
            bare = np.where(admissible, price, np.inf).min(axis=1)
            reason[chosen[bare >= penalty[chosen] * (1 - PROOF)]] = VALUE
            closed = admissible.any(axis=1) & ~np.isfinite(bare)
            reason[chosen[closed]] = _FIRST_LIMIT
            choice[chosen[closed]] = admissible[closed].argmax(axis=1)
            none = chosen[~admissible.any(axis=1)]
            reason[none] = _why_no_arc(formulation, none)
    dark = structure.dark & (structure.capacity > 0)
    site = np.maximum(choice, 0) % structure.ways // structure.routes
    shut = (choice >= 0) & dark[site, structure.demand_period]
    reason[shut] = REASONS.index("supply")
    for chosen, price, admissible in prices_everywhere(formulation, rents, short & (reason == 0)):
        if chosen.size:
            choice[chosen] = np.where(admissible, price, np.inf).argmin(axis=1)
            reason[chosen] = _largest_rent(formulation, rents, chosen, choice[chosen])
    return reason, choice


def unserved_reasons(
    instance: Instance,
    formulation: Formulation,
    accounts: SettledFlows,
    rents: Rents,
    reason: IntArray,
    choice: IntArray,
) -> pd.DataFrame:
    """One row per reason why demand is unserved and per name of the reason, the largest first.

    Index ``reason`` (see ``placer.placement.unserved``) and ``name`` (the workload, the data centre, the hub without a
    route, the link or the limit); column ``unserved_mtok``. ``reason`` and ``choice`` are as ``reasons_of`` gives them.
    """
    structure = formulation.structure
    short = np.flatnonzero(reason)
    keys = np.stack([reason, choice, structure.demand_class, structure.demand_origin])[:, short]
    distinct, which = np.unique(keys, axis=1, return_inverse=True)
    names = [_name(instance, formulation, rents, *key) for key in distinct.T.tolist()]
    table = pd.DataFrame(
        {
            "reason": [REASONS[number] for number in distinct[0].tolist()],
            "name": names,
            "unserved_mtok": sums_by(which.ravel(), unserved_of(structure, accounts)[short], len(names)),
        }
    )
    summed = table.groupby(["reason", "name"], sort=True)[["unserved_mtok"]].sum()
    return summed.sort_values("unserved_mtok", ascending=False, kind="stable")


def reason_in_words(reason: str, name: str) -> str:
    """Return a reason and its name as words that follow 'first reason:'.

    Examples
    --------
    >>> reason_in_words("latency", "voice")
    'latency, no data centre in time for voice'
    >>> reason_in_words("accelerators", "Metro")
    'accelerators at Metro are scarce'
    """
    return {
        "no route": f"no route from {name} to a data centre that may serve it",
        "residency": f"residency, no data centre in a jurisdiction that {name} allows",
        "ban": f"bans, which close all data centres in time for {name}",
        "latency": f"latency, no data centre in time for {name}",
        "value": f"{name} costs more to serve than it is worth",
        "accelerators": f"accelerators at {name} are scarce",
        "site power": f"the power limit of {name} is reached",
        "supply": f"the power supplies of {name} are used up",
        "link": f"the link {name} is full",
        "carbon cap": "the carbon cap is reached",
        "water cap": "the water cap is reached",
        "limit": f"the limit {name} is reached",
        "own rows": f"own rows of the model limit {name}",
    }[reason]


def _why_no_arc(formulation: Formulation, demands: IntArray) -> IntArray:
    """Return why some demands without an admissible data centre have none."""
    structure = formulation.structure
    klass, origin = structure.demand_class[demands], structure.demand_origin[demands]
    lawful, there = formulation.allowed_ways, np.isfinite(formulation.latency_ms)
    in_time = over_ways(formulation.allowed, structure.routes)[:, None] & there & formulation.in_time
    allowed, routed, closed = (
        structure.over_modes(figure)[klass, origin].any(axis=1) for figure in (lawful, lawful & there, in_time)
    )
    unreached = np.where(allowed, REASONS.index("no route"), REASONS.index("residency"))
    return np.select([closed, routed], [REASONS.index("ban"), REASONS.index("latency")], unreached)


def _largest_rent(formulation: Formulation, rents: Rents, demands: IntArray, choice: IntArray) -> IntArray:
    """Return the limit with the largest rent by each choice, at the hour of least price within the window.

    It is the value, where no limit has a rent worth naming.
    """
    structure = formulation.structure
    origin, arrival = structure.demand_origin[demands], structure.demand_period[demands]
    klass, way = class_and_way(structure, structure.demand_class[demands], choice)
    site = way // structure.routes
    hour = _best_hours(structure, rents)[klass, site, arrival]
    drawn = structure.draw[klass, site] * structure.overhead[site, hour]
    cap = marginal_usd_per_mwh(formulation, rents)["carbon_cap_rent"]
    which, link = links_along(structure.route_links, structure.route(origin, way))
    along = sums_by(which, rents.link[link, arrival[which]], len(demands))
    of_limits = _rents_of_limits(formulation, rents, (klass, origin, way), arrival, hour)
    found = np.stack(
        [
            rents.accelerator_usd(structure)[klass, site, hour],
            drawn * rents.site[site, hour],
            drawn * rents.scarcity[site, hour],
            structure.link_use[klass] * along,
            drawn * cap[site, hour],
            rents.water * structure.cap_work[WATER_CAP][klass, site, hour],
            np.maximum(of_limits.max(axis=1).toarray(), 0.0).ravel() if of_limits.shape[1] else np.zeros(len(demands)),
        ]
    )
    scarce = found.sum(axis=0) > PROOF * structure.unserved_cost[klass]
    return np.where(scarce, _FIRST_LIMIT + found.argmax(axis=0), VALUE)


def _rents_of_limits(
    formulation: Formulation, rents: Rents, sent: tuple[IntArray, IntArray, IntArray], arrival: IntArray, hour: IntArray
) -> csr_array:
    """Return the rents that a Mtok pays for each limit of one's own (n, limits), given its class, origin and way."""
    structure, own, (klass, origin, way) = formulation.structure, slice(OWN_CAPS, None), sent
    site = way // structure.routes
    drawn = structure.draw[klass, site] * structure.overhead[site, hour]
    supply = np.maximum(rents.marginal_supply[site, hour], 0)
    counted = structure.cap_work[own].at(klass, site, hour)
    if structure.tier_yield.size:
        per_mwh = structure.cap_tier[own].at(supply, hour)
        counted = counted + per_mwh.multiply((drawn / structure.tier_yield[supply])[:, None])
    along = structure.cap_route[own].at(structure.route(origin, way)).multiply(structure.cap_arrival[own].at(arrival))
    sends = CapRows.of(structure.cap_send[own])
    return csr_array((counted + along.multiply(sends.at(klass))).multiply(rents.limits[None]))


def _best_hours(structure: Structure, rents: Rents) -> IntArray:
    """Return the hour in which work that arrives costs least to serve (workloads, data centres, hours of arrival)."""
    price = service_prices(structure, structure.work_cost, rents.accelerator, rents.power + rents.site, rents.caps)
    hours = np.broadcast_to(np.arange(structure.periods), price.shape).copy()
    for klass in np.flatnonzero(structure.window > 0):
        least, arrival = price[klass].copy(), np.arange(structure.periods)
        delays = structure.delays(np.full(structure.periods, klass), arrival)
        for delay in range(1, int(delays.max())):
            period = structure.after(arrival, np.array(delay))
            later = np.where(delay < delays, price[klass][:, period], np.inf)
            better = later < least
            least = np.where(better, later, least)
            hours[klass] = np.where(better, period, hours[klass])
    return hours


def _name(
    instance: Instance, formulation: Formulation, rents: Rents, reason: int, choice: int, asked: int, origin: int
) -> str:
    """Return the name that goes with a reason; of several links on a route, that with the largest rents."""
    structure, word = formulation.structure, REASONS[reason]
    klass, way = (int(each) for each in class_and_way(structure, asked, max(choice, 0)))
    if word in _SITE_LIMITS:
        return str(formulation.data_centres[way // structure.routes])
    if word == "no route":
        return str(formulation.hubs[origin])
    if word == "link":
        _, along = links_along(structure.route_links, structure.route(np.array([origin]), way))
        row = instance.links.iloc[along[rents.link[along].sum(axis=1).argmax()]]
        return f"{row['from']} - {row['to']}"
    if word == "limit":
        every = np.arange(structure.periods)
        sent = np.full_like(every, klass), np.full_like(every, origin), np.full_like(every, way)
        paid = _rents_of_limits(formulation, rents, sent, every, every).sum(axis=0)
        return formulation.limits[int(paid.argmax())].name
    return "" if word.endswith("cap") else str(formulation.workloads[asked])
