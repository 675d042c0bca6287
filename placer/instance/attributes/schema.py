"""Every attribute that placer knows: its table, kind, range and default. Graphs, tables, files and docs follow it."""

from __future__ import annotations

import math
from dataclasses import replace

from placer.instance.attributes.columns import REQUIRED, Column, Kind, Table
from placer.utils.solver_limits import LARGEST


def _text(name: str, *, default: object = REQUIRED) -> Column:
    return Column(name, Kind.TEXT, default=default)


def _at_least_0(name: str, default: object = 0.0, *, unlimited: bool = False, kind: Kind = Kind.NUMBER) -> Column:
    return Column(name, kind, low=0.0, default=default, unlimited=unlimited)


_PLACE = (
    Column("lat", low=-90, high=90, default=None, scaled=False),
    Column("lon", low=-180, high=180, default=None, scaled=False),
    Column("utc_offset_hours", low=-12, high=14, default=0.0, scaled=False),
)

HUBS = Table(
    "hubs",
    ("hub",),
    (
        _text("hub"),
        _text("region", default=None),
        _at_least_0("access_ms"),
        *_PLACE,
        _text("backlog_at", default=None),
    ),
)

DATA_CENTRES = Table(
    "data_centres",
    ("data_centre",),
    (
        _text("data_centre"),
        _text("region", default=None),
        _at_least_0("accelerators", math.inf, unlimited=True, kind=Kind.HOURLY),
        Column("max_utilisation", low=0, low_open=True, high=1, default=1.0),
        _at_least_0("accelerator_usd_per_hour", kind=Kind.HOURLY),
        _at_least_0("operations_usd_per_hour"),
        Column("pue", Kind.HOURLY, low=1, high=10, default=1.0),
        _at_least_0("power_limit_mw", math.inf, unlimited=True, kind=Kind.HOURLY),
        _at_least_0("water_litres_per_kwh"),
        _at_least_0("water_usd_per_litre"),
        Column("speed", low=0, low_open=True, default=1.0),
        Column("energy_factor", low=0, low_open=True, default=1.0),
        _text("accelerator_type", default=None),
        _text("jurisdiction", default=None),
        *_PLACE,
    ),
)

POWER_ZONES = Table(
    "power_zones",
    ("power_zone",),
    (
        _text("power_zone"),
        Column("usd_per_mwh", Kind.HOURLY),
        _at_least_0("carbon_kg_per_mwh", kind=Kind.HOURLY),
        _at_least_0("limit_mw", math.inf, unlimited=True, kind=Kind.HOURLY),
    ),
)

EXCHANGES = Table("exchanges", ("exchange",), (_text("exchange"),))

LINKS = Table(
    "links",
    ("from", "to"),
    (
        _text("from"),
        _text("to"),
        _at_least_0("rtt_ms", REQUIRED),
        _at_least_0("capacity_gbps", math.inf, unlimited=True, kind=Kind.HOURLY),
        _at_least_0("usd_per_gb"),
    ),
    unique=False,
)

SUPPLIES = Table(
    "supplies",
    ("power_zone", "data_centre"),
    (
        _text("power_zone"),
        _text("data_centre"),
        _at_least_0("limit_mw", math.inf, unlimited=True, kind=Kind.HOURLY),
        Column("loss", low=0, high=1, high_open=True, default=0.0),
        Column("usd_per_mwh_adder", Kind.HOURLY, default=0.0),
        Column("green", low=0, high=1, default=0.0),
    ),
    unique=False,
)

BATTERIES = Table(
    "batteries",
    ("battery",),
    (
        _text("battery"),
        _text("data_centre", default=None),
        _text("power_zone", default=None),
        _at_least_0("power_mw", REQUIRED),
        _at_least_0("energy_mwh", REQUIRED),
        Column("efficiency", low=0, low_open=True, high=1, default=1.0),
        _at_least_0("usd_per_mwh_throughput"),
    ),
    closed=True,
)

CONTRACTS = Table(
    "contracts",
    ("contract",),
    (
        _text("contract"),
        _text("power_zone"),
        _text("data_centre"),
        Column("output_share", low=0, high=1, default=None),
        _at_least_0("take_or_pay_mwh", None),
        _at_least_0("sale_usd_per_mwh", kind=Kind.HOURLY),
    ),
)

