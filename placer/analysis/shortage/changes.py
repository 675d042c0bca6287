"""One change of one limit: its name, its effect on an instance, and the change in words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from placer.currency import USD, in_currency
from placer.errors import Violation, refuse
from placer.instance.contracts import covered_supplies
from placer.instance.hours.by_hour import peaks
from placer.instance.hours.horizon import Hours
from placer.instance.hours.timestamps import short_text
from placer.instance.problem import Instance
from placer.proof.certificate import Tolerances
from placer.utils.arrays import IntArray
from placer.utils.numbers import in_full

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
    currency : str
        Of a penalty.
    """

    limit: str
    name: str
    table: str
    position: int
    column: str
    old: Any
    new: Any
    currency: str = USD

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
        return in_currency(UNITS[self.limit], self.currency)

    @property
    def cure(self) -> str:
        """The change in words, the amount rounded up to four digits."""
        if self.limit == "residency":
            return allowed_in_words(self.name, self.old, self.new)
        return raised_in_words(self.limit, self.name, self.amount, self.currency)


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
    """Return supplies and power zones, with a spare supply of 0 MW from the cheapest zone for sites without one.

    What a contract covers is none: no change raises it. A zone with contracts is not the cheapest.
    """
    supplies, zones, sold = instance.supplies, instance.power_zones, instance.contracts["power_zone"]
    plain = np.delete(supplies["data_centre"].to_numpy(object), covered_supplies(instance))
    dark = [name for name in instance.data_centres["data_centre"] if name not in set(plain)]
    if not dark or not (instance.service_classes.kwh > 0).any():
        return {"supplies": supplies, "power_zones": zones}
    is_open = ~zones["power_zone"].isin(sold).to_numpy(bool)
    if not is_open.any():
        new = pd.DataFrame([{"power_zone": "new power zone", "usd_per_mwh": 0.0, "carbon_kg_per_mwh": 0.0}])
        zones = new if zones.empty else pd.concat([zones, new], ignore_index=True)
        zone = "new power zone"
    else:
        price = instance.hourly("power_zones", "usd_per_mwh").mean(axis=1)
        zone = zones["power_zone"].iloc[int(np.where(is_open, price, np.inf).argmin())]
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
    refuse(misfits)
    tables, settings = edited(widened, changes)
    spare = np.arange(len(tables["supplies"])) >= len(instance.supplies)
    kept = ~spare | (peaks(tables["supplies"]["limit_mw"]) > 0)
    tables["supplies"] = tables["supplies"][kept]
    if instance.power_zones.empty and not (spare & kept).any():
        tables.pop("power_zones")
    return instance.replace(**tables, **settings)


#: Unit of the amount of a change, by limit.
UNITS = {
    "latency": "ms",
    "residency": "",
    "no route": "ms",
    "accelerators": "accelerators",
    "site power": "MW",
    "supply": "MW",
    "power zone": "MW",
    "no supply": "MW",
    "link": "Gbps",
    "carbon cap": "kg",
    "water cap": "litres",
    "limit": "",
    "penalty": "USD per Mtok",
}

#: A change in words, by limit: the amount, rounded up to four digits, and the name.
_RAISED = {
    "latency": "{amount} ms more of latency_slo_ms of {name}",
    "accelerators": "{amount} more accelerators at {name}",
    "site power": "{amount} MW more of power_limit_mw at {name}",
    "supply": "{amount} MW more at supply {name}",
    "power zone": "{amount} MW more of limit_mw of power zone {name}",
    "no supply": "a supply of {amount} MW, {name}",
    "link": "{amount} Gbps more on {name}",
    "carbon cap": "{amount} kg more of carbon_limit_kg",
    "water cap": "{amount} litres more of water_limit_litres",
    "limit": "{amount} {more} in the amount of limit {name}",
    "penalty": "{amount} {currency} per Mtok more of unserved_usd_per_mtok of {name}",
}


def raised_in_words(limit: str, name: str, amount: float, currency: str = USD) -> str:
    """Return a limit that is raised by an amount, or a new link of a round trip, in words.

    Examples
    --------
    >>> raised_in_words("accelerators", "Metro", 10.0)
    '10 more accelerators at Metro'
    >>> raised_in_words("no route", "Coast - Port", 12.5)
    'a link of at most 12.5 ms on Coast - Port'
    """
    if limit == "no route":
        return f"a link of at most {in_full(amount)} ms on {name}"
    more = "more" if amount > 0 else "less"
    raised = f"{rounded_up(abs(amount)):,.12g}"
    return _RAISED[limit].format(amount=raised, name=name, more=more, currency=currency)


def allowed_in_words(name: str, old: tuple[str, ...], new: tuple[str, ...] | None) -> str:
    """Return the jurisdictions that a workload is let go to in words; None is anywhere.

    Examples
    --------
    >>> allowed_in_words("voice", ("EU",), ("EU", "CN"))
    'CN among the jurisdictions of voice'
    """
    if new is None:
        return f"any jurisdiction for {name}"
    return f"{', '.join(place for place in new if place not in old)} among the jurisdictions of {name}"


def hour_spans(periods: IntArray, hours: Hours) -> str:
    """Return hours, given by their positions in the horizon, as spans.

    Examples
    --------
    >>> import numpy as np
    >>> hour_spans(np.array([7, 0, 1, 2, 3]), range(24))
    '0-3, 7'
    """
    spans: list[list[int]] = []
    for hour in sorted(periods.tolist()):
        if spans and hour == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], hour]
        else:
            spans.append([hour])
    between = "-" if isinstance(hours, range) else " to "
    return ", ".join(between.join(short_text(hours[place]) for place in span) for span in spans)


def rounded_up(amount: float) -> float:
    """Return an amount rounded up to four digits, so that the figure in words is enough.

    Examples
    --------
    >>> rounded_up(123456.0)
    123500.0
    """
    if not amount > 0:
        return amount
    unit = math.floor(math.log10(amount)) - 3
    return round(math.ceil(amount / 10.0**unit * (1 - Tolerances.primal)) * 10.0**unit, max(-unit, 0))
