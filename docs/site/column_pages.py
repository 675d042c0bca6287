"""The page of every file and column of a dataset, from the definitions of the package."""

from __future__ import annotations

from placer import result_columns
from placer.datasets.template import default_of
from placer.instance.attributes.columns import Column, Kind, Table
from placer.instance.attributes.meanings import SETTING_MEANINGS, meaning
from placer.instance.attributes.schema import (
    BACKLOG,
    DEMAND_PROFILE,
    HOURS_TABLES,
    INPUT_TABLES,
    OPTIONAL_TABLES,
    SETTINGS,
)
from placer.instance.attributes.settings import SETTING_NAMES, Settings
from placer.planning.question.build_limits import BUILD_LIMITS
from placer.planning.question.candidates import CANDIDATES

INTRODUCTION = """
Every table that a dataset may hold: a CSV file of a folder, a sheet of a workbook, a table of `Instance.from_tables`,
or attributes of a graph. The page is made from the definitions by which placer checks data.
`placer template FOLDER` writes the same beside empty files.

An empty cell means the default. *Hourly* columns take a number, one for each hour, or rows of a table of hours.
"""

#: What a row of each table is.
ROWS = {
    "hubs": "A place where tokens are asked for.",
    "data_centres": "A place where tokens are made.",
    "power_zones": "An area with one price of power.",
    "exchanges": "A node of the network that neither makes nor asks for tokens.",
    "links": "A link of the network, used in both directions unless the setting `directed` is true.",
    "supplies": "A line from a power zone to a data centre. Several between the same two are price tiers.",
    "batteries": "A battery at a data centre or a power zone ([batteries](batteries.md)).",
    "contracts": "Energy of a supply that is paid for, used or not ([contracts](contracts.md)).",
    "workloads": "A class of requests with its limit on latency, work, energy and rules.",
    "modes": "A way to run a workload: its time, accelerator-hours and energy ([modes](service.md#modes)).",
    "served_models": "A model whose replicas must be loaded where its workloads are served.",
    "accelerator_pools": "Accelerators of one type at a data centre ([pools](service.md#pools)).",
    "demand": "What one hub asks for of one workload in one hour.",
    "demand_steps": (
        "A step of that demand with its own value. Rows of `demand` with a column `value_usd_per_mtok` say the same."
    ),
    "periods": "An hour, how often it counts, and the block within which work may wait.",
    "limits": "A limit of one's own ([limits of one's own](limits.md)).",
    "latency_value": "A corner of a curve of value lost with latency ([how](accounts.md#value-and-distance)).",
    "surcharges": "A cost of sending from a region of hubs to a region of data centres.",
    "policies": "A tariff, premium, quota or ban between regions ([trade](trade.md#policies)).",
    "demand_profile": "The part of a workload's day that is asked for in one hour, for a demand without hours.",
    "backlog": "Work that waits when the horizon begins, for `Instance.with_backlog` ([long horizons](rolling.md)).",
    "candidates": "Something that can be built ([what to build](plans.md#candidates)).",
    "build_limits": "A limit on what is built together.",
}

#: Units of columns whose names do not end with them, by the ending; '1' is a number without a unit.
UNITS = {
    "usd_per_mwh_adder": "USD/MWh",
    "output_share": "1",
    "deadline_hours": "h",
    "hours_left": "h",
    "utc_offset_hours": "h",
    "hour_length": "h",
    "cold_start_seconds": "s",
    "lifetime_years": "years",
    "lead_years": "years",
    "lat": "degrees",
    "lon": "degrees",
    "amount": "that of its kind",
    "units": "units",
    "accelerators": "1",
    "replica_accelerators": "1",
    "pue": "1",
    "speed": "1",
    "energy_factor": "1",
    "efficiency": "1",
    "usd_per_mwh_throughput": "USD/MWh",
    "max_utilisation": "1",
    "round_trips": "1",
    "tools_colocated": "1",
    "share": "1",
    "share_lost": "1",
    "loss": "1",
    "green": "1",
    "weight": "1",
    "wacc": "1 a year",
    "routes": "1",
}

#: Examples of columns whose meaning gives none.
EXAMPLES = {
    "region": "west",
    "from_region": "west",
    "to_region": "east|centre",
    "paid_to": "importer",
    "hub_region": "east",
    "backlog_at": "Guizhou 1",
    "backlog_of": "indexing",
    "from": "Shanghai",
    "to": "Wuhan exchange",
    "kind": "share",
    "sense": "<=",
    "of": "served",
    "hours": "0-7|20",
}

