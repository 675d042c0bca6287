"""Batteries in a placement: what they did, what that earned, and its part of the cost of the work they serve.

In a block of hours beta, with supplied_jt what the meter of a data centre j delivers, and drawn_jt what its work draws,

    energy, carbon   of a MWh drawn: the mean cost of what is supplied in the same hour
    storage          of a MWh drawn in beta: (the cost of all that is supplied, and of the wear of the batteries of j,
                     less what energy and carbon hold) / sum_beta drawn_jt

So energy is charged at the prices of the hours in which work runs, storage is what the batteries save (below 0) or
cost, and all three add up to what is paid. What the batteries of a power zone pay for what they charge, less what they
save by what they discharge, is spread over the supplies of the zone in the block, by MWh. Where no work draws power at
the data centre in a block, or nothing is delivered from the zone, the part belongs to no flow: it stands in the
totals of the placement alone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.model.answer import Flows
from placer.model.formulation import Formulation
from placer.model.stores import Stores
from placer.model.storing import gained, net_charge
from placer.model.structure import Structure
from placer.placement.rents import Rents
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray, without_noise


def metered(structure: Structure, flows: Flows, drawn: FloatArray) -> FloatArray:
    """Return what the meters deliver (data centres, hours), MWh: what work draws and batteries charge."""
    stores = structure.stores
    return drawn if stores is None else drawn + stores.at_sites(net_charge(flows), structure.sites)


def spread_over_supplies(structure: Structure, stores: Stores, taken: FloatArray, paid: FloatArray) -> FloatArray:
    """Return what the batteries of its zone add to a MWh of every supply (supplies, hours).

    Parameters
    ----------
    taken : (supplies, hours) array
        MWh.
    paid : (zones with batteries, hours) array
        What they pay there.
    """
    added = _over_blocks(structure, paid)
    return stores.of_tiers(_ratio(added, _over_blocks(structure, stores.tiers_at_sources(taken))))


def spread_over_work(structure: Structure, drawn: FloatArray, paid: FloatArray, charged: FloatArray) -> FloatArray:
    """Return what a MWh drawn pays beside its own hour (data centres, hours).

    Parameters
    ----------
    drawn : (data centres, hours) array
        MWh of work.
    paid : (data centres, hours) array
        All that is paid there.
    charged : (data centres, hours) array
        What a MWh drawn pays for its own hour.
    """
    rest = _over_blocks(structure, paid - charged * drawn)
    return _ratio(rest, _over_blocks(structure, drawn))


def battery_table(formulation: Formulation, flows: Flows, rents: Rents, stored: FloatArray) -> pd.DataFrame:
    """One row per battery and hour.

    Columns: ``charged_mwh``, ``discharged_mwh`` (as often as the hour counts); ``content_mwh`` at the end of the hour,
    each time it occurs; ``lost_mwh`` on the way in and out, and ``burnt_mwh``, the part of it that another use of the
    battery would not lose: it pays at prices below 0 alone; ``usd_per_mwh``, what a MWh is worth where the battery
    stands, and ``stored_usd_per_mwh``, what one that it holds is worth; ``earned_usd``, the worth of what it discharges
    less that of what it charges and its wear; and the shadow prices ``power_rent_usd_per_mwh``, of a MWh more of power
    in the hour, and ``energy_rent_usd_per_mwh``, of a MWh more that it could hold at its end. Where limits on green
    shares count a battery, ``green_charged_mwh``, ``green_discharged_mwh`` and ``green_content_mwh`` are the green part
    of these, and ``green_usd_per_mwh`` is what a green MWh is worth there, while ``usd_per_mwh`` and
    ``stored_usd_per_mwh`` are those of a grey one; NaN elsewhere.

    Parameters
    ----------
    stored : (batteries, hours) array
        The worth of a MWh held at the end of an hour.
    """
    stores = formulation.structure.stores
    index = pd.MultiIndex.from_product([formulation.batteries, formulation.hour_labels], names=["battery", "hour"])
    if stores is None:
        return pd.DataFrame({name: np.zeros(0) for name in BATTERY_COLUMNS}, index=index)
    leads, size, held = stores.leads, float(stores.power.sum()), float(stores.energy.sum())
    gain = gained(stores, flows)
    lost = net_charge(flows) - gain
    efficiency = stores.efficiency[:, None]
    least = np.where(gain > 0, gain / efficiency, gain * efficiency) - gain
    earned = rents.store * (flows.discharged - flows.charged) - stores.cost[:, None] * flows.discharged + 0.0
    content = flows.content / formulation.weights
    table = {
        "charged_mwh": without_noise(stores.over_banks(flows.charged), size),
        "discharged_mwh": without_noise(stores.over_banks(flows.discharged), size),
        "content_mwh": without_noise(stores.over_banks(content), held),
        "lost_mwh": without_noise(stores.over_banks(lost), size),
        "burnt_mwh": stores.over_banks(_without_rounding(lost - least, stores.power)),
        "usd_per_mwh": rents.store,
        "stored_usd_per_mwh": stored,
        "earned_usd": stores.over_banks(earned),
        "power_rent_usd_per_mwh": rents.store_power,
        "energy_rent_usd_per_mwh": rents.store_energy,
        "green_charged_mwh": _green(stores, without_noise(flows.charged, size)),
        "green_discharged_mwh": _green(stores, without_noise(flows.discharged, size)),
        "green_content_mwh": _green(stores, without_noise(content, held)),
        "green_usd_per_mwh": _green(stores, rents.store),
    }
    return pd.DataFrame({name: table[name][leads].ravel() for name in BATTERY_COLUMNS}, index=index)


def _green(stores: Stores, figures: FloatArray) -> FloatArray:
    """Return a figure of its green content at the first store of every bank; NaN where it has none."""
    of_green = np.full(figures.shape, np.nan)
    if stores.bank is not None:
        of_green[stores.bank[~stores.leads]] = figures[~stores.leads]
    return of_green


#: The columns of the table of batteries.
BATTERY_COLUMNS = (
    *("charged_mwh", "discharged_mwh", "content_mwh", "lost_mwh", "burnt_mwh", "usd_per_mwh", "stored_usd_per_mwh"),
    *("earned_usd", "power_rent_usd_per_mwh", "energy_rent_usd_per_mwh"),
    *("green_charged_mwh", "green_discharged_mwh", "green_content_mwh", "green_usd_per_mwh"),
)


def _over_blocks(structure: Structure, figures: FloatArray) -> FloatArray:
    """Return the sum over its block, in every hour (things, hours)."""
    starts = np.flatnonzero(np.append(True, np.diff(structure.block) > 0))
    number = np.cumsum(np.append(False, np.diff(structure.block) > 0))
    return np.asarray(np.add.reduceat(figures, starts, axis=1)[:, number])


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > SOLVER * whole.max(initial=0.0))


def _without_rounding(figures: FloatArray, size: FloatArray) -> FloatArray:
    return np.where(figures > SOLVER * size, figures, 0.0)
