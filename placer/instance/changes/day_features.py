"""Figures that tell the days of a horizon apart: every value that changes by the hour, in one scale.

    demand      accelerator-hours (Mtok, where no workload takes any), by workload and region of the hub
    others      each hourly column of data centres, power zones, links and supplies, by row

The values of a kind (demand, or one column) are divided by ``sqrt(sum over rows of (mean |value|)^2)``. So a change is
measured against the mean, and large rows count for more than small ones. A limit that is infinite in some hours counts
as twice its largest finite value there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.instance.attributes.columns import Kind
from placer.instance.attributes.schema import TABLES
from placer.instance.hours.horizon import hour_positions
from placer.utils.arrays import positions_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placer.instance.hours.horizon import Hours
    from placer.utils.arrays import FloatArray

#: The kind of demand among the kinds of values.
DEMAND = "demand.mtok"
#: The price of power.
PRICE = "power_zones.usd_per_mwh"


def values_by_hour(tables: Mapping[str, pd.DataFrame], hours: Hours) -> dict[str, FloatArray]:
    """Return the values that change by the hour, by kind, ``table.column``: (rows, hours) arrays in one scale."""
    found = {DEMAND: _demand(tables, hours)} | {
        f"{name}.{column.name}": rows
        for name, table in TABLES.items()
        for column in table.columns
        if column.kind is Kind.HOURLY and len(rows := _changing(tables[name][column.name]))
    }
    return {kind: _scaled(rows) for kind, rows in found.items()}


def limits_among(values: Mapping[str, FloatArray]) -> list[FloatArray]:
    """Return the values that limit what can be served: accelerators, power and links."""
    limiting = {
        f"{name}.{column.name}" for name, table in TABLES.items() for column in table.columns if column.unlimited
    }
    return [rows for kind, rows in values.items() if kind in limiting]


def _demand(tables: Mapping[str, pd.DataFrame], hours: Hours) -> FloatArray:
    demand, workloads, hubs = tables["demand"], tables["workloads"], tables["hubs"]
    workload = positions_in(workloads["workload"], demand["workload"])
    region, names = pd.factorize(hubs["region"], use_na_sentinel=False)
    need = workloads["accelerator_hours_per_mtok"].to_numpy(float)
    used = demand["mtok"].to_numpy(float) * (need[workload] if need.any() else 1.0)
    group = workload * len(names) + region[positions_in(hubs["hub"], demand["hub"])]
    total = np.zeros((len(workloads) * len(names), len(hours)))
    np.add.at(total, (group, hour_positions(demand["hour"], hours)), used)
    return total


def _changing(cells: pd.Series) -> FloatArray:
    """Return the values of the rows that change by the hour (rows, hours)."""
    rows = [np.array(cell) for cell in cells if isinstance(cell, tuple) and min(cell) < max(cell)]
    return np.array([np.where(np.isfinite(row), row, 2 * row[np.isfinite(row)].max(initial=0.5)) for row in rows])


def _scaled(rows: FloatArray) -> FloatArray:
    size = float(np.linalg.norm(np.abs(rows).mean(axis=1)))
    return rows / size if size > 0 else rows
