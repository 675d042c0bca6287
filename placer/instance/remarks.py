"""Remarks on input that is allowed but probably not intended, one sentence each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.instance.arguments import need_instance
from placer.instance.attributes.columns import Kind
from placer.instance.attributes.schema import ANYWHERE, TABLES
from placer.instance.attributes.settings import BETWEEN_REGIONS
from placer.instance.attributes.synonyms import meant
from placer.instance.hours.timestamps import short_text
from placer.utils.solver_limits import WIDE_RANGE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from placer.instance.problem import Instance
    from placer.utils.arrays import FloatArray

#: Further columns that are not ignored: quantiles of round trips, owners of accelerators (``placer.accounting``), and
#: the row marks of graph files.
_USED = re.compile(r"rtt_p\d+(_\d+)?_ms|owner|placer_\w+")
#: Number of names that a sentence spells out.
_NAMED = 5
#: A class gets a remark if the end of the horizon cuts short at least this share of its demand.
_CUT_SHORT = 0.5


def check(instance: Instance) -> list[str]:
    """Return a remark on each part of the input that is valid but probably a mistake.

    Remarks cover: ignored columns, files and sheets, with the nearest known name; data centres that are all unlimited
    or free; no regions, and so no exports; data centres without power; jurisdictions that exist nowhere; hubs or
    workloads without demand; work that may wait past the end of the horizon; less capacity than demand; columns whose
    values range over more than 1e6.

    Raises
    ------
    ArgumentError
        If it is given anything but an instance.

    Examples
    --------
    >>> import placer
    >>> tiny = placer.load("tiny")
    >>> placer.check(tiny)
    []
    >>> placer.check(tiny.replace(hubs=tiny.hubs.assign(population=[1, 2, 3])))
    ['column population of hubs is ignored']
    """
    need_instance(instance)
    return [
        *instance.notes,
        *_ignored(instance),
        *_free_sites(instance),
        *_exports(instance),
        *_unsupplied(instance),
        *_jurisdictions(instance),
        *_unused(instance),
        *_cut_short(instance),
        *_short_accelerators(instance),
        *_short_power(instance),
        *_wide_columns(instance),
    ]


def _some(names: Iterable[object]) -> str:
    """Return the first few names and the number of the others."""
    texts = [str(name) for name in names]
    more = len(texts) - _NAMED
    return ", ".join(texts[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _ignored(instance: Instance) -> list[str]:
    remarks = []
    for name, table in TABLES.items():
        for column in map(str, instance.tables[name].columns):
            if column in table.names or column in ANYWHERE or _USED.fullmatch(column):
                continue
            near = meant(column, table.names)
            remarks.append(f"column {column} of {name} is ignored" + (f": {near} is given and counts" if near else ""))
    return remarks


def _free_sites(instance: Instance) -> list[str]:
    centres, remarks = instance.data_centres, []
    if instance.workloads["accelerator_hours_per_mtok"].any():
        if np.isinf(instance.hourly("data_centres", "accelerators")).all():
            remarks.append("no data centre limits its accelerators (column accelerators of data_centres)")
        rented = instance.hourly("data_centres", "accelerator_usd_per_hour").any()
        paid = rented or centres["operations_usd_per_hour"].any()
        if instance.settings.accelerators == "by_use" and not paid:
            remarks.append(
                "accelerators cost nothing at all data centres (column accelerator_usd_per_hour of data_centres)"
            )
    if len(instance.power_zones) and not instance.hourly("power_zones", "usd_per_mwh").any():
        remarks.append("power costs nothing in all power zones (column usd_per_mwh of power_zones)")
    return remarks


def _exports(instance: Instance) -> list[str]:
    if instance.settings.exports != BETWEEN_REGIONS:
        return []
    hubs, centres = (set(instance.tables[name]["region"].dropna()) for name in ("hubs", "data_centres"))
    if not hubs or not centres:
        which = " and ".join(name for name, found in (("hubs", hubs), ("data centres", centres)) if not found)
        return [f"no export is counted: {which} have no region"]
    return ["no export is counted: hubs and data centres are all in one region"] if len(hubs | centres) == 1 else []


def _unsupplied(instance: Instance) -> list[str]:
    supplied = set(instance.supplies["data_centre"])
    names = [name for name in instance.data_centres["data_centre"] if name not in supplied]
    if not names or not instance.workloads["kwh_per_mtok"].any():
        return []
    have = "has" if len(names) == 1 else "have"
    plural = "" if len(names) == 1 else "s"
    return [f"data centre{plural} {_some(names)} {have} no supply, so only workloads that need no energy can run there"]


def _jurisdictions(instance: Instance) -> list[str]:
    known = set(instance.data_centres["jurisdiction"].dropna())
    remarks = []
    for workload, names in instance.workloads[["workload", "jurisdictions"]].itertuples(index=False):
        missing = [name for name in names or () if name not in known]
        nowhere = " and so nowhere" if missing and len(missing) == len(names) else ""
        remarks += [f"workload {workload} may run in {name}, where no data centre is{nowhere}" for name in missing]
    return remarks


def _unused(instance: Instance) -> list[str]:
    remarks = []
    for table, column in (("hubs", "hub"), ("workloads", "workload")):
        used = set(instance.demand[column])
        remarks += [f"{column} {name} has no demand" for name in instance.tables[table][column] if name not in used]
    return remarks


def _cut_short(instance: Instance) -> list[str]:
    """Name the classes most of whose demand may wait past the end of the horizon, by which all of it must be served."""
    if instance.settings.cyclic:
        return []
    last = np.searchsorted(instance.blocks, instance.blocks, side="right") - 1
    period = instance.demand_period
    mtok = instance.demand["mtok"] * instance.weights[period]
    remarks, demand = [], instance.demand.assign(mtok=mtok, left=last[period] - period)
    for workload, deadline in instance.workloads[["workload", "deadline_hours"]].itertuples(index=False):
        rows = demand[demand["workload"] == workload]
        steps = np.floor(deadline / instance.settings.hour_length)
        late = rows["mtok"][rows["left"] < steps].sum()
        if deadline > 0 and late > _CUT_SHORT * rows["mtok"].sum():
            share = late / rows["mtok"].sum()
            remarks.append(
                f"workload {workload} may wait {deadline:g} hours, past the end of the horizon for {share:.0%} of its "
                "demand, which is served by the last hour; cyclic = true lets it run in the first hours, and "
                "placer.roll carries it from day to day"
            )
    return remarks


def _needs(instance: Instance, per_mtok: pd.Series) -> tuple[FloatArray, float]:
    """Return the hourly need of demand that cannot wait, and the total need of all demand, at ``per_mtok``.

    The total counts every hour times its weight.
    """
    workloads = instance.workloads.assign(per_mtok=per_mtok).set_index("workload")
    demand = instance.demand
    need = demand["mtok"].to_numpy() * workloads["per_mtok"].reindex(demand["workload"]).to_numpy()
    now = workloads["deadline_hours"].reindex(demand["workload"]).to_numpy() < instance.settings.hour_length
    place = instance.demand_period
    hourly = np.bincount(place[now], need[now], minlength=len(instance.hours)).astype(float)
    return hourly, float(need @ instance.weights[place])


def _short(instance: Instance, needs: tuple[FloatArray, float], capacity: FloatArray, what: str) -> list[str]:
    """Compare needs with a capacity per hour: report the hour of the largest shortfall, or else the whole horizon.

    In the whole horizon every hour counts times its weight.
    """
    at_once, total = needs
    worst = int((at_once - capacity).argmax())
    pairs = (
        (at_once[worst], capacity[worst], f" in hour {short_text(instance.hours[worst])}"),
        (total, float(capacity @ instance.weights), ""),
    )
    for need, there, when in pairs:
        if need > there * (1 + 1e-9):
            excess = f"{need / there - 1:.0%} more than" if there else "but none of"
            return [f"demand needs {need:,.4g} {what}{when}, {excess} the {there:,.4g} there are"]
    return []


def _short_accelerators(instance: Instance) -> list[str]:
    centres, workloads = instance.data_centres, instance.workloads
    speed = (centres["max_utilisation"] * centres["speed"]).to_numpy(float)
    capacity = (speed @ instance.hourly("data_centres", "accelerators")) * instance.settings.hour_length
    needs = _needs(
        instance, workloads["peak_accelerator_hours_per_mtok"].fillna(workloads["accelerator_hours_per_mtok"])
    )
    return _short(instance, needs, capacity, "accelerator-hours")


def _short_power(instance: Instance) -> list[str]:
    """Compare the energy need at the best efficiency with the limits of supplies and sites."""
    centres, supplies = instance.data_centres, instance.supplies
    supplied = np.zeros((len(centres), len(instance.hours)))
    site = pd.Index(centres["data_centre"]).get_indexer(supplies["data_centre"])
    np.add.at(supplied, site, instance.hourly("supplies", "limit_mw") * (1 - supplies["loss"].to_numpy(float))[:, None])
    limit = np.minimum(supplied, instance.hourly("data_centres", "power_limit_mw"))
    factor = instance.hourly("data_centres", "pue") * centres["energy_factor"].to_numpy()[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        it_mwh = np.where(limit > 0, limit / factor, 0.0)
    at_once, total = _needs(instance, instance.workloads["kwh_per_mtok"])
    capacity = it_mwh.sum(axis=0) * instance.settings.hour_length
    return _short(instance, (at_once / 1000, total / 1000), capacity, "MWh of IT energy")


def _wide_columns(instance: Instance) -> list[str]:
    remarks = []
    for name, table in TABLES.items():
        frame = instance.tables[name]
        for column in (column for column in table.columns if column.kind is Kind.NUMBER and column.scaled):
            size = np.abs(frame[column.name].to_numpy(float))
            size = size[np.isfinite(size) & (size > 0)]
            if size.size and size.max() > WIDE_RANGE * size.min():
                remarks.append(f"{name}.{column.name} ranges from {size.min():g} to {size.max():g}: units mixed up?")
    return remarks
