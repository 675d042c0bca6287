"""The earnings of headroom: the rents of the remaining limits in contingencies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from placer.instance.problem import Instance
from placer.model.answer import Duals
from placer.model.caps import OWN_CAPS
from placer.model.formulation import Formulation
from placer.model.structure import Structure
from placer.placement.rents import by_pool
from placer.proof.bound import rents_of_stores
from placer.running import in_time
from placer.security.bound import Contingent
from placer.utils.arrays import FloatArray, without_noise

_LEVELS = ["contingency", "limit", "name", "hour"]


def security_rents(instance: Instance, formulation: Formulation, contingents: Sequence[Contingent]) -> pd.DataFrame:
    """Return one row per limit and hour that has a rent in a contingency. A limit of 0 earns nothing and has no row.

    Index ``contingency``, ``limit`` (``accelerators`` of a data centre or a pool, ``site power``, ``supply``, ``link``,
    ``power zone``, ``battery power``, ``battery energy``), ``name``, ``hour``;
    columns ``rent_usd_per_unit`` (of the limit: accelerator-hours, MWh, GB) and ``rent_usd`` (times the remaining
    limit). They add up to the line ``security_rent`` of the settlement.

    Parameters
    ----------
    contingents : sequence of Contingent
        The contingencies with their prices.
    """
    rows: list[tuple[object, ...]] = []
    for each in in_time(contingents, "finding the rents of contingencies"):
        of_sites = _rents_of(instance, formulation, each.structure, each.duals)
        of_caps = _of_caps(formulation, each.structure, each.duals)
        of_batteries = _of_batteries(formulation, each)
        for limit, names, rent, size in (*of_sites, *of_caps, *of_batteries):
            for place, period in np.argwhere((rent > 0) & (size > 0)).tolist():
                unit, hour = float(rent[place, period]), formulation.hour_labels[period]
                usd = unit * float(size[place, period])
                rows.append((each.recourse.outage.name, limit, names[place], hour, unit, usd))
    return pd.DataFrame(rows, columns=[*_LEVELS, "rent_usd_per_unit", "rent_usd"]).set_index(_LEVELS)


def _rents_of(
    instance: Instance, formulation: Formulation, left: Structure, duals: Duals
) -> Iterator[tuple[str, list[str], FloatArray, FloatArray]]:
    """Yield the limits of a contingency: their kind, names, rents per unit and sizes (things, hours)."""
    supplies, links = instance.supplies, instance.links
    sites = [str(name) for name in formulation.data_centres]
    of_zones = left.cap_tier.priced(duals.cap)
    tier = left.tier_yield[:, None] * duals.balance[left.tier_site] - left.tier_cost - of_zones
    if left.stores is not None:
        tier = tier + left.stores.of_tiers(duals.source)
    kinds = (
        ("accelerators", sites, by_pool(formulation, duals)[0], left.capacity),
        ("site power", sites, duals.intake, left.intake),
        ("supply", list(supplies["power_zone"] + " - " + supplies["data_centre"]), tier, left.tier_limit),
        ("link", list(links["from"] + " - " + links["to"]), duals.link, left.link_capacity),
    )
    for limit, names, rent, size in kinds:
        there = np.isfinite(size) & (size > 0)
        yield limit, names, _without_noise(np.where(there, rent, 0.0)), np.where(there, size, 0.0)


def _without_noise(rents: FloatArray) -> FloatArray:
    """Return the rents of a kind of limits, with what is rounding beside the largest as 0."""
    return without_noise(rents, 1e3 * float(np.max(rents, initial=0.0)))


def _of_batteries(
    formulation: Formulation, each: Contingent
) -> Iterator[tuple[str, list[str], FloatArray, FloatArray]]:
    """Yield the power and the energy of batteries in a contingency, as ``_rents_of``."""
    stores = each.structure.stores
    if stores is None:
        return
    names = [str(name) for name in formulation.batteries]
    power, energy = rents_of_stores(each.structure, stores, each.prices)
    for limit, rent, size in (("battery power", power, stores.power), ("battery energy", energy, stores.energy)):
        yield limit, names, _without_noise(rent), size


def _of_caps(
    formulation: Formulation, left: Structure, duals: Duals
) -> Iterator[tuple[str, list[str], FloatArray, FloatArray]]:
    """Yield the limits of power zones and of pools in a contingency, as ``_rents_of``: a row for each and hour."""
    _, limits, of_pools = by_pool(formulation, duals)
    hours = left.cap_period[OWN_CAPS:]
    for kind in ("power zone", "accelerators"):
        chosen = [
            (place, limit.zone or limit.name)
            for place, limit in enumerate(formulation.limits)
            if not limit.is_own and bool(limit.zone) == (kind == "power zone")
        ]
        caps, count = np.array([place for place, _ in chosen], dtype=int), np.arange(len(chosen))
        rents, sizes = np.zeros((2, len(chosen), left.periods))
        rents[count, hours[caps]] = np.maximum((limits + of_pools)[caps], 0.0)
        sizes[count, hours[caps]] = left.cap_limit[OWN_CAPS:][caps]
        yield kind, [name for _, name in chosen], rents, sizes
