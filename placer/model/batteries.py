"""The batteries of an instance as stores of its structure.

    energy_bt   energy_mwh_b, and never more than the battery can charge over its block
    source      a power zone with batteries; what these charge costs what the zone's energy and carbon cost

More energy than a battery can charge over its block is of no use: it holds the same at both ends of the block, so that
its contents differ by no more within it, and any part that it holds throughout may be left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.schema import BATTERIES
from placer.instance.problem import Instance
from placer.model.cap_rows import NO_CELLS, CapRows, all_cells
from placer.model.caps import CARBON_CAP, OWN_CAPS
from placer.model.limits import GREEN_SHARE, Limit
from placer.model.stores import Stores
from placer.utils.arrays import FloatArray, IntArray, positions_in, sums_by


def battery_zones(instance: Instance) -> IntArray:
    """Return the power zones that have a battery, by position and in order: the sources of the structure."""
    zones = instance.power_zones["power_zone"]
    return np.flatnonzero(zones.isin(instance.tables[BATTERIES.name]["power_zone"].dropna()))


def stores_of(instance: Instance) -> Stores | None:
    """Return the batteries as stores, with the caps of settings; None without any."""
    batteries, supplies = instance.tables[BATTERIES.name], instance.supplies
    if batteries.empty:
        return None
    zones = instance.power_zones["power_zone"]
    used = battery_zones(instance)
    place = np.full(len(zones) + 1, -1)
    place[used] = np.arange(len(used))
    hours = instance.settings.hour_length * instance.weights
    most = batteries["power_mw"].to_numpy(float)[:, None] * hours
    efficiency = batteries["efficiency"].to_numpy(float)
    usd_per_mwh = instance.hourly("power_zones", "usd_per_mwh")[used]
    carbon_kg = instance.hourly("power_zones", "carbon_kg_per_mwh")[used]
    tier_source = place[positions_in(zones, supplies["power_zone"])]
    cells = [NO_CELLS] * OWN_CAPS
    cells[CARBON_CAP] = all_cells(carbon_kg)
    return Stores(
        site=_positions(instance.data_centres["data_centre"].tolist(), batteries["data_centre"].tolist()),
        source=place[_positions(zones.tolist(), batteries["power_zone"].tolist())],
        efficiency=efficiency,
        cost=batteries["usd_per_mwh_throughput"].to_numpy(float),
        power=most,
        energy=_most_held(instance, efficiency, most),
        tier_source=tier_source,
        source_cost=usd_per_mwh + instance.settings.carbon_usd_per_kg * carbon_kg,
        cap_source=CapRows.of_cells(carbon_kg.shape, cells),
    )


def with_contents(stores: Stores, sites: IntArray) -> Stores:
    """Return the stores, those at some sites as grey contents, and after them a green content for each of these.

    Both contents of a battery share its power and its energy.
    """
    count, own = len(stores.site), np.flatnonzero(np.isin(stores.site, sites))
    row = np.append(np.arange(count), own)
    return replace(
        stores,
        site=stores.site[row],
        source=stores.source[row],
        efficiency=stores.efficiency[row],
        cost=stores.cost[row],
        power=stores.power[row],
        energy=stores.energy[row],
        bank=row,
    )


def _positions(names: list[object], given: list[object]) -> IntArray:
    """Return the positions of names; -1 where none is given."""
    place = {name: number for number, name in enumerate(names)}
    return np.array([place.get(name, -1) for name in given], dtype=int)


def stated_energy(instance: Instance) -> FloatArray:
    """Return ``energy_mwh`` of each battery, as often as its hours count (batteries, hours)."""
    return np.asarray(instance.tables[BATTERIES.name]["energy_mwh"].to_numpy(float)[:, None] * instance.weights)


def _most_held(instance: Instance, efficiency: FloatArray, most: FloatArray) -> FloatArray:
    """Return the most energy that each battery holds, as often as its hours count (batteries, hours)."""
    blocks = int(instance.blocks.max()) + 1
    charged = [efficiency[row] * sums_by(instance.blocks, each, blocks) for row, each in enumerate(most)]
    return np.minimum(stated_energy(instance), np.array(charged)[:, instance.blocks])


def unclear_limits(instance: Instance, limits: Iterable[Limit]) -> Iterator[Violation]:
    """Yield a violation for every limit of one's own that does not say how it counts what batteries charge."""
    supplies = instance.supplies
    zone_of_tier = supplies["power_zone"].to_numpy(object)
    zones = instance.power_zones["power_zone"].to_numpy(object)[battery_zones(instance)]
    centres = instance.tables[BATTERIES.name]["data_centre"].dropna().unique()
    for each in {each.name: each for each in limits if each.is_own}.values():
        name, kind, tier = each.name, each.kind, each.tier
        if kind == "cost_usd" and not each.of_zones:
            yield from _worn(instance, each)
        if kind == GREEN_SHARE:
            yield from _unclear_share(each, supplies, zones, centres)
        elif kind in ("carbon_kg", "cost_usd") or (kind == "energy_mwh" and each.of_zones):
            for zone in zones:
                inside = tier[zone_of_tier == zone]
                if inside.any() and not inside.all():
                    problem = f"{zone} has a battery, and only some of its data centres are in the scope"
                    yield Violation("limits", name, "data_centre", problem, f"all data centres that {zone} supplies")


def _worn(instance: Instance, limit: Limit) -> Iterator[Violation]:
    """Yield a violation of a limit on cost for every battery in its scope whose discharging costs."""
    batteries = instance.tables[BATTERIES.name]
    centres = instance.data_centres["data_centre"][limit.site]
    zones = instance.supplies["power_zone"][limit.tier]
    inside = batteries["data_centre"].isin(centres) | batteries["power_zone"].isin(zones)
    for name in batteries["battery"][inside & (batteries["usd_per_mwh_throughput"] > 0)]:
        problem = f"cost_usd does not count the wear of battery {name} yet"
        yield Violation("limits", limit.name, "kind", problem, "usd_per_mwh_throughput 0, or a power zone in the scope")


def _unclear_share(
    limit: Limit, supplies: pd.DataFrame, zones: Iterable[object], centres: Iterable[object]
) -> Iterator[Violation]:
    """Yield a violation where a green share does not know what a battery in its scope holds."""
    for zone in zones:
        of_zone = (supplies["power_zone"] == zone).to_numpy()
        if limit.tier[of_zone].any() and np.ptp(supplies["green"][of_zone].to_numpy(float)) > 0:
            problem = f"{zone} has a battery, and supplies of several green parts"
            yield Violation("limits", limit.name, "power_zone", problem, f"supplies of {zone} of one green part")
    for centre in centres:
        inside = limit.tier[(supplies["data_centre"] == centre).to_numpy()]
        if inside.any() and not inside.all():
            problem = f"{centre} has a battery, and only some of its supplies are in the scope"
            yield Violation("limits", limit.name, "power_zone", problem, f"all power zones that supply {centre}")
