"""The page of typical values: figures of the shipped datasets and of the published facts behind them, with sources."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

DATASETS = Path(__file__).parents[2] / "datasets"

INTRODUCTION = """
Figures to begin with where you have none of your own. The page is made from the datasets that ship and from the
published facts behind them (`datasets/facts`), so that it says what they say. *Kind* says how far to trust a figure:
`measured`, `official`, `published_estimate`, `derived`, or `assumption` where nothing was published.
[Datasets](../datasets/README.md) explains each choice.
"""

#: Columns of workloads that are shown.
NEEDS = (
    "accelerator_hours_per_mtok",
    "kwh_per_mtok",
    "gb_per_mtok",
    "latency_slo_ms",
    "server_ms",
    "deadline_hours",
    "value_usd_per_mtok",
)

#: Columns of which the range over the rows of a dataset is shown: table, column, unit.
RANGES = (
    ("data_centres", "accelerator_usd_per_hour", "USD an accelerator-hour"),
    ("data_centres", "operations_usd_per_hour", "USD an accelerator-hour"),
    ("data_centres", "pue", "1"),
    ("data_centres", "water_litres_per_kwh", "litres per kWh"),
    ("power_zone_hours", "usd_per_mwh", "USD per MWh, mean of the day"),
    ("power_zones", "carbon_kg_per_mwh", "kg per MWh"),
    ("hubs", "access_ms", "ms"),
    ("links", "usd_per_gb", "USD per GB"),
)

#: Published figures: heading, file of ``datasets/facts``, columns that name the figure, column of the date, rows.
FACTS = (
    ("Rates of a fleet", "throughput.csv", ("model", "hardware", "metric"), "year", "tokens_per_s|energy|nodes"),
    ("Accelerators and data centres", "costs.csv", ("item",), "year", "GPU|node|server|share|life|capital|water"),
    ("Load of accelerators", "loads.csv", ("item",), "date", "."),
    ("PUE", "cluster_facts.csv", ("entity", "metric"), "date", "PUE"),
    ("Network", "network.csv", ("item",), "year", "."),
)


def typical_page() -> str:
    """Return the page in Markdown."""
    parts = ["# Typical values", INTRODUCTION.strip(), "## Workloads", _workloads(), "## Ranges", _ranges()]
    for heading, file, names, date, pattern in FACTS:
        parts += [f"## {heading}", _facts(file, names, date, pattern)]
    parts += ["## List prices of tokens", _prices()]
    return "\n\n".join(parts) + "\n"


def table(header: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    r"""Return a table in Markdown.

    Examples
    --------
    >>> print(table(("a", "b"), [(1, "x|y")]))
    | a | b |
    |---|---|
    | 1 | x\|y |
    """
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in (header, *rows)]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join([lines[0], "|" + "---|" * len(header), *lines[1:]])


def _workloads() -> str:
    """Return what a Mtok of every class of ``china`` needs, and where the figures come from."""
    needs = _read(DATASETS / "china" / "workloads.csv").set_index("workload")[list(NEEDS)]
    sources = _read(DATASETS / "china" / "sources.csv").query(
        "table == 'workloads' and row == '*' and column in @NEEDS"
    )
    shown = table(("workload", *(f"`{name}`" for name in NEEDS)), [(name, *row) for name, *row in needs.itertuples()])
    origin = [(f"`{row.column}`", row.source, row.kind, row.note) for row in sources.itertuples()]
    head = "Classes of `china`, on an H800, idle time of the fleet included. An empty cell is no limit."
    return f"{head}\n\n{shown}\n\n{table(('column', 'source', 'kind', 'note'), origin)}"


def _ranges() -> str:
    """Return the least, the median and the most of columns over the rows of the large datasets."""
    rows = []
    for name, column, unit in RANGES:
        for dataset in ("china", "world"):
            frame = _read(DATASETS / dataset / f"{name}.csv")
            values = pd.to_numeric(frame[column], errors="coerce").groupby(frame[frame.columns[0]]).mean().dropna()
            figures = (f"{figure:.4g}" for figure in (values.min(), values.median(), values.max()))
            rows.append((f"`{column}`", unit, dataset, *figures))
    return table(("column", "unit", "dataset", "least", "median", "most"), rows)


def _facts(file: str, names: tuple[str, ...], date: str, pattern: str) -> str:
    """Return the published figures of a file whose names match a pattern."""
    facts = _read(DATASETS / "facts" / file)
    facts = facts[facts[names[-1]].str.contains(pattern)]
    rows = [
        (
            ", ".join(row[name] for name in names).replace("_", " "),
            *(row.get(name, "") for name in ("value", "unit", date, "source", "kind")),
        )
        for row in facts.to_dict("records")
    ]
    return table(("figure", "value", "unit", "date", "source", "kind"), rows)


def _prices() -> str:
    """Return the list prices of tokens."""
    columns = ["provider", "model", "tier", "usd_per_M_input_uncached", "usd_per_M_input_cached", "usd_per_M_output"]
    prices = _read(DATASETS / "facts" / "prices.csv")
    prices = prices.loc[~prices["note"].str.startswith("MULTIPLIER"), [*columns, "year", "source"]]  # no price itself
    header = ("provider", "model", "tier", "input, USD per Mtok", "cached input", "output", "year", "source")
    return table(header, [tuple(row) for row in prices.itertuples(index=False)])


def _read(file: Path) -> pd.DataFrame:
    """Return a CSV file as text, as it is written."""
    return pd.read_csv(file, dtype=str, keep_default_na=False)
