"""The tables of value and distance: what they may hold beside the ranges of their cells.

``latency_value`` says which share of the value of a Mtok is lost at which latency of a task, as points of a
piecewise-linear curve; ``surcharges`` what a Mtok costs more from a region of hubs to a region of data centres.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.validation import show
from placer.instance.checks.clean_tables import CleanTables


def distance_problems(tables: CleanTables) -> list[Violation]:
    """Return the defects of the clean tables ``latency_value`` and ``surcharges`` beside those of their cells."""
    frames, found = tables.frames, []
    if len(frames["latency_value"]) and tables.sound("workloads", "workload") and tables.sound("latency_value"):
        found += _unknown_workloads(frames)
        if tables.sound("latency_value", "ms", "share_lost"):
            found += _falling(frames["latency_value"])
    for column, table in (("hub_region", "hubs"), ("region", "data_centres")):
        if len(frames["surcharges"]) and tables.sound(table, "region") and tables.sound("surcharges"):
            found += _unknown_regions(frames, column, table)
    return found


def _unknown_workloads(frames: Mapping[str, pd.DataFrame]) -> list[Violation]:
    workloads = frames["workloads"]
    value = dict(zip(workloads["workload"], workloads["value_usd_per_mtok"], strict=True))
    found = []
    for name in dict.fromkeys(frames["latency_value"]["workload"]):
        if name not in value:
            problem, allowed = f"{show(name)} is unknown", "a name of workloads"
            found.append(Violation("latency_value", str(name), "workload", problem, allowed))
        elif not value[name] > 0:
            problem = "it has no value that latency could lose"
            found.append(Violation("latency_value", str(name), "workload", problem, "value_usd_per_mtok above 0"))
    return found


def _falling(table: pd.DataFrame) -> list[Violation]:
    """Return a violation for every workload whose loss falls with latency: routes that take longer are left out."""
    found = []
    for name, rows in table.groupby("workload", sort=False):
        lost = rows.sort_values("ms")["share_lost"].to_numpy(float)
        if (np.diff(lost) < 0).any():
            problem = "the share that is lost falls as latency rises"
            found.append(Violation("latency_value", str(name), "share_lost", problem, "shares that never fall"))
    return found


def _unknown_regions(frames: Mapping[str, pd.DataFrame], column: str, table: str) -> list[Violation]:
    regions = set(frames[table]["region"].dropna())
    return [
        Violation("surcharges", str(name), column, f"{show(name)} is unknown", f"a region of {table}")
        for name in dict.fromkeys(frames["surcharges"][column])
        if name not in regions
    ]
