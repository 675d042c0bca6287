"""The least cost of a day known in advance: a bound that no rule can be below.

The day is a placement problem whose periods are substeps. Its Lagrangian bound holds at any prices
(``placer.proof.bound``). Good prices come in two parts. The hours of the day, as they were, give the worth of work that
waits. At this worth each substep is a program of its own (``placer.replays.program``), whose duals are the prices of
its limits. The optimum of the hours is a bound too: hours pool the limits of their substeps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.model.answer import no_duals
from placer.proof.bound import arrival_prices, bound_of, bound_prices, cheapest_arcs
from placer.replays.program import PeriodProgram
from placer.running import in_time
from placer.utils.arrays import FloatArray, sums_by, without_noise

if TYPE_CHECKING:
    from placer.replays.network import DayNetwork
    from placer.replays.outlook import Outlook


@dataclass(frozen=True, eq=False)
class Least:
    """The least cost of a day.

    Attributes
    ----------
    usd : float
        No way to route the day costs less, penalties included.
    unserved : (classes,) array
        What the programs behind the bound leave unserved, Mtok: of substeps for work that does not wait, of hours for
        work that does.
    """

    usd: float
    unserved: FloatArray


def least_cost(network: DayNetwork, amounts: FloatArray, hindsight: Outlook) -> Least:
    """Return a proven lower bound on the cost and penalty of every way to route a day.

    Parameters
    ----------
    network : DayNetwork
    amounts : (pairs, periods) array
        What arrived, Mtok.
    hindsight : Outlook
        Of the hours of the same amounts.
    """
    structure, program = network.with_amounts(amounts), PeriodProgram(network)
    sites, live = structure.sites, ~network.waits
    unserved = np.where(structure.window > 0, hindsight.unserved, 0.0)
    most = np.full((structure.classes, sites), np.inf)
    found = np.zeros((2 * sites + len(network.links), structure.periods))
    intake = np.zeros(structure.capacity.shape)
    for period in in_time(range(structure.periods), "the least cost of a day"):
        answer = program.solve(period, amounts[:, period], hindsight.worth[:, :, period // network.parts], most)
        found[:, period], intake[:, period] = answer.prices, answer.intake
        missing = np.where(live, amounts[:, period] - answer.sent.sum(axis=1), 0.0)
        unserved += sums_by(network.klass, missing, structure.classes)
    capacity, supply, limited = np.split(found, [sites, 2 * sites])
    link = np.zeros(structure.link_capacity.shape)
    link[network.links] = limited
    none = no_duals(structure, np.zeros(0))
    duals = replace(none, capacity=capacity, intake=intake, balance=supply - intake, link=link)
    prices = bound_prices(structure, duals)
    cheapest = cheapest_arcs(structure, prices, arrival_prices(structure, prices.service))
    rounded = without_noise(np.maximum(unserved, 0.0), float(amounts.sum()))
    return Least(max(bound_of(structure, prices, cheapest), hindsight.bound_usd), rounded)
