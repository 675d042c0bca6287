"""Rules that route a day without looking ahead.

    nearest    the least round trip that has room, in the mode of fewest accelerators
    cheapest   the least own cost, at the cheapest supply, that has room
    plan       the splits of the forecast, then its prices
    rents      the prices of the forecast alone; work dearer than its penalty is refused
    protect    rents, with room held back for pairs whose only affordable choice is one site
    rolling    the splits and prices of a forecast that each hour is scaled to what has arrived, and solved again
    online     the program of each substep, from the counts of those before; its splits, then its prices

A rule is made for a day from a ``Brief`` and is asked for a ``Decision`` in every substep.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from placer.replays.day import View
from placer.replays.network import DayNetwork
from placer.replays.outlook import Brief, Outlook
from placer.replays.program import PeriodProgram
from placer.replays.rolled import RolledOutlooks, backlog_of
from placer.replays.router import Decision
from placer.tolerances import PROOF, SOLVER
from placer.utils.arrays import FloatArray, ratio, sums_by

Rule = Callable[[Brief], Callable[["View"], Decision]]


def nearest_rule(brief: Brief) -> Callable[[View], Decision]:
    """Send work over the least round trip that has room."""
    network, rtt_ms = brief.network, brief.rtt_ms
    if network.structure.serves is None:
        return lambda _: _decision(network, rtt_ms)
    rank, way = np.empty(rtt_ms.shape), network.of_choices(network.structure.arc_way, 0)
    rank.ravel()[np.lexsort([each.ravel() for each in (network.use, way, rtt_ms)])] = np.arange(rank.size)
    return lambda _: _decision(network, np.where(np.isfinite(rtt_ms), rank, np.inf))


def cheapest_rule(brief: Brief) -> Callable[[View], Decision]:
    """Send work where its own cost is least and there is room."""
    network = brief.network

    def decide(view: View) -> Decision:
        service = network.service_usd(view.period)
        return _decision(network, network.sending_usd + service[network.service_class, network.site])

    return decide


def rents_rule(brief: Brief) -> Callable[[View], Decision]:
    """Send work where the prices of the forecast are least, and refuse what is dearer than its penalty."""
    return lambda view: _at_prices(brief, brief.outlook, view)


def plan_rule(brief: Brief) -> Callable[[View], Decision]:
    """Split work as the forecast does; the rest follows its prices."""
    return lambda view: _at_prices(
        brief, brief.outlook, view, brief.outlook.split[:, :, view.period // brief.network.parts]
    )


def protect_rule(brief: Brief) -> Callable[[View], Decision]:
    """Follow prices, and hold room back for pairs that can go to one site alone."""
    network, expected = brief.network, brief.expected

    def decide(view: View) -> Decision:
        found = _at_prices(brief, brief.outlook, view)
        own = network.sending_usd + network.service_usd(view.period)[network.service_class, network.site]
        affordable = own <= network.unserved_usd[:, None]
        first, last = (np.where(affordable, network.site, beyond) for beyond in (network.structure.sites, -1))
        captive = (first.min(axis=1) == last.max(axis=1)) & ~network.waits
        rows = np.flatnonzero(captive)
        choice = np.argmin(np.where(affordable, network.use, np.inf)[rows], axis=1)
        needed = expected[rows, view.period] * network.use[rows, choice]
        held = sums_by(network.site[rows, choice], needed, network.structure.sites)
        return Decision(found.price, found.ceiling, found.wanted, held, captive)

    return decide


def rolling_rule(brief: Brief) -> Callable[[View], Decision]:
    """Solve the rest of the day again each hour, scaled to what has arrived."""
    current = RolledOutlooks(brief)

    def decide(view: View) -> Decision:
        found = current.at(view)
        return _at_prices(brief, found, view, found.split[:, :, view.period // brief.network.parts])

    return decide


def online_rule(brief: Brief) -> Callable[[View], Decision]:
    """Solve the program of each substep for the rates expected from the last; follow its splits, then its prices."""
    network, current, program = brief.network, RolledOutlooks(brief), PeriodProgram(brief.network)
    expected, gone = brief.expected, np.zeros((network.structure.classes, network.structure.sites))

    def decide(view: View) -> Decision:
        found, hour = current.at(view), view.period // network.parts
        if view.period % network.parts == 0:
            gone[:] = view.gone
        rate = next_rate(network, expected, view)
        due = np.maximum(found.served[:, :, hour] - (view.gone - gone), 0.0)
        there = view.waiting + _joining(network, view.period, rate, found.split[:, :, hour])
        worth = found.worth[:, :, hour]
        answer = program.solve(view.period, rate, worth, np.minimum(there, due))
        all_of_it = (answer.served >= np.minimum(there, due)) & (_service(network, view.period, answer.prices) <= worth)
        of_plan = _at_prices(brief, found, view, found.split[:, :, hour])
        waits = network.waits[:, None]
        split = np.nan_to_num(ratio(answer.sent, np.broadcast_to(rate[:, None], answer.sent.shape)))
        price = _prices(network, view.period, answer.prices)
        return Decision(
            price=np.where(waits, of_plan.price, price),
            # What the program leaves unserved is priced at its penalty to the tolerance: it is not sent elsewhere.
            ceiling=np.where(network.waits, of_plan.ceiling, network.unserved_usd * (1 - PROOF)),
            wanted=np.where(all_of_it, due, answer.served),
            held=of_plan.held,
            captive=of_plan.captive,
            split=np.where(waits, found.split[:, :, hour], split),
        )

    return decide


def _service(network: DayNetwork, period: int, prices: FloatArray) -> FloatArray:
    """Return the price of serving a unit of every class at the prices of the limits (classes, sites)."""
    structure, sites = network.structure, network.structure.sites
    drawn = structure.draw * structure.overhead[:, period]
    return np.asarray(
        structure.work_cost[:, :, period] + structure.use * prices[:sites] + drawn * prices[sites : 2 * sites]
    )


def _joining(network: DayNetwork, period: int, rate: FloatArray, split: FloatArray) -> FloatArray:
    """Return what is expected to join each queue in a period (classes, sites)."""
    joins = np.where(network.waits[:, None], rate[:, None] * split, 0.0)
    return network.at_sites(joins, network.service_class_at(period))


def _prices(network: DayNetwork, period: int, prices: FloatArray) -> FloatArray:
    """Return the price of a unit of every choice at the prices of the limits (pairs, choices)."""
    links = (network.passing @ prices[2 * network.structure.sites :]).reshape(network.site.shape)
    return network.sending_usd + _service(network, period, prices)[network.service_class, network.site] + links


def next_rate(network: DayNetwork, expected: FloatArray, view: View) -> FloatArray:
    """Return the amounts expected in a substep (pairs,): the last ones, and the change of each class since before.

    In the first two substeps it is the forecast.
    """
    if view.period < 2:
        return expected[:, view.period]
    classes = network.structure.classes
    before, last = (sums_by(network.klass, view.counts[:, -back], classes) for back in (2, 1))
    growth = np.nan_to_num(ratio(np.maximum(2 * last - before, 0.0), last))
    return view.counts[:, -1] * growth[network.klass]


def _cheapest_now(network: DayNetwork, view: View, service: FloatArray) -> FloatArray:
    """Return the work of each queue for which no later hour of its window is cheaper (classes, sites); inf: all.

    Parameters
    ----------
    service : (classes, sites, hours) array
        Prices of serving a unit.
    """
    structure, hour = network.structure, view.period // network.parts
    later = np.minimum.accumulate(service[:, :, hour:], axis=2)
    later = np.minimum(later, structure.unserved_cost[:, None, None])
    is_least = service[:, :, hour, None] <= later * (1 + SOLVER)
    left = np.minimum(np.arange(is_least.shape[2]), structure.window[:, None] // network.parts)
    arriving = np.take_along_axis(is_least, np.broadcast_to(left[:, None, -1:], (*is_least.shape[:2], 1)), axis=2)
    backlog = backlog_of(network, view)[:, :, : is_least.shape[2]]
    return np.where(arriving[:, :, 0], np.inf, (backlog * is_least).sum(axis=2))


def _at_prices(brief: Brief, found: Outlook, view: View, split: FloatArray | None = None) -> Decision:
    """Return the decision at the prices of an hour: a queue serves where that is as cheap as its worth."""
    network, hour = brief.network, view.period // brief.network.parts
    klass, site = network.service_class_at(view.period), network.site
    links = found.prices[2 * network.structure.sites :, hour]
    price = network.sending_usd + found.arriving[klass, site, hour] + (network.passing @ links).reshape(site.shape)
    wanted = _cheapest_now(network, view, found.service)
    ceiling = network.structure.unserved_cost[network.class_at[:, view.period]] * (1 + SOLVER)
    return _decision(network, price, ceiling, wanted, split)


def _decision(
    network: DayNetwork,
    price: FloatArray,
    ceiling: FloatArray | None = None,
    wanted: FloatArray | None = None,
    split: FloatArray | None = None,
) -> Decision:
    """Return a decision that holds nothing back; without a ceiling nothing is refused."""
    structure, pairs = network.structure, len(network.klass)
    return Decision(
        price=price,
        ceiling=np.full(pairs, np.finfo(float).max) if ceiling is None else ceiling,
        wanted=np.full((structure.classes, structure.sites), np.inf) if wanted is None else wanted,
        held=np.zeros(structure.sites),
        captive=np.zeros(pairs, dtype=bool),
        split=split,
    )


RULES: dict[str, Rule] = {
    "nearest": nearest_rule,
    "cheapest": cheapest_rule,
    "plan": plan_rule,
    "rents": rents_rule,
    "protect": protect_rule,
    "rolling": rolling_rule,
    "online": online_rule,
}
