"""The figures of each time step of a report: prices, utilisation, energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.placement.accounts import COST_PARTS
from placer.placement.price_summary import mean_of, summarise_prices
from placer.placement.prices import RENTS
from placer.placement.result import Placement
from placer.report.content.headlines import KG_PER_T, LITRES_PER_M3
from placer.report.content.own_limits import own_parts, with_own_prices
from placer.report.html.calendar import Steps
from placer.report.html.markup import labels
from placer.utils.arrays import FloatArray, sums_by

#: The parts of a price: costs, then rents.
PRICE_PARTS = (*COST_PARTS, *RENTS)


def prices_by_step(placement: Placement, steps: Steps) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the mean price of served demand by step in its parts, and by workload and step."""
    structure = placement.formulation.structure
    at, priced = steps.of_hour[structure.demand_period], placement.priced_mtok
    named = pd.Index(steps.labels, name=steps.unit)
    by_step = with_own_prices(summarise_prices(placement.prices, priced, at, named), placement, at)
    parts = [*PRICE_PARTS, *own_parts(placement)]
    hours = by_step[[f"{part}_usd_per_mtok" for part in parts]].set_axis(parts, axis=1)
    names = labels([str(name) for name in placement.formulation.workloads])
    both = pd.RangeIndex(len(names) * len(steps))
    of_both = structure.demand_class * len(steps) + at
    price = summarise_prices(placement.prices, priced, of_both, both)["mean_usd_per_mtok"]
    by_workload = pd.DataFrame(
        price.to_numpy().reshape(len(names), len(steps)), index=names, columns=list(steps.labels)
    )
    return hours, by_workload


@dataclass(frozen=True, eq=False)
class PriceIndex:
    """A price index of fixed weights.

    Attributes
    ----------
    usd_per_mtok : Series
        By step; NaN if nothing is priced in every step.
    demand_share : float
        Share of the demand that the index is over.
    """

    usd_per_mtok: pd.Series
    demand_share: float


def price_index(placement: Placement, steps: Steps) -> PriceIndex:
    """Return the price of the same demand in every step, USD per Mtok.

    The index of step s is ``sum_i D_i p_is / sum_i D_i``, where i is a workload at a hub, ``D_i`` its demand over the
    whole horizon in Mtok, and ``p_is`` its price in step s: the mean over its ``placement.priced_mtok``.
    Both sums are over every i with such a price in every step. So the index moves when a price does, and not when the
    mix of workloads and hubs changes.
    """
    structure, prices = placement.formulation.structure, placement.prices
    pair = structure.demand_class * len(placement.formulation.hubs) + structure.demand_origin
    pairs = len(placement.formulation.workloads) * len(placement.formulation.hubs)
    served = prices["served_mtok"].to_numpy()
    demand = sums_by(pair, served + prices["unserved_mtok"].to_numpy(), pairs)
    at = pair * len(steps) + steps.of_hour[structure.demand_period]
    mean = mean_of(prices["usd_per_mtok"].to_numpy(), placement.priced_mtok, at, pairs * len(steps))
    price = mean.reshape(pairs, len(steps))
    weight = np.where(np.isfinite(price).all(axis=1), demand, 0.0)
    covered, whole = float(weight.sum()), float(demand.sum())
    paid = weight @ np.where(weight[:, np.newaxis] > 0, price, 0.0)
    values = np.divide(paid, covered, out=np.full(len(steps), np.nan), where=covered > 0)
    return PriceIndex(pd.Series(values, index=list(steps.labels)), covered / whole if whole > 0 else 0.0)


def utilisation_by_step(placement: Placement, steps: Steps) -> pd.DataFrame:
    """Return the mean utilisation of every data centre by step; NaN without a limit."""
    values = steps.mean(_hourly(placement, "utilisation"))
    names = labels([str(name) for name in placement.formulation.data_centres])
    return pd.DataFrame(values, index=pd.Index(names, name="data_centre"), columns=list(steps.labels))


def energy_by_step(placement: Placement, steps: Steps) -> pd.DataFrame:
    """Return the energy in MWh, carbon in t and water in cubic metres of every step."""
    units = {"mwh": ("mwh", 1.0), "carbon_t": ("carbon_kg", KG_PER_T), "water_m3": ("water_litres", LITRES_PER_M3)}
    values = {
        name: steps.total(_hourly(placement, column).sum(axis=0)) / unit for name, (column, unit) in units.items()
    }
    return pd.DataFrame(values, index=pd.Index(steps.labels, name=steps.unit))


def _hourly(placement: Placement, column: str) -> FloatArray:
    formulation = placement.formulation
    shape = (len(formulation.data_centres), len(formulation.hours))
    return placement.data_centre_hours[column].to_numpy().reshape(shape)
