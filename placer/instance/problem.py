"""The instance: one validated, frozen problem. Everything downstream reads it and nothing writes to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.attributes.schema import DEMAND, LEFT_OUT_IF_EMPTY, TABLES
from placer.instance.attributes.settings import SETTING_NAMES, Settings, typed_settings
from placer.instance.attributes.validation import is_missing
from placer.instance.changes.chosen_rows import Where, chosen_rows
from placer.instance.changes.column_changes import column_with_value, scaled_columns
from placer.instance.changes.elastic import elastic
from placer.instance.changes.merging import merged_data_centres, merged_hubs
from placer.instance.changes.own_servers import Servers, own_margins
from placer.instance.changes.queue_margins import ByName, PoolRule, shared_margins
from placer.instance.changes.representative import representative_days
from placer.instance.changes.rolling import part_of
from placer.instance.changes.what_if import added_data_centre, added_link, removed
from placer.instance.checks.consistency import ROUTES_DEPEND_ON, examine
from placer.instance.gathering import Gathered, gather, gather_graph
from placer.instance.hours.days import Extremes
from placer.instance.hours.horizon import Hours, hour_positions, hours_of
from placer.instance.hours.periods import blocks_of, weights_of
from placer.instance.network.routes import Routes
from placer.instance.pypsa_network.reading import read_network
from placer.instance.queue_margin import MarginRule
from placer.instance.reduced import Reduced
from placer.instance.service_classes import ServiceClasses, service_classes
from placer.instance.tables.backlog import backlog_table, stated
from placer.instance.tables.frozen_tables import FrozenTables, RevisedTables
from placer.instance.tables.given import TableLike, as_tables, key_notes, refused, unstated_accelerators
from placer.instance.tables.graph import to_graph
from placer.utils import notebook
from placer.utils.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    import networkx as nx
    import pypsa


@dataclass(frozen=True, eq=False, repr=False)
class Instance:
    """One validated problem: network, workloads, demand and settings.

    Build one with ``Instance.from_graph`` or ``Instance.from_tables``; change one with ``replace``, ``scaled``,
    ``with_value`` and their like. All of them check the whole problem and raise one ``InstanceError`` that lists every
    violation.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        ``hubs``, ``data_centres``, ``power_zones``, ``exchanges``, ``links``, ``supplies``, ``batteries``,
        ``contracts``, ``accelerator_pools``, ``workloads``, ``modes``, ``served_models``, ``demand``, ``demand_steps``,
        ``periods``, ``limits``, ``latency_value``, ``surcharges``, ``policies``, with the columns of
        ``placer.instance.attributes.schema`` and any others after them. Reading one gives a copy.
    settings : Settings
        Settings of the whole instance.
    routes : Routes
        The paths of least round trip of every hub and data centre, up to ``settings.routes``.
    notes : tuple of str
        Remarks on ignored and inferred input, one sentence each; ``placer.check`` lists them.
    """

    tables: Mapping[str, pd.DataFrame]
    settings: Settings = field(default_factory=Settings)
    routes: Routes = field(init=False)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Validate, and find the routes."""
        notes = tuple(dict.fromkeys([*self.notes, *key_notes(self.tables)]))
        examined = examine(self.tables, self.settings)
        if examined.violations or examined.routes is None:
            raise refused(examined.violations, self.tables, notes)
        notes = tuple(dict.fromkeys([*notes, *unstated_accelerators(self.tables, examined.frames)]))
        object.__setattr__(self, "settings", typed_settings(self.settings))
        object.__setattr__(self, "tables", FrozenTables(examined.frames))
        object.__setattr__(self, "routes", examined.routes)
        object.__setattr__(self, "notes", notes)

    @classmethod
    def from_graph(
        cls,
        graph: nx.Graph,
        workloads: TableLike,
        demand: TableLike,
        periods: TableLike | None = None,
        limits: TableLike | None = None,
        **settings: Any,
    ) -> Instance:
        """Build an instance from a networkx graph of any class, a table of workloads and a table of demand.

        Parameters
        ----------
        graph : networkx.Graph, DiGraph, MultiGraph or MultiDiGraph
            Nodes of ``kind`` hub, data_centre, power_zone or exchange; edges of ``kind`` link or supply.
        workloads, demand : DataFrame or sequence of mappings
            One row per workload; one row per workload, hub and hour.
        periods : DataFrame or sequence of mappings, optional
            One row per hour, with its weight and block.
        limits : DataFrame or sequence of mappings, optional
            One row per limit (``placer.instance.checks.limit_checks``).
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
        >>> chat = {"workload": "chat", "accelerator_hours_per_mtok": 0.05, "kwh_per_mtok": 0.05}
        >>> instance = placer.Instance.from_graph(graph, [chat], [{"workload": "chat", "hub": "coast", "mtok": 100}])
        >>> round(placer.solve(instance).cost_usd, 2)
        0.25
        """
        optional = {"periods": periods, "limits": limits}
        given = {name: table for name, table in optional.items() if table is not None}
        return cls.of(gather_graph(graph, {"workloads": workloads, "demand": demand} | given, settings))

    @classmethod
    def from_tables(cls, tables: Mapping[str, TableLike], **settings: Any) -> Instance:
        """Build an instance from tables named as in ``placer.instance.attributes.schema``, like dataset folders.

        Parameters
        ----------
        tables : mapping of str to DataFrame, Series or sequence of mappings
            ``hubs``, ``data_centres``, ``workloads`` and ``demand``; optionally ``links``, ``exchanges``,
            ``power_zones``, ``supplies``, ``periods`` and ``limits``. A missing cell (None or NaN) holds the default of
            its column. A column ``name`` stands for the key of a table whose key is absent. The key may stand in the
            index; a Series has the name of its column. ``Decimal`` values count as floats.

            Values per hour are one sequence a row in their column (a Series or mapping is aligned by its hours, all
            else by position), or rows of separate tables:
            ``power_zone_hours`` (``power_zone``, ``hour``, ``usd_per_mwh``, ``carbon_kg_per_mwh``),
            ``data_centre_hours`` (``data_centre``, ``hour``, ``accelerators``, ``accelerator_usd_per_hour``, ``pue``,
            ``power_limit_mw``), ``supply_hours`` (``power_zone``, ``data_centre``, ``hour``, ``limit_mw``,
            ``usd_per_mwh_adder``) and ``link_hours`` (``from``, ``to``, ``hour``, ``capacity_gbps``).
            ``demand_profile`` (``workload``, ``hour``, ``share``) spreads a demand without hours.
            ``placer.long_table`` turns wide tables into these.
        **settings
            Fields of ``Settings``.

        Raises
        ------
        InstanceError
            Listing every violation.

        Examples
        --------
        >>> import pandas as pd, placer
        >>> prices = pd.DataFrame({"power_zone": ["grid"] * 2, "hour": [0, 1], "usd_per_mwh": [40, 90]})
        >>> instance = placer.Instance.from_tables({
        ...     "hubs": [{"hub": "coast"}],
        ...     "data_centres": [{"data_centre": "plateau"}],
        ...     "links": [{"from": "coast", "to": "plateau", "rtt_ms": 30}],
        ...     "power_zones": [{"power_zone": "grid"}],
        ...     "power_zone_hours": prices,
        ...     "supplies": [{"power_zone": "grid", "data_centre": "plateau"}],
        ...     "workloads": [{"workload": "chat", "accelerator_hours_per_mtok": 0.05, "kwh_per_mtok": 0.05}],
        ...     "demand": [{"workload": "chat", "hub": "coast", "hour": hour, "mtok": 100} for hour in (0, 1)],
        ... })
        >>> round(placer.solve(instance).cost_usd, 2)
        0.65
        """
        return cls.of(gather(tables, settings))

    @classmethod
    def from_pypsa(cls, network: pypsa.Network) -> Instance:
        """Build an instance from a network of PyPSA, one that ``to_pypsa`` wrote or one of your own.

        Parameters
        ----------
        network : pypsa.Network
            A bus with loads is a hub, their carrier the workload, ``p_set`` Mtok an hour. A link to it serves it, and
            takes from the buses of its data centre: accelerators or tokens, and power. Generators there limit and cost
            them. docs/formats.md has the convention. Needs ``token-placer[pypsa]``.

        Returns
        -------
        Instance
            With the optimum of the network, as cost plus penalty.

        Raises
        ------
        InstanceError
            Listing every component and attribute that an instance cannot carry, and every violation.
        PlacerError
            If PyPSA is not installed.

        Examples
        --------
        >>> import placer, pypsa
        >>> network = pypsa.Network(snapshots=range(2))
        >>> _ = network.add("Bus", ["Coast", "Plateau"], carrier=["demand", "power"])
        >>> _ = network.add("Load", "chat at Coast", bus="Coast", carrier="chat", p_set=[600.0, 1200.0])
        >>> _ = network.add("Generator", "wind", bus="Plateau", p_nom=100.0, marginal_cost=[50.0, 80.0])
        >>> _ = network.add("Link", "Plateau to Coast", bus0="Plateau", bus1="Coast", efficiency=20.0, p_nom=100.0)
        >>> round(placer.solve(placer.Instance.from_pypsa(network)).cost_usd, 2)
        6300.0
        """
        return cls.of(read_network(network))

    @classmethod
    def of(cls, gathered: Gathered) -> Instance:
        """Validate the gathered input of a source.

        Raises
        ------
        InstanceError
            Lists every violation, those of the source first.
        """
        gathered.check_source()
        return cls(gathered.tables, gathered.settings, gathered.notes)

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
            raise InstanceError(Violation("replace", "", name, "no such table or setting", allowed) for name in unknown)
        tables, slipped, unreadable = as_tables({name: value for name, value in changes.items() if name in TABLES})
        settings = replace(self.settings, **{name: value for name, value in changes.items() if name not in TABLES})
        routes = self.routes if ROUTES_DEPEND_ON.isdisjoint(changes) else None
        revised = RevisedTables(self.tables, tables, routes)
        return Instance.of(Gathered(revised, settings, tuple(slipped), frozenset(unreadable), self.notes))

    def with_data_centre(
        self,
        name: str,
        link_to: Mapping[str, float | Mapping[str, Any]],
        power_zone: str | Mapping[str, float | Mapping[str, Any]] | None = None,
        **attributes: Any,
    ) -> Instance:
        """Return an instance with one more data centre, its links and its supplies.

        Parameters
        ----------
        name : str
        link_to : mapping
            Name of a hub, an exchange or another data centre -> the round trip in ms, or attributes of the link by
            name, as in ``{"Paris": {"rtt_ms": 4, "capacity_gbps": 100}}``.
        power_zone : str or mapping, optional
            The power zone that it buys from, or several with their limit in MW or attributes of the supply by name.
            Without a zone it serves only workloads that need no energy.
        **attributes
            Columns of ``data_centres``; the default holds for all others.

        Raises
        ------
        InstanceError
            Listing every violation.

        Examples
        --------
        >>> import placer
        >>> tiny = placer.load("tiny")
        >>> larger = tiny.with_data_centre(
        ...     "Mesa", {"West exchange": 8}, {"Plateau wind": 5}, region="west", accelerators=50, pue=1.2
        ... )
        >>> placer.solve(larger).cost_usd < placer.solve(tiny).cost_usd
        True
        """
        return self.replace(**added_data_centre(self.tables, name, link_to, power_zone, attributes))

    def with_link(self, first: str, second: str, rtt_ms: float, **attributes: Any) -> Instance:
        """Return an instance with one more link, beside any that lies there already.

        Parameters
        ----------
        first, second : str
            Hubs, data centres or exchanges. Of a directed instance the link carries requests from the first.
        rtt_ms : float
        **attributes
            Columns of ``links``; the default holds for all others.

        Raises
        ------
        InstanceError
            Listing every violation.

        Examples
        --------
        >>> import placer
        >>> tiny = placer.load("tiny")
        >>> nearer = tiny.with_link("Coast", "Plateau", 12, capacity_gbps=10)
        >>> placer.solve(nearer).cost_usd < placer.solve(tiny).cost_usd
        True
        """
        return self.replace(**added_link(self.tables, first, second, {"rtt_ms": rtt_ms, **attributes}))

    def without(self, *names: str | tuple[str, str] | Iterable[str]) -> Instance:
        """Return an instance without some hubs, data centres, power zones, exchanges, workloads, links or supplies.

        The links, supplies and demand of what is removed are removed too.

        Parameters
        ----------
        *names : str, tuple of (str, str), or list of those
            A name, several in a list, or a pair: all links or supplies between two nodes, in either order if links are
            not directed.

        Raises
        ------
        InstanceError
            Listing every unknown name, or if the remaining tables are no valid instance.

        Examples
        --------
        >>> import placer
        >>> placer.load("tiny").without("Plateau", "voice", ("Delta", "Port"))
        <Instance: 3 hubs, 2 data centres, 2 power zones, 2 exchanges, 6 links, 2 supplies, 2 workloads, ...>
        """
        return self.replace(**removed(self.tables, names, directed=self.settings.directed))

    def scaled(self, columns: str | Iterable[str], factor: float, where: Where | None = None) -> Instance:
        """Return an instance with the values of some columns, hourly ones too, times a factor.

        Parameters
        ----------
        columns : str or iterable of str
            ``table.column``, such as ``power_zones.usd_per_mwh``.
        factor : float
        where : str, iterable or mapping, optional
            The rows, and hours, that change; all if not given. A name, or several: rows whose key holds one of them; of
            links and supplies also a pair of names. A mapping of columns to names: ``{"workload": "chat", "hub":
            ["Paris", "Rome"]}``, ``{"region": "Europe"}``, ``{"hour": "17-20"}``.

        Raises
        ------
        InstanceError
            Listing every column or name that is unknown, and every value that is out of range; or if no value of any
            column is given and limited.

        Examples
        --------
        >>> import placer
        >>> tiny = placer.load("tiny")
        >>> tiny.scaled("links.rtt_ms", 2).links["rtt_ms"].max()
        60.0
        >>> tiny.scaled("power_zones.usd_per_mwh", 1.2, where="Plateau wind").hourly("power_zones", "usd_per_mwh")
        array([[100.,  80.],
               [ 48.,  24.]])
        """
        return self.replace(**scaled_columns(self.tables, columns, factor, where, directed=self.settings.directed))

    def with_value(self, column: str, value: object, where: Where | None = None) -> Instance:
        """Return an instance with one value in a column.

        Parameters
        ----------
        column : str
            ``table.column``.
        value : float, str or sequence
            A value of the column: a number or text, several names, or for hourly columns one number per hour.
        where : str, iterable or mapping, optional
            The rows, and hours, that change, as in ``scaled``.

        Raises
        ------
        InstanceError
            Listing every name that is unknown, and a value that is out of range.

        Examples
        --------
        >>> import placer
        >>> better = placer.load("tiny").with_value("data_centres.pue", 1.1, where=["Port", "Metro"])
        >>> better.data_centres["pue"].tolist()
        [1.1, 1.1, 1.25]
        """
        return self.replace(**column_with_value(self.tables, column, value, where, directed=self.settings.directed))

    def scaled_demand(
        self,
        factor: float,
        workload: str | Iterable[str] | None = None,
        hub: str | Iterable[str] | None = None,
        hour: object = None,
    ) -> Instance:
        """Return an instance with all or part of its demand multiplied by a factor: ``scaled("demand.mtok", ...)``.

        Parameters
        ----------
        factor : float
            At least 0.
        workload, hub : str or iterable of str, optional
            Only the demand of these; all demand if not given.
        hour : int or timestamp, or iterable of those, optional
            Only the demand in these hours.

        Raises
        ------
        InstanceError
            If the factor is not a number of at least 0, or there is no such demand.

        Examples
        --------
        >>> import placer
        >>> tiny = placer.load("tiny")
        >>> float(tiny.scaled_demand(0.5, workload="voice").demand["mtok"].sum())
        180.0
        """
        given = {"workload": workload, "hub": hub, "hour": hour}
        return self.scaled("demand.mtok", factor, {name: each for name, each in given.items() if not is_missing(each)})

    def with_elastic_demand(
        self,
        reference_usd_per_mtok: float,
        elasticity: float,
        *,
        between: tuple[float, float],
        steps: int = 20,
        where: Where | None = None,
    ) -> Instance:
        """Return an instance whose demand falls with its price: ``q = mtok (price / reference)^elasticity``.

        Parameters
        ----------
        reference_usd_per_mtok : float
            The price, above 0, at which users buy the ``mtok`` of the demand.
        elasticity : float
            Below 0: the per cent by which demand changes if the price rises by one per cent.
        between : (float, float)
            The lowest and the highest price of the steps, USD per Mtok. What users would buy at a higher price counts
            as worth the highest.
        steps : int
            Steps of equal height between the two. Quantity and surplus are exact to second order of that height, the
            price to half of it.
        where : str, iterable or mapping, optional
            The rows of the demand, as in ``scaled``; all if not given.

        Raises
        ------
        InstanceError
            Listing every violation.

        Examples
        --------
        >>> import placer
        >>> elastic = placer.load("tiny").with_elastic_demand(1.5, -1.1, between=(0.5, 6.0), steps=5)
        >>> elastic.demand_steps.head(3).round(3)
          workload    hub  hour  value_usd_per_mtok  share
        0    voice  Coast     0                1.05  0.722
        1    voice  Coast     0                2.15  0.122
        2    voice  Coast     0                3.25  0.049
        """
        rows, _ = chosen_rows(self.tables, DEMAND, DEMAND.column("mtok"), where, directed=self.settings.directed)
        return self.replace(**elastic(self.tables, rows, reference_usd_per_mtok, elasticity, steps, between))

    def with_queue_margin(
        self,
        server_accelerators: ByName | None = None,
        servers: Servers | None = None,
        *,
        safety_factor: float | None = None,
        quantile: float | None = None,
        wait_probability: float | None = None,
        peakedness: ByName = 1.0,
        where: Where | None = None,
    ) -> Instance:
        """Return an instance whose pools of servers keep room for requests that arrive in bursts.

        Without ``servers`` all work of a data centre, or of each of its pools, shares the servers that its accelerators
        make, and its ``max_utilisation`` is multiplied by what these may carry (``placer.queue_margin``); by the least
        of all hours. With ``servers`` each workload, or model, has its own, and ``limits`` has what they may carry: it
        runs only there, and workloads without servers share the accelerators that are left, without a margin.

        Parameters
        ----------
        server_accelerators : float or mapping of str to float, optional
            Accelerators of a server, which serves one request at a time: those of a replica over the requests that it
            serves at once. By type of accelerators, if they differ; with ``servers`` by workload or model, and the
            ``replica_accelerators`` of models if not given.
        servers : mapping, Series or DataFrame, optional
            Number of servers by workload and data centre: ``{("chat", "Port"): 30}``, or a table of ``workload``,
            ``data_centre``, ``servers``, and ``hour`` if the number changes. Models of ``served_models`` may stand in
            the place of workloads: ``replicas`` of ``placer.place_models`` is such a table.
        safety_factor, quantile, wait_probability : float, optional
            What pools are filled up to, one of the three, as ``placer.queue_margin`` has them.
        peakedness : float or mapping of str to float
            Of the load, or by workload. Of servers that several workloads share, the largest counts: any mix of them
            then keeps the promise. For a known mix, give the mean weighted with load.
        where : str, iterable or mapping, optional
            The data centres, as in ``scaled``, without ``servers``.

        Raises
        ------
        InstanceError
            Listing every violation.

        Examples
        --------
        Ten accelerators are five servers, and with one request in a hundred waiting they are a quarter full.

        >>> import placer
        >>> tiny = placer.load("tiny").with_value("data_centres.accelerators", 10)
        >>> tiny.with_queue_margin(2, wait_probability=0.01).data_centres["max_utilisation"].round(3).tolist()
        [0.252, 0.252, 0.252]
        """
        rule = PoolRule(server_accelerators, peakedness, MarginRule(safety_factor, quantile, wait_probability))
        accelerators = self.hourly("data_centres", "accelerators")
        if servers is None:
            changed, notes = shared_margins(self.tables, accelerators, rule, where, directed=self.settings.directed)
        else:
            length = self.settings.hour_length * self.weights
            changed, notes = own_margins(self.tables, accelerators, self.hours, length, rule, servers, where)
        tables = RevisedTables(self.tables, changed, self.routes)
        return replace(self, tables=tables, notes=(*self.notes, *notes))

    @property
    def backlog(self) -> pd.DataFrame:
        """Work that waits when the horizon begins: ``workload``, ``data_centre``, ``hours_left``, ``mtok``."""
        return backlog_table(self.tables)

    def with_backlog(self, backlog: TableLike) -> Instance:
        """Return an instance whose horizon begins with work that waits at data centres, in place of any it had.

        The work has arrived before the first hour. It is served at its data centre within ``hours_left``, or left
        unserved at the penalty of its workload. Its transit, surcharge and loss of value to latency were paid when it
        was sent, and are no cost again. ``placement.remaining(hour)`` returns such a table.
        ``placer.instance.tables.backlog`` says which rows of workloads, hubs and demand state it.

        Parameters
        ----------
        backlog : DataFrame or sequence of mappings
            ``workload``, one that may wait; ``data_centre``; ``hours_left``, from 0 (served in the first hour) to the
            ``deadline_hours`` of the workload; ``mtok``.

        Raises
        ------
        InstanceError
            Listing every violation. The hours of a horizon with a backlog follow each other: it is not cyclic, and has
            neither blocks nor weights.

        Examples
        --------
        >>> import placer
        >>> tiny = placer.load("tiny")
        >>> late = tiny.with_backlog([{"workload": "batch", "data_centre": "Metro", "hours_left": 1, "mtok": 5}])
        >>> late.backlog
          workload data_centre  hours_left  mtok
        0    batch       Metro         1.0   5.0
        >>> placer.solve(late).backlog_mtok
        5.0
        """
        return self.replace(**stated(self.tables, self.settings, backlog))

    def between(self, first_hour: object, last_hour: object) -> Instance:
        """Return an instance of a part of the horizon, both hours included: its demand and its hourly values.

        A part that begins later has no backlog. Caps on carbon and water and limits stay as they are.

        Parameters
        ----------
        first_hour, last_hour : int, timestamp, date or text
            Hours of the demand. A timestamp without a time zone is of the zone of the demand. A date, such as
            ``2026-03-29``, stands for its first and last hour.

        Raises
        ------
        InstanceError
            If an hour is not in the horizon, the last is before the first, or there is no demand between them.

        Examples
        --------
        >>> import placer
        >>> placer.load("tiny").between(1, 1).hours
        range(1, 2)
        """
        return self.replace(**part_of(self.tables, self.hours, first_hour, last_hour))

    def merge_hubs(self, count: int) -> Reduced[Instance]:
        """Return an instance with fewer hubs: demand adds up at the middle one of hubs that are alike.

        Hubs are alike in what they reach in time, and in what transit from them costs. Those of different regions stay
        apart, and those that limits tell apart (``placer.instance.changes.merging``). ``placer.carry_back`` takes the
        answer back to all hubs, with its proven gap.

        Parameters
        ----------
        count : int
            Number of hubs that are left.

        Raises
        ------
        InstanceError
            Listing every violation: a count above the number of hubs, or below the number of those that stay apart;
            demand with steps; work that waits when the horizon begins.

        Examples
        --------
        >>> import placer
        >>> placer.load("tiny").merge_hubs(2).hubs["merged_into"].to_dict()
        {'Coast': 'Coast', 'Delta': 'Coast', 'Inland': 'Inland'}
        """
        return merged_hubs(self, count)

    def merge_data_centres(self, count: int) -> Reduced[Instance]:
        """Return an instance with fewer data centres: capacities add up at the middle one of those that are alike.

        Data centres are alike in what work costs there, and in which hubs they reach in time at what cost. Those of
        different regions stay apart, and those that residency, limits, types of accelerators or a lack of power tell
        apart. Supplies stay, each for what its old data centre can draw.

        Parameters
        ----------
        count : int
            Number of data centres that are left.

        Raises
        ------
        InstanceError
            As ``merge_hubs``.

        Examples
        --------
        >>> import placer
        >>> small = placer.load("tiny").merge_data_centres(2)
        >>> small.instance.data_centres[["data_centre", "accelerators"]]
          data_centre  accelerators
        0        Port         145.0
        1     Plateau         100.0
        """
        return merged_data_centres(self, count)

    def representative_days(self, count: int, extremes: Extremes = ()) -> Reduced[Instance]:
        """Return an instance of a few days that stand for all, each with a weight.

        Days are those of the calendar, on the clock of the demand, or the blocks of ``periods`` where there are
        several. Those that are alike in demand, prices and all else that changes by the hour form a cluster, and the
        day nearest to its mean stands for it (``placer.instance.changes.representative``). Days of 23 or 25 hours
        stand for themselves. Weights sum to those of the whole, and each day is a block of ``periods``.
        ``placer.carry_back`` takes the answer back to all days, with its proven gap.

        Parameters
        ----------
        count : int
            Number of days that are left.
        extremes : str, date, or iterable of those
            Days that stand for themselves alone: ``peak demand``, ``dearest power``, ``scarcest supply``, or a day by
            its date, as in ``2026-01-31``, or the name of its block.

        Raises
        ------
        InstanceError
            Listing every violation: a count that is no whole number from 1 to the number of days, or too small for the
            days that stand for themselves; an unknown extreme; an instance of one day, or of whole hours in one block;
            limits on some hours; work that waits when the horizon begins.

        Examples
        --------
        >>> import placer
        >>> week = placer.datasets.year("china", days=7).representative_days(3, extremes="peak demand")
        >>> week
        <Reduced: 86 of 86 hubs, 22 of 22 data centres, 72 of 168 hours>
        >>> week.instance.periods.groupby("block")["weight"].first().to_dict()
        {'2026-01-02': 3.0, '2026-01-04': 3.0, '2026-01-05': 1.0}
        """
        return representative_days(self, count, extremes)

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
    def contracts(self) -> pd.DataFrame:
        """One row per contract of power: energy that is paid for whether it is used or not."""
        return self.tables["contracts"]

    @property
    def workloads(self) -> pd.DataFrame:
        """One row per workload."""
        return self.tables["workloads"]

    @property
    def batteries(self) -> pd.DataFrame:
        """One row per battery; empty without."""
        return self.tables["batteries"]

    @property
    def accelerator_pools(self) -> pd.DataFrame:
        """One row per data centre and type of accelerators; empty where each data centre has one type."""
        return self.tables["accelerator_pools"]

    @property
    def modes(self) -> pd.DataFrame:
        """One row per mode of a workload; empty where each workload runs in one way."""
        return self.tables["modes"]

    @property
    def served_models(self) -> pd.DataFrame:
        """One row per model that must be loaded where it serves; ``placer.place_models`` reads them."""
        return self.tables["served_models"]

    @property
    def demand(self) -> pd.DataFrame:
        """One row per workload, hub and hour, in Mtok."""
        return self.tables["demand"]

    @property
    def demand_steps(self) -> pd.DataFrame:
        """One row per step of demand: its value in USD per Mtok and its share of the demand; empty without steps."""
        return self.tables["demand_steps"]

    @property
    def periods(self) -> pd.DataFrame:
        """One row per hour, with its weight and block; empty where all hours count once, in one block."""
        return self.tables["periods"]

    @property
    def limits(self) -> pd.DataFrame:
        """One row per limit of one's own."""
        return self.tables["limits"]

    @cached_property
    def hours(self) -> Hours:
        """The hours of the horizon as the demand gives them: a range, or a ``DatetimeIndex``."""
        return hours_of(self.demand["hour"])

    @property
    def demand_period(self) -> IntArray:
        """The position in the horizon of the hour of every row of the demand."""
        return hour_positions(self.demand["hour"], self.hours)

    @cached_property
    def weights(self) -> FloatArray:
        """How often every hour counts over the horizon (hours,)."""
        return weights_of(self.periods, self.hours)

    @cached_property
    def blocks(self) -> IntArray:
        """The block of every hour, numbered in their order: work waits within its block only (hours,)."""
        return blocks_of(self.periods, self.hours)

    @cached_property
    def service_classes(self) -> ServiceClasses:
        """The workloads, and the further modes of those that run in several (``placer.instance.service_classes``)."""
        return service_classes(self.workloads, self.modes, self.data_centres, self.accelerator_pools)

    def hourly(self, table: str, column: str) -> FloatArray:
        """Return an hourly or constant attribute as an array (rows, hours)."""
        values = self.tables[table][column]
        if values.dtype == float:
            return np.repeat(values.to_numpy()[:, None], len(self.hours), axis=1)
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
        count = {name: len(self.tables[name]) for name in TABLES if name not in ("demand", "periods")}
        shown = [name for name in count if count[name] or name not in LEFT_OUT_IF_EMPTY]
        sizes = ", ".join(f"{count[name]} {name.replace('_', ' ')}" for name in shown)
        mtok = float(self.demand["mtok"] @ self.weights[self.demand_period])
        mtok_text = f"{mtok:,.0f}" if mtok >= 1e6 else f"{mtok:,.6g}"
        return f"<Instance: {sizes}, {len(self.hours)} hours, {mtok_text} Mtok>"

    def _repr_html_(self) -> str:
        """Return the size of the instance and its demand by workload as HTML, for notebooks."""
        demand = self.demand.groupby("workload", sort=False)["mtok"].agg(["sum", "max"])
        demand.columns = pd.Index(["mtok", "largest_mtok"])
        return notebook.sentence(repr(self).strip("<>")) + notebook.rows(demand.sort_values("mtok", ascending=False))
