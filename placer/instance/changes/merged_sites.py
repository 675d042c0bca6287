"""Data centres merged into those that stand for them: capacities add up, all else is their mean.

    accelerators, power_limit_mw          sums; of power at most what each can draw
    speed, pue, prices, water, ...        means, weighted by accelerators * max_utilisation * speed
    supplies                              stay, at the new data centre; each delivers at most what its old one can draw

So cheap power of one member does not serve the accelerators of all, and limits of power zones count what they did.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from placer.instance.attributes.columns import Kind
from placer.instance.attributes.schema import DATA_CENTRES
from placer.instance.changes.own_servers import of_all_pools
from placer.instance.reduced import Reducible
from placer.utils.arrays import BoolArray, FloatArray, IntArray, numbered, positions_in, sums_by

#: Columns that add up, and those that are the leader's.
_SUMS = ("accelerators", "power_limit_mw")
_PLACES = ("lat", "lon", "utc_offset_hours")
_KWH_PER_MWH = 1000.0


def kinds_of_sites(instance: Reducible) -> list[Hashable]:
    """Return what tells every data centre apart from others beside the limits that name it."""
    centres, pools = instance.tables["data_centres"], instance.tables["accelerator_pools"]
    supplied = centres["data_centre"].isin(instance.tables["supplies"]["data_centre"])
    lawful = [
        centres["jurisdiction"].isin(names)
        for names in instance.tables["workloads"]["jurisdictions"]
        if names is not None
    ]
    types = [frozenset(pools["accelerator_type"][pools["data_centre"] == name]) for name in centres["data_centre"]]
    return list(zip(centres["region"], centres["accelerator_type"], types, supplied, *lawful, strict=True))


def work_capacity(instance: Reducible) -> FloatArray:
    """Return the most work of every data centre in an hour, accelerator-hours at speed 1 (data centres, hours)."""
    centres = instance.tables["data_centres"]
    part = centres["max_utilisation"].to_numpy(float) * centres["speed"].to_numpy(float)
    return of_all_pools(instance.tables, instance.hourly("data_centres", "accelerators")) * part[:, None]


def cost_usd_per_mtok(instance: Reducible) -> FloatArray:
    """Return what a Mtok of the mean workload costs at every data centre, transit apart (data centres, hours)."""
    centres, settings = instance.tables["data_centres"], instance.settings
    hours, kwh = _mean_needs(instance)
    speed, factor, litres, water_usd, operations = (
        centres[name].to_numpy(float)[:, None]
        for name in ("speed", "energy_factor", "water_litres_per_kwh", "water_usd_per_litre", "operations_usd_per_hour")
    )
    accelerator = instance.hourly("data_centres", "accelerator_usd_per_hour") * (settings.accelerators == "by_use")
    power = instance.hourly("data_centres", "pue") * _power_usd_per_mwh(instance) / _KWH_PER_MWH
    return hours / speed * (accelerator + operations) + kwh * factor * (power + litres * water_usd)


def merged_sites(instance: Reducible, leader: IntArray) -> dict[str, pd.DataFrame]:
    """Return the tables of data centres, supplies and pools with one data centre for each leader.

    Parameters
    ----------
    leader : (data centres,) int array
        The position of the data centre that stands for each.
    """
    centres, supplies = instance.tables["data_centres"], instance.tables["supplies"]
    names = centres["data_centre"]
    into = dict(zip(names, names.to_numpy(object)[leader], strict=True))
    is_merged = np.bincount(leader, minlength=len(leader))[leader] > 1
    site, most_mw = positions_in(names, supplies["data_centre"]), _most_mw(instance)
    limit_mw = most_mw[site] / (1 - supplies["loss"].to_numpy(float)[:, None])
    limit_mw = np.minimum(instance.hourly("supplies", "limit_mw"), limit_mw)
    return {
        "data_centres": _centres(instance, leader, is_merged, most_mw),
        "supplies": supplies.assign(
            data_centre=supplies["data_centre"].map(into),
            limit_mw=_revised(supplies["limit_mw"], limit_mw, is_merged[site]),
        ),
        "accelerator_pools": _pools(instance, into, leader),
    }


def shares(weight: FloatArray, place: IntArray) -> FloatArray:
    """Return the share of each in the weights of its place: endless ones have all of it; zeros alone are equal."""
    count = int(place.max()) + 1
    endless = np.isinf(weight).astype(float)
    weight = np.where(sums_by(place, endless, count)[place] > 0, endless, weight)
    weight = np.where(sums_by(place, weight, count)[place] > 0, weight, 1.0)
    return weight / sums_by(place, weight, count)[place]


def _centres(instance: Reducible, leader: IntArray, is_merged: BoolArray, most_mw: FloatArray) -> pd.DataFrame:
    """Return the rows of the leaders: those with members have sums and means."""
    centres = instance.tables["data_centres"]
    kept, place = numbered(leader)
    share = shares(work_capacity(instance).mean(axis=1), place)
    changed: dict[str, pd.Series] = {}
    for column in DATA_CENTRES.columns:
        if column.kind not in (Kind.NUMBER, Kind.HOURLY) or column.name in _PLACES:
            continue
        values = instance.hourly("data_centres", column.name)
        if column.name == "power_limit_mw":
            is_limited = sums_by(place, np.isfinite(values).any(axis=1).astype(float), len(kept))[place] > 0
            values = np.where(is_limited[:, None], np.minimum(values, most_mw), np.inf)
        own = 0.0 if column.name in _SUMS else values[leader]  # a mean of equal values is that value, unrounded
        parts = values if column.name in _SUMS else (values - own) * share[:, None]
        totals = np.array([sums_by(place, hour, len(kept)) for hour in parts.T]).T
        totals = totals if column.name in _SUMS else totals + values[kept]
        changed[column.name] = _revised(centres[column.name].iloc[kept], totals, is_merged[kept])
    return centres.iloc[kept].assign(**changed)


def _pools(instance: Reducible, into: Mapping[str, str], leader: IntArray) -> pd.DataFrame:
    """Return the pools, one for each data centre and type: accelerators add up, all else is their mean."""
    pools = instance.tables["accelerator_pools"]
    if pools.empty:
        return pools
    site = positions_in(instance.tables["data_centres"]["data_centre"], pools["data_centre"])
    _, kind = np.unique(pools["accelerator_type"].to_numpy(str), return_inverse=True)
    _, first, place = np.unique(leader[site] * (kind.max() + 1) + kind, return_index=True, return_inverse=True)
    accelerators, own_usd = (pools[name].to_numpy(float) for name in ("accelerators", "accelerator_usd_per_hour"))
    share = shares(accelerators, place)
    of_site = instance.hourly("data_centres", "accelerator_usd_per_hour").mean(axis=1)[site]
    usd = sums_by(place, share * np.where(np.isnan(own_usd), of_site, own_usd), len(first))
    has_own = sums_by(place, np.where(np.isnan(own_usd), 0.0, 1.0), len(first)) > 0
    rows = pools.iloc[first].assign(
        data_centre=pools["data_centre"].map(into).iloc[first],
        accelerators=sums_by(place, accelerators, len(first)),
        max_utilisation=sums_by(place, share * pools["max_utilisation"].to_numpy(float), len(first)),
        accelerator_usd_per_hour=np.where(has_own, usd, np.nan),
    )
    return rows.iloc[np.argsort(first, kind="stable")]


def _revised(given: pd.Series, values: FloatArray, is_new: BoolArray) -> pd.Series:
    """Return a column with the values of some rows, one number where that holds for all hours (rows, hours)."""
    cells = [
        old if not new else row[0] if len(set(row)) == 1 else tuple(row)
        for old, row, new in zip(given, values.tolist(), is_new, strict=True)
    ]
    return pd.Series(cells, given.index, dtype=object)


def _mean_needs(instance: Reducible) -> tuple[float, float]:
    """Return the accelerator-hours and the kWh of a Mtok, the means over demand."""
    workloads, demand = instance.tables["workloads"], instance.tables["demand"]
    asked = demand["workload"].map(workloads.set_index("workload")["accelerator_hours_per_mtok"]).to_numpy(float)
    drawn = demand["workload"].map(workloads.set_index("workload")["kwh_per_mtok"]).to_numpy(float)
    mtok = demand["mtok"].to_numpy(float)
    return float(asked @ mtok / mtok.sum()), float(drawn @ mtok / mtok.sum())


def _power_usd_per_mwh(instance: Reducible) -> FloatArray:
    """Return the price of the cheapest supply of every data centre, 0 without any (data centres, hours)."""
    centres, zones, supplies = (instance.tables[name] for name in ("data_centres", "power_zones", "supplies"))
    zone = positions_in(zones["power_zone"], supplies["power_zone"])
    carbon = instance.settings.carbon_usd_per_kg * instance.hourly("power_zones", "carbon_kg_per_mwh")
    bought = (instance.hourly("power_zones", "usd_per_mwh") + carbon)[zone] + instance.hourly(
        "supplies", "usd_per_mwh_adder"
    )
    delivered = bought / (1 - supplies["loss"].to_numpy(float)[:, None])
    least = np.full((len(centres), len(instance.hours)), np.inf)
    np.minimum.at(least, positions_in(centres["data_centre"], supplies["data_centre"]), delivered)
    return np.where(np.isfinite(least), least, 0.0)


def _most_mw(instance: Reducible) -> FloatArray:
    """Return the most that all accelerators of every data centre can draw at the meter (data centres, hours)."""
    centres = instance.tables["data_centres"]
    work = pd.concat([instance.tables["workloads"], instance.tables["modes"]])
    hours = work["peak_accelerator_hours_per_mtok"].fillna(work["accelerator_hours_per_mtok"]).to_numpy(float)
    kwh = work["kwh_per_mtok"].to_numpy(float)
    mwh = float(np.max(np.divide(kwh, hours, out=np.where(kwh > 0, np.inf, 0.0), where=hours > 0))) / _KWH_PER_MWH
    if mwh == 0:
        return np.zeros((len(centres), len(instance.hours)))
    each = mwh * centres["energy_factor"].to_numpy(float)[:, None] * instance.hourly("data_centres", "pue")
    capacity = work_capacity(instance)
    return np.where(capacity > 0, each * np.where(capacity > 0, capacity, 1.0), 0.0)
