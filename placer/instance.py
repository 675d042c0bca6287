"""The instance: one validated problem, frozen. Everything downstream reads it and nothing writes to it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.network import Routes, find_routes, read_graph, to_graph
from placer.schema import SETTINGS, TABLES, WIDE_RANGE, Kind, Table
from placer.validation import clean, number_problem, show, slips, tabulate

if TYPE_CHECKING:
    import networkx as nx

#: How the cost of accelerators is counted: by the hours used, or not at all because they are paid for already.
ACCELERATORS = ("by_use", "sunk")
BETWEEN_REGIONS = "between_regions"

#: What users may give as a table.
TableLike = pd.DataFrame | Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class Settings:
    """What holds for a whole instance.

    Attributes
    ----------
    carbon_usd_per_kg : float
        Price of carbon, at least 0.
    carbon_limit_kg, water_limit_litres : float
        Caps over the whole horizon; inf means none.
    accelerators : str
        ``by_use``: an hour of an accelerator costs what the data centre says. ``sunk``: it costs nothing more.
    cyclic : bool
        Whether waiting work may run past the last hour in the first ones. If not, all is served by the end.
    hour_length : float
        Length of one step of the horizon in hours; one step may stand for many.
    exports : str or tuple of (str, str)
        ``between_regions``: work is exported where hub and data centre both have a region and they differ. Otherwise
        the pairs (hub region, data-centre region) that count as export.
    directed : bool
        Whether links carry requests only from their first to their second node.
    """

    carbon_usd_per_kg: float = 0.0
    carbon_limit_kg: float = math.inf
    water_limit_litres: float = math.inf
    accelerators: str = "by_use"
    cyclic: bool = False
    hour_length: float = 1.0
    exports: str | tuple[tuple[str, str], ...] = BETWEEN_REGIONS
    directed: bool = False


SETTING_NAMES = tuple(item.name for item in fields(Settings))


class Tables(Mapping[str, pd.DataFrame]):
    """The tables of an instance. Reading one gives a copy, so that an instance cannot be changed by accident."""

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        self._frames = dict(frames)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a copy of the table."""
        return self._frames[name].copy()

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._frames)

    def __len__(self) -> int:
        """Return the number of tables."""
        return len(self._frames)


