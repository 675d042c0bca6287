"""One change of one limit: its name, and its effect on an instance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.analysis.shortage.wording import UNITS, allowed_in_words, raised_in_words
from placer.errors import InstanceError, Violation
from placer.instance.by_hour import peaks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from placer.instance.problem import Instance

#: Where a value stands: table, row, column.
Key = tuple[str, int, str]


@dataclass(frozen=True)
class Change:
    """One change of one limit.

    Attributes
    ----------
    limit : str
        latency, residency, no route, accelerators, site power, supply, no supply, link, carbon cap, water cap, limit,
        penalty.
    name : str
        The workload, data centre, supply, link or limit of one's own that changes; empty for a cap.
    table, position, column : str, int, str
        Where the value stands: a table and row of the instance, or ``settings``. A new supply or link stands after the
        last row.
    old, new : object
        The present value and the value that cures.
    """

    limit: str
    name: str
    table: str
    position: int
    column: str
    old: Any
    new: Any

    @property
    def key(self) -> tuple[str, int, str]:
        """Where the value stands."""
        return self.table, self.position, self.column

    @property
    def amount(self) -> float:
        """By how much the limit is raised, in ``unit``; below 0 where it is lowered.

        NaN for a jurisdiction; the round trip for a new link.
        """
        if self.limit == "residency":
            return math.nan
        if self.limit == "no route":
            return float(self.new["rtt_ms"])
        if not isinstance(self.old, tuple):
            return float(self.new - self.old)
        limited = np.isfinite(self.old)  # raised by the same amount in every hour that has a limit
        return float((np.array(self.new)[limited] - np.array(self.old)[limited])[0])

    @property
    def unit(self) -> str:
        """Unit of the amount."""
        return UNITS[self.limit]

    @property
    def cure(self) -> str:
        """The change in words, the amount rounded up to four digits."""
        if self.limit == "residency":
            return allowed_in_words(self.name, self.old, self.new)
        return raised_in_words(self.limit, self.name, self.amount)


def edited(
    tables: dict[str, pd.DataFrame], changes: Iterable[Change]
) -> tuple[dict[str, pd.DataFrame], dict[str, float]]:
    """Return the tables with some changes made, and the settings that change."""
    tables, settings = dict(tables), {}
    for change in changes:
        if change.table == "settings":
            settings[change.column] = float(change.new)
            continue
        frame = tables[change.table]
        if change.limit == "no route":
            tables[change.table] = pd.concat([frame, pd.DataFrame([change.new])], ignore_index=True)
            continue
        column = frame[change.column]
        values = column.tolist()
        values[change.position] = change.new
        tables[change.table] = frame.assign(**{change.column: pd.Series(values, frame.index, dtype=column.dtype)})
    return tables, settings


def spare_supplies(instance: Instance) -> dict[str, pd.DataFrame]:
    """Return supplies and power zones, with a spare supply of 0 MW from the cheapest zone for sites without one."""
    supplies, zones = instance.supplies, instance.power_zones
    dark = [name for name in instance.data_centres["data_centre"] if name not in set(supplies["data_centre"])]
    if not dark or not (instance.workloads["kwh_per_mtok"] > 0).any():
        return {"supplies": supplies, "power_zones": zones}
    if zones.empty:
        zones = pd.DataFrame([{"power_zone": "new power zone", "usd_per_mwh": 0.0, "carbon_kg_per_mwh": 0.0}])
        cheapest = 0
    else:
        cheapest = int(instance.hourly("power_zones", "usd_per_mwh").mean(axis=1).argmin())
    zone = zones["power_zone"].iloc[cheapest]
    spare = [
        {"power_zone": zone, "data_centre": name, "limit_mw": 0.0, "loss": 0.0, "usd_per_mwh_adder": 0.0}
        for name in dark
    ]
    more = pd.DataFrame(spare)
    return {
        "supplies": more if supplies.empty else pd.concat([supplies, more], ignore_index=True),
        "power_zones": zones,
    }


def made(instance: Instance, changes: Iterable[Change]) -> Instance:
    """Return the instance with some changes made; of the spare supplies only those that are raised are kept.

    Raises
    ------
    InstanceError
        If the changes do not fit, since the instance is not the one that was explained.
    """
    changes = tuple(changes)
    widened = dict(instance.tables) | spare_supplies(instance)
    misfits = [
        Violation(change.table, str(change.position), change.column, "no such row", "the instance explained")
        for change in changes
        if change.table != "settings" and change.limit != "no route" and change.position >= len(widened[change.table])
    ]
    if misfits:
        raise InstanceError(misfits)
    tables, settings = edited(widened, changes)
    spare = np.arange(len(tables["supplies"])) >= len(instance.supplies)
    kept = ~spare | (peaks(tables["supplies"]["limit_mw"]) > 0)
    tables["supplies"] = tables["supplies"][kept]
    if instance.power_zones.empty and not (spare & kept).any():
        tables.pop("power_zones")
    return instance.replace(**tables, **settings)
