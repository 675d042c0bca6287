"""Prices of tokens with the charges of own rows, and the settlement with own rows and own columns.

    price                  = cost parts + rents of limits + own rows (their charges on the way, at the marginal supply)
    prices times demand    = cost (own columns included) + penalty + rents of limits
                             + rents of own rows + rents of own columns
    rents of own rows      = sum of -dual times active side
    rents of own columns   = sum of -reduced cost times value

That is strong duality of the extended program. Own rows have no coefficient at a data centre that a workload
cannot reach. So the latency rent is NaN if own rows charge the workload for sent or waiting work.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.extended.charges import (
    Charges,
    Ways,
    charged_classes,
    charged_usd_per_mwh,
    cheapest_way,
    waiting_charges,
    with_charged_supply,
)
from placer.model.formulation import Formulation
from placer.model.structure import assignment_positions
from placer.placement.accounts import SettledFlows, assignment_axes, over_service
from placer.placement.alternatives import prices_everywhere
from placer.placement.price_summary import mean_of
from placer.placement.prices import at_penalty, price_table, served_shares, unserved_of
from placer.placement.rents import Rents, without_scarcity
from placer.placement.unserved import REASONS, VALUE, reasons_of
from placer.tolerances import PROOF, SOLVER
from placer.utils.arrays import FloatArray, IntArray, sums_by, without_noise

#: Name of the part of a price that own rows charge.
PART = "own_rows_usd_per_mtok"


def charged_price_table(
    formulation: Formulation, accounts: SettledFlows, rents: Rents, charges: Charges, ways: Ways
) -> pd.DataFrame:
    """Return the table of prices with the part of own rows; see ``placer.placement.prices.price_table``."""
    structure = formulation.structure
    table = price_table(with_charged_supply(formulation, charges), accounts, rents)
    asked = structure.demand_amount > 0
    charged = charged_classes(structure, charges)[structure.demand_class]
    price = table["usd_per_mtok"].to_numpy().copy()
    for demand in np.flatnonzero(charged & ~asked).tolist():
        price[demand] = _first_price(formulation, charges, ways, demand)
    used = served_shares(structure, accounts)[1]
    energy, own = _charged_parts(formulation, accounts, rents, charges)
    own = np.where(used, own, charges.unserved)
    size = np.abs(price)
    table["usd_per_mtok"] = price
    table["energy_usd_per_mtok"] = without_noise(table["energy_usd_per_mtok"].to_numpy() - energy, size)
    table["unserved_usd_per_mtok"] -= np.where(used | ~asked, 0.0, charges.unserved)
    table["latency_rent_usd_per_mtok"] = table["latency_rent_usd_per_mtok"].where(~charged)
    table["at_penalty"] = at_penalty(structure, accounts, price)
    place = list(table.columns).index("unserved_usd_per_mtok")
    table.insert(place, PART, np.where(asked, without_noise(own, size), np.nan))
    return table


def with_own_part(summary: pd.DataFrame, prices: pd.DataFrame, priced: FloatArray, axis: IntArray) -> pd.DataFrame:
    """Return a summary of prices (``summarise_prices``) with the mean of the part of own rows, along the same axis."""
    mean = mean_of(prices[PART].to_numpy(), priced, axis, len(summary))
    summary.insert(list(summary.columns).index("latency_rent_usd_per_mtok"), PART, mean)
    return summary


def charged_settlement(settlement: pd.Series, own_rows_usd: float, own_columns_usd: float) -> pd.Series:
    """Return the settlement with the rents of own rows and own columns, given that of the limits of the instance."""
    sides = settlement.drop(["payments", "payments_served", "payments_unserved", "difference"])
    payments = float(settlement["payments"])
    left = payments - float(sides.sum()) - own_rows_usd - own_columns_usd
    more = {"own_rows_rent": own_rows_usd + 0.0, "own_columns_rent": own_columns_usd + 0.0}
    difference = {"difference": float(without_noise(np.array(left), abs(payments)))}
    return pd.concat([settlement.drop("difference"), pd.Series(more), pd.Series(difference)]).rename("usd")


def charged_reasons(
    formulation: Formulation, accounts: SettledFlows, rents: Rents, charges: Charges, ways: Ways
) -> tuple[IntArray, IntArray]:
    """Return why demands are unserved, and the ways to serve them, as ``reasons_of``, with own rows as a reason."""
    structure, choice = formulation.structure, formulation.structure.arc_choice
    reason, found = reasons_of(with_charged_supply(formulation, charges), accounts, rents)
    penalty = structure.unserved_cost[structure.demand_class]
    open_to_rows = (reason == VALUE) | (reason > VALUE)
    open_to_rows &= unserved_of(structure, accounts) > SOLVER * structure.demand_amount
    for chosen, price, admissible in prices_everywhere(formulation, without_scarcity(structure), open_to_rows):
        bare = np.where(admissible, price, np.inf).min(axis=1) if chosen.size else np.zeros(0)
        for demand, least in zip(chosen.tolist(), bare.tolist(), strict=True):
            way = cheapest_way(structure, ways.cost, demand)
            if way < 0 or not np.isfinite(ways.cost[way]) or least >= penalty[demand] * (1 - PROOF):
                continue
            paid = min(float(charges.unserved[demand]), 0.0)
            own, all_rents = ways.charge[way] - paid, ways.cost[way] - least - paid
            if own > PROOF * penalty[demand] and own >= all_rents / 2:
                reason[demand] = REASONS.index("own rows")
                found[demand] = choice[structure.assignments.arc[way]]
    return reason, found


def _first_price(formulation: Formulation, charges: Charges, ways: Ways, demand: int) -> float:
    """Return the cost of the first token of a demand of 0."""
    structure = formulation.structure
    unserved = float(structure.unserved_cost[structure.demand_class[demand]] + charges.unserved[demand])
    way = cheapest_way(structure, ways.cost, demand)
    return unserved if way < 0 else min(unserved, float(ways.cost[way]))


def _charged_parts(
    formulation: Formulation, accounts: SettledFlows, rents: Rents, charges: Charges
) -> tuple[FloatArray, FloatArray]:
    """Return the charges of own rows for power, and for all, per Mtok served of every demand (demands,)."""
    structure, waiting = formulation.structure, accounts.waiting
    klass, _, site, period = assignment_axes(structure, accounts.demand, accounts.arc)
    share, _ = served_shares(structure, accounts)
    drawn = structure.draw[:, :, None] * structure.overhead[None]
    power = over_service(structure, waiting, drawn * charged_usd_per_mwh(structure, rents, charges)[None])
    queued = np.append(waiting_charges(structure, charges, waiting), 0.0)  # position -1: no queue, no charge
    sent = charges.assigned[assignment_positions(structure, accounts.demand, accounts.arc)]
    other = sent + queued[structure.rows.queue[klass, site, period]]
    count = len(structure.demand_amount)
    energy = sums_by(accounts.demand, share * power[klass, site, period], count)
    return energy, energy + sums_by(accounts.demand, share * other, count)