@dataclass(frozen=True, eq=False, repr=False)
class Instance:
    """One validated problem: network, workloads, demand and settings.

    Build one with ``Instance.from_graph`` or ``Instance.from_tables``, change one with ``replace``. All three check
    everything and raise one ``InstanceError`` that lists every violation.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        ``hubs``, ``data_centres``, ``power_zones``, ``exchanges``, ``links``, ``supplies``, ``workloads``,
        ``demand``, with the columns of ``placer.schema`` and any others after them. Reading one gives a copy.
    settings : Settings
        What holds for the whole instance.
    routes : Routes
        The least round-trip path of every hub and data centre.
    """

    tables: Mapping[str, pd.DataFrame]
    settings: Settings = field(default_factory=Settings)
    routes: Routes = field(init=False)

    def __post_init__(self) -> None:
        """Validate, and find the routes."""
        frames, violations = _clean_tables(self.tables)
        violations += _check_settings(self.settings)
        if not violations:
            violations += _check_across(frames, self.settings)
        if violations:
            raise InstanceError(violations)
        object.__setattr__(self, "settings", _typed_settings(self.settings))
        object.__setattr__(self, "tables", Tables(frames))
        routes = find_routes(
            frames["links"],
            frames["hubs"]["hub"],
            frames["data_centres"]["data_centre"],
            directed=self.settings.directed,
        )
        object.__setattr__(self, "routes", routes)
        if violations := _check_reach(frames, routes):
            raise InstanceError(violations)

    @classmethod
    def from_graph(cls, graph: nx.Graph, workloads: TableLike, demand: TableLike, **settings: Any) -> Instance:
        """Build an instance from a networkx graph of any class, a table of workloads and a table of demand.

        Parameters
        ----------
        graph : networkx.Graph, DiGraph, MultiGraph or MultiDiGraph
            Nodes of ``kind`` hub, data_centre, power_zone or exchange; edges of ``kind`` link or supply.
        workloads, demand : DataFrame or sequence of mappings
            One row per workload; one row per workload, hub and hour.
        **settings
            Fields of ``Settings``.

        Raises
        ------
        InstanceError
            Listing every violation.

        Examples
        --------
        >>> import networkx as nx, placer
        >>> graph = nx.Graph()
        >>> graph.add_node("coast", kind="hub", region="east")
        >>> graph.add_node("inland", kind="data_centre", region="west", accelerators=10)
        >>> graph.add_node("grid", kind="power_zone", usd_per_mwh=50)
        >>> graph.add_edge("coast", "inland", kind="link", rtt_ms=30)
        >>> graph.add_edge("grid", "inland", kind="supply")
        >>> chat = {"workload": "chat", "accelerator_hours_per_mtok": 0.05, "kwh_per_mtok": 40}
        >>> instance = placer.Instance.from_graph(graph, [chat], [{"workload": "chat", "hub": "coast", "mtok": 100}])
        >>> placer.solve(instance).cost_usd
        200.0
        """
        network, violations = read_graph(graph)
        tables, slipped = _as_tables({"workloads": workloads, "demand": demand})
        given, found = _settings_from(settings, directed=graph.is_directed())
        if violations or slipped or found:
            raise InstanceError([*violations, *slipped, *_clean_tables(network | tables)[1], *found])
        return cls(network | tables, given)

    @classmethod
    def from_tables(cls, tables: Mapping[str, TableLike], **settings: Any) -> Instance:
        """Build an instance from tables named as in ``placer.schema``; ``exchanges`` may be absent.

        Raises
        ------
        InstanceError
            Listing every violation.
        """
        frames, violations = _as_tables(tables)
        given, found = _settings_from(settings, directed=False)
        if violations or found:
            raise InstanceError([*violations, *_clean_tables(frames)[1], *found])
        return cls(frames, given)

    def replace(self, **changes: Any) -> Instance:
        """Return a new instance with some tables or settings replaced, validated like any other.

        Examples
        --------
        >>> import placer
        >>> tiny = placer.load("tiny")
        >>> placer.solve(tiny.replace(accelerators="sunk")).cost_usd < placer.solve(tiny).cost_usd
        True
        """
        unknown = [name for name in changes if name not in TABLES and name not in SETTING_NAMES]
        if unknown:
            allowed = ", ".join((*TABLES, *SETTING_NAMES))
            raise InstanceError(
                [Violation("replace", "", name, "no such table or setting", allowed) for name in unknown]
            )
        tables, violations = _as_tables({name: value for name, value in changes.items() if name in TABLES})
        if violations:
            raise InstanceError(violations)
        settings = replace(self.settings, **{name: value for name, value in changes.items() if name not in TABLES})
        return Instance({**self.tables, **tables}, settings)

    def to_graph(self) -> nx.MultiGraph | nx.MultiDiGraph:
        """Return the network as a networkx graph with the attributes of this instance."""
        return to_graph(self.tables, directed=self.settings.directed)

    @property
    def hubs(self) -> pd.DataFrame:
        """One row per hub (a copy, like all tables)."""
        return self.tables["hubs"]

    @property
    def data_centres(self) -> pd.DataFrame:
        """One row per data centre."""
        return self.tables["data_centres"]

    @property
    def power_zones(self) -> pd.DataFrame:
        """One row per power zone."""
        return self.tables["power_zones"]

    @property
    def exchanges(self) -> pd.DataFrame:
        """One row per exchange."""
        return self.tables["exchanges"]

    @property
    def links(self) -> pd.DataFrame:
        """One row per link."""
        return self.tables["links"]

    @property
    def supplies(self) -> pd.DataFrame:
        """One row per supply."""
        return self.tables["supplies"]

    @property
    def workloads(self) -> pd.DataFrame:
        """One row per workload."""
        return self.tables["workloads"]

    @property
    def demand(self) -> pd.DataFrame:
        """One row per workload, hub and hour, in Mtok."""
        return self.tables["demand"]

    @cached_property
    def hours(self) -> range:
        """The hours of the horizon, as the demand counts them."""
        hour = self.demand["hour"]
        return range(int(hour.min()), int(hour.max()) + 1)

    def hourly(self, table: str, column: str) -> np.ndarray:
        """Return an attribute given per hour, or once for all, as an array (rows, hours)."""
        values = self.tables[table][column]
        return np.array([np.broadcast_to(np.asarray(value, dtype=float), len(self.hours)) for value in values]).reshape(
            len(values), len(self.hours)
        )

    def __eq__(self, other: object) -> bool:
        """Whether all settings and all known columns of all tables are equal, in the same order."""
        if not isinstance(other, Instance):
            return NotImplemented
        return self.settings == other.settings and all(
            self.tables[name][list(table.names)].equals(other.tables[name][list(table.names)])
            for name, table in TABLES.items()
        )

    def __hash__(self) -> int:
        """Hash by size and settings: equal instances have equal hashes."""
        return hash((self.settings, tuple(len(self.tables[name]) for name in TABLES)))

    def __repr__(self) -> str:
        """Return the size of the instance in one line."""
        sizes = ", ".join(f"{len(self.tables[name])} {name.replace('_', ' ')}" for name in TABLES if name != "demand")
        return f"<Instance: {sizes}, {len(self.hours)} hours, {self.demand['mtok'].sum():,.6g} Mtok>"


