"""What a rule knows before a day begins: the network, and a forecast with its optimum and its duals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placer.ladder.proven import solve_structure
from placer.model.divided import with_backlog
from placer.model.loads import served_work
from placer.model.structure import Structure
from placer.proof.bound import arrival_prices, bound_prices
from placer.replays.network import DayNetwork
from placer.utils.arrays import FloatArray, IntArray, sums_by


@dataclass(frozen=True, eq=False)
class Brief:
    """What a rule is given before the day begins.

    Attributes
    ----------
    network, hours : DayNetwork
        Of the substeps, and of the hours.
    forecast : (pairs, hours) array
        Mtok.
    outlook : Outlook
        Of the forecast.
    rtt_ms : (pairs, choices) array
        Round trip; inf where there is no choice.
    """

    network: DayNetwork
    hours: DayNetwork
    forecast: FloatArray
    outlook: Outlook
    rtt_ms: FloatArray

    @property
    def expected(self) -> FloatArray:
        """The forecast of every substep (pairs, periods): that of an hour, evenly."""
        return np.repeat(self.forecast / self.network.parts, self.network.parts, axis=1)


@dataclass(frozen=True, eq=False)
class Outlook:
    """Splits, prices and worths by hour.

    Attributes
    ----------
    split : (pairs, choices, hours) array
        Shares of what arrives; what is missing to 1 is left unserved.
    service : (classes, sites, hours) array
        Price of serving a unit, ``v``.
    arriving : (classes, sites, hours) array
        Price of a unit that arrives, ``V``.
    worth : (classes, sites, hours) array
        -inf where no work waits that may be served.
    served : (classes, sites, hours) array
        Mtok served, by hour of service.
    prices : (limits, hours) array
        Of capacity, of supply and of the limited links.
    unserved : (classes,) array
        Mtok left unserved.
    demand : (pairs, hours) array
        Price of a Mtok more of each pair; NaN without demand.
    bound_usd : float
        Proven lower bound on the cost and penalty of the hours.
    """

    split: FloatArray
    service: FloatArray
    arriving: FloatArray
    worth: FloatArray
    served: FloatArray
    prices: FloatArray
    unserved: FloatArray
    demand: FloatArray
    bound_usd: float


def outlook(network: DayNetwork, amounts: FloatArray, hour: int = 0, backlog: FloatArray | None = None) -> Outlook:
    """Return the outlook of what will arrive from an hour on.

    Parameters
    ----------
    network : DayNetwork
        Of one part an hour.
    amounts : (pairs, hours) array
        0 before the hour.
    backlog : (classes, sites, windows) array, optional
        Work in queues, by the hours that are left to serve it.

    Raises
    ------
    NoSolutionError
        If no optimum is proven.
    """
    structure, queued = network.with_amounts(amounts), np.zeros(0, dtype=int)
    classes, pairs = structure.classes, len(structure.demand_amount)
    if backlog is not None and backlog.any():
        structure, queued = with_backlog(structure, hour, backlog)
    answer, certificate = solve_structure(structure)
    flows, duals = answer.point, answer.prices
    prices = bound_prices(structure, duals)
    arriving = arrival_prices(structure, prices.service)
    split = np.zeros((*network.arc.shape, structure.periods))
    arriving_now = flows.demand < pairs
    demand, arc = flows.demand[arriving_now], flows.arc[arriving_now]
    of_demand = _pair_of_demands(network, structure)
    pair, period = of_demand[demand], structure.demand_period[demand]
    choice = arc - structure.arc_starts[structure.demand_pair[demand]]
    split[pair, choice, period] = flows.amount[arriving_now] / amounts[pair, period]
    unserved: FloatArray = sums_by(structure.demand_class, flows.unserved, structure.classes)
    price = np.full(amounts.shape, np.nan)
    price[of_demand[:pairs], structure.demand_period[:pairs]] = duals.demand[:pairs]
    link = np.zeros((len(structure.link_capacity), structure.periods))
    link[prices.links] = np.where(np.isfinite(prices.link), prices.link, 0.0)
    return Outlook(
        split=split,
        service=prices.service[:classes],
        arriving=arriving[:classes],
        worth=_own(_worth(structure, arriving), classes, queued, np.maximum),
        served=_own(served_work(structure, flows), classes, queued, np.add),
        prices=np.concatenate([prices.capacity, prices.supply, link[network.links]]),
        unserved=_own(unserved, classes, queued, np.add),
        demand=price,
        bound_usd=certificate.bound,
    )


def _pair_of_demands(network: DayNetwork, structure: Structure) -> IntArray:
    """Return the pair of every demand (demands,); -1 for backlog."""
    number = np.full(structure.classes * structure.origins, -1)
    for klass in (network.late_class, network.klass):
        number[klass * structure.origins + network.origin] = np.arange(len(klass))
    return number[structure.demand_pair]


def _own(of_classes: FloatArray, classes: int, queued: IntArray, join: np.ufunc) -> FloatArray:
    """Return a figure of all classes by the class that they are backlog of (classes, sites, periods)."""
    own = of_classes[:classes].copy()
    join.at(own, queued, of_classes[classes:])
    return own


def _worth(structure: Structure, arriving: FloatArray) -> FloatArray:
    """Return the largest ``V`` of the arrivals whose window holds each period (classes, sites, periods)."""
    worth = np.full(arriving.shape, -np.inf)
    for klass in np.flatnonzero(structure.window > 0):
        for period in np.unique(structure.demand_period[structure.demand_class == structure.served_class[klass]]):
            within = slice(period, min(period + structure.window[klass], structure.periods - 1) + 1)
            value = np.minimum(arriving[klass, :, period], structure.unserved_cost[klass])
            worth[klass, :, within] = np.maximum(worth[klass, :, within], value[:, None])
    return worth
