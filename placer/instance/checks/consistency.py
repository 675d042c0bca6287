"""Check all tables of an instance together, and find every detectable defect in one pass."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.columns import Kind
from placer.instance.attributes.schema import NODE_TABLES, OPTIONAL_TABLES, TABLES
from placer.instance.attributes.settings import Settings, check_settings, stated_currency
from placer.instance.attributes.synonyms import nearest_name, nearest_or_all
from placer.instance.attributes.validation import show
from placer.instance.checks.battery_checks import battery_problems
from placer.instance.checks.clean_tables import CleanTables
from placer.instance.checks.contract_checks import contract_problems
from placer.instance.checks.distance_checks import distance_problems
from placer.instance.checks.limit_checks import limit_problems
from placer.instance.checks.mode_checks import mode_problems
from placer.instance.checks.policy_checks import policy_problems
from placer.instance.checks.pool_checks import pool_problems
from placer.instance.checks.served_model_checks import served_model_problems
from placer.instance.checks.step_checks import step_problems
from placer.instance.hours.by_hour import align
from placer.instance.hours.horizon import horizon_problems, hours_of
from placer.instance.hours.periods import blocks_of, period_problems
from placer.instance.network.routes import Routes, find_routes
from placer.instance.tables.backlog import backlog_problems, served_where_it_waits
from placer.instance.tables.cleaning import clean, tabulate
from placer.instance.tables.frozen_tables import RevisedTables

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
    unknown : collection of (str, str)
        Tables and columns (``""`` for the whole table) with known defects; consequences of these are not reported.
    """
    frames, found = _clean_tables(tables, stated_currency(settings))
    found += check_settings(settings)
    found = [each for each in found if not {(each.table, each.column), (each.table, "")} & set(unknown)]
    given = CleanTables(frames, frozenset(unknown)).with_defects(found)
    found += _check_names(frames) + _check_references(given)
    given, unaligned = _align_hours(given)
    found += unaligned + _check_hours(given, settings) + _check_exports(given, settings)
    found += limit_problems(given) + distance_problems(given)
    found += battery_problems(given)
    found += mode_problems(given) + pool_problems(given) + served_model_problems(given)
    found += step_problems(given.with_defects(found))
    found += policy_problems(given.with_defects(found)) + contract_problems(given.with_defects(found), settings)
    found += [] if found or unknown else backlog_problems(given.frames, settings)
    known = tables.routes if isinstance(tables, RevisedTables) else None
    routes, stranded = _reach(given.with_defects(found), settings, known)
    stranded = stranded if "links" in tables else _no_links(stranded)
    return Examined(given.frames, routes, found + stranded)


def _clean_tables(tables: Mapping[str, pd.DataFrame], currency: str) -> tuple[dict[str, pd.DataFrame], list[Violation]]:
    """Return every table with exact types and all its columns, and the defects of each."""
    frames: dict[str, pd.DataFrame] = {}
    checked = tables.checked if isinstance(tables, RevisedTables) else frozenset()
    strange = [name for name in map(str, tables) if name not in TABLES]
    violations = [Violation(name, "", "", "unknown table", nearest_or_all(name, TABLES)) for name in strange]
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


def _check_names(frames: Mapping[str, pd.DataFrame]) -> list[Violation]:
    violations: list[Violation] = []
    owner: dict[str, str] = {}
    for table in _NODES:
        for name in frames[table].iloc[:, 0].dropna().unique():
            if name in owner:
                violations.append(Violation(table, name, "", f"name also in {owner[name]}", "one node a name"))
            owner[name] = table
    return violations


#: The references of columns to rows: the table and the column, the tables of the rows, and what they are.
_REFERENCES = (
    ("links", "from", ("hubs", "data_centres", "exchanges"), "a hub, data centre or exchange"),
    ("links", "to", ("hubs", "data_centres", "exchanges"), "a hub, data centre or exchange"),
    ("supplies", "power_zone", ("power_zones",), "a power zone"),
    ("supplies", "data_centre", ("data_centres",), "a data centre"),
    ("batteries", "data_centre", ("data_centres",), "a data centre"),
    ("batteries", "power_zone", ("power_zones",), "a power zone"),
    ("contracts", "power_zone", ("power_zones",), "a power zone"),
    ("contracts", "data_centre", ("data_centres",), "a data centre"),
    ("accelerator_pools", "data_centre", ("data_centres",), "a data centre"),
    ("demand", "workload", ("workloads",), "a workload"),
    ("modes", "workload", ("workloads",), "a workload"),
    ("demand", "hub", ("hubs",), "a hub"),
    ("hubs", "backlog_at", ("data_centres",), "a data centre"),
    ("workloads", "backlog_of", ("workloads",), "a workload"),
)


