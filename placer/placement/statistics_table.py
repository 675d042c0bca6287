"""Figures of a placement by any groups; in every grouping they add up to those of the whole placement.

Everything stands in the hour in which tokens are asked for, energy, carbon and water of work that waits too. A power
zone has the work that its power serves: of a data centre with several zones, by the MWh that each delivers in the hour,
and the costs of power as each zone charges them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from placer.instance.problem import Instance
from placer.model.formulation import Formulation
from placer.placement.accounts import (
    ARC_PARTS,
    COST_PARTS,
    ROWS,
    SettledFlows,
    assignment_axes,
    average_usd_per_mwh,
    carrying,
    over_service,
)
from placer.placement.groups import ZONE, Cells, Group
from placer.placement.prices import unserved_of
from placer.tolerances import SOLVER
from placer.utils.arrays import BoolArray, FloatArray, IntArray, period_chunks, ratio, sums_by, without_noise

#: Amounts per Mtok sent (workloads, data centres, hours), by name; ``tokens`` is the part of the Mtok that counts.
_Units = dict[str, "FloatArray"]
_TOKENS = "tokens"
_POWER = ("energy_mwh", "carbon_kg", "water_litres")
_PARTS = tuple(part for part in COST_PARTS if part not in ARC_PARTS)


def statistics_table(
    instance: Instance, formulation: Formulation, accounts: SettledFlows, paid: FloatArray, groups: list[Group]
) -> pd.DataFrame:
    """Return the figures of every combination of groups that has any; see ``Placement.statistics``.

    Parameters
    ----------
    paid : (demands,) array
        The dual of every demand, USD per Mtok; NaN for demand that means of prices leave out.
    """
    structure, cells = formulation.structure, Cells(groups, formulation, accounts)
    by_zone = any(each.of == "zone" for each in groups)
    shares = dict(_zones(instance, formulation, accounts)) if by_zone else {0: _all_units(formulation, accounts)}
    unserved = unserved_of(structure, accounts)
    left = np.flatnonzero(unserved > 0) if cells.are_of_sites else np.arange(len(unserved))
    known = np.unique(np.concatenate([cells.of_demands(left), *_cells_in_use(formulation, accounts, cells, shares)]))
    sums = {"unserved_mtok": _summed(known, cells.of_demands(left), unserved[left])}
    for zone, units in shares.items():
        for chosen in period_chunks(max(len(accounts.sent), 1), 1, ROWS):  # once at least, so that all sums are there
            at = cells.of_assignments(chosen, zone)
            for name, values in _figures(formulation, accounts, units, chosen, paid).items():
                sums[name] = sums.get(name, np.zeros(len(known))) + _summed(known, at, values)
    return _table(sums, structure.total_demand).set_axis(cells.index(known), axis=0)


def _cells_in_use(
    formulation: Formulation, accounts: SettledFlows, cells: Cells, shares: dict[int, _Units]
) -> Iterator[IntArray]:
    """Yield the cells of assignments that carry more than rounding."""
    for zone, units in shares.items():
        for chosen in period_chunks(len(accounts.sent), 1, ROWS):
            part = _at(formulation, accounts, chosen, units[_TOKENS])
            used = carrying(formulation.structure, accounts, chosen) & (part > SOLVER)
            yield np.unique(cells.of_assignments(chosen, zone)[used])


def _at(formulation: Formulation, accounts: SettledFlows, chosen: slice, units: FloatArray) -> FloatArray:
    """Return an amount per Mtok of some used assignments."""
    klass, _, site, period = assignment_axes(formulation.structure, accounts.demand[chosen], accounts.arc[chosen])
    return np.asarray(units[klass, site, period])


def _summed(known: IntArray, cells: IntArray, values: FloatArray) -> FloatArray:
    """Return the sums of values over the known cells; cells that hold rounding alone are not known."""
    place = np.minimum(np.searchsorted(known, cells), len(known) - 1)
    return sums_by(place, np.where(known[place] == cells, values, 0.0), len(known))


def _figures(
    formulation: Formulation, accounts: SettledFlows, units: _Units, chosen: slice, paid: FloatArray
) -> dict[str, FloatArray]:
    """Return what some used assignments amount to; ``paid`` is the price of demands, NaN at the penalty."""
    structure = formulation.structure
    demand, arc, sent = accounts.demand[chosen], accounts.arc[chosen], accounts.sent[chosen]
    _, origin, site, _ = assignment_axes(structure, demand, arc)
    served = sent * _at(formulation, accounts, chosen, units[_TOKENS])
    figures = {
        "served_mtok": served,
        "exported_mtok": served * formulation.exported[origin, site],
        "travelled": served * formulation.rtt_ms[origin, structure.arc_way[arc]],
        "priced_mtok": np.where(np.isnan(paid[demand]), 0.0, served),
        "payments_usd": np.nan_to_num(paid[demand]) * served,
    }
    figures |= {name: sent * _at(formulation, accounts, chosen, units[name]) for name in _POWER}
    figures |= {f"{part}_usd": sent * _at(formulation, accounts, chosen, units[part]) for part in _PARTS}
    return figures | {f"{part}_usd": accounts.over_arcs[part][arc] * served for part in ARC_PARTS}


def _table(sums: dict[str, FloatArray], asked: float) -> pd.DataFrame:
    """Return the columns of the table from the sums of assignments and of unserved demand."""
    clean = {name: without_noise(values, float(np.abs(values).sum())) for name, values in sums.items()}
    served, unserved = without_noise(sums["served_mtok"], asked), sums["unserved_mtok"]
    exported = without_noise(sums["exported_mtok"], asked)
    costs = {f"{part}_usd": clean[f"{part}_usd"] for part in COST_PARTS}
    cost = np.sum(list(costs.values()), axis=0)
    columns = {
        "demand_mtok": served + unserved,
        "served_mtok": served,
        "unserved_mtok": unserved,
        "exported_mtok": exported,
        "export_share": ratio(exported, served + unserved),
        "rtt_ms": ratio(sums["travelled"], served),
        **{name: clean[name] for name in _POWER},
        **costs,
        "cost_usd": cost,
        "cost_usd_per_mtok": ratio(cost, served),
        "price_usd_per_mtok": ratio(sums["payments_usd"], without_noise(sums["priced_mtok"], asked)),
    }
    return pd.DataFrame(columns)


def _per_mtok(formulation: Formulation) -> FloatArray:
    """Return the MWh at the meter that a Mtok draws in every hour of service (workloads, data centres, hours)."""
    return formulation.structure.draw[:, :, None] * formulation.structure.overhead[None]


def _all_units(formulation: Formulation, accounts: SettledFlows) -> _Units:
    """Return the amounts of all power."""
    structure, per_mtok = formulation.structure, _per_mtok(formulation)
    carbon = average_usd_per_mwh(structure, accounts.carbon_kg, accounts.bought, accounts.metered)
    carbon = carbon + accounts.stored_carbon_kg
    return {
        _TOKENS: np.broadcast_to(1.0, per_mtok.shape),
        "energy_mwh": over_service(structure, accounts.waiting, per_mtok),
        "carbon_kg": over_service(structure, accounts.waiting, per_mtok * carbon[None]),
        "water_litres": np.broadcast_to(formulation.water_litres[:, :, None], per_mtok.shape),
        **accounts.unit_cost,
    }


def _zones(instance: Instance, formulation: Formulation, accounts: SettledFlows) -> Iterator[tuple[int, _Units]]:
    """Yield the amounts of the power of every zone that delivers any, and last of what draws none."""
    structure, names = formulation.structure, pd.Index(instance.power_zones[ZONE])
    of_tier = names.get_indexer(pd.Index(instance.supplies[ZONE]))
    delivered = structure.tier_yield[:, None] * accounts.bought
    total = structure.at_sites(delivered)
    rest = _all_units(formulation, accounts)
    for zone in np.unique(of_tier[accounts.bought.sum(axis=1) > 0]).tolist():
        own = (of_tier == zone)[:, None]
        units = _of_zone(formulation, accounts, own, ratio(structure.at_sites(own * delivered), total))
        rest = {name: values - units[name] for name, values in rest.items()}
        yield zone, units
    yield len(names), rest


def _of_zone(formulation: Formulation, accounts: SettledFlows, own: BoolArray, share: FloatArray) -> _Units:
    """Return the amounts of the power of one zone.

    Parameters
    ----------
    own : (supplies, 1) bool array
    share : (data centres, hours) array
        Of the power that is delivered; NaN where none is.
    """
    structure, per_mtok, share = formulation.structure, _per_mtok(formulation), np.nan_to_num(share)
    delivered = accounts.metered > SOLVER * accounts.metered.max(initial=0.0)

    def spent(usd: FloatArray) -> FloatArray:
        at_sites = structure.at_sites(own * usd * accounts.bought)
        return per_mtok * np.divide(at_sites, accounts.metered, out=np.zeros_like(at_sites), where=delivered)[None]

    in_service = {
        _TOKENS: np.broadcast_to(share, per_mtok.shape),
        "energy_mwh": per_mtok * share,
        "carbon_kg": spent(accounts.carbon_kg) + per_mtok * (accounts.stored_carbon_kg * share),
        "water_litres": formulation.water_litres[:, :, None] * share,
        "accelerators": formulation.accelerator_usd * share,
        "operations": formulation.operations_usd[:, :, None] * share,
        "energy": spent(formulation.energy_usd),
        "carbon": spent(formulation.carbon_usd),
        "storage": per_mtok * (accounts.stored_usd * share),
        "water": formulation.water_usd[:, :, None] * share,
    }
    return {name: over_service(structure, accounts.waiting, values) for name, values in in_service.items()}
