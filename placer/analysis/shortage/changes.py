"""One change of one limit: what it is called, and how it is made in an instance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from placer.instance.problem import Instance

#: Where a value stands: table, row, column.
Key = tuple[str, int, str]

UNITS = {
    "latency": "ms",
    "residency": "",
    "no route": "ms",
    "accelerators": "accelerators",
    "site power": "MW",
    "supply": "MW",
    "no supply": "MW",
    "link": "Gbps",
    "carbon cap": "kg",
    "water cap": "litres",
    "penalty": "USD per Mtok",
}


@dataclass(frozen=True)
class Change:
    """One change of one limit.

    Attributes
    ----------
    limit : str
        latency, residency, no route, accelerators, site power, supply, no supply, link, carbon cap, water cap, penalty.
    name : str
        The workload, data centre, supply or link whose limit it is; empty for a cap.
    table, position, column : str, int, str
        Where the value stands: a table and row of the instance, or ``settings``. A new supply or link stands after the
        last row.
    old, new : object
        The value there is and the value that cures.
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
        """By how much the limit is raised, in ``unit``; NaN for a jurisdiction, the round trip for a new link."""
        if self.limit == "residency":
            return math.nan
        return float(self.new["rtt_ms"]) if self.limit == "no route" else float(self.new - self.old)

    @property
    def unit(self) -> str:
        """Unit of the amount."""
        return UNITS[self.limit]

    @property
    def cure(self) -> str:
        """The change in words, the amount rounded up to four digits."""
        if self.limit == "residency":
            if self.new is None:
                return f"any jurisdiction for {self.name}"
            return (
                f"{', '.join(name for name in self.new if name not in self.old)} among the jurisdictions of {self.name}"
            )
        amount = f"{rounded_up(self.amount):,.12g}"
        return {
            "latency": f"{amount} ms more of latency_slo_ms of {self.name}",
            "no route": f"a link of at most {self.amount:,.4g} ms on {self.name}",
            "accelerators": f"{amount} more accelerators at {self.name}",
            "site power": f"{amount} MW more of power_limit_mw at {self.name}",
            "supply": f"{amount} MW more at supply {self.name}",
            "no supply": f"a supply of {amount} MW, {self.name}",
            "link": f"{amount} Gbps more on {self.name}",
            "carbon cap": f"{amount} kg more of carbon_limit_kg",
            "water cap": f"{amount} litres more of water_limit_litres",
            "penalty": f"{amount} USD per Mtok more of unserved_usd_per_mtok of {self.name}",
        }[self.limit]


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
    """Return supplies and power zones with a supply of 0 MW, from the cheapest zone, wherever there is none."""
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


def rounded_up(amount: float) -> float:
    """Round up to four digits, so that the figure in words is enough."""
    if not amount > 0:
        return amount
    unit = math.floor(math.log10(amount)) - 3
    return round(math.ceil(amount / 10.0**unit * (1 - 1e-7)) * 10.0**unit, max(-unit, 0))
