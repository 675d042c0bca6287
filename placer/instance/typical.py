"""Typical values of columns: beyond them a value is allowed, but probably in another unit.

The range of a column reaches well beyond the published figures that its source names, so that unusual input passes, and
stays within the factor of the units that are mixed up: seconds for milliseconds, or kilowatts for megawatts. Zero,
unlimited and missing values are none of its business, nor are amounts in currencies far from the USD. The page of
typical values shows the same table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from placer.currency import NEAR_USD, USD, in_currency
from placer.instance.attributes.schema import ACCELERATOR_POOLS, MODES, TABLES
from placer.instance.problem import Instance
from placer.utils.arrays import BoolArray, FloatArray
from placer.utils.numbers import in_full, quantity

#: Number of names that a sentence spells out.
_NAMED = 3
SETTINGS = "settings"


@dataclass(frozen=True)
class Typical:
    """The range in which the values of a column usually lie.

    Attributes
    ----------
    table, column : str
        ``settings`` is a table of one row.
    low, high : float
        In ``unit``; of a negative value the amount counts.
    source : str
        The published figures that the range reaches beyond.
    slips : mapping of str to float
        Units that are often taken instead, and the factor from each to the unit of the column.
    per : str
        Column of the table, or setting, by which values are divided first.
    middle : bool
        Whether the median of all rows is judged, in place of each row.
    """

    table: str
    column: str
    low: float
    high: float
    unit: str
    source: str
    slips: Mapping[str, float] = field(default_factory=dict)
    per: str = ""
    middle: bool = False


_SECONDS = {"seconds": 1000.0}
#: No user is served sooner, in ms.
SHORTEST_LIMIT = 10.0
_KILOWATTS = {"kW": 1e-3}

#: Typical values but those of modes. Sources are files of ``datasets/facts``, which cite their own.
_TYPICAL = (
    Typical("hubs", "access_ms", 0.1, 1000, "ms", "network.csv: 10 ms fixed, 28 ms mobile", _SECONDS),
    Typical(
        *("data_centres", "accelerator_usd_per_hour", 0.01, 100, "USD per accelerator-hour"),
        "costs.csv: 1.46 USD a GPU-hour",
        {"USD per accelerator-year": 1 / 8760},
    ),
    Typical(
        *("data_centres", "operations_usd_per_hour", 0.0005, 50, "USD per accelerator-hour"),
        "costs.csv: operations below the total of 1.46 USD a GPU-hour",
        {"USD per accelerator-year": 1 / 8760},
    ),
    Typical("data_centres", "pue", 1, 3, "1", "cluster_facts.csv: sites of 1.15 and more"),
    Typical(
        *("data_centres", "power_limit_mw", 0.001, 10_000, "MW"),
        "world_power.csv: at most 53,700 MW in a whole country",
        _KILOWATTS,
    ),
    Typical(
        *("data_centres", "water_litres_per_kwh", 0.001, 20, "litres per kWh"),
        "water.csv: 0.3 litres",
        {"litres per MWh": 1e-3},
    ),
    Typical(
        *("data_centres", "water_usd_per_litre", 1e-5, 0.05, "USD per litre"),
        "costs.csv: 5.95 CNY per m3",
        {"USD per m3": 1e-3},
    ),
    Typical(
        *("power_zones", "usd_per_mwh", 1, 2000, "USD per MWh"),
        "world_power.csv: 36 to 285 USD; median of the hours",
        {"USD per kWh": 1000.0},
    ),
    Typical(
        *("power_zones", "carbon_kg_per_mwh", 1, 2000, "kg per MWh"),
        "world_power.csv: 5.5 to 832 kg; median of the hours",
        {"tonnes per MWh": 1000.0},
    ),
    Typical(
        "links", "rtt_ms", 0.1, 1000, "ms", "world_rtt.csv: 3 to 343 ms; median of the links", _SECONDS, middle=True
    ),
    Typical(
        *("links", "capacity_gbps", 1e-3, 500_000, "Gbit/s"),
        "assumed_values.csv: 800 to 1,600 Gbit/s",
        {"Mbit/s": 1e-3},
    ),
    Typical("links", "usd_per_gb", 1e-5, 5, "USD per GB", "network.csv: 0.003 USD", {"USD per TB": 1e-3}),
    Typical(
        *("supplies", "limit_mw", 0.001, 10_000, "MW"),
        "world_power.csv: at most 53,700 MW in a whole country",
        _KILOWATTS,
    ),
    Typical(
        *("workloads", "accelerator_hours_per_mtok", 0.0005, 50, "accelerator-hours per Mtok"),
        "workload_coefficients.csv: 0.006 to 0.11 hours; 50 are a large model without batching",
        {"accelerator-seconds": 1 / 3600},
    ),
    Typical(
        *("workloads", "kwh_per_mtok", 0.05, 10, "kWh per accelerator-hour"),
        "costs.csv: 0.7 kW a GPU, 10.2 kW a node of 8",
        {"Wh": 1e-3, "MWh": 1000.0},
        per="accelerator_hours_per_mtok",
    ),
    Typical(
        *("workloads", "gb_per_mtok", 1e-4, 20, "GB per Mtok"),
        "workload_coefficients.csv: 0.004 to 0.25 GB",
        {"MB": 1e-3},
    ),
    Typical(
        *("workloads", "latency_slo_ms", SHORTEST_LIMIT, math.inf, "ms"),
        "workload_parameters.csv: 200 to 2,000 ms; agents take longer",
        _SECONDS,
    ),
    Typical("workloads", "server_ms", 1, math.inf, "ms", "workload_parameters.csv: 139 ms and more", _SECONDS),
    Typical(
        *("workloads", "value_usd_per_mtok", 0.001, 10_000, "USD per Mtok"),
        "prices.csv: 0.07 to 2.19 USD",
        {"USD per token": 1e6, "USD per thousand tokens": 1000.0},
    ),
    Typical(
        *("demand", "mtok", 0, 1e7, "Mtok per hour"),
        "volumes.csv: 1.4e14 tokens a day, 6e6 Mtok an hour, in all of China",
        {"tokens": 1e-6},
        per="hour_length",
    ),
    Typical(
        *(SETTINGS, "carbon_usd_per_kg", 1e-4, 2, "USD per kg"),
        "assumed_values.csv: 0.05 USD",
        {"USD per tonne": 1e-3},
    ),
)
#: All typical values: a mode is in the range of its workload, a pool in that of its data centre.
TYPICAL = (
    *_TYPICAL,
    *(
        replace(each, table=table.name)
        for owner, table in (("workloads", MODES), ("data_centres", ACCELERATOR_POOLS))
        for each in _TYPICAL
        if each.table == owner and each.column in table.names
    ),
)


def untypical(instance: Instance, ranges: Iterable[Typical] = TYPICAL) -> list[str]:
    """Return a sentence for every column with values beyond the typical ones, with the unit they are probably in."""
    remarks, currency = [], instance.settings.currency
    for each in ranges:
        if USD in each.unit and currency not in NEAR_USD:
            continue
        values = amounts_of(instance, each)
        given = np.isfinite(values) & (values > 0)
        if each.middle and given.any():
            values = np.where(given, np.median(values[given]), np.nan)
        for outside, bound, where in ((values < each.low, each.low, "below"), (values > each.high, each.high, "above")):
            if (rows := outside & given).any():
                remarks.append(_sentence(instance, each, values, rows, f"{where} the typical {quantity(bound)}"))
    return remarks


def amounts_of(instance: Instance, each: Typical) -> FloatArray:
    """Return the amount of every row in the unit of its typical range: the median of the hours that are not zero.

    Examples
    --------
    >>> import placer
    >>> prices = next(each for each in TYPICAL if each.column == "usd_per_mwh")
    >>> amounts_of(placer.load("tiny"), prices)
    array([90., 30.])
    """
    if each.table == SETTINGS:
        return np.array([getattr(instance.settings, each.column)], dtype=float)
    frame = instance.tables[each.table]
    values = _by_row(frame[each.column])
    if not each.per:
        return values
    divisor = frame[each.per].to_numpy(float) if each.per in frame else getattr(instance.settings, each.per)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(values / divisor)


def _by_row(cells: pd.Series) -> FloatArray:
    if cells.dtype == float:
        return np.abs(cells.to_numpy())
    return np.array([_typical_hour(np.abs(np.atleast_1d(np.asarray(cell, dtype=float)))) for cell in cells])


def _typical_hour(hours: FloatArray) -> float:
    given = hours[np.isfinite(hours) & (hours > 0)]
    return float(np.median(given)) if given.size else math.nan


def _sentence(instance: Instance, each: Typical, values: FloatArray, rows: BoolArray, beyond: str) -> str:
    least, most = in_full(values[rows].min()), in_full(values[rows].max())
    currency = instance.settings.currency
    unit = in_currency(each.unit, currency)
    found = f"{least} {unit}" if least == most else f"{least} to {most} {unit}"
    likely = [
        in_currency(unit, currency) for unit, factor in each.slips.items() if _is_typical(each, values[rows] * factor)
    ]
    slip = f": in {' or '.join(likely)}?" if likely else ""
    median = "at the median " if each.middle else ""
    return f"{each.table}.{each.column}{_rows(instance, each, rows)} is {median}{found}, {beyond}{slip}"


def _is_typical(each: Typical, values: FloatArray) -> bool:
    return bool(((values >= each.low) & (values <= each.high)).all())


def _rows(instance: Instance, each: Typical, rows: BoolArray) -> str:
    """Return which rows of a column are meant; nothing if all are."""
    if each.table == SETTINGS or each.middle or rows.all():
        return ""
    keys = instance.tables[each.table].loc[rows, list(TABLES[each.table].key)].head(_NAMED)
    named = ", ".join(" - ".join(map(str, key)) for key in keys.itertuples(index=False))
    more = int(rows.sum()) - _NAMED
    return f" of {named}" + (f" and {more:,} more" if more > 0 else "")