#: Meanings of the columns of plans, which the schema of instances does not have.
_OF_PLANS = {
    "candidate": "a name for what can be built, such as Guizhou hall 2",
    "adds": "the limit that a unit raises by 1, such as accelerators",
    "target": "whose limit it raises, such as Guizhou 1",
    "usd_per_unit": "what a unit costs to build in USD, such as 30000",
    "wacc": "the cost of capital a year, such as 0.075",
    "lifetime_years": "the years over which a unit is paid back, such as 5",
    "usd_per_unit_year": "what a unit costs a year in USD, instead of the three columns before, such as 7400",
    "fixed_usd_per_unit_year": "what a unit costs a year beside, in USD, such as 200",
    "max_units": "the most units, such as 20000; inf if unlimited",
    "module_units": "the units of a module, where units come in whole modules, such as 1000",
    "opening_usd_per_year": "the yearly cost in USD of building any at all, such as 500000",
    "lead_years": "the years from the decision until a unit stands, in plans over years, such as 2",
    "usable_share": "the share of a unit that can be used, or one share per hour as of wind, such as 0.35",
    "sense": "the sense: <= for at most, >= for at least; empty for at most",
    "limit": "the name of the column of candidates that it limits, such as budget_usd_year",
    "amount": "how much, in the unit of that column, such as 1e9",
    "hours_left": "the hours that the work may still wait, such as 3",
    "mtok": "the work that waits in Mtok, such as 40",
}


def columns_page() -> str:
    """Return the page in Markdown: a table for each file, and one for the settings."""
    parts = [
        "# Files and columns",
        INTRODUCTION,
    ]
    for name, table in INPUT_TABLES.items():
        parts.append(_section(name, table, needed=name not in (*OPTIONAL_TABLES, *HOURS_TABLES, DEMAND_PROFILE.name)))
    parts += [_settings(), "## Tables beside an instance"]
    parts += [_section(table.name, table, needed=False) for table in (BACKLOG, CANDIDATES, BUILD_LIMITS)]
    parts.append(_results())
    return "\n\n".join(parts) + "\n"


def _results() -> str:
    """Return the section of the columns of results."""
    rows = [
        f"| `{name}` | {column.meaning} | {column.unit} | {column.words or column.unit} |"
        for name, column in sorted(result_columns.RESULT_COLUMNS.items())
    ]
    head = "Of the tables that calls return, commands print and files hold; the docstring of each table lists its own."
    lines = ["| column | meaning | unit | heading |", "|---|---|---|---|", *rows]
    return f"## Columns of results\n\n{head}\n\n" + "\n".join(lines)


def _section(name: str, table: Table, *, needed: bool) -> str:
    """Return the section of a table."""
    row = ROWS.get(name) or f"Values of one hour, in place of the hourly columns of `{HOURS_TABLES[name][1].name}`."
    key = "A row is named by " + ", ".join(f"`{column}`" for column in table.key)
    several = "." if table.unique else "; several rows may have the same."
    lines = ["| column | what to write | unit | allowed | default | example |", "|---|---|---|---|---|---|"]
    lines += [_row(column, planned=table in (BACKLOG, CANDIDATES, BUILD_LIMITS)) for column in table.columns]
    optional = "" if needed else " Optional."
    return f"### {name}\n\n{row}{optional} {key}{several}\n\n" + "\n".join(lines)


def _row(column: Column, *, planned: bool) -> str:
    phrase = _OF_PLANS.get(column.name) if planned else None
    what, _, rest = (phrase or meaning(column)).partition(", such as ")
    example, _, behind = rest.partition("; ")
    what, example = f"{what}; {behind}" if behind else what, EXAMPLES.get(column.name, example)
    allowed = column.allowed.replace(f"{Kind.HOURLY.value},", "hourly,").removeprefix("number, ")
    default = "**required**" if (default := default_of(column)) == "required" else default
    cells = (f"`{column.name}`", what, unit_of(column), allowed, default, f"`{example}`" if example else "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def unit_of(column: Column) -> str:
    """Return the unit of the values of a column; nothing for words and hours.

    Raises
    ------
    LookupError
        If a column of numbers has no unit here.

    Examples
    --------
    >>> unit_of(Column("rtt_ms")), unit_of(Column("region", Kind.TEXT))
    ('ms', '')
    """
    if column.kind in (Kind.TEXT, Kind.NAMES, Kind.HOUR):
        return ""
    for ending, unit in UNITS.items():
        if column.name.endswith(ending):
            return unit
    if unit := result_columns.unit_of(column.name):
        return unit
    raise LookupError(f"docs/site/column_pages.py has no unit for the column {column.name}")


def _settings() -> str:
    """Return the section of the settings of an instance."""
    default, numbers = Settings(), {column.name: column for column in SETTINGS}
    lines = ["| setting | what it says | unit | default |", "|---|---|---|---|"]
    for name in SETTING_NAMES:
        value = getattr(default, name)
        unit = unit_of(numbers[name]) if name in numbers else ""
        lines.append(f"| `{name}` | {SETTING_MEANINGS[name]} | {unit} | `{str(value).lower()}` |")
    head = "Of the whole instance: `[settings]` of `dataset.toml`, the sheet `settings` of a workbook, or keywords."
    return f"### Settings\n\n{head}\n\n" + "\n".join(lines)
