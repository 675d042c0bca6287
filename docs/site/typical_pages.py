"""The page of typical values: figures of the shipped datasets and of the published facts behind them, with sources."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import placer
from placer.instance.typical import TYPICAL, amounts_of

if TYPE_CHECKING:
    from placer.utils.arrays import FloatArray

DATASETS = Path(__file__).parents[2] / "datasets"

INTRODUCTION = """
Figures to begin with where you have none of your own. The page is made from the datasets that ship and from the
published facts behind them (`datasets/facts`), so that it says what they say. *Kind* says how far to trust a figure:
`measured`, `official`, `published_estimate`, `derived`, or `assumption` where nothing was published.
[Datasets](../datasets/README.md) explains each choice.
"""

CHECKED = """
`placer.check` names values beyond these ranges, and `placer.solve` warns of them: they are probably in another unit,
such as seconds in place of milliseconds. Each range reaches well beyond what is published.
""".strip()

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
    """Return the typical range of every column that has one, and what the rows of the large datasets hold."""
    shipped = {name: placer.load(name) for name in ("china", "world")}
    rows = []
    for each in TYPICAL:
        high = "" if math.isinf(each.high) else f"{each.high:,.6g}"
        held = [_held(amounts_of(instance, each)) for instance in shipped.values()]
        rows.append((f"`{each.table}.{each.column}`", each.unit, f"{each.low:,.6g}", high, each.source, *held))
    header = ("column", "unit", "from", "to", "published, in `datasets/facts`", *(f"`{name}`" for name in shipped))
    return f"{CHECKED}\n\n{table(header, rows)}"


def _held(values: FloatArray) -> str:
    """Return the least, the median and the most of the values that are given."""
    given = values[np.isfinite(values) & (values > 0)]
    if not given.size:
        return ""
    least, median, most = (f"{figure:,.4g}" for figure in (given.min(), np.median(given), given.max()))
    return least if least == most else f"{least} to {most}, median {median}"


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
