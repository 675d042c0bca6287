"""What no single table shows: references, names used twice, hours, lengths, regions, reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.schema import TABLES, Kind
from placer.validation import clean, show, tabulate

if TYPE_CHECKING:
    from placer.network import Routes
    from placer.settings import Settings


def clean_tables(tables: Mapping[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], list[Violation]]:
    """Return every table with exact types and all its columns, and the defects of each."""
    frames: dict[str, pd.DataFrame] = {}
    violations = [
        Violation(str(name), "", "", "unknown table", ", ".join(TABLES)) for name in tables if name not in TABLES
    ]
    for name, table in TABLES.items():
        optional = name in ("exchanges", "power_zones", "supplies", "links")
        if name not in tables and not optional:
            violations.append(Violation(name, "", "", "table missing", "present"))
            continue
        frame = tables[name] if name in tables else tabulate([], table)
        frames[name], found = clean(frame, table)
        violations += found
        if frames[name].empty and name in ("hubs", "data_centres", "workloads", "demand"):
            violations.append(Violation(name, "", "", "table empty", "at least one row"))
    return frames, violations


def check_across(frames: Mapping[str, pd.DataFrame], settings: Settings) -> list[Violation]:
    """Check what no single table shows: references, names used twice, hours, lengths, regions."""
    violations = _check_names(frames)
    node_names = [set(frames[name].iloc[:, 0]) for name in ("hubs", "data_centres", "exchanges")]
    on_links, zones = set().union(*node_names), set(frames["power_zones"]["power_zone"])
    violations += _check_references(frames, "links", "from", on_links, "a hub, data centre or exchange")
    violations += _check_references(frames, "links", "to", on_links, "a hub, data centre or exchange")
    violations += _check_references(frames, "supplies", "power_zone", zones, "a power zone")
    violations += _check_references(frames, "supplies", "data_centre", node_names[1], "a data centre")
    violations += _check_references(frames, "demand", "workload", set(frames["workloads"]["workload"]), "a workload")
    violations += _check_references(frames, "demand", "hub", node_names[0], "a hub")
    loops = frames["links"][frames["links"]["from"] == frames["links"]["to"]]
    violations += [
        Violation("links", f"{name}|{name}", "to", "leads to itself", "another node") for name in loops["from"]
    ]
    return violations + _check_hours(frames) + _check_exports(frames, settings)


def _check_names(frames: Mapping[str, pd.DataFrame]) -> list[Violation]:
    violations: list[Violation] = []
    owner: dict[str, str] = {}
    for table in ("hubs", "data_centres", "power_zones", "exchanges"):
        for name in frames[table].iloc[:, 0]:
            if name in owner:
                violations.append(Violation(table, name, "", f"name also in {owner[name]}", "one node a name"))
            owner[name] = table
    return violations


def _check_references(
    frames: Mapping[str, pd.DataFrame], table: str, column: str, known: set[str], what: str
) -> list[Violation]:
    frame = frames[table]
    strangers = frame[~frame[column].isin(list(known))]
    key = list(TABLES[table].key)
    return [
        Violation(table, "|".join(map(str, row)), column, f"{show(name)} is unknown", f"the name of {what}")
        for name, row in zip(strangers[column], strangers[key].itertuples(index=False), strict=True)
    ]


def _check_hours(frames: Mapping[str, pd.DataFrame]) -> list[Violation]:
    violations = []
    demand = frames["demand"]
    hours = np.unique(demand["hour"].to_numpy())
    first, last = int(hours[0]), int(hours[-1])
    count = last - first + 1
    if count != len(hours):
        gaps = np.flatnonzero(np.diff(hours) > 1)
        missing = ", ".join(str(int(hours[gap]) + 1) for gap in gaps[:5])
        violations.append(
            Violation(
                "demand", "", "hour", f"hours have gaps: no demand at {missing}", f"every hour from {first} to {last}"
            )
        )
    if not demand["mtok"].sum() > 0:
        violations.append(Violation("demand", "", "mtok", "no demand at all", "a sum > 0"))
    for table in ("data_centres", "power_zones"):
        for column in (column.name for column in TABLES[table].columns if column.kind is Kind.HOURLY):
            for name, value in zip(frames[table].iloc[:, 0], frames[table][column], strict=True):
                if isinstance(value, tuple) and len(value) != count:
                    problem = f"{len(value)} hourly values for {count} hours"
                    violations.append(Violation(table, name, column, problem, "one number, or one per hour"))
    return violations


def _check_exports(frames: Mapping[str, pd.DataFrame], settings: Settings) -> list[Violation]:
    if isinstance(settings.exports, str):
        return []
    violations: list[Violation] = []
    for place, table in enumerate(("hubs", "data_centres")):
        known = set(frames[table]["region"].dropna())
        strangers = [name for name in dict.fromkeys(pair[place] for pair in settings.exports) if name not in known]
        violations += [
            Violation("settings", "", "exports", f"{show(name)} is no region of {table}", "a region")
            for name in strangers
        ]
    return violations


def check_reach(frames: Mapping[str, pd.DataFrame], routes: Routes) -> list[Violation]:
    """A hub whose demand can go nowhere is a hole in the network, not a result."""
    asking = frames["hubs"]["hub"].isin(frames["demand"]["hub"])
    stranded = frames["hubs"]["hub"][asking & ~np.isfinite(routes.rtt_ms).any(axis=1)]
    return [Violation("hubs", name, "", "has demand but no path to any data centre", "a path") for name in stranded]