def check(instance: Instance) -> list[str]:
    """Return what is allowed in an instance but probably not meant, one sentence each.

    Data centres without power, columns whose values range over more than 1e6, jurisdictions that exist nowhere,
    hubs or workloads without demand.
    """
    supplied = set(instance.supplies["data_centre"])
    remarks = [
        f"data centre {name} has no supply, so only workloads that need no energy can run there"
        for name in instance.data_centres["data_centre"]
        if name not in supplied
    ]
    known = set(instance.data_centres["jurisdiction"].dropna())
    for workload, names in instance.workloads[["workload", "jurisdictions"]].itertuples(index=False):
        missing = [name for name in names or () if name not in known]
        remarks += [f"workload {workload} may run in {name}, where no data centre is" for name in missing]
    for table, column in (("hubs", "hub"), ("workloads", "workload")):
        unused = set(instance.tables[table][column]) - set(instance.demand[column])
        remarks += [f"{column} {name} has no demand" for name in sorted(unused)]
    return remarks + _wide_columns(instance)


def _wide_columns(instance: Instance) -> list[str]:
    remarks = []
    for name, table in TABLES.items():
        frame = instance.tables[name]
        for column in (column for column in table.columns if column.kind is Kind.NUMBER and column.scaled):
            size = np.abs(frame[column.name].to_numpy(float))
            size = size[np.isfinite(size) & (size > 0)]
            if size.size and size.max() > WIDE_RANGE * size.min():
                remarks.append(f"{name}.{column.name} ranges from {size.min():g} to {size.max():g}: units mixed up?")
    return remarks


def _as_tables(given: Mapping[str, TableLike]) -> tuple[dict[str, pd.DataFrame], list[Violation]]:
    """Turn lists of rows into tables. What a row misspells is found here: a table no longer shows what a row lacks."""
    if not isinstance(given, Mapping):
        raise InstanceError([Violation("tables", "", "", f"{show(given)} is not a mapping", "tables by name")])
    frames: dict[str, pd.DataFrame] = {}
    violations: list[Violation] = []
    for name, rows in given.items():
        if isinstance(rows, pd.DataFrame):
            frames[str(name)] = rows
        elif isinstance(rows, Sequence) and all(isinstance(row, Mapping) for row in rows):
            table = TABLES.get(name, Table(name, (), ()))
            frames[str(name)] = tabulate(rows, table)
            violations += [
                Violation(str(name), f"row {place + 1}", slip, "unknown column", f"perhaps {intended}")
                for place, row in enumerate(rows)
                for slip, intended in slips(row, table).items()
                if intended in frames[str(name)]
            ]
        else:
            problem = f"{show(rows)} is not a table"
            raise InstanceError([Violation(str(name), "", "", problem, "DataFrame or list of mappings")])
    return frames, violations


def _clean_tables(tables: Mapping[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], list[Violation]]:
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


def _settings_from(given: Mapping[str, Any], *, directed: bool) -> tuple[Settings, list[Violation]]:
    allowed = ", ".join(SETTING_NAMES)
    unknown = [Violation("settings", "", name, "unknown", allowed) for name in given if name not in SETTING_NAMES]
    known = {name: value for name, value in given.items() if name in SETTING_NAMES}
    settings = Settings(**({"directed": directed} | known))
    return settings, unknown + (_check_settings(settings) if unknown else [])


def _check_settings(settings: Settings) -> list[Violation]:
    violations = [
        Violation("settings", "", column.name, problem, column.allowed)
        for column in SETTINGS
        if (problem := number_problem(getattr(settings, column.name), column))
    ]
    violations += [
        Violation("settings", "", name, show(getattr(settings, name)), "true or false")
        for name in ("cyclic", "directed")
        if not isinstance(getattr(settings, name), bool)
    ]
    if not (isinstance(settings.accelerators, str) and settings.accelerators in ACCELERATORS):
        violations.append(
            Violation("settings", "", "accelerators", show(settings.accelerators), " or ".join(ACCELERATORS))
        )
    if not (_is_pairs(settings.exports) or (isinstance(settings.exports, str) and settings.exports == BETWEEN_REGIONS)):
        allowed = f"{BETWEEN_REGIONS} or pairs (hub region, data-centre region)"
        violations.append(Violation("settings", "", "exports", show(settings.exports), allowed))
    return violations


def _is_pairs(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(
        isinstance(pair, (list, tuple)) and len(pair) == 2 and all(isinstance(name, str) and name for name in pair)
        for pair in value
    )


def _typed_settings(settings: Settings) -> Settings:
    exports = settings.exports
    return replace(
        settings,
        carbon_usd_per_kg=float(settings.carbon_usd_per_kg),
        carbon_limit_kg=float(settings.carbon_limit_kg),
        water_limit_litres=float(settings.water_limit_litres),
        hour_length=float(settings.hour_length),
        exports=exports if isinstance(exports, str) else tuple((str(a), str(b)) for a, b in exports),
    )


def _check_across(frames: Mapping[str, pd.DataFrame], settings: Settings) -> list[Violation]:
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


def _check_reach(frames: Mapping[str, pd.DataFrame], routes: Routes) -> list[Violation]:
    """A hub whose demand can go nowhere is a hole in the network, not a result."""
    asking = frames["hubs"]["hub"].isin(frames["demand"]["hub"])
    stranded = frames["hubs"]["hub"][asking & ~np.isfinite(routes.rtt_ms).any(axis=1)]
    return [Violation("hubs", name, "", "has demand but no path to any data centre", "a path") for name in stranded]
