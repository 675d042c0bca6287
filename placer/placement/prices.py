"""Marginal prices of tokens and their parts, from the duals of a proven solution.

The price of workload k at hub h in hour t is the dual of its demand row: the change of the least cost per Mtok of more
demand. On every arc that is used it equals the arc's own cost parts plus scarcity rents, as a nodal power price is
taken apart:

    price = accelerators + operations + energy + carbon + storage + transit + water + latency loss + surcharges + policy
          + accelerator rent + power rent + link rent + carbon-cap rent + water-cap rent + rents of limits

Energy and carbon count at the cost of a MWh of the marginal supply of that data centre and hour
(``placer.placement.rents``): in a merit order the marginal supply sets the price, and the cheaper ones earn an
inframarginal rent. The power rent is what the marginal MWh is worth beyond that: 0 unless all supplies are used up or
the site's own limit binds. Storage is the part that batteries set (``placer.placement.rents``). Parts are means over
the arcs used, weighted by what they carry. Where all of a demand is unserved, its price is the cost of not serving it.
A demand of 0 Mtok has a price but no parts (NaN), since nothing flows.

The latency rent of (k, h, t) is the price less the cost at the cheapest of all data centres and modes at the same
duals, the inadmissible ones included: what latency and residency keep the hub from.

A demand is *priced at the penalty* where some of it is unserved, or one more Mtok of it would be: its price is a
scarcity price that unserved demand sets, and not the cost of serving. Means and medians of prices and rents are over
demand served at prices below the penalty; demand served at the penalty and unserved demand stand beside them.

The rents of limits of one's own are the count of a Mtok towards each, times its rent: below 0 where a limit asks for at
least as much, so that what it asks for is subsidised by the rest.

The part ``policy`` holds the charges that a region is paid (``placer.model.policies``): transfers, and no cost.

Settlement (strong duality): prices times demand = cost + transfers + penalty + rents times limits, with batteries those
of their power and energy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.model.caps import CARBON_CAP, OWN_CAPS, WATER_CAP, arc_rents
from placer.model.formulation import Formulation
from placer.model.structure import Structure
from placer.placement.accounts import (
    ALL,
    CONTRACTS,
    COST_PARTS,
    POLICY,
    SettledFlows,
    arc_usd,
    assignment_axes,
    over_service,
)
from placer.placement.alternatives import prices_everywhere, rent_along
from placer.placement.modes import largest_mode
from placer.placement.rents import Rents, marginal_usd_per_mwh
from placer.placement.stacked import ROWS_STACKED, Axis, index_of_axes, stacked
from placer.proof.bound import worth
from placer.tolerances import PROOF, SOLVER
from placer.utils.arrays import BoolArray, FloatArray, IntArray, sums_by, without_noise

#: The parts of a price beside cost, in the order they are reported: charges of policies, and scarcity rents.
RENTS = (POLICY, "accelerator_rent", "power_rent", "link_rent", "carbon_cap_rent", "water_cap_rent", "limits_rent")


def price_table(formulation: Formulation, accounts: SettledFlows, rents: Rents) -> pd.DataFrame:
    """Return the price of every demand, its parts and its latency rent.

    ``price_pieces`` yields the same in pieces.

    Index ``workload``, ``hub``, ``hour``; columns ``usd_per_mtok``, one per cost part and rent,
    ``unserved_usd_per_mtok``, ``latency_rent_usd_per_mtok``, ``served_mtok``, ``unserved_mtok`` and ``at_penalty``
    (whether the price is what leaving the demand unserved costs); where workloads have modes, ``mode``, which serves
    the most of the demand.
    """
    return stacked(price_pieces(formulation, accounts, rents, ROWS_STACKED), demand_index(formulation))


def price_pieces(formulation: Formulation, accounts: SettledFlows, rents: Rents, rows: int) -> Iterator[pd.DataFrame]:
    """Yield the table of prices in pieces of at most ``rows`` rows; a table without rows is one piece."""
    count, found = len(rents.price), _find_prices(formulation, accounts, rents)
    order: IntArray = np.argsort(accounts.demand, kind="stable")
    for start in range(0, max(count, 1), rows):
        asked = slice(start, min(start + rows, count))
        first, last = np.searchsorted(accounts.demand, [asked.start, asked.stop], sorter=order)
        yield _price_rows(formulation, accounts, rents, found, asked, order[first:last])


@dataclass(frozen=True, eq=False)
class _Prices:
    """What all rows of a table of prices are made from.

    Attributes
    ----------
    unit : dict of str to (workloads, data centres, hours of arrival) array
        Parts of the price of serving one Mtok, except transit and links.
    price, anywhere : (demands,) arrays
        The price, and the cost of one more Mtok at the cheapest data centre.
    typical : float
        The median price: a penalty may be a million times any price.
    """

    unit: dict[str, FloatArray]
    price: FloatArray
    anywhere: FloatArray
    typical: float


def _find_prices(formulation: Formulation, accounts: SettledFlows, rents: Rents) -> _Prices:
    price, anywhere = _at_first_token(formulation, rents), np.full(len(rents.price), np.inf)
    for chosen, usd, _ in prices_everywhere(formulation, rents):
        anywhere[chosen] = usd.min(axis=1)
    typical = float(np.median(np.abs(price))) if price.size else 0.0
    return _Prices(_unit_prices(formulation, accounts, rents), price, anywhere, typical)


def _price_rows(
    formulation: Formulation, accounts: SettledFlows, rents: Rents, found: _Prices, demands: slice, used: IntArray
) -> pd.DataFrame:
    """Return the rows of some demands, given which of the used assignments serve them."""
    structure, price = formulation.structure, found.price[demands]
    demand, sent = accounts.demand[used] - demands.start, accounts.sent[used]
    share, served = _shares(demand, sent, structure.demand_amount[demands])
    columns: dict[str, np.ndarray] = {"usd_per_mtok": without_noise(price, found.typical)}
    for part, each in _parts_of(structure, accounts, rents, found.unit, used):
        columns[f"{part}_usd_per_mtok"] = sums_by(demand, share * each, len(price))
    columns["unserved_usd_per_mtok"] = np.where(served, 0.0, price)
    asked = structure.demand_amount[demands] > 0
    for name in columns.keys() - {"usd_per_mtok"}:
        columns[name] = np.where(asked, without_noise(columns[name], np.abs(price)), np.nan)
    latency_rent = np.maximum(price - found.anywhere[demands], 0.0)
    columns["latency_rent_usd_per_mtok"] = without_noise(latency_rent, np.abs(price))
    columns["served_mtok"] = without_noise(sums_by(demand, sent, len(price)), structure.total_demand)
    columns["unserved_mtok"] = without_noise(accounts.unserved[demands], structure.total_demand)
    columns["at_penalty"] = at_penalty(structure, accounts, price, demands)
    if formulation.service.has_modes:
        columns["mode"] = largest_mode(formulation, demand, accounts.arc[used], sent, len(price))
    return pd.DataFrame(columns, index=demand_index(formulation, demands))


def _parts_of(
    structure: Structure, accounts: SettledFlows, rents: Rents, unit: dict[str, FloatArray], used: IntArray
) -> Iterator[tuple[str, FloatArray]]:
    """Yield every part of the price of some of the used assignments, USD per Mtok."""
    demand, arc = accounts.demand[used], accounts.arc[used]
    klass, _, site, period = assignment_axes(structure, demand, arc)
    for part in (*COST_PARTS, *RENTS):
        if part in accounts.over_arcs:
            yield part, accounts.over_arcs[part][arc]
        elif part == "link_rent":
            along = rent_along(structure, rents.link, structure.arc_route[arc], period)
            yield part, structure.link_use[klass] * along
        elif part == "limits_rent":
            yield part, unit[part][klass, site, period] + arc_rents(structure, rents.caps, arc, period)
        else:
            yield part, unit[part][klass, site, period]


def served_of(structure: Structure, accounts: SettledFlows) -> FloatArray:
    """Return the served part of every demand, Mtok."""
    sent = sums_by(accounts.demand, accounts.sent, len(structure.demand_amount))
    return without_noise(sent, structure.total_demand)


def unserved_of(structure: Structure, accounts: SettledFlows) -> FloatArray:
    """Return the unserved part of every demand, Mtok."""
    return without_noise(accounts.unserved, structure.total_demand)


def at_penalty(structure: Structure, accounts: SettledFlows, price: FloatArray, demands: slice = ALL) -> BoolArray:
    """Return whether the price of some demands is their penalty, given these prices."""
    penalty = structure.unserved_cost[structure.demand_class[demands]]
    short = accounts.unserved[demands] > SOLVER * structure.demand_amount[demands]
    return np.asarray((price >= penalty * (1 - PROOF)) | short)


def settlement(
    formulation: Formulation, accounts: SettledFlows, rents: Rents, cost_usd: float, penalty_usd: float
) -> pd.Series:
    """Return both sides of the settlement identity, in USD, and their difference.

    ``payments`` (prices times demand) are ``payments_served`` and ``payments_unserved``. They equal ``cost``,
    ``transfers`` (charges of policies that a region is paid), ``penalty`` and the rents times the limits:
    ``inframarginal_rent`` is what supplies cheaper than the marginal one earn, ``power_rent`` what supplies that are
    all used up, and sites at their limit, earn beyond that. ``limits_rent`` is below 0 where limits that ask for at
    least an amount weigh more than the others. With batteries there is ``storage_rent``, of their power and energy.
    With contracts of power ``contracts`` takes off what they cost in any case, which no price contains.
    """
    structure, contracts = formulation.structure, formulation.contracts
    caps = rents.caps
    payments = float((rents.price * structure.demand_amount).sum())
    unserved = float((rents.price * accounts.unserved).sum())
    sides = {
        "cost": cost_usd,
        **({CONTRACTS: -float(contracts.fixed_usd.sum())} if len(contracts.names) else {}),
        "transfers": float(arc_usd(structure, accounts, POLICY).sum()),
        "penalty": penalty_usd,
        "accelerator_rent": worth(rents.accelerator, structure.capacity)
        + worth(rents.pools, structure.cap_limit[OWN_CAPS:]),
        "inframarginal_rent": worth(rents.inframarginal, structure.tier_limit),
        "power_rent": worth(rents.supply - rents.inframarginal, structure.tier_limit)
        + worth(rents.site, structure.intake),
        "link_rent": worth(rents.link, structure.link_capacity),
        "carbon_cap_rent": worth(caps[CARBON_CAP], structure.cap_limit[CARBON_CAP]),
        "water_cap_rent": worth(caps[WATER_CAP], structure.cap_limit[WATER_CAP]),
        "limits_rent": worth(rents.limits, structure.cap_limit[OWN_CAPS:]),
    }
    if (stores := structure.stores) is not None:
        sides["storage_rent"] = worth(rents.store_power, stores.power) + worth(rents.store_energy, stores.energy)
    paid = {"payments": payments, "payments_served": payments - unserved, "payments_unserved": unserved}
    lines = {name: usd + 0.0 for name, usd in (paid | sides).items()}  # + 0.0: -0.0 is 0
    # The difference stays unless it is rounding of the two sums.
    lines["difference"] = float(without_noise(np.array(payments - sum(sides.values())), abs(payments)))
    return pd.Series(lines, name="usd")


def demand_index(formulation: Formulation, demands: slice = ALL) -> pd.MultiIndex:
    """Return the labels of some demand rows."""
    structure = formulation.structure
    return index_of_axes(
        [
            Axis("workload", formulation.workloads, structure.demand_class[demands]),
            Axis("hub", formulation.hubs, structure.demand_origin[demands]),
            Axis("hour", formulation.hour_labels, structure.demand_period[demands]),
        ]
    )


def _unit_prices(formulation: Formulation, accounts: SettledFlows, rents: Rents) -> dict[str, FloatArray]:
    """Return the parts of the price of serving one Mtok (workloads, data centres, hours of arrival), except links."""
    structure, waiting = formulation.structure, accounts.waiting
    drawn = structure.draw[:, :, None] * structure.overhead[None]
    power = marginal_usd_per_mwh(formulation, rents) | {"power_rent": rents.scarcity + rents.site}
    if structure.stores is not None:
        power["storage"] = rents.stored
    unit = {part: over_service(structure, waiting, drawn * usd[None]) for part, usd in power.items()}
    unit["accelerator_rent"] = over_service(structure, waiting, rents.accelerator_usd(structure))
    water_cap = rents.water * structure.cap_work[WATER_CAP]
    unit["water_cap_rent"] = over_service(structure, waiting, water_cap)
    limits = drawn * power["limits_rent"][None] + structure.cap_work[OWN_CAPS:].priced(rents.limits)
    unit["limits_rent"] = over_service(structure, waiting, limits)
    return accounts.unit_cost | unit


def served_shares(structure: Structure, accounts: SettledFlows) -> tuple[FloatArray, BoolArray]:
    """Return each used assignment's share of the served part of its demand, and which demands have a served part."""
    return _shares(accounts.demand, accounts.sent, structure.demand_amount)


def _shares(demand: IntArray, sent: FloatArray, amount: FloatArray) -> tuple[FloatArray, BoolArray]:
    total = sums_by(demand, sent, len(amount))
    used = total > SOLVER * amount
    share = np.divide(sent, total[demand], out=np.zeros(len(demand)), where=used[demand])
    return share, used


def _at_first_token(formulation: Formulation, rents: Rents) -> FloatArray:
    """Return the price of every demand; that of a demand of 0 Mtok is the cost of its first token.

    Any dual up to that cost is optimal for it.
    """
    structure, nothing = formulation.structure, formulation.structure.demand_amount == 0
    if not nothing.any():
        return rents.price
    price = np.where(nothing, structure.unserved_cost[structure.demand_class], rents.price)
    for chosen, usd, admissible in prices_everywhere(formulation, rents, nothing):
        price[chosen] = np.minimum(price[chosen], np.where(admissible, usd, np.inf).min(axis=1))
    return price
