"""What predictions read from a placement: prices by hour with fixed weights, and costs, values and use of sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    import placer
    from placer.utils.arrays import FloatArray

#: Values that differ by a smaller part of the largest are equal.
_ROUNDING = 1e-6


def prices_by_hour(placement: placer.Placement, workloads: Iterable[str]) -> FloatArray:
    """Return the price of some workloads by hour, with the same weights in all hours: the tokens of the day.

    Rows of demand whose price is the penalty in some hour are left out of all hours.
    """
    chosen = placement.prices.loc[list(workloads)]
    by_row = chosen.groupby(level=["workload", "hub"])
    free = ~by_row["at_penalty"].transform("any")
    mtok = by_row["served_mtok"].transform("sum")[free]
    priced = (chosen["usd_per_mtok"][free] * mtok).groupby(level="hour").sum()
    return (priced / mtok.groupby(level="hour").sum()).to_numpy()


def mean_price(placement: placer.Placement, workload: str, hubs: Iterable[str]) -> float:
    """Return the mean price of a workload at some hubs, weighted by demand."""
    rows = placement.prices.loc[workload]
    rows = rows[rows.index.get_level_values("hub").isin(list(hubs)) & ~rows["at_penalty"]]
    return float(np.average(rows["usd_per_mtok"], weights=rows["served_mtok"]))


def working_kw(placement: placer.Placement) -> float:
    """Return what a reference accelerator draws at work, a mean over all work that is asked for."""
    workloads = placement.instance.workloads.set_index("workload")
    mtok = placement.instance.demand.groupby("workload")["mtok"].sum()
    kwh, hours = (workloads[name].reindex(mtok.index) for name in ("kwh_per_mtok", "accelerator_hours_per_mtok"))
    return float((mtok * kwh).sum() / (mtok * hours).sum())


def hour_costs(placement: placer.Placement) -> pd.Series:
    """Return the cost of an hour of work of a reference accelerator by site, a mean over the hours, without rents."""
    sites = placement.instance.data_centres.set_index("data_centre")
    power = placement.data_centre_hours["power_usd_per_mwh"].groupby(level="data_centre").mean()
    kwh = working_kw(placement) * sites["pue"] * sites["energy_factor"]
    machine = sites["accelerator_usd_per_hour"] + sites["operations_usd_per_hour"]
    return machine.astype(float) / sites["speed"] + kwh.astype(float) * power / 1000


def hour_values(placement: placer.Placement) -> pd.Series:
    """Return the same with the rent of the accelerator: what an hour is worth at the site."""
    rents = placement.data_centre_hours["accelerator_rent_usd_per_hour"].groupby(level="data_centre").mean()
    speed = placement.instance.data_centres.set_index("data_centre")["speed"]
    return hour_costs(placement) + rents / speed


def utilisation(placement: placer.Placement, sites: Iterable[str]) -> float:
    """Return the accelerator-hours of some sites over those that they could work."""
    names = list(sites)
    hourly = placement.instance.hourly("data_centres", "accelerators").mean(axis=1)
    table = placement.instance.data_centres
    speed = pd.Series(hourly * table["speed"].to_numpy(float), table["data_centre"].to_numpy())
    hours = len(placement.instance.hours) * placement.instance.settings.hour_length
    return float(placement.data_centres.loc[names, "accelerator_hours"].sum() / (speed[names].sum() * hours))


def rank_of(values: pd.Series, name: str) -> float:
    """Return the rank of a value from the highest; equal ones count as higher.

    Examples
    --------
    >>> rank_of(pd.Series({"a": 3.0, "b": 2.0, "c": 2.0}), "b"), rank_of(pd.Series({"a": 3.0, "b": 2.0}), "a")
    (3.0, 1.0)
    """
    return 1.0 + float((values.drop(name) >= values[name] - _ROUNDING * values.abs().max()).sum())


def rank_correlation(found: pd.Series, given: pd.Series) -> float:
    """Return Spearman's rank correlation, with equal ranks for equal values; 0 where all found values are equal.

    Examples
    --------
    >>> rank_correlation(pd.Series({"a": 1.0, "b": 5.0}), pd.Series({"a": 2.0, "b": 3.0}))
    1.0
    """
    steps = (found[given.index] / (found.abs().max() * _ROUNDING)).round().rank()
    return 0.0 if steps.std() == 0 else round(float(np.corrcoef(steps, given.rank())[0, 1]), 12)