def _check_references(tables: CleanTables) -> list[Violation]:
    links = tables.frames["links"]
    violations = [each for reference in _REFERENCES for each in _strangers(tables, *reference)]
    loops = links[links["from"] == links["to"]]
    return violations + [
        Violation("links", f"{name}|{name}", "to", "leads to itself", "another node") for name in loops["from"]
    ]


def _strangers(tables: CleanTables, table: str, column: str, owners: tuple[str, ...], what: str) -> list[Violation]:
    """Return the references of a column to rows that do not exist."""
    frames, frame = tables.frames, tables.frames[table]
    if frame.empty or not all(tables.sound(owner, TABLES[owner].key[0]) for owner in owners):
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


def _align_hours(tables: CleanTables) -> tuple[CleanTables, list[Violation]]:
    """Align hourly values that carry their hours, if the hours of the demand are known."""
    if not tables.sound("demand", "hour"):
        return tables, []
    frames, unaligned = align(tables.frames, hours_of(tables.frames["demand"]["hour"]), tables.defects)
    return CleanTables(frames, tables.defects), unaligned


def _check_hours(tables: CleanTables, settings: Settings) -> list[Violation]:
    violations: list[Violation] = []
    frames, sound = tables.frames, tables.sound
    demand = frames["demand"]
    if not sound("demand", "hour"):
        return violations
    length = settings.hour_length if sound("settings", "hour_length") else None
    hours, periods, block = hours_of(demand["hour"]), frames["periods"], None
    if len(periods) and sound("periods", "hour", "weight", "block"):
        waits = frames["workloads"]["deadline_hours"].to_numpy(float)
        found = period_problems(periods, hours, waits, length, has_batteries=len(frames["batteries"]) > 0)
        violations += found
        block = None if found else blocks_of(periods, hours)
    violations += horizon_problems(demand["hour"], length, block)
    count = len(hours)
    for table in TABLES:
        for column in (column.name for column in TABLES[table].columns if column.kind is Kind.HOURLY):
            if frames[table][column].dtype == float:  # one number a row
                continue
            for name, value in zip(frames[table].iloc[:, 0], frames[table][column], strict=True):
                if isinstance(value, tuple) and len(value) != count and (table, column) not in tables.defects:
                    problem = f"{len(value)} hourly values for {count} hours"
                    violations.append(Violation(table, str(name), column, problem, "one number, or one per hour"))
    return violations


def _check_exports(tables: CleanTables, settings: Settings) -> list[Violation]:
    if isinstance(settings.exports, str) or not tables.sound("settings", "exports"):
        return []
    violations: list[Violation] = []
    for place, table in enumerate(("hubs", "data_centres")):
        if not tables.sound(table, "region"):
            continue
        known = set(tables.frames[table]["region"].dropna())
        strangers = [name for name in dict.fromkeys(pair[place] for pair in settings.exports) if name not in known]
        violations += [
            Violation("settings", "", "exports", f"{show(name)} is no region of {table}", "a region")
            for name in strangers
        ]
    return violations


def _reach(tables: CleanTables, settings: Settings, known: Routes | None) -> tuple[Routes | None, list[Violation]]:
    """Find the routes unless they are known, and the hubs whose demand reaches no data centre."""
    routes, frames = known or _routes(tables, settings), tables.frames
    if routes is None or not (tables.sound("demand", "hub") and tables.sound("hubs", "backlog_at")):
        return routes, []
    hubs = frames["hubs"]["hub"]
    reached = pd.Series(np.isfinite(routes.rtt_ms).any(axis=1), index=hubs.index)
    stranded = hubs[hubs.isin(frames["demand"]["hub"]) & ~reached]
    return routes, [
        Violation("hubs", name, "", "has demand but no path to any data centre", "a path") for name in stranded
    ]


def _no_links(stranded: list[Violation]) -> list[Violation]:
    """Return the violation of tables without ``links`` in place of those of each hub that needs one."""
    return [Violation("links", "", "", "table missing", "present, with a path for all demand")] if stranded else []


def _routes(tables: CleanTables, settings: Settings) -> Routes | None:
    """Find the routes, if the network has no defects."""
    frames, sound = tables.frames, tables.sound
    named = all(sound(table, TABLES[table].key[0]) for table in ("hubs", "data_centres", "exchanges"))
    if not (named and sound("links", "from", "to") and sound("settings", "directed")):
        return None
    links = frames["links"].fillna({"rtt_ms": 0.0, "usd_per_gb": 0.0})  # routes do not depend on these
    hubs, centres = frames["hubs"]["hub"], frames["data_centres"]["data_centre"]
    several = sound("settings", "routes") and sound("links", "rtt_ms", "usd_per_gb")
    most = int(settings.routes) if several else 1
    routes = find_routes(links, hubs, centres, directed=settings.directed, most=most)
    return served_where_it_waits(routes, frames["hubs"]["backlog_at"], centres)
