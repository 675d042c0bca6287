"""``placer front``: the least cost over a green share, carbon or water."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
import typer

from placer.analysis.fronts.front import Front, abatement_front, green_front
from placer.analysis.fronts.moving_limit import Against, Matching
from placer.cli.options import CurvePlot, Tolerance
from placer.cli.outputs import check_plot, write_plot
from placer.cli.run import Run, command
from placer.cli.screen import print_table, say
from placer.cli.tables import as_table, spread_rows
from placer.errors import PlacerError
from placer.result_columns import heading
from placer.utils.numbers import in_full, percent

_Against = Annotated[Against, typer.Option(help="The share of green power, carbon or water.")]
_Matching = Annotated[
    Matching, typer.Option(help="Hours over which a green share is matched: all together, every day, or every hour.")
]
_Centre = Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only at this data centre; several times.")]
_Region = Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only in this region; several times.")]
_Points = Annotated[int, typer.Option(min=2, help="Largest number of points.")]

_Until = Annotated[
    float | None,
    typer.Option(help="Share or amount at which the front ends, demand left unserved included."),
]

_SHOWN = ("cost_usd", "cost_usd_per_mtok", "error_usd", "unserved_mtok", "carbon_kg", "water_litres")


@command("time_limit out plot as_json")
def front_command(
    run: Run,
    *,
    against: _Against = "green_share",
    matching: _Matching = "horizon",
    data_centre: _Centre = None,
    region: _Region = None,
    until: _Until = None,
    points: _Points = 10,
    tolerance: Tolerance = 0.0,
    plot: CurvePlot = None,
) -> None:
    """Find the least cost over the share of green power, or over the carbon or water that is allowed.

    Prints the points from the placement of least cost to --until, or to the tightest limit at which as much demand is
    served: each is proven, and the error bounds how far the straight line to the next one lies above the least cost.
    """
    if against != "green_share" and matching != "horizon":
        raise PlacerError("--matching is of --against green_share; carbon and water are limited over the horizon")
    check_plot(plot)
    with run.working() as (step, _):
        instance = run.loaded(step, "the front of")
        if against == "green_share":
            found = green_front(
                instance,
                matching,
                data_centre=data_centre,
                region=region,
                until=until,
                points=points,
                tolerance=tolerance,
            )
        else:
            found = abatement_front(
                instance,
                against,
                data_centre=data_centre,
                region=region,
                until=until,
                points=points,
                tolerance=tolerance,
            )
    run.answer(found, {}, lambda: _print(found))
    write_plot(plot, lambda plots: plots.plot_front(found))


def _print(found: Front) -> None:
    say(repr(found))
    shown = spread_rows(found.table)
    amount, step, _ = found.columns
    values = shown[amount].map(lambda value: percent(value, 2) if found.against == "green_share" else in_full(value))
    shown.index = pd.Index(values, name=heading(amount))
    names = (_SHOWN[0], _SHOWN[1], step, *_SHOWN[2:])
    print_table(as_table("The front", shown, {name: heading(name, found.currency) for name in names}))
