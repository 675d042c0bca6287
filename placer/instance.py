"""The instance: one validated problem, frozen. Everything downstream reads it and nothing writes to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer import notebook
from placer.crosschecks import check_across, check_reach, clean_tables
from placer.errors import InstanceError, Violation
from placer.network import Routes, find_routes, read_graph, to_graph
from placer.schema import TABLES, WIDE_RANGE, Kind, Table
from placer.settings import SETTING_NAMES, Settings, check_settings, settings_from, typed_settings
from placer.validation import show, slips, tabulate

if TYPE_CHECKING:
    import networkx as nx


#: What users may give as a table.
TableLike = pd.DataFrame | Sequence[Mapping[str, object]]


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
        frames, violations = clean_tables(self.tables)
        violations += check_settings(self.settings)
        if not violations:
            violations += check_across(frames, self.settings)
        if violations:
            raise InstanceError(violations)
        object.__setattr__(self, "settings", typed_settings(self.settings))
        object.__setattr__(self, "tables", Tables(frames))
        routes = find_routes(
            frames["links"],
            frames["hubs"]["hub"],
            frames["data_centres"]["data_centre"],
            directed=self.settings.directed,
        )
        object.__setattr__(self, "routes", routes)
        if violations := check_reach(frames, routes):
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
        given, found = settings_from(settings, directed=graph.is_directed())
        if violations or slipped or found:
            raise InstanceError([*violations, *slipped, *clean_tables(network | tables)[1], *found])
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
        given, found = settings_from(settings, directed=False)
        if violations or found:
            raise InstanceError([*violations, *clean_tables(frames)[1], *found])
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

    def _repr_html_(self) -> str:
        """Return the size of the instance and its demand by workload as HTML, for notebooks."""
        demand = self.demand.groupby("workload", sort=False)["mtok"].agg(["sum", "max"])
        demand.columns = pd.Index(["mtok", "largest_mtok"])
        return notebook.sentence(repr(self).strip("<>")) + notebook.rows(demand.sort_values("mtok", ascending=False))


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
