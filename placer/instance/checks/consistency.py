"""Check all tables of an instance together, and find every detectable defect in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.columns import Kind
from placer.instance.attributes.schema import NODE_TABLES, OPTIONAL_TABLES, TABLES
from placer.instance.attributes.settings import check_settings, stated_currency
from placer.instance.attributes.synonyms import nearest_name
from placer.instance.attributes.validation import show
from placer.instance.checks.distance_checks import distance_problems
from placer.instance.checks.limit_checks import limit_problems
from placer.instance.checks.mode_checks import mode_problems
from placer.instance.checks.policy_checks import policy_problems
from placer.instance.checks.pool_checks import pool_problems
from placer.instance.checks.served_model_checks import served_model_problems
from placer.instance.hours.by_hour import align
from placer.instance.hours.horizon import horizon_problems, hours_of
from placer.instance.hours.periods import blocks_of, period_problems
from placer.instance.network.routes import Routes, find_routes
from placer.instance.tables.backlog import backlog_problems, served_where_it_waits
from placer.instance.tables.cleaning import clean, tabulate
from placer.instance.tables.demand_steps import step_problems
from placer.instance.tables.frozen_tables import RevisedTables

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from placer.instance.attributes.settings import Settings

_NODES = tuple(table.name for table in NODE_TABLES.values())
#: The tables and settings that routes depend on.
ROUTES_DEPEND_ON = frozenset({"hubs", "data_centres", "links", "directed", "routes"})
#: Number of unknown names that get a suggestion: the search for one is slow.
_SUGGESTIONS = 10


@dataclass(frozen=True, eq=False)
class Examined:
    """The outcome of examining tables and settings.

    Attributes
    ----------
    frames : mapping of str to DataFrame
        Every table of the schema with exact types and all its columns.
    routes : Routes or None
        The paths of least round trip; None where the network has defects.
    violations : list of Violation
    """

    frames: Mapping[str, pd.DataFrame]
    routes: Routes | None
    violations: list[Violation]


def examine(
    tables: Mapping[str, pd.DataFrame], settings: Settings, unknown: Collection[tuple[str, str]] = ()
) -> Examined:
    """Check each table and the settings, and then all of them against each other.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    settings : Settings
    unknown : collection of (str, str)
        Tables and columns (``""`` for the whole table) with known defects; consequences of these are not reported.
    """
    frames, found = _clean_tables(tables, stated_currency(settings))
    found += check_settings(settings)
    found = [each for each in found if not {(each.table, each.column), (each.table, "")} & set(unknown)]
    defects = _defects(found) | set(unknown)
    found += _check_names(frames) + _check_references(frames, defects)
    frames, unaligned = _align_hours(frames, defects)
    found += unaligned + _check_hours(frames, settings, defects) + _check_exports(frames, settings, defects)
    found += limit_problems(frames, defects) + distance_problems(frames, defects)
    found += mode_problems(frames, defects) + pool_problems(frames, defects) + served_model_problems(frames, defects)
    found += step_problems(frames, _defects(found) | defects)
    found += policy_problems(frames, _defects(found) | defects)
    found += [] if found or unknown else backlog_problems(frames, settings)
    known = tables.routes if isinstance(tables, RevisedTables) else None
    routes, stranded = _reach(frames, settings, _defects(found) | defects, known)
    return Examined(frames, routes, found + stranded)


def _clean_tables(tables: Mapping[str, pd.DataFrame], currency: str) -> tuple[dict[str, pd.DataFrame], list[Violation]]:
    """Return every table with exact types and all its columns, and the defects of each."""
    frames: dict[str, pd.DataFrame] = {}
    violations = []
    checked = tables.checked if isinstance(tables, RevisedTables) else frozenset()
    for name in map(str, tables):
        if name not in TABLES:
            near = nearest_name(name, tuple(TABLES))
            allowed = f"perhaps {near}" if near else ", ".join(TABLES)
            violations.append(Violation(name, "", "", "unknown table", allowed))
    for name, table in TABLES.items():
        if name not in tables:
            frames[name] = _without_rows(name)
            if name not in OPTIONAL_TABLES:
                violations.append(Violation(name, "", "", "table missing", "present"))
            continue
        if name in checked:
            frames[name] = tables[name]
            continue
        frames[name], found = clean(tables[name], table.in_currency(currency))
        violations += found
        if frames[name].empty and name in ("hubs", "data_centres", "workloads", "demand"):
            violations.append(Violation(name, "", "", "table empty", "at least one row"))
    return frames, violations


@cache
def _without_rows(name: str) -> pd.DataFrame:
    """Return a table that is not given. All instances share it: who reads a table of an instance gets a copy."""
    table = TABLES[name]
    return clean(tabulate([], table), table)[0]


def _defects(violations: list[Violation]) -> set[tuple[str, str]]:
    """Return the tables and columns with defects; a defect of a whole table has neither column nor row."""
    return {(each.table, each.column) for each in violations if each.column or not each.row}


def _sound(defects: Collection[tuple[str, str]], table: str, *columns: str) -> bool:
    """Whether a table and some of its columns have no defects from which other defects would follow."""
    return not {(table, column) for column in ("", *columns)} & set(defects)


def _check_names(frames: Mapping[str, pd.DataFrame]) -> list[Violation]:
    violations: list[Violation] = []
    owner: dict[str, str] = {}
    for table in _NODES:
        for name in frames[table].iloc[:, 0].dropna().unique():
            if name in owner:
                violations.append(Violation(table, name, "", f"name also in {owner[name]}", "one node a name"))
            owner[name] = table
    return violations


def _check_references(frames: Mapping[str, pd.DataFrame], defects: Collection[tuple[str, str]]) -> list[Violation]:
    on_links = ("hubs", "data_centres", "exchanges")
    violations = _strangers(frames, defects, "links", "from", on_links, "a hub, data centre or exchange")
    violations += _strangers(frames, defects, "links", "to", on_links, "a hub, data centre or exchange")
    violations += _strangers(frames, defects, "supplies", "power_zone", ("power_zones",), "a power zone")
    violations += _strangers(frames, defects, "supplies", "data_centre", ("data_centres",), "a data centre")
    violations += _strangers(frames, defects, "accelerator_pools", "data_centre", ("data_centres",), "a data centre")
    violations += _strangers(frames, defects, "demand", "workload", ("workloads",), "a workload")
    violations += _strangers(frames, defects, "modes", "workload", ("workloads",), "a workload")
    violations += _strangers(frames, defects, "demand", "hub", ("hubs",), "a hub")
    violations += _strangers(frames, defects, "hubs", "backlog_at", ("data_centres",), "a data centre")
    violations += _strangers(frames, defects, "workloads", "backlog_of", ("workloads",), "a workload")
    loops = frames["links"][frames["links"]["from"] == frames["links"]["to"]]
    return violations + [
        Violation("links", f"{name}|{name}", "to", "leads to itself", "another node") for name in loops["from"]
    ]


def _strangers(
    frames: Mapping[str, pd.DataFrame],
    defects: Collection[tuple[str, str]],
    table: str,
    column: str,
    owners: tuple[str, ...],
    what: str,
) -> list[Violation]:
    """Return the references of a column to rows that do not exist."""
    frame = frames[table]
    if frame.empty or not all(_sound(defects, owner, TABLES[owner].key[0]) for owner in owners):
        return []
    known = dict.fromkeys(name for owner in owners for name in frames[owner].iloc[:, 0])
    unknown = [name for name in frame[column].dropna().unique() if name not in known]
    if not unknown:
        return []
    strangers = frame[frame[column].isin(unknown)]
    near = {name: nearest_name(name, tuple(known)) for name in unknown[:_SUGGESTIONS]}
    rows = strangers[list(TABLES[table].key)].itertuples(index=False)
    return [
        Violation(
            table,
            "|".join(map(str, row)),
            column,
            f"{show(name)} is unknown",
            f"the name of {what}" + (f", perhaps {near[name]}" if near.get(name) else ""),
        )
        for name, row in zip(strangers[column], rows, strict=True)
    ]


def _align_hours(
    frames: dict[str, pd.DataFrame], defects: Collection[tuple[str, str]]
) -> tuple[dict[str, pd.DataFrame], list[Violation]]:
    """Align hourly values that carry their hours, if the hours of the demand are known."""
    if not _sound(defects, "demand", "hour"):
        return frames, []
    return align(frames, hours_of(frames["demand"]["hour"]), defects)


def _check_hours(
    frames: Mapping[str, pd.DataFrame], settings: Settings, defects: Collection[tuple[str, str]]
) -> list[Violation]:
    violations = []
    demand = frames["demand"]
    if _sound(defects, "demand", "mtok") and not demand["mtok"].sum() > 0:
        violations.append(Violation("demand", "", "mtok", "no demand at all", "a sum > 0"))
    if not _sound(defects, "demand", "hour"):
        return violations
    length = settings.hour_length if _sound(defects, "settings", "hour_length") else None
    hours, periods, block = hours_of(demand["hour"]), frames["periods"], None
    if len(periods) and _sound(defects, "periods", "hour", "weight", "block"):
        waits = frames["workloads"]["deadline_hours"].to_numpy(float)
        found = period_problems(periods, hours, waits, length)
        violations += found
        block = None if found else blocks_of(periods, hours)
    violations += horizon_problems(demand["hour"], length, block)
    count = len(hours)
    for table in TABLES:
        for column in (column.name for column in TABLES[table].columns if column.kind is Kind.HOURLY):
            if frames[table][column].dtype == float:  # one number a row
                continue
            for name, value in zip(frames[table].iloc[:, 0], frames[table][column], strict=True):
                if isinstance(value, tuple) and len(value) != count and (table, column) not in defects:
                    problem = f"{len(value)} hourly values for {count} hours"
                    violations.append(Violation(table, str(name), column, problem, "one number, or one per hour"))
    return violations


def _check_exports(
    frames: Mapping[str, pd.DataFrame], settings: Settings, defects: Collection[tuple[str, str]]
) -> list[Violation]:
    if isinstance(settings.exports, str) or not _sound(defects, "settings", "exports"):
        return []
    violations: list[Violation] = []
    for place, table in enumerate(("hubs", "data_centres")):
        if not _sound(defects, table, "region"):
            continue
        known = set(frames[table]["region"].dropna())
        strangers = [name for name in dict.fromkeys(pair[place] for pair in settings.exports) if name not in known]
        violations += [
            Violation("settings", "", "exports", f"{show(name)} is no region of {table}", "a region")
            for name in strangers
        ]
    return violations


def _reach(
    frames: Mapping[str, pd.DataFrame],
    settings: Settings,
    defects: Collection[tuple[str, str]],
    known: Routes | None,
) -> tuple[Routes | None, list[Violation]]:
    """Find the routes unless they are known, and the hubs whose demand reaches no data centre."""
    routes = known or _routes(frames, settings, defects)
    if routes is None or not (_sound(defects, "demand", "hub") and _sound(defects, "hubs", "backlog_at")):
        return routes, []
    hubs = frames["hubs"]["hub"]
    reached = pd.Series(np.isfinite(routes.rtt_ms).any(axis=1), index=hubs.index)
    stranded = hubs[hubs.isin(frames["demand"]["hub"]) & ~reached]
    return routes, [
        Violation("hubs", name, "", "has demand but no path to any data centre", "a path") for name in stranded
    ]


def _routes(
    frames: Mapping[str, pd.DataFrame], settings: Settings, defects: Collection[tuple[str, str]]
) -> Routes | None:
    """Find the routes, if the network has no defects."""
    named = all(_sound(defects, table, TABLES[table].key[0]) for table in ("hubs", "data_centres", "exchanges"))
    if not (named and _sound(defects, "links", "from", "to") and _sound(defects, "settings", "directed")):
        return None
    links = frames["links"].fillna({"rtt_ms": 0.0, "usd_per_gb": 0.0})  # routes do not depend on these
    hubs, centres = frames["hubs"]["hub"], frames["data_centres"]["data_centre"]
    several = _sound(defects, "settings", "routes") and _sound(defects, "links", "rtt_ms", "usd_per_gb")
    most = int(settings.routes) if several else 1
    routes = find_routes(links, hubs, centres, directed=settings.directed, most=most)
    return served_where_it_waits(routes, frames["hubs"]["backlog_at"], centres)
