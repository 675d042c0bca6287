"""What a rule did with a day: amounts sent, served and left, their cost, and the check that they break no limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placer.replays.network import DayNetwork
from placer.utils.arrays import FloatArray, sums_by


@dataclass(frozen=True, eq=False)
class DayFlows:
    """Flows of a day in Mtok; classes are those of the network, late ones at the end.

    What arrived and what is left is by the class of the demand, all else by the class that serves.

    Attributes
    ----------
    arrived : (classes,) array
    sent : (pairs, choices) array
        Over all periods.
    carried : (limited links, periods) array
        GB.
    queued : (classes, sites, periods) array
        Work sent to wait, by period of arrival; 0 for work that does not wait.
    served : (classes, sites, periods) array
        By period of service.
    left : (classes,) array
        Not sent: refused, or without room.
    expired : (classes,) array
        Sent to wait, and not served within its window.
    waiting : (classes,) array
        Late work that waits at the end, for the next day.
    """

    arrived: FloatArray
    sent: FloatArray
    carried: FloatArray
    queued: FloatArray
    served: FloatArray
    left: FloatArray
    expired: FloatArray
    waiting: FloatArray


def cost_usd(network: DayNetwork, flows: DayFlows) -> float:
    """Return the cost of what was sent and served with its transfers, and without penalties."""
    structure = network.structure
    sent = network.of_choices(structure.arc_cost, 0.0) * flows.sent
    return float(
        sent.sum() + (structure.work_cost * flows.served).sum() + (structure.tier_cost * taken(network, flows)).sum()
    )


def class_penalty_usd(network: DayNetwork, flows: DayFlows) -> FloatArray:
    """Return the penalty of every class (classes,): of work left or expired, and of late work that waits."""
    return np.asarray(network.structure.unserved_cost * (flows.left + flows.expired + flows.waiting))


def taken(network: DayNetwork, flows: DayFlows) -> FloatArray:
    """Return the supply taken from every tier (tiers, periods), the cheapest of a site first."""
    structure = network.structure
    needed = drawn(network, flows)
    bought = np.zeros_like(structure.tier_cost)
    order = np.argsort(structure.tier_cost / structure.tier_yield[:, None], axis=0, kind="stable")
    period = np.arange(structure.periods)
    for tiers in order:
        site = structure.tier_site[tiers]
        amount = np.minimum(needed[site, period] / structure.tier_yield[tiers], structure.tier_limit[tiers, period])
        bought[tiers, period] = amount
        needed[site, period] -= amount * structure.tier_yield[tiers]
    return bought


def drawn(network: DayNetwork, flows: DayFlows) -> FloatArray:
    """Return the supply drawn at every site (sites, periods)."""
    structure = network.structure
    return np.asarray(structure.overhead * np.einsum("kj,kjt->jt", structure.draw, flows.served))


def day_infeasibility(network: DayNetwork, flows: DayFlows) -> float:
    """Return the largest violation of a balance, a window or a limit, as a share of it; NaN if a flow is no number.

    It follows from the flows alone. Within a class and site the first that arrived is the first served: windows hold if
    what was served up to a period is at most what had arrived, and at least what had arrived a window before, less what
    expired.
    """
    structure, waits = network.structure, network.structure.window > 0
    used = np.einsum("kj,kjt->jt", structure.use, flows.served)
    scale = float(flows.arrived.sum()) or 1.0
    queued, served = flows.queued.sum(axis=(1, 2)), flows.served.sum(axis=(1, 2))
    of_demand = sums_by(structure.served_class, np.where(waits, queued, served), structure.classes)
    balances = [
        of_demand + flows.left - flows.arrived,
        np.where(waits, queued - served - flows.expired - flows.waiting, 0.0),
        network.at_sites(flows.sent, network.service_class) - _came_to_sites(network, flows),
    ]
    worst = [
        _above(used, structure.capacity),
        _above(drawn(network, flows), network.power_limit),
        _above(flows.carried, structure.link_capacity[network.links]),
        *(-float(each.min(initial=0.0)) / scale for each in (flows.sent, flows.served, flows.queued)),
        *(float(np.abs(each).max(initial=0.0)) / scale for each in balances),
        *(_out_of_window(network, flows, klass) / scale for klass in np.flatnonzero(waits).tolist()),
    ]
    return float(np.max(worst))


def _came_to_sites(network: DayNetwork, flows: DayFlows) -> FloatArray:
    """Return what came to every site over the day, late work with its own class (classes, sites)."""
    structure = network.structure
    own = np.arange(structure.classes)
    own[network.late_of] = np.arange(len(network.late_of))
    came = np.where((structure.window > 0)[:, None], flows.queued.sum(axis=2), flows.served.sum(axis=2))
    found = np.zeros(came.shape)
    np.add.at(found, own, came)
    return found


def _out_of_window(network: DayNetwork, flows: DayFlows, klass: int) -> float:
    """Return the largest amount of a class that was served before it arrived, or after its window."""
    window = int(network.structure.window[klass])
    came, went = flows.queued[klass].cumsum(axis=1), flows.served[klass].cumsum(axis=1)
    late = came[:, : max(came.shape[1] - window, 0)] - went[:, window:]
    expired = np.maximum(late, 0.0).max(axis=1, initial=0.0).sum()
    return max(float((went - came).max(initial=0.0)), float(expired - flows.expired[klass]))


def _above(load: FloatArray, limit: FloatArray) -> float:
    there = np.isfinite(limit)
    side = np.where(there, limit, 0.0)
    typical = float(np.median(side[there])) if there.any() else 0.0
    excess = np.where(there, load - side, 0.0) / np.maximum(typical + np.abs(side), np.finfo(float).tiny)
    return float(excess.max(initial=0.0))