WORKLOADS = Table(
    "workloads",
    ("workload",),
    (
        _text("workload"),
        _at_least_0("accelerator_hours_per_mtok", REQUIRED),
        _at_least_0("peak_accelerator_hours_per_mtok", None),
        _at_least_0("kwh_per_mtok", REQUIRED),
        _at_least_0("gb_per_mtok"),
        Column("latency_slo_ms", low=0, low_open=True, default=math.inf, unlimited=True),
        _at_least_0("server_ms"),
        _at_least_0("user_round_trips", 1.0),
        _at_least_0("tool_round_trips"),
        Column("tools_colocated", low=0, high=1, default=0.0),
        Column("deadline_hours", low=0, high=1_000_000, default=0.0),
        Column("jurisdictions", Kind.NAMES, default=None),
        Column("unserved_usd_per_mtok", low=0, low_open=True, default=None),
        _at_least_0("value_usd_per_mtok"),
        _text("backlog_of", default=None),
    ),
)

#: The column of the value of a step, and of a workload.
VALUE = "value_usd_per_mtok"

MODES = Table(
    "modes",
    ("workload", "mode"),
    (
        _text("workload"),
        _text("mode"),
        _text("accelerator_type", default=None),
        _at_least_0("server_ms", REQUIRED),
        WORKLOADS.column("accelerator_hours_per_mtok"),
        WORKLOADS.column("kwh_per_mtok"),
    ),
)

SERVED_MODELS = Table(
    "served_models",
    ("model",),
    (
        _text("model"),
        Column("workloads", Kind.NAMES),
        Column("replica_accelerators", low=0, low_open=True),
        _at_least_0("cold_start_seconds"),
    ),
)

ACCELERATOR_POOLS = Table(
    "accelerator_pools",
    ("data_centre", "accelerator_type"),
    (
        _text("data_centre"),
        _text("accelerator_type"),
        _at_least_0("accelerators", math.inf, unlimited=True),
        Column("max_utilisation", low=0, low_open=True, high=1, default=1.0),
        _at_least_0("accelerator_usd_per_hour", None),
    ),
)

DEMAND = Table(
    "demand",
    ("workload", "hub", "hour"),
    (
        _text("workload"),
        _text("hub"),
        Column("hour", Kind.HOUR, low=0, high=1_000_000, default=0, scaled=False),
        _at_least_0("mtok", REQUIRED),
    ),
    once=f"once, or {VALUE} in every row: steps of demand",
)

DEMAND_STEPS = Table(
    "demand_steps",
    (*DEMAND.key, VALUE),
    (
        *(DEMAND.column(name) for name in DEMAND.key),
        _at_least_0(VALUE, REQUIRED),
        Column("share", low=0, high=1, scaled=False),
    ),
)

PERIODS = Table(
    "periods",
    ("hour",),
    (
        replace(DEMAND.column("hour"), default=REQUIRED),
        Column("weight", low=0, low_open=True, default=1.0),
        _text("block", default=None),
    ),
)

#: Amounts whose unit depends on the kind of the row: their magnitudes are not compared.
_AMOUNT = Column("amount", low=0, high=LARGEST, high_open=True, scaled=False)

LIMITS = Table(
    "limits",
    ("limit",),
    (
        _text("limit"),
        _text("kind"),
        _text("sense"),
        _AMOUNT,
        _text("of", default=None),
        *(
            Column(name, Kind.NAMES, default=None)
            for name in ("workload", "hub", "hub_region", "data_centre", "region", "power_zone")
        ),
        _text("hours", default=None),
    ),
)

LATENCY_VALUE = Table(
    "latency_value",
    ("workload", "ms"),
    (_text("workload"), _at_least_0("ms", REQUIRED), Column("share_lost", low=0, high=1)),
)

SURCHARGES = Table(
    "surcharges",
    ("hub_region", "region"),
    (_text("hub_region"), _text("region"), _at_least_0("usd_per_mtok", REQUIRED)),
)

POLICIES = Table(
    "policies",
    ("policy",),
    (
        _text("policy"),
        _text("kind"),
        replace(_AMOUNT, default=None),
        *(Column(name, Kind.NAMES, default=None) for name in ("from_region", "to_region", "workload")),
        _text("paid_to", default=None),
    ),
)

