"""The instance that a network was written from: its record, brought up to date with the network.

A network has no hubs of several workloads, no links between exchanges and no latency limits. ``placer.to_pypsa`` keeps
them in ``network.meta["placer"]``. They hold as long as the arcs are as they were written (``fingerprint``) and the
snapshots too; demand, penalties, prices and limits are those of the network.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.schema import DEMAND, TABLES
from placer.instance.attributes.settings import Settings, changed_settings
from placer.instance.hours.horizon import Hours, index_of
from placer.instance.pypsa_network.arcs import BANDWIDTH, Arcs, fingerprint
from placer.instance.pypsa_network.components import Components
from placer.instance.pypsa_network.direct import GB_PER_GBPS, by_hour, demand_rows, of_carriers
from placer.instance.pypsa_network.loads import Hubs, Snapshots
from placer.instance.pypsa_network.power import Power
from placer.instance.pypsa_network.sites import provided
from placer.instance.tables.plain_rows import plain, plain_records
from placer.utils.arrays import NOISE, FloatArray, IntArray

#: Where a network holds the record.
META = "placer"
_NONE = np.zeros(0, dtype=int)


def record_of(
    tables: Mapping[str, pd.DataFrame], settings: Settings, hours: Hours, parts: Components, hubs: pd.Index
) -> dict[str, Any]:
    """Return the record of the tables of an instance for the network of them, in values that JSON has."""
    return {
        "tables": {
            name: [row for _, row in plain_records(tables[name], (), name)]
            for name in TABLES
            if name != DEMAND.name and len(tables[name])
        },
        "settings": {name: plain(value, "settings") for name, value in changed_settings(settings).items()},
        "hours": [plain(hour, "demand") for hour in index_of(hours)],
        "snapshots": _texts(parts),
        "arcs": fingerprint(parts, hubs),
    }


def recorded_tables(
    parts: Components,
    hubs: Hubs,
    arcs: Arcs,
    accelerators: tuple[FloatArray, FloatArray],
    power: Power,
    found: list[Violation],
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]] | None:
    """Return the tables and settings of the record with the figures of the network; None if it no longer holds."""
    record = parts.network.meta.get(META)
    if not isinstance(record, dict) or not _holds(record, parts, hubs, accelerators, power):
        return None
    tables = {name: pd.DataFrame(rows) for name, rows in record["tables"].items()}
    settings, count = record["settings"], len(record["hours"])
    centres = pd.Index(tables["data_centres"]["data_centre"]).get_indexer(arcs.sites.index)
    zones = (
        pd.Index(tables["power_zones"]["power_zone"]).get_indexer(power.zones["power_zone"])
        if len(power.zones)
        else _NONE
    )
    supplies = _supplies(tables, power, arcs)
    if supplies is None or (centres < 0).any() or (zones < 0).any():
        return None
    share = _expanded(tables["data_centres"], "max_utilisation", 1.0, 1)[centres]
    open_ = np.full(count, np.inf)
    limit = [power.site_limit.get(site, open_) for site in arcs.sites.index]
    _put(tables["data_centres"], "accelerators", math.inf, centres, accelerators[0] / share)
    _put(tables["data_centres"], "power_limit_mw", math.inf, centres, np.array(limit).reshape(-1, count))
    _put_power(tables, power, zones, supplies, settings.get("carbon_usd_per_kg", 0.0))
    _put_links(parts, tables, found)
    _put_time(parts, hubs, tables, record)
    work = tables["workloads"]
    tables["workloads"] = work.assign(
        unserved_usd_per_mtok=work["workload"].map(hubs.unserved_usd), **of_carriers(parts, pd.Index(work["workload"]))
    )
    return tables, settings


def _holds(
    record: Mapping[str, Any], parts: Components, hubs: Hubs, accelerators: tuple[FloatArray, FloatArray], power: Power
) -> bool:
    """Whether a record is of this network: the same snapshots and arcs, and buses that it knows."""
    if record.get("snapshots") != _texts(parts) or accelerators[1].any() or power.zone_carbon_kg.any():
        return False
    hub = parts.column("Bus", "hub", hubs.bus, None)
    known = {name: {row[name[:-1]] for row in record["tables"].get(name, ())} for name in ("hubs", "workloads")}
    named = set(hub) <= known["hubs"] and set(hubs.workload) <= known["workloads"]
    once = not pd.DataFrame({"hub": hub.to_numpy(), "workload": hubs.workload.to_numpy()}).duplicated().any()
    return named and once and record.get("arcs") == fingerprint(parts, hubs.bus)


def _supplies(tables: dict[str, pd.DataFrame], power: Power, arcs: Arcs) -> IntArray | None:
    """Return the rows of the record of the supplies of the network; the n-th of parallel ones is the n-th.

    Supplies that the network no longer has are taken out of the record. None if the network has one more.
    """
    if "supplies" not in tables:
        return _NONE if power.supplies.empty else None
    key = ["power_zone", "data_centre"]
    given, table = power.supplies[key], tables["supplies"]
    rows = [pd.MultiIndex.from_frame(each.assign(n=each.groupby(key).cumcount())) for each in (given, table[key])]
    gone = ~rows[1].isin(rows[0]) & table["data_centre"].isin(arcs.sites.index).to_numpy()
    place = rows[1][~gone].get_indexer(rows[0])
    tables["supplies"] = table[~gone].reset_index(drop=True)
    return None if (place < 0).any() else place


def _put_power(
    tables: Mapping[str, pd.DataFrame], power: Power, zones: IntArray, supplies: IntArray, carbon_usd_per_kg: float
) -> None:
    """Put the prices and limits of zones and supplies; the price of a generator includes that of its carbon."""
    if len(power.zones):
        table = tables["power_zones"]
        carbon = _expanded(table, "carbon_kg_per_mwh", 0.0, power.zone_usd.shape[1])[zones]
        _put(table, "usd_per_mwh", math.nan, zones, power.zone_usd - carbon_usd_per_kg * carbon)
        _put(table, "limit_mw", math.inf, zones, power.zone_limit)
    if len(power.supplies):
        table = tables["supplies"]
        _put(table, "limit_mw", math.inf, supplies, power.supply_limit)
        _put(table, "usd_per_mwh_adder", 0.0, supplies, power.supply_usd)
        _put(table, "loss", 0.0, supplies, power.supplies[["loss"]].to_numpy(float))


def _put_links(parts: Components, tables: Mapping[str, pd.DataFrame], found: list[Violation]) -> None:
    """Put the capacities of the links that arcs share, which buses of bandwidth stand for."""
    buses = pd.Index(parts.rows("Bus").index[parts.rows("Bus")["carrier"] == BANDWIDTH], dtype=object)
    link = parts.column("Bus", "link", buses, -1).to_numpy(int)
    for bus, number in zip(buses, link.tolist(), strict=True):
        gb, usd = provided(parts, bus, found)
        if usd.any() or not 0 <= number < len(tables.get("links", ())):
            found.append(Violation("buses", bus, "", "GB that cost, or of no link", "a bus as placer wrote it"))
        else:
            _put(tables["links"], "capacity_gbps", math.inf, np.array([number]), gb[None] / GB_PER_GBPS)


def _put_time(parts: Components, hubs: Hubs, tables: dict[str, pd.DataFrame], record: Mapping[str, Any]) -> None:
    """Put the demand of the loads and the weights of the snapshots."""
    hours, length = record["hours"], record["settings"].get("hour_length", 1.0)
    weight = parts.network.snapshot_weightings["objective"].to_numpy(float) / length
    periods = tables.get("periods", pd.DataFrame({"hour": hours}))
    if "periods" in tables or (weight != 1).any():
        by_label = dict(zip(hours, weight.tolist(), strict=True))
        tables["periods"] = periods.assign(weight=periods["hour"].map(by_label))
    snapshots = Snapshots(hours, length, weight, [])
    hub = parts.column("Bus", "hub", hubs.bus, None)
    tables[DEMAND.name] = demand_rows(hubs, snapshots, hub.to_numpy(), hubs.workload.to_numpy())


def _put(table: pd.DataFrame, column: str, absent: float, rows: IntArray, values: FloatArray) -> None:
    """Put values of some rows (rows, hours) into a column; those that agree with the record stay as they are there."""
    whole = _expanded(table, column, absent, values.shape[1])
    whole[rows] = np.where(np.isclose(values, whole[rows], rtol=NOISE, atol=0), whole[rows], values)
    table[column] = by_hour(whole)


def _expanded(table: pd.DataFrame, column: str, absent: float, count: int) -> FloatArray:
    """Return a column of the record by hour (rows, hours)."""
    cells = table[column] if column in table else [absent] * len(table)
    given = [absent if isinstance(cell, float) and math.isnan(cell) else cell for cell in cells]
    return np.array([np.broadcast_to(np.asarray(cell, dtype=float), count) for cell in given]).reshape(-1, count)


def _texts(parts: Components) -> list[str]:
    return [str(each) for each in parts.network.snapshots]
