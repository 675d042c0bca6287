"""Means and medians of prices; demand served at the penalty and unserved demand have figures of their own."""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.model.formulation import Formulation
from placer.placement.accounts import COST_PARTS
from placer.placement.prices import RENTS
from placer.utils.arrays import NOISE, FloatArray, IntArray, sums_by


def summarise_prices(prices: pd.DataFrame, priced: FloatArray, axis: IntArray, labels: pd.Index) -> pd.DataFrame:
    """Sum a price table up along an axis of its rows, served and unserved demand apart.

    Means and medians are weighted by tokens, over the ``priced`` Mtok of every row (``Placement.priced_mtok``).

    Columns: ``served_mtok``, ``at_penalty_mtok`` (of it, priced at the penalty), ``unserved_mtok``;
    ``mean_usd_per_mtok``, ``median_usd_per_mtok``, the mean of every part of the price and of the latency rent; then in
    USD the payments (price times Mtok) and latency rents of demand served below the penalty (``payments_usd``,
    ``latency_rent_usd``), of demand served at it (``at_penalty_payments_usd``, ``at_penalty_latency_rent_usd``) and of
    unserved demand (``unserved_payments_usd``, ``unserved_latency_rent_usd``).
    """
    size = len(labels)
    served, unserved = prices["served_mtok"].to_numpy(), prices["unserved_mtok"].to_numpy()
    groups = {"": priced, "at_penalty_": np.where(priced > 0, 0.0, served), "unserved_": unserved}
    price, rent = prices["usd_per_mtok"].to_numpy(), prices["latency_rent_usd_per_mtok"].to_numpy()
    mean, median = mean_and_median(price, groups[""], axis, size)
    table = {
        "served_mtok": sums_by(axis, served, size),
        "at_penalty_mtok": sums_by(axis, groups["at_penalty_"], size),
        "unserved_mtok": sums_by(axis, unserved, size),
        "mean_usd_per_mtok": mean,
        "median_usd_per_mtok": median,
    }
    for part in (*COST_PARTS, *RENTS, "latency_rent"):
        name = f"{part}_usd_per_mtok"
        table[name] = mean_of(prices[name].to_numpy(), groups[""], axis, size)
    for group, mtok in groups.items():
        table[f"{group}payments_usd"] = sums_by(axis, price * mtok, size)
        table[f"{group}latency_rent_usd"] = sums_by(axis, np.where(mtok > 0, rent, 0.0) * mtok, size)
    return pd.DataFrame(table, index=labels)


def mean_of(price: FloatArray, weight: FloatArray, axis: IntArray, size: int) -> FloatArray:
    """Return the mean of prices along an axis, weighted; NaN where nothing has a weight.

    Examples
    --------
    >>> mean_of(np.array([1.0, 2.0, 9.0]), np.array([3.0, 2.0, 1.0]), np.zeros(3, int), 2).round(3).tolist()
    [2.667, nan]
    """
    total = sums_by(axis, weight, size)
    paid = sums_by(axis, weight * np.where(weight > 0, price, 0.0), size)
    return np.divide(paid, total, out=np.full(size, np.nan), where=total > 0)


def mean_and_median(price: FloatArray, weight: FloatArray, axis: IntArray, size: int) -> tuple[FloatArray, FloatArray]:
    """Return the mean and the median of prices along an axis, both weighted; NaN where nothing has a weight.

    The median is the lowest price with at least half of the weight at or below it.

    Examples
    --------
    >>> mean, median = mean_and_median(np.array([1.0, 2.0, 9.0]), np.array([3.0, 2.0, 1.0]), np.zeros(3, int), 1)
    >>> mean.round(3).tolist(), median.tolist()
    ([2.667], [1.0])
    """
    total, mean = sums_by(axis, weight, size), mean_of(price, weight, axis, size)
    order = np.lexsort((price, axis))
    order = order[weight[order] > 0]
    there = np.flatnonzero(total > 0)
    if not order.size:
        return mean, np.full(size, np.nan)
    reached = np.cumsum(weight[order])
    last = np.searchsorted(axis[order], there, side="right") - 1
    before = np.concatenate([[0.0], reached[last[:-1]]])
    half = (before + reached[last]) / 2
    median = np.full(size, np.nan)
    median[there] = price[order][np.minimum(np.searchsorted(reached, half * (1 - NOISE)), last)] + 0.0  # -0.0 is 0
    return mean, median


def demand_axis(formulation: Formulation, by: str | None) -> tuple[IntArray, pd.Index]:
    """Return the position of every demand along workloads, hubs or hours (``by``), and their labels.

    Without ``by`` all demands are one, labelled ``all``.
    """
    structure = formulation.structure
    if by is None:
        return np.zeros(len(structure.demand_amount), dtype=int), pd.Index(["all"], name="demand")
    axis, labels = {
        "workload": (structure.demand_class, pd.Index(formulation.workloads)),
        "hub": (structure.demand_origin, pd.Index(formulation.hubs)),
        "hour": (structure.demand_period, formulation.hour_labels),
    }[by]
    return axis, labels.rename(by)
