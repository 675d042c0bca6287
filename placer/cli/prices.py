"""``placer prices``: what one Mtok more of a demand costs, by workload, hub and hour, and how far that is unique."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pandas as pd
import typer

from placer.analysis.price_ranges import price_ranges
from placer.cli.outputs import write_tables
from placer.cli.placing import least_cost
from placer.cli.run import Run, command
from placer.cli.screen import print_table, say
from placer.cli.tables import as_table, records
from placer.errors import Violation, refuse
from placer.instance.hours.hour_scopes import named_hours
from placer.instance.hours.timestamps import short_text
from placer.placement.result import Placement
from placer.result_columns import heading
from placer.utils.arrays import IntArray

_Workloads = Annotated[
    list[str] | None, typer.Option("--workload", metavar="NAME", help="Only demand of this workload; several times.")
]
_Hubs = Annotated[
    list[str] | None, typer.Option("--hub", metavar="NAME", help="Only demand of this hub; several times.")
]
_Hours = Annotated[str | None, typer.Option(help="Only demand of these hours: 17-20, 2026-01-05T17:00, a date.")]
_Ranges = Annotated[
    bool,
    typer.Option(
        "--ranges", help="Find what one Mtok less saves and one more costs, which bound each price; two programs a row."
    ),
]

_SHOWN = ("usd_per_mtok", "low_usd_per_mtok", "high_usd_per_mtok", "served_mtok", "unserved_mtok")


@command("time_limit out as_json")
def prices_command(
    run: Run,
    *,
    workload: _Workloads = None,
    hub: _Hubs = None,
    hours: _Hours = None,
    ranges: _Ranges = False,
) -> None:
    """Print the price of every demand, the highest first: what one Mtok more of it costs.

    --json and --out also hold its parts: what is paid for, and the rents of limits.
    """
    with run.working() as (step, note):
        placement = least_cost(run, step, note)
        chosen = _chosen(placement, {"workload": workload or [], "hub": hub or []}, hours)
        table = placement.prices.iloc[chosen]
        if ranges:
            step(f"the ranges of {len(chosen):,} prices")
            table = price_ranges(placement, chosen.tolist()).join(table)
    summary = run.asked | {"demands": len(table), "cost_usd": placement.cost_usd}
    run.tell(summary | {"prices": records(table)}, lambda: _print(placement, table))
    write_tables(run.out, summary, {"prices": table})


def _chosen(placement: Placement, names: dict[str, list[str]], hours: str | None) -> IntArray:
    """Return the positions of the prices of some workloads, hubs and hours; all where none are named."""
    labels = placement.prices.index
    kept, violations = np.ones(len(labels), dtype=bool), []
    for level, given in names.items():
        known = labels.get_level_values(level)
        violations += [
            Violation("prices", "", f"--{level}", f"{name!r} has no demand", f"any of {', '.join(known.unique())}")
            for name in given
            if name not in known
        ]
        kept &= known.isin(given) if given else True
    refuse(violations)
    if hours is not None:
        horizon = placement.instance.hours
        named = pd.Index(horizon)[named_hours(hours, horizon, ("prices", "--hours"))]
        kept &= labels.get_level_values("hour").isin(named)
    return np.flatnonzero(kept)


def _print(placement: Placement, table: pd.DataFrame) -> None:
    say(repr(placement))
    shown = table.sort_values("usd_per_mtok", ascending=False, kind="stable")
    names = [f"{workload} at {hub}, {short_text(hour)}" for workload, hub, hour in shown.index]
    columns = {name: heading(name, placement.currency) for name in _SHOWN if name in shown}
    print_table(as_table("Prices", shown.set_index(pd.Index(names, name="demand")), columns))
