"""``placer cost-curve``: the least cost as a function of the exports, or of a limit on latency."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
import typer

from placer.ceiling.cost_of_exporting import ExportCost, export_cost
from placer.ceiling.latency_value import cost_of_latency
from placer.cli.outputs import check_plot, write_plot, write_tables
from placer.cli.placing import least_cost
from placer.cli.run import Run, command
from placer.cli.screen import occasionally, print_table, say
from placer.cli.tables import as_table, records, spread_rows
from placer.errors import PlacerError
from placer.result_columns import heading
from placer.utils.arrays import without_noise
from placer.utils.numbers import in_full

_Over = Annotated[
    Literal["exports", "rtt", "slo", "shorten"],
    typer.Option(
        "--by", help="Over exports; a limit on round trips, ms; a factor on all latency limits; or ms off every trip."
    ),
]
_Tolerance = Annotated[
    float,
    typer.Option(
        min=0,
        help="Part of the cost by which chords may lie above the curve; 0 for what 20 solves reach.",
    ),
]
_Limits = Annotated[
    list[float] | None,
    typer.Option("--at", metavar="LIMIT", help="A limit of rtt, slo or shorten to find the cost at; several times."),
]

#: Columns that are shown under another name: what a change of a factor saves is per unit of it.
_SHOWN_AS = {"exports": {"share": "export_share"}, "slo": {"return_usd_per_mtok_ms": "return_usd_per_mtok"}}


_MadeIn = Annotated[
    str | None,
    typer.Option(metavar="REGION", help="Over exports: only tokens made here for users elsewhere."),
]
_UsedIn = Annotated[
    str | None, typer.Option(metavar="REGION", help="Over exports: only tokens of users here made elsewhere.")
]
_Plot = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        help="File for the curve, or with --made-in or --used-in the premium that ends the flow, such as .png, .svg or "
        ".pdf; needs token-placer[plot].",
    ),
]


@command("time_limit out plot as_json")
def cost_curve_command(
    run: Run,
    *,
    by: _Over = "exports",
    at: _Limits = None,
    tolerance: _Tolerance = 0.0,
    made_in: _MadeIn = None,
    used_in: _UsedIn = None,
    plot: _Plot = None,
) -> None:
    """Find the least cost as a function of how much is exported, or of a limit on latency.

    Over exports it prints the breakpoints of the exact curve, and what one Mtok more of exports costs. Over latency it
    prints the cost at each limit, and what the step to the next limit saves. --plot draws the curve; of a flow, which
    --made-in or --used-in names, the premium at which each amount of it costs least.
    """
    _refuse_others(by, at, tolerance, made_in or used_in)
    check_plot(plot)
    with run.working() as (step, note):
        if by == "exports":
            placement = least_cost(run, step, note)
            found = export_cost(
                placement, made_in=made_in, used_in=used_in, tolerance=tolerance or None, progress=occasionally(step)
            )
            text, table, facts, currency = repr(found), found.table, found.summary(), placement.currency
        else:
            instance = run.loaded(step, "solving")
            found, text, facts, currency = None, "", {}, instance.settings.currency
            table = cost_of_latency(instance, at or [], by)
    summary = run.asked | {"by": by} | facts
    run.tell(
        summary | {"curve": records(table)},
        lambda: _print(text, table.rename(columns=_SHOWN_AS.get(by, {})), currency),
    )
    write_tables(run.out, summary, {"curve": table})
    write_plot(plot, lambda plots: _draw(plots, found or table, made_in or used_in, currency))


def _draw(plots: Any, found: ExportCost | pd.DataFrame, region: str | None, currency: str) -> object:
    """Draw the cost over exports or over a limit, or the premium that ends the flow of a region."""
    if isinstance(found, pd.DataFrame):
        return plots.plot_cost_of_latency(found, None, currency)
    return plots.plot_premium(found) if region else plots.plot_export_cost(found)


def _refuse_others(by: str, at: list[float] | None, tolerance: float, region: str | None) -> None:
    """Refuse options that are of another curve."""
    if by == "exports" and at:
        raise PlacerError("--at is a limit of --by rtt, slo or shorten; the curve over exports has all of its points")
    if by != "exports" and tolerance:
        raise PlacerError("--tolerance is of the curve over exports; the cost at a limit is exact")
    if by != "exports" and region:
        raise PlacerError("--made-in and --used-in are of the curve over exports")
    if by != "exports" and not at:
        raise PlacerError(f"--by {by} needs the limits: --at LIMIT, several times")


def _print(text: str, table: pd.DataFrame, currency: str) -> None:
    if text:
        say(text)
    shown = spread_rows(table.apply(lambda column: without_noise(column.to_numpy(float))))
    first, *others = map(str, shown.columns)
    shown.index = pd.Index([in_full(value) for value in shown[first]], name=heading(first))
    print_table(as_table("The least cost", shown, {name: heading(name, currency) for name in others}))