_NODES_AND_EDGES = (HUBS, DATA_CENTRES, POWER_ZONES, EXCHANGES, LINKS, SUPPLIES)
_STATED = (PERIODS, LIMITS, LATENCY_VALUE, SURCHARGES, POLICIES)
_ALL = (
    *(*_NODES_AND_EDGES, BATTERIES, CONTRACTS, ACCELERATOR_POOLS),
    *(WORKLOADS, MODES, SERVED_MODELS, DEMAND, DEMAND_STEPS),
    *_STATED,
)

#: Every table of an instance, in the order they are checked.
TABLES: dict[str, Table] = {table.name: table for table in _ALL}

#: The tables that an instance may lack.
OPTIONAL_TABLES = (
    *("exchanges", "power_zones", "supplies", "links", "batteries", "contracts", "accelerator_pools"),
    *("modes", "served_models"),
    *("demand_steps", "periods", "limits", "latency_value", "surcharges", "policies"),
)

#: Those of them that files leave out where they are empty.
LEFT_OUT_IF_EMPTY = (
    *("exchanges", "batteries", "contracts", "accelerator_pools", "modes", "served_models", "demand_steps"),
    *("periods", "limits"),
    *("latency_value", "surcharges", "policies"),
)

#: Work that waits when the horizon begins: the table that ``Instance.with_backlog`` takes.
BACKLOG = Table(
    "backlog",
    ("workload", "data_centre", "hours_left"),
    (
        _text("workload"),
        _text("data_centre"),
        Column("hours_left", low=0, high=1_000_000),
        _at_least_0("mtok", REQUIRED),
    ),
)

#: The instance-wide settings that are numbers.
SETTINGS = (
    _at_least_0("carbon_usd_per_kg"),
    _at_least_0("carbon_limit_kg", math.inf, unlimited=True),
    _at_least_0("water_limit_litres", math.inf, unlimited=True),
    Column("hour_length", low=0, low_open=True, default=1.0),
    Column("routes", Kind.WHOLE, low=1, default=1.0),
)

#: Graph node kinds and edge kinds, and the table each fills.
NODE_TABLES = {"hub": HUBS, "data_centre": DATA_CENTRES, "power_zone": POWER_ZONES, "exchange": EXCHANGES}
EDGE_TABLES = {"link": LINKS, "supply": SUPPLIES}

#: Attributes that any node may have, since they only give its location.
ANYWHERE = frozenset({"lat", "lon", "region", "utc_offset_hours", "jurisdiction", "name"})


def _hours_of(owner: Table) -> Table:
    """Return the table that holds the hourly columns of another table hour by hour."""
    columns = (
        replace(column, kind=Kind.NUMBER, default=None) for column in owner.columns if column.kind is Kind.HOURLY
    )
    key = tuple(owner.column(name) for name in owner.key)
    return Table(f"{_ONE_OF[owner.name]}_hours", (*owner.key, "hour"), (*key, _HOUR, *columns))


_HOUR = PERIODS.column("hour")

#: The name of one row of each table with hourly columns.
_ONE_OF = {
    "data_centres": "data_centre",
    "power_zones": "power_zone",
    "links": "link",
    "supplies": "supply",
    "contracts": "contract",
}

#: Tables of hourly values, by name, and the table each belongs to.
HOURS_TABLES: dict[str, tuple[Table, Table]] = {
    table.name: (table, owner)
    for owner in (DATA_CENTRES, POWER_ZONES, LINKS, SUPPLIES, CONTRACTS)
    for table in (_hours_of(owner),)
}

#: Shares of a demand for the whole horizon, by workload and hour.
DEMAND_PROFILE = Table(
    "demand_profile",
    ("workload", "hour"),
    (_text("workload"), _HOUR, Column("share", low=0, high=1, scaled=False)),
)

#: Every table a folder, a workbook or ``Instance.from_tables`` may hold.
INPUT_TABLES: dict[str, Table] = {
    **TABLES,
    **{name: table for name, (table, _) in HOURS_TABLES.items()},
    DEMAND_PROFILE.name: DEMAND_PROFILE,
}

#: The numeric columns of the tables that hold amounts, except the hours.
NUMBERS: dict[str, tuple[str, ...]] = {
    name: tuple(column.name for column in table.columns if column.kind in (Kind.NUMBER, Kind.HOURLY))
    for name, table in INPUT_TABLES.items()
    if name != DEMAND_PROFILE.name
}
